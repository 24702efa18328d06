"""The library as `make install` leaves it, and programs built against it."""

import os
import pathlib
import re
import subprocess

# For one command, or all that a document shows: only what hangs runs into it.
SECONDS = 600
STRICT = ("-Wall", "-Wextra", "-Werror")
# Standard Fortran has no word for the smallest 64-bit number, which means "not given".
COMPILERS = {"c99": ("cc", "-Wpedantic"), "c11": ("cc", "-Wpedantic"),
             "c++17": ("c++", "-Wpedantic"), "f2018": ("gfortran",)}


def run(words, **more):
    """A process that must succeed; what it printed."""
    done = subprocess.run([*map(str, words)], capture_output=True, text=True, timeout=SECONDS,
                          check=False, **more)
    assert done.returncode == 0, f"{words}\n{done.stdout}{done.stderr}"
    return done.stdout


class Package:
    """An installed tree: its directories, and how to build and run against it."""

    def __init__(self, prefix):
        self.prefix = pathlib.Path(prefix)
        self.libdir = next(self.prefix.glob("lib*/**/libmillstream.so")).parent

    def environment(self, **more):
        """Nothing of the machine's but where the tools are."""
        kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        return {**kept, "LC_ALL": "C.UTF-8", "TZ": "UTC", "LD_LIBRARY_PATH": str(self.libdir),
                "PKG_CONFIG_PATH": str(self.libdir / "pkgconfig"), **more}

    def pkg_config(self, *words):
        return run(["pkg-config", *words, "millstream"], env=self.environment()).split()

    def build(self, target, *sources, standard="c11", flags=()):
        """A program made as the README says, with every warning an error."""
        run([*COMPILERS[standard], f"-std={standard}", *STRICT, "-O1", *sources,
             *self.pkg_config("--cflags", "--libs"), *flags, "-o", target],
            env=self.environment(), cwd=pathlib.Path(target).parent)
        return pathlib.Path(target)


def blocks(path, language):
    """The ```LANGUAGE blocks of a document, in order."""
    return re.findall(rf"^```{language}\n(.*?)^```$", pathlib.Path(path).read_text(), re.S | re.M)
