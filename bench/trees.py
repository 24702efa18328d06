"""mlruns trees: our library beside the official Python client on the same files, which are in the
page cache. Each listing is the first thing that a process does there."""

import json
import os
import pathlib
import random
import statistics
import subprocess

import clients
from targets import CACHE, HERE, ROOT

RUNS = {"full": 10_000, "quick": 1_000}
LISTINGS = [
    ("infos", "list all runs, their info alone"),
    ("page", "search: the newest 1000"),
    ("found", "search: metric filter and order, 100"),
    ("all", "search: all runs, whole"),
]
# name, runs that are in the tree already, calls of a window: ours, official
LOGS = [("log_metric, tree of one run", 0, 20000, 200),
        ("log_metric, tree of many runs", None, 20000, 30)]


def build(server):
    """Our program, against the library beside the server that is measured."""
    library = pathlib.Path(server).resolve().parent
    out = CACHE / "tree"
    subprocess.run(["cc", "-O2", "-std=c11", "-D_GNU_SOURCE", "-o", str(out), str(HERE / "tree.c"),
                    f"-I{ROOT / 'include'}", f"-L{library}", "-lmillstream",
                    f"-Wl,-rpath,{library}"], check=True)
    return [str(out)]


def official():
    python = clients.official()[0]
    return [python, str(HERE / "tree_official.py")]


def write(path, text):
    path.write_text(text, "ascii")


def make_experiment(tree):
    (tree / "0").mkdir(parents=True)
    (tree / ".trash").mkdir()
    write(tree / "0" / "meta.yaml",
          f"artifact_location: file://{tree}/0\ncreation_time: 1750000000000\n"
          "experiment_id: '0'\nlast_update_time: 1750000000000\nlifecycle_stage: active\n"
          "name: Default\n")


def make_run(tree, number, draw):
    """As the official client writes one: three metrics of ten points, three params and tags."""
    run = f"{draw.getrandbits(128):032x}"
    home = tree / "0" / run
    for folder in ("metrics", "params", "tags", "artifacts"):
        (home / folder).mkdir(parents=True)
    write(home / "meta.yaml",
          f"artifact_uri: file://{home}/artifacts\nend_time: {1750000001000 + number}\n"
          "entry_point_name: ''\nexperiment_id: '0'\nlifecycle_stage: active\n"
          f"run_id: {run}\nrun_name: run-{number}\nsource_name: ''\nsource_type: 4\n"
          f"source_version: ''\nstart_time: {1750000000000 + number}\nstatus: 3\ntags: []\n"
          "user_id: me\n")
    for key in ("loss", "accuracy", "val_loss"):
        write(home / "metrics" / key, "".join(
            f"{1750000000000 + step} {draw.random()} {step}\n" for step in range(10)))
    for key, value in (("lr", draw.random()), ("batch", 32), ("optimizer", "adam")):
        write(home / "params" / key, str(value))
    for key, value in (("mlflow.user", "me"), ("mlflow.runName", f"run-{number}"),
                       ("mlflow.source.name", "train.py")):
        write(home / "tags" / key, value)


def make(tree, runs):
    draw = random.Random(1)
    make_experiment(tree)
    for number in range(runs):
        make_run(tree, number, draw)


def once(command, *words):
    environment = dict(os.environ, MLFLOW_DISABLE_TELEMETRY="true", DO_NOT_TRACK="true",
                       MLFLOW_ALLOW_FILE_STORE="true")
    done = subprocess.run([*command, *map(str, words)], capture_output=True, text=True,
                          check=True, env=environment)
    return json.loads(done.stdout.splitlines()[-1])


def in_turn(commands, repeats, words_of):
    """The medians of every command's figures; words_of gives what one is called with."""
    found = {key: [] for key in commands}
    for _ in range(repeats):
        for key, command in commands.items():
            # Of what takes many seconds one window says enough.
            if not found[key] or found[key][0].get("runs") is None or \
                    found[key][0]["wall_us"] < 5e6:
                found[key].append(once(command, *words_of(key)))
    return {key: {figure: statistics.median(one[figure] for one in every) for figure in every[0]}
            for key, every in found.items()}


def measure(where, server, size, with_official, repeats):
    """The rows of the table."""
    runs = RUNS[size]
    trees = {"small": where / "tree-small" / "mlruns", "large": where / "tree-large" / "mlruns"}
    make(trees["small"], 0)
    make(trees["large"], runs)
    listing = {"ours": build(server), **({"official": official()} if with_official else {})}
    logging = {"ours": clients.build(server),
               **({"official": clients.official()} if with_official else {})}
    rows = []
    for key, title in LISTINGS:
        row = in_turn(listing, repeats, lambda _, key=key: (trees["large"], key))
        counts = {found["runs"] for found in row.values()}
        if len(counts) != 1:
            raise RuntimeError(f"{title}: {counts} runs")
        rows.append({"name": f"{title} (of {runs:,})", **row})
    for title, small, *calls in LOGS:
        tree = trees["small" if small == 0 else "large"]
        count = dict(zip(("ours", "official"), calls))
        rows.append({"name": title, **in_turn(
            logging, repeats, lambda key, tree=tree, count=count: (tree, 1, count[key]))})
    return rows
