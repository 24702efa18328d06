"""Every row of the legacy matrix with the module, on every kind of tracking URI, under the oldest
and the newest Python, beside the official client."""

import functools

import pytest

import harness
import interpreters
import matrix
from compat import envs, recorded

VERSIONS = interpreters.there(interpreters.OLDEST, interpreters.NEWEST)
KINDS = pytest.mark.parametrize("kind", matrix.KINDS, ids=lambda kind: kind.name)


@pytest.fixture(scope="module")
def answers(place_of, tmp_path_factory):
    """What the module answers under a version on a kind, which is asked once."""
    @functools.cache
    def ask(version, kind):
        home = tmp_path_factory.mktemp(f"{kind.name}-{version}")
        return matrix.ours(version, kind, home, matrix.place(kind, home, place_of))
    return ask


@KINDS
@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("row", matrix.ROWS)
def test_row(kind, version, row, answers):
    found = matrix.problems(kind, row, matrix.expected(kind)[row], answers(version, kind)[row])
    assert not found, "\n".join(found)


def test_every_listed_difference_is_of_a_case():
    cases = {f"{row}: {case}" for kind in matrix.KINDS
             for row, found in matrix.expected(kind).items() for case in found}
    listed = {case for item in matrix.differences() for case in item.cases}
    assert listed <= cases


def cell(kind, row, found):
    """How many cases were compared, or how many of them are wrong."""
    wanted = matrix.expected(kind)[row]
    wrong = matrix.problems(kind, row, wanted, found)
    return f"{len(wrong)} of {len(wanted)} fail" if wrong else f"{len(wanted)}"


def test_the_page_is_current(answers, request):
    results = {kind: {row: cell(kind, row, answers(VERSIONS[-1], kind)[row])
                      for row in matrix.ROWS} for kind in matrix.KINDS}
    page = matrix.page_with(matrix.table(results))
    if request.config.getoption("--update-matrix"):
        matrix.PAGE.write_text(page, "utf-8")
    assert page == matrix.PAGE.read_text("utf-8"), \
        "run tools/pytest tests/python/test_matrix.py --update-matrix"


@pytest.fixture
def record(request):
    """Compares what the official client answers with the recording, or makes that anew."""
    anew = request.config.getoption("--record-official")
    if not (anew or harness.LONG):
        pytest.skip("the official client is asked in long mode")

    def compare(name, asked):
        if anew:
            recorded.save(matrix.recorded_path(name), asked)
        assert asked == recorded.load(matrix.recorded_path(name))
    return compare


@pytest.mark.parametrize("kind", [kind for kind in matrix.KINDS
                                  if kind.name not in ("server", "online")], ids=lambda kind: kind.name)
def test_the_official_client_answers_as_recorded(kind, record, tmp_path, place_of):
    asked = matrix.official(kind, tmp_path, matrix.place(kind, tmp_path, place_of))
    record(kind.recording, asked)


def test_the_last_client_with_the_calls_that_are_gone(record, tmp_path):
    try:
        asked = matrix.official_gone(tmp_path)
    except envs.Missing as missing:
        pytest.skip(str(missing))
    record("gone", asked)
