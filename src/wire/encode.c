/* encode.c - structs to JSON by their tables; the hot half of every answer. */
#include "wire/encode.h"

#include <math.h>

#include "base/number.h"
#include "wire/json.h"
#include "wire/scalar.h"

/* Room for more bytes at the end, or NULL. After a failure what is written does not matter. */
static inline char *room(struct mill_buf *out, size_t more)
{
    if (more > out->cap - out->len && !mill_buf_reserve(out, more))
        return NULL;
    return out->ptr + out->len;
}

static inline void add_char(struct mill_buf *out, char c)
{
    char *to = room(out, 1);
    if (to != NULL) {
        *to = c;
        out->len++;
    }
}

static inline void add_text(struct mill_buf *out, const char *text, size_t len)
{
    char *to = room(out, len);
    if (to != NULL) {
        memcpy(to, text, len);
        out->len += len;
    }
}

/* --- single values ---------------------------------------------------------------------- */

/* Two digits at a time: half as many divisions. */
static char *write_digits(char *end, uint64_t value)
{
    static const char pairs[] = "00010203040506070809101112131415161718192021222324"
                                "25262728293031323334353637383940414243444546474849"
                                "50515253545556575859606162636465666768697071727374"
                                "75767778798081828384858687888990919293949596979899";
    while (value >= 100) {
        end -= 2;
        memcpy(end, pairs + value % 100 * 2, 2);
        value /= 100;
    }
    if (value >= 10) {
        end -= 2;
        memcpy(end, pairs + value * 2, 2);
    } else {
        *--end = (char)('0' + value);
    }
    return end;
}

void mill_encode_int(struct mill_buf *out, int64_t value)
{
    char digits[24];
    char *end = digits + sizeof(digits);
    char *p = write_digits(end, value < 0 ? 0 - (uint64_t)value : (uint64_t)value);
    if (value < 0)
        *--p = '-';
    add_text(out, p, (size_t)(end - p));
}

void mill_encode_double(struct mill_buf *out, double value)
{
    char *to = room(out, MILL_DOUBLE_SIZE + 2);
    if (to == NULL)
        return;
    bool quoted = !isfinite(value);
    if (quoted)
        *to++ = '"';
    to += mill_format_double(to, value);
    if (quoted)
        *to++ = '"';
    out->len = (size_t)(to - out->ptr);
}

/* --- fields ----------------------------------------------------------------------------- */

static const void *at(const void *base, size_t offset)
{
    return (const char *)base + offset;
}

static const void *pointer_at(const void *base, size_t offset)
{
    const void *pointer;
    memcpy(&pointer, at(base, offset), sizeof(pointer));
    return pointer;
}

static size_t count_at(const void *base, const struct mill_field *field)
{
    return *(const size_t *)at(base, field->count_offset);
}

static const char *enum_name(const struct mill_enum_name *names, int number)
{
    for (; names->name != NULL; names++)
        if (names->number == number)
            return names->name;
    return NULL;
}

static void add_members(struct mill_buf *out, const struct mill_message *message,
                        const void *value);

static void add_map(struct mill_buf *out, const struct mill_tag *items, size_t count)
{
    add_char(out, '{');
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            add_char(out, ',');
        mill_buf_add_json_string(out, items[i].key);
        add_char(out, ':');
        mill_buf_add_json_string(out, items[i].value);
    }
    add_char(out, '}');
}

/* One value of the field's type, whatever the field's flags. */
static void add_value(struct mill_buf *out, const struct mill_field *field, const void *value)
{
    switch (field->type) {
    case MILL_F_STRING:
        mill_buf_add_json_string(out, *(const struct mill_view *)value);
        break;
    case MILL_F_INT64:
    case MILL_F_INT32: {
        int64_t number = *(const int64_t *)value;
        mill_encode_int(out, number == MILL_ABSENT ? 0 : number);
        break;
    }
    case MILL_F_ID: {
        int64_t number = *(const int64_t *)value;
        add_char(out, '"');
        if (number != MILL_ABSENT)
            mill_encode_int(out, number);
        add_char(out, '"');
        break;
    }
    case MILL_F_DOUBLE:
        mill_encode_double(out, *(const double *)value);
        break;
    case MILL_F_BOOL:
        mill_buf_add_view(out, *(const bool *)value ? MILL_VIEW("true") : MILL_VIEW("false"));
        break;
    case MILL_F_ENUM: {
        const char *name = enum_name(field->names, *(const int *)value);
        mill_buf_add_json_string(out, mill_view_of(name != NULL ? name : ""));
        break;
    }
    case MILL_F_MESSAGE:
        mill_encode(out, field->message, value);
        break;
    case MILL_F_JSON: {
        struct mill_view text = *(const struct mill_view *)value;
        mill_buf_add_view(out, text.ptr != NULL ? text : MILL_VIEW("null"));
        break;
    }
    case MILL_F_CONSTANT:
        mill_buf_add_json_string(out, mill_view_of(field->text));
        break;
    case MILL_F_MAP:
        break; /* never single */
    }
}

static void add_list(struct mill_buf *out, const struct mill_field *field, const void *base,
                     size_t count)
{
    const char *items = pointer_at(base, field->offset);
    bool pointers = (field->flags & MILL_FIELD_POINTER) != 0;
    size_t size = pointers ? sizeof(void *) : mill_field_item_size(field);
    add_char(out, '[');
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            add_char(out, ',');
        const char *item = items + i * size;
        add_value(out, field, pointers ? pointer_at(item, 0) : item);
    }
    add_char(out, ']');
}

static bool absent(const struct mill_field *field, const void *base)
{
    const void *value = at(base, field->offset);
    if ((field->flags & MILL_FIELD_REPEATED) != 0 || field->type == MILL_F_MAP)
        return count_at(base, field) == 0;
    if (field->has_offset != 0)
        return !*(const bool *)at(base, field->has_offset);
    switch (field->type) {
    case MILL_F_STRING:
    case MILL_F_JSON:
        return ((const struct mill_view *)value)->ptr == NULL;
    case MILL_F_INT64:
    case MILL_F_INT32:
    case MILL_F_ID:
        return *(const int64_t *)value == MILL_ABSENT;
    case MILL_F_ENUM:
        return *(const int *)value == 0;
    case MILL_F_MESSAGE:
        return (field->flags & MILL_FIELD_POINTER) != 0 &&
               pointer_at(base, field->offset) == NULL;
    case MILL_F_DOUBLE:
    case MILL_F_BOOL:
    case MILL_F_CONSTANT:
    case MILL_F_MAP:
        break;
    }
    return false;
}

/* An embedded message without MILL_FIELD_ALWAYS is left out when nothing of it is there. */
static bool embedded_empty(const struct mill_field *field, const void *base)
{
    if (field->type != MILL_F_MESSAGE ||
        (field->flags & (MILL_FIELD_POINTER | MILL_FIELD_REPEATED | MILL_FIELD_ALWAYS)) != 0)
        return false;
    for (size_t i = 0; i < field->message->field_count; i++)
        if (!absent(&field->message->fields[i], at(base, field->offset)))
            return false;
    return true;
}

static void add_field(struct mill_buf *out, const struct mill_field *field, const void *base)
{
    bool missing = absent(field, base);
    if (missing && ((field->flags & MILL_FIELD_ALWAYS) == 0))
        return;
    const void *value = at(base, field->offset);
    if (field->type == MILL_F_MESSAGE && (field->flags & MILL_FIELD_REPEATED) == 0) {
        if ((field->flags & MILL_FIELD_POINTER) != 0)
            value = pointer_at(base, field->offset);
        else if (embedded_empty(field, base))
            return;
        if ((field->flags & MILL_FIELD_INLINE) != 0) {
            add_members(out, field->message, value);
            return;
        }
    }
    add_text(out, field->prefix, field->name_len + 3);
    if ((field->flags & MILL_FIELD_REPEATED) != 0)
        add_list(out, field, base, count_at(base, field));
    else if (field->type == MILL_F_MAP)
        add_map(out, pointer_at(base, field->offset), count_at(base, field));
    else if (value == NULL)
        add_text(out, "{}", 2);
    else
        add_value(out, field, value);
    add_char(out, ',');
}

/* Each member ends with a comma; the caller takes the last one back. */
static void add_members(struct mill_buf *out, const struct mill_message *message,
                        const void *value)
{
    for (size_t i = 0; i < message->field_count; i++)
        add_field(out, &message->fields[i], value);
}

void mill_encode(struct mill_buf *out, const struct mill_message *message, const void *value)
{
    add_char(out, '{');
    size_t start = out->len;
    add_members(out, message, value);
    if (out->len > start)
        out->ptr[out->len - 1] = '}';
    else
        add_char(out, '}');
}
