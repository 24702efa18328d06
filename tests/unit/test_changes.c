/* test_changes.c - what is remembered of changes: kinds, order, filters, and what is forgotten.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/view.h"
#include "server/changes.h"

static struct mill_changes *changes;
static struct mill_buf text;

static int set_up(void **state)
{
    (void)state;
    changes = mill_changes_new(5, false);
    assert_non_null(changes);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    mill_changes_free(changes);
    mill_buf_release(&text);
    return 0;
}

static void create_run(const char *run_id, int64_t experiment_id)
{
    const struct mill_change change = {.kind = MILL_CHANGE_CREATE_RUN,
                                       .as.create_run = {.run_id = mill_view_of(run_id)}};
    const struct mill_outcome outcome = {.experiment_id = experiment_id};
    mill_changes_note(changes, &change, &outcome);
}

static void log_metric(const char *run_id)
{
    const struct mill_metric metric = {.key = MILL_VIEW("m")};
    const struct mill_change change = {
        .kind = MILL_CHANGE_LOG,
        .as.log = {.run_id = mill_view_of(run_id), .metrics = &metric, .metric_count = 1}};
    const struct mill_outcome outcome = {.experiment_id = 1};
    mill_changes_note(changes, &change, &outcome);
}

/* What happened behind a generation, as JSON. */
static const char *since(int64_t generation, const struct mill_changes_filter *filter)
{
    static const struct mill_changes_filter all;
    mill_buf_clear(&text);
    mill_changes_write(changes, generation, filter != NULL ? filter : &all, &text, NULL);
    mill_buf_add_char(&text, '\0');
    return text.ptr;
}

static void each_run_comes_once_with_its_kinds(void **state)
{
    (void)state;
    int64_t begin = mill_changes_generation(changes);
    assert_int_equal(begin, 5000);
    create_run("a", 1);
    create_run("b", 1);
    log_metric("a");
    log_metric("a");
    assert_string_equal(since(begin, NULL),
                        "{\"generation\":5004,\"runs\":["
                        "{\"run_id\":\"a\",\"experiment_id\":\"1\",\"kinds\":[\"created\","
                        "\"metrics\"]},"
                        "{\"run_id\":\"b\",\"experiment_id\":\"1\",\"kinds\":[\"created\"]}],"
                        "\"experiments\":[]}");
    assert_string_equal(since(begin + 2, NULL),
                        "{\"generation\":5004,\"runs\":[{\"run_id\":\"a\",\"experiment_id\":"
                        "\"1\",\"kinds\":[\"metrics\"]}],\"experiments\":[]}");
    assert_string_equal(since(begin + 4, NULL),
                        "{\"generation\":5004,\"runs\":[],\"experiments\":[]}");
    assert_string_equal(since(MILL_ABSENT, NULL),
                        "{\"generation\":5004,\"runs\":[],\"experiments\":[]}");
}

static void experiments_are_no_runs(void **state)
{
    const struct mill_change rename = {.kind = MILL_CHANGE_RENAME_EXPERIMENT,
                                       .as.rename = {.experiment_id = 7}};
    const struct mill_change tag = {.kind = MILL_CHANGE_SET_EXPERIMENT_TAG,
                                    .as.experiment_tag = {.experiment_id = 7}};
    const struct mill_change deletion = {.kind = MILL_CHANGE_DELETE_EXPERIMENT,
                                         .as.experiment = {.experiment_id = 8}};
    const struct mill_outcome nothing = {.experiment_id = 0};
    (void)state;
    int64_t begin = mill_changes_generation(changes);
    mill_changes_note(changes, &rename, &nothing);
    mill_changes_note(changes, &tag, &nothing);
    mill_changes_note(changes, &deletion, &nothing);
    assert_string_equal(since(begin, NULL),
                        "{\"generation\":5003,\"runs\":[],\"experiments\":["
                        "{\"experiment_id\":\"8\",\"kinds\":[\"deleted\"]},"
                        "{\"experiment_id\":\"7\",\"kinds\":[\"tags\",\"info\"]}]}");
}

static void other_changes_are_not_told(void **state)
{
    const struct mill_change change = {.kind = MILL_CHANGE_CREATE_MODEL};
    const struct mill_outcome outcome = {.experiment_id = 0};
    (void)state;
    mill_changes_note(changes, &change, &outcome);
    mill_changes_note(NULL, &change, &outcome);
    assert_int_equal(mill_changes_generation(changes), 5000);
    assert_int_equal(mill_changes_generation(NULL), 0);
}

static void filters_choose(void **state)
{
    const int64_t experiments[] = {2, 3};
    const struct mill_view runs[] = {MILL_VIEW("a"), MILL_VIEW("c")};
    (void)state;
    create_run("a", 1);
    create_run("b", 2);
    create_run("d", 4);
    struct mill_changes_filter filter = {.experiment_ids = experiments, .experiment_count = 2};
    assert_non_null(strstr(since(5000, &filter), "\"runs\":[{\"run_id\":\"b\""));
    assert_null(strstr(text.ptr, "\"a\""));
    filter.run_ids = runs;
    filter.run_count = 2;
    since(5000, &filter);
    assert_non_null(strstr(text.ptr, "\"a\""));
    assert_non_null(strstr(text.ptr, "\"b\""));
    assert_null(strstr(text.ptr, "\"d\""));
    bool any = true;
    filter = (struct mill_changes_filter){.run_ids = runs + 1, .run_count = 1};
    mill_changes_write(changes, 5000, &filter, &text, &any);
    assert_false(any);
}

/* The oldest entries go; whoever asks from before them is told to read everything anew. */
static void what_is_forgotten_is_said(void **state)
{
    (void)state;
    for (int i = 0; i < MILL_CHANGES_KEPT + 10; i++) {
        char id[20];
        snprintf(id, sizeof(id), "run %d", i);
        create_run(id, 1);
    }
    const struct mill_view last = MILL_VIEW("run 4105");
    const struct mill_changes_filter filter = {.run_ids = &last, .run_count = 1};
    const char *reset = "\"runs\":[],\"experiments\":[],\"reset\":true}";
    assert_non_null(strstr(since(5000, &filter), reset));
    assert_non_null(strstr(since(5009, &filter), reset));
    assert_non_null(strstr(since(5010, &filter), "run 4105"));
    assert_non_null(strstr(since(9999, &filter), reset)); /* that is still to come */
    assert_non_null(strstr(since(5010, NULL), reset));    /* too many to be told */
    log_metric("run 4105");                               /* found in its chain */
    since(5000 + MILL_CHANGES_KEPT + 10, NULL);
    assert_non_null(strstr(text.ptr, "[\"metrics\"]"));
}

static void survives_without_memory(void **state)
{
    (void)state;
    create_run("a", 1);
    mill_alloc_fail_after(1);
    create_run("b", 1);
    mill_alloc_fail_after(0);
    assert_non_null(strstr(since(5001, NULL), "\"reset\":true"));
    assert_null(strstr(since(5002, NULL), "reset"));
    mill_alloc_fail_after(1);
    assert_null(mill_changes_new(1, false));
    mill_alloc_fail_after(2);
    assert_null(mill_changes_new(1, false));
    mill_alloc_fail_after(0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        T(each_run_comes_once_with_its_kinds), T(experiments_are_no_runs),
        T(other_changes_are_not_told),         T(filters_choose),
        T(what_is_forgotten_is_said),          T(survives_without_memory),
#undef T
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
