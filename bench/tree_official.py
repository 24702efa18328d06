"""The same as tree.c with the official Python client: tree_official.py TREE LISTING

It has one call that lists runs, which reads all of each of them."""

import json
import resource
import sys
import time

from mlflow import MlflowClient


def cpu_us():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return (used.ru_utime + used.ru_stime) * 1e6


def listed(client, listing):
    if listing == "found":
        return client.search_runs(["0"], "metrics.loss < 0.5", max_results=100,
                                  order_by=["metrics.loss ASC"])
    return client.search_runs(["0"], max_results=1000 if listing == "page" else 50000)


def main():
    tree, listing = sys.argv[1:]
    MlflowClient(tree)  # what is imported late is not counted
    began, before = time.perf_counter(), cpu_us()
    client = MlflowClient(tree)
    runs = listed(client, listing)
    print(json.dumps({"runs": len(runs), "cpu_us": cpu_us() - before,
                      "wall_us": (time.perf_counter() - began) * 1e6}))


if __name__ == "__main__":
    main()
