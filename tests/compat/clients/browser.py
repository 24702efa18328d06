"""Looks at the official pages on a server with a browser without a window:
python browser.py URL CHROMIUM EXPERIMENT-ID RUN-ID DIRECTORY. Prints as JSON what was seen, what
the console said and which requests did not get 200.
"""

import json
import os
import sys

from playwright.sync_api import sync_playwright

WAIT_MS = 60_000
# For what a page asks after it has shown what was waited for.
SETTLE_MS = 1_500


class Visit:
    """One tab, and everything that went on in it."""

    def __init__(self, page, url, directory):
        self.page = page
        self.url = url
        self.elsewhere = []
        self.directory = directory
        self.console = []
        self.failed = []
        self.seen = {}
        page.set_default_timeout(WAIT_MS)
        page.route("**/*", self._keep_at_home)
        page.on("console", lambda message: self.console.append(message.text)
                if message.type == "error" else None)
        page.on("pageerror", lambda error: self.console.append(str(error)))
        page.on("response", lambda answer: self.failed.append(
            [answer.request.method, answer.url, answer.status]) if answer.status >= 400 else None)

    def _keep_at_home(self, route):
        """Requests to others than the server get an empty answer of ours."""
        if route.request.url.startswith((self.url, "data:", "blob:")):
            route.continue_()
        else:
            self.elsewhere.append(route.request.url)
            route.fulfill(status=204)

    def look(self, name, url, *wanted):
        """Opens a page and waits for texts, or elements where they begin with 'css='."""
        self.page.goto(url)
        found = []
        for what in wanted:
            place = (self.page.locator(what) if what.startswith("css=")
                     else self.page.get_by_text(what))
            place.first.wait_for(state="visible")
            found.append(what)
        self.page.wait_for_timeout(SETTLE_MS)
        self.page.screenshot(path=os.path.join(self.directory, name + ".png"))
        self.seen[name] = found


def main(url, chromium, experiment, run, directory):
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        visit = Visit(browser.new_page(viewport={"width": 1600, "height": 1200}), url, directory)
        at = f"{url}/#/experiments/{experiment}/runs"
        try:
            visit.look("experiments", f"{url}/#/experiments", "watched")
            visit.look("runs", at, "first run", "second run")
            visit.look("run", f"{at}/{run}", "first run", "learning_rate", "accuracy")
            visit.look("metrics", f"{at}/{run}/model-metrics", "accuracy", "css=.js-plotly-plot")
            visit.look("artifacts", f"{at}/{run}/artifacts", "notes.txt")
            visit.look("charts", f"{at}?compareRunsMode=CHART", "css=.js-plotly-plot")
        except Exception as problem:
            visit.seen["problem"] = str(problem)
            visit.page.screenshot(path=os.path.join(directory, "problem.png"))
        finally:
            browser.close()
    print(json.dumps({"seen": visit.seen, "console": visit.console, "failed": visit.failed,
                      "elsewhere": visit.elsewhere}))


if __name__ == "__main__":
    main(*sys.argv[1:])
