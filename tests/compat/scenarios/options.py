"""What the options of the server change: prefix, hosts and origins, where artifacts go."""

from ..differential import Scenario
from .security import COMMON, CORS

GET = "/api/2.0/mlflow/experiments/get"
DEFAULT = {"experiment_id": "0"}


def prefix():
    s = Scenario("option-static-prefix", ("--static-prefix", "/tracking"))
    for path in ("/api/2.0/mlflow/experiments/get", "/ajax-api/2.0/mlflow/experiments/get"):
        s.get(f"with prefix {path}", "/tracking" + path, DEFAULT, compare_body=False)
        s.get(f"without prefix {path}", path, DEFAULT, compare_body=False)
    for path in ("/health", "/version", "/", "/api/3.0/mlflow/server-info", "/nothing"):
        s.get(f"with prefix {path}", "/tracking" + path, compare_body=False)
        s.get(f"without prefix {path}", path, compare_body=False)
    s.get("prefix alone", "/tracking", compare_body=False)
    s.get("longer prefix", "/trackings" + GET, DEFAULT, compare_body=False)
    s.post("create run", "/tracking/api/2.0/mlflow/runs/create", {
        "experiment_id": "0", "run_name": "r"}, save={"run": "run.info.run_id"})
    path = "/mlflow-artifacts/artifacts/0/${run}/artifacts/a.txt"
    s.add("put with prefix", "PUT", "/tracking/api/2.0" + path, raw="x")
    s.get("get with prefix", "/tracking/api/2.0" + path)
    s.get("get without prefix", "/api/2.0" + path)
    s.get("list with prefix", "/tracking/api/2.0/mlflow-artifacts/artifacts",
          {"path": "0/${run}/artifacts"})
    s.get("get-artifact with prefix", "/tracking/get-artifact", {
        "run_id": "${run}", "path": "a.txt"})
    s.get("get-artifact without prefix", "/get-artifact", {"run_id": "${run}", "path": "a.txt"},
          compare_body=False)
    return s


def allowed():
    s = Scenario("option-allowed", (
        "--allowed-hosts", "tracking.example.com,*.corp.example,127.0.0.1:*",
        "--cors-allowed-origins", "https://ui.example.com,https://*.corp.example",
        "--x-frame-options", "DENY"))
    for host in ("tracking.example.com", "tracking.example.com:443", "a.corp.example",
                 "a.b.corp.example", "corp.example", "a.corp.example:80", "localhost",
                 "127.0.0.1", "127.0.0.1:1", "10.0.0.1", "evil.com", "TRACKING.example.com"):
        s.get(f"host {host}", GET, DEFAULT, headers={"Host": host}, compare_body=False,
              compare_headers=COMMON)
    for origin in ("https://ui.example.com", "http://ui.example.com", "https://a.corp.example",
                   "https://ui.example.com:8443", "http://localhost:3000", "http://127.0.0.1",
                   "https://evil.com", "https://evil.com/.corp.example", "null"):
        headers = {"Origin": origin}
        s.get(f"get from {origin}", GET, DEFAULT, headers=headers, compare_body=False,
              compare_headers=CORS[:2])
        s.post(f"post from {origin}", "mlflow/runs/search", {"experiment_ids": ["987654321"]},
               headers=headers, compare_headers=CORS[:2])
        s.add(f"preflight from {origin}", "OPTIONS", "mlflow/runs/search", compare_body=False,
              headers={**headers, "Access-Control-Request-Method": "POST"}, compare_headers=CORS)
    return s


def everybody():
    s = Scenario("option-everybody", ("--allowed-hosts", "*", "--cors-allowed-origins", "*",
                                      "--x-frame-options", "NONE"))
    s.get("any host", GET, DEFAULT, headers={"Host": "evil.com"}, compare_body=False,
          compare_headers=COMMON)
    for origin in ("https://evil.com", "http://localhost", "null"):
        headers = {"Origin": origin}
        s.get(f"get from {origin}", GET, DEFAULT, headers=headers, compare_body=False,
              compare_headers=CORS[:2])
        s.post(f"post from {origin}", "mlflow/runs/search", {"experiment_ids": ["987654321"]},
               headers=headers, compare_headers=CORS[:2])
        s.add(f"preflight from {origin}", "OPTIONS", "mlflow/runs/search", compare_body=False,
              headers={**headers, "Access-Control-Request-Method": "POST"}, compare_headers=CORS)
    return s


def no_proxy():
    s = Scenario("option-no-serve-artifacts", (
        "--no-serve-artifacts", "--default-artifact-root", "s3://bucket/root"))
    s.post("create experiment", "mlflow/experiments/create", {"name": "np"},
           save={"exp": "experiment_id"})
    s.get("location", "mlflow/experiments/get", {"experiment_id": "${exp}"}, compare_body=False)
    s.add("put", "PUT", "mlflow-artifacts/artifacts/x", raw="x")
    s.get("get", "mlflow-artifacts/artifacts/x")
    s.get("list", "mlflow-artifacts/artifacts", {"path": ""})
    s.add("delete", "DELETE", "mlflow-artifacts/artifacts/x")
    s.post("multipart", "mlflow-artifacts/mpu/create/x", {"path": "x", "num_parts": 1})
    s.get("presigned", "mlflow-artifacts/presigned/x")
    return s


def root():
    s = Scenario("option-default-artifact-root", ("--default-artifact-root", "gs://bucket/root/"))
    s.post("create experiment", "mlflow/experiments/create", {"name": "dr"},
           save={"exp": "experiment_id"})
    s.get("location", "mlflow/experiments/get", {"experiment_id": "${exp}"})
    s.get("location of Default", "mlflow/experiments/get", DEFAULT)
    s.post("create run", "mlflow/runs/create", {"experiment_id": "${exp}", "run_name": "r"},
           save={"run": "run.info.run_id"})
    s.post("create with query", "mlflow/experiments/create", {
        "name": "dq", "artifact_location": "s3://bucket/x?a=b"}, save={"query": "experiment_id"})
    s.post("run with query", "mlflow/runs/create", {"experiment_id": "${query}", "run_name": "r"})
    return s


SCENARIOS = [prefix(), allowed(), everybody(), no_proxy(), root()]
