/* test_s3_config.c - how S3 services are found and spoken to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "files/s3_config.h"

#define MIB ((int64_t)1 << 20)

static const char *const variables[] = {
    "AWS_ENDPOINT_URL_S3",
    "AWS_ENDPOINT_URL",
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
    "MLFLOW_S3_ENDPOINT_URL",
    "MLFLOW_BOTO_CLIENT_ADDRESSING_STYLE",
    "MLFLOW_S3_IGNORE_TLS",
    "MLFLOW_S3_UPLOAD_EXTRA_ARGS",
    "MLFLOW_S3_EXPECTED_BUCKET_OWNER",
    "MLFLOW_MULTIPART_UPLOAD_MINIMUM_FILE_SIZE",
    "MLFLOW_MULTIPART_UPLOAD_CHUNK_SIZE",
    "MLFLOW_MULTIPART_DOWNLOAD_CHUNK_SIZE",
    "MLFLOW_ENABLE_MULTIPART_UPLOAD",
    "MLFLOW_ENABLE_MULTIPART_DOWNLOAD",
};

static int clear(void **state)
{
    (void)state;
    for (size_t i = 0; i < MILL_COUNT(variables); i++)
        unsetenv(variables[i]);
    setenv("HOME", "/nowhere", 1);
    setenv("AWS_SHARED_CREDENTIALS_FILE", "/nowhere/credentials", 1);
    setenv("AWS_CONFIG_FILE", "/nowhere/config", 1);
    setenv("AWS_ACCESS_KEY_ID", "A", 1);
    setenv("AWS_SECRET_ACCESS_KEY", "S", 1);
    return 0;
}

static void assert_view(struct mill_view view, const char *expected)
{
    assert_non_null(view.ptr);
    if (view.len != strlen(expected) || memcmp(view.ptr, expected, view.len) != 0)
        fail_msg("'%.*s' is not '%s'", MILL_FMT(view), expected);
}

static struct mill_s3_config good(struct mill_arena *arena)
{
    struct mill_s3_config config;
    struct mill_error err = {""};
    if (mill_s3_config_read(&config, arena, &err) != MILL_OK)
        fail_msg("%s", err.message);
    return config;
}

static void bad(enum mill_status status, const char *name, const char *value, const char *part)
{
    struct mill_arena arena = {0};
    struct mill_s3_config config;
    struct mill_error err = {""};
    setenv(name, value, 1);
    assert_int_equal(mill_s3_config_read(&config, &arena, &err), status);
    if (strstr(err.message, name) == NULL || strstr(err.message, part) == NULL)
        fail_msg("'%s' or '%s' is not in '%s'", name, part, err.message);
    unsetenv(name);
    mill_arena_release(&arena);
}

static void test_defaults(void **state)
{
    struct mill_arena arena = {0};
    (void)state;
    struct mill_s3_config config = good(&arena);
    assert_null(config.endpoint.ptr);
    assert_null(config.expected_owner.ptr);
    assert_int_equal(config.style, MILL_S3_AUTO);
    assert_false(config.insecure_tls);
    assert_int_equal(config.extra_count, 0);
    assert_true(config.upload_least_bytes == 16 * MIB);
    assert_true(config.upload_part_bytes == 10 * MIB);
    assert_true(config.download_part_bytes == 32 * MIB);
    mill_arena_release(&arena);
}

static void test_variables(void **state)
{
    struct mill_arena arena = {0};
    (void)state;
    setenv("AWS_ENDPOINT_URL", "http://c", 1);
    assert_view(good(&arena).endpoint, "http://c");
    setenv("AWS_ENDPOINT_URL_S3", "http://b:1/", 1);
    assert_view(good(&arena).endpoint, "http://b:1");
    setenv("MLFLOW_S3_ENDPOINT_URL", "https://a/s3/", 1);
    setenv("MLFLOW_BOTO_CLIENT_ADDRESSING_STYLE", "virtual", 1);
    setenv("MLFLOW_S3_IGNORE_TLS", "true", 1);
    setenv("MLFLOW_S3_EXPECTED_BUCKET_OWNER", "123456789012", 1);
    setenv("MLFLOW_S3_UPLOAD_EXTRA_ARGS",
           "{\"ServerSideEncryption\": \"aws:kms\", \"BucketKeyEnabled\": true}", 1);
    setenv("MLFLOW_MULTIPART_UPLOAD_CHUNK_SIZE", "5242880", 1);
    setenv("MLFLOW_ENABLE_MULTIPART_UPLOAD", "false", 1);
    setenv("MLFLOW_ENABLE_MULTIPART_DOWNLOAD", "0", 1);
    struct mill_s3_config config = good(&arena);
    assert_view(config.endpoint, "https://a/s3");
    assert_int_equal(config.style, MILL_S3_VIRTUAL);
    assert_true(config.insecure_tls);
    assert_view(config.expected_owner, "123456789012");
    assert_int_equal(config.extra_count, 2);
    assert_view(config.extra[0].name, "x-amz-server-side-encryption");
    assert_view(config.extra[0].value, "aws:kms");
    assert_view(config.extra[1].value, "true");
    assert_true(config.upload_part_bytes == 5 * MIB);
    assert_true(config.upload_least_bytes == MILL_S3_MAX_PART_BYTES + 1);
    assert_true(config.download_part_bytes == INT64_MAX);
    mill_arena_release(&arena);
}

static void test_errors(void **state)
{
    static const char extra[] = "MLFLOW_S3_UPLOAD_EXTRA_ARGS";
    static const char endpoint[] = "MLFLOW_S3_ENDPOINT_URL";
    (void)state;
    bad(MILL_E_INVALID, endpoint, "host:9000", "must be an address");
    bad(MILL_E_INVALID, endpoint, "https://", "must be an address");
    bad(MILL_E_INVALID, endpoint, "https://:9", "must be an address");
    bad(MILL_E_INVALID, endpoint, "https://user@host", "must be an address");
    bad(MILL_E_INVALID, endpoint, "https://host/?a", "must be an address");
    bad(MILL_E_INVALID, "MLFLOW_BOTO_CLIENT_ADDRESSING_STYLE", "paths",
        "auto, path or virtual");
    bad(MILL_E_INVALID, "MLFLOW_S3_IGNORE_TLS", "maybe", "true or false");
    bad(MILL_E_INVALID, "MLFLOW_S3_EXPECTED_BUCKET_OWNER", "1 2", "number of an account");
    bad(MILL_E_INVALID, "MLFLOW_MULTIPART_UPLOAD_CHUNK_SIZE", "1000", "from 5242880 to");
    bad(MILL_E_INVALID, extra, "ACL=private", "");
    bad(MILL_E_INVALID, extra, "[1]", "must be a JSON object");
    bad(MILL_E_INVALID, extra, "{\"ACL\": 1}", "'ACL' must be a text");
    bad(MILL_E_INVALID, extra, "{\"ACL\": \"a\\r\\nb: c\"}", "'ACL' must be a text");
    bad(MILL_E_UNSUPPORTED, extra, "{\"Metadata\": {}}",
        "'Metadata' is not supported; there are: ACL, BucketKeyEnabled");
}

static void address(const char *endpoint, enum mill_s3_style style, const char *bucket,
                    const char *region, const char *expected)
{
    struct mill_arena arena = {0};
    struct mill_s3_config config = {.endpoint = mill_view_of(endpoint), .style = style};
    struct mill_s3_address a;
    assert_int_equal(mill_s3_address_of(&config, mill_view_of(bucket), mill_view_of(region),
                                        &arena, &a, NULL),
                     MILL_OK);
    struct mill_view seen = mill_arena_printf(&arena, "%.*s|%.*s|%.*s", MILL_FMT(a.origin),
                                              MILL_FMT(a.host), MILL_FMT(a.path));
    assert_view(seen, expected);
    mill_arena_release(&arena);
}

static void test_addresses(void **state)
{
    (void)state;
    address(NULL, MILL_S3_AUTO, "data", "us-east-1",
            "https://data.s3.us-east-1.amazonaws.com|data.s3.us-east-1.amazonaws.com|");
    address(NULL, MILL_S3_AUTO, "my.data", "eu-west-1",
            "https://s3.eu-west-1.amazonaws.com|s3.eu-west-1.amazonaws.com|/my.data");
    address(NULL, MILL_S3_AUTO, "My_Data", "eu-west-1",
            "https://s3.eu-west-1.amazonaws.com|s3.eu-west-1.amazonaws.com|/My_Data");
    address(NULL, MILL_S3_PATH, "data", "cn-north-1",
            "https://s3.cn-north-1.amazonaws.com.cn|s3.cn-north-1.amazonaws.com.cn|/data");
    address("http://127.0.0.1:9000", MILL_S3_AUTO, "data", "x",
            "http://127.0.0.1:9000|127.0.0.1:9000|/data");
    address("http://localhost:80", MILL_S3_VIRTUAL, "data", "x",
            "http://data.localhost:80|data.localhost|");
    address("https://host:443/s3/v1", MILL_S3_AUTO, "data", "x",
            "https://host:443|host|/s3/v1/data");
    address("https://host:80/s3", MILL_S3_VIRTUAL, "data", "x",
            "https://data.host:80|data.host:80|/s3");
}

static void test_buckets(void **state)
{
    static const char *const wrong[] = {"",    ".a",         "a/b",      "a b",
                                        "a:b", "arn:aws:s3", "a\xc3\xbc"};
    struct mill_s3_config config = {.style = MILL_S3_AUTO};
    struct mill_arena arena = {0};
    struct mill_s3_address a;
    struct mill_error err;
    (void)state;
    for (size_t i = 0; i < MILL_COUNT(wrong); i++) {
        assert_int_equal(mill_s3_address_of(&config, mill_view_of(wrong[i]), MILL_VIEW("r"),
                                            &arena, &a, &err),
                         MILL_E_INVALID);
        assert_non_null(strstr(err.message, "is not a name of an S3 bucket"));
    }
    mill_arena_release(&arena);
}

static void test_parts(void **state)
{
    (void)state;
    assert_true(mill_s3_part_bytes(0, 10 * MIB) == 10 * MIB);
    assert_true(mill_s3_part_bytes(99999 * MIB, 10 * MIB) == 10 * MIB);
    for (int64_t size = 1; size < 48 * MIB * MIB; size = size * 3 + 1) {
        int64_t part = mill_s3_part_bytes(size, 5 * MIB);
        assert_true(part >= 5 * MIB && part <= MILL_S3_MAX_PART_BYTES);
        assert_true((size + part - 1) / part <= MILL_S3_MAX_PARTS);
    }
    assert_true(mill_s3_part_bytes(MILL_S3_MAX_PARTS * MILL_S3_MAX_PART_BYTES, MIB) == 0);
    assert_true(mill_s3_part_bytes(INT64_MAX, MIB) == 0);
}

static void test_no_memory(void **state)
{
    enum mill_status st = MILL_E_NOMEM;
    (void)state;
    setenv("MLFLOW_S3_ENDPOINT_URL", "https://a/s3/", 1);
    setenv("MLFLOW_S3_UPLOAD_EXTRA_ARGS", "{\"ACL\": \"private\"}", 1);
    for (long nth = 1; st != MILL_OK; nth++) {
        struct mill_arena arena = {0};
        struct mill_s3_config config;
        struct mill_s3_address a;
        mill_alloc_fail_after(nth);
        st = mill_s3_config_read(&config, &arena, NULL);
        if (st == MILL_OK)
            st = mill_s3_address_of(&config, MILL_VIEW("b"), MILL_VIEW("r"), &arena, &a, NULL);
        mill_alloc_fail_after(0);
        assert_true(st == MILL_OK || st == MILL_E_NOMEM);
        mill_arena_release(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_defaults, clear),
        cmocka_unit_test_setup(test_variables, clear),
        cmocka_unit_test_setup(test_errors, clear),
        cmocka_unit_test_setup(test_addresses, clear),
        cmocka_unit_test_setup(test_buckets, clear),
        cmocka_unit_test_setup(test_parts, clear),
        cmocka_unit_test_setup(test_no_memory, clear),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
