/* stream.c - answers that are made while they are sent: pulled from a source on the pool, one
 * piece at a time, the next one when the client took the last; or on the loop, whenever a
 * source that waits has something to tell. */
#include "server/conn.h"

#include <errno.h>
#include <unistd.h>

#include "base/log.h"
#include "server/gzip.h"

static void piece_sent(struct mill_exchange *ex);

void mill_exchange_close_source(struct mill_exchange *ex)
{
    struct mill_body_source *source = ex->source;

    ex->source = NULL;
    if (source != NULL && source->close != NULL)
        source->close(source);
    mill_deflater_free(ex->deflater);
    ex->deflater = NULL;
}

/* --- on the pool ------------------------------------------------------------------------ */

/* Compresses what was pulled. The first piece decides: a short answer stays as it is. */
static void deflate_pulled(struct mill_exchange *ex)
{
    size_t least = (size_t)ex->req.server->config->gzip_min_bytes;

    if (!ex->head_sent && ex->deflater == NULL) {
        if (ex->pull_end && ex->pulled.len < least)
            ex->compress = false;
        else
            ex->deflater = mill_deflater_new();
    }
    if (!ex->compress)
        return;
    ex->packed.len = 0;
    if (ex->deflater == NULL ||
        !mill_deflater_add(ex->deflater, mill_buf_view(&ex->pulled), ex->pull_end, &ex->packed))
        ex->pull_status = mill_fail(&ex->pull_error, MILL_E_NOMEM, "compressing an answer");
}

static void pull_piece(struct mill_request *req)
{
    struct mill_exchange *ex = (struct mill_exchange *)req;

    do {
        ex->pulled.len = 0;
        ex->pull_status =
            ex->source->next(ex->source, &ex->pulled, &ex->pull_end, &ex->pull_error);
        if (ex->pull_status == MILL_OK && ex->pulled.failed)
            ex->pull_status = mill_fail(&ex->pull_error, MILL_E_NOMEM, "making an answer");
        if (ex->pull_status == MILL_OK && ex->compress)
            deflate_pulled(ex);
    } while (ex->pull_status == MILL_OK && !ex->pull_end &&
             (ex->compress ? ex->packed.len : ex->pulled.len) == 0 && !ex->source->waits);
}

/* --- on the loop ------------------------------------------------------------------------ */

/* Chooses how the end of the body is told, and makes the head. */
static void begin_head(struct mill_exchange *ex, size_t first_len)
{
    ex->announced = ex->pull_end   ? (int64_t)first_len
                    : ex->compress ? MILL_ABSENT
                                   : ex->source->length;
    ex->chunked_out = ex->announced == MILL_ABSENT && ex->head.http11;
    if (ex->announced == MILL_ABSENT && !ex->head.http11)
        ex->close_after = true;
    mill_answer_head(ex, ex->announced, ex->compress ? "gzip" : NULL);
    ex->head_sent = true;
}

/* Whether the source keeps to the length it announced. */
static bool length_holds(struct mill_exchange *ex, size_t len)
{
    uint64_t total = ex->sent_bytes + len;

    if (ex->announced == MILL_ABSENT)
        return true;
    if (total == (uint64_t)ex->announced)
        ex->pull_end = true;
    return total < (uint64_t)ex->announced ? !ex->pull_end : total == (uint64_t)ex->announced;
}

static void send_piece(struct mill_exchange *ex, struct mill_view body)
{
    struct mill_view pieces[3] = {{NULL, 0}, body, {NULL, 0}};

    if (ex->chunked_out && body.len > 0) {
        mill_buf_printf(&ex->headbuf, "%zx\r\n", body.len);
        pieces[2] = ex->pull_end ? MILL_VIEW("\r\n0\r\n\r\n") : MILL_VIEW("\r\n");
    } else if (ex->chunked_out && ex->pull_end) {
        pieces[2] = MILL_VIEW("0\r\n\r\n");
    }
    if (ex->headbuf.failed || ex->extra.failed) {
        mill_conn_close(ex->conn);
        return;
    }
    pieces[0] = mill_buf_view(&ex->headbuf);
    ex->sent_bytes += body.len;
    ex->when_sent = piece_sent;
    if (mill_conn_send(ex->conn, pieces, 3) == MILL_SENT)
        piece_sent(ex);
}

/* A failure before anything was sent becomes the answer; later it can only be shown by cutting
 * the connection. */
static void pull_failed(struct mill_exchange *ex)
{
    struct mill_error err = ex->pull_error;
    enum mill_status status = ex->pull_status;

    if (ex->head_sent) {
        mill_log(MILL_LOG_WARN, "%.*s: cut off: %s", MILL_FMT(ex->req.path), err.message);
        mill_conn_close(ex->conn);
        return;
    }
    mill_exchange_close_source(ex);
    ex->answered = false;
    ex->extra.len = 0;
    mill_respond_error(&ex->req, status, &err);
}

/* Nothing is asked of a source that waits until it is woken. */
static void park(struct mill_exchange *ex)
{
    ex->parked = true;
    if (ex->conn->eof) /* it came while a piece was on its way */
        mill_conn_close(ex->conn);
}

static void pulled(struct mill_request *req)
{
    struct mill_exchange *ex = (struct mill_exchange *)req;
    struct mill_view body;

    if (ex->conn == NULL) {
        mill_exchange_close_source(ex);
        mill_exchange_sent(ex);
        return;
    }
    if (ex->pull_status != MILL_OK) {
        pull_failed(ex);
        return;
    }
    body = mill_buf_view(ex->compress ? &ex->packed : &ex->pulled);
    if (body.len == 0 && !ex->pull_end && ex->source->waits) {
        park(ex);
        return;
    }
    ex->headbuf.len = 0;
    if (!ex->head_sent)
        begin_head(ex, body.len);
    if (!length_holds(ex, body.len)) {
        mill_log(MILL_LOG_WARN, "%.*s: cut off: the length changed while it was sent",
                 MILL_FMT(ex->req.path));
        mill_conn_close(ex->conn);
        return;
    }
    send_piece(ex, body);
}

/* A source that waits is asked on the loop. */
static void pull_here(struct mill_exchange *ex)
{
    ex->parked = ex->woken = false;
    pull_piece(&ex->req);
    pulled(&ex->req);
}

static void piece_sent(struct mill_exchange *ex)
{
    if (ex->pull_end) {
        mill_exchange_close_source(ex);
        mill_exchange_sent(ex);
        return;
    }
    ex->conn->wait = MILL_WAIT_NOTHING;
    if (!ex->source->waits)
        mill_exchange_queue(ex, pull_piece, pulled);
    else if (ex->woken)
        pull_here(ex);
    else
        park(ex);
}

void mill_source_wake(struct mill_request *req)
{
    struct mill_exchange *ex = (struct mill_exchange *)req;

    if (ex->parked)
        pull_here(ex);
    else
        ex->woken = true; /* a piece is on its way: it is asked again when that is sent */
}

void mill_respond_source(struct mill_request *req, int http_status, const char *content_type,
                         struct mill_body_source *source)
{
    struct mill_exchange *ex = (struct mill_exchange *)req;
    struct mill_error err;

    if (!mill_answer_begin(ex, http_status, content_type)) {
        if (source->close != NULL)
            source->close(source);
        return;
    }
    ex->source = source;
    if (ex->conn == NULL || req->method == MILL_HEAD) {
        ex->chunked_out = source->length == MILL_ABSENT && ex->head.http11;
        mill_answer_head(ex, source->length, NULL);
        mill_exchange_close_source(ex);
        ex->answer = MILL_VIEW("");
        mill_answer_send(ex);
        return;
    }
    if (source->waits) {
        pull_here(ex);
        return;
    }
    ex->compress = mill_answer_compresses(ex, source->length);
    if (mill_exchange_work(ex, pull_piece, pulled))
        return;
    mill_exchange_close_source(ex);
    ex->answered = false;
    (void)mill_fail(&err, MILL_E_BUSY, "too many requests wait; try again");
    mill_respond_error(req, MILL_E_BUSY, &err);
}

/* --- files ------------------------------------------------------------------------------ */

struct file_source {
    struct mill_body_source source; /* first */
    int fd;
    int64_t offset;
    int64_t left;
};

static enum mill_status file_next(struct mill_body_source *source, struct mill_buf *out,
                                  bool *end_out, struct mill_error *err)
{
    struct file_source *file = (struct file_source *)source;
    size_t want = file->left < MILL_PIECE_BYTES ? (size_t)file->left : (size_t)MILL_PIECE_BYTES;
    ssize_t got = 0;

    if (!mill_buf_reserve(out, want + 1))
        return mill_fail(err, MILL_E_NOMEM, "reading a file: out of memory");
    if (want > 0)
        got = pread(file->fd, out->ptr + out->len, want, file->offset);
    if (got < 0)
        return mill_fail(err, MILL_E_IO, "reading a file: %s", strerror(errno));
    if (got == 0 && want > 0)
        return mill_fail(err, MILL_E_IO, "the file became shorter while it was read");
    out->len += (size_t)got;
    file->offset += got;
    file->left -= got;
    *end_out = file->left == 0;
    return MILL_OK;
}

static void file_close(struct mill_body_source *source)
{
    close(((struct file_source *)source)->fd);
}

void mill_respond_file(struct mill_request *req, int http_status, const char *content_type,
                       int fd, int64_t offset, int64_t length)
{
    struct file_source *file = mill_arena_alloc(&req->arena, sizeof(*file));

    if (file == NULL) {
        close(fd);
        mill_respond_error(req, MILL_E_NOMEM, NULL);
        return;
    }
    *file = (struct file_source){
        .source = {.next = file_next, .close = file_close, .length = length},
        .fd = fd,
        .offset = offset,
        .left = length,
    };
    mill_respond_source(req, http_status, content_type, &file->source);
}
