"""The rows that are about experiments."""

NO_EXPERIMENT = "987654321"


def create_experiment(n):
    client = n.client
    name = n.new_name("first")
    made = n.create_experiment("create_experiment: a name alone", client.create_experiment, name)
    n.case("type of the id", lambda: type(made).__name__)
    n.case("what it is then", client.get_experiment, made)
    n.case("the name is unique", client.create_experiment, name)
    client.delete_experiment(made)
    n.case("also among deleted ones", client.create_experiment, name)
    n.case("a name is needed", client.create_experiment, "")
    n.case("no name", client.create_experiment, None)
    n.case("no argument", client.create_experiment)
    root = ("dbfs:" if n.uri == "databricks" else "") + "/tmp/elsewhere"
    placed = n.create_experiment("create_experiment: a location", client.create_experiment,
                                 n.new_name("placed"), artifact_location=root)
    n.case("the location is kept", lambda: client.get_experiment(placed).artifact_location)


def get_experiment(n):
    client = n.client
    made = n.new_experiment("one")
    n.case("by its id", client.get_experiment, made)
    n.case("the id as a number", client.get_experiment, int(made))
    n.case("as a keyword", client.get_experiment, experiment_id=made)
    client.delete_experiment(made)
    n.case("deleted ones too", client.get_experiment, made)
    n.case("unknown id", client.get_experiment, NO_EXPERIMENT)
    n.case("no argument", client.get_experiment)


def get_experiment_by_name(n):
    client = n.client
    name = n.new_name("named \u00e4")
    n.create_experiment("get_experiment_by_name: made", client.create_experiment, name)
    n.case("by its exact name", client.get_experiment_by_name, name)
    n.case("unknown name", client.get_experiment_by_name, n.new_name("none"))
    client.delete_experiment(client.get_experiment_by_name(name).experiment_id)
    n.case("deleted ones too", client.get_experiment_by_name, name)
    n.case("no argument", client.get_experiment_by_name)


def list_experiments(n):
    """Gone in 2.0: what 1.30 answered."""
    client = n.client
    view = n.entities.ViewType
    made = {what: n.new_experiment(what) for what in ("older", "newer", "gone")}
    client.delete_experiment(made["gone"])

    def listed(*arguments, **options):
        names = {str(number): what for what, number in made.items()}
        found = [names.get(e.experiment_id) for e in client.list_experiments(*arguments, **options)]
        return sorted(name for name in found if name)

    n.case("active ones by default", listed)
    n.case("deleted ones only", listed, view.DELETED_ONLY)
    n.case("all, by keyword", listed, view_type=view.ALL)
    n.case("type of an item", lambda: type(client.list_experiments()[0]).__name__)


def rename_experiment(n):
    client = n.client
    made, taken = n.new_experiment("worse"), n.new_name("taken")
    n._label("experiment", str(client.create_experiment(taken)))
    n.case("to a new name", client.rename_experiment, made, n.new_name("better"))
    n.case("has the new name", lambda: client.get_experiment(made).name)
    n.case("the id as a number", client.rename_experiment, int(made), n.new_name("number"))
    n.case("the new name must be unique", client.rename_experiment, made, taken)
    n.case("unknown id", client.rename_experiment, NO_EXPERIMENT, n.new_name("late"))
    client.delete_experiment(made)
    n.case("not of a deleted one", client.rename_experiment, made, n.new_name("late"))
    n.case("one argument", client.rename_experiment, made)


def delete_experiment(n):
    client = n.client
    made = n.new_experiment("doomed")
    run = n.new_run(made)
    n.case("gives nothing", client.delete_experiment, made)
    n.case("it is still there", lambda: client.get_experiment(made).lifecycle_stage)
    n.case("its runs go along", lambda: client.get_run(run).info.lifecycle_stage)
    n.case("deleted already", client.delete_experiment, made)
    n.case("unknown id", client.delete_experiment, NO_EXPERIMENT)


def restore_experiment(n):
    client = n.client
    made = n.new_experiment("back")
    run = n.new_run(made)
    client.delete_experiment(made)
    n.case("gives nothing", client.restore_experiment, made)
    n.case("it is active again", lambda: client.get_experiment(made).lifecycle_stage)
    n.case("its runs too", lambda: client.get_run(run).info.lifecycle_stage)
    n.case("unknown id", client.restore_experiment, NO_EXPERIMENT)


ROWS = (create_experiment, get_experiment, get_experiment_by_name, list_experiments,
        rename_experiment, delete_experiment, restore_experiment)
