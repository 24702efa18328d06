/* codec.h - texts that stand for bytes: base64, hex, percent coding. Any thread. */
#ifndef MILL_BASE_CODEC_H
#define MILL_BASE_CODEC_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/buf.h"

/* Standard alphabet, padded. */
void mill_base64_encode(struct mill_buf *out, struct mill_view bytes);

/* Strict decode into the arena; false when text is not padded base64 or memory is out. */
bool mill_base64_decode(struct mill_view text, struct mill_arena *arena, struct mill_view *out);

/* The same into out, which has room for text.len / 4 * 3 bytes; false when text is not padded
 * base64. */
bool mill_base64_decode_to(struct mill_view text, char *out, size_t *len_out);

/* Percent-decodes; with plus_is_space as in query strings. A '%' without two hex digits
 * stays as it is (as browsers and WSGI servers do). ptr NULL when out of memory. */
struct mill_view mill_percent_decode(struct mill_view text, bool plus_is_space,
                                     struct mill_arena *arena);

/* Percent-encodes all but unreserved characters and those in keep (may be NULL). */
void mill_percent_encode(struct mill_buf *out, struct mill_view text, const char *keep);

#endif
