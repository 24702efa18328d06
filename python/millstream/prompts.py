"""Prompts for language models, as values: Prompt, and PromptVersion, which can be filled in."""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, Optional, Set, Union

from .exceptions import MlflowException

# A text, or the messages of a chat.
Template = Union[str, List[Dict[str, Any]]]

# What stands for a value: words with dots between them, in double braces.
_VARIABLE = r"\{\{\s*([a-zA-Z_][a-zA-Z0-9_]*(?:\.[a-zA-Z_][a-zA-Z0-9_]*)*)\s*\}\}"
_BRACES = r"\{\{\s*([^{}\s]+)\s*\}\}"

# Settings that a model config has, in the order in which they are kept; others come behind.
_SETTINGS = ("provider", "model_name", "temperature", "max_tokens", "top_p", "top_k",
             "frequency_penalty", "presence_penalty", "stop_sequences")
_REALS = ("temperature", "top_p", "frequency_penalty", "presence_penalty")

_SHOWN = 30  # characters of a template that a repr has


def format_of(response_format: Any) -> Optional[Dict[str, Any]]:
    """What is kept of a response format: a dict, or the JSON schema of a Pydantic class."""
    schema = getattr(response_format, "model_json_schema", None)
    return schema() if schema is not None else response_format or None


def config_of(model_config: Any) -> Optional[Dict[str, Any]]:
    """What is kept of a model config, a dict or an object with to_dict: all that is not None."""
    if not model_config:
        return None
    given = dict(model_config.to_dict() if hasattr(model_config, "to_dict") else model_config)
    kept = {name: given.pop(name) for name in _SETTINGS if name in given}
    for name in _REALS:
        if isinstance(kept.get(name), int):
            kept[name] = float(kept[name])
    return {name: value for name, value in {**kept, **given}.items() if value is not None}


def _is_jinja(text: Any) -> bool:
    return isinstance(text, str) and "{%" in text and "%}" in text


class Prompt:
    """A prompt without its versions: name, description, creation_timestamp and tags."""

    def __init__(self, name: str, description: Optional[str] = None,
                 creation_timestamp: Optional[int] = None,
                 tags: Optional[Mapping[str, str]] = None) -> None:
        self.name = name
        self.description = description
        self.creation_timestamp = creation_timestamp
        self.tags: Dict[str, str] = dict(tags or {})

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Prompt) and vars(self) == vars(other)

    def __repr__(self) -> str:
        return f"<Prompt: name={self.name!r}, description={self.description!r}, tags={self.tags}>"


class PromptVersion:
    """A version of a prompt.

    Arguments:
        template: a text with {{variables}}, or a list of dicts with "role" and "content".
        commit_message: what is new about it.
        tags: of the version.
        response_format: what answers should look like.
        model_config: which model is to answer, with which settings.

    >>> PromptVersion("greeting", 1, "Hello {{name}}!").format(name="Ada")
    'Hello Ada!'
    """

    def __init__(self, name: str, version: int, template: Template,
                 commit_message: Optional[str] = None, creation_timestamp: Optional[int] = None,
                 tags: Optional[Mapping[str, str]] = None, aliases: Optional[List[str]] = None,
                 last_updated_timestamp: Optional[int] = None, user_id: Optional[str] = None,
                 response_format: Any = None, model_config: Any = None) -> None:
        self.name = name
        self.version = int(version)
        self.template = template
        self.commit_message = commit_message
        self.creation_timestamp = creation_timestamp or 0
        self.tags: Dict[str, str] = dict(tags or {})
        self.aliases: List[str] = list(aliases or [])
        self.last_updated_timestamp = last_updated_timestamp
        self.user_id = user_id
        self.response_format = format_of(response_format)
        self.model_config = config_of(model_config)

    @classmethod
    def _of(cls, row: Dict[str, Any]) -> "PromptVersion":
        """A version of what the registry has."""
        import json

        text, messages = row.pop("text"), row.pop("messages")
        for name in ("response_format", "model_config"):
            row[name] = json.loads(row[name]) if row[name] is not None else None
        return cls(template=text if messages is None else json.loads(messages), **row)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PromptVersion) and vars(self) == vars(other)

    def __repr__(self) -> str:
        text = str(self.template)
        shown = text if len(text) <= _SHOWN else text[:_SHOWN] + "..."
        return f"PromptVersion(name={self.name}, version={self.version}, template={shown})"

    @property
    def description(self) -> Optional[str]:
        """The commit message."""
        return self.commit_message

    @property
    def is_text_prompt(self) -> bool:
        """Whether it is a text, not a chat."""
        return isinstance(self.template, str)

    @property
    def uri(self) -> str:
        """"prompts:/NAME/VERSION"."""
        return f"prompts:/{self.name}/{self.version}"

    def _texts(self) -> List[Any]:
        if isinstance(self.template, str):
            return [self.template]
        return [message.get("content") for message in self.template]

    @property
    def variables(self) -> Set[str]:
        """Names of the variables in the template."""
        import json
        import re

        return set(re.findall(_VARIABLE, self.template if isinstance(self.template, str)
                              else json.dumps(self.template)))

    def to_single_brace_format(self) -> Template:
        """The template with {variable} for {{variable}}, as other tools have it."""
        import re

        def single(text: Any) -> Any:
            return re.sub(_VARIABLE, r"{\1}", text) if isinstance(text, str) else text

        if isinstance(self.template, str):
            return str(single(self.template))
        return [{key: single(value) for key, value in message.items()}
                for message in self.template]

    def format(self, allow_partial: bool = False, use_jinja_sandbox: bool = True,
               **kwargs: Any) -> Any:
        """The text, or the messages with role and content, with values for the variables.

        Arguments:
            allow_partial: give a PromptVersion where values are missing.
            use_jinja_sandbox: of a template with {% statements %}, which needs Jinja2.

        Raises MlflowException: INVALID_PARAMETER_VALUE where values are missing.

        >>> PromptVersion("p", 1, "{{a}} {{b}}").format(a=1, allow_partial=True).template
        '1 {{b}}'
        """
        fill = self._filled
        if any(_is_jinja(text) for text in self._texts()):
            fill = _jinja(use_jinja_sandbox)
        elif not allow_partial and self.variables - set(kwargs):
            raise MlflowException.invalid_parameter_value(
                f"no values for {sorted(self.variables - set(kwargs))}: give them, or "
                "allow_partial=True to keep them as they are")
        template: Template
        if isinstance(self.template, str):
            template = fill(self.template, kwargs)
        else:
            template = [{"role": message["role"], "content": fill(message.get("content"), kwargs)}
                        for message in self.template]
        if fill != self._filled or not self.variables - set(kwargs):
            return template
        return PromptVersion(**{**vars(self), "template": template})

    @staticmethod
    def _filled(text: Any, values: Dict[str, Any]) -> Any:
        """A text with values; they are not looked through for variables."""
        import re

        if not isinstance(text, str):
            return text
        return re.sub(_BRACES, lambda found: str(values.get(found[1], found[0])), text)


def _jinja(sandboxed: bool) -> Any:
    """What renders a text and values by Jinja2."""
    try:
        from jinja2 import Environment
        from jinja2.sandbox import SandboxedEnvironment
    except ImportError:
        raise MlflowException.invalid_parameter_value(
            "statements in a prompt are for Jinja2, which is missing: pip install jinja2") from None
    environment = SandboxedEnvironment() if sandboxed else Environment()
    return lambda text, values: environment.from_string(text or "").render(**values)
