"""What logging costs the program that logs: our library beside the official Python client, both over
our server on loopback. The figure is the processor time of the client's process for each call."""

import json
import os
import pathlib
import statistics
import subprocess

from targets import CACHE, HERE, OFFICIAL_VERSION, ROOT, venv

# name, points in a call, calls of a window: ours, official
ROWS = [
    ("log_metric", 1, 20000, 400),
    ("log_batch, 1000 points", 1000, 300, 20),
]


def build(server):
    """Our client, against the library beside the server that is measured."""
    library = pathlib.Path(server).resolve().parent
    out = CACHE / "client"
    subprocess.run(["cc", "-O2", "-std=c11", "-D_GNU_SOURCE", "-o", str(out),
                    str(HERE / "client.c"), f"-I{ROOT / 'include'}", f"-L{library}",
                    "-lmillstream", f"-Wl,-rpath,{library}"], check=True)
    return [str(out)]


def official():
    python = venv("official", "mlflow", OFFICIAL_VERSION) / "python"
    return [str(python), str(HERE / "client_official.py")]


def window(command, url, points, calls):
    environment = dict(os.environ, MLFLOW_DISABLE_TELEMETRY="true", DO_NOT_TRACK="true")
    done = subprocess.run([*command, url, str(points), str(calls)], capture_output=True,
                          text=True, check=True, env=environment)
    return json.loads(done.stdout.splitlines()[-1])


def measure(url, commands, repeats, shrink=1):
    """commands: {"ours": command, "official": command or None}; the medians, taking turns."""
    rows = []
    for name, points, *calls in ROWS:
        windows = {key: [] for key, command in commands.items() if command}
        for _ in range(repeats):
            for key, count in zip(("ours", "official"), calls):
                if key in windows:
                    windows[key].append(window(commands[key], url, points,
                                               max(10, count // shrink)))
        rows.append({"name": name, **{
            key: {figure: statistics.median(found[figure] for found in every)
                  for figure in every[0]} for key, every in windows.items()}})
    return rows
