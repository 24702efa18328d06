"""The last client of the 2.x line: python v2_22.py TRACKING-URI DIRECTORY PREFIX"""

import sys

import fluent
import mlflow
import modern
import registry
from harness import Recorder
from mlflow import MlflowClient


def main(uri, directory, prefix):
    mlflow.set_tracking_uri(uri)
    client = MlflowClient(uri)
    r = Recorder(directory)
    _, run_id = modern.everything(r, client, prefix)
    r.step("both names of the id", lambda: client.get_run(run_id).info.run_uuid == run_id)
    registry.everything(r, client, prefix)
    ids = fluent.train(r, uri, prefix + "fluent")
    fluent.background(r, client, ids[0])
    r.step("fluent search", lambda: [run.info.run_name for run in mlflow.search_runs(
        experiment_names=[prefix + "fluent"], output_format="list",
        order_by=["attributes.run_name"])])
    r.finish()


if __name__ == "__main__":
    main(*sys.argv[1:])
