"""Forms for notebooks, and the progress of transfers."""

import io
import sys
import types

import pytest

from fake_client import run
from millstream import notebook, progress
from millstream.entities import Experiment, Metric, PagedList, Run, RunData, RunInfo

EVIL = "<script>alert('x')</script>"


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://h:5000/")


def experiment(name):
    return types.SimpleNamespace(
        experiment_id="7", name=name, artifact_location="a:/7", lifecycle_stage="active",
        tags={EVIL: EVIL}, last_update_time=1700000000000)


def test_a_run_shows_what_it_has(server):
    shown = notebook.of_run(run("ab", "first", metrics={"loss": 0.25}, params={"rate": "0.1"},
                                tags={"team": "blue", "mlflow.user": "me"}))
    for part in ("first", "<td>loss</td><td>0.25</td>", "<td>rate</td><td>0.1</td>", "blue",
                 'href="http://h:5000/#/experiments/0/runs/ab"'):
        assert part in shown
    assert "mlflow.user" not in shown


def test_nothing_that_is_not_there_has_a_heading():
    assert "Metrics" not in notebook.of_run(run("ab"))


@pytest.mark.parametrize("shown", [
    lambda: notebook.of_run(run(EVIL, EVIL, EVIL, {EVIL: EVIL}, {EVIL: EVIL}, {EVIL: EVIL})),
    lambda: notebook.of_list([run(EVIL, EVIL, EVIL, {EVIL: 1}, {EVIL: EVIL})]),
    lambda: notebook.of_experiment(experiment(EVIL)),
    lambda: notebook.of_list([experiment(EVIL)]),
])
def test_everything_is_escaped(server, shown):
    assert "script" in shown() and "<script" not in shown() and "'x'" not in shown()


@pytest.mark.parametrize("uri", ["./mlruns", "javascript:alert(1)", "sqlite:///a.db"])
def test_links_lead_to_servers_only(uri, monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", uri)
    assert "href" not in notebook.of_run(run("ab", "first"))


def test_a_link_cannot_be_broken_out_of(monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", 'http://h/"onclick="alert(1)')
    assert '"onclick' not in notebook.of_run(run('"/../x', "first"))


def test_long_values_are_cut():
    shown = notebook.of_run(run("ab", params={"long": "x" * 5000}))
    assert "x" * (notebook.MAX_VALUE - 1) + "…" in shown and len(shown) < 2000


def test_runs_are_rows_and_keys_are_columns():
    shown = notebook.of_list([run("a", "one", metrics={"loss": 1}), run("b", "two",
                                                                       params={"rate": "2"})])
    assert "<th>loss</th><th>rate</th>" in shown
    assert shown.count("<tr>") == 3 and "<td>1</td><td></td>" in shown


def test_long_lists_and_wide_tables_are_cut():
    many = [run(str(number), metrics={f"m{key:03}": 1 for key in range(90)})
            for number in range(notebook.MAX_ROWS + 3)]
    shown = notebook.of_list(many)
    assert "and 3 more" in shown and shown.count("<tr>") == notebook.MAX_ROWS + 1
    assert shown.count("<th>m") == notebook.MAX_COLUMNS


@pytest.mark.parametrize("values", [[], [1, 2], [run("a"), experiment("b")]])
def test_other_lists_have_no_form(values):
    assert notebook.of_list(values) is None


def test_entities_show_their_form():
    info = RunInfo("ab", "0", "me", "RUNNING", 1, None, "active", run_name="first")
    shown = Run(info, RunData([Metric("loss", 0.25, 1, 1)], [], []))
    assert "<td>loss</td><td>0.25</td>" in shown._repr_html_()
    assert "<td>e</td>" in Experiment("7", "e", "a:/7", "active")._repr_html_()
    assert "<th>loss</th>" in PagedList([shown])._repr_html_()
    assert not hasattr(Metric("loss", 0.25, 1, 1), "_repr_html_")


def test_a_script_is_no_notebook():
    assert not notebook.is_running() and notebook.name() is None


def test_a_notebook_is_known_by_its_kernel(monkeypatch):
    shell = types.SimpleNamespace(kernel=1, user_ns={})
    monkeypatch.setitem(sys.modules, "IPython",
                        types.SimpleNamespace(get_ipython=lambda: shell))
    monkeypatch.setenv("JPY_SESSION_NAME", "/home/me/a.ipynb")
    assert notebook.is_running() and notebook.name() == "a.ipynb"


@pytest.fixture
def at_once(monkeypatch):
    monkeypatch.setattr(progress, "DELAY_S", 0)
    monkeypatch.setattr(progress, "PAUSE_S", 0)
    monkeypatch.setenv("COLUMNS", "70")


class Terminal(io.StringIO):
    def isatty(self):
        return True


def drawn(monkeypatch, stream):
    monkeypatch.setattr(sys, "stderr", stream)
    with progress.Bar("Downloading") as bar:
        bar(1, 3, 512, 2048)
        bar(3, 3, 2048, 2048)
    return stream.getvalue()


def test_a_terminal_gets_one_line(at_once, monkeypatch):
    text = drawn(monkeypatch, Terminal())
    assert text.count("\r") == 2 and text.count("\n") == 1
    assert " 25% [" in text and "1/3 files, 512 B" in text and "100%" in text
    assert "3/3 files, 2.0 KiB" in text
    assert all(len(line.replace("\x1b[K", "")) <= 70 for line in text.split("\r"))


def test_a_narrow_terminal_gets_the_numbers(at_once, monkeypatch):
    monkeypatch.setenv("COLUMNS", "20")
    assert "%" not in drawn(monkeypatch, Terminal())


def test_no_bar_where_nobody_looks(at_once, monkeypatch):
    assert drawn(monkeypatch, io.StringIO()) == ""


def test_no_bar_where_none_is_wanted(at_once, monkeypatch):
    monkeypatch.setenv("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
    assert drawn(monkeypatch, Terminal()) == ""


def test_short_transfers_draw_nothing(monkeypatch):
    monkeypatch.setattr(progress, "DELAY_S", 3600)
    assert drawn(monkeypatch, Terminal()) == ""


def test_a_notebook_gets_one_output(at_once, monkeypatch):
    shown = []

    class Handle:
        def update(self, page):
            shown.append(page)

    def display(page, display_id):
        shown.append(page)
        return Handle()

    monkeypatch.setitem(sys.modules, "IPython.display",
                        types.SimpleNamespace(HTML=str, display=display))
    monkeypatch.setattr(notebook, "is_running", lambda: True)
    drawn(monkeypatch, io.StringIO())
    assert len(shown) == 2
    assert '<progress value="0.250">' in shown[0] and "3/3 files" in shown[1]


@pytest.mark.parametrize("count, text", [
    (0, "0 B"), (1023, "1023 B"), (1024, "1.0 KiB"), (5 << 30, "5.0 GiB"),
    (3000 << 40, "3000.0 TiB")])
def test_sizes_for_people(count, text):
    assert progress.size_text(count) == text
