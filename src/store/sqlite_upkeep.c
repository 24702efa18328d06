/* sqlite_upkeep.c - the background thread of the SQLite store: merges tails into segments and
 * copies the write-ahead log back into the database.
 *
 * A merge reads and encodes on a snapshot, without any lock: nobody else removes tails or
 * touches segments. Only its short write takes the writer's lock. Merges are not synced to
 * disk on their own: losing one to a power cut loses no point, the tails are still there. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/alloc.h"
#include "base/os.h"
#include "store/sqlite.h"

enum {
    QUEUE_MAX = 65536,
    IDLE_SECONDS = 2,       /* without a commit, after which also smaller tails are merged: */
    IDLE_POINTS = 256,      /* those of runs with that many points */
    CHECKPOINT_PAGES = 2048 /* of the log, after which it is copied back */
};

struct upkeep {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    int64_t *queue; /* runs to merge; a ring */
    size_t first, count;
    bool stop;
    bool quiet; /* no commit since the thread last looked; it waits without a limit */
    atomic_bool committed; /* since the thread last looked */
    size_t idle_at;        /* in the writer's known runs, how far the idle search has come */
    atomic_int log_pages;
    size_t checkpoint_pages;
};

/* --- merging --- */

/* Points of one key out of the tails, and what becomes of them. */
struct merge_series {
    struct mill_view key;
    struct mill_points points;
    int64_t first_number; /* segments from this number on are replaced */
};

struct merge {
    struct mill_arena arena;
    struct merge_series *series;
    size_t count, cap;
    size_t last;           /* series of the previous point */
    struct mill_map index; /* hash of key -> series */
    int64_t last_tail;
};

static struct merge_series *series_of(struct merge *m, struct mill_view key)
{
    if (m->last < m->count && mill_view_eq(m->series[m->last].key, key))
        return &m->series[m->last];
    uint64_t found;
    if (mill_map_get(&m->index, mill_view_hash(key), &found) &&
        mill_view_eq(m->series[found].key, key)) {
        m->last = (size_t)found;
        return &m->series[found];
    }
    if (m->count == m->cap) {
        size_t cap = m->cap != 0 ? m->cap * 2 : 32;
        struct merge_series *series = mill_realloc(m->series, cap * sizeof(*series));
        if (series == NULL)
            return NULL;
        m->series = series;
        m->cap = cap;
    }
    struct merge_series *s = &m->series[m->count];
    *s = (struct merge_series){.key = mill_arena_copy(&m->arena, key)};
    if (s->key.ptr == NULL || !mill_map_set(&m->index, mill_view_hash(key), m->count))
        return NULL;
    m->last = m->count++;
    return s;
}

static enum mill_status merge_point(void *context, struct mill_view key,
                                    struct mill_point point, struct mill_error *err)
{
    struct merge_series *s = series_of(context, key);
    if (s == NULL || !mill_points_add(&s->points, point))
        return mill_no_memory(err);
    return MILL_OK;
}

static enum mill_status read_tails(struct merge *m, struct db *db, int64_t run,
                                   struct mill_error *err)
{
    enum mill_status st = MILL_OK, decoded = MILL_OK;
    sqlite3_stmt *stmt = mill_db_query(db, SQL_TAIL_LIST, "i", run);
    while (decoded == MILL_OK && mill_db_step(db, stmt, &st, err)) {
        m->last_tail = sqlite3_column_int64(stmt, 0);
        decoded = mill_tail_each(mill_db_blob(stmt, 1), merge_point, m, err);
    }
    if (decoded != MILL_OK) {
        mill_db_done(stmt);
        return decoded;
    }
    return st;
}

/* Takes in the segments at the end of a series that are no larger than what has been
 * gathered: every point is so rewritten only some log2 times, and a series of n points lies in
 * about n / MILL_SEGMENT_MAX + log2(MILL_SEGMENT_MAX) segments. Full segments are taken in
 * only while few, when late points belong into them. */
static enum mill_status absorb_segments(struct merge_series *s, struct db *db, int64_t run,
                                        struct mill_error *err)
{
    enum mill_status st = MILL_OK, decoded = MILL_OK;
    size_t full = 0;
    mill_points_sort(&s->points, mill_point_cmp);
    int64_t first_step = s->points.items[0].step;
    sqlite3_stmt *stmt = mill_db_query(db, SQL_SEGMENT_LAST, "it", run, s->key);
    while (mill_db_step(db, stmt, &st, err)) {
        size_t count = (size_t)sqlite3_column_int64(stmt, 1);
        bool overlaps = sqlite3_column_int64(stmt, 3) >= first_step;
        bool small = count < MILL_SEGMENT_MAX && count <= 2 * s->points.count;
        if (s->first_number == 0)
            s->first_number = sqlite3_column_int64(stmt, 0) + 1;
        if (!small && (!overlaps || full++ >= 2)) {
            mill_db_done(stmt);
            break;
        }
        decoded = mill_segment_decode(mill_db_blob(stmt, 4), &s->points, err);
        if (decoded != MILL_OK) {
            mill_db_done(stmt);
            return decoded;
        }
        s->first_number = sqlite3_column_int64(stmt, 0);
        if (sqlite3_column_int64(stmt, 2) < first_step)
            first_step = sqlite3_column_int64(stmt, 2);
    }
    if (st == MILL_OK)
        mill_points_sort(&s->points, mill_point_cmp);
    return st;
}

static enum mill_status write_segment(struct db *db, int64_t run, struct mill_view key,
                                      int64_t number, const struct mill_point *points,
                                      size_t count, struct mill_error *err)
{
    struct mill_buf bytes = {0};
    int64_t min_time = points[0].timestamp, max_time = min_time;
    double min = NAN, max = NAN;
    for (size_t i = 0; i < count; i++) {
        if (points[i].timestamp < min_time)
            min_time = points[i].timestamp;
        if (points[i].timestamp > max_time)
            max_time = points[i].timestamp;
        min = fmin(min, points[i].value); /* a NaN loses against any number */
        max = fmax(max, points[i].value);
    }
    mill_segment_encode(&bytes, points, count);
    enum mill_status st =
        bytes.failed ? mill_no_memory(err)
                     : mill_db_run(db, err, SQL_SEGMENT_SET, "itiiiiiiddddb", run, key, number,
                                   (int64_t)count, points[0].step, points[count - 1].step,
                                   min_time, max_time, points[0].value, points[count - 1].value,
                                   min, max, mill_buf_view(&bytes));
    mill_buf_release(&bytes);
    return st;
}

static enum mill_status write_series(const struct merge_series *s, struct db *db, int64_t run,
                                     struct mill_error *err)
{
    const struct mill_point *points = s->points.items;
    size_t count = s->points.count;
    int64_t number = s->first_number != 0 ? s->first_number : 1;
    const struct mill_point *last = &points[count - 1];
    enum mill_status st = mill_db_run(db, err, SQL_SEGMENT_DELETE, "iti", run, s->key, number);
    for (size_t i = 0; st == MILL_OK && i < count; i += MILL_SEGMENT_MAX) {
        size_t n = count - i < MILL_SEGMENT_MAX ? count - i : MILL_SEGMENT_MAX;
        st = write_segment(db, run, s->key, number++, points + i, n, err);
    }
    if (st == MILL_OK)
        st = mill_db_run(db, err, SQL_LATEST_SET, "itiid", run, s->key, last->step,
                         last->timestamp, last->value);
    return st;
}

static enum mill_status write_merge(struct sqlite_store *store, const struct merge *m,
                                    int64_t run, struct mill_error *err)
{
    struct db *db = store->writer;
    int64_t synchronous = 2;
    char restore[40];
    mill_turn_take(&store->write_lock);
    enum mill_status st = mill_db_integer(db, "PRAGMA synchronous", &synchronous, err);
    if (st == MILL_OK && synchronous > 1)
        st = mill_db_exec(db, "PRAGMA synchronous = NORMAL", err);
    if (st == MILL_OK)
        st = mill_db_run(db, err, SQL_BEGIN_WRITE, "");
    for (size_t i = 0; st == MILL_OK && i < m->count; i++)
        st = write_series(&m->series[i], db, run, err);
    if (st == MILL_OK)
        st = mill_db_run(db, err, SQL_TAIL_DELETE, "ii", run, m->last_tail);
    if (st == MILL_OK)
        st = mill_db_run(db, err, SQL_COMMIT, "");
    if (st != MILL_OK && sqlite3_get_autocommit(db->handle) == 0)
        mill_db_run(db, NULL, SQL_ROLLBACK, "");
    snprintf(restore, sizeof(restore), "PRAGMA synchronous = %d", (int)synchronous);
    if (synchronous > 1 && mill_db_exec(db, restore, NULL) != MILL_OK)
        store->synchronous_due = (int)synchronous;
    mill_turn_give(&store->write_lock);
    return st;
}

enum mill_status mill_sqlite_merge(struct sqlite_store *store, int64_t run,
                                   struct mill_error *err)
{
    struct merge m = {.last = SIZE_MAX};
    struct db *db;
    enum mill_status st = mill_sqlite_snapshot(store, &db, err);
    if (st != MILL_OK)
        return st;
    st = read_tails(&m, db, run, err);
    for (size_t i = 0; st == MILL_OK && i < m.count; i++)
        st = absorb_segments(&m.series[i], db, run, err);
    mill_sqlite_snapshot_done(store, db);
    if (st == MILL_OK && m.count != 0)
        st = write_merge(store, &m, run, err);
    for (size_t i = 0; i < m.count; i++)
        mill_points_release(&m.series[i].points);
    mill_free(m.series);
    mill_map_release(&m.index);
    mill_arena_release(&m.arena);
    return st;
}

/* --- checkpoints --- */

static int after_commit(void *context, sqlite3 *handle, const char *name, int pages)
{
    struct upkeep *u = context;
    (void)handle;
    (void)name;
    atomic_store_explicit(&u->log_pages, pages, memory_order_relaxed);
    if ((size_t)pages >= u->checkpoint_pages) {
        pthread_mutex_lock(&u->lock);
        pthread_cond_signal(&u->wake);
        pthread_mutex_unlock(&u->lock);
    }
    return SQLITE_OK;
}

/* Copies the log back. The long part runs beside the writer; then, with the writer held, the
 * few pages that it added meanwhile, so that the log can begin anew instead of growing. */
static void checkpoint(struct sqlite_store *store, struct db *db)
{
    int log = 0, copied = 0;
    sqlite3_wal_checkpoint_v2(db->handle, NULL, SQLITE_CHECKPOINT_PASSIVE, &log, &copied);
    mill_turn_take(&store->write_lock);
    sqlite3_wal_checkpoint_v2(db->handle, NULL, SQLITE_CHECKPOINT_PASSIVE, &log, &copied);
    mill_turn_give(&store->write_lock);
    /* A reader may have held pages back: then the next commit asks again. */
    atomic_store(&store->upkeep->log_pages, 0);
}

/* A connection that has read the database once: before that it does not know of the log, and
 * a checkpoint does nothing. */
static struct db *open_for_checkpoints(struct sqlite_store *store)
{
    struct db *db;
    int64_t tables;
    if (mill_db_open(store->path, SQLITE_OPEN_READWRITE, &db, NULL) != MILL_OK)
        return NULL;
    if (mill_db_integer(db, "SELECT count(*) FROM sqlite_schema", &tables, NULL) == MILL_OK)
        return db;
    mill_db_close(db);
    return NULL;
}

/* --- the thread --- */

void mill_upkeep_merge(struct upkeep *u, int64_t run)
{
    pthread_mutex_lock(&u->lock);
    if (u->count < QUEUE_MAX) {
        u->queue[(u->first + u->count++) % QUEUE_MAX] = run;
        pthread_cond_signal(&u->wake);
    } /* else: the run asks again when its tails have grown further */
    pthread_mutex_unlock(&u->lock);
}

void mill_upkeep_committed(struct upkeep *u)
{
    if (atomic_exchange(&u->committed, true))
        return;
    pthread_mutex_lock(&u->lock);
    if (u->quiet) {
        u->quiet = false;
        pthread_cond_signal(&u->wake);
    }
    pthread_mutex_unlock(&u->lock);
}

static bool has_job(const struct upkeep *u)
{
    return u->stop || u->count != 0 || (size_t)u->log_pages >= u->checkpoint_pages;
}

/* Waits for work; false when nothing came for a while after the last commit. */
static bool wait_for_job(struct upkeep *u)
{
    while (!has_job(u)) {
        if (u->quiet) {
            pthread_cond_wait(&u->wake, &u->lock);
            continue;
        }
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_sec += IDLE_SECONDS;
        bool late = pthread_cond_timedwait(&u->wake, &u->lock, &until) != 0;
        if (late && !has_job(u) && !atomic_exchange(&u->committed, false))
            return false;
    }
    return true;
}

/* A run of the writer's with many points in tails, or MILL_ABSENT when there is none left. */
static int64_t idle_run(struct sqlite_store *store)
{
    struct upkeep *u = store->upkeep;
    int64_t found = MILL_ABSENT;
    mill_turn_take(&store->write_lock);
    for (; found == MILL_ABSENT && u->idle_at < store->known_count; u->idle_at++) {
        struct known_run *run = &store->known[u->idle_at];
        if (run->points >= IDLE_POINTS) {
            run->points = 0;
            run->tails = 0;
            found = run->id;
        }
    }
    if (found == MILL_ABSENT)
        u->idle_at = 0;
    mill_turn_give(&store->write_lock);
    return found;
}

/* Waits for work; true with a run to merge, or MILL_ABSENT when the log is long. */
static bool next_job(struct sqlite_store *store, int64_t *run_out)
{
    struct upkeep *u = store->upkeep;
    pthread_mutex_lock(&u->lock);
    while (!has_job(u)) {
        bool more = u->idle_at != 0 && !atomic_load(&u->committed);
        if (!more && wait_for_job(u))
            break;
        pthread_mutex_unlock(&u->lock);
        *run_out = idle_run(store);
        if (*run_out != MILL_ABSENT)
            return true;
        pthread_mutex_lock(&u->lock);
        u->quiet = !atomic_load(&u->committed);
    }
    bool work = !u->stop;
    *run_out = MILL_ABSENT;
    if (work && (size_t)u->log_pages < u->checkpoint_pages) {
        *run_out = u->queue[u->first];
        u->first = (u->first + 1) % QUEUE_MAX;
        u->count--;
    }
    pthread_mutex_unlock(&u->lock);
    return work;
}

static void *upkeep_main(void *context)
{
    struct sqlite_store *store = context;
    struct db *db = NULL;
    int64_t run;
    while (next_job(store, &run)) {
        if (run != MILL_ABSENT) {
            /* What fails here is tried again with the run's next merge; nothing is lost. */
            (void)mill_sqlite_merge(store, run, NULL);
            continue;
        }
        if (db == NULL)
            db = open_for_checkpoints(store);
        if (db != NULL)
            checkpoint(store, db);
        else
            atomic_store(&store->upkeep->log_pages, 0);
    }
    mill_db_close(db);
    return NULL;
}

/* A number from the environment, for tests that want merges and checkpoints all the time. */
static size_t setting(const char *name, size_t fallback)
{
    int64_t value;
    return mill_view_int(mill_view_of(getenv(name)), &value) && value > 0 ? (size_t)value
                                                                          : fallback;
}

enum mill_status mill_upkeep_start(struct sqlite_store *store, struct mill_error *err)
{
    struct upkeep *u = mill_alloc_zero(1, sizeof(*u));
    if (u == NULL)
        return mill_no_memory(err);
    u->queue = mill_alloc(QUEUE_MAX * sizeof(*u->queue));
    u->checkpoint_pages = setting("MILLSTREAM_TEST_CHECKPOINT_PAGES", CHECKPOINT_PAGES);
    store->merge_points = (uint32_t)setting("MILLSTREAM_TEST_MERGE_POINTS", 4096);
    store->merge_tails = (uint32_t)setting("MILLSTREAM_TEST_MERGE_TAILS", 64);
    pthread_mutex_init(&u->lock, NULL);
    pthread_cond_init(&u->wake, NULL);
    store->upkeep = u;
    if (u->queue == NULL || mill_start_threads(&u->thread, 1, upkeep_main, store) == 0) {
        store->upkeep = NULL;
        pthread_mutex_destroy(&u->lock);
        pthread_cond_destroy(&u->wake);
        mill_free(u->queue);
        mill_free(u);
        return mill_fail(err, MILL_E_NOMEM, "cannot start the store's background thread");
    }
    sqlite3_wal_hook(store->writer->handle, after_commit, u);
    return MILL_OK;
}

void mill_upkeep_stop(struct sqlite_store *store)
{
    struct upkeep *u = store->upkeep;
    sqlite3_wal_hook(store->writer->handle, NULL, NULL);
    pthread_mutex_lock(&u->lock);
    u->stop = true;
    pthread_cond_signal(&u->wake);
    pthread_mutex_unlock(&u->lock);
    pthread_join(u->thread, NULL);
    pthread_mutex_destroy(&u->lock);
    pthread_cond_destroy(&u->wake);
    mill_free(u->queue);
    mill_free(u);
    store->upkeep = NULL;
}
