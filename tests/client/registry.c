/* registry.c - the model registry through the public client.
 *
 *   client_registry KIND URI    on a server, or on sqlite
 *   client_registry sqlite      on a database made for the occasion */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include <millstream/millstream.h>

#include "base/view.h"
#include "place.h"

#define MODEL  mill_text("digits")
#define SOURCE mill_text("s3://bucket/digits")
#define NONE   mill_text(NULL)

/* --- helpers --------------------------------------------------------------------------- */

static int close_client(void **state)
{
    mill_client_delete_model(place_client, MODEL, NULL);
    return place_close(state);
}

static int64_t create_version(struct mill_view name)
{
    struct mill_new_version version = {.size = sizeof(version), .name = name, .source = SOURCE};
    int64_t number = 0;
    place_must(mill_client_create_version(place_client, &version, &number, &place_err));
    return number;
}

static int make_model(void **state)
{
    (void)state;
    place_must(mill_client_create_model(place_client, MODEL, NONE, NULL, 0, &place_err));
    assert_int_equal(create_version(MODEL), 1);
    assert_int_equal(create_version(MODEL), 2);
    return 0;
}

static int delete_model(void **state)
{
    (void)state;
    place_must(mill_client_delete_model(place_client, MODEL, &place_err));
    return 0;
}

static struct mill_model_list *get_model(struct mill_view name)
{
    struct mill_model_list *list = NULL;
    place_must(mill_client_get_model(place_client, name, &list, &place_err));
    assert_int_equal(list->count, 1);
    assert_null(list->next_page_token.ptr);
    return list;
}

static struct mill_version_list *get_version(int64_t version)
{
    struct mill_version_list *list = NULL;
    place_must(mill_client_get_version(place_client, MODEL, version, &list, &place_err));
    assert_int_equal(list->count, 1);
    assert_int_equal(list->items[0]->version, version);
    return list;
}

static enum mill_stage stage_of(int64_t version)
{
    struct mill_version_list *list = get_version(version);
    enum mill_stage stage = list->items[0]->current_stage;
    mill_version_list_free(list);
    return stage;
}

static int64_t version_of_alias(const char *alias)
{
    struct mill_version_list *list = NULL;
    place_must(mill_client_get_version_by_alias(place_client, MODEL, mill_text(alias), &list,
                                                &place_err));
    int64_t version = list->items[0]->version;
    mill_version_list_free(list);
    return version;
}

/* --- registered models ----------------------------------------------------------------- */

static void a_model_is_what_was_asked_for(void **state)
{
    struct mill_tag tags[] = {{mill_text("team"), mill_text("vision")}};
    struct mill_model_list *none = NULL;
    (void)state;
    place_must(mill_client_create_model(place_client, MODEL, mill_text("reads digits"), tags, 1,
                                        &place_err));
    assert_int_equal(mill_client_create_model(place_client, MODEL, NONE, NULL, 0, &place_err),
                     MILL_E_EXISTS);
    struct mill_model_list *list = get_model(MODEL);
    const struct mill_registered_model *model = list->items[0];
    place_assert_view(model->name, "digits");
    place_assert_view(model->description, "reads digits");
    assert_true(model->creation_timestamp > 0);
    assert_int_equal(model->tag_count, 1);
    place_assert_view(model->tags[0].value, "vision");
    assert_int_equal(model->latest_version_count + model->alias_count, 0);
    mill_model_list_free(list);
    delete_model(state);
    assert_int_equal(mill_client_get_model(place_client, MODEL, &none, &place_err),
                     MILL_E_NOT_FOUND);
    assert_null(none);
}

static void a_model_changes(void **state)
{
    (void)state;
    place_must(
        mill_client_update_model(place_client, MODEL, mill_text("new words"), &place_err));
    place_must(mill_client_set_model_tag(place_client, MODEL, mill_text("a"), mill_text("1"),
                                         &place_err));
    place_must(mill_client_set_model_tag(place_client, MODEL, mill_text("b"), mill_text("2"),
                                         &place_err));
    place_must(mill_client_delete_model_tag(place_client, MODEL, mill_text("a"), &place_err));
    place_must(mill_client_delete_model_tag(place_client, MODEL, mill_text("a"), &place_err));
    struct mill_model_list *list = get_model(MODEL);
    place_assert_view(list->items[0]->description, "new words");
    assert_int_equal(list->items[0]->tag_count, 1);
    place_assert_view(list->items[0]->tags[0].key, "b");
    assert_int_equal(list->items[0]->latest_version_count, 1);
    assert_int_equal(list->items[0]->latest_versions[0].version, 2);
    mill_model_list_free(list);
}

static void versions_follow_a_renamed_model(void **state)
{
    struct mill_view new_name = mill_text("figures");
    struct mill_model_list *none = NULL;
    (void)state;
    place_must(mill_client_rename_model(place_client, MODEL, new_name, &place_err));
    assert_int_equal(mill_client_get_model(place_client, MODEL, &none, &place_err),
                     MILL_E_NOT_FOUND);
    assert_int_equal(create_version(new_name), 3);
    place_must(mill_client_create_model(place_client, MODEL, NONE, NULL, 0, &place_err));
    assert_int_equal(mill_client_rename_model(place_client, new_name, MODEL, &place_err),
                     MILL_E_EXISTS);
    place_must(mill_client_delete_model(place_client, new_name, &place_err));
}

/* --- versions -------------------------------------------------------------------------- */

static void a_version_is_what_was_asked_for(void **state)
{
    struct mill_tag tags[] = {{mill_text("score"), mill_text("good")}};
    struct mill_new_version version = {.size = sizeof(version),
                                       .name = MODEL,
                                       .source = SOURCE,
                                       .run_link = mill_text("https://example.com/run"),
                                       .description = mill_text("third"),
                                       .tags = tags,
                                       .tag_count = 1};
    int64_t number = 0;
    (void)state;
    place_must(mill_client_create_version(place_client, &version, &number, &place_err));
    assert_int_equal(number, 3);
    struct mill_version_list *list = get_version(3);
    const struct mill_model_version *v = list->items[0];
    place_assert_view(v->name, "digits");
    place_assert_view(v->source, "s3://bucket/digits");
    place_assert_view(v->run_link, "https://example.com/run");
    place_assert_view(v->description, "third");
    place_assert_view(v->tags[0].value, "good");
    assert_int_equal(v->status, MILL_VERSION_READY);
    assert_int_equal(v->current_stage, MILL_STAGE_NONE);
    mill_version_list_free(list);
    version.name = mill_text("nobody");
    number = 0;
    assert_int_equal(mill_client_create_version(place_client, &version, &number, &place_err),
                     MILL_E_NOT_FOUND);
    assert_int_equal(number, 0);
}

static void a_path_belongs_to_the_run(void **state)
{
    struct mill_new_run run = {.size = sizeof(run)};
    struct mill_run_list *runs = NULL;
    struct mill_new_version version = {
        .size = sizeof(version), .name = MODEL, .source = mill_text("/etc")};
    int64_t number = 0;
    (void)state;
    place_must(mill_client_create_run(place_client, &run, &runs, &place_err));
    assert_int_equal(mill_client_create_version(place_client, &version, &number, &place_err),
                     MILL_E_INVALID);
    version.run_id = runs->items[0]->info.run_id;
    version.source = runs->items[0]->info.artifact_uri;
    place_must(mill_client_create_version(place_client, &version, &number, &place_err));
    struct mill_version_list *list = get_version(number);
    assert_true(mill_view_eq(list->items[0]->run_id, version.run_id));
    mill_version_list_free(list);
    mill_run_list_free(runs);
}

static void a_version_changes(void **state)
{
    struct mill_version_list *none = NULL;
    (void)state;
    place_must(
        mill_client_update_version(place_client, MODEL, 1, mill_text("first"), &place_err));
    place_must(mill_client_set_version_tag(place_client, MODEL, 1, mill_text("a"),
                                           mill_text("1"), &place_err));
    place_must(mill_client_set_version_tag(place_client, MODEL, 1, mill_text("b"),
                                           mill_text("2"), &place_err));
    place_must(
        mill_client_delete_version_tag(place_client, MODEL, 1, mill_text("a"), &place_err));
    struct mill_version_list *list = get_version(1);
    place_assert_view(list->items[0]->description, "first");
    assert_int_equal(list->items[0]->tag_count, 1);
    place_assert_view(list->items[0]->tags[0].key, "b");
    mill_version_list_free(list);
    place_must(mill_client_delete_version(place_client, MODEL, 2, &place_err));
    assert_int_equal(mill_client_get_version(place_client, MODEL, 2, &none, &place_err),
                     MILL_E_NOT_FOUND);
    assert_null(none);
    assert_int_equal(create_version(MODEL), 3);
}

static void stages_archive_each_other(void **state)
{
    (void)state;
    place_must(mill_client_set_version_stage(place_client, MODEL, 1, MILL_STAGE_PRODUCTION,
                                             false, &place_err));
    place_must(mill_client_set_version_stage(place_client, MODEL, 2, MILL_STAGE_PRODUCTION,
                                             true, &place_err));
    assert_int_equal(stage_of(1), MILL_STAGE_ARCHIVED);
    assert_int_equal(stage_of(2), MILL_STAGE_PRODUCTION);
    assert_int_equal(mill_client_set_version_stage(place_client, MODEL, 2, MILL_STAGE_ARCHIVED,
                                                   true, &place_err),
                     MILL_E_INVALID);
}

static void aliases_move(void **state)
{
    struct mill_version_list *none = NULL;
    (void)state;
    place_must(
        mill_client_set_model_alias(place_client, MODEL, mill_text("champion"), 1, &place_err));
    assert_int_equal(version_of_alias("champion"), 1);
    place_must(
        mill_client_set_model_alias(place_client, MODEL, mill_text("champion"), 2, &place_err));
    assert_int_equal(version_of_alias("champion"), 2);
    assert_int_equal(version_of_alias("latest"), 2);
    struct mill_version_list *list = get_version(2);
    assert_int_equal(list->items[0]->alias_count, 1);
    place_assert_view(list->items[0]->aliases[0], "champion");
    mill_version_list_free(list);
    place_must(
        mill_client_delete_model_alias(place_client, MODEL, mill_text("champion"), &place_err));
    place_must(
        mill_client_delete_model_alias(place_client, MODEL, mill_text("champion"), &place_err));
    assert_int_equal(mill_client_get_version_by_alias(place_client, MODEL,
                                                      mill_text("champion"), &none, &place_err),
                     MILL_E_INVALID);
    assert_null(none);
}

static void a_location_may_be_cut(void **state)
{
    char whole[100], part[5];
    size_t length = 0;
    (void)state;
    place_must(mill_client_version_uri(place_client, MODEL, 1, NULL, 0, &length, &place_err));
    assert_int_equal(length, SOURCE.len);
    place_must(mill_client_version_uri(place_client, MODEL, 1, whole, sizeof(whole), &length,
                                       &place_err));
    assert_string_equal(whole, "s3://bucket/digits");
    place_must(mill_client_version_uri(place_client, MODEL, 1, part, sizeof(part), &length,
                                       &place_err));
    assert_string_equal(part, "s3:/");
    assert_int_equal(length, SOURCE.len);
}

/* --- searches -------------------------------------------------------------------------- */

static void models_are_found_page_by_page(void **state)
{
    struct mill_view order = mill_text("name DESC");
    struct mill_model_query query = {.size = sizeof(query),
                                     .filter = mill_text("name ILIKE 'DIGITS%'"),
                                     .order_by = &order,
                                     .order_by_count = 1,
                                     .max_results = 1};
    struct mill_model_list *first = NULL, *last = NULL;
    (void)state;
    place_must(mill_client_create_model(place_client, mill_text("digits 2"), NONE, NULL, 0,
                                        &place_err));
    place_must(mill_client_search_models(place_client, &query, &first, &place_err));
    assert_int_equal(first->count, 1);
    place_assert_view(first->items[0]->name, "digits 2");
    assert_true(first->next_page_token.len > 0);
    query.page_token = first->next_page_token;
    place_must(mill_client_search_models(place_client, &query, &last, &place_err));
    assert_int_equal(last->count, 1);
    place_assert_view(last->items[0]->name, "digits");
    assert_null(last->next_page_token.ptr);
    mill_model_list_free(first);
    mill_model_list_free(last);
    last = NULL;
    place_must(mill_client_delete_model(place_client, mill_text("digits 2"), &place_err));
    query.page_token = NONE;
    query.filter = mill_text("size > 1");
    assert_int_equal(mill_client_search_models(place_client, &query, &last, &place_err),
                     MILL_E_INVALID);
    assert_null(last);
}

static void versions_are_found_page_by_page(void **state)
{
    struct mill_view order = mill_text("version_number ASC");
    struct mill_model_query query = {.size = sizeof(query),
                                     .filter = mill_text("name = 'digits'"),
                                     .order_by = &order,
                                     .order_by_count = 1,
                                     .max_results = 1};
    struct mill_version_list *list = NULL;
    (void)state;
    place_must(mill_client_search_versions(place_client, &query, &list, &place_err));
    assert_int_equal(list->count, 1);
    assert_int_equal(list->items[0]->version, 1);
    assert_true(list->next_page_token.len > 0);
    mill_version_list_free(list);
    query = (struct mill_model_query){.size = sizeof(query),
                                      .filter = mill_text("source_path LIKE 's3://bucket/d%'")};
    place_must(mill_client_search_versions(place_client, &query, &list, &place_err));
    assert_int_equal(list->count, 2);
    assert_null(list->next_page_token.ptr);
    mill_version_list_free(list);
}

/* --- the program ----------------------------------------------------------------------- */

#define WITH_MODEL(test) cmocka_unit_test_setup_teardown(test, make_model, delete_model)

static int run(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_model_is_what_was_asked_for),
        WITH_MODEL(a_model_changes),
        WITH_MODEL(versions_follow_a_renamed_model),
        WITH_MODEL(a_version_is_what_was_asked_for),
        WITH_MODEL(a_path_belongs_to_the_run),
        WITH_MODEL(a_version_changes),
        WITH_MODEL(stages_archive_each_other),
        WITH_MODEL(aliases_move),
        WITH_MODEL(a_location_may_be_cut),
        WITH_MODEL(models_are_found_page_by_page),
        WITH_MODEL(versions_are_found_page_by_page),
    };
    return cmocka_run_group_tests(tests, place_open, close_client);
}

int main(int argc, char **argv)
{
    return place_main(argc, argv, run);
}
