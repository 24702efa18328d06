/* webhook_attempt.c - see webhook_attempt.h. */
#include "server/webhook_attempt.h"

#include <stdio.h>
#include <time.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/clock.h"
#include "base/codec.h"
#include "base/view.h"
#include "net/trust.h"

#define MAX_REDIRECTS    3L
#define MAX_ANSWER_BYTES (1 << 20) /* more is not read: the connection is cut */
#define LINE_BYTES       160

/* --- what is sent ------------------------------------------------------------------------- */

/* "2026-11-24T02:07:29.125000+00:00" */
static void add_time(struct mill_buf *out, int64_t time_ms)
{
    time_t seconds = (time_t)(time_ms / 1000);
    struct tm tm = {0};
    char text[40] = "";

    if (gmtime_r(&seconds, &tm) == NULL)
        return;
    strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
    mill_buf_printf(out, "%s.%03d000+00:00", text, (int)(time_ms % 1000));
}

void mill_webhook_body(struct mill_buf *out, const struct mill_webhook_message *message)
{
    const struct mill_event_info *info = mill_event_info(message->event);

    mill_buf_printf(out, "{\"entity\": \"%s\", \"action\": \"%s\", \"timestamp\": \"",
                    info->entity, info->action);
    add_time(out, message->created_ms);
    mill_buf_add_view(out, MILL_VIEW("\", \"data\": "));
    mill_buf_add_view(out, message->data);
    mill_buf_add_char(out, '}');
}

void mill_webhook_sign(struct mill_buf *out, struct mill_view secret,
                       struct mill_view delivery_id, int64_t seconds, struct mill_view body)
{
    struct mill_buf text = {0};
    unsigned char sum[EVP_MAX_MD_SIZE];
    unsigned len = 0;

    mill_buf_printf(&text, "%.*s.%lld.", MILL_FMT(delivery_id), (long long)seconds);
    mill_buf_add_view(&text, body);
    if (text.failed || HMAC(EVP_sha256(), secret.ptr, (int)secret.len,
                            (const unsigned char *)text.ptr, text.len, sum, &len) == NULL) {
        out->failed = true;
    } else {
        mill_buf_add_view(out, MILL_VIEW("v1,"));
        mill_base64_encode(out, (struct mill_view){(const char *)sum, len});
    }
    mill_buf_release(&text);
}

/* Adds a header line to a list; false when out of memory. */
static bool add_header(const struct mill_curl *curl, struct curl_slist **list, const char *line)
{
    struct curl_slist *longer = curl->slist_append(*list, line);

    if (longer == NULL)
        return false;
    *list = longer;
    return true;
}

static bool add_headers(const struct mill_curl *curl,
                        const struct mill_webhook_message *message, struct mill_view body,
                        struct curl_slist **list)
{
    int64_t seconds = mill_now_ms() / 1000;
    struct mill_buf signature = {0};
    char line[LINE_BYTES];
    bool good = add_header(curl, list, "Content-Type: application/json") &&
                add_header(curl, list, "Expect:");

    snprintf(line, sizeof(line), "X-MLflow-Delivery-Id: %.*s", MILL_FMT(message->delivery_id));
    good = good && add_header(curl, list, line);
    snprintf(line, sizeof(line), "X-MLflow-Timestamp: %lld", (long long)seconds);
    good = good && add_header(curl, list, line);
    if (good && message->secret.len > 0) {
        mill_webhook_sign(&signature, message->secret, message->delivery_id, seconds, body);
        snprintf(line, sizeof(line), "X-MLflow-Signature: %.*s",
                 MILL_FMT(mill_buf_view(&signature)));
        good = !signature.failed && add_header(curl, list, line);
    }
    mill_buf_release(&signature);
    return good;
}

/* --- what comes back ---------------------------------------------------------------------- */

struct receiving {
    struct mill_webhook_answer *out;
    size_t seen;
    const atomic_bool *cancel;
};

static size_t take_body(char *bytes, size_t size, size_t count, void *context)
{
    struct receiving *r = context;
    size_t len = size * count;
    size_t room = MILL_WEBHOOK_ANSWER_BYTES - r->out->body.len;

    mill_buf_add(&r->out->body, bytes, len < room ? len : room);
    r->seen += len;
    return r->seen > MAX_ANSWER_BYTES ? 0 : len;
}

static int watch(void *context, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
    const struct receiving *r = context;

    (void)a, (void)b, (void)c, (void)d;
    return r->cancel != NULL && atomic_load(r->cancel) ? 1 : 0;
}

/* What an HTTP status means; redirects beyond the limit never get here. */
static enum mill_webhook_result judge(long http_status)
{
    static const long later[] = {429, 500, 502, 503, 504};

    if (http_status >= 200 && http_status < 400)
        return MILL_WEBHOOK_TAKEN;
    for (size_t i = 0; i < MILL_COUNT(later); i++)
        if (later[i] == http_status)
            return MILL_WEBHOOK_FAILED;
    return MILL_WEBHOOK_REFUSED;
}

static void judge_failure(const struct mill_curl *curl, CURLcode code,
                          const struct mill_target_guard *guard, const struct receiving *r)
{
    struct mill_webhook_answer *out = r->out;

    if (code == CURLE_ABORTED_BY_CALLBACK) {
        out->result = MILL_WEBHOOK_CANCELLED;
        mill_fail(&out->why, MILL_E_CANCELLED, "the server stops");
    } else if (guard->refused) {
        out->result = MILL_WEBHOOK_REFUSED;
        mill_fail(&out->why, MILL_E_DENIED,
                  "it leads to an address that is not public, which is not allowed");
    } else if (code == CURLE_WRITE_ERROR) {
        out->result = MILL_WEBHOOK_REFUSED;
        mill_fail(&out->why, MILL_E_TOO_LARGE, "the answer has more than %d bytes",
                  MAX_ANSWER_BYTES);
    } else {
        bool hopeless = code == CURLE_UNSUPPORTED_PROTOCOL || code == CURLE_URL_MALFORMAT ||
                        code == CURLE_TOO_MANY_REDIRECTS;
        out->result = hopeless ? MILL_WEBHOOK_REFUSED : MILL_WEBHOOK_FAILED;
        mill_fail(&out->why, MILL_E_IO, "%s", curl->easy_strerror(code));
    }
}

static void read_answer(const struct mill_curl *curl, CURL *easy,
                        struct mill_webhook_answer *out)
{
    curl_off_t seconds = 0;

    curl->easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &out->http_status);
    if (curl->easy_getinfo(easy, CURLINFO_RETRY_AFTER, &seconds) == CURLE_OK && seconds > 0)
        out->retry_after_ms = seconds < 86400 ? (int64_t)seconds * 1000 : 86400000;
    out->result = judge(out->http_status);
    if (out->result != MILL_WEBHOOK_TAKEN)
        mill_fail(&out->why, MILL_E_IO, "the receiver answered %ld", out->http_status);
}

/* --- both --------------------------------------------------------------------------------- */

static bool set_options(const struct mill_curl *curl, CURL *easy, const char *url,
                        int64_t timeout_ms, struct mill_view body,
                        const struct curl_slist *headers, struct receiving *r)
{
    mill_trust_set(curl, easy);
    return curl->easy_setopt(easy, CURLOPT_URL, url) == CURLE_OK &&
           curl->easy_setopt(easy, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
           curl->easy_setopt(easy, CURLOPT_USERAGENT, "millstream/" MILL_VERSION) == CURLE_OK &&
           curl->easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)timeout_ms) == CURLE_OK &&
           curl->easy_setopt(easy, CURLOPT_HTTPHEADER, headers) == CURLE_OK &&
           curl->easy_setopt(easy, CURLOPT_POSTFIELDS, body.ptr) == CURLE_OK &&
           curl->easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body.len) ==
               CURLE_OK &&
           curl->easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 1L) == CURLE_OK &&
           curl->easy_setopt(easy, CURLOPT_MAXREDIRS, MAX_REDIRECTS) == CURLE_OK &&
           curl->easy_setopt(easy, CURLOPT_POSTREDIR, (long)CURL_REDIR_POST_ALL) == CURLE_OK &&
           curl->easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body) == CURLE_OK &&
           curl->easy_setopt(easy, CURLOPT_WRITEDATA, r) == CURLE_OK &&
           curl->easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, watch) == CURLE_OK &&
           curl->easy_setopt(easy, CURLOPT_XFERINFODATA, r) == CURLE_OK &&
           curl->easy_setopt(easy, CURLOPT_NOPROGRESS, 0L) == CURLE_OK;
}

void mill_webhook_attempt(const struct mill_target_rules *rules, int64_t timeout_ms,
                          const struct mill_webhook_message *message, const atomic_bool *cancel,
                          struct mill_webhook_answer *out)
{
    enum mill_status st = MILL_OK;
    const struct mill_curl *curl = mill_curl_load(&st, &out->why);
    struct mill_target_guard guard = {.rules = rules};
    struct receiving r = {.out = out, .cancel = cancel};
    struct curl_slist *headers = NULL;
    struct mill_buf body = {0};
    struct mill_buf url = {0};
    CURL *easy = NULL;

    *out = (struct mill_webhook_answer){.result = MILL_WEBHOOK_FAILED, .why = out->why};
    if (curl == NULL)
        return;
    mill_fail(&out->why, MILL_E_NOMEM, "out of memory for a delivery");
    mill_webhook_body(&body, message);
    mill_buf_add_view(&url, message->url);
    mill_buf_add_char(&url, '\0');
    easy = curl->easy_init();
    if (easy != NULL && !body.failed && !url.failed &&
        add_headers(curl, message, mill_buf_view(&body), &headers) &&
        set_options(curl, easy, url.ptr, timeout_ms, mill_buf_view(&body), headers, &r) &&
        mill_target_guard(curl, easy, &guard)) {
        CURLcode code = curl->easy_perform(easy);

        if (code == CURLE_OK)
            read_answer(curl, easy, out);
        else
            judge_failure(curl, code, &guard, &r);
    }
    curl->easy_cleanup(easy);
    curl->slist_free_all(headers);
    mill_buf_release(&url);
    mill_buf_release(&body);
}
