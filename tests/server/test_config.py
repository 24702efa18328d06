"""Settings as the process takes them: help, errors, notes, addresses, logs."""

import json
import re
import socket
import subprocess

import pytest

import harness
from wire import Wire, get


def run(home, *options, environment=None):
    """A start that is expected to end by itself."""
    process = harness.spawn(home, *options, environment=environment)
    out, errors = process.communicate(timeout=harness.START_SECONDS)
    return process.returncode, out.decode(), errors.decode()


def test_help_names_every_limit(tmp_path):
    status, out, _ = run(tmp_path, "--help")
    assert status == 0
    for option in ("--host", "--port", "--backend-store-uri", "--no-serve-artifacts", "--workers",
                   "--tls-cert", "--max-connections", "--max-head-size", "--max-body-size",
                   "--head-timeout", "--idle-timeout", "--stall-timeout", "--stop-timeout",
                   "--max-jobs", "--max-queued-writes", "--access-log", "MLFLOW_PORT"):
        assert option in out


REFUSED = {
    "unknown option": (["--bogus"], "--bogus"),
    "missing value": (["--host"], "--host"),
    "value of a switch": (["--serve-artifacts=maybe"], "--serve-artifacts"),
    "port too large": (["--port", "65536"], "65536"),
    "port in words": (["--port", "http"], "http"),
    "negative size": (["--max-body-size", "-1"], "--max-body-size"),
    "unknown unit": (["--max-body-size", "64X"], "64X"),
    "size too small": (["--max-head-size", "10"], "--max-head-size"),
    "time in words": (["--idle-timeout", "soon"], "soon"),
    "unknown word": (["--log-format", "xml"], "text, json"),
    "prefix without slash": (["--static-prefix", "mlflow"], "--static-prefix"),
    "prefix with a slash at its end": (["--static-prefix", "/mlflow/"], "--static-prefix"),
    "nothing to serve": (["--artifacts-only", "--no-serve-artifacts"], "--artifacts-only"),
    "unknown host": (["--host", "h" * 64], "h" * 64),
    "address of another machine": (["--host", "192.0.2.1"], "192.0.2.1"),
    "authentication": (["--app-name", "basic-auth"], "--app-name"),
    "workspaces": (["--enable-workspaces"], "--enable-workspaces"),
    "access log in no directory": (["--access-log", "no/such/dir/log"], "no/such/dir/log"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_wrong_settings_are_named(tmp_path, name):
    options, expected = REFUSED[name]
    status, out, errors = run(tmp_path, *options)
    assert status > 0
    assert expected in errors
    assert "http://" not in out


def test_wrong_environment_is_named(tmp_path):
    status, _, errors = run(tmp_path, environment={"MLFLOW_WORKERS": "4",
                                                   "MILLSTREAM_MAX_JOBS": "none"})
    assert status > 0
    assert "MILLSTREAM_MAX_JOBS" in errors and "none" in errors


def test_options_of_the_official_server_are_taken(start):
    server = start("--workers", "4", "-w", "2", "--gunicorn-opts", "--timeout 60", "--dev",
                   "--registry-store-uri", "sqlite:///other.db", "--expose-prometheus", "dir",
                   environment={"MLFLOW_UVICORN_OPTS": "--x"})
    notes = server.log()
    for option in ("--workers", "--gunicorn-opts", "--dev", "--registry-store-uri",
                   "--expose-prometheus", "MLFLOW_UVICORN_OPTS"):
        assert f"{option} has no effect" in notes
    assert server.get("/health").status == 200


def test_command_line_over_environment(start):
    server = start("--max-headers=10", environment={
        "MILLSTREAM_MAX_HEADERS": "20", "MLFLOW_STATIC_PREFIX": "/tracking"})
    with Wire(server) as connection:
        connection.send(get("/health", *[f"X{i}: y" for i in range(12)]))
        assert connection.reply().status == 431
    assert server.get("/tracking/health").body == b"OK"


def test_static_prefix(start):
    server = start("--static-prefix", "/mlflow/tracking")
    experiment = "/api/2.0/mlflow/experiments/get?experiment_id=0"
    for path in ("/health", "/version", "/", experiment, "/ajax" + experiment[1:].replace(
            "api", "-api", 1)):
        assert server.get(path).status == 200, path
        assert server.get("/mlflow/tracking" + path).status == 200, path
    # Pages need the slash; without pages there is nothing relative.
    pages = b"<base href" in server.get("/").body
    assert server.get("/mlflow/tracking").status == (308 if pages else 200)
    assert server.get("/mlflow/trackinghealth").status == 404
    assert server.get("/mlflow/health").status == 404


def test_port_in_use(start, tmp_path):
    server = start()
    other = tmp_path / "other"
    other.mkdir()
    status, _, errors = run(other, "--port", server.port)
    assert status > 0
    assert f"port {server.port}" in errors and "in use" in errors and "--port" in errors


def test_ipv6(tmp_path):
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        pytest.skip("this machine has no IPv6")
    process = harness.spawn(tmp_path, "--host", "::1")
    try:
        line = process.stdout.readline().decode()
        port = int(re.search(r"http://\[::1\]:(\d+)", line).group(1))
        with socket.create_connection(("::1", port), timeout=harness.START_SECONDS) as connection:
            connection.sendall(f"GET /version HTTP/1.1\r\nHost: [::1]:{port}\r\n\r\n".encode())
            assert b"3.17.2" in connection.recv(65536)
    finally:
        process.terminate()
        process.communicate(timeout=harness.START_SECONDS)
    assert process.returncode == 0


def test_a_name_as_host(start):
    server = start("--host", "localhost")
    assert server.get("/version").body == b"3.17.2"


def test_a_name_with_an_address_that_this_machine_has_not(tmp_path):
    """As where IPv6 is switched off, and localhost has an address of it nevertheless."""
    hosts = tmp_path / "hosts"
    hosts.write_text("127.0.0.1 here.test\n192.0.2.1 here.test\n")
    among_them = ["unshare", "--map-root-user", "--mount", "sh", "-c",
                  'mount --bind "$0" /etc/hosts && exec "$@"', hosts]
    if subprocess.run([*among_them, "true"], capture_output=True).returncode != 0:
        pytest.skip("other hosts cannot be made up here")
    process = subprocess.Popen([*among_them, *harness.command(tmp_path, "--host", "here.test")],
                               cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    line = process.stdout.readline().decode()
    process.terminate()
    _, errors = process.communicate(timeout=harness.STOP_SECONDS)
    assert process.returncode == 0, errors
    assert re.search(r"http://here\.test:\d+", line)


# --- access log -------------------------------------------------------------------------------


def logged(server, path):
    server.get("/version", headers={"User-Agent": 'quoted "agent"\\'})
    with Wire(server) as connection:
        connection.send(get("/nothing/\xe4\xff", method="POST"))
        assert connection.reply().status == 404
    server.stop()
    return path.read_text().splitlines()


def test_access_log_as_json(start, tmp_path):
    path = tmp_path / "access.log"
    server = start("--access-log", path, "--access-log-format", "json")
    first, second = [json.loads(line) for line in logged(server, path)]
    assert first["method"] == "GET" and first["target"] == "/version"
    assert first["status"] == 200 and first["bytes_out"] == 6
    assert first["agent"] == 'quoted "agent"\\'
    assert first["peer"] == "127.0.0.1"
    assert first["ms"] >= 0 and first["time"].endswith("Z")
    assert second["status"] == 404 and second["method"] == "POST"


def test_access_log_as_text(start, tmp_path):
    path = tmp_path / "access.log"
    lines = logged(start("--access-log", path), path)
    assert re.search(r'^\S+Z 127\.0\.0\.1 "GET /version" 200 6 [\d.]+ "', lines[0])
    assert '"POST /nothing/' in lines[1] and " 404 " in lines[1]
    assert len(lines) == 2


def test_access_log_on_standard_output(tmp_path):
    process = harness.spawn(tmp_path, "--access-log", "-")
    port = int(re.search(rb":(\d+)\n", process.stdout.readline()).group(1))
    with socket.create_connection(("127.0.0.1", port), timeout=harness.START_SECONDS) as connection:
        connection.sendall(get("/version", "Connection: close").encode())
        while connection.recv(65536):
            pass
    process.terminate()
    out, _ = process.communicate(timeout=harness.START_SECONDS)
    assert b'"GET /version" 200' in out


def test_the_process_starts_without_a_home(tmp_path):
    """Nothing of the environment is needed."""
    done = subprocess.run([harness.program(), "server", "--help"], cwd=tmp_path, env={},
                          capture_output=True, timeout=harness.START_SECONDS)
    assert done.returncode == 0
