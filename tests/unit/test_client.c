/* test_client.c - the public client interface on a database: every call, wrong arguments, and
 * memory that runs out. (Servers are tested in tests/cli.) */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include <millstream/millstream.h>

#include "base/alloc.h"
#include "base/view.h"

/* A directory of its own, which is the working directory during a test. */
struct place {
    char home[64];
    int back;
    struct mill_client *client;
    struct mill_error err;
};

static const struct mill_client_options make = {.size = sizeof(make), .create = true};

static int setup(void **state)
{
    struct place *p = calloc(1, sizeof(*p));
    snprintf(p->home, sizeof(p->home), "/tmp/mill-client-XXXXXX");
    p->back = open(".", O_RDONLY | O_DIRECTORY);
    assert_non_null(mkdtemp(p->home));
    assert_int_equal(chdir(p->home), 0);
    assert_int_equal(mill_client_open(mill_text("sqlite:///x.db"), &make, &p->client, &p->err),
                     MILL_OK);
    *state = p;
    return 0;
}

static int teardown(void **state)
{
    struct place *p = *state;
    char command[96];
    mill_client_close(p->client);
    snprintf(command, sizeof(command), "rm -rf '%s'", p->home);
    assert_int_equal(fchdir(p->back), 0);
    assert_int_equal(system(command), 0);
    close(p->back);
    free(p);
    return 0;
}

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void assert_file(const char *path, const char *expected)
{
    char text[64] = "";
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    assert_int_equal(fread(text, 1, sizeof(text) - 1, file), strlen(expected));
    assert_string_equal(text, expected);
    fclose(file);
}

static void assert_view(struct mill_view view, const char *expected)
{
    assert_int_equal(view.len, strlen(expected));
    assert_memory_equal(view.ptr, expected, view.len);
}

#define OK(call)                                                                               \
    do {                                                                                       \
        enum mill_status status_ = (call);                                                     \
        if (status_ != MILL_OK)                                                                \
            fail_msg("%s: %s", mill_status_get_info(status_)->name, p->err.message);           \
    } while (0)

/* --- experiments ----------------------------------------------------------------------- */

static void test_experiments(void **state)
{
    struct place *p = *state;
    struct mill_client *c = p->client;
    const struct mill_tag tags[] = {{mill_text("team"), mill_text("vision")}};
    struct mill_experiment_list *list = NULL;
    int64_t id = -1;
    OK(mill_client_create_experiment(c, mill_text("a"), mill_text(NULL), tags, 1, &id,
                                     &p->err));
    assert_int_equal(id, 1);
    assert_int_equal(mill_client_create_experiment(c, mill_text("a"), mill_text(NULL), NULL, 0,
                                                   &id, &p->err),
                     MILL_E_EXISTS);
    OK(mill_client_set_experiment_tag(c, 1, mill_text("k"), mill_text("v"), &p->err));
    OK(mill_client_delete_experiment_tag(c, 1, mill_text("team"), &p->err));
    OK(mill_client_rename_experiment(c, 1, mill_text("b"), &p->err));
    OK(mill_client_get_experiment(c, 1, &list, &p->err));
    assert_int_equal(list->count, 1);
    assert_view(list->items[0]->name, "b");
    assert_view(list->items[0]->artifact_location, "mlflow-artifacts:/1");
    assert_int_equal(list->items[0]->tag_count, 1);
    assert_view(list->items[0]->tags[0].value, "v");
    mill_experiment_list_free(list);
    OK(mill_client_delete_experiment(c, 1, &p->err));
    OK(mill_client_get_experiment_by_name(c, mill_text("b"), &list, &p->err));
    assert_int_equal(list->items[0]->lifecycle_stage, MILL_DELETED);
    mill_experiment_list_free(list);
    OK(mill_client_restore_experiment(c, 1, &p->err));
    list = NULL;
    assert_int_equal(mill_client_get_experiment(c, 7, &list, &p->err), MILL_E_NOT_FOUND);
    assert_null(list);
}

static void test_pages_of_experiments(void **state)
{
    struct place *p = *state;
    struct mill_view order = mill_text("name ASC");
    struct mill_experiment_query query = {
        .size = sizeof(query), .order_by = &order, .order_by_count = 1, .max_results = 4};
    struct mill_experiment_list *list = NULL;
    char name[16];
    int64_t id;
    for (int i = 0; i < 9; i++) {
        snprintf(name, sizeof(name), "e%d", i);
        OK(mill_client_create_experiment(p->client, mill_text(name), mill_text(NULL), NULL, 0,
                                         &id, &p->err));
    }
    /* Default, e0 ... e8 in pages of four. */
    static const size_t counts[] = {4, 4, 2};
    struct mill_experiment_list *before = NULL;
    for (int page = 0; page < 3; page++) {
        OK(mill_client_search_experiments(p->client, &query, &list, &p->err));
        assert_int_equal(list->count, counts[page]);
        assert_int_equal(list->next_page_token.ptr != NULL, page < 2);
        query.page_token = list->next_page_token;
        mill_experiment_list_free(before);
        before = list;
    }
    assert_view(list->items[1]->name, "e8");
    mill_experiment_list_free(before);
    OK(mill_client_search_experiments(p->client, NULL, &list, &p->err));
    assert_int_equal(list->count, 10);
    mill_experiment_list_free(list);
    query.page_token = mill_text("nonsense");
    assert_int_equal(mill_client_search_experiments(p->client, &query, &list, &p->err),
                     MILL_E_INVALID);
}

/* --- runs ------------------------------------------------------------------------------ */

/* A run in the Default experiment; its id goes to id_out. */
static void make_run(struct place *p, const char *name, char id_out[33])
{
    struct mill_new_run run = {.size = sizeof(run), .run_name = mill_text(name)};
    struct mill_run_list *list = NULL;
    OK(mill_client_create_run(p->client, &run, &list, &p->err));
    assert_int_equal(list->count, 1);
    assert_int_equal(list->items[0]->info.run_id.len, 32);
    assert_int_equal(list->items[0]->info.status, MILL_RUN_RUNNING);
    memcpy(id_out, list->items[0]->info.run_id.ptr, 32);
    id_out[32] = '\0';
    mill_run_list_free(list);
}

static void test_runs(void **state)
{
    struct place *p = *state;
    struct mill_client *c = p->client;
    struct mill_run_list *list = NULL;
    char id[33];
    make_run(p, "first", id);
    struct mill_view run_id = mill_text(id);
    const struct mill_metric metrics[] = {{mill_text("loss"), 0.5, 1000, 1, NULL},
                                          {mill_text("loss"), 0.25, 2000, 2, NULL}};
    const struct mill_param params[] = {{mill_text("rate"), mill_text("0.1")}};
    struct mill_batch batch = {.size = sizeof(batch),
                               .metrics = metrics,
                               .metric_count = 2,
                               .params = params,
                               .param_count = 1};
    OK(mill_client_log_batch(c, run_id, &batch, &p->err));
    OK(mill_client_log_batch(c, run_id, &batch, &p->err)); /* again does no harm */
    OK(mill_client_set_tag(c, run_id, mill_text("k"), mill_text("v"), &p->err));
    OK(mill_client_delete_tag(c, run_id, mill_text("k"), &p->err));
    assert_int_equal(mill_client_delete_tag(c, run_id, mill_text("k"), &p->err),
                     MILL_E_NOT_FOUND);
    struct mill_run_update update = {.size = sizeof(update),
                                     .status = MILL_RUN_FINISHED,
                                     .end_time = 5000,
                                     .run_name = mill_text("renamed")};
    OK(mill_client_update_run(c, run_id, &update, &p->err));
    OK(mill_client_get_run(c, run_id, &list, &p->err));
    const struct mill_run *run = list->items[0];
    assert_view(run->info.run_name, "renamed");
    assert_int_equal(run->info.end_time, 5000);
    assert_int_equal(run->metric_count, 1);
    assert_true(run->metrics[0].value == 0.25);
    assert_view(run->params[0].value, "0.1");
    mill_run_list_free(list);
    OK(mill_client_delete_run(c, run_id, &p->err));
    assert_int_equal(mill_client_log_batch(c, run_id, &batch, &p->err), MILL_E_INVALID);
    OK(mill_client_restore_run(c, run_id, &p->err));
    assert_int_equal(mill_client_get_run(c, mill_text(""), &list, &p->err), MILL_E_INVALID);
}

/* Who made a run: as given, else by the environment, else by the system. */
static void test_user(void **state)
{
    struct place *p = *state;
    struct mill_run_list *list = NULL;
    struct mill_new_run run = {.size = sizeof(run), .user_id = mill_text("given")};
    OK(mill_client_create_run(p->client, &run, &list, &p->err));
    assert_view(list->items[0]->info.user_id, "given");
    mill_run_list_free(list);
    run.user_id = mill_text(NULL);
    setenv("LOGNAME", "ada", 1);
    OK(mill_client_create_run(p->client, &run, &list, &p->err));
    assert_view(list->items[0]->info.user_id, "ada");
    mill_run_list_free(list);
    unsetenv("LOGNAME");
    unsetenv("USER");
    unsetenv("LNAME");
    unsetenv("USERNAME");
    OK(mill_client_create_run(p->client, &run, &list, &p->err));
    assert_true(list->items[0]->info.user_id.len > 0);
    mill_run_list_free(list);
}

/* The calls that log one thing, and their defaults. */
static void test_single_calls(void **state)
{
    struct place *p = *state;
    struct mill_client *c = p->client;
    struct mill_run_list *list = NULL;
    char id[33];
    make_run(p, "single", id);
    struct mill_view run_id = mill_text(id);
    OK(mill_client_log_metric(c, run_id, mill_text("m"), 0.5, 7, -3, &p->err));
    OK(mill_client_log_metric(c, run_id, mill_text("n"), 1.5, MILL_ABSENT, MILL_ABSENT,
                              &p->err));
    OK(mill_client_log_param(c, run_id, mill_text("rate"), mill_text("0.1"), &p->err));
    OK(mill_client_log_param(c, run_id, mill_text("rate"), mill_text("0.1"), &p->err));
    assert_int_equal(
        mill_client_log_param(c, run_id, mill_text("rate"), mill_text("0.2"), &p->err),
        MILL_E_INVALID);
    const struct mill_tag use = {mill_text("mlflow.data.context"), mill_text("train")};
    const struct mill_dataset_input input = {&use,
                                             1,
                                             {.name = mill_text("digits"),
                                              .digest = mill_text("d1"),
                                              .source_type = mill_text("local"),
                                              .source = mill_text("{}")}};
    const struct mill_model_input model = {mill_text("m-1")};
    const struct mill_model_output made = {mill_text("m-2"), 4};
    OK(mill_client_log_inputs(c, run_id, &input, 1, &model, 1, &p->err));
    OK(mill_client_log_outputs(c, run_id, &made, 1, &p->err));
    OK(mill_client_set_terminated(c, run_id, (enum mill_run_status)0, MILL_ABSENT, &p->err));
    OK(mill_client_get_run(c, run_id, &list, &p->err));
    const struct mill_run *run = list->items[0];
    assert_int_equal(run->info.status, MILL_RUN_FINISHED);
    assert_true(run->info.end_time >= run->info.start_time);
    assert_int_equal(run->metric_count, 2);
    assert_int_equal(run->metrics[0].step, -3);
    assert_int_equal(run->metrics[0].timestamp, 7);
    assert_int_equal(run->metrics[1].step, 0);
    assert_true(run->metrics[1].timestamp >= run->info.start_time);
    assert_int_equal(run->dataset_input_count, 1);
    assert_view(run->dataset_inputs[0].dataset.name, "digits");
    assert_int_equal(run->model_input_count, 1);
    assert_int_equal(run->model_output_count, 1);
    mill_run_list_free(list);
    OK(mill_client_set_terminated(c, run_id, MILL_RUN_KILLED, 99, &p->err));
    OK(mill_client_get_run(c, run_id, &list, &p->err));
    assert_int_equal(list->items[0]->info.status, MILL_RUN_KILLED);
    assert_int_equal(list->items[0]->info.end_time, 99);
    mill_run_list_free(list);
}

/* Everything there is, behind the first page as well. */
static void test_whole_lists(void **state)
{
    struct place *p = *state;
    struct mill_experiment_list *experiments = NULL;
    struct mill_run_list *runs = NULL;
    char name[16];
    int64_t experiment;
    enum { COUNT = 1003 }; /* more than a page */
    for (int i = 0; i < COUNT; i++) {
        snprintf(name, sizeof(name), "e%d", i);
        OK(mill_client_create_experiment(p->client, mill_text(name), mill_text(NULL), NULL, 0,
                                         &experiment, &p->err));
        struct mill_new_run run = {
            .size = sizeof(run), .run_name = mill_text(name), .start_time = i + 1};
        OK(mill_client_create_run(p->client, &run, &runs, &p->err));
        mill_run_list_free(runs);
    }
    OK(mill_client_delete_experiment(p->client, experiment, &p->err));
    OK(mill_client_list_experiments(p->client, (enum mill_view_type)0, &experiments, &p->err));
    assert_int_equal(experiments->count, COUNT); /* with Default, without the deleted one */
    assert_null(experiments->next_page_token.ptr);
    mill_experiment_list_free(experiments);
    OK(mill_client_list_experiments(p->client, MILL_VIEW_DELETED_ONLY, &experiments, &p->err));
    assert_int_equal(experiments->count, 1);
    mill_experiment_list_free(experiments);
    OK(mill_client_list_run_infos(p->client, 0, MILL_VIEW_ALL, &runs, &p->err));
    assert_int_equal(runs->count, COUNT);
    assert_view(runs->items[0]->info.run_name, name);
    assert_view(runs->items[COUNT - 1]->info.run_name, "e0");
    mill_run_list_free(runs);
    assert_int_equal(
        mill_client_list_run_infos(p->client, 0, (enum mill_view_type)7, &runs, &p->err),
        MILL_E_INVALID);
}

static void test_pages_of_runs(void **state)
{
    struct place *p = *state;
    const int64_t experiment = 0;
    struct mill_view order = mill_text("attributes.run_name DESC");
    struct mill_run_query query = {.size = sizeof(query),
                                   .experiment_ids = &experiment,
                                   .experiment_count = 1,
                                   .order_by = &order,
                                   .order_by_count = 1,
                                   .max_results = 2};
    struct mill_run_list *list = NULL, *second = NULL;
    char id[33];
    make_run(p, "a", id);
    make_run(p, "b", id);
    make_run(p, "c", id);
    OK(mill_client_search_runs(p->client, &query, &list, &p->err));
    assert_int_equal(list->count, 2);
    assert_view(list->items[0]->info.run_name, "c");
    query.page_token = list->next_page_token;
    OK(mill_client_search_runs(p->client, &query, &second, &p->err));
    assert_int_equal(second->count, 1);
    assert_view(second->items[0]->info.run_name, "a");
    assert_null(second->next_page_token.ptr);
    mill_run_list_free(list);
    mill_run_list_free(second);
    query.page_token = mill_text(NULL);
    query.filter = mill_text("attributes.run_name = 'b'");
    OK(mill_client_search_runs(p->client, &query, &list, &p->err));
    assert_int_equal(list->count, 1);
    mill_run_list_free(list);
    query.filter = mill_text("nonsense ~ 1");
    assert_int_equal(mill_client_search_runs(p->client, &query, &list, &p->err),
                     MILL_E_INVALID);
    query.experiment_count = 0;
    assert_int_equal(mill_client_search_runs(p->client, &query, &list, &p->err),
                     MILL_E_INVALID);
}

static void test_history(void **state)
{
    struct place *p = *state;
    static struct mill_metric metrics[5000]; /* several requests' worth */
    struct mill_point_list *points = NULL;
    char id[33];
    make_run(p, "long", id);
    for (size_t i = 0; i < MILL_COUNT(metrics); i++)
        metrics[i] = (struct mill_metric){mill_text("m"), (double)i, 1000 + (int64_t)i,
                                          (int64_t)i, NULL};
    struct mill_batch batch = {
        .size = sizeof(batch), .metrics = metrics, .metric_count = MILL_COUNT(metrics)};
    OK(mill_client_log_batch(p->client, mill_text(id), &batch, &p->err));
    OK(mill_client_metric_history(p->client, mill_text(id), mill_text("m"), &points, &p->err));
    assert_int_equal(points->count, MILL_COUNT(metrics));
    for (size_t i = 0; i < points->count; i++)
        assert_int_equal(points->items[i].step, i);
    mill_point_list_free(points);
    OK(mill_client_metric_sample(p->client, mill_text(id), mill_text("m"), 10, &points,
                                 &p->err));
    assert_int_equal(points->count, 10);
    assert_int_equal(points->items[0].step, 0);
    assert_int_equal(points->items[9].step, MILL_COUNT(metrics) - 1);
    mill_point_list_free(points);
    OK(mill_client_metric_history(p->client, mill_text(id), mill_text("no"), &points, &p->err));
    assert_int_equal(points->count, 0);
    mill_point_list_free(points);
    assert_int_equal(mill_client_metric_sample(p->client, mill_text(id), mill_text("m"), 0,
                                               &points, &p->err),
                     MILL_E_INVALID);
}

/* What is wrong far back in a batch is found before anything of it is sent. */
static void test_large_bad_batch(void **state)
{
    struct place *p = *state;
    static struct mill_metric metrics[2500];
    struct mill_run_list *list = NULL;
    char id[33];
    make_run(p, "bad", id);
    for (size_t i = 0; i < MILL_COUNT(metrics); i++)
        metrics[i] = (struct mill_metric){mill_text("m"), 1, 1, (int64_t)i, NULL};
    metrics[2400].key = mill_text("a?b");
    struct mill_batch batch = {
        .size = sizeof(batch), .metrics = metrics, .metric_count = MILL_COUNT(metrics)};
    assert_int_equal(mill_client_log_batch(p->client, mill_text(id), &batch, &p->err),
                     MILL_E_INVALID);
    assert_non_null(strstr(p->err.message, "metrics[2400].key"));
    OK(mill_client_get_run(p->client, mill_text(id), &list, &p->err));
    assert_int_equal(list->items[0]->metric_count, 0);
    mill_run_list_free(list);
}

/* --- artifacts ------------------------------------------------------------------------- */

/* Gives up after the first finished file. */
static bool give_up(void *context, const struct mill_progress *progress)
{
    size_t *calls = context;
    (*calls)++;
    return progress->files == 0;
}

static void test_artifacts(void **state)
{
    struct place *p = *state;
    struct mill_client *c = p->client;
    struct mill_file_list *list = NULL;
    struct mill_view none = {NULL, 0};
    char id[33];
    size_t calls = 0;
    make_run(p, "files", id);
    mkdir("tree", 0777);
    mkdir("tree/below", 0777);
    write_file("tree/a", "one");
    write_file("tree/below/b", "three");
    OK(mill_client_log_artifacts(c, mill_text(id), mill_text("tree"), mill_text("up/x"), NULL,
                                 &p->err));
    OK(mill_client_list_artifacts(c, mill_text(id), mill_text("up/x"), &list, &p->err));
    assert_int_equal(list->count, 2);
    assert_view(list->items[0]->path, "up/x/a");
    assert_int_equal(list->items[0]->file_size, 3);
    assert_view(list->items[1]->path, "up/x/below");
    assert_true(list->items[1]->is_dir);
    mill_file_list_free(list);
    OK(mill_client_download_artifacts(c, mill_text(id), mill_text("up"), mill_text("down/here"),
                                      NULL, &p->err));
    assert_file("down/here/up/x/a", "one");
    assert_file("down/here/up/x/below/b", "three");
    OK(mill_client_download_artifacts(c, mill_text(id), none, mill_text("all"), NULL, &p->err));
    assert_file("all/up/x/a", "one");

    /* One file, a directory under its own name, and what is neither. */
    OK(mill_client_log_artifact(c, mill_text(id), mill_text("tree/a"), none, NULL, &p->err));
    OK(mill_client_log_artifact(c, mill_text(id), mill_text("tree/below/"), mill_text("dirs"),
                                NULL, &p->err));
    OK(mill_client_log_artifact(c, mill_text(id), mill_text("tree/."), mill_text("dirs"), NULL,
                                &p->err));
    OK(mill_client_download_artifacts(c, mill_text(id), none, mill_text("more"), NULL,
                                      &p->err));
    assert_file("more/a", "one");
    assert_file("more/dirs/below/b", "three");
    assert_file("more/dirs/tree/below/b", "three");
    assert_int_equal(
        mill_client_log_artifacts(c, mill_text(id), mill_text("tree/a"), none, NULL, &p->err),
        MILL_E_INVALID);
    assert_int_equal(
        mill_client_log_artifact(c, mill_text(id), mill_text("nowhere"), none, NULL, &p->err),
        MILL_E_NOT_FOUND);

    struct mill_transfer_options options = {
        .size = sizeof(options), .progress = give_up, .context = &calls, .parallel = 1};
    assert_int_equal(mill_client_download_artifacts(c, mill_text(id), none, mill_text("part"),
                                                    &options, &p->err),
                     MILL_E_CANCELLED);
    assert_true(calls > 0);
    assert_int_equal(access("part/up/x/below/b", F_OK), -1);
    assert_int_equal(
        mill_client_log_artifacts(c, mill_text(id), mill_text("tree"), none, &options, &p->err),
        MILL_E_CANCELLED);
    assert_int_equal(
        mill_client_list_artifacts(c, mill_text(id), mill_text("../x"), &list, &p->err),
        MILL_E_INVALID);
}

/* Many files, several at once: all of them come, each once, and the sums are right. */
struct tally {
    size_t calls, files;
    int64_t bytes;
    struct mill_progress last;
};

static bool count_progress(void *context, const struct mill_progress *now)
{
    struct tally *tally = context;
    tally->calls++;
    tally->last = *now;
    tally->last.path = mill_text(NULL);
    return true;
}

static void test_many_artifacts(void **state)
{
    struct place *p = *state;
    struct tally tally = {0};
    struct mill_transfer_options options = {
        .size = sizeof(options), .progress = count_progress, .context = &tally, .parallel = 8};
    char id[33], name[64], text[16];
    make_run(p, "many", id);
    mkdir("many", 0777);
    for (int i = 0; i < 100; i++) {
        snprintf(name, sizeof(name), "many/%d", i % 10);
        mkdir(name, 0777);
        snprintf(name, sizeof(name), "many/%d/%d", i % 10, i);
        snprintf(text, sizeof(text), "%d", 1000 + i);
        write_file(name, text);
    }
    OK(mill_client_log_artifacts(p->client, mill_text(id), mill_text("many"), mill_text(NULL),
                                 &options, &p->err));
    assert_int_equal(tally.last.files, 100);
    assert_int_equal(tally.last.files_total, 100);
    assert_int_equal(tally.last.bytes, 400);
    assert_int_equal(tally.last.bytes_total, 400);
    tally = (struct tally){0};
    OK(mill_client_download_artifacts(p->client, mill_text(id), mill_text(NULL),
                                      mill_text("back"), &options, &p->err));
    assert_int_equal(tally.last.files, 100);
    assert_int_equal(tally.last.bytes, 400);
    for (int i = 0; i < 100; i++) {
        snprintf(name, sizeof(name), "back/%d/%d", i % 10, i);
        snprintf(text, sizeof(text), "%d", 1000 + i);
        assert_file(name, text);
    }
    options.parallel = 65;
    assert_int_equal(mill_client_download_artifacts(p->client, mill_text(id), mill_text(NULL),
                                                    mill_text("back"), &options, &p->err),
                     MILL_E_INVALID);
}

/* --- opening --------------------------------------------------------------------------- */

/* A program of an older header has shorter structs: what they lack counts as zero. */
static void test_older_structs(void **state)
{
    struct place *p = *state;
    struct mill_run_list *list = NULL;
    struct {
        struct mill_new_run run;
        char behind[64];
    } newer = {.run = {.size = sizeof(newer)}};
    struct mill_new_run older = {.size = offsetof(struct mill_new_run, run_id),
                                 .run_name = mill_text("older"),
                                 .run_id = mill_text("not a member then!")};
    OK(mill_client_create_run(p->client, &older, &list, &p->err));
    assert_view(list->items[0]->info.run_name, "older");
    assert_int_equal(list->items[0]->info.run_id.len, 32);
    mill_run_list_free(list);
    older.size = offsetof(struct mill_new_run, tags);
    assert_int_equal(mill_client_create_run(p->client, &older, &list, &p->err), MILL_E_INVALID);
    OK(mill_client_create_run(p->client, &newer.run, &list, &p->err));
    mill_run_list_free(list);
    newer.behind[3] = 1;
    assert_int_equal(mill_client_create_run(p->client, &newer.run, &list, &p->err),
                     MILL_E_INVALID);
}

static void test_tracking_uri(void **state)
{
    struct place *p = *state;
    char text[32];
    struct mill_client *other = NULL;
    unsetenv("MLFLOW_TRACKING_URI");
    assert_int_equal(mill_tracking_uri(text, sizeof(text)), strlen(MILL_DEFAULT_TRACKING_URI));
    assert_string_equal(text, MILL_DEFAULT_TRACKING_URI);
    setenv("MLFLOW_TRACKING_URI", "sqlite:///environment.db", 1);
    assert_int_equal(mill_tracking_uri(NULL, 0), 24);
    OK(mill_set_tracking_uri(mill_text("sqlite:///set.db"), &p->err));
    assert_int_equal(mill_tracking_uri(text, 7), 16);
    assert_string_equal(text, "sqlite");
    OK(mill_client_open(mill_text(NULL), &make, &other, &p->err));
    assert_view(mill_client_uri(other), "sqlite:///set.db");
    OK(mill_set_tracking_uri(mill_text(NULL), &p->err));
    assert_view(mill_client_uri(other), "sqlite:///set.db");
    mill_client_close(other);
    OK(mill_client_open(mill_text(""), &make, &other, &p->err));
    assert_view(mill_client_uri(other), "sqlite:///environment.db");
    mill_client_close(other);
    unsetenv("MLFLOW_TRACKING_URI");
    assert_int_equal(mill_set_tracking_uri((struct mill_view){"a\0b", 3}, NULL),
                     MILL_E_INVALID);
}

static void test_opening(void **state)
{
    struct place *p = *state;
    struct mill_client *other = NULL;
    struct mill_client_options read_only = {.size = sizeof(read_only), .read_only = true};
    int64_t id;
    char run[33];
    assert_view(mill_client_uri(p->client), "sqlite:///x.db");
    /* One writes, others may read. */
    assert_int_equal(mill_client_open(mill_text("sqlite:///x.db"), &make, &other, &p->err),
                     MILL_E_BUSY);
    make_run(p, "seen", run);
    OK(mill_client_open(mill_text("sqlite:///x.db"), &read_only, &other, &p->err));
    struct mill_run_list *list = NULL;
    OK(mill_client_get_run(other, mill_text(run), &list, &p->err));
    assert_view(list->items[0]->info.run_name, "seen");
    mill_run_list_free(list);
    assert_int_equal(mill_client_create_experiment(other, mill_text("n"), mill_text(NULL), NULL,
                                                   0, &id, &p->err),
                     MILL_E_DENIED);
    assert_int_equal(mill_client_log_artifacts(other, mill_text(run), mill_text("x"),
                                               mill_text(NULL), NULL, &p->err),
                     MILL_E_DENIED);
    mill_client_close(other);

    other = NULL;
    assert_int_equal(mill_client_open(mill_text("sqlite:///none.db"), NULL, &other, &p->err),
                     MILL_E_NOT_FOUND);
    assert_int_equal(access("none.db", F_OK), -1);
    assert_int_equal(mill_client_open(mill_text("ftp://x"), NULL, &other, &p->err),
                     MILL_E_INVALID);
    struct mill_client_options wrong = {.size = 3};
    assert_int_equal(mill_client_open(mill_text("sqlite:///x.db"), &wrong, &other, &p->err),
                     MILL_E_INVALID);
    setenv("MLFLOW_TRACKING_URI", "gopher:", 1);
    assert_int_equal(mill_client_open(mill_text(""), NULL, &other, NULL), MILL_E_INVALID);
    unsetenv("MLFLOW_TRACKING_URI");
    assert_null(other);
    mill_client_close(NULL);
    mill_run_list_free(NULL);
    mill_experiment_list_free(NULL);
    mill_point_list_free(NULL);
    mill_file_list_free(NULL);
}

/* --- memory ---------------------------------------------------------------------------- */

/* A little of everything; the first failure ends it. */
static enum mill_status everything(struct place *p, struct mill_view run_id)
{
    const int64_t experiment = 0;
    const struct mill_metric metric = {mill_text("m"), 1, 1, 1, NULL};
    struct mill_batch batch = {.size = sizeof(batch), .metrics = &metric, .metric_count = 1};
    struct mill_run_query query = {
        .size = sizeof(query), .experiment_ids = &experiment, .experiment_count = 1};
    struct mill_run_list *runs = NULL;
    struct mill_experiment_list *experiments = NULL;
    struct mill_point_list *points = NULL;
    struct mill_file_list *files = NULL;
    enum mill_status st = mill_client_log_batch(p->client, run_id, &batch, &p->err);
    if (st == MILL_OK)
        st = mill_client_search_runs(p->client, &query, &runs, &p->err);
    if (st == MILL_OK)
        st = mill_client_search_experiments(p->client, NULL, &experiments, &p->err);
    if (st == MILL_OK)
        st = mill_client_metric_history(p->client, run_id, mill_text("m"), &points, &p->err);
    if (st == MILL_OK)
        st = mill_client_log_artifact(p->client, run_id, mill_text("f"), mill_text("d"), NULL,
                                      &p->err);
    if (st == MILL_OK)
        st = mill_client_list_artifacts(p->client, run_id, mill_text("d"), &files, &p->err);
    if (st == MILL_OK)
        st = mill_client_download_artifacts(p->client, run_id, mill_text("d"), mill_text("o"),
                                            NULL, &p->err);
    mill_run_list_free(runs);
    mill_experiment_list_free(experiments);
    mill_point_list_free(points);
    mill_file_list_free(files);
    return st;
}

/* Whichever allocation fails, the call says so, leaks nothing, and works again afterwards. */
static void test_out_of_memory(void **state)
{
    struct place *p = *state;
    char id[33];
    write_file("f", "content");
    make_run(p, "poor", id);
    OK(everything(p, mill_text(id)));
    for (long nth = 1;; nth++) {
        mill_alloc_fail_after(nth);
        enum mill_status st = everything(p, mill_text(id));
        mill_alloc_fail_after(0);
        if (st == MILL_OK)
            break;
        assert_int_equal(st, MILL_E_NOMEM);
        assert_true(nth < 10000);
    }
    OK(everything(p, mill_text(id)));
    assert_file("o/d/f", "content");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_experiments, setup, teardown),
        cmocka_unit_test_setup_teardown(test_pages_of_experiments, setup, teardown),
        cmocka_unit_test_setup_teardown(test_runs, setup, teardown),
        cmocka_unit_test_setup_teardown(test_user, setup, teardown),
        cmocka_unit_test_setup_teardown(test_single_calls, setup, teardown),
        cmocka_unit_test_setup_teardown(test_whole_lists, setup, teardown),
        cmocka_unit_test_setup_teardown(test_pages_of_runs, setup, teardown),
        cmocka_unit_test_setup_teardown(test_history, setup, teardown),
        cmocka_unit_test_setup_teardown(test_large_bad_batch, setup, teardown),
        cmocka_unit_test_setup_teardown(test_artifacts, setup, teardown),
        cmocka_unit_test_setup_teardown(test_many_artifacts, setup, teardown),
        cmocka_unit_test_setup_teardown(test_older_structs, setup, teardown),
        cmocka_unit_test_setup_teardown(test_tracking_uri, setup, teardown),
        cmocka_unit_test_setup_teardown(test_opening, setup, teardown),
        cmocka_unit_test_setup_teardown(test_out_of_memory, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
