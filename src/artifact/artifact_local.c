/* artifact_local.c - artifacts in a local directory. Everything below the root is opened
 * through beneath.h; the root itself is opened anew for every call, so that it may be
 * created, moved away and restored while the server runs. */
#include "artifact/artifact_local.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "artifact/beneath.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "model/limits.h"

#define MAX_TREE_DEPTH 512 /* of a tree to be removed: one file descriptor each */
#define MAX_RETRIES    8   /* against changes by others between two steps */

struct local_store {
    struct mill_artifact_store base;
    char *given; /* absolute, as configured */
    char *root;  /* the same without links */
    char *cwd;   /* at opening; relative paths of runs are below it */
};

struct local_upload {
    struct mill_artifact_upload base;
    struct local_store *store;
    int root;
    int fd;
    char temp[sizeof(MILL_UPLOAD_PREFIX) + 32];
    char path[];
};

static enum mill_status status_of(int code)
{
    switch (code) {
    case ENOENT:
        return MILL_E_NOT_FOUND;
    case EXDEV:
    case ELOOP:
    case EISDIR:
    case ENOTDIR:
    case ENAMETOOLONG:
    case EINVAL:
        return MILL_E_INVALID;
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
        return MILL_E_FULL;
    case EACCES:
    case EPERM:
    case EROFS:
        return MILL_E_DENIED;
    case EMFILE:
    case ENFILE:
        return MILL_E_BUSY;
    case ENOMEM:
        return MILL_E_NOMEM;
    default:
        return MILL_E_IO;
    }
}

/* The only place that turns errno into ours. path is relative: the server's own directories
 * are nobody's business. */
static enum mill_status failed(int code, const char *doing, const char *path,
                               struct mill_error *err)
{
    char text[128];
    const char *why;

    switch (code) {
    case ENOENT:
        return mill_fail(err, MILL_E_NOT_FOUND, "No such artifact: '%.300s'", path);
    case EXDEV:
    case ELOOP:
        why = "a symbolic link in it leads out of the artifact root";
        break;
    case EISDIR:
        why = "it is a directory, not a file";
        break;
    case ENOTDIR:
        why = "a part of it is a file, not a directory";
        break;
    default:
        why = strerror_r(code, text, sizeof(text));
        break;
    }
    return mill_fail(err, status_of(code), "cannot %s artifact '%.300s': %s", doing, path, why);
}

static enum mill_status no_memory(struct mill_error *err)
{
    return mill_fail(err, MILL_E_NOMEM, "out of memory while handling an artifact");
}

static void close_keeping_errno(int fd)
{
    int saved = errno;

    if (fd >= 0)
        close(fd);
    errno = saved;
}

static int open_root(const struct local_store *s)
{
    return open(s->root, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

static int make_root(const struct local_store *s)
{
    char path[PATH_MAX];
    size_t len = strlen(s->root);
    int root = open_root(s);

    if (root >= 0 || errno != ENOENT)
        return root;
    memcpy(path, s->root, len + 1);
    for (char *at = path + 1; at <= path + len; at++) {
        char kept = *at;

        if (kept != '/' && kept != '\0')
            continue;
        *at = '\0';
        if (mkdir(path, 0777) != 0 && errno != EEXIST)
            return -1;
        *at = kept;
    }
    return open_root(s);
}

static int open_below(const struct local_store *s, int root, const char *path, int flags)
{
    return mill_beneath_open(root, s->root, path, flags);
}

/* Opens the directory of path's last name, which *leaf_out gets. buffer holds the result. */
static int open_parent(const struct local_store *s, int root, const char *path, bool create,
                       char buffer[PATH_MAX], const char **leaf_out)
{
    size_t len = strlen(path);
    char *slash;
    int dir;

    memcpy(buffer, path, len + 1);
    slash = strrchr(buffer, '/');
    if (slash == NULL) {
        *leaf_out = buffer;
        return open_below(s, root, "", O_PATH | O_DIRECTORY);
    }
    *slash = '\0';
    *leaf_out = slash + 1;
    dir = open_below(s, root, buffer, O_PATH | O_DIRECTORY);
    if (dir >= 0 || errno != ENOENT || !create)
        return dir;
    dir = open_below(s, root, "", O_PATH | O_DIRECTORY);
    for (char *at = buffer; dir >= 0; at++) {
        char kept = *at;
        const char *name;

        if (kept != '/' && kept != '\0')
            continue;
        *at = '\0';
        name = strrchr(buffer, '/') != NULL ? strrchr(buffer, '/') + 1 : buffer;
        if (mkdirat(dir, name, 0777) != 0 && errno != EEXIST) {
            close_keeping_errno(dir);
            return -1;
        }
        close(dir);
        dir = open_below(s, root, buffer, O_PATH | O_DIRECTORY);
        *at = kept;
        if (kept == '\0')
            break;
    }
    return dir;
}

/* False for what is not listed. */
static bool describe(const struct local_store *s, int root, int dir, struct mill_view parent,
                     const char *name, struct stat *info)
{
    char path[PATH_MAX];
    int fd;
    bool known;

    if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0 ||
        strncmp(name, MILL_UPLOAD_PREFIX, sizeof(MILL_UPLOAD_PREFIX) - 1) == 0 ||
        !mill_utf8_valid(mill_view_of(name)) ||
        fstatat(dir, name, info, AT_SYMLINK_NOFOLLOW) != 0)
        return false;
    if (S_ISLNK(info->st_mode)) {
        int n = snprintf(path, sizeof(path), "%.*s%s%s", MILL_FMT(parent),
                         parent.len > 0 ? "/" : "", name);

        if (n < 0 || (size_t)n >= sizeof(path))
            return false;
        fd = open_below(s, root, path, O_PATH);
        known = fd >= 0 && fstat(fd, info) == 0;
        close_keeping_errno(fd);
        if (!known)
            return false;
    }
    return S_ISREG(info->st_mode) || S_ISDIR(info->st_mode);
}

struct listing {
    struct mill_file_info *files;
    size_t count;
    size_t cap;
};

static enum mill_status add_file(struct listing *l, struct mill_arena *arena, const char *name,
                                 const struct stat *info, struct mill_error *err)
{
    if (l->count == MILL_MAX_ARTIFACT_LIST)
        return mill_fail(err, MILL_E_TOO_LARGE,
                         "the directory has more than %d entries; list directories below it",
                         MILL_MAX_ARTIFACT_LIST);
    if (l->count == l->cap) {
        size_t cap = l->cap > 0 ? 2 * l->cap : 32;
        struct mill_file_info *grown = mill_arena_zero(arena, cap, sizeof(*grown));

        if (grown == NULL)
            return no_memory(err);
        if (l->count > 0)
            memcpy(grown, l->files, l->count * sizeof(*grown));
        l->files = grown;
        l->cap = cap;
    }

    struct mill_file_info *file = &l->files[l->count];
    file->path = mill_arena_copy(arena, mill_view_of(name));
    if (file->path.ptr == NULL)
        return no_memory(err);
    file->is_dir = S_ISDIR(info->st_mode);
    file->file_size = file->is_dir ? MILL_ABSENT : (int64_t)info->st_size;
    l->count++;
    return MILL_OK;
}

static int by_name(const void *a, const void *b)
{
    const struct mill_file_info *left = a;
    const struct mill_file_info *right = b;

    return mill_view_cmp(left->path, right->path);
}

static enum mill_status local_list(struct mill_artifact_store *store, struct mill_view path,
                                   struct mill_arena *arena, struct mill_file_info **files_out,
                                   size_t *count_out, struct mill_error *err)
{
    const struct local_store *s = (const struct local_store *)store;
    struct listing l = {0};
    enum mill_status st = MILL_OK;
    const struct dirent *entry;
    struct stat info;
    DIR *stream = NULL;
    int root = open_root(s);
    int dir = root >= 0 ? open_below(s, root, path.ptr, O_RDONLY | O_DIRECTORY) : -1;

    if (dir >= 0)
        stream = fdopendir(dir);
    if (stream == NULL) {
        if (errno != ENOENT && errno != ENOTDIR)
            st = failed(errno, "list", path.ptr, err);
        close_keeping_errno(dir);
        goto out;
    }
    while (st == MILL_OK && (entry = readdir(stream)) != NULL) {
        if (describe(s, root, dir, path, entry->d_name, &info))
            st = add_file(&l, arena, entry->d_name, &info, err);
    }
    if (l.count > 1)
        qsort(l.files, l.count, sizeof(*l.files), by_name);

out:
    if (stream != NULL)
        closedir(stream);
    close_keeping_errno(root);
    if (st == MILL_OK) {
        *files_out = l.files;
        *count_out = l.count;
    }
    return st;
}

static enum mill_status local_file(struct mill_artifact_store *store, struct mill_view path,
                                   struct mill_artifact_file *out, struct mill_error *err)
{
    const struct local_store *s = (const struct local_store *)store;
    enum mill_status st = MILL_OK;
    struct stat info;
    int root = open_root(s);
    /* O_NONBLOCK: opening a named pipe would wait for its other end. */
    int fd = root >= 0 ? open_below(s, root, path.ptr, O_RDONLY | O_NONBLOCK | O_NOCTTY) : -1;

    if (fd < 0 || fstat(fd, &info) != 0)
        /* Below a file there is nothing. */
        st = failed(errno == ENOTDIR || errno == ENXIO ? ENOENT : errno, "read", path.ptr, err);
    else if (!S_ISREG(info.st_mode))
        st = failed(S_ISDIR(info.st_mode) ? EISDIR : EINVAL, "read", path.ptr, err);
    close_keeping_errno(root);
    if (st != MILL_OK) {
        close_keeping_errno(fd);
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

static void free_upload(struct local_upload *u, bool remove_file)
{
    if (remove_file && u->fd >= 0)
        unlinkat(u->root, u->temp, 0);
    if (u->fd >= 0)
        close(u->fd);
    if (u->root >= 0)
        close(u->root);
    mill_free(u);
}

static void upload_abort(struct mill_artifact_upload *upload)
{
    free_upload((struct local_upload *)upload, true);
}

static enum mill_status upload_write(struct mill_artifact_upload *upload,
                                     struct mill_view bytes, struct mill_error *err)
{
    struct local_upload *u = (struct local_upload *)upload;

    while (bytes.len > 0) {
        ssize_t n = write(u->fd, bytes.ptr, bytes.len);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return failed(errno, "store", u->path, err);
        bytes = mill_view_from(bytes, (size_t)n);
    }
    return MILL_OK;
}

/* 0, or errno. Directories made on the way may be removed again by somebody who deletes the
 * tree at the same time. */
static int put_in_place(const struct local_upload *u)
{
    char buffer[PATH_MAX];
    const char *leaf;

    for (int i = 0; i < MAX_RETRIES; i++) {
        int dir = open_parent(u->store, u->root, u->path, true, buffer, &leaf);
        int result = dir >= 0 ? renameat(u->root, u->temp, dir, leaf) : -1;

        close_keeping_errno(dir);
        if (result == 0)
            return 0;
        if (errno != ENOENT)
            break;
    }
    return errno;
}

static enum mill_status upload_commit(struct mill_artifact_upload *upload,
                                      struct mill_error *err)
{
    struct local_upload *u = (struct local_upload *)upload;
    int code = fdatasync(u->fd) == 0 ? put_in_place(u) : errno;
    enum mill_status st = MILL_OK;

    /* ENOENT would read as if the client had asked for a missing file. */
    if (code == ENOENT)
        st = mill_fail(err, MILL_E_CONFLICT,
                       "cannot store artifact '%.300s': its directory is being removed",
                       u->path);
    else if (code != 0)
        st = failed(code, "store", u->path, err);
    free_upload(u, code != 0);
    return st;
}

/* Refuses early what commit would refuse after the whole body. 0, or errno. */
static int check_target(const struct local_store *s, int root, const char *path)
{
    struct stat info;
    int fd = open_below(s, root, path, O_PATH);
    int code = 0;

    if (fd < 0)
        return errno == ENOENT ? 0 : errno;
    if (fstat(fd, &info) != 0)
        code = errno;
    else if (S_ISDIR(info.st_mode))
        code = EISDIR;
    close(fd);
    return code;
}

/* 0, or errno. The lock says that the upload is alive to remove_stale of another server on
 * the same directory. */
static int create_temp(struct local_upload *u)
{
    char id[33];

    mill_random_hex32(id);
    snprintf(u->temp, sizeof(u->temp), "%s%s", MILL_UPLOAD_PREFIX, id);
    u->fd =
        openat(u->root, u->temp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
    if (u->fd < 0)
        return errno;
    return flock(u->fd, LOCK_EX | LOCK_NB) == 0 || errno == ENOLCK || errno == EOPNOTSUPP
               ? 0
               : errno;
}

static enum mill_status local_upload(struct mill_artifact_store *store, struct mill_view path,
                                     struct mill_artifact_upload **out, struct mill_error *err)
{
    struct local_store *s = (struct local_store *)store;
    struct local_upload *u = mill_alloc_zero(1, sizeof(*u) + path.len + 1);
    int code;

    if (u == NULL)
        return no_memory(err);
    u->base = (struct mill_artifact_upload){upload_write, upload_commit, upload_abort};
    u->store = s;
    u->fd = -1;
    memcpy(u->path, path.ptr, path.len);
    u->root = make_root(s);
    code = u->root >= 0 ? check_target(s, u->root, u->path) : errno;
    if (code == 0)
        code = create_temp(u);
    if (code != 0) {
        enum mill_status st = failed(code, "store", u->path, err);

        free_upload(u, true);
        return st;
    }
    *out = &u->base;
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
        close_keeping_errno(fd);
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
    for (int i = 0; i < MAX_RETRIES; i++) {
        if (empty_directory(dir, name, depth) != 0 && errno != ENOENT)
            return -1;
        if (unlinkat(dir, name, AT_REMOVEDIR) == 0 || errno == ENOENT)
            return 0;
        if (errno != ENOTEMPTY && errno != EEXIST)
            return -1;
    }
    return -1;
}

static enum mill_status local_remove(struct mill_artifact_store *store, struct mill_view path,
                                     struct mill_error *err)
{
    const struct local_store *s = (const struct local_store *)store;
    char buffer[PATH_MAX];
    const char *leaf;
    int root = open_root(s);
    int dir = root >= 0 ? open_parent(s, root, path.ptr, false, buffer, &leaf) : -1;
    int result = dir >= 0 ? remove_entry(dir, leaf, 0) : -1;
    enum mill_status st = MILL_OK;

    if (result != 0 && errno != ENOENT && errno != ENOTDIR)
        st = failed(errno, "remove", path.ptr, err);
    close_keeping_errno(dir);
    close_keeping_errno(root);
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
    const struct local_store *s = (const struct local_store *)store;
    struct mill_view rest;

    if (mill_view_starts(path, MILL_VIEW("/")))
        return cut_root(s->given, path, below_out) || cut_root(s->root, path, below_out);
    /* A relative path is below the working directory; the root may be, too. */
    if (cut_root(s->cwd, mill_view_of(s->given), &rest))
        return rest.len == 0 ? (*below_out = path, true)
                             : rest.len <= path.len && cut_root(rest.ptr, path, below_out);
    return false;
}

static void local_close(struct mill_artifact_store *store)
{
    struct local_store *s = (struct local_store *)store;

    mill_free(s->given);
    mill_free(s->root);
    mill_free(s->cwd);
    mill_free(s);
}

static const struct mill_artifact_ops local_ops = {
    .scheme = "file",
    .list = local_list,
    .open = local_file,
    .upload = local_upload,
    .remove = local_remove,
    .holds = local_holds,
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

/* Removes the uploads of processes that are gone: those that nobody has locked. */
static void remove_stale(const struct local_store *s)
{
    DIR *stream = opendir(s->root);
    const struct dirent *entry;

    if (stream == NULL)
        return;
    while ((entry = readdir(stream)) != NULL) {
        int dir = dirfd(stream);
        int fd;

        if (strncmp(entry->d_name, MILL_UPLOAD_PREFIX, sizeof(MILL_UPLOAD_PREFIX) - 1) != 0)
            continue;
        fd = openat(dir, entry->d_name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
        if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0)
            unlinkat(dir, entry->d_name, 0);
        if (fd >= 0)
            close(fd);
    }
    closedir(stream);
}

enum mill_status mill_artifact_local_open(struct mill_view path,
                                          struct mill_artifact_store **out,
                                          struct mill_error *err)
{
    char cwd[PATH_MAX];
    char given[PATH_MAX];
    char root[PATH_MAX];
    struct stat info;
    struct local_store *s;

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
        return no_memory(err);
    s->base.ops = &local_ops;
    s->given = copy_text(given);
    s->root = copy_text(root);
    s->cwd = copy_text(cwd);
    if (s->given == NULL || s->root == NULL || s->cwd == NULL) {
        local_close(&s->base);
        return no_memory(err);
    }
    remove_stale(s);
    *out = &s->base;
    return MILL_OK;
}
