/* rest.c - one call of the protocol over HTTP. */
#include "remote/rest.h"

#include "base/codec.h"
#include "base/view.h"
#include "remote/workspace.h"
#include "wire/decode.h"
#include "wire/encode.h"

/* An answer that does not matter is no longer than this. */
#define MAX_EMPTY_ANSWER ((size_t)1 << 20)
/* An error whose HTTP status is a good one is looked for in answers up to this length. */
#define MAX_ERROR_BODY ((size_t)4096)

/* What a server sends when something is wrong. */
struct error_body {
    struct mill_view error_code;
    struct mill_view message;
};

static const struct mill_field error_fields[] = {
    {.name = "error_code",
     .name_len = sizeof("error_code") - 1,
     .type = MILL_F_STRING,
     .flags = MILL_FIELD_STRINGIFY,
     .offset = offsetof(struct error_body, error_code)},
    {.name = "message",
     .name_len = sizeof("message") - 1,
     .type = MILL_F_STRING,
     .flags = MILL_FIELD_STRINGIFY,
     .offset = offsetof(struct error_body, message)},
};

static const struct mill_message error_message = {
    .name = "Error",
    .size = sizeof(struct error_body),
    .fields = error_fields,
    .field_count = MILL_COUNT(error_fields),
};

/* Codes that are not in the table of statuses, or stand there for something else. */
static const struct code {
    const char *name;
    enum mill_status status;
} more_codes[] = {
    {"INTERNAL_ERROR", MILL_E_INTERNAL},
    {"NOT_FOUND", MILL_E_NOT_FOUND},
    {"ALREADY_EXISTS", MILL_E_EXISTS},
    {"ABORTED", MILL_E_CONFLICT},
    {"REQUEST_LIMIT_EXCEEDED", MILL_E_LIMIT},
    {"CUSTOMER_UNAUTHORIZED", MILL_E_UNAUTHENTICATED},
    {"MALFORMED_REQUEST", MILL_E_BAD_REQUEST},
    {"INVALID_STATE", MILL_E_BAD_REQUEST},
    {"FEATURE_DISABLED", MILL_E_UNSUPPORTED},
};

/* Where there is no code that says more. */
static enum mill_status status_of_http(long http_status)
{
    switch (http_status) {
    case 401:
        return MILL_E_UNAUTHENTICATED;
    case 403:
        return MILL_E_DENIED;
    case 404:
        return MILL_E_NO_ENDPOINT;
    case 405:
        return MILL_E_METHOD;
    case 408:
    case 504:
        return MILL_E_TIMEOUT;
    case 409:
        return MILL_E_CONFLICT;
    case 413:
        return MILL_E_TOO_LARGE;
    case 429:
        return MILL_E_LIMIT;
    case 501:
        return MILL_E_UNSUPPORTED;
    case 502:
    case 503:
        return MILL_E_BUSY;
    default:
        return http_status >= 400 && http_status < 500 ? MILL_E_BAD_REQUEST : MILL_E_INTERNAL;
    }
}

static enum mill_status status_of_code(struct mill_view code, long http_status)
{
    for (size_t i = 0; i < MILL_COUNT(more_codes); i++)
        if (mill_view_eq(code, mill_view_of(more_codes[i].name)))
            return more_codes[i].status;
    for (enum mill_status st = MILL_E_INVALID; st < MILL_STATUS_COUNT; st++)
        if (mill_view_eq(code, mill_view_of(mill_status_get_info(st)->error_code)))
            return st;
    return status_of_http(http_status);
}

/* Decodes the body, which gets the padding that the parser needs. */
static enum mill_status decode(const struct mill_message *message, struct mill_buf *body,
                               struct mill_arena *arena, void *out, struct mill_error *err)
{
    if (!mill_buf_reserve(body, MILL_JSON_PADDING))
        return mill_fail(err, MILL_E_NOMEM, "out of memory");
    return mill_decode_json(message, mill_buf_view(body), arena, out, err);
}

/* Reads an error out of a body; false when there is none in it. Lack of memory to look is one,
 * too. *readable_out is whether the body is a JSON object at all. */
static bool find_error(long http_status, struct mill_buf *body, bool *readable_out,
                       enum mill_status *status_out, struct mill_error *err)
{
    struct mill_arena arena = {0};
    struct error_body e;
    enum mill_status st = decode(&error_message, body, &arena, &e, NULL);
    *readable_out = st == MILL_OK;
    bool found = *readable_out && e.message.ptr != NULL &&
                 (http_status != 200 || e.error_code.ptr != NULL);
    if (found)
        *status_out = mill_fail(err, status_of_code(e.error_code, http_status), "%.*s",
                                MILL_FMT(e.message));
    else if (st == MILL_E_NOMEM)
        *status_out = mill_fail(err, st, "out of memory to read an answer");
    mill_arena_release(&arena);
    return found || st == MILL_E_NOMEM;
}

enum mill_status mill_rest_error(long http_status, struct mill_buf *body,
                                 struct mill_error *err)
{
    enum mill_status st;
    bool readable;
    if (find_error(http_status, body, &readable, &st, err))
        return st;
    if (http_status >= 300 && http_status < 400)
        return mill_fail(
            err, MILL_E_IO,
            "the server answered HTTP %ld, a redirection that is not followed: set "
            "MLFLOW_ALLOW_HTTP_REDIRECTS to true, or the tracking URI to where "
            "the server is",
            http_status);
    return mill_fail(err, status_of_http(http_status),
                     "the server answered HTTP %ld without saying why: is this the address of "
                     "a tracking server?",
                     http_status);
}

void mill_rest_query(struct mill_buf *query, const char *name, struct mill_view value)
{
    if (value.ptr == NULL)
        return;
    mill_buf_printf(query, "%s%s=", query->len > 0 ? "&" : "", name);
    mill_percent_encode(query, value, NULL);
}

/* The answer of a call whose HTTP status was good. Some gateways answer errors so, and pages
 * for people; neither is taken for success. */
static enum mill_status read_answer(const struct mill_rest_call *call, struct mill_buf *body,
                                    struct mill_error *err)
{
    struct mill_error reason = {""};
    struct error_body none;
    struct mill_arena arena = {0};
    enum mill_status st;
    bool readable = false;
    if (body->len <= MAX_ERROR_BODY && find_error(200, body, &readable, &st, err))
        return st;
    if (call->response == NULL && readable)
        return MILL_OK;
    st = call->response != NULL
             ? decode(call->response, body, call->arena, call->answer, &reason)
             : decode(&error_message, body, &arena, &none, &reason);
    mill_arena_release(&arena);
    if (st == MILL_E_NOMEM)
        return mill_fail(err, st, "out of memory");
    if (st != MILL_OK)
        return mill_fail(
            err, MILL_E_INTERNAL,
            "the answer to %s cannot be understood: %.300s. Is this the address of "
            "a tracking server?",
            call->path, reason.message);
    return MILL_OK;
}

enum mill_status mill_rest_check_token(struct mill_view before, struct mill_view next,
                                       struct mill_error *err)
{
    if (next.len > 0 && mill_view_eq(before, next))
        return mill_fail(err, MILL_E_INTERNAL,
                         "the server's pages have no end: each leads to itself");
    return MILL_OK;
}

enum mill_status mill_rest_call(struct mill_remote *remote, const struct mill_rest_call *call,
                                struct mill_error *err)
{
    struct mill_buf target = {0}, sent = {0}, body = {0};
    struct mill_remote_request request = {.method = call->method,
                                          .repeatable = call->repeatable,
                                          .most_bytes =
                                              call->response == NULL ? MAX_EMPTY_ANSWER : 0};
    long http_status = 0;
    enum mill_status st = MILL_OK;

    mill_buf_add_view(&target, mill_view_of(call->path));
    if (call->query.len > 0)
        mill_buf_add_char(&target, '?');
    mill_buf_add_view(&target, call->query);
    if (call->request != NULL) {
        mill_encode(&sent, call->request, call->value);
        request.body = mill_buf_view(&sent);
    }
    request.path = mill_buf_view(&target);
    if (target.failed || sent.failed)
        st = mill_fail(err, MILL_E_NOMEM, "out of memory");
    if (st == MILL_OK)
        st = mill_workspace_check(remote, call->path, err);
    if (st == MILL_OK)
        st = mill_remote_perform(remote, &request, &http_status, &body, err);
    if (st == MILL_OK)
        st = http_status == 200 ? read_answer(call, &body, err)
                                : mill_rest_error(http_status, &body, err);
    mill_buf_release(&target);
    mill_buf_release(&sent);
    mill_buf_release(&body);
    return st;
}
