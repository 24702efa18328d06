"""Names, texts and files that try to run something: they are shown, and nothing runs.

Whatever gets to run calls canary(), which the tests notice wherever there is an origin; a dialog,
an error on the console or a request to somebody else fails the test as well."""

import json
import urllib.parse

import pytest
from playwright.sync_api import expect

import samples

# Frames without an origin may run what they like: they reach nothing.
CANARY = """if (origin !== 'null') window.canary = () => {
    document.title = 'canary';
    console.error('the canary sang');
};"""
SCRIPT = "<script>canary()</script>"
IMAGE = "<img src=x onerror=canary()>"
LINK = "javascript:canary()"
NAME = f'"\'>{IMAGE}{SCRIPT}{{{{7*7}}}}${{canary()}}'

MARKDOWN = f"""# Title {SCRIPT}

{IMAGE} <svg onload=canary()><style>@import "//evil.example/x.css"; body {{ display: none }}</style></svg>
<iframe src="{LINK}"></iframe> <form action="{LINK}"><button>go</button></form>
<math><mtext><table><mglyph><style><img src=x onerror=canary()></style></mglyph></table></mtext></math>
<a href="{LINK}" onclick="canary()">link</a> [link]({LINK}) [data](data:text/html,{SCRIPT})
![remote](https://evil.example/pixel.png) <img src="data:image/svg+xml,{SCRIPT}">
<div style="position:fixed;inset:0" class="dialog" id="app" onmouseover=canary()>over</div>
<input autofocus onfocus=canary()> <details open ontoggle=canary()>x</details>
<base href="https://evil.example/"> <meta http-equiv="refresh" content="0;url={LINK}">

```<script>
{SCRIPT}
```
"""

SVG = (f'<svg xmlns="http://www.w3.org/2000/svg" width="30" height="30" onload="canary()">'
       f'<script>canary()</script><foreignObject><body xmlns="http://www.w3.org/1999/xhtml">'
       f'{IMAGE.replace(">", "/>").replace("x onerror=canary()", chr(34) + "x" + chr(34))}'
       f'</body></foreignObject></svg>')

# In a frame without an origin this may run, but reaches nothing: not the pages, not the server,
# nobody else.
PAGE = """<!doctype html><h1>waiting</h1><script>
const tries = {
    parent: () => parent.document.title,
    top: () => { top.location = 'about:blank'; },
    storage: () => localStorage.length,
    cookie: () => document.cookie,
    opener: () => open('about:blank').document,
};
const held = Object.keys(tries).filter(name => {
    try { return tries[name]() == null; } catch { return true; }
});
const asked = ['../version', 'https://evil.example/'].map(a => fetch(a).then(() => a, () => ''));
Promise.all(asked).then(got => {
    document.querySelector('h1').textContent =
        got.join('') === '' ? 'held: ' + held.join(' ') : 'reached ' + got;
});
</script>"""


def notebook():
    return json.dumps({"metadata": {"language_info": {"name": NAME}}, "cells": [
        {"cell_type": "markdown", "source": MARKDOWN},
        {"cell_type": "raw", "source": SCRIPT},
        {"cell_type": "code", "source": SCRIPT, "execution_count": 1, "outputs": [
            {"output_type": "display_data", "data": {"text/html": MARKDOWN}},
            {"output_type": "display_data", "data": {"application/javascript": "canary()"}},
            {"output_type": "display_data", "data": {"image/svg+xml": SVG}},
            {"output_type": "display_data", "data": {"image/png": NAME}},
            {"output_type": "error", "traceback": [SCRIPT]}]}]}).encode()


FILES = {
    "notes.md": MARKDOWN.encode(),
    "study.ipynb": notebook(),
    "picture.svg": SVG.encode(),
    "data.json": json.dumps({NAME: [SCRIPT, {IMAGE: LINK}], "__proto__": {"x": 1}}).encode(),
    "logged.json": json.dumps({"columns": [NAME], "data": [[
        {"type": "image", "filepath": LINK, "compressed_filepath": NAME}], [SCRIPT]]}).encode(),
    "table.csv": f"{IMAGE},b\n{SCRIPT},{LINK}\n".encode(),
    "code.py": f"x = '{SCRIPT}'\n# {IMAGE}\n".encode(),
    "page.xml": SVG.encode(),
    "array.npy": samples.npy([1.0], "(1,)", descr="<img src=x onerror=canary()>"),
    "bundle.zip": samples.archive({f"../{IMAGE}": "x", SCRIPT: "y"}),
    "MLmodel": f"flavors:\n  '{IMAGE}':\n    code: '{SCRIPT}'\nrun_id: '{LINK}'\n"
               f"signature:\n  inputs: '[{{\"name\": \"{SCRIPT}\", \"type\": \"{IMAGE}\"}}]'\n"
               .encode(),
}
SETTLE_MS = 200  # what is to run does so once it was drawn
# Slashes part directories; everything else may stand in a name.
FILE_NAMES = [name.replace("/", "∕") for name in (IMAGE + ".txt", SCRIPT + ".md", NAME + ".html")]


def quoted(name):
    return urllib.parse.quote(name, safe="")


def tags(**values):
    return [{"key": key, "value": value} for key, value in values.items()]


@pytest.fixture(scope="module")
def hostile(server):
    """Everything that can have a name or a text has a hostile one."""
    experiment = server.create_experiment(f"experiment {NAME}")
    run = server.create_run(experiment, run_name=NAME, user_id=NAME, tags=tags(**{
        "mlflow.note.content": MARKDOWN, "mlflow.source.name": NAME, "hostile": SCRIPT,
        "mlflow.source.git.commit": "abcdef12", "mlflow.source.git.repoURL": LINK,
        "mlflow.parentRunId": NAME, "mlflow.runColor": "red;background:url(//evil.example)"}))
    run_id = run["info"]["run_id"]
    # Metrics and params may not be named in markup; these are the worst that may be.
    answer = server.call("runs/log-batch", {
        "run_id": run_id, "params": tags(**{"__proto__": NAME, "constructor": SCRIPT * 9}),
        "metrics": [{"key": key, "value": 1, "step": 1, "timestamp": 1}
                    for key in ("__proto__", "constructor", "javascript:canary")]})
    assert answer.status == 200, answer
    answer = server.call("runs/log-inputs", {"run_id": run_id, "datasets": [{
        "tags": tags(**{"mlflow.data.context": SCRIPT}),
        "dataset": {"name": IMAGE, "digest": SCRIPT[:30], "source_type": IMAGE, "source": NAME,
                    "schema": json.dumps({"mlflow_colspec": [{"name": IMAGE,
                                                              "type": SCRIPT}]}),
                    "profile": json.dumps({IMAGE: SCRIPT})}}]})
    assert answer.status == 200, answer
    samples.upload(server, run, FILES)
    samples.upload(server, run, {name: SCRIPT.encode() for name in FILE_NAMES})
    samples.upload(server, run, {"page.html": PAGE.encode()})
    model = f"model {IMAGE}{SCRIPT}".replace("/", "").replace(":", "")
    prompt = f"prompt {IMAGE}".replace("/", "").replace(":", "")
    for made, more in ((model, {}), (prompt, {"mlflow.prompt.is_prompt": "true",
                                              "mlflow.prompt.text": NAME + MARKDOWN})):
        answer = server.call("registered-models/create", {
            "name": made, "description": MARKDOWN, "tags": tags(owner=IMAGE + SCRIPT, **more)})
        assert answer.status == 200, answer
        for _ in range(2):
            answer = server.call("model-versions/create", {
                "name": made, "source": "dummy-source" if more else f"runs:/{run_id}/",
                "description": MARKDOWN, "tags": tags(owner=IMAGE + SCRIPT, **more),
                **({} if more else {"run_id": run_id})})
            assert answer.status == 200, answer
    return {"experiment": experiment, "run": run_id, "model": model, "prompt": prompt}


@pytest.fixture
def open_guarded(open_page):
    """Like open_page; canary() in any frame fails the test. Waits for a text that must be there
    and gives the page."""
    pages = []

    def begin(path, text, **more):
        page = open_page("about:blank", **more)  # the canary is to be there before anything else
        page.add_init_script(CANARY)
        pages.append(page)
        page.goto(path)
        expect(page.locator("body")).to_contain_text(text)
        page.wait_for_timeout(SETTLE_MS)
        return page

    yield begin
    for page in pages:
        assert page.title() != "canary"


def test_a_run_is_shown_as_it_is_named(open_guarded, hostile, accessible):
    page = open_guarded(f"/runs/{hostile['run']}", NAME)
    expect(page.get_by_role("heading", level=1).first).to_have_text(NAME)
    notes = page.get_by_role("region", name="Notes")
    expect(notes).to_contain_text("Title")
    for what in ("script", "iframe", "form", "style", "svg", "base", "meta", "[onclick]",
                 "[style]", "[id]", "[class]", "a[href^='javascript']", "a[href^='data']"):
        expect(notes.locator(f".markdown {what}")).to_have_count(0)
    for link in notes.get_by_text("link").all():
        link.click()
    page.get_by_role("button", name=f"Show").click()
    expect(page.get_by_role("region", name="Tags")).to_contain_text(SCRIPT)
    page.get_by_role("region", name="Datasets").locator("summary").click()
    expect(page.get_by_role("region", name="Datasets")).to_contain_text(IMAGE)
    page.get_by_role("button", name="Edit notes").click()
    page.get_by_role("button", name="Preview").click()
    expect(notes.locator(".markdown h1")).to_have_text("Title")
    accessible(page)


def test_files_do_not_run(open_guarded, hostile):
    files = f"/runs/{hostile['run']}?tab=artifacts"
    page = open_guarded(files, "All files")
    page.watch.expected += ["&path=x", "&path=javascript", "&path=%22",  # no such pictures
                            "canary is not defined"]  # in a frame without an origin
    view = page.locator(".preview .view")
    for path in (*FILES, *FILE_NAMES):
        page.goto(f"{files}&path={quoted(path)}")
        expect(page.locator(".preview h2")).to_have_text(path)
        expect(view).not_to_contain_text("Loading")
        page.wait_for_timeout(SETTLE_MS)
        for what in ("script", "iframe:not([sandbox='allow-scripts'])", "object", "embed",
                     "[onerror]", "[onload]", "a[href^='javascript']"):
            expect(view.locator(what)).to_have_count(0)
        for form in ("Text", "Bytes"):
            button = page.get_by_role("button", name=form, exact=True)
            if button.count():
                button.click()
                expect(view.locator("pre").first).to_be_visible()


def test_a_web_page_reaches_nothing(open_guarded, hostile):
    page = open_guarded(f"/runs/{hostile['run']}?tab=artifacts&path=page.html", "page.html")
    page.watch.expected += ["Content Security Policy", "ERR_BLOCKED_BY_CSP", "sandbox", "Blocked",
                            "Unsafe attempt", "evil.example"]
    expect(page.frame_locator("iframe").locator("h1")).to_have_text(
        "held: parent top storage cookie opener")
    assert urllib.parse.urlsplit(page.url).path == f"/runs/{hostile['run']}"


def test_files_that_are_opened_by_themselves_have_no_origin(open_page, server, hostile):
    address = f"{server.url}/get-artifact?run_id={hostile['run']}&path="
    page = open_page("about:blank")
    page.watch.expected.append("canary is not defined")
    page.add_init_script(CANARY)
    for path in ("picture.svg", "page.html", quoted(FILE_NAMES[-1])):
        with page.expect_download():
            page.evaluate("address => { location = address }", address + path)
    page.goto(f"{address}{quoted(FILE_NAMES[-1])}&view=frame")
    assert page.evaluate("origin") == "null"


@pytest.mark.parametrize("state, text", [
    ("view=table", NAME), ("view=charts", NAME), ("view=compare", NAME),
    ("cols=tags.hostile,params.__proto__,user_id", SCRIPT), ("group=tags.hostile", SCRIPT),
    ("view=compare&by=files", NAME), (f"q={quoted(NAME)}", NAME),
    (f"name={quoted('(?<' + IMAGE)}", "Experiments")])
def test_the_list_of_runs_shows_names_as_texts(open_guarded, hostile, state, text):
    page = open_guarded(f"/experiments/{hostile['experiment']}?{state}", text)
    page.watch.expected.append("400 (Bad Request)")  # what is no filter is refused
    expect(page.locator("script:not([src])")).to_have_count(0)
    expect(page.locator("[onerror], [onload]")).to_have_count(0)


def test_the_registry_shows_names_as_texts(open_guarded, hostile, accessible):
    model, prompt = hostile["model"], hostile["prompt"]
    open_guarded("/models", model)
    page = open_guarded(f"/models/{quoted(model)}", model)
    expect(page.locator(".markdown h1")).to_have_text("Title")
    accessible(page)
    open_guarded(f"/models/{quoted(model)}/1", model)
    open_guarded(f"/models/{quoted(model)}/1?tab=files&path=notes.md",
                 "notes.md").watch.expected.append("&path=x")  # no such picture
    open_guarded(f"/models/{quoted(model)}?compare=1,2", model)
    open_guarded("/prompts", prompt)
    page = open_guarded(f"/prompts/{quoted(prompt)}?version=2&against=1", prompt)
    page.get_by_label("Compare with").select_option("nothing")
    expect(page.locator(".prompt-text")).to_contain_text(NAME)


def test_the_palette_and_messages_show_names_as_texts(open_guarded, hostile):
    page = open_guarded(f"/runs/{hostile['run']}", NAME)
    page.get_by_role("button", name="Remove tag hostile").click()
    expect(page.get_by_role("status").filter(has_text="was removed")).to_contain_text("hostile")
    page.get_by_role("button", name="Undo", exact=True).click()
    expect(page.get_by_role("region", name="Tags")).to_contain_text(SCRIPT)
    page.keyboard.press("Control+k")
    expect(page.get_by_role("dialog", name="Commands")).to_be_visible()
