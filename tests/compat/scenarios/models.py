"""Registered models: create, get, rename, update, delete, tags and aliases."""

from ..differential import Scenario
from .values import KEYS, STRANGE_TEXTS

MODELS = "mlflow/registered-models/"
VERSIONS = "mlflow/model-versions/"

NAMES = {
    "plain": "rn plain", "unicode": "rn żółw 指标 🙂", "slash": "rn a/b", "colon": "rn a:b",
    "dot": ".", "dot dot": "..", "dots at start": "..rn", "dot at start": ".rn", "blank": "   ",
    "leading space": " rn", "trailing space": "rn ", "percent": "rn a%2fb", "quote": "rn 'a' \"b\"",
    "newline": "rn a\nb", "backslash": "rn a\\b", "256 characters": "r" * 256, "at": "rn a@b",
    "hash": "rn a#b", "latest": "latest", "digits": "123", "null byte": "rn a\u0000b",
}

ALIASES = {
    "plain": "champion", "dash": "a-b_c", "unicode": "żółw", "digits": "123", "space": "a b",
    "dot": "a.b", "slash": "a/b", "latest": "latest", "Latest": "Latest", "v1": "v1", "V23": "V23",
    "v": "v", "v1a": "v1a", "vx": "vx", "version1": "version1", "255 characters": "a" * 255,
    "256 characters": "a" * 256, "emoji": "🙂", "at": "a@b", "empty": "", "blank": " ",
}


def create():
    s = Scenario("models-create")
    s.post("plain", MODELS + "create", {"name": "mc plain"})
    s.post("same name again", MODELS + "create", {"name": "mc plain"})
    s.post("other case", MODELS + "create", {"name": "MC plain"})
    s.post("with everything", MODELS + "create", {
        "name": "mc all", "description": "what it is\nüñí",
        "tags": [{"key": "b", "value": "2"}, {"key": "a", "value": "1"}]})
    s.get("get with everything", MODELS + "get", {"name": "mc all"})
    s.post("empty description", MODELS + "create", {"name": "mc empty", "description": ""})
    s.post("duplicate tag keys", MODELS + "create", {"name": "mc dup", "tags": [
        {"key": "a", "value": "1"}, {"key": "a", "value": "2"}]})
    s.post("tag without key", MODELS + "create", {"name": "mc tag no key",
                                                  "tags": [{"value": "1"}]})
    s.post("tag without value", MODELS + "create", {"name": "mc tag no value",
                                                    "tags": [{"key": "a"}]})
    s.post("tag key 251", MODELS + "create", {"name": "mc 251", "tags": [
        {"key": "k" * 251, "value": "1"}]})
    s.post("tag value 100000", MODELS + "create", {"name": "mc v1", "tags": [
        {"key": "k", "value": "v" * 100000}]})
    s.post("tag value 100001", MODELS + "create", {"name": "mc v2", "tags": [
        {"key": "k", "value": "v" * 100001}]})
    s.post("bad tag key", MODELS + "create", {"name": "mc bad", "tags": [
        {"key": "a,b", "value": "1"}]})
    s.post("tags not a list", MODELS + "create", {"name": "mc text", "tags": "a"})
    s.post("no name", MODELS + "create", {})
    s.post("long description", MODELS + "create", {"name": "mc long", "description": "d" * 20000})
    s.post("deployment job", MODELS + "create", {"name": "mc job", "deployment_job_id": "7"})
    for kind, value in STRANGE_TEXTS.items():
        s.post(f"name {kind}", MODELS + "create", {"name": value})
        s.post(f"description {kind}", MODELS + "create", {"name": f"mc {kind}",
                                                          "description": value})
    for kind, value in NAMES.items():
        s.post(f"named {kind}", MODELS + "create", {"name": value})
        s.get(f"get named {kind}", MODELS + "get", {"name": value})
    return s


def change():
    s = Scenario("models-change")
    for name in ("one", "two", "three", "gone"):
        s.post(f"create {name}", MODELS + "create", {"name": f"mx {name}"})
    s.post("rename", MODELS + "rename", {"name": "mx one", "new_name": "mx uno"})
    s.get("get renamed", MODELS + "get", {"name": "mx uno"})
    s.get("get old name", MODELS + "get", {"name": "mx one"})
    s.post("rename to taken", MODELS + "rename", {"name": "mx uno", "new_name": "mx two"})
    s.post("rename to itself", MODELS + "rename", {"name": "mx uno", "new_name": "mx uno"})
    s.post("rename unknown", MODELS + "rename", {"name": "mx none", "new_name": "mx x"})
    s.post("rename to nothing", MODELS + "rename", {"name": "mx uno", "new_name": ""})
    s.post("rename to blank", MODELS + "rename", {"name": "mx uno", "new_name": "  "})
    s.post("rename to slash", MODELS + "rename", {"name": "mx uno", "new_name": "a/b"})
    s.post("rename without new name", MODELS + "rename", {"name": "mx uno"})
    s.post("rename without name", MODELS + "rename", {"new_name": "mx x"})
    s.add("update", "PATCH", MODELS + "update", json_body={"name": "mx two", "description": "d"})
    s.add("update to nothing", "PATCH", MODELS + "update", json_body={"name": "mx two"})
    s.add("update to empty", "PATCH", MODELS + "update",
          json_body={"name": "mx two", "description": ""})
    s.add("update to null", "PATCH", MODELS + "update",
          json_body={"name": "mx two", "description": None})
    s.add("update unknown", "PATCH", MODELS + "update",
          json_body={"name": "mx none", "description": "d"})
    s.add("update without name", "PATCH", MODELS + "update", json_body={"description": "d"})
    s.add("update by POST", "POST", MODELS + "update", json_body={"name": "mx two"})
    s.add("delete", "DELETE", MODELS + "delete", json_body={"name": "mx gone"})
    s.add("delete again", "DELETE", MODELS + "delete", json_body={"name": "mx gone"})
    s.add("delete without name", "DELETE", MODELS + "delete", json_body={})
    s.add("delete by query", "DELETE", MODELS + "delete", query={"name": "mx three"})
    s.get("get deleted", MODELS + "get", {"name": "mx gone"})
    s.post("create deleted again", MODELS + "create", {"name": "mx gone"})
    s.get("get without name", MODELS + "get")
    s.get("get empty name", MODELS + "get", {"name": ""})
    s.add("get by body", "GET", MODELS + "get", json_body={"name": "mx two"})
    s.get("get by ajax", "/ajax-api/2.0/mlflow/registered-models/get", {"name": "mx two"})
    s.add("get by POST", "POST", MODELS + "get", json_body={"name": "mx two"})
    return s


def tags():
    s = Scenario("models-tags")
    s.post("create", MODELS + "create", {"name": "mt"})
    s.post("version", VERSIONS + "create", {"name": "mt", "source": "s3://bucket/m"})
    for what, path, more in (("model", MODELS, {}), ("version", VERSIONS, {"version": "1"})):
        base = {"name": "mt", **more}
        s.post(f"{what} set", path + "set-tag", {**base, "key": "k", "value": "v"})
        s.post(f"{what} replace", path + "set-tag", {**base, "key": "k", "value": "w"})
        s.get(f"{what} get", path + "get", base)
        s.post(f"{what} without value", path + "set-tag", {**base, "key": "no value"})
        s.post(f"{what} without key", path + "set-tag", {**base, "value": "v"})
        s.post(f"{what} unknown", path + "set-tag", {**base, "name": "mt none", "key": "k"})
        s.post(f"{what} value 100001", path + "set-tag",
               {**base, "key": "long", "value": "v" * 100001})
        for kind, value in STRANGE_TEXTS.items():
            s.post(f"{what} value {kind}", path + "set-tag", {**base, "key": "x", "value": value})
        for kind, key in KEYS.items():
            s.post(f"{what} key {kind}", path + "set-tag", {**base, "key": key, "value": "1"})
        s.add(f"{what} delete", "DELETE", path + "delete-tag", json_body={**base, "key": "k"})
        s.add(f"{what} delete again", "DELETE", path + "delete-tag",
              json_body={**base, "key": "k"})
        s.add(f"{what} delete bad key", "DELETE", path + "delete-tag",
              json_body={**base, "key": "a,b"})
        s.add(f"{what} delete without key", "DELETE", path + "delete-tag", json_body=base)
        s.add(f"{what} delete unknown", "DELETE", path + "delete-tag",
              json_body={**base, "name": "mt none", "key": "k"})
        s.get(f"{what} get afterwards", path + "get", base)
    for version in ("2", "x", "", "0", "-1", 1, None):
        s.post(f"version {version!r}", VERSIONS + "set-tag",
               {"name": "mt", "version": version, "key": "k", "value": "v"})
    return s


def aliases():
    s = Scenario("models-aliases")
    s.post("create", MODELS + "create", {"name": "ma"})
    s.get("latest without versions", MODELS + "alias", {"name": "ma", "alias": "latest"})
    for _ in range(3):
        s.post(f"version {_ + 1}", VERSIONS + "create", {"name": "ma", "source": "s3://bucket/m"})
    s.post("set", MODELS + "alias", {"name": "ma", "alias": "best", "version": "1"})
    s.get("get", MODELS + "alias", {"name": "ma", "alias": "best"})
    s.get("model", MODELS + "get", {"name": "ma"})
    s.post("move", MODELS + "alias", {"name": "ma", "alias": "best", "version": "2"})
    s.get("get moved", MODELS + "alias", {"name": "ma", "alias": "best"})
    s.get("version it left", VERSIONS + "get", {"name": "ma", "version": "1"})
    s.get("latest", MODELS + "alias", {"name": "ma", "alias": "latest"})
    s.get("LATEST", MODELS + "alias", {"name": "ma", "alias": "LATEST"})
    s.get("v1", MODELS + "alias", {"name": "ma", "alias": "v1"})
    s.get("unknown alias", MODELS + "alias", {"name": "ma", "alias": "worst"})
    s.get("unknown model", MODELS + "alias", {"name": "ma none", "alias": "best"})
    s.get("without alias", MODELS + "alias", {"name": "ma"})
    s.get("bad alias", MODELS + "alias", {"name": "ma", "alias": "a b"})
    for version in ("9", "x", "", 1, None, "-1", "0"):
        s.post(f"to version {version!r}", MODELS + "alias",
               {"name": "ma", "alias": "other", "version": version})
    s.add("delete other", "DELETE", MODELS + "alias", json_body={"name": "ma", "alias": "other"})
    s.post("set of unknown model", MODELS + "alias",
           {"name": "ma none", "alias": "a", "version": "1"})
    for kind, alias in ALIASES.items():
        s.post(f"set {kind}", MODELS + "alias", {"name": "ma", "alias": alias, "version": "1"})
        s.add(f"delete {kind}", "DELETE", MODELS + "alias",
              json_body={"name": "ma", "alias": alias})
    s.add("delete", "DELETE", MODELS + "alias", json_body={"name": "ma", "alias": "best"})
    s.add("delete again", "DELETE", MODELS + "alias", json_body={"name": "ma", "alias": "best"})
    s.add("delete of unknown model", "DELETE", MODELS + "alias",
          json_body={"name": "ma none", "alias": "best"})
    s.add("delete without alias", "DELETE", MODELS + "alias", json_body={"name": "ma"})
    s.post("set before version goes", MODELS + "alias",
           {"name": "ma", "alias": "last", "version": "3"})
    s.add("version goes", "DELETE", VERSIONS + "delete", json_body={"name": "ma", "version": "3"})
    s.get("get after version went", MODELS + "alias", {"name": "ma", "alias": "last"})
    s.get("model afterwards", MODELS + "get", {"name": "ma"})
    return s


SCENARIOS = [create(), change(), tags(), aliases()]
