"""What the environment and the user's files say to a client of a server: credentials, certificates,
workspaces, patience; and that nothing secret gets into a message."""

import base64
import json
import subprocess

import pytest

from hostile import Hostile, answering, reply
from ports import free_port

GET = ["experiments", "get", "-n", "digits", "--json"]
GOOD = reply(json.dumps({"experiment": {"experiment_id": "7", "name": "digits",
                                        "lifecycle_stage": "active"}}).encode())
ONCE = {"MLFLOW_HTTP_REQUEST_TIMEOUT": "60", "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "0"}
SECRET = "hush-hush"


@pytest.fixture
def server():
    with Hostile(answering(GOOD)) as running:
        yield running


def asks(line, server, uri=None, **environment):
    """Makes a request; its headers."""
    line(*GET, "-T", uri or server.url, environment={**ONCE, **environment})
    return server.seen[-1][1]


def basic(user, password):
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


# --- credentials ----------------------------------------------------------------------------


def credentials(line, text):
    (line.home / ".mlflow").mkdir(exist_ok=True)
    path = line.home / ".mlflow" / "credentials"
    path.write_text(text)
    return path


def test_credentials_file(line, server):
    credentials(line, "[mlflow]\nmlflow_tracking_username = filed\n"
                      "mlflow_tracking_password = p w#1 ;2\n")
    filed = basic("filed", "p w#1 ;2")
    assert asks(line, server)["authorization"] == filed
    # Each of the two may come from elsewhere; both go before a token.
    assert asks(line, server, MLFLOW_TRACKING_TOKEN="t")["authorization"] == filed
    assert asks(line, server, MLFLOW_TRACKING_USERNAME="me")["authorization"] == basic(
        "me", "p w#1 ;2")
    assert asks(line, server, MLFLOW_TRACKING_USERNAME="me",
                MLFLOW_TRACKING_PASSWORD="pw")["authorization"] == basic("me", "pw")
    in_uri = server.url.replace("//", "//you:yours@")
    assert asks(line, server, in_uri)["authorization"] == basic("you", "yours")


@pytest.mark.parametrize("text", ["", "[mlflow]\n", "[other]\nmlflow_tracking_username = x\n",
                                  "[mlflow]\nmlflow_tracking_username = half\n"])
def test_credentials_file_without_any(line, server, text):
    credentials(line, text)
    assert "authorization" not in asks(line, server)
    assert asks(line, server, MLFLOW_TRACKING_TOKEN="t")["authorization"] == "Bearer t"


def test_broken_credentials_file(line, server):
    path = credentials(line, f"[mlflow]\n{SECRET}\n")
    message = line.fails(2, *GET, "-T", server.url, environment=ONCE)
    assert f"{path}, line 2" in message and SECRET not in message
    assert server.seen == []


@pytest.mark.parametrize("environment", [
    {"MLFLOW_TRACKING_TOKEN": f"{SECRET}\nX-Injected: 1"},
    {"MLFLOW_TRACKING_TOKEN": f"{SECRET}\r"},
    {"MLFLOW_TRACKING_USERNAME": "me", "MLFLOW_TRACKING_PASSWORD": f"{SECRET}\n"},
    {"MLFLOW_WORKSPACE": f"{SECRET}\r\nX-Injected: 1"},
    {"MLFLOW_WORKSPACE": SECRET * 50},
])
def test_nothing_is_put_into_the_head(line, server, environment):
    message = line.fails(2, *GET, "-T", server.url, environment={**ONCE, **environment})
    assert SECRET not in message and server.seen == []


@pytest.mark.parametrize("uri", [
    f"http://me:{SECRET}@127.0.0.1:{{port}}", f"http://me:{SECRET}@127.0.0.1:{{port}}/?x",
    f"http://me:{SECRET}@", f"http://me:{SECRET}@/x", f"http://me:{SECRET}@host name/",
    f"postgresql://me:{SECRET}@host/db", f"gs://me:{SECRET}@x",
])
def test_secrets_stay_out_of_messages(line, uri):
    done = line.run(*GET, "-T", uri.format(port=free_port()), environment=ONCE)
    assert done.code in (2, 8) and done.err.startswith("error: ")
    assert SECRET not in done.err


def test_secrets_stay_out_of_errors_of_servers(line):
    environment = {**ONCE, "MLFLOW_TRACKING_TOKEN": SECRET}
    for answer, code in ((reply(b"", "401 Who"), 5), (reply(b"<html>"), 70), (None, 8),
                         (reply(b"", "302 Found", ["Location: ftp://x/"]), 8)):
        with Hostile(answering(answer)) as server:
            assert SECRET not in line.fails(code, *GET, "-T", server.url, environment=environment)


def test_ways_to_authenticate_that_are_not_there(line, server):
    """Better no request than one that was meant to be signed."""
    for name, value in (("MLFLOW_TRACKING_AWS_SIGV4", "true"), ("MLFLOW_TRACKING_AUTH", "plugin")):
        assert name in line.fails(7, *GET, "-T", server.url, environment={**ONCE, name: value})
    assert server.seen == []
    asks(line, server, MLFLOW_TRACKING_AWS_SIGV4="false")


def with_workspaces(enabled, status="200 OK"):
    """A server that answers the question for its workspaces so, and everything else well."""
    def script(connection):
        while (request := connection.read()) is not None:
            if "/server-info " in request[0]:
                connection.send(reply(json.dumps(enabled).encode(), status))
            else:
                connection.send(GOOD if request[0].startswith("GET") else reply())
    return script


def test_workspace(line, server):
    assert "x-mlflow-workspace" not in asks(line, server)
    assert len(server.seen) == 1
    with Hostile(with_workspaces({"workspaces_enabled": True})) as other:
        assert asks(line, other, MLFLOW_WORKSPACE="team-a")["x-mlflow-workspace"] == "team-a"
        assert [first.split()[1].partition("?")[0] for first, _, _ in other.seen] == [
            "/api/3.0/mlflow/server-info", "/api/2.0/mlflow/experiments/get-by-name"]
        line("runs", "log", "a" * 32, "--metrics", "loss=1", "-T", other.url,
             environment={**ONCE, "MLFLOW_WORKSPACE": "team-a"})
        assert other.seen[-1][0].startswith("POST")
        assert other.seen[-1][1]["x-mlflow-workspace"] == "team-a"
        assert other.seen[-1][1]["content-type"] == "application/json"


@pytest.mark.parametrize("answer, status, code", [
    ({"workspaces_enabled": False}, "200 OK", 7), ({}, "200 OK", 7),
    ({"detail": "Not Found"}, "404 Not Found", 7), ({}, "500 Oops", 70),
])
def test_server_without_workspaces(line, answer, status, code):
    """It would put the team's runs where everybody's are."""
    with Hostile(with_workspaces(answer, status)) as server:
        message = line.fails(code, "experiments", "create", "x", "-T", server.url,
                             environment={**ONCE, "MLFLOW_WORKSPACE": "team-a"})
        assert len(server.seen) == 1
        assert code != 7 or "MLFLOW_WORKSPACE=team-a" in message


@pytest.mark.parametrize("name, value", [
    ("MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR", "120"), ("MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR", "x"),
    ("MLFLOW_HTTP_REQUEST_BACKOFF_JITTER", "-1"), ("MLFLOW_HTTP_REQUEST_BACKOFF_JITTER", "1.x"),
    ("MLFLOW_HTTP_REQUEST_BACKOFF_JITTER", "."), ("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "10"),
    ("MLFLOW_HTTP_REQUEST_TIMEOUT", "1.5"), ("MLFLOW_HTTP_RESPECT_RETRY_AFTER_HEADER", "maybe"),
    ("MLFLOW_ALLOW_HTTP_REDIRECTS", "2"), ("MLFLOW_TRACKING_AWS_SIGV4", "yes"),
])
def test_wrong_values(line, server, name, value):
    message = line.fails(2, *GET, "-T", server.url, environment={**ONCE, name: value})
    assert name in message and f"'{value}'" in message
    assert server.seen == []


# --- certificates ---------------------------------------------------------------------------


def openssl(home, *words):
    subprocess.run(["openssl", *words], cwd=home, check=True, capture_output=True)


def issue(home, name, alternative, *more):
    """A key and a certificate that the authority of home has signed."""
    openssl(home, "req", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={name}", "-keyout",
            f"{name}.key", "-out", f"{name}.csr")
    (home / "extensions").write_text(f"subjectAltName={alternative}\n")
    openssl(home, "x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key",
            "-CAcreateserial", "-extfile", "extensions", "-out", f"{name}.pem", *more)
    return str(home / f"{name}.pem"), str(home / f"{name}.key")


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    home = tmp_path_factory.mktemp("authority")
    openssl(home, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
            "/CN=authority", "-keyout", "ca.key", "-out", "ca.pem")
    return home


def refuses(line, server, trusted, *said):
    message = line.fails(8, *GET, "-T", server.url, environment={
        **ONCE, "MLFLOW_TRACKING_SERVER_CERT_PATH": str(trusted), "MLFLOW_TRACKING_TOKEN": SECRET})
    for words in said:
        assert words in message
    assert server.seen == [] and SECRET not in message


def test_certificates_that_are_not_good(line, authority):
    trusted = authority / "ca.pem"
    wrong_name = issue(authority, "wrong", "IP:127.0.0.2,DNS:other.example", "-days", "2")
    expired = issue(authority, "expired", "IP:127.0.0.1", "-days", "-1")
    openssl(authority, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
            "/CN=self", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", "self.key", "-out",
            "self.pem")
    own = (str(authority / "self.pem"), str(authority / "self.key"))
    for files, said in ((wrong_name, "subject name"), (expired, "expired"), (own, "self")):
        with Hostile(answering(GOOD), tls=files) as server:
            refuses(line, server, trusted, "certificate", said)
            # The careless way must be asked for.
            asks(line, server, MLFLOW_TRACKING_INSECURE_TLS="true")


def test_trusted_file_and_directory(line, authority):
    files = issue(authority, "good", "IP:127.0.0.1", "-days", "2")
    hashed = authority / "hashed"
    hashed.mkdir(exist_ok=True)
    (hashed / "ca.pem").write_bytes((authority / "ca.pem").read_bytes())
    openssl(authority, "rehash", str(hashed))
    empty = authority / "empty"
    empty.mkdir(exist_ok=True)
    with Hostile(answering(GOOD), tls=files) as server:
        refuses(line, server, empty, "certificate")
        asks(line, server, MLFLOW_TRACKING_SERVER_CERT_PATH=str(authority / "ca.pem"))
        asks(line, server, MLFLOW_TRACKING_SERVER_CERT_PATH=str(hashed))


def test_trusted_by_the_whole_machine(line, authority):
    """SSL_CERT_FILE counts where no file was named for this server."""
    files = issue(authority, "machine", "IP:127.0.0.1", "-days", "2")
    other, _ = issue(authority, "other", "IP:127.0.0.1", "-days", "2")
    everybody = {"SSL_CERT_FILE": str(authority / "ca.pem")}
    with Hostile(answering(GOOD), tls=files) as server:
        line.fails(8, *GET, "-T", server.url, environment={
            **ONCE, **everybody, "MLFLOW_TRACKING_SERVER_CERT_PATH": other})
        assert server.seen == []
        asks(line, server, **everybody)


@pytest.mark.parametrize("name", ["MLFLOW_TRACKING_SERVER_CERT_PATH",
                                  "MLFLOW_TRACKING_CLIENT_CERT_PATH"])
def test_certificate_files_that_are_missing(line, server, name):
    message = line.fails(2, *GET, "-T", server.url, environment={**ONCE, name: "/nowhere/x.pem"})
    assert name in message and "/nowhere/x.pem" in message


def test_client_certificate(line, authority):
    files = issue(authority, "server", "IP:127.0.0.1", "-days", "2")
    cert, key = issue(authority, "client", "DNS:client", "-days", "2")
    both = authority / "client-both.pem"
    both.write_text(open(cert).read() + open(key).read())
    trusted = {"MLFLOW_TRACKING_SERVER_CERT_PATH": str(authority / "ca.pem")}
    with Hostile(answering(GOOD), tls=files) as server:
        server.context.load_verify_locations(authority / "ca.pem")
        server.context.verify_mode = 2  # ssl.CERT_REQUIRED
        line.fails(8, *GET, "-T", server.url, environment={**ONCE, **trusted})
        assert server.seen == []
        asks(line, server, MLFLOW_TRACKING_CLIENT_CERT_PATH=str(both), **trusted)


def test_no_way_from_secret_to_open(line, authority):
    """A redirection from https to http is refused, whatever it carries."""
    files = issue(authority, "secret", "IP:127.0.0.1", "-days", "2")
    with Hostile(answering(GOOD)) as other, Hostile(
            answering(reply(b"", "307 Elsewhere", [f"Location: {other.url}/x"])),
            tls=files) as server:
        message = line.fails(8, *GET, "-T", server.url, environment={
            **ONCE, "MLFLOW_TRACKING_SERVER_CERT_PATH": str(authority / "ca.pem")})
        assert "http" in message and other.seen == []
