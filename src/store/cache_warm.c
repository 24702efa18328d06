/* cache_warm.c - loads runs that nobody asked for yet. */
#include "base/alloc.h"
#include "store/cache_entries.h"

static bool has_room(const struct mill_cache *cache)
{
    return cache->bytes < cache->limit_bytes / 2;
}

/* Copies the ids that have no slot; gives their number, 0 where there is no room for them. */
static size_t choose(struct mill_cache *cache, const int64_t *ids, size_t count,
                     int64_t *chosen, bool *room_out)
{
    struct mill_cache_entry *entry;
    size_t slot, n = 0;
    pthread_rwlock_rdlock(&cache->lock);
    *room_out = has_room(cache);
    for (size_t i = 0; *room_out && i < count; i++)
        if (!mill_cache_slot(cache, ids[i], &entry, &slot))
            chosen[n++] = ids[i];
    pthread_rwlock_unlock(&cache->lock);
    return n;
}

static void keep_all(struct mill_cache *cache, const int64_t *ids, struct mill_row **rows,
                     size_t count, uint64_t time)
{
    pthread_mutex_lock(&cache->load_lock);
    pthread_rwlock_wrlock(&cache->lock);
    for (size_t i = count; i-- > 0;) { /* where not all fit, the newest */
        if (rows[i] != NULL && has_room(cache))
            mill_cache_keep(cache, ids[i], rows[i], time);
        else
            mill_row_unref(rows[i]);
    }
    pthread_rwlock_unlock(&cache->lock);
    pthread_mutex_unlock(&cache->load_lock);
}

enum mill_status mill_cache_warm(struct mill_cache *cache, const int64_t *ids, size_t count,
                                 bool *room_out, struct mill_error *err)
{
    int64_t *chosen = mill_alloc(count * sizeof(*chosen));
    struct mill_row **rows = mill_alloc(count * sizeof(struct mill_row *));
    enum mill_status st = chosen != NULL && rows != NULL ? MILL_OK : mill_no_memory(err);
    if (st == MILL_OK) {
        uint64_t time = mill_cache_tick(cache);
        size_t n = choose(cache, ids, count, chosen, room_out);
        if (n != 0)
            st = cache->source->load(cache->context, chosen, n, rows, err);
        if (n != 0 && st == MILL_OK)
            keep_all(cache, chosen, rows, n, time);
    }
    mill_free(chosen);
    mill_free(rows);
    return st;
}
