"""The model registry: names, and versions of them that come from runs."""

from __future__ import annotations

import logging
import re
from typing import Any, Dict, List, Mapping, Optional, Sequence

from ..exceptions import MlflowException
from . import clients, paging

_log = logging.getLogger(__name__)

_LOGGED = re.compile(r"models:/(?P<model_id>m-[0-9a-f]{32})\Z")

# Seconds that `register_model` waits for a version to become ready.
AWAIT_S = 300


def _made_by(client: Any, run: Any, name: str) -> Optional[Any]:
    """The newest logged model of that name that the run has made."""
    try:
        found = client.search_logged_models([run.info.experiment_id], f"name = '{name}'")
    except MlflowException as error:
        if error.error_code not in ("ENDPOINT_NOT_FOUND", "NOT_IMPLEMENTED"):
            raise
        return None  # older servers and trees have no logged models
    return next((model for model in found if model.source_run_id == run.info.run_id), None)


def _source_of(client: Any, model_uri: str) -> Dict[str, Any]:
    """Source, run and logged model of a version that is made of what `model_uri` names."""
    logged = _LOGGED.match(model_uri)
    if logged:
        return {"source": model_uri, "model_id": logged["model_id"]}
    if not model_uri.startswith("runs:/"):
        return {"source": model_uri}
    run_id, _, path = model_uri[len("runs:/"):].lstrip("/").partition("/")
    if not run_id or not path:
        raise MlflowException(f"model_uri is {model_uri!r}; it is runs:/RUN_ID/PATH",
                              error_code="INVALID_PARAMETER_VALUE")
    run = client.get_run(run_id)
    if client.list_artifacts(run_id, path):
        return {"source": f"{run.info.artifact_uri.rstrip('/')}/{path}", "run_id": run_id}
    model = _made_by(client, run, path) if "/" not in path and "'" not in path else None
    if model is None:
        raise MlflowException(f"Run {run_id} has no artifacts at {path}", error_code="NOT_FOUND")
    return {"source": model.model_uri, "run_id": run_id, "model_id": model.model_id}


def register_model(model_uri: str, name: str, await_registration_for: Optional[int] = AWAIT_S, *,
                   tags: Optional[Mapping[str, Any]] = None, env_pack: None = None) -> Any:
    """Make a version of a registered model; the model is made too where it does not exist.

    Arguments:
        model_uri: where its files are: "runs:/RUN_ID/PATH", or the name of a logged model of the
            run in place of PATH, "models:/MODEL_ID", or any other URI.
        name: the model's name.
        await_registration_for: seconds to wait until the version is ready; 0 or None: none.
        tags: tags of the version.
        env_pack: None; packed environments are the official package's.

    Gives the ModelVersion.  Raises MlflowException, with NOT_FOUND when the run has no files
    there.

    >>> register_model(f"runs:/{run_id}/model", "digits").version         # doctest: +SKIP
    '1'
    """
    if env_pack is not None:
        raise MlflowException("Packed environments are left to the official package",
                              error_code="NOT_IMPLEMENTED")
    client = clients.current()
    origin = _source_of(client, model_uri)
    try:
        client.create_registered_model(name)
    except MlflowException as error:
        if error.error_code != "RESOURCE_ALREADY_EXISTS":
            raise
        _log.info("Registered model %r exists; it gets a new version", name)
    return client.create_model_version(name, tags=tags, **origin,
                                       await_creation_for=await_registration_for or 0)


def search_registered_models(max_results: Optional[int] = None,
                             filter_string: Optional[str] = None,
                             order_by: Optional[Sequence[str]] = None) -> List[Any]:
    """The registered models that a filter lets through.

    Arguments:
        max_results: at most so many; None: all.
        filter_string: such as "name LIKE 'digits%'"; None: no filter.
        order_by: such as ["name DESC"]; None: by name.

    >>> search_registered_models(filter_string="name = 'digits'")         # doctest: +SKIP
    """
    client = clients.current()
    return paging.everything(
        lambda count, token: client.search_registered_models(filter_string, count, order_by, token),
        page=100, most=max_results)


def search_model_versions(max_results: Optional[int] = None, filter_string: Optional[str] = None,
                          order_by: Optional[Sequence[str]] = None) -> List[Any]:
    """The versions of all registered models that a filter lets through.

    Arguments as of `search_registered_models`; a filter is such as "run_id = '...'".

    >>> search_model_versions(filter_string="name = 'digits'")            # doctest: +SKIP
    """
    client = clients.current()
    return paging.everything(
        lambda count, token: client.search_model_versions(filter_string, count, order_by, token),
        page=1000, most=max_results)


def set_model_version_tag(name: str, version: Optional[str] = None, key: Optional[str] = None,
                          value: Any = None) -> None:
    """Set a tag of a version of a registered model.

    >>> set_model_version_tag("digits", "1", "checked", True)             # doctest: +SKIP
    """
    clients.current().set_model_version_tag(name, version, key, value)
