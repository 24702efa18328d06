/* copy.c - copies files into the spool, as shared blocks where the file system can. */
#include "logger/copy.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/os.h"
#include "base/view.h"
#include "logger/spool_files.h"

#define MAX_DEPTH   64
#define CHUNK_BYTES ((size_t)1 << 20)

/* What one copy is made with. */
struct copying {
    struct mill_arena *arena; /* of paths */
    bool sync;
    struct mill_error *err;
};

/* Shares blocks, or copies inside the kernel, as far as the file systems can. */
static void copy_in_kernel(int from, int to)
{
    while (copy_file_range(from, NULL, to, NULL, CHUNK_BYTES, 0) > 0)
        ;
}

static bool write_all(int fd, const char *bytes, size_t len)
{
    while (len > 0) {
        ssize_t done = write(fd, bytes, len);
        if (done < 0 && errno != EINTR)
            return false;
        if (done > 0) {
            bytes += done;
            len -= (size_t)done;
        }
    }
    return true;
}

/* Files of /proc and their like say that they are empty and are not: reading to the end is what
 * counts, however far the kernel has come. */
static bool copy_bytes(int from, int to)
{
    char chunk[8192];
    ssize_t got;
    copy_in_kernel(from, to);
    while ((got = read(from, chunk, sizeof(chunk))) != 0) {
        if (got < 0 && errno != EINTR)
            return false;
        if (got > 0 && !write_all(to, chunk, (size_t)got))
            return false;
    }
    return true;
}

static enum mill_status copy_file(struct copying *c, int from, struct mill_view local,
                                  struct mill_view to)
{
    int fd = open(to.ptr, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    enum mill_status st = MILL_OK;
    if (fd < 0 || !copy_bytes(from, fd) || (c->sync && fsync(fd) != 0))
        st = mill_file_failed(local, "copy into the spool", c->err);
    if (fd >= 0 && close(fd) != 0 && st == MILL_OK)
        st = mill_file_failed(local, "copy into the spool", c->err);
    return st;
}

static enum mill_status copy_any(struct copying *c, struct mill_view local, struct mill_view to,
                                 int depth);

static enum mill_status copy_entry(struct copying *c, struct mill_view local,
                                   struct mill_view to, const char *name, int depth)
{
    if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
        return MILL_OK;
    struct mill_view from = mill_arena_printf(c->arena, "%.*s/%s", MILL_FMT(local), name);
    struct mill_view below = mill_arena_printf(c->arena, "%.*s/%s", MILL_FMT(to), name);
    if (from.ptr == NULL || below.ptr == NULL)
        return mill_fail(c->err, MILL_E_NOMEM, "out of memory");
    return copy_any(c, from, below, depth + 1);
}

static enum mill_status copy_directory(struct copying *c, struct mill_view local,
                                       struct mill_view to, int depth)
{
    struct dirent **entries = NULL;
    if (depth > MAX_DEPTH)
        return mill_fail(c->err, MILL_E_INVALID, "'%.*s' is more than %d directories deep",
                         MILL_FMT(mill_utf8_prefix(local, 300)), MAX_DEPTH);
    int count = scandir(local.ptr, &entries, NULL, alphasort);
    enum mill_status st = count < 0 || mkdir(to.ptr, 0777) != 0
                              ? mill_file_failed(local, "copy into the spool", c->err)
                              : MILL_OK;
    for (int i = 0; i < count; i++) {
        if (st == MILL_OK)
            st = copy_entry(c, local, to, entries[i]->d_name, depth);
        free(entries[i]); /* scandir's own allocation, as is the list */
    }
    free(entries);
    return st;
}

static enum mill_status copy_any(struct copying *c, struct mill_view local, struct mill_view to,
                                 int depth)
{
    struct stat info;
    enum mill_status st;
    int from = open(local.ptr, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (from < 0 || fstat(from, &info) != 0)
        st = mill_file_failed(local, "read", c->err);
    else if (S_ISDIR(info.st_mode))
        st = copy_directory(c, local, to, depth);
    else if (S_ISREG(info.st_mode))
        st = copy_file(c, from, local, to);
    else
        st = mill_fail(c->err, MILL_E_INVALID, "'%.*s' is neither a file nor a directory",
                       MILL_FMT(mill_utf8_prefix(local, 300)));
    if (from >= 0)
        close(from);
    return st;
}

enum mill_status mill_spool_copy(const char *base, int64_t number, struct mill_view given,
                                 bool sync, struct mill_arena *arena,
                                 struct mill_view *path_out, struct mill_error *err)
{
    char real[PATH_MAX];
    struct copying c = {.arena = arena, .sync = sync, .err = err};
    struct mill_view local = mill_arena_copy(arena, given);
    if (local.ptr == NULL)
        return mill_fail(err, MILL_E_NOMEM, "out of memory");
    if (realpath(local.ptr, real) == NULL)
        return mill_file_failed(local, "read", err);
    const char *slash = strrchr(local.ptr, '/');
    const char *name = slash != NULL ? slash + 1 : local.ptr;
    /* "dir/" and ".." do not say what the thing is called. */
    if (name[0] == '\0' || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
        name = strrchr(real, '/') + 1;
    struct mill_view directory =
        mill_arena_printf(arena, "%s.files/%lld", base, (long long)number);
    struct mill_view to = mill_arena_printf(arena, "%.*s/%s", MILL_FMT(directory), name);
    if (directory.ptr == NULL || to.ptr == NULL)
        return mill_fail(err, MILL_E_NOMEM, "out of memory");
    enum mill_status st = mill_spool_make_directory(directory.ptr, err);
    if (st == MILL_OK)
        st = copy_any(&c, local, to, 0);
    if (st != MILL_OK) {
        mill_spool_remove_tree(directory.ptr);
        return st;
    }
    const char *run = strrchr(base, '/') + 1;
    *path_out = mill_view_from(to, (size_t)(run - base));
    return MILL_OK;
}
