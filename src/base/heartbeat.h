/* heartbeat.h - the text of the tag by which a logger says that it lives (MILL_HEARTBEAT_TAG).
 */
#ifndef MILL_BASE_HEARTBEAT_H
#define MILL_BASE_HEARTBEAT_H

#include "base/view.h"

/* A sign of life: when, and how often there is one. */
struct mill_heartbeat {
    int64_t last_ms;
    int64_t interval_s;
};

/* Reads "MILLISECONDS SECONDS"; false for any other text. */
bool mill_heartbeat_read(struct mill_view text, struct mill_heartbeat *out);

/* For how long there was no sign of life, or MILL_ABSENT while that says nothing: three
 * intervals may pass. */
int64_t mill_heartbeat_silent_ms(const struct mill_heartbeat *beat, int64_t now_ms);

#endif
