/* syscalls.c - see syscalls.h. The program's own definitions go before those of libc, for
 * shared libraries too; they pass on to the next ones, which may be a sanitizer's. */
#undef _FILE_OFFSET_BITS /* open and open64 are two */

#include "syscalls.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* --- which call fails ------------------------------------------------------------------ */

/* What a call can suffer from: ANY fails, SPACE needs space, SLOW is interrupted, PART may move
 * less than asked. Linux reads files in one piece, and locks are taken without waiting. */
enum { ANY = 1, SPACE = 2, SLOW = 4, PART = 8 };

static atomic_long left; /* calls until the one that fails; 0: off */
static atomic_int kind;
static atomic_bool fired;

/* Kinds of calls that a fault is about. */
static const int concerned[] = {
    [FAULT_EIO] = ANY,
    [FAULT_EINTR] = SLOW,
    [FAULT_SHORT] = PART,
    [FAULT_ENOSPC] = SPACE,
};

static const int numbers[] = {
    [FAULT_EIO] = EIO, [FAULT_EINTR] = EINTR, [FAULT_ENOSPC] = ENOSPC};

void faults_on(enum fault fault, long nth)
{
    atomic_store(&kind, (int)fault);
    atomic_store(&fired, false);
    atomic_store(&left, nth);
}

bool faults_off(void)
{
    atomic_store(&left, 0);
    return atomic_load(&fired);
}

/* Whether this call, of those kinds, is the one. */
static bool hits(int kinds)
{
    int fault = atomic_load(&kind);
    if (atomic_load(&left) <= 0 || (kinds & concerned[fault]) == 0)
        return false;
    long now = atomic_fetch_sub(&left, 1);
    if (now > 1)
        return false;
    /* Space stays away; other faults strike once. */
    atomic_store(&left, fault == FAULT_ENOSPC && now >= 1 ? 1 : 0);
    if (now < 1)
        return false;
    atomic_store(&fired, true);
    return true;
}

/* Whether the call fails; errno says how. */
static bool fails(int kinds)
{
    if (!hits(kinds))
        return false;
    errno = numbers[atomic_load(&kind)];
    return true;
}

/* The same for a call that moves count bytes, which may also move less. */
static bool fails_data(int kinds, size_t *count)
{
    if (!hits(kinds))
        return false;
    if (atomic_load(&kind) == FAULT_SHORT) {
        *count = *count > 0 ? 1 : 0;
        return false;
    }
    errno = numbers[atomic_load(&kind)];
    return true;
}

/* --- the calls ------------------------------------------------------------------------- */

#define VISIBLE __attribute__((visibility("default")))

/* The next definition of a function, of the type of this one. */
#define NEXT(function)                                                                         \
    static __typeof__(&function) next;                                                         \
    if (next == NULL)                                                                          \
    *(void **)&next = dlsym(RTLD_NEXT, #function)

/* A call that only fails or not. */
#define CALL(function, kinds, parameters, arguments)                                           \
    VISIBLE int function parameters                                                            \
    {                                                                                          \
        NEXT(function);                                                                        \
        return fails(kinds) ? -1 : next arguments;                                             \
    }

/* A call that moves bytes. */
#define MOVE(function, kinds, parameters, arguments)                                           \
    VISIBLE ssize_t function parameters                                                        \
    {                                                                                          \
        NEXT(function);                                                                        \
        return fails_data(kinds, &count) ? -1 : next arguments;                                \
    }

/* A call that opens, with a mode when it makes something. */
#define OPEN(function, parameters, arguments)                                                  \
    VISIBLE int function parameters                                                            \
    {                                                                                          \
        NEXT(function);                                                                        \
        va_list list;                                                                          \
        va_start(list, flags);                                                                 \
        mode_t mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(list, mode_t) : 0;         \
        va_end(list);                                                                          \
        return fails(ANY | ((flags & O_CREAT) != 0 ? SPACE : 0)) ? -1 : next arguments;        \
    }

OPEN(open, (const char *path, int flags, ...), (path, flags, mode))
OPEN(open64, (const char *path, int flags, ...), (path, flags, mode))
OPEN(openat, (int at, const char *path, int flags, ...), (at, path, flags, mode))
OPEN(openat64, (int at, const char *path, int flags, ...), (at, path, flags, mode))

MOVE(read, ANY | SLOW, (int fd, void *to, size_t count), (fd, to, count))
MOVE(pread, ANY | SLOW, (int fd, void *to, size_t count, off_t at), (fd, to, count, at))
MOVE(pread64, ANY | SLOW, (int fd, void *to, size_t count, off64_t at), (fd, to, count, at))
MOVE(write, ANY | SLOW | PART | SPACE, (int fd, const void *from, size_t count),
     (fd, from, count))
MOVE(pwrite, ANY | SLOW | PART | SPACE, (int fd, const void *from, size_t count, off_t at),
     (fd, from, count, at))
MOVE(pwrite64, ANY | SLOW | PART | SPACE, (int fd, const void *from, size_t count, off64_t at),
     (fd, from, count, at))
MOVE(send, ANY | SLOW | PART, (int fd, const void *from, size_t count, int flags),
     (fd, from, count, flags))
MOVE(recv, ANY | SLOW | PART, (int fd, void *to, size_t count, int flags),
     (fd, to, count, flags))

CALL(fsync, ANY | SPACE, (int fd), (fd))
CALL(fdatasync, ANY | SPACE, (int fd), (fd))
CALL(ftruncate, ANY | SPACE, (int fd, off_t size), (fd, size))
CALL(ftruncate64, ANY | SPACE, (int fd, off64_t size), (fd, size))
CALL(rename, ANY | SPACE, (const char *from, const char *to), (from, to))
CALL(renameat, ANY | SPACE, (int at, const char *from, int to_at, const char *to),
     (at, from, to_at, to))
CALL(renameat2, ANY | SPACE,
     (int at, const char *from, int to_at, const char *to, unsigned flags),
     (at, from, to_at, to, flags))
CALL(linkat, ANY | SPACE, (int at, const char *from, int to_at, const char *to, int flags),
     (at, from, to_at, to, flags))
CALL(mkdir, ANY | SPACE, (const char *path, mode_t mode), (path, mode))
CALL(mkdirat, ANY | SPACE, (int at, const char *path, mode_t mode), (at, path, mode))
CALL(unlink, ANY, (const char *path), (path))
CALL(unlinkat, ANY, (int at, const char *path, int flags), (at, path, flags))
CALL(flock, ANY, (int fd, int operation), (fd, operation))
CALL(socket, ANY, (int domain, int type, int protocol), (domain, type, protocol))
CALL(connect, ANY, (int fd, __CONST_SOCKADDR_ARG address, socklen_t len), (fd, address, len))
