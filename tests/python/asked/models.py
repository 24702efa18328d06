"""Questions about logged models, the active model, and artifacts by URI of models."""

import os
import re
import warnings

import mlflow
from answers import ask, done
from mlflow.entities import LoggedModelStatus

warnings.simplefilter("ignore")


def plain(model, *names):
    """What is the same each time of a logged model."""
    kept = ("name", "model_type", "params", "experiment_id")
    own = {key: value for key, value in model.tags.items() if not key.startswith("mlflow.")}
    return [*(getattr(model, name) for name in kept), str(model.status), own,
            sorted(key for key in model.tags if key.startswith("mlflow.")),
            bool(model.source_run_id), *(getattr(model, name) for name in names)]


def points(model):
    return sorted([p.key, p.value, p.step, p.dataset_name, p.dataset_digest,
                   p.model_id == model.model_id, bool(p.run_id)]
                  for p in model.metrics or [])


def named(**asked):
    return [model.name for model in mlflow.search_logged_models(output_format="list", **asked)]


def made():
    ask("a model", lambda: plain(mlflow.initialize_logged_model(
        "first", params={"a": 1, "b": None}, tags={"t": 2}, model_type="tree")))
    ask("a model without a name", lambda: bool(mlflow.initialize_logged_model().name))
    ask("the last one", lambda: bool(mlflow.last_logged_model()))
    ask("an external one", lambda: plain(mlflow.create_external_model("second", params={"a": 2})))
    ask("its files", lambda: sorted(
        set(os.listdir(mlflow.artifacts.download_artifacts(mlflow.last_logged_model().model_uri)))
        - {"registered_model_meta"}))
    with mlflow.start_run():
        ask("of the active run", lambda: plain(mlflow.initialize_logged_model("third")))
    ask("of another experiment", lambda: plain(mlflow.initialize_logged_model(
        "elsewhere", experiment_id="0")))
    for name in ("a/b", "a:b", "a.b", "a%b", "a'b", 'a"b', " ", "é"):
        ask(f"the name {name!r}", lambda name=name: mlflow.initialize_logged_model(name).name)


def changed(client):
    model_id = mlflow.initialize_logged_model("changing").model_id
    ask("READY", lambda: str(mlflow.finalize_logged_model(model_id, "READY").status))
    ask("FAILED", lambda: mlflow.finalize_logged_model(
        model_id, LoggedModelStatus.FAILED).status == "FAILED")
    ask("tags", lambda: mlflow.set_logged_model_tags(model_id, {"a": 1, "b": [2]}))
    ask("params", lambda: mlflow.log_model_params({"x": 1.5, "y": True}, model_id))
    ask("a tag less", lambda: client.delete_logged_model_tag(model_id, "a"))
    ask("as it is then", lambda: plain(mlflow.get_logged_model(model_id)))
    ask("no such tag", lambda: client.delete_logged_model_tag(model_id, "a"))
    ask("another param", lambda: mlflow.log_model_params({"x": 2}, model_id))
    ask("a status that there is not", lambda: mlflow.finalize_logged_model(model_id, "DONE"))
    for call, more in (("get_logged_model", ()), ("delete_logged_model", ()),
                       ("set_logged_model_tags", ({"a": 1},)), ("log_model_params", ({"a": 1},)),
                       ("finalize_logged_model", ("READY",)), ("delete_logged_model_tag", ("a",)),
                       ("list_logged_model_artifacts", ())):
        ask(f"{call} of no model", lambda call=call, more=more: getattr(client, call)("m-x", *more))
        ask(f"{call} of None", lambda call=call, more=more: getattr(client, call)(None, *more))
    ask("deleted", lambda: client.delete_logged_model(model_id))
    ask("deleted and read", lambda: client.get_logged_model(model_id))


def found():
    mlflow.set_experiment("found")
    with mlflow.start_run():
        models = [mlflow.initialize_logged_model(name, params={"size": name}) for name in "abc"]
        for step, (model, value, dataset) in enumerate(zip(models, (0.5, 0.9, 0.7), "mmf")):
            mlflow.MlflowClient().log_metric(
                mlflow.active_run().info.run_id, "acc", value, step=step,
                model_id=model.model_id, dataset_name=dataset, dataset_digest="d1")
    by_name = [{"field_name": "name"}]
    ask("points", lambda: points(mlflow.get_logged_model(models[0].model_id)))
    for text in ("name = 'a'", "params.size IN ('a', 'b')", "metrics.acc > 0.6",
                 "name LIKE 'A%'", "size > 1", "name = ", "metrics.acc > 'x'"):
        ask(f"filter {text}", lambda text=text: named(filter_string=text, order_by=by_name))
    for name, asked in {
            "falling": {"order_by": [{"field_name": "name", "ascending": False}]},
            "two": {"order_by": by_name, "max_results": 2},
            "by metric": {"order_by": [{"field_name": "metrics.acc", "ascending": False}]},
            "on a dataset": {"filter_string": "metrics.acc > 0.1", "order_by": by_name,
                             "datasets": [{"dataset_name": "m", "dataset_digest": "d1"}]},
            "on no dataset": {"datasets": [{"digest": "d"}]},
            "by nothing": {"order_by": [{"ascending": True}]},
            "of no experiment": {"experiment_ids": ["99"]}}.items():
        ask(f"search {name}", lambda asked=asked: named(**asked))
    ask("format", lambda: mlflow.search_logged_models(output_format="x"))
    ask("frame", lambda: [list(mlflow.search_logged_models().columns),
                          sorted(mlflow.search_logged_models()["name"]),
                          [str(s) for s in mlflow.search_logged_models()["status"]]])


def active():
    ask("no active model", mlflow.get_active_model_id)
    ask("neither", mlflow.set_active_model)
    ask("an unknown one", lambda: mlflow.set_active_model(model_id="m-x"))
    model = mlflow.set_active_model(name="active")
    ask("made active", lambda: mlflow.get_active_model_id() == model.model_id)
    ask("another name", lambda: mlflow.set_active_model(name="x", model_id=model.model_id))
    ask("the same again", lambda: mlflow.set_active_model(name="active").model_id
        == model.model_id)
    with mlflow.set_active_model(name="inner") as inner:
        ask("inside", lambda: mlflow.get_active_model_id() == inner.model_id)
    ask("outside", lambda: mlflow.get_active_model_id() == model.model_id)
    with mlflow.start_run():
        mlflow.log_metric("acc", 0.5)
        mlflow.log_metrics({"loss": 2.0})
    ask("its points", lambda: points(mlflow.get_logged_model(model.model_id)))
    mlflow.clear_active_model()
    ask("cleared", mlflow.get_active_model_id)


def files(client):
    os.makedirs("model/data")
    for path, text in (("model/MLmodel", "what it is"), ("model/data/weights", "1 2 3")):
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
    with mlflow.start_run() as run:
        model = mlflow.initialize_logged_model("filed")
        client.log_model_artifacts(model.model_id, "model")
        client.log_model_artifact(model.model_id, "model/MLmodel", "more")
    ask("no such file", lambda: client.log_model_artifact(model.model_id, "nothing"))
    ask("listed", lambda: [[f.path, f.is_dir, f.file_size]
                           for f in client.list_logged_model_artifacts(model.model_id, "data")])
    version = mlflow.register_model(f"runs:/{run.info.run_id}/filed", "registered")
    ask("registered", lambda: [version.source == model.model_uri,
                               version.run_id == run.info.run_id, str(version.version)])
    client.set_registered_model_alias("registered", "best", version.version)
    client.transition_model_version_stage("registered", version.version, "Production")
    for uri in (model.model_uri, "models:/registered/1", "models:/registered@best",
                "models:/registered/latest", "models:/registered/Production",
                f"runs:/{run.info.run_id}/filed", "models:/registered/2", "models:/registered@no",
                "models:/registered/Staging", "models:/none/1", "models:/m-x", "models:/",
                f"runs:/{run.info.run_id}/none"):
        name = re.sub("[0-9a-f]{32}", "ID", uri)
        ask(f"whole {name}", lambda uri=uri: sorted(
            set(os.listdir(mlflow.artifacts.download_artifacts(uri, dst_path="got")))
            - {"registered_model_meta"}))
        ask(f"weights of {name}", lambda uri=uri: mlflow.artifacts.load_text(
            f"{uri}/data/weights"))
    ask("list by URI", lambda: sorted(f.path for f in mlflow.artifacts.list_artifacts(
        "models:/registered/1")))


mlflow.set_experiment("asked")
mlflow_client = mlflow.MlflowClient()
made()
changed(mlflow_client)
found()
active()
files(mlflow_client)
done()
