/* row_shape.h - what neighbouring runs have in common: their experiment, their user, where
 * their artifacts are, and the keys of what they logged. Rows refer to it instead of having it
 * each. */
#ifndef MILL_STORE_ROW_SHAPE_H
#define MILL_STORE_ROW_SHAPE_H

#include <millstream/types.h>

/* Immutable; one block. */
struct mill_row_shape {
    unsigned refs; /* atomic */
    uint32_t bytes;
    uint64_t hash;
    int64_t experiment_id;
    struct mill_view user_id;
    /* Artifact URIs are this, the run's id and MILL_ROW_ARTIFACTS; absent: rows have theirs. */
    struct mill_view location;
    size_t metric_count, param_count, tag_count;
    const struct mill_view *metrics, *params, *tags; /* keys, ascending */
};

#define MILL_ROW_ARTIFACTS "/artifacts"

/* Shapes that were used lately, for all who make rows of a store. new gives NULL when out of
 * memory, free accepts NULL. */
struct mill_row_shapes;
struct mill_row_shapes *mill_row_shapes_new(void);
void mill_row_shapes_free(struct mill_row_shapes *shapes);

/* The shape of a run whose lists are sorted, as a reference; NULL when out of memory. likely is
 * tried first, or NULL; *made_out says whether nobody had one like it. Any thread. */
struct mill_row_shape *mill_row_shape(struct mill_row_shapes *shapes,
                                      struct mill_row_shape *likely, const struct mill_run *run,
                                      bool *made_out);

/* One more and one reference less; the last one frees. unref accepts NULL. Any thread. */
struct mill_row_shape *mill_row_shape_ref(struct mill_row_shape *shape);
void mill_row_shape_unref(struct mill_row_shape *shape);

/* The item of that key among items of a size that begin with their keys, ascending; NULL when
 * there is none. */
const void *mill_find_keyed(const void *items, size_t count, size_t size, struct mill_view key);

/* The place of a key in a list of a shape; false when it is not there. */
bool mill_row_shape_find(const struct mill_view *keys, size_t count, struct mill_view key,
                         size_t *index_out);

#endif
