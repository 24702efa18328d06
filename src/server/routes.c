/* routes.c - the table of all endpoints. A row whose kind lacks its function, or that lacks a
 * permission, does not compile. */
#include "server/handlers.h"
#include "wire/messages.h"

#define MESSAGE_OF(ident) &mill_##ident##_message
#define NOTHING           NULL

/* What a row says whatever its kind. */
#define ROW(http_method, in_version, prefixes, below, operation, who, text)                    \
    .method = MILL_##http_method, .version = in_version, .under = MILL_UNDER_##prefixes,       \
    .path = below, .name = operation, .permission = MILL_PERMIT_##who, .doc = text

/* Reads: on the loop when their cost is bounded, on the pool otherwise. */
#define READ_ON(where, method, version, prefixes, path, name, in, out, function, who, doc)     \
    {                                                                                          \
        ROW(method, version, prefixes, path, name, who, doc),                                  \
            .kind = MILL_ROUTE_##where, .request = in, .response = out, .read = function       \
    }
#define WRITE(path, name, in, out, function, answer, who, doc)                                 \
    WRITE_BY(POST, path, name, in, out, function, answer, who, doc)
#define WRITE_BY(method, path, name, in, out, function, answer, who, doc)                      \
    {                                                                                          \
        ROW(method, 2, ALL, path, name, who, doc), .kind = MILL_ROUTE_WRITE, .request = in,    \
                                                   .response = out, .change = function,        \
                                                   .reply = answer                             \
    }
/* One whose change takes long to make. */
#define SLOW_WRITE_BY(method, path, name, in, out, function, answer, who, doc)                 \
    {                                                                                          \
        ROW(method, 2, ALL, path, name, who, doc), .kind = MILL_ROUTE_WRITE, .request = in,    \
                                                   .response = out, .change = function,        \
                                                   .reply = answer, .waits = true              \
    }
#define RAW(method, version, prefixes, path, name, function, takes_stream, who, doc)           \
    {                                                                                          \
        ROW(method, version, prefixes, path, name, who, doc),                                  \
            .kind = MILL_ROUTE_RAW, .raw = function, .streamed = takes_stream                  \
    }

static const struct mill_route routes[] = {
    /* experiments */
    WRITE("/mlflow/experiments/create", "createExperiment",
          MESSAGE_OF(create_experiment_request), MESSAGE_OF(create_experiment_response),
          mill_change_create_experiment, mill_reply_create_experiment, USER,
          "Creates an experiment."),
    READ_ON(LOOP, GET, 2, ALL, "/mlflow/experiments/get", "getExperiment",
            MESSAGE_OF(experiment_id_request), MESSAGE_OF(get_experiment_response),
            mill_read_experiment, READ, "One experiment by its id, deleted ones included."),
    READ_ON(LOOP, GET, 2, ALL, "/mlflow/experiments/get-by-name", "getExperimentByName",
            MESSAGE_OF(get_experiment_by_name_request), MESSAGE_OF(get_experiment_response),
            mill_read_experiment_by_name, READ,
            "One experiment by its name, deleted ones included."),
    READ_ON(POOL, POST, 2, ALL, "/mlflow/experiments/search", "searchExperiments",
            MESSAGE_OF(search_experiments_request), MESSAGE_OF(search_experiments_response),
            mill_read_search_experiments, FILTER,
            "A page of the experiments that match a filter."),
    READ_ON(POOL, GET, 2, ALL, "/mlflow/experiments/search", "searchExperimentsByQuery",
            MESSAGE_OF(search_experiments_request), MESSAGE_OF(search_experiments_response),
            mill_read_search_experiments, FILTER,
            "A page of the experiments that match a filter."),
    READ_ON(POOL, GET, 2, ALL, "/mlflow/experiments/list", "listExperiments",
            MESSAGE_OF(list_experiments_request), MESSAGE_OF(list_experiments_response),
            mill_read_list_experiments, FILTER, "All experiments, for clients before 2.0."),
    WRITE("/mlflow/experiments/update", "updateExperiment",
          MESSAGE_OF(update_experiment_request), NOTHING, mill_change_update_experiment, NULL,
          EDIT, "Gives an experiment a new name."),
    WRITE("/mlflow/experiments/delete", "deleteExperiment", MESSAGE_OF(experiment_id_request),
          NOTHING, mill_change_delete_experiment, NULL, MANAGE,
          "Puts an experiment and its runs into the bin."),
    WRITE("/mlflow/experiments/restore", "restoreExperiment", MESSAGE_OF(experiment_id_request),
          NOTHING, mill_change_restore_experiment, NULL, MANAGE,
          "Takes an experiment and its runs out of the bin."),
    WRITE("/mlflow/experiments/set-experiment-tag", "setExperimentTag",
          MESSAGE_OF(set_experiment_tag_request), NOTHING, mill_change_set_experiment_tag, NULL,
          EDIT, "Sets a tag of an experiment."),
    WRITE("/mlflow/experiments/delete-experiment-tag", "deleteExperimentTag",
          MESSAGE_OF(delete_experiment_tag_request), NOTHING, mill_change_delete_experiment_tag,
          NULL, EDIT, "Removes a tag of an experiment."),

    /* runs */
    WRITE("/mlflow/runs/create", "createRun", MESSAGE_OF(create_run_request),
          MESSAGE_OF(create_run_response), mill_change_create_run, mill_reply_create_run, EDIT,
          "Starts a run."),
    READ_ON(LOOP, GET, 2, ALL, "/mlflow/runs/get", "getRun", MESSAGE_OF(get_run_request),
            MESSAGE_OF(get_run_response), mill_read_run, READ,
            "One run with its latest metrics, params, tags, inputs and outputs."),
    WRITE("/mlflow/runs/update", "updateRun", MESSAGE_OF(update_run_request),
          MESSAGE_OF(update_run_response), mill_change_update_run, mill_reply_update_run, EDIT,
          "Changes state, end time or name of a run."),
    WRITE("/mlflow/runs/delete", "deleteRun", MESSAGE_OF(run_id_request), NOTHING,
          mill_change_delete_run, NULL, MANAGE, "Puts a run into the bin."),
    WRITE("/mlflow/runs/restore", "restoreRun", MESSAGE_OF(run_id_request), NOTHING,
          mill_change_restore_run, NULL, MANAGE, "Takes a run out of the bin."),
    READ_ON(POOL, POST, 2, ALL, "/mlflow/runs/search", "searchRuns",
            MESSAGE_OF(search_runs_request), MESSAGE_OF(search_runs_response),
            mill_read_search_runs, FILTER, "A page of the runs that match a filter."),
    READ_ON(POOL, GET, 2, PREVIEW, "/mlflow/runs/search", "searchRunsByQuery",
            MESSAGE_OF(search_runs_request), MESSAGE_OF(search_runs_response),
            mill_read_search_runs, FILTER, "The same for clients before 1.0."),

    /* what runs log */
    WRITE("/mlflow/runs/log-metric", "logMetric", MESSAGE_OF(log_metric_request), NOTHING,
          mill_change_log_metric, NULL, EDIT, "Logs one point of a metric."),
    WRITE("/mlflow/runs/log-parameter", "logParam", MESSAGE_OF(log_param_request), NOTHING,
          mill_change_log_param, NULL, EDIT, "Logs a param."),
    WRITE("/mlflow/runs/set-tag", "setTag", MESSAGE_OF(set_tag_request), NOTHING,
          mill_change_set_tag, NULL, EDIT, "Sets a tag of a run."),
    WRITE("/mlflow/runs/delete-tag", "deleteTag", MESSAGE_OF(delete_tag_request), NOTHING,
          mill_change_delete_tag, NULL, EDIT, "Removes a tag of a run."),
    WRITE("/mlflow/runs/log-batch", "logBatch", MESSAGE_OF(log_batch_request), NOTHING,
          mill_change_log_batch, NULL, EDIT,
          "Logs metrics, params and tags together, all or none."),
    WRITE("/mlflow/runs/log-inputs", "logInputs", MESSAGE_OF(log_inputs_request), NOTHING,
          mill_change_log_inputs, NULL, EDIT,
          "Says which datasets and logged models a run read."),
    WRITE("/mlflow/runs/outputs", "logOutputs", MESSAGE_OF(log_outputs_request), NOTHING,
          mill_change_log_outputs, NULL, EDIT, "Says which logged models a run made."),
    WRITE("/mlflow/runs/log-model", "logModel", MESSAGE_OF(log_model_request), NOTHING,
          mill_change_log_model, NULL, EDIT,
          "Notes a model in a tag of its run, for clients before 3.0."),

    /* datasets and logged models */
    READ_ON(POOL, POST, 2, AJAX, "/mlflow/experiments/search-datasets", "searchDatasets",
            MESSAGE_OF(search_datasets_request), MESSAGE_OF(search_datasets_response),
            mill_read_search_datasets, READ, "The datasets that runs of experiments read."),
    READ_ON(LOOP, POST, 2, ALL, "/mlflow/logged-models/search", "searchLoggedModels",
            MESSAGE_OF(search_logged_models_request), NOTHING, mill_read_search_logged_models,
            FILTER,
            "No logged models, always: clients ask before they list a run's artifacts."),

    /* the model registry */
    WRITE("/mlflow/registered-models/create", "createRegisteredModel",
          MESSAGE_OF(create_model_request), MESSAGE_OF(model_response),
          mill_change_create_model, mill_reply_model, USER, "Makes a registered model."),
    READ_ON(POOL, GET, 2, ALL, "/mlflow/registered-models/get", "getRegisteredModel",
            MESSAGE_OF(model_name_request), MESSAGE_OF(model_response), mill_read_model, READ,
            "One registered model with its latest versions."),
    READ_ON(POOL, GET, 2, ALL, "/mlflow/registered-models/search", "searchRegisteredModels",
            MESSAGE_OF(search_models_request), MESSAGE_OF(search_models_response),
            mill_read_search_models, FILTER,
            "A page of the registered models that match a filter."),
    READ_ON(POOL, GET, 2, ALL, "/mlflow/registered-models/list", "listRegisteredModels",
            MESSAGE_OF(search_models_request), MESSAGE_OF(search_models_response),
            mill_read_search_models, FILTER,
            "A page of the registered models, for clients before 2.0."),
    WRITE("/mlflow/registered-models/rename", "renameRegisteredModel",
          MESSAGE_OF(rename_model_request), MESSAGE_OF(model_response),
          mill_change_rename_model, mill_reply_model, EDIT,
          "Gives a registered model, and so its versions, a new name."),
    WRITE_BY(PATCH, "/mlflow/registered-models/update", "updateRegisteredModel",
             MESSAGE_OF(update_model_request), MESSAGE_OF(model_response),
             mill_change_update_model, mill_reply_model, EDIT,
             "Gives a registered model a new description."),
    WRITE_BY(DELETE, "/mlflow/registered-models/delete", "deleteRegisteredModel",
             MESSAGE_OF(model_name_request), NOTHING, mill_change_delete_model, NULL, MANAGE,
             "Removes a registered model with all its versions."),
    READ_ON(POOL, POST, 2, ALL, "/mlflow/registered-models/get-latest-versions",
            "getLatestVersions", MESSAGE_OF(latest_versions_request),
            MESSAGE_OF(model_versions_response), mill_read_latest_versions, READ,
            "The highest version of each stage of a registered model."),
    READ_ON(POOL, GET, 2, ALL, "/mlflow/registered-models/get-latest-versions",
            "getLatestVersionsByQuery", MESSAGE_OF(latest_versions_request),
            MESSAGE_OF(model_versions_response), mill_read_latest_versions, READ,
            "The same for clients that ask by GET."),
    WRITE("/mlflow/registered-models/set-tag", "setRegisteredModelTag",
          MESSAGE_OF(set_model_tag_request), NOTHING, mill_change_set_model_tag, NULL, EDIT,
          "Sets a tag of a registered model."),
    WRITE_BY(DELETE, "/mlflow/registered-models/delete-tag", "deleteRegisteredModelTag",
             MESSAGE_OF(delete_model_tag_request), NOTHING, mill_change_delete_model_tag, NULL,
             EDIT, "Removes a tag of a registered model, if it is there."),
    WRITE("/mlflow/registered-models/alias", "setRegisteredModelAlias",
          MESSAGE_OF(set_model_alias_request), NOTHING, mill_change_set_model_alias, NULL, EDIT,
          "Points an alias at a version."),
    WRITE_BY(DELETE, "/mlflow/registered-models/alias", "deleteRegisteredModelAlias",
             MESSAGE_OF(model_alias_request), NOTHING, mill_change_delete_model_alias, NULL,
             EDIT, "Removes an alias, if it is there."),
    READ_ON(POOL, GET, 2, ALL, "/mlflow/registered-models/alias", "getModelVersionByAlias",
            MESSAGE_OF(model_alias_request), MESSAGE_OF(model_version_response),
            mill_read_model_version_by_alias, READ, "The version that an alias points at."),
    WRITE("/mlflow/model-versions/create", "createModelVersion",
          MESSAGE_OF(create_model_version_request), MESSAGE_OF(model_version_response),
          mill_change_create_model_version, mill_reply_model_version, EDIT,
          "Makes the next version of a registered model."),
    READ_ON(POOL, GET, 2, ALL, "/mlflow/model-versions/get", "getModelVersion",
            MESSAGE_OF(model_version_request), MESSAGE_OF(model_version_response),
            mill_read_model_version, READ, "One version of a registered model."),
    READ_ON(POOL, GET, 2, ALL, "/mlflow/model-versions/search", "searchModelVersions",
            MESSAGE_OF(search_model_versions_request),
            MESSAGE_OF(search_model_versions_response), mill_read_search_model_versions, FILTER,
            "A page of the versions that match a filter."),
    READ_ON(POOL, GET, 2, ALL, "/mlflow/model-versions/get-download-uri",
            "getModelVersionDownloadUri", MESSAGE_OF(model_version_request),
            MESSAGE_OF(download_uri_response), mill_read_download_uri, READ,
            "Where a version's files are."),
    WRITE_BY(PATCH, "/mlflow/model-versions/update", "updateModelVersion",
             MESSAGE_OF(update_model_version_request), MESSAGE_OF(model_version_response),
             mill_change_update_model_version, mill_reply_model_version, EDIT,
             "Gives a version a new description."),
    WRITE("/mlflow/model-versions/transition-stage", "transitionModelVersionStage",
          MESSAGE_OF(stage_model_version_request), MESSAGE_OF(model_version_response),
          mill_change_stage_model_version, mill_reply_model_version, EDIT,
          "Puts a version into a stage; may archive the others there."),
    WRITE_BY(DELETE, "/mlflow/model-versions/delete", "deleteModelVersion",
             MESSAGE_OF(model_version_request), NOTHING, mill_change_delete_model_version, NULL,
             MANAGE, "Removes a version; its number is not given again."),
    WRITE("/mlflow/model-versions/set-tag", "setModelVersionTag",
          MESSAGE_OF(set_version_tag_request), NOTHING, mill_change_set_version_tag, NULL, EDIT,
          "Sets a tag of a version."),
    WRITE_BY(DELETE, "/mlflow/model-versions/delete-tag", "deleteModelVersionTag",
             MESSAGE_OF(delete_version_tag_request), NOTHING, mill_change_delete_version_tag,
             NULL, EDIT, "Removes a tag of a version, if it is there."),

    /* metric history */
    READ_ON(LOOP, GET, 2, ALL, "/mlflow/metrics/get-history", "getMetricHistory",
            MESSAGE_OF(get_history_request), MESSAGE_OF(get_history_response),
            mill_read_history, READ, "All points of a metric of a run by time."),
    READ_ON(POOL, GET, 2, AJAX, "/mlflow/metrics/get-history-bulk", "getMetricHistoryBulk",
            MESSAGE_OF(get_history_bulk_request), MESSAGE_OF(get_history_bulk_response),
            mill_read_history_bulk, READ, "Points of a metric of several runs."),
    READ_ON(POOL, GET, 2, ALL, "/mlflow/metrics/get-history-bulk-interval",
            "getMetricHistoryBulkInterval", MESSAGE_OF(get_history_sample_request),
            MESSAGE_OF(get_history_sample_response), mill_read_history_sample, READ,
            "A picture of a metric of several runs for a chart."),

    /* artifacts */
    READ_ON(POOL, GET, 2, ALL, "/mlflow/artifacts/list", "listArtifacts",
            MESSAGE_OF(list_artifacts_request), MESSAGE_OF(list_artifacts_response),
            mill_read_list_artifacts, READ, "What a directory of a run's artifacts holds."),
    READ_ON(POOL, GET, 2, ALL, "/mlflow-artifacts/artifacts", "listProxiedArtifacts",
            MESSAGE_OF(list_proxied_request), MESSAGE_OF(list_proxied_response),
            mill_read_list_proxied_artifacts, READ,
            "What a directory of the server's artifact store holds."),
    RAW(GET, 2, ALL, "/mlflow-artifacts/artifacts/{artifact_path*}", "downloadArtifact",
        mill_raw_download_artifact, false, READ, "A file of the server's artifact store."),
    RAW(PUT, 2, ALL, "/mlflow-artifacts/artifacts/{artifact_path*}", "uploadArtifact",
        mill_raw_upload_artifact, true, EDIT, "Stores a file."),
    RAW(DELETE, 2, ALL, "/mlflow-artifacts/artifacts/{artifact_path*}", "deleteArtifact",
        mill_raw_delete_artifact, false, MANAGE, "Removes a file or a directory."),
    RAW(GET, 2, ALL, "/mlflow-artifacts/presigned/{artifact_path*}", "presignedDownload",
        mill_raw_presigned_artifact, false, READ,
        "Where to fetch a file directly: not supported by a local directory."),
    READ_ON(POOL, POST, 2, ALL, "/mlflow-artifacts/mpu/create/{artifact_path*}",
            "createMultipartUpload", MESSAGE_OF(create_multipart_request),
            MESSAGE_OF(create_multipart_response), mill_read_begin_parts, EDIT,
            "Begins a file that comes in parts, in that directory."),
    RAW(PUT, 2, API, "/mlflow-artifacts/mpu/part/{upload_id}/{part_number}", "uploadPart",
        mill_raw_upload_part, true, ALL,
        "Stores a part; who was given its address may, without further login."),
    READ_ON(POOL, POST, 2, ALL, "/mlflow-artifacts/mpu/complete/{artifact_path*}",
            "completeMultipartUpload", MESSAGE_OF(complete_multipart_request), NOTHING,
            mill_read_complete_parts, EDIT, "Puts the file together of its parts."),
    READ_ON(POOL, POST, 2, ALL, "/mlflow-artifacts/mpu/abort/{artifact_path*}",
            "abortMultipartUpload", MESSAGE_OF(abort_multipart_request), NOTHING,
            mill_read_abort_parts, EDIT, "Gives a file in parts up."),
    RAW(GET, 0, ALL, "/get-artifact", "getRunArtifact", mill_raw_get_run_artifact, false, READ,
        "A file of a run: run_id and path in the query."),
    RAW(POST, 2, AJAX, "/mlflow/upload-artifact", "uploadRunArtifact",
        mill_raw_upload_run_artifact, true, EDIT,
        "Stores a file of a run: run_uuid and path in the "
        "query, at most 10 MiB."),

    /* webhooks */
    SLOW_WRITE_BY(POST, "/mlflow/webhooks", "createWebhook", MESSAGE_OF(create_webhook_request),
                  MESSAGE_OF(webhook_response), mill_change_create_webhook, mill_reply_webhook,
                  USER, "Has events sent to a URL."),
    READ_ON(POOL, GET, 2, ALL, "/mlflow/webhooks", "listWebhooks",
            MESSAGE_OF(list_webhooks_request), MESSAGE_OF(list_webhooks_response),
            mill_read_webhooks, USER, "A page of webhooks."),
    READ_ON(LOOP, GET, 2, ALL, "/mlflow/webhooks/{webhook_id}", "getWebhook", NOTHING,
            MESSAGE_OF(webhook_response), mill_read_webhook, USER, "One webhook."),
    SLOW_WRITE_BY(PATCH, "/mlflow/webhooks/{webhook_id}", "updateWebhook",
                  MESSAGE_OF(update_webhook_request), MESSAGE_OF(webhook_response),
                  mill_change_update_webhook, mill_reply_webhook, USER,
                  "Changes what is given of a webhook."),
    WRITE_BY(DELETE, "/mlflow/webhooks/{webhook_id}", "deleteWebhook", NOTHING, NOTHING,
             mill_change_delete_webhook, NULL, USER,
             "Removes a webhook and what waits for it."),
    READ_ON(POOL, POST, 2, ALL, "/mlflow/webhooks/{webhook_id}/test", "testWebhook",
            MESSAGE_OF(test_webhook_request), MESSAGE_OF(test_webhook_response),
            mill_read_test_webhook, USER, "Sends an example to a webhook, once."),

    /* pages */
    READ_ON(POOL, POST, 0, ALL, "/graphql", "graphql", MESSAGE_OF(graphql_request),
            MESSAGE_OF(graphql_response), mill_read_graphql, FILTER,
            "What pages ask by GraphQL: the queries of the official ones."),
    READ_ON(POOL, GET, 0, ALL, "/graphql", "graphqlByQuery", MESSAGE_OF(graphql_request),
            MESSAGE_OF(graphql_response), mill_read_graphql, FILTER, "The same by GET."),
    READ_ON(LOOP, GET, 3, AJAX, "/mlflow/ui-telemetry", "getUiTelemetry", NOTHING,
            MESSAGE_OF(ui_telemetry_response), mill_read_ui_telemetry, ALL,
            "Tells pages not to report on their users."),
    READ_ON(LOOP, POST, 3, AJAX, "/mlflow/ui-telemetry", "reportUiTelemetry", NOTHING,
            MESSAGE_OF(ui_telemetry_status), mill_read_ui_telemetry_report, ALL,
            "Drops what they report all the same."),
    READ_ON(LOOP, GET, 2, AJAX, "/mlflow/gateway-proxy", "gatewayEndpoints", NOTHING,
            MESSAGE_OF(gateway_endpoints), mill_read_gateway_endpoints, ALL,
            "No language models, always."),
    RAW(GET, 0, ALL, "/static-files/{path*}", "uiFile", mill_raw_ui_file, false, ALL,
        "A file of the pages in --ui-dir."),

    /* the server */
    READ_ON(LOOP, GET, 3, ALL, "/mlflow/server-info", "serverInfo", NOTHING,
            MESSAGE_OF(server_info_response), mill_read_server_info, ALL,
            "What this server can do."),
    RAW(GET, 0, ALL, "/api/openapi.json", "openapi", mill_raw_openapi, false, ALL,
        "This document."),
    RAW(GET, 0, ALL, "/health", "health", mill_raw_health, false, ALL,
        "OK while the server works."),
    RAW(GET, 0, ALL, "/version", "version", mill_raw_version, false, ALL,
        "The version of the protocol that is spoken."),
    RAW(GET, 0, ALL, "/metrics", "metrics", mill_raw_metrics, false, ALL,
        "Figures of the server for Prometheus."),
    RAW(GET, 0, ALL, "/", "root", mill_raw_ui_page, false, ALL,
        "The first page of --ui-dir, or one that says what this is."),
};

const struct mill_route *mill_routes(size_t *count_out)
{
    *count_out = MILL_COUNT(routes);
    return routes;
}
