/* store_models.c - the model registry of a database, read for the public calls. */
#include "base/alloc.h"
#include "base/view.h"
#include "client/backend_store.h"

enum mill_status mill_store_backend_get_model(struct mill_backend *backend,
                                              struct mill_view name,
                                              struct mill_model_result *result,
                                              struct mill_error *err)
{
    struct mill_registered_model *found = mill_arena_zero(&result->arena, 1, sizeof(*found));
    if (found == NULL)
        return mill_no_memory(err);
    enum mill_status st = mill_store_get_model(mill_store_backend_store(backend), name,
                                               &result->arena, found, err);
    return st == MILL_OK ? mill_list_models(result, found, 1, err) : st;
}

/* What both searches have in common. */
static enum mill_status plan_search(const struct mill_model_query *query,
                                    enum mill_query_subject subject, struct mill_arena *arena,
                                    struct mill_plan *plan, struct mill_model_search *out,
                                    struct mill_error *err)
{
    *out = (struct mill_model_search){.plan = plan, .limit = query->max_results};
    enum mill_status st = mill_store_backend_read_token(query->page_token, &out->offset, err);
    if (st == MILL_OK)
        st = mill_query_parse(subject, query->filter, query->order_by, query->order_by_count,
                              arena, plan, err);
    return st;
}

enum mill_status mill_store_backend_search_models(struct mill_backend *backend,
                                                  const struct mill_model_query *query,
                                                  struct mill_model_result *result,
                                                  struct mill_error *err)
{
    struct mill_plan plan;
    struct mill_model_search search;
    struct mill_model_page page;
    enum mill_status st =
        plan_search(query, MILL_QUERY_MODELS, &result->arena, &plan, &search, err);
    if (st == MILL_OK)
        st = mill_store_search_models(mill_store_backend_store(backend), &search,
                                      &result->arena, &page, err);
    if (st == MILL_OK)
        st = mill_store_backend_write_token(page.more, search.offset, page.count,
                                            &result->arena, &result->list.next_page_token, err);
    return st == MILL_OK ? mill_list_models(result, page.models, page.count, err) : st;
}

enum mill_status mill_store_backend_get_version(struct mill_backend *backend,
                                                const struct mill_version_ref *ref,
                                                struct mill_version_result *result,
                                                struct mill_error *err)
{
    struct mill_model_version *found = mill_arena_zero(&result->arena, 1, sizeof(*found));
    if (found == NULL)
        return mill_no_memory(err);
    enum mill_status st = mill_store_get_model_version(mill_store_backend_store(backend), ref,
                                                       &result->arena, found, NULL, err);
    return st == MILL_OK ? mill_list_versions(result, found, 1, err) : st;
}

enum mill_status mill_store_backend_search_versions(struct mill_backend *backend,
                                                    const struct mill_model_query *query,
                                                    struct mill_version_result *result,
                                                    struct mill_error *err)
{
    struct mill_plan plan;
    struct mill_model_search search;
    struct mill_version_page page;
    enum mill_status st =
        plan_search(query, MILL_QUERY_MODEL_VERSIONS, &result->arena, &plan, &search, err);
    if (st == MILL_OK)
        st = mill_store_search_model_versions(mill_store_backend_store(backend), &search, &page,
                                              err);
    if (st != MILL_OK)
        return st;
    result->held = page.held;
    result->list.items = page.versions;
    result->list.count = page.count;
    return mill_store_backend_write_token(page.more, search.offset, page.count, &result->arena,
                                          &result->list.next_page_token, err);
}

enum mill_status mill_store_backend_version_uri(struct mill_backend *backend,
                                                struct mill_view name, int64_t version,
                                                struct mill_arena *arena, struct mill_view *out,
                                                struct mill_error *err)
{
    struct mill_version_ref ref = {.name = name, .version = version};
    struct mill_model_version found;
    return mill_store_get_model_version(mill_store_backend_store(backend), &ref, arena, &found,
                                        out, err);
}
