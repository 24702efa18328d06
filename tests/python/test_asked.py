"""What the fluent functions answer and raise, asked of both packages about the same server."""

import json
import pathlib

import pytest

import harness
import interpreters
from compat import envs

HERE = pathlib.Path(__file__).parent

INVALID = {"raises": "MlflowException", "code": "INVALID_PARAMETER_VALUE"}
MISSING = {"raises": "MlflowException", "code": "RESOURCE_DOES_NOT_EXIST"}
INTERNAL = {"raises": "MlflowException", "code": "INTERNAL_ERROR"}

# Where the answers differ, ours first: an MlflowException has a code, the official exceptions here
# are any Exception's.
DIFFERENCES = {
    "runs": {
        "a metric that is no number": (INVALID, {"raises": "TypeError"}),
        "a second run without nested": ({"raises": "MlflowException", "code": "INVALID_STATE"},
                                        {"raises": "Exception"}),
    },
    "experiments": {},
    "pictures": {},
    # A model's files are found below its URI, too, and what is malformed is said to be so.
    "models": {
        "a status that there is not": (INVALID, {"raises": "ValueError"}),
        "list_logged_model_artifacts of None": (INVALID, MISSING),
        "search by nothing": (INVALID, {"raises": "KeyError"}),
        "search on no dataset": (INVALID, {"raises": "KeyError"}),
        "weights of models:/": (INVALID, MISSING),
        "weights of models:/m-ID": ("1 2 3", MISSING),
        "weights of models:/m-x": (INVALID, MISSING),
        "weights of models:/registered/Staging": (MISSING, INTERNAL),
        "whole models:/": (INVALID, INTERNAL),
        "whole models:/registered/Staging": (MISSING, INTERNAL),
    },
}


def answers(package, script, home):
    """What the package answers to the questions of a script, on a server of its own."""
    place = home / "place"
    place.mkdir()
    with harness.Server(home) as server:
        done = interpreters.run(
            envs.ensure("scripts-3.17.2"), HERE / "people" / "run_as.py", package,
            HERE / "asked" / f"{script}.py", cwd=place, paths=[interpreters.module_path()],
            MLFLOW_TRACKING_URI=server.url, HOME=str(home), MLFLOW_DISABLE_TELEMETRY="true",
            MLFLOW_HTTP_REQUEST_MAX_RETRIES="1",
            MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR="false")
    assert done.returncode == 0, f"{script} with {package}:\n{done.stdout[-6000:]}"
    return json.loads(done.stdout.rpartition("\nANSWERS ")[2])


@pytest.mark.parametrize("script", DIFFERENCES)
def test_answers_are_the_official_ones(script, tmp_path_factory):
    ours, theirs = (answers(package, script, tmp_path_factory.mktemp(package))
                    for package in ("millstream", "mlflow"))
    assert list(ours) == list(theirs)
    differing = {question: (answer, theirs[question]) for question, answer in ours.items()
                 if answer != theirs[question]}
    assert differing == DIFFERENCES[script]
