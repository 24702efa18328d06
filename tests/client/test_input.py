"""Every public function with spoilt arguments (tests/client/input.c), on servers: what is refused
must not get there. (On databases and trees it is a test of meson's.)"""

import pytest

import programs


@pytest.mark.parametrize("kind", ["server", "server-tree", "official", "databricks"])
def test_spoilt_arguments(kind, place_of):
    place = place_of(kind)
    done = programs.run("client_input", kind, place.uri, environment=place.environment)
    assert done.returncode == 0 and done.stdout == "", done.stdout
