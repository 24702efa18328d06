/* test_spool_format.c - records and packed points: there and back, and damaged at every byte.
 */
#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/view.h"
#include "logger/spool_format.h"
#include "wire/messages.h"

static const struct mill_view keys[] = {{"loss", 4}, {"val/accuracy", 12}, {"a b", 3}};

static const struct mill_spool_point points[] = {
    {0, 1700000000000, 0.5, 0},
    {1, 1700000000001, -0.5, 0},
    {INT64_MIN, 0, (double)INFINITY, 1},
    {INT64_MAX, INT64_MAX, -(double)INFINITY, 1},
    {-1, 1700000000000 - 3600000, DBL_MIN, 0}, /* the clock was set back */
    {7, 1, (double)NAN, 2},
};

static void pack(struct mill_buf *out)
{
    int64_t before[MILL_COUNT(keys)][2];
    size_t begin = mill_spool_record_begin(out, MILL_SPOOL_POINTS);
    mill_spool_points_pack(out, keys, MILL_COUNT(keys), points, MILL_COUNT(points), before);
    mill_spool_record_end(out, begin);
}

static void add_artifact(struct mill_buf *out)
{
    struct mill_spool_artifact artifact = {MILL_VIEW("b.files/1/x"), MILL_VIEW("models")};
    mill_spool_record_json(out, MILL_SPOOL_ARTIFACT, &mill_spool_artifact_message, &artifact);
}

static void test_points(void **state)
{
    struct mill_buf out = {0};
    struct mill_arena arena = {0};
    struct mill_metric *got;
    struct mill_spool_record record;
    size_t count;
    (void)state;
    pack(&out);
    struct mill_view bytes = mill_buf_view(&out);
    assert_int_equal(mill_spool_record_length(bytes), bytes.len);
    assert_int_equal(mill_spool_record_next(&bytes, &record), MILL_SPOOL_RECORD);
    assert_int_equal(record.kind, MILL_SPOOL_POINTS);
    assert_int_equal(bytes.len, 0);
    assert_int_equal(mill_spool_points_count(record.payload), MILL_COUNT(points));
    assert_int_equal(mill_spool_points_unpack(record.payload, &arena, &got, &count, NULL),
                     MILL_OK);
    assert_int_equal(count, MILL_COUNT(points));
    for (size_t i = 0; i < count; i++) {
        assert_true(mill_view_eq(got[i].key, keys[points[i].key]));
        assert_true(got[i].step == points[i].step);
        assert_true(got[i].timestamp == points[i].timestamp);
        assert_memory_equal(&got[i].value, &points[i].value, sizeof(double));
    }
    mill_arena_release(&arena);
    mill_buf_release(&out);
}

static void test_json(void **state)
{
    struct mill_buf out = {0};
    struct mill_arena arena = {0};
    struct mill_spool_record record;
    struct mill_spool_artifact got;
    (void)state;
    add_artifact(&out);
    struct mill_view bytes = mill_buf_view(&out);
    assert_int_equal(mill_spool_record_next(&bytes, &record), MILL_SPOOL_RECORD);
    assert_int_equal(
        mill_spool_record_read(&record, &mill_spool_artifact_message, &arena, &got, NULL),
        MILL_OK);
    assert_true(mill_view_eq(got.path, MILL_VIEW("b.files/1/x")));
    assert_true(mill_view_eq(got.directory, MILL_VIEW("models")));
    record.payload = MILL_VIEW("{\"directory\":\"x\"}"); /* no path */
    assert_int_equal(
        mill_spool_record_read(&record, &mill_spool_artifact_message, &arena, &got, NULL),
        MILL_E_CORRUPT);
    mill_arena_release(&arena);
    mill_buf_release(&out);
}

/* Each bit that flips is noticed; an end that is missing is no damage. */
static void test_damage(void **state)
{
    struct mill_buf out = {0};
    struct mill_spool_record record;
    (void)state;
    pack(&out);
    for (size_t i = 0; i < out.len; i++)
        for (int bit = 0; bit < 8; bit++) {
            struct mill_view bytes = mill_buf_view(&out);
            out.ptr[i] = (char)(out.ptr[i] ^ (1 << bit));
            assert_int_not_equal(mill_spool_record_next(&bytes, &record), MILL_SPOOL_RECORD);
            out.ptr[i] = (char)(out.ptr[i] ^ (1 << bit));
        }
    for (size_t len = 0; len < out.len; len++) {
        struct mill_view bytes = {out.ptr, len};
        assert_int_equal(mill_spool_record_next(&bytes, &record), MILL_SPOOL_NONE);
        assert_int_equal(bytes.len, len);
    }
    mill_buf_release(&out);
}

/* A payload that was spoilt before its checksum was made does no harm. */
static void test_spoilt_points(void **state)
{
    struct mill_buf out = {0};
    struct mill_arena arena = {0};
    struct mill_metric *got;
    size_t count;
    (void)state;
    pack(&out);
    struct mill_view whole = mill_view_from(mill_buf_view(&out), MILL_SPOOL_RECORD_BYTES);
    for (size_t len = 0; len < whole.len; len++)
        assert_int_equal(mill_spool_points_unpack((struct mill_view){whole.ptr, len}, &arena,
                                                  &got, &count, NULL),
                         MILL_E_CORRUPT);
    for (size_t i = 0; i < whole.len; i++) {
        char *byte = out.ptr + MILL_SPOOL_RECORD_BYTES + i;
        char before = *byte;
        for (int value = 0; value < 256; value++) {
            *byte = (char)value;
            mill_spool_points_count(whole);
            mill_spool_points_unpack(whole, &arena, &got, &count, NULL);
            mill_arena_reset(&arena, (size_t)1 << 16);
        }
        *byte = before;
    }
    mill_arena_release(&arena);
    mill_buf_release(&out);
}

static void test_lengths(void **state)
{
    struct mill_spool_record record;
    char bytes[16] = {0};
    (void)state;
    memset(bytes, 0xff, 4);
    bytes[8] = MILL_SPOOL_LOG;
    struct mill_view view = {bytes, sizeof(bytes)};
    assert_int_equal(mill_spool_record_length(view), MILL_SPOOL_RECORD_BYTES);
    assert_int_equal(mill_spool_record_next(&view, &record), MILL_SPOOL_DAMAGED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_points), cmocka_unit_test(test_json),
        cmocka_unit_test(test_damage), cmocka_unit_test(test_spoilt_points),
        cmocka_unit_test(test_lengths)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
