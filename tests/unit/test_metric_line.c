/* test_metric_line.c - points as lines of an mlruns tree, of every age of MLflow. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/view.h"
#include "store/metric_line.h"

static void lines_of_all_ages_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        int64_t timestamp, step;
        double value;
        size_t fields;
    } rows[] = {
        {"1600000000 0.5", 1600000000, 0, 0.5, 2},
        {"1600000000000 0.1 7", 1600000000000, 7, 0.1, 3},
        {"1 2 -3", 1, -3, 2, 3},
        {"1 -1e-05 2", 1, 2, -1e-05, 3},
        {"1 +.5 2", 1, 2, 0.5, 3},
        {"1 5. 2", 1, 2, 5, 3},
        {"1 inf 2", 1, 2, (double)INFINITY, 3},
        {"1 -Infinity 2", 1, 2, -(double)INFINITY, 3},
        {"1 1e999 2", 1, 2, (double)INFINITY, 3},
        {"1 1e-999 2", 1, 2, 0, 3},
        {"1 0.25 4 iris d1g", 1, 4, 0.25, 5},
        {"1 0.25 4 two words d1g", 1, 4, 0.25, 6},
        {"1  0.25\t4\r", 1, 4, 0.25, 3},
    };
    for (size_t i = 0; i < MILL_COUNT(rows); i++) {
        struct mill_point point = {0};
        size_t fields = 0;
        if (!mill_metric_line_read(mill_view_of(rows[i].line), &point, &fields))
            fail_msg("%s", rows[i].line);
        assert_true(point.timestamp == rows[i].timestamp);
        assert_true(point.step == rows[i].step);
        assert_true(point.value == rows[i].value);
        assert_int_equal(fields, rows[i].fields);
    }
    struct mill_point point = {0};
    size_t fields = 0;
    assert_true(mill_metric_line_read(MILL_VIEW("1 nan 2"), &point, &fields));
    assert_true(isnan(point.value));
}

static void other_lines_are_refused(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "",          " ",         "1",         "x 0.5 1", "1 x 1",   "1 0.5 x",
        "1 0.5 1.5", "1 0.5 1 a", "1.5 0.5 1", "1 0x1 2", "1 --1 2", "1 +-1 2",
        "1 1e 2",    "1 0.5 1 2", "1 infin 1", "1 1_0 2", "1 - 2",   "99999999999999999999 1 1",
    };
    for (size_t i = 0; i < MILL_COUNT(lines); i++) {
        struct mill_point point = {7, 7, 7};
        size_t fields = 7;
        if (mill_metric_line_read(mill_view_of(lines[i]), &point, &fields))
            fail_msg("%s", lines[i]);
        assert_true(point.step == 7 && fields == 7);
    }
}

static void points_are_written_as_python_does(void **state)
{
    (void)state;
    static const struct mill_metric_link data = {.dataset_name = {"iris", 4},
                                                 .dataset_digest = {"d1g", 3}};
    static const struct mill_metric_link spaced = {.dataset_name = {"my iris", 7},
                                                   .dataset_digest = {"d1g", 3}};
    static const struct mill_metric_link model = {.model_id = {"m-1", 3}};
    static const struct {
        struct mill_metric metric;
        bool brief;
        const char *line;
    } rows[] = {
        {{{0}, 0.1, 1600000000000, 7, NULL}, false, "1600000000000 0.1 7\n"},
        {{{0}, 1, 1, 0, NULL}, false, "1 1.0 0\n"},
        {{{0}, 1e16, 1, 0, NULL}, false, "1 1e+16 0\n"},
        {{{0}, -1e-5, 1, -2, NULL}, false, "1 -1e-05 -2\n"},
        {{{0}, (double)NAN, 1, 0, NULL}, false, "1 nan 0\n"},
        {{{0}, (double)INFINITY, 1, 0, NULL}, false, "1 inf 0\n"},
        {{{0}, -(double)INFINITY, 1, 0, NULL}, false, "1 -inf 0\n"},
        {{{0}, 0.5, 1, 2, &data}, false, "1 0.5 2 iris d1g\n"},
        {{{0}, 0.5, 1, 2, &spaced}, false, "1 0.5 2\n"},
        {{{0}, 0.5, 1, 2, &model}, false, "1 0.5 2\n"},
        {{{0}, 0.5, 1, 0, &data}, true, "1 0.5\n"},
        {{{0}, 0.5, 1, 3, NULL}, true, "1 0.5 3\n"},
    };
    for (size_t i = 0; i < MILL_COUNT(rows); i++) {
        struct mill_buf out = {0};
        mill_metric_line_write(&out, &rows[i].metric, rows[i].brief);
        mill_buf_add_char(&out, '\0');
        assert_string_equal(out.ptr, rows[i].line);
        mill_buf_release(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_of_all_ages_are_read),
        cmocka_unit_test(other_lines_are_refused),
        cmocka_unit_test(points_are_written_as_python_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
