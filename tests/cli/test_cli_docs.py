"""The documents tell the truth: what they show is run, what they list exists."""

import pathlib
import re
import subprocess

import pytest

import harness

ROOT = pathlib.Path(harness.ROOT)


def transcripts(name):
    """Commands of the ```console blocks of a document, each with what it printed."""
    steps = []
    for block in re.findall(r"^```console\n(.*?)^```$", (ROOT / name).read_text(), re.S | re.M):
        for line in block.splitlines():
            if line.startswith("$ "):
                steps.append([line[2:], []])
            elif line.startswith("> "):
                steps[-1][0] += "\n" + line[2:]
            else:
                steps[-1][1].append(line)
    return steps


def masked(lines):
    """Without what differs each time: ids, times, and so the widths of columns."""
    result = []
    for line in lines:
        line = re.sub(r"\b[0-9a-f]{32}\b|\b[0-9a-f]{8}\b", "ID", line)
        line = re.sub(r"\b\d+[smhd] ago\b", "AGE", line)
        line = re.sub(r"\b\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\b", "TIME", line)
        line = re.sub(r"\b\d+ms\b|\b\d+\.\ds\b|\b\d+m \d+s\b", "TOOK", line)
        result.append(re.sub(r" +", " ", line).strip())
    return result


def test_readme(server_cli):
    """The tour of the README, command by command, in one shell."""
    steps = transcripts("README.md")
    assert len(steps) > 8
    script = "\n".join(f"{command}\necho '--- end of step'" for command, _ in steps)
    binary = pathlib.Path(harness.program())
    (server_cli.home / "bin").mkdir()
    (server_cli.home / "bin" / "millstream").symlink_to(binary)
    done = subprocess.run(
        ["bash", "--norc", "-c", script], cwd=server_cli.home, capture_output=True, text=True,
        env={"PATH": f"{server_cli.home}/bin:/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC",
             "MLFLOW_TRACKING_URI": server_cli.uri, "COLUMNS": "96", "HOME": str(server_cli.home)},
        timeout=120, check=False)
    assert done.stderr == ""
    printed = done.stdout.split("--- end of step\n")
    for (command, expected), output in zip(steps, printed):
        assert masked(output.splitlines()) == masked(expected), command


def test_every_command_is_described(alone):
    text = (ROOT / "docs" / "cli.md").read_text()
    for command, aliases in alone.commands().items():
        for name in [command.split()[-1], *aliases]:
            assert f"`{name}`" in text or f" {name}`" in text, command


@pytest.mark.parametrize("name", ["README.md", "docs/cli.md", "docs/c-api.md",
                                  "docs/architecture.md", "docs/artifacts.md",
                                  "docs/client-environment.md", "docs/logger.md",
                                  "docs/coding.md", "CONTRIBUTING.md", "examples/README.md"])
def test_links_and_paths(name):
    """Links between documents lead somewhere, and named files exist."""
    text = (ROOT / name).read_text()
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", text):
        assert ((ROOT / name).parent / target).exists(), target
    for path in re.findall(r"`((?:src|tests|docs|tools|demo|include)/[\w./-]+)`", text):
        assert (ROOT / path).exists(), path


def test_variables_of_clients():
    """The table in the code and the tables of the document are the same."""
    def text(row, member):
        found = re.search(rf'\.{member} =\s+((?:"[^"]*"\s*)+)', row)
        return "".join(re.findall(r'"([^"]*)"', found.group(1))) if found else ""

    source = (ROOT / "src/remote/environment.c").read_text()
    rows = re.split(r"\n    \[MILL_ENV_\w+\] = ", source.partition("\n};")[0])[1:]
    in_code = [(text(row, "name"), text(row, "fallback"), text(row, "help")) for row in rows]
    document = (ROOT / "docs/client-environment.md").read_text()
    described = re.findall(r"^\| `(\w+)` \| (?:`([^`]*)` )?\| (.*) \|$", document, re.M)
    assert described == in_code and len(in_code) > 20


def test_options_in_documents(alone):
    """No document names an option that no command has."""
    page = alone("help", "--man").out.replace("\\-", "-")
    known = set(re.findall(r"--[a-z][a-z0-9-]+", page)) | {"--help", "--version", "--job"}
    for name in ("README.md", "docs/cli.md"):
        text = (ROOT / name).read_text()
        for line in text.splitlines():
            if "millstream" in line or line.startswith("|"):
                for option in re.findall(r"(?<![\w-])--[a-z][a-z0-9-]+", line):
                    assert option in known or any(
                        tool in line for tool in ("meson", "ninja", "pkg-config")), (name, option)
