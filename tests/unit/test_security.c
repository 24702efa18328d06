/* test_security.c - rules for Host and Origin, and the patterns of their lists. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "server/security.h"

static void with_lists(struct mill_security *security, struct mill_arena *arena,
                       const char *hosts, const char *origins)
{
    struct mill_server_config config;

    mill_server_config_defaults(&config);
    config.allowed_hosts = mill_view_of(hosts);
    config.cors_allowed_origins = mill_view_of(origins);
    assert_int_equal(mill_security_init(security, &config, arena, NULL), MILL_OK);
}

static void test_glob(void **state)
{
    static const struct {
        const char *pattern, *text;
        bool matches;
    } cases[] = {
        {"", "", true},
        {"", "a", false},
        {"*", "", true},
        {"*", "abc", true},
        {"a*", "abc", true},
        {"*c", "abc", true},
        {"a*c", "abc", true},
        {"a*c", "abd", false},
        {"a*b*c", "aXbYc", true},
        {"a*b*c", "aXcYb", false},
        {"?", "a", true},
        {"?", "", false},
        {"a?c", "abc", true},
        {"ABC", "abc", true},
        {"*.lab.org", "x.LAB.org", true},
        {"*.lab.org", "lab.org", false},
        {"**a**", "bab", true},
        {"abc", "abcd", false},
        {"a*a*a*a*a*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false},
    };

    (void)state;
    for (size_t i = 0; i < MILL_COUNT(cases); i++)
        assert_int_equal(mill_glob(mill_view_of(cases[i].pattern), mill_view_of(cases[i].text)),
                         cases[i].matches);
}

struct host_case {
    const char *host;
    bool allowed;
};

static void test_default_hosts(void **state)
{
    static const struct host_case cases[] = {
        {"localhost", true},
        {"localhost:5000", true},
        {"127.0.0.1:1", true},
        {"127.1.2.3", true},
        {"0.0.0.0", true},
        {"10.0.0.1", true},
        {"172.16.0.1", true},
        {"172.31.0.1:80", true},
        {"172.32.0.1", false},
        {"172.15.255.255", false},
        {"192.168.9.9", true},
        {"192.169.0.1", false},
        {"[::1]", true},
        {"[::1]:5000", true},
        {"[fc00::1]", true},
        {"[fdff::1]", true},
        {"[fe00::1]", false},
        {"[fe80::1]", true},
        {"[::ffff:10.0.0.1]", true},
        {"[::ffff:9.0.0.1]", false},
        {"[2001:db8::1]", false},
        {"10.example.com", false},
        {"example.com", false},
        {"localhost.example.com", false},
        {"", false},
        {":80", false},
        {"[::1", false},
        {"[]", false},
        {"[::1]a", false},
        {"localhost:80x", false},
        {"010.0.0.1", false},
        {"10.0.0.1.", false},
        {"bound.example.com:5000", true},
    };
    struct mill_arena arena = {0};
    struct mill_security security;

    (void)state;
    with_lists(&security, &arena, "", "");
    security.bind_host = MILL_VIEW("Bound.example.com");
    for (size_t i = 0; i < MILL_COUNT(cases); i++)
        assert_int_equal(mill_security_host(&security, mill_view_of(cases[i].host)),
                         cases[i].allowed);
    assert_true(mill_security_host(&security, (struct mill_view){NULL, 0}));
    mill_arena_release(&arena);
}

static void test_listed_hosts(void **state)
{
    static const struct host_case cases[] = {
        {"a.org", true},      {"A.org", true},      {"a.org:5000", false},
        {"b.org:5000", true}, {"b.org", false},     {"x.c.org", true},
        {"x.c.org:1", false}, {"localhost", false}, {"10.0.0.1", false},
    };
    struct mill_arena arena = {0};
    struct mill_security security;

    (void)state;
    with_lists(&security, &arena, " a.org,b.org:5000 ,, *.c.org", "");
    assert_int_equal(security.host_count, 3);
    for (size_t i = 0; i < MILL_COUNT(cases); i++)
        assert_int_equal(mill_security_host(&security, mill_view_of(cases[i].host)),
                         cases[i].allowed);
    mill_arena_release(&arena);
}

static void test_origins(void **state)
{
    static const struct {
        const char *origin, *host;
        bool allowed;
    } cases[] = {
        {"http://localhost", "x", true},
        {"https://localhost:3000", "x", true},
        {"http://127.0.0.1:80", "x", true},
        {"http://[::1]:80", "x", true},
        {"http://10.0.0.1", "x", false},
        {"http://10.0.0.1:5000", "10.0.0.1:5000", true},
        {"https://10.0.0.1:5000", "10.0.0.1:5000", true},
        {"http://10.0.0.1:5001", "10.0.0.1:5000", false},
        {"http://localhost.example.com", "x", false},
        {"null", "x", false},
        {"", "", false},
        {"localhost", "localhost", false},
        {"ftp://localhost", "x", false},
        {"http://", "", true}, /* no browser says this; it equals the host it reached */
        {"http://user@localhost", "x", false},
        {"https://app.example.com", "x", true},
        {"https://app.example.com:444", "x", false},
        {"https://a.lab.example.com", "x", true},
        {"https://evil.com/.lab.example.com", "x", false},
        {"https://evil.com@a.lab.example.com", "x", false},
    };
    struct mill_arena arena = {0};
    struct mill_security security;

    (void)state;
    with_lists(&security, &arena, "", "https://app.example.com, https://*.lab.example.com");
    assert_false(security.any_origin);
    for (size_t i = 0; i < MILL_COUNT(cases); i++)
        assert_int_equal(mill_security_origin(&security, mill_view_of(cases[i].origin),
                                              mill_view_of(cases[i].host)),
                         cases[i].allowed);
    with_lists(&security, &arena, "", "*");
    assert_true(security.any_origin);
    assert_true(mill_security_origin(&security, MILL_VIEW("https://evil.example"),
                                     MILL_VIEW("localhost")));
    mill_arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_glob),
        cmocka_unit_test(test_default_hosts),
        cmocka_unit_test(test_listed_hosts),
        cmocka_unit_test(test_origins),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
