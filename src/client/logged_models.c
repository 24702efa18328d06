/* logged_models.c - the calls of <millstream/logged_models.h>. */
#include "base/clock.h"
#include "base/view.h"
#include "client/client.h"
#include "client/transfer.h"
#include "model/check.h"
#include "model/limits.h"

/* Params that one request carries, as many as the protocol's own client sends. */
#define PARAMS_AT_ONCE 100

static size_t at_once(size_t left)
{
    return left < PARAMS_AT_ONCE ? left : PARAMS_AT_ONCE;
}

/* --- params ---------------------------------------------------------------------------- */

static struct mill_change params_change(struct mill_view model_id,
                                        const struct mill_param *params, size_t count)
{
    return (struct mill_change){.kind = MILL_CHANGE_LOG_MODEL_PARAMS,
                                .as.logged_model_params = {.model_id = model_id,
                                                           .params = params,
                                                           .param_count = at_once(count)}};
}

/* Whether every part can be sent, before the first one is. */
static enum mill_status check_params(struct mill_view model_id, const struct mill_param *params,
                                     size_t count, struct mill_error *err)
{
    struct mill_arena arena = {0};
    enum mill_status st = mill_check_given("params", params, count, err);
    for (size_t sent = 0; st == MILL_OK && sent < count; sent += PARAMS_AT_ONCE) {
        struct mill_change part = params_change(model_id, params + sent, count - sent);
        st = mill_change_check(&part, &arena, err);
        mill_arena_release(&arena);
    }
    return st;
}

static enum mill_status send_params(struct mill_client *client, struct mill_view model_id,
                                    const struct mill_param *params, size_t count,
                                    struct mill_error *err)
{
    enum mill_status st = MILL_OK;
    for (size_t sent = 0; st == MILL_OK && sent < count; sent += PARAMS_AT_ONCE) {
        struct mill_change part = params_change(model_id, params + sent, count - sent);
        st = mill_client_apply(client, &part, NULL, err);
    }
    return st;
}

enum mill_status mill_client_log_logged_model_params(struct mill_client *client,
                                                     struct mill_view model_id,
                                                     const struct mill_param *params,
                                                     size_t param_count, struct mill_error *err)
{
    enum mill_status st = mill_check_call(client, client, "client", err);
    if (st == MILL_OK)
        st = mill_check_logged_model(model_id, err);
    if (st == MILL_OK)
        st = check_params(model_id, params, param_count, err);
    return st == MILL_OK ? send_params(client, model_id, params, param_count, err) : st;
}

/* --- making models --------------------------------------------------------------------- */

/* Takes over what a new model is to be like, and checks what mill_change_check does not. */
static enum mill_status take_new(struct mill_new_logged_model *m,
                                 const struct mill_new_logged_model *given,
                                 struct mill_error *err)
{
    enum mill_status st = mill_take_struct(
        m, sizeof(*m), MILL_FIRST(mill_new_logged_model, tag_count), given, "model", err);
    if (st == MILL_OK && given == NULL)
        st = mill_fail(err, MILL_E_INVALID, "model is NULL");
    if (st == MILL_OK)
        st = mill_check_given("tags", m->tags, m->tag_count, err);
    if (st == MILL_OK)
        st = check_params(MILL_VIEW("m-new"), m->params, m->param_count, err);
    return st;
}

/* Makes the model with its first params, then logs the others. */
static enum mill_status create(struct mill_client *client,
                               const struct mill_new_logged_model *m, struct mill_view model_id,
                               struct mill_logged_model_result *result, struct mill_error *err)
{
    size_t first = at_once(m->param_count);
    struct mill_outcome outcome = {.arena = &result->arena};
    struct mill_change change = {.kind = MILL_CHANGE_CREATE_LOGGED_MODEL,
                                 .as.create_logged_model = {.model_id = model_id,
                                                            .experiment_id = m->experiment_id,
                                                            .name = m->name,
                                                            .model_type = m->model_type,
                                                            .source_run_id = m->source_run_id,
                                                            .params = m->params,
                                                            .param_count = first,
                                                            .tags = m->tags,
                                                            .tag_count = m->tag_count}};
    enum mill_status st = mill_client_apply(client, &change, &outcome, err);
    if (st != MILL_OK || first == m->param_count)
        return st == MILL_OK ? mill_list_logged_models(result, outcome.logged_model, 1, err)
                             : st;
    struct mill_view made = outcome.logged_model->model_id;
    st = send_params(client, made, m->params + first, m->param_count - first, err);
    return st == MILL_OK
               ? client->backend->ops->get_logged_model(client->backend, made, result, err)
               : st;
}

enum mill_status mill_client_create_logged_model(struct mill_client *client,
                                                 const struct mill_new_logged_model *model,
                                                 struct mill_logged_model_list **list_out,
                                                 struct mill_error *err)
{
    char hex[33];
    struct mill_new_logged_model m = {.size = sizeof(m)};
    struct mill_logged_model_result *result = NULL;
    enum mill_status st = take_new(&m, model, err);
    if (st == MILL_OK)
        st = mill_begin_logged_models(client, list_out, &result, err);
    if (st != MILL_OK)
        return st;
    mill_timed_hex32(mill_now_ms(), hex);
    struct mill_view model_id = mill_arena_printf(&result->arena, "m-%s", hex);
    st = model_id.ptr != NULL ? create(client, &m, model_id, result, err) : mill_no_memory(err);
    return mill_give_logged_models(st, result, list_out);
}

/* --- reading --------------------------------------------------------------------------- */

enum mill_status mill_client_get_logged_model(struct mill_client *client,
                                              struct mill_view model_id,
                                              struct mill_logged_model_list **list_out,
                                              struct mill_error *err)
{
    struct mill_logged_model_result *result = NULL;
    enum mill_status st = mill_check_logged_model(model_id, err);
    if (st == MILL_OK)
        st = mill_begin_logged_models(client, list_out, &result, err);
    if (st != MILL_OK)
        return st;
    st = client->backend->ops->get_logged_model(client->backend, model_id, result, err);
    return mill_give_logged_models(st, result, list_out);
}

static enum mill_status check_item(const char *list, size_t index, const char *field,
                                   struct mill_view text, bool needed, struct mill_error *err)
{
    struct mill_place place = {list, index, field};
    return needed ? mill_check_required(place, text, MILL_MAX_FILTER_BYTES, err)
                  : mill_check_text(place, text, MILL_MAX_FILTER_BYTES, err);
}

static enum mill_status check_datasets(const struct mill_logged_model_query *q,
                                       struct mill_error *err)
{
    if (q->dataset_count > MILL_MAX_SEARCH_DATASETS)
        return mill_fail(err, MILL_E_INVALID, "datasets has %zu items; at most %d are allowed",
                         q->dataset_count, MILL_MAX_SEARCH_DATASETS);
    enum mill_status st = mill_check_given("datasets", q->datasets, q->dataset_count, err);
    for (size_t i = 0; st == MILL_OK && i < q->dataset_count; i++) {
        st = check_item("datasets", i, "name", q->datasets[i].name, true, err);
        if (st == MILL_OK)
            st = check_item("datasets", i, "digest", q->datasets[i].digest, false, err);
    }
    return st;
}

static enum mill_status check_order(const struct mill_logged_model_query *q,
                                    struct mill_error *err)
{
    if (q->order_by_count > MILL_MAX_ORDER_BY)
        return mill_fail(err, MILL_E_INVALID, "order_by has %zu items; at most %d are allowed",
                         q->order_by_count, MILL_MAX_ORDER_BY);
    enum mill_status st = mill_check_given("order_by", q->order_by, q->order_by_count, err);
    for (size_t i = 0; st == MILL_OK && i < q->order_by_count; i++) {
        const struct mill_model_order *item = &q->order_by[i];
        st = check_item("order_by", i, "field_name", item->field_name, true, err);
        if (st == MILL_OK)
            st = check_item("order_by", i, "dataset_name", item->dataset_name, false, err);
        if (st == MILL_OK)
            st = check_item("order_by", i, "dataset_digest", item->dataset_digest, false, err);
    }
    return st;
}

static enum mill_status take_query(struct mill_logged_model_query *q,
                                   const struct mill_logged_model_query *query,
                                   struct mill_error *err)
{
    enum mill_view_type all = MILL_VIEW_ALL;
    enum mill_status st = mill_take_struct(
        q, sizeof(*q), MILL_FIRST(mill_logged_model_query, page_token), query, "query", err);
    if (st == MILL_OK && query == NULL)
        st = mill_fail(err, MILL_E_INVALID, "query is NULL; it must name an experiment");
    if (st == MILL_OK)
        st = mill_check_experiments(q->experiment_ids, q->experiment_count, err);
    if (st != MILL_OK)
        return st;
    if (q->max_results == 0)
        q->max_results = 100;
    struct mill_query_parts parts = {.view_type = &all,
                                     .max_results = &q->max_results,
                                     .filter = q->filter,
                                     .page_token = q->page_token};
    st = mill_check_query(&parts, err);
    if (st == MILL_OK)
        st = check_datasets(q, err);
    return st == MILL_OK ? check_order(q, err) : st;
}

enum mill_status mill_client_search_logged_models(struct mill_client *client,
                                                  const struct mill_logged_model_query *query,
                                                  struct mill_logged_model_list **list_out,
                                                  struct mill_error *err)
{
    struct mill_logged_model_query q = {.size = sizeof(q)};
    struct mill_logged_model_result *result = NULL;
    enum mill_status st = take_query(&q, query, err);
    if (st == MILL_OK)
        st = mill_begin_logged_models(client, list_out, &result, err);
    if (st != MILL_OK)
        return st;
    st = client->backend->ops->search_logged_models(client->backend, &q, result, err);
    return mill_give_logged_models(st, result, list_out);
}

/* --- changing -------------------------------------------------------------------------- */

enum mill_status mill_client_finalize_logged_model(struct mill_client *client,
                                                   struct mill_view model_id,
                                                   enum mill_logged_model_status status,
                                                   struct mill_error *err)
{
    struct mill_change change = {
        .kind = MILL_CHANGE_FINALIZE_LOGGED_MODEL,
        .as.finalize_logged_model = {.model_id = model_id, .status = status}};
    return mill_client_apply(client, &change, NULL, err);
}

enum mill_status mill_client_delete_logged_model(struct mill_client *client,
                                                 struct mill_view model_id,
                                                 struct mill_error *err)
{
    struct mill_change change = {.kind = MILL_CHANGE_DELETE_LOGGED_MODEL,
                                 .as.logged_model = {.model_id = model_id}};
    return mill_client_apply(client, &change, NULL, err);
}

enum mill_status mill_client_set_logged_model_tags(struct mill_client *client,
                                                   struct mill_view model_id,
                                                   const struct mill_tag *tags,
                                                   size_t tag_count, struct mill_error *err)
{
    struct mill_change change = {
        .kind = MILL_CHANGE_TAG_LOGGED_MODEL,
        .as.logged_model_tags = {.model_id = model_id, .tags = tags, .tag_count = tag_count}};
    enum mill_status st = mill_check_given("tags", tags, tag_count, err);
    return st == MILL_OK ? mill_client_apply(client, &change, NULL, err) : st;
}

enum mill_status mill_client_delete_logged_model_tag(struct mill_client *client,
                                                     struct mill_view model_id,
                                                     struct mill_view key,
                                                     struct mill_error *err)
{
    struct mill_change change = {.kind = MILL_CHANGE_UNTAG_LOGGED_MODEL,
                                 .as.logged_model_tag = {.model_id = model_id, .key = key}};
    return mill_client_apply(client, &change, NULL, err);
}

/* --- files ----------------------------------------------------------------------------- */

enum mill_status mill_client_list_logged_model_artifacts(struct mill_client *client,
                                                         struct mill_view model_id,
                                                         struct mill_view path,
                                                         struct mill_file_list **list_out,
                                                         struct mill_error *err)
{
    struct mill_file_owner owner = {MILL_FILES_OF_MODEL, model_id};
    return mill_list_files_of(client, &owner, path, list_out, err);
}

enum mill_status mill_client_log_logged_model_artifact(
    struct mill_client *client, struct mill_view model_id, struct mill_view local_path,
    struct mill_view directory, const struct mill_transfer_options *options,
    struct mill_error *err)
{
    struct mill_file_owner owner = {MILL_FILES_OF_MODEL, model_id};
    return mill_upload_to(client, &owner, local_path, directory, options, err);
}

enum mill_status mill_client_log_logged_model_artifacts(
    struct mill_client *client, struct mill_view model_id, struct mill_view local_dir,
    struct mill_view directory, const struct mill_transfer_options *options,
    struct mill_error *err)
{
    struct mill_file_owner owner = {MILL_FILES_OF_MODEL, model_id};
    return mill_upload_content_to(client, &owner, local_dir, directory, options, err);
}

enum mill_status mill_client_download_logged_model_artifacts(
    struct mill_client *client, struct mill_view model_id, struct mill_view path,
    struct mill_view local_dir, const struct mill_transfer_options *options,
    struct mill_error *err)
{
    struct mill_file_owner owner = {MILL_FILES_OF_MODEL, model_id};
    return mill_download_from(client, &owner, path, local_dir, options, err);
}
