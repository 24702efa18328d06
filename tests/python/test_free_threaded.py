"""The module without a GIL: many threads in it at once, the tests of its calls, and
ThreadSanitizer.  In long mode alone: an interpreter like that has to be built first."""

import json
import os
import pathlib
import subprocess

import pytest

import harness
import interpreters

pytestmark = pytest.mark.skipif(not harness.LONG, reason="long mode builds the interpreter")

HERE = pathlib.Path(__file__).parent
TOOLS = interpreters.ROOT / "tools"
# What of the module's tests runs in the interpreter itself.
TESTS = ("test_entities.py", "test_exceptions.py", "test_client.py", "test_client_modes.py",
         "test_contents.py", "test_notebook.py", "test_source.py")
PLACES = {"tree": ("strict", "file://{home}/mlruns"), "sqlite": ("strict", "sqlite:///{home}/t.db"),
          "strict": ("strict", "{url}"), "online": ("online", "{url}")}


def said(*command, **more):
    """What a command printed, without the end of its line."""
    return subprocess.run([str(word) for word in command], check=True, stdout=subprocess.PIPE,
                          text=True, **more).stdout.strip()


class Module:
    """An interpreter without a GIL, and the extension built for it."""

    def __init__(self, kind, compiler, *options):
        self.kind = kind
        self.python = said(TOOLS / "free-threaded", kind)
        self.build = interpreters.ROOT / "build" / f"free-threaded-{kind}"
        # Debian 12's own meson does not know Pythons as new as this.
        tools = said(TOOLS / "venv", interpreters.ROOT / "packaging" / "wheel.txt")
        self.variables = {**os.environ, "PATH": f"{tools}/bin:{os.environ['PATH']}",
                          "CC": compiler[0], "CXX": compiler[1]}
        if not (self.build / "build.ninja").is_file():
            self._configure(options)
        said("ninja", "-C", self.build, env=self.variables)
        self.path = said(TOOLS / "python-path", self.build)

    def _configure(self, options):
        machine = self.build.with_suffix(".ini")
        machine.parent.mkdir(exist_ok=True)
        machine.write_text(f"[binaries]\npython = '{self.python}'\n", "utf-8")
        said("meson", "setup", self.build, "--native-file", machine, "-Dbuildtype=debugoptimized",
             "-Dtests=false", "-Dui=disabled", "-Dpython=enabled", *options, env=self.variables)

    @property
    def sanitizer(self):
        """Variables for ThreadSanitizer: what it has found is the process's exit code. It follows
        64 locks of a thread at most, and a fork holds those of all loggers."""
        home = pathlib.Path(self.python).parents[1]
        return {"TSAN_OPTIONS":
                f"suppressions={home}/suppressions.txt:exitcode=66:detect_deadlocks=0"}


@pytest.fixture(scope="module")
def plain():
    return Module("plain", ("gcc", "g++"))


@pytest.fixture(scope="module")
def thread():
    return Module("thread", ("clang", "clang++"), "-Db_sanitize=thread", "-Db_lundef=false")


@pytest.fixture(params=["plain", "thread"])
def module(request):
    return request.getfixturevalue(request.param)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with harness.Server(tmp_path_factory.mktemp("server")) as running:
        yield running


@pytest.mark.parametrize("place", PLACES)
def test_many_threads(place, module, server, tmp_path):
    mode, uri = PLACES[place]
    rounds = 20 if module.kind == "plain" else 2
    done = interpreters.run(
        module.python, HERE / "programs" / "hammer.py", uri.format(home=tmp_path, url=server.url),
        rounds, cwd=tmp_path, paths=[module.path], timeout=1200, HOME=str(tmp_path),
        MILLSTREAM_MODE=mode, MILLSTREAM_SPOOL=str(tmp_path / "spool"),
        MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT="true", **module.sanitizer)
    assert done.returncode == 0, done.stdout
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["gil"] is False and set(told["points"]) == {rounds}, told


def test_calls(plain):
    """The module's own tests, as another interpreter runs them."""
    home = said(TOOLS / "venv", HERE / "free_threaded.txt", plain.python)
    done = subprocess.run(
        [f"{home}/bin/python", "-m", "pytest", "-q", "-p", "no:cacheprovider",
         *(str(HERE / name) for name in TESTS)],
        env={**interpreters.environment(), "MILLSTREAM_MODULE": plain.path,
             "MILLSTREAM_BINARY": harness.program()},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=1200, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("way", ["processes", "loader", "fork"])
def test_forks(way, plain, server, tmp_path):
    done = interpreters.run(
        plain.python, HERE / "programs" / "workers.py", server.url, way, cwd=tmp_path,
        paths=[plain.path], timeout=300, HOME=str(tmp_path),
        MILLSTREAM_SPOOL=str(tmp_path / "spool"))
    assert done.returncode == 0, done.stdout
