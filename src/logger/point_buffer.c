/* point_buffer.c - see point_buffer.h. */
#include "logger/point_buffer.h"

#include "base/alloc.h"
#include "base/view.h"
#include "model/key.h"

#define CHUNK_POINTS 2040 /* a chunk is just below 64 KiB */
#define SPARE_CHUNKS 16
/* Packed at once: what is written stays in the processor's cache. */
#define TAKE_BYTES ((size_t)256 << 10)
/* A shard that knows more keys forgets them when none of them waits. */
#define MAX_KEYS 65536
/* A packed point takes at most so many bytes, without its key. */
#define PACKED_BYTES 38

/* A point that waits. */
struct waiting {
    int64_t step;
    int64_t timestamp;
    double value;
    struct mill_point_key *key;
};

struct mill_point_chunk {
    struct mill_point_chunk *next;
    size_t count;
    struct waiting points[CHUNK_POINTS];
};

struct mill_point_key {
    struct mill_view text;
    uint64_t hash;
    struct waiting *last; /* its newest point that waits, while generation is the shard's */
    uint32_t generation;
    /* For packing alone: its number in the record whose own number this is. */
    uint32_t packed;
    uint64_t record;
    struct waiting *kept; /* for thinning: its newest point so far */
};

struct mill_point_packing {
    uint64_t record; /* goes up with each */
    size_t key_count, count;
    struct mill_view keys[CHUNK_POINTS];
    int64_t before[CHUNK_POINTS][2];
    struct mill_spool_point points[CHUNK_POINTS];
};

/* The shard of the calling thread: threads take turns. */
static struct mill_point_shard *my_shard(struct mill_point_buffer *b)
{
    static atomic_uint next;
    static _Thread_local unsigned mine;
    if (mine == 0)
        mine = 1 + atomic_fetch_add_explicit(&next, 1, memory_order_relaxed);
    return &b->shards[mine % MILL_POINT_SHARDS];
}

/* --- keys ------------------------------------------------------------------------------ */

static struct mill_point_key **find_slot(struct mill_point_key **slots, size_t slot_count,
                                         struct mill_view key, uint64_t hash)
{
    size_t mask = slot_count - 1;
    for (size_t i = hash & mask;; i = (i + 1) & mask)
        if (slots[i] == NULL || (slots[i]->hash == hash && mill_view_eq(slots[i]->text, key)))
            return &slots[i];
}

/* Room for one more key: at most half of the slots are taken. */
static bool reserve_slot(struct mill_point_shard *s)
{
    if (s->key_count * 2 < s->slot_count)
        return true;
    size_t count = s->slot_count != 0 ? s->slot_count * 2 : 64;
    struct mill_point_key **slots = mill_alloc_zero(count, sizeof(*slots));
    if (slots == NULL)
        return false;
    for (size_t i = 0; i < s->slot_count; i++)
        if (s->slots[i] != NULL)
            *find_slot(slots, count, s->slots[i]->text, s->slots[i]->hash) = s->slots[i];
    mill_free(s->slots);
    s->slots = slots;
    s->slot_count = count;
    return true;
}

static enum mill_status new_key(struct mill_point_shard *s, struct mill_view text,
                                uint64_t hash, struct mill_point_key **out,
                                struct mill_error *err)
{
    const char *problem = mill_key_problem(text);
    if (problem != NULL)
        return mill_fail(
            err, MILL_E_INVALID, "key '%.*s' %s",
            MILL_FMT(mill_utf8_valid(text) ? mill_utf8_prefix(text, 100) : MILL_VIEW("?")),
            problem);
    struct mill_point_key *key = mill_arena_zero(&s->arena, 1, sizeof(*key));
    struct mill_view copy = mill_arena_copy(&s->arena, text);
    if (key == NULL || copy.ptr == NULL || !reserve_slot(s))
        return mill_fail(err, MILL_E_NOMEM, "out of memory");
    *key = (struct mill_point_key){.text = copy, .hash = hash};
    *find_slot(s->slots, s->slot_count, text, hash) = key;
    s->key_count++;
    *out = key;
    return MILL_OK;
}

/* The shard's key of that text, which is made when it is new. */
static enum mill_status get_key(struct mill_point_shard *s, struct mill_view text,
                                struct mill_point_key **out, struct mill_error *err)
{
    if (text.ptr == NULL)
        text.len = 0; /* absent, whatever is said: refused as empty */
    uint64_t hash = mill_view_hash(text);
    struct mill_point_key *found =
        s->slot_count != 0 ? *find_slot(s->slots, s->slot_count, text, hash) : NULL;
    if (found == NULL)
        return new_key(s, text, hash, out, err);
    *out = found;
    return MILL_OK;
}

/* --- adding ---------------------------------------------------------------------------- */

/* A new chunk behind the last one; NULL at the limit, unless beyond, or when memory is out. */
static struct mill_point_chunk *longer(struct mill_point_buffer *b, struct mill_point_shard *s,
                                       bool beyond)
{
    struct mill_point_chunk *chunk = s->spare;
    size_t bytes = atomic_load_explicit(&b->bytes, memory_order_relaxed);
    if (!beyond && bytes + sizeof(*chunk) > b->limit_bytes)
        return NULL;
    if (chunk != NULL) {
        s->spare = chunk->next;
        s->spare_count--;
    } else {
        chunk = mill_alloc(sizeof(*chunk));
    }
    if (chunk == NULL)
        return NULL;
    atomic_fetch_add_explicit(&b->bytes, sizeof(*chunk), memory_order_relaxed);
    chunk->next = NULL;
    chunk->count = 0;
    if (s->last != NULL)
        s->last->next = chunk;
    else
        s->first = chunk;
    s->last = chunk;
    return chunk;
}

static enum mill_status add(struct mill_point_buffer *b, struct mill_point_shard *s,
                            struct mill_view text, const struct mill_point *point,
                            struct mill_error *err)
{
    struct mill_point_key *key = NULL;
    enum mill_status st = get_key(s, text, &key, err);
    if (key == NULL)
        return st;
    bool waits = key->generation == s->generation && key->last != NULL;
    struct mill_point_chunk *chunk = s->last;
    if (chunk == NULL || chunk->count == CHUNK_POINTS)
        chunk = longer(b, s, !waits);
    if (chunk != NULL)
        key->last = &chunk->points[chunk->count++];
    else if (waits)
        s->thinned++;
    else
        return mill_fail(err, MILL_E_NOMEM, "out of memory");
    key->generation = s->generation;
    *key->last = (struct waiting){point->step, point->timestamp, point->value, key};
    s->added++;
    return MILL_OK;
}

enum mill_status mill_point_buffer_add(struct mill_point_buffer *b, struct mill_view key,
                                       const struct mill_point *point, bool *full_out,
                                       struct mill_error *err)
{
    struct mill_point_shard *s = my_shard(b);
    pthread_mutex_lock(&s->lock);
    enum mill_status st = add(b, s, key, point, err);
    bool at_end = s->last != NULL && s->last->count == CHUNK_POINTS;
    pthread_mutex_unlock(&s->lock);
    /* Once for each chunk only: waking somebody costs more than adding a point. */
    *full_out =
        at_end && atomic_load_explicit(&b->bytes, memory_order_relaxed) > b->limit_bytes / 4;
    return st;
}

/* --- taking ---------------------------------------------------------------------------- */

/* Marks the points that are not the last of their key (key NULL), and says how many. */
static int64_t thin(struct mill_point_chunk *chunks, uint64_t record)
{
    int64_t thinned = 0;
    for (struct mill_point_chunk *chunk = chunks; chunk != NULL; chunk = chunk->next)
        for (size_t i = 0; i < chunk->count; i++) {
            struct waiting *point = &chunk->points[i];
            struct mill_point_key *key = point->key;
            if (key->record == record) {
                key->kept->key = NULL;
                thinned++;
            }
            key->record = record;
            key->kept = point;
        }
    return thinned;
}

/* Gathers what a record of the chunk's points is made from, with its keys numbered. */
static void gather(struct mill_point_packing *p, const struct mill_point_chunk *chunk)
{
    p->record++;
    p->key_count = p->count = 0;
    for (size_t i = 0; i < chunk->count; i++) {
        const struct waiting *w = &chunk->points[i];
        if (w->key == NULL)
            continue; /* thinned */
        if (w->key->record != p->record) {
            w->key->record = p->record;
            w->key->packed = (uint32_t)p->key_count;
            p->keys[p->key_count++] = w->key->text;
        }
        p->points[p->count++] = (struct mill_spool_point){.step = w->step,
                                                          .timestamp = w->timestamp,
                                                          .value = w->value,
                                                          .key = w->key->packed};
    }
}

/* Appends a record; false when there is no memory for it, and nothing is appended. */
static bool pack(struct mill_buf *out, struct mill_point_packing *p)
{
    size_t most = MILL_SPOOL_RECORD_BYTES + 20 + p->count * PACKED_BYTES;
    for (size_t i = 0; i < p->key_count; i++)
        most += p->keys[i].len + 10;
    if (!mill_buf_reserve(out, most)) {
        out->failed = false; /* what is in it is whole */
        return false;
    }
    size_t begin = mill_spool_record_begin(out, MILL_SPOOL_POINTS);
    mill_spool_points_pack(out, p->keys, p->key_count, p->points, p->count, p->before);
    mill_spool_record_end(out, begin);
    return true;
}

/* Begins anew with keys when there are very many, so that names which never come again do not
 * fill the memory. */
static void forget_keys(struct mill_point_shard *s)
{
    if (s->key_count <= MAX_KEYS)
        return;
    mill_free(s->slots);
    s->slots = NULL;
    s->slot_count = s->key_count = 0;
    mill_arena_reset(&s->arena, (size_t)1 << 20);
}

/* Takes what waits in the shard over into taken; nothing of the shard before is in there. */
static void steal(struct mill_point_buffer *b, struct mill_point_shard *s, bool thinned)
{
    pthread_mutex_lock(&s->lock);
    b->taken = s->first;
    b->taken_from = s;
    s->first = s->last = NULL;
    s->generation++;
    if (b->taken == NULL)
        forget_keys(s);
    pthread_mutex_unlock(&s->lock);
    if (thinned)
        b->thinned += thin(b->taken, ++b->packing->record);
}

static void recycle(struct mill_point_shard *s, struct mill_point_chunk *chunk)
{
    pthread_mutex_lock(&s->lock);
    bool keep = s->spare_count < SPARE_CHUNKS;
    if (keep) {
        chunk->next = s->spare;
        s->spare = chunk;
        s->spare_count++;
    }
    pthread_mutex_unlock(&s->lock);
    if (!keep)
        mill_free(chunk);
}

/* Packs chunks that are taken, until there is enough or no memory; true: it was not all. */
static bool pack_taken(struct mill_point_buffer *b, struct mill_buf *out, size_t enough)
{
    while (b->taken != NULL && out->len < enough) {
        struct mill_point_chunk *chunk = b->taken;
        gather(b->packing, chunk);
        if (!pack(out, b->packing))
            return true;
        b->taken = chunk->next;
        atomic_fetch_sub_explicit(&b->bytes, sizeof(*chunk), memory_order_relaxed);
        recycle(b->taken_from, chunk);
    }
    return b->taken != NULL;
}

void mill_point_buffer_begin(struct mill_point_buffer *b)
{
    b->next_shard = 0;
}

bool mill_point_buffer_take(struct mill_point_buffer *b, struct mill_buf *out, bool thinned)
{
    size_t enough = out->len + TAKE_BYTES;
    while (!pack_taken(b, out, enough) && b->next_shard < MILL_POINT_SHARDS)
        steal(b, &b->shards[b->next_shard++], thinned);
    return b->taken != NULL && out->len >= enough; /* else memory is out */
}

/* --- beginning, fork, end --------------------------------------------------------------- */

bool mill_point_buffer_init(struct mill_point_buffer *b, size_t limit_bytes)
{
    b->limit_bytes = limit_bytes;
    b->packing = mill_alloc_zero(1, sizeof(*b->packing));
    for (size_t i = 0; i < MILL_POINT_SHARDS; i++)
        pthread_mutex_init(&b->shards[i].lock, NULL);
    return b->packing != NULL;
}

static void free_chunks(struct mill_point_chunk *chunk)
{
    while (chunk != NULL) {
        struct mill_point_chunk *next = chunk->next;
        mill_free(chunk);
        chunk = next;
    }
}

void mill_point_buffer_release(struct mill_point_buffer *b)
{
    free_chunks(b->taken);
    for (size_t i = 0; i < MILL_POINT_SHARDS; i++) {
        struct mill_point_shard *s = &b->shards[i];
        free_chunks(s->first);
        free_chunks(s->spare);
        mill_free(s->slots);
        mill_arena_release(&s->arena);
        pthread_mutex_destroy(&s->lock);
    }
    mill_free(b->packing);
}

void mill_point_buffer_reset(struct mill_point_buffer *b)
{
    for (size_t i = 0; i < MILL_POINT_SHARDS; i++) {
        struct mill_point_shard *s = &b->shards[i];
        free_chunks(s->first);
        s->first = s->last = NULL;
        s->generation++;
        s->added = s->thinned = 0;
    }
    free_chunks(b->taken);
    b->taken = NULL;
    b->next_shard = 0;
    atomic_store(&b->bytes, 0);
    b->thinned = 0;
    mill_point_buffer_unlock(b);
}

void mill_point_buffer_count(struct mill_point_buffer *b, int64_t *added_out,
                             int64_t *thinned_out)
{
    *added_out = 0;
    *thinned_out = b->thinned;
    for (size_t i = 0; i < MILL_POINT_SHARDS; i++) {
        struct mill_point_shard *s = &b->shards[i];
        pthread_mutex_lock(&s->lock);
        *added_out += s->added;
        *thinned_out += s->thinned;
        pthread_mutex_unlock(&s->lock);
    }
}

void mill_point_buffer_lock(struct mill_point_buffer *b)
{
    for (size_t i = 0; i < MILL_POINT_SHARDS; i++)
        pthread_mutex_lock(&b->shards[i].lock);
}

void mill_point_buffer_unlock(struct mill_point_buffer *b)
{
    for (size_t i = MILL_POINT_SHARDS; i-- > 0;)
        pthread_mutex_unlock(&b->shards[i].lock);
}
