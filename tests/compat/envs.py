"""Virtual environments with official MLflow releases, made once and cached.

`ensure(name)` answers the path of an environment's interpreter.  An environment is built aside
and renamed into place, so an interrupted or concurrent installation never leaves half of one.
"""

import contextlib
import fcntl
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile


class Missing(Exception):
    """The interpreter that an environment needs is not on this machine."""


class Environment:
    """One release: the Python it runs on and what pip has to install.

    `bare` is installed without what it asks for.  `needs` is a module of the system's own Python,
    which the environment then extends: what the distribution packages small is large elsewhere.
    """

    def __init__(self, python, *requirements, bare=(), needs=None):
        self.python = python
        self.requirements = requirements
        self.bare = bare
        self.needs = needs

    def description(self):
        return "\n".join((*self.requirements, *self.bare))


# What the first clients need; they ask for no upper bounds.
OF_THEIR_TIME = (
    "setuptools<60", "protobuf<3.21", "sqlalchemy<1.4", "alembic<1.5", "numpy<1.20", "pandas<1.2",
    "flask<2", "jinja2<3", "markupsafe<2.1", "itsdangerous<2.1", "werkzeug<1", "click<8")

ENVIRONMENTS = {
    "official-3.17.2": Environment("3.11", "mlflow==3.17.2"),
    "browser": Environment("3.11", "playwright==1.65.2"),
    "client-3.17.2": Environment("3.11", "mlflow-skinny==3.17.2"),
    "client-2.22.5": Environment("3.11", "mlflow-skinny==2.22.5", "setuptools<81"),
    "client-3.0.1": Environment("3.11", "mlflow-skinny==3.0.1", "setuptools<81"),
    "client-2.9.2": Environment("3.10", "mlflow-skinny==2.9.2", "setuptools<81"),
    "client-2.0.1": Environment("3.9", "mlflow-skinny==2.0.1", "setuptools<81", "protobuf<5"),
    "client-1.30.1": Environment("3.8", "mlflow-skinny==1.30.1", "setuptools<81", "protobuf<4"),
    # With what scripts of people plot, compute and keep tables with.
    "scripts-3.17.2": Environment(
        "3.11", "mlflow-skinny==3.17.2", "setuptools<81", "numpy==2.3.5", "pandas==2.3.3",
        "scikit-learn==1.7.2", "matplotlib==3.10.7", "pillow==12.0.0"),
    "client-1.0.0": Environment("3.7", "mlflow==1.0.0", *OF_THEIR_TIME),
    "client-0.9.1": Environment("3.7", "mlflow==0.9.1", *OF_THEIR_TIME),
    # The newest that go with Debian's PyTorch 1.13.
    "frameworks-3.17.2": Environment(
        "3.11", "mlflow==3.17.2", "numpy<2", "pandas<3", "scikit-learn==1.9.1",
        "xgboost-cpu==3.2.0", "lightgbm==4.7.0", "optuna==5.0.0", "transformers==4.40.2",
        "fsspec", "tqdm", "psutil",
        bare=("optuna-integration==5.0.0", "lightning==2.2.5", "pytorch-lightning==2.2.5",
              "torchmetrics==1.4.3", "lightning-utilities==0.15.3", "accelerate==0.34.2"),
        needs="torch"),
}

SYSTEM_PYTHON = "/usr/bin/python3"


def cache_root():
    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return pathlib.Path(base) / "millstream" / "compat"


def _runs_as(command, version):
    """Is `command` a working Python of this version?  A pyenv shim may exist and still fail."""
    probe = "import sys, venv; print('%d.%d' % sys.version_info[:2])"
    try:
        done = subprocess.run([command, "-c", probe], capture_output=True, text=True,
                              timeout=60, check=False)
    except OSError:
        return False
    return done.returncode == 0 and done.stdout.strip() == version


def find_python(version):
    """The interpreter of `version` on PATH or in ~/.pyenv/versions; Missing when none is there.

    Today's clients are served by any newer Python too, so that the generations that must never
    be left out run wherever the tests themselves run.
    """
    candidates = [shutil.which("python" + version)]
    pyenv = pathlib.Path(os.environ.get("PYENV_ROOT") or os.path.expanduser("~/.pyenv"))
    candidates += sorted(str(path) for path in pyenv.glob(f"versions/{version}.*/bin/python"))
    for command in candidates:
        if command and _runs_as(command, version):
            return command
    if version == "3.11" and sys.version_info >= (3, 11):
        return getattr(sys, "_base_executable", None) or sys.executable
    raise Missing(f"no python{version} on PATH or in {pyenv}/versions")


@contextlib.contextmanager
def _locked(root):
    """One installation at a time: two would only compete for the same downloads."""
    root.mkdir(parents=True, exist_ok=True)
    with open(root / "lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _interpreter(home):
    return home / "bin" / "python"


def _system_python(environment):
    """The system's Python, if it has the version and the module that the environment needs."""
    if _runs_as(SYSTEM_PYTHON, environment.python):
        done = subprocess.run([SYSTEM_PYTHON, "-c", f"import {environment.needs}"],
                              capture_output=True, timeout=60, check=False)
        if done.returncode == 0:
            return SYSTEM_PYTHON
    raise Missing(f"{SYSTEM_PYTHON} is no Python {environment.python} with {environment.needs}")


def _pip(home, *arguments):
    subprocess.run([str(_interpreter(home)), "-m", "pip", "install", "--no-input", "-q",
                    "--disable-pip-version-check", *arguments], check=True)


def _install(name, environment, home):
    extends = ["--system-site-packages"] if environment.needs else []
    python = (_system_python(environment) if environment.needs
              else find_python(environment.python))
    aside = pathlib.Path(tempfile.mkdtemp(prefix=f".{name}-", dir=home.parent))
    try:
        subprocess.run([python, "-m", "venv", *extends, str(aside)], check=True)
        _pip(aside, *environment.requirements)
        if environment.bare:
            _pip(aside, "--no-deps", *environment.bare)
        (aside / "requirements").write_text(environment.description(), "ascii")
        if home.exists():
            shutil.rmtree(home)
        aside.rename(home)
    except BaseException:
        shutil.rmtree(aside, ignore_errors=True)
        raise


def is_there(name):
    """Whether the environment `name` is installed."""
    marker = cache_root() / name / "requirements"
    return marker.is_file() and marker.read_text("ascii") == ENVIRONMENTS[name].description()


def ensure(name):
    """The interpreter of the environment `name`, installed first where it is not cached."""
    home = cache_root() / name
    if not is_there(name):
        with _locked(cache_root()):
            if not is_there(name):
                _install(name, ENVIRONMENTS[name], home)
    return _interpreter(home)


def main():
    """Install the environments named on the command line, or all whose Python is here."""
    for name in sys.argv[1:] or ENVIRONMENTS:
        try:
            print(name, ensure(name))
        except Missing as missing:
            print(name, "left out:", missing)


if __name__ == "__main__":
    main()
