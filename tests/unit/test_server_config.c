/* test_server_config.c - settings from arguments and environment, and the table itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/log.h"
#include "server/options.h"

#define MAX_ARGUMENTS 16

struct parsed {
    struct mill_arena arena;
    struct mill_server_config config;
    const char *const *notes;
    struct mill_error err;
};

/* Parses a line of words; the words must outlive *p. */
static enum mill_status parse(struct parsed *p, char *line)
{
    char name[] = "server";
    char *argv[MAX_ARGUMENTS] = {name};
    int argc = 1;
    char *rest = NULL;

    for (char *word = strtok_r(line, " ", &rest); word != NULL;
         word = strtok_r(NULL, " ", &rest)) {
        assert_true(argc < MAX_ARGUMENTS);
        argv[argc++] = word;
    }
    *p = (struct parsed){.err = {""}};
    return mill_server_config_parse(argc, argv, &p->arena, &p->config, &p->notes, &p->err);
}

static void assert_text(struct mill_view view, const char *text)
{
    assert_int_equal(view.len, strlen(text));
    assert_memory_equal(view.ptr, text, view.len);
}

static void test_defaults(void **state)
{
    struct parsed p;
    char line[] = "";

    (void)state;
    assert_int_equal(parse(&p, line), MILL_OK);
    assert_text(p.config.host, "127.0.0.1");
    assert_int_equal(p.config.port, 5000);
    assert_text(p.config.backend_store_uri, "sqlite:///millstream.db");
    assert_text(p.config.artifacts_destination, "./mlartifacts");
    assert_text(p.config.default_artifact_root, "mlflow-artifacts:/");
    assert_true(p.config.serve_artifacts);
    assert_int_equal(p.config.max_body_bytes, 64 << 20);
    assert_int_equal(p.config.idle_timeout_ms, 120000);
    assert_int_equal(p.config.log_level, MILL_LOG_WARN);
    assert_null(p.notes[0]);
    mill_arena_release(&p.arena);
}

/* Files that go through the server lie beside its database, as clients without one have them.
 */
static void test_destination(void **state)
{
    static const struct {
        const char *line, *destination;
    } cases[] = {
        {"--backend-store-uri sqlite:///t.db", "./mlartifacts"},
        {"--backend-store-uri sqlite:///a/b/t.db", "a/b/mlartifacts"},
        {"--backend-store-uri sqlite:////t.db", "/mlartifacts"},
        {"--backend-store-uri ./mlruns", "./mlartifacts"},
        {"--backend-store-uri memory:", "./mlartifacts"},
        {"--backend-store-uri sqlite:////a/t.db --artifacts-destination b", "b"},
    };

    (void)state;
    for (size_t i = 0; i < MILL_COUNT(cases); i++) {
        struct parsed p;
        char line[128];
        snprintf(line, sizeof(line), "%s", cases[i].line);
        assert_int_equal(parse(&p, line), MILL_OK);
        assert_text(p.config.artifacts_destination, cases[i].destination);
        mill_arena_release(&p.arena);
    }
}

static void test_forms(void **state)
{
    struct parsed p;
    char line[] = "-p 1 -hlocalhost --max-body-size=2m --head-timeout 0.25 --log-level DEBUG "
                  "--no-serve-artifacts --port=7 --x-frame-options deny -w 3";

    (void)state;
    assert_int_equal(parse(&p, line), MILL_OK);
    assert_int_equal(p.config.port, 7);
    assert_text(p.config.host, "localhost");
    assert_int_equal(p.config.max_body_bytes, 2 << 20);
    assert_int_equal(p.config.head_timeout_ms, 250);
    assert_int_equal(p.config.log_level, MILL_LOG_DEBUG);
    assert_false(p.config.serve_artifacts);
    assert_text(p.config.default_artifact_root, "./mlruns");
    assert_text(p.config.x_frame_options, "DENY");
    assert_non_null(strstr(p.notes[0], "--workers has no effect"));
    assert_null(p.notes[1]);
    mill_arena_release(&p.arena);
}

static void test_numbers(void **state)
{
    static const struct {
        const char *option;
        bool accepted;
        int64_t value;
    } cases[] = {
        {"--max-body-size=1024", true, 1024}, {"--max-body-size=1K", true, 1024},
        {"--max-body-size=1k", true, 1024},   {"--max-body-size=1G", true, 1 << 30},
        {"--max-body-size=1023", false, 0},   {"--max-body-size=2G", false, 0},
        {"--max-body-size=K", false, 0},      {"--max-body-size=1.5K", false, 0},
        {"--max-body-size=", false, 0},       {"--max-body-size=99999999999G", false, 0},
    };

    (void)state;
    for (size_t i = 0; i < MILL_COUNT(cases); i++) {
        struct parsed p;
        char line[64];
        snprintf(line, sizeof(line), "%s", cases[i].option);
        assert_int_equal(parse(&p, line) == MILL_OK, cases[i].accepted);
        if (cases[i].accepted)
            assert_int_equal(p.config.max_body_bytes, cases[i].value);
        else
            assert_non_null(strstr(p.err.message, "--max-body-size"));
        mill_arena_release(&p.arena);
    }
}

static void test_seconds(void **state)
{
    static const struct {
        const char *option;
        int64_t ms; /* 0: refused */
    } cases[] = {
        {"--idle-timeout=1", 1000},   {"--idle-timeout=1.5", 1500},
        {"--idle-timeout=0.01", 10},  {"--idle-timeout=1.005", 1005},
        {"--idle-timeout=0.001", 0},  {"--idle-timeout=1.", 0},
        {"--idle-timeout=1.2345", 0}, {"--idle-timeout=-1", 0},
        {"--idle-timeout=1.-5", 0},   {"--idle-timeout=9999999", 0},
        {"--idle-timeout=1s", 0},
    };

    (void)state;
    for (size_t i = 0; i < MILL_COUNT(cases); i++) {
        struct parsed p;
        char line[64];
        snprintf(line, sizeof(line), "%s", cases[i].option);
        assert_int_equal(parse(&p, line) == MILL_OK, cases[i].ms > 0);
        if (cases[i].ms > 0)
            assert_int_equal(p.config.idle_timeout_ms, cases[i].ms);
        mill_arena_release(&p.arena);
    }
}

static void test_refused(void **state)
{
    static const struct {
        const char *line, *named;
    } cases[] = {
        {"--nothing", "--nothing"},
        {"word", "word"},
        {"-x", "-x"},
        {"--host", "--host"},
        {"--serve-artifacts=x", "--serve-artifacts"},
        {"--no-serve-artifacts=on", "--no-serve-artifacts"},
        {"--log-format=xml", "text, json"},
        {"--port=-1", "--port"},
        {"--static-prefix=x", "--static-prefix"},
        {"--tls-cert=x", "--tls-key"},
        {"--app-name=basic-auth", "--app-name"},
    };

    (void)state;
    for (size_t i = 0; i < MILL_COUNT(cases); i++) {
        struct parsed p;
        char line[64];
        snprintf(line, sizeof(line), "%s", cases[i].line);
        assert_int_not_equal(parse(&p, line), MILL_OK);
        assert_non_null(strstr(p.err.message, cases[i].named));
        mill_arena_release(&p.arena);
    }
}

static void test_environment(void **state)
{
    struct parsed p;
    char line[] = "--port 9", wrong[] = "";

    (void)state;
    setenv("MLFLOW_PORT", "8", 1);
    setenv("MLFLOW_HOST", "localhost", 1);
    setenv("MLFLOW_SERVE_ARTIFACTS", "false", 1);
    setenv("MLFLOW_ARTIFACTS_ONLY", "", 1);
    assert_int_equal(parse(&p, line), MILL_OK);
    assert_int_equal(p.config.port, 9);
    assert_text(p.config.host, "localhost");
    assert_false(p.config.serve_artifacts);
    mill_arena_release(&p.arena);

    setenv("MLFLOW_PORT", "http", 1);
    assert_int_equal(parse(&p, wrong), MILL_E_INVALID);
    assert_non_null(strstr(p.err.message, "MLFLOW_PORT"));
    mill_arena_release(&p.arena);
    unsetenv("MLFLOW_PORT");
    unsetenv("MLFLOW_HOST");
    unsetenv("MLFLOW_SERVE_ARTIFACTS");
    unsetenv("MLFLOW_ARTIFACTS_ONLY");
}

/* Every row can be printed, found and set to its own default. */
static void test_table(void **state)
{
    size_t count;
    const struct mill_option_row *rows = mill_option_rows(&count);

    (void)state;
    for (size_t i = 0; i < count; i++) {
        const struct mill_server_option *o = mill_server_option_at(i);
        struct parsed p;
        char line[160];
        assert_ptr_equal(o, &rows[i].shown);
        assert_true(strlen(o->help) > 10 && o->help[strlen(o->help) - 1] == '.');
        assert_non_null(o->section);
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(o->name, rows[k].shown.name);
        if (rows[i].type == MILL_OPTION_TEXT || o->value == NULL || o->default_text[0] == '\0')
            continue;
        snprintf(line, sizeof(line), "%s %s", o->name, o->default_text);
        assert_int_equal(parse(&p, line), MILL_OK);
        mill_arena_release(&p.arena);
    }
    assert_null(mill_server_option_at(count));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults),    cmocka_unit_test(test_destination),
        cmocka_unit_test(test_forms),       cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_seconds),     cmocka_unit_test(test_refused),
        cmocka_unit_test(test_environment), cmocka_unit_test(test_table),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
