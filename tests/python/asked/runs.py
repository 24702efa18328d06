"""Questions about active runs."""

import os
import threading

import mlflow
from answers import ask, done

NO_RUN = "0123456789abcdef0123456789abcdef"


def status(run):
    return mlflow.get_run(run.info.run_id).info.status


def tags(run):
    return {key: value for key, value in mlflow.get_run(run.info.run_id).data.tags.items()
            if key in ("a", "mlflow.note.content", "mlflow.runName")}


def ended():
    while mlflow.active_run():
        mlflow.end_run()


def body_that_fails():
    try:
        with mlflow.start_run() as run:
            raise KeyError("x")
    except KeyError:
        return status(run)


def nesting():
    with mlflow.start_run(run_name="outer") as outer:
        ask("a second run without nested", mlflow.start_run)
        ask("it is still active", lambda: mlflow.active_run().info.run_name)
        with mlflow.start_run(nested=True, run_name="inner") as inner:
            ask("the inner one is active", lambda: mlflow.active_run().info.run_name)
            ask("its parent", lambda: mlflow.get_parent_run(inner.info.run_id).info.run_id
                == outer.info.run_id)
            ask("another parent than the active run",
                lambda: mlflow.start_run(nested=True, parent_run_id=NO_RUN))
        ask("the outer one again", lambda: mlflow.active_run().info.run_name)
        ask("last active run inside", lambda: mlflow.last_active_run().info.run_name)
    ask("no active run then", mlflow.active_run)
    ask("last active run outside", lambda: mlflow.last_active_run().info.run_name)
    ask("the outer one has no parent", lambda: mlflow.get_parent_run(outer.info.run_id))


def resuming():
    with mlflow.start_run(run_name="first", tags={"a": "1"}) as run:
        pass
    run_id = run.info.run_id
    with mlflow.start_run(run_id=run_id, run_name="second", description="d") as again:
        ask("resumed: running", lambda: status(again))
        ask("resumed: tags", lambda: tags(again))
        ask("resumed: name", lambda: again.info.run_name)
    ask("resumed: ended", lambda: status(run))
    ask("description twice", lambda: mlflow.start_run(
        run_id=run_id, tags={"mlflow.note.content": "x"}, description="y"))
    ended()
    ask("description twice in a new run", lambda: mlflow.start_run(
        tags={"mlflow.note.content": "x"}, description="y"))
    ended()
    ask("unknown run", lambda: mlflow.start_run(run_id=NO_RUN))
    ask("unknown parent", lambda: mlflow.start_run(parent_run_id=NO_RUN))
    mlflow.delete_run(run_id)
    ask("deleted run", lambda: mlflow.start_run(run_id=run_id))
    ask("deleted parent", lambda: mlflow.start_run(parent_run_id=run_id))
    mlflow.restore_run(run_id)
    os.environ["MLFLOW_RUN_ID"] = run_id
    with mlflow.start_run() as named:
        ask("the environment's run", lambda: named.info.run_id == run_id)
        ask("counts once", lambda: "MLFLOW_RUN_ID" in os.environ)


def ending():
    ask("nothing to end", mlflow.end_run)
    for word in ("FAILED", "KILLED", "FINISHED"):
        run = mlflow.start_run()
        mlflow.end_run(word)
        ask(f"ended as {word}", lambda: status(run))
    mlflow.start_run()
    ask("ended as nonsense", lambda: mlflow.end_run("NONSENSE"))
    ask("it is no longer active", mlflow.active_run)
    ask("a body that fails", body_that_fails)
    run = mlflow.start_run()
    with run:
        mlflow.end_run("KILLED")
    ask("ended within its body", lambda: status(run))


def threads():
    found = {}

    def other():
        found["active"] = mlflow.active_run()
        found["last"] = mlflow.last_active_run()
        with mlflow.start_run(run_name="in the thread"):
            mlflow.log_metric("x", 1)
            found["own"] = mlflow.active_run().info.run_name

    with mlflow.start_run(run_name="main"):
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
        ask("main's run stays", lambda: mlflow.active_run().info.run_name)
    ask("what a thread sees", lambda: found)


def forked():
    with mlflow.start_run() as run:
        child = os.fork()
        if child == 0:
            os._exit(0 if mlflow.active_run() is None else 1)
        ask("a forked child has no active run", lambda: os.waitpid(child, 0)[1])
        ask("the parent's goes on", lambda: status(run))


def values():
    with mlflow.start_run() as run:
        run_id = run.info.run_id
        ask("log_metric gives", lambda: mlflow.log_metric("m", 1))
        ask("log_param gives", lambda: mlflow.log_param("p", 1.5))
        ask("set_tag gives", lambda: mlflow.set_tag("t", None))
        ask("log_params gives", lambda: mlflow.log_params({"q": None, "r": [1, 2]}))
        ask("waiting for metrics", lambda: mlflow.log_metric("n", 2, synchronous=False).wait())
        ask("waiting for params", lambda: mlflow.log_params({"s": 1}, synchronous=False).wait())
        ask("a metric that is no number", lambda: mlflow.log_metric("m", "many"))
        ask("a metric without a name", lambda: mlflow.log_metric("", 1))
        ask("a tag that is not there", lambda: mlflow.delete_tag("none"))
        ask("to a run by its id", lambda: mlflow.log_metrics({"by id": 3}, step=4, run_id=run_id))
    data = mlflow.get_run(run_id).data
    ask("metrics", lambda: data.metrics)
    ask("params", lambda: data.params)
    ask("the tag", lambda: data.tags["t"])


def main():
    mlflow.set_experiment("active runs")
    for part in (ending, nesting, resuming, threads, forked, values):
        part()
        ended()
    done()


if __name__ == "__main__":
    main()
