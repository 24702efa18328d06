"""Requests of absurd shape and size: a 4xx answer, no crash, no memory that stays."""

import json
import urllib.parse

import pytest

import harness

MIB = 1024 * 1024
GROWTH_KIB = 24 * 1024


def post(server, rpc, body):
    if isinstance(body, str):
        body = body.encode("utf-8", "surrogatepass")
    return server.ask("POST", f"/api/2.0/mlflow/{rpc}", body,
                      {"Content-Type": "application/json"})


def refused(answer):
    """A 4xx answer of the protocol's shape that says something."""
    assert 400 <= answer.status < 500, answer
    assert answer.json["error_code"] and answer.json["message"]
    return answer.json["message"]


@pytest.fixture(scope="module")
def run_id(server):
    return server.create_run()["info"]["run_id"]


def metrics(count):
    return [{"key": "m", "value": 1.0, "timestamp": 1, "step": i} for i in range(count)]


def texts(count, prefix="k"):
    return [{"key": f"{prefix}{i}", "value": "v"} for i in range(count)]


# name: (rpc, function that makes the body from a run id). All are refused.
ABSURD = {
    "depth of arrays": ("experiments/create", lambda r: "[" * 1_000_000),
    "depth of objects": ("experiments/create", lambda r: '{"a":' * 500_000),
    "closed depth": ("experiments/create",
                     lambda r: '{"name":' + "[" * 100_000 + "]" * 100_000 + "}"),
    "depth where it is ignored": (
        "experiments/create", lambda r: '{"name":"deep","x":' + "[" * 10_000 + "]" * 10_000 + "}"),
    "million metrics": ("runs/log-batch", lambda r: json.dumps(
        {"run_id": r, "metrics": [{"key": "m", "value": 1, "timestamp": 1}] * 1_000_000})),
    "million empty objects": ("runs/log-batch", lambda r: json.dumps(
        {"run_id": r, "metrics": [{}] * 1_000_000})),
    "million numbers": ("runs/log-batch", lambda r: json.dumps(
        {"run_id": r, "metrics": [1] * 1_000_000})),
    "1001 metrics": ("runs/log-batch", lambda r: {"run_id": r, "metrics": metrics(1001)}),
    "101 params": ("runs/log-batch", lambda r: {"run_id": r, "params": texts(101)}),
    "101 tags": ("runs/log-batch", lambda r: {"run_id": r, "tags": texts(101)}),
    "1001 together": ("runs/log-batch", lambda r: {
        "run_id": r, "metrics": metrics(900), "params": texts(100), "tags": texts(1)}),
    "100,000 tags of a new run": ("runs/create", lambda r: {
        "experiment_id": "0", "tags": texts(100_000)}),
    "100,000 tags of a new experiment": ("experiments/create", lambda r: {
        "name": "many tags", "tags": texts(100_000)}),
    "million experiment ids": ("runs/search", lambda r: json.dumps(
        {"experiment_ids": ["0"] * 1_000_000})),
    "100,000 order clauses": ("runs/search", lambda r: {
        "experiment_ids": ["0"], "order_by": ["metrics.m DESC"] * 100_000}),
    "long filter": ("runs/search", lambda r: {
        "experiment_ids": ["0"], "filter": " AND ".join(["metrics.m > 1"] * 100_000)}),
    "deep filter": ("runs/search", lambda r: {
        "experiment_ids": ["0"], "filter": "(" * 30_000 + "metrics.m > 1" + ")" * 30_000}),
    "many NOTs": ("runs/search", lambda r: {
        "experiment_ids": ["0"], "filter": "NOT " * 15_000 + "metrics.m > 1"}),
    "long order clause": ("runs/search", lambda r: {
        "experiment_ids": ["0"], "order_by": ["metrics." + "m" * MIB]}),
    "max_results": ("runs/search", lambda r: {"experiment_ids": ["0"],
                                              "max_results": 2**31 - 1}),
    "page token": ("runs/search", lambda r: {"experiment_ids": ["0"], "page_token": "A" * MIB}),
    "run id": ("runs/log-metric", lambda r: {"run_id": "f" * MIB, "key": "m", "value": 1,
                                             "timestamp": 1}),
    "key": ("runs/log-metric", lambda r: {"run_id": r, "key": "k" * MIB, "value": 1,
                                          "timestamp": 1}),
    "key of 251": ("runs/log-metric", lambda r: {"run_id": r, "key": "k" * 251, "value": 1,
                                                 "timestamp": 1}),
    "experiment name": ("experiments/create", lambda r: {"name": "n" * 20 * MIB}),
    "artifact location": ("experiments/create", lambda r: {"name": "far away",
                                                           "artifact_location": "s3://" +
                                                           "x" * MIB}),
    "body": ("experiments/create", lambda r: b" " * (65 * MIB)),
    "number of 100,000 digits": ("runs/log-metric", lambda r: (
        f'{{"run_id":"{r}","key":"m","timestamp":1,"value":1,"step":' + "9" * 100_000 + "}")),
    "step of 2^63": ("runs/log-metric", lambda r: {"run_id": r, "key": "m", "value": 1,
                                                   "timestamp": 1, "step": 2**63}),
    "timestamp below 0": ("runs/log-metric", lambda r: {"run_id": r, "key": "m", "value": 1,
                                                        "timestamp": -(2**70)}),
    "word for a number": ("runs/log-metric", lambda r: (
        f'{{"run_id":"{r}","key":"m","timestamp":1,"value":nil}}')),
    "not UTF-8": ("experiments/create", lambda r: b'{"name":"\xff\xfe"}'),
    "half a surrogate": ("experiments/create", lambda r: '{"name":"\\ud800"}'),
    "raw surrogate": ("experiments/create", lambda r: '{"name":"\ud800"}'),
    "control character": ("experiments/create", lambda r: b'{"name":"a\x01b"}'),
    "nothing": ("experiments/create", lambda r: b""),
    "null": ("experiments/create", lambda r: b"null"),
    "a list": ("experiments/create", lambda r: b"[]"),
    "a text": ("experiments/create", lambda r: b'"name"'),
    "cut short": ("experiments/create", lambda r: b'{"name":"a'),
    "two bodies": ("experiments/create", lambda r: b'{"name":"two-a"}{"name":"two-b"}'),
    "rubbish behind": ("experiments/create", lambda r: b'{"name":"behind"}}'),
    "text for a list": ("runs/log-batch", lambda r: {"run_id": r, "metrics": "many"}),
    "object for a list": ("runs/log-batch", lambda r: {"run_id": r, "metrics": {"key": "m"}}),
    "list for a text": ("experiments/create", lambda r: {"name": ["a"]}),
    "object for a text": ("experiments/create", lambda r: {"name": {"a": "b"}}),
}


@pytest.mark.parametrize("name", ABSURD)
def test_absurd(server, run_id, name):
    rpc, body = ABSURD[name]
    answer = post(server, rpc, json.dumps(b) if isinstance(b := body(run_id), dict) else b)
    refused(answer)
    assert server.ask("GET", "/health").status == 200


# These are odd but valid; a param's value is cut to 6000 characters.
ODD = {
    "many unknown keys": ("experiments/search", lambda r: {
        "max_results": 1, **{f"unknown{i}": i for i in range(200_000)}}),
    "the same key again": ("experiments/search", lambda r: (
        '{"max_results":1' + ',"max_results":1' * 10_000 + "}")),
    "large unknown text": ("experiments/search", lambda r: {"max_results": 1,
                                                            "x": "y" * 20 * MIB}),
    "white space": ("experiments/search", lambda r: b" " * MIB + b'{"max_results":1}' +
                    b"\n" * MIB),
    "value of 6000": ("runs/log-parameter", lambda r: {"run_id": r, "key": "long",
                                                       "value": "v" * 6000}),
    "value of 20 MiB": ("runs/log-parameter", lambda r: {"run_id": r, "key": "cut",
                                                         "value": "v" * 20 * MIB}),
    "bare NaN": ("runs/log-metric", lambda r: (
        f'{{"run_id":"{r}","key":"nan","timestamp":1,"value":NaN}}')),
    "key of 250": ("runs/log-metric", lambda r: {"run_id": r, "key": "k" * 250, "value": 1,
                                                 "timestamp": 1}),
    "1000 metrics": ("runs/log-batch", lambda r: {"run_id": r, "metrics": metrics(1000)}),
    "largest step": ("runs/log-metric", lambda r: {"run_id": r, "key": "edge", "value": 1,
                                                   "timestamp": 1, "step": 2**63 - 1}),
    "smallest step": ("runs/log-metric", lambda r: {"run_id": r, "key": "edge", "value": 1,
                                                    "timestamp": 1, "step": -(2**63) + 1}),
    "NaN as text": ("runs/log-metric", lambda r: {"run_id": r, "key": "nan", "value": "NaN",
                                                  "timestamp": 1}),
}


@pytest.mark.parametrize("name", ODD)
def test_odd_but_valid(server, run_id, name):
    rpc, body = ODD[name]
    answer = post(server, rpc, json.dumps(b) if isinstance(b := body(run_id), dict) else b)
    assert answer.status == 200, answer


@pytest.mark.parametrize("query", [
    "&".join(["run_id=0"] * 10_000), "run_id=" + "a" * 50_000, "x=%" * 10_000,
    "run_id=" + "%25" * 10_000, "run_id=%ff%fe", "run_id=%00", "&=&=&&&==", "run_id",
    "metric_key=m"])
def test_absurd_queries(server, query):
    for path in ("metrics/get-history", "runs/get", "artifacts/list"):
        answer = server.ask("GET", f"/api/2.0/mlflow/{path}?{query}")
        assert 400 <= answer.status < 500, answer


def test_too_long_a_target(server):
    answer = server.ask("GET", "/api/2.0/mlflow/runs/get?run_id=" + "a" * 100_000)
    assert answer.status in (414, 431)


@pytest.mark.parametrize("path", ["/" * 10_000, "/a" * 10_000, "/api/2.0/mlflow/" + "x" * 20_000,
                                  "/api/2.0/mlflow-artifacts/artifacts/" + "d/" * 10_000,
                                  "/api/2.0/mlflow-artifacts/artifacts/" + "n" * 300,
                                  "/api/2.0/mlflow-artifacts/artifacts/" + "%25" * 5_000 + "41"])
def test_absurd_paths(server, path):
    for method in ("GET", "PUT", "DELETE"):
        answer = server.ask(method, path, b"x" if method == "PUT" else None)
        assert 400 <= answer.status < 500, answer


def test_nothing_was_stored_by_what_was_refused(server, run_id):
    answer = server.call("experiments/search", {"max_results": 1000})
    names = {e["name"] for e in answer.json["experiments"]}
    assert names == {"Default"}
    params = server.call("runs/get", {"run_id": run_id}, "GET").json["run"]["data"]["params"]
    assert {p["key"]: len(p["value"]) for p in params} == {"cut": 6000, "long": 6000}


def test_memory_does_not_stay(start):
    """The same absurd requests again and again: sooner or later a round adds nothing, whatever
    threads and their heaps the first ones have made. What is lost, is lost in each round."""
    server = start(environment=harness.FREES_AT_ONCE)
    run_id = server.create_run()["info"]["run_id"]
    bodies = []
    for rpc, body in ABSURD.values():
        made = body(run_id)
        bodies.append((rpc, json.dumps(made) if isinstance(made, dict) else made))

    def all_of_them():
        for rpc, body in bodies:
            refused(post(server, rpc, body))

    def growth():
        before = server.memory_kib()
        for _ in range(2 if not harness.LONG else 30):
            all_of_them()
        return server.memory_kib() - before

    assert any(growth() < GROWTH_KIB for _ in range(6))


def test_many_large_bodies_at_once(start):
    """Bodies near the limit from many clients: refused or served, and the memory comes back."""
    server = start(environment=harness.FREES_AT_ONCE)
    body = json.dumps({"name": "x" * (30 * MIB)}).encode()
    before = server.memory_kib()

    def work(index):
        answer = post(server, "experiments/create", body)
        assert answer.status in (400, 413, 503), answer

    harness.in_parallel(8, work)
    harness.eventually(lambda: server.memory_kib() - before < GROWTH_KIB)


def test_declared_but_never_sent(server):
    """A large Content-Length alone takes no memory."""
    before = server.memory_kib()
    sockets = []
    for _ in range(50):
        raw = server.socket()
        raw.sendall(b"POST /api/2.0/mlflow/experiments/create HTTP/1.1\r\nHost: localhost\r\n"
                    b"Content-Length: 60000000\r\n\r\n{")
        sockets.append(raw)
    assert server.ask("GET", "/health").status == 200
    assert server.memory_kib() - before < 16 * 1024
    for raw in sockets:
        raw.close()


def test_parameters_of_the_path(server):
    for name in ("%00", "%ff", "a" * 5000, urllib.parse.quote("é" * 500), "..", "."):
        for method in ("GET", "POST", "DELETE"):
            answer = server.ask(method, f"/api/3.0/mlflow/logged-models/{name}")
            assert 400 <= answer.status < 500, answer
