/* token.c - page tokens. */
#include "wire/token.h"

#include <stdio.h>

#include "base/codec.h"
#include "wire/json.h"

/* Longer texts are no tokens; they need not be looked at. */
#define TOKEN_MAX 256

struct mill_view mill_token_encode(int64_t offset, struct mill_arena *arena)
{
    char text[48];
    int len = snprintf(text, sizeof(text), "{\"offset\": %lld}", (long long)offset);
    struct mill_buf out = {0};
    mill_base64_encode(&out, (struct mill_view){text, (size_t)len});
    struct mill_view token = {NULL, 0};
    if (!out.failed)
        token = mill_arena_copy(arena, mill_buf_view(&out));
    mill_buf_release(&out);
    return token;
}

/* The member "offset" of the object, or 0. */
static int64_t offset_of(const struct mill_json *json)
{
    size_t at = json->root;
    if (mill_json_type(json, at) != MILL_JSON_OBJECT)
        return 0;
    size_t end = mill_json_end(json, at);
    for (size_t i = mill_json_first(at); i < end; i = mill_json_skip(json, i)) {
        struct mill_view name = mill_json_string(json, i++);
        if (mill_view_eq(name, MILL_VIEW("offset")) && mill_json_type(json, i) == MILL_JSON_INT)
            return mill_json_int(json, i);
    }
    return 0;
}

enum mill_status mill_token_decode(struct mill_view token, struct mill_arena *arena,
                                   int64_t *offset_out, struct mill_error *err)
{
    struct mill_view text = {NULL, 0};
    struct mill_json json;
    int64_t offset = 0;
    if (mill_view_empty(token)) {
        *offset_out = 0;
        return MILL_OK;
    }
    if (token.len <= TOKEN_MAX && mill_base64_decode(token, arena, &text)) {
        struct mill_view padded = mill_json_pad(text, arena);
        if (padded.ptr == NULL)
            return mill_fail(err, MILL_E_NOMEM, "no memory left to read the page token");
        if (mill_json_parse(padded, arena, &json, NULL) == MILL_OK)
            offset = offset_of(&json);
    }
    if (offset < 1) {
        struct mill_view shown = mill_utf8_prefix(token, 60);
        return mill_fail(err, MILL_E_INVALID,
                         "page_token: \"%.*s\" is no token; send the next_page_token of the "
                         "page before, or none for the first page",
                         MILL_FMT(shown));
    }
    *offset_out = offset;
    return MILL_OK;
}
