"""What calls raise: codes, HTTP statuses, JSON, and copies for other processes."""

import copy
import json
import pickle

import pytest

from millstream import exceptions
from millstream.exceptions import (
    ExecutionException, MissingConfigException, MlflowException, MlflowNotImplementedException,
    RestException)


@pytest.mark.parametrize("code, name, status", [
    (1, "INTERNAL_ERROR", 500), (1000, "INVALID_PARAMETER_VALUE", 400),
    (3001, "RESOURCE_ALREADY_EXISTS", 400), (3002, "RESOURCE_DOES_NOT_EXIST", 404),
    ("BAD_REQUEST", "BAD_REQUEST", 400), (987, "INTERNAL_ERROR", 500),
    ("NOTHING", "INTERNAL_ERROR", 500), (None, "INTERNAL_ERROR", 500),
])
def test_codes(code, name, status):
    error = MlflowException("text", error_code=code, more="data")
    assert (error.error_code, error.get_http_status_code()) == (name, status)
    assert str(error) == error.message == "text"
    assert json.loads(error.serialize_as_json()) == {
        "error_code": name, "message": "text", "more": "data"}


def test_defaults():
    assert MlflowException("x").error_code == "INTERNAL_ERROR"
    assert MlflowException.invalid_parameter_value("x").error_code == "INVALID_PARAMETER_VALUE"
    assert MlflowNotImplementedException().error_code == "NOT_IMPLEMENTED"
    for kind in (RestException, ExecutionException, MissingConfigException):
        assert issubclass(kind, MlflowException) and issubclass(kind, Exception)


@pytest.mark.parametrize("answer, code, text", [
    ({"error_code": "RESOURCE_DOES_NOT_EXIST", "message": "no run"}, "RESOURCE_DOES_NOT_EXIST",
     "RESOURCE_DOES_NOT_EXIST: no run"),
    ({"error_code": 404, "message": "x"}, "ENDPOINT_NOT_FOUND", "404: x"),
    ({"error_code": "ODD", "message": "x"}, "INTERNAL_ERROR", "ODD: x"),
    ({"message": "x"}, "INTERNAL_ERROR", "INTERNAL_ERROR: x"),
    ({"error_code": "BAD_REQUEST"}, "BAD_REQUEST",
     "BAD_REQUEST: Response: {'error_code': 'BAD_REQUEST'}"),
])
def test_answers_of_servers(answer, code, text):
    error = RestException(answer)
    assert (error.error_code, str(error), error.json) == (code, text, answer)


@pytest.mark.parametrize("error", [
    MlflowException("text", 1000, more=1), RestException({"error_code": 404, "message": "x"}),
    MlflowNotImplementedException("y"), ExecutionException("z")], ids=lambda e: type(e).__name__)
def test_copies(error):
    for other in (pickle.loads(pickle.dumps(error)), copy.copy(error)):
        assert type(other) is type(error)
        assert (str(other), other.error_code, vars(other)) == (
            str(error), error.error_code, vars(error))


def test_everything_is_exported():
    for name in exceptions.__all__:
        assert issubclass(getattr(exceptions, name), Exception)
