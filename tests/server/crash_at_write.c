/* crash_at_write.c - preloaded into a server by test_kill.py: dies by SIGKILL in the middle of
 * the Nth write to a file whose path ends in a given text, after half of its bytes. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

typedef ssize_t write_at(int fd, const void *bytes, size_t len, off64_t offset);

static atomic_long writes;

static int is_wanted(int fd)
{
    const char *ending = getenv("CRASH_FILE");
    char link[64];
    char path[4096];

    snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, path, sizeof(path));
    size_t len = ending != NULL ? strlen(ending) : 0;
    return len > 0 && n >= (ssize_t)len && memcmp(path + n - len, ending, len) == 0;
}

static ssize_t write_or_die(int fd, const void *bytes, size_t len, off64_t offset)
{
    const char *at = getenv("CRASH_AT");
    write_at *real = (write_at *)dlsym(RTLD_NEXT, "pwrite64");

    if (at != NULL && is_wanted(fd) &&
        atomic_fetch_add(&writes, 1) + 1 == strtol(at, NULL, 10)) {
        (void)real(fd, bytes, len / 2, offset);
        kill(getpid(), SIGKILL);
    }
    return real(fd, bytes, len, offset);
}

ssize_t pwrite64(int fd, const void *bytes, size_t len, off64_t offset)
{
    return write_or_die(fd, bytes, len, offset);
}

ssize_t pwrite(int fd, const void *bytes, size_t len, off_t offset)
{
    return write_or_die(fd, bytes, len, offset);
}
