"""Collects what a package answers: the questions of a script, as JSON on standard output."""

import json
import sys

import mlflow
from mlflow.exceptions import MlflowException

FOUND = {}


def told(error):
    """An exception as scripts see it: whether `except MlflowException` catches it, and its code;
    of others which builtin exception it is."""
    if isinstance(error, MlflowException):
        return {"raises": "MlflowException", "code": error.error_code}
    return {"raises": type(error).__name__}


def ask(question, action):
    """Note what `action` gives or raises."""
    assert question not in FOUND, question
    try:
        FOUND[question] = action()
    except Exception as error:
        FOUND[question] = told(error)


def done():
    """Print the answers; nothing else is read behind them."""
    while mlflow.active_run():
        mlflow.end_run()
    sys.stdout.write("\nANSWERS " + json.dumps(FOUND, default=str, sort_keys=True) + "\n")
