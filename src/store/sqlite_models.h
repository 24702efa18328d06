/* sqlite_models.h - reads registered models and their versions from the SQLite store, row by
 * row; used by the parts of the store that answer, change and search them. */
#ifndef MILL_STORE_SQLITE_MODELS_H
#define MILL_STORE_SQLITE_MODELS_H

#include "store/registry.h"
#include "store/sqlite.h"

/* A model as it is in the database, without latest versions. */
struct stored_model {
    int64_t id;
    int64_t last_version;
    struct mill_registered_model value;
};

/* Finds a model by its name or number, with tags and aliases, everything in arena. An unknown
 * name is MILL_E_NOT_FOUND; an unknown number gives id 0. */
enum mill_status mill_sqlite_find_model(struct db *db, struct mill_view name,
                                        struct mill_arena *arena, struct stored_model *out,
                                        struct mill_error *err);
enum mill_status mill_sqlite_find_model_id(struct db *db, int64_t id, struct mill_arena *arena,
                                           struct stored_model *out, struct mill_error *err);

/* Adds the latest versions. */
enum mill_status mill_sqlite_find_latest(struct db *db, struct stored_model *model,
                                         struct mill_arena *arena, struct mill_error *err);

/* One version of a model that was found, in arena; MILL_E_NOT_FOUND. */
enum mill_status mill_sqlite_find_version(struct db *db, const struct stored_model *model,
                                          int64_t version, struct mill_arena *arena,
                                          struct mill_model_version *out,
                                          struct mill_view *location_out,
                                          struct mill_error *err);

/* All versions of a model, as a model of a registry; NULL when there is no such model. */
enum mill_status mill_sqlite_load_model(struct db *db, int64_t id,
                                        struct mill_registry_model **out,
                                        struct mill_error *err);

#endif
