/* write.c - bytes to the client: straight into the socket when it takes them, the rest through
 * libuv's queue; encrypted piece by piece where there is TLS. */
#include "server/conn.h"

#include <linux/sockios.h>
#include <sys/ioctl.h>

#include "base/alloc.h"

/* Plain bytes that are encrypted at a time: bounds the ciphertext that is kept. */
#define TLS_PIECE 65536

/* A copy on its way; freed when sent. */
struct copied {
    uv_write_t write; /* first */
    char bytes[];
};

static void send_on(struct mill_conn *conn);

static void finished(struct mill_conn *conn)
{
    struct mill_exchange *ex = conn->exchange;

    conn->sending = false;
    if (ex != NULL && ex->when_sent != NULL)
        ex->when_sent(ex);
}

/* --- plain ------------------------------------------------------------------------------ */

static void on_written(uv_write_t *write, int status)
{
    struct mill_conn *conn = write->data;

    if (conn->closing)
        return;
    if (status < 0) {
        mill_conn_close(conn);
        return;
    }
    finished(conn);
}

/* Forgets sent bytes of out[]; true when all are gone. */
static bool advance(struct mill_conn *conn, size_t sent)
{
    conn->http->bytes_out += sent;
    while (conn->out_at < conn->out_count) {
        uv_buf_t *b = &conn->out[conn->out_at];
        if (sent < b->len) {
            b->base += sent;
            b->len -= sent;
            return false;
        }
        sent -= b->len;
        conn->out_at++;
    }
    return true;
}

static enum mill_sent send_plain(struct mill_conn *conn)
{
    uv_stream_t *stream = (uv_stream_t *)&conn->tcp;
    int sent = uv_try_write(stream, conn->out + conn->out_at, conn->out_count - conn->out_at);

    if (sent < 0 && sent != UV_EAGAIN) {
        mill_conn_close(conn);
        return MILL_SEND_FAILED;
    }
    if (sent > 0 && advance(conn, (size_t)sent))
        return MILL_SENT;
    for (unsigned i = conn->out_at; i < conn->out_count; i++)
        conn->http->bytes_out += conn->out[i].len;
    conn->write.data = conn;
    if (uv_write(&conn->write, stream, conn->out + conn->out_at, conn->out_count - conn->out_at,
                 on_written) != 0) {
        mill_conn_close(conn);
        return MILL_SEND_FAILED;
    }
    return MILL_SENDING;
}

/* --- copies, TLS ------------------------------------------------------------------------ */

static void on_copied(uv_write_t *write, int status)
{
    struct mill_conn *conn = write->data;

    mill_free(write);
    if (conn->closing)
        return;
    if (status < 0)
        mill_conn_close(conn);
    else if (conn->sending && conn->tls != NULL &&
             uv_stream_get_write_queue_size((uv_stream_t *)&conn->tcp) == 0)
        send_on(conn);
}

/* Sends raw bytes; what the socket does not take now is copied. 1: all sent, 0: some are
 * queued, -1: the connection is closing. */
static int push(struct mill_conn *conn, struct mill_view bytes)
{
    uv_stream_t *stream = (uv_stream_t *)&conn->tcp;
    uv_buf_t b = uv_buf_init((char *)(uintptr_t)bytes.ptr, (unsigned)bytes.len);
    int sent = uv_try_write(stream, &b, 1);
    struct copied *copy;

    if (sent < 0 && sent != UV_EAGAIN) {
        mill_conn_close(conn);
        return -1;
    }
    conn->http->bytes_out += bytes.len;
    bytes = mill_view_from(bytes, sent > 0 ? (size_t)sent : 0);
    if (bytes.len == 0)
        return 1;
    copy = mill_alloc(sizeof(*copy) + bytes.len);
    if (copy == NULL) {
        mill_conn_close(conn);
        return -1;
    }
    memcpy(copy->bytes, bytes.ptr, bytes.len);
    copy->write.data = conn;
    b = uv_buf_init(copy->bytes, (unsigned)bytes.len);
    if (uv_write(&copy->write, stream, &b, 1, on_copied) != 0) {
        mill_free(copy);
        mill_conn_close(conn);
        return -1;
    }
    return 0;
}

static int push_tls(struct mill_conn *conn)
{
    struct mill_view output = mill_tls_output(conn->tls);
    int rc = 1;

    if (output.len > 0) {
        rc = push(conn, output);
        if (rc >= 0)
            mill_tls_output_taken(conn->tls);
    }
    return rc;
}

bool mill_conn_flush_tls(struct mill_conn *conn)
{
    return push_tls(conn) >= 0;
}

static enum mill_sent send_tls(struct mill_conn *conn)
{
    while (conn->out_at < conn->out_count) {
        uv_buf_t *b = &conn->out[conn->out_at];
        size_t take = b->len < TLS_PIECE ? b->len : TLS_PIECE;
        if (!mill_tls_write(conn->tls, (struct mill_view){b->base, take})) {
            mill_conn_close(conn);
            return MILL_SEND_FAILED;
        }
        b->base += take;
        b->len -= take;
        if (b->len == 0)
            conn->out_at++;
        /* Small pieces that follow go into the same packet. */
        if (conn->out_at < conn->out_count && take < TLS_PIECE / 4)
            continue;
        int rc = push_tls(conn);
        if (rc <= 0)
            return rc == 0 ? MILL_SENDING : MILL_SEND_FAILED;
    }
    return MILL_SENT;
}

/* Ciphertext left; goes on with the rest. */
static void send_on(struct mill_conn *conn)
{
    if (send_tls(conn) == MILL_SENT)
        finished(conn);
}

/* --- front ------------------------------------------------------------------------------ */

enum mill_sent mill_conn_send(struct mill_conn *conn, const struct mill_view *pieces,
                              unsigned count)
{
    enum mill_sent sent;

    conn->out_at = 0;
    conn->out_count = 0;
    for (unsigned i = 0; i < count; i++) {
        if (pieces[i].len > 0)
            conn->out[conn->out_count++] =
                uv_buf_init((char *)(uintptr_t)pieces[i].ptr, (unsigned)pieces[i].len);
    }
    conn->sending = true;
    sent = conn->tls != NULL ? send_tls(conn) : send_plain(conn);
    if (sent == MILL_SENT)
        conn->sending = false;
    else if (sent == MILL_SENDING)
        mill_conn_wait(conn, MILL_WAIT_DRAIN);
    return sent;
}

void mill_conn_send_copy(struct mill_conn *conn, struct mill_view bytes)
{
    if (conn->tls == NULL)
        (void)push(conn, bytes);
    else if (!mill_tls_write(conn->tls, bytes))
        mill_conn_close(conn);
    else
        (void)push_tls(conn);
}

uint64_t mill_conn_unsent(struct mill_conn *conn)
{
    uint64_t unsent = uv_stream_get_write_queue_size((uv_stream_t *)&conn->tcp);
    uv_os_fd_t fd;
    int queued = 0;

    if (uv_fileno((uv_handle_t *)&conn->tcp, &fd) == 0 && ioctl(fd, SIOCOUTQ, &queued) == 0)
        unsent += (uint64_t)queued;
    return unsent;
}
