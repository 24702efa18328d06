"""Runs the scenario of one generation of clients against a server."""

import json
import os
import pathlib
import subprocess

from . import envs

SCRIPTS = pathlib.Path(__file__).with_name("clients")
TIMEOUT_SECONDS = 600


class Generation:
    """A client release: its environment, its script, and whether it may be left out where its
    Python is not installed."""

    def __init__(self, environment, script, optional, old=False):
        self.environment = environment
        self.script = SCRIPTS / script
        self.optional = optional
        # The official server no longer serves it and stands behind compat.preview.
        self.old = old


GENERATIONS = {
    "client-3.17.2": Generation("client-3.17.2", "v3_17.py", optional=False),
    "client-2.22.5": Generation("client-2.22.5", "v2_22.py", optional=False),
    "client-1.30.1": Generation("client-1.30.1", "v1_30.py", optional=True, old=True),
    "client-0.9.1": Generation("client-0.9.1", "v0_9.py", optional=True, old=True),
}

# They run where their environment is installed, and in long mode: installing all takes minutes.
EXTRA = {
    "client-3.0.1": Generation("client-3.0.1", "v3_0.py", optional=True),
    "client-2.9.2": Generation("client-2.9.2", "v2_9.py", optional=True),
    "client-2.0.1": Generation("client-2.0.1", "v2_0.py", optional=True),
    "client-1.0.0": Generation("client-1.0.0", "v1_0.py", optional=True, old=True),
    "frameworks-3.17.2": Generation("frameworks-3.17.2", "frameworks.py", optional=True),
}

ALL = {**GENERATIONS, **EXTRA}

# A wrong answer should show at once, not after minutes of repeating the request.
SETTINGS = {
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1", "MLFLOW_HTTP_REQUEST_TIMEOUT": "60",
    "MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "true", "GIT_PYTHON_REFRESH": "quiet",
    "PYTHONIOENCODING": "utf-8", "PYTHONWARNINGS": "ignore", "PYTHONDONTWRITEBYTECODE": "1",
}


def run(generation, url, directory):
    """The document of what the client returned and raised, by step."""
    python = envs.ensure(generation.environment)
    environment = {key: value for key, value in os.environ.items()
                   if not key.startswith(("MLFLOW_", "PYTHON"))}
    environment.update(SETTINGS, HOME=str(directory))
    done = subprocess.run(
        [str(python), str(generation.script), url, str(directory), generation.script.stem + " "],
        cwd=directory, env=environment, capture_output=True, text=True, check=False,
        timeout=TIMEOUT_SECONDS)
    if done.returncode != 0:
        raise RuntimeError(f"{generation.script.name} failed:\n{done.stderr[-6000:]}")
    return json.loads((pathlib.Path(directory) / "document.json").read_text("utf-8"))
