"""A client from before 1.0, which sends everything below /api/2.0/preview.

python v0_9.py TRACKING-URI DIRECTORY PREFIX
"""

import os
import sys

import core
import mlflow
from harness import Recorder, tree
from mlflow.entities import ViewType
from mlflow.tracking import MlflowClient


def main(uri, directory, prefix):
    mlflow.set_tracking_uri(uri)
    client = MlflowClient(uri)
    r = Recorder(directory)

    def create_run(experiment, start_time, tags):
        run = client.create_run(experiment, user_id="ada", start_time=start_time)
        for key, value in tags.items():
            client.set_tag(run.info.run_uuid, key, value)
        # The core names runs as later clients do.
        run.info.run_id = run.info.run_uuid
        return run

    def log_metric(run_id, key, value, timestamp, _):
        client.log_metric(run_id, key, value, timestamp=timestamp)

    experiment = core.experiments(r, client, prefix)
    run_id = core.logging(r, client, create_run, experiment, log_metric)
    core.lifecycle(r, client, run_id, log_metric)
    core.mistakes(r, client, run_id, log_metric)
    core.searching(r, client, create_run, experiment, log_metric)
    r.step("run infos", lambda: [info.start_time for info in client.list_run_infos(
        experiment, ViewType.ALL)])
    r.step("listed experiments", lambda: sorted(
        item.name for item in client.list_experiments()
        if item.name.startswith(prefix)))
    files(r, client, prefix, directory)
    fluent(r, uri, prefix)
    r.finish()


def files(r, client, prefix, directory):
    """This generation knows no proxy: a folder that both sides see is the artifact root."""
    root = os.path.join(directory, "root")
    experiment = r.create_experiment("create with folder", client.create_experiment,
                                     prefix + "folder", artifact_location=root)
    run = client.create_run(experiment, user_id="ada")
    source = os.path.join(directory, "artifact.txt")
    with open(source, "w") as file:
        file.write("content")
    r.step("log artifact", client.log_artifact, run.info.run_uuid, source, "below")
    r.step("list artifacts", client.list_artifacts, run.info.run_uuid, "below")
    r.step("stored artifacts", lambda: sorted(
        os.path.basename(path) for path in tree(root)))


def fluent(r, uri, prefix):
    mlflow.set_tracking_uri(uri)
    r.step("set experiment", mlflow.set_experiment, prefix + "fluent")

    def train():
        with mlflow.start_run() as parent:
            mlflow.log_param("a", 1)
            mlflow.set_tag("t", "v")
            mlflow.log_metric("m", 0.5)
            with mlflow.start_run(nested=True, run_name="child"):
                mlflow.log_metric("m", 5)
        return parent.info.run_uuid

    run_id = r.step("train", train)
    client = MlflowClient(uri)
    r.step("trained", lambda: [client.get_run(run_id).info.status,
                               client.get_run(run_id).data.params])


if __name__ == "__main__":
    main(*sys.argv[1:])
