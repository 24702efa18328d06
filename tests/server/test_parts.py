"""Artifacts that come in parts through the proxy, against the real server."""

import hashlib
import os
import pathlib
import time
import urllib.parse

import pytest

import harness

MPU = "/api/2.0/mlflow-artifacts/mpu"
PROXY = "/api/2.0/mlflow-artifacts/artifacts"
HIDDEN = ".millstream-upload-parts"
PART = 1024 * 1024
FLAT_KIB = 48 * 1024


def begin(server, directory, count, path="/home/me/big.bin", **headers):
    return server.ask("POST", f"{MPU}/create/{directory}", {"path": path, "num_parts": count},
                      headers)


def begun(server, directory, count, **more):
    answer = begin(server, directory, count, **more)
    assert answer.status == 200, answer
    return answer.json["upload_id"], answer.json["credentials"]


def put_part(server, credential, body, **headers):
    """As the official client does: to the address, with what the credential says."""
    assert "headers" not in credential
    url = urllib.parse.urlsplit(credential["url"])
    assert (url.scheme, url.netloc) == ("http", f"127.0.0.1:{server.port}")
    answer = server.ask("PUT", url.path, body, headers)
    return answer


def stored(server, credential, body):
    answer = put_part(server, credential, body)
    assert answer.status == 200, answer
    assert answer.headers["ETag"] == f'"{hashlib.sha256(body).hexdigest()}"'
    return {"part_number": credential["part_number"], "etag": answer.headers["ETag"],
            "url": credential["url"]}


def complete(server, directory, upload, parts, path="/home/me/big.bin"):
    return server.ask("POST", f"{MPU}/complete/{directory}",
                      {"path": path, "upload_id": upload, "parts": parts})


def abort(server, directory, upload, path="/home/me/big.bin"):
    return server.ask("POST", f"{MPU}/abort/{directory}", {"path": path, "upload_id": upload})


def get(server, path):
    return server.ask("GET", f"{PROXY}/{path}")


def names(server, path):
    answer = server.get(PROXY, path=path)
    return [f["path"] for f in answer.json.get("files", [])]


def left(server):
    """What uploads in parts have left on the disk."""
    return sorted(p.name for p in pathlib.Path(server.home, "artifacts", HIDDEN).glob("*"))


def test_round_trip_in_any_order(server):
    bodies = [os.urandom(PART), os.urandom(PART), b"", b"the end"]
    upload, credentials = begun(server, "trip/dir", len(bodies))
    assert [c["part_number"] for c in credentials] == [1, 2, 3, 4]
    parts = [None] * len(bodies)
    for i in (3, 0, 2, 1):
        parts[i] = stored(server, credentials[i], bodies[i])
        assert names(server, "trip/dir") == [] and get(server, "trip/dir/big.bin").status == 404
    answer = complete(server, "trip/dir", upload, parts)
    assert (answer.status, answer.json) == (200, {})
    assert get(server, "trip/dir/big.bin").body == b"".join(bodies)
    assert names(server, "trip/dir") == ["big.bin"]
    assert left(server) == []
    # An answer that was lost is asked for again; what is over takes no more parts.
    assert complete(server, "trip/dir", upload, parts).status == 200
    assert put_part(server, credentials[0], b"late").status == 404
    assert get(server, "trip/dir/big.bin").body == b"".join(bodies)


def test_a_part_again_replaces_itself(server):
    upload, (one, two) = begun(server, "again", 2)
    old = stored(server, one, b"first try")
    new = stored(server, one, b"second try")
    end = stored(server, two, b".")
    answer = complete(server, "again", upload, [old, end])
    assert (answer.status, answer.code) == (400, "INVALID_PARAMETER_VALUE")
    assert get(server, "again/big.bin").status == 404
    assert complete(server, "again", upload, [new, end]).status == 200
    assert get(server, "again/big.bin").body == b"second try."


def test_incomplete_or_wrong_lists_are_refused(server):
    upload, credentials = begun(server, "wrong", 2)
    one = stored(server, credentials[0], b"1")
    two = stored(server, credentials[1], b"2")
    missing = {**two, "part_number": 3}
    for parts in ([one], [two, one], [one, one], [one, missing], [one, two, missing],
                  [one, {**two, "etag": ""}], [one, {"part_number": 2}], [{}, {}], []):
        answer = complete(server, "wrong", upload, parts)
        assert (answer.status, answer.code) == (400, "INVALID_PARAMETER_VALUE"), parts
    assert complete(server, "wrong", upload, [one, two]).status == 200


def test_abort(server):
    upload, credentials = begun(server, "aborted", 1)
    stored(server, credentials[0], b"x" * PART)
    assert upload in left(server)
    assert abort(server, "other", upload).status == 200
    assert upload in left(server), "another path gives up nothing"
    assert abort(server, "aborted", upload).status == 200
    assert upload not in left(server)
    assert put_part(server, credentials[0], b"x").status == 404
    assert complete(server, "aborted", upload, [{"part_number": 1, "etag": "x"}]).status == 404
    assert abort(server, "aborted", upload).status == 200


def test_limits_on_parts(server):
    for count in (0, -1, 10001, 2**62):
        answer = begin(server, "limits", count)
        assert (answer.status, answer.code) == (400, "INVALID_PARAMETER_VALUE"), count
    upload, credentials = begun(server, "limits", 10000)
    assert len(credentials) == 10000
    prefix = f"{MPU}/part/{upload}"
    for number in ("0", "10001", "-1", "x", "", "1e3", "99999999999999999999", "1%2F2"):
        answer = server.ask("PUT", f"{prefix}/{number}", b"x")
        assert answer.status in (400, 404), number
    assert abort(server, "limits", upload).status == 200


@pytest.mark.parametrize("upload", ["0" * 32, "A" * 32, "..", "%2e%2e", ".", "a" * 33, "x" * 32,
                                    "..%2f..%2fescape", "target", "%00" * 32, "a" * 5000])
def test_unknown_ids_lead_nowhere(server, upload):
    answer = server.ask("PUT", f"{MPU}/part/{upload}/1", b"x")
    assert answer.status in (400, 404), answer
    text = urllib.parse.unquote(upload)
    answer = complete(server, "nowhere", text, [{"part_number": 1, "etag": "x"}])
    assert answer.status in (400, 404), answer
    assert abort(server, "nowhere", text).status in (200, 400)
    assert names(server, "nowhere") == []


def test_paths_stay_below_the_root(server):
    for directory, path in (("a/../..", "x"), ("%2e%2e", "x"), ("ok", ".."), ("ok", "a/.."),
                            ("ok", ""), ("ok", "x/"), (HIDDEN, "x"), ("ok", HIDDEN),
                            ("ok", "%2e%2e")):
        answer = begin(server, directory, 1, path)
        assert answer.status == 400, (directory, path, answer)
    server.ask("PUT", f"{PROXY}/ok/is/a/file", b"x")
    assert begin(server, "ok", 1, "is").status == 400, "a directory cannot become a file"
    # Only the last name of the client's own path counts.
    upload, credentials = begun(server, "ok", 1, path="../../../etc/passwd")
    part = stored(server, credentials[0], b"mine")
    assert complete(server, "ok", upload, [part], "passwd").status == 200
    assert get(server, "ok/passwd").body == b"mine"


def test_parts_cannot_be_seen_or_named(server):
    upload, credentials = begun(server, "seen", 1)
    stored(server, credentials[0], b"x")
    assert HIDDEN not in names(server, "")
    for path in (HIDDEN, f"{HIDDEN}/{upload}/p00001"):
        assert get(server, path).status == 400
        assert server.ask("DELETE", f"{PROXY}/{path}").status == 400
        assert server.ask("PUT", f"{PROXY}/{path}", b"x").status == 400
    assert abort(server, "seen", upload).status == 200


def test_addresses_follow_the_proxy_in_front(start):
    server = start("--static-prefix", "/ml")
    headers = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "ml.example.org",
               "X-Forwarded-Prefix": "/track/"}
    url = begin(server, "p", 1, **headers).json["credentials"][0]["url"]
    assert url.startswith("https://ml.example.org/track/api/2.0/mlflow-artifacts/mpu/part/")
    url = begin(server, "p", 1, **{"X-Forwarded-Proto": "ftp", "X-Forwarded-Host": "a b/",
                                   "X-Forwarded-Prefix": "x\"y"}).json["credentials"][0]["url"]
    assert url.startswith(f"http://127.0.0.1:{server.port}/api/2.0/")
    answer = server.ask("POST", f"/ml{MPU}/create/p", {"path": "x", "num_parts": 1})
    url = answer.json["credentials"][0]["url"]
    assert url.startswith(f"http://127.0.0.1:{server.port}/ml/api/2.0/")
    assert server.ask("PUT", urllib.parse.urlsplit(url).path, b"x").status == 200


def test_open_uploads_are_counted_and_expire(start):
    server = start("--max-multipart-uploads", 2, "--multipart-timeout", 3600)
    first, _ = begun(server, "a", 1)
    begun(server, "b", 1)
    answer = begin(server, "c", 1)
    assert (answer.status, answer.code) == (503, "TEMPORARILY_UNAVAILABLE")
    directory = server.home / "artifacts" / HIDDEN / first
    past = time.time() - 4000
    os.utime(directory, (past, past))
    begun(server, "c", 1)
    assert not directory.exists() and len(left(server)) == 2
    # One whose maker was killed has no target yet; it goes in the end, too.
    half = server.home / "artifacts" / HIDDEN / "half"
    half.mkdir()
    os.utime(half, (past - 86400, past - 86400))
    for name in left(server):
        os.utime(directory.parent / name, (past - 86400, past - 86400))
    server.stop()
    server = start()
    assert left(server) == [], "a server that starts looks, too"


def test_total_size_counts(start):
    server = start("--max-upload-size", "1M")
    upload, credentials = begun(server, "large", 2)
    assert put_part(server, credentials[0], b"x" * (PART + 1)).status == 413
    parts = [stored(server, c, b"x" * (PART - 1)) for c in credentials]
    answer = complete(server, "large", upload, parts)
    assert answer.status == 413, answer
    assert get(server, "large/big.bin").status == 404


def test_no_artifacts_no_parts(start):
    server = start("--no-serve-artifacts")
    assert begin(server, "a", 1).status == 503
    assert server.ask("PUT", f"{MPU}/part/{'0' * 32}/1", b"x").status == 503


def test_parts_survive_a_killed_server(start):
    server = start()
    upload, credentials = begun(server, "killed", 3)
    parts = [stored(server, credentials[0], b"a" * PART)]
    # A part that is on its way when the server is killed was not stored.
    connection = server.socket()
    path = urllib.parse.urlsplit(credentials[1]["url"]).path
    connection.sendall(f"PUT {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {3 * PART}\r\n"
                       "\r\n".encode() + b"b" * PART)
    harness.eventually(lambda: any(p.name.startswith("t") and p.name != "target" for p in (
        server.home / "artifacts" / HIDDEN / upload).iterdir()))
    server.kill()
    connection.close()
    server = start()
    answer = server.ask("POST", f"{MPU}/complete/killed", {
        "path": "big.bin", "upload_id": upload,
        "parts": [parts[0], {"part_number": 2, "etag": "x"}, {"part_number": 3, "etag": "x"}]})
    assert answer.status == 400 and get(server, "killed/big.bin").status == 404
    for number in (2, 3):
        answer = server.ask("PUT", f"{MPU}/part/{upload}/{number}", bytes([96 + number]) * PART)
        parts.append({"part_number": number, "etag": answer.headers["ETag"]})
    assert complete(server, "killed", upload, parts).status == 200
    body = get(server, "killed/big.bin").body
    assert body == b"a" * PART + b"b" * PART + b"c" * PART
    assert left(server) == []


def test_kill_while_completing(start):
    """Whenever it comes, the file is there as a whole or not at all, and can be completed."""
    count, size = 8, 4 * PART
    bodies = [bytes([i]) * size for i in range(count)]
    for _ in range(6 if harness.LONG else 2):
        server = start()
        upload, credentials = begun(server, "mid", count)
        parts = [stored(server, c, body) for c, body in zip(credentials, bodies)]
        connection = server.connect()
        connection.putrequest("POST", f"{MPU}/complete/mid")
        text = harness.json.dumps({"path": "big.bin", "upload_id": upload, "parts": parts})
        connection.putheader("Content-Type", "application/json")
        connection.putheader("Content-Length", str(len(text)))
        connection.endheaders(text.encode())
        whole = server.home / "artifacts" / HIDDEN / upload / "whole"
        target = server.home / "artifacts" / "mid" / "big.bin"
        harness.eventually(lambda: whole.exists() or target.exists())
        server.kill()
        connection.close()
        there = target.exists()
        assert not there or target.stat().st_size == count * size
        server = start()
        answer = complete(server, "mid", upload, parts)
        assert answer.status == 200 or there, answer
        assert get(server, "mid/big.bin").body == b"".join(bodies)
        assert server.ask("DELETE", f"{PROXY}/mid").status == 200
        server.stop()


def test_two_that_complete_at_once(server):
    upload, credentials = begun(server, "both", 4)
    bodies = [bytes([i]) * (2 * PART) for i in range(4)]
    parts = [stored(server, c, body) for c, body in zip(credentials, bodies)]
    answers = harness.in_parallel(4, lambda _: complete(server, "both", upload, parts))
    assert {a.status for a in answers} <= {200, 503}, answers
    assert 200 in {a.status for a in answers}
    assert get(server, "both/big.bin").body == b"".join(bodies)


def test_parallel_parts_take_flat_memory(start):
    """Several hundred MB up in parts and down again, as the clients do it."""
    server = start(environment=harness.FREES_AT_ONCE)
    count, size = 40, 10 * PART
    body = os.urandom(size)
    upload, credentials = begun(server, "flat", count)
    server.reset_peak()
    before = server.memory_kib()
    parts = []
    for at in range(0, count, 8):
        group = credentials[at:at + 8]
        parts += harness.in_parallel(len(group), lambda i: stored(server, group[i], body))
    assert complete(server, "flat", upload, parts).status == 200
    connection = server.connect()
    connection.request("GET", f"{PROXY}/flat/big.bin")
    answer = connection.getresponse()
    total = 0
    while piece := answer.read(PART):
        total += len(piece)
    connection.close()
    assert total == count * size
    assert server.memory_kib("VmHWM") - before < FLAT_KIB
