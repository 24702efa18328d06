"""The tracking client: MlflowClient, and where it goes.

    from millstream.tracking import MlflowClient

    client = MlflowClient("http://127.0.0.1:5000")
    run = client.create_run("0", run_name="first")
    client.log_metric(run.info.run_id, "loss", 0.25, step=1)
    client.set_terminated(run.info.run_id)
"""

from millstream._millstream import set_tracking_uri, tracking_uri as get_tracking_uri
from millstream.tracking.client import MlflowClient

__all__ = ["MlflowClient", "get_tracking_uri", "set_tracking_uri"]
