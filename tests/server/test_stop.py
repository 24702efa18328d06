"""Stopping: what was accepted is finished, nothing new is taken, then the process ends well."""

import json
import signal
import threading

import pytest

import harness
from wire import CREATE, FILES, Closed, Wire, get, post


def wait_until_refused(server):
    """Until the server takes no connection any more."""
    def refused():
        try:
            server.socket().close()
        except ConnectionError:
            return True
        return False

    harness.eventually(refused)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_an_idle_server_ends(start, number):
    server = start()
    with Wire(server) as kept:
        kept.send(get())
        assert kept.reply().status == 200
        server.process.send_signal(number)
        assert server.wait() == 0
        assert kept.closed()


def test_an_upload_under_way_is_finished(start):
    server = start()
    with Wire(server) as upload, Wire(server) as idle:
        upload.send(f"PUT {FILES}/under-way.bin HTTP/1.1\r\nHost: localhost\r\n"
                    "Content-Length: 1000000\r\n\r\n".encode() + b"x" * 400_000)
        idle.send(get())
        assert idle.reply().status == 200
        server.process.send_signal(signal.SIGTERM)
        wait_until_refused(server)
        assert idle.closed()
        assert server.alive()
        upload.send(b"x" * 600_000)
        reply = upload.reply()
        assert reply.status == 200
        assert reply.headers["connection"] == "close"
        assert upload.closed()
    assert server.wait() == 0
    assert (server.home / "artifacts" / "under-way.bin").stat().st_size == 1_000_000


def test_a_download_under_way_is_finished(start):
    server = start()
    size = 40_000_000
    assert server.ask("PUT", f"{FILES}/large.bin", b"y" * size).status == 200
    with Wire(server) as download:
        download.send(get(f"{FILES}/large.bin"))
        assert download.socket.recv(1)
        server.process.send_signal(signal.SIGTERM)
        wait_until_refused(server)
        assert len(download.rest().split(b"\r\n\r\n", 1)[1]) == size
    assert server.wait() == 0


def test_half_a_request_is_finished(start):
    server = start()
    data = post(json.dumps({"name": "half"}))
    with Wire(server) as connection:
        connection.send(get().encode() + data[:40])
        assert connection.reply().status == 200  # by which the server has read the half, too
        server.process.send_signal(signal.SIGTERM)
        wait_until_refused(server)
        connection.send(data[40:])
        reply = connection.reply()
        assert reply.status == 200
        assert reply.headers["connection"] == "close"
    assert server.wait() == 0


def test_what_was_sent_before_the_signal_is_answered(start):
    """Also where the server has not even accepted the connection by then."""
    server = start()
    server.process.send_signal(signal.SIGSTOP)
    connections = [Wire(server) for _ in range(100)]
    for connection in connections:
        connection.send(get())
    server.process.send_signal(signal.SIGTERM)
    server.process.send_signal(signal.SIGCONT)
    for connection in connections:
        assert connection.reply().status == 200
        connection.close()
    assert server.wait() == 0


def test_every_acknowledged_write_is_there(tmp_path):
    server = harness.Server(tmp_path)
    acknowledged = []
    lock = threading.Lock()

    def client(index):
        connection = server.connect()
        for i in range(100_000):
            name = f"{index}-{i}"
            try:
                answer = harness.ask(connection, "POST", CREATE, {"name": name})
            except (OSError, harness.http.client.HTTPException):
                return
            assert answer.status == 200
            with lock:
                acknowledged.append(name)

    threads = [threading.Thread(target=client, args=(i,)) for i in range(8)]
    for thread in threads:
        thread.start()
    harness.eventually(lambda: len(acknowledged) >= 300)
    assert server.stop() == 0
    for thread in threads:
        thread.join()
    with harness.Server(tmp_path) as again:
        for name in acknowledged:
            found = again.call("experiments/get-by-name", {"experiment_name": name}, "GET")
            assert found.status == 200, name


def test_the_deadline_cuts_off(start):
    server = start("--stop-timeout", "0.3")
    with Wire(server) as upload:
        upload.send(f"PUT {FILES}/never.bin HTTP/1.1\r\nHost: localhost\r\n"
                    "Content-Length: 1000\r\n\r\nx")
        harness.eventually(lambda: b"millstream_requests_in_progress 2\n" in
                           server.get("/metrics").body)
        server.process.send_signal(signal.SIGTERM)
        assert server.wait() == 0
        with pytest.raises((Closed, ConnectionResetError)):
            upload.reply()
    assert not (server.home / "artifacts" / "never.bin").exists()


def test_a_second_signal_ends_at_once(tmp_path):
    server = harness.Server(tmp_path)
    with Wire(server) as upload:
        upload.send(f"PUT {FILES}/never.bin HTTP/1.1\r\nHost: localhost\r\n"
                    "Content-Length: 1000\r\n\r\nx")
        harness.eventually(lambda: b"millstream_requests_in_progress 2\n" in
                           server.get("/metrics").body)
        server.process.send_signal(signal.SIGTERM)
        wait_until_refused(server)
        server.process.send_signal(signal.SIGTERM)
        assert server.wait() == 128 + signal.SIGTERM
    server.kill()
