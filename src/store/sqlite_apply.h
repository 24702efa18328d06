/* sqlite_apply.h - one function for each kind of change, and what they share.
 *
 * Each first checks everything that may be refused, then writes: a refused change has written
 * nothing, and the others of its group are not hindered. */
#ifndef MILL_STORE_SQLITE_APPLY_H
#define MILL_STORE_SQLITE_APPLY_H

#include "store/sqlite.h"

/* One change on its way through its function. */
struct applying {
    struct sqlite_store *store;
    struct db *db;
    const struct mill_change *change;
    struct mill_outcome *outcome;
};

/* Applies a->change. A status that is not a refusal means that storage failed. */
typedef enum mill_status applier(struct applying *a, struct mill_error *err);

applier mill_apply_create_experiment;
applier mill_apply_rename_experiment;
applier mill_apply_delete_experiment;
applier mill_apply_restore_experiment;
applier mill_apply_set_experiment_tag;
applier mill_apply_delete_experiment_tag;
applier mill_apply_create_run;
applier mill_apply_update_run;
applier mill_apply_delete_run;
applier mill_apply_restore_run;
applier mill_apply_log_data;
applier mill_apply_delete_tag;
applier mill_apply_log_inputs;
applier mill_apply_log_outputs;
applier mill_apply_append_tag_json;
applier mill_apply_create_model;
applier mill_apply_rename_model;
applier mill_apply_update_model;
applier mill_apply_delete_model;
applier mill_apply_tag_model;
applier mill_apply_tag_version;
applier mill_apply_set_model_alias;
applier mill_apply_delete_model_alias;
applier mill_apply_create_model_version;
applier mill_apply_update_model_version;
applier mill_apply_stage_model_version;
applier mill_apply_delete_model_version;
applier mill_apply_create_logged_model;
applier mill_apply_finalize_logged_model;
applier mill_apply_delete_logged_model;
applier mill_apply_tag_logged_model;
applier mill_apply_untag_logged_model;
applier mill_apply_log_model_params;

/* sqlite_change_webhook.c */
applier mill_apply_create_webhook;
applier mill_apply_update_webhook;
applier mill_apply_delete_webhook;
applier mill_apply_settle_deliveries;

/* Whether any active webhook wants one of these events. What cannot be read counts as wanted:
 * the same failure comes back when the event is stored. */
bool mill_applying_wanted(struct applying *a, uint32_t events);

/* Stores the event of a change that was applied well, for those who want it. */
enum mill_status mill_applying_event(struct applying *a, struct mill_error *err);

/* Finds a run for writing; *known_out is its place in store->known, or SIZE_MAX. */
enum mill_status mill_applying_run(struct applying *a, struct mill_view run_id,
                                   struct known_run *out, size_t *known_out,
                                   struct mill_error *err);

/* The same, refusing a deleted run. */
enum mill_status mill_applying_active_run(struct applying *a, struct mill_view run_id,
                                          struct known_run *out, size_t *known_out,
                                          struct mill_error *err);

/* Reads an experiment; the location, unless NULL, is copied into the outcome's arena. */
enum mill_status mill_applying_experiment(struct applying *a, int64_t experiment_id,
                                          enum mill_lifecycle *lifecycle_out,
                                          struct mill_view *location_out,
                                          struct mill_error *err);

/* The same of one that takes new runs or models, as `what` calls them in the refusal
 * (MILL_E_INVALID) of a deleted one. */
enum mill_status mill_applying_active_experiment(struct applying *a, int64_t experiment_id,
                                                 const char *what,
                                                 struct mill_view *location_out,
                                                 struct mill_error *err);

/* Notes that readers have to look at a run (or at all of an experiment, run MILL_ABSENT) anew
 * once the group is committed. */
enum mill_status mill_applying_touch(struct applying *a, int64_t experiment_id, int64_t run,
                                     struct mill_error *err);

/* The same for a registered model; see struct touched_model for version. */
enum mill_status mill_applying_touch_model(struct applying *a, int64_t model, int64_t version,
                                           struct mill_error *err);

/* Notes in the tags of a logged model, if it is there, that a version comes from it. */
enum mill_status mill_applying_note_version(struct applying *a, struct mill_view model_id,
                                            struct mill_view name, int64_t version,
                                            struct mill_error *err);

/* Refuses metrics (MILL_E_BAD_REQUEST) that name a logged model which does not exist. */
enum mill_status mill_applying_linked_models(struct applying *a,
                                             const struct mill_metric *metrics, size_t count,
                                             struct mill_error *err);

/* Remembers a run by its public id, where that is short enough. */
void mill_sqlite_known_add(struct sqlite_store *store, struct mill_view run_id,
                           const struct known_run *run);

#endif
