/* test_places.c - which storage an artifact location means, and which are refused. Nothing here
 * is asked over the network: opening makes no request. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "files/places.h"
#include "remote/remote.h"

/* A client of a server, or of none. */
struct fixture {
    struct mill_arena arena;
    struct mill_remote_options options;
    struct mill_remote *remote;
    struct mill_places places;
};

static void start(struct fixture *f, const char *server, const char *destination)
{
    memset(f, 0, sizeof(*f));
    setenv("HOME", "/nowhere", 1);
    setenv("AWS_ACCESS_KEY_ID", "A", 1);
    setenv("AWS_SECRET_ACCESS_KEY", "S", 1);
    setenv("DATABRICKS_HOST", "http://127.0.0.1:1", 1);
    setenv("DATABRICKS_TOKEN", "t", 1);
    if (server == NULL) {
        assert_int_equal(
            mill_places_init(&f->places, mill_view_of(destination), MILL_VIEW("test"), NULL),
            MILL_OK);
        return;
    }
    assert_int_equal(mill_remote_options_read(&f->options, mill_view_of(server),
                                              MILL_VIEW("test"), &f->arena, NULL),
                     MILL_OK);
    assert_int_equal(mill_remote_open(&f->options, &f->remote, NULL), MILL_OK);
    assert_int_equal(
        mill_places_init_server(&f->places, f->remote, false, MILL_VIEW("test"), NULL),
        MILL_OK);
}

static void stop(struct fixture *f)
{
    mill_places_release(&f->places);
    mill_remote_close(f->remote);
    mill_arena_release(&f->arena);
}

static void opens(struct fixture *f, const char *location)
{
    struct mill_files *files = NULL;
    struct mill_error err = {""};
    if (mill_places_open(&f->places, mill_view_of(location), &files, &err) != MILL_OK)
        fail_msg("%s: %s", location, err.message);
    files->ops->close(files);
}

static void refuses(struct fixture *f, const char *location, enum mill_status status,
                    const char *said)
{
    struct mill_files *files = NULL;
    struct mill_error err = {""};
    enum mill_status st = mill_places_open(&f->places, mill_view_of(location), &files, &err);
    if (st != status || strstr(err.message, said) == NULL)
        fail_msg("%s: %d '%s'", location, st, err.message);
    assert_null(files);
}

static const char *const everywhere[] = {
    "/tmp/x",
    "file:///tmp/x",
    "s3://bucket/a/b",
    "S3://bucket",
    "s3://my.bucket/a?x=1",
    "dbfs:/databricks/x",
    "dbfs:///databricks/x",
    "dbfs:/Volumes/a/b/c",
    "dbfs://databricks/x",
    "mlflow-artifacts:/1/2/artifacts",
    "mlflow-artifacts://other:5000/1",
    "http://other:5000/api/2.0/mlflow-artifacts/artifacts/1",
    "https://other/prefix/api/2.0/mlflow-artifacts/artifacts",
};

static void test_opened(void **state)
{
    struct fixture f;
    (void)state;
    start(&f, "http://127.0.0.1:1/prefix", NULL);
    for (size_t i = 0; i < MILL_COUNT(everywhere); i++)
        opens(&f, everywhere[i]);
    opens(&f, "http://127.0.0.1:1/prefix/api/2.0/mlflow-artifacts/artifacts/1");
    opens(&f, "http://127.0.0.1:1/elsewhere/ajax-api/2.0/mlflow-artifacts/artifacts/1");
    stop(&f);
    start(&f, NULL, "/tmp/below");
    for (size_t i = 0; i < MILL_COUNT(everywhere); i++)
        opens(&f, everywhere[i]);
    stop(&f);
    /* Locations behind a server are then below another kind of storage. */
    start(&f, NULL, "s3://bucket/below/");
    opens(&f, "mlflow-artifacts:/1/2/artifacts");
    stop(&f);
}

static void test_refused(void **state)
{
    static const char *const schemes[] = {"gs",     "wasb", "wasbs", "abfs", "abfss", "hdfs",
                                          "viewfs", "ftp",  "sftp",  "r2",   "b2",    "oci"};
    struct fixture f;
    char location[64], said[96];
    (void)state;
    start(&f, "http://127.0.0.1:1", NULL);
    for (size_t i = 0; i < MILL_COUNT(schemes); i++) {
        snprintf(location, sizeof(location), "%s://place/path", schemes[i]);
        snprintf(said, sizeof(said),
                 "storage of the kind '%s' is not supported; use the "
                 "server's artifact proxy",
                 schemes[i]);
        refuses(&f, location, MILL_E_UNSUPPORTED, said);
    }
    refuses(&f, "file://host/x", MILL_E_UNSUPPORTED, "'file' is not supported");
    refuses(&f, "https://host/some/file", MILL_E_UNSUPPORTED, "only the artifact proxy");
    refuses(&f, "http://host/mlflow-artifacts/artifacts/1", MILL_E_UNSUPPORTED,
            "only the artifact proxy");
    refuses(&f, "mlflow-artifacts://5000/x", MILL_E_INVALID, "a port where its host should be");
    refuses(&f, "mlflow-artifacts:/a/../../b", MILL_E_INVALID, "'..'");
    refuses(&f, "", MILL_E_INVALID, "empty");
    refuses(&f, "s3:/bucket/x", MILL_E_INVALID, "names no bucket");
    refuses(&f, "s3:///x", MILL_E_INVALID, "names no bucket");
    refuses(&f, "s3://bucket/a/../b", MILL_E_INVALID, "'..'");
    refuses(&f, "dbfs://cluster/x", MILL_E_INVALID, "dbfs://PROFILE@databricks/PATH");
    refuses(&f, "dbfs:/a/../b", MILL_E_INVALID, "'..'");
    refuses(&f, "dbfs://nobody@databricks/x", MILL_E_INVALID, "nobody");
    stop(&f);
    start(&f, NULL, "mlflow-artifacts:/x");
    refuses(&f, "mlflow-artifacts:/1", MILL_E_INVALID, "itself behind a server");
    stop(&f);
}

/* What is wrong with the settings of S3 is told at once, and again at the next attempt. */
static void test_bad_settings(void **state)
{
    struct fixture f;
    (void)state;
    start(&f, NULL, "/tmp/below");
    setenv("MLFLOW_S3_ENDPOINT_URL", "nonsense", 1);
    refuses(&f, "s3://bucket/x", MILL_E_INVALID, "MLFLOW_S3_ENDPOINT_URL");
    refuses(&f, "s3://bucket/x", MILL_E_INVALID, "MLFLOW_S3_ENDPOINT_URL");
    unsetenv("MLFLOW_S3_ENDPOINT_URL");
    opens(&f, "s3://bucket/x");
    stop(&f);
}

static void test_no_memory(void **state)
{
    (void)state;
    for (size_t i = 0; i < MILL_COUNT(everywhere); i++) {
        struct fixture f;
        enum mill_status st = MILL_E_NOMEM;
        start(&f, "http://127.0.0.1:1", NULL);
        for (long nth = 1; st != MILL_OK; nth++) {
            struct mill_files *files = NULL;
            mill_alloc_fail_after(nth);
            st = mill_places_open(&f.places, mill_view_of(everywhere[i]), &files, NULL);
            mill_alloc_fail_after(0);
            if (st != MILL_OK && st != MILL_E_NOMEM)
                fail_msg("%s: %d", everywhere[i], st);
            if (files != NULL)
                files->ops->close(files);
        }
        stop(&f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_opened),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_bad_settings),
        cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
