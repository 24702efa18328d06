/* cache_entries.c - see cache_entries.h. */
#include "store/cache_entries.h"

#include "base/alloc.h"

enum {
    ENTRY_BYTES = 256, /* what an experiment without runs costs, about */
    INDEX_BYTES = 96   /* what finding a run by both its ids costs, about */
};

static size_t bytes_of(const struct mill_cache_entry *entry)
{
    return ENTRY_BYTES + entry->set.bytes + entry->set.count * INDEX_BYTES;
}

void mill_cache_entry_free(struct mill_cache_entry *entry)
{
    if (entry == NULL)
        return;
    mill_rowset_release(&entry->set);
    mill_free(entry->dirty);
    mill_free(entry);
}

struct mill_cache_entry *mill_cache_entry(const struct mill_cache *cache, int64_t experiment_id,
                                          size_t *index_out)
{
    uint64_t index;
    if (!mill_map_get(&cache->by_experiment, (uint64_t)experiment_id, &index))
        return NULL;
    if (index_out != NULL)
        *index_out = (size_t)index;
    return cache->entries[index];
}

struct mill_cache_entry *mill_cache_entry_make(struct mill_cache *cache, int64_t experiment_id,
                                               size_t *index_out)
{
    struct mill_cache_entry *entry = mill_cache_entry(cache, experiment_id, index_out);
    if (entry != NULL)
        return entry;
    if (cache->entry_count == cache->entry_cap) {
        size_t cap = cache->entry_cap != 0 ? cache->entry_cap * 2 : 16;
        struct mill_cache_entry **entries =
            mill_realloc(cache->entries, cap * sizeof(struct mill_cache_entry *));
        if (entries == NULL)
            return NULL;
        cache->entries = entries;
        cache->entry_cap = cap;
    }
    entry = mill_alloc_zero(1, sizeof(*entry));
    if (entry == NULL)
        return NULL;
    entry->set.experiment_id = experiment_id;
    if (!mill_map_set(&cache->by_experiment, (uint64_t)experiment_id, cache->entry_count)) {
        mill_free(entry);
        return NULL;
    }
    cache->entries[cache->entry_count] = entry;
    cache->bytes += ENTRY_BYTES;
    *index_out = cache->entry_count++;
    return entry;
}

bool mill_cache_slot(const struct mill_cache *cache, int64_t run,
                     struct mill_cache_entry **entry_out, size_t *slot_out)
{
    uint64_t where;
    if (!mill_map_get(&cache->by_run, (uint64_t)run, &where))
        return false;
    *entry_out = cache->entries[where >> 32];
    *slot_out = (size_t)(where & UINT32_MAX);
    return true;
}

bool mill_cache_slot_make(struct mill_cache *cache, struct mill_cache_entry *entry,
                          size_t entry_index, int64_t run, size_t *slot_out)
{
    size_t bytes = entry->set.bytes;
    bool made = mill_rowset_add(&entry->set, run, slot_out);
    cache->bytes += entry->set.bytes - bytes;
    if (!made)
        return false;
    if (mill_map_set(&cache->by_run, (uint64_t)run, (uint64_t)entry_index << 32 | *slot_out)) {
        cache->bytes += INDEX_BYTES;
        return true;
    }
    entry->set.count--;
    return false;
}

void mill_cache_mark_dirty(struct mill_cache_entry *entry, size_t slot, uint64_t time)
{
    struct mill_slot *s = &entry->set.slots[slot];
    if (time > s->touched)
        s->touched = time;
    if (s->listed)
        return;
    if (entry->dirty_count == entry->dirty_cap) {
        size_t cap = entry->dirty_cap != 0 ? entry->dirty_cap * 2 : 64;
        size_t *dirty = mill_realloc(entry->dirty, cap * sizeof(*dirty));
        if (dirty == NULL) {
            entry->complete = false;
            return;
        }
        entry->dirty = dirty;
        entry->dirty_cap = cap;
    }
    entry->dirty[entry->dirty_count++] = slot;
    s->listed = true;
}

/* Notes a touch of a run that has no slot. */
static void miss(struct mill_cache *cache, int64_t run, uint64_t time)
{
    uint64_t *missed = &cache->missed[(uint64_t)run % MILL_CACHE_MISSED];
    *missed = time > *missed ? time : *missed;
}

static void miss_all(struct mill_cache *cache, uint64_t time)
{
    cache->missed_all = time > cache->missed_all ? time : cache->missed_all;
}

static void touch_run(struct mill_cache *cache, const struct mill_cache_touched *touch)
{
    struct mill_cache_entry *entry;
    size_t slot, index;
    if (mill_cache_slot(cache, touch->run, &entry, &slot)) {
        mill_cache_mark_dirty(entry, slot, touch->time);
        return;
    }
    entry = mill_cache_entry(cache, touch->experiment_id, &index);
    if (entry == NULL || (!entry->complete && !entry->loading)) {
        miss(cache, touch->run, touch->time);
        return;
    }
    if (mill_cache_slot_make(cache, entry, index, touch->run, &slot)) {
        mill_cache_mark_dirty(entry, slot, touch->time);
    } else {
        entry->complete = false;
        miss(cache, touch->run, touch->time);
    }
}

static void touch_all(struct mill_cache *cache, struct mill_cache_entry *entry, uint64_t time)
{
    if (entry == NULL || !entry->complete)
        miss_all(cache, time);
    for (size_t i = 0; entry != NULL && i < entry->set.count; i++)
        mill_cache_mark_dirty(entry, i, time);
}

void mill_cache_drain(struct mill_cache *cache)
{
    struct mill_cache_touched *list;
    size_t count;
    bool lost;

    pthread_mutex_lock(&cache->pending_lock);
    list = cache->pending;
    count = cache->pending_count;
    lost = cache->pending_lost;
    cache->pending = NULL;
    cache->pending_count = cache->pending_cap = 0;
    cache->pending_lost = false;
    atomic_store(&cache->has_pending, false);
    pthread_mutex_unlock(&cache->pending_lock);

    for (size_t i = 0; i < count; i++) {
        if (list[i].run != MILL_ABSENT)
            touch_run(cache, &list[i]);
        else
            touch_all(cache, mill_cache_entry(cache, list[i].experiment_id, NULL),
                      list[i].time);
    }
    if (lost)
        miss_all(cache, mill_cache_tick(cache));
    for (size_t i = 0; lost && i < cache->entry_count; i++) {
        touch_all(cache, cache->entries[i], mill_cache_tick(cache));
        if (cache->entries[i] != NULL)
            cache->entries[i]->complete = false; /* a new run may be among the lost */
    }
    mill_free(list);
}

void mill_cache_install(struct mill_cache *cache, struct mill_cache_entry *entry, size_t slot,
                        struct mill_row *row, uint64_t time)
{
    if (entry->set.slots[slot].row != NULL && entry->set.slots[slot].loaded >= time) {
        mill_row_unref(row);
        return;
    }
    size_t bytes = entry->set.bytes;
    mill_rowset_put(&entry->set, slot, row);
    cache->bytes += entry->set.bytes - bytes;
    entry->set.slots[slot].loaded = time;
    /* Best effort: a run that is not found by name is read from the database. */
    mill_map_set(&cache->by_name, mill_view_hash(mill_row_run_id(row)),
                 (uint64_t)entry->set.slots[slot].id);
}

void mill_cache_keep(struct mill_cache *cache, int64_t run, struct mill_row *row, uint64_t time)
{
    struct mill_cache_entry *entry;
    size_t slot, index;
    bool there =
        time > cache->missed_all && time > cache->missed[(uint64_t)run % MILL_CACHE_MISSED];
    if (there && !mill_cache_slot(cache, run, &entry, &slot)) {
        entry = mill_cache_entry_make(cache, row->shape->experiment_id, &index);
        there = entry != NULL && mill_cache_slot_make(cache, entry, index, run, &slot);
    }
    if (there)
        mill_cache_install(cache, entry, slot, row, time);
    else
        mill_row_unref(row);
}

void mill_cache_evict(struct mill_cache *cache, uint64_t keep_since)
{
    bool dropped = false;
    while (cache->bytes > cache->limit_bytes) {
        size_t oldest = cache->entry_count;
        for (size_t i = 0; i < cache->entry_count; i++) {
            const struct mill_cache_entry *entry = cache->entries[i];
            if (entry != NULL && entry->used < keep_since &&
                (oldest == cache->entry_count || entry->used < cache->entries[oldest]->used))
                oldest = i;
        }
        if (oldest == cache->entry_count)
            break;
        cache->bytes -= bytes_of(cache->entries[oldest]);
        mill_cache_entry_free(cache->entries[oldest]);
        cache->entries[oldest] = NULL;
        dropped = true;
    }
    if (!dropped)
        return;
    miss_all(cache, mill_cache_tick(cache)); /* what was dirty is not known any more */

    /* The maps have no removal: they are made anew from what is left. */
    mill_map_release(&cache->by_experiment);
    mill_map_release(&cache->by_run);
    mill_map_release(&cache->by_name);
    size_t left = 0;
    for (size_t i = 0; i < cache->entry_count; i++)
        if (cache->entries[i] != NULL)
            cache->entries[left++] = cache->entries[i];
    cache->entry_count = left;
    for (size_t i = 0; i < left; i++) {
        const struct mill_rowset *set = &cache->entries[i]->set;
        bool indexed = mill_map_set(&cache->by_experiment, (uint64_t)set->experiment_id, i);
        for (size_t j = 0; indexed && j < set->count; j++) {
            indexed =
                mill_map_set(&cache->by_run, (uint64_t)set->slots[j].id, (uint64_t)i << 32 | j);
            if (set->slots[j].row != NULL)
                mill_map_set(&cache->by_name,
                             mill_view_hash(mill_row_run_id(set->slots[j].row)),
                             (uint64_t)set->slots[j].id);
        }
        if (!indexed) { /* an entry that cannot be found would go stale: forget the rest */
            for (size_t j = i; j < left; j++) {
                cache->bytes -= bytes_of(cache->entries[j]);
                mill_cache_entry_free(cache->entries[j]);
            }
            cache->entry_count = i;
            break;
        }
    }
}
