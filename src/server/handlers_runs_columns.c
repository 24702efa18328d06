/* handlers_runs_columns.c - runs/columns: the keys of the found runs. */
#include "server/changes.h"
#include "server/handlers.h"
#include "server/run_columns.h"
#include "server/run_finder.h"

enum mill_status mill_read_runs_columns(struct mill_call *call, struct mill_error *err)
{
    const struct mill_runs_columns_request *request = call->request;
    struct mill_runs_columns_response *response = call->response;
    struct mill_run_finder finder;
    enum mill_status st = mill_run_finder_init(call, request->choice, NULL, 0, &finder, err);
    response->generation = mill_changes_generation(call->changes);
    if (st == MILL_OK)
        st = mill_run_finder_all(call, &finder, err);
    mill_run_finder_release(&finder);
    return st == MILL_OK ? mill_run_columns(&call->page, call->arena, response, err) : st;
}
