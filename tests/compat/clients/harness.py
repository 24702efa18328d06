"""Writes down what an official client returns or raises, for comparison between two servers.

Runs inside the environment of the client under test, hence on every Python from 3.7.  A script
makes a Recorder, calls `step` for each thing it tries and ends with `finish`, which writes one
JSON document into the script's directory.  Ids, clocks and generated names are replaced by
labels in order of appearance.
"""

import collections.abc
import enum
import json
import math
import os
import re
import traceback

HEX_ID = re.compile(r"\b(?:m-)?[0-9a-f]{32}\b")
ROOT = re.compile(r"^(mlflow-artifacts:/)(\d+)")
GENERATED_NAME = re.compile(r"^[a-z]+-[a-z]+-\d+$")
# Tags about the machine and the file that runs; they say nothing of the server.
LOCAL_TAGS = ("mlflow.source.", "mlflow.user")
# Servers answer these in orders of their own.
UNORDERED = ("tags", "params", "metrics", "dataset_inputs", "latest_versions")


class Recorder:
    """The document in the making."""

    def __init__(self, directory):
        self.directory = directory
        self.steps = {}
        self.labels = {}

    def step(self, name, call, *arguments, **options):
        """Records what `call` returns or raises; answers the value, or None when it raised."""
        if name in self.steps:
            raise ValueError("two steps are named %r" % name)
        try:
            value = call(*arguments, **options)
        except Exception as error:
            self.steps[name] = {"raises": self._error(error)}
            if isinstance(error, (NameError, ImportError)):
                traceback.print_exc()
            return None
        self.steps[name] = {"value": self._plain(value, None)}
        return value

    def create_experiment(self, name, call, *arguments, **options):
        """Like `step` for calls that return the id of an experiment, a number of the server's."""
        made = self.step(name, call, *arguments, **options)
        if made is not None:
            self.steps[name] = {"value": self._label("experiment", str(made))}
        return made

    def finish(self):
        with open(os.path.join(self.directory, "document.json"), "w") as file:
            json.dump(self.steps, file)

    def _error(self, error):
        found = {"class": type(error).__name__}
        code = getattr(error, "error_code", None)
        # The first clients keep the server's code in the text alone.
        named = re.match(r"([A-Z_]+): ", str(error))
        if type(error).__name__ == "RestException" and named:
            code = named.group(1)
        if code is not None:
            found["error_code"] = str(code)
        return found

    def _label(self, kind, value):
        known = self.labels.setdefault(kind, {})
        return known.setdefault(value, "<%s %d>" % (kind, len(known) + 1))

    def _text(self, value, key):
        if key == "experiment_id" and value != "0":
            return self._label("experiment", value)
        if key in ("run_name", "mlflow.runName") and GENERATED_NAME.match(value):
            return "<generated>"
        if len(value) > 300:
            return "%s<%d characters>" % (value[:20], len(value))
        value = value.replace(self.directory, "<directory>")
        value = ROOT.sub(lambda at: at.group(1) + self._label("experiment", at.group(2)), value)
        return HEX_ID.sub(lambda at: self._label("id", at.group(0)), value)

    def _plain(self, value, key):
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, enum.Enum):
            return value.name
        if isinstance(value, int):
            return "<time>" if value > 1500000000000 else value
        if isinstance(value, float):
            return value if math.isfinite(value) else repr(value)
        if isinstance(value, str):
            return self._text(value, key)
        if isinstance(value, bytes):
            return "%d bytes, sum %d" % (len(value), sum(value))
        if isinstance(value, dict):
            return {str(name): self._plain(item, name) for name, item in value.items()
                    if not str(name).startswith(LOCAL_TAGS)}
        if isinstance(value, (collections.abc.Sequence, set)):
            return self._list(value, key)
        return self._entity(value)

    def _list(self, value, key):
        items = [self._plain(item, key) for item in value
                 if not str(getattr(item, "key", "")).startswith(LOCAL_TAGS)]
        if isinstance(value, set) or key in UNORDERED:
            items.sort(key=lambda item: json.dumps(item, sort_keys=True))
        if getattr(value, "token", None):
            return {"items": items, "more": True}
        return items

    def _entity(self, value):
        """An MLflow entity names its own properties by iterating."""
        try:
            pairs = dict(value)
        except TypeError:
            return "<%s>" % type(value).__name__
        return {name: self._plain(item, pairs["key"] if name == "value" and "key" in pairs
                                  else name) for name, item in pairs.items()}


def tree(directory):
    """The files below a directory and what is in them."""
    found = {}
    for folder, _, names in os.walk(directory):
        for name in names:
            path = os.path.join(folder, name)
            with open(path, "rb") as file:
                content = file.read()
            shown = content.decode("utf-8", "replace") if len(content) < 200 else content
            found[os.path.relpath(path, directory)] = shown
    return found
