"""Scripts as people write them leave the same on a server, and in a tree, whichever package they
import: ours as `mlflow`, or the official one."""

import pathlib
import shutil
import socket
import subprocess

import pytest

import harness
import interpreters
from compat import envs, servers
from stored_runs import Reader

PEOPLE = pathlib.Path(__file__).with_name("people")
SCRIPTS = ("again", "classifier", "files", "loop", "offline", "search")
# What a tree keeps its own way; the others would only be slower there.
TREE_SCRIPTS = SCRIPTS if harness.LONG else ("again", "files", "search")
PACKAGES = ("millstream", "mlflow")

QUIET = {
    "MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "true", "GIT_PYTHON_REFRESH": "quiet",
    "MLFLOW_ALLOW_FILE_STORE": "true", "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false", "PYTHONWARNINGS": "ignore",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1", "LOGNAME": "someone",
}


def run_script(package, script, home, uri, environment="scripts-3.17.2", **variables):
    """One script, in a directory of its own, with one of the packages as `mlflow`."""
    place = home / script
    place.mkdir()
    # Beside its own files a script has no repository around it, wherever the tests run.
    copied = pathlib.Path(shutil.copy(PEOPLE / f"{script}.py", place))
    done = interpreters.run(
        envs.ensure(environment), PEOPLE / "run_as.py", package, copied.name, cwd=place,
        paths=[interpreters.module_path()], MLFLOW_TRACKING_URI=uri, HOME=str(home),
        **{**QUIET, **variables})
    assert done.returncode == 0, f"{script} with {package}:\n{done.stdout[-6000:]}"
    return done.stdout


def left_on_server(package, home, **variables):
    """What the scripts leave on a server of their own."""
    with harness.Server(home) as server:
        for script in SCRIPTS:
            run_script(package, script, home, server.url, **variables)
        return Reader(server, home / "artifacts").everything()


def left_in_tree(package, home):
    """What they leave in a tree of files, which our server then reads."""
    tree = home / "mlruns"
    for script in TREE_SCRIPTS:
        run_script(package, script, home, tree.as_uri())
    with harness.Server(home, "--backend-store-uri", tree) as server:
        return Reader(server, home).everything()


def spooled(home, uri, mode, script):
    """The script with our package, without a server; what it left in the spool is then synced."""
    spool = home / "spool"
    printed = run_script("millstream", script, home, uri, MILLSTREAM_MODE=mode,
                         MILLSTREAM_SPOOL=str(spool), MILLSTREAM_PATIENCE="1")
    with harness.Server(home) as server:
        synced = subprocess.run(
            [harness.program(), "sync", "--dir", spool, "--tracking-uri", server.url],
            capture_output=True, text=True, check=False)
        assert synced.returncode == 0, printed + synced.stdout + synced.stderr
        return Reader(server, home / "artifacts").everything()


def compare(left):
    """What both packages leave is equal."""
    assert_equal(*(left(package) for package in PACKAGES))


def assert_equal(ours, theirs):
    assert set(ours) == set(theirs)
    for name, experiment in theirs.items():
        assert ours[name]["tags"] == experiment["tags"]
        for our_run, their_run in zip(ours[name]["runs"], experiment["runs"]):
            different = {key: (our_run[key], value) for key, value in their_run.items()
                         if our_run[key] != value}
            assert not different, f"{name}: {their_run['name']}"
        assert ours[name] == experiment


def test_scripts_leave_the_same_on_a_server(tmp_path_factory):
    compare(lambda package: left_on_server(package, tmp_path_factory.mktemp(package)))


def test_scripts_leave_the_same_in_a_tree(tmp_path_factory):
    compare(lambda package: left_in_tree(package, tmp_path_factory.mktemp(package)))


@pytest.mark.skipif(not harness.LONG, reason="in long mode")
def test_the_official_server_gets_the_same(tmp_path_factory):
    """From our package, by way of the spool, as ours gets from the official package."""
    home = tmp_path_factory.mktemp("official")
    with servers.start_official(home) as server:
        for script in SCRIPTS:
            run_script("millstream", script, home, server.url)
        ours = Reader(server, home / "artifacts").everything()
    assert_equal(ours, left_on_server("mlflow", tmp_path_factory.mktemp("mlflow")))


@pytest.mark.parametrize("mode", ["offline", "online"])
def test_a_server_is_not_needed_meanwhile(mode, tmp_path_factory):
    """Nothing listens where the runs are to go, until all of them have ended."""
    home = tmp_path_factory.mktemp("official")
    with harness.Server(home) as server:
        run_script("mlflow", "offline", home, server.url)
        theirs = Reader(server, home / "artifacts").everything()
        with socket.socket() as nobody:
            nobody.bind(("127.0.0.1", 0))
            uri = "http://127.0.0.1:%d" % nobody.getsockname()[1]
            ours = spooled(tmp_path_factory.mktemp("ours"), uri, mode, "offline")
    assert_equal(ours, theirs)


@pytest.mark.skipif(not (harness.LONG or envs.is_there("frameworks-3.17.2")),
                    reason="in long mode, or where PyTorch's environment is installed")
def test_a_network_of_pytorch_leaves_the_same(tmp_path_factory):
    try:
        envs.ensure("frameworks-3.17.2")
    except envs.Missing as missing:
        pytest.skip(str(missing))

    def left(package):
        home = tmp_path_factory.mktemp(package)
        with harness.Server(home) as server:
            run_script(package, "network", home, server.url, "frameworks-3.17.2")
            return Reader(server, home / "artifacts").everything()

    compare(left)
