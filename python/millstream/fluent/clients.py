"""The clients that the fluent functions share: one for each pair of URIs.

A client keeps its connections and the spools of its runs, so it is made once and stays.
"""

from __future__ import annotations

import threading
from typing import Dict, Tuple

from ..tracking import MlflowClient, get_registry_uri, get_tracking_uri

_clients: Dict[Tuple[str, str], MlflowClient] = {}
_making = threading.Lock()


def current() -> MlflowClient:
    """The client of the tracking URI that is set now."""
    key = (get_tracking_uri(), get_registry_uri())
    client = _clients.get(key)
    if client is None:
        with _making:
            client = _clients.get(key)
            if client is None:
                client = _clients[key] = MlflowClient(*key)
    return client
