/* rest_history.c - the points of a metric from a tracking server: all of them, or a sample. */
#include <stdlib.h>

#include "base/alloc.h"
#include "client/backend_rest.h"
#include "client/client.h"
#include "remote/rest.h"
#include "store/points.h"
#include "wire/messages.h"

/* Memory that the pages of a history share. */
#define PAGE_MEMORY ((size_t)1 << 20)
/* A longer history does not fit into a list. */
#define MAX_POINTS ((size_t)1 << 28)

enum mill_status mill_rest_get(struct mill_backend *backend, const char *path,
                               struct mill_buf *query, const struct mill_message *response,
                               void *answer, struct mill_arena *arena, struct mill_error *err)
{
    struct mill_rest_call call = {.method = "GET",
                                  .path = path,
                                  .query = mill_buf_view(query),
                                  .response = response,
                                  .answer = answer,
                                  .arena = arena,
                                  .repeatable = true};
    struct mill_remote *remote = ((struct mill_rest_backend *)backend)->server.remote;
    enum mill_status st =
        query->failed ? mill_no_memory(err) : mill_rest_call(remote, &call, err);
    mill_buf_release(query);
    return st;
}

static void add_point(struct mill_point_result *result, int64_t step, int64_t timestamp,
                      double value)
{
    struct mill_point point = {.step = step != MILL_ABSENT ? step : 0,
                               .timestamp = timestamp != MILL_ABSENT ? timestamp : 0,
                               .value = value};
    mill_buf_add(&result->points, &point, sizeof(point));
}

/* --- all points ------------------------------------------------------------------------- */

/* Appends one page. *token is that of the page and becomes that of the next, kept in the
 * buffer; empty at the end. */
static enum mill_status add_page(struct mill_backend *backend, struct mill_view run_id,
                                 struct mill_view key, struct mill_buf *token,
                                 struct mill_arena *arena, struct mill_point_result *result,
                                 struct mill_error *err)
{
    struct mill_get_history_response answer;
    struct mill_buf query = {0};
    struct mill_view before = mill_buf_view(token);
    mill_rest_query(&query, "run_id", run_id);
    mill_rest_query(&query, "metric_key", key);
    mill_rest_query(&query, "max_results", MILL_VIEW("25000"));
    if (before.len > 0)
        mill_rest_query(&query, "page_token", before);
    enum mill_status st =
        mill_rest_get(backend, "/api/2.0/mlflow/metrics/get-history", &query,
                      &mill_get_history_response_message, &answer, arena, err);
    if (st != MILL_OK)
        return st;
    struct mill_view next = answer.next_page_token;
    st = mill_rest_check_token(before, next, err);
    if (st != MILL_OK)
        return st;
    if (result->points.len / sizeof(struct mill_point) + answer.metrics_count > MAX_POINTS)
        return mill_fail(err, MILL_E_TOO_LARGE, "the metric has more than %zu points",
                         MAX_POINTS);
    for (size_t i = 0; i < answer.metrics_count; i++)
        add_point(result, answer.metrics[i].step, answer.metrics[i].timestamp,
                  answer.metrics[i].value);
    token->len = 0;
    mill_buf_add_view(token, next);
    return token->failed || result->points.failed ? mill_no_memory(err) : MILL_OK;
}

/* Servers answer an unknown run with no points, as they do for a key that it does not have. */
static enum mill_status check_run_of_no_points(struct mill_backend *backend,
                                               struct mill_view run_id,
                                               const struct mill_point_result *result,
                                               struct mill_error *err)
{
    struct mill_arena arena = {0};
    struct mill_get_run_response answer;
    struct mill_buf query = {0};
    if (result->points.len > 0)
        return MILL_OK;
    mill_rest_query(&query, "run_id", run_id);
    enum mill_status st = mill_rest_get(backend, "/api/2.0/mlflow/runs/get", &query,
                                        &mill_get_run_response_message, &answer, &arena, err);
    mill_arena_release(&arena);
    return st;
}

enum mill_status mill_rest_history(struct mill_backend *backend, struct mill_view run_id,
                                   struct mill_view key, struct mill_point_result *result,
                                   struct mill_error *err)
{
    struct mill_arena arena = {0};
    struct mill_buf token = {0};
    enum mill_status st;
    do {
        mill_arena_reset(&arena, PAGE_MEMORY);
        st = add_page(backend, run_id, key, &token, &arena, result, err);
    } while (st == MILL_OK && token.len > 0);
    mill_buf_release(&token);
    mill_arena_release(&arena);
    return st == MILL_OK ? check_run_of_no_points(backend, run_id, result, err) : st;
}

/* --- a sample --------------------------------------------------------------------------- */

static int by_step(const void *a, const void *b)
{
    return mill_point_cmp(a, b);
}

/* From all points, for servers that pick no samples. */
static enum mill_status pick_sample(struct mill_backend *backend, struct mill_view run_id,
                                    struct mill_view key, size_t max_points,
                                    struct mill_point_result *result, struct mill_error *err)
{
    struct mill_point_result all = {.points = {0}};
    struct mill_picker picker;
    enum mill_status st = mill_rest_history(backend, run_id, key, &all, err);
    size_t count = all.points.len / sizeof(struct mill_point);
    if (st == MILL_OK && count > 0 &&
        !mill_buf_reserve(&result->points, max_points * sizeof(struct mill_point)))
        st = mill_no_memory(err);
    if (st == MILL_OK && count > 0) {
        struct mill_point *points = (struct mill_point *)(void *)all.points.ptr;
        qsort(points, count, sizeof(*points), by_step);
        mill_picker_init(&picker, (struct mill_point *)(void *)result->points.ptr, max_points,
                         count);
        mill_picker_see(&picker, points, count);
        result->points.len = mill_picker_finish(&picker) * sizeof(struct mill_point);
    }
    mill_buf_release(&all.points);
    return st;
}

enum mill_status mill_rest_sample(struct mill_backend *backend, struct mill_view run_id,
                                  struct mill_view key, size_t max_points,
                                  struct mill_point_result *result, struct mill_error *err)
{
    struct mill_arena arena = {0};
    struct mill_get_history_sample_response answer;
    struct mill_buf query = {0};
    mill_rest_query(&query, "run_ids", run_id);
    mill_rest_query(&query, "metric_key", key);
    mill_buf_printf(&query, "&max_results=%zu", max_points);
    enum mill_status st =
        mill_rest_get(backend, "/ajax-api/2.0/mlflow/metrics/get-history-bulk-interval", &query,
                      &mill_get_history_sample_response_message, &answer, &arena, err);
    for (size_t i = 0; st == MILL_OK && i < answer.metrics_count; i++)
        add_point(result, answer.metrics[i].step, answer.metrics[i].timestamp,
                  answer.metrics[i].value);
    mill_arena_release(&arena);
    if (st == MILL_E_NO_ENDPOINT)
        return pick_sample(backend, run_id, key, max_points, result, err);
    return st == MILL_OK ? check_run_of_no_points(backend, run_id, result, err) : st;
}
