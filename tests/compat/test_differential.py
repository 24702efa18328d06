"""The same requests to the official server and to ours: the answers must be the same.

Without MILL_TEST_LONG=1 the official side is read from recorded/differential.json.
"""

import json

import pytest

from . import differences, recorded, scenarios
from .differential import run_scenario

SHOWN = 40


@pytest.fixture(scope="module")
def recording():
    return recorded.load(recorded.DIFFERENTIAL)


@pytest.fixture(scope="module")
def listed():
    return differences.load()


def show(name, problems, exchange, theirs, ours):
    method, target, headers, body, status, content = exchange
    return "\n".join([
        f"--- {name}: {'; '.join(problems)}",
        f"  {method} {target[:300]}",
        f"  headers {headers} body {body[:300] if body else body!r}",
        f"  official {json.dumps(theirs, ensure_ascii=False, sort_keys=True)[:700]}",
        f"  ours     {json.dumps(ours, ensure_ascii=False, sort_keys=True)[:700]}",
        f"  raw      {status} {content[:300]!r}"])


@pytest.mark.parametrize("scenario", scenarios.ALL, ids=lambda scenario: scenario.name)
def test_answers_are_the_same(scenario, ours, official, recording, listed):
    answers = run_scenario(scenario, ours.get(scenario.options).port)
    if official is None:
        theirs = recording
    else:
        theirs = {name: answer for name, (answer, _)
                  in run_scenario(scenario, official.get(scenario.options).port).items()}
    reports = []
    for name, (answer, exchange) in answers.items():
        assert name in theirs, f"{name} was never recorded: see tests/compat/README.md"
        problems = differences.compare(name, theirs[name], answer, listed)
        if problems:
            reports.append(show(name, problems, exchange, theirs[name], answer))
    assert not reports, (f"{len(reports)} of {len(answers)} answers:\n"
                         + "\n".join(reports[:SHOWN]))


def test_recording_is_current(official, recording):
    """The recorded answers are those of the scenarios, and still what the server says."""
    names = [case.name for scenario in scenarios.ALL for case in scenario.cases]
    assert sorted(names) == sorted(recording)


def test_listed_differences_name_cases(listed):
    names = [case.name for scenario in scenarios.ALL for case in scenario.cases]
    assert not differences.unused(names, listed)
