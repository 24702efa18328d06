/* respond.c - answers whose body is complete: heads, errors, compression. */
#include "server/conn.h"

#include <time.h>

#include "base/alloc.h"
#include "base/json_text.h"
#include "server/gzip.h"
#include "server/metrics.h"

/* A body up to this size is copied behind its head and goes out in the same piece. */
#define SMALL_BODY 4096

/* What is left of an unwanted body is read up to this size; beyond it the connection ends. */
#define MAX_DISCARD 262144

static const char json_type[] = "application/json";

/* --- heads ------------------------------------------------------------------------------ */

static const char *reason_of(int http_status)
{
    static const struct {
        int status;
        const char *reason;
    } reasons[] = {
        {200, "OK"},
        {204, "No Content"},
        {206, "Partial Content"},
        {304, "Not Modified"},
        {400, "Bad Request"},
        {401, "Unauthorized"},
        {403, "Forbidden"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {408, "Request Timeout"},
        {409, "Conflict"},
        {413, "Content Too Large"},
        {414, "URI Too Long"},
        {416, "Range Not Satisfiable"},
        {417, "Expectation Failed"},
        {429, "Too Many Requests"},
        {431, "Request Header Fields Too Large"},
        {500, "Internal Server Error"},
        {501, "Not Implemented"},
        {503, "Service Unavailable"},
        {504, "Gateway Timeout"},
        {505, "HTTP Version Not Supported"},
    };

    for (size_t i = 0; i < MILL_COUNT(reasons); i++) {
        if (reasons[i].status == http_status)
            return reasons[i].reason;
    }
    return "Status";
}

static void add_text(struct mill_buf *out, const char *text)
{
    mill_buf_add(out, text, strlen(text));
}

static void add_status_line(struct mill_buf *out, int http_status)
{
    if (http_status == 200) {
        mill_buf_add_view(out, MILL_VIEW("HTTP/1.1 200 OK\r\n"));
        return;
    }
    mill_buf_add_view(out, MILL_VIEW("HTTP/1.1 "));
    mill_buf_add_int(out, http_status);
    mill_buf_add_char(out, ' ');
    add_text(out, reason_of(http_status));
    mill_buf_add_view(out, MILL_VIEW("\r\n"));
}

/* The Date line is made once a second. */
static struct mill_view date_line(struct mill_http *http)
{
    struct timespec now;
    struct tm tm;

    clock_gettime(CLOCK_REALTIME_COARSE, &now);
    if (now.tv_sec != http->date_s) {
        http->date_s = now.tv_sec;
        gmtime_r(&now.tv_sec, &tm);
        strftime(http->date, sizeof(http->date), "Date: %a, %d %b %Y %H:%M:%S GMT\r\n", &tm);
    }
    return mill_view_of(http->date);
}

void mill_answer_head(struct mill_exchange *ex, int64_t body_len, const char *coding)
{
    struct mill_http *http = ex->req.server->http;
    struct mill_buf *out = &ex->headbuf;

    out->len = 0;
    add_status_line(out, ex->http_status);
    mill_buf_add_view(out, date_line(http));
    if (ex->content_type != NULL) {
        mill_buf_add_view(out, MILL_VIEW("Content-Type: "));
        add_text(out, ex->content_type);
        mill_buf_add_view(out, MILL_VIEW("\r\n"));
    }
    if (coding != NULL) {
        mill_buf_add_view(out, MILL_VIEW("Content-Encoding: "));
        add_text(out, coding);
        mill_buf_add_view(out, MILL_VIEW("\r\nVary: Accept-Encoding\r\n"));
    }
    if (ex->chunked_out) {
        mill_buf_add_view(out, MILL_VIEW("Transfer-Encoding: chunked\r\n"));
    } else if (body_len != MILL_ABSENT && ex->http_status != 204 && ex->http_status != 304) {
        mill_buf_add_view(out, MILL_VIEW("Content-Length: "));
        mill_buf_add_int(out, body_len);
        mill_buf_add_view(out, MILL_VIEW("\r\n"));
    }
    if (ex->close_after)
        mill_buf_add_view(out, MILL_VIEW("Connection: close\r\n"));
    else if (!ex->head.http11)
        mill_buf_add_view(out, MILL_VIEW("Connection: keep-alive\r\n"));
    mill_buf_add_view(out, mill_buf_view(&ex->extra));
    mill_buf_add(out, http->common_headers, http->common_headers_len);
    mill_buf_add_view(out, MILL_VIEW("\r\n"));
}

void mill_response_header(struct mill_request *req, const char *name, struct mill_view value)
{
    struct mill_exchange *ex = (struct mill_exchange *)req;

    for (size_t i = 0; i < value.len; i++) {
        unsigned char c = (unsigned char)value.ptr[i];
        if ((c < ' ' && c != '\t') || c == 0x7f)
            return;
    }
    add_text(&ex->extra, name);
    mill_buf_add_view(&ex->extra, MILL_VIEW(": "));
    mill_buf_add_view(&ex->extra, value);
    mill_buf_add_view(&ex->extra, MILL_VIEW("\r\n"));
}

/* --- before and after ------------------------------------------------------------------- */

/* An unread body is read and dropped when that is cheap; else the connection ends. */
static void give_up_body(struct mill_exchange *ex)
{
    struct mill_conn *conn = ex->conn;
    uint64_t there;

    if (ex->mode == MILL_BODY_DONE || conn == NULL)
        return;
    there = conn->buf_len - ex->at + ex->piece_len - ex->piece_at;
    if (ex->head.chunked || ex->continue_due || ex->body_left > there + MAX_DISCARD) {
        ex->close_after = true;
        return;
    }
    /* Bytes that were read ahead count as seen already. */
    if (ex->piece != NULL) {
        ex->body_left -= ex->piece_len - ex->piece_at;
        ex->piece_at = ex->piece_len = 0;
    }
    ex->mode = ex->body_left > 0 ? MILL_BODY_DISCARD : MILL_BODY_DONE;
}

void mill_answer_decide_close(struct mill_exchange *ex)
{
    const struct mill_http *http = ex->req.server->http;
    int64_t most = http->config->max_requests_per_connection;

    if (!ex->head.keep_alive || http->stopping)
        ex->close_after = true;
    if (most > 0 && ex->conn != NULL && ex->conn->served + 1 >= most)
        ex->close_after = true;
    give_up_body(ex);
}

bool mill_answer_begin(struct mill_exchange *ex, int http_status, const char *content_type)
{
    if (ex->answered)
        return false;
    ex->answered = true;
    ex->http_status = http_status;
    ex->content_type = content_type;
    if (ex->conn != NULL) {
        ex->conn->wait = MILL_WAIT_NOTHING;
        mill_answer_decide_close(ex);
    }
    return true;
}

/* The head and perhaps the body were sent. */
void mill_answer_send(struct mill_exchange *ex)
{
    struct mill_view pieces[2];
    bool with_body = ex->req.method != MILL_HEAD;

    if (ex->conn == NULL) {
        mill_exchange_sent(ex);
        return;
    }
    if (ex->headbuf.failed || ex->extra.failed) {
        mill_conn_close(ex->conn);
        return;
    }
    pieces[1] = with_body ? ex->answer : MILL_VIEW("");
    ex->sent_bytes = pieces[1].len;
    if (pieces[1].len <= SMALL_BODY) {
        mill_buf_add_view(&ex->headbuf, pieces[1]);
        if (!ex->headbuf.failed)
            pieces[1].len = 0;
        else
            ex->headbuf.failed = false;
    }
    pieces[0] = mill_buf_view(&ex->headbuf);
    ex->when_sent = mill_exchange_sent;
    if (mill_conn_send(ex->conn, pieces, 2) == MILL_SENT)
        mill_exchange_sent(ex);
}

/* --- compression ------------------------------------------------------------------------ */

bool mill_answer_compresses(const struct mill_exchange *ex, int64_t length)
{
    int64_t least = ex->req.server->config->gzip_min_bytes;

    if (least == 0 || (length != MILL_ABSENT && length < least) || ex->http_status == 206 ||
        ex->req.method == MILL_HEAD || ex->content_type == NULL)
        return false;
    return mill_gzip_type(ex->content_type) && mill_gzip_accepted(ex->head.accept_encoding);
}

static void compress_answer(struct mill_request *req)
{
    struct mill_exchange *ex = (struct mill_exchange *)req;

    if (!mill_gzip(ex->answer, &ex->packed))
        mill_buf_release(&ex->packed);
}

static void send_compressed(struct mill_request *req)
{
    struct mill_exchange *ex = (struct mill_exchange *)req;
    const char *coding = NULL;

    if (ex->packed.len > 0) {
        ex->answer = mill_buf_view(&ex->packed);
        coding = "gzip";
    }
    mill_answer_head(ex, (int64_t)ex->answer.len, coding);
    mill_answer_send(ex);
}

static void answer(struct mill_exchange *ex)
{
    if (ex->conn != NULL && mill_answer_compresses(ex, (int64_t)ex->answer.len) &&
        mill_exchange_work(ex, compress_answer, send_compressed))
        return;
    mill_answer_head(ex, (int64_t)ex->answer.len, NULL);
    mill_answer_send(ex);
}

/* --- front ------------------------------------------------------------------------------ */

void mill_respond(struct mill_request *req, int http_status, const char *content_type,
                  struct mill_view body)
{
    struct mill_exchange *ex = (struct mill_exchange *)req;

    if (!mill_answer_begin(ex, http_status, content_type))
        return;
    ex->answer = body;
    answer(ex);
}

void mill_respond_buf(struct mill_request *req, int http_status, const char *content_type,
                      struct mill_buf *body)
{
    struct mill_exchange *ex = (struct mill_exchange *)req;

    if (body->failed) {
        mill_buf_release(body);
        mill_respond_error(req, MILL_E_NOMEM, NULL);
        return;
    }
    if (!mill_answer_begin(ex, http_status, content_type)) {
        mill_buf_release(body);
        return;
    }
    ex->owned = *body;
    *body = (struct mill_buf){0};
    ex->answer = mill_buf_view(&ex->owned);
    answer(ex);
}

void mill_respond_gzip(struct mill_request *req, int http_status, const char *content_type,
                       struct mill_view body)
{
    struct mill_exchange *ex = (struct mill_exchange *)req;
    struct mill_buf plain = {0};

    if (!mill_gzip_accepted(ex->head.accept_encoding)) {
        plain.failed = !mill_gunzip(body, &plain);
        mill_response_header(req, "Vary", MILL_VIEW("Accept-Encoding"));
        mill_respond_buf(req, http_status, content_type, &plain);
        return;
    }
    if (!mill_answer_begin(ex, http_status, content_type))
        return;
    ex->answer = body;
    mill_answer_head(ex, (int64_t)body.len, "gzip");
    mill_answer_send(ex);
}

/* --- errors ----------------------------------------------------------------------------- */

static void add_error(struct mill_buf *out, const char *code, struct mill_view message)
{
    if (!mill_utf8_valid(message))
        message = MILL_VIEW("the request holds text that is not UTF-8");
    mill_buf_add_view(out, MILL_VIEW("{\"error_code\": "));
    mill_buf_add_json_string(out, mill_view_of(code));
    mill_buf_add_view(out, MILL_VIEW(", \"message\": "));
    mill_buf_add_json_string(out, message);
    mill_buf_add_char(out, '}');
}

void mill_respond_error(struct mill_request *req, enum mill_status status,
                        const struct mill_error *err)
{
    const struct mill_status_info *info = mill_status_get_info(status);
    struct mill_buf *out = &req->out;
    struct mill_exchange *ex = (struct mill_exchange *)req;

    if (ex->answered)
        return;
    out->len = 0;
    add_error(out, info->error_code,
              err != NULL ? mill_view_of(err->message) : mill_view_of(info->error_code));
    if (out->failed) {
        mill_buf_release(out);
        mill_respond(req, 503, json_type,
                     MILL_VIEW("{\"error_code\": \"TEMPORARILY_UNAVAILABLE\", "
                               "\"message\": \"the server is out of memory\"}"));
        return;
    }
    mill_respond_buf(req, info->http_status, json_type, out);
}

/* MLflow's name for what HTTP itself refuses. */
static const char *code_of(int http_status)
{
    switch (http_status) {
    case 403:
        return "PERMISSION_DENIED";
    case 408:
        return "DEADLINE_EXCEEDED";
    case 501:
    case 505:
        return "NOT_IMPLEMENTED";
    case 503:
        return "TEMPORARILY_UNAVAILABLE";
    default:
        return "BAD_REQUEST";
    }
}

void mill_respond_refusal(struct mill_exchange *ex, int http_status, const char *message)
{
    struct mill_buf *out = &ex->req.out;

    out->len = 0;
    add_error(out, code_of(http_status), mill_view_of(message));
    mill_respond_buf(&ex->req, http_status, json_type, out);
}

void mill_refuse(struct mill_conn *conn, const struct mill_refusal *refusal)
{
    struct mill_http *http = conn->http;
    struct mill_buf body = {0}, out = {0};

    mill_metrics_refusal(http->metrics, refusal->http_status);
    add_error(&body, code_of(refusal->http_status), mill_view_of(refusal->message));
    add_status_line(&out, refusal->http_status);
    mill_buf_add_view(&out, date_line(http));
    mill_buf_printf(&out, "Content-Type: %s\r\nContent-Length: %zu\r\nConnection: close\r\n",
                    json_type, body.len);
    mill_buf_add(&out, http->common_headers, http->common_headers_len);
    mill_buf_add_view(&out, MILL_VIEW("\r\n"));
    mill_buf_add_view(&out, mill_buf_view(&body));
    if (conn->tls != NULL && !mill_tls_ready(conn->tls))
        mill_conn_close(conn);
    else if (!body.failed && !out.failed)
        mill_conn_send_copy(conn, mill_buf_view(&out));
    mill_conn_linger(conn);
    mill_buf_release(&body);
    mill_buf_release(&out);
}
