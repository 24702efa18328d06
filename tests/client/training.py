"""Training loops (logger_driver.c) whose truth is known, and what a server has of them."""

import atexit
import contextlib
import json
import os
import pathlib
import signal
import subprocess
import urllib.parse
import urllib.request

import programs

SECONDS = 300
# No silence ends a request: a slow machine is silent too.
PATIENT = {"MLFLOW_HTTP_REQUEST_TIMEOUT": "3600"}
# A second does, where silence is what is tried.
EAGER = {"MLFLOW_HTTP_REQUEST_TIMEOUT": "1"}
# Threads of a logger that is not waited for end with the process: what they still have is no leak.
HURRIED = {"ASAN_OPTIONS": "detect_leaks=0"}


_running = set()


@atexit.register
def _kill_what_is_left():
    """Of tests that have failed."""
    for training in list(_running):
        training.kill()


class Training:
    """A driver that runs in a home of its own, below which its spool is."""

    def __init__(self, home, uri, points, environment=None, **options):
        self.home = pathlib.Path(home)
        words = [f"{name}={value}" for name, value in options.items()]
        kept = {key: value for key, value in os.environ.items() if not key.startswith("MLFLOW_")}
        if "close_ms" in options or options.get("end") == "exit":
            kept |= HURRIED
        self.process = subprocess.Popen(
            [programs.path("logger_driver"), uri, str(points), *words], cwd=self.home,
            stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True, start_new_session=True,
            env={**kept, **PATIENT, "MILLSTREAM_SPOOL": str(self.spool), **(environment or {})})
        _running.add(self)
        self.lines = []
        self.run_id = self.read_until("run").split()[1]

    @property
    def spool(self):
        return self.home / "spool"

    def read_until(self, word):
        """Reads lines until one that begins with the word, which it answers."""
        for line in self.process.stdout:
            self.lines.append(line.rstrip("\n"))
            if self.lines[-1].split(" ")[0] == word:
                return self.lines[-1]
        self.process.wait()
        raise AssertionError(f"no '{word}' but {self.lines}, exit {self.process.returncode}")

    def go_on(self):
        """What a driver waits for that was started with until="go"."""
        (self.home / "go").touch()

    def kill(self):
        """With its children."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        return self.wait()

    def wait(self):
        """Reads the rest; the driver itself."""
        self.lines += self.process.stdout.read().splitlines()
        self.process.wait(SECONDS)
        self.process.stdout.close()
        _running.discard(self)
        return self

    def close(self):
        """Waits for a driver that must get through."""
        self.wait()
        assert self.process.returncode == 0, self.lines
        assert self.closed == "MILL_OK", self.lines
        return self

    def all_of(self, word):
        return [line[len(word) + 1:] for line in self.lines if line.split(" ")[0] == word]

    def last(self, word, key="m"):
        """The number for a key on the last line that begins so; 0 without one."""
        rows = [text.split() for text in self.all_of(word)]
        return int(([number for number, of in rows if of == key] or ["0"])[-1])

    def counter(self, name):
        return int(next(text for text in self.all_of("counter") if text.startswith(name + " "))
                   .split()[1])

    @property
    def closed(self):
        return (self.all_of("closed") or [""])[-1].split(" ")[0]


def ask(url, rpc, body=None, /, **query):
    """The JSON that a server answers; a body makes it a POST."""
    address = f"{url}/api/2.0/mlflow/{rpc}?{urllib.parse.urlencode(query)}"
    request = urllib.request.Request(
        address, None if body is None else json.dumps(body).encode(),
        {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)


def get_run(url, run_id):
    return ask(url, "runs/get", run_id=run_id)["run"]


def files(url, run_id, directory):
    return ask(url, "artifacts/list", run_id=run_id, path=directory)["files"]


def tags(run):
    return {tag["key"]: tag["value"] for tag in run["data"].get("tags", [])}


def steps(url, run_id, key="m"):
    """The steps of all points of a metric as the server has them, each of which is its value."""
    found, token = [], ""
    while True:
        page = ask(url, "metrics/get-history", run_id=run_id, metric_key=key,
                   max_results=25000, **({"page_token": token} if token else {}))
        for point in page.get("metrics", []):
            assert point["value"] == int(point["step"]), point
            found.append(int(point["step"]))
        token = page.get("next_page_token")
        if not token:
            return sorted(found)


def assert_whole(url, run_id, points, key="m", first=0):
    """Nothing is lost and nothing is there twice."""
    assert steps(url, run_id, key) == list(range(first, first + points))
    params = {p["key"]: p["value"] for p in get_run(url, run_id)["data"].get("params", [])
              if p["key"].startswith(key + "/")}
    assert params == {f"{key}/{n}": str(n) for n in range(first, first + points) if n % 100 == 0}


def assert_prefix(url, run_id, least, key="m"):
    """At least that many first points are there, none twice, and no gap."""
    found = steps(url, run_id, key)
    assert found == list(range(len(found)))
    assert len(found) >= least
