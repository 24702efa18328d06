"""Runs that are there: one, those that a filter lets through, deleted ones back."""

from __future__ import annotations

import logging
from typing import Any, List, Optional, Sequence

from .. import frames
from ..entities import Run, ViewType
from ..exceptions import MlflowException
from . import active, clients, experiments, paging

_log = logging.getLogger(__name__)

MAX_RESULTS = 100_000
_PAGE = 10_000


def get_run(run_id: str) -> Run:
    """The run with that id, deleted ones included: what was logged last of each metric, and all
    else.

    Raises MlflowException with RESOURCE_DOES_NOT_EXIST.

    >>> get_run(run_id).data.metrics["loss"]                              # doctest: +SKIP
    0.25
    """
    client, run_id = active.target(run_id)
    return client.get_run(run_id)


def get_parent_run(run_id: str) -> Optional[Run]:
    """The run that this one is nested in, or None.

    >>> get_parent_run(run_id) is None                                    # doctest: +SKIP
    True
    """
    return clients.current().get_parent_run(run_id)


def delete_run(run_id: str) -> None:
    """Delete a run; it can be restored.

    >>> delete_run(run_id)                                                # doctest: +SKIP
    """
    clients.current().delete_run(run_id)


def restore_run(run_id: str) -> None:
    """Bring a deleted run back.

    >>> restore_run(run_id)                                               # doctest: +SKIP
    """
    clients.current().restore_run(run_id)


def _ids_of_names(client: Any, names: Sequence[str]) -> List[str]:
    found = []
    for name in names:
        experiment = client.get_experiment_by_name(name)
        if experiment is None:
            _log.warning("There is no experiment %r", name)
        else:
            found.append(experiment.experiment_id)
    return found


def _places(client: Any, ids: Optional[Sequence[str]], names: Optional[Sequence[str]],
            everywhere: bool) -> List[str]:
    """Ids of the experiments to search."""
    if ids and names:
        raise MlflowException("Give either experiment_ids or experiment_names",
                              error_code="INVALID_PARAMETER_VALUE")
    if ids:
        return list(ids)
    if names:
        return _ids_of_names(client, [name for name in names if name is not None])
    if everywhere:
        return [each.experiment_id for each in experiments.search_experiments()]
    return [experiments.current_id(client)]


def search_runs(experiment_ids: Optional[Sequence[str]] = None, filter_string: str = "",
                run_view_type: int = ViewType.ACTIVE_ONLY, max_results: int = MAX_RESULTS,
                order_by: Optional[Sequence[str]] = None, output_format: str = "pandas",
                search_all_experiments: bool = False,
                experiment_names: Optional[Sequence[str]] = None) -> Any:
    """The runs that a filter lets through.

    Arguments:
        experiment_ids: where to search; or
        experiment_names: the same by name.  Neither: the active experiment.
        filter_string: such as "metrics.loss < 0.5 AND params.rate = '0.1'"; "": no filter.
        run_view_type: ViewType.ACTIVE_ONLY, DELETED_ONLY or ALL.
        max_results: at most so many.
        order_by: such as ["metrics.loss ASC"]; None: the newest first.
        output_format: "pandas": a frame with a row for each run, or the list where pandas is not
            installed; "list": a list of `Run`.
        search_all_experiments: search all of them if no ids and names are given.

    Raises MlflowException with INVALID_PARAMETER_VALUE for a filter or an order that cannot be
    read, ValueError for another output format.

    >>> search_runs(filter_string="metrics.loss < 0.5")[["run_id", "metrics.loss"]]
    ... # doctest: +SKIP
    """
    if output_format not in ("pandas", "list"):
        raise ValueError(f"output_format is {output_format!r}; it is 'pandas' or 'list'")
    client = active.client()
    places = _places(client, experiment_ids, experiment_names, search_all_experiments)
    runs = paging.everything(
        lambda count, token: client.search_runs(places, filter_string, run_view_type, count,
                                                order_by, token),
        page=_PAGE, most=max_results) if places else []
    return frames.of_runs(runs) if output_format == "pandas" and frames.are_there() else runs
