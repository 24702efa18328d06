"""Servers that the tests of this directory share."""

import os

import pytest

from . import servers


def live():
    """Ask the official server itself, not its recorded answers?  `make test-long` does."""
    return os.environ.get("MILL_TEST_LONG", "") not in ("", "0")


@pytest.fixture(scope="session")
def ours(tmp_path_factory):
    """Our servers by their options, each started when a test first asks for it."""
    with servers.Pool(servers.start_ours, lambda: tmp_path_factory.mktemp("ours")) as pool:
        yield pool
    for server in pool.servers.values():
        assert server.process.returncode == 0, f"ended badly:\n{server.log()}"


@pytest.fixture(scope="session")
def official(tmp_path_factory):
    """The official servers, or None when their recorded answers are to be used."""
    if not live():
        yield None
        return
    with servers.Pool(servers.start_official,
                      lambda: tmp_path_factory.mktemp("official")) as pool:
        yield pool
