"""runs/table: rows from any place of a long list, on every kind of store."""

import pytest

import harness
from pages_api import STORES, log, make_run, post, refused


@pytest.fixture(scope="module", params=STORES)
def some(request, tmp_path_factory):
    """A server with five runs r0 to r4, of which r3 and r4 are children of r0."""
    with harness.Server(tmp_path_factory.mktemp("table"), *STORES[request.param]) as server:
        ids = []
        for i in range(5):
            tags = [{"key": "mlflow.parentRunId", "value": ids[0]}] if i > 2 else []
            ids.append(make_run(server, run_name=f"r{i}", start_time=1000 + i, tags=tags,
                                         user_id="ada"))
            log(server, ids[i], [("loss", 10 - i, 0), ("loss", i, 1)],
                {"lr": str(i % 2), "team name": "it's \"red\""} if i else {}, {"color": "red"})
        server.ids = ids
        yield server


def table(server, **request):
    return post(server, "runs/table", experiment_ids=["0"], **request)


def names(answer):
    return [run["run_name"] for run in answer["runs"]]


def test_rows_come_newest_first(some):
    answer = table(some)
    assert names(answer) == ["r4", "r3", "r2", "r1", "r0"]
    assert answer["total"] == 5 and answer["offset"] == 0 and answer["run_ids"] == []
    run = answer["runs"][0]
    assert run["last_seen"] == 1004
    del run["last_seen"]
    assert run == {"run_id": some.ids[4], "run_name": "r4", "experiment_id": "0",
                   "status": "RUNNING", "state": "RUNNING", "start_time": 1004,
                   "lifecycle_stage": "active", "user_id": "ada",
                   "parent_run_id": some.ids[0]}


def test_any_piece_of_any_order(some):
    answer = table(some, order_by=["params.lr DESC", "metrics.loss ASC"], offset=1, max_results=3,
                   metrics=["loss", "no"], params=["lr", "team name"], tags=["color"])
    assert names(answer) == ["r3", "r2", "r4"]
    assert [run["metrics"] for run in answer["runs"]] == [[3, None], [2, None], [4, None]]
    assert answer["runs"][0]["params"] == ["1", "it's \"red\""]
    assert answer["runs"][0]["tags"] == ["red"]
    assert answer["total"] == 5 and answer["offset"] == 1
    assert table(some, offset=7)["runs"] == [] and table(some, offset=7)["total"] == 5


def test_filters_names_and_groups(some):
    assert names(table(some, filter="metrics.loss > 2")) == ["r4", "r3"]
    assert names(table(some, name_regex="^R[12]$")) == ["r2", "r1"]
    assert names(table(some, name_regex="(?-i)R")) == []
    assert table(some, name_regex="r", filter="metrics.loss < 2")["total"] == 2
    members = [{"field": "params.`team name`", "value": "it's \"red\""},
               {"field": "params.lr", "value": "0"}, {"field": "status", "value": "RUNNING"},
               {"field": "experiment_id", "value": "0"}]
    assert names(table(some, group=members)) == ["r4", "r2"]
    assert names(table(some, group=[{"field": "params.lr"}])) == ["r0"]
    assert names(table(some, group=[{"field": "params.lr", "value": "1"}],
                       filter="metrics.loss < 2")) == ["r1"]


def test_children_and_aggregates(some):
    rows = table(some, children=True, aggregates=["loss", "no"], order_by=["run_name"])["runs"]
    assert [run["children"] for run in rows] == [2, 0, 0, 0, 0]
    assert rows[0]["aggregates"] == [{"count": 2, "min": 0, "max": 10}, None]
    assert rows[4]["aggregates"] == [{"count": 2, "min": 4, "max": 6}, None]
    top = table(some, filter="tags.`mlflow.parentRunId` IS NULL")
    assert names(top) == ["r2", "r1", "r0"]


def test_ids_of_all(some):
    answer = table(some, ids_only=True, max_results=100000, order_by=["run_name"])
    assert answer["run_ids"] == some.ids and answer["runs"] == [] and answer["total"] == 5


def test_the_server_chooses_what_differs(some):
    asked = {"metrics": ["no"], "tags": ["color"], "order_by": ["run_name"]}
    answer = table(some, **asked, differing=10, offset=1, max_results=3)
    assert answer["keys"] == {"metrics": ["no", "loss"], "params": ["lr", "team name"],
                              "tags": ["color"]}
    assert names(answer) == ["r1", "r2", "r3"] and answer["total"] == 5
    assert [run["metrics"] for run in answer["runs"]] == [[None, 1], [None, 2], [None, 3]]
    assert answer["runs"][0]["params"] == ["1", "it's \"red\""]
    assert answer["runs"][0]["tags"] == ["red"]
    assert answer["columns"] == post(some, "runs/columns", experiment_ids=["0"])
    assert table(some, differing=10, offset=7)["runs"] == []
    assert "keys" not in table(some, **asked) and "columns" not in table(some, **asked)


def test_the_server_chooses_few_of_them(some):
    assert table(some, differing=1)["keys"]["params"] == ["lr"]  # all have it
    assert table(some, differing=1, params=["lr"])["keys"]["params"] == ["lr", "team name"]


def test_the_server_chooses_for_some_runs(some):
    answer = table(some, differing=10, filter="params.lr = '1'")
    assert answer["keys"] == {"metrics": ["loss"], "params": [], "tags": []}
    assert answer["columns"]["runs"] == 2
    alone = table(some, differing=10, filter="run_name = 'r1'")
    assert alone["keys"] == {"metrics": ["loss"], "params": ["lr", "team name"],
                             "tags": ["color"]}
    nothing = table(some, differing=10, filter="run_name = 'r9'")
    assert nothing["keys"] == {"metrics": [], "params": [], "tags": []}
    assert nothing["total"] == 0 and nothing["columns"]["params"] == []
    ids = table(some, differing=10, ids_only=True, max_results=2)
    assert ids["run_ids"] == some.ids[:2:-1] and "keys" not in ids


def test_what_is_not_finite(start):
    server = start()
    run_id = make_run(server)
    log(server, run_id, [("up", "Infinity", 0), ("down", "-Infinity", 0), ("no", "NaN", 0)])
    rows = table(server, metrics=["up", "down", "no"], aggregates=["up"])["runs"]
    assert rows[0]["metrics"] == ["Infinity", "-Infinity", "NaN"]
    assert rows[0]["aggregates"] == [{"count": 1}]


def test_a_logger_that_fell_silent(start):
    server = start()
    for beat in ["1000 30", "99999999999999 30", "nonsense"]:
        make_run(server, run_name=beat, start_time=1,
                          tags=[{"key": "mlflow.millstream.heartbeat", "value": beat}])
    rows = {run["run_name"]: run for run in table(server)["runs"]}
    assert rows["1000 30"]["state"] == "CRASHED" and rows["1000 30"]["last_seen"] == 1000
    assert rows["99999999999999 30"]["state"] == "RUNNING"
    assert rows["nonsense"]["state"] == "RUNNING" and rows["nonsense"]["last_seen"] == 1
    assert rows["1000 30"]["status"] == "RUNNING"


BAD = [({"experiment_ids": []}, "experiment_ids: missing"),
       ({"experiment_ids": [str(i) for i in range(1001)]}, "experiment_ids: has 1001 items"),
       ({"max_results": 0}, "max_results: must be 1 to 1000, got 0"),
       ({"max_results": 1001}, "max_results: must be 1 to 1000, got 1001"),
       ({"max_results": 100001, "ids_only": True}, "max_results: must be 1 to 100000"),
       ({"offset": -1}, "offset: must be at least 0"),
       ({"differing": -1}, "differing: must be 0 to 200, got -1"),
       ({"differing": 201}, "differing: must be 0 to 200, got 201"),
       ({"filter": "metrics.a ="}, "filter, character"),
       ({"order_by": ["nonsense"]}, "order_by"),
       ({"metrics": ["m"] * 201}, "metrics: "),
       ({"aggregates": ["m"] * 21}, "aggregates: "),
       ({"name_regex": "("}, "name_regex: not a regular expression"),
       ({"name_regex": "a" * 201}, "name_regex: has 201 bytes"),
       ({"group": [{"field": "metrics.m", "value": "1"}]}, "group[0]: must be params.KEY"),
       ({"group": [{"value": "1"}]}, "group[0].field: "),
       ({"group": [{"field": "experiment_id", "value": "x"}]}, "group[0].value: must be an id"),
       ({"group": [{"field": "params.a"}] * 9}, "group: ")]


@pytest.mark.parametrize("request_, message", BAD, ids=[message for _, message in BAD])
def test_what_is_refused(server, request_, message):
    answer = refused(server, "runs/table", **{"experiment_ids": ["0"], **request_})
    assert answer.status == 400 and answer.code == "INVALID_PARAMETER_VALUE", answer
    assert answer.json["message"].startswith(message), answer


def test_an_expression_that_never_ends(server):
    make_run(server, run_name="a" * 60 + "!")
    answer = refused(server, "runs/table", experiment_ids=["0"], name_regex="^(a+)+$")
    assert answer.status == 400 and "takes too long" in answer.json["message"], answer


def test_nothing_for_artifact_servers(start):
    server = start("--artifacts-only")
    assert refused(server, "runs/table", experiment_ids=["0"]).status == 503
