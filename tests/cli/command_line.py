"""The real command line as a test sees it."""

import json
import os
import pathlib
import subprocess

import harness

SECONDS = 120


class Done:
    """A command that has ended."""

    def __init__(self, process):
        self.code = process.returncode
        self.out = process.stdout.decode()
        self.err = process.stderr.decode()

    @property
    def json(self):
        return json.loads(self.out)

    @property
    def experiment(self):
        return self.json["experiment"]

    @property
    def experiments(self):
        return self.json.get("experiments", [])

    @property
    def run(self):
        return self.json["run"]

    @property
    def runs(self):
        return self.json.get("runs", [])

    @property
    def files(self):
        return self.json.get("files", [])

    @property
    def lines(self):
        return self.out.splitlines()

    def __repr__(self):
        return f"<exit {self.code}\n{self.out}{self.err}>"


class CommandLine:
    """`millstream` with a tracking URI in its environment and a directory of its own."""

    def __init__(self, home, uri=None):
        self.home = pathlib.Path(home)
        self.uri = uri

    def run(self, *words, environment=None, stdin=None):
        kept = ("PATH", "HOME", "LD_LIBRARY_PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS",
                "TSAN_OPTIONS", "LSAN_OPTIONS")
        env = {name: os.environ[name] for name in kept if name in os.environ}
        env.update(TZ="UTC", LC_ALL="C.UTF-8", LOGNAME="tester")
        if self.uri is not None:
            env["MLFLOW_TRACKING_URI"] = self.uri
        env.update(environment or {})
        return Done(subprocess.run(
            [harness.program(), *map(str, words)], cwd=self.home, env=env, input=stdin,
            capture_output=True, timeout=SECONDS, check=False))

    def __call__(self, *words, **more):
        """Runs a command that must succeed and have nothing to complain about."""
        done = self.run(*words, **more)
        assert done.code == 0 and done.err == "", done
        return done

    def commands(self):
        """Every command that the help lists: its name, and its other names."""
        found = {}
        for line in self("help").out.splitlines():
            if line.startswith("  ") and not line.startswith("   "):
                name, *aliases = line[2:].split("  ")[0].split(", ")
                found[name] = aliases
        return found

    def fails(self, code, *words, **more):
        """Runs a command that must end with that code; its message, without "error: "."""
        done = self.run(*words, **more)
        assert done.code == code and done.err.startswith("error: "), done
        assert done.out == "", done
        return done.err[len("error: "):].rstrip("\n")
