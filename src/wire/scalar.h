/* scalar.h - what bodies and query strings share: fields by name, single values by type. */
#ifndef MILL_WIRE_SCALAR_H
#define MILL_WIRE_SCALAR_H

#include "base/arena.h"
#include "wire/message.h"

enum mill_scalar_kind {
    MILL_SCALAR_TEXT,
    MILL_SCALAR_INT,
    MILL_SCALAR_DOUBLE,
    MILL_SCALAR_BOOL
};

/* A value as it came. */
struct mill_scalar {
    enum mill_scalar_kind kind;
    struct mill_view text;
    int64_t integer;
    double number;
    bool truth;
};

/* Index of the field of that name, in snake_case or camelCase (*camel_out says which), or
 * field_count. guess is where it probably is. */
size_t mill_field_find(const struct mill_message *message, struct mill_view name, size_t guess,
                       bool *camel_out);

/* Bytes of one item of a list field, or of the field itself. */
size_t mill_field_item_size(const struct mill_field *field);

/* Puts the scalar into *out as the field's type. False when it does not fit, or when memory
 * is out (*oom). The field's type is none of MESSAGE, MAP, JSON, CONSTANT. */
bool mill_scalar_read(const struct mill_field *field, const struct mill_scalar *scalar,
                      struct mill_arena *arena, void *out, bool *oom);

/* "a string", "an integer" ...: what the field takes, for messages. */
const char *mill_scalar_expected(const struct mill_field *field);

#endif
