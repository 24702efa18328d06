/* sqlite_registry.h - the model registry of a database in memory: what searches answer from.
 * Read on first use, later only what has changed.
 *
 * As with runs (cache.h) the writer only notes what it touched, and whoever searches next reads
 * that anew: the database alone decides what things look like. */
#ifndef MILL_STORE_SQLITE_REGISTRY_H
#define MILL_STORE_SQLITE_REGISTRY_H

#include "store/store.h"

struct sqlite_store;
struct sqlite_registry;

/* What a group changed: a version and its model, the model alone (version 0), or the model with
 * all its versions (MILL_ABSENT). */
struct touched_model {
    int64_t model, version;
};

/* NULL when out of memory. */
struct sqlite_registry *mill_sqlite_registry_new(void);
void mill_sqlite_registry_free(struct sqlite_registry *registry);

/* Notes what a commit changed. Called after it and before its answers; never waits for a
 * search. */
void mill_sqlite_registry_touch(struct sqlite_registry *registry,
                                const struct touched_model *touched, size_t count);

/* mill_store_ops entries. */
enum mill_status mill_sqlite_get_model(struct mill_store *store, struct mill_view name,
                                       struct mill_arena *arena,
                                       struct mill_registered_model *out,
                                       struct mill_error *err);
enum mill_status mill_sqlite_get_model_version(
    struct mill_store *store, const struct mill_version_ref *ref, struct mill_arena *arena,
    struct mill_model_version *out, struct mill_view *location_out, struct mill_error *err);
enum mill_status mill_sqlite_search_models(struct mill_store *store,
                                           const struct mill_model_search *search,
                                           struct mill_arena *arena,
                                           struct mill_model_page *out, struct mill_error *err);
enum mill_status mill_sqlite_search_model_versions(struct mill_store *store,
                                                   const struct mill_model_search *search,
                                                   struct mill_version_page *out,
                                                   struct mill_error *err);

#endif
