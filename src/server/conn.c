/* conn.c - one client's connection: reading, finding requests, deadlines, closing. */
#include "server/conn.h"

#include <sys/socket.h>

#include "base/alloc.h"

/* Connections beyond the limit that may be open only to hear 503. */
#define EXTRA_CONNS 64

/* How long a client has to close its side after ours. */
#define LINGER_MS 2000

/* Spare read buffers that are kept. */
#define MAX_SPARE_BUFS 128

static void serve(struct mill_conn *conn);

/* --- read buffers ----------------------------------------------------------------------- */

char *mill_http_take_buf(struct mill_http *http)
{
    char *buf = http->spare_bufs;

    if (buf == NULL)
        return mill_alloc(MILL_READ_BYTES + MILL_BODY_PADDING);
    memcpy(&http->spare_bufs, buf, sizeof(http->spare_bufs));
    http->spare_buf_count--;
    return buf;
}

void mill_http_give_buf(struct mill_http *http, char *buf, size_t cap)
{
    if (buf == NULL)
        return;
    if (cap != MILL_READ_BYTES || http->spare_buf_count >= MAX_SPARE_BUFS) {
        mill_free(buf);
        return;
    }
    memcpy(buf, &http->spare_bufs, sizeof(http->spare_bufs));
    http->spare_bufs = buf;
    http->spare_buf_count++;
}

static void drop_buf(struct mill_conn *conn)
{
    mill_http_give_buf(conn->http, conn->buf, conn->buf_cap);
    conn->buf = NULL;
    conn->buf_cap = conn->buf_from = conn->buf_len = 0;
}

/* Makes room behind buf_len while no exchange points into the buffer. */
static bool make_room(struct mill_conn *conn)
{
    size_t limit = (size_t)conn->http->config->max_head_bytes + 1;

    if (conn->buf_from > 0) {
        memmove(conn->buf, conn->buf + conn->buf_from, conn->buf_len - conn->buf_from);
        conn->buf_len -= conn->buf_from;
        conn->buf_from = 0;
    }
    if (conn->buf_len < conn->buf_cap || conn->buf_cap > limit)
        return true;
    size_t cap = conn->buf_cap * 4;
    char *buf = mill_realloc(conn->buf, cap + MILL_BODY_PADDING);
    if (buf == NULL)
        return false;
    conn->buf = buf;
    conn->buf_cap = cap;
    return true;
}

static char *buffer_room(struct mill_conn *conn, size_t *len_out)
{
    if (conn->buf == NULL) {
        conn->buf = mill_http_take_buf(conn->http);
        conn->buf_cap = conn->buf != NULL ? MILL_READ_BYTES : 0;
        conn->buf_from = conn->buf_len = 0;
    }
    *len_out = conn->buf_cap - conn->buf_len;
    return conn->buf + conn->buf_len;
}

/* Where the next plain bytes go. */
static char *room(struct mill_conn *conn, size_t *len_out)
{
    if (conn->exchange != NULL) {
        char *at = mill_exchange_room(conn->exchange, len_out);
        if (at != NULL)
            return at;
    }
    return buffer_room(conn, len_out);
}

/* --- reading ---------------------------------------------------------------------------- */

static void received(struct mill_conn *conn, const char *at, size_t len)
{
    conn->http->bytes_in += len;
    if (conn->buf != NULL && at == conn->buf + conn->buf_len) {
        conn->buf_len += len;
        len = 0;
    }
    if (conn->exchange != NULL)
        mill_exchange_received(conn->exchange, len);
    else
        serve(conn);
}

static bool wants(const struct mill_conn *conn)
{
    if (conn->closing || conn->eof)
        return false;
    if (conn->wait == MILL_WAIT_LINGER)
        return true;
    if (conn->exchange != NULL && !mill_exchange_wants(conn->exchange))
        return false;
    return true;
}

static void ended(struct mill_conn *conn)
{
    conn->eof = true;
    /* Whoever only wanted to listen on is not told apart from whoever left. */
    if (conn->wait == MILL_WAIT_LINGER || conn->exchange == NULL || conn->exchange->parked)
        mill_conn_close(conn);
    else
        mill_exchange_broken(conn->exchange, MILL_E_CANCELLED);
}

/* Moves what TLS has decrypted to where it belongs. */
static void pump_tls(struct mill_conn *conn)
{
    while (wants(conn) && conn->wait != MILL_WAIT_LINGER) {
        size_t len, got;
        char *at = room(conn, &len);
        if (at == NULL || len == 0)
            break;
        switch (mill_tls_read(conn->tls, at, len, &got)) {
        case MILL_TLS_DATA:
            received(conn, at, got);
            continue;
        case MILL_TLS_CLOSED:
            ended(conn);
            break;
        case MILL_TLS_FAILED:
            (void)mill_conn_flush_tls(conn); /* the alert */
            mill_conn_close(conn);
            break;
        case MILL_TLS_WAIT:
        default:
            break;
        }
        break;
    }
    if (!conn->closing)
        (void)mill_conn_flush_tls(conn);
}

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *out)
{
    struct mill_conn *conn = (struct mill_conn *)handle;
    size_t len = MILL_PIECE_BYTES;
    char *at = conn->http->scratch;

    (void)suggested;
    if (conn->tls == NULL && conn->wait != MILL_WAIT_LINGER)
        at = room(conn, &len);
    *out = uv_buf_init(at, (unsigned)len);
}

static void on_read(uv_stream_t *stream, ssize_t count, const uv_buf_t *buf)
{
    struct mill_conn *conn = (struct mill_conn *)stream;

    if (conn->closing || count == 0)
        return;
    if (count == UV_EOF) {
        ended(conn);
    } else if (count < 0) {
        mill_conn_close(conn);
    } else if (conn->wait == MILL_WAIT_LINGER) {
        return;
    } else if (conn->tls != NULL) {
        if (mill_tls_feed(conn->tls, (struct mill_view){buf->base, (size_t)count}))
            pump_tls(conn);
        else
            mill_conn_close(conn);
    } else {
        received(conn, buf->base, (size_t)count);
    }
    mill_conn_update_reading(conn);
}

void mill_conn_update_reading(struct mill_conn *conn)
{
    bool want = wants(conn);

    if (conn->closing || want == conn->reading)
        return;
    conn->reading = want;
    if (!want) {
        uv_read_stop((uv_stream_t *)&conn->tcp);
        return;
    }
    uv_read_start((uv_stream_t *)&conn->tcp, on_alloc, on_read);
    if (conn->tls != NULL)
        pump_tls(conn);
}

/* --- requests --------------------------------------------------------------------------- */

/* Empty lines before a request are allowed and mean nothing. */
static void skip_empty_lines(struct mill_conn *conn)
{
    while (conn->scan.seen == 0 && conn->buf_len - conn->buf_from >= 2 &&
           memcmp(conn->buf + conn->buf_from, "\r\n", 2) == 0)
        conn->buf_from += 2;
}

/* Starts the next request; false when it is not complete or cannot be served. */
static bool serve_one(struct mill_conn *conn)
{
    const struct mill_server_config *config = conn->http->config;
    struct mill_refusal refusal;
    struct mill_exchange *ex;
    struct mill_view bytes;
    size_t head_len;

    skip_empty_lines(conn);
    bytes = (struct mill_view){conn->buf + conn->buf_from, conn->buf_len - conn->buf_from};
    switch (mill_head_scan(&conn->scan, bytes, (size_t)config->max_head_bytes,
                           (size_t)config->max_headers, &head_len, &refusal)) {
    case MILL_SCAN_DONE:
        ex = mill_exchange_begin(conn, head_len);
        if (ex != NULL)
            mill_exchange_start(ex);
        return ex != NULL;
    case MILL_SCAN_BAD:
        mill_refuse(conn, &refusal);
        return false;
    case MILL_SCAN_MORE:
    default:
        if (bytes.len > 0 && conn->buf_len == conn->buf_cap && !make_room(conn))
            mill_conn_close(conn);
        return false;
    }
}

/* Nothing is being served: waits for a request, or for the rest of one. */
static void settle(struct mill_conn *conn)
{
    if (conn->closing || conn->exchange != NULL || conn->wait == MILL_WAIT_LINGER)
        return;
    if (conn->eof) {
        mill_conn_close(conn);
    } else if (conn->buf_from < conn->buf_len) {
        if (conn->wait != MILL_WAIT_HEAD)
            mill_conn_wait(conn, MILL_WAIT_HEAD);
    } else {
        drop_buf(conn);
        if (conn->http->stopping)
            mill_conn_close(conn);
        else
            mill_conn_wait(conn, MILL_WAIT_REQUEST);
    }
}

static void serve(struct mill_conn *conn)
{
    if (conn->serving)
        return;
    conn->serving = true;
    while (!conn->closing && conn->exchange == NULL && conn->wait != MILL_WAIT_LINGER &&
           conn->buf_from < conn->buf_len) {
        if (!serve_one(conn))
            break;
    }
    conn->serving = false;
    settle(conn);
}

void mill_conn_next(struct mill_conn *conn)
{
    conn->scan = (struct mill_head_scan){0};
    conn->served++;
    conn->wait = MILL_WAIT_NOTHING;
    serve(conn);
    mill_conn_update_reading(conn);
}

/* --- deadlines -------------------------------------------------------------------------- */

void mill_conn_wait(struct mill_conn *conn, enum mill_wait wait)
{
    const struct mill_server_config *config = conn->http->config;
    int64_t ms = 0;

    conn->wait = wait;
    switch (wait) {
    case MILL_WAIT_NOTHING:
        return;
    case MILL_WAIT_REQUEST:
        ms = config->idle_timeout_ms;
        break;
    case MILL_WAIT_HEAD:
        ms = config->head_timeout_ms;
        break;
    case MILL_WAIT_BODY:
        ms = config->stall_window_ms;
        conn->moved = 0;
        break;
    case MILL_WAIT_DRAIN:
        ms = config->stall_window_ms;
        conn->unsent = mill_conn_unsent(conn);
        break;
    case MILL_WAIT_LINGER:
    default:
        ms = LINGER_MS;
        break;
    }
    conn->deadline_ms = uv_now(&conn->http->loop) + (uint64_t)ms;
}

static void body_expired(struct mill_conn *conn)
{
    if (conn->moved >= (uint64_t)conn->http->config->stall_min_bytes)
        mill_conn_wait(conn, MILL_WAIT_BODY);
    else
        mill_exchange_broken(conn->exchange, MILL_E_TIMEOUT);
}

static void drain_expired(struct mill_conn *conn)
{
    uint64_t before = conn->unsent;
    uint64_t now = mill_conn_unsent(conn);

    if (now < before && before - now >= (uint64_t)conn->http->config->stall_min_bytes)
        mill_conn_wait(conn, MILL_WAIT_DRAIN);
    else
        mill_conn_close(conn);
}

void mill_conn_expired(struct mill_conn *conn)
{
    static const struct mill_refusal slow_head = {408, "the head of the request took too long"};

    switch (conn->wait) {
    case MILL_WAIT_HEAD:
        mill_refuse(conn, &slow_head);
        break;
    case MILL_WAIT_BODY:
        body_expired(conn);
        break;
    case MILL_WAIT_DRAIN:
        drain_expired(conn);
        break;
    case MILL_WAIT_NOTHING:
        break;
    case MILL_WAIT_REQUEST:
    case MILL_WAIT_LINGER:
    default:
        mill_conn_close(conn);
        break;
    }
}

/* --- opening and closing ---------------------------------------------------------------- */

static void on_closed(uv_handle_t *handle)
{
    struct mill_conn *conn = (struct mill_conn *)handle;
    struct mill_http *http = conn->http;

    mill_free(conn);
    mill_http_check_stopped(http);
}

void mill_conn_close(struct mill_conn *conn)
{
    struct mill_http *http = conn->http;

    if (conn->closing)
        return;
    conn->closing = true;
    if (conn->prev != NULL)
        conn->prev->next = conn->next;
    else
        http->conns = conn->next;
    if (conn->next != NULL)
        conn->next->prev = conn->prev;
    http->conn_count--;
    uv_close((uv_handle_t *)&conn->tcp, on_closed);
    if (conn->exchange != NULL) {
        struct mill_exchange *ex = conn->exchange;
        ex->kept_buf = conn->buf;
        conn->buf = NULL;
        conn->exchange = NULL;
        mill_exchange_gone(ex);
    }
    drop_buf(conn);
    mill_tls_free(conn->tls);
    conn->tls = NULL;
}

void mill_conn_linger(struct mill_conn *conn)
{
    uv_os_fd_t fd;

    if (conn->closing)
        return;
    if (conn->eof) {
        mill_conn_close(conn);
        return;
    }
    if (conn->tls != NULL) {
        mill_tls_goodbye(conn->tls);
        if (!mill_conn_flush_tls(conn))
            return;
    }
    drop_buf(conn);
    mill_conn_wait(conn, MILL_WAIT_LINGER);
    if (uv_stream_get_write_queue_size((uv_stream_t *)&conn->tcp) == 0 &&
        uv_fileno((uv_handle_t *)&conn->tcp, &fd) == 0)
        shutdown(fd, SHUT_WR);
    mill_conn_update_reading(conn);
}

static struct mill_conn *new_conn(struct mill_http *http)
{
    struct mill_conn *conn = mill_alloc_zero(1, sizeof(*conn));

    if (conn == NULL)
        return NULL;
    if (uv_tcp_init(&http->loop, &conn->tcp) != 0) {
        mill_free(conn);
        return NULL;
    }
    conn->http = http;
    conn->next = http->conns;
    if (http->conns != NULL)
        http->conns->prev = conn;
    http->conns = conn;
    http->conn_count++;
    return conn;
}

void mill_conn_open(struct mill_http *http, uv_stream_t *listener)
{
    static const struct mill_refusal full = {503, "the server has no connection left"};
    struct mill_conn *conn = new_conn(http);

    if (conn == NULL)
        return;
    if (uv_accept(listener, (uv_stream_t *)&conn->tcp) != 0 ||
        http->conn_count > http->max_conns + EXTRA_CONNS) {
        mill_conn_close(conn);
        return;
    }
    if (http->tls != NULL) {
        conn->tls = mill_tls_new(http->tls);
        if (conn->tls == NULL) {
            mill_conn_close(conn);
            return;
        }
    }
    mill_http_watch(http);
    if (http->conn_count > http->max_conns) {
        if (conn->tls != NULL)
            mill_conn_close(conn);
        else
            mill_refuse(conn, &full);
        return;
    }
    mill_conn_wait(conn, conn->tls != NULL ? MILL_WAIT_HEAD : MILL_WAIT_REQUEST);
    mill_conn_update_reading(conn);
}
