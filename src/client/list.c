/* list.c - the lists that a client hands out: made empty, freed whole. */
#include "base/alloc.h"
#include "client/client.h"

struct mill_experiment_result *mill_experiment_result_new(void)
{
    return mill_alloc_zero(1, sizeof(struct mill_experiment_result));
}

struct mill_run_result *mill_run_result_new(void)
{
    return mill_alloc_zero(1, sizeof(struct mill_run_result));
}

struct mill_point_result *mill_point_result_new(void)
{
    return mill_alloc_zero(1, sizeof(struct mill_point_result));
}

struct mill_file_result *mill_file_result_new(void)
{
    return mill_alloc_zero(1, sizeof(struct mill_file_result));
}

struct mill_model_result *mill_model_result_new(void)
{
    return mill_alloc_zero(1, sizeof(struct mill_model_result));
}

struct mill_version_result *mill_version_result_new(void)
{
    return mill_alloc_zero(1, sizeof(struct mill_version_result));
}

enum mill_status mill_list_models(struct mill_model_result *result,
                                  const struct mill_registered_model *first, size_t count,
                                  struct mill_error *err)
{
    const struct mill_registered_model **items =
        mill_arena_zero(&result->arena, count + 1, sizeof(*items));
    if (items == NULL)
        return mill_no_memory(err);
    for (size_t i = 0; i < count; i++)
        items[i] = &first[i];
    result->list.items = items;
    result->list.count = count;
    return MILL_OK;
}

enum mill_status mill_list_versions(struct mill_version_result *result,
                                    const struct mill_model_version *first, size_t count,
                                    struct mill_error *err)
{
    const struct mill_model_version **items =
        mill_arena_zero(&result->arena, count + 1, sizeof(*items));
    if (items == NULL)
        return mill_no_memory(err);
    for (size_t i = 0; i < count; i++)
        items[i] = &first[i];
    result->list.items = items;
    result->list.count = count;
    return MILL_OK;
}

/* Each list is the first member of its result. */

void mill_experiment_list_free(struct mill_experiment_list *list)
{
    struct mill_experiment_result *result = (struct mill_experiment_result *)list;
    if (result == NULL)
        return;
    mill_arena_release(&result->arena);
    mill_free(result);
}

void mill_run_list_free(struct mill_run_list *list)
{
    struct mill_run_result *result = (struct mill_run_result *)list;
    while (result != NULL) {
        struct mill_run_result *more = result->more;
        mill_run_page_release(&result->page);
        mill_arena_release(&result->arena);
        mill_free(result);
        result = more;
    }
}

void mill_point_list_free(struct mill_point_list *list)
{
    struct mill_point_result *result = (struct mill_point_result *)list;
    if (result == NULL)
        return;
    mill_buf_release(&result->points);
    mill_free(result);
}

void mill_file_list_free(struct mill_file_list *list)
{
    struct mill_file_result *result = (struct mill_file_result *)list;
    if (result == NULL)
        return;
    mill_arena_release(&result->arena);
    mill_free(result);
}

void mill_model_list_free(struct mill_model_list *list)
{
    struct mill_model_result *result = (struct mill_model_result *)list;
    if (result == NULL)
        return;
    mill_arena_release(&result->arena);
    mill_free(result);
}

void mill_version_list_free(struct mill_version_list *list)
{
    struct mill_version_result *result = (struct mill_version_result *)list;
    if (result == NULL)
        return;
    mill_held_release(&result->held);
    mill_arena_release(&result->arena);
    mill_free(result);
}
