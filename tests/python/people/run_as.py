"""Runs a script with another package under the name `mlflow`: run_as.py PACKAGE SCRIPT."""

import importlib
import pathlib
import runpy
import sys

MODULES = ("", ".artifacts", ".entities", ".exceptions", ".system_metrics", ".tracking")


def main():
    package, script = sys.argv[1:]
    if package != "mlflow":
        for name in MODULES:
            sys.modules["mlflow" + name] = importlib.import_module(package + name)
    sys.argv = [script]
    sys.path[0] = str(pathlib.Path(script).parent)
    runpy.run_path(script, run_name="__main__")


if __name__ == "__main__":
    main()
