/* test_environment.c - variables of the environment and INI files of the user: what they may
 * hold, and what counts when they hold nothing. */
#include <fcntl.h>
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
#include "remote/config_file.h"
#include "remote/environment.h"

/* --- variables -------------------------------------------------------------------------- */

static void set(enum mill_variable variable, const char *text)
{
    const char *name = mill_variable_info(variable)->name;
    assert_int_equal(text != NULL ? setenv(name, text, 1) : unsetenv(name), 0);
}

static void test_every_row_is_whole(void **state)
{
    (void)state;
    for (enum mill_variable v = 0; v < MILL_ENV_COUNT; v++) {
        const struct mill_variable_info *info = mill_variable_info(v);
        struct mill_error err;
        int64_t number;
        bool flag;
        assert_non_null(info->name);
        assert_non_null(info->help);
        assert_true(info->kind == MILL_ENV_TEXT || info->fallback != NULL);
        set(v, NULL);
        if (info->kind == MILL_ENV_FLAG)
            assert_int_equal(mill_env_flag(v, &flag, &err), MILL_OK);
        if (info->kind == MILL_ENV_NUMBER)
            assert_int_equal(mill_env_number(v, &number, &err), MILL_OK);
        if (info->kind == MILL_ENV_SECONDS)
            assert_int_equal(mill_env_ms(v, &number, &err), MILL_OK);
    }
}

static void test_texts(void **state)
{
    (void)state;
    set(MILL_ENV_TOKEN, "t");
    assert_string_equal(mill_env_text(MILL_ENV_TOKEN), "t");
    set(MILL_ENV_TOKEN, "");
    assert_null(mill_env_text(MILL_ENV_TOKEN));
    set(MILL_ENV_TOKEN, NULL);
    assert_null(mill_env_text(MILL_ENV_TOKEN));
}

static void test_flags(void **state)
{
    static const struct {
        const char *text;
        enum mill_status status;
        bool value;
    } cases[] = {
        {"true", MILL_OK, true},    {"TRUE", MILL_OK, true},      {"1", MILL_OK, true},
        {"False", MILL_OK, false},  {"0", MILL_OK, false},        {"", MILL_OK, true},
        {"yes", MILL_E_INVALID, 0}, {"true ", MILL_E_INVALID, 0}, {"2", MILL_E_INVALID, 0},
    };
    struct mill_error err;
    (void)state;
    for (size_t i = 0; i < MILL_COUNT(cases); i++) {
        bool value = false;
        set(MILL_ENV_REDIRECTS, cases[i].text); /* true when empty */
        assert_int_equal(mill_env_flag(MILL_ENV_REDIRECTS, &value, &err), cases[i].status);
        if (cases[i].status == MILL_OK)
            assert_int_equal(value, cases[i].value);
        else
            assert_non_null(strstr(err.message, "MLFLOW_ALLOW_HTTP_REDIRECTS"));
    }
    set(MILL_ENV_REDIRECTS, NULL);
}

static void test_numbers(void **state)
{
    static const struct {
        const char *text;
        int64_t value; /* -1: refused */
    } cases[] = {{"", 7},    {"0", 0},    {"9", 9},  {"10", -1},
                 {"-1", -1}, {"1.5", -1}, {"x", -1}, {"99999999999999999999", -1}};
    struct mill_error err;
    (void)state;
    for (size_t i = 0; i < MILL_COUNT(cases); i++) {
        int64_t value = -1;
        set(MILL_ENV_MAX_RETRIES, cases[i].text);
        assert_int_equal(mill_env_number(MILL_ENV_MAX_RETRIES, &value, &err),
                         cases[i].value >= 0 ? MILL_OK : MILL_E_INVALID);
        assert_int_equal(value, cases[i].value);
    }
    set(MILL_ENV_MAX_RETRIES, NULL);
}

static void test_seconds(void **state)
{
    static const struct {
        const char *text;
        int64_t ms; /* -1: refused */
    } cases[] = {
        {"", 1000},          {"0", 0},     {"1", 1000},      {"1.5", 1500},
        {".25", 250},        {"2.", 2000}, {"0.12345", 123}, {"120", 120000},
        {"120.001", -1},     {".", -1},    {"-1", -1},       {"-.5", -1},
        {"-0", -1},          {"1e3", -1},  {"1.x", -1},      {"1.2345x", -1},
        {"12345678901", -1},
    };
    struct mill_error err;
    (void)state;
    for (size_t i = 0; i < MILL_COUNT(cases); i++) {
        int64_t ms = -1;
        set(MILL_ENV_JITTER, cases[i].text);
        assert_int_equal(mill_env_ms(MILL_ENV_JITTER, &ms, &err),
                         cases[i].ms >= 0 ? MILL_OK : MILL_E_INVALID);
        assert_int_equal(ms, cases[i].ms);
    }
    set(MILL_ENV_JITTER, NULL);
}

/* --- files ------------------------------------------------------------------------------ */

struct place {
    char home[64];
    char path[96];
    struct mill_arena arena;
    struct mill_config_file file;
    struct mill_error err;
};

static int setup(void **state)
{
    struct place *p = calloc(1, sizeof(*p));
    snprintf(p->home, sizeof(p->home), "/tmp/mill-config-XXXXXX");
    assert_non_null(mkdtemp(p->home));
    snprintf(p->path, sizeof(p->path), "%s/x.cfg", p->home);
    assert_int_equal(setenv("HOME", p->home, 1), 0);
    *state = p;
    return 0;
}

static int teardown(void **state)
{
    struct place *p = *state;
    unlink(p->path);
    rmdir(p->home);
    mill_arena_release(&p->arena);
    free(p);
    return 0;
}

static void write_file(struct place *p, const char *text)
{
    FILE *file = fopen(p->path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static enum mill_status look_up(struct place *p, const char *section, const char **host,
                                const char **token, bool *found)
{
    const struct mill_config_key keys[] = {{"host", host}, {"token", token}};
    return mill_config_file_section(&p->file, mill_view_of(section), keys, 2, &p->arena, found,
                                    &p->err);
}

static void test_sections(void **state)
{
    struct place *p = *state;
    const char *host = "old", *token = "old";
    bool found = false;
    write_file(
        p, "host = none\n[a]\nHOST = 1\nhost : 2\ntoken=\n[b]\ntoken = t # u\n[a]\nx = 3\n");
    assert_int_equal(mill_config_file_read("~/x.cfg", &p->arena, &p->file, &p->err), MILL_OK);
    assert_string_equal(p->file.path, p->path);
    assert_int_equal(look_up(p, "a", &host, &token, &found), MILL_OK);
    assert_true(found);
    assert_string_equal(host, "2");
    assert_null(token);
    assert_int_equal(look_up(p, "b", &host, &token, &found), MILL_OK);
    assert_null(host);
    assert_string_equal(token, "t # u");
    assert_int_equal(look_up(p, "B", &host, &token, &found), MILL_OK);
    assert_false(found);
    assert_null(host);
}

static void test_missing_and_broken(void **state)
{
    struct place *p = *state;
    const char *host, *token;
    bool found = true;
    assert_int_equal(mill_config_file_read(p->path, &p->arena, &p->file, &p->err), MILL_OK);
    assert_null(p->file.text.ptr);
    assert_int_equal(look_up(p, "a", &host, &token, &found), MILL_OK);
    assert_false(found);
    assert_int_equal(mill_config_file_read(p->home, &p->arena, &p->file, &p->err),
                     MILL_E_INVALID);
    write_file(p, "[a]\nwhat\n");
    assert_int_equal(mill_config_file_read(p->path, &p->arena, &p->file, &p->err), MILL_OK);
    assert_int_equal(look_up(p, "a", &host, &token, &found), MILL_E_INVALID);
    assert_non_null(strstr(p->err.message, p->path));
    assert_non_null(strstr(p->err.message, "line 2"));
}

/* A pipe where a file should be does not make the program wait for a writer. */
static void test_pipe(void **state)
{
    struct place *p = *state;
    assert_int_equal(mkfifo(p->path, 0600), 0);
    assert_int_equal(mill_config_file_read(p->path, &p->arena, &p->file, &p->err),
                     MILL_E_INVALID);
}

static void test_memory(void **state)
{
    struct place *p = *state;
    const char *host, *token;
    bool found;
    enum mill_status st = MILL_E_NOMEM;
    write_file(p, "[a]\nhost = h\ntoken = t\n");
    for (long nth = 1; st == MILL_E_NOMEM; nth++) {
        mill_arena_release(&p->arena);
        mill_alloc_fail_after(nth);
        st = mill_config_file_read("~/x.cfg", &p->arena, &p->file, &p->err);
        if (st == MILL_OK)
            st = look_up(p, "a", &host, &token, &found);
        mill_alloc_fail_after(0);
        assert_true(nth < 100);
    }
    assert_int_equal(st, MILL_OK);
    assert_string_equal(token, "t");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_row_is_whole),
        cmocka_unit_test(test_texts),
        cmocka_unit_test(test_flags),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_seconds),
        cmocka_unit_test_setup_teardown(test_sections, setup, teardown),
        cmocka_unit_test_setup_teardown(test_missing_and_broken, setup, teardown),
        cmocka_unit_test_setup_teardown(test_pipe, setup, teardown),
        cmocka_unit_test_setup_teardown(test_memory, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
