/* os.c - see os.h. */
#include "base/os.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>

#include "base/view.h"

enum mill_status mill_errno_status(int number)
{
    static const struct {
        int number;
        enum mill_status status;
    } rows[] = {
        {ENOENT, MILL_E_NOT_FOUND},     {ENOTDIR, MILL_E_NOT_FOUND}, {EACCES, MILL_E_DENIED},
        {EPERM, MILL_E_DENIED},         {EROFS, MILL_E_DENIED},      {ENOSPC, MILL_E_FULL},
        {EDQUOT, MILL_E_FULL},          {EFBIG, MILL_E_FULL},        {ELOOP, MILL_E_INVALID},
        {ENAMETOOLONG, MILL_E_INVALID}, {ENOMEM, MILL_E_NOMEM},
    };

    for (size_t i = 0; i < MILL_COUNT(rows); i++)
        if (rows[i].number == number)
            return rows[i].status;
    return MILL_E_IO;
}

enum mill_status mill_file_failed(struct mill_view path, const char *doing,
                                  struct mill_error *err)
{
    int number = errno;

    return mill_fail(err, mill_errno_status(number), "cannot %s '%.*s': %s", doing,
                     MILL_FMT(mill_utf8_prefix(path, 300)), strerror(number));
}

int mill_make_directories(const char *path)
{
    char text[PATH_MAX];
    size_t len = strlen(path);

    if (len >= sizeof(text))
        return ENAMETOOLONG;
    memcpy(text, path, len + 1);
    for (size_t i = 1; i <= len; i++) {
        if (i < len && text[i] != '/')
            continue;
        text[i] = '\0';
        if (mkdir(text, 0777) != 0 && errno != EEXIST)
            return errno;
        if (i < len)
            text[i] = '/';
    }
    return 0;
}

size_t mill_start_threads(pthread_t *ids, size_t count, void *(*run)(void *), void *context)
{
    sigset_t all, before;
    size_t started = 0;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    while (started < count && pthread_create(&ids[started], NULL, run, context) == 0)
        started++;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return started;
}
