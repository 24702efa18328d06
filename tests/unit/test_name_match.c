/* test_name_match.c - regular expressions over names: what they find, and what they may cost.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "server/name_match.h"

static struct mill_name_match *compiled(const char *regex)
{
    struct mill_name_match *match = NULL;
    struct mill_error err;
    if (mill_name_match_new("name_regex", mill_view_of(regex), &match, &err) != MILL_OK)
        fail_msg("%s: %s", regex, err.message);
    return match;
}

static bool is(const char *regex, const char *name)
{
    struct mill_name_match *match = compiled(regex);
    bool found = mill_name_match_is(match, mill_view_of(name));
    assert_int_equal(mill_name_match_check(match, NULL), MILL_OK);
    mill_name_match_free(match);
    return found;
}

static void finds_what_is_somewhere_in_the_name(void **state)
{
    (void)state;
    assert_true(is("fox", "calm-fox-12"));
    assert_true(is("FOX-\\d+$", "calm-fox-12"));
    assert_false(is("^fox", "calm-fox-12"));
    assert_false(is("(?-i)FOX", "calm-fox-12"));
    assert_true(is("^.$", "\xc3\xbc")); /* one character, two bytes */
    assert_true(is("", ""));
    assert_true(is("^$", ""));
    struct mill_name_match *match = compiled("^$");
    assert_true(mill_name_match_is(match, (struct mill_view){NULL, 0}));
    mill_name_match_free(match);
}

static void says_what_is_wrong(void **state)
{
    static const char *const wrong[] = {"(", "a{2,1}", "[z-a]", "*", "\\C", "(?<n>a)(?<n>b)"};
    struct mill_name_match *match = NULL;
    struct mill_error err;
    char longest[MILL_MAX_NAME_REGEX + 2];
    (void)state;
    for (size_t i = 0; i < MILL_COUNT(wrong); i++) {
        assert_int_equal(
            mill_name_match_new("name_regex", mill_view_of(wrong[i]), &match, &err),
            MILL_E_INVALID);
        assert_memory_equal(err.message, "name_regex: not a regular expression", 36);
    }
    memset(longest, 'a', sizeof(longest));
    assert_int_equal(mill_name_match_new("name_regex",
                                         (struct mill_view){longest, MILL_MAX_NAME_REGEX + 1},
                                         &match, &err),
                     MILL_E_INVALID);
    assert_int_equal(mill_name_match_new("name_regex",
                                         (struct mill_view){longest, MILL_MAX_NAME_REGEX},
                                         &match, NULL),
                     MILL_OK);
    mill_name_match_free(match);
    mill_name_match_free(NULL);
}

/* One that grows exponentially gives up, and says so instead of finding less. */
static void gives_up(void **state)
{
    struct mill_name_match *match = compiled("^(a+)+$");
    (void)state;
    assert_true(mill_name_match_is(match, MILL_VIEW("aaaa")));
    assert_false(mill_name_match_is(
        match, MILL_VIEW("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!")));
    assert_int_equal(mill_name_match_check(match, NULL), MILL_E_INVALID);
    assert_false(mill_name_match_is(match, MILL_VIEW("aaaa")));
    mill_name_match_free(match);
}

static void survives_without_memory(void **state)
{
    enum mill_status st = MILL_E_NOMEM;
    (void)state;
    for (long nth = 1; st != MILL_OK; nth++) {
        struct mill_name_match *match = NULL;
        mill_alloc_fail_after(nth);
        st = mill_name_match_new("name_regex", MILL_VIEW("(a|b)*c"), &match, NULL);
        mill_alloc_fail_after(0);
        assert_true(st == MILL_OK || st == MILL_E_NOMEM);
        assert_true(nth < 50);
        mill_name_match_free(match);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_what_is_somewhere_in_the_name),
        cmocka_unit_test(says_what_is_wrong),
        cmocka_unit_test(gives_up),
        cmocka_unit_test(survives_without_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
