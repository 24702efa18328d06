"""The first client of the 1.x line, which sends everything below /api/2.0/preview:
python v1_0.py TRACKING-URI DIRECTORY PREFIX
"""

import sys

import core
import mlflow
from harness import Recorder
from mlflow.entities import ViewType
from mlflow.tracking import MlflowClient


def main(uri, directory, prefix):
    mlflow.set_tracking_uri(uri)
    client = MlflowClient(uri)
    r = Recorder(directory)

    def create_run(experiment, start_time, tags):
        return client.create_run(experiment, start_time=start_time, tags=tags)

    def log_metric(run_id, key, value, timestamp, step):
        client.log_metric(run_id, key, value, timestamp=timestamp, step=step)

    experiment = core.experiments(r, client, prefix)
    run_id = core.logging(r, client, create_run, experiment, log_metric)
    core.lifecycle(r, client, run_id, log_metric)
    core.mistakes(r, client, run_id, log_metric)
    core.searching(r, client, create_run, experiment, log_metric)
    r.step("history", client.get_metric_history, run_id, "loss")
    r.step("history of nothing", client.get_metric_history, run_id, "nothing")
    r.step("run infos", lambda: sorted(
        info.start_time for info in client.list_run_infos(experiment, ViewType.ALL)))
    r.step("listed experiments", lambda: sorted(
        item.name for item in client.list_experiments() if item.name.startswith(prefix)))
    r.step("set experiment", mlflow.set_experiment, prefix + "fluent")
    r.step("train", train)
    r.step("trained", lambda: [
        (run.data.params, run.data.metrics) for run in client.search_runs(
            [client.get_experiment_by_name(prefix + "fluent").experiment_id],
            "metrics.m < 1")])
    r.finish()


def train():
    with mlflow.start_run():
        mlflow.log_param("a", 1)
        mlflow.set_tags({"t": "v", "u": "w"})
        mlflow.log_metrics({"m": 0.5, "n": 2}, step=3)
        with mlflow.start_run(nested=True, run_name="child"):
            mlflow.log_metric("m", 5)


if __name__ == "__main__":
    main(*sys.argv[1:])
