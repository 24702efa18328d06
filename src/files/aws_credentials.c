/* aws_credentials.c - see aws_credentials.h. */
#include "files/aws_credentials.h"

#include <time.h>

#include <millstream/types.h>

#include "wire/decode.h"

/* What an endpoint says: keys, or why there are none. */
struct endpoint_answer {
    struct mill_view access_key, secret_key, token, expiration, code, message;
    int64_t version; /* of what a program writes */
};

#define TEXT(json_name, member)                                                                \
    {                                                                                          \
        .name = json_name, .name_len = sizeof(json_name) - 1, .type = MILL_F_STRING,           \
        .offset = offsetof(struct endpoint_answer, member)                                     \
    }

static const struct mill_field answer_fields[] = {
    TEXT("AccessKeyId", access_key),
    TEXT("SecretAccessKey", secret_key),
    TEXT("Token", token),
    TEXT("SessionToken", token),
    TEXT("Expiration", expiration),
    TEXT("Code", code),
    TEXT("Message", message),
    TEXT("message", message),
    {.name = "Version",
     .name_len = sizeof("Version") - 1,
     .type = MILL_F_INT64,
     .offset = offsetof(struct endpoint_answer, version),
     .default_number = 1},
};

static const struct mill_message answer_message = {
    .name = "Credentials",
    .size = sizeof(struct endpoint_answer),
    .fields = answer_fields,
    .field_count = MILL_COUNT(answer_fields),
};

bool mill_aws_key_valid(struct mill_view text)
{
    if (text.ptr == NULL)
        return false;
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] <= ' ' || text.ptr[i] > '~')
            return false;
    return text.len > 0 && text.len <= MILL_AWS_MAX_KEY;
}

bool mill_aws_credentials_copy(const struct mill_aws_credentials *from,
                               struct mill_arena *arena, struct mill_aws_credentials *out)
{
    *out = (struct mill_aws_credentials){
        .access_key = mill_arena_copy(arena, from->access_key),
        .secret_key = mill_arena_copy(arena, from->secret_key),
        .session_token = mill_arena_copy(arena, from->session_token),
        .expires_ms = from->expires_ms,
    };
    return out->access_key.ptr != NULL && out->secret_key.ptr != NULL &&
           (out->session_token.ptr != NULL || from->session_token.ptr == NULL);
}

/* "2026-01-31T12:00:00Z", perhaps with a fraction of a second; in UTC. */
static bool parse_time(struct mill_view text, int64_t *out_ms)
{
    struct tm parts = {0};
    char copy[40];
    if (text.len >= sizeof(copy))
        return false;
    memcpy(copy, text.ptr, text.len);
    copy[text.len] = '\0';
    const char *rest = strptime(copy, "%Y-%m-%dT%H:%M:%S", &parts);
    if (rest == NULL)
        return false;
    if (*rest == '.')
        rest += 1 + strspn(rest + 1, "0123456789");
    if (strcmp(rest, "Z") != 0 && strcmp(rest, "+00:00") != 0)
        return false;
    *out_ms = (int64_t)timegm(&parts) * 1000;
    return true;
}

enum mill_status mill_aws_credentials_make(struct mill_view access_key,
                                           struct mill_view secret_key, struct mill_view token,
                                           struct mill_view expiration,
                                           struct mill_aws_credentials *out,
                                           struct mill_error *err)
{
    int64_t expires_ms = MILL_ABSENT;
    if (!mill_aws_key_valid(access_key) || !mill_aws_key_valid(secret_key) ||
        (token.len > 0 && !mill_aws_key_valid(token)))
        return mill_fail(err, MILL_E_INVALID,
                         "no usable AccessKeyId, SecretAccessKey and Token");
    if (expiration.len > 0 && !parse_time(expiration, &expires_ms))
        return mill_fail(err, MILL_E_INVALID, "Expiration '%.*s' is not a time",
                         MILL_FMT(mill_utf8_prefix(expiration, 40)));
    *out = (struct mill_aws_credentials){
        .access_key = access_key,
        .secret_key = secret_key,
        .session_token = token.len > 0 ? token : (struct mill_view){NULL, 0},
        .expires_ms = expires_ms,
    };
    return MILL_OK;
}

enum mill_status mill_aws_credentials_parse(struct mill_view json, struct mill_arena *arena,
                                            struct mill_aws_credentials *out,
                                            struct mill_error *err)
{
    struct endpoint_answer answer;
    struct mill_view padded = mill_json_pad(json, arena);
    if (padded.ptr == NULL)
        return mill_fail(err, MILL_E_NOMEM, "out of memory");
    enum mill_status st = mill_decode_json(&answer_message, padded, arena, &answer, err);
    if (st != MILL_OK)
        return st;
    if (answer.access_key.ptr == NULL && (answer.code.len > 0 || answer.message.len > 0))
        return mill_fail(err, MILL_E_DENIED, "%.*s%s%.*s", MILL_FMT(answer.code),
                         answer.code.len > 0 ? ": " : "", MILL_FMT(answer.message));
    if (answer.version != 1)
        return mill_fail(err, MILL_E_UNSUPPORTED,
                         "Version is %lld; only version 1 is understood",
                         (long long)answer.version);
    return mill_aws_credentials_make(answer.access_key, answer.secret_key, answer.token,
                                     answer.expiration, out, err);
}
