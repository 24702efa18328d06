/* test_faults.c - the stores when memory runs out at any allocation, ours or SQLite's: an error
 * is reported, nothing leaks, nothing half done stays, and the store works on once the trouble
 * is over. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "base/alloc.h"
#include "base/view.h"
#include "store/evaluation.h"
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

static enum mill_status search_models(struct mill_store *store, struct mill_arena *arena)
{
    struct mill_logged_model_page page;
    struct mill_plan plan;
    int64_t experiment = 1;
    enum mill_status st =
        mill_query_parse(MILL_QUERY_LOGGED_MODELS,
                         MILL_VIEW("metrics.acc > 0 AND tags.k = 'v' AND params.p = '1'"), NULL,
                         0, arena, &plan, NULL);
    struct mill_logged_model_search search = {
        .experiment_ids = &experiment, .experiment_count = 1, .plan = &plan, .limit = 10};
    if (st == MILL_OK)
        st = mill_store_search_logged_models(store, &search, arena, &page, NULL);
    if (st == MILL_OK)
        assert_int_equal(page.count, 1);
    return st;
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
    struct mill_metric_link link = {.model_id = MILL_VIEW("m-1")};
    struct mill_metric measured = {MILL_VIEW("acc"), 1, 1, 1, &link};
    struct mill_change changes[] = {
        {.kind = MILL_CHANGE_CREATE_EXPERIMENT,
         .as.create_experiment = {.name = MILL_VIEW("e"), .tags = &tag, .tag_count = 1}},
        {.kind = MILL_CHANGE_CREATE_WEBHOOK,
         .as.webhook = {.webhook_id = MILL_VIEW("w"),
                        .name = MILL_VIEW("w"),
                        .url = MILL_VIEW("u"),
                        .events = MILL_EVENTS_OF_RUNS}},
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
        {.kind = MILL_CHANGE_UPDATE_RUN,
         .as.update_run = {run_id, MILL_RUN_FINISHED, 1, {NULL, 0}}},
        {.kind = MILL_CHANGE_CREATE_LOGGED_MODEL,
         .as.create_logged_model = {.model_id = MILL_VIEW("m-1"),
                                    .experiment_id = 1,
                                    .name = MILL_VIEW("net"),
                                    .params = &param,
                                    .param_count = 1}},
        {.kind = MILL_CHANGE_TAG_LOGGED_MODEL,
         .as.logged_model_tags = {MILL_VIEW("m-1"), &tag, 1}},
        {.kind = MILL_CHANGE_LOG,
         .as.log = {.run_id = run_id, .metrics = &measured, .metric_count = 1}},
        {.kind = MILL_CHANGE_FINALIZE_LOGGED_MODEL,
         .as.finalize_logged_model = {MILL_VIEW("m-1"), MILL_LOGGED_MODEL_READY}},
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
    struct mill_run_search search = {.experiment_ids = &experiment,
                                     .experiment_count = 1,
                                     .view_type = MILL_VIEW_ALL,
                                     .plan = &plan,
                                     .limit = 10};
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
    struct mill_series_summary summary;
    struct mill_bucket buckets[3];
    const struct mill_bucket_axis axis = mill_bucket_axis(false, 0, 9, 3);
    const struct mill_run_count *counts;
    int64_t count;
    if (st == MILL_OK)
        st = mill_store_summary(store, run_id, MILL_VIEW("m"), &summary, NULL);
    if (st == MILL_OK)
        st = mill_store_buckets(store, run_id, MILL_VIEW("m"), &axis, buckets, &count, NULL);
    if (st == MILL_OK)
        st = mill_store_count_runs(store, &arena, &counts, &n, NULL);
    struct mill_experiment_page experiments;
    struct mill_plan all = {.subject = MILL_QUERY_EXPERIMENTS};
    struct mill_experiment_search list = {MILL_VIEW_ALL, &all, 0, 10};
    if (st == MILL_OK)
        st = mill_store_search_experiments(store, &list, &arena, &experiments, NULL);
    if (st == MILL_OK)
        st = search_models(store, &arena);
    mill_arena_release(&arena);
    return st;
}

#define LOGGED_MODEL "m-0123456789abcdef0123456789abcdef"

static enum mill_status search_registry(struct mill_store *store, struct mill_arena *arena)
{
    struct mill_plan models = {.subject = MILL_QUERY_MODELS}, versions;
    struct mill_view order = MILL_VIEW("version_number DESC");
    struct mill_model_page model_page;
    struct mill_version_page version_page = {0};
    enum mill_status st = mill_query_parse(MILL_QUERY_MODEL_VERSIONS, MILL_VIEW("tags.k = 'v'"),
                                           &order, 1, arena, &versions, NULL);
    struct mill_model_search search = {&models, 0, 10};
    if (st == MILL_OK)
        st = mill_store_search_models(store, &search, arena, &model_page, NULL);
    search.plan = &versions;
    if (st == MILL_OK)
        st = mill_store_search_model_versions(store, &search, &version_page, NULL);
    if (st == MILL_OK)
        assert_int_equal(model_page.count, 1);
    if (st == MILL_OK)
        assert_true(version_page.count > 0);
    mill_held_release(&version_page.held);
    return st;
}

/* The registry's part of everything: changes with searches between them, so that what is in
 * memory has to keep up. */
static enum mill_status registry_scenario(struct mill_store *store)
{
    struct mill_arena arena = {0};
    struct mill_tag tag = {MILL_VIEW("k"), MILL_VIEW("v")};
    struct mill_change changes[] = {
        {.kind = MILL_CHANGE_CREATE_MODEL,
         .as.model = {.name = MILL_VIEW("m"), .tags = &tag, .tag_count = 1}},
        {.kind = MILL_CHANGE_CREATE_MODEL_VERSION,
         .as.model_version = {.name = MILL_VIEW("m"),
                              .source = MILL_VIEW("s3://bucket/m"),
                              .model_id = MILL_VIEW(LOGGED_MODEL),
                              .tags = &tag,
                              .tag_count = 1}},
        {.kind = MILL_CHANGE_SET_MODEL_ALIAS,
         .as.model_alias = {.name = MILL_VIEW("m"), .alias = MILL_VIEW("a"), .version = 1}},
        {.kind = MILL_CHANGE_STAGE_MODEL_VERSION,
         .as.model_version = {.name = MILL_VIEW("m"),
                              .version = 1,
                              .stage = MILL_STAGE_STAGING,
                              .archive_existing = true}},
        {.kind = MILL_CHANGE_RENAME_MODEL,
         .as.model = {.name = MILL_VIEW("m"), .new_name = MILL_VIEW("n")}},
        {.kind = MILL_CHANGE_RENAME_MODEL,
         .as.model = {.name = MILL_VIEW("n"), .new_name = MILL_VIEW("m")}},
        {.kind = MILL_CHANGE_SET_VERSION_TAG,
         .as.model_tag = {.name = MILL_VIEW("m"),
                          .version = 1,
                          .key = MILL_VIEW("k"),
                          .value = MILL_VIEW("v")}},
    };
    enum mill_status st = MILL_OK;
    for (size_t i = 0; st == MILL_OK && i < MILL_COUNT(changes); i++) {
        st = apply(store, &changes[i], &arena);
        if (st == MILL_OK && i > 0)
            st = search_registry(store, &arena);
    }
    struct mill_registered_model model;
    struct mill_model_version version;
    struct mill_version_ref ref = {MILL_VIEW("m"), 0, MILL_VIEW("a")};
    if (st == MILL_OK)
        st = mill_store_get_model(store, MILL_VIEW("m"), &arena, &model, NULL);
    if (st == MILL_OK)
        st = mill_store_get_model_version(store, &ref, &arena, &version, NULL, NULL);
    mill_arena_release(&arena);
    return st;
}

/* A version is there if and only if the logged model that it comes from says so. */
static void logged_model_agrees(struct mill_store *store, struct mill_view name)
{
    struct mill_arena arena = {0};
    struct mill_logged_model logged;
    struct mill_model_version version;
    struct mill_version_ref ref = {.name = name, .version = 1};
    bool there =
        mill_store_get_model_version(store, &ref, &arena, &version, NULL, NULL) == MILL_OK;
    assert_int_equal(mill_store_get_logged_model(store, MILL_VIEW(LOGGED_MODEL), false, &arena,
                                                 &logged, NULL),
                     MILL_OK);
    assert_int_equal(logged.tag_count, 1);
    assert_int_equal(mill_view_eq(logged.tags[0].value, MILL_VIEW("[]")), !there);
    mill_arena_release(&arena);
}

/* The logged model that versions come from, of which none does yet. */
static void begin_registry(struct mill_store *store)
{
    struct mill_arena arena = {0};
    struct mill_tag none = {MILL_VIEW("mlflow.modelVersions"), MILL_VIEW("[]")};
    struct mill_change create = {.kind = MILL_CHANGE_CREATE_LOGGED_MODEL,
                                 .as.create_logged_model = {.model_id = MILL_VIEW(LOGGED_MODEL),
                                                            .name = MILL_VIEW("l")}};
    struct mill_change clear = {.kind = MILL_CHANGE_TAG_LOGGED_MODEL,
                                .as.logged_model_tags = {.model_id = MILL_VIEW(LOGGED_MODEL),
                                                         .tags = &none,
                                                         .tag_count = 1}};
    enum mill_status st = apply(store, &create, &arena);
    assert_true(st == MILL_OK || st == MILL_E_EXISTS);
    assert_int_equal(apply(store, &clear, &arena), MILL_OK);
    mill_arena_release(&arena);
}

/* What a failure half-way left may have the model's other name. */
static void registry_is_whole(struct mill_store *store)
{
    struct mill_arena arena = {0};
    struct mill_change back = {
        .kind = MILL_CHANGE_RENAME_MODEL,
        .as.model = {.name = MILL_VIEW("n"), .new_name = MILL_VIEW("m")}};
    enum mill_status st = apply(store, &back, &arena);
    if (st != MILL_OK && st != MILL_E_NOT_FOUND)
        fail_msg("%s", mill_status_get_info(st)->name);
    logged_model_agrees(store, MILL_VIEW("m"));
    struct mill_change gone = {.kind = MILL_CHANGE_DELETE_MODEL,
                               .as.model.name = MILL_VIEW("m")};
    st = apply(store, &gone, &arena);
    assert_true(st == MILL_OK || st == MILL_E_NOT_FOUND);
    mill_arena_release(&arena);
    assert_int_equal(registry_scenario(store), MILL_OK);
}

static void registry_runs_out_of_memory(const char *scheme)
{
    enum mill_status st = MILL_E_NOMEM;
    char uri[200];
    snprintf(uri, sizeof(uri), "%s%s/registry.db", scheme, directory);
    for (long nth = 1; st != MILL_OK; nth++) {
        assert_true(nth < 2000);
        struct mill_store *store = open_store(uri);
        begin_registry(store);
        mill_alloc_fail_after(nth);
        st = registry_scenario(store);
        mill_alloc_fail_after(0);
        if (st != MILL_OK && st != MILL_E_NOMEM && st != MILL_E_EXISTS)
            fail_msg("allocation %ld: %s", nth, mill_status_get_info(st)->name);
        registry_is_whole(store);
        struct mill_arena arena = {0};
        struct mill_change gone = {.kind = MILL_CHANGE_DELETE_MODEL,
                                   .as.model.name = MILL_VIEW("m")};
        assert_int_equal(apply(store, &gone, &arena), MILL_OK);
        mill_arena_release(&arena);
        mill_store_close(store);
    }
}

static void sqlite_registry_survives_lack_of_memory(void **state)
{
    (void)state;
    registry_runs_out_of_memory("sqlite:///");
}

static void memory_registry_survives_lack_of_memory(void **state)
{
    (void)state;
    registry_runs_out_of_memory("memory:");
}

/* --- what evaluations keep --- */

static enum mill_status read_evaluation(struct mill_store *store, struct mill_arena *arena)
{
    int64_t experiment = 0;
    struct mill_eval_dataset_row dataset;
    struct mill_eval_record_page records = {0};
    struct mill_scorer_list scorers;
    struct mill_trace_page traces = {0};
    struct mill_plan plan;
    enum mill_status st =
        mill_store_get_eval_dataset(store, MILL_VIEW("d-1"), arena, &dataset, NULL);
    if (st == MILL_OK)
        st =
            mill_store_list_eval_records(store, MILL_VIEW("d-1"), 0, 10, arena, &records, NULL);
    if (st == MILL_OK)
        st = mill_store_list_scorers(store, 0, MILL_VIEW("s"), arena, &scorers, NULL);
    if (st == MILL_OK)
        st = mill_query_parse(MILL_QUERY_TRACES, MILL_VIEW("tags.k = 'v'"), NULL, 0, arena,
                              &plan, NULL);
    struct mill_trace_search search = {&experiment, 1, &plan, 0, 10};
    if (st == MILL_OK)
        st = mill_store_search_traces(store, &search, arena, &traces, NULL);
    if (st == MILL_OK) {
        assert_int_equal(records.count, 1);
        assert_int_equal(traces.count, 1);
        assert_int_equal(traces.traces[0].assessment_count, 1);
    }
    return st;
}

/* Begins by removing what another time left. */
static enum mill_status evaluation_scenario(struct mill_store *store)
{
    struct mill_arena arena = {0};
    static const int64_t experiment = 0;
    const struct mill_view trace_id = MILL_VIEW("tr-1");
    struct mill_tag tag = {MILL_VIEW("k"), MILL_VIEW("v")};
    struct mill_eval_record_row record = {.inputs = MILL_VIEW("{}"),
                                          .canonical = MILL_VIEW("{}"),
                                          .expectations = &tag,
                                          .expectation_count = 1};
    struct mill_change changes[] = {
        {.kind = MILL_CHANGE_DELETE_EVAL_DATASET,
         .as.eval_dataset.dataset_id = MILL_VIEW("d-1")},
        {.kind = MILL_CHANGE_DELETE_TRACES,
         .as.traces = {&trace_id, 1, 0, MILL_ABSENT, MILL_ABSENT, {NULL, 0}}},
        {.kind = MILL_CHANGE_CREATE_EVAL_DATASET,
         .as.eval_dataset = {.dataset_id = MILL_VIEW("d-1"),
                             .name = MILL_VIEW("d"),
                             .tags = &tag,
                             .tag_count = 1,
                             .experiment_ids = &experiment,
                             .experiment_count = 1}},
        {.kind = MILL_CHANGE_ADD_EVAL_RECORDS,
         .as.eval_records = {.dataset_id = MILL_VIEW("d-1"),
                             .records = &record,
                             .record_count = 1}},
        {.kind = MILL_CHANGE_REGISTER_SCORER,
         .as.scorer = {0, MILL_VIEW("s"), MILL_VIEW("s-1"), MILL_VIEW("{}"), MILL_ABSENT}},
        {.kind = MILL_CHANGE_START_TRACE,
         .as.trace = {.trace_id = trace_id,
                      .experiment_id = 0,
                      .state = MILL_VIEW("OK"),
                      .tags = &tag,
                      .tag_count = 1}},
        {.kind = MILL_CHANGE_ADD_ASSESSMENT,
         .as.assessment = {.trace_id = trace_id,
                           .assessment_id = MILL_VIEW("a-1"),
                           .name = MILL_VIEW("good"),
                           .feedback = MILL_VIEW("{}"),
                           .metadata = &tag,
                           .metadata_count = 1}},
    };
    enum mill_status st = MILL_OK;
    for (size_t i = 0; st == MILL_OK && i < MILL_COUNT(changes); i++)
        st = apply(store, &changes[i], &arena);
    if (st == MILL_OK)
        st = read_evaluation(store, &arena);
    mill_arena_release(&arena);
    return st;
}

static void evaluation_runs_out_of_memory(const char *scheme)
{
    enum mill_status st = MILL_E_NOMEM;
    char uri[200];
    snprintf(uri, sizeof(uri), "%s%s/evaluation.db", scheme, directory);
    for (long nth = 1; st != MILL_OK; nth++) {
        assert_true(nth < 2000);
        struct mill_store *store = open_store(uri);
        mill_alloc_fail_after(nth);
        st = evaluation_scenario(store);
        mill_alloc_fail_after(0);
        if (st != MILL_OK && st != MILL_E_NOMEM)
            fail_msg("allocation %ld: %s", nth, mill_status_get_info(st)->name);
        assert_int_equal(evaluation_scenario(store), MILL_OK);
        mill_store_close(store);
    }
}

static void sqlite_evaluation_survives_lack_of_memory(void **state)
{
    (void)state;
    evaluation_runs_out_of_memory("sqlite:///");
}

static void memory_evaluation_survives_lack_of_memory(void **state)
{
    (void)state;
    evaluation_runs_out_of_memory("memory:");
}

/* --- SQLite's own failures --- */

/* SQLite asks us for memory; from the nth time on it gets none. Nearly each of its calls can
 * fail that way. */
static long sqlite_fails_after;
static sqlite3_mem_methods sqlite_memory;

static bool sqlite_may_have_it(void)
{
    return sqlite_fails_after == 0 || --sqlite_fails_after > 0 ||
           (sqlite_fails_after = 1, false);
}

static void *limited_malloc(int size)
{
    return sqlite_may_have_it() ? sqlite_memory.xMalloc(size) : NULL;
}

static void *limited_realloc(void *memory, int size)
{
    return sqlite_may_have_it() ? sqlite_memory.xRealloc(memory, size) : NULL;
}

static void limit_sqlite(void)
{
    assert_int_equal(sqlite3_config(SQLITE_CONFIG_GETMALLOC, &sqlite_memory), SQLITE_OK);
    sqlite3_mem_methods limited = sqlite_memory;
    limited.xMalloc = limited_malloc;
    limited.xRealloc = limited_realloc;
    assert_int_equal(sqlite3_config(SQLITE_CONFIG_MALLOC, &limited), SQLITE_OK);
}

/* Every few allocations only, but in long mode: there are thousands. */
static void sqlite_may_fail_at_any_call(void **state)
{
    (void)state;
    enum mill_status st = MILL_E_NOMEM;
    char uri[200];
    long stride = getenv("MILL_TEST_LONG") != NULL ? 1 : 13;
    snprintf(uri, sizeof(uri), "sqlite:///%s/calls.db", directory);
    for (long nth = 1; st != MILL_OK; nth += stride) {
        assert_true(nth < 100000);
        struct mill_store *store = open_store(uri);
        begin_registry(store);
        sqlite_fails_after = nth;
        st = registry_scenario(store);
        sqlite_fails_after = 0;
        if (st != MILL_OK && st != MILL_E_NOMEM && st != MILL_E_EXISTS)
            fail_msg("call %ld: %s", nth, mill_status_get_info(st)->name);
        registry_is_whole(store);
        struct mill_arena arena = {0};
        struct mill_change gone = {.kind = MILL_CHANGE_DELETE_MODEL,
                                   .as.model.name = MILL_VIEW("m")};
        assert_int_equal(apply(store, &gone, &arena), MILL_OK);
        mill_arena_release(&arena);
        mill_store_close(store);
    }
}

/* The same with what evaluations keep, whose changes are savepoints. */
static void sqlite_may_fail_within_savepoints(void **state)
{
    (void)state;
    enum mill_status st = MILL_E_NOMEM;
    char uri[200];
    long stride = getenv("MILL_TEST_LONG") != NULL ? 1 : 17;
    snprintf(uri, sizeof(uri), "sqlite:///%s/savepoints.db", directory);
    for (long nth = 1; st != MILL_OK; nth += stride) {
        assert_true(nth < 100000);
        struct mill_store *store = open_store(uri);
        sqlite_fails_after = nth;
        st = evaluation_scenario(store);
        sqlite_fails_after = 0;
        if (st != MILL_OK && st != MILL_E_NOMEM)
            fail_msg("call %ld: %s", nth, mill_status_get_info(st)->name);
        assert_int_equal(evaluation_scenario(store), MILL_OK);
        mill_store_close(store);
    }
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
            fail_msg("allocation %ld: %s", nth, mill_status_get_info(st)->name);
        if (st != MILL_OK) {
            /* What the failure left behind is whole: the rest can be done now. */
            enum mill_status again = scenario(store);
            if (again != MILL_OK && again != MILL_E_EXISTS)
                fail_msg("after allocation %ld: %s", nth, mill_status_get_info(again)->name);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_survives_lack_of_memory),
        cmocka_unit_test(sqlite_survives_lack_of_memory),
        cmocka_unit_test(memory_registry_survives_lack_of_memory),
        cmocka_unit_test(sqlite_registry_survives_lack_of_memory),
        cmocka_unit_test(sqlite_may_fail_at_any_call),
        cmocka_unit_test(sqlite_evaluation_survives_lack_of_memory),
        cmocka_unit_test(memory_evaluation_survives_lack_of_memory),
        cmocka_unit_test(sqlite_may_fail_within_savepoints),
    };
    if (mkdtemp(directory) == NULL)
        return 1;
    limit_sqlite();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    char command[100];
    snprintf(command, sizeof(command), "rm -rf %s", directory);
    return system(command) != 0 || failed != 0;
}
