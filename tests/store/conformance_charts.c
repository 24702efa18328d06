/* conformance_charts.c - what store.h promises to charts and tables, on any store: buckets and
 * figures of series, totals of searches, counts of runs. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/view.h"
#include "model/limits.h"
#include "store_case.h"

enum { BATCH = 100 };

static void log_points(struct store_case *c, struct mill_view run, const char *key,
                       const struct mill_point *points, size_t count)
{
    for (size_t from = 0; from < count; from += BATCH) {
        struct mill_metric metrics[BATCH];
        size_t n = count - from < BATCH ? count - from : BATCH;
        for (size_t i = 0; i < n; i++)
            metrics[i] = (struct mill_metric){.key = mill_view_of(key),
                                              .value = points[from + i].value,
                                              .timestamp = points[from + i].timestamp,
                                              .step = points[from + i].step};
        struct mill_change change = {
            .kind = MILL_CHANGE_LOG,
            .as.log = {.run_id = run, .metrics = metrics, .metric_count = n}};
        assert_int_equal(store_case_apply(c, &change).status, MILL_OK);
    }
}

static struct mill_series_summary summary(struct store_case *c, struct mill_view run,
                                          const char *key)
{
    struct mill_series_summary s;
    struct mill_error err;
    enum mill_status st = mill_store_summary(c->store, run, mill_view_of(key), &s, &err);
    if (st != MILL_OK)
        fail_msg("%s", err.message);
    return s;
}

static int64_t buckets(struct store_case *c, struct mill_view run, const char *key,
                       struct mill_bucket_axis axis, struct mill_bucket *out)
{
    struct mill_error err;
    int64_t points = -1;
    enum mill_status st =
        mill_store_buckets(c->store, run, mill_view_of(key), &axis, out, &points, &err);
    if (st != MILL_OK)
        fail_msg("%s", err.message);
    return points;
}

/* --- axes --- */

static void test_axes(void **state)
{
    (void)state;
    struct mill_bucket_axis axis = mill_bucket_axis(false, 0, 99, 100);
    assert_int_equal(axis.width, 1);
    assert_int_equal(axis.count, 100);
    axis = mill_bucket_axis(false, 0, 100, 100);
    assert_int_equal(axis.width, 2);
    assert_int_equal(axis.count, 51);
    axis = mill_bucket_axis(true, -7, -7, 1);
    assert_int_equal(axis.count, 1);
    assert_true(axis.by_time);
    axis = mill_bucket_axis(false, INT64_MIN, INT64_MAX, MILL_MAX_BUCKETS);
    assert_true(axis.count <= MILL_MAX_BUCKETS);
    axis = mill_bucket_axis(false, INT64_MIN, INT64_MAX, 1);
    assert_int_equal(axis.count, 1); /* the width would be 2^64 */
}

/* --- figures --- */

static void test_summary(void **state)
{
    struct store_case *c = *state;
    struct mill_view run = store_case_run(c, 0, 'a');
    const struct mill_point points[] = {{5, 300, 2}, {-1, 100, -8}, {7, 200, 4}, {7, 200, 4}};
    log_points(c, run, "m", points, MILL_COUNT(points));
    struct mill_series_summary s = summary(c, run, "m");
    assert_int_equal(s.count, 3); /* a repeat counts once */
    assert_int_equal(s.min_step, -1);
    assert_int_equal(s.max_step, 7);
    assert_int_equal(s.min_time, 100);
    assert_int_equal(s.max_time, 300);
    assert_true(s.min == -8 && s.max == 4);
    assert_int_equal(summary(c, run, "no").count, 0);
    assert_int_equal(mill_store_summary(c->store, MILL_VIEW("none"), MILL_VIEW("m"), &s, NULL),
                     MILL_E_NOT_FOUND);
}

/* What is not finite is counted, and is no extreme. */
static void test_summary_of_finite_values(void **state)
{
    struct store_case *c = *state;
    struct mill_view run = store_case_run(c, 0, 'a');
    const struct mill_point points[] = {
        {1, 1, (double)INFINITY}, {2, 2, (double)NAN}, {3, 3, 5}, {4, 4, -(double)INFINITY}};
    log_points(c, run, "m", points, MILL_COUNT(points));
    log_points(c, run, "n", points, 2);
    struct mill_series_summary s = summary(c, run, "m");
    assert_int_equal(s.count, 4);
    assert_true(s.min == 5 && s.max == 5);
    s = summary(c, run, "n");
    assert_int_equal(s.count, 2);
    assert_true(isnan(s.min) && isnan(s.max));
}

/* --- buckets --- */

static void test_buckets_by_step(void **state)
{
    struct store_case *c = *state;
    struct mill_bucket b[4];
    struct mill_view run = store_case_run(c, 0, 'a');
    const struct mill_point points[] = {{0, 9, 1},           {1, 8, 7},  {2, 7, 3}, {3, 1, 9},
                                        {4, 5, (double)NAN}, {12, 1, 2}, {2, 7, 3}};
    log_points(c, run, "m", points, MILL_COUNT(points));
    assert_int_equal(buckets(c, run, "m", mill_bucket_axis(false, 0, 11, 4), b), 5);
    assert_int_equal(b[0].count, 3); /* steps 0 to 2; the repeat counts once */
    assert_true(b[0].first == 1 && b[0].min == 1 && b[0].max == 7 && b[0].last == 3);
    assert_int_equal(b[0].x, 2);
    assert_int_equal(b[0].nan_x, MILL_ABSENT);
    assert_int_equal(b[1].count, 1); /* 3 to 5, of which one is no number */
    assert_true(b[1].min == 9 && b[1].max == 9);
    assert_int_equal(b[1].x, 3);
    assert_int_equal(b[1].nan_x, 4);
    assert_int_equal(b[2].count, 0);
    assert_int_equal(b[3].count, 0);
    assert_int_equal(buckets(c, run, "no", mill_bucket_axis(false, 0, 11, 4), b), 0);
    assert_int_equal(b[0].count, 0);
    struct mill_bucket_axis axis = mill_bucket_axis(false, 0, 1, 4);
    int64_t count;
    assert_int_equal(
        mill_store_buckets(c->store, MILL_VIEW("none"), MILL_VIEW("m"), &axis, b, &count, NULL),
        MILL_E_NOT_FOUND);
}

static void test_buckets_by_time(void **state)
{
    struct store_case *c = *state;
    struct mill_bucket b[2];
    struct mill_view run = store_case_run(c, 0, 'a');
    const struct mill_point points[] = {{0, 103, 1}, {1, 101, 7}, {2, 107, 3}, {3, 99, 9}};
    log_points(c, run, "m", points, MILL_COUNT(points));
    assert_int_equal(buckets(c, run, "m", mill_bucket_axis(true, 100, 109, 2), b), 3);
    assert_int_equal(b[0].count, 2);
    assert_true(b[0].first == 7 && b[0].last == 1);
    assert_int_equal(b[0].x, 103);
    assert_int_equal(b[1].count, 1);
    assert_int_equal(b[1].x, 107);
}

static void test_buckets_mark_what_is_not_finite(void **state)
{
    struct store_case *c = *state;
    struct mill_bucket b[1];
    struct mill_view run = store_case_run(c, 0, 'a');
    const struct mill_point points[] = {{1, 1, -(double)INFINITY}, {2, 2, (double)INFINITY},
                                        {3, 3, (double)INFINITY},  {4, 4, (double)NAN},
                                        {5, 5, -(double)INFINITY}, {6, 6, (double)NAN}};
    log_points(c, run, "m", points, MILL_COUNT(points));
    assert_int_equal(buckets(c, run, "m", mill_bucket_axis(false, 0, 9, 1), b), 6);
    assert_int_equal(b[0].count, 0);
    assert_int_equal(b[0].neg_inf_x, 1);
    assert_int_equal(b[0].inf_x, 2);
    assert_int_equal(b[0].nan_x, 4);
}

static void test_buckets_of_the_widest_axis(void **state)
{
    struct store_case *c = *state;
    struct mill_bucket b[MILL_MAX_BUCKETS];
    struct mill_view run = store_case_run(c, 0, 'a');
    const struct mill_point points[] = {{-INT64_MAX, 1, 1}, {0, 2, 2}, {INT64_MAX, 3, 3}};
    const struct mill_bucket_axis axis =
        mill_bucket_axis(false, INT64_MIN, INT64_MAX, MILL_MAX_BUCKETS);
    log_points(c, run, "m", points, MILL_COUNT(points));
    assert_int_equal(buckets(c, run, "m", axis, b), 3);
    assert_true(b[0].last == 1);
    assert_true(b[axis.count - 1].last == 3);
    assert_int_equal(buckets(c, run, "m", mill_bucket_axis(false, INT64_MIN, INT64_MAX, 1), b),
                     3);
    assert_int_equal(b[0].count, 3);
    assert_true(b[0].min == 1 && b[0].max == 3);
}

/* Long series, written late and twice, against buckets made by hand; also after reopening. */
static void test_long_series(void **state)
{
    enum { POINTS = 9000, COUNT = 97 };
    struct store_case *c = *state;
    static struct mill_point points[POINTS];
    struct mill_bucket b[COUNT], expected[COUNT];
    struct mill_view run = store_case_run(c, 0, 'a');
    const struct mill_bucket_axis axis = mill_bucket_axis(false, 700, 8000, COUNT);
    for (int64_t i = 0; i < POINTS; i++) {
        int64_t step = i % 1000 < 500 ? i + 500 : i - 500; /* late by half a thousand */
        points[step] = (struct mill_point){step, 1000 + step, sin((double)step)};
    }
    points[4321].value = 1000; /* the spike */
    log_points(c, run, "m", points, POINTS);
    log_points(c, run, "m", points + 2000, BATCH);
    memset(expected, 0, sizeof(expected));
    for (int64_t i = 700; i <= 8000; i++) {
        struct mill_bucket *e = &expected[(uint64_t)(i - 700) / axis.width];
        double value = points[i].value;
        e->first = e->count == 0 ? value : e->first;
        e->min = e->count == 0 || value < e->min ? value : e->min;
        e->max = e->count == 0 || value > e->max ? value : e->max;
        e->last = value;
        e->x = i;
        e->count++;
    }
    for (int pass = 0; pass < 2; pass++) {
        assert_int_equal(summary(c, run, "m").count, POINTS);
        assert_true(summary(c, run, "m").max == 1000);
        assert_int_equal(buckets(c, run, "m", axis, b), 7301);
        for (size_t i = 0; i < axis.count; i++) {
            assert_int_equal(b[i].count, expected[i].count);
            assert_int_equal(b[i].x, expected[i].x);
            assert_true(b[i].first == expected[i].first && b[i].last == expected[i].last);
            assert_true(b[i].min == expected[i].min && b[i].max == expected[i].max);
        }
        store_case_reopen(c);
    }
}

/* --- searches and counts --- */

static bool is_late(void *context, const struct mill_run_info *info)
{
    int64_t *asked = context;
    ++*asked;
    return info->start_time >= 1002;
}

static void test_searches_count_and_choose(void **state)
{
    struct store_case *c = *state;
    const struct mill_plan plan = {.subject = MILL_QUERY_RUNS};
    int64_t experiment = 0, asked = 0;
    struct mill_run_page page = {0};
    struct mill_run_search search = {.experiment_ids = &experiment,
                                     .experiment_count = 1,
                                     .view_type = MILL_VIEW_ACTIVE_ONLY,
                                     .plan = &plan,
                                     .limit = 2};
    for (char letter = 'a'; letter <= 'e'; letter++) {
        char id[32];
        memset(id, letter, sizeof(id));
        struct mill_change change = {.kind = MILL_CHANGE_CREATE_RUN,
                                     .as.create_run = {.run_id = {id, sizeof(id)},
                                                       .experiment_id = 0,
                                                       .start_time = 1000 + letter - 'a'}};
        assert_int_equal(store_case_apply(c, &change).status, MILL_OK);
    }
    assert_int_equal(mill_store_search_runs(c->store, &search, &page, NULL), MILL_OK);
    assert_int_equal(page.count, 2);
    assert_int_equal(page.total, 5);
    mill_run_page_release(&page);
    search.wanted = is_late;
    search.wanted_context = &asked;
    search.offset = 2;
    assert_int_equal(mill_store_search_runs(c->store, &search, &page, NULL), MILL_OK);
    assert_int_equal(page.count, 1);
    assert_int_equal(page.total, 3);
    assert_int_equal(asked, 5);
    assert_int_equal(page.runs[0]->info.start_time, 1002);
    mill_run_page_release(&page);
    search.offset = 9;
    assert_int_equal(mill_store_search_runs(c->store, &search, &page, NULL), MILL_OK);
    assert_int_equal(page.count, 0);
    assert_int_equal(page.total, 3);
    mill_run_page_release(&page);
    search.limit = MILL_MAX_BULK_RUNS;
    assert_int_equal(mill_store_search_runs(c->store, &search, &page, NULL), MILL_E_INVALID);
    search.bulk = search.unordered = true;
    search.offset = 0;
    assert_int_equal(mill_store_search_runs(c->store, &search, &page, NULL), MILL_OK);
    assert_int_equal(page.count, 3);
    mill_run_page_release(&page);
}

static void test_counts_of_runs(void **state)
{
    struct store_case *c = *state;
    const struct mill_run_count *counts;
    size_t count;
    int64_t other = store_case_experiment(c, "other");
    store_case_experiment(c, "empty");
    struct mill_view a = store_case_run(c, other, 'a');
    struct mill_view b = store_case_run(c, other, 'b');
    store_case_run(c, 0, 'c');
    struct mill_change change = {.kind = MILL_CHANGE_UPDATE_RUN,
                                 .as.update_run = {a, MILL_RUN_FINISHED, 5000, {NULL, 0}}};
    assert_int_equal(store_case_apply(c, &change).status, MILL_OK);
    assert_int_equal(mill_store_count_runs(c->store, &c->arena, &counts, &count, NULL),
                     MILL_OK);
    assert_int_equal(count, 2);
    const struct mill_run_count *found = &counts[counts[0].experiment_id == other ? 0 : 1];
    assert_int_equal(found->experiment_id, other);
    assert_int_equal(found->runs, 2);
    assert_int_equal(found->running, 1);
    assert_int_equal(found->last_activity, 5000);
    change = (struct mill_change){.kind = MILL_CHANGE_DELETE_RUN, .as.run = {b}};
    assert_int_equal(store_case_apply(c, &change).status, MILL_OK);
    assert_int_equal(mill_store_count_runs(c->store, &c->arena, &counts, &count, NULL),
                     MILL_OK);
    found = &counts[counts[0].experiment_id == other ? 0 : 1];
    assert_int_equal(found->runs, 1);
    assert_int_equal(found->running, 0);
}

int conformance_charts(void)
{
#define CASE(name)                                                                             \
    cmocka_unit_test_setup_teardown(name, store_case_set_up, store_case_tear_down)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_axes),
        CASE(test_summary),
        CASE(test_summary_of_finite_values),
        CASE(test_buckets_by_step),
        CASE(test_buckets_by_time),
        CASE(test_buckets_mark_what_is_not_finite),
        CASE(test_buckets_of_the_widest_axis),
        CASE(test_long_series),
        CASE(test_searches_count_and_choose),
        CASE(test_counts_of_runs),
    };
#undef CASE
    return cmocka_run_group_tests_name("charts", tests, NULL, NULL);
}
