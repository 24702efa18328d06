/* test_artifact_path.c - paths and URIs of artifacts, content types. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "artifact/mime.h"
#include "artifact/path.h"
#include "base/buf.h"
#include "base/view.h"
#include "model/limits.h"

struct path_case {
    const char *path;
    const char *normal; /* NULL: refused */
    const char *why;    /* part of the message */
};

static const struct path_case path_cases[] = {
    {"", "", NULL},
    {"a", "a", NULL},
    {"a/b/c.txt", "a/b/c.txt", NULL},
    {"a//b/./c/", "a/b/c", NULL},
    {"./a", "a", NULL},
    {".", "", NULL},
    {"...", "...", NULL},
    {"..a/b..", "..a/b..", NULL},
    {".hidden", ".hidden", NULL},
    {"sp ace+plus", "sp ace+plus", NULL},
    {"h\xc3\xa9llo/\xe6\x97\xa5", "h\xc3\xa9llo/\xe6\x97\xa5", NULL},
    {"100%", "100%", NULL},
    {"100%25", "100%", NULL},
    {"a%2Fb", "a/b", NULL},
    {"a%252525252fb", "a/b", NULL},
    {"a:b", "a:b", NULL},
    {"c:b", "c:b", NULL},
    {"back\\slash", "back\\slash", NULL},
    {"tab\there%0a", "tab%09here%0A", NULL},
    {"nul%00byte", "nul%00byte", NULL},
    {"del\x7f", "del%7F", NULL},
    {"..", NULL, "'..'"},
    {"../a", NULL, "'..'"},
    {"a/..", NULL, "'..'"},
    {"a/../b", NULL, "'..'"},
    {"a/%2e%2e/b", NULL, "'..'"},
    {"a/%252e%252E/b", NULL, "'..'"},
    {"a%2f..%2fb", NULL, "'..'"},
    {".%2e/b", NULL, "'..'"},
    {"%25252e%25252e/b", NULL, "'..'"},
    {"..\\..\\b", NULL, "'..'"},
    {"a%5c..%5cb", NULL, "'..'"},
    {"/etc/passwd", NULL, "absolute"},
    {"//etc/passwd", NULL, "absolute"},
    {"%2fetc/passwd", NULL, "absolute"},
    {"%252fetc", NULL, "absolute"},
    {"C:\\x", NULL, "absolute"},
    {"c:/x", NULL, "absolute"},
    {"\\\\host\\share", NULL, "absolute"},
    {"file:///etc/passwd", NULL, "absolute"},
    {"FILE:x", NULL, "absolute"},
    {"a#b", NULL, "'#'"},
    {"a%23b", NULL, "'#'"},
    {"a%2523b", NULL, "'#'"},
    {"a%ff", NULL, "UTF-8"},
    {"a%c0%ae", NULL, "UTF-8"},
    {"%25252525252525252525252541", NULL, "10 times"},
    {".millstream-upload-0", NULL, "unfinished"},
    {"d/%2emillstream-upload-0", NULL, "unfinished"},
};

static void test_paths(void **state)
{
    (void)state;
    for (size_t i = 0; i < MILL_COUNT(path_cases); i++) {
        const struct path_case *c = &path_cases[i];
        struct mill_arena arena = {0};
        struct mill_error err = {""};
        struct mill_view out = MILL_VIEW("untouched");
        enum mill_status st =
            mill_artifact_path_check(mill_view_of(c->path), MILL_PATH_ANY, &arena, &out, &err);

        if (c->normal != NULL) {
            if (st != MILL_OK)
                fail_msg("'%s' refused: %s", c->path, err.message);
            assert_string_equal(out.ptr, c->normal);
            assert_int_equal(out.len, strlen(c->normal));
        } else {
            if (st != MILL_E_INVALID)
                fail_msg("'%s' gave %d and '%s'", c->path, (int)st, out.ptr);
            if (strstr(err.message, c->why) == NULL)
                fail_msg("'%s': '%s' lacks \"%s\"", c->path, err.message, c->why);
            assert_string_equal(out.ptr, "untouched");
        }
        mill_arena_release(&arena);
    }
}

static enum mill_status check(const char *path, enum mill_artifact_path_use use)
{
    struct mill_arena arena = {0};
    struct mill_view out;
    enum mill_status st = mill_artifact_path_check(mill_view_of(path), use, &arena, &out, NULL);

    mill_arena_release(&arena);
    return st;
}

static void test_use(void **state)
{
    (void)state;
    assert_int_equal(check(NULL, MILL_PATH_ANY), MILL_OK);
    assert_int_equal(check(NULL, MILL_PATH_ENTRY), MILL_E_INVALID);
    assert_int_equal(check("./", MILL_PATH_ENTRY), MILL_E_INVALID);
    assert_int_equal(check("a/", MILL_PATH_ENTRY), MILL_OK);
    assert_int_equal(check("a/", MILL_PATH_FILE), MILL_E_INVALID);
    assert_int_equal(check("a%2f", MILL_PATH_FILE), MILL_E_INVALID);
    assert_int_equal(check("a/.", MILL_PATH_FILE), MILL_E_INVALID);
    assert_int_equal(check(".", MILL_PATH_FILE), MILL_E_INVALID);
    assert_int_equal(check("a/b.", MILL_PATH_FILE), MILL_OK);
}

static enum mill_status check_repeated(const char *part, int times)
{
    struct mill_buf buf = {0};

    for (int i = 0; i < times; i++)
        mill_buf_add_view(&buf, mill_view_of(part));
    mill_buf_add_char(&buf, '\0');
    assert_false(buf.failed);
    enum mill_status st = check(buf.ptr, MILL_PATH_ANY);
    mill_buf_release(&buf);
    return st;
}

static void test_limits(void **state)
{
    (void)state;
    assert_int_equal(check_repeated("n", MILL_MAX_ARTIFACT_NAME_BYTES), MILL_OK);
    assert_int_equal(check_repeated("n", MILL_MAX_ARTIFACT_NAME_BYTES + 1), MILL_E_INVALID);
    assert_int_equal(check_repeated("d/", MILL_MAX_ARTIFACT_DEPTH), MILL_OK);
    assert_int_equal(check_repeated("d/", MILL_MAX_ARTIFACT_DEPTH + 1), MILL_E_INVALID);
    assert_int_equal(check_repeated("123456789012345678901234567890/", 99), MILL_OK);
    assert_int_equal(check_repeated("123456789012345678901234567890/", 100), MILL_E_INVALID);
    assert_int_equal(check_repeated("x", 1000000), MILL_E_INVALID);
}

struct uri_case {
    const char *uri;
    enum mill_artifact_uri_kind kind;
    const char *path; /* NULL: absent */
};

static const struct uri_case uri_cases[] = {
    {"mlflow-artifacts:/1/r/artifacts", MILL_URI_PROXIED, "1/r/artifacts"},
    {"mlflow-artifacts:1/r", MILL_URI_PROXIED, "1/r"},
    {"mlflow-artifacts:/", MILL_URI_PROXIED, ""},
    {"mlflow-artifacts:///1//r/", MILL_URI_PROXIED, "1/r"},
    {"mlflow-artifacts://host:5000/1/r", MILL_URI_PROXIED, "1/r"},
    {"MLflow-Artifacts://host", MILL_URI_PROXIED, ""},
    {"http://h/api/2.0/mlflow-artifacts/artifacts/1/r", MILL_URI_PROXIED, "1/r"},
    {"https://h/pre/ajax-api/2.0/mlflow-artifacts/artifacts", MILL_URI_PROXIED, ""},
    {"http://h/api/2.0/mlflow-artifacts/artifactsx/1", MILL_URI_REMOTE, NULL},
    {"http://h/elsewhere", MILL_URI_REMOTE, NULL},
    {"s3://bucket/x", MILL_URI_REMOTE, NULL},
    {"dbfs:/x/../y", MILL_URI_REMOTE, NULL},
    {"file:///data/m%20l/1", MILL_URI_LOCAL, "/data/m l/1"},
    {"file://localhost/data", MILL_URI_LOCAL, "/data"},
    {"file:/data", MILL_URI_LOCAL, "/data"},
    {"file:data", MILL_URI_LOCAL, "data"},
    {"file://host/data", MILL_URI_REMOTE, NULL},
    {"/data/x/", MILL_URI_LOCAL, "/data/x"},
    {"./mlruns/0", MILL_URI_LOCAL, "mlruns/0"},
    {"a%20b", MILL_URI_LOCAL, "a%20b"},
    {"c:data", MILL_URI_LOCAL, "c:data"},
};

static const char *const bad_uris[] = {
    "",
    "mlflow-artifacts:/../x",
    "mlflow-artifacts://h/%2e%2e/x",
    "mlflow-artifacts:/a#b",
    "http://h/api/2.0/mlflow-artifacts/artifacts/../../x",
    "file:///data/../etc",
    "file:///data/%2e%2e/etc",
    "file:",
    "file:///data%00x",
    "/data/../etc",
    "../x",
};

static void test_uris(void **state)
{
    struct mill_arena arena = {0};
    struct mill_artifact_uri out;
    struct mill_error err;

    (void)state;
    for (size_t i = 0; i < MILL_COUNT(uri_cases); i++) {
        const struct uri_case *c = &uri_cases[i];

        if (mill_artifact_uri_parse(mill_view_of(c->uri), &arena, &out, &err) != MILL_OK)
            fail_msg("'%s' refused: %s", c->uri, err.message);
        if (out.kind != c->kind)
            fail_msg("'%s' is of kind %d", c->uri, (int)out.kind);
        if (c->path == NULL)
            assert_null(out.path.ptr);
        else
            assert_string_equal(out.path.ptr, c->path);
    }
    for (size_t i = 0; i < MILL_COUNT(bad_uris); i++) {
        if (mill_artifact_uri_parse(mill_view_of(bad_uris[i]), &arena, &out, &err) !=
            MILL_E_INVALID)
            fail_msg("'%s' was not refused", bad_uris[i]);
    }
    mill_arena_release(&arena);
}

static void test_mime(void **state)
{
    static const char text[] = "text/plain; charset=utf-8";

    (void)state;
    assert_string_equal(mill_mime_type(MILL_VIEW("a/b/model.json")), text);
    assert_string_equal(mill_mime_type(MILL_VIEW("A.TXT")), text);
    assert_string_equal(mill_mime_type(MILL_VIEW("m/MLmodel")), text);
    assert_string_equal(mill_mime_type(MILL_VIEW("MLproject")), text);
    assert_string_equal(mill_mime_type(MILL_VIEW("mlmodel")), "application/octet-stream");
    assert_string_equal(mill_mime_type(MILL_VIEW("x.html")), "text/html; charset=utf-8");
    assert_string_equal(mill_mime_type(MILL_VIEW("fig.v2.PNG")), "image/png");
    assert_string_equal(mill_mime_type(MILL_VIEW("dir.png/file")), "application/octet-stream");
    assert_string_equal(mill_mime_type(MILL_VIEW(".png")), "application/octet-stream");
    assert_string_equal(mill_mime_type(MILL_VIEW("model.pkl")), "application/octet-stream");
    assert_string_equal(mill_mime_type(MILL_VIEW("ends.")), "application/octet-stream");
    assert_string_equal(mill_mime_type(MILL_VIEW("")), "application/octet-stream");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_paths),  cmocka_unit_test(test_use),
        cmocka_unit_test(test_limits), cmocka_unit_test(test_uris),
        cmocka_unit_test(test_mime),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
