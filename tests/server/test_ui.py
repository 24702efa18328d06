"""Pages of --ui-dir and what they ask for, against the real server."""

import gzip
import os
import urllib.parse

import pytest

import harness

INDEX = b"<!doctype html><script src=static-files/static/js/main.123.js></script>"


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    top = tmp_path_factory.mktemp("pages")
    build = top / "build"
    files = {"index.html": INDEX, "favicon.ico": b"icon", "manifest.json": b"{}",
             "static/js/main.123.js": b"x" * 100_000, "static/css/main.css": b"a{}",
             "static/media/a.svg": b"<svg/>", "static/media/f.woff2": b"f", "lib/page.html": b"p",
             "odd": b"?"}
    for name, content in files.items():
        (build / name).parent.mkdir(parents=True, exist_ok=True)
        (build / name).write_bytes(content)
    (top / "secret.txt").write_text("nobody may read this")
    os.symlink(top / "secret.txt", build / "link.txt")
    os.symlink("favicon.ico", build / "inside.ico")
    return build


@pytest.fixture(scope="module")
def server(tmp_path_factory, pages):
    with harness.Server(tmp_path_factory.mktemp("server"), "--ui-dir", pages) as running:
        yield running


@pytest.mark.parametrize("path, content_type, control", [
    ("/", "text/html; charset=utf-8", "no-cache"),
    ("/static-files/index.html", "text/html; charset=utf-8", "no-cache"),
    ("/static-files/favicon.ico", "image/x-icon", "public, max-age=2419200"),
    ("/static-files/manifest.json", "application/json", "public, max-age=2419200"),
    ("/static-files/static/js/main.123.js", "text/javascript; charset=utf-8",
     "public, max-age=31536000, immutable"),
    ("/static-files/static/css/main.css", "text/css; charset=utf-8",
     "public, max-age=31536000, immutable"),
    ("/static-files/static/media/a.svg", "image/svg+xml", "public, max-age=31536000, immutable"),
    ("/static-files/static/media/f.woff2", "font/woff2", "public, max-age=31536000, immutable"),
    ("/static-files/lib/page.html", "text/html; charset=utf-8", "public, max-age=2419200"),
    ("/static-files/inside.ico", "image/x-icon", "public, max-age=2419200"),
    ("/static-files/odd", "application/octet-stream", "public, max-age=2419200")])
def test_files(server, path, content_type, control):
    answer = server.get(path)
    assert answer.status == 200, answer
    assert answer.headers["Content-Type"] == content_type
    assert answer.headers["Cache-Control"] == control
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "Content-Disposition" not in answer.headers
    again = server.get(path, headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status, again.body) == (304, b"")
    assert again.headers["Cache-Control"] == control
    head = server.ask("HEAD", path)
    assert (head.status, head.body) == (200, b"")


def test_large_files_are_compressed(server):
    answer = server.get("/static-files/static/js/main.123.js",
                        headers={"Accept-Encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(answer.body) == b"x" * 100_000


@pytest.mark.parametrize("path", [
    "../secret.txt", "%2e%2e/secret.txt", "static/../../secret.txt", "..%2fsecret.txt",
    "%252e%252e/secret.txt", "link.txt", "//etc/passwd", "/etc/passwd", "static", "static/",
    "nothing.js", "", "a%00b", "a#b", "static/js/main.123.js/x"])
def test_nothing_else_is_served(server, path):
    answer = server.get("/static-files/" + path)
    assert answer.status in (400, 404), (path, answer)
    assert b"nobody may" not in answer.body


def test_without_pages(start):
    server = start()
    assert b"Millstream" in server.get("/").body
    assert server.get("/static-files/index.html").status == 404


def test_a_directory_without_a_page_is_refused(start, tmp_path):
    for directory in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(harness.StartFailed) as failure:
            start("--ui-dir", directory)
        assert "index.html" in failure.value.log


def test_below_a_prefix(start, pages):
    server = start("--ui-dir", pages, "--static-prefix", "/ml")
    assert server.get("/ml/").body == INDEX
    answer = server.get("/ml")
    assert answer.status == 308 and answer.headers["Location"] == "/ml/"
    assert server.get("/ml/static-files/favicon.ico").body == b"icon"
    assert server.get("/ml/ajax-api/3.0/mlflow/ui-telemetry").status == 200
    answer = server.ask("POST", "/ml/graphql", {"query": "{ __typename }"})
    assert answer.json == {"data": {"__typename": "Query"}, "errors": None}


def test_telemetry_is_off(server):
    path = "/ajax-api/3.0/mlflow/ui-telemetry"
    assert server.get(path).json == {"disable_ui_telemetry": True, "disable_ui_events": [],
                                     "ui_rollout_percentage": 0}
    assert server.ask("POST", path, {"records": [{"a": 1}]}).json == {"status": "disabled"}


# --- graphql --------------------------------------------------------------------------------


def ask(server, query, **more):
    return server.ask("POST", "/graphql", {"query": query, **more})


def test_pages_ask_for_many_runs(server):
    """More runs than are answered in one piece, each with its experiment."""
    experiment = server.create_experiment("graphql")
    for i in range(150):
        server.create_run(experiment, run_name=f"r{i}")
    answer = ask(server, """query R($data: MlflowSearchRunsInput!) { mlflowSearchRuns(input: $data)
        { runs { info { runName startTime } experiment { name } } nextPageToken } }""",
                 variables={"data": {"experimentIds": [experiment], "maxResults": 140}})
    found = answer.json["data"]["mlflowSearchRuns"]
    assert len(found["runs"]) == 140 and found["nextPageToken"]
    assert {run["experiment"]["name"] for run in found["runs"]} == {"graphql"}
    assert answer.json["errors"] is None


def test_failures_beside_answers(server):
    run_id = server.create_run()["info"]["run_id"]
    answer = ask(server, '{ a: mlflowGetRun(input: {runId: "%s"}) { run { info { runId } } }'
                 ' b: mlflowGetRun(input: {runId: "%s"}) { run { info { runId } } }'
                 ' c: mlflowGetRun { apiError { code } } }' % (run_id, "0" * 32))
    assert answer.json["data"] == {"a": {"run": {"info": {"runId": run_id}}}, "b": None,
                                   "c": None}
    assert len(answer.json["errors"]) == 2


def test_get_by_query(server):
    query = urllib.parse.urlencode({"query": "query A { __typename }", "operationName": "A"})
    assert server.get("/graphql?" + query).json["data"] == {"__typename": "Query"}


@pytest.mark.parametrize("query", [
    "{ __schema { queryType { name } } }", '{ __type(name: "Run") { name } }',
    "{ mlflowGetRun }", "{ a " * 60 + "}" * 60, "{" * 100_000, "{a(b:" + "[" * 50_000,
    "{ " + "a:__typename " * 2000 + "}", "{ a }" * 20_000, "query Q($v: " + "[" * 30_000,
    "#" * 70_000, "{a(b:$" + "v" * 60_000 + ")}"])
def test_absurd_queries(server, query):
    answer = ask(server, query)
    assert answer.status == 200, answer
    assert answer.json["data"] is None and len(answer.json["errors"]) == 1
    assert len(answer.body) < 2000


def test_not_utf8(server):
    answer = server.ask("POST", "/graphql", b'{"query": "{ \xff }"}',
                        {"Content-Type": "application/json"})
    assert answer.status == 400


def test_artifacts_only(start):
    server = start("--artifacts-only")
    assert ask(server, "{ __typename }").status == 503
