/* conformance_logged_models.c - what store.h promises of logged models, on any store. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/view.h"
#include "model/limits.h"
#include "store_case.h"

/* --- doing things --- */

static struct mill_view id_of(char letter)
{
    static char texts[128][4];
    snprintf(texts[(unsigned char)letter], sizeof(texts[0]), "m-%c", letter);
    return mill_view_of(texts[(unsigned char)letter]);
}

/* A model called as its letter, made at a time. */
static const struct mill_logged_model *create_at(struct store_case *c, int64_t experiment_id,
                                                 char letter, int64_t now_ms)
{
    static const struct mill_param params[] = {{{"depth", 5}, {"5", 1}}};
    static const struct mill_tag tags[] = {{{"team", 4}, {"red", 3}}};
    struct mill_view id = id_of(letter);
    struct mill_change change = {.kind = MILL_CHANGE_CREATE_LOGGED_MODEL,
                                 .now_ms = now_ms,
                                 .as.create_logged_model = {.model_id = id,
                                                            .experiment_id = experiment_id,
                                                            .name = mill_view_from(id, 2),
                                                            .model_type = MILL_VIEW("agent"),
                                                            .params = params,
                                                            .param_count = 1,
                                                            .tags = tags,
                                                            .tag_count = 1}};
    struct mill_outcome outcome = store_case_apply(c, &change);
    if (outcome.status != MILL_OK)
        fail_msg("%s", outcome.error.message);
    return outcome.logged_model;
}

static const struct mill_logged_model *create(struct store_case *c, int64_t experiment_id,
                                              char letter)
{
    return create_at(c, experiment_id, letter, 1000 + letter);
}

static enum mill_status set_tag(struct store_case *c, char letter, const char *key,
                                const char *value)
{
    struct mill_tag tag = {mill_view_of(key), mill_view_of(value)};
    struct mill_change change = {
        .kind = MILL_CHANGE_TAG_LOGGED_MODEL,
        .as.logged_model_tags = {.model_id = id_of(letter), .tags = &tag, .tag_count = 1}};
    return store_case_apply(c, &change).status;
}

static enum mill_status delete_tag(struct store_case *c, char letter, const char *key)
{
    struct mill_change change = {
        .kind = MILL_CHANGE_UNTAG_LOGGED_MODEL,
        .as.logged_model_tag = {.model_id = id_of(letter), .key = mill_view_of(key)}};
    return store_case_apply(c, &change).status;
}

static enum mill_status add_param(struct store_case *c, char letter, const char *key,
                                  const char *value)
{
    struct mill_param param = {mill_view_of(key), mill_view_of(value)};
    struct mill_change change = {.kind = MILL_CHANGE_LOG_MODEL_PARAMS,
                                 .as.logged_model_params = {.model_id = id_of(letter),
                                                            .params = &param,
                                                            .param_count = 1}};
    return store_case_apply(c, &change).status;
}

static enum mill_status finalize(struct store_case *c, char letter,
                                 enum mill_logged_model_status status)
{
    struct mill_change change = {
        .kind = MILL_CHANGE_FINALIZE_LOGGED_MODEL,
        .now_ms = 9000,
        .as.finalize_logged_model = {.model_id = id_of(letter), .status = status}};
    struct mill_outcome outcome = store_case_apply(c, &change);
    if (outcome.status == MILL_OK)
        assert_int_equal(outcome.logged_model->status, status);
    return outcome.status;
}

static enum mill_status delete_model(struct store_case *c, char letter)
{
    struct mill_change change = {.kind = MILL_CHANGE_DELETE_LOGGED_MODEL,
                                 .as.logged_model.model_id = id_of(letter)};
    return store_case_apply(c, &change).status;
}

/* A point that a run measured on a model, on a dataset unless NULL. */
static enum mill_status measure(struct store_case *c, struct mill_view run_id, char letter,
                                const char *key, double value, int64_t timestamp,
                                const char *dataset, const char *digest)
{
    struct mill_metric_link link = {id_of(letter), mill_view_of(dataset), mill_view_of(digest)};
    struct mill_metric metric = {mill_view_of(key), value, timestamp, 0, &link};
    struct mill_change change = {
        .kind = MILL_CHANGE_LOG,
        .as.log = {.run_id = run_id, .metrics = &metric, .metric_count = 1}};
    return store_case_apply(c, &change).status;
}

static struct mill_logged_model get(struct store_case *c, char letter)
{
    struct mill_logged_model model = {0};
    struct mill_error err = {""};
    if (mill_store_get_logged_model(c->store, id_of(letter), true, &c->arena, &model, &err) !=
        MILL_OK)
        fail_msg("%s", err.message);
    return model;
}

static enum mill_status try_get(struct store_case *c, char letter, bool deleted_too)
{
    struct mill_logged_model model;
    return mill_store_get_logged_model(c->store, id_of(letter), deleted_too, &c->arena, &model,
                                       NULL);
}

static void assert_text(struct mill_view actual, const char *expected)
{
    if (!mill_view_eq(actual, mill_view_of(expected)))
        fail_msg("'%.*s' should be '%s'", MILL_FMT(actual), expected);
}

/* What a search is about besides its filter; zeroed are the defaults. */
struct wanted {
    const int64_t *experiments;
    size_t experiment_count;
    struct mill_order_item order;
    struct mill_dataset_filter dataset;
    int64_t skip, limit;
};

/* The names of the models that a search finds, one letter each, with + when there are more. */
static const char *search(struct store_case *c, const char *filter, struct wanted wanted)
{
    static char letters[64];
    static const int64_t first = 1;
    struct mill_error err = {""};
    struct mill_plan plan = {0};
    struct mill_logged_model_page page = {0};
    enum mill_status st = mill_query_parse(MILL_QUERY_LOGGED_MODELS, mill_view_of(filter), NULL,
                                           0, &c->arena, &plan, &err);
    if (st == MILL_OK)
        st = mill_query_order_logged_models(
            &wanted.order, wanted.order.field_name.ptr != NULL ? 1 : 0, &c->arena, &plan, &err);
    struct mill_logged_model_search query = {
        .experiment_ids = wanted.experiments != NULL ? wanted.experiments : &first,
        .experiment_count = wanted.experiments != NULL ? wanted.experiment_count : 1,
        .plan = &plan,
        .datasets = &wanted.dataset,
        .dataset_count = wanted.dataset.name.ptr != NULL ? 1 : 0,
        .offset = wanted.skip,
        .limit = wanted.limit != 0 ? wanted.limit : 50};
    if (st == MILL_OK)
        st = mill_store_search_logged_models(c->store, &query, &c->arena, &page, &err);
    if (st != MILL_OK)
        fail_msg("%s", err.message);
    size_t at = 0;
    for (size_t i = 0; i < page.count; i++)
        letters[at++] = page.models[i].name.ptr[0];
    if (page.more)
        letters[at++] = '+';
    letters[at] = '\0';
    return letters;
}

static void expect(struct store_case *c, const char *filter, const char *letters)
{
    const char *found = search(c, filter, (struct wanted){0});
    if (strcmp(found, letters) != 0)
        fail_msg("%s finds %s, not %s", filter, found, letters);
}

/* --- one model --- */

static void test_create(void **state)
{
    struct store_case *c = *state;
    int64_t experiment = store_case_experiment(c, "models");
    const struct mill_logged_model *made = create(c, experiment, 'a');
    assert_text(made->artifact_uri, "mlflow-artifacts:/1/models/m-a/artifacts");
    store_case_reopen(c);
    struct mill_logged_model model = get(c, 'a');
    assert_text(model.model_id, "m-a");
    assert_text(model.name, "a");
    assert_text(model.model_type, "agent");
    assert_text(model.source_run_id, "");
    assert_text(model.artifact_uri, "mlflow-artifacts:/1/models/m-a/artifacts");
    assert_null(model.status_message.ptr);
    assert_int_equal(model.experiment_id, experiment);
    assert_int_equal(model.status, MILL_LOGGED_MODEL_PENDING);
    assert_int_equal(model.lifecycle_stage, MILL_ACTIVE);
    assert_int_equal(model.creation_time, 1000 + 'a');
    assert_int_equal(model.last_update_time, 1000 + 'a');
    assert_int_equal(model.tag_count, 1);
    assert_text(model.tags[0].key, "team");
    assert_int_equal(model.param_count, 1);
    assert_text(model.params[0].value, "5");
    assert_int_equal(model.metric_count, 0);
}

static void test_create_refused(void **state)
{
    struct store_case *c = *state;
    int64_t experiment = store_case_experiment(c, "models");
    create(c, experiment, 'a');
    struct mill_change change = {
        .kind = MILL_CHANGE_CREATE_LOGGED_MODEL,
        .as.create_logged_model = {.model_id = id_of('a'), .experiment_id = experiment}};
    assert_int_equal(store_case_apply(c, &change).status, MILL_E_EXISTS);
    change.as.create_logged_model.model_id = id_of('b');
    change.as.create_logged_model.experiment_id = 77;
    assert_int_equal(store_case_apply(c, &change).status, MILL_E_NOT_FOUND);
    struct mill_change gone = {.kind = MILL_CHANGE_DELETE_EXPERIMENT,
                               .as.experiment.experiment_id = experiment};
    assert_int_equal(store_case_apply(c, &gone).status, MILL_OK);
    change.as.create_logged_model.experiment_id = experiment;
    assert_int_equal(store_case_apply(c, &change).status, MILL_E_INVALID);
    assert_int_equal(try_get(c, 'b', true), MILL_E_NOT_FOUND);
    assert_int_equal(try_get(c, 'a', false), MILL_OK); /* it stays */
}

static void test_finalize_and_delete(void **state)
{
    struct store_case *c = *state;
    create(c, store_case_experiment(c, "models"), 'a');
    assert_int_equal(finalize(c, 'a', MILL_LOGGED_MODEL_READY), MILL_OK);
    assert_int_equal(finalize(c, 'b', MILL_LOGGED_MODEL_READY), MILL_E_NOT_FOUND);
    store_case_reopen(c);
    struct mill_logged_model model = get(c, 'a');
    assert_int_equal(model.status, MILL_LOGGED_MODEL_READY);
    assert_int_equal(model.last_update_time, 9000);

    assert_int_equal(delete_model(c, 'a'), MILL_OK);
    assert_int_equal(delete_model(c, 'a'), MILL_OK); /* deleting twice is well */
    assert_int_equal(delete_model(c, 'b'), MILL_E_NOT_FOUND);
    assert_int_equal(try_get(c, 'a', false), MILL_E_NOT_FOUND);
    assert_int_equal(try_get(c, 'a', true), MILL_OK);
    expect(c, "", "");
    assert_int_equal(set_tag(c, 'a', "late", "1"), MILL_OK);
}

static void test_tags(void **state)
{
    struct store_case *c = *state;
    create(c, store_case_experiment(c, "models"), 'a');
    assert_int_equal(set_tag(c, 'a', "team", "blue"), MILL_OK);
    assert_int_equal(set_tag(c, 'a', "area", ""), MILL_OK);
    assert_int_equal(set_tag(c, 'b', "team", "blue"), MILL_E_NOT_FOUND);
    store_case_reopen(c);
    struct mill_logged_model model = get(c, 'a');
    assert_int_equal(model.tag_count, 2);
    assert_text(model.tags[0].key, "area");
    assert_text(model.tags[0].value, "");
    assert_text(model.tags[1].value, "blue");
    assert_int_equal(delete_tag(c, 'a', "team"), MILL_OK);
    assert_int_equal(delete_tag(c, 'a', "team"), MILL_E_NOT_FOUND);
    assert_int_equal(delete_tag(c, 'b', "team"), MILL_E_NOT_FOUND);
    assert_int_equal(get(c, 'a').tag_count, 1);
}

static void test_params(void **state)
{
    struct store_case *c = *state;
    create(c, store_case_experiment(c, "models"), 'a');
    assert_int_equal(add_param(c, 'a', "b", "2"), MILL_OK);
    assert_int_equal(add_param(c, 'a', "b", "2"), MILL_E_BAD_REQUEST);
    assert_int_equal(add_param(c, 'a', "depth", "6"), MILL_E_BAD_REQUEST);
    assert_int_equal(add_param(c, 'b', "b", "2"), MILL_E_NOT_FOUND);
    store_case_reopen(c);
    struct mill_logged_model model = get(c, 'a');
    assert_int_equal(model.param_count, 2);
    assert_text(model.params[0].key, "b");
    assert_text(model.params[1].value, "5");
}

/* --- metrics --- */

static void test_metrics(void **state)
{
    struct store_case *c = *state;
    int64_t experiment = store_case_experiment(c, "models");
    struct mill_view run = store_case_run(c, experiment, 'r');
    create(c, experiment, 'a');
    assert_int_equal(measure(c, run, 'a', "acc", 0.5, 2, "digits", "d1"), MILL_OK);
    assert_int_equal(measure(c, run, 'a', "acc", 0.25, 1, NULL, NULL), MILL_OK);
    assert_int_equal(measure(c, run, 'a', "acc", 0.5, 2, "digits", "d1"), MILL_OK);
    assert_int_equal(measure(c, run, 'a', "acc", 9, 2, "faces", "f1"), MILL_OK);
    assert_int_equal(measure(c, run, 'a', "nan", NAN, 1, NULL, NULL), MILL_OK);
    assert_int_equal(measure(c, run, 'b', "acc", 1, 3, NULL, NULL), MILL_E_BAD_REQUEST);
    store_case_reopen(c);
    struct mill_logged_model model = get(c, 'a');
    assert_int_equal(model.metric_count, 3); /* of the same point the first one stays */
    assert_text(model.metrics[0].key, "acc");
    assert_int_equal(model.metrics[0].timestamp, 1);
    assert_true(model.metrics[0].value == 0.25);
    assert_null(model.metrics[0].dataset_name.ptr);
    assert_true(model.metrics[1].value == 0.5);
    assert_text(model.metrics[1].dataset_name, "digits");
    assert_text(model.metrics[1].dataset_digest, "d1");
    assert_text(model.metrics[1].model_id, "m-a");
    assert_true(mill_view_eq(model.metrics[1].run_id, run));
    assert_true(isnan(model.metrics[2].value));
}

static void test_metrics_of_several_models(void **state)
{
    struct store_case *c = *state;
    int64_t experiment = store_case_experiment(c, "models");
    struct mill_view run = store_case_run(c, experiment, 'r');
    create(c, experiment, 'a');
    create(c, experiment, 'b');
    struct mill_metric_link links[] = {{.model_id = id_of('a')}, {.model_id = id_of('b')}};
    struct mill_metric metrics[] = {{MILL_VIEW("m"), 1, 1, 0, &links[0]},
                                    {MILL_VIEW("m"), 2, 1, 0, &links[1]},
                                    {MILL_VIEW("m"), 3, 2, 0, &links[0]},
                                    {MILL_VIEW("m"), 4, 3, 0, NULL}};
    struct mill_change change = {
        .kind = MILL_CHANGE_LOG,
        .as.log = {.run_id = run, .metrics = metrics, .metric_count = 4}};
    assert_int_equal(store_case_apply(c, &change).status, MILL_OK);
    assert_int_equal(get(c, 'a').metric_count, 2);
    assert_int_equal(get(c, 'b').metric_count, 1);
    /* refused as a whole */
    links[1].model_id = id_of('z');
    metrics[0].key = MILL_VIEW("other");
    assert_int_equal(store_case_apply(c, &change).status, MILL_E_BAD_REQUEST);
    assert_int_equal(get(c, 'a').metric_count, 2);
}

/* Many more points than are shown: the newest are. */
static void test_many_metrics(void **state)
{
    enum { BATCH = 1000, EXTRA = 2000 };
    struct store_case *c = *state;
    int64_t experiment = store_case_experiment(c, "models");
    struct mill_view run = store_case_run(c, experiment, 'r');
    struct mill_metric_link link = {.model_id = id_of('a')};
    struct mill_metric *metrics = calloc(BATCH, sizeof(*metrics));
    bool memory = mill_view_starts(mill_view_of(c->uri), MILL_VIEW("memory:"));
    create(c, experiment, 'a');
    if (memory) { /* it looks for repeats one by one, which would take minutes */
        free(metrics);
        skip();
    }
    for (int64_t at = 0; at < MILL_MAX_LOGGED_MODEL_METRICS + EXTRA; at += BATCH) {
        for (int64_t i = 0; i < BATCH; i++)
            metrics[i] = (struct mill_metric){MILL_VIEW("m"), 1, at + i, at + i, &link};
        struct mill_change change = {
            .kind = MILL_CHANGE_LOG,
            .as.log = {.run_id = run, .metrics = metrics, .metric_count = BATCH}};
        assert_int_equal(store_case_apply(c, &change).status, MILL_OK);
    }
    free(metrics);
    struct mill_logged_model model = get(c, 'a');
    assert_int_equal(model.metric_count, MILL_MAX_LOGGED_MODEL_METRICS);
    assert_int_equal(model.metrics[0].timestamp, EXTRA);
}

/* --- searches --- */

/* a: acc 0.5 (digits), then 0.9 (digits, another digest); b: acc 0.7 (digits), 0.2 (faces);
 * c: loss 3; d: nothing, no tag; e: in another experiment. */
static void make_models(struct store_case *c)
{
    int64_t experiment = store_case_experiment(c, "models");
    int64_t other = store_case_experiment(c, "others");
    struct mill_view run = store_case_run(c, experiment, 'r');
    for (char letter = 'a'; letter <= 'd'; letter++)
        create(c, experiment, letter);
    create(c, other, 'e');
    measure(c, run, 'a', "acc", 0.5, 1, "digits", "d1");
    measure(c, run, 'a', "acc", 0.9, 2, "digits", "d2");
    measure(c, run, 'b', "acc", 0.7, 1, "digits", "d1");
    measure(c, run, 'b', "acc", 0.2, 2, "faces", "f1");
    measure(c, run, 'c', "loss", 3, 1, NULL, NULL);
    set_tag(c, 'b', "team", "blue");
    delete_tag(c, 'd', "team");
    add_param(c, 'c', "lr", "0.1");
    finalize(c, 'a', MILL_LOGGED_MODEL_READY);
    finalize(c, 'b', MILL_LOGGED_MODEL_UPLOAD_FAILED);
    store_case_reopen(c);
}

static void test_filters(void **state)
{
    struct store_case *c = *state;
    make_models(c);
    expect(c, "", "dcba");
    expect(c, "name = 'a'", "a");
    expect(c, "name != 'a' AND name != 'b'", "dc");
    expect(c, "attributes.name IN ('a', 'c', 'e')", "ca");
    expect(c, "name = 'a' OR name = 'c'", "ca");
    expect(c, "NOT name = 'a'", "dcb");
    expect(c, "model_id = 'm-b'", "b");
    expect(c, "model_type LIKE 'AG%'", "");
    expect(c, "model_type ILIKE 'AG%'", "dcba");
    expect(c, "source_run_id = ''", "dcba");
    expect(c, "status = 'READY'", "a");
    expect(c, "status = 'FAILED'", "b");
    expect(c, "status = 'PENDING'", "dc");
    expect(c, "status_message IS NULL", "dcba");
    expect(c, "experiment_id = '1'", "dcba");
    expect(c, "experiment_id = '2'", "");
    expect(c, "artifact_location LIKE '%m-c/artifacts'", "c");
    expect(c, "creation_time > 1098", "dc");
    expect(c, "creation_timestamp <= 1097", "a");
    expect(c, "last_updated_timestamp = 9000", "ba");
    expect(c, "tags.team = 'red'", "ca");
    expect(c, "tags.team != 'red'", "b");
    expect(c, "tags.team IS NULL", "d");
    expect(c, "tags.nothing != 'x'", "");
    expect(c, "params.lr = '0.1'", "c");
    expect(c, "params.depth = '5' AND tags.team = 'blue'", "b");
}

static void test_metric_filters(void **state)
{
    struct store_case *c = *state;
    const struct mill_dataset_filter digits = {MILL_VIEW("digits"), {NULL, 0}};
    const struct mill_dataset_filter first = {MILL_VIEW("digits"), MILL_VIEW("d1")};
    make_models(c);
    expect(c, "metrics.acc > 0.6", "ba"); /* any point counts */
    expect(c, "metrics.acc < 0.3", "b");
    expect(c, "metrics.acc = 0.5", "a");
    expect(c, "metrics.acc > 0.6 AND metrics.acc < 0.3", "b"); /* of different points */
    expect(c, "metrics.nothing > 0", "");
    expect(c, "metrics.acc IS NULL", "dc");
    expect(c, "metrics.loss IS NOT NULL", "c");
    assert_string_equal(search(c, "", (struct wanted){.dataset = digits}), "ba");
    assert_string_equal(
        search(c, "", (struct wanted){.dataset = {MILL_VIEW("digits"), MILL_VIEW("d9")}}), "");
    assert_string_equal(search(c, "metrics.acc < 0.3", (struct wanted){.dataset = digits}), "");
    assert_string_equal(search(c, "metrics.acc > 0.6", (struct wanted){.dataset = first}), "b");
    assert_string_equal(search(c, "name = 'c'", (struct wanted){.dataset = digits}), "");
}

static void test_orders(void **state)
{
    struct store_case *c = *state;
    static const int64_t both[] = {2, 1};
    struct mill_order_item item = {.field_name = MILL_VIEW("name"), .ascending = true};
    make_models(c);
    assert_string_equal(search(c, "", (struct wanted){.order = item}), "abcd");
    item.ascending = false;
    assert_string_equal(search(c, "", (struct wanted){.order = item}), "dcba");
    assert_string_equal(
        search(c, "",
               (struct wanted){.experiments = both, .experiment_count = 2, .order = item}),
        "edcba");
    /* a metric counts by its newest point: a 0.9, b 0.2; models without it come last */
    item.field_name = MILL_VIEW("metrics.acc");
    assert_string_equal(search(c, "", (struct wanted){.order = item}), "abdc");
    item.ascending = true;
    assert_string_equal(search(c, "", (struct wanted){.order = item}), "badc");
    item.dataset_name = MILL_VIEW("digits");
    item.dataset_digest = MILL_VIEW("d1");
    assert_string_equal(search(c, "", (struct wanted){.order = item}), "abdc");
    assert_string_equal(
        search(c, "", (struct wanted){.experiments = both, .experiment_count = 2}), "edcba");
}

static void test_pages(void **state)
{
    struct store_case *c = *state;
    struct mill_order_item by_name = {.field_name = MILL_VIEW("name"), .ascending = true};
    make_models(c);
    assert_string_equal(search(c, "", (struct wanted){.limit = 2}), "dc+");
    assert_string_equal(search(c, "", (struct wanted){.skip = 2, .limit = 2}), "ba");
    assert_string_equal(search(c, "", (struct wanted){.skip = 9, .limit = 2}), "");
    assert_string_equal(search(c, "name != 'd'", (struct wanted){.limit = 2}), "cb+");
    assert_string_equal(search(c, "", (struct wanted){.order = by_name, .skip = 1, .limit = 2}),
                        "bc+");
    static const int64_t nowhere[] = {99};
    assert_string_equal(
        search(c, "", (struct wanted){.experiments = nowhere, .experiment_count = 1}), "");
    assert_string_equal(
        search(c, "", (struct wanted){.experiments = nowhere, .experiment_count = 0}), "");
    static const int64_t twice[] = {1, 1};
    assert_string_equal(
        search(c, "", (struct wanted){.experiments = twice, .experiment_count = 2}), "dcba");
}

/* The same time: by id. */
static void test_ties(void **state)
{
    struct store_case *c = *state;
    int64_t experiment = store_case_experiment(c, "models");
    for (const char *letter = "cab"; *letter != '\0'; letter++)
        create_at(c, experiment, *letter, 5000);
    expect(c, "", "abc");
    assert_string_equal(search(c, "", (struct wanted){.limit = 2}), "ab+");
}

int conformance_logged_models(void)
{
#define CASE(name)                                                                             \
    cmocka_unit_test_setup_teardown(name, store_case_set_up, store_case_tear_down)
    const struct CMUnitTest tests[] = {
        CASE(test_create),
        CASE(test_create_refused),
        CASE(test_finalize_and_delete),
        CASE(test_tags),
        CASE(test_params),
        CASE(test_metrics),
        CASE(test_metrics_of_several_models),
        CASE(test_many_metrics),
        CASE(test_filters),
        CASE(test_metric_filters),
        CASE(test_orders),
        CASE(test_pages),
        CASE(test_ties),
    };
#undef CASE
    return cmocka_run_group_tests_name("logged models", tests, NULL, NULL);
}
