"""Runs: create, get, update, delete and restore."""

from ..differential import Scenario
from .values import STRANGE_INTEGERS, STRANGE_TEXTS


def _experiment(s, name):
    s.post("experiment", "mlflow/experiments/create", {"name": name}, save={"exp": "experiment_id"})


def create():
    s = Scenario("runs-create")
    _experiment(s, "rc")
    path = "mlflow/runs/create"
    exp = {"experiment_id": "${exp}"}
    s.post("least", path, exp, save={"least": "run.info.run_id"})
    s.get("get least", "mlflow/runs/get", {"run_id": "${least}"})
    s.post("full", path, {**exp, "user_id": "ada", "run_name": "first", "start_time": 1234,
                          "tags": [{"key": "t", "value": "v"}, {"key": "u", "value": "ü"}]},
           save={"full": "run.info.run_id"})
    s.get("get full", "mlflow/runs/get", {"run_id": "${full}"})
    s.get("get full by run_uuid", "mlflow/runs/get", {"run_uuid": "${full}"})
    s.post("named by tag", path, {**exp, "tags": [{"key": "mlflow.runName", "value": "tagged"}]})
    s.post("named twice the same", path, {
        **exp, "run_name": "x", "tags": [{"key": "mlflow.runName", "value": "x"}]})
    s.post("named twice differently", path, {
        **exp, "run_name": "x", "tags": [{"key": "mlflow.runName", "value": "y"}]})
    s.post("empty tag name", path, {**exp, "tags": [{"key": "mlflow.runName", "value": ""}]})
    s.post("number as experiment", path, {"experiment_id": 0, "run_name": "in default"})
    s.post("number in raw json", path, raw='{"experiment_id": ${exp}, "run_name": "n"}',
           headers={"Content-Type": "application/json"})
    s.post("experiment unknown", path, {"experiment_id": "987654321"})
    s.post("experiment text", path, {"experiment_id": "abc"})
    s.post("experiment missing", path, {"run_name": "nowhere"})
    s.post("experiment empty", path, {"experiment_id": "", "run_name": "nowhere"})
    s.post("experiment null", path, {"experiment_id": None, "run_name": "nowhere"})
    s.post("experiment list", path, {"experiment_id": ["0"]})
    for kind, value in STRANGE_TEXTS.items():
        s.post(f"run_name {kind}", path, {**exp, "run_name": value})
        s.post(f"user_id {kind}", path, {**exp, "run_name": "u", "user_id": value})
    for kind, value in STRANGE_INTEGERS.items():
        s.post(f"start_time {kind}", path, {**exp, "run_name": "s", "start_time": value})
    s.post("name 250 characters", path, {**exp, "run_name": "n" * 250})
    s.post("name 251 characters", path, {**exp, "run_name": "n" * 251})
    s.post("name 10000 characters", path, {**exp, "run_name": "n" * 10000})
    s.post("name unicode", path, {**exp, "run_name": "🏃 бег"})
    s.post("camel case", path, {"experimentId": "${exp}", "runName": "camel", "startTime": 5,
                                "userId": "u"})
    s.post("old fields", path, {**exp, "run_name": "old", "source_type": "LOCAL",
                                "source_name": "train.py", "entry_point_name": "main",
                                "source_version": "abc"})
    s.post("unknown fields", path, {**exp, "run_name": "unknown", "nothing": {"deep": [1]}})
    tag = {"run_name": "t", **exp}
    s.post("duplicate tags", path, {**tag, "tags": [{"key": "a", "value": "1"},
                                                    {"key": "a", "value": "2"}]})
    s.post("tag without key", path, {**tag, "tags": [{"value": "1"}]})
    s.post("tag without value", path, {**tag, "tags": [{"key": "a"}]})
    s.post("tag with null value", path, {**tag, "tags": [{"key": "a", "value": None}]})
    s.post("tag with number value", path, {**tag, "tags": [{"key": "a", "value": 5}]})
    s.post("tag with odd key", path, {**tag, "tags": [{"key": "a,b", "value": "1"}]})
    s.post("tag key 250", path, {**tag, "tags": [{"key": "k" * 250, "value": "1"}]})
    s.post("tag key 251", path, {**tag, "tags": [{"key": "k" * 251, "value": "1"}]})
    s.post("tag value 8000", path, {**tag, "tags": [{"key": "k", "value": "v" * 8000}]})
    s.post("tag value 8001", path, {**tag, "tags": [{"key": "k", "value": "v" * 8001}]})
    s.post("tags object", path, {**tag, "tags": {"a": "1"}})
    s.post("tags of numbers", path, {**tag, "tags": [1]})
    s.post("tags null", path, {**tag, "tags": None})
    s.post("101 tags", path, {**tag, "tags": [
        {"key": f"k{i}", "value": "v"} for i in range(101)]})
    s.post("no body", path)
    return s


def read():
    s = Scenario("runs-read")
    _experiment(s, "rr")
    s.post("create", "mlflow/runs/create", {
        "experiment_id": "${exp}", "run_name": "r", "start_time": 1}, save={"run": "run.info.run_id"})
    path = "mlflow/runs/get"
    s.get("run_id", path, {"run_id": "${run}"})
    s.get("both ids", path, {"run_id": "${run}", "run_uuid": "${run}"})
    s.get("ids disagree", path, {"run_id": "${run}", "run_uuid": "0" * 32})
    s.get("missing", path)
    s.get("empty", path, {"run_id": ""})
    s.get("unknown", path, {"run_id": "0" * 32})
    s.get("upper case", path, {"run_id": "A" * 32})
    s.get("not hex", path, {"run_id": "not-a-run"})
    s.get("odd characters", path, {"run_id": "../../etc"})
    s.get("long", path, {"run_id": "a" * 300})
    s.get("unicode", path, {"run_id": "ü"})
    s.get("camel case", path, {"runId": "${run}"})
    s.add("in the body", "GET", path, json_body={"run_id": "${run}"})
    s.add("run_uuid in the body", "GET", path, json_body={"run_uuid": "${run}"})
    s.add("camel case in the body", "GET", path, json_body={"runId": "${run}"})
    s.add("by HEAD", "HEAD", path, query={"run_id": "${run}"})
    s.add("unknown by HEAD", "HEAD", path, query={"run_id": "0" * 32})
    return s


def update():
    s = Scenario("runs-update")
    _experiment(s, "ru")
    s.post("create", "mlflow/runs/create", {
        "experiment_id": "${exp}", "run_name": "r", "start_time": 1}, save={"run": "run.info.run_id"})
    path = "mlflow/runs/update"
    run = {"run_id": "${run}"}
    s.post("nothing", path, run)
    for status in ("FINISHED", "RUNNING", "SCHEDULED", "FAILED", "KILLED", 1, 3, "3", 0, 6, "DONE",
                   "finished", "", None, True, ["FINISHED"], 2.0, 2.5):
        s.post(f"status {status!r}", path, {**run, "status": status})
    s.post("end_time", path, {**run, "end_time": 99})
    s.get("after end_time", "mlflow/runs/get", run)
    for kind, value in STRANGE_INTEGERS.items():
        s.post(f"end_time {kind}", path, {**run, "end_time": value})
    s.post("end_time back", path, {**run, "end_time": 5, "status": "FINISHED"})
    for kind, value in STRANGE_TEXTS.items():
        s.post(f"run_name {kind}", path, {**run, "run_name": value})
    s.post("rename", path, {**run, "run_name": "renamed"})
    s.get("tag follows the name", "mlflow/runs/get", run)
    s.post("tag renames", "mlflow/runs/set-tag",
           {**run, "key": "mlflow.runName", "value": "by tag"})
    s.get("name follows the tag", "mlflow/runs/get", run)
    s.post("rename 10000 characters", path, {**run, "run_name": "n" * 10000})
    s.post("rename back", path, {**run, "run_name": "r"})
    s.post("run_uuid", path, {"run_uuid": "${run}", "end_time": 6})
    s.post("unknown run", path, {"run_id": "0" * 32, "status": "FINISHED"})
    s.post("no run", path, {"status": "FINISHED"})
    s.post("empty run", path, {"run_id": "", "status": "FINISHED"})
    s.post("null run", path, {"run_id": None, "status": "FINISHED"})
    s.post("number run", path, {"run_id": 5, "status": "FINISHED"})
    s.get("at the end", "mlflow/runs/get", run)
    s.post("camel case", path, {"runId": "${run}", "endTime": 7, "runName": "camel"})
    return s


def lifecycle():
    s = Scenario("runs-lifecycle")
    _experiment(s, "rl")
    s.post("create", "mlflow/runs/create", {
        "experiment_id": "${exp}", "run_name": "r", "start_time": 1}, save={"run": "run.info.run_id"})
    run = {"run_id": "${run}"}
    s.post("log metric", "mlflow/runs/log-metric", {**run, "key": "m", "value": 1, "timestamp": 1})
    s.post("set tag", "mlflow/runs/set-tag", {**run, "key": "t", "value": "1"})
    s.post("delete", "mlflow/runs/delete", run)
    s.post("delete again", "mlflow/runs/delete", run)
    s.get("get deleted", "mlflow/runs/get", run)
    s.get("history of deleted", "mlflow/metrics/get-history", {**run, "metric_key": "m"})
    s.get("artifacts of deleted", "mlflow/artifacts/list", run)
    s.post("update deleted", "mlflow/runs/update", {**run, "status": "FINISHED"})
    s.post("metric in deleted", "mlflow/runs/log-metric",
           {**run, "key": "m", "value": 1, "timestamp": 1})
    s.post("param in deleted", "mlflow/runs/log-parameter", {**run, "key": "p", "value": "1"})
    s.post("tag in deleted", "mlflow/runs/set-tag", {**run, "key": "t", "value": "1"})
    s.post("delete tag in deleted", "mlflow/runs/delete-tag", {**run, "key": "t"})
    s.post("batch in deleted", "mlflow/runs/log-batch",
           {**run, "params": [{"key": "p", "value": "1"}]})
    s.post("empty batch in deleted", "mlflow/runs/log-batch", run)
    s.post("inputs in deleted", "mlflow/runs/log-inputs", {**run, "datasets": [
        {"dataset": {"name": "d", "digest": "1", "source_type": "local", "source": "x"}}]})
    s.post("search active", "mlflow/runs/search", {"experiment_ids": ["${exp}"]})
    s.post("search deleted", "mlflow/runs/search",
           {"experiment_ids": ["${exp}"], "run_view_type": "DELETED_ONLY"})
    s.post("restore", "mlflow/runs/restore", run)
    s.post("restore active", "mlflow/runs/restore", run)
    s.get("get restored", "mlflow/runs/get", run)
    for verb in ("delete", "restore"):
        path = f"mlflow/runs/{verb}"
        s.post(f"{verb} unknown", path, {"run_id": "0" * 32})
        s.post(f"{verb} without id", path, {})
        s.post(f"{verb} empty id", path, {"run_id": ""})
        s.post(f"{verb} by run_uuid", path, {"run_uuid": "${run}"})
        s.post(f"{verb} number id", path, {"run_id": 5})
        s.post(f"{verb} camel case", path, {"runId": "${run}"})
    s.get("at the end", "mlflow/runs/get", run)
    return s


SCENARIOS = [create(), read(), update(), lifecycle()]
