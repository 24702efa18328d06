/* sqlite_readers.c - the SQLite store's reading connections, and the lock of its writer. */
#include "store/sqlite.h"

/* --- the writer's lock --- */

void mill_turn_init(struct turn_lock *turn)
{
    pthread_mutex_init(&turn->lock, NULL);
    pthread_cond_init(&turn->turn, NULL);
}

void mill_turn_destroy(struct turn_lock *turn)
{
    pthread_mutex_destroy(&turn->lock);
    pthread_cond_destroy(&turn->turn);
}

void mill_turn_take(struct turn_lock *turn)
{
    pthread_mutex_lock(&turn->lock);
    uint64_t mine = turn->next++;
    while (turn->serving != mine)
        pthread_cond_wait(&turn->turn, &turn->lock);
    pthread_mutex_unlock(&turn->lock);
}

void mill_turn_give(struct turn_lock *turn)
{
    pthread_mutex_lock(&turn->lock);
    turn->serving++;
    if (turn->serving != turn->next)
        pthread_cond_broadcast(&turn->turn);
    pthread_mutex_unlock(&turn->lock);
}

/* --- readers --- */

enum mill_status mill_sqlite_reader(struct sqlite_store *store, struct db **out,
                                    struct mill_error *err)
{
    pthread_mutex_lock(&store->readers_lock);
    struct db *db = store->readers;
    if (db != NULL)
        store->readers = db->next;
    pthread_mutex_unlock(&store->readers_lock);
    if (db == NULL) {
        enum mill_status st = mill_db_open(store->path, SQLITE_OPEN_READONLY, &db, err);
        /* What a reader has cached is stale after the next commit: little is enough. */
        if (st == MILL_OK)
            st = mill_db_exec(db, "PRAGMA cache_size = -512", err);
        if (st != MILL_OK) {
            mill_db_close(db);
            return st;
        }
    }
    *out = db;
    return MILL_OK;
}

void mill_sqlite_reader_done(struct sqlite_store *store, struct db *db)
{
    pthread_mutex_lock(&store->readers_lock);
    db->next = store->readers;
    store->readers = db;
    pthread_mutex_unlock(&store->readers_lock);
}

enum mill_status mill_sqlite_snapshot(struct sqlite_store *store, struct db **out,
                                      struct mill_error *err)
{
    struct db *db;
    enum mill_status st = mill_sqlite_reader(store, &db, err);
    if (st != MILL_OK)
        return st;
    st = mill_db_run(db, err, SQL_BEGIN_READ, "");
    if (st != MILL_OK) {
        mill_sqlite_reader_done(store, db);
        return st;
    }
    *out = db;
    return MILL_OK;
}

void mill_sqlite_snapshot_done(struct sqlite_store *store, struct db *db)
{
    if (mill_db_run(db, NULL, SQL_COMMIT, "") == MILL_OK)
        mill_sqlite_reader_done(store, db);
    else
        mill_db_close(db); /* it would go on seeing what is old */
}
