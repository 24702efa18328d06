"""`millstream prompts ...` and `millstream datasets ...`"""

import json

import pytest

import harness
from command_line import CommandLine

MESSAGES = [{"role": "system", "content": "Be {{mood}}."}, {"role": "user", "content": "Hi"}]


@pytest.fixture(params=["http", "sqlite"])
def cli(request, tmp_path):
    """The command line where there are prompts and datasets: on a server, and on a database."""
    if request.param == "sqlite":
        yield CommandLine(tmp_path, f"sqlite:///{tmp_path}/direct.db")
        return
    with harness.Server(tmp_path) as server:
        yield CommandLine(tmp_path, server.url)


def version(cli, *words):
    return cli("prompts", "get", *words, "--json").json["prompt_version"]


def test_prompts(cli):
    (cli.home / "greeting.txt").write_text("Hello {{name}}!\n")
    assert cli("prompts", "register", "greeting", "greeting.txt", "-m", "the first", "-t",
               "team=words", "--model-config", '{"temperature": 0.5}').out == (
        "Registered version 1 of prompt 'greeting'.\n")
    assert cli("prompts", "register", "greeting", "--alias", "live", "--json",
               stdin=b"Hi {{name}}\n\n").json == {"version": 2}
    first = version(cli, "greeting", 1)
    assert first["template"] == "Hello {{name}}!"
    assert first["commit_message"] == "the first" and first["model_config"] == {"temperature": 0.5}
    assert first["tags"] == [{"key": "team", "value": "words"}]
    assert version(cli, "greeting")["template"] == "Hi {{name}}\n"
    assert version(cli, "greeting", "live")["aliases"] == ["live"]
    assert cli("prompts", "get", "greeting", 1).lines[-1] == "Hello {{name}}!"
    assert [row.split()[0] for row in cli("prompts", "versions", "greeting").lines[1:]] == ["2", "1"]
    cli.fails(4, "prompts", "get", "nobody")
    assert cli("prompts", "delete", "greeting", "--version", 2).out == (
        "Version 2 of prompt 'greeting' has been deleted.\n")
    assert cli("prompts", "delete", "greeting").out == (
        "Prompt 'greeting' and its versions have been deleted.\n")
    assert cli("prompts", "list", "--json").json.get("prompts", []) == []


def test_rendering(cli):
    cli("prompts", "register", "greeting", stdin=b"Hello {{name}} of {{place}}")
    assert cli("prompts", "render", "greeting", "--values", "name=Ada", "--values",
               "place=London").out == "Hello Ada of London\n"
    assert cli("prompts", "render", "greeting", "--values", "name=Ada", "--partial").out == (
        "Hello Ada of {{place}}\n")
    assert "place" in cli.fails(2, "prompts", "render", "greeting", "--values", "name=Ada")


def test_chats(cli):
    cli("prompts", "register", "chat", "--chat", stdin=json.dumps(MESSAGES, indent=1).encode())
    assert version(cli, "chat")["template"] == MESSAGES
    rendered = json.loads(cli("prompts", "render", "chat", "--values", "mood=kind").out)
    assert rendered == [{"role": "system", "content": "Be kind."}, MESSAGES[1]]
    assert "messages" in cli.fails(2, "prompts", "register", "chat", "--chat", stdin=b"Hi")


def test_aliases_and_tags_of_prompts(cli):
    cli("prompts", "register", "greeting", stdin=b"Hello")
    assert cli("prompts", "set-alias", "greeting", "live", 1).out == (
        "'live' of prompt 'greeting' is version 1 now.\n")
    cli("prompts", "set-tag", "greeting", "team", "words")
    cli("prompts", "set-tag", "greeting", "checked", "yes", "--version", 1)
    prompt, = cli("prompts", "search", "-f", "name = 'greeting'", "--json").json["prompts"]
    assert prompt["aliases"] == {"live": "1"} and prompt["latest_version"] == 1
    assert prompt["tags"] == [{"key": "team", "value": "words"}]
    assert "live = 1" in cli("prompts", "list").out
    assert version(cli, "greeting", 1)["tags"] == [{"key": "checked", "value": "yes"}]
    cli("prompts", "delete-alias", "greeting", "live")
    cli("prompts", "delete-tag", "greeting", "team")
    cli("prompts", "delete-tag", "greeting", "checked", "--version", 1)
    prompt, = cli("prompts", "search", "--json").json["prompts"]
    assert prompt["aliases"] == {} and "tags" not in prompt
    assert "tags" not in version(cli, "greeting", 1)


RECORDS = [{"inputs": {"q": "2+2"}, "outputs": "5", "expectations": {"a": 4}, "tags": {"mlflow.user": "x"}},
           {"inputs": {"q": "2+3"}, "expectations": {"a": 5}, "tags": {"mlflow.user": "x"}}]


def lines_of(records):
    return "".join(json.dumps(record) + "\n" for record in records).encode()


def test_datasets(cli):
    cli("experiments", "create", "sums")
    dataset = cli("datasets", "create", "qa", "-x", "sums", "-t", "team=red").out.strip()
    assert dataset.startswith("d-")
    found = cli("datasets", "get", dataset, "--json").json["dataset"]
    assert found["name"] == "qa" and found["tags"] == {"team": "red", "mlflow.user": "tester"}
    assert dataset in cli("datasets", "list", "-x", "sums", "-f", "name = 'qa'").out
    assert cli("datasets", "list", "-x", "Default", "--json").json.get("datasets", []) == []
    cli("datasets", "set-tag", dataset, "color", "blue")
    cli("datasets", "delete-tag", dataset, "team")
    tags = cli("datasets", "get", dataset, "--json").json["dataset"]["tags"]
    assert tags == {"color": "blue", "mlflow.user": "tester"}
    assert cli("datasets", "delete", dataset).out == (
        "Dataset 'qa' and its records have been deleted.\n")
    cli.fails(4, "datasets", "delete", dataset)


def test_records(cli):
    dataset = cli("datasets", "create", "qa").out.strip()
    (cli.home / "records.jsonl").write_bytes(lines_of(RECORDS) + b"\n")
    assert cli("datasets", "import", dataset, "records.jsonl").out == "2 new, 0 changed.\n"
    assert cli("datasets", "import", dataset, "--json", stdin=lines_of(RECORDS[:1])).json == {
        "inserted_count": 0, "updated_count": 1}
    exported = [json.loads(line) for line in cli("datasets", "export", dataset).lines]
    assert exported == [{"outputs": {}, **record, "source": {"source_type": "HUMAN", "source_data": {}}}
                        for record in RECORDS]
    assert '"num_records"' in cli("datasets", "get", dataset).out
    message = cli.fails(2, "datasets", "import", dataset, stdin=b'{"inputs": {}}\n{"inputs": 5}\n')
    assert "lines 1 to 2" in message and "records[1]" in message
    cli.fails(4, "datasets", "export", "d-nobody")


def test_many_records_come_and_go(cli):
    dataset = cli("datasets", "create", "qa").out.strip()
    many = [{"inputs": {"n": n}} for n in range(2500)]
    assert cli("datasets", "import", dataset, stdin=lines_of(many)).out == "2500 new, 0 changed.\n"
    exported = [json.loads(line)["inputs"]["n"] for line in cli("datasets", "export", dataset).lines]
    assert exported == list(range(2500))
