"""The official Java clients get the same from our server as from the official one."""

import pytest

from . import envs, java, recorded
from .conftest import live
from .preview import Preview


def _document(name, url):
    if not live() and not java.is_there(name):
        pytest.skip(f"{name} left out: it is fetched in long mode")
    try:
        return java.run(name, url)
    except envs.Missing as missing:
        return pytest.skip(f"{name} left out: {missing}")


@pytest.mark.parametrize("name", java.CLIENTS)
def test_client_sees_no_difference(name, ours, official):
    document = _document(name, ours.get().url)
    if official is None:
        theirs = recorded.load(recorded.client_path(name))
    elif java.CLIENTS[name].old:
        with Preview(official.get().port) as stand_in:
            theirs = _document(name, stand_in.url)
    else:
        theirs = _document(name, official.get().url)
    assert document == theirs
