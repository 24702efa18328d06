/* memory_registry.h - the memory store's part that keeps registered models. Not synchronised,
 * as registry.h. */
#ifndef MILL_STORE_MEMORY_REGISTRY_H
#define MILL_STORE_MEMORY_REGISTRY_H

#include "model/change.h"
#include "store/registry.h"

/* Zeroed is empty. */
struct mill_memory_registry {
    struct mill_registry models;
    int64_t last_id;
};

/* Applies one change of the registry: all of it or nothing. */
enum mill_status mill_memory_registry_apply(struct mill_memory_registry *registry,
                                            const struct mill_change *change,
                                            struct mill_outcome *outcome,
                                            struct mill_error *err);

/* The number that the next version of a model gets; 1 when there is no such model. */
int64_t mill_memory_registry_next(const struct mill_memory_registry *registry,
                                  struct mill_view name);

/* Answer the calls of the same names in store.h. */
enum mill_status mill_memory_registry_get(const struct mill_memory_registry *registry,
                                          struct mill_view name, struct mill_arena *arena,
                                          struct mill_registered_model *out,
                                          struct mill_error *err);
enum mill_status mill_memory_registry_get_version(const struct mill_memory_registry *registry,
                                                  const struct mill_version_ref *ref,
                                                  struct mill_arena *arena,
                                                  struct mill_model_version *out,
                                                  struct mill_view *location_out,
                                                  struct mill_error *err);

#endif
