"""Logged models, for clients since 3.0."""

import os

from mlflow.entities import LoggedModelOutput, Metric

NOBODY = "m-" + "0" * 32


def models(r, client, prefix, run_id):
    """Everything that a client does with logged models, in an experiment of its own."""
    experiment = r.create_experiment("create for models", client.create_experiment,
                                     prefix + "models")
    made = r.step("create logged model", lambda: client.create_logged_model(
        experiment, name="net", source_run_id=run_id, tags={"a": "b"}, params={"depth": "3"},
        model_type="agent"))
    model_id = made.model_id
    r.step("create unnamed logged model", lambda: client.create_logged_model(
        experiment).status)
    r.step("create logged model of odd name", client.create_logged_model, experiment, "a/b")
    r.step("create logged model nowhere", client.create_logged_model, "987654321", "x")
    r.step("finalize", client.finalize_logged_model, model_id, "READY")
    r.step("set model tags", client.set_logged_model_tags, model_id, {"c": "d", "a": "x"})
    r.step("delete model tag", client.delete_logged_model_tag, model_id, "c")
    r.step("delete model tag again", client.delete_logged_model_tag, model_id, "c")
    r.step("measure", client.log_metric, run_id, "acc", 0.5, timestamp=5, step=1,
           model_id=model_id, dataset_name="digits", dataset_digest="d1")
    r.step("measure in a batch", client.log_batch, run_id, metrics=[
        Metric("acc", 0.7, 6, 2, model_id=model_id), Metric("loss", 0.1, 6, 2, model_id=model_id)])
    r.step("log outputs of model", client.log_outputs, run_id, [
        LoggedModelOutput(model_id=model_id, step=1)])
    r.step("logged model", client.get_logged_model, model_id)
    r.step("unknown logged model", client.get_logged_model, NOBODY)
    files(r, client, model_id)
    searches(r, client, experiment, run_id)
    r.step("delete logged model", client.delete_logged_model, model_id)
    r.step("delete logged model again", client.delete_logged_model, model_id)
    r.step("deleted logged model", client.get_logged_model, model_id)
    r.step("after the deletion", lambda: len(client.search_logged_models([experiment])))


def files(r, client, model_id):
    folder = os.path.join(r.directory, "model")
    os.makedirs(os.path.join(folder, "data"))
    for name in ("MLmodel", os.path.join("data", "weights")):
        with open(os.path.join(folder, name), "w") as file:
            file.write("content of " + name)
    r.step("log model files", client.log_model_artifacts, model_id, folder)
    r.step("list model files", client.list_logged_model_artifacts, model_id)
    r.step("list model files below", client.list_logged_model_artifacts, model_id, "data")


def searches(r, client, experiment, run_id):
    for at in range(4):
        model = client.create_logged_model(experiment, name="m%d" % at,
                                           params={"at": str(at)}, tags={"odd": str(at % 2)})
        client.log_metric(run_id, "score", at * 0.25, timestamp=9, step=0,
                          model_id=model.model_id, dataset_name="even" if at % 2 else "odd",
                          dataset_digest="d")

    def names(filter_string=None, **options):
        found = client.search_logged_models([experiment], filter_string, **options)
        return [model.name for model in found if not model.name.count("-")]

    for text in ("name = 'm1'", "params.at = '2'", "tags.odd = '1' AND metrics.score > 0.5",
                 "metrics.score <= 0.25", "attributes.name LIKE 'm%'",
                 "model_type = 'agent'", "nothing = 'x'"):
        r.step("models " + text, lambda: sorted(names(text)))
    by_score = {"field_name": "metrics.score", "ascending": False}
    r.step("models by score", names, "params.at LIKE '%'", order_by=[by_score])
    r.step("logged models by name", names, order_by=[{"field_name": "name"}])
    r.step("models on a dataset", names, "metrics.score >= 0", datasets=[
        {"dataset_name": "odd", "dataset_digest": "d"}], order_by=[by_score])
    page = r.step("logged models page 1", client.search_logged_models, [experiment], "params.at LIKE '%'",
                  max_results=3, order_by=[{"field_name": "name"}])
    r.step("logged models page 2", client.search_logged_models, [experiment], "params.at LIKE '%'",
           max_results=3, order_by=[{"field_name": "name"}], page_token=page.token)
