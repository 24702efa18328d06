/* http.h - what a route sees of HTTP: requests, answers, streams, work on the pool.
 *
 * Everything here belongs to the loop thread unless it says otherwise. A request is served
 * in this order: its head is parsed and checked, its route is looked up; then the route runs,
 * either at once (raw routes with `streamed`, which take the body piece by piece) or when the
 * whole body is there (all others). It ends with exactly one call of a mill_respond function,
 * also when the client is long gone: then the answer is dropped. The request, its arena and
 * all it points to live until that answer was sent or dropped, never longer. */
#ifndef MILL_SERVER_HTTP_H
#define MILL_SERVER_HTTP_H

#include <millstream/types.h>

#include "base/arena.h"
#include "base/buf.h"
#include "server/config.h"

/* Readable bytes behind a body, as the JSON parser needs them. Their content is undefined. */
#define MILL_BODY_PADDING 64

/* Most parameters in the path of a route. */
#define MILL_MAX_PATH_PARAMS 4

struct mill_artifact_store;
struct mill_changes;
struct mill_http;
struct mill_route;
struct mill_store;
struct mill_webhooks;
struct mill_writer;

/* Bits, so that a set of them says which methods a path has. */
enum mill_method {
    MILL_GET = 1 << 0,
    MILL_HEAD = 1 << 1,
    MILL_POST = 1 << 2,
    MILL_PUT = 1 << 3,
    MILL_PATCH = 1 << 4,
    MILL_DELETE = 1 << 5,
    MILL_OPTIONS = 1 << 6
};

/* What the parts of a running server share. */
struct mill_server {
    const struct mill_server_config *config;
    struct mill_store *store;
    struct mill_writer *writer;
    struct mill_artifact_store *artifacts;     /* --artifacts-destination; NULL: not served */
    struct mill_artifact_store *run_artifacts; /* a local --default-artifact-root, or NULL */
    struct mill_artifact_store *ui;            /* --ui-dir, or NULL */
    struct mill_webhooks *webhooks;            /* NULL: the store keeps none */
    struct mill_changes *changes;              /* what was changed lately */
    struct mill_http *http;
};

struct mill_header {
    struct mill_view name; /* as sent, compared without case */
    struct mill_view value;
};

struct mill_request {
    struct mill_server *server;
    struct mill_arena arena;
    const struct mill_route *route; /* NULL while none was found */
    enum mill_method method;        /* HEAD where the client said so; routes see a GET route */
    struct mill_view target;        /* as sent: path and query */
    struct mill_view raw_path;      /* path without static prefix, percent-coded as sent */
    struct mill_view path;          /* the same decoded; may hold any byte but NUL */
    struct mill_view query;         /* raw, behind '?'; absent when there is no '?' */
    struct mill_view path_params[MILL_MAX_PATH_PARAMS]; /* decoded, in the route's order */
    const struct mill_header *headers;
    size_t header_count;
    int64_t content_length; /* MILL_ABSENT: chunked, or no body at all (see has_body) */
    bool has_body;
    bool gone;             /* the client left; what is still done is for nothing */
    struct mill_view body; /* complete, with MILL_BODY_PADDING behind it; not when streamed */
    struct mill_buf out;   /* empty; kept between requests: for answers made on the loop */
    void *context;         /* the route's own */
};

/* The value of the first header of that name (any case), or the absent view. */
struct mill_view mill_request_header(const struct mill_request *req, const char *name);

/* The client's address as text, in the request's arena; "" when unknown. */
struct mill_view mill_request_peer(struct mill_request *req);

/* Calls fn(arg) on the loop thread when the request ends, before its arena is freed: for
 * pages and handles that an answer reads from. False when out of memory (fn is not called). */
bool mill_request_defer(struct mill_request *req, void (*fn)(void *arg), void *arg);

/* --- answers ---------------------------------------------------------------------------- */

/* Adds a header line to the answer that follows. Both are copied. name and value must not
 * hold line ends or other control characters; such a header is left out. */
void mill_response_header(struct mill_request *req, const char *name, struct mill_view value);

/* Answers with a body that stays where it is until the request ends: a constant, text in the
 * arena. content_type is a constant text or NULL. The body is compressed where the client
 * takes it and its size is worth it. For HEAD only the head is sent; for 204 and 304 no body
 * may be given. */
void mill_respond(struct mill_request *req, int http_status, const char *content_type,
                  struct mill_view body);

/* The same; the memory passes to the request, *body is empty afterwards. body may be
 * &req->out. A buffer that failed to grow gives 503. */
void mill_respond_buf(struct mill_request *req, int http_status, const char *content_type,
                      struct mill_buf *body);

/* Answers with a body that is compressed by gzip and stays where it is: as it is to clients
 * that take it, unpacked to others. */
void mill_respond_gzip(struct mill_request *req, int http_status, const char *content_type,
                       struct mill_view body);

/* Answers {"error_code": ..., "message": ...} with the HTTP status of that status. err may
 * be NULL. */
void mill_respond_error(struct mill_request *req, enum mill_status status,
                        const struct mill_error *err);

/* A body that is made while it is sent: the caller embeds this. */
struct mill_body_source {
    /* Appends some of the body to out, which is empty (about 64 KiB at a time is good), and
     * sets *end_out with the last piece. Runs on a pool thread, one call at a time, and only
     * as fast as the client reads. A failure of the first call answers with that error, a
     * later one cuts the connection, so that the client sees that the body is incomplete. */
    enum mill_status (*next)(struct mill_body_source *source, struct mill_buf *out,
                             bool *end_out, struct mill_error *err);
    /* Loop thread; exactly once, when nothing runs any more. May be NULL. */
    void (*close)(struct mill_body_source *source);
    int64_t length; /* of the whole body; MILL_ABSENT when not known */
    /* It waits for things to happen: `next` is quick and runs on the loop thread, and leaves
     * out empty when there is nothing to tell. It is asked again at mill_source_wake, once
     * what it gave before is sent. */
    bool waits;
};

/* Has a waiting source of that request asked again. Loop thread; not from its functions. */
void mill_source_wake(struct mill_request *req);

/* Answers with a source, which must live until its close was called (the request's arena is a
 * good place). HEAD with a known length sends the head alone and only closes the source. */
void mill_respond_source(struct mill_request *req, int http_status, const char *content_type,
                         struct mill_body_source *source);

/* Answers with length bytes of a file from offset; fd is closed afterwards in any case.
 * A file that turns out shorter cuts the connection. */
void mill_respond_file(struct mill_request *req, int http_status, const char *content_type,
                       int fd, int64_t offset, int64_t length);

/* --- bodies as streams ------------------------------------------------------------------ */

/* What a streamed route does with its body. */
struct mill_upload {
    /* A piece of the body, valid until this returns, or until mill_request_resume when the
     * callback called mill_request_pause: then nothing more is read meanwhile. */
    void (*data)(struct mill_request *req, struct mill_view piece);
    /* The body is over: MILL_OK when it is complete; MILL_E_CANCELLED when the client left,
     * MILL_E_TIMEOUT when it was too slow, MILL_E_BAD_REQUEST when it was malformed,
     * MILL_E_TOO_LARGE beyond --max-upload-size. Called exactly once, never while paused,
     * unless the request was answered before. The route answers now or later. */
    void (*end)(struct mill_request *req, enum mill_status status);
};

/* Starts receiving the body of a request of a streamed route; call it from the route's
 * function. upload is a constant. A streamed route that answers without it does not want the
 * body; the same holds for an answer given before the end. */
void mill_request_receive(struct mill_request *req, const struct mill_upload *upload);

/* From data() or later: no more data until resume. */
void mill_request_pause(struct mill_request *req);
void mill_request_resume(struct mill_request *req);

/* --- other threads ---------------------------------------------------------------------- */

typedef void mill_request_fn(struct mill_request *req);

/* Runs work on a pool thread, then done on the loop thread; the request is alive until done
 * has returned, even when done answers it.
 * One at a time for each request. False when too many jobs wait: nothing is run, answer
 * MILL_E_BUSY. */
bool mill_request_work(struct mill_request *req, mill_request_fn *work, mill_request_fn *done);

/* Something to be done on the loop thread; embedded in what it is about. */
struct mill_task {
    void (*run)(struct mill_task *task);
    struct mill_task *next;
};

/* Has the loop thread run a list of tasks (linked by next), in order, soon. Any thread, one
 * wake-up for each call; never fails. The server does not stop while requests are
 * unanswered, so that tasks of requests always run. */
void mill_server_post(struct mill_server *server, struct mill_task *first);

/* --- figures ---------------------------------------------------------------------------- */

/* A figure for /metrics that other parts provide. Called on the loop thread. */
struct mill_gauge {
    const char *name; /* "millstream_write_queue_length" */
    const char *type; /* "gauge" or "counter" */
    const char *help;
    double (*read)(void *context);
    void *context;
    struct mill_gauge *next;
};

/* Adds a figure; it must live as long as the server. */
void mill_server_add_gauge(struct mill_server *server, struct mill_gauge *gauge);

/* --- routes that live here -------------------------------------------------------------- */

void mill_raw_health(struct mill_request *req);  /* GET /health: "OK" */
void mill_raw_version(struct mill_request *req); /* GET /version: the protocol's version */
void mill_raw_metrics(struct mill_request *req); /* GET /metrics: Prometheus text */
void mill_raw_root(struct mill_request *req);    /* GET /: a page that says what this is */

#endif
