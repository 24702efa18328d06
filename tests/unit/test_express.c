/* test_express.c - the shortcut of small writes: which answers are plain enough for it, and
 * what requests may take it. (How it gives way to libcurl is tested in tests/client.) */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/view.h"
#include "remote/express.h"

#define OK_LINE "HTTP/1.1 200 OK\r\n"

static void test_answers(void **state)
{
    static const struct {
        const char *text;
        enum mill_express_state expected;
        const char *body;
        bool close;
    } cases[] = {
        {OK_LINE "Content-Length: 2\r\n\r\n{}", MILL_EXPRESS_WHOLE, "{}", false},
        {OK_LINE "CONTENT-LENGTH:0\r\n\r\n", MILL_EXPRESS_WHOLE, "", false},
        {OK_LINE "X: y\r\ncontent-length: 3\r\nY: z\r\n\r\n{ }", MILL_EXPRESS_WHOLE, "{ }",
         false},
        {"HTTP/1.1 200\r\nContent-Length: 2\r\n\r\n{}", MILL_EXPRESS_WHOLE, "{}", false},
        {OK_LINE "Connection: close\r\nContent-Length: 2\r\n\r\n{}", MILL_EXPRESS_WHOLE, "{}",
         true},
        {OK_LINE "Connection: Keep-Alive\r\nContent-Length: 2\r\n\r\n{}", MILL_EXPRESS_WHOLE,
         "{}", false},
        {"", MILL_EXPRESS_MORE, NULL, false},
        {"HTTP/1.", MILL_EXPRESS_MORE, NULL, false},
        {"HTTP/1.1 200", MILL_EXPRESS_MORE, NULL, false},
        {OK_LINE, MILL_EXPRESS_MORE, NULL, false},
        {OK_LINE "Content-Le", MILL_EXPRESS_MORE, NULL, false},
        {OK_LINE "Content-Length: 2\r\n", MILL_EXPRESS_MORE, NULL, false},
        {OK_LINE "Content-Length: 2\r\n\r\n{", MILL_EXPRESS_MORE, NULL, false},
        /* Answers that libcurl shall see. */
        {"HTTP/1.0 200 OK\r\n", MILL_EXPRESS_ODD, NULL, false},
        {"HTTP/1.1 201 Created\r\n", MILL_EXPRESS_ODD, NULL, false},
        {"HTTP/1.1 2000 OK\r\n", MILL_EXPRESS_ODD, NULL, false},
        {"HTTP/1.1 100 Continue\r\n", MILL_EXPRESS_ODD, NULL, false},
        {"HTTP/1.1 500 Oops\r\nContent-Length: 2\r\n\r\n{}", MILL_EXPRESS_ODD, NULL, false},
        {"SSH-2.0", MILL_EXPRESS_ODD, NULL, false},
        {OK_LINE "\r\n{}", MILL_EXPRESS_ODD, NULL, false},
        {OK_LINE "Content-Length: 1\r\n\r\n{}", MILL_EXPRESS_ODD, NULL, false},
        {OK_LINE "Content-Length: -1\r\n\r\n{}", MILL_EXPRESS_ODD, NULL, false},
        {OK_LINE "Content-Length: two\r\n\r\n{}", MILL_EXPRESS_ODD, NULL, false},
        {OK_LINE "Content-Length: 99999999999999999999\r\n\r\n", MILL_EXPRESS_ODD, NULL, false},
        {OK_LINE "Content-Length: 20000\r\n\r\n{}", MILL_EXPRESS_ODD, NULL, false},
        {OK_LINE "Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}", MILL_EXPRESS_ODD, NULL,
         false},
        {OK_LINE "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", MILL_EXPRESS_ODD, NULL, false},
        {OK_LINE "Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}", MILL_EXPRESS_ODD,
         NULL, false},
        {OK_LINE "Content-Length: 2\n\n{}", MILL_EXPRESS_ODD, NULL, false},
    };
    (void)state;
    for (size_t i = 0; i < MILL_COUNT(cases); i++) {
        struct mill_view body = {NULL, 0};
        bool close = false;
        enum mill_express_state found =
            mill_express_read(mill_view_of(cases[i].text), &body, &close);
        if (found != cases[i].expected)
            fail_msg("%s: %d", cases[i].text, (int)found);
        if (found != MILL_EXPRESS_WHOLE)
            continue;
        assert_true(mill_view_eq(body, mill_view_of(cases[i].body)));
        assert_int_equal(close, cases[i].close);
    }
}

static void test_requests(void **state)
{
    static const char *const headers[] = {"A: b"};
    struct mill_remote_request plain = {.method = "POST",
                                        .path = MILL_VIEW("/x"),
                                        .body = MILL_VIEW("{}"),
                                        .repeatable = true,
                                        .most_bytes = 100},
                               r = plain;
    (void)state;
    assert_true(mill_express_takes(&r));
    r.repeatable = false;
    assert_false(mill_express_takes(&r));
    r = plain;
    r.method = "PUT";
    assert_false(mill_express_takes(&r));
    r = plain;
    r.body = (struct mill_view){NULL, 0};
    assert_false(mill_express_takes(&r));
    r = plain;
    r.url = MILL_VIEW("http://elsewhere/");
    assert_false(mill_express_takes(&r));
    r = plain;
    r.most_bytes = 0; /* the answer matters */
    assert_false(mill_express_takes(&r));
    r = plain;
    r.headers = headers;
    r.header_count = 1;
    assert_false(mill_express_takes(&r));
    r = plain;
    r.file = MILL_REMOTE_UPLOAD;
    assert_false(mill_express_takes(&r));
}

static void test_proxies(void **state)
{
    static const struct mill_remote_options near = {.loopback = true},
                                            far = {.loopback = false};
    static const char *const names[] = {"http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy",
                                        "ALL_PROXY"};
    (void)state;
    for (size_t i = 0; i < MILL_COUNT(names); i++)
        unsetenv(names[i]);
    assert_true(mill_express_possible(&far));
    for (size_t i = 0; i < MILL_COUNT(names); i++) {
        setenv(names[i], "http://proxy", 1);
        assert_false(mill_express_possible(&far));
        assert_true(mill_express_possible(&near));
        unsetenv(names[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_answers),
        cmocka_unit_test(test_requests),
        cmocka_unit_test(test_proxies),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
