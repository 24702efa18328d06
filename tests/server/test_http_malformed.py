"""Malformed and malicious HTTP: refused with 4xx or 501 and a closed connection, never served;
slow clients are cut off, slow but honest ones are not."""

import contextlib
import itertools
import json
import re
import resource
import socket
import time

import pytest

import harness
import wire
from wire import FILES, Closed, Wire, chunked, get, post

NAMES = (f"e{i}" for i in itertools.count())


def body():
    return json.dumps({"name": next(NAMES)})


def head(*lines):
    return "\r\n".join([*lines, "", ""])


def metric(server, name):
    text = server.get("/metrics").body.decode()
    return float(re.search(rf"^millstream_{name} (\S+)$", text, re.MULTILINE).group(1))


CHUNKED = ("POST /api/2.0/mlflow/experiments/create HTTP/1.1", "Host: localhost",
           "Content-Type: application/json", "Transfer-Encoding: chunked")
SIZED = ("POST /api/2.0/mlflow/experiments/create HTTP/1.1", "Host: localhost",
         "Content-Type: application/json")

# name: (bytes, allowed statuses)
REFUSED = {
    "length and chunked": (head(*CHUNKED, "Content-Length: 5") + "0\r\n\r\n", {400}),
    "chunked and length": (head(*SIZED, "Content-Length: 5", "Transfer-Encoding: chunked")
                           + "0\r\n\r\n", {400}),
    "two lengths": (head(*SIZED, "Content-Length: 2", "Content-Length: 3") + "{} ", {400}),
    "equal lengths": (head(*SIZED, "Content-Length: 2", "Content-Length: 2") + "{}", {400}),
    "list of lengths": (head(*SIZED, "Content-Length: 2, 2") + "{}", {400}),
    "signed length": (head(*SIZED, "Content-Length: +2") + "{}", {400}),
    "negative length": (head(*SIZED, "Content-Length: -2") + "{}", {400}),
    "hexadecimal length": (head(*SIZED, "Content-Length: 0x2") + "{}", {400}),
    "empty length": (head(*SIZED, "Content-Length:") + "{}", {400}),
    "huge length": (head(*SIZED, "Content-Length: 99999999999999999999") + "{}", {400}),
    "length in two words": (head(*SIZED, "Content-Length: 2 2") + "{}", {400}),
    "unknown coding": (head(*SIZED, "Transfer-Encoding: foo") + "{}", {400, 501}),
    "gzip, chunked": (head(*SIZED, "Transfer-Encoding: gzip, chunked") + "0\r\n\r\n", {501}),
    "chunked, identity": (head(*SIZED, "Transfer-Encoding: chunked, identity") + "0\r\n\r\n",
                          {400, 501}),
    "chunked twice": (head(*CHUNKED, "Transfer-Encoding: chunked") + "0\r\n\r\n", {400, 501}),
    "xchunked": (head(*SIZED, "Transfer-Encoding: xchunked") + "0\r\n\r\n", {400, 501}),
    "chunked with a tab": (head(*SIZED, "Transfer-Encoding: \x0bchunked") + "0\r\n\r\n",
                           {400, 501}),
    "chunked in HTTP/1.0": (head(*CHUNKED).replace("1.1", "1.0", 1) + "0\r\n\r\n", {400}),
    "space before the colon": (head("GET /health HTTP/1.1", "Host: localhost", "X : y"), {400}),
    "space before the colon of a length": (head(*SIZED, "Content-Length : 2") + "{}", {400}),
    "space in a name": (head("GET /health HTTP/1.1", "Host: localhost", "X Y: z"), {400}),
    "empty name": (head("GET /health HTTP/1.1", "Host: localhost", ": z"), {400}),
    "no colon": (head("GET /health HTTP/1.1", "Host: localhost", "abc"), {400}),
    "folded header": (head("GET /health HTTP/1.1", "Host: localhost", "X: a", " b"), {400}),
    "folded with a tab": (head("GET /health HTTP/1.1", "Host: localhost", "X: a", "\tb"), {400}),
    "folded first header": (head("GET /health HTTP/1.1", " Host: localhost"), {400}),
    "NUL in a value": (head("GET /health HTTP/1.1", "Host: localhost", "X: a\0b"), {400}),
    "NUL in a name": (head("GET /health HTTP/1.1", "Host: localhost", "X\0: b"), {400}),
    "control in a value": (head("GET /health HTTP/1.1", "Host: localhost", "X: a\x01b"), {400}),
    "DEL in a value": (head("GET /health HTTP/1.1", "Host: localhost", "X: a\x7fb"), {400}),
    "carriage return in a value": (head("GET /health HTTP/1.1", "Host: localhost", "X: a\rb"),
                                   {400}),
    "bare line feeds": ("GET /health HTTP/1.1\nHost: localhost\n\n", {400}),
    "one bare line feed": ("GET /health HTTP/1.1\r\nHost: localhost\nX: y\r\n\r\n", {400}),
    "bare line feed at the end": ("GET /health HTTP/1.1\r\nHost: localhost\r\n\n", {400}),
    "missing Host": (head("GET /health HTTP/1.1"), {400}),
    "two Hosts": (head("GET /health HTTP/1.1", "Host: localhost", "Host: localhost"), {400}),
    "absolute target": (head("GET http://localhost/health HTTP/1.1", "Host: localhost"), {400}),
    "authority target": (head("CONNECT localhost:80 HTTP/1.1", "Host: localhost"), {400, 501}),
    "asterisk target": (head("OPTIONS * HTTP/1.1", "Host: localhost"), {400}),
    "target without slash": (head("GET health HTTP/1.1", "Host: localhost"), {400}),
    "fragment": (head("GET /health#x HTTP/1.1", "Host: localhost"), {400}),
    "control in the target": (head("GET /hea\x01lth HTTP/1.1", "Host: localhost"), {400}),
    "NUL in the target": (head("GET /health\0 HTTP/1.1", "Host: localhost"), {400}),
    "tab in the target": (head("GET /health\t HTTP/1.1", "Host: localhost"), {400}),
    "encoded NUL in the path": (head("GET /health%00 HTTP/1.1", "Host: localhost"), {400}),
    "two spaces": (head("GET  /health HTTP/1.1", "Host: localhost"), {400}),
    "space behind the version": (head("GET /health HTTP/1.1 ", "Host: localhost"), {400}),
    "space before the method": (head(" GET /health HTTP/1.1", "Host: localhost"), {400}),
    "tabs for spaces": (head("GET\t/health\tHTTP/1.1", "Host: localhost"), {400}),
    "no version": (head("GET /health"), {400}),
    "HTTP/0.9": (head("GET /health HTTP/0.9", "Host: localhost"), {505}),
    "HTTP/2.0": (head("GET /health HTTP/2.0", "Host: localhost"), {505}),
    "HTTP/1.2": (head("GET /health HTTP/1.2", "Host: localhost"), {505}),
    "HTTP/1.10": (head("GET /health HTTP/1.10", "Host: localhost"), {400, 505}),
    "http/1.1": (head("GET /health http/1.1", "Host: localhost"), {400}),
    "HTTP/2 preface": ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", {400, 501, 505}),
    "unknown method": (head("BREW /health HTTP/1.1", "Host: localhost"), {501}),
    "lower-case method": (head("get /health HTTP/1.1", "Host: localhost"), {400}),
    "TLS on a plain port": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\n", {400}),
    "unknown expectation": (head(*SIZED, "Content-Length: 2", "Expect: 200-ok") + "{}", {417}),
    "chunk size with a prefix": (head(*CHUNKED) + "0x2\r\n{}\r\n0\r\n\r\n", {400}),
    "signed chunk size": (head(*CHUNKED) + "+2\r\n{}\r\n0\r\n\r\n", {400}),
    "negative chunk size": (head(*CHUNKED) + "-2\r\n{}\r\n0\r\n\r\n", {400}),
    "empty chunk size": (head(*CHUNKED) + "\r\n{}\r\n0\r\n\r\n", {400}),
    "no chunk size": (head(*CHUNKED) + ";x\r\n{}\r\n0\r\n\r\n", {400}),
    "space behind a chunk size": (head(*CHUNKED) + "2 \r\n{}\r\n0\r\n\r\n", {400}),
    "overflowing chunk size": (head(*CHUNKED) + "10000000000000002\r\n{}\r\n0\r\n\r\n", {400}),
    "chunk longer than its size": (head(*CHUNKED) + "2\r\n{} \r\n0\r\n\r\n", {400}),
    "bare line feed behind a chunk size": (head(*CHUNKED) + "2\n{}\r\n0\r\n\r\n", {400}),
    "bare line feed behind a chunk": (head(*CHUNKED) + "2\r\n{}\n0\r\n\r\n", {400}),
    "line feed in a chunk extension": (head(*CHUNKED) + "2;a\nb\r\n{}\r\n0\r\n\r\n", {400}),
    "bare line feed in a trailer": (head(*CHUNKED) + "2\r\n{}\r\n0\r\nX: y\n\r\n", {400}),
    "folded trailer": (head(*CHUNKED) + "2\r\n{}\r\n0\r\nX: y\r\n z\r\n\r\n", {400}),
}


@pytest.mark.parametrize("name", REFUSED)
def test_is_refused_and_closed(server, name):
    data, allowed = REFUSED[name]
    with Wire(server) as connection:
        # What follows must not be taken for a request of its own.
        connection.send(data)
        connection.send(get("/version"))
        reply = connection.reply()
        assert reply.status in allowed, reply
        assert json.loads(reply.body)["error_code"]
        if name != "encoded NUL in the path":
            assert reply.headers["connection"] == "close"
            assert connection.closed()


@pytest.mark.parametrize("name", REFUSED)
def test_is_refused_byte_by_byte(server, name):
    data, allowed = REFUSED[name]
    data = data.encode("latin-1") if isinstance(data, str) else data
    with Wire(server) as connection:
        connection.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            for byte in data:
                connection.send(bytes([byte]))
        except (BrokenPipeError, ConnectionResetError):
            pass  # it was refused before its end
        assert connection.reply().status in allowed


def test_the_server_is_well_afterwards(server):
    assert server.get("/health").body == b"OK"


# --- sizes ---------------------------------------------------------------------------------


def test_head_sizes(start):
    server = start("--max-head-size", "2K", "--max-headers", "10")
    for data, status in (
            (get("/health?" + "x" * 3000), 414),
            (get("/health", "X: " + "y" * 3000), 431),
            (get("/health", *[f"X{i}: y" for i in range(11)]), 431),
            ("GET /" + "x" * 100_000, 414)):
        with Wire(server) as connection:
            connection.send(data)
            reply = connection.reply()
            assert reply.status == status, reply
            assert connection.closed()
    with Wire(server) as connection:
        connection.send(get("/health?" + "x" * 1500))
        assert connection.reply().status == 200
        connection.send(get("/health", *[f"X{i}: y" for i in range(9)]))
        assert connection.reply().status == 200


def test_large_head_is_served(server):
    with Wire(server) as connection:
        connection.send(get("/health?" + "x" * 60_000))
        assert connection.reply().status == 200
        connection.send(get("/version"))
        assert connection.reply().body == b"3.17.2"


def test_body_size(start):
    server = start("--max-body-size", "64K", "--max-upload-size", "1M")
    large = "x" * 70_000
    with Wire(server) as connection:
        connection.send(post(large)[:500])
        reply = connection.reply()
        assert reply.status == 413, reply
    with Wire(server) as connection:
        connection.send(post("", "Transfer-Encoding: chunked", length=False) + chunked(large))
        assert connection.reply().status == 413
        assert connection.closed()
    upload = (f"PUT {FILES}/large.bin HTTP/1.1\r\nHost: localhost\r\n"
              "Content-Length: 1048577\r\n\r\n")
    with Wire(server) as connection:
        connection.send(upload)
        assert connection.reply().status == 413
    with Wire(server) as connection:
        connection.send(upload.replace("Content-Length: 1048577", "Transfer-Encoding: chunked"))
        try:
            connection.send(chunked(b"x" * 1048577))
        except (BrokenPipeError, ConnectionResetError):
            pass  # it was refused before its end
        assert connection.reply().status == 413
    assert server.get(f"{FILES}/large.bin").status == 404


def test_large_bodies_together(start):
    server = start("--max-body-size", "8M", "--max-buffered-size", "1M")
    with Wire(server) as first:
        first.send(post("x" * 900_000)[:800_000])
        harness.eventually(lambda: metric(server, "received_bytes_total") > 800_000)
        for second in (post("y" * 900_000), post("", "Transfer-Encoding: chunked", length=False) +
                       chunked("y" * 900_000)):
            with Wire(server) as connection:
                try:
                    connection.send(second)
                except (BrokenPipeError, ConnectionResetError):
                    pass  # it was refused before its end
                reply = connection.reply()
                assert reply.status == 503
                assert json.loads(reply.body)["error_code"] == "TEMPORARILY_UNAVAILABLE"
    harness.eventually(lambda: server.ask("POST", wire.CREATE, {
        "name": "after", "x": "y" * 900_000}).status == 200)
    assert server.call("experiments/get-by-name", {"experiment_name": "after"}, "GET").status == 200


def test_endless_chunk_extensions(server):
    with Wire(server) as connection:
        connection.send(head(*CHUNKED) + "2;" + "x" * 100_000)
        assert connection.reply().status == 400


def is_served(server):
    with Wire(server) as connection:
        try:
            connection.send(get())
            return connection.reply().status == 200
        except (Closed, ConnectionResetError):
            return False


def test_too_many_connections(start):
    server = start("--max-connections", "4")
    open_ones = [Wire(server) for _ in range(4)]
    for connection in open_ones:
        connection.send(get())
        assert connection.reply().status == 200
    with Wire(server) as refused:
        reply = refused.reply()
        assert reply.status == 503
        assert json.loads(reply.body)["error_code"] == "TEMPORARILY_UNAVAILABLE"
        assert refused.closed()
    open_ones.pop().close()
    harness.eventually(lambda: is_served(server))
    for connection in open_ones:
        connection.close()


def test_ten_thousand_idle_connections(start):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    count = min(10_000, hard - 300)
    if count < 1000:
        pytest.skip(f"only {hard} files may be open")
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    server = start("--idle-timeout", "600")
    connections = []
    try:
        before = server.memory_kib()
        for i in range(count):
            connection = socket.create_connection(("127.0.0.1", server.port), timeout=60)
            connections.append(connection)
            if i % 2:  # kept alive after a request
                connection.sendall(get().encode())
                assert connection.recv(4096).startswith(b"HTTP/1.1 200")
        growth = server.memory_kib() - before
        assert server.get("/health").status == 200
        harness.eventually(lambda: metric(server, "connections") == count + 1)
        assert growth * 1024 / count < 8192
    finally:
        for connection in connections:
            connection.close()
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert server.get("/health").status == 200


# --- slow clients ---------------------------------------------------------------------------


def drip(connection, data, pause=0.02):
    """Sends byte by byte until all is sent or the server hangs up."""
    try:
        for byte in data:
            connection.send(bytes([byte]))
            time.sleep(pause)
    except (BrokenPipeError, ConnectionResetError):
        return
    except OSError:
        return


def eventually_served(visit):
    """Has a client that is slow, but not too slow, come again when it was cut off: on a machine
    that stood still for a moment it was too slow, which will not happen each time."""
    for _ in range(10):
        with contextlib.suppress(Closed, OSError):
            visit()
            return
    pytest.fail("it was cut off each time")


def stored(server, name, data):
    """Puts an artifact where the server finds it, without an upload that a short patience with
    clients could cut off."""
    path = server.home / "artifacts" / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data)


def test_slow_head_is_cut_off(start):
    server = start("--head-timeout", "0.3")
    with Wire(server) as connection:
        drip(connection, get("/health", "X: " + "y" * 400).encode())
        assert connection.reply().status == 408
        assert connection.closed()


def test_idle_connection_is_closed(start):
    server = start("--idle-timeout", "0.2")
    with Wire(server) as silent:
        assert silent.closed()

    def visit():
        with Wire(server) as kept:
            kept.send(get())
            assert kept.reply().status == 200
            assert kept.closed()

    eventually_served(visit)


def test_dripping_body_is_cut_off(start):
    server = start("--stall-timeout", "0.3", "--stall-bytes", "1K")
    for path, method in ((wire.CREATE, "POST"), (f"{FILES}/slow.bin", "PUT")):
        with Wire(server) as connection:
            connection.send(f"{method} {path} HTTP/1.1\r\nHost: localhost\r\n"
                            "Content-Type: application/json\r\nContent-Length: 400\r\n\r\n")
            drip(connection, b"x" * 400)
            assert connection.reply().status in (408, 504)
            assert connection.closed()
    assert server.get(f"{FILES}/slow.bin").status == 404


def test_body_that_stops_is_cut_off(start):
    server = start("--stall-timeout", "0.2")
    for size in (100, 1_000_000):
        with Wire(server) as connection:
            connection.send(post("x" * size)[:150])
            assert connection.reply().status == 408
            assert connection.closed()


def test_slow_but_honest_upload(start):
    """It takes many windows, but moves in each of them."""
    server = start("--stall-timeout", "1", "--stall-bytes", "100")
    piece = b"y" * 2000

    def visit():
        with Wire(server) as connection:
            connection.send(f"PUT {FILES}/honest.bin HTTP/1.1\r\nHost: localhost\r\n"
                            f"Content-Length: {len(piece) * 30}\r\n\r\n")
            for _ in range(30):
                connection.send(piece)
                time.sleep(0.1)
            if connection.reply().status != 200:
                raise Closed

    eventually_served(visit)
    assert server.get(f"{FILES}/honest.bin").body == piece * 30


def test_reader_that_stops_is_cut_off(start):
    server = start("--stall-timeout", "0.3")
    size = 64 << 20
    stored(server, "large.bin", b"z" * size)
    with Wire(server) as connection:
        connection.send(get(f"{FILES}/large.bin"))
        connection.held += connection.socket.recv(1)
        harness.eventually(lambda: metric(server, "requests_in_progress") == 1)
        assert len(connection.rest()) < size
    assert server.get("/health").status == 200


def test_slow_but_honest_reader(start):
    server = start("--stall-timeout", "1", "--stall-bytes", "1")
    size = 8 << 20
    data = bytes(range(256)) * (size // 256)
    stored(server, "large.bin", data)

    def visit():
        with Wire(server) as connection:
            connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
            connection.send(get(f"{FILES}/large.bin"))
            received = bytearray()
            while not received.endswith(data[-1000:]) or len(received) < size:
                piece = connection.socket.recv(131072)
                if not piece:
                    raise Closed
                received += piece
                time.sleep(0.05)
            assert received.split(b"\r\n\r\n", 1)[1] == data

    eventually_served(visit)


# --- half-closed and broken connections ------------------------------------------------------


def test_half_closed_client_gets_its_answer(server):
    with Wire(server) as connection:
        connection.send(get("/version"))
        connection.half_close()
        assert connection.reply().body == b"3.17.2"
        assert connection.closed()


def test_half_closed_after_pipelined_requests(server):
    with Wire(server) as connection:
        connection.send(get("/version") + get("/health") + get("/version"))
        connection.half_close()
        assert [connection.reply().body for _ in range(3)] == [b"3.17.2", b"OK", b"3.17.2"]
        assert connection.closed()


def test_half_closed_in_a_head_or_body(server):
    for data in (get()[:-4], post(body())[:-5], head(*CHUNKED) + "2\r\n{"):
        with Wire(server) as connection:
            connection.send(data)
            connection.half_close()
            rest = connection.rest()
            assert rest == b"" or rest.startswith(b"HTTP/1.1 400")
    assert server.get("/health").status == 200


def test_upload_that_breaks_leaves_nothing(server):
    for framing, data in (("Content-Length: 1000000", b"x" * 500_000),
                          ("Transfer-Encoding: chunked", b"7a120\r\n" + b"x" * 500_000)):
        with Wire(server) as connection:
            connection.send(f"PUT {FILES}/broken.bin HTTP/1.1\r\nHost: localhost\r\n"
                            f"{framing}\r\n\r\n".encode() + data)
        harness.eventually(lambda: metric(server, "requests_in_progress") == 1)
        assert server.get(f"{FILES}/broken.bin").status == 404


def test_reset_connections(server):
    for i in range(100):
        connection = Wire(server)
        connection.send((get("/metrics") * (i % 7 + 1))[:i * 11 or None])
        connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                     b"\x01\0\0\0\0\0\0\0")
        connection.close()
    assert server.get("/health").status == 200
