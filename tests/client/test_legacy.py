"""Every row of the legacy matrix on every kind of tracking URI, and the page that says so."""

import functools

import pytest

import matrix

ROWS = ("create_experiment", "get_experiment", "get_experiment_by_name", "list_experiments",
        "rename_experiment", "delete_experiment", "restore_experiment", "create_run", "get_run",
        "list_run_infos", "log_metric", "log_param", "set_tag", "log_batch", "set_terminated",
        "delete_run", "restore_run", "search_runs", "log_artifact", "log_artifacts",
        "list_artifacts", "download_artifacts", "get_tracking_uri", "set_tracking_uri")


@pytest.fixture(scope="module")
def rows_of(place_of):
    """Answers what became of all rows on a kind, which is tried at the first call."""
    return functools.cache(lambda kind: matrix.run(kind, place_of))


@pytest.mark.parametrize("row", ROWS)
@pytest.mark.parametrize("kind", matrix.KINDS, ids=lambda kind: kind.name)
def test_row(kind, row, rows_of):
    cases = rows_of(kind)[row]
    assert not matrix.wrong(cases), "\n".join(matrix.wrong(cases))


def test_every_kind_has_the_same_cases(rows_of):
    cases = [[(row, case) for row, found in rows_of(kind).items() for case, _ in found]
             for kind in matrix.KINDS]
    assert all(found == cases[0] for found in cases)
    assert {row for row, _ in cases[0]} == set(ROWS)


def test_the_page_is_current(rows_of, request):
    page = matrix.page_with(matrix.table({kind: rows_of(kind) for kind in matrix.KINDS}))
    if request.config.getoption("--update-docs"):
        matrix.PAGE.write_text(page, "utf-8")
    assert page == matrix.PAGE.read_text("utf-8"), \
        "run tools/pytest tests/client/test_legacy.py --update-docs"
