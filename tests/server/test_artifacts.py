"""Artifacts over HTTP: the proxied store and the files of a run, against the real server."""

import base64
import hashlib
import os
import pathlib
import urllib.parse

import pytest

import harness

PROXY = "/api/2.0/mlflow-artifacts/artifacts"
LARGE = 200 * 1024 * 1024
PIECE = 1024 * 1024
FLAT_KIB = 48 * 1024
SECRET = b"nobody may read this"


def put(server, path, body, **headers):
    return server.ask("PUT", f"{PROXY}/{path}", body, headers)


def get(server, path, **headers):
    return server.ask("GET", f"{PROXY}/{path}", headers=headers)


def listing(server, path=None):
    answer = server.get(PROXY, **({} if path is None else {"path": path}))
    assert answer.status == 200, answer
    return [(f["path"], f["is_dir"], f.get("file_size")) for f in answer.json.get("files", [])]


def files_below(directory):
    """Also while the server makes and removes directories there."""
    return sorted(os.path.relpath(os.path.join(place, name), directory)
                  for place, _, names in os.walk(directory) for name in names)


@pytest.fixture(scope="module")
def run(server):
    return server.create_run()["info"]


# --- the proxied store ----------------------------------------------------------------------


def test_round_trip(server):
    assert put(server, "trip/a/model.bin", b"\x00\xff" * 1000).status == 200
    assert put(server, "trip/empty.txt", b"").status == 200
    answer = get(server, "trip/a/model.bin")
    assert (answer.status, answer.body) == (200, b"\x00\xff" * 1000)
    assert answer.headers["Content-Length"] == "2000"
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"] == "attachment; filename=model.bin"
    assert answer.headers.get_all("X-Content-Type-Options") == ["nosniff"]
    assert answer.headers["Accept-Ranges"] == "bytes"
    assert get(server, "trip/empty.txt").body == b""
    # The protocol leaves out a size of 0.
    assert listing(server, "trip") == [("a", True, None), ("empty.txt", False, None)]
    assert listing(server, "trip/a/") == [("model.bin", False, 2000)]
    assert "trip" in [name for name, _, _ in listing(server)]


def test_answer_of_a_put_is_json_or_empty(server):
    answer = put(server, "trip/answer", b"x")
    assert answer.body in (b"", b"{}")


def test_ajax_prefix(server):
    path = "/ajax-api/2.0/mlflow-artifacts/artifacts/ajax/f.txt"
    assert server.ask("PUT", path, b"by ajax").status == 200
    assert server.ask("GET", path).body == b"by ajax"


def test_replacing(server):
    for body in (b"first", b"2", b""):
        assert put(server, "replaced", body).status == 200
        assert get(server, "replaced").body == body


def test_chunked_upload(server):
    body = [b"a" * 70000, b"b" * 300000, b"c"]
    answer = server.ask("PUT", f"{PROXY}/chunked", iter(body))
    assert answer.status == 200, answer
    assert get(server, "chunked").body == b"".join(body)


@pytest.mark.parametrize("name", ["ä日本.txt", "with space", "semi;colon", 'quo"te', "100%",
                                  "a+b", "q?mark", "back\\slash", "dir/ö/ü"])
def test_odd_names(server, name):
    quoted = urllib.parse.quote("odd/" + name)
    assert put(server, quoted, name.encode()).status == 200
    answer = get(server, quoted)
    assert (answer.status, answer.body) == (200, name.encode())
    if not name.isascii():
        last = urllib.parse.quote(name.rsplit("/", 1)[-1])
        assert f"filename*=UTF-8''{last}" in answer.headers["Content-Disposition"]
    parent, last = ("odd/" + name).rsplit("/", 1)
    assert last in [entry for entry, _, _ in listing(server, parent)]


@pytest.mark.parametrize("name, kind", [
    ("a.txt", "text/plain"), ("MLmodel", "text/plain"), ("MLproject", "text/plain"),
    ("conda.yaml", "text/plain"), ("x.json", "text/plain"), ("fig.png", "image/png"),
    ("page.html", "text/html"), ("m.pkl", "application/octet-stream"),
    ("d.parquet", "application/vnd.apache.parquet"), ("doc.pdf", "application/pdf")])
def test_content_type(server, name, kind):
    put(server, f"types/{name}", b"x")
    answer = get(server, f"types/{name}")
    assert answer.headers["Content-Type"].split(";")[0] == kind
    assert answer.headers["Content-Disposition"].startswith("attachment")


def test_what_is_not_there(server):
    put(server, "there/f", b"1")
    assert get(server, "there/missing").code == "RESOURCE_DOES_NOT_EXIST"
    assert get(server, "there/missing").status == 404
    assert get(server, "there/f/below").status == 404
    answer = get(server, "there")
    assert (answer.status, answer.code) == (400, "INVALID_PARAMETER_VALUE")
    assert listing(server, "there/missing") == []
    assert listing(server, "there/f") == []
    answer = server.ask("GET", f"{PROXY}?path=there/missing")
    assert answer.json == {}


@pytest.mark.parametrize("path", ["there", "d/", "d%2f", "d/.", ".", "there/f/g"])
def test_put_that_cannot_be(server, path):
    put(server, "there/f", b"1")
    assert put(server, path, b"x").status == 400


def test_delete(server):
    for name in ("gone/a/1", "gone/a/2", "gone/b"):
        put(server, name, b"x")
    answer = server.ask("DELETE", f"{PROXY}/gone/a")
    assert (answer.status, answer.json) == (200, {})
    assert listing(server, "gone") == [("b", False, 1)]
    assert server.ask("DELETE", f"{PROXY}/gone/a").status == 200
    assert server.ask("DELETE", f"{PROXY}/gone/b").status == 200
    assert listing(server, "gone") == []
    assert get(server, "gone/b").status == 404


def test_presigned_sends_clients_to_the_plain_way(server):
    answer = server.ask("GET", "/api/2.0/mlflow-artifacts/presigned/a/b")
    assert (answer.status, answer.code) == (501, "NOT_IMPLEMENTED")
    assert "Multipart download is not supported" in answer.json["message"]


# --- checksums ------------------------------------------------------------------------------


def digest(body, name="sha256"):
    return base64.b64encode(hashlib.new(name, body).digest()).decode()


@pytest.mark.parametrize("header", ["Repr-Digest", "Content-Digest"])
@pytest.mark.parametrize("size", [0, 10, 3 * PIECE])
def test_an_upload_has_the_digest_it_says(server, header, size):
    body = os.urandom(size)
    name = f"sums/{header}-{size}"
    for value in (f"sha-256=:{digest(body)}:", f"md5=:x:, SHA-512=:{digest(body, 'sha512')}:",
                  "md5=:anything:", "", ","):
        assert put(server, name, body, **{header: value}).status == 200, value
        assert get(server, name).body == body
        assert server.ask("DELETE", f"{PROXY}/{name}").status == 200
    other = digest(body + b"x")
    for value in (f"sha-256=:{other}:", f"sha-256=:{digest(body)}:, sha-512=:{other}{other}:",
                  "sha-256=:AAAA:", "sha-256", "sha-256=x", f"sha-256={digest(body)}"):
        answer = put(server, name, body, **{header: value})
        assert (answer.status, answer.code) == (400, "INVALID_PARAMETER_VALUE"), value
        assert get(server, name).status == 404
    assert files_below(server.home / "artifacts" / "sums") == []


def test_a_download_says_its_digest_when_asked(server):
    body = os.urandom(PIECE + 17)
    put(server, "sums/told", body)
    for wanted, told in (("sha-256=1", f"sha-256=:{digest(body)}:"),
                         ("sha-256=2, sha-512=9", f"sha-512=:{digest(body, 'sha512')}:"),
                         ("md5=10, sha-256=1;x=y", f"sha-256=:{digest(body)}:"),
                         ("sha-256=0", None), ("md5=1", None), ("sha-256", None), ("", None)):
        answer = get(server, "sums/told", **{"Want-Repr-Digest": wanted})
        assert (answer.body, answer.headers["Repr-Digest"]) == (body, told), wanted
    # Of the whole file, for a part of it and for its head too.
    answer = get(server, "sums/told", Range="bytes=1-3", **{"Want-Repr-Digest": "sha-256=1"})
    assert (answer.status, answer.headers["Repr-Digest"]) == (206, f"sha-256=:{digest(body)}:")
    answer = server.ask("HEAD", f"{PROXY}/sums/told", headers={"Want-Repr-Digest": "sha-256=1"})
    assert (answer.body, answer.headers["Repr-Digest"]) == (b"", f"sha-256=:{digest(body)}:")


# --- conditions and ranges ------------------------------------------------------------------

DIGITS = b"0123456789"


@pytest.fixture(scope="module")
def digits(server):
    assert put(server, "digits", DIGITS).status == 200
    return get(server, "digits").headers


@pytest.mark.parametrize("header, body, content_range", [
    ("bytes=0-3", b"0123", "bytes 0-3/10"), ("bytes=7-", b"789", "bytes 7-9/10"),
    ("bytes=-2", b"89", "bytes 8-9/10"), ("bytes=0-0", b"0", "bytes 0-0/10"),
    ("bytes=5-100", b"56789", "bytes 5-9/10"), ("bytes=-100", DIGITS, "bytes 0-9/10")])
def test_range(server, digits, header, body, content_range):
    answer = get(server, "digits", Range=header)
    assert (answer.status, answer.body) == (206, body)
    assert answer.headers["Content-Range"] == content_range
    assert answer.headers["Content-Length"] == str(len(body))


@pytest.mark.parametrize("header", ["bytes=10-", "bytes=99-100", "bytes=-0"])
def test_range_outside(server, digits, header):
    answer = get(server, "digits", Range=header)
    assert answer.status == 416
    assert answer.headers["Content-Range"] == "bytes */10"


@pytest.mark.parametrize("header", ["bytes=", "bytes=x-y", "bytes=5-2", "bytes=0-1,3-4",
                                    "lines=1-2", "bytes=99999999999999999999999-"])
def test_range_that_is_not_understood_gives_all(server, digits, header):
    answer = get(server, "digits", Range=header)
    assert (answer.status, answer.body) == (200, DIGITS)


def test_if_range(server, digits):
    same = get(server, "digits", **{"Range": "bytes=1-2", "If-Range": digits["ETag"]})
    assert (same.status, same.body) == (206, b"12")
    other = get(server, "digits", **{"Range": "bytes=1-2", "If-Range": '"other"'})
    assert (other.status, other.body) == (200, DIGITS)


@pytest.mark.parametrize("conditions", [
    {"If-None-Match": "{etag}"}, {"If-None-Match": '"x", W/{etag}'}, {"If-None-Match": "*"},
    {"If-Modified-Since": "{date}"},
    {"If-None-Match": "{etag}", "If-Modified-Since": "Thu, 01 Jan 1970 00:00:00 GMT"}])
def test_not_modified(server, digits, conditions):
    filled = {name: value.format(etag=digits["ETag"], date=digits["Last-Modified"])
              for name, value in conditions.items()}
    answer = get(server, "digits", **filled)
    assert (answer.status, answer.body) == (304, b"")
    assert answer.headers["ETag"] == digits["ETag"]


@pytest.mark.parametrize("conditions", [
    {"If-None-Match": '"other"'}, {"If-Modified-Since": "Thu, 01 Jan 1970 00:00:00 GMT"},
    {"If-Modified-Since": "yesterday"}])
def test_modified(server, digits, conditions):
    assert get(server, "digits", **conditions).status == 200


def test_etag_changes_with_the_content(server):
    put(server, "tagged", b"one")
    first = get(server, "tagged").headers["ETag"]
    assert get(server, "tagged").headers["ETag"] == first
    put(server, "tagged", b"two")
    assert get(server, "tagged").headers["ETag"] != first


def test_head(server, digits):
    connection = server.connect()
    for _ in range(2):  # the connection stays usable
        answer = harness.ask(connection, "HEAD", f"{PROXY}/digits")
        assert (answer.status, answer.body) == (200, b"")
        assert answer.headers["Content-Length"] == "10"
        assert answer.headers["ETag"] == digits["ETag"]
    assert harness.ask(connection, "HEAD", f"{PROXY}/no-such").status == 404
    assert harness.ask(connection, "GET", f"{PROXY}/digits").body == DIGITS
    connection.close()


# --- a run's files --------------------------------------------------------------------------


def run_path(info):
    return info["artifact_uri"].removeprefix("mlflow-artifacts:/")


def test_list_of_a_run(server, run):
    put(server, f"{run_path(run)}/model/MLmodel", b"flavors:")
    put(server, f"{run_path(run)}/notes.txt", b"hi")
    answer = server.get("/api/2.0/mlflow/artifacts/list", run_id=run["run_id"])
    assert answer.json == {"root_uri": run["artifact_uri"], "files": [
        {"path": "model", "is_dir": True},
        {"path": "notes.txt", "is_dir": False, "file_size": 2}]}
    answer = server.get("/api/2.0/mlflow/artifacts/list", run_uuid=run["run_id"], path="model")
    assert answer.json["files"] == [
        {"path": "model/MLmodel", "is_dir": False, "file_size": 8}]
    answer = server.get("/api/2.0/mlflow/artifacts/list", run_id=run["run_id"],
                        path="notes.txt")
    assert answer.json == {"root_uri": run["artifact_uri"]}
    answer = server.get("/api/2.0/mlflow/artifacts/list", run_id="0" * 32)
    assert (answer.status, answer.code) == (404, "RESOURCE_DOES_NOT_EXIST")
    assert server.get("/api/2.0/mlflow/artifacts/list").status == 400


def test_what_is_opened_has_no_origin(server, run):
    put(server, f"{run_path(run)}/d/notes.txt", b"x")
    put(server, f"{run_path(run)}/report.html", b"<script>1</script>")
    for path, more in (("d/notes.txt", {}), ("d/notes.txt", {"view": "frame"}),
                       ("report.html", {}), ("report.html", {"view": "framed"})):
        answer = server.get("/get-artifact", path=path, run_id=run["run_id"], **more)
        assert answer.headers["Content-Disposition"].startswith("attachment")
        assert answer.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none';")


def test_a_web_page_comes_into_a_frame_without_origin_and_network(server, run):
    put(server, f"{run_path(run)}/report.html", b"<script>1</script>")
    for path in (f"/api/2.0/mlflow-artifacts/artifacts/{run_path(run)}/report.html?view=frame",
                 f"/get-artifact?path=report.html&run_id={run['run_id']}&view=frame"):
        answer = server.get(path)
        assert answer.body == b"<script>1</script>"
        assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
        assert "Content-Disposition" not in answer.headers
        policy = dict(part.strip().split(" ", 1)
                      for part in answer.headers["Content-Security-Policy"].split(";"))
        assert policy["sandbox"] == "allow-scripts"
        assert policy["default-src"] == "'none'"
        assert "connect-src" not in policy and "http" not in str(policy)


def test_get_artifact(server, run):
    put(server, f"{run_path(run)}/d/notes.txt", b"0123456789")
    for key in ("run_id", "run_uuid"):
        answer = server.get("/get-artifact", path="d/notes.txt", **{key: run["run_id"]})
        assert (answer.status, answer.body) == (200, b"0123456789")
    assert answer.headers["Content-Disposition"] == "attachment; filename=notes.txt"
    answer = server.get("/get-artifact", headers={"Range": "bytes=2-4"}, path="d/notes.txt",
                        run_id=run["run_id"])
    assert (answer.status, answer.body) == (206, b"234")
    assert server.get("/get-artifact", path="x", run_id=run["run_id"]).status == 404
    assert server.get("/get-artifact", path="d", run_id=run["run_id"]).status == 400
    assert server.get("/get-artifact", path="x", run_id="0" * 32).status == 404
    assert server.get("/get-artifact", path="x").status == 400
    assert server.get("/get-artifact", run_id=run["run_id"]).status == 400


def upload_to_run(server, body, **query):
    return server.ask("POST", "/ajax-api/2.0/mlflow/upload-artifact?" +
                      urllib.parse.urlencode(query), body)


def test_upload_artifact(server, run):
    answer = upload_to_run(server, b"ten bytes!", run_uuid=run["run_id"], path="up/f.txt")
    assert answer.status == 200, answer
    assert server.get("/get-artifact", path="up/f.txt",
                      run_id=run["run_id"]).body == b"ten bytes!"
    most = 10 * 1024 * 1024
    assert upload_to_run(server, b"x" * most, run_uuid=run["run_id"], path="up/max").status == 200
    assert upload_to_run(server, b"", run_uuid=run["run_id"], path="up/e").status == 400
    assert upload_to_run(server, b"x", path="up/e").status == 400
    assert upload_to_run(server, b"x", run_uuid=run["run_id"]).status == 400
    assert upload_to_run(server, b"x", run_uuid="0" * 32, path="up/e").status == 404
    listed = listing(server, run_path(run) + "/up")
    assert listed == [("f.txt", False, 10), ("max", False, most)]


def test_upload_artifact_too_large(server, run):
    path = "/ajax-api/2.0/mlflow/upload-artifact?" + urllib.parse.urlencode(
        {"run_uuid": run["run_id"], "path": "big"})
    with server.socket() as raw:
        size = 10 * 1024 * 1024 + 1
        raw.sendall(f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {size}\r\n"
                    "\r\n".encode())
        try:
            for _ in range(11):
                raw.sendall(b"x" * PIECE)
        except OSError:
            pass  # the server need not take what it refuses
        answer = b""
        try:
            answer = raw.recv(4096)
        except OSError:
            pass
    assert answer == b"" or answer.split(b" ")[1] in (b"413", b"400")
    assert ("big", False, size) not in listing(server, run_path(run))
    harness.eventually(lambda: not list((server.home / "artifacts").glob(".millstream*")))


# --- nothing outside the roots --------------------------------------------------------------

UP = ["..", "%2e%2e", "%2E%2e", ".%2e", "%2e.", "%252e%252e", "%25252e%25252e", "..%5c..",
      "%c0%ae%c0%ae", "..;", "%2e%2e%00"]


def climbing_paths():
    for up in UP:
        for slash in ("/", "%2f", "%252f", "%5c"):
            yield slash.join([up] * 3 + ["secret.txt"])
            yield slash.join(["d", up, up, "secret.txt"])
    yield from ["/etc/passwd", "//etc/passwd", "%2fetc/passwd", "%252fetc%252fpasswd",
                "file:///etc/passwd", "file:%2f%2f%2fetc/passwd", "C:%5cWindows", "C:/x",
                "%5c%5chost%5cshare", "a%23b", "a%2523b", "..", "d/..", "%2e%2e", "./..",
                "%" + "25" * 12 + "2e" + "%" + "25" * 12 + "2e/secret.txt"]


@pytest.fixture(scope="module")
def guarded(tmp_path_factory):
    """A server whose artifact root has a secret beside it and links inside it."""
    home = tmp_path_factory.mktemp("guarded")
    root = home / "artifacts"
    (root / "d").mkdir(parents=True)
    (root / "d" / "ok").write_bytes(b"ok")
    (home / "secret.txt").write_bytes(SECRET)
    (home / "outside").mkdir()
    (home / "outside" / "secret.txt").write_bytes(SECRET)
    links = {"leak": home / "secret.txt", "relative": "../secret.txt", "away": "../outside",
             "etc": "/etc/passwd", "loop": "loop", "proc": "/proc/self/environ",
             "inside": "d", "whole": root / "d", "d/sly": "../d/../../secret.txt"}
    for name, target in links.items():
        (root / name).symlink_to(target)
    with harness.Server(home) as running:
        yield running


@pytest.mark.parametrize("path", climbing_paths())
def test_climbing_out(guarded, path):
    before = files_below(guarded.home / "artifacts")
    run_id = guarded.create_run()["info"]["run_id"]
    query = f"path={path}&run_id={run_id}&run_uuid={run_id}"
    encoded = "path=" + urllib.parse.quote(path, safe="") + f"&run_id={run_id}&run_uuid={run_id}"
    answers = [
        guarded.ask("GET", f"{PROXY}/{path}"),
        guarded.ask("HEAD", f"{PROXY}/{path}"),
        guarded.ask("PUT", f"{PROXY}/{path}", b"overwritten"),
        guarded.ask("DELETE", f"{PROXY}/{path}"),
        guarded.ask("GET", f"{PROXY}?path={path}"),
    ]
    answers += [guarded.ask("POST", f"/ajax-api/2.0/mlflow/upload-artifact?{q}", b"x")
                for q in (query, encoded)]
    answers += [guarded.ask("GET", f"/get-artifact?{q}") for q in (query, encoded)]
    answers += [guarded.ask("GET", f"/api/2.0/mlflow/artifacts/list?{q}")
                for q in (query, encoded)]
    for answer in answers:
        # "..;" and its like are odd names, not ways up: not there, or stored below the root.
        assert answer.status < 500, answer
        assert SECRET not in answer.body and b"root:" not in answer.body
        if ";" not in path and "%c0" not in path.lower() and "%00" not in path:
            assert 400 <= answer.status < 500, (path, answer)
    assert (guarded.home / "secret.txt").read_bytes() == SECRET
    assert (guarded.home / "outside" / "secret.txt").read_bytes() == SECRET
    assert sorted(p.name for p in guarded.home.iterdir() if p.name.startswith(("secret", "x"))
                  ) == ["secret.txt"]
    assert set(before) <= set(files_below(guarded.home / "artifacts"))


def test_the_root_itself_is_not_deleted(guarded):
    for path in ("", ".", "./", "%2e", "d/..", "%2f"):
        guarded.ask("DELETE", f"{PROXY}/{path}")
    assert (guarded.home / "artifacts" / "d" / "ok").read_bytes() == b"ok"


@pytest.mark.parametrize("path", ["leak", "relative", "away/secret.txt", "etc", "loop", "proc",
                                  "d/sly", "inside/sly"])
def test_links_out_of_the_root(guarded, path):
    for answer in (get(guarded, path), put(guarded, path, b"overwritten"),
                   guarded.ask("HEAD", f"{PROXY}/{path}")):
        assert answer.status == 400, answer
        assert SECRET not in answer.body
    assert (guarded.home / "secret.txt").read_bytes() == SECRET
    assert (guarded.home / "outside" / "secret.txt").read_bytes() == SECRET


def test_links_in_listings(guarded):
    listed = [name for name, _, _ in listing(guarded)]
    assert {"d", "inside", "whole"} <= set(listed)
    assert not {"leak", "relative", "away", "etc", "loop", "proc"} & set(listed)
    assert ("ok", False, 2) in listing(guarded, "inside")
    assert "sly" not in [name for name, _, _ in listing(guarded, "d")]
    assert guarded.get(PROXY, path="away").status == 400
    assert put(guarded, "away/new", b"x").status == 400
    assert guarded.ask("DELETE", f"{PROXY}/away/secret.txt").status == 400
    assert os.listdir(guarded.home / "outside") == ["secret.txt"]


@pytest.mark.parametrize("path", ["inside/ok", "whole/ok", "d/ok"])
def test_links_within_the_root(guarded, path):
    assert get(guarded, path).body == b"ok"


@pytest.mark.parametrize("location", ["/etc", "file:///etc", "file:///", "s3://bucket/x",
                                      "../outside", "http://other/x", "dbfs:/x"])
def test_artifact_locations_outside_are_not_opened(guarded, location):
    name = "at " + location
    answer = guarded.call("experiments/create", {"name": name, "artifact_location": location})
    if answer.status != 200:
        assert 400 <= answer.status < 500
        return
    run = guarded.create_run(answer.json["experiment_id"])["info"]
    for path in ("passwd", "secret.txt"):
        answers = [guarded.get("/get-artifact", path=path, run_id=run["run_id"]),
                   guarded.get("/api/2.0/mlflow/artifacts/list", run_id=run["run_id"]),
                   upload_to_run(guarded, b"x", run_uuid=run["run_id"], path="written")]
        for answer in answers:
            assert answer.status in (400, 501), answer
    assert not os.path.exists("/etc/written")


# --- large files and many clients -----------------------------------------------------------


def pieces(count):
    piece = bytes(range(256)) * (PIECE // 256)
    for _ in range(count):
        yield piece


def test_large_file_with_flat_memory(start):
    server = start(environment=harness.FREES_AT_ONCE)
    put(server, "warm-up", b"x" * PIECE)
    get(server, "warm-up")
    before = server.memory_kib()
    server.reset_peak()

    connection = server.connect()
    connection.request("PUT", f"{PROXY}/large.bin", body=pieces(LARGE // PIECE),
                       headers={"Content-Length": str(LARGE)})
    answer = connection.getresponse()
    assert answer.status == 200, answer.read()
    answer.read()
    after_upload = server.memory_kib("VmHWM")

    server.reset_peak()
    connection.request("GET", f"{PROXY}/large.bin")
    answer = connection.getresponse()
    assert answer.headers["Content-Length"] == str(LARGE)
    digest, expected = hashlib.sha256(), hashlib.sha256()
    while data := answer.read(PIECE):
        digest.update(data)
    for piece in pieces(LARGE // PIECE):
        expected.update(piece)
    after_download = server.memory_kib("VmHWM")
    connection.close()

    assert digest.digest() == expected.digest()
    assert after_upload - before < FLAT_KIB
    assert after_download - before < FLAT_KIB


def test_slow_reader_does_not_fill_memory(start):
    server = start(environment=harness.FREES_AT_ONCE)
    connection = server.connect()
    connection.request("PUT", f"{PROXY}/large.bin", body=pieces(64),
                       headers={"Content-Length": str(64 * PIECE)})
    assert connection.getresponse().read() in (b"", b"{}")
    connection.close()
    before = server.memory_kib()
    readers = []
    for _ in range(8):
        raw = server.socket()
        raw.sendall(f"GET {PROXY}/large.bin HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        assert raw.recv(1000)
        readers.append(raw)
    assert get(server, "missing").status == 404  # others are served meanwhile
    assert server.memory_kib() - before < FLAT_KIB
    for raw in readers:
        raw.close()


def test_parallel_uploads_to_one_path(start):
    server = start()
    bodies = [bytes([65 + index]) * (100_000 + 50_000 * index) for index in range(12)]

    def work(index):
        seen = []
        for _ in range(5):
            answer = put(server, "shared/f", bodies[index])
            assert answer.status == 200, answer
            seen.append(get(server, "shared/f").body)
        return seen

    for seen in harness.in_parallel(len(bodies), work):
        for body in seen:
            assert body in bodies
    assert get(server, "shared/f").body in bodies
    assert files_below(server.home / "artifacts") == ["shared/f"]


def test_parallel_uploads_and_deletes(start):
    """Directories come and go below running uploads: each answer is one of those allowed."""
    server = start()

    def work(index):
        for step in range(20):
            if index % 3 == 0:
                assert server.ask("DELETE", f"{PROXY}/tree/a").status in (200, 409)
            else:
                answer = put(server, f"tree/a/b{step % 3}/f{index}", b"x" * 1000)
                assert answer.status in (200, 409), answer

    harness.in_parallel(6, work)
    assert server.ask("DELETE", f"{PROXY}/tree").status == 200
    assert files_below(server.home / "artifacts") == []


def broken_upload(server, path, head, sent):
    """An upload that ends too early, after the server has begun to store a large one."""
    with server.socket() as raw:
        raw.sendall(f"PUT {PROXY}/{path} HTTP/1.1\r\nHost: localhost\r\n{head}\r\n\r\n".encode())
        raw.sendall(sent)
        if sent.endswith(b"x") and len(sent) > PIECE:
            harness.eventually(lambda: files_below(server.home / "artifacts") != ["kept"])


@pytest.mark.parametrize("head, sent", [
    (f"Content-Length: {8 * PIECE}", b"x" * (3 * PIECE)),
    (f"Content-Length: {8 * PIECE}", b""),
    (f"Content-Length: {8 * PIECE}", b"x"),
    ("Transfer-Encoding: chunked", b"100000\r\n" + b"x" * PIECE + b"\r\n100000\r\nxxx"),
    ("Transfer-Encoding: chunked", b"100000\r\n" + b"x" * PIECE + b"\r\nnonsense\r\n"),
], ids=["half", "nothing", "one byte", "open chunk", "bad chunk"])
def test_broken_uploads_leave_nothing(start, head, sent):
    server = start()
    put(server, "kept", b"old")
    broken_upload(server, "kept", head, sent)
    broken_upload(server, "new/dir/f", head, sent)
    harness.eventually(lambda: files_below(server.home / "artifacts") == ["kept"])
    assert get(server, "kept").body == b"old"
    assert listing(server) == [("kept", False, 3)]


def test_uploads_of_a_killed_server_are_removed(start):
    server = start()
    put(server, "kept", b"old")
    with server.socket() as raw:
        raw.sendall(f"PUT {PROXY}/new HTTP/1.1\r\nHost: localhost\r\n"
                    f"Content-Length: {8 * PIECE}\r\n\r\n".encode() + b"x" * PIECE)
        harness.eventually(lambda: len(files_below(server.home / "artifacts")) == 2)
        server.kill()
    assert len(files_below(server.home / "artifacts")) == 2
    start()
    assert files_below(server.home / "artifacts") == ["kept"]


# --- other settings -------------------------------------------------------------------------


def test_no_serve_artifacts(start, tmp_path):
    server = start("--no-serve-artifacts")
    for answer in (get(server, "f"), put(server, "f", b"x"), server.get(PROXY),
                   server.ask("DELETE", f"{PROXY}/f")):
        assert answer.status == 503
    run = server.create_run()["info"]
    assert not run["artifact_uri"].startswith("mlflow-artifacts:")
    assert upload_to_run(server, b"local", run_uuid=run["run_id"], path="f").status == 200
    path = pathlib.Path(run["artifact_uri"].removeprefix("file://"))
    assert (tmp_path / path / "f").read_bytes() == b"local"
    assert server.get("/get-artifact", path="f", run_id=run["run_id"]).body == b"local"


def test_local_default_artifact_root(start, tmp_path):
    server = start("--default-artifact-root", tmp_path / "runs")
    run = server.create_run()["info"]
    assert upload_to_run(server, b"local", run_uuid=run["run_id"], path="d/f").status == 200
    assert (tmp_path / "runs" / "0" / run["run_id"] / "artifacts/d/f").read_bytes() == b"local"
    answer = server.get("/api/2.0/mlflow/artifacts/list", run_id=run["run_id"], path="d")
    assert [f["path"] for f in answer.json["files"]] == ["d/f"]
    assert put(server, "proxied", b"x").status == 200
    assert (tmp_path / "artifacts" / "proxied").read_bytes() == b"x"


def test_artifacts_only(start, tmp_path):
    server = start("--host", "127.0.0.1", "--port", "0", "--artifacts-only",
                   "--artifacts-destination", tmp_path / "artifacts", defaults=False)
    assert put(server, "f", b"x").status == 200
    assert get(server, "f").body == b"x"
    assert listing(server) == [("f", False, 1)]
    answer = server.call("experiments/search", {"max_results": 1})
    assert answer.status == 503
    assert server.get("/get-artifact", path="f", run_id="0" * 32).status == 503


def test_static_prefix(start):
    server = start("--static-prefix", "/tracking")
    assert server.ask("PUT", f"/tracking{PROXY}/f", b"x").status == 200
    assert server.ask("GET", f"{PROXY}/f").body == b"x"
    run = server.create_run()["info"]
    put(server, f"{run_path(run)}/f", b"y")
    assert server.get("/tracking/get-artifact", path="f", run_id=run["run_id"]).body == b"y"


def test_destination_that_cannot_be_used(tmp_path):
    (tmp_path / "file").write_text("not a directory")
    for destination in (tmp_path / "file", tmp_path / "file" / "below", "s3://bucket/x"):
        with pytest.raises(harness.StartFailed) as failure:
            harness.Server(tmp_path, "--artifacts-destination", destination)
        assert failure.value.status not in (0, 70) and failure.value.status > 0
        assert str(destination) in failure.value.log
