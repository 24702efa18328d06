"""Many clients that want the same thing at once: exactly the answers that the protocol allows,
and no lost update."""

import collections

import pytest

import harness

CLIENTS = 64


def at_once(server, count, request):
    """Every client opens its connection first, then all send together."""
    connections = [server.connect() for _ in range(count)]
    for connection in connections:
        assert harness.ask(connection, "GET", "/health").status == 200

    def work(index):
        rpc, body = request(index)
        return harness.ask(connections[index], "POST", f"/api/2.0/mlflow/{rpc}", body)

    answers = harness.in_parallel(count, work)
    for connection in connections:
        connection.close()
    return answers


def codes(answers):
    return collections.Counter(answer.code or 200 for answer in answers)


def data_of(server, run_id):
    answer = server.call("runs/get", {"run_id": run_id}, "GET")
    assert answer.status == 200, answer
    return answer.json["run"]["data"]


@pytest.fixture
def run_id(server):
    return server.create_run()["info"]["run_id"]


@pytest.mark.parametrize("attempt", range(5))
def test_same_experiment(server, attempt):
    name = f"wanted-{attempt}"
    answers = at_once(server, CLIENTS, lambda i: ("experiments/create", {"name": name}))
    assert codes(answers) == {200: 1, "RESOURCE_ALREADY_EXISTS": CLIENTS - 1}
    winner = next(a for a in answers if a.status == 200)
    found = server.call("experiments/get-by-name", {"experiment_name": name}, "GET").json
    assert found["experiment"]["experiment_id"] == winner.json["experiment_id"]


def test_different_experiments(server):
    answers = at_once(server, CLIENTS, lambda i: ("experiments/create", {"name": f"own-{i}"}))
    assert codes(answers) == {200: CLIENTS}
    assert len({a.json["experiment_id"] for a in answers}) == CLIENTS


def test_rename_to_the_same_name(server):
    ids = [server.create_experiment(f"renamed-{i}") for i in range(16)]
    answers = at_once(server, 16, lambda i: (
        "experiments/update", {"experiment_id": ids[i], "new_name": "only one of us"}))
    assert sorted(a.status for a in answers) == [200] + [400] * 15


def test_same_param_same_value(server, run_id):
    answers = at_once(server, CLIENTS, lambda i: (
        "runs/log-parameter", {"run_id": run_id, "key": "lr", "value": "0.1"}))
    assert codes(answers) == {200: CLIENTS}
    assert data_of(server, run_id)["params"] == [{"key": "lr", "value": "0.1"}]


@pytest.mark.parametrize("attempt", range(5))
def test_same_param_different_values(server, run_id, attempt):
    answers = at_once(server, CLIENTS, lambda i: (
        "runs/log-parameter", {"run_id": run_id, "key": "lr", "value": str(i)}))
    assert codes(answers) == {200: 1, "INVALID_PARAMETER_VALUE": CLIENTS - 1}
    winner = next(i for i, a in enumerate(answers) if a.status == 200)
    assert data_of(server, run_id)["params"] == [{"key": "lr", "value": str(winner)}]


def test_batches_that_share_a_param_are_whole_or_absent(server, run_id):
    """All batches have the param 'shared' of another value: one wins, with all that it has."""
    answers = at_once(server, CLIENTS, lambda i: ("runs/log-batch", {
        "run_id": run_id,
        "params": [{"key": f"own-{i}", "value": "x"}, {"key": "shared", "value": str(i)}],
        "metrics": [{"key": f"m{i}", "value": i, "timestamp": 1, "step": 0}],
        "tags": [{"key": f"t{i}", "value": "x"}]}))
    assert codes(answers) == {200: 1, "INVALID_PARAMETER_VALUE": CLIENTS - 1}
    winner = next(i for i, a in enumerate(answers) if a.status == 200)
    data = data_of(server, run_id)
    assert {p["key"]: p["value"] for p in data["params"]} == {
        f"own-{winner}": "x", "shared": str(winner)}
    assert [m["key"] for m in data["metrics"]] == [f"m{winner}"]
    assert [t["key"] for t in data["tags"] if t["key"].startswith("t")] == [f"t{winner}"]


def test_same_tag(server, run_id):
    answers = at_once(server, CLIENTS, lambda i: (
        "runs/set-tag", {"run_id": run_id, "key": "state", "value": str(i)}))
    assert codes(answers) == {200: CLIENTS}
    tags = {t["key"]: t["value"] for t in data_of(server, run_id)["tags"]}
    assert tags["state"] in {str(i) for i in range(CLIENTS)}


def test_different_tags_of_one_run(server, run_id):
    answers = at_once(server, CLIENTS, lambda i: (
        "runs/set-tag", {"run_id": run_id, "key": f"tag-{i}", "value": str(i)}))
    assert codes(answers) == {200: CLIENTS}
    tags = {t["key"]: t["value"] for t in data_of(server, run_id)["tags"]}
    assert {f"tag-{i}": str(i) for i in range(CLIENTS)}.items() <= tags.items()


def test_delete_a_tag_once(server, run_id):
    server.call("runs/set-tag", {"run_id": run_id, "key": "gone", "value": "x"})
    answers = at_once(server, 32, lambda i: (
        "runs/delete-tag", {"run_id": run_id, "key": "gone"}))
    assert codes(answers) == {200: 1, "RESOURCE_DOES_NOT_EXIST": 31}


def test_same_metric_key(server, run_id):
    answers = at_once(server, CLIENTS, lambda i: (
        "runs/log-metric", {"run_id": run_id, "key": "loss", "value": i, "step": i,
                            "timestamp": 1000}))
    assert codes(answers) == {200: CLIENTS}
    history = server.call("metrics/get-history", {"run_id": run_id, "metric_key": "loss"},
                          "GET").json["metrics"]
    assert sorted(p["step"] for p in history) == list(range(CLIENTS))
    assert all(p["value"] == p["step"] for p in history)
    latest = data_of(server, run_id)["metrics"]
    assert [(m["key"], m["step"], m["value"]) for m in latest] == [
        ("loss", CLIENTS - 1, CLIENTS - 1)]


def test_same_point(server, run_id):
    """A point that is logged again by everybody is one point."""
    answers = at_once(server, CLIENTS, lambda i: (
        "runs/log-metric", {"run_id": run_id, "key": "same", "value": 1.5, "step": 1,
                            "timestamp": 1000}))
    assert codes(answers) == {200: CLIENTS}
    history = server.call("metrics/get-history", {"run_id": run_id, "metric_key": "same"},
                          "GET").json["metrics"]
    assert len(history) == 1


def test_batches_of_one_run(server, run_id):
    def request(i):
        return "runs/log-batch", {
            "run_id": run_id,
            "metrics": [{"key": f"k{j % 4}", "value": j, "timestamp": 1, "step": i * 100 + j}
                        for j in range(100)],
            "params": [{"key": f"p{i}.{j}", "value": str(i)} for j in range(10)]}

    answers = at_once(server, CLIENTS, request)
    assert codes(answers) == {200: CLIENTS}
    data = data_of(server, run_id)
    assert len(data["params"]) == CLIENTS * 10
    for key in range(4):
        history = server.call("metrics/get-history",
                              {"run_id": run_id, "metric_key": f"k{key}"}, "GET")
        steps = sorted(p["step"] for p in history.json["metrics"])
        assert steps == [i * 100 + j for i in range(CLIENTS) for j in range(key, 100, 4)]
        latest = next(m for m in data["metrics"] if m["key"] == f"k{key}")
        assert latest["step"] == (CLIENTS - 1) * 100 + 96 + key


def test_runs_are_all_created(server):
    experiment = server.create_experiment("crowded")
    answers = at_once(server, CLIENTS, lambda i: (
        "runs/create", {"experiment_id": experiment, "tags": [{"key": "n", "value": str(i)}]}))
    assert codes(answers) == {200: CLIENTS}
    ids = {a.json["run"]["info"]["run_id"] for a in answers}
    assert len(ids) == CLIENTS
    found = server.call("runs/search", {"experiment_ids": [experiment]}).json["runs"]
    assert {r["info"]["run_id"] for r in found} == ids
    assert {t["value"] for r in found for t in r["data"]["tags"] if t["key"] == "n"} == {
        str(i) for i in range(CLIENTS)}


def test_delete_and_restore(server, run_id):
    """Whatever the order, each is answered as the state was, and the end is one of both."""
    answers = at_once(server, 32, lambda i: (
        "runs/delete" if i % 2 else "runs/restore", {"run_id": run_id}))
    assert set(codes(answers)) <= {200, "INVALID_PARAMETER_VALUE"}
    stage = server.call("runs/get", {"run_id": run_id}, "GET").json["run"]["info"][
        "lifecycle_stage"]
    assert stage in ("active", "deleted")


def test_reads_during_writes_see_whole_batches(server, run_id):
    """Each batch writes the same value under five keys; no read sees two values."""
    def work(index):
        if index == 0:
            for number in range(100):
                answer = server.call("runs/log-batch", {"run_id": run_id, "tags": [
                    {"key": f"t{i}", "value": str(number)} for i in range(5)]})
                assert answer.status == 200, answer
            return
        connection = server.connect()
        for _ in range(100):
            answer = harness.ask(connection, "GET",
                                 f"/api/2.0/mlflow/runs/get?run_id={run_id}")
            values = {t["value"] for t in answer.json["run"]["data"].get("tags", [])
                      if t["key"] in ("t0", "t1", "t2", "t3", "t4")}
            assert len(values) <= 1, values
        connection.close()

    harness.in_parallel(5, work)


def test_a_client_reads_what_it_wrote(server):
    """An answered write is seen by the next read of anybody, in gets and searches."""
    experiment = server.create_experiment("read your writes")

    def work(index):
        connection = server.connect()

        def call(rpc, body):
            answer = harness.ask(connection, "POST", f"/api/2.0/mlflow/{rpc}", body)
            assert answer.status == 200, answer
            return answer.json

        for step in range(20):
            run_id = call("runs/create", {"experiment_id": experiment})["run"]["info"]["run_id"]
            call("runs/set-tag", {"run_id": run_id, "key": "who", "value": f"{index}.{step}"})
            found = call("runs/search", {"experiment_ids": [experiment],
                                         "filter": f"tags.who = '{index}.{step}'"})
            assert [r["info"]["run_id"] for r in found.get("runs", [])] == [run_id]
        connection.close()

    harness.in_parallel(8, work)
