/* test_time_text.c - times and durations as text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/view.h"
#include "wire/time_text.h"

static struct mill_arena arena;

static void reads_times(void **state)
{
    static const struct {
        const char *text;
        int64_t ms;
    } times[] = {
        {"1970-01-01T00:00:00Z", 0},
        {"2025-01-02T03:04:05.678Z", 1735787045678},
        {"2025-01-02T03:04:05.6789012Z", 1735787045678},
        {"2025-01-02T04:34:05.678+01:30", 1735787045678},
        {"2025-01-01T22:04:05.678-05:00", 1735787045678},
        {"2024-02-29T00:00:00Z", 1709164800000},
        {"1969-12-31T23:59:59.5Z", -500},
    };
    (void)state;
    for (size_t i = 0; i < MILL_COUNT(times); i++) {
        int64_t ms = 0;
        if (!mill_time_read(mill_view_of(times[i].text), &ms) || ms != times[i].ms)
            fail_msg("%s was read as %lld", times[i].text, (long long)ms);
    }
}

static void refuses_what_is_no_time(void **state)
{
    static const char *const bad[] = {
        "",
        "now",
        "2025-01-02",
        "2025-01-02T03:04:05",
        "2025-13-02T03:04:05Z",
        "2025-01-32T03:04:05Z",
        "2025-01-02T24:04:05Z",
        "2025-01-02T03:04:05.Z",
        "2025-01-02T03:04:05.1234567890Z",
        "2025-01-02T03:04:05+0100",
        "2025-01-02T03:04:05Z ",
        "1735787045",
    };
    int64_t ms;
    (void)state;
    for (size_t i = 0; i < MILL_COUNT(bad); i++)
        if (mill_time_read(mill_view_of(bad[i]), &ms))
            fail_msg("'%s' was read as %lld", bad[i], (long long)ms);
    assert_false(mill_time_read((struct mill_view){NULL, 0}, &ms));
}

static void writes_times(void **state)
{
    (void)state;
    assert_string_equal(mill_time_write(1735787045678, &arena).ptr, "2025-01-02T03:04:05.678Z");
    assert_string_equal(mill_time_write(1735787045000, &arena).ptr, "2025-01-02T03:04:05Z");
    assert_string_equal(mill_time_write(-500, &arena).ptr, "1969-12-31T23:59:59.500Z");
}

static void durations_come_back(void **state)
{
    static const struct {
        const char *read;
        int64_t ms;
        const char *written;
    } durations[] = {
        {"0s", 0, "0s"},
        {"1.5s", 1500, "1.500s"},
        {"0.0019s", 1, "0.001s"},
        {"-0.5s", -500, "-0.500s"},
        {"86400s", 86400000, "86400s"},
    };
    (void)state;
    for (size_t i = 0; i < MILL_COUNT(durations); i++) {
        int64_t ms = -1;
        assert_true(mill_duration_read(mill_view_of(durations[i].read), &ms));
        assert_int_equal(ms, durations[i].ms);
        assert_string_equal(mill_duration_write(ms, &arena).ptr, durations[i].written);
    }
    static const char *const bad[] = {"",    "s",   "1",    "1.s",           ".5s",
                                      "1 s", "1s ", "1e3s", "1234567890123s"};
    int64_t ms;
    for (size_t i = 0; i < MILL_COUNT(bad); i++)
        if (mill_duration_read(mill_view_of(bad[i]), &ms))
            fail_msg("'%s' was read as %lld", bad[i], (long long)ms);
}

static int free_arena(void **state)
{
    (void)state;
    mill_arena_release(&arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_times),
        cmocka_unit_test(refuses_what_is_no_time),
        cmocka_unit_test_teardown(writes_times, free_arena),
        cmocka_unit_test_teardown(durations_come_back, free_arena),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
