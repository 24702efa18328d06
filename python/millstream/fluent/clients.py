"""The clients that the fluent functions share: one for each pair of URIs and mode.

A client keeps its connections and the spools of its runs, so it is made once and stays.
"""

from __future__ import annotations

import threading
from typing import Dict, Optional, Tuple

from .. import environment
from ..tracking import MlflowClient, get_registry_uri, get_tracking_uri

_clients: Dict[Tuple[str, str, str], MlflowClient] = {}
_making = threading.Lock()


def current(mode: Optional[str] = None) -> MlflowClient:
    """The client of the tracking URI that is set now.

    Arguments:
        mode: see `start_run`; None: MILLSTREAM_MODE, else "online".

    Raises MlflowException for a URI or a mode that there is not.
    """
    key = (get_tracking_uri(), get_registry_uri(),
           mode or environment.get("MILLSTREAM_MODE") or "online")
    client = _clients.get(key)
    if client is None:
        with _making:
            client = _clients.get(key)
            if client is None:
                client = _clients[key] = MlflowClient(key[0], key[1], mode=key[2])
    return client


def flush(timeout: float = 60.0) -> bool:
    """Wait until everything logged so far, in all runs and threads, is delivered.

    Arguments:
        timeout: seconds to wait at most, for each tracking URI.

    Gives whether it is; in mode "offline" it is in the spool then.  What is not delivered yet is
    not lost: delivery goes on.

    >>> flush(timeout=10)
    True
    """
    return all([client.flush(timeout) for client in list(_clients.values())])


def flush_async_logging() -> None:
    """`flush` under the name that the official package has for it.

    >>> flush_async_logging()
    """
    flush()


def flush_artifact_async_logging() -> None:
    """The same for artifacts, which are flushed with all else.

    >>> flush_artifact_async_logging()
    """
    flush()
