"""MlflowClient: the calls in C, and those that are natural in Python."""

import os

from millstream.exceptions import MlflowException
from millstream.tracking._datasets import DatasetCalls
from millstream.tracking._prompts import PromptCalls

__all__ = ["MlflowClient"]

_STAGES = ("None", "Staging", "Production", "Archived")


def _split(artifact_file):
    """Directory (None for the root) and name of a file below an artifact root."""
    path = os.path.normpath(os.fspath(artifact_file))
    directory, name = os.path.split(path)
    if name in ("", ".", "..") or os.path.isabs(path):
        raise MlflowException.invalid_parameter_value(f"not a path of a file: {artifact_file!r}")
    return directory or None, name


class MlflowClient(PromptCalls, DatasetCalls):
    """Client of one tracking store and its model registry.

    tracking_uri  a directory, file:, sqlite:///FILE, http(s):// or databricks[://PROFILE]; None:
                  what get_tracking_uri() gives
    registry_uri  where the model registry is; None: MLFLOW_REGISTRY_URI, else the same
    mode          "online": what is logged to a server goes through a spool on this machine and is
                  delivered in the background; "offline": it is left in the spool, for `millstream
                  sync`; "strict": each call waits for the server and raises what it refuses. None:
                  MILLSTREAM_MODE, else "online". Files and databases are always written at once,
                  unless the mode is "offline".
    spool         directory of the spool; None: MILLSTREAM_SPOOL, else below ~/.local/state

    May be used by any number of threads, and after a fork by parent and child.

        client = MlflowClient("http://127.0.0.1:5000")
        run = client.create_run("0", run_name="first")
        client.log_metric(run.info.run_id, "loss", 0.25, step=1)
        client.set_terminated(run.info.run_id)
    """

    def __init__(self, tracking_uri=None, registry_uri=None, workspace_store_uri=None, *,
                 mode=None, spool=None):
        """Opens the tracking URI; see the class."""
        # All of it has been done by __new__, in C, which takes the same.

    def __repr__(self):
        return f"<MlflowClient: tracking_uri={self.tracking_uri!r}>"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    # --- runs ------------------------------------------------------------------------------

    def get_parent_run(self, run_id):
        """The run that a run is a part of: Run, or None.

        Raises MlflowException: RESOURCE_DOES_NOT_EXIST.
        """
        parent = self.get_run(run_id).data.tags.get("mlflow.parentRunId")
        return None if parent is None else self.get_run(parent)

    # --- artifacts -------------------------------------------------------------------------

    def log_artifacts(self, run_id, local_dir, artifact_path=None):
        """Stores everything below a local directory in a run, without the directory's own name.

        artifact_path  directory below the run's artifact root; None: the root

        Raises FileNotFoundError, MlflowException: RESOURCE_DOES_NOT_EXIST,
        INVALID_PARAMETER_VALUE.

            client.log_artifacts(run_id, "plots")
        """
        if not self._spools:
            from millstream.progress import Bar
            with Bar("Uploading") as bar:
                self._log_artifacts(run_id, local_dir, artifact_path, bar)
            return
        for entry in sorted(os.listdir(local_dir)):
            self.log_artifact(run_id, os.path.join(local_dir, entry), artifact_path)

    def log_text(self, run_id, text, artifact_file):
        """Stores text as a file of a run.

        artifact_file  its path below the run's artifact root

            client.log_text(run_id, "what I tried", "notes.txt")
        """
        with self._file_to_log(run_id, artifact_file) as path, \
                open(path, "w", encoding="utf-8", newline="") as file:
            file.write(text)

    def log_dict(self, run_id, dictionary, artifact_file):
        """Stores a dict as a file of a run: YAML for .yml and .yaml, JSON for any other name.

            client.log_dict(run_id, {"rate": 0.1}, "config.json")
        """
        from millstream.tracking._text_of import text_of
        self.log_text(run_id, text_of(dictionary, os.fspath(artifact_file)), artifact_file)

    def log_stream(self, run_id, stream, artifact_file):
        """Stores what a binary stream gives until its end as a file of a run.

            client.log_stream(run_id, sys.stdin.buffer, "input.bin")
        """
        import shutil
        with self._file_to_log(run_id, artifact_file) as path, open(path, "wb") as file:
            shutil.copyfileobj(stream, file)

    def log_figure(self, run_id, figure, artifact_file, *, save_kwargs=None):
        """Stores a figure of Matplotlib or Plotly as a file of a run.

        artifact_file  its path below the run's artifact root; the ending names the format
        save_kwargs    for savefig, or Plotly's write_html or write_image

        Raises TypeError for what is no figure, or a format that Plotly does not write.

            client.log_figure(run_id, figure, "loss.png", save_kwargs={"dpi": 200})
        """
        from millstream import figures
        figures.log_figure(self, run_id, figure, artifact_file, save_kwargs=save_kwargs)

    def log_image(self, run_id, image, artifact_file=None, key=None, step=None, timestamp=None,
                  synchronous=None):
        """Stores a picture as a file of a run, or as one of a series that charts show.

        image          NumPy array (height x width, or x 1, 3 or 4 channels; integers from 0 to
                       255, floats from 0 to 1, or bools), Pillow image, or millstream.Image
        artifact_file  its path below the run's artifact root; or
        key            the name of its series, with
        step           None: 0
        timestamp      milliseconds since 1970; None: now

        Raises TypeError or ValueError for what is no picture and for arguments that contradict
        each other, ImportError without Pillow.

            client.log_image(run_id, picture, key="samples", step=3)
        """
        from millstream import images
        images.log_image(self, run_id, image, artifact_file, key, step, timestamp, synchronous)

    def log_table(self, run_id, data, artifact_file):
        """Stores a table as a file of a run, or appends its rows to the table that is there.

        data           a pandas frame, or a dict of columns; columns of pictures go to files
        artifact_file  its path below the run's artifact root; it ends in .json, or in .parquet
                       with pandas

        Raises ValueError for a name or columns that make no table, MlflowException:
        INVALID_PARAMETER_VALUE for other data.

            client.log_table(run_id, {"question": ["1+1?"], "answer": [2]}, "eval.json")
        """
        from millstream import tables
        tables.log_table(self, run_id, data, artifact_file)

    def load_table(self, experiment_id, artifact_file, run_ids=None, extra_columns=None):
        """The tables of that name of an experiment's runs, below each other: a pandas frame, or
        without pandas a list of dicts, one for each row.

        run_ids        only of these runs; None: of all that have one
        extra_columns  columns of search_runs to add, as ["run_id", "params.rate"]

        Raises MlflowException: RESOURCE_DOES_NOT_EXIST when no run has such a table.

            client.load_table("0", "eval.json", extra_columns=["run_id"])
        """
        from millstream import tables
        return tables.load_table(self, experiment_id, artifact_file, run_ids, extra_columns)

    def _file_to_log(self, run_id, artifact_file):
        """A context with a local path; the file that is there at its end is stored in the run."""
        return _FileToLog(self, run_id, artifact_file)

    def download_artifacts(self, run_id, path, dst_path=None):
        """Fetches a file, or a directory with everything below it, of a run: its local path.

        path      below the run's artifact root; "" for all files of the run
        dst_path  local directory, made when missing; None: a new temporary one, which stays

        Raises MlflowException: RESOURCE_DOES_NOT_EXIST, INVALID_PARAMETER_VALUE.

            open(client.download_artifacts(run_id, "notes.txt")).read()
        """
        if dst_path is None:
            import tempfile
            dst_path = tempfile.mkdtemp()
        from millstream.progress import Bar
        with Bar("Downloading") as bar:
            self._download_artifacts(run_id, path, dst_path, bar)
        name = os.path.basename(os.path.normpath(path)) if path else ""
        return os.path.join(os.path.abspath(dst_path), name) if name not in ("", ".") else \
            os.path.abspath(dst_path)

    # --- logged models ---------------------------------------------------------------------

    def log_model_artifacts(self, model_id, local_dir, artifact_path=None):
        """Stores everything below a local directory in a logged model, without the directory's
        own name.

        artifact_path  directory below the model's artifact root; None: the root

        Raises FileNotFoundError, MlflowException: RESOURCE_DOES_NOT_EXIST,
        INVALID_PARAMETER_VALUE.

            client.log_model_artifacts(model_id, "checkpoint")
        """
        from millstream.progress import Bar
        with Bar("Uploading") as bar:
            self._log_model_artifacts(model_id, local_dir, artifact_path, bar)

    # --- the registry ----------------------------------------------------------------------

    def get_model_version_stages(self, name, version):
        """The stages that a version can be in: list of str."""
        self.get_model_version(name, version)
        return list(_STAGES)

    def copy_model_version(self, src_model_uri, dst_name):
        """Makes a version of another registered model with the same files: ModelVersion.

        src_model_uri  "models:/NAME/VERSION" or "models:/NAME@ALIAS"
        dst_name       the other model, made when missing

        Raises MlflowException: RESOURCE_DOES_NOT_EXIST, INVALID_PARAMETER_VALUE.

            client.copy_model_version("models:/digits@champion", "digits-production")
        """
        source = self._version_of(src_model_uri)
        try:
            self.create_registered_model(dst_name)
        except MlflowException as error:
            if error.error_code != "RESOURCE_ALREADY_EXISTS":
                raise
        return self.create_model_version(
            dst_name, f"models:/{source.name}/{source.version}", run_id=source.run_id or None,
            tags=source.tags, run_link=source.run_link or None, description=source.description)

    def _version_of(self, uri):
        """The version that a models:/ URI names."""
        rest = uri[len("models:/"):] if uri.startswith("models:/") else ""
        name, at, alias = rest.partition("@")
        if name and at:
            return self.get_model_version_by_alias(name, alias)
        name, _, version = rest.rpartition("/")
        if not name or not version.isdigit():
            raise MlflowException.invalid_parameter_value(
                f"not a URI like models:/NAME/VERSION or models:/NAME@ALIAS: {uri!r}")
        return self.get_model_version(name, version)


class _FileToLog:
    """Makes a temporary file and stores it in a run."""

    def __init__(self, client, run_id, artifact_file):
        self._client, self._run_id = client, run_id
        self._directory, self._name = _split(artifact_file)

    def __enter__(self):
        import tempfile
        self._temporary = tempfile.TemporaryDirectory()
        self._path = os.path.join(self._temporary.name, self._name)
        return self._path

    def __exit__(self, kind, *_):
        with self._temporary:
            if kind is None:
                self._client.log_artifact(self._run_id, self._path, self._directory)
