/* handlers_scorers.c - scorers of experiments, which clients run and the server only keeps. */
#include <stdio.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/view.h"
#include "model/limits.h"
#include "server/handlers.h"
#include "store/evaluation.h"
#include "wire/json.h"
#include "wire/messages.h"

/* A random UUID with its dashes. */
static struct mill_view new_id(struct mill_arena *arena)
{
    char hex[33];
    mill_random_hex32(hex);
    return mill_arena_printf(arena, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12,
                             hex + 16, hex + 20);
}

static enum mill_status check_json(struct mill_call *call, struct mill_view text,
                                   struct mill_error *err)
{
    struct mill_json json;
    struct mill_view padded = mill_json_pad(text, call->arena);
    if (padded.ptr == NULL)
        return mill_no_memory(err);
    if (mill_json_parse(padded, call->arena, &json, NULL) != MILL_OK)
        return mill_fail(err, MILL_E_INVALID, "serialized_scorer: is not JSON");
    mill_json_done();
    return MILL_OK;
}

enum mill_status mill_change_register_scorer(struct mill_call *call, struct mill_change *change,
                                             struct mill_error *err)
{
    const struct mill_register_scorer_request *request = call->request;
    change->kind = MILL_CHANGE_REGISTER_SCORER;
    change->as.scorer.experiment_id = request->experiment_id;
    change->as.scorer.name = request->name;
    change->as.scorer.serialized = request->serialized_scorer;
    change->as.scorer.scorer_id = new_id(call->arena);
    if (change->as.scorer.scorer_id.ptr == NULL)
        return mill_no_memory(err);
    return check_json(call, request->serialized_scorer, err);
}

void mill_reply_register_scorer(struct mill_call *call, const struct mill_outcome *outcome)
{
    struct mill_register_scorer_response *response = call->response;
    const struct mill_scorer *scorer = outcome->scorer;
    response->version = scorer->version;
    response->scorer_id = scorer->scorer_id;
    response->experiment_id = scorer->experiment_id;
    response->name = scorer->name;
    response->serialized_scorer = scorer->serialized;
    response->creation_time = scorer->creation_time;
}

enum mill_status mill_change_delete_scorer(struct mill_call *call, struct mill_change *change,
                                           struct mill_error *err)
{
    const struct mill_scorer_request *request = call->request;
    (void)err;
    change->kind = MILL_CHANGE_DELETE_SCORER;
    change->as.scorer.experiment_id = request->experiment_id;
    change->as.scorer.name = request->name;
    change->as.scorer.version = request->version;
    return MILL_OK;
}

/* --- reading ----------------------------------------------------------------------------- */

static struct mill_scorer_entity entity_of(const struct mill_scorer *scorer)
{
    return (struct mill_scorer_entity){.experiment_id = scorer->experiment_id,
                                       .scorer_name = scorer->name,
                                       .scorer_version = scorer->version,
                                       .serialized_scorer = scorer->serialized,
                                       .creation_time = scorer->creation_time,
                                       .scorer_id = scorer->scorer_id};
}

/* Scorers belong to experiments that are in use. */
static enum mill_status check_experiment(struct mill_call *call, int64_t experiment_id,
                                         struct mill_error *err)
{
    struct mill_experiment experiment;
    enum mill_status st =
        mill_store_get_experiment(call->store, experiment_id, call->arena, &experiment, err);
    if (st == MILL_OK && experiment.lifecycle_stage != MILL_ACTIVE)
        return mill_fail(err, MILL_E_INVALID, "experiment %lld is deleted; restore it first",
                         (long long)experiment_id);
    return st;
}

/* Appends the scorers of an experiment to the answer. */
static enum mill_status add_scorers(struct mill_call *call, int64_t experiment_id,
                                    struct mill_view name, struct mill_error *err)
{
    struct mill_scorers_response *response = call->response;
    struct mill_scorer_list list = {0};
    enum mill_status st =
        mill_store_list_scorers(call->store, experiment_id, name, call->arena, &list, err);
    if (st != MILL_OK)
        return st;
    size_t before = response->scorers_count;
    struct mill_scorer_entity *all =
        mill_arena_zero(call->arena, before + list.count, sizeof(*all));
    if (all == NULL)
        return mill_no_memory(err);
    if (before != 0)
        memcpy(all, response->scorers, before * sizeof(*all));
    for (size_t i = 0; i < list.count; i++)
        all[before + i] = entity_of(&list.scorers[i]);
    response->scorers = all;
    response->scorers_count = before + list.count;
    return MILL_OK;
}

/* Without an experiment: of all that are in use. */
static enum mill_status add_all(struct mill_call *call, struct mill_error *err)
{
    struct mill_experiment_page page = {0};
    struct mill_plan plan;
    const struct mill_view none = {NULL, 0};
    enum mill_status st =
        mill_query_parse(MILL_QUERY_EXPERIMENTS, none, NULL, 0, call->arena, &plan, err);
    const struct mill_experiment_search search = {
        .view_type = MILL_VIEW_ACTIVE_ONLY, .plan = &plan, .limit = MILL_MAX_SEARCH_RESULTS};
    if (st == MILL_OK)
        st = mill_store_search_experiments(call->store, &search, call->arena, &page, err);
    for (size_t i = page.count; st == MILL_OK && i > 0; i--)
        st = add_scorers(call, page.experiments[i - 1].experiment_id, none, err);
    return st;
}

enum mill_status mill_read_list_scorers(struct mill_call *call, struct mill_error *err)
{
    const struct mill_list_scorers_request *request = call->request;
    const struct mill_view none = {NULL, 0};
    enum mill_status st = MILL_OK;
    if (request->experiment_id != MILL_ABSENT && request->experiment_ids_count != 0)
        return mill_fail(err, MILL_E_INVALID,
                         "experiment_id and experiment_ids are both given; send one of them");
    if (request->experiment_id != MILL_ABSENT) {
        st = check_experiment(call, request->experiment_id, err);
        return st == MILL_OK ? add_scorers(call, request->experiment_id, none, err) : st;
    }
    if (request->experiment_ids_count == 0)
        return add_all(call, err);
    for (size_t i = 0; st == MILL_OK && i < request->experiment_ids_count; i++)
        if (check_experiment(call, request->experiment_ids[i], NULL) == MILL_OK)
            st = add_scorers(call, request->experiment_ids[i], none, err);
    return st;
}

enum mill_status mill_read_scorer_versions(struct mill_call *call, struct mill_error *err)
{
    const struct mill_scorer_request *request = call->request;
    struct mill_scorers_response *response = call->response;
    enum mill_status st = check_experiment(call, request->experiment_id, err);
    if (st == MILL_OK)
        st = add_scorers(call, request->experiment_id, request->name, err);
    if (st == MILL_OK && response->scorers_count == 0)
        st = mill_fail(err, MILL_E_NOT_FOUND, "experiment %lld has no scorer '%.*s'",
                       (long long)request->experiment_id,
                       MILL_FMT(mill_utf8_prefix(request->name, 60)));
    return st;
}

enum mill_status mill_read_scorer(struct mill_call *call, struct mill_error *err)
{
    const struct mill_scorer_request *request = call->request;
    struct mill_scorer_response *response = call->response;
    struct mill_scorer_entity *entity = mill_arena_zero(call->arena, 1, sizeof(*entity));
    struct mill_scorer scorer;
    if (entity == NULL)
        return mill_no_memory(err);
    enum mill_status st = check_experiment(call, request->experiment_id, err);
    if (st == MILL_OK)
        st = mill_store_get_scorer(call->store, request->experiment_id, request->name,
                                   request->version, call->arena, &scorer, err);
    if (st != MILL_OK)
        return st;
    *entity = entity_of(&scorer);
    response->scorer = entity;
    return MILL_OK;
}
