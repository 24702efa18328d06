/* entry.h - what a line of `runs log-batch` says: one JSON object, without lists or objects in
 * it.
 *
 *   {"key": "loss", "value": 0.5, "step": 7, "timestamp": 1700000000000}   a point of a metric
 *   {"param": "rate", "value": "0.1"}
 *   {"tag": "host", "value": "gpu1"}
 *
 * step and timestamp may be left out. The value of a metric is a number, or one of the texts or
 * words NaN, Infinity and -Infinity; that of a param or tag is a text, or a number, true or
 * false as it is written. */
#ifndef MILL_CLI_ENTRY_H
#define MILL_CLI_ENTRY_H

#include <millstream/types.h>

#include "base/arena.h"

enum mill_entry_kind { MILL_ENTRY_METRIC, MILL_ENTRY_PARAM, MILL_ENTRY_TAG };

struct mill_entry {
    enum mill_entry_kind kind;
    struct mill_view key;
    double number;         /* of a metric */
    struct mill_view text; /* of a param or tag */
    int64_t step;          /* MILL_ABSENT when not given */
    int64_t timestamp;     /* the same */
};

/* Reads a line of foreign text; what out points to lies in arena. MILL_E_INVALID says what is
 * wrong and where, without naming the line; MILL_E_NOMEM. Any thread, one for each arena. */
enum mill_status mill_entry_read(struct mill_view line, struct mill_arena *arena,
                                 struct mill_entry *out, struct mill_error *err);

#endif
