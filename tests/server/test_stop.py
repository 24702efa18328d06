"""Stopping: what was accepted is finished, nothing new is taken, then the process ends well."""

import json
import re
import signal
import socket
import threading
import time

import pytest

import harness
from wire import CREATE, FILES, Closed, Wire, get, post


def refuses(server):
    """Waits until the server takes no connection any more."""
    for _ in range(3000):
        try:
            socket.create_connection(("127.0.0.1", server.port), timeout=5).close()
        except OSError:
            return True
        time.sleep(0.01)
    return False


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_an_idle_server_ends(start, number):
    server = start()
    with Wire(server) as kept:
        kept.send(get())
        assert kept.reply().status == 200
        server.process.send_signal(number)
        assert server.process.wait(60) == 0
        assert kept.closed()


def test_an_upload_under_way_is_finished(start):
    server = start()
    with Wire(server) as upload, Wire(server) as idle:
        upload.send(f"PUT {FILES}/under-way.bin HTTP/1.1\r\nHost: localhost\r\n"
                    "Content-Length: 1000000\r\n\r\n".encode() + b"x" * 400_000)
        idle.send(get())
        assert idle.reply().status == 200
        server.process.send_signal(signal.SIGTERM)
        assert refuses(server)
        assert idle.closed()
        assert server.alive()
        upload.send(b"x" * 600_000)
        reply = upload.reply()
        assert reply.status == 200
        assert reply.headers["connection"] == "close"
        assert upload.closed()
    assert server.process.wait(60) == 0
    assert (server.home / "artifacts" / "under-way.bin").stat().st_size == 1_000_000


def test_a_download_under_way_is_finished(start):
    server = start()
    size = 40_000_000
    assert server.ask("PUT", f"{FILES}/large.bin", b"y" * size).status == 200
    with Wire(server) as download:
        download.send(get(f"{FILES}/large.bin"))
        assert download.socket.recv(1)
        server.process.send_signal(signal.SIGTERM)
        assert refuses(server)
        assert len(download.rest().split(b"\r\n\r\n", 1)[1]) == size
    assert server.process.wait(60) == 0


def test_half_a_request_is_finished(start):
    server = start()
    data = post(json.dumps({"name": "half"}))
    with Wire(server) as connection:
        connection.send(data[:40])
        for _ in range(3000):  # until the server has read it
            text = server.get("/metrics").body.decode()
            if int(re.search(r"millstream_connections (\d+)", text).group(1)) >= 2:
                break
            time.sleep(0.01)
        time.sleep(0.1)
        server.process.send_signal(signal.SIGTERM)
        assert refuses(server)
        connection.send(data[40:])
        reply = connection.reply()
        assert reply.status == 200
        assert reply.headers["connection"] == "close"
    assert server.process.wait(60) == 0


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
    while len(acknowledged) < 300:
        time.sleep(0.01)
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
        for _ in range(3000):
            if b"millstream_requests_in_progress 2\n" in server.get("/metrics").body:
                break
            time.sleep(0.01)
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(60) == 0
        with pytest.raises((Closed, ConnectionResetError)):
            upload.reply()
    assert not (server.home / "artifacts" / "never.bin").exists()


def test_a_second_signal_ends_at_once(tmp_path):
    server = harness.Server(tmp_path)
    with Wire(server) as upload:
        upload.send(f"PUT {FILES}/never.bin HTTP/1.1\r\nHost: localhost\r\n"
                    "Content-Length: 1000\r\n\r\nx")
        for _ in range(3000):
            if b"millstream_requests_in_progress 2\n" in server.get("/metrics").body:
                break
            time.sleep(0.01)
        server.process.send_signal(signal.SIGTERM)
        assert refuses(server)
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(60) == 128 + signal.SIGTERM
    server.kill()
