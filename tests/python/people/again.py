"""A run that several parts of a job go on with, by its id, by the environment, by its parent."""

import os

import mlflow
from mlflow.entities import Metric, Param, RunTag, ViewType


def main():
    place = mlflow.create_experiment("parts", tags={"owner": "us"})
    with mlflow.start_run(experiment_id=place, run_name="job") as run:
        mlflow.log_metric("loss", 4, step=0)
        mlflow.set_tag("to be", "deleted")
    run_id = run.info.run_id

    with mlflow.start_run(run_id=run_id, tags={"part": "second"}, description="went on"):
        mlflow.log_metric("loss", 2, step=1)
        mlflow.delete_tag("to be")

    os.environ["MLFLOW_RUN_ID"] = run_id
    mlflow.log_metrics({"loss": 1, "accuracy": 0.5}, step=2)  # starts the run that is named
    assert mlflow.active_run().info.run_id == run_id
    assert "MLFLOW_RUN_ID" not in os.environ
    mlflow.end_run("KILLED")

    with mlflow.start_run(experiment_id=place, run_name="evaluation", parent_run_id=run_id):
        mlflow.log_param("split", "test")

    client = mlflow.MlflowClient()
    client.log_batch(run_id, [Metric("f1", 0.25, 1700000000000, 5)], [Param("late", "yes")],
                     [RunTag("from", "client")])
    lost = client.create_run(place, run_name="lost")
    client.set_terminated(lost.info.run_id, "FAILED")
    mlflow.delete_run(lost.info.run_id)
    deleted = mlflow.search_runs([place], run_view_type=ViewType.DELETED_ONLY,
                                 output_format="list")
    assert [each.info.run_name for each in deleted] == ["lost"], deleted
    assert mlflow.last_active_run().info.run_name == "evaluation"

    mlflow.set_experiment(experiment_id=place)
    mlflow.set_experiment_tag("parts", 3)
    mlflow.log_param("left", "open")  # the interpreter's exit ends this one


if __name__ == "__main__":
    main()
