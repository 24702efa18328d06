/* tree_io.c - see tree_io.h. */
#include "store/tree_io.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/os.h"
#include "base/view.h"

/* Where a file is prepared: under the first name, or, where a killed process left one of that
 * name or a file system has no locks, under a name of its own. */
#define ASIDE        ".millstream.tmp"
#define ASIDE_RANDOM ".millstream-%s.tmp"

enum { LOCK_WAIT_MS = 30000, SETTLE_MS = 300, RECENT_MS = 2000, SMALL_BYTES = 4096 };

/* --- paths and messages ----------------------------------------------------------------- */

static size_t put(char *out, size_t at, size_t size, const char *text)
{
    int n = snprintf(out + at, size - at, "%s%s", at != 0 && text[0] != '\0' ? "/" : "", text);
    return n < 0 ? at : at + (size_t)n < size ? at + (size_t)n : size - 1;
}

static size_t put_dir(const struct mill_tree_dir *dir, char *out, size_t size)
{
    size_t at = dir->parent != NULL ? put_dir(dir->parent, out, size) : 0;
    return put(out, at, size, dir->name);
}

void mill_tree_path(const struct mill_tree_dir *dir, const char *name, char *out, size_t size)
{
    put(out, put_dir(dir, out, size), size, name);
}

enum mill_status mill_tree_status(int number)
{
    static const struct {
        int number;
        enum mill_status status;
    } rows[] = {
        {EEXIST, MILL_E_EXISTS}, {ENOTEMPTY, MILL_E_EXISTS}, {EISDIR, MILL_E_CORRUPT},
        {ELOOP, MILL_E_CORRUPT}, {EWOULDBLOCK, MILL_E_BUSY},
    };
    for (size_t i = 0; i < MILL_COUNT(rows); i++)
        if (rows[i].number == number)
            return rows[i].status;
    return mill_errno_status(number);
}

/* --- syncing ---------------------------------------------------------------------------- */

enum mill_status mill_tree_sync_all(struct mill_tree_sync *sync, struct mill_error *err)
{
    for (size_t i = 0; i < sync->count; i++) {
        /* Some file systems have nothing to sync in a folder and say EINVAL. */
        if (fsync(sync->fds[i]) != 0 && errno != EINVAL && sync->error == 0)
            sync->error = errno;
        close(sync->fds[i]);
    }
    sync->count = 0;
    int number = sync->error;
    char reason[80];
    sync->error = 0;
    if (number == 0)
        return MILL_OK;
    return mill_fail(err, mill_tree_status(number), "cannot make a change safe on disk: %s",
                     strerror_r(number, reason, sizeof(reason)));
}

/* Takes over a descriptor that somebody wrote to. */
static void written(struct mill_tree_sync *sync, int fd)
{
    if (sync->level != 0) {
        close(fd);
        return;
    }
    if (sync->count == MILL_COUNT(sync->fds)) {
        struct mill_error ignored;
        enum mill_status st = mill_tree_sync_all(sync, &ignored);
        sync->error = st == MILL_OK ? 0 : st == MILL_E_FULL ? ENOSPC : EIO;
    }
    sync->fds[sync->count++] = fd;
}

/* Notes that the folder in which name stands has a new entry. */
static void entered(struct mill_tree_sync *sync, const struct mill_tree_dir *dir,
                    const char *name)
{
    char folder[PATH_MAX];
    const char *slash = strrchr(name, '/');
    size_t len = slash != NULL ? (size_t)(slash - name) : 0;
    if (sync->level != 0 || len >= sizeof(folder))
        return;
    memcpy(folder, name, len);
    folder[len] = '\0';
    int fd = openat(dir->fd, len != 0 ? folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0)
        written(sync, fd);
    else if (sync->error == 0)
        sync->error = errno;
}

/* --- folders ---------------------------------------------------------------------------- */

enum mill_status mill_tree_open(const struct mill_tree_dir *parent, const char *name,
                                struct mill_tree_dir *out, struct mill_error *err)
{
    int fd = openat(parent->fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return mill_tree_fail(parent, name, "cannot open the folder", errno, err);
    *out = (struct mill_tree_dir){.fd = fd, .parent = parent, .name = name};
    return MILL_OK;
}

void mill_tree_close(struct mill_tree_dir *dir)
{
    if (dir->fd >= 0)
        close(dir->fd);
    dir->fd = -1;
}

static void wait_ms(long ms)
{
    nanosleep(&(struct timespec){.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000}, NULL);
}

/* Asks again and again instead of blocking, so that a stopped process cannot stop us. */
enum mill_status mill_tree_lock(const struct mill_tree_dir *dir, struct mill_error *err)
{
    long pause_ms = 1, waited_ms = 0;
    while (flock(dir->fd, LOCK_EX | LOCK_NB) != 0) {
        if (errno == EINTR)
            continue;
        if (errno != EWOULDBLOCK)
            return MILL_OK; /* no locks here: network file systems */
        if (waited_ms >= LOCK_WAIT_MS)
            return mill_tree_fail(dir, "", "another process keeps the lock of this folder",
                                  EWOULDBLOCK, err);
        wait_ms(pause_ms);
        waited_ms += pause_ms;
        pause_ms = pause_ms < 16 ? pause_ms * 2 : pause_ms;
    }
    return MILL_OK;
}

/* Makes the folders in which name stands. */
static int make_parents(const struct mill_tree_dir *dir, const char *name)
{
    char path[PATH_MAX];
    size_t len = strlen(name);
    if (len >= sizeof(path)) {
        errno = ENAMETOOLONG;
        return -1;
    }
    memcpy(path, name, len + 1);
    for (char *slash = strchr(path, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdirat(dir->fd, path, 0777) != 0 && errno != EEXIST)
            return -1;
        *slash = '/';
    }
    return 0;
}

enum mill_status mill_tree_begin(const struct mill_tree_dir *dir,
                                 char name[MILL_TREE_ASIDE_SIZE], struct mill_tree_dir *out,
                                 struct mill_error *err)
{
    char random[33];
    mill_random_hex32(random);
    snprintf(name, MILL_TREE_ASIDE_SIZE, ASIDE_RANDOM, random);
    if (mkdirat(dir->fd, name, 0777) != 0)
        return mill_tree_fail(dir, name, "cannot make the folder", errno, err);
    enum mill_status st = mill_tree_open(dir, name, out, err);
    if (st != MILL_OK)
        (void)unlinkat(dir->fd, name, AT_REMOVEDIR);
    return st;
}

enum mill_status mill_tree_make(const struct mill_tree_dir *dir, const char *name,
                                struct mill_error *err)
{
    if (mkdirat(dir->fd, name, 0777) == 0 || errno == EEXIST)
        return MILL_OK;
    if (errno == ENOENT && make_parents(dir, name) == 0 &&
        (mkdirat(dir->fd, name, 0777) == 0 || errno == EEXIST))
        return MILL_OK;
    return mill_tree_fail(dir, name, "cannot make the folder", errno, err);
}

/* --- reading ---------------------------------------------------------------------------- */

/* Never waits: a pipe of that name is no file. */
enum mill_status mill_tree_open_file(const struct mill_tree_dir *dir, const char *name,
                                     int *fd_out, struct stat *info, struct mill_error *err)
{
    int fd = openat(dir->fd, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return mill_tree_fail(dir, name, "cannot read", errno, err);
    if (fstat(fd, info) != 0 || !S_ISREG(info->st_mode)) {
        struct mill_error why = {"this is not a file"};
        close(fd);
        return mill_tree_blame(dir, name, MILL_E_CORRUPT, &why, err);
    }
    *fd_out = fd;
    return MILL_OK;
}

static enum mill_status read_all(const struct mill_tree_dir *dir, const char *name, int fd,
                                 size_t size, struct mill_buf *out, struct mill_error *err)
{
    out->len = 0;
    if (!mill_buf_reserve(out, size + 1))
        return mill_fail(err, MILL_E_NOMEM, "out of memory for a file of %zu bytes", size);
    while (out->len < size) {
        ssize_t n = read(fd, out->ptr + out->len, size - out->len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return mill_tree_fail(dir, name, "cannot read", errno, err);
        if (n == 0)
            break;
        out->len += (size_t)n;
    }
    return MILL_OK;
}

/* Reads a file that is expected to be small without asking for its state; *done_out tells
 * whether that was all of it. */
static enum mill_status read_small(const struct mill_tree_dir *dir, const char *name,
                                   struct mill_buf *out, bool *done_out, struct mill_error *err)
{
    out->len = 0;
    if (!mill_buf_reserve(out, SMALL_BYTES))
        return mill_fail(err, MILL_E_NOMEM, "out of memory for a small file");
    int fd = openat(dir->fd, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return mill_tree_fail(dir, name, "cannot read", errno, err);
    ssize_t n = read(fd, out->ptr, SMALL_BYTES);
    close(fd);
    *done_out = n >= 0 && n < SMALL_BYTES;
    out->len = *done_out ? (size_t)n : 0;
    return MILL_OK;
}

enum mill_status mill_tree_read(const struct mill_tree_dir *dir, const char *name, size_t max,
                                struct mill_buf *out, struct stat *info, struct mill_error *err)
{
    struct stat own;
    int fd;
    if (info == NULL) {
        bool done = false;
        enum mill_status st = read_small(dir, name, out, &done, err);
        if (st != MILL_OK || done)
            return st;
        info = &own;
    }
    enum mill_status st = mill_tree_open_file(dir, name, &fd, info, err);
    if (st != MILL_OK)
        return st;
    if ((uint64_t)info->st_size > max) {
        struct mill_error why;
        (void)mill_fail(&why, MILL_E_TOO_LARGE, "it has %lld bytes, more than %zu are not read",
                        (long long)info->st_size, max);
        st = mill_tree_blame(dir, name, MILL_E_TOO_LARGE, &why, err);
    } else {
        st = read_all(dir, name, fd, (size_t)info->st_size, out, err);
    }
    close(fd);
    return st;
}

static bool is_recent(const struct stat *info)
{
    int64_t age = mill_now_ms() - (int64_t)info->st_mtim.tv_sec * 1000;
    return age < RECENT_MS && age > -RECENT_MS;
}

enum mill_status mill_tree_read_settled(const struct mill_tree_dir *dir, const char *name,
                                        size_t max, struct mill_buf *out, struct stat *info,
                                        struct mill_error *err)
{
    struct stat own = {0};
    enum mill_status st = mill_tree_read(dir, name, max, out, info, err);
    if (info == NULL)
        info = &own;
    for (long waited_ms = 0; st == MILL_OK && out->len == 0; waited_ms += 10) {
        st = mill_tree_read(dir, name, max, out, info, err);
        if (waited_ms >= SETTLE_MS || !is_recent(info))
            break;
        wait_ms(10);
    }
    return st;
}

/* --- writing ---------------------------------------------------------------------------- */

static int write_all(int fd, struct mill_view bytes)
{
    size_t done = 0;
    while (done < bytes.len) {
        ssize_t n = write(fd, bytes.ptr + done, bytes.len - done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        done += (size_t)n;
    }
    return 0;
}

/* Gives the new file the rights of the one that it replaces; who owns it is tried only. */
static void take_rights(const struct mill_tree_dir *dir, const char *name, int fd)
{
    struct stat old, new;
    if (fstatat(dir->fd, name, &old, 0) != 0 || fstat(fd, &new) != 0)
        return;
    if (old.st_gid != new.st_gid && fchown(fd, (uid_t)-1, old.st_gid) != 0)
        return;
    if (old.st_mode != new.st_mode)
        (void)fchmod(fd, old.st_mode & 0777);
}

static int open_aside(const struct mill_tree_dir *dir, char aside[MILL_TREE_ASIDE_SIZE])
{
    int flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC;
    char random[33];
    memcpy(aside, ASIDE, sizeof(ASIDE));
    int fd = openat(dir->fd, aside, flags, 0666);
    if (fd >= 0 || errno != EEXIST)
        return fd;
    mill_random_hex32(random);
    snprintf(aside, MILL_TREE_ASIDE_SIZE, ASIDE_RANDOM, random);
    return openat(dir->fd, aside, flags, 0666);
}

/* Writes a file aside. It is synced before it gets its name, so that after a loss of power
 * the name never stands for a file without content. */
static int write_aside(const struct mill_tree_dir *dir, const char *name,
                       struct mill_view content, const struct mill_tree_sync *sync,
                       char aside[MILL_TREE_ASIDE_SIZE])
{
    int fd = open_aside(dir, aside);
    if (fd < 0)
        return -1;
    take_rights(dir, name, fd);
    if (write_all(fd, content) == 0 && (sync->level == 2 || fdatasync(fd) == 0))
        return close(fd);
    int saved = errno;
    close(fd);
    (void)unlinkat(dir->fd, aside, 0);
    errno = saved;
    return -1;
}

/* Puts what was written aside where it belongs, making sub-folders on the way. */
static int put_in_place(const struct mill_tree_dir *dir, const char *aside, const char *name,
                        unsigned flags)
{
    if (renameat2(dir->fd, aside, dir->fd, name, flags) == 0)
        return 0;
    if (errno == ENOENT && make_parents(dir, name) == 0 &&
        renameat2(dir->fd, aside, dir->fd, name, flags) == 0)
        return 0;
    if (flags == 0 || (errno != EINVAL && errno != ENOSYS))
        return -1;
    /* A file system that cannot rename so (NFS): a link does not replace either. */
    if (linkat(dir->fd, aside, dir->fd, name, 0) != 0)
        return -1;
    return unlinkat(dir->fd, aside, 0);
}

static enum mill_status write_fail(const struct mill_tree_dir *dir, const char *name,
                                   int number, struct mill_error *err)
{
    struct stat info;
    bool is_folder = fstatat(dir->fd, name, &info, 0) == 0 && S_ISDIR(info.st_mode);
    if (number == ENOTDIR || number == EISDIR || (number == EEXIST && is_folder))
        return mill_tree_in_the_way(dir, name, err);
    return mill_tree_fail(dir, name, "cannot write", number, err);
}

static enum mill_status put_file(const struct mill_tree_dir *dir, const char *name,
                                 struct mill_view content, unsigned flags,
                                 struct mill_tree_sync *sync, struct mill_error *err)
{
    char aside[MILL_TREE_ASIDE_SIZE];
    if (write_aside(dir, name, content, sync, aside) != 0)
        return mill_tree_fail(dir, name, "cannot write", errno, err);
    if (put_in_place(dir, aside, name, flags) != 0) {
        int saved = errno;
        (void)unlinkat(dir->fd, aside, 0);
        return write_fail(dir, name, saved, err);
    }
    entered(sync, dir, name);
    return MILL_OK;
}

enum mill_status mill_tree_replace(const struct mill_tree_dir *dir, const char *name,
                                   struct mill_view content, struct mill_tree_sync *sync,
                                   struct mill_error *err)
{
    return put_file(dir, name, content, 0, sync, err);
}

enum mill_status mill_tree_create(const struct mill_tree_dir *dir, const char *name,
                                  struct mill_view content, struct mill_tree_sync *sync,
                                  struct mill_error *err)
{
    return put_file(dir, name, content, RENAME_NOREPLACE, sync, err);
}

enum mill_status mill_tree_put(const struct mill_tree_dir *dir, const char *name,
                               struct mill_view content, struct mill_tree_sync *sync,
                               struct mill_error *err)
{
    int flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC;
    int fd = openat(dir->fd, name, flags, 0666);
    if (fd < 0 && errno == ENOENT && make_parents(dir, name) == 0)
        fd = openat(dir->fd, name, flags, 0666);
    if (fd < 0)
        return write_fail(dir, name, errno, err);
    if (write_all(fd, content) != 0 || (sync->level == 1 && fdatasync(fd) != 0)) {
        int saved = errno;
        close(fd);
        return mill_tree_fail(dir, name, "cannot write", saved, err);
    }
    written(sync, fd);
    entered(sync, dir, name);
    return MILL_OK;
}

/* What ends the file: whether its last line has no end, and whether it has two fields. */
struct tail {
    bool open;
    bool two_fields;
};

static int look_at_tail(int fd, off_t size, struct tail *out)
{
    char bytes[128];
    size_t want = size < (off_t)sizeof(bytes) ? (size_t)size : sizeof(bytes);
    ssize_t n;
    do
        n = pread(fd, bytes, want, size - (off_t)want);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return -1;
    size_t len = (size_t)n;
    out->open = len != 0 && bytes[len - 1] != '\n';
    while (len != 0 && bytes[len - 1] == '\n')
        len--;
    size_t from = len;
    while (from != 0 && bytes[from - 1] != '\n')
        from--;
    size_t spaces = 0;
    for (size_t i = from; i < len; i++)
        spaces += bytes[i] == ' ';
    out->two_fields = (from != 0 || want == (size_t)size) && len != from && spaces == 1;
    return 0;
}

static int open_to_append(const struct mill_tree_dir *dir, const char *name)
{
    int flags = O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
    int fd = openat(dir->fd, name, flags, 0666);
    if (fd < 0 && errno == ENOENT && make_parents(dir, name) == 0)
        fd = openat(dir->fd, name, flags, 0666);
    return fd;
}

/* One write, which the kernel appends as a whole. On a full disk it may be cut: then the part
 * is taken back, unless somebody else wrote behind it. */
static int append_once(int fd, struct mill_view bytes)
{
    ssize_t n;
    do
        n = write(fd, bytes.ptr, bytes.len);
    while (n < 0 && errno == EINTR);
    if (n == (ssize_t)bytes.len)
        return 0;
    int saved = n < 0 ? errno : ENOSPC;
    struct stat now;
    off_t end = lseek(fd, 0, SEEK_CUR);
    if (n > 0 && fstat(fd, &now) == 0 && now.st_size == end)
        (void)!ftruncate(fd, end - n);
    errno = saved;
    return -1;
}

enum mill_status mill_tree_append(const struct mill_tree_dir *dir, const char *name,
                                  const struct mill_tree_lines *lines,
                                  struct mill_tree_sync *sync, struct mill_error *err)
{
    struct stat info;
    struct tail tail = {false, lines->brief_when_new};
    int fd = open_to_append(dir, name);
    if (fd < 0)
        return write_fail(dir, name, errno, err);
    bool fine = fstat(fd, &info) == 0 && S_ISREG(info.st_mode) &&
                (info.st_size == 0 || look_at_tail(fd, info.st_size, &tail) == 0);
    struct mill_view text =
        lines->brief.ptr != NULL && tail.two_fields ? lines->brief : lines->full;
    if (fine && tail.open)
        fine = append_once(fd, MILL_VIEW("\n")) == 0;
    if (!fine || append_once(fd, text) != 0) {
        int saved = errno;
        close(fd);
        return mill_tree_fail(dir, name, "cannot append", saved, err);
    }
    written(sync, fd);
    if (info.st_size == 0)
        entered(sync, dir, name);
    return MILL_OK;
}

/* --- moving and removing ---------------------------------------------------------------- */

enum mill_status mill_tree_move(const struct mill_tree_dir *from_dir, const char *from,
                                const struct mill_tree_dir *to_dir, const char *to,
                                struct mill_tree_sync *sync, struct mill_error *err)
{
    int moved = renameat2(from_dir->fd, from, to_dir->fd, to, RENAME_NOREPLACE);
    /* Without that flag a folder replaces an empty folder only, which is no loss. */
    if (moved != 0 && (errno == EINVAL || errno == ENOSYS))
        moved = renameat(from_dir->fd, from, to_dir->fd, to);
    if (moved != 0)
        return mill_tree_fail(to_dir, to, "cannot be given to a folder", errno, err);
    entered(sync, to_dir, to);
    if (from_dir != to_dir)
        entered(sync, from_dir, from);
    return MILL_OK;
}

enum mill_status mill_tree_remove(const struct mill_tree_dir *dir, const char *name,
                                  struct mill_tree_sync *sync, struct mill_error *err)
{
    if (unlinkat(dir->fd, name, 0) != 0)
        return mill_tree_fail(dir, name, "cannot remove", errno, err);
    entered(sync, dir, name);
    return MILL_OK;
}

void mill_tree_discard(const struct mill_tree_dir *dir, const char *name)
{
    struct mill_tree_dir folder = {.fd = -1};
    struct mill_tree_listing listing;
    const char *entry;
    unsigned char type;
    if (mill_tree_open(dir, name, &folder, NULL) != MILL_OK)
        return;
    mill_tree_list(&listing, folder.fd);
    while ((entry = mill_tree_next(&listing, &type)) != NULL)
        if (unlinkat(folder.fd, entry, 0) != 0)
            mill_tree_discard(&folder, entry);
    mill_tree_close(&folder);
    (void)unlinkat(dir->fd, name, AT_REMOVEDIR);
}

/* --- listing ---------------------------------------------------------------------------- */

void mill_tree_list(struct mill_tree_listing *listing, int fd)
{
    listing->fd = fd;
    listing->len = listing->at = 0;
}

const char *mill_tree_next(struct mill_tree_listing *listing, unsigned char *type_out)
{
    for (;;) {
        if (listing->at >= listing->len) {
            errno = 0;
            listing->len = getdents64(listing->fd, listing->bytes, sizeof(listing->bytes));
            listing->at = 0;
            if (listing->len <= 0)
                return NULL;
        }
        const struct dirent64 *entry =
            (const struct dirent64 *)(const void *)(listing->bytes + listing->at);
        listing->at += entry->d_reclen;
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
            *type_out = entry->d_type;
            return entry->d_name;
        }
    }
}

bool mill_tree_is_dir(int fd, const char *name, unsigned char type)
{
    struct stat info;
    if (type != DT_UNKNOWN && type != DT_LNK)
        return type == DT_DIR;
    return fstatat(fd, name, &info, 0) == 0 && S_ISDIR(info.st_mode);
}
