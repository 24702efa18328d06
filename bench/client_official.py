"""The same as client.c with the official Python client: client_official.py URI POINTS CALLS"""

import json
import resource
import sys
import time

from mlflow import MlflowClient
from mlflow.entities import Metric

WARM_UP = 20


def log_once(client, run, count, call):
    if count == 1:
        client.log_metric(run, "loss", 1 / (1 + call), timestamp=1750000000000 + call, step=call)
        return
    client.log_batch(run, metrics=[
        Metric("loss", 1 / (1 + call + i / 7), 1750000000000 + call, call * count + i)
        for i in range(count)])


def main():
    uri, count, calls = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    client = MlflowClient(tracking_uri=uri)
    run = client.create_run("0").info.run_id
    for call in range(WARM_UP):
        log_once(client, run, count, call)
    began = time.perf_counter()
    before = resource.getrusage(resource.RUSAGE_SELF)
    for call in range(calls):
        log_once(client, run, count, WARM_UP + call)
    after = resource.getrusage(resource.RUSAGE_SELF)
    wall = time.perf_counter() - began
    user, kernel = after.ru_utime - before.ru_utime, after.ru_stime - before.ru_stime
    print(json.dumps({"cpu_us": (user + kernel) * 1e6 / calls, "user_us": user * 1e6 / calls,
                      "wall_us": wall * 1e6 / calls, "peak_kib": after.ru_maxrss}))


if __name__ == "__main__":
    main()
