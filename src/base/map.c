/* map.c - open addressing with linear probing, at most two thirds full. */
#include "base/map.h"

#include "base/alloc.h"

static size_t home(const struct mill_map *map, uint64_t key)
{
    key ^= key >> 33;
    key *= 0xff51afd7ed558ccdu;
    key ^= key >> 33;
    return (size_t)key & (map->cap - 1);
}

/* Where the key is, or the free place where it belongs. */
static struct mill_map_item *place(const struct mill_map *map, uint64_t key)
{
    size_t i = home(map, key);
    while (map->items[i].used && map->items[i].key != key)
        i = (i + 1) & (map->cap - 1);
    return &map->items[i];
}

static bool grow(struct mill_map *map)
{
    struct mill_map larger = {.cap = map->cap != 0 ? map->cap * 2 : 64, .count = map->count};
    larger.items = mill_alloc_zero(larger.cap, sizeof(*larger.items));
    if (larger.items == NULL)
        return false;
    for (size_t i = 0; i < map->cap; i++)
        if (map->items[i].used)
            *place(&larger, map->items[i].key) = map->items[i];
    mill_free(map->items);
    *map = larger;
    return true;
}

bool mill_map_set(struct mill_map *map, uint64_t key, uint64_t value)
{
    if (map->count >= map->cap / 3 * 2 && !grow(map))
        return false;
    struct mill_map_item *item = place(map, key);
    map->count += item->used ? 0 : 1;
    *item = (struct mill_map_item){.key = key, .value = value, .used = true};
    return true;
}

bool mill_map_get(const struct mill_map *map, uint64_t key, uint64_t *out)
{
    if (map->cap == 0)
        return false;
    const struct mill_map_item *item = place(map, key);
    if (!item->used)
        return false;
    *out = item->value;
    return true;
}

void mill_map_release(struct mill_map *map)
{
    mill_free(map->items);
    *map = (struct mill_map){0};
}
