"""Tracking on a Databricks workspace: which workspace is meant, how the client authenticates there,
what it says when it cannot, and that values come back as they went in."""

import base64
import subprocess

import pytest

import harness
from databricks_standin import FIRST_ID, Workspace

GET = ["experiments", "get", "-n", "/Shared/none", "--json"]
QUICK = {"MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR": "0", "MLFLOW_HTTP_REQUEST_TIMEOUT": "60"}


@pytest.fixture(scope="module")
def tracking(tmp_path_factory):
    with harness.Server(tmp_path_factory.mktemp("tracking")) as server:
        yield server


@pytest.fixture
def workspace(tmp_path, tracking):
    with Workspace(tmp_path / "dbfs", tracking) as standin:
        yield standin


@pytest.fixture
def databricks(line):
    line.uri = "databricks"
    return line


def profile(line, text, name=".databrickscfg"):
    (line.home / name).write_text(text)
    return line.home / name


def asks(line, workspace, uri="databricks", **environment):
    """Makes a request that needs no experiment; how the client authenticated."""
    workspace.seen.clear()
    line.fails(4, *GET, "-T", uri, environment={**QUICK, **environment})
    return workspace.seen[-1].headers["Authorization"]


def basic(user, password):
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


# --- which workspace, and as whom -----------------------------------------------------------


def test_environment(databricks, workspace):
    bearer = f"Bearer {workspace.token}"
    as_user = {"DATABRICKS_HOST": workspace.url, "DATABRICKS_USERNAME": workspace.user,
               "DATABRICKS_PASSWORD": workspace.password}
    assert asks(databricks, workspace, **workspace.environment) == bearer
    assert asks(databricks, workspace, "databricks://", **workspace.environment) == bearer
    assert asks(databricks, workspace, **as_user) == basic(workspace.user, workspace.password)
    # A name with its password goes before a token; half of that counts for nothing.
    assert asks(databricks, workspace, **as_user, DATABRICKS_TOKEN=workspace.token) == (
        basic(workspace.user, workspace.password))
    assert asks(databricks, workspace, **workspace.environment,
                DATABRICKS_USERNAME=workspace.user) == bearer
    # The credentials of other servers are not shown to a workspace.
    assert asks(databricks, workspace, **workspace.environment, MLFLOW_TRACKING_USERNAME="a",
                MLFLOW_TRACKING_PASSWORD="b", MLFLOW_TRACKING_TOKEN="c") == bearer
    assert workspace.seen[-1].path == "/api/2.0/mlflow/experiments/get-by-name"


def test_profiles(databricks, workspace):
    """A named profile is taken whole, whatever the environment says."""
    profile(databricks, f"""
        # the usual one
        [DEFAULT]
        host = {workspace.url}/?o=12345
        token = {workspace.token}

        [user]
        Host: {workspace.url}/
        username: {workspace.user}
        password: {workspace.password}
        jobs-api-version: 2.1
        """.replace("\n        ", "\n"))
    other = {"DATABRICKS_HOST": "https://127.0.0.1:9", "DATABRICKS_TOKEN": "x"}
    bearer, as_user = f"Bearer {workspace.token}", basic(workspace.user, workspace.password)
    assert asks(databricks, workspace) == bearer
    assert asks(databricks, workspace, "databricks://DEFAULT", **other) == bearer
    assert asks(databricks, workspace, "databricks://user", **other) == as_user
    assert asks(databricks, workspace, DATABRICKS_CONFIG_PROFILE="user", **other) == as_user
    assert asks(databricks, workspace, "databricks://DEFAULT",
                DATABRICKS_CONFIG_PROFILE="user") == bearer
    # A host without credentials in the environment is not mixed with the file's.
    assert asks(databricks, workspace, DATABRICKS_HOST="https://127.0.0.1:9") == bearer


@pytest.mark.parametrize("path", ["~/elsewhere.cfg", "{home}/elsewhere.cfg"])
def test_another_file(databricks, workspace, path):
    profile(databricks, f"[p]\nhost={workspace.url}\ntoken={workspace.token}\n", "elsewhere.cfg")
    assert asks(databricks, workspace, "databricks://p", DATABRICKS_CONFIG_FILE=path.format(
        home=databricks.home)) == f"Bearer {workspace.token}"


def test_passwords_with_signs(databricks, workspace):
    """As Python reads the file: what looks like a comment behind a value is a part of it."""
    workspace.password = "a ;b #c = d : %e"
    profile(databricks, f"[DEFAULT]\nhost={workspace.url}\nusername = {workspace.user}\n"
                        f"password = {workspace.password}\n")
    assert asks(databricks, workspace) == basic(workspace.user, workspace.password)


def test_long_token(databricks, workspace):
    workspace.tokens.add("x" * 4000)
    profile(databricks, f"[DEFAULT]\nhost={workspace.url}\ntoken={'x' * 4000}\n")
    assert asks(databricks, workspace) == "Bearer " + "x" * 4000


# --- what is wrong --------------------------------------------------------------------------


@pytest.mark.parametrize("text, uri, said", [
    ("[DEFAULT]\ntoken = dapi-secret\n", "databricks", ["[DEFAULT]", "'host'", "https://"]),
    ("[DEFAULT]\nhost = https://h\n", "databricks", ["[DEFAULT]", "'token'"]),
    ("[p]\nhost = https://h\nusername = me\n", "databricks://p", ["[p]", "'password'"]),
    ("[p]\nhost = https://h\npassword = dapi-secret\n", "databricks://p", ["[p]", "'username'"]),
    ("[p]\nhost = https://h\nclient_id = me\n", "databricks://p", ["[p]", "'client_secret'"]),
    ("[p]\nhost = https://h\ntoken =\n", "databricks://p", ["[p]", "no credentials"]),
    ("[q]\nhost = https://h\ntoken = dapi-secret\n", "databricks://p", ["no section [p]"]),
    ("[P]\nhost = https://h\ntoken = dapi-secret\n", "databricks://p", ["no section [p]"]),
    ("host = https://h\ntoken = dapi-secret\n", "databricks", ["no section [DEFAULT]"]),
    ("[p]\nhost = http://h.example\ntoken = dapi-secret\n", "databricks://p",
     ["[p]", "'host'", "https://h.example"]),
    ("[p]\nhost = https://me:dapi-secret@h\ntoken = x\n", "databricks://p", ["[p]", "'host'"]),
    ("[p]\nhost = https://\ntoken = dapi-secret\n", "databricks://p", ["[p]", "'host'"]),
    ("[p]\nhost = https://h\ntoken = dapi-secret\ninsecure = perhaps\n", "databricks://p",
     ["[p]", "'insecure'", "true or false"]),
    ("[p]\nhost = https://h\ndapi-secret\n", "databricks://p", ["line 3"]),
    ("[p\nhost = https://h\n", "databricks://p", ["line 1", "[name]"]),
    ("[p]\nhost = https://h\ntoken = dapi-secret\x01\n", "databricks://p", ["control character"]),
])
def test_broken_profiles(databricks, text, uri, said):
    path = profile(databricks, text)
    message = databricks.fails(2, *GET, "-T", uri)
    for words in said:
        assert words in message
    assert str(path) in message or "control character" in message
    assert "dapi-secret" not in message


def test_sign_in_by_other_programs(databricks):
    path = profile(databricks, "[DEFAULT]\nhost = https://h\nauth_type = databricks-cli\n")
    message = databricks.fails(7, *GET)
    assert str(path) in message and "databricks-cli" in message and "'token'" in message


def test_no_file(databricks):
    for environment, said in (({}, "set DATABRICKS_HOST and DATABRICKS_TOKEN"),
                              ({"DATABRICKS_HOST": "https://h"}, "set DATABRICKS_TOKEN beside")):
        message = databricks.fails(2, *GET, environment=environment)
        assert f"{databricks.home}/.databrickscfg" in message and said in message
    message = databricks.fails(2, *GET, "-T", "databricks://p",
                               environment={"DATABRICKS_CONFIG_FILE": "/nowhere/x"})
    assert "/nowhere/x" in message and "'p'" in message


def test_file_that_is_none(databricks):
    (databricks.home / ".databrickscfg").mkdir()
    assert "regular file" in databricks.fails(2, *GET)
    (databricks.home / ".databrickscfg").rmdir()
    profile(databricks, "[DEFAULT]\n" + "#" * (1 << 20))
    assert "1048576" in databricks.fails(2, *GET)


@pytest.mark.parametrize("uri, code, said", [
    ("databricks://scope:prefix", 7, "inside its clusters"),
    ("databricks://a/b", 2, "databricks://PROFILE"),
    ("databricks-uc", 7, "registry of models"),
    ("databricks-uc://p", 2, "no known kind"),
])
def test_other_uris(databricks, uri, code, said):
    assert said in databricks.fails(code, *GET, "-T", uri)


# --- service principals ---------------------------------------------------------------------


def test_service_principal(databricks, workspace):
    principal = {"DATABRICKS_HOST": workspace.url, "DATABRICKS_CLIENT_ID": workspace.client_id,
                 "DATABRICKS_CLIENT_SECRET": workspace.client_secret}
    given = asks(databricks, workspace, **principal)
    assert [seen.path for seen in workspace.seen[:1]] == ["/oidc/v1/token"]
    assert given.removeprefix("Bearer ") in workspace.tokens
    message = databricks.fails(5, *GET, environment={**principal,
                                                     "DATABRICKS_CLIENT_SECRET": "dose-wrong"})
    assert workspace.client_id in message and "Client authentication failed" in message
    assert "dose-wrong" not in message


def test_tokens_are_used_until_they_expire(databricks, workspace):
    """One command makes several requests: with one token, or with new ones if they are short."""
    principal = {"DATABRICKS_HOST": workspace.url, "DATABRICKS_CLIENT_ID": workspace.client_id,
                 "DATABRICKS_CLIENT_SECRET": workspace.client_secret}
    databricks("experiments", "create", "/Shared/principal", environment=principal)
    run = databricks("runs", "create", "/Shared/principal", environment=principal).out.strip()
    databricks("runs", "log", run, "--metrics", "loss=1", environment=principal)
    for seconds in (3600, 0):
        workspace.token_seconds = seconds
        workspace.seen.clear()
        databricks("runs", "metrics", run, "--key", "loss", environment=principal)
        fetched = sum(seen.path == "/oidc/v1/token" for seen in workspace.seen)
        asked = len(workspace.seen) - fetched
        assert asked >= 2
        assert fetched == (1 if seconds else asked)


# --- tracking -------------------------------------------------------------------------------


def test_tracking(databricks, workspace):
    def do(*words):
        return databricks(*words, environment={**QUICK, **workspace.environment})

    do("experiments", "create", "/Shared/digits")
    found = do("experiments", "get", "-n", "/Shared/digits", "--json").json["experiment"]
    assert int(found["experiment_id"]) > FIRST_ID
    assert found["artifact_location"].startswith("dbfs:/databricks/mlflow-tracking/")
    run = do("runs", "create", "/Shared/digits", "--run-name", "first", "--status",
             "RUNNING").out.strip()
    do("runs", "log", run, "--metrics", "loss=0.25", "--step", "3", "--params", "rate=0.1",
       "--tags", "who=me")
    do("runs", "log", run, "--status", "FINISHED")
    described = do("runs", "describe", run).json
    assert described["info"]["experiment_id"] == found["experiment_id"]
    assert described["info"]["status"] == "FINISHED"
    assert described["info"]["artifact_uri"] == (
        f"{found['artifact_location']}/{run}/artifacts")
    assert described["data"]["metrics"] == {"loss": 0.25}
    assert described["data"]["params"] == {"rate": "0.1"}
    assert "first" in do("runs", "search", "/Shared/digits").out
    assert ",3," in do("runs", "metrics", run, "--key", "loss", "--csv").out
    # A workspace picks no samples for charts.
    assert "last 0.25" in do("runs", "metrics", run, "--key", "loss", "--chart").out


def test_errors_of_a_workspace(databricks, workspace):
    def fails(code, *words):
        return databricks.fails(code, *words, environment={**QUICK, **workspace.environment})

    assert "absolute path" in fails(2, "experiments", "create", "plain")
    assert "Parent directory /nowhere" in fails(4, "experiments", "create", "/nowhere/x")
    workspace.denied.add("/Shared/forbidden")
    assert "Edit permissions" in fails(5, "experiments", "create", "/Shared/forbidden")
    workspace.tokens.clear()
    assert "Invalid access token" in fails(5, *GET)


def test_a_busy_workspace(databricks, workspace):
    environment = {**QUICK, **workspace.environment}
    for status, code in ((429, "REQUEST_LIMIT_EXCEEDED"), (503, "TEMPORARILY_UNAVAILABLE")):
        workspace.fail("experiments/get-by-name", status, code, "slow down", times=2)
        workspace.seen.clear()
        databricks.fails(4, *GET, environment=environment)
        assert len(workspace.seen) == 3


def test_tls(line, tmp_path):
    """A workspace is reached over https, whose certificate must be good unless told otherwise."""
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
         "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout",
         tmp_path / "key.pem", "-out", tmp_path / "cert.pem"], check=True, capture_output=True)
    files = (str(tmp_path / "cert.pem"), str(tmp_path / "key.pem"))
    with Workspace(tmp_path / "dbfs", tls=files) as workspace:
        address = workspace.url.removeprefix("https://")  # as people write it
        environment = {**QUICK, "DATABRICKS_HOST": address, "DATABRICKS_TOKEN": workspace.token}

        def fails(code, **more):
            return line.fails(code, *GET, "-T", "databricks", environment={**environment, **more})

        assert "certificate" in fails(8)
        assert workspace.seen == []
        assert "No API" in fails(4, MLFLOW_TRACKING_SERVER_CERT_PATH=files[0])
        assert "No API" in fails(4, DATABRICKS_INSECURE="true")
        profile(line, f"[DEFAULT]\nhost={address}\ntoken={workspace.token}\ninsecure=True\n")
        assert "No API" in fails(4, DATABRICKS_HOST="")
        assert len(workspace.seen) == 3
