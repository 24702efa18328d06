/* experiments.c - the calls of <millstream/experiments.h>. */
#include "base/view.h"
#include "client/client.h"
#include "model/limits.h"

/* --- writes ---------------------------------------------------------------------------- */

enum mill_status mill_client_create_experiment(struct mill_client *client,
                                               struct mill_view name,
                                               struct mill_view artifact_location,
                                               const struct mill_tag *tags, size_t tag_count,
                                               int64_t *id_out, struct mill_error *err)
{
    struct mill_change change = {
        .kind = MILL_CHANGE_CREATE_EXPERIMENT,
        .as.create_experiment = {.name = name,
                                 .artifact_location = artifact_location,
                                 .tags = tags,
                                 .tag_count = tag_count},
    };
    struct mill_arena arena = {0};
    struct mill_outcome outcome = {.arena = &arena};
    enum mill_status st = mill_check_call(client, id_out, "id_out", err);
    if (st == MILL_OK)
        st = mill_client_apply(client, &change, &outcome, err);
    if (st == MILL_OK)
        *id_out = outcome.experiment_id;
    mill_arena_release(&arena);
    return st;
}

enum mill_status mill_client_rename_experiment(struct mill_client *client,
                                               int64_t experiment_id, struct mill_view new_name,
                                               struct mill_error *err)
{
    struct mill_change change = {
        .kind = MILL_CHANGE_RENAME_EXPERIMENT,
        .as.rename = {.experiment_id = experiment_id, .new_name = new_name},
    };
    return mill_client_apply(client, &change, NULL, err);
}

enum mill_status mill_client_delete_experiment(struct mill_client *client,
                                               int64_t experiment_id, struct mill_error *err)
{
    struct mill_change change = {.kind = MILL_CHANGE_DELETE_EXPERIMENT,
                                 .as.experiment = {.experiment_id = experiment_id}};
    return mill_client_apply(client, &change, NULL, err);
}

enum mill_status mill_client_restore_experiment(struct mill_client *client,
                                                int64_t experiment_id, struct mill_error *err)
{
    struct mill_change change = {.kind = MILL_CHANGE_RESTORE_EXPERIMENT,
                                 .as.experiment = {.experiment_id = experiment_id}};
    return mill_client_apply(client, &change, NULL, err);
}

enum mill_status mill_client_set_experiment_tag(struct mill_client *client,
                                                int64_t experiment_id, struct mill_view key,
                                                struct mill_view value, struct mill_error *err)
{
    struct mill_change change = {
        .kind = MILL_CHANGE_SET_EXPERIMENT_TAG,
        .as.experiment_tag = {.experiment_id = experiment_id, .key = key, .value = value},
    };
    return mill_client_apply(client, &change, NULL, err);
}

enum mill_status mill_client_delete_experiment_tag(struct mill_client *client,
                                                   int64_t experiment_id, struct mill_view key,
                                                   struct mill_error *err)
{
    struct mill_change change = {
        .kind = MILL_CHANGE_DELETE_EXPERIMENT_TAG,
        .as.experiment_tag = {.experiment_id = experiment_id, .key = key},
    };
    return mill_client_apply(client, &change, NULL, err);
}

/* --- reads ----------------------------------------------------------------------------- */

enum mill_status mill_client_get_experiment(struct mill_client *client, int64_t experiment_id,
                                            struct mill_experiment_list **list_out,
                                            struct mill_error *err)
{
    struct mill_experiment_result *result = NULL;
    enum mill_status st = mill_check_experiment(experiment_id, err);
    if (st == MILL_OK)
        st = mill_begin_experiments(client, list_out, &result, err);
    if (st != MILL_OK)
        return st;
    st = client->backend->ops->get_experiment(client->backend, experiment_id, result, err);
    return mill_give_experiments(st, result, list_out);
}

enum mill_status mill_client_get_experiment_by_name(struct mill_client *client,
                                                    struct mill_view name,
                                                    struct mill_experiment_list **list_out,
                                                    struct mill_error *err)
{
    struct mill_experiment_result *result = NULL;
    enum mill_status st = mill_check_needed("name", name, MILL_MAX_EXPERIMENT_NAME, err);
    if (st == MILL_OK)
        st = mill_begin_experiments(client, list_out, &result, err);
    if (st != MILL_OK)
        return st;
    st = client->backend->ops->get_experiment_by_name(client->backend, name, result, err);
    return mill_give_experiments(st, result, list_out);
}

enum mill_status mill_client_search_experiments(struct mill_client *client,
                                                const struct mill_experiment_query *query,
                                                struct mill_experiment_list **list_out,
                                                struct mill_error *err)
{
    struct mill_experiment_query q = {.size = sizeof(q)};
    struct mill_experiment_result *result = NULL;
    enum mill_status st = mill_take_struct(
        &q, sizeof(q), MILL_FIRST(mill_experiment_query, page_token), query, "query", err);
    struct mill_query_parts parts = {&q.view_type, &q.max_results,   q.filter,
                                     q.order_by,   q.order_by_count, q.page_token};
    if (st == MILL_OK)
        st = mill_check_query(&parts, err);
    if (st == MILL_OK)
        st = mill_begin_experiments(client, list_out, &result, err);
    if (st != MILL_OK)
        return st;
    st = client->backend->ops->search_experiments(client->backend, &q, result, err);
    return mill_give_experiments(st, result, list_out);
}

/* Puts more items behind those that are there. Both lists lie in the result's arena. */
static bool extend(struct mill_experiment_list *all, const struct mill_experiment_list *more,
                   struct mill_arena *arena)
{
    const struct mill_experiment **items =
        mill_arena_zero(arena, all->count + more->count + 1, sizeof(*items));
    if (items == NULL)
        return false;
    for (size_t i = 0; i < all->count; i++)
        items[i] = all->items[i];
    for (size_t i = 0; i < more->count; i++)
        items[all->count + i] = more->items[i];
    all->items = items;
    all->count += more->count;
    return true;
}

enum mill_status mill_client_list_experiments(struct mill_client *client,
                                              enum mill_view_type view_type,
                                              struct mill_experiment_list **list_out,
                                              struct mill_error *err)
{
    struct mill_experiment_query query = {
        .size = sizeof(query), .view_type = view_type, .max_results = MILL_LIST_PAGE};
    struct mill_experiment_result *result = NULL;
    struct mill_experiment_list all = {0};
    int pages = 0;
    enum mill_status st = mill_check_view_type(&query.view_type, err);
    if (st == MILL_OK)
        st = mill_begin_experiments(client, list_out, &result, err);
    if (st != MILL_OK)
        return st;
    do { /* the pages share the arena of the result */
        result->list = (struct mill_experiment_list){0};
        st = client->backend->ops->search_experiments(client->backend, &query, result, err);
        query.page_token = result->list.next_page_token;
        if (st == MILL_OK)
            st = mill_count_page(&pages, err);
        if (st == MILL_OK && !extend(&all, &result->list, &result->arena))
            st = mill_no_memory(err);
    } while (st == MILL_OK && query.page_token.ptr != NULL);
    result->list = all;
    return mill_give_experiments(st, result, list_out);
}
