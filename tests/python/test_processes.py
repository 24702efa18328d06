"""The module among forks, threads, coroutines and interpreters: everything arrives, nothing
hangs. A process that hangs runs into the time limit of interpreters.run."""

import json
import pathlib
import subprocess

import pytest

import harness
import interpreters

PROGRAMS = pathlib.Path(__file__).with_name("programs")
VERSIONS = pytest.mark.parametrize(
    "version", interpreters.there(interpreters.OLDEST, interpreters.OWN, interpreters.NEWEST)
    if harness.LONG else (interpreters.OWN,))


@pytest.fixture
def program(tmp_path):
    """Runs one of the programs under a version; what it printed, or its failure."""
    def run(version, name, *words, expected=0, **variables):
        done = interpreters.run(
            interpreters.find(version), PROGRAMS / name, *words, cwd=tmp_path,
            paths=[interpreters.module_path()], timeout=900, HOME=str(tmp_path),
            MILLSTREAM_SPOOL=str(tmp_path / "spool"), **variables)
        assert done.returncode == expected, done.stdout
        return done.stdout.splitlines()
    return run


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with harness.Server(tmp_path_factory.mktemp("server")) as running:
        yield running


def steps(server, run_id, key):
    """The steps that are there of a metric."""
    answer = server.call("metrics/get-history", {"run_id": run_id, "metric_key": key}, "GET")
    return sorted(int(point["step"]) for point in answer.json.get("metrics", []))


def sync(home):
    """Delivers what is left in the spool, if there is one."""
    if (home / "spool").exists():
        subprocess.run([harness.program(), "sync", home / "spool"], check=True,
                       stdout=subprocess.DEVNULL, timeout=900)


@VERSIONS
@pytest.mark.parametrize("way", ["processes", "loader", "fork"])
@pytest.mark.parametrize("mode", ["online", "strict"])
def test_forks(way, mode, version, server, program, tmp_path):
    """Workers that were forked with an open client log into the run of their parent."""
    run_id = program(version, "workers.py", server.url, way, MILLSTREAM_MODE=mode)[0]
    sync(tmp_path)
    for key in ("parent", "worker0", "worker1", "worker2"):
        assert steps(server, run_id, key) == list(range(200)), key
    run = server.call("runs/get", {"run_id": run_id}, "GET").json["run"]
    assert run["info"]["status"] == "FINISHED"
    assert {param["value"] for param in run["data"]["params"]} == {"the fork"}


@VERSIONS
@pytest.mark.parametrize("mode", ["online", "strict"])
def test_threads_and_coroutines(mode, version, server, program):
    run_id = program(version, "together.py", server.url, MILLSTREAM_MODE=mode)[0]
    for at in range(8):
        for kind in ("thread", "coroutine"):
            assert steps(server, run_id, f"{kind}{at}") == list(range(500)), f"{kind}{at}"


@VERSIONS
@pytest.mark.parametrize("mode", ["online", "strict"])
def test_any_two_things_meet(mode, version, server, program):
    """Threads that log, read, fail, open, close and end; without a GIL test_free_threaded.py."""
    told = json.loads(program(version, "hammer.py", server.url, 3, MILLSTREAM_MODE=mode)[-1])
    assert set(told["points"]) == {3}


@VERSIONS
@pytest.mark.parametrize("uri", ["file", "sqlite", "http"])
def test_interpreters_within(uri, version, server, program, tmp_path):
    place = {"file": f"file://{tmp_path}/mlruns", "sqlite": f"sqlite:///{tmp_path}/t.db",
             "http": server.url}[uri]
    program(version, "interpreters_within.py", place)
