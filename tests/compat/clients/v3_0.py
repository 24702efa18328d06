"""The first client that knows logged models: python v3_0.py TRACKING-URI DIRECTORY PREFIX"""

import sys

import fluent
import logged
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
    logged.models(r, client, prefix, run_id)
    registry.everything(r, client, prefix)
    ids = fluent.train(r, uri, prefix + "fluent")
    fluent.background(r, client, ids[0])
    r.finish()


if __name__ == "__main__":
    main(*sys.argv[1:])
