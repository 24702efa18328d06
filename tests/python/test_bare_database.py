"""Artifacts of a script that tracks on a database, found by the server on it and its clients, and
the other way round, wherever each of them was started."""

import json
import subprocess
import sys

import pytest

import harness
import interpreters
from compat import envs

# A script that people have: it names the database, and lies anywhere.
SCRIPT = """
import json
import mlflow
mlflow.set_experiment("bare")
with mlflow.start_run() as run:
    mlflow.log_text({text!r}, "notes/a.txt")
print(json.dumps([run.info.run_id, run.info.artifact_uri]))
"""
READ = """
import mlflow, pathlib, sys
for run_id in sys.argv[1:]:
    found = mlflow.artifacts.download_artifacts(run_id=run_id, artifact_path="notes/a.txt")
    print(pathlib.Path(found).read_text())
"""
OURS = """
import sys, millstream.artifacts
sys.modules["mlflow"] = millstream
"""
OFFICIAL = {"MLFLOW_DISABLE_TELEMETRY": "true", "GIT_PYTHON_REFRESH": "quiet",
            "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
            "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false"}


@pytest.fixture
def run(tmp_path):
    """Runs code in a directory of its own, with our package or the official one as `mlflow`."""
    def call(code, uri, *words, official=False):
        place = tmp_path / f"place{len(list(tmp_path.iterdir()))}"
        place.mkdir()
        if not official:
            code = OURS + code
        done = subprocess.run(
            [envs.ensure("scripts-3.17.2") if official else sys.executable, "-c", code, *words],
            cwd=place, capture_output=True, text=True, timeout=900, check=False,
            env=interpreters.environment(
                *([] if official else [interpreters.module_path()]), HOME=str(tmp_path),
                MLFLOW_TRACKING_URI=uri, **OFFICIAL))
        assert done.returncode == 0, done.stderr
        left = [path.name for path in place.iterdir()]
        assert left == [], f"{left} lies where the script ran"
        return done.stdout.splitlines()
    return call


def test_files_are_found_from_anywhere(run, tmp_path):
    data = tmp_path / "data"
    data.mkdir()
    uri = f"sqlite:///{data}/t.db"
    ours, location = json.loads(run(SCRIPT.format(text="ours"), uri)[-1])
    assert location == f"mlflow-artifacts:/1/{ours}/artifacts"
    elsewhere = tmp_path / "server"
    elsewhere.mkdir()
    with harness.Server(elsewhere, "--host", "127.0.0.1", "--port", "0", "--backend-store-uri", uri,
                        defaults=False) as server:
        assert run(READ, server.url, ours, official=True) == ["ours"]
        theirs, _ = json.loads(run(SCRIPT.format(text="theirs"), server.url, official=True)[-1])
        assert run(READ, server.url, ours, theirs) == ["ours", "theirs"]
    assert run(READ, uri, ours, theirs) == ["ours", "theirs"]
    assert sorted(path.name for path in data.iterdir() if path.is_dir()) == ["mlartifacts"]
    assert list(elsewhere.iterdir()) == []


def test_a_database_moves_with_its_files(run, tmp_path):
    """Locations do not say where the database lies."""
    (tmp_path / "here").mkdir()
    run_id, _ = json.loads(run(SCRIPT.format(text="moved"), f"sqlite:///{tmp_path}/here/t.db")[-1])
    (tmp_path / "here").rename(tmp_path / "there")
    assert run(READ, f"sqlite:///{tmp_path}/there/t.db", run_id) == ["moved"]
