"""What a person does next comes before what the page has put off: effects after a drawing, pauses,
answers. Here all of that is late, and nobody waits for it."""

import re
import time

import pytest
from playwright.sync_api import Error, expect

from conftest import WAIT_MS

LATE_MS = 400


@pytest.fixture
def run(server, experiment):
    """A run with a tag; its id."""
    return server.create_run(experiment, run_name="calm otter",
                             tags=[{"key": "team", "value": "vision"}])["info"]["run_id"]


@pytest.fixture
def three(server, experiment):
    """An experiment with three runs."""
    for name in ("alpha", "beta", "gamma"):
        run_id = server.create_run(experiment, run_name=name)["info"]["run_id"]
        server.call("runs/log-batch", {
            "run_id": run_id, "params": [{"key": "rate", "value": name}],
            "metrics": [{"key": "loss", "value": len(name), "step": 0, "timestamp": 1}]})
    return experiment


@pytest.fixture
def late(open_page):
    """Like open_page; whatever the page puts off comes late."""

    def begin(path, ready):
        page = open_page(path, late_ms=LATE_MS)
        expect(page.get_by_text(ready, exact=True).first).to_be_visible()
        return page

    return begin


class Held:
    """Keeps requests from the server, or with `answered` the answers from the page, until go()."""

    def __init__(self, page, address, answered=False):
        self.page = page
        self.kept = []
        self.failure = None
        self.answered = answered
        self.gone = False
        page.route(address, lambda route: self.come(route))

    def come(self, route):
        if self.gone:
            route.continue_()
            return
        try:
            self.kept.append((route, route.fetch() if self.answered else None))
        except Error as failure:
            self.failure = failure
            raise

    def wait(self, count=1):
        end = time.monotonic() + WAIT_MS / 1000
        while len(self.kept) < count:
            assert self.failure is None, self.failure
            assert time.monotonic() < end, "nothing was asked"
            self.page.wait_for_timeout(10)

    def go(self):
        self.gone = True
        for route, answer in self.kept:
            route.fulfill(response=answer) if answer else route.continue_()


def log(server, run_id, key, value, step=1):
    answer = server.call("runs/log-metric", {"run_id": run_id, "key": key, "value": value,
                                             "step": step, "timestamp": 1})
    assert answer.status == 200, answer


# ---- Windows, menus, forms

def test_a_window_has_the_keys_as_soon_as_it_is_asked_for(late, three):
    page = late(f"/experiments/{three}", "alpha")
    page.keyboard.press("Control+k")
    page.keyboard.type("chart")
    expect(page.get_by_role("combobox", name="Find a command")).to_have_value("chart")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("view=charts$"))


def test_a_command_has_the_keys_once_its_window_is_gone(late, three):
    page = late(f"/experiments/{three}", "alpha")
    page.get_by_role("link", name="alpha").focus()
    page.keyboard.press("Control+k")
    page.keyboard.type("filter")
    page.keyboard.press("Enter")
    page.keyboard.type("params.rate = 'beta'")
    page.keyboard.press("Enter")
    expect(page.locator(".total")).to_have_text("1 run")
    expect(page.get_by_label("Filter runs")).to_be_focused()


def test_a_closed_window_gives_the_focus_back_once(late, three):
    page = late(f"/experiments/{three}", "alpha")
    page.get_by_role("link", name="alpha").focus()
    page.keyboard.press("?")
    page.get_by_role("button", name="Close").click()
    expect(page.get_by_role("link", name="alpha")).to_be_focused()
    page.keyboard.press("?")
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    page.keyboard.type("x")
    page.wait_for_timeout(2 * LATE_MS)
    expect(page.get_by_label("Filter runs")).to_be_focused()
    expect(page.get_by_label("Filter runs")).to_have_value("x")


def test_a_menu_is_closed_as_soon_as_it_is_open(late, three):
    page = late(f"/experiments/{three}", "alpha")
    opener = page.get_by_role("button", name="Group", exact=True)
    opener.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    expect(page.get_by_role("menu")).to_have_count(0)
    expect(opener).to_be_focused()


def test_a_text_is_typed_as_soon_as_there_is_a_field(late, server, run):
    page = late(f"/runs/{run}", "calm otter")
    page.get_by_role("button", name="Rename the run").click()
    page.keyboard.type("brave ibex")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="brave ibex")).to_be_visible()
    page.get_by_role("button", name="Edit notes").click()
    page.keyboard.type("kept")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".markdown")).to_have_text("kept")


def test_what_is_typed_while_it_is_stored_is_not_lost(open_page, run):
    page = open_page(f"/runs/{run}")
    held = Held(page, "**/runs/set-tag")
    page.get_by_role("button", name="Edit notes").click()
    field = page.get_by_label("Notes, in Markdown")
    field.fill("one")
    field.press("Control+Enter")
    held.wait()
    field.press("Control+Enter")  # it is under way already
    field.press_sequentially(" two")
    chips = page.get_by_role("region", name="Tags")
    chips.get_by_role("button", name="Edit tag team").click()
    chips.get_by_label("Value of tag team").fill("speech")
    page.keyboard.press("Enter")
    held.wait(2)
    chips.get_by_role("button", name="Cancel").click()
    chips.get_by_role("button", name="Add a tag").click()
    chips.get_by_label("Name of the tag").fill("mine")
    assert len(held.kept) == 2
    held.go()
    expect(chips).to_contain_text("team speech")
    expect(page.get_by_role("button", name="Save").first).to_be_enabled()
    expect(field).to_have_value("one two")
    expect(chips.get_by_label("Name of the tag")).to_have_value("mine")


# ---- What is typed

def test_letters_typed_after_the_pause_are_kept(late, three):
    page = late(f"/experiments/{three}", "alpha")
    field = page.get_by_label("Find in names")
    field.click()
    page.keyboard.type("a")
    page.wait_for_url(re.compile("name=a$"))
    page.keyboard.type("l")
    expect(page.locator(".total")).to_have_text("1 run")
    expect(field).to_have_value("al")


def test_what_is_typed_for_one_place_is_not_looked_for_in_another(late, three):
    page = late(f"/experiments/{three}?name=a", "alpha")
    page.get_by_label("Find in names").fill("gam")
    page.get_by_role("link", name="alpha").click()
    expect(page.get_by_role("heading", name="alpha")).to_be_visible()
    page.wait_for_timeout(2 * LATE_MS)
    expect(page).not_to_have_url(re.compile("name="))


def test_what_is_chosen_in_the_filter_is_typed_on(late, three):
    page = late(f"/experiments/{three}", "alpha")
    page.get_by_label("Filter runs").click()
    page.keyboard.type("params.ra")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.keyboard.type("= 'beta'")
    expect(page.get_by_label("Filter runs")).to_have_value("params.rate = 'beta'")
    page.wait_for_timeout(2 * LATE_MS)
    page.keyboard.type(" ")
    expect(page.get_by_label("Filter runs")).to_have_value("params.rate = 'beta' ")


# ---- What is done while rows are on their way

def selected(page, text):
    expect(page.locator(".total")).to_have_text(text)


def test_who_has_let_all_go_does_not_get_them_later(open_page, three):
    page = open_page(f"/experiments/{three}")
    expect(page.get_by_role("link", name="alpha")).to_be_visible()
    held = Held(page, "**/runs/table", answered=True)
    page.keyboard.press("Control+a")
    held.wait()
    page.keyboard.press("Escape")
    held.go()
    expect(page.get_by_label("Select all 3")).to_be_enabled()  # it is over
    selected(page, "3 runs")
    page.keyboard.press("Control+a")
    selected(page, "3 runs, 3 selected")


def test_a_range_begins_at_its_run_wherever_that_is_now(open_page, server, three):
    page = open_page(f"/experiments/{three}?sort=run_name")
    page.get_by_label("Select beta").click()
    server.create_run(three, run_name="aaa")
    expect(page.get_by_role("link", name="aaa")).to_be_visible()
    page.get_by_label("Select gamma").click(modifiers=["Shift"])
    selected(page, "4 runs, 2 selected")


def test_what_is_unfolded_stays_so_in_another_order(open_page, server, experiment):
    parent = server.create_run(experiment, run_name="parent")["info"]["run_id"]
    server.create_run(experiment, run_name="child",
                      tags=[{"key": "mlflow.parentRunId", "value": parent}])
    page = open_page(f"/experiments/{experiment}?nested=1")
    unfold = page.get_by_label("Unfold", exact=True)
    expect(unfold).to_be_visible()
    held = Held(page, "**/runs/table", answered=True)
    page.locator(".grid .head .label", has_text="Name").click()
    held.wait()
    unfold.click()
    held.go()
    expect(page.get_by_role("link", name="child")).to_be_visible()
    expect(page.locator(".waiting")).to_have_count(0)
    expect(page.get_by_role("link", name="child")).to_be_visible()


def test_pinned_runs_stay_until_others_are_there(open_page, three):
    page = open_page(f"/experiments/{three}?sort=run_name")
    pinned = page.locator(".grid .head .name a")
    for count, name in enumerate(("alpha", "beta"), 1):
        page.get_by_role("link", name=name).last.focus()
        page.keyboard.press("p")
        expect(pinned).to_have_count(count)
    page.get_by_label("Select beta").first.click()
    pinned.first.focus()
    held = Held(page, "**/runs/table", answered=True)
    page.keyboard.press("p")  # of what is selected
    held.wait()
    expect(pinned.first).to_be_focused()
    held.go()
    expect(pinned).to_have_text(["alpha"])
    expect(pinned.first).to_be_focused()


def test_a_wheel_that_rests_does_not_undo_what_came_after_it(late, server, experiment):
    run_id = server.create_run(experiment, run_name="turned")["info"]["run_id"]
    for step in range(3):
        log(server, run_id, "loss", step, step)
    page = late(f"/experiments/{experiment}?view=charts", "turned")

    def wheel():
        page.locator(".chart .u-over").hover()
        page.keyboard.down("Control")
        page.mouse.wheel(0, -300)
        page.keyboard.up("Control")

    wheel()
    page.get_by_role("button", name="Show all of the axis").click()
    page.wait_for_timeout(3 * LATE_MS)
    expect(page).not_to_have_url(re.compile("range="))
    wheel()
    expect(page).to_have_url(re.compile("range="))


def test_a_hand_may_move_for_long(open_page):
    """Browsers refuse addresses that change hundreds of times."""
    page = open_page("/models")
    field = page.get_by_role("searchbox", name="Search models")
    field.evaluate("""field => {
        for (let i = 0; i < 300; i++) {
            field.value = `name ${i}`;
            field.dispatchEvent(new Event("input", { bubbles: true }));
        }
    }""")
    expect(page.get_by_text("Nothing is called “name 299”")).to_be_visible()
    expect(page).to_have_url(re.compile(r"search=name\+299$"))
    field.fill("name 300")
    page.get_by_role("link", name="Prompts").click()
    expect(page.get_by_role("heading", name="Prompts")).to_be_visible()
    page.go_back()
    expect(field).to_have_value("name 300")


# ---- What changes while it is asked for

def test_what_changed_before_changes_were_heard_of_is_not_missed(open_page, server, run):
    page = open_page("/models")
    held = Held(page, "**/events?*")
    page.goto(f"/runs/{run}")
    expect(page.get_by_role("region", name="Metrics", exact=True)).to_contain_text("None")
    log(server, run, "loss", 0.5)
    held.go()
    expect(page.get_by_role("cell", name="loss", exact=True)).to_be_visible()


def test_an_old_answer_is_asked_for_again(open_page, server, run):
    page = open_page("/models")
    held = Held(page, f"**/runs/get?run_id={run}", answered=True)
    with page.expect_response("**/events?*"):
        page.goto(f"/runs/{run}")
    held.wait()
    log(server, run, "loss", 0.5)
    page.wait_for_timeout(1000)  # until it was heard of
    held.go()
    expect(page.get_by_role("cell", name="loss", exact=True)).to_be_visible()


def test_points_that_come_while_lines_are_fetched_are_drawn(open_page, server, experiment):
    run_id = server.create_run(experiment, run_name="live")["info"]["run_id"]
    for step, value in enumerate((3, 2)):
        log(server, run_id, "loss", value, step)
    page = open_page("/models")
    held = Held(page, "**/metrics/buckets", answered=True)
    page.goto(f"/experiments/{experiment}?view=charts")
    held.wait()
    log(server, run_id, "loss", 1.5, 2)
    page.wait_for_timeout(1000)  # until it was heard of
    held.go()
    page.get_by_role("button", name="loss as a table").click()
    cells = page.get_by_role("row", name=re.compile("^live")).get_by_role("cell")
    expect(cells.nth(1)).to_have_text("1.5")


def test_what_others_write_is_drawn_though_no_generation_tells_of_it(open_page, server,
                                                                     experiment):
    run_id = server.create_run(experiment, run_name="foreign")["info"]["run_id"]
    log(server, run_id, "loss", 3, 0)
    log(server, run_id, "loss", 2, 1)
    page = open_page("/models")
    held = Held(page, "**/events?*")
    page.goto(f"/experiments/{experiment}?view=charts")
    page.get_by_role("button", name="loss as a table").click()
    last = page.get_by_role("row", name=re.compile("^foreign")).get_by_role("cell").nth(1)
    expect(last).to_have_text("2")
    log(server, run_id, "loss", 1.5, 2)
    held.wait()
    for route, _ in held.kept:
        route.fulfill(content_type="text/event-stream",
                      body='event: runs\ndata: {"generation": 1, "partial": true}\n\n')
    expect(last).to_have_text("1.5")


def test_more_of_an_old_list_is_not_added_to_a_new_one(open_page, server):
    for number in range(101):
        answer = server.call("registered-models/create", {"name": f"many {number:03}"})
        assert answer.status == 200, answer
    server.call("registered-models/create", {"name": "single"})
    page = open_page("/models?search=many")
    rows = page.locator("tbody tr")
    expect(rows).to_have_count(100)
    held = Held(page, re.compile("registered-models/search.*page_token="), answered=True)
    for count in (1, 2):
        page.get_by_role("button", name="Load more").click()
        held.wait(count)
    page.get_by_role("searchbox", name="Search models").fill("single")
    expect(rows).to_have_text([re.compile("^single")])
    held.go()
    page.wait_for_timeout(LATE_MS)
    expect(rows).to_have_count(1)
