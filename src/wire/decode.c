/* decode.c - JSON bodies to structs by their tables: who is expected where. */
#include "wire/decode.h"

#include <stdio.h>

#include "wire/scalar.h"

/* Where the decoder is, for messages; lives on the C stack. */
struct place {
    const struct place *parent;
    const struct mill_field *field;
    int64_t index; /* of a list item; -1 */
};

struct decoder {
    struct mill_json json;
    struct mill_arena *arena;
    struct mill_error *err;
};

/* Which fields came, and under which of their two names. */
struct seen {
    uint64_t snake;
    uint64_t camel;
};

static enum mill_status read_message(struct decoder *d, const struct place *place,
                                     const struct mill_message *message, size_t at, void *out);

/* --- messages --------------------------------------------------------------------------- */

static void write_place(struct mill_buf *out, const struct place *place)
{
    if (place->parent != NULL) {
        write_place(out, place->parent);
        mill_buf_add_char(out, '.');
    }
    mill_buf_add_view(out, mill_view_of(place->field->name));
    if (place->index >= 0)
        mill_buf_printf(out, "[%lld]", (long long)place->index);
}

/* What is said about the value that came: its JSON, cut when long. */
static void write_value(struct mill_buf *out, const struct mill_json *json, size_t at)
{
    enum mill_json_type type = mill_json_type(json, at);
    if (type == MILL_JSON_OBJECT) {
        mill_buf_add_view(out, MILL_VIEW("an object"));
        return;
    }
    if (type == MILL_JSON_ARRAY) {
        mill_buf_add_view(out, MILL_VIEW("a list"));
        return;
    }
    mill_json_write(out, json, at);
}

static enum mill_status fail_place(struct decoder *d, const struct place *place,
                                   const char *expected, size_t at)
{
    struct mill_buf path = {0};
    struct mill_buf value = {0};
    write_place(&path, place);
    write_value(&value, &d->json, at);
    struct mill_view shown = mill_utf8_prefix(mill_buf_view(&value), 60);
    enum mill_status st =
        mill_fail(d->err, MILL_E_INVALID, "%.*s: expected %s, got %.*s%s",
                  MILL_FMT(mill_utf8_prefix(mill_buf_view(&path), 200)), expected,
                  MILL_FMT(shown), shown.len < value.len ? "..." : "");
    mill_buf_release(&path);
    mill_buf_release(&value);
    return st;
}

static enum mill_status fail_text(struct decoder *d, const struct place *place,
                                  const char *text)
{
    struct mill_buf path = {0};
    write_place(&path, place);
    enum mill_status st =
        mill_fail(d->err, MILL_E_INVALID, "%.*s%s",
                  MILL_FMT(mill_utf8_prefix(mill_buf_view(&path), 300)), text);
    mill_buf_release(&path);
    return st;
}

static enum mill_status no_memory(struct decoder *d)
{
    return mill_fail(d->err, MILL_E_NOMEM, "no memory left to read the request");
}

/* --- values ----------------------------------------------------------------------------- */

/* Text that mill_scalar_read understands, for everything but objects and lists. */
static bool scalar_view(struct decoder *d, size_t at, struct mill_scalar *out)
{
    out->kind = MILL_SCALAR_TEXT;
    switch (mill_json_type(&d->json, at)) {
    case MILL_JSON_STRING:
        out->text = mill_json_string(&d->json, at);
        return true;
    case MILL_JSON_INT:
        out->kind = MILL_SCALAR_INT;
        out->integer = mill_json_int(&d->json, at);
        return true;
    case MILL_JSON_UINT:
        out->kind = MILL_SCALAR_DOUBLE;
        out->number = (double)mill_json_uint(&d->json, at);
        return true;
    case MILL_JSON_DOUBLE:
        out->kind = MILL_SCALAR_DOUBLE;
        out->number = mill_json_double(&d->json, at);
        return true;
    case MILL_JSON_TRUE:
    case MILL_JSON_FALSE:
        out->kind = MILL_SCALAR_BOOL;
        out->truth = mill_json_type(&d->json, at) == MILL_JSON_TRUE;
        return true;
    case MILL_JSON_OBJECT:
    case MILL_JSON_ARRAY:
    case MILL_JSON_NULL:
        break;
    }
    return false;
}

static enum mill_status read_scalar(struct decoder *d, const struct place *place, size_t at,
                                    void *out)
{
    struct mill_scalar scalar;
    bool oom = false;
    if (!scalar_view(d, at, &scalar))
        return fail_place(d, place, mill_scalar_expected(place->field), at);
    if (mill_scalar_read(place->field, &scalar, d->arena, out, &oom))
        return MILL_OK;
    return oom ? no_memory(d) : fail_place(d, place, mill_scalar_expected(place->field), at);
}

/* JSON text is printed anew: the arena keeps it, without white space and with one spelling. */
static enum mill_status read_json(struct decoder *d, size_t at, void *out)
{
    struct mill_buf text = {0};
    mill_json_write(&text, &d->json, at);
    struct mill_view copy = {NULL, 0};
    if (!text.failed)
        copy = mill_arena_copy(d->arena, mill_buf_view(&text));
    mill_buf_release(&text);
    if (copy.ptr == NULL)
        return no_memory(d);
    *(struct mill_view *)out = copy;
    return MILL_OK;
}

static enum mill_status read_value(struct decoder *d, const struct place *place, size_t at,
                                   void *out)
{
    const struct mill_field *field = place->field;
    if (field->type == MILL_F_JSON)
        return read_json(d, at, out);
    if (field->type != MILL_F_MESSAGE)
        return read_scalar(d, place, at, out);
    if (mill_json_type(&d->json, at) != MILL_JSON_OBJECT)
        return fail_place(d, place, "an object", at);
    /* Only list items are new: what is embedded was made absent with the struct around it, in
     * which other fields have come by now. */
    if (place->index >= 0)
        mill_message_init(field->message, out);
    return read_message(d, place, field->message, at, out);
}

static void set_list(void *base, const struct mill_field *field, const void *items,
                     size_t count)
{
    memcpy((char *)base + field->offset, &items, sizeof(items));
    *(size_t *)(void *)((char *)base + field->count_offset) = count;
}

static enum mill_status check_count(struct decoder *d, const struct place *place, size_t count)
{
    size_t max = place->field->max_items != 0 ? place->field->max_items : MILL_MAX_ITEMS;
    char text[80];
    if (count <= max)
        return MILL_OK;
    snprintf(text, sizeof(text), ": %zu items came, at most %zu are allowed", count, max);
    return fail_text(d, place, text);
}

static enum mill_status read_list(struct decoder *d, const struct place *place, size_t at,
                                  void *base)
{
    const struct mill_field *field = place->field;
    if (mill_json_type(&d->json, at) != MILL_JSON_ARRAY)
        return fail_place(d, place, "a list", at);
    size_t count = mill_json_count(&d->json, at);
    enum mill_status st = check_count(d, place, count);
    if (st != MILL_OK)
        return st;
    size_t size = mill_field_item_size(field);
    char *items = mill_arena_zero(d->arena, count, size);
    if (items == NULL)
        return no_memory(d);
    struct place item = *place;
    size_t i = mill_json_first(at);
    for (size_t n = 0; n < count && st == MILL_OK; n++) {
        item.index = (int64_t)n;
        st = read_value(d, &item, i, items + n * size);
        i = mill_json_skip(&d->json, i);
    }
    if (st == MILL_OK)
        set_list(base, field, items, count);
    return st;
}

static enum mill_status read_map(struct decoder *d, const struct place *place, size_t at,
                                 void *base)
{
    if (mill_json_type(&d->json, at) != MILL_JSON_OBJECT)
        return fail_place(d, place, "an object of texts", at);
    size_t count = mill_json_count(&d->json, at);
    enum mill_status st = check_count(d, place, count);
    if (st != MILL_OK)
        return st;
    struct mill_tag *items = mill_arena_zero(d->arena, count, sizeof(*items));
    if (items == NULL)
        return no_memory(d);
    size_t i = mill_json_first(at);
    for (size_t n = 0; n < count; n++) {
        items[n].key = mill_json_string(&d->json, i++);
        if (mill_json_type(&d->json, i) != MILL_JSON_STRING)
            return fail_place(d, place, "an object of texts", i);
        items[n].value = mill_json_string(&d->json, i++);
    }
    set_list(base, place->field, items, count);
    return MILL_OK;
}

/* The struct behind a pointer field, made when its first field comes. */
static void *pointed(struct decoder *d, const struct mill_field *field, void *base)
{
    void *target;
    memcpy(&target, (char *)base + field->offset, sizeof(target));
    if (target == NULL) {
        target = mill_arena_zero(d->arena, 1, field->message->size);
        if (target == NULL)
            return NULL;
        mill_message_init(field->message, target);
        memcpy((char *)base + field->offset, &target, sizeof(target));
    }
    return target;
}

static enum mill_status read_field(struct decoder *d, const struct place *place, size_t at,
                                   void *base)
{
    const struct mill_field *field = place->field;
    void *out = (char *)base + field->offset;
    if (field->type == MILL_F_CONSTANT)
        return MILL_OK;
    if ((field->flags & MILL_FIELD_REPEATED) != 0)
        return read_list(d, place, at, base);
    if (field->type == MILL_F_MAP)
        return read_map(d, place, at, base);
    if (field->type == MILL_F_MESSAGE && (field->flags & MILL_FIELD_POINTER) != 0) {
        if (mill_json_type(&d->json, at) != MILL_JSON_OBJECT)
            return fail_place(d, place, "an object", at);
        out = pointed(d, field, base);
        if (out == NULL)
            return no_memory(d);
    }
    enum mill_status st = read_value(d, place, at, out);
    if (st == MILL_OK && field->has_offset != 0)
        *((bool *)base + field->has_offset) = true;
    return st;
}

/* --- objects ---------------------------------------------------------------------------- */

/* Marks a field as seen. False when it came under its other name before. */
static bool mark(struct seen *seen, size_t index, bool camel)
{
    uint64_t bit = 1ULL << index;
    if (camel)
        seen->camel |= bit;
    else
        seen->snake |= bit;
    return (seen->camel & seen->snake & bit) == 0;
}

/* A field of an inlined sub-message: where it is and in which struct it goes. */
static enum mill_status read_inlined(struct decoder *d, const struct place *parent,
                                     const struct mill_message *message, struct mill_view name,
                                     size_t at, void *base)
{
    bool camel;
    for (size_t i = 0; i < message->field_count; i++) {
        const struct mill_field *outer = &message->fields[i];
        if ((outer->flags & MILL_FIELD_INLINE) == 0)
            continue;
        size_t index = mill_field_find(outer->message, name, 0, &camel);
        if (index >= outer->message->field_count)
            continue;
        void *target = pointed(d, outer, base);
        if (target == NULL)
            return no_memory(d);
        struct place place = {parent, &outer->message->fields[index], -1};
        return read_field(d, &place, at, target);
    }
    return MILL_OK;
}

static enum mill_status read_members(struct decoder *d, const struct place *parent,
                                     const struct mill_message *message, size_t at, void *out,
                                     struct seen *seen)
{
    size_t guess = 0;
    size_t end = mill_json_end(&d->json, at);
    for (size_t i = mill_json_first(at); i < end; i = mill_json_skip(&d->json, i)) {
        struct mill_view name = mill_json_string(&d->json, i++);
        bool camel = false;
        size_t index = mill_field_find(message, name, guess, &camel);
        enum mill_status st = MILL_OK;
        if (mill_json_type(&d->json, i) == MILL_JSON_NULL)
            continue;
        if (index < message->field_count) {
            struct place place = {parent, &message->fields[index], -1};
            guess = index + 1;
            if (!mark(seen, index, camel))
                return fail_text(d, &place,
                                 ": came twice, in snake_case and in camelCase; "
                                 "send it once");
            st = read_field(d, &place, i, out);
        } else {
            st = read_inlined(d, parent, message, name, i, out);
        }
        if (st != MILL_OK)
            return st;
    }
    return MILL_OK;
}

static enum mill_status check_required(struct decoder *d, const struct place *parent,
                                       const struct mill_message *message, const void *value,
                                       struct seen *seen)
{
    for (size_t i = 0; i < message->field_count; i++) {
        const struct mill_field *field = &message->fields[i];
        if ((field->flags & MILL_FIELD_REQUIRED) == 0)
            continue;
        bool came = ((seen->snake | seen->camel) >> i & 1) != 0;
        if (came && field->type == MILL_F_STRING && (field->flags & MILL_FIELD_REPEATED) == 0)
            came = !mill_view_empty(
                *(const struct mill_view *)(const void *)((const char *)value + field->offset));
        if (!came) {
            struct place place = {parent, field, -1};
            char text[96];
            snprintf(text, sizeof(text), ": missing; send %s", mill_scalar_expected(field));
            return fail_text(d, &place, text);
        }
    }
    return MILL_OK;
}

/* Reads into *out, whose fields are absent. Recursion is bounded by the tables. */
static enum mill_status read_message(struct decoder *d, const struct place *place,
                                     const struct mill_message *message, size_t at, void *out)
{
    struct seen seen = {0, 0};
    enum mill_status st = read_members(d, place, message, at, out, &seen);
    if (st != MILL_OK)
        return st;
    return check_required(d, place, message, out, &seen);
}

/* --- whole bodies ----------------------------------------------------------------------- */

/* Parses the body, and what a string that is the body holds. */
static enum mill_status parse_body(struct decoder *d, struct mill_view body)
{
    static const char empty[2 + MILL_JSON_PADDING] = "{}";
    if (mill_view_empty(mill_view_trim(body)))
        body = (struct mill_view){empty, 2};
    enum mill_status st = mill_json_parse(body, d->arena, &d->json, d->err);
    if (st != MILL_OK || mill_json_type(&d->json, d->json.root) != MILL_JSON_STRING)
        return st;
    struct mill_view inner = mill_json_pad(mill_json_string(&d->json, d->json.root), d->arena);
    if (inner.ptr == NULL)
        return no_memory(d);
    return mill_json_parse(inner, d->arena, &d->json, d->err);
}

static enum mill_status decode(struct decoder *d, const struct mill_message *message,
                               struct mill_view body, void *out)
{
    enum mill_status st = parse_body(d, body);
    if (st != MILL_OK)
        return st;
    if (mill_json_type(&d->json, d->json.root) != MILL_JSON_OBJECT)
        return mill_fail(d->err, MILL_E_INVALID,
                         "the request's body must be a JSON object, as in {\"name\": ...}");
    return read_message(d, NULL, message, d->json.root, out);
}

enum mill_status mill_decode_json(const struct mill_message *message, struct mill_view body,
                                  struct mill_arena *arena, void *out, struct mill_error *err)
{
    struct decoder d = {.arena = arena, .err = err};
    mill_message_init(message, out);
    enum mill_status st = decode(&d, message, body, out);
    mill_json_done();
    return st;
}
