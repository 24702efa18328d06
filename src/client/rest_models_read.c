/* rest_models_read.c - the model registry of a tracking server, read for the public calls. */
#include "base/view.h"
#include "client/backend_rest.h"
#include "model/limits.h"
#include "remote/rest.h"
#include "wire/messages.h"

#define MODELS   "/api/2.0/mlflow/registered-models/"
#define VERSIONS "/api/2.0/mlflow/model-versions/"

static void add_number(struct mill_buf *query, const char *name, int64_t number)
{
    mill_buf_printf(query, "%s%s=%lld", query->len > 0 ? "&" : "", name, (long long)number);
}

/* The query of a search: both take the same. */
static void add_search(struct mill_buf *query, const struct mill_model_query *q)
{
    mill_rest_query(query, "filter", q->filter);
    add_number(query, "max_results", q->max_results);
    for (size_t i = 0; i < q->order_by_count; i++)
        mill_rest_query(query, "order_by", q->order_by[i]);
    mill_rest_query(query, "page_token", q->page_token);
}

static enum mill_status nothing_in_it(struct mill_error *err)
{
    return mill_fail(err, MILL_E_INTERNAL, "the server's answer has no model in it");
}

/* --- models ---------------------------------------------------------------------------- */

enum mill_status mill_rest_get_model(struct mill_backend *backend, struct mill_view name,
                                     struct mill_model_result *result, struct mill_error *err)
{
    struct mill_model_response answer;
    struct mill_buf query = {0};
    mill_rest_query(&query, "name", name);
    enum mill_status st =
        mill_rest_get(backend, MODELS "get", &query, &mill_model_response_message, &answer,
                      &result->arena, err);
    if (st == MILL_OK && answer.registered_model == NULL)
        st = nothing_in_it(err);
    return st == MILL_OK ? mill_list_models(result, answer.registered_model, 1, err) : st;
}

enum mill_status mill_rest_search_models(struct mill_backend *backend,
                                         const struct mill_model_query *query,
                                         struct mill_model_result *result,
                                         struct mill_error *err)
{
    struct mill_search_models_response answer;
    struct mill_buf text = {0};
    add_search(&text, query);
    enum mill_status st =
        mill_rest_get(backend, MODELS "search", &text, &mill_search_models_response_message,
                      &answer, &result->arena, err);
    if (st == MILL_OK)
        st = mill_rest_take_token(query->page_token, answer.next_page_token,
                                  &result->list.next_page_token, err);
    return st == MILL_OK ? mill_list_models(result, answer.registered_models,
                                            answer.registered_models_count, err)
                         : st;
}

/* --- versions -------------------------------------------------------------------------- */

enum mill_status mill_rest_get_version(struct mill_backend *backend,
                                       const struct mill_version_ref *ref,
                                       struct mill_version_result *result,
                                       struct mill_error *err)
{
    struct mill_model_version_response answer;
    struct mill_buf query = {0};
    bool by_alias = ref->alias.ptr != NULL;
    mill_rest_query(&query, "name", ref->name);
    mill_rest_query(&query, "alias", ref->alias);
    if (!by_alias)
        add_number(&query, "version", ref->version);
    enum mill_status st =
        mill_rest_get(backend, by_alias ? MODELS "alias" : VERSIONS "get", &query,
                      &mill_model_version_response_message, &answer, &result->arena, err);
    if (st == MILL_OK && answer.model_version == NULL)
        st = nothing_in_it(err);
    return st == MILL_OK ? mill_list_versions(result, answer.model_version, 1, err) : st;
}

/* A page of versions as it comes: one behind the other. (As it goes out, see messages.def, it
 * is a list of pointers.) */
struct version_page {
    const struct mill_model_version *versions;
    size_t version_count;
    struct mill_view next_page_token;
};

static const struct mill_field version_page_fields[] = {
    {.name = "model_versions",
     .name_len = sizeof("model_versions") - 1,
     .type = MILL_F_MESSAGE,
     .flags = MILL_FIELD_REPEATED,
     .offset = offsetof(struct version_page, versions),
     .count_offset = offsetof(struct version_page, version_count),
     .max_items = MILL_MAX_VERSION_SEARCH,
     .message = &mill_model_version_message},
    {.name = "next_page_token",
     .name_len = sizeof("next_page_token") - 1,
     .type = MILL_F_STRING,
     .offset = offsetof(struct version_page, next_page_token)},
};

static const struct mill_message version_page_message = {
    .name = "ModelVersionPage",
    .size = sizeof(struct version_page),
    .fields = version_page_fields,
    .field_count = MILL_COUNT(version_page_fields),
};

enum mill_status mill_rest_search_versions(struct mill_backend *backend,
                                           const struct mill_model_query *query,
                                           struct mill_version_result *result,
                                           struct mill_error *err)
{
    struct version_page answer;
    struct mill_buf text = {0};
    add_search(&text, query);
    enum mill_status st = mill_rest_get(backend, VERSIONS "search", &text,
                                        &version_page_message, &answer, &result->arena, err);
    if (st == MILL_OK)
        st = mill_rest_take_token(query->page_token, answer.next_page_token,
                                  &result->list.next_page_token, err);
    return st == MILL_OK
               ? mill_list_versions(result, answer.versions, answer.version_count, err)
               : st;
}

enum mill_status mill_rest_version_uri(struct mill_backend *backend, struct mill_view name,
                                       int64_t version, struct mill_arena *arena,
                                       struct mill_view *out, struct mill_error *err)
{
    struct mill_download_uri_response answer;
    struct mill_buf query = {0};
    mill_rest_query(&query, "name", name);
    add_number(&query, "version", version);
    enum mill_status st =
        mill_rest_get(backend, VERSIONS "get-download-uri", &query,
                      &mill_download_uri_response_message, &answer, arena, err);
    if (st == MILL_OK && answer.artifact_uri.ptr == NULL)
        st = nothing_in_it(err);
    if (st == MILL_OK)
        *out = answer.artifact_uri;
    return st;
}
