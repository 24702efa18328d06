/* test_points.c - metric points as bytes: what is written is read back, damage is noticed. */
#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "store/points.h"

/* What a tail gave, in order. */
struct seen {
    struct mill_metric items[20];
    size_t count;
};

static enum mill_status see(void *context, struct mill_view key, struct mill_point point,
                            struct mill_error *err)
{
    struct seen *s = context;
    (void)err;
    s->items[s->count++] =
        (struct mill_metric){key, point.value, point.timestamp, point.step, NULL};
    return MILL_OK;
}

static void a_tail_keeps_the_points_of_all_its_batches(void **state)
{
    (void)state;
    struct mill_metric metrics[] = {
        {MILL_VIEW("a"), 1.5, 1000, 1, NULL},
        {MILL_VIEW("a"), -0.0, 1001, -2, NULL},
        {MILL_VIEW("b"), DBL_MAX, INT64_MAX, INT64_MIN + 1, NULL},
        {MILL_VIEW(""), 0.1, 0, INT64_MAX, NULL},
    };
    struct mill_tail tail = {0};
    struct seen seen = {.count = 0};
    metrics[2].value = (double)INFINITY;
    mill_tail_add(&tail, metrics, 4);
    metrics[2].value = DBL_MAX; /* what is kept of it */
    mill_tail_add(&tail, metrics, 2);
    assert_int_equal(mill_tail_each(mill_buf_view(&tail.bytes), see, &seen, NULL), MILL_OK);
    assert_int_equal(seen.count, 6);
    for (size_t i = 0; i < 6; i++) {
        const struct mill_metric *want = &metrics[i % 4];
        assert_true(mill_view_eq(seen.items[i].key, want->key));
        assert_memory_equal(&seen.items[i].value, &want->value, sizeof(double));
        assert_int_equal(seen.items[i].timestamp, want->timestamp);
        assert_int_equal(seen.items[i].step, want->step);
    }
    for (size_t len = 0; len < tail.bytes.len; len++) {
        /* A cut may fall between two groups; then fewer points come out, never others. */
        seen.count = 0;
        enum mill_status st =
            mill_tail_each((struct mill_view){tail.bytes.ptr, len}, see, &seen, NULL);
        assert_true(st == MILL_E_CORRUPT || (st == MILL_OK && seen.count < 6));
    }
    mill_buf_release(&tail.bytes);
}

static void a_segment_gives_back_its_points(void **state)
{
    (void)state;
    struct mill_points list = {0}, back = {0};
    struct mill_buf bytes = {0};
    for (int64_t i = 0; i < MILL_SEGMENT_MAX; i++)
        mill_points_add(&list, (struct mill_point){i * 3 - 500, 1700000000000 + i * i,
                                                   i % 7 == 0 ? (double)NAN : (double)i / 7});
    mill_segment_encode(&bytes, list.items, list.count);
    assert_true(bytes.len < MILL_SEGMENT_MAX * 13);
    assert_int_equal(mill_segment_decode(mill_buf_view(&bytes), &back, NULL), MILL_OK);
    assert_int_equal(back.count, list.count);
    assert_memory_equal(back.items, list.items, list.count * sizeof(*list.items));
    for (size_t len = 0; len < bytes.len; len += 97)
        assert_int_equal(mill_segment_decode((struct mill_view){bytes.ptr, len}, &back, NULL),
                         MILL_E_CORRUPT);
    mill_buf_add_char(&bytes, 'x');
    assert_int_equal(mill_segment_decode(mill_buf_view(&bytes), &back, NULL), MILL_E_CORRUPT);
    mill_points_release(&list);
    mill_points_release(&back);
    mill_buf_release(&bytes);
}

static void sorting_drops_exact_repeats_only(void **state)
{
    (void)state;
    const double nan = (double)NAN;
    const struct mill_point in[] = {{2, 1, 5}, {1, 9, 5},   {2, 1, 5}, {2, 1, nan},
                                    {2, 1, 0}, {2, 1, nan}, {1, 8, 7}};
    struct mill_points list = {0};
    for (size_t i = 0; i < MILL_COUNT(in); i++)
        mill_points_add(&list, in[i]);
    mill_points_sort(&list, mill_point_cmp);
    assert_int_equal(list.count, 5);
    assert_int_equal(list.items[0].timestamp, 8);
    assert_int_equal(list.items[1].timestamp, 9);
    assert_true(list.items[2].value == 0.0);
    assert_true(isnan(list.items[3].value)); /* as 0, behind it */
    assert_true(list.items[4].value == 5.0);
    mill_points_sort(&list, mill_point_cmp_time);
    assert_int_equal(list.items[0].step, 2);
    assert_int_equal(list.items[4].timestamp, 9);
    mill_points_release(&list);
}

static void buckets_are_even_and_the_last_point_is_in(void **state)
{
    (void)state;
    struct mill_point series[60];
    for (size_t i = 0; i < 60; i++)
        series[i] = (struct mill_point){(int64_t)i, 0, 0};
    for (size_t count = 0; count < 60; count++) {
        for (size_t max = 1; max < 20; max++) {
            struct mill_point points[20];
            struct mill_picker p;
            mill_picker_init(&p, points, max, count);
            for (size_t i = 0; i < count; i += 7)
                mill_picker_see(&p, series + i, count - i < 7 ? count - i : 7);
            size_t n = mill_picker_finish(&p);
            assert_int_equal(n, count < max ? count : max);
            if (n > 1)
                assert_int_equal(points[0].step, 0);
            if (n != 0)
                assert_int_equal(points[n - 1].step, count - 1);
            for (size_t i = 1; i < n; i++)
                assert_true(points[i].step > points[i - 1].step);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tail_keeps_the_points_of_all_its_batches),
        cmocka_unit_test(a_segment_gives_back_its_points),
        cmocka_unit_test(sorting_drops_exact_repeats_only),
        cmocka_unit_test(buckets_are_even_and_the_last_point_is_in),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
