"""Artifacts in a Databricks workspace: in its file system, block by block, and in its volumes."""

import base64
import secrets

import pytest

import harness
import programs
from databricks_standin import MiB, Workspace
from stored import NAMES, blob, listed, new_run, read, write

# What a path of an artifact cannot have, or a local file system that stands in for the other.
PLAIN = [name for name in NAMES if "\\" not in name]


@pytest.fixture(scope="module")
def tracking(tmp_path_factory):
    with harness.Server(tmp_path_factory.mktemp("tracking")) as server:
        yield server


@pytest.fixture
def workspace(tmp_path, tracking):
    with Workspace(tmp_path / "dbfs", tracking) as standin:
        yield standin


class Run:
    """A run of a workspace whose artifacts are there."""

    def __init__(self, line, workspace, *location):
        self.line, self.workspace = line, workspace
        self.environment = {**workspace.environment, "MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR": "0"}
        line.uri = "databricks"
        name = f"/Shared/{secrets.token_hex(6)}"  # workspaces of other tests had ports, too
        line("experiments", "create", name, *location, environment=self.environment)
        words = line("runs", "create", "-e", name, environment=self.environment).out.split()
        self.id = words[0]
        self.uri = line("runs", "get", self.id, "--json",
                        environment=self.environment).json["run"]["info"]["artifact_uri"]
        self.folder = workspace.dbfs.root / self.uri.removeprefix("dbfs:/")
        workspace.seen.clear()

    def __call__(self, *words):
        return self.line("artifacts", *words, "-r", self.id, environment=self.environment)

    def fails(self, code, *words):
        return self.line.fails(code, "artifacts", *words, "-r", self.id,
                               environment=self.environment)


@pytest.fixture(params=["dbfs", "volume"])
def run(request, line, workspace):
    if request.param == "dbfs":
        return Run(line, workspace)
    volume = "/Volumes/main/default/my volume"
    (workspace.dbfs.root / volume.strip("/")).mkdir(parents=True)
    return Run(line, workspace, "--artifact-location", f"dbfs:{volume}/exp")


def test_names(run, tmp_path):
    files = {name: name.encode() for name in PLAIN}
    run("log-artifacts", "-l", write(tmp_path / "tree", files))
    assert read(run.folder) == files
    top = {name.partition("/")[0] for name in PLAIN}
    assert {item["path"]: item["is_dir"] for item in listed(run("list", "--json"))} == {
        name: name in ("deep", "dir with space") for name in top}
    run("download", "-d", tmp_path / "back")
    assert read(tmp_path / "back") == files


@pytest.mark.parametrize("size", [0, 1, MiB - 1, MiB, MiB + 1, 2 * MiB + 7])
def test_sizes(run, tmp_path, size):
    write(tmp_path, {"file": blob(size)})
    run("log-artifact", "-l", tmp_path / "file", "-a", "sub")
    run("log-artifact", "-l", tmp_path / "file", "-a", "sub")  # replaces it
    assert read(run.folder) == {"sub/file": blob(size)}
    [item] = listed(run("list", "-a", "sub", "--json"))
    assert (item["path"], item["file_size"]) == ("sub/file", size)
    run("download", "-a", "sub/file", "-d", tmp_path / "back")
    assert read(tmp_path / "back") == {"file": blob(size)}


def test_nothing_there(run, tmp_path):
    assert listed(run("list", "--json")) == []
    assert listed(run("list", "-a", "none", "--json")) == []
    assert "no artifact 'none'" in run.fails(4, "download", "-a", "none", "-d", tmp_path)
    write(tmp_path, {"file": b"x"})
    run("log-artifact", "-l", tmp_path / "file")
    assert listed(run("list", "-a", "file", "--json")) == []


@pytest.mark.parametrize("words, ends", [
    (["list"], ["/list", "/artifacts"]),
    (["log-artifact", "-l", "file"], ["/put", "/file"]),
    (["download", "-a", "file", "-d", "back"], ["/read", "/file"]),
])
def test_errors(run, workspace, words, ends):
    """The workspace's own words, and what they mean."""
    write(run.line.home, {"file": b"x"})
    run("log-artifact", "-l", "file")
    for end in ends:
        workspace.fail(end, 403, "PERMISSION_DENIED", "not you")
    assert run.fails(5, *words) == "not you"
    assert read(run.line.home / "back") == {}


# --- DBFS only ------------------------------------------------------------------------------


@pytest.fixture
def dbfs(line, workspace):
    return Run(line, workspace)


def calls(workspace, path):
    return [seen for seen in workspace.seen if seen.path == "/api/2.0/dbfs/" + path]


def test_blocks(dbfs, workspace, tmp_path):
    write(tmp_path, {"file": blob(2 * MiB + 7)})
    dbfs("log-artifact", "-l", tmp_path / "file")
    blocks = [len(base64.b64decode(seen.json["data"])) for seen in calls(workspace, "add-block")]
    assert blocks == [MiB, MiB, 7]
    dbfs("download", "-a", "file", "-d", tmp_path / "back")
    assert len(calls(workspace, "read")) == 3


@pytest.mark.parametrize("path, status", [("add-block", 500), ("close", 500), ("add-block", None)])
def test_failed_upload_is_taken_back(dbfs, workspace, tmp_path, path, status):
    """A block is not sent twice: it may have arrived."""
    write(tmp_path, {"file": blob(2 * MiB + 7)})
    workspace.fail(path, status, "INTERNAL_ERROR", "oops", after=True)
    dbfs.fails(8 if status is None else 70, "log-artifact", "-l", tmp_path / "file")
    assert len(calls(workspace, path)) == 1
    assert read(dbfs.folder) == {}


def test_reads_are_repeated(dbfs, workspace, tmp_path):
    write(tmp_path, {"file": blob(MiB + 7)})
    dbfs("log-artifact", "-l", tmp_path / "file")
    workspace.fail("read", 500, "INTERNAL_ERROR", "oops", times=2)
    workspace.fail("list", None, times=1)
    dbfs("download", "-a", "file", "-d", tmp_path / "back")
    assert read(tmp_path / "back") == {"file": blob(MiB + 7)}


def test_from_elsewhere(line, workspace, tmp_path):
    """A location in a workspace, whatever the tracking server is; the profile can be named."""
    write(tmp_path, {"file": b"x"})
    (tmp_path / ".databrickscfg").write_text(
        f"[work]\nhost = {workspace.url}\ntoken = {workspace.token}\n")
    run = new_run(line, "dbfs:/some/place")
    words = ["artifacts", "log-artifact", "-l", tmp_path / "file", "-r"]
    line(*words, run, environment=workspace.environment)
    assert list(read(workspace.dbfs.root / "some" / "place").values()) == [b"x"]
    assert "databrickscfg" in line.fails(2, *words, run)
    run = new_run(line, "dbfs://work@databricks/other/place")
    line(*words, run)
    assert list(read(workspace.dbfs.root / "other" / "place").values()) == [b"x"]


@pytest.mark.parametrize("location", ["dbfs:/faults", "dbfs:/Volumes/main/default/volume/faults"])
def test_no_memory(workspace, tmp_path, location):
    """Memory that runs out at each allocation in turn (tests/client/storage_faults.c)."""
    (workspace.dbfs.root / "Volumes/main/default/volume").mkdir(parents=True)
    done = programs.run("storage_faults", location, MiB + 7, cwd=tmp_path, environment={
        **workspace.environment, "HOME": str(tmp_path)})
    assert done.returncode == 0 and done.stdout == "", done.stdout[-5000:]
