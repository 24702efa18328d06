"""The annotations hold together, and the stubs say what the modules have."""

import subprocess

import pytest

import interpreters

# Stubs of what is written in C, or beside it without annotations.
STUBS = ("millstream._millstream", "millstream.entities", "millstream.exceptions",
         "millstream.tracking.client")


@pytest.fixture(scope="module")
def check(tmp_path_factory):
    """Runs one of mypy's programs over the package as it is installed."""
    venv = subprocess.run(
        [interpreters.ROOT / "tools" / "venv", interpreters.ROOT / "tests/python/typing.txt"],
        capture_output=True, text=True, check=True).stdout.strip()
    home = tmp_path_factory.mktemp("mypy")
    settings = home / "mypy.ini"
    settings.write_text(f"[mypy]\nignore_missing_imports = True\ncache_dir = {home}/cache\n")

    def run(module, settings_option, *words):
        path = str(interpreters.module_path())
        done = interpreters.run(f"{venv}/bin/python", "-m", module, settings_option, settings,
                                *words, cwd=path, paths=[path], MYPYPATH=path)
        assert done.returncode == 0, done.stdout[-4000:]

    return run


def test_the_annotations_hold_together(check):
    check("mypy", "--config-file", "-p", "millstream")


def test_the_stubs_say_what_is_there(check):
    check("mypy.stubtest", "--mypy-config-file", "--ignore-disjoint-bases", *STUBS)
