"""Servers that are dead, slow, half-answering or lying: the client ends within its limits of time
and memory, and says what happened with the right exit code."""

import email.utils
import gzip
import json
import os
import subprocess
import sys
import time
import zlib

import pytest

import harness
from hostile import Hostile, answering, reply
from ports import free_port

RUN = "a" * 32
GET = ["experiments", "get", "-n", "digits", "--json"]
CREATE = ["experiments", "create", "digits"]
LOG = ["runs", "log", RUN, "--metrics", "loss=1"]
SEARCH = ["runs", "search", "7"]
FOUND = {"experiment": {"experiment_id": "7", "name": "digits", "lifecycle_stage": "active"}}
GOOD = reply(json.dumps(FOUND).encode())
# No repetition, and a minute for each silence: a slow machine is silent too.
ONCE = {"MLFLOW_HTTP_REQUEST_TIMEOUT": "60", "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "0"}
# A second, where silence is what is waited for.
SHORT = {"MLFLOW_HTTP_REQUEST_TIMEOUT": "1"}
# Repetitions without pauses.
EAGER = {"MLFLOW_HTTP_REQUEST_TIMEOUT": "60", "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "3",
         "MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR": "0"}


@pytest.fixture
def hostile():
    """Starts servers; all are closed in the end."""
    servers = []

    def start(script, **more):
        if not callable(script):
            script = answering(script)
        servers.append(Hostile(script, **more))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


def fails(line, server, code, *words, environment=None):
    return line.fails(code, *(words or GET), "-T", getattr(server, "url", server),
                      environment={**ONCE, **(environment or {})})


# --- dead and slow --------------------------------------------------------------------------


def test_nobody_listens(line):
    address = f"http://127.0.0.1:{free_port()}"
    assert f"cannot reach {address}" in fails(line, address, 8)


def test_no_such_host(line):
    assert "cannot reach http://no-such-host.invalid" in fails(
        line, "http://no-such-host.invalid", 8)


def silent(connection):
    connection.hold()


def silent_after_request(connection):
    connection.read()
    connection.hold()


def silent_in_head(connection):
    connection.read()
    connection.send(b"HTTP/1.1 200 OK\r\nContent-Le")
    connection.hold()


def silent_in_body(connection):
    connection.read()
    connection.send(reply(b'{"experiment"', length=500))
    connection.hold()


def drips_its_head(connection):
    connection.read()
    connection.drip(b"HTTP/1.1 200 OK\r\n" + b"X-Filler: filler\r\n" * 10000, 0.1)


def drips_its_body(connection):
    connection.read()
    connection.send(reply(b"", length=1000000))
    connection.drip(b" " * 1000000, 0.1)


@pytest.mark.parametrize("script, words", [
    (silent, GET), (silent_after_request, GET), (silent_in_head, GET), (silent_in_body, GET),
    (drips_its_head, GET), (drips_its_body, GET), (silent_after_request, LOG)])
def test_slow(line, hostile, script, words):
    message = fails(line, hostile(script), 6, *words, environment=SHORT)
    assert "did not answer for 1 seconds" in message


@pytest.mark.skipif(not harness.LONG, reason="takes ten times the least time limit")
def test_never_done(line, hostile):
    """Faster than what counts as silence, but there is an end to everything."""
    def script(connection):
        connection.read()
        connection.send(reply(b"", length=100000000))
        while not connection.server.over.wait(0.2):
            connection.send(b" " * 1000)

    assert "did not answer" in fails(line, hostile(script), 6, environment=SHORT)


# --- half an answer -------------------------------------------------------------------------


@pytest.mark.parametrize("data, said", [
    (b"", "no answer from"),
    (b"HTTP/1.1 200 OK\r\nContent-Le", "no complete answer from"),
    (reply(b'{"experi', length=500), "no complete answer from"),
    (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"ex", "no complete answer from"),
])
@pytest.mark.parametrize("words", [GET, LOG, CREATE])
def test_half_an_answer(line, hostile, data, said, words):
    def script(connection):
        connection.read()
        connection.send(data)

    server = hostile(script)
    assert f"{said} {server.url}" in fails(line, server, 8, *words)


def test_more_than_was_announced(line, hostile):
    """What stands behind the announced length is no part of the answer."""
    server = hostile(lambda connection: (connection.read(), connection.send(GOOD + b"garbage")))
    assert line(*GET, "-T", server.url, environment=ONCE).json["experiment"]["experiment_id"] == "7"


@pytest.mark.parametrize("data", [
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffffff\r\n{}",
    b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n{}",
    b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\n{}{}",
    b"SSH-2.0-OpenSSH_9.2\r\n",
    b"\x00" * 100,
    b"HTTP/1.1 200 OK\r\n" + b"X: " + b"y" * 400000 + b"\r\n\r\n",
    b"HTTP/9.9 200 OK\r\n\r\n",
], ids=lambda data: repr(data[:60]))
@pytest.mark.parametrize("words", [GET, LOG])
def test_garbage(line, hostile, data, words):
    server = hostile(lambda connection: (connection.read(), connection.send(data)))
    assert server.url in fails(line, server, 8, *words)


# --- lies -----------------------------------------------------------------------------------


def deep(levels):
    return b'{"experiment":' + b"[" * levels + b"]" * levels + b"}"


@pytest.mark.parametrize("body, code, said", [
    (b"", 70, "no experiment"),
    (b"{", 70, "cannot be understood"),
    (b"null", 70, "cannot be understood"),
    (b"[]", 70, "cannot be understood"),
    (b"<html>sign in</html>", 70, "cannot be understood"),
    (b'{"experiment": 5}', 70, "cannot be understood"),
    (b'{"experiment": [{}]}', 70, "cannot be understood"),
    (b'{"experiment": {"experiment_id": {}}}', 70, "cannot be understood"),
    (b'{"experiment": {"experiment_id": "99999999999999999999"}}', 70, "cannot be understood"),
    (b'{"experiment": {"experiment_id": 1e999}}', 70, "cannot be understood"),
    (b'{"experiment": {"creation_time": "soon"}}', 70, "cannot be understood"),
    (b'{"experiment": {"name": "\xff\xfe"}}', 70, "cannot be understood"),
    (b'{"experiment": {"name": "\\ud800"}}', 70, "cannot be understood"),
    (b'{"experiment": {"tags": {"a": 1}}}', 70, "cannot be understood"),
    (deep(100000), 70, "cannot be understood"),
    (b'{"x":' + b'{"x":' * 5000000, 70, "cannot be understood"),
    (b'{"error_code": "PERMISSION_DENIED", "message": "not you"}', 5, "not you"),
    (b'{"error_code": 403, "message": "not you"}', 70, "not you"),
], ids=lambda value: value[:40] if isinstance(value, bytes) else None)
def test_lies(line, hostile, body, code, said):
    assert said in fails(line, hostile(reply(body)), code)


@pytest.mark.parametrize("body", [
    b"<html>sign in</html>", b"{", b"[1]", b'{"error_code": "INTERNAL_ERROR", "message": "oops"}',
])
def test_success_that_is_none(line, hostile, body):
    """A page of a proxy, or an error with a good status, is not taken for a logged metric."""
    fails(line, hostile(reply(body)), 70, *LOG)


def test_error_in_place_of_a_list(line, hostile):
    body = b'{"error_code": "RESOURCE_DOES_NOT_EXIST", "message": "gone"}'
    assert "gone" in fails(line, hostile(reply(body)), 4, "experiments", "list")


@pytest.mark.parametrize("status, body, code, said", [
    ("500 Oops", b"<html>" + b"x" * 3000, 70, "HTTP 500"),
    ("502 Bad Gateway", b"", 6, "HTTP 502"),
    ("404 Not Found", b'{"detail": "Not Found"}', 4, "HTTP 404"),
    ("403 Forbidden", b'{"message": "no code"}', 5, "no code"),
    ("400 Bad Request", b'{"error_code": "NEVER_HEARD", "message": "new"}', 2, "new"),
    ("400 Bad Request", b'{"error_code": [1], "message": {"a": 1}}', 2, "HTTP 400"),
    ("400 Bad Request", b'{"error_code": "BAD_REQUEST", "message": "' + b"x" * 100000 + b'"}', 2,
     "xxx"),
    ("204 No Content", b"", 70, "HTTP 204"),
    ("201 Created", b"{}", 70, "HTTP 201"),
    ("999 What", b"", 70, "HTTP 999"),
    ("304 Not Modified", b"", 8, "HTTP 304"),
])
def test_errors(line, hostile, status, body, code, said):
    message = fails(line, hostile(reply(body, status)), code)
    assert said in message and len(message) < 600


def test_other_experiment_than_asked(line, hostile):
    """Missing fields are missing, no more."""
    server = hostile(reply(b'{"experiment": {"experiment_id": "7"}}'))
    assert line(*GET, "-T", server.url, environment=ONCE).json["experiment"]["experiment_id"] == "7"


@pytest.mark.parametrize("words, page", [
    (["runs", "metrics", RUN, "--key", "loss", "--csv"],
     {"metrics": [{"key": "loss", "value": 1, "timestamp": 1, "step": 1}]}),
    *(([*search, "--page-token", "again"], FOUND) for search in (
        SEARCH, ["experiments", "search"], ["logged-models", "search", "0"],
        ["models", "search"], ["models", "versions"], ["datasets", "list"])),
])
def test_pages_without_end(line, hostile, words, page):
    run = {"run": {"info": {"run_id": RUN, "experiment_id": "1"},
                   "data": {"metrics": [{"key": "loss", "value": 1, "timestamp": 1}]}}}
    server = hostile(reply(json.dumps({**run, **page, "next_page_token": "again"}).encode()))
    assert "no end" in fails(line, server, 70, *words)


# --- redirections ---------------------------------------------------------------------------


def redirect(to, status="307 Temporary Redirect"):
    return reply(b"", status, [f"Location: {to}"])


def test_redirections_in_a_circle(line, hostile):
    server = hostile(redirect("/"))
    assert "redirect" in fails(line, server, 8)
    assert len(server.seen) == 6


@pytest.mark.parametrize("to", [
    "file:///etc/passwd", "ftp://127.0.0.1/x", "gopher://127.0.0.1:9/x", "dict://127.0.0.1:9/x",
    "ldap://127.0.0.1/x", "smb://127.0.0.1/x", "javascript:alert(1)", "",
    "http://", "http://[::bad", "http:///x\ty",
])
def test_redirections_to_elsewhere(line, hostile, to):
    message = line.run(*GET, "-T", hostile(redirect(to)).url, environment=ONCE)
    assert message.code in (8, 70), message
    assert message.out == "" and "root:" not in message.err


@pytest.mark.parametrize("environment, sent", [
    ({"MLFLOW_TRACKING_TOKEN": "secret-token"}, "Bearer secret-token"),
    ({"MLFLOW_TRACKING_USERNAME": "me", "MLFLOW_TRACKING_PASSWORD": "secret"},
     "Basic bWU6c2VjcmV0"),
])
@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See Other", "307 Temporary",
                                    "308 Permanent"])
def test_credentials_stay_with_their_host(line, hostile, environment, sent, status):
    """They go with a redirection to the same server, never to another one: neither another
    port nor another name of the same machine."""
    other = hostile(GOOD)
    for to in (other.url, f"http://localhost:{other.port}"):
        server = hostile(redirect(to + "/there", status))
        assert line(*GET, "-T", server.url, environment={**ONCE, **environment}).code == 0
        assert server.seen[0][1]["authorization"] == sent
        assert "authorization" not in other.seen[-1][1]
        assert "secret" not in str(other.seen)
    server = hostile(answering(redirect("/there", status), GOOD))
    assert line(*GET, "-T", server.url, environment={**ONCE, **environment}).code == 0
    assert [headers["authorization"] for _, headers, _ in server.seen] == [sent, sent]


def test_writes_are_redirected_as_writes(line, hostile):
    for status in ("301 Moved", "302 Found", "307 Temporary", "308 Permanent"):
        server = hostile(answering(redirect("/prefix/x", status), reply()))
        line(*LOG, "-T", server.url, environment=ONCE)
        assert [first.split()[0] for first, _, _ in server.seen] == ["POST", "POST"]
        assert server.seen[0][2] == server.seen[1][2] != b""


def test_redirections_switched_off(line, hostile):
    other = hostile(GOOD)
    server = hostile(redirect(other.url))
    assert "MLFLOW_ALLOW_HTTP_REDIRECTS" in fails(
        line, server, 8, environment={"MLFLOW_ALLOW_HTTP_REDIRECTS": "false"})
    assert other.seen == []


# --- memory ---------------------------------------------------------------------------------


# Linux counts what a process had before it became another program, so one as small as this
# starts what is measured.
MEASURE = """
import os, subprocess, sys
process = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)
_, status, usage = os.wait4(process.pid, 0)
print(os.waitstatus_to_exitcode(status), usage.ru_maxrss)
"""


def peak_kib(line, server, *words):
    """How a command ended, and the most memory that it used."""
    environment = {**os.environ, **ONCE, **harness.FREES_AT_ONCE,
                   "MLFLOW_TRACKING_URI": server.url}
    done = subprocess.run([sys.executable, "-c", MEASURE, harness.program(), *words],
                          cwd=line.home, env=environment, capture_output=True, text=True,
                          check=True)
    code, kib = done.stdout.split()
    return int(code), done.stderr, int(kib)


def endless(head):
    def script(connection):
        connection.read()
        connection.send(head)
        connection.forever(b" " * (1 << 20))
    return script


BOMB = zlib.compressobj(9, zlib.DEFLATED, 31)
BOMB = b"".join([*(BOMB.compress(bytes(1 << 20)) for _ in range(400)), BOMB.flush()])
OPEN_END = b"HTTP/1.1 200 OK\r\n\r\n"


@pytest.mark.parametrize("name, words, limit_mib", [
    ("endless", GET, 600), ("endless", LOG, 100), ("endless error", GET, 100),
    ("bomb", GET, 600), ("bomb", LOG, 100), ("endless head", GET, 100),
])
def test_memory(line, hostile, name, words, limit_mib):
    """A long answer is refused where its kind has its limit, without being kept."""
    scripts = {
        "endless": endless(OPEN_END),
        "endless error": endless(OPEN_END.replace(b"200 OK", b"500 Oops")),
        "endless head": endless(b"HTTP/1.1 200 OK\r\nX: "),
        "bomb": answering(reply(BOMB, headers=["Content-Encoding: gzip"])),
    }
    code, message, kib = peak_kib(line, hostile(scripts[name]), *words)
    assert (code, "more than" in message) in ((2, True), (8, False)), message
    assert kib < limit_mib << 10


def test_compressed_answers(line, hostile):
    body = gzip.compress(json.dumps(FOUND).encode())
    server = hostile(reply(body, headers=["Content-Encoding: gzip"]))
    assert line(*GET, "-T", server.url, environment=ONCE).json["experiment"]["experiment_id"] == "7"


# --- repetition -----------------------------------------------------------------------------

# What may be done twice, and what must not: words of the command, its first request's answer.
WRITES = [
    (LOG, True),
    (["runs", "log", RUN, "--params", "a=b"], True),
    (["runs", "log", RUN, "--status", "FINISHED"], True),
    (CREATE, False),
    (["runs", "create", "7"], False),
]


@pytest.mark.parametrize("words, repeatable", WRITES, ids=[" ".join(w[0][:2] + w[0][3:4])
                                                           for w in WRITES])
@pytest.mark.parametrize("lost", [reply(b"", "500 Oops"), reply(b"", "502 Bad Gateway"),
                                  reply(b"", "504 Timeout"), None,
                                  b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"],
                         ids=["500", "502", "504", "closed", "half"])
def test_repetition_after_a_lost_answer(line, hostile, words, repeatable, lost):
    """The first request may have been carried out: only what may be done twice is done again."""
    state = {"lost": 0}

    def script(connection):
        while (request := connection.read()) is not None:
            if request[0].startswith("GET"):
                connection.send(GOOD)
            elif state["lost"] == 0:
                state["lost"] = 1
                if lost is not None:
                    connection.send(lost)
                if lost is None or lost.endswith(b"{"):
                    return
            else:
                connection.send(reply())

    server = hostile(script)
    # A request before it makes the server one that has been reached.
    done = line.run(*words, "-T", server.url, environment=EAGER)
    posts = [first for first, _, _ in server.seen if first.startswith("POST")]
    first_request = len(server.seen) == len(posts)
    network = lost is None or lost.endswith(b"{")
    expected = 1 if not repeatable or (network and first_request and len(posts) == 1) else 2
    assert len(posts) == expected, server.seen
    assert (done.code == 0) == (expected == 2)


@pytest.mark.parametrize("words", [words for words, _ in WRITES])
@pytest.mark.parametrize("status", ["429 Slow down", "503 Busy"])
def test_repetition_when_nothing_was_done(line, hostile, words, status):
    bodies = {"POST": b'{"experiment_id": "7", "run": {"info": {"run_id": "%s"}}}' % RUN.encode(),
              "GET": json.dumps(FOUND).encode()}
    refused = []

    def script(connection):
        while (request := connection.read()) is not None:
            method = request[0].split()[0]
            if method == "POST" and len(refused) < 2:
                refused.append(request)
                connection.send(reply(b"", status))
            else:
                connection.send(reply(bodies[method]))

    line(*words, "-T", hostile(script).url, environment=EAGER)
    assert len(refused) == 2


@pytest.mark.parametrize("after", [lambda: "1", lambda: email.utils.formatdate(
    time.time() + 2, usegmt=True)], ids=["seconds", "date"])
def test_retry_after(line, hostile, after):
    times = []

    def script(connection):
        while connection.read() is not None:
            times.append(time.monotonic())
            connection.send(GOOD if len(times) > 1 else
                            reply(b"", "503 Busy", [f"Retry-After: {after()}"]))

    environment = {**EAGER, "MLFLOW_HTTP_REQUEST_BACKOFF_JITTER": "0"}
    line(*GET, "-T", hostile(script).url, environment=environment)
    assert times[1] - times[0] > 0.9
    times.clear()
    environment["MLFLOW_HTTP_RESPECT_RETRY_AFTER_HEADER"] = "false"
    line(*GET, "-T", hostile(script).url, environment=environment)
    assert len(times) == 2


@pytest.mark.parametrize("after", ["-5", "soon", "", "Thu, 01 Jan 1970 00:00:00 GMT",
                                   "99999999999999999999999"])
def test_retry_after_that_means_nothing(line, hostile, after):
    server = hostile(answering(reply(b"", "503 Busy", [f"Retry-After: {after}"]), GOOD))
    line(*GET, "-T", server.url, environment=EAGER)
    assert len(server.seen) == 2
