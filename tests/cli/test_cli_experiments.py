"""`millstream experiments ...`"""

import re


def table(done):
    return [re.split(r"\s{2,}", line.strip()) for line in done.lines]


def test_life(cli):
    done = cli("experiments", "create", "digits", "-t", "team=vision")
    shown = cli("experiments", "get", "digits", "--json").experiment
    number = shown["experiment_id"]
    assert done.out == f"Created experiment 'digits' with id {number}\n"
    assert shown["name"] == "digits"
    assert shown["lifecycle_stage"] == "active"
    assert shown["artifact_location"] in (
        f"mlflow-artifacts:/{number}", f"file://{cli.home}/mlruns/{number}")
    assert shown["tags"] == [{"key": "team", "value": "vision"}]
    assert cli("experiments", "rename", "digits", "letters").out == (
        f"Experiment with id {number} has been renamed to 'letters'.\n")
    assert cli("experiments", "delete", "-x", number).out == (
        f"Experiment with ID {number} has been deleted.\n")
    shown = cli("experiments", "get", "letters", "--json").experiment
    assert shown["lifecycle_stage"] == "deleted"
    assert cli("experiments", "restore", "letters").out == (
        f"Experiment with id {number} has been restored.\n")
    assert cli("experiments", "get", number, "--json").experiment["lifecycle_stage"] == "active"


def test_get_for_people(cli):
    made = cli("experiments", "create", "-n", "digits", "-t", "a=1", "-t", "b=x = y", "--json")
    lines = cli("experiments", "get", "-n", "digits").lines
    assert lines[0] == f"Id                {made.json['experiment_id']}"
    assert lines[1] == "Name              digits"
    assert lines[-2:] == ["Tags              a = 1", "                  b = x = y"]


def test_search(cli):
    for name in ("alpha", "beta", "gamma"):
        cli("experiments", "create", name)
    cli("experiments", "delete", "beta")
    rows = table(cli("experiments", "search", "-o", "name ASC"))
    assert [row[1:3] for row in rows] == [
        ["NAME", "STATE"], ["Default", "active"], ["alpha", "active"], ["gamma", "active"]]
    assert rows[0][0] == "ID" and rows[1][0] == "0" and all(row[0].isdigit() for row in rows[1:])
    names = [e["name"] for e in cli("experiments", "list", "-v", "deleted_only", "--json").experiments]
    assert names == ["beta"]
    found = cli("experiments", "search", "--view", "ALL", "-f", "name LIKE '%a'", "-o",
                "name DESC", "--json").experiments
    assert [e["name"] for e in found] == ["gamma", "beta", "alpha"]
    assert cli("experiments", "search", "-f", "name = 'none'", "--json").json == {}
    limited = cli("experiments", "search", "--max-results", "2")
    assert limited.lines[-1] == "There are more: see --max-results."


def test_errors(cli):
    cli("experiments", "create", "digits")
    assert "digits" in cli.fails(3, "experiments", "create", "digits")
    assert "nothing" in cli.fails(4, "experiments", "get", "nothing")
    assert "77" in cli.fails(4, "experiments", "get", "77")
    cli.fails(2, "experiments", "search", "-f", "name ~ 'x'")
    cli.fails(4, "experiments", "restore", "digits")
    assert "KEY=VALUE" in cli.fails(2, "experiments", "create", "x", "-t", "novalue")


def test_csv(cli):
    cli("experiments", "create", "digits")
    run = cli("runs", "create", "digits", "-n", 'a "good", one', "--status", "RUNNING").out.strip()
    cli("runs", "log", run, "-m", "loss=0.1", "-m", "bad=nan", "-p", "note=two\nlines")
    header, *rest = cli("experiments", "csv", "digits").out.split("\n", 1)
    assert header == ("run_id,name,status,start_time,end_time,artifact_uri,"
                      "metrics.bad,metrics.loss,params.note")
    assert rest[0].startswith(f'{run},"a ""good"", one",RUNNING,')
    assert rest[0].endswith(f'/{run}/artifacts,NaN,0.1,"two\nlines"\n')
    cli("experiments", "csv", "digits", "-o", "runs.csv")
    assert (cli.home / "runs.csv").read_text() == header + "\n" + rest[0]
    assert "no/such" in cli.fails(8, "experiments", "csv", "digits", "-o", "no/such/place.csv")


def test_number_as_name(cli):
    """An experiment whose name looks like an id is found when no experiment has that id."""
    made = cli("experiments", "create", "2024", "--json").json
    assert cli("experiments", "get", "2024", "--json").experiment["experiment_id"] == (
        made["experiment_id"])
