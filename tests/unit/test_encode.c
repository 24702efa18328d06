/* test_encode.c - structs to JSON: presence, escapes, nesting. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "wire/decode.h"
#include "wire/encode.h"
#include "wire/messages.h"

static void check(const struct mill_message *message, const void *value, const char *expected)
{
    struct mill_buf out = {0};
    mill_encode(&out, message, value);
    mill_buf_add_char(&out, '\0');
    assert_false(out.failed);
    assert_string_equal(out.ptr, expected);
    mill_buf_release(&out);
}

static void check_string(struct mill_view text, const char *expected)
{
    struct mill_buf out = {0};
    mill_buf_add_json_string(&out, text);
    mill_buf_add_char(&out, '\0');
    assert_string_equal(out.ptr, expected);
    mill_buf_release(&out);
}

static void escapes_strings(void **state)
{
    (void)state;
    check_string(MILL_VIEW(""), "\"\"");
    check_string((struct mill_view){NULL, 0}, "\"\"");
    check_string(MILL_VIEW("plain text of some length"), "\"plain text of some length\"");
    check_string(MILL_VIEW("a\"b\\c\n\t\r\b\f"), "\"a\\\"b\\\\c\\n\\t\\r\\b\\f\"");
    check_string(MILL_VIEW("\x01\x1f\x7f"), "\"\\u0001\\u001f\x7f\"");
    check_string(MILL_VIEW("a\0b"), "\"a\\u0000b\"");
    check_string(MILL_VIEW("\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80"),
                 "\"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\"");
}

/* An escape at each place of a long text, so that the fast path is left everywhere. */
static void escapes_at_every_offset(void **state)
{
    (void)state;
    for (size_t len = 1; len < 40; len++) {
        for (size_t i = 0; i < len; i++) {
            char text[64];
            char expected[80];
            memset(text, 'x', len);
            text[i] = '\n';
            int n = snprintf(expected, sizeof(expected), "\"%.*s\\n%.*s\"", (int)i, text,
                             (int)(len - i - 1), text + i + 1);
            assert_true(n > 0);
            check_string((struct mill_view){text, len}, expected);
        }
    }
}

static void writes_numbers(void **state)
{
    static const int64_t numbers[] = {0, -1, 7, 1234567890123LL, INT64_MAX, INT64_MIN};
    (void)state;
    for (size_t i = 0; i < MILL_COUNT(numbers); i++) {
        struct mill_buf out = {0};
        char expected[32];
        mill_encode_int(&out, numbers[i]);
        mill_buf_add_char(&out, '\0');
        snprintf(expected, sizeof(expected), "%lld", (long long)numbers[i]);
        assert_string_equal(out.ptr, expected);
        mill_buf_release(&out);
    }
}

static void leaves_out_what_is_absent(void **state)
{
    struct mill_run_info info;
    (void)state;
    mill_message_init(&mill_run_info_message, &info);
    check(&mill_run_info_message, &info, "{\"user_id\":\"\"}");
    info.run_id = MILL_VIEW("r1");
    info.experiment_id = 12;
    info.status = MILL_RUN_RUNNING;
    info.start_time = 5;
    info.lifecycle_stage = MILL_ACTIVE;
    check(&mill_run_info_message, &info,
          "{\"run_uuid\":\"r1\",\"experiment_id\":\"12\",\"user_id\":\"\","
          "\"status\":\"RUNNING\",\"start_time\":5,\"lifecycle_stage\":\"active\","
          "\"run_id\":\"r1\"}");
}

static void writes_a_run_as_its_parts(void **state)
{
    struct mill_run run = {.info.experiment_id = 0,
                           .info.run_id = MILL_VIEW("r"),
                           .info.user_id = MILL_VIEW("u"),
                           .info.start_time = MILL_ABSENT,
                           .info.end_time = MILL_ABSENT};
    struct mill_get_run_response response = {.run = &run};
    struct mill_create_run_response created = {.run = &run};
    (void)state;
#define INFO                                                                                   \
    "{\"run\":{\"info\":{\"run_uuid\":\"r\",\"experiment_id\":\"0\",\"user_id\":\"u\","        \
    "\"run_id\":\"r\"},"
    check(&mill_get_run_response_message, &response,
          INFO "\"data\":{},\"inputs\":{},\"outputs\":{}}}");
    check(&mill_create_run_response_message, &created, INFO "\"data\":{},\"inputs\":{}}}");
    const struct mill_metric metrics[] = {
        {.key = MILL_VIEW("m"), .value = 0.5, .timestamp = 1, .step = 0},
        {.key = MILL_VIEW("n"), .value = NAN, .timestamp = 2, .step = -3}};
    const struct mill_tag tag = {MILL_VIEW("t"), MILL_VIEW("")};
    run.metrics = metrics;
    run.metric_count = 2;
    run.tags = &tag;
    run.tag_count = 1;
    check(&mill_create_run_response_message, &created,
          INFO "\"data\":{\"metrics\":[{\"key\":\"m\",\"value\":0.5,\"timestamp\":1,"
               "\"step\":0},{\"key\":\"n\",\"value\":\"NaN\",\"timestamp\":2,\"step\":-3}],"
               "\"tags\":[{\"key\":\"t\",\"value\":\"\"}]},\"inputs\":{}}}");
}

static void writes_lists_of_pointers(void **state)
{
    struct mill_run a = {.info.run_id = MILL_VIEW("a"),
                         .info.experiment_id = MILL_ABSENT,
                         .info.start_time = MILL_ABSENT,
                         .info.end_time = MILL_ABSENT};
    struct mill_run b = a;
    const struct mill_run *const runs[] = {&b, &a};
    (void)state;
    b.info.run_id = MILL_VIEW("b");
    struct mill_search_runs_response response = {
        .runs = runs, .runs_count = 2, .next_page_token = MILL_VIEW("x")};
#define RUN(id)                                                                                \
    "{\"info\":{\"run_uuid\":\"" id "\",\"user_id\":\"\",\"run_id\":\"" id "\"},"              \
    "\"data\":{},\"inputs\":{},\"outputs\":{}}"
    check(&mill_search_runs_response_message, &response,
          "{\"runs\":[" RUN("b") "," RUN("a") "],\"next_page_token\":\"x\"}");
    response = (struct mill_search_runs_response){.runs_count = 0};
    check(&mill_search_runs_response_message, &response, "{}");
}

static void writes_maps_and_constants(void **state)
{
    const struct mill_tag headers[] = {{MILL_VIEW("A"), MILL_VIEW("1")},
                                       {MILL_VIEW("\""), MILL_VIEW("2")}};
    struct mill_multipart_credential c = {
        .part_number = 1, .headers = headers, .headers_count = 2};
    struct mill_experiment e;
    (void)state;
    check(&mill_multipart_credential_message, &c,
          "{\"part_number\":1,\"headers\":{\"A\":\"1\",\"\\\"\":\"2\"}}");
    mill_message_init(&mill_experiment_message, &e);
    e.experiment_id = 3;
    check(&mill_experiment_message, &e, "{\"experiment_id\":\"3\",\"workspace\":\"default\"}");
}

static void inlines_what_a_point_was_measured_on(void **state)
{
    const struct mill_metric_link link = {.model_id = MILL_VIEW("m-1")};
    struct mill_metric metric = {
        .key = MILL_VIEW("k"), .value = 1, .timestamp = 0, .link = &link};
    (void)state;
    check(&mill_metric_message, &metric,
          "{\"key\":\"k\",\"value\":1.0,\"timestamp\":0,\"step\":0,\"model_id\":\"m-1\"}");
}

static void writes_what_must_always_be_there(void **state)
{
    struct mill_server_info_response info;
    (void)state;
    mill_message_init(&mill_server_info_response_message, &info);
    check(&mill_server_info_response_message, &info,
          "{\"workspaces_enabled\":false,\"trace_archival_enabled\":false,"
          "\"multipart_uploads_enabled\":false,\"multipart_downloads_enabled\":false,"
          "\"presigned_upload_run_id_supported\":false,"
          "\"presigned_upload_model_id_supported\":false,\"features_enabled\":{}}");
}

/* Rows must be right where nothing else would notice: names unique, offsets inside. */
static void tables_are_sound(void **state)
{
    size_t count;
    const struct mill_message *const *all = mill_messages(&count);
    (void)state;
    for (size_t i = 0; i < count; i++) {
        const struct mill_message *m = all[i];
        assert_true(m->field_count <= MILL_MAX_FIELDS);
        assert_true(strlen(m->doc) > 0);
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(all[j]->name, m->name);
        for (size_t f = 0; f < m->field_count; f++) {
            const struct mill_field *field = &m->fields[f];
            assert_true(field->offset < m->size && field->count_offset < m->size);
            assert_int_equal(field->name_len, strlen(field->name));
            assert_int_equal(strlen(field->prefix), field->name_len + 3);
            assert_true(field->type != MILL_F_MESSAGE || field->message != NULL);
            assert_true(field->type != MILL_F_ENUM ||
                        (field->names != NULL && field->text != NULL));
            assert_true((field->flags & MILL_FIELD_REPEATED) == 0 || field->count_offset != 0);
            assert_true((field->flags & MILL_FIELD_INLINE) != 0 || strlen(field->doc) > 0);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(escapes_strings),
        cmocka_unit_test(escapes_at_every_offset),
        cmocka_unit_test(writes_numbers),
        cmocka_unit_test(leaves_out_what_is_absent),
        cmocka_unit_test(writes_a_run_as_its_parts),
        cmocka_unit_test(writes_lists_of_pointers),
        cmocka_unit_test(writes_maps_and_constants),
        cmocka_unit_test(inlines_what_a_point_was_measured_on),
        cmocka_unit_test(writes_what_must_always_be_there),
        cmocka_unit_test(tables_are_sound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
