"""The methods of MlflowClient about prompts."""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, Optional, Sequence, Union

from .._millstream import Client
from ..entities import PagedList
from ..exceptions import MlflowException
from ..prompts import Prompt, PromptVersion, Template, config_of, format_of

_LINKED = "mlflow.linkedPrompts"


def _uri(name: str, version: Union[int, str]) -> str:
    """The URI of a version by its number or alias."""
    text = str(version)
    return f"prompts:/{name}/{text}" if text.isdigit() else f"prompts:/{name}@{text}"


def _with_link(linked: Optional[str], prompt: PromptVersion) -> str:
    """The text of a tag that names prompts, with that one in it."""
    import json

    links: List[Dict[str, str]] = json.loads(linked or "[]")
    link = {"name": prompt.name, "version": str(prompt.version)}
    return json.dumps([*links, link]) if link not in links else str(linked)


class PromptCalls(Client):
    """Prompts: registered models that a tag marks as such."""

    def register_prompt(self, name: str, template: Template, commit_message: Optional[str] = None,
                        tags: Optional[Mapping[str, Any]] = None, response_format: Any = None,
                        model_config: Any = None) -> PromptVersion:
        """Makes the next version of a prompt, and the prompt where there is none.

        Arguments:
            name: letters, digits, '_', '-' and '.'.
            template: a text with {{variables}}, or a list of dicts with "role" and "content".
            commit_message: what is new about it.
            tags: of the version and of the prompt.
            response_format: a dict or a Pydantic class.
            model_config: a dict as {"model_name": "m", "temperature": 0.5}.

        Raises MlflowException: INVALID_PARAMETER_VALUE, also for the name of a registered model.

            client.register_prompt("greeting", "Hello {{name}}!", "the first")
        """
        import json

        def text_of(value: Any) -> Optional[str]:
            return None if value is None else json.dumps(value)

        text, messages = (template, None) if isinstance(template, str) else (
            None, json.dumps(template))
        row = self._register_prompt(
            name, text, messages, commit_message, tags, text_of(format_of(response_format)),
            text_of(config_of(model_config)))
        return PromptVersion._of(row)

    def load_prompt(self, name_or_uri: str, version: Union[int, str, None] = None,
                    allow_missing: bool = False,
                    cache_ttl_seconds: Optional[float] = None) -> Optional[PromptVersion]:
        """A version of a prompt, the latest one where none is named.

        Arguments:
            name_or_uri: a name, "prompts:/NAME/VERSION" or "prompts:/NAME@ALIAS".
            version: number or alias, with a name only.
            allow_missing: give None where there is none.
            cache_ttl_seconds: taken without effect: the registry is asked each time.

        Raises MlflowException: RESOURCE_DOES_NOT_EXIST, INVALID_PARAMETER_VALUE.

            client.load_prompt("prompts:/greeting@production").format(name="Ada")
        """
        del cache_ttl_seconds
        if version is not None and name_or_uri.startswith("prompts:/"):
            raise MlflowException.invalid_parameter_value(
                "version is part of a prompts:/ URI: give it there, or a name without one")
        uri = name_or_uri if version is None else _uri(name_or_uri, version)
        try:
            return PromptVersion._of(self._load_prompt(uri))
        except MlflowException as error:
            if allow_missing and error.error_code in ("RESOURCE_DOES_NOT_EXIST", "NOT_FOUND",
                                                      "INVALID_PARAMETER_VALUE"):
                return None
            raise

    def get_prompt(self, name: str) -> Optional[Prompt]:
        """A prompt without its versions, or None where there is none of that name.

            client.get_prompt("greeting").tags
        """
        try:
            return Prompt(**self._get_prompt(name))
        except MlflowException as error:
            if error.error_code in ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"):
                return None
            raise

    def get_prompt_version(self, name: str, version: Union[int, str]) -> PromptVersion:
        """A version by its number or an alias.

        Raises MlflowException: RESOURCE_DOES_NOT_EXIST, INVALID_PARAMETER_VALUE.

            client.get_prompt_version("greeting", 1).template
        """
        return PromptVersion._of(self._load_prompt(_uri(name, version)))

    def get_prompt_version_by_alias(self, name: str, alias: str) -> PromptVersion:
        """The version that an alias points at.

        Raises MlflowException: RESOURCE_DOES_NOT_EXIST, INVALID_PARAMETER_VALUE.

            client.get_prompt_version_by_alias("greeting", "production")
        """
        return PromptVersion._of(self._load_prompt(f"prompts:/{name}@{alias}"))

    def search_prompts(self, filter_string: Optional[str] = None, max_results: int = 1000,
                       page_token: Optional[str] = None,
                       order_by: Optional[Sequence[str]] = None) -> PagedList[Prompt]:
        """One page of the prompts that match, whose token gets the next page.

        Arguments:
            filter_string: as "name LIKE 'greet%' AND experiment_id = '1'".
            max_results: of the page, 1 to 1000.
            order_by: list as ["last_updated_timestamp DESC"]; None: by name.

        Raises MlflowException: INVALID_PARAMETER_VALUE.

            client.search_prompts("tags.team = 'words'")
        """
        rows, token = self._search_prompts(filter_string, max_results, order_by, page_token)
        return PagedList([Prompt(**row) for row in rows], token)

    def search_prompt_versions(self, name: str, max_results: Optional[int] = None,
                               page_token: Optional[str] = None) -> PagedList[PromptVersion]:
        """One page of the versions of a prompt, the newest first; max_results None: 100.

        Raises MlflowException: RESOURCE_DOES_NOT_EXIST, INVALID_PARAMETER_VALUE.

            client.search_prompt_versions("greeting")[0].version
        """
        rows, token = self._search_prompt_versions(
            name, 100 if max_results is None else max_results, page_token)
        return PagedList([PromptVersion._of(row) for row in rows], token)

    def link_prompt_version_to_run(self, run_id: str, prompt: Union[str, PromptVersion]) -> None:
        """Notes with a run that it uses a version of a prompt, by its URI or as an object.

        Raises MlflowException: RESOURCE_DOES_NOT_EXIST, INVALID_PARAMETER_VALUE.

            client.link_prompt_version_to_run(run_id, "prompts:/greeting/1")
        """
        found = prompt if isinstance(prompt, PromptVersion) else self.load_prompt(prompt)
        assert found is not None
        before = self.get_run(run_id).data.tags.get(_LINKED)
        after = _with_link(before, found)
        if after != before:
            self.set_tag(run_id, _LINKED, after)

    def link_prompt_version_to_model(self, name: str, version: Union[int, str],
                                     model_id: str) -> None:
        """Notes with a logged model that it uses a version of a prompt.

        Raises MlflowException: RESOURCE_DOES_NOT_EXIST.

            client.link_prompt_version_to_model("greeting", 1, model.model_id)
        """
        found = self.get_prompt_version(name, version)
        before = self.get_logged_model(model_id).tags.get(_LINKED)
        after = _with_link(before, found)
        if after != before:
            self.set_logged_model_tags(model_id, {_LINKED: after})
