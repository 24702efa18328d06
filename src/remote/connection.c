/* connection.c - one attempt of a request over one libcurl handle. */
#include "remote/connection.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/os.h"
#include "base/view.h"
#include "base/wanted.h"
#include "net/trust.h"

/* Slower than this for as long as the time limit is as good as silent: a server could otherwise
 * keep a client for ever by sending a byte now and then. */
#define LEAST_BYTES_PER_S 30L
/* An answer that is no file is complete after so many time limits, or fails. */
#define LONGEST_ANSWER 10
#define MAX_REDIRECTS  5L
/* Small writes of a connection before the next ones take the shortcut. */
#define EXPRESS_AFTER 3
/* What is wrong can be said in this many bytes. */
#define MAX_ERROR_ANSWER ((size_t)1 << 20)

/* A file that went on growing or shrinking is not what was asked for. */
#define WRONG_LENGTH CURLE_PARTIAL_FILE

static long answer_status(const struct mill_connection *c)
{
    long status = 0;
    c->curl->easy_getinfo(c->easy, CURLINFO_RESPONSE_CODE, &status);
    return status;
}

static bool is_good(long status)
{
    return status == 200 || status == 206;
}

/* --- libcurl's callbacks ---------------------------------------------------------------- */

static bool write_all(struct mill_connection *c, const char *bytes, size_t len)
{
    while (len > 0) {
        ssize_t done =
            pwrite(c->request->fd, bytes, len, (off_t)(c->request->file_offset + c->moved));
        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0) {
            c->file_error = errno;
            return false;
        }
        bytes += done;
        len -= (size_t)done;
        c->moved += done;
    }
    return true;
}

/* How long an answer may be that is kept in memory. */
static size_t most_bytes(const struct mill_connection *c)
{
    size_t most = c->request->most_bytes;
    if (most == 0)
        most = MILL_REMOTE_MAX_ANSWER;
    return answer_status(c) < 400 || most < MAX_ERROR_ANSWER ? most : MAX_ERROR_ANSWER;
}

/* Bytes of the answer. Returning another number than len ends the transfer. */
static size_t on_answer(char *bytes, size_t size, size_t count, void *context)
{
    struct mill_connection *c = context;
    const struct mill_remote_request *r = c->request;
    size_t len = size * count;
    if (r->file == MILL_REMOTE_DOWNLOAD && is_good(answer_status(c))) {
        if (r->file_bytes != MILL_ABSENT && (int64_t)len > r->file_bytes - c->moved) {
            c->too_large = true;
            return 0;
        }
        return write_all(c, bytes, len) ? len : 0;
    }
    if (len > most_bytes(c) - c->body->len) {
        c->too_large = true;
        return 0;
    }
    mill_buf_add(c->body, bytes, len);
    return c->body->failed ? 0 : len;
}

static size_t on_upload(char *bytes, size_t size, size_t count, void *context)
{
    struct mill_connection *c = context;
    int64_t left = c->request->file_bytes - c->moved;
    size_t room = (int64_t)(size * count) < left ? size * count : (size_t)left;
    ssize_t got;
    do {
        got = pread(c->request->fd, bytes, room, (off_t)(c->request->file_offset + c->moved));
    } while (got < 0 && errno == EINTR);
    if (got < 0) {
        c->file_error = errno;
        return CURL_READFUNC_ABORT;
    }
    c->moved += got;
    return (size_t)got;
}

/* libcurl starts an upload over when a kept connection turns out to be dead. */
static int on_seek(void *context, curl_off_t offset, int origin)
{
    struct mill_connection *c = context;
    if (origin != SEEK_SET)
        return CURL_SEEKFUNC_CANTSEEK;
    c->moved = offset;
    return CURL_SEEKFUNC_OK;
}

static int on_progress(void *context, curl_off_t down_total, curl_off_t down,
                       curl_off_t up_total, curl_off_t up)
{
    struct mill_connection *c = context;
    (void)down_total;
    (void)down;
    (void)up_total;
    (void)up;
    c->given_up =
        atomic_load(c->cancelled) || !mill_still_wanted() ||
        (c->request->progress != NULL && !c->request->progress(c->request->context, c->moved));
    return c->given_up;
}

/* One line of the head. A status line begins a new head: of the answer behind a redirection. */
static size_t on_header(char *bytes, size_t size, size_t count, void *context)
{
    struct mill_connection *c = context;
    char lower[128];
    struct mill_view name,
        value = mill_view_cut((struct mill_view){bytes, size * count}, ':', &name);
    bool empty = bytes[0] == '\r' || bytes[0] == '\n';
    c->head = empty ? MILL_HEAD_WHOLE : MILL_HEAD_BEGUN;
    if (c->request->header == NULL || value.ptr == NULL || name.len > sizeof(lower))
        return size * count;
    for (size_t i = 0; i < name.len; i++)
        lower[i] =
            (char)(name.ptr[i] >= 'A' && name.ptr[i] <= 'Z' ? name.ptr[i] + 32 : name.ptr[i]);
    c->request->header(c->request->context, (struct mill_view){lower, name.len},
                       mill_view_trim(value));
    return size * count;
}

/* --- options ---------------------------------------------------------------------------- */

/* What is the same for every way to reach the server. */
static void set_network(const struct mill_curl *curl, CURL *easy,
                        const struct mill_remote_options *o)
{
    curl->easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl->easy_setopt(easy, CURLOPT_CONNECTTIMEOUT, o->timeout_s);
    if (o->loopback) /* whatever http_proxy says */
        curl->easy_setopt(easy, CURLOPT_PROXY, "");
    curl->easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, o->insecure_tls ? 0L : 1L);
    curl->easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, o->insecure_tls ? 0L : 2L);
    mill_trust_set(curl, easy);
    if (o->ca_path != NULL) {
        curl->easy_setopt(easy, CURLOPT_CAINFO, o->ca_directory ? NULL : o->ca_path);
        curl->easy_setopt(easy, CURLOPT_CAPATH, o->ca_directory ? o->ca_path : NULL);
    }
    if (o->cert_file != NULL)
        curl->easy_setopt(easy, CURLOPT_SSLCERT, o->cert_file);
}

/* What is the same for every request. */
static void set_common(struct mill_connection *c)
{
    const struct mill_curl *curl = c->curl;
    const struct mill_remote_options *o = c->options;
    CURL *easy = c->easy;

    set_network(curl, easy, o);
    curl->easy_setopt(easy, CURLOPT_ERRORBUFFER, c->reason);
    curl->easy_setopt(easy, CURLOPT_USERAGENT, o->user_agent);
    curl->easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, LEAST_BYTES_PER_S);
    curl->easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, o->timeout_s);
    curl->easy_setopt(easy, CURLOPT_FOLLOWLOCATION, o->redirects ? 1L : 0L);
    curl->easy_setopt(easy, CURLOPT_MAXREDIRS, MAX_REDIRECTS);
    curl->easy_setopt(easy, CURLOPT_POSTREDIR, (long)CURL_REDIR_POST_ALL);
    curl->easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_answer);
    curl->easy_setopt(easy, CURLOPT_WRITEDATA, c);
    curl->easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
    curl->easy_setopt(easy, CURLOPT_HEADERDATA, c);
    curl->easy_setopt(easy, CURLOPT_READFUNCTION, on_upload);
    curl->easy_setopt(easy, CURLOPT_READDATA, c);
    curl->easy_setopt(easy, CURLOPT_SEEKFUNCTION, on_seek);
    curl->easy_setopt(easy, CURLOPT_SEEKDATA, c);
    curl->easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, on_progress);
    curl->easy_setopt(easy, CURLOPT_XFERINFODATA, c);
    curl->easy_setopt(easy, CURLOPT_NOPROGRESS, 0L);
}

static void set_credentials(struct mill_connection *c, bool wanted)
{
    const struct mill_remote_options *o = c->options;
    const char *token = c->token.len > 0 ? c->token.ptr : o->token;
    bool basic = wanted && o->username != NULL;
    bool bearer = wanted && !basic && token != NULL;
    c->curl->easy_setopt(c->easy, CURLOPT_USERNAME, basic ? o->username : NULL);
    c->curl->easy_setopt(c->easy, CURLOPT_PASSWORD, basic ? o->password : NULL);
    c->curl->easy_setopt(c->easy, CURLOPT_XOAUTH2_BEARER, bearer ? token : NULL);
    c->curl->easy_setopt(c->easy, CURLOPT_HTTPAUTH,
                         bearer ? (long)CURLAUTH_BEARER : (long)CURLAUTH_BASIC);
}

/* Where requests may go: nothing that began in secret goes on in the open. */
static void set_protocols(struct mill_connection *c)
{
    bool secret = strncmp(c->url.ptr, "https:", strlen("https:")) == 0;
#if LIBCURL_VERSION_NUM >= 0x075500
    c->curl->easy_setopt(c->easy, CURLOPT_PROTOCOLS_STR, "http,https");
    c->curl->easy_setopt(c->easy, CURLOPT_REDIR_PROTOCOLS_STR, secret ? "https" : "http,https");
#else
    long both = CURLPROTO_HTTP | CURLPROTO_HTTPS;
    c->curl->easy_setopt(c->easy, CURLOPT_PROTOCOLS, both);
    c->curl->easy_setopt(c->easy, CURLOPT_REDIR_PROTOCOLS,
                         secret ? (long)CURLPROTO_HTTPS : both);
#endif
}

/* What a request with that body has when it brings no headers of its own. An empty Expect
 * switches off the pause that libcurl makes before larger bodies. */
static const char *const usual_headers[][3] = {
    [MILL_BODY_NONE] = {NULL},
    [MILL_BODY_TEXT] = {"Content-Type: application/json", "Expect:", NULL},
    [MILL_BODY_FILE] = {"Content-Type: application/octet-stream", NULL},
};

static bool append(const struct mill_curl *curl, struct curl_slist **list, const char *header)
{
    struct curl_slist *longer = curl->slist_append(*list, header);
    if (longer != NULL)
        *list = longer;
    return longer != NULL;
}

/* Makes the headers of each kind of body, once for all requests to the server. */
static bool make_headers(struct mill_connection *c)
{
    char workspace[sizeof("X-MLFLOW-WORKSPACE: ") + MILL_WORKSPACE_MAX];
    if (c->options->workspace != NULL)
        snprintf(workspace, sizeof(workspace), "X-MLFLOW-WORKSPACE: %s", c->options->workspace);
    for (size_t kind = 0; kind < MILL_COUNT(usual_headers); kind++) {
        for (const char *const *h = usual_headers[kind]; *h != NULL; h++)
            if (!append(c->curl, &c->headers[kind], *h))
                return false;
        if (c->options->workspace != NULL && !append(c->curl, &c->headers[kind], workspace))
            return false;
    }
    return true;
}

static enum mill_body body_of(const struct mill_remote_request *r)
{
    if (r->file == MILL_REMOTE_UPLOAD)
        return MILL_BODY_FILE;
    return r->body.ptr != NULL ? MILL_BODY_TEXT : MILL_BODY_NONE;
}

/* The headers of a request: those of its body, or its own. *own_out are those made for it
 * alone, which the caller frees. A whole address gets nothing that is meant for the server. */
static bool set_headers(struct mill_connection *c, struct curl_slist **own_out)
{
    const struct mill_remote_request *r = c->request;
    enum mill_body kind = body_of(r);
    const char *const *usual = usual_headers[kind];
    for (size_t i = 0; i < r->header_count; i++)
        if (!append(c->curl, own_out, r->headers[i]))
            return false;
    if (r->header_count > 0 && kind == MILL_BODY_TEXT && !append(c->curl, own_out, "Expect:"))
        return false;
    for (; r->header_count == 0 && r->url.ptr != NULL && *usual != NULL; usual++)
        if (!append(c->curl, own_out, *usual))
            return false;
    bool shared = r->header_count == 0 && r->url.ptr == NULL;
    c->curl->easy_setopt(c->easy, CURLOPT_HTTPHEADER, shared ? c->headers[kind] : *own_out);
    return true;
}

static void set_request(struct mill_connection *c)
{
    const struct mill_curl *curl = c->curl;
    const struct mill_remote_request *r = c->request;
    CURL *easy = c->easy;

    curl->easy_setopt(easy, CURLOPT_URL, c->url.ptr);
    curl->easy_setopt(easy, CURLOPT_HTTPGET, 1L); /* ends what an earlier request has set */
    if (r->file == MILL_REMOTE_UPLOAD) {
        curl->easy_setopt(easy, CURLOPT_UPLOAD, 1L);
        curl->easy_setopt(easy, CURLOPT_INFILESIZE_LARGE, (curl_off_t)r->file_bytes);
    } else if (r->body.ptr != NULL) {
        curl->easy_setopt(easy, CURLOPT_POSTFIELDS, r->body.ptr);
        curl->easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)r->body.len);
    }
    curl->easy_setopt(easy, CURLOPT_NOBODY, strcmp(r->method, "HEAD") == 0 ? 1L : 0L);
    curl->easy_setopt(easy, CURLOPT_CUSTOMREQUEST, r->method);
    /* What is stored compressed must stay so. */
    curl->easy_setopt(easy, CURLOPT_ACCEPT_ENCODING,
                      r->file == MILL_REMOTE_DOWNLOAD ? NULL : "");
    curl->easy_setopt(easy, CURLOPT_TIMEOUT,
                      r->file == MILL_REMOTE_NO_FILE ? LONGEST_ANSWER * c->options->timeout_s
                                                     : 0L);
    /* libcurl itself sends a request again when a kept connection ends without an answer. */
    curl->easy_setopt(easy, CURLOPT_FRESH_CONNECT, r->repeatable ? 0L : 1L);
    set_protocols(c);
    set_credentials(c, r->url.ptr == NULL);
}

/* --- the calls -------------------------------------------------------------------------- */

/* A download whose length was not known makes the file as long as what came; of one whose
 * length was known just that many bytes must have come. */
static CURLcode finish_download(struct mill_connection *c)
{
    const struct mill_remote_request *r = c->request;
    if (r->file_bytes != MILL_ABSENT)
        return c->moved == r->file_bytes ? CURLE_OK : WRONG_LENGTH;
    if (ftruncate(r->fd, (off_t)(r->file_offset + c->moved)) == 0)
        return CURLE_OK;
    c->file_error = errno;
    return CURLE_WRITE_ERROR;
}

static CURLcode try_with_libcurl(struct mill_connection *c, long *status_out)
{
    const struct mill_remote_request *r = c->request;
    struct curl_slist *headers = NULL;
    CURLcode code = CURLE_OUT_OF_MEMORY;
    mill_buf_clear(&c->url);
    if (r->url.ptr != NULL)
        mill_buf_add_view(&c->url, r->url);
    else
        mill_buf_printf(&c->url, "%s%.*s", c->options->base, MILL_FMT(r->path));
    mill_buf_add_char(&c->url, '\0');
    if (!c->url.failed && set_headers(c, &headers)) {
        set_request(c);
        code = c->curl->easy_perform(c->easy);
        *status_out = answer_status(c);
        c->curl->easy_setopt(c->easy, CURLOPT_HTTPHEADER, NULL);
    }
    c->curl->slist_free_all(headers);
    /* libcurl takes a head that ends with the connection for a whole one. */
    if (code == CURLE_OK && c->head != MILL_HEAD_WHOLE)
        code = CURLE_PARTIAL_FILE;
    if (code == CURLE_OK && r->file == MILL_REMOTE_DOWNLOAD && is_good(*status_out))
        code = finish_download(c);
    return code;
}

/* Takes the shortcut once a connection has made a few such requests: programs that log little
 * need no second connection. */
static enum mill_express_result try_express(struct mill_connection *c)
{
    if (!c->express_possible || c->token.len > 0 || !mill_express_takes(c->request))
        return MILL_EXPRESS_NO;
    if (c->small_writes < EXPRESS_AFTER) {
        c->small_writes++;
        return MILL_EXPRESS_NO;
    }
    if (c->express == NULL)
        c->express = mill_express_new(c->curl, c->options, c->cancelled, set_network);
    return c->express != NULL ? mill_express_try(c->express, c->request, c->body)
                              : MILL_EXPRESS_NO;
}

CURLcode mill_connection_try(struct mill_connection *c,
                             const struct mill_remote_request *request, struct mill_buf *body,
                             long *status_out)
{
    *status_out = 0;
    c->request = request;
    c->body = body;
    c->moved = 0;
    c->file_error = 0;
    c->head = MILL_HEAD_NONE;
    c->too_large = c->given_up = false;
    c->reason[0] = '\0';
    mill_buf_clear(body);
    switch (try_express(c)) {
    case MILL_EXPRESS_DONE:
        *status_out = 200;
        return CURLE_OK;
    case MILL_EXPRESS_SILENT:
        c->given_up = !mill_still_wanted();
        return CURLE_OPERATION_TIMEDOUT;
    case MILL_EXPRESS_NO:
        break;
    }
    return try_with_libcurl(c, status_out);
}

int64_t mill_connection_retry_after_s(const struct mill_connection *c)
{
    curl_off_t seconds = 0;
    c->curl->easy_getinfo(c->easy, CURLINFO_RETRY_AFTER, &seconds);
    return seconds;
}

/* What went wrong with the file of a request. */
static enum mill_status explain_file(const struct mill_connection *c, struct mill_error *err)
{
    if (c->request->file == MILL_REMOTE_UPLOAD)
        return mill_fail(err, MILL_E_IO, "cannot read the file to send: %s",
                         strerror(c->file_error));
    return mill_fail(err, mill_errno_status(c->file_error),
                     "cannot store what was downloaded: %s", strerror(c->file_error));
}

/* What libcurl calls failures, in words that go before the address. */
static const struct failure {
    CURLcode code;
    const char *what;
} failures[] = {
    {CURLE_COULDNT_RESOLVE_HOST, "cannot reach"},
    {CURLE_COULDNT_RESOLVE_PROXY, "cannot reach the proxy to"},
    {CURLE_COULDNT_CONNECT, "cannot reach"},
    {CURLE_TOO_MANY_REDIRECTS, "lost in redirections of"},
    {CURLE_UNSUPPORTED_PROTOCOL, "cannot follow where this leads:"},
    {CURLE_GOT_NOTHING, "no answer from"},
    {CURLE_RECV_ERROR, "no complete answer from"},
    {CURLE_PARTIAL_FILE, "no complete answer from"},
    {CURLE_BAD_CONTENT_ENCODING, "cannot read the answer of"},
    {CURLE_WEIRD_SERVER_REPLY, "cannot read the answer of"},
    {CURLE_HTTP2, "cannot read the answer of"},
};

static enum mill_status explain_network(const struct mill_connection *c, CURLcode code,
                                        const char *base, const char *reason,
                                        struct mill_error *err)
{
    const char *what = "cannot talk to";
    if (code == CURLE_OPERATION_TIMEDOUT)
        return mill_fail(err, MILL_E_TIMEOUT, "%s did not answer for %ld seconds: %s", base,
                         c->options->timeout_s, reason);
    if (code == CURLE_PEER_FAILED_VERIFICATION)
        return mill_fail(err, MILL_E_IO,
                         "cannot trust the certificate of %s: %s. If it is signed by an "
                         "authority of your own, set %s to that authority's certificate",
                         base, reason, c->options->ca_variable);
    for (size_t i = 0; i < MILL_COUNT(failures); i++)
        if (failures[i].code == code)
            what = failures[i].what;
    return mill_fail(err, MILL_E_IO, "%s %s: %s", what, base, reason);
}

enum mill_status mill_connection_explain(const struct mill_connection *c, CURLcode code,
                                         struct mill_error *err)
{
    const struct mill_remote_request *r = c->request;
    const char *base = c->options->base;
    const char *reason = c->reason[0] != '\0' ? c->reason : c->curl->easy_strerror(code);
    if (c->given_up)
        return mill_fail(err, MILL_E_CANCELLED, "the transfer was cancelled");
    if (c->file_error != 0)
        return explain_file(c, err);
    if (r->file == MILL_REMOTE_DOWNLOAD && (c->too_large || c->moved > 0) &&
        r->file_bytes != MILL_ABSENT)
        return mill_fail(err, MILL_E_IO, "%s sent %s than the %lld bytes of the file: %s", base,
                         c->too_large ? "more" : "less", (long long)r->file_bytes, reason);
    if (c->too_large)
        return mill_fail(err, MILL_E_TOO_LARGE, "%s sent an answer of more than %zu bytes",
                         base, most_bytes(c));
    if (code == CURLE_OUT_OF_MEMORY && c->head == MILL_HEAD_BEGUN)
        return mill_fail(err, MILL_E_IO, "cannot read the answer of %s: its head is too large",
                         base);
    if (code == CURLE_OUT_OF_MEMORY || c->body->failed || c->url.failed)
        return mill_fail(err, MILL_E_NOMEM, "out of memory");
    return explain_network(c, code, base, reason, err);
}

struct mill_connection *mill_connection_new(const struct mill_curl *curl,
                                            const struct mill_remote_options *options,
                                            const atomic_bool *cancelled)
{
    struct mill_connection *c = mill_alloc_zero(1, sizeof(*c));
    if (c == NULL)
        return NULL;
    c->curl = curl;
    c->options = options;
    c->cancelled = cancelled;
    c->easy = curl->easy_init();
    if (c->easy == NULL || !make_headers(c)) {
        mill_connection_free(c);
        return NULL;
    }
    set_common(c);
    c->express_possible = mill_express_possible(options);
    return c;
}

void mill_connection_free(struct mill_connection *c)
{
    for (size_t kind = 0; kind < MILL_COUNT(c->headers); kind++)
        c->curl->slist_free_all(c->headers[kind]);
    mill_express_free(c->express);
    if (c->easy != NULL)
        c->curl->easy_cleanup(c->easy);
    mill_buf_release(&c->url);
    mill_buf_release(&c->token);
    mill_free(c);
}
