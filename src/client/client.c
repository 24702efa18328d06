/* client.c - the front of the client: chooses the backend by the URI, checks arguments once,
 * turns each write into a change. */
#include "client/client.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/view.h"
#include "model/limits.h"

static enum mill_status no_memory(struct mill_error *err)
{
    return mill_fail(err, MILL_E_NOMEM, "out of memory");
}

/* --- opening --------------------------------------------------------------------------- */

typedef enum mill_status open_backend(struct mill_view uri,
                                      const struct mill_client_options *options,
                                      struct mill_backend **out, struct mill_error *err);

/* The beginning of a URI decides. */
static const struct scheme {
    const char *prefix;
    open_backend *open;
} schemes[] = {
    {"http://", mill_backend_open_rest},
    {"https://", mill_backend_open_rest},
    {"sqlite:", mill_backend_open_store},
};

static open_backend *find_scheme(struct mill_view uri)
{
    for (size_t i = 0; i < MILL_COUNT(schemes); i++)
        if (mill_view_starts(uri, mill_view_of(schemes[i].prefix)))
            return schemes[i].open;
    return NULL;
}

enum mill_status mill_client_open(struct mill_view uri,
                                  const struct mill_client_options *options,
                                  struct mill_client **client_out, struct mill_error *err)
{
    static const struct mill_client_options defaults = {.size = sizeof(defaults)};
    if (options == NULL)
        options = &defaults;
    if (options->size != sizeof(*options))
        return mill_fail(err, MILL_E_INVALID, "options.size is %zu; it must be %zu",
                         options->size, sizeof(*options));
    if (mill_view_empty(uri))
        uri = mill_view_of(getenv("MLFLOW_TRACKING_URI"));
    if (mill_view_empty(uri))
        uri = MILL_VIEW(MILL_DEFAULT_TRACKING_URI);
    open_backend *open = find_scheme(uri);
    if (open == NULL)
        return mill_fail(err, MILL_E_INVALID,
                         "tracking URI '%.*s' is of no known kind; it must begin with http://, "
                         "https:// or sqlite:///",
                         MILL_FMT(mill_utf8_prefix(uri, 200)));
    struct mill_client *client = mill_alloc_zero(1, sizeof(*client));
    if (client == NULL)
        return no_memory(err);
    enum mill_status st = open(uri, options, &client->backend, err);
    if (st != MILL_OK) {
        mill_free(client);
        return st;
    }
    client->read_only = options->read_only;
    *client_out = client;
    return MILL_OK;
}

void mill_client_close(struct mill_client *client)
{
    if (client == NULL)
        return;
    client->backend->ops->close(client->backend);
    mill_free(client);
}

struct mill_view mill_client_uri(const struct mill_client *client)
{
    return client->backend->uri;
}

/* --- writes ---------------------------------------------------------------------------- */

/* Makes a change. Where its outcome is of interest, the caller gives one with an arena. */
static enum mill_status apply(struct mill_client *client, struct mill_change *change,
                              struct mill_outcome *outcome, struct mill_error *err)
{
    struct mill_arena arena = {0};
    struct mill_outcome own = {.arena = &arena};
    if (client->read_only)
        return mill_fail(err, MILL_E_DENIED, "the client was opened for reading only");
    if (outcome == NULL)
        outcome = &own;
    change->now_ms = mill_now_ms();
    enum mill_status st = client->backend->ops->apply(client->backend, change, outcome, err);
    mill_arena_release(&arena);
    return st;
}

enum mill_status mill_client_create_experiment(struct mill_client *client,
                                               struct mill_view name,
                                               struct mill_view artifact_location,
                                               const struct mill_tag *tags, size_t tag_count,
                                               int64_t *id_out, struct mill_error *err)
{
    struct mill_change change = {
        .kind = MILL_CHANGE_CREATE_EXPERIMENT,
        .as.create_experiment = {.name = name,
                                 .artifact_location = artifact_location,
                                 .tags = tags,
                                 .tag_count = tag_count},
    };
    struct mill_arena arena = {0};
    struct mill_outcome outcome = {.arena = &arena};
    enum mill_status st = apply(client, &change, &outcome, err);
    if (st == MILL_OK)
        *id_out = outcome.experiment_id;
    mill_arena_release(&arena);
    return st;
}

enum mill_status mill_client_rename_experiment(struct mill_client *client,
                                               int64_t experiment_id, struct mill_view new_name,
                                               struct mill_error *err)
{
    struct mill_change change = {
        .kind = MILL_CHANGE_RENAME_EXPERIMENT,
        .as.rename = {.experiment_id = experiment_id, .new_name = new_name},
    };
    return apply(client, &change, NULL, err);
}

enum mill_status mill_client_delete_experiment(struct mill_client *client,
                                               int64_t experiment_id, struct mill_error *err)
{
    struct mill_change change = {.kind = MILL_CHANGE_DELETE_EXPERIMENT,
                                 .as.experiment = {.experiment_id = experiment_id}};
    return apply(client, &change, NULL, err);
}

enum mill_status mill_client_restore_experiment(struct mill_client *client,
                                                int64_t experiment_id, struct mill_error *err)
{
    struct mill_change change = {.kind = MILL_CHANGE_RESTORE_EXPERIMENT,
                                 .as.experiment = {.experiment_id = experiment_id}};
    return apply(client, &change, NULL, err);
}

enum mill_status mill_client_set_experiment_tag(struct mill_client *client,
                                                int64_t experiment_id, struct mill_view key,
                                                struct mill_view value, struct mill_error *err)
{
    struct mill_change change = {
        .kind = MILL_CHANGE_SET_EXPERIMENT_TAG,
        .as.experiment_tag = {.experiment_id = experiment_id, .key = key, .value = value},
    };
    return apply(client, &change, NULL, err);
}

enum mill_status mill_client_delete_experiment_tag(struct mill_client *client,
                                                   int64_t experiment_id, struct mill_view key,
                                                   struct mill_error *err)
{
    struct mill_change change = {
        .kind = MILL_CHANGE_DELETE_EXPERIMENT_TAG,
        .as.experiment_tag = {.experiment_id = experiment_id, .key = key},
    };
    return apply(client, &change, NULL, err);
}

/* Copies of texts that a created run points to: the list that is handed out owns them. */
static bool keep_texts(struct mill_change *change, struct mill_arena *arena)
{
    struct mill_tag *tags =
        mill_arena_zero(arena, change->as.create_run.tag_count + 1, sizeof(*tags));
    if (tags == NULL)
        return false;
    struct mill_view *texts[] = {&change->as.create_run.run_id, &change->as.create_run.run_name,
                                 &change->as.create_run.user_id};
    for (size_t i = 0; i < MILL_COUNT(texts); i++) {
        bool given = texts[i]->ptr != NULL;
        *texts[i] = mill_arena_copy(arena, *texts[i]);
        if (given && texts[i]->ptr == NULL)
            return false;
    }
    for (size_t i = 0; i < change->as.create_run.tag_count; i++) {
        tags[i].key = mill_arena_copy(arena, change->as.create_run.tags[i].key);
        tags[i].value = mill_arena_copy(arena, change->as.create_run.tags[i].value);
        if (tags[i].key.ptr == NULL)
            return false;
    }
    change->as.create_run.tags = tags;
    return true;
}

enum mill_status mill_client_create_run(struct mill_client *client,
                                        const struct mill_new_run *run,
                                        struct mill_run_list **list_out, struct mill_error *err)
{
    char run_id[33];
    mill_timed_hex32(mill_now_ms(), run_id);
    struct mill_change change = {
        .kind = MILL_CHANGE_CREATE_RUN,
        .as.create_run = {.run_id = mill_view_of(run_id),
                          .experiment_id = run->experiment_id,
                          .run_name = run->run_name,
                          .user_id = run->user_id,
                          .start_time = run->start_time != 0 ? run->start_time : mill_now_ms(),
                          .tags = run->tags,
                          .tag_count = run->tag_count},
    };
    struct mill_run_result *result = mill_run_result_new();
    if (result == NULL)
        return no_memory(err);
    struct mill_outcome outcome = {.arena = &result->arena};
    const struct mill_run **items = mill_arena_alloc(&result->arena, sizeof(*items));
    enum mill_status st = items != NULL && keep_texts(&change, &result->arena)
                              ? apply(client, &change, &outcome, err)
                              : no_memory(err);
    if (st != MILL_OK) {
        mill_run_list_free(&result->list);
        return st;
    }
    items[0] = outcome.run;
    result->list.count = 1;
    result->list.items = items;
    *list_out = &result->list;
    return MILL_OK;
}

enum mill_status mill_client_update_run(struct mill_client *client, struct mill_view run_id,
                                        const struct mill_run_update *update,
                                        struct mill_error *err)
{
    struct mill_change change = {
        .kind = MILL_CHANGE_UPDATE_RUN,
        .as.update_run = {.run_id = run_id,
                          .status = update->status,
                          .end_time = update->end_time != 0 ? update->end_time : MILL_ABSENT,
                          .run_name = update->run_name},
    };
    return apply(client, &change, NULL, err);
}

enum mill_status mill_client_delete_run(struct mill_client *client, struct mill_view run_id,
                                        struct mill_error *err)
{
    struct mill_change change = {.kind = MILL_CHANGE_DELETE_RUN, .as.run = {.run_id = run_id}};
    return apply(client, &change, NULL, err);
}

enum mill_status mill_client_restore_run(struct mill_client *client, struct mill_view run_id,
                                         struct mill_error *err)
{
    struct mill_change change = {.kind = MILL_CHANGE_RESTORE_RUN, .as.run = {.run_id = run_id}};
    return apply(client, &change, NULL, err);
}

/* As many of what is left as fit into one request. */
static size_t take(size_t left, size_t most)
{
    return left < most ? left : most;
}

enum mill_status mill_client_log_batch(struct mill_client *client, struct mill_view run_id,
                                       const struct mill_batch *batch, struct mill_error *err)
{
    size_t metrics = 0, params = 0, tags = 0;
    enum mill_status st = MILL_OK;
    do {
        size_t p = take(batch->param_count - params, MILL_MAX_BATCH_PARAMS);
        size_t t = take(batch->tag_count - tags, MILL_MAX_BATCH_TAGS);
        size_t m = take(batch->metric_count - metrics, MILL_MAX_BATCH_TOTAL - p - t);
        struct mill_change change = {
            .kind = MILL_CHANGE_LOG,
            .as.log = {.source = MILL_LOG_FROM_BATCH, .run_id = run_id},
        };
        change.as.log.metrics = m > 0 ? batch->metrics + metrics : NULL;
        change.as.log.metric_count = m;
        change.as.log.params = p > 0 ? batch->params + params : NULL;
        change.as.log.param_count = p;
        change.as.log.tags = t > 0 ? batch->tags + tags : NULL;
        change.as.log.tag_count = t;
        st = apply(client, &change, NULL, err);
        metrics += m;
        params += p;
        tags += t;
    } while (st == MILL_OK && (metrics < batch->metric_count || params < batch->param_count ||
                               tags < batch->tag_count));
    return st;
}

enum mill_status mill_client_set_tag(struct mill_client *client, struct mill_view run_id,
                                     struct mill_view key, struct mill_view value,
                                     struct mill_error *err)
{
    struct mill_tag tag = {.key = key, .value = value};
    struct mill_change change = {
        .kind = MILL_CHANGE_LOG,
        .as.log = {.source = MILL_LOG_FROM_TAG, .run_id = run_id, .tags = &tag, .tag_count = 1},
    };
    return apply(client, &change, NULL, err);
}

enum mill_status mill_client_delete_tag(struct mill_client *client, struct mill_view run_id,
                                        struct mill_view key, struct mill_error *err)
{
    struct mill_change change = {.kind = MILL_CHANGE_DELETE_TAG,
                                 .as.run_tag = {.run_id = run_id, .key = key}};
    return apply(client, &change, NULL, err);
}

/* --- reads ----------------------------------------------------------------------------- */

/* Hands out a result that was filled in, or frees it. */
static enum mill_status give_experiments(enum mill_status st,
                                         struct mill_experiment_result *result,
                                         struct mill_experiment_list **list_out)
{
    if (st == MILL_OK)
        *list_out = &result->list;
    else
        mill_experiment_list_free(&result->list);
    return st;
}

static enum mill_status give_runs(enum mill_status st, struct mill_run_result *result,
                                  struct mill_run_list **list_out)
{
    if (st == MILL_OK)
        *list_out = &result->list;
    else
        mill_run_list_free(&result->list);
    return st;
}

static enum mill_status give_points(enum mill_status st, struct mill_point_result *result,
                                    struct mill_point_list **list_out, struct mill_error *err)
{
    if (st == MILL_OK && result->points.failed)
        st = no_memory(err);
    if (st != MILL_OK) {
        mill_point_list_free(&result->list);
        return st;
    }
    result->list.items = (const struct mill_point *)(const void *)result->points.ptr;
    result->list.count = result->points.len / sizeof(struct mill_point);
    *list_out = &result->list;
    return MILL_OK;
}

enum mill_status mill_client_get_experiment(struct mill_client *client, int64_t experiment_id,
                                            struct mill_experiment_list **list_out,
                                            struct mill_error *err)
{
    struct mill_experiment_result *result = mill_experiment_result_new();
    if (result == NULL)
        return no_memory(err);
    return give_experiments(
        client->backend->ops->get_experiment(client->backend, experiment_id, result, err),
        result, list_out);
}

enum mill_status mill_client_get_experiment_by_name(struct mill_client *client,
                                                    struct mill_view name,
                                                    struct mill_experiment_list **list_out,
                                                    struct mill_error *err)
{
    struct mill_experiment_result *result = mill_experiment_result_new();
    if (result == NULL)
        return no_memory(err);
    return give_experiments(
        client->backend->ops->get_experiment_by_name(client->backend, name, result, err),
        result, list_out);
}

/* What the two queries have in common. */
static enum mill_status check_query(size_t size, size_t expected, int64_t *max_results,
                                    struct mill_error *err)
{
    if (size != expected)
        return mill_fail(err, MILL_E_INVALID, "query.size is %zu; it must be %zu", size,
                         expected);
    if (*max_results == 0)
        *max_results = 1000;
    if (*max_results < 1 || *max_results > MILL_MAX_SEARCH_RESULTS)
        return mill_fail(err, MILL_E_INVALID, "max_results is %lld; it must be 1 to %d",
                         (long long)*max_results, MILL_MAX_SEARCH_RESULTS);
    return MILL_OK;
}

enum mill_status mill_client_search_experiments(struct mill_client *client,
                                                const struct mill_experiment_query *query,
                                                struct mill_experiment_list **list_out,
                                                struct mill_error *err)
{
    struct mill_experiment_query q = {.size = sizeof(q)};
    if (query != NULL)
        q = *query;
    enum mill_status st = check_query(q.size, sizeof(q), &q.max_results, err);
    if (st != MILL_OK)
        return st;
    if (q.view_type == 0)
        q.view_type = MILL_VIEW_ACTIVE_ONLY;
    struct mill_experiment_result *result = mill_experiment_result_new();
    if (result == NULL)
        return no_memory(err);
    return give_experiments(
        client->backend->ops->search_experiments(client->backend, &q, result, err), result,
        list_out);
}

enum mill_status mill_client_get_run(struct mill_client *client, struct mill_view run_id,
                                     struct mill_run_list **list_out, struct mill_error *err)
{
    if (mill_view_empty(run_id))
        return mill_fail(err, MILL_E_INVALID, "the run id is empty");
    struct mill_run_result *result = mill_run_result_new();
    if (result == NULL)
        return no_memory(err);
    return give_runs(client->backend->ops->get_run(client->backend, run_id, result, err),
                     result, list_out);
}

enum mill_status mill_client_search_runs(struct mill_client *client,
                                         const struct mill_run_query *query,
                                         struct mill_run_list **list_out,
                                         struct mill_error *err)
{
    struct mill_run_query q = *query;
    enum mill_status st = check_query(q.size, sizeof(q), &q.max_results, err);
    if (st != MILL_OK)
        return st;
    if (q.experiment_count == 0)
        return mill_fail(err, MILL_E_INVALID, "the query names no experiment");
    if (q.view_type == 0)
        q.view_type = MILL_VIEW_ACTIVE_ONLY;
    struct mill_run_result *result = mill_run_result_new();
    if (result == NULL)
        return no_memory(err);
    return give_runs(client->backend->ops->search_runs(client->backend, &q, result, err),
                     result, list_out);
}

enum mill_status mill_client_metric_history(struct mill_client *client, struct mill_view run_id,
                                            struct mill_view key,
                                            struct mill_point_list **list_out,
                                            struct mill_error *err)
{
    struct mill_point_result *result = mill_point_result_new();
    if (result == NULL)
        return no_memory(err);
    return give_points(client->backend->ops->history(client->backend, run_id, key, result, err),
                       result, list_out, err);
}

enum mill_status mill_client_metric_sample(struct mill_client *client, struct mill_view run_id,
                                           struct mill_view key, size_t max_points,
                                           struct mill_point_list **list_out,
                                           struct mill_error *err)
{
    if (max_points < 1 || max_points > MILL_MAX_SAMPLE_POINTS)
        return mill_fail(err, MILL_E_INVALID, "max_points is %zu; it must be 1 to %d",
                         max_points, MILL_MAX_SAMPLE_POINTS);
    struct mill_point_result *result = mill_point_result_new();
    if (result == NULL)
        return no_memory(err);
    return give_points(
        client->backend->ops->sample(client->backend, run_id, key, max_points, result, err),
        result, list_out, err);
}
