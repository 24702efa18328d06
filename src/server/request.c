/* request.c - a request from its head to its end: access rules, route, body, clean-up. */
#include "server/conn.h"

#include "base/alloc.h"
#include "base/codec.h"
#include "server/access_log.h"
#include "server/metrics.h"
#include "server/route.h"

/* Exchanges that are kept for reuse, and what each keeps of its memory. */
#define MAX_SPARES     256
#define KEPT_ARENA     8192
#define KEPT_BUF       16384
#define KEPT_SMALL_BUF 4096

/* --- life ----------------------------------------------------------------------------------
 */

/* Empties a buffer for the next request; a large one is freed. */
static void keep_buf(struct mill_buf *buf, size_t most)
{
    if (buf->cap > most || buf->failed)
        mill_buf_release(buf);
    buf->len = 0;
}

static void free_exchange(struct mill_exchange *ex)
{
    mill_arena_release(&ex->req.arena);
    mill_buf_release(&ex->req.out);
    mill_buf_release(&ex->extra);
    mill_buf_release(&ex->headbuf);
    mill_free(ex);
}

void mill_exchange_free_spares(struct mill_http *http)
{
    while (http->spare != NULL) {
        struct mill_exchange *ex = http->spare;
        http->spare = ex->next_spare;
        free_exchange(ex);
    }
    http->spare_count = 0;
}

static struct mill_exchange *new_exchange(struct mill_http *http)
{
    struct mill_exchange *ex = http->spare;
    size_t size = sizeof(*ex) + (size_t)http->config->max_headers * sizeof(struct mill_header);

    if (ex == NULL)
        return mill_alloc_zero(1, size);
    http->spare = ex->next_spare;
    http->spare_count--;
    return ex;
}

/* Clears an exchange but for the memory that the next request can use again. */
static void recycle(struct mill_http *http, struct mill_exchange *ex)
{
    struct mill_exchange clean = {0};

    if (ex->owned.cap > 0 && ex->req.out.cap == 0) {
        ex->req.out = ex->owned;
        ex->owned = (struct mill_buf){0};
    }
    mill_buf_release(&ex->owned);
    mill_buf_release(&ex->pulled);
    mill_buf_release(&ex->packed);
    mill_buf_release(&ex->collected);
    mill_free(ex->piece);
    mill_free(ex->kept_buf);
    if (http->spare_count >= MAX_SPARES) {
        free_exchange(ex);
        return;
    }
    mill_arena_reset(&ex->req.arena, KEPT_ARENA);
    keep_buf(&ex->req.out, KEPT_BUF);
    keep_buf(&ex->extra, KEPT_SMALL_BUF);
    keep_buf(&ex->headbuf, KEPT_SMALL_BUF);
    clean.req.arena = ex->req.arena;
    clean.req.out = ex->req.out;
    clean.extra = ex->extra;
    clean.headbuf = ex->headbuf;
    *ex = clean;
    ex->next_spare = http->spare;
    http->spare = ex;
    http->spare_count++;
}

static void run_deferred(struct mill_exchange *ex)
{
    for (struct mill_deferred *d = ex->deferred; d != NULL; d = d->next)
        d->fn(d->arg);
    ex->deferred = NULL;
}

/* Bytes behind a chunked body that belong to the next request go back to the buffer. */
static bool put_back(struct mill_conn *conn, struct mill_view bytes)
{
    if (bytes.len > conn->buf_cap) {
        char *buf = mill_alloc(bytes.len + MILL_BODY_PADDING);
        if (buf == NULL)
            return false;
        mill_http_give_buf(conn->http, conn->buf, conn->buf_cap);
        conn->buf = buf;
        conn->buf_cap = bytes.len;
    }
    memcpy(conn->buf, bytes.ptr, bytes.len);
    conn->buf_from = 0;
    conn->buf_len = bytes.len;
    return true;
}

/* Hands the connection on to the next request, or closes it. */
static void release_conn(struct mill_exchange *ex, struct mill_conn *conn)
{
    struct mill_view rest = {NULL, 0};
    bool unread = ex->mode != MILL_BODY_DONE || ex->body_status != MILL_OK;
    bool close = ex->close_after;

    conn->buf_from = ex->at;
    if (ex->piece != NULL && ex->piece_at < ex->piece_len) {
        rest = (struct mill_view){ex->piece + ex->piece_at, ex->piece_len - ex->piece_at};
        close = close || !put_back(conn, rest);
    }
    conn->exchange = NULL;
    recycle(conn->http, ex);
    if (!close)
        mill_conn_next(conn);
    else if (unread || conn->tls != NULL || conn->buf_from < conn->buf_len)
        mill_conn_linger(conn);
    else
        mill_conn_close(conn);
}

void mill_exchange_check_end(struct mill_exchange *ex)
{
    struct mill_conn *conn = ex->conn;
    struct mill_http *http = ex->req.server->http;

    if (ex->busy || ex->working || !ex->answered || !ex->sent)
        return;
    if (conn != NULL && ex->mode == MILL_BODY_DISCARD && !ex->close_after)
        return;
    ex->answered = false; /* not twice, whatever the deferred functions do */
    mill_metrics_request(http->metrics, ex);
    mill_access_log_request(http->access_log, ex);
    run_deferred(ex);
    http->exchange_count--;
    if (conn != NULL)
        release_conn(ex, conn);
    else
        recycle(http, ex);
    mill_http_check_stopped(http);
}

void mill_exchange_sent(struct mill_exchange *ex)
{
    ex->sent = true;
    ex->when_sent = NULL;
    if (ex->conn != NULL)
        ex->conn->wait = MILL_WAIT_NOTHING;
    if (ex->mode == MILL_BODY_DISCARD && !ex->close_after)
        mill_exchange_feed(ex);
    else
        mill_exchange_check_end(ex);
}

void mill_exchange_gone(struct mill_exchange *ex)
{
    ex->conn = NULL;
    ex->req.gone = true;
    ex->when_sent = NULL;
    ex->close_after = true;
    if (!ex->dispatched && !ex->answered) {
        ex->answered = true;
        ex->http_status = 499;
    }
    if (ex->answered) {
        if (!ex->working)
            mill_exchange_close_source(ex);
        ex->sent = true;
        mill_exchange_check_end(ex);
        return;
    }
    if (ex->mode != MILL_BODY_DONE)
        mill_exchange_broken(ex, MILL_E_CANCELLED);
}

struct mill_exchange *mill_exchange_begin(struct mill_conn *conn, size_t head_len)
{
    struct mill_http *http = conn->http;
    struct mill_exchange *ex = new_exchange(http);
    struct mill_view bytes = {conn->buf + conn->buf_from, head_len};
    struct mill_refusal refusal = {503, "the server is out of memory"};

    if (ex == NULL) {
        mill_refuse(conn, &refusal);
        return NULL;
    }
    ex->head.headers = ex->headers;
    ex->head.max_headers = (size_t)http->config->max_headers;
    if (!mill_head_parse(bytes, &ex->head, &refusal)) {
        recycle(http, ex);
        mill_refuse(conn, &refusal);
        return NULL;
    }
    ex->began_ns = uv_hrtime();
    ex->conn = conn;
    ex->at = conn->buf_from + head_len;
    ex->req.server = http->server;
    ex->req.method = ex->head.method;
    ex->req.target = ex->head.target;
    ex->req.headers = ex->headers;
    ex->req.header_count = ex->head.header_count;
    ex->req.content_length = ex->head.content_length;
    ex->req.has_body = ex->head.chunked || ex->head.content_length > 0;
    ex->req.body = MILL_VIEW("");
    ex->body_left = ex->head.content_length > 0 ? (uint64_t)ex->head.content_length : 0;
    ex->mode = ex->req.has_body ? MILL_BODY_UNCLAIMED : MILL_BODY_DONE;
    ex->continue_due = ex->req.has_body && ex->head.expect_continue;
    conn->exchange = ex;
    conn->wait = MILL_WAIT_NOTHING;
    http->exchange_count++;
    return ex;
}

/* --- access rules --------------------------------------------------------------------------
 */

static bool is_probe(struct mill_view target)
{
    return mill_view_eq(target, MILL_VIEW("/health")) ||
           mill_view_eq(target, MILL_VIEW("/version"));
}

static void add_cors(struct mill_exchange *ex)
{
    struct mill_request *req = &ex->req;

    if (req->server->http->security.any_origin) {
        mill_response_header(req, "Access-Control-Allow-Origin", MILL_VIEW("*"));
        return;
    }
    mill_response_header(req, "Access-Control-Allow-Origin", ex->head.origin);
    mill_response_header(req, "Access-Control-Allow-Credentials", MILL_VIEW("true"));
    mill_response_header(req, "Vary", MILL_VIEW("Origin"));
}

static bool check_access(struct mill_exchange *ex)
{
    const struct mill_security *security = &ex->req.server->http->security;
    const unsigned writes = MILL_POST | MILL_PUT | MILL_PATCH | MILL_DELETE;

    if (!is_probe(ex->req.target) && !mill_security_host(security, ex->head.host)) {
        mill_respond_refusal(ex, 403,
                             "this Host header is not allowed; name it in --allowed-hosts if "
                             "it is yours");
        return false;
    }
    if (ex->head.origin.ptr == NULL)
        return true;
    if (mill_security_origin(security, ex->head.origin, ex->head.host)) {
        add_cors(ex);
        return true;
    }
    if ((ex->req.method & writes) != 0) {
        mill_respond_refusal(ex, 403,
                             "pages of this origin may not call the server; name it in "
                             "--cors-allowed-origins if it is yours");
        return false;
    }
    return true;
}

static void allow_header(struct mill_request *req, const char *name, unsigned methods)
{
    static const struct {
        enum mill_method method;
        const char *text;
    } names[] = {{MILL_GET, "GET"},        {MILL_HEAD, "HEAD"},   {MILL_POST, "POST"},
                 {MILL_PUT, "PUT"},        {MILL_PATCH, "PATCH"}, {MILL_DELETE, "DELETE"},
                 {MILL_OPTIONS, "OPTIONS"}};
    char text[64];
    size_t used = 0;

    methods |= MILL_OPTIONS | ((methods & MILL_GET) != 0 ? (unsigned)MILL_HEAD : 0);
    for (size_t i = 0; i < MILL_COUNT(names); i++) {
        if ((methods & names[i].method) == 0)
            continue;
        int n = snprintf(text + used, sizeof(text) - used, "%s%s", used > 0 ? ", " : "",
                         names[i].text);
        used += n > 0 ? (size_t)n : 0;
    }
    mill_response_header(req, name, (struct mill_view){text, used});
}

/* OPTIONS: what a browser asks before it lets a page of another origin call. */
static void answer_options(struct mill_exchange *ex)
{
    struct mill_request *req = &ex->req;
    struct mill_view wanted = mill_request_header(req, "Access-Control-Request-Method");
    struct mill_view headers = mill_request_header(req, "Access-Control-Request-Headers");
    unsigned methods = 0;

    if (ex->head.origin.ptr != NULL && wanted.ptr != NULL) {
        if (!mill_security_origin(&req->server->http->security, ex->head.origin,
                                  ex->head.host)) {
            mill_respond_refusal(ex, 400,
                                 "pages of this origin may not call the server; name it in "
                                 "--cors-allowed-origins if it is yours");
            return;
        }
        allow_header(req, "Access-Control-Allow-Methods",
                     MILL_GET | MILL_POST | MILL_PUT | MILL_PATCH | MILL_DELETE);
        if (headers.len > 0)
            mill_response_header(req, "Access-Control-Allow-Headers", headers);
        mill_response_header(req, "Access-Control-Max-Age", MILL_VIEW("600"));
        mill_respond(req, 204, NULL, MILL_VIEW(""));
        return;
    }
    (void)mill_route_find(MILL_OPTIONS, req->path, req->path_params, &methods);
    if (methods == 0) {
        mill_dispatch(req); /* 404 */
        return;
    }
    allow_header(req, "Allow", methods);
    mill_respond(req, 204, NULL, MILL_VIEW(""));
}

/* --- route ---------------------------------------------------------------------------------
 */

/* Cuts the target into path and query; the prefix of the settings is optional. */
static bool read_target(struct mill_exchange *ex)
{
    struct mill_request *req = &ex->req;
    struct mill_view prefix = req->server->config->static_prefix;
    struct mill_view path;

    req->query = mill_view_cut(req->target, '?', &path);
    if (prefix.len > 0 && mill_view_starts(path, prefix)) {
        struct mill_view below = mill_view_from(path, prefix.len);
        if (below.len == 0)
            path = MILL_VIEW("/");
        else if (below.ptr[0] == '/')
            path = below;
    }
    req->raw_path = path;
    req->path = path;
    if (memchr(path.ptr, '%', path.len) != NULL)
        req->path = mill_percent_decode(path, false, &req->arena);
    if (req->path.ptr == NULL) {
        mill_respond_error(req, MILL_E_NOMEM, NULL);
        return false;
    }
    if (memchr(req->path.ptr, '\0', req->path.len) != NULL) {
        mill_respond_refusal(ex, 400, "the path holds a NUL byte");
        return false;
    }
    return true;
}

static void dispatch(struct mill_exchange *ex)
{
    ex->dispatched = true;
    mill_dispatch(&ex->req);
}

static bool too_large(const struct mill_exchange *ex, uint64_t size)
{
    const struct mill_server_config *config = ex->req.server->config;
    bool streamed = ex->req.route->streamed;
    int64_t most = streamed ? config->max_upload_bytes : config->max_body_bytes;

    return (most > 0 || !streamed) && size > (uint64_t)most;
}

static void send_continue(struct mill_exchange *ex)
{
    if (!ex->continue_due || ex->conn == NULL)
        return;
    ex->continue_due = false;
    if (ex->conn->buf_len == ex->at)
        mill_conn_send_copy(ex->conn, MILL_VIEW("HTTP/1.1 100 Continue\r\n\r\n"));
}

/* Receives a body that the route wants as a whole. */
static void buffer_body(struct mill_exchange *ex)
{
    bool fits = !ex->head.chunked && ex->body_left <= ex->conn->buf_cap - ex->at;

    ex->mode = fits ? MILL_BODY_IN_PLACE : MILL_BODY_COLLECT;
    send_continue(ex);
}

static void run_route(struct mill_exchange *ex)
{
    struct mill_request *req = &ex->req;
    unsigned methods;

    req->route = mill_route_find(req->method, req->path, req->path_params, &methods);
    if (req->route == NULL) {
        dispatch(ex);
        return;
    }
    if (ex->mode != MILL_BODY_DONE && too_large(ex, ex->body_left)) {
        mill_respond_refusal(ex, 413,
                             req->route->streamed
                                 ? "the body is larger than --max-upload-size allows"
                                 : "the body is larger than --max-body-size allows");
        return;
    }
    if (ex->mode == MILL_BODY_DONE || req->route->streamed)
        dispatch(ex);
    else
        buffer_body(ex);
}

void mill_exchange_start(struct mill_exchange *ex)
{
    ex->busy = true;
    if (check_access(ex) && read_target(ex)) {
        if (ex->req.method == MILL_OPTIONS)
            answer_options(ex);
        else
            run_route(ex);
    }
    ex->busy = false;
    mill_exchange_feed(ex);
}

/* --- body ----------------------------------------------------------------------------------
 */

static void broken_text(enum mill_status why, int *http_out, const char **text_out)
{
    if (why == MILL_E_TIMEOUT) {
        *http_out = 408;
        *text_out = "the body of the request came too slowly";
    } else if (why == MILL_E_TOO_LARGE) {
        *http_out = 413;
        *text_out = "the body is larger than --max-body-size allows";
    } else if (why == MILL_E_NOMEM) {
        *http_out = 503;
        *text_out = "the server is out of memory";
    } else {
        *http_out = 400;
        *text_out = "the body of the request is malformed or not complete";
    }
}

static void tell_end(struct mill_exchange *ex)
{
    if (ex->upload == NULL || !ex->body_over || ex->end_told || ex->paused || ex->answered)
        return;
    ex->end_told = true;
    ex->upload->end(&ex->req, ex->body_status);
}

void mill_exchange_broken(struct mill_exchange *ex, enum mill_status why)
{
    bool was_busy = ex->busy;
    const char *text;
    int http_status;

    if (ex->mode == MILL_BODY_DONE)
        return;
    ex->mode = MILL_BODY_DONE;
    ex->body_status = why;
    ex->close_after = true;
    if (ex->answered) {
        if (ex->conn != NULL && ex->sent)
            mill_conn_close(ex->conn);
        return;
    }
    ex->busy = true;
    if (ex->conn != NULL)
        ex->conn->wait = MILL_WAIT_NOTHING;
    if (ex->upload != NULL) {
        ex->body_over = true;
        tell_end(ex);
    } else if (!ex->dispatched) {
        broken_text(why, &http_status, &text);
        mill_respond_refusal(ex, http_status, text);
    }
    ex->busy = was_busy;
    mill_exchange_check_end(ex);
}

char *mill_exchange_room(struct mill_exchange *ex, size_t *len_out)
{
    switch (ex->mode) {
    case MILL_BODY_COLLECT:
        if (!ex->head.chunked) {
            size_t step = ex->body_left < MILL_PIECE_BYTES ? (size_t)ex->body_left
                                                           : (size_t)MILL_PIECE_BYTES;
            *len_out = 0;
            if (!mill_buf_reserve(&ex->collected, step + MILL_BODY_PADDING))
                return ex->req.server->http->scratch;
            *len_out = step;
            return ex->collected.ptr + ex->collected.len;
        }
        break;
    case MILL_BODY_STREAM:
        break;
    case MILL_BODY_DISCARD:
        *len_out =
            ex->body_left < MILL_PIECE_BYTES ? (size_t)ex->body_left : (size_t)MILL_PIECE_BYTES;
        return ex->req.server->http->scratch;
    case MILL_BODY_DONE:
    case MILL_BODY_UNCLAIMED:
    case MILL_BODY_IN_PLACE:
    default:
        return NULL;
    }
    *len_out = 0;
    if (ex->piece == NULL)
        ex->piece = mill_alloc(MILL_PIECE_BYTES);
    if (ex->piece == NULL)
        return ex->req.server->http->scratch;
    if (ex->piece_at == ex->piece_len)
        ex->piece_at = ex->piece_len = 0;
    *len_out = MILL_PIECE_BYTES - ex->piece_len;
    if (!ex->head.chunked && *len_out > ex->body_left)
        *len_out = (size_t)ex->body_left;
    return ex->piece + ex->piece_len;
}

bool mill_exchange_wants(const struct mill_exchange *ex)
{
    const struct mill_conn *conn = ex->conn;

    switch (ex->mode) {
    case MILL_BODY_IN_PLACE:
    case MILL_BODY_COLLECT:
        return true;
    case MILL_BODY_DISCARD:
        return ex->body_left > 0;
    case MILL_BODY_STREAM:
        return !ex->paused;
    case MILL_BODY_DONE:
        return !ex->close_after && ex->piece_at == ex->piece_len &&
               (conn->buf == NULL || conn->buf_len < conn->buf_cap);
    case MILL_BODY_UNCLAIMED:
    default:
        return false;
    }
}

/* The bytes that came and were not looked at: first those behind the head. */
static struct mill_view next_input(const struct mill_exchange *ex)
{
    const struct mill_conn *conn = ex->conn;

    if (conn != NULL && ex->at < conn->buf_len)
        return (struct mill_view){conn->buf + ex->at, conn->buf_len - ex->at};
    return (struct mill_view){ex->piece + ex->piece_at, ex->piece_len - ex->piece_at};
}

static void skip_input(struct mill_exchange *ex, size_t len)
{
    if (ex->conn != NULL && ex->at < ex->conn->buf_len)
        ex->at += len;
    else
        ex->piece_at += len;
}

static void body_complete(struct mill_exchange *ex)
{
    ex->mode = MILL_BODY_DONE;
    if (ex->conn != NULL)
        ex->conn->wait = MILL_WAIT_NOTHING;
    if (ex->upload != NULL) {
        ex->body_over = true;
        tell_end(ex);
    } else if (!ex->dispatched && !ex->answered) {
        dispatch(ex);
    }
}

static void collected_all(struct mill_exchange *ex)
{
    if (!mill_buf_reserve(&ex->collected, MILL_BODY_PADDING)) {
        mill_exchange_broken(ex, MILL_E_NOMEM);
        return;
    }
    ex->req.body = mill_buf_view(&ex->collected);
    body_complete(ex);
}

/* Gives a piece of content to whom it is for. */
static void deliver(struct mill_exchange *ex, struct mill_view piece)
{
    ex->body_seen += piece.len;
    if (ex->conn != NULL)
        ex->conn->moved += piece.len;
    if (piece.len == 0 || ex->mode == MILL_BODY_DISCARD)
        return;
    if (ex->head.chunked && too_large(ex, ex->body_seen)) {
        mill_exchange_broken(ex, MILL_E_TOO_LARGE);
        return;
    }
    if (ex->mode == MILL_BODY_STREAM) {
        ex->upload->data(&ex->req, piece);
        return;
    }
    mill_buf_add_view(&ex->collected, piece);
    if (ex->collected.failed)
        mill_exchange_broken(ex, MILL_E_NOMEM);
}

/* Takes some input; false when it was malformed or nothing more can be done. */
static bool take_input(struct mill_exchange *ex, struct mill_view input)
{
    struct mill_view piece = input;
    size_t used;
    bool over;

    if (ex->head.chunked) {
        enum mill_scan scan = mill_chunks_next(&ex->chunks, input, &piece, &used);
        if (scan == MILL_SCAN_BAD) {
            mill_exchange_broken(ex, MILL_E_BAD_REQUEST);
            return false;
        }
        over = scan == MILL_SCAN_DONE;
    } else {
        if (piece.len > ex->body_left)
            piece.len = (size_t)ex->body_left;
        used = piece.len;
        ex->body_left -= used;
        over = ex->body_left == 0;
    }
    skip_input(ex, used);
    deliver(ex, piece);
    if (!over || ex->mode == MILL_BODY_DONE)
        return ex->mode != MILL_BODY_DONE;
    if (ex->mode == MILL_BODY_COLLECT)
        collected_all(ex);
    else
        body_complete(ex);
    return false;
}

static void feed_in_place(struct mill_exchange *ex)
{
    struct mill_conn *conn = ex->conn;
    size_t there = conn->buf_len - ex->at;

    if (there < ex->body_left) {
        conn->moved += there - ex->body_seen;
        ex->body_seen = there;
        return;
    }
    ex->req.body = (struct mill_view){conn->buf + ex->at, (size_t)ex->body_left};
    ex->body_seen = ex->body_left;
    ex->at += (size_t)ex->body_left;
    ex->body_left = 0;
    body_complete(ex);
}

/* The time that a route takes for a piece does not count against the client, but neither does
 * it give a new window to a client that drips. */
static void open_window(struct mill_exchange *ex, struct mill_conn *conn)
{
    if (!ex->window_held) {
        mill_conn_wait(conn, MILL_WAIT_BODY);
        return;
    }
    ex->window_held = false;
    conn->wait = MILL_WAIT_BODY;
    conn->deadline_ms += uv_now(&conn->http->loop) - ex->held_ms;
}

static void hold_window(struct mill_exchange *ex, struct mill_conn *conn)
{
    conn->wait = MILL_WAIT_NOTHING;
    ex->window_held = true;
    ex->held_ms = uv_now(&conn->http->loop);
}

void mill_exchange_feed(struct mill_exchange *ex)
{
    struct mill_conn *conn;

    if (ex->busy)
        return;
    ex->busy = true;
    if (ex->mode == MILL_BODY_IN_PLACE) {
        feed_in_place(ex);
    } else {
        while (!ex->paused && ex->mode != MILL_BODY_DONE && ex->mode != MILL_BODY_UNCLAIMED) {
            struct mill_view input = next_input(ex);
            if (input.len == 0 || !take_input(ex, input))
                break;
        }
    }
    tell_end(ex);
    ex->busy = false;
    conn = ex->conn;
    if (conn != NULL) {
        bool waits = ex->mode != MILL_BODY_DONE && ex->mode != MILL_BODY_UNCLAIMED &&
                     !ex->paused && (!ex->answered || ex->sent);
        if (waits && conn->wait != MILL_WAIT_BODY)
            open_window(ex, conn);
        else if (!waits && conn->wait == MILL_WAIT_BODY)
            hold_window(ex, conn);
    }
    mill_exchange_check_end(ex);
    /* Last, since it may read and go far; the connection's memory lives until the loop runs. */
    if (conn != NULL)
        mill_conn_update_reading(conn);
}

void mill_exchange_received(struct mill_exchange *ex, size_t len)
{
    if (len > 0) {
        if (ex->mode == MILL_BODY_COLLECT && !ex->head.chunked) {
            ex->collected.len += len;
            ex->body_left -= len;
            ex->body_seen += len;
            ex->conn->moved += len;
            if (ex->body_left == 0) {
                ex->busy = true;
                collected_all(ex);
                ex->busy = false;
            }
        } else if (ex->mode == MILL_BODY_DISCARD) {
            ex->body_left -= len;
            ex->conn->moved += len;
            if (ex->body_left == 0)
                ex->mode = MILL_BODY_DONE;
        } else {
            ex->piece_len += len;
        }
    }
    mill_exchange_feed(ex);
}

void mill_request_receive(struct mill_request *req, const struct mill_upload *upload)
{
    struct mill_exchange *ex = (struct mill_exchange *)req;

    ex->upload = upload;
    if (ex->mode == MILL_BODY_DONE) {
        ex->body_over = true;
    } else {
        ex->mode = MILL_BODY_STREAM;
        send_continue(ex);
    }
    mill_exchange_feed(ex);
}

void mill_request_pause(struct mill_request *req)
{
    struct mill_exchange *ex = (struct mill_exchange *)req;

    ex->paused = true;
    if (ex->conn != NULL && !ex->busy)
        mill_conn_update_reading(ex->conn);
}

void mill_request_resume(struct mill_request *req)
{
    struct mill_exchange *ex = (struct mill_exchange *)req;

    ex->paused = false;
    mill_exchange_feed(ex);
}

/* --- what routes ask -----------------------------------------------------------------------
 */

struct mill_view mill_request_header(const struct mill_request *req, const char *name)
{
    struct mill_view wanted = mill_view_of(name);

    for (size_t i = 0; i < req->header_count; i++) {
        if (req->headers[i].name.len == wanted.len &&
            mill_view_eq_nocase(req->headers[i].name, wanted))
            return req->headers[i].value;
    }
    return (struct mill_view){NULL, 0};
}

struct mill_view mill_request_peer(struct mill_request *req)
{
    struct mill_exchange *ex = (struct mill_exchange *)req;
    struct sockaddr_storage address;
    int len = sizeof(address);
    char text[INET6_ADDRSTRLEN] = "";

    if (ex->conn != NULL &&
        uv_tcp_getpeername(&ex->conn->tcp, (struct sockaddr *)&address, &len) == 0)
        uv_ip_name((struct sockaddr *)&address, text, sizeof(text));
    return mill_arena_copy(&req->arena, mill_view_of(text));
}

bool mill_request_defer(struct mill_request *req, void (*fn)(void *arg), void *arg)
{
    struct mill_exchange *ex = (struct mill_exchange *)req;
    struct mill_deferred *d = mill_arena_alloc(&req->arena, sizeof(*d));

    if (d == NULL)
        return false;
    *d = (struct mill_deferred){fn, arg, ex->deferred};
    ex->deferred = d;
    return true;
}

bool mill_request_work(struct mill_request *req, mill_request_fn *work, mill_request_fn *done)
{
    return mill_exchange_work((struct mill_exchange *)req, work, done);
}
