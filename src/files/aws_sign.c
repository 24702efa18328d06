/* aws_sign.c - see aws_sign.h. The steps have the names that the service's documents give them:
 * canonical request, string to sign, signing key. */
#include "files/aws_sign.h"

#include <stdlib.h>
#include <time.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

#define ALGORITHM  "AWS4-HMAC-SHA256"
#define DATE_BYTES 8 /* of a time, "20130524" */

void mill_aws_hex(const unsigned char *bytes, size_t len, char *out)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < len; i++) {
        out[2 * i] = digits[bytes[i] >> 4];
        out[2 * i + 1] = digits[bytes[i] & 15];
    }
    out[2 * len] = '\0';
}

void mill_aws_sha256_hex(struct mill_view bytes, char out[65])
{
    unsigned char digest[SHA256_DIGEST_LENGTH];
    SHA256((const unsigned char *)bytes.ptr, bytes.len, digest);
    mill_aws_hex(digest, sizeof(digest), out);
}

void mill_aws_time(int64_t now_ms, char out[MILL_AWS_TIME_SIZE])
{
    time_t seconds = (time_t)(now_ms / 1000);
    struct tm parts;
    gmtime_r(&seconds, &parts);
    strftime(out, MILL_AWS_TIME_SIZE, "%Y%m%dT%H%M%SZ", &parts);
}

/* One name and value, of a header or a parameter. */
struct pair {
    struct mill_view name, value;
};

static int by_name_and_value(const void *left, const void *right)
{
    const struct pair *a = left, *b = right;
    int order = mill_view_cmp(a->name, b->name);
    return order != 0 ? order : mill_view_cmp(a->value, b->value);
}

/* The parameters in order; one without '=' has an empty value. */
static enum mill_status add_query(struct mill_buf *out, struct mill_view query,
                                  struct mill_error *err)
{
    struct pair pairs[MILL_AWS_MAX_PARAMETERS];
    size_t count = 0;
    while (query.len > 0) {
        struct mill_view part;
        query = mill_view_cut(query, '&', &part);
        if (part.len == 0)
            continue;
        if (count == MILL_COUNT(pairs))
            return mill_fail(err, MILL_E_INVALID, "more than %d parameters to sign",
                             MILL_AWS_MAX_PARAMETERS);
        pairs[count].value = mill_view_cut(part, '=', &pairs[count].name);
        count++;
    }
    qsort(pairs, count, sizeof(pairs[0]), by_name_and_value);
    for (size_t i = 0; i < count; i++)
        mill_buf_printf(out, "%s%.*s=%.*s", i > 0 ? "&" : "", MILL_FMT(pairs[i].name),
                        MILL_FMT(pairs[i].value));
    return MILL_OK;
}

/* A value without white space at its ends and with one space for each run within. */
static void add_value(struct mill_buf *out, struct mill_view value)
{
    bool gap = false;
    value = mill_view_trim(value);
    for (size_t i = 0; i < value.len; i++) {
        if (value.ptr[i] == ' ' && gap)
            continue;
        gap = value.ptr[i] == ' ';
        mill_buf_add_char(out, value.ptr[i]);
    }
}

static void add_names(struct mill_buf *out, const struct pair *headers, size_t count)
{
    for (size_t i = 0; i < count; i++)
        mill_buf_printf(out, "%s%.*s", i > 0 ? ";" : "", MILL_FMT(headers[i].name));
}

static enum mill_status add_canonical_request(struct mill_buf *out,
                                              const struct mill_aws_request *request,
                                              const struct pair *headers,
                                              struct mill_error *err)
{
    mill_buf_printf(out, "%.*s\n%.*s\n", MILL_FMT(request->method), MILL_FMT(request->path));
    enum mill_status st = add_query(out, request->query, err);
    if (st != MILL_OK)
        return st;
    mill_buf_add_char(out, '\n');
    for (size_t i = 0; i < request->header_count; i++) {
        mill_buf_printf(out, "%.*s:", MILL_FMT(headers[i].name));
        add_value(out, headers[i].value);
        mill_buf_add_char(out, '\n');
    }
    mill_buf_add_char(out, '\n');
    add_names(out, headers, request->header_count);
    mill_buf_printf(out, "\n%.*s", MILL_FMT(request->payload_sha256));
    return MILL_OK;
}

static void hmac(const void *key, size_t key_len, struct mill_view text,
                 unsigned char out[SHA256_DIGEST_LENGTH])
{
    HMAC(EVP_sha256(), key, (int)key_len, (const unsigned char *)text.ptr, text.len, out, NULL);
}

/* The signature: the secret key is only ever the beginning of this chain. */
static void sign_text(const struct mill_aws_scope *scope, struct mill_buf *seed,
                      struct mill_view text, char out[65])
{
    unsigned char key[SHA256_DIGEST_LENGTH], next[SHA256_DIGEST_LENGTH];
    const struct mill_view steps[] = {scope->region, scope->service, MILL_VIEW("aws4_request"),
                                      text};
    hmac(seed->ptr, seed->len, (struct mill_view){scope->time, DATE_BYTES}, key);
    for (size_t i = 0; i < MILL_COUNT(steps); i++) {
        hmac(key, sizeof(key), steps[i], next);
        memcpy(key, next, sizeof(key));
    }
    mill_aws_hex(key, sizeof(key), out);
}

enum mill_status mill_aws_sign(const struct mill_aws_scope *scope,
                               const struct mill_aws_request *request, struct mill_buf *out,
                               struct mill_error *err)
{
    struct pair headers[MILL_AWS_MAX_HEADERS];
    struct mill_buf text = {0}, seed = {0};
    char hash[65], signature[65];
    if (request->header_count > MILL_COUNT(headers))
        return mill_fail(err, MILL_E_INVALID, "more than %d headers to sign",
                         MILL_AWS_MAX_HEADERS);
    for (size_t i = 0; i < request->header_count; i++)
        headers[i] = (struct pair){request->headers[i].name, request->headers[i].value};
    qsort(headers, request->header_count, sizeof(headers[0]), by_name_and_value);

    enum mill_status st = add_canonical_request(&text, request, headers, err);
    if (st == MILL_OK) {
        mill_aws_sha256_hex(mill_buf_view(&text), hash);
        text.len = 0;
        mill_buf_printf(&text, ALGORITHM "\n%s\n%.*s/%.*s/%.*s/aws4_request\n%s", scope->time,
                        DATE_BYTES, scope->time, MILL_FMT(scope->region),
                        MILL_FMT(scope->service), hash);
        mill_buf_printf(&seed, "AWS4%.*s", MILL_FMT(scope->secret_key));
        out->failed = out->failed || text.failed || seed.failed;
    }
    if (st == MILL_OK && !out->failed) {
        sign_text(scope, &seed, mill_buf_view(&text), signature);
        mill_buf_printf(
            out, ALGORITHM " Credential=%.*s/%.*s/%.*s/%.*s/aws4_request, SignedHeaders=",
            MILL_FMT(scope->access_key), DATE_BYTES, scope->time, MILL_FMT(scope->region),
            MILL_FMT(scope->service));
        add_names(out, headers, request->header_count);
        mill_buf_printf(out, ", Signature=%s", signature);
    }
    if (seed.ptr != NULL)
        OPENSSL_cleanse(seed.ptr, seed.len);
    mill_buf_release(&seed);
    mill_buf_release(&text);
    return st;
}
