/* upload.h - the body of a request into an artifact store, with flat memory. Used by
 * handlers_artifacts.c. */
#ifndef MILL_SERVER_UPLOAD_H
#define MILL_SERVER_UPLOAD_H

#include "artifact/artifact.h"
#include "server/http.h"

/* What an upload is. */
struct mill_upload_job {
    /* Finds out where the body goes and starts it. Runs on a pool thread before the first byte
     * is stored. */
    enum mill_status (*open)(struct mill_request *req, void *place,
                             struct mill_artifact_upload **out, struct mill_error *err);
    /* May add headers to the answer to a file that was stored; loop thread. May be NULL. */
    void (*stored)(struct mill_request *req, const void *place);
    int64_t max_bytes;     /* 0: as much as the server takes */
    const char *too_large; /* what to do about a larger file; NULL without max_bytes */
    bool refuse_empty;
    struct mill_view answer; /* body of the 200 answer, "" or JSON */
};

/* Takes the body of a streamed request and answers it. The file appears when the body was
 * complete and has the digest that the request says, if it says one, or not at all. job is a
 * constant; place, for its functions, lives until the request ends; req->context is taken. Loop
 * thread. */
void mill_receive_artifact(struct mill_request *req, const struct mill_upload_job *job,
                           void *place);

#endif
