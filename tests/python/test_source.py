"""Tags of a run's origin: the user, the script, the repository around it."""

import getpass
import os
import subprocess
import sys

import pytest

from millstream import git, source


@pytest.fixture(autouse=True)
def patient(monkeypatch):
    """Git may take its time on a slow machine."""
    monkeypatch.setattr(git, "PATIENCE_S", 300)


def run_git(directory, *words):
    settings = {"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null",
                "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b", "GIT_COMMITTER_NAME": "a",
                "GIT_COMMITTER_EMAIL": "a@b"}
    done = subprocess.run(["git", *words], cwd=directory, check=True, capture_output=True,
                          text=True, env={**os.environ, **settings})
    return done.stdout.strip()


@pytest.fixture
def repository(tmp_path):
    run_git(tmp_path, "init", "-q", "-b", "trunk")
    (tmp_path / ".gitignore").write_text("scratch/\n")
    (tmp_path / "jobs").mkdir()
    (tmp_path / "scratch").mkdir()
    (tmp_path / "jobs" / "train.py").write_text("pass\n")
    run_git(tmp_path, "add", ".")
    git.checkout.cache_clear()
    return tmp_path


@pytest.fixture
def committed(repository):
    run_git(repository, "commit", "-q", "-m", "first")
    return repository


@pytest.fixture
def script(committed, monkeypatch):
    monkeypatch.setattr(sys, "argv", [str(committed / "jobs" / "train.py")])
    monkeypatch.setenv("HOME", str(committed))
    monkeypatch.delenv("MLFLOW_TRACKING_USERNAME", raising=False)
    return committed


def test_a_commit_and_its_branch(committed):
    found = git.checkout(str(committed / "jobs"))
    assert found == git.Checkout(run_git(committed, "rev-parse", "HEAD"), "trunk", None)


def test_the_first_remote_without_its_password(committed):
    run_git(committed, "remote", "add", "up", "https://me:secret@example.org/a b.git")
    run_git(committed, "remote", "add", "other", "https://example.org/other.git")
    assert git.checkout(str(committed)).repository_url == "https://example.org/a b.git"


@pytest.mark.parametrize("url, shown", [
    ("git@example.org:a/b.git", "git@example.org:a/b.git"),
    ("ssh://git@example.org/a.git", "ssh://example.org/a.git"),
    ("https://token@example.org:8443/a?x=1#y", "https://example.org:8443/a?x=1#y"),
    ("/srv/a@b.git", "/srv/a@b.git"),
    ("https://u@evil@example.org/a", "https://example.org/a"),
])
def test_credentials_never_leave(url, shown):
    assert git.without_credentials(url) == shown


def test_no_branch_where_a_commit_is_checked_out(committed):
    run_git(committed, "checkout", "-q", "--detach")
    assert git.checkout(str(committed)).branch is None


def test_a_branch_with_slashes(committed):
    run_git(committed, "checkout", "-q", "-b", "feature/heads/x")
    assert git.checkout(str(committed)).branch == "feature/heads/x"


def test_a_worktree_has_a_commit_too(committed, tmp_path_factory):
    place = tmp_path_factory.mktemp("worktrees") / "second"
    run_git(committed, "worktree", "add", "-q", "-b", "second", str(place))
    assert git.checkout(str(place)).branch == "second"


def test_nothing_before_the_first_commit(repository):
    assert git.checkout(str(repository)) is None


def test_nothing_in_a_directory_that_is_ignored(committed):
    assert git.checkout(str(committed / "scratch")) is None


def test_outside_of_a_repository_no_process_is_started(tmp_path, monkeypatch):
    monkeypatch.setattr(subprocess, "Popen", None)
    git.checkout.cache_clear()
    assert git.checkout(str(tmp_path)) is None


def test_nothing_without_git(committed, monkeypatch):
    monkeypatch.setenv("PATH", str(committed))
    assert git.checkout(str(committed)) is None


def test_git_that_hangs_is_given_up(committed, monkeypatch):
    fake = committed / "bin" / "git"
    fake.parent.mkdir()
    fake.write_text("#!/bin/sh\nexec sleep 600\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{fake.parent}:{os.environ['PATH']}")
    monkeypatch.setattr(git, "PATIENCE_S", 0.2)
    assert git.checkout(str(committed)) is None


def test_a_hook_of_another_repository_does_not_mislead(committed, tmp_path_factory, monkeypatch):
    monkeypatch.setenv("GIT_DIR", str(tmp_path_factory.mktemp("elsewhere")))
    assert git.checkout(str(committed)).branch == "trunk"


def test_tags_of_a_script(script):
    assert source.tags() == {
        "mlflow.user": getpass.getuser(),
        "mlflow.source.name": str(script / "jobs" / "train.py"),
        "mlflow.source.type": "LOCAL",
        "mlflow.source.git.commit": run_git(script, "rev-parse", "HEAD"),
        "mlflow.source.git.branch": "trunk"}


def test_given_tags_win(script):
    tags = source.tags({"mlflow.source.name": "mine", "x": 1})
    assert (tags["mlflow.source.name"], tags["x"]) == ("mine", 1)


def test_the_user_of_the_tracking_server(script, monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_USERNAME", "ana%1")
    assert source.user() == "ana%1"


def test_the_user_of_the_credentials_file(script):
    (script / ".mlflow").mkdir()
    (script / ".mlflow" / "credentials").write_text(
        "[mlflow]\nmlflow_tracking_username = bo%b\nmlflow_tracking_password = x\n")
    assert source.user() == "bo%b"


def test_a_user_that_the_system_does_not_know(script, monkeypatch):
    def unknown():
        raise KeyError("uid 4711")
    monkeypatch.setattr(getpass, "getuser", unknown)
    assert source.user() == "unknown"


@pytest.mark.parametrize("argv", [[], [""]])
def test_the_console_has_no_script(argv, monkeypatch):
    monkeypatch.setattr(sys, "argv", argv)
    tags = source.tags()
    assert tags["mlflow.source.name"] == "<console>"
    assert "mlflow.source.git.commit" not in tags


def test_a_launcher_says_more(script, monkeypatch):
    monkeypatch.setenv("MLFLOW_RUN_CONTEXT", '{"job": "7", "mlflow.source.type": "JOB"}')
    tags = source.tags()
    assert (tags["job"], tags["mlflow.source.type"]) == ("7", "JOB")


def test_what_cannot_be_read_costs_no_run(script, monkeypatch, caplog):
    monkeypatch.setenv("MLFLOW_RUN_CONTEXT", "no JSON")
    assert source.tags()["mlflow.source.type"] == "LOCAL"
    assert "incomplete" in caplog.text


def test_a_notebook(script, monkeypatch):
    class ZMQInteractiveShell:
        user_ns = {"__vsc_ipynb_file__": "/home/me/work/explore.ipynb"}

    class IPython:
        get_ipython = staticmethod(ZMQInteractiveShell)

    monkeypatch.setitem(sys.modules, "IPython", IPython)
    tags = source.tags()
    assert (tags["mlflow.source.name"], tags["mlflow.source.type"]) == ("explore.ipynb", "NOTEBOOK")
