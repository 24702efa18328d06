/* test_cache.c - the cache of runs over a source that the tests hold in their hands: what
 * happens between the reading of a row and its being kept. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "store/cache.h"

enum { RUNS = 600, EXPERIMENT = 3 };

/* Runs with ids from 1 on; the start time of each is its version. */
static struct {
    struct mill_cache *cache;
    struct mill_row_shapes *shapes;
    int64_t versions[RUNS + 1];
    int loads, finds;            /* rows read */
    void (*during)(int64_t run); /* called when a row was read, before it is given */
} source;

static struct mill_row *row_of(int64_t run)
{
    char id[20], value[1001];
    snprintf(id, sizeof(id), "run-%lld", (long long)run);
    memset(value, 'v', sizeof(value));
    const struct mill_param param = {MILL_VIEW("long"), {value, 1000}};
    const struct mill_run all = {.info = {.run_id = mill_view_of(id),
                                          .experiment_id = EXPERIMENT,
                                          .run_name = MILL_VIEW("name"),
                                          .user_id = MILL_VIEW("user"),
                                          .status = MILL_RUN_RUNNING,
                                          .start_time = source.versions[run],
                                          .lifecycle_stage = MILL_ACTIVE},
                                 .params = &param,
                                 .param_count = 1};
    struct mill_row *row = mill_row_new(source.shapes, &all);
    assert_non_null(row);
    void (*during)(int64_t) = source.during;
    source.during = NULL;
    if (during != NULL)
        during(run);
    return row;
}

static enum mill_status list(void *context, int64_t experiment_id, int64_t **ids_out,
                             size_t *count_out, struct mill_error *err)
{
    (void)context;
    (void)err;
    assert_int_equal(experiment_id, EXPERIMENT);
    int64_t *ids = mill_alloc(RUNS * sizeof(*ids));
    assert_non_null(ids);
    for (int64_t i = 0; i < RUNS; i++)
        ids[i] = i + 1;
    *ids_out = ids;
    *count_out = RUNS;
    return MILL_OK;
}

static enum mill_status load(void *context, const int64_t *ids, size_t count,
                             struct mill_row **rows_out, struct mill_error *err)
{
    (void)context;
    (void)err;
    for (size_t i = 0; i < count; i++)
        rows_out[i] = row_of(ids[i]);
    source.loads += (int)count;
    return MILL_OK;
}

static enum mill_status find(void *context, struct mill_view run_id, int64_t *id_out,
                             struct mill_row **out, struct mill_error *err)
{
    (void)context;
    (void)err;
    assert_true(mill_view_int(mill_view_from(run_id, 4), id_out));
    *out = row_of(*id_out);
    source.finds++;
    return MILL_OK;
}

static const struct mill_cache_source functions = {.list = list, .load = load, .find = find};

static void open_cache(size_t limit_bytes)
{
    source.shapes = mill_row_shapes_new();
    assert_non_null(source.shapes);
    assert_int_equal(mill_cache_new(&functions, NULL, limit_bytes, &source.cache, NULL),
                     MILL_OK);
}

static int set_up(void **state)
{
    (void)state;
    memset(&source, 0, sizeof(source));
    open_cache((size_t)1 << 20);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    mill_cache_free(source.cache);
    mill_row_shapes_free(source.shapes);
    return 0;
}

/* The version that the cache gives of a run. */
static int64_t version_of(int64_t run)
{
    char id[20];
    struct mill_row *row;
    snprintf(id, sizeof(id), "run-%lld", (long long)run);
    assert_int_equal(mill_cache_get(source.cache, mill_view_of(id), &row, NULL), MILL_OK);
    int64_t version = row->start_time;
    mill_row_unref(row);
    return version;
}

/* A commit that changes a run, and a reader of another run, who takes note of it. */
static void change(int64_t run)
{
    source.versions[run]++;
    mill_cache_touch(source.cache, EXPERIMENT, run);
    version_of(RUNS);
}

static void change_all(int64_t run)
{
    source.versions[run]++;
    mill_cache_touch(source.cache, EXPERIMENT, MILL_ABSENT);
    version_of(RUNS);
}

static void search_all(void)
{
    struct mill_arena arena = {0};
    struct mill_plan plan;
    struct mill_run_page page = {0};
    const int64_t experiment = EXPERIMENT;
    assert_int_equal(
        mill_query_parse(MILL_QUERY_RUNS, MILL_VIEW(""), NULL, 0, &arena, &plan, NULL),
        MILL_OK);
    const struct mill_run_search search = {.experiment_ids = &experiment,
                                           .experiment_count = 1,
                                           .view_type = MILL_VIEW_ALL,
                                           .plan = &plan,
                                           .limit = RUNS};
    assert_int_equal(mill_cache_search(source.cache, &search, &page, NULL), MILL_OK);
    assert_int_equal(page.count, RUNS);
    mill_run_page_release(&page);
    mill_arena_release(&arena);
}

static void a_row_is_kept(void **state)
{
    (void)state;
    assert_int_equal(version_of(1), 0);
    assert_int_equal(version_of(1), 0);
    assert_int_equal(source.finds, 1);
}

static void a_row_that_grew_old_while_it_was_read_is_not_kept(void **state)
{
    (void)state;
    source.during = change;
    version_of(1);
    assert_int_equal(version_of(1), 1);
    source.during = change_all;
    version_of(2);
    assert_int_equal(version_of(2), 1);
}

/* A search, for whom all are loaded; a commit that changes a run; then a reader makes room. */
static void change_and_evict(int64_t run)
{
    search_all();
    source.versions[run]++;
    mill_cache_touch(source.cache, EXPERIMENT, run);
    change(RUNS);
}

/* The change was noted in a slot, but the slot is not there any more. */
static void a_row_that_grew_old_before_its_slot_went_is_not_kept(void **state)
{
    tear_down(state);
    open_cache(64 * 1024);
    source.during = change_and_evict;
    version_of(1);
    assert_int_equal(version_of(1), 1);
}

/* Loads all runs ahead, the newest first, as long as there is room; gives how many were read.
 */
static int warm_all(void)
{
    bool room = true;
    source.loads = 0;
    for (int64_t last = RUNS; room && last > 0; last -= 50) {
        int64_t ids[50];
        for (int64_t i = 0; i < 50; i++)
            ids[i] = last - 49 + i;
        assert_int_equal(mill_cache_warm(source.cache, ids, 50, &room, NULL), MILL_OK);
    }
    return source.loads;
}

static void what_was_loaded_ahead_is_not_read_again(void **state)
{
    tear_down(state);
    open_cache((size_t)8 << 20);
    source.during = change; /* of the first, which is therefore not kept */
    assert_int_equal(warm_all(), RUNS);
    assert_int_equal(source.finds, 1);
    assert_int_equal(version_of(RUNS - 49), 1);
    assert_int_equal(source.finds, 2);
    source.loads = 0;
    search_all();
    assert_int_equal(source.loads, 0);
    change(1);
    assert_int_equal(version_of(1), 1);
    assert_int_equal(warm_all(), 0);
}

static void loading_ahead_takes_no_more_than_half_of_the_memory(void **state)
{
    (void)state;
    int loaded = warm_all(); /* rows of more than a KiB each, where half a MiB is free */
    assert_in_range(loaded, 300, 500);
    assert_int_equal(version_of(RUNS), 0);
    assert_int_equal(source.finds, 0);
    assert_int_equal(version_of(1), 0);
    assert_int_equal(source.finds, 1);
    assert_int_equal(warm_all(), 0);
    search_all(); /* the rest of them */
}

#define CACHE_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CACHE_TEST(a_row_is_kept),
        CACHE_TEST(a_row_that_grew_old_while_it_was_read_is_not_kept),
        CACHE_TEST(a_row_that_grew_old_before_its_slot_went_is_not_kept),
        CACHE_TEST(what_was_loaded_ahead_is_not_read_again),
        CACHE_TEST(loading_ahead_takes_no_more_than_half_of_the_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
