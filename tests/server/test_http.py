"""What HTTP promises: framing, pipelining, 100-continue, HEAD, compression, methods."""

import gzip
import json

import pytest

import harness
from wire import CREATE, FILES, Wire, chunked, get, post


def named(name):
    return json.dumps({"name": name})


# --- framing --------------------------------------------------------------------------------


def test_pipelined_requests_are_answered_in_order(server):
    names = [f"pipelined {i}" for i in range(40)]
    with Wire(server) as connection:
        data = b""
        for name in names:
            data += post(named(name)) + get("/version").encode()
        connection.send(data)
        ids = []
        for _ in names:
            ids.append(int(json.loads(connection.reply().body)["experiment_id"]))
            assert connection.reply().body == b"3.17.2"
    assert ids == sorted(ids) and len(set(ids)) == len(ids)


def test_pipelined_behind_every_kind_of_body(server):
    upload = (f"PUT {FILES}/pipelined.bin HTTP/1.1\r\nHost: localhost\r\n"
              "Transfer-Encoding: chunked\r\n\r\n").encode()
    with Wire(server) as connection:
        connection.send(
            post(named("behind length")) +
            post("", "Transfer-Encoding: chunked", length=False) +
            chunked(named("behind chunks")) +
            upload + chunked(b"a" * 300_000, b"b" * 100) +
            upload.replace(b"Transfer-Encoding: chunked", b"Content-Length: 5") + b"hello" +
            get("/version").encode())
        assert [connection.reply().status for _ in range(4)] == [200] * 4
        assert connection.reply().body == b"3.17.2"


def test_requests_in_small_pieces(server):
    data = post(named("pieces")) + get("/version").encode()
    with Wire(server) as connection:
        for i in range(0, len(data), 7):
            connection.send(data[i:i + 7])
        assert connection.reply().status == 200
        assert connection.reply().body == b"3.17.2"


def test_chunks_with_extensions_and_trailers(server):
    with Wire(server) as connection:
        text = named("chunks")
        connection.send(post("", "Transfer-Encoding: chunked", length=False) +
                        chunked(text[:5], text[5:6], text[6:], extension=';a=b;c="d e"',
                                trailer="X-Sum: 1\r\nY: 2\r\n"))
        assert connection.reply().status == 200
        # A trailer is no header of this or of the next request.
        connection.send(get("/version"))
        assert connection.reply().body == b"3.17.2"


def test_chunks_byte_by_byte(server):
    text = named("bytewise")
    with Wire(server) as connection:
        for byte in (post("", "Transfer-Encoding: chunked", length=False) +
                     chunked(*text, trailer="X: y\r\n")):
            connection.send(bytes([byte]))
        assert connection.reply().status == 200


def test_chunk_sizes_in_either_case(server):
    data = b"0" * 0xab
    text = (f"PUT {FILES}/case.bin HTTP/1.1\r\nHost: localhost\r\n"
            "Transfer-Encoding: Chunked\r\n\r\n").encode()
    for size in (b"ab", b"AB", b"000Ab"):
        with Wire(server) as connection:
            connection.send(text + size + b"\r\n" + data + b"\r\n0\r\n\r\n")
            assert connection.reply().status == 200
        assert server.get(f"{FILES}/case.bin").body == data


def test_large_bodies(server):
    """Beyond every buffer: collected with a length and in chunks."""
    filler = "x" * 3_000_000
    for i, length in enumerate((True, False)):
        text = json.dumps({"name": f"large {i}", "unknown": filler})
        with Wire(server) as connection:
            if length:
                connection.send(post(text))
            else:
                half = len(text) // 2
                connection.send(post("", "Transfer-Encoding: chunked", length=False) +
                                chunked(text[:half], text[half:]))
            assert connection.reply().status == 200
            connection.send(get("/version"))
            assert connection.reply().body == b"3.17.2"


def test_empty_lines_before_a_request(server):
    with Wire(server) as connection:
        connection.send("\r\n\r\n" + get("/version") + "\r\n" + get("/health"))
        assert connection.reply().body == b"3.17.2"
        assert connection.reply().body == b"OK"


# --- connections -----------------------------------------------------------------------------


def test_http_1_0(server):
    with Wire(server) as connection:
        connection.send("GET /version HTTP/1.0\r\n\r\n")
        reply = connection.reply()
        assert (reply.status, reply.body) == (200, b"3.17.2")
        assert reply.headers["connection"] == "close"
        assert connection.closed()
    with Wire(server) as connection:
        for _ in range(2):
            connection.send(get("/version", "Connection: keep-alive", version="HTTP/1.0"))
            assert connection.reply().headers["connection"] == "keep-alive"


def test_connection_close(server):
    for value in ("close", "Close", "x, close", "close, x"):
        with Wire(server) as connection:
            connection.send(get("/version", f"Connection: {value}") + get("/version"))
            assert connection.reply().headers["connection"] == "close"
            assert connection.closed()


def test_requests_per_connection(start):
    server = start("--max-requests-per-connection", "3")
    with Wire(server) as connection:
        connection.send(get() * 5)
        replies = [connection.reply() for _ in range(3)]
        assert [r.headers.get("connection") for r in replies] == [None, None, "close"]
        assert connection.closed()


def test_early_answer_keeps_the_connection_when_the_body_is_small(server):
    with Wire(server) as connection:
        connection.send(post("x" * 5000, path="/api/2.0/nothing/here")[:2000])
        reply = connection.reply()
        assert reply.status == 404
        assert "connection" not in reply.headers
        connection.send(post("x" * 5000, path="/api/2.0/nothing/here")[2000:])
        connection.send(get("/version"))
        assert connection.reply().body == b"3.17.2"


def test_early_answer_ends_the_connection_when_the_body_is_large(server):
    with Wire(server) as connection:
        connection.send(post("x" * 1_000_000, path="/api/2.0/nothing/here")[:2000])
        reply = connection.reply()
        assert reply.status == 404
        assert reply.headers["connection"] == "close"


# --- 100-continue ----------------------------------------------------------------------------


def test_expect_continue(server):
    text = named("expected")
    for name, path, method in (("json", CREATE, "POST"), ("file", f"{FILES}/e.bin", "PUT")):
        with Wire(server) as connection:
            connection.send(f"{method} {path} HTTP/1.1\r\nHost: localhost\r\n"
                            "Content-Type: application/json\r\nExpect: 100-continue\r\n"
                            f"Content-Length: {len(text)}\r\n\r\n")
            assert connection.reply().status == 100, name
            connection.send(text)
            assert connection.reply().status == 200, name
            connection.send(get("/version"))
            assert connection.reply().body == b"3.17.2"


def test_expect_continue_with_the_body_at_once(server):
    with Wire(server) as connection:
        connection.send(post(named("at once"), "Expect: 100-continue"))
        assert connection.reply().status == 200


def test_expect_continue_that_is_refused(server):
    with Wire(server) as connection:
        connection.send("POST /api/2.0/nothing/here HTTP/1.1\r\nHost: localhost\r\n"
                        "Expect: 100-continue\r\nContent-Length: 5\r\n\r\n")
        reply = connection.reply()
        assert reply.status == 404
        assert reply.headers["connection"] == "close"
        assert connection.closed()


def test_expect_without_a_body(server):
    with Wire(server) as connection:
        connection.send(get("/version", "Expect: 100-continue"))
        assert connection.reply().body == b"3.17.2"


# --- methods ---------------------------------------------------------------------------------


def test_head_is_get_without_the_body(server):
    assert server.ask("PUT", f"{FILES}/head.txt", b"some text").status == 200
    for path in ("/health", "/version", "/", "/metrics", f"{FILES}/head.txt",
                 "/api/2.0/mlflow/experiments/get?experiment_id=0",
                 "/api/2.0/mlflow/experiments/get?experiment_id=77", "/nothing"):
        with Wire(server) as connection:
            connection.send(get(path) + get(path, method="HEAD") + get("/version"))
            full = connection.reply()
            head = connection.reply(head_only=True)
            assert connection.reply().body == b"3.17.2", path
        assert head.status == full.status
        assert head.headers.get("content-type") == full.headers.get("content-type")
        if path != "/metrics":
            assert head.headers.get("content-length") == full.headers.get("content-length")


def test_wrong_method(server):
    answer = server.ask("DELETE", CREATE)
    assert answer.status == 405
    assert answer.json["error_code"]
    assert "POST" in answer.headers["Allow"]
    answer = server.ask("POST", "/health", b"")
    assert answer.status == 405
    assert "GET" in answer.headers["Allow"]


def test_unknown_route(server):
    for method in ("GET", "POST", "PUT", "DELETE", "PATCH"):
        answer = server.ask(method, "/api/2.0/mlflow/nothing/here")
        assert answer.status == 404
        assert answer.json["error_code"] == "ENDPOINT_NOT_FOUND"
        assert answer.headers["Content-Type"] == "application/json"


def test_options(server):
    answer = server.ask("OPTIONS", CREATE)
    assert answer.status == 204
    assert "POST" in answer.headers["Allow"]
    assert server.ask("OPTIONS", "/nothing").status == 404


# --- answers ---------------------------------------------------------------------------------


def test_probes_and_page(server):
    assert server.get("/health").body == b"OK"
    assert server.get("/version").body == b"3.17.2"
    page = server.get("/")
    assert page.status == 200
    assert page.headers["Content-Type"].startswith("text/html")
    assert b"Millstream" in page.body


def test_every_answer_has_the_protecting_headers(server):
    for path in ("/health", "/nothing", "/api/2.0/mlflow/experiments/get?experiment_id=0"):
        answer = server.get(path)
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["X-Frame-Options"] == "SAMEORIGIN"
        assert answer.headers["Date"].endswith(" GMT")


@pytest.fixture(scope="module")
def many_experiments(server):
    for i in range(150):
        server.create_experiment(f"many {i}", tags=[{"key": "text", "value": "v" * 200}])
    return "/api/2.0/mlflow/experiments/search"


def test_gzip_where_it_is_asked_for(server, many_experiments):
    body = json.dumps({"max_results": 500})
    headers = {"Content-Type": "application/json"}
    plain = server.ask("POST", many_experiments, body, headers)
    assert "Content-Encoding" not in plain.headers
    assert len(plain.body) > 20_000
    for accepted in ("gzip", "deflate, GZIP;q=0.5", "br, gzip"):
        packed = server.ask("POST", many_experiments, body,
                            {**headers, "Accept-Encoding": accepted})
        assert packed.headers["Content-Encoding"] == "gzip"
        assert "Accept-Encoding" in packed.headers["Vary"]
        assert len(packed.body) < len(plain.body) / 4
        assert gzip.decompress(packed.body) == plain.body
    for accepted in ("gzip;q=0", "deflate", "br", "", "gzip;q=0.000"):
        answer = server.ask("POST", many_experiments, body,
                            {**headers, "Accept-Encoding": accepted})
        assert "Content-Encoding" not in answer.headers, accepted


def test_small_answers_are_not_compressed(server):
    answer = server.get("/api/2.0/mlflow/experiments/get?experiment_id=0",
                        headers={"Accept-Encoding": "gzip"})
    assert answer.status == 200
    assert "Content-Encoding" not in answer.headers


def test_metrics_count(start):
    server = start()
    for _ in range(7):
        server.get("/version")
    server.get("/nothing")
    with Wire(server) as connection:
        connection.send("nonsense\r\n\r\n")
        assert connection.reply().status == 400
    texts = []

    def others_are_closed():
        texts.append(server.get("/metrics").body.decode())
        return "\nmillstream_connections 1\n" in texts[-1]

    harness.eventually(others_are_closed)
    lines, asked = texts[-1].splitlines(), len(texts) - 1
    by_status = {}
    for line in lines:
        if line.startswith("millstream_http_requests_total{"):
            status = line.split('status="')[1][:3]
            by_status[status] = by_status.get(status, 0) + int(line.split()[-1])
    assert by_status == {"200": 7 + asked, "404": 1, "400": 1}
    for name in (f"millstream_http_request_duration_seconds_count {8 + asked}",
                 "# TYPE millstream_http_request_duration_seconds histogram"):
        assert name in lines
    assert any(line.startswith("process_resident_memory_bytes ") for line in lines)


def test_many_clients_at_once(server):
    def client(index):
        connection = server.connect()
        for i in range(50):
            answer = harness.ask(connection, "POST", CREATE, {"name": f"c{index}-{i}"})
            assert answer.status == 200
        connection.close()

    harness.in_parallel(16, client)
