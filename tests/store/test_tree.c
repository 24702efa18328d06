/* test_tree.c - the store over an mlruns tree where it meets others: what was written by hand
 * or by other programs, broken things, changes behind its back, and every form of its URI. */
#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include <millstream/log.h>

#include "base/buf.h"
#include "base/view.h"
#include "store/store.h"

#define RUN_A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define RUN_B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

static char directory[] = "/tmp/millstream-tree-XXXXXX";

/* A tree of its own for each test, the store on it, and the warnings that came. */
struct fixture {
    char root[200];
    struct mill_store *store;
    struct mill_arena arena;
    size_t warnings;
    char last_warning[600];
};

static void note_warning(void *context, const char *message)
{
    struct fixture *f = context;
    f->warnings++;
    snprintf(f->last_warning, sizeof(f->last_warning), "%s", message);
}

static void open_tree(struct fixture *f)
{
    struct mill_error err = {""};
    struct mill_store_options options = {.synchronous = 2};
    mill_store_close(f->store);
    f->store = NULL;
    if (mill_store_open(mill_view_of(f->root), &options, &f->store, &err) != MILL_OK)
        fail_msg("%s", err.message);
}

static int set_up(void **state)
{
    static int number;
    struct fixture *f = calloc(1, sizeof(*f));
    snprintf(f->root, sizeof(f->root), "%s/%d", directory, number++);
    mill_on_warning(note_warning, f);
    open_tree(f);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    mill_on_warning(NULL, NULL);
    mill_store_close(f->store);
    mill_arena_release(&f->arena);
    free(f);
    return 0;
}

/* --- files by hand ---------------------------------------------------------------------- */

static const char *path_of(const struct fixture *f, const char *name)
{
    static char path[PATH_MAX];
    snprintf(path, sizeof(path), "%s/%s", f->root, name);
    return path;
}

static void make_dir(const struct fixture *f, const char *name)
{
    char path[PATH_MAX];
    snprintf(path, sizeof(path), "%s/%s", f->root, name);
    for (char *slash = strchr(path + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(path, 0777);
        *slash = '/';
    }
    mkdir(path, 0777);
}

static void write_file(const struct fixture *f, const char *name, const char *text)
{
    char folder[PATH_MAX];
    snprintf(folder, sizeof(folder), "%s", name);
    char *slash = strrchr(folder, '/');
    if (slash != NULL) {
        *slash = '\0';
        make_dir(f, folder);
    }
    FILE *file = fopen(path_of(f, name), "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static const char *read_file(const struct fixture *f, const char *name)
{
    static char text[4096];
    FILE *file = fopen(path_of(f, name), "r");
    if (file == NULL)
        return NULL;
    text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
    fclose(file);
    return text;
}

/* A run as a program of any age might leave it. */
static void write_run(const struct fixture *f, const char *run, const char *more)
{
    char name[200], text[600];
    snprintf(name, sizeof(name), "0/%s/meta.yaml", run);
    snprintf(text, sizeof(text),
             "artifact_uri: file:///x\nexperiment_id: '0'\nrun_id: %s\nstart_time: 5\n%s", run,
             more);
    write_file(f, name, text);
}

/* --- asking the store ------------------------------------------------------------------- */

static enum mill_status apply(struct fixture *f, struct mill_change *change,
                              struct mill_error *err)
{
    struct mill_pending pending = {.change = change, .outcome.arena = &f->arena};
    struct mill_pending *list[] = {&pending};
    change->now_ms = 1000;
    enum mill_status st = mill_change_check(change, &f->arena, err);
    if (st == MILL_OK)
        st = mill_store_apply(f->store, list, 1, err);
    if (st == MILL_OK && pending.outcome.status != MILL_OK && err != NULL)
        *err = pending.outcome.error;
    return st == MILL_OK ? pending.outcome.status : st;
}

static enum mill_status log_metric(struct fixture *f, const char *run, const char *key,
                                   double value, int64_t step)
{
    struct mill_metric metric = {mill_view_of(key), value, 1600000000000, step, NULL};
    struct mill_change change = {
        .kind = MILL_CHANGE_LOG,
        .as.log = {.run_id = mill_view_of(run), .metrics = &metric, .metric_count = 1}};
    return apply(f, &change, NULL);
}

static enum mill_status log_param(struct fixture *f, const char *run, const char *key,
                                  const char *value, struct mill_error *err)
{
    struct mill_param param = {mill_view_of(key), mill_view_of(value)};
    struct mill_change change = {
        .kind = MILL_CHANGE_LOG,
        .as.log = {.run_id = mill_view_of(run), .params = &param, .param_count = 1}};
    return apply(f, &change, err);
}

static enum mill_status set_tag(struct fixture *f, const char *run, const char *key,
                                const char *value)
{
    struct mill_tag tag = {mill_view_of(key), mill_view_of(value)};
    struct mill_change change = {
        .kind = MILL_CHANGE_LOG,
        .as.log = {.run_id = mill_view_of(run), .tags = &tag, .tag_count = 1}};
    return apply(f, &change, NULL);
}

/* The first letters of the runs of experiment 0 that a filter finds. */
static const char *find(struct fixture *f, const char *filter)
{
    static char letters[100];
    struct mill_plan plan;
    struct mill_view order = MILL_VIEW("run_id");
    int64_t experiment = 0;
    struct mill_run_page page = {0};
    struct mill_error err = {""};
    assert_int_equal(mill_query_parse(MILL_QUERY_RUNS, mill_view_of(filter), &order, 1,
                                      &f->arena, &plan, &err),
                     MILL_OK);
    struct mill_run_search search = {.experiment_ids = &experiment,
                                     .experiment_count = 1,
                                     .view_type = MILL_VIEW_ALL,
                                     .plan = &plan,
                                     .limit = 50};
    if (mill_store_search_runs(f->store, &search, &page, &err) != MILL_OK)
        fail_msg("%s", err.message);
    for (size_t i = 0; i < page.count; i++)
        letters[i] = page.runs[i]->info.run_id.ptr[0];
    letters[page.count] = '\0';
    mill_run_page_release(&page);
    return letters;
}

static struct mill_run_page get_run(struct fixture *f, const char *run)
{
    struct mill_run_page page = {0};
    struct mill_error err = {""};
    if (mill_store_get_run(f->store, mill_view_of(run), &page, &err) != MILL_OK)
        fail_msg("%s", err.message);
    return page;
}

static void assert_view(struct mill_view found, const char *text)
{
    assert_int_equal(found.len, strlen(text));
    assert_memory_equal(found.ptr, text, found.len);
}

static void assert_starts(const char *found, const char *beginning)
{
    if (strncmp(found, beginning, strlen(beginning)) != 0)
        fail_msg("'%s' does not begin with '%s'", found, beginning);
}

/* Direct access to a broken run names the file. */
static void assert_broken(struct fixture *f, const char *run, const char *file)
{
    struct mill_run_page page = {0};
    struct mill_error err = {""};
    enum mill_status st = mill_store_get_run(f->store, mill_view_of(run), &page, &err);
    assert_true(st == MILL_E_CORRUPT || st == MILL_E_DENIED || st == MILL_E_TOO_LARGE);
    assert_starts(err.message, path_of(f, file));
}

/* --- what others left ------------------------------------------------------------------- */

static void missing_keys_have_their_defaults(void **state)
{
    struct fixture *f = *state;
    write_file(f, "0/" RUN_A "/meta.yaml", "run_uuid: " RUN_A "\n");
    write_file(f, "0/" RUN_A "/tags/mlflow.runName", "from the tag");
    struct mill_run_page page = get_run(f, RUN_A);
    const struct mill_run_info *info = &page.runs[0]->info;
    assert_int_equal(info->status, MILL_RUN_RUNNING);
    assert_int_equal(info->lifecycle_stage, MILL_ACTIVE);
    assert_int_equal(info->start_time, 0);
    assert_int_equal(info->end_time, MILL_ABSENT);
    assert_view(info->user_id, "");
    assert_view(info->run_name, "from the tag");
    assert_true(mill_view_ends(info->artifact_uri, MILL_VIEW("/0/" RUN_A "/artifacts")));
    mill_run_page_release(&page);
    assert_string_equal(find(f, "attributes.run_name = 'from the tag'"), "a");
    assert_int_equal(f->warnings, 0);
}

static void tags_of_the_first_releases_are_in_the_file(void **state)
{
    struct fixture *f = *state;
    write_run(f, RUN_A,
              "tags:\n- key: a\n  value: one\n- {key: b, value: two}\n- 3\n- {key: c}\n");
    write_file(f, "0/" RUN_A "/tags/b", "a file counts more");
    struct mill_run_page page = get_run(f, RUN_A);
    assert_int_equal(page.runs[0]->tag_count, 2);
    assert_view(page.runs[0]->tags[0].value, "one");
    assert_view(page.runs[0]->tags[1].value, "a file counts more");
    mill_run_page_release(&page);
}

static void what_we_do_not_know_stays_when_we_write(void **state)
{
    struct fixture *f = *state;
    write_file(f, "0/" RUN_A "/meta.yaml",
               "artifact_uri: /x\nexperiment_id: 0\nname: ''\nrun_uuid: " RUN_A
               "\nsource_name: train.py\nstatus: 1\nzz_more: [1, two]\n");
    struct mill_change change = {.kind = MILL_CHANGE_UPDATE_RUN,
                                 .as.update_run = {.run_id = MILL_VIEW(RUN_A),
                                                   .status = MILL_RUN_FINISHED,
                                                   .end_time = 9}};
    assert_int_equal(apply(f, &change, NULL), MILL_OK);
    assert_string_equal(read_file(f, "0/" RUN_A "/meta.yaml"),
                        "artifact_uri: /x\nend_time: 9\nexperiment_id: 0\nname: ''\n"
                        "run_name: null\nrun_uuid: " RUN_A
                        "\nsource_name: train.py\nstatus: 3\nzz_more:\n- 1\n- two\n");
}

static void old_files_of_points_stay_old(void **state)
{
    struct fixture *f = *state;
    write_file(f, "0/" RUN_A "/meta.yaml", "experiment_id: '0'\nrun_uuid: " RUN_A "\n");
    write_file(f, "0/" RUN_A "/metrics/two", "1600000000 0.5\n");
    write_file(f, "0/" RUN_A "/metrics/three", "1600000000 0.5 0\n");
    assert_int_equal(log_metric(f, RUN_A, "two", 1, 0), MILL_OK);
    assert_int_equal(log_metric(f, RUN_A, "three", 1, 0), MILL_OK);
    assert_int_equal(log_metric(f, RUN_A, "new", 1, 0), MILL_OK);
    assert_int_equal(log_metric(f, RUN_A, "step", 1, 2), MILL_OK);
    assert_string_equal(read_file(f, "0/" RUN_A "/metrics/two"),
                        "1600000000 0.5\n1600000000000 1.0\n");
    assert_string_equal(read_file(f, "0/" RUN_A "/metrics/three"),
                        "1600000000 0.5 0\n1600000000000 1.0 0\n");
    assert_string_equal(read_file(f, "0/" RUN_A "/metrics/new"), "1600000000000 1.0\n");
    assert_string_equal(read_file(f, "0/" RUN_A "/metrics/step"), "1600000000000 1.0 2\n");
}

static void a_torn_line_does_not_spoil_the_next(void **state)
{
    struct fixture *f = *state;
    struct mill_run_page page;
    write_run(f, RUN_A, "");
    write_file(f, "0/" RUN_A "/metrics/m", "1 0.5 1\n1600000000000 0.2");
    assert_int_equal(log_metric(f, RUN_A, "m", 3, 3), MILL_OK);
    assert_string_equal(read_file(f, "0/" RUN_A "/metrics/m"),
                        "1 0.5 1\n1600000000000 0.2\n1600000000000 3.0 3\n");
    page = get_run(f, RUN_A);
    assert_true(page.runs[0]->metrics[0].value == 3);
    mill_run_page_release(&page);
}

static void a_new_run_is_written_for_readers_of_all_ages(void **state)
{
    struct fixture *f = *state;
    struct mill_tag tag = {MILL_VIEW("mlflow.source/name"), MILL_VIEW("x.py")};
    struct mill_change change = {.kind = MILL_CHANGE_CREATE_RUN,
                                 .as.create_run = {.run_id = MILL_VIEW(RUN_A),
                                                   .experiment_id = 0,
                                                   .run_name = MILL_VIEW("yes"),
                                                   .user_id = MILL_VIEW("me"),
                                                   .start_time = 7,
                                                   .tags = &tag,
                                                   .tag_count = 1}};
    char wanted[900];
    assert_int_equal(apply(f, &change, NULL), MILL_OK);
    snprintf(wanted, sizeof(wanted),
             "artifact_uri: file://%s/0/" RUN_A
             "/artifacts\nend_time: null\nentry_point_name: ''\nexperiment_id: '0'\n"
             "lifecycle_stage: active\nname: ''\nrun_id: " RUN_A "\nrun_name: 'yes'\n"
             "run_uuid: " RUN_A "\nsource_name: ''\nsource_type: 4\nsource_version: ''\n"
             "start_time: 7\nstatus: 1\ntags: []\nuser_id: me\n",
             f->root);
    assert_string_equal(read_file(f, "0/" RUN_A "/meta.yaml"), wanted);
    assert_string_equal(read_file(f, "0/" RUN_A "/tags/mlflow.source/name"), "x.py");
    struct stat info;
    const char *const folders[] = {"artifacts", "metrics", "params"};
    for (size_t i = 0; i < MILL_COUNT(folders); i++) {
        char name[100];
        snprintf(name, sizeof(name), "0/" RUN_A "/%s", folders[i]);
        assert_int_equal(stat(path_of(f, name), &info), 0);
        assert_true(S_ISDIR(info.st_mode));
    }
}

/* --- broken things ---------------------------------------------------------------------- */

/* A good run beside one that is broken in some way: the good one is listed, the other one is
 * warned of, once, and told of when it is asked for. */
static void broken_runs_are_left_out(void **state)
{
    struct fixture *f = *state;
    static const char *const contents[] = {
        NULL, /* no file */
        "",
        "\n",
        "text\n",
        "a: [\n",
        "experiment_id: '7'\nrun_id: " RUN_B "\n",
        "experiment_id: '0'\nrun_id: " RUN_A "\n",
        "experiment_id: '0'\nrun_id: " RUN_B "\nstatus: 9\n",
        "experiment_id: '0'\nrun_id: " RUN_B "\nstart_time: soon\n",
        "experiment_id: '0'\nrun_id: " RUN_B "\nlifecycle_stage: gone\n",
        "a: &x 1\nb: *x\n",
    };
    write_run(f, RUN_A, "");
    for (size_t i = 0; i < MILL_COUNT(contents); i++) {
        make_dir(f, "0/" RUN_B);
        unlink(path_of(f, "0/" RUN_B "/meta.yaml"));
        if (contents[i] != NULL)
            write_file(f, "0/" RUN_B "/meta.yaml", contents[i]);
        f->warnings = 0;
        open_tree(f);
        assert_string_equal(find(f, ""), "a");
        assert_int_equal(f->warnings, 1);
        assert_starts(f->last_warning, path_of(f, "0/" RUN_B "/meta.yaml: "));
        assert_broken(f, RUN_B, "0/" RUN_B "/meta.yaml: ");
        assert_int_equal(log_metric(f, RUN_B, "m", 1, 1), MILL_E_CORRUPT);
    }
    write_run(f, RUN_B, "");
    assert_string_equal(find(f, ""), "ab"); /* and it is back once it is mended */
}

static void files_that_cannot_be_read_are_left_out_of_a_run(void **state)
{
    struct fixture *f = *state;
    write_run(f, RUN_A, "");
    write_file(f, "0/" RUN_A "/params/good", "1");
    write_file(f, "0/" RUN_A "/params/bad", "\xff\xfe");
    write_file(f, "0/" RUN_A "/params/\xff", "name");
    write_file(f, "0/" RUN_A "/metrics/good", "1 0.5 1\n");
    write_file(f, "0/" RUN_A "/metrics/bad", "1 0.5 1\nrubbish\n2 0.7 2\n");
    write_file(f, "0/" RUN_A "/inputs/x/meta.yaml",
               "source_type: DATASET\nsource_id: none\ndestination_type: RUN\n");
    write_file(f, "0/" RUN_A "/inputs/y/meta.yaml",
               "source_type: DATASET\nsource_id: ../../etc\n");
    make_dir(f, "0/" RUN_A "/tags/loop");
    assert_int_equal(symlink("..", path_of(f, "0/" RUN_A "/tags/loop/round")), 0);
    assert_int_equal(symlink("self", path_of(f, "0/" RUN_A "/tags/self")), 0);
    assert_int_equal(mkfifo(path_of(f, "0/" RUN_A "/tags/pipe"), 0666), 0);
    struct mill_run_page page = get_run(f, RUN_A);
    const struct mill_run *run = page.runs[0];
    assert_int_equal(run->param_count, 1);
    assert_view(run->params[0].key, "good");
    assert_int_equal(run->tag_count, 0);
    assert_int_equal(run->dataset_input_count, 0);
    assert_int_equal(run->metric_count, 2);
    assert_true(run->metrics[0].value == 0.7); /* the good lines of the bad file */
    mill_run_page_release(&page);
    assert_int_equal(f->warnings, 5);

    struct mill_history *history = NULL;
    struct mill_error err = {""};
    assert_int_equal(mill_store_history_open(f->store, MILL_VIEW(RUN_A), MILL_VIEW("bad"), 0,
                                             &history, &err),
                     MILL_E_CORRUPT);
    assert_starts(err.message, path_of(f, "0/" RUN_A "/metrics/bad: line 2"));
}

static void huge_files_are_refused(void **state)
{
    struct fixture *f = *state;
    struct mill_error err = {""};
    write_run(f, RUN_A, "");
    write_run(f, RUN_B, "");
    write_file(f, "0/" RUN_A "/params/p", "1");
    write_file(f, "0/" RUN_A "/metrics/m", "1 1 1\n");
    assert_int_equal(truncate(path_of(f, "0/" RUN_A "/params/p"), 1 << 21), 0);
    assert_int_equal(truncate(path_of(f, "0/" RUN_A "/metrics/m"), (off_t)5 << 30), 0);
    assert_int_equal(truncate(path_of(f, "0/" RUN_B "/meta.yaml"), (off_t)5 << 30), 0);
    assert_string_equal(find(f, ""), "a");
    assert_int_equal(log_param(f, RUN_A, "p", "1", &err), MILL_E_TOO_LARGE);
    assert_starts(err.message, path_of(f, "0/" RUN_A "/params/p: "));
    assert_broken(f, RUN_B, "0/" RUN_B "/meta.yaml: ");
}

static size_t count_experiments(struct fixture *f)
{
    struct mill_plan all = {.subject = MILL_QUERY_EXPERIMENTS};
    struct mill_experiment_search search = {MILL_VIEW_ALL, &all, 0, 100};
    struct mill_experiment_page page = {0};
    assert_int_equal(mill_store_search_experiments(f->store, &search, &f->arena, &page, NULL),
                     MILL_OK);
    return page.count;
}

static void broken_experiments_are_left_out(void **state)
{
    struct fixture *f = *state;
    struct mill_experiment e;
    struct mill_error err = {""};
    write_file(f, "7/meta.yaml", "experiment_id: '7'\nname: good\n");
    make_dir(f, "8");
    write_file(f, "9/meta.yaml", "experiment_id: '10'\nname: wrong\n");
    write_file(f, "11/meta.yaml", "experiment_id: '11'\n");
    write_file(f, "007/meta.yaml", "experiment_id: '7'\nname: not this\n");
    make_dir(f, "notes");
    make_dir(f, ".git");
    make_dir(f, "models/m");
    write_file(f, "README", "hello");
    assert_int_equal(count_experiments(f), 2);
    assert_int_equal(f->warnings, 5);
    assert_int_equal(
        mill_store_get_experiment_by_name(f->store, MILL_VIEW("good"), &f->arena, &e, &err),
        MILL_OK);
    assert_int_equal(e.experiment_id, 7);
    assert_int_equal(e.creation_time, MILL_ABSENT);
    assert_int_equal(mill_store_get_experiment(f->store, 8, &f->arena, &e, &err),
                     MILL_E_CORRUPT);
    assert_starts(err.message, path_of(f, "8/meta.yaml: "));
    assert_int_equal(mill_store_get_experiment(f->store, 9, &f->arena, &e, &err),
                     MILL_E_CORRUPT);
    assert_starts(err.message, path_of(f, "9/meta.yaml: "));
    assert_int_equal(mill_store_get_experiment(f->store, 12, &f->arena, &e, &err),
                     MILL_E_NOT_FOUND);
}

/* --- keys and ids ----------------------------------------------------------------------- */

static void nothing_leaves_the_tree(void **state)
{
    struct fixture *f = *state;
    static const char *const runs[] = {"..", "../0", ".trash", "tags", "a/b", "", "."};
    static const char *const keys[] = {"..", "../x", "a/../../x", "/tmp/x", "a//b", "a/", "."};
    write_run(f, RUN_A, "");
    make_dir(f, "0/tags");
    write_file(f, "secret", "1 1 1\n");
    for (size_t i = 0; i < MILL_COUNT(runs); i++) {
        struct mill_run_page page = {0};
        assert_int_equal(mill_store_get_run(f->store, mill_view_of(runs[i]), &page, NULL),
                         MILL_E_NOT_FOUND);
    }
    for (size_t i = 0; i < MILL_COUNT(keys); i++) {
        struct mill_history *history = NULL;
        struct mill_point points[4];
        size_t n = 9;
        assert_int_equal(mill_store_history_open(f->store, MILL_VIEW(RUN_A),
                                                 mill_view_of(keys[i]), 0, &history, NULL),
                         MILL_OK);
        assert_int_equal(mill_history_next(history, points, 4, &n, NULL), MILL_OK);
        assert_int_equal(n, 0);
        mill_history_close(history);
        struct mill_change change = {.kind = MILL_CHANGE_DELETE_TAG,
                                     .as.run_tag = {MILL_VIEW(RUN_A), mill_view_of(keys[i])}};
        assert_int_equal(apply(f, &change, NULL), MILL_E_NOT_FOUND);
    }
    struct mill_model_output output = {MILL_VIEW("../m"), 1};
    struct mill_change outputs = {.kind = MILL_CHANGE_LOG_OUTPUTS,
                                  .as.outputs = {MILL_VIEW(RUN_A), &output, 1}};
    assert_int_equal(apply(f, &outputs, NULL), MILL_E_INVALID);
}

static void keys_with_slashes_are_folders(void **state)
{
    struct fixture *f = *state;
    struct mill_error err = {""};
    char longest[300];
    write_run(f, RUN_A, "");
    assert_int_equal(log_param(f, RUN_A, "a/b", "1", NULL), MILL_OK);
    assert_string_equal(read_file(f, "0/" RUN_A "/params/a/b"), "1");
    assert_int_equal(log_param(f, RUN_A, "a", "1", &err), MILL_E_INVALID);
    assert_int_equal(log_param(f, RUN_A, "a/b/c", "1", &err), MILL_E_INVALID);
    assert_starts(err.message, path_of(f, "0/" RUN_A "/params/a/b/c: another key"));
    assert_int_equal(log_metric(f, RUN_A, "m/n", 1, 1), MILL_OK);
    assert_int_equal(log_metric(f, RUN_A, "m", 1, 1), MILL_E_INVALID);
    assert_int_equal(set_tag(f, RUN_A, "t/u", "1"), MILL_OK);
    assert_int_equal(set_tag(f, RUN_A, "t", "1"), MILL_E_INVALID);
    /* 250 characters may be more bytes than a name of a file has. */
    for (size_t i = 0; i < 250; i += 2)
        memcpy(longest + i, "\xc3\xa9", 2);
    longest[250] = '\0';
    assert_int_equal(log_param(f, RUN_A, longest, "1", NULL), MILL_OK);
    memcpy(longest + 250, "\xc3\xa9\xc3\xa9\xc3\xa9", 7);
    assert_int_equal(log_param(f, RUN_A, longest, "1", &err), MILL_E_INVALID);
    struct mill_run_page page = get_run(f, RUN_A);
    assert_int_equal(page.runs[0]->param_count, 2);
    mill_run_page_release(&page);
}

/* --- changes behind the store's back ---------------------------------------------------- */

/* Makes all files look old, so that the store trusts what it knows of them. */
static void age(const struct fixture *f)
{
    char command[300];
    snprintf(command, sizeof(command), "sleep 2.1; find '%s' >/dev/null", f->root);
    assert_int_equal(system(command), 0);
}

static void a_search_sees_what_others_changed(void **state)
{
    struct fixture *f = *state;
    write_run(f, RUN_A, "");
    write_file(f, "0/" RUN_A "/metrics/m", "1 0.5 1\n");
    write_file(f, "0/" RUN_A "/params/p", "old");
    age(f);
    assert_string_equal(find(f, "metrics.m < 1 and params.p = 'old'"), "a");
    assert_string_equal(find(f, "metrics.m < 1 and params.p = 'old'"), "a");
    write_file(f, "0/" RUN_A "/params/p", "new"); /* in place, of the same length */
    assert_string_equal(find(f, "params.p = 'old'"), "");
    assert_string_equal(find(f, "params.p = 'new'"), "a");
    write_file(f, "0/" RUN_A "/metrics/m", "1 0.5 1\n2 7 2\n");
    assert_string_equal(find(f, "metrics.m > 1"), "a");
    write_file(f, "0/" RUN_A "/metrics/deep/n", "1 1 1\n");
    assert_string_equal(find(f, "metrics.\"deep/n\" = 1"), "a");
    unlink(path_of(f, "0/" RUN_A "/params/p"));
    assert_string_equal(find(f, "params.p = 'new'"), "");
    write_run(f, RUN_B, "status: 3\n");
    assert_string_equal(find(f, ""), "ab");
    assert_string_equal(find(f, "attributes.status = 'FINISHED'"), "b");
    char command[300];
    snprintf(command, sizeof(command), "rm -r '%s/0/" RUN_A "'", f->root);
    assert_int_equal(system(command), 0);
    assert_string_equal(find(f, ""), "b");
    assert_int_equal(f->warnings, 0);
}

static void a_run_alone_and_on_a_page_are_the_same(void **state)
{
    struct fixture *f = *state;
    write_run(f, RUN_A, "");
    write_file(f, "0/" RUN_A "/metrics/m", "1 0.5 1\n");
    age(f);
    for (int i = 0; i < 3; i++) /* read, read to be kept, kept */
        assert_string_equal(find(f, ""), "a");
    write_file(f, "0/" RUN_A "/metrics/m", "1 0.5 1\n1 2.5 9\n");
    write_file(f, "0/" RUN_A "/tags/sub/t", "x");
    struct mill_run_page page = get_run(f, RUN_A);
    assert_true(page.runs[0]->metrics[0].value == 2.5);
    assert_int_equal(page.runs[0]->tag_count, 1);
    mill_run_page_release(&page);
}

static void many_keys_are_searched_for(void **state)
{
    struct fixture *f = *state;
    struct mill_buf filter = {0};
    write_run(f, RUN_A, "");
    write_run(f, RUN_B, "");
    for (int i = 0; i < 40; i++) {
        char name[100], value[20];
        snprintf(name, sizeof(name), "0/" RUN_A "/params/p%d", i);
        snprintf(value, sizeof(value), "%d", i);
        write_file(f, name, value);
        mill_buf_printf(&filter, "%sparams.p%d = '%d'", i != 0 ? " and " : "", i, i);
    }
    mill_buf_add_char(&filter, '\0');
    for (int i = 0; i < 2; i++) {
        assert_string_equal(find(f, filter.ptr), "a");
        assert_string_equal(find(f, "params.p39 = '39'"), "a");
        assert_string_equal(find(f, "params.p0 IS NULL"), "b");
    }
    for (int i = 0; i < 40; i++) { /* one after the other, more than are kept */
        char one[60];
        snprintf(one, sizeof(one), "params.p%d = '%d'", i, i);
        assert_string_equal(find(f, one), "a");
    }
    mill_buf_release(&filter);
}

static void experiments_of_others_are_seen(void **state)
{
    struct fixture *f = *state;
    struct mill_experiment e;
    assert_int_equal(count_experiments(f), 1);
    write_file(f, "5/meta.yaml", "experiment_id: 5\nname: five\n");
    assert_int_equal(
        mill_store_get_experiment_by_name(f->store, MILL_VIEW("five"), &f->arena, &e, NULL),
        MILL_OK);
    age(f);
    assert_int_equal(count_experiments(f), 2);
    write_file(f, "5/meta.yaml", "experiment_id: 5\nname: six!\n");
    assert_int_equal(
        mill_store_get_experiment_by_name(f->store, MILL_VIEW("five"), &f->arena, &e, NULL),
        MILL_E_NOT_FOUND);
    write_file(f, "5/tags/t", "v");
    assert_int_equal(
        mill_store_get_experiment_by_name(f->store, MILL_VIEW("six!"), &f->arena, &e, NULL),
        MILL_OK);
    assert_int_equal(e.tag_count, 1);
    char from[300], to[300];
    snprintf(from, sizeof(from), "%s", path_of(f, "5"));
    snprintf(to, sizeof(to), "%s", path_of(f, ".trash/5"));
    assert_int_equal(rename(from, to), 0);
    assert_int_equal(mill_store_get_experiment(f->store, 5, &f->arena, &e, NULL), MILL_OK);
    assert_int_equal(e.lifecycle_stage, MILL_DELETED);
}

static void a_lock_of_somebody_else_is_waited_for(void **state)
{
    struct fixture *f = *state;
    write_run(f, RUN_A, "");
    int ready[2];
    assert_int_equal(pipe(ready), 0);
    pid_t child = fork();
    if (child == 0) {
        int fd = open(path_of(f, "0/" RUN_A), O_RDONLY | O_DIRECTORY);
        char c = flock(fd, LOCK_EX) == 0 ? 'y' : 'n';
        c = write(ready[1], &c, 1) == 1 ? c : 'n';
        usleep(300000);
        write_file(f, "0/" RUN_A "/params/p", "theirs");
        _exit(c == 'y' ? 0 : 1);
    }
    char c = 'n';
    assert_int_equal(read(ready[0], &c, 1), 1);
    assert_int_equal(c, 'y');
    assert_int_equal(log_metric(f, RUN_A, "m", 1, 1), MILL_OK); /* needs no lock */
    assert_int_equal(log_param(f, RUN_A, "p", "ours", NULL), MILL_E_INVALID);
    assert_string_equal(read_file(f, "0/" RUN_A "/params/p"), "theirs");
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    close(ready[0]);
    close(ready[1]);
}

/* --- opening ---------------------------------------------------------------------------- */

static void trees_are_opened_by_every_form_of_uri(void **state)
{
    struct fixture *f = *state;
    char uri[300], folder[300];
    snprintf(folder, sizeof(folder), "%s/work", f->root);
    assert_int_equal(mkdir(folder, 0777), 0);
    assert_int_equal(chdir(folder), 0);
    static const struct {
        const char *uri; /* of f->root where there is a %s */
        const char *root;
    } rows[] = {
        {"", "/work/mlruns"},           {"rel/tree", "/work/rel/tree"},
        {"./x/../y", "/work/y"},        {"file:rel%%202", "/work/rel 2"},
        {"file:%s/a%%2Bb", "/a+b"},     {"file://%s/c", "/c"},
        {"file://localhost%s/d", "/d"}, {"file:%s/q?x=1#y", "/q"},
        {"%s/p%%20q", "/p%20q"}, /* a path is no URI */
    };
    for (size_t i = 0; i < MILL_COUNT(rows); i++) {
        struct mill_store *store = NULL;
        struct mill_error err = {""};
        struct mill_experiment e;
        char meta[100];
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
        snprintf(uri, sizeof(uri), rows[i].uri, f->root);
#pragma GCC diagnostic pop
        if (mill_store_open(mill_view_of(uri), NULL, &store, &err) != MILL_OK)
            fail_msg("%s: %s", uri, err.message);
        snprintf(meta, sizeof(meta), "%s/0/meta.yaml", rows[i].root + 1);
        if (read_file(f, meta) == NULL)
            fail_msg("%s is not at %s", uri, meta);
        assert_int_equal(mill_store_get_experiment(store, 0, &f->arena, &e, &err), MILL_OK);
        assert_true(mill_view_starts(e.artifact_location, MILL_VIEW("file:///tmp/")));
        mill_store_close(store);
    }
    assert_int_equal(chdir("/"), 0);
    struct mill_store *store = NULL;
    assert_int_equal(mill_store_open(MILL_VIEW("file://host/x"), NULL, &store, NULL),
                     MILL_E_INVALID);
    assert_int_equal(mill_store_open(MILL_VIEW("ftp:x"), NULL, &store, NULL), MILL_E_INVALID);
}

static void a_missing_tree_is_made_only_for_writing(void **state)
{
    struct fixture *f = *state;
    struct mill_store *store = NULL;
    struct mill_error err = {""};
    struct mill_store_options reading = {.read_only = true}, existing = {.must_exist = true};
    char path[300];
    snprintf(path, sizeof(path), "%s", path_of(f, "none"));
    assert_int_equal(mill_store_open(mill_view_of(path), &reading, &store, &err),
                     MILL_E_NOT_FOUND);
    assert_starts(err.message, path);
    assert_int_equal(mill_store_open(mill_view_of(path), &existing, &store, &err),
                     MILL_E_NOT_FOUND);
    assert_int_not_equal(access(path, F_OK), 0);
    write_file(f, "file", "x");
    assert_int_not_equal(mill_store_open(mill_view_of(path_of(f, "file")), NULL, &store, &err),
                         MILL_OK);

    assert_int_equal(mill_store_open(mill_view_of(f->root), &reading, &store, &err), MILL_OK);
    struct fixture other = {.store = store};
    write_run(f, RUN_A, "");
    assert_int_equal(log_metric(&other, RUN_A, "m", 1, 1), MILL_E_DENIED);
    mill_store_close(store);
    mill_arena_release(&other.arena);
}

int main(void)
{
#define T(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        T(missing_keys_have_their_defaults),
        T(tags_of_the_first_releases_are_in_the_file),
        T(what_we_do_not_know_stays_when_we_write),
        T(old_files_of_points_stay_old),
        T(a_torn_line_does_not_spoil_the_next),
        T(a_new_run_is_written_for_readers_of_all_ages),
        T(broken_runs_are_left_out),
        T(files_that_cannot_be_read_are_left_out_of_a_run),
        T(huge_files_are_refused),
        T(broken_experiments_are_left_out),
        T(nothing_leaves_the_tree),
        T(keys_with_slashes_are_folders),
        T(a_search_sees_what_others_changed),
        T(a_run_alone_and_on_a_page_are_the_same),
        T(many_keys_are_searched_for),
        T(experiments_of_others_are_seen),
        T(a_lock_of_somebody_else_is_waited_for),
        T(trees_are_opened_by_every_form_of_uri),
        T(a_missing_tree_is_made_only_for_writing),
    };
#undef T
    if (mkdtemp(directory) == NULL)
        return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    char command[100];
    snprintf(command, sizeof(command), "rm -rf %s", directory);
    return system(command) != 0 || failed != 0;
}
