"""All that scripts have left on a server, read over REST, without what differs from run to run.

Ids, times, random names and the like are replaced; two scripts that did the same then compare as
equal.
"""

import contextlib
import hashlib
import http.client
import json
import pathlib
import re
import urllib.parse

import harness

PAGE = 1000
# What the logger says about itself.
VOLATILE_TAGS = {"mlflow.millstream.heartbeat", "millstream.runId"}
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
TIME = re.compile(r"\+timestamp\+\d+\+")
MADE_UP = re.compile(r"[a-z]+-[a-z]+-\d+\Z")
# Texts in which ids of files occur.
TEXTS = {".json", ".yml", ".txt"}


def _masked(text):
    return TIME.sub("+timestamp+TIME+", UUID.sub("UUID", text))


class Reader:
    """What a server has; `artifacts` is the directory that its artifact locations lead to."""

    def __init__(self, server, artifacts):
        self.server = server
        self.artifacts = pathlib.Path(artifacts)

    def _ask(self, verb, method, body=None):
        with contextlib.closing(http.client.HTTPConnection(
                "127.0.0.1", self.server.port, timeout=harness.ANSWER_SECONDS)) as connection:
            answer = harness.ask(connection, verb, f"/api/2.0/mlflow/{method}", body)
        assert answer.status == 200, answer
        return answer.json

    def _post(self, method, body):
        return self._ask("POST", method, body)

    def _get(self, method, **query):
        return self._ask("GET", f"{method}?{urllib.parse.urlencode(query)}")

    def _files(self, run):
        uri = run["info"]["artifact_uri"]
        if "://" not in uri and uri.startswith("mlflow-artifacts:"):
            root = self.artifacts / uri.partition(":")[2].lstrip("/")
        else:
            root = pathlib.Path(urllib.parse.urlsplit(uri).path)
        return {_masked(str(path.relative_to(root))): self._content(path)
                for path in sorted(root.rglob("*")) if path.is_file()}

    @staticmethod
    def _content(path):
        if path.suffix in TEXTS:
            return _masked(path.read_text("utf-8"))
        return hashlib.sha256(path.read_bytes()).hexdigest()

    def _history(self, run_id, key):
        points = self._get("metrics/get-history", run_id=run_id, metric_key=key)["metrics"]
        return sorted((int(point.get("step", 0)), point["value"]) for point in points)

    def _run(self, run, names):
        info, data = run["info"], run["data"]
        tags = {tag["key"]: tag["value"] for tag in data.get("tags", ())
                if tag["key"] not in VOLATILE_TAGS}
        for key, value in tags.items():
            tags[key] = names.get(value, "made up" if MADE_UP.match(value) else value)
        return {
            "name": "made up" if MADE_UP.match(info["run_name"]) else info["run_name"],
            "status": info["status"], "stage": info["lifecycle_stage"],
            "has ended": "end_time" in info,
            "params": {param["key"]: param["value"] for param in data.get("params", ())},
            "metrics": {metric["key"]: self._history(info["run_id"], metric["key"])
                        for metric in data.get("metrics", ())},
            "tags": tags,
            "inputs": run.get("inputs", {}).get("dataset_inputs", []),
            **{f"file {name}": content for name, content in self._files(run).items()},
        }

    def everything(self):
        """Experiments with their runs, by name."""
        found = {}
        for experiment in self._post("experiments/search", {
                "view_type": "ALL", "max_results": PAGE})["experiments"]:
            runs = self._post("runs/search", {
                "experiment_ids": [experiment["experiment_id"]], "run_view_type": "ALL",
                "max_results": PAGE, "order_by": ["attributes.start_time ASC"]}).get("runs", [])
            names = {run["info"]["run_id"]: run["info"]["run_name"] for run in runs}
            read = [self._run(run, names) for run in runs]
            found[experiment["name"]] = {
                "stage": experiment["lifecycle_stage"],
                "tags": {tag["key"]: tag["value"] for tag in experiment.get("tags", ())},
                # Several have made up names, and may have begun in the same millisecond.
                "runs": sorted(read, key=lambda run: json.dumps([run["name"], run["params"], run],
                                                                sort_keys=True)),
            }
        return found
