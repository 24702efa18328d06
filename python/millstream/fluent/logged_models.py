"""Logged models: what runs have trained, with params, tags and files of their own.

The active model is a thread's own; what `log_metric` and `log_metrics` log points to it, unless
they name another.
"""

from __future__ import annotations

import datetime
import json
import logging
import os
import tempfile
from typing import Any, List, Mapping, Optional, Sequence, Union

from .. import environment, frames, source
from ..entities import LoggedModel, LoggedModelStatus
from ..exceptions import MlflowException
from . import active, clients, experiments, paging

_invalid = MlflowException.invalid_parameter_value
_log = logging.getLogger(__name__)

EXTERNAL = "mlflow.model.isExternal"


# --- making models -------------------------------------------------------------------------


def _experiment_of(client: Any, source_run_id: Optional[str]) -> str:
    """Where a new model belongs: with the active run, in the active experiment, with its run."""
    if active.here.stack:
        return str(active.here.stack[-1].run.info.experiment_id)
    chosen = experiments.active_id()
    if chosen is None and source_run_id:
        return str(client.get_run(source_run_id).info.experiment_id)
    return chosen or experiments.current_id(client)


def _create(name: Optional[str], source_run_id: Optional[str], tags: Optional[Mapping[str, Any]],
            params: Optional[Mapping[str, Any]], model_type: Optional[str],
            experiment_id: Optional[str]) -> LoggedModel:
    client = active.client()
    if source_run_id is None and active.here.stack:
        source_run_id = active.here.stack[-1].run_id
    model: LoggedModel = client.create_logged_model(
        experiment_id or _experiment_of(client, source_run_id), name, source_run_id,
        source.tags(dict(tags or {})), dict(params or {}), model_type)
    return model


def initialize_logged_model(name: Optional[str] = None, source_run_id: Optional[str] = None,
                            tags: Optional[Mapping[str, Any]] = None,
                            params: Optional[Mapping[str, Any]] = None,
                            model_type: Optional[str] = None,
                            experiment_id: Optional[str] = None) -> LoggedModel:
    """Make a logged model that has no files yet: it is PENDING until it is finalized.

    Arguments:
        name: without / : . % " and '; None: made up.
        source_run_id: the run that makes it; None: the active run, if there is one.
        tags: more tags; those of the origin (user, script, commit) are set anyway.
        params: names and values, which are stored as their text.
        model_type: what kind of model it is, in words of yours.
        experiment_id: None: that of the active run, else the active experiment.

    Raises MlflowException with INVALID_PARAMETER_VALUE for a name that cannot be,
    RESOURCE_DOES_NOT_EXIST for an unknown experiment.

    >>> model = initialize_logged_model("digits", params={"depth": 5})    # doctest: +SKIP
    >>> model.status                                                      # doctest: +SKIP
    <LoggedModelStatus.PENDING: 'PENDING'>
    """
    model = _create(name, source_run_id, tags, params, model_type, experiment_id)
    active.here.last_model_id = model.model_id
    return model


def _description(model: LoggedModel) -> str:
    """The file by which the registry and loaders know an external model for a model: YAML, whose
    texts are written as JSON, which is YAML as well."""
    text = json.dumps
    now = datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None)
    run = f"run_id: {text(model.source_run_id)}\n" if model.source_run_id else ""
    flag = text([{"type": "boolean", "required": True}])
    return (f"artifact_path: {text(model.artifact_location)}\n"
            "flavors: {}\n"
            f"metadata:\n  {EXTERNAL}: true\n"
            f"model_id: {text(model.model_id)}\n"
            f"model_uuid: {text(model.model_id)}\n"
            f"{run}"
            f"signature:\n  inputs: {text(flag)}\n  outputs: {text(flag)}\n  params: null\n"
            f"utc_time_created: {text(str(now))}\n")


def create_external_model(name: Optional[str] = None, source_run_id: Optional[str] = None,
                          tags: Optional[Mapping[str, Any]] = None,
                          params: Optional[Mapping[str, Any]] = None,
                          model_type: Optional[str] = None,
                          experiment_id: Optional[str] = None) -> LoggedModel:
    """Make a logged model whose files are kept elsewhere; it is READY at once.

    Arguments and errors as of `initialize_logged_model`.  It gets a tag that says so, and a file
    MLmodel, by which it can be registered.

    >>> create_external_model("agent", model_type="agent").status         # doctest: +SKIP
    <LoggedModelStatus.READY: 'READY'>
    """
    model = _create(name, source_run_id, {**(tags or {}), EXTERNAL: "true"}, params, model_type,
                    experiment_id)
    client = active.client()
    with tempfile.TemporaryDirectory(prefix="millstream-") as aside:
        path = os.path.join(aside, "MLmodel")
        with open(path, "w", encoding="utf-8") as file:
            file.write(_description(model))
        client.log_model_artifact(model.model_id, path)
    model = client.finalize_logged_model(model.model_id, LoggedModelStatus.READY)
    active.here.last_model_id = model.model_id
    return model


def finalize_logged_model(model_id: str, status: Union[str, LoggedModelStatus]) -> LoggedModel:
    """Say what became of a logged model: "READY" or "FAILED"; gives it as it is then.

    Raises MlflowException with RESOURCE_DOES_NOT_EXIST, INVALID_PARAMETER_VALUE.

    >>> finalize_logged_model(model.model_id, "READY")                    # doctest: +SKIP
    """
    return active.client().finalize_logged_model(model_id, status)


# --- finding models ------------------------------------------------------------------------


def get_logged_model(model_id: str) -> LoggedModel:
    """One logged model with its params, tags and metrics.

    Raises MlflowException with RESOURCE_DOES_NOT_EXIST.

    >>> get_logged_model(model_id).params                                 # doctest: +SKIP
    {'depth': '5'}
    """
    return active.client().get_logged_model(model_id)


def last_logged_model() -> Optional[LoggedModel]:
    """The model that this thread made last, as it is now; None before the first.

    >>> last_logged_model()
    """
    model_id = active.here.last_model_id
    return get_logged_model(model_id) if model_id else None


def search_logged_models(experiment_ids: Optional[Sequence[str]] = None,
                         filter_string: Optional[str] = None,
                         datasets: Optional[Sequence[Mapping[str, str]]] = None,
                         max_results: Optional[int] = None,
                         order_by: Optional[Sequence[Mapping[str, Any]]] = None,
                         output_format: str = "pandas") -> Any:
    """The logged models that a filter lets through, on however many pages they are.

    Arguments:
        experiment_ids: where to look; None: in the active experiment.
        filter_string: such as "metrics.accuracy > 0.9 AND params.depth = '5'"; None: no filter.
        datasets: dicts with dataset_name and perhaps dataset_digest: only metrics count that were
            measured on one of these.
        max_results: at most so many; None: all.
        order_by: dicts with field_name, such as "metrics.accuracy", and perhaps ascending (True),
            dataset_name and dataset_digest; None: newest first.
        output_format: "pandas" for a frame with a row for each, "list" for `LoggedModel` objects.

    Raises MlflowException with INVALID_PARAMETER_VALUE, ImportError for a frame without pandas.

    >>> search_logged_models(filter_string="name = 'digits'", output_format="list")  # doctest: +SKIP
    """
    if output_format not in ("pandas", "list"):
        raise _invalid(f"output_format is {output_format!r}; it is 'pandas' or 'list'")
    client = active.client()
    places = list(experiment_ids or [experiments.current_id(client)])
    found: List[LoggedModel] = paging.everything(
        lambda count, token: client.search_logged_models(places, filter_string, datasets, count,
                                                         order_by, token),
        page=1000, most=max_results).to_list()
    return frames.of_logged_models(found) if output_format == "pandas" else found


# --- what belongs to a model ---------------------------------------------------------------


def set_logged_model_tags(model_id: str, tags: Mapping[str, Any]) -> None:
    """Set tags of a logged model; values are stored as their text.

    Raises MlflowException with INVALID_PARAMETER_VALUE, also for an unknown model.

    >>> set_logged_model_tags(model_id, {"checked": True})                # doctest: +SKIP
    """
    active.client().set_logged_model_tags(model_id, dict(tags))


def delete_logged_model_tag(model_id: str, key: str) -> None:
    """Remove a tag of a logged model.

    Raises MlflowException with RESOURCE_DOES_NOT_EXIST, also where there is no such tag.

    >>> delete_logged_model_tag(model_id, "checked")                      # doctest: +SKIP
    """
    active.client().delete_logged_model_tag(model_id, key)


def log_model_params(params: Mapping[str, Any], model_id: Optional[str] = None) -> None:
    """Add params to a logged model; a param never changes its value.

    Arguments:
        params: names and values, which are stored as their text.
        model_id: None: the active model.

    Raises MlflowException with INVALID_PARAMETER_VALUE, also for an unknown model, BAD_REQUEST
    for a param that it has.

    >>> log_model_params({"depth": 5}, model_id)                          # doctest: +SKIP
    """
    active.client().log_model_params(model_id or get_active_model_id(), dict(params))


# --- the active model ----------------------------------------------------------------------


class ActiveModel(LoggedModel):
    """The model that was made active; a context manager that brings the one before it back.

    >>> with set_active_model(name="agent") as model:                     # doctest: +SKIP
    ...     print(model.model_id)
    """

    _before: Optional[str]

    def __enter__(self) -> "ActiveModel":
        return self

    def __exit__(self, *_: Any) -> None:
        active.here.model_id = self._before


def _model_named(name: str) -> LoggedModel:
    """The newest model of that name in the active experiment, made where there is none."""
    found = search_logged_models(filter_string=f"name = '{name}'", max_results=2,
                                 output_format="list")
    if len(found) > 1:
        _log.warning("There are several logged models named %r; the newest one is active now",
                     name)
    if not found:
        _log.info("There is no logged model named %r; one is made", name)
    return found[0] if found else create_external_model(name=name)


def set_active_model(*, name: Optional[str] = None,
                     model_id: Optional[str] = None) -> ActiveModel:
    """Make a logged model this thread's active one, which metrics point to from now on.

    Arguments:
        name: of the newest such model of the active experiment, which is made where there is
            none; or
        model_id: its id.

    Gives the model, as a context manager.  Raises MlflowException with INVALID_PARAMETER_VALUE
    when neither is given or they contradict each other, RESOURCE_DOES_NOT_EXIST.

    >>> set_active_model(name="agent").model_id                           # doctest: +SKIP
    'm-…'
    """
    if name is None and model_id is None:
        raise _invalid("Give name or model_id")
    model = _model_named(str(name)) if model_id is None else get_logged_model(model_id)
    if name is not None and model.name != name:
        raise _invalid(f"The name of {model_id} is {model.name!r}, not {name!r}")
    made = ActiveModel.from_dictionary(dict(model))
    made._before = active.here.model_id
    active.here.model_id = made.model_id
    return made


def get_active_model_id() -> Optional[str]:
    """Id of this thread's active model: what `set_active_model` chose, else
    MLFLOW_ACTIVE_MODEL_ID; None where there is none.

    >>> get_active_model_id()
    """
    return active.here.model_id


def clear_active_model() -> None:
    """Have no active model any more: this thread, and those that have not looked yet.

    >>> clear_active_model()
    """
    environment.put("MLFLOW_ACTIVE_MODEL_ID", None)
    active.here.model_id = None
