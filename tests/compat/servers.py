"""Starts and stops the two servers that the tests compare: ours and the official one."""

import os
import pathlib
import signal
import subprocess
import time
import urllib.error
import urllib.request

from ports import free_port

from . import envs

ROOT = pathlib.Path(__file__).resolve().parents[2]
START_SECONDS = 120
STOP_SECONDS = 120


def our_program():
    """The server to test: $MILLSTREAM_BINARY, else what `make build` has built."""
    program = pathlib.Path(os.environ.get("MILLSTREAM_BINARY") or ROOT / "build" / "millstream")
    if not program.is_file():
        raise FileNotFoundError(f"{program} is not there: run `make build` first")
    return program.resolve()


class Server:
    """A server process of its own process group, with its files below `home`."""

    def __init__(self, command, home, port, environment=None):
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self.home = home
        self.log_path = home / "server.log"
        with open(self.log_path, "wb") as log:
            self.process = subprocess.Popen(
                command, cwd=home, stdout=log, stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL, start_new_session=True,
                env={**os.environ, **(environment or {})})
        try:
            self._wait()
        except BaseException:
            self.stop()
            raise

    def _wait(self):
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                break
            try:
                with urllib.request.urlopen(self.url + "/health", timeout=5):
                    return
            except urllib.error.HTTPError:
                # Answered, if only to say that this address is not one of its prefix.
                return
            except (urllib.error.URLError, OSError):
                time.sleep(0.02)
        raise RuntimeError(f"server did not start:\n{self.log()}")

    def log(self):
        return self.log_path.read_text("utf-8", "replace")[-8000:]

    def stop(self):
        """Ask the whole group to end, insist after a while; answers the exit status."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
            try:
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()
        return self.process.returncode

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


def _arguments(home, port, extra):
    return ["--host", "127.0.0.1", "--port", str(port),
            "--backend-store-uri", f"sqlite:///{home}/tracking.db",
            "--artifacts-destination", f"{home}/artifacts", *extra]


def _start(command, home, extra, environment=None):
    """A port that was free may be somebody else's by the time the server wants it: then another."""
    for _ in range(3):
        port = free_port()
        try:
            return Server([*command, *_arguments(home, port, extra)], home, port, environment)
        except RuntimeError as failure:
            if "in use" not in str(failure):
                raise
    raise RuntimeError("all ports are taken")


def start_ours(home, extra=()):
    return _start([str(our_program()), "server"], pathlib.Path(home), extra)


def start_official(home, extra=()):
    """The official server: one worker, no background jobs, no telemetry."""
    python = envs.ensure("official-3.17.2")
    quiet = {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false", "MLFLOW_DISABLE_TELEMETRY": "true",
             "DO_NOT_TRACK": "true", "PATH": f"{python.parent}:{os.environ['PATH']}"}
    return _start([str(python), "-m", "mlflow", "server", "--workers", "1"], pathlib.Path(home),
                  extra, quiet)


class Pool:
    """Servers of one kind by their options; `start(home, options)` makes them on demand."""

    def __init__(self, start, new_home):
        self.start = start
        self.new_home = new_home
        self.servers = {}

    def get(self, options=()):
        if options not in self.servers:
            self.servers[options] = self.start(self.new_home(), options)
        return self.servers[options]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for server in self.servers.values():
            server.stop()
