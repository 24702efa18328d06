"""Webhooks, against the real server and a real receiver."""

import base64
import hashlib
import hmac
import os
import re
import socket
import sqlite3
import stat
import time

import pytest

import harness
from receiver import Receiver

HOOKS = "/api/2.0/mlflow/webhooks"
ALLOWED = ("--webhook-allow-private", "--webhook-allowed-schemes", "http")
SECRET = "a very secret secret"
ENDS = ["FINISHED", "FAILED", "KILLED"]
MODEL_CREATED = {"entity": "REGISTERED_MODEL", "action": "CREATED"}


@pytest.fixture(autouse=True, scope="module")
def short_seconds():
    """Back-off in fiftieths of what it is otherwise."""
    os.environ["MILLSTREAM_TEST_WEBHOOK_SECOND"] = "1"
    yield
    del os.environ["MILLSTREAM_TEST_WEBHOOK_SECOND"]


@pytest.fixture
def receiver():
    with Receiver() as running:
        yield running


@pytest.fixture(scope="module")
def lax(tmp_path_factory):
    with harness.Server(tmp_path_factory.mktemp("lax"), *ALLOWED) as running:
        yield running


def create(server, url, **more):
    body = {"name": "hook", "url": url, "run_events": ENDS, **more}
    answer = server.ask("POST", HOOKS, body)
    assert answer.status == 200, answer
    return answer.json["webhook"]


def end(server, run_id, status="FINISHED"):
    answer = server.call("runs/update", {"run_id": run_id, "status": status, "end_time": 5})
    assert answer.status == 200, answer


def run_that_ends(server, status="FINISHED"):
    run_id = server.create_run(run_name="a \"run\" ü")["info"]["run_id"]
    end(server, run_id, status)
    return run_id


def signature(secret, delivery):
    text = f"{delivery.id}.{delivery.headers['X-MLflow-Timestamp']}.".encode() + delivery.body
    digest = hmac.new(secret.encode(), text, hashlib.sha256).digest()
    return "v1," + base64.b64encode(digest).decode()


def waiting(server):
    with sqlite3.connect(f"file:{server.home}/tracking.db?mode=ro", uri=True) as database:
        return database.execute("SELECT count(*) FROM deliveries").fetchone()[0]


def attempts(server):
    with sqlite3.connect(f"file:{server.home}/tracking.db?mode=ro", uri=True) as database:
        return [row[0] for row in database.execute("SELECT attempts FROM deliveries ORDER BY id")]


@pytest.fixture
def closed_port():
    """A port where nobody listens, and which nobody else can get meanwhile."""
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        yield holder.getsockname()[1]


# --- webhooks -------------------------------------------------------------------------------


def test_create_get_update_list_delete(lax):
    made = create(lax, "http://127.0.0.1:9/x", name="A.b_c-1", description="what for",
                  events=[MODEL_CREATED, {"entity": 4, "action": 3}], secret=SECRET,
                  status="DISABLED", run_events=["FAILED"])
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", made["webhook_id"])
    assert made["events"] == [{"entity": "MODEL_VERSION_ALIAS", "action": "DELETED"},
                              MODEL_CREATED]
    assert (made["run_events"], made["status"]) == (["FAILED"], "DISABLED")
    assert made["creation_timestamp"] == made["last_updated_timestamp"] > 0
    path = f"{HOOKS}/{made['webhook_id']}"
    assert lax.get(path).json == {"webhook": made}

    answer = lax.ask("PATCH", path, {"name": "other", "description": "", "status": "ACTIVE"})
    changed = answer.json["webhook"]
    assert (changed["name"], changed["status"]) == ("other", "ACTIVE")
    assert "description" not in changed and changed["events"] == made["events"]
    assert changed["run_events"] == ["FAILED"]
    changed = lax.ask("PATCH", path, {"events": [MODEL_CREATED]}).json["webhook"]
    assert changed["events"] == [MODEL_CREATED] and changed["run_events"] == ["FAILED"]
    changed = lax.ask("PATCH", path, {"run_events": ["KILLED"]}).json["webhook"]
    assert changed["events"] == [MODEL_CREATED] and changed["run_events"] == ["KILLED"]
    assert "secret" not in str(changed)

    assert lax.ask("DELETE", path).json == {}
    for answer in (lax.get(path), lax.ask("DELETE", path), lax.ask("PATCH", path, {"name": "x"}),
                   lax.ask("POST", path + "/test", {})):
        assert (answer.status, answer.code) == (404, "RESOURCE_DOES_NOT_EXIST")


def test_pages_without_what_official_clients_stumble_over(start):
    server = start(*ALLOWED)
    names = [f"n{i}" for i in range(5)]
    for name in names:
        create(server, "http://127.0.0.1:9/", name=name, events=[MODEL_CREATED])
    create(server, "http://127.0.0.1:9/", name="runs-alone")
    found, token = [], None
    while True:
        page = server.get(HOOKS, max_results=2, **({"page_token": token} if token else {})).json
        found += [hook["name"] for hook in page["webhooks"]]
        token = page.get("next_page_token")
        if token is None:
            break
    assert sorted(found) == names
    everything = server.get(HOOKS, include_run_events="true").json["webhooks"]
    assert sorted(hook["name"] for hook in everything) == [*names, "runs-alone"]
    for limit in (-1, 1001):
        assert server.get(HOOKS, max_results=limit).status == 400
    assert server.get(HOOKS, page_token="rubbish").status == 400


@pytest.mark.parametrize("body", [
    {"name": ""}, {"name": "-a"}, {"name": "a" * 64}, {"name": "a b"}, {"name": 5}, {"url": ""},
    {"url": "nothing"}, {"url": "ftp://127.0.0.1/"}, {"url": "https://127.0.0.1/"},
    {"url": "http://"}, {"url": "http://" + "a" * 2000}, {"run_events": []},
    {"run_events": ["RUNNING"]}, {"events": [{}]}, {"events": [{"entity": "REGISTERED_MODEL"}]},
    {"events": [{"entity": "REGISTERED_MODEL", "action": "DELETED"}]},
    {"events": [{"entity": "NOTHING", "action": "CREATED"}]}, {"events": "x"},
    {"events": [MODEL_CREATED] * 101}, {"status": "UNKNOWN"}, {"secret": "x" * 1001},
    {"description": "x" * 1001}])
def test_what_is_wrong_is_refused(lax, body):
    answer = lax.ask("POST", HOOKS, {"name": "ok", "url": "http://127.0.0.1/",
                                     "run_events": ["FAILED"], **body})
    assert (answer.status, answer.code) == (400, "INVALID_PARAMETER_VALUE"), answer
    made = create(lax, "http://127.0.0.1:9/")
    changed = {key: value for key, value in body.items() if value not in ("", [])}
    if changed:
        answer = lax.ask("PATCH", f"{HOOKS}/{made['webhook_id']}", changed)
        assert (answer.status, answer.code) == (400, "INVALID_PARAMETER_VALUE"), answer
    assert lax.ask("DELETE", f"{HOOKS}/{made['webhook_id']}").status == 200


@pytest.mark.parametrize("url", [
    "https://127.0.0.1/", "https://localhost/", "https://[::1]/", "https://0/", "https://127.1/",
    "https://2130706433/", "https://10.1.2.3/", "https://192.168.1.1/x", "https://172.16.0.1/",
    "https://169.254.169.254/latest/meta-data", "https://[::ffff:127.0.0.1]/",
    "https://[fe80::1]/", "https://224.0.0.1/", "https://[64:ff9b::7f00:1]/",
    "https://a@127.0.0.1/", "http://1.1.1.1/", "file:///etc/passwd", "gopher://1.1.1.1/"])
def test_targets_are_public_and_https(server, url):
    answer = server.ask("POST", HOOKS, {"name": "a", "url": url, "run_events": ["FAILED"]})
    assert (answer.status, answer.code) == (400, "INVALID_PARAMETER_VALUE"), answer
    made = create(server, "https://1.1.1.1/")
    answer = server.ask("PATCH", f"{HOOKS}/{made['webhook_id']}", {"url": url})
    assert answer.status == 400
    assert server.ask("DELETE", f"{HOOKS}/{made['webhook_id']}").status == 200


# --- deliveries -----------------------------------------------------------------------------


def test_a_delivery_is_signed(start, receiver):
    server = start(*ALLOWED)
    create(server, receiver.url + "/hook?x=1", secret=SECRET)
    run_id = run_that_ends(server)
    [delivery] = receiver.wait(1)
    assert delivery.path == "/hook?x=1" and delivery.event == "run.finished"
    assert delivery.headers["Content-Type"] == "application/json"
    assert re.fullmatch(r"[0-9a-f-]{36}", delivery.id)
    assert delivery.headers["X-MLflow-Signature"] == signature(SECRET, delivery)
    assert abs(int(delivery.headers["X-MLflow-Timestamp"]) - time.time()) < 600
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00",
                        delivery.json["timestamp"])
    assert set(delivery.json) == {"entity", "action", "timestamp", "data"}
    data = delivery.json["data"]
    assert (data["run_id"], data["run_name"]) == (run_id, "a \"run\" ü")
    assert (data["status"], data["end_time"], data["experiment_id"]) == ("FINISHED", 5, "0")
    harness.eventually(lambda: waiting(server) == 0)


def test_without_a_secret_nothing_is_signed(start, receiver):
    server = start(*ALLOWED)
    made = create(server, receiver.url)
    run_that_ends(server)
    assert receiver.wait(1)[0].headers["X-MLflow-Signature"] is None
    path = f"{HOOKS}/{made['webhook_id']}"
    server.ask("PATCH", path, {"secret": "one"})
    run_that_ends(server)
    delivery = receiver.wait(2)[1]
    assert delivery.headers["X-MLflow-Signature"] == signature("one", delivery)
    server.ask("PATCH", path, {"secret": "other", "name": "x"})
    run_that_ends(server)
    delivery = receiver.wait(3)[2]
    assert delivery.headers["X-MLflow-Signature"] == signature("other", delivery)
    server.ask("PATCH", path, {"secret": ""})
    run_that_ends(server)
    assert receiver.wait(4)[3].headers["X-MLflow-Signature"] is None


def test_only_what_is_wanted_and_news(start, receiver):
    server = start(*ALLOWED)
    create(server, receiver.url + "/failed", run_events=["FAILED"])
    create(server, receiver.url + "/disabled", status="DISABLED")
    run_id = run_that_ends(server, "FINISHED")
    end(server, run_id, "FAILED")
    end(server, run_id, "FAILED")
    server.call("runs/update", {"run_id": run_id, "run_name": "new"})
    end(server, run_id, "KILLED")
    end(server, run_id, "FAILED")
    got = receiver.wait(2)
    assert [d.path for d in got] == ["/failed", "/failed"]
    harness.eventually(lambda: waiting(server) == 0)
    assert len(receiver.got) == 2


def test_order_and_retries_keep_the_delivery_id(start, receiver):
    server = start(*ALLOWED)
    receiver.answers = [500, 503, 429]
    create(server, receiver.url, secret=SECRET)
    runs = [run_that_ends(server, status) for status in ("FAILED", "KILLED", "FINISHED")]
    got = receiver.wait(6)
    assert [d.json["data"]["run_id"] for d in got] == [runs[0]] * 4 + runs[1:]
    assert len({d.id for d in got[:4]}) == 1 and len({d.id for d in got}) == 3
    assert len({d.body for d in got[:4]}) == 1
    for delivery in got:
        assert delivery.headers["X-MLflow-Signature"] == signature(SECRET, delivery)


def test_other_refusals_are_not_repeated(start, receiver):
    server = start(*ALLOWED, "--log-level", "info")
    receiver.answers = [400, 404, (301, {}), 200]
    create(server, receiver.url)
    for _ in range(4):
        run_that_ends(server)
    assert len({d.id for d in receiver.wait(4)}) == 4
    harness.eventually(lambda: waiting(server) == 0)
    assert len(receiver.got) == 4
    assert "given up: the receiver answered 400" in server.log()


def test_retries_end(start, closed_port):
    server = start(*ALLOWED, "--webhook-retries", 1, "--log-level", "info")
    create(server, f"http://127.0.0.1:{closed_port}/")
    run_that_ends(server)
    harness.eventually(lambda: waiting(server) == 0)
    assert server.log().count("to be tried again") == 1
    assert server.log().count("given up") == 1


def test_a_receiver_may_ask_for_patience(start, receiver):
    server = start(*ALLOWED)
    receiver.answers = [(503, {"Retry-After": "200"})]
    create(server, receiver.url)
    run_that_ends(server)
    receiver.wait(1)
    harness.eventually(lambda: attempts(server) == [1])
    with sqlite3.connect(f"file:{server.home}/tracking.db?mode=ro", uri=True) as database:
        created, due = database.execute("SELECT created, next FROM deliveries").fetchone()
    assert 200_000 <= due - created <= 400_000


def test_a_dead_receiver_does_not_hinder_others(start, receiver, closed_port):
    """One takes connections and never answers, one is not there."""
    server = start(*ALLOWED, "--webhook-threads", 2, "--webhook-timeout", 600)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen(8)
        create(server, f"http://127.0.0.1:{silent.getsockname()[1]}/")
        create(server, f"http://127.0.0.1:{closed_port}/")
        create(server, receiver.url)
        for _ in range(5):
            run_that_ends(server)
        receiver.wait(5)
        # What is on its way does not hold up the end of the server.
        assert server.stop() == 0


def test_redirects_are_followed_within_the_rules(start, receiver):
    server = start(*ALLOWED)
    receiver.answers = [(307, {"Location": "/second"}), 200,
                        (302, {"Location": "https://127.0.0.1:9/"}),
                        (307, {"Location": "ftp://127.0.0.1/"})]
    create(server, receiver.url + "/first")
    run_that_ends(server)
    got = receiver.wait(2)
    assert [d.path for d in got] == ["/first", "/second"]
    assert got[0].body == got[1].body
    run_that_ends(server)
    run_that_ends(server)
    harness.eventually(lambda: waiting(server) == 0)
    assert len(receiver.got) == 4


def test_an_address_is_checked_again_on_the_connection(start, receiver):
    """Whatever the check at creation saw: here another server has let the webhook in."""
    server = start(*ALLOWED)
    create(server, receiver.url)
    server.stop()
    server = start("--webhook-allowed-schemes", "http")
    run_that_ends(server)
    harness.eventually(lambda: waiting(server) == 0)
    assert receiver.got == []
    assert "not public" in server.log()


def test_two_servers_in_a_row_lose_nothing(start, receiver):
    """kill -9 between events and deliveries, again and again."""
    count, runs = (12 if harness.LONG else 4), []
    server = start(*ALLOWED)
    create(server, receiver.url, secret=SECRET)
    for i in range(count):
        receiver.answers = [503, 200, 503]
        before = len(receiver.got)
        for _ in range(3):
            runs.append(run_that_ends(server))
        if i % 2:
            receiver.wait(before + 1)
        server.kill()
        server = start(*ALLOWED)
    harness.eventually(lambda: waiting(server) == 0)
    got = [d.json["data"]["run_id"] for d in receiver.got]
    assert set(got) == set(runs), "each at least once"
    first = list(dict.fromkeys(got))
    assert first == runs, "and in order"
    ids = {}
    for delivery in receiver.got:
        ids.setdefault(delivery.json["data"]["run_id"], set()).add(delivery.id)
    assert all(len(each) == 1 for each in ids.values()), "always under one id"


def test_what_was_not_committed_is_not_told(start, receiver):
    server = start(*ALLOWED)
    create(server, receiver.url)
    run_id = server.create_run()["info"]["run_id"]
    assert server.call("runs/delete", {"run_id": run_id}).status == 200
    assert server.call("runs/update", {"run_id": run_id, "status": "FAILED"}).status == 400
    other = run_that_ends(server)
    assert [d.json["data"]["run_id"] for d in receiver.wait(1)] == [other]


def test_memory_store(start, receiver):
    server = start(*ALLOWED, "--backend-store-uri", "memory:")
    made = create(server, receiver.url, secret=SECRET)
    receiver.answers = [503]
    run_that_ends(server)
    got = receiver.wait(2)
    assert got[0].id == got[1].id
    assert got[1].headers["X-MLflow-Signature"] == signature(SECRET, got[1])
    assert server.ask("DELETE", f"{HOOKS}/{made['webhook_id']}").status == 200


def test_many_webhooks_and_clients(start, receiver):
    server = start(*ALLOWED)
    for i in range(8):
        create(server, f"{receiver.url}/{i}")
    runs = harness.in_parallel(6, lambda _: [run_that_ends(server) for _ in range(5)])
    got = receiver.wait(8 * 30)
    for i in range(8):
        mine = [d.json["data"]["run_id"] for d in got if d.path == f"/{i}"]
        assert sorted(mine) == sorted(sum(runs, []))
    orders = {tuple(d.json["data"]["run_id"] for d in got if d.path == f"/{i}")
              for i in range(8)}
    assert len(orders) == 1, "all see one order"


# --- events of the model registry -----------------------------------------------------------

REGISTRY_EVENTS = [{"entity": entity, "action": action} for entity, actions in (
    ("REGISTERED_MODEL", ["CREATED"]), ("MODEL_VERSION", ["CREATED"]),
    ("MODEL_VERSION_TAG", ["SET", "DELETED"]), ("MODEL_VERSION_ALIAS", ["CREATED", "DELETED"]),
    ("PROMPT", ["CREATED"]), ("PROMPT_VERSION", ["CREATED"]), ("PROMPT_TAG", ["SET", "DELETED"]),
    ("PROMPT_VERSION_TAG", ["SET", "DELETED"]), ("PROMPT_ALIAS", ["CREATED", "DELETED"]),
) for action in actions]
IS_PROMPT = {"key": "mlflow.prompt.is_prompt", "value": "True"}
PROMPT_TYPE = {"key": "_mlflow_prompt_type", "value": "text"}


def change_registry(server, name, tags, version_tags):
    """Every change that others are told of, and some that they are not."""
    def ask(method, path, **body):
        answer = server.ask(method, f"/api/2.0/mlflow/{path}", {"name": name, **body})
        assert answer.status == 200, answer
    ask("POST", "registered-models/create", tags=tags, description="of \"it\"")
    ask("POST", "model-versions/create", tags=version_tags,
        source="s3://bucket/m" if name == "m" else "dummy-source")
    ask("POST", "registered-models/set-tag", key="t", value="1")
    ask("DELETE", "registered-models/delete-tag", key="t")
    ask("POST", "model-versions/set-tag", version="1", key="vt", value="")
    ask("DELETE", "model-versions/delete-tag", version="1", key="vt")
    ask("POST", "registered-models/alias", alias="best", version="1")
    ask("DELETE", "registered-models/alias", alias="best")
    ask("PATCH", "registered-models/update", description="")
    ask("DELETE", "model-versions/delete", version="1")


@pytest.mark.parametrize("backend", [[], ["--backend-store-uri", "memory:"]],
                         ids=["sqlite", "memory"])
def test_every_registry_event(start, receiver, backend):
    server = start(*ALLOWED, *backend)
    create(server, receiver.url, events=REGISTRY_EVENTS)
    change_registry(server, "m", [{"key": "a", "value": "x"}, {"key": "b", "value": "ü"}],
                    [{"key": "c", "value": "1"}, PROMPT_TYPE])
    change_registry(server, "p", [{"key": "a", "value": "x"}, PROMPT_TYPE, IS_PROMPT],
                    [IS_PROMPT, PROMPT_TYPE, {"key": "mlflow.prompt.text", "value": "Say {{x}}"},
                     {"key": "q", "value": "2"}])
    receiver.wait(14)
    harness.eventually(lambda: len(receiver.got) == 14)
    assert [(d.event, d.json["data"]) for d in receiver.got] == [
        ("registered_model.created",
         {"name": "m", "tags": {"a": "x", "b": "ü"}, "description": "of \"it\""}),
        ("model_version.created",
         {"name": "m", "version": "1", "source": "s3://bucket/m", "run_id": None,
          "tags": {"c": "1", "_mlflow_prompt_type": "text"}, "description": None}),
        ("model_version_tag.set", {"name": "m", "version": "1", "key": "vt", "value": ""}),
        ("model_version_tag.deleted", {"name": "m", "version": "1", "key": "vt"}),
        ("model_version_alias.created", {"name": "m", "alias": "best", "version": "1"}),
        ("model_version_alias.deleted", {"name": "m", "alias": "best"}),
        ("prompt.created", {"name": "p", "tags": {"a": "x"}, "description": "of \"it\""}),
        ("prompt_version.created",
         {"name": "p", "version": "1", "template": "Say {{x}}", "tags": {"q": "2"},
          "description": None}),
        ("prompt_tag.set", {"name": "p", "key": "t", "value": "1"}),
        ("prompt_tag.deleted", {"name": "p", "key": "t"}),
        ("prompt_version_tag.set", {"name": "p", "version": "1", "key": "vt", "value": ""}),
        ("prompt_version_tag.deleted", {"name": "p", "version": "1", "key": "vt"}),
        ("prompt_alias.created", {"name": "p", "alias": "best", "version": "1"}),
        ("prompt_alias.deleted", {"name": "p", "alias": "best"}),
    ]


@pytest.mark.parametrize("backend", [[], ["--backend-store-uri", "memory:"]],
                         ids=["sqlite", "memory"])
def test_a_model_becomes_a_prompt_by_its_tag(start, receiver, backend):
    server = start(*ALLOWED, *backend)
    create(server, receiver.url, events=REGISTRY_EVENTS)
    models = "/api/2.0/mlflow/registered-models"
    server.ask("POST", f"{models}/create", {"name": "m"})
    server.ask("POST", f"{models}/set-tag", {"name": "m", "key": "t", "value": "1"})
    server.ask("POST", f"{models}/set-tag", {"name": "m", **IS_PROMPT})
    server.ask("DELETE", f"{models}/delete-tag", {"name": "m", "key": "t"})
    server.ask("DELETE", f"{models}/delete-tag", {"name": "m", "key": IS_PROMPT["key"]})
    server.ask("POST", f"{models}/set-tag", {"name": "m", "key": "t", "value": "1"})
    server.ask("POST", f"{models}/create", {"name": "end"})
    assert [(d.event, d.json["data"]) for d in receiver.wait(4)] == [
        ("registered_model.created", {"name": "m", "tags": {}, "description": ""}),
        ("prompt_tag.set", {"name": "m", **IS_PROMPT}),
        ("prompt_tag.deleted", {"name": "m", "key": "t"}),
        ("registered_model.created", {"name": "end", "tags": {}, "description": ""}),
    ]


def test_too_many_tags_are_not_told(start, receiver):
    server = start(*ALLOWED)
    create(server, receiver.url, events=REGISTRY_EVENTS)
    tags = [{"key": f"k{i}", "value": "v" * 4000} for i in range(300)]
    for name, count in (("much", 300), ("fits", 200)):
        answer = server.ask("POST", "/api/2.0/mlflow/registered-models/create",
                            {"name": name, "tags": tags[:count]})
        assert answer.status == 200, answer
    assert [len(d.json["data"]["tags"]) for d in receiver.wait(2)] == [0, 200]


# --- tests of a webhook ---------------------------------------------------------------------


def test_test_delivery(start, receiver, closed_port):
    server = start(*ALLOWED)
    made = create(server, receiver.url, secret=SECRET, events=[MODEL_CREATED])
    path = f"{HOOKS}/{made['webhook_id']}/test"
    result = server.ask("POST", path, {}).json["result"]
    assert result == {"success": True, "response_status": 200, "response_body": "answer 200"}
    delivery = receiver.got[0]
    assert delivery.event == "registered_model.created"
    assert delivery.headers["X-MLflow-Signature"] == signature(SECRET, delivery)

    receiver.answers = [418, 500]
    result = server.ask("POST", path, {"event": {"entity": "PROMPT_TAG", "action": "SET"}})
    assert result.json["result"] == {"success": False, "response_status": 418,
                                     "response_body": "answer 418"}
    assert receiver.got[1].event == "prompt_tag.set"
    result = server.ask("POST", path, {"run_event": "KILLED"}).json["result"]
    assert (result["success"], result["response_status"]) == (False, 500)
    assert receiver.got[2].event == "run.killed" and len(receiver.got) == 3
    assert server.ask("POST", path, {"run_event": "RUNNING"}).status == 400

    server.ask("PATCH", f"{HOOKS}/{made['webhook_id']}",
               {"url": f"http://127.0.0.1:{closed_port}/"})
    result = server.ask("POST", path, {}).json["result"]
    assert result["success"] is False and result["error_message"]
    assert "response_status" not in result


def test_every_event_has_an_example(lax, receiver):
    pairs = [("REGISTERED_MODEL", "CREATED"), ("MODEL_VERSION", "CREATED"),
             ("MODEL_VERSION_TAG", "SET"), ("MODEL_VERSION_TAG", "DELETED"),
             ("MODEL_VERSION_ALIAS", "CREATED"), ("MODEL_VERSION_ALIAS", "DELETED"),
             ("PROMPT", "CREATED"), ("PROMPT_VERSION", "CREATED"), ("PROMPT_TAG", "SET"),
             ("PROMPT_TAG", "DELETED"), ("PROMPT_VERSION_TAG", "SET"),
             ("PROMPT_VERSION_TAG", "DELETED"), ("PROMPT_ALIAS", "CREATED"),
             ("PROMPT_ALIAS", "DELETED"), ("BUDGET_POLICY", "EXCEEDED")]
    made = create(lax, receiver.url)
    for entity, action in pairs:
        answer = lax.ask("POST", f"{HOOKS}/{made['webhook_id']}/test",
                         {"event": {"entity": entity, "action": action}})
        assert answer.json["result"]["success"], answer
        assert receiver.got[-1].event == f"{entity}.{action}".lower()
        assert isinstance(receiver.got[-1].json["data"], dict)


def test_answers_are_bounded(lax, receiver):
    def much(handler):
        handler.send_response(200)
        handler.send_header("Connection", "close")
        handler.end_headers()
        try:
            for _ in range(400):
                handler.wfile.write(b"\xc3\xa4" * 8192)
        except OSError:
            pass

    def binary(handler):
        handler.send_response(200)
        handler.send_header("Content-Length", "12")
        handler.end_headers()
        handler.wfile.write(b"\xff\x00\xfe" * 4)

    made = create(lax, receiver.url)
    receiver.answers = [much, binary]
    result = lax.ask("POST", f"{HOOKS}/{made['webhook_id']}/test", {}).json["result"]
    assert result["success"] is False and "more than" in result["error_message"]
    result = lax.ask("POST", f"{HOOKS}/{made['webhook_id']}/test", {}).json["result"]
    assert result["success"] is True and result["response_body"] == "(not text)"


# --- secrets --------------------------------------------------------------------------------


def key_file(server):
    return server.home / "tracking.db.webhook-key"


def everything_on_disk(server):
    return b"".join(p.read_bytes() for p in server.home.glob("tracking.db*")
                    if p.name != key_file(server).name)


def test_secrets_are_encrypted(start, receiver, closed_port):
    server = start(*ALLOWED, "--log-level", "debug")
    assert not key_file(server).exists(), "nobody needs it yet"
    create(server, receiver.url, secret=SECRET)
    create(server, f"http://user:word@127.0.0.1:{closed_port}/?token=t", secret=SECRET + "2")
    assert stat.S_IMODE(key_file(server).stat().st_mode) == 0o600
    assert len(base64.b64decode(key_file(server).read_text())) == 32
    run_that_ends(server)
    receiver.wait(1)
    harness.eventually(lambda: "to be tried again" in server.log())
    assert SECRET.encode() not in everything_on_disk(server)
    server.stop()
    assert SECRET.encode() not in everything_on_disk(server)
    log = server.log()
    assert SECRET not in log and "word" not in log and "token=t" not in log
    # The same secret looks different for each webhook, and each time.
    with sqlite3.connect(server.home / "tracking.db") as database:
        sealed = [row[0] for row in database.execute("SELECT secret FROM webhooks")]
    assert len(set(sealed)) == 2 and all(len(s) >= 12 + 16 + len(SECRET) for s in sealed)


def test_another_key_signs_nothing(start, receiver):
    server = start(*ALLOWED)
    create(server, receiver.url, secret=SECRET)
    server.stop()
    key_file(server).unlink()
    server = start(*ALLOWED)
    run_that_ends(server)
    harness.eventually(lambda: "another key" in server.log())
    harness.eventually(lambda: waiting(server) == 0)
    assert receiver.got == []


def test_a_key_that_others_may_read_is_refused(start, receiver):
    server = start(*ALLOWED)
    create(server, receiver.url, secret=SECRET)
    server.stop()
    os.chmod(key_file(server), 0o644)
    server = start(*ALLOWED)
    body = {"name": "a", "url": receiver.url, "run_events": ["FAILED"], "secret": "s"}
    answer = server.ask("POST", HOOKS, body)
    assert answer.status == 403 and "chmod" in answer.json["message"]
    os.chmod(key_file(server), 0o600)
    assert server.ask("POST", HOOKS, body).status == 200


def test_key_by_variable_or_file(start, receiver, tmp_path):
    key = base64.urlsafe_b64encode(os.urandom(32)).decode()
    environment = {"MLFLOW_WEBHOOK_SECRET_ENCRYPTION_KEY": key}
    server = start(*ALLOWED, environment=environment)
    create(server, receiver.url, secret=SECRET)
    server.stop()
    assert not key_file(server).exists()
    (tmp_path / "kept").write_text(key + "\n")
    (tmp_path / "kept").chmod(0o600)
    server = start(*ALLOWED, "--webhook-key-file", tmp_path / "kept")
    run_that_ends(server)
    [delivery] = receiver.wait(1)
    assert delivery.headers["X-MLflow-Signature"] == signature(SECRET, delivery)
    server.stop()
    with pytest.raises(harness.StartFailed) as failure:
        start(environment={"MLFLOW_WEBHOOK_SECRET_ENCRYPTION_KEY": "short"})
    assert "MLFLOW_WEBHOOK_SECRET_ENCRYPTION_KEY" in failure.value.log


def test_a_server_without_webhooks_stays_light(start):
    server = start()
    run_that_ends(server)
    maps = harness.pathlib.Path(f"/proc/{server.process.pid}/maps")
    assert "libcurl" not in maps.read_text()
    create(server, "https://1.1.1.1/", status="DISABLED")
    assert "libcurl" in maps.read_text()
