"""Evaluation datasets: made, found and changed in the tracking store that is set now."""

from __future__ import annotations

import time
from typing import Any, List, Mapping, Optional, Sequence, Union

from ..datasets import EvaluationDataset
from ..exceptions import MlflowException
from ..fluent import clients, experiments, paging

_WEEK_S = 7 * 24 * 60 * 60


def _quoted(name: str) -> str:
    """A name as a text of a filter."""
    return f'"{name}"' if '"' not in name else "'" + name.replace("'", "''") + "'"


def create_dataset(name: Optional[str] = None,
                   experiment_id: Union[str, Sequence[str], None] = None,
                   tags: Optional[Mapping[str, Any]] = None) -> EvaluationDataset:
    """Make an evaluation dataset.

    Arguments:
        experiment_id: experiments that it is linked to; None: the current one.

    Raises ValueError without a name.

    >>> create_dataset("sums", tags={"team": "red"})                      # doctest: +SKIP
    """
    if name is None:
        raise ValueError("name is missing: what the dataset is called")
    client = clients.current()
    linked = experiments.current_id(client) if experiment_id is None else experiment_id
    return client.create_dataset(name, linked, tags)


def get_dataset(name: Optional[str] = None,
                dataset_id: Optional[str] = None) -> EvaluationDataset:
    """The evaluation dataset of an id, or the only one of a name.

    Raises ValueError unless one of them is given, MlflowException: RESOURCE_DOES_NOT_EXIST, or
    INVALID_PARAMETER_VALUE where several have the name.

    >>> get_dataset("sums").records                                       # doctest: +SKIP
    """
    if (name is None) == (dataset_id is None):
        raise ValueError("give a name or a dataset_id")
    client = clients.current()
    if dataset_id is not None:
        return client.get_dataset(dataset_id)
    assert name is not None
    found = client.search_datasets(filter_string=f"name = {_quoted(name)}", max_results=2)
    if not found:
        raise MlflowException(f"there is no dataset called '{name}'",
                              error_code="RESOURCE_DOES_NOT_EXIST")
    if len(found) > 1:
        raise MlflowException.invalid_parameter_value(
            f"several datasets are called '{name}': give a dataset_id")
    return found[0]


def delete_dataset(name: None = None, dataset_id: Optional[str] = None) -> None:
    """Remove an evaluation dataset, by its id, with its records.

    Raises ValueError without an id, and for a name: several datasets can have it.

    >>> delete_dataset(dataset_id="d-0123456789abcdef0123456789abcdef")   # doctest: +SKIP
    """
    if name is not None or dataset_id is None:
        raise ValueError("delete_dataset takes a dataset_id, and nothing else")
    clients.current().delete_dataset(dataset_id)


def search_datasets(experiment_ids: Union[str, Sequence[str], None] = None,
                    filter_string: Optional[str] = None, max_results: Optional[int] = None,
                    order_by: Optional[Sequence[str]] = None) -> List[EvaluationDataset]:
    """The evaluation datasets that a filter lets through, the newest first.

    Arguments:
        experiment_ids: only those linked to one of these; None: all.
        filter_string: as "name LIKE 'qa%'"; None: those of the last seven days.
        max_results: None: all.

    >>> search_datasets("0", "tags.team = 'red'")                         # doctest: +SKIP
    """
    client = clients.current()
    ids = [experiment_ids] if isinstance(experiment_ids, str) else experiment_ids
    wanted = filter_string or f"created_time >= {int((time.time() - _WEEK_S) * 1000)}"
    order = ["created_time DESC"] if order_by is None else order_by
    return paging.everything(
        lambda count, token: client.search_datasets(ids, wanted, count, order, token),
        page=50, most=max_results)


def set_dataset_tags(dataset_id: str, tags: Mapping[str, Any]) -> None:
    """Set tags of an evaluation dataset; a value of None removes the tag.

    >>> set_dataset_tags(dataset.dataset_id, {"team": "red"})             # doctest: +SKIP
    """
    clients.current().set_dataset_tags(dataset_id, tags)


def delete_dataset_tag(dataset_id: str, key: str) -> None:
    """Remove a tag of an evaluation dataset.

    >>> delete_dataset_tag(dataset.dataset_id, "team")                    # doctest: +SKIP
    """
    clients.current().delete_dataset_tag(dataset_id, key)


def add_dataset_to_experiments(dataset_id: str,
                               experiment_ids: Sequence[str]) -> EvaluationDataset:
    """Link an evaluation dataset to experiments.

    >>> add_dataset_to_experiments(dataset.dataset_id, ["1"])             # doctest: +SKIP
    """
    return clients.current().add_dataset_to_experiments(dataset_id, experiment_ids)


def remove_dataset_from_experiments(dataset_id: str,
                                    experiment_ids: Sequence[str]) -> EvaluationDataset:
    """Unlink an evaluation dataset from experiments.

    >>> remove_dataset_from_experiments(dataset.dataset_id, ["1"])        # doctest: +SKIP
    """
    return clients.current().remove_dataset_from_experiments(dataset_id, experiment_ids)
