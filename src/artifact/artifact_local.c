/* artifact_local.c - artifacts in a local directory. Everything below the root is opened
 * through beneath.h; the root itself is opened anew for every call, so that it may be
 * created, moved away and restored while the server runs. */
#include "artifact/artifact_local.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "artifact/local.h"
#include "base/alloc.h"
#include "base/view.h"

#define MAX_TREE_DEPTH 512 /* of a tree to be removed: one file descriptor each */

static enum mill_status local_file(struct mill_artifact_store *store, struct mill_view path,
                                   struct mill_artifact_file *out, struct mill_error *err)
{
    const struct mill_local_store *s = (const struct mill_local_store *)store;
    enum mill_status st = MILL_OK;
    struct stat info = {0};
    int root = mill_local_open_root(s);
    /* O_NONBLOCK: opening a named pipe would wait for its other end. */
    int fd = root >= 0
                 ? mill_local_open_below(s, root, path.ptr, O_RDONLY | O_NONBLOCK | O_NOCTTY)
                 : -1;

    if (fd < 0 || fstat(fd, &info) != 0)
        /* Below a file there is nothing. */
        st = mill_local_failed(errno == ENOTDIR || errno == ENXIO ? ENOENT : errno, "read",
                               path.ptr, err);
    else if (!S_ISREG(info.st_mode))
        st = mill_local_failed(S_ISDIR(info.st_mode) ? EISDIR : EINVAL, "read", path.ptr, err);
    mill_local_close(root);
    if (st != MILL_OK) {
        mill_local_close(fd);
        return st;
    }
    out->fd = fd;
    out->size = (int64_t)info.st_size;
    out->mtime_ms = (int64_t)info.st_mtim.tv_sec * 1000 + info.st_mtim.tv_nsec / 1000000;
    /* An upload makes a new file, so that the inode tells two of one millisecond apart. */
    snprintf(out->etag, sizeof(out->etag), "\"%llx-%llx-%llx\"",
             (unsigned long long)info.st_ino, (unsigned long long)info.st_size,
             (unsigned long long)info.st_mtim.tv_sec * 1000000000ULL +
                 (unsigned long long)info.st_mtim.tv_nsec);
    return MILL_OK;
}

static int remove_entry(int dir, const char *name, int depth);

/* As remove_entry, for what is in the directory. */
static int empty_directory(int dir, const char *name, int depth)
{
    int fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    const struct dirent *entry;
    DIR *stream;
    int result = 0;

    if (fd < 0)
        return -1;
    stream = fdopendir(fd);
    if (stream == NULL) {
        mill_local_close(fd);
        return -1;
    }
    while (result == 0 && (entry = readdir(stream)) != NULL) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            result = remove_entry(fd, entry->d_name, depth + 1);
    }
    int saved = errno;
    closedir(stream);
    errno = saved;
    return result;
}

/* Removes a file or tree without following links; -1 and errno on failure. */
static int remove_entry(int dir, const char *name, int depth)
{
    if (unlinkat(dir, name, 0) == 0 || errno == ENOENT)
        return 0;
    if (errno != EISDIR)
        return -1;
    if (depth >= MAX_TREE_DEPTH) {
        errno = ENAMETOOLONG;
        return -1;
    }
    for (int i = 0; i < MILL_LOCAL_RETRIES; i++) {
        /* Others may fill it again, or what is below it, while it is emptied. */
        if (empty_directory(dir, name, depth) == 0 || errno == ENOENT) {
            if (unlinkat(dir, name, AT_REMOVEDIR) == 0 || errno == ENOENT)
                return 0;
        }
        if (errno != ENOTEMPTY && errno != EEXIST)
            return -1;
    }
    return -1;
}

int mill_local_remove_tree(int dir, const char *name)
{
    return remove_entry(dir, name, 0);
}

static enum mill_status local_remove(struct mill_artifact_store *store, struct mill_view path,
                                     struct mill_error *err)
{
    const struct mill_local_store *s = (const struct mill_local_store *)store;
    char buffer[PATH_MAX];
    const char *leaf;
    int root = mill_local_open_root(s);
    int dir = root >= 0 ? mill_local_open_parent(s, root, path.ptr, false, buffer, &leaf) : -1;
    int result = dir >= 0 ? mill_local_remove_tree(dir, leaf) : -1;
    enum mill_status st = MILL_OK;

    if (result != 0 && errno != ENOENT && errno != ENOTDIR)
        st = mill_local_failed(errno, "remove", path.ptr, err);
    mill_local_close(dir);
    mill_local_close(root);
    return st;
}

static bool cut_root(const char *root, struct mill_view path, struct mill_view *below_out)
{
    size_t len = strlen(root);

    /* The root "/" ends in the slash that others have behind them. */
    if (len == 1)
        len = 0;
    if (path.len < len || memcmp(path.ptr, root, len) != 0 ||
        (path.len > len && path.ptr[len] != '/'))
        return false;
    *below_out = mill_view_from(path, path.len > len ? len + 1 : len);
    return true;
}

static bool local_holds(struct mill_artifact_store *store, struct mill_view path,
                        struct mill_view *below_out)
{
    const struct mill_local_store *s = (const struct mill_local_store *)store;
    struct mill_view rest;

    if (mill_view_starts(path, MILL_VIEW("/")))
        return cut_root(s->given, path, below_out) || cut_root(s->root, path, below_out);
    /* A relative path is below the working directory; the root may be, too. */
    if (cut_root(s->cwd, mill_view_of(s->given), &rest))
        return rest.len == 0 ? (*below_out = path, true)
                             : rest.len <= path.len && cut_root(rest.ptr, path, below_out);
    return false;
}

static struct mill_view local_directory(const struct mill_artifact_store *store)
{
    return mill_view_of(((const struct mill_local_store *)store)->given);
}

static void local_close(struct mill_artifact_store *store)
{
    struct mill_local_store *s = (struct mill_local_store *)store;

    pthread_mutex_destroy(&s->completed_lock);
    mill_free(s->given);
    mill_free(s->root);
    mill_free(s->cwd);
    mill_free(s);
}

static const struct mill_artifact_ops local_ops = {
    .scheme = "file",
    .list = mill_local_list,
    .open = local_file,
    .upload = mill_local_upload,
    .remove = local_remove,
    .begin_parts = mill_local_begin_parts,
    .upload_part = mill_local_upload_part,
    .complete_parts = mill_local_complete_parts,
    .abort_parts = mill_local_abort_parts,
    .holds = local_holds,
    .directory = local_directory,
    .close = local_close,
};

static char *copy_text(const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = mill_alloc(size);

    if (copy != NULL)
        memcpy(copy, text, size);
    return copy;
}

/* Joins the segments of path to base, which is absolute. ".." goes up in the text: what is
 * above a missing directory is missing too, hence no link. False when it is too long. */
static bool join(char out[PATH_MAX], const char *base, struct mill_view path)
{
    size_t n = strlen(base);
    struct mill_view rest = path;

    memmove(out, base, n + 1);
    while (n > 0 && out[n - 1] == '/')
        n--;
    while (rest.ptr != NULL) {
        struct mill_view segment;

        rest = mill_view_cut(rest, '/', &segment);
        if (segment.len == 0 || mill_view_eq(segment, MILL_VIEW(".")))
            continue;
        if (mill_view_eq(segment, MILL_VIEW(".."))) {
            while (n > 0 && out[--n] != '/')
                ;
            continue;
        }
        if (segment.len + 2 > PATH_MAX - n)
            return false;
        out[n++] = '/';
        memcpy(out + n, segment.ptr, segment.len);
        n += segment.len;
    }
    if (n == 0)
        out[n++] = '/';
    out[n] = '\0';
    return true;
}

/* realpath(3) of a path whose last directories may not exist yet. False and errno when a
 * part is in the way. */
static bool resolve_root(const char *path, char out[PATH_MAX])
{
    char head[PATH_MAX];
    size_t len = strlen(path);

    memcpy(head, path, len + 1);
    while (realpath(head, out) == NULL) {
        if (errno != ENOENT)
            return false;
        while (len > 1 && head[len - 1] != '/')
            len--;
        if (len > 1)
            len--;
        head[len] = '\0';
    }
    return join(out, out, mill_view_of(path + len));
}

enum mill_status mill_artifact_local_open(struct mill_view path,
                                          struct mill_artifact_store **out,
                                          struct mill_error *err)
{
    char cwd[PATH_MAX];
    char given[PATH_MAX];
    char root[PATH_MAX];
    struct stat info;
    struct mill_local_store *s;

    if (path.len == 0 || memchr(path.ptr, '\0', path.len) != NULL)
        return mill_fail(err, MILL_E_INVALID, "the artifact directory is an empty text");
    if (getcwd(cwd, sizeof(cwd)) == NULL || !join(given, path.ptr[0] == '/' ? "/" : cwd, path))
        return mill_fail(err, MILL_E_INVALID,
                         "the artifact directory '%.*s' is too long a path",
                         MILL_FMT(mill_utf8_prefix(path, 200)));
    if (!resolve_root(given, root) || (stat(root, &info) == 0 && !S_ISDIR(info.st_mode)))
        return mill_fail(err, MILL_E_INVALID,
                         "the artifact directory '%.300s' is not a directory that can be used",
                         given);
    s = mill_alloc_zero(1, sizeof(*s));
    if (s == NULL)
        return mill_local_no_memory(err);
    s->base.ops = &local_ops;
    pthread_mutex_init(&s->completed_lock, NULL);
    s->given = copy_text(given);
    s->root = copy_text(root);
    s->cwd = copy_text(cwd);
    if (s->given == NULL || s->root == NULL || s->cwd == NULL) {
        local_close(&s->base);
        return mill_local_no_memory(err);
    }
    mill_local_remove_stale(s);
    mill_local_sweep_parts(s);
    *out = &s->base;
    return MILL_OK;
}
