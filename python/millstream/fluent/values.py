"""Metrics, params and tags of the active run, or of one that is named.

How long a call waits follows from the run's mode (see `start_run`).  `synchronous=True` waits for
the server in any mode; False gives an object to wait for, as the official package does.
"""

from __future__ import annotations

import time
from typing import Any, Mapping, Optional

from ..entities import Metric, Param, RunTag
from . import active


def _now_ms() -> int:
    return int(time.time() * 1000)


def log_metric(key: str, value: float, step: Optional[int] = None,
               synchronous: Optional[bool] = None, timestamp: Optional[int] = None,
               run_id: Optional[str] = None, model_id: Optional[str] = None,
               dataset: Optional[Any] = None) -> Optional[Any]:
    """Log one value of a metric.

    Arguments:
        key: its name: letters, digits, underscores, dashes, periods, colons, spaces, slashes.
        value: a number, or what becomes one by float().
        step: any integer; None: 0.
        timestamp: milliseconds since 1970; None: now.
        run_id: None: the active run; one is started where there is none.
        model_id: the logged model that was measured; None: the active one, if there is one.
        dataset: what it was measured on, see `log_input`.

    Raises MlflowException with INVALID_PARAMETER_VALUE for a key or value that no server takes.

    >>> log_metric("loss", 0.25, step=1)                                  # doctest: +SKIP
    """
    here = active.here
    if (run_id is None and model_id is None and dataset is None and synchronous is None
            and here.model_id is None):
        stack = here.stack
        (stack[-1] if stack else active.top()).log_metric(key, value, timestamp, step)
        return None
    return log_metrics({key: value}, step, synchronous, run_id, timestamp, model_id, dataset)


def log_metrics(metrics: Mapping[str, float], step: Optional[int] = None,
                synchronous: Optional[bool] = None, run_id: Optional[str] = None,
                timestamp: Optional[int] = None, model_id: Optional[str] = None,
                dataset: Optional[Any] = None) -> Optional[Any]:
    """Log one value of each of several metrics, in one request.

    Arguments as of `log_metric`, which the names and values in `metrics` are as well.

    >>> log_metrics({"loss": 0.25, "accuracy": 0.9}, step=1)              # doctest: +SKIP
    """
    client, run_id = active.target(run_id)
    if dataset is not None:
        from .inputs import log_once

        log_once(client, run_id, dataset)
    when = timestamp or _now_ms()
    model_id = model_id or active.here.model_id
    return client.log_batch(run_id, metrics=[
        Metric(key, value, when, step or 0, model_id=model_id,
               dataset_name=getattr(dataset, "name", None),
               dataset_digest=getattr(dataset, "digest", None))
        for key, value in metrics.items()], synchronous=synchronous)


def log_param(key: str, value: Any, synchronous: Optional[bool] = None) -> Any:
    """Log a param of the active run; a param never changes its value.

    Arguments:
        key: as of `log_metric`.
        value: stored as its text.

    Gives `value` back.  Raises MlflowException with INVALID_PARAMETER_VALUE for a key that no
    server takes; where the store is asked at once, also for another value than it has.

    >>> log_param("rate", 0.1)                                            # doctest: +SKIP
    0.1
    """
    client, run_id = active.target(None)
    operations = client.log_param(run_id, key, value, synchronous)
    return operations if synchronous is False else value


def log_params(params: Mapping[str, Any], synchronous: Optional[bool] = None,
               run_id: Optional[str] = None) -> Optional[Any]:
    """Log several params in one request; see `log_param`.

    Arguments:
        params: names and values.
        run_id: None: the active run.

    >>> log_params({"rate": 0.1, "hidden": 32})                           # doctest: +SKIP
    """
    client, run_id = active.target(run_id)
    return client.log_batch(
        run_id, params=[Param(key, str(value)) for key, value in params.items()],
        synchronous=synchronous)


def set_tag(key: str, value: Any, synchronous: Optional[bool] = None) -> Optional[Any]:
    """Set a tag of the active run; `value` is stored as its text.

    >>> set_tag("release", "1.2")                                         # doctest: +SKIP
    """
    client, run_id = active.target(None)
    return client.set_tag(run_id, key, value, synchronous)


def set_tags(tags: Mapping[str, Any], synchronous: Optional[bool] = None) -> Optional[Any]:
    """Set several tags of the active run in one request.

    >>> set_tags({"release": "1.2", "team": "blue"})                      # doctest: +SKIP
    """
    client, run_id = active.target(None)
    return client.log_batch(
        run_id, tags=[RunTag(key, str(value)) for key, value in tags.items()],
        synchronous=synchronous)


def delete_tag(key: str) -> None:
    """Remove a tag of the active run.

    Raises MlflowException with RESOURCE_DOES_NOT_EXIST for one that it does not have.

    >>> delete_tag("release")                                             # doctest: +SKIP
    """
    client, run_id = active.target(None)
    client.delete_tag(run_id, key)
