/* handlers_metrics.c - metric history: of one run as a stream, of several runs at once. */
#include <stdlib.h>

#include "base/alloc.h"
#include "base/view.h"
#include "model/limits.h"
#include "server/handlers.h"
#include "wire/encode.h"
#include "wire/messages.h"
#include "wire/token.h"

/* Points that are read from the store at a time. */
#define POINTS_AT_ONCE 512

/* A piece of an answer is sent when it is this large. */
#define PIECE_BYTES (60 * 1024)

/* --- one run ---------------------------------------------------------------------------- */

/* An answer of get-history that is made while it is sent, so that its size does not matter. */
struct history_source {
    struct mill_body_source base;
    struct mill_history *history; /* NULL for a run that does not exist */
    struct mill_view key;
    int64_t offset; /* of the next point in the whole history */
    int64_t left;   /* points that may still be given */
    bool limited;   /* left counts, and a token follows when there are more */
    bool begun;     /* a point was written */
    struct mill_arena *arena;
    struct mill_point *first; /* points read ahead, to be given before all others */
    size_t first_count;
};

static void close_history(struct mill_body_source *source)
{
    struct history_source *h = (struct history_source *)source;
    mill_history_close(h->history);
}

/* The next points; those read ahead come first. */
static enum mill_status next_points(struct history_source *h, struct mill_point *points,
                                    size_t want, size_t *count, struct mill_error *err)
{
    *count = h->first_count;
    if (*count != 0) {
        memcpy(points, h->first, *count * sizeof(*points));
        h->first_count = 0;
        return MILL_OK;
    }
    if (h->history == NULL)
        return MILL_OK;
    return mill_history_next(h->history, points, want, count, err);
}

static void add_points(struct history_source *h, struct mill_buf *out,
                       const struct mill_point *points, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct mill_metric metric = {.key = h->key,
                                           .value = points[i].value,
                                           .timestamp = points[i].timestamp,
                                           .step = points[i].step};
        mill_buf_add_view(out, h->begun ? MILL_VIEW(",") : MILL_VIEW("{\"metrics\":["));
        h->begun = true;
        mill_encode(out, &mill_metric_message, &metric);
    }
}

/* What stands behind the last point; more says that the page is full but not the history. */
static enum mill_status add_end(struct history_source *h, struct mill_buf *out, bool more,
                                struct mill_error *err)
{
    mill_buf_add_view(out, h->begun ? MILL_VIEW("]") : MILL_VIEW("{"));
    if (more) {
        struct mill_view token = mill_token_encode(h->offset, h->arena);
        if (token.ptr == NULL)
            return mill_no_memory(err);
        mill_buf_add_view(out, MILL_VIEW(",\"next_page_token\":"));
        mill_buf_add_json_string(out, token);
    }
    mill_buf_add_char(out, '}');
    return MILL_OK;
}

static enum mill_status next_piece(struct mill_body_source *source, struct mill_buf *out,
                                   bool *end_out, struct mill_error *err)
{
    struct history_source *h = (struct history_source *)source;
    struct mill_point points[POINTS_AT_ONCE];
    bool more = false;
    while (out->len < PIECE_BYTES) {
        size_t count = 0;
        size_t want = POINTS_AT_ONCE;
        if (h->limited && h->left < POINTS_AT_ONCE)
            want = (size_t)h->left + 1; /* one more tells whether there is another page */
        enum mill_status st = next_points(h, points, want, &count, err);
        if (st != MILL_OK)
            return st;
        if (h->limited && (int64_t)count > h->left) {
            count = (size_t)h->left;
            more = true;
        }
        add_points(h, out, points, count);
        h->offset += (int64_t)count;
        h->left -= (int64_t)count;
        if (count == 0 || more) {
            *end_out = true;
            return add_end(h, out, more, err);
        }
    }
    return MILL_OK;
}

/* Answers at once when everything that is wanted fits into the first read; false when not, the
 * points read are then kept. */
static bool answer_short(struct history_source *h, struct mill_get_history_response *response,
                         enum mill_status *st, struct mill_error *err)
{
    if (h->limited && h->left < POINTS_AT_ONCE)
        return false; /* whether a token follows is the source's business */
    h->first = mill_arena_alloc(h->arena, POINTS_AT_ONCE * sizeof(*h->first));
    if (h->first == NULL) {
        *st = mill_no_memory(err);
        return true;
    }
    *st = next_points(h, h->first, POINTS_AT_ONCE, &h->first_count, err);
    if (*st != MILL_OK)
        return true;
    if (h->first_count == POINTS_AT_ONCE)
        return false;
    struct mill_metric *metrics = mill_arena_zero(h->arena, h->first_count, sizeof(*metrics));
    if (metrics == NULL) {
        *st = mill_no_memory(err);
        return true;
    }
    for (size_t i = 0; i < h->first_count; i++)
        metrics[i] = (struct mill_metric){.key = h->key,
                                          .value = h->first[i].value,
                                          .timestamp = h->first[i].timestamp,
                                          .step = h->first[i].step};
    response->metrics = metrics;
    response->metrics_count = h->first_count;
    return true;
}

/* Short histories are answered like any read, on the loop, because most are asked for by a
 * chart of a young run; long ones are made on the pool while they are sent. */
enum mill_status mill_read_history(struct mill_call *call, struct mill_error *err)
{
    const struct mill_get_history_request *request = call->request;
    struct history_source *h = mill_arena_zero(call->arena, 1, sizeof(*h));
    struct mill_view run_id;
    if (h == NULL)
        return mill_no_memory(err);
    enum mill_status st = mill_call_run_id(request->run_id, request->run_uuid, &run_id, err);
    if (st == MILL_OK)
        st = mill_token_decode(request->page_token, call->arena, &h->offset, err);
    if (st != MILL_OK)
        return st;
    h->limited = request->max_results != MILL_ABSENT;
    if (h->limited && request->max_results < 1)
        return mill_fail(err, MILL_E_INVALID, "max_results: must be at least 1, got %lld",
                         (long long)request->max_results);
    st = mill_store_history_open(call->store, run_id, request->metric_key, h->offset,
                                 &h->history, err);
    if (st != MILL_OK && st != MILL_E_NOT_FOUND)
        return st;
    h->base = (struct mill_body_source){
        .next = next_piece, .close = close_history, .length = MILL_ABSENT};
    h->key = request->metric_key;
    h->left = h->limited ? request->max_results : INT64_MAX;
    h->arena = call->arena;
    st = MILL_OK;
    if (answer_short(h, call->response, &st, err))
        mill_history_close(h->history);
    else
        call->source = &h->base;
    return st;
}

/* --- several runs ----------------------------------------------------------------------- */

static int by_text(const void *a, const void *b)
{
    return mill_view_cmp(*(const struct mill_view *)a, *(const struct mill_view *)b);
}

/* The ids in order, each once. */
static enum mill_status sort_ids(struct mill_call *call, const struct mill_view *ids,
                                 size_t count, struct mill_view **sorted_out, size_t *count_out,
                                 struct mill_error *err)
{
    struct mill_view *sorted = mill_arena_zero(call->arena, count, sizeof(*sorted));
    size_t kept = 0;
    if (sorted == NULL)
        return mill_no_memory(err);
    memcpy(sorted, ids, count * sizeof(*sorted));
    qsort(sorted, count, sizeof(*sorted), by_text);
    for (size_t i = 0; i < count; i++)
        if (i == 0 || !mill_view_eq(sorted[i], sorted[kept - 1]))
            sorted[kept++] = sorted[i];
    *sorted_out = sorted;
    *count_out = kept;
    return MILL_OK;
}

static enum mill_status check_runs(const char *name, size_t count, struct mill_error *err)
{
    if (count == 0)
        return mill_fail(err, MILL_E_INVALID, "%s: missing; send the ids of 1 to %d runs", name,
                         MILL_MAX_HISTORY_RUNS);
    if (count > MILL_MAX_HISTORY_RUNS)
        return mill_fail(err, MILL_E_INVALID, "%s: %zu runs came, at most %d are allowed", name,
                         count, MILL_MAX_HISTORY_RUNS);
    return MILL_OK;
}

/* Points of an answer; grows by doubling in the arena up to what limits allow. */
struct point_list {
    struct mill_arena *arena;
    struct mill_run_metric *items;
    size_t count;
    size_t cap;
};

static enum mill_status add_run_points(struct point_list *list, struct mill_view run_id,
                                       struct mill_view key, const struct mill_point *points,
                                       size_t count, struct mill_error *err)
{
    if (list->count + count > list->cap) {
        size_t cap = list->cap * 2 > list->count + count ? list->cap * 2 : list->count + count;
        struct mill_run_metric *items = mill_arena_zero(list->arena, cap, sizeof(*items));
        if (items == NULL)
            return mill_no_memory(err);
        if (list->count > 0)
            memcpy(items, list->items, list->count * sizeof(*items));
        list->items = items;
        list->cap = cap;
    }
    for (size_t i = 0; i < count; i++)
        list->items[list->count++] = (struct mill_run_metric){.key = key,
                                                              .value = points[i].value,
                                                              .timestamp = points[i].timestamp,
                                                              .step = points[i].step,
                                                              .run_id = run_id};
    return MILL_OK;
}

/* Adds the points of one run until the list has limit of them. */
static enum mill_status add_history(struct mill_call *call, struct point_list *list,
                                    struct mill_view run_id, struct mill_view key, size_t limit,
                                    struct mill_error *err)
{
    struct mill_point points[POINTS_AT_ONCE];
    struct mill_history *history = NULL;
    size_t count = 1;
    enum mill_status st = mill_store_history_open(call->store, run_id, key, 0, &history, err);
    if (st != MILL_OK)
        return st == MILL_E_NOT_FOUND ? MILL_OK : st;
    while (st == MILL_OK && count > 0 && list->count < limit) {
        size_t want =
            limit - list->count < POINTS_AT_ONCE ? limit - list->count : POINTS_AT_ONCE;
        st = mill_history_next(history, points, want, &count, err);
        if (st == MILL_OK)
            st = add_run_points(list, run_id, key, points, count, err);
    }
    mill_history_close(history);
    return st;
}

enum mill_status mill_read_history_bulk(struct mill_call *call, struct mill_error *err)
{
    const struct mill_get_history_bulk_request *request = call->request;
    struct mill_get_history_bulk_response *response = call->response;
    struct point_list list = {.arena = call->arena};
    struct mill_view *ids = NULL;
    size_t count = 0;
    int64_t limit = request->max_results;
    enum mill_status st = check_runs("run_id", request->run_id_count, err);
    if (st == MILL_OK)
        st = sort_ids(call, request->run_id, request->run_id_count, &ids, &count, err);
    if (limit == MILL_ABSENT || limit > MILL_MAX_HISTORY_POINTS)
        limit = MILL_MAX_HISTORY_POINTS;
    if (st == MILL_OK && limit < 0)
        st = mill_fail(err, MILL_E_INVALID, "max_results: must be 0 to %d, got %lld",
                       MILL_MAX_HISTORY_POINTS, (long long)limit);
    for (size_t i = 0; i < count && st == MILL_OK; i++)
        st = add_history(call, &list, ids[i], request->metric_key, (size_t)limit, err);
    response->metrics = list.items;
    response->metrics_count = list.count;
    return st;
}

/* The range of steps: both ends or none. */
static enum mill_status step_range(const struct mill_get_history_sample_request *request,
                                   int64_t *start, int64_t *end, struct mill_error *err)
{
    bool from = request->start_step != MILL_ABSENT;
    bool to = request->end_step != MILL_ABSENT;
    if (from != to)
        return mill_fail(err, MILL_E_INVALID,
                         "%s: missing; send start_step and end_step, or "
                         "neither",
                         from ? "end_step" : "start_step");
    if (from && request->start_step > request->end_step)
        return mill_fail(err, MILL_E_INVALID,
                         "end_step: must not be below start_step (%lld), got %lld",
                         (long long)request->start_step, (long long)request->end_step);
    *start = from ? request->start_step : INT64_MIN;
    *end = from ? request->end_step : INT64_MAX;
    return MILL_OK;
}

enum mill_status mill_read_history_sample(struct mill_call *call, struct mill_error *err)
{
    const struct mill_get_history_sample_request *request = call->request;
    struct mill_get_history_sample_response *response = call->response;
    struct point_list list = {.arena = call->arena};
    int64_t max =
        request->max_results != MILL_ABSENT ? request->max_results : MILL_MAX_SAMPLE_POINTS;
    int64_t start = 0;
    int64_t end = 0;
    enum mill_status st = check_runs("run_ids", request->run_ids_count, err);
    if (st == MILL_OK)
        st = step_range(request, &start, &end, err);
    if (st == MILL_OK && (max < 1 || max > MILL_MAX_SAMPLE_POINTS))
        st = mill_fail(err, MILL_E_INVALID, "max_results: must be 1 to %d, got %lld",
                       MILL_MAX_SAMPLE_POINTS, (long long)max);
    for (size_t i = 0; i < request->run_ids_count && st == MILL_OK; i++) {
        struct mill_point *points = NULL;
        size_t count = 0;
        st = mill_store_sample(call->store, request->run_ids[i], request->metric_key, start,
                               end, (size_t)max, call->arena, &points, &count, err);
        if (st == MILL_E_NOT_FOUND)
            st = MILL_OK;
        else if (st == MILL_OK)
            st = add_run_points(&list, request->run_ids[i], request->metric_key, points, count,
                                err);
    }
    response->metrics = list.items;
    response->metrics_count = list.count;
    return st;
}
