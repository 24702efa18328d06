"""Logged models through MlflowClient and the fluent calls, and files by URI.

What is expected was seen of the official package's 3.17."""

import copy
import os
import pathlib
import pickle
import threading

import pytest

import harness
import millstream as mlflow
from millstream.entities import (
    Dataset, LoggedModel, LoggedModelOutput, LoggedModelParameter, LoggedModelStatus,
    LoggedModelTag, Metric)
from millstream.exceptions import MlflowException

MODEL = LoggedModel("1", "m-1", "digits", "/a", 5, 6, "tree", "r1", "PENDING", None,
                    [LoggedModelTag("k", "v")], [LoggedModelParameter("p", "1")],
                    [Metric("acc", 0.5, 1, 2, "m-1", "mnist", "d1", "r1")])


def raises(code, call, *arguments, **named):
    with pytest.raises(MlflowException) as raised:
        call(*arguments, **named)
    assert raised.value.error_code == code
    return str(raised.value)


# --- the entity ----------------------------------------------------------------------------


def test_the_entity():
    assert MODEL.status is LoggedModelStatus.PENDING and MODEL.status == "PENDING"
    assert MODEL.model_uri == "models:/m-1"
    assert MODEL.tags == {"k": "v"} and MODEL.params == {"p": "1"}
    assert repr(MODEL) == (
        "LoggedModel(artifact_location='/a', creation_timestamp=5, experiment_id='1', "
        "last_updated_timestamp=6, model_id='m-1', model_type='tree', model_uri='models:/m-1', "
        "name='digits', source_run_id='r1', status=<LoggedModelStatus.PENDING: 'PENDING'>, "
        "status_message=None)")
    names = [name for name, _ in MODEL]
    assert names == sorted(names) and "model_uri" in names and "metrics" in names
    plain = MODEL.to_dictionary()
    assert plain["status"] == 1 and plain["metrics"][0]["key"] == "acc"
    assert "model_uri" not in plain
    again = LoggedModel.from_dictionary(plain)
    assert again.status == "PENDING" and again.name == "digits" and again != MODEL
    for other in (copy.deepcopy(MODEL), pickle.loads(pickle.dumps(MODEL))):
        assert type(other) is LoggedModel and dict(other) == dict(MODEL)
    assert LoggedModel("1", "m", "n", "/a", 1, 2).status is LoggedModelStatus.READY
    with pytest.raises(AttributeError):
        MODEL.name = "other"


def test_statuses():
    assert [LoggedModelStatus.from_int(number) for number in range(4)] == [
        "UNSPECIFIED", "PENDING", "READY", "FAILED"]
    assert [status.to_int() for status in LoggedModelStatus] == [0, 1, 2, 3]
    assert str(LoggedModelStatus.READY) == "READY"
    assert LoggedModelStatus.is_finalized("FAILED") and not LoggedModelStatus.is_finalized("PENDING")
    raises("INVALID_PARAMETER_VALUE", LoggedModelStatus.from_int, 4)


# --- the client ----------------------------------------------------------------------------


@pytest.fixture(params=["server", "sqlite"])
def uri(request, tmp_path, monkeypatch):
    """Where there are logged models: on a server, and in a database."""
    monkeypatch.chdir(tmp_path)
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/tracking.db"
        return
    with harness.Server(tmp_path) as server:
        yield server.url


@pytest.fixture
def client(uri):
    with mlflow.MlflowClient(uri, mode="strict") as client:
        yield client


@pytest.fixture
def run_id(client):
    return client.create_run("0").info.run_id


def test_a_model(client, run_id):
    made = client.create_logged_model("0", "digits", run_id, {"team": "vision", "n": 1},
                                      {"depth": 5}, "tree")
    assert type(made) is LoggedModel and made.status == "PENDING"
    assert made.tags == {"team": "vision", "n": "1"} and made.params == {"depth": "5"}
    assert (made.name, made.source_run_id, made.model_type) == ("digits", run_id, "tree")
    assert made.experiment_id == "0" and made.model_id.startswith("m-") and made.metrics == []
    assert made.artifact_location.endswith(f"/models/{made.model_id}/artifacts")
    client.log_model_params(made.model_id, {f"p{i}": i for i in range(250)})
    client.set_logged_model_tags(made.model_id, {"team": "sound", "more": None})
    client.delete_logged_model_tag(made.model_id, "n")
    found = client.get_logged_model(made.model_id)
    assert found.tags == {"team": "sound", "more": "None"} and len(found.params) == 251
    ready = client.finalize_logged_model(made.model_id, LoggedModelStatus.READY)
    assert ready.status is LoggedModelStatus.READY
    assert client.finalize_logged_model(made.model_id, "FAILED").status == "FAILED"
    client.delete_logged_model(made.model_id)
    raises("RESOURCE_DOES_NOT_EXIST", client.get_logged_model, made.model_id)


def test_what_is_refused(client):
    model_id = client.create_logged_model("0", params={"a": 1}).model_id
    refused = "INVALID_PARAMETER_VALUE"
    missing = "RESOURCE_DOES_NOT_EXIST"
    raises(missing, client.get_logged_model, "m-x")
    raises(missing, client.delete_logged_model, "m-x")
    raises(missing, client.finalize_logged_model, "m-x", "READY")
    raises(missing, client.delete_logged_model_tag, model_id, "none")
    raises(missing, client.create_logged_model, "99")
    raises(refused, client.get_logged_model, None)
    raises(refused, client.set_logged_model_tags, "m-x", {"a": 1})
    raises(refused, client.log_model_params, "m-x", {"a": 1})
    raises(refused, client.finalize_logged_model, model_id, "DONE")
    raises(refused, client.create_logged_model, "0", "a/b")
    raises(refused, client.search_logged_models, ["0"], datasets=[{"digest": "1"}])
    raises(refused, client.search_logged_models, ["0"], order_by=["name"])
    raises(refused, client.search_logged_models, ["0"], order_by=[{"field_name": "size"}])
    raises(refused, client.search_logged_models, [])
    raises("BAD_REQUEST", client.log_model_params, model_id, {"a": 2})
    with pytest.raises(FileNotFoundError):
        client.log_model_artifact(model_id, "nothing")


def test_metrics_and_search(client, run_id):
    models = [client.create_logged_model("0", name, run_id, params={"size": name})
              for name in ("a", "b", "c")]
    for step, (model, value, dataset) in enumerate(zip(models, (0.5, 0.9, 0.7),
                                                       ("mnist", "mnist", "faces"))):
        client.log_metric(run_id, "acc", value, step=step, model_id=model.model_id,
                          dataset_name=dataset, dataset_digest="d1")
    client.log_outputs(run_id, [LoggedModelOutput(models[0].model_id, 1)])
    (point,) = client.get_logged_model(models[1].model_id).metrics
    assert (point.key, point.value, point.step) == ("acc", 0.9, 1)
    assert (point.dataset_name, point.dataset_digest) == ("mnist", "d1")
    assert (point.model_id, point.run_id) == (models[1].model_id, run_id)

    def names(*arguments, **named):
        return [model.name for model in client.search_logged_models(["0"], *arguments, **named)]

    mnist = [{"dataset_name": "mnist"}]
    by_acc = {"field_name": "metrics.acc", "ascending": False}
    assert sorted(names()) == ["a", "b", "c"]
    assert names("params.size = 'b'") == ["b"]
    assert sorted(names("metrics.acc > 0.6")) == ["b", "c"]
    assert names("metrics.acc > 0.6", mnist) == ["b"]
    assert names(order_by=[{"field_name": "name"}]) == ["a", "b", "c"]
    assert names(order_by=[by_acc]) == ["b", "c", "a"]
    assert names(order_by=[{**by_acc, "dataset_name": "mnist", "dataset_digest": "d1"}])[:2] == [
        "b", "a"]
    by_name = [{"field_name": "name"}]
    first = client.search_logged_models([0], max_results=2, order_by=by_name)
    assert [m.name for m in first] == ["a", "b"] and first.token
    rest = client.search_logged_models(["0"], max_results=2, order_by=by_name,
                                       page_token=first.token)
    assert [m.name for m in rest] == ["c"] and rest.token is None


@pytest.fixture
def checkpoint(tmp_path):
    top = tmp_path / "checkpoint"
    (top / "data").mkdir(parents=True)
    (top / "MLmodel").write_text("what it is")
    (top / "data" / "weights").write_text("1 2 3")
    return top


def test_files(client, checkpoint):
    model_id = client.create_logged_model("0", "digits").model_id
    client.log_model_artifacts(model_id, str(checkpoint))
    client.log_model_artifact(model_id, checkpoint / "MLmodel", "more")
    listed = client.list_logged_model_artifacts(model_id)
    assert [(file.path, file.is_dir) for file in listed] == [
        ("MLmodel", False), ("data", True), ("more", True)]
    (file,) = client.list_logged_model_artifacts(model_id, "data")
    assert (file.path, file.file_size) == ("data/weights", 5)


def test_trees_have_none(tmp_path):
    with mlflow.MlflowClient(str(tmp_path / "mlruns")) as client:
        assert "sqlite:///" in raises("NOT_IMPLEMENTED", client.create_logged_model, "0")


# --- the fluent calls ----------------------------------------------------------------------


@pytest.fixture
def fluent(uri):
    mlflow.set_tracking_uri(uri)
    mlflow.set_experiment("models")
    yield mlflow
    mlflow.clear_active_model()


def test_models_of_the_active_run(fluent):
    with mlflow.start_run() as run:
        model = mlflow.initialize_logged_model("digits", params={"depth": 5}, tags={"a": 1})
    assert model.source_run_id == run.info.run_id and model.status == "PENDING"
    assert model.experiment_id == run.info.experiment_id
    assert model.tags["a"] == "1" and model.tags["mlflow.user"]
    assert mlflow.last_logged_model().model_id == model.model_id
    assert mlflow.finalize_logged_model(model.model_id, "READY").status == "READY"
    mlflow.set_logged_model_tags(model.model_id, {"b": 2})
    mlflow.delete_logged_model_tag(model.model_id, "a")
    mlflow.log_model_params({"rate": 0.1}, model.model_id)
    found = mlflow.get_logged_model(model.model_id)
    assert found.params == {"depth": "5", "rate": "0.1"} and found.tags["b"] == "2"
    (listed,) = mlflow.search_logged_models(output_format="list")
    assert listed.model_id == model.model_id
    raises("INVALID_PARAMETER_VALUE", mlflow.search_logged_models, output_format="text")


def test_frames(fluent):
    pytest.importorskip("pandas")
    mlflow.initialize_logged_model("digits", params={"depth": 5})
    frame = mlflow.search_logged_models()
    assert list(frame.columns) == [
        "artifact_location", "creation_timestamp", "experiment_id", "last_updated_timestamp",
        "metrics", "model_id", "model_type", "name", "params", "source_run_id", "status",
        "status_message", "tags"]
    assert frame["status"][0] == "PENDING" and frame["params"][0] == {"depth": "5"}


def test_external_models_can_be_registered(fluent):
    model = mlflow.create_external_model("agent", model_type="agent")
    assert model.status == "READY" and model.tags["mlflow.model.isExternal"] == "true"
    text = mlflow.artifacts.load_text(f"{model.model_uri}/MLmodel")
    assert f'model_id: "{model.model_id}"' in text and "flavors: {}" in text
    version = mlflow.register_model(model.model_uri, "agents")
    assert version.source == model.model_uri and str(version.version) == "1"
    yaml = pytest.importorskip("yaml")
    assert yaml.safe_load(text)["metadata"] == {"mlflow.model.isExternal": True}


def test_metrics_point_to_the_active_model(fluent):
    assert mlflow.get_active_model_id() is None
    with mlflow.start_run():
        model = mlflow.set_active_model(name="agent")  # made, since there is none
        assert mlflow.get_active_model_id() == model.model_id
        mlflow.log_metric("acc", 0.9, dataset=Dataset("mnist", "d1", "local", "x"))
        mlflow.log_metric("loss", 0.1)
        with mlflow.set_active_model(name="other") as other:
            mlflow.log_metrics({"loss": 0.2})
        assert mlflow.get_active_model_id() == model.model_id
        mlflow.clear_active_model()
        mlflow.log_metric("loss", 0.3)
    points = {p.key: p for p in mlflow.get_logged_model(model.model_id).metrics}
    assert points["acc"].dataset_name == "mnist" and points["loss"].value == 0.1
    assert [p.value for p in mlflow.get_logged_model(other.model_id).metrics] == [0.2]
    again = mlflow.set_active_model(name="agent", model_id=model.model_id)
    assert type(again) is mlflow.ActiveModel and again.model_id == model.model_id
    raises("INVALID_PARAMETER_VALUE", mlflow.set_active_model)
    raises("INVALID_PARAMETER_VALUE", mlflow.set_active_model, name="x", model_id=model.model_id)
    raises("RESOURCE_DOES_NOT_EXIST", mlflow.set_active_model, model_id="m-x")


def test_the_active_model_is_a_threads_own(fluent, monkeypatch):
    monkeypatch.setenv("MLFLOW_ACTIVE_MODEL_ID", "m-of-the-environment")
    mlflow.set_active_model(name="agent")
    seen = []
    thread = threading.Thread(target=lambda: seen.append(mlflow.get_active_model_id()))
    thread.start()
    thread.join()
    assert seen == ["m-of-the-environment"]


# --- files by URI --------------------------------------------------------------------------


def test_files_by_uri(fluent, checkpoint, tmp_path):
    client = mlflow.MlflowClient()
    with mlflow.start_run() as run:
        model = mlflow.initialize_logged_model("digits")
        client.log_model_artifacts(model.model_id, str(checkpoint))
        mlflow.log_text("of the run", "notes.txt")
    version = mlflow.register_model(f"runs:/{run.info.run_id}/digits", "registered")
    assert version.source == model.model_uri
    client.set_registered_model_alias("registered", "best", version.version)
    client.transition_model_version_stage("registered", version.version, "Production")
    load, get = mlflow.artifacts.load_text, mlflow.artifacts.download_artifacts
    for named in (model.model_uri, "models:/registered/1", "models:/registered@best",
                  "models:/registered/latest", "models:/registered/Production",
                  f"runs:/{run.info.run_id}/digits", model.artifact_location):
        assert load(f"{named}/data/weights") == "1 2 3"
        to = str(tmp_path / "to" / str(abs(hash(named))))
        place = pathlib.Path(get(named, dst_path=to))
        assert place.is_absolute() and (place / "MLmodel").read_text() == "what it is"
        assert os.path.isdir(get(named))
    assert get(model.model_uri, dst_path="x") == str(tmp_path / "x")
    assert get(f"{model.model_uri}/data", dst_path="x") == str(tmp_path / "x" / "data")
    assert get(run_id=run.info.run_id, artifact_path="digits/MLmodel", dst_path="x") == str(
        tmp_path / "x" / "MLmodel")
    listed = mlflow.artifacts.list_artifacts("models:/registered@best/data")
    assert [file.path for file in listed] == ["data/weights"]
    listed = mlflow.artifacts.list_artifacts(run_id=run.info.run_id, artifact_path="digits")
    assert [file.path for file in listed] == ["digits/MLmodel", "digits/data"]
    for missing in ("models:/m-x", "models:/registered/2", "models:/none/1",
                    f"runs:/{run.info.run_id}/none"):
        raises("RESOURCE_DOES_NOT_EXIST", get, missing)
    raises("INVALID_PARAMETER_VALUE", get, "models:/registered/oldest")


class Elsewhere:
    """A client whose registry is not where its tracking URI is: version 3 is what all name."""

    _registry_uri = "http://registry"

    def get_model_version_by_alias(self, name, alias):
        assert alias in ("best", "latest")
        return mlflow.entities.ModelVersion(name, "3", 1)

    def get_latest_versions(self, name, stages):
        return [mlflow.entities.ModelVersion(name, "3", 1)] if stages == ["Staging"] else []

    def get_model_version_download_uri(self, name, version):
        return f"s3://bucket/{name}/{version}"


@pytest.mark.parametrize("uri, location", [
    ("models:/digits/3", "s3://bucket/digits/3/"),
    ("models:/digits/latest/a/b", "s3://bucket/digits/3/a/b"),
    ("models:/digits@best/a", "s3://bucket/digits/3/a"),
    ("models:/digits/Staging", "s3://bucket/digits/3/"),
    ("models:/m-0123456789abcdef0123456789abcdef/a", "models:/m-0123456789abcdef0123456789abcdef/a"),
    ("models:/m-1", "models:/m-1"),
    ("runs:/r/a", "runs:/r/a"),
])
def test_a_registry_elsewhere(uri, location):
    """It is asked for versions; their files are then fetched by location."""
    assert mlflow.artifacts._resolved(Elsewhere(), uri) == location


def test_a_stage_without_versions():
    raises("RESOURCE_DOES_NOT_EXIST", mlflow.artifacts._resolved, Elsewhere(),
           "models:/digits/Production")
