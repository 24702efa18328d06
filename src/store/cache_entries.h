/* cache_entries.h - what the cache of runs holds (for cache*.c alone).
 *
 * Time is a counter. A touch takes the next value after its commit, a load takes one before
 * its snapshot: a row loaded at t has everything touched before t, and a slot is dirty while
 * it was touched after its row was loaded. A touch of a run that has no slot marks nothing, but
 * its time is remembered: a row that was read before it must not be given a slot.
 *
 * Locks, in this order: load_lock (one filler at a time; also whoever evicts), lock (shared
 * by searches, exclusive for changes of entries), pending_lock (a few instructions). No lock
 * but load_lock is held while the database is read. The functions need lock, exclusively where
 * something changes. */
#ifndef MILL_STORE_CACHE_ENTRIES_H
#define MILL_STORE_CACHE_ENTRIES_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/map.h"
#include "store/cache.h"

/* Runs whose ids differ by a multiple of this share the time of a missed touch. */
#define MILL_CACHE_MISSED 1024

/* The runs of one experiment. */
struct mill_cache_entry {
    struct mill_rowset set;
    bool complete; /* every run of the experiment has a slot */
    bool loading;  /* being completed: touches make slots for runs not seen before */
    bool stale;    /* dirty slots were taken off the list and are not loaded yet */
    size_t *dirty; /* slots to be loaded anew */
    size_t dirty_count, dirty_cap;
    uint64_t used; /* time of the last search */
};

/* What a writer left. */
struct mill_cache_touched {
    int64_t experiment_id, run;
    uint64_t time;
};

struct mill_cache {
    const struct mill_cache_source *source;
    void *context;
    size_t limit_bytes;
    atomic_uint_fast64_t clock;

    pthread_mutex_t pending_lock;
    struct mill_cache_touched *pending;
    size_t pending_count, pending_cap;
    bool pending_lost; /* a touch found no memory: everything counts as touched */
    atomic_bool has_pending;

    pthread_mutex_t load_lock;

    pthread_rwlock_t lock;
    struct mill_cache_entry **entries; /* NULL where one was evicted */
    size_t entry_count, entry_cap;
    struct mill_map by_experiment; /* experiment id -> index in entries */
    struct mill_map by_run;        /* store's run id -> entry << 32 | slot */
    struct mill_map by_name;       /* hash of public run id -> store's run id */
    size_t bytes;

    uint64_t missed[MILL_CACHE_MISSED]; /* last touch without a slot, of runs by their id */
    uint64_t missed_all;                /* and of what may have been any run */
};

/* The next time. Needs no lock. */
static inline uint64_t mill_cache_tick(struct mill_cache *cache)
{
    return atomic_fetch_add(&cache->clock, 1) + 1;
}

static inline bool mill_slot_is_dirty(const struct mill_slot *slot)
{
    return slot->row == NULL || slot->touched > slot->loaded;
}

/* NULL is allowed. */
void mill_cache_entry_free(struct mill_cache_entry *entry);

/* The entry of an experiment, or NULL; its index goes to *index_out unless that is NULL. */
struct mill_cache_entry *mill_cache_entry(const struct mill_cache *cache, int64_t experiment_id,
                                          size_t *index_out);

/* The same, made when it is not there; NULL when out of memory. */
struct mill_cache_entry *mill_cache_entry_make(struct mill_cache *cache, int64_t experiment_id,
                                               size_t *index_out);

/* Where the run of a store's id is; false when it is not here. */
bool mill_cache_slot(const struct mill_cache *cache, int64_t run,
                     struct mill_cache_entry **entry_out, size_t *slot_out);

/* Makes a slot for a run that has none; false when out of memory. */
bool mill_cache_slot_make(struct mill_cache *cache, struct mill_cache_entry *entry,
                          size_t entry_index, int64_t run, size_t *slot_out);

/* Lists a slot as dirty. Without memory for that the entry is completed anew later. */
void mill_cache_mark_dirty(struct mill_cache_entry *entry, size_t slot, uint64_t time);

/* Takes note of what writers left. */
void mill_cache_drain(struct mill_cache *cache);

/* Puts a row that was loaded at a time into its slot unless a newer one is there; takes over
 * the reference. */
void mill_cache_install(struct mill_cache *cache, struct mill_cache_entry *entry, size_t slot,
                        struct mill_row *row, uint64_t time);

/* Gives a row that was loaded at a time for a run that may have no slot its place, unless it
 * may be an old one; takes over the reference. Needs load_lock too. */
void mill_cache_keep(struct mill_cache *cache, int64_t run, struct mill_row *row,
                     uint64_t time);

/* Drops entries not used since `keep_since`, oldest first, until the limit is kept. Needs
 * load_lock too, so that no filler holds an entry. */
void mill_cache_evict(struct mill_cache *cache, uint64_t keep_since);

/* Makes and refreshes the sets of a search (cache_fill.c). Needs load_lock, and no other. */
enum mill_status mill_cache_fill(struct mill_cache *cache, const struct mill_run_search *search,
                                 struct mill_rowset **sets, struct mill_error *err);

#endif
