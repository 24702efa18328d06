/* test_graphql.c - GraphQL documents: what is read, what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/view.h"
#include "model/limits.h"
#include "wire/graphql.h"
#include "wire/json.h"

static void show(struct mill_buf *out, const struct mill_gql_field *fields)
{
    for (const struct mill_gql_field *f = fields; f != NULL; f = f->next) {
        mill_buf_printf(out, "%s%.*s=%.*s", f != fields ? " " : "", MILL_FMT(f->key),
                        MILL_FMT(f->name));
        if (f->arguments.len > 2)
            mill_buf_add_view(out, f->arguments);
        if (f->below != NULL) {
            mill_buf_add_char(out, '(');
            show(out, f->below);
            mill_buf_add_char(out, ')');
        }
    }
}

static enum mill_status parse(const char *text, const char *operation, const char *variables,
                              struct mill_buf *out, struct mill_error *err)
{
    struct mill_arena arena = {0};
    const struct mill_gql_field *fields = NULL;
    struct mill_view padded = mill_json_pad(mill_view_of(variables), &arena);
    enum mill_status st = mill_gql_parse(mill_view_of(text), mill_view_of(operation), padded,
                                         &arena, &fields, err);
    if (st == MILL_OK)
        show(out, fields);
    mill_arena_release(&arena);
    return st;
}

static void test_read(void **state)
{
    static const struct {
        const char *text;
        const char *operation;
        const char *variables;
        const char *expected;
    } cases[] = {
        {"{a}", "", "", "a=a"},
        {"{ a, b ,c }", "", "null", "a=a b=b c=c"},
        {"{ x: a { y: b { c } d } }", "", "", "x=a(y=b(c=c) d=d)"},
        {"query { a }", "", "", "a=a"},
        {"query Q($v: [T!]! = [1]) @d(e: \"f\") { a(b: $v) }", "", "{}", "a=a{\"b\":[1]}"},
        {"query Q($v: T) { a(b: $v, c: 2) }", "", "{\"v\": {\"x\": [1.5, null]}}",
         "a=a{\"b\":{\"x\":[1.5,null]},\"c\":2}"},
        {"{a(b: -1.5e+3 c: true d: null e: WORD f: \"t\\n\\u00fc\t\" g: [] h: {i: {j: 1}})}",
         "", "",
         "a=a{\"b\":-1.5e+3,\"c\":true,\"d\":null,\"e\":\"WORD\",\"f\":\"t\\n\\u00fc\\u0009\","
         "\"g\":[],\"h\":{\"i\":{\"j\":1}}}"},
        {"query A { a } mutation B { b }", "B", "", "b=b"},
        {"\xef\xbb\xbf# comment\n{ a # more\n }", "", "", "a=a"},
        {"{a(b: \"\")}", "", "", "a=a{\"b\":\"\"}"},
    };
    (void)state;
    for (size_t i = 0; i < MILL_COUNT(cases); i++) {
        struct mill_buf out = {0};
        struct mill_error err = {""};
        if (parse(cases[i].text, cases[i].operation, cases[i].variables, &out, &err) != MILL_OK)
            fail_msg("%s: %s", cases[i].text, err.message);
        mill_buf_add_char(&out, '\0');
        assert_string_equal(out.ptr, cases[i].expected);
        mill_buf_release(&out);
    }
}

static void test_refused(void **state)
{
    static const char *const texts[] = {
        "",
        " ",
        "{",
        "}",
        "{}",
        "{a",
        "{a}}",
        "{a{}}",
        "{a(}",
        "{a(b)}",
        "{a(b:)}",
        "{a(b:1}",
        "{a(b:[1)}",
        "{a(b:{c})}",
        "{a:}",
        "{a:b:c}",
        "{1}",
        "{a(b:01)}",
        "{a(b:1.)}",
        "{a(b:1e)}",
        "{a(b:-)}",
        "{a(b:\"x)}",
        "{a(b:\"x\ny\")}",
        "{a(b:\"x\\\")}",
        "{a(b:\"\"\"x\"\"\")}",
        "{a(b:$)}",
        "{a(b:$v)}",
        "{...F}",
        "fragment F on T {a}",
        "subscription {a}",
        "query ($v: T = $w) {a}",
        "query ($v) {a}",
        "query (v: T) {a}",
        "query ($v: [T) {a}",
        "{a @include(if: true)}",
        "{a} {b}",
        "query A {a} query A {b}",
        "{a;b}",
        "{a\\b}",
        "query",
        "query Q",
        "\x01",
        "{a|b}",
    };
    (void)state;
    for (size_t i = 0; i < MILL_COUNT(texts); i++) {
        struct mill_buf out = {0};
        struct mill_error err = {""};
        if (parse(texts[i], "", "", &out, &err) != MILL_E_INVALID)
            fail_msg("%s was read", texts[i]);
        assert_int_not_equal(err.message[0], '\0');
        mill_buf_release(&out);
    }
    struct mill_buf none = {0};
    assert_int_equal(parse("query A {a}", "B", "", &none, NULL), MILL_E_INVALID);
    assert_int_equal(parse("{a}", "", "{", &none, NULL), MILL_E_INVALID);
    mill_buf_release(&none);
}

/* count times a text. */
static char *repeated(const char *before, const char *text, int count, const char *after)
{
    struct mill_buf out = {0};
    mill_buf_add_view(&out, mill_view_of(before));
    for (int i = 0; i < count; i++)
        mill_buf_printf(&out, "%s", text);
    mill_buf_add_view(&out, mill_view_of(after));
    mill_buf_add_char(&out, '\0');
    return out.ptr;
}

static void test_bounds(void **state)
{
    static const struct {
        const char *before, *text, *after;
        int most;
    } cases[] = {
        {"", "{a", "}}}}}}}}}}", MILL_MAX_GRAPHQL_DEPTH},
        {"{", "a ", "}", MILL_MAX_GRAPHQL_ROOTS},
        {"{r{", "x:a ", "}}", MILL_MAX_GRAPHQL_ALIASES},
        {"{r{", "a ", "}}", MILL_MAX_GRAPHQL_FIELDS - 1},
        {"{a(b:", "[", "]]]]]]]]])}", MILL_MAX_GRAPHQL_DEPTH - 1},
        {"{a}", "#", "", MILL_MAX_GRAPHQL_BYTES - 3},
    };
    (void)state;
    for (size_t i = 0; i < MILL_COUNT(cases); i++) {
        for (int more = 0; more < 2; more++) {
            char *text =
                repeated(cases[i].before, cases[i].text, cases[i].most + more, cases[i].after);
            struct mill_buf out = {0};
            struct mill_error err = {""};
            enum mill_status st = parse(text, "", "", &out, &err);
            if (st != (more ? MILL_E_INVALID : MILL_OK))
                fail_msg("case %zu, %d more: %s", i, more, err.message);
            mill_buf_release(&out);
            mill_free(text);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_read),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_bounds),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
