"""The first client of the 2.x line: python v2_0.py TRACKING-URI DIRECTORY PREFIX"""

import sys

import artifacts
import core
import fluent
import mlflow
import registry
from harness import Recorder
from mlflow import MlflowClient
from mlflow.artifacts import download_artifacts
from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository


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
    r.step("searched experiments", lambda: sorted(
        item.name for item in client.search_experiments(
            filter_string="name LIKE '%sf%%'" % prefix)))
    r.step("history", client.get_metric_history, run_id, "loss")
    r.step("history of nothing", client.get_metric_history, run_id, "nothing")
    r.step("delete tag", client.delete_tag, run_id, "team")
    r.step("delete tag again", client.delete_tag, run_id, "team")
    run = client.create_run(experiment, run_name="named")

    def download(of_run, path, to):
        return download_artifacts(run_id=of_run, artifact_path=path, dst_path=to)

    artifacts.transfer(r, client, run.info.run_id, download)
    artifacts.deletion(r, client, run.info.run_id, get_artifact_repository(run.info.artifact_uri))
    registry.everything(r, client, prefix)
    fluent.train(r, uri, prefix + "fluent")
    r.finish()


if __name__ == "__main__":
    main(*sys.argv[1:])
