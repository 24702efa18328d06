/* local_upload.c - uploads to the local artifact store: a file aside in the root, renamed when
 * it is complete. */
#include "artifact/local.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/view.h"

#define WRITEBACK_BYTES (8 << 20)

/* A file on its way: written under temp in the root, locked for as long as it is there. */
struct local_upload {
    struct mill_artifact_upload base;
    struct mill_local_store *store;
    int root;
    int fd;
    off_t written;
    off_t on_its_way; /* to the disk: the bytes before have been handed over */
    char temp[sizeof(MILL_UPLOAD_PREFIX) + 32];
    char path[];
};

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

/* Hands what was written to the disk now and then, so that commit need not wait for all of it
 * at once. Only a hint: commit syncs in any case. */
static void start_writeback(struct local_upload *u)
{
    off_t waiting = u->written - u->on_its_way;

    if (waiting < WRITEBACK_BYTES)
        return;
    (void)sync_file_range(u->fd, u->on_its_way, waiting, SYNC_FILE_RANGE_WRITE);
    u->on_its_way = u->written;
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
            return mill_local_failed(errno, "store", u->path, err);
        bytes = mill_view_from(bytes, (size_t)n);
        u->written += n;
    }
    start_writeback(u);
    return MILL_OK;
}

int mill_local_put_in_place(const struct mill_local_store *s, int root, int from,
                            const char *name, const char *path)
{
    char buffer[PATH_MAX];
    const char *leaf;

    for (int i = 0; i < MILL_LOCAL_RETRIES; i++) {
        int dir = mill_local_open_parent(s, root, path, true, buffer, &leaf);
        int result = dir >= 0 ? renameat(from, name, dir, leaf) : -1;

        mill_local_close(dir);
        if (result == 0)
            return 0;
        if (errno != ENOENT)
            break;
    }
    return errno;
}

enum mill_status mill_local_not_stored(int code, const char *path, struct mill_error *err)
{
    /* ENOENT would read as if the client had asked for a missing file. */
    if (code == ENOENT)
        return mill_fail(err, MILL_E_CONFLICT,
                         "cannot store artifact '%.300s': its directory is being removed",
                         path);
    return mill_local_failed(code, "store", path, err);
}

static enum mill_status upload_commit(struct mill_artifact_upload *upload,
                                      struct mill_error *err)
{
    struct local_upload *u = (struct local_upload *)upload;
    int code = fdatasync(u->fd) == 0
                   ? mill_local_put_in_place(u->store, u->root, u->root, u->temp, u->path)
                   : errno;
    enum mill_status st = code == 0 ? MILL_OK : mill_local_not_stored(code, u->path, err);

    free_upload(u, code != 0);
    return st;
}

int mill_local_check_target(const struct mill_local_store *s, int root, const char *path)
{
    struct stat info;
    int fd = mill_local_open_below(s, root, path, O_PATH);
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

enum mill_status mill_local_upload(struct mill_artifact_store *store, struct mill_view path,
                                   struct mill_artifact_upload **out, struct mill_error *err)
{
    struct mill_local_store *s = (struct mill_local_store *)store;
    struct local_upload *u = mill_alloc_zero(1, sizeof(*u) + path.len + 1);
    int code;

    if (u == NULL)
        return mill_local_no_memory(err);
    u->base = (struct mill_artifact_upload){upload_write, upload_commit, upload_abort};
    u->store = s;
    u->fd = -1;
    memcpy(u->path, path.ptr, path.len);
    mill_local_sweep_parts(s);
    u->root = mill_local_make_root(s);
    code = u->root >= 0 ? mill_local_check_target(s, u->root, u->path) : errno;
    if (code == 0)
        code = create_temp(u);
    if (code != 0) {
        enum mill_status st = mill_local_failed(code, "store", u->path, err);

        free_upload(u, true);
        return st;
    }
    *out = &u->base;
    return MILL_OK;
}

void mill_local_remove_stale(const struct mill_local_store *s)
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
