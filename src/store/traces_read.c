/* traces_read.c - reads traces and searches them. */
#include "base/alloc.h"
#include "store/evaluation_tables.h"
#include "store/row_scan.h"

/* --- one trace --- */

static bool take_trace(sqlite3_stmt *stmt, struct mill_arena *arena, struct mill_trace *out)
{
    *out = (struct mill_trace){.experiment_id = sqlite3_column_int64(stmt, 2),
                               .request_time = sqlite3_column_int64(stmt, 3),
                               .duration_ms = mill_take_int(stmt, 4)};
    return mill_take_text(stmt, 1, arena, &out->trace_id) &&
           mill_take_text(stmt, 5, arena, &out->state) &&
           mill_take_text(stmt, 6, arena, &out->client_request_id) &&
           mill_take_text(stmt, 7, arena, &out->request_preview) &&
           mill_take_text(stmt, 8, arena, &out->response_preview);
}

/* Everything about the trace in the current row, which is then done with. */
static enum mill_status read_row(struct db *db, sqlite3_stmt *stmt, struct mill_arena *arena,
                                 void *out, struct mill_error *err)
{
    int64_t id = sqlite3_column_int64(stmt, 0);
    struct mill_trace trace;
    bool fits = take_trace(stmt, arena, &trace);
    mill_db_done(stmt);
    enum mill_status st = fits ? MILL_OK : mill_no_memory(err);
    if (st == MILL_OK)
        st = mill_take_pairs(
            db, mill_db_query(db, SQL_TRACE_ITEMS, "ii", id, (int64_t)MILL_TRACE_TAG), arena,
            &trace.tags, &trace.tag_count, err);
    if (st == MILL_OK)
        st = mill_take_pairs(
            db, mill_db_query(db, SQL_TRACE_ITEMS, "ii", id, (int64_t)MILL_TRACE_METADATA),
            arena, &trace.metadata, &trace.metadata_count, err);
    if (st == MILL_OK)
        st = mill_read_assessments(db, id, trace.trace_id, arena, &trace.assessments,
                                   &trace.assessment_count, err);
    if (st == MILL_OK)
        *(struct mill_trace *)out = trace;
    return st;
}

enum mill_status mill_read_trace(struct db *db, struct mill_view trace_id,
                                 struct mill_arena *arena, struct mill_trace *out,
                                 struct mill_error *err)
{
    enum mill_status st = MILL_OK;
    sqlite3_stmt *stmt = mill_db_query(db, SQL_TRACE_GET, "t", trace_id);
    if (mill_db_step(db, stmt, &st, err))
        return read_row(db, stmt, arena, out, err);
    return st != MILL_OK ? st
                         : mill_fail(err, MILL_E_NOT_FOUND, "there is no trace '%.*s'",
                                     MILL_FMT(mill_utf8_prefix(trace_id, 60)));
}

struct get {
    const struct mill_view *trace_ids;
    size_t count;
    struct mill_arena *arena;
    struct mill_trace *out; /* room for count */
    size_t found;
};

static enum mill_status get_trace(struct db *db, void *context, struct mill_error *err)
{
    struct get *get = context;
    return mill_read_trace(db, get->trace_ids[0], get->arena, get->out, err);
}

enum mill_status mill_store_get_trace(struct mill_store *store, struct mill_view trace_id,
                                      struct mill_arena *arena, struct mill_trace *out,
                                      struct mill_error *err)
{
    struct get get = {&trace_id, 1, arena, out, 0};
    return mill_store_read_evaluation(store, get_trace, &get, err);
}

static enum mill_status get_traces(struct db *db, void *context, struct mill_error *err)
{
    struct get *get = context;
    enum mill_status st = MILL_OK;
    for (size_t i = 0; st == MILL_OK && i < get->count; i++) {
        st = mill_read_trace(db, get->trace_ids[i], get->arena, &get->out[get->found], err);
        if (st == MILL_OK)
            get->found++;
        else if (st == MILL_E_NOT_FOUND)
            st = MILL_OK;
    }
    return st;
}

enum mill_status mill_store_get_traces(struct mill_store *store,
                                       const struct mill_view *trace_ids, size_t count,
                                       struct mill_arena *arena, struct mill_trace_page *out,
                                       struct mill_error *err)
{
    struct mill_trace *traces = mill_arena_zero(arena, count, sizeof(*traces));
    struct get get = {trace_ids, count, arena, traces, 0};
    if (traces == NULL)
        return mill_no_memory(err);
    enum mill_status st = mill_store_read_evaluation(store, get_traces, &get, err);
    if (st == MILL_OK)
        *out = (struct mill_trace_page){.traces = traces, .count = get.found};
    return st;
}

/* --- searches --- */

/* The trace that a search is at. */
struct scan {
    struct mill_row_scan row;
    const struct mill_trace_search *search;
    struct mill_arena *arena;
    struct mill_trace_page *out;
    struct mill_trace trace;
};

static struct mill_value item_value(struct scan *scan, enum mill_trace_item kind,
                                    struct mill_view key)
{
    return mill_row_scan_text(&scan->row, mill_db_query(scan->row.db, SQL_TRACE_ITEM_GET, "iit",
                                                        scan->row.id, (int64_t)kind, key));
}

static struct mill_value attribute_value(struct scan *scan, enum mill_query_attribute attribute)
{
    const struct mill_trace *trace = &scan->trace;
    if (attribute == MILL_QA_TRACE_ID)
        return mill_text_value(trace->trace_id);
    if (attribute == MILL_QA_CLIENT_REQUEST_ID)
        return mill_text_value(trace->client_request_id);
    if (attribute == MILL_QA_STATUS)
        return mill_text_value(trace->state);
    if (attribute == MILL_QA_START_TIME)
        return mill_integer_value(trace->request_time);
    if (attribute == MILL_QA_DURATION)
        return mill_integer_value(trace->duration_ms);
    if (attribute == MILL_QA_END_TIME)
        return mill_integer_value(trace->duration_ms == MILL_ABSENT
                                      ? MILL_ABSENT
                                      : trace->request_time + trace->duration_ms);
    if (attribute == MILL_QA_EXPERIMENT_ID)
        return mill_integer_value(trace->experiment_id);
    if (attribute == MILL_QA_NAME)
        return item_value(scan, MILL_TRACE_TAG, MILL_VIEW("mlflow.traceName"));
    return mill_row_scan_text(&scan->row,
                              mill_db_query(scan->row.db, SQL_TRACE_RUNS, "i", scan->row.id));
}

static struct mill_value field_value(void *context, const struct mill_query_field *field)
{
    struct scan *scan = context;
    if (field->entity == MILL_Q_TAG)
        return item_value(scan, MILL_TRACE_TAG, field->key);
    if (field->entity == MILL_Q_PARAM)
        return item_value(scan, MILL_TRACE_METADATA, field->key);
    return attribute_value(scan, field->attribute);
}

/* A trace may be of several runs: the one that it was made in and those that it is linked to.
 */
static bool of_run(struct scan *scan, const struct mill_comparison *c)
{
    bool any = false, found = false;
    sqlite3_stmt *stmt = mill_db_query(scan->row.db, SQL_TRACE_RUNS, "i", scan->row.id);
    while (!found && scan->row.status == MILL_OK &&
           mill_db_step(scan->row.db, stmt, &scan->row.status, scan->row.err)) {
        any = true;
        found = c->op != MILL_OP_IS_NULL &&
                mill_value_matches(c, mill_text_value(mill_db_text(stmt, 0)));
    }
    if (found)
        mill_db_done(stmt);
    return c->op == MILL_OP_IS_NULL ? !any : found;
}

static bool compare(void *context, const struct mill_comparison *c)
{
    struct scan *scan = context;
    if (c->field.entity == MILL_Q_ATTRIBUTE && c->field.attribute == MILL_QA_RUN_ID)
        return of_run(scan, c);
    return mill_value_matches(c, field_value(scan, &c->field));
}

static bool take(void *context, sqlite3_stmt *stmt)
{
    struct scan *scan = context;
    if (!take_trace(stmt, &scan->row.scratch, &scan->trace))
        scan->row.status = mill_no_memory(scan->row.err);
    return scan->row.status == MILL_OK;
}

static enum mill_status search_traces(struct db *db, void *context, struct mill_error *err)
{
    static const struct mill_ordering ties[] = {
        {{.entity = MILL_Q_ATTRIBUTE, .attribute = MILL_QA_START_TIME}, true},
        {{.entity = MILL_Q_ATTRIBUTE, .attribute = MILL_QA_TRACE_ID}, false},
    };
    struct scan *scan = context;
    struct mill_selector selector = {.plan = scan->search->plan,
                                     .ties = ties,
                                     .tie_count = MILL_COUNT(ties),
                                     .value = field_value,
                                     .matches = compare,
                                     .context = scan};
    size_t enough = mill_row_scan_enough(scan->search->plan, scan->search->experiment_count,
                                         scan->search->offset, scan->search->limit);
    const int64_t *ids = NULL;
    void *traces = NULL;
    enum mill_status st = MILL_OK;
    scan->row.db = db;
    scan->row.err = err;
    for (size_t i = 0; st == MILL_OK && i < scan->search->experiment_count; i++)
        st = mill_row_scan(
            &scan->row, mill_db_query(db, SQL_TRACE_SCAN, "i", scan->search->experiment_ids[i]),
            &selector, take, enough);
    if (st == MILL_OK)
        st = mill_select_page(&selector, scan->search->offset, scan->search->limit, &ids,
                              &scan->out->count, &scan->out->more, err);
    if (st == MILL_OK)
        st = mill_row_read_all(db, SQL_TRACE_BY_ROW, ids, scan->out->count, read_row,
                               sizeof(struct mill_trace), scan->arena, &traces, err);
    scan->out->traces = traces;
    mill_select_release(&selector);
    return st;
}

enum mill_status mill_store_search_traces(struct mill_store *store,
                                          const struct mill_trace_search *search,
                                          struct mill_arena *arena, struct mill_trace_page *out,
                                          struct mill_error *err)
{
    struct mill_trace_page page = {0};
    struct scan scan = {.search = search, .arena = arena, .out = &page};
    enum mill_status st = mill_store_read_evaluation(store, search_traces, &scan, err);
    mill_arena_release(&scan.row.scratch);
    if (st == MILL_OK)
        *out = page;
    return st;
}
