/* store.h - what every experiment store can do (internal interface).
 *
 * Callers use the mill_store_*() functions; only store_*.c files fill in a mill_store_ops.
 * Reads may be called from any thread at the same time as each other and as apply; apply is
 * called by one thread at a time (see writer.h, which most callers want instead). A read
 * sees every change whose outcome was given before it began. Results are allocated in the
 * caller's arena or owned by a page that the caller releases. err may be NULL. */
#ifndef MILL_STORE_STORE_H
#define MILL_STORE_STORE_H

#include <millstream/types.h>

#include "base/arena.h"
#include "model/change.h"
#include "query/plan.h"

struct mill_store;
struct mill_history;

/* How a store is opened. Zero means the default everywhere. */
struct mill_store_options {
    bool read_only;                 /* no lock is taken, apply fails */
    bool must_exist;                /* do not create a missing database */
    struct mill_view artifact_root; /* artifact location of the Default experiment */
    int synchronous;                /* 0 FULL, 1 NORMAL, 2 OFF */
    size_t cache_bytes;             /* memory for search rows; 0: 32 MiB */
};

/* Runs of a page; they stay valid until the page is released, whatever is written. */
struct mill_run_page {
    const struct mill_run **runs; /* NULL where the search was lean */
    size_t count;
    size_t total; /* runs that a search found, on this page or not */
    bool more;    /* there are runs behind this page */
    void *owner;
    void (*release)(struct mill_run_page *page);
};

/* Whether a run is wanted. Called while the store is locked: must be quick and not call it. */
typedef bool mill_run_wanted_fn(void *context, const struct mill_run_info *info);

struct mill_run_search {
    const int64_t *experiment_ids;
    size_t experiment_count;
    enum mill_view_type view_type;
    const struct mill_plan *plan; /* MILL_QUERY_RUNS */
    int64_t offset;
    int64_t limit;  /* 1 to MILL_MAX_SEARCH_RESULTS, or to MILL_MAX_BULK_RUNS where bulk */
    bool info_only; /* of the runs no more than info is looked at; lists may be incomplete */
    bool bulk;
    bool lean;      /* the runs are looked at one after the other: mill_run_page_read */
    bool unordered; /* any order will do */
    mill_run_wanted_fn *wanted; /* NULL: whatever satisfies view and plan is wanted */
    void *wanted_context;
};

struct mill_experiment_page {
    const struct mill_experiment *experiments;
    size_t count;
    bool more;
};

struct mill_experiment_search {
    enum mill_view_type view_type;
    const struct mill_plan *plan; /* MILL_QUERY_EXPERIMENTS */
    int64_t offset;
    int64_t limit;
};

/* What a page points into, kept until it is released whatever is written meanwhile. */
struct mill_held {
    void *owner;
    void (*release)(void *owner);
};

/* Frees what is held. Zeroed is allowed. */
void mill_held_release(struct mill_held *held);

struct mill_model_page {
    const struct mill_registered_model *models;
    size_t count;
    bool more;
};

struct mill_version_page {
    const struct mill_model_version *const *versions;
    size_t count;
    bool more;
    struct mill_held held;
};

struct mill_model_search {
    const struct mill_plan *plan; /* MILL_QUERY_MODELS, MILL_QUERY_MODEL_VERSIONS */
    int64_t offset;
    int64_t limit;
};

/* Which version of a registered model: by number, or by alias where that is given. The alias
 * "latest", in any case, is the highest version. */
struct mill_version_ref {
    struct mill_view name;
    int64_t version;
    struct mill_view alias; /* absent: version counts */
};

/* By creation, newest first. */
struct mill_webhook_page {
    const struct mill_webhook *webhooks;
    size_t count;
    bool more;
};

struct mill_due_deliveries {
    const struct mill_webhook_delivery *deliveries;
    size_t count;
    int64_t next_ms; /* when the next of the others is due; MILL_ABSENT: none waits */
};

/* Told that events wait that did not before; on the thread that applied the change, after its
 * commit. Must not block. */
typedef void mill_deliveries_fn(void *context);

struct mill_logged_model_page {
    const struct mill_logged_model *models;
    size_t count;
    bool more;
};

struct mill_logged_model_search {
    const int64_t *experiment_ids;
    size_t experiment_count;
    const struct mill_plan *plan;               /* MILL_QUERY_LOGGED_MODELS */
    const struct mill_dataset_filter *datasets; /* none: metrics on any dataset or none */
    size_t dataset_count;
    int64_t offset;
    int64_t limit; /* 1 to MILL_MAX_SEARCH_RESULTS */
};

/* The figures of a series as a whole. */
struct mill_series_summary {
    int64_t count; /* distinct points; without any the others are of no meaning */
    int64_t min_step, max_step;
    int64_t min_time, max_time;
    double min, max; /* of the finite values; NaN when there is none */
};

/* An x axis in equal pieces: bucket i begins at start + i * width. */
struct mill_bucket_axis {
    bool by_time;       /* x is the time of points, else their step */
    int64_t start, end; /* both included, start <= end */
    uint64_t width;     /* at least 1 */
    size_t count;       /* (end - start) / width + 1, at most MILL_MAX_BUCKETS */
};

/* What fell into a piece of the axis. */
struct mill_bucket {
    int64_t count; /* finite points; without any there are no x, first, min, max and last */
    int64_t x;     /* of the last one */
    double first, min, max, last;
    int64_t nan_x, inf_x, neg_inf_x; /* of the first such point, or MILL_ABSENT */
};

/* Runs of an experiment. */
struct mill_run_count {
    int64_t experiment_id;
    int64_t runs;          /* active ones */
    int64_t running;       /* of them */
    int64_t last_activity; /* the newest start or end */
};

/* Reads tables on a connection of a store; see evaluation.h. */
struct db;
typedef enum mill_status mill_evaluation_reader(struct db *db, void *context,
                                                struct mill_error *err);

struct mill_store_ops {
    const char *scheme; /* URI scheme that selects this backend, e.g. "sqlite" */
    bool reads_block;   /* even a read of one run may take long */
    enum mill_status (*apply)(struct mill_store *store, struct mill_pending **pending,
                              size_t count, struct mill_error *err);
    enum mill_status (*get_experiment)(struct mill_store *store, int64_t experiment_id,
                                       struct mill_arena *arena, struct mill_experiment *out,
                                       struct mill_error *err);
    enum mill_status (*get_experiment_by_name)(struct mill_store *store, struct mill_view name,
                                               struct mill_arena *arena,
                                               struct mill_experiment *out,
                                               struct mill_error *err);
    enum mill_status (*search_experiments)(struct mill_store *store,
                                           const struct mill_experiment_search *search,
                                           struct mill_arena *arena,
                                           struct mill_experiment_page *out,
                                           struct mill_error *err);
    enum mill_status (*get_run)(struct mill_store *store, struct mill_view run_id,
                                struct mill_run_page *out, struct mill_error *err);
    enum mill_status (*search_runs)(struct mill_store *store,
                                    const struct mill_run_search *search,
                                    struct mill_run_page *out, struct mill_error *err);
    enum mill_status (*history_open)(struct mill_store *store, struct mill_view run_id,
                                     struct mill_view key, int64_t skip,
                                     struct mill_history **out, struct mill_error *err);
    enum mill_status (*sample)(struct mill_store *store, struct mill_view run_id,
                               struct mill_view key, int64_t start_step, int64_t end_step,
                               size_t max_points, struct mill_arena *arena,
                               struct mill_point **points_out, size_t *count_out,
                               struct mill_error *err);
    enum mill_status (*summary)(struct mill_store *store, struct mill_view run_id,
                                struct mill_view key, struct mill_series_summary *out,
                                struct mill_error *err);
    enum mill_status (*buckets)(struct mill_store *store, struct mill_view run_id,
                                struct mill_view key, const struct mill_bucket_axis *axis,
                                struct mill_bucket *buckets, int64_t *points_out,
                                struct mill_error *err);
    /* NULL: the front looks at all runs. */
    enum mill_status (*count_runs)(struct mill_store *store, struct mill_arena *arena,
                                   const struct mill_run_count **out, size_t *count_out,
                                   struct mill_error *err);
    void (*close)(struct mill_store *store);
    void (*warm)(struct mill_store *store); /* or NULL */

    /* The model registry; all or none. */
    enum mill_status (*get_model)(struct mill_store *store, struct mill_view name,
                                  struct mill_arena *arena, struct mill_registered_model *out,
                                  struct mill_error *err);
    enum mill_status (*get_model_version)(
        struct mill_store *store, const struct mill_version_ref *ref, struct mill_arena *arena,
        struct mill_model_version *out, struct mill_view *location_out, struct mill_error *err);
    enum mill_status (*search_models)(struct mill_store *store,
                                      const struct mill_model_search *search,
                                      struct mill_arena *arena, struct mill_model_page *out,
                                      struct mill_error *err);
    enum mill_status (*search_model_versions)(struct mill_store *store,
                                              const struct mill_model_search *search,
                                              struct mill_version_page *out,
                                              struct mill_error *err);

    /* Webhooks; all or none. */
    enum mill_status (*get_webhook)(struct mill_store *store, struct mill_view webhook_id,
                                    struct mill_arena *arena, struct mill_webhook *out,
                                    struct mill_error *err);
    enum mill_status (*list_webhooks)(struct mill_store *store, uint32_t events, int64_t offset,
                                      int64_t limit, struct mill_arena *arena,
                                      struct mill_webhook_page *out, struct mill_error *err);
    enum mill_status (*due_deliveries)(struct mill_store *store, int64_t now_ms,
                                       struct mill_arena *arena,
                                       struct mill_due_deliveries *out, struct mill_error *err);
    void (*watch_deliveries)(struct mill_store *store, mill_deliveries_fn *fn, void *context);
    /* Logged models; all or none. */
    enum mill_status (*get_logged_model)(struct mill_store *store, struct mill_view model_id,
                                         bool deleted_too, struct mill_arena *arena,
                                         struct mill_logged_model *out, struct mill_error *err);
    enum mill_status (*search_logged_models)(struct mill_store *store,
                                             const struct mill_logged_model_search *search,
                                             struct mill_arena *arena,
                                             struct mill_logged_model_page *out,
                                             struct mill_error *err);

    /* What evaluations keep; a store without it has NULL. */
    enum mill_status (*read_evaluation)(struct mill_store *store, mill_evaluation_reader *read,
                                        void *context, struct mill_error *err);
};

/* Common part; a backend embeds it as the first member of its own struct. */
struct mill_store {
    const struct mill_store_ops *ops;
};

/* A history being read; a backend embeds it first. */
struct mill_history {
    enum mill_status (*next)(struct mill_history *history, struct mill_point *points,
                             size_t capacity, size_t *count_out, struct mill_error *err);
    void (*close)(struct mill_history *history);
};

/* Opens the store of a URI: "sqlite:///FILE" (three slashes relative, four absolute),
 * "memory:", "file:PATH" (percent-encoded) or a plain path for an mlruns tree. Fails with
 * MILL_E_INVALID for an unknown scheme, MILL_E_BUSY when another process has the database open
 * for writing (the message names it), MILL_E_UNSUPPORTED for a newer or foreign database,
 * MILL_E_IO. */
enum mill_status mill_store_open(struct mill_view uri, const struct mill_store_options *options,
                                 struct mill_store **out, struct mill_error *err);

/* Where files lie that go through the server of a store, when nobody says: "mlartifacts" in the
 * directory of its database, else in the working directory. The server and clients without one
 * ask here, so that they find each other's. In the arena; ptr NULL when memory is out. */
struct mill_view mill_store_destination(struct mill_view uri, struct mill_arena *arena);

/* Whether even a read of one run or experiment may take long, because others lock and write
 * what is read: then it is not for a thread that nobody may wait for. */
bool mill_store_reads_block(const struct mill_store *store);

/* Closes the store and frees it. NULL is allowed. No call may be in progress. */
void mill_store_close(struct mill_store *store);

/* Has the newest runs loaded in the background, in up to half of the memory that searches have,
 * so that the first one need not wait. Called once, by whoever will stay; stores that read
 * their files for each search anyway do nothing. Best effort; ends by itself or with the store.
 */
void mill_store_warm(struct mill_store *store);

/* Applies all changes in one transaction, in order. Each gets its own outcome: a change that
 * is refused changes nothing and does not hinder the others. When storage fails, all outcomes
 * say so, nothing is changed, and the failure is returned. Changes must have passed
 * mill_change_check. On return everything with outcome MILL_OK is on disk. */
enum mill_status mill_store_apply(struct mill_store *store, struct mill_pending **pending,
                                  size_t count, struct mill_error *err);

/* One experiment, deleted ones included; MILL_E_NOT_FOUND. *out points into arena. */
enum mill_status mill_store_get_experiment(struct mill_store *store, int64_t experiment_id,
                                           struct mill_arena *arena,
                                           struct mill_experiment *out, struct mill_error *err);
enum mill_status mill_store_get_experiment_by_name(struct mill_store *store,
                                                   struct mill_view name,
                                                   struct mill_arena *arena,
                                                   struct mill_experiment *out,
                                                   struct mill_error *err);

/* Order: the plan's, then creation_time descending when it has none, then id (ascending for
 * the default order, else descending). */
enum mill_status mill_store_search_experiments(struct mill_store *store,
                                               const struct mill_experiment_search *search,
                                               struct mill_arena *arena,
                                               struct mill_experiment_page *out,
                                               struct mill_error *err);

/* One run, deleted ones included, as a page of one; MILL_E_NOT_FOUND. */
enum mill_status mill_store_get_run(struct mill_store *store, struct mill_view run_id,
                                    struct mill_run_page *out, struct mill_error *err);

/* Order: the plan's, rows without the value last and NaN before those, then start_time
 * descending (unless ordered by it), then run id. */
enum mill_status mill_store_search_runs(struct mill_store *store,
                                        const struct mill_run_search *search,
                                        struct mill_run_page *out, struct mill_error *err);

/* Frees what a page holds. Zeroed pages are allowed. */
void mill_run_page_release(struct mill_run_page *page);

/* Makes the runs of a lean page; it does nothing with others. Fails when out of memory. */
enum mill_status mill_run_page_unpack(struct mill_run_page *page, struct mill_error *err);

/* Holds the run that is looked at. Zeroed is empty. */
struct mill_run_scratch {
    struct mill_arena arena;
    struct mill_run run;
};

/* One run of a page, lean or not; NULL when out of memory. The run and its lists are there
 * until the next call with that scratch; their texts, but not artifact_uri, as long as the
 * page. */
const struct mill_run *mill_run_page_read(const struct mill_run_page *page, size_t index,
                                          struct mill_run_scratch *scratch);
void mill_run_scratch_release(struct mill_run_scratch *scratch);

/* Starts reading a metric's points ordered by (timestamp, step, value), each distinct point
 * once, after leaving out the first skip. A key the run does not have gives no points; an
 * unknown run is MILL_E_NOT_FOUND. The cursor sees the state at this call; it may be used
 * from one thread at a time and must be closed soon (it holds back clean-up). */
enum mill_status mill_store_history_open(struct mill_store *store, struct mill_view run_id,
                                         struct mill_view key, int64_t skip,
                                         struct mill_history **out, struct mill_error *err);

/* The next points, at most capacity (>= 1); *count_out 0 at the end. */
enum mill_status mill_history_next(struct mill_history *history, struct mill_point *points,
                                   size_t capacity, size_t *count_out, struct mill_error *err);
void mill_history_close(struct mill_history *history);

/* A picture of a series for a chart: its points with start_step <= step <= end_step ordered
 * by (step, timestamp, value), cut into max_points buckets of even size (the first ones get
 * the extra points), the first of each, and the very last point (appended, or in place of the
 * last when there are max_points already). No more than max_points points. */
enum mill_status mill_store_sample(struct mill_store *store, struct mill_view run_id,
                                   struct mill_view key, int64_t start_step, int64_t end_step,
                                   size_t max_points, struct mill_arena *arena,
                                   struct mill_point **points_out, size_t *count_out,
                                   struct mill_error *err);

/* The figures of a series; count 0 for a key that the run does not have, MILL_E_NOT_FOUND for
 * an unknown run. Costs far less than reading the points. */
enum mill_status mill_store_summary(struct mill_store *store, struct mill_view run_id,
                                    struct mill_view key, struct mill_series_summary *out,
                                    struct mill_error *err);

/* An axis from start to end (start <= end) in at most `most` (1 to MILL_MAX_BUCKETS) pieces of
 * whole width. */
struct mill_bucket_axis mill_bucket_axis(bool by_time, int64_t start, int64_t end, size_t most);

/* What of a series fell into each piece of an axis, each distinct point once: buckets is the
 * caller's, with room for axis->count, and overwritten. First and last are by the order of a
 * history where the axis is one of time, else by (step, timestamp, value). *points_out is how
 * many points lie on the axis. Memory is flat however long the series is. None for a key that
 * the run does not have, MILL_E_NOT_FOUND for an unknown run. */
enum mill_status mill_store_buckets(struct mill_store *store, struct mill_view run_id,
                                    struct mill_view key, const struct mill_bucket_axis *axis,
                                    struct mill_bucket *buckets, int64_t *points_out,
                                    struct mill_error *err);

/* How many runs each experiment has; experiments without active ones are left out. By
 * experiment id; *out is in arena. */
enum mill_status mill_store_count_runs(struct mill_store *store, struct mill_arena *arena,
                                       const struct mill_run_count **out, size_t *count_out,
                                       struct mill_error *err);

/* --- the model registry: MILL_E_UNSUPPORTED from a store that keeps none -------------------
 */

/* One registered model; *out points into arena. MILL_E_NOT_FOUND. */
enum mill_status mill_store_get_model(struct mill_store *store, struct mill_view name,
                                      struct mill_arena *arena,
                                      struct mill_registered_model *out,
                                      struct mill_error *err);

/* One version, and unless location_out is NULL where its files are; both point into arena.
 * MILL_E_NOT_FOUND for an unknown model or number and for "latest" without any version,
 * MILL_E_INVALID for an alias that the model does not have. */
enum mill_status mill_store_get_model_version(
    struct mill_store *store, const struct mill_version_ref *ref, struct mill_arena *arena,
    struct mill_model_version *out, struct mill_view *location_out, struct mill_error *err);

/* Prompts are among the results only if the first comparison of the tag mlflow.prompt.is_prompt
 * asks for them (= 'true', != 'false'); otherwise comparisons of that tag do not count. limit
 * is 1 to MILL_MAX_MODEL_SEARCH and MILL_MAX_VERSION_SEARCH. Order of models: the plan's, then
 * name; of versions: the plan's, last_updated_timestamp descending when it has none, then name,
 * then number descending. A page of models points into arena, one of versions is released by
 * mill_held_release(&out->held). */
enum mill_status mill_store_search_models(struct mill_store *store,
                                          const struct mill_model_search *search,
                                          struct mill_arena *arena, struct mill_model_page *out,
                                          struct mill_error *err);
enum mill_status mill_store_search_model_versions(struct mill_store *store,
                                                  const struct mill_model_search *search,
                                                  struct mill_version_page *out,
                                                  struct mill_error *err);
/* --- logged models: MILL_E_UNSUPPORTED from a store that keeps none ---------------------- */

/* One logged model, of its metrics the newest MILL_MAX_LOGGED_MODEL_METRICS points; *out points
 * into arena. MILL_E_NOT_FOUND, for a deleted one too unless deleted_too. */
enum mill_status mill_store_get_logged_model(struct mill_store *store,
                                             struct mill_view model_id, bool deleted_too,
                                             struct mill_arena *arena,
                                             struct mill_logged_model *out,
                                             struct mill_error *err);

/* Those that are not deleted. A comparison of a metric holds when any of its points on the
 * wanted datasets satisfies it; without such a comparison, a model needs some metric on one of
 * the datasets, if there are any. Order: the plan's, where a metric counts by its newest point
 * and models without the value come last; then newest first; then by id. */
enum mill_status mill_store_search_logged_models(struct mill_store *store,
                                                 const struct mill_logged_model_search *search,
                                                 struct mill_arena *arena,
                                                 struct mill_logged_model_page *out,
                                                 struct mill_error *err);

/* --- webhooks: MILL_E_UNSUPPORTED from a store that keeps none ---------------------------
 *
 * The events of a change are stored with it, one for each active webhook that wants them, and
 * wait until a MILL_CHANGE_SETTLE_DELIVERIES says that they are over. What is more than
 * MILL_MAX_WAITING_DELIVERIES of one webhook is lost, with a line in the log. */

/* One webhook; *out points into arena. MILL_E_NOT_FOUND. */
enum mill_status mill_store_get_webhook(struct mill_store *store, struct mill_view webhook_id,
                                        struct mill_arena *arena, struct mill_webhook *out,
                                        struct mill_error *err);

/* Those that want any of a set of events. limit is 1 to MILL_MAX_WEBHOOK_LIST. */
enum mill_status mill_store_list_webhooks(struct mill_store *store, uint32_t events,
                                          int64_t offset, int64_t limit,
                                          struct mill_arena *arena,
                                          struct mill_webhook_page *out,
                                          struct mill_error *err);

/* The oldest event of each active webhook, where it may be sent by now: a webhook gets its
 * events one after the other. */
enum mill_status mill_store_due_deliveries(struct mill_store *store, int64_t now_ms,
                                           struct mill_arena *arena,
                                           struct mill_due_deliveries *out,
                                           struct mill_error *err);

/* Has fn called from now on; NULL ends it. False for a store that keeps no webhooks. Not while
 * a change is being applied. */
bool mill_store_watch_deliveries(struct mill_store *store, mill_deliveries_fn *fn,
                                 void *context);

#endif
