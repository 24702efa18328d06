"""Metric histories: one run paged, many runs at once, and sampled for charts."""

from ..differential import Scenario
from .logging import _run
from .search_experiments import TOKENS

PATH = "mlflow/metrics/get-history"
AJAX = "/ajax-api/2.0/mlflow/metrics/"


def _log(s, name, run, key, points):
    for start in range(0, len(points), 1000):
        s.post(f"log {name} {start}", "mlflow/runs/log-batch", {"run_id": run, "metrics": [
            {"key": key, "value": value, "timestamp": timestamp, "step": step}
            for value, timestamp, step in points[start:start + 1000]]})


def paged():
    s = Scenario("history")
    run = _run(s, "hi")
    # Written out of order, with several points per step and time.
    _log(s, "m", "${run}", "m", [(i % 3, 100 - i // 2, (i * 7) % 11) for i in range(40)])
    _log(s, "special", "${run}", "special", [("NaN", 1, 0), ("Infinity", 2, 1),
                                             ("-Infinity", 3, 2), (0, 1, 0), (-0.0, 9, 9)])
    m = {**run, "metric_key": "m"}
    s.get("all", PATH, m)
    s.get("special values", PATH, {**run, "metric_key": "special"})
    s.get("by run_uuid", PATH, {"run_uuid": "${run}", "metric_key": "m", "max_results": 1})
    s.get("page 1", PATH, {**m, "max_results": 15}, save={"page2": "next_page_token"})
    s.get("page 2", PATH, {**m, "max_results": 15, "page_token": "${page2}"},
          save={"page3": "next_page_token"})
    s.get("page 3", PATH, {**m, "max_results": 15, "page_token": "${page3}"})
    s.get("exactly full", PATH, {**m, "max_results": 40})
    for count in ("0", "-1", "1.0", "x", "", "50000", "25001", "2147483648", "true"):
        s.get(f"max_results {count!r}", PATH, {**m, "max_results": count})
    for kind, token in TOKENS.items():
        if isinstance(token, str):
            s.get(f"token {kind}", PATH, {**m, "max_results": 3, "page_token": token})
            s.get(f"token {kind} without max_results", PATH, {**m, "page_token": token})
    s.get("unknown metric", PATH, {**run, "metric_key": "nothing"})
    s.get("odd metric", PATH, {**run, "metric_key": "a//b"})
    s.get("missing metric", PATH, run)
    s.get("empty metric", PATH, {**run, "metric_key": ""})
    s.get("unknown run", PATH, {"run_id": "0" * 32, "metric_key": "m"})
    s.get("missing run", PATH, {"metric_key": "m"})
    s.get("nothing", PATH)
    s.add("in the body", "GET", PATH, json_body={**m, "max_results": 2})
    s.add("zero in the body", "GET", PATH, json_body={**m, "max_results": 0})
    s.add("null in the body", "GET", PATH, json_body={**m, "max_results": None})
    return s


def bulk():
    s = Scenario("history-bulk")
    _run(s, "hb")
    s.post("run 2", "mlflow/runs/create", {"experiment_id": "${exp}", "run_name": "r2"},
           save={"run2": "run.info.run_id"})
    _log(s, "run", "${run}", "m", [(i, i, i) for i in range(5)])
    _log(s, "run 2", "${run2}", "m", [(i + 0.5, i, i) for i in range(5)])
    _log(s, "nan", "${run}", "nan", [("NaN", 1, 1), ("Infinity", 2, 2)])
    path = AJAX + "get-history-bulk"
    s.get("one run", path, {"run_id": "${run}", "metric_key": "m"})
    s.get("cut", path, {"run_id": "${run}", "metric_key": "m", "max_results": "3"})
    # Rows of several runs are ordered by the random run id: only the count can be compared.
    s.get("two runs", path, [("run_id", "${run}"), ("run_id", "${run2}"), ("metric_key", "m")],
          compare_body=False)
    s.get("unknown metric", path, {"run_id": "${run}", "metric_key": "nothing"})
    s.get("unknown run", path, {"run_id": "0" * 32, "metric_key": "m"})
    s.get("no run", path, {"metric_key": "m"})
    s.get("no metric", path, {"run_id": "${run}"})
    s.get("nothing", path)
    s.get("not a number", path, {"run_id": "${run}", "metric_key": "nan"})
    s.get("101 runs", path, [("run_id", f"{i:032x}") for i in range(101)] + [("metric_key", "m")])
    s.get("100 runs", path, [("run_id", f"{i:032x}") for i in range(100)] + [("metric_key", "m")])
    for count in ("0", "-1", "x", "25001", "1.5", ""):
        s.get(f"max_results {count!r}", path,
              {"run_id": "${run}", "metric_key": "m", "max_results": count})
    s.get("not below api", "mlflow/metrics/get-history-bulk",
          {"run_id": "${run}", "metric_key": "m"})
    return s


def interval():
    s = Scenario("history-interval")
    _run(s, "hv")
    for name in ("run2", "run3"):
        s.post(name, "mlflow/runs/create", {"experiment_id": "${exp}", "run_name": name},
               save={name: "run.info.run_id"})
    _log(s, "dense", "${run}", "m", [(i * 0.5, 1000 + i, i) for i in range(103)])
    _log(s, "sparse", "${run2}", "m", [(i, 1000 + i, i * 10 - 50) for i in range(20)])
    _log(s, "repeated", "${run3}", "m", [(i % 4, i, i // 5) for i in range(50)])
    _log(s, "special", "${run}", "special", [("NaN", 1, 1), ("NaN", 1, 0), ("Infinity", 1, 2),
                                             (1, 1, 1), (1, 2, 1)])
    path = "mlflow/metrics/get-history-bulk-interval"
    for run in ("run", "run2", "run3"):
        base = {"run_ids": "${" + run + "}", "metric_key": "m"}
        s.get(f"{run} all", path, base)
        for count in (1, 2, 3, 7, 10, 19, 20, 21, 49, 50, 51, 102, 103, 104, 2500):
            s.get(f"{run} to {count}", path, {**base, "max_results": count})
        for start, end in ((0, 10), (-30, 30), (5, 5), (90, 1000), (10, 5), (-100, -60), (3, 7)):
            s.get(f"{run} from {start} to {end}", path,
                  {**base, "start_step": start, "end_step": end, "max_results": 5})
    s.get("by ajax", AJAX + "get-history-bulk-interval",
          {"run_ids": "${run}", "metric_key": "m", "max_results": 5})
    s.get("two runs", path, [("run_ids", "${run2}"), ("run_ids", "${run3}"), ("metric_key", "m"),
                             ("max_results", "4")])
    s.get("two runs the other way", path, [("run_ids", "${run3}"), ("run_ids", "${run2}"),
                                           ("metric_key", "m"), ("max_results", "4")])
    s.get("a run twice", path, [("run_ids", "${run3}"), ("run_ids", "${run3}"),
                                ("metric_key", "m"), ("max_results", "4")])
    s.get("special values", path, {"run_ids": "${run}", "metric_key": "special"})
    base = {"run_ids": "${run}", "metric_key": "m"}
    for count in ("0", "-1", "2501", "x", "1.0", ""):
        s.get(f"max_results {count!r}", path, {**base, "max_results": count})
    s.get("start alone", path, {**base, "start_step": 5})
    s.get("end alone", path, {**base, "end_step": 5})
    s.get("start text", path, {**base, "start_step": "x", "end_step": 5})
    s.get("start zero end zero", path, {**base, "start_step": 0, "end_step": 0})
    s.get("start beyond 32 bits", path, {**base, "start_step": 0, "end_step": 2**40})
    s.get("no runs", path, {"metric_key": "m"})
    s.get("no metric", path, {"run_ids": "${run}"})
    s.get("empty metric", path, {"run_ids": "${run}", "metric_key": ""})
    s.get("unknown metric", path, {"run_ids": "${run}", "metric_key": "nothing"})
    s.get("unknown run", path, {"run_ids": "0" * 32, "metric_key": "m"})
    s.get("one known run", path, [("run_ids", "${run3}"), ("run_ids", "0" * 32),
                                  ("metric_key", "m"), ("max_results", "4")])
    s.get("101 runs", path, [("run_ids", f"{i:032x}") for i in range(101)] + [("metric_key", "m")])
    s.get("run_id instead of run_ids", path, {"run_id": "${run}", "metric_key": "m"})
    return s


SCENARIOS = [paged(), bulk(), interval()]
