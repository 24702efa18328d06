/* test_aws_sign.c - signatures against the vectors that Amazon publishes: its test suite for
 * Signature Version 4, and the examples in the manual of S3. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "files/aws_sign.h"

#define SUITE_HOST    "example.amazonaws.com"
#define SUITE_TIME    "20150830T123600Z"
#define EXAMPLE_HOST  "examplebucket.s3.amazonaws.com"
#define EXAMPLE_TIME  "20130524T000000Z"
#define WELCOME       "Welcome to Amazon S3."
#define FORM          "Param1=value1"
#define UNRESERVED    "/-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
#define MAX_EXTRA     4
#define AUTHORIZATION "AWS4-HMAC-SHA256 Credential="

struct vector {
    const char *name, *method, *path, *query, *payload;
    const char *extra[2 * MAX_EXTRA]; /* names and values besides host and x-amz-date */
    const char *signed_names, *signature;
};

static const struct vector suite[] = {
    {"get-vanilla",
     "GET",
     "/",
     "",
     "",
     {NULL},
     "host;x-amz-date",
     "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
    {"post-vanilla",
     "POST",
     "/",
     "",
     "",
     {NULL},
     "host;x-amz-date",
     "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"},
    {"post-vanilla-query",
     "POST",
     "/",
     "Param1=value1",
     "",
     {NULL},
     "host;x-amz-date",
     "28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11"},
    {"get-vanilla-query-order-key-case",
     "GET",
     "/",
     "Param2=value2&Param1=value1",
     "",
     {NULL},
     "host;x-amz-date",
     "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"},
    {"get-vanilla-utf8-query",
     "GET",
     "/",
     "%E1%88%B4=bar",
     "",
     {NULL},
     "host;x-amz-date",
     "2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04"},
    {"get-unreserved",
     "GET",
     UNRESERVED,
     "",
     "",
     {NULL},
     "host;x-amz-date",
     "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f"},
    {"get-utf8",
     "GET",
     "/%E1%88%B4",
     "",
     "",
     {NULL},
     "host;x-amz-date",
     "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85"},
    {"get-header-key-duplicate",
     "GET",
     "/",
     "",
     "",
     {"my-header1", "value2,value2,value1"},
     "host;my-header1;x-amz-date",
     "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea"},
    {"get-header-value-trim",
     "GET",
     "/",
     "",
     "",
     {"my-header2", " \"a   b   c\" ", "my-header1", " value1"},
     "host;my-header1;my-header2;x-amz-date",
     "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736"},
    {"post-header-value-case",
     "POST",
     "/",
     "",
     "",
     {"my-header1", "VALUE1"},
     "host;my-header1;x-amz-date",
     "cdbc9802e29d2942e5e10b5bccfdd67c5f22c7c4e8ae67b53629efa58b974b7d"},
    {"post-x-www-form-urlencoded",
     "POST",
     "/",
     "",
     FORM,
     {"content-type", "application/x-www-form-urlencoded"},
     "content-type;host;x-amz-date",
     "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a"},
};

static const struct vector examples[] = {
    {"get object",
     "GET",
     "/test.txt",
     "",
     "",
     {"range", "bytes=0-9", "x-amz-content-sha256", MILL_AWS_EMPTY_SHA256},
     "host;range;x-amz-content-sha256;x-amz-date",
     "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"},
    {"put object",
     "PUT",
     "/test%24file.text",
     "",
     WELCOME,
     {"date", "Fri, 24 May 2013 00:00:00 GMT", "x-amz-storage-class", "REDUCED_REDUNDANCY",
      "x-amz-content-sha256",
      "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072"},
     "date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class",
     "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"},
    {"get bucket lifecycle",
     "GET",
     "/",
     "lifecycle",
     "",
     {"x-amz-content-sha256", MILL_AWS_EMPTY_SHA256},
     "host;x-amz-content-sha256;x-amz-date",
     "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"},
    {"list objects",
     "GET",
     "/",
     "prefix=J&max-keys=2",
     "",
     {"x-amz-content-sha256", MILL_AWS_EMPTY_SHA256},
     "host;x-amz-content-sha256;x-amz-date",
     "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"},
};

static const struct mill_aws_scope suite_scope = {
    .access_key = {"AKIDEXAMPLE", 11},
    .secret_key = {"wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", 40},
    .region = {"us-east-1", 9},
    .service = {"service", 7},
    .time = SUITE_TIME,
};

static const struct mill_aws_scope example_scope = {
    .access_key = {"AKIAIOSFODNN7EXAMPLE", 20},
    .secret_key = {"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", 40},
    .region = {"us-east-1", 9},
    .service = {"s3", 2},
    .time = EXAMPLE_TIME,
};

static void check(const struct mill_aws_scope *scope, const char *host, const struct vector *v)
{
    struct mill_aws_header headers[MAX_EXTRA + 2] = {
        {MILL_VIEW("x-amz-date"), mill_view_of(scope->time)},
        {MILL_VIEW("host"), mill_view_of(host)},
    };
    struct mill_aws_request request = {.method = mill_view_of(v->method),
                                       .path = mill_view_of(v->path),
                                       .query = mill_view_of(v->query),
                                       .headers = headers,
                                       .header_count = 2};
    char hash[65], expected[512];
    struct mill_buf out = {0};
    for (size_t i = 0; i < MAX_EXTRA && v->extra[2 * i] != NULL; i++)
        headers[request.header_count++] = (struct mill_aws_header){
            mill_view_of(v->extra[2 * i]), mill_view_of(v->extra[2 * i + 1])};
    mill_aws_sha256_hex(mill_view_of(v->payload), hash);
    request.payload_sha256 = mill_view_of(hash);

    assert_int_equal(mill_aws_sign(scope, &request, &out, NULL), MILL_OK);
    assert_false(out.failed);
    snprintf(expected, sizeof(expected),
             AUTHORIZATION "%.*s/%.8s/%.*s/%.*s/aws4_request, SignedHeaders=%s, Signature=%s",
             MILL_FMT(scope->access_key), scope->time, MILL_FMT(scope->region),
             MILL_FMT(scope->service), v->signed_names, v->signature);
    mill_buf_add_char(&out, '\0');
    if (strcmp(out.ptr, expected) != 0)
        fail_msg("%s:\n%s\n%s", v->name, out.ptr, expected);
    mill_buf_release(&out);
}

static void test_vectors(void **state)
{
    (void)state;
    for (size_t i = 0; i < MILL_COUNT(suite); i++)
        check(&suite_scope, SUITE_HOST, &suite[i]);
    for (size_t i = 0; i < MILL_COUNT(examples); i++)
        check(&example_scope, EXAMPLE_HOST, &examples[i]);
}

static void test_time(void **state)
{
    char text[MILL_AWS_TIME_SIZE];
    (void)state;
    mill_aws_time(1440938160999, text);
    assert_string_equal(text, SUITE_TIME);
    mill_aws_time(0, text);
    assert_string_equal(text, "19700101T000000Z");
}

static void test_limits(void **state)
{
    static const struct mill_aws_header headers[MILL_AWS_MAX_HEADERS + 1];
    struct mill_aws_request request = {.headers = headers,
                                       .header_count = MILL_AWS_MAX_HEADERS + 1};
    struct mill_buf out = {0}, query = {0};
    struct mill_error err;
    (void)state;
    assert_int_equal(mill_aws_sign(&suite_scope, &request, &out, &err), MILL_E_INVALID);
    request.header_count = 0;
    for (int i = 0; i <= MILL_AWS_MAX_PARAMETERS; i++)
        mill_buf_printf(&query, "&p%d=", i);
    request.query = mill_buf_view(&query);
    assert_int_equal(mill_aws_sign(&suite_scope, &request, &out, &err), MILL_E_INVALID);
    assert_int_equal(out.len, 0);
    mill_buf_release(&query);
}

static void test_no_memory(void **state)
{
    struct mill_aws_request request = {.method = MILL_VIEW("GET"), .path = MILL_VIEW("/")};
    (void)state;
    for (long nth = 1; nth <= 3; nth++) {
        struct mill_buf out = {0};
        mill_alloc_fail_after(nth);
        enum mill_status st = mill_aws_sign(&suite_scope, &request, &out, NULL);
        mill_alloc_fail_after(0);
        assert_int_equal(st, MILL_OK);
        assert_true(out.failed);
        mill_buf_release(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vectors),
        cmocka_unit_test(test_time),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
