"""Prompts and evaluation datasets beside today's official client: each reads what the other made, and
what they keep in the registry is the same text by text."""

import json
import sys

import pytest

import harness
import interpreters
import matrix
from compat import envs

PROGRAM = interpreters.ROOT / "tests" / "python" / "programs" / "prompts.py"


def play(python, module, mine, other, home, url, paths=()):
    done = interpreters.run(python, "-W", "ignore", PROGRAM, module, mine, other, cwd=home,
                            paths=paths, HOME=str(home), MLFLOW_TRACKING_URI=url,
                            MLFLOW_DISABLE_TELEMETRY="true", LOGNAME="tester")
    assert done.returncode == 0, done.stdout
    return json.loads(done.stdout.splitlines()[-1]) if other != "-" else None


def stored(server, name):
    """A prompt and its versions as the registry has them."""
    model = server.get("/api/2.0/mlflow/registered-models/get", name=name).json["registered_model"]
    versions = [server.get("/api/2.0/mlflow/model-versions/get", name=name,
                           version=number).json["model_version"] for number in ("1", "2")]
    for thing in (model, *versions):
        for key in ("name", "creation_timestamp", "last_updated_timestamp", "latest_versions"):
            thing.pop(key, None)
    return model, versions


def test_each_reads_what_the_other_made(tmp_path):
    ours = [interpreters.module_path()]
    (tmp_path / "server").mkdir()
    with harness.Server(tmp_path / "server") as server:
        play(sys.executable, "millstream", "ours", "-", tmp_path, server.url, ours)
        theirs_of_ours = play(envs.ensure(matrix.OFFICIAL), "mlflow", "theirs", "ours", tmp_path,
                              server.url)
        ours_of_theirs = play(sys.executable, "millstream", "-", "theirs", tmp_path, server.url,
                              ours)
        assert stored(server, "ours") == stored(server, "theirs")
    assert ours_of_theirs.pop("all") == ["theirs"] and theirs_of_ours.pop("all") == ["ours"]
    assert ours_of_theirs == theirs_of_ours


@pytest.fixture
def module(tmp_path, monkeypatch):
    import millstream

    monkeypatch.chdir(tmp_path)
    millstream.set_tracking_uri(f"sqlite:///{tmp_path}/prompts.db")
    return millstream


def test_a_run_notes_which_prompts_it_uses(module):
    module.register_prompt("greeting", "Hello")
    with module.start_run() as run:
        module.load_prompt("greeting")
        module.load_prompt("prompts:/greeting/1")
    assert json.loads(module.get_run(run.info.run_id).data.tags["mlflow.linkedPrompts"]) == [
        {"name": "greeting", "version": "1"}]
    model = module.MlflowClient().create_logged_model("0")
    module.load_prompt("greeting", model_id=model.model_id)
    assert json.loads(module.get_logged_model(model.model_id).tags["mlflow.linkedPrompts"]) == [
        {"name": "greeting", "version": "1"}]
    found, = module.search_prompts("experiment_id = '0'")
    assert found.name == "greeting"


def test_model_configs_come_and_go(module):
    from millstream import genai

    module.register_prompt("greeting", "Hello")
    genai.set_prompt_model_config("greeting", 1, {"temperature": 1, "model_name": "m"})
    config = genai.load_prompt("greeting").model_config
    assert list(config.items()) == [("model_name", "m"), ("temperature", 1.0)]
    genai.delete_prompt_model_config("greeting", 1)
    assert genai.load_prompt("greeting").model_config is None


def test_values_are_not_looked_through_for_variables():
    from millstream.entities import PromptVersion

    version = PromptVersion("p", 1, "{{a}} {{b}} {{ gr\u00f6\u00dfe }}")
    assert version.format(**{"a": "{{b}}", "b": r"\1", "gr\u00f6\u00dfe": 3}) == r"{{b}} \1 3"


def test_what_is_no_prompt_is_refused(module):
    from millstream.exceptions import MlflowException

    client = module.MlflowClient()
    client.create_registered_model("digits")
    for call in (lambda: module.register_prompt("digits", "a"), lambda: client.delete_prompt("digits"),
                 lambda: module.register_prompt("a b", "a"), lambda: module.register_prompt("p", []),
                 lambda: module.load_prompt("prompts:/p/1", version=1)):
        with pytest.raises(MlflowException) as caught:
            call()
        assert caught.value.error_code == "INVALID_PARAMETER_VALUE"
    assert client.get_registered_model("digits").name == "digits"
    with pytest.raises(MlflowException) as caught:
        module.load_prompt("nobody")
    assert caught.value.error_code == "RESOURCE_DOES_NOT_EXIST"


def test_datasets(module):
    from millstream import genai
    from millstream.exceptions import MlflowException

    with pytest.raises(ValueError):
        genai.create_dataset()
    dataset = genai.create_dataset("qa", tags={"team": "red"})
    assert dataset.experiment_ids == ["0"] and dataset.records == []
    dataset.merge_records([{"inputs": {"n": n}} for n in range(2500)])
    assert [record.inputs["n"] for record in dataset.records] == list(range(2500))
    assert dataset.delete_records([dataset.records[0].dataset_record_id, "dr-none"]) == 1
    assert len(dataset.records) == 2499 and json.loads(dataset.profile) == {"num_records": 2499}
    genai.set_dataset_tags(dataset.dataset_id, {"team": None, "color": "blue"})
    found = genai.get_dataset("qa")
    assert found.tags.pop("color") == "blue" and "team" not in found.tags
    other = module.create_experiment("other")
    genai.datasets.add_dataset_to_experiments(dataset.dataset_id, [other])
    genai.datasets.remove_dataset_from_experiments(dataset.dataset_id, ["0"])
    assert genai.search_datasets("0") == [] and found.experiment_ids == [other]
    for records, complaint in (([5], "records.0"), ([{}], "records.0"),
                               ([{"inputs": 5}], "records.0"),
                               ([{"inputs": {"goal": "g"}}], "granularity"),
                               ([{"inputs": {"goal": "g", "n": 1}}], "session")):
        with pytest.raises(MlflowException, match=complaint):
            dataset.merge_records(records)
    sessions = genai.create_dataset("sessions").merge_records([{"inputs": {"goal": "g"}}])
    with pytest.raises(MlflowException, match="goal"):
        sessions.merge_records([{"inputs": {}}])
    genai.create_dataset("qa")
    with pytest.raises(MlflowException, match="several"):
        genai.get_dataset("qa")
    genai.delete_dataset(dataset_id=dataset.dataset_id)
    with pytest.raises(MlflowException) as caught:
        genai.get_dataset(dataset_id=dataset.dataset_id)
    assert caught.value.error_code == "RESOURCE_DOES_NOT_EXIST"
