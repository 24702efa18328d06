"""`--json` prints what the REST call answers: compared with the answers of a real server."""

import math

import pytest

# The command line speaks for servers of any age, the newest of which have workspaces.
NOT_PRINTED = ("workspace",)


def same(printed, answered):
    """Equal, and nothing left out but what is listed."""
    for thing in [answered.get("experiment"), *answered.get("experiments", [])]:
        for name in NOT_PRINTED if thing else ():
            assert name not in printed and thing.pop(name, None) is not None
    return printed == answered


@pytest.fixture
def filled(server_cli):
    """A server with a run that has everything a run can have; its id as server_cli.run_id."""
    cli, server = server_cli, server_cli.server
    cli("experiments", "create", "digits", "--tag", "team=vision")
    run = cli("runs", "create", "digits", "--name", "full", "--tag", "quote=\"\\\t\u00e9\x7f",
              "-s", "RUNNING").out.strip()
    cli("runs", "log", run, "-m", "loss=0.1", "-m", "acc=1", "-m", "tiny=5e-324", "-m",
        "odd=nan", "-m", "up=inf", "-m", "down=-inf", "-p", "rate=0.1", "-p", "empty=", "-s", "-3")
    for rpc, body in (
            ("log-inputs", {"datasets": [
                {"tags": [{"key": "mlflow.data.context", "value": "train"}],
                 "dataset": {"name": "d", "digest": "1", "source_type": "local", "source": "{}",
                             "schema": "{\"a\": 1}", "profile": "{}"}},
                {"dataset": {"name": "e", "digest": "2", "source_type": "x", "source": "y"}}],
                "models": [{"model_id": "m-1"}]}),
            ("outputs", {"models": [{"model_id": "m-2", "step": 7}]})):
        assert server.call(f"runs/{rpc}", {"run_id": run, **body}).status == 200
    cli("runs", "create", "digits", "--name", "bare")
    cli.run_id = run
    return cli


def rest(cli, rpc, method="GET", **query):
    answer = cli.server.call(rpc, query, method)
    assert answer.status == 200, answer
    return answer.json


def test_experiments(filled):
    printed = filled("experiments", "get", "digits", "--json").json
    assert same(printed, rest(filled, "experiments/get", experiment_id="1"))
    printed = filled("experiments", "list", "--json").json
    assert same(printed, rest(filled, "experiments/search", "POST", max_results=1000))
    printed = filled("experiments", "search", "--json", "--max-results", 1).json
    answered = rest(filled, "experiments/search", "POST", max_results=1)
    assert same(printed, answered) and printed["next_page_token"]
    printed = filled("experiments", "search", "--json", "--page-token",
                     printed["next_page_token"]).json
    assert [e["name"] for e in printed["experiments"]] == ["Default"]
    assert filled("experiments", "create", "more", "--json").json == {"experiment_id": "2"}
    for words in (["rename", "more", "most"], ["delete", "most"], ["restore", "most"]):
        assert filled("experiments", *words, "--json").json == {}


def test_runs(filled):
    run = filled.run_id
    printed = filled("runs", "get", run, "--json").json
    answered = rest(filled, "runs/get", run_id=run)
    assert same(printed, answered)
    # What the comparison has covered.
    assert {m["key"] for m in answered["run"]["data"]["metrics"]} == {
        "loss", "acc", "tiny", "odd", "up", "down"}
    assert len(answered["run"]["inputs"]["dataset_inputs"]) == 2 and answered["run"]["outputs"]
    answered = rest(filled, "runs/search", "POST", experiment_ids=["1"], max_results=100)
    assert len(answered["runs"]) == 2
    assert filled("runs", "search", "digits", "--json").json == answered
    assert filled("runs", "list", "digits", "--json").json == answered
    answered = rest(filled, "runs/search", "POST", experiment_ids=["1"], max_results=1)
    assert filled("runs", "search", "digits", "-n", "1", "--json").json == answered
    assert filled("runs", "search", "digits", "-f", "metrics.loss > 5", "--json").json == {}


def test_made_runs(server_cli):
    made = server_cli("runs", "create", "--experiment-id", "0", "--name", "mine", "--tag", "a=1",
                      "-s", "RUNNING", "--json").json
    run = made["run"]["info"]["run_id"]
    assert made == rest(server_cli, "runs/get", run_id=run)
    ended = server_cli("runs", "end", run, "--status", "KILLED", "--end-time", "77", "--json").json
    assert ended == {"run_info": rest(server_cli, "runs/get", run_id=run)["run"]["info"]}
    assert ended["run_info"]["status"] == "KILLED" and ended["run_info"]["end_time"] == 77
    answered = rest(server_cli, "runs/update", "POST", run_id=run, status="KILLED", end_time=77)
    assert ended == answered


def test_changes_of_runs(filled):
    run = filled.run_id
    for words in (["log-metric", run, "x", "1"], ["log-param", run, "p", "1"],
                  ["set-tag", run, "t", "1"], ["delete-tag", run, "t"],
                  ["log", run, "-m", "y=1"], ["delete", run], ["restore", run]):
        assert filled("runs", *words, "--json").json == {}, words
    assert filled("runs", "log-batch", run, "--json", stdin=b'{"tag":"a","value":"b"}').json == {}


def test_history(filled):
    run = filled.run_id
    for step, value in enumerate((0.5, math.pi, 1e300)):
        filled("runs", "log-metric", run, "m", value, "--step", step, "--timestamp", step)
    printed = filled("runs", "metrics", run, "-k", "m", "--json").json
    assert len(printed["metrics"]) == 3
    answer = filled.server.get(f"/ajax-api/2.0/mlflow/metrics/get-history-bulk?run_id={run}"
                               "&metric_key=m&max_results=100")
    assert printed == answer.json


def test_artifacts(filled):
    run = filled.run_id
    (filled.home / "plots").mkdir()
    (filled.home / "plots" / "a.png").write_bytes(b"12345")
    assert filled("artifacts", "log", run, "plots", "--to", "all", "--json").json == {}
    for path in ("", "all", "all/plots", "nothing"):
        printed = filled("artifacts", "list", run, *([path] if path else []), "--json").json
        assert printed == rest(filled, "artifacts/list", run_id=run, path=path)
    got = filled("artifacts", "download", run, "all", "--to", "got", "--json").json
    assert got == {"path": "got/all"}
    assert (filled.home / "got" / "all" / "plots" / "a.png").read_bytes() == b"12345"
