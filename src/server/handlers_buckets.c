/* handlers_buckets.c - metrics/buckets: lines of many runs and metrics for charts. The answer
 * is made line by line while it is sent, so that it takes the memory of one line. */
#include "base/alloc.h"
#include "base/json_text.h"
#include "base/view.h"
#include "model/limits.h"
#include "server/changes.h"
#include "server/handlers.h"
#include "wire/decode.h"
#include "wire/encode.h"
#include "wire/messages.h"

/* A piece of an answer is sent when it is this large. */
#define PIECE_BYTES (60 * 1024)

enum axis { AXIS_STEP, AXIS_TIME, AXIS_RELATIVE };

static const struct mill_view axis_names[] = {{"step", 4}, {"time", 4}, {"relative", 8}};

/* What the axis needs to know of a run. */
struct line {
    bool known;         /* the run exists */
    bool there;         /* and has the metric under way */
    int64_t start_time; /* of the run, MILL_ABSENT without */
    int64_t origin;     /* added to x, it gives steps or times */
};

struct lines_source {
    struct mill_body_source base;
    struct mill_store *store;
    const struct mill_metric_buckets_request *request;
    enum axis axis_kind;
    int64_t generation;
    struct line *lines;          /* one for each run of the request */
    struct mill_bucket *buckets; /* of one line */
    struct mill_bucket_axis axis;
    struct mill_buf lists[9]; /* of one line, see write_lists */
    bool begun;               /* the answer is under way ... */
    bool in_metric;           /* ... and within a metric */
    bool first_line;
    size_t key, run; /* what comes next */
};

/* --- axes --------------------------------------------------------------------------------- */

/* Where x is 0 for a line: of relative time, where its run began. */
static int64_t origin_of(const struct lines_source *s, const struct line *line,
                         const struct mill_series_summary *figures)
{
    if (s->axis_kind != AXIS_RELATIVE)
        return 0;
    if (line->start_time == MILL_ABSENT || line->start_time <= 0 ||
        line->start_time > figures->min_time)
        return figures->min_time;
    return line->start_time;
}

/* a - b; what is no real time wraps around. */
static int64_t minus(int64_t a, int64_t b)
{
    return (int64_t)((uint64_t)a - (uint64_t)b);
}

/* Looks at the metric under way in all runs: who has it, and from where to where. An end that
 * nobody has is left absent. */
static enum mill_status measure(struct lines_source *s, int64_t *start_out, int64_t *end_out,
                                struct mill_error *err)
{
    struct mill_view key = s->request->metric_keys[s->key];
    int64_t start = INT64_MAX, end = INT64_MIN;
    for (size_t i = 0; i < s->request->run_ids_count; i++) {
        struct line *line = &s->lines[i];
        struct mill_series_summary figures;
        line->there = false;
        if (!line->known)
            continue;
        enum mill_status st =
            mill_store_summary(s->store, s->request->run_ids[i], key, &figures, err);
        if (st == MILL_E_NOT_FOUND || (st == MILL_OK && figures.count == 0))
            continue;
        if (st != MILL_OK)
            return st;
        bool steps = s->axis_kind == AXIS_STEP;
        line->there = true;
        line->origin = origin_of(s, line, &figures);
        int64_t from = minus(steps ? figures.min_step : figures.min_time, line->origin);
        int64_t to = minus(steps ? figures.max_step : figures.max_time, line->origin);
        start = from < start ? from : start;
        end = to > end ? to : end;
    }
    *start_out = start;
    *end_out = end;
    return MILL_OK;
}

/* Begins a metric: its axis, which all of its lines share. */
static enum mill_status begin_metric(struct lines_source *s, struct mill_buf *out,
                                     struct mill_error *err)
{
    const struct mill_metric_buckets_request *request = s->request;
    int64_t start, end;
    enum mill_status st = measure(s, &start, &end, err);
    if (st != MILL_OK)
        return st;
    bool any = start <= end;
    start = request->start != MILL_ABSENT ? request->start : start;
    end = request->end != MILL_ABSENT ? request->end : end;
    mill_buf_add_view(out, s->key == 0 ? MILL_VIEW("{\"key\":") : MILL_VIEW(",{\"key\":"));
    mill_buf_add_json_string(out, request->metric_keys[s->key]);
    /* One end was given, and all points lie beyond it. */
    any = any && start <= end;
    if (any) {
        s->axis =
            mill_bucket_axis(s->axis_kind != AXIS_STEP, start, end, (size_t)request->buckets);
        mill_buf_printf(out, ",\"start\":%lld,\"end\":%lld,\"width\":%llu",
                        (long long)s->axis.start, (long long)s->axis.end,
                        (unsigned long long)s->axis.width);
    }
    mill_buf_add_view(out, MILL_VIEW(",\"series\":["));
    s->in_metric = true;
    s->first_line = true;
    s->run = any ? 0 : request->run_ids_count;
    return MILL_OK;
}

/* --- lines -------------------------------------------------------------------------------- */

enum list {
    LIST_X,
    LIST_LAST,
    LIST_FIRST,
    LIST_MIN,
    LIST_MAX,
    LIST_COUNT,
    LIST_NAN,
    LIST_INF,
    LIST_NEG_INF
};

static void add_int(struct mill_buf *list, int64_t value)
{
    mill_buf_add_char(list, list->len == 0 ? '[' : ',');
    mill_buf_add_int(list, value);
}

static void add_double(struct mill_buf *list, double value)
{
    mill_buf_add_char(list, list->len == 0 ? '[' : ',');
    mill_encode_double(list, value);
}

static void add_mark(struct mill_buf *list, int64_t x, int64_t origin)
{
    if (x != MILL_ABSENT)
        add_int(list, minus(x, origin));
}

/* Writes what the buckets hold into the lists. Extremes only when they say more than the last
 * values do. */
static void write_lists(struct lines_source *s, int64_t origin)
{
    struct mill_buf *lists = s->lists;
    bool several = false;
    for (size_t i = 0; i < MILL_COUNT(s->lists); i++)
        mill_buf_clear(&lists[i]);
    for (size_t i = 0; i < s->axis.count; i++)
        several = several || s->buckets[i].count > 1;
    for (size_t i = 0; i < s->axis.count; i++) {
        const struct mill_bucket *b = &s->buckets[i];
        add_mark(&lists[LIST_NAN], b->nan_x, origin);
        add_mark(&lists[LIST_INF], b->inf_x, origin);
        add_mark(&lists[LIST_NEG_INF], b->neg_inf_x, origin);
        if (b->count == 0)
            continue;
        add_int(&lists[LIST_X], minus(b->x, origin));
        add_double(&lists[LIST_LAST], b->last);
        if (!several)
            continue;
        add_double(&lists[LIST_FIRST], b->first);
        add_double(&lists[LIST_MIN], b->min);
        add_double(&lists[LIST_MAX], b->max);
        add_int(&lists[LIST_COUNT], b->count);
    }
}

/* The text of a list; an empty one is absent, or "[]" where it has to be there. */
static struct mill_view list_text(struct mill_buf *list, bool always)
{
    if (list->len == 0)
        return always ? MILL_VIEW("[]") : (struct mill_view){NULL, 0};
    mill_buf_add_char(list, ']');
    return mill_buf_view(list);
}

static enum mill_status add_line(struct lines_source *s, struct mill_buf *out,
                                 struct mill_error *err)
{
    const struct mill_metric_buckets_request *request = s->request;
    const struct line *line = &s->lines[s->run];
    struct mill_view run_id = request->run_ids[s->run++];
    struct mill_bucket_axis axis = s->axis;
    int64_t points;
    if (!line->there || __builtin_add_overflow(axis.start, line->origin, &axis.start) ||
        __builtin_add_overflow(axis.end, line->origin, &axis.end))
        return MILL_OK;
    enum mill_status st = mill_store_buckets(s->store, run_id, request->metric_keys[s->key],
                                             &axis, s->buckets, &points, err);
    if (st != MILL_OK)
        return st == MILL_E_NOT_FOUND ? MILL_OK : st;
    write_lists(s, line->origin);
    struct mill_metric_series told = {.run_id = run_id,
                                      .points = points,
                                      .x = list_text(&s->lists[LIST_X], true),
                                      .last = list_text(&s->lists[LIST_LAST], true),
                                      .first = list_text(&s->lists[LIST_FIRST], false),
                                      .min = list_text(&s->lists[LIST_MIN], false),
                                      .max = list_text(&s->lists[LIST_MAX], false),
                                      .count = list_text(&s->lists[LIST_COUNT], false),
                                      .nan = list_text(&s->lists[LIST_NAN], false),
                                      .inf = list_text(&s->lists[LIST_INF], false),
                                      .neg_inf = list_text(&s->lists[LIST_NEG_INF], false)};
    for (size_t i = 0; i < MILL_COUNT(s->lists); i++)
        out->failed = out->failed || s->lists[i].failed;
    if (!s->first_line)
        mill_buf_add_char(out, ',');
    s->first_line = false;
    mill_encode(out, &mill_metric_series_message, &told);
    return MILL_OK;
}

/* --- the answer --------------------------------------------------------------------------- */

static void begin_answer(struct lines_source *s, struct mill_buf *out)
{
    struct mill_view name = axis_names[s->axis_kind];
    mill_buf_printf(out, "{\"x\":\"%.*s\",\"generation\":%lld,\"metrics\":[", MILL_FMT(name),
                    (long long)s->generation);
    s->begun = true;
}

static enum mill_status next_lines(struct mill_body_source *source, struct mill_buf *out,
                                   bool *end_out, struct mill_error *err)
{
    struct lines_source *s = (struct lines_source *)source;
    enum mill_status st = MILL_OK;
    if (!s->begun)
        begin_answer(s, out);
    while (st == MILL_OK && s->key < s->request->metric_keys_count && out->len < PIECE_BYTES) {
        if (!s->in_metric) {
            st = begin_metric(s, out, err);
        } else if (s->run < s->request->run_ids_count) {
            st = add_line(s, out, err);
        } else {
            mill_buf_add_view(out, MILL_VIEW("]}"));
            s->in_metric = false;
            s->key++;
        }
    }
    if (s->key < s->request->metric_keys_count)
        return st;
    mill_buf_add_view(out, MILL_VIEW("]}"));
    *end_out = true;
    return st;
}

static void close_lines(struct mill_body_source *source)
{
    struct lines_source *s = (struct lines_source *)source;
    for (size_t i = 0; i < MILL_COUNT(s->lists); i++)
        mill_buf_release(&s->lists[i]);
}

/* --- the request -------------------------------------------------------------------------- */

static enum mill_status check_request(const struct mill_metric_buckets_request *request,
                                      enum axis *axis_out, struct mill_error *err)
{
    size_t axis = 0;
    if (request->run_ids_count == 0)
        return mill_fail(err, MILL_E_INVALID, "run_ids: missing; send the ids of 1 to %d runs",
                         MILL_MAX_BUCKET_RUNS);
    if (request->metric_keys_count == 0)
        return mill_fail(err, MILL_E_INVALID, "metric_keys: missing; send 1 to %d metrics",
                         MILL_MAX_BUCKET_KEYS);
    if (request->buckets < 1 || request->buckets > MILL_MAX_BUCKETS)
        return mill_fail(err, MILL_E_INVALID, "buckets: must be 1 to %d, got %lld",
                         MILL_MAX_BUCKETS, (long long)request->buckets);
    uint64_t all =
        (uint64_t)request->buckets * request->run_ids_count * request->metric_keys_count;
    if (all > MILL_MAX_BUCKETS_OF_ALL)
        return mill_fail(err, MILL_E_INVALID,
                         "buckets: %lld for each of %zu runs and %zu metrics are more than %d; "
                         "ask for less at a time",
                         (long long)request->buckets, request->run_ids_count,
                         request->metric_keys_count, MILL_MAX_BUCKETS_OF_ALL);
    if (request->start != MILL_ABSENT && request->end != MILL_ABSENT &&
        request->start > request->end)
        return mill_fail(err, MILL_E_INVALID, "end: must be at least start, %lld, got %lld",
                         (long long)request->start, (long long)request->end);
    while (request->x.len > 0 && axis < MILL_COUNT(axis_names) &&
           !mill_view_eq(request->x, axis_names[axis]))
        axis++;
    if (axis == MILL_COUNT(axis_names))
        return mill_fail(err, MILL_E_INVALID, "x: must be step, time or relative, got %.*s",
                         MILL_FMT(mill_utf8_prefix(request->x, 60)));
    *axis_out = (enum axis)axis;
    return MILL_OK;
}

static enum mill_status look_at_runs(struct mill_call *call, struct lines_source *s,
                                     struct mill_error *err)
{
    for (size_t i = 0; i < s->request->run_ids_count; i++) {
        struct mill_run_page page = {0};
        enum mill_status st =
            mill_store_get_run(call->store, s->request->run_ids[i], &page, err);
        if (st != MILL_OK && st != MILL_E_NOT_FOUND)
            return st;
        s->lines[i].known = st == MILL_OK;
        if (st == MILL_OK)
            s->lines[i].start_time = page.runs[0]->info.start_time;
        mill_run_page_release(&page);
    }
    return MILL_OK;
}

enum mill_status mill_read_metric_buckets(struct mill_call *call, struct mill_error *err)
{
    const struct mill_metric_buckets_request *request = call->request;
    struct lines_source *s = mill_arena_zero(call->arena, 1, sizeof(*s));
    if (s == NULL)
        return mill_no_memory(err);
    enum mill_status st = check_request(request, &s->axis_kind, err);
    if (st != MILL_OK)
        return st;
    s->base = (struct mill_body_source){
        .next = next_lines, .close = close_lines, .length = MILL_ABSENT};
    s->store = call->store;
    s->request = request;
    s->generation = mill_changes_generation(call->changes);
    s->lines = mill_arena_zero(call->arena, request->run_ids_count, sizeof(*s->lines));
    s->buckets = mill_arena_zero(call->arena, (size_t)request->buckets, sizeof(*s->buckets));
    st = s->lines != NULL && s->buckets != NULL ? look_at_runs(call, s, err)
                                                : mill_no_memory(err);
    if (st == MILL_OK)
        call->source = &s->base;
    return st;
}
