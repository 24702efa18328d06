/* test_handlers_evaluation.c - the handlers of evaluation datasets, scorers, traces and
 * assessments as functions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "calling.h"

static char dataset_id[64];

/* A dataset with two records, its id in dataset_id. */
static void make_dataset(void)
{
    assert_int_equal(ask("createDataset", "{\"name\":\"d\",\"experiment_ids\":[\"0\"],"
                                          "\"tags\":\"{\\\"team\\\":\\\"red\\\"}\"}"),
                     MILL_OK);
    value_of("\"dataset_id\":\"", dataset_id, sizeof(dataset_id));
    assert_int_equal(ask_at("upsertDatasetRecords", dataset_id, NULL,
                            "{\"records\":\"[{\\\"inputs\\\":{\\\"q\\\":1,\\\"a\\\":2}},"
                            "{\\\"inputs\\\":{\\\"q\\\":2},\\\"outputs\\\":\\\"x\\\","
                            "\\\"expectations\\\":{\\\"e\\\":true}}]\"}"),
                     MILL_OK);
    assert_string_equal(calling_answer.ptr, "{\"inserted_count\":2,\"updated_count\":0}");
}

static enum mill_status ask_dataset(const char *name, const char *second, const char *body)
{
    return ask_at(name, dataset_id, second, body);
}

static bool answer_has(const char *text)
{
    return strstr(calling_answer.ptr, text) != NULL;
}

static void datasets_come_and_go(void **state)
{
    (void)state;
    make_dataset();
    assert_int_equal(strncmp(dataset_id, "d-", 2), 0);
    assert_int_equal(ask_dataset("getDataset", NULL, ""), MILL_OK);
    assert_true(answer_has("\"name\":\"d\",\"tags\":\"{\\\"team\\\":"));
    assert_true(answer_has("\\\"num_records\\\":"));
    assert_int_equal(
        ask_dataset("setDatasetTags", NULL, "{\"tags\":\"{\\\"more\\\":\\\"1\\\"}\"}"),
        MILL_OK);
    assert_int_equal(ask_dataset("setDatasetTags", NULL, "{\"tags\":\"[]\"}"), MILL_E_INVALID);
    assert_int_equal(ask_dataset("deleteDatasetTag", "team", ""), MILL_OK);
    assert_int_equal(ask_dataset("getDataset", NULL, ""), MILL_OK);
    assert_true(answer_has("more") && !answer_has("team"));
    assert_int_equal(ask_dataset("getDatasetExperimentIds", NULL, ""), MILL_OK);
    assert_string_equal(calling_answer.ptr, "{\"experiment_ids\":[\"0\"]}");
    assert_int_equal(
        ask_dataset("removeDatasetFromExperiments", NULL, "{\"experiment_ids\":[\"0\"]}"),
        MILL_OK);
    assert_int_equal(
        ask_dataset("addDatasetToExperiments", NULL, "{\"experiment_ids\":[\"77\"]}"),
        MILL_E_NOT_FOUND);
    assert_int_equal(ask_dataset("deleteDataset", NULL, ""), MILL_OK);
    assert_int_equal(ask_dataset("getDataset", NULL, ""), MILL_E_NOT_FOUND);
}

static void records_come_by_pages(void **state)
{
    char token[64];
    (void)state;
    make_dataset();
    assert_int_equal(ask_dataset("getDatasetRecords", NULL, "{\"max_results\":1}"), MILL_OK);
    value_of("\"next_page_token\":\"", token, sizeof(token));
    assert_true(answer_has("{\\\"q\\\":1,\\\"a\\\":2}") ||
                answer_has("{\\\"q\\\": 1, \\\"a\\\": 2}"));
    char body[128];
    snprintf(body, sizeof(body), "{\"max_results\":1,\"page_token\":\"%s\"}", token);
    assert_int_equal(ask_dataset("getDatasetRecords", NULL, body), MILL_OK);
    assert_false(answer_has("next_page_token"));
    assert_true(answer_has("expectations"));
    assert_int_equal(
        ask_dataset("upsertDatasetRecords", NULL,
                    "{\"records\":\"[{\\\"inputs\\\":{\\\"a\\\":2,\\\"q\\\":1}}]\"}"),
        MILL_OK);
    assert_string_equal(calling_answer.ptr, "{\"inserted_count\":0,\"updated_count\":1}");
    assert_int_equal(ask_dataset("upsertDatasetRecords", NULL, "{\"records\":\"{}\"}"),
                     MILL_E_INVALID);
}

static void datasets_are_found(void **state)
{
    (void)state;
    make_dataset();
    make_dataset();
    assert_int_equal(
        ask("searchEvaluationDatasets", "{\"filter_string\":\"name = 'd'\",\"max_results\":1}"),
        MILL_OK);
    assert_int_equal(count_of("\"dataset_id\""), 1);
    assert_true(answer_has("next_page_token"));
    check_refused("searchEvaluationDatasets", "{\"filter_string\":\"nothing = 'd'\"}",
                  MILL_E_INVALID);
}

static void scorers_come_and_go(void **state)
{
    (void)state;
    static const char scorer[] =
        "{\"experiment_id\":\"0\",\"name\":\"s\",\"serialized_scorer\":\"{}\"}";
    assert_int_equal(ask("registerScorer", scorer), MILL_OK);
    assert_int_equal(ask("registerScorer", scorer), MILL_OK);
    assert_true(answer_has("\"version\":2"));
    assert_int_equal(ask("listScorers", "{\"experiment_id\":\"0\"}"), MILL_OK);
    assert_int_equal(count_of("\"scorer_name\":\"s\""), 1);
    assert_int_equal(ask("listScorerVersions", "{\"experiment_id\":\"0\",\"name\":\"s\"}"),
                     MILL_OK);
    assert_int_equal(count_of("\"scorer_name\":\"s\""), 2);
    assert_int_equal(ask("getScorer", "{\"experiment_id\":\"0\",\"name\":\"s\",\"version\":1}"),
                     MILL_OK);
    assert_int_equal(ask("deleteScorer", "{\"experiment_id\":\"0\",\"name\":\"s\"}"), MILL_OK);
    check_refused("getScorer", "{\"experiment_id\":\"0\",\"name\":\"s\"}", MILL_E_NOT_FOUND);
}

/* --- traces --- */

static const char trace[] =
    "{\"trace\":{\"trace_info\":{\"trace_id\":\"tr-1\",\"trace_location\":{\"type\":"
    "\"MLFLOW_EXPERIMENT\",\"mlflow_experiment\":{\"experiment_id\":\"0\"}},\"request_time\":"
    "\"2025-01-02T03:04:05.678Z\",\"execution_duration\":\"1.5s\",\"state\":\"OK\","
    "\"tags\":{\"t\":\"x\"}}}}";

static void traces_come_and_go(void **state)
{
    (void)state;
    assert_int_equal(ask("startTraceV3", trace), MILL_OK);
    assert_int_equal(ask_at("getTraceInfoV3", "tr-1", NULL, ""), MILL_OK);
    assert_true(answer_has("\"request_time\":\"2025-01-02T03:04:05.678Z\""));
    assert_true(answer_has("\"execution_duration\":\"1.500s\",\"state\":\"OK\""));
    assert_true(answer_has("mlflow-artifacts:/0/traces/tr-1/artifacts"));
    assert_int_equal(ask_at("setTraceTagV3", "tr-1", NULL, "{\"key\":\"k\",\"value\":\"v\"}"),
                     MILL_OK);
    assert_int_equal(ask_at("deleteTraceTagV3", "tr-1", NULL, "{\"key\":\"t\"}"), MILL_OK);
    assert_int_equal(ask_at("deleteTraceTagV3", "tr-1", NULL, "{\"key\":\"t\"}"),
                     MILL_E_NOT_FOUND);
    static const char here[] = "{\"locations\":[{\"type\":\"MLFLOW_EXPERIMENT\",\"mlflow_"
                               "experiment\":{\"experiment_id\":\"0\"}}],\"filter\":\"%s\"}";
    char body[256];
    snprintf(body, sizeof(body), here, "tags.k = 'v'");
    assert_int_equal(ask("searchTracesV3", body), MILL_OK);
    assert_int_equal(count_of("\"trace_id\""), 1);
    snprintf(body, sizeof(body), here, "tags.t = 'x'");
    assert_int_equal(ask("searchTracesV3", body), MILL_OK);
    assert_int_equal(count_of("\"trace_id\""), 0);
    assert_int_equal(
        ask("deleteTracesV3", "{\"experiment_id\":\"0\",\"request_ids\":[\"tr-1\"]}"), MILL_OK);
    assert_true(answer_has("\"traces_deleted\":1"));
    assert_int_equal(ask_at("getTraceInfoV3", "tr-1", NULL, ""), MILL_E_NOT_FOUND);
}

static void assessments_come_and_go(void **state)
{
    char id[64];
    (void)state;
    assert_int_equal(ask("startTraceV3", trace), MILL_OK);
    assert_int_equal(
        ask_at("createAssessment", "tr-1", NULL,
               "{\"assessment\":{\"assessment_name\":\"good\",\"feedback\":{\"value\":true}}}"),
        MILL_OK);
    value_of("\"assessment_id\":\"", id, sizeof(id));
    assert_int_equal(
        ask_at("updateAssessment", "tr-1", id,
               "{\"assessment\":{\"rationale\":\"so\"},\"update_mask\":\"rationale\"}"),
        MILL_OK);
    assert_true(answer_has("\"rationale\":\"so\"") && answer_has("\"feedback\":"));
    assert_int_equal(ask_at("getAssessment", "tr-1", id, ""), MILL_OK);
    assert_int_equal(ask_at("deleteAssessment", "tr-1", id, ""), MILL_OK);
    assert_int_equal(ask_at("getAssessment", "tr-1", id, ""), MILL_E_NOT_FOUND);
}

/* --- memory --- */

/* Each request with every one of its allocations failing. */
static void survives_failed_allocations(void **state)
{
    static const struct {
        const char *name, *first;
        const char *body;
    } requests[] = {
        {"createDataset", NULL, "{\"name\":\"e\",\"tags\":\"{\\\"a\\\":\\\"b\\\"}\"}"},
        {"upsertDatasetRecords", dataset_id,
         "{\"records\":\"[{\\\"inputs\\\":{\\\"z\\\":[1]},\\\"tags\\\":{\\\"a\\\":1}}]\"}"},
        {"getDataset", dataset_id, ""},
        {"getDatasetRecords", dataset_id, ""},
        {"searchEvaluationDatasets", NULL, "{\"filter_string\":\"tags.team = 'red'\"}"},
        {"registerScorer", NULL,
         "{\"experiment_id\":\"0\",\"name\":\"s\",\"serialized_scorer\":\"{}\"}"},
        {"listScorers", NULL, "{\"experiment_id\":\"0\"}"},
        {"startTraceV3", NULL, trace},
        {"createAssessment", "tr-1",
         "{\"assessment\":{\"assessment_name\":\"n\",\"feedback\":{\"value\":1}}}"},
        {"getTraceInfoV3", "tr-1", ""},
        {"batchGetTraceInfos", NULL, "{\"trace_ids\":[\"tr-1\"]}"},
    };
    (void)state;
    make_dataset();
    assert_int_equal(ask("startTraceV3", trace), MILL_OK);
    for (size_t i = 0; i < MILL_COUNT(requests); i++) {
        enum mill_status st = MILL_E_NOMEM;
        for (calling_fail_nth = 1; st != MILL_OK; calling_fail_nth++) {
            assert_true(calling_fail_nth < 1000);
            st = ask_at(requests[i].name, requests[i].first, NULL, requests[i].body);
            if (st != MILL_OK && st != MILL_E_NOMEM)
                fail_msg("%s: %s", requests[i].name, calling_error.message);
        }
        calling_fail_nth = 0;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CALLING_TEST(datasets_come_and_go),        CALLING_TEST(records_come_by_pages),
        CALLING_TEST(datasets_are_found),          CALLING_TEST(scorers_come_and_go),
        CALLING_TEST(traces_come_and_go),          CALLING_TEST(assessments_come_and_go),
        CALLING_TEST(survives_failed_allocations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
