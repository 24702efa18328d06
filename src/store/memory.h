/* memory.h - the memory store's experiments and runs, and their changes (for memory*.c and
 * store_memory.c alone).
 *
 * Who changes something holds the store's lock alone, who reads shares it. A change is made as
 * a whole or not at all. Its fields are as in change.h; failures are those of store.h.
 *
 *   store_memory.c       the calls of a store
 *   memory_experiments.c, memory_runs.c, memory_log.c, memory_links.c
 *                        changes of experiments and runs
 *   memory_history.c     reads of points
 *   memory_registry.c, memory_logged_models.c, memory_webhooks.c
 *                        what else it keeps, each on its own */
#ifndef MILL_STORE_MEMORY_H
#define MILL_STORE_MEMORY_H

#include <pthread.h>

#include "base/map.h"
#include "store/memory_logged_models.h"
#include "store/memory_registry.h"
#include "store/memory_webhooks.h"
#include "store/points.h"
#include "store/rowset.h"

/* The points of one key of one run. */
struct memory_series {
    struct mill_view key; /* owned */
    struct mill_points points;
};

/* What a run has besides its row; index is the row's slot. */
struct memory_extra {
    struct memory_series *series;
    size_t count;
};

struct memory_experiment {
    struct mill_arena arena; /* what value points to */
    struct mill_experiment value;
    struct mill_rowset runs;
    struct memory_extra *extras;
    size_t extra_cap;
};

struct memory_store {
    struct mill_store base;
    pthread_rwlock_t lock;
    struct memory_experiment **experiments; /* index is the id */
    size_t count;
    struct mill_map runs; /* hash of run id -> experiment << 32 | slot */
    struct mill_row_shapes *shapes;
    struct mill_memory_registry registry;
    struct memory_webhooks webhooks;
    struct memory_logged_models logged_models;
    struct db *evaluation; /* in memory, too; NULL until it is needed */
};

/* --- experiments --- */

/* NULL when there is none. */
struct memory_experiment *mill_memory_experiment(const struct memory_store *m, int64_t id);

/* The same, but deleted ones are refused. */
enum mill_status mill_memory_active_experiment(const struct memory_store *m, int64_t id,
                                               struct memory_experiment **out,
                                               struct mill_error *err);

struct memory_experiment *mill_memory_experiment_by_name(const struct memory_store *m,
                                                         struct mill_view name);

enum mill_status mill_memory_create_experiment(struct memory_store *m,
                                               const struct mill_change *c,
                                               struct mill_outcome *outcome,
                                               struct mill_error *err);
enum mill_status mill_memory_rename_experiment(struct memory_store *m,
                                               const struct mill_change *c,
                                               struct mill_error *err);
enum mill_status mill_memory_tag_experiment(struct memory_store *m, const struct mill_change *c,
                                            bool set, struct mill_error *err);
enum mill_status mill_memory_set_experiment_lifecycle(struct memory_store *m,
                                                      const struct mill_change *c,
                                                      enum mill_lifecycle to,
                                                      struct mill_error *err);

void mill_memory_free_experiment(struct memory_experiment *e);

/* --- runs --- */

/* Where a run is; false when there is none. */
bool mill_memory_run(const struct memory_store *m, struct mill_view run_id,
                     struct memory_experiment **experiment_out, size_t *slot_out);

/* A run while it is changed: what its row says, in the scratch arena, where its lists may be
 * replaced by others. */
struct memory_editing {
    struct memory_store *store;
    struct mill_arena scratch;
    struct memory_experiment *experiment;
    size_t slot;
    struct mill_run run;
};

enum mill_status mill_memory_edit(struct memory_store *m, struct mill_view run_id,
                                  bool must_be_active, struct memory_editing *out,
                                  struct mill_error *err);

/* Sets a tag of the edited run, or removes it when its value is absent. */
enum mill_status mill_memory_edit_tag(struct memory_editing *e, struct mill_tag tag,
                                      struct mill_error *err);

/* Ends an edit: with st MILL_OK the edited value becomes the run's row. */
enum mill_status mill_memory_edited(struct memory_editing *e, enum mill_status st,
                                    struct mill_error *err);

enum mill_status mill_memory_create_run(struct memory_store *m, const struct mill_change *c,
                                        struct mill_outcome *outcome, struct mill_error *err);
enum mill_status mill_memory_update_run(struct memory_store *m, const struct mill_change *c,
                                        struct mill_outcome *outcome, struct mill_error *err);
enum mill_status mill_memory_set_run_lifecycle(struct memory_store *m, struct mill_view run_id,
                                               enum mill_lifecycle to, struct mill_error *err);

/* --- what is logged to runs --- */

enum mill_status mill_memory_log(struct memory_store *m, const struct mill_change *c,
                                 struct mill_error *err);
enum mill_status mill_memory_delete_tag(struct memory_store *m, const struct mill_change *c,
                                        struct mill_error *err);
enum mill_status mill_memory_append_tag_json(struct memory_store *m,
                                             const struct mill_change *c,
                                             struct mill_error *err);
enum mill_status mill_memory_log_inputs(struct memory_store *m, const struct mill_change *c,
                                        struct mill_error *err);
enum mill_status mill_memory_log_outputs(struct memory_store *m, const struct mill_change *c,
                                         struct mill_error *err);

/* The series of a key, or NULL. */
struct memory_series *mill_memory_series(struct memory_extra *x, struct mill_view key);

/* --- points: the calls of a store --- */

enum mill_status mill_memory_history_open(struct mill_store *store, struct mill_view run_id,
                                          struct mill_view key, int64_t skip,
                                          struct mill_history **out, struct mill_error *err);
enum mill_status mill_memory_sample(struct mill_store *store, struct mill_view run_id,
                                    struct mill_view key, int64_t start_step, int64_t end_step,
                                    size_t max_points, struct mill_arena *arena,
                                    struct mill_point **points_out, size_t *count_out,
                                    struct mill_error *err);
enum mill_status mill_memory_summary(struct mill_store *store, struct mill_view run_id,
                                     struct mill_view key, struct mill_series_summary *out,
                                     struct mill_error *err);
enum mill_status mill_memory_buckets(struct mill_store *store, struct mill_view run_id,
                                     struct mill_view key, const struct mill_bucket_axis *axis,
                                     struct mill_bucket *out, int64_t *points_out,
                                     struct mill_error *err);

#endif
