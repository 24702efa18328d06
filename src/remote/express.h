/* express.h - a shortcut for the requests of which a training loop makes the most: small
 * writes, which may be repeated and whose answer says no more than that all is well.
 *
 * libcurl spends some 30 microseconds of processor time on a request, most of it on finding its
 * way, more than everything else that a logged metric costs. Here libcurl only makes the
 * connection, with all its knowledge of names, addresses and TLS; on that a request is one
 * send, and an answer one receive. Whatever is not as plain as that ends the attempt, and the
 * caller makes the request with libcurl, which knows how to go on: hence only requests that may
 * be repeated. One thread at a time. */
#ifndef MILL_REMOTE_EXPRESS_H
#define MILL_REMOTE_EXPRESS_H

#include <stdatomic.h>

#include "base/buf.h"
#include "net/curl.h"
#include "remote/remote.h"

struct mill_express;

/* Sets up a handle as all connections to the server need it: mill_connection_set_network. */
typedef void mill_express_setup(const struct mill_curl *curl, CURL *easy,
                                const struct mill_remote_options *options);

/* Whether the server is reached without a proxy, which wants requests of another form. */
bool mill_express_possible(const struct mill_remote_options *options);

/* NULL when memory is out. Makes no connection yet. Where *cancelled, which another thread may
 * set, an answer is not waited for. */
struct mill_express *mill_express_new(const struct mill_curl *curl,
                                      const struct mill_remote_options *options,
                                      const atomic_bool *cancelled, mill_express_setup *setup);

/* NULL is allowed. */
void mill_express_free(struct mill_express *e);

/* Whether this kind of request can go this way. */
bool mill_express_takes(const struct mill_remote_request *request);

enum mill_express_result {
    MILL_EXPRESS_DONE,   /* the answer was 200; its body has been appended */
    MILL_EXPRESS_SILENT, /* no answer came in time, on a connection that was good before */
    MILL_EXPRESS_NO      /* anything else: ask again in the usual way */
};

enum mill_express_result mill_express_try(struct mill_express *e,
                                          const struct mill_remote_request *request,
                                          struct mill_buf *body);

/* --- the reading of an answer, for tests --- */

enum mill_express_state {
    MILL_EXPRESS_MORE,  /* there must be more to come */
    MILL_EXPRESS_WHOLE, /* a whole answer with status 200 */
    MILL_EXPRESS_ODD    /* not as plain as it should be */
};

/* Looks at what has come. *body_out is the body of a whole answer, *close_out whether the
 * server ends the connection behind it. */
enum mill_express_state mill_express_read(struct mill_view bytes, struct mill_view *body_out,
                                          bool *close_out);

#endif
