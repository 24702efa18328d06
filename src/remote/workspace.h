/* workspace.h - whether a server has the workspaces that MLFLOW_WORKSPACE speaks of. One that
 * does not know them would ignore the header and put everything into the one place it has. */
#ifndef MILL_REMOTE_WORKSPACE_H
#define MILL_REMOTE_WORKSPACE_H

#include "remote/remote.h"

/* Before a call of that path: asks the server, once for a connection and only when a workspace
 * is wanted. No other call goes out meanwhile: who comes then waits for the answer.
 * MILL_E_UNSUPPORTED when it has none. */
enum mill_status mill_workspace_check(struct mill_remote *remote, const char *path,
                                      struct mill_error *err);

#endif
