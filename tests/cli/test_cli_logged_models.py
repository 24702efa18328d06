"""`millstream logged-models ...`, and files of models by URI."""

import pytest

import harness
from command_line import CommandLine


@pytest.fixture(params=["http", "sqlite"])
def cli(request, tmp_path):
    """The command line where there are logged models: on a server, and on a database."""
    if request.param == "sqlite":
        line = CommandLine(tmp_path, f"sqlite:///{tmp_path}/direct.db")
        line("experiments", "create", "any")  # makes the database
        yield line
        return
    with harness.Server(tmp_path) as server:
        yield CommandLine(tmp_path, server.url)


@pytest.fixture
def run(cli):
    return cli("runs", "create", "0", "--status", "RUNNING").out.strip()


@pytest.fixture
def model(cli, run):
    """A model "digits" of the run, with two files."""
    made = cli("logged-models", "create", "--name", "digits", "--run-id", run[:8], "--type",
               "tree", "-p", "depth=5", "-t", "team=vision").out.strip()
    (cli.home / "files" / "data").mkdir(parents=True)
    (cli.home / "files" / "MLmodel").write_text("what it is\n")
    (cli.home / "files" / "data" / "weights").write_text("1 2 3\n")
    done = cli("logged-models", "log-artifacts", made, "files").out
    assert done == f"Logged 2 files (17 B) from files to model {made}\n"
    return made


def shown(cli, model):
    return cli("logged-models", "get", model, "--json").json["model"]


def test_a_model(cli, run, model):
    info, data = shown(cli, model)["info"], shown(cli, model)["data"]
    assert info["model_id"] == model and model.startswith("m-") and len(model) == 34
    assert (info["name"], info["model_type"], info["source_run_id"]) == ("digits", "tree", run)
    assert (info["experiment_id"], info["status"]) == ("0", "LOGGED_MODEL_PENDING")
    assert info["tags"] == [{"key": "team", "value": "vision"}]
    assert data == {"params": [{"key": "depth", "value": "5"}]}
    assert cli("logged-models", "finalize", model).out == f"Model {model} is READY.\n"
    assert shown(cli, model)["info"]["status"] == "LOGGED_MODEL_READY"
    failed = cli("logged-models", "finalize", model, "failed", "--json").json["model"]
    assert failed["info"]["status"] == "LOGGED_MODEL_UPLOAD_FAILED"
    assert cli("logged-models", "delete", model).out == f"Model {model} has been deleted.\n"
    assert model in cli.fails(4, "logged-models", "get", model)
    assert "any" not in cli("logged-models", "search", "0").out


def test_where_it_is_made(cli):
    cli("experiments", "create", "other")
    other = cli("runs", "create", "other", "--status", "RUNNING").out.strip()
    of_run = cli("logged-models", "create", "-r", other, "--json").json["model"]["info"]
    named = cli("logged-models", "create", "other", "-n", "x", "--json").json["model"]["info"]
    assert of_run["experiment_id"] == named["experiment_id"] != "0"
    assert of_run["source_run_id"] == other and named["source_run_id"] == ""
    assert of_run["name"] and named["name"] == "x"
    assert "a/b" in cli.fails(2, "logged-models", "create", "other", "-n", "a/b")
    cli.fails(4, "logged-models", "create", "nowhere")


def test_params_and_tags(cli, model):
    assert cli("logged-models", "log-params", model, "-p", "a=1", "-p", "b=2").out == ""
    assert "depth" in cli.fails(2, "logged-models", "log-params", model, "-p", "depth=6")
    assert cli("logged-models", "set-tag", model, "team", "sound").out == ""
    cli("logged-models", "set-tag", model, "other", "x")
    cli("logged-models", "delete-tag", model, "other")
    assert "other" in cli.fails(4, "logged-models", "delete-tag", model, "other")
    assert shown(cli, model)["info"]["tags"] == [{"key": "team", "value": "sound"}]
    assert [p["key"] for p in shown(cli, model)["data"]["params"]] == ["a", "b", "depth"]


def test_tables(cli, run, model):
    other = cli("logged-models", "create", "0", "-n", "letters").out.strip()
    header, *rows = cli("logged-models", "search", "0").lines
    assert header.split() == ["NAME", "MODEL", "ID", "STATUS", "CREATED", "TYPE", "RUN",
                              "METRICS"]
    assert [row.split()[:3] for row in rows] == [["letters", other, "PENDING"],
                                                 ["digits", model, "PENDING"]]
    assert "tree" in rows[1] and run in rows[1]

    def names(*words):
        found = cli("logged-models", "list", "Default", *words, "--json").json
        return [m["info"]["name"] for m in found.get("models", [])]

    assert names("-f", "params.depth = '5'") == ["digits"]
    assert names("-f", "metrics.acc > 0") == []
    assert names("-o", "name") == names("-o", "name asc") == ["digits", "letters"]
    assert names("-o", "name DESC") == ["letters", "digits"]
    assert names("--dataset-name", "mnist") == []
    first = cli("logged-models", "list", "0", "--max-results", "1", "--json").json
    assert names("--page-token", first["next_page_token"], "--max-results", "1") == ["digits"]
    cli.fails(2, "logged-models", "search", "0", "-f", "size > 1")
    cli.fails(2, "logged-models", "search", "0", "-o", "size")
    assert "--dataset-name" in cli.fails(2, "logged-models", "search", "0",
                                         "--dataset-digest", "d1")
    text = cli("logged-models", "get", model).out
    for word in ("digits", model, "PENDING", "tree", run, "depth = 5", "vision"):
        assert word in text


def test_metrics(server_cli):
    """Metrics come from runs, through any client."""
    cli, call = server_cli, server_cli.server.call
    run = cli("runs", "create", "0", "--status", "RUNNING").out.strip()
    model = cli("logged-models", "create", "0", "-n", "digits").out.strip()
    for step, value, dataset in ((6, 0.97, "mnist"), (7, 0.5, "faces")):
        call("runs/log-metric", {"run_id": run, "key": "acc", "value": value, "timestamp": 1000,
                                 "step": step, "model_id": model, "dataset_name": dataset,
                                 "dataset_digest": "d1"})
    assert "acc = 0.97 (mnist)" in cli("logged-models", "search", "0").out
    assert "acc = 0.5 at step 7 on faces" in cli("logged-models", "get", model).out
    found = cli("logged-models", "search", "0", "-f", "metrics.acc > 0.9", "-o",
                "metrics.acc DESC", "--dataset-name", "mnist", "--dataset-digest", "d1", "--json")
    assert [m["info"]["model_id"] for m in found.json["models"]] == [model]
    found = cli("logged-models", "search", "0", "-f", "metrics.acc > 0.9", "--dataset-name",
                "faces", "--json")
    assert found.json == {}
    answer = call(f"logged-models/{model}", {}, "GET").json
    assert cli("logged-models", "get", model, "--json").json == answer


def test_files(cli, run, model):
    assert cli("logged-models", "log-artifact", model, "files/MLmodel", "more").out == (
        f"Logged 1 file (11 B) from files/MLmodel to model {model}, directory more\n")
    listed = cli("artifacts", "list", f"models:/{model}", "-R").lines
    assert [line.split()[-1] for line in listed] == [
        "PATH", "MLmodel", "data/", "data/weights", "more/", "more/MLmodel"]
    assert cli("artifacts", "download", f"models:/{model}/data", "-d", "got").out == "got/data\n"
    assert (cli.home / "got" / "data" / "weights").read_text() == "1 2 3\n"
    assert cli("artifacts", "download", f"runs:/{run[:8]}/digits", "-d", "of-run").out == (
        "of-run/digits\n")
    assert (cli.home / "of-run" / "digits" / "MLmodel").read_text() == "what it is\n"
    cli("models", "create", "registered")
    cli("models", "create-version", "registered", f"models:/{model}", "--model-id", model)
    cli("models", "set-alias", "registered", "champion", "1")
    for index, suffix in enumerate(("/1", "/latest", "@champion")):
        assert cli("artifacts", "download", "-u", f"models:/registered{suffix}", "-d",
                   f"v{index}").out == f"v{index}\n"
        assert (cli.home / f"v{index}" / "data" / "weights").read_text() == "1 2 3\n"
    cli.fails(4, "artifacts", "download", "models:/registered/2")
    cli.fails(4, "artifacts", "download", "models:/m-unknown")
    cli.fails(4, "artifacts", "download", f"models:/{model}/nothing")


def test_trees_have_none(tmp_path):
    line = CommandLine(tmp_path, f"{tmp_path}/mlruns")
    line("experiments", "create", "any")
    assert "sqlite:///" in line.fails(7, "logged-models", "create", "any")
    line.fails(7, "logged-models", "search", "any")
