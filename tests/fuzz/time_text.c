/* time_text.c - any bytes as a time or a duration: what is read is written and read the same.
 */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/time_text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mill_arena arena = {0};
    struct mill_view text = {(const char *)data, size};
    int64_t ms, again;
    if (mill_duration_read(text, &ms)) {
        struct mill_view written = mill_duration_write(ms, &arena);
        assert(mill_duration_read(written, &again) && again == ms);
    }
    /* at the ends of the calendar an offset leads out of it */
    if (mill_time_read(text, &ms) && ms > -62135596800000 && ms < 253402300800000) {
        struct mill_view written = mill_time_write(ms, &arena);
        assert(mill_time_read(written, &again) && again == ms);
    }
    mill_arena_release(&arena);
    return 0;
}
