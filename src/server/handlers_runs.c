/* handlers_runs.c - runs one by one: create, get, update, bin. */
#include "base/alloc.h"
#include "base/clock.h"
#include "base/view.h"
#include "server/handlers.h"
#include "wire/messages.h"

enum mill_status mill_call_run_id(struct mill_view run_id, struct mill_view run_uuid,
                                  struct mill_view *out, struct mill_error *err)
{
    if (run_id.len == 0)
        run_id = run_uuid;
    if (run_id.len == 0)
        return mill_fail(err, MILL_E_INVALID, "run_id: missing; send the id of a run");
    *out = run_id;
    return MILL_OK;
}

enum mill_status mill_change_create_run(struct mill_call *call, struct mill_change *change,
                                        struct mill_error *err)
{
    const struct mill_create_run_request *request = call->request;
    char id[33];
    mill_timed_hex32(call->now_ms, id);
    change->kind = MILL_CHANGE_CREATE_RUN;
    change->as.create_run.run_id =
        request->run_id.len > 0 ? request->run_id
                                : mill_arena_copy(call->arena, (struct mill_view){id, 32});
    change->as.create_run.experiment_id = request->experiment_id;
    change->as.create_run.run_name = request->run_name;
    change->as.create_run.user_id = request->user_id;
    change->as.create_run.start_time = request->start_time;
    change->as.create_run.tags = request->tags;
    change->as.create_run.tag_count = request->tags_count;
    return change->as.create_run.run_id.ptr != NULL ? MILL_OK : mill_no_memory(err);
}

void mill_reply_create_run(struct mill_call *call, const struct mill_outcome *outcome)
{
    struct mill_create_run_response *response = call->response;
    response->run = outcome->run;
}

enum mill_status mill_read_run(struct mill_call *call, struct mill_error *err)
{
    const struct mill_get_run_request *request = call->request;
    struct mill_get_run_response *response = call->response;
    struct mill_view run_id;
    enum mill_status st = mill_call_run_id(request->run_id, request->run_uuid, &run_id, err);
    if (st == MILL_OK)
        st = mill_store_get_run(call->store, run_id, &call->page, err);
    if (st == MILL_OK)
        response->run = call->page.runs[0];
    return st;
}

enum mill_status mill_change_update_run(struct mill_call *call, struct mill_change *change,
                                        struct mill_error *err)
{
    const struct mill_update_run_request *request = call->request;
    change->kind = MILL_CHANGE_UPDATE_RUN;
    change->as.update_run.status = (enum mill_run_status)request->status;
    change->as.update_run.end_time = request->end_time;
    change->as.update_run.run_name = request->run_name;
    return mill_call_run_id(request->run_id, request->run_uuid, &change->as.update_run.run_id,
                            err);
}

void mill_reply_update_run(struct mill_call *call, const struct mill_outcome *outcome)
{
    struct mill_update_run_response *response = call->response;
    response->run_info = &outcome->run->info;
}

enum mill_status mill_change_delete_run(struct mill_call *call, struct mill_change *change,
                                        struct mill_error *err)
{
    const struct mill_run_id_request *request = call->request;
    (void)err;
    change->kind = MILL_CHANGE_DELETE_RUN;
    change->as.run.run_id = request->run_id;
    return MILL_OK;
}

enum mill_status mill_change_restore_run(struct mill_call *call, struct mill_change *change,
                                         struct mill_error *err)
{
    const struct mill_run_id_request *request = call->request;
    (void)err;
    change->kind = MILL_CHANGE_RESTORE_RUN;
    change->as.run.run_id = request->run_id;
    return MILL_OK;
}
