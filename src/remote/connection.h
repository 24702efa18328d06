/* connection.h - one libcurl handle: a request is tried once, without repetition. Used by
 * remote.c alone. One thread at a time. */
#ifndef MILL_REMOTE_CONNECTION_H
#define MILL_REMOTE_CONNECTION_H

#include <stdatomic.h>

#include "net/curl.h"
#include "remote/express.h"
#include "remote/remote.h"

/* What a request has as its body. */
enum mill_body {
    MILL_BODY_NONE,
    MILL_BODY_TEXT, /* JSON, unless it has headers of its own */
    MILL_BODY_FILE,
    MILL_BODY_COUNT
};

struct mill_connection {
    struct mill_connection *next; /* of those that wait for a request */
    const struct mill_curl *curl;
    const struct mill_remote_options *options;
    const atomic_bool *cancelled; /* by another thread */
    CURL *easy;
    struct curl_slist *headers[MILL_BODY_COUNT]; /* of requests to the server */
    struct mill_buf url;
    struct mill_buf token; /* NUL-terminated; empty: that of the options */
    char reason[CURL_ERROR_SIZE];
    bool express_possible;
    struct mill_express *express; /* NULL until it pays */
    int small_writes;             /* that could have gone there, before it paid */

    /* The attempt under way, as libcurl's callbacks see it. */
    const struct mill_remote_request *request;
    struct mill_buf *body;
    int64_t moved;  /* bytes of the file so far */
    int file_error; /* errno of reading or writing the file */
    enum {
        MILL_HEAD_NONE,
        MILL_HEAD_BEGUN,
        MILL_HEAD_WHOLE
    } head;         /* how much of the head of the answer has come */
    bool too_large; /* more came than is accepted */
    bool given_up;  /* progress said so */
};

/* NULL when memory is out. options and cancelled must live as long as the connection. */
struct mill_connection *mill_connection_new(const struct mill_curl *curl,
                                            const struct mill_remote_options *options,
                                            const atomic_bool *cancelled);
void mill_connection_free(struct mill_connection *c);

/* Makes the request once. *status_out gets the status of the answer, 0 when there was none. */
CURLcode mill_connection_try(struct mill_connection *c,
                             const struct mill_remote_request *request, struct mill_buf *body,
                             long *status_out);

/* Seconds after which the last answer asked to come again; 0 when it did not say. */
int64_t mill_connection_retry_after_s(const struct mill_connection *c);

/* Status and message of an attempt that got no answer. */
enum mill_status mill_connection_explain(const struct mill_connection *c, CURLcode code,
                                         struct mill_error *err);

#endif
