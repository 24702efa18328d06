/* time_text.h - times and durations as the protocol writes them in JSON. Any thread. */
#ifndef MILL_WIRE_TIME_TEXT_H
#define MILL_WIRE_TIME_TEXT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"

/* Reads "2025-01-02T03:04:05.678Z", with any fraction of seconds or none, and Z or an offset
 * such as +01:00, as milliseconds since 1970. False when text is something else. */
bool mill_time_read(struct mill_view text, int64_t *ms_out);

/* Reads "1.5s" as milliseconds, up to 10^12 seconds. False when text is something else. */
bool mill_duration_read(struct mill_view text, int64_t *ms_out);

/* The same the other way, with three digits of a fraction where there is one. ptr NULL when out
 * of memory, and for times beyond what the calendar has. */
struct mill_view mill_time_write(int64_t ms, struct mill_arena *arena);
struct mill_view mill_duration_write(int64_t ms, struct mill_arena *arena);

#endif
