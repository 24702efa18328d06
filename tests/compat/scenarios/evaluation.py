"""Evaluation datasets with their records, and scorers."""

import json

from ..differential import Scenario

DATASETS = "/api/3.0/mlflow/datasets"
SCORERS = "/api/3.0/mlflow/scorers"
NOBODY = "d-" + "0" * 32

FILTERS = [
    "", "name = 'ev a'", "name != 'ev a' AND name LIKE 'ev %'", "name LIKE 'ev %'",
    "name ILIKE 'EV %'", "name IN ('ev a', 'ev b')", "name NOT IN ('ev a')", "created_time > 0",
    "created_time < 5", "last_update_time >= 0", "created_time = '5'", "created_by = 'me'",
    "last_updated_by = 'me'", "tags.team = 'red'", "tags.team != 'red'", "tags.team ILIKE 'R%'",
    "tag.team = 'red'", "tags.nothing = 'x'", "attributes.name = 'ev a'", "unknown = 'x'",
    "name = 5", "name = ev", "name", "   ", "tags.team = 'red' AND name = 'ev a'",
    "name = 'ev a' OR name = 'ev b'",
]
ORDERS = [["name"], ["name ASC"], ["name DESC"], ["created_time"], ["created_time DESC"],
          ["last_update_time"], ["tags.team"], ["created_by"], ["unknown"], [""], "name",
          ["name", "created_time"]]


def _create(s, name, save, **more):
    s.post(f"create {name}", DATASETS + "/create", {"name": name, **more},
           save={save: "dataset.dataset_id"}, pause=True)


def datasets():
    s = Scenario("eval-datasets")
    s.post("experiment", "mlflow/experiments/create", {"name": "ev"}, save={"exp": "experiment_id"})
    _create(s, "plain", "plain")
    _create(s, "full", "full", experiment_ids=["${exp}"],
            tags=json.dumps({"team": "red", "mlflow.user": "me"}))
    place = DATASETS + "/${full}"
    s.get("stored", place)
    s.get("stored plain", DATASETS + "/${plain}")
    s.post("without name", DATASETS + "/create", {})
    s.post("empty name", DATASETS + "/create", {"name": ""})
    s.post("number name", DATASETS + "/create", {"name": 5})
    s.post("the same name", DATASETS + "/create", {"name": "plain"})
    s.post("tags no JSON", DATASETS + "/create", {"name": "x1", "tags": "{"})
    s.post("tags list", DATASETS + "/create", {"name": "x2", "tags": "[]"})
    s.post("unknown experiment", DATASETS + "/create", {"name": "x3",
                                                        "experiment_ids": ["987654321"]})
    s.get("unknown", f"{DATASETS}/{NOBODY}")
    s.get("experiments", place + "/experiment-ids")
    s.get("experiments of plain", DATASETS + "/${plain}/experiment-ids")
    s.get("experiments of unknown", f"{DATASETS}/{NOBODY}/experiment-ids")
    s.post("second experiment", "mlflow/experiments/create", {"name": "ev2"},
           save={"exp2": "experiment_id"})
    s.post("add", place + "/add-experiments", {"experiment_ids": ["${exp2}", "${exp}"]})
    s.post("add unknown", place + "/add-experiments", {"experiment_ids": ["987654321"]})
    s.post("add none", place + "/add-experiments", {"experiment_ids": []})
    s.post("add to unknown", f"{DATASETS}/{NOBODY}/add-experiments", {"experiment_ids": ["0"]})
    s.get("both", place + "/experiment-ids")
    s.post("remove", place + "/remove-experiments", {"experiment_ids": ["${exp}"]})
    s.post("remove again", place + "/remove-experiments", {"experiment_ids": ["${exp}"]})
    s.get("one left", place + "/experiment-ids")
    s.patch("set tags", place + "/tags", {"tags": json.dumps({"team": "blue", "new": "1"})})
    s.patch("set tag to null", place + "/tags", {"tags": json.dumps({"new": None})})
    s.patch("set tags of unknown", f"{DATASETS}/{NOBODY}/tags", {"tags": "{\"a\": \"b\"}"})
    s.patch("set no tags", place + "/tags", {})
    s.get("tags", place)
    s.delete("delete tag", place + "/tags/new")
    s.delete("delete tag again", place + "/tags/new")
    s.delete("delete tag of unknown", f"{DATASETS}/{NOBODY}/tags/new")
    s.get("tags left", place)
    s.delete("delete", DATASETS + "/${plain}")
    s.delete("delete again", DATASETS + "/${plain}")
    s.get("deleted", DATASETS + "/${plain}")
    return s


def records():
    s = Scenario("eval-records")
    _create(s, "rec", "set")
    place = DATASETS + "/${set}/records"
    s.get("none yet", place)

    def add(name, items, **more):
        s.post(name, place, {"records": json.dumps(items), **more}, pause=True)
        s.get(name + ": records", place)

    # Of records of one moment the official server makes up the order.
    add("one", [{"inputs": {"q": "1", "n": 5}, "expectations": {"a": "x"}}])
    add("two", [{"inputs": {"q": "2"}, "outputs": {"r": 1.5}, "tags": {"t": "v"}}])
    s.get("dataset", DATASETS + "/${set}")
    add("again", [{"inputs": {"n": 5, "q": "1"}, "expectations": {"b": [1, None]},
                   "tags": {"mlflow.user": "me"}}])
    add("outputs", [{"inputs": {"q": "2"}, "outputs": "text"}])
    add("outputs null", [{"inputs": {"q": "2"}, "outputs": None}])
    add("source", [{"inputs": {"q": "3"}, "source": {"source_type": "TRACE", "source_data":
                                                     {"trace_id": "tr-1"}}}])
    add("twice in one call", [{"inputs": {"q": "4"}}, {"inputs": {"q": "4"}, "tags": {"a": "b"}}])
    add("without inputs", [{"expectations": {"a": True}}])
    add("empty", [])
    s.get("dataset at the end", DATASETS + "/${set}")
    s.get("page", place, {"max_results": "2"}, save={"token": "next_page_token"})
    s.get("next page", place, {"max_results": "2", "page_token": "${token}"})
    s.post("no records", place, {})
    s.post("records no JSON", place, {"records": "["})
    s.post("records object", place, {"records": "{}"})
    s.post("records of texts", place, {"records": "[\"a\"]"})
    s.post("to unknown", f"{DATASETS}/{NOBODY}/records", {"records": "[{\"inputs\": {}}]"})
    s.get("of unknown", f"{DATASETS}/{NOBODY}/records")
    s.delete("delete unknown record", place, {"dataset_record_ids": ["dr-" + "0" * 32]})
    s.delete("delete none", place, {})
    s.delete("delete dataset", DATASETS + "/${set}")
    s.get("of a deleted dataset", place)
    return s


def search():
    s = Scenario("eval-search")
    s.post("experiment", "mlflow/experiments/create", {"name": "ev search"},
           save={"exp": "experiment_id"})
    here = {"experiment_ids": ["${exp}"]}
    for name, tags in (("a", {"team": "red", "mlflow.user": "me"}), ("b", {"team": "blue"}),
                       ("c", {})):
        _create(s, f"ev {name}", name, tags=json.dumps(tags), **here)
    path = DATASETS + "/search"
    s.post("in full", path, here)
    s.get("by query", path, {"experiment_ids": "${exp}", "max_results": "10"}, names=True)
    for text in FILTERS:
        s.post(f"filter {text!r}", path, {**here, "filter_string": text}, names=True)
    for order in ORDERS:
        s.post(f"order {order}", path, {**here, "order_by": order}, names=True)
    for count in (1, 3, 0, -1, 50000, 50001):
        s.post(f"max_results {count}", path, {**here, "max_results": count}, names=True)
    s.post("first page", path, {**here, "max_results": 2}, names=True,
           save={"token": "next_page_token"})
    s.post("second page", path, {**here, "max_results": 2, "page_token": "${token}"}, names=True)
    s.post("bad token", path, {**here, "page_token": "x"}, names=True)
    s.post("nowhere", path, {"experiment_ids": ["987654322"]}, names=True)
    return s


def scorers():
    s = Scenario("scorers")
    s.post("experiment", "mlflow/experiments/create", {"name": "scorers"},
           save={"exp": "experiment_id"})
    here = {"experiment_id": "${exp}"}
    text = json.dumps({"name": "length", "builtin_scorer_class": "Guidelines"})
    s.get("none yet", SCORERS + "/list", here)
    s.post("register", SCORERS + "/register", {**here, "name": "length",
                                               "serialized_scorer": text})
    s.post("second version", SCORERS + "/register", {**here, "name": "length",
                                                     "serialized_scorer": text})
    s.post("another", SCORERS + "/register", {**here, "name": "about", "serialized_scorer": "{}"})
    s.post("no JSON", SCORERS + "/register", {**here, "name": "x", "serialized_scorer": "{"})
    s.post("without scorer", SCORERS + "/register", {**here, "name": "x"})
    s.post("without name", SCORERS + "/register", {**here, "serialized_scorer": "{}"})
    s.post("unknown experiment", SCORERS + "/register", {
        "experiment_id": "987654321", "name": "x", "serialized_scorer": "{}"})
    s.get("list", SCORERS + "/list", here)
    s.get("list of several", SCORERS + "/list", {"experiment_ids": ["${exp}", "987654321"]})
    s.get("list of unknown", SCORERS + "/list", {"experiment_id": "987654321"})
    s.get("list of one and several", SCORERS + "/list", {**here, "experiment_ids": ["0"]})
    s.get("versions", SCORERS + "/versions", {**here, "name": "length"})
    s.get("versions of unknown", SCORERS + "/versions", {**here, "name": "nobody"})
    s.get("get", SCORERS + "/get", {**here, "name": "length"})
    s.get("get first", SCORERS + "/get", {**here, "name": "length", "version": "1"})
    s.get("get third", SCORERS + "/get", {**here, "name": "length", "version": "3"})
    s.get("get unknown", SCORERS + "/get", {**here, "name": "nobody"})
    s.get("get without name", SCORERS + "/get", here)
    s.delete("delete version", SCORERS + "/delete", {**here, "name": "length", "version": 1})
    s.delete("delete version again", SCORERS + "/delete", {**here, "name": "length", "version": 1})
    s.get("versions left", SCORERS + "/versions", {**here, "name": "length"})
    s.delete("delete", SCORERS + "/delete", {**here, "name": "length"})
    s.delete("delete again", SCORERS + "/delete", {**here, "name": "length"})
    s.get("list left", SCORERS + "/list", here)
    return s


SCENARIOS = [datasets(), records(), search(), scorers()]
