"""The model registry under load: many clients at once, kill -9, requests of absurd size.

A number of a version is given once, whatever happens; an acknowledged change is there with all of
it; no reader sees half of a change."""

import collections
import json
import random
import threading
import time
import urllib.parse

import pytest

import harness
import killing

CLIENTS = 32
ROUNDS = 60 if harness.LONG else 12
VERSION_TAGS = 3
API = "/api/2.0/mlflow/"


def create(server, name, **more):
    answer = server.call("registered-models/create", {"name": name, **more})
    assert answer.status == 200, answer


def add_version(server, name, **more):
    return server.call("model-versions/create", {"name": name, "source": "s3://bucket/m", **more})


def versions_of(server, name):
    answer = server.call("model-versions/search", {"filter": f"name = '{name}'"}, "GET")
    assert answer.status == 200, answer
    return answer.json.get("model_versions", [])


def codes(answers):
    return collections.Counter(answer.code or 200 for answer in answers)


# --- many at once -----------------------------------------------------------------------------


def test_the_same_model(server):
    answers = harness.in_parallel(CLIENTS, lambda i: server.call(
        "registered-models/create", {"name": "wanted", "tags": [{"key": "who", "value": str(i)}]}))
    assert codes(answers) == {200: 1, "RESOURCE_ALREADY_EXISTS": CLIENTS - 1}
    winner = next(answer for answer in answers if answer.status == 200)
    found = server.call("registered-models/get", {"name": "wanted"}, "GET").json
    assert found["registered_model"]["tags"] == winner.json["registered_model"]["tags"]


def test_the_next_version(server):
    """Two clients, or many, that make the next version at once get two numbers."""
    create(server, "numbered")
    answers = harness.in_parallel(CLIENTS, lambda i: add_version(server, "numbered",
                                                                 run_id=f"run{i}"))
    assert codes(answers) == {200: CLIENTS}
    made = {int(a.json["model_version"]["version"]): a.json["model_version"]["run_id"]
            for a in answers}
    assert sorted(made) == list(range(1, CLIENTS + 1))
    found = {int(v["version"]): v["run_id"] for v in versions_of(server, "numbered")}
    assert found == made


def test_renaming_while_versions_are_made(server):
    names = ["renamed one", "renamed two"]
    create(server, names[0])
    made, ends = [], threading.Event()

    def work(index):
        if index == 0:
            number = 0
            while number < 40 or not made:  # twice, so that it has its first name in the end
                for old, new in (names, names[::-1]):
                    answer = server.call("registered-models/rename", {"name": old, "new_name": new})
                    assert answer.status == 200, answer
                    number += 1
            ends.set()
            return
        while not ends.is_set():
            name = random.choice(names)
            answer = add_version(server, name)
            assert answer.status in (200, 404), answer
            if answer.status == 200:
                assert answer.json["model_version"]["name"] == name
                made.append(int(answer.json["model_version"]["version"]))
            found = server.call("model-versions/search", {"filter": "name LIKE 'renamed %'"}, "GET")
            seen = found.json.get("model_versions", [])
            assert len({v["name"] for v in seen}) <= 1, "one model has two names"
            assert len({v["version"] for v in seen}) == len(seen), "a version is there twice"

    harness.in_parallel(6, work)
    assert sorted(made) == list(range(1, len(made) + 1)) and made
    assert sorted(int(v["version"]) for v in versions_of(server, names[0])) == sorted(made)


def test_an_alias_that_moves_and_goes(server):
    """Whoever asks for it gets a version that it pointed to, or hears that it is not there."""
    name = "aliased"
    create(server, name)
    for _ in range(3):
        add_version(server, name)
    ends = threading.Event()

    def work(index):
        if index == 0:
            for number in range(150):
                server.call("registered-models/alias", {
                    "name": name, "alias": "best", "version": str(1 + number % 3)})
            ends.set()
        while not ends.is_set():
            if index == 1:
                answer = server.call("registered-models/alias", {"name": name, "alias": "best"},
                                     "DELETE")
                assert answer.status == 200, answer
                continue
            answer = server.call("registered-models/alias", {"name": name, "alias": "best"}, "GET")
            assert answer.status == 200 or answer.code == "INVALID_PARAMETER_VALUE", answer
            if answer.status == 200:
                assert answer.json["model_version"]["aliases"] == ["best"]
            found = versions_of(server, name)
            assert sum(len(v.get("aliases", [])) for v in found) <= 1, "it points to two versions"

    harness.in_parallel(5, work)


def test_one_version_in_production(server):
    name = "staged"
    create(server, name)
    for _ in range(4):
        add_version(server, name)
    ends = threading.Event()

    def work(index):
        if index < 2:
            for number in range(60):
                answer = server.call("model-versions/transition-stage", {
                    "name": name, "version": str(1 + (number + index) % 4),
                    "stage": "Production", "archive_existing_versions": True})
                assert answer.status == 200, answer
            ends.set()
        while not ends.is_set():
            stages = [v["current_stage"] for v in versions_of(server, name)]
            assert stages.count("Production") <= 1, stages

    harness.in_parallel(4, work)


def test_a_client_reads_what_it_wrote(server):
    def work(index):
        connection = server.connect()

        def ask(method, rpc, body):
            path = API + rpc
            if method == "GET":
                answer = harness.ask(connection, method, path + "?" + urllib.parse.urlencode(body))
            else:
                answer = harness.ask(connection, method, path, body)
            assert answer.status == 200, answer
            return answer.json

        for step in range(15):
            name = f"mine {index}.{step}"
            ask("POST", "registered-models/create", {"name": name})
            found = ask("GET", "registered-models/search", {"filter": f"name = '{name}'"})
            assert [m["name"] for m in found.get("registered_models", [])] == [name]
            ask("POST", "model-versions/create", {"name": name, "source": "s3://b/m"})
            ask("POST", "model-versions/set-tag",
                {"name": name, "version": "1", "key": "k", "value": str(step)})
            found = ask("GET", "model-versions/search",
                        {"filter": f"name LIKE 'mine {index}.%' AND tags.k = '{step}'"})
            assert [v["name"] for v in found.get("model_versions", [])] == [name]
            ask("DELETE", "model-versions/delete", {"name": name, "version": "1"})
            found = ask("GET", "model-versions/search", {"filter": f"name = '{name}'"})
            assert found == {}
        connection.close()

    harness.in_parallel(6, work)


# --- kill -9 ----------------------------------------------------------------------------------


class Model:
    """What its only client knows of one model."""

    def __init__(self, name):
        self.name = name
        self.names = {name}      # that it may have now
        self.versions = {}       # number: acknowledged as made
        self.deleted = set()     # numbers that are gone, or may be
        self.highest = 0         # number that was ever acknowledged
        self.pending = 0         # creations without an answer


class Client(killing.Writer):
    """Writes to models, its own ones and those it was given."""

    steps = ("create", "version", "version", "version", "delete", "rename", "alias")
    prefix = API

    def __init__(self, server, models, seed):
        super().__init__(server, seed)
        self.models = models

    def create(self):
        name = f"model-{self.rng.getrandbits(64):016x}"
        self.call("POST", "registered-models/create",
                  {"name": name, "tags": [{"key": "born", "value": name}]})
        self.models.append(Model(name))

    def pick(self):
        if not self.models:
            self.create()
        return self.rng.choice(self.models)

    def version(self):
        model = self.pick()
        model.pending += 1
        made = self.call("POST", "model-versions/create", {
            "name": model.name, "source": "s3://bucket/m",
            "tags": [{"key": f"t{i}", "value": str(i)} for i in range(VERSION_TAGS)]})
        number = int(made["model_version"]["version"])
        assert number > model.highest, "a number was given twice"
        model.highest = number
        model.versions[number] = True
        model.pending -= 1

    def delete(self):
        model = self.pick()
        left = [n for n in model.versions if n not in model.deleted]
        if not left:
            return
        number = self.rng.choice(left)
        model.deleted.add(number)
        self.call("DELETE", "model-versions/delete", {"name": model.name, "version": str(number)})
        del model.versions[number]

    def rename(self):
        model = self.pick()
        name = f"model-{self.rng.getrandbits(64):016x}"
        model.names.add(name)
        self.call("POST", "registered-models/rename", {"name": model.name, "new_name": name})
        model.names = {name}
        model.name = name

    def alias(self):
        model = self.pick()
        left = [n for n in model.versions if n not in model.deleted]
        if left:
            self.call("POST", "registered-models/alias", {
                "name": model.name, "alias": "best", "version": str(self.rng.choice(left))})


def check_files(home, scratch):
    """Nothing in the database belongs to nothing."""
    with killing.sound_copy(home, scratch) as database:
        for table in ("registered_model_tags", "registered_model_aliases", "model_versions"):
            assert database.execute(f"SELECT count(*) FROM {table} WHERE model NOT IN"
                                    " (SELECT id FROM registered_models)").fetchone() == (0,), table
        for table in ("registered_model_aliases", "model_version_tags"):
            assert database.execute(f"SELECT count(*) FROM {table} WHERE (model, version) NOT IN"
                                    " (SELECT model, version FROM model_versions)").fetchone() == (0,)
        assert database.execute(
            "SELECT count(*) FROM model_versions v JOIN registered_models m ON m.id = v.model"
            " WHERE v.version > m.last_version").fetchone() == (0,)


def check_model(server, model):
    found = [name for name in model.names
             if server.call("registered-models/get", {"name": name}, "GET").status == 200]
    assert len(found) == 1, f"{model.names} are {found}"
    model.name, model.names = found[0], set(found)
    there = {}
    for version in versions_of(server, model.name):
        tags = {t["key"]: t["value"] for t in version.get("tags", [])}
        assert tags == {f"t{i}": str(i) for i in range(VERSION_TAGS)}, "a version is half there"
        there[int(version["version"])] = version
    for number in model.versions:
        assert number in there or number in model.deleted, f"{number} was acknowledged and is lost"
    unknown = set(there) - set(model.versions)
    assert not (unknown & model.deleted), f"{unknown} were deleted and are there"
    assert len(unknown) <= model.pending
    answer = add_version(server, model.name, tags=[{"key": f"t{i}", "value": str(i)}
                                                   for i in range(VERSION_TAGS)])
    number = int(answer.json["model_version"]["version"])
    assert number > max([model.highest, *there]), "a number was given twice"
    model.versions = {n: True for n in [*there, number]}
    model.deleted = set()
    model.highest = number
    model.pending = 0


def test_kill_under_load(tmp_path):
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    rng = random.Random(seed)
    home = tmp_path / "home"
    home.mkdir()
    models, acknowledged = [], 0
    server = harness.Server(home)
    for _ in killing.rounds(ROUNDS, lambda: acknowledged > 10 * ROUNDS):
        clients = [Client(server, models[index::4], rng.getrandbits(64)).start()
                   for index in range(4)]
        time.sleep(rng.uniform(0.01, 0.3))
        server.kill()
        for client in clients:
            client.join()
        check_files(home, tmp_path / "copy")
        acknowledged += sum(client.acknowledged for client in clients)
        models = [model for client in clients for model in client.models]
        server = harness.Server(home)
        for model in models:
            check_model(server, model)
        rng.shuffle(models)
        models = models[:12]
    assert server.stop() == 0


# --- limits -----------------------------------------------------------------------------------


ABSURD = {
    "long name": ("POST", "registered-models/create", {"name": "n" * 257}),
    "huge name": ("POST", "registered-models/create", {"name": "n" * 5_000_000}),
    "huge description": ("POST", "registered-models/create",
                         {"name": "a", "description": "d" * 5_000_000}),
    "tags without end": ("POST", "registered-models/create",
                         {"name": "a", "tags": [{"key": "k", "value": "v"}] * 100_000}),
    "long source": ("POST", "model-versions/create", {"name": "a", "source": "s3://b/" + "x" * 5000}),
    "encoded for ever": ("POST", "model-versions/create",
                         {"name": "a", "source": "s3://b/%" + "25" * 1500}),
    "stages without end": ("POST", "registered-models/get-latest-versions",
                           {"name": "limits", "stages": ["None"] * 100_000}),
    "orders without end": ("GET", "model-versions/search", [("order_by", "name")] * 1000),
    "filter without end": ("GET", "model-versions/search", {"filter": "name = 'a' AND " * 300}),
    "deep filter": ("GET", "registered-models/search", {"filter": "(" * 2000}),
    "page too large": ("GET", "model-versions/search", {"max_results": 200_001}),
    "page larger than numbers": ("GET", "registered-models/search", {"max_results": 2**63}),
    "token beyond the end of numbers": ("GET", "model-versions/search",
                                        {"page_token": "eyJvZmZzZXQiOiA5OTk5OTk5OTk5OTk5OTk5OTk5fQ=="}),
}


@pytest.mark.parametrize("name", ABSURD)
def test_absurd_requests_are_refused(server, name):
    method, rpc, body = ABSURD[name]
    if name == "stages without end":
        create(server, "limits")
    path = API + rpc
    if method == "GET":
        answer = server.ask(method, path + "?" + urllib.parse.urlencode(body))
    else:
        answer = server.ask(method, path, json.dumps(body), {"Content-Type": "application/json"})
    assert 400 <= answer.status < 500, answer
    assert answer.json["error_code"] and answer.json["message"]
    assert server.alive()


def test_a_long_list_is_one_page(server):
    """More versions than fit into one piece of an answer, with a page behind them."""
    create(server, "long")
    for _ in range(300):
        add_version(server, "long", description="d" * 1000)
    answer = server.call("model-versions/search", {
        "filter": "name = 'long'", "max_results": 299, "order_by": "version_number"}, "GET")
    assert [int(v["version"]) for v in answer.json["model_versions"]] == list(range(1, 300))
    rest = server.call("model-versions/search", {
        "filter": "name = 'long'", "max_results": 299, "order_by": "version_number",
        "page_token": answer.json["next_page_token"]}, "GET")
    assert [v["version"] for v in rest.json["model_versions"]] == ["300"]
    assert "next_page_token" not in rest.json
