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
