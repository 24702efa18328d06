"""The calls of the model registry (tests/client/registry.c) on servers: ours and the official one.
(On databases it is a test of meson's.)"""

import pytest

import programs


@pytest.mark.parametrize("kind", ["server", "official"])
def test_registry(kind, place_of):
    done = programs.run("client_registry", kind, place_of(kind).uri)
    assert done.returncode == 0, done.stdout
