/* backend_store.c - a client on a database or a tree: the store layer in this process. */
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/view.h"
#include "client/backend_store.h"
#include "model/limits.h"
#include "store/model_source.h"

/* Artifact root of what is created in a database: the same as when a server serves it. A tree
 * keeps files beside its runs. */
#define ARTIFACT_ROOT "mlflow-artifacts:/"

#define HISTORY_CHUNK 4096

struct store_backend {
    struct mill_backend base;
    struct mill_store *store;
    pthread_mutex_t writing; /* a store takes the changes of one thread at a time */
    struct mill_arena arena;
    struct mill_view artifact_root; /* empty: the store's own */
};

struct mill_store *mill_store_backend_store(struct mill_backend *backend)
{
    return ((struct store_backend *)backend)->store;
}

static struct mill_store *store_of(struct mill_backend *backend)
{
    return mill_store_backend_store(backend);
}

/* What only a store can add to a change. */
static enum mill_status complete(struct store_backend *b, struct mill_change *change,
                                 struct mill_arena *arena, struct mill_error *err)
{
    if (change->kind == MILL_CHANGE_CREATE_EXPERIMENT)
        change->as.create_experiment.artifact_root = b->artifact_root;
    if (change->kind != MILL_CHANGE_CREATE_MODEL_VERSION)
        return MILL_OK;
    change->as.model_version.artifact_root = b->artifact_root;
    struct mill_change copy = *change; /* what is malformed cannot be looked at */
    enum mill_status st = mill_change_check(&copy, arena, err);
    return st == MILL_OK ? mill_store_resolve_source(b->store, change, arena, err) : st;
}

static enum mill_status store_apply(struct mill_backend *backend, struct mill_change *change,
                                    struct mill_outcome *outcome, struct mill_error *err)
{
    enum mill_status st =
        complete((struct store_backend *)backend, change, outcome->arena, err);
    if (st == MILL_OK)
        st = mill_change_check(change, outcome->arena, err);
    if (st != MILL_OK)
        return st;
    struct mill_pending pending = {.change = change, .outcome = *outcome};
    struct mill_pending *list[] = {&pending};
    pthread_mutex_lock(&((struct store_backend *)backend)->writing);
    st = mill_store_apply(store_of(backend), list, 1, err);
    pthread_mutex_unlock(&((struct store_backend *)backend)->writing);
    if (st != MILL_OK)
        return st;
    *outcome = pending.outcome;
    if (outcome->status != MILL_OK)
        return mill_fail(err, outcome->status, "%s", outcome->error.message);
    return MILL_OK;
}

static enum mill_status store_get_experiment(struct mill_backend *backend,
                                             int64_t experiment_id,
                                             struct mill_experiment_result *result,
                                             struct mill_error *err)
{
    struct mill_experiment *found = mill_arena_zero(&result->arena, 1, sizeof(*found));
    if (found == NULL)
        return mill_no_memory(err);
    enum mill_status st =
        mill_store_get_experiment(store_of(backend), experiment_id, &result->arena, found, err);
    return st == MILL_OK ? mill_list_experiments(result, found, 1, err) : st;
}

static enum mill_status store_get_experiment_by_name(struct mill_backend *backend,
                                                     struct mill_view name,
                                                     struct mill_experiment_result *result,
                                                     struct mill_error *err)
{
    struct mill_experiment *found = mill_arena_zero(&result->arena, 1, sizeof(*found));
    if (found == NULL)
        return mill_no_memory(err);
    enum mill_status st =
        mill_store_get_experiment_by_name(store_of(backend), name, &result->arena, found, err);
    return st == MILL_OK ? mill_list_experiments(result, found, 1, err) : st;
}

/* A page token of this backend is the offset of the page in decimal. */
enum mill_status mill_store_backend_read_token(struct mill_view token, int64_t *offset_out,
                                               struct mill_error *err)
{
    int64_t offset = 0;
    if (!mill_view_empty(token) && (!mill_view_int(token, &offset) || offset < 1))
        return mill_fail(err, MILL_E_INVALID, "'%.*s' is not a page token of this database",
                         MILL_FMT(mill_utf8_prefix(token, 100)));
    *offset_out = offset;
    return MILL_OK;
}

enum mill_status mill_store_backend_write_token(bool more, int64_t offset, size_t count,
                                                struct mill_arena *arena, struct mill_view *out,
                                                struct mill_error *err)
{
    if (!more)
        return MILL_OK;
    *out = mill_arena_printf(arena, "%lld", (long long)offset + (long long)count);
    return out->ptr != NULL ? MILL_OK : mill_no_memory(err);
}

static enum mill_status store_search_experiments(struct mill_backend *backend,
                                                 const struct mill_experiment_query *query,
                                                 struct mill_experiment_result *result,
                                                 struct mill_error *err)
{
    struct mill_plan plan;
    struct mill_experiment_page page = {0};
    struct mill_experiment_search search = {
        .view_type = query->view_type, .plan = &plan, .limit = query->max_results};
    enum mill_status st =
        mill_query_parse(MILL_QUERY_EXPERIMENTS, query->filter, query->order_by,
                         query->order_by_count, &result->arena, &plan, err);
    if (st == MILL_OK)
        st = mill_store_backend_read_token(query->page_token, &search.offset, err);
    if (st == MILL_OK)
        st = mill_store_search_experiments(store_of(backend), &search, &result->arena, &page,
                                           err);
    if (st == MILL_OK)
        st = mill_store_backend_write_token(page.more, search.offset, page.count,
                                            &result->arena, &result->list.next_page_token, err);
    return st == MILL_OK ? mill_list_experiments(result, page.experiments, page.count, err)
                         : st;
}

static enum mill_status store_get_run(struct mill_backend *backend, struct mill_view run_id,
                                      struct mill_run_result *result, struct mill_error *err)
{
    enum mill_status st = mill_store_get_run(store_of(backend), run_id, &result->page, err);
    result->list.items = result->page.runs;
    result->list.count = result->page.count;
    return st;
}

static enum mill_status store_search_runs(struct mill_backend *backend,
                                          const struct mill_run_query *query,
                                          struct mill_run_result *result,
                                          struct mill_error *err)
{
    struct mill_plan plan;
    struct mill_run_search search = {.experiment_ids = query->experiment_ids,
                                     .experiment_count = query->experiment_count,
                                     .view_type = query->view_type,
                                     .plan = &plan,
                                     .limit = query->max_results,
                                     .info_only = query->info_only};
    if (search.limit == 0)
        search.limit = MILL_MAX_SEARCH_RESULTS;
    enum mill_status st = mill_query_parse(MILL_QUERY_RUNS, query->filter, query->order_by,
                                           query->order_by_count, &result->arena, &plan, err);
    if (st == MILL_OK)
        st = mill_store_backend_read_token(query->page_token, &search.offset, err);
    if (st == MILL_OK)
        st = mill_store_search_runs(store_of(backend), &search, &result->page, err);
    if (st == MILL_OK)
        st =
            mill_store_backend_write_token(result->page.more, search.offset, result->page.count,
                                           &result->arena, &result->list.next_page_token, err);
    result->list.items = result->page.runs;
    result->list.count = result->page.count;
    return st;
}

static enum mill_status store_history(struct mill_backend *backend, struct mill_view run_id,
                                      struct mill_view key, struct mill_point_result *result,
                                      struct mill_error *err)
{
    struct mill_history *history = NULL;
    size_t got = 0;
    enum mill_status st =
        mill_store_history_open(store_of(backend), run_id, key, 0, &history, err);
    if (st != MILL_OK)
        return st;
    do {
        if (!mill_buf_reserve(&result->points, HISTORY_CHUNK * sizeof(struct mill_point))) {
            st = mill_no_memory(err);
            break;
        }
        void *end = result->points.ptr + result->points.len;
        st = mill_history_next(history, end, HISTORY_CHUNK, &got, err);
        if (st == MILL_OK)
            result->points.len += got * sizeof(struct mill_point);
    } while (st == MILL_OK && got > 0);
    mill_history_close(history);
    return st;
}

static enum mill_status store_sample(struct mill_backend *backend, struct mill_view run_id,
                                     struct mill_view key, size_t max_points,
                                     struct mill_point_result *result, struct mill_error *err)
{
    struct mill_arena arena = {0};
    struct mill_point *points = NULL;
    size_t count = 0;
    enum mill_status st =
        mill_store_sample(store_of(backend), run_id, key, INT64_MIN, INT64_MAX, max_points,
                          &arena, &points, &count, err);
    if (st == MILL_OK)
        mill_buf_add(&result->points, points, count * sizeof(*points));
    mill_arena_release(&arena);
    return st;
}

static void store_close(struct mill_backend *backend)
{
    struct store_backend *store = (struct store_backend *)backend;
    mill_store_close(store->store);
    mill_places_release(&store->base.places);
    pthread_mutex_destroy(&store->writing);
    mill_arena_release(&store->arena);
    mill_free(store);
}

static const struct mill_backend_ops store_ops = {
    .apply = store_apply,
    .get_experiment = store_get_experiment,
    .get_experiment_by_name = store_get_experiment_by_name,
    .search_experiments = store_search_experiments,
    .get_run = store_get_run,
    .search_runs = store_search_runs,
    .history = store_history,
    .sample = store_sample,
    .get_model = mill_store_backend_get_model,
    .search_models = mill_store_backend_search_models,
    .get_version = mill_store_backend_get_version,
    .search_versions = mill_store_backend_search_versions,
    .version_uri = mill_store_backend_version_uri,
    .get_logged_model = mill_store_backend_get_logged_model,
    .search_logged_models = mill_store_backend_search_logged_models,
    .get_eval_dataset = mill_store_backend_get_eval_dataset,
    .search_eval_datasets = mill_store_backend_search_eval_datasets,
    .eval_dataset_experiments = mill_store_backend_eval_dataset_experiments,
    .eval_records = mill_store_backend_eval_records,
    .close = store_close,
};

/* Where proxied locations lie: as the caller says, else the environment, else where the server
 * of the database would have them. */
static struct mill_view destination_of(struct mill_view uri,
                                       const struct mill_client_options *options,
                                       struct mill_arena *arena)
{
    if (!mill_view_empty(options->artifacts_destination))
        return options->artifacts_destination;
    struct mill_view set = mill_view_of(getenv("MLFLOW_ARTIFACTS_DESTINATION"));
    return mill_view_empty(set) ? mill_store_destination(uri, arena) : set;
}

enum mill_status mill_backend_open_store(struct mill_view uri,
                                         const struct mill_client_options *options,
                                         struct mill_backend **out, struct mill_error *err)
{
    bool tree = !mill_view_starts(uri, MILL_VIEW("sqlite:"));
    struct mill_store_options store_options = {
        .read_only = options->read_only,
        .must_exist = !options->create && !tree,
        .artifact_root = tree ? MILL_VIEW("") : MILL_VIEW(ARTIFACT_ROOT),
        .synchronous = tree ? 2 : 0, /* as the official client: OFF */
    };
    struct store_backend *store = mill_alloc_zero(1, sizeof(*store));
    if (store == NULL)
        return mill_no_memory(err);
    store->base.ops = &store_ops;
    pthread_mutex_init(&store->writing, NULL);
    store->artifact_root = store_options.artifact_root;
    store->base.uri = mill_arena_copy(&store->arena, uri);
    struct mill_view destination = destination_of(uri, options, &store->arena);
    enum mill_status st =
        store->base.uri.ptr == NULL || destination.ptr == NULL ? mill_no_memory(err) : MILL_OK;
    if (st == MILL_OK)
        st = mill_places_init(&store->base.places, destination, options->user_agent, err);
    if (st == MILL_OK)
        st = mill_store_open(uri, &store_options, &store->store, err);
    if (st != MILL_OK) {
        store_close(&store->base);
        return st;
    }
    *out = &store->base;
    return MILL_OK;
}
