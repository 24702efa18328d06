/* json_sorted.c - JSON in one form, whatever the order in which its members came. */
#include <stdlib.h>

#include "base/alloc.h"
#include "base/json_text.h"
#include "base/view.h"
#include "wire/json.h"

struct member {
    struct mill_view name;
    size_t at; /* of the value */
};

static int by_name(const void *a, const void *b)
{
    return mill_view_cmp(((const struct member *)a)->name, ((const struct member *)b)->name);
}

static bool write_object(struct mill_buf *out, const struct mill_json *json, size_t at)
{
    size_t count = mill_json_count(json, at), n = 0;
    struct member *members = mill_alloc((count + 1) * sizeof(*members));
    if (members == NULL)
        return false;
    size_t end = mill_json_end(json, at);
    for (size_t i = mill_json_first(at); i < end; i = mill_json_skip(json, i)) {
        members[n].name = mill_json_string(json, i++);
        members[n++].at = i;
    }
    qsort(members, n, sizeof(*members), by_name);
    bool fits = true;
    mill_buf_add_char(out, '{');
    for (size_t i = 0; fits && i < n; i++) {
        if (i != 0)
            mill_buf_add_char(out, ',');
        mill_buf_add_json_string(out, members[i].name);
        mill_buf_add_char(out, ':');
        fits = mill_json_write_sorted(out, json, members[i].at);
    }
    mill_buf_add_char(out, '}');
    mill_free(members);
    return fits;
}

bool mill_json_write_sorted(struct mill_buf *out, const struct mill_json *json, size_t at)
{
    enum mill_json_type type = mill_json_type(json, at);
    bool fits = true;
    if (type == MILL_JSON_OBJECT)
        return write_object(out, json, at) && !out->failed;
    if (type != MILL_JSON_ARRAY) {
        mill_json_write(out, json, at);
        return !out->failed;
    }
    size_t end = mill_json_end(json, at);
    mill_buf_add_char(out, '[');
    for (size_t i = mill_json_first(at); fits && i < end; i = mill_json_skip(json, i)) {
        if (i != mill_json_first(at))
            mill_buf_add_char(out, ',');
        fits = mill_json_write_sorted(out, json, i);
    }
    mill_buf_add_char(out, ']');
    return fits && !out->failed;
}
