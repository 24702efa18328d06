"""How requests are read: content types, bodies that are not JSON, queries, nesting, sizes."""

from ..differential import Scenario

SEARCH = "mlflow/runs/search"
TAG = "mlflow/runs/set-tag"

CONTENT_TYPES = [
    None, "", "application/json", "application/json; charset=utf-8", "application/json;charset=utf-8",
    "Application/JSON", "application/json ", " application/json", "text/plain", "text/json",
    "application/x-www-form-urlencoded", "multipart/form-data", "application/json, text/plain",
    "application/problem+json", "application/vnd.api+json", "json", "*/*", "application/json;",
    "application/json; charset=latin-1",
]

BODIES = {
    "empty": "", "blank": "  ", "null": "null", "list": "[]", "list of objects": "[{}]",
    "number": "5", "text": "\"hello\"", "true": "true", "object": "{}", "cut short": "{\"a\": ",
    "trailing comma": "{\"run_id\": \"${run}\",}", "single quotes": "{'run_id': '${run}'}",
    "unquoted": "{run_id: 1}", "two objects": "{} {}", "garbage": "%%%", "form": "run_id=x&key=t",
    "comment": "{} // x", "byte order mark": "\ufeff{}", "double encoded": "\"{}\"",
    "not utf-8": b"{\"run_id\": \"\xff\xfe\"}", "null byte": "{\"run_id\": \"a\u0000b\"}",
    "deep": "[" * 500 + "]" * 500, "deep object": "{\"a\":" * 200 + "1" + "}" * 200,
    "number with zero": "{\"max_results\": 01}", "hex": "{\"max_results\": 0x1}",
    "plus": "{\"max_results\": +1}", "huge exponent": "{\"max_results\": 1e999}",
    "bare NaN": "{\"max_results\": NaN}", "xml": "<a/>", "utf-16": "{}".encode("utf-16"),
}


def reading():
    s = Scenario("reading")
    s.post("experiment", "mlflow/experiments/create", {"name": "rd"}, save={"exp": "experiment_id"})
    s.post("run", "mlflow/runs/create", {"experiment_id": "${exp}", "run_name": "r"},
           save={"run": "run.info.run_id"})
    right = "{\"run_id\": \"${run}\", \"key\": \"t\", \"value\": \"v\"}"
    for kind in CONTENT_TYPES:
        s.add(f"content type {kind!r}", "POST", TAG, raw=right, headers={"Content-Type": kind})
    json_type = {"Content-Type": "application/json"}
    for kind, body in BODIES.items():
        s.add(f"set-tag body {kind}", "POST", TAG, raw=body, headers=json_type)
        s.add(f"get body {kind}", "GET", "mlflow/runs/get", raw=body, headers=json_type)
    for kind in ("empty", "null", "list", "number", "text", "cut short", "garbage", "object"):
        s.add(f"search body {kind}", "POST", SEARCH, raw=BODIES[kind], headers=json_type, names=True)
    s.add("json in json", "POST", TAG, raw=(
        '"{\\"run_id\\": \\"${run}\\", \\"key\\": \\"nested\\", \\"value\\": \\"v\\"}"'),
          headers=json_type)
    s.add("field twice", "POST", TAG, raw=right[:-1] + ", \"value\": \"w\"}", headers=json_type)
    s.post("both spellings", TAG, {"run_id": "${run}", "runId": "${run}", "key": "t", "value": "v"})
    s.post("spellings disagree", TAG, {"run_id": "${run}", "runId": "0" * 32, "key": "t",
                                       "value": "v"})
    s.post("other case", TAG, {"RUN_ID": "${run}", "key": "t", "value": "v"})
    s.post("escaped names", TAG, raw='{"run\\u005fid": "${run}", "key": "t", "value": "v"}',
           headers=json_type)
    s.post("query on POST", TAG, {"key": "t", "value": "v"}, query={"run_id": "${run}"})
    s.post("query beside body", TAG, {"run_id": "${run}", "key": "t", "value": "v"},
           query={"run_id": "0" * 32})
    s.post("big unknown field", TAG, {"run_id": "${run}", "key": "t", "value": "v",
                                      "padding": "x" * 1000000})
    s.post("deep unknown field", TAG, raw=(
        '{"run_id": "${run}", "key": "t", "value": "v", "deep": ' + "[" * 90 + "]" * 90 + "}"),
           headers=json_type)
    s.post("surrogate pair", TAG,
           raw='{"run_id": "${run}", "key": "pair", "value": "\\ud83e\\uddea"}', headers=json_type)
    s.get("stored", "mlflow/runs/get", {"run_id": "${run}"})
    s.get("encoded query", "mlflow/runs/get", "run%5Fid=${run}")
    s.get("query with semicolon", "mlflow/runs/get", "run_id=${run};x=1")
    s.get("query with fragment-like", "mlflow/runs/get", "run_id=${run}&x=%23")
    s.get("query with empty pairs", "mlflow/runs/get", "&&run_id=${run}&&=&a")
    s.get("query bracket", "mlflow/experiments/get", "experiment_id[]=${exp}")
    s.get("query empty", "mlflow/runs/get", "")
    s.get("long query", "mlflow/runs/get", "run_id=${run}&x=" + "y" * 6000)
    s.get("two values", "mlflow/runs/get", "run_id=${run}&run_id=" + "0" * 32)
    return s


SCENARIOS = [reading()]
