"""The type stubs say what the module has: mypy's stubtest compares arguments, defaults and members
of everything that has a stub with what is there."""

import ast
import os
import subprocess

import interpreters

REQUIREMENTS = interpreters.ROOT / "tests" / "python" / "stubs.txt"
# What is compiled, or made while it is imported; the rest is Python that says its types itself.
STUBBED = ("millstream._millstream", "millstream.entities", "millstream.exceptions",
           "millstream.tracking")
# Names that modules without a stub import from typing, which stubtest takes for theirs.
OTHERS = r"millstream\..*\.(Any|Mapping|Sequence|Iterable|NamedTuple)(\..*)?" + "\n"


def test_stubs_agree_with_the_module(tmp_path):
    home = subprocess.run([interpreters.ROOT / "tools" / "venv", REQUIREMENTS], check=True,
                          capture_output=True, text=True).stdout.strip()
    settings, others = tmp_path / "mypy.ini", tmp_path / "others.txt"
    settings.write_text("[mypy]\nignore_missing_imports = True\nignore_errors = True\n")
    others.write_text(OTHERS)
    place = str(interpreters.module_path())
    done = subprocess.run(
        [f"{home}/bin/python", "-m", "mypy.stubtest", *STUBBED, "--concise",
         "--ignore-unused-allowlist", "--allowlist", others, "--mypy-config-file", settings],
        cwd=tmp_path, env=dict(os.environ, PYTHONPATH=place, MYPYPATH=place),
        capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_package_has_what_its_stub_names():
    import millstream

    stub = interpreters.module_path() / "millstream" / "__init__.pyi"
    named = set()
    for statement in ast.parse(stub.read_text("utf-8")).body:
        if isinstance(statement, ast.ImportFrom):
            named |= {name.asname for name in statement.names if name.asname}
    missing = [name for name in named if not hasattr(millstream, name)]
    more = set(millstream.__all__) - named - {"__version__"}
    assert len(named) > 50 and not missing and not more, (missing, more)
