/* test_named_files.c - URIs that name files by who has them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/view.h"
#include "client/named_files.h"

#define ID "m-0123456789abcdef0123456789abcdef"

static const struct {
    const char *uri;
    enum mill_named_kind kind;
    const char *owner, *path;
    int64_t version;
    const char *alias;
    enum mill_stage stage;
} good[] = {
    {"runs:/abc", MILL_NAMED_RUN, "abc", "", 0, "", 0},
    {"runs:/abc/", MILL_NAMED_RUN, "abc", "", 0, "", 0},
    {"runs:/abc/a/b", MILL_NAMED_RUN, "abc", "a/b", 0, "", 0},
    {"models:/" ID, MILL_NAMED_LOGGED_MODEL, ID, "", 0, "", 0},
    {"models:/" ID "/a/b", MILL_NAMED_LOGGED_MODEL, ID, "a/b", 0, "", 0},
    {"models:/other-id", MILL_NAMED_LOGGED_MODEL, "other-id", "", 0, "", 0},
    {"models:/m-1/2", MILL_NAMED_VERSION, "m-1", "", 2, "", 0},
    {"models:/a name/12/a/b", MILL_NAMED_VERSION, "a name", "a/b", 12, "", 0},
    {"models:/name/LATEST/a", MILL_NAMED_ALIAS, "name", "a", 0, "latest", 0},
    {"models:/name@best", MILL_NAMED_ALIAS, "name", "", 0, "best", 0},
    {"models:/na@me@best/3", MILL_NAMED_ALIAS, "na@me", "3", 0, "best", 0},
    {"models:/name/production", MILL_NAMED_STAGE, "name", "", 0, "", MILL_STAGE_PRODUCTION},
    {"s3://bucket/a/b", MILL_NAMED_PLACE, "s3://bucket/a", "b", 0, "", 0},
    {"s3://bucket", MILL_NAMED_PLACE, "s3://bucket", "", 0, "", 0},
    {"mlflow-artifacts:/a", MILL_NAMED_PLACE, "mlflow-artifacts:/", "a", 0, "", 0},
    {"file:///a", MILL_NAMED_PLACE, "file:///", "a", 0, "", 0},
    {"/a/b", MILL_NAMED_PLACE, "/a", "b", 0, "", 0},
    {"/a/b/", MILL_NAMED_PLACE, "/a/b", "", 0, "", 0},
    {"s3://bucket/a/", MILL_NAMED_PLACE, "s3://bucket/a", "", 0, "", 0},
    {"mlflow-artifacts:/", MILL_NAMED_PLACE, "mlflow-artifacts:/", "", 0, "", 0},
    {"file:///", MILL_NAMED_PLACE, "file:///", "", 0, "", 0},
    {"/a", MILL_NAMED_PLACE, "/", "a", 0, "", 0},
    {"/", MILL_NAMED_PLACE, "/", "", 0, "", 0},
    {"a/b", MILL_NAMED_PLACE, "a", "b", 0, "", 0},
    {"a", MILL_NAMED_PLACE, ".", "a", 0, "", 0},
};

static void assert_text(struct mill_view view, const char *text, const char *uri)
{
    if (!mill_view_eq(view, mill_view_of(text)))
        fail_msg("%s: '%.*s' is not '%s'", uri, MILL_FMT(view), text);
}

static void uris_are_taken_apart(void **state)
{
    struct mill_error err = {""};
    (void)state;
    for (size_t i = 0; i < MILL_COUNT(good); i++) {
        struct mill_named_files named;
        if (mill_named_files_parse(mill_view_of(good[i].uri), &named, &err) != MILL_OK)
            fail_msg("%s", err.message);
        assert_int_equal(named.kind, good[i].kind);
        assert_text(named.owner, good[i].owner, good[i].uri);
        assert_text(named.path, good[i].path, good[i].uri);
        assert_text(named.alias, good[i].alias, good[i].uri);
        assert_int_equal(named.version, good[i].version);
        assert_int_equal(named.stage, good[i].stage);
    }
}

static void others_are_refused(void **state)
{
    static const char *const bad[] = {
        "runs:",
        "runs:/",
        "runs:abc",
        "models:",
        "models:/",
        "models:name/1",
        "models://name/1",
        "models:/name/0",
        "models:/name/99999999999999999999",
        "models:/name/-1",
        "models:/name/canary",
        "models:/@best",
        "models:/name@",
        "models:/name@/1",
    };
    (void)state;
    for (size_t i = 0; i < MILL_COUNT(bad); i++) {
        struct mill_named_files named;
        struct mill_error err = {""};
        if (mill_named_files_parse(mill_view_of(bad[i]), &named, &err) != MILL_E_INVALID)
            fail_msg("%s was taken", bad[i]);
        assert_non_null(strstr(err.message, bad[i]));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(uris_are_taken_apart),
        cmocka_unit_test(others_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
