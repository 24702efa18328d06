"""Help, completion, exit codes, wrong arguments, output."""

import os
import pty
import subprocess

import pytest

import harness


def test_help(alone):
    everything = alone("--help").out
    assert alone("help").out == everything
    assert alone().out == everything
    for word in ("server", "experiments create", "runs search", "artifacts download"):
        assert f"\n  {word} " in everything
    group = alone("runs").out
    assert alone("help", "runs").out == group
    assert "experiments" not in group
    search = alone("runs", "search", "--help").out
    assert search.startswith("Usage: millstream runs search [options] EXPERIMENT\n")
    assert alone("help", "runs", "search").out == search


def test_every_command_has_help(alone):
    listed = alone.commands()
    assert len(listed) > 20
    for command, aliases in listed.items():
        words = command.split()
        for alias in aliases:
            assert alone(words[0], alias, "--help").out == alone(*words, "--help").out
            assert f"'millstream {words[0]} {alias}' is the same" in alone(*words, "-h").out
        if words[-1] == "ui" or words[-1] == "server":
            assert "--backend-store-uri" in alone(*words, "--help").out
        else:
            assert alone(*words, "--help").out.startswith(f"Usage: millstream {command} ")


def test_version(alone):
    assert alone("--version").out == alone("version").out
    assert alone("version").out.startswith("millstream ")


def test_manual_page(alone):
    page = alone("help", "--man").out
    assert page.startswith(".TH MILLSTREAM 1")
    for part in (".SH NAME", ".SH SYNOPSIS", ".SS millstream runs search", ".SH EXIT STATUS",
                 "\\-\\-backend\\-store\\-uri", "MLFLOW_TRACKING_URI"):
        assert part in page
    lines = page.splitlines()
    assert all(line for line in lines), "roff does not want empty lines"
    assert not [line for line in lines if line[-2:] == ".." and line[-3:-2].isalnum()]


def complete(script, *words):
    """What bash offers for the last of the words."""
    quoted = " ".join(f"'{word}'" for word in words)
    done = subprocess.run(
        ["bash", "--norc", "-c",
         f"{script}\nCOMP_WORDS=({quoted}); COMP_CWORD={len(words) - 1}; _millstream_words; "
         'printf "%s\\n" "${COMPREPLY[@]}"'], capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return done.stdout.split()


def test_bash_completion(alone):
    script = alone("completion", "bash").out
    assert complete(script, "millstream", "ru") == ["runs"]
    assert complete(script, "millstream", "") == [
        "server", "ui", "experiments", "runs", "artifacts", "models", "logged-models", "prompts", "datasets",
        "sync", "spool", "completion", "version", "help"]
    assert complete(script, "millstream", "runs", "sea") == ["search"]
    assert complete(script, "millstream", "experiments", "li") == ["list"]
    assert complete(script, "millstream", "models", "set-s") == ["set-stage"]
    assert complete(script, "millstream", "experiments", "list", "--or") == ["--order-by"]
    assert complete(script, "millstream", "runs", "search", "--or") == ["--order-by"]
    assert complete(script, "millstream", "runs", "create", "--t") == [
        "--tags", "--tag", "--tracking-uri"]
    assert complete(script, "millstream", "runs", "search", "-v", "del") == ["deleted_only"]
    assert complete(script, "millstream", "runs", "search", "--view", "a") == [
        "active_only", "all"]
    assert "--artifacts-destination" in complete(script, "millstream", "server", "--artifacts")
    assert complete(script, "millstream", "completion", "z") == ["zsh"]


def test_other_completions(alone):
    assert "bashcompinit" in alone("completion", "zsh").out
    fish = alone("completion", "fish").out
    assert "complete -c millstream" in fish
    assert all(line.startswith("complete -c millstream ") for line in fish.splitlines())
    assert " -l tags -l tag -s t -r -d " in fish
    alone.fails(2, "completion", "csh")
    alone.fails(2, "completion")


@pytest.mark.parametrize("words, message", [
    (["sevrer"], "there is no command 'millstream sevrer'; did you mean 'millstream server'?"),
    (["runs", "serch"],
     "there is no command 'millstream runs serch'; did you mean 'millstream runs search'?"),
    (["quux"], "there is no command 'millstream quux'; for a list: 'millstream --help'"),
    (["runs", "search", "x", "--fliter", "y"],
     "'millstream runs search' has no option --fliter; did you mean --filter?"),
    (["runs", "search", "x", "--max-results", "0"],
     "--max-results is '0'; it must be a whole number from 1 to 1000000"),
    (["runs", "search", "x", "y"],
     "'y' is one argument too many; see 'millstream runs search --help'"),
    (["runs", "search", "x", "--best", "max:"],
     "--best is 'max:'; it must be max:METRIC, min:METRIC or METRIC"),
    (["runs", "get"],
     "'millstream runs get' needs RUN or --run-id RUN; see 'millstream runs get --help'"),
    (["runs", "get", "x", "-T", "ftp://host"],
     "tracking URI 'ftp://host' is of no known kind; it is a path or begins with file:, http://, "
     "https://, databricks or sqlite:///"),
    (["runs", "get", "x", "-T", "http://"], "the tracking URI http://... names no host"),
])
def test_wrong_arguments(alone, words, message):
    assert alone.fails(2, *words) == message


def test_missing_default_place(alone):
    """Without a URI, what reads or changes leaves no directory behind and says what to do."""
    for words in (["experiments", "list"], ["runs", "search", "0"], ["runs", "get", "f" * 32],
                  ["artifacts", "list", "f" * 32], ["runs", "end", "f" * 32],
                  ["runs", "log-metric", "f" * 32, "loss", "1"],
                  ["experiments", "delete", "0"]):
        message = alone.fails(4, *words)
        assert "there is no ./mlruns here" in message and "--tracking-uri" in message
        assert "MLFLOW_TRACKING_URI" in message and "millstream server" in message
        assert list(alone.home.iterdir()) == []


def test_missing_database(alone):
    message = alone.fails(4, "runs", "search", "0", "-T", "sqlite:///none.db")
    assert "none.db" in message
    assert list(alone.home.iterdir()) == []


def test_database_beside_its_server(server_cli):
    """Reading works beside a running server, writing is refused."""
    uri = f"sqlite:///{server_cli.home}/tracking.db"
    server_cli("experiments", "create", "digits")
    run = server_cli("runs", "create", "digits", "-n", "one").out.strip()
    found = server_cli("runs", "search", "digits", "-T", uri, "--json").runs
    assert [r["info"]["run_id"] for r in found] == [run]
    assert "tracking.db" in server_cli.fails(6, "runs", "create", "digits", "-T", uri)
    assert "tracking.db" in server_cli.fails(6, "runs", "delete", run, "-T", uri)
    info = server_cli("runs", "get", run, "--json").run["info"]
    assert info["lifecycle_stage"] == "active"


def test_files_of_a_server_read_from_its_database(server_cli):
    uri = f"sqlite:///{server_cli.home}/tracking.db"
    (server_cli.home / "note.txt").write_text("hello\n")
    run = server_cli("runs", "create").out.strip()
    server_cli("artifacts", "log-artifact", run, "note.txt", "docs")
    direct = {"MLFLOW_ARTIFACTS_DESTINATION": "artifacts"}
    assert server_cli("artifacts", "list", run, "docs", "-T", uri, environment=direct).lines == [
        "SIZE  PATH", " 6 B  docs/note.txt"]
    server_cli("artifacts", "download", run, "docs", "-T", uri, "-d", "got", environment=direct)
    assert (server_cli.home / "got" / "docs" / "note.txt").read_text() == "hello\n"


def test_closed_output(server_cli):
    """A reader that has seen enough is no error."""
    server_cli("experiments", "create", "digits")
    done = subprocess.run(
        ["bash", "-c", 'set -o pipefail; "$0" help --man | head -n 1', harness.program()],
        capture_output=True, text=True, check=False)
    assert done.returncode == 0 and done.stderr == ""
    assert done.stdout.startswith(".TH")


def test_full_disk(alone):
    with open("/dev/full", "wb") as full:
        done = subprocess.run([harness.program(), "help"], stdout=full, stderr=subprocess.PIPE,
                              check=False)
    assert done.returncode == 8
    assert b"cannot write to standard output" in done.stderr


def on_terminal(words, home, environment):
    """What a command writes to a terminal of 90 columns."""
    controller, terminal = pty.openpty()
    process = subprocess.Popen([harness.program(), *words], stdout=terminal, stderr=terminal,
                               stdin=subprocess.DEVNULL, cwd=home,
                               env={**os.environ, "COLUMNS": "90", **environment})
    os.close(terminal)
    chunks = []
    while True:
        try:
            chunk = os.read(controller, 65536)
        except OSError:  # how a terminal says that everybody has gone
            break
        if not chunk:
            break
        chunks.append(chunk)
    os.close(controller)
    assert process.wait() == 0
    return b"".join(chunks).decode()


def test_colours(server_cli):
    server_cli("experiments", "create", "digits")
    run = server_cli("runs", "create", "digits", "-n", "only", "-s", "RUNNING").out.strip()
    server_cli("runs", "log", run, "-m", "acc=0.5")
    words = ["runs", "search", "digits", "--best", "acc", "-T", server_cli.uri]
    colourful = on_terminal(words, server_cli.home, {"TERM": "xterm", "NO_COLOR": ""})
    assert "\x1b[1;32m" in colourful
    assert run[:8] in colourful and run not in colourful
    assert "\x1b" not in on_terminal(words, server_cli.home, {"TERM": "xterm", "NO_COLOR": "1"})
    assert "\x1b" not in on_terminal(words, server_cli.home, {"TERM": "dumb", "NO_COLOR": ""})


def test_names_cannot_disturb_the_terminal(server_cli):
    server_cli("experiments", "create", "digits")
    server_cli("runs", "create", "digits", "-n", "evil\x1b]0;title\x07name")
    out = server_cli("runs", "search", "digits").out
    assert "\x1b" not in out and "\x07" not in out
    assert "evil ]0;title name" in out
