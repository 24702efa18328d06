/* change.c - checks a change before it is queued: one function for each kind, found in a
 * table. The longer ones are in change_experiment.c, change_run.c, change_log.c,
 * change_inputs.c and change_model.c. */
#include "model/change.h"

#include "base/view.h"
#include "model/check.h"
#include "model/limits.h"

static enum mill_status check_rename(struct mill_change *change, struct mill_arena *arena,
                                     struct mill_error *err)
{
    (void)arena;
    enum mill_status st = mill_check_experiment_id(change->as.rename.experiment_id, err);
    if (st != MILL_OK)
        return st;
    return mill_check_required(mill_place_of("new_name"), change->as.rename.new_name,
                               MILL_MAX_EXPERIMENT_NAME, err);
}

static enum mill_status check_experiment(struct mill_change *change, struct mill_arena *arena,
                                         struct mill_error *err)
{
    (void)arena;
    return mill_check_experiment_id(change->as.experiment.experiment_id, err);
}

static enum mill_status check_set_experiment_tag(struct mill_change *change,
                                                 struct mill_arena *arena,
                                                 struct mill_error *err)
{
    (void)arena;
    enum mill_status st =
        mill_check_experiment_id(change->as.experiment_tag.experiment_id, err);
    if (st == MILL_OK)
        st = mill_check_key(mill_place_of("key"), change->as.experiment_tag.key, err);
    if (st == MILL_OK)
        st = mill_check_text(mill_place_of("value"), change->as.experiment_tag.value,
                             MILL_MAX_EXPERIMENT_TAG_VALUE, err);
    if (st == MILL_OK)
        change->as.experiment_tag.value = mill_text_or_empty(change->as.experiment_tag.value);
    return st;
}

/* A key that is only looked for: what breaks the grammar may still be there, since tags given
 * at creation are free of it. */
static enum mill_status check_delete_experiment_tag(struct mill_change *change,
                                                    struct mill_arena *arena,
                                                    struct mill_error *err)
{
    (void)arena;
    enum mill_status st =
        mill_check_experiment_id(change->as.experiment_tag.experiment_id, err);
    if (st != MILL_OK)
        return st;
    return mill_check_required(mill_place_of("key"), change->as.experiment_tag.key,
                               MILL_MAX_KEY, err);
}

static enum mill_status check_run(struct mill_change *change, struct mill_arena *arena,
                                  struct mill_error *err)
{
    (void)arena;
    return mill_check_run_id(change->as.run.run_id, err);
}

static enum mill_status check_delete_tag(struct mill_change *change, struct mill_arena *arena,
                                         struct mill_error *err)
{
    (void)arena;
    enum mill_status st = mill_check_run_id(change->as.run_tag.run_id, err);
    if (st != MILL_OK)
        return st;
    return mill_check_required(mill_place_of("key"), change->as.run_tag.key, MILL_MAX_KEY, err);
}

static enum mill_status check_append(struct mill_change *change, struct mill_arena *arena,
                                     struct mill_error *err)
{
    (void)arena;
    enum mill_status st = mill_check_run_id(change->as.append.run_id, err);
    if (st == MILL_OK)
        st = mill_check_key(mill_place_of("key"), change->as.append.key, err);
    if (st == MILL_OK)
        st = mill_check_required(mill_place_of("model_json"), change->as.append.json,
                                 MILL_MAX_RUN_TAG_VALUE, err);
    return st;
}

/* An id that names nothing is found out later; what the server makes itself is right. */
static enum mill_status check_nothing(struct mill_change *change, struct mill_arena *arena,
                                      struct mill_error *err)
{
    (void)change;
    (void)arena;
    (void)err;
    return MILL_OK;
}

static mill_change_checker *const checkers[] = {
    [MILL_CHANGE_CREATE_EXPERIMENT] = mill_check_create_experiment,
    [MILL_CHANGE_RENAME_EXPERIMENT] = check_rename,
    [MILL_CHANGE_DELETE_EXPERIMENT] = check_experiment,
    [MILL_CHANGE_RESTORE_EXPERIMENT] = check_experiment,
    [MILL_CHANGE_SET_EXPERIMENT_TAG] = check_set_experiment_tag,
    [MILL_CHANGE_DELETE_EXPERIMENT_TAG] = check_delete_experiment_tag,
    [MILL_CHANGE_CREATE_RUN] = mill_check_create_run,
    [MILL_CHANGE_UPDATE_RUN] = mill_check_update_run,
    [MILL_CHANGE_DELETE_RUN] = check_run,
    [MILL_CHANGE_RESTORE_RUN] = check_run,
    [MILL_CHANGE_LOG] = mill_check_log,
    [MILL_CHANGE_DELETE_TAG] = check_delete_tag,
    [MILL_CHANGE_LOG_INPUTS] = mill_check_inputs,
    [MILL_CHANGE_LOG_OUTPUTS] = mill_check_outputs,
    [MILL_CHANGE_APPEND_TAG_JSON] = check_append,
    [MILL_CHANGE_CREATE_MODEL] = mill_check_model,
    [MILL_CHANGE_RENAME_MODEL] = mill_check_model,
    [MILL_CHANGE_UPDATE_MODEL] = mill_check_model,
    [MILL_CHANGE_DELETE_MODEL] = mill_check_model,
    [MILL_CHANGE_SET_MODEL_TAG] = mill_check_model_tag,
    [MILL_CHANGE_DELETE_MODEL_TAG] = mill_check_model_tag,
    [MILL_CHANGE_SET_MODEL_ALIAS] = mill_check_model_alias,
    [MILL_CHANGE_DELETE_MODEL_ALIAS] = mill_check_model_alias,
    [MILL_CHANGE_CREATE_MODEL_VERSION] = mill_check_model_version,
    [MILL_CHANGE_UPDATE_MODEL_VERSION] = mill_check_model_version,
    [MILL_CHANGE_STAGE_MODEL_VERSION] = mill_check_model_version,
    [MILL_CHANGE_DELETE_MODEL_VERSION] = mill_check_model_version,
    [MILL_CHANGE_SET_VERSION_TAG] = mill_check_model_tag,
    [MILL_CHANGE_DELETE_VERSION_TAG] = mill_check_model_tag,
    [MILL_CHANGE_CREATE_WEBHOOK] = mill_check_create_webhook,
    [MILL_CHANGE_UPDATE_WEBHOOK] = mill_check_update_webhook,
    [MILL_CHANGE_DELETE_WEBHOOK] = check_nothing,
    [MILL_CHANGE_SETTLE_DELIVERIES] = check_nothing,
    [MILL_CHANGE_CREATE_LOGGED_MODEL] = mill_check_create_logged_model,
    [MILL_CHANGE_FINALIZE_LOGGED_MODEL] = mill_check_finalize_logged_model,
    [MILL_CHANGE_DELETE_LOGGED_MODEL] = mill_check_delete_logged_model,
    [MILL_CHANGE_TAG_LOGGED_MODEL] = mill_check_tag_logged_model,
    [MILL_CHANGE_UNTAG_LOGGED_MODEL] = mill_check_untag_logged_model,
    [MILL_CHANGE_LOG_MODEL_PARAMS] = mill_check_log_model_params,
    [MILL_CHANGE_CREATE_EVAL_DATASET] = mill_check_eval_dataset,
    [MILL_CHANGE_DELETE_EVAL_DATASET] = mill_check_eval_dataset,
    [MILL_CHANGE_TAG_EVAL_DATASET] = mill_check_eval_dataset,
    [MILL_CHANGE_UNTAG_EVAL_DATASET] = mill_check_eval_dataset,
    [MILL_CHANGE_LINK_EVAL_DATASET] = mill_check_eval_dataset,
    [MILL_CHANGE_UNLINK_EVAL_DATASET] = mill_check_eval_dataset,
    [MILL_CHANGE_ADD_EVAL_RECORDS] = mill_check_eval_records,
    [MILL_CHANGE_DELETE_EVAL_RECORDS] = mill_check_eval_records,
    [MILL_CHANGE_REGISTER_SCORER] = mill_check_scorer,
    [MILL_CHANGE_DELETE_SCORER] = mill_check_scorer,
    [MILL_CHANGE_START_TRACE] = mill_check_trace,
    [MILL_CHANGE_TAG_TRACE] = mill_check_trace_tag,
    [MILL_CHANGE_UNTAG_TRACE] = mill_check_trace_tag,
    [MILL_CHANGE_DELETE_TRACES] = mill_check_traces,
    [MILL_CHANGE_LINK_TRACES] = mill_check_traces,
    [MILL_CHANGE_ADD_ASSESSMENT] = mill_check_assessment,
    [MILL_CHANGE_UPDATE_ASSESSMENT] = mill_check_assessment,
    [MILL_CHANGE_DELETE_ASSESSMENT] = mill_check_assessment,
};

enum mill_status mill_change_check(struct mill_change *change, struct mill_arena *arena,
                                   struct mill_error *err)
{
    size_t kind = (size_t)change->kind;
    if (kind >= MILL_COUNT(checkers) || checkers[kind] == NULL)
        return mill_fail(err, MILL_E_INTERNAL, "change of unknown kind %zu", kind);
    return checkers[kind](change, arena, err);
}

struct mill_view mill_change_run_id(const struct mill_change *change)
{
    static const size_t places[] = {
        [MILL_CHANGE_CREATE_RUN] = offsetof(struct mill_change, as.create_run.run_id),
        [MILL_CHANGE_UPDATE_RUN] = offsetof(struct mill_change, as.update_run.run_id),
        [MILL_CHANGE_DELETE_RUN] = offsetof(struct mill_change, as.run.run_id),
        [MILL_CHANGE_RESTORE_RUN] = offsetof(struct mill_change, as.run.run_id),
        [MILL_CHANGE_LOG] = offsetof(struct mill_change, as.log.run_id),
        [MILL_CHANGE_DELETE_TAG] = offsetof(struct mill_change, as.run_tag.run_id),
        [MILL_CHANGE_LOG_INPUTS] = offsetof(struct mill_change, as.inputs.run_id),
        [MILL_CHANGE_LOG_OUTPUTS] = offsetof(struct mill_change, as.outputs.run_id),
        [MILL_CHANGE_APPEND_TAG_JSON] = offsetof(struct mill_change, as.append.run_id),
    };
    size_t kind = (size_t)change->kind;
    struct mill_view id = {NULL, 0};
    if (kind < MILL_COUNT(places) && places[kind] != 0)
        memcpy(&id, (const char *)change + places[kind], sizeof(id));
    return id;
}
