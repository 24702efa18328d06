"""Which Host and Origin headers are served, and what pages of other origins are told."""

import pytest

from wire import CREATE, FILES, Wire

SEARCH = "/api/2.0/mlflow/experiments/get?experiment_id=0"


def status(server, host, path=SEARCH):
    with Wire(server) as connection:
        connection.send(f"GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n")
        return connection.reply().status


ALLOWED_HOSTS = [
    "localhost", "LOCALHOST:5000", "127.0.0.1", "127.0.0.1:81", "127.9.8.7", "[::1]", "[::1]:5000",
    "0.0.0.0:5000", "10.1.2.3", "10.255.255.255:1", "192.168.0.1", "172.16.0.1", "172.31.255.255",
    "[fc00::1]", "[fd12:3456::1]:5000", "[fe80::1]", "[::ffff:10.0.0.1]"]
REFUSED_HOSTS = [
    "evil.com", "evil.com:5000", "10.evil.com", "192.168.1.1.evil.com", "172.15.0.1", "172.32.0.1",
    "8.8.8.8", "11.0.0.1", "localhost.evil.com", "evil-localhost", "[2001:db8::1]",
    "[::ffff:8.8.8.8]", "127.0.0.1.evil.com", "localhost:80:80", "localhost:x", "[::1", "[::1]x",
    "", ":5000", "10.1", "0x7f.1", "2130706433", "user@localhost", "localhost, evil.com"]


@pytest.mark.parametrize("host", ALLOWED_HOSTS)
def test_local_and_private_hosts(server, host):
    assert status(server, host) == 200


@pytest.mark.parametrize("host", REFUSED_HOSTS)
def test_other_hosts(server, host):
    assert status(server, host) == 403
    assert status(server, host, "/") == 403
    assert status(server, host, f"{FILES}/x") == 403


def test_probes_are_for_every_host(server):
    assert status(server, "evil.com", "/health") == 200
    assert status(server, "evil.com", "/version") == 200
    assert status(server, "evil.com", "/version?x") == 403
    assert status(server, "evil.com", "/metrics") == 403


def test_configured_hosts(start):
    server = start("--allowed-hosts", "tracking.example.com:5000, *.lab.example.com")
    assert status(server, "tracking.example.com:5000") == 200
    assert status(server, "Tracking.Example.com:5000") == 200
    assert status(server, "a.lab.example.com:81") == 403
    assert status(server, "a.lab.example.com") == 200
    assert status(server, "tracking.example.com") == 403
    assert status(server, "localhost") == 403
    assert status(server, "evil.com") == 403


def test_all_hosts(start):
    assert status(start("--allowed-hosts", "*"), "evil.com") == 200


def test_hosts_from_the_environment(start):
    server = start(environment={"MLFLOW_SERVER_ALLOWED_HOSTS": "a.example.com"})
    assert status(server, "a.example.com") == 200
    assert status(server, "localhost") == 403


def test_without_checks(start):
    server = start("--disable-security-middleware")
    assert status(server, "evil.com") == 200
    answer = server.ask("POST", CREATE, {"name": "x"}, {"Origin": "http://evil.com"})
    assert answer.status == 200


# --- origins --------------------------------------------------------------------------------

WRITES = [("POST", "/api/2.0/mlflow/runs/create"), ("POST", "/ajax-api/2.0/mlflow/runs/create"),
          ("PUT", f"{FILES}/x.txt"), ("DELETE", f"{FILES}/x.txt"),
          ("PATCH", "/api/2.0/mlflow/runs/create"), ("POST", "/graphql"), ("POST", "/v1/traces"),
          ("POST", "/signup"), ("POST", "/anything")]
FOREIGN = ["http://evil.com", "https://evil.com:5000", "null", "http://localhost.evil.com",
           "http://127.0.0.1.evil.com", "http://10.0.0.1", "http://evil.com/http://localhost",
           "file://", "localhost", "ftp://localhost", "http://localhost@evil.com",
           "http://[::1].evil.com", ""]
LOCAL = ["http://localhost:3000", "http://127.0.0.1", "https://localhost", "http://[::1]:8080",
         "http://LOCALHOST"]


@pytest.mark.parametrize("origin", FOREIGN)
@pytest.mark.parametrize("method, path", WRITES)
def test_foreign_pages_may_not_write(server, method, path, origin):
    answer = server.ask(method, path, {}, {"Origin": origin})
    assert answer.status == 403
    assert answer.json["error_code"] == "PERMISSION_DENIED"
    assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.parametrize("origin", LOCAL)
def test_local_pages_may_write_and_read(server, origin):
    answer = server.ask("POST", "/api/2.0/mlflow/runs/create", {"experiment_id": "0"},
                        {"Origin": origin})
    assert answer.status == 200
    assert answer.headers["Access-Control-Allow-Origin"] == origin
    assert answer.headers["Access-Control-Allow-Credentials"] == "true"
    assert "Origin" in answer.headers["Vary"]


def test_the_servers_own_pages_may_write(server):
    host = "192.168.7.7:5000"
    for origin, expected in ((f"http://{host}", 200), (f"https://{host}", 200),
                             ("http://192.168.7.8:5000", 403), ("http://192.168.7.7", 403)):
        answer = server.ask("POST", "/api/2.0/mlflow/runs/create", {"experiment_id": "0"},
                            {"Origin": origin, "Host": host})
        assert answer.status == expected, origin


def test_foreign_pages_cannot_read_what_they_get(server):
    answer = server.get(SEARCH, headers={"Origin": "http://evil.com"})
    assert "Access-Control-Allow-Origin" not in answer.headers


def preflight(server, origin, path=CREATE):
    return server.ask("OPTIONS", path, headers={
        "Origin": origin, "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type,x-thing"})


def test_preflight(server):
    answer = preflight(server, "http://localhost:3000")
    assert answer.status == 204
    assert answer.headers["Access-Control-Allow-Origin"] == "http://localhost:3000"
    assert "POST" in answer.headers["Access-Control-Allow-Methods"]
    assert answer.headers["Access-Control-Allow-Headers"] == "content-type,x-thing"
    assert answer.headers["Access-Control-Max-Age"] == "600"
    refused = preflight(server, "http://evil.com")
    assert refused.status == 400
    assert "Access-Control-Allow-Origin" not in refused.headers


def test_configured_origins(start):
    server = start("--cors-allowed-origins", "https://app.example.com,https://*.lab.example.com")
    for origin, expected in (("https://app.example.com", 200), ("https://a.lab.example.com", 200),
                             ("http://app.example.com", 403), ("https://evil.com", 403),
                             ("https://app.example.com.evil.com", 403), ("http://localhost", 200)):
        answer = server.ask("POST", "/api/2.0/mlflow/runs/create", {"experiment_id": "0"},
                            {"Origin": origin})
        assert answer.status == expected, origin
        assert answer.headers.get("Access-Control-Allow-Origin") == (
            origin if expected == 200 else None)


def test_all_origins_without_credentials(start):
    server = start("--cors-allowed-origins", "*")
    answer = server.ask("POST", "/api/2.0/mlflow/runs/create", {"experiment_id": "0"},
                        {"Origin": "https://anything.example"})
    assert answer.status == 200
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in answer.headers


def test_frame_options(start):
    for word, expected in (("deny", "DENY"), ("none", None), ("SAMEORIGIN", "SAMEORIGIN")):
        server = start("--x-frame-options", word, "--backend-store-uri", "memory:")
        answer = server.get("/health")
        assert answer.headers.get("X-Frame-Options") == expected
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        server.stop()
