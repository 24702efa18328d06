"""mlruns trees: made and read by official clients of every generation, and by our server."""

import json
import os
import pathlib
import subprocess
import urllib.request

from . import envs, servers
from .generations import SCRIPTS, SETTINGS, TIMEOUT_SECONDS



def run_official(environment, actions, tree):
    """Runs clients/tree.py in one of the environments; the answer is what it read last."""
    python = envs.ensure(environment)
    document = pathlib.Path(f"{tree}.json")
    settings = {key: value for key, value in os.environ.items()
                if not key.startswith(("MLFLOW_", "PYTHON"))}
    settings.update(SETTINGS, MLFLOW_ALLOW_FILE_STORE="true")
    done = subprocess.run([str(python), "-W", "ignore", str(SCRIPTS / "tree.py"), actions,
                           str(tree), str(document)], env=settings, capture_output=True,
                          text=True, check=False, timeout=TIMEOUT_SECONDS)
    if done.returncode != 0:
        raise RuntimeError(f"tree.py {actions} failed in {environment}:\n{done.stderr[-6000:]}")
    return json.loads(document.read_text("utf-8"))


def pack(tree):
    """All of a tree as a dict: the text of each file, None for a folder."""
    found = {}
    for path in sorted(tree.rglob("*")):
        name = str(path.relative_to(tree))
        found[name] = path.read_bytes().decode("utf-8") if path.is_file() else None
    return found


def unpack(packed, tree):
    for name, text in packed.items():
        if text is None:
            (tree / name).mkdir(parents=True, exist_ok=True)
        else:
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            (tree / name).write_bytes(text.encode("utf-8"))


# Names that mean something else in YAML unless they are quoted.
NAMES = ["exp one: n\u00e9", "yes", "123", "1e3", "1.5", "2001-01-01", "- a", "it's", "#x", "[a]",
         "a long name that goes on and on until it is far beyond the eighty columns of a line " * 2,
         "\U0001f600 smile", "line\nbreak", "tab\there", "null", "~", "0x1F", "a: b", "=", "<<"]
VALUES = ["NaN", 1e-5, 1e16, 123456789.125, 1 / 3, 5e-324, 1.7976931348623157e308, "-Infinity"]


class OurTree:
    """A server of ours on a tree; use it in a `with`."""

    def __init__(self, tree, home):
        home.mkdir(exist_ok=True)
        self.server = servers.start_ours(
            home, ("--backend-store-uri", str(tree), "--default-artifact-root",
                   tree.resolve().as_uri()))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        assert self.server.stop() == 0, f"ended badly:\n{self.server.log()}"

    def call(self, path, body=None, query=""):
        request = urllib.request.Request(
            f"{self.server.url}/api/2.0/mlflow/{path}{query}",
            None if body is None else json.dumps(body).encode(),
            {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:
            return json.loads(answer.read())

    def pages(self, path, body, key):
        """All items of a search."""
        token = {}
        while token is not None:
            page = self.call(path, {**body, **token})
            yield from page.get(key, [])
            token = ({"page_token": page["next_page_token"]} if "next_page_token" in page
                     else None)

    def create_run(self, experiment_id, **more):
        return self.call("runs/create", {"experiment_id": experiment_id, "user_id": "me",
                                         "start_time": 1600000000000, **more})["run"]["info"]["run_id"]

    def log(self, run_id, key, value, timestamp, step=0):
        self.call("runs/log-metric", {"run_id": run_id, "key": key, "value": value,
                                      "timestamp": timestamp, "step": step})

    def set(self, run_id, kind, key, value):
        self.call(f"runs/{kind}", {"run_id": run_id, "key": key, "value": value})

    def make(self, points=True):
        """A bit of everything. Without points where a client before 1.0 is to read the runs,
        which knows no steps and fails at lines that have one."""
        first = self.call("experiments/create", {
            "name": NAMES[0], "tags": [{"key": "team", "value": "vision"}]})["experiment_id"]
        run_id = self.create_run(first, run_name="yes", tags=[{"key": "a", "value": "1"}])
        if points:
            for step, value in enumerate(VALUES):
                self.log(run_id, "sub/deep/acc", value, 1600000000000 + step, step - 2)
            self.call("runs/log-batch", {"run_id": run_id, "metrics": [
                {"key": key, "value": i / 3, "timestamp": 1600000000000 + i, "step": i}
                for i in range(20) for key in ("batch", "other")]})
        for key, value in [("lr", "0.01"), ("empty", ""), ("sub/p", "n\u00e9"), ("a b", "v")]:
            self.set(run_id, "log-parameter", key, value)
        self.set(run_id, "set-tag", "text", "one\n\ttwo: n\u00e9 ")
        self.call("runs/log-inputs", {"run_id": run_id, "datasets": [
            {"tags": [{"key": "mlflow.data.context", "value": "train"}],
             "dataset": {"name": "iris", "digest": "d1g", "source_type": "local",
                         "source": '{"uri": "x: y"}', "schema": '{"a": 1}'}}]})
        self.call("runs/update", {"run_id": run_id, "status": "FAILED",
                                  "end_time": 1600000001000})
        self.call("runs/delete", {"run_id": self.create_run(first)})
        gone = self.call("experiments/create", {"name": "gone"})["experiment_id"]
        self.create_run(gone)
        self.call("experiments/delete", {"experiment_id": gone})
        for name in NAMES[1:]:
            renamed = self.call("experiments/create", {"name": "before " + name})
            self.call("experiments/update", {**renamed, "new_name": name})

    def change(self, name, old=False):
        """Goes on in an experiment, whoever made it; old if 0.9 is to read it, which has
        neither steps nor the status KILLED."""
        found = self.call("experiments/get-by-name",
                          query="?experiment_name=" + urllib.request.quote(name))
        experiment_id = found["experiment"]["experiment_id"]
        runs = self.call("runs/search", {"experiment_ids": [experiment_id]})["runs"]
        run_id = max(runs, key=lambda run: len(run["data"].get("params", [])))["info"]["run_id"]
        self.log(run_id, "loss", 0.025, 1600000200000, 0 if old else 9)
        self.log(run_id, "new", 1e-7, 1600000200000)
        self.set(run_id, "log-parameter", "new/p", "1")
        self.set(run_id, "set-tag", "text", "changed")
        self.set(run_id, "set-tag", "mlflow.runName", "renamed")
        self.call("runs/update", {"run_id": run_id, "status": "FAILED" if old else "KILLED",
                                  "end_time": 1600000300000})
        other = next(run["info"]["run_id"] for run in runs if run["info"]["run_id"] != run_id)
        self.call("runs/delete", {"run_id": other})
        self.call("runs/restore", {"run_id": other})
        self.create_run(experiment_id)
        gone = self.call("experiments/get-by-name", query="?experiment_name=gone")["experiment"]
        self.call("experiments/restore", {"experiment_id": gone["experiment_id"]})
        back = self.call("experiments/get-by-name", query="?experiment_name=yes")["experiment"]
        self.call("experiments/delete", {"experiment_id": back["experiment_id"]})

    def read(self):
        """The same document as clients/tree.py makes."""
        document = {"experiments": {}, "runs": {}}
        for e in self.pages("experiments/search", {"view_type": "ALL", "max_results": 5},
                            "experiments"):
            document["experiments"][e["experiment_id"]] = {
                "name": e["name"], "artifact_location": e["artifact_location"],
                "lifecycle": e["lifecycle_stage"], "tags": _dict(e.get("tags", [])),
                "creation_time": e.get("creation_time"),
                "last_update_time": e.get("last_update_time"),
            }
        search = {"experiment_ids": list(document["experiments"]), "run_view_type": "ALL",
                  "max_results": 3}
        for run in self.pages("runs/search", search, "runs"):
            document["runs"][run["info"]["run_id"]] = self._read_run(run)
        return document

    def _read_run(self, run):
        info, data = run["info"], run["data"]
        metrics = {metric["key"]: metric["value"] for metric in data.get("metrics", [])}
        # One run alone must be the same as one of many.
        alone = self.call("runs/get", query=f"?run_id={info['run_id']}")["run"]
        assert alone == run
        return {
            "experiment_id": info["experiment_id"], "status": info["status"],
            "start_time": info["start_time"], "end_time": info.get("end_time"),
            "user_id": info["user_id"], "artifact_uri": info["artifact_uri"],
            "lifecycle": info["lifecycle_stage"], "run_name": info["run_name"],
            "params": _dict(data.get("params", [])), "tags": _dict(data.get("tags", [])),
            "metrics": {key: repr(float(value)) for key, value in metrics.items()},
            "history": {key: self._history(info["run_id"], key) for key in metrics},
            "datasets": [[d["dataset"].get(field) for field in (
                "name", "digest", "source_type", "source", "schema", "profile")]
                + [_dict(d.get("tags", []))]
                for d in run.get("inputs", {}).get("dataset_inputs", [])],
        }

    def _history(self, run_id, key):
        found = self.call("metrics/get-history",
                          query=f"?run_id={run_id}&metric_key={urllib.request.quote(key)}")
        return sorted([repr(float(p["value"])), p["timestamp"], p["step"]]
                      for p in found.get("metrics", []))


def _dict(items):
    return {item["key"]: item["value"] for item in items}


def known_to(theirs, ours):
    """Our document with what the other one has, too: an older client tells less."""
    found = {"experiments": {}, "runs": {}}
    for kind in found:
        for name, item in ours[kind].items():
            fields = theirs[kind].get(name, item)
            found[kind][name] = {field: value for field, value in item.items()
                                 if field in fields}
    return found


def differences(theirs, ours):
    """What two documents disagree on, line by line; empty when they are equal."""
    ours = known_to(theirs, ours)
    lines = []
    for kind in ("experiments", "runs"):
        for name in sorted(set(theirs[kind]) | set(ours[kind])):
            one, other = theirs[kind].get(name), ours[kind].get(name)
            if one is None or other is None:
                lines.append(f"{kind} {name}: only {'theirs' if one else 'ours'}")
                continue
            lines += [f"{kind} {name} {field}: {one[field]!r}, ours {other.get(field)!r}"
                      for field in sorted(one) if one[field] != other.get(field)]
    return lines
