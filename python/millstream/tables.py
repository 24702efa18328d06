"""Tables as artifacts: `log_table` writes or grows one, `load_table` joins those of many runs.

Which runs have which table is told by the tag `mlflow.loggedArtifacts`, a JSON list that the UI
reads as well.
"""

from __future__ import annotations

import json
import logging
import os
import posixpath
import tempfile
import uuid
from typing import Any, Dict, List, Optional, Sequence

from . import images, table_forms
from .exceptions import MlflowException, RestException

_log = logging.getLogger(__name__)

TAG = "mlflow.loggedArtifacts"

# They would be taken for a part of the filter that looks for the table.
_FORBIDDEN = "\"',:[]{}"


class _Remembered:
    """What this process knows of a run's tables that went into a spool."""

    def __init__(self) -> None:
        self.tables: Dict[str, Any] = {}
        self.alone = False  # nobody else can be asked


_runs: Dict[str, _Remembered] = {}


def _check_name(artifact_file: str) -> None:
    for character in _FORBIDDEN:
        if character in artifact_file:
            raise ValueError(f"artifact_file is {artifact_file!r}; a table's name may not have "
                             f"the character {character}")
    if not artifact_file.endswith(table_forms.EXTENSIONS):
        raise ValueError(f"artifact_file is {artifact_file!r}; a table's name ends in "
                         f"{' or '.join(table_forms.EXTENSIONS)}")


def _remembered(client, run_id: str) -> _Remembered:
    run = _runs.setdefault(run_id, _Remembered()) if client._spools else _Remembered()
    run.alone = run.alone or client.mode == "offline"
    return run


def _earlier(client, form, run_id: str, artifact_file: str) -> Optional[Any]:
    """The table that the run has under this name already."""
    run = _remembered(client, run_id)
    if run.alone or artifact_file in run.tables:
        return run.tables.get(artifact_file)
    try:
        there = _is_there(client, run_id, artifact_file)
    except RestException:
        raise
    except MlflowException as error:
        if not client._spools:
            raise
        _log.warning("Tables of run %s begin anew: %s", run_id, error)
        run.alone = True
        return None
    return _load(client, form, run_id, artifact_file) if there else None


def _is_there(client, run_id: str, artifact_file: str) -> bool:
    directory = posixpath.dirname(posixpath.normpath(artifact_file)) or None
    return any(file.path == artifact_file and not file.is_dir
               for file in client.list_artifacts(run_id, directory))


def _load(client, form, run_id: str, artifact_file: str) -> Any:
    with tempfile.TemporaryDirectory(prefix="millstream-") as aside:
        return form.read(client.download_artifacts(run_id, artifact_file, aside))


def _store_pictures(client, form, run_id: str, table: Any, artifact_file: str) -> None:
    """Put the pictures of a table into files, and where they are into their cells."""
    directory = posixpath.join("table_images", os.path.splitext(artifact_file)[0])

    def store(image: Any) -> Dict[str, str]:
        stem = posixpath.join(directory, str(uuid.uuid4()))
        full, small = f"{stem}.png", f"{stem}.webp"
        images.store_with_preview(client, run_id, image, full, small)
        return {"type": "image", "filepath": full, "compressed_filepath": small}

    for column in form.columns(table):
        pictures = [images.is_image(value) for value in form.values(table, column)]
        if any(pictures) and not all(pictures):
            raise ValueError(f"Column {column!r} has pictures and other values; it must be either")
        if any(pictures):
            form.map(table, column, store)


def _said(client, run_id: str) -> List[Dict[str, str]]:
    run = _remembered(client, run_id)
    if run.alone:
        return [{"path": name, "type": "table"} for name in run.tables]
    return json.loads(client.get_run(run_id).data.tags.get(TAG, "[]"))


def _say_in_tag(client, run_id: str, artifact_file: str) -> None:
    said = _said(client, run_id)
    entry = {"path": artifact_file, "type": "table"}
    if entry not in said:
        client.set_tag(run_id, TAG, json.dumps([*said, entry]))


def log_table(client, run_id: str, data: Any, artifact_file: str) -> None:
    """Store a table, or append to the one that is there; see `MlflowClient.log_table`."""
    _check_name(artifact_file)
    form = table_forms.best()
    table = form.make(data)
    _store_pictures(client, form, run_id, table, artifact_file)
    earlier = _earlier(client, form, run_id, artifact_file)
    if earlier is not None:
        table = form.join([earlier, table])
    with client._file_to_log(run_id, artifact_file) as path:
        try:
            form.write(table, path)
        except (TypeError, ValueError, OverflowError) as error:
            raise MlflowException(f"The table has a value that {artifact_file} cannot hold: "
                                  f"{error}") from error
    _say_in_tag(client, run_id, artifact_file)
    if client._spools:
        _remembered(client, run_id).tables[artifact_file] = table


def _runs_with(client, experiment_id: str, artifact_file: str,
               run_ids: Optional[Sequence[str]]) -> List[Any]:
    entry = f'"path"%:%"{artifact_file}",%"type"%:%"table"'
    condition = f"tags.{TAG} LIKE '%{entry}%'"
    if run_ids:
        condition += f" AND attributes.run_id IN ({','.join(map(repr, run_ids))})"
    runs: List[Any] = []
    token = None
    while True:
        page = client.search_runs([experiment_id], condition, page_token=token)
        runs.extend(page)
        token = page.token
        if not token:
            return runs


def _with_columns(form, table: Any, run: Any, names: Optional[Sequence[str]]) -> Any:
    if names:
        values = form.of_run(run)
        for name in names:
            taken = name in form.columns(table)
            if taken:
                _log.warning("The table has a column %s of its own; the run's is %s_", name, name)
            form.fill(table, f"{name}_" if taken else name, values[name])
    return table


def load_table(client, experiment_id: str, artifact_file: str,
               run_ids: Optional[Sequence[str]] = None,
               extra_columns: Optional[Sequence[str]] = None) -> Any:
    """The tables of that name of all runs that have one, below each other.

    See `MlflowClient.load_table`.
    """
    _check_name(artifact_file)
    runs = _runs_with(client, experiment_id, artifact_file, run_ids)
    if not runs:
        raise MlflowException(f"No run of experiment {experiment_id} has a table {artifact_file}",
                              error_code="RESOURCE_DOES_NOT_EXIST")
    if run_ids and len(run_ids) != len(runs):
        _log.warning("%d of %d runs have no table %s and are left out",
                     len(run_ids) - len(runs), len(run_ids), artifact_file)
    form = table_forms.best()
    return form.join([
        _with_columns(form, _load(client, form, run.info.run_id, artifact_file), run,
                      extra_columns)
        for run in runs])
