/* models.c - the calls of <millstream/models.h>. */
#include "base/view.h"
#include "client/client.h"
#include "model/limits.h"
#include "model/registry.h"

/* --- checks ---------------------------------------------------------------------------- */

static enum mill_status check_version(int64_t version, struct mill_error *err)
{
    if (version >= 1)
        return MILL_OK;
    return mill_fail(err, MILL_E_INVALID, "version is %lld; versions are 1 or more",
                     (long long)version);
}

/* Makes a change of one version. */
static enum mill_status apply_to_version(struct mill_client *client, struct mill_change *change,
                                         int64_t version, struct mill_error *err)
{
    enum mill_status st = mill_check_call(client, client, "client", err);
    if (st == MILL_OK)
        st = check_version(version, err);
    return st == MILL_OK ? mill_client_apply(client, change, NULL, err) : st;
}

static enum mill_status take_query(struct mill_model_query *q,
                                   const struct mill_model_query *query, int64_t usual,
                                   int64_t most, struct mill_error *err)
{
    enum mill_view_type all = MILL_VIEW_ALL;
    int64_t any = 1;
    enum mill_status st = mill_take_struct(
        q, sizeof(*q), MILL_FIRST(mill_model_query, page_token), query, "query", err);
    if (st != MILL_OK)
        return st;
    struct mill_query_parts parts = {
        &all, &any, q->filter, q->order_by, q->order_by_count, q->page_token};
    if (q->max_results == 0)
        q->max_results = usual;
    if (q->max_results < 1 || q->max_results > most)
        return mill_fail(err, MILL_E_INVALID, "max_results is %lld; it must be 1 to %lld",
                         (long long)q->max_results, (long long)most);
    return mill_check_query(&parts, err);
}

/* --- registered models ----------------------------------------------------------------- */

enum mill_status mill_client_create_model(struct mill_client *client, struct mill_view name,
                                          struct mill_view description,
                                          const struct mill_tag *tags, size_t tag_count,
                                          struct mill_error *err)
{
    struct mill_change change = {
        .kind = MILL_CHANGE_CREATE_MODEL,
        .as.model = {
            .name = name, .description = description, .tags = tags, .tag_count = tag_count}};
    enum mill_status st = mill_check_tags(tags, tag_count, err);
    return st == MILL_OK ? mill_client_apply(client, &change, NULL, err) : st;
}

enum mill_status mill_client_get_model(struct mill_client *client, struct mill_view name,
                                       struct mill_model_list **list_out,
                                       struct mill_error *err)
{
    struct mill_model_result *result = NULL;
    enum mill_status st = mill_model_name_check(name, err);
    if (st == MILL_OK)
        st = mill_begin_models(client, list_out, &result, err);
    if (st != MILL_OK)
        return st;
    st = client->backend->ops->get_model(client->backend, name, result, err);
    return mill_give_models(st, result, list_out);
}

enum mill_status mill_client_search_models(struct mill_client *client,
                                           const struct mill_model_query *query,
                                           struct mill_model_list **list_out,
                                           struct mill_error *err)
{
    struct mill_model_query q = {.size = sizeof(q)};
    struct mill_model_result *result = NULL;
    enum mill_status st = take_query(&q, query, 100, MILL_MAX_MODEL_SEARCH, err);
    if (st == MILL_OK)
        st = mill_begin_models(client, list_out, &result, err);
    if (st != MILL_OK)
        return st;
    st = client->backend->ops->search_models(client->backend, &q, result, err);
    return mill_give_models(st, result, list_out);
}

enum mill_status mill_client_rename_model(struct mill_client *client, struct mill_view name,
                                          struct mill_view new_name, struct mill_error *err)
{
    struct mill_change change = {.kind = MILL_CHANGE_RENAME_MODEL,
                                 .as.model = {.name = name, .new_name = new_name}};
    return mill_client_apply(client, &change, NULL, err);
}

enum mill_status mill_client_update_model(struct mill_client *client, struct mill_view name,
                                          struct mill_view description, struct mill_error *err)
{
    struct mill_change change = {.kind = MILL_CHANGE_UPDATE_MODEL,
                                 .as.model = {.name = name, .description = description}};
    return mill_client_apply(client, &change, NULL, err);
}

enum mill_status mill_client_delete_model(struct mill_client *client, struct mill_view name,
                                          struct mill_error *err)
{
    struct mill_change change = {.kind = MILL_CHANGE_DELETE_MODEL, .as.model = {.name = name}};
    return mill_client_apply(client, &change, NULL, err);
}

enum mill_status mill_client_set_model_tag(struct mill_client *client, struct mill_view name,
                                           struct mill_view key, struct mill_view value,
                                           struct mill_error *err)
{
    struct mill_change change = {.kind = MILL_CHANGE_SET_MODEL_TAG,
                                 .as.model_tag = {.name = name, .key = key, .value = value}};
    return mill_client_apply(client, &change, NULL, err);
}

enum mill_status mill_client_delete_model_tag(struct mill_client *client, struct mill_view name,
                                              struct mill_view key, struct mill_error *err)
{
    struct mill_change change = {.kind = MILL_CHANGE_DELETE_MODEL_TAG,
                                 .as.model_tag = {.name = name, .key = key}};
    return mill_client_apply(client, &change, NULL, err);
}

enum mill_status mill_client_set_model_alias(struct mill_client *client, struct mill_view name,
                                             struct mill_view alias, int64_t version,
                                             struct mill_error *err)
{
    struct mill_change change = {
        .kind = MILL_CHANGE_SET_MODEL_ALIAS,
        .as.model_alias = {.name = name, .alias = alias, .version = version}};
    return apply_to_version(client, &change, version, err);
}

enum mill_status mill_client_delete_model_alias(struct mill_client *client,
                                                struct mill_view name, struct mill_view alias,
                                                struct mill_error *err)
{
    struct mill_change change = {.kind = MILL_CHANGE_DELETE_MODEL_ALIAS,
                                 .as.model_alias = {.name = name, .alias = alias}};
    return mill_client_apply(client, &change, NULL, err);
}

/* --- versions -------------------------------------------------------------------------- */

enum mill_status mill_client_create_version(struct mill_client *client,
                                            const struct mill_new_version *version,
                                            int64_t *version_out, struct mill_error *err)
{
    struct mill_new_version v = {.size = sizeof(v)};
    struct mill_arena arena = {0};
    struct mill_outcome outcome = {.arena = &arena};
    enum mill_status st = mill_check_call(client, version_out, "version_out", err);
    if (st == MILL_OK && version == NULL)
        st = mill_fail(err, MILL_E_INVALID, "version is NULL");
    if (st == MILL_OK)
        st = mill_take_struct(&v, sizeof(v), MILL_FIRST(mill_new_version, tag_count), version,
                              "version", err);
    if (st == MILL_OK)
        st = mill_check_tags(v.tags, v.tag_count, err);
    struct mill_change change = {.kind = MILL_CHANGE_CREATE_MODEL_VERSION,
                                 .as.model_version = {.name = v.name,
                                                      .source = v.source,
                                                      .run_id = v.run_id,
                                                      .model_id = v.model_id,
                                                      .run_link = v.run_link,
                                                      .description = v.description,
                                                      .tags = v.tags,
                                                      .tag_count = v.tag_count}};
    if (st == MILL_OK)
        st = mill_client_apply(client, &change, &outcome, err);
    if (st == MILL_OK)
        *version_out = outcome.model_version->version;
    mill_arena_release(&arena);
    return st;
}

static enum mill_status get_version(struct mill_client *client,
                                    const struct mill_version_ref *ref,
                                    struct mill_version_list **list_out, struct mill_error *err)
{
    struct mill_version_result *result = NULL;
    enum mill_status st = mill_begin_versions(client, list_out, &result, err);
    if (st != MILL_OK)
        return st;
    st = client->backend->ops->get_version(client->backend, ref, result, err);
    return mill_give_versions(st, result, list_out);
}

enum mill_status mill_client_get_version(struct mill_client *client, struct mill_view name,
                                         int64_t version, struct mill_version_list **list_out,
                                         struct mill_error *err)
{
    struct mill_version_ref ref = {.name = name, .version = version};
    enum mill_status st = mill_model_name_check(name, err);
    if (st == MILL_OK)
        st = check_version(version, err);
    return st == MILL_OK ? get_version(client, &ref, list_out, err) : st;
}

enum mill_status mill_client_get_version_by_alias(struct mill_client *client,
                                                  struct mill_view name, struct mill_view alias,
                                                  struct mill_version_list **list_out,
                                                  struct mill_error *err)
{
    struct mill_version_ref ref = {.name = name, .alias = alias};
    enum mill_status st = mill_model_name_check(name, err);
    if (st == MILL_OK)
        st = mill_alias_check(alias, err);
    return st == MILL_OK ? get_version(client, &ref, list_out, err) : st;
}

enum mill_status mill_client_search_versions(struct mill_client *client,
                                             const struct mill_model_query *query,
                                             struct mill_version_list **list_out,
                                             struct mill_error *err)
{
    struct mill_model_query q = {.size = sizeof(q)};
    struct mill_version_result *result = NULL;
    enum mill_status st = take_query(&q, query, 1000, MILL_MAX_VERSION_SEARCH, err);
    if (st == MILL_OK)
        st = mill_begin_versions(client, list_out, &result, err);
    if (st != MILL_OK)
        return st;
    st = client->backend->ops->search_versions(client->backend, &q, result, err);
    return mill_give_versions(st, result, list_out);
}

enum mill_status mill_client_version_uri(struct mill_client *client, struct mill_view name,
                                         int64_t version, char *buffer, size_t size,
                                         size_t *length_out, struct mill_error *err)
{
    struct mill_arena arena = {0};
    struct mill_view uri;
    enum mill_status st = mill_check_call(client, length_out, "length_out", err);
    if (st == MILL_OK)
        st = mill_check_buffer(buffer, size, err);
    if (st == MILL_OK)
        st = mill_model_name_check(name, err);
    if (st == MILL_OK)
        st = check_version(version, err);
    if (st == MILL_OK)
        st = client->backend->ops->version_uri(client->backend, name, version, &arena, &uri,
                                               err);
    if (st == MILL_OK)
        mill_give_text(uri, buffer, size, length_out);
    mill_arena_release(&arena);
    return st;
}

enum mill_status mill_client_update_version(struct mill_client *client, struct mill_view name,
                                            int64_t version, struct mill_view description,
                                            struct mill_error *err)
{
    struct mill_change change = {
        .kind = MILL_CHANGE_UPDATE_MODEL_VERSION,
        .as.model_version = {.name = name, .version = version, .description = description}};
    return apply_to_version(client, &change, version, err);
}

enum mill_status mill_client_set_version_stage(struct mill_client *client,
                                               struct mill_view name, int64_t version,
                                               enum mill_stage stage, bool archive_existing,
                                               struct mill_error *err)
{
    struct mill_change change = {.kind = MILL_CHANGE_STAGE_MODEL_VERSION,
                                 .as.model_version = {.name = name,
                                                      .version = version,
                                                      .stage = stage,
                                                      .archive_existing = archive_existing}};
    return apply_to_version(client, &change, version, err);
}

enum mill_status mill_client_delete_version(struct mill_client *client, struct mill_view name,
                                            int64_t version, struct mill_error *err)
{
    struct mill_change change = {.kind = MILL_CHANGE_DELETE_MODEL_VERSION,
                                 .as.model_version = {.name = name, .version = version}};
    return apply_to_version(client, &change, version, err);
}

enum mill_status mill_client_set_version_tag(struct mill_client *client, struct mill_view name,
                                             int64_t version, struct mill_view key,
                                             struct mill_view value, struct mill_error *err)
{
    struct mill_change change = {
        .kind = MILL_CHANGE_SET_VERSION_TAG,
        .as.model_tag = {.name = name, .version = version, .key = key, .value = value}};
    return apply_to_version(client, &change, version, err);
}

enum mill_status mill_client_delete_version_tag(struct mill_client *client,
                                                struct mill_view name, int64_t version,
                                                struct mill_view key, struct mill_error *err)
{
    struct mill_change change = {
        .kind = MILL_CHANGE_DELETE_VERSION_TAG,
        .as.model_tag = {.name = name, .version = version, .key = key}};
    return apply_to_version(client, &change, version, err);
}
