/* rest.h - calls of the tracking protocol: a struct goes out, a struct comes back, an error of
 * the server becomes a status. Which structs there are is said in wire/messages.h. */
#ifndef MILL_REMOTE_REST_H
#define MILL_REMOTE_REST_H

#include "base/buf.h"
#include "remote/remote.h"
#include "wire/message.h"

struct mill_rest_call {
    const char *method;
    const char *path;                   /* behind the base URI, "/api/2.0/mlflow/runs/get" */
    struct mill_view query;             /* already encoded, without '?'; absent: none */
    const struct mill_message *request; /* with value: the JSON body; NULL: none */
    const void *value;
    const struct mill_message *response; /* NULL: the answer does not matter */
    void *answer;                        /* a struct of response; its texts are in arena */
    struct mill_arena *arena;
    bool repeatable; /* doing it twice is as good as once */
};

/* Makes the call. Statuses are those of the server's error, with its message, or of the
 * network. */
enum mill_status mill_rest_call(struct mill_remote *remote, const struct mill_rest_call *call,
                                struct mill_error *err);

/* The status and message of an answer that is not a good one. */
enum mill_status mill_rest_error(long http_status, struct mill_buf *body,
                                 struct mill_error *err);

/* MILL_E_INTERNAL when the page behind token before says that it is its own next one. */
enum mill_status mill_rest_check_token(struct mill_view before, struct mill_view next,
                                       struct mill_error *err);

/* Appends "&name=value", encoded; nothing for an absent value. */
void mill_rest_query(struct mill_buf *query, const char *name, struct mill_view value);

#endif
