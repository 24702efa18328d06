"""The calls of MlflowClient on files, a database and a server, with what they give and raise."""

import array
import io
import json
import os
import pathlib
import time

import pytest

import harness
from millstream.entities import (
    Dataset, DatasetInput, InputTag, LoggedModelInput, LoggedModelOutput, Metric, PagedList,
    Param, RunTag, ViewType)
from millstream.exceptions import MlflowException, RestException
from millstream.tracking import MlflowClient

NOW = 1700000000000


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with harness.Server(tmp_path_factory.mktemp("server")) as running:
        yield running


@pytest.fixture(scope="module", params=["tree", "sqlite", "online", "strict"])
def client(request, tmp_path_factory):
    """A client of each kind; what it logs to a server goes through the spool or not."""
    home = tmp_path_factory.mktemp(request.param)
    if request.param == "tree":
        uri = str(home / "mlruns")
    elif request.param == "sqlite":
        uri = f"sqlite:///{home}/t.db"
    else:
        uri = request.getfixturevalue("server").url
    mode = "strict" if request.param == "strict" else "online"
    with MlflowClient(uri, mode=mode, spool=home / "spool") as made:
        yield made


@pytest.fixture(scope="module")
def registry(client):
    """A client whose store has a registry."""
    if not client.tracking_uri.startswith(("sqlite", "http")):
        pytest.skip("trees have no registry")
    return client


@pytest.fixture
def experiment(client):
    return client.create_experiment(f"e{time.monotonic_ns()}")


@pytest.fixture
def run_id(client, experiment):
    return client.create_run(experiment, run_name="first").info.run_id


def raises(code, call, *arguments, **named):
    with pytest.raises(MlflowException) as failure:
        call(*arguments, **named)
    assert failure.value.error_code == code, failure.value
    return failure.value


# --- experiments -------------------------------------------------------------------------------


def test_experiments(client):
    name = f"with tags {time.monotonic_ns()}"
    made = client.create_experiment(name, tags={"team": "vision", "n": 1})
    assert type(made) is str
    found = client.get_experiment(int(made))
    assert (found.experiment_id, found.name, found.lifecycle_stage) == (made, name, "active")
    assert found.tags == {"team": "vision", "n": "1"} and found.creation_time > 0
    assert client.get_experiment_by_name(name).experiment_id == made
    client.set_experiment_tag(made, "team", None)
    client.delete_experiment_tag(made, "n")
    assert client.get_experiment(made).tags == {"team": "None"}
    client.rename_experiment(made, name + "!")
    client.delete_experiment(made)
    assert client.get_experiment(made).lifecycle_stage == "deleted"
    assert made in [e.experiment_id for e in client.list_experiments(ViewType.DELETED_ONLY)]
    assert made not in [e.experiment_id for e in client.list_experiments()]
    client.restore_experiment(made)
    assert client.get_experiment(made).name == name + "!"


def test_experiments_in_pages(client):
    for _ in range(3):
        client.create_experiment(f"page {time.monotonic_ns()}")
    filter_string = "name LIKE 'page %'"
    first = client.search_experiments(max_results=2, filter_string=filter_string)
    rest = client.search_experiments(max_results=1000, filter_string=filter_string,
                                     page_token=first.token)
    assert type(first) is PagedList and len(first) == 2 and first.token
    assert rest and rest.token is None and not {e.name for e in first} & {e.name for e in rest}
    named = client.search_experiments(filter_string=filter_string, order_by=["name ASC"])
    assert [e.name for e in named] == sorted(e.name for e in named)


def test_experiments_that_are_refused(client, experiment):
    name = client.get_experiment(experiment).name
    assert client.get_experiment_by_name("there is none of that name") is None
    raises("RESOURCE_ALREADY_EXISTS", client.create_experiment, name)
    raises("RESOURCE_DOES_NOT_EXIST", client.get_experiment, "987654321")
    raises("RESOURCE_DOES_NOT_EXIST", client.delete_experiment, 987654321)
    raises("INVALID_PARAMETER_VALUE", client.create_experiment, None)
    raises("INVALID_PARAMETER_VALUE", client.get_experiment, "no number")
    raises("INVALID_PARAMETER_VALUE", client.search_experiments, filter_string="bad filter")
    raises("INVALID_PARAMETER_VALUE", client.search_experiments, view_type=9)
    with pytest.raises(TypeError, match="experiment_id"):
        client.get_experiment()
    with pytest.raises(TypeError, match="colour"):
        client.get_experiment("0", colour=1)
    with pytest.raises(TypeError, match="multiple values"):
        client.get_experiment("0", experiment_id="0")


def test_refusals_of_a_server_are_rest_exceptions(client):
    error = raises("RESOURCE_DOES_NOT_EXIST", client.get_experiment, "987654321")
    remote = client.tracking_uri.startswith("http")
    assert isinstance(error, RestException) == remote
    assert str(error).startswith("RESOURCE_DOES_NOT_EXIST: ") == remote


# --- runs --------------------------------------------------------------------------------------


def test_runs_are_made_in_every_order_of_arguments(client, experiment):
    documented = client.create_run(experiment, "me", "name", NOW, {"a": 1})
    info = documented.info
    assert (info.user_id, info.run_name, info.start_time) == ("me", "name", NOW)
    assert documented.data.tags["a"] == "1" and info.status == "RUNNING"
    today = client.create_run(int(experiment), NOW, {"a": "2"}, "name")
    assert (today.info.start_time, today.info.run_name) == (NOW, "name")
    assert today.data.tags["a"] == "2"
    child = client.create_run(experiment, None, None, None, info.run_id)
    assert client.get_parent_run(child.info.run_id).info.run_id == info.run_id
    named = client.create_run(experiment_id=experiment, parent_run_id=info.run_id)
    assert named.data.tags["mlflow.parentRunId"] == info.run_id
    assert client.get_parent_run(info.run_id) is None
    by_name = client.create_run(experiment_name=f"made {time.monotonic_ns()}", run_name="x")
    assert client.get_experiment(by_name.info.experiment_id).name.startswith("made ")


def test_runs_change_and_end(client, run_id):
    client.update_run(run_id, status="SCHEDULED", name="second")
    assert (client.get_run(run_id).info.status, client.get_run(run_id).info.run_name) == (
        "SCHEDULED", "second")
    client.log_metric(run_id, "m", 1)
    client.set_terminated(run_id, "FAILED", NOW + 5)
    info = client.get_run(run_id).info
    assert (info.status, info.end_time) == ("FAILED", NOW + 5)
    client.log_metric(run_id, "late", 2)  # what is added to it does not set it running again
    assert client.get_run(run_id).info.status == "FAILED"
    assert client.get_run(run_id).data.metrics == {"m": 1.0, "late": 2.0}
    client.delete_run(run_id)
    assert client.get_run(run_id).info.lifecycle_stage == "deleted"
    client.restore_run(run_id)
    for call in (client.set_terminated, client.update_run):
        with pytest.raises(Exception, match="RUNNING.*KILLED") as failure:
            call(run_id, "BROKEN")
        assert type(failure.value) is Exception


def test_runs_are_found(client, experiment):
    ids = [client.create_run(experiment, run_name=f"r{n}").info.run_id for n in range(3)]
    for n, run_id in enumerate(ids):
        client.log_metric(run_id, "loss", n)
    found = client.search_runs([experiment], "metrics.loss > 0", order_by=["metrics.loss DESC"])
    assert [run.info.run_id for run in found] == ids[:0:-1] and found.token is None
    page = client.search_runs(experiment, max_results=2)
    rest = client.search_runs(int(experiment), max_results=2, page_token=page.token)
    assert len(page) == 2 and len(rest) == 1 and rest.token is None
    infos = client.list_run_infos(experiment)
    assert {info.run_id for info in infos} == set(ids)
    client.delete_run(ids[0])
    assert [i.run_id for i in client.list_run_infos(experiment, ViewType.DELETED_ONLY)] == ids[:1]
    assert len(client.list_run_infos(experiment, max_results=1)) == 1
    raises("INVALID_PARAMETER_VALUE", client.search_runs, [experiment], "bad filter")
    raises("RESOURCE_DOES_NOT_EXIST", client.get_run, "0" * 32)


# --- logging -----------------------------------------------------------------------------------


class Tensor:
    """What a library of tensors gives: one number, by item()."""

    def __init__(self, *values):
        self.values = values

    def item(self):
        if len(self.values) != 1:
            raise RuntimeError("more than one")
        return self.values[0]


class Number:
    def __float__(self):
        return 2.5


@pytest.mark.parametrize("value, stored", [
    (1, 1.0), (True, 1.0), (0.5, 0.5), ("0.25", 0.25), (Tensor(3), 3.0), (Number(), 2.5),
    (-0.0, 0.0), (1e308, 1e308)])
def test_values_of_metrics(client, run_id, value, stored):
    client.log_metric(run_id, "m", value)
    assert client.get_run(run_id).data.metrics == {"m": stored}


def test_metrics(client, run_id):
    client.log_metric(run_id, "loss", 0.5, NOW, 3)
    client.log_metric(run_id, key="loss", value=float("nan"), timestamp=NOW + 1, step=-4)
    client.log_metric(run_id, "loss", 0.25, synchronous=True, step=5, timestamp=NOW + 2)
    points = client.get_metric_history(run_id, "loss")
    assert [(p.step, p.timestamp) for p in points] == [(3, NOW), (-4, NOW + 1), (5, NOW + 2)]
    assert [p.value for p in points][::2] == [0.5, 0.25] and points[1].value != points[1].value
    before = time.time() * 1000
    client.log_metric(run_id, "now", 1)
    [point] = client.get_metric_history(run_id, "now")
    assert before - 1 <= point.timestamp <= time.time() * 1000 + 1 and point.step == 0
    assert client.get_metric_history(run_id, "never") == []
    waiting = client.log_metric(run_id, "later", 1, synchronous=False)
    waiting.wait()
    assert client.get_run(run_id).data.metrics["later"] == 1.0


def test_metrics_that_are_refused(client, run_id):
    for value in ("many", None, Tensor(1, 2)):
        raises("INVALID_PARAMETER_VALUE", client.log_metric, run_id, "m", value)
    raises("INVALID_PARAMETER_VALUE", client.log_metric, run_id, "a?b", 1)
    raises("INVALID_PARAMETER_VALUE", client.log_metric, run_id, None, 1)
    with pytest.raises(TypeError):
        client.log_metric(run_id, "m", [1])
    with pytest.raises(OverflowError):
        client.log_metric(run_id, "m", 1, step=1 << 70)
    raises("RESOURCE_DOES_NOT_EXIST", client.log_metric, "0" * 32, "m", 1)
    assert client.get_run(run_id).data.metrics == {}


def test_params_and_tags(client, run_id):
    assert client.log_param(run_id, "p", 3) is None
    client.log_param(run_id, "p", "3")
    client.set_tag(run_id, "t", {"a": 1})
    client.set_tag(run_id, "t", "ä")
    client.set_tag(run_id, "gone", 1)
    client.delete_tag(run_id, "gone")
    data = client.get_run(run_id).data
    assert data.params == {"p": "3"} and data.tags["t"] == "ä" and "gone" not in data.tags
    raises("RESOURCE_DOES_NOT_EXIST", client.delete_tag, run_id, "gone")
    raises("INVALID_PARAMETER_VALUE", client.log_param, run_id, None, 1)
    raises("INVALID_PARAMETER_VALUE", client.log_param, run_id, "p", 4, synchronous=True)


def test_batches(client, run_id):
    client.log_batch(run_id, [Metric("m", n, NOW + n, n) for n in range(2500)],
                     [Param("p", 1), Param("q", "x")], [RunTag("t", "v")])
    client.log_batch(run_id)
    client.log_batch(run_id, metrics=(), params=(), tags=[RunTag("t", "w")])
    data = client.get_run(run_id).data
    assert data.params == {"p": "1", "q": "x"} and data.tags["t"] == "w"
    assert [p.value for p in client.get_metric_history(run_id, "m")] == [float(n) for n in range(2500)]
    with pytest.raises(AttributeError):
        client.log_batch(run_id, metrics=[1])
    raises("INVALID_PARAMETER_VALUE", client.log_batch, run_id,
           [Metric("good", 1, NOW, 0), Metric("b?d", 1, NOW, 0)])
    assert "good" not in client.get_run(run_id).data.metrics


class Computed:
    """A metric of others, whose key is a new object each time."""

    value, timestamp, step = 1, NOW, 0

    def __init__(self, number):
        self.number = number

    @property
    def key(self):
        return f"computed{self.number}"


def test_batches_of_others(client, run_id):
    client.log_batch(run_id, metrics=[Computed(number) for number in range(50)])
    metrics = client.get_run(run_id).data.metrics
    assert metrics == {f"computed{number}": 1.0 for number in range(50)}


@pytest.mark.parametrize("values", [
    [0.5, 1, 2], (0.5, 1, 2), array.array("f", [0.5, 1, 2]), array.array("d", [0.5, 1, 2]),
    memoryview(array.array("d", [0.5, 9, 1, 9, 2]))[::2], {0.5: "a", 1: "b", 2: "c"}.keys()],
    ids=["list", "tuple", "float", "double", "strides", "keys"])
def test_columns(client, run_id, values):
    client.log_metrics_array(run_id, "m", values, timestamps=NOW)
    assert sorted((p.step, p.value) for p in client.get_metric_history(run_id, "m")) == [
        (0, 0.5), (1, 1.0), (2, 2.0)]


@pytest.mark.parametrize("letter", "bBhHiIlLqQ")
def test_columns_of_integers(client, run_id, letter):
    numbers = array.array(letter, [1, 2, 100])
    client.log_metrics_array(run_id, "m", numbers, steps=numbers, timestamps=numbers)
    assert [(p.step, p.value, p.timestamp) for p in client.get_metric_history(run_id, "m")] == [
        (n, float(n), n) for n in (1, 2, 100)]


def test_columns_that_do_not_fit(client, run_id):
    client.log_metrics_array(run_id, "from", [1, 2], steps=7, timestamps=[NOW, NOW + 1])
    assert [p.step for p in client.get_metric_history(run_id, "from")] == [7, 8]
    with pytest.raises(ValueError, match="2 values, but 3"):
        client.log_metrics_array(run_id, "m", [1, 2], steps=[1, 2, 3])
    raises("INVALID_PARAMETER_VALUE", client.log_metrics_array, run_id, "m", ["x"])
    with pytest.raises(TypeError):
        client.log_metrics_array(run_id, "m", None)
    with pytest.raises((TypeError, OverflowError)):
        client.log_metrics_array(run_id, "m", [1], steps=array.array("Q", [1 << 63]))
    client.log_metrics_array(run_id, "none", [])
    assert client.get_run(run_id).data.metrics.keys() == {"from"}


def test_inputs(client, run_id):
    dataset = Dataset("digits", "d1", "local", "here", "schema")
    client.log_inputs(run_id, [DatasetInput(dataset, [InputTag("use", "training")])],
                      [LoggedModelInput("m-1")])
    client.log_inputs(run_id)
    client.log_outputs(run_id, [LoggedModelOutput("m-2", 3)])
    run = client.get_run(run_id)
    [found] = run.inputs.dataset_inputs
    assert found.dataset.name == "digits" and found.dataset.schema == "schema"
    assert [(tag.key, tag.value) for tag in found.tags] == [("use", "training")]
    assert [m.model_id for m in run.inputs.model_inputs] == ["m-1"]
    assert [(m.model_id, m.step) for m in run.outputs.model_outputs] == [("m-2", 3)]
    with pytest.raises(AttributeError):
        client.log_inputs(run_id, [dataset])


# --- artifacts ---------------------------------------------------------------------------------


def test_artifacts(client, run_id, tmp_path):
    (tmp_path / "d" / "sub").mkdir(parents=True)
    (tmp_path / "d" / "sub" / "f.txt").write_text("f")
    (tmp_path / "d" / "top.bin").write_bytes(b"top")
    client.log_artifact(run_id, tmp_path / "d" / "top.bin", "a/b")
    client.log_artifact(run_id, str(tmp_path / "d"))
    client.log_artifacts(run_id, tmp_path / "d", "all")
    client.log_text(run_id, "grüße", "texts/t.txt")
    client.log_dict(run_id, {"rate": 0.1}, "conf.json")
    client.log_dict(run_id, {"layers": [64, {"n": None}], "no": {}}, "conf.yaml")
    client.log_stream(run_id, io.BytesIO(b"stream"), "s.bin")
    listed = client.list_artifacts(run_id)
    assert [(f.path, f.is_dir, f.file_size) for f in listed] == [
        ("a", True, None), ("all", True, None), ("conf.json", False, 17),
        ("conf.yaml", False, listed[3].file_size), ("d", True, None), ("s.bin", False, 6),
        ("texts", True, None)]
    assert [f.path for f in client.list_artifacts(run_id, "all")] == ["all/sub", "all/top.bin"]
    text = client.download_artifacts(run_id, "texts/t.txt")
    assert pathlib.Path(text).read_text("utf-8") == "grüße" and os.path.basename(text) == "t.txt"
    assert json.loads(pathlib.Path(client.download_artifacts(run_id, "conf.json")).read_text()) == {
        "rate": 0.1}
    place = client.download_artifacts(run_id, "d", tmp_path / "fetched")
    assert place == str(tmp_path / "fetched" / "d")
    assert (tmp_path / "fetched" / "d" / "sub" / "f.txt").read_text() == "f"
    whole = pathlib.Path(client.download_artifacts(run_id, ""))
    assert (whole / "all" / "sub" / "f.txt").read_text() == "f"


def test_artifacts_that_are_refused(client, run_id, tmp_path):
    for call in (client.log_artifact, client.log_artifacts):
        with pytest.raises(FileNotFoundError):
            call(run_id, tmp_path / "missing")
    raises("RESOURCE_DOES_NOT_EXIST", client.download_artifacts, run_id, "missing")
    raises("INVALID_PARAMETER_VALUE", client.list_artifacts, run_id, "../x")
    for name in ("", "/etc/x", "a/.."):
        raises("INVALID_PARAMETER_VALUE", client.log_text, run_id, "x", name)
    assert client.list_artifacts(run_id, "missing") == []


def test_progress_of_transfers(client, run_id, tmp_path):
    (tmp_path / "d").mkdir()
    for n in range(3):
        (tmp_path / "d" / f"{n}").write_bytes(bytes(1000))
    seen = []
    client._log_artifacts(run_id, tmp_path / "d", "p", lambda *figures: seen.append(figures))
    assert seen[-1][0] == 3 and seen[-1][2] == 3000
    client._download_artifacts(run_id, "p", tmp_path / "to", lambda *figures: seen.append(figures))
    assert seen[-1][:3] == (3, 3, 3000)

    def refuse(*_):
        raise ValueError("enough")
    with pytest.raises(ValueError, match="enough"):
        client._log_artifacts(run_id, tmp_path / "d", "p", refuse)


# --- the registry ------------------------------------------------------------------------------


def test_models(registry):
    name = f"m{time.monotonic_ns()}"
    made = registry.create_registered_model(name, {"a": 1}, "of the tests")
    assert (made.name, made.description, made.tags) == (name, "of the tests", {"a": "1"})
    raises("RESOURCE_ALREADY_EXISTS", registry.create_registered_model, name)
    raises("INVALID_PARAMETER_VALUE", registry.create_registered_model, "x", deployment_job_id="1")
    registry.set_registered_model_tag(name, "b", 2)
    registry.delete_registered_model_tag(name, "a")
    assert registry.update_registered_model(name, "other").description == "other"
    assert registry.get_registered_model(name).tags == {"b": "2"}
    renamed = registry.rename_registered_model(name, name + "-new")
    assert renamed.name == name + "-new"
    [found] = registry.search_registered_models(f"name = '{name}-new'")
    assert found.tags == {"b": "2"}
    registry.delete_registered_model(name + "-new")
    raises("RESOURCE_DOES_NOT_EXIST", registry.get_registered_model, name + "-new")


def test_versions(registry):
    name = f"v{time.monotonic_ns()}"
    run = registry.create_run("0")
    registry.create_registered_model(name)
    source = run.info.artifact_uri + "/model"
    made = registry.create_model_version(name, source, run.info.run_id, {"a": 1}, description="d")
    assert (made.version, made.source, made.run_id) == ("1", source, run.info.run_id)
    assert (made.status, made.current_stage, made.tags) == ("READY", "None", {"a": "1"})
    assert registry.create_model_version(name, source, run.info.run_id).version == "2"
    registry.set_registered_model_alias(name, "champion", "2")
    assert registry.get_model_version_by_alias(name, "champion").version == "2"
    assert registry.get_registered_model(name).aliases == {"champion": "2"}
    raises("INVALID_PARAMETER_VALUE", registry.get_model_version_by_alias, name, "none")
    moved = registry.transition_model_version_stage(name, 1, "production")
    assert moved.current_stage == "Production"
    raises("INVALID_PARAMETER_VALUE", registry.transition_model_version_stage, name, 1, "Moon")
    assert [v.version for v in registry.get_latest_versions(name, ["Production"])] == ["1"]
    assert {v.version for v in registry.get_latest_versions(name)} == {"1", "2"}
    registry.set_model_version_tag(name, 1, "k", "v")
    registry.set_model_version_tag(name, key="s", value=3, stage="Production")
    registry.delete_model_version_tag(name, "1", "a")
    assert registry.get_model_version(name, "1").tags == {"k": "v", "s": "3"}
    raises("INVALID_PARAMETER_VALUE", registry.set_model_version_tag, name, key="k", value="v")
    raises("INVALID_PARAMETER_VALUE", registry.set_model_version_tag, name, key="k", value="v",
           stage="Archived")
    assert registry.update_model_version(name, 2, "better").description == "better"
    assert registry.get_model_version_download_uri(name, 2) == source
    assert "Archived" in registry.get_model_version_stages(name, 2)
    copied = registry.copy_model_version(f"models:/{name}@champion", name + "-copy")
    assert (copied.name, copied.version, copied.source) == (name + "-copy", "1", f"models:/{name}/2")
    raises("INVALID_PARAMETER_VALUE", registry.copy_model_version, name, "x")
    found = registry.search_model_versions(f"name = '{name}'", order_by=["version_number ASC"])
    assert [v.version for v in found] == ["1", "2"] and found.token is None
    registry.delete_registered_model_alias(name, "champion")
    registry.delete_model_version(name, 2)
    raises("RESOURCE_DOES_NOT_EXIST", registry.get_model_version, name, 2)
    raises("INVALID_PARAMETER_VALUE", registry.get_model_version, name, "two")


# --- clients -----------------------------------------------------------------------------------


def test_clients_share_a_database(tmp_path):
    uri = f"sqlite:///{tmp_path}/t.db"
    first, second = MlflowClient(uri), MlflowClient(uri)
    made = first.create_experiment("e")
    first.close()
    assert second.get_experiment(made).name == "e"
    first.close()
    raises("INVALID_PARAMETER_VALUE", first.get_experiment, made)
    raises("INVALID_PARAMETER_VALUE", first.log_metric, "0" * 32, "m", 1)


@pytest.mark.parametrize("arguments", [
    {"tracking_uri": "nothing://x"}, {"mode": "sometimes"}, {"workspace_store_uri": "x"}],
    ids=lambda arguments: next(iter(arguments)))
def test_clients_that_cannot_be_made(arguments, tmp_path):
    raises("INVALID_PARAMETER_VALUE", MlflowClient, **{"tracking_uri": str(tmp_path), **arguments})


def test_a_registry_of_its_own(tmp_path):
    runs, models = f"{tmp_path}/mlruns", f"sqlite:///{tmp_path}/models.db"
    client = MlflowClient(runs, models)
    client.create_registered_model("m")
    assert MlflowClient(models).get_registered_model("m").name == "m"
    assert client.get_experiment("0").name == "Default"
    raises("NOT_IMPLEMENTED", MlflowClient(runs).get_registered_model, "m")


def test_the_environment_says_where(tmp_path, monkeypatch):
    monkeypatch.setenv("MLFLOW_REGISTRY_URI", f"sqlite:///{tmp_path}/models.db")
    monkeypatch.setenv("MILLSTREAM_MODE", "strict")
    client = MlflowClient(f"{tmp_path}/mlruns")
    assert client.mode == "strict" and "mlruns" in repr(client)
    client.create_registered_model("m")
    assert client.get_registered_model("m").name == "m"
