"""The rows that are about runs and what is logged into them."""

NO_EXPERIMENT = "987654321"
NO_RUN = "0123456789abcdef0123456789abcdef"


def create_run(n):
    client = n.client
    experiment = n.new_experiment("runs")
    n.case("an experiment alone", client.create_run, experiment)
    made = n.case("name, start time and tags", n.create_run, experiment, run_name="named",
                  start_time=1234, tags={"team": "vision", "mlflow.parentRunId": NO_RUN})
    n.case("what it is then", lambda: client.get_run(made.info.run_id))
    n.case("type of id and times", lambda: [type(x).__name__ for x in (
        made.info.run_id, made.info.start_time, made.info.status, made.data.tags)])
    n.case("the id as a number", lambda: client.create_run(int(experiment)).info)
    n.case("unknown experiment", client.create_run, NO_EXPERIMENT)
    client.delete_experiment(experiment)
    n.case("deleted experiment", client.create_run, experiment)
    n.case("no argument", client.create_run)


def get_run(n):
    client = n.client
    run = n.new_run()
    client.log_metric(run, "m", 1, 1600000000000, 1)
    client.log_param(run, "p", "v")
    client.set_tag(run, "t", "w")
    n.case("info and data", client.get_run, run)
    n.case("types of its parts", lambda: [type(x).__name__ for x in (
        client.get_run(run), client.get_run(run).info, client.get_run(run).data)])
    n.case("its dictionary", lambda: client.get_run(run).to_dictionary())
    client.delete_run(run)
    n.case("deleted ones too", lambda: client.get_run(run).info.lifecycle_stage)
    n.case("unknown id", client.get_run, NO_RUN)
    n.case("no id", client.get_run, "")
    n.case("no argument", client.get_run)


def list_run_infos(n):
    """Gone in 2.0: what 1.30 answered."""
    client = n.client
    view = n.entities.ViewType
    experiment = n.new_experiment("listed")
    made = {}
    for at, letter in enumerate("abc"):
        made[n.create_run(experiment, start_time=1000 + at).info.run_id] = letter
    client.delete_run([run for run, letter in made.items() if letter == "b"][0])

    def listed(*arguments, **options):
        return "".join(made[info.run_id] for info in client.list_run_infos(*arguments, **options))

    n.case("active ones by default, newest first", listed, experiment)
    n.case("active only", listed, experiment, 1)
    n.case("deleted only", listed, experiment, run_view_type=view.DELETED_ONLY)
    n.case("all", listed, experiment, view.ALL)
    n.case("type of an item", lambda: type(client.list_run_infos(experiment)[0]).__name__)


def log_metric(n):
    client = n.client
    run = n.new_run()
    key = "loss / train.1-x_y"
    n.case("a value alone", client.log_metric, run, key, 0.5)
    n.case("time is now, step is 0 by default",
           lambda: [[p.value, p.timestamp > 1500000000000, p.step, type(p).__name__]
                    for p in client.get_metric_history(run, key)])
    client.log_metric(run, key, 0.25, 1000, 7)
    client.log_metric(run, key, 0.75, timestamp=2000, step=-3)
    n.case("the largest step is the latest", lambda: client.get_run(run).data.metrics)
    n.case("every point is kept", lambda: sorted(
        (p.step, p.value) for p in client.get_metric_history(run, key)))
    for name, value in (("not a number", float("nan")), ("infinity", float("inf")),
                        ("whole", 3), ("true", True), ("tiny", 5e-324)):
        n.case(name, client.log_metric, run, name, value, 1, 1)
    n.case("all of them", lambda: {
        key: repr(value) if abs(value) < 1e300 else "large"
        for key, value in client.get_run(run).data.metrics.items()})
    n.case("text for a value", client.log_metric, run, "bad", "many", 1, 1)
    n.case("nothing for a value", client.log_metric, run, "bad", None, 1, 1)
    n.case("bad key", client.log_metric, run, "a?b", 1, 1, 1)
    n.case("unknown run", client.log_metric, NO_RUN, "m", 1, 1, 1)
    client.delete_run(run)
    n.case("deleted run", client.log_metric, run, "m", 1, 1, 1)
    n.case("two arguments", client.log_metric, run, "m")


def log_param(n):
    client = n.client
    run = n.new_run()
    client.log_param(run, "rate", "0.1")
    for key, value in (("number", 0.25), ("truth", True), ("none", None), ("list", [1, "a"]),
                       ("text", "\u20ac\n'x'"), ("empty", "")):
        n.case(key, client.log_param, run, key, value)
    n.case("the same again does no harm", client.log_param, run, "rate", "0.1")
    n.case("changing it is refused", client.log_param, run, "rate", "0.2")
    n.case("what is there", lambda: client.get_run(run).data.params)
    n.case("bad key", client.log_param, run, "a?b", "1")
    n.case("unknown run", client.log_param, NO_RUN, "p", "1")
    client.delete_run(run)
    n.case("deleted run", client.log_param, run, "new", "1")
    n.case("two arguments", client.log_param, run, "m")


def set_tag(n):
    client = n.client
    run = n.new_run()
    n.case("a text", client.set_tag, run, "mlflow.note.content", "old")
    n.case("the value is replaced", client.set_tag, run, "mlflow.note.content", "# new\n")
    n.case("a number", client.set_tag, run, "number", 5)
    n.case("what is there", lambda: client.get_run(run).data.tags)
    n.case("unknown run", client.set_tag, NO_RUN, "t", "1")
    client.delete_run(run)
    n.case("deleted run", client.set_tag, run, "t", "1")
    n.case("two arguments", client.set_tag, run, "t")


def log_batch(n):
    client, e = n.client, n.entities
    run = n.new_run()
    metrics = [e.Metric("even" if at % 2 == 0 else "odd", float(at), 1000 + at, at)
               for at in range(2500)]
    params = [e.Param("p", "1"), e.Param("q", "2")]
    tags = [e.RunTag("t", "v")]
    # A server of MLflow takes a thousand metrics at once, a tree any number.
    n.case("metrics, params and tags", client.log_batch, run, metrics[:900], params, tags)
    n.case("the same again does no harm", client.log_batch, run, metrics[:900], params, tags)
    n.case("an empty one", client.log_batch, run, [], [], [])
    n.case("parts by name", client.log_batch, run, metrics=metrics[900:1000])
    n.case("what is there", lambda: [client.get_run(run).data.metrics,
                                     client.get_run(run).data.params,
                                     client.get_run(run).data.tags.get("t")])
    n.case("a history", lambda: len(client.get_metric_history(run, "even")))
    n.case("a param that changes", client.log_batch, run, [], [e.Param("p", "other")], [])
    n.case("unknown run", client.log_batch, NO_RUN, metrics[:2], params, tags)
    client.delete_run(run)
    n.case("deleted run", client.log_batch, run, metrics[:2], [], [])


def set_terminated(n):
    client = n.client
    run = n.new_run()
    n.case("an unknown status", client.set_terminated, run, "ENDED")
    n.case("changes nothing", lambda: client.get_run(run).info.status)
    n.case("no status", client.set_terminated, run)
    n.case("FINISHED and now by default", lambda: client.get_run(run).info)
    for at, status in enumerate(("FAILED", "KILLED", "SCHEDULED", "RUNNING")):
        n.case(status, client.set_terminated, run, status, 5000 + at)
        n.case(status + " then", lambda: [client.get_run(run).info.status,
                                          client.get_run(run).info.end_time])
    n.case("unknown run", client.set_terminated, NO_RUN)
    n.case("no argument", client.set_terminated)


def delete_run(n):
    client = n.client
    run = n.new_run()
    n.case("gives nothing", client.delete_run, run)
    n.case("it is still there", lambda: client.get_run(run).info.lifecycle_stage)
    n.case("unknown run", client.delete_run, NO_RUN)


def restore_run(n):
    client = n.client
    run = n.new_run()
    client.delete_run(run)
    n.case("gives nothing", client.restore_run, run)
    n.case("it is active again", lambda: client.get_run(run).info.lifecycle_stage)
    n.case("unknown run", client.restore_run, NO_RUN)


def search_runs(n):
    client = n.client
    view = n.entities.ViewType
    first, second = n.new_experiment("first"), n.new_experiment("second")
    made = {}
    for at, letter in enumerate("abcde"):
        run = n.create_run(second if letter in "bd" else first, start_time=1000 + at)
        made[run.info.run_id] = letter
        client.log_metric(run.info.run_id, "loss", (5 - at) / 10.0, 1, 0)
        client.log_param(run.info.run_id, "parity", "odd" if at % 2 else "even")
    client.delete_run([run for run, letter in made.items() if letter == "e"][0])

    def found(*arguments, **options):
        return "".join(made[run.info.run_id] for run in client.search_runs(*arguments, **options))

    def paged():
        page = client.search_runs([first, second], max_results=3)
        rest = client.search_runs([first, second], max_results=3, page_token=page.token)
        return [len(page), len(rest), rest.token, type(page).__name__, type(page[0]).__name__]

    n.case("several experiments, active, newest first", found, [first, second])
    n.case("one experiment", found, [first])
    n.case("ids as numbers", found, [int(first), int(second)])
    n.case("filter", found, [first, second], "metrics.loss < 0.45 and params.parity = 'odd'")
    n.case("view type", found, [first, second], "metrics.loss < 0.35", view.ALL)
    n.case("deleted ones", found, [first, second], run_view_type=view.DELETED_ONLY)
    n.case("order", found, [first, second], order_by=["metrics.loss ASC"])
    n.case("pages", paged)
    n.case("a bad filter", client.search_runs, [first], "metrics.loss ~ 1")
    n.case("an unknown column", client.search_runs, [first], order_by=["nothing.x"])
    n.case("too many", client.search_runs, [first], max_results=1000000)
    n.case("no argument", client.search_runs)


ROWS = (create_run, get_run, list_run_infos, log_metric, log_param, set_tag, log_batch,
        set_terminated, delete_run, restore_run, search_runs)
