"""What logging by way of a spool costs a training loop: single calls, four threads, a week in
fast motion, and a loop whose server is dead beside one that logs nothing."""

import json
import os
import pathlib
import shutil
import statistics
import subprocess

from targets import CACHE, HERE, ROOT

# Nobody listens on the port.
DEAD = "http://127.0.0.1:1"


def build(server):
    """The driver, against the library beside the server that is measured."""
    library = pathlib.Path(server).resolve().parent
    out = CACHE / "logger"
    subprocess.run(["cc", "-O2", "-std=c11", "-D_GNU_SOURCE", "-o", str(out),
                    str(HERE / "logger.c"), f"-I{ROOT / 'include'}", f"-L{library}",
                    "-lmillstream", "-lpthread", f"-Wl,-rpath,{library}"], check=True)
    return str(out)


def window(program, where, *words):
    """One run of the driver with a spool of its own, which is deleted again."""
    spool = pathlib.Path(where) / "spool"
    done = subprocess.run([program, *map(str, words)], capture_output=True, text=True, check=True,
                          env=dict(os.environ, MILLSTREAM_SPOOL=str(spool)))
    shutil.rmtree(spool, ignore_errors=True)
    return json.loads(done.stdout)


def medians(windows):
    return {name: statistics.median(each[name] for each in windows) for name in windows[0]}


def loops(program, where, repeats, steps):
    """Taking turns; the least of each, since whatever else the machine does only makes them
    slower."""
    windows = {"off": [], DEAD: []}
    for _ in range(repeats):
        for uri, found in windows.items():
            found.append(window(program, where, "loop", uri, steps))
    return {"steps": steps, **{
        f"{name}_{figure}": min(each[figure] for each in windows[uri])
        for name, uri in (("off", "off"), ("dead", DEAD)) for figure in ("seconds", "cpu_s")}}


def measure(server, where, repeats, shrink=1):
    program = build(server)
    count = 3000000 // shrink

    def calls(threads):
        return medians([window(program, where, "calls", "offline", threads, count)
                        for _ in range(repeats)])

    return {"one": calls(1), "four": calls(4),
            "week": window(program, where, "week", 604800000 // (20 * shrink)),
            "loop": loops(program, where, repeats, 16000 // shrink)}
