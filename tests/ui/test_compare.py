"""Comparing runs: what differs, drawings that select runs, and files beside each other."""

import re
import struct
import zlib

import pytest
from playwright.sync_api import expect

PROMPT = "\n".join(f"line {i} of a long prompt" for i in range(12))


def make(server, experiment, name, params, metrics, start=0):
    run_id = server.create_run(experiment, run_name=name, start_time=1_750_000_000_000 + start)[
        "info"]["run_id"]
    server.call("runs/log-batch", {
        "run_id": run_id,
        "params": [{"key": k, "value": v} for k, v in params.items()],
        "metrics": [{"key": k, "value": v, "step": 0, "timestamp": 1}
                    for k, v in metrics.items()]})
    return run_id


@pytest.fixture
def pair(server, experiment):
    """Two runs that differ in some values; their ids."""
    return [make(server, experiment, "first", {"lr": "0.1", "seed": "7", "prompt": PROMPT},
                 {"loss": 0.5, "f1": 0.8}),
            make(server, experiment, "second",
                 {"lr": "0.2", "seed": "7", "prompt": PROMPT.replace("line 5", "row 5")},
                 {"loss": 0.25, "f1": "NaN"})]


@pytest.fixture
def sweep(server, experiment):
    """An experiment with 20 runs, whose loss falls as their rate grows."""
    for i in range(20):
        make(server, experiment, f"run {i}", {"rate": f"{10 ** (-4 + i / 5):.3g}",
                                              "optimizer": ("adam", "sgd")[i % 2]},
             {"loss": 2 - i / 10}, start=i)
    return experiment


def row(page, key):
    return page.get_by_role("row", name=re.compile(f"^{key} "))


def test_values_that_differ_are_beside_each_other(open_page, pair):
    page = open_page(f"/compare?runs={','.join(pair)}")
    expect(row(page, "lr").get_by_role("cell")).to_have_text(["0.1", "0.2"])
    expect(row(page, "f1").get_by_role("cell")).to_have_text(["0.8", "NaN"])
    expect(row(page, "seed")).to_have_count(0)
    page.get_by_role("button", name="Only what differs").click()
    expect(row(page, "seed").get_by_role("cell")).to_have_text(["7", "7"])

    page.get_by_label("Baseline").select_option("first")
    expect(row(page, "loss").get_by_role("cell").nth(1)).to_have_text("0.25-0.25 (-50 %) better")
    page.get_by_role("button", name="Runs as rows").click()
    expect(page.get_by_role("rowheader")).to_have_text(["first baseline", "second"])
    page.reload()
    expect(page.get_by_role("rowheader")).to_have_text(["first baseline", "second"])


def test_long_texts_are_compared_line_by_line(open_page, pair):
    page = open_page(f"/compare?runs={','.join(pair)}")
    row(page, "prompt").get_by_title("Compare the texts").nth(1).click()
    dialog = page.get_by_role("dialog", name="prompt")
    expect(dialog.locator("pre .gone")).to_contain_text("line 5 of a long prompt")
    expect(dialog.locator("pre .new")).to_contain_text("row 5 of a long prompt")
    expect(dialog.locator("pre .same")).to_have_count(6)
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)


def axis_at(page, name):
    """Where an axis is: its x, the top and the bottom, in the window."""
    button = page.get_by_role("button", name=f"The axis {name}")
    button.hover(trial=True)  # once it no longer moves
    head = button.locator("..").bounding_box()
    drawing = page.locator(".drawing").bounding_box()
    return (head["x"] + head["width"] / 2, drawing["y"] + 44,
            drawing["y"] + drawing["height"] - 20)


def brush(page, name, low, high):
    x, top, bottom = axis_at(page, name)
    page.mouse.move(x, bottom - low * (bottom - top))
    page.mouse.down()
    page.mouse.move(x, bottom - high * (bottom - top), steps=5)
    page.mouse.up()


def test_a_brush_selects_runs_and_narrows_the_table(open_page, sweep):
    page = open_page(f"/experiments/{sweep}?view=compare&by=parallel")
    expect(page.get_by_role("img", name=re.compile("Parallel coordinates of 20 runs"))
           ).to_be_visible()
    # The lower half of the losses from 0.1 to 2: 0.1 to 1.
    brush(page, "loss", -0.02, 0.5)
    status = page.get_by_role("status").filter(has_text="of 20 runs selected")
    expect(status).to_contain_text("10 of 20 runs selected")
    brush(page, "optimizer", 0.6, 1.02)
    expect(status).to_contain_text("5 of 20 runs selected")
    expect(page.get_by_text("5 selected", exact=True)).to_be_visible()
    page.reload()
    expect(status).to_contain_text("5 of 20 runs selected")

    page.get_by_role("button", name="Filter the table by the brushes").click()
    expect(page.locator(".total")).to_have_text(re.compile("^5 runs"))
    expect(page.get_by_role("grid").get_by_text("run 19")).to_be_visible()
    expect(page.get_by_role("grid").get_by_text("run 18")).to_have_count(0)


def test_an_axis_is_brushed_moved_and_taken_away_by_keys(open_page, sweep):
    page = open_page(f"/experiments/{sweep}?view=compare&by=parallel&axes=params.rate,metrics.loss")
    page.get_by_role("button", name="The axis rate").press("Enter")
    panel = page.get_by_role("dialog", name="The axis rate")
    # Over more than two powers of ten the axis is logarithmic by itself.
    expect(panel.get_by_label("Logarithmic")).to_be_checked()
    panel.get_by_label("To", exact=True).fill("0.001")
    page.keyboard.press("Tab")
    expect(page.get_by_text("6 of 20 runs selected")).to_be_visible()
    panel.get_by_role("button", name="To the right").click()
    page.wait_for_url(re.compile("axes=metrics.loss%2Cparams.rate"))
    page.get_by_role("button", name="The axis loss").press("Enter")
    page.get_by_role("button", name="Take away").click()
    expect(page.locator(".axis-head")).to_have_count(1)


def test_an_axis_is_dragged_to_another_place(open_page, sweep):
    page = open_page(f"/experiments/{sweep}?view=compare&by=parallel"
                     "&axes=params.rate,params.optimizer,metrics.loss")
    names = page.locator(".axis-name")
    expect(names).to_have_text(["rate", "optimizer", "loss"])
    to = axis_at(page, "optimizer")[0]
    box = names.nth(0).bounding_box()
    page.mouse.move(box["x"] + 4, box["y"] + 4)
    page.mouse.down()
    page.mouse.move(to + 20, box["y"] + 4, steps=5)
    page.mouse.up()
    expect(names).to_have_text(["optimizer", "rate", "loss"])


def test_a_narrow_window_keeps_axes_apart_and_ways_in_reach(open_page, sweep, accessible):
    page = open_page(f"/experiments/{sweep}?view=compare&by=parallel&axes=params.rate,"
                     "params.optimizer,metrics.loss,start_time,duration", width=360)
    heads = page.get_by_role("button", name=re.compile("^The axis"))
    expect(heads).to_have_count(5)
    heads.first.hover(trial=True)  # once they no longer move
    places = [head.bounding_box()["x"] for head in heads.all()]
    assert min(b - a for a, b in zip(places, places[1:])) > 60
    accessible(page)
    page.get_by_role("link", name="Box plot").click()
    expect(page.get_by_role("table")).to_be_visible()


def test_a_lasso_selects_points(open_page, sweep):
    page = open_page(f"/experiments/{sweep}?view=compare&by=scatter&sx=metrics.loss"
                     "&sy=metrics.loss&sc=params.optimizer&trend=1")
    plot = page.get_by_role("application", name=re.compile("loss by loss, 20 runs"))
    expect(page.get_by_text("Rank correlation 1.00")).to_be_visible()
    expect(page.locator(".colour-key")).to_contain_text("adam")
    plot.hover(trial=True)  # once it no longer moves
    box = plot.bounding_box()
    # All but the frame's upper right part: the losses below the middle.
    left, bottom = box["x"] + 60, box["y"] + box["height"] - 30
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(left, bottom)
    page.mouse.down()
    for at in ((left, y), (x, y), (x, bottom), (left, bottom)):
        page.mouse.move(*at, steps=4)
    page.mouse.up()
    expect(page.get_by_text(re.compile(r"^(9|10|11) selected$"))).to_be_visible()
    plot.focus()
    page.keyboard.press("ArrowRight")
    expect(plot.locator("[aria-live]")).to_contain_text("run 19")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/runs/"))


def test_a_contour_plot_shows_a_metric_over_two_others(open_page, sweep, accessible):
    page = open_page(f"/experiments/{sweep}?view=compare&by=contour&sx=params.rate"
                     "&sy=metrics.loss")
    page.get_by_label("height").select_option("metrics.loss")
    plot = page.get_by_role("application", name="loss over rate and loss, 20 runs")
    expect(page.locator(".colour-key")).to_contain_text("loss")
    expect(page).to_have_url(re.compile("sz=metrics.loss"))
    # Low values and high ones have other colours.
    page.wait_for_function("""canvas => {
        const { width, height } = canvas;
        if (width === 0 || height === 0) return false;
        const all = canvas.getContext('2d').getImageData(0, 0, width, height).data;
        const at = (x, y) => {
            const pixel = 4 * (Math.round(y * height) * width + Math.round(x * width));
            return all.slice(pixel, pixel + 3).join();
        };
        return at(0.53, 0.2) !== at(0.53, 0.8);
    }""", arg=plot.locator("canvas").element_handle())
    plot.focus()
    page.keyboard.press("ArrowRight")
    expect(plot.locator("[aria-live]")).to_contain_text("run")
    accessible(page)


def test_boxes_show_how_a_metric_spreads(open_page, sweep):
    page = open_page(f"/experiments/{sweep}?view=compare&by=box&bg=params.optimizer"
                     "&bv=metrics.loss")
    expect(row(page, "adam").get_by_role("cell").filter(has_text=re.compile("."))
           ).to_have_text(["10", "0.2", "0.65", "1.1", "1.55", "2"])
    page.get_by_label("grouped by").select_option("status")
    expect(row(page, "RUNNING")).to_be_visible()


def png(red):
    """A red picture of two by two points."""
    def chunk(kind, data):
        return (struct.pack(">I", len(data)) + kind + data
                + struct.pack(">I", zlib.crc32(kind + data)))
    rows = zlib.compress((b"\0" + bytes((red, 0, 0)) * 2) * 2)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 2, 2, 8, 2, 0, 0, 0))
            + chunk(b"IDAT", rows) + chunk(b"IEND", b""))


def store(server, experiment, run_id, path, content):
    place = f"/api/2.0/mlflow-artifacts/artifacts/{experiment}/{run_id}/artifacts/{path}"
    answer = server.ask("PUT", place, content, {"Content-Type": "application/octet-stream"})
    assert answer.status == 200, answer


def test_pictures_and_texts_of_runs_are_beside_each_other(open_page, server, experiment, pair):
    for i, run_id in enumerate(pair):
        for step in (1, 2):
            store(server, experiment, run_id, f"samples/s_{step}.png", png(100 * i + step))
        store(server, experiment, run_id, "notes/log.txt", f"same\nrun {i}\n".encode())
    page = open_page(f"/compare?runs={','.join(pair)}&by=files")
    pictures = page.get_by_role("img", name=re.compile("samples.s.png of"))
    expect(pictures).to_have_count(2)
    expect(pictures.first).to_have_attribute("src", re.compile("s_2.png"))
    assert pictures.first.evaluate("i => i.decode().then(() => i.naturalWidth)") == 2
    page.get_by_role("slider", name="Step").fill("0")
    expect(pictures.nth(1)).to_have_attribute("src", re.compile("s_1.png"))
    page.get_by_label("File").select_option("notes/log.txt")
    expect(page.locator("pre .gone")).to_contain_text("run 0")
    expect(page.locator("pre .new")).to_contain_text("run 1")


def test_hostile_names_are_only_text(open_page, server, experiment):
    evil = "<img src=x onerror=alert(1)>"
    runs = [make(server, experiment, evil, {"p": f"{evil}{i}", "long": evil * 9 + str(i)},
                 {"m": i}) for i in range(2)]
    page = open_page(f"/compare?runs={','.join(runs)}")
    expect(row(page, "p").get_by_role("cell").first).to_have_text(evil + "0")
    row(page, "long").get_by_title("Compare the texts").first.click()
    expect(page.locator("pre .gone")).to_be_visible()
    page.keyboard.press("Escape")
    for way in ("parallel", "scatter", "box"):
        page.goto(f"/compare?runs={','.join(runs)}&by={way}")
        expect(page.get_by_role("link", name="Values")).to_be_visible()
    assert page.locator("img[src=x]").count() == 0


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_comparisons_are_accessible(open_page, sweep, accessible, theme):
    page = open_page(f"/experiments/{sweep}?view=compare", theme=theme)
    expect(page.get_by_label("Baseline")).to_be_visible()
    accessible(page)
    ready = {"Parallel coordinates": ".axis-head", "Scatter": ".scatter canvas",
             "Box plot": ".boxes table"}
    for way, what in ready.items():
        page.get_by_role("link", name=way, exact=True).click()
        expect(page.locator(what).first).to_be_visible()
        accessible(page)
