"""The workloads: each one writes a script for the load driver. See README.md for the list."""

import json
import random


class Workload:
    """One row of the table, or several (one for each number of connections)."""

    def __init__(self, key, title, conns, build, stage, unit="requests", per_request=1,
                 write=False, check=None, targets=None, step=None, rate_of=None,
                 patience_s=30):
        self.key = key
        self.title = title
        self.conns = conns
        self.build = build  # (target, data, where to write files) -> script text
        self.stage = stage  # "write" (fresh database) or "read" (seeded one)
        self.unit = unit
        self.per_request = per_request  # units in one request (or round, see step)
        self.write = write
        self.check = check  # (target, data) -> None or what is wrong
        self.targets = targets  # None for all
        self.step = step  # the request whose latency is shown, for scripts of several
        self.patience_s = patience_s  # how long the last answers may take
        self.rate_of = rate_of  # open loop: half the rate this (key, conns) reached


def script(*steps, lists=()):
    """steps: (name, method, path, body, [checks])."""
    lines = [f"list {name} {path}" for name, path in lists]
    for name, method, path, body, checks in steps:
        address = path if path.startswith("/") else f"/api/2.0/mlflow/{path}"
        lines += [f"step {name}", f"send {method} {address}"]
        if body is not None:
            lines.append(f"body {body}")
        lines += checks
    return "\n".join(lines) + "\n"


def body_file(where, name, text):
    path = where / f"{name}.json"
    path.write_text(text)
    return f"@{path}"


def metric(key, step, time="{{now}}"):
    return '{"key":"%s","value":{{rand}},"timestamp":%s,"step":%s}' % (key, time, step)


def batch(run, metrics=(), params=()):
    parts = ['"run_id":"%s"' % run]
    if metrics:
        parts.append('"metrics":[' + ",".join(metrics) + "]")
    if params:
        parts.append('"params":[' + ",".join(params) + "]")
    return "{" + ",".join(parts) + "}"


CREATE = ('{"experiment_id":"%s","start_time":{{now}},'
          '"tags":[{"key":"mlflow.user","value":"k6"}]}')


def create_run(target, data, where):
    body = CREATE % data["experiment"]
    return script(("CreateRun", "POST", "runs/create", body, ['expect "run_id"']))


def log_metric(target, data, where):
    body = ('{"run_id":"{{pick:runs}}","key":"loss","value":{{rand}},'
            '"timestamp":{{now}},"step":{{step}}}')
    return script(("LogMetric", "POST", "runs/log-metric", body, []),
                  lists=[("runs", data["runs_file"])])


def get_run(target, data, where):
    return script(("GetRun", "GET", "runs/get?run_id={{pick:runs}}", None,
                   ['expect "run_id"', 'count 10 "timestamp"']),
                  lists=[("runs", data["get_runs_file"])])


def batch10_hot(target, data, where):
    metrics = [metric(f"metric_{i}", 0) for i in range(10)]
    return script(("LogBatch10", "POST", "runs/log-batch",
                   batch(data["hot_run"], metrics), []))


def batch_spread(keys):
    def build(target, data, where):
        metrics = [metric(f"metric_{i}", "{{req}}") for i in range(keys)]
        body = body_file(where, f"batch{keys}", batch("{{pick:runs}}", metrics))
        return script((f"LogBatch{keys}", "POST", "runs/log-batch", body, []),
                      lists=[("runs", data["spread_runs_file"])])
    return build


def batch_series(target, data, where):
    metrics = [metric("series", "{{step}}") for _ in range(1000)]
    body = body_file(where, "series", batch("{{pick:runs}}", metrics))
    return script(("LogBatch1000", "POST", "runs/log-batch", body, []),
                  lists=[("runs", data["series_runs_file"])])


def param(i, prefix="param"):
    return '{"key":"%s_%d","value":"{{rand}}"}' % (prefix, i)


def params_new(target, data, where):
    body = body_file(where, "params", batch("{{captured}}", params=[param(i) for i in range(100)]))
    return script(
        ("CreateRun", "POST", "runs/create", CREATE % data["experiment"], ["capture run_id"]),
        ("Params100", "POST", "runs/log-batch", body, []))


def fml_sequence(target, data, where):
    """Eight calls on one fresh run, as the FastTrackML logging benchmark makes them."""
    def keys(count, steps):
        return [metric(f"metric{i}", step) for i in range(count) for step in range(1, steps + 1)]

    def params(count):
        return [param(i, f"param{count}") for i in range(count)]

    run = "{{captured}}"
    single = '{"run_id":"%s","key":"metric1","value":{{rand}},"timestamp":{{now}},"step":0}' % run
    update = '{"run_id":"%s","status":"FINISHED","end_time":{{now}}}' % run
    steps = [
        ("CreateRun", "runs/create", CREATE % data["experiment"], ["capture run_id"]),
        ("LogMetricSingle", "runs/log-metric", single, []),
        ("LogMetricBatch10", "runs/log-batch", batch(run, keys(10, 4)), []),
        ("LogMetricBatch100", "runs/log-batch", batch(run, keys(100, 4)), []),
        ("LogMetricBatch500", "runs/log-batch", batch(run, keys(500, 2)), []),
        ("LogParamBatch10", "runs/log-batch", batch(run, params=params(10)), []),
        ("LogParamBatch100", "runs/log-batch", batch(run, params=params(100)), []),
        ("UpdateRun", "runs/update", update, []),
    ]
    return script(*[(name, "POST", path, body_file(where, name, body), checks)
                    for name, path, body, checks in steps])


def search_1000(target, data, where):
    body = json.dumps({"experiment_ids": [data["wide_experiment"]], "max_results": 1000})
    return script(("SearchRuns", "POST", "runs/search", body,
                   [f'count {min(1000, data["wide_runs"])} "run_id"']))


def search_filter(target, data, where):
    body = json.dumps({"experiment_ids": data["heavy_experiments"], "max_results": 100,
                       "filter": "metrics.loss < 0.5", "order_by": ["metrics.accuracy DESC"]})
    return script(("SearchRuns", "POST", "runs/search", body, ['count 100 "run_id"']))


def table(**how):
    """A screen of the runs table, 10,000 runs down where there are as many."""
    def build(target, data, where):
        body = json.dumps({"experiment_ids": data["heavy_experiments"], "max_results": 50,
                           "offset": data["heavy_runs"] // 2 - 50, "metrics": ["loss", "accuracy"],
                           "params": [f"param_{i}" for i in range(5)], **how})
        return script(("RunsTable", "POST", "/api/millstream/1.0/runs/table", body,
                       ['count 50 "run_id"']))
    return build


def columns(target, data, where):
    body = json.dumps({"experiment_ids": data["heavy_experiments"]})
    return script(("RunsColumns", "POST", "/api/millstream/1.0/runs/columns", body,
                   ['count 5 "param_']))


def buckets(**how):
    """Lines of 2 M points: a run of a million, twice."""
    def build(target, data, where):
        run = data["history_runs"][str(data["million"])]
        body = json.dumps({"run_ids": [run, run], "metric_keys": ["loss"], "buckets": 1000, **how})
        return script(("Buckets", "POST", "/api/millstream/1.0/metrics/buckets", body,
                       ['count 2 "points"']))
    return build


def page(which):
    def build(target, data, where):
        body = page_body(data)
        if which == "last":
            body["page_token"] = page_tokens(target, data)[-1]
        return script(("SearchRuns", "POST", "runs/search", json.dumps(body),
                       ['count 50 "run_id"']))
    return build


def page_body(data):
    return {"experiment_ids": data["heavy_experiments"], "max_results": 50,
            "run_view_type": "ALL", "order_by": ["attributes.start_time ASC"]}


def page_tokens(target, data):
    """The token of every page, found once for each server by walking all of them."""
    known = data.setdefault("page_tokens", {})
    if target.key not in known:
        tokens = [None]
        want = data["heavy_runs"] // 50
        while len(tokens) < want:
            body = page_body(data)
            if tokens[-1] is not None:
                body["page_token"] = tokens[-1]
            tokens.append(target.call("POST", "runs/search", body)["next_page_token"])
        known[target.key] = tokens
    return known[target.key]


def history(points, limit=True):
    """limit=False: everything in one answer; the official server sends at most 25,000 at once."""
    def build(target, data, where):
        run = data["history_runs"][str(points)]
        cap = "&max_results=25000" if limit else ""  # as clients send
        return script(("GetHistory", "GET",
                       f"metrics/get-history?run_id={run}&metric_key=loss{cap}", None,
                       [f'count {points} "timestamp"']))
    return build


def interval(runs, points):
    def build(target, data, where):
        chosen = data["curve_runs"][:runs]
        ids = "&".join(f"run_ids={run}" for run in chosen)
        count = len(chosen) * min(points, data["curve_points"])
        return script(("BulkInterval", "GET",
                       f"metrics/get-history-bulk-interval?{ids}&metric_key=loss"
                       f"&max_results={points}", None, [f'count {count} "timestamp"']))
    return build


def models(target, data, where):
    """The first page, as pages of a browser ask for it; each model shows its latest version."""
    return script(("SearchModels", "GET", "registered-models/search?max_results=100", None,
                   ['count 100 "latest_versions"']))


def versions(target, data, where):
    return script(("SearchVersions", "GET", "model-versions/search?max_results=100&filter="
                   "name%20%3D%20%27{{pick:models}}%27", None, ['count 10 "current_stage"']),
                  lists=[("models", data["models_file"])])


# What the server holds after the windows: acknowledged writes must be there.

def has_metrics(run_key, want):
    def check(target, data):
        run = data[run_key] if isinstance(data[run_key], str) else data[run_key][0]
        found = len(target.call("GET", f"runs/get?run_id={run}")["run"]["data"].get("metrics", []))
        return None if found >= want else f"run {run} has {found} metrics, not {want}"
    return check


def has_points(target, data):
    body = {"experiment_ids": [data["experiment"]], "max_results": 1,
            "filter": "metrics.loss >= 0"}
    found = target.call("POST", "runs/search", body).get("runs", [])
    return None if found else "no run has the metric that was logged"


def has_created(target, data):
    body = {"experiment_ids": [data["experiment"]], "max_results": 10}
    found = len(target.call("POST", "runs/search", body).get("runs", []))
    return None if found == 10 else f"only {found} of the created runs are found"


WORKLOADS = [
    Workload("W1", "CreateRun", (1, 20, 64), create_run, "write", write=True, check=has_created),
    Workload("M1", "log-metric", (1, 20, 64), log_metric, "write", write=True,
             check=has_points),
    Workload("M2", "log-metric at half that rate, open loop", (64,), log_metric, "write",
             write=True, rate_of=("M1", 64)),
    Workload("G1", "runs/get", (1, 20, 64), get_run, "write"),
    Workload("W2", "log-batch, 10 keys, one hot run", (20,), batch10_hot, "write", "points", 10,
             write=True, check=has_metrics("hot_run", 10)),
    Workload("W3", "log-batch, 10 keys, 200 runs", (20,), batch_spread(10), "write", "points", 10,
             write=True),
    Workload("W5", "log-batch, 500 keys, 200 runs", (20,), batch_spread(500), "write", "points",
             500, write=True),
    Workload("W6", "log-batch, 1000 steps of one key", (1, 8), batch_series, "write", "points",
             1000, write=True, check=has_metrics("series_runs", 1)),
    Workload("W8", "new run with 100 params", (20,), params_new, "write", "runs",
             write=True, step="Params100"),
    Workload("W9", "FastTrackML logging sequence, 8 calls", (20,), fml_sequence, "write",
             "rounds", write=True, step="LogMetricBatch500"),
    Workload("W11", "runs/search, page of 1000", (1, 8), search_1000, "read"),
    Workload("W12", "runs/search, metric filter and order", (1, 8), search_filter, "read"),
    Workload("W13a", "runs/search, first page of 50", (1,), page("first"), "read"),
    Workload("W13b", "runs/search, last page of 50", (1,), page("last"), "read"),
    Workload("W15a", "get-history, 4 points", (1, 20), history(4), "read"),
    Workload("W15b", "get-history, 100 points", (1, 20), history(100), "read"),
    Workload("W15c", "get-history, 25,000 points", (1,), history(25000), "read"),
    Workload("W15d", "get-history, 1 M points, one answer", (1,), history(1000000, limit=False),
             "read", targets=("ours",)),
    Workload("W16a", "bulk-interval, 5 runs to 320 points", (1,), interval(5, 320), "read"),
    Workload("W16b", "bulk-interval, 5 runs to 2500 points", (1,), interval(5, 2500), "read"),
    Workload("W16c", "bulk-interval, 100 runs to 320 points", (1,), interval(100, 320), "read",
             patience_s=180),
    Workload("W23a", "runs/table, 50 in the middle of 20,000 by 2 keys", (1, 8),
             table(order_by=["params.param_0", "metrics.accuracy DESC"]), "read",
             targets=("ours",)),
    Workload("W23b", "runs/table, the same with a filter", (1, 8),
             table(filter="metrics.loss < 0.9", order_by=["metrics.accuracy DESC"], offset=1000),
             "read", targets=("ours",)),
    Workload("W23c", "runs/columns of 20,000 runs", (1,), columns, "read", targets=("ours",)),
    Workload("W24a", "metrics/buckets, 2 M points to 1000", (1,), buckets(), "read",
             targets=("ours",)),
    Workload("W24b", "metrics/buckets, a tenth of them", (1,),
             buckets(start=500_000, end=600_000), "read", targets=("ours",)),
    Workload("W19a", "registered-models/search, page of 100 of 500", (1, 8), models, "read"),
    Workload("W19b", "model-versions/search, 10 of 5000", (1, 8), versions, "read"),
]


def random_ids(count, seed=42):
    """Run ids for directly filled databases; the same in every run of the benchmark."""
    source = random.Random(seed)
    return ["%032x" % source.getrandbits(128) for _ in range(count)]
