#!/usr/bin/env python3
"""Measures the web pages in Chromium without a window, on a real server with real data: from what
a person does to when it has been painted. Prints a table.

    bench/ui.py                      5,000 runs of 30 metrics, 20,000 of 4, and 100,000 of 4
    bench/ui.py --quick              300, 1,000 and 2,000 runs
    bench/ui.py --official           also the official pages, served by our server from the same data
    bench/ui.py --only first,sort    rows by their names
    bench/ui.py --memory-minutes 10  how long the tab is used before its memory is taken

Needs chromium (tools/setup browser) and the tests' Python environment, which it makes itself. The
databases are filled once and kept. Figures are the medians of several rounds, and the best one."""

import argparse
import dataclasses
import hashlib
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent
# The demo's seed.py comes before that of this directory.
sys.path[:0] = [str(ROOT / "demo"), str(ROOT / "tests" / "server"), str(HERE)]
sys.dont_write_bytecode = True


def use_own_python():
    """Goes on with the interpreter that has Playwright."""
    made = subprocess.run([ROOT / "tools" / "venv", ROOT / "tests" / "requirements.txt"],
                          check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
    if pathlib.Path(sys.prefix).resolve() != pathlib.Path(made).resolve():
        python = f"{made}/bin/python"
        os.execv(python, [python, *sys.argv])


if __name__ == "__main__":
    use_own_python()

import harness  # noqa: E402 - found through the path above
import seed  # noqa: E402 - likewise
import ui_charts  # noqa: E402 - likewise
import ui_memory  # noqa: E402 - likewise
from playwright.sync_api import sync_playwright  # noqa: E402
from targets import CACHE, OFFICIAL_VERSION, venv  # noqa: E402

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
             "--disable-background-networking", "--disable-component-update", "--disable-sync",
             "--enable-precise-memory-info", "--js-flags=--expose-gc"]
WAIT_MS = 120_000
# A new tab has its own work (its window, its start page) before anybody goes anywhere in it.
TAB_MS = 700
ROUNDS = 5
SEED = {"runs": {"runs": 5000, "metrics": 30, "steps": 10, "long_points": 2_000_000},
        "many": {"runs": 20_000, "metrics": 4, "steps": 1}}
HUGE = {"huge": {"runs": 100_000, "metrics": 4, "steps": 1}}
QUICK = {"runs": {"runs": 300, "metrics": 30, "steps": 10, "long_points": 20_000},
         "many": {"runs": 1000, "metrics": 4, "steps": 1}}
QUICK_HUGE = {"huge": {"runs": 2000, "metrics": 4, "steps": 1}}

# Runs before anything of the page: notes when something that a test looks for was first painted.
# A frame that was asked for after a change is drawn with it; the task behind it comes after that.
PAINTED = """
window.painted = (found, from = 0) => new Promise(done => {
    const look = () => found()
        ? requestAnimationFrame(() => setTimeout(() => done(performance.now() - from)))
        : requestAnimationFrame(look);
    look();
});
"""
FIRST_VALUES = """
const values = () => [...document.querySelectorAll(".grid .body .number")]
    .filter(cell => /^[-0-9.e]+$/.test(cell.textContent)).length;
window.first = painted(() => values() >= 20);
"""
OFFICIAL_FIRST = """
window.first = painted(() => /(fox|otter|heron|lynx|wren|ibex|tern|hare)-\\d/.test(
    document.body?.innerText ?? ""));
"""


@dataclasses.dataclass
class Data:
    """A filled database and what is in it: the experiments' ids by name, and the long run's."""

    home: pathlib.Path
    experiments: dict
    long_run: str = ""


def filled(sizes):
    """The directory with the filled database; made on first use."""
    recipe = repr(sizes) + (ROOT / "demo" / "seed.py").read_text("utf-8")
    home = CACHE / f"ui-{hashlib.sha256(recipe.encode()).hexdigest()[:12]}"
    note = home / "filled"
    if not note.exists():
        shutil.rmtree(home, ignore_errors=True)
        home.mkdir(parents=True)
        print(f"filling {home}; this takes minutes", file=sys.stderr)
        with harness.Server(home, "--synchronous", "off") as server:
            made = [seed.fill(server.url, name=name, **size) for name, size in sizes.items()]
        note.write_text(" ".join([*(m.experiment for m in made),
                                  *(m.long_run for m in made if m.long_run)]))
    ids = note.read_text().split()
    return Data(home, dict(zip(sizes, ids)), *ids[len(sizes):])


class Bench:
    """A browser and a server; measures return milliseconds, or megabytes where their unit says so."""

    def __init__(self, browser, server, data, minutes):
        self.browser = browser
        self.server = server
        self.long_run = data.long_run
        self.experiments = data.experiments
        self.minutes = minutes
        self.most_mb = self.heap_mb = 0.0  # set by the row before theirs

    def tab(self, script=""):
        """A tab with an empty cache of its own."""
        context = self.browser.new_context(viewport={"width": 1440, "height": 900})
        context.set_default_timeout(WAIT_MS)
        context.add_init_script(PAINTED + script)
        page = context.new_page()
        page.wait_for_timeout(TAB_MS)
        return page

    def open(self, page, path):
        page.goto(self.server.url + path, wait_until="commit")
        return page

    def shut(self, page):
        page.context.close()

    def after(self, page, action, found):
        """From a click to the paint of what it brings: both are script in the page."""
        return page.evaluate(f"""async () => {{
            const from = performance.now();
            {action};
            return painted(() => {found}, from);
        }}""")


def first_table(bench):
    page = bench.open(bench.tab(FIRST_VALUES), f"/experiments/{bench.experiments['runs']}")
    took = page.evaluate("window.first")
    bench.shut(page)
    return took


def processor_time(bench, script, path):
    """What the tab's main thread worked until then: a figure that holds on a busy machine too."""
    page = bench.tab(script)
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    bench.open(page, path)
    page.evaluate("window.first")
    took = ui_charts.worked_ms(session)
    bench.shut(page)
    return took


def first_work(bench):
    return processor_time(bench, FIRST_VALUES, f"/experiments/{bench.experiments['runs']}")


def official_work(bench):
    return processor_time(bench, OFFICIAL_FIRST, f"/#/experiments/{bench.experiments['runs']}/runs")


def ready_table(bench, path):
    """A tab in which the table is there, with all that came after it."""
    page = bench.open(bench.tab(FIRST_VALUES), path)
    page.evaluate("window.first")
    page.wait_for_load_state("load")
    page.wait_for_timeout(500)
    return page


FIRST_ROW = "document.querySelector('.grid .body .row .name a')?.textContent"


def sort_runs(bench, name):
    page = ready_table(bench, f"/experiments/{bench.experiments[name]}")
    took = bench.after(page, """
        const before = %s;
        [...document.querySelectorAll('.grid .head .label')]
            .find(l => l.textContent.startsWith('val/loss')).click()
        """ % FIRST_ROW, f"document.querySelector('[aria-sort]') && {FIRST_ROW} !== before")
    bench.shut(page)
    return took


def filter_runs(bench, name):
    page = ready_table(bench, f"/experiments/{bench.experiments[name]}")
    page.get_by_label("Filter runs").fill("params.optimizer = 'lion' AND metrics.`val/loss` < 1")
    took = bench.after(page, """
        const before = document.querySelector('.runs-head .total').textContent;
        document.querySelector('.filter-text input').dispatchEvent(
            new KeyboardEvent('keydown', {key: 'Enter', bubbles: true, cancelable: true}))
        """, "document.querySelector('.runs-head .total').textContent !== before")
    bench.shut(page)
    return took


def jump(bench, name):
    """To the middle of the list: from the jump of the scroll bar to the rows that are there."""
    page = ready_table(bench, f"/experiments/{bench.experiments[name]}")
    took = bench.after(page, """
        const grid = document.querySelector('.grid');
        grid.scrollTop = grid.scrollHeight / 2
        """, "document.querySelector('.grid .body .row .name a')"
             " && !document.querySelector('.grid .waiting')"
             " && document.querySelector('.grid').scrollTop > 1000")
    bench.shut(page)
    return took


def sort_many(bench):
    return sort_runs(bench, "many")


def filter_many(bench):
    return filter_runs(bench, "many")


def jump_many(bench):
    return jump(bench, "many")


def huge_first(bench):
    page = bench.open(bench.tab(FIRST_VALUES), f"/experiments/{bench.experiments['huge']}")
    took = page.evaluate("window.first")
    bench.shut(page)
    return took


def huge_sort(bench):
    return sort_runs(bench, "huge")


def huge_filter(bench):
    return filter_runs(bench, "huge")


def huge_jump(bench):
    return jump(bench, "huge")


def server_memory(bench):
    return ui_memory.private_mb(bench.server.process.pid)


def new_point(bench):
    """From the beginning of the call that logs a point to its paint in the table."""
    server = bench.server
    run_id = server.create_run(bench.experiments["runs"], run_name="watched",
                               start_time=int(time.time() * 1000))["info"]["run_id"]
    try:
        page = ready_table(bench, f"/experiments/{bench.experiments['runs']}?cols=metrics.val%2Floss")
        page.wait_for_timeout(1000)
        value = round(time.time() % 1000, 3)
        page.evaluate(f"""void (window.seen = painted(() => [...document.querySelectorAll(
            '.grid .body .number')].some(c => Number(c.title) === {value}))
            .then(() => Date.now()))""")
        began = time.time() * 1000
        answer = server.call("runs/log-batch", {"run_id": run_id, "metrics": [
            {"key": "val/loss", "value": value, "step": 1, "timestamp": int(began)}]})
        assert answer.status == 200, answer
        took = page.evaluate("window.seen") - began
        bench.shut(page)
        return took
    finally:
        server.call("runs/delete", {"run_id": run_id})


def official_first(bench):
    page = bench.open(bench.tab(OFFICIAL_FIRST), f"/#/experiments/{bench.experiments['runs']}/runs")
    took = page.evaluate("window.first")
    bench.shut(page)
    return took


@dataclasses.dataclass
class Row:
    label: str
    goal: float | None
    measure: object
    unit: str = "ms"
    rounds: int = ROUNDS
    official: object = None
    huge: bool = False


ROWS = {
    "first": Row("first table with values, 5,000 runs × 30 metrics", 300, first_table,
                 official=official_first),
    "work": Row("processor time of the tab's main thread until then", None, first_work,
                official=official_work),
    "sort": Row("sort of 20,000 runs by a metric, click to paint", 150, sort_many),
    "filter": Row("filter of 20,000 runs, Enter to paint", 150, filter_many),
    "jump": Row("jump to the middle of 20,000 runs, to paint", 150, jump_many),
    "point": Row("a new point, from its log call to its paint", 1000, new_point),
    "pan": Row("pan of 200 lines × 1,000 points, frame at p95", 17, ui_charts.pan),
    "pan-work": Row("processor time of the main thread in such a frame", 16, ui_charts.pan_work),
    "hover": Row("pointer over 200 lines, frame at p95", 17, ui_charts.hover),
    "chart": Row("chart of 2 M points, from navigation", 500, ui_charts.long_chart),
    "zoom": Row("zoom into 2 M points, key to detail", 150, ui_charts.long_zoom),
    "brush": Row("brush over 5,000 runs, frame at p95", 50, ui_charts.brush),
    "memory": Row("memory of the tab's process after its use", 200, ui_memory.memory, "MB", 1),
    "most": Row("the most that it took meanwhile", None, ui_memory.most, "MB", 1),
    "heap": Row("its script heap in the end", None, ui_memory.heap, "MB", 1),
    "huge-first": Row("first table of 100,000 runs", None, huge_first, huge=True),
    "huge-jump": Row("jump to the middle of 100,000 runs, to paint", 150, huge_jump, huge=True),
    "huge-sort": Row("sort of 100,000 runs by a metric, click to paint", 300, huge_sort,
                     huge=True),
    "huge-filter": Row("filter of 100,000 runs, Enter to paint", 300, huge_filter, huge=True),
    "huge-tab": Row("memory of the tab after a hundred jumps in 100,000 runs", 200,
                    ui_memory.jumped, "MB", 1, huge=True),
    "huge-server": Row("memory of the server then", None, server_memory, "MB", 1, huge=True),
}


def official_pages():
    """Where the official package has its pages."""
    home = venv("official", "mlflow", OFFICIAL_VERSION).parent
    [build] = home.glob("lib/python*/site-packages/mlflow/server/js/build")
    return build


def rounds(bench, row, measure):
    if row.rounds > 1:
        measure(bench)  # the first one finds everything cold
    return [measure(bench) for _ in range(row.rounds)]


def run(options, data, ui_dir, huge=False):
    """What was measured of the rows about the data, in a copy of it."""
    wanted = {name: row.official if ui_dir and options.official_now else row.measure
              for name, row in ROWS.items()
              if row.huge == huge and (not options.only or name in options.only)}
    wanted = {name: measure for name, measure in wanted.items() if measure}
    figures = {}
    if not wanted:
        return figures
    with tempfile.TemporaryDirectory() as home, sync_playwright() as playwright:
        shutil.copytree(filled(data).home, home, dirs_exist_ok=True)
        extra = ("--ui-dir", ui_dir) if ui_dir else ()
        with harness.Server(home, *extra) as server:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
            bench = Bench(browser, server, filled(data), options.memory_minutes)
            for name, measure in wanted.items():
                figures[name] = rounds(bench, ROWS[name], measure)
            browser.close()
    return figures


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--official", action="store_true")
    parser.add_argument("--only", type=lambda text: text.split(","))
    parser.add_argument("--memory-minutes", type=float, default=0.5)
    parser.add_argument("--ui-dir", help="pages from there instead of those in the program")
    options = parser.parse_args()
    data, huge = (QUICK, QUICK_HUGE) if options.quick else (SEED, HUGE)
    options.official_now = False
    ours = run(options, data, options.ui_dir)
    ours.update(run(options, huge, options.ui_dir, huge=True))
    theirs = {}
    if options.official:
        options.official_now = True
        theirs = run(options, data, official_pages())
    print("| what | goal | median | best | official pages, median |\n|---|--:|--:|--:|--:|")
    for name, values in ours.items():
        row = ROWS[name]
        other = f"{statistics.median(theirs[name]):.0f} {row.unit}" if name in theirs else "—"
        goal = f"≤ {row.goal:g} {row.unit}" if row.goal else "—"
        print(f"| {row.label} | {goal} | {statistics.median(values):.0f} {row.unit}"
              f" | {min(values):.0f} {row.unit} | {other} |")


if __name__ == "__main__":
    main()
