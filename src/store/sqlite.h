/* sqlite.h - the SQLite store's parts to each other; nobody else includes it.
 *
 * store_sqlite.c opens and closes; sqlite_readers.c hands out connections; sqlite_apply.c and
 * sqlite_change_*.c write; sqlite_rows.c reads runs, sqlite_experiments.c experiments,
 * sqlite_models.c and sqlite_registry.c registered models, sqlite_series.c points for
 * sqlite_history.c and sqlite_charts.c; sqlite_upkeep.c merges and checkpoints; sqlite_warm.c
 * reads ahead. */
#ifndef MILL_STORE_SQLITE_H
#define MILL_STORE_SQLITE_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/list.h"
#include "base/map.h"
#include "store/cache.h"
#include "store/db.h"
#include "store/points.h"
#include "store/schema.h"
#include "store/sqlite_registry.h"
#include "store/store.h"

/* What the writer knows of a run without asking the database. Only runs with ids of at most
 * sizeof(run_id) - 1 bytes are remembered. */
struct known_run {
    int64_t id;
    int64_t experiment_id;
    enum mill_lifecycle lifecycle;
    bool has_params; /* false only when surely none */
    uint32_t tails;  /* written since the last merge, or since it became known */
    uint32_t points;
    char run_id[36];
};

/* Tails of the group being applied, one for each run. */
struct group_tail {
    int64_t run;
    size_t known; /* index in known, or SIZE_MAX */
    uint32_t points;
    struct mill_tail tail;
};

/* A run that a group changed, or all runs of an experiment (run MILL_ABSENT). */
struct touched {
    int64_t experiment_id, run;
};

/* An active webhook, as far as the writer has to know it. */
struct known_webhook {
    int64_t id;
    uint32_t events;
    int64_t waiting; /* deliveries */
};

/* Runs remembered by the writer; all are forgotten when there are more. */
#define SQLITE_KNOWN_MAX 16384

/* A lock that is given in the order in which it was asked for. With a plain mutex a busy
 * writer takes it again before the background thread wakes up, for seconds. */
struct turn_lock {
    pthread_mutex_t lock;
    pthread_cond_t turn;
    uint64_t next, serving;
};

void mill_turn_init(struct turn_lock *turn);
void mill_turn_destroy(struct turn_lock *turn);
void mill_turn_take(struct turn_lock *turn);
void mill_turn_give(struct turn_lock *turn);

struct upkeep;

struct sqlite_store {
    struct mill_store base;
    char *path;
    int lock_fd;
    bool read_only;
    int schema_version; /* older than the newest only where read_only */
    struct mill_cache *cache;
    struct mill_row_shapes *shapes; /* of its rows */
    struct sqlite_registry *registry;
    struct upkeep *upkeep;
    struct warming *warming; /* NULL: it was not asked for */
    uint32_t merge_points;   /* a run with that many points in tails, */
    uint32_t merge_tails;    /* or with that many tails, is merged */

    /* Readers: idle connections; a busy one belongs to whoever took it. */
    pthread_mutex_t readers_lock;
    struct db *readers;

    /* The writer. write_lock is held for each transaction that writes. */
    struct turn_lock write_lock;
    int synchronous_due; /* to be set before the next write; 0: it is as it should be */
    struct db *writer;
    struct known_run *known;
    size_t known_count;
    struct mill_map known_by_hash; /* hash of run id -> index in known */

    /* What the group in progress gathers. */
    struct group_tail *tails;
    size_t tail_count, tail_cap;
    struct touched *touched;
    size_t touched_count, touched_cap;
    bool experiments_changed;
    bool deliveries_added;

    /* Active webhooks; read when first needed and after whatever changes them. */
    bool webhooks_known;
    uint32_t wanted_events; /* of all of them together */
    struct known_webhook *webhooks;
    size_t webhook_count;
    mill_deliveries_fn *deliveries_fn; /* or NULL */
    void *deliveries_context;

    struct mill_list touched_models; /* of struct touched_model, in this group */

    atomic_uint_fast64_t experiments_version; /* grows when any experiment changes */
    pthread_mutex_t experiments_lock;
    struct experiment_list *experiments; /* the last list read; see sqlite_rows.c */
};

/* Takes a reading connection, opening one if need be, and gives it back. */
enum mill_status mill_sqlite_reader(struct sqlite_store *store, struct db **out,
                                    struct mill_error *err);
void mill_sqlite_reader_done(struct sqlite_store *store, struct db *db);

/* A reading connection inside a transaction, and its end. */
enum mill_status mill_sqlite_snapshot(struct sqlite_store *store, struct db **out,
                                      struct mill_error *err);
void mill_sqlite_snapshot_done(struct sqlite_store *store, struct db *db);

/* The run of the current row of SQL_RUN_RANGE; text is copied into arena. */
struct mill_run_info mill_sqlite_run_info(sqlite3_stmt *stmt, struct mill_arena *arena);

/* mill_store_ops entries. */
enum mill_status mill_sqlite_apply(struct mill_store *store, struct mill_pending **pending,
                                   size_t count, struct mill_error *err);
enum mill_status mill_sqlite_get_experiment(struct mill_store *store, int64_t experiment_id,
                                            struct mill_arena *arena,
                                            struct mill_experiment *out,
                                            struct mill_error *err);
enum mill_status mill_sqlite_get_experiment_by_name(struct mill_store *store,
                                                    struct mill_view name,
                                                    struct mill_arena *arena,
                                                    struct mill_experiment *out,
                                                    struct mill_error *err);
enum mill_status mill_sqlite_search_experiments(struct mill_store *store,
                                                const struct mill_experiment_search *search,
                                                struct mill_arena *arena,
                                                struct mill_experiment_page *out,
                                                struct mill_error *err);
void mill_sqlite_experiments_free(struct sqlite_store *store);
enum mill_status mill_sqlite_history_open(struct mill_store *store, struct mill_view run_id,
                                          struct mill_view key, int64_t skip,
                                          struct mill_history **out, struct mill_error *err);
enum mill_status mill_sqlite_sample(struct mill_store *store, struct mill_view run_id,
                                    struct mill_view key, int64_t start_step, int64_t end_step,
                                    size_t max_points, struct mill_arena *arena,
                                    struct mill_point **points_out, size_t *count_out,
                                    struct mill_error *err);
enum mill_status mill_sqlite_summary(struct mill_store *store, struct mill_view run_id,
                                     struct mill_view key, struct mill_series_summary *out,
                                     struct mill_error *err);
enum mill_status mill_sqlite_buckets(struct mill_store *store, struct mill_view run_id,
                                     struct mill_view key, const struct mill_bucket_axis *axis,
                                     struct mill_bucket *buckets, int64_t *points_out,
                                     struct mill_error *err);
enum mill_status mill_sqlite_count_runs(struct mill_store *store, struct mill_arena *arena,
                                        const struct mill_run_count **out, size_t *count_out,
                                        struct mill_error *err);

/* sqlite_webhooks.c: entries of mill_store_ops, and their end. */
enum mill_status mill_sqlite_get_webhook(struct mill_store *store, struct mill_view webhook_id,
                                         struct mill_arena *arena, struct mill_webhook *out,
                                         struct mill_error *err);
enum mill_status mill_sqlite_list_webhooks(struct mill_store *store, uint32_t events,
                                           int64_t offset, int64_t limit,
                                           struct mill_arena *arena,
                                           struct mill_webhook_page *out,
                                           struct mill_error *err);
enum mill_status mill_sqlite_due_deliveries(struct mill_store *store, int64_t now_ms,
                                            struct mill_arena *arena,
                                            struct mill_due_deliveries *out,
                                            struct mill_error *err);
void mill_sqlite_watch_deliveries(struct mill_store *store, mill_deliveries_fn *fn,
                                  void *context);

/* The webhook of the current row of SQL_WEBHOOK_GET; text is copied into arena. */
enum mill_status mill_sqlite_webhook(sqlite3_stmt *stmt, struct mill_arena *arena,
                                     struct mill_webhook *out, struct mill_error *err);

enum mill_status mill_sqlite_get_logged_model(struct mill_store *store,
                                              struct mill_view model_id, bool deleted_too,
                                              struct mill_arena *arena,
                                              struct mill_logged_model *out,
                                              struct mill_error *err);
enum mill_status mill_sqlite_search_logged_models(struct mill_store *store,
                                                  const struct mill_logged_model_search *search,
                                                  struct mill_arena *arena,
                                                  struct mill_logged_model_page *out,
                                                  struct mill_error *err);

/* mill_sqlite_get_logged_model on a connection of the caller's. */
enum mill_status mill_sqlite_read_logged_model(struct db *db, struct mill_view model_id,
                                               bool deleted_too, struct mill_arena *arena,
                                               struct mill_logged_model *out,
                                               struct mill_error *err);

/* Where the cache's rows come from; the context is the store. */
extern const struct mill_cache_source mill_sqlite_source;

/* Drops what the writer remembers (after a rollback nothing of it can be trusted). */
void mill_sqlite_forget(struct sqlite_store *store);

/* mill_store_ops.warm, and its end, after the step it is at. */
void mill_sqlite_warm(struct mill_store *store);
void mill_sqlite_warm_stop(struct sqlite_store *store);

/* The background thread: started by open, stopped (after its current step) by close. */
enum mill_status mill_upkeep_start(struct sqlite_store *store, struct mill_error *err);
void mill_upkeep_stop(struct sqlite_store *store);

/* Asks for a merge of a run's tails; called with write_lock held. Best effort. */
void mill_upkeep_merge(struct upkeep *upkeep, int64_t run);

/* Tells that something was committed; called with write_lock held. */
void mill_upkeep_committed(struct upkeep *upkeep);

/* Merges a run's tails now; for tests and for the thread itself. */
enum mill_status mill_sqlite_merge(struct sqlite_store *store, int64_t run,
                                   struct mill_error *err);

#endif
