"""Ctrl-C in a call that waits for its server, and the end of programs whose server is not there."""

import pathlib
import signal
import subprocess
import sys
import threading

import pytest

import harness
import interpreters
from fault_proxy import FaultProxy
from ports import free_port

PROGRAMS = pathlib.Path(__file__).with_name("programs")
SECONDS = 300
FILE = "/mlflow-artifacts/artifacts/"


class Waiting(FaultProxy):
    """Passes on what does not end in a wait: requests whose first line has one of the words hang,
    files that are fetched begin and then come a byte now and then."""

    def __init__(self, port, *words):
        self.words = words
        self.waits = threading.Event()
        super().__init__(port, self.judge)

    def judge(self, first):
        if any(word in first for word in self.words):
            self.waits.set()
            return "hang"
        return None

    def _answer(self, connection, request, fault, changed):
        if fault == "hang" and request[0].startswith("GET") and FILE in request[0]:
            connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n")
            connection.drip(bytes(1 << 20), 0.05)
            return False
        return super()._answer(connection, request, fault, changed)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with harness.Server(tmp_path_factory.mktemp("server")) as running:
        yield running


@pytest.fixture(scope="module")
def run_id(server):
    made = server.create_run()
    place = f"/api/2.0{FILE}{made['info']['artifact_uri'].partition(':/')[2]}/large"
    assert server.ask("PUT", place, b"x" * 100000).status == 200
    return made["info"]["run_id"]


def start(name, *words, home, **variables):
    return subprocess.Popen(
        [sys.executable, PROGRAMS / name, *words], cwd=home, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env=interpreters.environment(
            interpreters.module_path(), HOME=str(home), MILLSTREAM_SPOOL=str(home / "spool"),
            **variables))


CALLS = {"download": FILE, "upload": "PUT", "list": "artifacts", "get": "runs/get",
         "search": "runs/search", "create": "experiments/create", "log": "log-"}


@pytest.mark.parametrize("call", CALLS)
def test_a_call_is_interrupted(call, server, run_id, tmp_path):
    with Waiting(server.port, CALLS[call]) as proxy:
        process = start("waiting.py", proxy.url, run_id, call, home=tmp_path,
                        MILLSTREAM_MODE="strict", MLFLOW_HTTP_REQUEST_TIMEOUT="3600")
        assert proxy.waits.wait(SECONDS), process.communicate(timeout=SECONDS)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=SECONDS)
    assert (process.returncode, out) == (0, "waiting\ninterrupted\n"), err


def deliver(home, uri):
    """What `millstream sync` says of the spool that is left."""
    done = subprocess.run([harness.program(), "sync", home / "spool", "--tracking-uri", uri],
                          capture_output=True, text=True, check=False, timeout=SECONDS)
    assert done.returncode == 0, done.stderr


def check(server, run_id, keys):
    for key in keys:
        answer = server.call("metrics/get-history", {"run_id": run_id, "metric_key": key}, "GET")
        assert [int(p["step"]) for p in answer.json["metrics"]] == list(range(1000)), key
    data = server.call("runs/get", {"run_id": run_id}, "GET").json["run"]["data"]
    assert [p["value"] for p in data["params"]] == ["0.1"]
    assert "word" in [tag["value"] for tag in data["tags"] if tag["key"] == "last"]


ENDS = {"end": 0, "exit": 3, "raise": 1, "thread": 0, "flush": 0}
# Each end waits for a server that is not there: all pairs are for long mode.
PAIRS = ([(trouble, how) for trouble in ("none", "down", "silent") for how in ENDS]
         if harness.LONG else
         [("none", "thread"), ("down", "end"), ("down", "raise"), ("down", "flush"),
          ("silent", "exit")])


@pytest.mark.parametrize("trouble, how", PAIRS)
def test_leaving_with_data_that_waits(trouble, how, server, tmp_path):
    """The script ends as it would without us, and what it logged is there or can be delivered."""
    with Waiting(server.port, *(["/api/"] if trouble == "silent" else [])) as proxy:
        uri = f"http://127.0.0.1:{free_port()}" if trouble == "down" else proxy.url
        impatient = {} if trouble == "none" else {"MILLSTREAM_PATIENCE": "1"}
        process = start("leaving.py", uri, how, home=tmp_path, MILLSTREAM_MODE="online",
                        MLFLOW_HTTP_REQUEST_MAX_RETRIES="0", MLFLOW_HTTP_REQUEST_TIMEOUT="2",
                        **impatient)
        out, err = process.communicate(timeout=SECONDS)
    assert process.returncode == ENDS[how], err
    run_id = out.split()[0]
    if trouble != "none":
        assert "millstream sync" in err
    deliver(tmp_path, server.url)
    check(server, run_id, ["loss", *(["other"] if how == "thread" else [])])
