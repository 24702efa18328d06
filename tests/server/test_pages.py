"""Our own pages: built into the program, and from a directory while they are developed."""

import gzip
import re

import pytest

import harness

PAGE = b"<!doctype html><base href=\"./\" /><script src=\"static/main-A.js\"></script>"
PATHS = ["/", "/experiments", "/experiments/1/runs", "/runs/9f", "/runs/9f/charts/", "/models",
         "/models/a%2Fb/1", "/prompts/p", "/compare"]


def way_back(path):
    return "../" * (path.count("/") - 1) or "./"


@pytest.fixture(scope="module")
def directory(tmp_path_factory):
    top = tmp_path_factory.mktemp("dist")
    (top / "static").mkdir()
    (top / "index.html").write_bytes(PAGE)
    (top / "static" / "main-A.js").write_bytes(b"x" * 100_000)
    return top


@pytest.fixture(scope="module", params=["built in", "directory"])
def server(request, tmp_path_factory, directory):
    extra = ["--ui-dir", directory] if request.param == "directory" else []
    with harness.Server(tmp_path_factory.mktemp("pages"), *extra) as running:
        if b"<base href" not in running.get("/").body:
            pytest.skip("the program was built without pages")
        yield running


@pytest.mark.parametrize("path", PATHS)
def test_every_path_of_the_pages(server, path):
    answer = server.get(path + "?a=b")
    assert answer.status == 200, answer
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-cache"
    assert f'<base href="{way_back(path)}"' in answer.body.decode()
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'; script-src 'self'; style-src 'self'" in policy
    assert "unsafe" not in policy and policy.endswith("frame-ancestors 'self'")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    again = server.get(path, headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status, again.body) == (304, b"")


def test_what_the_page_names_is_there(server):
    page = server.get("/").body.decode()
    named = re.findall(r'(?:src|href)="\.?/?(static/[^"]+)"', page)
    assert named
    for path in named:
        packed = server.get("/" + path, headers={"Accept-Encoding": "gzip"})
        plain = server.get("/" + path)
        assert packed.status == plain.status == 200
        assert packed.headers["Content-Encoding"] == "gzip"
        assert "Content-Encoding" not in plain.headers
        assert packed.headers["Vary"] == "Accept-Encoding"
        assert gzip.decompress(packed.body) == plain.body
        assert plain.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        again = server.get("/" + path, headers={"If-None-Match": plain.headers["ETag"]})
        assert (again.status, again.body) == (304, b"")
        head = server.ask("HEAD", "/" + path)
        assert (head.status, head.body) == (200, b"")


@pytest.mark.parametrize("path", ["/nothing", "/experimentsx", "/index.html", "/api/2.0/nothing",
                                  "/static/nothing.js", "/static/", "/static/../index.html",
                                  "/api/millstream/1.0/nothing", "/static-files/../index.html"])
def test_everything_else_is_not_there(server, path):
    answer = server.get(path)
    assert answer.status in (400, 404), answer
    assert b"<base" not in answer.body


def test_pages_are_only_read(server):
    assert server.ask("POST", "/experiments/1", {}).status == 405


def test_below_a_prefix(start, directory):
    server = start("--ui-dir", directory, "--static-prefix", "/ml")
    assert b'<base href="./"' in server.get("/ml/").body
    assert b'<base href="../"' in server.get("/ml/runs/1").body
    assert server.get("/ml/static/main-A.js").status == 200
    assert server.get("/ml").status == 308


def test_who_may_frame(start, directory):
    server = start("--ui-dir", directory, "--embed-origins", "https://wiki.example")
    frames = {path: server.get(path).headers["Content-Security-Policy"].rsplit("; ", 1)[1]
              for path in ("/", "/compare?embed=1", "/compare?x=embed=1")}
    assert frames == {"/": "frame-ancestors 'self'",
                      "/compare?embed=1": "frame-ancestors 'self' https://wiki.example",
                      "/compare?x=embed=1": "frame-ancestors 'self'"}


def test_bad_origins_are_refused(start):
    with pytest.raises(harness.StartFailed) as failure:
        start("--embed-origins", "wiki.example; script-src *")
    assert "--embed-origins" in failure.value.log


def test_a_page_that_goes_away(start, tmp_path):
    pages = tmp_path / "dist"
    pages.mkdir()
    (pages / "index.html").write_bytes(PAGE)
    server = start("--ui-dir", pages)
    assert server.get("/runs").status == 200
    (pages / "index.html").unlink()
    assert server.get("/runs").status == 404
    (pages / "index.html").write_bytes(b"a page of others")
    assert server.get("/").body == b"a page of others"
    assert server.get("/runs").status == 404
