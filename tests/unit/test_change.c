/* test_change.c - the checks that every change passes before it is queued. */
#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "checking.h"

#include "base/alloc.h"
#include "base/view.h"
#include "model/change.h"
#include "model/limits.h"

#define RUN_ID MILL_VIEW("0123456789abcdef0123456789abcdef")

static void assert_view(struct mill_view actual, const char *expected)
{
    if (!mill_view_eq(actual, mill_view_of(expected)))
        fail_msg("'%.*s' should be '%s'", MILL_FMT(actual), expected);
}

/* --- experiments ----------------------------------------------------------------------- */

static struct mill_change experiment_named(struct mill_view name)
{
    return (struct mill_change){
        .kind = MILL_CHANGE_CREATE_EXPERIMENT,
        .as.create_experiment = {.name = name,
                                 .artifact_root = MILL_VIEW("mlflow-artifacts:")}};
}

static void experiment_names_have_1_to_500_characters(void **state)
{
    (void)state;
    struct mill_change change = experiment_named(MILL_VIEW(" "));
    expect_ok(&change);
    change = experiment_named(many("\xc3\xa9", 500));
    expect_ok(&change);
    change = experiment_named(many("n", 501));
    expect_invalid(&change, "name has 501 characters; at most 500");
    change = experiment_named(MILL_VIEW(""));
    expect_invalid(&change, "name is missing or empty");
    change = experiment_named((struct mill_view){NULL, 0});
    expect_invalid(&change, "name is missing or empty");
    change = experiment_named(MILL_VIEW("a\xff"));
    expect_invalid(&change, "name is not valid UTF-8");
}

static void artifact_locations_are_checked(void **state)
{
    (void)state;
    static const struct {
        const char *location, *problem;
    } cases[] = {
        {"", NULL},
        {"s3://bucket/x", NULL},
        {"gs://bucket/x/", NULL},
        {"wasbs://c@a/x", NULL},
        {"dbfs:/x", NULL},
        {"/tmp/somewhere", NULL},
        {"relative/dir", NULL},
        {"file:///tmp/somewhere", NULL},
        {"mlflow-artifacts:/own/root", NULL},
        {"s3://bucket/x?a=b", NULL},
        {"s3://bucket/x;p=1", NULL},
        {"zzz://bucket/x", NULL},
        {"s3://bucket/../x", NULL},
        {"a b:c", NULL},
        {"s3://bucket/x#y", "fragment"},
        {"#", "fragment"},
        {"dir/a;b", "parameters"},
        {"s3://bucket/x?a=../b", "'..' in its query"},
        {"s3://bucket/x?a=%2e%2E/b", "'..' in its query"},
        {"s3://bucket/x?a=%25252525252525252e%2525252525252e", "'..' in its query"},
        {"s3://bucket/x?%25252525252525252525252525252525252541", "'..' in its query"},
        {"http://host/x", "scheme 'http'"},
        {"HTTPS://host/x", "scheme 'https'"},
        {"ftp://host/x", "scheme 'ftp'"},
        {"sftp://host/x", "scheme 'sftp'"},
        {"hdfs://host/x", "scheme 'hdfs'"},
        {"abfss://a@b/x", "scheme 'abfss'"},
        {"runs:/abc/x", "scheme 'runs'"},
        {"/dir/\xff", "UTF-8"},
    };
    for (size_t i = 0; i < MILL_COUNT(cases); i++) {
        struct mill_change change = experiment_named(MILL_VIEW("e"));
        change.as.create_experiment.artifact_location = mill_view_of(cases[i].location);
        if (cases[i].problem == NULL)
            expect_ok(&change);
        else
            expect_invalid(&change, cases[i].problem);
    }
    struct mill_change change = experiment_named(MILL_VIEW("e"));
    change.as.create_experiment.artifact_location = many("/", 2048);
    expect_ok(&change);
    change.as.create_experiment.artifact_location = many("/", 2049);
    expect_invalid(&change, "artifact_location has 2049 characters; at most 2048");
}

/* A server that was told to keep its artifacts on a host may be named so by its clients. */
static void the_servers_own_storage_may_name_a_host(void **state)
{
    (void)state;
    struct mill_change change = experiment_named(MILL_VIEW("e"));
    change.as.create_experiment.artifact_root = MILL_VIEW("hdfs://own/root");
    change.as.create_experiment.artifact_location = MILL_VIEW("hdfs://own/root/mine");
    expect_ok(&change);
    change.as.create_experiment.artifact_location = MILL_VIEW("hdfs://other/root");
    expect_invalid(&change, "artifact_location must not have the scheme 'hdfs'");
}

static void experiment_tags_are_checked(void **state)
{
    (void)state;
    struct mill_tag tags[] = {{MILL_VIEW("a"), MILL_VIEW("1")}, {MILL_VIEW("b"), {NULL, 0}}};
    struct mill_change change = experiment_named(MILL_VIEW("e"));
    change.as.create_experiment.tags = tags;
    change.as.create_experiment.tag_count = 2;
    struct mill_change fresh = change;
    expect_ok(&change);
    assert_int_equal(change.as.create_experiment.tag_count, 2);
    assert_non_null(change.as.create_experiment.tags[1].value.ptr);
    change = fresh;
    tags[1].key = MILL_VIEW("a//b");
    expect_invalid(&change, "tags[1].key 'a//b' is not a plain relative path");
    tags[1].key = MILL_VIEW("");
    expect_invalid(&change, "tags[1].key is missing or empty");
    tags[1].key = MILL_VIEW("a");
    expect_invalid(&change, "tags[1].key 'a' is there twice");
    tags[1] = (struct mill_tag){MILL_VIEW("b"), many("v", 20001)};
    expect_invalid(&change, "tags[1].value has 20001 characters; at most 20000");
    tags[1].value = many("v", 20000);
    expect_ok(&change);
    change = fresh;
    change.as.create_experiment.tag_count = MILL_MAX_TAGS_AT_CREATION + 1;
    expect_invalid(&change, "tags has 1001 items");
}

static void experiments_are_changed(void **state)
{
    (void)state;
    struct mill_change change = {.kind = MILL_CHANGE_RENAME_EXPERIMENT,
                                 .as.rename = {1, MILL_VIEW("new")}};
    expect_ok(&change);
    change.as.rename.new_name = MILL_VIEW("");
    expect_invalid(&change, "new_name is missing");
    change.as.rename.experiment_id = MILL_ABSENT;
    expect_invalid(&change, "experiment_id is missing");

    static const enum mill_change_kind kinds[] = {MILL_CHANGE_DELETE_EXPERIMENT,
                                                  MILL_CHANGE_RESTORE_EXPERIMENT};
    for (size_t i = 0; i < MILL_COUNT(kinds); i++) {
        change = (struct mill_change){.kind = kinds[i], .as.experiment = {0}};
        expect_ok(&change);
        change.as.experiment.experiment_id = MILL_ABSENT;
        expect_invalid(&change, "experiment_id is missing");
    }
}

static void experiment_tags_are_set_and_deleted(void **state)
{
    (void)state;
    struct mill_change change = {.kind = MILL_CHANGE_SET_EXPERIMENT_TAG,
                                 .as.experiment_tag = {1, MILL_VIEW("k"), {NULL, 0}}};
    expect_ok(&change);
    assert_non_null(change.as.experiment_tag.value.ptr);
    change.as.experiment_tag.value = many("v", 20001);
    expect_invalid(&change, "value has 20001 characters; at most 20000");
    change.as.experiment_tag.key = MILL_VIEW("a,b");
    expect_invalid(&change, "key 'a,b' has a character that keys may not have");

    change.kind = MILL_CHANGE_DELETE_EXPERIMENT_TAG;
    expect_ok(&change);
    change.as.experiment_tag.key = MILL_VIEW("");
    expect_invalid(&change, "key is missing");
    change.as.experiment_tag.experiment_id = MILL_ABSENT;
    expect_invalid(&change, "experiment_id is missing");
}

/* --- runs ------------------------------------------------------------------------------ */

static struct mill_change new_run(void)
{
    return (struct mill_change){
        .kind = MILL_CHANGE_CREATE_RUN,
        .as.create_run = {.run_id = RUN_ID, .experiment_id = 0, .start_time = 5}};
}

static void a_run_gets_a_name_and_its_tag(void **state)
{
    (void)state;
    struct mill_change change = new_run();
    change.as.create_run.start_time = MILL_ABSENT;
    change.as.create_run.experiment_id = MILL_ABSENT;
    expect_ok(&change);
    assert_true(change.as.create_run.run_name.len > 4);
    assert_int_equal(change.as.create_run.tag_count, 1);
    assert_view(change.as.create_run.tags[0].key, "mlflow.runName");
    assert_true(
        mill_view_eq(change.as.create_run.tags[0].value, change.as.create_run.run_name));
    assert_int_equal(change.as.create_run.start_time, 0);
    assert_int_equal(change.as.create_run.experiment_id, 0);
    assert_non_null(change.as.create_run.user_id.ptr);
}

static void a_run_is_named_by_argument_or_tag(void **state)
{
    (void)state;
    struct mill_tag tags[] = {{MILL_VIEW("t"), MILL_VIEW("v")},
                              {MILL_VIEW("mlflow.runName"), MILL_VIEW("tagged")}};
    struct mill_change change = new_run();
    change.as.create_run.run_name = MILL_VIEW("given");
    change.as.create_run.tags = tags;
    change.as.create_run.tag_count = 1;
    expect_ok(&change);
    assert_view(change.as.create_run.run_name, "given");
    assert_int_equal(change.as.create_run.tag_count, 2);
    assert_view(change.as.create_run.tags[0].key, "t");
    assert_view(change.as.create_run.tags[1].value, "given");

    change = new_run();
    change.as.create_run.tags = tags;
    change.as.create_run.tag_count = 2;
    expect_ok(&change);
    assert_view(change.as.create_run.run_name, "tagged");
    assert_int_equal(change.as.create_run.tag_count, 2);

    change.as.create_run.run_name = MILL_VIEW("tagged");
    expect_ok(&change);
    change.as.create_run.run_name = MILL_VIEW("given");
    expect_invalid(&change, "run_name 'given' and the tag mlflow.runName 'tagged' differ");

    tags[1].value = MILL_VIEW("");
    change = new_run();
    change.as.create_run.tags = tags;
    change.as.create_run.tag_count = 2;
    expect_ok(&change);
    assert_true(change.as.create_run.run_name.len > 4);
    assert_int_equal(change.as.create_run.tag_count, 2);
    assert_true(
        mill_view_eq(change.as.create_run.tags[1].value, change.as.create_run.run_name));
}

static void run_names_are_limited(void **state)
{
    (void)state;
    struct mill_tag tag = {MILL_VIEW("mlflow.runName"), many("n", 8001)};
    struct mill_change change = new_run();
    change.as.create_run.run_name = many("n", 8000);
    expect_ok(&change);
    change = new_run();
    change.as.create_run.run_name = many("n", 8001);
    expect_invalid(&change, "run_name has 8001 characters; at most 8000");
    change = new_run();
    change.as.create_run.tags = &tag;
    change.as.create_run.tag_count = 1;
    expect_ok(&change); /* cut like every tag */
    assert_int_equal(change.as.create_run.run_name.len, 8000);
    change = new_run();
    change.as.create_run.user_id = many("u", 257);
    expect_invalid(&change, "user_id has 257 characters");
    change = new_run();
    change.as.create_run.run_id = (struct mill_view){NULL, 0};
    expect_invalid(&change, "run_id is missing");
}

/* At creation any text is a key, as in MLflow; only its length counts. */
static void tags_of_a_new_run_are_checked(void **state)
{
    (void)state;
    struct mill_tag tags[] = {{MILL_VIEW("a,b"), many("\xc3\xa9", 8001)},
                              {MILL_VIEW("b"), {NULL, 0}}};
    struct mill_change change = new_run();
    change.as.create_run.tags = tags;
    change.as.create_run.tag_count = 2;
    struct mill_change fresh = change;
    expect_ok(&change);
    assert_int_equal(change.as.create_run.tags[0].value.len, 16000);
    assert_non_null(change.as.create_run.tags[1].value.ptr);
    change = fresh;
    tags[1].key = MILL_VIEW("");
    expect_invalid(&change, "tags[1].key is missing");
    tags[1].key = many("k", 251);
    expect_invalid(&change, "tags[1].key has 251 characters");
    tags[1].key = MILL_VIEW("a,b");
    expect_status(&change, MILL_E_BAD_REQUEST, "tags[1].key 'a,b' is there twice");
    change.as.create_run.tag_count = MILL_MAX_TAGS_AT_CREATION + 1;
    expect_invalid(&change, "tags has 1001 items");
}

static void runs_are_updated(void **state)
{
    (void)state;
    struct mill_change change = {.kind = MILL_CHANGE_UPDATE_RUN,
                                 .as.update_run = {.run_id = RUN_ID, .end_time = MILL_ABSENT}};
    expect_ok(&change);
    change.as.update_run.status = MILL_RUN_KILLED;
    expect_ok(&change);
    change.as.update_run.status = (enum mill_run_status)6;
    expect_invalid(&change, "status 6 is unknown");
    change.as.update_run.status = MILL_RUN_FINISHED;
    change.as.update_run.run_name = many("n", 8001);
    expect_invalid(&change, "run_name has 8001 characters");
    change.as.update_run.run_id = MILL_VIEW("");
    expect_invalid(&change, "run_id is missing");

    change = (struct mill_change){.kind = MILL_CHANGE_DELETE_RUN, .as.run = {RUN_ID}};
    expect_ok(&change);
    change.kind = MILL_CHANGE_RESTORE_RUN;
    expect_ok(&change);
    change.as.run.run_id = (struct mill_view){NULL, 0};
    expect_invalid(&change, "run_id is missing");
}

/* --- logging --------------------------------------------------------------------------- */

static struct mill_change batch(void)
{
    return (struct mill_change){.kind = MILL_CHANGE_LOG,
                                .as.log = {.source = MILL_LOG_FROM_BATCH, .run_id = RUN_ID}};
}

static struct mill_metric metric(const char *key)
{
    return (struct mill_metric){.key = mill_view_of(key), .value = 0.5, .timestamp = 1};
}

static void metrics_are_checked(void **state)
{
    (void)state;
    struct mill_metric metrics[] = {metric("a"), metric("a"), metric("b/c")};
    struct mill_change change = batch();
    change.as.log.metrics = metrics;
    change.as.log.metric_count = 3;
    struct mill_change fresh = change;
    expect_ok(&change);
    assert_ptr_equal(change.as.log.metrics, metrics);
    change = fresh;
    metrics[2].key = MILL_VIEW("/b");
    expect_invalid(&change, "metrics[2].key '/b' is not a plain relative path");
    metrics[2].key = (struct mill_view){NULL, 0};
    expect_invalid(&change, "metrics[2].key is missing");
    metrics[2] = metric("c");
    metrics[2].timestamp = -1;
    expect_invalid(&change, "metrics[2].timestamp is -1; it must be 0 or more");
    metrics[2].timestamp = MILL_ABSENT;
    expect_invalid(&change, "metrics[2].timestamp is missing");
    metrics[2].timestamp = 0;
    metrics[2].step = -7;
    expect_ok(&change);
    assert_int_equal(change.as.log.metrics[2].step, -7);
}

/* The message of a call for a single thing does not speak of lists. */
static void single_calls_have_their_own_words(void **state)
{
    (void)state;
    struct mill_metric bad = metric("a//b");
    struct mill_param param = {MILL_VIEW("..x"), MILL_VIEW("v")};
    struct mill_tag tag = {MILL_VIEW("t\n"), MILL_VIEW("v")};
    struct mill_change change = batch();
    change.as.log.source = MILL_LOG_FROM_METRIC;
    change.as.log.metrics = &bad;
    change.as.log.metric_count = 1;
    struct mill_error err;
    assert_int_equal(mill_change_check(&change, &checking_arena, &err), MILL_E_INVALID);
    assert_true(mill_view_starts(mill_view_of(err.message), MILL_VIEW("key 'a//b' is not")));
    change = batch();
    change.as.log.source = MILL_LOG_FROM_PARAM;
    change.as.log.params = &param;
    change.as.log.param_count = 1;
    assert_int_equal(mill_change_check(&change, &checking_arena, &err), MILL_E_INVALID);
    assert_true(mill_view_starts(mill_view_of(err.message), MILL_VIEW("key '..x' is not")));
    change = batch();
    change.as.log.source = MILL_LOG_FROM_TAG;
    change.as.log.tags = &tag;
    change.as.log.tag_count = 1;
    assert_int_equal(mill_change_check(&change, &checking_arena, &err), MILL_E_INVALID);
    assert_true(mill_view_starts(mill_view_of(err.message), MILL_VIEW("key 't\n' has a")));
}

static void values_stay_as_they_are(void **state)
{
    (void)state;
    struct mill_metric metrics[] = {metric("a"), metric("b"), metric("c"), metric("d")};
    metrics[1].value = (double)INFINITY;
    metrics[2].value = -(double)INFINITY;
    metrics[3].value = (double)NAN;
    metrics[0].step = MILL_ABSENT;
    struct mill_change change = batch();
    change.as.log.metrics = metrics;
    change.as.log.metric_count = 4;
    expect_ok(&change);
    const struct mill_metric *checked = change.as.log.metrics;
    assert_true(checked[0].value > 0.4 && checked[0].value < 0.6);
    assert_true(isinf(checked[1].value) && checked[1].value > 0);
    assert_true(isinf(checked[2].value) && checked[2].value < 0);
    assert_true(isnan(checked[3].value));
    assert_int_equal(checked[0].step, 0);
    assert_int_equal(metrics[0].step, MILL_ABSENT); /* what was borrowed stays as it was */
}

static void metric_links_are_limited(void **state)
{
    (void)state;
    struct mill_metric_link link = {.model_id = MILL_VIEW("m-1")};
    struct mill_metric linked = metric("a");
    linked.link = &link;
    struct mill_change change = batch();
    change.as.log.metrics = &linked;
    change.as.log.metric_count = 1;
    expect_ok(&change);
    link.dataset_digest = MILL_VIEW("d");
    expect_invalid(&change, "metrics[0].dataset_name and dataset_digest go together");
    link.dataset_name = MILL_VIEW("n");
    expect_ok(&change);
    link.dataset_digest = many("d", 37);
    expect_invalid(&change, "metrics[0].dataset_digest has 37 characters");
    link.dataset_name = many("n", 501);
    expect_invalid(&change, "metrics[0].dataset_name has 501 characters");
    link.model_id = many("m", 257);
    expect_invalid(&change, "metrics[0].model_id has 257 characters");
}

static void params_are_checked(void **state)
{
    (void)state;
    struct mill_param params[] = {{MILL_VIEW("a"), many("\xc3\xa9", 6001)},
                                  {MILL_VIEW("b"), {NULL, 0}},
                                  {MILL_VIEW("c"), MILL_VIEW("x")}};
    struct mill_change change = batch();
    change.as.log.params = params;
    change.as.log.param_count = 3;
    struct mill_change fresh = change;
    expect_ok(&change);
    assert_int_equal(change.as.log.params[0].value.len, 12000);
    assert_non_null(change.as.log.params[1].value.ptr);
    assert_int_equal(change.as.log.params[1].value.len, 0);
    assert_view(change.as.log.params[2].value, "x");
    change = fresh;
    params[2] = params[0];
    expect_invalid(&change, "params[2].key 'a' is there twice in this batch");
    params[2] = (struct mill_param){many("k", 251), MILL_VIEW("x")};
    expect_invalid(&change, "is longer than 250 characters");
    params[2] = (struct mill_param){MILL_VIEW("c"), MILL_VIEW("\xff")};
    expect_invalid(&change, "params[2].value is not valid UTF-8");
}

static void the_last_of_equal_tags_counts(void **state)
{
    (void)state;
    struct mill_tag tags[] = {
        {MILL_VIEW("a"), MILL_VIEW("1")}, {MILL_VIEW("b"), MILL_VIEW("2")},
        {MILL_VIEW("a"), MILL_VIEW("3")}, {MILL_VIEW("c"), many("v", 8001)},
        {MILL_VIEW("a"), {NULL, 0}},      {MILL_VIEW("b"), MILL_VIEW("5")}};
    struct mill_change change = batch();
    change.as.log.tags = tags;
    change.as.log.tag_count = 6;
    expect_ok(&change);
    assert_int_equal(change.as.log.tag_count, 3);
    assert_view(change.as.log.tags[0].key, "a");
    assert_view(change.as.log.tags[0].value, "");
    assert_view(change.as.log.tags[1].key, "b");
    assert_view(change.as.log.tags[1].value, "5");
    assert_view(change.as.log.tags[2].key, "c");
    assert_int_equal(change.as.log.tags[2].value.len, 8000);
}

static void a_tag_that_names_the_run_is_limited(void **state)
{
    (void)state;
    struct mill_tag tag = {MILL_VIEW("mlflow.runName"), many("n", 8000)};
    struct mill_change change = batch();
    change.as.log.tags = &tag;
    change.as.log.tag_count = 1;
    expect_ok(&change);
    change = batch();
    tag.value = many("n", 8001);
    change.as.log.tags = &tag;
    change.as.log.tag_count = 1;
    expect_invalid(&change, "tags[0].value has 8001 characters; at most 8000");
}

static void batches_are_limited(void **state)
{
    (void)state;
    static struct mill_metric metrics[1001];
    static struct mill_param params[101];
    static struct mill_tag tags[101];
    static char keys[101][8];
    for (size_t i = 0; i < MILL_COUNT(metrics); i++)
        metrics[i] = metric("m");
    for (size_t i = 0; i < MILL_COUNT(params); i++) {
        memcpy(keys[i], "k000", 5);
        keys[i][1] = (char)('0' + i / 100);
        keys[i][2] = (char)('0' + i / 10 % 10);
        keys[i][3] = (char)('0' + i % 10);
        params[i].key = tags[i].key = mill_view_of(keys[i]);
    }
    struct mill_change change = batch();
    expect_ok(&change);
    change.as.log.metrics = metrics;
    change.as.log.params = params;
    change.as.log.tags = tags;
    change.as.log.metric_count = 800;
    change.as.log.param_count = change.as.log.tag_count = 100;
    struct mill_change fresh = change;
    expect_ok(&change);
    assert_int_equal(change.as.log.tag_count, 100);
    change = fresh;
    change.as.log.metric_count = 801;
    expect_invalid(&change, "the batch has 1001 items; at most 1000");
    change.as.log.metric_count = 1001;
    expect_invalid(&change, "metrics has 1001 items; at most 1000");
    change.as.log.metric_count = 0;
    change.as.log.param_count = 101;
    expect_invalid(&change, "params has 101 items; at most 100");
    change.as.log.param_count = 0;
    change.as.log.tag_count = 101;
    expect_invalid(&change, "tags has 101 items; at most 100");
}

/* Only batches ask for the form of a run id; the other calls just do not find the run. */
static void the_run_id_of_a_batch_has_a_form(void **state)
{
    (void)state;
    struct mill_change change = batch();
    change.as.log.run_id = MILL_VIEW("a/b");
    expect_invalid(&change, "run_id 'a/b' cannot be one");
    change.as.log.source = MILL_LOG_FROM_TAG;
    expect_ok(&change);
    change.as.log.run_id = MILL_VIEW("");
    expect_invalid(&change, "run_id is missing");
}

static void tags_are_deleted_and_appended_to(void **state)
{
    (void)state;
    struct mill_change change = {.kind = MILL_CHANGE_DELETE_TAG,
                                 .as.run_tag = {RUN_ID, MILL_VIEW("a,b")}};
    expect_ok(&change);
    change.as.run_tag.key = (struct mill_view){NULL, 0};
    expect_invalid(&change, "key is missing");
    change.as.run_tag.run_id = (struct mill_view){NULL, 0};
    expect_invalid(&change, "run_id is missing");

    change = (struct mill_change){
        .kind = MILL_CHANGE_APPEND_TAG_JSON,
        .as.append = {RUN_ID, MILL_VIEW("mlflow.log-model.history"), MILL_VIEW("{}")}};
    expect_ok(&change);
    change.as.append.json = many("x", 8001);
    expect_invalid(&change, "model_json has 8001 characters");
    change.as.append.json = MILL_VIEW("");
    expect_invalid(&change, "model_json is missing");
}

/* --- inputs and outputs ---------------------------------------------------------------- */

static void datasets_are_completed(void **state)
{
    (void)state;
    struct mill_tag tags[] = {{MILL_VIEW("k"), MILL_VIEW("1")},
                              {MILL_VIEW("l"), {NULL, 0}},
                              {MILL_VIEW("k"), MILL_VIEW("2")}};
    struct mill_dataset_input inputs[] = {
        {.dataset = {.name = MILL_VIEW("d"), .digest = MILL_VIEW("1")}},
        {.dataset = {.name = MILL_VIEW("d"), .digest = MILL_VIEW("2")}},
        {.dataset = {.name = MILL_VIEW("d"),
                     .digest = MILL_VIEW("1"),
                     .source = MILL_VIEW("later")}},
    };
    inputs[1].tags = tags;
    inputs[1].tag_count = 3;
    struct mill_change change = {.kind = MILL_CHANGE_LOG_INPUTS,
                                 .as.inputs = {.run_id = RUN_ID}};
    expect_ok(&change);
    change.as.inputs.datasets = inputs;
    change.as.inputs.dataset_count = 3;
    expect_ok(&change);
    assert_int_equal(change.as.inputs.dataset_count, 2);
    const struct mill_dataset_input *checked = change.as.inputs.datasets;
    assert_view(checked[0].dataset.digest, "1");
    assert_non_null(checked[0].dataset.source.ptr);
    assert_int_equal(checked[0].dataset.source.len, 0);
    assert_null(checked[0].dataset.schema.ptr);
    assert_int_equal(checked[1].tag_count, 2);
    for (size_t i = 0; i < 2; i++)
        assert_view(checked[1].tags[i].value,
                    mill_view_eq(checked[1].tags[i].key, MILL_VIEW("k")) ? "2" : "");
}

static void datasets_are_limited(void **state)
{
    (void)state;
    struct mill_dataset_input input = {.tags = NULL};
    struct mill_change change = {.kind = MILL_CHANGE_LOG_INPUTS,
                                 .as.inputs = {RUN_ID, &input, 1, NULL, 0}};
    input.dataset.name = many("n", 501);
    expect_invalid(&change, "datasets[0].dataset.name has 501 characters; at most 500");
    input.dataset = (struct mill_dataset){.digest = many("d", 37)};
    expect_invalid(&change, "datasets[0].dataset.digest has 37 characters; at most 36");
    input.dataset = (struct mill_dataset){.source = many("s", 65536)};
    expect_invalid(&change, "datasets[0].dataset.source has 65536 characters");
    input.dataset = (struct mill_dataset){.schema = many("s", 1048576)};
    expect_invalid(&change, "datasets[0].dataset.schema has 1048576 characters");
    input.dataset = (struct mill_dataset){.profile = many("s", 16777216)};
    expect_invalid(&change, "datasets[0].dataset.profile has 16777216 characters");
    struct mill_tag tag = {many("k", 256), MILL_VIEW("")};
    input = (struct mill_dataset_input){.tags = &tag, .tag_count = 1};
    expect_invalid(&change, "datasets[0].tags.key has 256 characters; at most 255");
    tag = (struct mill_tag){MILL_VIEW("k"), many("v", 501)};
    expect_invalid(&change, "datasets[0].tags.value has 501 characters; at most 500");
    input.tag_count = MILL_MAX_TAGS_AT_CREATION + 1;
    expect_invalid(&change, "datasets[0].tags has 1001 items");
    change.as.inputs.dataset_count = MILL_MAX_DATASETS_PER_CALL + 1;
    expect_invalid(&change, "datasets has 1001 items");
    change.as.inputs.run_id = MILL_VIEW("a/b");
    expect_invalid(&change, "run_id 'a/b' cannot be one");
}

static void models_are_checked(void **state)
{
    (void)state;
    struct mill_model_input input = {MILL_VIEW("m-1")};
    struct mill_model_output output = {MILL_VIEW("m-1"), MILL_ABSENT};
    struct mill_change change = {.kind = MILL_CHANGE_LOG_INPUTS,
                                 .as.inputs = {RUN_ID, NULL, 0, &input, 1}};
    expect_ok(&change);
    input.model_id = MILL_VIEW("");
    expect_invalid(&change, "models[0].model_id is missing");
    change.as.inputs.model_count = MILL_MAX_MODELS_PER_CALL + 1;
    expect_invalid(&change, "models has 1001 items");

    change = (struct mill_change){.kind = MILL_CHANGE_LOG_OUTPUTS,
                                  .as.outputs = {RUN_ID, &output, 1}};
    expect_ok(&change);
    assert_int_equal(change.as.outputs.models[0].step, 0);
    change.as.outputs.model_count = MILL_MAX_MODELS_PER_CALL + 1;
    expect_invalid(&change, "models has 1001 items");
    output.model_id = many("m", 257);
    change.as.outputs.model_count = 1;
    change.as.outputs.models = &output;
    expect_invalid(&change, "models[0].model_id has 257 characters");
    change.as.outputs.run_id = MILL_VIEW("");
    expect_invalid(&change, "run_id is missing");
}

/* --- all of them ----------------------------------------------------------------------- */

static struct mill_change new_logged_model(void)
{
    return (struct mill_change){
        .kind = MILL_CHANGE_CREATE_LOGGED_MODEL,
        .as.create_logged_model = {.model_id = MILL_VIEW("m-1"), .name = MILL_VIEW("net")}};
}

static void a_logged_model_gets_a_name(void **state)
{
    struct mill_change change = new_logged_model();
    (void)state;
    expect_ok(&change);
    assert_view(change.as.create_logged_model.name, "net");
    assert_view(change.as.create_logged_model.model_type, "");
    assert_view(change.as.create_logged_model.source_run_id, "");
    change.as.create_logged_model.name = MILL_VIEW("");
    expect_ok(&change);
    assert_true(change.as.create_logged_model.name.len > 0);
    const char *const bad[] = {"a/b", "a:b", "a.b", "a%b", "a\"b", "a'b", "\xff"};
    for (size_t i = 0; i < MILL_COUNT(bad); i++) {
        change.as.create_logged_model.name = mill_view_of(bad[i]);
        expect_invalid(&change, "name");
    }
    change.as.create_logged_model.name = many("n", MILL_MAX_LOGGED_MODEL_NAME + 1);
    expect_invalid(&change, "name");
    change = new_logged_model();
    change.as.create_logged_model.experiment_id = MILL_ABSENT;
    expect_invalid(&change, "experiment_id");
    change = new_logged_model();
    change.as.create_logged_model.source_run_id = many("r", MILL_MAX_RUN_ID + 1);
    expect_invalid(&change, "source_run_id");
}

static void items_of_logged_models_are_checked(void **state)
{
    struct mill_tag items[] = {{MILL_VIEW("a"), MILL_VIEW("1")}, {MILL_VIEW("b"), {NULL, 0}}};
    struct mill_change change = new_logged_model();
    (void)state;
    change.as.create_logged_model.tags = items;
    change.as.create_logged_model.tag_count = 2;
    expect_ok(&change);
    assert_view(change.as.create_logged_model.tags[1].value, "");
    change.as.create_logged_model.tags = items;
    items[1].key = MILL_VIEW("a");
    expect_status(&change, MILL_E_BAD_REQUEST, "tags[1].key");
    items[1].key = MILL_VIEW("");
    expect_invalid(&change, "tags[1].key");
    items[1].key = many("k", MILL_MAX_LOGGED_MODEL_KEY + 1);
    expect_invalid(&change, "tags[1].key");
    items[1] = (struct mill_tag){MILL_VIEW("b"), many("v", MILL_MAX_LOGGED_MODEL_TEXT + 1)};
    expect_invalid(&change, "tags[1].value");
    change.as.create_logged_model.tag_count = MILL_MAX_LOGGED_MODEL_ITEMS + 1;
    expect_invalid(&change, "tags");
}

static void logged_models_are_changed(void **state)
{
    struct mill_change change = {
        .kind = MILL_CHANGE_FINALIZE_LOGGED_MODEL,
        .as.finalize_logged_model = {MILL_VIEW("m-1"), MILL_LOGGED_MODEL_READY}};
    (void)state;
    expect_ok(&change);
    change.as.finalize_logged_model.status = 0;
    expect_invalid(&change, "status");
    struct mill_tag tags[] = {{MILL_VIEW("a"), MILL_VIEW("1")},
                              {MILL_VIEW("b"), MILL_VIEW("2")},
                              {MILL_VIEW("a"), MILL_VIEW("3")}};
    change = (struct mill_change){.kind = MILL_CHANGE_TAG_LOGGED_MODEL,
                                  .as.logged_model_tags = {MILL_VIEW("m-1"), tags, 3}};
    expect_ok(&change);
    assert_int_equal(change.as.logged_model_tags.tag_count, 2);
    assert_view(change.as.logged_model_tags.tags[0].value, "3");
    change = (struct mill_change){.kind = MILL_CHANGE_UNTAG_LOGGED_MODEL,
                                  .as.logged_model_tag = {MILL_VIEW("m-1"), {NULL, 0}}};
    expect_invalid(&change, "tag_key");
    change = (struct mill_change){.kind = MILL_CHANGE_DELETE_LOGGED_MODEL};
    expect_invalid(&change, "model_id");
    struct mill_param param = {MILL_VIEW("a"), {NULL, 0}};
    change = (struct mill_change){.kind = MILL_CHANGE_LOG_MODEL_PARAMS,
                                  .as.logged_model_params = {MILL_VIEW("m-1"), &param, 1}};
    expect_ok(&change);
    assert_view(change.as.logged_model_params.params[0].value, "");
}

static void unknown_kinds_are_a_defect(void **state)
{
    (void)state;
    struct mill_change change = {.kind = (enum mill_change_kind)0};
    expect_status(&change, MILL_E_INTERNAL, "unknown kind 0");
    change.kind = (enum mill_change_kind)1000;
    expect_status(&change, MILL_E_INTERNAL, "unknown kind 1000");
}

/* What a change needs memory for: once with too little of it at every place. */
static void check_without_memory(const struct mill_change *change)
{
    enum mill_status st = MILL_E_NOMEM;
    unsigned refused = 0;
    for (size_t left = 0; st != MILL_OK; left += 16) {
        struct mill_arena small;
        struct mill_change copy = *change;
        struct mill_error err;
        mill_arena_init(&small, 64 * 1024);
        mill_alloc_fail_after(2); /* one block, of which only the end is free */
        st = mill_arena_alloc(&small, 4080 - left) != NULL
                 ? mill_change_check(&copy, &small, &err)
                 : MILL_E_NOMEM;
        mill_alloc_fail_after(0);
        mill_arena_release(&small);
        assert_true(st == MILL_OK || st == MILL_E_NOMEM);
        refused += st == MILL_E_NOMEM;
        assert_true(left < 4080);
    }
    assert_true(refused > 0);
}

static void lack_of_memory_is_reported(void **state)
{
    (void)state;
    struct mill_tag tags[] = {{MILL_VIEW("a"), MILL_VIEW("1")}, {MILL_VIEW("b"), {NULL, 0}}};
    struct mill_param param = {MILL_VIEW("p"), MILL_VIEW("v")};
    struct mill_metric stepless = metric("m");
    stepless.step = MILL_ABSENT;
    struct mill_dataset_input input = {tags, 2, {.name = MILL_VIEW("d")}};
    struct mill_model_output output = {MILL_VIEW("m-1"), 0};

    struct mill_change change = experiment_named(MILL_VIEW("e"));
    change.as.create_experiment.artifact_location = MILL_VIEW("s3://b/x?a=%41");
    change.as.create_experiment.tags = tags;
    change.as.create_experiment.tag_count = 2;
    check_without_memory(&change);
    change = new_run();
    change.as.create_run.tags = tags;
    change.as.create_run.tag_count = 2;
    check_without_memory(&change);
    change = batch();
    change.as.log.metrics = &stepless;
    change.as.log.params = &param;
    change.as.log.tags = tags;
    change.as.log.metric_count = change.as.log.param_count = 1;
    change.as.log.tag_count = 2;
    check_without_memory(&change);
    change = (struct mill_change){.kind = MILL_CHANGE_LOG_INPUTS,
                                  .as.inputs = {RUN_ID, &input, 1, NULL, 0}};
    check_without_memory(&change);
    change = (struct mill_change){.kind = MILL_CHANGE_LOG_OUTPUTS,
                                  .as.outputs = {RUN_ID, &output, 1}};
    check_without_memory(&change);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CHECKING_TEST(experiment_names_have_1_to_500_characters),
        CHECKING_TEST(artifact_locations_are_checked),
        CHECKING_TEST(the_servers_own_storage_may_name_a_host),
        CHECKING_TEST(experiment_tags_are_checked),
        CHECKING_TEST(experiments_are_changed),
        CHECKING_TEST(experiment_tags_are_set_and_deleted),
        CHECKING_TEST(a_run_gets_a_name_and_its_tag),
        CHECKING_TEST(a_run_is_named_by_argument_or_tag),
        CHECKING_TEST(run_names_are_limited),
        CHECKING_TEST(tags_of_a_new_run_are_checked),
        CHECKING_TEST(runs_are_updated),
        CHECKING_TEST(metrics_are_checked),
        CHECKING_TEST(single_calls_have_their_own_words),
        CHECKING_TEST(values_stay_as_they_are),
        CHECKING_TEST(metric_links_are_limited),
        CHECKING_TEST(params_are_checked),
        CHECKING_TEST(the_last_of_equal_tags_counts),
        CHECKING_TEST(a_tag_that_names_the_run_is_limited),
        CHECKING_TEST(batches_are_limited),
        CHECKING_TEST(the_run_id_of_a_batch_has_a_form),
        CHECKING_TEST(tags_are_deleted_and_appended_to),
        CHECKING_TEST(datasets_are_completed),
        CHECKING_TEST(datasets_are_limited),
        CHECKING_TEST(models_are_checked),
        CHECKING_TEST(a_logged_model_gets_a_name),
        CHECKING_TEST(items_of_logged_models_are_checked),
        CHECKING_TEST(logged_models_are_changed),
        CHECKING_TEST(unknown_kinds_are_a_defect),
        CHECKING_TEST(lack_of_memory_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
