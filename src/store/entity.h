/* entity.h - rules about experiments and runs that every store shares. */
#ifndef MILL_STORE_ENTITY_H
#define MILL_STORE_ENTITY_H

#include <stdint.h>

#include <millstream/types.h>

#include "base/arena.h"

/* Whether a search with that view type shows a thing of that lifecycle. */
bool mill_lifecycle_in_view(enum mill_lifecycle lifecycle, enum mill_view_type view);

/* Sorts ids, smallest first. */
void mill_sort_ids(int64_t *ids, size_t count);

/* base + "/" + tail, where a query or fragment of base stays at the end. ptr NULL when out
 * of memory. */
struct mill_view mill_uri_join(struct mill_arena *arena, struct mill_view base,
                               struct mill_view tail);

/* The artifact location of a new experiment: what was asked for, else root + "/" + id. */
struct mill_view mill_experiment_location(struct mill_arena *arena, struct mill_view wanted,
                                          struct mill_view root, int64_t experiment_id);

/* The artifact URI of a new run: location + "/" + run id + "/artifacts". */
struct mill_view mill_run_artifact_uri(struct mill_arena *arena, struct mill_view location,
                                       struct mill_view run_id);

/* tags with tag's key set to its value, or without that key when the value is absent; the new
 * list is in arena, NULL when out of memory. */
struct mill_tag *mill_tags_with(struct mill_arena *arena, const struct mill_tag *tags,
                                size_t *count, struct mill_tag tag);

/* The JSON list old (absent or not a list: empty) with one value appended. */
struct mill_view mill_json_list_append(struct mill_arena *arena, struct mill_view old,
                                       struct mill_view value);

#endif
