/* handlers.h - the functions in the route table, one block for each handlers_*.c. */
#ifndef MILL_SERVER_HANDLERS_H
#define MILL_SERVER_HANDLERS_H

#include "base/buf.h"
#include "server/http.h"
#include "server/route.h"

/* What many handlers need. Which run: run_id counts, run_uuid is what clients before 1.0 send.
 * MILL_E_INVALID when neither is given. */
enum mill_status mill_call_run_id(struct mill_view run_id, struct mill_view run_uuid,
                                  struct mill_view *out, struct mill_error *err);

/* What routes of the proxied store answer without one. */
#define MILL_ARTIFACTS_NOT_SERVED                                                              \
    "This server does not serve artifacts (--no-serve-artifacts): use the run's artifact "     \
    "location directly"

/* The token of the page behind this one, if there is one. */
enum mill_status mill_call_next_token(struct mill_call *call, bool more, int64_t offset,
                                      size_t count, struct mill_view *out,
                                      struct mill_error *err);

/* Larger pages are written while they are sent: that is less memory to fill, and to hold for a
 * client that reads slowly. */
#define MILL_ITEMS_AS_A_WHOLE 100

/* A page that is written bit by bit: {"name": [items], "next_page_token": token}. What the
 * items lie in passes to the answer with it: call->page and call->held are empty afterwards.
 * items points to structs of message; NULL: they are the runs of call->page. */
enum mill_status mill_call_stream(struct mill_call *call, const char *name,
                                  const struct mill_message *message, const void *const *items,
                                  size_t count, struct mill_view token, struct mill_error *err);

/* --- handlers_experiments.c ------------------------------------------------------------- */

mill_change_fn mill_change_create_experiment;
mill_reply_fn mill_reply_create_experiment;
mill_read_fn mill_read_experiment;
mill_read_fn mill_read_experiment_by_name;
mill_change_fn mill_change_update_experiment;
mill_change_fn mill_change_delete_experiment;
mill_change_fn mill_change_restore_experiment;
mill_change_fn mill_change_set_experiment_tag;
mill_change_fn mill_change_delete_experiment_tag;
mill_read_fn mill_read_experiment_counts;

/* --- handlers_runs.c -------------------------------------------------------------------- */

mill_change_fn mill_change_create_run;
mill_reply_fn mill_reply_create_run;
mill_read_fn mill_read_run;
mill_change_fn mill_change_update_run;
mill_reply_fn mill_reply_update_run;
mill_change_fn mill_change_delete_run;
mill_change_fn mill_change_restore_run;

/* --- handlers_log.c --------------------------------------------------------------------- */

mill_change_fn mill_change_log_metric;
mill_change_fn mill_change_log_param;
mill_change_fn mill_change_set_tag;
mill_change_fn mill_change_delete_tag;
mill_change_fn mill_change_log_batch;
mill_change_fn mill_change_log_inputs;
mill_change_fn mill_change_log_outputs;
mill_change_fn mill_change_log_model;

/* --- handlers_search.c ------------------------------------------------------------------ */

mill_read_fn mill_read_search_experiments;
mill_read_fn mill_read_list_experiments;
mill_read_fn mill_read_search_runs;

/* --- handlers_runs_table.c -------------------------------------------------------------- */

mill_read_fn mill_read_runs_table;

/* --- handlers_runs_columns.c, handlers_runs_groups.c, handlers_buckets.c -------------------
 */

mill_read_fn mill_read_runs_columns;
mill_read_fn mill_read_runs_groups;
mill_read_fn mill_read_metric_buckets;

/* --- events.c --------------------------------------------------------------------------- */

mill_raw_fn mill_raw_changes;
mill_raw_fn mill_raw_events;

/* --- handlers_datasets.c ---------------------------------------------------------------- */

mill_read_fn mill_read_search_datasets;

/* --- handlers_logged_models.c ----------------------------------------------------------- */

mill_change_fn mill_change_create_logged_model;
mill_reply_fn mill_reply_logged_model;
mill_read_fn mill_read_logged_model;
mill_change_fn mill_change_finalize_logged_model;
mill_change_fn mill_change_delete_logged_model;
mill_change_fn mill_change_set_logged_model_tags;
mill_change_fn mill_change_delete_logged_model_tag;
mill_change_fn mill_change_log_model_params;
mill_read_fn mill_read_search_logged_models;

/* --- handlers_eval_datasets.c ----------------------------------------------------------- */

mill_change_fn mill_change_create_eval_dataset;
mill_reply_fn mill_reply_create_eval_dataset;
mill_reply_fn mill_reply_eval_dataset;
mill_read_fn mill_read_eval_dataset_call;
mill_change_fn mill_change_delete_eval_dataset;
mill_change_fn mill_change_set_eval_dataset_tags;
mill_change_fn mill_change_delete_eval_dataset_tag;
mill_change_fn mill_change_link_eval_dataset;
mill_change_fn mill_change_unlink_eval_dataset;
mill_read_fn mill_read_eval_dataset_experiments;
mill_read_fn mill_read_search_eval_datasets;
mill_change_fn mill_change_upsert_eval_records;
mill_reply_fn mill_reply_upsert_eval_records;
mill_change_fn mill_change_delete_eval_records;
mill_reply_fn mill_reply_delete_eval_records;
mill_read_fn mill_read_eval_records;

/* --- handlers_scorers.c ----------------------------------------------------------------- */

mill_change_fn mill_change_register_scorer;
mill_reply_fn mill_reply_register_scorer;
mill_change_fn mill_change_delete_scorer;
mill_read_fn mill_read_list_scorers;
mill_read_fn mill_read_scorer_versions;
mill_read_fn mill_read_scorer;

/* --- handlers_traces.c ------------------------------------------------------------------ */

mill_change_fn mill_change_start_trace;
mill_reply_fn mill_reply_trace;
mill_read_fn mill_read_trace_info;
mill_read_fn mill_read_trace_infos;
mill_read_fn mill_read_search_traces;
mill_change_fn mill_change_set_trace_tag;
mill_change_fn mill_change_delete_trace_tag;
mill_change_fn mill_change_delete_traces;
mill_reply_fn mill_reply_delete_traces;
mill_change_fn mill_change_link_traces;
mill_change_fn mill_change_create_assessment;
mill_reply_fn mill_reply_assessment;
mill_read_fn mill_read_assessment;
mill_change_fn mill_change_update_assessment;
mill_change_fn mill_change_delete_assessment;

/* --- handlers_models.c ------------------------------------------------------------------- */

mill_change_fn mill_change_create_model;
mill_change_fn mill_change_rename_model;
mill_change_fn mill_change_update_model;
mill_change_fn mill_change_delete_model;
mill_reply_fn mill_reply_model;
mill_read_fn mill_read_model;
mill_read_fn mill_read_search_models;
mill_read_fn mill_read_latest_versions;
mill_change_fn mill_change_set_model_tag;
mill_change_fn mill_change_delete_model_tag;
mill_change_fn mill_change_set_model_alias;
mill_change_fn mill_change_delete_model_alias;
mill_read_fn mill_read_model_version_by_alias;

/* --- handlers_model_versions.c ----------------------------------------------------------- */

mill_change_fn mill_change_create_model_version;
mill_change_fn mill_change_update_model_version;
mill_change_fn mill_change_stage_model_version;
mill_change_fn mill_change_delete_model_version;
mill_reply_fn mill_reply_model_version;
mill_read_fn mill_read_model_version;
mill_read_fn mill_read_download_uri;
mill_read_fn mill_read_search_model_versions;
mill_change_fn mill_change_set_version_tag;
mill_change_fn mill_change_delete_version_tag;

/* --- handlers_metrics.c ----------------------------------------------------------------- */

mill_read_fn mill_read_history;        /* answers with a source */
mill_read_fn mill_read_history_bulk;   /* of several runs, cut */
mill_read_fn mill_read_history_sample; /* of several runs, for a chart */

/* --- handlers_server.c ------------------------------------------------------------------ */

mill_read_fn mill_read_server_info;
mill_raw_fn mill_raw_openapi;

/* --- handlers_artifacts.c --------------------------------------------------------------- */

mill_read_fn mill_read_list_artifacts;         /* GET artifacts/list: of a run */
mill_read_fn mill_read_list_model_artifacts;   /* GET logged-models/{id}/artifacts/... */
mill_raw_fn mill_raw_get_model_artifact;       /* GET the same */
mill_read_fn mill_read_list_proxied_artifacts; /* GET mlflow-artifacts/artifacts */
mill_raw_fn mill_raw_download_artifact;        /* GET mlflow-artifacts/artifacts/{path*} */
mill_raw_fn mill_raw_upload_artifact;          /* PUT the same; streamed */
mill_raw_fn mill_raw_delete_artifact;          /* DELETE the same */
mill_raw_fn mill_raw_presigned_artifact;       /* GET mlflow-artifacts/presigned/{path*}: 501 */
mill_raw_fn mill_raw_get_run_artifact;         /* GET /get-artifact */
mill_raw_fn mill_raw_upload_run_artifact;      /* POST mlflow/upload-artifact; streamed */

/* --- handlers_parts.c: files that come in parts ----------------------------------------- */

mill_read_fn mill_read_begin_parts;    /* POST mlflow-artifacts/mpu/create/{path*} */
mill_read_fn mill_read_complete_parts; /* POST mlflow-artifacts/mpu/complete/{path*} */
mill_read_fn mill_read_abort_parts;    /* POST mlflow-artifacts/mpu/abort/{path*} */
mill_raw_fn mill_raw_upload_part;      /* PUT mlflow-artifacts/mpu/part/{id}/{n}; streamed */

/* --- handlers_webhooks.c ---------------------------------------------------------------- */

mill_change_fn mill_change_create_webhook; /* looks where the URL leads: takes the network */
mill_change_fn mill_change_update_webhook; /* likewise */
mill_change_fn mill_change_delete_webhook;
mill_reply_fn mill_reply_webhook;
mill_read_fn mill_read_webhook;
mill_read_fn mill_read_webhooks;
mill_read_fn mill_read_test_webhook; /* waits for the receiver */

/* --- handlers_ui.c ---------------------------------------------------------------------- */

mill_read_fn mill_read_graphql;
mill_read_fn mill_read_ui_telemetry;
mill_read_fn mill_read_ui_telemetry_report;
mill_read_fn mill_read_gateway_endpoints;

/* --- ui.c ------------------------------------------------------------------------------- */

mill_raw_fn mill_raw_ui_root; /* GET /: the page, or one that says what this is */
mill_raw_fn mill_raw_ui_page; /* a path of our page */
mill_raw_fn mill_raw_ui_static;
mill_raw_fn mill_raw_ui_file; /* GET /static-files/{path*} */

#endif
