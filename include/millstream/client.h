/* millstream/client.h - talk to a tracking server, or to a database directly.
 *
 * A client is opened on a tracking URI and offers the same calls whatever is behind it:
 *
 *   http://HOST:PORT, https://…   a tracking server (Millstream or the original)
 *   sqlite:///FILE                a Millstream database; sqlite:////FILE is an absolute path
 *
 * Threads. One thread at a time may use a client and what came from it; different clients
 * are independent of each other, and opening one costs no request.
 *
 * Ownership. Text goes in as struct mill_view, borrowed for the call; an absent view (ptr
 * NULL) means "not given". Reads hand out a list that owns everything it points to and is
 * freed with one call, before the client is closed. On failure no output is touched.
 *
 * Growth. Structs that a caller fills in begin with their size: set it to sizeof the struct
 * and what is not needed to zero. Lists are allocated by the library
 * and may grow at their end. Items are reached through pointers for the same reason.
 *
 * Errors. Every call takes a struct mill_error last, which may be NULL. Besides what is said
 * at a call, any call may fail with MILL_E_NOMEM, with MILL_E_IO when the server or the
 * storage cannot be reached, MILL_E_TIMEOUT, MILL_E_BUSY when it asks to come again later,
 * MILL_E_UNAUTHENTICATED or MILL_E_DENIED, and with MILL_E_INTERNAL when the server reports a
 * defect of its own. Messages of a server are passed on. */
#ifndef MILLSTREAM_CLIENT_H
#define MILLSTREAM_CLIENT_H

#include <stddef.h>
#include <string.h>

#include <millstream/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* --- opening --------------------------------------------------------------------------- */

/* Where a client goes when neither the caller nor MLFLOW_TRACKING_URI says: the address that
 * `millstream server` listens on unless told otherwise. Since 0.1. */
#define MILL_DEFAULT_TRACKING_URI "http://127.0.0.1:5000"

/* A connection to a server, or an open database. Opaque. Since 0.1. */
struct mill_client;

/* How a client is opened. Zero means the default everywhere. Since 0.1. */
struct mill_client_options {
    size_t size;    /* sizeof(struct mill_client_options) */
    bool read_only; /* writes are refused; a database is read beside a running server */
    bool create;    /* make a database that does not exist; else that is MILL_E_NOT_FOUND */
    struct mill_view user_agent; /* put before the library's own in requests */
    /* Where a database's `mlflow-artifacts:` locations lie, as the server that serves it was
     * told. Absent: MLFLOW_ARTIFACTS_DESTINATION, else ./mlartifacts. */
    struct mill_view artifacts_destination;
};

/* Opens the tracking URI and puts the client into *client_out; the caller closes it.
 *
 *   uri      absent or empty: the environment's MLFLOW_TRACKING_URI, else
 *            MILL_DEFAULT_TRACKING_URI
 *   options  NULL: the defaults
 *
 * For a server these variables of the environment count, read once here:
 * MLFLOW_TRACKING_USERNAME with MLFLOW_TRACKING_PASSWORD, else MLFLOW_TRACKING_TOKEN;
 * MLFLOW_TRACKING_INSECURE_TLS, MLFLOW_TRACKING_SERVER_CERT_PATH,
 * MLFLOW_TRACKING_CLIENT_CERT_PATH; MLFLOW_HTTP_REQUEST_TIMEOUT (seconds, 120),
 * MLFLOW_HTTP_REQUEST_MAX_RETRIES (7), MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR (2). A request is
 * repeated only if repeating it does no harm. No request is made by this call.
 *
 * Fails with MILL_E_INVALID for a URI or variable it cannot use; MILL_E_UNSUPPORTED when
 * libcurl is not installed (servers), for a database of another program or of a newer
 * version; MILL_E_NOT_FOUND for a missing database; MILL_E_BUSY when the database is to be
 * written while a server or another writer holds it. Since 0.1. */
MILL_API enum mill_status mill_client_open(struct mill_view uri,
                                           const struct mill_client_options *options,
                                           struct mill_client **client_out,
                                           struct mill_error *err);

/* Closes the client and frees it. NULL is allowed. Since 0.1. */
MILL_API void mill_client_close(struct mill_client *client);

/* The tracking URI in use, without user name and password; valid until the client is closed.
 * Since 0.1. */
MILL_API struct mill_view mill_client_uri(const struct mill_client *client);

/* A NUL-terminated text as a view; NULL gives the absent view. Since 0.1. */
static inline struct mill_view mill_text(const char *text)
{
    struct mill_view view;
    view.ptr = text;
    view.len = text != NULL ? strlen(text) : 0;
    return view;
}

/* --- experiments ----------------------------------------------------------------------- */

/* Experiments, and how to get those behind them. Since 0.1. */
struct mill_experiment_list {
    size_t count;
    const struct mill_experiment *const *items;
    struct mill_view next_page_token; /* absent: these were the last ones */
};

/* Frees the list and all it points to. NULL is allowed. Since 0.1. */
MILL_API void mill_experiment_list_free(struct mill_experiment_list *list);

/* What to look for. Since 0.1. */
struct mill_experiment_query {
    size_t size;                      /* sizeof(struct mill_experiment_query) */
    enum mill_view_type view_type;    /* 0: active ones */
    struct mill_view filter;          /* e.g. "name LIKE 'digits%' AND tags.team = 'vision'" */
    const struct mill_view *order_by; /* e.g. "name ASC"; none: newest first */
    size_t order_by_count;
    int64_t max_results;         /* of this page, 1 to 50000; 0: 1000 */
    struct mill_view page_token; /* next_page_token of the page before this one */
};

/* Creates an experiment and puts its id into *id_out.
 *
 *   name               1 to 500 characters, not used by any experiment, deleted ones included
 *   artifact_location  where its runs keep files; absent: the server's choice
 *   tags, tag_count    may be NULL, 0
 *
 * Fails with MILL_E_EXISTS or MILL_E_INVALID. Since 0.1. */
MILL_API enum mill_status mill_client_create_experiment(
    struct mill_client *client, struct mill_view name, struct mill_view artifact_location,
    const struct mill_tag *tags, size_t tag_count, int64_t *id_out, struct mill_error *err);

/* One experiment, deleted ones included, as a list of one; MILL_E_NOT_FOUND. Since 0.1. */
MILL_API enum mill_status mill_client_get_experiment(struct mill_client *client,
                                                     int64_t experiment_id,
                                                     struct mill_experiment_list **list_out,
                                                     struct mill_error *err);

/* The same by its exact name; MILL_E_NOT_FOUND. Since 0.1. */
MILL_API enum mill_status mill_client_get_experiment_by_name(
    struct mill_client *client, struct mill_view name, struct mill_experiment_list **list_out,
    struct mill_error *err);

/* One page of the experiments that match; query NULL: the first 1000 active ones. Fails with
 * MILL_E_INVALID for a filter, ordering or token that cannot be used. Since 0.1. */
MILL_API enum mill_status mill_client_search_experiments(
    struct mill_client *client, const struct mill_experiment_query *query,
    struct mill_experiment_list **list_out, struct mill_error *err);

/* Gives an active experiment a new name; MILL_E_NOT_FOUND, MILL_E_BAD_REQUEST or
 * MILL_E_EXISTS when the name is taken, MILL_E_INVALID. Since 0.1. */
MILL_API enum mill_status mill_client_rename_experiment(struct mill_client *client,
                                                        int64_t experiment_id,
                                                        struct mill_view new_name,
                                                        struct mill_error *err);

/* Puts an active experiment and its runs into the bin; MILL_E_NOT_FOUND. Since 0.1. */
MILL_API enum mill_status mill_client_delete_experiment(struct mill_client *client,
                                                        int64_t experiment_id,
                                                        struct mill_error *err);

/* Takes a deleted experiment and all its runs out of the bin; MILL_E_NOT_FOUND, also when it
 * is active. Since 0.1. */
MILL_API enum mill_status mill_client_restore_experiment(struct mill_client *client,
                                                         int64_t experiment_id,
                                                         struct mill_error *err);

/* Sets a tag of an active experiment, replacing its value; MILL_E_NOT_FOUND,
 * MILL_E_INVALID. Since 0.1. */
MILL_API enum mill_status mill_client_set_experiment_tag(struct mill_client *client,
                                                         int64_t experiment_id,
                                                         struct mill_view key,
                                                         struct mill_view value,
                                                         struct mill_error *err);

/* Removes a tag of an experiment; MILL_E_NOT_FOUND when there is none. Since 0.1. */
MILL_API enum mill_status mill_client_delete_experiment_tag(struct mill_client *client,
                                                            int64_t experiment_id,
                                                            struct mill_view key,
                                                            struct mill_error *err);

/* --- runs ------------------------------------------------------------------------------ */

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
};

/* What a new run is like. Since 0.1. */
struct mill_new_run {
    size_t size; /* sizeof(struct mill_new_run) */
    int64_t experiment_id;
    struct mill_view run_name; /* absent: made up */
    struct mill_view user_id;
    int64_t start_time; /* 0: now */
    const struct mill_tag *tags;
    size_t tag_count;
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

/* Changes state, end time or name of an active run; MILL_E_NOT_FOUND, MILL_E_INVALID.
 * Since 0.1. */
MILL_API enum mill_status mill_client_update_run(struct mill_client *client,
                                                 struct mill_view run_id,
                                                 const struct mill_run_update *update,
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
 * MILL_E_NOT_FOUND; MILL_E_INVALID for a bad key or value, or a param that has another value
 * already; what came in earlier requests of the same call stays. Since 0.1. */
MILL_API enum mill_status mill_client_log_batch(struct mill_client *client,
                                                struct mill_view run_id,
                                                const struct mill_batch *batch,
                                                struct mill_error *err);

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

/* --- artifacts ------------------------------------------------------------------------- */

/* Files and directories of a run. Since 0.1. */
struct mill_file_list {
    size_t count;
    const struct mill_file_info *const *items;
    struct mill_view root_uri; /* artifact location of the run */
};

/* Frees the list and all it points to. NULL is allowed. Since 0.1. */
MILL_API void mill_file_list_free(struct mill_file_list *list);

/* How far a transfer has come. Since 0.1. */
struct mill_progress {
    struct mill_view path; /* the file under way, below the run's artifact location */
    int64_t bytes;         /* of all files so far */
    int64_t bytes_total;   /* of all files; MILL_ABSENT when not known */
    size_t files;          /* finished ones */
    size_t files_total;    /* 0 when not known */
};

/* Who wants to know how far a transfer has come. Since 0.1. */
struct mill_transfer_options {
    size_t size; /* sizeof(struct mill_transfer_options) */
    /* Called now and then on the calling thread, and once for each finished file. Returning
     * false gives up: the call ends with MILL_E_CANCELLED. NULL: nobody. */
    bool (*progress)(void *context, const struct mill_progress *progress);
    void *context;
};

/* What lies directly in a directory of a run, ordered by path; paths are relative to the
 * run's artifact location. path absent or empty: its root. A path that is a file or does not
 * exist gives an empty list. MILL_E_NOT_FOUND is about the run; MILL_E_INVALID for a path
 * that leads out of it; MILL_E_UNSUPPORTED for a location that this client cannot reach.
 * Since 0.1. */
MILL_API enum mill_status mill_client_list_artifacts(struct mill_client *client,
                                                     struct mill_view run_id,
                                                     struct mill_view path,
                                                     struct mill_file_list **list_out,
                                                     struct mill_error *err);

/* Stores a local file, or everything below a local directory, in a run.
 *
 *   local_path  a file goes to DIRECTORY/its name; of a directory the content goes to
 *               DIRECTORY. Symbolic links are followed; other special files are refused.
 *   directory   below the run's artifact location; absent or empty: its root
 *   options     NULL: no progress
 *
 * Files are streamed, whatever their size; one that exists is replaced. Fails with
 * MILL_E_NOT_FOUND, MILL_E_INVALID, MILL_E_UNSUPPORTED as above, MILL_E_IO, MILL_E_FULL;
 * files sent before the failure stay. Since 0.1. */
MILL_API enum mill_status mill_client_upload_artifacts(
    struct mill_client *client, struct mill_view run_id, struct mill_view local_path,
    struct mill_view directory, const struct mill_transfer_options *options,
    struct mill_error *err);

/* Fetches a file, or a directory with everything below it, of a run.
 *
 *   path       absent or empty: all files of the run
 *   local_dir  is made when missing; the file or directory appears in it under its own name
 *              (for the root: its content). Existing files are replaced, each in one step.
 *
 * Fails as the upload; MILL_E_NOT_FOUND also when there is nothing at path. Since 0.1. */
MILL_API enum mill_status mill_client_download_artifacts(
    struct mill_client *client, struct mill_view run_id, struct mill_view path,
    struct mill_view local_dir, const struct mill_transfer_options *options,
    struct mill_error *err);

#ifdef __cplusplus
}
#endif

#endif
