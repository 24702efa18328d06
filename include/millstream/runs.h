/* millstream/runs.h - runs: starting, logging, ending, finding them, and the history of their
 * metrics.
 *
 * What holds for all calls of a client (threads, ownership, errors) is said in client.h. */
#ifndef MILLSTREAM_RUNS_H
#define MILLSTREAM_RUNS_H

#include <millstream/client.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Runs with their latest metrics, params and tags, and how to get those behind them.
 * Since 0.1. */
struct mill_run_list {
    size_t count;
    const struct mill_run *const *items;
    struct mill_view next_page_token; /* absent: these were the last ones */
};

/* Frees the list and all it points to. NULL is allowed. Since 0.1. */
MILL_API void mill_run_list_free(struct mill_run_list *list);

/* What to look for. Since 0.1. */
struct mill_run_query {
    size_t size; /* sizeof(struct mill_run_query) */
    const int64_t *experiment_ids;
    size_t experiment_count;
    enum mill_view_type view_type; /* 0: active ones */
    struct mill_view filter;       /* e.g. "metrics.loss < 0.1 AND params.optimizer = 'adam'" */
    const struct mill_view *order_by; /* e.g. "metrics.loss ASC"; none: newest first */
    size_t order_by_count;
    int64_t max_results;         /* of this page, 1 to 50000; 0: 1000 */
    struct mill_view page_token; /* next_page_token of the page before this one */
    /* Of the runs only info is wanted; the lists behind it may be empty or incomplete. A tree
     * then reads one file of each run. */
    bool info_only;
};

/* What a new run is like. Since 0.1. */
struct mill_new_run {
    size_t size; /* sizeof(struct mill_new_run) */
    int64_t experiment_id;
    struct mill_view run_name; /* absent: made up */
    struct mill_view user_id;  /* absent: who runs the program */
    int64_t start_time;        /* 0: now */
    const struct mill_tag *tags;
    size_t tag_count;
    /* The id that the run is to have: 32 hexadecimal digits, used by no other. Absent: chosen.
     * Only Millstream servers, databases and trees take it; others choose one all the same. */
    struct mill_view run_id;
};

/* What changes about a run. Since 0.1. */
struct mill_run_update {
    size_t size;                 /* sizeof(struct mill_run_update) */
    enum mill_run_status status; /* 0: stays */
    int64_t end_time;            /* 0: stays; set it with a final status */
    struct mill_view run_name;   /* absent or empty: stays */
};

/* What a run logs at once, in any amounts: more than the 1000 metrics, 100 params or 100 tags
 * that one request may carry are sent as several. Since 0.1. */
struct mill_batch {
    size_t size;                       /* sizeof(struct mill_batch) */
    const struct mill_metric *metrics; /* timestamps are needed, steps may be negative */
    size_t metric_count;
    const struct mill_param *params; /* a param once logged cannot change */
    size_t param_count;
    const struct mill_tag *tags;
    size_t tag_count;
};

/* Starts a run in state RUNNING and gives it back as a list of one. Fails with MILL_E_INVALID
 * or MILL_E_NOT_FOUND when the experiment is missing or deleted. A request whose answer was
 * lost is not repeated, since that could make two runs. Since 0.1. */
MILL_API enum mill_status mill_client_create_run(struct mill_client *client,
                                                 const struct mill_new_run *run,
                                                 struct mill_run_list **list_out,
                                                 struct mill_error *err);

/* One run, deleted ones included, as a list of one; MILL_E_NOT_FOUND. Since 0.1. */
MILL_API enum mill_status mill_client_get_run(struct mill_client *client,
                                              struct mill_view run_id,
                                              struct mill_run_list **list_out,
                                              struct mill_error *err);

/* One page of the runs that match. query must name at least one experiment. Fails with
 * MILL_E_INVALID for a filter, ordering or token that cannot be used. Since 0.1. */
MILL_API enum mill_status mill_client_search_runs(struct mill_client *client,
                                                  const struct mill_run_query *query,
                                                  struct mill_run_list **list_out,
                                                  struct mill_error *err);

/* All runs of an experiment, newest first, however many pages that takes. view_type 0: active
 * ones. Only info of a run counts: whether metrics, params and tags come along depends on what
 * is behind the client. An unknown experiment has none. Since 0.1. */
MILL_API enum mill_status mill_client_list_run_infos(struct mill_client *client,
                                                     int64_t experiment_id,
                                                     enum mill_view_type view_type,
                                                     struct mill_run_list **list_out,
                                                     struct mill_error *err);

/* Changes state, end time or name of an active run; MILL_E_NOT_FOUND, MILL_E_INVALID.
 * Since 0.1. */
MILL_API enum mill_status mill_client_update_run(struct mill_client *client,
                                                 struct mill_view run_id,
                                                 const struct mill_run_update *update,
                                                 struct mill_error *err);

/* Ends an active run.
 *
 *   status       0: MILL_RUN_FINISHED
 *   end_time_ms  MILL_ABSENT: now
 *
 * MILL_E_NOT_FOUND, MILL_E_INVALID. Since 0.1. */
MILL_API enum mill_status mill_client_set_terminated(struct mill_client *client,
                                                     struct mill_view run_id,
                                                     enum mill_run_status status,
                                                     int64_t end_time_ms,
                                                     struct mill_error *err);

/* Puts a run into the bin; MILL_E_NOT_FOUND. Since 0.1. */
MILL_API enum mill_status mill_client_delete_run(struct mill_client *client,
                                                 struct mill_view run_id,
                                                 struct mill_error *err);

/* Takes a run out of the bin; MILL_E_NOT_FOUND. Since 0.1. */
MILL_API enum mill_status mill_client_restore_run(struct mill_client *client,
                                                  struct mill_view run_id,
                                                  struct mill_error *err);

/* Logs metrics, params and tags of an active run. Doing it again does no harm. Fails with
 * MILL_E_NOT_FOUND; MILL_E_INVALID for a bad key or value, which is found before anything is
 * sent, or for a param that has another value already: what came in earlier requests of the
 * same call then stays. Since 0.1. */
MILL_API enum mill_status mill_client_log_batch(struct mill_client *client,
                                                struct mill_view run_id,
                                                const struct mill_batch *batch,
                                                struct mill_error *err);

/* Logs one point of a metric of an active run. Doing it again does no harm.
 *
 *   key           1 to 250 characters: letters, digits, _ - . : / and space
 *   value         NaN and the infinities are kept
 *   timestamp_ms  MILL_ABSENT: now
 *   step          may be negative; MILL_ABSENT: 0
 *
 * MILL_E_NOT_FOUND, MILL_E_INVALID. Since 0.1. */
MILL_API enum mill_status mill_client_log_metric(struct mill_client *client,
                                                 struct mill_view run_id, struct mill_view key,
                                                 double value, int64_t timestamp_ms,
                                                 int64_t step, struct mill_error *err);

/* Logs one param of an active run: a key as above and up to 6000 characters. MILL_E_NOT_FOUND;
 * MILL_E_INVALID also when the param has another value already. Since 0.1. */
MILL_API enum mill_status mill_client_log_param(struct mill_client *client,
                                                struct mill_view run_id, struct mill_view key,
                                                struct mill_view value, struct mill_error *err);

/* Says what an active run read: datasets, each with the tags of this use of it, and logged
 * models. One that was said before is kept as it is. Either list may be NULL with a count of 0.
 * MILL_E_NOT_FOUND, MILL_E_INVALID. Since 0.1. */
MILL_API enum mill_status mill_client_log_inputs(struct mill_client *client,
                                                 struct mill_view run_id,
                                                 const struct mill_dataset_input *datasets,
                                                 size_t dataset_count,
                                                 const struct mill_model_input *models,
                                                 size_t model_count, struct mill_error *err);

/* Says which logged models an active run made. MILL_E_NOT_FOUND, MILL_E_INVALID. Since 0.1. */
MILL_API enum mill_status mill_client_log_outputs(struct mill_client *client,
                                                  struct mill_view run_id,
                                                  const struct mill_model_output *models,
                                                  size_t model_count, struct mill_error *err);

/* Sets a tag of an active run, replacing its value; MILL_E_NOT_FOUND, MILL_E_INVALID.
 * Since 0.1. */
MILL_API enum mill_status mill_client_set_tag(struct mill_client *client,
                                              struct mill_view run_id, struct mill_view key,
                                              struct mill_view value, struct mill_error *err);

/* Removes a tag of an active run; MILL_E_NOT_FOUND when there is none. Since 0.1. */
MILL_API enum mill_status mill_client_delete_tag(struct mill_client *client,
                                                 struct mill_view run_id, struct mill_view key,
                                                 struct mill_error *err);

/* --- metric history -------------------------------------------------------------------- */

/* Points of one metric. Since 0.1. */
struct mill_point_list {
    size_t count;
    const struct mill_point *items;
};

/* Frees the list. NULL is allowed. Since 0.1. */
MILL_API void mill_point_list_free(struct mill_point_list *list);

/* Every point of a metric, each distinct one once, ordered by (timestamp, step, value). A key
 * that the run does not have gives an empty list; MILL_E_NOT_FOUND is about the run. The list
 * takes 24 bytes a point. Since 0.1. */
MILL_API enum mill_status mill_client_metric_history(struct mill_client *client,
                                                     struct mill_view run_id,
                                                     struct mill_view key,
                                                     struct mill_point_list **list_out,
                                                     struct mill_error *err);

/* A picture of a metric for a chart: at most max_points (1 to 2500) of its points, spread
 * evenly, the last one included, ordered by step. Costs the same for a long history as for a
 * short one. Since 0.1. */
MILL_API enum mill_status mill_client_metric_sample(struct mill_client *client,
                                                    struct mill_view run_id,
                                                    struct mill_view key, size_t max_points,
                                                    struct mill_point_list **list_out,
                                                    struct mill_error *err);

#ifdef __cplusplus
}
#endif

#endif
