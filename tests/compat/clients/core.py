"""What clients of every generation can do, through the calls they have in common.

A generation gives an adapter for the few calls whose arguments changed over the years.
"""

from mlflow.entities import Metric, Param, RunTag, ViewType

NOBODY = "0" * 32
# Metrics have had steps since 1.0.
STEPS = "step" in Metric.__init__.__code__.co_varnames


def metric(key, value, timestamp, step):
    return Metric(key, value, timestamp, step) if STEPS else Metric(key, value, timestamp)


def log_batch(client, run_id, metrics=(), params=(), tags=()):
    """Early clients have no defaults for the three lists."""
    client.log_batch(run_id, metrics=list(metrics), params=list(params), tags=list(tags))


def experiments(r, client, prefix):
    """Answers the id of an experiment for the runs."""
    first = r.create_experiment("create experiment", client.create_experiment, prefix + "first")
    other = r.create_experiment("create experiment with root", client.create_experiment,
                                prefix + "other", artifact_location="s3://bucket/root")
    r.step("get experiment", client.get_experiment, first)
    r.step("get experiment with root", client.get_experiment, other)
    r.step("get experiment by name", client.get_experiment_by_name, prefix + "first")
    r.step("get experiment by unknown name", client.get_experiment_by_name, prefix + "nobody")
    r.step("create experiment again", client.create_experiment, prefix + "first")
    r.step("create experiment without name", client.create_experiment, "")
    r.step("get unknown experiment", client.get_experiment, "987654321")
    r.step("rename experiment", client.rename_experiment, other, prefix + "renamed")
    r.step("renamed experiment", client.get_experiment, other)
    r.step("rename to a taken name", client.rename_experiment, other, prefix + "first")
    r.step("rename unknown experiment", client.rename_experiment, "987654321", prefix + "x")
    r.step("delete experiment", client.delete_experiment, other)
    r.step("deleted experiment", client.get_experiment, other)
    r.step("delete experiment again", client.delete_experiment, other)
    r.step("create experiment of a deleted name", client.create_experiment, prefix + "renamed")
    r.step("restore experiment", client.restore_experiment, other)
    r.step("restored experiment", client.get_experiment, other)
    r.step("restore active experiment", client.restore_experiment, other)
    r.step("delete unknown experiment", client.delete_experiment, "987654321")
    return first


def logging(r, client, create_run, experiment, log_metric):
    """One run with everything in it; answers its id."""
    run = r.step("create run", create_run, experiment, 1000, {"made": "by core", "odd key": "ü"})
    run_id = run.info.run_id
    r.step("get run", client.get_run, run_id)
    for at, (key, value, step) in enumerate([
            ("loss", 0.5, 0), ("loss", 0.25, 1), ("loss", 0.125, 2), ("loss", 0.125, 2),
            ("acc", 1, 0), ("not a number", float("nan"), 0), ("infinite", float("inf"), 0),
            ("minus infinite", float("-inf"), 0), ("tiny", 5e-324, 0), ("third", 1 / 3.0, 0),
            ("a/b", -0.0, -3), ("loss", 9.0, -5)]):
        r.step("log metric %d" % at, log_metric, run_id, key, value, 2 + at, step)
    r.step("log param", client.log_param, run_id, "lr", 0.1)
    r.step("log param again", client.log_param, run_id, "lr", 0.1)
    r.step("log other param value", client.log_param, run_id, "lr", 0.2)
    r.step("log empty param", client.log_param, run_id, "empty", "")
    r.step("log unicode param", client.log_param, run_id, "größe", "日本 🧪")
    r.step("set tag", client.set_tag, run_id, "team", "red")
    r.step("set tag again", client.set_tag, run_id, "team", "blue")
    r.step("set number tag", client.set_tag, run_id, "number", 5)
    r.step("log batch", log_batch, client, run_id,
           metrics=[metric("batch", 1.5, 3, 0), metric("batch", 2.5, 4, 1)],
           params=[Param("bp", "1"), Param("bq", "two")], tags=[RunTag("bt", "x")])
    r.step("log batch again", log_batch, client, run_id, metrics=[metric("batch", 1.5, 3, 0)],
           params=[Param("bp", "1")], tags=[RunTag("bt", "y")])
    r.step("log batch with other param", log_batch, client, run_id, params=[Param("bp", "2")])
    r.step("log empty batch", log_batch, client, run_id)
    r.step("logged run", client.get_run, run_id)
    r.step("terminate", client.set_terminated, run_id, "FINISHED", 9000)
    r.step("terminated run", client.get_run, run_id)
    r.step("terminate failed", client.set_terminated, run_id, "FAILED", 9500)
    r.step("failed run", lambda: client.get_run(run_id).info)
    return run_id


def lifecycle(r, client, run_id, log_metric):
    r.step("delete run", client.delete_run, run_id)
    r.step("deleted run", lambda: client.get_run(run_id).info)
    r.step("log metric to deleted", log_metric, run_id, "m", 1.0, 1, 0)
    r.step("log param to deleted", client.log_param, run_id, "late", "1")
    r.step("set tag of deleted", client.set_tag, run_id, "late", "1")
    r.step("delete run again", client.delete_run, run_id)
    r.step("restore run", client.restore_run, run_id)
    r.step("restored run", lambda: client.get_run(run_id).info)
    r.step("restore active run", client.restore_run, run_id)


def mistakes(r, client, run_id, log_metric):
    """Wrong calls: which exception with which code."""
    r.step("get unknown run", client.get_run, NOBODY)
    r.step("get odd run", client.get_run, "not a run")
    r.step("log metric to unknown", log_metric, NOBODY, "m", 1.0, 1, 0)
    r.step("log param to unknown", client.log_param, NOBODY, "p", "1")
    r.step("set tag of unknown", client.set_tag, NOBODY, "t", "1")
    r.step("batch to unknown", log_batch, client, NOBODY, tags=[RunTag("t", "1")])
    r.step("terminate unknown", client.set_terminated, NOBODY)
    r.step("delete unknown run", client.delete_run, NOBODY)
    r.step("restore unknown run", client.restore_run, NOBODY)
    for name, key in (("long", "k" * 251), ("parent", "../k"), ("double slash", "a//b"),
                      ("comma", "a,b"), ("absolute", "/a"), ("empty", "")):
        r.step("metric key " + name, log_metric, run_id, key, 1.0, 1, 0)
        r.step("param key " + name, client.log_param, run_id, key, "1")
        r.step("tag key " + name, client.set_tag, run_id, key, "1")
    r.step("key of 250", client.log_param, run_id, "k" * 250, "1")
    r.step("negative timestamp", log_metric, run_id, "m", 1.0, -1, 0)


def searching(r, client, create_run, experiment, log_metric):
    """Runs to search, and searches that every generation's grammar has."""
    made = []
    for at in range(7):
        run = create_run(experiment, 2000 + at, {"mlflow.runName": "s%d" % at, "odd": str(at % 2)})
        made.append(run.info.run_id)
        log_metric(run.info.run_id, "score", at / 4.0, 5, 0)
        client.log_param(run.info.run_id, "depth", str(at))
    client.delete_run(made[6])
    client.set_terminated(made[0], "FINISHED", 5000)

    def names(**options):
        found = client.search_runs([experiment], **options)
        return [run.data.tags["mlflow.runName"] if isinstance(run.data.tags, dict)
                else {tag.key: tag.value for tag in run.data.tags}.get("mlflow.runName")
                for run in found if "s" in str(run.data.tags)]

    for text in ("metrics.score > 0.5", "metrics.score <= 0.5", "metrics.score = 0.25",
                 "params.depth = '3'", "params.depth != '3'", "tags.odd = '1'",
                 "tags.odd = '1' and metrics.score > 0.5", "metrics.nothing > 1",
                 "attributes.status = 'FINISHED' AND tags.odd = '0'"):
        r.step("search " + text, names, filter_string=text)
    for text in ("metrics.score >", "nothing", "metrics.score = 'a'", "params.depth = 3",
                 "foo.bar = '1'"):
        r.step("bad search " + text, client.search_runs, [experiment], text)
    for view in ("ACTIVE_ONLY", "DELETED_ONLY", "ALL"):
        r.step("search view " + view, names, filter_string="metrics.score >= 0",
               run_view_type=getattr(ViewType, view))
    r.step("found runs", client.search_runs, [experiment], "tags.odd = '1'")
    r.step("search unknown experiment", client.search_runs, ["987654321"], "")
    r.step("search nowhere", client.search_runs, [], "")
    return made
