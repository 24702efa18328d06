"""Registered models, their versions, and prompts."""

import os
import re

import pytest
from playwright.sync_api import expect

import samples

PROMPT = "mlflow.prompt.is_prompt"


def tags(**values):
    return [{"key": key, "value": value} for key, value in values.items()]


def made(answer):
    assert answer.status == 200, answer
    return answer.json


@pytest.fixture
def model(server, experiment):
    """A model of three versions, the first one at a stage; its name."""
    name = f"digits {os.urandom(3).hex()}"
    made(server.call("registered-models/create", {
        "name": name, "description": "Tells **digits** apart.", "tags": tags(owner="ada")}))
    for number in (1, 2, 3):
        run = server.create_run(experiment, run_name=f"source {number}")
        run_id = run["info"]["run_id"]
        made(server.call("runs/log-batch", {
            "run_id": run_id, "params": tags(rate=str(number), optimizer="adam"),
            "metrics": [{"key": "accuracy", "value": 0.5 + number / 10, "step": 1,
                         "timestamp": 1}]}))
        made(server.call("runs/log-inputs", {"run_id": run_id, "datasets": [{
            "tags": tags(**{"mlflow.data.context": "training"}),
            "dataset": {"name": "mnist", "digest": "1a", "source_type": "local",
                        "source": "mnist"}}]}))
        card = samples.MLMODEL % run_id
        samples.upload(server, run, {
            "model/MLmodel": (card.replace('"colour"', '"shade"') if number == 3 else card)
            .encode(), "model/weights.bin": b"w" * 100 * number})
        made(server.call("model-versions/create", {
            "name": name, "source": f"runs:/{run_id}/model", "run_id": run_id,
            "description": f"try {number}"}))
    made(server.call("registered-models/alias", {"name": name, "alias": "champion",
                                                 "version": "2"}))
    made(server.call("model-versions/transition-stage", {
        "name": name, "version": "1", "stage": "Archived"}))
    return name


@pytest.fixture
def prompt(server):
    """A prompt of two versions; its name."""
    name = f"greeting-{os.urandom(3).hex()}"
    mark = {PROMPT: "true"}
    made(server.call("registered-models/create", {"name": name, "tags": tags(**mark)}))
    for text in ("Hello {{name}}, how are you?\nBe brief.",
                 "Hello {{name}}, how do you do?\nBe brief.\nBe kind."):
        made(server.call("model-versions/create", {
            "name": name, "source": "dummy-source",
            "tags": tags(**mark, **{"mlflow.prompt.text": text})}))
    return name


def alias_holder(server, name, alias):
    answer = server.call("registered-models/alias", {"name": name, "alias": alias}, "GET")
    return answer.json["model_version"]["version"] if answer.status == 200 else None


def row(page, version):
    link = page.get_by_role("link", name=str(version), exact=True)
    return page.get_by_role("region", name="Versions").get_by_role("row").filter(has=link)


def test_models_are_found_by_name(open_page, model, prompt, accessible):
    page = open_page("/models")
    expect(page.get_by_role("link", name=model)).to_be_visible()
    expect(page.get_by_role("link", name=prompt)).to_have_count(0)
    page.get_by_role("searchbox", name="Search models").fill(model.upper())
    rows = page.locator("tbody tr")
    expect(rows).to_have_count(1)
    expect(rows.first).to_contain_text("@champion → 2")
    expect(rows.first).to_contain_text("owner ada")
    accessible(page)
    page.get_by_role("searchbox", name="Search models").fill(
        f"tags.owner = 'ada' AND name = '{model}'")
    expect(rows).to_have_count(1)
    page.get_by_role("searchbox", name="Search models").fill("tags.owner = 'nobody'")
    expect(page.get_by_text("Nothing fits the filter")).to_be_visible()
    page.get_by_role("searchbox", name="Search models").fill("it's not there")
    expect(page.get_by_text("Nothing is called")).to_be_visible()
    accessible(page)


def test_versions_stand_beside_what_their_runs_measured(open_page, model, accessible):
    page = open_page(f"/models/{model}", theme="dark")
    expect(page.locator(".markdown strong")).to_have_text("digits")
    expect(row(page, 3)).to_contain_text("0.8")
    expect(row(page, 1)).to_contain_text("Archived")
    expect(row(page, 2)).to_contain_text("@champion")
    accessible(page)
    page.get_by_role("button", name="Metrics").click()
    page.get_by_role("checkbox", name="accuracy").click()
    row(page, 3).get_by_role("link", name="source 3").click()
    expect(page.get_by_role("heading", name="source 3")).to_be_visible()
    expect(page.get_by_role("link", name=f"{model}, version 3")).to_be_visible()


def test_aliases_are_edited_in_place(open_page, server, model):
    page = open_page(f"/models/{model}")
    row(page, 3).get_by_role("button", name="Add an alias").click()
    page.get_by_label("New alias of version 3").fill("champion")
    page.keyboard.press("Enter")
    expect(row(page, 3)).to_contain_text("@champion")
    expect(row(page, 2)).not_to_contain_text("@champion")
    assert alias_holder(server, model, "champion") == "3"
    page.get_by_role("button", name="Undo", exact=True).click()
    expect(row(page, 2)).to_contain_text("@champion")
    row(page, 2).get_by_role("button", name="Remove alias champion").click()
    expect(row(page, 2)).not_to_contain_text("@champion")
    assert alias_holder(server, model, "champion") is None


def test_descriptions_and_tags_of_a_model_are_edited(open_page, server, model):
    page = open_page(f"/models/{model}")
    page.get_by_role("button", name="Edit description").click()
    page.get_by_label("Description, in Markdown").fill("Now *better*.")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".markdown em")).to_have_text("better")
    page.get_by_role("button", name="Remove tag owner").click()
    expect(page.get_by_role("region", name="Tags")).not_to_contain_text("owner")
    stored = server.call("registered-models/get", {"name": model}, "GET").json[
        "registered_model"]
    assert stored["description"] == "Now *better*." and not stored.get("tags")


def test_a_version_shows_signature_run_and_files(open_page, model, accessible):
    page = open_page(f"/models/{model}/2")
    signature = page.get_by_role("region", name="Signature")
    expect(signature.get_by_role("cell", name="width")).to_be_visible()
    expect(signature).to_contain_text("int64 (-1)")
    expect(page.get_by_role("cell", name="0.7")).to_be_visible()
    expect(page.get_by_role("complementary")).to_contain_text("source 2")
    expect(page.get_by_role("complementary")).to_contain_text("mnist (training)")
    expect(page.get_by_text(f"models:/{model}@champion")).to_be_visible()
    accessible(page)
    page.get_by_role("link", name="Files").click()
    page.get_by_role("treeitem", name="MLmodel").click()
    expect(page.locator(".preview")).to_contain_text("sklearn 1.5.2")
    accessible(page)


def test_two_versions_are_compared(open_page, model, accessible):
    page = open_page(f"/models/{model}")
    for version in (3, 1):
        page.get_by_role("checkbox", name=f"Mark version {version}").click()
    page.get_by_role("button", name="Compare").click()
    expect(page.get_by_role("region", name="Signature")).to_contain_text("input shade")
    metrics = page.get_by_role("region", name="Metrics")
    expect(metrics.get_by_role("row", name="accuracy")).to_contain_text("+0.2 (+33 %) better")
    params = page.get_by_role("region", name="Params")
    expect(params.get_by_role("row")).to_have_count(2)
    expect(page.get_by_role("region", name="Files")).to_contain_text("weights.bin")
    accessible(page)
    page.get_by_role("checkbox", name="Show what is the same too").click()
    expect(params.get_by_role("row", name="optimizer")).to_be_visible()


def test_prompts_are_listed_apart_from_models(open_page, model, prompt, accessible):
    page = open_page("/prompts", theme="dark")
    expect(page.get_by_role("link", name=prompt)).to_be_visible()
    expect(page.get_by_role("link", name=model)).to_have_count(0)
    accessible(page)


def test_versions_of_a_prompt_are_read_and_compared_word_by_word(open_page, prompt, accessible):
    page = open_page(f"/prompts/{prompt}")
    version = page.get_by_role("region", name="Version 2")
    expect(version.locator("mark")).to_have_text("{{name}}")
    expect(version).to_contain_text("To be filled in: name")
    accessible(page)
    version.get_by_label("Compare with").select_option("version 1")
    difference = page.get_by_role("group", name="From version 1 to 2")
    expect(difference.locator(".gone mark")).to_have_text("are")
    expect(difference.locator(".new mark").last).to_have_text("Be kind.")
    expect(difference.locator(".same")).to_contain_text("Be brief.")
    accessible(page)
    expect(page).to_have_url(re.compile("against=1"))
    page.get_by_role("navigation", name="Versions").get_by_role("link", name="Version 1").click()
    expect(page.get_by_role("region", name="Version 1")).to_contain_text("how are you?")


def test_aliases_of_a_prompt_are_set(open_page, server, prompt):
    page = open_page(f"/prompts/{prompt}?version=1")
    page.get_by_role("button", name="Add an alias to version 1").click()
    page.get_by_label("New alias of version 1").fill("production")
    page.keyboard.press("Enter")
    expect(page.get_by_role("navigation", name="Versions")).to_contain_text("@production")
    assert alias_holder(server, prompt, "production") == "1"


@pytest.mark.parametrize("place", ["models", "prompts"])
def test_narrow_windows_hold_the_pages(open_page, model, prompt, accessible, place):
    page = open_page(f"/{place}/{model if place == 'models' else prompt}", width=420,
                     theme="dark")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")
    accessible(page)


def test_a_model_that_is_not_there_says_so(open_page, accessible):
    page = open_page("/models/no such model")
    page.watch.expected.append("404")
    expect(page.get_by_role("alert")).to_contain_text("there is no registered model")
    accessible(page)
