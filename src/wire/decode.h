/* decode.h - requests into structs, by their message tables.
 *
 * The rules are those of JSON for protocol messages: names in snake_case or camelCase, numbers
 * also as text, enums by name or number, null like absent, unknown fields ignored. What is
 * wrong is refused with MILL_E_INVALID: the message names the field ("metrics[3].value"), what
 * came and what was expected. Any thread. */
#ifndef MILL_WIRE_DECODE_H
#define MILL_WIRE_DECODE_H

#include "base/arena.h"
#include "wire/json.h"
#include "wire/message.h"

/* Makes everything in the struct absent, or what its row says it is by default. */
void mill_message_init(const struct mill_message *message, void *out);

/* Reads a JSON object into *out. body has MILL_JSON_PADDING readable bytes behind it; an empty
 * one counts as {}. Also takes a JSON string that holds the object, as very old clients send.
 * Texts and lists are allocated in arena; the body is not needed afterwards. On failure *out
 * holds anything. MILL_E_INVALID, MILL_E_TOO_LARGE, MILL_E_NOMEM. */
enum mill_status mill_decode_json(const struct mill_message *message, struct mill_view body,
                                  struct mill_arena *arena, void *out, struct mill_error *err);

/* Reads the part of a URL behind '?' into *out: each parameter is a field, a list field takes
 * every occurrence (also as name[] and name[0]), for others the first one counts. Fields that
 * are messages are not read. */
enum mill_status mill_decode_query(const struct mill_message *message, struct mill_view query,
                                   struct mill_arena *arena, void *out, struct mill_error *err);

#endif
