"""The page of a run: what a person reads there, changes and takes along."""

import json
import re
import shutil
import subprocess
import time

import pytest
from playwright.sync_api import expect

from conftest import ROOT

NOTE = "mlflow.note.content"


def now_ms():
    return int(time.time() * 1000)


def tags(**values):
    return [{"key": key, "value": value} for key, value in values.items()]


@pytest.fixture
def run(server, experiment):
    """A run with some of everything; its id."""
    made = server.create_run(experiment, run_name="calm otter", user_id="ada",
                             start_time=1_750_000_000_000, tags=tags(
                                 team="vision", **{
                                     NOTE: "Tried a **lower** rate.",
                                     "mlflow.source.name": "train.py",
                                     "mlflow.source.git.commit": "1f2e3d4c5b6a7988",
                                     "mlflow.source.git.repoURL": "https://github.com/a/b.git"}))
    run_id = made["info"]["run_id"]
    metrics = [{"key": f"layer{i}/norm", "value": i, "step": 1, "timestamp": 1}
               for i in range(12)]
    metrics += [{"key": "loss", "value": 0.123456789, "step": 1, "timestamp": 1},
                {"key": "broken", "value": "NaN", "step": 1, "timestamp": 1}]
    server.call("runs/log-batch", {
        "run_id": run_id, "metrics": metrics,
        "params": tags(rate="0.1", prompt="a long text " * 20)})
    server.call("runs/log-inputs", {"run_id": run_id, "datasets": [{
        "tags": tags(**{"mlflow.data.context": "training"}),
        "dataset": {"name": "digits", "digest": "ab12", "source_type": "http",
                    "source": json.dumps({"url": "https://example.org/digits.csv"}),
                    "schema": json.dumps({"mlflow_colspec": [
                        {"type": "long", "name": "pixel", "required": True}]})}}]})
    server.call("runs/update", {"run_id": run_id, "status": "FINISHED",
                                "end_time": 1_750_000_061_000})
    return run_id


def stored(server, run_id):
    return server.call("runs/get", {"run_id": run_id}, "GET").json["run"]


def stored_tags(server, run_id):
    return {t["key"]: t["value"] for t in stored(server, run_id)["data"].get("tags", [])}


def values(page, table):
    """The rows in view: a name and a value."""
    return page.get_by_role("table", name=table, exact=True).locator("tbody tr[aria-rowindex]")


def test_overview_tells_what_the_run_was_and_gave(open_page, run, accessible):
    page = open_page(f"/runs/{run}")
    expect(page.get_by_role("heading", name="calm otter")).to_be_visible()
    expect(page).to_have_title(re.compile("calm otter"))
    expect(page.get_by_text("Finished")).to_be_visible()
    about = page.get_by_role("complementary", name="About the run")
    for text in ("ada", "1 min 1 s", "train.py", run):
        expect(about).to_contain_text(text)
    expect(about.get_by_role("link", name="1f2e3d4c5b6a")).to_have_attribute(
        "href", "https://github.com/a/b/commit/1f2e3d4c5b6a7988")
    for table, row in (("Metrics", "loss0.12346"), ("Metrics", "brokenNaN"),
                       ("Params", "rate0.1")):
        expect(values(page, table).filter(has_text=row)).to_be_visible()
    expect(page.locator(".markdown strong")).to_have_text("lower")
    page.get_by_role("region", name="Datasets").get_by_text("digits", exact=True).click()
    expect(page.get_by_role("region", name="Datasets")).to_contain_text(
        "https://example.org/digits.csv")
    expect(page.get_by_role("cell", name="pixel")).to_be_visible()
    accessible(page)


def test_dark_and_narrow_overview_is_accessible(open_page, run, accessible):
    page = open_page(f"/runs/{run}", theme="dark", width=420)
    expect(page.get_by_role("heading", name="Metrics")).to_be_visible()
    expect(page.locator(".markdown strong")).to_be_visible()
    assert page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")
    accessible(page)


def test_metrics_are_searched_and_sorted_by_size(open_page, run):
    page = open_page(f"/runs/{run}")
    names = page.get_by_role("table", name="Metrics", exact=True)
    page.get_by_role("searchbox", name="Search metrics").fill("LAYER1")
    expect(values(page, "Metrics")).to_have_text([f"layer{i}/norm{i}" for i in (1, 10, 11)])
    names.get_by_role("button", name="Value").click()
    expect(values(page, "Metrics")).to_have_text([f"layer{i}/norm{i}" for i in (11, 10, 1)])
    expect(names.get_by_role("columnheader", name="Value")).to_have_attribute(
        "aria-sort", "descending")
    page.get_by_role("searchbox", name="Search metrics").fill("no such")
    expect(page.get_by_text("Nothing fits")).to_be_visible()


def test_long_values_open_and_exact_ones_are_copied(open_page, run):
    page = open_page(f"/runs/{run}", permissions=["clipboard-read", "clipboard-write"])
    page.get_by_role("cell", name="a long text").hover()
    page.get_by_role("button", name="All of prompt").click()
    expect(page.get_by_role("dialog", name="prompt")).to_contain_text("a long text " * 19)
    page.keyboard.press("Escape")
    page.get_by_role("cell", name="0.12346").hover()
    page.get_by_role("button", name="Copy loss").click()
    page.wait_for_function("navigator.clipboard.readText().then(t => t === '0.123456789')")


def test_tags_are_added_changed_and_removed_with_undo(open_page, server, run):
    page = open_page(f"/runs/{run}")
    chips = page.get_by_role("region", name="Tags")
    chips.get_by_role("button", name="Add a tag").click()
    chips.get_by_label("Name of the tag").fill("stage")
    chips.get_by_label("Value of the tag").fill("final one")
    page.keyboard.press("Enter")
    expect(chips).to_contain_text("stage final one")
    chips.get_by_role("button", name="Edit tag team").click()
    chips.get_by_label("Value of tag team").fill("speech")
    page.keyboard.press("Enter")
    expect(chips).to_contain_text("team speech")
    chips.get_by_role("button", name="Remove tag stage").click()
    expect(chips).not_to_contain_text("stage")
    assert "stage" not in stored_tags(server, run)
    page.get_by_role("button", name="Undo", exact=True).click()
    expect(chips).to_contain_text("stage final one")
    kept = stored_tags(server, run)
    assert kept["stage"] == "final one" and kept["team"] == "speech"


def test_notes_are_written_with_a_preview(open_page, server, run):
    page = open_page(f"/runs/{run}")
    page.get_by_role("button", name="Edit notes").click()
    field = page.get_by_label("Notes, in Markdown")
    expect(field).to_be_focused()
    field.fill("# Plan\n\n- one\n- two")
    page.get_by_role("button", name="Preview").click()
    expect(page.locator(".markdown li")).to_have_count(2)
    page.get_by_role("button", name="Preview").click()
    field.press("Control+Enter")
    expect(page.locator(".markdown h1")).to_have_text("Plan")
    assert stored_tags(server, run)[NOTE] == "# Plan\n\n- one\n- two"


def test_the_run_is_renamed(open_page, server, run):
    page = open_page(f"/runs/{run}")
    page.get_by_role("button", name="Rename the run").click()
    page.get_by_label("Name of the run").fill("brave ibex")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="brave ibex")).to_be_visible()
    assert stored(server, run)["info"]["run_name"] == "brave ibex"


def test_a_deleted_run_is_taken_back(open_page, server, run):
    page = open_page(f"/runs/{run}")
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(page.get_by_text("This run is in the bin")).to_be_visible()
    assert stored(server, run)["info"]["lifecycle_stage"] == "deleted"
    page.get_by_role("button", name="Undo", exact=True).click()
    expect(page.get_by_role("button", name="Delete", exact=True)).to_be_visible()
    assert stored(server, run)["info"]["lifecycle_stage"] == "active"


@pytest.mark.parametrize("age_s, word", [(12, "Running"), (95, "Crashed")])
def test_silence_tells_a_crashed_run_from_a_running_one(open_page, server, experiment, age_s,
                                                        word):
    beat = f"{now_ms() - age_s * 1000} 30"
    made = server.create_run(experiment, tags=tags(**{"mlflow.millstream.heartbeat": beat}))
    page = open_page(f"/runs/{made['info']['run_id']}")
    state = page.locator(".run-head .doing")
    expect(state).to_contain_text(word)
    expect(state).to_contain_text(re.compile(r"last seen \d+ (s|min) ago"))


def test_parent_and_children_lead_to_each_other(open_page, server, experiment):
    parent = server.create_run(experiment, run_name="the parent")["info"]["run_id"]
    child = server.create_run(experiment, run_name="the child", tags=tags(
        **{"mlflow.parentRunId": parent}))["info"]["run_id"]
    page = open_page(f"/runs/{parent}")
    page.get_by_role("region", name="Child runs").get_by_role("link", name="the child").click()
    expect(page.get_by_role("heading", name="the child")).to_be_visible()
    expect(page).to_have_url(re.compile(f"/runs/{child}$"))
    page.get_by_role("complementary").get_by_role("link", name=parent).click()
    expect(page.get_by_role("heading", name="the parent")).to_be_visible()


def test_the_neighbours_of_the_list_are_a_key_away(open_page, server, experiment):
    ids = [server.create_run(experiment, run_name=f"number {i}", start_time=1000 + i)["info"][
        "run_id"] for i in range(3)]
    page = open_page(f"/runs/{ids[1]}")
    expect(page.get_by_text("2 of 3")).to_be_visible()
    page.keyboard.press("[")
    expect(page.get_by_role("heading", name="number 2")).to_be_visible()
    page.keyboard.press("]")
    expect(page.get_by_role("heading", name="number 1")).to_be_visible()
    page.keyboard.press("]")
    expect(page.get_by_role("heading", name="number 0")).to_be_visible()
    expect(page.get_by_role("link", name="Next run (])")).to_have_count(0)


def measured(server, experiment, name, loss, accuracy, rate, start):
    run_id = server.create_run(experiment, run_name=name, start_time=start)["info"]["run_id"]
    server.call("runs/log-batch", {"run_id": run_id, "params": tags(rate=rate, kind="cnn"),
                                   "metrics": [{"key": key, "value": value, "step": 1,
                                                "timestamp": 1} for key, value in
                                               (("loss", loss), ("accuracy", accuracy),
                                                ("norm", loss))]})
    return run_id


def test_a_run_is_measured_by_another(open_page, server, experiment, accessible):
    base = measured(server, experiment, "base", 0.5, 0.8, "0.1", 1000)
    run_id = measured(server, experiment, "mine", 0.4, 0.6, "0.2", 2000)
    page = open_page(f"/runs/{base}")
    expect(page.get_by_role("navigation", name="Place")).to_contain_text("2 of 2")
    page.get_by_role("button", name="Measure others by this run").click()
    expect(page.get_by_text("Other runs are measured by this one.")).to_be_visible()
    page.keyboard.press("[")
    expect(page.get_by_role("heading", name="mine")).to_be_visible()
    metrics = page.get_by_role("table", name="Metrics")
    expect(metrics.get_by_role("columnheader").nth(2)).to_have_text("Against base")
    rows = metrics.locator("tbody tr")
    expect(rows).to_have_text(["accuracy0.6-0.2 (-25 %) worse", "loss0.4-0.1 (-20 %) better",
                               "norm0.4-0.1 (-20 %) "])
    expect(page.get_by_role("table", name="Params").locator("tbody tr")).to_have_text(
        ["kindcnnsame", "rate0.20.1"])
    accessible(page)
    shared = open_page(f"/runs/{run_id}?base={base}", theme="dark", width=480)
    expect(shared.get_by_role("table", name="Metrics")).to_contain_text("-0.1 (-20 %) better")
    accessible(shared)
    page.goto(f"/runs/{run_id}")  # it is kept
    expect(rows.nth(1)).to_contain_text("better")
    page.get_by_label("Baseline").select_option("None")
    expect(metrics.get_by_role("columnheader")).to_have_count(3)
    page.reload()
    expect(page.get_by_label("Baseline")).to_have_value("")


def test_a_logged_model_tells_what_was_measured_and_shows_its_files(open_page, server, run,
                                                                    experiment, accessible):
    made = server.call("logged-models", {
        "experiment_id": experiment, "name": "forest", "source_run_id": run,
        "params": tags(trees="100")}).json["model"]["info"]
    root = made["artifact_uri"].removeprefix("mlflow-artifacts:").strip("/")
    assert server.ask("PUT", f"/api/2.0/mlflow-artifacts/artifacts/{root}/notes.txt",
                      b"of the model").status == 200
    assert server.call("runs/outputs", {"run_id": run, "models": [
        {"model_id": made["model_id"], "step": 0}]}).status == 200
    page = open_page(f"/runs/{run}")
    models = page.get_by_role("region", name="Models")
    models.get_by_text("forest").click()
    expect(models).to_contain_text("trees100")
    accessible(page)
    models.get_by_role("link", name="Files").click()
    page.get_by_role("treeitem", name="notes.txt").click()
    expect(page.locator(".preview pre")).to_have_text("of the model")
    page.get_by_role("link", name="Those of the run").click()
    expect(page.get_by_text("No files were logged")).to_be_visible()


def test_the_neighbours_are_those_of_the_list_one_came_from(open_page, server, experiment):
    for i, name in enumerate(("keep a", "drop", "keep b")):
        server.create_run(experiment, run_name=name, start_time=1000 + i)
    page = open_page(f"/experiments/{experiment}?name=keep&sort=run_name")
    page.get_by_role("link", name="keep a").click()
    expect(page.get_by_text("1 of 2")).to_be_visible()
    page.get_by_role("link", name="Next run (])").click()
    expect(page.get_by_role("heading", name="keep b")).to_be_visible()
    page.get_by_role("link", name="Runs 2 of 2").click()
    expect(page.get_by_role("link", name="keep a")).to_be_visible()
    expect(page).to_have_url(re.compile("name=keep"))


def snippet(page, language):
    box = page.get_by_role("region", name="Fetch this run")
    choice = box.get_by_role("button", name=language, exact=True)
    choice.click()
    expect(box.get_by_role("button", name=f"Copy the {language} program")).to_be_visible()
    return box.locator("pre").inner_text()


def test_snippets_are_programs_that_work(open_page, run, tmp_path):
    page = open_page(f"/runs/{run}")
    compile(snippet(page, "Python"), "snippet", "exec")
    (tmp_path / "run.c").write_text(snippet(page, "C"))
    compiler = shutil.which("cc") or shutil.which("gcc")
    subprocess.run([compiler, "-std=c11", "-Wall", "-Werror", "-fsyntax-only",
                    f"-I{ROOT / 'include'}", tmp_path / "run.c"], check=True)
    answer = subprocess.run(["sh", "-c", snippet(page, "curl")], check=True,
                            capture_output=True, text=True).stdout
    assert json.loads(answer)["run"]["info"]["run_id"] == run


def test_charts_of_the_run_and_of_its_machine_have_their_tabs(open_page, server, experiment,
                                                              accessible):
    run_id = server.create_run(experiment, run_name="drawn")["info"]["run_id"]
    server.call("runs/log-batch", {"run_id": run_id, "metrics": [
        {"key": key, "value": step, "step": step, "timestamp": step}
        for key in ("loss", "accuracy", "system/cpu") for step in range(5)]})
    page = open_page(f"/runs/{run_id}")
    place = page.locator(".run-page > .tabs")
    place.get_by_role("link", name="Charts").click()
    for name, drawn in (("loss", 1), ("accuracy", 1), ("system/cpu", 0)):
        expect(page.get_by_role("heading", name=name)).to_have_count(drawn)
    accessible(page)
    place.get_by_role("link", name="System").click()
    expect(page.get_by_role("heading", name="cpu")).to_be_visible()
    expect(page.get_by_role("heading", name="loss")).to_have_count(0)


def test_what_others_log_appears_without_a_reload(open_page, server, experiment):
    run_id = server.create_run(experiment, run_name="live")["info"]["run_id"]
    page = open_page(f"/runs/{run_id}")
    expect(page.get_by_role("region", name="Metrics", exact=True)).to_contain_text("None")
    server.call("runs/log-metric", {"run_id": run_id, "key": "loss", "value": 0.5, "step": 1,
                                    "timestamp": 1})
    expect(page.get_by_role("cell", name="loss", exact=True)).to_be_visible()


def test_the_address_that_clients_print_leads_to_the_run(open_page, run):
    page = open_page(f"/#/experiments/1/runs/{run}")
    expect(page.get_by_role("heading", name="calm otter")).to_be_visible()
    expect(page).to_have_url(re.compile(f"/runs/{run}$"))


def test_a_run_that_is_not_there_says_so(open_page, accessible):
    page = open_page(f"/runs/{'0' * 32}")
    page.watch.expected.append("404")
    expect(page.get_by_text("There is no such run")).to_be_visible()
    accessible(page)
