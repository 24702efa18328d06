/* graphql.c - any bytes as a GraphQL document; the first line are its variables. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "base/view.h"
#include "model/limits.h"
#include "wire/graphql.h"
#include "wire/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What came through is within the bounds, and its arguments are objects. */
static size_t check(const struct mill_gql_field *fields, int depth, struct mill_arena *arena)
{
    size_t count = 0;

    assert(fields == NULL || depth <= MILL_MAX_GRAPHQL_DEPTH);
    for (const struct mill_gql_field *f = fields; f != NULL; f = f->next) {
        struct mill_json json;

        assert(f->key.len > 0 && f->name.len > 0);
        if (mill_json_parse(f->arguments, arena, &json, NULL) == MILL_OK)
            assert(mill_json_type(&json, json.root) == MILL_JSON_OBJECT);
        count += 1 + check(f->below, depth + 1, arena);
    }
    return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mill_view text = {(const char *)data, size};
    struct mill_view variables;
    struct mill_arena arena = {0};
    const struct mill_gql_field *fields = NULL;

    text = mill_view_cut(text, '\n', &variables);
    variables = mill_json_pad(variables, &arena);
    if (text.ptr != NULL && variables.ptr != NULL &&
        mill_gql_parse(text, MILL_VIEW(""), variables, &arena, &fields, NULL) == MILL_OK)
        assert(check(fields, 1, &arena) <= MILL_MAX_GRAPHQL_FIELDS);
    mill_arena_release(&arena);
    return 0;
}
