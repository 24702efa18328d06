/* row.h - a run as the stores keep it in memory: one immutable block with everything in it.
 *
 * A change never edits a row, it makes a new one; whoever holds a reference may read without
 * a lock. */
#ifndef MILL_STORE_ROW_H
#define MILL_STORE_ROW_H

#include <millstream/types.h>

struct mill_row_slab;

struct mill_row {
    unsigned refs;              /* atomic */
    size_t bytes;               /* of the whole row */
    struct mill_row_slab *slab; /* that it lies in, or NULL */
    int64_t id;                 /* the store's own number of the run */
    struct mill_run run;
};

/* A deep copy of run with one reference, lists sorted by key; NULL when out of memory.
 *
 * slab is NULL, or points to the slab of a maker of many rows, NULL at first: rows then lie in
 * pieces of memory that dozens of them share, which is quicker and smaller. A piece is given
 * back with the last of its rows. */
struct mill_row *mill_row_new(struct mill_row_slab **slab, int64_t id,
                              const struct mill_run *run);

/* Ends the making of rows in a slab. NULL is allowed. */
void mill_row_slab_done(struct mill_row_slab *slab);

/* One more and one reference less; the last one frees. unref accepts NULL. Any thread. */
struct mill_row *mill_row_ref(struct mill_row *row);
void mill_row_unref(struct mill_row *row);

/* The tag, param or metric of that key, or NULL: a binary search. */
const struct mill_tag *mill_run_tag(const struct mill_run *run, struct mill_view key);
const struct mill_param *mill_run_param(const struct mill_run *run, struct mill_view key);
const struct mill_metric *mill_run_metric(const struct mill_run *run, struct mill_view key);

#endif
