"""The runs table, as people use it."""

import csv
import re
import time

import pytest
from playwright.sync_api import expect

import harness

HOSTILE = "<img src=x onerror=alert(1)>'\"`{{7*7}}<script>alert(2)</script>"


def names(page):
    """The names of the runs in view, from top to bottom."""
    return page.locator(".grid .body .row .name a")


def head(page, label):
    """What is pressed to order by a column."""
    return page.locator(".grid .head .label").filter(has=page.get_by_text(label, exact=True))


def column(page, label):
    """The cells in view of a column, from top to bottom."""
    head = page.get_by_role("columnheader", name=label).first
    place = head.get_attribute("data-column")
    return page.locator(".grid .body .row").locator(f"[data-column='{place}']")


def log(server, run_id, metrics=(), params=(), tags=()):
    answer = server.call("runs/log-batch", {
        "run_id": run_id, "params": [{"key": k, "value": v} for k, v in params],
        "tags": [{"key": k, "value": v} for k, v in tags],
        "metrics": [{"key": k, "value": v, "step": s, "timestamp": 1_750_000_000_000 + s}
                    for k, v, s in metrics]})
    assert answer.status == 200, answer


def make_run(server, experiment, name, metrics=(), params=(), tags=(), **more):
    """A finished run; its id."""
    run_id = server.create_run(experiment, run_name=name, start_time=1_750_000_000_000,
                               **more)["info"]["run_id"]
    log(server, run_id, metrics, params, tags)
    server.call("runs/update", {"run_id": run_id, "status": "FINISHED",
                                "end_time": 1_750_000_060_000})
    return run_id


@pytest.fixture
def trio(server, experiment):
    """Three runs with a loss of 3, 1 and 2; the experiment's id."""
    for name, loss, rate in (("alpha", 3, "0.1"), ("beta", 1, "0.2"), ("gamma", 2, "0.1")):
        make_run(server, experiment, name, [("loss", loss * 2, 0), ("loss", loss, 1)],
                 [("rate", rate), ("same", "s")])
    return experiment


def grid(page):
    found = page.locator(".grid")
    expect(found).to_be_visible()
    return found


def total(page, text):
    expect(page.locator(".runs-head .total")).to_have_text(text)


def test_rows_come_with_one_request(open_page, trio):
    """The first one says which columns there are, and goes out before the script is there."""
    page = open_page("about:blank")
    asked = []
    page.on("request", lambda r: asked.append(r.url.rpartition("/runs/")[2])
            if "/millstream/1.0/runs/" in r.url else None)
    page.goto(f"/experiments/{trio}?sort=run_name")
    expect(names(page)).to_have_text(["alpha", "beta", "gamma"])
    expect(column(page, "loss")).to_have_text(["3", "1", "2"])
    expect(column(page, "rate")).to_have_text(["0.1", "0.2", "0.1"])
    page.get_by_role("button", name="Columns").click()  # what it offers is there, too
    expect(page.get_by_role("checkbox", name="rate 2 values")).to_be_checked()
    assert asked == ["table"]


# ---- What is shown

def test_what_differs_is_shown_at_first_sight(open_page, trio):
    page = open_page(f"/experiments/{trio}")
    for label in ("Name", "Status", "Started", "Duration", "loss", "rate"):
        expect(page.get_by_role("columnheader", name=label).first).to_be_visible()
    expect(page.get_by_role("columnheader", name="same")).to_have_count(0)
    expect(page.get_by_role("gridcell", name="1 min")).to_have_count(3)
    total(page, "3 runs")


def test_without_an_address_the_experiment_that_changed_last(open_page, server, trio):
    server.call("experiments/set-experiment-tag",
                {"experiment_id": trio, "key": "k", "value": "v"})
    page = open_page("/")
    expect(page).to_have_url(re.compile(f"/experiments/{trio}$"))


def test_an_empty_experiment_says_how_to_begin(open_page, experiment):
    page = open_page(f"/experiments/{experiment}")
    expect(page.get_by_text("There is no run yet")).to_be_visible()
    expect(page.locator("pre")).to_contain_text(f'start_run(experiment_id="{experiment}")')


def test_crashed_is_told_from_running(open_page, server, experiment):
    alive = server.create_run(experiment, run_name="alive")["info"]["run_id"]
    silent = server.create_run(experiment, run_name="silent")["info"]["run_id"]
    now = int(time.time() * 1000)
    log(server, alive, tags=[("mlflow.millstream.heartbeat", f"{now} 60")])
    log(server, silent, tags=[("mlflow.millstream.heartbeat", f"{now - 3_600_000} 60")])
    page = open_page(f"/experiments/{experiment}")
    row = page.get_by_role("row").filter(has_text="silent")
    expect(row.locator(".state")).to_have_text("Crashed")
    expect(row.locator(".state")).to_have_attribute("title", re.compile("1 h ago"))
    row = page.get_by_role("row").filter(has_text="alive")
    expect(row.locator(".state")).to_have_text("Running")


def test_hostile_names_are_text(open_page, server, experiment):
    make_run(server, experiment, HOSTILE, [("a", 1, 0)], [("p", HOSTILE)], [("t", HOSTILE)])
    make_run(server, experiment, "plain", [("a", 2, 0)], [("p", "x")])
    server.call("experiments/update", {"experiment_id": experiment,
                                       "new_name": HOSTILE + experiment})
    page = open_page(f"/experiments/{experiment}?group=params.p")
    expect(page.locator(".group-value").filter(has_text="<img")).to_be_visible()
    page.goto(f"/experiments/{experiment}?nested=1")
    expect(page.get_by_role("link", name=HOSTILE).first).to_be_visible()
    page.get_by_label(f"Draw {HOSTILE}").hover()
    assert page.locator("img, .grid script").count() == 0


# ---- Order, filter, columns

def test_order_by_one_column_and_by_several(open_page, trio):
    page = open_page(f"/experiments/{trio}")
    grid(page)
    head(page, "loss").click()
    expect(page.locator("[aria-sort=ascending]")).to_have_count(1)
    expect(names(page)).to_have_text(["beta", "gamma", "alpha"])
    head(page, "rate").click()
    head(page, "loss").click(modifiers=["Shift"])
    expect(page.locator("[aria-sort]")).to_have_count(2)
    expect(names(page)).to_have_text(["gamma", "alpha", "beta"])
    page.reload()
    expect(names(page)).to_have_text(["gamma", "alpha", "beta"])
    page.go_back()
    page.go_back()
    expect(names(page)).to_have_text(["beta", "gamma", "alpha"])


def test_a_filter_is_typed_with_help(open_page, trio):
    page = open_page(f"/experiments/{trio}?sort=run_name")
    grid(page)
    field = page.get_by_label("Filter runs")
    page.keyboard.press("/")
    expect(field).to_be_focused()
    page.keyboard.type("ra")
    page.get_by_role("option", name="params.rate").wait_for()
    for key in ("ArrowDown", "Enter", "ArrowDown", "Enter", "ArrowDown", "Enter", "Enter"):
        page.keyboard.press(key)
    expect(field).to_have_value("params.rate = '0.1'")
    total(page, "2 runs")
    expect(names(page)).to_have_text(["alpha", "gamma"])
    expect(page).to_have_url(re.compile("q=params.rate"))
    page.get_by_label("Clear the filter").click()
    total(page, "3 runs")
    field.click()
    expect(page.get_by_role("option", name="params.rate = '0.1'")).to_be_visible()


def test_a_wrong_filter_is_marked_where_it_is_wrong(open_page, trio):
    page = open_page(f"/experiments/{trio}")
    page.watch.expected.append("400 (Bad Request)")
    grid(page)
    page.get_by_label("Filter runs").fill("metrics.loss > 1 AND params.rate = high")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Character 36")).to_be_visible()
    expect(page.locator(".paint .wrong")).to_have_text("high")
    total(page, "3 runs")  # the old rows stay


def test_names_are_found_by_regular_expression(open_page, trio, accessible):
    page = open_page(f"/experiments/{trio}?sort=run_name")
    page.get_by_label("Find in names").fill("^(AL|ga)")
    total(page, "2 runs")
    expect(names(page)).to_have_text(["alpha", "gamma"])
    expect(page.locator(".grid .name mark")).to_have_text(["al", "ga"])
    accessible(page)
    page.get_by_label("Find in names").fill("")
    total(page, "3 runs")
    expect(page.locator("mark")).to_have_count(0)


def test_who_wants_contrast_gets_it(open_page, trio, accessible):
    page = open_page(f"/experiments/{trio}", contrast="more")
    total(page, "3 runs")
    colour = page.get_by_role("heading", level=1).evaluate("h => getComputedStyle(h).color")
    expect(page.locator(".runs-head .total")).to_have_css("color", colour)
    accessible(page)


def test_conditions_are_taken_away_one_by_one(open_page, trio, accessible):
    page = open_page(f"/experiments/{trio}?q=params.rate = '0.1' AND metrics.loss < 3")
    total(page, "1 run")
    conditions = page.get_by_role("list", name="Conditions of the filter").get_by_role("button")
    expect(conditions).to_have_text(["params.rate = '0.1'", "metrics.loss < 3"])
    accessible(page)
    conditions.nth(1).click()
    total(page, "2 runs")
    expect(page.get_by_role("combobox", name="Filter")).to_have_value("params.rate = '0.1'")
    expect(conditions).to_have_count(0)  # the filter's own button takes the last one away
    page.go_back()
    total(page, "1 run")


def test_a_value_becomes_a_filter(open_page, trio):
    page = open_page(f"/experiments/{trio}")
    page.get_by_role("gridcell", name="0.2").click()
    page.get_by_label("Filter by this value").click()
    page.get_by_role("menuitem", name="Only runs with").click()
    total(page, "1 run")
    expect(page.get_by_label("Filter runs")).to_have_value("params.rate = '0.2'")


def test_columns_are_chosen_pinned_moved_and_resized(open_page, trio):
    page = open_page(f"/experiments/{trio}")
    grid(page)
    page.get_by_role("button", name="Columns", exact=True).click()
    chooser = page.get_by_role("dialog", name="Columns")
    chooser.get_by_label("Find a column").fill("same")
    chooser.get_by_label("same").check()
    expect(page.get_by_role("columnheader", name="same")).to_be_visible()
    page.keyboard.press("Escape")

    page.get_by_role("columnheader", name="rate").click(button="right")
    page.get_by_role("menuitemcheckbox", name="Pin to the left").click()
    heads = page.locator(".grid .head .row .label .text")
    expect(heads.nth(1)).to_have_text("rate")
    page.get_by_role("columnheader", name="same").drag_to(
        page.get_by_role("columnheader", name="Status"))
    expect(heads.nth(2)).to_have_text("same")
    head(page, "same").focus()
    page.keyboard.press("Control+ArrowRight")
    expect(heads.nth(2)).to_have_text("Status")
    before = page.get_by_role("columnheader", name="same").bounding_box()["width"]
    page.keyboard.press("Shift+ArrowRight")
    page.wait_for_function("w => document.querySelector('[data-id=\"params.same\"]')"
                           ".offsetWidth === w + 16", arg=before)
    page.reload()
    expect(heads.nth(1)).to_have_text("rate")
    expect(heads.nth(3)).to_have_text("same")


def test_pinned_columns_change_places(open_page, trio):
    page = open_page(f"/experiments/{trio}?cols=metrics.loss,params.rate,params.same"
                     "&fix=params.rate,params.same&sort=run_name")
    first = page.locator(".grid .body .row [data-column='3']")
    expect(first).to_have_text(["0.1", "0.2", "0.1"])
    head(page, "rate").focus()
    page.keyboard.press("Control+ArrowRight")
    expect(first).to_have_text(["s", "s", "s"])


def test_minimum_and_maximum_of_a_metric(open_page, trio):
    page = open_page(f"/experiments/{trio}?cols=metrics.loss,max.loss&sort=metrics.loss")
    expect(page.get_by_role("columnheader", name="loss max")).to_be_visible()
    expect(column(page, "loss")).to_have_text(["1", "2", "3"])
    expect(column(page, "loss max")).to_have_text(["2", "4", "6"])


def test_groups_have_means_and_members(open_page, trio):
    page = open_page(f"/experiments/{trio}?sort=run_name")
    grid(page)
    page.get_by_role("columnheader", name="rate").click(button="right")
    page.get_by_role("menuitemcheckbox", name="Group by this").click()
    total(page, "2 groups")
    expect(page.locator(".group-value")).to_have_text(["0.1", "0.2"])
    expect(column(page, "loss")).to_have_text(["2.5", "1"])
    page.get_by_label("Unfold", exact=True).first.click()
    expect(names(page)).to_have_text(["alpha", "gamma"])
    expect(page.get_by_role("treegrid")).to_be_visible()


def test_children_stand_below_their_parents(open_page, seeded):
    page = open_page(f"/experiments/{seeded.experiment}?nested=1")
    total(page, "115 runs")
    grid(page).press("Control+End")
    page.keyboard.press("Home")
    page.get_by_label("Unfold", exact=True).click()
    expect(page.locator(".row[aria-level='2']")).to_have_count(5)
    page.reload()
    page.locator(".grid").press("Control+End")
    expect(page.locator(".row[aria-level='2']")).to_have_count(5)


# ---- Selection and what is done with it

def test_a_range_is_tagged_and_untagged(open_page, server, trio):
    page = open_page(f"/experiments/{trio}?sort=run_name")
    page.get_by_label("Select alpha").click()
    page.get_by_label("Select beta").click(modifiers=["Shift"])
    expect(page.get_by_text("2 selected").first).to_be_visible()
    page.get_by_role("button", name="Tag …").click()
    page.get_by_label("Tag", exact=True).fill("good")
    page.get_by_label("Value", exact=True).fill("yes")
    page.keyboard.press("Enter")
    expect(page.get_by_text("The tag good was set in 2 runs")).to_be_visible()
    find = {"experiment_ids": [trio], "filter": "tags.good = 'yes'"}
    assert len(server.call("runs/search", find).json["runs"]) == 2
    page.get_by_role("button", name="Undo", exact=True).click()
    harness.eventually(lambda: "runs" not in server.call("runs/search", find).json)


def test_everything_that_fits_is_deleted_and_comes_back(open_page, server, trio):
    page = open_page(f"/experiments/{trio}?q=params.rate%20%3D%20'0.1'")
    page.get_by_label("Select all 2").click()
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(page.get_by_text("2 runs were deleted")).to_be_visible()
    expect(page.get_by_text("No run fits")).to_be_visible()
    page.keyboard.press("Control+z")
    total(page, "2 runs")
    page.get_by_label("Select alpha").click()
    page.get_by_role("button", name="Delete", exact=True).click()
    page.get_by_role("button", name="More", exact=True).click()
    page.get_by_role("menuitemcheckbox", name="Deleted runs").click()
    total(page, "1 run")
    page.get_by_label("Select alpha").click()
    page.get_by_role("button", name="Restore").click()
    expect(page.get_by_text("No run fits")).to_be_visible()


def test_many_are_deleted_only_after_a_question(open_page, server, experiment):
    for number in range(21):
        make_run(server, experiment, f"run-{number}")
    page = open_page(f"/experiments/{experiment}")
    grid(page)
    page.keyboard.press("Control+a")
    expect(page.get_by_text("21 selected").first).to_be_visible()
    page.keyboard.press("Delete")
    dialog = page.get_by_role("dialog", name="Delete 21 runs?")
    dialog.get_by_role("button", name="Keep them").click()
    total(page, "21 runs, 21 selected")
    page.get_by_role("button", name="Delete", exact=True).click()
    dialog.get_by_role("button", name="Delete").click()
    expect(page.get_by_text("There is no run yet")).to_be_visible()


def test_running_runs_are_spared_if_wanted(open_page, server, experiment, accessible):
    for number in range(21):
        make_run(server, experiment, f"run-{number}")
    for name in ("busy", "busier"):
        server.create_run(experiment, run_name=name)
    page = open_page(f"/experiments/{experiment}?sort=run_name")
    grid(page)
    page.keyboard.press("Control+a")
    expect(page.get_by_text("23 selected").first).to_be_visible()
    page.keyboard.press("Delete")
    page.get_by_label("Keep those that are still running (2)").check()
    accessible(page)
    page.get_by_role("dialog", name="Delete 21 runs?").get_by_role(
        "button", name="Delete").click()
    total(page, "2 runs, 2 selected")
    expect(names(page)).to_have_text(["busier", "busy"])


def test_a_file_has_all_runs(open_page, seeded):
    page = open_page(f"/experiments/{seeded.experiment}?cols=params.optimizer,metrics.val/loss")
    grid(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="More", exact=True).click()
        page.get_by_role("menuitem", name="Export as CSV").click()
    rows = list(csv.reader(download.value.path().open(newline="")))
    assert rows[0] == ["Run id", "Name", "optimizer (param)", "val/loss"]
    assert len(rows) == 121
    assert {row[0] for row in rows[1:]} == set(seeded.runs)
    assert all(float(row[3]) > 0 for row in rows[1:])


def test_drawn_hidden_and_alone(open_page, trio):
    page = open_page(f"/experiments/{trio}?sort=run_name")
    eye = page.get_by_label("Draw alpha")
    expect(eye).to_have_attribute("aria-pressed", "true")
    eye.click()
    expect(eye).to_have_attribute("aria-pressed", "false")
    page.get_by_label("Draw beta").dblclick()
    expect(page.locator("button.drawn[aria-pressed=true]")).to_have_count(1)
    page.reload()
    expect(page.locator("button.drawn[aria-pressed=true]")).to_have_count(1)


def test_a_pinned_run_stays_on_top(open_page, seeded):
    page = open_page(f"/experiments/{seeded.experiment}")
    grid(page)
    first = names(page).first.inner_text()
    page.get_by_role("link", name=first, exact=True).focus()
    page.keyboard.press("p")
    pinned = page.locator(".grid .head .name a")
    expect(pinned).to_have_text(first)
    page.keyboard.press("Control+End")
    expect(pinned).to_be_in_viewport()


# ---- Size

def test_any_row_is_reached(open_page, seeded):
    page = open_page(f"/experiments/{seeded.experiment}?sort=start_time")
    grid(page).press("Control+End")
    expect(page.locator("[aria-rowindex='121']")).to_be_visible()
    expect(page.locator(".grid .body .name a").last).to_have_text(re.compile("-119$"))
    assert page.locator(".grid .body .row").count() < 60
    page.keyboard.press("Control+Home")
    expect(page.locator(".grid .body .name a").first).to_have_text(re.compile("-0$"))


def test_a_hundred_thousand_runs(open_page, server, experiment):
    """The server's answers are made up: to log as many runs takes longer than to look at them."""
    make_run(server, experiment, "real", [("loss", 1, 0)])
    asked = []

    def answer(route):
        ask = route.request.post_data_json
        offset, count = ask.get("offset", 0), ask.get("max_results", 100)
        asked.append(offset)
        runs = [{"run_id": f"{n:032x}", "run_name": f"run-{n}", "experiment_id": experiment,
                 "status": "FINISHED", "state": "FINISHED", "start_time": 1_750_000_000_000 + n,
                 "lifecycle_stage": "active", "metrics": [n] * len(ask.get("metrics", []))}
                for n in range(offset, min(offset + count, 100_000))]
        route.fulfill(json={"total": 100_000, "offset": offset, "generation": 1, "runs": runs})

    page = open_page("/models")
    page.route("**/runs/table", answer)
    page.goto(f"/experiments/{experiment}?cols=metrics.loss")
    total(page, "100,000 runs")
    grid(page).press("Control+End")
    page.keyboard.press("Home")
    expect(page.get_by_role("link", name="run-99999", exact=True)).to_be_in_viewport()
    expect(column(page, "loss").last).to_have_text("99999")
    page.locator(".grid").evaluate("grid => grid.scrollTop = grid.scrollHeight / 2")
    expect(page.get_by_role("link", name="run-50000", exact=True)).to_be_visible()
    assert page.locator(".grid .body .row").count() < 60
    assert len(asked) < 20, "only what is in view is asked for"


# ---- Live

def test_what_is_logged_appears_by_itself(open_page, server, experiment):
    page = open_page(f"/experiments/{experiment}")
    expect(page.get_by_text("There is no run yet")).to_be_visible()
    run_id = server.create_run(experiment, run_name="live")["info"]["run_id"]
    expect(page.get_by_role("link", name="live")).to_be_visible()
    log(server, run_id, [("loss", 0.75, 1)])
    expect(page.get_by_role("gridcell", name="0.75")).to_be_visible()
    log(server, run_id, [("loss", 0.25, 2)])
    expect(page.get_by_role("gridcell", name="0.25")).to_be_visible()
    server.call("runs/update", {"run_id": run_id, "status": "FINISHED"})
    expect(page.get_by_text("Finished")).to_be_visible()


def test_without_a_stream_it_asks(open_page, server, trio):
    page = open_page("/models")
    page.route("**/events*", lambda route: route.fulfill(status=503, body=""))
    page.watch.expected.append("503")
    page.goto(f"/experiments/{trio}")
    expect(page.get_by_role("link", name="alpha")).to_be_visible()
    make_run(server, trio, "delta")
    expect(page.get_by_role("link", name="delta")).to_be_visible()


# ---- Keyboard and access

def test_a_run_is_found_selected_and_opened_by_keys_alone(open_page, trio):
    page = open_page(f"/experiments/{trio}?sort=run_name")
    grid(page)
    page.keyboard.press("j")
    expect(page.get_by_role("link", name="beta")).to_be_focused()
    page.keyboard.press("x")
    expect(page.get_by_label("Select beta")).to_be_checked()
    page.keyboard.press("k")
    page.keyboard.press("ArrowUp")
    expect(page.get_by_role("columnheader", name="Name").locator(".label")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("[aria-sort=descending]")).to_have_count(1)
    expect(page.locator(".grid .body .name a").first).to_have_text("gamma")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("link", name="gamma")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/runs/[0-9a-f]{32}"))


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_access(open_page, accessible, trio, theme):
    page = open_page(f"/experiments/{trio}", theme=theme)
    page.get_by_label("Select alpha").click()
    accessible(page)
    page.get_by_role("button", name="Columns", exact=True).click()
    page.get_by_role("dialog", name="Columns").wait_for()
    accessible(page)
    page.keyboard.press("Escape")
    page.get_by_label("Filter runs").focus()
    page.keyboard.type("metrics.loss")
    accessible(page)
    page.goto(f"/experiments/{trio}?group=params.rate&nested=1")
    page.get_by_label("Unfold", exact=True).first.click()
    accessible(page)


@pytest.mark.parametrize("width", [320, 640])
def test_narrow_windows(open_page, accessible, trio, width):
    """640 points are what 1280 are at 200 %."""
    page = open_page(f"/experiments/{trio}", width=width, height=500)
    expect(page.get_by_role("link", name="alpha")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.get_by_label("Show the experiments").click()
    expect(page.get_by_label("Find an experiment")).to_be_visible()
    accessible(page)
