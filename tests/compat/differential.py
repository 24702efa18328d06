"""Requests in ordered scenarios, and what is compared of the answers.

A scenario is a list of cases; a case is one HTTP request with a name.  Running a scenario against
a server gives one *answer* per case, in which everything that may differ between two right servers
(ids, clocks, generated names, tokens, texts of errors) is masked, so that two answers to the same
case are equal exactly when a client cannot tell the servers apart.
"""

import copy
import http.client
import json
import re
import time
import urllib.parse

API = "/api/2.0/"
ABSENT = object()
TIME_KEYS = {"creation_time", "last_update_time", "creation_timestamp",
             "last_updated_timestamp", "creation_timestamp_ms", "last_updated_timestamp_ms",
             "created_time"}
GENERATED_NAME = re.compile(r"^[a-z]+-[a-z]+-\d+$")
HEX_ID = re.compile(r"\b(?:m-|tr-|d-|dr-|a-)?[0-9a-f]{32}\b"
                    r"|\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")
# Texts that hold JSON: of these the content counts, not the form.
JSON_KEYS = {"tags", "schema", "profile", "records", "mlflow.trace.token_usage"}
ROOT_URI = re.compile(r"^(mlflow-artifacts:/)(\d+)(?=/|$)")
ROOT_KEYS = {"artifact_uri", "artifact_location", "root_uri", "source", "mlflow.artifact_location"}
PLACE = re.compile(r"\$\{(\w+)\}")
# Lists whose order the protocol leaves open, wherever they stand.
UNORDERED = {"params", "tags", "dataset_inputs", "model_inputs", "model_outputs", "aliases",
             "latest_versions"}
# Where searches of different things have what they found.
FOUND = ("runs", "models", "datasets", "traces")
TIMEOUT_SECONDS = 60
# Longer than the clock's tick: what is made after a pause has a later creation time.
PAUSE_SECONDS = 0.005


class Case:
    """One request; `${name}` in its parts stands for what an earlier answer gave."""

    def __init__(self, name, method, target, query=None, json_body=ABSENT, raw=None, headers=None,
                 save=None, compare_headers=(), compare_body=True,
                 names=False, unordered=(), pause=False):
        self.name = name
        self.method = method
        self.target = target if target.startswith("/") else API + target
        self.query = query
        self.json_body = json_body
        self.raw = raw
        self.headers = dict(headers or {})
        self.save = save or {}
        self.compare_headers = compare_headers
        self.compare_body = compare_body
        self.names = names
        self.unordered = unordered
        self.pause = pause

    def request(self, bound):
        """The request as (method, target, headers, body) with every place filled in."""
        target = _fill(self.target, bound)
        if isinstance(self.query, str):
            target += "?" + _fill(self.query, bound)
        elif self.query is not None:
            filled = _fill(self.query, bound)
            pairs = filled.items() if isinstance(filled, dict) else map(tuple, filled)
            target += "?" + urllib.parse.urlencode(list(pairs), doseq=True)
        headers = _fill(self.headers, bound)
        body = _fill(self.raw, bound)
        if self.json_body is not ABSENT:
            body = json.dumps(_fill(self.json_body, bound))
            if not any(key.lower() == "content-type" for key in headers):
                headers["Content-Type"] = "application/json"
        headers = {key: value for key, value in headers.items() if value is not None}
        if isinstance(body, str):
            body = body.encode("utf-8")
        return self.method, target, headers, body


class Scenario:
    """An ordered list of cases that share what they have saved.

    All scenarios without options of the server share one server.
    """

    def __init__(self, name, options=()):
        self.name = name
        self.options = options
        self.cases = []

    def add(self, name, method, target, **options):
        full = f"{self.name}/{name}"
        if any(case.name == full for case in self.cases):
            raise ValueError(f"two cases are named {full!r}")
        self.cases.append(Case(full, method, target, **options))

    def get(self, name, target, query=None, **options):
        self.add(name, "GET", target, query=query, **options)

    def post(self, name, target, body=ABSENT, **options):
        self.add(name, "POST", target, json_body=body, **options)

    def patch(self, name, target, body=ABSENT, **options):
        self.add(name, "PATCH", target, json_body=body, **options)

    def delete(self, name, target, body=ABSENT, **options):
        self.add(name, "DELETE", target, json_body=body, **options)


def _fill(value, bound):
    """`value` with `${name}` replaced in every text inside it."""
    if isinstance(value, str):
        return PLACE.sub(lambda match: bound[match.group(1)], value)
    if isinstance(value, dict):
        return {_fill(key, bound): _fill(item, bound) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_fill(item, bound) for item in value]
    return value


def _at(document, path):
    """The value at a path like `run.info.run_id` or `runs.0.info`."""
    for step in path.split("."):
        document = document[int(step)] if isinstance(document, list) else document[step]
    return document


class Connection:
    """Sends cases to one server, which may close the connection whenever it likes."""

    def __init__(self, port):
        self.port = port
        self.http = None

    def send(self, method, target, headers, body):
        for attempt in (1, 2):
            reused = self.http is not None
            try:
                return self._send_once(method, target, headers, body)
            except (http.client.BadStatusLine, ConnectionError, BrokenPipeError):
                self.close()
                # A kept connection may have been closed by the server in the meantime.
                if not reused or attempt == 2:
                    raise
        raise AssertionError("unreachable")

    def _send_once(self, method, target, headers, body):
        if self.http is None:
            self.http = http.client.HTTPConnection("127.0.0.1", self.port,
                                                   timeout=TIMEOUT_SECONDS)
        host = any(key.lower() == "host" for key in headers)
        self.http.putrequest(method, target, skip_host=host, skip_accept_encoding=True)
        if body is not None:
            self.http.putheader("Content-Length", str(len(body)))
        elif method in ("POST", "PUT", "PATCH"):
            self.http.putheader("Content-Length", "0")
        for key, value in headers.items():
            self.http.putheader(key, value)
        try:
            self.http.endheaders(body)
        except (BrokenPipeError, ConnectionResetError):
            # A server may refuse a body and close before it has read all of it.
            if not body:
                raise
        answer = self.http.getresponse()
        content = answer.read()
        if answer.will_close:
            self.close()
        return answer, content

    def close(self):
        if self.http is not None:
            self.http.close()
            self.http = None


class Run:
    """A scenario in progress against one server: what was saved so far."""

    def __init__(self, port):
        self.connection = Connection(port)
        self.bound = {}
        self.experiments = {}
        self.last = None

    def answer(self, case):
        """Send the case, answer the masked answer; `last` keeps the request and raw answer."""
        if case.pause:
            time.sleep(PAUSE_SECONDS)
        method, target, headers, body = case.request(self.bound)
        response, content = self.connection.send(method, target, headers, body)
        self.last = (method, target, headers, body, response.status, content)
        document = _parse(response, content)
        for name, path in case.save.items():
            try:
                self.bound[name] = str(_at(document, path))
            except (KeyError, IndexError, TypeError, ValueError) as error:
                self.bound[name] = f"not-saved-{name}"
                raise AssertionError(
                    f"{case.name}: no {path} in the answer {content[:500]!r}") from error
        return self._mask_answer(case, response, content, document)

    def _mask_answer(self, case, response, content, document):
        answer = {"status": response.status, "type": _kind(response)}
        if case.compare_headers:
            answer["headers"] = self._mask_headers(case.compare_headers, response)
        if _empty_success(case, response, content):
            # Clients take an empty answer for an empty object.
            answer["type"], document = "application/json", {}
        if case.compare_body:
            answer["body"] = self._mask_body(case, response, content, document)
        return answer

    def _mask_body(self, case, response, content, document):
        if document is not None:
            masked = self.mask(document, response.status)
            for name in case.unordered:
                _sort(masked, name)
            return _names(masked) if case.names and response.status == 200 else masked
        if response.status >= 400:
            return "<text>" if content.strip() else ""
        if _kind(response) == "text/html" and not response.getheader("Content-Disposition"):
            return "<page>"
        return _text(content)

    def _mask_headers(self, names, response):
        headers = {name: self._mask_header(name, response.getheader(name)) for name in names}
        if headers.get("access-control-allow-origin", "") is None:
            # Without it the others mean nothing to a browser.
            headers.update({name: None for name in names if name.startswith("access-control-")})
        return headers

    @staticmethod
    def _mask_header(name, value):
        if value is not None and name.lower() in ("etag", "last-modified", "date"):
            return "<set>"
        return value

    def mask(self, document, status):
        if status >= 400 and isinstance(document, dict) and "error_code" in document:
            message = document.get("message")
            return {"error_code": document["error_code"],
                    "message": "<text>" if isinstance(message, str) and message else message}
        if status >= 400 and isinstance(document, dict) and "detail" in document:
            return {"detail": "<text>"}
        return self._mask(copy.deepcopy(document), None)

    def _mask(self, value, key):
        if isinstance(value, dict):
            masked = {name: self._mask(item, _snake(name)) for name, item in value.items()}
            if GENERATED_NAME.match(str(masked.get("value"))) and masked.get(
                    "key") == "mlflow.runName":
                masked["value"] = "<generated>"
            if "params" in masked or "tags" in masked or key == "data":
                _sort(masked, "metrics")
            return masked
        if isinstance(value, list):
            items = [self._mask(item, key) for item in value]
            return sorted(items, key=json.dumps) if key in UNORDERED else items
        if isinstance(value, str):
            return self._mask_json(value, key) or self._mask_text(value, key)
        if key in TIME_KEYS and isinstance(value, int) and value > 10**12:
            return "<time>"
        if key == "experiment_id" and isinstance(value, int):
            return self._experiment(str(value))
        return value

    def _mask_json(self, value, key):
        """The masked content of a text that is JSON, None for others."""
        if key not in JSON_KEYS or not value.startswith(("{", "[")):
            return None
        try:
            return {"JSON": self._mask(json.loads(value), "JSON")}
        except ValueError:
            return None

    def _experiment(self, number):
        """Numbers of experiments are the server's own; 0 is the same everywhere."""
        if number == "0":
            return number
        for name, bound in self.bound.items():
            if bound == number:
                return f"<{name}>"
        return self.experiments.setdefault(number, f"<experiment {len(self.experiments) + 1}>")

    def _mask_text(self, value, key):
        if len(value) > 300:
            return f"{value[:20]}<{len(value)} characters>{value[-20:]}"
        if key == "next_page_token":
            return "<token>"
        if key == "errors":
            return "<text>"
        if key in TIME_KEYS and value.isdigit() and int(value) > 10**12:
            return "<time>"
        if key == "digest" and re.fullmatch("[0-9a-f]{8}", value):
            return "<digest>"
        if key in ("run_name", "name") and GENERATED_NAME.match(value):
            return "<generated>"
        for name, bound in self.bound.items():
            if len(bound) >= 8 and bound in value:
                value = value.replace(bound, f"<{name}>")
        if key in ("experiment_id", "experiment_ids"):
            return self._experiment(value)
        if key in ROOT_KEYS:
            value = ROOT_URI.sub(lambda match: match.group(1) + self._experiment(match.group(2)),
                                 value)
        return HEX_ID.sub("<id>", value)


def _snake(name):
    """Pages ask for fields in camelCase."""
    return re.sub("[A-Z]", lambda letter: "_" + letter.group().lower(), name)


def _sort(holder, name):
    if isinstance(holder.get(name), list):
        holder[name] = sorted(holder[name], key=json.dumps)


def _kind(response):
    """The content type without what differs from answer to answer or says nothing new."""
    kind = response.getheader("Content-Type")
    if kind and "boundary=" in kind:
        return kind.split("boundary=")[0] + "boundary=<any>"
    return kind and kind.removesuffix("; charset=utf-8")


def _empty_success(case, response, content):
    return (response.status == 200 and not content and case.method != "HEAD"
            and not response.getheader("Content-Disposition"))


def _names(document):
    """What a search found, short: names in order, and whether there is more."""
    items = next((document[key] for key in FOUND if key in document), [])
    infos = [item.get("info", item) for item in items]
    found = {"runs": [info.get("run_name") or info.get("name") or info.get("trace_id")
                      for info in infos]}
    if "registered_models" in document:
        found = {"models": [model["name"] for model in document["registered_models"]]}
    elif "model_versions" in document:
        found = {"versions": [f"{version['name']}/{version['version']}"
                              for version in document["model_versions"]]}
    if "next_page_token" in document:
        found["more"] = True
    return found


def _parse(response, content):
    """The answer's JSON document, None when it says that it is something else."""
    kind = (response.getheader("Content-Type") or "").split(";")[0].strip()
    if kind != "application/json" or response.getheader("Content-Disposition"):
        return None
    try:
        return json.loads(content, parse_constant=lambda word: f"<bare {word}>")
    except ValueError:
        return None


def _text(content):
    if len(content) > 2000:
        return f"<{len(content)} bytes>"
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return "hex:" + content.hex()


def run_scenario(scenario, port):
    """The masked answers of all cases by name, with the request and raw answer for reports."""
    run = Run(port)
    answers = {}
    try:
        for case in scenario.cases:
            answers[case.name] = (run.answer(case), run.last)
    finally:
        run.connection.close()
    return answers
