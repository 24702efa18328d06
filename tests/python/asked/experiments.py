"""Questions about experiments, where runs start, and searches."""

import os

import mlflow
from answers import ask, done
from mlflow.entities import ViewType


def chosen():
    with mlflow.start_run() as run:
        return mlflow.get_experiment(run.info.experiment_id).name


def by_environment():
    os.environ["MLFLOW_EXPERIMENT_ID"] = mlflow.create_experiment("by id")
    ask("the environment's id", chosen)
    os.environ["MLFLOW_EXPERIMENT_NAME"] = "by name"
    ask("name and id disagree: a new name", chosen)
    ask("name and id disagree", chosen)
    del os.environ["MLFLOW_EXPERIMENT_ID"]
    ask("the environment's name", chosen)
    del os.environ["MLFLOW_EXPERIMENT_NAME"]
    os.environ["MLFLOW_EXPERIMENT_ID"] = "98765"
    ask("an id that there is not", chosen)
    del os.environ["MLFLOW_EXPERIMENT_ID"]
    ask("nothing chosen", chosen)


def setting():
    ask("neither name nor id", mlflow.set_experiment)
    ask("both", lambda: mlflow.set_experiment("a", "0"))
    ask("a new one", lambda: mlflow.set_experiment("a").name)
    ask("it is active", chosen)
    ask("it is for children", lambda: os.environ["MLFLOW_EXPERIMENT_ID"]
        == mlflow.get_experiment_by_name("a").experiment_id)
    ask("by an id that there is not", lambda: mlflow.set_experiment(experiment_id="98765"))
    other = mlflow.create_experiment("b", tags={"x": "1"})
    with mlflow.start_run(experiment_id=other) as run:
        pass
    ask("a run elsewhere", lambda: run.info.experiment_id == other)
    ask("a run of another experiment", lambda: mlflow.start_run(run_id=run.info.run_id))
    ask("an id as a number", lambda: mlflow.set_experiment(experiment_id=int(other)).name)
    ask("an id of another kind", lambda: mlflow.start_run(experiment_id=1.5))
    mlflow.set_experiment_tag("t", 1)
    mlflow.set_experiment_tags({"u": 2, "v": None})
    mlflow.delete_experiment_tag("t")
    ask("tags", lambda: mlflow.get_experiment(other).tags)
    mlflow.delete_experiment(other)
    ask("a deleted one", lambda: mlflow.set_experiment("b"))
    ask("it can be got", lambda: mlflow.get_experiment_by_name("b").lifecycle_stage)
    mlflow.restore_experiment(other)
    ask("restored", lambda: mlflow.set_experiment("b").lifecycle_stage)
    ask("a name that is taken", lambda: mlflow.create_experiment("b"))


def searching():
    def names(**options):
        return [each.name for each in mlflow.search_experiments(**options)]

    ask("all active", lambda: sorted(names()))
    ask("at most two", lambda: len(names(max_results=2)))
    ask("by name", lambda: names(order_by=["name DESC"], filter_string="name LIKE 'by %'"))
    ask("deleted only", lambda: names(view_type=ViewType.DELETED_ONLY))
    ask("a filter that cannot be read", lambda: names(filter_string="name ="))
    ask("ids and names", lambda: mlflow.search_runs(["0"], experiment_names=["a"]))
    ask("another format", lambda: mlflow.search_runs(["0"], output_format="csv"))
    ask("unknown names", lambda: mlflow.search_runs(experiment_names=["none"],
                                                    output_format="list"))
    ask("everywhere", lambda: len(mlflow.search_runs(search_all_experiments=True,
                                                     output_format="list")))
    ask("at most one", lambda: len(mlflow.search_runs(search_all_experiments=True, max_results=1,
                                                      output_format="list")))
    ask("the active one", lambda: len(mlflow.search_runs(output_format="list")))


def framed():
    mlflow.set_experiment("frame")
    for number in range(3):
        with mlflow.start_run(run_name=f"run {number}"):
            mlflow.log_metric("all", number / 4)
            mlflow.log_metric(f"only {number}", number)
            mlflow.log_param("p", number)
    mlflow.start_run(run_name="open")
    frame = mlflow.search_runs(order_by=["attributes.run_name"])
    ask("columns", lambda: sorted(frame.columns))
    ask("types", lambda: {name: str(kind) for name, kind in frame.dtypes.items()})
    ask("rows", lambda: frame[["metrics.all", "metrics.only 1", "params.p",
                               "tags.mlflow.runName"]].to_json())
    ask("times", lambda: [str(time)[:4] for time in frame["end_time"]])
    ask("no rows", lambda: list(mlflow.search_runs(filter_string="metrics.all > 7").columns))


def main():
    by_environment()
    setting()
    searching()
    framed()
    done()


if __name__ == "__main__":
    main()
