"""Model versions: create with all kinds of sources, get, update, stages, delete, latest."""

from ..differential import Scenario
from .models import MODELS, VERSIONS
from .values import STRANGE_TEXTS


def create():
    s = Scenario("versions-create")
    s.post("model", MODELS + "create", {"name": "vc"})
    s.post("plain", VERSIONS + "create", {"name": "vc", "source": "s3://bucket/m"})
    s.post("with everything", VERSIONS + "create", {
        "name": "vc", "source": "s3://bucket/m/", "run_id": "made-up", "run_link": "http://x/run",
        "description": "what it is", "tags": [{"key": "b", "value": "2"},
                                              {"key": "a", "value": "1"}]})
    s.get("get", VERSIONS + "get", {"name": "vc", "version": "2"})
    s.get("model afterwards", MODELS + "get", {"name": "vc"})
    s.post("empty texts", VERSIONS + "create", {
        "name": "vc", "source": "s3://bucket/m", "run_id": "", "run_link": "", "description": "",
        "model_id": ""})
    s.post("null texts", VERSIONS + "create", {
        "name": "vc", "source": "s3://bucket/m", "run_id": None, "run_link": None,
        "description": None, "tags": None})
    s.post("duplicate tags", VERSIONS + "create", {
        "name": "vc", "source": "s3://bucket/m",
        "tags": [{"key": "a", "value": "1"}, {"key": "a", "value": "2"}]})
    s.post("tag without value", VERSIONS + "create", {
        "name": "vc", "source": "s3://bucket/m", "tags": [{"key": "a"}]})
    s.post("bad tag key", VERSIONS + "create", {
        "name": "vc", "source": "s3://bucket/m", "tags": [{"key": "a,b", "value": "1"}]})
    s.post("tag value 100001", VERSIONS + "create", {
        "name": "vc", "source": "s3://bucket/m", "tags": [{"key": "a", "value": "v" * 100001}]})
    s.post("unknown model", VERSIONS + "create", {"name": "vc none", "source": "s3://bucket/m"})
    s.post("bad name", VERSIONS + "create", {"name": "a/b", "source": "s3://bucket/m"})
    s.post("no name", VERSIONS + "create", {"source": "s3://bucket/m"})
    s.post("no source", VERSIONS + "create", {"name": "vc"})
    for kind, value in STRANGE_TEXTS.items():
        for field in ("source", "run_id", "description"):
            s.post(f"{field} {kind}", VERSIONS + "create",
                   {"name": "vc", "source": "s3://bucket/m", field: value})
    s.add("delete newest", "DELETE", VERSIONS + "delete", json_body={"name": "vc", "version": "2"})
    s.post("after a deletion", VERSIONS + "create", {"name": "vc", "source": "s3://bucket/m"},
           save={"next": "model_version.version"})
    s.add("delete last", "DELETE", VERSIONS + "delete",
          json_body={"name": "vc", "version": "${next}"})
    s.post("number is not given again", VERSIONS + "create",
           {"name": "vc", "source": "s3://bucket/m"})
    return s


SOURCES = {
    "s3": "s3://bucket/a/b", "s3 bucket alone": "s3://bucket", "s3 root": "s3://bucket/",
    "s3 parent": "s3://bucket/a/../b", "s3 encoded parent": "s3://bucket/a/%2e%2e/b",
    "s3 twice encoded parent": "s3://bucket/a/%252e%252e/b", "s3 dot": "s3://bucket/a/./b",
    "s3 double slash": "s3://bucket/a//b", "s3 trailing slash": "s3://bucket/a/",
    "s3 without host": "s3:/bucket/a", "s3 null": "s3://bucket/a%00b", "gs": "gs://bucket/a",
    "gs query": "gs://bucket/a?b=../c", "dbfs": "dbfs:/a/b", "dbfs relative": "dbfs:a",
    "http": "http://example.com/a", "https": "https://example.com/a", "ftp": "ftp://example.com/a",
    "hdfs": "hdfs://h/a", "abfss": "abfss://c@a.dfs.core.windows.net/a", "unknown": "zzz://q/a",
    "path": "/tmp/a", "relative path": "a/b", "dot path": "./a", "file": "file:///tmp/a",
    "file host": "file://example.com/a", "file localhost": "file://localhost/tmp/a",
    "plain word": "model", "databricks": "databricks", "upper case": "S3://bucket/a",
    "plus": "s3://bucket/a+b", "dummy-source": "dummy-source",
    "prompt-template": "prompt-template", "runs": "runs:/${run}/model", "runs alone": "runs:/",
    "runs other": "runs:/0123456789abcdef0123456789abcdef/model", "runs host": "runs://x/${run}",
    "runs root": "runs:/${run}", "own": "mlflow-artifacts:/${experiment}/${run}/artifacts/model",
    "own root": "mlflow-artifacts:/${experiment}/${run}/artifacts",
    "own other run": "mlflow-artifacts:/${experiment}/0123456789abcdef0123456789abcdef/artifacts",
    "own prefix": "mlflow-artifacts:/${experiment}/${run}/artifactsx",
    "own encoded": "mlflow-artifacts:/${experiment}/${run}/%61rtifacts/m",
    "own host": "mlflow-artifacts://h/${experiment}/${run}/artifacts",
    "own parent": "mlflow-artifacts:/${experiment}/${run}/artifacts/../x",
    "own query": "mlflow-artifacts:/${experiment}/${run}/artifacts?x=1",
    "own everything": "mlflow-artifacts:/", "models version": "models:/vs base/1",
    "models unknown version": "models:/vs base/9", "models unknown": "models:/vs none/1",
    "models stage": "models:/vs base/Production", "models lower stage": "models:/vs base/production",
    "models empty stage": "models:/vs base/Staging", "models latest": "models:/vs base/latest",
    "models alias": "models:/vs base@best", "models unknown alias": "models:/vs base@worst",
    "models wrong stage": "models:/vs base/wrong", "models id": "models:/m-0123456789abcdef",
    "models alone": "models:/", "models host": "models://x/vs base/1",
    "models deep": "models:/vs base/1/x", "models no slash": "models:vs base/1",
    "models blank": "models:/ /1", "models prompt": "models:/vs prompt/1",
}


def sources():
    s = Scenario("versions-sources")
    s.post("experiment", "mlflow/experiments/create", {"name": "vs"},
           save={"experiment": "experiment_id"})
    s.post("run", "mlflow/runs/create", {"experiment_id": "${experiment}"},
           save={"run": "run.info.run_id"})
    for name in ("vs", "vs base"):
        s.post(f"model {name}", MODELS + "create", {"name": name})
    s.post("prompt", MODELS + "create", {"name": "vs prompt", "tags": [
        {"key": "mlflow.prompt.is_prompt", "value": "true"}]})
    s.post("prompt version", VERSIONS + "create", {
        "name": "vs prompt", "source": "dummy-source",
        "tags": [{"key": "mlflow.prompt.is_prompt", "value": "true"},
                 {"key": "mlflow.prompt.text", "value": "Hello {{name}}"}]})
    s.post("prompt with other source", VERSIONS + "create", {
        "name": "vs prompt", "source": "s3://bucket/m",
        "tags": [{"key": "mlflow.prompt.is_prompt", "value": "true"}]})
    s.post("base 1", VERSIONS + "create", {"name": "vs base", "source": "s3://bucket/base",
                                           "run_id": "${run}"})
    s.post("base 2", VERSIONS + "create", {"name": "vs base", "source": "s3://bucket/base2"})
    s.post("base stage", VERSIONS + "transition-stage",
           {"name": "vs base", "version": "1", "stage": "Production"})
    s.post("base alias", MODELS + "alias", {"name": "vs base", "alias": "best", "version": "1"})
    for kind, source in SOURCES.items():
        s.post(f"source {kind}", VERSIONS + "create", {"name": "vs", "source": source})
        s.post(f"source {kind} of run", VERSIONS + "create",
               {"name": "vs", "source": source, "run_id": "${run}"})
    s.post("copy of a copy", VERSIONS + "create", {"name": "vs", "source": "models:/vs base/1"},
           save={"copy": "model_version.version"})
    s.get("download uri of a copy", VERSIONS + "get-download-uri",
          {"name": "vs", "version": "${copy}"})
    s.post("source of unknown run", VERSIONS + "create", {
        "name": "vs", "source": "mlflow-artifacts:/0/x/artifacts", "run_id": "made-up"})
    s.post("path of unknown run", VERSIONS + "create", {
        "name": "vs", "source": "/tmp/x", "run_id": "made-up"})
    s.post("bad source of unknown model", VERSIONS + "create", {
        "name": "vs none", "source": "/tmp/x"})
    return s


LOGGED = {
    "own": "${uri}", "own file": "${uri}/model.pkl", "own parent": "${uri}/../x",
    "own prefix": "${uri}x", "of run": "mlflow-artifacts:/${experiment}/${run}/artifacts/m",
    "path": "/tmp/a", "s3": "s3://bucket/a", "runs": "runs:/${run}/model",
    "models id": "models:/${logged}", "models other id": "models:/m-0123456789abcdef",
    "models version": "models:/vl/1",
}


def logged():
    """Versions that come from logged models."""
    s = Scenario("versions-logged")
    s.post("experiment", "mlflow/experiments/create", {"name": "vl"},
           save={"experiment": "experiment_id"})
    s.post("run", "mlflow/runs/create", {"experiment_id": "${experiment}"},
           save={"run": "run.info.run_id"})
    s.post("logged model", "mlflow/logged-models", {
        "experiment_id": "${experiment}", "name": "vl", "source_run_id": "${run}"},
        save={"logged": "model.info.model_id", "uri": "model.info.artifact_uri"})
    s.post("model", MODELS + "create", {"name": "vl"})
    nobody = "m-" + "0" * 32
    for kind, source in LOGGED.items():
        create = {"name": "vl", "source": source}
        s.post(f"source {kind}", VERSIONS + "create", {**create, "model_id": "${logged}"})
        s.post(f"source {kind} and run", VERSIONS + "create",
               {**create, "model_id": "${logged}", "run_id": "${run}"})
        s.post(f"source {kind} without id", VERSIONS + "create", create)
        s.post(f"source {kind} of nobody", VERSIONS + "create", {**create, "model_id": nobody})
    s.get("version", VERSIONS + "get", {"name": "vl", "version": "1"})
    s.get("download uri of id", VERSIONS + "get-download-uri", {"name": "vl", "version": "1"})
    s.get("logged model knows", "mlflow/logged-models/${logged}")
    tag = {"tags": [{"key": "mlflow.modelVersions", "value": "[]"}]}
    s.add("tag anew", "PATCH", "mlflow/logged-models/${logged}/tags", json_body=tag)
    s.post("version with quotes", MODELS + "create", {"name": 'vl "q"'})
    s.post("version of quotes", VERSIONS + "create", {
        "name": 'vl "q"', "source": "${uri}", "model_id": "${logged}"})
    s.get("logged model knows quotes", "mlflow/logged-models/${logged}")
    s.add("delete logged model", "DELETE", "mlflow/logged-models/${logged}")
    for kind in ("own", "s3", "models id"):
        s.post(f"source {kind} of deleted", VERSIONS + "create", {
            "name": "vl", "source": LOGGED[kind], "model_id": "${logged}"})
    return s


def change():
    s = Scenario("versions-change")
    s.post("model", MODELS + "create", {"name": "vx"})
    for number in range(1, 6):
        s.post(f"version {number}", VERSIONS + "create", {"name": "vx", "source": "s3://b/m"})
    one = {"name": "vx", "version": "1"}
    s.add("update", "PATCH", VERSIONS + "update", json_body={**one, "description": "d"})
    s.add("update to empty", "PATCH", VERSIONS + "update", json_body={**one, "description": ""})
    s.add("update to nothing", "PATCH", VERSIONS + "update", json_body=one)
    s.add("update unknown", "PATCH", VERSIONS + "update", json_body={"name": "vx", "version": "9"})
    for version in ("x", "", " 1 ", "+1", "01", "-1", "0", 1.5, None, True, "1_0",
                    "99999999999999999999", 1, "1.0"):
        s.get(f"get {version!r}", VERSIONS + "get",
              {"name": "vx", **({} if version is None else {"version": version})})
        s.add(f"update {version!r}", "PATCH", VERSIONS + "update",
              json_body={"name": "vx", "version": version, "description": "d"})
    s.add("update again", "PATCH", VERSIONS + "update", json_body=one)
    move = VERSIONS + "transition-stage"
    for stage in ("Staging", "production", "ARCHIVED", "none", "None", "Canary", "", " ", None, 1,
                  "Deleted_Internal"):
        s.post(f"stage {stage!r}", move, {**one, "stage": stage})
    s.post("to Production", move, {**one, "stage": "Production"})
    s.post("another to Production", move, {"name": "vx", "version": "2", "stage": "Production"})
    s.post("third, archiving", move, {"name": "vx", "version": "3", "stage": "Production",
                                      "archive_existing_versions": True})
    for number in range(1, 4):
        s.get(f"get {number} afterwards", VERSIONS + "get", {"name": "vx", "version": number})
    s.post("archiving again", move, {"name": "vx", "version": "3", "stage": "production",
                                     "archive_existing_versions": True})
    s.post("archiving by text", move, {"name": "vx", "version": "3", "stage": "production",
                                       "archive_existing_versions": "true"})
    for stage in ("None", "Archived"):
        s.post(f"archiving with {stage}", move, {**one, "stage": stage,
                                                 "archive_existing_versions": True})
    s.post("stage of unknown version", move, {"name": "vx", "version": "9", "stage": "Staging"})
    s.post("archiving for unknown version", move, {
        "name": "vx", "version": "9", "stage": "Production", "archive_existing_versions": True})
    s.get("not archived for unknown version", VERSIONS + "get", {"name": "vx", "version": "3"})
    s.post("stage of unknown model", move, {"name": "vx none", "version": "1", "stage": "Staging"})
    s.post("four to Staging", move, {"name": "vx", "version": "4", "stage": "Staging"})
    s.get("model with stages", MODELS + "get", {"name": "vx"})
    latest = MODELS + "get-latest-versions"
    for stages in ([], ["Staging"], ["production", "None"], ["Archived"], ["Canary"], ["", "None"],
                   "Staging", None, [1]):
        s.post(f"latest {stages!r}", latest, {"name": "vx", "stages": stages},
               unordered=("model_versions",))
    s.get("latest by GET", latest, [["name", "vx"], ["stages", "Staging"], ["stages", "None"]],
          unordered=("model_versions",))
    s.get("latest by GET without stages", latest, {"name": "vx"}, unordered=("model_versions",))
    s.post("latest of unknown", latest, {"name": "vx none"})
    s.post("latest without name", latest, {})
    s.get("download uri", VERSIONS + "get-download-uri", one)
    s.get("download uri of unknown", VERSIONS + "get-download-uri", {"name": "vx", "version": "9"})
    s.get("download uri without version", VERSIONS + "get-download-uri", {"name": "vx"})
    s.get("download uri without name", VERSIONS + "get-download-uri", {"version": "1"})
    s.add("delete", "DELETE", VERSIONS + "delete", json_body={"name": "vx", "version": "4"})
    s.add("delete again", "DELETE", VERSIONS + "delete", json_body={"name": "vx", "version": "4"})
    s.add("delete by query", "DELETE", VERSIONS + "delete", query={"name": "vx", "version": "5"})
    s.get("get deleted", VERSIONS + "get", {"name": "vx", "version": "4"})
    s.get("download uri of deleted", VERSIONS + "get-download-uri", {"name": "vx", "version": "4"})
    s.add("update deleted", "PATCH", VERSIONS + "update", json_body={"name": "vx", "version": "4"})
    s.post("tag deleted", VERSIONS + "set-tag", {"name": "vx", "version": "4", "key": "k"})
    s.post("stage of deleted", move, {"name": "vx", "version": "4", "stage": "Staging"})
    s.post("rename", MODELS + "rename", {"name": "vx", "new_name": "vx two"})
    s.get("get after renaming", VERSIONS + "get", {"name": "vx two", "version": "2"})
    s.get("get by old name", VERSIONS + "get", {"name": "vx", "version": "2"})
    s.add("delete model", "DELETE", MODELS + "delete", json_body={"name": "vx two"})
    s.get("version of deleted model", VERSIONS + "get", {"name": "vx two", "version": "2"})
    s.post("model again", MODELS + "create", {"name": "vx two"})
    s.post("first version again", VERSIONS + "create", {"name": "vx two", "source": "s3://b/m"})
    return s


SCENARIOS = [create(), sources(), logged(), change()]
