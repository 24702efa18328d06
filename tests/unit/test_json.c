/* test_json.c - JSON text to tape and back, and numbers as text. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/number.h"
#include "model/limits.h"
#include "wire/json.h"

static struct mill_arena arena;

static enum mill_status parse(const char *text, struct mill_json *json)
{
    return mill_json_parse(mill_json_pad(mill_view_of(text), &arena), &arena, json, NULL);
}

static void check_rewritten(const char *text, const char *expected)
{
    struct mill_json json;
    struct mill_buf out = {0};
    assert_int_equal(parse(text, &json), MILL_OK);
    mill_json_write(&out, &json, json.root);
    mill_buf_add_char(&out, '\0');
    assert_string_equal(out.ptr, expected);
    mill_buf_release(&out);
}

static void writes_what_it_read(void **state)
{
    (void)state;
    check_rewritten("{}", "{}");
    check_rewritten(" [ ] ", "[]");
    check_rewritten("{\"a\" : [1, -2, 3.5, true, false, null, \"x\"], \"b\": {\"c\": {}}}",
                    "{\"a\":[1,-2,3.5,true,false,null,\"x\"],\"b\":{\"c\":{}}}");
    check_rewritten("\"\\u00e9\\n\\u0001\\\"\\\\/\"", "\"\xc3\xa9\\n\\u0001\\\"\\\\/\"");
    check_rewritten("[9223372036854775807, -9223372036854775808, 18446744073709551615]",
                    "[9223372036854775807,-9223372036854775808,18446744073709551615]");
}

static void sorts_members(void **state)
{
    static const struct {
        const char *text, *sorted;
    } cases[] = {
        {"{\"b\":1,\"a\":{\"d\":[{\"z\":1,\"y\":2}],\"c\":null}}",
         "{\"a\":{\"c\":null,\"d\":[{\"y\":2,\"z\":1}]},\"b\":1}"},
        {"[3,1,2]", "[3,1,2]"},
        {"{}", "{}"},
    };
    (void)state;
    for (size_t i = 0; i < MILL_COUNT(cases); i++) {
        struct mill_json json;
        struct mill_buf out = {0};
        struct mill_view text = mill_json_pad(mill_view_of(cases[i].text), &arena);
        assert_int_equal(mill_json_parse(text, &arena, &json, NULL), MILL_OK);
        assert_true(mill_json_write_sorted(&out, &json, json.root));
        mill_buf_add_char(&out, '\0');
        assert_string_equal(out.ptr, cases[i].sorted);
        mill_buf_release(&out);
    }
}

static void takes_words_for_numbers(void **state)
{
    (void)state;
    check_rewritten("[NaN, Infinity, -Infinity, \"NaN\\\" NaN\"]",
                    "[\"NaN\",\"Infinity\",\"-Infinity\",\"NaN\\\" NaN\"]");
    check_rewritten("[1e400, -1e400, 1e-400]", "[\"Infinity\",\"-Infinity\",0.0]");
    check_rewritten("[123456789012345678901234567890]", "[1.2345678901234568e+29]");
    check_rewritten("[-9223372036854775809]", "[-9.223372036854776e+18]");
}

static void refuses_what_is_not_json(void **state)
{
    static const char *const bad[] = {
        "",
        "{",
        "{\"a\":}",
        "[1,]",
        "{\"a\" 1}",
        "nul",
        "\"a",
        "[1] []",
        "{a:1}",
        "\"\x80\"",
        "\"\\ud800\"",
        "\"\\udc00\"",
        "\"\\udc00x\"",
        "[01]",
        "[1.]",
        "[+1]",
        "[--1]",
        "\"a\nb\"",
        "[nan]",
        "[-NaN]",
        "[NaNNaN]",
        "\"\\x\"",
        "\xef\xbb\xbf{",
    };
    struct mill_json json;
    (void)state;
    for (size_t i = 0; i < MILL_COUNT(bad); i++) {
        if (parse(bad[i], &json) != MILL_E_INVALID)
            fail_msg("%s was accepted", bad[i]);
    }
}

static void bounds_depth(void **state)
{
    char text[2 * 2000 + 1];
    struct mill_json json;
    struct mill_error err;
    (void)state;
    for (size_t depth = 1; depth <= 2000; depth++) {
        memset(text, '[', depth);
        memset(text + depth, ']', depth);
        struct mill_view padded = mill_json_pad((struct mill_view){text, 2 * depth}, &arena);
        enum mill_status st = mill_json_parse(padded, &arena, &json, &err);
        assert_int_equal(st, depth <= MILL_MAX_JSON_DEPTH ? MILL_OK : MILL_E_INVALID);
    }
    assert_non_null(strstr(err.message, "deeper"));
}

static void counts_members(void **state)
{
    struct mill_json json;
    (void)state;
    assert_int_equal(parse("{\"a\":[1,2.5,[3,4],{\"x\":1}],\"b\":7}", &json), MILL_OK);
    assert_int_equal(mill_json_count(&json, json.root), 2);
    size_t name = mill_json_first(json.root);
    assert_true(mill_view_eq(mill_json_string(&json, name), MILL_VIEW("a")));
    assert_int_equal(mill_json_count(&json, name + 1), 4);
    assert_int_equal(mill_json_type(&json, name + 1), MILL_JSON_ARRAY);
}

/* Strings outlive the tape: the next parse must not change them. */
static void keeps_strings(void **state)
{
    struct mill_json first;
    struct mill_json second;
    (void)state;
    assert_int_equal(parse("\"the first one\"", &first), MILL_OK);
    struct mill_view text = mill_json_string(&first, first.root);
    assert_int_equal(parse("\"something else\"", &second), MILL_OK);
    assert_true(mill_view_eq(text, MILL_VIEW("the first one")));
}

static void survives_large_documents(void **state)
{
    struct mill_buf big = {0};
    struct mill_json json;
    (void)state;
    mill_buf_add_char(&big, '[');
    for (int i = 0; i < 200000; i++)
        mill_buf_printf(&big, "%s%d", i > 0 ? "," : "", i);
    mill_buf_add_char(&big, ']');
    struct mill_view padded = mill_json_pad(mill_buf_view(&big), &arena);
    assert_int_equal(mill_json_parse(padded, &arena, &json, NULL), MILL_OK);
    assert_int_equal(mill_json_count(&json, json.root), 200000);
    mill_json_done();
    assert_int_equal(parse("[1]", &json), MILL_OK);
    assert_int_equal(mill_json_count(&json, json.root), 1);
    mill_buf_release(&big);
}

static void bounds_values(void **state)
{
    struct mill_buf text = {0};
    struct mill_json json;
    (void)state;
    mill_buf_add_char(&text, '[');
    for (int i = 0; i < MILL_MAX_JSON_VALUES; i++)
        mill_buf_add(&text, i > 0 ? ",1" : "1", i > 0 ? 2 : 1);
    mill_buf_add_char(&text, ']');
    struct mill_view padded = mill_json_pad(mill_buf_view(&text), &arena);
    assert_int_equal(mill_json_parse(padded, &arena, &json, NULL), MILL_OK);
    assert_int_equal(mill_json_count(&json, json.root), MILL_MAX_JSON_VALUES);
    text.ptr[text.len - 1] = ',';
    mill_buf_add(&text, "1]", 2);
    padded = mill_json_pad(mill_buf_view(&text), &arena);
    assert_int_equal(mill_json_parse(padded, &arena, &json, NULL), MILL_E_TOO_LARGE);
    text.ptr[0] = '"'; /* as one string it is one value */
    text.ptr[text.len - 1] = '"';
    padded = mill_json_pad(mill_buf_view(&text), &arena);
    assert_int_equal(mill_json_parse(padded, &arena, &json, NULL), MILL_OK);
    mill_json_done();
    mill_buf_release(&text);
}

static void formats_like_python(void **state)
{
    static const struct {
        double value;
        const char *text;
    } rows[] = {
        {0.0, "0.0"},
        {-0.0, "-0.0"},
        {1.0, "1.0"},
        {0.1, "0.1"},
        {-2.5, "-2.5"},
        {1e-4, "0.0001"},
        {1e-5, "1e-05"},
        {1.5e-7, "1.5e-07"},
        {123456789.125, "123456789.125"},
        {1e15, "1000000000000000.0"},
        {1e16, "1e+16"},
        {1.25e16, "1.25e+16"},
        {9999999999999998.0, "9999999999999998.0"},
        {1e22, "1e+22"},
        {1.7976931348623157e308, "1.7976931348623157e+308"},
        {5e-324, "5e-324"},
        {0.30000000000000004, "0.30000000000000004"},
        {1e100, "1e+100"},
        {NAN, "NaN"},
        {HUGE_VAL, "Infinity"},
        {-HUGE_VAL, "-Infinity"},
        {123e-6, "0.000123"},
        {2251799813685249.5, "2251799813685249.5"},
    };
    (void)state;
    for (size_t i = 0; i < MILL_COUNT(rows); i++) {
        char out[MILL_DOUBLE_SIZE + 1];
        out[mill_format_double(out, rows[i].value)] = '\0';
        assert_string_equal(out, rows[i].text);
    }
}

static void formats_what_reads_back(void **state)
{
    uint64_t bits = 0x9e3779b97f4a7c15ULL;
    (void)state;
    for (int i = 0; i < 200000; i++) {
        double value;
        double back;
        char out[MILL_DOUBLE_SIZE];
        bits ^= bits << 13;
        bits ^= bits >> 7;
        bits ^= bits << 17;
        memcpy(&value, &bits, sizeof(value));
        if (isnan(value))
            continue;
        size_t len = mill_format_double(out, value);
        assert_true(len <= 24);
        assert_true(mill_parse_double((struct mill_view){out, len}, &back));
        assert_memory_equal(&back, &value, sizeof(value));
    }
}

static void reads_doubles(void **state)
{
    static const char *const bad[] = {"",     "-",  "abc", "1.5x", "nan", "inf",     "--1",
                                      "0x10", " 1", "1 ",  "1e",   "+-1", "infinity"};
    double value;
    (void)state;
    assert_true(mill_parse_double(MILL_VIEW("1e2"), &value) && value == 100.0);
    assert_true(mill_parse_double(MILL_VIEW("+0.5"), &value) && value == 0.5);
    assert_true(mill_parse_double(MILL_VIEW("1e999"), &value) && value == HUGE_VAL);
    assert_true(mill_parse_double(MILL_VIEW("-1e999"), &value) && value == -HUGE_VAL);
    assert_true(mill_parse_double(MILL_VIEW("1e-999"), &value) && value == 0.0);
    assert_true(mill_parse_double(MILL_VIEW("NaN"), &value) && isnan(value));
    for (size_t i = 0; i < MILL_COUNT(bad); i++) {
        if (mill_parse_double(mill_view_of(bad[i]), &value))
            fail_msg("\"%s\" was read as %g", bad[i], value);
    }
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
        cmocka_unit_test_teardown(writes_what_it_read, free_arena),
        cmocka_unit_test_teardown(sorts_members, free_arena),
        cmocka_unit_test_teardown(takes_words_for_numbers, free_arena),
        cmocka_unit_test_teardown(refuses_what_is_not_json, free_arena),
        cmocka_unit_test_teardown(bounds_depth, free_arena),
        cmocka_unit_test_teardown(counts_members, free_arena),
        cmocka_unit_test_teardown(keeps_strings, free_arena),
        cmocka_unit_test_teardown(survives_large_documents, free_arena),
        cmocka_unit_test_teardown(bounds_values, free_arena),
        cmocka_unit_test(formats_like_python),
        cmocka_unit_test(formats_what_reads_back),
        cmocka_unit_test(reads_doubles),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
