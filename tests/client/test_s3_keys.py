"""Where the keys for S3 come from: environment, profiles, and the endpoints of containers and
instances, played by the test."""

import datetime
import http.server
import json
import threading
import urllib.parse

import pytest

from meddling import Meddling

ROLE = "arn:aws:iam::123456789012:role/tracking"
KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION")


def clock(seconds):
    """A time from now on, as the endpoints write it."""
    at = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


@pytest.fixture
def keyless(stored):
    """A run whose environment has no keys."""
    for name in KEYS:
        del stored.environment[name]
    return stored


@pytest.fixture
def between(stored):
    with Meddling(stored.service.url) as proxy:
        stored.environment["MLFLOW_S3_ENDPOINT_URL"] = proxy.url
        yield proxy


def save(line, name, text):
    path = line.home / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    return path


def test_profiles(keyless):
    service = keyless.service
    save(keyless.line, ".aws/credentials", f"""
        [default]
        aws_access_key_id = {service.access}
        aws_secret_access_key = {service.secret}
        [other]
        aws_access_key_id = {service.access}
        aws_secret_access_key = wrong
    """.replace("        ", ""))
    save(keyless.line, ".aws/config", f"[default]\nregion = {service.region}\n"
         f"[profile third]\naws_access_key_id = {service.access}\n"
         f"aws_secret_access_key = {service.secret} ; really\nregion = {service.region}\n"
         f"endpoint_url = {service.url}\n[profile sso]\nsso_session = work\n")
    keyless.artifacts("list")
    keyless.fails(5, "list", AWS_PROFILE="other")
    keyless.artifacts("list", AWS_PROFILE="third")
    keyless.artifacts("list", AWS_PROFILE="third", MLFLOW_S3_ENDPOINT_URL="")
    message = keyless.fails(7, "list", AWS_PROFILE="sso")
    assert "/.aws/config, profile sso: getting keys by sso_session is not supported" in message
    assert "profile 'none' is neither in" in keyless.fails(4, "list", AWS_PROFILE="none")


def test_named_files(keyless):
    service = keyless.service
    keys = save(keyless.line, "keys", f"[p]\naws_access_key_id={service.access}\n"
                                      f"aws_secret_access_key={service.secret}\n")
    config = save(keyless.line, "config", f"[profile p]\nregion={service.region}\n")
    keyless.artifacts("list", AWS_DEFAULT_PROFILE="p", AWS_SHARED_CREDENTIALS_FILE=str(keys),
                      AWS_CONFIG_FILE=str(config))


def test_a_program_writes_the_keys(keyless):
    """Again when they are about to expire, not otherwise; its words reach the user."""
    service, home = keyless.service, keyless.line.home
    program = save(keyless.line, "my keys", f"""#!/bin/sh
echo "$1" >> "{home}/asked"
echo '{{"Version": 1, "AccessKeyId": "{service.access}", "SecretAccessKey": "{service.secret}",
      "Expiration": "{clock(3600)}"}}'
""")
    program.chmod(0o755)
    save(keyless.line, ".aws/config",
         f"[default]\nregion = {service.region}\ncredential_process = '{program}' --now\n"
         "[profile locked]\ncredential_process = sh -c 'echo log in first >&2; exit 2'\n")
    (home / "files").mkdir()
    for name in "abc":
        (home / "files" / name).write_text(name)
    keyless.artifacts("log-artifacts", "-l", home / "files")
    assert (home / "asked").read_text() == "--now\n"
    message = keyless.fails(5, "list", AWS_PROFILE="locked")
    assert "credential_process of the profile 'locked'" in message
    assert "ended with status 2: log in first" in message


def test_no_keys(keyless):
    message = keyless.fails(5, "list")
    assert "no AWS keys" in message and "/.aws/credentials" in message


def test_session_token(stored, between):
    """A token is sent and signed."""
    token = "IQoJb3JpZ2luX2VjE+" + "x/" * 400 + "=="
    stored.line.run("artifacts", "list", "-r", stored.run,
                    environment={**stored.environment, "AWS_SESSION_TOKEN": token})
    headers = between.seen[0].headers
    assert headers["x-amz-security-token"] == token
    assert "x-amz-security-token" in headers["Authorization"].partition("SignedHeaders=")[2]


def test_expected_owner(stored, between):
    stored.line.run("artifacts", "list", "-r", stored.run, environment={
        **stored.environment, "MLFLOW_S3_EXPECTED_BUCKET_OWNER": "123456789012"})
    headers = between.seen[0].headers
    assert headers["x-amz-expected-bucket-owner"] == "123456789012"
    assert "x-amz-expected-bucket-owner" in headers["Authorization"]


# --- endpoints ------------------------------------------------------------------------------


class Handler(http.server.BaseHTTPRequestHandler):
    def handle_any(self):
        endpoint = self.server.endpoint
        self.form = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        endpoint.seen.append((self.command, self.path, self.headers))
        if self.command == "POST":
            status, text = endpoint.assume(urllib.parse.parse_qs(self.form, strict_parsing=True))
        else:
            status, text = endpoint.answer(self.command, self.path, self.headers)
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    do_GET = do_PUT = do_POST = handle_any

    def log_message(self, *_):
        pass


class Endpoint:
    """What hands out keys to containers and instances, and for tokens of web identities."""

    role = "tracking role"
    token = "AQAEA-token=="
    session = ""  # the element with the token of a session, of which the service knows none

    def __init__(self, service):
        self.service = service
        self.seen = []
        self.sessions = []
        self.seconds = 3600
        self.authorization = None
        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.endpoint = self
        self.url = f"http://127.0.0.1:{self.http.server_port}"
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    def keys(self):
        return json.dumps({"Code": "Success", "AccessKeyId": self.service.access,
                           "SecretAccessKey": self.service.secret,
                           "Expiration": clock(self.seconds)})

    def assume(self, form):
        """Amazon's security token service, of which only one call is known."""
        if (form["Action"], form["Version"]) != (["AssumeRoleWithWebIdentity"], ["2011-06-15"]):
            return 400, ""
        if (form["RoleArn"], form["WebIdentityToken"]) != ([ROLE], [self.token]):
            return 403, ("<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code>"
                         "<Message>Not authorized</Message></Error></ErrorResponse>")
        self.sessions.append(form["RoleSessionName"][0])
        return 200, f"""<AssumeRoleWithWebIdentityResponse
            xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleWithWebIdentityResult>
            <Credentials><AccessKeyId>{self.service.access}</AccessKeyId>
            <SecretAccessKey>{self.service.secret}</SecretAccessKey>
            {self.session}<Expiration>{clock(self.seconds)}</Expiration>
            </Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>"""

    def answer(self, method, path, headers):
        if path == "/container":
            if headers["Authorization"] != self.authorization:
                return 403, '{"code": "AccessDenied"}'
            return 200, self.keys()
        if (method, path) == ("PUT", "/latest/api/token"):
            seconds = headers["X-aws-ec2-metadata-token-ttl-seconds"]
            return (200, self.token) if seconds == "21600" else (400, "")
        if headers["X-aws-ec2-metadata-token"] != self.token:
            return 401, ""
        roles = "/latest/meta-data/iam/security-credentials/"
        if path == roles:
            return 200, self.role + "\n"
        return (200, self.keys()) if path == roles + "tracking%20role" else (404, "")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.http.shutdown()
        self.http.server_close()


@pytest.fixture
def endpoint(keyless):
    keyless.environment["AWS_REGION"] = keyless.service.region
    keyless.environment["AWS_EC2_METADATA_DISABLED"] = "false"
    with Endpoint(keyless.service) as standin:
        yield standin


def upload(stored, tmp_path, count, **environment):
    for number in range(count):
        (tmp_path / "tree").mkdir(exist_ok=True)
        (tmp_path / "tree" / str(number)).write_bytes(b"x")
    stored.artifacts("log-artifacts", "-l", tmp_path / "tree", **environment)
    assert len(stored.keys()) == count


def test_instance(keyless, endpoint, tmp_path):
    """Asked once for many requests."""
    upload(keyless, tmp_path, 10, AWS_EC2_METADATA_SERVICE_ENDPOINT=endpoint.url + "/")
    assert [(method, path) for method, path, _ in endpoint.seen] == [
        ("PUT", "/latest/api/token"), ("GET", "/latest/meta-data/iam/security-credentials/"),
        ("GET", "/latest/meta-data/iam/security-credentials/tracking%20role")]


def test_keys_that_expire(keyless, endpoint, tmp_path):
    """Those that are about to are asked for again; while that fails, they still do."""
    endpoint.seconds = 200
    upload(keyless, tmp_path, 5, AWS_CONTAINER_CREDENTIALS_FULL_URI=endpoint.url + "/container")
    assert len(endpoint.seen) == 5
    once = iter([(200, endpoint.keys())])
    endpoint.answer = lambda *_: next(once, (500, ""))
    upload(keyless, tmp_path, 5, AWS_CONTAINER_CREDENTIALS_FULL_URI=endpoint.url + "/container",
           AWS_METADATA_SERVICE_NUM_ATTEMPTS="1")
    endpoint.seconds = -1
    endpoint.answer = lambda *_: (200, endpoint.keys())
    endpoint.seen.clear()
    upload(keyless, tmp_path, 5, AWS_CONTAINER_CREDENTIALS_FULL_URI=endpoint.url + "/container")
    assert len(endpoint.seen) == 5


def test_container(keyless, endpoint, tmp_path):
    uri = {"AWS_CONTAINER_CREDENTIALS_FULL_URI": endpoint.url + "/container"}
    keyless.artifacts("list", **uri)
    assert endpoint.seen[-1][2]["Authorization"] is None
    endpoint.authorization = "Bearer of the pod"
    assert "HTTP 403" in keyless.fails(5, "list", **uri)
    keyless.artifacts("list", **uri, AWS_CONTAINER_AUTHORIZATION_TOKEN=endpoint.authorization)
    token = tmp_path / "token"
    token.write_text(endpoint.authorization + "\n")
    keyless.artifacts("list", **uri, AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=str(token))
    token.write_text("two\nlines")
    assert "line break" in keyless.fails(
        5, "list", **uri, AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=str(token))


@pytest.fixture
def pod(keyless, endpoint, tmp_path):
    """What Kubernetes tells a pod, and the file with its token."""
    token = tmp_path / "web-token"
    token.write_text(endpoint.token + "\n")
    keyless.environment.update(AWS_WEB_IDENTITY_TOKEN_FILE=str(token), AWS_ROLE_ARN=ROLE,
                               AWS_ENDPOINT_URL_STS=endpoint.url)
    return token


def test_web_identity(keyless, endpoint, pod, tmp_path):
    """Asked once for many requests."""
    upload(keyless, tmp_path, 10)
    assert [(method, path) for method, path, _ in endpoint.seen] == [("POST", "/")]
    assert endpoint.sessions == ["millstream"]
    keyless.artifacts("list", AWS_ROLE_SESSION_NAME="me")
    assert endpoint.sessions == ["millstream", "me"]


def test_session_of_a_web_identity(keyless, between, endpoint, pod):
    endpoint.session = "<SessionToken>of+the/session==</SessionToken>"
    keyless.line.run("artifacts", "list", "-r", keyless.run, environment=keyless.environment)
    assert between.seen[0].headers["x-amz-security-token"] == "of+the/session=="


def test_web_identity_that_changes(keyless, endpoint, pod, tmp_path):
    """Keys that are about to expire are asked for again, with the token that is there then."""
    endpoint.seconds = 200
    assume = endpoint.assume

    def rotate(form):
        answer = assume(form)
        endpoint.token = f"token-{len(endpoint.sessions)}"
        pod.write_text(endpoint.token)
        return answer

    endpoint.assume = rotate
    upload(keyless, tmp_path, 5)
    assert len(endpoint.sessions) == 5


def test_web_identity_of_a_profile(keyless, endpoint, pod):
    del keyless.environment["AWS_WEB_IDENTITY_TOKEN_FILE"], keyless.environment["AWS_ROLE_ARN"]
    save(keyless.line, ".aws/config", f"[profile pod]\nrole_arn = {ROLE}\n"
         f"web_identity_token_file = {pod}\nrole_session_name = ours\n")
    keyless.artifacts("list", AWS_PROFILE="pod")
    assert endpoint.sessions == ["ours"]


def test_web_identity_without_keys(keyless, endpoint, pod):
    message = keyless.fails(5, "list", AWS_ROLE_ARN="arn:aws:iam::1:role/other")
    assert "no AWS keys for the role arn:aws:iam::1:role/other" in message
    assert "HTTP 403: AccessDenied: Not authorized" in message
    assert "AWS_ROLE_ARN" in keyless.fails(2, "list", AWS_ROLE_ARN="")
    pod.unlink()
    message = keyless.fails(5, "list")
    assert str(pod) in message and endpoint.token not in message


@pytest.mark.parametrize("answer", [(200, "{}"), (200, "<x/>"), (302, ""), (404, "no such page")])
def test_web_identity_from_something_else(keyless, endpoint, pod, answer):
    endpoint.assume = lambda form: answer
    message = keyless.fails(5, "list")
    assert f"answered HTTP {answer[0]}" in message and endpoint.token not in message


@pytest.mark.parametrize("answer, said", [
    ((200, '{"Code": "Failed", "Message": "no role here"}'), "Failed: no role here"),
    ((200, "<html>"), "gives no keys"), ((404, ""), "HTTP 404"), ((302, ""), "HTTP 302"),
])
def test_endpoints_without_keys(keyless, endpoint, answer, said):
    endpoint.answer = lambda *_: answer
    message = keyless.fails(5, "list", AWS_CONTAINER_CREDENTIALS_FULL_URI=endpoint.url + "/container")
    assert "no AWS keys" in message and said in message


@pytest.mark.parametrize("uri, said", [
    ("http://169.254.170.3/keys", "only be asked over https"),
    ("http://evil.example/keys", "only be asked over https"),
    ("http://127.0.0.1.evil.example/keys", "only be asked over https"),
    ("http://localhost.evil.example/keys", "only be asked over https"),
    ("ftp://127.0.0.1/keys", "must begin with http"),
])
def test_endpoints_that_are_not_asked(keyless, uri, said):
    assert said in keyless.fails(2, "list", AWS_CONTAINER_CREDENTIALS_FULL_URI=uri)


def test_no_endpoint(keyless):
    """A machine without metadata: an answer within a moment, with all the places named."""
    message = keyless.fails(5, "list", AWS_EC2_METADATA_DISABLED="false",
                            AWS_EC2_METADATA_SERVICE_ENDPOINT="http://127.0.0.1:1")
    assert "no AWS keys" in message and "127.0.0.1:1" in message
