"""What the calls of this package raise: MlflowException and its subclasses.

    try:
        client.get_run(run_id)
    except MlflowException as error:
        if error.error_code == "RESOURCE_DOES_NOT_EXIST":
            ...
"""

__all__ = [
    "ExecutionException", "InvalidUrlException", "MissingConfigException", "MlflowException",
    "MlflowNotImplementedException", "RestException",
]

# Codes that a tracking server answers with: the number of each, which constructors take, and the
# HTTP status that goes with it.
_CODES = {
    "INTERNAL_ERROR": (1, 500),
    "TEMPORARILY_UNAVAILABLE": (2, 503),
    "IO_ERROR": (3, 500),
    "BAD_REQUEST": (4, 400),
    "SERVICE_UNDER_MAINTENANCE": (5, 500),
    "WORKSPACE_TEMPORARILY_UNAVAILABLE": (6, 500),
    "DEADLINE_EXCEEDED": (7, 504),
    "CANCELLED": (8, 499),
    "RESOURCE_EXHAUSTED": (9, 429),
    "ABORTED": (10, 409),
    "NOT_FOUND": (11, 404),
    "ALREADY_EXISTS": (12, 409),
    "UNAUTHENTICATED": (13, 401),
    "INVALID_PARAMETER_VALUE": (1000, 400),
    "ENDPOINT_NOT_FOUND": (1001, 404),
    "MALFORMED_REQUEST": (1002, 500),
    "INVALID_STATE": (1003, 500),
    "PERMISSION_DENIED": (1004, 403),
    "FEATURE_DISABLED": (1005, 500),
    "CUSTOMER_UNAUTHORIZED": (1006, 401),
    "REQUEST_LIMIT_EXCEEDED": (1007, 429),
    "RESOURCE_CONFLICT": (1008, 409),
    "UNPARSEABLE_HTTP_ERROR": (1009, 500),
    "NOT_IMPLEMENTED": (1010, 501),
    "DATA_LOSS": (1011, 500),
    "INVALID_STATE_TRANSITION": (2001, 500),
    "COULD_NOT_ACQUIRE_LOCK": (2002, 500),
    "RESOURCE_ALREADY_EXISTS": (3001, 400),
    "RESOURCE_DOES_NOT_EXIST": (3002, 404),
    "QUOTA_EXCEEDED": (4001, 500),
    "RESOURCE_LIMIT_EXCEEDED": (5002, 500),
}
_NAMES = {number: name for name, (number, _) in _CODES.items()}
# What an answer without a code of its own means, by its HTTP status.
_NAMES_OF_STATUS = {
    400: "BAD_REQUEST", 401: "UNAUTHENTICATED", 403: "PERMISSION_DENIED",
    404: "ENDPOINT_NOT_FOUND", 409: "RESOURCE_CONFLICT", 429: "RESOURCE_EXHAUSTED",
    499: "CANCELLED", 500: "INTERNAL_ERROR", 501: "NOT_IMPLEMENTED",
    503: "TEMPORARILY_UNAVAILABLE", 504: "DEADLINE_EXCEEDED",
}


class MlflowException(Exception):
    """A call of the tracking client failed.

    message     what went wrong; also str() of the exception
    error_code  the code's number, or its name; anything unknown is INTERNAL_ERROR
    kwargs      go into serialize_as_json

    The attribute error_code is the name: "RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE" ...
    """

    def __init__(self, message, error_code=1, **kwargs):
        message = str(message)
        name = error_code if isinstance(error_code, str) else _NAMES.get(error_code)
        self.error_code = name if name in _CODES else "INTERNAL_ERROR"
        self.message = message
        self.json_kwargs = kwargs
        super().__init__(message)

    def __reduce__(self):
        return _remade, (type(self), self.args, self.__dict__)

    def serialize_as_json(self):
        """The exception as a server would answer it: text of a JSON object."""
        import json
        return json.dumps({"error_code": self.error_code, "message": self.message,
                           **self.json_kwargs})

    def get_http_status_code(self):
        """The HTTP status that goes with the code: int."""
        return _CODES[self.error_code][1]

    @classmethod
    def invalid_parameter_value(cls, message, **kwargs):
        """An exception with the code INVALID_PARAMETER_VALUE."""
        return cls(message, error_code="INVALID_PARAMETER_VALUE", **kwargs)


class RestException(MlflowException):
    """A server refused a request.

    json  its answer: a dict with error_code, which may be an HTTP status, and message
    """

    def __init__(self, json):
        code = json.get("error_code") or "INTERNAL_ERROR"
        message = json["message"] if "message" in json else f"Response: {json}"
        name = code
        if name not in _CODES and str(code).isdigit():
            name = _NAMES_OF_STATUS.get(int(code))
        super().__init__(f"{code}: {message}", error_code=name)
        self.json = json


class ExecutionException(MlflowException):
    """A project failed while it ran."""


class MissingConfigException(MlflowException):
    """A file or directory with settings is missing."""


class InvalidUrlException(MlflowException):
    """A request could not be made of a URL."""


class MlflowNotImplementedException(MlflowException):
    """Something is not implemented."""

    def __init__(self, message=""):
        super().__init__(message, error_code="NOT_IMPLEMENTED")


def _remade(cls, args, attributes):
    """A pickled exception: constructors of subclasses take other arguments than they pass on."""
    exception = cls.__new__(cls, *args)
    exception.args = args
    exception.__dict__.update(attributes)
    return exception


def _local_exception(code, message):
    """What a call raises that failed before a server was asked, or without one."""
    return MlflowException(message, error_code=code)


def _answered_exception(code, message):
    """What a call raises that a server has refused."""
    return RestException({"error_code": code, "message": message})
