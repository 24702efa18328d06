"""Single metrics, params and tags."""

from ..differential import Scenario
from .values import KEYS, STRANGE_DOUBLES, STRANGE_INTEGERS, STRANGE_TEXTS


def _run(s, name):
    """An experiment and a run in it; answers what names the run in a request."""
    s.post("experiment", "mlflow/experiments/create", {"name": name}, save={"exp": "experiment_id"})
    return _another_run(s, "run")


def _another_run(s, name):
    s.post(name, "mlflow/runs/create", {"experiment_id": "${exp}", "run_name": "r", "start_time": 1},
           save={name: "run.info.run_id"})
    return {"run_id": "${" + name + "}"}


def metrics():
    s = Scenario("log-metric")
    run = _run(s, "lm")
    path = "mlflow/runs/log-metric"
    metric = {**run, "key": "m", "value": 0.5, "timestamp": 10, "step": 1}
    s.post("plain", path, metric)
    s.post("the same point again", path, metric)
    s.post("by run_uuid", path, {"run_uuid": "${run}", "key": "m", "value": 1, "timestamp": 11})
    s.post("ids disagree", path, {**metric, "run_uuid": "0" * 32, "timestamp": 12})
    s.post("camel case", path, {"runId": "${run}", "key": "camel", "value": 2, "timestamp": 13})
    s.get("history", "mlflow/metrics/get-history", {**run, "metric_key": "m"})
    for kind, value in STRANGE_DOUBLES.items():
        key = f"value {kind}"
        s.post(f"value {kind}", path, {**metric, "key": key, "value": value})
        s.get(f"stored {kind}", "mlflow/metrics/get-history", {**run, "metric_key": key})
    for field in ("step", "timestamp"):
        for kind, value in STRANGE_INTEGERS.items():
            key = f"{field} {kind}".replace("+", "plus").replace("^", "p")
            s.post(f"{field} {kind}", path, {**metric, "key": key, field: value})
            s.get(f"stored {field} {kind}", "mlflow/metrics/get-history",
                  {**run, "metric_key": key})
    for kind, key in KEYS.items():
        s.post(f"key {kind}", path, {**metric, "key": key})
    for field in ("key", "value", "timestamp", "step", "run_id"):
        s.post(f"without {field}", path, {k: v for k, v in metric.items() if k != field})
    for kind, value in STRANGE_TEXTS.items():
        s.post(f"key of kind {kind}", path, {**metric, "key": value})
        s.post(f"run_id of kind {kind}", path, {**metric, "run_id": value})
    s.post("unknown run", path, {**metric, "run_id": "0" * 32})
    s.post("unknown field", path, {**metric, "key": "unknown", "nothing": 1})
    s.post("with dataset", path, {**metric, "key": "with dataset", "dataset_name": "d",
                                  "dataset_digest": "1"})
    return s


def latest():
    """Which point is a run's latest metric: the greatest (step, timestamp, value)."""
    s = Scenario("latest-metric")
    run = _run(s, "lt")
    points = {
        "step wins": [(1, 5, 1), (3, 1, 2), (2, 9, 9)],
        "time wins": [(1, 1, 5), (1, 1, 7), (1, 1, 6)],
        "value wins": [(3, 1, 1), (1, 1, 1), (2, 1, 1)],
        "negative steps": [(1, 1, -5), (2, 1, -9), (3, 1, -7)],
        "NaN is zero": [("NaN", 1, 1), (-1, 1, 1)],
        "NaN below": [("NaN", 1, 1), (1, 1, 1)],
        "NaN later": [(5, 1, 1), ("NaN", 2, 1)],
        "Infinity": [(5, 1, 1), ("Infinity", 1, 1)],
        "-Infinity": [("-Infinity", 1, 1), (5, 0, 1)],
    }
    for name, values in points.items():
        for at, (value, timestamp, step) in enumerate(values):
            s.post(f"{name} {at}", "mlflow/runs/log-metric", {
                **run, "key": name, "value": value, "timestamp": timestamp, "step": step})
    s.get("latest", "mlflow/runs/get", run)
    for name in points:
        s.get(f"history {name}", "mlflow/metrics/get-history", {**run, "metric_key": name})
    return s


def params():
    s = Scenario("log-param")
    run = _run(s, "lp")
    path = "mlflow/runs/log-parameter"
    param = {**run, "key": "p", "value": "v"}
    # What odd requests leave behind must not show in `stored`.
    odd = {**param, **_another_run(s, "odd")}
    s.post("plain", path, param)
    s.post("same value again", path, param)
    s.post("other value", path, {**param, "value": "w"})
    s.post("by run_uuid", path, {"run_uuid": "${run}", "key": "q", "value": "1"})
    for kind, value in STRANGE_TEXTS.items():
        s.post(f"value {kind}", path, {**odd, "key": f"value {kind}", "value": value})
        s.post(f"key of kind {kind}", path, {**odd, "key": value})
        s.post(f"run_id of kind {kind}", path, {**param, "run_id": value})
    for kind, key in KEYS.items():
        s.post(f"key {kind}", path, {**odd, "key": key})
    s.post("value 6000", path, {**param, "key": "v6000", "value": "x" * 6000})
    s.post("value 6001", path, {**param, "key": "v6001", "value": "x" * 6001})
    s.post("value 6001 again", path, {**param, "key": "v6001", "value": "x" * 6001})
    s.post("value 6001 other end", path, {**param, "key": "v6001", "value": "x" * 6000 + "y"})
    s.post("value 6001 wide", path, {**param, "key": "wide", "value": "é" * 6001})
    s.post("value unicode", path, {**param, "key": "unicode", "value": "日本 🧪 \u0000 \n"})
    s.post("value lone surrogate", path,
           raw='{"run_id": "${odd}", "key": "surrogate", "value": "\\ud800"}',
           headers={"Content-Type": "application/json"})
    for field in ("key", "value", "run_id"):
        s.post(f"without {field}", path,
               {k: v for k, v in {**odd, "key": "without"}.items() if k != field})
    s.post("unknown run", path, {**param, "run_id": "0" * 32})
    s.get("stored", "mlflow/runs/get", run)
    return s


def tags():
    s = Scenario("set-tag")
    run = _run(s, "st")
    path = "mlflow/runs/set-tag"
    tag = {**run, "key": "t", "value": "v"}
    odd = {**tag, **_another_run(s, "odd")}
    s.post("plain", path, tag)
    s.post("again", path, {**tag, "value": "w"})
    s.post("by run_uuid", path, {"run_uuid": "${run}", "key": "q", "value": "1"})
    for kind, value in STRANGE_TEXTS.items():
        s.post(f"value {kind}", path, {**odd, "key": f"value {kind}", "value": value})
        s.post(f"key of kind {kind}", path, {**odd, "key": value})
    for kind, key in KEYS.items():
        s.post(f"key {kind}", path, {**odd, "key": key})
    s.post("value 8000", path, {**tag, "key": "v8000", "value": "x" * 8000})
    s.post("value 8001", path, {**tag, "key": "v8001", "value": "x" * 8001})
    s.post("value 8001 wide", path, {**tag, "key": "wide", "value": "é" * 8001})
    for field in ("key", "value", "run_id"):
        s.post(f"without {field}", path,
               {k: v for k, v in {**odd, "key": "without"}.items() if k != field})
    s.post("unknown run", path, {**tag, "run_id": "0" * 32})
    s.post("empty run name", path, {**tag, "key": "mlflow.runName", "value": ""})
    s.post("without run name", path, {**run, "key": "mlflow.runName"})
    s.get("stored", "mlflow/runs/get", run)
    path = "mlflow/runs/delete-tag"
    s.post("delete", path, {**run, "key": "t"})
    s.post("delete again", path, {**run, "key": "t"})
    s.post("delete without key", path, run)
    s.post("delete empty key", path, {**run, "key": ""})
    s.post("delete number key", path, {**run, "key": 5})
    s.post("delete without run", path, {"key": "t"})
    s.post("delete by run_uuid", path, {"run_uuid": "${run}", "key": "q"})
    s.post("delete unknown run", path, {"run_id": "0" * 32, "key": "t"})
    s.post("delete run name", path, {**run, "key": "mlflow.runName"})
    s.get("left", "mlflow/runs/get", run)
    return s


SCENARIOS = [metrics(), latest(), params(), tags()]
