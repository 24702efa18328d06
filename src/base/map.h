/* map.h - hash map from 64-bit keys to 64-bit values. Zeroed is empty. One thread at a time
 * for changes; finds may share. */
#ifndef MILL_BASE_MAP_H
#define MILL_BASE_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct mill_map_item {
    uint64_t key;
    uint64_t value;
    bool used;
};

struct mill_map {
    struct mill_map_item *items;
    size_t count;
    size_t cap; /* a power of two, or 0 */
};

/* Sets or replaces; false when out of memory, the map is then unchanged. */
bool mill_map_set(struct mill_map *map, uint64_t key, uint64_t value);

/* Puts the value into *out; false when the key is not there. */
bool mill_map_get(const struct mill_map *map, uint64_t key, uint64_t *out);

void mill_map_release(struct mill_map *map);

#endif
