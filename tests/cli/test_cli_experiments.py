"""`millstream experiments ...`"""

import re


def table(done):
    return [re.split(r"\s{2,}", line.strip()) for line in done.lines]


def test_life(cli):
    assert cli("experiments", "create", "digits", "-t", "team=vision").out == (
        "Created experiment 'digits' with id 1\n")
    shown = cli("experiments", "get", "digits", "--json").json
    assert shown["experiment_id"] == "1"
    assert shown["name"] == "digits"
    assert shown["lifecycle_stage"] == "active"
    assert shown["artifact_location"] == "mlflow-artifacts:/1"
    assert shown["tags"] == {"team": "vision"}
    assert cli("experiments", "rename", "digits", "letters").out == (
        "Experiment with id 1 has been renamed to 'letters'.\n")
    assert cli("experiments", "delete", "-x", "1").out == (
        "Experiment with ID 1 has been deleted.\n")
    assert cli("experiments", "get", "letters", "--json").json["lifecycle_stage"] == "deleted"
    assert cli("experiments", "restore", "letters").out == (
        "Experiment with id 1 has been restored.\n")
    assert cli("experiments", "get", "1", "--json").json["lifecycle_stage"] == "active"


def test_get_for_people(cli):
    cli("experiments", "create", "-n", "digits", "-t", "a=1", "-t", "b=x = y")
    lines = cli("experiments", "get", "-n", "digits").lines
    assert lines[0] == "Id                1"
    assert lines[1] == "Name              digits"
    assert lines[-2:] == ["Tags              a = 1", "                  b = x = y"]


def test_search(cli):
    for name in ("alpha", "beta", "gamma"):
        cli("experiments", "create", name)
    cli("experiments", "delete", "beta")
    rows = table(cli("experiments", "search", "-o", "name ASC"))
    assert [row[:3] for row in rows] == [
        ["ID", "NAME", "STATE"], ["0", "Default", "active"], ["1", "alpha", "active"],
        ["3", "gamma", "active"]]
    names = [e["name"] for e in cli("experiments", "list", "-v", "deleted_only", "--json").json]
    assert names == ["beta"]
    found = cli("experiments", "search", "--view", "ALL", "-f", "name LIKE '%a'", "-o",
                "name DESC", "--json").json
    assert [e["name"] for e in found] == ["gamma", "beta", "alpha"]
    assert cli("experiments", "search", "-f", "name = 'none'", "--json").json == []
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
    assert rest[0].endswith(f'mlflow-artifacts:/1/{run}/artifacts,nan,0.1,"two\nlines"\n')
    cli("experiments", "csv", "digits", "-o", "runs.csv")
    assert (cli.home / "runs.csv").read_text() == header + "\n" + rest[0]
    assert "no/such" in cli.fails(8, "experiments", "csv", "digits", "-o", "no/such/place.csv")


def test_number_as_name(cli):
    """An experiment whose name looks like an id is found when no experiment has that id."""
    cli("experiments", "create", "2024")
    assert cli("experiments", "get", "2024", "--json").json["experiment_id"] == "1"
