"""The conformance suite of the stores (tests/store/conformance.c), through the public client on
servers: ours and the official one. (On databases and trees it is a test of meson's.)"""

import functools
import re

import pytest

import programs

KINDS = ("server", "server-tree", "official", "databricks")
LINE = re.compile(r"\[ +(RUN|OK|FAILED) +\] (\w+)$")


@functools.cache
def cases():
    return programs.run("client_conformance", "--list").stdout.split()


def pytest_generate_tests(metafunc):
    metafunc.parametrize("case", cases())


@pytest.fixture(scope="module", params=KINDS)
def results(request, place_of):
    """What each case came to on one kind of URI: whether it passed, and what it printed."""
    place = place_of(request.param)
    done = programs.run("client_conformance", request.param, place.uri,
                        environment=place.environment)
    found, printed = {}, []
    for line in done.stdout.splitlines():
        match = LINE.match(line)
        if match and match[1] == "RUN":
            printed = []
        elif match and match[2] not in found:
            found[match[2]] = match[1] == "OK", "\n".join(printed)
        else:
            printed.append(line)
    assert sorted(found) == sorted(cases()), done.stdout
    return found


def test_case(results, case):
    passed, printed = results[case]
    assert passed, printed
