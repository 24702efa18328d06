/* cache_fill.c - has the runs of experiments loaded that a search wants. */
#include "base/alloc.h"
#include "base/parallel.h"
#include "store/cache_entries.h"
#include "store/entity.h"

enum {
    LOAD_CHUNK = 2048, /* runs loaded in one read transaction */
    LOAD_THREADS = 4   /* at most, for those of one search */
};

/* Makes a slot for each run, and lists those that have to be loaded. A slot made by remember()
 * has its row already; one that mark_dirty once had no memory to list is listed now. */
static bool complete_slots(struct mill_cache *cache, struct mill_cache_entry *entry,
                           size_t index, const int64_t *ids, size_t count, uint64_t time)
{
    for (size_t i = 0; i < count; i++) {
        struct mill_cache_entry *owner = entry;
        size_t slot;
        if (!mill_cache_slot(cache, ids[i], &owner, &slot) &&
            !mill_cache_slot_make(cache, entry, index, ids[i], &slot))
            return false;
        const struct mill_slot *s = &owner->set.slots[slot];
        if (mill_slot_is_dirty(s) && !s->listed)
            mill_cache_mark_dirty(owner, slot, time);
        if (mill_slot_is_dirty(s) && !s->listed)
            return false;
    }
    return true;
}

static enum mill_status complete_entry(struct mill_cache *cache, struct mill_cache_entry *entry,
                                       size_t index, struct mill_error *err)
{
    int64_t *ids = NULL;
    size_t count = 0;
    uint64_t time = mill_cache_tick(cache);
    enum mill_status st =
        cache->source->list(cache->context, entry->set.experiment_id, &ids, &count, err);
    pthread_rwlock_wrlock(&cache->lock);
    if (st == MILL_OK) {
        mill_cache_drain(cache);
        entry->complete = complete_slots(cache, entry, index, ids, count, time);
        if (!entry->complete)
            st = mill_fail(err, MILL_E_NOMEM, "out of memory for the runs of experiment %lld",
                           (long long)entry->set.experiment_id);
    }
    entry->loading = false;
    pthread_rwlock_unlock(&cache->lock);
    mill_free(ids);
    return st;
}

/* Takes all runs off an entry's dirty list, ascending; *ids_out is from mill_alloc. What is
 * touched from now on waits for the next search, or a busy run would keep this one forever. */
static bool take_dirty(struct mill_cache *cache, struct mill_cache_entry *entry,
                       int64_t **ids_out, size_t *count_out)
{
    size_t count = 0;
    pthread_rwlock_wrlock(&cache->lock);
    int64_t *ids = mill_alloc(entry->dirty_count * sizeof(*ids));
    for (size_t i = 0; ids != NULL && i < entry->dirty_count; i++) {
        struct mill_slot *slot = &entry->set.slots[entry->dirty[i]];
        slot->listed = false;
        if (mill_slot_is_dirty(slot))
            ids[count++] = slot->id;
    }
    if (ids != NULL)
        entry->dirty_count = 0;
    entry->stale = count != 0;
    pthread_rwlock_unlock(&cache->lock);
    if (ids != NULL)
        mill_sort_ids(ids, count);
    *ids_out = ids;
    *count_out = count;
    return ids != NULL;
}

/* Lists runs again that could not be loaded. */
static void list_again(struct mill_cache *cache, const int64_t *ids, size_t count)
{
    pthread_rwlock_wrlock(&cache->lock);
    for (size_t i = 0; i < count; i++) {
        struct mill_cache_entry *entry;
        size_t slot;
        if (mill_cache_slot(cache, ids[i], &entry, &slot))
            mill_cache_mark_dirty(entry, slot, mill_cache_tick(cache));
    }
    pthread_rwlock_unlock(&cache->lock);
}

static void install_all(struct mill_cache *cache, const int64_t *ids, struct mill_row **rows,
                        size_t count, uint64_t time)
{
    pthread_rwlock_wrlock(&cache->lock);
    for (size_t i = 0; i < count; i++) {
        struct mill_cache_entry *entry;
        size_t slot;
        if (rows[i] != NULL && mill_cache_slot(cache, ids[i], &entry, &slot))
            mill_cache_install(cache, entry, slot, rows[i], time);
        else
            mill_row_unref(rows[i]);
    }
    pthread_rwlock_unlock(&cache->lock);
}

struct loading {
    struct mill_cache *cache;
    const int64_t *ids;
    size_t count;
};

/* Loads one chunk of the runs. Chunks are independent: each has a snapshot of its own. */
static enum mill_status load_chunk(void *context, size_t index, struct mill_error *err)
{
    const struct loading *l = context;
    const int64_t *ids = l->ids + index * LOAD_CHUNK;
    size_t left = l->count - index * LOAD_CHUNK;
    size_t count = left < LOAD_CHUNK ? left : LOAD_CHUNK;
    struct mill_row **rows = mill_alloc(count * sizeof(struct mill_row *));
    if (rows == NULL)
        return mill_no_memory(err);
    uint64_t time = mill_cache_tick(l->cache);
    enum mill_status st = l->cache->source->load(l->cache->context, ids, count, rows, err);
    if (st == MILL_OK)
        install_all(l->cache, ids, rows, count, time);
    mill_free(rows);
    return st;
}

static enum mill_status load_dirty(struct mill_cache *cache, struct mill_cache_entry *entry,
                                   struct mill_error *err)
{
    int64_t *ids;
    struct loading l = {.cache = cache};
    if (!take_dirty(cache, entry, &ids, &l.count))
        return mill_fail(err, MILL_E_NOMEM, "out of memory to load runs");
    l.ids = ids;
    enum mill_status st = mill_parallel((l.count + LOAD_CHUNK - 1) / LOAD_CHUNK, LOAD_THREADS,
                                        load_chunk, &l, err);
    if (st != MILL_OK) {
        list_again(cache, ids, l.count);
    } else {
        pthread_rwlock_wrlock(&cache->lock);
        entry->stale = false;
        pthread_rwlock_unlock(&cache->lock);
    }
    mill_free(ids);
    return st;
}

enum mill_status mill_cache_fill(struct mill_cache *cache, const struct mill_run_search *search,
                                 struct mill_rowset **sets, struct mill_error *err)
{
    enum mill_status st = MILL_OK;
    uint64_t now = mill_cache_tick(cache);

    for (size_t i = 0; st == MILL_OK && i < search->experiment_count; i++) {
        size_t index;
        pthread_rwlock_wrlock(&cache->lock);
        mill_cache_drain(cache);
        struct mill_cache_entry *entry =
            mill_cache_entry_make(cache, search->experiment_ids[i], &index);
        bool complete = entry != NULL && entry->complete;
        if (entry != NULL) {
            entry->used = now;
            entry->loading = !complete;
        }
        pthread_rwlock_unlock(&cache->lock);
        if (entry == NULL)
            return mill_fail(err, MILL_E_NOMEM, "out of memory to search experiments");
        if (!complete)
            st = complete_entry(cache, entry, index, err);
        if (st == MILL_OK)
            st = load_dirty(cache, entry, err);
        sets[i] = &entry->set;
    }
    pthread_rwlock_wrlock(&cache->lock);
    for (size_t i = 0; st == MILL_OK && i < search->experiment_count; i++)
        mill_rowset_prepare(sets[i], search->plan);
    if (cache->bytes > cache->limit_bytes)
        mill_cache_evict(cache, now);
    pthread_rwlock_unlock(&cache->lock);
    return st;
}
