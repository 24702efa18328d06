"""Experiments: create, get, rename, tags, delete and restore."""

from ..differential import Scenario
from .values import STRANGE_TEXTS


def create():
    s = Scenario("experiments-create")
    path = "mlflow/experiments/create"
    s.post("plain", path, {"name": "xc plain"}, save={"plain": "experiment_id"})
    s.get("get plain", "mlflow/experiments/get", {"experiment_id": "${plain}"})
    s.post("same name again", path, {"name": "xc plain"})
    s.post("other case", path, {"name": "XC plain"}, save={"upper": "experiment_id"})
    s.post("with tags", path, {"name": "xc tags", "tags": [
        {"key": "b", "value": "2"}, {"key": "a", "value": "1"},
        {"key": "mlflow.note.content", "value": "# note\nüñí"}]}, save={"tags": "experiment_id"})
    s.get("get with tags", "mlflow/experiments/get", {"experiment_id": "${tags}"})
    s.post("duplicate tag keys", path, {"name": "xc dup", "tags": [
        {"key": "a", "value": "1"}, {"key": "a", "value": "2"}]})
    s.post("tag without key", path, {"name": "xc tag no key", "tags": [{"value": "1"}]})
    s.post("tag without value", path, {"name": "xc tag no value", "tags": [{"key": "a"}]})
    s.post("tag key 250", path, {"name": "xc tag 250", "tags": [
        {"key": "k" * 250, "value": "1"}]})
    s.post("tag key 251", path, {"name": "xc tag 251", "tags": [
        {"key": "k" * 251, "value": "1"}]})
    s.post("tag value 20000", path, {"name": "xc tag v1", "tags": [
        {"key": "k", "value": "v" * 20000}]}, save={"long": "experiment_id"})
    s.get("get long tag", "mlflow/experiments/get", {"experiment_id": "${long}"})
    s.post("tag value 20001", path, {"name": "xc tag v2", "tags": [
        {"key": "k", "value": "v" * 20001}]})
    s.post("tags not a list", path, {"name": "xc tags text", "tags": "a"})
    s.post("tags of texts", path, {"name": "xc tags texts", "tags": ["a"]})
    s.post("tags null", path, {"name": "xc tags null", "tags": None})
    s.post("no name", path, {})
    for kind, value in STRANGE_TEXTS.items():
        s.post(f"name {kind}", path, {"name": value})
    s.post("name 500 characters", path, {"name": "n" * 500})
    s.post("name 501 characters", path, {"name": "n" * 501})
    s.post("name 500 wide characters", path, {"name": "ü" * 500})
    s.post("name unicode", path, {"name": "xc 実験 🧪"}, save={"wide": "experiment_id"})
    s.get("get-by-name unicode", "mlflow/experiments/get-by-name",
          {"experiment_name": "xc 実験 🧪"})
    s.post("name with slash and quote", path, {"name": "xc a/b 'c' \"d\" %\\"})
    s.get("get-by-name with quote", "mlflow/experiments/get-by-name",
          {"experiment_name": "xc a/b 'c' \"d\" %\\"})
    s.post("unknown field", path, {"name": "xc unknown", "colour": "red"})
    s.post("default name", path, {"name": "Default"})
    locations = {
        "s3": "s3://bucket/x", "gs": "gs://bucket/x", "absolute path": "/tmp/somewhere",
        "file uri": "file:///tmp/somewhere", "mlflow-artifacts": "mlflow-artifacts:/own/root",
        "trailing slash": "s3://bucket/x/", "query": "s3://bucket/x?a=b",
        "query with parent": "s3://bucket/x?a=..", "encoded query parent": "s3://b/x?a=%2e%2e",
        "fragment": "s3://bucket/x#f", "params": "s3://bucket/x;p=1", "empty": "",
        "2048 characters": "s3://bucket/" + "x" * 2036, "2049 characters": "s3://b/" + "x" * 2042,
        "http": "http://example.com/x", "https": "https://example.com/x", "ftp": "ftp://h/x",
        "sftp": "sftp://h/x", "hdfs": "hdfs://h/x", "dbfs": "dbfs:/x", "number": 7,
        "abfss": "abfss://c@a.dfs.core.windows.net/x", "wasbs": "wasbs://c@a/x",
        "parent in path": "s3://bucket/../x", "encoded parent": "s3://bucket/%2e%2e/x",
        "unknown scheme": "zzz://bucket/x", "runs": "runs:/x/y", "parent of path": "/tmp/../etc",
    }
    for kind, location in locations.items():
        s.post(f"location {kind}", path, {"name": f"xc at {kind}", "artifact_location": location})
        s.get(f"get location {kind}", "mlflow/experiments/get-by-name",
              {"experiment_name": f"xc at {kind}"})
    return s


def read():
    s = Scenario("experiments-read")
    s.post("create", "mlflow/experiments/create", {"name": "xr one"},
           save={"one": "experiment_id"})
    path = "mlflow/experiments/get"
    s.get("default", path, {"experiment_id": "0"}, compare_body=False)
    s.get("found", path, {"experiment_id": "${one}"})
    s.get("unknown", path, {"experiment_id": "987654321"})
    s.get("no id", path)
    s.get("empty id", path, {"experiment_id": ""})
    s.get("text id", path, {"experiment_id": "abc"})
    s.get("negative id", path, {"experiment_id": "-1"})
    s.get("fraction id", path, {"experiment_id": "1.5"})
    s.get("huge id", path, {"experiment_id": "99999999999999999999999"})
    s.get("id with spaces", path, {"experiment_id": " 0 "}, compare_body=False)
    s.get("id with zeros", path, {"experiment_id": "000"}, compare_body=False)
    s.get("camel case in query", path, {"experimentId": "${one}"})
    s.get("unknown parameter", path, {"experiment_id": "${one}", "extra": "1"})
    s.get("id twice", path, [("experiment_id", "${one}"), ("experiment_id", "0")])
    s.add("body instead of query", "GET", path, json_body={"experiment_id": "${one}"})
    s.add("number in body", "GET", path, raw='{"experiment_id": ${one}}',
          headers={"Content-Type": "application/json"})
    s.add("camel case in body", "GET", path, json_body={"experimentId": "${one}"})
    s.add("query wins over body", "GET", path, query={"x": "1"},
          json_body={"experiment_id": "${one}"})
    s.add("body without content type", "GET", path, raw='{"experiment_id": "${one}"}')
    path = "mlflow/experiments/get-by-name"
    s.get("name found", path, {"experiment_name": "xr one"})
    s.get("name unknown", path, {"experiment_name": "xr nobody"})
    s.get("name of other case", path, {"experiment_name": "XR ONE"})
    s.get("name missing", path)
    s.get("name empty", path, {"experiment_name": ""})
    s.get("name under another parameter", path, {"name": "xr one"})
    s.get("name with plus", path, "experiment_name=xr+one")
    s.get("name with percent", path, "experiment_name=xr%20one")
    s.get("name badly encoded", path, "experiment_name=%zz%ff")
    s.add("name in body", "GET", path, json_body={"experiment_name": "xr one"})
    return s


def change():
    s = Scenario("experiments-change")
    s.post("create", "mlflow/experiments/create", {"name": "xu one"}, save={"one": "experiment_id"})
    s.post("create other", "mlflow/experiments/create", {"name": "xu other"},
           save={"other": "experiment_id"})
    path = "mlflow/experiments/update"
    s.post("rename", path, {"experiment_id": "${one}", "new_name": "xu renamed"})
    s.get("renamed", "mlflow/experiments/get", {"experiment_id": "${one}"})
    s.post("rename to itself", path, {"experiment_id": "${one}", "new_name": "xu renamed"})
    s.post("rename to a taken name", path, {"experiment_id": "${one}", "new_name": "xu other"})
    s.post("rename without name", path, {"experiment_id": "${one}"})
    s.post("rename to nothing", path, {"experiment_id": "${one}", "new_name": ""})
    s.post("rename to null", path, {"experiment_id": "${one}", "new_name": None})
    s.post("rename to number", path, {"experiment_id": "${one}", "new_name": 5})
    s.post("rename to 501 characters", path, {"experiment_id": "${one}", "new_name": "n" * 501})
    s.post("rename to blank", path, {"experiment_id": "${other}", "new_name": "  "})
    s.post("rename unknown", path, {"experiment_id": "987654321", "new_name": "xu x"})
    s.post("rename without id", path, {"new_name": "xu x"})
    s.post("rename text id", path, {"experiment_id": "abc", "new_name": "xu x"})
    s.get("after renaming", "mlflow/experiments/get", {"experiment_id": "${one}"})

    path = "mlflow/experiments/set-experiment-tag"
    tag = {"experiment_id": "${one}", "key": "k", "value": "v"}
    s.post("set tag", path, tag)
    s.post("set tag again", path, {**tag, "value": "w"})
    s.post("set tag empty value", path, {**tag, "key": "empty", "value": ""})
    s.post("set tag without value", path, {"experiment_id": "${one}", "key": "absent"})
    s.post("set tag null value", path, {**tag, "key": "null", "value": None})
    s.post("set tag number value", path, {**tag, "key": "number", "value": 5})
    s.post("set tag object value", path, {**tag, "key": "object", "value": {"a": 1}})
    s.post("set tag without key", path, {"experiment_id": "${one}", "value": "v"})
    s.post("set tag empty key", path, {**tag, "key": ""})
    s.post("set tag number key", path, {**tag, "key": 5})
    s.post("set tag key 250", path, {**tag, "key": "k" * 250})
    s.post("set tag key 251", path, {**tag, "key": "k" * 251})
    s.post("set tag value 20000", path, {**tag, "key": "long", "value": "é" * 20000})
    s.post("set tag value 20001", path, {**tag, "key": "longer", "value": "é" * 20001})
    s.post("set tag odd key", path, {**tag, "key": "a,b=c"})
    s.post("set tag parent key", path, {**tag, "key": "../a"})
    s.post("set tag unicode", path, {**tag, "key": "klüç", "value": "值"})
    s.post("set tag unknown experiment", path, {**tag, "experiment_id": "987654321"})
    s.post("set tag without experiment", path, {"key": "k", "value": "v"})
    s.post("set tag text experiment", path, {**tag, "experiment_id": "abc"})
    s.get("tags", "mlflow/experiments/get", {"experiment_id": "${one}"})
    path = "mlflow/experiments/delete-experiment-tag"
    s.post("delete tag", path, {"experiment_id": "${one}", "key": "k"})
    s.post("delete tag again", path, {"experiment_id": "${one}", "key": "k"})
    s.post("delete tag without key", path, {"experiment_id": "${one}"})
    s.post("delete tag empty key", path, {"experiment_id": "${one}", "key": ""})
    s.post("delete tag unknown experiment", path, {"experiment_id": "987654321", "key": "k"})
    s.post("delete tag without experiment", path, {"key": "k"})
    s.get("tags left", "mlflow/experiments/get", {"experiment_id": "${one}"})
    s.post("rename camel case", "mlflow/experiments/update",
           {"experimentId": "${one}", "newName": "xu camel"})
    return s


def lifecycle():
    s = Scenario("experiments-lifecycle")
    s.post("create", "mlflow/experiments/create", {"name": "xl one"}, save={"one": "experiment_id"})
    for name in ("kept", "deleted"):
        s.post(f"run {name}", "mlflow/runs/create",
               {"experiment_id": "${one}", "run_name": name, "start_time": 5},
               save={name: "run.info.run_id"})
    s.post("delete one run", "mlflow/runs/delete", {"run_id": "${deleted}"})
    path = "mlflow/experiments/delete"
    s.post("delete", path, {"experiment_id": "${one}"})
    s.post("delete again", path, {"experiment_id": "${one}"})
    s.post("delete unknown", path, {"experiment_id": "987654321"})
    s.post("delete without id", path, {})
    s.post("delete empty id", path, {"experiment_id": ""})
    s.post("delete text id", path, {"experiment_id": "abc"})
    s.get("get deleted", "mlflow/experiments/get", {"experiment_id": "${one}"})
    s.get("get-by-name deleted", "mlflow/experiments/get-by-name", {"experiment_name": "xl one"})
    s.post("name stays taken", "mlflow/experiments/create", {"name": "xl one"})
    s.post("rename deleted", "mlflow/experiments/update",
           {"experiment_id": "${one}", "new_name": "xl two"})
    s.post("tag deleted", "mlflow/experiments/set-experiment-tag",
           {"experiment_id": "${one}", "key": "k", "value": "v"})
    s.post("delete tag of deleted", "mlflow/experiments/delete-experiment-tag",
           {"experiment_id": "${one}", "key": "k"})
    s.post("create run in deleted", "mlflow/runs/create", {"experiment_id": "${one}"})
    s.get("run of deleted", "mlflow/runs/get", {"run_id": "${kept}"})
    s.post("log metric in deleted", "mlflow/runs/log-metric",
           {"run_id": "${kept}", "key": "m", "value": 1, "timestamp": 1})
    s.post("set tag in deleted", "mlflow/runs/set-tag",
           {"run_id": "${kept}", "key": "m", "value": "1"})
    s.post("update run in deleted", "mlflow/runs/update",
           {"run_id": "${kept}", "status": "FINISHED"})
    s.post("search active runs of deleted", "mlflow/runs/search", {"experiment_ids": ["${one}"]})
    s.post("search deleted runs of deleted", "mlflow/runs/search",
           {"experiment_ids": ["${one}"], "run_view_type": "DELETED_ONLY",
            "order_by": ["attributes.run_name"]})
    s.post("restore run in deleted", "mlflow/runs/restore", {"run_id": "${kept}"})
    path = "mlflow/experiments/restore"
    s.post("restore", path, {"experiment_id": "${one}"})
    s.post("restore again", path, {"experiment_id": "${one}"})
    s.post("restore unknown", path, {"experiment_id": "987654321"})
    s.post("restore without id", path, {})
    s.post("restore text id", path, {"experiment_id": "abc"})
    s.get("get restored", "mlflow/experiments/get", {"experiment_id": "${one}"})
    s.post("all runs are back", "mlflow/runs/search",
           {"experiment_ids": ["${one}"], "order_by": ["attributes.run_name"]})
    return s


SCENARIOS = [create(), read(), change(), lifecycle()]
