"""MlflowClient: the calls in C, and those that are natural in Python."""

from millstream._millstream import Client


class MlflowClient(Client):
    """Client of one tracking store and its model registry.

    tracking_uri  a directory, file:, sqlite:///FILE, http(s):// or databricks[://PROFILE]; None:
                  what get_tracking_uri() gives
    registry_uri  where the model registry is; None: the same

    May be used by any number of threads, and after a fork by parent and child.
    """
