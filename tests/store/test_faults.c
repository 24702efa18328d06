/* test_faults.c - the stores when memory runs out at any allocation, and when the disk refuses
 * a write: an error is reported, nothing leaks, nothing half done stays, and the store works
 * on once the trouble is over. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/view.h"
#include "store/store.h"

static char directory[] = "/tmp/millstream-faults-XXXXXX";
static const char run_text[] = "0123456789abcdef0123456789abcdef";

static struct mill_store *open_store(const char *uri)
{
    struct mill_store *store = NULL;
    struct mill_error err = {""};
    struct mill_store_options options = {.synchronous = 2};
    if (mill_store_open(mill_view_of(uri), &options, &store, &err) != MILL_OK)
        fail_msg("cannot open %s: %s", uri, err.message);
    return store;
}

static enum mill_status apply(struct mill_store *store, struct mill_change *change,
                              struct mill_arena *arena)
{
    struct mill_pending pending = {.change = change, .outcome.arena = arena};
    struct mill_pending *list[] = {&pending};
    change->now_ms = 1;
    enum mill_status st = mill_change_check(change, arena, NULL);
    if (st != MILL_OK)
        return st;
    mill_store_apply(store, list, 1, NULL);
    return pending.outcome.status;
}

/* A bit of everything; stops at the first failure. */
static enum mill_status scenario(struct mill_store *store)
{
    struct mill_arena arena = {0};
    struct mill_view run_id = MILL_VIEW(run_text);
    struct mill_tag tag = {MILL_VIEW("k"), MILL_VIEW("v")};
    struct mill_param param = {MILL_VIEW("p"), MILL_VIEW("1")};
    struct mill_metric metrics[] = {{MILL_VIEW("m"), 1, 1, 1, NULL},
                                    {MILL_VIEW("n"), 2, 2, 2, NULL}};
    struct mill_dataset_input input = {&tag,
                                       1,
                                       {.name = MILL_VIEW("d"),
                                        .digest = MILL_VIEW("x"),
                                        .source_type = MILL_VIEW("s"),
                                        .source = MILL_VIEW("{}")}};
    struct mill_change changes[] = {
        {.kind = MILL_CHANGE_CREATE_EXPERIMENT,
         .as.create_experiment = {.name = MILL_VIEW("e"), .tags = &tag, .tag_count = 1}},
        {.kind = MILL_CHANGE_CREATE_RUN,
         .as.create_run = {.run_id = run_id, .experiment_id = 1, .start_time = 1}},
        {.kind = MILL_CHANGE_LOG,
         .as.log = {.run_id = run_id,
                    .metrics = metrics,
                    .metric_count = 2,
                    .params = &param,
                    .param_count = 1,
                    .tags = &tag,
                    .tag_count = 1}},
        {.kind = MILL_CHANGE_LOG_INPUTS, .as.inputs = {run_id, &input, 1, NULL, 0}},
    };
    enum mill_status st = MILL_OK;
    for (size_t i = 0; st == MILL_OK && i < MILL_COUNT(changes); i++)
        st = apply(store, &changes[i], &arena);

    struct mill_plan plan;
    struct mill_run_page page = {0};
    struct mill_view order = MILL_VIEW("metrics.n DESC");
    int64_t experiment = 1;
    if (st == MILL_OK)
        st = mill_query_parse(MILL_QUERY_RUNS, MILL_VIEW("metrics.m > 0 AND params.p = '1'"),
                              &order, 1, &arena, &plan, NULL);
    struct mill_run_search search = {&experiment, 1, MILL_VIEW_ALL, &plan, 0, 10, false};
    if (st == MILL_OK)
        st = mill_store_search_runs(store, &search, &page, NULL);
    if (st == MILL_OK)
        assert_int_equal(page.count, 1);
    mill_run_page_release(&page);
    if (st == MILL_OK)
        st = mill_store_get_run(store, run_id, &page, NULL);
    mill_run_page_release(&page);

    struct mill_history *history = NULL;
    struct mill_point points[4], *sample;
    size_t n;
    if (st == MILL_OK)
        st = mill_store_history_open(store, run_id, MILL_VIEW("m"), 0, &history, NULL);
    if (st == MILL_OK)
        st = mill_history_next(history, points, 4, &n, NULL);
    mill_history_close(history);
    if (st == MILL_OK)
        st = mill_store_sample(store, run_id, MILL_VIEW("m"), 0, 9, 5, &arena, &sample, &n,
                               NULL);
    struct mill_experiment_page experiments;
    struct mill_plan all = {.subject = MILL_QUERY_EXPERIMENTS};
    struct mill_experiment_search list = {MILL_VIEW_ALL, &all, 0, 10};
    if (st == MILL_OK)
        st = mill_store_search_experiments(store, &list, &arena, &experiments, NULL);
    mill_arena_release(&arena);
    return st;
}

/* Memory fails at the nth allocation for growing n until the scenario gets through. */
static void run_out_of_memory(const char *scheme)
{
    enum mill_status st = MILL_E_NOMEM;
    for (long nth = 1; st != MILL_OK; nth++) {
        char uri[200];
        assert_true(nth < 2000);
        snprintf(uri, sizeof(uri), "%s%s/%ld.db", scheme, directory, nth);
        struct mill_store *store = open_store(uri);
        mill_alloc_fail_after(nth);
        st = scenario(store);
        mill_alloc_fail_after(0);
        if (st != MILL_OK && st != MILL_E_NOMEM)
            fail_msg("allocation %ld: %s", nth, mill_status_info(st)->name);
        if (st != MILL_OK) {
            /* What the failure left behind is whole: the rest can be done now. */
            enum mill_status again = scenario(store);
            if (again != MILL_OK && again != MILL_E_EXISTS)
                fail_msg("after allocation %ld: %s", nth, mill_status_info(again)->name);
        }
        mill_store_close(store);
    }
}

static void sqlite_survives_lack_of_memory(void **state)
{
    (void)state;
    run_out_of_memory("sqlite:///");
}

static void memory_survives_lack_of_memory(void **state)
{
    (void)state;
    run_out_of_memory("memory:");
}

static size_t count_tags(struct mill_store *store)
{
    struct mill_run_page page = {0};
    assert_int_equal(mill_store_get_run(store, MILL_VIEW(run_text), &page, NULL), MILL_OK);
    size_t count = page.runs[0]->tag_count;
    mill_run_page_release(&page);
    return count;
}

/* A file size limit stands for a full disk: writes beyond it fail. */
static void a_full_disk_refuses_and_recovers(void **state)
{
    (void)state;
    char uri[200];
    struct mill_arena arena = {0};
    snprintf(uri, sizeof(uri), "sqlite:///%s/full.db", directory);
    struct mill_store *store = open_store(uri);
    assert_int_equal(scenario(store), MILL_OK);
    size_t before = count_tags(store), good = 0;

    struct rlimit limit;
    getrlimit(RLIMIT_FSIZE, &limit);
    signal(SIGXFSZ, SIG_IGN);
    struct rlimit small = {300000, limit.rlim_max};
    setrlimit(RLIMIT_FSIZE, &small);
    enum mill_status st = MILL_OK;
    for (int i = 0; i < 200 && st == MILL_OK; i++) {
        char key[20];
        char value[4000];
        memset(value, 'x', sizeof(value));
        snprintf(key, sizeof(key), "key%d", i);
        struct mill_tag tag = {mill_view_of(key), {value, sizeof(value)}};
        struct mill_change change = {
            .kind = MILL_CHANGE_LOG,
            .as.log = {.run_id = MILL_VIEW(run_text), .tags = &tag, .tag_count = 1}};
        st = apply(store, &change, &arena);
        good += st == MILL_OK;
    }
    assert_true(st == MILL_E_FULL || st == MILL_E_IO);
    assert_int_equal(count_tags(store), before + good);
    setrlimit(RLIMIT_FSIZE, &limit);

    struct mill_tag tag = {MILL_VIEW("after"), MILL_VIEW("1")};
    struct mill_change change = {
        .kind = MILL_CHANGE_LOG,
        .as.log = {.run_id = MILL_VIEW(run_text), .tags = &tag, .tag_count = 1}};
    assert_int_equal(apply(store, &change, &arena), MILL_OK);
    mill_store_close(store);
    store = open_store(uri);
    assert_int_equal(count_tags(store), before + good + 1);
    mill_store_close(store);
    mill_arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_survives_lack_of_memory),
        cmocka_unit_test(sqlite_survives_lack_of_memory),
        cmocka_unit_test(a_full_disk_refuses_and_recovers),
    };
    if (mkdtemp(directory) == NULL)
        return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    char command[100];
    snprintf(command, sizeof(command), "rm -rf %s", directory);
    return system(command) != 0 || failed != 0;
}
