"""`millstream artifacts ...`"""

import os
import pathlib

import pytest

import harness
from command_line import CommandLine


@pytest.fixture
def run(cli):
    return cli("runs", "create", "-s", "RUNNING").out.strip()


@pytest.fixture
def tree(cli):
    """A local directory with files that are easy to get wrong."""
    top = cli.home / "tree"
    (top / "deep" / "er").mkdir(parents=True)
    (top / "a.txt").write_text("hello\n")
    (top / "empty").touch()
    (top / "deep" / "sp ace \u00fc+&=.bin").write_bytes(os.urandom(3_000_000))
    (top / "deep" / "er" / "zeros").write_bytes(bytes(70_000))
    return top


def content(top):
    return {str(path.relative_to(top)): path.read_bytes()
            for path in top.rglob("*") if path.is_file()}


def test_directory_and_back(cli, run, tree):
    done = cli("artifacts", "log-artifacts", "-l", tree, "-r", run, "-a", "data")
    assert done.out == f"Logged 4 files (2.9 MiB) from {tree} to run {run}, directory data\n"
    assert cli("artifacts", "download", run, "data", "-d", "got").out == "got/data\n"
    assert content(cli.home / "got" / "data") == content(tree)
    assert cli("artifacts", "download", "-u", f"runs:/{run}/data/deep", "-d", "again").out == (
        "again/deep\n")
    assert content(cli.home / "again" / "deep") == content(tree / "deep")
    assert cli("artifacts", "download", f"runs:/{run[:8]}/data/a.txt", "-d", "short/").out == (
        "short/a.txt\n")
    assert cli("artifacts", "list", f"runs:/{run}/data", "-R", "--json").files == (
        cli("artifacts", "list", run, "data", "-R", "--json").files)
    assert cli("artifacts", "download", run, "-d", "all/of/it").out == "all/of/it\n"
    assert content(cli.home / "all" / "of" / "it" / "data") == content(tree)


def test_one_file(cli, run, tree):
    done = cli("artifacts", "log-artifact", run, tree / "a.txt", "notes")
    assert done.out == (
        f"Logged 1 file (6 B) from {tree / 'a.txt'} to run {run}, directory notes\n")
    cli("artifacts", "log-artifact", "-r", run, "-l", tree / "a.txt")
    assert cli("artifacts", "download", run, "notes/a.txt", "-d", "got").out == "got/a.txt\n"
    assert (cli.home / "got" / "a.txt").read_text() == "hello\n"
    # A second time replaces it, in the run as in the directory.
    (tree / "a.txt").write_text("changed\n")
    cli("artifacts", "log-artifact", run, tree / "a.txt", "notes")
    cli("artifacts", "download", run, "notes/a.txt", "-d", "got")
    assert (cli.home / "got" / "a.txt").read_text() == "changed\n"
    assert [path.name for path in (cli.home / "got").iterdir()] == ["a.txt"]


def test_list(cli, run, tree):
    assert cli("artifacts", "list", run).out == "There are no files.\n"
    assert set(cli("artifacts", "list", run, "--json").json) == {"root_uri"}
    cli("artifacts", "log-artifacts", run, tree)
    assert cli("artifacts", "list", run).lines == [
        "SIZE  PATH", " 6 B  a.txt", "   -  deep/", " 0 B  empty"]
    assert cli("artifacts", "list", run, "deep/er").lines == [
        "    SIZE  PATH", "68.4 KiB  deep/er/zeros"]
    assert [line[10:] for line in cli("artifacts", "list", run, "-R").lines] == [
        "PATH", "a.txt", "deep/", "deep/er/", "deep/er/zeros", "deep/sp ace \u00fc+&=.bin",
        "empty"]
    below = [{"path": "deep/er", "is_dir": True},
             {"path": "deep/sp ace \u00fc+&=.bin", "is_dir": False, "file_size": 3_000_000}]
    assert cli("artifacts", "list", run, "deep", "--json").files == below
    assert cli("artifacts", "list", run, "deep", "-R", "--json").files == [
        below[0], {"path": "deep/er/zeros", "is_dir": False, "file_size": 70_000}, below[1]]


def test_errors(cli, run, tree):
    assert "no artifact 'nothing'" in cli.fails(4, "artifacts", "download", run, "nothing")
    assert "nofile" in cli.fails(4, "artifacts", "log-artifact", run, "nofile")
    assert ".." in cli.fails(2, "artifacts", "list", run, "../..")
    assert ".." in cli.fails(2, "artifacts", "download", run, "a/../../b")
    assert ".." in cli.fails(2, "artifacts", "log-artifact", run, tree / "a.txt", "../x")
    assert "f" * 32 in cli.fails(4, "artifacts", "list", "f" * 32)
    assert "runs:/" in cli.fails(2, "artifacts", "download", "-u", "models:/digits/oldest")
    assert "gs" in cli.fails(7, "artifacts", "download", "-u", "gs://bucket/key")
    assert "PATH goes with RUN" in cli.fails(2, "artifacts", "list", f"runs:/{run}", "deep")
    assert "either RUN" in cli.fails(2, "artifacts", "download")
    os.mkfifo(cli.home / "pipe")
    assert "neither a file nor a directory" in cli.fails(2, "artifacts", "log-artifact", run,
                                                         "pipe")
    assert content(cli.home / "artifacts") == {} if (cli.home / "artifacts").exists() else True


def test_loop_of_links(cli, run):
    top = cli.home / "loop"
    top.mkdir()
    (top / "again").symlink_to(top)
    assert "symbolic links" in cli.fails(2, "artifacts", "log-artifacts", run, top)


def test_unfinished_download_leaves_nothing(cli, run, tree):
    cli("artifacts", "log-artifact", run, tree / "a.txt")
    (cli.home / "got" / "a.txt").mkdir(parents=True)  # in the way
    assert "a.txt" in cli.fails(8, "artifacts", "download", run, "a.txt", "-d", "got")
    assert list((cli.home / "got").iterdir()) == [cli.home / "got" / "a.txt"]


def test_location_on_this_machine(tmp_path):
    """Where the server does not pass files on, they go to their directory directly."""
    with harness.Server(tmp_path, "--no-serve-artifacts") as server:
        cli = CommandLine(tmp_path, server.url)
        run = cli("runs", "create").out.strip()
        (tmp_path / "note.txt").write_text("hello\n")
        cli("artifacts", "log-artifact", run, "note.txt", "docs")
        root = cli("runs", "describe", run).json["info"]["artifact_uri"]
        assert (pathlib.Path(root.removeprefix("file://")) / "docs" / "note.txt").is_file()
        assert cli("artifacts", "list", run, "docs", "--json").files == [
            {"path": "docs/note.txt", "is_dir": False, "file_size": 6}]
        cli("artifacts", "download", run, "docs/note.txt", "-d", "got")
        assert (tmp_path / "got" / "note.txt").read_text() == "hello\n"
