"""The rows that are about the tracking URI itself."""

import os

ELSEWHERE = "http://127.0.0.1:9"


def get_tracking_uri(n):
    os.environ["MLFLOW_TRACKING_URI"] = ELSEWHERE
    n.case("the environment counts", n.tracking.get_tracking_uri)
    del os.environ["MLFLOW_TRACKING_URI"]
    n.case("also in the package", lambda: n.module.get_tracking_uri() == n.tracking.get_tracking_uri())


def set_tracking_uri(n):
    name = n.new_name("seen")
    made = n.create_experiment("set_tracking_uri: made", n.client.create_experiment, name)
    n.case("gives nothing", n.tracking.set_tracking_uri, n.uri)
    os.environ["MLFLOW_TRACKING_URI"] = ELSEWHERE
    n.case("goes before the environment", lambda: n.tracking.get_tracking_uri() == n.uri)
    del os.environ["MLFLOW_TRACKING_URI"]
    n.case("clients opened afterwards go there",
           lambda: n.tracking.MlflowClient().get_experiment(made).name == name)
    opened = n.tracking.MlflowClient()
    n.tracking.set_tracking_uri(ELSEWHERE)
    n.case("clients that are open stay where they are",
           lambda: opened.get_experiment(made).name == name)
    n.case("an argument goes before all",
           lambda: n.tracking.MlflowClient(n.uri).get_experiment(made).name == name)
    n.case("as a keyword too",
           lambda: n.tracking.MlflowClient(tracking_uri=n.uri).get_experiment(made).name == name)
    n.module.set_tracking_uri(n.uri)
    n.case("the package's function is the same",
           lambda: n.tracking.get_tracking_uri() == n.module.get_tracking_uri() == n.uri)


ROWS = (get_tracking_uri, set_tracking_uri)
