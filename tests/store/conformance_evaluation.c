/* conformance_evaluation.c - what evaluation.h promises of datasets and scorers, on any store.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/view.h"
#include "store/evaluation.h"
#include "store_case.h"

#define DATASET MILL_VIEW("d-1")

static void assert_text(struct mill_view actual, const char *expected)
{
    if (!mill_view_eq(actual, mill_view_of(expected)))
        fail_msg("'%.*s' should be '%s'", MILL_FMT(actual), expected);
}

/* --- datasets --- */

static struct mill_outcome create(struct store_case *c, struct mill_view id, const char *name,
                                  int64_t now_ms, const int64_t *experiments, size_t count)
{
    static const struct mill_tag tags[] = {{{"team", 4}, {"red", 3}}};
    struct mill_change change = {.kind = MILL_CHANGE_CREATE_EVAL_DATASET,
                                 .now_ms = now_ms,
                                 .as.eval_dataset = {.dataset_id = id,
                                                     .name = mill_view_of(name),
                                                     .user = MILL_VIEW("me"),
                                                     .tags = tags,
                                                     .tag_count = 1,
                                                     .experiment_ids = experiments,
                                                     .experiment_count = count}};
    return store_case_apply(c, &change);
}

static enum mill_status change_dataset(struct store_case *c, enum mill_change_kind kind,
                                       const char *key, const char *value)
{
    struct mill_tag tag = {mill_view_of(key), mill_view_of(value)};
    struct mill_change change = {
        .kind = kind,
        .now_ms = 9000,
        .as.eval_dataset = {.dataset_id = DATASET, .tags = &tag, .tag_count = key != NULL}};
    return store_case_apply(c, &change).status;
}

static enum mill_status link_dataset(struct store_case *c, enum mill_change_kind kind,
                                     int64_t experiment)
{
    struct mill_change change = {.kind = kind,
                                 .as.eval_dataset = {.dataset_id = DATASET,
                                                     .experiment_ids = &experiment,
                                                     .experiment_count = 1}};
    return store_case_apply(c, &change).status;
}

static struct mill_eval_dataset_row get(struct store_case *c)
{
    struct mill_eval_dataset_row dataset = {0};
    struct mill_error err = {""};
    if (mill_store_get_eval_dataset(c->store, DATASET, &c->arena, &dataset, &err) != MILL_OK)
        fail_msg("%s", err.message);
    return dataset;
}

static void test_datasets_come_and_go(void **state)
{
    struct store_case *c = *state;
    const int64_t experiments[] = {store_case_experiment(c, "one")};
    const struct mill_outcome made = create(c, DATASET, "questions", 1000, experiments, 1);
    assert_int_equal(made.status, MILL_OK);
    store_case_reopen(c);
    struct mill_eval_dataset_row dataset = get(c);
    assert_text(dataset.name, "questions");
    assert_text(dataset.created_by, "me");
    assert_text(dataset.tags[0].value, "red");
    assert_true(mill_view_eq(dataset.digest, made.eval_dataset->digest));
    assert_int_equal(dataset.created_time, 1000);
    assert_int_equal(dataset.record_count, MILL_ABSENT);
    assert_int_equal(dataset.experiment_count, 1);
    assert_int_equal(dataset.experiment_ids[0], experiments[0]);
    assert_int_equal(change_dataset(c, MILL_CHANGE_DELETE_EVAL_DATASET, NULL, NULL), MILL_OK);
    assert_int_equal(change_dataset(c, MILL_CHANGE_DELETE_EVAL_DATASET, NULL, NULL), MILL_OK);
    assert_int_equal(mill_store_get_eval_dataset(c->store, DATASET, &c->arena, &dataset, NULL),
                     MILL_E_NOT_FOUND);
}

/* A dataset is there whole or not at all. */
static void test_datasets_need_their_experiments(void **state)
{
    struct store_case *c = *state;
    struct mill_eval_dataset_row dataset;
    const int64_t experiments[] = {0, 77};
    assert_int_equal(create(c, DATASET, "d", 1000, experiments, 2).status, MILL_E_NOT_FOUND);
    assert_int_equal(mill_store_get_eval_dataset(c->store, DATASET, &c->arena, &dataset, NULL),
                     MILL_E_NOT_FOUND);
    assert_int_equal(change_dataset(c, MILL_CHANGE_TAG_EVAL_DATASET, "a", "b"),
                     MILL_E_NOT_FOUND);
    assert_int_equal(link_dataset(c, MILL_CHANGE_LINK_EVAL_DATASET, 0), MILL_E_NOT_FOUND);
}

static void test_tags_and_links_of_datasets(void **state)
{
    struct store_case *c = *state;
    int64_t other = store_case_experiment(c, "other");
    create(c, DATASET, "d", 1000, NULL, 0);
    assert_int_equal(change_dataset(c, MILL_CHANGE_TAG_EVAL_DATASET, "team", "blue"), MILL_OK);
    assert_int_equal(change_dataset(c, MILL_CHANGE_TAG_EVAL_DATASET, "new", ""), MILL_OK);
    assert_int_equal(get(c).tag_count, 2);
    assert_int_equal(change_dataset(c, MILL_CHANGE_UNTAG_EVAL_DATASET, "new", NULL), MILL_OK);
    assert_int_equal(change_dataset(c, MILL_CHANGE_UNTAG_EVAL_DATASET, "new", NULL), MILL_OK);
    assert_text(get(c).tags[0].value, "blue");
    assert_int_equal(link_dataset(c, MILL_CHANGE_LINK_EVAL_DATASET, other), MILL_OK);
    assert_int_equal(link_dataset(c, MILL_CHANGE_LINK_EVAL_DATASET, other), MILL_OK);
    assert_int_equal(link_dataset(c, MILL_CHANGE_LINK_EVAL_DATASET, 77), MILL_E_NOT_FOUND);
    store_case_reopen(c);
    assert_int_equal(get(c).experiment_count, 1);
    assert_int_equal(link_dataset(c, MILL_CHANGE_UNLINK_EVAL_DATASET, 77), MILL_OK);
    assert_int_equal(link_dataset(c, MILL_CHANGE_UNLINK_EVAL_DATASET, other), MILL_OK);
    assert_int_equal(get(c).experiment_count, 0);
}

/* --- records --- */

static struct mill_eval_record_row record(const char *inputs, const char *outputs)
{
    return (struct mill_eval_record_row){.inputs = mill_view_of(inputs),
                                         .canonical = mill_view_of(inputs),
                                         .outputs = mill_view_of(outputs)};
}

static struct mill_outcome add(struct store_case *c, const struct mill_eval_record_row *records,
                               size_t count)
{
    static const struct mill_eval_field field = {MILL_EVAL_INPUTS, {"q", 1}, {"string", 6}};
    struct mill_change change = {.kind = MILL_CHANGE_ADD_EVAL_RECORDS,
                                 .now_ms = 2000,
                                 .as.eval_records = {.dataset_id = DATASET,
                                                     .records = records,
                                                     .record_count = count,
                                                     .fields = &field,
                                                     .field_count = 1,
                                                     .user = MILL_VIEW("you")}};
    return store_case_apply(c, &change);
}

static struct mill_eval_record_page list(struct store_case *c, int64_t offset, int64_t limit)
{
    struct mill_eval_record_page page = {0};
    struct mill_error err = {""};
    if (mill_store_list_eval_records(c->store, DATASET, offset, limit, &c->arena, &page,
                                     &err) != MILL_OK)
        fail_msg("%s", err.message);
    return page;
}

/* Equal inputs are one record. */
static void test_records_are_added_once(void **state)
{
    struct store_case *c = *state;
    static const struct mill_tag expected[] = {{{"answer", 6}, {"\"4\"", 3}}};
    struct mill_eval_record_row first[] = {record("{\"q\":\"a\"}", "1"),
                                           record("{\"q\":\"b\"}", NULL)};
    struct mill_eval_record_row again[] = {record("{\"q\":\"a\"}", "2"),
                                           record("{\"q\":\"c\"}", "3")};
    create(c, DATASET, "d", 1000, NULL, 0);
    struct mill_view digest = get(c).digest;
    struct mill_outcome outcome = add(c, first, 2);
    assert_int_equal(outcome.inserted, 2);
    assert_int_equal(outcome.updated, 0);
    again[0].expectations = expected;
    again[0].expectation_count = 1;
    again[0].has_expectations = true;
    outcome = add(c, again, 2);
    assert_int_equal(outcome.inserted, 1);
    assert_int_equal(outcome.updated, 1);
    store_case_reopen(c);
    struct mill_eval_record_page page = list(c, 0, 10);
    assert_int_equal(page.count, 3);
    assert_false(page.more);
    assert_text(page.records[0].outputs, "2");
    assert_int_equal(page.records[0].expectation_count, 1);
    assert_text(page.records[0].expectations[0].value, "\"4\"");
    assert_text(page.records[1].inputs, "{\"q\":\"b\"}");
    struct mill_eval_dataset_row dataset = get(c);
    assert_int_equal(dataset.record_count, 3);
    assert_int_equal(dataset.field_count, 1);
    assert_text(dataset.last_updated_by, "you");
    assert_false(mill_view_eq(dataset.digest, digest));
}

static void test_pages_of_records(void **state)
{
    struct store_case *c = *state;
    struct mill_eval_record_row records[] = {record("1", NULL), record("2", NULL),
                                             record("3", NULL)};
    assert_int_equal(add(c, records, 3).status, MILL_E_NOT_FOUND);
    assert_int_equal(list(c, 0, 10).count, 0);
    create(c, DATASET, "d", 1000, NULL, 0);
    add(c, records, 3);
    struct mill_eval_record_page page = list(c, 0, 2);
    assert_int_equal(page.count, 2);
    assert_true(page.more);
    page = list(c, 2, 2);
    assert_int_equal(page.count, 1);
    assert_false(page.more);
    assert_text(page.records[0].inputs, "3");
}

static void test_records_are_deleted(void **state)
{
    struct store_case *c = *state;
    struct mill_eval_record_row records[] = {record("1", NULL), record("2", NULL)};
    create(c, DATASET, "d", 1000, NULL, 0);
    add(c, records, 2);
    struct mill_view ids[] = {list(c, 0, 1).records[0].record_id, MILL_VIEW("dr-none")};
    struct mill_change change = {
        .kind = MILL_CHANGE_DELETE_EVAL_RECORDS,
        .as.eval_records = {.dataset_id = DATASET, .record_ids = ids, .record_id_count = 2}};
    assert_int_equal(store_case_apply(c, &change).deleted, 1);
    assert_int_equal(store_case_apply(c, &change).deleted, 0);
    assert_int_equal(get(c).record_count, 1);
    assert_text(list(c, 0, 9).records[0].inputs, "2");
}

/* --- searches of datasets --- */

/* The names of the datasets found, one letter each, with + when there are more. */
static const char *search(struct store_case *c, const char *filter, const char *order,
                          int64_t experiment, int64_t offset, int64_t limit)
{
    static char letters[32];
    struct mill_view orders[] = {mill_view_of(order)};
    struct mill_error err = {""};
    struct mill_plan plan = {0};
    struct mill_eval_dataset_page page = {0};
    enum mill_status st =
        mill_query_parse(MILL_QUERY_EVAL_DATASETS, mill_view_of(filter), orders,
                         order != NULL ? 1 : 0, &c->arena, &plan, &err);
    struct mill_eval_dataset_search query = {.experiment_ids = &experiment,
                                             .experiment_count =
                                                 experiment != MILL_ABSENT ? 1 : 0,
                                             .plan = &plan,
                                             .offset = offset,
                                             .limit = limit};
    if (st == MILL_OK)
        st = mill_store_search_eval_datasets(c->store, &query, &c->arena, &page, &err);
    if (st != MILL_OK)
        fail_msg("%s", err.message);
    size_t at = 0;
    for (size_t i = 0; i < page.count; i++)
        letters[at++] = page.datasets[i].name.ptr[0];
    if (page.more)
        letters[at++] = '+';
    letters[at] = '\0';
    return letters;
}

static void test_datasets_are_found(void **state)
{
    struct store_case *c = *state;
    const int64_t other = store_case_experiment(c, "other");
    create(c, MILL_VIEW("d-1"), "a", 1000, NULL, 0);
    create(c, MILL_VIEW("d-2"), "b", 3000, &other, 1);
    create(c, MILL_VIEW("d-3"), "c", 2000, &other, 1);
    change_dataset(c, MILL_CHANGE_TAG_EVAL_DATASET, "team", "blue");
    assert_string_equal(search(c, "", NULL, MILL_ABSENT, 0, 10), "bca");
    assert_string_equal(search(c, "", NULL, MILL_ABSENT, 0, 2), "bc+");
    assert_string_equal(search(c, "", NULL, MILL_ABSENT, 2, 2), "a");
    assert_string_equal(search(c, "", NULL, other, 0, 10), "bc");
    assert_string_equal(search(c, "", "name ASC", MILL_ABSENT, 0, 10), "abc");
    assert_string_equal(search(c, "name = 'c'", NULL, MILL_ABSENT, 0, 10), "c");
    assert_string_equal(search(c, "tags.team = 'blue'", NULL, MILL_ABSENT, 0, 10), "a");
    assert_string_equal(search(c, "created_time > 1500", "name ASC", MILL_ABSENT, 0, 10), "bc");
}

/* --- scorers --- */

static struct mill_outcome change_scorer(struct store_case *c, enum mill_change_kind kind,
                                         int64_t experiment, const char *name, const char *text,
                                         int64_t version)
{
    struct mill_change change = {.kind = kind,
                                 .as.scorer = {.experiment_id = experiment,
                                               .name = mill_view_of(name),
                                               .scorer_id = mill_view_of(name),
                                               .serialized = mill_view_of(text),
                                               .version = version}};
    return store_case_apply(c, &change);
}

static int64_t register_scorer(struct store_case *c, int64_t experiment, const char *name,
                               const char *text)
{
    struct mill_outcome outcome =
        change_scorer(c, MILL_CHANGE_REGISTER_SCORER, experiment, name, text, MILL_ABSENT);
    if (outcome.status != MILL_OK)
        fail_msg("%s", outcome.error.message);
    return outcome.scorer->version;
}

static struct mill_scorer_list scorers(struct store_case *c, int64_t experiment,
                                       const char *name)
{
    struct mill_scorer_list found = {0};
    assert_int_equal(mill_store_list_scorers(c->store, experiment, mill_view_of(name),
                                             &c->arena, &found, NULL),
                     MILL_OK);
    return found;
}

static enum mill_status get_scorer(struct store_case *c, int64_t experiment, int64_t version,
                                   struct mill_scorer *out)
{
    return mill_store_get_scorer(c->store, experiment, MILL_VIEW("s"), version, &c->arena, out,
                                 NULL);
}

static void test_scorers_have_versions(void **state)
{
    struct store_case *c = *state;
    int64_t experiment = store_case_experiment(c, "scored");
    struct mill_scorer scorer;
    assert_int_equal(register_scorer(c, experiment, "s", "one"), 1);
    assert_int_equal(register_scorer(c, experiment, "s", "two"), 2);
    assert_int_equal(register_scorer(c, experiment, "a", "other"), 1);
    assert_int_equal(register_scorer(c, 0, "s", "elsewhere"), 1);
    store_case_reopen(c);
    struct mill_scorer_list all = scorers(c, experiment, NULL);
    assert_int_equal(all.count, 2);
    assert_text(all.scorers[0].name, "a");
    assert_text(all.scorers[1].serialized, "two");
    all = scorers(c, experiment, "s");
    assert_int_equal(all.count, 2);
    assert_text(all.scorers[0].serialized, "one");
    assert_int_equal(get_scorer(c, experiment, MILL_ABSENT, &scorer), MILL_OK);
    assert_int_equal(scorer.version, 2);
    assert_int_equal(get_scorer(c, experiment, 1, &scorer), MILL_OK);
    assert_text(scorer.serialized, "one");
    assert_int_equal(get_scorer(c, experiment, 3, &scorer), MILL_E_NOT_FOUND);
}

static void test_scorers_are_deleted(void **state)
{
    struct store_case *c = *state;
    struct mill_scorer scorer;
    const enum mill_change_kind delete = MILL_CHANGE_DELETE_SCORER;
    register_scorer(c, 0, "s", "one");
    register_scorer(c, 0, "s", "two");
    assert_int_equal(change_scorer(c, delete, 0, "s", NULL, 7).status, MILL_E_NOT_FOUND);
    assert_int_equal(change_scorer(c, delete, 0, "s", NULL, 2).status, MILL_OK);
    assert_int_equal(get_scorer(c, 0, MILL_ABSENT, &scorer), MILL_OK);
    assert_int_equal(scorer.version, 1);
    assert_int_equal(change_scorer(c, delete, 0, "s", NULL, MILL_ABSENT).status, MILL_OK);
    assert_int_equal(get_scorer(c, 0, MILL_ABSENT, &scorer), MILL_E_NOT_FOUND);
    assert_int_equal(change_scorer(c, delete, 0, "s", NULL, MILL_ABSENT).status,
                     MILL_E_NOT_FOUND);
}

static void test_scorers_need_an_active_experiment(void **state)
{
    struct store_case *c = *state;
    int64_t experiment = store_case_experiment(c, "gone");
    struct mill_change gone = {.kind = MILL_CHANGE_DELETE_EXPERIMENT,
                               .as.experiment.experiment_id = experiment};
    assert_int_equal(store_case_apply(c, &gone).status, MILL_OK);
    const enum mill_change_kind kind = MILL_CHANGE_REGISTER_SCORER;
    assert_int_equal(change_scorer(c, kind, experiment, "s", "x", 0).status, MILL_E_INVALID);
    assert_int_equal(change_scorer(c, kind, 77, "s", "x", 0).status, MILL_E_NOT_FOUND);
}

int conformance_evaluation(void)
{
#define CASE(name)                                                                             \
    cmocka_unit_test_setup_teardown(name, store_case_set_up, store_case_tear_down)
    const struct CMUnitTest tests[] = {
        CASE(test_datasets_come_and_go),       CASE(test_datasets_need_their_experiments),
        CASE(test_tags_and_links_of_datasets), CASE(test_records_are_added_once),
        CASE(test_pages_of_records),           CASE(test_records_are_deleted),
        CASE(test_datasets_are_found),         CASE(test_scorers_have_versions),
        CASE(test_scorers_are_deleted),        CASE(test_scorers_need_an_active_experiment),
    };
#undef CASE
    return cmocka_run_group_tests_name("evaluation", tests, NULL, NULL);
}
