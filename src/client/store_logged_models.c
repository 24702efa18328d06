/* store_logged_models.c - the logged models of a database, read for the public calls. */
#include "base/alloc.h"
#include "base/view.h"
#include "client/backend_store.h"

enum mill_status mill_store_backend_get_logged_model(struct mill_backend *backend,
                                                     struct mill_view model_id,
                                                     struct mill_logged_model_result *result,
                                                     struct mill_error *err)
{
    struct mill_logged_model *found = mill_arena_zero(&result->arena, 1, sizeof(*found));
    if (found == NULL)
        return mill_no_memory(err);
    enum mill_status st = mill_store_get_logged_model(
        mill_store_backend_store(backend), model_id, false, &result->arena, found, err);
    return st == MILL_OK ? mill_list_logged_models(result, found, 1, err) : st;
}

static enum mill_status read_order(const struct mill_logged_model_query *query,
                                   struct mill_arena *arena, struct mill_plan *plan,
                                   struct mill_error *err)
{
    size_t count = query->order_by_count;
    struct mill_order_item *items = mill_arena_zero(arena, count + 1, sizeof(*items));
    if (items == NULL)
        return mill_no_memory(err);
    for (size_t i = 0; i < count; i++)
        items[i] = (struct mill_order_item){
            query->order_by[i].field_name, !query->order_by[i].descending,
            query->order_by[i].dataset_name, query->order_by[i].dataset_digest};
    return mill_query_order_logged_models(items, count, arena, plan, err);
}

enum mill_status mill_store_backend_search_logged_models(
    struct mill_backend *backend, const struct mill_logged_model_query *query,
    struct mill_logged_model_result *result, struct mill_error *err)
{
    struct mill_plan plan;
    struct mill_logged_model_page page = {0};
    struct mill_logged_model_search search = {.experiment_ids = query->experiment_ids,
                                              .experiment_count = query->experiment_count,
                                              .plan = &plan,
                                              .datasets = query->datasets,
                                              .dataset_count = query->dataset_count,
                                              .limit = query->max_results};
    enum mill_status st = mill_store_backend_read_token(query->page_token, &search.offset, err);
    if (st == MILL_OK)
        st = mill_query_parse(MILL_QUERY_LOGGED_MODELS, query->filter, NULL, 0, &result->arena,
                              &plan, err);
    if (st == MILL_OK)
        st = read_order(query, &result->arena, &plan, err);
    if (st == MILL_OK)
        st = mill_store_search_logged_models(mill_store_backend_store(backend), &search,
                                             &result->arena, &page, err);
    if (st == MILL_OK)
        st = mill_store_backend_write_token(page.more, search.offset, page.count,
                                            &result->arena, &result->list.next_page_token, err);
    return st == MILL_OK ? mill_list_logged_models(result, page.models, page.count, err) : st;
}
