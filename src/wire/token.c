/* token.c - page tokens. */
#include "wire/token.h"

#include <stdio.h>

#include "base/codec.h"
#include "wire/json.h"

/* Longer texts are no tokens; they need not be looked at. */
#define TOKEN_MAX 256

static struct mill_view encode(struct mill_view text, struct mill_arena *arena)
{
    struct mill_buf out = {0};
    mill_base64_encode(&out, text);
    struct mill_view token = {NULL, 0};
    if (!out.failed)
        token = mill_arena_copy(arena, mill_buf_view(&out));
    mill_buf_release(&out);
    return token;
}

struct mill_view mill_token_encode(int64_t offset, struct mill_arena *arena)
{
    char text[48];
    int len = snprintf(text, sizeof(text), "{\"offset\": %lld}", (long long)offset);
    return encode((struct mill_view){text, (size_t)len}, arena);
}

/* The search as text: not every reader of JSON keeps all digits of such a number. */
struct mill_view mill_token_encode_for(int64_t offset, uint64_t search,
                                       struct mill_arena *arena)
{
    char text[80];
    int len = snprintf(text, sizeof(text), "{\"offset\": %lld, \"search\": \"%016llx\"}",
                       (long long)offset, (unsigned long long)search);
    return encode((struct mill_view){text, (size_t)len}, arena);
}

/* What a token says; 0 and absent where it says nothing. */
struct content {
    int64_t offset;
    struct mill_view search;
};

static struct content content_of(const struct mill_json *json)
{
    struct content content = {0, {NULL, 0}};
    size_t at = json->root;
    if (mill_json_type(json, at) != MILL_JSON_OBJECT)
        return content;
    size_t end = mill_json_end(json, at);
    for (size_t i = mill_json_first(at); i < end; i = mill_json_skip(json, i)) {
        struct mill_view name = mill_json_string(json, i++);
        enum mill_json_type type = mill_json_type(json, i);
        if (mill_view_eq(name, MILL_VIEW("offset")) && type == MILL_JSON_INT)
            content.offset = mill_json_int(json, i);
        else if (mill_view_eq(name, MILL_VIEW("search")) && type == MILL_JSON_STRING)
            content.search = mill_json_string(json, i);
    }
    return content;
}

static enum mill_status read_token(struct mill_view token, struct mill_arena *arena,
                                   struct content *out, struct mill_error *err)
{
    struct mill_view text = {NULL, 0};
    struct mill_json json;
    struct content content = {0, {NULL, 0}};
    if (token.len <= TOKEN_MAX && mill_base64_decode(token, arena, &text)) {
        struct mill_view padded = mill_json_pad(text, arena);
        if (padded.ptr == NULL)
            return mill_fail(err, MILL_E_NOMEM, "no memory left to read the page token");
        if (mill_json_parse(padded, arena, &json, NULL) == MILL_OK)
            content = content_of(&json);
    }
    if (content.offset < 1) {
        struct mill_view shown = mill_utf8_prefix(token, 60);
        return mill_fail(err, MILL_E_INVALID,
                         "page_token: \"%.*s\" is no token; send the next_page_token of the "
                         "page before, or none for the first page",
                         MILL_FMT(shown));
    }
    *out = content;
    return MILL_OK;
}

enum mill_status mill_token_decode(struct mill_view token, struct mill_arena *arena,
                                   int64_t *offset_out, struct mill_error *err)
{
    struct content content = {0, {NULL, 0}};
    enum mill_status st = MILL_OK;
    if (!mill_view_empty(token))
        st = read_token(token, arena, &content, err);
    if (st == MILL_OK)
        *offset_out = content.offset;
    return st;
}

enum mill_status mill_token_decode_for(struct mill_view token, uint64_t search,
                                       struct mill_arena *arena, int64_t *offset_out,
                                       struct mill_error *err)
{
    struct content content = {0, {NULL, 0}};
    char text[24];
    snprintf(text, sizeof(text), "%016llx", (unsigned long long)search);
    if (mill_view_empty(token)) {
        *offset_out = 0;
        return MILL_OK;
    }
    enum mill_status st = read_token(token, arena, &content, err);
    if (st == MILL_OK && !mill_view_eq(content.search, mill_view_of(text)))
        return mill_fail(err, MILL_E_INVALID,
                         "page_token: is of another search; repeat the experiment_ids, filter "
                         "and order_by of the page before");
    if (st == MILL_OK)
        *offset_out = content.offset;
    return st;
}
