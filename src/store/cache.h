/* cache.h - runs of a database in memory: what search answers from. Filled on first use,
 * refreshed run by run after writes, given back under a memory limit.
 *
 * The writer only notes which run it touched; whoever reads next loads those runs anew. So
 * the cache never decides what a run looks like, and the writer never waits for a search. */
#ifndef MILL_STORE_CACHE_H
#define MILL_STORE_CACHE_H

#include "store/rowset.h"

struct mill_cache;

/* Where rows come from. Each call sees all that was committed before it began. */
struct mill_cache_source {
    /* Ids of all runs of an experiment, ascending; *ids_out is from mill_alloc. */
    enum mill_status (*list)(void *context, int64_t experiment_id, int64_t **ids_out,
                             size_t *count_out, struct mill_error *err);
    /* Rows of these ids (ascending) in their order, NULL for one that does not exist. */
    enum mill_status (*load)(void *context, const int64_t *ids, size_t count,
                             struct mill_row **rows_out, struct mill_error *err);
    /* One row by the run's public id, and its id; MILL_E_NOT_FOUND. */
    enum mill_status (*find)(void *context, struct mill_view run_id, int64_t *id_out,
                             struct mill_row **out, struct mill_error *err);
};

enum mill_status mill_cache_new(const struct mill_cache_source *source, void *context,
                                size_t limit_bytes, struct mill_cache **out,
                                struct mill_error *err);
void mill_cache_free(struct mill_cache *cache);

/* Notes that a commit changed (or made) a run, or all runs of an experiment when run is
 * MILL_ABSENT. Called after the commit and before its answers. Any thread; never waits for a
 * reader. */
void mill_cache_touch(struct mill_cache *cache, int64_t experiment_id, int64_t run);

/* One run by its public id; *out gets a reference. Any thread. */
enum mill_status mill_cache_get(struct mill_cache *cache, struct mill_view run_id,
                                struct mill_row **out, struct mill_error *err);

/* Loads those of these runs (ids ascending) that are not here, though nobody asked for them,
 * while half of the limit is free; *room_out says whether there may be room for more. Any
 * thread; waits for whoever loads, and never holds up readers for longer than the keeping of
 * the rows takes. */
enum mill_status mill_cache_warm(struct mill_cache *cache, const int64_t *ids, size_t count,
                                 bool *room_out, struct mill_error *err);

/* Answers a search. Any thread. */
enum mill_status mill_cache_search(struct mill_cache *cache,
                                   const struct mill_run_search *search,
                                   struct mill_run_page *out, struct mill_error *err);

#endif
