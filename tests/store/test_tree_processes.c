/* test_tree_processes.c - many processes on one tree at the same time, and processes that are
 * killed: no point, param or tag is lost, a name has one owner, and whatever was cut short, the
 * tree can be read and holds all that was acknowledged. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include <millstream/log.h>

#include "base/clock.h"
#include "base/view.h"
#include "store/store.h"

enum { WRITERS = 8, POINTS = 200, PARAMS = 40, NAMES = 10 };

#define RUN "0123456789abcdef0123456789abcdef"

static char directory[] = "/tmp/millstream-tree-processes-XXXXXX";
static char root[200];
static size_t warnings;

static void count_warning(void *context, const char *message)
{
    (void)context;
    fprintf(stderr, "warning: %s\n", message);
    warnings++;
}

/* In a child a failed assertion must end the child, not run the parent's tests once more. */
static void must(bool condition, const char *what)
{
    if (condition)
        return;
    fprintf(stderr, "%d: %s\n", (int)getpid(), what);
    _exit(1);
}
#define MUST(condition) must((condition), #condition)

static struct mill_store *open_store(void)
{
    struct mill_store *store = NULL;
    struct mill_error err = {""};
    struct mill_store_options options = {.synchronous = 2};
    enum mill_status st = mill_store_open(mill_view_of(root), &options, &store, &err);
    must(st == MILL_OK, err.message);
    return store;
}

static enum mill_status apply(struct mill_store *store, struct mill_change *change)
{
    struct mill_arena arena = {0};
    struct mill_pending pending = {.change = change, .outcome.arena = &arena};
    struct mill_pending *list[] = {&pending};
    change->now_ms = 1;
    MUST(mill_change_check(change, &arena, NULL) == MILL_OK);
    MUST(mill_store_apply(store, list, 1, NULL) == MILL_OK);
    mill_arena_release(&arena);
    return pending.outcome.status;
}

static enum mill_status create_run(struct mill_store *store, const char *run)
{
    struct mill_tag tag = {MILL_VIEW("t"), MILL_VIEW("v")};
    struct mill_change change = {
        .kind = MILL_CHANGE_CREATE_RUN,
        .as.create_run = {.run_id = mill_view_of(run), .tags = &tag, .tag_count = 1}};
    return apply(store, &change);
}

static enum mill_status log_metric(struct mill_store *store, const char *run, const char *key,
                                   double value, int64_t step)
{
    struct mill_metric metric = {mill_view_of(key), value, 1, step, NULL};
    struct mill_change change = {
        .kind = MILL_CHANGE_LOG,
        .as.log = {.run_id = mill_view_of(run), .metrics = &metric, .metric_count = 1}};
    return apply(store, &change);
}

/* A param has the shape of a tag. */
static enum mill_status log_text(struct mill_store *store, const char *run, bool param,
                                 const char *key, const char *value)
{
    struct mill_tag tag = {mill_view_of(key), mill_view_of(value)};
    struct mill_param as_param = {tag.key, tag.value};
    struct mill_change change = {.kind = MILL_CHANGE_LOG,
                                 .as.log = {.run_id = mill_view_of(run),
                                            .params = &as_param,
                                            .param_count = param ? 1 : 0,
                                            .tags = &tag,
                                            .tag_count = param ? 0 : 1}};
    return apply(store, &change);
}

static enum mill_status create_experiment(struct mill_store *store, const char *name)
{
    struct mill_change change = {.kind = MILL_CHANGE_CREATE_EXPERIMENT,
                                 .as.create_experiment.name = mill_view_of(name)};
    return apply(store, &change);
}

static size_t count_points(struct mill_store *store, const char *run, const char *key)
{
    struct mill_history *history = NULL;
    struct mill_point points[256];
    struct mill_error err = {""};
    size_t n = 0, count = 0;
    if (mill_store_history_open(store, mill_view_of(run), mill_view_of(key), 0, &history,
                                &err) != MILL_OK)
        fail_msg("%s", err.message);
    do {
        assert_int_equal(mill_history_next(history, points, 256, &n, NULL), MILL_OK);
        count += n;
    } while (n != 0);
    mill_history_close(history);
    return count;
}

/* All active runs of experiment 0, whole. */
static struct mill_run_page list_runs(struct mill_store *store)
{
    struct mill_plan plan = {.subject = MILL_QUERY_RUNS};
    struct mill_run_page page = {0};
    struct mill_error err = {""};
    int64_t experiment = 0;
    struct mill_run_search search = {.experiment_ids = &experiment,
                                     .experiment_count = 1,
                                     .view_type = MILL_VIEW_ALL,
                                     .plan = &plan,
                                     .limit = 50000};
    must(mill_store_search_runs(store, &search, &page, &err) == MILL_OK, err.message);
    return page;
}

static int set_up(void **state)
{
    static int number;
    (void)state;
    snprintf(root, sizeof(root), "%s/%d", directory, number++);
    warnings = 0;
    mill_on_warning(count_warning, NULL);
    struct mill_store *store = open_store();
    assert_int_equal(create_run(store, RUN), MILL_OK);
    mill_store_close(store);
    return 0;
}

static void wait_for_all(const pid_t *children, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        int status;
        assert_int_equal(waitpid(children[i], &status, 0), children[i]);
        assert_int_equal(status, 0);
    }
}

/* --- many writers ----------------------------------------------------------------------- */

/* How often each contested thing was won; shared by all. */
struct wins {
    int params[PARAMS];
    int names[NAMES];
};

static void write_a_lot(int writer, struct wins *wins)
{
    struct mill_store *store = open_store();
    char key[40], value[40];
    for (int i = 0; i < POINTS; i++)
        MUST(log_metric(store, RUN, "shared", writer, writer * POINTS + i) == MILL_OK);
    for (int i = 0; i < PARAMS; i++) {
        snprintf(key, sizeof(key), "own/%d/%d", writer, i);
        MUST(log_text(store, RUN, true, key, "1") == MILL_OK);
        snprintf(key, sizeof(key), "tag%d", i);
        snprintf(value, sizeof(value), "%d", writer);
        MUST(log_text(store, RUN, false, key, value) == MILL_OK);
        snprintf(key, sizeof(key), "contested%d", i);
        enum mill_status st = log_text(store, RUN, true, key, value);
        MUST(st == MILL_OK || st == MILL_E_INVALID);
        if (st == MILL_OK)
            __atomic_fetch_add(&wins->params[i], 1, __ATOMIC_SEQ_CST);
    }
    for (int i = 0; i < NAMES; i++) {
        snprintf(key, sizeof(key), "experiment %d", i);
        enum mill_status st = create_experiment(store, key);
        MUST(st == MILL_OK || st == MILL_E_EXISTS);
        if (st == MILL_OK)
            __atomic_fetch_add(&wins->names[i], 1, __ATOMIC_SEQ_CST);
        char run[33];
        mill_random_hex32(run);
        MUST(create_run(store, run) == MILL_OK);
    }
    mill_store_close(store);
    _exit(0);
}

static void many_writers_lose_nothing(void **state)
{
    pid_t children[WRITERS];
    struct wins *wins =
        mmap(NULL, sizeof(*wins), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    (void)state;
    assert_true(wins != MAP_FAILED);
    for (int i = 0; i < WRITERS; i++) {
        children[i] = fork();
        assert_true(children[i] >= 0);
        if (children[i] == 0)
            write_a_lot(i, wins);
    }
    /* Whoever reads meanwhile sees whole runs only. */
    struct mill_store *store = open_store();
    for (int i = 0; i < 20; i++) {
        struct mill_run_page page = list_runs(store);
        for (size_t j = 0; j < page.count; j++)
            assert_true(page.runs[j]->tag_count >= 1);
        mill_run_page_release(&page);
    }
    wait_for_all(children, WRITERS);
    assert_int_equal(warnings, 0);

    assert_int_equal(count_points(store, RUN, "shared"), WRITERS * POINTS);
    struct mill_run_page page = {0};
    assert_int_equal(mill_store_get_run(store, MILL_VIEW(RUN), &page, NULL), MILL_OK);
    assert_int_equal(page.runs[0]->param_count, WRITERS * PARAMS + PARAMS);
    assert_int_equal(page.runs[0]->tag_count, PARAMS + 2); /* t, mlflow.runName */
    mill_run_page_release(&page);
    page = list_runs(store);
    assert_int_equal(page.count, 1 + WRITERS * NAMES);
    mill_run_page_release(&page);
    for (int i = 0; i < PARAMS; i++)
        assert_int_equal(wins->params[i], 1);
    for (int i = 0; i < NAMES; i++)
        assert_int_equal(wins->names[i], 1);
    mill_store_close(store);
    munmap(wins, sizeof(*wins));
}

/* All make the tree that is not there yet; one Default experiment comes of it. */
static void many_make_the_same_tree(void **state)
{
    pid_t children[WRITERS];
    (void)state;
    snprintf(root + strlen(root), sizeof(root) - strlen(root), "/new/tree");
    for (int i = 0; i < WRITERS; i++) {
        children[i] = fork();
        assert_true(children[i] >= 0);
        if (children[i] == 0) {
            struct mill_store *store = open_store();
            char run[33];
            mill_random_hex32(run);
            MUST(create_run(store, run) == MILL_OK);
            mill_store_close(store);
            _exit(0);
        }
    }
    wait_for_all(children, WRITERS);
    struct mill_store *store = open_store();
    struct mill_run_page page = list_runs(store);
    assert_int_equal(page.count, WRITERS);
    mill_run_page_release(&page);
    mill_store_close(store);
    assert_int_equal(warnings, 0);
}

/* --- killed ----------------------------------------------------------------------------- */

/* What a writer has been told to be done, in memory that outlives it. */
struct done {
    int64_t points, params, runs;
};

static void write_until_killed(int round, struct done *done)
{
    struct mill_store *store = open_store();
    for (int64_t i = 0;; i++) {
        char key[60], run[33];
        MUST(log_metric(store, RUN, "m", 0.1, (int64_t)round << 32 | i) == MILL_OK);
        done->points++;
        snprintf(key, sizeof(key), "p/%d/%lld", round, (long long)i);
        MUST(log_text(store, RUN, true, key, "a value of some length") == MILL_OK);
        done->params++;
        MUST(log_text(store, RUN, false, "mlflow.runName", key) == MILL_OK);
        mill_random_hex32(run);
        MUST(create_run(store, run) == MILL_OK);
        done->runs++;
        snprintf(key, sizeof(key), "e/%d/%lld", round, (long long)i);
        MUST(create_experiment(store, key) == MILL_OK);
    }
}

static void check_all_is_there(const struct done *done)
{
    struct mill_store *store = open_store();
    struct mill_run_page page = list_runs(store);
    /* What was done but not acknowledged may be there, too: one of each in a round. */
    assert_true(page.count >= (size_t)done->runs + 1);
    for (size_t i = 0; i < page.count; i++) {
        const struct mill_run *run = page.runs[i];
        assert_int_equal(run->info.run_id.len, 32);
        assert_true(run->tag_count >= 1);
        for (size_t j = 0; j < run->param_count; j++)
            assert_int_equal(run->params[j].value.len, 22);
        if (mill_view_eq(run->info.run_id, MILL_VIEW(RUN)))
            assert_true(run->param_count >= (size_t)done->params);
    }
    mill_run_page_release(&page);
    assert_true(count_points(store, RUN, "m") >= (size_t)done->points);
    mill_store_close(store);
    assert_int_equal(warnings, 0);
}

static void a_killed_writer_leaves_a_whole_tree(void **state)
{
    bool long_run = getenv("MILL_TEST_LONG") != NULL && getenv("MILL_TEST_LONG")[0] == '1';
    struct done *done =
        mmap(NULL, sizeof(*done), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    uint32_t random = 12345;
    (void)state;
    assert_true(done != MAP_FAILED);
    for (int round = 0; round < (long_run ? 300 : 15); round++) {
        int64_t before = done->points;
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0)
            write_until_killed(round, done);
        while (__atomic_load_n(&done->points, __ATOMIC_SEQ_CST) == before)
            usleep(100); /* it has begun */
        random = random * 1664525 + 1013904223;
        usleep(random >> 16 & 0x3fff);
        kill(child, SIGKILL);
        int status;
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
        check_all_is_there(done);
    }
    munmap(done, sizeof(*done));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(many_writers_lose_nothing, set_up),
        cmocka_unit_test_setup(many_make_the_same_tree, set_up),
        cmocka_unit_test_setup(a_killed_writer_leaves_a_whole_tree, set_up),
    };
    if (mkdtemp(directory) == NULL)
        return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    char command[100];
    snprintf(command, sizeof(command), "rm -rf %s", directory);
    return system(command) != 0 || failed != 0;
}
