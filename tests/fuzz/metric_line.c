/* metric_line.c - lines of a metric file: what is understood is written and reads the same. */
#include <assert.h>
#include <math.h>
#include <stddef.h>
#include <stdint.h>

#include "base/view.h"
#include "store/metric_line.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool same(double a, double b)
{
    return a == b || (isnan(a) && isnan(b));
}

static void there_and_back(const struct mill_point *point)
{
    struct mill_metric metric = {
        .value = point->value, .timestamp = point->timestamp, .step = point->step};
    for (int brief = 0; brief < 2; brief++) {
        struct mill_buf line = {0};
        struct mill_point again;
        size_t fields;
        mill_metric_line_write(&line, &metric, brief == 1);
        assert(line.len != 0 && line.ptr[line.len - 1] == '\n');
        struct mill_view text = {line.ptr, line.len - 1};
        assert(mill_metric_line_read(text, &again, &fields));
        assert(fields == (brief == 1 && point->step == 0 ? 2u : 3u));
        assert(again.timestamp == point->timestamp && again.step == point->step);
        assert(same(again.value, point->value));
        mill_buf_release(&line);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mill_view rest = {(const char *)data, size};
    while (rest.ptr != NULL) {
        struct mill_view line;
        struct mill_point point;
        size_t fields;
        rest = mill_view_cut(rest, '\n', &line);
        if (mill_metric_line_read(line, &point, &fields))
            there_and_back(&point);
    }
    return 0;
}
