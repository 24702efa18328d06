/* writer.c - see writer.h. */
#include "store/writer.h"

#include <pthread.h>

#include "base/alloc.h"
#include "base/os.h"

enum {
    QUEUE_DEFAULT = 16384,
    GROUP_MAX = 1024 /* changes in one transaction */
};

struct mill_writer {
    struct mill_store *store;
    mill_writes_done *done;
    void *context;
    size_t max_waiting;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    struct mill_write *first, **last; /* the queue */
    size_t waiting;
    bool stop;
    struct mill_pending *group[GROUP_MAX];
};

/* Takes up to GROUP_MAX writes off the queue; waits while it is empty. NULL at the end. */
static struct mill_write *take(struct mill_writer *w, size_t *count_out)
{
    pthread_mutex_lock(&w->lock);
    while (w->first == NULL && !w->stop)
        pthread_cond_wait(&w->wake, &w->lock);
    struct mill_write *list = w->first, *write = list;
    size_t count = 0;
    while (write != NULL && count < GROUP_MAX) {
        w->group[count++] = &write->pending;
        if (count == GROUP_MAX || write->next == NULL)
            break;
        write = write->next;
    }
    if (write != NULL) {
        w->first = write->next;
        write->next = NULL;
    }
    if (w->first == NULL)
        w->last = &w->first;
    w->waiting -= count;
    pthread_mutex_unlock(&w->lock);
    *count_out = count;
    return list;
}

/* Tells those that want to be told themselves; the others stay in the list. */
static struct mill_write *tell_single(struct mill_write *list)
{
    struct mill_write *others = NULL, **end = &others;
    while (list != NULL) {
        struct mill_write *write = list;
        list = write->next;
        if (write->done != NULL) {
            write->done(write); /* may be gone afterwards */
            continue;
        }
        *end = write;
        end = &write->next;
    }
    *end = NULL;
    return others;
}

static void *writer_main(void *context)
{
    struct mill_writer *w = context;
    struct mill_write *list;
    size_t count;
    while ((list = take(w, &count)) != NULL) {
        mill_store_apply(w->store, w->group, count, NULL); /* each outcome has its own status */
        list = tell_single(list);
        if (list != NULL)
            w->done(list, w->context);
    }
    return NULL;
}

enum mill_status mill_writer_start(struct mill_store *store, size_t max_waiting,
                                   mill_writes_done *done, void *context,
                                   struct mill_writer **out, struct mill_error *err)
{
    struct mill_writer *w = mill_alloc_zero(1, sizeof(*w));
    if (w == NULL)
        return mill_fail(err, MILL_E_NOMEM, "out of memory for the writer");
    w->store = store;
    w->done = done;
    w->context = context;
    w->max_waiting = max_waiting != 0 ? max_waiting : QUEUE_DEFAULT;
    w->last = &w->first;
    pthread_mutex_init(&w->lock, NULL);
    pthread_cond_init(&w->wake, NULL);
    if (mill_start_threads(&w->thread, 1, writer_main, w) == 0) {
        pthread_mutex_destroy(&w->lock);
        pthread_cond_destroy(&w->wake);
        mill_free(w);
        return mill_fail(err, MILL_E_NOMEM, "cannot start the writer's thread");
    }
    *out = w;
    return MILL_OK;
}

bool mill_writer_submit(struct mill_writer *writer, struct mill_write *list, size_t count)
{
    if (count == 0)
        return true;
    struct mill_write *end = list;
    while (end->next != NULL)
        end = end->next;
    pthread_mutex_lock(&writer->lock);
    bool fits = !writer->stop && count <= writer->max_waiting - writer->waiting;
    if (fits) {
        *writer->last = list;
        writer->last = &end->next;
        writer->waiting += count;
        pthread_cond_signal(&writer->wake);
    }
    pthread_mutex_unlock(&writer->lock);
    return fits;
}

size_t mill_writer_waiting(struct mill_writer *writer)
{
    pthread_mutex_lock(&writer->lock);
    size_t waiting = writer->waiting;
    pthread_mutex_unlock(&writer->lock);
    return waiting;
}

void mill_writer_stop(struct mill_writer *writer)
{
    if (writer == NULL)
        return;
    pthread_mutex_lock(&writer->lock);
    writer->stop = true;
    pthread_cond_signal(&writer->wake);
    pthread_mutex_unlock(&writer->lock);
    pthread_join(writer->thread, NULL);
    pthread_mutex_destroy(&writer->lock);
    pthread_cond_destroy(&writer->wake);
    mill_free(writer);
}
