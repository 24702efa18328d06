/* test_handlers_logged_models.c - the handlers of logged models as functions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "calling.h"

static char model_id[64];

/* A model in experiment 0, its id in model_id. */
static void make_model(void)
{
    assert_int_equal(ask("createLoggedModel", "{\"experiment_id\":\"0\",\"name\":\"m\","
                                              "\"params\":[{\"key\":\"p\",\"value\":\"1\"}],"
                                              "\"tags\":[{\"key\":\"t\",\"value\":\"x\"}]}"),
                     MILL_OK);
    value_of("\"model_id\":\"", model_id, sizeof(model_id));
}

/* Asks about the model; each % in the body stands for its id. */
static enum mill_status ask_model(const char *name, const char *format, const char *second)
{
    struct mill_buf body = {0};
    for (const char *p = format; *p != '\0'; p++)
        if (*p == '%')
            mill_buf_add_view(&body, mill_view_of(model_id));
        else
            mill_buf_add_char(&body, *p);
    mill_buf_add_char(&body, '\0');
    enum mill_status st = ask_at(name, model_id, second, body.ptr);
    mill_buf_release(&body);
    return st;
}

static void models_come_and_go(void **state)
{
    (void)state;
    make_model();
    assert_int_equal(strlen(model_id), 34);
    assert_int_equal(strncmp(model_id, "m-", 2), 0);
    assert_non_null(strstr(calling_answer.ptr, "\"status\":\"LOGGED_MODEL_PENDING\""));
    assert_non_null(
        strstr(calling_answer.ptr,
               "\"model_type\":\"\",\"source_run_id\":\"\",\"tags\":[{\"key\":\"t\","
               "\"value\":\"x\"}]},\"data\":{\"params\":[{\"key\":\"p\",\"value\":"
               "\"1\"}]}"));
    assert_int_equal(ask_model("finalizeLoggedModel",
                               "{\"model_id\":\"%\",\"status\":\"LOGGED_MODEL_READY\"}", NULL),
                     MILL_OK);
    assert_non_null(strstr(calling_answer.ptr, "\"status\":\"LOGGED_MODEL_READY\""));
    assert_int_equal(ask_model("getLoggedModel", "", NULL), MILL_OK);
    assert_int_equal(ask_model("deleteLoggedModel", "", NULL), MILL_OK);
    assert_string_equal(calling_answer.ptr, "{}");
    assert_int_equal(ask_model("getLoggedModel", "", NULL), MILL_E_NOT_FOUND);
    assert_int_equal(ask_model("getLoggedModel", "{\"allow_deleted\":true}", NULL), MILL_OK);
}

static void a_body_names_the_model_of_its_path(void **state)
{
    (void)state;
    make_model();
    assert_int_equal(
        ask_model("finalizeLoggedModel", "{\"model_id\":\"m-other\",\"status\":2}", NULL),
        MILL_E_INVALID);
    assert_int_equal(ask_model("finalizeLoggedModel", "{\"status\":2}", NULL), MILL_E_INVALID);
    assert_int_equal(
        ask_model("logLoggedModelParams", "{\"model_id\":\"m-other\",\"params\":[]}", NULL),
        MILL_E_INVALID);
}

static void models_get_tags_and_params(void **state)
{
    (void)state;
    make_model();
    assert_int_equal(ask_model("setLoggedModelTags",
                               "{\"tags\":[{\"key\":\"t\",\"value\":\"1\"},"
                               "{\"key\":\"t\",\"value\":\"2\"}]}",
                               NULL),
                     MILL_OK);
    assert_int_equal(ask_model("logLoggedModelParams",
                               "{\"model_id\":\"%\",\"params\":[{\"key\":\"q\"}]}", NULL),
                     MILL_OK);
    assert_int_equal(ask_model("getLoggedModel", "", NULL), MILL_OK);
    assert_non_null(strstr(calling_answer.ptr, "{\"key\":\"t\",\"value\":\"2\"}"));
    assert_non_null(strstr(calling_answer.ptr, "{\"key\":\"q\",\"value\":\"\"}"));
    assert_int_equal(ask_model("deleteLoggedModelTag", "", "t"), MILL_OK);
    assert_int_equal(ask_model("deleteLoggedModelTag", "", "t"), MILL_E_NOT_FOUND);
}

static void what_was_measured_is_shown(void **state)
{
    char run_id[64];
    char body[400];
    (void)state;
    make_model();
    assert_int_equal(ask("createRun", "{\"run_name\":\"r\"}"), MILL_OK);
    value_of("\"run_id\":\"", run_id, sizeof(run_id));
    snprintf(
        body, sizeof(body),
        "{\"run_id\":\"%s\",\"key\":\"acc\",\"value\":0.5,\"timestamp\":1,\"model_id\":\"%s\","
        "\"dataset_name\":\"d\",\"dataset_digest\":\"x\"}",
        run_id, model_id);
    check("logMetric", body, "{}");
    assert_int_equal(ask_model("getLoggedModel", "", NULL), MILL_OK);
    snprintf(body, sizeof(body),
             "\"metrics\":[{\"key\":\"acc\",\"value\":0.5,\"timestamp\":1,\"step\":0,"
             "\"dataset_name\":\"d\",\"dataset_digest\":\"x\",\"model_id\":\"%s\",\"run_id\":"
             "\"%s\"}]",
             model_id, run_id);
    assert_non_null(strstr(calling_answer.ptr, body));
}

static void models_are_found_by_pages(void **state)
{
    char token[200];
    char body[600];
    (void)state;
    for (int i = 0; i < 3; i++)
        make_model();
    assert_int_equal(
        ask("searchLoggedModels",
            "{\"experiment_ids\":[\"0\"],\"filter\":\"params.p = '1'\",\"max_results\":2,"
            "\"order_by\":[{\"field_name\":\"name\",\"ascending\":false}]}"),
        MILL_OK);
    assert_int_equal(count_of("\"name\":\"m\""), 2);
    value_of("\"next_page_token\":\"", token, sizeof(token));
    snprintf(body, sizeof(body),
             "{\"experiment_ids\":[\"0\"],\"filter\":\"params.p = '1'\",\"page_token\":\"%s\","
             "\"order_by\":[{\"field_name\":\"name\",\"ascending\":false}]}",
             token);
    assert_int_equal(ask("searchLoggedModels", body), MILL_OK);
    assert_int_equal(count_of("\"name\":\"m\""), 1);
    assert_null(strstr(calling_answer.ptr, "next_page_token"));
    /* a token is good for its own search only */
    snprintf(body, sizeof(body), "{\"experiment_ids\":[\"0\"],\"page_token\":\"%s\"}", token);
    check_refused("searchLoggedModels", body, MILL_E_INVALID);
}

static void searches_are_checked(void **state)
{
    (void)state;
    check("searchLoggedModels", "{\"experiment_ids\":[\"0\"]}", "{}");
    check("searchLoggedModels", "{\"experiment_ids\":[\"0\"],\"max_results\":0}", "{}");
    check_refused("searchLoggedModels", "{}", MILL_E_INVALID);
    check_refused("searchLoggedModels", "{\"experiment_ids\":[\"0\"],\"max_results\":-1}",
                  MILL_E_INVALID);
    check_refused("searchLoggedModels", "{\"experiment_ids\":[\"0\"],\"max_results\":50001}",
                  MILL_E_INVALID);
    check_refused("searchLoggedModels", "{\"experiment_ids\":[\"0\"],\"datasets\":[{}]}",
                  MILL_E_INVALID);
    check_refused("searchLoggedModels",
                  "{\"experiment_ids\":[\"0\"],\"order_by\":[{\"field_name\":\"params.p\"}]}",
                  MILL_E_INVALID);
    check_refused("searchLoggedModels", "{\"experiment_ids\":[\"0\"],\"filter\":\"foo.x = 1\"}",
                  MILL_E_INVALID);
}

static void survives_failed_allocations(void **state)
{
    static const struct {
        const char *name, *body, *second;
    } requests[] = {
        {"createLoggedModel",
         "{\"experiment_id\":\"0\",\"params\":[{\"key\":\"p\",\"value\":\"1\"}]}", NULL},
        {"finalizeLoggedModel", "{\"model_id\":\"%\",\"status\":2}", NULL},
        {"setLoggedModelTags", "{\"tags\":[{\"key\":\"t\",\"value\":\"1\"}]}", NULL},
        {"getLoggedModel", "", NULL},
        {"searchLoggedModels",
         "{\"experiment_ids\":[\"0\"],\"filter\":\"tags.t = '1'\",\"max_results\":1,"
         "\"order_by\":[{\"field_name\":\"metrics.m\"}],\"datasets\":[]}",
         NULL},
        {"deleteLoggedModelTag", "", "t"},
    };
    (void)state;
    make_model();
    for (size_t i = 0; i < MILL_COUNT(requests); i++) {
        enum mill_status st = MILL_E_NOMEM;
        for (calling_fail_nth = 1; st != MILL_OK; calling_fail_nth++) {
            assert_true(calling_fail_nth < 1000);
            st = ask_model(requests[i].name, requests[i].body, requests[i].second);
            assert_true(st == MILL_OK || st == MILL_E_NOMEM);
        }
        calling_fail_nth = 0;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CALLING_TEST(models_come_and_go),
        CALLING_TEST(a_body_names_the_model_of_its_path),
        CALLING_TEST(models_get_tags_and_params),
        CALLING_TEST(what_was_measured_is_shown),
        CALLING_TEST(models_are_found_by_pages),
        CALLING_TEST(searches_are_checked),
        CALLING_TEST(survives_failed_allocations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
