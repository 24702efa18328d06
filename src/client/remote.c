/* remote.c - one request after another over one libcurl handle. */
#include "client/remote.h"

#include <errno.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "client/curl.h"

#define MAX_PAUSE_MS 120000

struct mill_remote {
    const struct mill_curl *curl;
    const struct mill_remote_options *options;
    CURL *easy;
    struct curl_slist *json_headers; /* of requests with a JSON body */
    struct curl_slist *file_headers; /* of requests with a file as body */
    struct mill_buf url;
    bool reached; /* some answer has come */
    char reason[CURL_ERROR_SIZE];
};

/* One attempt, as libcurl's callbacks see it. */
struct attempt {
    struct mill_remote *remote;
    const struct mill_remote_request *request;
    struct mill_buf *body;
    int write_error; /* errno of the file */
    bool too_large;
    bool given_up;
};

static long answer_status(const struct mill_remote *remote)
{
    long status = 0;
    remote->curl->easy_getinfo(remote->easy, CURLINFO_RESPONSE_CODE, &status);
    return status;
}

static bool write_all(int fd, const char *bytes, size_t len)
{
    while (len > 0) {
        ssize_t done = write(fd, bytes, len);
        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return false;
        bytes += done;
        len -= (size_t)done;
    }
    return true;
}

/* Bytes of the answer. Returning another number than len ends the transfer. */
static size_t on_answer(char *bytes, size_t size, size_t count, void *context)
{
    struct attempt *a = context;
    size_t len = size * count;
    if (a->request->file == MILL_REMOTE_DOWNLOAD && answer_status(a->remote) == 200) {
        if (!write_all(a->request->fd, bytes, len)) {
            a->write_error = errno;
            return 0;
        }
        return len;
    }
    if (a->body->len + len > MILL_REMOTE_MAX_ANSWER) {
        a->too_large = true;
        return 0;
    }
    mill_buf_add(a->body, bytes, len);
    return a->body->failed ? 0 : len;
}

static size_t on_upload(char *bytes, size_t size, size_t count, void *context)
{
    struct attempt *a = context;
    ssize_t got;
    do {
        got = read(a->request->fd, bytes, size * count);
    } while (got < 0 && errno == EINTR);
    return got < 0 ? CURL_READFUNC_ABORT : (size_t)got;
}

/* libcurl starts an upload over when a kept connection turns out to be dead. */
static int on_seek(void *context, curl_off_t offset, int origin)
{
    struct attempt *a = context;
    return lseek(a->request->fd, (off_t)offset, origin) < 0 ? CURL_SEEKFUNC_FAIL
                                                            : CURL_SEEKFUNC_OK;
}

static int on_progress(void *context, curl_off_t down_total, curl_off_t down,
                       curl_off_t up_total, curl_off_t up)
{
    struct attempt *a = context;
    (void)down_total;
    (void)up_total;
    if (a->request->progress != NULL && a->request->file != MILL_REMOTE_NO_FILE)
        a->given_up = !a->request->progress(a->request->context,
                                            a->request->file == MILL_REMOTE_UPLOAD ? up : down);
    return a->given_up;
}

/* Options that are the same for every request. */
static void set_common(struct mill_remote *remote, struct attempt *a)
{
    const struct mill_curl *curl = remote->curl;
    const struct mill_remote_options *o = remote->options;
    CURL *easy = remote->easy;

    curl->easy_reset(easy); /* keeps connections and cookies, forgets options */
    curl->easy_setopt(easy, CURLOPT_ERRORBUFFER, remote->reason);
    curl->easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl->easy_setopt(easy, CURLOPT_USERAGENT, o->user_agent);
    curl->easy_setopt(easy, CURLOPT_CONNECTTIMEOUT, o->timeout_s);
    curl->easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl->easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, o->timeout_s);
    curl->easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 1L);
    curl->easy_setopt(easy, CURLOPT_MAXREDIRS, 5L);
    curl->easy_setopt(easy, CURLOPT_POSTREDIR, (long)CURL_REDIR_POST_ALL);
#if LIBCURL_VERSION_NUM >= 0x075500
    curl->easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl->easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
#else
    curl->easy_setopt(easy, CURLOPT_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
    curl->easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
    if (o->loopback) /* whatever http_proxy says */
        curl->easy_setopt(easy, CURLOPT_PROXY, "");
    curl->easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, o->insecure_tls ? 0L : 1L);
    curl->easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, o->insecure_tls ? 0L : 2L);
    if (o->ca_file != NULL)
        curl->easy_setopt(easy, CURLOPT_CAINFO, o->ca_file);
    if (o->cert_file != NULL)
        curl->easy_setopt(easy, CURLOPT_SSLCERT, o->cert_file);
    if (o->username != NULL) {
        curl->easy_setopt(easy, CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC);
        curl->easy_setopt(easy, CURLOPT_USERNAME, o->username);
        curl->easy_setopt(easy, CURLOPT_PASSWORD, o->password);
    } else if (o->token != NULL) {
        curl->easy_setopt(easy, CURLOPT_HTTPAUTH, (long)CURLAUTH_BEARER);
        curl->easy_setopt(easy, CURLOPT_XOAUTH2_BEARER, o->token);
    }
    curl->easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_answer);
    curl->easy_setopt(easy, CURLOPT_WRITEDATA, a);
    curl->easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, on_progress);
    curl->easy_setopt(easy, CURLOPT_XFERINFODATA, a);
    curl->easy_setopt(easy, CURLOPT_NOPROGRESS, 0L);
}

static void set_request(struct mill_remote *remote, struct attempt *a)
{
    const struct mill_curl *curl = remote->curl;
    const struct mill_remote_request *r = a->request;
    CURL *easy = remote->easy;

    curl->easy_setopt(easy, CURLOPT_URL, remote->url.ptr);
    if (r->file == MILL_REMOTE_UPLOAD) {
        curl->easy_setopt(easy, CURLOPT_UPLOAD, 1L);
        curl->easy_setopt(easy, CURLOPT_INFILESIZE_LARGE, (curl_off_t)r->upload_bytes);
        curl->easy_setopt(easy, CURLOPT_READFUNCTION, on_upload);
        curl->easy_setopt(easy, CURLOPT_READDATA, a);
        curl->easy_setopt(easy, CURLOPT_SEEKFUNCTION, on_seek);
        curl->easy_setopt(easy, CURLOPT_SEEKDATA, a);
        curl->easy_setopt(easy, CURLOPT_HTTPHEADER, remote->file_headers);
    } else if (r->body.ptr != NULL) {
        curl->easy_setopt(easy, CURLOPT_POSTFIELDS, r->body.ptr);
        curl->easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)r->body.len);
        curl->easy_setopt(easy, CURLOPT_HTTPHEADER, remote->json_headers);
    }
    if (r->file != MILL_REMOTE_DOWNLOAD) /* what is stored compressed must stay so */
        curl->easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "");
    curl->easy_setopt(easy, CURLOPT_CUSTOMREQUEST, r->method);
}

/* Status and message of a request that got no answer. */
static enum mill_status explain(const struct attempt *a, CURLcode code, struct mill_error *err)
{
    const struct mill_remote *remote = a->remote;
    const char *base = remote->options->base;
    const char *reason =
        remote->reason[0] != '\0' ? remote->reason : remote->curl->easy_strerror(code);
    if (a->given_up)
        return mill_fail(err, MILL_E_CANCELLED, "the transfer was cancelled");
    if (a->too_large)
        return mill_fail(err, MILL_E_TOO_LARGE, "%s sent an answer of more than %zu bytes",
                         base, MILL_REMOTE_MAX_ANSWER);
    if (a->write_error == ENOSPC || a->write_error == EDQUOT)
        return mill_fail(err, MILL_E_FULL, "cannot store what was downloaded: disk full");
    if (a->write_error != 0)
        return mill_fail(err, MILL_E_IO, "cannot store what was downloaded: %s",
                         strerror(a->write_error));
    if (code == CURLE_OUT_OF_MEMORY || a->body->failed)
        return mill_fail(err, MILL_E_NOMEM, "out of memory");
    if (code == CURLE_OPERATION_TIMEDOUT)
        return mill_fail(err, MILL_E_TIMEOUT, "%s did not answer for %ld seconds: %s", base,
                         remote->options->timeout_s, reason);
    if (code == CURLE_PEER_FAILED_VERIFICATION)
        return mill_fail(err, MILL_E_IO,
                         "cannot trust the certificate of %s: %s. If it is signed by an "
                         "authority of your own, set MLFLOW_TRACKING_SERVER_CERT_PATH to "
                         "that authority's certificate",
                         base, reason);
    return mill_fail(err, MILL_E_IO, "cannot reach %s: %s", base, reason);
}

/* Whether it is worth and safe to ask again after this. */
static bool may_repeat(const struct attempt *a, CURLcode code, long status)
{
    if (a->given_up || a->too_large || a->write_error != 0)
        return false;
    switch (status) {
    case 429:
    case 503:
        return true; /* the server says that it did nothing */
    case 408:
    case 500:
    case 502:
    case 504:
        return a->request->repeatable;
    default:
        break;
    }
    if (code == CURLE_COULDNT_CONNECT || code == CURLE_COULDNT_RESOLVE_HOST)
        return a->remote->reached;
    return a->request->repeatable && a->remote->reached &&
           (code == CURLE_OPERATION_TIMEDOUT || code == CURLE_RECV_ERROR ||
            code == CURLE_SEND_ERROR || code == CURLE_GOT_NOTHING ||
            code == CURLE_PARTIAL_FILE);
}

/* Waits before the nth repetition: not at all, then longer each time, or as told. */
static void wait_before(const struct mill_remote *remote, int nth)
{
    int64_t ms = nth <= 1 ? 0 : (int64_t)remote->options->backoff_s * 1000 << (nth - 1);
    curl_off_t told_s = 0;
    remote->curl->easy_getinfo(remote->easy, CURLINFO_RETRY_AFTER, &told_s);
    if (told_s > 0)
        ms = (int64_t)told_s * 1000;
    if (ms > MAX_PAUSE_MS)
        ms = MAX_PAUSE_MS;
    if (ms > 0) { /* spread, so that many clients do not come back at the same moment */
        uint16_t spread;
        mill_random_bytes(&spread, sizeof(spread));
        ms += spread % 1000;
    }
    struct timespec pause = {.tv_sec = (time_t)(ms / 1000),
                             .tv_nsec = (long)(ms % 1000) * 1000000};
    nanosleep(&pause, NULL);
}

/* Makes the file what it was before the first attempt. */
static bool rewind_file(const struct mill_remote_request *request)
{
    if (request->file == MILL_REMOTE_NO_FILE)
        return true;
    return lseek(request->fd, 0, SEEK_SET) == 0 &&
           (request->file != MILL_REMOTE_DOWNLOAD || ftruncate(request->fd, 0) == 0);
}

enum mill_status mill_remote_perform(struct mill_remote *remote,
                                     const struct mill_remote_request *request,
                                     long *http_status_out, struct mill_buf *body,
                                     struct mill_error *err)
{
    remote->url.len = 0;
    mill_buf_printf(&remote->url, "%s%.*s", remote->options->base, MILL_FMT(request->path));
    if (remote->url.failed)
        return mill_fail(err, MILL_E_NOMEM, "out of memory");
    for (int nth = 1;; nth++) {
        struct attempt a = {.remote = remote, .request = request, .body = body};
        body->len = 0;
        remote->reason[0] = '\0';
        if (!rewind_file(request))
            return mill_fail(err, MILL_E_IO, "cannot go back to the beginning of a file: %s",
                             strerror(errno));
        set_common(remote, &a);
        set_request(remote, &a);
        CURLcode code = remote->curl->easy_perform(remote->easy);
        long status = answer_status(remote);
        remote->reached = remote->reached || status != 0;
        if (nth > remote->options->max_retries ||
            !may_repeat(&a, code, code == CURLE_OK ? status : 0)) {
            if (code != CURLE_OK)
                return explain(&a, code, err);
            *http_status_out = status;
            return MILL_OK;
        }
        wait_before(remote, nth);
    }
}

enum mill_status mill_remote_open(const struct mill_remote_options *options,
                                  struct mill_remote **remote_out, struct mill_error *err)
{
    enum mill_status st = MILL_OK;
    const struct mill_curl *curl = mill_curl_load(&st, err);
    if (curl == NULL)
        return st;
    struct mill_remote *remote = mill_alloc_zero(1, sizeof(*remote));
    if (remote == NULL)
        return mill_fail(err, MILL_E_NOMEM, "out of memory");
    remote->curl = curl;
    remote->options = options;
    remote->easy = curl->easy_init();
    /* An empty Expect switches off the pause that libcurl makes before larger bodies. */
    remote->json_headers = curl->slist_append(NULL, "Content-Type: application/json");
    remote->file_headers = curl->slist_append(NULL, "Content-Type: application/octet-stream");
    struct curl_slist *more = curl->slist_append(remote->json_headers, "Expect:");
    if (remote->easy == NULL || remote->file_headers == NULL || more == NULL) {
        mill_remote_close(remote);
        return mill_fail(err, MILL_E_NOMEM, "out of memory");
    }
    *remote_out = remote;
    return MILL_OK;
}

void mill_remote_close(struct mill_remote *remote)
{
    if (remote == NULL)
        return;
    remote->curl->slist_free_all(remote->json_headers);
    remote->curl->slist_free_all(remote->file_headers);
    if (remote->easy != NULL)
        remote->curl->easy_cleanup(remote->easy);
    mill_buf_release(&remote->url);
    mill_free(remote);
}
