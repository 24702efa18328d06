/* handlers_models.c - registered models with their tags and aliases. */
#include "base/alloc.h"
#include "base/view.h"
#include "server/handlers.h"
#include "wire/messages.h"
#include "wire/token.h"

enum mill_status mill_change_create_model(struct mill_call *call, struct mill_change *change,
                                          struct mill_error *err)
{
    const struct mill_create_model_request *request = call->request;
    (void)err;
    change->kind = MILL_CHANGE_CREATE_MODEL;
    change->as.model.name = request->name;
    change->as.model.description = request->description;
    change->as.model.tags = request->tags;
    change->as.model.tag_count = request->tags_count;
    return MILL_OK;
}

enum mill_status mill_change_rename_model(struct mill_call *call, struct mill_change *change,
                                          struct mill_error *err)
{
    const struct mill_rename_model_request *request = call->request;
    (void)err;
    change->kind = MILL_CHANGE_RENAME_MODEL;
    change->as.model.name = request->name;
    change->as.model.new_name = request->new_name;
    return MILL_OK;
}

enum mill_status mill_change_update_model(struct mill_call *call, struct mill_change *change,
                                          struct mill_error *err)
{
    const struct mill_update_model_request *request = call->request;
    (void)err;
    change->kind = MILL_CHANGE_UPDATE_MODEL;
    change->as.model.name = request->name;
    change->as.model.description = request->description;
    return MILL_OK;
}

enum mill_status mill_change_delete_model(struct mill_call *call, struct mill_change *change,
                                          struct mill_error *err)
{
    const struct mill_model_name_request *request = call->request;
    (void)err;
    change->kind = MILL_CHANGE_DELETE_MODEL;
    change->as.model.name = request->name;
    return MILL_OK;
}

void mill_reply_model(struct mill_call *call, const struct mill_outcome *outcome)
{
    struct mill_model_response *response = call->response;
    response->registered_model = outcome->model;
}

enum mill_status mill_read_model(struct mill_call *call, struct mill_error *err)
{
    const struct mill_model_name_request *request = call->request;
    struct mill_model_response *response = call->response;
    struct mill_registered_model *found = mill_arena_zero(call->arena, 1, sizeof(*found));
    if (found == NULL)
        return mill_no_memory(err);
    response->registered_model = found;
    return mill_store_get_model(call->store, request->name, call->arena, found, err);
}

enum mill_status mill_read_search_models(struct mill_call *call, struct mill_error *err)
{
    const struct mill_search_models_request *request = call->request;
    struct mill_search_models_response *response = call->response;
    struct mill_model_page page = {0};
    struct mill_plan plan;
    struct mill_model_search search = {.plan = &plan, .limit = request->max_results};
    enum mill_status st =
        mill_token_decode(request->page_token, call->arena, &search.offset, err);
    if (st == MILL_OK)
        st = mill_query_parse(MILL_QUERY_MODELS, request->filter, request->order_by,
                              request->order_by_count, call->arena, &plan, err);
    if (st == MILL_OK)
        st = mill_store_search_models(call->store, &search, call->arena, &page, err);
    if (st != MILL_OK)
        return st;
    response->registered_models = page.models;
    response->registered_models_count = page.count;
    return mill_call_next_token(call, page.more, search.offset, page.count,
                                &response->next_page_token, err);
}

/* --- latest versions --- */

/* The stages that are asked for, as bits; all of them where none is named. */
static enum mill_status read_stages(const struct mill_latest_versions_request *request,
                                    unsigned *out, struct mill_error *err)
{
    unsigned stages = 0;
    for (size_t i = 0; i < request->stages_count; i++) {
        enum mill_stage stage = mill_stage_from_name(request->stages[i]);
        if (stage == 0)
            return mill_fail(err, MILL_E_INVALID,
                             "stages[%zu]: must be None, Staging, Production or Archived, got "
                             "'%.*s'",
                             i, MILL_FMT(mill_utf8_prefix(request->stages[i], 60)));
        stages |= 1u << stage;
    }
    *out = request->stages_count != 0 ? stages : ~0u;
    return MILL_OK;
}

enum mill_status mill_read_latest_versions(struct mill_call *call, struct mill_error *err)
{
    const struct mill_latest_versions_request *request = call->request;
    struct mill_model_versions_response *response = call->response;
    struct mill_registered_model model;
    unsigned stages = 0;
    enum mill_status st =
        mill_store_get_model(call->store, request->name, call->arena, &model, err);
    if (st == MILL_OK)
        st = read_stages(request, &stages, err);
    if (st != MILL_OK)
        return st;
    struct mill_model_version *wanted =
        mill_arena_zero(call->arena, model.latest_version_count, sizeof(*wanted));
    if (wanted == NULL)
        return mill_no_memory(err);
    response->model_versions = wanted;
    for (size_t i = 0; i < model.latest_version_count; i++)
        if ((stages >> model.latest_versions[i].current_stage & 1) != 0)
            wanted[response->model_versions_count++] = model.latest_versions[i];
    return MILL_OK;
}

/* --- tags and aliases --- */

enum mill_status mill_change_set_model_tag(struct mill_call *call, struct mill_change *change,
                                           struct mill_error *err)
{
    const struct mill_set_model_tag_request *request = call->request;
    (void)err;
    change->kind = MILL_CHANGE_SET_MODEL_TAG;
    change->as.model_tag.name = request->name;
    change->as.model_tag.key = request->key;
    change->as.model_tag.value = request->value;
    return MILL_OK;
}

enum mill_status mill_change_delete_model_tag(struct mill_call *call,
                                              struct mill_change *change,
                                              struct mill_error *err)
{
    const struct mill_delete_model_tag_request *request = call->request;
    (void)err;
    change->kind = MILL_CHANGE_DELETE_MODEL_TAG;
    change->as.model_tag.name = request->name;
    change->as.model_tag.key = request->key;
    return MILL_OK;
}

enum mill_status mill_change_set_model_alias(struct mill_call *call, struct mill_change *change,
                                             struct mill_error *err)
{
    const struct mill_set_model_alias_request *request = call->request;
    (void)err;
    change->kind = MILL_CHANGE_SET_MODEL_ALIAS;
    change->as.model_alias.name = request->name;
    change->as.model_alias.alias = request->alias;
    change->as.model_alias.version = request->version;
    return MILL_OK;
}

enum mill_status mill_change_delete_model_alias(struct mill_call *call,
                                                struct mill_change *change,
                                                struct mill_error *err)
{
    const struct mill_model_alias_request *request = call->request;
    (void)err;
    change->kind = MILL_CHANGE_DELETE_MODEL_ALIAS;
    change->as.model_alias.name = request->name;
    change->as.model_alias.alias = request->alias;
    return MILL_OK;
}

enum mill_status mill_read_model_version_by_alias(struct mill_call *call,
                                                  struct mill_error *err)
{
    const struct mill_model_alias_request *request = call->request;
    struct mill_model_version_response *response = call->response;
    struct mill_version_ref ref = {.name = request->name, .alias = request->alias};
    struct mill_model_version *found = mill_arena_zero(call->arena, 1, sizeof(*found));
    if (found == NULL)
        return mill_no_memory(err);
    response->model_version = found;
    return mill_store_get_model_version(call->store, &ref, call->arena, found, NULL, err);
}
