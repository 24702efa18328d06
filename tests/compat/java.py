"""Runs the tour of the official Java client against a server.

The jars of each version are fetched once with Maven and cached beside the Python environments.
"""

import pathlib
import re
import shutil
import subprocess
import tempfile

from . import envs, generations

POM = generations.SCRIPTS / "pom.xml"
TOUR = generations.SCRIPTS / "Tour.java"


class JavaClient:
    """A release, and whether the official server no longer serves it but compat.preview does."""

    def __init__(self, version, old=False):
        self.version = version
        self.old = old


CLIENTS = {
    "java-2.17.2": JavaClient("2.17.2"),
    "java-1.22.0": JavaClient("1.22.0", old=True),
}


def is_there(name):
    return shutil.which("java") is not None and (envs.cache_root() / name).is_dir()


def jars(name):
    """The directory with the jars of a client; envs.Missing without Java or Maven."""
    home = envs.cache_root() / name
    for program in ("java",) if home.is_dir() else ("java", "mvn"):
        if shutil.which(program) is None:
            raise envs.Missing(f"no {program} on PATH")
    if not home.is_dir():
        home.parent.mkdir(parents=True, exist_ok=True)
        aside = pathlib.Path(tempfile.mkdtemp(prefix=f".{name}-", dir=home.parent))
        try:
            subprocess.run(
                ["mvn", "-q", "-f", POM, f"-Dclient={CLIENTS[name].version}",
                 "dependency:copy-dependencies", f"-DoutputDirectory={aside}"], check=True)
            aside.rename(home)
        except BaseException:
            shutil.rmtree(aside, ignore_errors=True)
            raise
    return home


def run(name, url):
    """What the client returned and raised, by step."""
    done = subprocess.run(
        ["java", "-cp", f"{jars(name)}/*", TOUR, url, name + " "], capture_output=True, text=True,
        check=False, timeout=generations.TIMEOUT_SECONDS)
    if done.returncode != 0:
        raise RuntimeError(f"{name} failed:\n{done.stderr[-6000:]}")
    mask = Mask()
    return {step: mask.text(value) for step, value in
            (line.split("\t", 1) for line in done.stdout.splitlines())}


class Mask:
    """Puts labels, in order of appearance, in the place of what two servers choose differently."""

    PLACES = (
        ("time", re.compile(r"()\b(1[5-9]\d{11})\b")),
        ("experiment", re.compile(r'(experiment_id: "|mlflow-artifacts:/)([1-9]\d*)')),
        ("id", re.compile(r"()\b([0-9a-f]{32})\b")),
        ("name", re.compile(r'(run_name: ")([a-z]+-[a-z]+-\d+)')),
    )

    def __init__(self):
        self.labels = {}

    def text(self, value):
        for kind, place in self.PLACES:
            value = place.sub(lambda at: at.group(1) + self.label(kind, at.group(2)), value)
        return value

    def label(self, kind, value):
        if kind == "time":
            return "<time>"
        known = self.labels.setdefault(kind, {})
        return known.setdefault(value, f"<{kind} {len(known) + 1}>")
