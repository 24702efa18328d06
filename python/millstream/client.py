"""The client under the second name that scripts import it by: `millstream.client.MlflowClient`."""

from .tracking import MlflowClient

__all__ = ["MlflowClient"]
