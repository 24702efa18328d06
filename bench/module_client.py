"""What a call costs a Python program that logs: module_client.py MODULE CALL URI CALLS

MODULE is millstream or mlflow; the other words are those of modules.py. Prints one line of JSON:
processor time and time of each call, of this process.
"""

import importlib
import json
import resource
import sys
import time

POINTS = 1000
WARM_UP = 20
START_MS = 1750000000000


def memory_kib():
    with open("/proc/self/smaps_rollup", encoding="ascii") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("Pss:"))


def importing(module):
    """Time and memory that the package takes until its client can be used."""
    memory, began, cpu = memory_kib(), time.perf_counter(), time.process_time()
    client = importlib.import_module(module + ".tracking").MlflowClient
    wall, cpu = time.perf_counter() - began, time.process_time() - cpu
    assert client.log_metric
    return {"wall_us": wall * 1e6, "cpu_us": cpu * 1e6, "kib": memory_kib() - memory}


class Logging:
    """The calls of a client on one run."""

    def __init__(self, module, uri):
        self.entities = importlib.import_module(module + ".entities")
        self.client = importlib.import_module(module + ".tracking").MlflowClient(uri)
        self.run = self.client.create_run("0").info.run_id

    def log_metric(self, call):
        self.client.log_metric(self.run, "loss", 0.5, timestamp=START_MS + call, step=call)

    def lists(self, call):
        """As people do it who have a list of numbers."""
        metric = self.entities.Metric
        self.client.log_batch(self.run, metrics=[
            metric("loss", 0.5, START_MS + call, call * POINTS + at) for at in range(POINTS)])

    def ready(self, call):
        """The same where the entities are there already."""
        self.client.log_batch(self.run, metrics=self.metrics)

    def arrays(self, call):
        """The columns at once; the official client knows single points alone."""
        if hasattr(self.client, "log_metrics_array"):
            self.client.log_metrics_array(self.run, "loss", self.values, self.steps,
                                          START_MS + call)
            return
        metric = self.entities.Metric
        self.client.log_batch(self.run, metrics=[
            metric("loss", value, START_MS + call, step)
            for value, step in zip(self.values.tolist(), self.steps.tolist())])

    def prepare(self, call):
        if call == "ready":
            self.metrics = [self.entities.Metric("loss", 0.5, START_MS, at)
                            for at in range(POINTS)]
        if call == "arrays":
            import numpy
            self.values = numpy.linspace(1, 0, POINTS)
            self.steps = numpy.arange(POINTS)


def logging(module, call, uri, calls):
    program = Logging(module, uri)
    program.prepare(call)
    log = getattr(program, call)
    for at in range(WARM_UP):
        log(at)
    began, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_SELF)
    for at in range(WARM_UP, WARM_UP + calls):
        log(at)
    after, ended = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
    cpu = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return {"wall_us": (ended - began) * 1e6 / calls, "cpu_us": cpu * 1e6 / calls}


def main(module, call, uri, calls):
    found = importing(module) if call == "import" else logging(module, call, uri, int(calls))
    print(json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
