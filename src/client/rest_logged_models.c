/* rest_logged_models.c - the logged models of a tracking server: each change and each read is
 * one request, whose path has the model's id in it. */
#include "base/alloc.h"
#include "base/codec.h"
#include "base/view.h"
#include "client/backend_rest.h"
#include "wire/messages.h"

#define MODELS "/api/2.0/mlflow/logged-models"

/* MODELS/ID and what follows, with the id and a tag's key encoded. */
static void write_path(struct mill_buf *path, struct mill_view model_id, const char *below,
                       struct mill_view key)
{
    mill_buf_printf(path, "%s/", MODELS);
    mill_percent_encode(path, model_id, NULL);
    mill_buf_printf(path, "%s", below);
    if (key.ptr != NULL)
        mill_percent_encode(path, key, NULL);
    mill_buf_add(path, "", 1);
}

static enum mill_status nothing_in_it(struct mill_error *err)
{
    return mill_fail(err, MILL_E_INTERNAL, "the server's answer has no model in it");
}

/* --- changes --------------------------------------------------------------------------- */

/* The request of any of these changes. */
union request {
    struct mill_finalize_logged_model_request finalize;
    struct mill_set_logged_model_tags_request set_tags;
    struct mill_log_model_params_request log_params;
};

static struct mill_view fill_finalize(const struct mill_change *c, union request *r)
{
    r->finalize = (struct mill_finalize_logged_model_request){
        c->as.finalize_logged_model.model_id, (int)c->as.finalize_logged_model.status};
    return c->as.finalize_logged_model.model_id;
}

static struct mill_view fill_delete(const struct mill_change *c, union request *r)
{
    (void)r;
    return c->as.logged_model.model_id;
}

static struct mill_view fill_tags(const struct mill_change *c, union request *r)
{
    r->set_tags = (struct mill_set_logged_model_tags_request){
        c->as.logged_model_tags.tags, c->as.logged_model_tags.tag_count};
    return c->as.logged_model_tags.model_id;
}

static struct mill_view fill_untag(const struct mill_change *c, union request *r)
{
    (void)r;
    return c->as.logged_model_tag.model_id;
}

static struct mill_view fill_params(const struct mill_change *c, union request *r)
{
    r->log_params = (struct mill_log_model_params_request){
        c->as.logged_model_params.model_id, c->as.logged_model_params.params,
        c->as.logged_model_params.param_count};
    return c->as.logged_model_params.model_id;
}

/* One row for each kind of change of a model that is there. fill gives the model's id. What is
 * repeatable is as good twice as once: not a param, which is written once, nor a tag that a
 * second request finds gone. */
static const struct {
    enum mill_change_kind kind;
    const char *method, *below;
    const struct mill_message *request;
    struct mill_view (*fill)(const struct mill_change *change, union request *request);
    bool repeatable;
} rows[] = {
    {MILL_CHANGE_FINALIZE_LOGGED_MODEL, "PATCH", "",
     &mill_finalize_logged_model_request_message, fill_finalize, true},
    {MILL_CHANGE_DELETE_LOGGED_MODEL, "DELETE", "", NULL, fill_delete, true},
    {MILL_CHANGE_TAG_LOGGED_MODEL, "PATCH", "/tags",
     &mill_set_logged_model_tags_request_message, fill_tags, true},
    {MILL_CHANGE_UNTAG_LOGGED_MODEL, "DELETE", "/tags/", NULL, fill_untag, false},
    {MILL_CHANGE_LOG_MODEL_PARAMS, "POST", "/params", &mill_log_model_params_request_message,
     fill_params, false},
};

/* Repeating it could make a second model. */
static enum mill_status create(struct mill_remote *remote, const struct mill_change *c,
                               struct mill_outcome *outcome, struct mill_error *err)
{
    struct mill_create_logged_model_request request = {
        .experiment_id = c->as.create_logged_model.experiment_id,
        .name = c->as.create_logged_model.name,
        .model_type = c->as.create_logged_model.model_type,
        .source_run_id = c->as.create_logged_model.source_run_id,
        .params = c->as.create_logged_model.params,
        .params_count = c->as.create_logged_model.param_count,
        .tags = c->as.create_logged_model.tags,
        .tags_count = c->as.create_logged_model.tag_count,
    };
    struct mill_logged_model_response answer;
    struct mill_rest_call call = {.method = "POST",
                                  .path = MODELS,
                                  .request = &mill_create_logged_model_request_message,
                                  .value = &request,
                                  .response = &mill_logged_model_response_message,
                                  .answer = &answer,
                                  .arena = outcome->arena};
    enum mill_status st = mill_rest_call(remote, &call, err);
    if (st == MILL_OK && answer.model == NULL)
        st = nothing_in_it(err);
    if (st == MILL_OK)
        outcome->logged_model = answer.model;
    return st;
}

enum mill_status mill_rest_apply_logged_model(struct mill_remote *remote,
                                              const struct mill_change *change,
                                              struct mill_outcome *outcome,
                                              struct mill_error *err)
{
    union request request;
    struct mill_buf path = {0};
    size_t i = 0;
    if (change->kind == MILL_CHANGE_CREATE_LOGGED_MODEL)
        return create(remote, change, outcome, err);
    while (i < MILL_COUNT(rows) && rows[i].kind != change->kind)
        i++;
    if (i == MILL_COUNT(rows))
        return mill_fail(err, MILL_E_INTERNAL, "change of unknown kind %d", (int)change->kind);
    struct mill_view key = {NULL, 0};
    if (change->kind == MILL_CHANGE_UNTAG_LOGGED_MODEL)
        key = change->as.logged_model_tag.key;
    write_path(&path, rows[i].fill(change, &request), rows[i].below, key);
    struct mill_rest_call call = {.method = rows[i].method,
                                  .path = path.ptr,
                                  .request = rows[i].request,
                                  .value = rows[i].request != NULL ? &request : NULL,
                                  .repeatable = rows[i].repeatable};
    enum mill_status st =
        path.failed ? mill_no_memory(err) : mill_rest_call(remote, &call, err);
    mill_buf_release(&path);
    return st;
}

/* --- reads ----------------------------------------------------------------------------- */

enum mill_status mill_rest_get_logged_model(struct mill_backend *backend,
                                            struct mill_view model_id,
                                            struct mill_logged_model_result *result,
                                            struct mill_error *err)
{
    struct mill_logged_model_response answer;
    struct mill_buf path = {0}, none = {0};
    write_path(&path, model_id, "", (struct mill_view){NULL, 0});
    enum mill_status st = path.failed ? mill_no_memory(err)
                                      : mill_rest_get(backend, path.ptr, &none,
                                                      &mill_logged_model_response_message,
                                                      &answer, &result->arena, err);
    mill_buf_release(&path);
    if (st == MILL_OK && answer.model == NULL)
        st = nothing_in_it(err);
    return st == MILL_OK ? mill_list_logged_models(result, answer.model, 1, err) : st;
}

/* Ordering and datasets of a search in the protocol's structs. */
static bool fill_search(const struct mill_logged_model_query *query, struct mill_arena *arena,
                        struct mill_search_logged_models_request *request)
{
    struct mill_logged_model_order *order =
        mill_arena_zero(arena, query->order_by_count + 1, sizeof(*order));
    struct mill_logged_model_dataset *datasets =
        mill_arena_zero(arena, query->dataset_count + 1, sizeof(*datasets));
    if (order == NULL || datasets == NULL)
        return false;
    for (size_t i = 0; i < query->order_by_count; i++)
        order[i] = (struct mill_logged_model_order){
            .field_name = query->order_by[i].field_name,
            .ascending = !query->order_by[i].descending,
            .dataset_name = query->order_by[i].dataset_name,
            .dataset_digest = query->order_by[i].dataset_digest};
    for (size_t i = 0; i < query->dataset_count; i++)
        datasets[i] =
            (struct mill_logged_model_dataset){.dataset_name = query->datasets[i].name,
                                               .dataset_digest = query->datasets[i].digest};
    request->order_by = order;
    request->order_by_count = query->order_by_count;
    request->datasets = datasets;
    request->datasets_count = query->dataset_count;
    return true;
}

enum mill_status mill_rest_search_logged_models(struct mill_backend *backend,
                                                const struct mill_logged_model_query *query,
                                                struct mill_logged_model_result *result,
                                                struct mill_error *err)
{
    struct mill_search_logged_models_request request = {
        .experiment_ids = query->experiment_ids,
        .experiment_ids_count = query->experiment_count,
        .filter = query->filter,
        .max_results = query->max_results,
        .page_token = query->page_token,
    };
    struct mill_search_logged_models_response answer = {0};
    struct mill_rest_call call = {.path = MODELS "/search",
                                  .request = &mill_search_logged_models_request_message,
                                  .value = &request,
                                  .response = &mill_search_logged_models_response_message,
                                  .answer = &answer,
                                  .arena = &result->arena};
    if (!fill_search(query, &result->arena, &request))
        return mill_no_memory(err);
    enum mill_status st =
        mill_rest_page(backend, &call, query->page_token, &answer.next_page_token,
                       &result->list.next_page_token, err);
    return st == MILL_OK
               ? mill_list_logged_models(result, answer.models, answer.models_count, err)
               : st;
}
