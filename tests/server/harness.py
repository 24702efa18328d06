"""Starts the real server on a free port for a test, and talks to it."""

import atexit
import contextlib
import http.client
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import tempfile
import threading
import time
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parents[2]
LONG = os.environ.get("MILL_TEST_LONG", "") not in ("", "0")
START_SECONDS = 120
STOP_SECONDS = 120
ANSWER_SECONDS = 120
# For tests that look at memory: a sanitizer keeps what was freed, otherwise.
FREES_AT_ONCE = {"ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") +
                 ":quarantine_size_mb=1:thread_local_quarantine_size_kb=64"}


def program():
    """The server to test: $MILLSTREAM_BINARY, else what `make build` has built."""
    path = pathlib.Path(os.environ.get("MILLSTREAM_BINARY") or ROOT / "build" / "millstream")
    if not path.is_file():
        raise FileNotFoundError(f"{path} is not there: run `make build` first")
    return str(path.resolve())


def command(home, *extra, defaults=True):
    """How the server of a home is started; the last of equal options counts."""
    options = ["--host", "127.0.0.1", "--port", "0"]
    if defaults:
        options += ["--backend-store-uri", f"sqlite:///{home}/tracking.db",
                    "--artifacts-destination", f"{home}/artifacts"]
    return [program(), "server", *options, *map(str, extra)]


def spawn(home, *extra, environment=None, **more):
    """A server process that nobody has waited for yet."""
    return subprocess.Popen(
        command(home, *extra), cwd=home, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, env={**os.environ, **(environment or {})}, **more)


_running = set()


@atexit.register
def _kill_what_is_left():
    for process in list(_running):
        process.kill()


class Answer:
    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers
        self.body = body

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def code(self):
        """The error code of the protocol, or None."""
        return self.json.get("error_code") if self.status != 200 else None

    def __repr__(self):
        return f"<{self.status} {self.body[:300]!r}>"


def ask(connection, method, path, body=None, headers=None):
    """One request over an open connection; a dict or list becomes a JSON body. An answer that
    came before the end of a body counts, though the server may take no more of it."""
    headers = dict(headers or {})
    if isinstance(body, (dict, list)):
        body = json.dumps(body)
        headers.setdefault("Content-Type", "application/json")
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        connection.request(method, path, body=body, headers=headers)
    answer = connection.getresponse()
    return Answer(answer.status, answer.headers, answer.read())


class Server:
    """A server of its own, with its database and artifacts below `home`.

    The database is home/tracking.db and the artifact destination home/artifacts, unless the
    extra options say otherwise (the last one counts)."""

    def __init__(self, home, *extra, environment=None, preexec=None, defaults=True):
        self.home = pathlib.Path(home)
        self.log_file = tempfile.TemporaryFile()
        self.process = subprocess.Popen(
            command(self.home, *extra, defaults=defaults), cwd=self.home,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=self.log_file,
            preexec_fn=preexec, env={**os.environ, **(environment or {})})
        _running.add(self.process)
        try:
            self.port = self._read_port()
        except BaseException:
            self.kill()
            raise
        self.url = f"http://127.0.0.1:{self.port}"

    def _read_port(self):
        """The address is the first thing on standard output."""
        watchdog = threading.Timer(START_SECONDS, self.process.kill)
        watchdog.start()
        try:
            for line in self.process.stdout:
                found = re.search(rb"https?://[^\s/]*:(\d+)", line)
                if found:
                    return int(found.group(1))
        finally:
            watchdog.cancel()
        self.process.wait()
        raise StartFailed(self.process.returncode, self.log())

    def log(self):
        self.log_file.seek(0)
        return self.log_file.read().decode("utf-8", "replace")

    def connect(self):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=ANSWER_SECONDS)

    def socket(self):
        return socket.create_connection(("127.0.0.1", self.port), timeout=ANSWER_SECONDS)

    def ask(self, method, path, body=None, headers=None):
        connection = self.connect()
        try:
            return ask(connection, method, path, body, headers)
        finally:
            connection.close()

    def get(self, path, /, headers=None, **query):
        if query:
            path += "?" + urllib.parse.urlencode(query)
        return self.ask("GET", path, headers=headers)

    def call(self, rpc, body=None, method="POST"):
        """A JSON call: call("runs/create", {...}). A query for GET."""
        path = f"/api/2.0/mlflow/{rpc}"
        if method == "GET":
            return self.get(path, **(body or {}))
        return self.ask(method, path, body if body is not None else {})

    def create_experiment(self, name, **more):
        answer = self.call("experiments/create", {"name": name, **more})
        assert answer.status == 200, answer
        return answer.json["experiment_id"]

    def create_run(self, experiment_id="0", **more):
        answer = self.call("runs/create", {"experiment_id": experiment_id, **more})
        assert answer.status == 200, answer
        return answer.json["run"]

    def memory_kib(self, field="VmRSS"):
        text = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(rf"{field}:\s+(\d+) kB", text).group(1))

    def reset_peak(self):
        """Makes VmHWM start again from what is used now."""
        pathlib.Path(f"/proc/{self.process.pid}/clear_refs").write_text("5")

    def alive(self):
        return self.process.poll() is None

    def wait(self):
        """The exit status of a server that ends by itself."""
        return self.process.wait(STOP_SECONDS)

    def kill(self):
        self.process.kill()
        self._reap()

    def stop(self):
        """An orderly end; the exit status."""
        if self.alive():
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.process.kill()
        self._reap()
        return self.process.returncode

    def _reap(self):
        self.process.wait()
        self.process.stdout.close()
        _running.discard(self.process)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        status = self.stop()
        assert status == 0, f"exit status {status}:\n{self.log()[-4000:]}"


class StartFailed(Exception):
    def __init__(self, status, log):
        super().__init__(f"the server ended with {status}:\n{log}")
        self.status = status
        self.log = log


def eventually(condition, seconds=ANSWER_SECONDS):
    """Waits for something that the server does after the client has gone."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.02)


def in_parallel(count, work):
    """Runs work(0) ... work(count-1) in threads that begin together; their results in order.
    The first exception of any of them is raised."""
    results = [None] * count
    failures = []
    barrier = threading.Barrier(count)

    def run(index):
        try:
            barrier.wait()
            results[index] = work(index)
        except BaseException as failure:  # noqa: BLE001 - handed to the caller
            failures.append(failure)

    threads = [threading.Thread(target=run, args=(index,)) for index in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return results
