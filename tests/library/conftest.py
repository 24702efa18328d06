"""The installed library, and the kinds of places that programs track to."""

import pathlib
import shutil
import sys

import pytest

TESTS = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS / "server"), str(TESTS / "cli")]

import harness  # noqa: E402 - found through the path above
import installed  # noqa: E402
from command_line import CommandLine  # noqa: E402 - needs harness


@pytest.fixture(scope="session")
def package(tmp_path_factory):
    """What is installed, staged below one directory and then moved to another."""
    build = pathlib.Path(harness.program()).parents[1]
    stage = tmp_path_factory.mktemp("stage")
    installed.run(["meson", "install", "-C", build, "--no-rebuild", "--destdir", stage])
    header = next(stage.rglob("include/millstream/millstream.h"))
    moved = tmp_path_factory.mktemp("moved") / "tree"
    shutil.move(header.parents[2], moved)
    return installed.Package(moved)


DIRECT = {"sqlite": "sqlite:///{}/direct.db", "tree": "{}/mlruns"}


@pytest.fixture(params=["http", *DIRECT])
def place(request, tmp_path):
    """The command line, to read back what a program has tracked at the same URI."""
    if request.param in DIRECT:
        yield CommandLine(tmp_path, DIRECT[request.param].format(tmp_path))
        return
    with harness.Server(tmp_path) as server:
        yield CommandLine(tmp_path, server.url)
