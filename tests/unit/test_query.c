/* test_query.c - parts of the query layer that files of filters do not reach: LIKE, matching,
 * limits, positions, and lack of memory. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "model/limits.h"
#include "query/plan.h"

static enum mill_status parse(struct mill_view filter, const struct mill_view *orders,
                              size_t count, struct mill_arena *arena, struct mill_plan *plan,
                              struct mill_error *err)
{
    return mill_query_parse(MILL_QUERY_RUNS, filter, orders, count, arena, plan, err);
}

/* --- LIKE ------------------------------------------------------------------------------ */

struct like_case {
    const char *text, *pattern;
    bool like, ilike;
};

static const struct like_case like_cases[] = {
    {"", "", true, true},
    {"", "%", true, true},
    {"", "%%", true, true},
    {"", "_", false, false},
    {"a", "", false, false},
    {"a", "a", true, true},
    {"a", "A", false, true},
    {"A", "a", false, true},
    {"a", "_", true, true},
    {"ab", "_", false, false},
    {"ab", "__", true, true},
    {"ab", "a%", true, true},
    {"ab", "%b", true, true},
    {"ab", "%a", false, false},
    {"ab", "%a%", true, true},
    {"ab", "A%B", false, true},
    {"abcabd", "%abd", true, true},
    {"aaab", "%aab", true, true},
    {"mississippi", "m%issi%pi", true, true},
    {"mississippi", "m%issip%pi", true, true},
    {"mississippi", "%i_s%i", true, true},
    {"mississippi", "%x%", false, false},
    {"a%b", "a%b", true, true},
    {"a\\%b", "a\\%b", true, true},
    {"a%b", "a\\%b", false, false},
    {"a*b", "a*b", true, true},
    {"abc", "a*c", false, false},
    {"a.c", "a.c", true, true},
    {"abc", "a.c", false, false},
    {"\xc5\xbc", "_", true, true},                      /* one character of two bytes */
    {"\xe6\x8c\x87\xf0\x9f\x99\x82", "__", true, true}, /* three and four bytes */
    {"\xc5\xbc", "__", false, false},
    {"x\xc5\xbcy", "x%y", true, true},
    {"x\xc5\xbcy", "x_y", true, true},
    {"\xc5\xbb", "\xc5\xbc", false, false}, /* only ASCII folds */
};

static void like_matches_wildcards(void **state)
{
    (void)state;
    for (size_t i = 0; i < MILL_COUNT(like_cases); i++) {
        const struct like_case *c = &like_cases[i];
        struct mill_view text = mill_view_of(c->text), pattern = mill_view_of(c->pattern);
        if (mill_query_like(text, pattern, false) != c->like)
            fail_msg("'%s' LIKE '%s' should be %d", c->text, c->pattern, c->like);
        if (mill_query_like(text, pattern, true) != c->ilike)
            fail_msg("'%s' ILIKE '%s' should be %d", c->text, c->pattern, c->ilike);
    }
}

/* Backtracking into every '%' would take longer than anybody waits. */
static void like_is_not_exponential(void **state)
{
    (void)state;
    char text[4000], pattern[200];
    memset(text, 'a', sizeof(text));
    for (size_t i = 0; i < sizeof(pattern); i += 2)
        memcpy(pattern + i, "%a", 2);
    pattern[sizeof(pattern) - 1] = 'b';
    assert_false(mill_query_like((struct mill_view){text, sizeof(text)},
                                 (struct mill_view){pattern, sizeof(pattern)}, true));
}

/* The rule in its shortest form, to compare with. */
static bool slow_like(const char *text, const char *pattern)
{
    if (*pattern == '\0')
        return *text == '\0';
    if (*pattern == '%')
        return slow_like(text, pattern + 1) || (*text != '\0' && slow_like(text + 1, pattern));
    return *text != '\0' && (*pattern == '_' || *pattern == *text) &&
           slow_like(text + 1, pattern + 1);
}

static void like_agrees_with_its_definition(void **state)
{
    (void)state;
    unsigned random = 12345;
    for (int round = 0; round < 20000; round++) {
        char text[9] = "", pattern[9] = "";
        for (size_t i = 0; i < 8; i++) {
            random = random * 1103515245u + 12345u;
            text[i] = "ab\0a"[random >> 16 & 3];
            pattern[i] = "ab%_%a\0b"[random >> 20 & 7];
        }
        assert_int_equal(mill_query_like(mill_view_of(text), mill_view_of(pattern), false),
                         slow_like(text, pattern));
    }
}

/* --- matching -------------------------------------------------------------------------- */

/* The only comparison of a filter. */
static const struct mill_comparison *compare_of(const char *filter, struct mill_arena *arena)
{
    struct mill_plan plan;
    struct mill_error err;
    if (parse(mill_view_of(filter), NULL, 0, arena, &plan, &err) != MILL_OK)
        fail_msg("%s: %s", filter, err.message);
    assert_int_equal(plan.comparison_count, 1);
    assert_ptr_equal(plan.filter->compare, plan.comparisons[0]);
    return plan.comparisons[0];
}

static void texts_match(void **state)
{
    (void)state;
    static const struct {
        const char *filter, *value;
        bool matches;
    } cases[] = {
        {"tags.a = 'x'", "x", true},
        {"tags.a = 'x'", "X", false},
        {"tags.a = ''", "", true},
        {"tags.a != 'x'", "y", true},
        {"tags.a != 'x'", "x", false},
        {"tags.a LIKE 'x%'", "xy", true},
        {"tags.a LIKE 'X%'", "xy", false},
        {"tags.a ILIKE 'X%'", "xy", true},
        {"tags.a IN ('x', 'y', 'a', 'b')", "a", true},
        {"tags.a IN ('x', 'y', 'a', 'b')", "b", true},
        {"tags.a IN ('x', 'y', 'a', 'b')", "y", true},
        {"tags.a IN ('x', 'y', 'a', 'b')", "c", false},
        {"tags.a NOT IN ('x', 'y')", "x", false},
        {"tags.a NOT IN ('x', 'y')", "z", true},
        {"tags.a BETWEEN 'b' AND 'd'", "b", true},
        {"tags.a BETWEEN 'b' AND 'd'", "cz", true},
        {"tags.a BETWEEN 'b' AND 'd'", "d", true},
        {"tags.a BETWEEN 'b' AND 'd'", "da", false},
        {"tags.a BETWEEN 'b' AND 'd'", "a", false},
    };
    struct mill_arena arena = {0};
    for (size_t i = 0; i < MILL_COUNT(cases); i++) {
        const struct mill_comparison *c = compare_of(cases[i].filter, &arena);
        if (mill_query_match_text(c, mill_view_of(cases[i].value)) != cases[i].matches)
            fail_msg("'%s' with '%s'", cases[i].filter, cases[i].value);
    }
    mill_arena_release(&arena);
}

static void numbers_match(void **state)
{
    (void)state;
    static const struct {
        const char *filter;
        double value;
        bool matches;
    } cases[] = {
        {"metrics.a = 0.1", 0.1, true},
        {"metrics.a = 0", -0.0, true},
        {"metrics.a != 0.1", 0.1, false},
        {"metrics.a < 1", 0.5, true},
        {"metrics.a < 1", 1, false},
        {"metrics.a <= 1", 1, true},
        {"metrics.a > 1", 1, false},
        {"metrics.a >= 1", 1, true},
        {"metrics.a > 1e308", 1.7e308, true},
        {"metrics.a BETWEEN 1 AND 2", 1, true},
        {"metrics.a BETWEEN 1 AND 2", 2, true},
        {"metrics.a BETWEEN 1 AND 2", 2.1, false},
    };
    struct mill_arena arena = {0};
    for (size_t i = 0; i < MILL_COUNT(cases); i++) {
        const struct mill_comparison *c = compare_of(cases[i].filter, &arena);
        if (mill_query_match_number(c, cases[i].value) != cases[i].matches)
            fail_msg("'%s' with %g", cases[i].filter, cases[i].value);
    }
    mill_arena_release(&arena);
}

static void a_nan_only_differs(void **state)
{
    (void)state;
    static const char *const others[] = {"metrics.a = 0",  "metrics.a < 1",
                                         "metrics.a <= 1", "metrics.a > -1",
                                         "metrics.a >= 0", "metrics.a BETWEEN -1 AND 1"};
    struct mill_arena arena = {0};
    for (size_t i = 0; i < MILL_COUNT(others); i++)
        assert_false(mill_query_match_number(compare_of(others[i], &arena), (double)NAN));
    assert_true(mill_query_match_number(compare_of("metrics.a != 0", &arena), (double)NAN));
    mill_arena_release(&arena);
}

/* Times are exact: no double rounds them, and 1.5 lies between 1 and 2. */
static void integers_match_exactly(void **state)
{
    (void)state;
    static const struct {
        const char *filter;
        int64_t value;
        bool matches;
    } cases[] = {
        {"start_time = 9007199254740993", 9007199254740993, true},
        {"start_time = 9007199254740993", 9007199254740992, false},
        {"start_time < 9007199254740993", 9007199254740992, true},
        {"start_time = 1.5", 1, false},
        {"start_time = 1.5", 2, false},
        {"start_time != 1.5", 1, true},
        {"start_time < 1.5", 1, true},
        {"start_time < 1.5", 2, false},
        {"start_time <= 1.5", 1, true},
        {"start_time > 1.5", 1, false},
        {"start_time > 1.5", 2, true},
        {"start_time >= 1.5", 1, false},
        {"start_time >= -1.5", -1, true},
        {"start_time >= -1.5", -2, false},
        {"start_time = 1e3", 1000, true},
        {"start_time = 1.0", 1, true},
        {"start_time < 9223372036854775808", INT64_MAX, true},
        {"start_time = 9223372036854775808", INT64_MAX, false},
        {"start_time = 9223372036854775807", INT64_MAX, true},
        {"start_time > 1e300", INT64_MAX, false},
        {"start_time > -1e300", INT64_MIN + 1, true},
        {"start_time = -1e300", INT64_MIN, false},
        {"start_time BETWEEN 1.5 AND 2.5", 1, false},
        {"start_time BETWEEN 1.5 AND 2.5", 2, true},
        {"start_time BETWEEN 1.5 AND 2.5", 3, false},
        {"start_time BETWEEN 1 AND 3", 1, true},
        {"start_time BETWEEN 1 AND 3", 3, true},
        {"start_time BETWEEN 3 AND 1", 2, false},
    };
    struct mill_arena arena = {0};
    for (size_t i = 0; i < MILL_COUNT(cases); i++) {
        const struct mill_comparison *c = compare_of(cases[i].filter, &arena);
        if (mill_query_match_integer(c, cases[i].value) != cases[i].matches)
            fail_msg("'%s' with %lld", cases[i].filter, (long long)cases[i].value);
    }
    mill_arena_release(&arena);
}

/* --- plans ----------------------------------------------------------------------------- */

static void nothing_is_no_filter(void **state)
{
    (void)state;
    static const struct mill_view texts[] = {{NULL, 0}, {"", 0}, {"AND", 3}, {"and  AND\n", 9}};
    struct mill_arena arena = {0};
    for (size_t i = 0; i < MILL_COUNT(texts); i++) {
        struct mill_plan plan;
        memset(&plan, 0xff, sizeof(plan));
        assert_int_equal(parse(texts[i], NULL, 0, &arena, &plan, NULL), MILL_OK);
        assert_int_equal(plan.subject, MILL_QUERY_RUNS);
        assert_null(plan.filter);
        assert_int_equal(plan.comparison_count, 0);
        assert_int_equal(plan.order_count, 0);
    }
    mill_arena_release(&arena);
}

static void white_space_of_all_kinds_separates(void **state)
{
    (void)state;
    struct mill_arena arena = {0};
    struct mill_plan plan;
    struct mill_view order = MILL_VIEW("run_name\nDESC\t");
    assert_int_equal(parse(MILL_VIEW("\n\tparams.a\v=\f'x'\r\nAND\tparams.b IS\nNULL\n"),
                           &order, 1, &arena, &plan, NULL),
                     MILL_OK);
    assert_int_equal(plan.comparison_count, 2);
    assert_int_equal(plan.comparisons[0]->field.entity, MILL_Q_PARAM);
    assert_int_equal(plan.comparisons[1]->op, MILL_OP_IS_NULL);
    assert_int_equal(plan.order_count, 1);
    assert_true(plan.order[0].descending);
    assert_int_equal(plan.order[0].field.attribute, MILL_QA_RUN_NAME);
    mill_arena_release(&arena);
}

static void values_may_hold_any_character(void **state)
{
    (void)state;
    struct mill_arena arena = {0};
    struct mill_plan plan;
    assert_int_equal(
        parse((struct mill_view){"tags.a = 'x\0y\n'", 15}, NULL, 0, &arena, &plan, NULL),
        MILL_OK);
    assert_int_equal(plan.comparisons[0]->texts[0].len, 4);
    assert_memory_equal(plan.comparisons[0]->texts[0].ptr, "x\0y\n", 4);
    mill_arena_release(&arena);
}

static void orders_keep_their_sequence(void **state)
{
    (void)state;
    struct mill_arena arena = {0};
    struct mill_plan plan;
    struct mill_view orders[] = {MILL_VIEW("metrics.a DESC"), MILL_VIEW("params.a"),
                                 MILL_VIEW("metrics.b"), MILL_VIEW("start_time asc")};
    assert_int_equal(parse((struct mill_view){NULL, 0}, orders, 4, &arena, &plan, NULL),
                     MILL_OK);
    assert_int_equal(plan.order_count, 4);
    assert_true(plan.order[0].descending);
    assert_true(plan.order[0].field.numeric);
    assert_int_equal(plan.order[1].field.entity, MILL_Q_PARAM);
    assert_false(plan.order[1].field.numeric);
    assert_int_equal(plan.order[3].field.attribute, MILL_QA_START_TIME);
    mill_arena_release(&arena);
}

/* --- refusals -------------------------------------------------------------------------- */

static void expect_refused(struct mill_view filter, const struct mill_view *orders,
                           size_t count, const char *part)
{
    struct mill_arena arena = {0};
    struct mill_plan plan = {.order_count = 77};
    struct mill_error err;
    assert_int_equal(parse(filter, orders, count, &arena, &plan, &err), MILL_E_INVALID);
    if (strstr(err.message, part) == NULL)
        fail_msg("\"%s\" lacks \"%s\"", err.message, part);
    assert_int_equal(plan.order_count, 77);
    assert_int_equal(parse(filter, orders, count, &arena, &plan, NULL), MILL_E_INVALID);
    mill_arena_release(&arena);
}

static void an_order_names_a_field_once(void **state)
{
    (void)state;
    struct mill_view none = {NULL, 0};
    struct mill_view orders[] = {MILL_VIEW("metrics.a"), MILL_VIEW("start_time"),
                                 MILL_VIEW("metrics.`a` DESC")};
    expect_refused(none, orders, 3, "order_by[2], character 1: metrics.`a` is already");
    struct mill_view aliases[] = {MILL_VIEW("start_time"), MILL_VIEW("Created DESC")};
    expect_refused(none, aliases, 2, "already ordered by in order_by[0]");
}

/* For experiments the official server lets repeats pass. */
static void experiments_may_be_ordered_twice_by_a_field(void **state)
{
    (void)state;
    struct mill_arena arena = {0};
    struct mill_plan plan;
    struct mill_view orders[] = {MILL_VIEW("name"), MILL_VIEW("name DESC")};
    assert_int_equal(mill_query_parse(MILL_QUERY_EXPERIMENTS, (struct mill_view){NULL, 0},
                                      orders, 2, &arena, &plan, NULL),
                     MILL_OK);
    assert_int_equal(plan.order_count, 2);
    mill_arena_release(&arena);
}

static void positions_count_characters_from_one(void **state)
{
    (void)state;
    expect_refused(MILL_VIEW("tags.\xc5\xbc = '\xc5\xbc' AND ?"), NULL, 0,
                   "filter, character 18: ? cannot stand here");
    expect_refused(MILL_VIEW("tags.a = '1' AND tags.a"), NULL, 0, "filter, character 24:");
    expect_refused(MILL_VIEW("tags.a = 'x\xc5\xbc"), NULL, 0,
                   "filter, character 10: 'x\xc5\xbc has no closing quote");
    expect_refused(MILL_VIEW(" \n"), NULL, 0, "filter, character 1: the text is blank");
    struct mill_view order = MILL_VIEW("");
    expect_refused((struct mill_view){NULL, 0}, &order, 1, "order_by[0], character 1:");
}

static void bytes_that_are_no_text_are_refused(void **state)
{
    (void)state;
    expect_refused(MILL_VIEW("tags.a = '\xff'"), NULL, 0, "filter is not valid UTF-8");
    struct mill_view order = MILL_VIEW("tags.\xc5");
    expect_refused((struct mill_view){NULL, 0}, &order, 1, "order_by is not valid UTF-8");
}

static void repeat(struct mill_buf *out, const char *text, size_t times)
{
    for (size_t i = 0; i < times; i++)
        mill_buf_add_view(out, mill_view_of(text));
}

static void nesting_is_limited(void **state)
{
    (void)state;
    struct mill_arena arena = {0};
    struct mill_plan plan;
    struct mill_buf text = {0};
    repeat(&text, "(", MILL_MAX_FILTER_DEPTH);
    repeat(&text, "tags.a = 'x'", 1);
    repeat(&text, ")", MILL_MAX_FILTER_DEPTH);
    assert_int_equal(parse(mill_buf_view(&text), NULL, 0, &arena, &plan, NULL), MILL_OK);
    text.len = 0;
    repeat(&text, "(", 60000);
    expect_refused(mill_buf_view(&text), NULL, 0, "character 65: parentheses and NOT");
    text.len = 0;
    repeat(&text, "NOT ", 15000);
    expect_refused(mill_buf_view(&text), NULL, 0, "nested deeper than 64");
    text.len = 0;
    repeat(&text, "tags.a IN ", 1);
    repeat(&text, "(", 60000);
    expect_refused(mill_buf_view(&text), NULL, 0, "expected a number or a text");
    mill_buf_release(&text);
    mill_arena_release(&arena);
}

static void comparisons_are_limited(void **state)
{
    (void)state;
    struct mill_arena arena = {0};
    struct mill_plan plan;
    struct mill_buf text = {0};
    repeat(&text, "tags.a = 'x' ", MILL_MAX_COMPARISONS);
    assert_int_equal(parse(mill_buf_view(&text), NULL, 0, &arena, &plan, NULL), MILL_OK);
    assert_int_equal(plan.comparison_count, MILL_MAX_COMPARISONS);
    repeat(&text, "tags.a = 'x' ", 1);
    expect_refused(mill_buf_view(&text), NULL, 0, "more than 256 comparisons");
    text.len = 0;
    repeat(&text, "metrics.a IN (1", 1);
    repeat(&text, ",1", MILL_MAX_COMPARISONS);
    repeat(&text, ")", 1);
    expect_refused(mill_buf_view(&text), NULL, 0, "more than 256 comparisons");
    text.len = 0;
    repeat(&text, "tags.a IN ('1'", 1);
    repeat(&text, ",'1'", 5000);
    repeat(&text, ")", 1);
    assert_int_equal(parse(mill_buf_view(&text), NULL, 0, &arena, &plan, NULL), MILL_OK);
    assert_int_equal(plan.comparisons[0]->text_count, 5001);
    mill_buf_release(&text);
    mill_arena_release(&arena);
}

static void sizes_are_limited(void **state)
{
    (void)state;
    struct mill_buf text = {0};
    struct mill_view orders[MILL_MAX_ORDER_BY + 1];
    repeat(&text, " ", MILL_MAX_FILTER_BYTES + 1);
    expect_refused(mill_buf_view(&text), NULL, 0, "65537 bytes");
    orders[0] = mill_buf_view(&text);
    expect_refused((struct mill_view){NULL, 0}, orders, 1, "order_by has 65537 bytes");
    for (size_t i = 0; i < MILL_COUNT(orders); i++)
        orders[i] = MILL_VIEW("name");
    expect_refused((struct mill_view){NULL, 0}, orders, MILL_COUNT(orders), "at most 64");
    mill_buf_release(&text);
}

/* A wish too long for a message is cut, at a character. */
static void long_tokens_are_cut_in_messages(void **state)
{
    (void)state;
    struct mill_buf text = {0};
    repeat(&text, "tags.a = ", 1);
    repeat(&text, "\xc5\xbc", 2000);
    expect_refused(mill_buf_view(&text), NULL, 0,
                   "\xc5\xbc\xc5\xbc; put texts into single quotes");
    mill_buf_release(&text);
}

/* Every single allocation may fail: the answer is then MILL_E_NOMEM and nothing leaks. */
static void lack_of_memory_is_reported(void **state)
{
    (void)state;
    struct mill_buf text = {0};
    struct mill_view orders[] = {MILL_VIEW("metrics.a DESC"), MILL_VIEW("params.a")};
    repeat(&text,
           "(metrics.a BETWEEN 1 AND 2.5 OR NOT tags.b IN ('x','y','z')) AND start_time IN "
           "(1,2,3) AND params.c IS NULL AND ",
           12);
    long nth = 1;
    for (;; nth++) {
        struct mill_arena arena = {0};
        struct mill_plan plan;
        struct mill_error err;
        mill_alloc_fail_after(nth);
        enum mill_status st = parse(mill_buf_view(&text), orders, 2, &arena, &plan, &err);
        mill_alloc_fail_after(0);
        mill_arena_release(&arena);
        if (st == MILL_OK)
            break;
        assert_int_equal(st, MILL_E_NOMEM);
        assert_non_null(strstr(err.message, "memory"));
    }
    assert_true(nth > 2);
    mill_buf_release(&text);
}

/* The same within an arena's own limit, which is met at every place. */
static void a_full_arena_is_reported(void **state)
{
    (void)state;
    struct mill_view orders[] = {MILL_VIEW("metrics.a DESC")};
    struct mill_view filter =
        MILL_VIEW("metrics.a IN (1, 2) AND NOT tags.b IN ('x','y','z') OR start_time > 5");
    unsigned refused = 0;
    for (size_t taken = 0; taken < 12000; taken += 16) {
        struct mill_arena arena;
        struct mill_plan plan;
        mill_arena_init(&arena, 12000);
        enum mill_status st = MILL_E_NOMEM;
        if (mill_arena_alloc(&arena, taken) != NULL)
            st = parse(filter, orders, 1, &arena, &plan, NULL);
        refused += st == MILL_E_NOMEM;
        assert_true(st == MILL_OK || st == MILL_E_NOMEM);
        mill_arena_release(&arena);
    }
    assert_true(refused > 0);
}

static enum mill_status order_models(const char *field_name, const char *dataset_name,
                                     struct mill_arena *arena, struct mill_plan *plan)
{
    struct mill_order_item item = {.field_name = mill_view_of(field_name),
                                   .dataset_name = mill_view_of(dataset_name)};
    *plan = (struct mill_plan){.subject = MILL_QUERY_LOGGED_MODELS};
    return mill_query_order_logged_models(&item, 1, arena, plan, NULL);
}

static void logged_models_are_ordered_by_objects(void **state)
{
    struct mill_arena arena = {0};
    struct mill_plan plan;
    (void)state;
    assert_int_equal(order_models("creation_time", NULL, &arena, &plan), MILL_OK);
    assert_int_equal(plan.order_count, 1);
    assert_int_equal(plan.order[0].field.attribute, MILL_QA_CREATION_TIME);
    assert_true(plan.order[0].descending);
    assert_int_equal(order_models("metrics.a.b", "digits", &arena, &plan), MILL_OK);
    assert_int_equal(plan.order[0].field.entity, MILL_Q_METRIC);
    assert_true(mill_view_eq(plan.order[0].field.key, MILL_VIEW("a.b")));
    assert_true(mill_view_eq(plan.order[0].field.dataset_name, MILL_VIEW("digits")));
    assert_null(plan.order[0].field.dataset_digest.ptr);
    const char *const bad[] = {"",         "nothing", "metrics.", "metrics",
                               "params.x", "tags.x",  NULL};
    for (size_t i = 0; i < MILL_COUNT(bad); i++)
        assert_int_equal(order_models(bad[i], NULL, &arena, &plan), MILL_E_INVALID);
    struct mill_order_item many[MILL_MAX_ORDER_BY + 1] = {{.field_name = {NULL, 0}}};
    assert_int_equal(
        mill_query_order_logged_models(many, MILL_COUNT(many), &arena, &plan, NULL),
        MILL_E_INVALID);
    mill_arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(like_matches_wildcards),
        cmocka_unit_test(like_is_not_exponential),
        cmocka_unit_test(like_agrees_with_its_definition),
        cmocka_unit_test(texts_match),
        cmocka_unit_test(numbers_match),
        cmocka_unit_test(a_nan_only_differs),
        cmocka_unit_test(integers_match_exactly),
        cmocka_unit_test(nothing_is_no_filter),
        cmocka_unit_test(white_space_of_all_kinds_separates),
        cmocka_unit_test(values_may_hold_any_character),
        cmocka_unit_test(orders_keep_their_sequence),
        cmocka_unit_test(an_order_names_a_field_once),
        cmocka_unit_test(experiments_may_be_ordered_twice_by_a_field),
        cmocka_unit_test(positions_count_characters_from_one),
        cmocka_unit_test(bytes_that_are_no_text_are_refused),
        cmocka_unit_test(nesting_is_limited),
        cmocka_unit_test(comparisons_are_limited),
        cmocka_unit_test(sizes_are_limited),
        cmocka_unit_test(long_tokens_are_cut_in_messages),
        cmocka_unit_test(lack_of_memory_is_reported),
        cmocka_unit_test(a_full_arena_is_reported),
        cmocka_unit_test(logged_models_are_ordered_by_objects),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
