/* cache.c - see cache.h. What it holds, and its locks, are in cache_entries.h. */
#include "store/cache.h"

#include "base/alloc.h"
#include "store/cache_entries.h"

enum {
    PENDING_MANY = 4096,      /* touches that wait before the writer itself takes note */
    PENDING_MAX = 1024 * 1024 /* and before it stops counting them one by one */
};

enum mill_status mill_cache_new(const struct mill_cache_source *source, void *context,
                                size_t limit_bytes, struct mill_cache **out,
                                struct mill_error *err)
{
    struct mill_cache *cache = mill_alloc_zero(1, sizeof(*cache));
    if (cache == NULL)
        return mill_fail(err, MILL_E_NOMEM, "out of memory for the run cache");
    cache->source = source;
    cache->context = context;
    cache->limit_bytes = limit_bytes;
    pthread_mutex_init(&cache->pending_lock, NULL);
    pthread_mutex_init(&cache->load_lock, NULL);
    pthread_rwlockattr_t attributes;
    pthread_rwlockattr_init(&attributes);
    pthread_rwlockattr_setkind_np(&attributes, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
    pthread_rwlock_init(&cache->lock, &attributes);
    pthread_rwlockattr_destroy(&attributes);
    *out = cache;
    return MILL_OK;
}

void mill_cache_free(struct mill_cache *cache)
{
    if (cache == NULL)
        return;
    for (size_t i = 0; i < cache->entry_count; i++)
        mill_cache_entry_free(cache->entries[i]);
    mill_free(cache->entries);
    mill_free(cache->pending);
    mill_map_release(&cache->by_experiment);
    mill_map_release(&cache->by_run);
    mill_map_release(&cache->by_name);
    pthread_mutex_destroy(&cache->pending_lock);
    pthread_mutex_destroy(&cache->load_lock);
    pthread_rwlock_destroy(&cache->lock);
    mill_free(cache);
}

/* --- noting touches --- */

void mill_cache_touch(struct mill_cache *cache, int64_t experiment_id, int64_t run)
{
    pthread_mutex_lock(&cache->pending_lock);
    if (cache->pending_count == cache->pending_cap && cache->pending_cap < PENDING_MAX) {
        size_t cap = cache->pending_cap != 0 ? cache->pending_cap * 2 : 64;
        struct mill_cache_touched *pending =
            mill_realloc(cache->pending, cap * sizeof(*pending));
        if (pending != NULL) {
            cache->pending = pending;
            cache->pending_cap = cap;
        }
    }
    if (cache->pending_count < cache->pending_cap)
        cache->pending[cache->pending_count++] =
            (struct mill_cache_touched){experiment_id, run, mill_cache_tick(cache)};
    else
        cache->pending_lost = true;
    atomic_store(&cache->has_pending, true);
    bool many = cache->pending_count >= PENDING_MANY;
    pthread_mutex_unlock(&cache->pending_lock);

    /* Readers take note of touches; where nobody reads, the writer does, if it is its turn. */
    if (many && pthread_rwlock_trywrlock(&cache->lock) == 0) {
        mill_cache_drain(cache);
        pthread_rwlock_unlock(&cache->lock);
    }
}

/* --- reading one run --- */

/* The clean row of a run if it is here and no lock has to be waited for. */
static struct mill_row *peek(struct mill_cache *cache, struct mill_view run_id)
{
    if (atomic_load(&cache->has_pending)) {
        if (pthread_rwlock_trywrlock(&cache->lock) != 0)
            return NULL;
        mill_cache_drain(cache);
        pthread_rwlock_unlock(&cache->lock);
    }
    if (pthread_rwlock_tryrdlock(&cache->lock) != 0)
        return NULL;
    struct mill_row *row = NULL;
    struct mill_cache_entry *entry;
    uint64_t id;
    size_t slot;
    if (mill_map_get(&cache->by_name, mill_view_hash(run_id), &id) &&
        mill_cache_slot(cache, (int64_t)id, &entry, &slot)) {
        const struct mill_slot *s = &entry->set.slots[slot];
        if (!mill_slot_is_dirty(s) && mill_view_eq(mill_row_run_id(s->row), run_id))
            row = mill_row_ref(s->row);
    }
    pthread_rwlock_unlock(&cache->lock);
    return row;
}

/* Keeps a row that was read for somebody, if that can be done at once. */
static void remember(struct mill_cache *cache, int64_t id, struct mill_row *row, uint64_t time)
{
    if (pthread_mutex_trylock(&cache->load_lock) != 0)
        return;
    if (pthread_rwlock_trywrlock(&cache->lock) == 0) {
        if (cache->bytes > cache->limit_bytes)
            mill_cache_evict(cache, UINT64_MAX);
        mill_cache_keep(cache, id, mill_row_ref(row), time);
        pthread_rwlock_unlock(&cache->lock);
    }
    pthread_mutex_unlock(&cache->load_lock);
}

enum mill_status mill_cache_get(struct mill_cache *cache, struct mill_view run_id,
                                struct mill_row **out, struct mill_error *err)
{
    struct mill_row *row = peek(cache, run_id);
    if (row == NULL) {
        int64_t id;
        uint64_t time = mill_cache_tick(cache);
        enum mill_status st = cache->source->find(cache->context, run_id, &id, &row, err);
        if (st != MILL_OK)
            return st;
        remember(cache, id, row, time);
    }
    *out = row;
    return MILL_OK;
}

/* --- searching --- */

/* Puts the sets of a search into sets when all are here and fresh. Needs lock, shared. */
static bool ready(struct mill_cache *cache, const struct mill_run_search *search,
                  struct mill_rowset **sets)
{
    if (atomic_load(&cache->has_pending))
        return false;
    uint64_t now = mill_cache_tick(cache);
    for (size_t i = 0; i < search->experiment_count; i++) {
        struct mill_cache_entry *entry =
            mill_cache_entry(cache, search->experiment_ids[i], NULL);
        if (entry == NULL || !entry->complete || entry->dirty_count != 0 || entry->stale ||
            !mill_rowset_prepared(&entry->set, search->plan))
            return false;
        __atomic_store_n(&entry->used, now, __ATOMIC_RELAXED); /* by several searches at once */
        sets[i] = &entry->set;
    }
    return true;
}

enum mill_status mill_cache_search(struct mill_cache *cache,
                                   const struct mill_run_search *search,
                                   struct mill_run_page *out, struct mill_error *err)
{
    struct mill_rowset **sets =
        mill_alloc((search->experiment_count + 1) * sizeof(struct mill_rowset *));
    if (sets == NULL)
        return mill_fail(err, MILL_E_NOMEM, "out of memory to search runs");

    enum mill_status st = MILL_OK;
    pthread_rwlock_rdlock(&cache->lock);
    if (!ready(cache, search, sets)) {
        pthread_rwlock_unlock(&cache->lock);
        pthread_mutex_lock(&cache->load_lock);
        st = mill_cache_fill(cache, search, sets, err);
        pthread_rwlock_rdlock(&cache->lock); /* before anybody may evict what was filled */
        pthread_mutex_unlock(&cache->load_lock);
    }
    if (st == MILL_OK)
        st = mill_rowset_search(sets, search->experiment_count, search, out, err);
    pthread_rwlock_unlock(&cache->lock);
    mill_free(sets);
    return st;
}
