/* exchange.c - the life of an exchange: from its head to the moment when nothing runs for it
 * any more, and what routes ask of it. */
#include "server/conn.h"

#include "base/alloc.h"
#include "server/access_log.h"
#include "server/metrics.h"

/* Exchanges that are kept for reuse, and what each keeps of its memory. */
#define MAX_SPARES     256
#define KEPT_ARENA     8192
#define KEPT_BUF       16384
#define KEPT_SMALL_BUF 4096

/* --- life ------------------------------------------------------------------------------- */

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
    http->collected_bytes -= ex->collected_bytes;
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

/* --- what routes ask -------------------------------------------------------------------- */

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
