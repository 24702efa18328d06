"""Many threads use one client, one run and the same entities at once: hammer.py URI ROUNDS

Prints {"gil": whether there is one, "points": how many of each thread's metric}.  Every thread does
everything, each beginning elsewhere, so that any two things meet.
"""

import copy
import json
import os
import pickle
import sys
import threading

import millstream as mlflow
from millstream.entities import Metric, Param, RunTag
from millstream.exceptions import MlflowException
from millstream.tracking import MlflowClient

THREADS = 6
# More runs at once than there are loggers kept open.
SHORT_RUNS = 12


class Shared:
    """What all threads use."""

    def __init__(self, uri):
        self.uri = uri
        self.client = MlflowClient(uri)
        self.experiment = self.client.create_experiment("hammer %d" % os.getpid())
        self.run_id = self.client.create_run(self.experiment).info.run_id
        self.batch = [Metric("batch", at * 0.5, 1600000000000, at) for at in range(20)]
        self.client.log_batch(self.run_id, self.batch, [Param("p", "1")], [RunTag("t", "v")])
        self.run = self.client.get_run(self.run_id)


def log(shared, name, at):
    shared.client.log_metric(shared.run_id, name, at * 0.5, 1600000000000 + at, at)
    shared.client.log_param(shared.run_id, "%s.%d" % (name, at), at)
    shared.client.set_tag(shared.run_id, "t", name)


def batch(shared, name, at):
    shared.client.log_batch(shared.run_id, shared.batch, tags=[RunTag(name, str(at))])


def read(shared, name, at):
    assert shared.client.get_run(shared.run_id).data.params["p"] == "1"
    assert shared.client.search_runs([shared.experiment], "params.p = '1'")
    shared.client.get_metric_history(shared.run_id, name)


def refuse(shared, name, at):
    for call, arguments in ((shared.client.get_experiment, ("987654321",)),
                            (shared.client.log_metric, (shared.run_id, "m", "many"))):
        try:
            call(*arguments)
        except MlflowException as error:
            assert error.error_code
        else:
            raise AssertionError("it was not refused")


def handle_entities(shared, name, at):
    run = shared.run
    assert pickle.loads(pickle.dumps(run)).to_dictionary() == run.to_dictionary()
    assert copy.deepcopy(shared.batch) == shared.batch
    assert repr(run).startswith("<Run:") and dict(run)["info"].run_id == shared.run_id
    hash(shared.batch[at % 20])


def open_and_close(shared, name, at):
    client = MlflowClient(shared.uri)
    assert client.get_experiment(shared.experiment).experiment_id == shared.experiment
    if at % 2:
        client.close()


def live_shortly(shared, name, at):
    """Runs that begin, have something logged and end, more of them than loggers stay open."""
    made = [shared.client.create_run(shared.experiment, tags={"short": name})
            for _ in range(SHORT_RUNS)]
    for run in made:
        shared.client.log_metric(run.info.run_id, "m", at)
    for run in made:
        shared.client.set_terminated(run.info.run_id)


def train(shared, name, at):
    """The fluent functions, which have an active run for each thread."""
    with mlflow.start_run(experiment_id=shared.experiment, run_name=name) as run:
        mlflow.log_metric("m", at)
        mlflow.log_params({"a": at, "b": name})
        assert mlflow.active_run().info.run_id == run.info.run_id
    assert mlflow.get_run(run.info.run_id).info.status == "FINISHED"


def settle(shared, name, at):
    shared.client.flush(0.01)


JOBS = (log, batch, read, refuse, handle_entities, open_and_close, live_shortly, train, settle)


def work(shared, number, rounds, start, failures):
    name = "thread%d" % number
    try:
        start.wait()
        for at in range(rounds):
            for step in range(len(JOBS)):
                JOBS[(number + step) % len(JOBS)](shared, name, at)
    except BaseException as error:
        failures.append("%s: %r" % (name, error))
        raise


def main(uri, rounds):
    sys.setswitchinterval(1e-5)  # where there is a GIL it is to change hands often
    mlflow.set_tracking_uri(uri)
    shared = Shared(uri)
    start, failures = threading.Barrier(THREADS), []
    threads = [threading.Thread(target=work, args=(shared, at, int(rounds), start, failures))
               for at in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise SystemExit("\n".join(failures))
    shared.client.set_terminated(shared.run_id)
    assert mlflow.flush() and shared.client.flush()
    points = [len(shared.client.get_metric_history(shared.run_id, "thread%d" % at))
              for at in range(THREADS)]
    gil = getattr(sys, "_is_gil_enabled", lambda: True)()
    print(json.dumps({"gil": gil, "points": points}))


if __name__ == "__main__":
    main(*sys.argv[1:])
