"""A client that lives long: servers that go and come back, kept connections that die, the shortcut of
small writes and how it gives way, and memory that does not grow."""

import ctypes
import gc
import json
import subprocess
import threading

import pytest

import harness
from hostile import Hostile, reply
from library import Client, Failed
from ports import free_port

RUN = "a" * 32
# Tries again at once, and for most of a minute.
QUICK = {"MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR": "0.1", "MLFLOW_HTTP_REQUEST_BACKOFF_JITTER": "0",
         "MLFLOW_HTTP_REQUEST_TIMEOUT": "60", "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "9"}
TWICE = {**QUICK, "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1"}
# Where silence is what is waited for; elsewhere a slow machine is silent too.
SHORT = {**QUICK, "MLFLOW_HTTP_REQUEST_TIMEOUT": "2"}
# Small writes that a client makes before it takes the shortcut.
WARM = 3


def points(server, run, key):
    answer = server.get("/api/2.0/mlflow/metrics/get-history", run_id=run, metric_key=key)
    return [(point["step"], point["value"]) for point in answer.json.get("metrics", [])]


# --- servers that come back -----------------------------------------------------------------


def test_server_that_dies_and_comes_back(tmp_path):
    """Every metric arrives, although the server is killed in the middle."""
    port = free_port()
    server = harness.Server(tmp_path, "--port", str(port))
    try:
        run = server.create_run()["info"]["run_id"]
        with Client(server.url, **QUICK) as client:
            for step in range(200):
                if step in (2, 100):
                    server.kill()
                    revived = threading.Thread(target=lambda: revive(tmp_path, port, back))
                    back = []
                    revived.start()
                    client.log_metric(run, "loss", step / 8, step)
                    revived.join()
                    server = back[0]
                else:
                    client.log_metric(run, "loss", step / 8, step)
        assert points(server, run, "loss") == [(step, step / 8) for step in range(200)]
    finally:
        server.kill()


def revive(home, port, back):
    back.append(harness.Server(home, "--port", str(port)))


def test_server_that_does_not_come_back(tmp_path):
    server = harness.Server(tmp_path)
    run = server.create_run()["info"]["run_id"]
    with Client(server.url, **TWICE) as client:
        for step in range(10):
            client.log_metric(run, "loss", 1, step)
        server.kill()
        with pytest.raises(Failed) as failed:
            client.log_metric(run, "loss", 1, 10)
    assert failed.value.status == "MILL_E_IO" and "cannot reach" in failed.value.message


# --- kept connections -----------------------------------------------------------------------


def test_what_must_not_be_done_twice_is_asked_on_a_new_connection():
    """On a kept connection that ends without an answer, libcurl asks again on its own: the server
    may have made the experiment all the same."""
    def script(connection):
        connection.read()
        connection.send(reply(b'{"experiment_id": "1"}'))
        if connection.read() is not None:  # on the same connection: vanish
            return

    with Hostile(script) as server, Client(server.url, **TWICE) as client:
        for number in range(5):
            client.create_experiment(f"e{number}")
        assert len(server.seen) == server.connections == 5


def test_connections_are_kept():
    def script(connection):
        while connection.read() is not None:
            connection.send(reply())

    with Hostile(script) as server, Client(server.url, **TWICE) as client:
        for step in range(50):
            client.log_metric(RUN, "loss", 1, step)
        assert len(server.seen) == 50 and server.connections <= 2


def test_connections_that_the_server_ends():
    """Each after a few answers, announced or not."""
    for head in ([], ["Connection: close"]):
        def script(connection):
            for _ in range(4):
                if connection.read() is None:
                    return
                connection.send(reply(headers=head))
                if head:
                    return

        with Hostile(script) as server, Client(server.url, **TWICE) as client:
            for step in range(40):
                client.log_metric(RUN, "loss", 1, step)
            steps = {json.loads(body)["metrics"][0]["step"] for _, _, body in server.seen}
            assert steps == set(range(40))


# --- the shortcut ---------------------------------------------------------------------------


def reset(connection):
    connection.read()


def silent(connection):
    connection.read()
    connection.hold()


def says(data):
    def script(connection):
        while connection.read() is not None:
            connection.send(data)
    return script


ODD = {
    "closes at once": lambda connection: None,
    "closes": reset,
    "half a head": lambda connection: (connection.read(), connection.send(reply()[:30])),
    "half a body": lambda connection: (connection.read(), connection.send(reply()[:-1])),
    "silent": silent,
    "chunks": says(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"),
    "no length": says(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{}"),
    "HTTP/1.0": says(b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n{}"),
    "too much": says(reply(b"{}garbage", length=2)),
    "long head": says(reply(headers=[f"X-{n}: {'y' * 90}" for n in range(300)])),
    "interim": says(b"HTTP/1.1 100 Continue\r\n\r\n" + reply()),
    "an error": says(reply(b"", "500 Oops")),
    "busy": says(reply(b"", "503 Busy")),
    "elsewhere": says(reply(b"", "307 Elsewhere", ["Location: /there"])),
    "garbage": says(b"\x00\xff" * 10000),
}


@pytest.mark.parametrize("name", ODD)
def test_the_shortcut_gives_way(name):
    """The second connection is that of the shortcut: whatever is odd there, the write is made in
    the usual way, and after a few vain attempts no more are made."""
    def script(connection):
        ordinary = connection.server.connections == 1
        if ordinary:
            says(reply())(connection)
        else:
            ODD[name](connection)

    environment = SHORT if name == "silent" else TWICE
    with Hostile(script) as server, Client(server.url, **environment) as client:
        for step in range(20):
            client.log_metric(RUN, "loss", 1, step)
        assert server.connections <= 4
        steps = [json.loads(body)["metrics"][0]["step"] for _, _, body in server.seen]
        assert set(steps) == set(range(20)) and len(steps) < 26


def test_the_shortcut_is_taken():
    """And its requests are those of the usual way, down to the headers that matter."""
    def script(connection):
        number = connection.server.connections
        while (request := connection.read()) is not None:
            if request[0].startswith("GET"):
                connection.send(reply(b'{"workspaces_enabled": true}'))
                continue
            ways[number].append(request)
            connection.send(reply())

    for credentials in ({}, {"MLFLOW_TRACKING_TOKEN": "t"},
                        {"MLFLOW_TRACKING_USERNAME": "me", "MLFLOW_TRACKING_PASSWORD": "p:w"}):
        ways = {1: [], 2: []}
        environment = {**TWICE, **credentials, "MLFLOW_WORKSPACE": "team"}
        with Hostile(script) as server, Client(server.url + "/pre/fix", **environment) as client:
            for _ in range(2 * WARM):
                client.set_tag(RUN, "k", "\u00fc" * 1000)
        assert len(ways[1]) == len(ways[2]) == WARM
        assert ways[2][0][0] == ways[1][0][0] == (
            "POST /pre/fix/api/2.0/mlflow/runs/log-batch HTTP/1.1")
        assert ways[2][0][2] == ways[1][0][2]
        usual, short = ways[1][0][1], ways[2][0][1]
        usual.pop("accept-encoding", None)
        assert short == usual


def test_silence_on_the_shortcut():
    def script(connection):
        if connection.server.connections == 1:
            says(reply())(connection)
        else:
            connection.read()
            connection.send(reply())
            silent(connection)

    environment = {"MLFLOW_HTTP_REQUEST_TIMEOUT": "5", "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "0"}
    with Hostile(script) as server, Client(server.url, **environment) as client:
        for step in range(WARM + 1):
            client.log_metric(RUN, "loss", 1, step)
        with pytest.raises(Failed) as failed:
            client.log_metric(RUN, "loss", 1, 9)
        assert failed.value.status == "MILL_E_TIMEOUT"
        assert "did not answer for 5 seconds" in failed.value.message


def test_the_shortcut_over_tls(tmp_path):
    """With a server that ends it now and then, and batches of several records."""
    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
                    "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout",
                    key, "-out", cert], check=True, capture_output=True)

    def script(connection):
        for _ in range(7):
            if connection.read() is None:
                return
            connection.send(reply())

    environment = {**TWICE, "MLFLOW_TRACKING_SERVER_CERT_PATH": str(cert)}
    with Hostile(script, tls=(cert, key)) as server, Client(server.url, **environment) as client:
        for batch in range(30):
            client.log_batch(RUN, [("k" * 100, 1.0, batch * 500 + n) for n in range(500)])
        firsts = {json.loads(body)["metrics"][0]["step"] for _, _, body in server.seen}
        assert firsts == {batch * 500 for batch in range(30)}
        assert server.connections < 15


def test_large_batches_on_the_shortcut(tmp_path):
    """More than fits into the buffers of a socket."""
    with harness.Server(tmp_path) as server, Client(server.url, **QUICK) as client:
        run = server.create_run()["info"]["run_id"]
        key = "k" * 200
        expected = []
        for batch in range(12):
            metrics = [(key, float(n), batch * 1000 + n) for n in range(1000)]
            client.log_batch(run, metrics)
            expected += [(step, value) for _, value, step in metrics]
        assert points(server, run, key) == expected


def test_many_threads(tmp_path):
    with harness.Server(tmp_path) as server, Client(server.url, **QUICK) as client:
        run = server.create_run()["info"]["run_id"]
        harness.in_parallel(8, lambda number: [client.log_metric(run, f"m{number}", n, n)
                                               for n in range(100)])
        for number in range(8):
            assert points(server, run, f"m{number}") == [(n, n) for n in range(100)]


def test_threads_wait_until_the_workspace_is_known():
    """What one of them sent before the answer would be where everybody's runs are."""
    def script(connection):
        while connection.read() is not None:
            connection.server.over.wait(0.5)
            connection.send(reply(b'{"workspaces_enabled": false}'))

    def log(step):
        with pytest.raises(Failed) as failed:
            client.log_metric(RUN, "loss", 1, step)
        assert failed.value.status == "MILL_E_UNSUPPORTED"

    with Hostile(script) as server, Client(
            server.url, **TWICE, MLFLOW_WORKSPACE="team") as client:
        harness.in_parallel(4, log)
        assert {first.split()[0] for first, _, _ in server.seen} == {"GET"}


# --- memory ---------------------------------------------------------------------------------


class Heap(ctypes.Structure):
    _fields_ = [(name, ctypes.c_size_t) for name in (
        "arena", "ordblks", "smblks", "hblks", "hblkhd", "usmblks", "fsmblks", "uordblks",
        "fordblks", "keepcost")]


def heap_bytes():
    """What is allocated in this process at this moment."""
    gc.collect()
    mallinfo = ctypes.CDLL(None).mallinfo2
    mallinfo.restype = Heap
    found = mallinfo()
    return found.uordblks + found.hblkhd


def test_memory_does_not_grow():
    """Neither with the calls that go well nor with those that fail."""
    good, bad = reply(), reply(b'{"error_code": "INVALID_PARAMETER_VALUE", "message": "no"}',
                               "400 Bad Request")

    def script(connection):
        while (request := connection.read()) is not None:
            connection.send(bad if b'"bad"' in request[2] else good)
            connection.server.seen.clear()

    def do(count):
        for step in range(count):
            client.log_metric(RUN, "loss", 1, step)
            if step % 10 == 0:
                with pytest.raises(Failed):
                    client.set_tag(RUN, "bad", "x")

    stretch = 20000 if harness.LONG else 500
    with Hostile(script) as server, Client(server.url, **TWICE) as client:
        do(200)
        sizes = [heap_bytes()]
        for _ in range(5):
            do(stretch)
            sizes.append(heap_bytes())
    # What leaks grows in each stretch; what grows in one of them only is a table, of Python's
    # perhaps, that was made larger.
    assert min(after - before for before, after in zip(sizes, sizes[1:])) < stretch, sizes


# --- lists of many pages --------------------------------------------------------------------


def test_pages_that_lead_to_themselves():
    page = {"experiments": [{"experiment_id": "1", "name": "a"}], "next_page_token": "again"}
    with Hostile(says(reply(json.dumps(page).encode()))) as server, Client(
            server.url, **TWICE) as client:
        with pytest.raises(Failed) as failed:
            client.list_experiments()
        assert failed.value.status == "MILL_E_INTERNAL" and "no end" in failed.value.message
        assert len(server.seen) == 2


@pytest.mark.skipif(not harness.LONG, reason="asks for ten thousand pages")
def test_pages_without_end():
    def script(connection):
        while connection.read() is not None:
            number = len(connection.server.seen)
            connection.send(reply(b'{"next_page_token": "%d"}' % number))

    with Hostile(script) as server, Client(server.url, **TWICE) as client:
        with pytest.raises(Failed) as failed:
            client.list_experiments()
        assert failed.value.status == "MILL_E_TOO_LARGE" and "pages" in failed.value.message
