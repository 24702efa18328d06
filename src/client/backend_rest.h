/* backend_rest.h - what the files of the server backend share. */
#ifndef MILL_CLIENT_BACKEND_REST_H
#define MILL_CLIENT_BACKEND_REST_H

#include "client/backend.h"
#include "client/remote.h"

struct mill_rest_backend {
    struct mill_backend base;
    struct mill_arena arena; /* of options */
    struct mill_remote_options options;
    struct mill_remote *remote;
};

/* The apply of the server backend: a change as a request. */
enum mill_status mill_rest_apply(struct mill_backend *backend, struct mill_change *change,
                                 struct mill_outcome *outcome, struct mill_error *err);

#endif
