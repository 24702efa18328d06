"""How the command line behaves when the server does not: a scripted server says what it wants."""

import base64
import http.server
import json
import os
import pty
import signal
import socket
import ssl
import subprocess
import threading

import pytest

import harness
from command_line import CommandLine


class Script(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self):
        length = int(self.headers.get("Content-Length") or 0)
        self.server.seen.append((self.command, self.path, self.headers, self.rfile.read(length)))
        answers = self.server.answers
        status, body, *headers = answers.pop(0) if len(answers) > 1 else answers[0]
        if status is None:  # an answer that never comes
            self.connection.close()
            self.close_connection = True
            return
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = do_PUT = answer

    def log_message(self, *_):
        pass


class ScriptedServer(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, context=None):
        super().__init__(("127.0.0.1", 0), Script)
        self.seen = []
        self.answers = []
        if context is not None:
            self.socket = context.wrap_socket(self.socket, server_side=True)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, *_):
        pass


FOUND = {"experiment": {"experiment_id": "7", "name": "digits", "lifecycle_stage": "active"}}
CREATED = {"experiment_id": "7"}


@pytest.fixture
def server():
    scripted = ScriptedServer()
    yield scripted
    scripted.shutdown()
    scripted.server_close()


@pytest.fixture
def cli(server, tmp_path):
    return CommandLine(tmp_path, f"http://127.0.0.1:{server.server_port}")


GET = ["experiments", "get", "-n", "digits", "--json"]
QUICK = {"MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR": "0"}


def test_request(cli, server):
    server.answers = [(200, FOUND)]
    found = cli("experiments", "get", "-n", "di gits&\u00fc/?", "--json").experiment
    assert found["experiment_id"] == "7"
    method, path, headers, body = server.seen[0]
    assert (method, body) == ("GET", b"")
    assert path == ("/api/2.0/mlflow/experiments/get-by-name?experiment_name="
                    "di%20gits%26%C3%BC%2F%3F")
    assert headers["User-Agent"].startswith("millstream-cli millstream/")
    assert headers["Authorization"] is None


def test_no_proxy_to_this_machine(cli, server):
    """Few who set http_proxy think of excluding their own machine."""
    server.answers = [(200, FOUND)]
    cli(*GET, environment={"http_proxy": "http://127.0.0.1:9", "ALL_PROXY": "http://127.0.0.1:9"})
    cli(*GET, "-T", cli.uri.replace("127.0.0.1", "localhost"),
        environment={"http_proxy": "http://127.0.0.1:9"})
    assert len(server.seen) == 2


def test_proxy(cli, server):
    """To other machines the proxy of the environment is used: here, the scripted server."""
    server.answers = [(200, FOUND)]
    cli(*GET, "-T", "http://tracking.example", environment={"http_proxy": cli.uri})
    assert server.seen[0][1].startswith("http://tracking.example/api/2.0/mlflow/")


def test_path_prefix(cli, server):
    server.answers = [(200, FOUND)]
    cli(*GET, "-T", cli.uri + "/team/mlflow/")
    assert server.seen[0][1].startswith("/team/mlflow/api/2.0/mlflow/experiments/")


def test_credentials(cli, server):
    server.answers = [(200, FOUND)]
    basic = "Basic " + base64.b64encode(b"me:p:w").decode()
    cli(*GET, environment={"MLFLOW_TRACKING_USERNAME": "me", "MLFLOW_TRACKING_PASSWORD": "p:w"})
    cli(*GET, environment={"MLFLOW_TRACKING_TOKEN": "abc"})
    # A name and password go before a token, and the environment before the URI.
    cli(*GET, environment={"MLFLOW_TRACKING_USERNAME": "me", "MLFLOW_TRACKING_PASSWORD": "p:w",
                           "MLFLOW_TRACKING_TOKEN": "abc"})
    cli(*GET, "-T", cli.uri.replace("//", "//you:p%40w@"))
    sent = [headers["Authorization"] for _, _, headers, _ in server.seen]
    assert sent == [basic, "Bearer abc", basic,
                    "Basic " + base64.b64encode(b"you:p@w").decode()]


@pytest.mark.parametrize("http_status, body, code, message", [
    (404, {"error_code": "RESOURCE_DOES_NOT_EXIST", "message": "not there"}, 4, "not there"),
    (400, {"error_code": "RESOURCE_ALREADY_EXISTS", "message": "taken"}, 3, "taken"),
    (400, {"error_code": "INVALID_PARAMETER_VALUE", "message": "bad"}, 2, "bad"),
    (403, {"error_code": "PERMISSION_DENIED", "message": "not you"}, 5, "not you"),
    (401, b"<html>who are you</html>", 5, "HTTP 401"),
    (404, b"<html>no such page</html>", 4, "HTTP 404"),
    (500, {"error_code": "INTERNAL_ERROR", "message": "oops"}, 70, "oops"),
    (418, {"message": "teapot"}, 2, "teapot"),
    (200, b"<html>a login page</html>", 70, "cannot be understood"),
    (200, {}, 70, "no experiment"),
    (400, {"error_code": "BAD_REQUEST", "message": "a\x1b[31mb"}, 2, "a [31mb"),
])
def test_errors(cli, server, http_status, body, code, message):
    server.answers = [(http_status, body)]
    assert message in cli.fails(
        code, *GET, environment={"MLFLOW_HTTP_REQUEST_MAX_RETRIES": "0"})


def test_reads_are_repeated(cli, server):
    server.answers = [(500, {}), (502, b""), (503, b""), (None, b""), (200, FOUND)]
    assert cli(*GET, environment=QUICK).experiment["experiment_id"] == "7"
    assert len(server.seen) == 5


def test_creating_is_repeated_only_when_nothing_was_done(cli, server):
    create = ["experiments", "create", "digits"]
    server.answers = [(503, {"error_code": "TEMPORARILY_UNAVAILABLE", "message": "later"}),
                      (429, b""), (200, CREATED)]
    assert cli(*create, environment=QUICK).out == "Created experiment 'digits' with id 7\n"
    assert len(server.seen) == 3
    for answer in ((500, {"error_code": "INTERNAL_ERROR", "message": "oops"}), (None, b"")):
        server.seen.clear()
        server.answers = [answer, (200, CREATED)]
        assert cli.run(*create, environment=QUICK).code in (8, 70)
        assert len(server.seen) == 1


def test_retries_end(cli, server):
    server.answers = [(503, {"error_code": "TEMPORARILY_UNAVAILABLE", "message": "later"})]
    assert cli.fails(6, *GET, environment={**QUICK, "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2"}) == (
        "later")
    assert len(server.seen) == 3


def test_nobody_listens(alone):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{unused.getsockname()[1]}"
        assert address in alone.fails(8, *GET, "-T", address)


def test_silence(alone):
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        message = alone.fails(6, *GET, "-T", address,
                              environment={"MLFLOW_HTTP_REQUEST_TIMEOUT": "1",
                                           "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "0"})
        assert "did not answer" in message


@pytest.mark.parametrize("name, value", [
    ("MLFLOW_HTTP_REQUEST_TIMEOUT", "soon"), ("MLFLOW_HTTP_REQUEST_TIMEOUT", "0"),
    ("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "99"), ("MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR", "-1"),
    ("MLFLOW_TRACKING_INSECURE_TLS", "perhaps"),
])
def test_wrong_variables(cli, name, value):
    message = cli.fails(2, *GET, environment={name: value})
    assert name in message and value in message


def test_names_of_a_hostile_server(cli, server):
    """Files that a server lists are stored below the directory that was asked for, or not."""
    root = {"run": {"info": {"run_id": "a" * 32, "experiment_id": "0",
                             "artifact_uri": "mlflow-artifacts:/0/x/artifacts"}}}
    for name in ("../evil", "/etc/evil", "a/b", ".."):
        server.answers = [(200, root), (200, {"files": [{"path": name, "is_dir": False}]}),
                          (200, b"content")]
        cli.fails(2, "artifacts", "download", "a" * 32, "-d", "got")
    assert [path for path in cli.home.rglob("*") if path.is_file()] == []


def test_interrupted_download(tmp_path):
    """Ctrl-C in the middle of a file: the command ends and leaves no part of it behind."""
    sent = threading.Event()

    class Slow(Script):
        def answer(self):
            if "runs/get" in self.path:
                data = json.dumps({"run": {"info": {
                    "run_id": "a" * 32, "artifact_uri": "mlflow-artifacts:/0/x"}}}).encode()
            elif "?path=" in self.path:
                data = json.dumps({"files": [{"path": "big", "is_dir": False}]}).encode()
            else:
                self.send_response(200)
                self.send_header("Content-Length", "1000000")
                self.end_headers()
                self.wfile.write(b"x" * 1000)
                sent.set()
                self.server.over.wait()
                return
            self.send_response(200)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = answer

    server = ScriptedServer()
    server.RequestHandlerClass = Slow
    server.over = threading.Event()
    process = subprocess.Popen(
        [harness.program(), "artifacts", "download", "a" * 32, "-d", "got", "-T",
         f"http://127.0.0.1:{server.server_port}"], cwd=tmp_path, stderr=subprocess.PIPE)
    assert sent.wait(60)
    while not list(tmp_path.glob("got/big.part-*")):
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    message = process.communicate(timeout=60)[1]
    server.over.set()
    server.shutdown()
    server.server_close()
    assert (process.returncode, message) == (6, b"error: the transfer was cancelled\n")
    assert list((tmp_path / "got").iterdir()) == []


def test_progress_on_a_terminal(tmp_path):
    """A transfer that takes a moment says how far it is, and leaves nothing of that behind."""
    shown = threading.Event()

    class Slow(Script):
        def do_GET(self):
            if "runs/get" in self.path:
                data = json.dumps({"run": {"info": {
                    "run_id": "a" * 32, "artifact_uri": "mlflow-artifacts:/0/x"}}}).encode()
            elif "?path=" in self.path:
                data = json.dumps({"files": [
                    {"path": "big", "is_dir": False, "file_size": 4000}]}).encode()
            else:
                data = b"x" * 4000
            self.send_response(200)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data[:1000])
            if len(data) == 4000:
                shown.wait(60)
            self.wfile.write(data[1000:])

    server = ScriptedServer()
    server.RequestHandlerClass = Slow
    controller, terminal = pty.openpty()
    process = subprocess.Popen(
        [harness.program(), "artifacts", "download", "a" * 32, "-d", "got", "-T",
         f"http://127.0.0.1:{server.server_port}", "--parallel", "2"], cwd=tmp_path,
        stderr=terminal, stdout=subprocess.PIPE,
        env={**os.environ, "COLUMNS": "100", "LC_ALL": "C", "TERM": "xterm"})
    os.close(terminal)
    text = b""
    while b" 25% " not in text:
        text += os.read(controller, 4096)
    shown.set()
    assert process.communicate(timeout=60)[0] == b"got\n"
    try:
        while chunk := os.read(controller, 4096):
            text += chunk
    except OSError:  # how a terminal says that everybody has gone
        pass
    os.close(controller)
    server.shutdown()
    server.server_close()
    assert process.returncode == 0
    assert b"#####...............  25%  1000 B of 3.9 KiB  0 of 1 files  " in text
    assert text.endswith(b"\r\x1b[K")
    assert (tmp_path / "got" / "big").read_bytes() == b"x" * 4000


def test_locations_out_of_reach(cli, server):
    for uri in ("gs://bucket/x", "wasbs://box@account/x", "hdfs://name/x"):
        server.answers = [(200, {"run": {"info": {"run_id": "a" * 32, "artifact_uri": uri}}})]
        assert uri in cli.fails(7, "artifacts", "list", "a" * 32)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate for 127.0.0.1 that nobody has signed, and its key."""
    home = tmp_path_factory.mktemp("tls")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
         "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", home / "key.pem",
         "-out", home / "cert.pem"], check=True, capture_output=True)
    return home


def test_tls(alone, certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate / "cert.pem", certificate / "key.pem")
    server = ScriptedServer(context)
    server.answers = [(200, FOUND)]
    words = [*GET, "-T", f"https://127.0.0.1:{server.server_port}"]
    assert "MLFLOW_TRACKING_SERVER_CERT_PATH" in alone.fails(8, *words)
    assert server.seen == []
    trusted = {"MLFLOW_TRACKING_SERVER_CERT_PATH": str(certificate / "cert.pem")}
    assert alone(*words, environment=trusted).experiment["experiment_id"] == "7"
    careless = {"MLFLOW_TRACKING_INSECURE_TLS": "true"}
    assert alone(*words, environment=careless).experiment["experiment_id"] == "7"
    assert "contradict" in alone.fails(2, *words, environment={**trusted, **careless})
    server.shutdown()
    server.server_close()
