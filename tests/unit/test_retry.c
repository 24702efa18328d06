/* test_retry.c - which requests are made again, and after what time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/view.h"
#include "remote/retry.h"

static void test_may_repeat(void **state)
{
    static const struct {
        CURLcode code;
        long status;
        bool harmless, harmful; /* expected for a request that may be repeated, and one not */
    } cases[] = {
        {CURLE_OK, 200, false, false},
        {CURLE_OK, 400, false, false},
        {CURLE_OK, 404, false, false},
        {CURLE_OK, 501, false, false},
        {CURLE_OK, 408, true, false},
        {CURLE_OK, 429, true, true},
        {CURLE_OK, 500, true, false},
        {CURLE_OK, 502, true, false},
        {CURLE_OK, 503, true, true},
        {CURLE_OK, 504, true, false},
        {CURLE_COULDNT_CONNECT, 0, true, true},
        {CURLE_COULDNT_RESOLVE_HOST, 0, true, true},
        {CURLE_OPERATION_TIMEDOUT, 0, true, false},
        {CURLE_RECV_ERROR, 0, true, false},
        {CURLE_SEND_ERROR, 0, true, false},
        {CURLE_GOT_NOTHING, 0, true, false},
        {CURLE_PARTIAL_FILE, 0, true, false},
        {CURLE_PEER_FAILED_VERIFICATION, 0, false, false},
        {CURLE_TOO_MANY_REDIRECTS, 0, false, false},
        {CURLE_UNSUPPORTED_PROTOCOL, 0, false, false},
        {CURLE_BAD_CONTENT_ENCODING, 0, false, false},
    };
    (void)state;
    for (size_t i = 0; i < MILL_COUNT(cases); i++) {
        assert_int_equal(mill_may_repeat(cases[i].code, cases[i].status, true, true),
                         cases[i].harmless);
        assert_int_equal(mill_may_repeat(cases[i].code, cases[i].status, false, true),
                         cases[i].harmful);
        if (cases[i].code != CURLE_OK) /* never reached: not there */
            assert_false(mill_may_repeat(cases[i].code, cases[i].status, true, false));
    }
}

static void test_pauses(void **state)
{
    static const struct mill_remote_options usual = {.backoff_ms = 2000, .jitter_ms = 0};
    static const int64_t expected[] = {0,     4000,   8000,   16000, 32000,
                                       64000, 120000, 120000, 120000};
    (void)state;
    for (size_t i = 0; i < MILL_COUNT(expected); i++)
        assert_int_equal(mill_pause_ms(&usual, (int)i + 1, 0, 7), expected[i]);
    /* The largest factor that there is. */
    static const struct mill_remote_options slow = {.backoff_ms = 119999, .jitter_ms = 0};
    assert_int_equal(mill_pause_ms(&slow, 9, 0, 0), MILL_MAX_PAUSE_MS);
}

static void test_jitter(void **state)
{
    static const struct mill_remote_options o = {.backoff_ms = 2000, .jitter_ms = 500};
    (void)state;
    assert_int_equal(mill_pause_ms(&o, 1, 0, 123), 0); /* the first comes at once */
    assert_int_equal(mill_pause_ms(&o, 2, 0, 123), 4123);
    assert_int_equal(mill_pause_ms(&o, 2, 0, 501), 4000);
    assert_int_equal(mill_pause_ms(&o, 1, 3, 500), 3500);
}

/* A server asks to come again later: its word counts up to a limit. */
static void test_told(void **state)
{
    static const struct mill_remote_options o = {.backoff_ms = 2000, .jitter_ms = 0};
    (void)state;
    assert_int_equal(mill_pause_ms(&o, 1, 1, 0), 1000);
    assert_int_equal(mill_pause_ms(&o, 3, 1, 0), 1000);
    assert_int_equal(mill_pause_ms(&o, 1, 86400, 0), MILL_MAX_PAUSE_MS);
    assert_int_equal(mill_pause_ms(&o, 1, INT64_MAX, 0), MILL_MAX_PAUSE_MS);
    assert_int_equal(mill_pause_ms(&o, 2, 0, 0), 4000);
    assert_int_equal(mill_pause_ms(&o, 2, -5, 0), 4000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_may_repeat),
        cmocka_unit_test(test_pauses),
        cmocka_unit_test(test_jitter),
        cmocka_unit_test(test_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
