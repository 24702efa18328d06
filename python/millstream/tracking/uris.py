"""Which tracking and registry URI clients get that are made without one.

What is set holds for this process and, by the environment, for those that it starts; clients and
runs that are there already stay where they are.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Optional, Union

from millstream import _millstream

if TYPE_CHECKING:
    import pathlib

_registry_uri: Optional[str] = None


def _text(uri: Union[str, pathlib.Path]) -> str:
    # A path is told by what it can do: importing pathlib costs more than all the rest.
    return uri if isinstance(uri, str) else uri.absolute().as_uri()


def _put(variable: str, value: str) -> None:
    if value:
        os.environ[variable] = value
    else:
        os.environ.pop(variable, None)


def set_tracking_uri(uri: Union[str, pathlib.Path]) -> None:
    """Choose where runs that start from now on are tracked.

    Arguments:
        uri: a directory or a `pathlib.Path`, file:..., sqlite:///FILE, http(s)://...,
            databricks or databricks://PROFILE; "" goes back to the default, ./mlruns.

    Clients are made later, so that a URI that leads nowhere is told by the first call that needs
    it.

    >>> set_tracking_uri("http://127.0.0.1:5000")
    """
    text = _text(uri)
    _millstream.set_tracking_uri(text)
    _put("MLFLOW_TRACKING_URI", text)


def get_tracking_uri() -> str:
    """The tracking URI that was set, else MLFLOW_TRACKING_URI, else "./mlruns".

    >>> get_tracking_uri()                                                # doctest: +SKIP
    'http://127.0.0.1:5000'
    """
    return _millstream.tracking_uri()


def is_tracking_uri_set() -> bool:
    """Whether somebody has chosen a tracking URI, here or in the environment.

    >>> is_tracking_uri_set()                                             # doctest: +SKIP
    True
    """
    return bool(os.environ.get("MLFLOW_TRACKING_URI"))


def set_registry_uri(uri: Union[str, pathlib.Path]) -> None:
    """Choose where registered models are kept; "" goes back to the tracking URI.

    >>> set_registry_uri("http://127.0.0.1:5001")
    """
    global _registry_uri
    _registry_uri = _text(uri) or None
    _put("MLFLOW_REGISTRY_URI", _registry_uri or "")


def get_registry_uri() -> str:
    """The registry URI that was set, else MLFLOW_REGISTRY_URI, else the tracking URI.

    >>> get_registry_uri()                                                # doctest: +SKIP
    'http://127.0.0.1:5000'
    """
    return _registry_uri or os.environ.get("MLFLOW_REGISTRY_URI") or get_tracking_uri()
