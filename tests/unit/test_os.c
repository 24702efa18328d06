/* test_os.c - what the base layer asks of the system: errors, directories, threads. */
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/os.h"
#include "base/parallel.h"

static char directory[] = "/tmp/millstream-os-XXXXXX";

static void errors_have_a_status(void **state)
{
    struct mill_error err;
    (void)state;
    assert_int_equal(mill_errno_status(ENOENT), MILL_E_NOT_FOUND);
    assert_int_equal(mill_errno_status(EROFS), MILL_E_DENIED);
    assert_int_equal(mill_errno_status(EDQUOT), MILL_E_FULL);
    assert_int_equal(mill_errno_status(ENAMETOOLONG), MILL_E_INVALID);
    assert_int_equal(mill_errno_status(EBADF), MILL_E_IO);
    errno = ENOSPC;
    assert_int_equal(mill_file_failed(MILL_VIEW("a/b"), "write", &err), MILL_E_FULL);
    assert_non_null(strstr(err.message, "cannot write 'a/b': "));
}

static bool is_directory(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

static void directories_are_made_with_those_above(void **state)
{
    char path[PATH_MAX + 1];
    (void)state;
    snprintf(path, sizeof(path), "%s/a/b//c/", directory);
    assert_int_equal(mill_make_directories(path), 0);
    assert_true(is_directory(path));
    assert_int_equal(mill_make_directories(path), 0);
    snprintf(path, sizeof(path), "%s/file", directory);
    fclose(fopen(path, "w"));
    snprintf(path, sizeof(path), "%s/file/below", directory);
    assert_int_equal(mill_make_directories(path), ENOTDIR);
    memset(path, 'x', PATH_MAX);
    path[PATH_MAX] = '\0';
    assert_int_equal(mill_make_directories(path), ENAMETOOLONG);
}

static void *blocked_signals(void *context)
{
    sigset_t set;
    (void)context;
    pthread_sigmask(SIG_SETMASK, NULL, &set);
    return (void *)(uintptr_t)(sigismember(&set, SIGINT) + 2 * sigismember(&set, SIGUSR1));
}

static void threads_leave_signals_alone(void **state)
{
    pthread_t ids[3];
    (void)state;
    assert_int_equal(mill_start_threads(ids, 3, blocked_signals, NULL), 3);
    for (size_t i = 0; i < 3; i++) {
        void *blocked;
        pthread_join(ids[i], &blocked);
        assert_int_equal((uintptr_t)blocked, 3);
    }
    assert_ptr_equal(blocked_signals(NULL), NULL); /* as they were in this one */
}

/* --- work on several threads ------------------------------------------------------------- */

/* One piece of work fails, and another one, that is given up for it, comes to its end first. */
struct failing {
    pthread_t caller;
    pthread_key_t end; /* set on the thread that is given up: its end is noted */
    atomic_bool begun, given_up;
};

static void note_end(void *given_up)
{
    atomic_store((atomic_bool *)given_up, true);
}

static enum mill_status fail_or_give_up(void *context, size_t index, struct mill_error *err)
{
    struct failing *f = context;
    (void)index;
    if (pthread_equal(pthread_self(), f->caller)) {
        atomic_store(&f->begun, true);
        while (!atomic_load(&f->given_up))
            sched_yield();
        return mill_fail(err, MILL_E_DENIED, "not you");
    }
    pthread_setspecific(f->end, &f->given_up);
    while (!atomic_load(&f->begun))
        sched_yield();
    return mill_fail(err, MILL_E_CANCELLED, "given up");
}

static void what_others_are_given_up_for_is_told(void **state)
{
    struct failing f = {.caller = pthread_self()};
    struct mill_error err = {""};
    (void)state;
    assert_int_equal(pthread_key_create(&f.end, note_end), 0);
    assert_int_equal(mill_parallel(2, 2, fail_or_give_up, &f, &err), MILL_E_DENIED);
    assert_string_equal(err.message, "not you");
    pthread_key_delete(f.end);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(errors_have_a_status),
        cmocka_unit_test(directories_are_made_with_those_above),
        cmocka_unit_test(threads_leave_signals_alone),
        cmocka_unit_test(what_others_are_given_up_for_is_told),
    };
    if (mkdtemp(directory) == NULL)
        return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    char command[100];
    snprintf(command, sizeof(command), "rm -rf %s", directory);
    return system(command) != 0 || failed != 0;
}
