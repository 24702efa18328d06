/* query.c - query strings to structs by the tables of messages. */
#include "base/alloc.h"
#include "base/codec.h"
#include "wire/decode.h"
#include "wire/scalar.h"

/* One parameter of the query that names a field. */
struct parameter {
    size_t field;
    struct mill_view value;
};

struct query {
    const struct mill_message *message;
    struct mill_arena *arena;
    struct parameter *items;
    size_t count;
};

static bool takes(const struct mill_field *field)
{
    return field->type != MILL_F_MESSAGE && field->type != MILL_F_MAP &&
           field->type != MILL_F_CONSTANT;
}

/* Old clients write lists as name[] and name[0]. */
static struct mill_view without_brackets(struct mill_view name)
{
    size_t i = name.len;
    if (i == 0 || name.ptr[i - 1] != ']')
        return name;
    for (i--; i > 0 && name.ptr[i - 1] >= '0' && name.ptr[i - 1] <= '9';)
        i--;
    return i > 0 && name.ptr[i - 1] == '[' ? (struct mill_view){name.ptr, i - 1} : name;
}

/* Adds the parameter if it names a field. */
static enum mill_status add_parameter(struct query *q, struct mill_view text,
                                      struct mill_error *err)
{
    struct mill_view name;
    struct mill_view value = mill_view_cut(text, '=', &name);
    name = mill_percent_decode(name, true, q->arena);
    value = mill_percent_decode(value.ptr != NULL ? value : MILL_VIEW(""), true, q->arena);
    if (name.ptr == NULL || value.ptr == NULL)
        return mill_no_memory(err);
    bool camel;
    size_t index = mill_field_find(q->message, without_brackets(name), 0, &camel);
    if (index >= q->message->field_count || !takes(&q->message->fields[index]))
        return MILL_OK;
    if (!mill_utf8_valid(value))
        return mill_fail(err, MILL_E_INVALID,
                         "query parameter %s: its percent-coded bytes are not UTF-8",
                         q->message->fields[index].name);
    q->items[q->count++] = (struct parameter){index, value};
    return MILL_OK;
}

static size_t count_parts(struct mill_view query)
{
    size_t count = 1;
    for (size_t i = 0; i < query.len; i++)
        count += query.ptr[i] == '&';
    return count;
}

static enum mill_status split(struct query *q, struct mill_view query, struct mill_error *err)
{
    q->items = mill_arena_zero(q->arena, count_parts(query), sizeof(*q->items));
    if (q->items == NULL)
        return mill_no_memory(err);
    enum mill_status st = MILL_OK;
    while (query.ptr != NULL && st == MILL_OK) {
        struct mill_view part;
        query = mill_view_cut(query, '&', &part);
        if (part.len > 0)
            st = add_parameter(q, part, err);
    }
    return st;
}

static enum mill_status read_value(struct query *q, const struct parameter *p, void *out,
                                   struct mill_error *err)
{
    const struct mill_field *field = &q->message->fields[p->field];
    struct mill_scalar scalar = {.kind = MILL_SCALAR_TEXT, .text = p->value};
    bool oom = false;
    if (field->type == MILL_F_JSON) {
        *(struct mill_view *)out = p->value;
        return MILL_OK;
    }
    if (mill_scalar_read(field, &scalar, q->arena, out, &oom))
        return MILL_OK;
    if (oom)
        return mill_no_memory(err);
    struct mill_view shown = mill_utf8_prefix(p->value, 60);
    return mill_fail(err, MILL_E_INVALID, "query parameter %s: expected %s, got \"%.*s\"%s",
                     field->name, mill_scalar_expected(field), MILL_FMT(shown),
                     shown.len < p->value.len ? "..." : "");
}

static enum mill_status read_list(struct query *q, size_t index, char *base,
                                  struct mill_error *err)
{
    const struct mill_field *field = &q->message->fields[index];
    size_t size = mill_field_item_size(field);
    size_t max = field->max_items != 0 ? field->max_items : MILL_MAX_ITEMS;
    size_t count = 0;
    for (size_t i = 0; i < q->count; i++)
        count += q->items[i].field == index;
    if (count > max)
        return mill_fail(err, MILL_E_INVALID,
                         "query parameter %s: came %zu times, at most %zu are allowed",
                         field->name, count, max);
    char *items = mill_arena_zero(q->arena, count, size);
    if (items == NULL)
        return mill_no_memory(err);
    size_t n = 0;
    for (size_t i = 0; i < q->count; i++) {
        if (q->items[i].field != index)
            continue;
        enum mill_status st = read_value(q, &q->items[i], items + n++ * size, err);
        if (st != MILL_OK)
            return st;
    }
    memcpy(base + field->offset, &items, sizeof(items));
    *(size_t *)(void *)(base + field->count_offset) = count;
    return MILL_OK;
}

static enum mill_status read_field(struct query *q, size_t index, char *base,
                                   struct mill_error *err)
{
    const struct mill_field *field = &q->message->fields[index];
    const struct parameter *first = NULL;
    for (size_t i = 0; i < q->count && first == NULL; i++)
        if (q->items[i].field == index)
            first = &q->items[i];
    bool required = (field->flags & MILL_FIELD_REQUIRED) != 0;
    if (required && (first == NULL || first->value.len == 0))
        return mill_fail(err, MILL_E_INVALID, "query parameter %s: missing; send %s",
                         field->name, mill_scalar_expected(field));
    if (first == NULL)
        return MILL_OK;
    if ((field->flags & MILL_FIELD_REPEATED) != 0)
        return read_list(q, index, base, err);
    enum mill_status st = read_value(q, first, base + field->offset, err);
    if (st == MILL_OK && field->has_offset != 0)
        *(bool *)(base + field->has_offset) = true;
    return st;
}

enum mill_status mill_decode_query(const struct mill_message *message, struct mill_view query,
                                   struct mill_arena *arena, void *out, struct mill_error *err)
{
    struct query q = {.message = message, .arena = arena};
    mill_message_init(message, out);
    enum mill_status st = split(&q, query, err);
    for (size_t i = 0; i < message->field_count && st == MILL_OK; i++)
        st = read_field(&q, i, out, err);
    return st;
}
