"""The client library and its command line beside servers of every kind, and hostile ones."""

import pathlib
import sys

import pytest

TESTS = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS), str(TESTS / "server"), str(TESTS / "cli")]

from command_line import CommandLine  # noqa: E402 - found through the path above
from compat import servers  # noqa: E402


@pytest.fixture
def line(tmp_path, monkeypatch):
    """The command line in a home of its own, with no tracking URI."""
    monkeypatch.setenv("HOME", str(tmp_path))
    return CommandLine(tmp_path)


def pytest_addoption(parser):
    parser.addoption("--update-docs", action="store_true",
                     help="write the legacy matrix into docs/compatibility.md")


@pytest.fixture(scope="session")
def uri_of(tmp_path_factory):
    """Answers the tracking URI of a kind, starting what it needs at the first call."""
    running = {}

    def start(kind):
        home = tmp_path_factory.mktemp(kind)
        if kind == "official":
            return servers.start_official(home)
        return servers.start_ours(home)

    def answer(kind):
        if kind not in running:
            running[kind] = start(kind)
        return running[kind].url

    yield answer
    for kind, server in running.items():
        status = server.stop()
        assert status == 0 or kind == "official", f"ended badly:\n{server.log()}"
