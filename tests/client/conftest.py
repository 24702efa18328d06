"""The client library and its command line beside servers of every kind, and hostile ones."""

import contextlib
import pathlib
import sys

import pytest

TESTS = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS), str(TESTS / "server"), str(TESTS / "cli")]

import s3_service  # noqa: E402 - beside this file
from command_line import CommandLine  # noqa: E402
from places import Places  # noqa: E402
from stored import Stored  # noqa: E402


@pytest.fixture
def line(tmp_path, monkeypatch):
    """The command line in a home of its own, with no tracking URI."""
    monkeypatch.setenv("HOME", str(tmp_path))
    return CommandLine(tmp_path)


def pytest_addoption(parser):
    parser.addoption("--update-docs", action="store_true",
                     help="write the legacy matrix into docs/compatibility.md")


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
