/* body.c - the body of a request: in place, collected, or piece by piece to its route. */
#include "server/conn.h"

#include "base/alloc.h"
#include "server/route.h"

bool mill_body_too_large(const struct mill_exchange *ex, uint64_t size)
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
void mill_body_buffer(struct mill_exchange *ex)
{
    bool fits = !ex->head.chunked && ex->body_left <= ex->conn->buf_cap - ex->at;

    ex->mode = fits ? MILL_BODY_IN_PLACE : MILL_BODY_COLLECT;
    send_continue(ex);
}

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
    } else if (why == MILL_E_BUSY) {
        *http_out = 503;
        *text_out = "too many large requests arrive at once; try again";
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
        mill_exchange_dispatch(ex);
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

/* All bodies that are being collected have a limit together. */
static bool count_collected(struct mill_exchange *ex, size_t len)
{
    struct mill_http *http = ex->req.server->http;

    ex->collected_bytes += len;
    http->collected_bytes += len;
    if (http->collected_bytes <= (uint64_t)http->config->max_buffered_bytes)
        return true;
    mill_exchange_broken(ex, MILL_E_BUSY);
    return false;
}

/* Gives a piece of content to whom it is for. */
static void deliver(struct mill_exchange *ex, struct mill_view piece)
{
    ex->body_seen += piece.len;
    if (ex->conn != NULL)
        ex->conn->moved += piece.len;
    if (piece.len == 0 || ex->mode == MILL_BODY_DISCARD)
        return;
    if (ex->head.chunked && mill_body_too_large(ex, ex->body_seen)) {
        mill_exchange_broken(ex, MILL_E_TOO_LARGE);
        return;
    }
    if (ex->mode == MILL_BODY_STREAM) {
        ex->upload->data(&ex->req, piece);
        return;
    }
    if (!count_collected(ex, piece.len))
        return;
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

/* Bytes that went straight to their place behind what was collected. */
static void collected_some(struct mill_exchange *ex, size_t len)
{
    ex->collected.len += len;
    ex->body_left -= len;
    ex->body_seen += len;
    ex->conn->moved += len;
    if (count_collected(ex, len) && ex->body_left == 0)
        collected_all(ex);
}

static void discarded_some(struct mill_exchange *ex, size_t len)
{
    ex->body_left -= len;
    ex->conn->moved += len;
    if (ex->body_left == 0)
        ex->mode = MILL_BODY_DONE;
}

void mill_exchange_received(struct mill_exchange *ex, size_t len)
{
    bool was_busy = ex->busy;

    ex->busy = true;
    if (len > 0 && ex->mode == MILL_BODY_COLLECT && !ex->head.chunked)
        collected_some(ex, len);
    else if (len > 0 && ex->mode == MILL_BODY_DISCARD)
        discarded_some(ex, len);
    else
        ex->piece_len += len;
    ex->busy = was_busy;
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
