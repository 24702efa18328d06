"""What the Python modules read from the environment: names, types and defaults in one table.

The connection itself (addresses, credentials, time limits) is read by the library; see
docs/client-environment.md.
"""

from __future__ import annotations

import os
from typing import Any, Callable, Dict, Optional, Tuple

_WORDS = {"true": True, "1": True, "false": False, "0": False}


def _flag(text: str) -> bool:
    return _WORDS[text.lower()]


# name: (what reads its text, the value where it is not set)
_KNOWN: Dict[str, Tuple[Callable[[str], Any], Any]] = {
    "MLFLOW_RUN_ID": (str, None),
    "MLFLOW_EXPERIMENT_NAME": (str, None),
    "MLFLOW_EXPERIMENT_ID": (str, None),
    "MLFLOW_RUN_CONTEXT": (str, None),
    "MLFLOW_ACTIVE_MODEL_ID": (str, None),
    "MLFLOW_TRACKING_USERNAME": (str, None),
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": (_flag, False),
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": (_flag, True),
    "MLFLOW_ENABLE_SYSTEM_METRICS_LOGGING": (_flag, False),
    "MLFLOW_SYSTEM_METRICS_SAMPLING_INTERVAL": (float, None),
    "MLFLOW_SYSTEM_METRICS_SAMPLES_BEFORE_LOGGING": (int, None),
    "MLFLOW_SYSTEM_METRICS_NODE_ID": (str, None),
    "MILLSTREAM_MODE": (str, None),
}


def get(name: str) -> Any:
    """The value of the variable `name`, or its default where it is not set.

    Raises ValueError, naming the variable, for text that is no such value.

    >>> get("MLFLOW_ENABLE_SYSTEM_METRICS_LOGGING")
    False
    """
    read, default = _KNOWN[name]
    text = os.environ.get(name)
    if text is None:
        return default
    try:
        return read(text)
    except (KeyError, ValueError):
        raise ValueError(f"{name} is {text!r}, which is no "
                         f"{'flag (true or false)' if read is _flag else read.__name__}") from None


def put(name: str, value: Optional[object]) -> None:
    """Set the variable `name` for this process and those it starts; None removes it.

    >>> put("MLFLOW_EXPERIMENT_ID", "7")
    """
    assert name in _KNOWN
    if value is None:
        os.environ.pop(name, None)
    else:
        os.environ[name] = str(value)
