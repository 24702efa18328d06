"""What clients since 2.4 can do beyond the core: tags, pages, datasets, long histories, files."""

import artifacts
import core
import mlflow
from mlflow.entities import (Dataset, DatasetInput, InputTag, Metric, Param, RunTag, ViewType)
from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository

MANY = 26000


def everything(r, client, prefix):
    """The core and all of this file; answers the experiment and a run with data in it."""
    def create_run(experiment, start_time, tags):
        return client.create_run(experiment, start_time=start_time, tags=tags)

    def log_metric(run_id, key, value, timestamp, step):
        client.log_metric(run_id, key, value, timestamp=timestamp, step=step)

    experiment = core.experiments(r, client, prefix)
    run_id = core.logging(r, client, create_run, experiment, log_metric)
    core.lifecycle(r, client, run_id, log_metric)
    core.mistakes(r, client, run_id, log_metric)
    core.searching(r, client, create_run, experiment, log_metric)
    experiments(r, client, prefix)
    runs(r, client, experiment, run_id)
    paging(r, client, experiment)
    inputs(r, client, experiment)
    histories(r, client, experiment)
    of_files(r, client, experiment)
    return experiment, run_id


def experiments(r, client, prefix):
    """Tags of experiments, and the search for them."""
    ids = {}
    for at, name in enumerate(("alpha", "beta", "gamma")):
        ids[name] = r.create_experiment(
            "create " + name, client.create_experiment, prefix + "s " + name,
            tags={"at": str(at), "note": "of " + name})
    r.step("experiment with tags", client.get_experiment, ids["alpha"])
    r.step("set experiment tag", client.set_experiment_tag, ids["alpha"], "at", "9")
    r.step("set long experiment tag", client.set_experiment_tag, ids["alpha"], "k" * 251, "9")
    if hasattr(client, "delete_experiment_tag"):
        r.step("delete experiment tag", client.delete_experiment_tag, ids["alpha"], "note")
        r.step("delete experiment tag again", client.delete_experiment_tag, ids["alpha"], "note")
    r.step("experiment with changed tags", client.get_experiment, ids["alpha"])
    client.delete_experiment(ids["gamma"])
    ours = "name LIKE '%ss %%'" % prefix

    def names(**options):
        found = client.search_experiments(**{"filter_string": ours, "order_by": ["name"], **options})
        return [item.name for item in found]

    for view in ("ACTIVE_ONLY", "DELETED_ONLY", "ALL"):
        r.step("experiments " + view, names, view_type=getattr(ViewType, view))
    r.step("experiments by tag", names, filter_string=ours + " AND tags.at = '1'")
    r.step("experiments in order", names, order_by=["name DESC"])
    r.step("experiments by bad filter", names, filter_string="nothing = 'x'")
    r.step("experiments by bad order", names, order_by=["nothing"])
    page = r.step("experiments page 1", client.search_experiments, max_results=1,
                  filter_string=ours, order_by=["name"])
    r.step("experiments page 2", client.search_experiments, max_results=1, filter_string=ours,
           order_by=["name"], page_token=page.token)
    r.step("experiments bad token", client.search_experiments, page_token="nonsense")
    r.step("experiments too many", client.search_experiments, max_results=50001)
    r.step("experiments none", client.search_experiments, max_results=0)


def runs(r, client, experiment, run_id):
    named = r.step("create named run", client.create_run, experiment, run_name="named",
                   start_time=1, tags={"a": "b"})
    r.step("create run with two names", client.create_run, experiment, run_name="one",
           tags={"mlflow.runName": "two"})
    r.step("create run in unknown experiment", client.create_run, "987654321")
    r.step("update run", client.update_run, named.info.run_id, "FINISHED", "new name")
    r.step("updated run", client.get_run, named.info.run_id)
    r.step("update run to odd status", client.update_run, named.info.run_id, "NOTHING")
    r.step("delete tag", client.delete_tag, named.info.run_id, "a")
    r.step("delete tag again", client.delete_tag, named.info.run_id, "a")
    r.step("long param", client.log_param, run_id, "long", "x" * 7000)
    r.step("long tag", client.set_tag, run_id, "long", "x" * 9000)
    r.step("long values", lambda: [len(client.get_run(run_id).data.params["long"]),
                                   len(client.get_run(run_id).data.tags["long"])])
    r.step("parent run", client.get_parent_run, run_id)
    r.step("big batch", client.log_batch, named.info.run_id,
           metrics=[Metric("many", i, i, i) for i in range(2500)],
           params=[Param("p%03d" % i, "v") for i in range(250)],
           tags=[RunTag("t%03d" % i, "v") for i in range(250)])
    r.step("big batch stored", lambda: [
        len(client.get_run(named.info.run_id).data.params),
        len(client.get_run(named.info.run_id).data.tags),
        len(client.get_metric_history(named.info.run_id, "many"))])


def paging(r, client, experiment):
    """All runs of the experiment in pages, in several orders."""
    for order in (["start_time"], ["metrics.score DESC", "params.depth"], ["params.depth ASC"],
                  ["tags.odd DESC", "start_time"], ["attributes.end_time", "start_time"]):
        found, token, pages = [], None, 0
        while pages == 0 or token:
            page = client.search_runs([experiment], "tags.odd LIKE '%'", order_by=order,
                                      max_results=2, page_token=token)
            found += [run.data.params["depth"] for run in page]
            token, pages = page.token, pages + 1
        r.step("pages by %s" % order, lambda: [pages, found])
    r.step("bad order", client.search_runs, [experiment], order_by=["nothing"])
    r.step("bad token", client.search_runs, [experiment], page_token="nonsense")
    r.step("too many", client.search_runs, [experiment], max_results=50001)


def inputs(r, client, experiment):
    run_id = client.create_run(experiment, run_name="with inputs").info.run_id
    digits = Dataset("digits", "d1", "local", "{\"uri\": \"x\"}", "{}", "{\"rows\": 5}")
    bare = Dataset("bare", "d2", "code", "{}")
    r.step("log inputs", client.log_inputs, run_id, [
        DatasetInput(digits, [InputTag("mlflow.data.context", "training")]), DatasetInput(bare)])
    r.step("log inputs again", client.log_inputs, run_id, [
        DatasetInput(digits, [InputTag("mlflow.data.context", "training")])])
    r.step("run with inputs", lambda: client.get_run(run_id).inputs)
    r.step("long dataset name", client.log_inputs, run_id, [
        DatasetInput(Dataset("n" * 501, "d", "local", "x"))])
    r.step("inputs of unknown run", client.log_inputs, core.NOBODY, [DatasetInput(bare)])
    r.step("search by dataset", lambda: [run.info.run_name for run in client.search_runs(
        [experiment], "dataset.name = 'digits' AND dataset.context = 'training'")])


def histories(r, client, experiment):
    run_id = client.create_run(experiment, run_name="long history").info.run_id
    for start in range(0, MANY, 1000):
        client.log_batch(run_id, metrics=[
            Metric("long", i * 0.5, 10 + i, i) for i in range(start, start + 1000)])
    points = client.get_metric_history(run_id, "long")
    r.step("long history", lambda: [len(points), points[0], points[24999], points[25000],
                                    points[-1], all(point.value == at * 0.5 and point.step == at
                                                    for at, point in enumerate(points))])
    r.step("history of nothing", client.get_metric_history, run_id, "nothing")
    r.step("history of unknown run", client.get_metric_history, core.NOBODY, "long")
    r.step("latest of long history", lambda: client.get_run(run_id).data.metrics)


def of_files(r, client, experiment):
    run = client.create_run(experiment, run_name="files")

    def download(run_id, path, directory):
        return mlflow.artifacts.download_artifacts(
            run_id=run_id, artifact_path=path, dst_path=directory)

    artifacts.transfer(r, client, run.info.run_id, download)
    r.step("load text", lambda: mlflow.artifacts.load_text(
        run.info.artifact_uri + "/notes/text.txt"))
    r.step("load dict", lambda: mlflow.artifacts.load_dict(
        run.info.artifact_uri + "/notes/dict.json"))
    r.step("list unknown run", client.list_artifacts, core.NOBODY)
    r.step("log to unknown run", client.log_text, core.NOBODY, "x", "x.txt")
    artifacts.deletion(r, client, run.info.run_id, get_artifact_repository(run.info.artifact_uri))
