"""A stand-in for a Databricks workspace: what its REST interface checks and answers, as far as a
tracking client sees it.

    with harness.Server(home) as tracking, Workspace(home / "dbfs", tracking) as workspace:
        DATABRICKS_HOST=workspace.url DATABRICKS_TOKEN=workspace.token …

Tracking calls are answered by a real server of ours, so that values round-trip; what differs on a
workspace is changed on the way: experiments are absolute workspace paths with large ids, there is
no default experiment, artifact locations are `dbfs:/databricks/mlflow-tracking/…`, and there is
nothing below /ajax-api. The calls of /api/2.0/dbfs and, for volumes, /api/2.0/fs work on files
below `root`. Errors have the workspace's codes and forms.

A test reads workspace.seen, forbids with workspace.denied, and scripts failures with
workspace.fail(…)."""

import base64
import binascii
import http.server
import itertools
import json
import pathlib
import re
import secrets
import shutil
import ssl
import threading
import urllib.parse

MiB = 1 << 20
MAX_BLOCK = MiB  # of dbfs/put, dbfs/add-block and dbfs/read
MAX_BODY = 10 * MiB  # of any request
MAX_LISTED = 5000  # entries of a directory; a larger one cannot be listed
FIRST_ID = 2_140_000_000_000_000  # what a workspace's experiment ids look like
ARTIFACT_ROOT = "dbfs:/databricks/mlflow-tracking"


class Refused(Exception):
    """An answer that is an error."""

    def __init__(self, status, code, message, headers=()):
        super().__init__(message)
        self.status, self.code, self.message, self.headers = status, code, message, headers

    @property
    def body(self):
        return {"error_code": self.code, "message": self.message}


def invalid(message):
    return Refused(400, "INVALID_PARAMETER_VALUE", message)


def missing(message):
    return Refused(404, "RESOURCE_DOES_NOT_EXIST", message)


class Seen:
    """A request that has come."""

    def __init__(self, method, target, headers, body):
        self.method, self.headers, self.body = method, headers, body
        self.path, _, self.query = target.partition("?")

    @property
    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"<{self.method} {self.path}?{self.query} {self.body[:100]!r}>"


class Dbfs:
    """The calls of /api/2.0/dbfs over a local directory."""

    def __init__(self, root):
        self.root = pathlib.Path(root)
        self.root.mkdir(parents=True, exist_ok=True)
        self.handles = {}
        self.numbers = itertools.count(secrets.randbelow(1 << 40))
        self.calls = {
            ("POST", "put"): self.put, ("POST", "create"): self.create,
            ("POST", "add-block"): self.add_block, ("POST", "close"): self.close,
            ("POST", "mkdirs"): self.mkdirs, ("POST", "delete"): self.delete,
            ("GET", "get-status"): self.get_status, ("GET", "list"): self.list,
            ("GET", "read"): self.read,
        }

    def local(self, arguments):
        """The local file of a DBFS path, which must be absolute and lead nowhere else."""
        path = arguments.get("path")
        if not isinstance(path, str) or not path:
            raise invalid("Missing required field: path")
        if not path.startswith("/"):
            raise invalid(f"Path must be absolute: {path}")
        if ".." in path.split("/"):
            raise invalid(f"Path must not contain '..': {path}")
        return self.root / path.strip("/")

    def status(self, local):
        """What get-status and list say about a file or directory."""
        if not local.exists():
            raise missing(f"No file or directory exists on path {self.name(local)}.")
        facts = local.stat()
        return {"path": self.name(local), "is_dir": local.is_dir(),
                "file_size": 0 if local.is_dir() else facts.st_size,
                "modification_time": int(facts.st_mtime * 1000)}

    def name(self, local):
        return "/" + "/".join(local.relative_to(self.root).parts)

    def block(self, arguments, field):
        text = arguments.get(field, "")
        try:
            data = base64.b64decode(text, validate=True)
        except (binascii.Error, TypeError, ValueError):
            raise Refused(400, "MALFORMED_REQUEST", f"Invalid base64 in {field}") from None
        if len(data) > MAX_BLOCK:
            raise Refused(400, "MAX_BLOCK_SIZE_EXCEEDED",
                          f"The {field} of {len(data)} bytes exceeds the limit of 1 MB")
        return data

    def new_file(self, arguments):
        """The place of a file that is to be written; its directories are made."""
        local = self.local(arguments)
        if local.is_dir():
            raise Refused(400, "INVALID_PARAMETER_VALUE", f"{self.name(local)} is a directory")
        if local.exists() and arguments.get("overwrite") is not True:
            raise Refused(400, "RESOURCE_ALREADY_EXISTS",
                          f"A file or directory already exists at the input path "
                          f"{self.name(local)}.")
        try:
            local.parent.mkdir(parents=True, exist_ok=True)
        except (FileExistsError, NotADirectoryError):
            raise invalid(f"A parent of {self.name(local)} is a file") from None
        return local

    def put(self, arguments):
        data = self.block(arguments, "contents")
        self.new_file(arguments).write_bytes(data)
        return {}

    def create(self, arguments):
        local = self.new_file(arguments)
        handle = next(self.numbers)
        self.handles[handle] = (local, open(local, "wb"))
        return {"handle": handle}

    def opened(self, arguments):
        handle = arguments.get("handle")
        if handle not in self.handles:
            raise missing(f"No open handle {handle}")
        return handle

    def add_block(self, arguments):
        self.handles[self.opened(arguments)][1].write(self.block(arguments, "data"))
        return {}

    def close(self, arguments):
        self.handles.pop(self.opened(arguments))[1].close()
        return {}

    def mkdirs(self, arguments):
        local = self.local(arguments)
        try:
            local.mkdir(parents=True, exist_ok=True)
        except (FileExistsError, NotADirectoryError):
            raise Refused(400, "RESOURCE_ALREADY_EXISTS",
                          f"A file exists at a prefix of {self.name(local)}") from None
        return {}

    def delete(self, arguments):
        local = self.local(arguments)
        if not local.exists():
            raise missing(f"No file or directory exists on path {self.name(local)}.")
        if not local.is_dir():
            local.unlink()
        elif arguments.get("recursive") is True:
            shutil.rmtree(local)
        elif any(local.iterdir()):
            raise Refused(400, "IO_ERROR", f"Directory {self.name(local)} is not empty")
        else:
            local.rmdir()
        return {}

    def get_status(self, arguments):
        return self.status(self.local(arguments))

    def list(self, arguments):
        local = self.local(arguments)
        if not local.is_dir():
            return {"files": [self.status(local)]}
        entries = sorted(local.iterdir())
        if len(entries) > MAX_LISTED:
            raise Refused(400, "MAX_LIST_SIZE_EXCEEDED",
                          f"{self.name(local)} has more than {MAX_LISTED} entries")
        return {"files": [self.status(entry) for entry in entries]} if entries else {}

    def read(self, arguments):
        local = self.local(arguments)
        try:
            offset, length = int(arguments.get("offset", 0)), int(arguments.get("length", MAX_BLOCK))
        except ValueError:
            raise invalid("offset and length must be numbers") from None
        if self.status(local)["is_dir"]:
            raise invalid(f"{self.name(local)} is a directory")
        if offset < 0 or length < 0:
            raise invalid("offset and length must not be negative")
        if length > MAX_BLOCK:
            raise Refused(400, "MAX_READ_SIZE_EXCEEDED", "length must be at most 1 MB")
        with open(local, "rb") as file:
            file.seek(offset)
            data = file.read(length)
        return {"bytes_read": len(data), "data": base64.b64encode(data).decode()}


class Volumes:
    """The calls of /api/2.0/fs over a local directory, which has the volumes in it."""

    FILES, DIRECTORIES = "/api/2.0/fs/files/", "/api/2.0/fs/directories/"

    def __init__(self, root, page=3):
        self.root = pathlib.Path(root)
        self.page = page  # entries of one page of a listing, at most

    def call(self, seen):
        query = dict(urllib.parse.parse_qsl(seen.query, strict_parsing=bool(seen.query)))
        kind = self.FILES if seen.path.startswith(self.FILES) else self.DIRECTORIES
        call = {("PUT", self.FILES): self.write, ("GET", self.FILES): self.read,
                ("PUT", self.DIRECTORIES): self.make, ("GET", self.DIRECTORIES): self.list}.get(
                    (seen.method, kind))
        if call is None or not seen.path.startswith(kind):
            raise Refused(404, "ENDPOINT_NOT_FOUND", f"No API found for '{seen.method} {seen.path}'")
        path = urllib.parse.unquote(seen.path.removeprefix(kind), errors="strict")
        parts = path.split("/")
        if parts[0] != "Volumes" or len(parts) < 5 or "" in parts or ".." in parts:
            raise invalid(f"Invalid path: /{path}")
        return call(self.root / path, query, seen)

    def write(self, local, query, seen):
        if seen.headers.get("Content-Type") != "application/octet-stream":
            raise invalid("Content-Type must be application/octet-stream")
        if not local.parent.is_dir():
            raise Refused(404, "NOT_FOUND", "The parent directory does not exist.")
        if local.exists() and query.get("overwrite") != "true":
            raise Refused(409, "ALREADY_EXISTS", "The file being created already exists.")
        local.write_bytes(seen.body)
        return 204, b"", ()

    def read(self, local, query, seen):
        if not local.is_file():
            raise Refused(404, "NOT_FOUND", "The file being accessed is not found.")
        return 200, local.read_bytes(), ()

    def make(self, local, query, seen):
        local.mkdir(parents=True, exist_ok=True)
        return 204, b"", ()

    def list(self, local, query, seen):
        if not local.is_dir():
            raise Refused(404, "NOT_FOUND", "The directory being accessed is not found.")
        entries = sorted(local.iterdir())
        first = int(query.get("page_token", "0"))
        page = entries[first:first + min(self.page, int(query.get("page_size", "1000")))]
        answer = {}
        if page:
            answer["contents"] = [
                {"path": "/" + entry.relative_to(self.root).as_posix(), "name": entry.name,
                 "is_directory": entry.is_dir(),
                 **({} if entry.is_dir() else {"file_size": entry.stat().st_size})}
                for entry in page]
        if first + len(page) < len(entries):
            answer["next_page_token"] = str(first + len(page))
        return 200, answer, ()


class Tracking:
    """The calls of the protocol, passed to a real server and given the workspace's looks."""

    ID_FIELDS = ("experiment_id", "experiment_ids")

    def __init__(self, server, denied):
        self.server = server
        self.denied = denied
        self.folders = {"/", "/Shared", "/Users", "/Users/me@example.com"}
        self.names = {}  # id: path

    def call(self, method, target, arguments):
        rpc = target.partition("?")[0].removeprefix("/api/2.0/mlflow/")
        if rpc == "experiments/create":
            self.check_name(arguments.get("name"))
            if "artifact_location" not in arguments:
                # The server completes it with nothing: looks() replaces it.
                arguments = {**arguments, "artifact_location": ARTIFACT_ROOT}
        self.check_permission(arguments, method)
        arguments = self.ids(arguments, lambda number: number - FIRST_ID)
        status, body = self.forward(method, target.partition("?")[0], arguments)
        answer = self.ids(body, lambda number: number + FIRST_ID)
        if status == 200:
            self.looks(answer)
            if rpc == "experiments/create":
                self.names[answer["experiment_id"]] = arguments["name"]
        return status, answer

    def check_name(self, name):
        if not isinstance(name, str) or not name.startswith("/"):
            raise invalid(
                f"Got an invalid experiment name '{name}'. An experiment name must be an absolute "
                "path within the Databricks workspace, e.g. "
                "'/Users/<some-username>/my-experiment'.")
        parent = str(pathlib.PurePosixPath(name).parent)
        if parent not in self.folders:
            raise missing(f"Parent directory {parent} does not exist.")
        if parent == "/":
            raise Refused(403, "PERMISSION_DENIED", "Creating nodes in / is not allowed")

    def check_permission(self, arguments, method):
        name = self.names.get(str(arguments.get("experiment_id")), arguments.get("name"))
        if method != "GET" and name in self.denied:
            raise Refused(403, "PERMISSION_DENIED",
                          f"me@example.com does not have Edit permissions on {name}")

    def ids(self, value, change):
        """A copy with every experiment id changed. An id that is none of ours is unknown."""
        if isinstance(value, list):
            return [self.ids(item, change) for item in value]
        if not isinstance(value, dict):
            return value
        return {key: self.id(item, change) if key in self.ID_FIELDS else self.ids(item, change)
                for key, item in value.items()}

    def id(self, value, change):
        if isinstance(value, list):
            return [self.id(item, change) for item in value]
        number = change(int(value)) if re.fullmatch(r"\d{1,18}", str(value)) else 0
        if number <= 0:
            raise missing(f"Node ID {value} does not exist.")
        return str(number)

    def looks(self, value):
        """Artifact locations, in place. One that somebody chose is left alone."""
        for item in value if isinstance(value, list) else value.values():
            if isinstance(item, (dict, list)):
                self.looks(item)
        if isinstance(value, list):
            return
        if value.get("artifact_location") == ARTIFACT_ROOT:
            value["artifact_location"] += "/" + value["experiment_id"]
        if value.get("artifact_uri", "").startswith(ARTIFACT_ROOT):
            below = f"logged_models/{value['model_id']}" if "model_id" in value else value["run_id"]
            value["artifact_uri"] = f"{ARTIFACT_ROOT}/{value['experiment_id']}/{below}/artifacts"

    def forward(self, method, path, arguments):
        connection = self.server.connect()
        try:
            if method == "GET":
                path += "?" + urllib.parse.urlencode(arguments, doseq=True)
                connection.request(method, path)
            else:
                connection.request(method, path, json.dumps(arguments),
                                   {"Content-Type": "application/json"})
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            connection.close()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def handle_any(self):
        workspace = self.server.workspace
        try:
            status, body, headers = workspace.answer(self, *self.read_request())
        except Refused as refused:
            status, body, headers = refused.status, refused.body, refused.headers
        if status is None:  # the connection breaks
            self.close_connection = True
            return
        raw = isinstance(body, bytes)
        data = body if raw else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/octet-stream" if raw else "application/json")
        if status != 204:
            self.send_header("Content-Length", str(len(data)))
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def read_request(self):
        length = int(self.headers.get("Content-Length") or 0)
        if length > MAX_BODY:
            self.close_connection = True
            raise Refused(413, "MAX_REQUEST_SIZE_EXCEEDED", "The request is larger than 10 MB")
        body = self.rfile.read(length)
        seen = Seen(self.command, self.path, self.headers, body)
        self.server.workspace.seen.append(seen)
        return (seen,)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any

    def log_message(self, *_):
        pass


class Workspace:
    """The stand-in on a free port of 127.0.0.1.

    root      directory of the DBFS files
    tracking  a harness.Server; None: there are no tracking calls
    tls       (certificate file, key file): serve https"""

    def __init__(self, root, tracking=None, tls=None):
        self.token = "dapi" + secrets.token_hex(16)
        self.user, self.password = "me@example.com", secrets.token_urlsafe(12)
        self.client_id, self.client_secret = secrets.token_hex(16), "dose" + secrets.token_hex(16)
        self.tokens = {self.token}
        self.token_seconds = 3600  # what /oidc/v1/token says about the tokens it gives
        self.seen = []
        self.denied = set()  # experiment paths that may only be read
        self.dbfs = Dbfs(root)
        self.volumes = Volumes(root)
        self.tracking = Tracking(tracking, self.denied) if tracking is not None else None
        self.failures = []
        self.lock = threading.Lock()
        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        self.http.workspace = self
        self.http.handle_error = lambda *_: None
        if tls is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*tls)
            self.http.socket = context.wrap_socket(self.http.socket, server_side=True)
        self.port = self.http.server_address[1]
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}"
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    @property
    def environment(self):
        """What points a client here."""
        return {"DATABRICKS_HOST": self.url, "DATABRICKS_TOKEN": self.token}

    def fail(self, path, status, code=None, message="", headers=(), times=1, after=False):
        """The next `times` requests to a path that ends so are answered with an error; status
        None breaks the connection. With after, the call is carried out first."""
        refused = Refused(status, code, message, headers)
        self.failures += [(path, refused, after)] * times

    def answer(self, handler, seen):
        if seen.path == "/oidc/v1/token":
            return self.give_token(seen)
        self.check_credentials(seen.headers.get("Authorization"))
        if not seen.headers.get("User-Agent"):
            raise Refused(400, "BAD_REQUEST", "No User-Agent")
        failure, after = self.scripted(seen.path)
        if failure is not None and not after:
            raise failure
        answered = self.route(seen)
        if failure is not None:
            raise failure
        return answered

    def scripted(self, path):
        with self.lock:
            for index, (end, refused, after) in enumerate(self.failures):
                if path.endswith(end):
                    del self.failures[index]
                    return refused, after
        return None, False

    def route(self, seen):
        if seen.path.startswith("/api/2.0/fs/"):
            return self.volumes.call(seen)
        arguments = self.arguments(seen)
        if seen.path.startswith("/api/2.0/dbfs/"):
            call = self.dbfs.calls.get((seen.method, seen.path.removeprefix("/api/2.0/dbfs/")))
            if call is not None:
                with self.lock:
                    return 200, call(arguments), ()
        elif (seen.path.startswith(("/api/2.0/mlflow/", "/api/3.0/mlflow/"))
              and self.tracking is not None):
            return *self.tracking.call(seen.method, seen.path, arguments), ()
        raise Refused(404, "ENDPOINT_NOT_FOUND", f"No API found for '{seen.method} {seen.path}'")

    @staticmethod
    def arguments(seen):
        """Of the query or the JSON body; repeated names of a query become lists."""
        if seen.method == "GET":
            if seen.body:
                raise Refused(400, "MALFORMED_REQUEST", "A GET has no body")
            pairs = urllib.parse.parse_qs(seen.query, keep_blank_values=True, strict_parsing=bool(
                seen.query), errors="strict")
            return {name: values if len(values) > 1 else values[0]
                    for name, values in pairs.items()}
        if seen.method == "DELETE" and not seen.body:
            return {}
        if seen.headers.get("Content-Type", "").partition(";")[0] != "application/json":
            raise Refused(400, "MALFORMED_REQUEST", "Content-Type must be application/json")
        try:
            arguments = json.loads(seen.body)
        except ValueError:
            arguments = None
        if not isinstance(arguments, dict):
            raise Refused(400, "MALFORMED_REQUEST", "Could not parse request object")
        return arguments

    def check_credentials(self, given):
        """As a workspace says it: numbers as codes."""
        scheme, _, rest = (given or "").partition(" ")
        if scheme == "Bearer":
            if rest not in self.tokens:
                raise Refused(403, 403, "Invalid access token.")
        elif scheme == "Basic":
            if rest != self.basic(self.user, self.password):
                raise Refused(401, 401, "Invalid username or password.")
        else:
            raise Refused(401, 401, "Credential was not sent or was of an unsupported type for "
                                    "this API.")

    def give_token(self, seen):
        form = urllib.parse.parse_qs(seen.body.decode("ascii"))
        if (seen.method != "POST" or seen.headers.get("Content-Type") !=
                "application/x-www-form-urlencoded"
                or form != {"grant_type": ["client_credentials"], "scope": ["all-apis"]}):
            return 400, {"error": "invalid_request"}, ()
        if seen.headers.get("Authorization") != "Basic " + self.basic(self.client_id,
                                                                      self.client_secret):
            return 401, {"error": "invalid_client",
                         "error_description": "Client authentication failed"}, ()
        token = "eyJ" + secrets.token_urlsafe(900)
        self.tokens.add(token)
        return 200, {"access_token": token, "scope": "all-apis", "token_type": "Bearer",
                     "expires_in": self.token_seconds}, ()

    @staticmethod
    def basic(user, password):
        return base64.b64encode(f"{user}:{password}".encode()).decode()

    def close(self):
        self.http.shutdown()
        self.http.server_close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
