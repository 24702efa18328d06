"""`millstream runs ...`"""

import re

import pytest


@pytest.fixture
def digits(cli):
    """An experiment with three runs: their ids by name."""
    cli("experiments", "create", "digits")
    settings = {"slow": (0.01, [0.2, 0.5, 0.7]), "good": (0.1, [0.5, 0.8, 0.9]),
                "fast": (1, [0.6, 0.4, 0.1])}
    cli.ids = {}
    for name, (rate, accuracy) in settings.items():
        run = cli("runs", "create", "digits", "-n", name, "-s", "RUNNING").out.strip()
        cli("runs", "log", run, "-p", f"rate={rate}", "-p", "batch=64", "-t", "model=mlp")
        for step, value in enumerate(accuracy):
            cli("runs", "log", run, "-m", f"acc={value}", "-m", f"loss={1 - value:.1f}", "-s", step)
        cli("runs", "log", run, "--status", "FINISHED")
        cli.ids[name] = run
    return cli


def rows(done):
    """Cells of a table, whose columns stand two or more spaces apart; without a best mark."""
    return [re.split(r"\s{2,}", line.strip()) for line in done.lines]


def test_create_and_describe(cli):
    run = cli("runs", "create", "-n", "first", "-d", "what it is", "-t", "k=v",
              "--parent-run-id", "p" * 32).out.strip()
    assert re.fullmatch("[0-9a-f]{32}", run)
    described = cli("runs", "describe", "--run-id", run).json
    assert described["info"]["run_id"] == run
    assert described["info"]["run_name"] == "first"
    assert described["info"]["experiment_id"] == "0"
    assert described["info"]["status"] == "FINISHED"
    assert described["info"]["user_id"] == "tester"
    assert described["info"]["end_time"] >= described["info"]["start_time"] > 1.6e12
    assert described["data"] == {
        "metrics": {}, "params": {},
        "tags": {"k": "v", "mlflow.note.content": "what it is", "mlflow.parentRunId": "p" * 32,
                 "mlflow.runName": "first", "mlflow.user": "tester"}}
    assert cli("runs", "get", run, "--json").run["info"]["run_id"] == run


def test_create_in_an_experiment(cli):
    number = cli("experiments", "create", "digits", "--json").json["experiment_id"]
    by_option = cli("runs", "create", "-e", "digits", "--json").run
    assert by_option["info"]["experiment_id"] == number
    by_variable = cli("runs", "create", "--json",
                      environment={"MLFLOW_EXPERIMENT_NAME": "digits"}).run
    assert by_variable["info"]["experiment_id"] == number
    assert "no" in cli.fails(4, "runs", "create", "-e", "no")


def test_get_for_people(digits):
    text = digits("runs", "get", digits.ids["good"]).out
    assert re.search(r"^Name +good$", text, re.M)
    assert re.search(r"^Status +FINISHED$", text, re.M)
    assert re.search(r"^Metrics\nacc +0\.9 +step 2\nloss +0\.1 +step 2$", text, re.M)
    assert re.search(r"^Params\nbatch +64\nrate +0\.1$", text, re.M)
    assert re.search(r"^model +mlp$", text, re.M)


def test_search_shows_what_differs_first(digits):
    header, *lines = rows(digits("runs", "search", "digits"))
    assert header == ["NAME", "RUN ID", "STATUS", "STARTED", "TOOK", "acc", "loss", "rate",
                      "batch"]
    assert [line[0] for line in lines] == ["fast", "good", "slow"]
    assert lines[1][1] == digits.ids["good"]
    assert lines[1][2] == "FINISHED"
    assert lines[1][-4:] == ["0.9", "0.1", "0.1", "64"]


def test_best_run(digits):
    done = digits("runs", "search", "digits", "--best", "max:acc")
    assert [line[2:6] for line in done.lines[1:]] == ["good", "slow", "fast"]
    assert [line[0] for line in done.lines] == [" ", "\N{BLACK STAR}", " ", " "]
    # A name with "loss" in it means the smallest.
    done = digits("runs", "search", "digits", "-b", "loss", environment={"LC_ALL": "C"})
    assert [line[0] for line in done.lines] == [" ", "*", " ", " "]
    assert done.lines[1][2:6] == "good"
    # The order decides when nothing else does, and does not have to agree with --best.
    done = digits("runs", "search", "digits", "-o", "metrics.acc ASC")
    assert [line[2:6] for line in done.lines[1:]] == ["fast", "slow", "good"]
    assert done.lines[1][0] == "\N{BLACK STAR}"
    done = digits("runs", "search", "digits", "-o", "metrics.acc ASC", "-b", "max:acc")
    assert done.lines[3][0] == "\N{BLACK STAR}"


def test_chosen_columns_and_filter(digits):
    done = digits("runs", "search", "digits", "-f", "metrics.acc > 0.5", "-m", "loss,none",
                  "-p", "rate")
    header, *lines = rows(done)
    assert header[-3:] == ["loss", "none", "rate"]
    assert [(line[0], line[-3:]) for line in lines] == [
        ("good", ["0.1", "-", "0.1"]), ("slow", ["0.3", "-", "0.01"])]
    assert digits("runs", "search", "digits", "-f", "metrics.acc > 5").lines[-1] == (
        "No runs match.")


def test_narrow_terminal(digits):
    done = digits("runs", "search", "digits", environment={"COLUMNS": "60"})
    assert max(len(line) for line in done.lines[:4]) <= 60
    assert digits.ids["good"][:8] in done.out
    assert digits.ids["good"][:9] not in done.out
    assert re.fullmatch(r"\d more columns?: choose with --metrics and --params, or see all with "
                        r"--csv or --json", done.lines[-1])


def test_search_json_and_csv(digits):
    found = digits("runs", "search", "digits", "--json", "-o", "attributes.run_name ASC").runs
    assert [run["info"]["run_name"] for run in found] == ["fast", "good", "slow"]
    assert [(m["key"], m["value"], m["step"]) for m in found[1]["data"]["metrics"]] == [
        ("acc", 0.9, 2), ("loss", 0.1, 2)]
    csv = digits("runs", "search", "digits", "--csv", "-b", "max:acc", "-m", "acc").lines
    assert csv[0] == "run_id,name,status,start_time,end_time,artifact_uri,metrics.acc"
    assert [line.split(",")[1] for line in csv[1:]] == ["good", "slow", "fast"]


def test_more_runs_than_asked_for(digits):
    done = digits("runs", "search", "digits", "-n", "2")
    assert done.lines[-1] == "These are the first 2: see --max-results."
    first = digits("runs", "search", "digits", "-n", "2", "--json")
    assert len(first.runs) == 2
    rest = digits("runs", "search", "digits", "-n", "2", "--json", "--page-token",
                  first.json["next_page_token"])
    assert [run["info"]["run_name"] for run in rest.runs] == ["slow"]
    assert "next_page_token" not in rest.json
    assert len(digits("runs", "search", "digits", "-n", "1001", "--json").runs) == 3
    listed = digits("runs", "list", "digits", "-n", "2", "--json")
    assert listed.json == first.json
    rest = digits("runs", "list", "digits", "--json", "--page-token",
                  first.json["next_page_token"])
    assert [run["info"]["run_name"] for run in rest.runs] == ["slow"]


def test_list(digits):
    number = digits("experiments", "get", "digits", "--json").experiment["experiment_id"]
    header, *lines = rows(digits("runs", "list", "--experiment-id", number))
    assert header == ["DATE", "NAME", "ID"]
    assert [line[1:] for line in lines] == [
        [name, digits.ids[name]] for name in ("fast", "good", "slow")]


def test_delete_and_restore(digits):
    run = digits.ids["fast"]
    assert digits("runs", "delete", run).out == f"Run with ID {run} has been deleted.\n"
    names = [r["info"]["run_name"] for r in digits("runs", "search", "digits", "--json").runs]
    assert names == ["good", "slow"]
    deleted = digits("runs", "search", "digits", "-v", "deleted_only")
    assert rows(deleted)[1][2] == "deleted"
    assert digits("runs", "restore", run).out == f"Run with ID {run} has been restored.\n"
    assert len(digits("runs", "search", "digits", "--json").runs) == 3


def test_short_ids(digits):
    run = digits.ids["good"]
    assert digits("runs", "get", run[:10], "--json").run["info"]["run_id"] == run
    assert "no run's id begins with" in digits.fails(4, "runs", "get", "0" * 31)


def test_history(digits):
    run = digits.ids["good"]
    shown = rows(digits("runs", "metrics", run, "-k", "acc"))
    assert [line[:2] for line in shown] == [
        ["STEP", "VALUE"], ["0", "0.5"], ["1", "0.8"], ["2", "0.9"]]
    slow = digits.ids["slow"]
    history = digits("runs", "metrics", run, slow, "-k", "acc", "--json").json["metrics"]
    assert [(p["run_id"], p["key"], p["step"], p["value"]) for p in history] == [
        (run, "acc", 0, 0.5), (run, "acc", 1, 0.8), (run, "acc", 2, 0.9),
        (slow, "acc", 0, 0.2), (slow, "acc", 1, 0.5), (slow, "acc", 2, 0.7)]
    csv = digits("runs", "metrics", run, "-k", "acc", "--csv").lines
    assert csv[0] == "run_id,step,timestamp,value"
    assert re.fullmatch(rf"{run},2,\d+,0\.9", csv[3])


def test_sampled_history(cli):
    cli("experiments", "create", "long")
    run = cli("runs", "create", "long", "-s", "RUNNING").out.strip()
    for step in range(20):
        cli("runs", "log", run, "-m", f"m={step}", "-s", step)
    points = cli("runs", "metrics", run, "-k", "m", "--max-points", "5", "--json").json["metrics"]
    assert [point["step"] for point in points] == [0, 4, 8, 12, 19]


def test_chart(digits):
    done = digits("runs", "metrics", digits.ids["good"], "-k", "acc", "--chart",
                  environment={"COLUMNS": "70"})
    assert done.lines[0] == "  acc"
    assert any("\u2800" <= letter <= "\u28ff" for letter in done.out)
    assert done.lines[-1] == "  \u2501\u2501 good  last 0.9"
    assert max(len(line) for line in done.lines) <= 70
    both = digits("runs", "metrics", digits.ids["good"], digits.ids["fast"], "-k", "acc", "-c",
                  "-b", "max:acc", environment={"LC_ALL": "C"})
    assert both.lines[-2:] == ["  a good  last 0.9  *", "  b fast  last 0.1"]
    assert both.out.isascii()
    assert "no metric 'none'" in digits.fails(4, "runs", "metrics", digits.ids["good"], "-k",
                                              "none")


def test_compare(digits):
    done = digits("runs", "compare", digits.ids["good"], digits.ids["slow"])
    found = rows(done)
    assert found[0] == ["RUN", "good", "slow"]
    assert found[1] == ["id", digits.ids["good"], digits.ids["slow"]]
    assert found[3:6] == [["acc", "0.9", "0.7"], ["loss", "0.1", "0.3"], ["rate", "0.1", "0.01"]]
    assert done.lines[-1] == "1 more is the same in all of them: see --all."
    everything = rows(digits("runs", "compare", *digits.ids.values(), "--all"))
    assert ["batch", "64", "64", "64"] in everything
    assert "2 to 20" in digits.fails(2, "runs", "compare", digits.ids["good"])


def test_log_errors(digits):
    run = digits.ids["good"]
    assert "rate" in digits.fails(2, "runs", "log", run, "-p", "rate=2")
    assert "must be a number" in digits.fails(2, "runs", "log", run, "-m", "acc=much")
    assert "nothing to log" in digits.fails(2, "runs", "log", run)
    assert "f" * 32 in digits.fails(4, "runs", "log", "f" * 32, "-m", "x=1")
    assert digits("runs", "log", run, "-m", "odd=-inf", "-m", "worse=NaN").out == ""
    metrics = digits("runs", "describe", run).json["data"]["metrics"]
    assert metrics["odd"] == "-Infinity" or metrics["odd"] < -1e308
    assert metrics["worse"] == "NaN"


def test_many_values_at_once(cli):
    """More than one request may carry."""
    cli("experiments", "create", "many")
    run = cli("runs", "create", "many", "-s", "RUNNING").out.strip()
    words = [word for n in range(1500) for word in ("-m", f"m{n}={n}")]
    words += [word for n in range(230) for word in ("-p", f"p{n}={n}", "-t", f"t{n}={n}")]
    cli("runs", "log", run, *words)
    data = cli("runs", "describe", run).json["data"]
    assert len(data["metrics"]) == 1500
    assert len(data["params"]) == 230
    assert sum(key.startswith("t") for key in data["tags"]) == 230
    assert data["metrics"]["m1499"] == 1499 and data["params"]["p229"] == "229"


def test_one_value_at_a_time(cli):
    run = cli("runs", "create", "--name", "mine", "--tag", "a=1", "--tag", "b=2", "--status",
              "RUNNING").out.strip()
    assert cli("runs", "log-metric", run, "loss", "0.5").out == ""
    cli("runs", "log-metric", run, "loss", "-0.25", "--step", "3", "--timestamp", "2000")
    cli("runs", "log-metric", run, "loss", "-Infinity", "--step", "-1", "--timestamp", "1000")
    cli("runs", "log-metric", "-r", run, "-k", "worse", "-v", "nan")
    assert cli("runs", "log-param", run, "rate", "0.1").out == ""
    assert cli("runs", "set-tag", run, "b", "two words").out == ""
    assert cli("runs", "delete-tag", run, "a").out == ""
    points = cli("runs", "metrics", run, "-k", "loss", "--json").json["metrics"]
    assert [(p["timestamp"], p["step"]) for p in points[:2]] == [(1000, -1), (2000, 3)]
    assert points[1]["value"] == -0.25 and points[2]["step"] == 0
    assert points[2]["timestamp"] > 1.6e12 and points[2]["value"] == 0.5
    described = cli("runs", "describe", run).json
    assert described["data"]["params"] == {"rate": "0.1"}
    assert described["data"]["tags"]["b"] == "two words" and "a" not in described["data"]["tags"]
    assert described["data"]["metrics"]["worse"] == "NaN"
    assert described["info"]["status"] == "RUNNING"
    assert cli("runs", "end", run, "-s", "failed").out == (
        f"Run with ID {run} has ended: FAILED.\n")
    info = cli("runs", "describe", run).json["info"]
    assert info["status"] == "FAILED" and info["end_time"] >= info["start_time"]


def test_wrong_values(cli):
    run = cli("runs", "create", "-s", "RUNNING").out.strip()
    assert cli.fails(2, "runs", "log-metric", run, "loss", "much") == (
        "VALUE is 'much'; it must be a number")
    assert "VALUE" in cli.fails(2, "runs", "log-metric", run, "loss")
    cli("runs", "log-param", run, "rate", "1")
    assert "rate" in cli.fails(2, "runs", "log-param", run, "rate", "2")
    assert "none" in cli.fails(4, "runs", "delete-tag", run, "none")
    for words in (["log-metric", "f" * 32, "k", "1"], ["log-param", "f" * 32, "k", "1"],
                  ["set-tag", "f" * 32, "k", "1"], ["end", "f" * 32]):
        assert "f" * 32 in cli.fails(4, "runs", *words)
    assert "FINISHED|FAILED|KILLED" in cli.fails(2, "runs", "end", run, "--status", "RUNNING")
