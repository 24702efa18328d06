/* writer.h - the one thread that writes: takes every change that waits, applies them in one
 * transaction, then completes each. This is group commit; no answer precedes its commit. */
#ifndef MILL_STORE_WRITER_H
#define MILL_STORE_WRITER_H

#include "store/store.h"

struct mill_writer;

/* A change in the queue. The owner keeps it and what it points to alive until done. */
struct mill_write {
    struct mill_pending pending;
    void *context;
    /* Told instead of the writer's own `done`, on the same thread and as briefly; NULL: not. */
    void (*done)(struct mill_write *write);
    struct mill_write *next;
};

/* Called on the writer's thread, once for each commit, with a list (linked by next, in the
 * order of submission) of all writes that now have outcomes and no `done` of their own. Must
 * not block. */
typedef void mill_writes_done(struct mill_write *list, void *context);

/* Starts the thread. max_waiting bounds the queue (0: 16384). */
enum mill_status mill_writer_start(struct mill_store *store, size_t max_waiting,
                                   mill_writes_done *done, void *context,
                                   struct mill_writer **out, struct mill_error *err);

/* Queues a list of writes in order. False when the queue is full: nothing was queued and the
 * caller answers MILL_E_BUSY. Any thread; never waits for storage. */
bool mill_writer_submit(struct mill_writer *writer, struct mill_write *list, size_t count);

/* Changes that wait for their transaction. Any thread. */
size_t mill_writer_waiting(struct mill_writer *writer);

/* Finishes what is queued, then ends the thread and frees the writer. NULL is allowed. */
void mill_writer_stop(struct mill_writer *writer);

#endif
