/* memory_logged_models.h - the logged models of the memory store. Its lock guards them: calls
 * that change exclude all others. */
#ifndef MILL_STORE_MEMORY_LOGGED_MODELS_H
#define MILL_STORE_MEMORY_LOGGED_MODELS_H

#include "base/map.h"
#include "store/store.h"

struct memory_logged_model;

/* Zeroed is empty. */
struct memory_logged_models {
    struct memory_logged_model **items; /* in the order of their creation */
    size_t count;
    struct mill_map by_id; /* hash of model id -> index in items */
};

void mill_memory_logged_models_release(struct memory_logged_models *models);

/* Applies MILL_CHANGE_CREATE_LOGGED_MODEL; location is that of the experiment, which takes
 * models. */
enum mill_status mill_memory_create_logged_model(struct memory_logged_models *models,
                                                 const struct mill_change *change,
                                                 struct mill_view location,
                                                 struct mill_outcome *outcome,
                                                 struct mill_error *err);

/* Applies the other changes of logged models. */
enum mill_status mill_memory_change_logged_model(struct memory_logged_models *models,
                                                 const struct mill_change *change,
                                                 struct mill_outcome *outcome,
                                                 struct mill_error *err);

/* Refuses metrics that name a model which does not exist; then gives models their points. */
enum mill_status mill_memory_check_links(const struct memory_logged_models *models,
                                         const struct mill_metric *metrics, size_t count,
                                         struct mill_error *err);
enum mill_status mill_memory_add_links(struct memory_logged_models *models,
                                       struct mill_view run_id,
                                       const struct mill_metric *metrics, size_t count,
                                       struct mill_error *err);

/* What a logged model is going to be. */
struct memory_logged_model_edit {
    struct memory_logged_model *model; /* NULL: none is going to change */
    struct mill_arena arena;
    struct mill_logged_model value;
};

/* Prepares the note in its tags, if it is there, that a version comes from a logged model. Then
 * keeping or dropping it cannot fail. */
enum mill_status mill_memory_note_version(struct memory_logged_models *models,
                                          struct mill_view model_id, struct mill_view name,
                                          int64_t version,
                                          struct memory_logged_model_edit *edit_out,
                                          struct mill_error *err);
void mill_memory_keep_note(struct memory_logged_model_edit *edit);
void mill_memory_drop_note(struct memory_logged_model_edit *edit);

/* As the functions of store.h. */
enum mill_status mill_memory_get_logged_model(const struct memory_logged_models *models,
                                              struct mill_view model_id, bool deleted_too,
                                              struct mill_arena *arena,
                                              struct mill_logged_model *out,
                                              struct mill_error *err);
enum mill_status mill_memory_search_logged_models(const struct memory_logged_models *models,
                                                  const struct mill_logged_model_search *search,
                                                  struct mill_arena *arena,
                                                  struct mill_logged_model_page *out,
                                                  struct mill_error *err);

#endif
