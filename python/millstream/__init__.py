"""Millstream: tracking of experiments, by a client in C with MLflow's calls."""

from millstream._millstream import __version__
from millstream.tracking import MlflowClient, get_tracking_uri, set_tracking_uri

__all__ = ["MlflowClient", "__version__", "get_tracking_uri", "set_tracking_uri"]
