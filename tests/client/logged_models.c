/* logged_models.c - logged models, and files by URI, through the public client.
 *
 *   client_logged_models KIND URI    on a server, or on sqlite
 *   client_logged_models sqlite      on a database made for the occasion */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include <millstream/millstream.h>

#include "base/view.h"
#include "place.h"

#define NONE mill_text(NULL)

/* What the tests work on: an experiment with a run and a model "digits" of that run. */
static int64_t experiment_id;
static char run_id_text[40], model_id_text[80];
static struct mill_view run_id, model_id;

static const struct mill_tag some_tags[] = {{{"team", 4}, {"vision", 6}}};
static const struct mill_param some_params[] = {{{"depth", 5}, {"5", 1}}};

/* --- helpers --------------------------------------------------------------------------- */

static void keep(char *text, size_t size, struct mill_view from, struct mill_view *out)
{
    snprintf(text, size, "%.*s", (int)from.len, from.ptr);
    *out = mill_text(text);
}

static struct mill_logged_model_list *create(const char *name)
{
    struct mill_new_logged_model model = {.size = sizeof(model),
                                          .experiment_id = experiment_id,
                                          .name = mill_text(name),
                                          .model_type = mill_text("tree"),
                                          .source_run_id = run_id,
                                          .params = some_params,
                                          .param_count = 1,
                                          .tags = some_tags,
                                          .tag_count = 1};
    struct mill_logged_model_list *list = NULL;
    place_must(mill_client_create_logged_model(place_client, &model, &list, &place_err));
    assert_int_equal(list->count, 1);
    return list;
}

static int make_model(void **state)
{
    static int made;
    char name[40];
    struct mill_new_run run = {.size = sizeof(run)};
    struct mill_run_list *runs = NULL;
    (void)state;
    snprintf(name, sizeof(name), "logged models %d", ++made);
    place_must(mill_client_create_experiment(place_client, mill_text(name), NONE, NULL, 0,
                                             &experiment_id, &place_err));
    run.experiment_id = experiment_id;
    place_must(mill_client_create_run(place_client, &run, &runs, &place_err));
    keep(run_id_text, sizeof(run_id_text), runs->items[0]->info.run_id, &run_id);
    mill_run_list_free(runs);
    struct mill_logged_model_list *list = create("digits");
    keep(model_id_text, sizeof(model_id_text), list->items[0]->model_id, &model_id);
    mill_logged_model_list_free(list);
    return 0;
}

static struct mill_logged_model_list *get(void)
{
    struct mill_logged_model_list *list = NULL;
    place_must(mill_client_get_logged_model(place_client, model_id, &list, &place_err));
    assert_int_equal(list->count, 1);
    assert_null(list->next_page_token.ptr);
    return list;
}

static void measure(const char *key, double value, const char *dataset)
{
    struct mill_metric_link link = {model_id, mill_text(dataset),
                                    mill_text(dataset != NULL ? "d1" : NULL)};
    struct mill_metric metric = {mill_text(key), value, 1000, 1, &link};
    struct mill_batch batch = {.size = sizeof(batch), .metrics = &metric, .metric_count = 1};
    place_must(mill_client_log_batch(place_client, run_id, &batch, &place_err));
}

/* The names that a search finds, with '+' when there are more. */
static const char *search(struct mill_logged_model_query query)
{
    static char found[200];
    struct mill_logged_model_list *list = NULL;
    query.size = sizeof(query);
    query.experiment_ids = &experiment_id;
    query.experiment_count = 1;
    place_must(mill_client_search_logged_models(place_client, &query, &list, &place_err));
    found[0] = '\0';
    for (size_t i = 0; i < list->count; i++) {
        size_t len = strlen(found);
        snprintf(found + len, sizeof(found) - len, "%s%.*s", i > 0 ? " " : "",
                 (int)list->items[i]->name.len, list->items[i]->name.ptr);
    }
    if (list->next_page_token.len > 0)
        strcat(found, "+");
    mill_logged_model_list_free(list);
    return found;
}

/* --- models ---------------------------------------------------------------------------- */

static void a_model_is_what_was_asked_for(void **state)
{
    (void)state;
    struct mill_logged_model_list *list = get();
    const struct mill_logged_model *model = list->items[0];
    place_assert_view(model->name, "digits");
    place_assert_view(model->model_type, "tree");
    assert_true(mill_view_eq(model->source_run_id, run_id));
    assert_int_equal(model->experiment_id, experiment_id);
    assert_int_equal(model->status, MILL_LOGGED_MODEL_PENDING);
    assert_int_equal(model->tag_count, 1);
    place_assert_view(model->tags[0].value, "vision");
    assert_int_equal(model->param_count, 1);
    place_assert_view(model->params[0].value, "5");
    assert_true(model->creation_time > 0 && model->artifact_uri.len > 0);
    mill_logged_model_list_free(list);
}

static void what_cannot_be_is_refused(void **state)
{
    struct mill_new_logged_model model = {
        .size = sizeof(model), .experiment_id = experiment_id, .name = mill_text("a/b")};
    struct mill_logged_model_list *none = NULL;
    (void)state;
    assert_int_equal(mill_client_create_logged_model(place_client, &model, &none, &place_err),
                     MILL_E_INVALID);
    assert_int_equal(
        mill_client_get_logged_model(place_client, mill_text("m-none"), &none, &place_err),
        MILL_E_NOT_FOUND);
    assert_null(none);
}

static void a_model_becomes_ready(void **state)
{
    (void)state;
    place_must(mill_client_finalize_logged_model(place_client, model_id,
                                                 MILL_LOGGED_MODEL_READY, &place_err));
    struct mill_logged_model_list *list = get();
    assert_int_equal(list->items[0]->status, MILL_LOGGED_MODEL_READY);
    mill_logged_model_list_free(list);
}

static void a_deleted_model_is_gone(void **state)
{
    struct mill_logged_model_list *none = NULL;
    (void)state;
    place_must(mill_client_delete_logged_model(place_client, model_id, &place_err));
    assert_int_equal(mill_client_get_logged_model(place_client, model_id, &none, &place_err),
                     MILL_E_NOT_FOUND);
    assert_string_equal(search((struct mill_logged_model_query){0}), "");
}

static void tags_change(void **state)
{
    struct mill_tag tags[] = {{mill_text("team"), mill_text("sound")},
                              {mill_text("a key"), mill_text("1")}};
    (void)state;
    place_must(mill_client_set_logged_model_tags(place_client, model_id, tags, 2, &place_err));
    place_must(
        mill_client_delete_logged_model_tag(place_client, model_id, tags[1].key, &place_err));
    assert_int_equal(
        mill_client_delete_logged_model_tag(place_client, model_id, tags[1].key, &place_err),
        MILL_E_NOT_FOUND);
    struct mill_logged_model_list *list = get();
    assert_int_equal(list->items[0]->tag_count, 1);
    place_assert_view(list->items[0]->tags[0].value, "sound");
    mill_logged_model_list_free(list);
}

/* More than one request carries, at creation and later. */
static void many_params_go_in_parts(void **state)
{
    enum { MANY = 250 };
    static char keys[MANY][20];
    struct mill_param params[MANY];
    struct mill_new_logged_model model = {.size = sizeof(model),
                                          .experiment_id = experiment_id,
                                          .params = params,
                                          .param_count = MANY};
    struct mill_logged_model_list *list = NULL;
    (void)state;
    for (int i = 0; i < MANY; i++) {
        snprintf(keys[i], sizeof(keys[i]), "param %03d", i);
        params[i] = (struct mill_param){mill_text(keys[i]), mill_text("x")};
    }
    place_must(mill_client_create_logged_model(place_client, &model, &list, &place_err));
    assert_int_equal(list->items[0]->param_count, MANY);
    assert_true(list->items[0]->name.len > 0); /* made up */
    mill_logged_model_list_free(list);
    place_must(
        mill_client_log_logged_model_params(place_client, model_id, params, MANY, &place_err));
    list = get();
    assert_int_equal(list->items[0]->param_count, MANY + 1);
    mill_logged_model_list_free(list);
    params[MANY - 1].key = mill_text(NULL);
    params[0].key = mill_text("new");
    assert_int_equal(
        mill_client_log_logged_model_params(place_client, model_id, params, MANY, &place_err),
        MILL_E_INVALID);
    list = get(); /* nothing was sent */
    assert_int_equal(list->items[0]->param_count, MANY + 1);
    mill_logged_model_list_free(list);
}

static void metrics_point_to_a_model(void **state)
{
    struct mill_model_output output = {model_id, 3};
    struct mill_run_list *runs = NULL;
    (void)state;
    measure("acc", 0.75, "mnist");
    measure("loss", 2, NULL);
    place_must(mill_client_log_outputs(place_client, run_id, &output, 1, &place_err));
    struct mill_logged_model_list *list = get();
    assert_int_equal(list->items[0]->metric_count, 2);
    const struct mill_logged_model_metric *acc = &list->items[0]->metrics[0];
    place_assert_view(acc->key, "acc");
    assert_true(acc->value == 0.75);
    assert_int_equal(acc->step, 1);
    assert_int_equal(acc->timestamp, 1000);
    place_assert_view(acc->dataset_name, "mnist");
    place_assert_view(acc->dataset_digest, "d1");
    assert_true(mill_view_eq(acc->run_id, run_id));
    assert_int_equal(list->items[0]->metrics[1].dataset_name.len, 0);
    mill_logged_model_list_free(list);
    place_must(mill_client_get_run(place_client, run_id, &runs, &place_err));
    assert_int_equal(runs->items[0]->model_output_count, 1);
    assert_true(mill_view_eq(runs->items[0]->model_outputs[0].model_id, model_id));
    mill_run_list_free(runs);
}

/* --- searches -------------------------------------------------------------------------- */

static void models_are_found(void **state)
{
    struct mill_dataset_filter mnist = {mill_text("mnist"), mill_text("d1")},
                               other = {mill_text("mnist"), mill_text("d2")};
    (void)state;
    measure("acc", 0.75, "mnist");
    mill_logged_model_list_free(create("letters"));
#define FIND(...) search((struct mill_logged_model_query){__VA_ARGS__})
    assert_string_equal(FIND(.filter = mill_text("name = 'digits'")), "digits");
    assert_string_equal(FIND(.filter = mill_text("metrics.acc > 0.7")), "digits");
    assert_string_equal(FIND(.filter = mill_text("params.depth = '5' AND tags.team = 'x'")),
                        "");
    assert_string_equal(
        FIND(.filter = mill_text("metrics.acc > 0.7"), .datasets = &mnist, .dataset_count = 1),
        "digits");
    assert_string_equal(
        FIND(.filter = mill_text("metrics.acc > 0.7"), .datasets = &other, .dataset_count = 1),
        "");
    struct mill_logged_model_query query = {.size = sizeof(query),
                                            .experiment_ids = &experiment_id,
                                            .experiment_count = 1,
                                            .filter = mill_text("size > 1")};
    struct mill_logged_model_list *none = NULL;
    assert_int_equal(mill_client_search_logged_models(place_client, &query, &none, &place_err),
                     MILL_E_INVALID);
    assert_null(none);
}

static void models_are_ordered(void **state)
{
    struct mill_model_order by_name = {.field_name = mill_text("name")},
                            by_acc = {.field_name = mill_text("metrics.acc"),
                                      .descending = true,
                                      .dataset_name = mill_text("mnist"),
                                      .dataset_digest = mill_text("d1")};
    (void)state;
    mill_logged_model_list_free(create("letters"));
    measure("acc", 0.75, "mnist");
    assert_string_equal(FIND(.order_by = &by_name, .order_by_count = 1), "digits letters");
    by_name.descending = true;
    assert_string_equal(FIND(.order_by = &by_name, .order_by_count = 1), "letters digits");
    assert_string_equal(FIND(.order_by = &by_acc, .order_by_count = 1), "digits letters");
}

static void models_come_page_by_page(void **state)
{
    struct mill_model_order by_name = {.field_name = mill_text("name")};
    struct mill_logged_model_query query = {.size = sizeof(query),
                                            .experiment_ids = &experiment_id,
                                            .experiment_count = 1,
                                            .order_by = &by_name,
                                            .order_by_count = 1,
                                            .max_results = 1};
    struct mill_logged_model_list *first = NULL;
    (void)state;
    mill_logged_model_list_free(create("letters"));
    assert_string_equal(search(query), "digits+");
    place_must(mill_client_search_logged_models(place_client, &query, &first, &place_err));
    query.page_token = first->next_page_token;
    assert_string_equal(search(query), "letters");
    mill_logged_model_list_free(first);
}

/* --- files ----------------------------------------------------------------------------- */

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0 && fclose(file) == 0);
}

static void expect_file(const char *path, const char *text)
{
    char found[100] = "";
    FILE *file = fopen(path, "r");
    if (file == NULL)
        fail_msg("there is no %s", path);
    assert_non_null(fgets(found, sizeof(found), file));
    fclose(file);
    assert_string_equal(found, text);
}

/* The model gets MLmodel and data/weights. */
static int make_files(void **state)
{
    make_model(state);
    mkdir("model", 0777);
    mkdir("model/data", 0777);
    write_file("model/MLmodel", "what it is");
    write_file("model/data/weights", "1 2 3");
    place_must(mill_client_log_logged_model_artifacts(
        place_client, model_id, mill_text("model"), NONE, NULL, &place_err));
    return 0;
}

static int remove_files(void **state)
{
    (void)state;
    return system("rm -rf model fetched");
}

/* The paths of a list, each behind a space. */
static const char *paths_of(struct mill_file_list *list)
{
    static char paths[200];
    paths[0] = '\0';
    for (size_t i = 0; i < list->count; i++) {
        size_t len = strlen(paths);
        snprintf(paths + len, sizeof(paths) - len, " %.*s", (int)list->items[i]->path.len,
                 list->items[i]->path.ptr);
    }
    mill_file_list_free(list);
    return paths;
}

static const char *list_uri(const char *uri)
{
    struct mill_file_list *list = NULL;
    place_must(mill_client_list_uri(place_client, mill_text(uri), &list, &place_err));
    return paths_of(list);
}

static void download_uri(const char *uri, const char *expected)
{
    char where[200];
    place_must(mill_client_download_uri(place_client, mill_text(uri), mill_text("fetched"),
                                        NULL, where, sizeof(where), NULL, &place_err));
    assert_string_equal(where, expected);
}

static void a_model_has_files_of_its_own(void **state)
{
    struct mill_file_list *list = NULL;
    (void)state;
    place_must(mill_client_log_logged_model_artifact(place_client, model_id,
                                                     mill_text("model/MLmodel"),
                                                     mill_text("more"), NULL, &place_err));
    place_must(mill_client_list_logged_model_artifacts(place_client, model_id, NONE, &list,
                                                       &place_err));
    assert_string_equal(paths_of(list), " MLmodel data more");
    list = NULL;
    place_must(mill_client_list_logged_model_artifacts(place_client, model_id,
                                                       mill_text("data"), &list, &place_err));
    assert_string_equal(paths_of(list), " data/weights");
    place_must(mill_client_download_logged_model_artifacts(
        place_client, model_id, NONE, mill_text("fetched"), NULL, &place_err));
    expect_file("fetched/more/MLmodel", "what it is");
    expect_file("fetched/data/weights", "1 2 3");
    list = NULL;
    place_must(mill_client_list_artifacts(place_client, run_id, NONE, &list, &place_err));
    assert_string_equal(paths_of(list), ""); /* not of the run */
}

static void files_are_found_by_uri_of_the_model(void **state)
{
    char uri[200];
    (void)state;
    snprintf(uri, sizeof(uri), "models:/%s", model_id_text);
    assert_string_equal(list_uri(uri), " MLmodel data");
    download_uri(uri, "fetched");
    expect_file("fetched/MLmodel", "what it is");
    snprintf(uri, sizeof(uri), "models:/%s/data/", model_id_text);
    assert_string_equal(list_uri(uri), " data/weights");
    download_uri(uri, "fetched/data");
    expect_file("fetched/data/weights", "1 2 3");
}

static void files_are_found_by_uri_of_the_run(void **state)
{
    char uri[200];
    (void)state;
    snprintf(uri, sizeof(uri), "runs:/%s/digits", run_id_text);
    assert_string_equal(list_uri(uri), " digits/MLmodel digits/data");
    download_uri(uri, "fetched/digits");
    expect_file("fetched/digits/MLmodel", "what it is");
    /* files of the run at that path are there as well; the model's win */
    write_file("model/MLmodel", "of the run");
    write_file("model/notes", "notes");
    place_must(mill_client_log_artifacts(place_client, run_id, mill_text("model"),
                                         mill_text("digits"), NULL, &place_err));
    download_uri(uri, "fetched/digits");
    expect_file("fetched/digits/MLmodel", "what it is");
    expect_file("fetched/digits/notes", "notes");
    snprintf(uri, sizeof(uri), "runs:/%s/digits/notes", run_id_text);
    download_uri(uri, "fetched/notes");
    expect_file("fetched/notes", "notes");
    snprintf(uri, sizeof(uri), "runs:/%s/digits/data/weights", run_id_text);
    download_uri(uri, "fetched/weights");
    expect_file("fetched/weights", "1 2 3");
    snprintf(uri, sizeof(uri), "runs:/%s/nothing", run_id_text);
    assert_int_equal(mill_client_download_uri(place_client, mill_text(uri),
                                              mill_text("fetched"), NULL, NULL, 0, NULL,
                                              &place_err),
                     MILL_E_NOT_FOUND);
}

static void register_version(const char *name)
{
    char source[200];
    int64_t number = 0;
    snprintf(source, sizeof(source), "models:/%s", model_id_text);
    struct mill_new_version version = {.size = sizeof(version),
                                       .name = mill_text(name),
                                       .source = mill_text(source),
                                       .run_id = run_id,
                                       .model_id = model_id};
    place_must(mill_client_create_model(place_client, version.name, NONE, NULL, 0, &place_err));
    place_must(mill_client_create_version(place_client, &version, &number, &place_err));
    assert_int_equal(number, 1);
}

static void files_are_found_by_uri_of_a_version(void **state)
{
    static const char *const whole[] = {
        "models:/logged digits/1", "models:/logged digits/latest", "models:/logged digits@best",
        "models:/logged digits/production"};
    struct mill_view name = mill_text("logged digits");
    (void)state;
    register_version("logged digits");
    place_must(
        mill_client_set_model_alias(place_client, name, mill_text("best"), 1, &place_err));
    place_must(mill_client_set_version_stage(place_client, name, 1, MILL_STAGE_PRODUCTION,
                                             false, &place_err));
    for (size_t i = 0; i < sizeof(whole) / sizeof(whole[0]); i++) {
        assert_string_equal(list_uri(whole[i]), " MLmodel data");
        download_uri(whole[i], "fetched");
        expect_file("fetched/data/weights", "1 2 3");
        remove_files(state);
    }
    download_uri("models:/logged digits@best/data/weights", "fetched/weights");
    expect_file("fetched/weights", "1 2 3");
    static const struct {
        const char *uri;
        enum mill_status status;
    } refused[] = {
        {"models:/logged digits/2", MILL_E_NOT_FOUND},
        {"models:/logged digits/staging", MILL_E_NOT_FOUND},
        {"models:/logged digits@worst", MILL_E_INVALID},
        {"models:/logged digits/canary", MILL_E_INVALID},
        {"models:logged digits/1", MILL_E_INVALID},
        {"models:/m-nothing", MILL_E_NOT_FOUND},
    };
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
        assert_int_equal(mill_client_download_uri(place_client, mill_text(refused[i].uri),
                                                  mill_text("fetched"), NULL, NULL, 0, NULL,
                                                  &place_err),
                         refused[i].status);
    place_must(mill_client_delete_model(place_client, name, &place_err));
}

static void files_are_found_by_location(void **state)
{
    char uri[300];
    (void)state;
    struct mill_logged_model_list *list = get();
    snprintf(uri, sizeof(uri), "%.*s/data", (int)list->items[0]->artifact_uri.len,
             list->items[0]->artifact_uri.ptr);
    mill_logged_model_list_free(list);
    assert_string_equal(list_uri(uri), " data/weights");
    download_uri(uri, "fetched/data");
    expect_file("fetched/data/weights", "1 2 3");
    remove_files(state);
    mkdir("model", 0777);
    write_file("model/local", "here");
    assert_string_equal(list_uri("model"), " model/local");
    download_uri("model/local", "fetched/local");
    expect_file("fetched/local", "here");
}

/* --- the program ----------------------------------------------------------------------- */

#define WITH_MODEL(test) cmocka_unit_test_setup(test, make_model)
#define WITH_FILES(test) cmocka_unit_test_setup_teardown(test, make_files, remove_files)

static int run(void)
{
    const struct CMUnitTest tests[] = {
        WITH_MODEL(a_model_is_what_was_asked_for),
        WITH_MODEL(what_cannot_be_is_refused),
        WITH_MODEL(a_model_becomes_ready),
        WITH_MODEL(a_deleted_model_is_gone),
        WITH_MODEL(tags_change),
        WITH_MODEL(many_params_go_in_parts),
        WITH_MODEL(metrics_point_to_a_model),
        WITH_MODEL(models_are_found),
        WITH_MODEL(models_are_ordered),
        WITH_MODEL(models_come_page_by_page),
        WITH_FILES(a_model_has_files_of_its_own),
        WITH_FILES(files_are_found_by_uri_of_the_model),
        WITH_FILES(files_are_found_by_uri_of_the_run),
        WITH_FILES(files_are_found_by_uri_of_a_version),
        WITH_FILES(files_are_found_by_location),
    };
    return cmocka_run_group_tests(tests, place_open, place_close);
}

int main(int argc, char **argv)
{
    return place_main(argc, argv, run);
}
