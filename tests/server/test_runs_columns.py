"""runs/columns, runs/groups and experiments/counts, on every kind of store."""

import pytest

import harness
from pages_api import STORES, get, log, make_run, post, refused

RUNS = 6


@pytest.fixture(scope="module", params=STORES)
def some(request, tmp_path_factory):
    """Runs r0 to r5: the odd ones by sgd, the others by adam, r5 without a team."""
    with harness.Server(tmp_path_factory.mktemp("columns"), *STORES[request.param]) as server:
        for i in range(RUNS):
            run_id = make_run(server, run_name=f"r{i}", start_time=1000 + i, user_id="ada")
            log(server, run_id, [("loss", i, 1), ("same", 1, 1)],
                {"optimizer": "sgd" if i % 2 else "adam", "depth": str(10 - i), "fixed": "1e3"},
                {"team": f"t{i % 3}"} if i < 5 else {})
        yield server


def columns(server, **request):
    answer = post(server, "runs/columns", experiment_ids=["0"], **request)
    for column in answer["metrics"] + answer["params"] + answer["tags"]:
        for flag in "more", "numeric":
            if not column[flag]:
                del column[flag]
    for kind in "metrics", "params", "tags":
        answer[kind] = {column.pop("key"): column for column in answer[kind]
                        if not column["key"].startswith("mlflow.")}
    return answer


def test_columns_say_where_runs_differ(some):
    answer = columns(some)
    assert answer["runs"] == RUNS and answer["truncated"] is False
    assert answer["metrics"] == {
        "loss": {"runs": 6, "distinct": 6, "differs": True, "numeric": True, "min": 0,
                 "max": 5},
        "same": {"runs": 6, "distinct": 1, "differs": False, "numeric": True, "min": 1,
                 "max": 1}}
    assert answer["params"] == {
        "depth": {"runs": 6, "distinct": 6, "differs": True, "numeric": True, "min": 5, "max": 10,
                  "values": ["5", "6", "7", "8", "9", "10"]},
        "fixed": {"runs": 6, "distinct": 1, "differs": False, "numeric": True, "min": 1000,
                  "max": 1000, "values": ["1e3"]},
        "optimizer": {"runs": 6, "distinct": 2, "differs": True, "values": ["adam", "sgd"]}}
    assert answer["tags"]["team"] == {"runs": 5, "distinct": 3, "differs": True,
                                      "values": ["t0", "t1", "t2"]}
    assert list(answer["params"]) == sorted(answer["params"])


def test_columns_of_some(some):
    answer = columns(some, filter="params.optimizer = 'sgd'", name_regex="r[13]")
    assert answer["runs"] == 2
    assert answer["params"]["optimizer"]["differs"] is False
    assert answer["tags"]["team"] == {"runs": 2, "distinct": 2, "differs": True,
                                      "values": ["t0", "t1"]}
    assert columns(some, filter="metrics.loss > 99")["params"] == {}


def test_many_values_are_not_counted_to_the_end(start):
    server = start("--backend-store-uri", "memory:")
    for i in range(130):
        log(server, make_run(server), [("m", i, 1)],
            {"n": str(i), "word": f"w{i:03}", "long": "x" * 201 + str(i), "last": "x" if i == 129
             else str(i)})
    answer = columns(server)
    assert answer["metrics"]["m"] == {"runs": 130, "distinct": 100, "more": True, "differs": True,
                                      "numeric": True, "min": 0, "max": 129}
    n = answer["params"]["n"]
    assert (n["distinct"], n["more"], n["min"], n["max"]) == (100, True, 0, 129)
    assert len(n["values"]) == 20 and n["values"] == sorted(n["values"], key=int)
    assert "numeric" not in answer["params"]["word"] and "min" not in answer["params"]["word"]
    assert "values" not in answer["params"]["long"]
    assert "numeric" not in answer["params"]["last"]  # the last of 130 is a word


def test_what_is_not_finite_is_no_extreme(start):
    server = start()
    for value in "NaN", "Infinity", "-Infinity", 3, "NaN":
        log(server, make_run(server), [("m", value, 1)], {"p": "inf"})
    answer = columns(server)
    assert answer["metrics"]["m"] == {"runs": 5, "distinct": 4, "differs": True, "numeric": True,
                                      "min": 3, "max": 3}
    assert "numeric" not in answer["params"]["p"]


def groups(server, by, **request):
    return post(server, "runs/groups", experiment_ids=["0"], by=by, **request)


def test_groups(some):
    answer = groups(some, ["params.optimizer"], metrics=["loss", "no"])
    assert answer["runs"] == RUNS and answer["total"] == 2
    assert answer["groups"] == [
        {"group": [{"field": "params.optimizer", "value": "adam"}], "runs": 3,
         "last_start_time": 1004, "metrics": [{"runs": 3, "min": 0, "mean": 2, "max": 4}, None]},
        {"group": [{"field": "params.optimizer", "value": "sgd"}], "runs": 3,
         "last_start_time": 1005, "metrics": [{"runs": 3, "min": 1, "mean": 3, "max": 5}, None]}]


def test_groups_in_groups_and_their_members(some):
    answer = groups(some, ["tags.team", "params.optimizer"])
    assert [[item.get("value") for item in group["group"]] for group in answer["groups"]] == [
        ["t0", "adam"], ["t0", "sgd"], ["t1", "adam"], ["t1", "sgd"], ["t2", "adam"],
        [None, "sgd"]]
    assert sum(group["runs"] for group in answer["groups"]) == RUNS
    for group in answer["groups"]:
        members = post(some, "runs/table", experiment_ids=["0"], group=group["group"])
        assert members["total"] == group["runs"]
    inner = groups(some, ["status"], group=answer["groups"][0]["group"])
    assert inner["groups"][0]["runs"] == answer["groups"][0]["runs"]


def test_groups_come_in_order_and_may_be_cut(some):
    answer = groups(some, ["params.depth"], max_results=2)
    assert [group["group"][0]["value"] for group in answer["groups"]] == ["5", "6"]
    assert answer["total"] == RUNS and len(answer["groups"]) == 2
    assert groups(some, ["experiment_id"])["groups"][0]["group"][0]["value"] == "0"
    assert groups(some, ["user_id", "run_name"])["total"] == RUNS


@pytest.mark.parametrize("request_, message", [
    ({"by": []}, "by: "), ({"by": ["metrics.loss"]}, "by[0]: must be params.KEY"),
    ({"by": ["params.a", "params.`b"]}, "by[1]: "), ({"by": ["params.a"] * 9}, "by: "),
    ({"by": ["params.a DESC"]}, "by[0]: "), ({"by": ["status"], "max_results": 0}, "max_results: "),
    ({"by": ["status"], "metrics": ["m"] * 51}, "metrics: "),
    ({"by": ["status"], "experiment_ids": []}, "experiment_ids: missing")])
def test_what_is_refused(server, request_, message):
    answer = refused(server, "runs/groups", **{"experiment_ids": ["0"], **request_})
    assert answer.status == 400, answer
    assert answer.json["message"].startswith(message), answer
    assert refused(server, "runs/columns").json["message"].startswith("experiment_ids: missing")


def test_counts(some):
    experiment = some.create_experiment("counted")
    run_id = make_run(some, experiment, start_time=77)
    make_run(some, experiment, start_time=7)
    some.call("runs/update", {"run_id": run_id, "status": "FAILED", "end_time": 99})
    counts = {c["experiment_id"]: c for c in get(some, "experiments/counts")["experiments"]}
    assert counts["0"]["runs"] == RUNS and counts["0"]["running"] == RUNS
    assert counts[experiment] == {"experiment_id": experiment, "runs": 2, "running": 1,
                                  "last_activity": 99}
