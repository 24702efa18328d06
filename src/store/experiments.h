/* experiments.h - all experiments of a store as one immutable list, and searches over it. */
#ifndef MILL_STORE_EXPERIMENTS_H
#define MILL_STORE_EXPERIMENTS_H

#include "store/store.h"

struct experiment_list {
    unsigned refs; /* atomic */
    uint64_t version;
    struct mill_arena arena;       /* texts and tags */
    struct mill_experiment *items; /* from mill_alloc, by id */
    size_t count;
};

/* An empty list with one reference, or NULL. Filled in by its maker before it is shared. */
struct experiment_list *mill_experiment_list_new(uint64_t version);
struct experiment_list *mill_experiment_list_ref(struct experiment_list *list);
void mill_experiment_list_unref(struct experiment_list *list);

/* Answers mill_store_search_experiments; the page is a deep copy in arena. */
enum mill_status mill_experiment_list_search(const struct experiment_list *list,
                                             const struct mill_experiment_search *search,
                                             struct mill_arena *arena,
                                             struct mill_experiment_page *out,
                                             struct mill_error *err);

/* A deep copy in arena; false when out of memory. */
bool mill_experiment_copy(struct mill_arena *arena, const struct mill_experiment *from,
                          struct mill_experiment *to);

#endif
