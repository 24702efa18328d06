"""What a tracking client answers to the cases of a row, for comparison between two clients.

Runs under every Python since 3.8, with `mlflow` or with `millstream`. On top of the Recorder of
the compatibility tests it keeps the types of what came back, and what an exception can be caught
as.
"""

import importlib
import os
import re

from harness import Recorder


class Notes(Recorder):
    """The cases of all rows; `place` says what differs between the kinds of tracking URIs.

    module     the package of the client
    uri        tracking URI that the clients are opened with
    prefix     names of experiments begin so, since a workspace wants paths
    """

    def __init__(self, module, uri, directory, prefix):
        super().__init__(directory)
        self.module = importlib.import_module(module)
        self.entities = importlib.import_module(module + ".entities")
        self.tracking = importlib.import_module(module + ".tracking")
        self.uri = uri
        self.prefix = prefix
        self.client = self.tracking.MlflowClient(uri)
        self.begin("")

    def begin(self, row):
        """Ids and names count from one in each row, so that rows can be taken one by one."""
        self.row, self.made, self.labels = row, 0, {}

    def case(self, name, call, *arguments, **options):
        """Records one case of the present row."""
        return self.step("%s: %s" % (self.row, name), call, *arguments, **options)

    def new_name(self, what="x"):
        self.made += 1
        return "%s%s %s %d" % (self.prefix, self.row, what, self.made)

    def new_experiment(self, what="x"):
        """One to work in; its id is known to the masks."""
        made = self.client.create_experiment(self.new_name(what))
        self._label("experiment", str(made))
        return made

    def new_run(self, experiment=None):
        experiment = self.new_experiment() if experiment is None else experiment
        return self.create_run(experiment).info.run_id

    def create_run(self, experiment, **options):
        """Without the tag today's client takes nobody for the user."""
        tags = {"mlflow.user": "tester", **options.pop("tags", {})}
        return self.client.create_run(experiment, tags=tags, **options)

    def write(self, name, text):
        """A local file below the directory of this tour; its path."""
        path = os.path.join(self.directory, "local", name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8", newline="") as file:
            file.write(text)
        return path

    def _error(self, error):
        found = super()._error(error)
        found["is"] = [kind.__name__ for kind in type(error).__mro__
                       if kind not in (type(error), Exception, BaseException, object)]
        status = getattr(error, "get_http_status_code", None)
        if status is not None:
            found["status"] = status()
        return found

    def _text(self, value, key):
        value = super()._text(value, key)
        for number, label in self.labels.get("experiment", {}).items():
            value = re.sub("(?<=/)%s(?=/|$)" % number, label, value)
        return value

    def _list(self, value, key):
        found = super()._list(value, key)
        return found if type(value) in (list, tuple) else {type(value).__name__: found}

    def _entity(self, value):
        found = super()._entity(value)
        return {"type": type(value).__name__, **found} if isinstance(found, dict) else found
