"""docs/c-api.md and the README show programs: they compile without a warning, run, and print what
the page says."""

import pathlib
import re
import subprocess

import pytest

import harness
import installed
from command_line import CommandLine

ROOT = pathlib.Path(harness.ROOT)
TUTORIAL = ROOT / "docs" / "c-api.md"
END_OF_STEP = "--- end of step"


def programs(path):
    """The C programs of a document by their names, which their first lines say."""
    found = {}
    for block in installed.blocks(path, "c"):
        name = re.match(r"/\* (\w+\.c) - ", block)
        assert name and name.group(1) not in found, block
        found[name.group(1)] = block
    return found


def steps(path):
    """What is typed in the ```console blocks, each with the lines it prints."""
    typed = []
    for line in "".join(installed.blocks(path, "console")).splitlines():
        if line.startswith("$ "):
            typed.append((line[2:], []))
        else:
            typed[-1][1].append(line)
    return typed


def masked(lines):
    """Without ids, times, and the widths of columns that follow from them."""
    result = []
    for line in lines:
        line = re.sub(r"\b[0-9a-f]{32}\b", "ID", line)
        line = re.sub(r"\b\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\b", "TIME", line)
        line = re.sub(r"\b\d+ ?ms\b|\b\d+\.\ds\b", "TOOK", line)
        result.append(re.sub(r" +", " ", line).strip())
    return result


def play(package, home, path, **environment):
    """Types everything that a document shows in one shell; what each step printed."""
    for name, text in programs(path).items():
        (home / name).write_text(text)
    typed = steps(path)
    script = "\n".join(f"{command}\necho '{END_OF_STEP}'" for command, _ in typed)
    flags = " ".join([*installed.STRICT, "-Wpedantic"])
    done = subprocess.run(
        ["bash", "--norc", "-c", f'cc() {{ command cc {flags} "$@"; }}\n{script}'], cwd=home,
        capture_output=True, text=True, timeout=installed.SECONDS, check=False,
        env=package.environment(**environment,
                                PATH=f"{package.prefix}/bin:{package.environment()['PATH']}"))
    assert done.stderr == "", done.stderr
    return list(zip(typed, done.stdout.split(f"{END_OF_STEP}\n")))


@pytest.mark.parametrize("place", ["tree", "server"])
def test_tutorial(package, tmp_path, place):
    """As it stands, which is on a directory; and the same on a server."""
    assert len(programs(TUTORIAL)) > 6
    if place == "tree":
        played = play(package, tmp_path, TUTORIAL)
    else:
        (tmp_path / "server").mkdir()
        with harness.Server(tmp_path / "server") as server:
            played = play(package, tmp_path, TUTORIAL, MLFLOW_TRACKING_URI=server.url)
    for (command, expected), printed in played:
        assert masked(printed.splitlines()) == masked(expected), command
    assert (tmp_path / "mlruns").exists() == (place == "tree")


def test_readme_program(package, tmp_path):
    """The program in the README, compiled as it says there, and what it logs."""
    name, text = programs(ROOT / "README.md").popitem()
    source = tmp_path / name
    source.write_text(text)
    program = package.build(tmp_path / "log", source)
    installed.run([program], cwd=tmp_path, env=package.environment())
    run = CommandLine(tmp_path)("runs", "search", "0", "--json").runs[0]
    assert run["info"]["run_name"] == "from C"
    metric = run["data"]["metrics"][0]
    assert (metric["key"], metric["value"], metric["step"]) == ("loss", 0.5, 1)


def test_every_program_is_run():
    """No program stands there without a step that compiles it and one that runs it."""
    typed = "\n".join(command for command, _ in steps(TUTORIAL))
    for name in programs(TUTORIAL):
        assert f" {name} " in typed and f"./{name[:-2]}" in typed, name
