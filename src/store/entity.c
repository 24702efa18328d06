/* entity.c - see entity.h. */
#include "store/entity.h"

#include <stdlib.h>

bool mill_lifecycle_in_view(enum mill_lifecycle lifecycle, enum mill_view_type view)
{
    switch (view) {
    case MILL_VIEW_ALL:
        return true;
    case MILL_VIEW_DELETED_ONLY:
        return lifecycle == MILL_DELETED;
    case MILL_VIEW_ACTIVE_ONLY:
        break;
    }
    return lifecycle == MILL_ACTIVE;
}

static int by_id(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

void mill_sort_ids(int64_t *ids, size_t count)
{
    qsort(ids, count, sizeof(*ids), by_id);
}

struct mill_view mill_uri_join(struct mill_arena *arena, struct mill_view base,
                               struct mill_view tail)
{
    size_t end = 0;
    while (end < base.len && base.ptr[end] != '?' && base.ptr[end] != '#')
        end++;
    struct mill_view rest = mill_view_from(base, end);
    while (end != 0 && base.ptr[end - 1] == '/')
        end--;
    return mill_arena_printf(arena, "%.*s/%.*s%.*s", (int)end, end != 0 ? base.ptr : "",
                             MILL_FMT(tail), MILL_FMT(rest));
}

struct mill_view mill_experiment_location(struct mill_arena *arena, struct mill_view wanted,
                                          struct mill_view root, int64_t experiment_id)
{
    if (!mill_view_empty(wanted))
        return wanted;
    struct mill_view id = mill_arena_printf(arena, "%lld", (long long)experiment_id);
    return id.ptr != NULL ? mill_uri_join(arena, root, id) : id;
}

struct mill_view mill_run_artifact_uri(struct mill_arena *arena, struct mill_view location,
                                       struct mill_view run_id)
{
    struct mill_view tail = mill_arena_printf(arena, "%.*s/artifacts", MILL_FMT(run_id));
    return tail.ptr != NULL ? mill_uri_join(arena, location, tail) : tail;
}

struct mill_view mill_json_list_append(struct mill_arena *arena, struct mill_view old,
                                       struct mill_view value)
{
    old = mill_view_trim(old);
    if (old.len < 2 || old.ptr[0] != '[' || old.ptr[old.len - 1] != ']')
        return mill_arena_printf(arena, "[%.*s]", MILL_FMT(value));
    struct mill_view items = mill_view_trim((struct mill_view){old.ptr + 1, old.len - 2});
    return mill_arena_printf(arena, items.len != 0 ? "[%.*s, %.*s]" : "[%.*s%.*s]",
                             MILL_FMT(items), MILL_FMT(value));
}

struct mill_tag *mill_tags_with(struct mill_arena *arena, const struct mill_tag *tags,
                                size_t *count, struct mill_tag tag)
{
    struct mill_tag *copy = mill_arena_zero(arena, *count + 1, sizeof(*copy));
    if (copy == NULL)
        return NULL;
    size_t n = 0;
    for (size_t i = 0; i < *count; i++)
        if (!mill_view_eq(tags[i].key, tag.key))
            copy[n++] = tags[i];
    if (tag.value.ptr != NULL)
        copy[n++] = tag;
    *count = n;
    return copy;
}
