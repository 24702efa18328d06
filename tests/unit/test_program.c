/* test_program.c - running another program: what it says, how it ends, what ends it. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/program.h"
#include "base/wanted.h"

struct result {
    enum mill_status status;
    struct mill_buf output, complaints;
    int code;
    struct mill_error err;
};

/* Runs a script of the shell. */
static struct result run(const char *script, int timeout_s)
{
    char *const argv[] = {(char *)(uintptr_t) "sh", (char *)(uintptr_t) "-c",
                          (char *)(uintptr_t)script, NULL};
    struct mill_program program = {.argv = argv, .timeout_s = timeout_s, .max_bytes = 10000};
    struct result r = {.code = -1};
    r.status = mill_program_run(&program, &r.output, &r.complaints, &r.code, &r.err);
    return r;
}

static void release(struct result *r)
{
    mill_buf_release(&r->output);
    mill_buf_release(&r->complaints);
}

static void assert_text(const struct mill_buf *buf, const char *expected)
{
    assert_int_equal(buf->len, strlen(expected));
    assert_memory_equal(mill_buf_view(buf).ptr, expected, buf->len);
}

static void output_and_complaints_are_kept_apart(void **state)
{
    (void)state;
    struct result r = run("cat; echo out; echo bad >&2; exit 3", 60);
    assert_int_equal(r.status, MILL_OK);
    assert_int_equal(r.code, 3);
    assert_text(&r.output, "out\n");
    assert_text(&r.complaints, "bad\n");
    release(&r);
}

static void a_signal_is_an_exit_status(void **state)
{
    (void)state;
    struct result r = run("kill -9 $$", 60);
    assert_int_equal(r.status, MILL_OK);
    assert_int_equal(r.code, 128 + SIGKILL);
    release(&r);
}

/* Both pipes are read while the program writes: neither may keep it waiting. */
static void long_complaints_are_cut(void **state)
{
    (void)state;
    struct result r =
        run("head -c 1000000 /dev/zero >&2; head -c 10000 /dev/zero; echo -n >&2", 60);
    assert_int_equal(r.status, MILL_OK);
    assert_int_equal(r.code, 0);
    assert_int_equal(r.output.len, 10000);
    assert_int_equal(r.complaints.len, 4096);
    release(&r);
}

static void too_much_output_is_refused(void **state)
{
    (void)state;
    struct result r = run("cat /dev/zero", 60);
    assert_int_equal(r.status, MILL_E_TOO_LARGE);
    assert_non_null(strstr(r.err.message, "more than 10000 bytes"));
    release(&r);
}

static void a_program_that_does_not_end_is_killed(void **state)
{
    /* The second has closed its output, which is no end. */
    static const char *const scripts[] = {"exec sleep 1000", "exec sleep 1000 >&- 2>&-"};
    (void)state;
    for (size_t i = 0; i < MILL_COUNT(scripts); i++) {
        struct result r = run(scripts[i], 1);
        assert_int_equal(r.status, MILL_E_TIMEOUT);
        assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* nothing of it is left */
        release(&r);
    }
}

static bool never(void *context)
{
    (void)context;
    return false;
}

static void nobody_waits_for_what_is_not_wanted(void **state)
{
    struct mill_asking before = mill_asking_set((struct mill_asking){.wanted = never});
    (void)state;
    struct result r = run("exec sleep 1000", 1000);
    mill_asking_set(before);
    assert_int_equal(r.status, MILL_E_CANCELLED);
    release(&r);
}

static void a_missing_program_is_said(void **state)
{
    char *const argv[] = {(char *)(uintptr_t) "/nowhere/program", NULL};
    struct mill_program program = {.argv = argv, .timeout_s = 60, .max_bytes = 10};
    struct mill_buf output = {0}, complaints = {0};
    struct mill_error err;
    int code;
    (void)state;
    assert_int_equal(mill_program_run(&program, &output, &complaints, &code, &err),
                     MILL_E_NOT_FOUND);
    assert_non_null(strstr(err.message, "cannot be run: No such file"));
}

/* A process may leave its children to the system, and have signals blocked. */
static void the_process_may_ignore_its_children(void **state)
{
    sigset_t all, before;
    (void)state;
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, &before);
    signal(SIGCHLD, SIG_IGN);
    struct result r = run("kill -TERM $$; echo not reached", 60);
    signal(SIGCHLD, SIG_DFL);
    sigprocmask(SIG_SETMASK, &before, NULL);
    assert_int_equal(r.status, MILL_OK);
    assert_int_equal(r.code, 0);
    assert_text(&r.output, "");
    release(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(output_and_complaints_are_kept_apart),
        cmocka_unit_test(a_signal_is_an_exit_status),
        cmocka_unit_test(long_complaints_are_cut),
        cmocka_unit_test(too_much_output_is_refused),
        cmocka_unit_test(a_program_that_does_not_end_is_killed),
        cmocka_unit_test(nobody_waits_for_what_is_not_wanted),
        cmocka_unit_test(a_missing_program_is_said),
        cmocka_unit_test(the_process_may_ignore_its_children),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
