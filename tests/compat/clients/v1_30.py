"""The last client of the 1.x line: python v1_30.py TRACKING-URI DIRECTORY PREFIX"""

import sys

import artifacts
import core
import fluent
import mlflow
import registry
from harness import Recorder
from mlflow.entities import ViewType
from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository
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
    r.step("both names of the id", lambda: client.get_run(run_id).info.run_uuid == run_id)
    r.step("run infos", lambda: sorted(
        info.start_time for info in client.list_run_infos(experiment, ViewType.ALL)))
    r.step("run infos in order", lambda: [info.start_time for info in client.list_run_infos(
        experiment, ViewType.ACTIVE_ONLY, order_by=["start_time"])])
    r.step("listed experiments", lambda: sorted(
        item.name for item in client.list_experiments(ViewType.ALL)
        if item.name.startswith(prefix)))
    r.step("update tag", client.set_tag, run_id, "mlflow.runName", "by tag")
    r.step("delete tag", client.delete_tag, run_id, "team")
    r.step("delete tag again", client.delete_tag, run_id, "team")
    r.step("set experiment tag", client.set_experiment_tag, experiment, "k", "v")
    r.step("experiment with tag", client.get_experiment, experiment)
    run = client.create_run(experiment)

    def download(of_run, path, directory):
        return client.download_artifacts(of_run, path, directory)

    artifacts.transfer(r, client, run.info.run_id, download)
    artifacts.deletion(r, client, run.info.run_id, get_artifact_repository(run.info.artifact_uri))
    registry.everything(r, client, prefix)
    fluent.train(r, uri, prefix + "fluent")
    r.finish()


if __name__ == "__main__":
    main(*sys.argv[1:])
