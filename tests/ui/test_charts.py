"""Charts: what a person sees in the lines, does with them and takes along."""

import csv
import io
import math
import re
import xml.etree.ElementTree

import pytest
from playwright.sync_api import expect

import harness
import seed

# How many dark pixels there are in each column of a part of a chart's canvas. Lines are dark; the
# grid, bands and the raw lines behind smoothed ones are not.
DARK = """(chart, [top, bottom]) => {
    const canvas = chart.querySelector("canvas");
    const over = chart.querySelector(".u-over");
    const ratio = canvas.width / canvas.clientWidth;
    const left = over.offsetLeft * ratio, width = over.offsetWidth * ratio;
    const from = (over.offsetTop + over.offsetHeight * top) * ratio;
    const height = over.offsetHeight * (bottom - top) * ratio;
    const copy = Object.assign(document.createElement("canvas"), { width, height });
    const pixels = copy.getContext("2d", { willReadFrequently: true });
    pixels.fillStyle = "white";
    pixels.fillRect(0, 0, width, height);
    pixels.drawImage(canvas, left, from, width, height, 0, 0, width, height);
    const { data } = pixels.getImageData(0, 0, copy.width, copy.height);
    const columns = new Array(copy.width).fill(0);
    for (let i = 0; i < data.length; i += 4) {
        const ink = 3 * 255 - data[i] - data[i + 1] - data[i + 2];
        if (ink > 200) columns[(i / 4) % columns.length]++;
    }
    return columns;
}"""


def chart(page, metric):
    return page.get_by_role("region", name=metric, exact=True).locator(".chart")


def drawn(page, metric, top, bottom):
    """Where, from 0 to 1, the part of a chart between two heights has lines."""
    shown = chart(page, metric)
    expect(shown.locator("canvas").first).to_be_visible()
    columns = shown.evaluate(DARK, [top, bottom])
    return [i / len(columns) for i, n in enumerate(columns) if n > 0]


def wait_for_lines(page, metric):
    harness.eventually(lambda: drawn(page, metric, 0, 1))


def points(key, values, start=0):
    return [{"key": key, "value": v, "step": start + i, "timestamp": 1_750_000_000_000 + i * 1000}
            for i, v in enumerate(values)]


def log(server, run_id, key, values, start=0):
    made = points(key, values, start)
    for at in range(0, len(made), 1000):
        server.call("runs/log-batch", {"run_id": run_id, "metrics": made[at:at + 1000]})


def make(server, experiment, name, params=None, **metrics):
    run = server.create_run(experiment, run_name=name, start_time=1_750_000_000_000)
    run_id = run["info"]["run_id"]
    for key, values in metrics.items():
        log(server, run_id, key, values)
    if params:
        server.call("runs/log-batch", {"run_id": run_id, "params": [
            {"key": k, "value": v} for k, v in params.items()]})
    return run_id


@pytest.fixture
def three(server, experiment):
    """An experiment with three runs of two metrics of 100 steps: high, middle and low."""
    for name, height in (("high", 3), ("middle", 2), ("low", 1)):
        make(server, experiment, name, {"size": "big" if height > 1 else "small"},
             loss=[height + math.sin(i / 9) / 9 for i in range(100)],
             accuracy=[height / 4 + i / 1000 for i in range(100)])
    return experiment


@pytest.fixture(scope="module")
def long_run(server, seeded):
    """Experiment, number of points and place of the spike of a run with very many points."""
    if harness.LONG:
        made = seed.fill(server.url, runs=0, name="two million", long_points=2_000_000)
        count, run_id = 2_000_000, made.long_run
    else:
        count, run_id = 50_000, seeded.long_run
    run = server.call("runs/get", {"run_id": run_id}, "GET").json["run"]
    return run["info"]["experiment_id"], count, count * 2 // 3


@pytest.mark.parametrize("part", [None, 0.5, 0.05, 0.0004])
def test_a_spike_of_one_point_is_seen_at_every_zoom(open_page, long_run, part):
    experiment, count, spike = long_run
    address, at = f"/experiments/{experiment}?view=charts&metric=loss", spike / count
    width = 0.02
    if part:
        start = spike - int(part * count / 4)
        address += f"&range={start}..{start + int(part * count)}"
        # Its sides reach to the points beside it.
        at, width = 0.25, max(width, 1.2 / (part * count))
    page = open_page(address)
    wait_for_lines(page, "loss")
    page.wait_for_load_state("networkidle")

    def is_drawn():
        # All other values are below a twentieth of the spike.
        seen = drawn(page, "loss", 0.1, 0.5)
        return seen and all(abs(x - at) < width for x in seen)

    harness.eventually(is_drawn)


def test_nan_and_infinity_are_marked_on_the_border(open_page, server, experiment):
    values = [1 + i / 50 for i in range(50)]
    odd = [*values[:20], "NaN", *values[21:40], "Infinity", *values[41:]]
    make(server, experiment, "odd", odd=odd, plain=values)
    page = open_page(f"/experiments/{experiment}?view=charts")
    wait_for_lines(page, "odd")
    wait_for_lines(page, "plain")
    right_below = [x for x in drawn(page, "odd", 0.95, 1) if x > 0.2]
    assert right_below and all(abs(x - 20 / 49) < 0.03 for x in right_below)
    left_above = [x for x in drawn(page, "odd", 0, 0.05) if x < 0.9]
    assert left_above and all(abs(x - 40 / 49) < 0.03 for x in left_above)
    assert not [x for x in drawn(page, "plain", 0.95, 1) if x > 0.2]

    page.get_by_role("button", name="odd as a table").click()
    row = page.get_by_role("row", name=re.compile("^odd"))
    expect(row.get_by_role("cell")).to_have_text(
        ["1", "1.98", "1 at 0", "1.98 at 49", "50", "2"])
    page.get_by_role("button", name="Show every point").click()
    expect(page.get_by_role("row", name=re.compile("^20"))).to_contain_text("NaN")
    expect(page.get_by_role("row", name=re.compile("^40"))).to_contain_text("∞")


def test_the_tooltip_is_sorted_and_marks_the_nearest_line(open_page, three):
    page = open_page(f"/experiments/{three}?view=charts")
    wait_for_lines(page, "loss")
    over = chart(page, "loss").locator(".u-over")
    over.hover()
    tooltip = page.locator(".tooltip")
    expect(tooltip.locator(".name")).to_have_text(["high", "middle", "low"])
    expect(tooltip.locator(".front .name")).to_have_text("middle")
    over.click(position={"x": 200, "y": 4})
    page.mouse.move(0, 0)
    expect(tooltip.get_by_role("button", name="Copy the values")).to_be_visible()
    tooltip.get_by_role("button", name="Close").click()
    expect(tooltip).to_have_count(0)


def drag(page, metric, start, end, shift=False):
    over = chart(page, metric).locator(".u-over")
    over.hover(trial=True)  # once it no longer moves
    box = over.bounding_box()
    y = box["y"] + box["height"] / 2
    if shift:
        page.keyboard.down("Shift")
    page.mouse.move(box["x"] + start * box["width"], y)
    page.mouse.down()
    page.mouse.move(box["x"] + end * box["width"], y, steps=6)
    page.mouse.up()
    if shift:
        page.keyboard.up("Shift")


def seen_range(page):
    found = re.search(r"[?&]range=([-\d.]+?)\.\.([-\d.]+)", page.url)
    return [float(found[1]), float(found[2])] if found else None


def test_zoom_and_pan_move_all_charts_and_stay_in_the_address(open_page, three):
    page = open_page(f"/experiments/{three}?view=charts")
    wait_for_lines(page, "loss")
    drag(page, "loss", 0.25, 0.5)
    page.wait_for_url(re.compile("range="))
    assert seen_range(page) == pytest.approx([24.75, 49.5], abs=1)
    wait_for_lines(page, "accuracy")
    before = page.url
    drag(page, "accuracy", 0.8, 0.3, shift=True)
    page.wait_for_url(lambda url: url != before)
    assert seen_range(page) == pytest.approx([37, 62], abs=1.5)
    page.reload()
    wait_for_lines(page, "loss")
    chart(page, "loss").locator(".u-over").dblclick()
    page.wait_for_url(lambda url: "range=" not in url)
    page.go_back()
    page.wait_for_url(re.compile("range="))
    expect(page.get_by_role("button", name="Show all of the axis")).to_be_visible()


def test_keys_move_the_cursor_and_it_is_read_aloud(open_page, three):
    page = open_page(f"/experiments/{three}?view=charts&metric=accuracy")
    wait_for_lines(page, "accuracy")
    shown = chart(page, "accuracy")
    shown.focus()
    page.keyboard.press("Home")
    aloud = shown.locator("[aria-live]")
    expect(aloud).to_have_text("step 0: high 0.75, 1 of 3")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    expect(aloud).to_have_text("step 1: middle 0.501, 2 of 3")
    page.keyboard.press("+")
    page.wait_for_url(re.compile("range="))
    page.keyboard.press("0")
    page.wait_for_url(lambda url: "range=" not in url)
    page.keyboard.press("Escape")
    expect(page.locator(".tooltip")).to_have_count(0)


def test_a_chart_is_saved_as_csv_svg_and_png(open_page, server, experiment):
    make(server, experiment, "<b>bold</b>", loss=[1, "NaN", 3])
    page = open_page(f"/experiments/{experiment}?view=charts")
    wait_for_lines(page, "loss")

    def saved(kind):
        page.get_by_role("button", name="More for loss").click()
        with page.expect_download() as download:
            page.get_by_role("menuitem", name=f"Save as {kind}").click()
        assert download.value.suggested_filename == f"loss.{kind.lower()}"
        return download.value.path().read_bytes()

    rows = list(csv.DictReader(io.StringIO(saved("CSV").decode())))
    assert [(r["run_name"], r["step"], r["last"]) for r in rows] == [
        ("<b>bold</b>", "0", "1"), ("<b>bold</b>", "1", "NaN"), ("<b>bold</b>", "2", "3")]
    svg = xml.etree.ElementTree.fromstring(saved("SVG"))
    texts = [t.text for t in svg.iter("{http://www.w3.org/2000/svg}text")]
    assert {"loss", "step", "<b>bold</b>"} <= set(texts)
    assert saved("PNG").startswith(b"\x89PNG")


def test_new_points_appear_by_themselves(open_page, server, experiment):
    run_id = make(server, experiment, "live", loss=[3, 2])
    page = open_page(f"/experiments/{experiment}?view=charts")
    page.get_by_role("button", name="loss as a table").click()
    cells = page.get_by_role("row", name=re.compile("^live")).get_by_role("cell")
    expect(cells.nth(1)).to_have_text("2")
    log(server, run_id, "loss", [1.5], start=2)
    expect(cells.nth(1)).to_have_text("1.5")
    expect(cells.nth(4)).to_have_text("3")


def test_metrics_are_found_by_pattern_and_grouped(open_page, seeded):
    page = open_page(f"/experiments/{seeded.experiment}?view=charts")
    panels = page.locator(".panel")
    expect(panels).to_have_count(10)
    page.get_by_role("button", name="train 4", exact=True).click()
    expect(panels).to_have_count(6)
    page.reload()
    expect(panels).to_have_count(6)
    page.get_by_role("searchbox", name=re.compile("Only metrics")).fill("LOSS$")
    expect(page.locator(".panel h2")).to_have_text(["train/loss", "val/loss"])
    expect(page.locator(".panel h2 mark")).to_have_text(["loss", "loss"])
    page.get_by_role("searchbox", name=re.compile("Only metrics")).fill("(")
    expect(page.get_by_text("That is no regular expression")).to_be_visible()


def test_a_pattern_that_never_ends_holds_nobody_up(open_page, server, experiment):
    make(server, experiment, "held", **{"a" * 40: [1, 2], "loss": [2, 1]})
    page = open_page(f"/experiments/{experiment}?view=charts&keys=^(a%2B)%2Bb$")
    field = page.get_by_role("searchbox", name=re.compile("Only metrics"))
    field.fill("^(a+)+c$")
    expect(page.get_by_text("The regular expression takes too long")).to_be_visible()
    field.fill("^l(o|a)+ss*$")
    expect(page.locator(".panel h2")).to_have_text(["loss"])


def test_panels_are_moved_by_hand_and_by_menu(open_page, three):
    page = open_page(f"/experiments/{three}?view=charts")
    titles = page.locator(".panel h2")
    expect(titles).to_have_text(["accuracy", "loss"])
    titles.nth(1).drag_to(titles.nth(0))
    expect(titles).to_have_text(["loss", "accuracy"])
    page.get_by_role("button", name="More for loss").click()
    page.get_by_role("menuitem", name="Move to the right").click()
    expect(titles).to_have_text(["accuracy", "loss"])
    page.go_back()
    expect(titles).to_have_text(["loss", "accuracy"])


def test_one_panel_fills_the_window_until_escape(open_page, three):
    page = open_page(f"/experiments/{three}?view=charts")
    page.get_by_role("button", name="loss in the whole window").click()
    dialog = page.get_by_role("dialog", name="loss")
    expect(dialog.locator("canvas").first).to_be_visible()
    assert dialog.bounding_box()["width"] > 1200
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(page).not_to_have_url(re.compile("full="))


def test_runs_are_averaged_by_a_param(open_page, three):
    page = open_page(f"/experiments/{three}?view=charts&metric=accuracy")
    legend = page.get_by_role("list", name="Lines").get_by_role("listitem")
    expect(legend).to_have_count(3)
    page.get_by_label("Average by").select_option("size")
    expect(legend).to_have_text(["size = big", "size = small"])
    page.get_by_role("button", name="accuracy as a table").click()
    row = page.get_by_role("row", name=re.compile("size = big"))
    expect(row.get_by_role("cell").first).to_have_text("0.625")


def test_the_axis_may_be_another_metric(open_page, server, experiment):
    make(server, experiment, "a", loss=[9, 5, 1], epoch=[0, 0.5, 1])
    page = open_page(f"/experiments/{experiment}?view=charts&metric=loss")
    page.get_by_label("Horizontal axis").select_option("epoch")
    page.get_by_role("button", name="loss as a table").click()
    row = page.get_by_role("row", name=re.compile("^a "))
    expect(row.get_by_role("cell").nth(2)).to_have_text("1 at 1")
    page.get_by_label("Horizontal axis").select_option("Time since the start")
    expect(row.get_by_role("cell").nth(2)).to_have_text("1 at 2s")


def test_single_values_are_bars(open_page, server, experiment):
    make(server, experiment, "worse", final=[0.5])
    make(server, experiment, "better", final=[0.75])
    make(server, experiment, "broken", final=["NaN"])
    page = open_page(f"/experiments/{experiment}?view=charts")
    bars = page.locator(".bars tr")
    expect(bars).to_have_text(["better0.75", "worse0.5", "brokenNaN"])
    widths = [bars.nth(i).locator(".fill").bounding_box()["width"] for i in range(2)]
    assert widths[1] / widths[0] == pytest.approx(2 / 3, abs=0.02)


def test_smoothing_changes_the_line_and_is_kept(open_page, server, experiment):
    make(server, experiment, "noisy", loss=[i % 2 for i in range(200)])
    page = open_page(f"/experiments/{experiment}?view=charts")
    wait_for_lines(page, "loss")

    def strong():
        # The raw line stays behind, but faint.
        return len(drawn(page, "loss", 0.05, 0.2))

    before = strong()
    page.get_by_label("Smoothing", exact=True).select_option("Mean of a window")
    page.wait_for_url(re.compile("smooth=window"))
    assert before > 50
    harness.eventually(lambda: 0 < strong() < before / 2)
    page.reload()
    expect(page.get_by_label("How smooth")).to_have_value("11")


def test_a_logarithmic_axis_says_what_it_cannot_show(open_page, server, experiment):
    make(server, experiment, "some", loss=[100, 10, 0, 1])
    page = open_page(f"/experiments/{experiment}?view=charts")
    wait_for_lines(page, "loss")
    note = page.get_by_text("zero and below are not shown")
    expect(note).to_have_count(0)
    page.get_by_role("button", name="More for loss").click()
    page.get_by_role("menuitemcheckbox", name="Logarithmic axis").click()
    expect(note).to_be_visible()
    page.wait_for_url(re.compile("logy=loss"))
    # The middle of three powers of ten is in the middle of the axis, and the zero is a gap.

    def is_falling():
        seen = drawn(page, "loss", 0.3, 0.6)
        return seen and max(seen) < 0.5

    harness.eventually(is_falling)


def test_charts_are_embedded_without_anything_around(open_page, three):
    page = open_page(f"/experiments/{three}?view=charts&metric=loss&embed=1", width=480,
                     height=320)
    wait_for_lines(page, "loss")
    expect(page.locator(".panel")).to_have_count(1)
    for role in ("banner", "toolbar", "navigation"):
        expect(page.get_by_role(role)).to_have_count(0)


def test_hostile_names_are_only_text(open_page, server, experiment):
    evil = "<img src=x onerror=alert(1)>"
    run_id = make(server, experiment, evil, {"p": evil})
    log(server, run_id, "loss", [1, 2])
    server.call("runs/log-batch", {"run_id": run_id, "metrics": [
        {"key": "a/b onerror=alert(1)", "value": 1, "step": 0, "timestamp": 1}]})
    page = open_page(f"/experiments/{experiment}?view=charts")
    wait_for_lines(page, "loss")
    page.get_by_role("button", name="loss as a table").click()
    expect(page.get_by_role("rowheader", name=evil).first).to_be_visible()
    assert page.locator("img[src=x]").count() == 0


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_charts_are_accessible(open_page, three, accessible, theme):
    page = open_page(f"/experiments/{three}?view=charts", theme=theme)
    wait_for_lines(page, "loss")
    accessible(page)
    page.get_by_role("button", name="loss as a table").click()
    expect(page.get_by_role("row", name=re.compile("^high"))).to_be_visible()
    page.get_by_role("button", name="Options").click()
    accessible(page)
