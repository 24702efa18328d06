"""Artifacts on a real S3 service: what one client stores the other finds, whatever it is called and
however large it is."""

import base64
import hashlib
import subprocess

import pytest

import s3_service
from stored import NAMES, PARTS, MiB, blob, listed, new_run, read, write

def test_names(stored, tmp_path):
    """Every name arrives as it is, in both directions, and in the other client's eyes."""
    files = {name: name.encode() for name in NAMES}
    stored.artifacts("log-artifacts", "-l", write(tmp_path / "tree", files))
    assert stored.keys() == sorted(NAMES)
    for name in NAMES:
        assert stored.get(name)["Body"].read() == name.encode()
    found = listed(stored.artifacts("list", "--json"))
    top = {name.partition("/")[0] for name in NAMES}
    assert {item["path"]: item["is_dir"] for item in found} == {
        name: name in ("deep", "dir with space") for name in top}
    stored.artifacts("download", "-d", tmp_path / "back")
    assert read(tmp_path / "back") == files


def test_found(stored, tmp_path):
    """What another client has stored, with what only S3 has: markers of folders, names that lead
    nowhere, and a key that begins like a folder."""
    stored.put("a/one", b"1")
    stored.put("a/b/two", b"22")
    stored.put("ab", b"333")
    stored.put("empty/", b"")
    assert [item["path"] for item in listed(stored.artifacts("list", "--json"))] == [
        "a", "ab", "empty"]
    assert listed(stored.artifacts("list", "-a", "a", "--json")) == [
        {"path": "a/b", "is_dir": True}, {"path": "a/one", "is_dir": False, "file_size": 1}]
    assert listed(stored.artifacts("list", "-a", "empty", "--json")) == []
    assert listed(stored.artifacts("list", "-a", "ab", "--json")) == []
    stored.artifacts("download", "-a", "a", "-d", tmp_path / "back")
    assert read(tmp_path / "back") == {"a/one": b"1", "a/b/two": b"22"}
    stored.artifacts("download", "-a", "ab", "-d", tmp_path / "single")
    assert read(tmp_path / "single") == {"ab": b"333"}
    assert "no artifact 'none'" in stored.fails(4, "download", "-a", "none", "-d", tmp_path)


def test_replaced(stored, tmp_path):
    (tmp_path / "file").write_bytes(b"old and long")
    stored.artifacts("log-artifact", "-l", tmp_path / "file", "-a", "sub")
    (tmp_path / "file").write_bytes(b"")
    stored.artifacts("log-artifact", "-l", tmp_path / "file", "-a", "sub")
    assert stored.get("sub/file")["Body"].read() == b""
    stored.artifacts("download", "-a", "sub/file", "-d", tmp_path / "back")
    assert read(tmp_path / "back") == {"file": b""}


def test_many_objects(stored, tmp_path):
    """More than fit on a page, which has a thousand."""
    count = 5000
    write(tmp_path / "many", {f"f{index:05}": b"%d" % index for index in range(count)})
    stored.artifacts("log-artifacts", "-l", tmp_path / "many", "-a", "all of them")
    found = listed(stored.artifacts("list", "-a", "all of them", "--json"))
    assert [item["path"] for item in found] == [f"all of them/f{n:05}" for n in range(count)]
    assert sum(item["file_size"] for item in found) == sum(len(str(n)) for n in range(count))
    stored.artifacts("download", "-a", "all of them/f04999", "-d", tmp_path)
    assert (tmp_path / "f04999").read_bytes() == b"4999"


@pytest.mark.parametrize("size", [5 * MiB - 1, 5 * MiB, 11 * MiB + 7])
def test_parts(stored, tmp_path, size):
    """Files around and above the size from which on they move in parts."""
    data = blob(size)
    write(tmp_path, {"large": data, "small": b"beside it"})
    for name in ("large", "small"):
        stored.artifacts("log-artifact", "-l", tmp_path / name, **PARTS)
    found = stored.get("large")
    assert found["Body"].read() == data
    parts = -(-size // (5 * MiB)) if size >= 5 * MiB else 0
    assert found["ETag"].strip('"').partition("-")[2] == (str(parts) if parts else "")
    assert not stored.boto.list_multipart_uploads(Bucket=stored.bucket).get("Uploads")
    stored.artifacts("download", "-d", tmp_path / "back", **PARTS)
    assert read(tmp_path / "back") == {"large": data, "small": b"beside it"}


def test_in_one_piece(stored, tmp_path):
    write(tmp_path, {"large": blob(6 * MiB)})
    whole = {"MLFLOW_ENABLE_MULTIPART_UPLOAD": "false", "MLFLOW_ENABLE_MULTIPART_DOWNLOAD": "false"}
    stored.artifacts("log-artifact", "-l", tmp_path / "large", **{**PARTS, **whole})
    assert "-" not in stored.get("large")["ETag"]
    stored.artifacts("download", "-d", tmp_path / "back", **{**PARTS, **whole})
    assert read(tmp_path / "back") == {"large": blob(6 * MiB)}


def test_what_is_said_of_objects(stored, tmp_path):
    write(tmp_path, {"page.html": b"<p>", "notes.md": b"#", "large.bin": blob(5 * MiB)})
    extra = {"MLFLOW_S3_UPLOAD_EXTRA_ARGS": '{"CacheControl": "no-store", "ContentLanguage": "de"}'}
    for name in ("page.html", "notes.md", "large.bin"):
        stored.artifacts("log-artifact", "-l", tmp_path / name, **extra, **PARTS)
    for name, kind in (("page.html", "text/html"), ("notes.md", "text/plain"),
                       ("large.bin", "application/octet-stream")):
        found = stored.get(name)
        assert found["ContentType"].partition(";")[0] == kind
        assert (found["CacheControl"], found["ContentLanguage"]) == ("no-store", "de")
    stored.artifacts("log-artifact", "-l", tmp_path / "notes.md",
                     MLFLOW_S3_UPLOAD_EXTRA_ARGS='{"ContentType": "text/markdown"}')
    assert stored.get("notes.md")["ContentType"] == "text/markdown"
    assert "'Metadata' is not supported" in stored.fails(
        7, "log-artifact", "-l", tmp_path / "notes.md",
        MLFLOW_S3_UPLOAD_EXTRA_ARGS='{"Metadata": "x"}')


def crc(data, polynomial, bits):
    """A reflected cyclic redundancy check, bit by bit, in base64."""
    rest = (1 << bits) - 1
    for byte in data:
        rest ^= byte
        for _ in range(8):
            rest = rest >> 1 ^ (polynomial if rest & 1 else 0)
    return base64.b64encode((rest ^ (1 << bits) - 1).to_bytes(bits // 8, "big")).decode()


CONTENT = b"some content"


@pytest.mark.parametrize("kind, value", [
    ("CRC32", crc(CONTENT, 0xEDB88320, 32)),
    ("CRC32C", crc(CONTENT, 0x82F63B78, 32)),
    ("CRC64NVME", crc(CONTENT, 0x9A6C9329AC4BC9B5, 64)),
    ("SHA1", base64.b64encode(hashlib.sha1(CONTENT).digest()).decode()),
    ("SHA256", base64.b64encode(hashlib.sha256(CONTENT).digest()).decode()),
])
def test_checksums(stored, tmp_path, kind, value):
    """Objects with each kind of checksum, which the service has verified, agree with it."""
    stored.put("summed", CONTENT, **{f"Checksum{kind}": value})
    stored.artifacts("download", "-d", tmp_path / "back")
    assert read(tmp_path / "back") == {"summed": CONTENT}


def test_other_region(stored, tmp_path):
    """The service says where the bucket is; the request is signed for there."""
    (tmp_path / "file").write_bytes(b"x")
    stored.artifacts("log-artifact", "-l", tmp_path / "file", AWS_REGION="us-west-2")
    assert [item["path"] for item in listed(stored.artifacts(
        "list", "--json", AWS_REGION="us-west-2"))] == ["file"]


def test_virtual_hosts(stored, tmp_path):
    (tmp_path / "file").write_bytes(b"x")
    stored.artifacts("log-artifact", "-l", tmp_path / "file", "-a", "a b",
                     MLFLOW_BOTO_CLIENT_ADDRESSING_STYLE="virtual")
    assert stored.keys() == ["a b/file"]
    assert [item["path"] for item in listed(stored.artifacts(
        "list", "--json", MLFLOW_BOTO_CLIENT_ADDRESSING_STYLE="virtual"))] == ["a b"]


@pytest.mark.parametrize("environment, code, said", [
    ({"AWS_SECRET_ACCESS_KEY": "wrong"}, 5, "signaturedoesnotmatch"),
    ({"AWS_ACCESS_KEY_ID": "nobody"}, 5, "access key id"),
])
def test_wrong_keys(stored, tmp_path, environment, code, said):
    write(tmp_path / "tree", {"one": b"1", "large": blob(6 * MiB)})
    assert said in stored.fails(code, "log-artifacts", "-l", tmp_path / "tree",
                                **environment, **PARTS).lower()
    assert said in stored.fails(code, "list", **environment).lower()
    assert stored.keys() == []


def test_no_such_bucket(stored, tmp_path):
    stored.run = stored.new_run("s3://no-such-bucket-here/x")
    (tmp_path / "file").write_bytes(b"x")
    assert "NoSuchBucket" in stored.fails(4, "list")
    assert "NoSuchBucket" in stored.fails(4, "log-artifact", "-l", tmp_path / "file")


def certificate(home):
    """A certificate for localhost and its key."""
    made, key = home / "cert.pem", home / "key.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj",
                    "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", key,
                    "-out", made], check=True, capture_output=True)
    return made, key


def test_tls(line, s3, tmp_path):
    """A service with a certificate of its own is trusted when told so, and only then."""
    if not isinstance(s3, s3_service.VersityGW):
        pytest.skip("needs VersityGW")
    made, key = certificate(tmp_path)
    with s3_service.VersityGW(s3.program, tmp_path, "--cert", made, "--key", key,
                              scheme="https") as service:
        (tmp_path / "buckets" / "safe").mkdir()
        words = ["artifacts", "list", "-r", new_run(line, "s3://safe/x")]
        message = line.fails(8, *words, environment=service.environment)
        assert "certificate" in message and "AWS_CA_BUNDLE" in message
        for trust in ({"AWS_CA_BUNDLE": str(made)}, {"MLFLOW_S3_IGNORE_TLS": "true"}):
            line(*words, environment={**service.environment, **trust})
