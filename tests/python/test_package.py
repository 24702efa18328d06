"""The package itself: what importing it loads, and that its names, stubs and help agree."""

import ast
import pathlib
import re
import subprocess
import sys

import pytest

import harness
import interpreters
import millstream
from compat import envs

PACKAGE = pathlib.Path(millstream.__file__).parent


def test_importing_it_loads_nothing_else():
    """Of the standard library either: the promise is a time, and modules are what costs it."""
    code = ("import sys; before = set(sys.modules); import millstream; "
            "print(*sorted(set(sys.modules) - before))")
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c",
         f"import sys; sys.path.append({str(interpreters.module_path())!r}); "
         f"import __future__, typing; {code}"],
        capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["millstream"]


def stub_names():
    tree = ast.parse((PACKAGE / "__init__.pyi").read_text("utf-8"))
    return {alias.asname for node in tree.body if isinstance(node, ast.ImportFrom)
            for alias in node.names}


def test_the_stub_has_the_same_names():
    assert stub_names() == set(millstream.__all__)


@pytest.mark.parametrize("name", millstream.__all__)
def test_every_name_leads_somewhere_with_help(name):
    found = getattr(millstream, name)
    assert found.__doc__ and len(found.__doc__.strip()) > 20
    if callable(found) and not isinstance(found, type):
        assert found.__module__.startswith("millstream.")


def test_names_are_listed_before_they_are_used():
    assert set(millstream.__all__) <= set(dir(millstream))


def test_a_name_that_there_is_not():
    with pytest.raises(AttributeError, match="'sklearn'"):
        millstream.sklearn


def test_the_version_is_the_programs():
    program = subprocess.run([harness.program(), "--version"], capture_output=True, text=True,
                             check=True)
    assert millstream.__version__ in program.stdout.split()


def test_every_file_is_installed():
    source = pathlib.Path(interpreters.ROOT) / "python" / "millstream"
    files = {str(path.relative_to(source)) for path in source.rglob("*")
             if path.suffix in (".py", ".pyi", ".typed") and "__pycache__" not in path.parts}
    listed = set(re.findall(r"'([^']+\.(?:pyi?|typed))'",
                            (source / "meson.build").read_text("utf-8")))
    assert listed == files


DOCTESTS = """
import doctest, importlib, pkgutil, millstream
tried = failed = 0
for module in pkgutil.walk_packages(millstream.__path__, "millstream."):
    if "._" not in module.name:
        result = doctest.testmod(importlib.import_module(module.name))
        tried, failed = tried + result.attempted, failed + result.failed
assert tried > 20 and not failed, (tried, failed)
"""


def test_examples_that_need_no_run_are_true(tmp_path):
    """With what pictures are made of at hand."""
    done = interpreters.run(envs.ensure("scripts-3.17.2"), "-c", DOCTESTS, cwd=tmp_path,
                            paths=[interpreters.module_path()], HOME=str(tmp_path))
    assert done.returncode == 0, done.stdout[-4000:]
