"""The command line on a server, and on a database and a directory without one."""

import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "server"))

import harness  # noqa: E402 - found through the path above
from command_line import CommandLine  # noqa: E402 - needs harness


DIRECT = {"sqlite": "sqlite:///{}/direct.db", "tree": "{}/mlruns"}


@pytest.fixture(params=["http", *DIRECT])
def cli(request, tmp_path):
    """The command line on a server of its own, on a database and on a directory."""
    if request.param in DIRECT:
        yield CommandLine(tmp_path, DIRECT[request.param].format(tmp_path))
        return
    with harness.Server(tmp_path) as server:
        yield CommandLine(tmp_path, server.url)


@pytest.fixture
def server_cli(tmp_path):
    """The command line on a server, as cli.server."""
    with harness.Server(tmp_path) as server:
        line = CommandLine(tmp_path, server.url)
        line.server = server
        yield line


@pytest.fixture
def alone(tmp_path):
    """The command line with no server and no tracking URI."""
    return CommandLine(tmp_path)
