/* handlers_model_versions.c - versions of registered models. */
#include "base/alloc.h"
#include "base/view.h"
#include "server/handlers.h"
#include "store/model_source.h"
#include "wire/messages.h"
#include "wire/token.h"

enum mill_status mill_change_create_model_version(struct mill_call *call,
                                                  struct mill_change *change,
                                                  struct mill_error *err)
{
    const struct mill_create_model_version_request *request = call->request;
    change->kind = MILL_CHANGE_CREATE_MODEL_VERSION;
    change->as.model_version.name = request->name;
    change->as.model_version.source = request->source;
    change->as.model_version.artifact_root = call->config->default_artifact_root;
    change->as.model_version.run_id = request->run_id;
    change->as.model_version.model_id = request->model_id;
    change->as.model_version.run_link = request->run_link;
    change->as.model_version.description = request->description;
    change->as.model_version.tags = request->tags;
    change->as.model_version.tag_count = request->tags_count;
    return mill_store_resolve_source(call->store, change, call->arena, err);
}

enum mill_status mill_change_update_model_version(struct mill_call *call,
                                                  struct mill_change *change,
                                                  struct mill_error *err)
{
    const struct mill_update_model_version_request *request = call->request;
    (void)err;
    change->kind = MILL_CHANGE_UPDATE_MODEL_VERSION;
    change->as.model_version.name = request->name;
    change->as.model_version.version = request->version;
    change->as.model_version.description = request->description;
    return MILL_OK;
}

enum mill_status mill_change_stage_model_version(struct mill_call *call,
                                                 struct mill_change *change,
                                                 struct mill_error *err)
{
    const struct mill_stage_model_version_request *request = call->request;
    (void)err;
    change->kind = MILL_CHANGE_STAGE_MODEL_VERSION;
    change->as.model_version.name = request->name;
    change->as.model_version.version = request->version;
    change->as.model_version.stage = mill_stage_from_name(request->stage);
    change->as.model_version.archive_existing = request->archive_existing_versions;
    return MILL_OK;
}

enum mill_status mill_change_delete_model_version(struct mill_call *call,
                                                  struct mill_change *change,
                                                  struct mill_error *err)
{
    const struct mill_model_version_request *request = call->request;
    (void)err;
    change->kind = MILL_CHANGE_DELETE_MODEL_VERSION;
    change->as.model_version.name = request->name;
    change->as.model_version.version = request->version;
    return MILL_OK;
}

void mill_reply_model_version(struct mill_call *call, const struct mill_outcome *outcome)
{
    struct mill_model_version_response *response = call->response;
    response->model_version = outcome->model_version;
}

enum mill_status mill_read_model_version(struct mill_call *call, struct mill_error *err)
{
    const struct mill_model_version_request *request = call->request;
    struct mill_model_version_response *response = call->response;
    struct mill_version_ref ref = {.name = request->name, .version = request->version};
    struct mill_model_version *found = mill_arena_zero(call->arena, 1, sizeof(*found));
    if (found == NULL)
        return mill_no_memory(err);
    response->model_version = found;
    return mill_store_get_model_version(call->store, &ref, call->arena, found, NULL, err);
}

enum mill_status mill_read_download_uri(struct mill_call *call, struct mill_error *err)
{
    const struct mill_model_version_request *request = call->request;
    struct mill_download_uri_response *response = call->response;
    struct mill_version_ref ref = {.name = request->name, .version = request->version};
    struct mill_model_version found;
    return mill_store_get_model_version(call->store, &ref, call->arena, &found,
                                        &response->artifact_uri, err);
}

enum mill_status mill_read_search_model_versions(struct mill_call *call, struct mill_error *err)
{
    const struct mill_search_model_versions_request *request = call->request;
    struct mill_search_model_versions_response *response = call->response;
    struct mill_version_page page = {0};
    struct mill_plan plan;
    struct mill_model_search search = {.plan = &plan, .limit = request->max_results};
    enum mill_status st =
        mill_token_decode(request->page_token, call->arena, &search.offset, err);
    if (st == MILL_OK)
        st = mill_query_parse(MILL_QUERY_MODEL_VERSIONS, request->filter, request->order_by,
                              request->order_by_count, call->arena, &plan, err);
    if (st == MILL_OK)
        st = mill_store_search_model_versions(call->store, &search, &page, err);
    if (st != MILL_OK)
        return st;
    call->held = page.held;
    st = mill_call_next_token(call, page.more, search.offset, page.count,
                              &response->next_page_token, err);
    if (st != MILL_OK)
        return st;
    if (page.count > MILL_ITEMS_AS_A_WHOLE)
        return mill_call_stream(call, "model_versions", &mill_model_version_message,
                                (const void *const *)page.versions, page.count,
                                response->next_page_token, err);
    response->model_versions = page.versions;
    response->model_versions_count = page.count;
    return MILL_OK;
}

/* --- tags --- */

enum mill_status mill_change_set_version_tag(struct mill_call *call, struct mill_change *change,
                                             struct mill_error *err)
{
    const struct mill_set_version_tag_request *request = call->request;
    (void)err;
    change->kind = MILL_CHANGE_SET_VERSION_TAG;
    change->as.model_tag.name = request->name;
    change->as.model_tag.version = request->version;
    change->as.model_tag.key = request->key;
    change->as.model_tag.value = request->value;
    return MILL_OK;
}

enum mill_status mill_change_delete_version_tag(struct mill_call *call,
                                                struct mill_change *change,
                                                struct mill_error *err)
{
    const struct mill_delete_version_tag_request *request = call->request;
    (void)err;
    change->kind = MILL_CHANGE_DELETE_VERSION_TAG;
    change->as.model_tag.name = request->name;
    change->as.model_tag.version = request->version;
    change->as.model_tag.key = request->key;
    return MILL_OK;
}
