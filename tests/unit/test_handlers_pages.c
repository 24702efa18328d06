/* test_handlers_pages.c - what the web pages ask, as functions: answers byte for byte, and
 * every allocation that may fail. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "calling.h"

#define A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

/* Two runs in experiment 0, the second a child of the first. */
static void make_runs(void)
{
    assert_int_equal(ask("createRun", "{\"run_id\":\"" A "\",\"run_name\":\"one\","
                                      "\"start_time\":5}"),
                     MILL_OK);
    assert_int_equal(ask("createRun",
                         "{\"run_id\":\"" B "\",\"run_name\":\"two\",\"start_time\":6,"
                         "\"tags\":[{\"key\":\"mlflow.parentRunId\",\"value\":\"" A "\"}]}"),
                     MILL_OK);
    assert_int_equal(ask("logBatch", "{\"run_id\":\"" A "\",\"metrics\":["
                                     "{\"key\":\"m\",\"value\":1,\"timestamp\":7,\"step\":0},"
                                     "{\"key\":\"m\",\"value\":3,\"timestamp\":8,\"step\":1}],"
                                     "\"params\":[{\"key\":\"p\",\"value\":\"x\"}]}"),
                     MILL_OK);
    assert_int_equal(ask("logParam", "{\"run_id\":\"" B "\",\"key\":\"p\",\"value\":\"2\"}"),
                     MILL_OK);
}

static void the_table_gives_what_is_asked_for(void **state)
{
    (void)state;
    make_runs();
    check("runsTable",
          "{\"experiment_ids\":[0],\"max_results\":1,\"offset\":1,\"metrics\":[\"m\",\"n\"],"
          "\"params\":[\"p\"],\"aggregates\":[\"m\"],\"children\":true}",
          "{\"total\":2,\"offset\":1,\"generation\":0,\"runs\":[{\"run_id\":\"" A "\","
          "\"run_name\":\"one\",\"experiment_id\":\"0\",\"status\":\"RUNNING\","
          "\"state\":\"RUNNING\",\"start_time\":5,\"lifecycle_stage\":\"active\","
          "\"user_id\":\"\",\"children\":1,\"last_seen\":8,\"metrics\":[3.0,null],"
          "\"params\":[\"x\"],\"aggregates\":[{\"count\":2,\"min\":1.0,\"max\":3.0}]}],"
          "\"run_ids\":[]}");
    check("runsTable", "{\"experiment_ids\":[0],\"ids_only\":true}",
          "{\"total\":2,\"offset\":0,\"generation\":0,\"runs\":[],\"run_ids\":[\"" B "\",\"" A
          "\"]}");
    check_refused("runsTable", "{}", MILL_E_INVALID);
}

static void lines_have_the_points(void **state)
{
    (void)state;
    make_runs();
    check("metricBuckets",
          "{\"run_ids\":[\"" A "\",\"" B "\"],\"metric_keys\":[\"m\"],\"buckets\":1}",
          "{\"x\":\"step\",\"generation\":0,\"metrics\":[{\"key\":\"m\",\"start\":0,\"end\":1,"
          "\"width\":2,\"series\":[{\"run_id\":\"" A "\",\"points\":2,\"x\":[1],\"last\":[3.0],"
          "\"first\":[1.0],\"min\":[1.0],\"max\":[3.0],\"count\":[2]}]}]}");
}

static void groups_have_their_members(void **state)
{
    (void)state;
    make_runs();
    check("runsGroups", "{\"experiment_ids\":[0],\"by\":[\"params.p\"],\"metrics\":[\"m\"]}",
          "{\"runs\":2,\"total\":2,\"generation\":0,\"groups\":["
          "{\"group\":[{\"field\":\"params.p\",\"value\":\"2\"}],\"runs\":1,"
          "\"last_start_time\":6,\"metrics\":[null]},"
          "{\"group\":[{\"field\":\"params.p\",\"value\":\"x\"}],\"runs\":1,"
          "\"last_start_time\":5,\"metrics\":[{\"runs\":1,\"min\":3.0,\"mean\":3.0,"
          "\"max\":3.0}]}]}");
}

/* Without memory each is refused as such, and nothing is left behind. */
static void memory_may_run_out(void **state)
{
    static const struct {
        const char *route, *body;
    } calls[] = {
        {"runsTable",
         "{\"experiment_ids\":[0],\"name_regex\":\"o\",\"metrics\":[\"m\"],"
         "\"params\":[\"p\"],\"tags\":[\"t\"],\"aggregates\":[\"m\"],"
         "\"children\":true,\"group\":[{\"field\":\"params.p\",\"value\":\"x\"}]}"},
        {"runsTable", "{\"experiment_ids\":[0],\"ids_only\":true}"},
        {"runsColumns", "{\"experiment_ids\":[0],\"filter\":\"metrics.m > 0\"}"},
        {"runsGroups", "{\"experiment_ids\":[0],\"by\":[\"params.p\",\"experiment_id\"],"
                       "\"metrics\":[\"m\"]}"},
        {"metricBuckets", "{\"run_ids\":[\"" A "\"],\"metric_keys\":[\"m\"]}"},
        {"experimentCounts", "{}"},
    };
    (void)state;
    make_runs();
    for (size_t i = 0; i < MILL_COUNT(calls); i++) {
        enum mill_status st = MILL_E_NOMEM;
        for (calling_fail_nth = 1; st != MILL_OK; calling_fail_nth++) {
            assert_true(calling_fail_nth < 1000);
            st = ask(calls[i].route, calls[i].body);
            if (st != MILL_OK && st != MILL_E_NOMEM)
                fail_msg("%s, allocation %ld: %s", calls[i].route, calling_fail_nth,
                         calling_error.message);
        }
        calling_fail_nth = 0;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CALLING_TEST(the_table_gives_what_is_asked_for),
        CALLING_TEST(lines_have_the_points),
        CALLING_TEST(groups_have_their_members),
        CALLING_TEST(memory_may_run_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
