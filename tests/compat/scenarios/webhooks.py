"""Webhooks: made, read, changed, removed. Their addresses are public and never called."""

from ..differential import Scenario

PATH = "mlflow/webhooks"
URL = "https://1.1.1.1/hook"
EVENT = {"entity": "REGISTERED_MODEL", "action": "CREATED"}
HOOK = {"name": "hook", "url": URL, "events": [EVENT], "status": "DISABLED"}
PAIRS = [("REGISTERED_MODEL", "CREATED"), ("MODEL_VERSION", "CREATED"),
         ("MODEL_VERSION_TAG", "SET"), ("MODEL_VERSION_TAG", "DELETED"),
         ("MODEL_VERSION_ALIAS", "CREATED"), ("MODEL_VERSION_ALIAS", "DELETED"),
         ("PROMPT", "CREATED"), ("PROMPT_VERSION", "CREATED"), ("PROMPT_TAG", "SET"),
         ("PROMPT_TAG", "DELETED"), ("PROMPT_VERSION_TAG", "SET"),
         ("PROMPT_VERSION_TAG", "DELETED"), ("PROMPT_ALIAS", "CREATED"),
         ("PROMPT_ALIAS", "DELETED"), ("BUDGET_POLICY", "EXCEEDED")]


def _saved(name):
    return {name: "webhook.webhook_id"}


def life():
    s = Scenario("webhooks-life")
    s.get("none", PATH)
    s.post("create", PATH, {**HOOK, "description": "what for", "secret": "secret"},
           save=_saved("one"))
    one = PATH + "/${one}"
    s.get("get", one)
    s.add("rename", "PATCH", one, json_body={"name": "Other.name_1"})
    s.add("describe", "PATCH", one, json_body={"description": "new"})
    s.add("describe not", "PATCH", one, json_body={"description": ""})
    s.add("move", "PATCH", one, json_body={"url": "https://1.1.1.1:8443/other?x=y"})
    s.add("other events", "PATCH", one, json_body={"events": [
        {"entity": "PROMPT_TAG", "action": "SET"}, {"entity": "PROMPT_TAG", "action": "DELETED"}]})
    s.add("no events", "PATCH", one, json_body={"events": []})
    s.add("empty name", "PATCH", one, json_body={"name": ""})
    s.add("empty url", "PATCH", one, json_body={"url": ""})
    s.add("new secret", "PATCH", one, json_body={"secret": "other"})
    s.add("no secret", "PATCH", one, json_body={"secret": ""})
    s.add("disable again", "PATCH", one, json_body={"status": "DISABLED"})
    s.add("nothing", "PATCH", one, json_body={})
    s.add("with its id", "PATCH", one, json_body={"webhook_id": "${one}", "name": "hook"})
    s.get("changed", one)
    s.post("the same name", PATH, HOOK, save=_saved("two"))
    s.post("active by default", PATH, {key: HOOK[key] for key in ("name", "url", "events")},
           save=_saved("three"))
    s.add("disable", "PATCH", PATH + "/${three}", json_body={"status": 2})
    s.get("list", PATH)
    for i in ("one", "two", "three"):
        s.add(f"delete {i}", "DELETE", PATH + "/${" + i + "}")
    s.add("delete again", "DELETE", one)
    s.get("get deleted", one)
    s.add("update deleted", "PATCH", one, json_body={"name": "x"})
    s.post("test deleted", one + "/test", {})
    s.get("list none", PATH)
    return s


def pages():
    s = Scenario("webhooks-pages")
    for i in range(5):
        s.post(f"create {i}", PATH, {**HOOK, "name": f"page-{i}"}, save=_saved(f"p{i}"),
               pause=True)
    s.get("all", PATH)
    s.get("first two", PATH, {"max_results": 2}, save={"token": "next_page_token"})
    s.get("next two", PATH, {"max_results": 2, "page_token": "${token}"},
          save={"last": "next_page_token"})
    s.get("last", PATH, {"max_results": 2, "page_token": "${last}"})
    s.get("exactly all", PATH, {"max_results": 5})
    for limit in (0, -1, 1000, 1001, "x", 1.5):
        s.get(f"max_results {limit}", PATH, {"max_results": limit})
    s.get("bad token", PATH, {"page_token": "rubbish"})
    s.get("empty token", PATH, {"page_token": ""})
    for i in range(5):
        s.add(f"delete {i}", "DELETE", PATH + "/${p%d}" % i)
    return s


def refused():
    s = Scenario("webhooks-refused")
    for name in ("", "-a", "a-", "a b", "a/b", "ä", "a" * 64, ".", "a\n", 5, None, ["a"]):
        s.post(f"name {str(name)[:20]!r}", PATH, {**HOOK, "name": name})
    for url in ("", "   ", "x", "https://", "http://1.1.1.1/", "ftp://1.1.1.1/",
                "https://127.0.0.1/", "https://localhost/", "https://[::1]/", "https://10.0.0.1/",
                "https://192.168.1.1/", "https://169.254.169.254/", "https://0.0.0.0/",
                "https://224.0.0.1/", "https://[fe80::1]/", "https://[::ffff:10.0.0.1]/",
                "https://100.64.0.1/", "https://a:b@127.0.0.1/", "file:///etc/passwd", 5, None):
        s.post(f"url {url!r}", PATH, {**HOOK, "url": url})
    for events in ([], None, "x", {}, [{}], ["x"], [{"entity": "REGISTERED_MODEL"}],
                   [{"action": "CREATED"}], [{"entity": "X", "action": "CREATED"}],
                   [{"entity": "REGISTERED_MODEL", "action": "X"}],
                   [{"entity": "REGISTERED_MODEL", "action": "DELETED"}],
                   [{"entity": "PROMPT", "action": "SET"}],
                   [{"entity": "ENTITY_UNSPECIFIED", "action": "CREATED"}], [EVENT, EVENT]):
        s.post(f"events {str(events)[:70]}", PATH, {**HOOK, "events": events})
    for status in ("X", 3, "active"):
        s.post(f"status {status}", PATH, {**HOOK, "status": status})
    for field in ("name", "url", "events"):
        s.post(f"without {field}", PATH, {k: v for k, v in HOOK.items() if k != field})
    s.post("empty", PATH, {})
    s.get("unknown id", PATH + "/nothing")
    s.add("update unknown", "PATCH", PATH + "/nothing", json_body={"name": "x"})
    s.add("delete unknown", "DELETE", PATH + "/nothing")
    s.post("test unknown", PATH + "/nothing/test", {})
    s.post("to be changed", PATH, HOOK, save=_saved("id"))
    path = PATH + "/${id}"
    for change in ({"name": "a b"}, {"name": 5}, {"url": "https://127.0.0.1/"}, {"url": "x"},
                   {"events": [{"entity": "PROMPT", "action": "SET"}]}, {"status": "X"}):
        s.add(f"change {change}", "PATCH", path, json_body=change)
    s.get("unchanged", path)
    s.add("delete", "DELETE", path)
    return s


def events():
    s = Scenario("webhooks-events")
    everything = [{"entity": entity, "action": action} for entity, action in PAIRS]
    s.post("everything", PATH, {**HOOK, "events": everything}, save=_saved("all"))
    s.add("delete everything", "DELETE", PATH + "/${all}")
    for number, (entity, action) in enumerate(PAIRS):
        s.post(f"{entity} {action}", PATH, {
            **HOOK, "events": [{"entity": entity, "action": action}]}, save=_saved(f"e{number}"))
        s.add(f"delete {entity} {action}", "DELETE", PATH + "/${e%d}" % number)
    s.post("by number", PATH, {**HOOK, "events": [{"entity": 6, "action": 1}]},
           save=_saved("number"))
    s.add("delete by number", "DELETE", PATH + "/${number}")
    return s


SCENARIOS = [life(), pages(), refused(), events()]
