"""Every public function with spoilt arguments (tests/client/input.c), on servers: what is refused
must not get there. (On databases and trees it is a test of meson's.)"""

import pytest

import programs


@pytest.mark.parametrize("kind", ["server", "official"])
def test_spoilt_arguments(kind, uri_of):
    done = programs.run("client_input", kind, uri_of(kind))
    assert done.returncode == 0 and done.stdout == "", done.stdout
