"""Makes one call over and over and prints how memory grew: growth.py URI CALL COUNT

The calls are made in fifths, of which the first does not count: caches fill, pools find their
size. What leaks grows in each of the others; what grows in one of them only, is a table that was
made larger. So four times the smallest growth is printed.
"""

import json
import os
import pickle
import sys

import millstream
from millstream.entities import Metric, Param, RunTag
from millstream.tracking import MlflowClient

PAGE = os.sysconf("SC_PAGE_SIZE")


def resident():
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * PAGE


def refused(call, *arguments):
    try:
        call(*arguments)
    except millstream.exceptions.MlflowException as error:
        return error.error_code
    raise AssertionError("it was not refused")


def entity_round(run):
    metric = Metric("loss", 0.5, 1600000000000, 3)
    assert pickle.loads(pickle.dumps(metric)) == metric
    repr(run)
    run.to_dictionary()
    return dict(metric), pickle.dumps(run)


def calls(uri):
    """{name: function of the number of the call}; runs and points are made for them."""
    client = MlflowClient(uri)
    experiment = client.create_experiment("growth")
    run = client.create_run(experiment, tags={"t": "v"})
    run_id = run.info.run_id
    batch = [Metric("k%d" % at, 0.5, 1600000000000, at) for at in range(10)]
    client.log_batch(run_id, batch, [Param("p", "1")], [RunTag("t", "w")])
    return {
        "log_metric": lambda at: client.log_metric(run_id, "loss", 0.5, 1600000000000 + at, at),
        "log_batch": lambda at: client.log_batch(run_id, metrics=batch),
        "set_tag": lambda at: client.set_tag(run_id, "t", at),
        "get_run": lambda at: client.get_run(run_id),
        "search_runs": lambda at: client.search_runs([experiment], "metrics.k1 < 1"),
        "get_metric_history": lambda at: client.get_metric_history(run_id, "k1"),
        "list_artifacts": lambda at: client.list_artifacts(run_id),
        "refused": lambda at: refused(client.get_experiment, "987654321"),
        "bad argument": lambda at: refused(client.log_metric, run_id, "m", "many"),
        "entities": lambda at: entity_round(run),
        "clients": lambda at: MlflowClient(uri).get_experiment(experiment),
    }


def growth(numbers):
    return 4 * min(after - before for before, after in zip(numbers, numbers[1:]))


def main(uri, name, count):
    call = calls(uri)[name]
    fifth = int(count) // 5
    pages, blocks = [], []
    for part in range(5):
        for at in range(part * fifth, (part + 1) * fifth):
            call(at)
        pages.append(resident())
        blocks.append(sys.getallocatedblocks())
    print(json.dumps({"bytes": growth(pages), "blocks": growth(blocks)}))


if __name__ == "__main__":
    main(*sys.argv[1:])
