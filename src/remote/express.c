/* express.c - see express.h. */
#include "remote/express.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/codec.h"
#include "base/view.h"
#include "base/wanted.h"

/* A longer answer is none of those that are meant here. */
#define ANSWER_MAX ((size_t)16384)
/* After so many attempts in a row that came to nothing none is made any more. */
#define MAX_FAILURES 3
/* How often somebody who waits looks whether the answer is still wanted. */
#define SLICE_MS 250

struct mill_express {
    const struct mill_curl *curl;
    const struct mill_remote_options *options;
    const atomic_bool *cancelled;
    mill_express_setup *setup;
    CURL *easy; /* with the connection; NULL: none */
    curl_socket_t socket;
    bool proven;           /* this connection has brought an answer */
    int failures;          /* in a row */
    struct mill_view path; /* of the server: goes before that of a request */
    struct mill_buf head;  /* headers that are the same for all requests */
    struct mill_buf out;   /* the request under way */
    char answer[ANSWER_MAX];
};

/* --- reading an answer ------------------------------------------------------------------ */

/* One header: false for what makes an answer odd. */
static bool read_header(struct mill_view line, size_t *length, bool *close_out)
{
    int64_t number;
    struct mill_view name, value = mill_view_cut(line, ':', &name);
    value = mill_view_trim(value);
    if (mill_view_eq_nocase(name, MILL_VIEW("content-length"))) {
        if (*length != SIZE_MAX || !mill_view_int(value, &number) || number < 0 ||
            number > (int64_t)ANSWER_MAX)
            return false;
        *length = (size_t)number;
    }
    if (mill_view_eq_nocase(name, MILL_VIEW("connection")) &&
        !mill_view_eq_nocase(value, MILL_VIEW("keep-alive")))
        *close_out = true;
    return !mill_view_eq_nocase(name, MILL_VIEW("transfer-encoding")) &&
           !mill_view_eq_nocase(name, MILL_VIEW("content-encoding"));
}

enum mill_express_state mill_express_read(struct mill_view bytes, struct mill_view *body_out,
                                          bool *close_out)
{
    static const struct mill_view good = {"HTTP/1.1 200", sizeof("HTTP/1.1 200") - 1};
    size_t length = SIZE_MAX;
    struct mill_view line, rest;
    *close_out = false;
    if (bytes.len < good.len)
        return memcmp(bytes.ptr, good.ptr, bytes.len) == 0 ? MILL_EXPRESS_MORE
                                                           : MILL_EXPRESS_ODD;
    if (!mill_view_starts(bytes, good))
        return MILL_EXPRESS_ODD;
    rest = mill_view_cut(bytes, '\n', &line);
    if (line.len > good.len && line.ptr[good.len] != ' ' && line.ptr[good.len] != '\r')
        return MILL_EXPRESS_ODD;
    for (;;) {
        if (rest.ptr == NULL)
            return MILL_EXPRESS_MORE; /* the last line has no end yet */
        rest = mill_view_cut(rest, '\n', &line);
        if (rest.ptr == NULL)
            return MILL_EXPRESS_MORE;
        if (mill_view_eq(line, MILL_VIEW("\r")))
            break;
        if (!mill_view_ends(line, MILL_VIEW("\r")) || !read_header(line, &length, close_out))
            return MILL_EXPRESS_ODD;
    }
    if (length == SIZE_MAX || rest.len > length)
        return MILL_EXPRESS_ODD;
    *body_out = rest;
    return rest.len == length ? MILL_EXPRESS_WHOLE : MILL_EXPRESS_MORE;
}

/* --- the connection --------------------------------------------------------------------- */

bool mill_express_possible(const struct mill_remote_options *options)
{
    static const char *const proxies[] = {"http_proxy", "https_proxy", "HTTPS_PROXY",
                                          "all_proxy", "ALL_PROXY"};
    for (size_t i = 0; i < MILL_COUNT(proxies) && !options->loopback; i++)
        if (getenv(proxies[i]) != NULL)
            return false;
    return true;
}

static void disconnect(struct mill_express *e)
{
    if (e->easy != NULL)
        e->curl->easy_cleanup(e->easy);
    e->easy = NULL;
}

static bool connect_to_server(struct mill_express *e)
{
    if (e->easy != NULL)
        return true;
    e->easy = e->curl->easy_init();
    if (e->easy == NULL)
        return false;
    e->setup(e->curl, e->easy, e->options);
    e->curl->easy_setopt(e->easy, CURLOPT_URL, e->options->base);
    e->curl->easy_setopt(e->easy, CURLOPT_CONNECT_ONLY, 1L);
    e->curl->easy_setopt(e->easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    if (e->curl->easy_perform(e->easy) == CURLE_OK &&
        e->curl->easy_getinfo(e->easy, CURLINFO_ACTIVESOCKET, &e->socket) == CURLE_OK &&
        e->socket != CURL_SOCKET_BAD) {
        e->proven = false;
        return true;
    }
    disconnect(e);
    return false;
}

/* Waits until the socket can be read or written; false when the time is over, or the answer is
 * not wanted any more. */
static bool wait_for(const struct mill_express *e, short events, int64_t deadline_ns)
{
    for (;;) {
        int64_t left_ms = (deadline_ns - mill_monotonic_ns()) / 1000000;
        struct pollfd p = {.fd = e->socket, .events = events};
        if (left_ms <= 0 || atomic_load(e->cancelled))
            return false;
        int ready = poll(&p, 1, left_ms < SLICE_MS ? (int)left_ms : SLICE_MS);
        if (ready <= 0 && !mill_still_wanted())
            return false;
        if (ready > 0 || (ready < 0 && errno != EINTR))
            return true; /* what is wrong is said by the next call */
    }
}

/* --- requests --------------------------------------------------------------------------- */

/* The headers that all requests have. */
static bool make_head(struct mill_express *e)
{
    const struct mill_remote_options *o = e->options;
    struct mill_buf *head = &e->head;
    struct mill_view scheme, host, rest = mill_view_cut(mill_view_of(o->base), ':', &scheme);
    e->path = mill_view_cut(mill_view_from(rest, 2), '/', &host);
    mill_buf_printf(head,
                    " HTTP/1.1\r\nHost: %.*s\r\nUser-Agent: %s\r\nAccept: */*\r\n"
                    "Content-Type: application/json\r\n",
                    MILL_FMT(host), o->user_agent);
    if (o->workspace != NULL)
        mill_buf_printf(head, "X-MLFLOW-WORKSPACE: %s\r\n", o->workspace);
    if (o->username != NULL) {
        struct mill_buf plain = {0};
        mill_buf_printf(&plain, "%s:%s", o->username, o->password);
        mill_buf_add_view(head, MILL_VIEW("Authorization: Basic "));
        mill_base64_encode(head, mill_buf_view(&plain));
        mill_buf_add_view(head, MILL_VIEW("\r\n"));
        head->failed = head->failed || plain.failed;
        mill_buf_release(&plain);
    } else if (o->token != NULL) {
        mill_buf_printf(head, "Authorization: Bearer %s\r\n", o->token);
    }
    mill_buf_add_view(head, MILL_VIEW("Content-Length: "));
    return !head->failed;
}

static bool make_request(struct mill_express *e, const struct mill_remote_request *r)
{
    struct mill_buf *out = &e->out;
    mill_buf_clear(out);
    mill_buf_add_view(out, MILL_VIEW("POST "));
    if (e->path.len > 0)
        mill_buf_add_char(out, '/');
    mill_buf_add_view(out, e->path);
    mill_buf_add_view(out, r->path);
    mill_buf_add_view(out, mill_buf_view(&e->head));
    mill_buf_add_int(out, (int64_t)r->body.len);
    mill_buf_add_view(out, MILL_VIEW("\r\n\r\n"));
    mill_buf_add_view(out, r->body);
    return !out->failed;
}

static enum mill_express_result send_request(struct mill_express *e, int64_t deadline_ns)
{
    size_t sent = 0;
    while (sent < e->out.len) {
        size_t now = 0;
        CURLcode code = e->curl->easy_send(e->easy, e->out.ptr + sent, e->out.len - sent, &now);
        sent += now;
        if (code == CURLE_AGAIN && !wait_for(e, POLLOUT, deadline_ns))
            return MILL_EXPRESS_SILENT;
        if (code != CURLE_OK && code != CURLE_AGAIN)
            return MILL_EXPRESS_NO;
    }
    return MILL_EXPRESS_DONE;
}

static enum mill_express_result receive_answer(struct mill_express *e, struct mill_buf *body,
                                               bool *close_out, int64_t deadline_ns)
{
    size_t len = 0;
    struct mill_view found = {NULL, 0};
    enum mill_express_state state = MILL_EXPRESS_MORE;
    while (state == MILL_EXPRESS_MORE && len < ANSWER_MAX) {
        size_t now = 0;
        if (!wait_for(e, POLLIN, deadline_ns))
            return MILL_EXPRESS_SILENT;
        CURLcode code = e->curl->easy_recv(e->easy, e->answer + len, ANSWER_MAX - len, &now);
        if (code == CURLE_AGAIN) /* a part of a TLS record */
            continue;
        if (code != CURLE_OK || now == 0)
            return MILL_EXPRESS_NO;
        len += now;
        state = mill_express_read((struct mill_view){e->answer, len}, &found, close_out);
    }
    if (state != MILL_EXPRESS_WHOLE)
        return MILL_EXPRESS_NO;
    mill_buf_add_view(body, found);
    return body->failed ? MILL_EXPRESS_NO : MILL_EXPRESS_DONE;
}

bool mill_express_takes(const struct mill_remote_request *r)
{
    return r->repeatable && r->url.ptr == NULL && r->body.ptr != NULL &&
           r->file == MILL_REMOTE_NO_FILE && r->header_count == 0 && r->progress == NULL &&
           r->header == NULL && r->most_bytes != 0 && strcmp(r->method, "POST") == 0;
}

enum mill_express_result mill_express_try(struct mill_express *e,
                                          const struct mill_remote_request *request,
                                          struct mill_buf *body)
{
    bool close = true;
    enum mill_express_result result = MILL_EXPRESS_NO;
    if (e->failures >= MAX_FAILURES)
        return MILL_EXPRESS_NO;
    int64_t deadline_ns = mill_monotonic_ns() + e->options->timeout_s * 1000000000;
    if (make_request(e, request) && connect_to_server(e))
        result = send_request(e, deadline_ns);
    if (result == MILL_EXPRESS_DONE)
        result = receive_answer(e, body, &close, deadline_ns);
    if (result != MILL_EXPRESS_DONE || close)
        disconnect(e);
    if (result == MILL_EXPRESS_SILENT && !e->proven) {
        /* A server that serves one connection at a time: it must not be the wrong one. */
        e->failures = MAX_FAILURES;
        return MILL_EXPRESS_NO;
    }
    e->proven = result == MILL_EXPRESS_DONE;
    e->failures = result == MILL_EXPRESS_DONE ? 0 : e->failures + 1;
    return result;
}

struct mill_express *mill_express_new(const struct mill_curl *curl,
                                      const struct mill_remote_options *options,
                                      const atomic_bool *cancelled, mill_express_setup *setup)
{
    struct mill_express *e = mill_alloc_zero(1, sizeof(*e));
    if (e == NULL)
        return NULL;
    e->curl = curl;
    e->options = options;
    e->cancelled = cancelled;
    e->setup = setup;
    if (!make_head(e)) {
        mill_express_free(e);
        return NULL;
    }
    return e;
}

void mill_express_free(struct mill_express *e)
{
    if (e == NULL)
        return;
    disconnect(e);
    mill_buf_release(&e->head);
    mill_buf_release(&e->out);
    mill_free(e);
}
