/* cache.c - see cache.h.
 *
 * Time is a counter. A touch takes the next value after its commit, a load takes one before
 * its snapshot: a row loaded at t has everything touched before t, and a slot is dirty while
 * it was touched after its row was loaded.
 *
 * Locks, in this order: load_lock (one filler at a time; also whoever evicts), lock (shared
 * by searches, exclusive for changes of entries), pending_lock (a few instructions). No lock
 * but load_lock is held while the database is read. */
#include "store/cache.h"

#include <pthread.h>
#include <stdatomic.h>

#include "base/alloc.h"
#include "base/map.h"
#include "store/entity.h"

enum {
    LOAD_CHUNK = 4096,        /* runs loaded in one read transaction */
    ENTRY_BYTES = 256,        /* what an experiment without runs costs, about */
    PENDING_MANY = 4096,      /* touches that wait before the writer itself takes note */
    PENDING_MAX = 1024 * 1024 /* and before it stops counting them one by one */
};

struct entry {
    struct mill_rowset set;
    bool complete; /* every run of the experiment has a slot */
    bool loading;  /* being completed: touches make slots for runs not seen before */
    bool stale;    /* dirty slots were taken off the list and are not loaded yet */
    size_t *dirty; /* slots to be loaded anew */
    size_t dirty_count, dirty_cap;
    uint64_t used; /* time of the last search */
};

struct touch {
    int64_t experiment_id, run;
    uint64_t time;
};

struct mill_cache {
    const struct mill_cache_source *source;
    void *context;
    size_t limit_bytes;
    atomic_uint_fast64_t clock;

    pthread_mutex_t pending_lock;
    struct touch *pending;
    size_t pending_count, pending_cap;
    bool pending_lost; /* a touch found no memory: everything counts as touched */
    atomic_bool has_pending;

    pthread_mutex_t load_lock;

    pthread_rwlock_t lock;
    struct entry **entries; /* NULL where one was evicted */
    size_t entry_count, entry_cap;
    struct mill_map by_experiment; /* experiment id -> index in entries */
    struct mill_map by_run;        /* store's run id -> entry << 32 | slot */
    struct mill_map by_name;       /* hash of public run id -> store's run id */
    size_t bytes;
};

static uint64_t tick(struct mill_cache *cache)
{
    return atomic_fetch_add(&cache->clock, 1) + 1;
}

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

static void entry_free(struct entry *entry)
{
    if (entry == NULL)
        return;
    mill_rowset_release(&entry->set);
    mill_free(entry->dirty);
    mill_free(entry);
}

void mill_cache_free(struct mill_cache *cache)
{
    if (cache == NULL)
        return;
    for (size_t i = 0; i < cache->entry_count; i++)
        entry_free(cache->entries[i]);
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

/* --- entries and slots: needs lock, exclusively where something changes --- */

static struct entry *entry_find(const struct mill_cache *cache, int64_t experiment_id,
                                size_t *index_out)
{
    uint64_t index;
    if (!mill_map_get(&cache->by_experiment, (uint64_t)experiment_id, &index))
        return NULL;
    if (index_out != NULL)
        *index_out = (size_t)index;
    return cache->entries[index];
}

static struct entry *entry_make(struct mill_cache *cache, int64_t experiment_id,
                                size_t *index_out)
{
    struct entry *entry = entry_find(cache, experiment_id, index_out);
    if (entry != NULL)
        return entry;
    if (cache->entry_count == cache->entry_cap) {
        size_t cap = cache->entry_cap != 0 ? cache->entry_cap * 2 : 16;
        struct entry **entries = mill_realloc(cache->entries, cap * sizeof(struct entry *));
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

static bool slot_find(const struct mill_cache *cache, int64_t run, struct entry **entry_out,
                      size_t *slot_out)
{
    uint64_t where;
    if (!mill_map_get(&cache->by_run, (uint64_t)run, &where))
        return false;
    *entry_out = cache->entries[where >> 32];
    *slot_out = (size_t)(where & UINT32_MAX);
    return true;
}

static bool slot_make(struct mill_cache *cache, struct entry *entry, size_t entry_index,
                      int64_t run, size_t *slot_out)
{
    size_t bytes = entry->set.bytes;
    bool made = mill_rowset_add(&entry->set, run, slot_out);
    cache->bytes += entry->set.bytes - bytes;
    if (!made)
        return false;
    if (mill_map_set(&cache->by_run, (uint64_t)run, (uint64_t)entry_index << 32 | *slot_out))
        return true;
    entry->set.count--;
    return false;
}

static bool is_dirty(const struct mill_slot *slot)
{
    return slot->row == NULL || slot->touched > slot->loaded;
}

/* Lists a slot as dirty. Without memory for that the entry is completed anew later. */
static void mark_dirty(struct entry *entry, size_t slot, uint64_t time)
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

static void touch_run(struct mill_cache *cache, const struct touch *touch)
{
    struct entry *entry;
    size_t slot, index;
    if (slot_find(cache, touch->run, &entry, &slot)) {
        mark_dirty(entry, slot, touch->time);
        return;
    }
    entry = entry_find(cache, touch->experiment_id, &index);
    if (entry == NULL || (!entry->complete && !entry->loading))
        return;
    if (slot_make(cache, entry, index, touch->run, &slot))
        mark_dirty(entry, slot, touch->time);
    else
        entry->complete = false;
}

static void touch_all(struct entry *entry, uint64_t time)
{
    for (size_t i = 0; entry != NULL && i < entry->set.count; i++)
        mark_dirty(entry, i, time);
}

/* Takes note of what writers left. */
static void drain(struct mill_cache *cache)
{
    struct touch *list;
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
            touch_all(entry_find(cache, list[i].experiment_id, NULL), list[i].time);
    }
    for (size_t i = 0; lost && i < cache->entry_count; i++) {
        touch_all(cache->entries[i], tick(cache));
        if (cache->entries[i] != NULL)
            cache->entries[i]->complete = false; /* a new run may be among the lost */
    }
    mill_free(list);
}

/* Puts a row that was loaded at a time into its slot unless a newer one is there; takes over
 * the reference. */
static void install(struct mill_cache *cache, struct entry *entry, size_t slot,
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
    mill_map_set(&cache->by_name, mill_view_hash(row->run.info.run_id), (uint64_t)row->id);
}

/* Drops entries not used since `keep_since`, oldest first, until the limit is kept. Needs
 * load_lock too, so that no filler holds an entry. */
static void evict(struct mill_cache *cache, uint64_t keep_since)
{
    bool dropped = false;
    while (cache->bytes > cache->limit_bytes) {
        size_t oldest = cache->entry_count;
        for (size_t i = 0; i < cache->entry_count; i++) {
            const struct entry *entry = cache->entries[i];
            if (entry != NULL && entry->used < keep_since &&
                (oldest == cache->entry_count || entry->used < cache->entries[oldest]->used))
                oldest = i;
        }
        if (oldest == cache->entry_count)
            break;
        cache->bytes -= cache->entries[oldest]->set.bytes + ENTRY_BYTES;
        entry_free(cache->entries[oldest]);
        cache->entries[oldest] = NULL;
        dropped = true;
    }
    if (!dropped)
        return;

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
                             mill_view_hash(set->slots[j].row->run.info.run_id),
                             (uint64_t)set->slots[j].id);
        }
        if (!indexed) { /* an entry that cannot be found would go stale: forget the rest */
            for (size_t j = i; j < left; j++) {
                cache->bytes -= cache->entries[j]->set.bytes + ENTRY_BYTES;
                entry_free(cache->entries[j]);
            }
            cache->entry_count = i;
            break;
        }
    }
}

/* --- noting touches --- */

void mill_cache_touch(struct mill_cache *cache, int64_t experiment_id, int64_t run)
{
    pthread_mutex_lock(&cache->pending_lock);
    if (cache->pending_count == cache->pending_cap && cache->pending_cap < PENDING_MAX) {
        size_t cap = cache->pending_cap != 0 ? cache->pending_cap * 2 : 64;
        struct touch *pending = mill_realloc(cache->pending, cap * sizeof(*pending));
        if (pending != NULL) {
            cache->pending = pending;
            cache->pending_cap = cap;
        }
    }
    if (cache->pending_count < cache->pending_cap)
        cache->pending[cache->pending_count++] =
            (struct touch){experiment_id, run, tick(cache)};
    else
        cache->pending_lost = true;
    atomic_store(&cache->has_pending, true);
    bool many = cache->pending_count >= PENDING_MANY;
    pthread_mutex_unlock(&cache->pending_lock);

    /* Readers take note of touches; where nobody reads, the writer does, if it is its turn. */
    if (many && pthread_rwlock_trywrlock(&cache->lock) == 0) {
        drain(cache);
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
        drain(cache);
        pthread_rwlock_unlock(&cache->lock);
    }
    if (pthread_rwlock_tryrdlock(&cache->lock) != 0)
        return NULL;
    struct mill_row *row = NULL;
    struct entry *entry;
    uint64_t id;
    size_t slot;
    if (mill_map_get(&cache->by_name, mill_view_hash(run_id), &id) &&
        slot_find(cache, (int64_t)id, &entry, &slot)) {
        const struct mill_slot *s = &entry->set.slots[slot];
        if (!is_dirty(s) && mill_view_eq(s->row->run.info.run_id, run_id))
            row = mill_row_ref(s->row);
    }
    pthread_rwlock_unlock(&cache->lock);
    return row;
}

/* Keeps a row that was read for somebody, if that can be done at once. */
static void remember(struct mill_cache *cache, struct mill_row *row, uint64_t time)
{
    if (pthread_mutex_trylock(&cache->load_lock) != 0)
        return;
    if (pthread_rwlock_trywrlock(&cache->lock) == 0) {
        struct entry *entry;
        size_t slot, index;
        if (cache->bytes > cache->limit_bytes)
            evict(cache, UINT64_MAX);
        bool there = slot_find(cache, row->id, &entry, &slot);
        if (!there) {
            entry = entry_make(cache, row->run.info.experiment_id, &index);
            there = entry != NULL && slot_make(cache, entry, index, row->id, &slot);
        }
        if (there)
            install(cache, entry, slot, mill_row_ref(row), time);
        pthread_rwlock_unlock(&cache->lock);
    }
    pthread_mutex_unlock(&cache->load_lock);
}

enum mill_status mill_cache_get(struct mill_cache *cache, struct mill_view run_id,
                                struct mill_row **out, struct mill_error *err)
{
    struct mill_row *row = peek(cache, run_id);
    if (row == NULL) {
        uint64_t time = tick(cache);
        enum mill_status st = cache->source->find(cache->context, run_id, &row, err);
        if (st != MILL_OK)
            return st;
        remember(cache, row, time);
    }
    *out = row;
    return MILL_OK;
}

/* --- searching --- */

/* Makes a slot for each run, and lists those that have to be loaded. A slot made by remember()
 * has its row already; one that mark_dirty once had no memory to list is listed now. */
static bool complete_slots(struct mill_cache *cache, struct entry *entry, size_t index,
                           const int64_t *ids, size_t count, uint64_t time)
{
    for (size_t i = 0; i < count; i++) {
        struct entry *owner = entry;
        size_t slot;
        if (!slot_find(cache, ids[i], &owner, &slot) &&
            !slot_make(cache, entry, index, ids[i], &slot))
            return false;
        const struct mill_slot *s = &owner->set.slots[slot];
        if (is_dirty(s) && !s->listed)
            mark_dirty(owner, slot, time);
        if (is_dirty(s) && !s->listed)
            return false;
    }
    return true;
}

static enum mill_status complete_entry(struct mill_cache *cache, struct entry *entry,
                                       size_t index, struct mill_error *err)
{
    int64_t *ids = NULL;
    size_t count = 0;
    uint64_t time = tick(cache);
    enum mill_status st =
        cache->source->list(cache->context, entry->set.experiment_id, &ids, &count, err);
    pthread_rwlock_wrlock(&cache->lock);
    if (st == MILL_OK) {
        drain(cache);
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
static bool take_dirty(struct mill_cache *cache, struct entry *entry, int64_t **ids_out,
                       size_t *count_out)
{
    size_t count = 0;
    pthread_rwlock_wrlock(&cache->lock);
    int64_t *ids = mill_alloc(entry->dirty_count * sizeof(*ids));
    for (size_t i = 0; ids != NULL && i < entry->dirty_count; i++) {
        struct mill_slot *slot = &entry->set.slots[entry->dirty[i]];
        slot->listed = false;
        if (is_dirty(slot))
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

/* Puts loaded rows into their slots, or lists the slots again when they could not be loaded. */
static void install_all(struct mill_cache *cache, const int64_t *ids, struct mill_row **rows,
                        size_t count, uint64_t time, bool loaded)
{
    pthread_rwlock_wrlock(&cache->lock);
    for (size_t i = 0; i < count; i++) {
        struct entry *entry;
        size_t slot;
        bool found = slot_find(cache, ids[i], &entry, &slot);
        if (found && !loaded)
            mark_dirty(entry, slot, time);
        else if (found && rows[i] != NULL)
            install(cache, entry, slot, rows[i], time);
        else if (loaded)
            mill_row_unref(rows[i]);
    }
    pthread_rwlock_unlock(&cache->lock);
}

static enum mill_status load_dirty(struct mill_cache *cache, struct entry *entry,
                                   struct mill_error *err)
{
    int64_t *ids;
    size_t count, n;
    enum mill_status st = MILL_OK;
    struct mill_row **rows = mill_alloc(LOAD_CHUNK * sizeof(struct mill_row *));
    if (rows == NULL || !take_dirty(cache, entry, &ids, &count)) {
        mill_free(rows);
        return mill_fail(err, MILL_E_NOMEM, "out of memory to load runs");
    }
    for (size_t i = 0; i < count; i += n) {
        uint64_t time = tick(cache);
        n = count - i < LOAD_CHUNK ? count - i : LOAD_CHUNK;
        if (st == MILL_OK)
            st = cache->source->load(cache->context, ids + i, n, rows, err);
        install_all(cache, ids + i, rows, n, time, st == MILL_OK);
    }
    if (st == MILL_OK) {
        pthread_rwlock_wrlock(&cache->lock);
        entry->stale = false;
        pthread_rwlock_unlock(&cache->lock);
    }
    mill_free(ids);
    mill_free(rows);
    return st;
}

/* Puts the sets of a search into sets when all are here and fresh. Needs lock, shared. */
static bool ready(struct mill_cache *cache, const struct mill_run_search *search,
                  struct mill_rowset **sets)
{
    if (atomic_load(&cache->has_pending))
        return false;
    uint64_t now = tick(cache);
    for (size_t i = 0; i < search->experiment_count; i++) {
        struct entry *entry = entry_find(cache, search->experiment_ids[i], NULL);
        if (entry == NULL || !entry->complete || entry->dirty_count != 0 || entry->stale ||
            !mill_rowset_prepared(&entry->set, search->plan))
            return false;
        __atomic_store_n(&entry->used, now, __ATOMIC_RELAXED); /* by several searches at once */
        sets[i] = &entry->set;
    }
    return true;
}

/* Makes and refreshes the sets of a search. Needs load_lock. */
static enum mill_status fill(struct mill_cache *cache, const struct mill_run_search *search,
                             struct mill_rowset **sets, struct mill_error *err)
{
    enum mill_status st = MILL_OK;
    uint64_t now = tick(cache);

    for (size_t i = 0; st == MILL_OK && i < search->experiment_count; i++) {
        size_t index;
        pthread_rwlock_wrlock(&cache->lock);
        drain(cache);
        struct entry *entry = entry_make(cache, search->experiment_ids[i], &index);
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
        evict(cache, now);
    pthread_rwlock_unlock(&cache->lock);
    return st;
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
        st = fill(cache, search, sets, err);
        pthread_rwlock_rdlock(&cache->lock); /* before anybody may evict what was filled */
        pthread_mutex_unlock(&cache->load_lock);
    }
    if (st == MILL_OK)
        st = mill_rowset_search(sets, search->experiment_count, search, out, err);
    pthread_rwlock_unlock(&cache->lock);
    mill_free(sets);
    return st;
}
