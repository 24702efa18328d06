/* rest_change.c - writes to a tracking server: each kind of change is one request. */
#include "base/view.h"
#include "client/backend_rest.h"
#include "remote/rest.h"
#include "wire/messages.h"

/* A POST whose answer does not matter. */
static enum mill_status post(struct mill_remote *remote, const char *path,
                             const struct mill_message *request, const void *value,
                             bool repeatable, struct mill_error *err)
{
    struct mill_rest_call call = {.method = "POST",
                                  .path = path,
                                  .request = request,
                                  .value = value,
                                  .repeatable = repeatable};
    return mill_rest_call(remote, &call, err);
}

/* Repeating it would answer that the name is taken, by ourselves: so it is not repeated. */
static enum mill_status create_experiment(struct mill_remote *remote,
                                          const struct mill_change *change,
                                          struct mill_outcome *outcome, struct mill_error *err)
{
    struct mill_create_experiment_request request = {
        .name = change->as.create_experiment.name,
        .artifact_location = change->as.create_experiment.artifact_location,
        .tags = change->as.create_experiment.tags,
        .tags_count = change->as.create_experiment.tag_count,
    };
    struct mill_create_experiment_response answer;
    struct mill_rest_call call = {.method = "POST",
                                  .path = "/api/2.0/mlflow/experiments/create",
                                  .request = &mill_create_experiment_request_message,
                                  .value = &request,
                                  .response = &mill_create_experiment_response_message,
                                  .answer = &answer,
                                  .arena = outcome->arena};
    enum mill_status st = mill_rest_call(remote, &call, err);
    if (st == MILL_OK && answer.experiment_id == MILL_ABSENT)
        st = mill_fail(err, MILL_E_INTERNAL, "the server's answer has no experiment id in it");
    if (st == MILL_OK)
        outcome->experiment_id = answer.experiment_id;
    return st;
}

static enum mill_status rename_experiment(struct mill_remote *remote,
                                          const struct mill_change *change,
                                          struct mill_error *err)
{
    struct mill_update_experiment_request request = {
        .experiment_id = change->as.rename.experiment_id,
        .new_name = change->as.rename.new_name,
    };
    return post(remote, "/api/2.0/mlflow/experiments/update",
                &mill_update_experiment_request_message, &request, true, err);
}

/* Delete and restore: a second one finds nothing to do and says so, hence no repetition. */
static enum mill_status move_experiment(struct mill_remote *remote, const char *path,
                                        const struct mill_change *change,
                                        struct mill_error *err)
{
    struct mill_experiment_id_request request = {
        .experiment_id = change->as.experiment.experiment_id,
    };
    return post(remote, path, &mill_experiment_id_request_message, &request, false, err);
}

static enum mill_status set_experiment_tag(struct mill_remote *remote,
                                           const struct mill_change *change,
                                           struct mill_error *err)
{
    struct mill_set_experiment_tag_request request = {
        .experiment_id = change->as.experiment_tag.experiment_id,
        .key = change->as.experiment_tag.key,
        .value = change->as.experiment_tag.value,
    };
    return post(remote, "/api/2.0/mlflow/experiments/set-experiment-tag",
                &mill_set_experiment_tag_request_message, &request, true, err);
}

static enum mill_status delete_experiment_tag(struct mill_remote *remote,
                                              const struct mill_change *change,
                                              struct mill_error *err)
{
    struct mill_delete_experiment_tag_request request = {
        .experiment_id = change->as.experiment_tag.experiment_id,
        .key = change->as.experiment_tag.key,
    };
    return post(remote, "/api/2.0/mlflow/experiments/delete-experiment-tag",
                &mill_delete_experiment_tag_request_message, &request, false, err);
}

/* The server may choose the id itself, so a repetition could make a second run. */
static enum mill_status create_run(struct mill_remote *remote, const struct mill_change *change,
                                   struct mill_outcome *outcome, struct mill_error *err)
{
    struct mill_create_run_request request = {
        .experiment_id = change->as.create_run.experiment_id,
        .user_id = change->as.create_run.user_id,
        .run_name = change->as.create_run.run_name,
        .start_time = change->as.create_run.start_time,
        .tags = change->as.create_run.tags,
        .tags_count = change->as.create_run.tag_count,
        .run_id = change->as.create_run.run_id,
    };
    struct mill_create_run_response answer;
    struct mill_rest_call call = {.method = "POST",
                                  .path = "/api/2.0/mlflow/runs/create",
                                  .request = &mill_create_run_request_message,
                                  .value = &request,
                                  .response = &mill_create_run_response_message,
                                  .answer = &answer,
                                  .arena = outcome->arena};
    enum mill_status st = mill_rest_call(remote, &call, err);
    if (st == MILL_OK && answer.run == NULL)
        st = mill_fail(err, MILL_E_INTERNAL, "the server's answer has no run in it");
    if (st == MILL_OK)
        outcome->run = answer.run;
    return st;
}

static enum mill_status update_run(struct mill_remote *remote, const struct mill_change *change,
                                   struct mill_error *err)
{
    struct mill_update_run_request request = {
        .status = (int)change->as.update_run.status,
        .end_time = change->as.update_run.end_time,
        .run_id = change->as.update_run.run_id,
        .run_name = change->as.update_run.run_name,
    };
    return post(remote, "/api/2.0/mlflow/runs/update", &mill_update_run_request_message,
                &request, true, err);
}

static enum mill_status move_run(struct mill_remote *remote, const char *path,
                                 const struct mill_change *change, struct mill_error *err)
{
    struct mill_run_id_request request = {.run_id = change->as.run.run_id};
    return post(remote, path, &mill_run_id_request_message, &request, true, err);
}

static enum mill_status log_batch(struct mill_remote *remote, const struct mill_change *change,
                                  struct mill_error *err)
{
    struct mill_log_batch_request request = {
        .run_id = change->as.log.run_id,
        .metrics = change->as.log.metrics,
        .metrics_count = change->as.log.metric_count,
        .params = change->as.log.params,
        .params_count = change->as.log.param_count,
        .tags = change->as.log.tags,
        .tags_count = change->as.log.tag_count,
    };
    return post(remote, "/api/2.0/mlflow/runs/log-batch", &mill_log_batch_request_message,
                &request, true, err);
}

static enum mill_status log_inputs(struct mill_remote *remote, const struct mill_change *change,
                                   struct mill_error *err)
{
    struct mill_log_inputs_request request = {
        .run_id = change->as.inputs.run_id,
        .datasets = change->as.inputs.datasets,
        .datasets_count = change->as.inputs.dataset_count,
        .models = change->as.inputs.models,
        .models_count = change->as.inputs.model_count,
    };
    return post(remote, "/api/2.0/mlflow/runs/log-inputs", &mill_log_inputs_request_message,
                &request, true, err);
}

static enum mill_status log_outputs(struct mill_remote *remote,
                                    const struct mill_change *change, struct mill_error *err)
{
    struct mill_log_outputs_request request = {
        .run_id = change->as.outputs.run_id,
        .models = change->as.outputs.models,
        .models_count = change->as.outputs.model_count,
    };
    return post(remote, "/api/2.0/mlflow/runs/outputs", &mill_log_outputs_request_message,
                &request, true, err);
}

static enum mill_status delete_tag(struct mill_remote *remote, const struct mill_change *change,
                                   struct mill_error *err)
{
    struct mill_delete_tag_request request = {
        .run_id = change->as.run_tag.run_id,
        .key = change->as.run_tag.key,
    };
    return post(remote, "/api/2.0/mlflow/runs/delete-tag", &mill_delete_tag_request_message,
                &request, false, err);
}

/* What no server takes is refused here, in the words of the other backends and without a
 * request. What the check completes is left as it came: that is the server's part. */
static enum mill_status check(const struct mill_change *change, struct mill_error *err)
{
    struct mill_change copy = *change;
    struct mill_arena arena = {0};
    enum mill_status st = mill_change_check(&copy, &arena, err);
    mill_arena_release(&arena);
    return st;
}

static enum mill_status send(struct mill_remote *remote, const struct mill_change *change,
                             struct mill_outcome *outcome, struct mill_error *err)
{
    switch (change->kind) {
    case MILL_CHANGE_CREATE_EXPERIMENT:
        return create_experiment(remote, change, outcome, err);
    case MILL_CHANGE_RENAME_EXPERIMENT:
        return rename_experiment(remote, change, err);
    case MILL_CHANGE_DELETE_EXPERIMENT:
        return move_experiment(remote, "/api/2.0/mlflow/experiments/delete", change, err);
    case MILL_CHANGE_RESTORE_EXPERIMENT:
        return move_experiment(remote, "/api/2.0/mlflow/experiments/restore", change, err);
    case MILL_CHANGE_SET_EXPERIMENT_TAG:
        return set_experiment_tag(remote, change, err);
    case MILL_CHANGE_DELETE_EXPERIMENT_TAG:
        return delete_experiment_tag(remote, change, err);
    case MILL_CHANGE_CREATE_RUN:
        return create_run(remote, change, outcome, err);
    case MILL_CHANGE_UPDATE_RUN:
        return update_run(remote, change, err);
    case MILL_CHANGE_DELETE_RUN:
        return move_run(remote, "/api/2.0/mlflow/runs/delete", change, err);
    case MILL_CHANGE_RESTORE_RUN:
        return move_run(remote, "/api/2.0/mlflow/runs/restore", change, err);
    case MILL_CHANGE_LOG:
        return log_batch(remote, change, err);
    case MILL_CHANGE_DELETE_TAG:
        return delete_tag(remote, change, err);
    case MILL_CHANGE_LOG_INPUTS:
        return log_inputs(remote, change, err);
    case MILL_CHANGE_LOG_OUTPUTS:
        return log_outputs(remote, change, err);
    case MILL_CHANGE_APPEND_TAG_JSON:
    case MILL_CHANGE_CREATE_WEBHOOK:
    case MILL_CHANGE_UPDATE_WEBHOOK:
    case MILL_CHANGE_DELETE_WEBHOOK:
    case MILL_CHANGE_SETTLE_DELIVERIES:
    case MILL_CHANGE_REGISTER_SCORER:
    case MILL_CHANGE_DELETE_SCORER:
    case MILL_CHANGE_START_TRACE:
    case MILL_CHANGE_TAG_TRACE:
    case MILL_CHANGE_UNTAG_TRACE:
    case MILL_CHANGE_DELETE_TRACES:
    case MILL_CHANGE_LINK_TRACES:
    case MILL_CHANGE_ADD_ASSESSMENT:
    case MILL_CHANGE_UPDATE_ASSESSMENT:
    case MILL_CHANGE_DELETE_ASSESSMENT:
        break; /* no call of the client makes one */
    case MILL_CHANGE_CREATE_MODEL:
    case MILL_CHANGE_RENAME_MODEL:
    case MILL_CHANGE_UPDATE_MODEL:
    case MILL_CHANGE_DELETE_MODEL:
    case MILL_CHANGE_SET_MODEL_TAG:
    case MILL_CHANGE_DELETE_MODEL_TAG:
    case MILL_CHANGE_SET_MODEL_ALIAS:
    case MILL_CHANGE_DELETE_MODEL_ALIAS:
    case MILL_CHANGE_CREATE_MODEL_VERSION:
    case MILL_CHANGE_UPDATE_MODEL_VERSION:
    case MILL_CHANGE_STAGE_MODEL_VERSION:
    case MILL_CHANGE_DELETE_MODEL_VERSION:
    case MILL_CHANGE_SET_VERSION_TAG:
    case MILL_CHANGE_DELETE_VERSION_TAG:
        return mill_rest_apply_registry(remote, change, outcome, err);
    case MILL_CHANGE_CREATE_LOGGED_MODEL:
    case MILL_CHANGE_FINALIZE_LOGGED_MODEL:
    case MILL_CHANGE_DELETE_LOGGED_MODEL:
    case MILL_CHANGE_TAG_LOGGED_MODEL:
    case MILL_CHANGE_UNTAG_LOGGED_MODEL:
    case MILL_CHANGE_LOG_MODEL_PARAMS:
        return mill_rest_apply_logged_model(remote, change, outcome, err);
    case MILL_CHANGE_CREATE_EVAL_DATASET:
    case MILL_CHANGE_DELETE_EVAL_DATASET:
    case MILL_CHANGE_TAG_EVAL_DATASET:
    case MILL_CHANGE_UNTAG_EVAL_DATASET:
    case MILL_CHANGE_LINK_EVAL_DATASET:
    case MILL_CHANGE_UNLINK_EVAL_DATASET:
    case MILL_CHANGE_ADD_EVAL_RECORDS:
    case MILL_CHANGE_DELETE_EVAL_RECORDS:
        return mill_rest_apply_eval(remote, change, outcome, err);
    }
    return mill_fail(err, MILL_E_UNSUPPORTED, "the client cannot send this kind of change");
}

enum mill_status mill_rest_apply(struct mill_backend *backend, struct mill_change *change,
                                 struct mill_outcome *outcome, struct mill_error *err)
{
    enum mill_status st = check(change, err);
    if (st != MILL_OK)
        return st;
    return send(((struct mill_rest_backend *)backend)->server.remote, change, outcome, err);
}
