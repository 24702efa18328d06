/* call.h - one request of a JSON route as its handler sees it: structs in, structs out, and
 * nothing of HTTP. Made by dispatch.c, or by a test. */
#ifndef MILL_SERVER_CALL_H
#define MILL_SERVER_CALL_H

#include <millstream/types.h>

#include "base/arena.h"
#include "server/config.h"
#include "store/store.h"

struct mill_artifact_store;
struct mill_body_source;
struct mill_changes;
struct mill_request;
struct mill_webhooks;

/* Belongs to one thread at a time: the loop, then perhaps the pool or the writer's answer. */
struct mill_call {
    struct mill_arena *arena; /* lives until the answer was sent */
    struct mill_store *store;
    const struct mill_server_config *config;
    struct mill_artifact_store *artifacts;     /* as in struct mill_server; may be NULL */
    struct mill_artifact_store *run_artifacts; /* as in struct mill_server; may be NULL */
    const void *request; /* decoded struct of route->request; NULL for a route without one */
    void *response;      /* struct of route->response with everything absent; NULL likewise */
    const struct mill_view *path_params; /* decoded, in the route's order */
    /* How the request came, for mill_request_base_url alone; NULL in tests without HTTP. */
    const struct mill_request *http;
    struct mill_webhooks *webhooks;     /* as in struct mill_server; may be NULL */
    const struct mill_changes *changes; /* as in struct mill_server; may be NULL */
    int64_t now_ms;                     /* when the request arrived */
    /* What the answer points into, when it does: released after it was encoded. */
    struct mill_run_page page;
    struct mill_held held;
    /* Set by a handler whose answer is made while it is sent; the response is then not used.
     * In the arena; closed exactly once by the HTTP layer. */
    struct mill_body_source *source;
};

#endif
