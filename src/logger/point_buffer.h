/* point_buffer.h - where points wait in memory until they are written: the fast path of the
 * logger. Adding costs a hash, a look-up and a copy of 32 bytes under a lock that threads
 * hardly ever share. Any thread. */
#ifndef MILL_LOGGER_POINT_BUFFER_H
#define MILL_LOGGER_POINT_BUFFER_H

#include <pthread.h>
#include <stdatomic.h>

#include "logger/spool_format.h"

/* Threads are spread over so many parts, each with a lock of its own. */
#define MILL_POINT_SHARDS 8

struct mill_point_chunk;
struct mill_point_key;

struct mill_point_shard {
    _Alignas(64) pthread_mutex_t lock;
    struct mill_point_chunk *first, *last; /* points in the order they came */
    struct mill_point_chunk *spare;        /* empty ones, kept for later */
    size_t spare_count;
    struct mill_point_key **slots; /* hash table of keys, open addressing */
    size_t slot_count, key_count;
    uint32_t generation; /* goes up when the points are taken */
    int64_t added, thinned;
    struct mill_arena arena; /* of keys, which never move */
};

/* What one record of packed points is made from; for whoever takes. */
struct mill_point_packing;

struct mill_point_buffer {
    struct mill_point_shard shards[MILL_POINT_SHARDS];
    atomic_size_t bytes; /* of all chunks with points in them */
    size_t limit_bytes;
    /* Of whoever takes: */
    struct mill_point_packing *packing;
    struct mill_point_chunk *taken;      /* not packed yet */
    struct mill_point_shard *taken_from; /* their shard */
    size_t next_shard;                   /* to take from */
    int64_t thinned;
};

/* Makes an empty buffer; false when memory is out. A zeroed one may be released. */
bool mill_point_buffer_init(struct mill_point_buffer *b, size_t limit_bytes);
void mill_point_buffer_release(struct mill_point_buffer *b);

/* Adds a point. At the limit it takes the place of the last point of its key that still waits,
 * and the one that was there counts as thinned. *full_out: much waits, it should be taken soon.
 * MILL_E_INVALID for a key that no server takes, MILL_E_NOMEM. */
enum mill_status mill_point_buffer_add(struct mill_point_buffer *b, struct mill_view key,
                                       const struct mill_point *point, bool *full_out,
                                       struct mill_error *err);

/* From now on everything that waits is to be taken. */
void mill_point_buffer_begin(struct mill_point_buffer *b);

/* Takes out some of it and appends it to out as records of packed points; true: there is more,
 * call again. thinned: of each key only the last point that a thread has added is
 * kept, and the others count as thinned. Where out finds no memory, points stay. One thread at
 * a time. */
bool mill_point_buffer_take(struct mill_point_buffer *b, struct mill_buf *out, bool thinned);

/* How many points were added and thinned. Not at the same time as take. */
void mill_point_buffer_count(struct mill_point_buffer *b, int64_t *added_out,
                             int64_t *thinned_out);

/* Forgets all points, and unlocks: for the child of a fork, before which all was locked. */
void mill_point_buffer_reset(struct mill_point_buffer *b);

/* Locks and unlocks everything: around fork. */
void mill_point_buffer_lock(struct mill_point_buffer *b);
void mill_point_buffer_unlock(struct mill_point_buffer *b);

#endif
