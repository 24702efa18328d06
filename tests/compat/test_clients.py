"""Official clients of several generations, and frameworks that log with them, get the same from
our server as from the official one."""

import json

import pytest

from . import envs, generations, recorded
from .conftest import live
from .preview import Preview


def _document(name, url, directory):
    generation = generations.ALL[name]
    if name in generations.EXTRA and not live() and not envs.is_there(generation.environment):
        pytest.skip(f"{name} left out: install it with python3 -m compat.envs {name}, from tests/")
    directory.mkdir()
    try:
        return generations.run(generation, url, directory)
    except envs.Missing as missing:
        if not generation.optional:
            raise
        return pytest.skip(f"{name} left out: {missing}")


@pytest.mark.parametrize("name", generations.ALL)
def test_client_sees_no_difference(name, ours, official, tmp_path):
    document = _document(name, ours.get().url, tmp_path / "ours")
    if official is None:
        theirs = recorded.load(recorded.client_path(name))
    elif generations.ALL[name].old:
        with Preview(official.get().port) as stand_in:
            theirs = _document(name, stand_in.url, tmp_path / "official")
    else:
        theirs = _document(name, official.get().url, tmp_path / "official")
    assert list(document) == list(theirs), "the steps differ: record again"
    differing = [f"--- {step}\n  official {_shown(theirs[step])}\n  ours     {_shown(found)}"
                 for step, found in document.items() if found != theirs[step]]
    assert not differing, f"{len(differing)} of {len(document)} steps:\n" + "\n".join(differing)


def _shown(value):
    return json.dumps(value, ensure_ascii=False, sort_keys=True)[:1500]
