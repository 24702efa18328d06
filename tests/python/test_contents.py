"""Artifacts made of objects: figures, and tables without pandas."""

import json
import sys
import types

import pytest

from fake_client import FakeClient, without
from millstream import figures, table_forms, tables
from millstream.exceptions import MlflowException, RestException


@pytest.fixture
def client():
    return FakeClient()


@pytest.fixture
def bare(monkeypatch):
    without(monkeypatch, "pandas")


class Figure:
    """Plotly's, as far as it is used."""

    def write_html(self, path, **keywords):
        with open(path, "w", encoding="utf-8") as file:
            json.dump(keywords, file)

    def write_image(self, path, **keywords):
        with open(path, "w", encoding="utf-8") as file:
            file.write("picture")


@pytest.fixture
def plotly(monkeypatch):
    monkeypatch.setitem(sys.modules, "plotly.graph_objects", types.SimpleNamespace(Figure=Figure))


def test_a_page_of_plotly(client, plotly):
    figures.log_figure(client, "run", Figure(), "a/page.html", save_kwargs={"auto_open": True})
    assert json.loads(client.files["a/page.html"]) == {"include_plotlyjs": "cdn",
                                                       "auto_open": True}


def test_a_picture_of_plotly(client, plotly):
    figures.log_figure(client, "run", Figure(), "a.webp")
    assert client.files == {"a.webp": b"picture"}


def test_a_format_that_plotly_does_not_write(client, plotly):
    with pytest.raises(TypeError, match="'.gif'"):
        figures.log_figure(client, "run", Figure(), "a.gif")


def test_what_is_no_figure(client):
    with pytest.raises(TypeError, match="dict"):
        figures.log_figure(client, "run", {}, "a.png")
    assert "matplotlib" not in sys.modules


def test_a_table_without_pandas(client, bare):
    tables.log_table(client, "run", {"q": ["a", "b"], "n": [1, 2], "all": True}, "t/e.json")
    assert json.loads(client.files["t/e.json"]) == {
        "columns": ["q", "n", "all"], "data": [["a", 1, True], ["b", 2, True]]}
    assert json.loads(client.tags[tables.TAG]) == [{"path": "t/e.json", "type": "table"}]


def test_rows_are_appended_and_columns_united(client, bare):
    tables.log_table(client, "run", {"q": ["a"]}, "e.json")
    tables.log_table(client, "run", {"q": "b", "n": 2}, "e.json")
    assert json.loads(client.files["e.json"]) == {"columns": ["q", "n"],
                                                  "data": [["a", None], ["b", 2]]}
    assert len(json.loads(client.tags[tables.TAG])) == 1


def test_tables_are_loaded_with_columns_of_their_runs(client, bare, caplog):
    client.set_tag("run", "team", "blue")
    tables.log_table(client, "run", {"q": ["a", "b"], "status": ["x", "y"]}, "e.json")
    assert tables.load_table(client, "0", "e.json", ["run", "other's"],
                             ["tags.team", "status"]) == [
        {"q": "a", "status": "x", "tags.team": "blue", "status_": "RUNNING"},
        {"q": "b", "status": "y", "tags.team": "blue", "status_": "RUNNING"}]
    assert "attributes.run_id IN ('run',\"other's\")" in client.filter
    assert "1 of 2 runs" in caplog.text and "status_" in caplog.text


class Unreachable(FakeClient):
    """A client whose server is down, and who logs into a spool."""

    _spools = True
    asked = 0

    def list_artifacts(self, run_id, path=None):
        self.asked += 1
        raise MlflowException("cannot reach it")

    def get_run(self, run_id):
        raise MlflowException("cannot reach it")


def test_tables_grow_while_the_server_is_down(bare, caplog):
    client = Unreachable()
    for number in range(3):
        tables.log_table(client, "down", {"n": [number]}, "e.json")
    tables.log_table(client, "down", {"n": [7]}, "f.json")
    assert json.loads(client.files["e.json"])["data"] == [[0], [1], [2]]
    assert [entry["path"] for entry in json.loads(client.tags[tables.TAG])] == ["e.json",
                                                                                "f.json"]
    assert client.asked == 1 and "cannot reach it" in caplog.text


def test_a_server_that_refuses_is_heard(bare):
    class Refused(Unreachable):
        def list_artifacts(self, run_id, path=None):
            raise RestException({"error_code": "PERMISSION_DENIED", "message": "no"})

    with pytest.raises(RestException):
        tables.log_table(Refused(), "refused", {"n": [1]}, "e.json")


def test_no_run_has_the_table(client, bare):
    with pytest.raises(MlflowException) as raised:
        tables.load_table(client, "0", "e.json")
    assert raised.value.error_code == "RESOURCE_DOES_NOT_EXIST"


@pytest.mark.parametrize("name", ["e.csv", "e", "a'.json", "a%\".json", "[a].json", "a,b.json"])
def test_names_that_no_table_has(client, bare, name):
    with pytest.raises(ValueError):
        tables.log_table(client, "run", {"a": [1]}, name)
    assert not client.files


@pytest.mark.parametrize("data, error", [
    (["a"], MlflowException), ({"a": [1], "b": [1, 2]}, ValueError),
    ({"a": [object()]}, MlflowException)])
def test_data_that_makes_no_table(client, bare, data, error):
    with pytest.raises(error):
        tables.log_table(client, "run", data, "e.json")
    assert not client.files and not client.tags


def test_parquet_needs_pandas(client, bare):
    with pytest.raises(ImportError, match="pandas"):
        tables.log_table(client, "run", {"a": [1]}, "e.parquet")


class Picture:
    """Pillow's, as far as tables use it."""

    size = (512, 128)

    def __init__(self, text="full"):
        self.text = text

    def save(self, path):
        with open(path, "w", encoding="utf-8") as file:
            file.write(self.text)

    def resize(self, size):
        return Picture(f"{size[0]}x{size[1]}")


def test_pictures_in_cells_become_files(client, bare):
    tables.log_table(client, "run", {"shown": [Picture()]}, "t/e.json")
    (cell,), = json.loads(client.files["t/e.json"])["data"]
    assert cell["type"] == "image" and cell["filepath"].startswith("table_images/t/e/")
    assert client.files[cell["filepath"]] == b"full"
    assert client.files[cell["compressed_filepath"]] == b"256x64"


def test_a_column_is_pictures_or_none(client, bare):
    with pytest.raises(ValueError, match="'shown'"):
        tables.log_table(client, "run", {"shown": [Picture(), 1]}, "e.json")


def test_the_form_follows_from_what_is_installed(bare):
    assert isinstance(table_forms.best(), table_forms.Rows)
