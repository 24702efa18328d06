"""Logged models one by one: create, get, finalize, delete, tags, params, metrics, artifacts."""

from ..differential import ABSENT, Scenario
from .logging import _run

PATH = "mlflow/logged-models"
NOBODY = "m-" + "0" * 32
BAD_NAMES = ["a/b", "a:b", "a.b", "a%b", 'a"b', "a'b", "", "n" * 500, "größe 模型", " ", 5, None,
             ["a"], "a\\b", "a?b#c"]


def _pairs(**pairs):
    return [{"key": key, "value": value} for key, value in pairs.items()]


def _model(s, name, save, **more):
    s.post(name, PATH, {"experiment_id": "${exp}", "name": name.replace(" ", "-"), **more},
           save={save: "model.info.model_id"})


def creation():
    s = Scenario("logged-models-create")
    run = _run(s, "lm create")
    s.post("plain", PATH, {"experiment_id": "${exp}", "name": "plain"},
           save={"plain": "model.info.model_id"})
    s.get("stored", f"{PATH}/${{plain}}")
    s.post("full", PATH, {
        "experiment_id": "${exp}", "name": "full", "model_type": "agent",
        "source_run_id": "${run}", "params": _pairs(depth="5", empty=""),
        "tags": _pairs(team="red", note="ü 🧪")}, save={"full": "model.info.model_id"})
    s.get("full stored", f"{PATH}/${{full}}")
    s.post("the same name", PATH, {"experiment_id": "${exp}", "name": "plain"})
    s.post("without name", PATH, {"experiment_id": "${exp}"})
    s.post("without experiment", PATH, {"name": "x"})
    s.post("empty experiment", PATH, {"name": "x", "experiment_id": ""})
    s.post("unknown experiment", PATH, {"name": "x", "experiment_id": "987654321"})
    s.post("number experiment", PATH, {"name": "x", "experiment_id": 0})
    s.post("odd experiment", PATH, {"name": "x", "experiment_id": "abc"})
    s.post("unknown run", PATH, {"experiment_id": "${exp}", "name": "x",
                                 "source_run_id": "0" * 32})
    for name in BAD_NAMES:
        s.post(f"name {str(name)[:20]!r} {len(str(name))}", PATH,
               {"experiment_id": "${exp}", "name": name})
    s.post("param without value", PATH, {"experiment_id": "${exp}", "name": "p1",
                                         "params": [{"key": "k"}]})
    s.post("param without key", PATH, {"experiment_id": "${exp}", "name": "p2",
                                       "params": [{"value": "v"}]})
    s.post("param twice", PATH, {"experiment_id": "${exp}", "name": "p3",
                                 "params": _pairs(k="1") + _pairs(k="2")})
    s.post("tag twice", PATH, {"experiment_id": "${exp}", "name": "p4",
                               "tags": _pairs(k="1") + _pairs(k="2")})
    s.post("long values", PATH, {"experiment_id": "${exp}", "name": "p5",
                                 "params": _pairs(k="v" * 7000), "tags": _pairs(k="v" * 9000)})
    s.post("odd keys", PATH, {"experiment_id": "${exp}", "name": "p6",
                              "params": [{"key": "a,b/../c", "value": "1"}]})
    s.post("params object", PATH, {"experiment_id": "${exp}", "name": "p7",
                                   "params": {"key": "k", "value": "v"}})
    s.post("params of numbers", PATH, {"experiment_id": "${exp}", "name": "p8",
                                       "params": [{"key": "k", "value": 5}]})
    s.post("camel case", PATH, {"experimentId": "${exp}", "name": "camel", "modelType": "t",
                                "sourceRunId": "${run}"})
    s.post("unknown field", PATH, {"experiment_id": "${exp}", "name": "more", "colour": "red"})
    s.post("outputs", "mlflow/runs/outputs", {**run, "models": [
        {"model_id": "${full}", "step": 3}]})
    s.post("inputs", "mlflow/runs/log-inputs", {**run, "models": [{"model_id": "${plain}"}]})
    s.get("run with both", "mlflow/runs/get", run)
    s.post("experiment to delete", "mlflow/experiments/create", {"name": "lm deleted"},
           save={"gone": "experiment_id"})
    s.post("model before", PATH, {"experiment_id": "${gone}", "name": "before"},
           save={"before": "model.info.model_id"})
    s.post("delete experiment", "mlflow/experiments/delete", {"experiment_id": "${gone}"})
    s.post("in a deleted experiment", PATH, {"experiment_id": "${gone}", "name": "x"})
    s.get("of a deleted experiment", f"{PATH}/${{before}}")
    s.post("experiment with root", "mlflow/experiments/create",
           {"name": "lm root", "artifact_location": "s3://bucket/root?x=1"},
           save={"root": "experiment_id"})
    s.post("model of that root", PATH, {"experiment_id": "${root}", "name": "rooted"})
    s.get("no list", PATH)
    s.add("put", "PUT", PATH, json_body={"experiment_id": "0", "name": "x"})
    return s


def life():
    s = Scenario("logged-models-life")
    _run(s, "lm life")
    _model(s, "first", "first")
    _model(s, "second", "second")
    _model(s, "third", "third")
    third = f"{PATH}/${{third}}"
    place = f"{PATH}/${{first}}"
    body = {"model_id": "${first}"}
    s.patch("finalize without status", place, body)
    s.patch("finalize without model_id", place, {"status": "LOGGED_MODEL_READY"})
    s.patch("finalize", place, {**body, "status": "LOGGED_MODEL_READY"})
    s.get("ready", place)
    s.patch("finalize again", place, {**body, "status": "LOGGED_MODEL_UPLOAD_FAILED"})
    s.patch("back to pending", place, {**body, "status": "LOGGED_MODEL_PENDING"})
    s.patch("status by number", place, {**body, "status": 2})
    s.patch("status by text number", place, {**body, "status": "2"})
    s.patch("status unspecified", third, {"model_id": "${third}", "status": "LOGGED_MODEL_STATUS_UNSPECIFIED"})
    s.patch("status 9", third, {"model_id": "${third}", "status": 9})
    s.patch("status word", third, {"model_id": "${third}", "status": "READY"})
    s.patch("finalize unknown", f"{PATH}/{NOBODY}", {"model_id": NOBODY,
                                                      "status": "LOGGED_MODEL_READY"})
    s.patch("finalize another", third, {"model_id": "${second}", "status": "LOGGED_MODEL_READY"})
    s.get("unknown", f"{PATH}/{NOBODY}")
    s.get("odd id", f"{PATH}/not-a-model")
    s.delete("delete", place)
    s.get("deleted", place)
    s.get("deleted, allowed", place, {"allow_deleted": "true"})
    s.get("deleted, not allowed", place, {"allow_deleted": "false"})
    s.delete("delete again", place)
    s.patch("finalize deleted", place, {**body, "status": "LOGGED_MODEL_READY"})
    s.patch("tag deleted", place + "/tags", {**body, "tags": _pairs(late="1")})
    s.get("deleted with tag", place, {"allow_deleted": "true"})
    s.delete("delete unknown", f"{PATH}/{NOBODY}")
    s.delete("delete with body", f"{PATH}/${{second}}", {"model_id": "${second}"})
    s.post("post to one", place, {})
    return s


def tags():
    s = Scenario("logged-models-tags")
    _run(s, "lm tags")
    _model(s, "model", "model", tags=_pairs(old="1"), params=_pairs(p="1"))
    place = f"{PATH}/${{model}}"
    s.patch("set", place + "/tags", {"model_id": "${model}", "tags": _pairs(a="1", old="2")})
    s.get("stored", place)
    s.patch("without model_id", place + "/tags", {"tags": _pairs(b="1")})
    s.patch("twice in one call", place + "/tags", {"tags": _pairs(c="1") + _pairs(c="2")})
    s.patch("empty list", place + "/tags", {"tags": []})
    s.patch("missing list", place + "/tags", {})
    s.patch("without body", place + "/tags", ABSENT)
    s.patch("list object", place + "/tags", {"tags": {"key": "k", "value": "v"}})
    s.patch("without value", place + "/tags", {"tags": [{"key": "d"}]})
    s.patch("long", place + "/tags", {"tags": _pairs(long="x" * 9000)})
    s.patch("unknown model", f"{PATH}/{NOBODY}/tags", {"tags": _pairs(a="1")})
    s.get("all", place)
    s.delete("delete tag", place + "/tags/a")
    s.delete("delete tag again", place + "/tags/a")
    s.delete("delete of unknown model", f"{PATH}/{NOBODY}/tags/a")
    s.patch("odd key", place + "/tags", {"tags": [{"key": "a b%c", "value": "1"}]})
    s.delete("delete odd key", place + "/tags/a%20b%25c")
    s.post("add params", place + "/params", {"model_id": "${model}",
                                              "params": _pairs(q="2", r="")})
    s.post("param again", place + "/params", {"model_id": "${model}", "params": _pairs(q="2")})
    s.post("param twice", place + "/params", {"model_id": "${model}",
                                               "params": _pairs(t="1") + _pairs(t="1")})
    s.post("params without model_id", place + "/params", {"params": _pairs(u="2")})
    s.post("params empty", place + "/params", {"model_id": "${model}", "params": []})
    s.post("params missing", place + "/params", {"model_id": "${model}"})
    s.post("params of unknown", f"{PATH}/{NOBODY}/params", {"model_id": NOBODY,
                                                             "params": _pairs(u="2")})
    s.post("many params", place + "/params", {"model_id": "${model}", "params": [
        {"key": f"k{at}", "value": str(at)} for at in range(150)]})
    s.get("at the end", place)
    return s


def metrics():
    s = Scenario("logged-models-metrics")
    run = _run(s, "lm metrics")
    _model(s, "model", "model")
    place = f"{PATH}/${{model}}"
    link = {"model_id": "${model}"}
    data = {"dataset_name": "digits", "dataset_digest": "abc"}

    def point(value, timestamp, step, **more):
        return {"key": "acc", "value": value, "timestamp": timestamp, "step": step, **more}

    log = "mlflow/runs/log-metric"
    s.post("plain", log, {**run, **point(0.5, 1, 0), **link})
    s.get("one", place)
    s.post("with dataset", log, {**run, **point(0.75, 2, 1), **link, **data})
    s.post("the same point", log, {**run, **point(0.75, 2, 1), **link, **data})
    s.post("other dataset", log, {**run, **point(0.875, 3, 1), **link, "dataset_name": "faces",
                                  "dataset_digest": "f1"})
    s.post("dataset without digest", log, {**run, **point(1, 3, 1), "dataset_name": "faces"})
    s.post("digest without dataset", log, {**run, **point(1, 3, 1), "dataset_digest": "f1"})
    s.post("dataset without model", log, {**run, **point(0.25, 4, 1), **data})
    s.post("empty model", log, {**run, **point(0.25, 5, 1), "model_id": ""})
    s.get("several", place)
    s.post("batch", "mlflow/runs/log-batch", {**run, "metrics": [
        {**point(1, 6, 2), **link, **data}, {**point(2, 7, 3), **link},
        {**point(3, 8, 3)}, {**point(1, 6, 2), **link, **data}]})
    s.post("unknown model", log, {**run, **point(0.5, 9, 0), "model_id": NOBODY})
    s.post("infinite", log, {**run, "key": "inf", "value": "Infinity", "timestamp": 1, **link})
    s.get("at the end", place)
    s.get("the run's own", "mlflow/runs/get", run)
    s.get("history", "mlflow/metrics/get-history", {**run, "metric_key": "acc",
                                                    "max_results": "100"})
    s.post("not a number", log, {**run, "key": "nan", "value": "NaN", "timestamp": 1, **link})
    s.get("with not a number", place)
    s.delete("delete", place)
    s.post("of a deleted model", log, {**run, **point(0.5, 10, 0), **link})
    return s


def artifacts():
    s = Scenario("logged-models-artifacts")
    _run(s, "lm artifacts")
    _model(s, "model", "model")
    root = "mlflow-artifacts/artifacts/${exp}/models/${model}/artifacts"
    place = f"{PATH}/${{model}}/artifacts/directories"
    files = f"/ajax-api/2.0/{PATH}/${{model}}/artifacts/files"
    s.get("nothing yet", place)
    s.add("upload", "PUT", root + "/MLmodel", raw="flavors: {}\n")
    s.add("upload below", "PUT", root + "/data/model.pkl", raw="pickle")
    s.get("root", place)
    s.get("below", place, {"artifact_directory_path": "data"})
    s.get("empty path", place, {"artifact_directory_path": ""})
    s.get("missing", place, {"artifact_directory_path": "nothing"})
    s.get("a file", place, {"artifact_directory_path": "MLmodel"})
    s.get("out of it", place, {"artifact_directory_path": "../.."})
    s.get("absolute", place, {"artifact_directory_path": "/etc"})
    s.get("unknown model", f"{PATH}/{NOBODY}/artifacts/directories")
    s.get("file", files, {"artifact_file_path": "MLmodel"})
    s.get("file below", files, {"artifact_file_path": "data/model.pkl"})
    s.get("no file", files, {"artifact_file_path": "nothing"})
    s.get("file without path", files)
    s.get("file out of it", files, {"artifact_file_path": "../../x"})
    s.get("file of unknown", f"/ajax-api/2.0/{PATH}/{NOBODY}/artifacts/files",
          {"artifact_file_path": "MLmodel"})
    s.get("proxied list", "mlflow-artifacts/artifacts", {"path": "${exp}/models/${model}/artifacts"})
    s.delete("delete", f"{PATH}/${{model}}")
    s.get("of a deleted model", place)
    return s


SCENARIOS = [creation(), life(), tags(), metrics(), artifacts()]
