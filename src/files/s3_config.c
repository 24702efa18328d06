/* s3_config.c - see s3_config.h. */
#include "files/s3_config.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/codec.h"
#include "remote/environment.h"
#include "wire/json.h"

#define MIB ((int64_t)1 << 20)

/* --- the endpoint ----------------------------------------------------------------------- */

static bool endpoint_valid(struct mill_view url)
{
    struct mill_view host;
    bool http = mill_view_starts(url, MILL_VIEW("http://"));
    if (!http && !mill_view_starts(url, MILL_VIEW("https://")))
        return false;
    for (size_t i = 0; i < url.len; i++)
        if (url.ptr[i] <= ' ' || url.ptr[i] > '~' || strchr("?#@\\", url.ptr[i]) != NULL)
            return false;
    mill_view_cut(mill_view_from(url, http ? 7 : 8), '/', &host);
    return host.len > 0 && host.ptr[0] != ':';
}

static enum mill_status read_endpoint(struct mill_s3_config *config, struct mill_arena *arena,
                                      struct mill_error *err)
{
    static const enum mill_variable variables[] = {
        MILL_ENV_AWS_ENDPOINT, MILL_ENV_AWS_ENDPOINT_S3, MILL_ENV_S3_ENDPOINT};
    struct mill_view url = config->aws.endpoint_url;
    const char *name = "endpoint_url";
    for (size_t i = 0; i < MILL_COUNT(variables); i++)
        if (mill_env_text(variables[i]) != NULL) {
            name = mill_variable_info(variables[i])->name;
            url = mill_view_of(mill_env_text(variables[i]));
        }
    if (url.ptr == NULL)
        return MILL_OK;
    if (!endpoint_valid(url))
        return mill_fail(err, MILL_E_INVALID,
                         "%s is '%.*s'; it must be an address such as https://host:9000", name,
                         MILL_FMT(url));
    while (mill_view_ends(url, MILL_VIEW("/")))
        url.len--;
    config->endpoint = mill_arena_copy(arena, url);
    return config->endpoint.ptr != NULL ? MILL_OK : mill_no_memory(err);
}

static enum mill_status read_style(struct mill_s3_config *config, struct mill_error *err)
{
    static const struct {
        const char *text;
        enum mill_s3_style style;
    } styles[] = {{"auto", MILL_S3_AUTO}, {"path", MILL_S3_PATH}, {"virtual", MILL_S3_VIRTUAL}};
    const char *text = mill_env_text(MILL_ENV_S3_STYLE);
    if (text == NULL)
        return MILL_OK;
    for (size_t i = 0; i < MILL_COUNT(styles); i++)
        if (strcmp(text, styles[i].text) == 0) {
            config->style = styles[i].style;
            return MILL_OK;
        }
    return mill_fail(err, MILL_E_INVALID, "%s is '%s'; it must be auto, path or virtual",
                     mill_variable_info(MILL_ENV_S3_STYLE)->name, text);
}

/* --- what is said of new objects -------------------------------------------------------- */

#define EXTRA "MLFLOW_S3_UPLOAD_EXTRA_ARGS"

static const struct {
    const char *argument, *header;
} arguments[] = {
    {"ACL", "x-amz-acl"},
    {"BucketKeyEnabled", "x-amz-server-side-encryption-bucket-key-enabled"},
    {"CacheControl", "cache-control"},
    {"ContentDisposition", "content-disposition"},
    {"ContentEncoding", "content-encoding"},
    {"ContentLanguage", "content-language"},
    {"ContentType", "content-type"},
    {"GrantFullControl", "x-amz-grant-full-control"},
    {"GrantRead", "x-amz-grant-read"},
    {"GrantReadACP", "x-amz-grant-read-acp"},
    {"GrantWriteACP", "x-amz-grant-write-acp"},
    {"SSEKMSEncryptionContext", "x-amz-server-side-encryption-context"},
    {"SSEKMSKeyId", "x-amz-server-side-encryption-aws-kms-key-id"},
    {"ServerSideEncryption", "x-amz-server-side-encryption"},
    {"StorageClass", "x-amz-storage-class"},
    {"Tagging", "x-amz-tagging"},
};

static const char *header_of(struct mill_view argument)
{
    for (size_t i = 0; i < MILL_COUNT(arguments); i++)
        if (mill_view_eq(argument, mill_view_of(arguments[i].argument)))
            return arguments[i].header;
    return NULL;
}

static enum mill_status unknown_argument(struct mill_view name, struct mill_error *err)
{
    struct mill_buf known = {0};
    for (size_t i = 0; i < MILL_COUNT(arguments); i++)
        mill_buf_printf(&known, "%s%s", i > 0 ? ", " : "", arguments[i].argument);
    enum mill_status st =
        mill_fail(err, MILL_E_UNSUPPORTED, EXTRA ": '%.*s' is not supported; there are: %.*s",
                  MILL_FMT(mill_utf8_prefix(name, 60)), MILL_FMT(mill_buf_view(&known)));
    mill_buf_release(&known);
    return st;
}

/* The text of a value, which can be a text or true or false; absent for others. */
static struct mill_view text_of(const struct mill_json *json, size_t at)
{
    struct mill_view text = {NULL, 0};
    enum mill_json_type type = mill_json_type(json, at);
    if (type == MILL_JSON_STRING)
        text = mill_json_string(json, at);
    else if (type == MILL_JSON_TRUE || type == MILL_JSON_FALSE)
        text = type == MILL_JSON_TRUE ? MILL_VIEW("true") : MILL_VIEW("false");
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] < ' ' || text.ptr[i] > '~')
            return (struct mill_view){NULL, 0};
    return text;
}

static enum mill_status read_members(struct mill_s3_config *config,
                                     const struct mill_json *json, struct mill_error *err)
{
    size_t end = mill_json_end(json, json->root);
    for (size_t at = mill_json_first(json->root); at < end;) {
        struct mill_view name = mill_json_string(json, at);
        size_t value = mill_json_skip(json, at);
        struct mill_view text = text_of(json, value);
        const char *header = header_of(name);
        if (header == NULL)
            return unknown_argument(name, err);
        if (text.ptr == NULL)
            return mill_fail(err, MILL_E_INVALID,
                             EXTRA ": '%.*s' must be a text that a header can hold",
                             MILL_FMT(name));
        if (config->extra_count == MILL_COUNT(config->extra))
            return mill_fail(err, MILL_E_INVALID, EXTRA " has more than %d members",
                             MILL_S3_MAX_EXTRA);
        config->extra[config->extra_count++] =
            (struct mill_aws_header){mill_view_of(header), text};
        at = mill_json_skip(json, value);
    }
    return MILL_OK;
}

static enum mill_status read_extra(struct mill_s3_config *config, struct mill_arena *arena,
                                   struct mill_error *err)
{
    const char *text = mill_env_text(MILL_ENV_S3_EXTRA_ARGS);
    struct mill_json json;
    struct mill_error reason;
    if (text == NULL)
        return MILL_OK;
    struct mill_view padded = mill_json_pad(mill_view_of(text), arena);
    if (padded.ptr == NULL)
        return mill_no_memory(err);
    enum mill_status st = mill_json_parse(padded, arena, &json, &reason);
    if (st == MILL_E_NOMEM)
        return mill_no_memory(err);
    if (st != MILL_OK)
        return mill_fail(err, st, EXTRA ": %.300s", reason.message);
    if (mill_json_type(&json, json.root) != MILL_JSON_OBJECT)
        return mill_fail(err, MILL_E_INVALID,
                         EXTRA
                         " must be a JSON object such as {\"ACL\": \"bucket-owner-read\"}");
    return read_members(config, &json, err);
}

/* --- the whole -------------------------------------------------------------------------- */

static enum mill_status read_sizes(struct mill_s3_config *config, struct mill_error *err)
{
    bool upload = true, download = true;
    enum mill_status st =
        mill_env_number(MILL_ENV_UPLOAD_LEAST, &config->upload_least_bytes, err);
    if (st == MILL_OK)
        st = mill_env_number(MILL_ENV_UPLOAD_PART, &config->upload_part_bytes, err);
    if (st == MILL_OK)
        st = mill_env_number(MILL_ENV_DOWNLOAD_PART, &config->download_part_bytes, err);
    if (st == MILL_OK)
        st = mill_env_flag(MILL_ENV_MULTIPART_UPLOAD, &upload, err);
    if (st == MILL_OK)
        st = mill_env_flag(MILL_ENV_MULTIPART_DOWNLOAD, &download, err);
    if (!upload) /* what is larger cannot be sent in one piece */
        config->upload_least_bytes = MILL_S3_MAX_PART_BYTES + 1;
    if (!download)
        config->download_part_bytes = INT64_MAX;
    return st;
}

static enum mill_status read_owner(struct mill_s3_config *config, struct mill_arena *arena,
                                   struct mill_error *err)
{
    const char *text = mill_env_text(MILL_ENV_S3_OWNER);
    if (text == NULL)
        return MILL_OK;
    if (!mill_aws_key_valid(mill_view_of(text)))
        return mill_fail(
            err, MILL_E_INVALID,
            "MLFLOW_S3_EXPECTED_BUCKET_OWNER is '%.40s'; it must be the number of an "
            "account",
            text);
    config->expected_owner = mill_arena_copy(arena, mill_view_of(text));
    return config->expected_owner.ptr != NULL ? MILL_OK : mill_no_memory(err);
}

enum mill_status mill_s3_config_read(struct mill_s3_config *out, struct mill_arena *arena,
                                     struct mill_error *err)
{
    struct mill_s3_config config = {.style = MILL_S3_AUTO};
    enum mill_status st = mill_aws_config_read(&config.aws, arena, err);
    if (st == MILL_OK)
        st = read_endpoint(&config, arena, err);
    if (st == MILL_OK)
        st = read_style(&config, err);
    if (st == MILL_OK)
        st = mill_env_flag(MILL_ENV_S3_IGNORE_TLS, &config.insecure_tls, err);
    if (st == MILL_OK)
        st = read_extra(&config, arena, err);
    if (st == MILL_OK)
        st = read_owner(&config, arena, err);
    if (st == MILL_OK)
        st = read_sizes(&config, err);
    if (st == MILL_OK)
        *out = config;
    return st;
}

/* --- addresses -------------------------------------------------------------------------- */

/* Services differ in what they allow; these characters need no encoding anywhere. */
static bool bucket_valid(struct mill_view bucket)
{
    for (size_t i = 0; i < bucket.len; i++) {
        char c = bucket.ptr[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        bool digit = c >= '0' && c <= '9';
        if (!letter && !digit && (i == 0 || strchr("._-", c) == NULL || c == '\0'))
            return false;
    }
    return bucket.len > 0 && bucket.len <= 255;
}

/* Whether a bucket can be a label of a host name that a certificate for *.host covers. */
static bool is_label(struct mill_view bucket)
{
    for (size_t i = 0; i < bucket.len; i++) {
        char c = bucket.ptr[i];
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'))
            return false;
    }
    return bucket.len >= 3 && bucket.len <= 63;
}

/* Without the port that the scheme implies, as clients send it. */
static struct mill_view as_header(struct mill_view authority, bool tls)
{
    struct mill_view usual = tls ? MILL_VIEW(":443") : MILL_VIEW(":80");
    if (mill_view_ends(authority, usual))
        authority.len -= usual.len;
    return authority;
}

enum mill_status mill_s3_address_of(const struct mill_s3_config *config,
                                    struct mill_view bucket, struct mill_view region,
                                    struct mill_arena *arena, struct mill_s3_address *out,
                                    struct mill_error *err)
{
    if (!bucket_valid(bucket))
        return mill_fail(err, MILL_E_INVALID, "'%.*s' is not a name of an S3 bucket",
                         MILL_FMT(mill_utf8_prefix(bucket, 80)));
    bool own = config->endpoint.ptr != NULL;
    bool by_host = config->style == MILL_S3_VIRTUAL ||
                   (config->style == MILL_S3_AUTO && !own && is_label(bucket));
    bool tls = !own || mill_view_starts(config->endpoint, MILL_VIEW("https://"));
    struct mill_view authority, prefix = {NULL, 0};
    if (own)
        prefix = mill_view_cut(mill_view_from(config->endpoint, tls ? 8 : 7), '/', &authority);
    else
        authority =
            mill_arena_printf(arena, "s3.%.*s.%s", MILL_FMT(region), mill_aws_domain(region));
    struct mill_view origin = mill_arena_printf(
        arena, "%s://%.*s%s%.*s", tls ? "https" : "http",
        MILL_FMT(by_host ? bucket : MILL_VIEW("")), by_host ? "." : "", MILL_FMT(authority));
    struct mill_view path =
        mill_arena_printf(arena, "%s%.*s%s%.*s", prefix.len > 0 ? "/" : "", MILL_FMT(prefix),
                          by_host ? "" : "/", MILL_FMT(by_host ? MILL_VIEW("") : bucket));
    if (authority.ptr == NULL || origin.ptr == NULL || path.ptr == NULL)
        return mill_no_memory(err);
    *out = (struct mill_s3_address){
        .origin = origin,
        .host = as_header(mill_view_from(origin, tls ? 8 : 7), tls),
        .path = path,
    };
    return MILL_OK;
}

int64_t mill_s3_part_bytes(int64_t file_bytes, int64_t least_bytes)
{
    int64_t needed = file_bytes / MILL_S3_MAX_PARTS + 1;
    int64_t rounded = (needed + MIB - 1) / MIB * MIB;
    int64_t bytes = rounded > least_bytes ? rounded : least_bytes;
    return bytes <= MILL_S3_MAX_PART_BYTES ? bytes : 0;
}
