# What the calls of this package raise; exceptions.py has the meanings.

from typing import Any, Dict, Type, TypeVar, Union

__all__ = [
    "ExecutionException", "InvalidUrlException", "MissingConfigException", "MlflowException",
    "MlflowNotImplementedException", "RestException",
]

_Self = TypeVar("_Self", bound="MlflowException")

class MlflowException(Exception):
    error_code: str
    message: str
    json_kwargs: Dict[str, Any]
    def __init__(
        self, message: object, error_code: Union[int, str, None] = 1, **kwargs: Any) -> None: ...
    def serialize_as_json(self) -> str: ...
    def get_http_status_code(self) -> int: ...
    @classmethod
    def invalid_parameter_value(cls: Type[_Self], message: object, **kwargs: Any) -> _Self: ...

class RestException(MlflowException):
    json: Dict[str, Any]
    def __init__(self, json: Dict[str, Any]) -> None: ...

class ExecutionException(MlflowException): ...
class MissingConfigException(MlflowException): ...
class InvalidUrlException(MlflowException): ...

class MlflowNotImplementedException(MlflowException):
    def __init__(self, message: object = "") -> None: ...
