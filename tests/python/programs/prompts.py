"""Makes prompts and a dataset, and looks at those of another client: prompts.py MODULE MINE OTHER

Prints what OTHER's look like, as JSON; "-" makes none or looks at none."""

import importlib
import json
import sys
import warnings

CHAT = [{"role": "system", "content": "Be {{ mood }}, \u00e9."},
        {"role": "user", "content": "{{question}}"}]
RECORDS = [{"inputs": {"q": "2+2", "n": 1.5}, "outputs": "5", "expectations": {"a": 4, "b": [1]}},
           {"inputs": {"q": "\u00e9"}},
           {"inputs": {"q": "3"}, "source": {"source_type": "TRACE",
                                             "source_data": {"trace_id": "tr-1"}}}]


def make(module, name):
    module.register_prompt(name, "Hello {{name}} of {{ place }}\n", "the first",
                           {"team": "words", "n": "1"}, {"type": "string", "title": "\u00e9"},
                           {"temperature": 1, "own": [1], "model_name": "m", "top_k": None})
    module.register_prompt(name, CHAT)
    module.set_prompt_alias(name, "live", 1)
    importlib.import_module(module.__name__ + ".genai").create_dataset(
        name, "0", {"team": "red", "n": "1"}).merge_records(json.loads(json.dumps(RECORDS)))


def look_at_prompt(version):
    names = ("version", "template", "variables", "tags", "aliases", "commit_message", "description",
             "response_format", "model_config", "is_text_prompt")
    look = {name: getattr(version, name) for name in names}
    look["variables"] = sorted(look["variables"])
    look["single"] = version.to_single_brace_format()
    values = {"name": "A\\1", "place": 5, "question": "?", "mood": "k"}
    look["whole"] = version.format(**values)
    look["partial"] = version.format(allow_partial=True, name="A", mood="k").template
    try:
        version.format(name="A")
        look["missing"] = None
    except Exception as error:
        look["missing"] = error.error_code
    return look


def look_at_dataset(dataset):
    records = [{name: getattr(record, name) for name in (
        "inputs", "outputs", "expectations", "source_type", "source_id")}
        for record in dataset.records]
    return {"schema": json.loads(dataset.schema), "profile": json.loads(dataset.profile),
            "tags": {key: dataset.tags[key] for key in ("team", "n")},
            "experiment_ids": dataset.experiment_ids,
            "records": sorted(records, key=json.dumps)}


def look(module, name):
    client = importlib.import_module(module.__name__ + ".tracking").MlflowClient()
    found = {"prompt": {uri: look_at_prompt(module.load_prompt(f"prompts:/{name}{uri}"))
                        for uri in ("/1", "/2", "@live", "@latest")}}
    found["all"] = [prompt.name for prompt in module.search_prompts(f"name = '{name}'")]
    found["versions"] = [version.version for version in client.search_prompt_versions(name)]
    found["team"] = client.get_prompt(name).tags["team"]
    found["none"] = [client.get_prompt("nobody"), client.load_prompt("nobody", allow_missing=True)]
    dataset, = client.search_datasets(["0"], f"name = '{name}'")
    found["dataset"] = look_at_dataset(client.get_dataset(dataset.dataset_id))
    return found


def main(name, mine, other):
    warnings.simplefilter("ignore")
    module = importlib.import_module(name)
    if mine != "-":
        make(module, mine)
    if other != "-":
        print(json.dumps(look(module, other), default=list))


main(*sys.argv[1:])
