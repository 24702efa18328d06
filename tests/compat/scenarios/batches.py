"""runs/log-batch: limits, duplicates, and what is refused as a whole."""

from ..differential import Scenario
from .logging import _run
from .values import KEYS, STRANGE_DOUBLES, STRANGE_INTEGERS

PATH = "mlflow/runs/log-batch"


def _metric(key="m", value=1, timestamp=1, step=0):
    return {"key": key, "value": value, "timestamp": timestamp, "step": step}


def _many(prefix, count):
    return [{"key": f"{prefix}{i:04}", "value": "v"} for i in range(count)]


def plain():
    s = Scenario("log-batch")
    run = _run(s, "lb")
    s.post("plain", PATH, {
        **run, "metrics": [_metric("a", 0.5, 10, 1), _metric("b", -1, 11, 2)],
        "params": [{"key": "p", "value": "1"}, {"key": "q", "value": "two"}],
        "tags": [{"key": "t", "value": "x"}, {"key": "mlflow.note.content", "value": "note"}]})
    s.get("stored", "mlflow/runs/get", run)
    s.post("the same again", PATH, {
        **run, "metrics": [_metric("a", 0.5, 10, 1)], "params": [{"key": "p", "value": "1"}],
        "tags": [{"key": "t", "value": "y"}]})
    s.post("empty", PATH, run)
    s.post("empty lists", PATH, {**run, "metrics": [], "params": [], "tags": []})
    s.post("null lists", PATH, {**run, "metrics": None, "params": None, "tags": None})
    s.post("only run_uuid", PATH, {"run_uuid": "${run}", "tags": [{"key": "a", "value": "b"}]})
    s.post("no run", PATH, {"tags": [{"key": "a", "value": "b"}]})
    s.post("empty run", PATH, {"run_id": "", "tags": [{"key": "a", "value": "b"}]})
    s.post("unknown run", PATH, {"run_id": "0" * 32, "tags": [{"key": "a", "value": "b"}]})
    s.post("unknown run, empty batch", PATH, {"run_id": "0" * 32})
    s.post("odd run id", PATH, {"run_id": "a/b", "tags": [{"key": "a", "value": "b"}]})
    s.post("number run id", PATH, {"run_id": 5, "tags": [{"key": "a", "value": "b"}]})
    s.post("camel case", PATH, {"runId": "${run}", "tags": [{"key": "camel", "value": "b"}]})
    s.post("without step", PATH, {**run, "metrics": [
        {"key": "stepless", "value": 1, "timestamp": 1}]})
    s.post("without timestamp", PATH, {**run, "metrics": [{"key": "timeless", "value": 1}]})
    s.post("without value", PATH, {**run, "metrics": [{"key": "v", "timestamp": 1}]})
    s.post("without key", PATH, {**run, "metrics": [{"value": 1, "timestamp": 1}]})
    s.post("param without key", PATH, {**run, "params": [{"value": "1"}]})
    s.post("param without value", PATH, {**run, "params": [{"key": "valueless"}]})
    s.post("param with number", PATH, {**run, "params": [{"key": "n", "value": 5}]})
    s.post("param null value", PATH, {**run, "params": [{"key": "nullish", "value": None}]})
    s.post("tag without key", PATH, {**run, "tags": [{"value": "1"}]})
    s.post("tag without value", PATH, {**run, "tags": [{"key": "valueless"}]})
    s.post("tag with number", PATH, {**run, "tags": [{"key": "n", "value": 5}]})
    for field in ("metrics", "params", "tags"):
        s.post(f"{field} object", PATH, {**run, field: {"key": "a"}})
        s.post(f"{field} text", PATH, {**run, field: "a"})
        s.post(f"{field} of texts", PATH, {**run, field: ["a"]})
        s.post(f"{field} of nulls", PATH, {**run, field: [None]})
        s.post(f"{field} of empties", PATH, {**run, field: [{}]})
    s.post("with dataset", PATH, {**run, "metrics": [
        {**_metric("with dataset"), "dataset_name": "d", "dataset_digest": "1"}]})
    s.post("with model", PATH, {**run, "metrics": [
        {**_metric("with model"), "model_id": "m-" + "0" * 32}]})
    return s


def conflicts():
    s = Scenario("log-batch-conflicts")
    run = _run(s, "lbc")
    s.post("param", PATH, {**run, "params": [{"key": "p", "value": "1"}]})
    s.post("param changed", PATH, {**run, "params": [{"key": "p", "value": "2"}]})
    s.post("two params changed", PATH, {**run, "params": [
        {"key": "p", "value": "2"}, {"key": "new", "value": "1"}]})
    s.post("duplicate params equal", PATH, {**run, "params": [
        {"key": "d", "value": "1"}, {"key": "d", "value": "1"}]})
    s.post("duplicate params different", PATH, {**run, "params": [
        {"key": "d", "value": "1"}, {"key": "d", "value": "2"}]})
    s.post("duplicate metrics equal", PATH, {**run, "metrics": [_metric("dm"), _metric("dm")]})
    s.get("duplicate metrics stored", "mlflow/metrics/get-history", {**run, "metric_key": "dm"})
    s.post("duplicate metrics different", PATH, {
        **run, "metrics": [_metric("dx", 1), _metric("dx", 2), _metric("dx", -1)]})
    s.get("different metrics stored", "mlflow/metrics/get-history", {**run, "metric_key": "dx"})
    s.post("duplicate tags", PATH, {**run, "tags": [
        {"key": "t", "value": "1"}, {"key": "t", "value": "2"}]})
    s.post("tag renames", PATH, {**run, "tags": [
        {"key": "mlflow.runName", "value": "renamed by batch"}]})
    s.post("all but one tag is right", PATH, {
        **run, "metrics": [_metric("partial")], "tags": [{"key": "a//b", "value": "1"}]})
    s.post("all but one metric is right", PATH, {
        **run, "params": [{"key": "partial", "value": "1"}], "metrics": [_metric("a//b")]})
    s.get("stored", "mlflow/runs/get", run)
    return s


def limits():
    s = Scenario("log-batch-limits")
    run = _run(s, "lbl")
    points = [_metric("m", i, i, i) for i in range(1001)]
    s.post("1000 metrics", PATH, {**run, "metrics": points[:1000]})
    s.post("1001 metrics", PATH, {**run, "metrics": points})
    s.post("100 params", PATH, {**run, "params": _many("p", 100)})
    s.post("101 params", PATH, {**run, "params": _many("q", 101)})
    s.post("100 tags", PATH, {**run, "tags": _many("t", 100)})
    s.post("101 tags", PATH, {**run, "tags": _many("u", 101)})
    s.post("1000 together", PATH, {**run, "metrics": [_metric("x", i, i) for i in range(800)],
                                   "params": _many("r", 100), "tags": _many("v", 100)})
    s.post("1001 together", PATH, {**run, "metrics": [_metric("y", i, i) for i in range(801)],
                                   "params": _many("w", 100), "tags": _many("z", 100)})
    s.post("param value 6000", PATH, {**run, "params": [{"key": "v6000", "value": "x" * 6000}]})
    s.post("param value 6001", PATH, {**run, "params": [{"key": "v6001", "value": "x" * 6001}]})
    s.post("tag value 8001", PATH, {**run, "tags": [{"key": "v8001", "value": "x" * 8001}]})
    s.get("stored", "mlflow/runs/get", run)
    return s


def values():
    s = Scenario("log-batch-values")
    run = _run(s, "lbv")
    for kind, value in STRANGE_DOUBLES.items():
        s.post(f"value {kind}", PATH, {**run, "metrics": [_metric(f"v {kind}", value, 5, 5)]})
        s.get(f"stored {kind}", "mlflow/metrics/get-history", {**run, "metric_key": f"v {kind}"})
    for field in ("step", "timestamp"):
        for kind, value in STRANGE_INTEGERS.items():
            s.post(f"{field} {kind}", PATH, {
                **run, "metrics": [{**_metric(f"k {field}"), field: value}]})
    for field, kinds in (("metrics", KEYS), ("params", KEYS), ("tags", KEYS)):
        for kind, key in kinds.items():
            item = _metric(key) if field == "metrics" else {"key": key, "value": "1"}
            s.post(f"{field} key {kind}", PATH, {**run, field: [item]})
    return s


SCENARIOS = [plain(), conflicts(), limits(), values()]
