/* select.c - see select.h. */
#include "store/select.h"

#include <stdlib.h>

#include "base/alloc.h"

/* A thing that was kept, with one value for each ordering. */
struct picked {
    int64_t id;
    const struct mill_value *keys;
};

static bool compares(struct mill_selector *s, const struct mill_comparison *compare)
{
    if (s->matches != NULL)
        return s->matches(s->context, compare);
    return mill_value_matches(compare, s->value(s->context, &compare->field));
}

static bool wanted(struct mill_selector *s, const struct mill_query_node *node)
{
    switch (node->kind) {
    case MILL_NODE_AND:
        return wanted(s, node->left) && wanted(s, node->right);
    case MILL_NODE_OR:
        return wanted(s, node->left) || wanted(s, node->right);
    case MILL_NODE_NOT:
        return !wanted(s, node->left);
    case MILL_NODE_COMPARE:
        break;
    }
    return compares(s, node->compare);
}

static size_t key_count(const struct mill_selector *s)
{
    return s->plan->order_count + s->tie_count;
}

static const struct mill_ordering *ordering(const struct mill_selector *s, size_t k)
{
    size_t own = s->plan->order_count;
    return k < own ? &s->plan->order[k] : &s->ties[k - own];
}

enum mill_status mill_select_look(struct mill_selector *s, int64_t id, struct mill_error *err)
{
    if (s->plan->filter != NULL && !wanted(s, s->plan->filter))
        return MILL_OK;
    struct mill_value *keys = mill_arena_zero(&s->arena, key_count(s), sizeof(*keys));
    if (keys == NULL)
        return mill_no_memory(err);
    for (size_t k = 0; k < key_count(s); k++) {
        keys[k] = s->value(s->context, &ordering(s, k)->field);
        if (keys[k].type != MILL_VALUE_IS_TEXT)
            continue;
        keys[k].text = mill_arena_copy(&s->arena, keys[k].text);
        if (keys[k].text.ptr == NULL)
            return mill_no_memory(err);
    }
    s->picked.size = sizeof(struct picked);
    struct picked *place = mill_list_add(&s->picked);
    if (place == NULL)
        return mill_no_memory(err);
    *place = (struct picked){id, keys};
    return MILL_OK;
}

static int by_keys(const void *left, const void *right, void *context)
{
    const struct mill_selector *s = context;
    const struct picked *a = left, *b = right;
    for (size_t k = 0; k < key_count(s); k++) {
        int order = mill_value_cmp(a->keys[k], b->keys[k], ordering(s, k)->descending);
        if (order != 0)
            return order;
    }
    return a->id < b->id ? -1 : a->id > b->id;
}

enum mill_status mill_select_page(struct mill_selector *s, int64_t offset, int64_t limit,
                                  const int64_t **ids_out, size_t *count_out, bool *more_out,
                                  struct mill_error *err)
{
    const struct picked *picked = (const struct picked *)(const void *)s->picked.items;
    size_t total = s->picked.count;
    size_t from = (uint64_t)offset < total ? (size_t)offset : total;
    size_t count = total - from < (uint64_t)limit ? total - from : (size_t)limit;
    int64_t *ids = mill_arena_zero(&s->arena, count, sizeof(*ids));
    if (ids == NULL)
        return mill_no_memory(err);
    if (total != 0)
        qsort_r(s->picked.items, total, sizeof(struct picked), by_keys, s);
    for (size_t i = 0; i < count; i++)
        ids[i] = picked[from + i].id;
    *ids_out = ids;
    *count_out = count;
    *more_out = from + count < total;
    return MILL_OK;
}

void mill_select_release(struct mill_selector *s)
{
    mill_arena_release(&s->arena);
    mill_free(s->picked.items);
    s->picked = (struct mill_list){0};
}
