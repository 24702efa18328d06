/* rowset.h - the runs of one experiment in memory, with columns over the keys that searches
 * ask for. The memory store's truth and the database stores' cache.
 *
 * Not synchronised: whoever changes a set or makes columns excludes everybody else; searches
 * may share. */
#ifndef MILL_STORE_ROWSET_H
#define MILL_STORE_ROWSET_H

#include "query/plan.h"
#include "store/row.h"
#include "store/store.h"

/* A run's place in its set; it never moves to another index. */
struct mill_slot {
    struct mill_row *row; /* NULL until first loaded */
    int64_t id;
    int64_t start_time; /* of row, for scans that need no more */
    enum mill_lifecycle lifecycle;
    bool listed;      /* waits to be loaded anew */
    uint64_t touched; /* clock of the last change; see cache.c */
    uint64_t loaded;  /* clock at which row was read */
};

/* The values of one metric, param or tag of all slots, by slot index. */
struct mill_column {
    enum mill_query_entity entity;
    struct mill_view key;    /* owned */
    double *numbers;         /* metric: latest value, NaN when NaN or missing */
    bool *present;           /* metric */
    struct mill_view *texts; /* param, tag: into the rows; ptr NULL when missing */
};

struct mill_rowset {
    int64_t experiment_id;
    struct mill_slot *slots;
    size_t count, cap;
    struct mill_column *columns;
    size_t column_count;
    size_t bytes; /* rows and columns */
};

void mill_rowset_release(struct mill_rowset *set);

/* Adds an empty slot and gives its index; false when out of memory. */
bool mill_rowset_add(struct mill_rowset *set, int64_t id, size_t *index_out);

/* Puts a row into a slot in place of what was there; takes over the reference. */
void mill_rowset_put(struct mill_rowset *set, size_t index, struct mill_row *row);

/* Takes the row out of a slot, which searches pass over until a row is put there again. */
void mill_rowset_clear(struct mill_rowset *set, size_t index);

/* Makes the columns that a plan wants. Best effort: a search works without, only slower. */
void mill_rowset_prepare(struct mill_rowset *set, const struct mill_plan *plan);

/* Whether prepare has nothing to do. */
bool mill_rowset_prepared(const struct mill_rowset *set, const struct mill_plan *plan);

/* The column of a field, or NULL when there is none. */
const struct mill_column *mill_rowset_column(const struct mill_rowset *set,
                                             const struct mill_query_field *field);

/* Answers a search over the sets; see mill_store_search_runs for the order. */
enum mill_status mill_rowset_search(struct mill_rowset *const *sets, size_t set_count,
                                    const struct mill_run_search *search,
                                    struct mill_run_page *out, struct mill_error *err);

#endif
