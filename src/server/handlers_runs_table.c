/* handlers_runs_table.c - runs/table: a piece of a list of runs, with the values that its
 * columns show. */
#include <stdlib.h>

#include <millstream/logger.h>

#include "base/alloc.h"
#include "base/heartbeat.h"
#include "base/view.h"
#include "model/check.h"
#include "model/limits.h"
#include "server/changes.h"
#include "server/handlers.h"
#include "server/run_columns.h"
#include "server/run_finder.h"
#include "server/table_keys.h"
#include "store/row.h"
#include "wire/decode.h"
#include "wire/encode.h"
#include "wire/messages.h"

static const struct mill_view parent_tag = {"mlflow.parentRunId", 18};

/* --- one value after the other ------------------------------------------------------------ */

/* A list of values as JSON, written into a buffer that is used again for the next. */
static enum mill_status keep(struct mill_buf *out, struct mill_arena *arena,
                             struct mill_view *text, struct mill_error *err)
{
    mill_buf_add_char(out, ']');
    *text = mill_arena_copy(arena, mill_buf_view(out));
    bool complete = !out->failed && text->ptr != NULL;
    mill_buf_clear(out);
    return complete ? MILL_OK : mill_no_memory(err);
}

static void begin_value(struct mill_buf *out)
{
    mill_buf_add_char(out, out->len == 0 ? '[' : ',');
}

static void add_text(struct mill_buf *out, const struct mill_view *text)
{
    if (text != NULL)
        mill_buf_add_json_string(out, *text);
    else
        mill_buf_add_view(out, MILL_VIEW("null"));
}

static void add_metric(struct mill_buf *out, const struct mill_run *run, struct mill_view key)
{
    const struct mill_metric *metric = mill_run_metric(run, key);
    if (metric != NULL)
        mill_encode_double(out, mill_metric_shown(metric->value));
    else
        mill_buf_add_view(out, MILL_VIEW("null"));
}

static void add_param(struct mill_buf *out, const struct mill_run *run, struct mill_view key)
{
    const struct mill_param *param = mill_run_param(run, key);
    add_text(out, param != NULL ? &param->value : NULL);
}

static void add_tag(struct mill_buf *out, const struct mill_run *run, struct mill_view key)
{
    const struct mill_tag *tag = mill_run_tag(run, key);
    add_text(out, tag != NULL ? &tag->value : NULL);
}

typedef void add_value(struct mill_buf *out, const struct mill_run *run, struct mill_view key);

/* The values of some keys; nothing when none was asked for. */
static enum mill_status list_values(struct mill_call *call, struct mill_buf *scratch,
                                    const struct mill_run *run, const struct mill_view *keys,
                                    size_t count, add_value *add, struct mill_view *out,
                                    struct mill_error *err)
{
    if (count == 0)
        return MILL_OK;
    for (size_t i = 0; i < count; i++) {
        begin_value(scratch);
        add(scratch, run, keys[i]);
    }
    return keep(scratch, call->arena, out, err);
}

/* Extremes over all points; the run may have gone meanwhile. */
static enum mill_status list_aggregates(struct mill_call *call, struct mill_buf *scratch,
                                        const struct mill_run *run,
                                        const struct mill_view *keys, size_t count,
                                        struct mill_view *out, struct mill_error *err)
{
    if (count == 0)
        return MILL_OK;
    for (size_t i = 0; i < count; i++) {
        struct mill_series_summary s = {0};
        begin_value(scratch);
        if (mill_run_metric(run, keys[i]) != NULL) {
            enum mill_status st =
                mill_store_summary(call->store, run->info.run_id, keys[i], &s, err);
            if (st != MILL_OK && st != MILL_E_NOT_FOUND)
                return st;
        }
        if (s.count == 0) {
            mill_buf_add_view(scratch, MILL_VIEW("null"));
            continue;
        }
        mill_buf_printf(scratch, "{\"count\":%lld", (long long)s.count);
        if (mill_metric_finite(s.min)) {
            mill_buf_add_view(scratch, MILL_VIEW(",\"min\":"));
            mill_encode_double(scratch, s.min);
            mill_buf_add_view(scratch, MILL_VIEW(",\"max\":"));
            mill_encode_double(scratch, s.max);
        }
        mill_buf_add_char(scratch, '}');
    }
    return keep(scratch, call->arena, out, err);
}

/* --- rows --------------------------------------------------------------------------------- */

/* The runs of the list that are shown. */
struct piece {
    const struct mill_run **runs;
    size_t count;
};

/* When a run was last heard of, and whether it fell silent while it should run. */
static void tell_state(const struct mill_run *run, int64_t now_ms, struct mill_table_run *row)
{
    const struct mill_tag *tag = mill_run_tag(run, MILL_VIEW(MILL_HEARTBEAT_TAG));
    struct mill_heartbeat beat;
    bool beats = tag != NULL && mill_heartbeat_read(tag->value, &beat);

    row->state = mill_view_of(mill_run_status_name(run->info.status));
    row->last_seen = run->info.start_time;
    for (size_t i = 0; i < run->metric_count; i++)
        if (run->metrics[i].timestamp > row->last_seen)
            row->last_seen = run->metrics[i].timestamp;
    if (!beats)
        return;
    if (beat.last_ms > row->last_seen)
        row->last_seen = beat.last_ms;
    if (run->info.status == MILL_RUN_RUNNING &&
        mill_heartbeat_silent_ms(&beat, now_ms) != MILL_ABSENT)
        row->state = MILL_VIEW("CRASHED");
}

static enum mill_status make_row(struct mill_call *call, struct mill_buf *scratch,
                                 const struct mill_table_keys *keys, const struct mill_run *run,
                                 struct mill_table_run *row, struct mill_error *err)
{
    const struct mill_runs_table_request *request = call->request;
    const struct mill_tag *parent = mill_run_tag(run, parent_tag);
    enum mill_status st;

    mill_message_init(&mill_table_run_message, row);
    row->run_id = run->info.run_id;
    row->run_name = run->info.run_name;
    row->experiment_id = run->info.experiment_id;
    row->status = (int)run->info.status;
    row->start_time = run->info.start_time;
    row->end_time = run->info.end_time;
    row->lifecycle_stage = (int)run->info.lifecycle_stage;
    row->user_id = run->info.user_id;
    if (parent != NULL)
        row->parent_run_id = parent->value;
    tell_state(run, call->now_ms, row);
    st = list_values(call, scratch, run, keys->metrics, keys->metrics_count, add_metric,
                     &row->metrics, err);
    if (st == MILL_OK)
        st = list_values(call, scratch, run, keys->params, keys->params_count, add_param,
                         &row->params, err);
    if (st == MILL_OK)
        st = list_values(call, scratch, run, keys->tags, keys->tags_count, add_tag, &row->tags,
                         err);
    if (st == MILL_OK)
        st = list_aggregates(call, scratch, run, request->aggregates, request->aggregates_count,
                             &row->aggregates, err);
    return st;
}

static enum mill_status make_rows(struct mill_call *call, const struct piece *piece,
                                  const struct mill_table_keys *keys,
                                  struct mill_table_run *rows, struct mill_error *err)
{
    struct mill_buf scratch = {0};
    enum mill_status st = MILL_OK;
    for (size_t i = 0; st == MILL_OK && i < piece->count; i++)
        st = make_row(call, &scratch, keys, piece->runs[i], &rows[i], err);
    mill_buf_release(&scratch);
    return st;
}

/* --- children ----------------------------------------------------------------------------- */

static int by_text(const void *a, const void *b)
{
    return mill_view_cmp(*(const struct mill_view *)a, *(const struct mill_view *)b);
}

/* Finds the children of all rows in one search: the runs whose tag names one of the sorted ids.
 */
static enum mill_status find_children(struct mill_call *call, const struct mill_view *ids,
                                      size_t count, struct mill_run_page *out,
                                      struct mill_error *err)
{
    const struct mill_runs_table_request *request = call->request;
    const struct mill_comparison is_child = {.field = {.entity = MILL_Q_TAG, .key = parent_tag},
                                             .op = MILL_OP_IN,
                                             .texts = ids,
                                             .text_count = count};
    struct mill_plan plan = {.subject = MILL_QUERY_RUNS};
    const struct mill_run_search search = {
        .experiment_ids = request->choice->experiment_ids,
        .experiment_count = request->choice->experiment_ids_count,
        .view_type = (enum mill_view_type)request->choice->run_view_type,
        .plan = &plan,
        .limit = MILL_MAX_BULK_RUNS,
        .bulk = true,
        .lean = true,
        .unordered = true};
    enum mill_status st = mill_plan_narrow(&plan, &is_child, 1, call->arena, err);
    return st == MILL_OK ? mill_store_search_runs(call->store, &search, out, err) : st;
}

/* Counts a run for that of the ids which its tag names; children has one place for each. */
static void count_child(const struct mill_run *run, const struct mill_view *ids, size_t count,
                        int64_t *children)
{
    const struct mill_tag *tag = mill_run_tag(run, parent_tag);
    const struct mill_view *id =
        tag != NULL ? bsearch(&tag->value, ids, count, sizeof(*ids), by_text) : NULL;
    if (id != NULL)
        children[id - ids]++;
}

static enum mill_status count_children(struct mill_call *call, struct mill_table_run *rows,
                                       size_t count, struct mill_error *err)
{
    struct mill_view *ids = mill_arena_zero(call->arena, count, sizeof(*ids));
    int64_t *children = mill_arena_zero(call->arena, count, sizeof(*children));
    struct mill_run_page page = {0};
    if (ids == NULL || children == NULL)
        return mill_no_memory(err);
    for (size_t i = 0; i < count; i++)
        ids[i] = rows[i].run_id;
    qsort(ids, count, sizeof(*ids), by_text);
    enum mill_status st = find_children(call, ids, count, &page, err);
    if (st != MILL_OK)
        return st;
    struct mill_run_scratch scratch = {0};
    for (size_t i = 0; st == MILL_OK && i < page.count; i++) {
        const struct mill_run *run = mill_run_page_read(&page, i, &scratch);
        if (run == NULL)
            st = mill_no_memory(err);
        else
            count_child(run, ids, count, children);
    }
    mill_run_scratch_release(&scratch);
    for (size_t i = 0; i < count; i++) {
        const struct mill_view *id =
            bsearch(&rows[i].run_id, ids, count, sizeof(*ids), by_text);
        rows[i].children = id != NULL ? children[id - ids] : 0;
    }
    mill_run_page_release(&page);
    return st;
}

/* --- the route ---------------------------------------------------------------------------- */

static enum mill_status check_request(const struct mill_runs_table_request *request,
                                      struct mill_error *err)
{
    int most = request->ids_only ? MILL_MAX_TABLE_IDS : MILL_MAX_TABLE_ROWS;
    if (request->max_results < 1 || request->max_results > most)
        return mill_fail(err, MILL_E_INVALID, "max_results: must be 1 to %d, got %lld", most,
                         (long long)request->max_results);
    if (request->offset < 0)
        return mill_fail(err, MILL_E_INVALID, "offset: must be at least 0, got %lld",
                         (long long)request->offset);
    if (request->differing < 0 || request->differing > MILL_MAX_TABLE_KEYS)
        return mill_fail(err, MILL_E_INVALID, "differing: must be 0 to %d, got %lld",
                         MILL_MAX_TABLE_KEYS, (long long)request->differing);
    return MILL_OK;
}

static enum mill_status find_runs(struct mill_call *call, struct mill_error *err)
{
    const struct mill_runs_table_request *request = call->request;
    struct mill_run_finder finder;
    enum mill_status st = mill_run_finder_init(call, request->choice, request->order_by,
                                               request->order_by_count, &finder, err);
    finder.search.offset = request->offset;
    finder.search.limit = request->max_results;
    finder.search.bulk = request->ids_only;
    finder.search.info_only = request->ids_only;
    finder.search.lean = request->ids_only;
    if (st == MILL_OK)
        st = mill_run_finder_page(call, &finder, err);
    mill_run_finder_release(&finder);
    return st;
}

static void release_page(void *page)
{
    mill_run_page_release(page);
}

/* All keys of the list. Its runs take the place of call->page, which is held beside them. */
static enum mill_status find_columns(struct mill_call *call,
                                     struct mill_runs_columns_response *out,
                                     struct mill_error *err)
{
    const struct mill_runs_table_request *request = call->request;
    struct mill_run_page *shown = mill_arena_zero(call->arena, 1, sizeof(*shown));
    struct mill_run_finder finder;
    if (shown == NULL)
        return mill_no_memory(err);
    *shown = call->page;
    call->held = (struct mill_held){shown, release_page};
    call->page = (struct mill_run_page){0};
    enum mill_status st = mill_run_finder_init(call, request->choice, NULL, 0, &finder, err);
    if (st == MILL_OK)
        st = mill_run_finder_all(call, &finder, err);
    mill_run_finder_release(&finder);
    if (st != MILL_OK)
        return st;
    return mill_run_columns(&call->page, call->arena, out, err);
}

/* Whose values the rows have; also tells it, where it was not the request that said so. */
static enum mill_status choose_keys(struct mill_call *call, struct mill_table_keys *out,
                                    struct mill_error *err)
{
    const struct mill_runs_table_request *request = call->request;
    struct mill_runs_table_response *response = call->response;
    *out = mill_table_keys_asked(request);
    if (request->differing == 0)
        return MILL_OK;
    struct mill_runs_columns_response *columns =
        mill_arena_zero(call->arena, 1, sizeof(*columns));
    if (columns == NULL)
        return mill_no_memory(err);
    columns->generation = response->generation;
    enum mill_status st = find_columns(call, columns, err);
    if (st == MILL_OK)
        st = mill_table_keys_add(out, columns, (size_t)request->differing, call->arena, err);
    response->columns = columns;
    response->keys = out;
    return st;
}

static enum mill_status give_ids(struct mill_call *call, struct mill_error *err)
{
    struct mill_runs_table_response *response = call->response;
    size_t count = call->page.count;
    struct mill_run_scratch scratch = {0};
    struct mill_view *ids = mill_arena_zero(call->arena, count, sizeof(*ids));
    enum mill_status st = ids != NULL ? MILL_OK : mill_no_memory(err);
    for (size_t i = 0; st == MILL_OK && i < count; i++) {
        const struct mill_run *run = mill_run_page_read(&call->page, i, &scratch);
        if (run != NULL)
            ids[i] = run->info.run_id;
        else
            st = mill_no_memory(err);
    }
    mill_run_scratch_release(&scratch);
    response->run_ids = ids;
    response->run_ids_count = count;
    return st;
}

static enum mill_status give_rows(struct mill_call *call, const struct piece *piece,
                                  struct mill_error *err)
{
    const struct mill_runs_table_request *request = call->request;
    struct mill_runs_table_response *response = call->response;
    struct mill_table_run *rows = mill_arena_zero(call->arena, piece->count, sizeof(*rows));
    struct mill_table_keys *keys = mill_arena_zero(call->arena, 1, sizeof(*keys));
    if (rows == NULL || keys == NULL)
        return mill_no_memory(err);
    enum mill_status st = choose_keys(call, keys, err);
    if (st == MILL_OK)
        st = make_rows(call, piece, keys, rows, err);
    if (st == MILL_OK && request->children && piece->count > 0)
        st = count_children(call, rows, piece->count, err);
    response->runs = rows;
    response->runs_count = piece->count;
    return st;
}

enum mill_status mill_read_runs_table(struct mill_call *call, struct mill_error *err)
{
    const struct mill_runs_table_request *request = call->request;
    struct mill_runs_table_response *response = call->response;
    enum mill_status st = check_request(request, err);
    response->generation = mill_changes_generation(call->changes); /* before anything is read */
    if (st == MILL_OK)
        st = find_runs(call, err);
    if (st != MILL_OK)
        return st;
    struct piece piece = {call->page.runs, call->page.count};
    response->total = (int64_t)call->page.total;
    response->offset = request->offset;
    return request->ids_only ? give_ids(call, err) : give_rows(call, &piece, err);
}
