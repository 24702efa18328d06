/* test_aws_config.c - where keys, region and profile come from, and what is wrong with them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include <millstream/types.h>

#include "base/alloc.h"
#include "files/aws_config.h"
#include "files/aws_identity.h"
#include "files/aws_profile.h"

static char home[64];

/* Variables that a test may set; all are unset before each. */
static const char *const variables[] = {
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
    "AWS_SHARED_CREDENTIALS_FILE",
    "AWS_CONFIG_FILE",
    "AWS_CA_BUNDLE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
    "AWS_EC2_METADATA_DISABLED",
    "AWS_EC2_METADATA_SERVICE_ENDPOINT",
    "AWS_METADATA_SERVICE_TIMEOUT",
    "AWS_METADATA_SERVICE_NUM_ATTEMPTS",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_ROLE_ARN",
    "AWS_ROLE_SESSION_NAME",
    "AWS_ENDPOINT_URL_STS",
    "AWS_ENDPOINT_URL",
};

static int make_home(void **state)
{
    char path[96];
    (void)state;
    snprintf(home, sizeof(home), "/tmp/mill-aws-XXXXXX");
    assert_non_null(mkdtemp(home));
    snprintf(path, sizeof(path), "%s/.aws", home);
    assert_int_equal(mkdir(path, 0700), 0);
    return 0;
}

static int remove_home(void **state)
{
    char command[96];
    (void)state;
    snprintf(command, sizeof(command), "rm -rf '%s'", home);
    return system(command);
}

static void write_file(const char *name, const char *text)
{
    char path[128];
    snprintf(path, sizeof(path), "%s/%s", home, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static int clear(void **state)
{
    (void)state;
    for (size_t i = 0; i < MILL_COUNT(variables); i++)
        unsetenv(variables[i]);
    setenv("HOME", home, 1);
    write_file(".aws/credentials", "");
    write_file(".aws/config", "");
    return 0;
}

static void assert_view(struct mill_view view, const char *expected)
{
    assert_non_null(view.ptr);
    assert_int_equal(view.len, strlen(expected));
    assert_memory_equal(view.ptr, expected, view.len);
}

/* The configuration, which must be good. The arena is released at the end of the process. */
static struct mill_aws_config good(struct mill_arena *arena)
{
    struct mill_aws_config config;
    struct mill_error err = {""};
    if (mill_aws_config_read(&config, arena, &err) != MILL_OK)
        fail_msg("%s", err.message);
    return config;
}

static void bad(enum mill_status status, const char *part)
{
    struct mill_arena arena = {0};
    struct mill_aws_config config;
    struct mill_error err = {""};
    assert_int_equal(mill_aws_config_read(&config, &arena, &err), status);
    if (strstr(err.message, part) == NULL)
        fail_msg("'%s' is not in '%s'", part, err.message);
    mill_arena_release(&arena);
}

static void test_environment(void **state)
{
    struct mill_arena arena = {0};
    (void)state;
    setenv("AWS_ACCESS_KEY_ID", "AKIA", 1);
    setenv("AWS_SECRET_ACCESS_KEY", "se/cr+et=", 1);
    struct mill_aws_config config = good(&arena);
    assert_int_equal(config.source, MILL_AWS_STATIC);
    assert_view(config.keys.access_key, "AKIA");
    assert_view(config.keys.secret_key, "se/cr+et=");
    assert_null(config.keys.session_token.ptr);
    assert_true(config.keys.expires_ms == MILL_ABSENT);
    assert_view(config.region, "us-east-1");
    assert_view(config.profile, "default");
    setenv("AWS_SESSION_TOKEN", "token//", 1);
    setenv("AWS_DEFAULT_REGION", "eu-west-3", 1);
    config = good(&arena);
    assert_view(config.keys.session_token, "token//");
    assert_view(config.region, "eu-west-3");
    setenv("AWS_REGION", "cn-north-1", 1);
    assert_view(good(&arena).region, "cn-north-1");
    mill_arena_release(&arena);
}

static void test_files(void **state)
{
    struct mill_arena arena = {0};
    (void)state;
    write_file(".aws/credentials", "[default]\naws_access_key_id = A1\n"
                                   "aws_secret_access_key = S1\n"
                                   "[work]\naws_access_key_id=A2\naws_secret_access_key=S2\n"
                                   "aws_session_token=T2\n");
    write_file(".aws/config", "[default]\nregion = eu-west-1 ; here\n"
                              "[profile work]\nregion = eu-north-1\nendpoint_url = http://x:1\n"
                              "[profile 'other one']\naws_access_key_id = A3\n"
                              "aws_secret_access_key = S3\ns3 =\n  region = nested\n"
                              "[work]\nregion = not-this\n");
    struct mill_aws_config config = good(&arena);
    assert_view(config.keys.access_key, "A1");
    assert_view(config.region, "eu-west-1");
    setenv("AWS_DEFAULT_PROFILE", "work", 1);
    config = good(&arena);
    assert_view(config.keys.secret_key, "S2");
    assert_view(config.keys.session_token, "T2");
    assert_view(config.region, "eu-north-1");
    assert_view(config.endpoint_url, "http://x:1");
    setenv("AWS_PROFILE", "other one", 1);
    config = good(&arena);
    assert_view(config.keys.access_key, "A3");
    assert_null(config.keys.session_token.ptr);
    assert_view(config.region, "us-east-1");
    /* The environment goes first, with what the profile says besides. */
    setenv("AWS_PROFILE", "work", 1);
    setenv("AWS_ACCESS_KEY_ID", "A9", 1);
    setenv("AWS_SECRET_ACCESS_KEY", "S9", 1);
    config = good(&arena);
    assert_view(config.keys.access_key, "A9");
    assert_null(config.keys.session_token.ptr);
    assert_view(config.region, "eu-north-1");
    mill_arena_release(&arena);
}

static void test_named_files(void **state)
{
    struct mill_arena arena = {0};
    char path[96];
    (void)state;
    write_file("keys", "[default]\naws_access_key_id = A4\naws_secret_access_key = S4\n");
    write_file("settings", "[default]\nregion = ap-east-1\n");
    snprintf(path, sizeof(path), "%s/settings", home);
    setenv("AWS_SHARED_CREDENTIALS_FILE", "~/keys", 1);
    setenv("AWS_CONFIG_FILE", path, 1);
    setenv("AWS_CA_BUNDLE", "/ca.pem", 1);
    struct mill_aws_config config = good(&arena);
    assert_view(config.keys.access_key, "A4");
    assert_view(config.region, "ap-east-1");
    assert_view(config.ca_path, "/ca.pem");
    mill_arena_release(&arena);
}

static void test_endpoints(void **state)
{
    struct mill_arena arena = {0};
    (void)state;
    struct mill_aws_config config = good(&arena);
    assert_int_equal(config.source, MILL_AWS_INSTANCE);
    assert_view(config.source_url, "http://169.254.169.254");
    assert_int_equal(config.source_timeout_s, 1);
    assert_int_equal(config.source_attempts, 1);
    setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://127.0.0.1:1338/", 1);
    setenv("AWS_METADATA_SERVICE_TIMEOUT", "5", 1);
    config = good(&arena);
    assert_view(config.source_url, "http://127.0.0.1:1338/");
    assert_int_equal(config.source_timeout_s, 5);
    setenv("AWS_EC2_METADATA_DISABLED", "true", 1);
    assert_int_equal(good(&arena).source, MILL_AWS_NOWHERE);
    setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://localhost/get", 1);
    setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN", "Basic abc", 1);
    config = good(&arena);
    assert_int_equal(config.source, MILL_AWS_CONTAINER);
    assert_view(config.source_url, "http://localhost/get");
    assert_view(config.token, "Basic abc");
    setenv("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/v2/credentials/7", 1);
    assert_view(good(&arena).source_url, "http://169.254.170.2/v2/credentials/7");
    mill_arena_release(&arena);
}

static void test_errors(void **state)
{
    (void)state;
    setenv("AWS_ACCESS_KEY_ID", "A", 1);
    bad(MILL_E_INVALID, "AWS_ACCESS_KEY_ID is set, but AWS_SECRET_ACCESS_KEY is not");
    setenv("AWS_SECRET_ACCESS_KEY", "S\n", 1);
    bad(MILL_E_INVALID, "AWS_SECRET_ACCESS_KEY cannot be right");
    setenv("AWS_SECRET_ACCESS_KEY", "S", 1);
    setenv("AWS_SESSION_TOKEN", "t\r\nx-amz-acl: public", 1);
    bad(MILL_E_INVALID, "AWS_SESSION_TOKEN cannot be right");
    unsetenv("AWS_SESSION_TOKEN");
    setenv("AWS_PROFILE", "nobody", 1);
    bad(MILL_E_NOT_FOUND, "the AWS profile 'nobody' is neither in ");
    unsetenv("AWS_PROFILE");
    setenv("AWS_REGION", "us.evil.example/", 1);
    bad(MILL_E_INVALID, "the AWS region 'us.evil.example/'");
    unsetenv("AWS_REGION");
    write_file(".aws/config", "[default]\nregion\n");
    bad(MILL_E_INVALID, "/.aws/config, line 2 is neither");
    write_file(".aws/config", "");
    unsetenv("AWS_ACCESS_KEY_ID");
    unsetenv("AWS_SECRET_ACCESS_KEY");
    write_file(".aws/credentials", "[default]\naws_secret_access_key = S\n");
    bad(MILL_E_INVALID, "/.aws/credentials, profile default: aws_secret_access_key is set, but "
                        "aws_access_key_id is not");
    setenv("AWS_METADATA_SERVICE_TIMEOUT", "0", 1);
    write_file(".aws/credentials", "");
    bad(MILL_E_INVALID, "AWS_METADATA_SERVICE_TIMEOUT");
    setenv("AWS_SHARED_CREDENTIALS_FILE", home, 1);
    bad(MILL_E_INVALID, "must be a regular file");
}

static void test_unknown_sources(void **state)
{
    static const char *const keys[] = {"sso_session", "role_arn", "source_profile"};
    char text[96];
    (void)state;
    for (size_t i = 0; i < MILL_COUNT(keys); i++) {
        /* Whatever else is there would be somebody else's keys. */
        snprintf(text, sizeof(text), "[default]\n%s = x\ncredential_process = y\n", keys[i]);
        write_file(".aws/config", text);
        snprintf(text, sizeof(text), "/.aws/config, profile default: getting keys by %s is not",
                 keys[i]);
        bad(MILL_E_UNSUPPORTED, text);
    }
}

static void test_a_program_of_a_profile(void **state)
{
    struct mill_arena arena = {0};
    (void)state;
    write_file(".aws/config", "[default]\ncredential_process = keys --for 'me and you'\n");
    struct mill_aws_config c = good(&arena);
    assert_int_equal(c.source, MILL_AWS_PROCESS);
    assert_view(c.process, "keys --for 'me and you'");
    /* It goes before keys of the config file, behind those of the other, which may name it too.
     */
    write_file(".aws/config", "[default]\ncredential_process = keys\naws_access_key_id = A\n"
                              "aws_secret_access_key = S\n");
    assert_int_equal(good(&arena).source, MILL_AWS_PROCESS);
    write_file(".aws/credentials", "[default]\ncredential_process = others\n");
    assert_view(good(&arena).process, "others");
    write_file(".aws/credentials",
               "[default]\naws_access_key_id = A1\naws_secret_access_key = S1\n");
    assert_int_equal(good(&arena).source, MILL_AWS_STATIC);
    mill_arena_release(&arena);
}

static void test_web_identity(void **state)
{
    struct mill_arena arena = {0};
    (void)state;
    setenv("AWS_WEB_IDENTITY_TOKEN_FILE", "/token", 1);
    bad(MILL_E_INVALID, "but neither AWS_ROLE_ARN nor role_arn of the profile 'default' says");
    setenv("AWS_ROLE_ARN", "arn:aws:iam::1:role/r", 1);
    struct mill_aws_config c = good(&arena);
    assert_int_equal(c.source, MILL_AWS_IDENTITY);
    assert_view(c.identity_file, "/token");
    assert_view(c.role_arn, "arn:aws:iam::1:role/r");
    assert_view(c.role_session, "millstream");
    assert_view(c.source_url, "https://sts.us-east-1.amazonaws.com");
    setenv("AWS_REGION", "cn-north-1", 1);
    assert_view(good(&arena).source_url, "https://sts.cn-north-1.amazonaws.com.cn");
    setenv("AWS_ENDPOINT_URL", "https://minio", 1);
    assert_view(good(&arena).source_url, "https://minio");
    setenv("AWS_ENDPOINT_URL_STS", "https://sts", 1);
    assert_view(good(&arena).source_url, "https://sts");
    /* Keys of the environment go before it, those of files behind. */
    write_file(".aws/credentials",
               "[default]\naws_access_key_id = A1\naws_secret_access_key = S1\n");
    assert_int_equal(good(&arena).source, MILL_AWS_IDENTITY);
    setenv("AWS_ACCESS_KEY_ID", "A", 1);
    setenv("AWS_SECRET_ACCESS_KEY", "S", 1);
    assert_int_equal(good(&arena).source, MILL_AWS_STATIC);
    mill_arena_release(&arena);
}

static void test_web_identity_of_a_profile(void **state)
{
    struct mill_arena arena = {0};
    (void)state;
    write_file(".aws/config", "[default]\nrole_arn = arn\nweb_identity_token_file = /t\n"
                              "role_session_name = me\nregion = eu-west-1\n");
    struct mill_aws_config c = good(&arena);
    assert_int_equal(c.source, MILL_AWS_IDENTITY);
    assert_view(c.identity_file, "/t");
    assert_view(c.role_arn, "arn");
    assert_view(c.role_session, "me");
    assert_view(c.source_url, "https://sts.eu-west-1.amazonaws.com");
    mill_arena_release(&arena);
}

static enum mill_status parse(const char *json, struct mill_arena *arena,
                              struct mill_aws_credentials *out, struct mill_error *err)
{
    return mill_aws_credentials_parse(mill_view_of(json), arena, out, err);
}

static void test_endpoint_answers(void **state)
{
    static const struct {
        const char *json, *message;
        enum mill_status status;
    } wrong[] = {
        {"<html>", "", MILL_E_INVALID},
        {"{}", "no usable AccessKeyId", MILL_E_INVALID},
        {"{\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"\"}", "no usable", MILL_E_INVALID},
        {"{\"AccessKeyId\":\"A\\n\",\"SecretAccessKey\":\"S\"}", "no usable", MILL_E_INVALID},
        {"{\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"S\",\"Expiration\":\"soon\"}",
         "Expiration 'soon' is not a time", MILL_E_INVALID},
        {"{\"Code\":\"AssumeRoleUnauthorizedAccess\",\"Message\":\"no trust\"}",
         "AssumeRoleUnauthorizedAccess: no trust", MILL_E_DENIED},
    };
    struct mill_arena arena = {0};
    struct mill_aws_credentials keys;
    struct mill_error err = {""};
    (void)state;
    assert_int_equal(
        parse("{\"Code\":\"Success\",\"Type\":\"AWS-HMAC\",\"AccessKeyId\":\"ASIA\","
              "\"SecretAccessKey\":\"se/c\",\"Token\":\"to+k\","
              "\"Expiration\":\"2015-08-30T12:36:00Z\"}",
              &arena, &keys, &err),
        MILL_OK);
    assert_view(keys.access_key, "ASIA");
    assert_view(keys.secret_key, "se/c");
    assert_view(keys.session_token, "to+k");
    assert_true(keys.expires_ms == 1440938160000);
    assert_int_equal(parse("{\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"S\",\"Token\":\"\","
                           "\"Expiration\":\"2015-08-30T12:36:00.123+00:00\"}",
                           &arena, &keys, &err),
                     MILL_OK);
    assert_null(keys.session_token.ptr);
    assert_true(keys.expires_ms == 1440938160000);
    for (size_t i = 0; i < MILL_COUNT(wrong); i++) {
        assert_int_equal(parse(wrong[i].json, &arena, &keys, &err), wrong[i].status);
        if (strstr(err.message, wrong[i].message) == NULL)
            fail_msg("%s", err.message);
    }
    mill_arena_release(&arena);
}

#define STS(inner)                                                                             \
    "<AssumeRoleWithWebIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">"  \
    "<AssumeRoleWithWebIdentityResult><Credentials>" inner                                     \
    "</Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>"

static void test_answers_of_the_token_service(void **state)
{
    static const struct {
        const char *xml, *message;
        enum mill_status status;
    } wrong[] = {
        {"", "no element found", MILL_E_INVALID},
        {"<html/>", "no usable AccessKeyId", MILL_E_INVALID},
        {STS("<AccessKeyId>A</AccessKeyId>"), "no usable AccessKeyId", MILL_E_INVALID},
        {STS("<AccessKeyId>A</AccessKeyId><SecretAccessKey>S</SecretAccessKey>"
             "<SessionToken>a\nb</SessionToken>"),
         "no usable AccessKeyId", MILL_E_INVALID},
        {"<ErrorResponse><Error><Type>Sender</Type><Code>ExpiredTokenException</Code>"
         "<Message>too old</Message></Error></ErrorResponse>",
         "ExpiredTokenException: too old", MILL_E_DENIED},
    };
    struct mill_arena arena = {0};
    struct mill_aws_credentials keys;
    struct mill_error err = {""};
    (void)state;
    assert_int_equal(mill_aws_identity_answer(
                         MILL_VIEW(STS("<AccessKeyId>ASIA</AccessKeyId><SecretAccessKey>se/c"
                                       "</SecretAccessKey><SessionToken>to+k</SessionToken>"
                                       "<Expiration>2015-08-30T12:36:00Z</Expiration>")),
                         &arena, &keys, &err),
                     MILL_OK);
    assert_view(keys.access_key, "ASIA");
    assert_view(keys.secret_key, "se/c");
    assert_view(keys.session_token, "to+k");
    assert_true(keys.expires_ms == 1440938160000);
    for (size_t i = 0; i < MILL_COUNT(wrong); i++) {
        assert_int_equal(
            mill_aws_identity_answer(mill_view_of(wrong[i].xml), &arena, &keys, &err),
            wrong[i].status);
        if (strstr(err.message, wrong[i].message) == NULL)
            fail_msg("%s", err.message);
    }
    mill_arena_release(&arena);
}

static void test_questions_to_the_token_service(void **state)
{
    struct mill_arena arena = {0};
    struct mill_buf form = {0};
    struct mill_error err;
    char path[128];
    (void)state;
    snprintf(path, sizeof(path), "%s/token", home);
    struct mill_aws_config config = {.identity_file = mill_view_of(path),
                                     .role_arn = MILL_VIEW("arn:aws:iam::1:role/r"),
                                     .role_session = MILL_VIEW("me@home")};
    assert_int_equal(mill_aws_identity_question(&config, &form, &err), MILL_E_UNAUTHENTICATED);
    write_file("token", "two words\n");
    assert_int_equal(mill_aws_identity_question(&config, &form, &err), MILL_E_INVALID);
    assert_int_equal(form.len, 0);
    write_file("token", "ey.J+/=\n");
    assert_int_equal(mill_aws_identity_question(&config, &form, &err), MILL_OK);
    assert_view(mill_buf_view(&form),
                "Action=AssumeRoleWithWebIdentity&Version=2011-06-15"
                "&RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fr&RoleSessionName=me%40home"
                "&WebIdentityToken=ey.J%2B%2F%3D");
    mill_buf_release(&form);
    mill_arena_release(&arena);
}

static void test_no_memory(void **state)
{
    enum mill_status st = MILL_E_NOMEM;
    (void)state;
    write_file(".aws/credentials", "[default]\naws_access_key_id = A1\n"
                                   "aws_secret_access_key = S1\n");
    for (long nth = 1; st != MILL_OK; nth++) {
        struct mill_arena arena = {0};
        struct mill_aws_config config;
        mill_alloc_fail_after(nth);
        st = mill_aws_config_read(&config, &arena, NULL);
        mill_alloc_fail_after(0);
        assert_true(st == MILL_OK || st == MILL_E_NOMEM);
        mill_arena_release(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_environment, clear),
        cmocka_unit_test_setup(test_files, clear),
        cmocka_unit_test_setup(test_named_files, clear),
        cmocka_unit_test_setup(test_endpoints, clear),
        cmocka_unit_test_setup(test_errors, clear),
        cmocka_unit_test_setup(test_unknown_sources, clear),
        cmocka_unit_test_setup(test_a_program_of_a_profile, clear),
        cmocka_unit_test_setup(test_web_identity, clear),
        cmocka_unit_test_setup(test_web_identity_of_a_profile, clear),
        cmocka_unit_test(test_answers_of_the_token_service),
        cmocka_unit_test(test_questions_to_the_token_service),
        cmocka_unit_test_setup(test_endpoint_answers, clear),
        cmocka_unit_test_setup(test_no_memory, clear),
    };
    return cmocka_run_group_tests(tests, make_home, remove_home);
}
