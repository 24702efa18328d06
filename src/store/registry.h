/* registry.h - registered models and their versions in memory: the memory store's truth and
 * what searches of the database stores answer from.
 *
 * Not synchronised: whoever changes a registry excludes everybody else; reads may share. */
#ifndef MILL_STORE_REGISTRY_H
#define MILL_STORE_REGISTRY_H

#include "store/model_row.h"
#include "store/store.h"

/* A version's place; last_updated is the row's, for scans that need no more. */
struct mill_version_slot {
    int64_t version;
    int64_t last_updated;
    struct mill_version_row *row;
};

/* A model with its versions, by number. */
struct mill_registry_model {
    int64_t id; /* the store's own number */
    struct mill_model_row *row;
    struct mill_version_slot *versions;
    size_t count, cap;
    int64_t latest[MILL_STAGE_ARCHIVED + 1]; /* highest version by stage; 0: none */
    size_t prompt_versions;                  /* versions with the tag that makes a prompt */
    int64_t last_version;                    /* highest number ever given; memory store only */
};

/* Zeroed is empty. Both arrays hold the same models. */
struct mill_registry {
    struct mill_registry_model **by_name;
    struct mill_registry_model **by_id;
    size_t count, cap;
};

void mill_registry_release(struct mill_registry *registry);

/* The model of that name or number, or NULL. */
struct mill_registry_model *mill_registry_find(const struct mill_registry *registry,
                                               struct mill_view name);
struct mill_registry_model *mill_registry_find_id(const struct mill_registry *registry,
                                                  int64_t id);

/* A model without versions that is in no registry yet; takes over the row also when it fails.
 * NULL when out of memory. */
struct mill_registry_model *mill_registry_model_new(int64_t id, struct mill_model_row *row);
void mill_registry_model_free(struct mill_registry_model *model);

/* Adds a version or puts it in place of the one with its number; takes over the row, also when
 * it fails. False when out of memory, which cannot be where the number is there already. */
bool mill_registry_put_version(struct mill_registry_model *model, struct mill_version_row *row);

/* Takes a version out; nothing without it. */
void mill_registry_remove_version(struct mill_registry_model *model, int64_t version);

/* The version of that number, or NULL. */
struct mill_version_row *mill_registry_version(const struct mill_registry_model *model,
                                               int64_t version);

/* Puts a model in place of the one with its id, whose name may be another. False when out of
 * memory, which cannot be where the id is there already; the model is then still the caller's.
 */
bool mill_registry_put(struct mill_registry *registry, struct mill_registry_model *model);

/* Gives a model another row; its name stays. Takes over the row. */
void mill_registry_put_row(struct mill_registry_model *model, struct mill_model_row *row);

/* Takes a model out and frees it; nothing without it. */
void mill_registry_remove(struct mill_registry *registry, int64_t id);

/* The model with its latest versions, in arena; false when out of memory. value is what its row
 * says or is going to say; NULL: what it says. */
bool mill_registry_give_model(const struct mill_registry_model *model,
                              const struct mill_registered_model *value,
                              struct mill_arena *arena, struct mill_registered_model *out);

/* Fail with MILL_E_NOT_FOUND. */
enum mill_status mill_no_model(struct mill_view name, struct mill_error *err);
enum mill_status mill_no_version(struct mill_view name, int64_t version,
                                 struct mill_error *err);

/* The version that a ref means, of those whose numbers and aliases are known; see
 * mill_store_get_model_version for failures. */
enum mill_status mill_registry_resolve(const struct mill_registered_model *model,
                                       const struct mill_version_ref *ref, int64_t *version_out,
                                       struct mill_error *err);

/* Answers mill_store_search_models and mill_store_search_model_versions. */
enum mill_status mill_registry_search_models(const struct mill_registry *registry,
                                             const struct mill_model_search *search,
                                             struct mill_arena *arena,
                                             struct mill_model_page *out,
                                             struct mill_error *err);
enum mill_status mill_registry_search_versions(const struct mill_registry *registry,
                                               const struct mill_model_search *search,
                                               struct mill_version_page *out,
                                               struct mill_error *err);

#endif
