"""Host names that are answered, pages of other origins, and headers on every answer."""

from ..differential import Scenario

COMMON = ("x-content-type-options", "x-frame-options")
CORS = ("access-control-allow-origin", "access-control-allow-credentials",
        "access-control-allow-methods", "access-control-max-age")

HOSTS = [
    "localhost", "localhost:5000", "LOCALHOST", "127.0.0.1", "127.0.0.1:1", "[::1]", "[::1]:5000",
    "0.0.0.0", "0.0.0.0:80", "192.168.1.5", "192.168.1.5:5000", "10.0.0.7", "172.16.0.1",
    "172.31.255.1", "172.32.0.1", "172.15.0.1", "[fd00::1]", "[fc00::1]:80", "[fe80::1]",
    "evil.com", "evil.com:5000", "localhost.evil.com", "10.evil.com", "192.168.evil.com",
    "8.8.8.8", "127.0.0.2", "example.internal", "", "localhost:", "localhost:x", "localhost@evil.com",
    "evil.com#localhost", "127.0.0.1.nip.io", "[::ffff:127.0.0.1]", "2130706433", "a b",
]

ORIGINS = [
    "http://localhost", "http://localhost:3000", "https://localhost", "http://127.0.0.1:5000",
    "http://[::1]:5000", "http://evil.com", "https://evil.com", "null", "http://localhost.evil.com",
    "http://127.0.0.1.evil.com", "http://192.168.1.5", "", "localhost", "file://", "http://LOCALHOST",
    "http://evil.com:5000", "ftp://localhost", "http://localhost:99999", "http://user@localhost",
]


def hosts():
    s = Scenario("hosts")
    target = "/api/2.0/mlflow/experiments/get"
    for host in HOSTS:
        s.get(f"host {host!r}", target, {"experiment_id": "0"}, headers={"Host": host}, compare_body=False)
    s.get("health of evil.com", "/health", headers={"Host": "evil.com"})
    s.get("version of evil.com", "/version", headers={"Host": "evil.com"}, compare_body=False)
    s.get("health below of evil.com", "/health/x", headers={"Host": "evil.com"}, compare_body=False)
    s.get("front page of evil.com", "/", headers={"Host": "evil.com"}, compare_body=False)
    s.get("artifact of evil.com", "/get-artifact", {"path": "x", "run_id": "y"},
          headers={"Host": "evil.com"})
    s.post("create of evil.com", "mlflow/experiments/create", {"name": "sh evil"},
           headers={"Host": "evil.com"})
    s.add("put of evil.com", "PUT", "mlflow-artifacts/artifacts/sh/x", raw="x",
          headers={"Host": "evil.com"})
    s.get("nothing was created", "mlflow/experiments/get-by-name", {"experiment_name": "sh evil"})
    return s


def origins():
    s = Scenario("origins")
    search = "mlflow/runs/search"
    body = {"experiment_ids": ["987654321"]}
    for origin in ORIGINS:
        s.post(f"post from {origin!r}", search, body, headers={"Origin": origin},
               compare_headers=CORS[:2])
        s.get(f"get from {origin!r}", "mlflow/experiments/get", {"experiment_id": "0"},
              headers={"Origin": origin}, compare_headers=CORS[:2], compare_body=False)
        s.post(f"ajax from {origin!r}", "/ajax-api/2.0/" + search, body, headers={"Origin": origin},
               compare_headers=CORS[:2])
    evil = {"Origin": "http://evil.com"}
    for method in ("PUT", "DELETE"):
        s.add(f"{method} artifact from evil", method, "mlflow-artifacts/artifacts/so/x", raw="x",
              headers=evil)
        s.add(f"{method} artifact from localhost", method, "mlflow-artifacts/artifacts/so/x",
              raw="x", headers={"Origin": "http://localhost:3000"})
    s.add("upload from evil", "POST", "/ajax-api/2.0/mlflow/upload-artifact",
          query={"run_uuid": "0" * 32, "path": "x"}, raw="x", headers=evil)
    s.get("artifact from evil", "/get-artifact", {"path": "x", "run_id": "0" * 32}, headers=evil,
          compare_headers=CORS[:2])
    return s


def preflights():
    s = Scenario("preflights")
    for origin in ("http://localhost:3000", "http://evil.com", "https://localhost", "null"):
        for method in ("POST", "PUT", "DELETE", "PATCH", "GET", "BREW"):
            s.add(f"{method} from {origin}", "OPTIONS", "mlflow/runs/search", headers={
                "Origin": origin, "Access-Control-Request-Method": method,
                "Access-Control-Request-Headers": "content-type"}, compare_body=False,
                  compare_headers=CORS)
    s.add("headers named", "OPTIONS", "mlflow/runs/search", headers={
        "Origin": "http://localhost:3000", "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type, x-custom"}, compare_body=False,
          compare_headers=(*CORS, "access-control-allow-headers"))
    s.add("without origin", "OPTIONS", "mlflow/runs/search", compare_body=False)
    s.add("without method", "OPTIONS", "mlflow/runs/search",
          headers={"Origin": "http://localhost"}, compare_body=False)
    s.add("artifacts", "OPTIONS", "mlflow-artifacts/artifacts/x", headers={
        "Origin": "http://localhost:3000", "Access-Control-Request-Method": "PUT"}, compare_body=False,
          compare_headers=CORS)
    return s


def headers():
    s = Scenario("security-headers")
    s.get("json", "mlflow/experiments/get", {"experiment_id": "0"}, compare_body=False,
          compare_headers=COMMON)
    s.get("error", "mlflow/experiments/get", {"experiment_id": "987654321"}, compare_headers=COMMON)
    s.get("not found", "mlflow/nothing", compare_body=False, compare_headers=COMMON)
    s.get("health", "/health", compare_headers=COMMON)
    s.get("front page", "/", compare_body=False, compare_headers=COMMON)
    s.get("refused host", "/", headers={"Host": "evil.com"}, compare_body=False, compare_headers=COMMON)
    s.post("refused origin", "mlflow/runs/search", {}, headers={"Origin": "http://evil.com"},
           compare_headers=COMMON)
    return s


SCENARIOS = [hosts(), origins(), preflights(), headers()]
