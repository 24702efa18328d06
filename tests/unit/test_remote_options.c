/* test_remote_options.c - tracking URIs of servers and workspaces taken apart, with the
 * environment and the user's files, and with memory that runs out. (What is sent is tested in
 * tests/client.) */
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

#include "base/alloc.h"
#include "base/view.h"
#include "remote/databricks.h"
#include "remote/environment.h"

struct place {
    char home[64];
    struct mill_arena arena;
    struct mill_remote_options options;
    struct mill_error err;
};

/* A home with both files, and no variable set. */
static int setup(void **state)
{
    static const struct {
        const char *name, *text;
    } files[] = {
        {".databrickscfg", "[DEFAULT]\nhost = https://one.example\ntoken = t1\n"
                           "[two]\nhost = two.example/\nusername = u\npassword = p\n"
                           "[three]\nhost = https://three.example\nclient_id = i\n"
                           "client_secret = s\ninsecure = true\n"},
        {".mlflow/credentials",
         "[mlflow]\nmlflow_tracking_username = u\nmlflow_tracking_password = p\n"},
    };
    struct place *p = calloc(1, sizeof(*p));
    char path[128];
    snprintf(p->home, sizeof(p->home), "/tmp/mill-options-XXXXXX");
    assert_non_null(mkdtemp(p->home));
    snprintf(path, sizeof(path), "%s/.mlflow", p->home);
    assert_int_equal(mkdir(path, 0700), 0);
    for (size_t i = 0; i < MILL_COUNT(files); i++) {
        snprintf(path, sizeof(path), "%s/%s", p->home, files[i].name);
        FILE *file = fopen(path, "w");
        assert_non_null(file);
        fputs(files[i].text, file);
        fclose(file);
    }
    for (enum mill_variable v = 0; v < MILL_ENV_COUNT; v++)
        unsetenv(mill_variable_info(v)->name);
    assert_int_equal(setenv("HOME", p->home, 1), 0);
    *state = p;
    return 0;
}

static int teardown(void **state)
{
    struct place *p = *state;
    char command[96];
    snprintf(command, sizeof(command), "rm -rf '%s'", p->home);
    assert_int_equal(system(command), 0);
    mill_arena_release(&p->arena);
    free(p);
    return 0;
}

/* Databricks' URIs and those of servers have readers of one form. */
static enum mill_status read_uri(struct place *p, const char *uri)
{
    struct mill_view text = mill_view_of(uri);
    mill_arena_release(&p->arena);
    return (mill_view_starts(text, MILL_VIEW("databricks")) ? mill_databricks_options_read
                                                            : mill_remote_options_read)(
        &p->options, text, MILL_VIEW("me"), &p->arena, &p->err);
}

static void assert_text(const char *found, const char *expected)
{
    if (expected == NULL)
        assert_null(found);
    else
        assert_string_equal(found, expected);
}

static void test_uris(void **state)
{
    static const struct {
        const char *uri, *base, *username, *password, *token, *client_id;
        bool loopback, insecure;
    } cases[] = {
        {"http://h:5000//", "http://h:5000", "u", "p", NULL, NULL, false, false},
        {"https://a:b%20c@h/x/y/", "https://h/x/y", "a", "b c", NULL, NULL, false, false},
        {"http://a@127.0.0.1", "http://127.0.0.1", "a", "", NULL, NULL, true, false},
        {"http://[::1]:5000", "http://[::1]:5000", "u", "p", NULL, NULL, true, false},
        {"http://LOCALHOST/", "http://LOCALHOST", "u", "p", NULL, NULL, true, false},
        {"databricks", "https://one.example", NULL, NULL, "t1", NULL, false, false},
        {"databricks://", "https://one.example", NULL, NULL, "t1", NULL, false, false},
        {"databricks://two", "https://two.example", "u", "p", NULL, NULL, false, false},
        {"databricks://three", "https://three.example", NULL, NULL, NULL, "i", false, true},
    };
    struct place *p = *state;
    for (size_t i = 0; i < MILL_COUNT(cases); i++) {
        const struct mill_remote_options *o = &p->options;
        if (read_uri(p, cases[i].uri) != MILL_OK)
            fail_msg("%s: %s", cases[i].uri, p->err.message);
        assert_string_equal(o->base, cases[i].base);
        assert_text(o->username, cases[i].username);
        assert_text(o->password, cases[i].password);
        assert_text(o->token, cases[i].token);
        assert_text(o->client_id, cases[i].client_id);
        assert_int_equal(o->loopback, cases[i].loopback);
        assert_int_equal(o->insecure_tls, cases[i].insecure);
        assert_int_equal(o->timeout_s, 120);
        assert_int_equal(o->max_retries, 7);
        assert_int_equal(o->backoff_ms, 2000);
        assert_int_equal(o->jitter_ms, 1000);
        assert_true(o->redirects && o->retry_after);
        assert_non_null(strstr(o->user_agent, "me millstream/"));
    }
}

static void test_uris_that_mean_nothing(void **state)
{
    static const char *const cases[] = {
        "http://",     "http:///x",        "https://a:b@",     "http://h/?x=1",
        "http://h/#x", "databricks://a/b", "databricks://a]b", "databricks://none",
    };
    struct place *p = *state;
    for (size_t i = 0; i < MILL_COUNT(cases); i++) {
        if (read_uri(p, cases[i]) != MILL_E_INVALID)
            fail_msg("%s is taken", cases[i]);
        assert_null(strstr(p->err.message, "a:b"));
    }
    assert_int_equal(read_uri(p, "databricks://scope:prefix"), MILL_E_UNSUPPORTED);
}

/* What was found lies in the arena: the environment may change. */
static void test_environment_is_copied(void **state)
{
    struct place *p = *state;
    assert_int_equal(setenv("DATABRICKS_HOST", "https://four.example", 1), 0);
    assert_int_equal(setenv("DATABRICKS_TOKEN", "t4", 1), 0);
    assert_int_equal(read_uri(p, "databricks"), MILL_OK);
    assert_int_equal(setenv("DATABRICKS_TOKEN", "xx", 1), 0);
    assert_int_equal(unsetenv("DATABRICKS_HOST"), 0);
    assert_string_equal(p->options.token, "t4");
    assert_string_equal(p->options.base, "https://four.example");
}

static void test_memory(void **state)
{
    static const char *const uris[] = {"https://a:b@h/x", "http://h", "databricks",
                                       "databricks://three"};
    struct place *p = *state;
    for (size_t i = 0; i < MILL_COUNT(uris); i++) {
        enum mill_status st = MILL_E_NOMEM;
        for (long nth = 1; st == MILL_E_NOMEM; nth++) {
            mill_arena_release(&p->arena);
            mill_alloc_fail_after(nth);
            st = read_uri(p, uris[i]);
            mill_alloc_fail_after(0);
            assert_true(nth < 100);
        }
        assert_int_equal(st, MILL_OK);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_uris, setup, teardown),
        cmocka_unit_test_setup_teardown(test_uris_that_mean_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(test_environment_is_copied, setup, teardown),
        cmocka_unit_test_setup_teardown(test_memory, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
