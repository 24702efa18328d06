/* change_trace.c - checks of traces and of what is said about them. */
#include "base/view.h"
#include "model/check.h"
#include "model/limits.h"

static enum mill_status check_trace_id(struct mill_view trace_id, struct mill_error *err)
{
    return mill_check_required(mill_place_of("trace_id"), trace_id, MILL_MAX_TRACE_ID, err);
}

/* Copies a list; values that are too long are cut, as those of runs are. */
static enum mill_status check_items(const char *list, const struct mill_tag **items,
                                    size_t count, struct mill_arena *arena,
                                    struct mill_error *err)
{
    enum mill_status st = mill_check_count(list, count, MILL_MAX_TRACE_ITEMS, err);
    struct mill_tag *copy = mill_arena_zero(arena, count, sizeof(*copy));
    if (st == MILL_OK && copy == NULL)
        return mill_check_nomem(err);
    for (size_t i = 0; st == MILL_OK && i < count; i++) {
        struct mill_place place = {list, i, "key"};
        copy[i] = (*items)[i];
        st = mill_check_required(place, copy[i].key, MILL_MAX_TRACE_KEY, err);
        place.field = "value";
        if (st == MILL_OK)
            st = mill_check_text(place, copy[i].value, SIZE_MAX, err);
        if (st == MILL_OK)
            copy[i].value =
                mill_utf8_prefix(mill_text_or_empty(copy[i].value), MILL_MAX_TRACE_VALUE);
    }
    if (st == MILL_OK)
        *items = copy;
    return st;
}

static enum mill_status cut(const char *field, struct mill_view *text, size_t max,
                            struct mill_error *err)
{
    enum mill_status st = mill_check_text(mill_place_of(field), *text, SIZE_MAX, err);
    if (st == MILL_OK && text->ptr != NULL)
        *text = mill_utf8_prefix(*text, max);
    return st;
}

static enum mill_status check_json(const char *field, struct mill_view json,
                                   struct mill_error *err)
{
    if (json.len <= MILL_MAX_ASSESSMENT_TEXT)
        return MILL_OK;
    return mill_fail(err, MILL_E_INVALID, "%s has %zu bytes; at most %d are allowed", field,
                     json.len, MILL_MAX_ASSESSMENT_TEXT);
}

static enum mill_status check_one(struct mill_assessment *a, struct mill_arena *arena,
                                  struct mill_error *err)
{
    enum mill_status st = mill_check_text(mill_place_of("assessment_name"), a->name,
                                          MILL_MAX_ASSESSMENT_NAME, err);
    if (st == MILL_OK)
        st = mill_check_text(mill_place_of("span_id"), a->span_id, MILL_MAX_TRACE_ID, err);
    if (st == MILL_OK)
        st = mill_check_text(mill_place_of("overrides"), a->overrides, MILL_MAX_TRACE_ID, err);
    if (st == MILL_OK)
        st = mill_check_text(mill_place_of("rationale"), a->rationale, SIZE_MAX, err);
    const struct {
        const char *field;
        struct mill_view json;
    } parts[] = {{"source", a->source},
                 {"feedback", a->feedback},
                 {"expectation", a->expectation},
                 {"error", a->error},
                 {"rationale", a->rationale}};
    for (size_t i = 0; st == MILL_OK && i < MILL_COUNT(parts); i++)
        st = check_json(parts[i].field, parts[i].json, err);
    if (st == MILL_OK)
        st = check_items("metadata", &a->metadata, a->metadata_count, arena, err);
    return st;
}

enum mill_status mill_check_trace(struct mill_change *change, struct mill_arena *arena,
                                  struct mill_error *err)
{
    struct mill_trace *trace = &change->as.trace;
    enum mill_status st = check_trace_id(trace->trace_id, err);
    if (st == MILL_OK)
        st = mill_check_experiment_id(trace->experiment_id, err);
    if (st == MILL_OK)
        st = mill_check_text(mill_place_of("client_request_id"), trace->client_request_id,
                             MILL_MAX_TRACE_KEY, err);
    if (st == MILL_OK)
        st = cut("request_preview", &trace->request_preview, MILL_MAX_TRACE_PREVIEW, err);
    if (st == MILL_OK)
        st = cut("response_preview", &trace->response_preview, MILL_MAX_TRACE_PREVIEW, err);
    if (st == MILL_OK)
        st = check_items("tags", &trace->tags, trace->tag_count, arena, err);
    if (st == MILL_OK)
        st = check_items("trace_metadata", &trace->metadata, trace->metadata_count, arena, err);
    if (st == MILL_OK)
        st = mill_check_count("assessments", trace->assessment_count,
                              MILL_MAX_TRACE_ASSESSMENTS, err);
    struct mill_assessment *copy =
        mill_arena_zero(arena, trace->assessment_count, sizeof(*copy));
    if (st == MILL_OK && copy == NULL)
        return mill_check_nomem(err);
    for (size_t i = 0; st == MILL_OK && i < trace->assessment_count; i++) {
        copy[i] = trace->assessments[i];
        st = check_one(&copy[i], arena, err);
    }
    if (st == MILL_OK)
        trace->assessments = copy;
    return st;
}

enum mill_status mill_check_trace_tag(struct mill_change *change, struct mill_arena *arena,
                                      struct mill_error *err)
{
    (void)arena;
    enum mill_status st = check_trace_id(change->as.trace_tag.trace_id, err);
    if (st == MILL_OK)
        st = mill_check_required(mill_place_of("key"), change->as.trace_tag.key,
                                 MILL_MAX_TRACE_KEY, err);
    if (st == MILL_OK)
        st = cut("value", &change->as.trace_tag.value, MILL_MAX_TRACE_VALUE, err);
    change->as.trace_tag.value = mill_text_or_empty(change->as.trace_tag.value);
    return st;
}

enum mill_status mill_check_traces(struct mill_change *change, struct mill_arena *arena,
                                   struct mill_error *err)
{
    (void)arena;
    size_t count = change->as.traces.trace_count;
    if (change->kind == MILL_CHANGE_LINK_TRACES) {
        enum mill_status st = mill_check_run_id(change->as.traces.run_id, err);
        return st == MILL_OK
                   ? mill_check_count("trace_ids", count, MILL_MAX_TRACES_PER_CALL, err)
                   : st;
    }
    bool by_time = change->as.traces.max_timestamp != MILL_ABSENT;
    enum mill_status st = mill_check_experiment_id(change->as.traces.experiment_id, err);
    if (st == MILL_OK && by_time == (count != 0))
        st = mill_fail(
            err, MILL_E_INVALID,
            "give either max_timestamp_millis or request_ids of the traces to delete");
    if (st == MILL_OK && !by_time && change->as.traces.max_traces != MILL_ABSENT)
        st = mill_fail(err, MILL_E_INVALID, "max_traces goes with max_timestamp_millis only");
    if (st == MILL_OK && change->as.traces.max_traces != MILL_ABSENT &&
        change->as.traces.max_traces < 1)
        st = mill_fail(err, MILL_E_INVALID, "max_traces must be 1 or more, got %lld",
                       (long long)change->as.traces.max_traces);
    return st;
}

enum mill_status mill_check_assessment(struct mill_change *change, struct mill_arena *arena,
                                       struct mill_error *err)
{
    struct mill_assessment *a = &change->as.assessment;
    enum mill_status st = check_trace_id(a->trace_id, err);
    if (st == MILL_OK)
        st = mill_check_required(mill_place_of("assessment_id"), a->assessment_id,
                                 MILL_MAX_TRACE_ID, err);
    if (st == MILL_OK && change->kind == MILL_CHANGE_ADD_ASSESSMENT) {
        if (a->name.len == 0)
            st =
                mill_fail(err, MILL_E_INVALID, "assessment_name: missing; name the assessment");
        else if ((a->feedback.ptr == NULL) == (a->expectation.ptr == NULL))
            st = mill_fail(err, MILL_E_INVALID,
                           "an assessment has either a feedback or an expectation");
    }
    return st == MILL_OK ? check_one(a, arena, err) : st;
}
