/* test_download.c - ranges, entity tags, names and dates of file answers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/view.h"
#include "server/download.h"

static void test_ranges(void **state)
{
    static const struct {
        const char *header;
        int64_t size;
        enum mill_range range;
        int64_t offset;
        int64_t length;
    } cases[] = {
        {"bytes=0-0", 10, MILL_RANGE_ONE, 0, 1},
        {"bytes=2-5", 10, MILL_RANGE_ONE, 2, 4},
        {"bytes=2-", 10, MILL_RANGE_ONE, 2, 8},
        {"bytes=0-9", 10, MILL_RANGE_ONE, 0, 10},
        {"bytes=0-99", 10, MILL_RANGE_ONE, 0, 10},
        {"bytes=9-9223372036854775807", 10, MILL_RANGE_ONE, 9, 1},
        {"bytes=-3", 10, MILL_RANGE_ONE, 7, 3},
        {"bytes=-10", 10, MILL_RANGE_ONE, 0, 10},
        {"bytes=-11", 10, MILL_RANGE_ONE, 0, 10},
        {" Bytes = 1-2 ", 10, MILL_RANGE_ONE, 1, 2},
        {"bytes=10-", 10, MILL_RANGE_OUTSIDE, 0, 0},
        {"bytes=10-20", 10, MILL_RANGE_OUTSIDE, 0, 0},
        {"bytes=-0", 10, MILL_RANGE_OUTSIDE, 0, 0},
        {"bytes=0-", 0, MILL_RANGE_OUTSIDE, 0, 0},
        {"bytes=-1", 0, MILL_RANGE_OUTSIDE, 0, 0},
        {"bytes=5-2", 10, MILL_RANGE_NONE, 0, 0},
        {"bytes=0-1,3-4", 10, MILL_RANGE_NONE, 0, 0},
        {"bytes=", 10, MILL_RANGE_NONE, 0, 0},
        {"bytes=-", 10, MILL_RANGE_NONE, 0, 0},
        {"bytes=a-b", 10, MILL_RANGE_NONE, 0, 0},
        {"bytes=1-2x", 10, MILL_RANGE_NONE, 0, 0},
        {"bytes=+1-2", 10, MILL_RANGE_NONE, 0, 0},
        {"bytes=--1", 10, MILL_RANGE_NONE, 0, 0},
        {"bytes=99999999999999999999-", 10, MILL_RANGE_NONE, 0, 0},
        {"lines=0-1", 10, MILL_RANGE_NONE, 0, 0},
        {"0-1", 10, MILL_RANGE_NONE, 0, 0},
        {"", 10, MILL_RANGE_NONE, 0, 0},
    };

    (void)state;
    for (size_t i = 0; i < MILL_COUNT(cases); i++) {
        int64_t offset = 0;
        int64_t length = 0;
        enum mill_range range =
            mill_range_parse(mill_view_of(cases[i].header), cases[i].size, &offset, &length);

        if (range != cases[i].range || offset != cases[i].offset || length != cases[i].length)
            fail_msg("'%s' of %lld: %d %lld+%lld", cases[i].header, (long long)cases[i].size,
                     (int)range, (long long)offset, (long long)length);
    }
}

static bool listed(const char *header)
{
    return mill_etag_listed(mill_view_of(header), MILL_VIEW("\"a-1\""));
}

static void test_etags(void **state)
{
    (void)state;
    assert_true(listed("\"a-1\""));
    assert_true(listed("*"));
    assert_true(listed("\"x\", W/\"a-1\""));
    assert_false(listed("a-1"));
    assert_false(listed("\"a-12\""));
    assert_false(listed(""));
    assert_false(listed(",,"));
}

static void check_disposition(const char *name, const char *expected)
{
    struct mill_buf out = {0};

    mill_add_disposition(&out, mill_view_of(name));
    mill_buf_add_char(&out, '\0');
    assert_false(out.failed);
    assert_string_equal(out.ptr, expected);
    mill_buf_release(&out);
}

static void test_disposition(void **state)
{
    (void)state;
    check_disposition("model.pkl", "attachment; filename=model.pkl");
    check_disposition("a b.txt", "attachment; filename=\"a b.txt\"");
    check_disposition("a\"b\\", "attachment; filename=\"a\\\"b\\\\\"");
    check_disposition("a;b", "attachment; filename=\"a;b\"");
    check_disposition("\xc3\xa4\xe6\x97\xa5.txt", "attachment; filename=\"__.txt\"; "
                                                  "filename*=UTF-8''%C3%A4%E6%97%A5.txt");
    check_disposition("line\r\nbreak", "attachment; filename=\"line__break\"; "
                                       "filename*=UTF-8''line%0D%0Abreak");
    check_disposition("", "attachment; filename=\"\"");
}

static void test_dates(void **state)
{
    char text[32];
    int64_t seconds = -1;

    (void)state;
    mill_http_date(784111777999, text);
    assert_string_equal(text, "Sun, 06 Nov 1994 08:49:37 GMT");
    assert_true(mill_http_date_parse(mill_view_of(text), &seconds));
    assert_int_equal(seconds, 784111777);
    mill_http_date(0, text);
    assert_string_equal(text, "Thu, 01 Jan 1970 00:00:00 GMT");
    mill_http_date(INT64_MAX, text);
    assert_int_equal(strlen(text), 29);

    seconds = -1;
    assert_false(mill_http_date_parse(MILL_VIEW("1994-11-06"), &seconds));
    assert_false(mill_http_date_parse(MILL_VIEW("Sun, 06 Nov 1994 08:49:37 GMT+1"), &seconds));
    assert_false(mill_http_date_parse(MILL_VIEW(""), &seconds));
    assert_false(mill_http_date_parse(MILL_VIEW("Sun, 06 Nov 1994 08:49:37 GMT            "
                                                "                                     "),
                                      &seconds));
    assert_int_equal(seconds, -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ranges),
        cmocka_unit_test(test_etags),
        cmocka_unit_test(test_disposition),
        cmocka_unit_test(test_dates),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
