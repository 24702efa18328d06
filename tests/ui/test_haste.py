"""What a person does next comes before what the page has put off: effects after a drawing, pauses,
answers. Here all of that is late, and nobody waits for it."""

import re

import pytest
from playwright.sync_api import expect

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


def hold(page, address):
    """Keeps requests from the server until the test lets them go."""
    held = []
    page.route(address, lambda route: held.append(route))
    return held


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
    held = hold(page, "**/runs/set-tag")
    page.get_by_role("button", name="Edit notes").click()
    field = page.get_by_label("Notes, in Markdown")
    field.fill("one")
    with page.expect_request("**/runs/set-tag"):
        field.press("Control+Enter")
    field.press("Control+Enter")  # it is under way already
    field.press_sequentially(" two")
    chips = page.get_by_role("region", name="Tags")
    chips.get_by_role("button", name="Edit tag team").click()
    chips.get_by_label("Value of tag team").fill("speech")
    with page.expect_request("**/runs/set-tag"):
        page.keyboard.press("Enter")
    chips.get_by_role("button", name="Cancel").click()
    chips.get_by_role("button", name="Add a tag").click()
    chips.get_by_label("Name of the tag").fill("mine")
    assert len(held) == 2
    for route in held:
        route.continue_()
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
