"""The tracking client: MlflowClient, and where it goes.

    from millstream.tracking import MlflowClient

    client = MlflowClient("http://127.0.0.1:5000")
    run = client.create_run("0", run_name="first")
    client.log_metric(run.info.run_id, "loss", 0.25, step=1)
    client.set_terminated(run.info.run_id)
"""

from millstream.tracking.client import MlflowClient
from millstream.tracking.uris import (
    get_registry_uri, get_tracking_uri, is_tracking_uri_set, set_registry_uri, set_tracking_uri)

__all__ = ["MlflowClient", "get_registry_uri", "get_tracking_uri", "is_tracking_uri_set",
           "set_registry_uri", "set_tracking_uri"]
