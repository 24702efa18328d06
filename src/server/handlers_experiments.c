/* handlers_experiments.c - experiments one by one: create, get, rename, bin, tags. */
#include <limits.h>
#include <unistd.h>

#include "artifact/artifact.h"
#include "base/alloc.h"
#include "base/view.h"
#include "server/changes.h"
#include "server/handlers.h"
#include "wire/messages.h"

/* A relative path means one below the directory in which the server runs. */
static enum mill_status whole_location(struct mill_view location, struct mill_arena *arena,
                                       struct mill_view *out, struct mill_error *err)
{
    char here[PATH_MAX];
    *out = location;
    if (location.len == 0 || location.ptr[0] == '/' || mill_artifact_has_scheme(location))
        return MILL_OK;
    while (mill_view_starts(location, MILL_VIEW("./")))
        location = mill_view_from(location, 2);
    if (getcwd(here, sizeof(here)) == NULL)
        return mill_fail(err, MILL_E_INVALID,
                         "artifact_location: is relative, but the server's directory is not "
                         "known; send an absolute path");
    *out = mill_arena_printf(arena, "%s/%.*s", here, MILL_FMT(location));
    return out->ptr != NULL ? MILL_OK : mill_no_memory(err);
}

enum mill_status mill_change_create_experiment(struct mill_call *call,
                                               struct mill_change *change,
                                               struct mill_error *err)
{
    const struct mill_create_experiment_request *request = call->request;
    change->kind = MILL_CHANGE_CREATE_EXPERIMENT;
    change->as.create_experiment.name = request->name;
    change->as.create_experiment.artifact_root = call->config->default_artifact_root;
    change->as.create_experiment.tags = request->tags;
    change->as.create_experiment.tag_count = request->tags_count;
    return whole_location(request->artifact_location, call->arena,
                          &change->as.create_experiment.artifact_location, err);
}

void mill_reply_create_experiment(struct mill_call *call, const struct mill_outcome *outcome)
{
    struct mill_create_experiment_response *response = call->response;
    response->experiment_id = outcome->experiment_id;
}

enum mill_status mill_read_experiment(struct mill_call *call, struct mill_error *err)
{
    const struct mill_experiment_id_request *request = call->request;
    struct mill_get_experiment_response *response = call->response;
    struct mill_experiment *found = mill_arena_zero(call->arena, 1, sizeof(*found));
    if (found == NULL)
        return mill_no_memory(err);
    response->experiment = found;
    return mill_store_get_experiment(call->store, request->experiment_id, call->arena, found,
                                     err);
}

enum mill_status mill_read_experiment_by_name(struct mill_call *call, struct mill_error *err)
{
    const struct mill_get_experiment_by_name_request *request = call->request;
    struct mill_get_experiment_response *response = call->response;
    struct mill_experiment *found = mill_arena_zero(call->arena, 1, sizeof(*found));
    if (found == NULL)
        return mill_no_memory(err);
    response->experiment = found;
    return mill_store_get_experiment_by_name(call->store, request->experiment_name, call->arena,
                                             found, err);
}

enum mill_status mill_change_update_experiment(struct mill_call *call,
                                               struct mill_change *change,
                                               struct mill_error *err)
{
    const struct mill_update_experiment_request *request = call->request;
    (void)err;
    change->kind = MILL_CHANGE_RENAME_EXPERIMENT;
    change->as.rename.experiment_id = request->experiment_id;
    change->as.rename.new_name = request->new_name;
    return MILL_OK;
}

enum mill_status mill_change_delete_experiment(struct mill_call *call,
                                               struct mill_change *change,
                                               struct mill_error *err)
{
    const struct mill_experiment_id_request *request = call->request;
    (void)err;
    change->kind = MILL_CHANGE_DELETE_EXPERIMENT;
    change->as.experiment.experiment_id = request->experiment_id;
    return MILL_OK;
}

enum mill_status mill_change_restore_experiment(struct mill_call *call,
                                                struct mill_change *change,
                                                struct mill_error *err)
{
    const struct mill_experiment_id_request *request = call->request;
    (void)err;
    change->kind = MILL_CHANGE_RESTORE_EXPERIMENT;
    change->as.experiment.experiment_id = request->experiment_id;
    return MILL_OK;
}

enum mill_status mill_change_set_experiment_tag(struct mill_call *call,
                                                struct mill_change *change,
                                                struct mill_error *err)
{
    const struct mill_set_experiment_tag_request *request = call->request;
    (void)err;
    change->kind = MILL_CHANGE_SET_EXPERIMENT_TAG;
    change->as.experiment_tag.experiment_id = request->experiment_id;
    change->as.experiment_tag.key = request->key;
    change->as.experiment_tag.value = request->value;
    return MILL_OK;
}

enum mill_status mill_change_delete_experiment_tag(struct mill_call *call,
                                                   struct mill_change *change,
                                                   struct mill_error *err)
{
    const struct mill_delete_experiment_tag_request *request = call->request;
    (void)err;
    change->kind = MILL_CHANGE_DELETE_EXPERIMENT_TAG;
    change->as.experiment_tag.experiment_id = request->experiment_id;
    change->as.experiment_tag.key = request->key;
    return MILL_OK;
}

enum mill_status mill_read_experiment_counts(struct mill_call *call, struct mill_error *err)
{
    struct mill_experiment_counts_response *response = call->response;
    const struct mill_run_count *counts = NULL;
    size_t count = 0;
    response->generation = mill_changes_generation(call->changes);
    enum mill_status st = mill_store_count_runs(call->store, call->arena, &counts, &count, err);
    if (st != MILL_OK)
        return st;
    struct mill_experiment_count *told = mill_arena_zero(call->arena, count, sizeof(*told));
    if (told == NULL)
        return mill_no_memory(err);
    for (size_t i = 0; i < count; i++)
        told[i] = (struct mill_experiment_count){counts[i].experiment_id, counts[i].runs,
                                                 counts[i].running, counts[i].last_activity};
    response->experiments = told;
    response->experiments_count = count;
    return MILL_OK;
}
