"""Files that were made to keep the page busy are shown in part or as they are written, and the page
goes on."""

import json

import pytest
from playwright.sync_api import expect

import samples

LENGTH = 240_000


def repeated(what, length=LENGTH):
    return (what * (length // len(what) + 1))[:length].encode()


def notebook(*outputs):
    return json.dumps({"cells": [{"cell_type": "code", "source": "x", "execution_count": 1,
                                  "outputs": list(outputs)}]}).encode()


def multiplying_drawing(levels=7):
    """A few lines that ask for ten million circles."""
    groups = "".join(f'<g id="g{i + 1}">' + f'<use href="#g{i}"/>' * 10 + "</g>"
                     for i in range(levels))
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="50" height="50">'
            f'<g id="g0"><circle r="3"/></g>{groups}</svg>').encode()


FIELDS = json.dumps([{"name": f"field {i}", "type": "long"} for i in range(50_000)])
FILES = {
    "styles.md": repeated("<style>"),
    "nested.md": repeated("<b>"),
    "unknown.md": repeated("<x-y>"),
    "tables.md": repeated("<table><tr><td>"),
    "templates.md": repeated("<template>"),
    "details.md": repeated("<details open>"),
    "quotes.md": repeated("> "),
    "attributes.md": f"<p {' '.join(f'a{i}=b' for i in range(30_000))}>".encode(),
    "slow.py": repeated('"""\n'),
    "plain.py": b"import this\n",
    "many.yaml": repeated("- "),
    "line.txt": b"x" * 2_000_000,
    "text.json": json.dumps({"k" * 100_000: "v" * 4_000_000}).encode(),
    "table.json": json.dumps({"columns": [f"c{i}" for i in range(3000)],
                              "data": [["x" * 1000] * 3000]}).encode(),
    "cells.csv": b"a,b\n" + b"x" * 200_000 + b",y\n",
    "long.ipynb": notebook({"output_type": "stream", "text": "x" * 3_000_000}),
    "many.ipynb": notebook(*[{"output_type": "display_data", "data": {"text/html": "<p>x"}}] * 500),
    "drawn.ipynb": notebook({"output_type": "display_data", "data": {
        "image/svg+xml": multiplying_drawing().decode()}}),
    "multiplying.svg": multiplying_drawing(),
    "drawing.md": b"![a drawing](multiplying.svg) seen",
    "fields/MLmodel": f"signature:\n  inputs: '{FIELDS}'\n".encode(),
    "nested.parquet": b"PAR1" + b"\x1c" * 100_000 + (100_000).to_bytes(4, "little") + b"PAR1",
}


@pytest.fixture(scope="module")
def run(server):
    run = server.create_run(server.create_experiment("files that keep busy"))
    samples.upload(server, run, FILES)
    return run["info"]["run_id"]


@pytest.fixture
def show(open_page, run):
    def begin(path):
        return open_page(f"/runs/{run}?tab=artifacts&path={path}").locator(".preview .view")

    return begin


@pytest.mark.parametrize("path, said", [
    *((path, "This is shown as it is written.") for path in FILES
      if path.endswith(".md") and path != "drawing.md"),
    ("text.json", "more characters"),
    ("table.json", "The first 200 of 3,000 columns are shown."),
    ("cells.csv", "more characters"),
    ("long.ipynb", "more characters"),
    ("many.ipynb", "400 more outputs are not shown."),
    ("drawn.ipynb", "This drawing is large"),
    ("multiplying.svg", "This drawing is large"),
    ("fields/MLmodel", "49500 more"),
    ("line.txt", "The first 262 kB of 2.0 MB are shown."),
    ("nested.parquet", "Maximum call stack size exceeded")])
def test_what_is_too_much_is_said(show, path, said):
    view = show(path)
    expect(view).to_contain_text(said)
    view.page.get_by_role("button", name="Bytes").click()
    expect(view.locator("pre")).to_contain_text("00000000")


def test_a_large_drawing_among_words_is_named_instead(show):
    view = show("drawing.md")
    expect(view).to_contain_text("a drawing seen")
    expect(view.locator("img")).to_have_count(0)


@pytest.mark.parametrize("path", ["slow.py", "many.yaml"])
def test_code_that_is_slow_to_colour_goes_without(show, path):
    view = show(path)
    expect(view.locator("pre")).to_contain_text(FILES[path][:40].decode().strip())
    view.page.get_by_role("treeitem", name="plain.py").click()
    expect(view.locator(".hl-keyword")).to_have_text("import")
    view.page.go_back()
    expect(view.locator("pre")).to_contain_text(FILES[path][:40].decode().strip())
    expect(view.locator("[class^='hl-']")).to_have_count(0)


def test_a_long_text_is_copied_as_it_was_written(show):
    """Long texts are drawn in pieces; nobody who copies one should see that."""
    view = show("slow.py")
    expect(view.locator("pre code")).to_have_count(30)
    view.locator("pre").click()
    copied = view.page.evaluate("""() => {
        getSelection().selectAllChildren(document.querySelector('.preview pre'));
        return getSelection().toString();
    }""")
    assert copied.rstrip("\n") == FILES["slow.py"].decode().rstrip("\n")
