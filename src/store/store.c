/* store.c - the front of all stores: picks the backend of a URI, checks arguments once. */
#include "store/store.h"

#include <assert.h>

#include "base/alloc.h"
#include "model/limits.h"
#include "model/registry.h"
#include "store/backends.h"
#include "store/entity.h"

/* One row for each scheme. path_prefix is what stands between "scheme:" and the path. */
static const struct {
    struct mill_view scheme;
    struct mill_view path_prefix;
    enum mill_status (*open)(struct mill_view path, const struct mill_store_options *options,
                             struct mill_store **out, struct mill_error *err);
} backends[] = {
    {{"sqlite", 6}, {"///", 3}, mill_store_sqlite_open},
    {{"memory", 6}, {"", 0}, mill_store_memory_open},
    {{"file", 4}, {"", 0}, mill_store_file_open},
};

/* Whether a text begins as a URI does: two letters or more, and a colon. */
static bool has_scheme(struct mill_view uri)
{
    size_t n = 0;
    while (n < uri.len && ((uri.ptr[n] | 0x20) >= 'a') && ((uri.ptr[n] | 0x20) <= 'z'))
        n++;
    while (n > 0 && n < uri.len && strchr("0123456789+.-", uri.ptr[n]) != NULL &&
           uri.ptr[n] != '\0')
        n++;
    return n > 1 && n < uri.len && uri.ptr[n] == ':';
}

enum mill_status mill_store_open(struct mill_view uri, const struct mill_store_options *options,
                                 struct mill_store **out, struct mill_error *err)
{
    static const struct mill_store_options defaults = {0};
    struct mill_view scheme, rest = mill_view_cut(uri, ':', &scheme);
    if (options == NULL)
        options = &defaults;
    if (!has_scheme(uri))
        return mill_store_path_open(uri, options, out, err);
    for (size_t i = 0; i < MILL_COUNT(backends); i++) {
        if (!mill_view_eq(scheme, backends[i].scheme))
            continue;
        if (!mill_view_starts(rest, backends[i].path_prefix))
            break;
        return backends[i].open(mill_view_from(rest, backends[i].path_prefix.len), options, out,
                                err);
    }
    return mill_fail(err, MILL_E_INVALID,
                     "'%.*s' is not a store that can be opened here; use sqlite:///FILE, "
                     "file:PATH or a path",
                     MILL_FMT(uri));
}

struct mill_view mill_store_destination(struct mill_view uri, struct mill_arena *arena)
{
    const struct mill_view database = MILL_VIEW("sqlite:///");
    struct mill_view directory = MILL_VIEW("./");
    if (mill_view_starts(uri, database)) {
        struct mill_view path = mill_view_from(uri, database.len);
        const char *slash = memrchr(path.ptr, '/', path.len);
        if (slash != NULL)
            directory = (struct mill_view){path.ptr, (size_t)(slash + 1 - path.ptr)};
    }
    return mill_arena_printf(arena, "%.*smlartifacts", MILL_FMT(directory));
}

bool mill_store_reads_block(const struct mill_store *store)
{
    return store->ops->reads_block;
}

void mill_store_close(struct mill_store *store)
{
    if (store != NULL)
        store->ops->close(store);
}

void mill_store_warm(struct mill_store *store)
{
    if (store->ops->warm != NULL)
        store->ops->warm(store);
}

enum mill_status mill_store_apply(struct mill_store *store, struct mill_pending **pending,
                                  size_t count, struct mill_error *err)
{
    if (count == 0)
        return MILL_OK;
    return store->ops->apply(store, pending, count, err);
}

enum mill_status mill_store_get_experiment(struct mill_store *store, int64_t experiment_id,
                                           struct mill_arena *arena,
                                           struct mill_experiment *out, struct mill_error *err)
{
    return store->ops->get_experiment(store, experiment_id, arena, out, err);
}

enum mill_status mill_store_get_experiment_by_name(struct mill_store *store,
                                                   struct mill_view name,
                                                   struct mill_arena *arena,
                                                   struct mill_experiment *out,
                                                   struct mill_error *err)
{
    return store->ops->get_experiment_by_name(store, name, arena, out, err);
}

static enum mill_status check_page(int64_t offset, int64_t limit, int most,
                                   struct mill_error *err)
{
    if (limit < 1 || limit > most)
        return mill_fail(err, MILL_E_INVALID, "max_results must be 1 to %d, got %lld", most,
                         (long long)limit);
    if (offset < 0)
        return mill_fail(err, MILL_E_INVALID, "page_token is not one of this search");
    return MILL_OK;
}

enum mill_status mill_store_search_experiments(struct mill_store *store,
                                               const struct mill_experiment_search *search,
                                               struct mill_arena *arena,
                                               struct mill_experiment_page *out,
                                               struct mill_error *err)
{
    enum mill_status st =
        check_page(search->offset, search->limit, MILL_MAX_SEARCH_RESULTS, err);
    if (st != MILL_OK)
        return st;
    return store->ops->search_experiments(store, search, arena, out, err);
}

enum mill_status mill_store_get_run(struct mill_store *store, struct mill_view run_id,
                                    struct mill_run_page *out, struct mill_error *err)
{
    return store->ops->get_run(store, run_id, out, err);
}

/* The ids sorted and each once: named twice, an experiment still counts once. To be freed. */
static enum mill_status distinct_ids(const int64_t *from, size_t count, int64_t **ids_out,
                                     size_t *count_out, struct mill_error *err)
{
    size_t kept = 0;
    if (count > MILL_MAX_SEARCH_EXPERIMENTS)
        return mill_fail(err, MILL_E_INVALID,
                         "experiment_ids has %zu entries, at most %d may be searched at once",
                         count, MILL_MAX_SEARCH_EXPERIMENTS);
    int64_t *ids = mill_alloc((count + 1) * sizeof(*ids));
    if (ids == NULL)
        return mill_fail(err, MILL_E_NOMEM, "out of memory to search experiments");
    if (count != 0)
        memcpy(ids, from, count * sizeof(*ids));
    mill_sort_ids(ids, count);
    for (size_t i = 0; i < count; i++)
        if (kept == 0 || ids[i] != ids[kept - 1])
            ids[kept++] = ids[i];
    *ids_out = ids;
    *count_out = kept;
    return MILL_OK;
}

enum mill_status mill_store_search_runs(struct mill_store *store,
                                        const struct mill_run_search *search,
                                        struct mill_run_page *out, struct mill_error *err)
{
    struct mill_run_search distinct = *search;
    int64_t *ids = NULL;
    enum mill_status st =
        check_page(search->offset, search->limit,
                   search->bulk ? MILL_MAX_BULK_RUNS : MILL_MAX_SEARCH_RESULTS, err);
    if (st == MILL_OK)
        st = distinct_ids(search->experiment_ids, search->experiment_count, &ids,
                          &distinct.experiment_count, err);
    if (st != MILL_OK)
        return st;
    distinct.experiment_ids = ids;
    st = store->ops->search_runs(store, &distinct, out, err);
    mill_free(ids);
    return st;
}

void mill_run_page_release(struct mill_run_page *page)
{
    if (page->release != NULL)
        page->release(page);
    *page = (struct mill_run_page){0};
}

enum mill_status mill_store_history_open(struct mill_store *store, struct mill_view run_id,
                                         struct mill_view key, int64_t skip,
                                         struct mill_history **out, struct mill_error *err)
{
    if (skip < 0)
        return mill_fail(err, MILL_E_INVALID, "page_token is not one of this history");
    return store->ops->history_open(store, run_id, key, skip, out, err);
}

enum mill_status mill_history_next(struct mill_history *history, struct mill_point *points,
                                   size_t capacity, size_t *count_out, struct mill_error *err)
{
    return history->next(history, points, capacity, count_out, err);
}

void mill_history_close(struct mill_history *history)
{
    if (history != NULL)
        history->close(history);
}

enum mill_status mill_store_sample(struct mill_store *store, struct mill_view run_id,
                                   struct mill_view key, int64_t start_step, int64_t end_step,
                                   size_t max_points, struct mill_arena *arena,
                                   struct mill_point **points_out, size_t *count_out,
                                   struct mill_error *err)
{
    if (max_points < 1 || max_points > MILL_MAX_SAMPLE_POINTS)
        return mill_fail(err, MILL_E_INVALID, "max_results must be 1 to %d, got %zu",
                         MILL_MAX_SAMPLE_POINTS, max_points);
    return store->ops->sample(store, run_id, key, start_step, end_step, max_points, arena,
                              points_out, count_out, err);
}

/* --- the model registry --- */

static enum mill_status no_registry(const struct mill_store *store, struct mill_error *err)
{
    return mill_fail(err, MILL_E_UNSUPPORTED, "a store of the kind '%s' has no model registry",
                     store->ops->scheme);
}

void mill_held_release(struct mill_held *held)
{
    if (held->release != NULL)
        held->release(held->owner);
    *held = (struct mill_held){0};
}

enum mill_status mill_store_get_model(struct mill_store *store, struct mill_view name,
                                      struct mill_arena *arena,
                                      struct mill_registered_model *out, struct mill_error *err)
{
    enum mill_status st = mill_model_name_check(name, err);
    if (st != MILL_OK)
        return st;
    if (store->ops->get_model == NULL)
        return no_registry(store, err);
    return store->ops->get_model(store, name, arena, out, err);
}

enum mill_status mill_store_get_model_version(
    struct mill_store *store, const struct mill_version_ref *ref, struct mill_arena *arena,
    struct mill_model_version *out, struct mill_view *location_out, struct mill_error *err)
{
    enum mill_status st = mill_model_name_check(ref->name, err);
    if (st == MILL_OK && ref->alias.ptr != NULL)
        st = mill_alias_check(ref->alias, err);
    if (st != MILL_OK)
        return st;
    if (store->ops->get_model_version == NULL)
        return no_registry(store, err);
    return store->ops->get_model_version(store, ref, arena, out, location_out, err);
}

enum mill_status mill_store_search_models(struct mill_store *store,
                                          const struct mill_model_search *search,
                                          struct mill_arena *arena, struct mill_model_page *out,
                                          struct mill_error *err)
{
    enum mill_status st = check_page(search->offset, search->limit, MILL_MAX_MODEL_SEARCH, err);
    if (st != MILL_OK)
        return st;
    if (store->ops->search_models == NULL)
        return no_registry(store, err);
    return store->ops->search_models(store, search, arena, out, err);
}

enum mill_status mill_store_search_model_versions(struct mill_store *store,
                                                  const struct mill_model_search *search,
                                                  struct mill_version_page *out,
                                                  struct mill_error *err)
{
    enum mill_status st =
        check_page(search->offset, search->limit, MILL_MAX_VERSION_SEARCH, err);
    if (st != MILL_OK)
        return st;
    if (store->ops->search_model_versions == NULL)
        return no_registry(store, err);
    return store->ops->search_model_versions(store, search, out, err);
}

/* --- charts and lists --- */

enum mill_status mill_store_summary(struct mill_store *store, struct mill_view run_id,
                                    struct mill_view key, struct mill_series_summary *out,
                                    struct mill_error *err)
{
    return store->ops->summary(store, run_id, key, out, err);
}

struct mill_bucket_axis mill_bucket_axis(bool by_time, int64_t start, int64_t end, size_t most)
{
    start = start == MILL_ABSENT ? start + 1 : start; /* no step; the width could not be told */
    end = end < start ? start : end;
    uint64_t range = (uint64_t)end - (uint64_t)start;
    uint64_t width = range / most + 1;
    return (struct mill_bucket_axis){.by_time = by_time,
                                     .start = start,
                                     .end = end,
                                     .width = width,
                                     .count = (size_t)(range / width + 1)};
}

enum mill_status mill_store_buckets(struct mill_store *store, struct mill_view run_id,
                                    struct mill_view key, const struct mill_bucket_axis *axis,
                                    struct mill_bucket *buckets, int64_t *points_out,
                                    struct mill_error *err)
{
    assert(axis->start <= axis->end && axis->width >= 1 && axis->count <= MILL_MAX_BUCKETS);
    return store->ops->buckets(store, run_id, key, axis, buckets, points_out, err);
}

/* --- webhooks --- */

static enum mill_status no_webhooks(struct mill_error *err)
{
    return mill_fail(err, MILL_E_UNSUPPORTED,
                     "this kind of store keeps no webhooks; use sqlite:///FILE");
}

enum mill_status mill_store_get_webhook(struct mill_store *store, struct mill_view webhook_id,
                                        struct mill_arena *arena, struct mill_webhook *out,
                                        struct mill_error *err)
{
    return store->ops->get_webhook != NULL
               ? store->ops->get_webhook(store, webhook_id, arena, out, err)
               : no_webhooks(err);
}

enum mill_status mill_store_list_webhooks(struct mill_store *store, uint32_t events,
                                          int64_t offset, int64_t limit,
                                          struct mill_arena *arena,
                                          struct mill_webhook_page *out, struct mill_error *err)
{
    if (store->ops->list_webhooks == NULL)
        return no_webhooks(err);
    if (limit < 1 || limit > MILL_MAX_WEBHOOK_LIST)
        return mill_fail(err, MILL_E_INVALID, "max_results must be 1 to %d, got %lld",
                         MILL_MAX_WEBHOOK_LIST, (long long)limit);
    return store->ops->list_webhooks(store, events, offset, limit, arena, out, err);
}

enum mill_status mill_store_due_deliveries(struct mill_store *store, int64_t now_ms,
                                           struct mill_arena *arena,
                                           struct mill_due_deliveries *out,
                                           struct mill_error *err)
{
    return store->ops->due_deliveries != NULL
               ? store->ops->due_deliveries(store, now_ms, arena, out, err)
               : no_webhooks(err);
}

bool mill_store_watch_deliveries(struct mill_store *store, mill_deliveries_fn *fn,
                                 void *context)
{
    if (store->ops->watch_deliveries == NULL)
        return false;
    store->ops->watch_deliveries(store, fn, context);
    return true;
}

/* --- logged models --- */

static enum mill_status no_logged_models(const struct mill_store *store, struct mill_error *err)
{
    return mill_fail(err, MILL_E_UNSUPPORTED, "a store of kind %s keeps no logged models",
                     store->ops->scheme);
}

enum mill_status mill_store_get_logged_model(struct mill_store *store,
                                             struct mill_view model_id, bool deleted_too,
                                             struct mill_arena *arena,
                                             struct mill_logged_model *out,
                                             struct mill_error *err)
{
    if (store->ops->get_logged_model == NULL)
        return no_logged_models(store, err);
    return store->ops->get_logged_model(store, model_id, deleted_too, arena, out, err);
}

enum mill_status mill_store_search_logged_models(struct mill_store *store,
                                                 const struct mill_logged_model_search *search,
                                                 struct mill_arena *arena,
                                                 struct mill_logged_model_page *out,
                                                 struct mill_error *err)
{
    struct mill_logged_model_search distinct = *search;
    int64_t *ids = NULL;
    if (store->ops->search_logged_models == NULL)
        return no_logged_models(store, err);
    enum mill_status st =
        check_page(search->offset, search->limit, MILL_MAX_SEARCH_RESULTS, err);
    if (st == MILL_OK)
        st = distinct_ids(search->experiment_ids, search->experiment_count, &ids,
                          &distinct.experiment_count, err);
    if (st != MILL_OK)
        return st;
    distinct.experiment_ids = ids;
    st = store->ops->search_logged_models(store, &distinct, arena, out, err);
    mill_free(ids);
    return st;
}
