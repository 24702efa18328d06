"""A client that keeps files and tags in memory, for what is built on a client's calls."""

import pathlib
import types

from millstream.tracking import MlflowClient


class FakeClient:
    """One run: `files` are its artifacts, `tags` its tags."""

    mode = "online"
    _spools = False
    _file_to_log = MlflowClient._file_to_log

    def __init__(self):
        self.files = {}
        self.tags = {}

    def log_artifact(self, run_id, local_path, artifact_path=None):
        path = pathlib.Path(local_path)
        name = f"{artifact_path}/{path.name}" if artifact_path else path.name
        self.files[name] = path.read_bytes()

    def list_artifacts(self, run_id, path=None):
        directory = f"{path}/" if path else ""
        return [types.SimpleNamespace(path=name, is_dir=False) for name in self.files
                if name.startswith(directory) and "/" not in name[len(directory):]]

    def download_artifacts(self, run_id, path, dst_path):
        local = pathlib.Path(dst_path) / pathlib.Path(path).name
        local.write_bytes(self.files[path])
        return str(local)

    def set_tag(self, run_id, key, value):
        self.tags[key] = str(value)

    def get_run(self, run_id):
        return run("run", tags=self.tags)

    def search_runs(self, experiment_ids, filter_string, page_token=None):
        self.filter = filter_string
        return Page([self.get_run("run")] if self.tags else [])


class Page(list):
    token = None


def run(run_id, name="", status="RUNNING", metrics=None, params=None, tags=None):
    """A run as far as forms of it look."""
    info = types.SimpleNamespace(run_id=run_id, experiment_id="0", run_name=name, status=status,
                                 artifact_uri="a:/", start_time=1700000000000, end_time=None)
    data = types.SimpleNamespace(metrics=metrics or {}, params=params or {}, tags=tags or {})
    return types.SimpleNamespace(info=info, data=data)


def without(monkeypatch, *modules):
    """No such modules, for the rest of a test."""
    import importlib.util
    import sys

    real = importlib.util.find_spec
    for name in modules:
        monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.setattr(importlib.util, "find_spec",
                        lambda name, *rest: None if name in modules else real(name, *rest))


__all__ = ["FakeClient", "Page", "run", "without"]
