"""Today's client: python v3_17.py TRACKING-URI DIRECTORY PREFIX"""

import sys

import fluent
import logged
import mlflow
import modern
import prompts
import registry
import webhooks
from harness import Recorder
from mlflow import MlflowClient
from mlflow.entities import LoggedModelOutput


def main(uri, directory, prefix):
    mlflow.set_tracking_uri(uri)
    client = MlflowClient(uri)
    r = Recorder(directory)
    experiment, run_id = modern.everything(r, client, prefix)
    r.step("null filter", lambda: [run.info.run_name for run in client.search_runs(
        [experiment], "params.depth IS NULL AND tags.a IS NOT NULL")])
    r.step("log outputs", client.log_outputs, run_id,
           [LoggedModelOutput(model_id="m-" + "ab" * 16, step=3)])
    r.step("run with outputs", lambda: client.get_run(run_id).outputs)
    webhooks.everything(r, client)
    registry.everything(r, client, prefix)
    prompts.everything(r, client, prefix)
    logged.models(r, client, prefix, run_id)
    ids = fluent.train(r, uri, prefix + "fluent")
    fluent.background(r, client, ids[0])
    r.step("fluent search", lambda: [run.info.run_name for run in mlflow.search_runs(
        experiment_names=[prefix + "fluent"], output_format="list",
        order_by=["attributes.run_name"])])
    r.finish()


if __name__ == "__main__":
    main(*sys.argv[1:])
