/* test_ini.c - INI files: what is an item, what is a comment, what is an error. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "remote/ini.h"

/* Each item as "section|key|value|nested\n". */
static void check(const char *text, const char *expected)
{
    struct mill_ini ini = {.rest = mill_view_of(text)};
    struct mill_ini_item item;
    struct mill_buf seen = {0};
    bool found;
    for (;;) {
        assert_int_equal(mill_ini_next(&ini, &item, &found, NULL), MILL_OK);
        if (!found)
            break;
        mill_buf_printf(&seen, "%.*s|%.*s|%.*s|%d\n", MILL_FMT(item.section),
                        MILL_FMT(item.key), MILL_FMT(item.value), item.nested);
    }
    mill_buf_add_char(&seen, '\0');
    assert_string_equal(seen.ptr, expected);
    mill_buf_release(&seen);
}

static void test_items(void **state)
{
    (void)state;
    check("", "");
    check("\n# a = 1\n; b = 2\n  # c = 3", "");
    check("a=1", "|a|1|0\n");
    check("\xef\xbb\xbf[one]\r\na = 1\r\n[ two ]  # comment\nb= x = y \n",
          "one|a|1|0\ntwo|b|x = y|0\n");
    check("[a]\nkey =\nother = # nothing", "a|key||0\na|other|# nothing|0\n");
}

static void test_comments(void **state)
{
    (void)state;
    check("a = b#c;d # e ; f", "|a|b#c;d|0\n");
    check("a = b ; c", "|a|b|0\n");
    check("a = #b", "|a|#b|0\n");
}

static void test_nested(void **state)
{
    (void)state;
    check("[p]\ns3 =\n  style = path\n\tmore = 1\nregion = x\n  indented = 2\n",
          "p|s3||0\np|style|path|1\np|more|1|1\np|region|x|0\np|indented|2|0\n");
    check("[p]\ns3 =\n[q]\n  key = 1\n", "p|s3||0\nq|key|1|0\n");
}

/* Files of Python programs: passwords may hold what is a comment elsewhere. */
static void test_python(void **state)
{
    struct mill_ini ini = {.rest = mill_view_of("[p]\na: b=c # d\nb = c:d ; e\n"),
                           .python = true};
    struct mill_ini_item item;
    bool found;
    (void)state;
    assert_int_equal(mill_ini_next(&ini, &item, &found, NULL), MILL_OK);
    assert_true(mill_view_eq(item.key, MILL_VIEW("a")));
    assert_true(mill_view_eq(item.value, MILL_VIEW("b=c # d")));
    assert_int_equal(mill_ini_next(&ini, &item, &found, NULL), MILL_OK);
    assert_true(mill_view_eq(item.key, MILL_VIEW("b")));
    assert_true(mill_view_eq(item.value, MILL_VIEW("c:d ; e")));
}

/* A line has no limit of its own: session tokens are long. */
static void test_long_value(void **state)
{
    struct mill_buf text = {0};
    struct mill_ini_item item;
    bool found;
    (void)state;
    mill_buf_printf(&text, "token = %05000d", 7);
    struct mill_ini ini = {.rest = mill_buf_view(&text)};
    assert_int_equal(mill_ini_next(&ini, &item, &found, NULL), MILL_OK);
    assert_true(found);
    assert_int_equal(item.value.len, 5000);
    mill_buf_release(&text);
}

static void test_errors(void **state)
{
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"# fine\nno value\n", "line 2 is neither [section], key = value nor a comment"},
        {"= value", "line 1 is neither [section], key = value nor a comment"},
        {"[open\n", "line 1: a section is written [name]"},
        {"[]", "line 1: a section is written [name]"},
    };
    (void)state;
    for (size_t i = 0; i < MILL_COUNT(cases); i++) {
        struct mill_ini ini = {.rest = mill_view_of(cases[i].text)};
        struct mill_ini_item item;
        struct mill_error err;
        bool found;
        assert_int_equal(mill_ini_next(&ini, &item, &found, &err), MILL_E_INVALID);
        assert_string_equal(err.message, cases[i].message);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_items),  cmocka_unit_test(test_comments),
        cmocka_unit_test(test_nested), cmocka_unit_test(test_long_value),
        cmocka_unit_test(test_errors), cmocka_unit_test(test_python),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
