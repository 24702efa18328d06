/* eval_datasets.c - evaluation datasets through the public client.
 *
 *   client_eval_datasets KIND URI    on a server, or on sqlite
 *   client_eval_datasets sqlite      on a database made for the occasion */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <millstream/millstream.h>

#include "base/view.h"
#include "place.h"

#define NONE mill_text(NULL)

static char id_text[80];
static struct mill_view id; /* of the dataset of a test */

/* --- helpers --------------------------------------------------------------------------- */

static int make_dataset(void **state)
{
    struct mill_tag tags[] = {{mill_text("team"), mill_text("red")},
                              {mill_text("mlflow.user"), mill_text("ada")}};
    struct mill_new_eval_dataset dataset = {
        .size = sizeof(dataset), .name = mill_text("qa"), .tags = tags, .tag_count = 2};
    struct mill_eval_dataset_list *list = NULL;
    (void)state;
    place_must(mill_client_create_eval_dataset(place_client, &dataset, &list, &place_err));
    assert_int_equal(list->count, 1);
    snprintf(id_text, sizeof(id_text), "%.*s", MILL_FMT(list->items[0]->dataset_id));
    id = mill_text(id_text);
    mill_eval_dataset_list_free(list);
    return 0;
}

static int delete_dataset(void **state)
{
    (void)state;
    place_must(mill_client_delete_eval_dataset(place_client, id, &place_err));
    return 0;
}

static struct mill_eval_dataset_list *get(void)
{
    struct mill_eval_dataset_list *list = NULL;
    place_must(mill_client_get_eval_dataset(place_client, id, &list, &place_err));
    assert_int_equal(list->count, 1);
    return list;
}

static struct mill_view tag_of(const struct mill_eval_dataset_list *list, const char *key)
{
    for (size_t i = 0; i < list->items[0]->tag_count; i++)
        if (mill_view_eq(list->items[0]->tags[i].key, mill_text(key)))
            return list->items[0]->tags[i].value;
    return NONE;
}

static struct mill_eval_record_list *records(void)
{
    struct mill_eval_record_list *list = NULL;
    place_must(mill_client_list_eval_records(place_client, id, 0, NONE, &list, &place_err));
    return list;
}

static void merge(const char *text, int64_t inserted, int64_t updated)
{
    int64_t in = -1, up = -1;
    place_must(mill_client_merge_eval_records(place_client, id, mill_text(text), &in, &up,
                                              &place_err));
    assert_int_equal(in, inserted);
    assert_int_equal(up, updated);
}

/* JSON whose white space is each server's own. */
static void assert_json(struct mill_view json, const char *without_spaces)
{
    char text[200];
    size_t n = 0;
    for (size_t i = 0; i < json.len && n + 1 < sizeof(text); i++)
        if (json.ptr[i] != ' ')
            text[n++] = json.ptr[i];
    text[n] = '\0';
    assert_string_equal(text, without_spaces);
}

/* --- datasets -------------------------------------------------------------------------- */

static void a_dataset_is_what_was_asked_for(void **state)
{
    struct mill_eval_dataset_list *list = get(), *none = NULL;
    const struct mill_eval_dataset *d = list->items[0];
    (void)state;
    place_assert_view(d->name, "qa");
    place_assert_view(d->created_by, "ada");
    assert_true(d->created_time > 0);
    assert_true(d->digest.len > 0);
    assert_null(d->schema.ptr);
    assert_int_equal(d->tag_count, 2);
    place_assert_view(tag_of(list, "team"), "red");
    mill_eval_dataset_list_free(list);
    assert_int_equal(
        mill_client_get_eval_dataset(place_client, mill_text("d-nobody"), &none, &place_err),
        MILL_E_NOT_FOUND);
    assert_null(none);
}

static void tags_come_and_go(void **state)
{
    struct mill_view key = mill_text("color");
    (void)state;
    place_must(mill_client_set_eval_dataset_tag(place_client, id, key, mill_text("\"blue\""),
                                                &place_err));
    struct mill_eval_dataset_list *list = get();
    assert_int_equal(list->items[0]->tag_count, 3);
    place_assert_view(tag_of(list, "color"), "\"blue\"");
    mill_eval_dataset_list_free(list);
    place_must(mill_client_delete_eval_dataset_tag(place_client, id, key, &place_err));
    list = get();
    assert_int_equal(list->items[0]->tag_count, 2);
    mill_eval_dataset_list_free(list);
    assert_int_equal(mill_client_set_eval_dataset_tag(place_client, mill_text("d-nobody"), key,
                                                      key, &place_err),
                     MILL_E_NOT_FOUND);
}

static size_t count_in(const int64_t *experiment_id)
{
    struct mill_eval_dataset_query query = {.size = sizeof(query),
                                            .experiment_ids = experiment_id,
                                            .experiment_count = 1,
                                            .filter = mill_text("name = 'qa'")};
    struct mill_eval_dataset_list *list = NULL;
    place_must(mill_client_search_eval_datasets(place_client, &query, &list, &place_err));
    size_t count = list->count;
    mill_eval_dataset_list_free(list);
    return count;
}

static void datasets_are_linked_to_experiments(void **state)
{
    int64_t experiment = 0, found[2] = {0, 0}, unknown = 987654321;
    size_t count = 9;
    char name[100];
    (void)state;
    snprintf(name, sizeof(name), "of %s", id_text);
    place_must(mill_client_create_experiment(place_client, mill_text(name), NONE, NULL, 0,
                                             &experiment, &place_err));
    assert_int_equal(count_in(&experiment), 0);
    place_must(mill_client_link_eval_dataset(place_client, id, &experiment, 1, &place_err));
    place_must(mill_client_link_eval_dataset(place_client, id, &experiment, 1, &place_err));
    assert_int_equal(count_in(&experiment), 1);
    place_must(
        mill_client_eval_dataset_experiments(place_client, id, found, 2, &count, &place_err));
    assert_int_equal(count, 1);
    assert_int_equal(found[0], experiment);
    place_must(mill_client_unlink_eval_dataset(place_client, id, &experiment, 1, &place_err));
    place_must(
        mill_client_eval_dataset_experiments(place_client, id, NULL, 0, &count, &place_err));
    assert_int_equal(count, 0);
    assert_int_equal(mill_client_link_eval_dataset(place_client, id, &unknown, 1, &place_err),
                     MILL_E_NOT_FOUND);
    place_must(mill_client_delete_experiment(place_client, experiment, &place_err));
}

static void datasets_are_found_page_by_page(void **state)
{
    char first_id[80];
    struct mill_view order = mill_text("created_time DESC");
    struct mill_eval_dataset_query query = {.size = sizeof(query),
                                            .filter = mill_text("tags.team = 'red'"),
                                            .order_by = &order,
                                            .order_by_count = 1,
                                            .max_results = 1};
    struct mill_eval_dataset_list *first = NULL, *last = NULL;
    snprintf(first_id, sizeof(first_id), "%s", id_text);
    make_dataset(state);
    place_must(mill_client_search_eval_datasets(place_client, &query, &first, &place_err));
    assert_int_equal(first->count, 1);
    query.page_token = first->next_page_token;
    place_must(mill_client_search_eval_datasets(place_client, &query, &last, &place_err));
    assert_int_equal(last->count, 1);
    assert_null(last->next_page_token.ptr);
    assert_false(mill_view_eq(first->items[0]->dataset_id, last->items[0]->dataset_id));
    mill_eval_dataset_list_free(first);
    mill_eval_dataset_list_free(last);
    last = NULL;
    delete_dataset(state);
    snprintf(id_text, sizeof(id_text), "%s", first_id);
    id = mill_text(id_text);
    query = (struct mill_eval_dataset_query){.size = sizeof(query),
                                             .filter = mill_text("size > 1")};
    assert_int_equal(mill_client_search_eval_datasets(place_client, &query, &last, &place_err),
                     MILL_E_INVALID);
    assert_null(last);
}

/* --- records --------------------------------------------------------------------------- */

static void a_record_is_what_was_added(void **state)
{
    (void)state;
    merge("[{\"inputs\": {\"q\": \"2+2\"}, \"outputs\": \"five\","
          " \"expectations\": {\"a\": 4}, \"tags\": {\"mlflow.user\": \"bob\"}},"
          " {\"inputs\": {\"q\": \"\\u00e9\"}}]",
          2, 0);
    struct mill_eval_record_list *list = records();
    assert_int_equal(list->count, 2);
    bool in_order = list->items[0]->expectations.ptr != NULL; /* the original has none */
    const struct mill_eval_record *r = list->items[in_order ? 0 : 1];
    assert_true(r->record_id.len > 0);
    assert_json(r->inputs, "{\"q\":\"2+2\"}");
    assert_json(r->outputs, "\"five\"");
    assert_json(r->expectations, "{\"a\":4}");
    assert_json(r->tags, "{\"mlflow.user\":\"bob\"}");
    place_assert_view(r->source_type, "HUMAN");
    place_assert_view(r->created_by, "bob");
    assert_true(r->created_time > 0);
    r = list->items[in_order ? 1 : 0];
    assert_null(r->expectations.ptr);
    place_assert_view(r->source_type, "CODE");
    assert_true(r->created_by.len > 0);
    mill_eval_record_list_free(list);
    struct mill_eval_dataset_list *dataset = get();
    assert_json(dataset->items[0]->schema,
                "{\"inputs\":{\"q\":\"string\"},\"outputs\":\"string\","
                "\"expectations\":{\"a\":\"integer\"},\"version\":\"1.0\"}");
    assert_json(dataset->items[0]->profile, "{\"num_records\":2}");
    mill_eval_dataset_list_free(dataset);
}

static void the_same_inputs_are_the_same_record(void **state)
{
    (void)state;
    merge("[{\"inputs\": {\"a\": 1, \"b\": 2}, \"expectations\": {\"x\": 1}}]", 1, 0);
    merge("[{\"inputs\": {\"b\": 2, \"a\": 1}, \"expectations\": {\"y\": 2}},"
          " {\"inputs\": {\"a\": 1}, \"source\": {\"source_type\": \"TRACE\","
          " \"source_data\": {\"trace_id\": \"tr-1\"}}}]",
          1, 1);
    struct mill_eval_record_list *list = records();
    assert_int_equal(list->count, 2);
    assert_json(list->items[0]->expectations, "{\"x\":1,\"y\":2}");
    place_assert_view(list->items[1]->source_type, "TRACE");
    place_assert_view(list->items[1]->source_id, "tr-1");
    mill_eval_record_list_free(list);
}

static void what_is_no_record_is_refused(void **state)
{
    static const char *const wrong[] = {"{}", "[", "[5]", "[{\"inputs\": 5}]",
                                        "[{\"inputs\": {}, \"tags\": []}]"};
    (void)state;
    for (size_t i = 0; i < MILL_COUNT(wrong); i++)
        assert_int_equal(mill_client_merge_eval_records(place_client, id, mill_text(wrong[i]),
                                                        NULL, NULL, &place_err),
                         MILL_E_INVALID);
    enum mill_status st = mill_client_merge_eval_records(
        place_client, mill_text("d-nobody"), mill_text("[{\"inputs\": {\"a\": 1}}]"), NULL,
        NULL, &place_err);
    assert_int_not_equal(st, MILL_OK); /* of the original, whatever its database says */
    struct mill_eval_record_list *list = records();
    assert_int_equal(list->count, 0);
    mill_eval_record_list_free(list);
}

static void records_come_page_by_page_and_go(void **state)
{
    struct mill_eval_record_list *first = NULL, *last = NULL;
    int64_t deleted = 0;
    (void)state;
    merge("[{\"inputs\": {\"n\": 1}}, {\"inputs\": {\"n\": 2}}, {\"inputs\": {\"n\": 3}}]", 3,
          0);
    place_must(mill_client_list_eval_records(place_client, id, 2, NONE, &first, &place_err));
    assert_int_equal(first->count, 2);
    place_must(mill_client_list_eval_records(place_client, id, 2, first->next_page_token, &last,
                                             &place_err));
    assert_int_equal(last->count, 1);
    for (size_t i = 0; i < 2; i++)
        assert_false(mill_view_eq(first->items[i]->record_id, last->items[0]->record_id));
    assert_null(last->next_page_token.ptr);
    struct mill_view ids[] = {first->items[0]->record_id, mill_text("dr-nobody")};
    place_must(mill_client_delete_eval_records(place_client, id, ids, 2, &deleted, &place_err));
    assert_int_equal(deleted, 1);
    mill_eval_record_list_free(first);
    mill_eval_record_list_free(last);
    last = records();
    assert_int_equal(last->count, 2);
    mill_eval_record_list_free(last);
}

/* --- the program ----------------------------------------------------------------------- */

#define WITH_DATASET(test) cmocka_unit_test_setup_teardown(test, make_dataset, delete_dataset)

static int run(void)
{
    const struct CMUnitTest tests[] = {
        WITH_DATASET(a_dataset_is_what_was_asked_for),
        WITH_DATASET(tags_come_and_go),
        WITH_DATASET(datasets_are_linked_to_experiments),
        WITH_DATASET(datasets_are_found_page_by_page),
        WITH_DATASET(a_record_is_what_was_added),
        WITH_DATASET(the_same_inputs_are_the_same_record),
        WITH_DATASET(what_is_no_record_is_refused),
        WITH_DATASET(records_come_page_by_page_and_go),
    };
    return cmocka_run_group_tests(tests, place_open, place_close);
}

int main(int argc, char **argv)
{
    return place_main(argc, argv, run);
}
