/* test_decode.c - bodies and query strings to structs: tolerance, defaults, messages. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "wire/decode.h"
#include "wire/messages.h"

static struct mill_arena arena;
static struct mill_error err;

static enum mill_status decode(const struct mill_message *message, const char *body, void *out)
{
    memset(&err, 0, sizeof(err));
    return mill_decode_json(message, mill_json_pad(mill_view_of(body), &arena), &arena, out,
                            &err);
}

static void refused(const struct mill_message *message, const char *body, const char *text)
{
    union {
        struct mill_log_batch_request batch;
        struct mill_search_runs_request search;
        struct mill_log_metric_request metric;
        struct mill_log_inputs_request inputs;
        struct mill_update_run_request update;
        struct mill_multipart_credential credential;
    } out;
    assert_true(message->size <= sizeof(out));
    assert_int_equal(decode(message, body, &out), MILL_E_INVALID);
    assert_string_equal(err.message, text);
}

static void reads_a_batch(void **state)
{
    struct mill_log_batch_request out;
    (void)state;
    assert_int_equal(
        decode(&mill_log_batch_request_message,
               "{\"run_id\": \"r1\", \"unknown\": [1, {\"x\": 2}], \"metrics\": ["
               "{\"key\": \"loss\", \"value\": 0.25, \"timestamp\": 17, \"step\": -1},"
               "{\"key\": \"acc\", \"value\": NaN, \"timestamp\": \"18\", \"model_id\": \"m\"}"
               "], \"params\": [{\"key\": \"lr\", \"value\": \"0.1\"}, {\"key\": \"e\"}],"
               " \"tags\": []}",
               &out),
        MILL_OK);
    assert_true(mill_view_eq(out.run_id, MILL_VIEW("r1")));
    assert_int_equal(out.metrics_count, 2);
    assert_true(out.metrics[0].value == 0.25);
    assert_int_equal(out.metrics[0].timestamp, 17);
    assert_int_equal(out.metrics[0].step, -1);
    assert_null(out.metrics[0].link);
    assert_true(isnan(out.metrics[1].value));
    assert_int_equal(out.metrics[1].timestamp, 18);
    assert_int_equal(out.metrics[1].step, 0);
    assert_true(mill_view_eq(out.metrics[1].link->model_id, MILL_VIEW("m")));
    assert_null(out.metrics[1].link->dataset_name.ptr);
    assert_int_equal(out.params_count, 2);
    assert_null(out.params[1].value.ptr);
    assert_int_equal(out.tags_count, 0);
}

static void fills_in_defaults(void **state)
{
    struct mill_search_runs_request out;
    (void)state;
    assert_int_equal(decode(&mill_search_runs_request_message, "", &out), MILL_OK);
    assert_int_equal(out.max_results, 1000);
    assert_int_equal(out.run_view_type, MILL_VIEW_ACTIVE_ONLY);
    assert_int_equal(out.experiment_ids_count, 0);
    assert_null(out.filter.ptr);
    assert_int_equal(decode(&mill_search_runs_request_message,
                            "{\"max_results\": null, \"filter\": \"\"}", &out),
                     MILL_OK);
    assert_int_equal(out.max_results, 1000);
    assert_non_null(out.filter.ptr);
    assert_int_equal(out.filter.len, 0);
}

static void takes_the_spellings_of_the_protocol(void **state)
{
    struct mill_search_runs_request out;
    (void)state;
    assert_int_equal(decode(&mill_search_runs_request_message,
                            "{\"experimentIds\": [1, \"22\", 3.0], \"runViewType\": 3,"
                            "\"maxResults\": \"7\", \"orderBy\": [\"a\", \"b\"]}",
                            &out),
                     MILL_OK);
    assert_int_equal(out.experiment_ids_count, 3);
    assert_int_equal(out.experiment_ids[1], 22);
    assert_int_equal(out.run_view_type, MILL_VIEW_ALL);
    assert_int_equal(out.max_results, 7);
    assert_int_equal(out.order_by_count, 2);
    assert_int_equal(decode(&mill_search_runs_request_message,
                            "\"{\\\"max_results\\\": 1e2, \\\"run_view_type\\\": "
                            "\\\"DELETED_ONLY\\\"}\"",
                            &out),
                     MILL_OK);
    assert_int_equal(out.max_results, 100);
    assert_int_equal(out.run_view_type, MILL_VIEW_DELETED_ONLY);
    assert_int_equal(
        decode(&mill_search_runs_request_message, "{\"max_results\": \"1e2\"}", &out), MILL_OK);
    assert_int_equal(out.max_results, 100);
}

static void reads_metric_values(void **state)
{
    static const struct {
        const char *json;
        double value;
    } rows[] = {{"1", 1},
                {"\"2.5\"", 2.5},
                {"true", 1},
                {"-0.0", -0.0},
                {"Infinity", HUGE_VAL},
                {"\"-Infinity\"", -HUGE_VAL},
                {"1e3", 1000},
                {"18446744073709551615", 18446744073709551615.0},
                {"1e999", HUGE_VAL}};
    (void)state;
    for (size_t i = 0; i < MILL_COUNT(rows); i++) {
        struct mill_buf body = {0};
        struct mill_log_metric_request out;
        mill_buf_printf(&body, "{\"run_id\":\"r\",\"key\":\"k\",\"timestamp\":0,\"value\":%s}",
                        rows[i].json);
        mill_buf_add_char(&body, '\0');
        assert_int_equal(decode(&mill_log_metric_request_message, body.ptr, &out), MILL_OK);
        assert_true(out.value == rows[i].value);
        mill_buf_release(&body);
    }
}

static void names_the_field_that_is_wrong(void **state)
{
    (void)state;
    const struct mill_message *batch = &mill_log_batch_request_message;
    refused(batch, "{}", "run_id: missing; send a string");
    refused(batch, "{\"run_id\": \"\"}", "run_id: missing; send a string");
    refused(batch, "{\"run_id\": null}", "run_id: missing; send a string");
    refused(batch, "{\"run_id\": 5}", "run_id: expected a string, got 5");
    refused(batch, "{\"run_id\": \"r\", \"metrics\": {}}",
            "metrics: expected a list, got an object");
    refused(batch, "{\"run_id\": \"r\", \"tags\": [null]}",
            "tags[0]: expected an object, got null");
    refused(batch,
            "{\"run_id\": \"r\", \"metrics\": [{\"key\":\"a\",\"value\":1,\"timestamp\":1},"
            "{\"key\":\"b\",\"value\":\"abc\",\"timestamp\":1}]}",
            "metrics[1].value: expected a number, got \"abc\"");
    refused(batch, "{\"run_id\": \"r\", \"metrics\": [{\"key\":\"a\",\"value\":1}]}",
            "metrics[0].timestamp: missing; send an integer of 64 bits");
    refused(batch,
            "{\"run_id\": \"r\", \"metrics\": [{\"key\":\"a\",\"value\":1,\"timestamp\":1.5}]}",
            "metrics[0].timestamp: expected an integer of 64 bits, got 1.5");
    refused(batch,
            "{\"run_id\": \"r\", \"metrics\": [{\"key\":\"a\",\"value\":1,"
            "\"timestamp\":9223372036854775808}]}",
            "metrics[0].timestamp: expected an integer of 64 bits, got 9223372036854775808");
    refused(&mill_search_runs_request_message, "{\"max_results\": 2147483648}",
            "max_results: expected an integer of 32 bits, got 2147483648");
    refused(&mill_search_runs_request_message, "{\"max_results\": true}",
            "max_results: expected an integer of 32 bits, got true");
    refused(&mill_search_runs_request_message, "{\"experiment_ids\": [\"x\"]}",
            "experiment_ids[0]: expected an id, which is a decimal number or the same as a "
            "string, got \"x\"");
    refused(&mill_update_run_request_message, "{\"status\": \"DONE\"}",
            "status: expected one of \"RUNNING\", \"SCHEDULED\", \"FINISHED\", \"FAILED\", "
            "\"KILLED\", got \"DONE\"");
    refused(&mill_update_run_request_message, "{\"run_id\": \"a\", \"runId\": \"a\"}",
            "run_id: came twice, in snake_case and in camelCase; send it once");
    refused(&mill_log_inputs_request_message,
            "{\"run_id\":\"r\",\"datasets\":[{\"dataset\":{\"name\":\"n\"}}]}",
            "datasets[0].dataset.digest: missing; send a string");
    refused(&mill_log_inputs_request_message, "{\"run_id\":\"r\",\"datasets\":[{}]}",
            "datasets[0].dataset: missing; send an object");
    refused(&mill_multipart_credential_message, "{\"headers\": {\"a\": 1}}",
            "headers: expected an object of texts, got 1");
    refused(batch, "[]", "the request's body must be a JSON object, as in {\"name\": ...}");
    refused(batch, "{\"run_id\": \"r\"", "JSON cannot be read: its structure is wrong");
}

static void cuts_long_values_in_messages(void **state)
{
    struct mill_buf body = {0};
    struct mill_log_metric_request out;
    (void)state;
    mill_buf_add_view(&body, MILL_VIEW("{\"key\":\"k\",\"value\":\""));
    for (int i = 0; i < 1000; i++)
        mill_buf_add_view(&body, MILL_VIEW("\xc3\xa4"));
    mill_buf_add(&body, "\"}", 3);
    assert_int_equal(decode(&mill_log_metric_request_message, body.ptr, &out), MILL_E_INVALID);
    assert_non_null(strstr(err.message, "\xc3\xa4..."));
    assert_true(mill_utf8_valid(mill_view_of(err.message)));
    mill_buf_release(&body);
}

/* The same name twice is what Python's dict makes of it: the last one counts. */
static void last_of_the_same_name_counts(void **state)
{
    struct mill_log_param_request out;
    (void)state;
    assert_int_equal(decode(&mill_log_param_request_message,
                            "{\"key\": \"a\", \"value\": \"1\", \"key\": \"b\"}", &out),
                     MILL_OK);
    assert_true(mill_view_eq(out.key, MILL_VIEW("b")));
}

static void bounds_lists(void **state)
{
    struct mill_buf body = {0};
    struct mill_search_runs_request out;
    (void)state;
    mill_buf_add_view(&body, MILL_VIEW("{\"order_by\":["));
    for (int i = 0; i < 65; i++)
        mill_buf_add_view(&body, i > 0 ? MILL_VIEW(",\"a\"") : MILL_VIEW("\"a\""));
    mill_buf_add(&body, "]}", 3);
    assert_int_equal(decode(&mill_search_runs_request_message, body.ptr, &out), MILL_E_INVALID);
    assert_string_equal(err.message, "order_by: 65 items came, at most 64 are allowed");
    mill_buf_release(&body);
}

/* --- tables of our own: what no message has yet ----------------------------------------- */

struct inner {
    bool on;
};

struct outer {
    struct mill_view json;
    const struct mill_tag *labels;
    size_t labels_count;
    const struct inner *pointed;
    struct inner embedded;
    struct mill_view text;
    bool has_value;
    double value;
};

static const struct mill_field inner_fields[] = {
    {.name = "on",
     .name_len = 2,
     .prefix = "\"on\":",
     .type = MILL_F_BOOL,
     .offset = offsetof(struct inner, on),
     .default_number = 1},
};
static const struct mill_message inner_message = {"Inner", sizeof(struct inner), inner_fields,
                                                  1, ""};
static const struct mill_field outer_fields[] = {
    {.name = "json",
     .name_len = 4,
     .type = MILL_F_JSON,
     .offset = offsetof(struct outer, json)},
    {.name = "labels",
     .name_len = 6,
     .type = MILL_F_MAP,
     .offset = offsetof(struct outer, labels),
     .count_offset = offsetof(struct outer, labels_count)},
    {.name = "pointed",
     .name_len = 7,
     .type = MILL_F_MESSAGE,
     .flags = MILL_FIELD_POINTER,
     .offset = offsetof(struct outer, pointed),
     .message = &inner_message},
    {.name = "embedded",
     .name_len = 8,
     .type = MILL_F_MESSAGE,
     .offset = offsetof(struct outer, embedded),
     .message = &inner_message},
    {.name = "text",
     .name_len = 4,
     .type = MILL_F_STRING,
     .flags = MILL_FIELD_STRINGIFY,
     .offset = offsetof(struct outer, text)},
    {.name = "value",
     .name_len = 5,
     .type = MILL_F_DOUBLE,
     .offset = offsetof(struct outer, value),
     .has_offset = offsetof(struct outer, has_value)},
};
static const struct mill_message outer_message = {"Outer", sizeof(struct outer), outer_fields,
                                                  MILL_COUNT(outer_fields), ""};

static void reads_every_kind_of_field(void **state)
{
    struct outer out;
    (void)state;
    assert_int_equal(decode(&outer_message,
                            "{\"json\": {\"a\": [1, 2.50, \"\\u0041\"]}, \"labels\": "
                            "{\"x\": \"1\", \"y\": \"\"}, \"pointed\": {}, \"embedded\": "
                            "{\"on\": \"FALSE\"}, \"text\": 12, \"value\": 0}",
                            &out),
                     MILL_OK);
    assert_true(mill_view_eq(out.json, MILL_VIEW("{\"a\":[1,2.5,\"A\"]}")));
    assert_int_equal(out.labels_count, 2);
    assert_true(mill_view_eq(out.labels[1].key, MILL_VIEW("y")));
    assert_true(out.pointed->on);
    assert_false(out.embedded.on);
    assert_true(mill_view_eq(out.text, MILL_VIEW("12")));
    assert_true(out.has_value);

    assert_int_equal(decode(&outer_message, "{\"text\": 1.5}", &out), MILL_OK);
    assert_null(out.json.ptr);
    assert_null(out.pointed);
    assert_true(out.embedded.on);
    assert_false(out.has_value);
    assert_true(mill_view_eq(out.text, MILL_VIEW("1.5")));
}

/* --- query strings ---------------------------------------------------------------------- */

static enum mill_status query(const struct mill_message *message, const char *text, void *out)
{
    memset(&err, 0, sizeof(err));
    return mill_decode_query(message, mill_view_of(text), &arena, out, &err);
}

static void reads_queries(void **state)
{
    struct mill_search_runs_request out;
    (void)state;
    assert_int_equal(query(&mill_search_runs_request_message,
                           "experiment_ids=1&experiment_ids[]=2&experiment_ids%5B0%5D=3&x=y&"
                           "filter=a+%3D%20'b'&&max_results=5&run_view_type=ALL&order_by",
                           &out),
                     MILL_OK);
    assert_int_equal(out.experiment_ids_count, 3);
    assert_int_equal(out.experiment_ids[2], 3);
    assert_true(mill_view_eq(out.filter, MILL_VIEW("a = 'b'")));
    assert_int_equal(out.max_results, 5);
    assert_int_equal(out.run_view_type, MILL_VIEW_ALL);
    assert_int_equal(out.order_by_count, 1);
}

static void refuses_bad_queries(void **state)
{
    struct mill_get_history_request out;
    struct outer flags;
    (void)state;
    assert_int_equal(query(&mill_get_history_request_message, "run_id=r", &out),
                     MILL_E_INVALID);
    assert_string_equal(err.message, "query parameter metric_key: missing; send a string");
    assert_int_equal(
        query(&mill_get_history_request_message, "metric_key=m&max_results=x", &out),
        MILL_E_INVALID);
    assert_string_equal(err.message, "query parameter max_results: expected an integer of 32 "
                                     "bits, got \"x\"");
    assert_int_equal(query(&mill_get_history_request_message, "metric_key=%ff", &out),
                     MILL_E_INVALID);
    assert_int_equal(query(&outer_message, "value=1&text=", &flags), MILL_OK);
    assert_true(flags.has_value);
    assert_int_equal(query(&inner_message, "on=True", &flags.embedded), MILL_OK);
    assert_int_equal(query(&inner_message, "on=1", &flags.embedded), MILL_E_INVALID);
}

static void survives_failed_allocations(void **state)
{
    static const char body[] = "{\"run_id\":\"r\",\"metrics\":[{\"key\":\"a\",\"value\":NaN,"
                               "\"timestamp\":1,\"model_id\":\"m\"}]}";
    struct mill_log_batch_request out;
    struct mill_view padded = mill_json_pad(mill_view_of(body), &arena);
    enum mill_status st = MILL_E_NOMEM;
    long n = 0;
    (void)state;
    while (st != MILL_OK) {
        struct mill_arena own = {0};
        mill_alloc_fail_after(++n);
        st = mill_decode_json(&mill_log_batch_request_message, padded, &own, &out, &err);
        mill_alloc_fail_after(0);
        mill_arena_release(&own);
        assert_true(st == MILL_OK || st == MILL_E_NOMEM);
    }
    assert_true(n > 2);
}

static int free_arena(void **state)
{
    (void)state;
    mill_arena_release(&arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(reads_a_batch, free_arena),
        cmocka_unit_test_teardown(fills_in_defaults, free_arena),
        cmocka_unit_test_teardown(takes_the_spellings_of_the_protocol, free_arena),
        cmocka_unit_test_teardown(reads_metric_values, free_arena),
        cmocka_unit_test_teardown(names_the_field_that_is_wrong, free_arena),
        cmocka_unit_test_teardown(cuts_long_values_in_messages, free_arena),
        cmocka_unit_test_teardown(last_of_the_same_name_counts, free_arena),
        cmocka_unit_test_teardown(bounds_lists, free_arena),
        cmocka_unit_test_teardown(reads_every_kind_of_field, free_arena),
        cmocka_unit_test_teardown(reads_queries, free_arena),
        cmocka_unit_test_teardown(refuses_bad_queries, free_arena),
        cmocka_unit_test_teardown(survives_failed_allocations, free_arena),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
