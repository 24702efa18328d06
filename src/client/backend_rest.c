/* backend_rest.c - a client of a tracking server: reads, files and the backend itself; writes
 * are in rest_change.c, metric histories in rest_history.c. */
#include "client/backend_rest.h"

#include "base/alloc.h"
#include "base/view.h"
#include "model/limits.h"
#include "remote/databricks.h"
#include "wire/messages.h"

static struct mill_remote *remote_of(struct mill_backend *backend)
{
    return ((struct mill_rest_backend *)backend)->server.remote;
}

enum mill_status mill_rest_take_token(struct mill_view before, struct mill_view next,
                                      struct mill_view *token_out, struct mill_error *err)
{
    enum mill_status st = mill_rest_check_token(before, next, err);
    if (st == MILL_OK && next.len > 0)
        *token_out = next;
    return st;
}

enum mill_status mill_rest_page(struct mill_backend *backend, struct mill_rest_call *call,
                                struct mill_view before, const struct mill_view *next,
                                struct mill_view *token_out, struct mill_error *err)
{
    call->method = "POST";
    call->repeatable = true;
    enum mill_status st = mill_rest_call(remote_of(backend), call, err);
    return st == MILL_OK ? mill_rest_take_token(before, *next, token_out, err) : st;
}

/* --- experiments ----------------------------------------------------------------------- */

static enum mill_status one_experiment(struct mill_backend *backend, const char *path,
                                       const char *name, struct mill_view value,
                                       struct mill_experiment_result *result,
                                       struct mill_error *err)
{
    struct mill_get_experiment_response answer;
    struct mill_buf query = {0};
    mill_rest_query(&query, name, value);
    enum mill_status st =
        mill_rest_get(backend, path, &query, &mill_get_experiment_response_message, &answer,
                      &result->arena, err);
    if (st == MILL_OK && answer.experiment == NULL)
        st = mill_fail(err, MILL_E_INTERNAL, "the server's answer has no experiment in it");
    return st == MILL_OK ? mill_list_experiments(result, answer.experiment, 1, err) : st;
}

static enum mill_status rest_get_experiment(struct mill_backend *backend, int64_t experiment_id,
                                            struct mill_experiment_result *result,
                                            struct mill_error *err)
{
    struct mill_view id = mill_arena_printf(&result->arena, "%lld", (long long)experiment_id);
    if (id.ptr == NULL)
        return mill_no_memory(err);
    return one_experiment(backend, "/api/2.0/mlflow/experiments/get", "experiment_id", id,
                          result, err);
}

static enum mill_status rest_get_experiment_by_name(struct mill_backend *backend,
                                                    struct mill_view name,
                                                    struct mill_experiment_result *result,
                                                    struct mill_error *err)
{
    return one_experiment(backend, "/api/2.0/mlflow/experiments/get-by-name", "experiment_name",
                          name, result, err);
}

static enum mill_status rest_search_experiments(struct mill_backend *backend,
                                                const struct mill_experiment_query *query,
                                                struct mill_experiment_result *result,
                                                struct mill_error *err)
{
    struct mill_search_experiments_request request = {
        .max_results = query->max_results,
        .page_token = query->page_token,
        .filter = query->filter,
        .order_by = query->order_by,
        .order_by_count = query->order_by_count,
        .view_type = (int)query->view_type,
    };
    struct mill_search_experiments_response answer = {0};
    struct mill_rest_call call = {.path = "/api/2.0/mlflow/experiments/search",
                                  .request = &mill_search_experiments_request_message,
                                  .value = &request,
                                  .response = &mill_search_experiments_response_message,
                                  .answer = &answer,
                                  .arena = &result->arena};
    enum mill_status st =
        mill_rest_page(backend, &call, query->page_token, &answer.next_page_token,
                       &result->list.next_page_token, err);
    return st == MILL_OK ? mill_list_experiments(result, answer.experiments,
                                                 answer.experiments_count, err)
                         : st;
}

/* --- runs ------------------------------------------------------------------------------ */

/* A page of runs as it comes: runs one behind the other. (As it goes out, see messages.def,
 * it is a list of pointers.) */
struct run_page {
    const struct mill_run *runs;
    size_t run_count;
    struct mill_view next_page_token;
};

static const struct mill_field run_page_fields[] = {
    {.name = "runs",
     .name_len = sizeof("runs") - 1,
     .type = MILL_F_MESSAGE,
     .flags = MILL_FIELD_REPEATED,
     .offset = offsetof(struct run_page, runs),
     .count_offset = offsetof(struct run_page, run_count),
     .message = &mill_run_message},
    {.name = "next_page_token",
     .name_len = sizeof("next_page_token") - 1,
     .type = MILL_F_STRING,
     .offset = offsetof(struct run_page, next_page_token)},
};

static const struct mill_message run_page_message = {
    .name = "RunPage",
    .size = sizeof(struct run_page),
    .fields = run_page_fields,
    .field_count = MILL_COUNT(run_page_fields),
};

static enum mill_status rest_get_run(struct mill_backend *backend, struct mill_view run_id,
                                     struct mill_run_result *result, struct mill_error *err)
{
    struct mill_get_run_response answer;
    struct mill_buf query = {0};
    mill_rest_query(&query, "run_id", run_id);
    enum mill_status st =
        mill_rest_get(backend, "/api/2.0/mlflow/runs/get", &query,
                      &mill_get_run_response_message, &answer, &result->arena, err);
    if (st == MILL_OK && answer.run == NULL)
        st = mill_fail(err, MILL_E_INTERNAL, "the server's answer has no run in it");
    return st == MILL_OK ? mill_list_runs(result, answer.run, 1, err) : st;
}

static enum mill_status rest_search_runs(struct mill_backend *backend,
                                         const struct mill_run_query *query,
                                         struct mill_run_result *result, struct mill_error *err)
{
    struct mill_search_runs_request request = {
        .experiment_ids = query->experiment_ids,
        .experiment_ids_count = query->experiment_count,
        .filter = query->filter,
        .run_view_type = (int)query->view_type,
        .max_results = query->max_results != 0 ? query->max_results : MILL_LIST_PAGE,
        .order_by = query->order_by,
        .order_by_count = query->order_by_count,
        .page_token = query->page_token,
    };
    struct run_page answer = {0};
    struct mill_rest_call call = {.path = "/api/2.0/mlflow/runs/search",
                                  .request = &mill_search_runs_request_message,
                                  .value = &request,
                                  .response = &run_page_message,
                                  .answer = &answer,
                                  .arena = &result->arena};
    enum mill_status st =
        mill_rest_page(backend, &call, query->page_token, &answer.next_page_token,
                       &result->list.next_page_token, err);
    return st == MILL_OK ? mill_list_runs(result, answer.runs, answer.run_count, err) : st;
}

/* --- the backend ----------------------------------------------------------------------- */

static void rest_cancel(struct mill_backend *backend)
{
    mill_remote_cancel(remote_of(backend));
}

static int64_t rest_asked_pause_s(const struct mill_backend *backend)
{
    return mill_remote_asked_pause_s(
        ((const struct mill_rest_backend *)backend)->server.remote);
}

static void rest_close(struct mill_backend *backend)
{
    struct mill_rest_backend *rest = (struct mill_rest_backend *)backend;
    mill_places_release(&rest->base.places);
    mill_peer_release(&rest->server);
    mill_free(rest);
}

static const struct mill_backend_ops rest_ops = {
    .apply = mill_rest_apply,
    .get_experiment = rest_get_experiment,
    .get_experiment_by_name = rest_get_experiment_by_name,
    .search_experiments = rest_search_experiments,
    .get_run = rest_get_run,
    .search_runs = rest_search_runs,
    .history = mill_rest_history,
    .sample = mill_rest_sample,
    .cancel = rest_cancel,
    .asked_pause_s = rest_asked_pause_s,
    .get_model = mill_rest_get_model,
    .search_models = mill_rest_search_models,
    .get_version = mill_rest_get_version,
    .search_versions = mill_rest_search_versions,
    .version_uri = mill_rest_version_uri,
    .get_logged_model = mill_rest_get_logged_model,
    .search_logged_models = mill_rest_search_logged_models,
    .get_eval_dataset = mill_rest_get_eval_dataset,
    .search_eval_datasets = mill_rest_search_eval_datasets,
    .eval_dataset_experiments = mill_rest_eval_dataset_experiments,
    .eval_records = mill_rest_eval_records,
    .close = rest_close,
};

/* Reads a kind of URI: mill_remote_options_read and its like. */
typedef enum mill_status read_options(struct mill_remote_options *options, struct mill_view uri,
                                      struct mill_view user_agent, struct mill_arena *arena,
                                      struct mill_error *err);

static enum mill_status open_with(read_options *read, struct mill_view uri,
                                  const struct mill_client_options *options,
                                  struct mill_backend **out, struct mill_error *err)
{
    struct mill_rest_backend *rest = mill_alloc_zero(1, sizeof(*rest));
    if (rest == NULL)
        return mill_no_memory(err);
    rest->base.ops = &rest_ops;
    struct mill_peer *server = &rest->server;
    enum mill_status st = read(&server->options, uri, options->user_agent, &server->arena, err);
    if (options->no_retries)
        server->options.max_retries = 0;
    if (st == MILL_OK)
        st = mill_peer_connect(server, err);
    if (st == MILL_OK)
        st = mill_places_init_server(&rest->base.places, server->remote,
                                     read == mill_databricks_options_read, options->user_agent,
                                     err);
    if (st != MILL_OK) {
        rest_close(&rest->base);
        return st;
    }
    rest->base.uri = mill_view_of(server->options.base);
    *out = &rest->base;
    return MILL_OK;
}

enum mill_status mill_backend_open_rest(struct mill_view uri,
                                        const struct mill_client_options *options,
                                        struct mill_backend **out, struct mill_error *err)
{
    return open_with(mill_remote_options_read, uri, options, out, err);
}

enum mill_status mill_backend_open_databricks(struct mill_view uri,
                                              const struct mill_client_options *options,
                                              struct mill_backend **out, struct mill_error *err)
{
    return open_with(mill_databricks_options_read, uri, options, out, err);
}
