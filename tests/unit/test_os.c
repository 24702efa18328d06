/* test_os.c - what the base layer asks of the system: errors, directories, threads. */
#include <errno.h>
#include <limits.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/os.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(errors_have_a_status),
        cmocka_unit_test(directories_are_made_with_those_above),
        cmocka_unit_test(threads_leave_signals_alone),
    };
    if (mkdtemp(directory) == NULL)
        return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    char command[100];
    snprintf(command, sizeof(command), "rm -rf %s", directory);
    return system(command) != 0 || failed != 0;
}
