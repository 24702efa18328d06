/* tag_text.c - any text of a param or tag: as a sign of life, as a number, in the order of
 * values, which has to be one. */
#include <math.h>
#include <stddef.h>
#include <stdint.h>

#include <millstream/types.h>

#include "base/heartbeat.h"
#include "server/numeric.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mill_view first, second = {(const char *)data, size};
    struct mill_heartbeat beat;
    double number;
    if (mill_heartbeat_read(second, &beat) &&
        (beat.interval_s < 1 || mill_heartbeat_silent_ms(&beat, beat.last_ms) != MILL_ABSENT))
        __builtin_trap();
    second = mill_view_cut(second, '\n', &first);
    if (mill_read_number(first, &number) && !isfinite(number))
        __builtin_trap();
    int order = mill_value_order(&first, &second), back = mill_value_order(&second, &first);
    if ((order < 0) != (back > 0) || (order == 0) != (back == 0))
        __builtin_trap();
    return 0;
}
