/* test_parse.c - heads and chunked bodies as bytes. What is refused is tested on sockets too
 * (tests/server); here is what an accepted head says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "server/gzip.h"
#include "server/parse.h"

#define MAX_HEADERS 8

struct parsed {
    struct mill_head head;
    struct mill_header headers[MAX_HEADERS];
    struct mill_refusal refusal;
};

static enum mill_scan scan(const char *text, size_t *len, struct mill_refusal *refusal)
{
    struct mill_head_scan state = {0};

    return mill_head_scan(&state, mill_view_of(text), 200, MAX_HEADERS, len, refusal);
}

/* 0 for an accepted head, else the HTTP status of the refusal. */
static int parse(struct parsed *p, const char *text)
{
    size_t len = 0;
    enum mill_scan found = scan(text, &len, &p->refusal);

    assert_int_not_equal(found, MILL_SCAN_MORE);
    if (found == MILL_SCAN_BAD)
        return p->refusal.http_status;
    assert_int_equal(len, strlen(text));
    p->head = (struct mill_head){.headers = p->headers, .max_headers = MAX_HEADERS};
    if (!mill_head_parse((struct mill_view){text, len}, &p->head, &p->refusal))
        return p->refusal.http_status;
    return 0;
}

static void assert_text(struct mill_view view, const char *text)
{
    assert_int_equal(view.len, strlen(text));
    assert_memory_equal(view.ptr, text, view.len);
}

static void test_accepted(void **state)
{
    struct parsed p;

    (void)state;
    assert_int_equal(parse(&p, "POST /a?b=c HTTP/1.1\r\nhost:  x:1 \r\nX-Y: \r\n"
                               "CONTENT-LENGTH: 0012\r\nexpect: 100-Continue\r\n"
                               "Accept-Encoding: gzip\r\nOrigin: null\r\n\r\n"),
                     0);
    assert_int_equal(p.head.method, MILL_POST);
    assert_text(p.head.target, "/a?b=c");
    assert_text(p.head.host, "x:1");
    assert_text(p.head.origin, "null");
    assert_text(p.head.accept_encoding, "gzip");
    assert_int_equal(p.head.content_length, 12);
    assert_true(p.head.http11 && p.head.keep_alive && p.head.expect_continue);
    assert_false(p.head.chunked);
    assert_int_equal(p.head.header_count, 6);
    assert_text(p.headers[1].name, "X-Y");
    assert_text(p.headers[1].value, "");
}

static void test_connection(void **state)
{
    static const struct {
        const char *head;
        bool keep_alive;
    } cases[] = {
        {"GET / HTTP/1.1\r\nHost: a\r\n\r\n", true},
        {"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", false},
        {"GET / HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, CLOSE\r\n\r\n", false},
        {"GET / HTTP/1.1\r\nHost: a\r\nConnection: closed\r\n\r\n", true},
        {"GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n", true},
        {"GET / HTTP/1.0\r\n\r\n", false},
        {"GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", true},
        {"GET / HTTP/1.0\r\nConnection: close, keep-alive\r\n\r\n", false},
    };
    struct parsed p;

    (void)state;
    for (size_t i = 0; i < MILL_COUNT(cases); i++) {
        assert_int_equal(parse(&p, cases[i].head), 0);
        assert_int_equal(p.head.keep_alive, cases[i].keep_alive);
    }
}

static void test_refused(void **state)
{
    static const struct {
        const char *head;
        int http_status;
    } cases[] = {
        {"GET / HTTP/1.1\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\nHost: a\nX: b\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\nHost: a\r\n b\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\nHost: a\r\nOrigin: a\r\nOrigin: b\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\nHost: a\r\n: b\r\n\r\n", 400},
        {"GET x HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"GET / HTTP/3.0\r\nHost: a\r\n\r\n", 505},
        {"PROPFIND / HTTP/1.1\r\nHost: a\r\n\r\n", 501},
        {"PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n", 501},
        {"PUT / HTTP/1.1\r\nHost: a\r\nExpect: x\r\n\r\n", 417},
        {"PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 1x\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\nHost: a\r\n1: \r\n2: \r\n3: \r\n4: \r\n5: \r\n6: \r\n7: \r\n8: \r\n"
         "\r\n",
         431},
    };
    struct parsed p;

    (void)state;
    for (size_t i = 0; i < MILL_COUNT(cases); i++)
        assert_int_equal(parse(&p, cases[i].head), cases[i].http_status);
}

static void test_long_heads(void **state)
{
    char text[400];
    size_t len;
    struct mill_refusal refusal;

    (void)state;
    memset(text, 'x', sizeof(text));
    text[sizeof(text) - 1] = '\0';
    assert_int_equal(scan(text, &len, &refusal), MILL_SCAN_BAD);
    assert_int_equal(refusal.http_status, 414);
    memcpy(text, "GET / HTTP/1.1\r\n", 16);
    assert_int_equal(scan(text, &len, &refusal), MILL_SCAN_BAD);
    assert_int_equal(refusal.http_status, 431);
    text[150] = '\0';
    assert_int_equal(scan(text, &len, &refusal), MILL_SCAN_MORE);
}

/* Reads a chunked body in steps; what is content goes to out. */
static enum mill_scan unchunk(const char *text, size_t step, struct mill_buf *out, size_t *used)
{
    struct mill_chunks chunks = {0};
    struct mill_view rest = mill_view_of(text), piece;
    enum mill_scan result = MILL_SCAN_MORE;

    *used = 0;
    while (result == MILL_SCAN_MORE && rest.len > 0) {
        size_t took;
        struct mill_view now = {rest.ptr, rest.len < step ? rest.len : step};
        result = mill_chunks_next(&chunks, now, &piece, &took);
        if (result == MILL_SCAN_BAD)
            break;
        mill_buf_add_view(out, piece);
        rest = mill_view_from(rest, took);
        *used += took;
    }
    return result;
}

static void test_chunks(void **state)
{
    static const struct {
        const char *body, *content, *behind;
    } cases[] = {
        {"0\r\n\r\n", "", ""},
        {"5\r\nhello\r\n0\r\n\r\nGET", "hello", "GET"},
        {"3;a=b;c=\"d\"\r\nabc\r\n00002\r\nde\r\n0;x\r\nA: b\r\nC: d\r\n\r\n", "abcde", ""},
        {"a\r\n0123456789\r\nA\r\n0123456789\r\n0\r\n\r\n", "01234567890123456789", ""},
    };

    (void)state;
    for (size_t i = 0; i < MILL_COUNT(cases); i++) {
        for (size_t step = 1; step < 40; step++) {
            struct mill_buf out = {0};
            size_t used;
            assert_int_equal(unchunk(cases[i].body, step, &out, &used), MILL_SCAN_DONE);
            assert_text(mill_buf_view(&out), cases[i].content);
            assert_string_equal(cases[i].body + used, cases[i].behind);
            mill_buf_release(&out);
        }
    }
}

static void test_bad_chunks(void **state)
{
    static const char *const cases[] = {
        "\r\n",          "g\r\n",
        "5 \r\n",        "-5\r\n",
        "5\nhello",      "5\rhello",
        "5\r\nhelloX",   "5\r\nhello\n",
        "5\r\nhello\rX", "0\r\n\n",
        "0\r\n\rX",      "0\r\n X: y\r\n",
        "0\r\nX: y\n",   "fffffffffffffffff\r\n",
        "5;\x01\r\n",
    };

    (void)state;
    for (size_t i = 0; i < MILL_COUNT(cases); i++) {
        for (size_t step = 1; step < 12; step++) {
            struct mill_buf out = {0};
            size_t used;
            assert_int_equal(unchunk(cases[i], step, &out, &used), MILL_SCAN_BAD);
            mill_buf_release(&out);
        }
    }
}

static void test_accept_encoding(void **state)
{
    static const struct {
        const char *header;
        bool accepted;
    } cases[] = {
        {"gzip", true},
        {"GZIP", true},
        {"deflate, gzip;q=0.5", true},
        {"gzip;q=1.0", true},
        {" gzip ; q=0.1", true},
        {"gzip;q=0", false},
        {"gzip; q=0.000", false},
        {"", false},
        {"deflate", false},
        {"xgzip", false},
        {"br,zstd", false},
    };

    (void)state;
    for (size_t i = 0; i < MILL_COUNT(cases); i++)
        assert_int_equal(mill_gzip_accepted(mill_view_of(cases[i].header)), cases[i].accepted);
    assert_false(mill_gzip_accepted((struct mill_view){NULL, 0}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_accepted),        cmocka_unit_test(test_connection),
        cmocka_unit_test(test_refused),         cmocka_unit_test(test_long_heads),
        cmocka_unit_test(test_chunks),          cmocka_unit_test(test_bad_chunks),
        cmocka_unit_test(test_accept_encoding),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
