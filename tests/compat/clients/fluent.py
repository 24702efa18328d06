"""The fluent calls that training scripts make."""

import time

import mlflow


def train(r, uri, experiment_name):
    mlflow.set_tracking_uri(uri)
    r.step("set experiment", lambda: mlflow.set_experiment(experiment_name) and None)

    def nested():
        with mlflow.start_run(run_name="parent") as parent:
            mlflow.log_param("a", 1)
            mlflow.log_params({"b": 2, "c": "three"})
            mlflow.set_tag("t", "v")
            mlflow.set_tags({"u": 1, "w": "x"})
            for step in range(3):
                mlflow.log_metric("m", step / 2.0, step=step)
            mlflow.log_metrics({"x": 1.0, "y": 2.0}, step=7)
            with mlflow.start_run(run_name="child", nested=True) as child:
                mlflow.log_metric("m", 5)
        return parent.info.run_id, child.info.run_id

    ids = r.step("train", nested)
    client = mlflow.tracking.MlflowClient()
    r.step("parent", client.get_run, ids[0])
    r.step("child", client.get_run, ids[1])

    def failing():
        with mlflow.start_run(run_name="failing") as run:
            failing.run_id = run.info.run_id
            raise ValueError("training failed")

    r.step("failing run", failing)
    r.step("failed status", lambda: client.get_run(failing.run_id).info.status)

    def resumed():
        with mlflow.start_run(run_id=ids[0]):
            mlflow.log_metric("resumed", 1, step=1)
            return mlflow.active_run().info.status

    r.step("resume", resumed)
    r.step("changed param", lambda: _changed(ids[0]))
    r.step("start run twice", _twice)
    r.step("resumed run", lambda: sorted(client.get_run(ids[0]).data.metrics))
    r.step("active run at the end", mlflow.active_run)
    return ids


def _changed(run_id):
    with mlflow.start_run(run_id=run_id):
        mlflow.log_param("a", 2)


def _twice():
    with mlflow.start_run(run_name="outer"):
        mlflow.start_run(run_name="inner")


def background(r, client, run_id):
    """Metrics, params and tags sent by threads of the client arrive."""
    def log():
        with mlflow.start_run(run_id=run_id):
            for step in range(50):
                mlflow.log_metric("async", step, step=step, synchronous=False)
            mlflow.log_param("async", "1", synchronous=False)
            mlflow.set_tag("async", "1", synchronous=False)
            mlflow.flush_async_logging()

    r.step("log in the background", log)

    def logged():
        data = client.get_run(run_id).data
        return [len(client.get_metric_history(run_id, "async")), data.params.get("async"),
                data.tags.get("async")]

    # Some versions come back from the flush before all is sent.
    deadline = time.time() + 30
    while logged() != [50, "1", "1"] and time.time() < deadline:
        time.sleep(0.1)
    r.step("logged in the background", logged)
