"""The active experiment, and experiments as such.

Which experiment is active holds for all threads of the process and, by MLFLOW_EXPERIMENT_ID, for
the processes that it starts.
"""

from __future__ import annotations

import logging
import threading
from typing import Any, List, Mapping, Optional, Sequence

from .. import environment
from ..entities import Experiment, ViewType
from ..exceptions import MlflowException
from . import clients, paging

_log = logging.getLogger(__name__)

DEFAULT_ID = "0"

_active_id: Optional[str] = None
_choosing = threading.Lock()


def _invalid(message: str) -> MlflowException:
    return MlflowException(message, error_code="INVALID_PARAMETER_VALUE")


def _refuse_location(trace_location: Optional[Any]) -> None:
    if trace_location is not None:
        raise MlflowException("Traces go with their experiment; there is no other trace_location",
                              error_code="NOT_IMPLEMENTED")


def active_id() -> Optional[str]:
    """Id of the experiment that `set_experiment` chose, or None."""
    return _active_id


def _by_name_or_new(client: Any, name: str) -> Experiment:
    found = client.get_experiment_by_name(name)
    if found is not None:
        return found
    _log.info("There is no experiment %r yet; it is created", name)
    try:
        return client.get_experiment(client.create_experiment(name))
    except MlflowException as error:
        if error.error_code != "RESOURCE_ALREADY_EXISTS":
            raise
        # Another process was faster.
        return client.get_experiment_by_name(name)


def set_experiment(experiment_name: Optional[str] = None, experiment_id: Optional[str] = None,
                   trace_location: None = None) -> Experiment:
    """Make an experiment the active one: where runs start that name no other.

    Arguments:
        experiment_name: its name; one that does not exist is created.
        experiment_id: its id, as str or int.  Either of the two is given.
        trace_location: None; Databricks alone has another.

    Gives the experiment.  Raises MlflowException with INVALID_PARAMETER_VALUE when both or none
    is given or the experiment is deleted, RESOURCE_DOES_NOT_EXIST for an id that there is not.

    >>> set_experiment("digits").name                                     # doctest: +SKIP
    'digits'
    """
    global _active_id
    if (experiment_name is None) == (experiment_id is None):
        raise _invalid("Give either experiment_name or experiment_id")
    _refuse_location(trace_location)
    client = clients.current()
    with _choosing:
        if experiment_name is not None:
            chosen = _by_name_or_new(client, experiment_name)
        else:
            chosen = client.get_experiment(experiment_id)
        if chosen.lifecycle_stage != "active":
            raise _invalid(f"Experiment {chosen.name!r} is deleted; restore it, or choose another")
        _active_id = chosen.experiment_id
    environment.put("MLFLOW_EXPERIMENT_ID", _active_id)
    return chosen


def _id_from_environment(client: Any) -> Optional[str]:
    name = environment.get("MLFLOW_EXPERIMENT_NAME")
    given = environment.get("MLFLOW_EXPERIMENT_ID")
    if name is not None:
        found = client.get_experiment_by_name(name)
        if found is None:
            return client.create_experiment(name)
        if given and given != found.experiment_id:
            raise _invalid(f"MLFLOW_EXPERIMENT_ID is {given}, but MLFLOW_EXPERIMENT_NAME is "
                           f"{name}, whose id is {found.experiment_id}")
        return found.experiment_id
    if given is None:
        return None
    try:
        return client.get_experiment(given).experiment_id
    except MlflowException as error:
        raise _invalid(f"MLFLOW_EXPERIMENT_ID is {given}: {error.message}") from error


def current_id(client: Any) -> str:
    """Where a run starts that names no experiment."""
    return _active_id or _id_from_environment(client) or DEFAULT_ID


def create_experiment(name: str, artifact_location: Optional[str] = None,
                      tags: Optional[Mapping[str, Any]] = None,
                      trace_location: None = None) -> str:
    """Create an experiment and give its id; the active one stays what it is.

    Arguments:
        name: not empty, not that of any other, deleted ones included.
        artifact_location: URI below which its runs keep their files; None: the server chooses.
        tags: tags of the experiment.
        trace_location: None; Databricks alone has another.

    Raises MlflowException, with RESOURCE_ALREADY_EXISTS for a name that is taken.

    >>> create_experiment("digits", tags={"team": "blue"})                # doctest: +SKIP
    '1'
    """
    _refuse_location(trace_location)
    return clients.current().create_experiment(name, artifact_location, tags)


def get_experiment(experiment_id: str) -> Experiment:
    """The experiment with that id (str or int), deleted ones included.

    Raises MlflowException with RESOURCE_DOES_NOT_EXIST.

    >>> get_experiment("0").name                                          # doctest: +SKIP
    'Default'
    """
    return clients.current().get_experiment(experiment_id)


def get_experiment_by_name(name: str) -> Optional[Experiment]:
    """The experiment of exactly that name, deleted ones included; None if there is none.

    >>> get_experiment_by_name("no such") is None                         # doctest: +SKIP
    True
    """
    return clients.current().get_experiment_by_name(name)


def search_experiments(view_type: int = ViewType.ACTIVE_ONLY, max_results: Optional[int] = None,
                       filter_string: Optional[str] = None,
                       order_by: Optional[Sequence[str]] = None) -> List[Experiment]:
    """The experiments that a filter lets through.

    Arguments:
        view_type: ViewType.ACTIVE_ONLY, DELETED_ONLY or ALL.
        max_results: at most so many; None: all.
        filter_string: such as "name LIKE 'digits%' AND tags.team = 'blue'"; None: no filter.
        order_by: such as ["name ASC"]; None: the newest first.

    Raises MlflowException with INVALID_PARAMETER_VALUE for a filter or an order that cannot be
    read.

    >>> search_experiments(filter_string="name = 'Default'")              # doctest: +SKIP
    [<Experiment: ...>]
    """
    client = clients.current()
    return paging.everything(
        lambda count, token: client.search_experiments(
            view_type=view_type, max_results=count, filter_string=filter_string,
            order_by=order_by, page_token=token),
        page=1000, most=max_results)


def delete_experiment(experiment_id: str) -> None:
    """Delete an experiment; it can be restored.

    Raises MlflowException with RESOURCE_DOES_NOT_EXIST.

    >>> delete_experiment("7")                                            # doctest: +SKIP
    """
    clients.current().delete_experiment(experiment_id)


def restore_experiment(experiment_id: str) -> None:
    """Bring a deleted experiment back.

    Raises MlflowException with RESOURCE_DOES_NOT_EXIST.

    >>> restore_experiment("7")                                           # doctest: +SKIP
    """
    clients.current().restore_experiment(experiment_id)


def set_experiment_tag(key: str, value: Any) -> None:
    """Set a tag of the active experiment; `value` is stored as its text.

    >>> set_experiment_tag("stage", "trial")                              # doctest: +SKIP
    """
    client = clients.current()
    client.set_experiment_tag(current_id(client), key, value)


def set_experiment_tags(tags: Mapping[str, Any]) -> None:
    """Set several tags of the active experiment, one after the other.

    >>> set_experiment_tags({"stage": "trial", "round": 2})               # doctest: +SKIP
    """
    for key, value in tags.items():
        set_experiment_tag(key, value)


def delete_experiment_tag(key: str) -> None:
    """Remove a tag of the active experiment.

    Raises MlflowException with RESOURCE_DOES_NOT_EXIST for one that it does not have.

    >>> delete_experiment_tag("stage")                                    # doctest: +SKIP
    """
    client = clients.current()
    client.delete_experiment_tag(current_id(client), key)
