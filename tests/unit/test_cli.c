/* test_cli.c - the parts of the command line that need no server: options, tables, charts,
 * JSON, suggestions. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/view.h"
#include "cli/chart.h"
#include "cli/opt.h"
#include "cli/progress.h"
#include "cli/put.h"
#include "cli/suggest.h"
#include "cli/table.h"

static const struct mill_term wide = {.width = SIZE_MAX};
static const struct mill_term wide_utf8 = {.width = SIZE_MAX, .utf8 = true};

static void assert_text(struct mill_buf *out, const char *expected)
{
    mill_buf_add_char(out, '\0');
    assert_string_equal(out->ptr, expected);
    mill_buf_release(out);
}

static void assert_holds(const struct mill_buf *out, const char *part)
{
    if (memmem(out->ptr, out->len, part, strlen(part)) == NULL)
        fail_msg("'%s' is not in:\n%.*s", part, (int)out->len, out->ptr);
}

/* --- options --------------------------------------------------------------------------- */

static const struct mill_opt opts[] = {
    {.name = "run-id",
     .letter = 'r',
     .type = MILL_OPT_TEXT,
     .flags = MILL_OPT_REQUIRED | MILL_OPT_BARE,
     .value = "RUN"},
    {.name = "files", .type = MILL_OPT_LIST, .flags = MILL_OPT_BARE, .value = "FILE"},
    {.name = "tags",
     .alias = "tag",
     .letter = 't',
     .type = MILL_OPT_LIST,
     .value = "KEY=VALUE"},
    {.name = "count",
     .letter = 'n',
     .type = MILL_OPT_INT,
     .value = "N",
     .fallback = "10",
     .least = -5,
     .most = 100},
    {.name = "view",
     .type = MILL_OPT_CHOICE,
     .value = "VIEW",
     .choices = "active_only|all",
     .env = "MILL_TEST_VIEW",
     .fallback = "all"},
    {.name = "json", .letter = 'j', .type = MILL_OPT_FLAG},
};

struct parsed {
    struct mill_arena arena;
    struct mill_args args;
    struct mill_error err;
};

static enum mill_status parse(struct parsed *p, int argc, const char *const *words)
{
    char *argv[16];
    memset(p, 0, sizeof(*p));
    for (int i = 0; i < argc; i++)
        argv[i] = mill_arena_cstr(&p->arena, mill_view_of(words[i]));
    return mill_opt_parse("runs test", opts, MILL_COUNT(opts), argc, argv, &p->arena, &p->args,
                          &p->err);
}

#define PARSE(p, ...)                                                                          \
    parse(p, (int)MILL_COUNT(((const char *const[]){__VA_ARGS__})),                            \
          (const char *const[]){__VA_ARGS__})

static void test_options(void **state)
{
    struct parsed p;
    const char *const *texts;
    (void)state;
    unsetenv("MILL_TEST_VIEW");
    assert_int_equal(PARSE(&p, "abc", "-t", "a=1", "--tags=b=2", "x", "-n7", "y", "--json",
                           "--tag", "c=3", "-.5", "-Infinity"),
                     MILL_OK);
    assert_string_equal(mill_arg(&p.args, "run-id"), "abc");
    assert_int_equal(mill_arg_list(&p.args, "files", &texts), 4);
    assert_string_equal(texts[1], "y");
    assert_string_equal(texts[2], "-.5");
    assert_string_equal(texts[3], "-Infinity");
    assert_int_equal(mill_arg_list(&p.args, "tags", &texts), 3);
    assert_string_equal(texts[1], "b=2");
    assert_string_equal(texts[2], "c=3");
    assert_int_equal(mill_arg_int(&p.args, "count"), 7);
    assert_true(mill_arg_flag(&p.args, "json"));
    assert_string_equal(mill_arg(&p.args, "view"), "all");
    mill_arena_release(&p.arena);

    assert_int_equal(PARSE(&p, "--count", "-3", "--count", "4", "--", "--abc", "-"), MILL_OK);
    assert_string_equal(mill_arg(&p.args, "run-id"), "--abc");
    assert_int_equal(mill_arg_list(&p.args, "files", &texts), 1);
    assert_string_equal(texts[0], "-");
    assert_int_equal(mill_arg_int(&p.args, "count"), 4);
    assert_false(mill_arg_flag(&p.args, "json"));
    mill_arena_release(&p.arena);

    assert_int_equal(PARSE(&p, "--help", "--no-such"), MILL_OK);
    assert_true(p.args.help);
    mill_arena_release(&p.arena);
}

static void test_environment(void **state)
{
    struct parsed p;
    (void)state;
    setenv("MILL_TEST_VIEW", "ACTIVE_ONLY", 1);
    assert_int_equal(PARSE(&p, "a"), MILL_OK);
    assert_string_equal(mill_arg(&p.args, "view"), "active_only");
    mill_arena_release(&p.arena);
    setenv("MILL_TEST_VIEW", "nonsense", 1);
    assert_int_equal(PARSE(&p, "a"), MILL_E_INVALID);
    assert_string_equal(p.err.message,
                        "MILL_TEST_VIEW is 'nonsense'; it must be one of active_only|all");
    mill_arena_release(&p.arena);
    assert_int_equal(PARSE(&p, "a", "--view", "all"), MILL_OK);
    mill_arena_release(&p.arena);
    unsetenv("MILL_TEST_VIEW");
}

static void test_wrong_options(void **state)
{
    static const struct {
        const char *words[3];
        const char *message;
    } cases[] = {
        {{"--count", "x"}, "--count is 'x'; it must be a whole number from -5 to 100"},
        {{"--count=101"}, "--count is '101'; it must be a whole number from -5 to 100"},
        {{"--view=some"}, "--view is 'some'; it must be one of active_only|all"},
        {{"--json=yes"}, "--json takes no value, got 'yes'"},
        {{"a", "--run-id"}, "--run-id needs a value: --run-id RUN"},
        {{"a", "--vew", "all"},
         "'millstream runs test' has no option --vew; did you mean "
         "--view?"},
        {{"-z"}, "'millstream runs test' has no option -z; see 'millstream runs test --help'"},
        {{"--json"},
         "'millstream runs test' needs RUN or --run-id RUN; see 'millstream runs "
         "test --help'"},
    };
    (void)state;
    for (size_t i = 0; i < MILL_COUNT(cases); i++) {
        struct parsed p;
        int argc = 0;
        while (argc < 3 && cases[i].words[argc] != NULL)
            argc++;
        assert_int_equal(parse(&p, argc, cases[i].words), MILL_E_INVALID);
        assert_string_equal(p.err.message, cases[i].message);
        mill_arena_release(&p.arena);
    }
}

static void test_suggestions(void **state)
{
    static const char *const words[] = {"server", "experiments", "runs", "artifacts"};
    static const struct {
        const char *typed, *expected;
    } cases[] = {{"sevrer", "server"},       {"exp", "experiments"}, {"run", "runs"},
                 {"artefacts", "artifacts"}, {"zzz", NULL},          {"x", NULL}};
    (void)state;
    for (size_t i = 0; i < MILL_COUNT(cases); i++) {
        const char *nearest = NULL;
        size_t distance = SIZE_MAX;
        for (size_t w = 0; w < MILL_COUNT(words); w++)
            mill_suggest(words[w], mill_view_of(cases[i].typed), &nearest, &distance);
        if (cases[i].expected == NULL)
            assert_null(nearest);
        else
            assert_string_equal(nearest, cases[i].expected);
    }
}

/* --- text ------------------------------------------------------------------------------ */

static void test_width(void **state)
{
    struct mill_buf out = {0};
    (void)state;
    assert_int_equal(mill_text_width(MILL_VIEW("abc")), 3);
    assert_int_equal(mill_text_width(MILL_VIEW("gr\xc3\xbc\xc3\x9f")), 4);
    assert_int_equal(mill_text_width(MILL_VIEW("\xe6\x97\xa5\xe6\x9c\xac")), 4);
    assert_int_equal(mill_text_width(MILL_VIEW("e\xcc\x81")), 1);
    assert_int_equal(mill_text_fit(&out, &wide_utf8, MILL_VIEW("abcdef"), 4), 4);
    assert_text(&out, "abc\xe2\x80\xa6");
    out = (struct mill_buf){0};
    assert_int_equal(mill_text_fit(&out, &wide, MILL_VIEW("abcdef"), 4), 4);
    assert_text(&out, "abc~");
    out = (struct mill_buf){0};
    /* Half of a wide character does not fit. */
    assert_int_equal(mill_text_fit(&out, &wide_utf8, MILL_VIEW("a\xe6\x97\xa5x"), 3), 2);
    assert_text(&out, "a\xe2\x80\xa6");
}

/* Names of runs come from anywhere: they must not move the cursor or colour the screen. */
static void test_harmless(void **state)
{
    struct mill_buf out = {0};
    (void)state;
    mill_text_fit(&out, &wide_utf8, MILL_VIEW("a\x1b[2Jb\nc\xe2\x80\xae\x7f\xff"), 40);
    assert_text(&out, "a [2Jb c  ?");
    out = (struct mill_buf){0};
    mill_text_fit(&out, &wide, MILL_VIEW("gr\xc3\xbc\xc3\x9f"), 40);
    assert_text(&out, "gr??");
}

/* --- tables ---------------------------------------------------------------------------- */

static void make_table(struct mill_table *table, struct mill_arena *arena)
{
    *table = (struct mill_table){.arena = arena};
    mill_table_column(table, (struct mill_column){.title = MILL_VIEW("NAME"), .narrowest = 6});
    mill_table_column(table, (struct mill_column){.title = MILL_VIEW("LOSS"), .right = true});
    mill_table_column(table,
                      (struct mill_column){.title = MILL_VIEW("NOTE"), .optional = true});
    mill_table_row(table);
    mill_table_set(table, 0, MILL_VIEW("a-long-name"));
    mill_table_set(table, 1, MILL_VIEW("0.5"));
    mill_table_set(table, 2, MILL_VIEW("first"));
    mill_table_row(table);
    mill_table_set(table, 0, MILL_VIEW("b"));
    mill_table_set(table, 1, MILL_VIEW("10.25"));
}

static void print_table(size_t width, bool mark, const char *expected, size_t left_out_expected)
{
    struct mill_arena arena = {0};
    struct mill_term term = {.width = width};
    struct mill_table table;
    struct mill_buf out = {0};
    size_t left_out = 99;
    make_table(&table, &arena);
    if (mark)
        mill_table_mark(&table);
    assert_int_equal(mill_table_print(&table, &term, &out, &left_out, NULL), MILL_OK);
    assert_int_equal(left_out, left_out_expected);
    assert_text(&out, expected);
    mill_arena_release(&arena);
}

static void test_table(void **state)
{
    (void)state;
    print_table(SIZE_MAX, false,
                "NAME          LOSS  NOTE\n"
                "a-long-name    0.5  first\n"
                "b            10.25  \n",
                0);
    print_table(SIZE_MAX, true,
                "  NAME          LOSS  NOTE\n"
                "  a-long-name    0.5  first\n"
                "* b            10.25  \n",
                0);
    /* Names are cut before a column is left out. */
    print_table(22, false,
                "NAME       LOSS  NOTE\n"
                "a-long-~    0.5  first\n"
                "b         10.25  \n",
                0);
    print_table(18, false,
                "NAME          LOSS\n"
                "a-long-name    0.5\n"
                "b            10.25\n",
                1);
    print_table(13, false,
                "NAME     LOSS\n"
                "a-lon~    0.5\n"
                "b       10.25\n",
                1);
    /* What may not be cut stays, even if it does not fit. */
    print_table(5, false,
                "NAME     LOSS\n"
                "a-lon~    0.5\n"
                "b       10.25\n",
                1);
}

static void test_many_rows(void **state)
{
    struct mill_arena arena = {0};
    struct mill_table table = {.arena = &arena};
    struct mill_buf out = {0};
    size_t left_out, lines = 0;
    (void)state;
    for (int i = 0; i < 40; i++)
        mill_table_column(&table, (struct mill_column){.title = MILL_VIEW("C")});
    for (int i = 0; i < 500; i++) {
        mill_table_row(&table);
        mill_table_set(&table, 39, mill_arena_printf(&arena, "%d", i));
    }
    assert_int_equal(mill_table_print(&table, &wide, &out, &left_out, NULL), MILL_OK);
    for (size_t i = 0; i < out.len; i++)
        lines += out.ptr[i] == '\n';
    assert_int_equal(lines, 501);
    assert_holds(&out, "  0\n");
    assert_holds(&out, "  499\n");
    mill_buf_release(&out);
    mill_arena_release(&arena);
}

/* --- charts ---------------------------------------------------------------------------- */

static void test_chart(void **state)
{
    static const struct mill_point rise[] = {{0, 0, 0.0}, {10, 0, 1.0}};
    static const struct mill_point fall[] = {{0, 0, 1.0}, {10, 0, 0.0}};
    const struct mill_term narrow = {.width = 50};
    struct mill_series series[] = {
        {.label = MILL_VIEW("up"), .points = rise, .count = 2},
        {.label = MILL_VIEW("down"), .points = fall, .count = 2, .best = true},
    };
    struct mill_buf out = {0};
    (void)state;
    assert_int_equal(mill_chart_print(MILL_VIEW("acc"), series, 2, &narrow, &out, NULL),
                     MILL_OK);
    assert_holds(&out, "  acc\n");
    assert_holds(&out, "\n    1 +bb");
    assert_holds(&out, "\n    0 +aa");
    assert_holds(&out, "  10  step\n");
    assert_holds(&out, "\n  a up  last 1\n");
    assert_holds(&out, "\n  b down  last 0  *\n");
    for (size_t i = 0; i < out.len; i++)
        assert_in_range((unsigned char)out.ptr[i], '\n', '~');
    mill_buf_release(&out);

    assert_int_equal(mill_chart_print(MILL_VIEW("acc"), series, 1, &wide_utf8, &out, NULL),
                     MILL_OK);
    assert_holds(&out, "\xe2\xa0"); /* braille */
    mill_buf_release(&out);
}

/* Values at the edges of what a double can be, and none at all. */
static void test_odd_charts(void **state)
{
    static const struct mill_point odd[][3] = {
        {{1, 0, (double)NAN}, {2, 0, (double)INFINITY}, {3, 0, (double)NAN}},
        {{INT64_MIN, 0, -1.7e308}, {0, 0, 0}, {INT64_MAX, 0, 1.7e308}},
        {{5, 0, 0}, {5, 0, 0}, {5, 0, 0}},
        {{0, 0, 1e-310}, {1, 0, 2e-310}, {2, 0, 3e-310}},
        {{0, 0, 1.0000000001}, {1, 0, 1.0000000002}, {2, 0, 1.0000000003}},
    };
    (void)state;
    for (size_t i = 0; i < MILL_COUNT(odd); i++) {
        struct mill_series series = {.label = MILL_VIEW("x"), .points = odd[i], .count = 3};
        struct mill_buf out = {0};
        assert_int_equal(mill_chart_print(MILL_VIEW("m"), &series, 1, &wide, &out, NULL),
                         MILL_OK);
        assert_holds(&out, "* x  last ");
        mill_buf_release(&out);
    }
    struct mill_series none = {.label = MILL_VIEW("x")};
    struct mill_buf out = {0};
    assert_int_equal(mill_chart_print(MILL_VIEW("m"), &none, 1, &wide, &out, NULL), MILL_OK);
    assert_text(&out, "  m\n  * x  no points\n");
    struct mill_series many[MILL_CHART_MAX_SERIES + 1] = {{{NULL, 0}, NULL, 0, false}};
    out = (struct mill_buf){0};
    assert_int_equal(
        mill_chart_print(MILL_VIEW("m"), many, MILL_COUNT(many), &wide, &out, NULL),
        MILL_E_INVALID);
}

/* --- JSON ------------------------------------------------------------------------------ */

static void test_json(void **state)
{
    struct mill_buf out = {0};
    (void)state;
    mill_put_open(&out, NULL, '{');
    mill_put_text(&out, "a", MILL_VIEW("q\"b\\n\n\x01"));
    mill_put_text(&out, "none", (struct mill_view){NULL, 0});
    mill_put_open(&out, "list", '[');
    mill_put_int(&out, NULL, 1);
    mill_put_int(&out, NULL, MILL_ABSENT);
    mill_put_open(&out, NULL, '{');
    mill_put_close(&out, '}');
    mill_put_close(&out, ']');
    mill_put_double(&out, "nan", (double)NAN);
    mill_put_double(&out, "inf", -(double)INFINITY);
    mill_put_double(&out, "x", 0.1);
    mill_put_bool(&out, "yes", true);
    mill_put_pair(&out, MILL_VIEW("k{"), MILL_VIEW("{"));
    mill_put_double_pair(&out, MILL_VIEW("d"), 1e300);
    mill_put_close(&out, '}');
    assert_text(&out, "{\"a\":\"q\\\"b\\\\n\\n\\u0001\",\"none\":null,\"list\":[1,null,{}],"
                      "\"nan\":\"NaN\",\"inf\":\"-Infinity\",\"x\":0.1,\"yes\":true,"
                      "\"k{\":\"{\",\"d\":1e+300}");
}

static void test_exact_numbers(void **state)
{
    static const double values[] = {0.1,  1.0 / 3,  5e-324, 1.7976931348623157e308,
                                    -0.0, 123456789};
    (void)state;
    for (size_t i = 0; i < MILL_COUNT(values); i++) {
        struct mill_buf out = {0};
        mill_number_exact(&out, values[i]);
        mill_buf_add_char(&out, '\0');
        double back = strtod(out.ptr, NULL);
        assert_memory_equal(&back, &values[i], sizeof(back));
        mill_buf_release(&out);
    }
}

/* --- transfers ------------------------------------------------------------------------- */

static void test_transfer_line(void **state)
{
    static const struct {
        struct mill_progress now;
        int64_t elapsed_ms;
        size_t width;
        const char *expected;
    } cases[] = {
        {{{"a/b", 3}, 1 << 20, 4 << 20, 1, 12},
         2000,
         120,
         "#####...............  25%  1.0 MiB of 4.0 MiB  1 of 12 files  512 KiB/s  6s left  "
         "a/b"},
        {{{"a/b", 3}, 1 << 20, 4 << 20, 1, 12}, 2000, 30, "#####...............  25%  1.~"},
        {{{"x", 1}, 100, MILL_ABSENT, 0, 0}, 1000, 120, "100 B  0 files  100 B/s  x"},
        /* Nothing came yet, a file that grew, nothing to send at all. */
        {{{"x", 1}, 0, 100, 0, 1},
         5000,
         120,
         "....................   0%  0 B of 100 B  0 of 1 "
         "files  x"},
        {{{"x", 1}, 200, 100, 0, 1}, 1000, 120, "200 B  0 of 1 files  200 B/s  x"},
        {{{"x", 1}, 0, 0, 1, 2}, 1000, 120, "0 B  1 of 2 files  x"},
        {{{"x", 1}, 1, 7300, 0, 1},
         1000,
         120,
         "....................   0%  1 B of 7.1 KiB  0 of 1 files  1 B/s  2h 1m left  x"},
        {{{"x", 1}, 100, 20100, 0, 1},
         1000,
         120,
         "....................   0%  100 B of 19.6 KiB  0 of 1 files  100 B/s  3m 20s left  x"},
        /* A name cannot move the cursor. */
        {{{"a\x1b[2Jb", 6}, 5, 5, 1, 1},
         1000,
         120,
         "#################### 100%  5 B of 5 B  1 of 1 files  5 B/s  0s left  a [2Jb"},
    };
    (void)state;
    for (size_t i = 0; i < MILL_COUNT(cases); i++) {
        struct mill_buf out = {0};
        struct mill_term term = {.width = cases[i].width};
        mill_transfer_text(&out, &term, &cases[i].now, cases[i].elapsed_ms * 1000000);
        assert_text(&out, cases[i].expected);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_options),       cmocka_unit_test(test_environment),
        cmocka_unit_test(test_wrong_options), cmocka_unit_test(test_suggestions),
        cmocka_unit_test(test_width),         cmocka_unit_test(test_harmless),
        cmocka_unit_test(test_table),         cmocka_unit_test(test_many_rows),
        cmocka_unit_test(test_chart),         cmocka_unit_test(test_odd_charts),
        cmocka_unit_test(test_transfer_line), cmocka_unit_test(test_json),
        cmocka_unit_test(test_exact_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
