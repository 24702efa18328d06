"""The client library and its command line beside servers of other kinds, and hostile ones."""

import pathlib
import sys

TESTS = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS / "server"), str(TESTS / "cli")]
