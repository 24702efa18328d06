"""The test programs of this directory, which meson has built, and how they are run."""

import os
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
SECONDS = 600


def path(name):
    """A built program: below $MILLSTREAM_BUILD, else where `make test` builds."""
    build = pathlib.Path(os.environ.get("MILLSTREAM_BUILD") or ROOT / "build" / "asan")
    program = build / "tests" / "client" / name
    if not program.is_file():
        raise FileNotFoundError(f"{program} is not there: build the tests first")
    return str(program.resolve())


def run(name, *words, cwd=None, environment=None):
    """A program that has ended, with all it printed in stdout. It asks servers once only and knows no settings of ours."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("MLFLOW_")}
    return subprocess.run(
        [path(name), *map(str, words)], cwd=cwd, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, timeout=SECONDS, check=False,
        stdin=subprocess.DEVNULL,
        env={**kept, "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "0", **(environment or {})})
