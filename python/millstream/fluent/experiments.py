"""The active experiment, and experiments as such.

Which experiment is active holds for all threads of the process and, by the environment, for the
processes that it starts.  Without a server it may be known by its name alone; the spool keeps the
name then.
"""

from __future__ import annotations

import logging
import threading
from typing import Any, Dict, List, Mapping, NamedTuple, Optional, Sequence

from .. import environment
from ..entities import Experiment, ViewType
from ..exceptions import MlflowException
from . import clients, paging

_invalid = MlflowException.invalid_parameter_value
_log = logging.getLogger(__name__)

DEFAULT_ID = "0"



class Chosen(NamedTuple):
    """The active experiment; either part may be unknown, not both."""

    experiment_id: Optional[str]
    name: Optional[str]


_active: Optional[Chosen] = None
_choosing = threading.Lock()


def _refuse_location(trace_location: Optional[Any]) -> None:
    if trace_location is not None:
        raise MlflowException("Traces go with their experiment; there is no other trace_location",
                              error_code="NOT_IMPLEMENTED")


def active_id() -> Optional[str]:
    """Id of the experiment that `set_experiment` chose, where it is known."""
    return _active.experiment_id if _active is not None else None


def _unseen(experiment_id: Optional[str], name: Optional[str]) -> Experiment:
    """An experiment of which nothing else is known."""
    return Experiment(experiment_id, name, None, "active")


def _choose(client: Any, name: Optional[str], experiment_id: Optional[str]) -> Experiment:
    if client.mode == "offline":
        return _unseen(experiment_id, name)
    if name is None:
        return client.get_experiment(experiment_id)
    found = client._find_or_make_experiment(name)
    if found is None:
        _log.warning("%s cannot be reached; runs will get to experiment %r with `millstream sync` "
                     "or when it can", client.tracking_uri, name)
    return found or _unseen(None, name)


def _inherit(chosen: Chosen) -> None:
    """Let processes that this one starts find the active experiment."""
    environment.put("MLFLOW_EXPERIMENT_ID", chosen.experiment_id)
    if chosen.experiment_id is None:
        environment.put("MLFLOW_EXPERIMENT_NAME", chosen.name)


def set_experiment(experiment_name: Optional[str] = None, experiment_id: Optional[str] = None,
                   trace_location: None = None) -> Experiment:
    """Make an experiment the active one: where runs start that name no other.

    Arguments:
        experiment_name: its name; one that does not exist is created.
        experiment_id: its id, as str or int.  Either of the two is given.
        trace_location: None; Databricks alone has another.

    Gives the experiment; in mode "offline", and while a server cannot be reached, one that knows no
    more than was given here.  Raises MlflowException with INVALID_PARAMETER_VALUE when both or none
    is given or the experiment is deleted, RESOURCE_DOES_NOT_EXIST for an id that there is not.

    >>> set_experiment("digits").name                                     # doctest: +SKIP
    'digits'
    """
    global _active
    if (experiment_name is None) == (experiment_id is None):
        raise _invalid("Give either experiment_name or experiment_id")
    _refuse_location(trace_location)
    number = None if experiment_id is None else str(experiment_id)
    with _choosing:
        found = _choose(clients.current(), experiment_name, number)
        if found.lifecycle_stage != "active":
            raise _invalid(f"Experiment {found.name!r} is deleted; restore it, or choose another")
        _active = Chosen(found.experiment_id, found.name)
    _inherit(_active)
    return found


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
    """Id of the experiment that calls are about which name no other."""
    if _active is None:
        return _id_from_environment(client) or DEFAULT_ID
    if _active.experiment_id is None:
        found = client.get_experiment_by_name(_active.name)
        return found.experiment_id if found else client.create_experiment(_active.name)
    return _active.experiment_id


def place(client: Any) -> Dict[str, Optional[str]]:
    """Where a run starts that names no experiment, as arguments of `create_run`."""
    name = environment.get("MLFLOW_EXPERIMENT_NAME")
    given = environment.get("MLFLOW_EXPERIMENT_ID")
    offline = client.mode == "offline"
    if _active is None and (offline or given is None):
        chosen = Chosen(given or (None if name else DEFAULT_ID), name)
    else:
        chosen = _active or Chosen(current_id(client), None)
    if chosen.experiment_id is not None:
        return {"experiment_id": chosen.experiment_id}
    return {"experiment_name": chosen.name}


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
