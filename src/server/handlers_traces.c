/* handlers_traces.c - traces without their spans, which clients store as artifacts. */
#include "base/alloc.h"
#include "base/clock.h"
#include "base/view.h"
#include "model/limits.h"
#include "server/handlers.h"
#include "server/trace_wire.h"
#include "store/evaluation.h"
#include "wire/decode.h"
#include "wire/messages.h"
#include "wire/token.h"

static enum mill_status answer(struct mill_call *call, const struct mill_trace *trace,
                               struct mill_error *err)
{
    struct mill_trace_message *response = call->response;
    struct mill_trace_entity *entity = mill_arena_zero(call->arena, 1, sizeof(*entity));
    struct mill_trace_info *info = mill_arena_zero(call->arena, 1, sizeof(*info));
    if (entity == NULL || info == NULL)
        return mill_no_memory(err);
    entity->trace_info = info;
    response->trace = entity;
    return mill_trace_to_wire(trace, call->arena, info, err);
}

enum mill_status mill_change_start_trace(struct mill_call *call, struct mill_change *change,
                                         struct mill_error *err)
{
    const struct mill_trace_message *request = call->request;
    if (request->trace == NULL || request->trace->trace_info == NULL)
        return mill_fail(err, MILL_E_INVALID, "trace.trace_info: missing; send the trace");
    change->kind = MILL_CHANGE_START_TRACE;
    return mill_trace_from_wire(request->trace->trace_info, call->now_ms, call->arena,
                                &change->as.trace, err);
}

/* Without memory for it the answer has no trace; the change is done. */
void mill_reply_trace(struct mill_call *call, const struct mill_outcome *outcome)
{
    if (answer(call, outcome->trace, NULL) != MILL_OK)
        ((struct mill_trace_message *)call->response)->trace = NULL;
}

enum mill_status mill_read_trace_info(struct mill_call *call, struct mill_error *err)
{
    struct mill_trace trace;
    enum mill_status st =
        mill_store_get_trace(call->store, call->path_params[0], call->arena, &trace, err);
    return st == MILL_OK ? answer(call, &trace, err) : st;
}

/* All traces of a page as they are written. */
static enum mill_status infos_of(struct mill_call *call, const struct mill_trace_page *page,
                                 const struct mill_trace_info **out, struct mill_error *err)
{
    struct mill_trace_info *infos = mill_arena_zero(call->arena, page->count, sizeof(*infos));
    enum mill_status st = infos != NULL ? MILL_OK : mill_no_memory(err);
    for (size_t i = 0; st == MILL_OK && i < page->count; i++)
        st = mill_trace_to_wire(&page->traces[i], call->arena, &infos[i], err);
    *out = infos;
    return st;
}

enum mill_status mill_read_trace_infos(struct mill_call *call, struct mill_error *err)
{
    const struct mill_get_trace_infos_request *request = call->request;
    struct mill_get_trace_infos_response *response = call->response;
    struct mill_trace_page page = {0};
    enum mill_status st = mill_store_get_traces(
        call->store, request->trace_ids, request->trace_ids_count, call->arena, &page, err);
    response->trace_infos_count = page.count;
    return st == MILL_OK ? infos_of(call, &page, &response->trace_infos, err) : st;
}

/* --- search ------------------------------------------------------------------------------ */

/* The experiments among the locations. */
static enum mill_status read_locations(struct mill_call *call, struct mill_trace_search *search,
                                       struct mill_error *err)
{
    const struct mill_search_traces_request *request = call->request;
    int64_t *ids = mill_arena_zero(call->arena, request->locations_count, sizeof(*ids));
    size_t n = 0;
    if (ids == NULL)
        return mill_no_memory(err);
    for (size_t i = 0; i < request->locations_count; i++) {
        const struct mill_trace_experiment *experiment =
            request->locations[i].mlflow_experiment;
        if (experiment == NULL || experiment->experiment_id == MILL_ABSENT)
            return mill_fail(err, MILL_E_INVALID,
                             "locations[%zu].mlflow_experiment: missing; traces are in "
                             "experiments here",
                             i);
        bool known = false;
        for (size_t j = 0; j < n; j++)
            known = known || ids[j] == experiment->experiment_id;
        if (!known)
            ids[n++] = experiment->experiment_id;
    }
    search->experiment_ids = ids;
    search->experiment_count = n;
    return MILL_OK;
}

static enum mill_status read_search(struct mill_call *call, struct mill_plan *plan,
                                    struct mill_trace_search *search, struct mill_error *err)
{
    const struct mill_search_traces_request *request = call->request;
    if (request->max_results < 1 || request->max_results > MILL_MAX_TRACE_RESULTS)
        return mill_fail(err, MILL_E_INVALID, "max_results: must be 1 to %d, got %lld",
                         MILL_MAX_TRACE_RESULTS, (long long)request->max_results);
    enum mill_status st =
        mill_token_decode(request->page_token, call->arena, &search->offset, err);
    if (st == MILL_OK)
        st = mill_query_parse(MILL_QUERY_TRACES, request->filter, request->order_by,
                              request->order_by_count, call->arena, plan, err);
    if (st == MILL_OK)
        st = read_locations(call, search, err);
    search->plan = plan;
    search->limit = request->max_results;
    return st;
}

enum mill_status mill_read_search_traces(struct mill_call *call, struct mill_error *err)
{
    struct mill_search_traces_response *response = call->response;
    struct mill_trace_search search = {0};
    struct mill_trace_page page = {0};
    struct mill_plan plan;
    enum mill_status st = read_search(call, &plan, &search, err);
    if (st == MILL_OK)
        st = mill_store_search_traces(call->store, &search, call->arena, &page, err);
    response->traces_count = page.count;
    if (st == MILL_OK)
        st = infos_of(call, &page, &response->traces, err);
    if (st != MILL_OK || !page.more)
        return st;
    response->next_page_token =
        mill_token_encode(search.offset + (int64_t)page.count, call->arena);
    return response->next_page_token.ptr != NULL ? MILL_OK : mill_no_memory(err);
}

/* --- changes ----------------------------------------------------------------------------- */

static enum mill_status change_tag(struct mill_call *call, struct mill_change *change,
                                   enum mill_change_kind kind)
{
    const struct mill_set_trace_tag_request *request = call->request;
    change->kind = kind;
    change->as.trace_tag.trace_id = call->path_params[0];
    change->as.trace_tag.key = request->key;
    change->as.trace_tag.value = request->value;
    return MILL_OK;
}

enum mill_status mill_change_set_trace_tag(struct mill_call *call, struct mill_change *change,
                                           struct mill_error *err)
{
    (void)err;
    return change_tag(call, change, MILL_CHANGE_TAG_TRACE);
}

enum mill_status mill_change_delete_trace_tag(struct mill_call *call,
                                              struct mill_change *change,
                                              struct mill_error *err)
{
    (void)err;
    return change_tag(call, change, MILL_CHANGE_UNTAG_TRACE);
}

enum mill_status mill_change_delete_traces(struct mill_call *call, struct mill_change *change,
                                           struct mill_error *err)
{
    const struct mill_delete_traces_request *request = call->request;
    (void)err;
    change->kind = MILL_CHANGE_DELETE_TRACES;
    change->as.traces.experiment_id = request->experiment_id;
    change->as.traces.max_timestamp = request->max_timestamp_millis;
    change->as.traces.max_traces = request->max_traces;
    change->as.traces.trace_ids = request->request_ids;
    change->as.traces.trace_count = request->request_ids_count;
    return MILL_OK;
}

void mill_reply_delete_traces(struct mill_call *call, const struct mill_outcome *outcome)
{
    struct mill_delete_traces_response *response = call->response;
    response->traces_deleted = outcome->deleted;
}

enum mill_status mill_change_link_traces(struct mill_call *call, struct mill_change *change,
                                         struct mill_error *err)
{
    const struct mill_link_traces_request *request = call->request;
    (void)err;
    change->kind = MILL_CHANGE_LINK_TRACES;
    change->as.traces.run_id = request->run_id;
    change->as.traces.trace_ids = request->trace_ids;
    change->as.traces.trace_count = request->trace_ids_count;
    return MILL_OK;
}

/* --- assessments ------------------------------------------------------------------------- */

static enum mill_status answer_assessment(struct mill_call *call,
                                          const struct mill_assessment *assessment,
                                          struct mill_error *err)
{
    struct mill_assessment_message *response = call->response;
    struct mill_assessment_entity *entity = mill_arena_zero(call->arena, 1, sizeof(*entity));
    if (entity == NULL)
        return mill_no_memory(err);
    response->assessment = entity;
    return mill_assessment_to_wire(assessment, call->arena, entity, err);
}

enum mill_status mill_change_create_assessment(struct mill_call *call,
                                               struct mill_change *change,
                                               struct mill_error *err)
{
    const struct mill_assessment_message *request = call->request;
    change->kind = MILL_CHANGE_ADD_ASSESSMENT;
    enum mill_status st = mill_assessment_from_wire(request->assessment, call->now_ms,
                                                    call->arena, &change->as.assessment, err);
    change->as.assessment.trace_id = call->path_params[0];
    return st;
}

/* Without memory for it the answer has no assessment; the change is done. */
void mill_reply_assessment(struct mill_call *call, const struct mill_outcome *outcome)
{
    if (answer_assessment(call, outcome->assessment, NULL) != MILL_OK)
        ((struct mill_assessment_message *)call->response)->assessment = NULL;
}

enum mill_status mill_read_assessment(struct mill_call *call, struct mill_error *err)
{
    struct mill_assessment assessment;
    enum mill_status st = mill_store_get_assessment(
        call->store, call->path_params[0], call->path_params[1], call->arena, &assessment, err);
    return st == MILL_OK ? answer_assessment(call, &assessment, err) : st;
}

static bool in_mask(struct mill_view mask, const char *field)
{
    while (mask.ptr != NULL) {
        struct mill_view name;
        mask = mill_view_cut(mask, ',', &name);
        if (mill_view_eq(mill_view_trim(name), mill_view_of(field)))
            return true;
    }
    return false;
}

/* Only what the mask names is changed. */
enum mill_status mill_change_update_assessment(struct mill_call *call,
                                               struct mill_change *change,
                                               struct mill_error *err)
{
    const struct mill_update_assessment_request *request = call->request;
    const struct mill_assessment_entity *given = request->assessment;
    struct mill_assessment *assessment = &change->as.assessment;
    (void)err;
    change->kind = MILL_CHANGE_UPDATE_ASSESSMENT;
    *assessment = (struct mill_assessment){.trace_id = call->path_params[0],
                                           .assessment_id = call->path_params[1]};
    if (in_mask(request->update_mask, "assessment_name") && given->assessment_name.len != 0)
        assessment->name = given->assessment_name;
    if (in_mask(request->update_mask, "feedback"))
        assessment->feedback = given->feedback;
    if (in_mask(request->update_mask, "expectation"))
        assessment->expectation = given->expectation;
    if (in_mask(request->update_mask, "rationale"))
        assessment->rationale = given->rationale;
    if (in_mask(request->update_mask, "metadata")) {
        assessment->metadata = given->metadata;
        assessment->metadata_count = given->metadata_count;
    }
    return MILL_OK;
}

enum mill_status mill_change_delete_assessment(struct mill_call *call,
                                               struct mill_change *change,
                                               struct mill_error *err)
{
    (void)err;
    change->kind = MILL_CHANGE_DELETE_ASSESSMENT;
    change->as.assessment.trace_id = call->path_params[0];
    change->as.assessment.assessment_id = call->path_params[1];
    return MILL_OK;
}
