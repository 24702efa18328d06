"""The client library and its command line beside servers of other kinds, and hostile ones."""

import pathlib
import sys

import pytest

TESTS = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS / "server"), str(TESTS / "cli")]

from command_line import CommandLine  # noqa: E402 - found through the path above


@pytest.fixture
def line(tmp_path, monkeypatch):
    """The command line in a home of its own, with no tracking URI."""
    monkeypatch.setenv("HOME", str(tmp_path))
    return CommandLine(tmp_path)
