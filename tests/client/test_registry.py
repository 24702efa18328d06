"""The calls of the model registry and those of logged models (tests/client/registry.c and
logged_models.c) on servers: ours and the official one. (On databases they are tests of meson's.)"""

import pytest

import programs


@pytest.mark.parametrize("kind", ["server", "official"])
@pytest.mark.parametrize("program", ["client_registry", "client_logged_models"])
def test_registry(program, kind, place_of):
    done = programs.run(program, kind, place_of(kind).uri)
    assert done.returncode == 0, done.stdout
