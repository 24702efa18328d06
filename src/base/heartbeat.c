/* heartbeat.c - see heartbeat.h. */
#include "base/heartbeat.h"

#include <millstream/logger.h>

bool mill_heartbeat_read(struct mill_view text, struct mill_heartbeat *out)
{
    struct mill_view first;
    struct mill_view second = mill_view_cut(text, ' ', &first);
    struct mill_heartbeat beat;
    if (!mill_view_int(first, &beat.last_ms) || !mill_view_int(second, &beat.interval_s) ||
        beat.last_ms < 0 || beat.interval_s < 1 || beat.interval_s > MILL_MAX_HEARTBEAT_S)
        return false;
    *out = beat;
    return true;
}

int64_t mill_heartbeat_silent_ms(const struct mill_heartbeat *beat, int64_t now_ms)
{
    int64_t silent_ms = now_ms - beat->last_ms;
    return silent_ms > 3 * beat->interval_s * 1000 ? silent_ms : MILL_ABSENT;
}
