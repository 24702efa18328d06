"""Inputs and outputs of runs: log-inputs, outputs, search-datasets."""

from ..differential import Scenario
from .logging import _run

PATH = "mlflow/runs/log-inputs"
DATASET = {"name": "digits", "digest": "abc", "source_type": "local", "source": "{\"uri\": \"x\"}",
           "schema": "{\"mlflow_colspec\": []}", "profile": "{\"num_rows\": 5}"}


def inputs():
    s = Scenario("log-inputs")
    run = _run(s, "li")
    s.post("plain", PATH, {**run, "datasets": [
        {"dataset": DATASET, "tags": [{"key": "mlflow.data.context", "value": "training"}]}]})
    s.get("stored", "mlflow/runs/get", run)
    s.post("the same again", PATH, {**run, "datasets": [
        {"dataset": DATASET, "tags": [{"key": "mlflow.data.context", "value": "training"}]}]})
    s.post("another context", PATH, {**run, "datasets": [
        {"dataset": DATASET, "tags": [{"key": "mlflow.data.context", "value": "eval"},
                                      {"key": "extra", "value": "1"}]}]})
    s.get("after repeats", "mlflow/runs/get", run)
    s.post("two at once", PATH, {**run, "datasets": [
        {"dataset": {**DATASET, "digest": "d1"}}, {"dataset": {**DATASET, "digest": "d2"}}]})
    s.post("the same twice", PATH, {**run, "datasets": [
        {"dataset": {**DATASET, "digest": "d3"}}, {"dataset": {**DATASET, "digest": "d3"}}]})
    s.get("without tags stored", "mlflow/runs/get", run)
    s.post("search shows inputs", "mlflow/runs/search", {"experiment_ids": ["${exp}"]})
    for field in DATASET:
        left = {key: value for key, value in DATASET.items() if key != field}
        s.post(f"without {field}", PATH, {
            **run, "datasets": [{"dataset": {**left, **({} if field == "digest" else
                                                        {"digest": f"no {field}"})}}]})
        s.post(f"empty {field}", PATH, {**run, "datasets": [
            {"dataset": {**DATASET, "digest": f"e {field}", field: ""}}]})
        s.post(f"number {field}", PATH, {**run, "datasets": [
            {"dataset": {**DATASET, "digest": f"n {field}", field: 5}}]})
    s.post("name 500", PATH, {**run, "datasets": [{"dataset": {**DATASET, "name": "n" * 500}}]})
    s.post("name 501", PATH, {**run, "datasets": [{"dataset": {**DATASET, "name": "n" * 501}}]})
    s.post("digest 36", PATH, {**run, "datasets": [{"dataset": {**DATASET, "digest": "d" * 36}}]})
    s.post("digest 37", PATH, {**run, "datasets": [{"dataset": {**DATASET, "digest": "d" * 37}}]})
    s.post("no dataset", PATH, {**run, "datasets": [{"tags": []}]})
    s.post("dataset null", PATH, {**run, "datasets": [{"dataset": None}]})
    s.post("dataset text", PATH, {**run, "datasets": [{"dataset": "digits"}]})
    s.post("datasets empty", PATH, {**run, "datasets": []})
    s.post("datasets missing", PATH, run)
    s.post("datasets object", PATH, {**run, "datasets": {"dataset": DATASET}})
    tagged = {**DATASET, "digest": "tags"}
    s.post("tag without key", PATH, {**run, "datasets": [
        {"dataset": tagged, "tags": [{"value": "1"}]}]})
    s.post("tag without value", PATH, {**run, "datasets": [
        {"dataset": tagged, "tags": [{"key": "k"}]}]})
    s.post("tag key 255", PATH, {**run, "datasets": [
        {"dataset": {**DATASET, "digest": "t1"}, "tags": [{"key": "k" * 255, "value": "1"}]}]})
    s.post("tag key 256", PATH, {**run, "datasets": [
        {"dataset": {**DATASET, "digest": "t2"}, "tags": [{"key": "k" * 256, "value": "1"}]}]})
    s.post("tag value 501", PATH, {**run, "datasets": [
        {"dataset": {**DATASET, "digest": "t3"}, "tags": [{"key": "k", "value": "v" * 501}]}]})
    s.post("tag value 500", PATH, {**run, "datasets": [
        {"dataset": {**DATASET, "digest": "t4"}, "tags": [{"key": "k", "value": "v" * 500}]}]})
    s.post("run missing", PATH, {"datasets": [{"dataset": DATASET}]})
    s.post("run unknown", PATH, {"run_id": "0" * 32, "datasets": [{"dataset": DATASET}]})
    s.post("run odd", PATH, {"run_id": "a/b", "datasets": [{"dataset": DATASET}]})
    s.post("run_uuid", PATH, {"run_uuid": "${run}", "datasets": [{"dataset": DATASET}]})
    s.post("camel case", PATH, {"runId": "${run}", "datasets": [{"dataset": {
        "name": "camel", "digest": "1", "sourceType": "local", "source": "x"}}]})
    s.post("unknown field", PATH, {**run, "colour": "red", "datasets": [
        {"dataset": {**DATASET, "digest": "unknown", "colour": "red"}}]})
    path = "/ajax-api/2.0/mlflow/experiments/search-datasets"
    s.post("dataset summaries", path, {"experiment_ids": ["${exp}"]}, compare_body=False)
    s.post("summaries without experiments", path, {})
    s.post("summaries of none", path, {"experiment_ids": []})
    s.post("summaries of 21", path, {"experiment_ids": [str(i) for i in range(21)]})
    return s


def summaries():
    s = Scenario("search-datasets")
    run = _run(s, "sd")
    path = "/ajax-api/2.0/mlflow/experiments/search-datasets"
    s.post("none yet", path, {"experiment_ids": ["${exp}"]})
    s.post("one", PATH, {**run, "datasets": [
        {"dataset": DATASET, "tags": [{"key": "mlflow.data.context", "value": "training"}]}]})
    s.post("found", path, {"experiment_ids": ["${exp}"]})
    s.post("unknown experiment", path, {"experiment_ids": ["987654321"]})
    return s


def outputs():
    s = Scenario("log-outputs")
    run = _run(s, "lo")
    path = "mlflow/runs/outputs"
    model = "m-" + "0123456789abcdef" * 2
    s.post("plain", path, {**run, "models": [{"model_id": model, "step": 3}]})
    s.get("stored", "mlflow/runs/get", run)
    s.post("again", path, {**run, "models": [{"model_id": model, "step": 3}]})
    s.post("other step", path, {**run, "models": [{"model_id": model, "step": 4}]})
    s.post("without step", path, {**run, "models": [{"model_id": "m-" + "b" * 32}]})
    s.post("empty", path, {**run, "models": []})
    s.post("missing models", path, run)
    s.post("missing run", path, {"models": [{"model_id": model, "step": 0}]})
    s.post("unknown run", path, {"run_id": "0" * 32, "models": [{"model_id": model, "step": 0}]})
    s.post("models object", path, {**run, "models": {"model_id": model}})
    s.post("model as input", PATH, {**run, "models": [{"model_id": model}]})
    s.get("at the end", "mlflow/runs/get", run)
    return s


SCENARIOS = [inputs(), summaries(), outputs()]
