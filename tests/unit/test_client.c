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

#include <millstream/client.h>

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
            fail_msg("%s: %s", mill_status_info(status_)->name, p->err.message);               \
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
    OK(mill_client_upload_artifacts(c, mill_text(id), mill_text("tree"), mill_text("up/x"),
                                    NULL, &p->err));
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

    struct mill_transfer_options options = {
        .size = sizeof(options), .progress = give_up, .context = &calls};
    assert_int_equal(mill_client_download_artifacts(c, mill_text(id), none, mill_text("part"),
                                                    &options, &p->err),
                     MILL_E_CANCELLED);
    assert_true(calls > 0);
    assert_int_equal(access("part/up/x/below/b", F_OK), -1);
    assert_int_equal(mill_client_upload_artifacts(c, mill_text(id), mill_text("tree"), none,
                                                  &options, &p->err),
                     MILL_E_CANCELLED);
    assert_int_equal(
        mill_client_list_artifacts(c, mill_text(id), mill_text("../x"), &list, &p->err),
        MILL_E_INVALID);
}

/* --- opening --------------------------------------------------------------------------- */

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
    assert_int_equal(mill_client_upload_artifacts(other, mill_text(run), mill_text("x"),
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
        st = mill_client_upload_artifacts(p->client, run_id, mill_text("f"), mill_text("d"),
                                          NULL, &p->err);
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
        cmocka_unit_test_setup_teardown(test_pages_of_runs, setup, teardown),
        cmocka_unit_test_setup_teardown(test_history, setup, teardown),
        cmocka_unit_test_setup_teardown(test_artifacts, setup, teardown),
        cmocka_unit_test_setup_teardown(test_opening, setup, teardown),
        cmocka_unit_test_setup_teardown(test_out_of_memory, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
