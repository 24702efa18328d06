/* workspace.c - see workspace.h. */
#include "remote/workspace.h"

#include <string.h>

#include "base/view.h"
#include "remote/rest.h"
#include "wire/messages.h"

#define PATH "/api/3.0/mlflow/server-info"

static enum mill_status ask(struct mill_remote *remote, struct mill_error *err)
{
    struct mill_arena arena = {0};
    struct mill_server_info_response answer = {.workspaces_enabled = false};
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
                       mill_remote_options(remote)->base,
                       mill_remote_options(remote)->workspace);
    return st;
}

enum mill_status mill_workspace_check(struct mill_remote *remote, const char *path,
                                      struct mill_error *err)
{
    struct mill_asked *asked = mill_remote_workspace(remote);
    enum mill_status st = MILL_OK;
    if (mill_remote_options(remote)->workspace == NULL || atomic_load(&asked->known) ||
        strcmp(path, PATH) == 0) /* the question is a call itself */
        return MILL_OK;
    pthread_mutex_lock(&asked->lock);
    if (!atomic_load(&asked->known)) {
        st = ask(remote, err);
        atomic_store(&asked->known, st == MILL_OK);
    }
    pthread_mutex_unlock(&asked->lock);
    return st;
}
