"""Prefixes, methods, routes that are not there, and what a server says about itself."""

from ..differential import Scenario


def prefixes():
    s = Scenario("prefixes")
    for prefix in ("/api/2.0", "/ajax-api/2.0", "/api/2.0/preview", "/ajax-api/2.0/preview",
                   "/api/3.0", "/ajax-api/3.0", "/api/1.0", "/api", "", "/API/2.0", "//api/2.0",
                   "/api//2.0", "/api/2.0/"):
        s.get(f"get {prefix!r}", f"{prefix or ''}/mlflow/experiments/get", {"experiment_id": "0"},
              compare_body=False)
    for prefix in ("/ajax-api/2.0", "/api/2.0/preview"):
        s.post(f"create {prefix!r}", f"{prefix}/mlflow/experiments/create",
               {"name": f"pf {prefix}"}, save={f"e{len(s.cases)}": "experiment_id"}
               if prefix.startswith("/ajax") else None)
        s.post(f"search {prefix!r}", f"{prefix}/mlflow/runs/search",
               {"experiment_ids": ["987654321"]})
    s.get("trailing slash", "/api/2.0/mlflow/experiments/get/", {"experiment_id": "0"}, compare_body=False)
    s.get("double slash inside", "/api/2.0/mlflow//experiments/get", {"experiment_id": "0"},
          compare_body=False)
    s.get("dot segment", "/api/2.0/./mlflow/experiments/get", {"experiment_id": "0"}, compare_body=False)
    s.get("parent segment", "/api/2.0/x/../mlflow/experiments/get", {"experiment_id": "0"},
          compare_body=False)
    s.get("encoded letter", "/api/2.0/mlflow/experiments/%67et", {"experiment_id": "0"}, compare_body=False)
    s.get("encoded slash", "/api/2.0/mlflow/experiments%2fget", {"experiment_id": "0"}, compare_body=False)
    s.get("upper case path", "/api/2.0/mlflow/Experiments/get", {"experiment_id": "0"})
    s.get("list experiments", "/api/2.0/mlflow/experiments/list", {"view_type": "ALL"}, compare_body=False)
    s.get("list experiments, preview", "/api/2.0/preview/mlflow/experiments/list", compare_body=False)
    return s


def methods():
    s = Scenario("methods")
    routes = {"experiments/create": "POST", "experiments/get": "GET", "experiments/search": "POST",
              "runs/get": "GET", "runs/create": "POST", "runs/log-batch": "POST",
              "metrics/get-history": "GET", "artifacts/list": "GET"}
    for route, right in routes.items():
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
            if method != right and not (route == "experiments/search" and method == "GET"):
                s.add(f"{method} {route}", method, f"mlflow/{route}", json_body={})
    s.add("PUT health", "PUT", "/health")
    s.add("POST get-artifact", "POST", "/get-artifact", raw="x")
    s.add("GET upload-artifact", "GET", "/ajax-api/2.0/mlflow/upload-artifact")
    s.add("strange method", "BREW", "mlflow/runs/get")
    s.add("TRACE", "TRACE", "mlflow/runs/get")
    return s


def unknown():
    s = Scenario("unknown")
    for path in ("/api/2.0/mlflow/nothing", "/api/2.0/mlflow/runs/nothing", "/api/2.0/mlflow",
                 "/api/2.0", "/api", "/nothing", "/api/2.0/mlflow/runs/get/x", "/api/9.9/mlflow/runs/get",
                 "/ajax-api/2.0/mlflow/nothing", "/favicon.ico", "/robots.txt", "/.env", "/metrics"):
        s.get(f"GET {path}", path)
    s.post("POST nothing", "mlflow/nothing", {})
    s.add("DELETE nothing", "DELETE", "mlflow/nothing")
    return s


def about():
    s = Scenario("about")
    s.get("health", "/health")
    s.add("health by HEAD", "HEAD", "/health")
    s.get("version", "/version")
    s.get("server-info", "/api/3.0/mlflow/server-info")
    s.get("server-info by ajax", "/ajax-api/3.0/mlflow/server-info")
    s.get("front page", "/")
    s.get("current user", "/ajax-api/2.0/mlflow/users/current")
    return s


SCENARIOS = [prefixes(), methods(), unknown(), about()]
