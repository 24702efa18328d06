/* test_base.c - text, memory, numbers and ids of the base layer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include <millstream/types.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/codec.h"
#include "base/heartbeat.h"
#include "base/map.h"
#include "base/varint.h"

static void assert_view(struct mill_view v, const char *text)
{
    assert_non_null(v.ptr);
    assert_int_equal(v.len, strlen(text));
    assert_memory_equal(v.ptr, text, v.len);
}

static void views_are_compared_and_cut(void **state)
{
    (void)state;
    struct mill_view head;
    struct mill_view rest = mill_view_cut(MILL_VIEW("key=a=b"), '=', &head);
    assert_view(head, "key");
    assert_view(rest, "a=b");
    assert_null(mill_view_cut(MILL_VIEW("key"), '=', &head).ptr);
    assert_view(head, "key");
    assert_view(mill_view_trim(MILL_VIEW(" \t a b\n")), "a b");
    assert_true(mill_view_eq_nocase(MILL_VIEW("Content-Type"), MILL_VIEW("content-TYPE")));
    assert_false(mill_view_eq_nocase(MILL_VIEW("a"), MILL_VIEW("ab")));
    assert_true(mill_view_cmp(MILL_VIEW("a"), MILL_VIEW("ab")) < 0);
    assert_true(mill_view_cmp(MILL_VIEW("b"), MILL_VIEW("ab")) > 0);
    assert_true(mill_view_starts(MILL_VIEW("abc"), MILL_VIEW("ab")));
    assert_false(mill_view_ends(MILL_VIEW("abc"), MILL_VIEW("xabc")));
    assert_true(mill_view_eq((struct mill_view){NULL, 0}, MILL_VIEW("")));
    assert_int_equal(mill_view_from(MILL_VIEW("abc"), 9).len, 0);
}

static void integers_are_read_to_their_limits(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool good;
        int64_t value;
    } cases[] = {
        {"0", true, 0},
        {"-17", true, -17},
        {"+5", true, 5},
        {"9223372036854775807", true, INT64_MAX},
        {"-9223372036854775808", true, INT64_MIN},
        {"9223372036854775808", false, 0},
        {"-9223372036854775809", false, 0},
        {"", false, 0},
        {"-", false, 0},
        {"1x", false, 0},
        {" 1", false, 0},
    };
    for (size_t i = 0; i < MILL_COUNT(cases); i++) {
        int64_t value = 42;
        assert_int_equal(mill_view_int(mill_view_of(cases[i].text), &value), cases[i].good);
        assert_int_equal(value, cases[i].good ? cases[i].value : 42);
    }
}

static void utf8_is_checked_and_counted(void **state)
{
    (void)state;
    static const char *const bad[] = {"\x80",         "\xc0\xaf",         "\xe0\x80\x80",
                                      "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xc3",
                                      "a\xff"};
    for (size_t i = 0; i < MILL_COUNT(bad); i++)
        assert_false(mill_utf8_valid(mill_view_of(bad[i])));
    struct mill_view text = MILL_VIEW("a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80");
    assert_true(mill_utf8_valid(text));
    assert_int_equal(mill_utf8_length(text), 4);
    assert_view(mill_utf8_prefix(text, 2), "a\xc3\xa9");
    assert_view(mill_utf8_prefix(text, 3), "a\xc3\xa9\xe2\x82\xac");
    assert_int_equal(mill_utf8_prefix(text, 9).len, text.len);
}

static void an_arena_gives_aligned_memory_up_to_its_limit(void **state)
{
    (void)state;
    struct mill_arena arena;
    mill_arena_init(&arena, 100000);
    for (size_t i = 1; i < 2000; i += 37) {
        char *piece = mill_arena_alloc(&arena, i);
        assert_non_null(piece);
        assert_int_equal((uintptr_t)piece % 16, 0);
        memset(piece, 1, i);
    }
    assert_null(mill_arena_alloc(&arena, 200000));
    assert_null(mill_arena_zero(&arena, SIZE_MAX / 2, 4));
    assert_view(mill_arena_printf(&arena, "%d-%s", 7, "x"), "7-x");
    assert_null(mill_arena_copy(&arena, (struct mill_view){NULL, 0}).ptr);
    mill_arena_reset(&arena, 1 << 20);
    assert_non_null(mill_arena_alloc(&arena, 10));
    mill_arena_release(&arena);
}

static void a_buffer_remembers_that_it_failed(void **state)
{
    (void)state;
    struct mill_buf buf = {0};
    mill_buf_add_int(&buf, INT64_MIN);
    mill_buf_add_char(&buf, ' ');
    mill_buf_printf(&buf, "%s", "end");
    assert_view(mill_buf_view(&buf), "-9223372036854775808 end");
    mill_alloc_fail_after(1);
    char large[5000] = {0};
    mill_buf_add(&buf, large, sizeof(large));
    mill_alloc_fail_after(0);
    assert_true(buf.failed);
    mill_buf_add_char(&buf, 'x');
    assert_view(mill_buf_view(&buf), "-9223372036854775808 end");
    mill_buf_release(&buf);
}

static void varints_go_there_and_back(void **state)
{
    (void)state;
    static const int64_t numbers[] = {0, 1, -1, 63, 64, -65, 1 << 20, INT64_MAX, INT64_MIN};
    struct mill_buf buf = {0};
    for (size_t i = 0; i < MILL_COUNT(numbers); i++)
        mill_buf_add_varint(&buf, mill_zigzag(numbers[i]));
    struct mill_cursor c = {(unsigned char *)buf.ptr, (unsigned char *)buf.ptr + buf.len};
    for (size_t i = 0; i < MILL_COUNT(numbers); i++) {
        uint64_t value = 0;
        assert_true(mill_varint_read(&c, &value));
        assert_int_equal(mill_unzigzag(value), numbers[i]);
    }
    uint64_t none;
    assert_false(mill_varint_read(&c, &none));
    static const unsigned char too_long[] = {0xff, 0xff, 0xff, 0xff, 0xff,
                                             0xff, 0xff, 0xff, 0xff, 0x02};
    struct mill_cursor long_one = {too_long, too_long + sizeof(too_long)};
    assert_false(mill_varint_read(&long_one, &none));
    mill_buf_release(&buf);
}

static void base64_and_percent_codes(void **state)
{
    (void)state;
    struct mill_arena arena = {0};
    struct mill_buf buf = {0};
    struct mill_view out;
    mill_base64_encode(&buf, MILL_VIEW("{\"offset\": 10}"));
    assert_view(mill_buf_view(&buf), "eyJvZmZzZXQiOiAxMH0=");
    assert_true(mill_base64_decode(mill_buf_view(&buf), &arena, &out));
    assert_view(out, "{\"offset\": 10}");
    char bytes[6];
    size_t len;
    assert_true(mill_base64_decode_to(MILL_VIEW("YWJjZA=="), bytes, &len));
    assert_int_equal(len, 4);
    assert_memory_equal(bytes, "abcd", 4);
    assert_false(mill_base64_decode_to(MILL_VIEW("YWJ!"), bytes, &len));
    assert_false(mill_base64_decode(MILL_VIEW("abc"), &arena, &out));
    assert_false(mill_base64_decode(MILL_VIEW("ab*="), &arena, &out));
    assert_true(mill_base64_decode(MILL_VIEW(""), &arena, &out));
    assert_view(mill_percent_decode(MILL_VIEW("a%20b+c%zz%4"), true, &arena), "a b c%zz%4");
    assert_view(mill_percent_decode(MILL_VIEW("a+b%2F"), false, &arena), "a+b/");
    buf.len = 0;
    mill_percent_encode(&buf, MILL_VIEW("a b/\xc3\xa9~"), "/");
    assert_view(mill_buf_view(&buf), "a%20b/%C3%A9~");
    mill_buf_release(&buf);
    mill_arena_release(&arena);
}

static void a_map_finds_what_was_put(void **state)
{
    (void)state;
    struct mill_map map = {0};
    uint64_t value;
    assert_false(mill_map_get(&map, 1, &value));
    for (uint64_t i = 0; i < 5000; i++)
        assert_true(mill_map_set(&map, i * 64, i));
    assert_true(mill_map_set(&map, 64, 77));
    assert_int_equal(map.count, 5000);
    assert_true(mill_map_get(&map, 64, &value));
    assert_int_equal(value, 77);
    assert_true(mill_map_get(&map, 4999 * 64, &value));
    assert_int_equal(value, 4999);
    assert_false(mill_map_get(&map, 3, &value));
    mill_map_release(&map);
}

static void ids_are_version_4_uuids(void **state)
{
    (void)state;
    char a[33], b[33];
    mill_random_hex32(a);
    mill_random_hex32(b);
    assert_int_equal(strlen(a), 32);
    assert_int_equal(strspn(a, "0123456789abcdef"), 32);
    assert_int_equal(a[12], '4');
    assert_string_not_equal(a, b);
    mill_timed_hex32(0x0123456789ab, a);
    mill_timed_hex32(0x0123456789ab, b);
    assert_string_equal(a + 20, "0123456789ab");
    assert_int_equal(a[12], '4');
    assert_string_not_equal(a, b);
}

static void heartbeats_are_read(void **state)
{
    static const char *const wrong[] = {"",     "1",       "1 ",   " 1 2", "1  2", "1 2 3",
                                        "-1 2", "1 86401", "1 -1", "x 2",  "1 0"};
    struct mill_heartbeat beat = {7, 7};
    (void)state;
    for (size_t i = 0; i < MILL_COUNT(wrong); i++)
        assert_false(mill_heartbeat_read(mill_view_of(wrong[i]), &beat));
    assert_int_equal(beat.last_ms, 7);
    assert_true(mill_heartbeat_read(MILL_VIEW("1000 30"), &beat));
    assert_int_equal(beat.last_ms, 1000);
    assert_int_equal(beat.interval_s, 30);
    assert_int_equal(mill_heartbeat_silent_ms(&beat, 91000), MILL_ABSENT);
    assert_int_equal(mill_heartbeat_silent_ms(&beat, 91001), 90001);
    assert_int_equal(mill_heartbeat_silent_ms(&beat, 1), MILL_ABSENT);
}

static void every_status_has_its_names(void **state)
{
    (void)state;
    for (int st = 0; st < MILL_STATUS_COUNT; st++) {
        assert_int_equal(mill_status_get_info((enum mill_status)st)->status, st);
        assert_non_null(mill_status_get_info((enum mill_status)st)->error_code);
    }
    assert_int_equal(mill_status_get_info((enum mill_status)999)->status, MILL_E_INTERNAL);
    struct mill_error err;
    assert_int_equal(mill_fail(&err, MILL_E_IO, "disk %d", 3), MILL_E_IO);
    assert_string_equal(err.message, "disk 3");
    assert_int_equal(mill_fail(NULL, MILL_E_IO, "disk"), MILL_E_IO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(views_are_compared_and_cut),
        cmocka_unit_test(integers_are_read_to_their_limits),
        cmocka_unit_test(utf8_is_checked_and_counted),
        cmocka_unit_test(an_arena_gives_aligned_memory_up_to_its_limit),
        cmocka_unit_test(a_buffer_remembers_that_it_failed),
        cmocka_unit_test(varints_go_there_and_back),
        cmocka_unit_test(base64_and_percent_codes),
        cmocka_unit_test(a_map_finds_what_was_put),
        cmocka_unit_test(ids_are_version_4_uuids),
        cmocka_unit_test(heartbeats_are_read),
        cmocka_unit_test(every_status_has_its_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
