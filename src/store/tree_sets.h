/* tree_sets.h - what is remembered of the runs of a tree, for those who search it.
 *
 * A run is a dozen small files, and a search over many needs few of them: meta.yaml of all, the
 * metrics, params and tags that its filter and order name, and everything of those that are on
 * its page. So each run has two rows: one with what searches have asked for so far, and a full
 * one, read when it is handed out. Both stay in memory; before they are used the state of the
 * files that they were made of is compared with what it was.
 *
 * All of this belongs to whoever holds the lock of struct mill_tree_runs. */
#ifndef MILL_STORE_TREE_SETS_H
#define MILL_STORE_TREE_SETS_H

#include "store/tree.h"

#define MILL_TREE_MAX_KEYS 32 /* that first rows have; a client chooses them */

/* A run's folder; the rowset has a slot of the same index, with the first row. */
struct mill_tree_run_place {
    char *name;
    uint64_t listed; /* by which listing it was found last */
    struct mill_tree_seen seen;
    struct mill_row *full; /* NULL: not kept */
    struct mill_tree_seen full_seen;
    bool asked; /* handed out before: worth to be kept */
};

/* The runs of one experiment. */
struct mill_tree_set {
    struct mill_rowset rows;
    struct mill_tree_run_place *places;
    size_t cap;
    struct mill_map by_name;       /* hash of a name -> index */
    struct mill_tree_seen listing; /* the experiment's folder when it was listed */
    uint64_t listings;             /* how often */
    bool trashed;
    uint64_t used; /* time of the last search */
    /* What the first rows have besides their info; owned. */
    struct mill_tree_key keys[MILL_TREE_MAX_KEYS];
    size_t key_count;
    bool inputs; /* they have datasets and models, too */
};

struct mill_tree_runs {
    pthread_mutex_t lock;
    struct mill_tree_set **sets;
    size_t count, cap;
    size_t limit_bytes;
    uint64_t clock;
};

/* --- sets: tree_sets.c --- */

/* The set of an experiment; a new one, when there is none, if make says so. NULL when there is
 * none or memory is out. */
struct mill_tree_set *mill_tree_set_of(struct mill_tree_runs *runs, int64_t experiment_id,
                                       bool make);

/* Forgets all runs, but not which experiment it is. */
void mill_tree_set_empty(struct mill_tree_set *set);

/* Drops the sets that were not used for the longest time until the rest fits. */
void mill_tree_sets_evict(struct mill_tree_runs *runs);

/* Brings the list of folders up to date. */
enum mill_status mill_tree_set_list(struct mill_tree_set *set,
                                    const struct mill_tree_folder *folder,
                                    struct mill_error *err);

/* How many fields a plan names; some may be the same. */
size_t mill_tree_fields_of(const struct mill_plan *plan);

/* Notes that first rows need what a plan names, MILL_TREE_MAX_KEYS fields at most. False when
 * memory is out. */
bool mill_tree_set_need(struct mill_tree_set *set, const struct mill_plan *plan);

/* --- rows: tree_look.c --- */

/* Brings the first rows of all runs up to date. */
enum mill_status mill_tree_update_rows(const struct mill_tree_store *s,
                                       struct mill_tree_set *set,
                                       const struct mill_tree_folder *folder,
                                       struct mill_error *err);

/* The same for a plan that names more fields than first rows have: full ones take their place.
 */
enum mill_status mill_tree_update_rows_fully(const struct mill_tree_store *s,
                                             struct mill_tree_set *set,
                                             const struct mill_tree_folder *folder,
                                             struct mill_error *err);

/* Gives the full rows of some runs, a reference each, NULL for one that is gone or broken; of
 * all runs where indices is NULL. On failure there are none. */
enum mill_status mill_tree_full_rows(const struct mill_tree_store *s, struct mill_tree_set *set,
                                     const struct mill_tree_folder *folder,
                                     const size_t *indices, size_t count, struct mill_row **out,
                                     struct mill_error *err);

#endif
