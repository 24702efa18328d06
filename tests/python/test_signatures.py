"""The calls look as MLflow documented them from 0.9 to 1.0, and take what today's client takes."""

import json
import sys

import pytest

import harness
import interpreters
import matrix
from compat import envs, recorded

PROGRAM = matrix.LEGACY / "signatures.py"
RECORDED = matrix.recorded_path("signatures")
NEEDED = "needed"

# The documented calls: arguments by place, with their defaults.
DOCUMENTED = {
    "MlflowClient": [("tracking_uri", None)],
    "MlflowClient.create_experiment": [("name", NEEDED), ("artifact_location", None)],
    "MlflowClient.get_experiment": [("experiment_id", NEEDED)],
    "MlflowClient.get_experiment_by_name": [("name", NEEDED)],
    "MlflowClient.list_experiments": [],
    "MlflowClient.rename_experiment": [("experiment_id", NEEDED), ("new_name", NEEDED)],
    "MlflowClient.delete_experiment": [("experiment_id", NEEDED)],
    "MlflowClient.restore_experiment": [("experiment_id", NEEDED)],
    "MlflowClient.create_run": [("experiment_id", NEEDED), ("user_id", None), ("run_name", None),
                                ("start_time", None), ("tags", None)],
    "MlflowClient.get_run": [("run_id", NEEDED)],
    "MlflowClient.list_run_infos": [("experiment_id", NEEDED), ("run_view_type", 1)],
    "MlflowClient.log_metric": [("run_id", NEEDED), ("key", NEEDED), ("value", NEEDED),
                                ("timestamp", None), ("step", None)],
    "MlflowClient.log_param": [("run_id", NEEDED), ("key", NEEDED), ("value", NEEDED)],
    "MlflowClient.set_tag": [("run_id", NEEDED), ("key", NEEDED), ("value", NEEDED)],
    "MlflowClient.log_batch": [("run_id", NEEDED), ("metrics", []), ("params", []), ("tags", [])],
    "MlflowClient.set_terminated": [("run_id", NEEDED), ("status", None), ("end_time", None)],
    "MlflowClient.log_artifact": [("run_id", NEEDED), ("local_path", NEEDED),
                                  ("artifact_path", None)],
    "MlflowClient.log_artifacts": [("run_id", NEEDED), ("local_dir", NEEDED),
                                   ("artifact_path", None)],
    "MlflowClient.list_artifacts": [("run_id", NEEDED), ("path", None)],
    "MlflowClient.download_artifacts": [("run_id", NEEDED), ("path", NEEDED)],
    "MlflowClient.delete_run": [("run_id", NEEDED)],
    "MlflowClient.restore_run": [("run_id", NEEDED)],
    "MlflowClient.search_runs": [("experiment_ids", NEEDED), ("filter_string", ""),
                                 ("run_view_type", 1), ("max_results", 1000)],
    "get_tracking_uri": [],
    "set_tracking_uri": [("uri", NEEDED)],
}


def looks(python, module, home, paths=()):
    document = home / "signatures.json"
    done = interpreters.run(python, "-W", "ignore", PROGRAM, module, document, cwd=home,
                            paths=paths, HOME=str(home), MLFLOW_DISABLE_TELEMETRY="true")
    assert done.returncode == 0, done.stdout
    return json.loads(document.read_text("utf-8"))


@pytest.fixture(scope="module")
def ours(tmp_path_factory):
    return looks(sys.executable, "millstream", tmp_path_factory.mktemp("signatures"),
                 [interpreters.module_path()])


def default(argument):
    return argument[1] if len(argument) > 1 else NEEDED


@pytest.mark.parametrize("call", DOCUMENTED)
def test_as_documented(call, ours):
    wanted = DOCUMENTED[call]
    found = [(argument[0], default(argument)) for argument in ours[call]]
    assert found[:len(wanted)] == wanted
    assert all(value != NEEDED or name.startswith("*") for name, value in found[len(wanted):])


def test_takes_what_todays_client_takes(ours):
    """By name and with the same default, wherever the call is there at all."""
    wrong = []
    for call, wanted in recorded.load(RECORDED).items():
        found = {argument[0]: default(argument) for argument in ours.get(call, wanted)}
        wrong += [f"{call}({name}={found.get(name, 'not taken')}), today {value}"
                  for name, value in ((argument[0], default(argument)) for argument in wanted)
                  if found.get(name, object) != value]
    assert not wrong, "\n".join(wrong)


def test_todays_client_as_recorded(request, tmp_path):
    anew = request.config.getoption("--record-official")
    if not (anew or harness.LONG):
        pytest.skip("the official client is asked in long mode")
    found = looks(envs.ensure(matrix.OFFICIAL), "mlflow", tmp_path)
    if anew:
        recorded.save(RECORDED, found)
    assert found == recorded.load(RECORDED)


@pytest.mark.parametrize("version", interpreters.there(
    interpreters.OLDEST, interpreters.NEWEST))
def test_help_is_there_for_all(version, tmp_path):
    """Every public thing has a docstring, under every Python."""
    done = interpreters.run(interpreters.find(version), "-c", """
import inspect, millstream
from millstream.tracking import MlflowClient
for place, thing in (("", millstream), ("MlflowClient.", MlflowClient)):
    for name in dir(thing):
        found = getattr(thing, name)
        if not name.startswith("_") and callable(found) and not (inspect.getdoc(found) or "").strip():
            print(place + name)
""", cwd=tmp_path, paths=[interpreters.module_path()], HOME=str(tmp_path))
    assert (done.returncode, done.stdout) == (0, "")
