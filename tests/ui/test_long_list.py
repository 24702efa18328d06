"""A list of runs that is far longer than a window: everywhere in it, at once. With MILL_TEST_LONG=1 of
100,000 runs."""

import re

import pytest
from playwright.sync_api import expect

import harness
import seed
from conftest import WAIT_MS, slow_down, ui_options

RUNS = 100_000 if harness.LONG else 1_500
ROW = 28
DRAWN = 80  # rows in the document, at most


@pytest.fixture(scope="module")
def long_list(tmp_path_factory):
    """A server with the list, and its experiment's id."""
    home = tmp_path_factory.mktemp("long")
    with harness.Server(home, "--synchronous", "off", *ui_options()) as server:
        made = seed.fill(server.url, runs=RUNS, metrics=2, steps=1)
        yield server, made.experiment


@pytest.fixture
def page(browser, long_list):
    server, experiment = long_list
    context = browser.new_context(base_url=server.url, viewport={"width": 1280, "height": 800})
    context.set_default_timeout(WAIT_MS)
    opened = context.new_page()
    slow_down(opened)
    opened.goto(f"/experiments/{experiment}")
    expect(opened.locator(".runs-head .total")).to_have_text(f"{RUNS:,} runs")
    yield opened
    context.close()


def numbers(page):
    """Which runs are in the document, from top to bottom: their names end with their numbers."""
    expect(page.locator(".grid .body .waiting")).to_have_count(0)
    names = page.locator(".grid .body .row .name a").all_inner_texts()
    return [int(name.rpartition("-")[2]) for name in names]


def scroll_to(page, row):
    page.locator(".grid").evaluate(f"g => g.scrollTop = {row * ROW}")
    expect(page.locator(f".grid .body [data-row='{row}'] .name a")).to_be_visible()


def test_every_place_of_the_list_is_reached(page):
    assert numbers(page)[:3] == [RUNS - 1, RUNS - 2, RUNS - 3]
    for row in (RUNS // 2, RUNS // 7, 0):
        scroll_to(page, row)
        seen = numbers(page)
        assert RUNS - 1 - row in seen and len(seen) < DRAWN
        assert seen == sorted(seen, reverse=True)
    page.locator(".grid").evaluate("g => g.scrollTop = g.scrollHeight")
    expect(page.locator(f".grid .body [data-row='{RUNS - 1}'] .name a")).to_be_visible()
    assert numbers(page)[-1] == 0


def test_an_order_and_a_filter_hold_for_all_of_it(page):
    page.locator(".grid .head .label", has_text="val/loss").click()
    expect(page.locator("[aria-sort]")).to_have_count(1)
    head = page.locator("[aria-sort]").get_attribute("data-column")
    first = page.locator(f".grid .body .row [data-column='{head}']")
    expect(page.locator(".grid .body [data-row='0'] .name a")).not_to_have_text(
        re.compile(f"-{RUNS - 1}$"))
    expect(page.locator(".grid .body .waiting")).to_have_count(0)
    values = [float(text) for text in first.all_inner_texts()]
    assert values in (sorted(values), sorted(values, reverse=True))
    scroll_to(page, RUNS // 2)
    middle = float(first.nth(5).inner_text())
    assert (middle >= values[0]) == (values[-1] >= values[0])
    page.get_by_label("Filter runs").fill("params.optimizer = 'lion'")
    page.get_by_label("Filter runs").press("Enter")
    expect(page.locator(".runs-head .total")).not_to_have_text(f"{RUNS:,} runs")
    some = int(page.locator(".runs-head .total").inner_text().split()[0].replace(",", ""))
    assert RUNS / 8 < some < RUNS / 2
    scroll_to(page, some - 1)
