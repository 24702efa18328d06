/* encode.h - structs as JSON, by their message tables.
 *
 * All functions append; a buffer that cannot grow says so in `failed`. Texts must be valid
 * UTF-8. Any thread. */
#ifndef MILL_WIRE_ENCODE_H
#define MILL_WIRE_ENCODE_H

#include "base/json_text.h"
#include "wire/message.h"

/* The struct that message describes as a JSON object. Absent fields are left out, but for
 * those that are MILL_FIELD_ALWAYS. */
void mill_encode(struct mill_buf *out, const struct mill_message *message, const void *value);

/* Single values; NaN and infinities are strings. Texts: base/json_text.h. */
void mill_encode_int(struct mill_buf *out, int64_t value);
void mill_encode_double(struct mill_buf *out, double value);

#endif
