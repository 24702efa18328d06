"""Searching logged models: filters over attributes, metrics, params and tags; datasets, orders,
pages."""

from ..differential import ABSENT, Scenario
from .logging import _run

PATH = "mlflow/logged-models/search"

FILTERS = [
    "", "name = 'm1'", "name != 'm1'", "name LIKE 'm%'", "name LIKE 'M%'", "name ILIKE 'M%'",
    "name IN ('m1', 'm2')", "name NOT IN ('m1')", "name IN ('m1')", "name like 'm%'",
    "name in ('m1')", "attributes.name = 'm1'", "attribute.name = 'm1'", "name = m1",
    "name = \"m1\"", "`name` = 'm1'", "name > 'a'", "name = 5", "model_type = 'agent'",
    "model_type != 'agent'", "model_type = ''", "source_run_id = '${run}'",
    "source_run_id = ''", "model_id = '${m1}'", "model_id IN ('${m1}', '${m3}')",
    "status = 'READY'", "status = 'LOGGED_MODEL_READY'", "experiment_id = '0'",
    "artifact_location LIKE 'mlflow-artifacts:%'", "artifact_uri LIKE '%'",
    "creation_time > 0", "creation_timestamp > 0", "creation_timestamp_ms > 0",
    "creation_time < 5", "creation_time = '5'", "last_updated_timestamp > 0",
    "last_updated_timestamp_ms >= 0", "last_updated_time > 0", "creation_time LIKE '1%'",
    "lifecycle_stage = 'active'", "unknown = 'x'", "attributes.unknown = 'x'",
    "metrics.acc > 0.5", "metrics.acc >= 0.5", "metrics.acc = 0.5", "metrics.acc != 0.5",
    "metrics.acc < 0", "metrics.nothing > 0", "metrics.acc > 'x'", "metrics.acc LIKE '1'",
    "metrics.acc > 0.5 AND metrics.acc < 0.8", "metrics.acc > 0.5 AND params.depth = '1'",
    "metrics.loss > 0 AND metrics.acc > 0", "metrics.`acc` > 0.5", "metric.acc > 0.5",
    "metrics.acc > 1e-1", "metrics.acc > .5", "metrics.acc IN (0.5)",
    "params.depth = '1'", "params.depth != '1'", "params.depth LIKE '1%'", "params.depth > '0'",
    "params.depth IN ('1', '2')", "params.depth = 1", "params.nothing = '1'",
    "params.nothing != '1'", "param.depth = '1'", "params.`a b` = '1'", "params.a.b = '1'",
    "tags.team = 'red'", "tags.team != 'red'", "tags.team ILIKE 'R%'", "tag.team = 'red'",
    "tags.team NOT IN ('red')", "tags.team = ''", "tags.team IS NULL",
    "tags.team = 'red' AND tags.size = '1'", "tags.team = 'red' and name = 'm1'",
    "datasets.name = 'x'", "foo.bar = '1'", "name = 'm1' AND", "AND name = 'm1'",
    "name = 'm1' OR name = 'm2'", "NOT name = 'm1'", "(name = 'm1')", "name", "name =", "= 'x'",
    "   ", "name == 'm1'", "name <> 'm1'", "name NOT LIKE 'm%'", "name = 'm1';",
    "name = 'm1' name = 'm2'", "1 = 1", "name = 'unclosed", "metrics.acc >",
]

ORDERS = [
    [{"field_name": "name"}], [{"field_name": "name", "ascending": False}],
    [{"field_name": "name", "ascending": True}], [{"field_name": "creation_time"}],
    [{"field_name": "creation_timestamp", "ascending": False}],
    [{"field_name": "last_updated_timestamp"}], [{"field_name": "model_type"}],
    [{"field_name": "model_type", "ascending": False}, {"field_name": "name"}],
    [{"field_name": "metrics.acc"}], [{"field_name": "metrics.acc", "ascending": False}],
    [{"field_name": "metrics.acc", "dataset_name": "digits"}],
    [{"field_name": "metrics.acc", "dataset_name": "digits", "dataset_digest": "d2"}],
    [{"field_name": "metrics.acc", "dataset_digest": "d1"}],
    [{"field_name": "metrics.acc", "dataset_name": ""}],
    [{"field_name": "metrics.nothing"}, {"field_name": "name", "ascending": False}],
    [{"field_name": "params.depth"}], [{"field_name": "tags.team"}], [{"field_name": "unknown"}],
    [{"field_name": "metrics."}], [{"field_name": "attributes.name"}], [{"field_name": ""}],
    [{"ascending": True}], [{"field_name": "name", "ascending": "maybe"}], [{"field_name": 5}],
    ["name"], "name", {"field_name": "name"}, [], None, [{"field_name": "status"}],
    [{"field_name": "name"}, {"field_name": "name"}],
]

DATASETS = [
    [{"dataset_name": "digits"}], [{"dataset_name": "digits", "dataset_digest": "d1"}],
    [{"dataset_name": "digits", "dataset_digest": "d9"}],
    [{"dataset_name": "digits", "dataset_digest": "d1"}, {"dataset_name": "faces",
                                                          "dataset_digest": "f1"}],
    [{"dataset_digest": "d1"}], [{"dataset_name": ""}], [{}], [], None, "digits", ["digits"],
    [{"dataset_name": "faces", "dataset_digest": ""}],
]


def _model(s, number, points, **more):
    save = f"m{number}"
    s.post(f"create {number}", "mlflow/logged-models", {
        "experiment_id": "${exp}", "name": save, **more}, save={save: "model.info.model_id"},
        pause=True)
    for at, (key, value, timestamp, name, digest) in enumerate(points):
        s.post(f"measure {number} {at}", "mlflow/runs/log-metric", {
            "run_id": "${run}", "key": key, "value": value, "timestamp": timestamp,
            "step": number, "model_id": "${" + save + "}", "dataset_name": name,
            "dataset_digest": digest})


def _pairs(**pairs):
    return [{"key": key.replace("_", " "), "value": value} for key, value in pairs.items()]


def _models(s):
    _run(s, s.name)
    _model(s, 1, [("acc", 0.5, 1, "digits", "d1"), ("acc", 0.9, 2, "digits", "d2")],
           model_type="agent", source_run_id="${run}", params=_pairs(depth="1", a_b="1"),
           tags=_pairs(team="red", size="1"))
    _model(s, 2, [("acc", 0.7, 1, "digits", "d1"), ("acc", 0.2, 2, "faces", "f1")],
           params=_pairs(depth="2"), tags=_pairs(team="blue"))
    _model(s, 3, [("loss", 3, 1, "", "")], params=_pairs(depth="10"), tags=_pairs(team=""))
    _model(s, 4, [("acc", 0.6, 5, "", ""), ("loss", 1, 1, "faces", "f1")],
           model_type="agent", params=_pairs(depth="1"))
    _model(s, 5, [], tags=_pairs(team="red", size="2"))
    _model(s, 6, [("acc", 0.99, 9, "digits", "d1")], tags=_pairs(team="red"))
    s.delete("delete 6", "mlflow/logged-models/${m6}")
    s.patch("finalize 1", "mlflow/logged-models/${m1}", {
        "model_id": "${m1}", "status": "LOGGED_MODEL_READY"})


def filters():
    s = Scenario("logged-models-search")
    _models(s)
    here = {"experiment_ids": ["${exp}"]}
    s.post("all in full", PATH, here)
    for text in FILTERS:
        s.post(f"filter {text!r}", PATH, {**here, "filter": text}, names=True)
    for datasets in DATASETS:
        s.post(f"datasets {datasets}", PATH, {**here, "datasets": datasets}, names=True)
        s.post(f"datasets {datasets} with a metric", PATH, {
            **here, "datasets": datasets, "filter": "metrics.acc > 0.55"}, names=True)
    for order in ORDERS:
        s.post(f"order {order}", PATH, {**here, "order_by": order}, names=True)
    return s


def pages():
    s = Scenario("logged-models-pages")
    _models(s)
    here = {"experiment_ids": ["${exp}"]}
    order = [{"field_name": "name"}]
    for count in (1, 2, 5, 6, 0, -1, 50000, "2", "x", 1.5, None, [], 2147483648):
        s.post(f"max_results {count!r}", PATH, {**here, "max_results": count}, names=True)
    s.post("first page", PATH, {**here, "max_results": 2, "order_by": order,
                                "filter": "name LIKE 'm%'"}, names=False,
           save={"token": "next_page_token"})
    s.post("second page", PATH, {**here, "max_results": 2, "order_by": order,
                                 "filter": "name LIKE 'm%'", "page_token": "${token}"},
           names=True, )
    s.post("other size", PATH, {**here, "max_results": 9, "order_by": order,
                                "filter": "name LIKE 'm%'", "page_token": "${token}"}, names=True)
    s.post("other filter", PATH, {**here, "max_results": 2, "order_by": order,
                                  "page_token": "${token}"}, names=True)
    s.post("other order", PATH, {**here, "max_results": 2, "filter": "name LIKE 'm%'",
                                 "page_token": "${token}"}, names=True)
    s.post("other experiments", PATH, {
        "experiment_ids": ["0"], "max_results": 2, "order_by": order,
        "filter": "name LIKE 'm%'", "page_token": "${token}"}, names=True)
    s.post("with datasets", PATH, {
        **here, "max_results": 2, "order_by": order, "filter": "name LIKE 'm%'",
        "datasets": [{"dataset_name": "digits", "dataset_digest": "d1"}],
        "page_token": "${token}"}, names=True)
    for token in ("x", "e30=", "", None, 5):
        s.post(f"token {token!r}", PATH, {**here, "page_token": token}, names=True)
    s.post("second experiment", "mlflow/experiments/create", {"name": "lms other"},
           save={"other": "experiment_id"})
    s.post("its model", "mlflow/logged-models", {"experiment_id": "${other}", "name": "other"},
           pause=True)
    s.post("of both", PATH, {"experiment_ids": ["${exp}", "${other}"]}, names=True)
    s.post("of one twice", PATH, {"experiment_ids": ["${other}", "${other}"]}, names=True)
    s.post("of numbers", PATH, {"experiment_ids": [987654321]}, names=True)
    for ids in ([], None, ABSENT, "0", ["abc"], ["987654321"], [None]):
        body = {} if ids is ABSENT else {"experiment_ids": ids}
        s.post(f"experiments {'absent' if ids is ABSENT else ids}", PATH, body, names=True)
    s.get("by get", PATH, {"experiment_ids": "${exp}"})
    s.post("null filter", PATH, {**here, "filter": None}, names=True)
    s.post("number filter", PATH, {**here, "filter": 5}, names=True)
    return s


SCENARIOS = [filters(), pages()]
