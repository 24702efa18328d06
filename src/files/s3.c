/* s3.c - see s3.h. */
#include "files/s3.h"

#include <pthread.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/codec.h"
#include "files/aws_provider.h"
#include "remote/environment.h"

/* Buckets whose region is remembered. */
#define MAX_REGIONS 64
/* host, x-amz-date, x-amz-content-sha256, x-amz-security-token, x-amz-expected-bucket-owner */
#define OWN_HEADERS 5

/* A bucket that is in another region than the configuration says. */
struct placed {
    struct mill_view bucket, region;
};

struct mill_s3 {
    struct mill_arena arena; /* of config and options */
    struct mill_s3_config config;
    struct mill_remote_options options;
    struct mill_aws_provider *provider;
    struct mill_remote *remote;

    pthread_mutex_t lock; /* of what follows */
    struct mill_arena regions_arena;
    struct placed regions[MAX_REGIONS];
    size_t region_count;
};

/* --- regions ----------------------------------------------------------------------------- */

static struct placed *find_region(struct mill_s3 *s3, struct mill_view bucket)
{
    for (size_t i = 0; i < s3->region_count; i++)
        if (mill_view_eq(s3->regions[i].bucket, bucket))
            return &s3->regions[i];
    return NULL;
}

/* The region to sign for; a copy in arena. */
static struct mill_view region_of(struct mill_s3 *s3, struct mill_view bucket,
                                  struct mill_arena *arena)
{
    pthread_mutex_lock(&s3->lock);
    const struct placed *found = find_region(s3, bucket);
    struct mill_view region =
        mill_arena_copy(arena, found != NULL ? found->region : s3->config.aws.region);
    pthread_mutex_unlock(&s3->lock);
    return region;
}

/* Remembers a region; where there is no room, it is asked for each time. */
static void note_region(struct mill_s3 *s3, struct mill_view bucket, struct mill_view region)
{
    pthread_mutex_lock(&s3->lock);
    struct placed *place = find_region(s3, bucket);
    struct placed noted = {mill_arena_copy(&s3->regions_arena, bucket),
                           mill_arena_copy(&s3->regions_arena, region)};
    if (place == NULL && s3->region_count < MAX_REGIONS)
        place = &s3->regions[s3->region_count++];
    if (place != NULL && noted.bucket.ptr != NULL && noted.region.ptr != NULL)
        *place = noted;
    pthread_mutex_unlock(&s3->lock);
}

/* --- one signed request ------------------------------------------------------------------ */

/* A request with all that is made for it. */
struct attempt {
    struct mill_s3 *s3;
    const struct mill_s3_request *request;
    struct mill_arena *arena;
    struct mill_view payload; /* SHA-256 of the body, in hex */
    struct mill_view region;
    struct mill_aws_header headers[OWN_HEADERS + MILL_S3_MAX_HEADERS];
    size_t header_count;
    struct mill_aws_scope scope;
    struct mill_view path, url;
    struct mill_s3_head head; /* of the answer */
};

static void add_header(struct attempt *a, const char *name, struct mill_view value)
{
    if (value.ptr != NULL)
        a->headers[a->header_count++] = (struct mill_aws_header){mill_view_of(name), value};
}

/* Path and address of what the request is about. */
static enum mill_status make_url(struct attempt *a, struct mill_s3_address *address,
                                 struct mill_error *err)
{
    const struct mill_s3_request *r = a->request;
    struct mill_buf path = {0};
    enum mill_status st =
        mill_s3_address_of(&a->s3->config, r->bucket, a->region, a->arena, address, err);
    if (st != MILL_OK)
        return st;
    mill_buf_add_view(&path, address->path);
    if (r->key.len > 0 || address->path.len == 0)
        mill_buf_add_char(&path, '/');
    mill_percent_encode(&path, r->key, "/");
    a->path = mill_arena_copy(a->arena, mill_buf_view(&path));
    bool failed = path.failed || a->path.ptr == NULL;
    mill_buf_release(&path);
    if (failed)
        return mill_no_memory(err);
    a->url =
        mill_arena_printf(a->arena, "%.*s%.*s%s%.*s", MILL_FMT(address->origin),
                          MILL_FMT(a->path), r->query.len > 0 ? "?" : "", MILL_FMT(r->query));
    return a->url.ptr != NULL ? MILL_OK : mill_no_memory(err);
}

/* The Authorization header's value, in arena. */
static enum mill_status sign(struct attempt *a, struct mill_view *out, struct mill_error *err)
{
    struct mill_buf value = {0};
    struct mill_aws_request signed_request = {
        .method = mill_view_of(a->request->method),
        .path = a->path,
        .query = a->request->query,
        .payload_sha256 = a->payload,
        .headers = a->headers,
        .header_count = a->header_count,
    };
    enum mill_status st = mill_aws_sign(&a->scope, &signed_request, &value, err);
    if (st == MILL_OK) {
        *out = mill_arena_copy(a->arena, mill_buf_view(&value));
        if (value.failed || out->ptr == NULL)
            st = mill_no_memory(err);
    }
    mill_buf_release(&value);
    return st;
}

/* Everything that goes over the wire but the body. */
static enum mill_status prepare(struct attempt *a, struct mill_view *authorization_out,
                                struct mill_error *err)
{
    const struct mill_s3_request *r = a->request;
    struct mill_aws_credentials keys;
    struct mill_s3_address address;
    a->region = region_of(a->s3, r->bucket, a->arena);
    if (a->region.ptr == NULL)
        return mill_no_memory(err);
    enum mill_status st = mill_aws_provider_keys(a->s3->provider, a->arena, &keys, err);
    if (st == MILL_OK)
        st = make_url(a, &address, err);
    if (st != MILL_OK)
        return st;
    a->scope = (struct mill_aws_scope){.access_key = keys.access_key,
                                       .secret_key = keys.secret_key,
                                       .region = a->region,
                                       .service = MILL_VIEW("s3")};
    mill_aws_time(mill_now_ms(), a->scope.time);
    a->header_count = 0;
    add_header(a, "host", address.host);
    add_header(a, "x-amz-date", mill_view_of(a->scope.time));
    add_header(a, "x-amz-content-sha256", a->payload);
    add_header(a, "x-amz-security-token", keys.session_token);
    add_header(a, "x-amz-expected-bucket-owner", a->s3->config.expected_owner);
    for (size_t i = 0; i < r->header_count; i++)
        a->headers[a->header_count++] = r->headers[i];
    return sign(a, authorization_out, err);
}

/* --- what comes back --------------------------------------------------------------------- */

static void keep(char *out, size_t size, struct mill_view value)
{
    if (value.len < size) /* what is longer is nothing that we understand */
        snprintf(out, size, "%.*s", MILL_FMT(value));
}

static void on_etag(struct mill_s3_head *head, struct mill_view value)
{
    keep(head->etag, sizeof(head->etag), value);
}

static void on_length(struct mill_s3_head *head, struct mill_view value)
{
    mill_view_int(value, &head->bytes);
}

static void on_region(struct mill_s3_head *head, struct mill_view value)
{
    keep(head->region, sizeof(head->region), value);
}

static void on_encryption(struct mill_s3_head *head, struct mill_view value)
{
    head->opaque = !mill_view_eq(value, MILL_VIEW("AES256"));
}

static void on_customer_key(struct mill_s3_head *head, struct mill_view value)
{
    (void)value;
    head->opaque = true;
}

static void on_checksum_type(struct mill_s3_head *head, struct mill_view value)
{
    head->composite = mill_view_eq_nocase(value, MILL_VIEW("COMPOSITE"));
}

/* A header goes to a function or is the checksum of a kind. */
static const struct {
    const char *name;
    void (*take)(struct mill_s3_head *head, struct mill_view value);
    enum mill_checksum_kind kind;
} header_rows[] = {
    {"etag", on_etag, 0},
    {"content-length", on_length, 0},
    {"x-amz-bucket-region", on_region, 0},
    {"x-amz-server-side-encryption", on_encryption, 0},
    {"x-amz-server-side-encryption-customer-algorithm", on_customer_key, 0},
    {"x-amz-checksum-type", on_checksum_type, 0},
    {"x-amz-checksum-sha1", NULL, MILL_SHA1},
    {"x-amz-checksum-sha256", NULL, MILL_SHA256},
    {"x-amz-checksum-crc32", NULL, MILL_CRC32},
    {"x-amz-checksum-crc32c", NULL, MILL_CRC32C},
    {"x-amz-checksum-crc64nvme", NULL, MILL_CRC64NVME},
};

static void on_header(void *context, struct mill_view name, struct mill_view value)
{
    struct mill_s3_head *head = &((struct attempt *)context)->head;
    for (size_t i = 0; i < MILL_COUNT(header_rows); i++) {
        if (!mill_view_eq(name, mill_view_of(header_rows[i].name)))
            continue;
        if (header_rows[i].take != NULL)
            header_rows[i].take(head, value);
        else
            keep(head->checksums[header_rows[i].kind], sizeof(head->checksums[0]), value);
    }
}

static bool on_progress(void *context, int64_t bytes)
{
    const struct mill_s3_request *r = ((struct attempt *)context)->request;
    return r->progress(r->context, bytes);
}

/* Sends what prepare has made. */
static enum mill_status send_request(struct attempt *a, struct mill_view authorization,
                                     long *http_status_out, struct mill_buf *body,
                                     struct mill_error *err)
{
    const struct mill_s3_request *r = a->request;
    const char *lines[OWN_HEADERS + MILL_S3_MAX_HEADERS + 1];
    size_t count = 0;
    for (size_t i = 0; i < a->header_count; i++)
        lines[count++] = mill_arena_printf(a->arena, "%.*s: %.*s", MILL_FMT(a->headers[i].name),
                                           MILL_FMT(a->headers[i].value))
                             .ptr;
    lines[count++] =
        mill_arena_printf(a->arena, "authorization: %.*s", MILL_FMT(authorization)).ptr;
    for (size_t i = 0; i < count; i++)
        if (lines[i] == NULL)
            return mill_no_memory(err);
    struct mill_remote_request request = {
        .method = r->method,
        .url = a->url,
        .body = r->body,
        .headers = lines,
        .header_count = count,
        .repeatable = true,
        .file = r->file,
        .fd = r->fd,
        .file_offset = r->file_offset,
        .file_bytes = r->file_bytes,
        .progress = r->progress != NULL ? on_progress : NULL,
        .header = on_header,
        .context = a,
    };
    a->head = (struct mill_s3_head){.bytes = MILL_ABSENT};
    return mill_remote_perform(a->s3->remote, &request, http_status_out, body, err);
}

/* --- errors ------------------------------------------------------------------------------ */

static const struct {
    const char *code;
    enum mill_status status;
} codes[] = {
    {"AccessDenied", MILL_E_DENIED},
    {"AccountProblem", MILL_E_DENIED},
    {"AllAccessDisabled", MILL_E_DENIED},
    {"InvalidObjectState", MILL_E_DENIED},
    {"ExpiredToken", MILL_E_UNAUTHENTICATED},
    {"InvalidAccessKeyId", MILL_E_UNAUTHENTICATED},
    {"InvalidToken", MILL_E_UNAUTHENTICATED},
    {"RequestTimeTooSkewed", MILL_E_UNAUTHENTICATED},
    {"SignatureDoesNotMatch", MILL_E_UNAUTHENTICATED},
    {"TokenRefreshRequired", MILL_E_UNAUTHENTICATED},
    {"XAdminUserNotFound", MILL_E_UNAUTHENTICATED}, /* VersityGW for InvalidAccessKeyId */
    {"NoSuchBucket", MILL_E_NOT_FOUND},
    {"NoSuchKey", MILL_E_NOT_FOUND},
    {"NoSuchUpload", MILL_E_NOT_FOUND},
    {"PreconditionFailed", MILL_E_CONFLICT},
    {"EntityTooLarge", MILL_E_TOO_LARGE},
    {"KeyTooLongError", MILL_E_INVALID},
    {"NotImplemented", MILL_E_UNSUPPORTED},
    {"QuotaExceeded", MILL_E_FULL},
    {"XMinioStorageFull", MILL_E_FULL},
    {"BadDigest", MILL_E_IO},
    {"IncompleteBody", MILL_E_IO},
    {"XAmzContentSHA256Mismatch", MILL_E_IO},
    {"InternalError", MILL_E_IO},
    {"RequestTimeout", MILL_E_TIMEOUT},
    {"ServiceUnavailable", MILL_E_BUSY},
    {"SlowDown", MILL_E_BUSY},
};

static enum mill_status status_of(struct mill_view code, long http_status)
{
    for (size_t i = 0; i < MILL_COUNT(codes); i++)
        if (mill_view_eq(code, mill_view_of(codes[i].code)))
            return codes[i].status;
    switch (http_status) {
    case 401:
        return MILL_E_UNAUTHENTICATED;
    case 403:
        return MILL_E_DENIED;
    case 404:
        return MILL_E_NOT_FOUND;
    case 412:
        return MILL_E_CONFLICT;
    case 501:
        return MILL_E_UNSUPPORTED;
    case 429:
    case 503:
        return MILL_E_BUSY;
    default:
        return http_status >= 400 && http_status < 500 ? MILL_E_BAD_REQUEST : MILL_E_IO;
    }
}

enum mill_status mill_s3_failed(const struct mill_s3_request *request,
                                const struct mill_s3_answer *answer, long http_status,
                                struct mill_error *err)
{
    enum mill_status st = status_of(answer->code, http_status);
    if (answer->code.len > 0)
        return mill_fail(err, st, "s3://%.*s/%.*s: %.*s: %.*s", MILL_FMT(request->bucket),
                         MILL_FMT(mill_utf8_prefix(request->key, 200)),
                         MILL_FMT(mill_utf8_prefix(answer->code, 60)),
                         MILL_FMT(answer->message));
    return mill_fail(
        err, st, "s3://%.*s/%.*s: the service answered HTTP %ld without saying why",
        MILL_FMT(request->bucket), MILL_FMT(mill_utf8_prefix(request->key, 200)), http_status);
}

static bool is_good(long http_status)
{
    return http_status >= 200 && http_status < 300;
}

/* --- the call ---------------------------------------------------------------------------- */

/* Another attempt is worth it after this: the bucket's true region has come to light, so much
 * time has gone by in repetitions that the signature was too old, or the line was too slow. */
static bool learn(struct attempt *a, const struct mill_s3_answer *answer, long http_status)
{
    struct mill_view region = mill_view_of(a->head.region);
    if (region.len == 0)
        region = answer->region;
    bool elsewhere = http_status == 301 || http_status == 307 || http_status == 400;
    if (elsewhere && mill_aws_region_valid(region) && !mill_view_eq(region, a->region)) {
        note_region(a->s3, a->request->bucket, region);
        return true;
    }
    return mill_view_eq(answer->code, MILL_VIEW("RequestTimeTooSkewed")) ||
           mill_view_eq(answer->code, MILL_VIEW("RequestTimeout"));
}

static enum mill_status attempt_once(struct attempt *a, struct mill_buf *body, bool last,
                                     bool *again_out, struct mill_error *err)
{
    struct mill_view authorization;
    struct mill_s3_answer answer = {.document = MILL_S3_OTHER};
    long http_status = 0;
    *again_out = false;
    enum mill_status st = prepare(a, &authorization, err);
    if (st == MILL_OK)
        st = send_request(a, authorization, &http_status, body, err);
    if (st != MILL_OK || is_good(http_status))
        return st;
    /* An answer that cannot be read says nothing; its HTTP status does. */
    if (mill_s3_read_xml(mill_buf_view(body), a->arena, &answer, NULL) == MILL_E_NOMEM)
        return mill_no_memory(err);
    *again_out = !last && learn(a, &answer, http_status);
    return mill_s3_failed(a->request, &answer, http_status, err);
}

static bool still_wanted(void *context)
{
    const struct mill_s3_request *r = context;
    return r->progress == NULL || r->progress(r->context, 0);
}

/* The SHA-256 of what will be sent, in hex. */
static enum mill_status hash_payload(const struct mill_s3_request *r, char out[65],
                                     struct mill_error *err)
{
    struct mill_checksum sum;
    if (r->file != MILL_REMOTE_UPLOAD) {
        mill_aws_sha256_hex(r->body.ptr != NULL ? r->body : MILL_VIEW(""), out);
        return MILL_OK;
    }
    struct mill_s3_request copy = *r;
    enum mill_status st = mill_checksum_file(MILL_SHA256, r->fd, r->file_offset, r->file_bytes,
                                             still_wanted, &copy, &sum, err);
    if (st == MILL_OK)
        mill_aws_hex(sum.bytes, sum.len, out);
    return st;
}

enum mill_status mill_s3_perform(struct mill_s3 *s3, const struct mill_s3_request *request,
                                 struct mill_s3_head *head, struct mill_buf *body,
                                 struct mill_error *err)
{
    struct mill_arena arena = {0};
    struct attempt a = {.s3 = s3, .request = request, .arena = &arena};
    char hash[65];
    bool again = false;
    enum mill_status st = hash_payload(request, hash, err);
    a.payload = mill_view_of(hash);
    if (st == MILL_OK)
        st = attempt_once(&a, body, false, &again, err);
    if (again)
        st = attempt_once(&a, body, true, &again, err);
    if (st == MILL_OK && head != NULL)
        *head = a.head;
    mill_arena_release(&arena);
    return st;
}

/* --- opening ----------------------------------------------------------------------------- */

static enum mill_status open_remote(struct mill_s3 *s3, struct mill_view user_agent,
                                    struct mill_error *err)
{
    struct mill_view base = s3->config.endpoint.ptr != NULL
                                ? s3->config.endpoint
                                : MILL_VIEW("https://s3.amazonaws.com"); /* for messages only */
    enum mill_status st =
        mill_remote_options_address(&s3->options, base, user_agent, &s3->arena, err);
    if (st != MILL_OK)
        return st;
    s3->options.redirects = false;
    s3->options.insecure_tls = s3->config.insecure_tls;
    mill_aws_trust(&s3->config.aws, &s3->options);
    return mill_remote_open(&s3->options, &s3->remote, err);
}

enum mill_status mill_s3_open(struct mill_view user_agent, struct mill_s3 **out,
                              struct mill_error *err)
{
    struct mill_s3 *s3 = mill_alloc_zero(1, sizeof(*s3));
    if (s3 == NULL)
        return mill_no_memory(err);
    pthread_mutex_init(&s3->lock, NULL);
    enum mill_status st = mill_s3_config_read(&s3->config, &s3->arena, err);
    if (st == MILL_OK)
        st = open_remote(s3, user_agent, err);
    if (st == MILL_OK)
        st = mill_aws_provider_open(&s3->config.aws, user_agent, &s3->provider, err);
    if (st != MILL_OK) {
        mill_s3_close(s3);
        return st;
    }
    *out = s3;
    return MILL_OK;
}

void mill_s3_follow(struct mill_s3 *s3, const struct mill_remote *leader)
{
    mill_remote_follow(s3->remote, leader);
    mill_aws_provider_follow(s3->provider, leader);
}

void mill_s3_close(struct mill_s3 *s3)
{
    if (s3 == NULL)
        return;
    mill_aws_provider_close(s3->provider);
    mill_remote_close(s3->remote);
    mill_arena_release(&s3->arena);
    mill_arena_release(&s3->regions_arena);
    pthread_mutex_destroy(&s3->lock);
    mill_free(s3);
}

const struct mill_s3_config *mill_s3_config(const struct mill_s3 *s3)
{
    return &s3->config;
}
