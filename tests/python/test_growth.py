"""Memory does not grow with the number of calls."""

import json
import pathlib
import sys

import pytest

import harness
import interpreters

PROGRAM = pathlib.Path(__file__).with_name("programs") / "growth.py"
# Times as many in long mode, which makes a million of the cheap ones.
LONGER = 20 if harness.LONG else 1
# Calls, and where: each on what makes it cheap, since the layer of Python is the same.
CALLS = {
    "log_metric": (50_000, "offline", "spool"),
    "set_tag": (5_000, "offline", "spool"),
    "log_batch": (5_000, "strict", "tree"),
    "get_run": (10_000, "strict", "sqlite"),
    "search_runs": (5_000, "strict", "sqlite"),
    "get_metric_history": (5_000, "strict", "sqlite"),
    "list_artifacts": (10_000, "strict", "tree"),
    "refused": (20_000, "strict", "sqlite"),
    "bad argument": (50_000, "strict", "tree"),
    "entities": (20_000, "strict", "tree"),
    "clients": (500, "strict", "tree"),
}
# A page in ten calls would be noticed, or an object in a hundred.
BYTES, BLOCKS = 2 << 20, 1 / 100


@pytest.mark.parametrize("name", CALLS)
def test_memory_stays(name, tmp_path):
    count, mode, kind = CALLS[name]
    count *= LONGER
    uri = f"sqlite:///{tmp_path}/t.db" if kind == "sqlite" else f"file://{tmp_path}/mlruns"
    done = interpreters.run(
        sys.executable, PROGRAM, uri, name, count, cwd=tmp_path,
        paths=[interpreters.module_path()], timeout=3000, HOME=str(tmp_path),
        MILLSTREAM_MODE=mode, MILLSTREAM_SPOOL=str(tmp_path / "spool"))
    assert done.returncode == 0, done.stdout
    grown = json.loads(done.stdout.splitlines()[-1])
    assert grown["bytes"] <= BYTES and grown["blocks"] <= max(100, count * BLOCKS), grown
