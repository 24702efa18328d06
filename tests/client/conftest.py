"""The client library and its command line beside servers of every kind, and hostile ones."""

import contextlib
import dataclasses
import functools
import pathlib
import sys

import pytest

TESTS = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS), str(TESTS / "server"), str(TESTS / "cli")]

import harness  # noqa: E402 - found through the path above
import s3_service  # noqa: E402 - beside this file
from command_line import CommandLine  # noqa: E402
from compat import servers  # noqa: E402
from stored import Stored  # noqa: E402

from databricks_standin import Workspace  # noqa: E402
from test_tls import make_certificate  # noqa: E402


@pytest.fixture
def line(tmp_path, monkeypatch):
    """The command line in a home of its own, with no tracking URI."""
    monkeypatch.setenv("HOME", str(tmp_path))
    return CommandLine(tmp_path)


def pytest_addoption(parser):
    parser.addoption("--update-docs", action="store_true",
                     help="write the legacy matrix into docs/compatibility.md")


@dataclasses.dataclass
class Place:
    """What a program needs to get to a tracking URI."""

    uri: str
    environment: dict = dataclasses.field(default_factory=dict)


class Places:
    """Tracking URIs by kind; what one needs is started when it is first asked for."""

    def __init__(self, stack, new_home):
        self.stack = stack
        self.new_home = new_home
        self.makers = {
            "tree-absolute": lambda home: Place(f"file://{home}/mlruns"),
            "server": self.server,
            "server-tree": lambda home: self.server(home, "--backend-store-uri",
                                                    f"{home}/mlruns"),
            "https": self.https,
            "official": self.official,
            "databricks": self.databricks,
        }
        self.get = functools.cache(self.make)

    def make(self, kind):
        return self.makers[kind](self.new_home(kind))

    def server(self, home, *extra):
        return Place(self.stack.enter_context(harness.Server(home, *extra)).url)

    def https(self, home):
        cert, key = make_certificate(home)
        server = self.stack.enter_context(
            harness.Server(home, "--tls-cert", cert, "--tls-key", key))
        return Place(f"https://127.0.0.1:{server.port}",
                     {"MLFLOW_TRACKING_SERVER_CERT_PATH": str(cert)})

    def official(self, home):
        return Place(self.stack.enter_context(servers.start_official(home)).url)

    def databricks(self, home):
        tracking = self.stack.enter_context(harness.Server(home))
        workspace = self.stack.enter_context(Workspace(home / "dbfs", tracking))
        return Place("databricks", workspace.environment)


@pytest.fixture(scope="session")
def place_of(tmp_path_factory):
    """Answers the place of a kind."""
    with contextlib.ExitStack() as stack:
        yield Places(stack, tmp_path_factory.mktemp).get


@pytest.fixture(scope="session")
def s3(tmp_path_factory):
    """An S3 service that verifies signatures."""
    with s3_service.start(tmp_path_factory.mktemp("s3")) as service:
        yield service


@pytest.fixture
def stored(line, s3):
    """A run whose artifacts lie in a bucket of its own."""
    return Stored(line, s3)
