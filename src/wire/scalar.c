/* scalar.c - fields by name and single values by type. */
#include "wire/scalar.h"

#include <math.h>

#include "base/number.h"
#include "wire/decode.h"
#include "wire/json.h"

/* --- fields ----------------------------------------------------------------------------- */

static bool upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

/* Whether name is the camelCase form of the snake_case field name. */
static bool is_camel(struct mill_view name, const struct mill_field *field)
{
    size_t i = 0;
    for (size_t j = 0; j < field->name_len; j++) {
        char c = field->name[j];
        if (c == '_' && j + 1 < field->name_len) {
            c = field->name[++j];
            if (c >= 'a' && c <= 'z')
                c = (char)(c - 'a' + 'A');
        }
        if (i >= name.len || name.ptr[i++] != c)
            return false;
    }
    return i == name.len;
}

/* Inlined messages have no name of their own. */
static bool is_named(struct mill_view name, const struct mill_field *field)
{
    return (field->flags & MILL_FIELD_INLINE) == 0 && name.len == field->name_len &&
           memcmp(name.ptr, field->name, name.len) == 0;
}

size_t mill_field_find(const struct mill_message *message, struct mill_view name, size_t guess,
                       bool *camel_out)
{
    size_t count = message->field_count;
    *camel_out = false;
    if (guess < count && is_named(name, &message->fields[guess]))
        return guess;
    for (size_t i = 0; i < count; i++)
        if (is_named(name, &message->fields[i]))
            return i;
    bool any = false;
    for (size_t i = 0; i < name.len && !any; i++)
        any = upper(name.ptr[i]);
    if (!any)
        return count;
    for (size_t i = 0; i < count; i++) {
        if ((message->fields[i].flags & MILL_FIELD_INLINE) == 0 &&
            is_camel(name, &message->fields[i])) {
            *camel_out = true;
            return i;
        }
    }
    return count;
}

size_t mill_field_item_size(const struct mill_field *field)
{
    switch (field->type) {
    case MILL_F_INT64:
    case MILL_F_INT32:
    case MILL_F_ID:
        return sizeof(int64_t);
    case MILL_F_DOUBLE:
        return sizeof(double);
    case MILL_F_BOOL:
        return sizeof(bool);
    case MILL_F_ENUM:
        return sizeof(int);
    case MILL_F_MESSAGE:
        return field->message->size;
    case MILL_F_STRING:
    case MILL_F_JSON:
        return sizeof(struct mill_view);
    case MILL_F_MAP:
        return sizeof(struct mill_tag);
    case MILL_F_CONSTANT:
        break;
    }
    return 1;
}

/* Several embedded messages may be views of one struct, as the parts of a run are: so each
 * sets its own fields alone. */
static void init_fields(const struct mill_message *message, void *out)
{
    for (size_t i = 0; i < message->field_count; i++) {
        const struct mill_field *field = &message->fields[i];
        void *at = (char *)out + field->offset;
        if ((field->flags & MILL_FIELD_REPEATED) != 0)
            continue;
        switch (field->type) {
        case MILL_F_INT64:
        case MILL_F_INT32:
        case MILL_F_ID:
            *(int64_t *)at = field->default_number;
            break;
        case MILL_F_ENUM:
            *(int *)at = (int)field->default_number;
            break;
        case MILL_F_BOOL:
            *(bool *)at = field->default_number == 1;
            break;
        case MILL_F_MESSAGE:
            if ((field->flags & MILL_FIELD_POINTER) == 0)
                init_fields(field->message, at);
            break;
        case MILL_F_STRING:
        case MILL_F_DOUBLE:
        case MILL_F_MAP:
        case MILL_F_JSON:
        case MILL_F_CONSTANT:
            break;
        }
    }
}

void mill_message_init(const struct mill_message *message, void *out)
{
    memset(out, 0, message->size);
    init_fields(message, out);
}

/* --- values ----------------------------------------------------------------------------- */

/* Numbers with a point are taken when nothing stands behind it. */
static bool whole_number(double number, int64_t *out)
{
    if (!(number >= -0x1p63 && number < 0x1p63) || number != floor(number))
        return false;
    *out = (int64_t)number;
    return true;
}

static bool read_int(const struct mill_scalar *scalar, int64_t *out)
{
    double number;
    switch (scalar->kind) {
    case MILL_SCALAR_INT:
        *out = scalar->integer;
        return true;
    case MILL_SCALAR_DOUBLE:
        return whole_number(scalar->number, out);
    case MILL_SCALAR_TEXT:
        if (mill_view_int(scalar->text, out))
            return true;
        return mill_parse_double(scalar->text, &number) && whole_number(number, out);
    case MILL_SCALAR_BOOL:
        break;
    }
    return false;
}

static bool read_double(const struct mill_scalar *scalar, double *out)
{
    switch (scalar->kind) {
    case MILL_SCALAR_INT:
        *out = (double)scalar->integer;
        return true;
    case MILL_SCALAR_DOUBLE:
        *out = scalar->number;
        return true;
    case MILL_SCALAR_TEXT:
        return mill_parse_double(scalar->text, out);
    case MILL_SCALAR_BOOL:
        *out = scalar->truth ? 1.0 : 0.0;
        return true;
    }
    return false;
}

static bool read_enum(const struct mill_field *field, const struct mill_scalar *scalar,
                      int *out)
{
    int64_t number = 0;
    bool by_number = read_int(scalar, &number);
    for (const struct mill_enum_name *n = field->names; n->name != NULL; n++) {
        bool match = by_number ? n->number == number
                               : scalar->kind == MILL_SCALAR_TEXT &&
                                     mill_view_eq(scalar->text, mill_view_of(n->name));
        if (match) {
            *out = n->number;
            return true;
        }
    }
    return false;
}

static bool read_bool(const struct mill_scalar *scalar, bool *out)
{
    if (scalar->kind == MILL_SCALAR_BOOL) {
        *out = scalar->truth;
        return true;
    }
    if (scalar->kind != MILL_SCALAR_TEXT)
        return false;
    *out = mill_view_eq_nocase(scalar->text, MILL_VIEW("true"));
    return *out || mill_view_eq_nocase(scalar->text, MILL_VIEW("false"));
}

static bool read_string(const struct mill_field *field, const struct mill_scalar *scalar,
                        struct mill_arena *arena, struct mill_view *out, bool *oom)
{
    if (scalar->kind == MILL_SCALAR_TEXT) {
        *out = scalar->text;
        return true;
    }
    if ((field->flags & MILL_FIELD_STRINGIFY) == 0)
        return false;
    char digits[MILL_DOUBLE_SIZE];
    if (scalar->kind == MILL_SCALAR_INT)
        *out = mill_arena_printf(arena, "%lld", (long long)scalar->integer);
    else if (scalar->kind == MILL_SCALAR_DOUBLE)
        *out = mill_arena_copy(
            arena, (struct mill_view){digits, mill_format_double(digits, scalar->number)});
    else
        *out = scalar->truth ? MILL_VIEW("true") : MILL_VIEW("false");
    *oom = out->ptr == NULL;
    return !*oom;
}

bool mill_scalar_read(const struct mill_field *field, const struct mill_scalar *scalar,
                      struct mill_arena *arena, void *out, bool *oom)
{
    int64_t number = 0;
    switch (field->type) {
    case MILL_F_STRING:
        return read_string(field, scalar, arena, out, oom);
    case MILL_F_INT32:
        if (!read_int(scalar, &number) || number < INT32_MIN || number > INT32_MAX)
            return false;
        *(int64_t *)out = number;
        return true;
    case MILL_F_ID:
        if (scalar->kind == MILL_SCALAR_TEXT &&
            mill_view_int(mill_view_trim(scalar->text), &number)) {
            *(int64_t *)out = number;
            return number != MILL_ABSENT;
        }
        __attribute__((fallthrough)); /* ids may also be numbers */
    case MILL_F_INT64:
        /* The lowest number means "absent" in our structs; nobody needs it. */
        if (!read_int(scalar, &number) || number == MILL_ABSENT)
            return false;
        *(int64_t *)out = number;
        return true;
    case MILL_F_DOUBLE:
        return read_double(scalar, out);
    case MILL_F_BOOL:
        return read_bool(scalar, out);
    case MILL_F_ENUM:
        return read_enum(field, scalar, out);
    case MILL_F_MESSAGE:
    case MILL_F_MAP:
    case MILL_F_JSON:
    case MILL_F_CONSTANT:
        break;
    }
    return false;
}

const char *mill_scalar_expected(const struct mill_field *field)
{
    switch (field->type) {
    case MILL_F_STRING:
        return "a string";
    case MILL_F_INT64:
        return "an integer of 64 bits";
    case MILL_F_INT32:
        return "an integer of 32 bits";
    case MILL_F_ID:
        return "an id, which is a decimal number or the same as a string";
    case MILL_F_DOUBLE:
        return "a number";
    case MILL_F_BOOL:
        return "true or false";
    case MILL_F_ENUM:
        return field->text;
    case MILL_F_MESSAGE:
        return "an object";
    case MILL_F_MAP:
        return "an object of texts";
    case MILL_F_JSON:
    case MILL_F_CONSTANT:
        break;
    }
    return "a value";
}
