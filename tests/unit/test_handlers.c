/* test_handlers.c - handlers as functions: request text in, answer text out, on a store in
 * memory and without HTTP. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

#include "calling.h"

static char run_id[64];

/* A run in experiment 0, its id in run_id. */
static void make_run(void)
{
    assert_int_equal(ask("createRun", "{\"run_name\":\"r\",\"start_time\":5}"), MILL_OK);
    value_of("\"run_id\":\"", run_id, sizeof(run_id));
}

/* Asks with the id of the run in place of each %. */
static enum mill_status ask_run(const char *name, const char *format)
{
    struct mill_buf body = {0};
    for (const char *p = format; *p != '\0'; p++) {
        if (*p == '%')
            mill_buf_add_view(&body, mill_view_of(run_id));
        else
            mill_buf_add_char(&body, *p);
    }
    mill_buf_add_char(&body, '\0');
    enum mill_status st = ask(name, body.ptr);
    mill_buf_release(&body);
    return st;
}

static void experiments_come_and_go(void **state)
{
    (void)state;
    check("createExperiment", "{\"name\":\"e\",\"tags\":[{\"key\":\"a\",\"value\":\"b\"}]}",
          "{\"experiment_id\":\"1\"}");
    check("getExperimentByName", "{\"experiment_name\":\"e\"}",
          "{\"experiment\":{\"experiment_id\":\"1\",\"name\":\"e\",\"artifact_location\":"
          "\"mlflow-artifacts:/1\",\"lifecycle_stage\":\"active\",\"last_update_time\":1000,"
          "\"creation_time\":1000,\"tags\":[{\"key\":\"a\",\"value\":\"b\"}],"
          "\"workspace\":\"default\"}}");
    check_refused("createExperiment", "{\"name\":\"e\"}", MILL_E_EXISTS);
    check("updateExperiment", "{\"experiment_id\":1,\"new_name\":\"f\"}", "{}");
    check("setExperimentTag", "{\"experiment_id\":\"1\",\"key\":\"a\",\"value\":\"c\"}", "{}");
    check("deleteExperiment", "{\"experiment_id\":\"1\"}", "{}");
    check_refused("deleteExperiment", "{\"experiment_id\":\"1\"}", MILL_E_NOT_FOUND);
    assert_int_equal(ask("getExperiment", "{\"experiment_id\":\"1\"}"), MILL_OK);
    assert_non_null(strstr(calling_answer.ptr, "\"lifecycle_stage\":\"deleted\""));
    check("restoreExperiment", "{\"experiment_id\":\"1\"}", "{}");
    check("deleteExperimentTag", "{\"experiment_id\":\"1\",\"key\":\"a\"}", "{}");
    check_refused("getExperiment", "{\"experiment_id\":\"7\"}", MILL_E_NOT_FOUND);
    check_refused("getExperiment", "{}", MILL_E_INVALID);
}

static void relative_locations_become_absolute(void **state)
{
    char here[4096];
    char expected[5000];
    (void)state;
    assert_non_null(getcwd(here, sizeof(here)));
    check("createExperiment", "{\"name\":\"e\",\"artifact_location\":\"./some/where\"}",
          "{\"experiment_id\":\"1\"}");
    assert_int_equal(ask("getExperiment", "{\"experiment_id\":\"1\"}"), MILL_OK);
    snprintf(expected, sizeof(expected), "\"artifact_location\":\"%s/some/where\"", here);
    assert_non_null(strstr(calling_answer.ptr, expected));
}

static void experiments_are_found_by_pages(void **state)
{
    char token[64];
    char body[256];
    (void)state;
    check_refused("searchExperiments", "{}", MILL_E_INVALID);
    check_refused("searchExperiments", "{\"max_results\":50001}", MILL_E_INVALID);
    check("createExperiment", "{\"name\":\"two\"}", "{\"experiment_id\":\"1\"}");
    assert_int_equal(ask("searchExperiments", "{\"max_results\":1,\"order_by\":[\"name\"]}"),
                     MILL_OK);
    assert_non_null(strstr(calling_answer.ptr, "\"name\":\"Default\""));
    value_of("\"next_page_token\":\"", token, sizeof(token));
    snprintf(body, sizeof(body),
             "{\"max_results\":1,\"order_by\":[\"name\"],\"page_token\":\"%s\"}", token);
    assert_int_equal(ask("searchExperiments", body), MILL_OK);
    assert_non_null(strstr(calling_answer.ptr, "\"name\":\"two\""));
    assert_null(strstr(calling_answer.ptr, "next_page_token"));
    assert_int_equal(ask("listExperiments", "{\"view_type\":\"ALL\"}"), MILL_OK);
    assert_non_null(strstr(calling_answer.ptr, "\"experiment_id\":\"0\""));
    assert_non_null(strstr(calling_answer.ptr, "\"experiment_id\":\"1\""));
}

static void runs_come_and_go(void **state)
{
    (void)state;
    make_run();
    assert_int_equal(strlen(run_id), 32);
    assert_non_null(strstr(calling_answer.ptr,
                           "\"user_id\":\"\",\"status\":\"RUNNING\",\"start_time\":"
                           "5,\"artifact_uri\":\"mlflow-artifacts:/0/"));
    assert_non_null(strstr(calling_answer.ptr, "\"inputs\":{}}}"));
    assert_int_equal(ask_run("updateRun", "{\"run_uuid\":\"%\",\"status\":\"FINISHED\","
                                          "\"end_time\":9}"),
                     MILL_OK);
    assert_non_null(strstr(calling_answer.ptr, "{\"run_info\":{\"run_uuid\":"));
    assert_non_null(strstr(calling_answer.ptr, "\"end_time\":9"));
    assert_int_equal(ask_run("deleteRun", "{\"run_id\":\"%\"}"), MILL_OK);
    assert_int_equal(ask_run("getRun", "{\"run_id\":\"%\",\"run_uuid\":\"other\"}"), MILL_OK);
    assert_non_null(strstr(calling_answer.ptr, "\"lifecycle_stage\":\"deleted\""));
    assert_non_null(strstr(calling_answer.ptr, "\"inputs\":{},\"outputs\":{}}}"));
    assert_int_equal(ask_run("restoreRun", "{\"run_id\":\"%\"}"), MILL_OK);
    check_refused("getRun", "{\"run_id\":\"\"}", MILL_E_INVALID);
    check_refused("getRun", "{\"run_id\":\"no\"}", MILL_E_NOT_FOUND);
}

static void what_runs_log_is_there(void **state)
{
    (void)state;
    make_run();
    assert_int_equal(ask_run("logMetric", "{\"run_uuid\":\"%\",\"key\":\"m\",\"value\":\"NaN\","
                                          "\"timestamp\":7}"),
                     MILL_OK);
    assert_int_equal(ask_run("logParam", "{\"run_id\":\"%\",\"key\":\"p\",\"value\":\"1\"}"),
                     MILL_OK);
    assert_int_equal(ask_run("logParam", "{\"run_id\":\"%\",\"key\":\"p\",\"value\":\"2\"}"),
                     MILL_E_INVALID);
    assert_int_equal(ask_run("setTag", "{\"run_id\":\"%\",\"key\":\"t\",\"value\":\"v\"}"),
                     MILL_OK);
    assert_int_equal(
        ask_run("setTag", "{\"run_id\":\"%\",\"key\":\"mlflow.runName\",\"value\":\"\"}"),
        MILL_OK);
    assert_int_equal(ask_run("logBatch",
                             "{\"run_id\":\"%\",\"metrics\":[{\"key\":\"n\",\"value\":1,"
                             "\"timestamp\":1}],\"params\":[{\"key\":\"q\",\"value\":\"\"}]}"),
                     MILL_OK);
    assert_int_equal(ask_run("getRun", "{\"run_id\":\"%\"}"), MILL_OK);
    assert_non_null(
        strstr(calling_answer.ptr,
               "\"data\":{\"metrics\":[{\"key\":\"m\",\"value\":\"NaN\",\"timestamp\":7,"
               "\"step\":0},{\"key\":\"n\",\"value\":1.0,\"timestamp\":1,\"step\":0}],"
               "\"params\":[{\"key\":\"p\",\"value\":\"1\"},{\"key\":\"q\",\"value\":"
               "\"\"}],\"tags\":[{\"key\":\"mlflow.runName\",\"value\":\"r\"},{\"key\":"
               "\"t\",\"value\":\"v\"}]}"));
    assert_int_equal(ask_run("deleteTag", "{\"run_id\":\"%\",\"key\":\"t\"}"), MILL_OK);
    assert_int_equal(ask_run("deleteTag", "{\"run_id\":\"%\",\"key\":\"t\"}"),
                     MILL_E_NOT_FOUND);
}

static void inputs_and_outputs_are_there(void **state)
{
    (void)state;
    make_run();
    assert_int_equal(ask_run("logInputs",
                             "{\"run_id\":\"%\",\"datasets\":[{\"tags\":[{\"key\":"
                             "\"mlflow.data.context\",\"value\":\"eval\"}],\"dataset\":{"
                             "\"name\":\"d\",\"digest\":\"x\",\"source_type\":\"local\","
                             "\"source\":\"{}\"}}]}"),
                     MILL_OK);
    assert_int_equal(ask_run("logOutputs",
                             "{\"run_id\":\"%\",\"models\":[{\"model_id\":\"m-1\","
                             "\"step\":2}]}"),
                     MILL_OK);
    assert_int_equal(ask_run("getRun", "{\"run_id\":\"%\"}"), MILL_OK);
    assert_non_null(
        strstr(calling_answer.ptr,
               "\"inputs\":{\"dataset_inputs\":[{\"tags\":[{\"key\":\"mlflow.data.context"
               "\",\"value\":\"eval\"}],\"dataset\":{\"name\":\"d\",\"digest\":\"x\","
               "\"source_type\":\"local\",\"source\":\"{}\"}}]},\"outputs\":{"
               "\"model_outputs\":[{\"model_id\":\"m-1\",\"step\":2}]}"));
    check("searchDatasets", "{\"experiment_ids\":[\"0\"]}",
          "{\"dataset_summaries\":[{\"experiment_id\":\"0\",\"name\":\"d\",\"digest\":\"x\","
          "\"context\":\"eval\"}]}");
    check_refused("searchDatasets", "{\"experiment_ids\":[]}", MILL_E_INVALID);
}

static void models_of_old_clients_are_noted(void **state)
{
    static const char body[] =
        "{\"run_id\":\"%\",\"model_json\":\"{\\\"flavors\\\":{},\\\"run_id\\\":\\\"x\\\","
        "\\\"artifact_path\\\":\\\"m\\\",\\\"utc_time_created\\\":\\\"t\\\",\\\"z\\\":1}\"}";
    (void)state;
    make_run();
    assert_int_equal(ask_run("logModel", body), MILL_OK);
    assert_int_equal(ask_run("logModel", body), MILL_OK);
    assert_int_equal(ask_run("getRun", "{\"run_id\":\"%\"}"), MILL_OK);
    const char *first =
        strstr(calling_answer.ptr, "[{\\\"run_id\\\":\\\"x\\\",\\\"artifact_path\\\":"
                                   "\\\"m\\\",\\\"utc_time_created\\\":\\\"t\\\","
                                   "\\\"flavors\\\":{}}");
    assert_non_null(first);
    assert_non_null(strstr(first + 2, "{\\\"run_id\\\""));
    assert_int_equal(ask_run("logModel", "{\"run_id\":\"%\",\"model_json\":\"[\"}"),
                     MILL_E_INVALID);
    assert_int_equal(ask_run("logModel", "{\"run_id\":\"%\",\"model_json\":\"{}\"}"),
                     MILL_E_INVALID);
    assert_non_null(strstr(calling_error.message, "run_id"));
}

static void log_points(int count)
{
    struct mill_buf body = {0};
    mill_buf_add_view(&body, MILL_VIEW("{\"run_id\":\"%\",\"metrics\":["));
    for (int i = 0; i < count; i++)
        mill_buf_printf(&body, "%s{\"key\":\"m\",\"value\":%d,\"timestamp\":%d,\"step\":%d}",
                        i > 0 ? "," : "", i, i, count - i);
    mill_buf_add(&body, "]}", 3);
    assert_int_equal(ask_run("logBatch", body.ptr), MILL_OK);
    mill_buf_release(&body);
}

static void history_comes_by_pages_or_at_once(void **state)
{
    char token[64];
    char body[256];
    (void)state;
    make_run();
    log_points(3);
    assert_int_equal(ask_run("getMetricHistory",
                             "{\"run_uuid\":\"%\",\"metric_key\":\"m\",\"max_results\":2}"),
                     MILL_OK);
    assert_non_null(strstr(calling_answer.ptr, "{\"metrics\":[{\"key\":\"m\",\"value\":0.0,"
                                               "\"timestamp\":0,\"step\":3},{"));
    value_of("\"next_page_token\":\"", token, sizeof(token));
    snprintf(body, sizeof(body),
             "{\"run_id\":\"%%\",\"metric_key\":\"m\",\"page_token\":\"%s\"}", token);
    assert_int_equal(ask_run("getMetricHistory", body), MILL_OK);
    assert_string_equal(
        calling_answer.ptr,
        "{\"metrics\":[{\"key\":\"m\",\"value\":2.0,\"timestamp\":2,\"step\":1}]}");
    assert_int_equal(ask_run("getMetricHistory",
                             "{\"run_id\":\"%\",\"metric_key\":\"m\",\"max_results\":3}"),
                     MILL_OK);
    assert_null(strstr(calling_answer.ptr, "next_page_token"));
    assert_int_equal(ask_run("getMetricHistory", "{\"run_id\":\"%\",\"metric_key\":\"x\"}"),
                     MILL_OK);
    assert_string_equal(calling_answer.ptr, "{}");
    check("getMetricHistory", "{\"run_id\":\"no\",\"metric_key\":\"x\"}", "{}");
    check_refused("getMetricHistory",
                  "{\"run_id\":\"r\",\"metric_key\":\"x\",\"max_results\":0}", MILL_E_INVALID);
}

/* More than one piece of an calling_answer, and a page that ends where a read of the store
 * ends. */
static void long_history_is_whole(void **state)
{
    (void)state;
    make_run();
    log_points(1000);
    assert_int_equal(ask_run("getMetricHistory", "{\"run_id\":\"%\",\"metric_key\":\"m\"}"),
                     MILL_OK);
    assert_int_equal(count_of("\"timestamp\":"), 1000);
    assert_string_equal(calling_answer.ptr + calling_answer.len - 4, "}]}");
    assert_int_equal(ask_run("getMetricHistory",
                             "{\"run_id\":\"%\",\"metric_key\":\"m\",\"max_results\":512}"),
                     MILL_OK);
    assert_non_null(strstr(calling_answer.ptr, "eyJvZmZzZXQiOiA1MTJ9"));
}

static void histories_of_several_runs(void **state)
{
    (void)state;
    make_run();
    log_points(10);
    assert_int_equal(ask_run("getMetricHistoryBulk",
                             "{\"run_id\":[\"%\",\"no\",\"%\"],\"metric_key\":\"m\","
                             "\"max_results\":1}"),
                     MILL_OK);
    assert_non_null(strstr(calling_answer.ptr, "{\"metrics\":[{\"key\":\"m\",\"value\":0.0,"
                                               "\"timestamp\":0,\"step\":10,\"run_id\":"));
    assert_null(strstr(calling_answer.ptr, "\"timestamp\":1"));
    check("getMetricHistoryBulk", "{\"run_id\":[\"no\"],\"metric_key\":\"m\"}",
          "{\"metrics\":[]}");
    check_refused("getMetricHistoryBulk", "{\"metric_key\":\"m\"}", MILL_E_INVALID);
    assert_int_equal(ask_run("getMetricHistoryBulkInterval",
                             "{\"run_ids\":[\"%\"],\"metric_key\":\"m\",\"max_results\":2,"
                             "\"start_step\":1,\"end_step\":4}"),
                     MILL_OK);
    assert_non_null(strstr(calling_answer.ptr, "\"step\":1,"));
    assert_non_null(strstr(calling_answer.ptr, "\"step\":4,"));
    check_refused("getMetricHistoryBulkInterval",
                  "{\"run_ids\":[\"a\"],\"metric_key\":\"m\",\"start_step\":1}",
                  MILL_E_INVALID);
    check_refused("getMetricHistoryBulkInterval",
                  "{\"run_ids\":[\"a\"],\"metric_key\":\"m\",\"max_results\":2501}",
                  MILL_E_INVALID);
    check_refused("getMetricHistoryBulkInterval", "{\"run_ids\":[],\"metric_key\":\"m\"}",
                  MILL_E_INVALID);
}

static void runs_are_found_by_pages(void **state)
{
    char token[64];
    char body[256];
    (void)state;
    make_run();
    make_run();
    check("searchRuns", "{}", "{}");
    check_refused("searchRuns", "{\"experiment_ids\":[\"0\"],\"max_results\":0}",
                  MILL_E_INVALID);
    check_refused("searchRuns", "{\"experiment_ids\":[\"0\"],\"filter\":\"metrics.\"}",
                  MILL_E_INVALID);
    check_refused("searchRuns", "{\"experiment_ids\":[\"0\"],\"page_token\":\"x\"}",
                  MILL_E_INVALID);
    assert_int_equal(ask("searchRuns", "{\"experiment_ids\":[\"0\"],\"max_results\":1}"),
                     MILL_OK);
    value_of("\"next_page_token\":\"", token, sizeof(token));
    snprintf(body, sizeof(body),
             "{\"experiment_ids\":[\"0\"],\"max_results\":1,\"page_token\":\"%s\"}", token);
    assert_int_equal(ask("searchRuns", body), MILL_OK);
    assert_non_null(strstr(calling_answer.ptr, "{\"runs\":[{\"info\":{\"run_uuid\":"));
    assert_null(strstr(calling_answer.ptr, "next_page_token"));
    assert_int_equal(
        ask("searchRuns", "{\"experiment_ids\":[\"0\"],\"run_view_type\":\"DELETED_ONLY\"}"),
        MILL_OK);
    assert_string_equal(calling_answer.ptr, "{}");
}

/* Answers of many runs are made in pieces; they look as if they were not. */
static void many_runs_are_one_answer(void **state)
{
    (void)state;
    for (int i = 0; i < 2002; i++)
        assert_int_equal(ask("createRun", "{}"), MILL_OK);
    assert_int_equal(ask("searchRuns", "{\"experiment_ids\":[\"0\"],\"max_results\":2001}"),
                     MILL_OK);
    assert_int_equal(count_of("\"run_uuid\""), 2001);
    assert_int_equal(count_of("\"outputs\":{}}"), 2001);
    assert_non_null(
        strstr(calling_answer.ptr, "],\"next_page_token\":\"eyJvZmZzZXQiOiAyMDAxfQ==\"}"));
    struct mill_json json;
    struct mill_view text = mill_json_pad(mill_view_of(calling_answer.ptr), &calling_arena);
    assert_int_equal(mill_json_parse(text, &calling_arena, &json, NULL), MILL_OK);
}

/* --- the model registry --- */

static void registered_models_come_and_go(void **state)
{
    (void)state;
    static const char made[] =
        "{\"registered_model\":{\"name\":\"m\",\"creation_timestamp\":1000,"
        "\"last_updated_timestamp\":1000,\"description\":\"d\","
        "\"tags\":[{\"key\":\"k\",\"value\":\"v\"}]}}";
    check("createRegisteredModel",
          "{\"name\":\"m\",\"description\":\"d\",\"tags\":[{\"key\":\"k\",\"value\":\"v\"}]}",
          made);
    check("getRegisteredModel", "{\"name\":\"m\"}", made);
    check_refused("createRegisteredModel", "{\"name\":\"m\"}", MILL_E_EXISTS);
    check_refused("createRegisteredModel", "{\"name\":\"a/b\"}", MILL_E_INVALID);
    check("setRegisteredModelTag", "{\"name\":\"m\",\"key\":\"j\",\"value\":\"1\"}", "{}");
    check("deleteRegisteredModelTag", "{\"name\":\"m\",\"key\":\"k\"}", "{}");
    assert_int_equal(ask("updateRegisteredModel", "{\"name\":\"m\"}"), MILL_OK);
    assert_null(strstr(calling_answer.ptr, "description"));
    assert_int_equal(ask("renameRegisteredModel", "{\"name\":\"m\",\"new_name\":\"n\"}"),
                     MILL_OK);
    assert_non_null(strstr(calling_answer.ptr, "\"name\":\"n\""));
    check_refused("getRegisteredModel", "{\"name\":\"m\"}", MILL_E_NOT_FOUND);
    for (int i = 0; i < 3; i++) {
        char body[60];
        snprintf(body, sizeof(body), "{\"name\":\"more%d\"}", i);
        assert_int_equal(ask("createRegisteredModel", body), MILL_OK);
    }
    assert_int_equal(
        ask("searchRegisteredModels", "{\"filter\":\"name LIKE 'more%'\",\"max_results\":2}"),
        MILL_OK);
    assert_int_equal(count_of("creation_timestamp"), 2);
    assert_non_null(strstr(calling_answer.ptr, "\"next_page_token\":\"eyJvZmZzZXQiOiAyfQ==\""));
    assert_int_equal(ask("searchRegisteredModels", "{\"filter\":\"name LIKE 'more%'\","
                                                   "\"page_token\":\"eyJvZmZzZXQiOiAyfQ==\"}"),
                     MILL_OK);
    assert_int_equal(count_of("creation_timestamp"), 1);
    check_refused("searchRegisteredModels", "{\"max_results\":1001}", MILL_E_INVALID);
    check_refused("searchRegisteredModels", "{\"filter\":\"x = 1\"}", MILL_E_INVALID);
    check("deleteRegisteredModel", "{\"name\":\"n\"}", "{}");
    check_refused("deleteRegisteredModel", "{\"name\":\"n\"}", MILL_E_NOT_FOUND);
}

static void model_versions_come_and_go(void **state)
{
    (void)state;
    assert_int_equal(ask("createRegisteredModel", "{\"name\":\"m\"}"), MILL_OK);
    check("createModelVersion", "{\"name\":\"m\",\"source\":\"s3://b/m\",\"run_id\":\"r\"}",
          "{\"model_version\":{\"name\":\"m\",\"version\":\"1\",\"creation_timestamp\":1000,"
          "\"last_updated_timestamp\":1000,\"current_stage\":\"None\",\"description\":\"\","
          "\"source\":\"s3://b/m\",\"run_id\":\"r\",\"status\":\"READY\",\"run_link\":\"\"}}");
    check_refused("createModelVersion", "{\"name\":\"m\",\"source\":\"/etc\"}", MILL_E_INVALID);
    check_refused("createModelVersion", "{\"name\":\"x\",\"source\":\"s3://b/m\"}",
                  MILL_E_NOT_FOUND);
    check("getModelVersionDownloadUri", "{\"name\":\"m\",\"version\":\"1\"}",
          "{\"artifact_uri\":\"s3://b/m\"}");
    check("setModelVersionTag", "{\"name\":\"m\",\"version\":\"1\",\"key\":\"k\"}", "{}");
    check("deleteModelVersionTag", "{\"name\":\"m\",\"version\":1,\"key\":\"k\"}", "{}");
    check("setRegisteredModelAlias", "{\"name\":\"m\",\"alias\":\"best\",\"version\":\"1\"}",
          "{}");
    assert_int_equal(ask("getModelVersionByAlias", "{\"name\":\"m\",\"alias\":\"best\"}"),
                     MILL_OK);
    assert_non_null(strstr(calling_answer.ptr, "\"aliases\":[\"best\"]"));
    check("deleteRegisteredModelAlias", "{\"name\":\"m\",\"alias\":\"best\"}", "{}");
    check_refused("getModelVersionByAlias", "{\"name\":\"m\",\"alias\":\"best\"}",
                  MILL_E_INVALID);
    assert_int_equal(ask("updateModelVersion", "{\"name\":\"m\",\"version\":\"1\"}"), MILL_OK);
    assert_null(strstr(calling_answer.ptr, "description"));
    assert_int_equal(ask("transitionModelVersionStage",
                         "{\"name\":\"m\",\"version\":\"1\",\"stage\":\"staging\","
                         "\"archive_existing_versions\":true}"),
                     MILL_OK);
    assert_non_null(strstr(calling_answer.ptr, "\"current_stage\":\"Staging\""));
    check_refused("transitionModelVersionStage",
                  "{\"name\":\"m\",\"version\":\"1\",\"stage\":\"Canary\"}", MILL_E_INVALID);
    check("getLatestVersions", "{\"name\":\"m\",\"stages\":[\"Production\"]}", "{}");
    assert_int_equal(ask("getLatestVersions", "{\"name\":\"m\",\"stages\":[\"STAGING\"]}"),
                     MILL_OK);
    assert_int_equal(count_of("\"version\""), 1);
    check_refused("getLatestVersions", "{\"name\":\"m\",\"stages\":[\"x\"]}", MILL_E_INVALID);
    assert_int_equal(ask("getModelVersion", "{\"name\":\"m\",\"version\":\"1\"}"), MILL_OK);
    check("deleteModelVersion", "{\"name\":\"m\",\"version\":\"1\"}", "{}");
    check_refused("getModelVersion", "{\"name\":\"m\",\"version\":\"1\"}", MILL_E_NOT_FOUND);
    check("searchModelVersions", "{}", "{}");
}

static void many_versions_are_one_answer(void **state)
{
    (void)state;
    assert_int_equal(ask("createRegisteredModel", "{\"name\":\"m\"}"), MILL_OK);
    for (int i = 0; i < 400; i++)
        assert_int_equal(ask("createModelVersion", "{\"name\":\"m\",\"source\":\"s3://b/m\"}"),
                         MILL_OK);
    assert_int_equal(ask("searchModelVersions", "{\"max_results\":399}"), MILL_OK);
    assert_int_equal(count_of("\"current_stage\""), 399);
    assert_non_null(
        strstr(calling_answer.ptr, "],\"next_page_token\":\"eyJvZmZzZXQiOiAzOTl9\"}"));
    struct mill_json json;
    struct mill_view text = mill_json_pad(mill_view_of(calling_answer.ptr), &calling_arena);
    assert_int_equal(mill_json_parse(text, &calling_arena, &json, NULL), MILL_OK);
    assert_int_equal(ask("searchModelVersions", "{\"max_results\":2}"), MILL_OK);
    assert_int_equal(count_of("\"current_stage\""), 2);
}

/* With the nth allocation failing a request is refused for that, or not at all. */
static void survives_failed_allocations(void **state)
{
    static const struct {
        const char *name;
        const char *body;
    } requests[] = {
        {"createExperiment", "{\"name\":\"e\",\"artifact_location\":\"x\"}"},
        {"createRun", "{\"tags\":[{\"key\":\"a\",\"value\":\"b\"}]}"},
        {"logMetric", "{\"run_id\":\"%\",\"key\":\"m\",\"value\":1,\"timestamp\":1}"},
        {"setTag", "{\"run_id\":\"%\",\"key\":\"t\",\"value\":\"1\"}"},
        {"getRun", "{\"run_id\":\"%\"}"},
        {"searchRuns", "{\"experiment_ids\":[\"0\"],\"filter\":\"metrics.m > 0\"}"},
        {"searchExperiments", "{\"max_results\":1}"},
        {"getMetricHistory", "{\"run_id\":\"%\",\"metric_key\":\"m\"}"},
        {"getMetricHistoryBulk", "{\"run_id\":[\"%\"],\"metric_key\":\"m\"}"},
        {"searchDatasets", "{\"experiment_ids\":[\"0\"]}"},
        {"createRegisteredModel", "{\"name\":\"m\",\"tags\":[{\"key\":\"a\"}]}"},
        {"createModelVersion", "{\"name\":\"m\",\"source\":\"runs:/%/m\",\"run_id\":\"%\"}"},
        {"createModelVersion", "{\"name\":\"m\",\"source\":\"models:/m/latest\"}"},
        {"setRegisteredModelAlias", "{\"name\":\"m\",\"alias\":\"a\",\"version\":\"1\"}"},
        {"transitionModelVersionStage",
         "{\"name\":\"m\",\"version\":\"1\",\"stage\":\"Staging\"}"},
        {"getLatestVersions", "{\"name\":\"m\"}"},
        {"getModelVersionByAlias", "{\"name\":\"m\",\"alias\":\"a\"}"},
        {"searchRegisteredModels", "{\"filter\":\"tags.a = ''\"}"},
        {"searchModelVersions", "{\"order_by\":[\"version_number\"]}"},
        {"renameRegisteredModel", "{\"name\":\"m\",\"new_name\":\"n\"}"},
        {"deleteModelVersion", "{\"name\":\"n\",\"version\":\"1\"}"}};
    (void)state;
    make_run();
    for (size_t i = 0; i < MILL_COUNT(requests); i++) {
        enum mill_status st = MILL_E_NOMEM;
        for (calling_fail_nth = 1; st != MILL_OK; calling_fail_nth++) {
            assert_true(calling_fail_nth < 1000);
            st = ask_run(requests[i].name, requests[i].body);
            assert_true(st == MILL_OK || st == MILL_E_NOMEM);
        }
        calling_fail_nth = 0;
    }
}

static void the_server_says_what_it_can(void **state)
{
    (void)state;
    assert_int_equal(ask("serverInfo", ""), MILL_OK);
    assert_non_null(strstr(calling_answer.ptr, "\"workspaces_enabled\":false"));
    check("searchLoggedModels", "{\"experiment_ids\":[\"0\"]}", "{}");
}

#define TEST(name) CALLING_TEST(name)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(experiments_come_and_go),         TEST(relative_locations_become_absolute),
        TEST(experiments_are_found_by_pages),  TEST(runs_come_and_go),
        TEST(what_runs_log_is_there),          TEST(inputs_and_outputs_are_there),
        TEST(models_of_old_clients_are_noted), TEST(history_comes_by_pages_or_at_once),
        TEST(long_history_is_whole),           TEST(histories_of_several_runs),
        TEST(runs_are_found_by_pages),         TEST(many_runs_are_one_answer),
        TEST(registered_models_come_and_go),   TEST(model_versions_come_and_go),
        TEST(many_versions_are_one_answer),    TEST(survives_failed_allocations),
        TEST(the_server_says_what_it_can),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
