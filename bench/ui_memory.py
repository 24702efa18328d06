"""What bench/ui.py measures of memory: how much a tab has taken after it was used like a person uses
it, table, charts, runs, files and comparison in turns, while a run logs."""

import contextlib
import json
import pathlib
import re
import sys
import threading
import time

LOAD_MS, BUSY_MS = 3000, 2000
# Between two things that a person does, and before the memory is taken: a browser clears up when it
# has a moment.
PAUSE_MS, REST_MS = 1500, 20_000
NOTE_SECONDS = 60
FILES = {"notes.md": "# Notes\n\nWhat was *tried*.\n" * 40,
         "config.json": '{"layers": [' + ", ".join(map(str, range(2000))) + "]}",
         "table.csv": "step,loss\n" + "".join(f"{i},{1 / (i + 1)}\n" for i in range(5000)),
         "train.py": "def train(rate):\n    return rate * 2\n\n" * 300}

# What a person does, as script in the page: `use` has a function for each thing, given a number that
# grows from one to the next.
USE = """
const wait = ms => new Promise(done => setTimeout(done, ms));
const once = async (what, find) => {
    for (let left = 600; left > 0; left--) {
        const found = find();
        if (found) return found;
        await wait(50);
    }
    throw new Error(`${what} did not come at ${location}: ${document.body.innerText}`);
};
const seen = selector => once(selector, () => document.querySelector(selector));
const press = async (selector, text, place = 0) => (await once(`${selector} ${text}`, () =>
    [...document.querySelectorAll(selector)].filter(e => e.textContent.includes(text))[place])
    ).click();
const type = async (field, text) => {
    Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set.call(field, text);
    field.dispatchEvent(new InputEvent("input", {bubbles: true}));
    await wait(100);
    field.dispatchEvent(new KeyboardEvent("keydown",
        {key: "Enter", bubbles: true, cancelable: true}));
    await wait(500);
};
window.use = {
    async scroll(number) {
        const grid = await seen(".grid");
        for (let part = 0; part < 4; part++) {
            grid.scrollTop = (number * 7919 + part * 20011) % 130000;
            await wait(300);
            grid.scrollLeft = (number * 997 + part * 500) % 3000;
            await wait(300);
        }
        grid.scrollTo(0, 0);
    },
    async sort(number) {
        await press(".grid .head .label", "", 1 + number % 5);
        await wait(500);
    },
    async narrow(number) {
        const field = await seen(".filter-text input");
        await type(field, `metrics.\\`val/loss\\` < 0.${1 + number % 8}`);
        await type(field, "");
    },
    async charts() {
        await press(".tabs a", "Charts");
        const area = await seen(".chart .u-over");
        await wait(500);
        const box = area.getBoundingClientRect();
        for (let step = 0; step < 20; step++) {
            area.dispatchEvent(new MouseEvent("mousemove", {bubbles: true,
                clientX: box.left + 10 + step * 10, clientY: box.top + box.height / 2}));
            await wait(20);
        }
        document.querySelector(".chart").dispatchEvent(
            new KeyboardEvent("keydown", {key: "+", bubbles: true, cancelable: true}));
        await wait(700);
        await press(".tabs a", "Table");
        await seen(".grid");
    },
    async compare() {
        await press(".tabs a", "Compare");
        await press(".tabs a", "Parallel coordinates");
        await seen(".axis-head");
        await wait(700);
        await press(".tabs a", "Table");
        await seen(".grid");
    },
    async read_run(number) {
        await press(".grid .body .row .name a", "", 1 + number % 15);
        await seen(".run-head");
        await wait(500);
        await press(".run-page > .tabs a", "Charts");
        await seen(".chart .u-over");
        await wait(500);
        history.go(-2);
        await seen(".grid");
    },
    async anew() {
        await press(".bar a", "Experiments");
        await press(".experiments a[title=runs]", "");
        await seen(".grid");
    },
    async read_files() {
        await use.anew();
        await press(".grid .body .row .name a", "logging");
        await press(".run-page > .tabs a", "Artifacts");
        for (const name of files) {
            await press("[role=treeitem]", name);
            await seen(".preview");
            await wait(500);
        }
        await use.anew();
    },
};
"""
ROUND = ("scroll", "sort", "narrow", "scroll", "charts", "read_run", "compare")


class Tab:
    """A tab that Playwright does not watch: it keeps every answer of the server for whoever might ask
    for it, in the memory of the page's process."""

    def __init__(self, browser, url):
        self.session = browser.new_browser_cdp_session()
        self.session.on("Target.receivedMessageFromTarget", self._hear)
        self.clock = browser.new_context().new_page()  # Playwright hears nothing while it sleeps
        self.context = self.session.send("Target.createBrowserContext")["browserContextId"]
        target = self.session.send("Target.createTarget", {
            "url": url, "browserContextId": self.context, "width": 1440, "height": 900})
        self.id = self.session.send("Target.attachToTarget", {
            "targetId": target["targetId"], "flatten": False})["sessionId"]
        self.answers = {}
        self.asked = 0
        self.clock.wait_for_timeout(LOAD_MS)

    def _hear(self, event):
        answer = json.loads(event["message"])
        if "id" in answer:
            self.answers[answer["id"]] = answer

    def send(self, method, **params):
        self.asked += 1
        message = {"id": self.asked, "method": method, "params": params}
        self.session.send("Target.sendMessageToTarget", {
            "sessionId": self.id, "message": json.dumps(message)})
        while self.asked not in self.answers:
            self.clock.wait_for_timeout(10)
        answer = self.answers.pop(self.asked)
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']}")
        return answer["result"]

    def evaluate(self, script):
        answer = self.send("Runtime.evaluate", expression=script, awaitPromise=True,
                           returnByValue=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(str(answer["exceptionDetails"]))
        return answer["result"].get("value")

    def process(self):
        """The id of the process in which the page is: the one that works while the page does."""
        before = self._spent()
        self.evaluate(f"(() => {{ const end = performance.now() + {BUSY_MS};"
                      " while (performance.now() < end); })()")
        after = self._spent()
        return max(after, key=lambda pid: after[pid] - before.get(pid, 0))

    def _spent(self):
        found = self.session.send("SystemInfo.getProcessInfo")["processInfo"]
        return {p["id"]: p["cpuTime"] for p in found if p["type"] == "renderer"}

    def close(self):
        self.session.send("Target.disposeBrowserContext", {"browserContextId": self.context})
        self.clock.context.close()


@contextlib.contextmanager
def logging_run(bench):
    """A run of the large experiment with some files, into which a point is logged twice a second."""
    server = bench.server
    run_id = server.create_run(bench.experiments["runs"], run_name="logging",
                               start_time=int(time.time() * 1000))["info"]["run_id"]
    for name, text in FILES.items():
        path = f"/api/2.0/mlflow-artifacts/artifacts/{bench.experiments['runs']}/{run_id}/artifacts/{name}"
        assert server.ask("PUT", path, text).status == 200
    over = threading.Event()

    def log():
        step = 0
        while not over.wait(0.5):
            step += 1
            server.call("runs/log-batch", {"run_id": run_id, "metrics": [
                {"key": key, "value": value, "step": step, "timestamp": int(time.time() * 1000)}
                for key, value in (("val/loss", 1 / step), ("train/loss", 2 / step))]})

    logging = threading.Thread(target=log)
    logging.start()
    try:
        yield run_id
    finally:
        over.set()
        logging.join()
        server.call("runs/delete", {"run_id": run_id})


def private_mb(pid):
    """Memory of a process that no other one shares, in MB."""
    text = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text("ascii")
    return sum(map(int, re.findall(r"^Private_\w+:\s+(\d+) kB", text, re.M))) * 1024 / 1e6


def heap_mb(tab):
    return tab.evaluate("performance.memory.usedJSHeapSize") / 1e6


def use(tab, pid, seconds):
    """Goes round and round until the time is over; the most memory that was seen meanwhile, in MB."""
    began = noted = time.monotonic()
    number = most = 0
    while time.monotonic() < began + seconds:
        tab.evaluate(f"use.{ROUND[number % len(ROUND)]}({number})")
        number += 1
        if number % (2 * len(ROUND)) == 0:
            tab.evaluate("use.read_files()")
        now = private_mb(pid)
        most = max(most, now)
        tab.clock.wait_for_timeout(PAUSE_MS)
        if time.monotonic() > noted + NOTE_SECONDS:
            noted = time.monotonic()
            elements = tab.evaluate("document.getElementsByTagName('*').length")
            print(f"  {noted - began:.0f} s: {now:.0f} MB, heap {heap_mb(tab):.0f} MB,"
                  f" {elements} elements", file=sys.stderr)
    return most


def memory(bench):
    """Memory of the tab's process in MB after its use, while the run still logs. What it was at most,
    and the script heap without what is garbage, are kept for the rows behind."""
    with logging_run(bench):
        tab = Tab(bench.browser, f"{bench.server.url}/experiments/{bench.experiments['runs']}")
        tab.evaluate(f"const files = {json.dumps(list(FILES))};" + USE)
        pid = tab.process()
        bench.most_mb = use(tab, pid, bench.minutes * 60)
        tab.clock.wait_for_timeout(REST_MS)
        took = private_mb(pid)
        tab.evaluate("gc()")
        bench.heap_mb = heap_mb(tab)
        tab.close()
    return took


def most(bench):
    return bench.most_mb


def heap(bench):
    return bench.heap_mb


def jumped(bench):
    """Memory of a tab's process in MB after jumps through all of a very long list."""
    tab = Tab(bench.browser, f"{bench.server.url}/experiments/{bench.experiments['huge']}")
    pid = tab.process()
    tab.evaluate("""(async () => {
        const grid = document.querySelector(".grid");
        for (let jump = 0; jump < 100; jump++) {
            grid.scrollTop = grid.scrollHeight * (jump * 37 % 100) / 100;
            await new Promise(done => setTimeout(done, 200));
        }
    })()""")
    took = private_mb(pid)
    tab.close()
    return took
