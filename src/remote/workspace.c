/* workspace.c - see workspace.h. */
#include "remote/workspace.h"

#include "base/view.h"
#include "remote/rest.h"
#include "wire/messages.h"

#define PATH "/api/3.0/mlflow/server-info"

enum mill_status mill_workspace_check(struct mill_remote *remote, struct mill_error *err)
{
    struct mill_arena arena = {0};
    struct mill_server_info_response answer = {.workspaces_enabled = false};
    const char *workspace = mill_remote_options(remote)->workspace;
    atomic_bool *known = mill_remote_workspace_known(remote);
    /* Set first: the question is a call itself. */
    if (workspace == NULL || atomic_exchange(known, true))
        return MILL_OK;
    struct mill_rest_call call = {.method = "GET",
                                  .path = PATH,
                                  .response = &mill_server_info_response_message,
                                  .answer = &answer,
                                  .arena = &arena,
                                  .repeatable = true};
    enum mill_status st = mill_rest_call(remote, &call, err);
    mill_arena_release(&arena);
    if (st == MILL_E_NO_ENDPOINT || (st == MILL_OK && !answer.workspaces_enabled))
        st = mill_fail(err, MILL_E_UNSUPPORTED,
                       "%s has no workspaces, so that MLFLOW_WORKSPACE=%s would be ignored: "
                       "unset it",
                       mill_remote_options(remote)->base, workspace);
    if (st != MILL_OK)
        atomic_store(known, false);
    return st;
}
