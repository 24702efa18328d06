/* segment.c - stored metric points, as a damaged database might hold them. The first byte
 * chooses between a segment and a tail. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "store/points.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum mill_status count_point(void *context, struct mill_view key,
                                    struct mill_point point, struct mill_error *err)
{
    size_t *count = context;
    (void)point;
    (void)err;
    assert(key.len == 0 || key.ptr != NULL);
    (*count)++;
    return MILL_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    struct mill_view bytes = {(const char *)data + 1, size - 1};
    if (data[0] == 't') {
        size_t count = 0;
        mill_tail_each(bytes, count_point, &count, NULL);
        assert(count <= bytes.len / 10 + 1); /* a point has at least ten bytes */
        return 0;
    }
    struct mill_points list = {0}, again = {0};
    struct mill_buf encoded = {0};
    if (mill_segment_decode(bytes, &list, NULL) == MILL_OK) {
        /* What was understood goes there and back. */
        mill_segment_encode(&encoded, list.items, list.count);
        assert(mill_segment_decode(mill_buf_view(&encoded), &again, NULL) == MILL_OK);
        assert(again.count == list.count);
        assert(memcmp(again.items, list.items, list.count * sizeof(*list.items)) == 0);
        mill_points_sort(&list, mill_point_cmp);
    }
    mill_points_release(&list);
    mill_points_release(&again);
    mill_buf_release(&encoded);
    return 0;
}
