/* test_change_evaluation.c - the checks of changes of evaluation datasets, scorers and traces.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "checking.h"

#include "base/alloc.h"
#include "base/view.h"
#include "model/change.h"
#include "model/limits.h"

/* --- datasets --- */

static void datasets_have_a_name_and_bounded_tags(void **state)
{
    (void)state;
    struct mill_tag tag = {MILL_VIEW("team"), MILL_VIEW("red")};
    struct mill_change change = {
        .kind = MILL_CHANGE_CREATE_EVAL_DATASET,
        .as.eval_dataset = {.dataset_id = MILL_VIEW("d-1"), .tags = &tag, .tag_count = 1}};
    expect_invalid(&change, "name");
    change.as.eval_dataset.name = many("x", MILL_MAX_EVAL_NAME + 1);
    expect_invalid(&change, "name");
    change.as.eval_dataset.name = many("x", MILL_MAX_EVAL_NAME);
    expect_ok(&change);
    tag.key = many("x", MILL_MAX_EVAL_KEY + 1);
    expect_invalid(&change, "tags[0].key");
    tag = (struct mill_tag){MILL_VIEW("k"), many("x", MILL_MAX_EVAL_TAG_VALUE + 1)};
    expect_invalid(&change, "tags[0].value");
    tag.value = MILL_VIEW("v");
    change.as.eval_dataset.experiment_count = MILL_MAX_EVAL_EXPERIMENTS + 1;
    expect_invalid(&change, "experiment_ids");
    change.as.eval_dataset.experiment_count = 0;
    change.as.eval_dataset.dataset_id = (struct mill_view){NULL, 0};
    expect_invalid(&change, "dataset_id");
}

static void records_are_bounded(void **state)
{
    (void)state;
    struct mill_tag pair = {MILL_VIEW("a"), MILL_VIEW("1")};
    struct mill_eval_record_row record = {
        .inputs = MILL_VIEW("{}"), .expectations = &pair, .expectation_count = 1};
    struct mill_change change = {.kind = MILL_CHANGE_ADD_EVAL_RECORDS,
                                 .as.eval_records = {.dataset_id = MILL_VIEW("d-1"),
                                                     .records = &record,
                                                     .record_count = 1}};
    expect_ok(&change);
    record.outputs = many("x", MILL_MAX_EVAL_JSON + 1);
    expect_invalid(&change, "records[0].outputs");
    record.outputs = (struct mill_view){NULL, 0};
    pair.key = many("x", MILL_MAX_EVAL_KEY + 1);
    expect_invalid(&change, "records[0].expectations");
    change.as.eval_records.record_count = MILL_MAX_EVAL_RECORDS + 1;
    expect_invalid(&change, "records has");
    change.as.eval_records.record_count = 0;
    change.as.eval_records.record_id_count = MILL_MAX_EVAL_RECORDS + 1;
    expect_invalid(&change, "dataset_record_ids has");
}

static void scorers_have_a_name(void **state)
{
    (void)state;
    struct mill_change change = {.kind = MILL_CHANGE_REGISTER_SCORER,
                                 .as.scorer = {.experiment_id = 0,
                                               .name = MILL_VIEW(""),
                                               .serialized = MILL_VIEW("{}"),
                                               .version = MILL_ABSENT}};
    expect_invalid(&change, "name");
    change.as.scorer.name = MILL_VIEW("s");
    expect_ok(&change);
    change.as.scorer.experiment_id = MILL_ABSENT;
    expect_invalid(&change, "experiment_id");
}

/* --- traces --- */

/* Long values are cut, as those of runs are; too many are refused. */
static void traces_are_cut(void **state)
{
    (void)state;
    struct mill_tag tag = {MILL_VIEW("k"), many("x", MILL_MAX_TRACE_VALUE + 1)};
    struct mill_change change = {
        .kind = MILL_CHANGE_START_TRACE,
        .as.trace = {.trace_id = MILL_VIEW("tr-1"),
                     .experiment_id = 0,
                     .request_preview = many("x", MILL_MAX_TRACE_PREVIEW + 1),
                     .tags = &tag,
                     .tag_count = 1}};
    expect_ok(&change);
    assert_int_equal(change.as.trace.tags[0].value.len, MILL_MAX_TRACE_VALUE);
    assert_int_equal(change.as.trace.request_preview.len, MILL_MAX_TRACE_PREVIEW);
    change.as.trace.tags = &tag;
    change.as.trace.tag_count = MILL_MAX_TRACE_ITEMS + 1;
    expect_invalid(&change, "tags has");
    change.as.trace.tag_count = 0;
    change.as.trace.assessment_count = MILL_MAX_TRACE_ASSESSMENTS + 1;
    expect_invalid(&change, "assessments has");
    change.as.trace.assessment_count = 0;
    change.as.trace.trace_id = MILL_VIEW("");
    expect_invalid(&change, "trace_id");
}

static void traces_are_deleted_one_way(void **state)
{
    (void)state;
    const struct mill_view id = MILL_VIEW("tr-1");
    struct mill_change change = {
        .kind = MILL_CHANGE_DELETE_TRACES,
        .as.traces = {.max_timestamp = MILL_ABSENT, .max_traces = MILL_ABSENT}};
    expect_invalid(&change, "either");
    change.as.traces.trace_ids = &id;
    change.as.traces.trace_count = 1;
    expect_ok(&change);
    change.as.traces.max_traces = 1;
    expect_invalid(&change, "max_timestamp_millis only");
    change.as.traces.max_timestamp = 5;
    expect_invalid(&change, "either");
    change.as.traces.trace_count = 0;
    expect_ok(&change);
    change.as.traces.max_traces = 0;
    expect_invalid(&change, "max_traces");
}

static void links_need_a_run(void **state)
{
    (void)state;
    struct mill_change change = {.kind = MILL_CHANGE_LINK_TRACES,
                                 .as.traces.run_id = MILL_VIEW("")};
    expect_invalid(&change, "run_id");
    change.as.traces.run_id = MILL_VIEW("0123456789abcdef0123456789abcdef");
    expect_ok(&change);
    change.as.traces.trace_count = MILL_MAX_TRACES_PER_CALL + 1;
    expect_invalid(&change, "trace_ids has");
}

static void assessments_say_one_thing(void **state)
{
    (void)state;
    struct mill_change change = {.kind = MILL_CHANGE_ADD_ASSESSMENT,
                                 .as.assessment = {.trace_id = MILL_VIEW("tr-1"),
                                                   .assessment_id = MILL_VIEW("a-1"),
                                                   .feedback = MILL_VIEW("{}")}};
    expect_invalid(&change, "assessment_name");
    change.as.assessment.name = MILL_VIEW("good");
    expect_ok(&change);
    change.as.assessment.expectation = MILL_VIEW("{}");
    expect_invalid(&change, "either a feedback or an expectation");
    change.as.assessment.feedback = (struct mill_view){NULL, 0};
    expect_ok(&change);
    change.as.assessment.expectation = many("x", MILL_MAX_ASSESSMENT_TEXT + 1);
    expect_invalid(&change, "expectation has");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CHECKING_TEST(datasets_have_a_name_and_bounded_tags),
        CHECKING_TEST(records_are_bounded),
        CHECKING_TEST(scorers_have_a_name),
        CHECKING_TEST(traces_are_cut),
        CHECKING_TEST(traces_are_deleted_one_way),
        CHECKING_TEST(links_need_a_run),
        CHECKING_TEST(assessments_say_one_thing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
