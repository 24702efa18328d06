"""The fluent functions on a tree of files: what is ours alone, and what happens at exits."""

import logging
import os
import pickle
import subprocess
import sys

import pytest

import harness
import interpreters
import millstream as mlflow
from millstream import progress
from millstream.entities import Dataset, LoggedModelInput
from millstream.exceptions import MlflowException
from millstream.fluent import active

VARIABLES = ("MLFLOW_TRACKING_URI", "MLFLOW_REGISTRY_URI", "MLFLOW_EXPERIMENT_ID",
             "MLFLOW_EXPERIMENT_NAME", "MLFLOW_RUN_ID", "MLFLOW_RUN_CONTEXT", "MILLSTREAM_MODE",
             "MLFLOW_ENABLE_SYSTEM_METRICS_LOGGING", "MLFLOW_SYSTEM_METRICS_SAMPLING_INTERVAL")


@pytest.fixture(autouse=True)
def tree(tmp_path, monkeypatch):
    """Tracking in a new tree."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    mlflow.set_tracking_uri(tmp_path / "mlruns")
    return tmp_path / "mlruns"


def test_a_run_keeps_its_uri_when_another_is_set(tmp_path):
    with mlflow.start_run() as run:
        mlflow.set_tracking_uri(tmp_path / "other")
        mlflow.log_metric("loss", 1, step=2)
        mlflow.log_text("x", "x.txt")
        assert mlflow.get_run(run.info.run_id).data.metrics == {"loss": 1}
    mlflow.set_tracking_uri(tmp_path / "mlruns")
    found = mlflow.get_run(run.info.run_id)
    assert found.data.metrics == {"loss": 1} and found.info.status == "FINISHED"
    assert not list((tmp_path / "other").glob("*/*/metrics"))


def test_a_path_becomes_a_uri_that_children_inherit(tmp_path):
    assert mlflow.get_tracking_uri() == (tmp_path / "mlruns").as_uri()
    assert os.environ["MLFLOW_TRACKING_URI"] == mlflow.get_tracking_uri()
    assert mlflow.is_tracking_uri_set() and mlflow.get_registry_uri() == mlflow.get_tracking_uri()
    mlflow.set_tracking_uri("")
    assert not mlflow.is_tracking_uri_set() and "MLFLOW_TRACKING_URI" not in os.environ


def test_a_registry_elsewhere(monkeypatch):
    mlflow.set_registry_uri("http://127.0.0.1:9")
    try:
        assert mlflow.get_registry_uri() == "http://127.0.0.1:9"
    finally:
        mlflow.set_registry_uri("")
    monkeypatch.setenv("MLFLOW_REGISTRY_URI", "sqlite:///x.db")
    assert mlflow.get_registry_uri() == "sqlite:///x.db"


def test_an_active_run_is_a_run_that_can_be_pickled():
    with mlflow.start_run(run_name="kept") as run:
        again = pickle.loads(pickle.dumps(run))
    assert isinstance(again, mlflow.entities.Run) and again.info.run_name == "kept"


def test_tags_of_any_kind_become_text():
    with mlflow.start_run(tags={"number": 1, "none": None}) as run:
        pass
    tags = mlflow.get_run(run.info.run_id).data.tags
    assert (tags["number"], tags["none"]) == ("1", "None")


def test_the_callers_tags_are_not_changed():
    tags = {"a": "1"}
    with mlflow.start_run(tags=tags, description="d", run_name="r"):
        pass
    assert tags == {"a": "1"}


def test_a_variable_that_is_no_flag_is_named(monkeypatch):
    monkeypatch.setenv("MLFLOW_ENABLE_SYSTEM_METRICS_LOGGING", "perhaps")
    with pytest.raises(ValueError, match="MLFLOW_ENABLE_SYSTEM_METRICS_LOGGING"):
        mlflow.start_run()


def test_the_machine_is_watched(monkeypatch):
    mlflow.set_system_metrics_sampling_interval(0.01)
    with mlflow.start_run(log_system_metrics=True) as run:
        monitor = active.here.stack[-1].monitor
        harness.eventually(lambda: "system/disk_usage_percentage" in
                           mlflow.get_run(run.info.run_id).data.metrics)
    assert monitor._thread is None, "it has ended with the run"
    history = mlflow.MlflowClient().get_metric_history(run.info.run_id,
                                                       "system/disk_usage_percentage")
    assert [point.step for point in history] == list(range(len(history)))


def test_the_machine_is_watched_where_that_is_switched_on():
    mlflow.enable_system_metrics_logging()
    with mlflow.start_run():
        assert active.here.stack[-1].monitor is not None
        with mlflow.start_run(nested=True, log_system_metrics=False):
            assert active.here.stack[-1].monitor is None
    mlflow.disable_system_metrics_logging()
    with mlflow.start_run():
        assert active.here.stack[-1].monitor is None


def test_trouble_with_the_monitor_costs_no_run(monkeypatch, caplog):
    monkeypatch.setenv("MLFLOW_SYSTEM_METRICS_SAMPLING_INTERVAL", "often")
    with mlflow.start_run(log_system_metrics=True):
        mlflow.log_metric("loss", 1)
    assert "MLFLOW_SYSTEM_METRICS_SAMPLING_INTERVAL" in caplog.text


def test_datasets_are_inputs():
    data = Dataset("digits", "3f2a", "local", '{"uri": "digits.csv"}')
    with mlflow.start_run() as run:
        mlflow.log_input(data, "training", {"split": "0.8"})
        mlflow.log_metric("loss", 1, dataset=data)
    (given,) = mlflow.get_run(run.info.run_id).inputs.dataset_inputs
    assert given.dataset.name == "digits"
    assert {tag.key: tag.value for tag in given.tags} == {"split": "0.8",
                                                          "mlflow.data.context": "training"}


def test_what_a_metric_was_measured_on_is_said_once(monkeypatch):
    data = Dataset("digits", "3f2a", "local", "{}")
    said = []
    with mlflow.start_run():
        client = active.client()
        monkeypatch.setattr(type(client), "log_inputs",
                            lambda self, run_id, datasets: said.append(datasets))
        for step in range(3):
            mlflow.log_metric("loss", 1, step=step, dataset=data)
    assert len(said) == 1


def test_transfers_tell_how_far_they_are(tmp_path, monkeypatch):
    calls = []

    class Bar(progress.Bar):
        def __call__(self, *figures):
            calls.append((self._description, *figures))

    monkeypatch.setattr(progress, "Bar", Bar)
    (tmp_path / "made").mkdir()
    for number in range(3):
        (tmp_path / "made" / f"{number}.bin").write_bytes(bytes(1000))
    with mlflow.start_run() as run:
        mlflow.log_artifacts(str(tmp_path / "made"))
    assert calls[-1] == ("Uploading", 3, 3, 3000, 3000)
    mlflow.artifacts.download_artifacts(run_id=run.info.run_id, dst_path=str(tmp_path / "back"))
    assert calls[-1][:2] == ("Downloading", 3)


class OfficialDataset:
    """As `mlflow.data` has them."""

    name, digest = "iris", "99"

    def to_dict(self):
        return {"name": "iris", "digest": "99", "source_type": "code", "source": "{}",
                "schema": "[]"}


def test_several_datasets_of_the_official_package():
    with mlflow.start_run() as run:
        mlflow.log_inputs([OfficialDataset(), None], ["training", None], [{"a": "b"}, None])
    (given,) = mlflow.get_run(run.info.run_id).inputs.dataset_inputs
    assert (given.dataset.name, given.dataset.schema) == ("iris", "[]")


@pytest.mark.parametrize("call", [
    lambda: mlflow.log_input(None, context="training"),
    lambda: mlflow.log_input("digits.csv"),
    lambda: mlflow.log_inputs([OfficialDataset()], [], []),
    lambda: mlflow.log_metric("loss", 1, dataset=7),
])
def test_what_is_no_dataset(call):
    with mlflow.start_run(), pytest.raises(MlflowException):
        call()


@pytest.mark.parametrize("call, code", [
    (lambda: mlflow.autolog(), "NOT_IMPLEMENTED"),
    (lambda: mlflow.set_experiment("x", trace_location=1), "NOT_IMPLEMENTED"),
    (lambda: mlflow.create_experiment("x", trace_location=1), "NOT_IMPLEMENTED"),
    (lambda: mlflow.register_model("runs:/a/b", "x", env_pack="y"), "NOT_IMPLEMENTED"),
    (lambda: mlflow.register_model("runs:/a", "x"), "INVALID_PARAMETER_VALUE"),
    (lambda: mlflow.artifacts.load_text("ftp://h/x"), "NOT_IMPLEMENTED"),
])
def test_what_there_is_not_says_so(call, code):
    with pytest.raises(MlflowException) as raised:
        call()
    assert raised.value.error_code == code


def test_autologging_can_be_switched_off():
    mlflow.autolog(disable=True)


@pytest.fixture
def database(tmp_path, monkeypatch):
    """Tracking in a database, which has a model registry as well."""
    monkeypatch.chdir(tmp_path)
    mlflow.set_tracking_uri(f"sqlite:///{tmp_path}/tracking.db")


def test_a_model_is_registered_twice(database):
    with mlflow.start_run() as run:
        mlflow.log_text("weights", "model/weights.txt")
    uri = f"runs:/{run.info.run_id}/model"
    first = mlflow.register_model(uri, "digits", tags={"a": "b"})
    second = mlflow.register_model(uri, "digits", await_registration_for=None)
    assert (str(first.version), str(second.version)) == ("1", "2")
    assert first.run_id == run.info.run_id and first.tags == {"a": "b"}
    mlflow.set_model_version_tag("digits", "1", "checked", True)
    assert len(mlflow.search_model_versions(filter_string="name = 'digits'")) == 2
    assert [model.name for model in mlflow.search_registered_models()] == ["digits"]
    mlflow.MlflowClient().set_registered_model_alias("digits", "best", "2")
    for name in ("models:/digits/1", "models:/digits@best"):
        assert mlflow.artifacts.load_text(f"{name}/weights.txt") == "weights"


def test_a_model_that_is_not_there(database):
    with mlflow.start_run() as run:
        pass
    with pytest.raises(MlflowException) as raised:
        mlflow.register_model(f"runs:/{run.info.run_id}/none", "digits")
    assert raised.value.error_code == "NOT_FOUND"


def test_a_location_is_a_uri_too():
    with mlflow.start_run() as run:
        mlflow.log_text("x", "deep/x.txt")
    location = f"{run.info.artifact_uri}/deep"
    assert mlflow.artifacts.load_text(f"{location}/x.txt") == "x"
    (found,) = mlflow.artifacts.list_artifacts(location)
    assert found.path == "deep/x.txt"
    with pytest.raises(MlflowException) as raised:
        mlflow.artifacts.load_text(f"gs://elsewhere/{run.info.run_id}/artifacts/x.txt")
    assert raised.value.error_code == "NOT_IMPLEMENTED"


def test_local_directories_are_artifacts_too(tmp_path):
    (tmp_path / "some" / "deep").mkdir(parents=True)
    (tmp_path / "some" / "a.txt").write_text("x")
    listed = mlflow.artifacts.list_artifacts(str(tmp_path / "some"))
    assert [(file.path, file.is_dir) for file in listed] == [("some/a.txt", False),
                                                            ("some/deep", True)]
    copied = mlflow.artifacts.download_artifacts(str(tmp_path / "some"),
                                                 dst_path=str(tmp_path / "to"))
    assert (tmp_path / "to" / "some" / "a.txt").samefile(os.path.join(copied, "a.txt"))
    with pytest.raises(OSError):
        mlflow.artifacts.download_artifacts(str(tmp_path / "none"))


def test_runs_without_pandas_are_a_list(monkeypatch):
    monkeypatch.setattr("millstream.frames.are_there", lambda: False)
    with mlflow.start_run():
        pass
    (found,) = mlflow.search_runs()
    assert isinstance(found, mlflow.entities.Run)


def script(code, tmp_path, tree):
    done = subprocess.run(
        [sys.executable, "-c", "import millstream as mlflow\n" + code], cwd=tmp_path,
        env=interpreters.environment(interpreters.module_path(), HOME=str(tmp_path),
                                     MLFLOW_TRACKING_URI=tree.as_uri()),
        capture_output=True, text=True, timeout=600, check=False)
    found = mlflow.search_runs(output_format="list", order_by=["attributes.run_name"])
    return done, [(run.info.run_name, run.info.status) for run in found]


@pytest.mark.parametrize("ending, exit_code", [
    ("", 0), ("raise ValueError", 1), ("import sys; sys.exit(3)", 3),
    ("mlflow.active_run().__exit__(ValueError, None, None)", 0)])
def test_the_interpreters_exit_ends_open_runs(ending, exit_code, tmp_path, tree):
    done, runs = script(f"""
mlflow.start_run(run_name="outer")
mlflow.start_run(run_name="inner", nested=True)
{ending}
""", tmp_path, tree)
    inner = "FAILED" if "__exit__" in ending else "FINISHED"
    assert (done.returncode, runs) == (exit_code, [("inner", inner), ("outer", "FINISHED")])


def test_a_child_that_exits_leaves_its_parents_run_alone(tmp_path, tree):
    done, runs = script("""
import os, sys
mlflow.start_run(run_name="parents")
child = os.fork()
if child == 0:
    mlflow.start_run(run_name="childs")
    sys.exit()
os.waitpid(child, 0)
print(mlflow.get_run(mlflow.active_run().info.run_id).info.status, flush=True)
os._exit(0)
""", tmp_path, tree)
    assert done.stdout == "RUNNING\n", done.stderr
    assert runs == [("childs", "FINISHED"), ("parents", "RUNNING")]


def test_multiprocessing_does_not_inherit_the_active_run(tmp_path, tree):
    done, runs = script("""
import multiprocessing
def work(number):
    with mlflow.start_run(run_name=f"worker {number}"):
        mlflow.log_metric("number", number)
with mlflow.start_run(run_name="main"):
    with multiprocessing.get_context("fork").Pool(2) as pool:
        pool.map(work, range(3))
""", tmp_path, tree)
    assert runs == [("main", "FINISHED")] + [(f"worker {number}", "FINISHED")
                                            for number in range(3)], done.stderr


def test_a_run_that_cannot_be_ended_is_told_at_the_exit(tmp_path, tree):
    done, _ = script("""
import shutil
run = mlflow.start_run()
shutil.rmtree("mlruns")
""", tmp_path, tree)
    assert done.returncode == 0 and "could not be ended" in done.stderr


def test_models_are_inputs_by_their_ids():
    with mlflow.start_run() as run:
        mlflow.log_input(model=LoggedModelInput("m-1"))
    (given,) = mlflow.get_run(run.info.run_id).inputs.model_inputs
    assert given.model_id == "m-1"


def test_where_to_look_is_said_for_servers_only(capsys, caplog):
    with caplog.at_level(logging.INFO):
        with mlflow.start_run():
            pass
    assert capsys.readouterr().out == ""
