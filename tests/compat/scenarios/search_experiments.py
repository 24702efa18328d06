"""Searching experiments: filters, orders, views and pages.

Every filter is joined with a name prefix, so that other scenarios' experiments never show.
"""

from ..differential import Scenario

PATH = "mlflow/experiments/search"
OURS = "name LIKE 'xs %'"

GOOD = [
    "", "name = 'xs beta'", "name != 'xs beta'", "name LIKE 'xs %a'", "name LIKE 'XS %'",
    "name ILIKE 'XS %A'", "name like 'xs a%'", "name ilike 'XS A%'", "attribute.name = 'xs beta'",
    "attributes.name = 'xs beta'", "attr.name = 'xs beta'", "Name = 'xs beta'",
    "name = \"xs beta\"", "`name` = 'xs beta'", "\"name\" = 'xs beta'", "name LIKE 'xs _eta'",
    "creation_time > 0", "creation_time >= 0 AND creation_time != 5", "creation_time < 5",
    "creation_time = '5'", "creation_time > 'x'", "last_update_time > 0",
    "last_update_time <= 99999999999999", "creation_time > 1.5", "creation_time LIKE '1%'",
    "attribute.creation_time > 0", "experiment_id = '0'", "experiment_id IN ('0', '1')",
    "experiment_id NOT IN ('0')", "experiment_id IN ()", "experiment_id IN ('abc')",
    "experiment_id > '0'", "experiment_id LIKE '1%'", "experiment_id != '0'",
    "tags.team = 'red'", "tags.team != 'red'", "tag.team = 'red'", "tags.team LIKE 'r%'",
    "tags.team ILIKE 'R%'", "tags.team like 'r%'", "tags.TEAM = 'red'", "TAGS.team = 'red'",
    "tags.team = 'red' AND tags.size = '1'", "tags.team = 'red' and name LIKE '%a'",
    "tags.`my key` = 'v'", "tags.\"my key\" = 'v'", "tags.mlflow.note.content LIKE '%note%'",
    "tags.team IS NULL", "tags.team IS NOT NULL", "tags.team is null", "tags.team = red",
    "tags.team = 5", "tags.team > 'a'", "tags.team IN ('red', 'blue')", "tags.nothing = 'x'",
    "tags.nothing != 'x'", "name IS NULL", "name IN ('xs beta')", "name > 'a'", "name = 5",
    "name = xs", "name", "name =", "= 'x'", "name = 'a' name = 'b'", "name = 'xs beta' AND",
    "AND name = 'xs beta'", "name = 'xs beta' OR name = 'xs alpha'", "NOT name = 'xs beta'",
    "(name = 'xs beta')", "   ", "name == 'xs beta'", "name <> 'xs beta'",
    "name NOT LIKE 'xs %'", "lifecycle_stage = 'active'", "artifact_location LIKE '%'",
    "unknown = 'x'", "attribute.unknown = 'x'", "params.x = '1'", "metrics.x = 1", "foo.bar = 'x'",
    "name = 'xs beta';", "name = 'it''s'", "name = \"it's\"", "name = 'unclosed",
    "name LIKE 'xs %' -- comment", "1 = 1", "tags. = 'x'", ".name = 'x'",
    "name = 'xs beta' and and name LIKE 'xs%'", "tags.team = ''", "name = ''",
    "name LIKE '%'", "name = 'xs beta' AND tags.team = 'blue' AND creation_time > 0",
]

ORDERS = [
    ["name"], ["name ASC"], ["name DESC"], ["name asc"], ["name desc"], ["name Desc"],
    ["attribute.name"], ["attributes.name"], ["creation_time"], ["creation_time DESC"],
    ["last_update_time ASC"], ["experiment_id"], ["experiment_id DESC"], ["experiment_id", "name"],
    ["name", "name"], ["name ASC", "name DESC"], ["tags.team"], ["tag.team DESC"], ["unknown"],
    ["lifecycle_stage"], [""], ["name ASC extra"], ["name,creation_time"], ["ASC"], ["`name`"],
    [" name "], ["name  DESC"], [5], "name", [], None, ["metrics.x"], ["NAME"],
]


def search():
    s = Scenario("experiments-search")
    made = [("alpha", {"team": "red", "size": "1"}), ("beta", {"team": "blue"}),
            ("gamma", {"team": "red", "size": "2", "my key": "v"}), ("delta", {}),
            ("Éclair", {"mlflow.note.content": "a note", "team": ""}), ("gone", {"team": "red"})]
    for name, tags in made:
        s.post(f"create {name}", "mlflow/experiments/create", {
            "name": f"xs {name}",
            "tags": [{"key": key, "value": value} for key, value in tags.items()]},
               save={name.replace("É", "E"): "experiment_id"}, pause=True)
    s.post("delete one", "mlflow/experiments/delete", {"experiment_id": "${gone}"})
    base = {"max_results": 100, "order_by": ["name"], "filter": OURS}
    for text in GOOD:
        joined = f"{text} AND {OURS}" if text.strip() else text or OURS
        s.post(f"filter {text!r}", PATH, {**base, "filter": joined})
    for order in ORDERS:
        # With a mistyped field the official server drops the filter, too, and shows everything.
        s.post(f"order {order!r}", PATH, {**base, "order_by": order}, compare_body=order != [5])
    for view in ("ACTIVE_ONLY", "DELETED_ONLY", "ALL", "active_only", "NONE", "", 1, 2, 3, 4, 0,
                 "2", None, [], True):
        s.post(f"view {view!r}", PATH, {**base, "view_type": view})
    for count in (0, 1, -1, 50000, 50001, "5", "x", 1.0, 1.5, None, True, "", 2**31, 2**63):
        s.post(f"max_results {count!r}", PATH, {**base, "max_results": count}, compare_body=count != 1)
    s.post("no max_results", PATH, {"filter": OURS})
    s.post("empty body", PATH, {})
    s.post("default order", PATH, {"max_results": 100, "filter": OURS})
    s.post("filter number", PATH, {**base, "filter": 5})
    s.post("filter null", PATH, {"max_results": 1, "filter": None, "order_by": ["experiment_id"]},
           compare_body=False)
    s.post("filter list", PATH, {**base, "filter": ["a"]})
    page = {**base, "max_results": 2}
    s.post("page 1", PATH, page, save={"page2": "next_page_token"})
    s.post("page 2", PATH, {**page, "page_token": "${page2}"}, save={"page3": "next_page_token"})
    s.post("page 3", PATH, {**page, "page_token": "${page3}"})
    s.post("page exactly full", PATH, {**base, "max_results": 5})
    for kind, token in TOKENS.items():
        s.post(f"token {kind}", PATH, {**page, "page_token": token})
    s.get("by GET", PATH, [("max_results", "2"), ("filter", OURS), ("order_by", "name DESC")])
    s.get("by GET two orders", PATH, [("max_results", "9"), ("filter", OURS),
                                      ("order_by", "creation_time"), ("order_by", "name")])
    s.get("by GET view", PATH, [("max_results", "9"), ("filter", OURS), ("view_type", "ALL"),
                                ("order_by", "name")])
    s.get("by GET nothing", PATH)
    s.get("by GET bad number", PATH, [("max_results", "many")])
    return s


# "eyJvZmZzZXQiOiAyfQ==" is {"offset": 2}
TOKENS = {
    "offset 2": "eyJvZmZzZXQiOiAyfQ==", "offset 0": "eyJvZmZzZXQiOiAwfQ==",
    "offset -1": "eyJvZmZzZXQiOiAtMX0=", "offset text": "eyJvZmZzZXQiOiAiMiJ9",
    "offset 1000": "eyJvZmZzZXQiOiAxMDAwfQ==", "no offset": "e30=", "list": "W10=",
    "not base64": "!!!", "base64 of text": "aGVsbG8=", "empty": "", "null": None, "number": 5,
    "unpadded": "eyJvZmZzZXQiOiAyfQ", "with newline": "eyJvZmZzZXQiOiAyfQ==\n",
    "compact offset 2": "eyJvZmZzZXQiOjJ9", "offset fraction": "eyJvZmZzZXQiOiAxLjV9",
}

SCENARIOS = [search()]
