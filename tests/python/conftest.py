"""The Python module in this process, and in others of every version."""

import contextlib
import os
import pathlib
import sys

import pytest

HERE = pathlib.Path(__file__).resolve().parent
TESTS = HERE.parent
sys.path[:0] = [str(HERE), str(TESTS), str(TESTS / "server"), str(TESTS / "client")]

import interpreters  # noqa: E402 - found through the path above
from places import Places  # noqa: E402

sys.path.insert(0, str(interpreters.module_path()))
os.environ["MILLSTREAM_PATIENCE"] = interpreters.PATIENT


def pytest_addoption(parser):
    parser.addoption("--update-matrix", action="store_true",
                     help="write the Python matrix into docs/compatibility.md")
    parser.addoption("--record-official", action="store_true",
                     help="write down anew what the official clients answer")


@pytest.fixture(autouse=True)
def nothing_stays():
    """What a test has chosen for this process, or begun, is not there for the next one."""
    before = dict(os.environ)
    yield
    for name in os.environ.keys() - before:
        del os.environ[name]
    os.environ.update(before)
    if "millstream" not in sys.modules:
        return
    import millstream
    from millstream.fluent import experiments

    while millstream.active_run():
        millstream.end_run()
    experiments._active = None
    millstream.set_tracking_uri("")


@pytest.fixture(scope="session")
def place_of(tmp_path_factory):
    """Answers the place of a kind of tracking URI; what it needs is started then."""
    with contextlib.ExitStack() as stack:
        yield Places(stack, tmp_path_factory.mktemp).get
