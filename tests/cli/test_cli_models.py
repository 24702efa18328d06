"""`millstream models ...`"""

import pytest

import harness
from command_line import CommandLine

SOURCE = "s3://bucket/model"


@pytest.fixture(params=["http", "sqlite"])
def cli(request, tmp_path):
    """The command line where there is a registry: on a server, and on a database."""
    if request.param == "sqlite":
        line = CommandLine(tmp_path, f"sqlite:///{tmp_path}/direct.db")
        line("experiments", "create", "any")  # makes the database
        yield line
        return
    with harness.Server(tmp_path) as server:
        yield CommandLine(tmp_path, server.url)


def model(cli, name="digits"):
    return cli("models", "get", name, "--json").json["registered_model"]


def version(cli, number, name="digits"):
    return cli("models", "get-version", name, number, "--json").json["model_version"]


def test_models(cli):
    assert cli("models", "create", "digits", "-d", "reads digits", "-t", "team=vision").out == (
        "Created registered model 'digits'.\n")
    assert "digits" in cli.fails(3, "models", "create", "digits")
    assert model(cli)["description"] == "reads digits"
    assert model(cli)["tags"] == [{"key": "team", "value": "vision"}]
    assert cli("models", "update", "digits", "new words").out == (
        "Registered model 'digits' has been updated.\n")
    assert cli("models", "rename", "digits", "figures").out == (
        "Registered model 'digits' has been renamed to 'figures'.\n")
    assert model(cli, "figures")["description"] == "new words"
    cli.fails(4, "models", "get", "digits")
    assert cli("models", "delete", "figures").out == (
        "Registered model 'figures' and its versions have been deleted.\n")
    cli.fails(4, "models", "delete", "figures")


def test_tags(cli):
    cli("models", "create", "digits")
    cli("models", "create-version", "digits", SOURCE)
    assert cli("models", "set-tag", "digits", "a", "1").out == ""
    cli("models", "set-version-tag", "digits", "latest", "b", "2")
    assert model(cli)["tags"] == [{"key": "a", "value": "1"}]
    assert version(cli, 1)["tags"] == [{"key": "b", "value": "2"}]
    cli("models", "delete-tag", "digits", "a")
    cli("models", "delete-version-tag", "digits", 1, "b")
    assert "tags" not in model(cli) and "tags" not in version(cli, 1)


def test_aliases(cli):
    cli("models", "create", "digits")
    for _ in range(2):
        cli("models", "create-version", "digits", SOURCE)
    assert cli("models", "set-alias", "digits", "champion", "1").out == (
        "'champion' is version 1 now.\n")
    cli("models", "set-alias", "digits", "challenger", "latest")
    assert model(cli)["aliases"] == [{"alias": "challenger", "version": "2"},
                                     {"alias": "champion", "version": "1"}]
    cli("models", "set-alias", "digits", "champion", "challenger")
    assert version(cli, "champion")["version"] == "2"
    cli("models", "delete-alias", "digits", "champion")
    assert "champion" in cli.fails(2, "models", "get-version", "digits", "champion")


def test_versions(cli):
    cli("models", "create", "digits")
    run = cli("runs", "create", "0", "--status", "RUNNING").out.strip()
    assert cli("models", "create-version", "digits", "model", "--run-id", run[:8], "-d", "first",
               "--run-link", "https://example.com/", "-t", "a=1").out == (
        "Created version 1 of model 'digits'.\n")
    made = version(cli, 1)
    artifacts = cli("runs", "get", run, "--json").run["info"]["artifact_uri"]
    assert made["source"] == f"{artifacts}/model" and made["run_id"] == run
    assert made["description"] == "first" and made["run_link"] == "https://example.com/"
    assert "/etc" in cli.fails(2, "models", "create-version", "digits", "/etc", "--run-id", run)
    cli("models", "create-version", "digits", SOURCE)
    assert cli("models", "update-version", "digits", "1", "better").out == (
        "Version 1 has been updated.\n")
    assert cli("models", "set-stage", "digits", "1", "production").out == (
        "Version 1 is in stage Production now.\n")
    cli("models", "set-stage", "digits", "2", "Production", "--archive-existing-versions")
    assert version(cli, 1)["current_stage"] == "Archived"
    cli.fails(2, "models", "set-stage", "digits", "2", "Shipped")
    assert cli("models", "delete-version", "digits", "2").out == "Version 2 has been deleted.\n"
    cli.fails(4, "models", "get-version", "digits", "2")
    assert cli("models", "create-version", "digits", SOURCE).out == (
        "Created version 3 of model 'digits'.\n")


def test_tables(cli):
    cli("models", "create", "digits", "-d", "reads digits")
    cli("models", "create", "it's", "-t", "team=vision")
    for name in ("digits", "digits", "it's"):
        cli("models", "create-version", name, SOURCE)
    cli("models", "set-alias", "digits", "champion", "1")
    header, *rows = cli("models", "search").lines
    assert header.split() == ["NAME", "LATEST", "LAST", "UPDATE", "ALIASES", "DESCRIPTION"]
    assert rows[0].split()[:2] == ["digits", "2"] and "champion = 1" in rows[0]
    assert rows[0].endswith("reads digits") and rows[1].split()[:2] == ["it's", "1"]
    listed = cli("models", "list", "-f", "tags.team = 'vision'", "--json").json
    assert [m["name"] for m in listed["registered_models"]] == ["it's"]
    listed = cli("models", "list", "-o", "name DESC", "--max-results", "1", "--json").json
    assert [m["name"] for m in listed["registered_models"]] == ["it's"]
    listed = cli("models", "list", "-o", "name DESC", "--page-token", listed["next_page_token"],
                 "--json").json
    assert [m["name"] for m in listed["registered_models"]] == ["digits"]
    header, *rows = cli("models", "versions", "digits", "-o", "version_number ASC").lines
    assert header.split()[:4] == ["MODEL", "VERSION", "STAGE", "ALIASES"]
    assert [row.split()[:3] for row in rows] == [["digits", "1", "None"], ["digits", "2", "None"]]
    assert "champion" in rows[0] and rows[0].endswith(SOURCE)
    for words in (["it's"], ["-f", "name = \"it's\""], ["it's", "-f", "version_number = 1"]):
        found = cli("models", "versions", *words, "--json").json["model_versions"]
        assert [v["name"] for v in found] == ["it's"]
    assert len(cli("models", "versions", "--json").json["model_versions"]) == 3
    more = cli("models", "versions", "--max-results", "1")
    assert more.lines[-1] == "There are more: see --max-results."
    cli.fails(2, "models", "versions", "both \" and '")
    cli.fails(2, "models", "versions", "-f", "size > 1")
    shown = cli("models", "get", "digits").out
    assert "champion = 1" in shown and "2 (None)" in shown and "reads digits" in shown
    shown = cli("models", "get-version", "digits", "champion").out
    assert SOURCE in shown and "champion" in shown


def test_json(server_cli):
    """What the REST call answers."""
    cli, call = server_cli, server_cli.server.call
    made = cli("models", "create", "digits", "-d", "d", "-t", "a=\"1\"", "--json").json
    assert made == call("registered-models/get", {"name": "digits"}, "GET").json
    made = cli("models", "create-version", "digits", SOURCE, "-d", "d", "-t", "b=2",
               "--run-link", "https://example.com/", "--json").json
    assert made == call("model-versions/get", {"name": "digits", "version": "1"}, "GET").json
    for words in (["set-alias", "digits", "champion", "1"], ["set-tag", "digits", "k", "v"],
                  ["set-version-tag", "digits", "1", "k", "v"], ["delete-tag", "digits", "k"],
                  ["delete-version-tag", "digits", "1", "k"]):
        assert cli("models", *words, "--json").json == {}
    made = cli("models", "set-stage", "digits", "1", "Staging", "--json").json
    assert made == call("model-versions/get", {"name": "digits", "version": "1"}, "GET").json
    made = cli("models", "update", "digits", "e", "--json").json
    assert made == call("registered-models/get", {"name": "digits"}, "GET").json
    assert made["registered_model"]["latest_versions"] and made["registered_model"]["aliases"]
    cli("models", "create", "plain")
    for words, rpc in ((["search"], "registered-models/search"),
                       (["versions"], "model-versions/search")):
        printed = cli("models", *words, "--json").json
        assert printed == call(rpc, {"max_results": 1000}, "GET").json
    assert cli("models", "search", "-f", "name = 'none'", "--json").json == {}
    for words in (["delete-alias", "digits", "champion"], ["delete-version", "digits", "1"],
                  ["delete", "digits"]):
        assert cli("models", *words, "--json").json == {}


def test_no_registry(alone):
    alone.uri = "mlruns"
    alone("experiments", "create", "any")
    assert "sqlite:///FILE" in alone.fails(7, "models", "create", "digits")
