"""log_model end to end: the official client logs a small scikit-learn model and registers it, over
our server and over the official one. Most of the time is the client's own, so the processor time
of the server is given beside it."""

import json
import os
import statistics
import subprocess

from targets import HERE, OFFICIAL_VERSION, venv

CALLS = {"full": 60, "quick": 15}
PARTS = [("whole_us", "log_model and register_model"), ("log_us", "log_model"),
         ("register_us", "register_model")]


def command():
    """The client comes with scikit-learn in the official server's own environment."""
    return [str(venv("official", "mlflow", OFFICIAL_VERSION) / "python"),
            str(HERE / "model_official.py")]


def window(client, target, calls):
    """One process of the client; the server's processor time between its two marks."""
    environment = dict(os.environ, MLFLOW_DISABLE_TELEMETRY="true", DO_NOT_TRACK="true",
                       MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR="false", GIT_PYTHON_REFRESH="quiet")
    with subprocess.Popen([*client, f"http://127.0.0.1:{target.port}", str(calls)],
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                          env=environment) as process:
        # The client may say things of its own before.
        for line in process.stdout:
            if line.strip() == "ready":
                break
        before = target.cpu_s()
        print("go", file=process.stdin, flush=True)
        said = process.stdout.read()
        used = target.cpu_s() - before
    if process.returncode != 0:
        raise RuntimeError(f"logging models to {target.title} ended with {process.returncode}")
    found = json.loads(said.splitlines()[-1])
    return {**found, "server_cpu_us": used * 1e6 / calls}


def summary(found):
    parts = {}
    for key, _ in PARTS:
        times = [call[key] for call in found["calls"]]
        parts[key] = {"p50_us": statistics.median(times),
                      "p99_us": statistics.quantiles(times, n=100, method="inclusive")[98]}
    return {"parts": parts, "calls": len(found["calls"]),
            "client_cpu_us": found["client_cpu_us"], "server_cpu_us": found["server_cpu_us"]}


def measure(where, targets, size):
    """{target key: figures}; each server on a new database, one after the other."""
    client, results = command(), {}
    for target in targets:
        try:
            target.start(where / f"models-{target.key}")
            results[target.key] = summary(window(client, target, CALLS[size]))
        finally:
            target.stop()
    return results
