/* crash_at_write.c - preloaded into a server by test_kill.py: dies by SIGKILL in the middle of
 * a write to its database.
 *
 * CRASH_FILE is the end of a file's path, CRASH_AT the number of the write to it, after half of
 * whose bytes the process ends. With CRASH_POWER the power is cut, too: whatever was written to
 * any file of the database and not synced since is undone, by a child that begins once no
 * thread of the process can see it, and that holds the process's standard output open until it
 * is done. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

typedef ssize_t write_at(int fd, const void *bytes, size_t len, off64_t offset);
typedef int sync_file(int fd);

/* What a write that may still be lost has replaced. */
struct unsynced {
    struct unsynced *older;
    char path[512];
    off64_t old_size;
    off64_t offset;
    size_t len; /* of the bytes that were there */
    char bytes[];
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct unsynced *newest;
static long writes;

static void *next_symbol(const char *name)
{
    return dlsym(RTLD_NEXT, name);
}

static int path_of(int fd, char path[512])
{
    char link[64];

    snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, path, 511);
    path[n > 0 ? n : 0] = '\0';
    return n > 0;
}

static int ends_with(const char *text, const char *end)
{
    size_t len = strlen(text);
    size_t end_len = strlen(end);

    return len >= end_len && strcmp(text + len - end_len, end) == 0;
}

static void remember(int fd, const char *path, size_t len, off64_t offset)
{
    struct unsynced *u = malloc(sizeof(*u) + len);
    struct stat info;

    if (u == NULL || fstat(fd, &info) != 0)
        abort();
    snprintf(u->path, sizeof(u->path), "%s", path);
    ssize_t n = pread64(fd, u->bytes, len, offset);
    u->old_size = info.st_size;
    u->offset = offset;
    u->len = n > 0 ? (size_t)n : 0;
    u->older = newest;
    newest = u;
}

/* A file system may keep any of the lost writes; keeping none is the hardest case. */
static void undo_unsynced(write_at *real)
{
    for (const struct unsynced *u = newest; u != NULL; u = u->older) {
        int fd = open(u->path, O_RDWR);

        if (fd < 0)
            continue; /* removed since */
        (void)real(fd, u->bytes, u->len, u->offset);
        (void)!ftruncate(fd, u->old_size);
        close(fd);
    }
}

/* The end of the pipe that nobody writes to is closed with the last thread of the process. */
static void cut_power(write_at *real)
{
    int alive[2];
    char none;

    if (pipe(alive) != 0)
        abort();
    pid_t child = fork();
    if (child < 0)
        abort();
    if (child > 0)
        return;
    close(alive[1]);
    while (read(alive[0], &none, 1) != 0)
        ;
    undo_unsynced(real);
    _exit(0);
}

static ssize_t write_or_die(int fd, const void *bytes, size_t len, off64_t offset)
{
    const char *file = getenv("CRASH_FILE");
    const char *at = getenv("CRASH_AT");
    write_at *real = (write_at *)next_symbol("pwrite64");
    char path[512];

    if (file == NULL || at == NULL || !path_of(fd, path) || strstr(path, "tracking.db") == NULL)
        return real(fd, bytes, len, offset);
    pthread_mutex_lock(&lock);
    if (getenv("CRASH_POWER") != NULL)
        remember(fd, path, len, offset);
    if (ends_with(path, file) && ++writes == strtol(at, NULL, 10)) {
        (void)real(fd, bytes, len / 2, offset);
        if (getenv("CRASH_POWER") != NULL)
            cut_power(real);
        kill(getpid(), SIGKILL);
        pause();
    }
    ssize_t n = real(fd, bytes, len, offset);
    pthread_mutex_unlock(&lock);
    return n;
}

/* The lock is held during a sync: it covers exactly the writes that are remembered. */
static void forget(const char *path)
{
    struct unsynced **at = &newest;

    while (*at != NULL) {
        struct unsynced *u = *at;

        if (strcmp(u->path, path) == 0) {
            *at = u->older;
            free(u);
        } else {
            at = &u->older;
        }
    }
}

static int sync_and_forget(int fd, const char *name)
{
    sync_file *real = (sync_file *)next_symbol(name);
    char path[512];

    if (getenv("CRASH_POWER") == NULL || !path_of(fd, path))
        return real(fd);
    pthread_mutex_lock(&lock);
    int result = real(fd);
    if (result == 0)
        forget(path);
    pthread_mutex_unlock(&lock);
    return result;
}

ssize_t pwrite64(int fd, const void *bytes, size_t len, off64_t offset)
{
    return write_or_die(fd, bytes, len, offset);
}

ssize_t pwrite(int fd, const void *bytes, size_t len, off_t offset)
{
    return write_or_die(fd, bytes, len, offset);
}

int fdatasync(int fd)
{
    return sync_and_forget(fd, "fdatasync");
}

int fsync(int fd)
{
    return sync_and_forget(fd, "fsync");
}
