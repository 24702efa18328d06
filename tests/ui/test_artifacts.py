"""The files of a run: the tree, and a look into files of every kind."""

import io
import re
import zipfile

import pytest
from playwright.sync_api import expect

import samples


@pytest.fixture(scope="module")
def run(server):
    return samples.run_with_files(server, server.create_experiment("files of every kind"))


@pytest.fixture
def show(open_page, run):
    """Opens a file of the run by its address."""

    def begin(path, more="", **options):
        return open_page(f"/runs/{run}?tab=artifacts&path={path}{more}", **options)

    return begin


def view(page):
    return page.locator(".preview .view")


def test_the_tree_opens_and_the_address_follows(open_page, run, accessible):
    page = open_page(f"/runs/{run}?tab=artifacts")
    tree = page.get_by_role("tree", name="Files")
    tree.get_by_role("treeitem", name="code").click()
    expect(tree.get_by_role("treeitem", name="code")).to_have_attribute("aria-expanded", "true")
    tree.get_by_role("treeitem", name="train.py").click()
    expect(view(page).locator("pre")).to_contain_text("def train(rate: float)")
    expect(page).to_have_url(re.compile("path=code%2Ftrain.py$"))
    page.go_back()
    page.go_back()
    expect(page.get_by_role("heading", name="All files")).to_be_visible()
    accessible(page)


def test_the_tree_is_used_with_the_keyboard_alone(open_page, run):
    page = open_page(f"/runs/{run}?tab=artifacts")
    tree = page.get_by_role("tree", name="Files")
    tree.focus()
    for key in ("Home", "ArrowDown", "ArrowRight"):
        page.keyboard.press(key)
    expect(tree.get_by_role("treeitem", name="changes.diff")).to_be_visible()
    for key in ("ArrowDown", "Enter"):
        page.keyboard.press(key)
    expect(page.get_by_role("heading", name="changes.diff")).to_be_visible()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    expect(tree.get_by_role("treeitem", name="code")).to_have_attribute("aria-expanded", "false")


def test_a_long_directory_has_only_rows_in_view(show):
    page = show("many/file0250.txt")
    expect(page.get_by_role("treeitem", name="file0250.txt")).to_be_visible()
    assert page.get_by_role("treeitem").count() < 120
    row = page.get_by_role("treeitem", name="file0250.txt")
    assert row.get_attribute("aria-setsize") == "300"
    assert row.get_attribute("aria-posinset") == "251"


def test_a_key_leads_away_from_a_file_that_came_with_the_address(show):
    page = show("many/file0250.txt", late_ms=400)
    page.get_by_role("tree", name="Files").press("End")
    last = page.get_by_role("treeitem", name="weights.bin")
    expect(last).to_be_in_viewport()
    page.wait_for_timeout(800)  # for whatever scrolls later
    expect(last).to_be_in_viewport()


def test_code_is_coloured(show, accessible):
    page = show("code/train.py")
    expect(view(page).locator(".hl-keyword").first).to_have_text("import")
    accessible(page)


def test_long_text_comes_piece_by_piece(show):
    page = show("long.log")
    expect(view(page)).to_contain_text("line 0000000 of the log")
    expect(view(page)).to_contain_text("The first 262 kB of 960 kB are shown.")
    assert "line 0039999" not in view(page).inner_text()
    page.get_by_role("button", name="Load more").click()
    expect(view(page)).to_contain_text("line 0039999 of the log")
    expect(page.get_by_role("button", name="Load more")).to_have_count(0)


def test_the_end_of_a_long_log_is_a_click_away(show, run, accessible):
    page = show("long.log")
    page.get_by_role("button", name="Show the end").click()
    expect(view(page).locator("pre")).to_have_count(2)
    expect(view(page).locator("pre").last).to_contain_text("line 0039999 of the log")
    beginning, end = view(page).locator("pre").all_text_contents()
    assert end.startswith("line 00")
    assert beginning.endswith("line 0010922 of ")
    accessible(page)
    page.get_by_role("button", name="Load more").click()
    expect(view(page).locator("pre")).to_have_count(1)
    page.goto(f"/runs/{run}")
    facts = page.get_by_role("complementary", name="About the run")
    facts.get_by_role("link", name="long.log").click()
    expect(view(page)).to_contain_text("line 0000000 of the log")


def test_markdown_shows_pictures_beside_it(show, accessible):
    page = show("README.md")
    expect(view(page).locator("h1")).to_have_text("Results")
    picture = view(page).get_by_role("img", name="a picture")
    expect(picture).to_be_visible()
    expect(picture).to_have_js_property("naturalWidth", 64)
    expect(view(page).get_by_role("link", name="it")).to_have_attribute("rel", "noopener noreferrer nofollow")
    page.get_by_role("button", name="Text").click()
    expect(view(page).locator("pre")).to_contain_text("# Results")
    accessible(page)


def test_json_is_a_tree_and_broken_json_a_text(show):
    page = show("config.json")
    expect(view(page).locator(".json")).to_contain_text('name: "adam"')
    betas = view(page).locator("details", has_text="betas").last
    betas.locator("summary").click()
    expect(betas).to_contain_text("1: 0.999")
    page = show("broken.json")
    expect(view(page)).to_contain_text("This is no valid JSON")
    expect(view(page).locator("pre")).to_contain_text('{"a":')


def column(page, number):
    return page.locator(f".data tbody tr[aria-rowindex] td:nth-child({number})")


def test_csv_is_a_table_that_sorts_numbers(show, accessible):
    page = show("tables/scores.csv")
    expect(view(page)).to_contain_text("2,000 rows, 2 columns")
    expect(column(page, 2).nth(1)).to_have_text("7")
    page.get_by_role("button", name="score").click()
    page.get_by_role("button", name="score").click()
    expect(column(page, 2).first).to_have_text("999")
    assert column(page, 2).count() < 100
    accessible(page)


def test_tsv_and_parquet_are_tables(show, accessible):
    expect(column(show("tables/scores.tsv"), 1).first).to_have_text("alpha")
    page = show("tables/table.parquet", theme="dark")
    expect(view(page)).to_contain_text("1,200 rows, 5 columns")
    expect(column(page, 4).first).to_have_text("2026-01-01")
    expect(column(page, 5).nth(1)).to_have_text('["a","b"]')
    page.get_by_role("button", name="Load more").click()
    expect(page.locator(".data table")).to_have_attribute("aria-rowcount", "1201")
    accessible(page)


@pytest.mark.parametrize("codec", ["zstd", "gzip", "lz4"])
def test_parquet_is_read_however_it_was_packed(show, codec):
    page = show(f"tables/{codec}.parquet")
    expect(view(page)).to_contain_text("400 rows, 3 columns")
    expect(column(page, 1).nth(3)).to_have_text("row 3 of the table")
    expect(column(page, 2).nth(3)).to_have_text("5.25")


def test_a_logged_table_shows_its_pictures(show):
    page = show("tables/logged.json")
    expect(column(page, 1).first).to_have_text("what is it")
    expect(page.locator(".cell-image")).to_have_js_property("naturalWidth", 64)


@pytest.mark.parametrize("path, width", [("plots/gradient.png", 64), ("plots/curve.svg", 120)])
def test_pictures_are_shown(show, path, width):
    page = show(path)
    expect(view(page)).to_contain_text(f"{width} × ")
    expect(page.locator(".picture img")).to_have_js_property("naturalWidth", width)


def test_sound_plays_from_ranges(show):
    page = show("media/tone.wav")
    expect(page.locator("audio")).to_have_js_property("duration", 0.2)


def test_films_play_from_ranges(show):
    page = show("media/film.webm")
    expect(page.locator("video")).to_have_js_property("videoWidth", 48)


def test_a_notebook_shows_cells_and_outputs(show, accessible):
    page = show("study.ipynb")
    expect(view(page).get_by_role("heading", name="A study")).to_be_visible()
    expect(view(page)).to_contain_text("frame.head()")
    expect(view(page).get_by_role("cell", name="seven")).to_be_visible()
    expect(view(page)).to_contain_text("trained")
    accessible(page)


def test_a_pdf_is_left_to_the_browser(show):
    page = show("report.pdf")
    page.watch.expected.append("chrome")  # the browser's own viewer
    frame = view(page).locator("iframe")
    expect(frame).to_be_visible()
    assert frame.get_attribute("src").startswith("blob:")


def test_a_web_page_runs_in_a_frame_of_its_own(show):
    page = show("report.html")
    expect(page.frame_locator("iframe").locator("h1")).to_have_text("drawn by script")
    expect(page.frame_locator("iframe").locator("h1")).to_have_css("color", "rgb(10, 20, 30)")
    frame = page.frames[1]
    assert frame.evaluate("origin") == "null"
    assert page.locator("iframe").get_attribute("sandbox") == "allow-scripts"


def test_arrays_tell_shape_type_and_first_values(show, accessible):
    page = show("arrays/weights.npy")
    expect(view(page)).to_contain_text("3 × 4")
    expect(view(page)).to_contain_text("float32")
    expect(page.locator(".data tbody tr[aria-rowindex]").nth(1)).to_have_text("122.533.5")
    page = show("arrays/both.npz")
    expect(view(page)).to_contain_text("2 arrays")
    expect(view(page).locator("summary", has_text="second")).to_contain_text("3, int64")
    expect(column(page, 2).first).to_have_text("1.5")
    accessible(page)


def test_an_archive_lists_its_files(show):
    page = show("bundle.zip")
    expect(view(page)).to_contain_text("2 files, 1.0 kB unpacked")
    expect(column(page, 1).first).to_have_text("inner/a.txt")
    with page.expect_event("response", lambda r: "large.zip" in r.url) as first:
        page.get_by_role("treeitem", name="large.zip").click()
    assert first.value.headers["content-range"].startswith("bytes 0-262143/")
    expect(column(page, 1).last).to_have_text("last.txt")


def test_a_model_is_a_card(show, run, accessible):
    page = show("model/MLmodel")
    card = view(page)
    expect(card).to_contain_text("sklearn 1.5.2")
    expect(card.get_by_role("cell", name="width")).to_be_visible()
    expect(card).to_contain_text("int64 (-1)")
    expect(card).to_contain_text(f"runs:/{run}/model")
    accessible(page)


def test_other_files_show_their_bytes(show):
    page = show("weights.bin")
    expect(view(page)).to_contain_text("00000040  40 41 42 43 44 45 46 47  48")
    expect(view(page)).to_contain_text("@ABCDEFG")


def test_an_empty_file_says_so(show):
    expect(view(show("empty.txt"))).to_contain_text("The file is empty")


def test_a_missing_file_says_so(show):
    expect(show("no/such.txt").get_by_text("There is no such file")).to_be_visible()


def test_files_and_directories_are_downloaded(show):
    page = show("notes.txt")
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Download").click()
    assert waiting.value.suggested_filename == "notes.txt"
    page = show("code")
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Download as zip").click()
    packed = zipfile.ZipFile(io.BytesIO(waiting.value.path().read_bytes()))
    assert waiting.value.suggested_filename == "code.zip"
    assert sorted(packed.namelist()) == ["changes.diff", "train.py"]
    assert packed.read("train.py").startswith(b"import mlflow")


def test_narrow_windows_put_the_file_below_the_tree(show, accessible):
    page = show("config.json", width=420, theme="dark")
    expect(view(page).locator(".json")).to_be_visible()
    tree, file = page.locator(".tree-pane").bounding_box(), page.locator(".preview").bounding_box()
    assert file["y"] >= tree["y"] + tree["height"]
    assert page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")
    accessible(page)
    page = show("tables/scores.csv", width=420)
    expect(column(page, 2).nth(1)).to_have_text("7")
    assert column(page, 2).count() < 100
    head = page.locator(".preview-head").bounding_box()
    assert head["y"] + head["height"] <= view(page).bounding_box()["y"]


def test_a_run_without_files_says_how_to_log_one(open_page, server, experiment):
    run_id = server.create_run(experiment)["info"]["run_id"]
    page = open_page(f"/runs/{run_id}?tab=artifacts")
    expect(page.get_by_text("No files were logged")).to_be_visible()
