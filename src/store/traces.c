/* traces.c - changes of traces: begun, tagged, linked to runs, deleted. */
#include "base/alloc.h"
#include "store/entity.h"
#include "store/evaluation_tables.h"

/* Where clients store what a trace has besides: its spans. */
#define LOCATION_TAG MILL_VIEW("mlflow.artifactLocation")

/* Tells clients that the trace is complete. */
#define FINALIZED MILL_VIEW("mlflow.trace.infoFinalized")

enum mill_status mill_find_trace(struct db *db, struct mill_view trace_id, int64_t *id_out,
                                 struct mill_error *err)
{
    enum mill_status st =
        mill_take_number(db, mill_db_query(db, SQL_TRACE_FIND, "t", trace_id), id_out, err);
    if (st == MILL_OK && *id_out == MILL_ABSENT)
        return mill_fail(err, MILL_E_NOT_FOUND, "there is no trace '%.*s'",
                         MILL_FMT(mill_utf8_prefix(trace_id, 60)));
    return st;
}

static enum mill_status set_items(struct evaluating *e, int64_t id, enum mill_trace_item kind,
                                  const struct mill_tag *items, size_t count,
                                  struct mill_error *err)
{
    enum mill_status st = MILL_OK;
    for (size_t i = 0; st == MILL_OK && i < count; i++)
        st = mill_db_run(e->db, err, SQL_TRACE_ITEM_SET, "iitt", id, (int64_t)kind,
                         items[i].key, items[i].value);
    return st;
}

static enum mill_status set_trace(struct evaluating *e, const struct mill_trace *trace,
                                  int64_t *id_out, struct mill_error *err)
{
    const struct mill_view none = {NULL, 0};
    enum mill_status st =
        trace->duration_ms == MILL_ABSENT
            ? mill_db_run(e->db, err, SQL_TRACE_SET, "tiittttt", trace->trace_id,
                          trace->experiment_id, trace->request_time, none, trace->state,
                          trace->client_request_id, trace->request_preview,
                          trace->response_preview)
            : mill_db_run(e->db, err, SQL_TRACE_SET, "tiiitttt", trace->trace_id,
                          trace->experiment_id, trace->request_time, trace->duration_ms,
                          trace->state, trace->client_request_id, trace->request_preview,
                          trace->response_preview);
    return st == MILL_OK ? mill_find_trace(e->db, trace->trace_id, id_out, err) : st;
}

enum mill_status mill_start_trace(struct evaluating *e, struct mill_error *err)
{
    const struct mill_trace *trace = &e->change->as.trace;
    struct mill_arena *arena = e->outcome->arena;
    struct mill_view tail =
        mill_arena_printf(arena, "traces/%.*s/artifacts", MILL_FMT(trace->trace_id));
    struct mill_view place = mill_uri_join(arena, e->location, tail);
    struct mill_trace *made = mill_arena_zero(arena, 1, sizeof(*made));
    int64_t id;
    if (tail.ptr == NULL || place.ptr == NULL || made == NULL)
        return mill_no_memory(err);
    const struct mill_tag location = {LOCATION_TAG, place};
    const struct mill_tag finalized = {FINALIZED, MILL_VIEW("true")};
    enum mill_status st = set_trace(e, trace, &id, err);
    if (st == MILL_OK)
        st = set_items(e, id, MILL_TRACE_TAG, trace->tags, trace->tag_count, err);
    if (st == MILL_OK)
        st = set_items(e, id, MILL_TRACE_TAG, &location, 1, err);
    if (st == MILL_OK)
        st = set_items(e, id, MILL_TRACE_METADATA, trace->metadata, trace->metadata_count, err);
    if (st == MILL_OK)
        st = set_items(e, id, MILL_TRACE_METADATA, &finalized, 1, err);
    for (size_t i = 0; st == MILL_OK && i < trace->assessment_count; i++)
        st = mill_put_assessment(e, id, &trace->assessments[i], err);
    e->outcome->trace = made;
    return st == MILL_OK ? mill_read_trace(e->db, trace->trace_id, arena, made, err) : st;
}

enum mill_status mill_tag_trace(struct evaluating *e, struct mill_error *err)
{
    const struct mill_tag tag = {e->change->as.trace_tag.key, e->change->as.trace_tag.value};
    int64_t id;
    enum mill_status st = mill_find_trace(e->db, e->change->as.trace_tag.trace_id, &id, err);
    return st == MILL_OK ? set_items(e, id, MILL_TRACE_TAG, &tag, 1, err) : st;
}

enum mill_status mill_untag_trace(struct evaluating *e, struct mill_error *err)
{
    struct mill_view key = e->change->as.trace_tag.key;
    int64_t id;
    enum mill_status st = mill_find_trace(e->db, e->change->as.trace_tag.trace_id, &id, err);
    if (st == MILL_OK)
        st = mill_db_run(e->db, err, SQL_TRACE_ITEM_DELETE, "iit", id, (int64_t)MILL_TRACE_TAG,
                         key);
    if (st == MILL_OK && sqlite3_changes(e->db->handle) == 0)
        return mill_fail(err, MILL_E_NOT_FOUND, "trace '%.*s' has no tag '%.*s'",
                         MILL_FMT(e->change->as.trace_tag.trace_id),
                         MILL_FMT(mill_utf8_prefix(key, 60)));
    return st;
}

static enum mill_status delete_trace(struct evaluating *e, int64_t id, struct mill_error *err)
{
    static const enum db_sql parts[] = {SQL_ASSESSMENTS_METADATA_CLEAR, SQL_ASSESSMENTS_CLEAR,
                                        SQL_TRACE_RUNS_CLEAR, SQL_TRACE_ITEMS_CLEAR,
                                        SQL_TRACE_DELETE};
    enum mill_status st = MILL_OK;
    for (size_t i = 0; st == MILL_OK && i < MILL_COUNT(parts); i++)
        st = mill_db_run(e->db, err, parts[i], "i", id);
    e->outcome->deleted++;
    return st;
}

/* The oldest trace of the experiment that the change is about, MILL_ABSENT for none. */
static enum mill_status oldest(struct evaluating *e, int64_t *id_out, struct mill_error *err)
{
    return mill_take_number(e->db,
                            mill_db_query(e->db, SQL_TRACE_OLDEST, "ii",
                                          e->change->as.traces.experiment_id,
                                          e->change->as.traces.max_timestamp),
                            id_out, err);
}

static enum mill_status delete_old(struct evaluating *e, struct mill_error *err)
{
    int64_t most = e->change->as.traces.max_traces;
    int64_t id = 0;
    enum mill_status st = MILL_OK;
    while (st == MILL_OK && id != MILL_ABSENT &&
           (most == MILL_ABSENT || e->outcome->deleted < most)) {
        st = oldest(e, &id, err);
        if (st == MILL_OK && id != MILL_ABSENT)
            st = delete_trace(e, id, err);
    }
    return st;
}

enum mill_status mill_delete_traces(struct evaluating *e, struct mill_error *err)
{
    enum mill_status st = MILL_OK;
    if (e->change->as.traces.max_timestamp != MILL_ABSENT)
        return delete_old(e, err);
    for (size_t i = 0; st == MILL_OK && i < e->change->as.traces.trace_count; i++) {
        struct mill_trace trace;
        int64_t id;
        struct mill_view trace_id = e->change->as.traces.trace_ids[i];
        st = mill_find_trace(e->db, trace_id, &id, err);
        if (st == MILL_OK)
            st = mill_read_trace(e->db, trace_id, e->outcome->arena, &trace, err);
        if (st == MILL_OK && trace.experiment_id == e->change->as.traces.experiment_id)
            st = delete_trace(e, id, err);
        else if (st == MILL_E_NOT_FOUND)
            st = MILL_OK;
    }
    return st;
}

enum mill_status mill_link_traces(struct evaluating *e, struct mill_error *err)
{
    enum mill_status st = MILL_OK;
    for (size_t i = 0; st == MILL_OK && i < e->change->as.traces.trace_count; i++) {
        int64_t id;
        st = mill_find_trace(e->db, e->change->as.traces.trace_ids[i], &id, err);
        if (st == MILL_OK)
            st = mill_db_run(e->db, err, SQL_TRACE_RUN_SET, "it", id,
                             e->change->as.traces.run_id);
        else if (st == MILL_E_NOT_FOUND)
            st = MILL_OK;
    }
    return st;
}
