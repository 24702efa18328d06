/* store_sqlite.c - the native store in one SQLite file: opening, locking, versions, reading
 * connections. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/clock.h"
#include "store/backends.h"
#include "store/entity.h"
#include "store/row_page.h"
#include "store/sqlite.h"

enum { CACHE_BYTES = 32 << 20 };

/* --- opening --- */

/* Two names of one file have to share one lock, so that links are followed first. */
static enum mill_status resolve_link(struct sqlite_store *s, struct mill_error *err)
{
    char real[PATH_MAX];
    if (realpath(s->path, real) == NULL)
        return MILL_OK; /* not there yet, or a fault that opening it reports better */
    size_t size = strlen(real) + 1;
    char *copy = mill_alloc(size);
    if (copy == NULL)
        return mill_fail(err, MILL_E_NOMEM, "out of memory to open a database");
    memcpy(copy, real, size);
    mill_free(s->path);
    s->path = copy;
    return MILL_OK;
}

/* One process at a time writes a database: whoever holds the lock on a file beside it. (A
 * lock on the database itself would be lost with SQLite's own POSIX locks.) */
static enum mill_status take_lock(struct sqlite_store *s, struct mill_error *err)
{
    char path[4096];
    char owner[64] = "";
    snprintf(path, sizeof(path), "%s.lock", s->path);
    s->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (s->lock_fd < 0)
        return mill_fail(err, MILL_E_IO, "cannot write beside the database: %s: %s", path,
                         strerror(errno));
    if (flock(s->lock_fd, LOCK_EX | LOCK_NB) != 0) {
        ssize_t n = read(s->lock_fd, owner, sizeof(owner) - 1);
        if (n > 0 && owner[n - 1] == '\n')
            owner[n - 1] = '\0';
        return mill_fail(err, MILL_E_BUSY,
                         "%s is open in another program (%s); stop that one, or talk to it "
                         "over HTTP",
                         s->path, owner[0] != '\0' ? owner : "unknown");
    }
    int len = snprintf(owner, sizeof(owner), "process %ld\n", (long)getpid());
    if (ftruncate(s->lock_fd, 0) != 0 || pwrite(s->lock_fd, owner, (size_t)len, 0) != len)
        return mill_fail(err, MILL_E_IO, "cannot write %s: %s", path, strerror(errno));
    return MILL_OK;
}

static enum mill_status create_tables(struct sqlite_store *s,
                                      const struct mill_store_options *options,
                                      struct mill_error *err)
{
    struct mill_arena arena = {0};
    struct mill_view location = mill_experiment_location(&arena, (struct mill_view){NULL, 0},
                                                         options->artifact_root, 0);
    enum mill_status st = mill_db_exec(s->writer, "BEGIN IMMEDIATE", err);
    if (st == MILL_OK)
        st = mill_schema_apply(s->writer, MILL_SCHEMA_EMPTY, err);
    if (st == MILL_OK && location.ptr == NULL)
        st = mill_fail(err, MILL_E_NOMEM, "out of memory for a new database");
    if (st == MILL_OK)
        st = mill_db_run(s->writer, err, SQL_EXPERIMENT_INSERT, "itti", (int64_t)0,
                         MILL_VIEW("Default"), location, mill_now_ms());
    if (st == MILL_OK)
        st = mill_db_exec(s->writer, "COMMIT", err);
    mill_arena_release(&arena);
    return st;
}

static enum mill_status open_writer(struct sqlite_store *s,
                                    const struct mill_store_options *options,
                                    struct mill_error *err)
{
    static const char *const synchronous[] = {
        "PRAGMA synchronous = FULL", "PRAGMA synchronous = NORMAL", "PRAGMA synchronous = OFF"};
    int version;
    int flags = SQLITE_OPEN_READWRITE | (options->must_exist ? 0 : SQLITE_OPEN_CREATE);
    enum mill_status st = take_lock(s, err);
    if (st == MILL_OK)
        st = mill_db_open(s->path, flags, &s->writer, err);
    if (st == MILL_OK)
        st = mill_schema_check(s->writer, s->path, &version, err);
    if (st == MILL_OK)
        st = mill_db_exec(s->writer,
                          "PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0;"
                          "PRAGMA secure_delete = OFF; PRAGMA cache_size = -4096;"
                          "PRAGMA journal_size_limit = 67108864; PRAGMA temp_store = MEMORY",
                          err);
    if (st == MILL_OK)
        st = mill_db_exec(s->writer, synchronous[options->synchronous], err);
    if (st != MILL_OK || version == MILL_SCHEMA_NEWEST)
        return st;
    if (version != MILL_SCHEMA_EMPTY)
        return mill_schema_upgrade(s->writer, s->path, version, err);
    return create_tables(s, options, err);
}

static enum mill_status open_reader_only(struct sqlite_store *s, struct mill_error *err)
{
    struct db *db;
    enum mill_status st = mill_sqlite_reader(s, &db, err);
    if (st != MILL_OK)
        return st;
    st = mill_schema_check(db, s->path, &s->schema_version, err);
    mill_sqlite_reader_done(s, db);
    if (st == MILL_OK && s->schema_version == MILL_SCHEMA_EMPTY)
        return mill_fail(err, MILL_E_NOT_FOUND, "%s is empty", s->path);
    return st;
}

static void close_store(struct mill_store *store)
{
    struct sqlite_store *s = (struct sqlite_store *)store;
    mill_sqlite_warm_stop(s);
    if (s->upkeep != NULL)
        mill_upkeep_stop(s);
    while (s->readers != NULL) {
        struct db *next = s->readers->next;
        mill_db_close(s->readers);
        s->readers = next;
    }
    mill_db_close(s->writer); /* last: it checkpoints and removes the log */
    mill_cache_free(s->cache);
    mill_row_shapes_free(s->shapes);
    mill_sqlite_registry_free(s->registry);
    mill_free(s->touched_models.items);
    mill_sqlite_experiments_free(s);
    for (size_t i = 0; i < s->tail_cap; i++)
        mill_buf_release(&s->tails[i].tail.bytes);
    mill_free(s->tails);
    mill_free(s->touched);
    mill_free(s->webhooks);
    mill_free(s->known);
    mill_map_release(&s->known_by_hash);
    if (s->lock_fd >= 0)
        close(s->lock_fd);
    pthread_mutex_destroy(&s->readers_lock);
    mill_turn_destroy(&s->write_lock);
    pthread_mutex_destroy(&s->experiments_lock);
    mill_free(s->path);
    mill_free(s);
}

static enum mill_status get_run(struct mill_store *store, struct mill_view run_id,
                                struct mill_run_page *out, struct mill_error *err)
{
    struct sqlite_store *s = (struct sqlite_store *)store;
    struct mill_row *row;
    int64_t id;
    enum mill_status st = s->read_only ? mill_sqlite_source.find(s, run_id, &id, &row, err)
                                       : mill_cache_get(s->cache, run_id, &row, err);
    return st == MILL_OK ? mill_row_page(&row, 1, (struct mill_page_form){0}, out, err) : st;
}

static enum mill_status search_runs(struct mill_store *store,
                                    const struct mill_run_search *search,
                                    struct mill_run_page *out, struct mill_error *err)
{
    return mill_cache_search(((struct sqlite_store *)store)->cache, search, out, err);
}

static enum mill_status read_evaluation(struct mill_store *store, mill_evaluation_reader *read,
                                        void *context, struct mill_error *err)
{
    struct sqlite_store *s = (struct sqlite_store *)store;
    struct db *db;
    enum mill_status st = mill_sqlite_snapshot(s, &db, err);
    if (st != MILL_OK)
        return st;
    st = read(db, context, err);
    mill_sqlite_snapshot_done(s, db);
    return st;
}

static const struct mill_store_ops ops = {
    .scheme = "sqlite",
    .apply = mill_sqlite_apply,
    .get_experiment = mill_sqlite_get_experiment,
    .get_experiment_by_name = mill_sqlite_get_experiment_by_name,
    .search_experiments = mill_sqlite_search_experiments,
    .get_run = get_run,
    .search_runs = search_runs,
    .history_open = mill_sqlite_history_open,
    .sample = mill_sqlite_sample,
    .summary = mill_sqlite_summary,
    .buckets = mill_sqlite_buckets,
    .count_runs = mill_sqlite_count_runs,
    .close = close_store,
    .warm = mill_sqlite_warm,
    .get_model = mill_sqlite_get_model,
    .get_model_version = mill_sqlite_get_model_version,
    .search_models = mill_sqlite_search_models,
    .search_model_versions = mill_sqlite_search_model_versions,
    .get_webhook = mill_sqlite_get_webhook,
    .list_webhooks = mill_sqlite_list_webhooks,
    .due_deliveries = mill_sqlite_due_deliveries,
    .watch_deliveries = mill_sqlite_watch_deliveries,
    .get_logged_model = mill_sqlite_get_logged_model,
    .search_logged_models = mill_sqlite_search_logged_models,
    .read_evaluation = read_evaluation,
};

/* What failed deep below may not know which file it was about. */
static void name_file(const struct sqlite_store *s, enum mill_status status,
                      struct mill_error *err)
{
    if (err == NULL || s->path == NULL || s->path[0] == '\0' ||
        strstr(err->message, s->path) != NULL)
        return;
    struct mill_error inner = *err;
    mill_fail(err, status, "%s: %s", s->path, inner.message);
}

enum mill_status mill_store_sqlite_open(struct mill_view path,
                                        const struct mill_store_options *options,
                                        struct mill_store **out, struct mill_error *err)
{
    struct sqlite_store *s = mill_alloc_zero(1, sizeof(*s));
    if (s == NULL)
        return mill_fail(err, MILL_E_NOMEM, "out of memory to open a database");
    s->base.ops = &ops;
    s->lock_fd = -1;
    s->schema_version = MILL_SCHEMA_NEWEST;
    s->read_only = options->read_only;
    pthread_mutex_init(&s->readers_lock, NULL);
    mill_turn_init(&s->write_lock);
    pthread_mutex_init(&s->experiments_lock, NULL);
    s->path = mill_alloc_zero(path.len + 1, 1);
    s->known = mill_alloc(SQLITE_KNOWN_MAX * sizeof(*s->known)); /* touched as it fills */
    s->registry = mill_sqlite_registry_new();
    s->shapes = mill_row_shapes_new();
    s->touched_models.size = sizeof(struct touched_model);
    enum mill_status st = MILL_OK;
    if (s->path == NULL || s->known == NULL || s->registry == NULL || s->shapes == NULL) {
        st = mill_fail(err, MILL_E_NOMEM, "out of memory to open a database");
        goto out;
    }
    memcpy(s->path, path.ptr, path.len);
    st = resolve_link(s, err);
    if (st == MILL_OK && (s->read_only || options->must_exist) && access(s->path, F_OK) != 0 &&
        errno == ENOENT)
        st = mill_fail(err, MILL_E_NOT_FOUND, "there is no database %s", s->path);
    if (st != MILL_OK)
        goto out;

    st = mill_cache_new(&mill_sqlite_source, s,
                        options->cache_bytes != 0 ? options->cache_bytes : CACHE_BYTES,
                        &s->cache, err);
    if (st == MILL_OK)
        st = s->read_only ? open_reader_only(s, err) : open_writer(s, options, err);
    if (st == MILL_OK && !s->read_only)
        st = mill_upkeep_start(s, err);

out:
    if (st != MILL_OK) {
        name_file(s, st, err);
        close_store(&s->base);
    } else {
        *out = &s->base;
    }
    return st;
}
