"""S3 with somebody in between who breaks things: what is tried again, what is given up, and that
nothing half done stays on either side."""

import signal
import subprocess
import time

import pytest

import harness
import programs
from meddling import Answer, Meddling
from stored import PARTS, MiB, blob, read, write

LISTING = (b"<ListBucketResult><IsTruncated>true</IsTruncated><NextContinuationToken>again"
           b"</NextContinuationToken><Contents><Key>x</Key><Size>1</Size></Contents>"
           b"</ListBucketResult>")


@pytest.fixture
def between(stored):
    """The service with a proxy before it, which the client talks to."""
    with Meddling(stored.service.url) as proxy:
        stored.environment["MLFLOW_S3_ENDPOINT_URL"] = proxy.url
        yield proxy


def times(count, decision, when):
    """A rule for the first requests that fit."""
    left = [count]

    def rule(request):
        if not when(request) or left[0] == 0:
            return None
        left[0] -= 1
        return decision
    return rule


def part(number):
    return lambda request: request.query.get("partNumber") == str(number)


def damaged(answer):
    answer.body = answer.body[:-1] + bytes([answer.body[-1] ^ 1])
    return answer


def cut(answer):
    answer.cut = len(answer.body) // 2
    return answer


# --- what is tried again --------------------------------------------------------------------


@pytest.mark.parametrize("decision", [
    Answer.error(503, "SlowDown"), Answer.error(500, "InternalError"), Answer(502), "drop",
    Answer.error(400, "RequestTimeout"),
])
def test_parts_are_repeated_singly(stored, between, tmp_path, decision):
    write(tmp_path, {"large": blob(11 * MiB)})
    stored.artifacts("list")  # a server that was never reached is not tried again
    between.rule = times(1 if isinstance(decision, Answer) and decision.status == 400 else 2,
                         decision, part(2))
    stored.artifacts("log-artifact", "-l", tmp_path / "large", **PARTS)
    assert stored.get("large")["Body"].read() == blob(11 * MiB)
    sent = [request.query["partNumber"] for request in between.requests("PUT", "partNumber")]
    assert sent.count("1") == sent.count("3") == 1 and sent.count("2") >= 2


def test_download_is_repeated(stored, between, tmp_path):
    stored.put("whole", blob(MiB // 2))
    stored.put("large", blob(3 * MiB))
    between.rule = times(1, cut, lambda request: request.path.endswith("whole"))
    stored.artifacts("download", "-a", "whole", "-d", tmp_path / "back", **PARTS)
    between.rule = times(2, cut, lambda request: request.headers.get("Range") is not None)
    stored.artifacts("download", "-a", "large", "-d", tmp_path / "back", **PARTS)
    assert read(tmp_path / "back") == {"whole": blob(MiB // 2), "large": blob(3 * MiB)}


def test_completion_is_repeated(stored, between, tmp_path):
    """The service may say 200 before it knows that it fails."""
    write(tmp_path, {"large": blob(6 * MiB)})
    late = Answer.error(200, "InternalError")
    between.rule = times(1, late, lambda request: request.method == "POST"
                         and "uploadId" in request.query)
    stored.artifacts("log-artifact", "-l", tmp_path / "large", **PARTS)
    assert stored.get("large")["Body"].read() == blob(6 * MiB)


# --- what is given up -----------------------------------------------------------------------


@pytest.mark.parametrize("decision, code, said", [
    (Answer.error(403, "AccessDenied"), 5, "AccessDenied: said the test"),
    (Answer.error(507, "QuotaExceeded"), 8, "QuotaExceeded"),
    (Answer(418), 2, "HTTP 418"),
])
def test_failed_upload_is_taken_back(stored, between, tmp_path, decision, code, said):
    write(tmp_path, {"large": blob(11 * MiB)})
    between.rule = times(99, decision, part(2))
    assert said in stored.fails(code, "log-artifact", "-l", tmp_path / "large", **PARTS)
    assert len(between.requests("DELETE", "uploadId")) == 1
    assert not stored.boto.list_multipart_uploads(Bucket=stored.bucket).get("Uploads")
    assert stored.keys() == []


def test_completion_that_fails(stored, between, tmp_path):
    write(tmp_path, {"large": blob(6 * MiB)})
    between.rule = times(99, Answer.error(200, "AccessDenied"),
                         lambda request: request.method == "POST" and "uploadId" in request.query)
    assert "AccessDenied" in stored.fails(5, "log-artifact", "-l", tmp_path / "large", **PARTS)
    assert len(between.requests("DELETE", "uploadId")) == 1


@pytest.mark.parametrize("size", [1000, 3 * MiB])
def test_damaged_content(stored, between, tmp_path, size):
    """A checksum does not fit: the file does not appear."""
    stored.put("file", blob(size))
    between.rule = times(99, damaged, lambda request: request.method == "GET"
                         and request.path.endswith("file"))
    message = stored.fails(8, "download", "-d", tmp_path / "back", **PARTS)
    assert "what came has the" in message and "but the service states" in message
    assert read(tmp_path / "back") == {}


def test_changed_between_parts(stored, between, tmp_path):
    """Parts of two versions are not mixed."""
    stored.put("file", b"a" * 3 * MiB)

    def replaced(answer):
        stored.put("file", b"b" * 3 * MiB)
        return answer

    between.rule = times(1, replaced, lambda request: request.method == "HEAD")
    assert "PreconditionFailed" in stored.fails(3, "download", "-d", tmp_path / "back", **PARTS)
    assert read(tmp_path / "back") == {}


def test_shorter_than_listed(stored, between, tmp_path):
    stored.put("file", b"a" * 1000)

    def shortened(answer):
        stored.put("file", b"a" * 10)
        return answer

    between.rule = times(1, shortened, lambda request: "list-type" in request.query)
    assert "bytes" in stored.fails(8, "download", "-d", tmp_path / "back", **PARTS)
    assert read(tmp_path / "back") == {}


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_redirections_are_not_followed(stored, between, tmp_path, status):
    """A signature is for one host; another one does not get to see it."""
    with Meddling(stored.service.url) as other:
        to = other.url.replace("localhost", "127.0.0.1") + "/elsewhere"
        between.rule = lambda request: Answer(status, b"", [("Location", to)])
        (tmp_path / "file").write_bytes(b"x")
        assert f"HTTP {status}" in stored.fails(8, "log-artifact", "-l", tmp_path / "file")
        assert f"HTTP {status}" in stored.fails(8, "list")
        assert other.seen == []


@pytest.mark.parametrize("body, said", [
    (b"<html>a login page</html>", "cannot be understood"),
    (b"not even that", "cannot be understood"),
    (b"", "cannot be understood"),
    (b"<!DOCTYPE a [<!ENTITY b 'bbbb'>]><ListBucketResult>&b;</ListBucketResult>",
     "document type"),
    (LISTING, "does not end"),
    (b"<ListBucketResult>" + b"<Contents/>" * 20000 + b"</ListBucketResult>", "too many entries"),
])
def test_listings_that_are_none(stored, between, body, said):
    between.rule = lambda request: Answer(200, body, [("Content-Type", "application/xml")])
    assert said in stored.fails(8, "list")
    assert len(between.seen) < 10


@pytest.mark.parametrize("size", [1000, 3 * MiB])
def test_killed(stored, between, tmp_path, size):
    """Killed in the middle of a download: no file under its name, and the next one is whole."""
    stored.put("file", blob(size))

    def halting(answer):
        time.sleep(30)
        return answer

    between.rule = times(99, halting, lambda request: request.method == "GET"
                         and request.path.endswith("file"))
    process = subprocess.Popen(
        [harness.program(), "artifacts", "download", "-r", stored.run, "-d", tmp_path / "back"],
        env={**stored.environment, **PARTS, "MLFLOW_TRACKING_URI": stored.line.uri,
             "HOME": str(tmp_path), "PATH": "/usr/bin:/bin"})
    end = time.monotonic() + 60
    while not between.requests("GET", "/file") and time.monotonic() < end:
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait(60)
    assert not (tmp_path / "back" / "file").exists()
    between.rule = lambda request: None
    stored.artifacts("download", "-d", tmp_path / "back", **PARTS)
    assert (tmp_path / "back" / "file").read_bytes() == blob(size)


def test_no_memory(stored, tmp_path):
    """Memory that runs out at each allocation in turn (tests/client/storage_faults.c)."""
    environment = {**stored.environment, **PARTS, "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "0"}
    done = programs.run("storage_faults", f"s3://{stored.bucket}/faults", 5 * MiB + 7,
                        cwd=tmp_path,
                        environment=environment)
    assert done.returncode == 0 and done.stdout == "", done.stdout[-5000:]
