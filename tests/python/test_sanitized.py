"""The calls of the module once more, with its memory watched by AddressSanitizer and UBSan."""

import os
import pathlib
import subprocess
import sys

import pytest

import harness
import interpreters

HERE = pathlib.Path(__file__).parent
BUILD = interpreters.ROOT / "build" / "asan"
# What has to do with most of the extension; forks are left out, since the sanitizer's own
# allocator may be locked in the middle of one.
TESTS = ("test_entities.py", "test_exceptions.py", "test_client.py", "test_client_modes.py")


def library():
    """The sanitizer's, which has to be there before Python's own allocations."""
    return subprocess.run([os.environ.get("CC", "cc"), "-print-file-name=libasan.so"],
                          capture_output=True, text=True, check=True).stdout.strip()


def test_calls_under_the_sanitizers():
    if not (BUILD / "python" / "millstream" / "_millstream.abi3.so").is_file():
        pytest.skip(f"{BUILD} has no module: it was built without Python's headers")
    path = subprocess.run([interpreters.ROOT / "tools" / "python-path", BUILD],
                          capture_output=True, text=True, check=True).stdout.strip()
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider",
         *(str(HERE / name) for name in TESTS)],
        env={**interpreters.environment(), "MILLSTREAM_MODULE": path, "LD_PRELOAD": library(),
             "MILLSTREAM_BINARY": harness.program(),
             # What the interpreter keeps until its end is no leak of ours.
             "ASAN_OPTIONS": "detect_leaks=0"},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=1800, check=False)
    assert done.returncode == 0, done.stdout
