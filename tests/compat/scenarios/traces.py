"""Traces without their spans: started, found, tagged, linked, deleted; assessments."""

from ..differential import Scenario

V2 = "/api/2.0/mlflow/traces"
V3 = "/api/3.0/mlflow/traces"
WHEN = "2025-01-02T03:04:0%d.678Z"

FILTERS = [
    "", "tag.team = 'red'", "tags.team != 'red'", "tags.team LIKE 'r%'", "tags.team ILIKE 'R%'",
    "status = 'OK'", "status != 'OK'", "attributes.status = 'ERROR'", "trace.status = 'OK'",
    "name = 'n1'", "attribute.name LIKE 'n%'", "run_id = 'r1'", "attribute.run_id = 'r2'",
    "metadata.`mlflow.sourceRun` = 'r1'", "request_metadata.m = 'x'", "metadata.nothing = 'x'",
    "timestamp_ms > 1735787042000", "timestamp > 1735787042000", "trace.timestamp_ms < 5",
    "execution_time_ms > 150", "execution_time < 150", "request_id = 'tr-1'",
    "client_request_id = 'c1'", "tags.team IN ('red', 'blue')", "name IN ('n1', 'n3')",
    "status IN ('OK')", "tags.team = 'red' AND status = 'OK'", "tags.team IS NULL",
    "unknown = 'x'", "foo.bar = 'x'", "status = OK", "timestamp_ms = 'x'", "   ", "name",
    "status = 'OK' OR status = 'ERROR'", "run_id IN ('r1', 'r2')",
]
ORDERS = [["timestamp_ms ASC"], ["timestamp_ms DESC"], ["timestamp"], ["execution_time_ms DESC"],
          ["status"], ["name DESC"], ["tags.team"], ["request_id"], ["unknown"], ["metadata.m"]]


def _info(number, experiment="${exp}", **more):
    return {"trace_info": {
        "trace_id": f"tr-{number}", "trace_location": {
            "type": "MLFLOW_EXPERIMENT", "mlflow_experiment": {"experiment_id": experiment}},
        "request_time": WHEN % number, "execution_duration": f"0.{number}s", "state": "OK",
        **more}}


def _experiment(s, name):
    s.post("experiment", "mlflow/experiments/create", {"name": name}, save={"exp": "experiment_id"})


def life():
    s = Scenario("traces")
    _experiment(s, "traces")
    s.post("start", V3, {"trace": _info(
        1, client_request_id="c", request_preview="q", response_preview="a",
        trace_metadata={"m": "1"}, tags={"t": "x"})})
    s.get("get", V3 + "/tr-1")
    s.post("without experiment", V3, {"trace": {"trace_info": {"trace_id": "tr-2"}}})
    s.post("unknown experiment", V3, {"trace": _info(2, "987654321")})
    s.post("empty", V3, {})
    s.post("without duration", V3, {"trace": {"trace_info": {
        **_info(3)["trace_info"], "execution_duration": None, "state": "ERROR"}}})
    s.get("unknown", V3 + "/tr-nobody")
    s.post("again", V3, {"trace": _info(1, tags={"u": "y"}, trace_metadata={"n": "2"})})
    s.get("merged", V3 + "/tr-1")
    s.patch("tag", V3 + "/tr-1/tags", {"key": "k", "value": "v"})
    s.patch("tag of 2.0", V2 + "/tr-1/tags", {"key": "l", "value": "v"})
    s.patch("tag without key", V3 + "/tr-1/tags", {"value": "v"})
    s.patch("tag of unknown", V3 + "/tr-nobody/tags", {"key": "k", "value": "v"})
    s.delete("delete tag", V3 + "/tr-1/tags", {"key": "k"})
    s.delete("delete tag again", V3 + "/tr-1/tags", {"key": "k"})
    s.delete("delete tag of 2.0", V2 + "/tr-1/tags", {"key": "l"})
    s.get("tags left", V3 + "/tr-1")
    s.post("infos", V3 + "/batchGetInfos", {"trace_ids": ["tr-3", "tr-nobody", "tr-1"]})
    s.post("link", V2 + "/link-to-run", {"run_id": "r", "trace_ids": ["tr-1"]})
    s.post("link none", V2 + "/link-to-run", {"run_id": "r", "trace_ids": []})
    s.post("link without run", V2 + "/link-to-run", {"trace_ids": ["tr-1"]})
    s.post("link 101", V2 + "/link-to-run", {"run_id": "r", "trace_ids": ["tr-1"] * 101})
    s.post("delete nothing said", V2 + "/delete-traces", {"experiment_id": "${exp}"})
    s.post("delete both said", V2 + "/delete-traces", {
        "experiment_id": "${exp}", "request_ids": ["tr-1"], "max_timestamp_millis": 5})
    s.post("delete elsewhere", V2 + "/delete-traces", {"experiment_id": "0",
                                                       "request_ids": ["tr-1"]})
    s.post("delete", V2 + "/delete-traces", {"experiment_id": "${exp}",
                                             "request_ids": ["tr-1", "tr-nobody"]})
    s.get("deleted", V3 + "/tr-1")
    for number in (4, 5, 6):
        s.post(f"start {number}", V3, {"trace": _info(number)})
    s.post("delete old", V3 + "/delete-traces", {
        "experiment_id": "${exp}", "max_timestamp_millis": 1735787045678, "max_traces": 1})
    s.post("delete more", V3 + "/delete-traces", {
        "experiment_id": "${exp}", "max_timestamp_millis": 1735787045678})
    s.get("too new", V3 + "/tr-6")
    return s


def with_spans_as_file():
    """What clients do that keep spans among the artifacts, MLflow's for JavaScript above all."""
    s = Scenario("traces-file")
    _experiment(s, "traces file")
    trace = "tr-0123456789abcdef0123456789abcdef"
    root = {"trace_id": trace, "span_id": "00000000000000a1", "parent_span_id": "", "name": "root",
            "start_time_unix_nano": 1735787041678000000, "end_time_unix_nano": 1735787041690000000,
            "status": {"code": "STATUS_CODE_OK", "message": ""}, "events": [],
            "attributes": {"mlflow.traceRequestId": f'"{trace}"', "mlflow.spanType": '"LLM"'}}
    s.post("start", V3, {"trace": {"trace_info": {
        "trace_id": trace, "trace_location": {
            "type": "MLFLOW_EXPERIMENT", "mlflow_experiment": {"experiment_id": "${exp}"}},
        "request_time": WHEN % 1, "execution_duration": "0.012s", "state": "OK",
        "request_preview": '{"city":"Kraków"}', "response_preview": '"sunny"',
        "trace_metadata": {"mlflow.trace_schema.version": "3", "mlflow.trace.tokenUsage":
                           '{"input_tokens":3,"output_tokens":5,"total_tokens":8}'},
        "tags": {}, "assessments": []}}})
    path = f"mlflow-artifacts/artifacts/${{exp}}/traces/{trace}/artifacts/traces.json"
    s.add("upload spans", "PUT", path, json_body={"spans": [root]})
    s.get("info", f"{V3}/{trace}")
    s.get("spans", path)
    s.post("delete experiment", "mlflow/experiments/delete", {"experiment_id": "${exp}"})
    s.get("info of deleted", f"{V3}/{trace}")
    return s


def search():
    s = Scenario("traces-search")
    _experiment(s, "traces search")
    for number, team, state, run in ((1, "red", "OK", "r1"), (2, "blue", "ERROR", "r2"),
                                     (3, None, "OK", "r1")):
        tags = {"mlflow.traceName": f"n{number}", **({"team": team} if team else {})}
        s.post(f"start {number}", V3, {"trace": _info(
            number, state=state, tags=tags, client_request_id=f"c{number}",
            trace_metadata={"mlflow.sourceRun": run, "m": "x"})})
    s.post("link", V2 + "/link-to-run", {"run_id": "r2", "trace_ids": ["tr-3"]})
    here = {"locations": [{"type": "MLFLOW_EXPERIMENT",
                           "mlflow_experiment": {"experiment_id": "${exp}"}}]}
    s.post("in full", V3 + "/search", here)
    for text in FILTERS:
        s.post(f"filter {text!r}", V3 + "/search", {**here, "filter": text}, names=True)
    for order in ORDERS:
        s.post(f"order {order}", V3 + "/search", {**here, "order_by": order}, names=True)
    for count in (1, 2, 4, 0, -1, 500, 501):
        s.post(f"max_results {count}", V3 + "/search", {**here, "max_results": count}, names=True)
    s.post("first page", V3 + "/search", {**here, "max_results": 2}, names=True,
           save={"token": "next_page_token"})
    s.post("second page", V3 + "/search", {**here, "max_results": 2, "page_token": "${token}"},
           names=True)
    s.post("nowhere", V3 + "/search", {"locations": []}, names=True)
    s.post("no locations", V3 + "/search", {}, names=True)
    return s


def assessments():
    s = Scenario("assessments")
    _experiment(s, "assessments")
    s.post("start", V3, {"trace": _info(7)})
    path = V3 + "/tr-7/assessments"
    source = {"source_type": "HUMAN", "source_id": "me"}
    base = {"assessment_name": "good", "trace_id": "tr-7", "source": source}
    times = {"create_time": WHEN % 1, "last_update_time": WHEN % 2}
    s.post("feedback", path, {"assessment": {
        **base, **times, "feedback": {"value": True}, "rationale": "why", "metadata": {"a": "b"},
        "span_id": "span"}}, save={"first": "assessment.assessment_id"})
    s.get("get", path + "/${first}")
    s.post("text", path, {"assessment": {**base, **times, "feedback": {"value": "yes"}}})
    s.post("expectation", path, {"assessment": {**base, **times, "assessment_name": "answer",
                                                "expectation": {"value": "x"}}},
           save={"expected": "assessment.assessment_id"})
    s.post("serialized", path, {"assessment": {
        **base, **times, "assessment_name": "list", "expectation": {"serialized_value": {
            "serialization_format": "JSON_FORMAT", "value": "[1]"}}}})
    s.post("with error", path, {"assessment": {**base, **times, "feedback": {
        "error": {"error_code": "E", "error_message": "m"}}}})
    s.post("neither", path, {"assessment": {**base, **times}})
    s.post("without name", path, {"assessment": {"source": source, "feedback": {"value": 1}}})
    s.post("nothing", path, {})
    s.post("of unknown", V3 + "/tr-nobody/assessments", {"assessment": {
        **base, "trace_id": "tr-nobody", **times, "feedback": {"value": 1}}})
    s.patch("update", path + "/${first}", {
        "assessment": {"trace_id": "tr-7", "assessment_id": "${first}",
                       "feedback": {"value": False}, "metadata": {"c": "d"},
                       "rationale": "other"},
        "update_mask": "feedback,metadata,rationale"}, compare_body=False)
    s.patch("update of another kind", path + "/${expected}", {
        "assessment": {"trace_id": "tr-7", "assessment_id": "${expected}",
                       "feedback": {"value": False}}, "update_mask": "feedback"})
    s.patch("update unknown", path + "/a-nobody", {
        "assessment": {"trace_id": "tr-7", "assessment_id": "a-nobody",
                       "feedback": {"value": False}}, "update_mask": "feedback"})
    s.post("override", path, {"assessment": {**base, **times, "feedback": {"value": 1},
                                             "overrides": "${first}"}},
           save={"second": "assessment.assessment_id"})
    s.post("override unknown", path, {"assessment": {**base, **times, "feedback": {"value": 1},
                                                     "overrides": "a-nobody"}})
    s.get("replaced", path + "/${first}", compare_body=False)
    s.delete("delete", path + "/${second}")
    s.delete("delete again", path + "/${second}")
    s.delete("delete of unknown", V3 + "/tr-nobody/assessments/a-nobody")
    s.get("get deleted", path + "/${second}")
    s.get("get of unknown", V3 + "/tr-nobody/assessments/a-nobody")
    return s


SCENARIOS = [life(), with_spans_as_file(), search(), assessments()]
