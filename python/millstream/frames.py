"""Runs and logged models as pandas frames, where pandas is there; nothing here imports it before.

A frame has the columns that MLflow gives: of the run itself, then `metrics.KEY`, `params.KEY`
and `tags.KEY` of all runs, with NaN or None where a run has none.
"""

from __future__ import annotations

import importlib.util
from typing import Any, Dict, Iterable, List, Sequence

_ATTRIBUTES = ("run_id", "experiment_id", "status", "artifact_uri", "start_time", "end_time")
_TIMES = ("start_time", "end_time")
_GROUPS = ("metrics", "params", "tags")


def are_there() -> bool:
    """Whether pandas can be imported; does not import it."""
    return importlib.util.find_spec("pandas") is not None


def record(run: Any) -> Dict[str, Any]:
    """One run as a flat dictionary with the names of a frame's columns; times in milliseconds.

    >>> record(run)["metrics.loss"]                                       # doctest: +SKIP
    0.25
    """
    values = {name: getattr(run.info, name) for name in _ATTRIBUTES}
    for group in _GROUPS:
        values.update((f"{group}.{key}", value)
                      for key, value in getattr(run.data, group).items())
    return values


def _keys(runs: Iterable[Any], group: str) -> List[str]:
    """All keys of the group, in the order in which they first come."""
    seen: Dict[str, None] = {}
    for run in runs:
        seen.update(dict.fromkeys(getattr(run.data, group)))
    return list(seen)


def of_runs(runs: Sequence[Any]) -> Any:
    """A frame with one row for each run; times are in UTC.

    Raises ImportError without pandas.

    >>> of_runs(client.search_runs(["0"]))["metrics.loss"].min()          # doctest: +SKIP
    0.25
    """
    import pandas

    columns: Dict[str, Any] = {name: [getattr(run.info, name) for run in runs]
                               for name in _ATTRIBUTES}
    for name in _TIMES:
        columns[name] = [pandas.to_datetime(time, unit="ms", utc=True)
                         for time in columns[name]]
    for group in _GROUPS:
        missing = float("nan") if group == "metrics" else None
        values = [getattr(run.data, group) for run in runs]
        for key in _keys(runs, group):
            columns[f"{group}.{key}"] = [each.get(key, missing) for each in values]
    return pandas.DataFrame(columns)


def of_logged_models(models: Sequence[Any]) -> Any:
    """A frame with one row for each logged model, and a column for each attribute.

    Raises ImportError without pandas.

    >>> of_logged_models(client.search_logged_models(["0"]))["name"][0]   # doctest: +SKIP
    'digits'
    """
    import pandas

    rows = [{name: value for name, value in model if name != "model_uri"} for model in models]
    return pandas.DataFrame([{**row, "status": str(row["status"])} for row in rows])
