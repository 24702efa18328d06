"""Artifacts behind servers other than the tracking server, and locations that no client reaches."""

import base64
import json

import pytest

import harness
from hostile import Hostile, answering, reply
from stored import blob, listed, read, write

ROUTE = "/api/2.0/mlflow-artifacts/artifacts"


@pytest.fixture(scope="module")
def other(tmp_path_factory):
    """A tracking server that is not the one that runs are tracked on."""
    with harness.Server(tmp_path_factory.mktemp("other")) as server:
        yield server


def tracked(location):
    """What a tracking server says about a run with its artifacts at a location."""
    return reply(json.dumps({"run": {"info": {
        "run_id": "1" * 32, "experiment_id": "1", "status": "RUNNING", "start_time": 1,
        "lifecycle_stage": "active", "artifact_uri": location}, "data": {}}}).encode())


@pytest.mark.parametrize("route", [ROUTE, "/ajax-api/2.0/mlflow-artifacts/artifacts"])
def test_another_proxy(line, other, tmp_path, route):
    """A run here, its files behind a server there."""
    files = {"a b/c+d%": b"1", "large": blob(1 << 20)}
    write(tmp_path / "tree", files)
    with Hostile(answering(tracked(other.url + route + "/x"))) as tracking:
        run = ["-r", "1" * 32, "-T", tracking.url]
        line("artifacts", "log-artifacts", "-l", tmp_path / "tree", *run)
        found = listed(line("artifacts", "list", *run, "--json"))
        assert [item["path"] for item in found] == ["a b", "large"]
        line("artifacts", "download", "-d", tmp_path / "back", *run)
    assert read(tmp_path / "back") == files


FILES = reply(b'{"files": [{"path": "f", "is_dir": false, "file_size": 1}]}')
CREDENTIALS = {"MLFLOW_TRACKING_USERNAME": "me", "MLFLOW_TRACKING_PASSWORD": "secret"}
BASIC = "Basic " + base64.b64encode(b"me:secret").decode()
LIST = ["artifacts", "list", "-r", "1" * 32, "--json"]


@pytest.mark.parametrize("form, path", [
    ("mlflow-artifacts://{host}/a", ROUTE), ("http://{host}" + ROUTE + "/a", ROUTE),
    ("http://{host}/deep/er" + ROUTE + "/a", "/deep/er" + ROUTE),
])
def test_credentials_are_for_the_tracking_server(line, form, path):
    """Another host, or another port, gets none of them."""
    with Hostile(answering(FILES)) as elsewhere:
        host = elsewhere.url.removeprefix("http://")
        with Hostile(answering(tracked(form.format(host=host)))) as tracking:
            found = listed(line(*LIST, "-T", tracking.url, environment=CREDENTIALS))
            assert [item["path"] for item in found] == ["f"]
            assert tracking.seen[0][1]["authorization"] == BASIC
            request, headers = elsewhere.seen[0][:2]
            assert request.split()[1].startswith(path + "?path=a")
            assert "authorization" not in headers


@pytest.mark.parametrize("form", [
    "mlflow-artifacts:/a", "mlflow-artifacts://{host}/a", "http://{host}" + ROUTE + "/a",
    "HTTP://{host}/another" + ROUTE + "/a",
])
def test_tracking_server_in_other_words(line, form):
    """However its host is named, it is the same one."""
    with Hostile(answering(FILES)) as server:
        host = server.url.removeprefix("http://")
        answers = iter([tracked(form.format(host=host)), FILES])
        server.script = answering(*answers)
        line(*LIST, "-T", server.url, environment=CREDENTIALS)
        assert [seen[1]["authorization"] for seen in server.seen] == [BASIC, BASIC]


@pytest.mark.parametrize("scheme", ["gs", "wasbs", "abfss", "hdfs", "viewfs", "ftp", "sftp", "r2"])
def test_unsupported(line, tmp_path, scheme):
    write(tmp_path, {"file": b"x"})
    location = f"{scheme}://place/path"
    with Hostile(answering(tracked(location))) as tracking:
        for words in (["list"], ["log-artifact", "-l", tmp_path / "file"], ["download"]):
            message = line.fails(7, "artifacts", *words, "-r", "1" * 32, "-T", tracking.url)
            assert f"'{scheme}' is not supported" in message and "artifact proxy" in message
