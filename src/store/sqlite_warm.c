/* sqlite_warm.c - the thread that loads the newest runs after a server started, so that whoever
 * searches first need not wait for them. It is the last to get a processor, takes a few hundred
 * runs at a time, and ends when there is no more room or no more runs. */
#include <stdatomic.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/os.h"
#include "store/sqlite.h"

enum {
    RUNS_AT_ONCE = 256, /* a few milliseconds, after which it looks whether it is to stop */
    NICENESS = 10
};

struct warming {
    struct sqlite_store *store;
    pthread_t thread;
    atomic_bool stop;
};

/* Ids of the newest runs below one, ascending. */
static enum mill_status newest(struct sqlite_store *store, int64_t below, int64_t *ids,
                               size_t *count_out)
{
    int64_t found[RUNS_AT_ONCE];
    size_t count = 0;
    struct db *db;
    enum mill_status st = mill_sqlite_snapshot(store, &db, NULL);
    if (st != MILL_OK)
        return st;
    sqlite3_stmt *stmt = mill_db_query(db, SQL_RUN_NEWEST, "ii", below, (int64_t)RUNS_AT_ONCE);
    while (mill_db_step(db, stmt, &st, NULL))
        found[count++] = sqlite3_column_int64(stmt, 0);
    mill_sqlite_snapshot_done(store, db);
    for (size_t i = 0; i < count; i++)
        ids[i] = found[count - 1 - i];
    *count_out = count;
    return st;
}

/* What fails here is read by whoever asks for it. */
static void *warm(void *context)
{
    struct warming *w = context;
    int64_t ids[RUNS_AT_ONCE], below = INT64_MAX;
    size_t count = 1;
    bool room = true;
    (void)setpriority(PRIO_PROCESS, (id_t)gettid(), NICENESS); /* of this thread alone */
    while (room && !atomic_load(&w->stop) && newest(w->store, below, ids, &count) == MILL_OK &&
           count != 0) {
        below = ids[0];
        room = mill_cache_warm(w->store->cache, ids, count, &room, NULL) == MILL_OK && room;
    }
    return NULL;
}

void mill_sqlite_warm(struct mill_store *store)
{
    struct sqlite_store *s = (struct sqlite_store *)store;
    struct warming *w = mill_alloc_zero(1, sizeof(*w));
    if (w == NULL)
        return;
    w->store = s;
    if (mill_start_threads(&w->thread, 1, warm, w) == 1)
        s->warming = w;
    else
        mill_free(w);
}

void mill_sqlite_warm_stop(struct sqlite_store *store)
{
    struct warming *w = store->warming;
    if (w == NULL)
        return;
    atomic_store(&w->stop, true);
    pthread_join(w->thread, NULL);
    mill_free(w);
    store->warming = NULL;
}
