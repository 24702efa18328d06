/* model_row.h - registered models and their versions as the stores keep them in memory: each
 * one immutable block with everything in it, as runs are (row.h).
 *
 * A change never edits a row, it makes a new one; whoever holds a reference may read without a
 * lock. */
#ifndef MILL_STORE_MODEL_ROW_H
#define MILL_STORE_MODEL_ROW_H

#include <millstream/types.h>

#include "base/arena.h"

struct mill_version_row {
    unsigned refs; /* atomic */
    struct mill_view storage_location;
    struct mill_model_version version;
};

struct mill_model_row {
    unsigned refs;                      /* atomic */
    struct mill_registered_model model; /* without latest_versions */
};

/* Deep copies with one reference, tags and aliases sorted; NULL when out of memory. */
struct mill_version_row *mill_version_row_new(const struct mill_model_version *version,
                                              struct mill_view storage_location);
struct mill_model_row *mill_model_row_new(const struct mill_registered_model *model);

/* One more and one reference less; the last one frees. unref accepts NULL. Any thread. */
struct mill_version_row *mill_version_row_ref(struct mill_version_row *row);
void mill_version_row_unref(struct mill_version_row *row);
struct mill_model_row *mill_model_row_ref(struct mill_model_row *row);
void mill_model_row_unref(struct mill_model_row *row);

/* Deep copies in arena, the model's with its latest versions; false when out of memory. */
bool mill_version_copy(struct mill_arena *arena, const struct mill_model_version *from,
                       struct mill_model_version *to);
bool mill_model_copy(struct mill_arena *arena, const struct mill_registered_model *from,
                     struct mill_registered_model *to);

/* The tag of that key among sorted ones, or NULL: a binary search. */
const struct mill_tag *mill_sorted_tag(const struct mill_tag *tags, size_t count,
                                       struct mill_view key);

#endif
