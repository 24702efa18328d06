"""The calls of the model registry (tests/client/registry.c), of logged models (logged_models.c), of the
prompt registry (prompts.c) and of evaluation datasets (eval_datasets.c) on servers: ours and the
official one. (On databases they are tests of meson's.)"""

import pytest

import programs


@pytest.mark.parametrize("kind", ["server", "official"])
@pytest.mark.parametrize("program", [
    "client_registry", "client_logged_models", "client_prompts", "client_eval_datasets"])
def test_registry(program, kind, place_of):
    done = programs.run(program, kind, place_of(kind).uri)
    assert done.returncode == 0, done.stdout
