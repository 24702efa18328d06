"""The OpenAPI document: valid, complete, and true of what the server answers."""

import os
import subprocess
import sys

import openapi_spec_validator
import pytest

import harness


@pytest.fixture(scope="module")
def document(server):
    answer = server.get("/api/openapi.json")
    assert answer.status == 200
    return answer.json


def test_it_is_valid(document):
    openapi_spec_validator.validate(document)


def test_it_names_the_endpoints(document):
    paths = document["paths"]
    assert set(paths["/api/2.0/mlflow/runs/create"]) == {"post", "parameters"}
    assert set(paths["/api/2.0/mlflow-artifacts/artifacts/{artifact_path}"]) == {
        "get", "put", "delete", "parameters"}
    assert "/ajax-api/2.0/mlflow/metrics/get-history-bulk" in paths
    assert "/health" in paths


def test_each_operation_is_there(server, document):
    """An endpoint that is described is not answered as unknown, whatever else it says."""
    for path, methods in document["paths"].items():
        target = path.replace("{artifact_path}", "no/such")
        for method in set(methods) - {"parameters"}:
            endless = path.endswith("/events")
            answer = server.ask("HEAD" if endless else method.upper(), target)
            assert answer.code != "ENDPOINT_NOT_FOUND", (method, path, answer)
            assert answer.status != 405, (method, path, answer)


def test_required_fields_are_required(server, document):
    """What the document says must be there is missed by its name."""
    for path, methods in document["paths"].items():
        if "post" not in methods or "requestBody" not in methods["post"]:
            continue
        reference = methods["post"]["requestBody"]["content"]["application/json"]["schema"]["$ref"]
        schema = document["components"]["schemas"][reference.rsplit("/", 1)[1]]
        if "required" not in schema:
            continue
        answer = server.ask("POST", path, b"{}", {"Content-Type": "application/json"})
        assert answer.status == 400 and answer.code == "INVALID_PARAMETER_VALUE", path
        assert answer.json["message"].startswith(schema["required"][0] + ": "), answer


def test_the_documented_list_is_current():
    """docs/compatibility.md lists the endpoints that there are."""
    check = subprocess.run(
        [sys.executable, harness.ROOT / "tools" / "endpoints", "--check"],
        env={**os.environ, "MILLSTREAM_BINARY": harness.program()}, capture_output=True, text=True)
    assert check.returncode == 0, check.stderr
