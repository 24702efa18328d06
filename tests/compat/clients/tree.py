"""Makes, changes and reads an mlruns tree with the official client that runs this.

tree.py ACTIONS TREE DOCUMENT

Actions, in their order: make and change write to the tree, read writes down what is in it.

Runs inside the environment of the client, hence on every Python from 3.7 and every MLflow from
0.9.1, which has no steps, no history in the client and no names of runs.
"""

import json
import os
import sys

import mlflow
from mlflow.entities import Metric, Param, RunStatus, RunTag, ViewType
from mlflow.tracking import MlflowClient

VERSION = tuple(int(part) for part in mlflow.__version__.split(".")[:2])
OLD = VERSION < (1, 0)
NAMES = ["exp one: n\u00e9", "yes", "123", "1e3", "2001-01-01", "- a", 'a: "q"', "#x",
         "a long name that goes on and on until it is far beyond the eighty columns of a line " * 2,
         " blank ends ", "\U0001f600 smile", "line\nbreak", "tab\there", "null", "~", "0x1F"]


def run_id_of(info):
    return info.run_id if hasattr(info, "run_id") else info.run_uuid


def stores():
    if OLD:
        from mlflow.store.file_store import FileStore
    else:
        from mlflow.store.tracking.file_store import FileStore
    return FileStore


def log(client, run_id, key, value, timestamp, step=0):
    if OLD:
        client.log_metric(run_id, key, value, timestamp // 1000)
    else:
        client.log_metric(run_id, key, value, timestamp, step)


def batch(client, run_id):
    metrics = [Metric("batch", 0.5 * i, 1600000000000 + i, *([] if OLD else [i]))
               for i in range(20)]
    client.log_batch(run_id, metrics, [Param("b1", "x"), Param("b2", "two words")],
                     [RunTag("bt", "t")])


def make(client):
    first = client.create_experiment(NAMES[0])
    if not OLD:
        client.set_experiment_tag(first, "team", "vision")
    run_id = run_id_of(client.create_run(first, tags={"a": "1"}).info)
    log(client, run_id, "loss", 0.1, 1600000000000)
    for step, value in enumerate([float("nan"), 1e-5, 1e16, 123456789.125, 1 / 3, 5e-324]):
        log(client, run_id, "sub/deep/acc", value, 1600000000000 + step * 1000, step)
    if not OLD:
        log(client, run_id, "inf", float("-inf"), 1600000000000)
    log(client, run_id, "whole", 7, 1600000000000)
    log(client, run_id, "late", 1.0, 1600000009000, 5)
    log(client, run_id, "late", 2.0, 1600000001000, 2)
    batch(client, run_id)
    for key, value in [("lr", 0.01), ("empty", ""), ("sub/p", "n\u00e9"), ("spaced key", "v")]:
        client.log_param(run_id, key, value)
    if not OLD:
        client.log_param(run_id, "lines", "one\ntwo")
    client.set_tag(run_id, "text", "one\n\ttwo: n\u00e9 ")
    client.set_tag(run_id, "mlflow.runName", "yes")
    client.set_terminated(run_id, "FAILED")
    for status in ("FINISHED", "SCHEDULED", None):
        other = run_id_of(client.create_run(first).info)
        if status is not None:
            client.set_terminated(other, status, 1600000000000)
    client.delete_run(run_id_of(client.create_run(first).info))
    gone = client.create_experiment("gone")
    client.create_run(gone)
    client.delete_experiment(gone)
    for name in NAMES[1:]:
        renamed = client.create_experiment("before " + name)
        client.rename_experiment(renamed, name)
    if VERSION >= (2, 4):
        inputs(client, run_id)


def inputs(client, run_id):
    from mlflow.entities import Dataset, DatasetInput, InputTag
    data = Dataset(name="iris", digest="d1g", source_type="local", source='{"uri": "x: y"}',
                   schema='{"a": 1}', profile=None)
    client.log_inputs(run_id, [DatasetInput(data, [InputTag("mlflow.data.context", "train")])])


def change(client):
    """Goes on with whatever experiment is there under the first name."""
    experiment = client.get_experiment_by_name(NAMES[0])
    run_id = sorted(every_run(client, experiment.experiment_id),
                    key=lambda run_id: -len(client.get_run(run_id).data.params))[0]
    log(client, run_id, "loss", 0.05, 1600000100000)
    log(client, run_id, "again", 3.5, 1600000100000)
    client.log_param(run_id, "again", "1")
    client.set_tag(run_id, "text", "again")
    client.set_terminated(run_id, "FINISHED")
    client.rename_experiment(client.get_experiment_by_name("123").experiment_id, "1_000")
    client.create_run(experiment.experiment_id, tags={"b": "2"})


def every_run(client, experiment_id):
    path = stores()._get_experiment_path(store_of(client), str(experiment_id))
    return [name for name in os.listdir(path)
            if os.path.isfile(os.path.join(path, name, "meta.yaml"))]


def store_of(client):
    if OLD:
        return client.store
    return client._tracking_client.store


def history(client, run_id, key):
    if OLD:
        points = store_of(client).get_metric_history(run_id, key)
        return [[repr(p.value), p.timestamp, 0] for p in points]
    return [[repr(p.value), p.timestamp, p.step]
            for p in client.get_metric_history(run_id, key)]


def read_run(client, run_id):
    run = client.get_run(run_id)
    data = {}
    for kind in ("metrics", "params", "tags"):
        items = getattr(run.data, kind)
        data[kind] = (dict(items) if isinstance(items, dict)
                      else {item.key: item.value for item in items})
    status = run.info.status
    found = {
        "experiment_id": str(run.info.experiment_id),
        "status": status if isinstance(status, str) else RunStatus.to_string(status),
        "start_time": run.info.start_time, "end_time": run.info.end_time,
        "user_id": run.info.user_id, "artifact_uri": run.info.artifact_uri,
        "lifecycle": run.info.lifecycle_stage, "params": data["params"], "tags": data["tags"],
        "metrics": {key: repr(float(value)) for key, value in data["metrics"].items()},
        "history": {key: sorted(history(client, run_id, key)) for key in data["metrics"]},
    }
    if VERSION >= (1, 30):
        found["run_name"] = run.info.run_name
    if VERSION >= (2, 4):
        found["datasets"] = [[d.dataset.name, d.dataset.digest, d.dataset.source_type,
                              d.dataset.source, d.dataset.schema, d.dataset.profile,
                              {tag.key: tag.value for tag in d.tags}]
                             for d in run.inputs.dataset_inputs]
    return found


def experiments(client):
    store = store_of(client)
    if hasattr(store, "search_experiments"):
        return store.search_experiments(ViewType.ALL)
    return store.list_experiments(ViewType.ALL)


def read(client):
    document = {"experiments": {}, "runs": {}}
    for e in experiments(client):
        found = {"name": e.name, "artifact_location": e.artifact_location,
                 "lifecycle": e.lifecycle_stage}
        if not OLD:
            found["tags"] = dict(e.tags)
        if VERSION >= (1, 30):
            found["creation_time"] = e.creation_time
            found["last_update_time"] = e.last_update_time
        document["experiments"][str(e.experiment_id)] = found
        for run_id in every_run(client, e.experiment_id):
            document["runs"][run_id] = read_run(client, run_id)
    return document


def main():
    actions, tree, document = sys.argv[1:]
    client = MlflowClient(tree)
    for action in actions.split(","):
        if action == "read":
            with open(document, "w") as file:
                json.dump(read(client), file)
        else:
            {"make": make, "change": change}[action](client)


if __name__ == "__main__":
    main()
