/* test_point_buffer.c - points that wait: limits, what is thinned, many keys, memory that runs
 * out, and a fork's child that begins anew. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/view.h"
#include "logger/point_buffer.h"

#define LIMIT ((size_t)1 << 20)

struct taken {
    int64_t count;
    int64_t last_step[4]; /* of k0 to k3 */
};

static enum mill_status add(struct mill_point_buffer *b, int key, int64_t step)
{
    char text[16];
    bool full;
    struct mill_point point = {step, 1000 + step, (double)step};
    snprintf(text, sizeof(text), "k%d", key);
    return mill_point_buffer_add(b, mill_view_of(text), &point, &full, NULL);
}

/* Everything that waits, as it is read again. */
static struct taken take(struct mill_point_buffer *b, bool thinned)
{
    struct taken t = {0};
    struct mill_buf out = {0};
    struct mill_arena arena = {0};
    struct mill_spool_record record;
    struct mill_metric *points;
    size_t count;
    mill_point_buffer_begin(b);
    while (mill_point_buffer_take(b, &out, thinned))
        ;
    struct mill_view bytes = mill_buf_view(&out);
    while (mill_spool_record_next(&bytes, &record) == MILL_SPOOL_RECORD) {
        assert_int_equal(
            mill_spool_points_unpack(record.payload, &arena, &points, &count, NULL), MILL_OK);
        t.count += (int64_t)count;
        for (size_t i = 0; i < count; i++)
            if (points[i].key.len == 2 && points[i].key.ptr[1] < '4')
                t.last_step[points[i].key.ptr[1] - '0'] = points[i].step;
    }
    assert_int_equal(bytes.len, 0);
    mill_arena_release(&arena);
    mill_buf_release(&out);
    return t;
}

static void assert_counts(struct mill_point_buffer *b, int64_t added, int64_t thinned)
{
    int64_t got_added, got_thinned;
    mill_point_buffer_count(b, &got_added, &got_thinned);
    assert_int_equal(got_added, added);
    assert_int_equal(got_thinned, thinned);
}

/* At the limit in memory a point takes the place of its key's last one; a key that has none
 * waiting gets room. */
static void test_memory_limit(void **state)
{
    struct mill_point_buffer b = {0};
    (void)state;
    assert_true(mill_point_buffer_init(&b, LIMIT));
    for (int64_t i = 0; i < 100000; i++)
        assert_int_equal(add(&b, (int)(i % 3), i), MILL_OK);
    assert_int_equal(add(&b, 3, 100000), MILL_OK);
    assert_true(atomic_load(&b.bytes) <= LIMIT + ((size_t)1 << 16));
    struct taken t = take(&b, false);
    assert_true(t.count < 100001 && t.count > 10000);
    assert_counts(&b, 100001, 100001 - t.count);
    for (int key = 0; key < 3; key++)
        assert_int_equal(t.last_step[key], 99999 - (99999 - key) % 3);
    assert_int_equal(t.last_step[3], 100000);
    assert_int_equal(atomic_load(&b.bytes), 0);
    mill_point_buffer_release(&b);
}

/* Thinned, only the last one of each key is kept, however many wait. */
static void test_thinning(void **state)
{
    struct mill_point_buffer b = {0};
    (void)state;
    assert_true(mill_point_buffer_init(&b, LIMIT));
    for (int round = 1; round <= 2; round++) {
        for (int64_t i = 0; i < 9000; i++)
            assert_int_equal(add(&b, (int)(i % 3), i * round), MILL_OK);
        struct taken t = take(&b, true);
        assert_int_equal(t.count, 3);
        assert_counts(&b, round * 9000, round * 8997);
        for (int key = 0; key < 3; key++)
            assert_int_equal(t.last_step[key], (8997 + key) * round);
    }
    assert_int_equal(take(&b, true).count, 0);
    mill_point_buffer_release(&b);
}

/* More keys than are remembered: they come and go. */
static void test_many_keys(void **state)
{
    struct mill_point_buffer b = {0};
    (void)state;
    assert_true(mill_point_buffer_init(&b, 64 * LIMIT));
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 100000; i++)
            assert_int_equal(add(&b, round * 100000 + i, i), MILL_OK);
        assert_int_equal(take(&b, false).count, 100000);
        assert_int_equal(take(&b, false).count, 0);
    }
    for (size_t i = 0; i < MILL_POINT_SHARDS; i++)
        assert_true(b.shards[i].key_count <= 100000);
    assert_counts(&b, 300000, 0);
    mill_point_buffer_release(&b);
}

static void test_bad_keys(void **state)
{
    static const struct mill_view bad[] = {{NULL, 0}, {"", 0}, {"a,b", 3}, {"\xff", 1}};
    struct mill_point_buffer b = {0};
    struct mill_point point = {0};
    bool full;
    (void)state;
    assert_true(mill_point_buffer_init(&b, LIMIT));
    for (size_t i = 0; i < MILL_COUNT(bad); i++)
        assert_int_equal(mill_point_buffer_add(&b, bad[i], &point, &full, NULL),
                         MILL_E_INVALID);
    assert_counts(&b, 0, 0);
    mill_point_buffer_release(&b);
}

/* Points stay where there is no memory to pack them, or to add more. */
static void test_no_memory(void **state)
{
    struct mill_point_buffer b = {0};
    struct mill_buf out = {0};
    (void)state;
    assert_true(mill_point_buffer_init(&b, LIMIT));
    assert_int_equal(add(&b, 0, 1), MILL_OK);
    mill_alloc_fail_after(1);
    mill_point_buffer_begin(&b);
    assert_false(mill_point_buffer_take(&b, &out, false));
    for (int64_t i = 2; i < 10; i++) /* a new chunk is wanted: the old one is being taken */
        assert_int_equal(add(&b, 0, i), MILL_E_NOMEM);
    mill_alloc_fail_after(0);
    assert_int_equal(out.len, 0);
    assert_int_equal(add(&b, 0, 6000), MILL_OK);
    struct taken t = take(&b, false);
    assert_int_equal(t.count, 2);
    assert_int_equal(t.last_step[0], 6000);
    mill_buf_release(&out);
    mill_point_buffer_release(&b);
}

static void test_reset(void **state)
{
    struct mill_point_buffer b = {0};
    (void)state;
    assert_true(mill_point_buffer_init(&b, LIMIT));
    assert_int_equal(add(&b, 0, 1), MILL_OK);
    mill_point_buffer_lock(&b); /* as before a fork */
    mill_point_buffer_reset(&b);
    assert_counts(&b, 0, 0);
    assert_int_equal(take(&b, false).count, 0);
    assert_int_equal(add(&b, 0, 2), MILL_OK);
    assert_int_equal(take(&b, false).count, 1);
    mill_point_buffer_release(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_memory_limit), cmocka_unit_test(test_thinning),
        cmocka_unit_test(test_many_keys),    cmocka_unit_test(test_bad_keys),
        cmocka_unit_test(test_no_memory),    cmocka_unit_test(test_reset)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
