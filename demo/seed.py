"""Fills a tracking server with runs as a year of training leaves them: sweeps with a few params
that differ and many that do not, curves that fall and rise with noise, runs that failed, runs below
others, and one very long run.

Usage: python seed.py URL [--runs 5000] [--metrics 30] [--steps 20] [--long-points 2000000]

Needs nothing but Python. Everything follows from --seed: two servers that were filled alike can be
compared.
"""

import argparse
import dataclasses
import http.client
import json
import math
import random
import time
import urllib.parse

START_MS = 1_750_000_000_000
HOUR_MS = 3_600_000
BATCH = 900  # points in one request; the protocol takes 1000 of points, params and tags together

OPTIMIZERS = ("adam", "adamw", "lion", "sgd")
TEAMS = ("language", "speech", "vision")
PEOPLE = ("ada", "barbara", "grace", "radia")
CONSTANT_PARAMS = {"dataset": "digits-v3", "image_size": "32", "loss_function": "cross-entropy",
                   "precision": "bf16", "seed_everything": "True"}
FIRST = ("calm", "bold", "amber", "quiet", "swift", "misty", "brave", "lucid")
SECOND = ("fox", "otter", "heron", "lynx", "wren", "ibex", "tern", "hare")


@dataclasses.dataclass
class Seeded:
    """What was made. `runs` has all ids of the main experiment in the order of their making."""

    experiment: str
    runs: list
    long_run: str = ""


class Connection:
    """JSON calls over one kept connection."""

    def __init__(self, url):
        parts = urllib.parse.urlsplit(url)
        self._http = http.client.HTTPConnection(parts.hostname, parts.port, timeout=120)
        self._prefix = parts.path.rstrip("/")

    def call(self, rpc, body):
        self._http.request("POST", f"{self._prefix}/api/2.0/mlflow/{rpc}", json.dumps(body),
                           {"Content-Type": "application/json"})
        answer = self._http.getresponse()
        text = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{rpc}: {answer.status} {text[:300]!r}")
        return json.loads(text)


def metric_names(count):
    """train/loss, val/loss, train/accuracy, ... then one for each layer."""
    names = [f"{part}/{what}" for what in ("loss", "accuracy", "f1", "lr") for part in
             ("train", "val")]
    names += [f"layer{i}/grad_norm" for i in range(max(0, count - len(names)))]
    return names[:count]


def curve(name, step, steps, quality, rand):
    """The value of a metric at a step: losses fall, the others rise."""
    progress = 1 - math.exp(-4 * (step + 1) / steps * quality)
    noise = rand.gauss(0, 0.01)
    if "loss" in name or "grad" in name:
        return 2.3 * (1 - progress) + 0.02 + abs(noise)
    if "lr" in name:
        return 1e-3 * (1 + math.cos(math.pi * step / steps)) / 2
    return min(0.999, progress * (0.9 + 0.09 * quality) + noise)


def run_params(number, rand):
    return {"learning_rate": f"{10 ** rand.uniform(-4, -1):.2g}",
            "optimizer": rand.choice(OPTIMIZERS), "batch_size": str(2 ** rand.randint(4, 8)),
            "hidden": str(2 ** rand.randint(5, 9)), "trial": str(number), **CONSTANT_PARAMS}


def make_run(server, experiment, number, names, steps, rand, parent=None):
    """One run with its params, tags and curves; returns its id."""
    start = START_MS + number * HOUR_MS // 4
    tags = {"team": rand.choice(TEAMS)}
    if parent:
        tags["mlflow.parentRunId"] = parent
    run_id = server.call("runs/create", {
        "experiment_id": experiment, "start_time": start, "user_id": rand.choice(PEOPLE),
        "run_name": f"{rand.choice(FIRST)}-{rand.choice(SECOND)}-{number}",
        "tags": [{"key": k, "value": v} for k, v in tags.items()]})["run"]["info"]["run_id"]
    quality = rand.uniform(0.2, 1)
    points = [{"key": name, "value": curve(name, step, steps, quality, rand), "step": step,
               "timestamp": start + step * 1000} for step in range(steps) for name in names]
    params = [{"key": k, "value": v} for k, v in run_params(number, rand).items()]
    for at in range(0, max(len(points), 1), BATCH):
        server.call("runs/log-batch", {"run_id": run_id, "metrics": points[at:at + BATCH],
                                       "params": params if at == 0 else []})
    status = "FAILED" if rand.random() < 0.05 else "FINISHED"
    server.call("runs/update", {"run_id": run_id, "status": status,
                                "end_time": start + steps * 1000 + rand.randint(0, 9 * HOUR_MS)})
    return run_id


def make_long_run(server, experiment, count, rand):
    """A run whose loss has very many points, one of them a spike; returns its id."""
    run_id = server.call("runs/create", {
        "experiment_id": experiment, "start_time": START_MS, "run_name": "long-haul"})[
            "run"]["info"]["run_id"]
    spike = count * 2 // 3
    for at in range(0, count, BATCH):
        server.call("runs/log-batch", {"run_id": run_id, "metrics": [
            {"key": "loss", "step": step, "timestamp": START_MS + step * 10,
             "value": 40.0 if step == spike else
             2 * math.exp(-3 * step / count) + rand.gauss(0, 0.02)}
            for step in range(at, min(at + BATCH, count))]})
    server.call("runs/update", {"run_id": run_id, "status": "FINISHED",
                                "end_time": START_MS + count * 10})
    return run_id


def fill(url, runs=5000, metrics=30, steps=20, long_points=0, children=0, seed=1,
         name="digits", progress=lambda done: None):
    """Makes an experiment with `runs` runs, of which the last `children` are below the first,
    and, with `long_points`, one more with a single long run."""
    server = Connection(url)
    rand = random.Random(seed)
    experiment = server.call("experiments/create", {"name": name})["experiment_id"]
    names = metric_names(metrics)
    made = []
    for number in range(runs):
        parent = made[0] if number >= runs - children else None
        made.append(make_run(server, experiment, number, names, steps, rand, parent))
        progress(number + 1)
    seeded = Seeded(experiment, made)
    if long_points:
        other = server.call("experiments/create", {"name": f"{name}-long"})["experiment_id"]
        seeded.long_run = make_long_run(server, other, long_points, rand)
    return seeded


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("url")
    parser.add_argument("--name", default="digits")
    for option, default in (("runs", 5000), ("metrics", 30), ("steps", 20),
                            ("long-points", 2_000_000), ("children", 0), ("seed", 1)):
        parser.add_argument(f"--{option}", type=int, default=default)
    options = vars(parser.parse_args())
    began = time.monotonic()

    def progress(done):
        if done % 500 == 0:
            print(f"{done} runs, {time.monotonic() - began:.0f} s", flush=True)

    seeded = fill(progress=progress, **options)
    print(f"experiment {seeded.experiment}, {len(seeded.runs)} runs"
          + (f", long run {seeded.long_run}" if seeded.long_run else ""))


if __name__ == "__main__":
    main()
