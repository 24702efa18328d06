/* list.c - the lists that a client hands out: made empty, filled, handed out, freed whole. */
#include "base/alloc.h"
#include "client/client.h"

#define DEFINE_LIST(kind, item)                                                                \
    enum mill_status mill_list_##kind##s(struct mill_##kind##_result *result,                  \
                                         const struct item *first, size_t count,               \
                                         struct mill_error *err)                               \
    {                                                                                          \
        const struct item **items =                                                            \
            mill_arena_zero(&result->arena, count + 1, sizeof(*items));                        \
        if (items == NULL)                                                                     \
            return mill_no_memory(err);                                                        \
        for (size_t i = 0; i < count; i++)                                                     \
            items[i] = &first[i];                                                              \
        result->list.items = items;                                                            \
        result->list.count = count;                                                            \
        return MILL_OK;                                                                        \
    }
MILL_LISTS(DEFINE_LIST)

#define DEFINE_BEGIN_AND_GIVE(kind, item)                                                      \
    enum mill_status mill_begin_##kind##s(                                                     \
        const struct mill_client *client, struct mill_##kind##_list **list_out,                \
        struct mill_##kind##_result **out, struct mill_error *err)                             \
    {                                                                                          \
        enum mill_status st = mill_check_call(client, list_out, "list_out", err);              \
        if (st != MILL_OK)                                                                     \
            return st;                                                                         \
        *out = mill_alloc_zero(1, sizeof(**out));                                              \
        return *out != NULL ? MILL_OK : mill_no_memory(err);                                   \
    }                                                                                          \
                                                                                               \
    enum mill_status mill_give_##kind##s(enum mill_status st,                                  \
                                         struct mill_##kind##_result *result,                  \
                                         struct mill_##kind##_list **list_out)                 \
    {                                                                                          \
        if (st == MILL_OK)                                                                     \
            *list_out = &result->list;                                                         \
        else                                                                                   \
            mill_##kind##_list_free(&result->list);                                            \
        return st;                                                                             \
    }
MILL_LISTS(DEFINE_BEGIN_AND_GIVE)

/* Each list is the first member of its result. */

/* Of those whose result owns nothing but its arena. */
#define DEFINE_FREE(kind)                                                                      \
    void mill_##kind##_list_free(struct mill_##kind##_list *list)                              \
    {                                                                                          \
        struct mill_##kind##_result *result = (struct mill_##kind##_result *)list;             \
        if (result == NULL)                                                                    \
            return;                                                                            \
        mill_arena_release(&result->arena);                                                    \
        mill_free(result);                                                                     \
    }
DEFINE_FREE(experiment)
DEFINE_FREE(file)
DEFINE_FREE(model)
DEFINE_FREE(logged_model)
DEFINE_FREE(eval_dataset)
DEFINE_FREE(eval_record)

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

void mill_version_list_free(struct mill_version_list *list)
{
    struct mill_version_result *result = (struct mill_version_result *)list;
    if (result == NULL)
        return;
    mill_held_release(&result->held);
    mill_arena_release(&result->arena);
    mill_free(result);
}

void mill_prompt_list_free(struct mill_prompt_list *list)
{
    struct mill_prompt_result *result = (struct mill_prompt_result *)list;
    if (result == NULL)
        return;
    mill_model_list_free(result->models);
    mill_arena_release(&result->arena);
    mill_free(result);
}

void mill_prompt_version_list_free(struct mill_prompt_version_list *list)
{
    struct mill_prompt_version_result *result = (struct mill_prompt_version_result *)list;
    if (result == NULL)
        return;
    mill_version_list_free(result->versions);
    mill_arena_release(&result->arena);
    mill_free(result);
}
