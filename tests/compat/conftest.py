"""Servers that the tests of this directory share."""

import os

import pytest

from . import servers


def live():
    """Ask the official server itself, not its recorded answers?  `make test-long` does."""
    return os.environ.get("MILL_TEST_LONG", "") not in ("", "0")


@pytest.fixture(scope="session")
def ours(tmp_path_factory):
    with servers.start_ours(tmp_path_factory.mktemp("ours")) as server:
        yield server


@pytest.fixture(scope="session")
def official(tmp_path_factory):
    """The official server, or None when its recorded answers are to be used."""
    if not live():
        yield None
        return
    with servers.start_official(tmp_path_factory.mktemp("official")) as server:
        yield server
