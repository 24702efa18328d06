/* test_tree_faults.c - the store over a tree when any one call to the operating system or any
 * allocation fails: an error is reported, nothing leaks, what is in the tree stays readable,
 * and the same change succeeds once the trouble is over.
 *
 * The linker puts the functions below in place of the system's (--wrap, see meson.build). */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/view.h"
#include "store/store.h"

/* --- calls that fail -------------------------------------------------------------------- */

static long fail_at; /* 0: none; counts down, at 1 the call fails */
static int fail_with;

static bool must_fail(void)
{
    if (fail_at == 0 || --fail_at != 0)
        return false;
    errno = fail_with;
    return true;
}

/* One line for each function: its name, result, parameters and arguments. */
#define WRAP(type, name, parameters, arguments)                                                \
    type __real_##name parameters;                                                             \
    type __wrap_##name parameters;                                                             \
    type __wrap_##name parameters                                                              \
    {                                                                                          \
        return must_fail() ? (type)-1 : __real_##name arguments;                               \
    }

WRAP(int, fchmod, (int fd, mode_t mode), (fd, mode))
WRAP(int, fdatasync, (int fd), (fd))
WRAP(int, flock, (int fd, int how), (fd, how))
WRAP(int, fstat64, (int fd, struct stat *out), (fd, out))
WRAP(int, fstatat64, (int fd, const char *name, struct stat *out, int flags),
     (fd, name, out, flags))
WRAP(int, fsync, (int fd), (fd))
WRAP(ssize_t, getdents64, (int fd, void *bytes, size_t size), (fd, bytes, size))
WRAP(int, mkdirat, (int fd, const char *name, mode_t mode), (fd, name, mode))
WRAP(ssize_t, pread64, (int fd, void *bytes, size_t size, off_t at), (fd, bytes, size, at))
WRAP(ssize_t, read, (int fd, void *bytes, size_t size), (fd, bytes, size))
WRAP(int, renameat2, (int a, const char *from, int b, const char *to, unsigned flags),
     (a, from, b, to, flags))
WRAP(int, unlinkat, (int fd, const char *name, int flags), (fd, name, flags))
WRAP(ssize_t, write, (int fd, const void *bytes, size_t size), (fd, bytes, size))

int __real_openat64(int fd, const char *name, int flags, ...);
int __wrap_openat64(int fd, const char *name, int flags, ...);
int __wrap_openat64(int fd, const char *name, int flags, ...)
{
    va_list args;
    va_start(args, flags);
    mode_t mode = (flags & O_CREAT) != 0 ? va_arg(args, mode_t) : 0;
    va_end(args);
    return must_fail() ? -1 : __real_openat64(fd, name, flags, mode);
}

/* --- a tree and what is done to it ------------------------------------------------------ */

#define RUN   "0123456789abcdef0123456789abcdef"
#define OTHER "fedcba9876543210fedcba9876543210"

static char directory[60]; /* in memory if that is possible: each change is synced */

struct tree {
    char root[200];
    struct mill_store *store;
    int64_t experiment; /* "e", which has the run */
};

static enum mill_status open_store(struct tree *t)
{
    struct mill_store_options options = {.synchronous = 0};
    mill_store_close(t->store);
    t->store = NULL;
    return mill_store_open(mill_view_of(t->root), &options, &t->store, NULL);
}

static enum mill_status apply(struct tree *t, struct mill_change *change)
{
    struct mill_arena arena = {0};
    struct mill_pending pending = {.change = change, .outcome.arena = &arena};
    struct mill_pending *list[] = {&pending};
    change->now_ms = 1;
    enum mill_status st = mill_change_check(change, &arena, NULL);
    if (st == MILL_OK) {
        mill_store_apply(t->store, list, 1, NULL);
        st = pending.outcome.status;
    }
    if (st == MILL_OK && change->kind == MILL_CHANGE_CREATE_EXPERIMENT)
        t->experiment = pending.outcome.experiment_id;
    mill_arena_release(&arena);
    return st;
}

static enum mill_status create_experiment(struct tree *t)
{
    struct mill_tag tag = {MILL_VIEW("k"), MILL_VIEW("v")};
    struct mill_change change = {
        .kind = MILL_CHANGE_CREATE_EXPERIMENT,
        .as.create_experiment = {.name = MILL_VIEW("e"), .tags = &tag, .tag_count = 1}};
    return apply(t, &change);
}

static enum mill_status create_run_of(struct tree *t, const char *run)
{
    struct mill_tag tag = {MILL_VIEW("a/b"), MILL_VIEW("v")};
    struct mill_change change = {.kind = MILL_CHANGE_CREATE_RUN,
                                 .as.create_run = {.run_id = mill_view_of(run),
                                                   .experiment_id = t->experiment,
                                                   .tags = &tag,
                                                   .tag_count = 1}};
    return apply(t, &change);
}

static enum mill_status create_run(struct tree *t)
{
    return create_run_of(t, OTHER);
}

static enum mill_status log_all(struct tree *t)
{
    struct mill_tag tags[] = {{MILL_VIEW("k/l"), MILL_VIEW("v")},
                              {MILL_VIEW("mlflow.runName"), MILL_VIEW("name")}};
    struct mill_param params[] = {{MILL_VIEW("p"), MILL_VIEW("1")},
                                  {MILL_VIEW("q/r"), MILL_VIEW("2")}};
    struct mill_metric metrics[] = {{MILL_VIEW("m"), 1, 1, 1, NULL},
                                    {MILL_VIEW("n/o"), 2, 2, 2, NULL},
                                    {MILL_VIEW("m"), 3, 3, 3, NULL}};
    struct mill_change change = {.kind = MILL_CHANGE_LOG,
                                 .as.log = {.run_id = MILL_VIEW(RUN),
                                            .metrics = metrics,
                                            .metric_count = 3,
                                            .params = params,
                                            .param_count = 2,
                                            .tags = tags,
                                            .tag_count = 2}};
    return apply(t, &change);
}

static enum mill_status update_run(struct tree *t)
{
    struct mill_change change = {.kind = MILL_CHANGE_UPDATE_RUN,
                                 .as.update_run = {.run_id = MILL_VIEW(RUN),
                                                   .status = MILL_RUN_FINISHED,
                                                   .end_time = 9,
                                                   .run_name = MILL_VIEW("better")}};
    return apply(t, &change);
}

static enum mill_status delete_run(struct tree *t)
{
    struct mill_change change = {.kind = MILL_CHANGE_DELETE_RUN,
                                 .as.run.run_id = MILL_VIEW(RUN)};
    return apply(t, &change);
}

static enum mill_status change_experiment(struct tree *t, enum mill_change_kind kind)
{
    struct mill_change change = {.kind = kind, .as.experiment.experiment_id = t->experiment};
    return apply(t, &change);
}

static enum mill_status delete_experiment(struct tree *t)
{
    return change_experiment(t, MILL_CHANGE_DELETE_EXPERIMENT);
}

static enum mill_status restore_experiment(struct tree *t)
{
    return change_experiment(t, MILL_CHANGE_RESTORE_EXPERIMENT);
}

static enum mill_status rename_experiment(struct tree *t)
{
    struct mill_change change = {.kind = MILL_CHANGE_RENAME_EXPERIMENT,
                                 .as.rename = {t->experiment, MILL_VIEW("renamed")}};
    return apply(t, &change);
}

static enum mill_status tag_experiment(struct tree *t)
{
    struct mill_change change = {
        .kind = MILL_CHANGE_SET_EXPERIMENT_TAG,
        .as.experiment_tag = {t->experiment, MILL_VIEW("k"), MILL_VIEW("new")}};
    return apply(t, &change);
}

static enum mill_status delete_tag(struct tree *t)
{
    struct mill_change change = {.kind = MILL_CHANGE_DELETE_TAG,
                                 .as.run_tag = {MILL_VIEW(RUN), MILL_VIEW("a/b")}};
    return apply(t, &change);
}

static enum mill_status log_inputs(struct tree *t)
{
    struct mill_tag tag = {MILL_VIEW("k"), MILL_VIEW("v")};
    struct mill_dataset_input input = {.tags = &tag,
                                       .tag_count = 1,
                                       .dataset = {.name = MILL_VIEW("d"),
                                                   .digest = MILL_VIEW("x"),
                                                   .source_type = MILL_VIEW("s"),
                                                   .source = MILL_VIEW("{}")}};
    struct mill_model_input model = {MILL_VIEW("m-1")};
    struct mill_change change = {.kind = MILL_CHANGE_LOG_INPUTS,
                                 .as.inputs = {MILL_VIEW(RUN), &input, 1, &model, 1}};
    return apply(t, &change);
}

static enum mill_status log_outputs(struct tree *t)
{
    struct mill_model_output model = {MILL_VIEW("m-2"), 3};
    struct mill_change change = {.kind = MILL_CHANGE_LOG_OUTPUTS,
                                 .as.outputs = {MILL_VIEW(RUN), &model, 1}};
    return apply(t, &change);
}

static enum mill_status search_runs(struct tree *t)
{
    struct mill_arena arena = {0};
    struct mill_plan plan;
    struct mill_run_page page = {0};
    struct mill_run_search search = {.experiment_ids = &t->experiment,
                                     .experiment_count = 1,
                                     .view_type = MILL_VIEW_ALL,
                                     .plan = &plan,
                                     .limit = 10};
    enum mill_status st = mill_query_parse(MILL_QUERY_RUNS, MILL_VIEW("tags.\"a/b\" = 'v'"),
                                           NULL, 0, &arena, &plan, NULL);
    for (int i = 0; st == MILL_OK && i < 3; i++) {
        st = mill_store_search_runs(t->store, &search, &page, NULL);
        mill_run_page_release(&page);
    }
    mill_arena_release(&arena);
    return st;
}

static enum mill_status search_experiments(struct tree *t)
{
    struct mill_arena arena = {0};
    struct mill_plan all = {.subject = MILL_QUERY_EXPERIMENTS};
    struct mill_experiment_search search = {MILL_VIEW_ALL, &all, 0, 10};
    struct mill_experiment_page page;
    enum mill_status st = mill_store_search_experiments(t->store, &search, &arena, &page, NULL);
    mill_arena_release(&arena);
    return st;
}

static enum mill_status get_run(struct tree *t)
{
    struct mill_run_page page = {0};
    enum mill_status st = mill_store_get_run(t->store, MILL_VIEW(RUN), &page, NULL);
    mill_run_page_release(&page);
    return st;
}

static enum mill_status read_history(struct tree *t)
{
    struct mill_history *history = NULL;
    struct mill_point points[4];
    size_t n;
    enum mill_status st =
        mill_store_history_open(t->store, MILL_VIEW(RUN), MILL_VIEW("z"), 0, &history, NULL);
    if (st == MILL_OK)
        st = mill_history_next(history, points, 4, &n, NULL);
    mill_history_close(history);
    return st;
}

static enum mill_status nothing(struct tree *t)
{
    (void)t;
    return MILL_OK;
}

/* What is tried, after what, and what else than success may come of a second try: the first one
 * may have done it before it failed. */
static const struct act {
    const char *name;
    enum mill_status (*before)(struct tree *t);
    enum mill_status (*act)(struct tree *t);
    enum mill_status again;
} acts[] = {
    {"open", nothing, open_store, MILL_OK},
    {"create run", nothing, create_run, MILL_E_EXISTS},
    {"log", nothing, log_all, MILL_OK},
    {"log again", log_all, log_all, MILL_OK},
    {"update run", nothing, update_run, MILL_OK},
    {"delete run", nothing, delete_run, MILL_OK},
    {"delete experiment", nothing, delete_experiment, MILL_E_NOT_FOUND},
    {"restore experiment", delete_experiment, restore_experiment, MILL_E_NOT_FOUND},
    {"rename experiment", nothing, rename_experiment, MILL_OK},
    {"tag experiment", nothing, tag_experiment, MILL_OK},
    {"delete tag", nothing, delete_tag, MILL_E_NOT_FOUND},
    {"log inputs", nothing, log_inputs, MILL_OK},
    {"log outputs", nothing, log_outputs, MILL_OK},
    {"search runs", log_inputs, search_runs, MILL_OK},
    {"search experiments", nothing, search_experiments, MILL_OK},
    {"get run", log_inputs, get_run, MILL_OK},
    {"history", nothing, read_history, MILL_OK},
};

static void begin(struct tree *t, const struct act *act)
{
    static int number;
    *t = (struct tree){0};
    snprintf(t->root, sizeof(t->root), "%s/%d", directory, number++);
    assert_int_equal(open_store(t), MILL_OK);
    assert_int_equal(create_experiment(t), MILL_OK);
    assert_int_equal(create_run_of(t, RUN), MILL_OK);
    assert_int_equal(act->before(t), MILL_OK);
}

static int remove_one(const char *path, const struct stat *info, int type, struct FTW *where)
{
    (void)info;
    (void)type;
    (void)where;
    return remove(path);
}

/* A new handle sees a whole tree, and the act can be done. */
static void check_and_end(struct tree *t, const struct act *act, const char *what, long nth)
{
    assert_int_equal(open_store(t), MILL_OK);
    assert_int_equal(search_experiments(t), MILL_OK);
    assert_int_equal(get_run(t), MILL_OK);
    enum mill_status st = act->act(t);
    if (st != MILL_OK && st != act->again)
        fail_msg("%s after %s %ld: %s", act->name, what, nth, mill_status_get_info(st)->name);
    assert_int_equal(get_run(t), MILL_OK);
    mill_store_close(t->store);
    assert_int_equal(nftw(t->root, remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
}

static void calls_fail(int number)
{
    fail_with = number;
    for (size_t i = 0; i < MILL_COUNT(acts); i++) {
        bool reached = true;
        for (long nth = 1; reached; nth++) {
            struct tree t;
            begin(&t, &acts[i]);
            fail_at = nth;
            (void)acts[i].act(&t); /* it may succeed: not every call matters */
            reached = fail_at == 0;
            fail_at = 0;
            assert_true(nth < 1000);
            check_and_end(&t, &acts[i], "call", nth);
        }
    }
}

static void any_call_may_fail(void **state)
{
    (void)state;
    calls_fail(EIO);
}

static void the_disk_may_be_full_at_any_call(void **state)
{
    (void)state;
    calls_fail(ENOSPC);
}

static void memory_may_run_out_at_any_time(void **state)
{
    (void)state;
    for (size_t i = 0; i < MILL_COUNT(acts); i++) {
        enum mill_status st = MILL_E_NOMEM;
        for (long nth = 1; st != MILL_OK; nth++) {
            struct tree t;
            begin(&t, &acts[i]);
            mill_alloc_fail_after(nth);
            st = acts[i].act(&t);
            mill_alloc_fail_after(0);
            if (st != MILL_OK && st != MILL_E_NOMEM)
                fail_msg("%s at allocation %ld: %s", acts[i].name, nth,
                         mill_status_get_info(st)->name);
            assert_true(nth < 1000);
            check_and_end(&t, &acts[i], "allocation", nth);
        }
    }
}

/* A failure of what comes first must be told: otherwise the loops above would prove nothing. */
static void a_failed_write_is_reported(void **state)
{
    (void)state;
    static const struct act log_act = {"log", nothing, log_all, MILL_OK};
    struct tree t;
    begin(&t, &log_act);
    long failures = 0, nth = 0;
    fail_with = EIO;
    do {
        fail_at = ++nth;
        failures += log_all(&t) != MILL_OK;
    } while (fail_at == 0);
    fail_at = 0;
    assert_true(failures > nth / 2);
    check_and_end(&t, &log_act, "call", 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_call_may_fail),
        cmocka_unit_test(the_disk_may_be_full_at_any_call),
        cmocka_unit_test(memory_may_run_out_at_any_time),
        cmocka_unit_test(a_failed_write_is_reported),
    };
    const char *const places[] = {"/dev/shm", "/tmp"};
    bool made = false;
    for (size_t i = 0; !made && i < MILL_COUNT(places); i++) {
        snprintf(directory, sizeof(directory), "%s/millstream-tree-faults-XXXXXX", places[i]);
        made = mkdtemp(directory) != NULL;
    }
    if (!made)
        return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    char command[100];
    snprintf(command, sizeof(command), "rm -rf %s", directory);
    return system(command) != 0 || failed != 0;
}
