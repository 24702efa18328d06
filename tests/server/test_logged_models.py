"""Logged models, evaluation datasets, scorers and traces under load: many clients at once,
kill -9, requests of absurd size.

What is made in one call is there with all its parts or not at all; what was acknowledged stays."""

import collections
import json
import random
import time

import pytest

import harness
import killing

CLIENTS = 32
ROUNDS = 60 if harness.LONG else 12
PARTS = 3
API2, API3 = "/api/2.0/mlflow/", "/api/3.0/mlflow/"
JSON = {"Content-Type": "application/json"}


def ask(server, method, path, body=None):
    text = json.dumps(body) if body is not None else None
    return server.ask(method, path, text, JSON)


def good(answer):
    assert answer.status == 200, answer
    return answer.json


def codes(answers):
    return collections.Counter(answer.code or 200 for answer in answers)


def pairs(prefix, count=PARTS):
    return [{"key": f"{prefix}{i}", "value": str(i)} for i in range(count)]


def make_model(server, **more):
    return good(ask(server, "POST", API2 + "logged-models", {"experiment_id": "0", **more}))[
        "model"]["info"]["model_id"]


def model(server, model_id):
    return good(ask(server, "GET", API2 + "logged-models/" + model_id))["model"]


def add_params(server, model_id, params):
    return ask(server, "POST", f"{API2}logged-models/{model_id}/params",
               {"model_id": model_id, "params": params})


def make_dataset(server, name="d"):
    return good(ask(server, "POST", API3 + "datasets/create", {"name": name}))["dataset"][
        "dataset_id"]


def add_records(server, dataset_id, records):
    return ask(server, "POST", f"{API3}datasets/{dataset_id}/records",
               {"records": json.dumps(records)})


def records(server, dataset_id):
    return json.loads(good(ask(server, "GET", f"{API3}datasets/{dataset_id}/records"))["records"])


# --- many at once -----------------------------------------------------------------------------


def test_the_same_param(server):
    """One value of a param wins, and the batches of the others are absent with all their params."""
    model_id = make_model(server)
    answers = harness.in_parallel(CLIENTS, lambda i: add_params(
        server, model_id, [{"key": "who", "value": str(i)}, {"key": f"only{i}", "value": "1"}]))
    assert codes(answers)[200] == 1, codes(answers)
    params = {item["key"]: item["value"] for item in model(server, model_id)["data"]["params"]}
    assert params == {"who": params["who"], f"only{params['who']}": "1"}


def test_different_params(server):
    model_id = make_model(server)
    for answer in harness.in_parallel(
            CLIENTS, lambda i: add_params(server, model_id, pairs(f"p{i}."))):
        good(answer)
    assert len(model(server, model_id)["data"]["params"]) == CLIENTS * PARTS


def test_points_of_one_model(server):
    """Many runs measure one model; it has all their points."""
    model_id = make_model(server)
    runs = [server.create_run()["info"]["run_id"] for _ in range(8)]
    for answer in harness.in_parallel(CLIENTS, lambda i: server.call("runs/log-metric", {
            "run_id": runs[i % len(runs)], "key": f"m{i}", "value": i, "timestamp": 1 + i,
            "step": 0, "model_id": model_id})):
        good(answer)
    points = {item["key"]: item["value"] for item in model(server, model_id)["data"]["metrics"]}
    assert points == {f"m{i}": i for i in range(CLIENTS)}


def test_the_same_record(server):
    """Equal inputs are one record, whoever comes first."""
    dataset_id = make_dataset(server)
    answers = harness.in_parallel(CLIENTS, lambda i: add_records(
        server, dataset_id, [{"inputs": {"q": 1, "a": [2]}, "tags": {f"t{i}": str(i)}}]))
    counts = [good(answer) for answer in answers]
    assert sum(count.get("inserted_count", 0) for count in counts) == 1
    assert sum(count.get("updated_count", 0) for count in counts) == CLIENTS - 1
    (record,) = records(server, dataset_id)
    assert len(record["tags"]) == CLIENTS


def test_the_next_version_of_a_scorer(server):
    answers = harness.in_parallel(CLIENTS, lambda i: ask(
        server, "POST", API3 + "scorers/register",
        {"experiment_id": "0", "name": "raced", "serialized_scorer": json.dumps(i)}))
    assert sorted(good(answer)["version"] for answer in answers) == list(range(1, CLIENTS + 1))


# --- kill -9 ----------------------------------------------------------------------------------


class Client(killing.Writer):
    """Makes things of its own."""

    steps = ("model", "measure", "dataset", "trace", "delete")

    def __init__(self, server, seed):
        super().__init__(server, seed)
        self.made = {"model": [], "dataset": [], "trace": []}
        self.deleted = set()
        self.run_id = server.create_run()["info"]["run_id"]

    def model(self):
        made = self.call("POST", API2 + "logged-models", {
            "experiment_id": "0", "name": "killed", "params": pairs("p"), "tags": pairs("t")})
        self.made["model"].append([made["model"]["info"]["model_id"], 0])

    def measure(self):
        if not self.made["model"]:
            return
        entry = self.rng.choice(self.made["model"])
        self.call("POST", API2 + "runs/log-batch", {"run_id": self.run_id, "metrics": [
            {"key": f"m{entry[1]}.{i}", "value": i, "timestamp": 1, "step": 0,
             "model_id": entry[0]} for i in range(PARTS)]})
        entry[1] += 1

    def dataset(self):
        made = self.call("POST", API3 + "datasets/create", {
            "name": "killed", "experiment_ids": ["0"], "tags": json.dumps({"a": "1", "b": "2"})})
        entry = [made["dataset"]["dataset_id"], 0]
        self.made["dataset"].append(entry)
        self.call("POST", f"{API3}datasets/{entry[0]}/records", {"records": json.dumps([
            {"inputs": {"q": i}, "expectations": {"a": i, "b": i}} for i in range(PARTS)])})
        entry[1] = 1

    def trace(self):
        trace_id = f"tr-{self.rng.getrandbits(128):032x}"
        self.call("POST", API3 + "traces", {"trace": {"trace_info": {
            "trace_id": trace_id, "trace_location": {
                "type": "MLFLOW_EXPERIMENT", "mlflow_experiment": {"experiment_id": "0"}},
            "request_time": "2025-01-02T03:04:05Z", "state": "OK",
            "tags": {"a": "1", "b": "2"}, "assessments": [
                {"assessment_name": name, "trace_id": trace_id, "feedback": {"value": True},
                 "source": {"source_type": "HUMAN", "source_id": "me"}}
                for name in ("one", "two")]}}})
        self.made["trace"].append([trace_id, 0])

    def delete(self):
        if not self.made["trace"]:
            return
        trace_id = self.rng.choice(self.made["trace"])[0]
        self.deleted.add(trace_id)
        self.call("POST", API3 + "traces/delete-traces",
                  {"experiment_id": "0", "request_ids": [trace_id]})


PARENTS = {
    "logged_model_params": ("model", "logged_models"), "logged_model_tags":
    ("model", "logged_models"), "eval_dataset_tags": ("dataset", "eval_datasets"),
    "eval_records": ("dataset", "eval_datasets"), "eval_record_items": ("record", "eval_records"),
    "trace_items": ("trace", "traces"), "assessments": ("trace", "traces"),
    "assessment_metadata": ("assessment", "assessments"),
}


def check_files(home, scratch):
    """Nothing in the database belongs to nothing."""
    with killing.sound_copy(home, scratch) as database:
        for table, (column, parent) in PARENTS.items():
            assert database.execute(f"SELECT count(*) FROM {table} WHERE {column} NOT IN"
                                    f" (SELECT id FROM {parent})").fetchone() == (0,), table


def check_made(server, client):
    for model_id, measured in client.made["model"]:
        found = model(server, model_id)
        assert len(found["data"]["params"]) == len(found["info"]["tags"]) == PARTS
        points = len(found["data"].get("metrics", []))
        assert points % PARTS == 0, "a batch of points is half there"
        assert points >= measured * PARTS, "points were acknowledged and are lost"
    for dataset_id, filled in client.made["dataset"]:
        found = records(server, dataset_id)
        assert len(found) in ((PARTS,) if filled else (0, PARTS))
        assert all(len(record["expectations"]) == 2 for record in found)
    for trace_id, _ in client.made["trace"]:
        answer = ask(server, "GET", API3 + "traces/" + trace_id)
        if trace_id in client.deleted and answer.status == 404:
            continue
        info = good(answer)["trace"]["trace_info"]
        assert len(info["assessments"]) == 2 and {"a", "b"} <= set(info["tags"])


def test_kill_under_load(tmp_path):
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    rng = random.Random(seed)
    home = tmp_path / "home"
    home.mkdir()
    acknowledged = 0
    server = harness.Server(home)
    for _ in killing.rounds(ROUNDS, lambda: acknowledged > 10 * ROUNDS):
        clients = [Client(server, rng.getrandbits(64)).start() for _ in range(4)]
        time.sleep(rng.uniform(0.05, 0.3))
        server.kill()
        for client in clients:
            client.join()
        check_files(home, tmp_path / "copy")
        acknowledged += sum(client.acknowledged for client in clients)
        server = harness.Server(home)
        for client in clients:
            check_made(server, client)
    assert server.stop() == 0


# --- limits -----------------------------------------------------------------------------------


MANY = [{"key": f"k{i}", "value": "v"} for i in range(100_000)]
ABSURD = {
    "long name": ("POST", API2 + "logged-models", {"experiment_id": "0", "name": "n" * 501}),
    "huge name": ("POST", API2 + "logged-models", {"experiment_id": "0", "name": "n" * 5_000_000}),
    "params without end": ("POST", API2 + "logged-models", {"experiment_id": "0", "params": MANY}),
    "tags without end": ("PATCH", API2 + "logged-models/{model}/tags", {"tags": MANY}),
    "more params without end": ("POST", API2 + "logged-models/{model}/params", {"model_id": "m", "params": MANY}),
    "long param": ("POST", API2 + "logged-models/{model}/params",
                   {"model_id": "m", "params": [{"key": "k", "value": "v" * 100_000}]}),
    "datasets without end": ("POST", API2 + "logged-models/search", {
        "experiment_ids": ["0"], "datasets": [{"dataset_name": str(i)} for i in range(10_000)]}),
    "filter without end": ("POST", API2 + "logged-models/search",
                           {"experiment_ids": ["0"], "filter": "name = 'a' AND " * 300}),
    "orders without end": ("POST", API2 + "logged-models/search",
                           {"experiment_ids": ["0"], "order_by": [{"field_name": "name"}] * 1000}),
    "experiments without end": ("POST", API2 + "logged-models/search",
                                {"experiment_ids": [str(i) for i in range(200_000)]}),
    "page too large": ("POST", API2 + "logged-models/search",
                       {"experiment_ids": ["0"], "max_results": 1_000_000}),
    "long dataset name": ("POST", API3 + "datasets/create", {"name": "n" * 10_000}),
    "records without end": ("POST", API3 + "datasets/{dataset}/records",
                            {"records": json.dumps([{"inputs": {}}] * 100_000)}),
    "deep record": ("POST", API3 + "datasets/{dataset}/records",
                    {"records": "[{\"inputs\":" + "{\"a\":" * 500 + "1" + "}" * 500 + "}]"}),
    "trace without end": ("POST", API3 + "traces", {"trace": {"trace_info": {
        "trace_id": "tr-absurd", "trace_location": {
            "type": "MLFLOW_EXPERIMENT", "mlflow_experiment": {"experiment_id": "0"}},
        "tags": {f"k{i}": "v" for i in range(100_000)}}}}),
    "time out of the calendar": ("POST", API3 + "traces", {"trace": {"trace_info": {
        "trace_id": "tr-absurd", "trace_location": {
            "type": "MLFLOW_EXPERIMENT", "mlflow_experiment": {"experiment_id": "0"}},
        "request_time": "99999-01-01T00:00:00Z"}}}),
    "long trace id": ("GET", API3 + "traces/" + "t" * 5000, None),
}


@pytest.mark.parametrize("name", ABSURD)
def test_absurd_requests_are_refused(server, name):
    method, path, body = ABSURD[name]
    if "{model}" in path:
        path = path.format(model=make_model(server))
    elif "{dataset}" in path:
        path = path.format(dataset=make_dataset(server))
    answer = ask(server, method, path, body)
    assert 400 <= answer.status < 500, answer
    assert answer.json["error_code"] and answer.json["message"]
    assert server.alive()


def test_as_much_as_there_may_be(start):
    """A dataset of thousands of records, and a model of thousands of params, come back whole."""
    server = start()
    dataset_id = make_dataset(server)
    for first in range(0, 3000, 1000):
        good(add_records(server, dataset_id, [
            {"inputs": {"q": first + i}, "outputs": "o" * 100} for i in range(1000)]))
    assert [record["inputs"]["q"] for record in records(server, dataset_id)] == list(range(1000))
    model_id = make_model(server)
    for first in range(30):
        good(add_params(server, model_id, pairs(f"{first}.", 100)))
    assert len(model(server, model_id)["data"]["params"]) == 3000
