"""The stand-in for a workspace is what other tests rely on: so it is tested itself."""

import base64
import http.client
import json
import urllib.parse

import pytest

import harness
from databricks_standin import FIRST_ID, MAX_BLOCK, Workspace


class Asker:
    """Requests with the right token."""

    def __init__(self, workspace):
        self.workspace = workspace
        self.headers = {"Authorization": f"Bearer {workspace.token}", "User-Agent": "test"}

    def send(self, method, path, body=None, headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.workspace.port, timeout=60)
        connection.request(method, path, body, self.headers if headers is None else headers)
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        return answer.status, json.loads(content)

    def get(self, path, /, **query):
        return self.send("GET", f"/api/2.0/{path}?{urllib.parse.urlencode(query)}")

    def post(self, path, /, **body):
        return self.send("POST", f"/api/2.0/{path}", json.dumps(body),
                         {**self.headers, "Content-Type": "application/json"})


@pytest.fixture
def files(tmp_path):
    with Workspace(tmp_path / "dbfs") as workspace:
        yield Asker(workspace)


def text(data):
    return base64.b64encode(data).decode()


def test_files(files):
    assert files.post("dbfs/put", path="/a/b c", contents=text(b"one")) == (200, {})
    assert files.post("dbfs/put", path="/a/b c", contents=text(b"two"))[1]["error_code"] == (
        "RESOURCE_ALREADY_EXISTS")
    assert files.post("dbfs/put", path="/a/b c", contents=text(b"two"), overwrite=True)[0] == 200
    status, found = files.get("dbfs/get-status", path="/a/b c")
    assert (status, found["path"], found["is_dir"], found["file_size"]) == (200, "/a/b c", False, 3)
    assert files.get("dbfs/read", path="/a/b c", offset=1, length=5) == (
        200, {"bytes_read": 2, "data": text(b"wo")})
    assert [entry["path"] for entry in files.get("dbfs/list", path="/a")[1]["files"]] == ["/a/b c"]
    assert [entry["path"] for entry in files.get("dbfs/list", path="/")[1]["files"]] == ["/a"]
    assert files.post("dbfs/mkdirs", path="/d/e")[0] == 200
    assert files.get("dbfs/list", path="/d/e") == (200, {})
    assert files.post("dbfs/delete", path="/d")[1]["error_code"] == "IO_ERROR"
    assert files.post("dbfs/delete", path="/d", recursive=True)[0] == 200
    assert files.get("dbfs/list", path="/d")[0] == 404


def test_blocks(files):
    handle = files.post("dbfs/create", path="/big")[1]["handle"]
    block = bytes(range(256)) * (MAX_BLOCK // 256)
    assert files.post("dbfs/add-block", handle=handle, data=text(block))[0] == 200
    assert files.post("dbfs/add-block", handle=handle, data=text(block + b"x"))[1][
        "error_code"] == "MAX_BLOCK_SIZE_EXCEEDED"
    assert files.post("dbfs/add-block", handle=handle, data="!")[0] == 400
    assert files.post("dbfs/close", handle=handle)[0] == 200
    assert files.post("dbfs/close", handle=handle)[0] == 404
    assert files.get("dbfs/get-status", path="/big")[1]["file_size"] == MAX_BLOCK
    assert files.get("dbfs/read", path="/big", length=MAX_BLOCK + 1)[1]["error_code"] == (
        "MAX_READ_SIZE_EXCEEDED")


@pytest.mark.parametrize("path", ["a", "dbfs:/a", "/../a", ""])
def test_paths(files, path):
    assert files.post("dbfs/put", path=path, contents="")[1]["error_code"] == (
        "INVALID_PARAMETER_VALUE")


def test_credentials(files):
    workspace, url = files.workspace, "/api/2.0/dbfs/list?path=/"
    basic = "Basic " + workspace.basic(workspace.user, workspace.password)
    for given, status in ((None, 401), ("Bearer x", 403), ("Basic x", 401), (basic, 200),
                          ("Digest x", 401)):
        headers = {"User-Agent": "test", **({"Authorization": given} if given else {})}
        assert files.send("GET", url, headers=headers)[0] == status
    form = {"Authorization": "Basic " + workspace.basic(workspace.client_id,
                                                        workspace.client_secret),
            "Content-Type": "application/x-www-form-urlencoded"}
    status, given = files.send("POST", "/oidc/v1/token",
                               "grant_type=client_credentials&scope=all-apis", form)
    assert (status, given["token_type"]) == (200, "Bearer")
    headers = {"User-Agent": "test", "Authorization": "Bearer " + given["access_token"]}
    assert files.send("GET", url, headers=headers)[0] == 200


def test_scripted_failures(files):
    workspace = files.workspace
    workspace.fail("dbfs/put", 429, "REQUEST_LIMIT_EXCEEDED", "slow down", [("Retry-After", "1")])
    workspace.fail("dbfs/put", 500, "INTERNAL_ERROR", "oops", after=True)
    workspace.fail("dbfs/list", None)
    assert files.post("dbfs/put", path="/x", contents="")[0] == 429
    assert files.get("dbfs/get-status", path="/x")[0] == 404
    assert files.post("dbfs/put", path="/x", contents="")[0] == 500
    assert files.get("dbfs/get-status", path="/x")[0] == 200
    with pytest.raises(http.client.RemoteDisconnected):
        files.get("dbfs/list", path="/")
    assert files.get("dbfs/list", path="/")[0] == 200


def test_tracking(tmp_path):
    with harness.Server(tmp_path) as server, Workspace(tmp_path / "dbfs", server) as workspace:
        asker = Asker(workspace)
        for name, code in (("plain", "INVALID_PARAMETER_VALUE"), ("/x", "PERMISSION_DENIED"),
                           ("/no/x", "RESOURCE_DOES_NOT_EXIST")):
            assert asker.post("mlflow/experiments/create", name=name)[1]["error_code"] == code
        made = asker.post("mlflow/experiments/create", name="/Shared/x")[1]["experiment_id"]
        assert int(made) > FIRST_ID
        status, run = asker.post("mlflow/runs/create", experiment_id=made)
        info = run["run"]["info"]
        assert (status, info["experiment_id"]) == (200, made)
        assert info["artifact_uri"] == (
            f"dbfs:/databricks/mlflow-tracking/{made}/{info['run_id']}/artifacts")
        found = asker.get("mlflow/experiments/get", experiment_id=made)[1]["experiment"]
        assert found["artifact_location"] == f"dbfs:/databricks/mlflow-tracking/{made}"
        assert asker.get("mlflow/experiments/get", experiment_id="0")[0] == 404
        workspace.denied.add("/Shared/x")
        assert asker.post("mlflow/runs/create", experiment_id=made)[0] == 403
        assert asker.get("ajax-api/2.0/mlflow/runs/get", run_id="x")[1]["error_code"] == (
            "ENDPOINT_NOT_FOUND")
