/* upload.h - the body of a request into an artifact store, with flat memory. Used by
 * handlers_artifacts.c. */
#ifndef MILL_SERVER_UPLOAD_H
#define MILL_SERVER_UPLOAD_H

#include "artifact/artifact.h"
#include "server/http.h"

/* What an upload is. */
struct mill_upload_job {
    /* Finds out where the body goes. Runs on a pool thread before the first byte is stored. */
    enum mill_status (*resolve)(struct mill_request *req, const void *place,
                                struct mill_artifact_store **store_out,
                                struct mill_view *path_out, struct mill_error *err);
    int64_t max_bytes; /* 0: as much as the server takes */
    bool refuse_empty;
    struct mill_view answer; /* body of the 200 answer, "" or JSON */
};

/* Takes the body of a streamed request and answers it. The file appears when the body was
 * complete, or not at all. job is a constant; place, for its resolve, lives until the request
 * ends; req->context is taken. Loop thread. */
void mill_receive_artifact(struct mill_request *req, const struct mill_upload_job *job,
                           const void *place);

#endif
