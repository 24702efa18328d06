"""The modes of fluent logging, with a tree of files as the place that is reached later."""

import os
import subprocess

import pytest

import harness
import millstream as mlflow
from millstream.exceptions import MlflowException
from millstream.fluent import clients

VARIABLES = ("MLFLOW_EXPERIMENT_ID", "MLFLOW_EXPERIMENT_NAME", "MLFLOW_RUN_ID", "MILLSTREAM_MODE")


@pytest.fixture(autouse=True)
def tree(tmp_path, monkeypatch):
    """A tree and a spool of their own."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("MILLSTREAM_SPOOL", str(tmp_path / "spool"))
    mlflow.set_tracking_uri(tmp_path / "mlruns")
    return tmp_path / "mlruns"


@pytest.fixture
def offline(monkeypatch):
    monkeypatch.setenv("MILLSTREAM_MODE", "offline")


def synced(tmp_path, monkeypatch):
    """All runs of the tree, once the spool is delivered, by name."""
    for client in clients._clients.values():
        client.flush()
    done = subprocess.run([harness.program(), "sync", "--dir", tmp_path / "spool"],
                          capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    monkeypatch.delenv("MILLSTREAM_MODE", raising=False)
    found = mlflow.search_runs(search_all_experiments=True, output_format="list")
    return {run.info.run_name: run for run in found}


def test_nothing_is_asked_offline(tree, offline, tmp_path, monkeypatch):
    chosen = mlflow.set_experiment("far")
    assert (chosen.experiment_id, chosen.name) == (None, "far")
    with mlflow.start_run(run_name="one", tags={"a": "b"}) as run:
        mlflow.log_metrics({"loss": 0.5}, step=3)
        mlflow.log_param("rate", 0.1)
        mlflow.log_text("x", "deep/x.txt")
        with mlflow.start_run(run_name="inner", nested=True):
            pass
    with mlflow.start_run(run_name="later", parent_run_id=run.info.run_id):
        pass
    assert not tree.exists()
    runs = synced(tmp_path, monkeypatch)
    assert runs["one"].data.metrics == {"loss": 0.5}
    assert runs["one"].data.params == {"rate": "0.1"} and runs["one"].data.tags["a"] == "b"
    assert {run.info.status for run in runs.values()} == {"FINISHED"}
    for name in ("inner", "later"):
        assert runs[name].data.tags["mlflow.parentRunId"] == run.info.run_id
    assert mlflow.get_experiment_by_name("far").experiment_id == runs["one"].info.experiment_id
    assert mlflow.artifacts.load_text(f"runs:/{run.info.run_id}/deep/x.txt") == "x"


def test_an_experiment_that_was_known_by_name_gets_its_id(offline, tmp_path, monkeypatch):
    mlflow.set_experiment("far")
    with mlflow.start_run(run_name="one"):
        pass
    synced(tmp_path, monkeypatch)
    mlflow.set_experiment_tag("a", "b")
    assert mlflow.get_experiment_by_name("far").tags == {"a": "b"}
    assert len(mlflow.search_runs(output_format="list")) == 1


@pytest.mark.parametrize("variables", [
    {"MLFLOW_EXPERIMENT_NAME": "named"}, {"MLFLOW_EXPERIMENT_ID": "0"}, {}])
def test_the_environment_chooses_offline_too(variables, offline, tmp_path, monkeypatch):
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with mlflow.start_run(run_name="one"):
        pass
    for name in variables:
        monkeypatch.delenv(name)
    run = synced(tmp_path, monkeypatch)["one"]
    wanted = "named" if "MLFLOW_EXPERIMENT_NAME" in variables else "Default"
    assert mlflow.get_experiment(run.info.experiment_id).name == wanted


def test_children_inherit_a_name_that_has_no_id_yet(offline, monkeypatch):
    monkeypatch.setenv("MLFLOW_EXPERIMENT_ID", "7")
    mlflow.set_experiment("far")
    assert os.environ["MLFLOW_EXPERIMENT_NAME"] == "far"
    assert "MLFLOW_EXPERIMENT_ID" not in os.environ


def test_a_run_goes_on_offline(tmp_path, monkeypatch):
    with mlflow.start_run(run_name="one") as run:
        mlflow.log_metric("loss", 2, step=0)
    with mlflow.start_run(run_id=run.info.run_id, mode="offline", tags={"part": "two"}) as again:
        assert again.info.status == "RUNNING"
        mlflow.log_metric("loss", 1, step=1)
    assert mlflow.get_run(run.info.run_id).data.metrics == {"loss": 2}
    found = synced(tmp_path, monkeypatch)["one"]
    assert found.data.metrics == {"loss": 1} and found.data.tags["part"] == "two"
    assert found.info.status == "FINISHED"


def test_a_place_that_nobody_knows_yet(offline):
    with mlflow.start_run(), pytest.raises(MlflowException) as raised:
        mlflow.get_artifact_uri("x")
    assert raised.value.error_code == "INVALID_STATE"


def test_tables_grow_offline(offline, tmp_path, monkeypatch):
    with mlflow.start_run(run_name="one"):
        for number in range(3):
            mlflow.log_table({"number": [number]}, "t.json")
        mlflow.log_table({"a": ["b"]}, "u.json")
    run = synced(tmp_path, monkeypatch)["one"]
    assert len(mlflow.load_table("t.json", [run.info.run_id])) == 3
    assert run.data.tags["mlflow.loggedArtifacts"].count("path") == 2


def test_a_mode_that_there_is_not():
    with pytest.raises(MlflowException, match="online"):
        mlflow.start_run(mode="sometimes")
    assert mlflow.active_run() is None


def test_strict_mode_raises_when_the_server_is_down(monkeypatch):
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    mlflow.set_tracking_uri("http://127.0.0.1:1")
    with pytest.raises(MlflowException, match="127.0.0.1"):
        mlflow.start_run(mode="strict")


def test_there_is_nothing_to_wait_for():
    with mlflow.start_run():
        mlflow.log_metric("loss", 1)
        assert mlflow.flush(timeout=5)
    mlflow.flush_async_logging()
    mlflow.flush_artifact_async_logging()
