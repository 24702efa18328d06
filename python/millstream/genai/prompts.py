"""Prompts: made, loaded and changed in the registry that is set now."""

from __future__ import annotations

from typing import Any, Mapping, Optional, Sequence, Union

from ..entities import PagedList
from ..exceptions import MlflowException
from ..fluent import active, clients, experiments, logged_models, paging
from ..prompts import Prompt, PromptVersion, Template, config_of

_CONFIG = "_mlflow_prompt_model_config"


def _link(client: Any, prompt: PromptVersion) -> None:
    """Notes that the current experiment uses a prompt."""
    client._link_prompt(prompt.name, experiments.current_id(client))


def register_prompt(name: str, template: Template, commit_message: Optional[str] = None,
                    tags: Optional[Mapping[str, Any]] = None, response_format: Any = None,
                    model_config: Any = None) -> PromptVersion:
    """Make the next version of a prompt, linked to the current experiment.

    Arguments as of `MlflowClient.register_prompt`.

    >>> register_prompt("greeting", "Hello {{name}}!").version            # doctest: +SKIP
    1
    """
    client = clients.current()
    made = client.register_prompt(name, template, commit_message, tags, response_format,
                                  model_config)
    _link(client, made)
    return made


def load_prompt(name_or_uri: str, version: Union[int, str, None] = None,
                allow_missing: bool = False, link_to_model: bool = True,
                model_id: Optional[str] = None,
                cache_ttl_seconds: Optional[float] = None) -> Optional[PromptVersion]:
    """A version of a prompt; the active run and the current experiment note that they use it.

    Arguments:
        name_or_uri, version, allow_missing, cache_ttl_seconds: as of `MlflowClient.load_prompt`.
        link_to_model: a logged model notes it too.
        model_id: of that model; None: the active one, if there is one.

    >>> load_prompt("prompts:/greeting/1").format(name="Ada")             # doctest: +SKIP
    'Hello Ada!'
    """
    client = clients.current()
    found = client.load_prompt(name_or_uri, version, allow_missing, cache_ttl_seconds)
    if found is None:
        return None
    _link(client, found)
    run = active.active_run()
    if run is not None:
        client.link_prompt_version_to_run(run.info.run_id, found)
    model = (model_id or logged_models.get_active_model_id()) if link_to_model else None
    if model is not None:
        client.link_prompt_version_to_model(found.name, found.version, model)
    return found


def search_prompts(filter_string: Optional[str] = None, max_results: Optional[int] = None,
                   order_by: Optional[Sequence[str]] = None) -> PagedList[Prompt]:
    """The prompts that a filter lets through; max_results None: all.

    >>> search_prompts("name LIKE 'greet%'")                              # doctest: +SKIP
    """
    client = clients.current()
    return paging.everything(
        lambda count, token: client.search_prompts(filter_string, count, token, order_by),
        page=100, most=max_results)


def set_prompt_alias(name: str, alias: str, version: int) -> None:
    """Point an alias at a version of a prompt.

    >>> set_prompt_alias("greeting", "production", 1)                     # doctest: +SKIP
    """
    clients.current().set_prompt_alias(name, alias, version)


def delete_prompt_alias(name: str, alias: str) -> None:
    """Remove an alias of a prompt.

    >>> delete_prompt_alias("greeting", "production")                     # doctest: +SKIP
    """
    clients.current().delete_prompt_alias(name, alias)


def get_prompt_tags(name: str) -> Mapping[str, str]:
    """The tags of a prompt.  Raises MlflowException: RESOURCE_DOES_NOT_EXIST.

    >>> get_prompt_tags("greeting")                                       # doctest: +SKIP
    {}
    """
    found = clients.current().get_prompt(name)
    if found is None:
        raise MlflowException(f"There is no prompt {name!r}",
                              error_code="RESOURCE_DOES_NOT_EXIST")
    return found.tags


def set_prompt_tag(name: str, key: str, value: str) -> None:
    """Set a tag of a prompt.

    >>> set_prompt_tag("greeting", "team", "words")                       # doctest: +SKIP
    """
    clients.current().set_prompt_tag(name, key, value)


def delete_prompt_tag(name: str, key: str) -> None:
    """Remove a tag of a prompt.

    >>> delete_prompt_tag("greeting", "team")                             # doctest: +SKIP
    """
    clients.current().delete_prompt_tag(name, key)


def set_prompt_version_tag(name: str, version: Union[int, str], key: str, value: str) -> None:
    """Set a tag of a version of a prompt.

    >>> set_prompt_version_tag("greeting", 1, "checked", "yes")           # doctest: +SKIP
    """
    clients.current().set_prompt_version_tag(name, version, key, value)


def delete_prompt_version_tag(name: str, version: Union[int, str], key: str) -> None:
    """Remove a tag of a version of a prompt.

    >>> delete_prompt_version_tag("greeting", 1, "checked")               # doctest: +SKIP
    """
    clients.current().delete_prompt_version_tag(name, version, key)


def set_prompt_model_config(name: str, version: Union[int, str], model_config: Any) -> None:
    """Say which model is to answer a version of a prompt, with which settings.

    >>> set_prompt_model_config("greeting", 1, {"temperature": 0.5})      # doctest: +SKIP
    """
    import json

    clients.current().set_prompt_version_tag(name, version, _CONFIG,
                                             json.dumps(config_of(model_config) or {}))


def delete_prompt_model_config(name: str, version: Union[int, str]) -> None:
    """Say no longer which model is to answer a version of a prompt.

    >>> delete_prompt_model_config("greeting", 1)                         # doctest: +SKIP
    """
    clients.current().delete_prompt_version_tag(name, version, _CONFIG)
