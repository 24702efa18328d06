"""What a training script does with its model, by the official client:
model_official.py URI CALLS: logs a small scikit-learn model and registers it, CALLS times."""

import json
import logging
import sys
import time

import mlflow
import sklearn
from sklearn.linear_model import LogisticRegression

WARM_UP = 2
NAME = "bench"


def small_model():
    rows = [[i % 7, i % 5, i % 3, 1.0] for i in range(60)]
    return LogisticRegression().fit(rows, [i % 2 for i in range(60)])


def log_once(model, call):
    """How long the two halves take: the logged model with its files, its version."""
    began = time.perf_counter()
    # With requirements given the client does not start a second Python to find them.
    info = mlflow.sklearn.log_model(
        model, name="model", pip_requirements=[f"scikit-learn=={sklearn.__version__}"])
    logged = time.perf_counter()
    version = mlflow.register_model(info.model_uri, NAME)
    registered = time.perf_counter()
    if int(version.version) != call + 1:
        raise RuntimeError(f"version {version.version} came for call {call}")
    return {"log_us": (logged - began) * 1e6, "register_us": (registered - logged) * 1e6,
            "whole_us": (registered - began) * 1e6}


def main():
    uri, calls = sys.argv[1], int(sys.argv[2])
    logging.disable(logging.WARNING)
    mlflow.set_tracking_uri(uri)
    mlflow.set_registry_uri(uri)
    model = small_model()
    with mlflow.start_run():
        for call in range(WARM_UP):
            log_once(model, call)
        # Whoever measures the server reads its clock here and at the end.
        print("ready", flush=True)
        sys.stdin.readline()
        before = time.process_time()
        windows = [log_once(model, WARM_UP + call) for call in range(calls)]
        cpu_us = (time.process_time() - before) * 1e6 / calls
    print(json.dumps({"client_cpu_us": cpu_us, "calls": windows}), flush=True)


if __name__ == "__main__":
    main()
