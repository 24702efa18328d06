/* test_address.c - which addresses are public, and which URLs may be requested. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <netdb.h>

#include "base/view.h"
#include "net/address.h"
#include "net/target.h"

static bool is_public(const char *text)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST};
    struct addrinfo *found;
    bool result;

    if (getaddrinfo(text, NULL, &hints, &found) != 0)
        fail_msg("%s is no address", text);
    result = mill_address_is_public(found->ai_addr);
    freeaddrinfo(found);
    return result;
}

static void test_public(void **state)
{
    static const char *const addresses[] = {
        "1.1.1.1",         "8.8.8.8",          "9.255.255.255",   "11.0.0.0",
        "100.63.255.255",  "100.128.0.0",      "126.255.255.255", "128.0.0.1",
        "169.253.255.255", "172.15.255.255",   "172.32.0.0",      "192.0.1.0",
        "192.167.255.255", "192.169.0.0",      "198.17.255.255",  "198.20.0.0",
        "223.255.255.255", "2606:4700::1111",  "2001:200::1",     "2a00:1450::1",
        "::ffff:8.8.8.8",  "64:ff9b::808:808", "2002:808:808::1", "2001:4860:4860::8888",
        "3ffe::1",         "fbff::1",
    };
    (void)state;
    for (size_t i = 0; i < MILL_COUNT(addresses); i++)
        if (!is_public(addresses[i]))
            fail_msg("%s is public", addresses[i]);
}

static void test_not_public(void **state)
{
    static const char *const addresses[] = {
        "0.0.0.0",
        "10.0.0.1",
        "10.255.255.255",
        "100.64.0.1",
        "127.0.0.1",
        "127.255.255.255",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.8",
        "192.0.2.1",
        "192.168.1.1",
        "198.18.0.1",
        "198.19.255.255",
        "198.51.100.7",
        "203.0.113.9",
        "224.0.0.1",
        "239.255.255.255",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::127.0.0.1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::a00:1",
        "64:ff9b:1::1",
        "100::1",
        "2001::1",
        "2001:db8::1",
        "2002:7f00:1::",
        "2002:a9fe:a9fe::1",
        "fc00::1",
        "fdff::1",
        "fe80::1",
        "fec0::1",
        "ff02::1",
        "3fff::1",
        "::ffff:169.254.169.254",
    };
    struct sockaddr other = {.sa_family = AF_UNIX};
    (void)state;
    for (size_t i = 0; i < MILL_COUNT(addresses); i++)
        if (is_public(addresses[i]))
            fail_msg("%s is not public", addresses[i]);
    assert_false(mill_address_is_public(&other));
}

static void test_urls(void **state)
{
    static const struct {
        const char *url;
        bool allowed;
        bool private_allowed;
    } cases[] = {
        {"https://1.1.1.1/hook", true, true},
        {"HTTPS://1.1.1.1:8443/hook?x=y", true, true},
        {"https://[2606:4700::1111]/", true, true},
        {"https://127.0.0.1/", false, true},
        {"https://127.1/", false, true},
        {"https://2130706433/", false, true},
        {"https://0x7f.1/", false, true},
        {"https://localhost/", false, true},
        {"https://[::1]/", false, true},
        {"https://[::ffff:10.0.0.1]/", false, true},
        {"https://user:word@10.0.0.1/", false, true},
        {"http://1.1.1.1/", false, false},
        {"ftp://1.1.1.1/", false, false},
        {"file:///etc/passwd", false, false},
        {"gopher://1.1.1.1/", false, false},
        {"https://", false, false},
        {"https://host with space/", false, false},
        {"//1.1.1.1/", false, false},
        {"1.1.1.1/hook", false, false},
        {"", false, false},
        {" ", false, false},
    };
    const struct mill_target_rules strict = {.schemes = MILL_VIEW("https")};
    const struct mill_target_rules lax = {.schemes = MILL_VIEW("https"), .allow_private = true};
    const struct mill_target_rules both = {.schemes = MILL_VIEW("ftp , HTTP")};
    struct mill_error err;
    (void)state;
    for (size_t i = 0; i < MILL_COUNT(cases); i++) {
        struct mill_view url = mill_view_of(cases[i].url);
        enum mill_status st = mill_target_check(&strict, "url", url, &err);

        if (st != (cases[i].allowed ? MILL_OK : MILL_E_INVALID))
            fail_msg("%s: %d", cases[i].url, (int)st);
        st = mill_target_check(&lax, "url", url, &err);
        if (st != (cases[i].private_allowed ? MILL_OK : MILL_E_INVALID))
            fail_msg("%s with private ones: %d", cases[i].url, (int)st);
    }
    assert_int_equal(mill_target_check(&both, "url", MILL_VIEW("http://1.1.1.1/"), &err),
                     MILL_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_public),
        cmocka_unit_test(test_not_public),
        cmocka_unit_test(test_urls),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
