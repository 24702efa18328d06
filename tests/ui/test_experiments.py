"""The list of experiments, saved views, and what is the same everywhere."""

import re

import pytest
from playwright.sync_api import expect


@pytest.fixture
def pair(server):
    """Two experiments with a run each; their ids and names."""
    made = []
    for letter in "ab":
        name = f"pair-{letter}-{len(server.call('experiments/search', {'max_results': 1000}).body)}"
        ident = server.create_experiment(name)
        server.create_run(ident, run_name=f"run-{letter}")
        made.append((ident, name))
    return made


def test_several_experiments_at_once(open_page, pair):
    (a, name_a), (b, name_b) = pair
    page = open_page(f"/experiments/{a}")
    expect(page.get_by_role("link", name="run-a")).to_be_visible()
    page.get_by_label(f"Show {name_b} with the others").check()
    expect(page).to_have_url(re.compile(f"/experiments/{a},{b}$"))
    expect(page.get_by_role("link", name="run-b")).to_be_visible()
    expect(page.get_by_role("columnheader", name="Experiment")).to_be_visible()
    expect(page).to_have_title(re.compile(f"^{name_a}, {name_b}"))


def test_an_experiment_is_made_found_renamed_deleted_and_restored(open_page, server):
    page = open_page("/experiments")
    page.get_by_label("New experiment").click()
    page.get_by_label("Name", exact=True).fill("brand new")
    page.get_by_role("button", name="Create").click()
    expect(page.get_by_role("heading", name="brand new", level=1)).to_be_visible()
    page.get_by_label("New experiment").click()
    page.get_by_label("Name", exact=True).fill("brand new")
    page.watch.expected.append("400")
    page.get_by_role("button", name="Create").click()
    expect(page.get_by_role("alert")).to_contain_text("brand new")
    page.keyboard.press("Escape")

    page.get_by_label("Find an experiment").fill("brand")
    side = page.get_by_label("Experiments", exact=True)
    expect(side.get_by_role("listitem")).to_have_count(1)
    side.get_by_role("listitem").hover()
    page.get_by_label("Experiment brand new").click()
    page.get_by_role("menuitem", name="Rename").click()
    page.get_by_label("Name", exact=True).fill("brand old")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="brand old", level=1)).to_be_visible()

    side.get_by_role("listitem").hover()
    page.get_by_label("Experiment brand old").click()
    page.get_by_role("menuitem", name="Delete").click()
    expect(side.get_by_text("No experiment is called that.")).to_be_visible()
    page.get_by_role("button", name="Undo", exact=True).click()
    expect(side.get_by_role("link", name="brand old")).to_be_visible()


def test_counts_are_shown(open_page, seeded):
    page = open_page(f"/experiments/{seeded.experiment}")
    entry = page.get_by_role("listitem").filter(has=page.get_by_role(
        "link", name="digits", exact=True))
    expect(entry.locator(".count")).to_have_text("120")


def test_a_view_is_saved_shown_and_deleted(open_page, server, experiment):
    server.create_run(experiment, run_name="one")
    page = open_page(f"/experiments/{experiment}?sort=run_name&cols=user_id&q=status = 'RUNNING'")
    page.get_by_role("button", name="Views").click()
    page.get_by_role("menuitem", name="Save this view").click()
    page.get_by_label("Name", exact=True).fill("mine")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="mine")).to_be_visible()
    page.goto(f"/experiments/{experiment}")
    page.get_by_role("button", name="Views").click()
    page.get_by_role("menuitemcheckbox", name="mine").click()
    expect(page.get_by_label("Filter runs")).to_have_value("status = 'RUNNING'")
    expect(page.get_by_role("columnheader", name="User")).to_be_visible()
    page.get_by_role("button", name="mine").click()
    page.get_by_role("menuitem", name="Delete mine").click()
    expect(page.get_by_role("button", name="Views")).to_be_visible()


def test_commands_and_shortcuts(open_page, accessible, seeded):
    page = open_page(f"/experiments/{seeded.experiment}")
    expect(page.locator(".grid")).to_be_visible()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_contain_text("Pin to the top")
    accessible(page)
    page.keyboard.press("Escape")
    page.keyboard.press("Control+k")
    page.keyboard.type("chart")
    expect(page.get_by_role("option").first).to_contain_text("Charts")
    accessible(page)
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("view=charts"))


def test_colours_follow_the_system_until_they_are_chosen(open_page, seeded):
    page = open_page(f"/experiments/{seeded.experiment}", theme="dark")
    root = page.locator("html")
    expect(root).to_have_attribute("data-theme", "dark")
    page.get_by_label("Light colours").click()
    expect(root).to_have_attribute("data-theme", "light")
    page.reload()
    expect(root).to_have_attribute("data-theme", "light")


def test_embedded_there_is_only_the_content(open_page, seeded):
    page = open_page(f"/experiments/{seeded.experiment}?embed=1")
    expect(page.locator(".grid")).to_be_visible()
    expect(page.get_by_role("navigation")).to_have_count(0)
    expect(page.get_by_label("Find an experiment")).to_have_count(0)


def test_an_address_that_leads_nowhere(open_page, accessible):
    page = open_page("/experiments/987654321")
    page.watch.expected.append("404")
    expect(page.get_by_role("alert")).to_contain_text("987654321")
    accessible(page)
