"""What the machine does while a run lasts, as metrics of the run: the switches.

On for one run with `start_run(log_system_metrics=True)`, for all with
`enable_system_metrics_logging()` or MLFLOW_ENABLE_SYSTEM_METRICS_LOGGING=true.  Reads /proc, and
NVIDIA's driver library where there is one; needs no packages.
"""

from __future__ import annotations

from typing import Optional

from .. import environment

__all__ = [
    "disable_system_metrics_logging", "enable_system_metrics_logging",
    "set_system_metrics_node_id", "set_system_metrics_samples_before_logging",
    "set_system_metrics_sampling_interval",
]


def enable_system_metrics_logging() -> None:
    """Watch the machine in all runs that start from now on, here and in child processes.

    `start_run(log_system_metrics=False)` still leaves a run out.

    >>> enable_system_metrics_logging()
    """
    environment.put("MLFLOW_ENABLE_SYSTEM_METRICS_LOGGING", "true")


def disable_system_metrics_logging() -> None:
    """Watch the machine only in runs that start with `log_system_metrics=True`.

    >>> disable_system_metrics_logging()
    """
    environment.put("MLFLOW_ENABLE_SYSTEM_METRICS_LOGGING", "false")


def set_system_metrics_sampling_interval(interval: Optional[float]) -> None:
    """Read the machine every `interval` seconds in runs that start later; None: every 10.

    >>> set_system_metrics_sampling_interval(2.5)
    """
    environment.put("MLFLOW_SYSTEM_METRICS_SAMPLING_INTERVAL", interval)


def set_system_metrics_samples_before_logging(samples: Optional[int]) -> None:
    """Log the mean of that many readings in runs that start later; None: of 1.

    >>> set_system_metrics_samples_before_logging(6)
    """
    environment.put("MLFLOW_SYSTEM_METRICS_SAMPLES_BEFORE_LOGGING", samples)


def set_system_metrics_node_id(node_id: Optional[str]) -> None:
    """Put `node_id` into the names, "system/NODE/cpu_..."; None: no node.

    >>> set_system_metrics_node_id("worker-3")
    """
    environment.put("MLFLOW_SYSTEM_METRICS_NODE_ID", node_id)
