"""Artifacts of the active run, or of one that is named."""

from __future__ import annotations

import logging
from typing import Any, BinaryIO, Mapping, Optional, Sequence

from ..exceptions import MlflowException
from . import active, clients, experiments

_log = logging.getLogger(__name__)


def log_artifact(local_path: str, artifact_path: Optional[str] = None,
                 run_id: Optional[str] = None) -> None:
    """Store a local file, or a directory under its own name, in a run.

    Arguments:
        local_path: str or path.
        artifact_path: the directory in the run that it goes to; None: the root.
        run_id: None: the active run; one is started where there is none.

    The file may be changed or deleted as soon as this returns.  Raises MlflowException or
    OSError for what cannot be read or stored.

    >>> log_artifact("model.pt", "checkpoints")                           # doctest: +SKIP
    """
    client, run_id = active.target(run_id)
    client.log_artifact(run_id, local_path, artifact_path)


def log_artifacts(local_dir: str, artifact_path: Optional[str] = None,
                  run_id: Optional[str] = None) -> None:
    """Store everything below a local directory in a run; arguments as of `log_artifact`.

    >>> log_artifacts("out", "results")                                   # doctest: +SKIP
    """
    client, run_id = active.target(run_id)
    client.log_artifacts(run_id, local_dir, artifact_path)


def log_text(text: str, artifact_file: str, run_id: Optional[str] = None) -> None:
    """Store a text as a UTF-8 file in a run.

    Arguments:
        text: what is in the file.
        artifact_file: its path in the run, with slashes.
        run_id: None: the active run.

    >>> log_text("what I tried", "notes/first.txt")                       # doctest: +SKIP
    """
    client, run_id = active.target(run_id)
    client.log_text(run_id, text, artifact_file)


def log_dict(dictionary: Mapping[str, Any], artifact_file: str,
             run_id: Optional[str] = None) -> None:
    """Store a dictionary in a run, as YAML if the name ends in .yml or .yaml, else as JSON.

    What JSON has no form for is stored as its text.  YAML is in blocks where PyYAML is there.

    >>> log_dict({"layers": [64, 32]}, "model.json")                      # doctest: +SKIP
    """
    client, run_id = active.target(run_id)
    client.log_dict(run_id, dictionary, artifact_file)


def log_stream(stream: BinaryIO, artifact_file: str, run_id: Optional[str] = None) -> None:
    """Store what a binary stream has to give as a file in a run.

    >>> log_stream(io.BytesIO(b"abc"), "abc.bin")                         # doctest: +SKIP
    """
    client, run_id = active.target(run_id)
    client.log_stream(run_id, stream, artifact_file)


def log_figure(figure: Any, artifact_file: str, *,
               save_kwargs: Optional[Mapping[str, Any]] = None) -> None:
    """Store a figure of Matplotlib or Plotly in the active run.

    Arguments:
        figure: the figure.
        artifact_file: its path in the run; the ending names the format.
        save_kwargs: for `savefig`, or Plotly's `write_html` or `write_image`.

    Raises TypeError for what is no figure, or a format that Plotly does not write.

    >>> log_figure(figure, "loss.png", save_kwargs={"dpi": 200})          # doctest: +SKIP
    """
    client, run_id = active.target(None)
    client.log_figure(run_id, figure, artifact_file, save_kwargs=save_kwargs)


def log_image(image: Any, artifact_file: Optional[str] = None, key: Optional[str] = None,
              step: Optional[int] = None, timestamp: Optional[int] = None,
              synchronous: Optional[bool] = False) -> None:
    """Store a picture in the active run, as a file or as one of a series.

    Arguments:
        image: a NumPy array (height × width, or × 1, 3 or 4 channels; integers from 0 to 255,
            floats from 0 to 1, or bools), a Pillow image, or `millstream.Image`.
        artifact_file: its path in the run; or
        key: the name of its series, with
        step: None: 0, and
        timestamp: milliseconds since 1970; None: now.

    Raises TypeError or ValueError for what is no picture and for arguments that contradict each
    other, ImportError without Pillow.

    >>> log_image(picture, key="samples", step=3)                         # doctest: +SKIP
    """
    client, run_id = active.target(None)
    client.log_image(run_id, image, artifact_file, key, step, timestamp, synchronous)


def log_table(data: Any, artifact_file: str, run_id: Optional[str] = None) -> None:
    """Store a table in a run, or append its rows to the table that is there.

    Arguments:
        data: a pandas frame, or a dictionary of columns.  A column of pictures goes to files.
        artifact_file: its path in the run; it ends in .json, or in .parquet with pandas.
        run_id: None: the active run.

    Raises ValueError for a name or columns that make no table, MlflowException with
    INVALID_PARAMETER_VALUE for other data.

    >>> log_table({"question": ["1+1?"], "answer": [2]}, "eval.json")     # doctest: +SKIP
    """
    client, run_id = active.target(run_id)
    client.log_table(run_id, data, artifact_file)


def load_table(artifact_file: str, run_ids: Optional[Sequence[str]] = None,
               extra_columns: Optional[Sequence[str]] = None) -> Any:
    """The tables of that name of runs of the active experiment, below each other.

    Arguments:
        artifact_file: as given to `log_table`.
        run_ids: only of these runs; None: of all that have one.
        extra_columns: columns of `search_runs` to add, such as "run_id" or "params.rate".

    Gives a pandas frame, or without pandas a list of dictionaries, one for each row.  Raises
    MlflowException with RESOURCE_DOES_NOT_EXIST when no run has such a table.

    >>> load_table("eval.json", extra_columns=["run_id"])                 # doctest: +SKIP
    """
    client = clients.current()
    return client.load_table(experiments.current_id(client), artifact_file, run_ids,
                             extra_columns)


def get_artifact_uri(artifact_path: Optional[str] = None) -> str:
    """Where the active run keeps its artifacts, or that one of them.

    Arguments:
        artifact_path: a path in the run; None: its root.

    Starts a run, with a warning, where none is active.  Raises MlflowException with INVALID_STATE
    for a run that began without its server.

    >>> get_artifact_uri("model/weights.pt")                              # doctest: +SKIP
    'mlflow-artifacts:/1/.../artifacts/model/weights.pt'
    """
    if active.active_run() is None:
        _log.warning("No run is active, so that one is started; call start_run() first")
    location = active.top().run.info.artifact_uri
    if location is None:
        raise MlflowException("The server that will keep this run's artifacts does not know it yet",
                              error_code="INVALID_STATE")
    root, _, query = location.partition("?")
    uri = root if artifact_path is None else f"{root.rstrip('/')}/{artifact_path.lstrip('/')}"
    return f"{uri}?{query}" if query else uri
