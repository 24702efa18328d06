"""TLS: the same server behind --tls-cert and --tls-key."""

import json
import re
import socket
import ssl
import subprocess

import pytest

import harness
import pages_api
from wire import CREATE, FILES, Wire, chunked, get, post


def make_certificate(directory, name="server"):
    cert, key = directory / f"{name}.crt", directory / f"{name}.key"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
         "-nodes", "-days", "30", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", key, "-out", cert],
        check=True, capture_output=True)
    return cert, key


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    return make_certificate(tmp_path_factory.mktemp("tls"))


class Secure(harness.Server):
    """A server that is talked to over TLS."""

    context = None

    def connect(self):
        return harness.http.client.HTTPSConnection(
            "localhost", self.port, timeout=harness.ANSWER_SECONDS, context=self.context)

    def wire(self):
        return Wire(self, lambda s: self.context.wrap_socket(s, server_hostname="localhost"))


def secure(home, files, *extra):
    server = Secure(home, "--tls-cert", files[0], "--tls-key", files[1], *extra)
    server.context = ssl.create_default_context(cafile=str(files[0]))
    return server


@pytest.fixture(scope="module")
def server(tmp_path_factory, files):
    with secure(tmp_path_factory.mktemp("secure"), files) as running:
        yield running


def test_the_address_says_https(tmp_path, files):
    process = harness.spawn(tmp_path, "--tls-cert", files[0], "--tls-key", files[1])
    line = process.stdout.readline().decode()
    process.terminate()
    process.communicate(timeout=harness.STOP_SECONDS)
    assert re.search(r"https://127\.0\.0\.1:\d+", line)
    assert process.returncode == 0


def test_requests_and_pipelining(server):
    with server.wire() as connection:
        connection.send(b"".join(
            post(json.dumps({"name": f"tls {i}"})) + get("/version").encode() for i in range(20)))
        for _ in range(20):
            assert connection.reply().status == 200
            assert connection.reply().body == b"3.17.2"


@pytest.mark.parametrize("size", [0, 1, 16_384, 100_000, 20_000_000])
def test_bodies_both_ways(server, size):
    data = bytes(range(251)) * (size // 251 + 1)
    data = data[:size]
    assert server.ask("PUT", f"{FILES}/data.bin", data).status == 200
    answer = server.get(f"{FILES}/data.bin")
    assert answer.status == 200
    assert answer.body == data


def test_chunked_and_continue(server):
    with server.wire() as connection:
        connection.send(f"PUT {FILES}/c.bin HTTP/1.1\r\nHost: localhost\r\n"
                        "Expect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n")
        assert connection.reply().status == 100
        connection.send(chunked(*[b"x" * 5000] * 100))
        assert connection.reply().status == 200
    assert server.get(f"{FILES}/c.bin").body == b"x" * 500_000


def test_large_json_body(server):
    text = json.dumps({"name": "large over tls", "unknown": "x" * 2_000_000})
    with server.wire() as connection:
        connection.send(post(text) + get("/version").encode())
        assert connection.reply().status == 200
        assert connection.reply().body == b"3.17.2"


def test_versions_and_protocol(server):
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        context = ssl.create_default_context(cafile=server.context and str(
            server.process.args[server.process.args.index("--tls-cert") + 1]))
        context.minimum_version = context.maximum_version = version
        context.set_alpn_protocols(["h2", "http/1.1"])
        with Wire(server, lambda s: context.wrap_socket(
                s, server_hostname="localhost")) as connection:
            assert connection.socket.selected_alpn_protocol() == "http/1.1"
            connection.send(get("/version"))
            assert connection.reply().body == b"3.17.2"


def test_events_are_told(server):
    listener = pages_api.Listener(server, connection=server.context.wrap_socket(
        server.socket(), server_hostname="localhost"))
    assert listener.next()["data"]["runs"] == []
    run_id = pages_api.make_run(server)
    assert listener.next()["data"]["runs"][0]["run_id"] == run_id
    listener.close()


def test_plain_text_on_the_tls_port(server):
    with Wire(server) as connection:
        connection.send(get())
        assert not connection.rest().startswith(b"HTTP/1.1 200")
    assert server.get("/health").status == 200


def test_garbage_and_broken_handshakes(server):
    for data in (b"", b"\x16", b"\x16\x03\x01\x00\x05hello", b"\x00" * 1000, b"\xff" * 20_000):
        with Wire(server) as connection:
            try:
                connection.send(data)
                connection.half_close()
            except OSError:
                pass
            connection.rest()
    assert server.get("/health").status == 200


def test_clients_that_leave_during_a_download(server):
    assert server.ask("PUT", f"{FILES}/big.bin", b"z" * 20_000_000).status == 200
    for _ in range(10):
        with server.wire() as connection:
            connection.send(get(f"{FILES}/big.bin"))
            assert connection.socket.recv(1000)
            connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                         b"\x01\0\0\0\0\0\0\0")
    assert server.get("/health").status == 200


def test_a_silent_handshake_is_cut_off(tmp_path, files):
    with secure(tmp_path, files, "--head-timeout", "0.2") as server:
        with Wire(server) as connection:
            assert connection.closed()


def test_connection_close(server):
    with server.wire() as connection:
        connection.send(get("/version", "Connection: close"))
        assert connection.reply().headers["connection"] == "close"
        assert connection.closed()


def test_many_clients(server):
    def client(index):
        connection = server.connect()
        for i in range(10):
            answer = harness.ask(connection, "POST", CREATE, {"name": f"tls {index} {i}"})
            assert answer.status == 200
        connection.close()

    harness.in_parallel(8, client)


def start_fails(home, *options):
    process = harness.spawn(home, *options)
    _, errors = process.communicate(timeout=harness.STOP_SECONDS)
    assert process.returncode not in (0, None) and process.returncode > 0
    return errors.decode()


def test_bad_files_are_named(tmp_path, files):
    cert, key = files
    other = make_certificate(tmp_path, "other")
    (tmp_path / "empty").write_text("")
    assert "missing.crt" in start_fails(tmp_path, "--tls-cert", "missing.crt", "--tls-key", key)
    assert "missing.key" in start_fails(tmp_path, "--tls-cert", cert, "--tls-key", "missing.key")
    assert "empty" in start_fails(tmp_path, "--tls-cert", "empty", "--tls-key", key)
    assert "other.key" in start_fails(tmp_path, "--tls-cert", cert, "--tls-key", other[1])
    assert "--tls-key" in start_fails(tmp_path, "--tls-cert", cert)
    assert "--tls-cert" in start_fails(tmp_path, "--tls-key", key)
