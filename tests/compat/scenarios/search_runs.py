"""Searching runs: the whole filter and order grammar, views and pages."""

from ..differential import Scenario
from .search_experiments import TOKENS

PATH = "mlflow/runs/search"
MANY = 230

# name: (status, start, end, metrics, params, tags)
RUNS = {
    "alpha": ("FINISHED", 10, 20, {"loss": 0.5, "acc": 0.9, "a b": 1}, {"lr": "0.1", "opt": "adam"},
              {"team": "red", "mlflow.user": "ada", "a.b": "dots"}),
    "beta": ("RUNNING", 30, None, {"loss": 0.25, "acc": 0.8}, {"lr": "0.01", "opt": "SGD",
                                                               "my param": "x y"},
             {"team": "blue", "my tag": "v"}),
    "gamma": ("FAILED", 31, 25, {"loss": "NaN"}, {"opt": "adam", "depth": "10"}, {"team": "Red"}),
    "delta": ("KILLED", 5, 100, {}, {}, {}),
    "Epsilon": ("SCHEDULED", 40, 50, {"loss": "Infinity", "acc": 0}, {"depth": "9", "lr": ""},
                {"team": "", "quote": "it's"}),
    "zeta": ("FINISHED", 50, 60, {"loss": -1.5, "acc": 0.8}, {"opt": "Adam", "path": "a%b_c"},
             {"team": "red", "uni": "żółw"}),
    "eta": ("FINISHED", 60, 70, {"loss": "-Infinity"}, {"lr": "1e-3"}, {"mlflow.parentRunId": "p"}),
}

METRIC = [
    "metrics.loss = 0.5", "metrics.loss != 0.5", "metrics.loss > 0.25", "metrics.loss >= 0.25",
    "metrics.loss < 0.5", "metrics.loss <= 0.5", "metric.loss < 1", "metrics.loss<1",
    "metrics.loss   >   0", "metrics.loss > -2", "metrics.loss > +0.1", "metrics.loss < 1e3",
    "metrics.loss < 1.5E-1", "metrics.loss > .25", "metrics.loss > 1.", "metrics.loss = 0",
    "metrics.loss > 1e308", "metrics.`a b` = 1", "metrics.\"a b\" = 1", "metrics.'a b' = 1",
    "metrics.loss = '0.5'", "metrics.loss = \"0.5\"", "metrics.loss = abc", "metrics.loss = NaN",
    "metrics.loss = inf", "metrics.loss LIKE '0%'", "metrics.loss IN (0.5)", "metrics.loss == 0.5",
    "metrics.loss <> 0.5", "metrics.loss IS NULL", "metrics.nothing > 0", "metrics.nothing != 0",
    "METRICS.loss > 0", "Metric.loss > 0", "metrics.LOSS > 0", "metrics.loss > 0x10",
    "metrics.loss > 1_000", "metrics.loss > 0.1 AND metrics.loss < 0.4", "0.5 = metrics.loss",
    "metrics.loss BETWEEN 0 AND 1", "metrics.loss", "metrics. > 1", "metrics > 1",
    "metrics.loss > metrics.acc", "metrics.loss > 1 + 1", "metrics.loss > 99999999999999999999",
]
PARAM = [
    "params.opt = 'adam'", "params.opt != 'adam'", "param.opt = 'adam'", "parameter.opt = 'adam'",
    "parameters.opt = 'adam'", "params.opt = \"adam\"", "params.opt LIKE 'a%'",
    "params.opt LIKE '%D%'", "params.opt ILIKE 'ADAM'", "params.opt like 'a%'",
    "params.opt ilike '%A%'", "params.path LIKE 'a\\%%'", "params.path LIKE '%b_c'",
    "params.path = 'a%b_c'", "params.lr = 0.1", "params.lr = '0.1'", "params.lr > '0.01'",
    "params.lr = ''", "params.lr != ''", "params.nothing = 'x'", "params.nothing != 'x'",
    "params.opt IS NULL", "params.opt IS NOT NULL", "params.opt is null", "params.opt is not null",
    "params.opt Is Not Null", "params.opt IS", "params.opt IS 'adam'", "params.opt IS NOT 'adam'",
    "params.opt IN ('adam', 'SGD')", "params.opt NOT IN ('adam')", "params.opt NOT LIKE 'a%'",
    "params.`my param` = 'x y'", "params.\"my param\" = 'x y'", "params.'opt' = 'adam'",
    "params.opt = adam", "params.opt = `adam`", "params.opt = 'adam' AND params.opt != 'x'",
    "params.opt = 'adam' AND params.opt = 'SGD'", "params.opt='adam'", "params.depth > '9'",
    "params.depth = '10' and metrics.loss = 0", "params.opt LIKE ''", "params.opt LIKE '%'",
    "params.opt LIKE 5", "params.opt ILIKE '_dam'", "params.opt LIKE '[a-z]%'",
    "params.opt LIKE '*'", "params = 'x'", "params. = 'x'", "params.opt = null",
    "params.opt = 'ad' 'am'", "PARAMS.opt = 'adam'",
]
TAG = [
    "tags.team = 'red'", "tags.team != 'red'", "tag.team = 'red'", "tags.team LIKE 'r%'",
    "tags.team ILIKE 'RED'", "tags.team = ''", "tags.team != ''", "tags.a.b = 'dots'",
    "tags.mlflow.user = 'ada'", "tags.`mlflow.user` = 'ada'", "tags.\"mlflow.user\" = 'ada'",
    "tags.`my tag` = 'v'", "tags.quote = \"it's\"", "tags.quote = 'it''s'", "tags.quote = 'it\\'s'",
    "tags.uni = 'żółw'", "tags.uni LIKE '%ó%'", "tags.uni ILIKE 'ŻÓŁW'", "tags.team IS NULL",
    "tags.team IS NOT NULL", "tags.mlflow.runName = 'alpha'", "tags.mlflow.parentRunId = 'p'",
    "tags.`mlflow.parentRunId` = 'p'", "tags.team IN ('red')", "tags.team > 'a'", "tags.team = 5",
    "tags.team = true", "TAGS.team = 'red'", "tags.team = 'red' AND tags.team LIKE 'r%'",
    "tags.team IS NULL AND params.opt IS NULL", "tags.nothing IS NULL",
    "tags.team = \"red\" and tags.mlflow.user ILIKE 'A%'", "tags.team-x = '1'", "tags.1 = 'a'",
    "tags.a-b = 'x'", "tags.a/b = 'x'", "tags.a:b = 'x'", "tags.from = 'x'", "tags.select = 'x'",
    "tags.order = 'x'", "tags.type = 'x'", "tags.user = 'x'", "tags.date = 'x'", "tags.key = 'x'",
    "tags.name = 'x'", "tags.end = 'x'", "tags.in = 'x'", "tags.like = 'x'", "tags.and = 'x'",
    "tags.is = 'x'", "tags.null = 'x'",
]
ATTRIBUTE = [
    "status = 'FINISHED'", "status != 'FINISHED'", "status LIKE 'F%'", "status ILIKE 'f%'",
    "attributes.status = 'FINISHED'", "attribute.status = 'FINISHED'", "attr.status = 'FAILED'",
    "run.status = 'FAILED'", "runs.status = 'FAILED'", "status = 'finished'", "status = FINISHED",
    "status IN ('FINISHED')", "status IN ('FINISHED', 'FAILED')", "status > 'A'", "status = 3",
    "status = \"KILLED\"", "status IS NULL", "Status = 'FINISHED'", "status = 'nothing'",
    "run_name = 'alpha'", "run_name != 'alpha'", "run_name LIKE '%eta'", "run_name ILIKE 'e%'",
    "attributes.run_name = 'alpha'", "`run name` = 'alpha'", "\"run name\" = 'alpha'",
    "attributes.`run name` = 'alpha'", "attributes.`Run name` = 'alpha'",
    "attributes.\"Run Name\" = 'alpha'", "run_name IN ('alpha', 'beta')", "runname = 'alpha'",
    "RUN_NAME = 'alpha'", "run_id = '${alpha}'", "run_id != '${alpha}'",
    "run_id IN ('${alpha}', '${beta}')", "run_id NOT IN ('${alpha}', '${beta}')",
    "attributes.run_id IN ('${alpha}')", "run_id IN ('${alpha}',)", "run_id IN ()",
    "run_id IN (abc)", "run_id IN '${alpha}'", "run_id in ('${alpha}')",
    "run_id not in ('${alpha}')", "run_id LIKE '%'", "run_id = 'x'", "run_id IN ('x', 5)",
    "run_id IN (\"${alpha}\")", "run_id IN (('${alpha}'))", "user_id = 'ada'", "user_id != 'ada'",
    "user_id LIKE '%'", "attributes.user_id = 'ada'", "artifact_uri LIKE '%${alpha}%'",
    "artifact_uri LIKE 'mlflow-artifacts:%'", "start_time > 30", "start_time >= 30",
    "start_time < 30", "start_time <= 30", "start_time = 30", "start_time != 30",
    "attributes.start_time > 30", "start_time = '30'", "start_time > 29.5", "start_time > -1",
    "start_time LIKE '3%'", "start_time IN (30)", "start_time > 1e1", "created > 30",
    "Created > 30", "attributes.created > 30", "attributes.Created > 30", "end_time > 50",
    "end_time != 50", "end_time = 50", "end_time IS NULL", "end_time <= 25", "duration > 5",
    "experiment_id = '0'", "lifecycle_stage = 'active'", "lifecycle_stage = 'deleted'",
    "source_name = 'x'", "unknown = 'x'", "attributes.unknown = 'x'", "attributes.lr = '1'",
    "foo.bar = 'x'", "model.x = 'y'", "run_uuid = '${alpha}'", "attributes.run_uuid = '${alpha}'",
    "start_time > end_time", "start_time > 99999999999999999999", "start_time > 5 AND end_time < 60",
]
DATASET = [
    "dataset.name = 'digits'", "datasets.name = 'digits'", "dataset.name != 'digits'",
    "dataset.name LIKE 'd%'", "dataset.name ILIKE 'D%'", "dataset.digest = 'd1'",
    "dataset.context = 'training'", "dataset.context IN ('training', 'test')",
    "dataset.name IN ('digits')", "dataset.name NOT IN ('digits')",
    "dataset.name = 'digits' AND dataset.context = 'test'", "dataset.unknown = 'x'",
    "dataset.name = digits", "dataset.name = 5", "dataset.name > 'a'", "dataset = 'x'",
    "dataset.`mlflow.data.context` = 'training'", "dataset.context LIKE 'tr%'",
    "dataset.digest IN ('d1','d2')", "dataset.tags.x = 'y'", "dataset.source = 'x'",
    "dataset.name IS NULL",
]
SYNTAX = [
    "", " ", "\t", "AND", "x", "'x'", "5", "()", ";", "params.opt = 'adam';", "params.opt",
    "params.opt =", "= 'adam'", "params.opt = 'adam' AND", "AND params.opt = 'adam'",
    "params.opt = 'adam' AND AND tags.team = 'red'", "params.opt = 'adam' tags.team = 'red'",
    "params.opt = 'adam' and tags.team = 'red'", "params.opt = 'adam' And tags.team = 'red'",
    "params.opt = 'adam' OR tags.team = 'blue'", "params.opt = 'adam' or tags.team = 'blue'",
    "NOT params.opt = 'adam'", "(params.opt = 'adam')", "(params.opt = 'adam') AND tags.team = 'red'",
    "params.opt = 'adam' AND (tags.team = 'red' OR tags.team = 'blue')", "params.opt = 'adam",
    "params.opt = adam'", "params.opt = \"adam'", "params.`opt = 'adam'", "params.opt = 'adam' --x",
    "params.opt = 'adam' /* x */", "/* x */ params.opt = 'adam'", "params.opt = 'adam' # x",
    "params.opt = 'adam', tags.team = 'red'", "params.opt = 'adam' && tags.team = 'red'",
    "params.opt = 'adam'\nAND\ttags.team = 'red'", "\nparams.opt = 'adam'\n",
    "params.opt = 'adam' AND\nmetrics.loss > 0", "select * from runs", "1 = 1", "true",
    "params.opt = 'adam' LIMIT 1", "params.opt = 'adam' ORDER BY x", "params.opt = (select 1)",
    "params.opt = 'x'; DROP TABLE runs", "params.opt : 'adam'", "params.opt ~ 'adam'",
    "params.opt =! 'adam'", "params.opt ! = 'adam'", "params.opt < = 'adam'", "params . opt = 'adam'",
    "params. opt = 'adam'", "params .opt = 'adam'", "params..opt = 'adam'", ".opt = 'adam'",
    "params.opt = 'adam' XOR tags.team = 'red'", "params.opt = 'a\u0000b'", "params.żółw = 'x'",
    "tags.team = 'red' AND " * 30 + "tags.team = 'red'", "params.opt = '" + "x" * 5000 + "'",
    "params.opt = ''", "params.opt = ' adam '", "params.opt = 'AND'", "params.opt = 'a AND b'",
    "params.opt LIKE '%''%'", "params.opt = \"\"", "params.opt = :x", "params.opt = ?",
    "params.opt = @x", "params.opt = $1", "params.opt = x.y", "params.opt = 'x' AND 5",
    "params.opt = 'x' AND 'y'", "params.a.b.c = 'x'",
]
ORDERS = [
    ["metrics.loss"], ["metrics.loss ASC"], ["metrics.loss DESC"], ["metric.loss desc"],
    ["metrics.acc DESC", "start_time ASC"], ["metrics.acc DESC", "run_name"],
    ["metrics.`a b` DESC"], ["metrics.\"a b\""], ["metrics.nothing"], ["params.lr"],
    ["params.lr DESC"], ["params.depth"], ["params.depth DESC"], ["parameter.opt"],
    ["params.`my param`"], ["tags.team"], ["tags.team DESC"], ["tag.team asc"],
    ["tags.mlflow.runName"], ["tags.`mlflow.runName` DESC"], ["start_time"], ["start_time DESC"],
    ["attributes.start_time"], ["attribute.start_time DESC"], ["end_time"], ["end_time DESC"],
    ["status"], ["status DESC"], ["run_name"], ["run_name DESC"], ["attributes.run_name"],
    ["attributes.`Run Name`"], ["`run name` DESC"], ["created"], ["Created DESC"],
    ["attributes.Created"], ["user_id", "run_name"], ["artifact_uri"], ["run_id"],
    ["experiment_id"], ["lifecycle_stage"], ["unknown"], ["attributes.unknown"], ["foo.bar"],
    ["metrics.loss", "metrics.loss DESC"], ["run_name", "run_name"], [""], [" "], ["ASC"], ["DESC"],
    ["metrics.loss ASC DESC"], ["metrics.loss sideways"], ["metrics.loss, params.lr"],
    ["metrics.loss > 1"], ["'metrics.loss'"], ["metrics.loss;"], ["metrics"], ["metrics."],
    ["(metrics.loss)"], ["metrics.loss NULLS LAST"], [5], [None], "run_name", {}, [], None,
    ["dataset.name"], ["METRICS.loss"], ["metrics.loss Desc"], ["  run_name   desc  "],
    ["run_name\nDESC"], ["start_time ASC", "run_name DESC"], ["metrics.LOSS", "run_name"],
    ["tags.team ASC", "params.opt DESC", "metrics.loss ASC"], ["params.opt", "run_name"],
]


def _populate(s):
    s.post("experiment", "mlflow/experiments/create", {"name": s.name},
           save={"exp": "experiment_id"})
    for name, (status, start, end, metrics, params, tags) in RUNS.items():
        s.post(f"create {name}", "mlflow/runs/create", {
            "experiment_id": "${exp}", "run_name": name, "start_time": start,
            "user_id": "ada" if name < "c" else "", "tags": [
                {"key": key, "value": value} for key, value in tags.items()]},
               save={name: "run.info.run_id"})
        run = {"run_id": "${" + name + "}"}
        s.post(f"log {name}", "mlflow/runs/log-batch", {
            **run, "params": [{"key": key, "value": value} for key, value in params.items()],
            "metrics": [{"key": key, "value": value, "timestamp": 1, "step": 0}
                        for key, value in metrics.items()]})
        s.post(f"end {name}", "mlflow/runs/update", {
            **run, "status": status, **({"end_time": end} if end else {})})
    for name, digest, context in (("alpha", "d1", "training"), ("alpha", "d2", "test"),
                                  ("beta", "d1", "training"), ("zeta", "d3", None)):
        tags = [{"key": "mlflow.data.context", "value": context}] if context else []
        s.post(f"dataset of {name} {digest}", "mlflow/runs/log-inputs", {
            "run_id": "${" + name + "}", "datasets": [{"tags": tags, "dataset": {
                "name": "digits" if digest != "d3" else "iris", "digest": digest,
                "source_type": "local", "source": "{}"}}]})
    s.post("delete eta", "mlflow/runs/delete", {"run_id": "${eta}"})


def grammar():
    s = Scenario("runs-search")
    _populate(s)
    base = {"experiment_ids": ["${exp}"]}
    s.post("default", PATH, base)
    seen = set()
    for text in METRIC + PARAM + TAG + ATTRIBUTE + DATASET + SYNTAX:
        if text not in seen:
            seen.add(text)
            name = text if len(text) < 100 else text[:60] + f"... {len(text)} characters"
            # Names are what is compared; the entities themselves are compared by `default`.
            s.post(f"filter {name!r}", PATH, {**base, "filter": text}, names=True)
    for order in ORDERS:
        s.post(f"order {order!r}", PATH, {**base, "order_by": order}, names=True,
               # The ids are random, and so is an order by them.
               compare_body=order not in (["run_id"], ["artifact_uri"]))
    s.post("filter and order", PATH, {**base, "filter": "metrics.acc > 0.5",
                                      "order_by": ["metrics.acc DESC", "params.lr ASC"]},
           names=True)
    return s


def options():
    s = Scenario("runs-search-options")
    _populate(s)
    base = {"experiment_ids": ["${exp}"], "order_by": ["run_name"]}
    for view in ("ACTIVE_ONLY", "DELETED_ONLY", "ALL", "all", "", 1, 2, 3, 0, 4, "3", None, [], 2.0,
                 True):
        s.post(f"view {view!r}", PATH, {**base, "run_view_type": view}, names=True)
    for count in (0, 1, 3, -1, 50000, 50001, "2", "x", 2.0, 1.5, None, True, "", 2**31, 2**63, []):
        s.post(f"max_results {count!r}", PATH, {**base, "max_results": count}, names=True)
    for kind, ids in {
            "missing": None, "empty": [], "unknown": ["987654321"], "text": ["abc"],
            "twice": ["${exp}", "${exp}"], "with unknown": ["${exp}", "987654321"],
            "with text": ["${exp}", "abc"], "not a list": "${exp}", "of numbers": [987654321],
            "of nulls": [None], "empty text": [""], "spaced": [" ${exp} "], "object": {},
            "of lists": [["${exp}"]], "with zeros": ["00${exp}"]}.items():
        s.post(f"experiment_ids {kind}", PATH, {**base, "experiment_ids": ids}, names=True)
    s.post("no body", PATH)
    s.post("only a filter", PATH, {"filter": "run_name = 'alpha' AND artifact_uri LIKE '%${alpha}%'"},
           names=True)
    for kind, value in {"null": None, "number": 5, "list": ["a"], "object": {}, "true": True}.items():
        s.post(f"filter {kind}", PATH, {**base, "filter": value}, names=True)
    s.post("camel case", PATH, {"experimentIds": ["${exp}"], "orderBy": ["run_name DESC"],
                                "maxResults": 2, "runViewType": "ALL"}, names=True)
    s.post("raw number id", PATH, raw='{"experiment_ids": [${exp}], "order_by": ["run_name"]}',
           headers={"Content-Type": "application/json"}, names=True)
    s.post("anded expressions", PATH, {**base, "anded_expressions": [
        {"metric": {"key": "loss", "double": {"comparator": ">", "value": 0.3}}}]}, names=True)
    page = {**base, "max_results": 2}
    s.post("page 1", PATH, page, save={"page2": "next_page_token"}, names=True)
    s.post("page 2", PATH, {**page, "page_token": "${page2}"}, save={"page3": "next_page_token"},
           names=True)
    s.post("page 3 exactly full", PATH, {**page, "page_token": "${page3}"}, names=True)
    s.post("page of another size", PATH, {**base, "max_results": 3, "page_token": "${page2}"},
           names=True)
    s.post("page exactly full", PATH, {**base, "max_results": 6}, names=True)
    s.post("page beyond", PATH, {**base, "max_results": 7}, names=True)
    for kind, token in TOKENS.items():
        s.post(f"token {kind}", PATH, {**page, "page_token": token}, names=True)
    s.get("by GET", PATH, [("experiment_ids", "${exp}")])
    s.add("by PUT", "PUT", PATH, json_body=base)
    return s


def special():
    """Orders where values are missing, equal or not numbers."""
    s = Scenario("runs-search-order")
    s.post("experiment", "mlflow/experiments/create", {"name": "so"}, save={"exp": "experiment_id"})
    values = [1, "NaN", None, "Infinity", 0, "-Infinity", -0.5, 1, None, "NaN"]
    for at, value in enumerate(values):
        s.post(f"create {at}", "mlflow/runs/create", {
            "experiment_id": "${exp}", "run_name": f"r{at}", "start_time": 100 - at % 4},
               save={f"run{at}": "run.info.run_id"})
        if value is not None:
            run = {"run_id": "${run" + str(at) + "}"}
            s.post(f"log {at}", "mlflow/runs/log-batch", {
                **run, "metrics": [{"key": "m", "value": value, "timestamp": 1, "step": 0}],
                "params": [{"key": "p", "value": str(value)}],
                "tags": [{"key": "t", "value": "same"}]})
    base = {"experiment_ids": ["${exp}"]}
    for order in (["metrics.m", "run_name"], ["metrics.m DESC", "run_name"], ["params.p", "run_name"],
                  ["params.p DESC", "run_name"], ["tags.t DESC", "run_name DESC"],
                  ["start_time", "run_name"], ["start_time DESC", "run_name"],
                  ["end_time", "run_name"], ["end_time DESC", "run_name DESC"],
                  ["metrics.none", "run_name"], ["status", "run_name"]):
        s.post(f"order {order!r}", PATH, {**base, "order_by": order}, names=True)
        s.post(f"order {order!r} cut", PATH, {**base, "order_by": order, "max_results": 4},
               names=True)
    return s


def many():
    """More runs than one write to a socket holds."""
    s = Scenario("runs-search-many")
    s.post("experiment", "mlflow/experiments/create", {"name": "sm"}, save={"exp": "experiment_id"})
    for at in range(MANY):
        s.post(f"create {at}", "mlflow/runs/create", {
            "experiment_id": "${exp}", "run_name": f"r{at:03}", "start_time": at,
            "tags": [{"key": "text", "value": f"{at} ü " * (at % 50)}]}, compare_body=False)
    base = {"experiment_ids": ["${exp}"]}
    s.post("whole", PATH, base)
    for count in (99, 100, 101, MANY - 1, MANY, MANY + 1):
        s.post(f"max_results {count}", PATH, {**base, "max_results": count}, names=True)
    page = {**base, "max_results": 110, "order_by": ["run_name"]}
    s.post("page 1", PATH, page, names=True, save={"next": "next_page_token"})
    s.post("page 2", PATH, {**page, "page_token": "${next}"}, names=True)
    return s


SCENARIOS = [grammar(), options(), special(), many()]
