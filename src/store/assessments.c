/* assessments.c - what people or judges said of a trace. */
#include "base/alloc.h"
#include "base/list.h"
#include "store/evaluation_tables.h"

static enum mill_status set_metadata(struct evaluating *e, int64_t id,
                                     const struct mill_assessment *assessment,
                                     struct mill_error *err)
{
    enum mill_status st = MILL_OK;
    for (size_t i = 0; st == MILL_OK && i < assessment->metadata_count; i++)
        st = mill_db_run(e->db, err, SQL_ASSESSMENT_METADATA_SET, "itt", id,
                         assessment->metadata[i].key, assessment->metadata[i].value);
    return st;
}

enum mill_status mill_put_assessment(struct evaluating *e, int64_t trace,
                                     const struct mill_assessment *assessment,
                                     struct mill_error *err)
{
    enum mill_status st =
        mill_db_run(e->db, err, SQL_ASSESSMENT_INSERT, "titttiittttti",
                    assessment->assessment_id, trace, assessment->name, assessment->span_id,
                    assessment->source, assessment->create_time, assessment->last_update_time,
                    assessment->feedback, assessment->expectation, assessment->rationale,
                    assessment->error, assessment->overrides, (int64_t)assessment->valid);
    if (st == MILL_E_EXISTS)
        return mill_fail(err, MILL_E_EXISTS, "assessment id '%.*s' is taken",
                         MILL_FMT(assessment->assessment_id));
    int64_t id = sqlite3_last_insert_rowid(e->db->handle);
    return st == MILL_OK ? set_metadata(e, id, assessment, err) : st;
}

/* --- reading --- */

/* All but the metadata. */
static bool take_assessment(sqlite3_stmt *stmt, struct mill_view trace_id,
                            struct mill_arena *arena, struct mill_assessment *out)
{
    *out = (struct mill_assessment){.trace_id = trace_id,
                                    .create_time = sqlite3_column_int64(stmt, 5),
                                    .last_update_time = sqlite3_column_int64(stmt, 6),
                                    .valid = sqlite3_column_int(stmt, 12) != 0};
    return mill_take_text(stmt, 1, arena, &out->assessment_id) &&
           mill_take_text(stmt, 2, arena, &out->name) &&
           mill_take_text(stmt, 3, arena, &out->span_id) &&
           mill_take_text(stmt, 4, arena, &out->source) &&
           mill_take_text(stmt, 7, arena, &out->feedback) &&
           mill_take_text(stmt, 8, arena, &out->expectation) &&
           mill_take_text(stmt, 9, arena, &out->rationale) &&
           mill_take_text(stmt, 10, arena, &out->error) &&
           mill_take_text(stmt, 11, arena, &out->overrides);
}

static enum mill_status read_metadata(struct db *db, int64_t id, struct mill_arena *arena,
                                      struct mill_assessment *out, struct mill_error *err)
{
    return mill_take_pairs(db, mill_db_query(db, SQL_ASSESSMENT_METADATA, "i", id), arena,
                           &out->metadata, &out->metadata_count, err);
}

enum mill_status mill_read_assessments(struct db *db, int64_t trace, struct mill_view trace_id,
                                       struct mill_arena *arena,
                                       const struct mill_assessment **out, size_t *count_out,
                                       struct mill_error *err)
{
    struct mill_list list = {.size = sizeof(struct mill_assessment)};
    enum mill_status st = MILL_OK;
    sqlite3_stmt *stmt = mill_db_query(db, SQL_ASSESSMENTS, "i", trace);
    while (mill_db_step(db, stmt, &st, err)) {
        struct mill_assessment *item = mill_list_add(&list);
        if (item == NULL || !take_assessment(stmt, trace_id, arena, item))
            st = mill_no_memory(err);
        else
            st = read_metadata(db, sqlite3_column_int64(stmt, 0), arena, item, err);
        if (st != MILL_OK) {
            mill_db_done(stmt);
            break;
        }
    }
    struct mill_assessment *copy = mill_arena_zero(arena, list.count, sizeof(*copy));
    if (st == MILL_OK && copy == NULL)
        st = mill_no_memory(err);
    if (st == MILL_OK && list.count != 0)
        memcpy(copy, list.items, list.count * sizeof(*copy));
    *out = copy;
    *count_out = list.count;
    mill_free(list.items);
    return st;
}

static enum mill_status read_assessment(struct db *db, struct mill_view trace_id,
                                        struct mill_view assessment_id,
                                        struct mill_arena *arena, struct mill_assessment *out,
                                        struct mill_error *err)
{
    struct mill_assessment found;
    int64_t trace;
    enum mill_status st = mill_find_trace(db, trace_id, &trace, err);
    if (st != MILL_OK)
        return st;
    sqlite3_stmt *stmt = mill_db_query(db, SQL_ASSESSMENT_GET, "it", trace, assessment_id);
    if (!mill_db_step(db, stmt, &st, err))
        return st != MILL_OK
                   ? st
                   : mill_fail(err, MILL_E_NOT_FOUND, "trace '%.*s' has no assessment '%.*s'",
                               MILL_FMT(trace_id),
                               MILL_FMT(mill_utf8_prefix(assessment_id, 60)));
    int64_t id = sqlite3_column_int64(stmt, 0);
    struct mill_view own_id = mill_arena_copy(arena, trace_id);
    bool fits = own_id.ptr != NULL && take_assessment(stmt, own_id, arena, &found);
    mill_db_done(stmt);
    st = fits ? read_metadata(db, id, arena, &found, err) : mill_no_memory(err);
    if (st == MILL_OK)
        *out = found;
    return st;
}

struct get {
    struct mill_view trace_id, assessment_id;
    struct mill_arena *arena;
    struct mill_assessment *out;
};

static enum mill_status get_assessment(struct db *db, void *context, struct mill_error *err)
{
    const struct get *get = context;
    return read_assessment(db, get->trace_id, get->assessment_id, get->arena, get->out, err);
}

enum mill_status mill_store_get_assessment(struct mill_store *store, struct mill_view trace_id,
                                           struct mill_view assessment_id,
                                           struct mill_arena *arena,
                                           struct mill_assessment *out, struct mill_error *err)
{
    struct get get = {trace_id, assessment_id, arena, out};
    return mill_store_read_evaluation(store, get_assessment, &get, err);
}

/* --- changes --- */

static enum mill_status give(struct evaluating *e, struct mill_error *err)
{
    struct mill_assessment *made = mill_arena_zero(e->outcome->arena, 1, sizeof(*made));
    if (made == NULL)
        return mill_no_memory(err);
    e->outcome->assessment = made;
    return read_assessment(e->db, e->change->as.assessment.trace_id,
                           e->change->as.assessment.assessment_id, e->outcome->arena, made,
                           err);
}

/* The row of the assessment that the change is about. */
static enum mill_status find(struct evaluating *e, int64_t *trace_out, int64_t *id_out,
                             struct mill_error *err)
{
    enum mill_status st =
        mill_find_trace(e->db, e->change->as.assessment.trace_id, trace_out, err);
    if (st == MILL_OK)
        st = mill_take_number(e->db,
                              mill_db_query(e->db, SQL_ASSESSMENT_FIND, "it", *trace_out,
                                            e->change->as.assessment.assessment_id),
                              id_out, err);
    return st;
}

static enum mill_status set_valid(struct evaluating *e, int64_t trace,
                                  struct mill_view assessment_id, bool valid,
                                  struct mill_error *err)
{
    if (assessment_id.len == 0)
        return MILL_OK;
    return mill_db_run(e->db, err, SQL_ASSESSMENT_VALID, "iit", (int64_t)valid, trace,
                       assessment_id);
}

enum mill_status mill_add_assessment(struct evaluating *e, struct mill_error *err)
{
    const struct mill_assessment *assessment = &e->change->as.assessment;
    int64_t trace, replaced;
    enum mill_status st = mill_find_trace(e->db, assessment->trace_id, &trace, err);
    if (st == MILL_OK && assessment->overrides.len != 0) {
        st = mill_take_number(
            e->db,
            mill_db_query(e->db, SQL_ASSESSMENT_FIND, "it", trace, assessment->overrides),
            &replaced, err);
        if (st == MILL_OK && replaced == MILL_ABSENT)
            return mill_fail(err, MILL_E_NOT_FOUND,
                             "trace '%.*s' has no assessment '%.*s' to override",
                             MILL_FMT(assessment->trace_id), MILL_FMT(assessment->overrides));
    }
    if (st == MILL_OK)
        st = mill_put_assessment(e, trace, assessment, err);
    if (st == MILL_OK)
        st = set_valid(e, trace, assessment->overrides, false, err);
    return st == MILL_OK ? give(e, err) : st;
}

enum mill_status mill_update_assessment(struct evaluating *e, struct mill_error *err)
{
    const struct mill_assessment *change = &e->change->as.assessment;
    struct mill_assessment before;
    int64_t trace, id;
    enum mill_status st = read_assessment(e->db, change->trace_id, change->assessment_id,
                                          e->outcome->arena, &before, err);
    if (st == MILL_OK && ((change->feedback.ptr != NULL && before.feedback.ptr == NULL) ||
                          (change->expectation.ptr != NULL && before.expectation.ptr == NULL)))
        return mill_fail(err, MILL_E_INVALID,
                         "a feedback cannot become an expectation, nor the other way round");
    if (st == MILL_OK)
        st = find(e, &trace, &id, err);
    if (st == MILL_OK)
        st = mill_db_run(e->db, err, SQL_ASSESSMENT_UPDATE, "itttti", id, change->name,
                         change->feedback, change->expectation, change->rationale,
                         e->change->now_ms);
    if (st == MILL_OK)
        st = set_metadata(e, id, change, err);
    return st == MILL_OK ? give(e, err) : st;
}

/* What a deleted one had replaced counts again. */
enum mill_status mill_delete_assessment(struct evaluating *e, struct mill_error *err)
{
    struct mill_assessment gone;
    int64_t trace, id;
    enum mill_status st = find(e, &trace, &id, err);
    if (st == MILL_E_NOT_FOUND || (st == MILL_OK && id == MILL_ABSENT))
        return MILL_OK;
    if (st != MILL_OK)
        return st;
    st = read_assessment(e->db, e->change->as.assessment.trace_id,
                         e->change->as.assessment.assessment_id, e->outcome->arena, &gone, err);
    if (st == MILL_OK)
        st = set_valid(e, trace, gone.overrides, true, err);
    if (st == MILL_OK)
        st = mill_db_run(e->db, err, SQL_ASSESSMENT_METADATA_CLEAR, "i", id);
    if (st == MILL_OK)
        st = mill_db_run(e->db, err, SQL_ASSESSMENT_DELETE, "i", id);
    return st;
}
