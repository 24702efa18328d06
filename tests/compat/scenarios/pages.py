"""What the official pages ask: their GraphQL queries, and small things."""

from ..differential import Scenario
from .logging import _run

EXPERIMENT = """query Q($input: MlflowGetExperimentInput!) @component(name: "x") {
  mlflowGetExperiment(input: $input) {
    apiError { code message }
    experiment {
      artifactLocation creationTime effectiveTraceArchivalRetention experimentId lastUpdateTime
      lifecycleStage name tags { key value }
    }
  }
}"""
PARTS = """
info { runName status runUuid experimentId artifactUri endTime lifecycleStage startTime userId }
experiment { experimentId name tags { key value } artifactLocation lifecycleStage lastUpdateTime }
data { metrics { key value step timestamp } params { key value } tags { key value } }
inputs {
  datasetInputs {
    dataset { digest name profile schema source sourceType }
    tags { key value }
  }
  modelInputs { modelId }
}
outputs { modelOutputs { modelId step } }
modelVersions { status version name source }
"""
RUN = ("query GetRun($data: MlflowGetRunInput!) @component(name: \"x\") "
       "{ mlflowGetRun(input: $data) { apiError { helpUrl code message } run {" + PARTS + "} } }")
RUNS = ("query SearchRuns($data: MlflowSearchRunsInput!) "
        "{ mlflowSearchRuns(input: $data) { apiError { code } runs {" + PARTS + "} } }")
HISTORY = """query H($data: MlflowGetMetricHistoryBulkIntervalInput!) {
  mlflowGetMetricHistoryBulkInterval(input: $data) {
    __typename metrics { timestamp step runId key value } apiError { code message }
  }
}"""


def _ask(s, name, query, variables=None, **more):
    body = {"query": query, **({} if variables is None else {"variables": variables}), **more}
    s.post(f"ask {name}", "/graphql", body)


def graphql():
    s = Scenario("pages-graphql")
    run = _run(s, "gq")
    s.post("tag", "mlflow/experiments/set-experiment-tag",
           {"experiment_id": "${exp}", "key": "k", "value": "v"})
    for step in range(3):
        s.post(f"metric {step}", "mlflow/runs/log-metric",
               {**run, "key": "m", "value": step / 4, "timestamp": 1000 + step, "step": step})
    s.post("nan", "mlflow/runs/log-metric", {**run, "key": "nan", "value": "NaN", "timestamp": 1})
    s.post("param", "mlflow/runs/log-parameter", {**run, "key": "p", "value": "1"})
    s.post("inputs", "mlflow/runs/log-inputs", {**run, "datasets": [{
        "dataset": {"name": "d", "digest": "x", "source_type": "s", "source": "{}"},
        "tags": [{"key": "mlflow.data.context", "value": "training"}]}]})
    s.post("model", "mlflow/registered-models/create", {"name": "gq"})
    for version in "ab":
        s.post(f"version {version}", "mlflow/model-versions/create", {
            "name": "gq", "source": f"s3://bucket/{version}", "run_id": "${run}",
            "tags": [{"key": "k", "value": version}]})
    experiment, one = {"input": {"experimentId": "${exp}"}}, {"data": {"runId": "${run}"}}
    _ask(s, "experiment", EXPERIMENT, experiment)
    _ask(s, "run", RUN, one)
    _ask(s, "run by uuid", RUN, {"data": {"runUuid": "${run}"}})
    _ask(s, "runs", RUNS, {"data": {"experimentIds": ["${exp}"]}})
    _ask(s, "runs by filter", RUNS, {"data": {
        "experimentIds": ["${exp}"], "filter": "metrics.m > 0", "maxResults": 5,
        "orderBy": ["metrics.m ASC"], "runViewType": "ACTIVE_ONLY"}})
    _ask(s, "no runs", RUNS, {"data": {"experimentIds": ["${exp}"], "filter": "metrics.m > 9"}})
    _ask(s, "history", HISTORY, {"data": {
        "runIds": ["${run}"], "metricKey": "m", "maxResults": 10}})
    _ask(s, "history of none", HISTORY, {"data": {
        "runIds": ["${run}"], "metricKey": "x", "maxResults": 10}})
    _ask(s, "artifacts", """query A($data: MlflowListArtifactsInput!) {
        mlflowListArtifacts(input: $data) { rootUri files { path isDir fileSize } } }""", one)
    _ask(s, "datasets", """mutation D($data: MlflowSearchDatasetsInput!) {
        mlflowSearchDatasets(input: $data) {
          datasetSummaries { experimentId name digest context } } }""",
         {"data": {"experimentIds": ["${exp}"]}})
    _ask(s, "model versions", """query V($data: MlflowSearchModelVersionsInput!) {
        mlflowSearchModelVersions(input: $data) {
          modelVersions { __typename name version status source runId currentStage
                          tags { __typename key value } }
          nextPageToken apiError { code } } }""",
         {"data": {"filter": "name='gq'", "maxResults": "1"}})
    _ask(s, "model versions of a run", """query V($data: MlflowGetRunInput!) {
        mlflowGetRun(input: $data) { run { modelVersions {
          __typename version tags { __typename key value } } } } }""", one)
    _ask(s, "literal", '{ mlflowGetRun(input: {runId: "${run}"}) { run { info { runName } } } }')
    _ask(s, "alias", '{ a: mlflowGetRun(input: {runId: "${run}"}) { r: run { i: info { n: runName }'
         ' } } b: mlflowGetExperiment(input: {experimentId: "${exp}"}) { experiment { name } } }')
    _ask(s, "type names", """query T($data: MlflowGetRunInput!) {
        __typename mlflowGetRun(input: $data) { __typename run { __typename
          info { __typename } experiment { __typename tags { __typename } }
          data { __typename metrics { __typename } params { __typename } tags { __typename } }
          inputs { __typename datasetInputs { __typename dataset { __typename }
                                              tags { __typename } } }
          outputs { __typename } } } }""", one)
    _ask(s, "default", 'query Q($d: MlflowGetRunInput = {runId: "${run}"}) '
         "{ mlflowGetRun(input: $d) { run { info { status } } } }")
    _ask(s, "second operation", "query A { __typename } query B($data: MlflowGetRunInput!) "
         "{ mlflowGetRun(input: $data) { run { info { status } } } }", one, operationName="B")
    _ask(s, "comments", "# a comment\n{ , mlflowGetRun(input: {runId: \"${run}\"})"
         " # more\n { run { info { status } } } }")
    _ask(s, "unknown run", RUN, {"data": {"runId": "0" * 32}})
    _ask(s, "unknown experiment", EXPERIMENT, {"input": {"experimentId": "987654"}})
    _ask(s, "unknown field", "{ mlflowGetRun(input: {runId: \"${run}\"}) { run { nothing } } }")
    _ask(s, "unknown root", "{ nothing { x } }")
    _ask(s, "no fields below", "{ mlflowGetRun(input: {runId: \"${run}\"}) { run } }")
    _ask(s, "fields below a scalar",
         "{ mlflowGetRun(input: {runId: \"${run}\"}) { run { info { runName { x } } } } }")
    _ask(s, "variable missing", RUN, {})
    _ask(s, "introspection", "{ __schema { types { name } } }")
    _ask(s, "syntax", "{ mlflowGetRun(")
    _ask(s, "empty", "")
    _ask(s, "too deep", "{ a " * 11 + "}" * 11)
    _ask(s, "too many aliases", "{ " + " ".join(f"a{i}: __typename" for i in range(11)) + " }")
    _ask(s, "too many roots", "{ " + " ".join("__typename" for i in range(11)) + " }")
    s.post("nothing", "/graphql", {})
    s.get("by GET", "/graphql")
    return s


def small():
    s = Scenario("pages-small")
    s.post("report", "/ajax-api/3.0/mlflow/ui-telemetry", {"records": []})
    s.get("gateway", "/ajax-api/2.0/mlflow/gateway-proxy",
          {"gateway_path": "api/2.0/endpoints/"})
    return s


SCENARIOS = [graphql(), small()]
