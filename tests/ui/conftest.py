"""Flows through the pages in a real browser, on a real server with real data.

The pages are those in the program; with $MILLSTREAM_UI_DIR (ui/dist after `npm run build`) those of
that directory. With $MILL_TEST_SLOWDOWN=6 the browser's processor is as slow as that of a busy machine,
and with $MILL_TEST_LATE_MS=200 whatever the pages do later comes so much later: tests that pass with
both wait for the right things. Without Chromium the tests are skipped: `tools/setup browser`
installs it."""

import dataclasses
import functools
import os
import pathlib
import shutil
import sys

import pytest
from playwright.sync_api import Page, expect, sync_playwright

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests" / "server"), str(ROOT / "demo")]

import harness  # noqa: E402 - found through the path above
import seed  # noqa: E402 - likewise

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
             "--disable-background-networking", "--disable-component-update", "--disable-sync"]
WAIT_MS = 20_000
SLOWDOWN = float(os.environ.get("MILL_TEST_SLOWDOWN", "1"))
LATE_MS = int(os.environ.get("MILL_TEST_LATE_MS", "0"))
# What was put off (effects after a drawing, pauses, frames) comes so much later than it could.
LATER = """{
    const soon = setTimeout;
    globalThis.setTimeout = (work, ms = 0, ...more) => soon(work, ms + %d, ...more);
    globalThis.requestAnimationFrame = work => setTimeout(() => work(performance.now()));
    globalThis.cancelAnimationFrame = clearTimeout;
}"""
AXE = ROOT / "ui" / "node_modules" / "axe-core" / "axe.min.js"

expect.set_options(timeout=WAIT_MS)


def pytest_collection_modifyitems(items):
    if CHROMIUM is None:
        for item in items:
            item.add_marker(pytest.mark.skip(reason="Chromium is not installed"))


def ui_options():
    """How the server is told which pages to serve."""
    directory = os.environ.get("MILLSTREAM_UI_DIR")
    return ("--ui-dir", directory) if directory else ()


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    """One server for all tests. Who changes anything does so in an experiment of its own."""
    with harness.Server(tmp_path_factory.mktemp("ui"), *ui_options()) as running:
        yield running


@pytest.fixture(scope="session")
def seeded(server):
    """An experiment with 120 runs of 10 metrics, five of them below the first, and one run of
    50,000 points with a spike; nobody changes these."""
    return seed.fill(server.url, runs=120, metrics=10, steps=10, children=5,
                     long_points=50_000)


@pytest.fixture
def experiment(server):
    """The id of an empty experiment of the test's own. All pages list its name, which is to be found
    by no test that looks for something else."""
    return server.create_experiment(os.urandom(8).hex())


@pytest.fixture(scope="session")
def browser():
    with sync_playwright() as playwright:
        # A person's browser refuses addresses that change too often.
        running = playwright.chromium.launch(
            executable_path=CHROMIUM, args=ARGUMENTS,
            ignore_default_args=["--disable-ipc-flooding-protection"])
        yield running
        running.close()


@dataclasses.dataclass
class Watch:
    """What went wrong in a tab. A test that provokes failures says so in `expected`: texts, one
    of which each complaint must hold."""

    complaints: list = dataclasses.field(default_factory=list)
    expected: list = dataclasses.field(default_factory=list)

    def unexpected(self):
        return [c for c in self.complaints if not any(e in c for e in self.expected)]


def watch(page, url):
    """Notes the page's errors, and requests to anybody but the server."""
    seen = Watch()
    page.on("console", lambda m: seen.complaints.append(f"{m.text} {m.location.get('url', '')}")
            if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda e: seen.complaints.append(f"exception: {e}"))
    page.on("dialog", lambda d: (seen.complaints.append(f"dialog: {d.message}"), d.dismiss()))
    page.on("request", lambda r: None if r.url.startswith((url, "data:", "blob:"))
            else seen.complaints.append(f"request to {r.url}"))
    return seen


def slow_down(page):
    if SLOWDOWN > 1:
        page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate",
                                                {"rate": SLOWDOWN})


@pytest.fixture
def open_page(browser, server):
    """open_page("/experiments/1", theme="dark", width=800, height=600) opens a tab of its own. The
    test fails if the browser complained of anything; page.watch.expected says of what it may. With
    late_ms whatever the page does later comes so much later: long after what the test does next."""
    opened = []

    def begin(path, theme="light", width=1280, height=800, late_ms=LATE_MS, **more) -> Page:
        context = browser.new_context(color_scheme=theme, base_url=server.url,
                                      viewport={"width": width, "height": height}, **more)
        context.set_default_timeout(WAIT_MS)
        if late_ms:
            context.add_init_script(LATER % late_ms)
        page = context.new_page()
        slow_down(page)
        page.watch = watch(page, server.url)
        opened.append((context, page.watch))
        page.goto(path)
        return page

    yield begin
    for context, _ in opened:
        context.close()
    complaints = [c for _, seen in opened for c in seen.unexpected()]
    assert complaints == []


@functools.lru_cache
def axe_source():
    return AXE.read_text(encoding="utf-8")


def violations(page):
    """What axe-core finds wrong for people who use a keyboard or a screen reader, one line for
    each element."""
    page.evaluate(axe_source())
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [f"{v['id']}: {node['target']} {node.get('failureSummary', '')}"
            for v in found["violations"] for node in v["nodes"]]


@pytest.fixture
def accessible():
    """accessible(page) fails with what axe-core finds."""

    def check(page):
        assert violations(page) == []

    return check
