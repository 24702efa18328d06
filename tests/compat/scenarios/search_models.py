"""Searching registered models and their versions: filters, orders, pages and prompts.

Every filter is joined with a name prefix, so that other scenarios' models never show.
"""

from ..differential import Scenario
from .models import MODELS, VERSIONS

PROMPT = "mlflow.prompt.is_prompt"

SHARED = [
    "", "name = 'sm beta'", "name != 'sm beta'", "name LIKE 'sm %a'", "name LIKE 'SM %'",
    "name ILIKE 'SM %A'", "name like 'sm a%'", "name ilike 'SM A%'", "attribute.name = 'sm beta'",
    "attributes.name = 'sm beta'", "Name = 'sm beta'", "name = \"sm beta\"", "`name` = 'sm beta'",
    "name LIKE 'sm _eta'", "name IN ('sm beta', 'sm alpha')", "name IN ('none')", "name IN ()",
    "name NOT IN ('sm beta')", "name IN ('sm beta',)", "name = 5", "name = sm", "name >= 'sm b'",
    "name > 'a'", "name == 'sm beta'", "name <> 'sm beta'", "name NOT LIKE 'sm %'",
    "name IS NULL", "name = 'it''s'", "name =", "= 'x'", "   ", "NOT name = 'sm beta'",
    "(name = 'sm beta')", "name = 'sm beta' OR name = 'sm alpha'", "name = 'sm beta';",
    "name = 'sm beta' and and name LIKE 'sm%'", "name = 'sm beta' AND name = 'sm alpha'",
    "tags.team = 'red'", "tags.team != 'red'", "tag.team = 'red'", "tags.team LIKE 'r%'",
    "tags.team ILIKE 'R%'", "tags.team like 'r%'", "tags.TEAM = 'red'", "TAGS.team = 'red'",
    "tags.team = 'red' AND tags.size = '1'", "tags.team != 'red' AND tags.team != 'blue'",
    "tags.`my key` = 'v'", "tags.\"my key\" = 'v'", "tags.team = red", "tags.team = 5",
    "tags.team > 'a'", "tags.team IN ('red')", "tags.team IS NULL", "tags.nothing = 'x'",
    "tags.nothing != 'x'", "unknown = 'x'", "attribute.unknown = 'x'", "params.x = '1'",
    "foo.bar = 'x'", "description = 'd'", "creation_timestamp > 0", "last_updated_timestamp > 0",
    f"tags.`{PROMPT}` = 'true'", f"tags.`{PROMPT}` != 'true'", f"tags.`{PROMPT}` = 'false'",
    f"tags.`{PROMPT}` != 'false'", f"tags.`{PROMPT}` = 'TRUE'", f"tags.`{PROMPT}` LIKE 'true'",
    f"tags.`{PROMPT}` = 'true' AND tags.team = 'red'", f"tag.{PROMPT} = 'true'",
    f"tags.`{PROMPT}` = 'x'", f"tags.team = 'red' AND tags.`{PROMPT}` != 'true'",
]

OF_VERSIONS = [
    "version_number = 1", "version_number = '1'", "version_number != 1", "version_number > 1",
    "version_number >= 2", "version_number < 2", "version_number <= 1", "version_number = 1.5",
    "version_number = 'x'", "version_number LIKE '1'", "version_number IN (1)", "version = 1",
    "version_number = -1", "version_number = 9223372036854775807", "run_id = 'r1'",
    "run_id != 'r1'", "run_id LIKE 'r%'", "run_id ILIKE 'R1'", "run_id IN ('r1', 'r2')",
    "run_id NOT IN ('r1')", "run_id IN ('R1')", "run_id IN ()", "run_id = 5", "run_id = ''",
    "source_path = 's3://bucket/1'", "source_path LIKE 's3://%'", "source_path IN ('x')",
    "source = 's3://bucket/1'", "current_stage = 'None'", "status = 'READY'",
    "attribute.version_number = 2 AND attribute.run_id = 'r2'", "version_number = 1 AND run_id = 'r1'",
]

ORDERS = [
    ["name"], ["name ASC"], ["name DESC"], ["name asc"], ["name Desc"], ["attribute.name"],
    ["attributes.name"], ["timestamp"], ["timestamp DESC"], ["last_updated_timestamp"],
    ["last_updated_timestamp DESC"], ["creation_timestamp"], ["creation_timestamp DESC"],
    ["version_number"], ["version_number DESC"], ["version_number ASC", "name DESC"],
    ["name DESC", "version_number ASC"], ["version"], ["name", "name"], ["name ASC", "name DESC"],
    ["timestamp", "last_updated_timestamp"], ["tags.team"], ["unknown"], [""], ["name ASC extra"],
    ["name,timestamp"], ["`name`"], [" name "], ["NAME"], ["run_id"], [],
]


def search():
    s = Scenario("models-search")
    made = [("alpha", {"team": "red", "size": "1"}), ("beta", {"team": "blue"}),
            ("gamma", {"team": "red", "size": "2", "my key": "v"}), ("delta", {}),
            ("Éclair", {"team": ""}), ("prompt", {PROMPT: "true", "team": "red"}),
            ("no prompt", {PROMPT: "false"})]
    for name, tags in made:
        s.post(f"create {name}", MODELS + "create", {
            "name": f"sm {name}",
            "tags": [{"key": key, "value": value} for key, value in tags.items()]}, pause=True)
    versions = [("alpha", "r1", {"team": "red"}), ("beta", "r2", {"team": "blue"}),
                ("alpha", "r2", {"team": "red", "size": "1", "my key": "v"}), ("delta", "", {}),
                ("alpha", "r1", {"team": "blue"}), ("gamma", "R1", {PROMPT: "false"})]
    for number, (name, run_id, tags) in enumerate(versions):
        s.post(f"version {number} of {name}", VERSIONS + "create", {
            "name": f"sm {name}", "source": f"s3://bucket/{number}", "run_id": run_id,
            "tags": [{"key": key, "value": value} for key, value in tags.items()]}, pause=True)
    s.post("version of prompt", VERSIONS + "create", {
        "name": "sm prompt", "source": "dummy-source",
        "tags": [{"key": PROMPT, "value": "true"}, {"key": "team", "value": "red"}]}, pause=True)
    s.post("version to be deleted", VERSIONS + "create", {
        "name": "sm beta", "source": "s3://bucket/x", "run_id": "r1"})
    s.add("delete version", "DELETE", VERSIONS + "delete",
          json_body={"name": "sm beta", "version": "2"})
    for what, path in (("models", MODELS), ("versions", VERSIONS)):
        names = {"names": True}
        target = path + "search"
        base = {"filter": "name LIKE 'sm %'"}
        for text in SHARED + OF_VERSIONS:
            joined = f"{text} AND name LIKE 'sm %'" if text.strip() else text or base["filter"]
            s.get(f"{what} filter {text!r}", target, {"filter": joined}, **names)
        for order in ORDERS:
            s.get(f"{what} order {order!r}", target, {**base, "order_by": order}, **names)
        for count in ("0", "1", "-1", "1000", "1001", "200000", "200001", "x", "1.0", "", "2"):
            s.get(f"{what} max_results {count!r}", target, {**base, "max_results": count}, **names)
        s.get(f"{what} whole answer", target, {**base, "max_results": 3})
        page = {**base, "max_results": 2}
        s.get(f"{what} page 1", target, page, save={f"{what}1": "next_page_token"}, **names)
        s.get(f"{what} page 2", target, {**page, "page_token": f"${{{what}1}}"},
              save={f"{what}2": "next_page_token"}, **names)
        s.get(f"{what} page 3", target, {**page, "page_token": f"${{{what}2}}"}, **names)
        for token in ("", "x", "eyJvZmZzZXQiOiAwfQ==", "eyJvZmZzZXQiOiA1MDAwfQ==", "e30="):
            s.get(f"{what} token {token!r}", target, {**page, "page_token": token}, **names)
        s.add(f"{what} by body", "GET", target, json_body=base, **names)
        s.add(f"{what} by POST", "POST", target, json_body=base)
    return s


def seen_at_once():
    s = Scenario("models-seen")
    models, versions = MODELS + "search", VERSIONS + "search"
    mine = {"filter": "name LIKE 'ss %'"}
    s.get("nothing yet", models, mine)
    s.post("create", MODELS + "create", {"name": "ss a"})
    s.get("model made", models, mine)
    s.post("version", VERSIONS + "create", {"name": "ss a", "source": "s3://b/m"})
    s.get("version made", versions, mine)
    s.post("tag", VERSIONS + "set-tag", {"name": "ss a", "version": "1", "key": "k", "value": "v"})
    s.get("version tagged", versions, {"filter": "name LIKE 'ss %' AND tags.k = 'v'"})
    s.post("stage", VERSIONS + "transition-stage",
           {"name": "ss a", "version": "1", "stage": "Staging"})
    s.get("version in stage", versions, mine)
    s.post("alias", MODELS + "alias", {"name": "ss a", "alias": "best", "version": "1"})
    s.get("model with alias", models, mine)
    s.get("version with alias", versions, mine)
    s.post("rename", MODELS + "rename", {"name": "ss a", "new_name": "ss b"})
    s.get("model renamed", models, mine)
    s.get("version renamed", versions, mine)
    s.add("delete version", "DELETE", VERSIONS + "delete",
          json_body={"name": "ss b", "version": "1"})
    s.get("version gone", versions, mine)
    s.get("model without version", models, mine)
    s.add("delete", "DELETE", MODELS + "delete", json_body={"name": "ss b"})
    s.get("model gone", models, mine)
    return s


SCENARIOS = [search(), seen_at_once()]
