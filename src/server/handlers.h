/* handlers.h - the functions in the route table, one block for each handlers_*.c. */
#ifndef MILL_SERVER_HANDLERS_H
#define MILL_SERVER_HANDLERS_H

#include "server/route.h"

/* What many handlers need. Which run: run_id counts, run_uuid is what clients before 1.0 send.
 * MILL_E_INVALID when neither is given. */
enum mill_status mill_call_run_id(struct mill_view run_id, struct mill_view run_uuid,
                                  struct mill_view *out, struct mill_error *err);

enum mill_status mill_call_nomem(struct mill_error *err);

/* What routes of the proxied store answer without one. */
#define MILL_ARTIFACTS_NOT_SERVED                                                              \
    "This server does not serve artifacts (--no-serve-artifacts): use the run's artifact "     \
    "location directly"

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

/* --- handlers_datasets.c ---------------------------------------------------------------- */

mill_read_fn mill_read_search_datasets;
mill_read_fn mill_read_search_logged_models; /* finds none: there are no logged models here */

/* --- handlers_metrics.c ----------------------------------------------------------------- */

mill_read_fn mill_read_history;        /* answers with a source */
mill_read_fn mill_read_history_bulk;   /* of several runs, cut */
mill_read_fn mill_read_history_sample; /* of several runs, for a chart */

/* --- handlers_server.c ------------------------------------------------------------------ */

mill_read_fn mill_read_server_info;
mill_raw_fn mill_raw_openapi;

/* --- handlers_artifacts.c --------------------------------------------------------------- */

mill_read_fn mill_read_list_artifacts;         /* GET artifacts/list: of a run */
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

#endif
