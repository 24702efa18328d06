"""W22, what the Python module costs beside the C library and the official Python client: to import
it, and calls that log, over a server, into files and by way of the spool."""

import dataclasses
import json
import os
import pathlib
import shutil
import subprocess

import clients
import loggers
from targets import CACHE, HERE, OFFICIAL_VERSION, ROOT, venv

CONTESTANTS = ("c", "ours", "official")
# The official client is too slow for as many calls: a window has so many times fewer.
FEWER = {"official": 20}


@dataclasses.dataclass(frozen=True)
class Row:
    """One line of the table.

    place   "server", "files", or "spool" for calls that do not wait
    calls   how many make a window
    points  what the C client is told; None: there is no such call in C"""

    title: str
    call: str
    place: str
    calls: int
    points: int | None
    official: bool = True


ROWS = (
    Row("import of the client", "import", "files", 1, None),
    Row("`log_metric`, spooled", "log_metric", "spool", 200_000, None, official=False),
    Row("`log_metric`, waiting for the server", "log_metric", "server", 4000, 1),
    Row("`log_metric`, files", "log_metric", "files", 4000, 1),
    Row("1000 points from a list, spooled", "lists", "spool", 400, None, official=False),
    Row("the same, entities made before", "ready", "spool", 400, None, official=False),
    Row("1000 points from arrays, spooled", "arrays", "spool", 2000, None, official=False),
    Row("1000 points from a list, waiting", "lists", "server", 200, 1000),
    Row("1000 points from arrays, waiting", "arrays", "server", 200, 1000),
    Row("1000 points from a list, files", "lists", "files", 200, 1000),
    Row("1000 points from arrays, files", "arrays", "files", 200, 1000),
)


def module_path(server):
    """The package in the build tree of the server that is measured."""
    build = pathlib.Path(server).resolve().parents[1]
    return subprocess.run([ROOT / "tools" / "python-path", build], check=True,
                          capture_output=True, text=True).stdout.strip()


class Contestants:
    """How each of them is started, on a place below `where` or at the server's address."""

    def __init__(self, where, server, url, official):
        self.where, self.url = pathlib.Path(where) / "modules", url
        self.c = clients.build(server)
        self.logger = loggers.build(server)
        # The same Python for both; it has NumPy.
        self.python = venv("official", "mlflow", OFFICIAL_VERSION) / "python"
        self.path = module_path(server)
        self.names = CONTESTANTS if official else CONTESTANTS[:-1]

    def uri(self, row):
        return self.url if row.place == "server" else f"file://{self.where}/mlruns"

    def command(self, name, row, calls):
        if name == "c":
            return None if row.points is None else [*self.c, self.uri(row), str(row.points),
                                                    str(calls)]
        if name == "official" and not row.official:
            return None
        module = "millstream" if name == "ours" else "mlflow"
        return [str(self.python), "-W", "ignore", str(HERE / "module_client.py"), module,
                row.call, self.uri(row), str(calls)]

    def window(self, name, row, shrink):
        """One run of a contestant from a clean start; None where it has no such call."""
        calls = max(10, min(row.calls, row.calls // shrink) // FEWER.get(name, 1))
        command = self.command(name, row, calls)
        if (name, row.call, row.place) == ("c", "log_metric", "spool"):
            return self.spooled_in_c(calls)
        if command is None:
            return None
        shutil.rmtree(self.where, ignore_errors=True)
        self.where.mkdir()
        done = subprocess.run(command, capture_output=True, text=True, check=True,
                              env=self.environment(name, row))
        return json.loads(done.stdout.splitlines()[-1])

    def environment(self, name, row):
        """Both packages are there in compiled form, as pip leaves them."""
        environment = dict(
            os.environ, PYTHONPATH=self.path if name == "ours" else "",
            PYTHONPYCACHEPREFIX=str(CACHE / "compiled"),
            MILLSTREAM_MODE="offline" if row.place == "spool" else "strict",
            MILLSTREAM_SPOOL=str(self.where / "spool"), MLFLOW_ALLOW_FILE_STORE="true",
            MLFLOW_DISABLE_TELEMETRY="true", DO_NOT_TRACK="true")
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        return environment

    def spooled_in_c(self, calls):
        found = loggers.window(self.logger, self.where.parent, "calls", "offline", 1, calls)
        return {"wall_us": found["seconds"] * 1e6 / found["points"]}


def measure(where, server, url, official, repeats, shrink=1):
    """The least of each row and contestant, who take turns: whatever else the machine does only
    makes them slower."""
    contestants = Contestants(where, server, url, official)
    rows = []
    for row in ROWS:
        windows = {}
        for _ in range(repeats):
            for name in contestants.names:
                found = contestants.window(name, row, shrink)
                if found is not None:
                    windows.setdefault(name, []).append(found)
        rows.append({"title": row.title, **{
            name: {figure: min(each[figure] for each in every)
                   for figure in every[0]} for name, every in windows.items()}})
    shutil.rmtree(contestants.where, ignore_errors=True)
    return rows
