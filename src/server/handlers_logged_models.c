/* handlers_logged_models.c - models that runs store: create, finalize, tags, params, search. */
#include "base/alloc.h"
#include "base/clock.h"
#include "base/view.h"
#include "model/limits.h"
#include "server/handlers.h"
#include "wire/messages.h"
#include "wire/token.h"

/* What a request that asks for 0 models gets. */
#define DEFAULT_RESULTS 100

enum mill_status mill_change_create_logged_model(struct mill_call *call,
                                                 struct mill_change *change,
                                                 struct mill_error *err)
{
    const struct mill_create_logged_model_request *request = call->request;
    char id[33];
    mill_timed_hex32(call->now_ms, id);
    change->kind = MILL_CHANGE_CREATE_LOGGED_MODEL;
    change->as.create_logged_model.model_id = mill_arena_printf(call->arena, "m-%s", id);
    change->as.create_logged_model.experiment_id = request->experiment_id;
    change->as.create_logged_model.name = request->name;
    change->as.create_logged_model.model_type = request->model_type;
    change->as.create_logged_model.source_run_id = request->source_run_id;
    change->as.create_logged_model.params = request->params;
    change->as.create_logged_model.param_count = request->params_count;
    change->as.create_logged_model.tags = request->tags;
    change->as.create_logged_model.tag_count = request->tags_count;
    return change->as.create_logged_model.model_id.ptr != NULL ? MILL_OK : mill_no_memory(err);
}

void mill_reply_logged_model(struct mill_call *call, const struct mill_outcome *outcome)
{
    struct mill_logged_model_response *response = call->response;
    response->model = outcome->logged_model;
}

enum mill_status mill_read_logged_model(struct mill_call *call, struct mill_error *err)
{
    const struct mill_get_logged_model_request *request = call->request;
    struct mill_logged_model_response *response = call->response;
    struct mill_logged_model *model = mill_arena_zero(call->arena, 1, sizeof(*model));
    if (model == NULL)
        return mill_no_memory(err);
    response->model = model;
    return mill_store_get_logged_model(call->store, call->path_params[0],
                                       request->allow_deleted, call->arena, model, err);
}

/* A body that names another model than the path is a mistake, perhaps a dangerous one. */
static enum mill_status check_same_model(struct mill_call *call, struct mill_view model_id,
                                         struct mill_error *err)
{
    if (mill_view_eq(call->path_params[0], model_id))
        return MILL_OK;
    return mill_fail(err, MILL_E_INVALID, "model_id: '%.*s' is not the model of the path",
                     MILL_FMT(mill_utf8_prefix(model_id, 60)));
}

enum mill_status mill_change_finalize_logged_model(struct mill_call *call,
                                                   struct mill_change *change,
                                                   struct mill_error *err)
{
    const struct mill_finalize_logged_model_request *request = call->request;
    change->kind = MILL_CHANGE_FINALIZE_LOGGED_MODEL;
    change->as.finalize_logged_model.model_id = call->path_params[0];
    change->as.finalize_logged_model.status = (enum mill_logged_model_status)request->status;
    return check_same_model(call, request->model_id, err);
}

enum mill_status mill_change_delete_logged_model(struct mill_call *call,
                                                 struct mill_change *change,
                                                 struct mill_error *err)
{
    (void)err;
    change->kind = MILL_CHANGE_DELETE_LOGGED_MODEL;
    change->as.logged_model.model_id = call->path_params[0];
    return MILL_OK;
}

enum mill_status mill_change_set_logged_model_tags(struct mill_call *call,
                                                   struct mill_change *change,
                                                   struct mill_error *err)
{
    const struct mill_set_logged_model_tags_request *request = call->request;
    (void)err;
    change->kind = MILL_CHANGE_TAG_LOGGED_MODEL;
    change->as.logged_model_tags.model_id = call->path_params[0];
    change->as.logged_model_tags.tags = request->tags;
    change->as.logged_model_tags.tag_count = request->tags_count;
    return MILL_OK;
}

enum mill_status mill_change_delete_logged_model_tag(struct mill_call *call,
                                                     struct mill_change *change,
                                                     struct mill_error *err)
{
    (void)err;
    change->kind = MILL_CHANGE_UNTAG_LOGGED_MODEL;
    change->as.logged_model_tag.model_id = call->path_params[0];
    change->as.logged_model_tag.key = call->path_params[1];
    return MILL_OK;
}

enum mill_status mill_change_log_model_params(struct mill_call *call,
                                              struct mill_change *change,
                                              struct mill_error *err)
{
    const struct mill_log_model_params_request *request = call->request;
    change->kind = MILL_CHANGE_LOG_MODEL_PARAMS;
    change->as.logged_model_params.model_id = call->path_params[0];
    change->as.logged_model_params.params = request->params;
    change->as.logged_model_params.param_count = request->params_count;
    return check_same_model(call, request->model_id, err);
}

/* --- search ------------------------------------------------------------------------------ */

/* FNV-1a, the same in every process: tokens outlive the server's. */
static void mix(uint64_t *hash, const void *bytes, size_t len)
{
    const unsigned char *byte = bytes;
    for (size_t i = 0; i < len; i++)
        *hash = (*hash ^ byte[i]) * 0x100000001b3U;
}

static void mix_text(uint64_t *hash, struct mill_view text)
{
    mix(hash, &text.len, sizeof(text.len));
    mix(hash, text.ptr, text.len);
}

/* A number for the parts of a search that the next page has to repeat. */
static uint64_t fingerprint(const struct mill_search_logged_models_request *request)
{
    uint64_t hash = 0xcbf29ce484222325U;
    mix(&hash, request->experiment_ids,
        request->experiment_ids_count * sizeof(*request->experiment_ids));
    mix_text(&hash, request->filter);
    for (size_t i = 0; i < request->order_by_count; i++) {
        const struct mill_logged_model_order *item = &request->order_by[i];
        mix_text(&hash, item->field_name);
        mix_text(&hash, item->dataset_name);
        mix_text(&hash, item->dataset_digest);
        mix(&hash, &item->ascending, sizeof(item->ascending));
    }
    return hash;
}

static enum mill_status read_order(struct mill_call *call, struct mill_plan *plan,
                                   struct mill_error *err)
{
    const struct mill_search_logged_models_request *request = call->request;
    size_t count = request->order_by_count;
    struct mill_order_item *items = mill_arena_zero(call->arena, count, sizeof(*items));
    if (items == NULL)
        return mill_no_memory(err);
    for (size_t i = 0; i < count; i++)
        items[i] = (struct mill_order_item){
            request->order_by[i].field_name, request->order_by[i].ascending,
            request->order_by[i].dataset_name, request->order_by[i].dataset_digest};
    return mill_query_order_logged_models(items, count, call->arena, plan, err);
}

static enum mill_status read_datasets(struct mill_call *call,
                                      struct mill_logged_model_search *search,
                                      struct mill_error *err)
{
    const struct mill_search_logged_models_request *request = call->request;
    size_t count = request->datasets_count;
    struct mill_dataset_filter *filters = mill_arena_zero(call->arena, count, sizeof(*filters));
    if (filters == NULL)
        return mill_no_memory(err);
    for (size_t i = 0; i < count; i++) {
        if (request->datasets[i].dataset_name.len == 0)
            return mill_fail(err, MILL_E_INVALID,
                             "datasets[%zu].dataset_name: missing; name the dataset", i);
        filters[i] = (struct mill_dataset_filter){request->datasets[i].dataset_name,
                                                  request->datasets[i].dataset_digest};
    }
    search->datasets = filters;
    search->dataset_count = count;
    return MILL_OK;
}

static enum mill_status read_search(struct mill_call *call, struct mill_plan *plan,
                                    struct mill_logged_model_search *search,
                                    struct mill_error *err)
{
    const struct mill_search_logged_models_request *request = call->request;
    int64_t limit = request->max_results != 0 ? request->max_results : DEFAULT_RESULTS;
    if (limit < 1 || limit > MILL_MAX_SEARCH_RESULTS)
        return mill_fail(err, MILL_E_INVALID, "max_results: must be 1 to %d, got %lld",
                         MILL_MAX_SEARCH_RESULTS, (long long)limit);
    enum mill_status st = mill_token_decode_for(request->page_token, fingerprint(request),
                                                call->arena, &search->offset, err);
    if (st == MILL_OK)
        st = mill_query_parse(MILL_QUERY_LOGGED_MODELS, request->filter, NULL, 0, call->arena,
                              plan, err);
    if (st == MILL_OK)
        st = read_order(call, plan, err);
    if (st == MILL_OK)
        st = read_datasets(call, search, err);
    search->experiment_ids = request->experiment_ids;
    search->experiment_count = request->experiment_ids_count;
    search->plan = plan;
    search->limit = limit;
    return st;
}

enum mill_status mill_read_search_logged_models(struct mill_call *call, struct mill_error *err)
{
    struct mill_search_logged_models_response *response = call->response;
    struct mill_logged_model_search search = {0};
    struct mill_logged_model_page page = {0};
    struct mill_plan plan;
    enum mill_status st = read_search(call, &plan, &search, err);
    if (st == MILL_OK)
        st = mill_store_search_logged_models(call->store, &search, call->arena, &page, err);
    if (st != MILL_OK)
        return st;
    response->models = page.models;
    response->models_count = page.count;
    if (!page.more)
        return MILL_OK;
    response->next_page_token = mill_token_encode_for(search.offset + (int64_t)page.count,
                                                      fingerprint(call->request), call->arena);
    return response->next_page_token.ptr != NULL ? MILL_OK : mill_no_memory(err);
}
