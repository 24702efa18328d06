"""The Pythons that the module is tried with, and the module as it was built."""

import os
import pathlib
import subprocess
import sys
import zipfile

from compat import envs

ROOT = pathlib.Path(__file__).resolve().parents[2]
# Seconds for servers that are there, and that a slow machine does not run out of.
PATIENT = "120"
# The oldest that the wheel is for and the newest there is; the one between runs all tests.
OLDEST, OWN, NEWEST = "3.9", "3.11", "3.13"


def wheel():
    """The wheel that `make wheel` has built."""
    found = sorted((ROOT / "dist").glob("millstream-*.whl"))
    if len(found) != 1:
        raise FileNotFoundError(f"{len(found)} wheels in {ROOT / 'dist'}: run `make wheel` first")
    return found[0]


def module_path():
    """A directory to import millstream from: $MILLSTREAM_MODULE, else the unpacked wheel.

    One directory serves every Python, as the wheel does."""
    given = os.environ.get("MILLSTREAM_MODULE")
    if given:
        return pathlib.Path(given).resolve()
    built = wheel()
    made = built.stat()
    place = ROOT / "build" / "site" / f"{made.st_mtime_ns:x}-{made.st_size:x}"
    if not place.is_dir():
        aside = place.with_name(f"{place.name}.{os.getpid()}")
        with zipfile.ZipFile(built) as packed:
            for item in packed.infolist():
                packed.extract(item, aside)
                mode = item.external_attr >> 16 & 0o777
                if mode:
                    os.chmod(aside / item.filename, mode)
        try:
            aside.rename(place)
        except OSError:
            if not place.is_dir():
                raise
    return place


def environment(*paths, **variables):
    """Variables for a Python that imports from those paths, and knows no settings of ours but
    patience: however slow the machine, a server that is there is waited for."""
    kept = {key: value for key, value in os.environ.items()
            if not key.startswith(("MLFLOW_", "MILLSTREAM_", "PYTHON", "SSL_CERT"))}
    return {**kept, "PYTHONPATH": os.pathsep.join(map(str, paths)),
            "PYTHONDONTWRITEBYTECODE": "1", "PYTHONFAULTHANDLER": "1",
            "MILLSTREAM_PATIENCE": PATIENT, **variables}


def run(python, *words, cwd, paths, timeout=900, **variables):
    """A Python that has ended, with all that it printed; the caller looks at returncode."""
    return subprocess.run(
        [str(python), *map(str, words)], cwd=cwd, env=environment(*paths, **variables),
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        timeout=timeout, check=False)


def find(version):
    """The interpreter of a version; envs.Missing where it is not there."""
    return sys.executable if version == OWN else envs.find_python(version)


def _is_there(version):
    try:
        return bool(find(version))
    except envs.Missing:
        return False


def there(*versions):
    """Those of the versions that this machine has; that of the tests where it has none."""
    return tuple(filter(_is_there, versions)) or (OWN,)
