/* upload.c - local files and trees into a run. */
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "artifact/path.h"
#include "base/view.h"
#include "client/transfer.h"

static enum mill_status no_memory(struct mill_error *err)
{
    return mill_fail(err, MILL_E_NOMEM, "out of memory");
}

/* Sends one open file of that size to path. */
static enum mill_status send_file(struct mill_transfer *t, int fd, int64_t bytes,
                                  struct mill_view path, struct mill_error *err)
{
    struct mill_local_file file = {
        .fd = fd, .bytes = bytes, .progress = mill_transfer_bytes, .context = t};
    t->progress.path = path;
    enum mill_status st = t->files->ops->put(t->files, path, &file, err);
    return st == MILL_OK ? mill_transfer_finished(t, bytes, err) : st;
}

/* Sends a file, or what is below a directory, to path. */
static enum mill_status send_any(struct mill_transfer *t, struct mill_view local,
                                 struct mill_view path, int depth, struct mill_error *err);

/* Names of a directory in order, so that a transfer is the same each time. */
static enum mill_status send_directory(struct mill_transfer *t, struct mill_view local,
                                       struct mill_view path, int depth, struct mill_error *err)
{
    struct dirent **entries = NULL;
    enum mill_status st = MILL_OK;
    if (depth > MILL_TRANSFER_DEPTH)
        return mill_fail(err, MILL_E_INVALID,
                         "'%.*s' is more than %d directories deep: a loop of links?",
                         MILL_FMT(local), MILL_TRANSFER_DEPTH);
    int count = scandir(local.ptr, &entries, NULL, alphasort);
    if (count < 0)
        return mill_transfer_failed(local, "read directory", err);
    for (int i = 0; i < count; i++) {
        struct mill_view name = mill_view_of(entries[i]->d_name);
        bool skip = mill_view_eq(name, MILL_VIEW(".")) || mill_view_eq(name, MILL_VIEW(".."));
        if (st == MILL_OK && !skip) {
            struct mill_view below = mill_path_join(local, name, &t->arena);
            struct mill_view target = mill_path_join(path, name, &t->arena);
            st = below.ptr == NULL || target.ptr == NULL
                     ? no_memory(err)
                     : send_any(t, below, target, depth + 1, err);
        }
        free(entries[i]); /* scandir's own allocation, as is the list */
    }
    free(entries);
    return st;
}

static enum mill_status send_any(struct mill_transfer *t, struct mill_view local,
                                 struct mill_view path, int depth, struct mill_error *err)
{
    struct stat info;
    enum mill_status st = MILL_OK;
    int fd = open(local.ptr, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0 || fstat(fd, &info) != 0)
        st = mill_transfer_failed(local, "read", err);
    else if (S_ISDIR(info.st_mode))
        st = send_directory(t, local, path, depth, err);
    else if (S_ISREG(info.st_mode))
        st = send_file(t, fd, info.st_size, path, err);
    else
        st = mill_fail(err, MILL_E_INVALID, "'%.*s' is neither a file nor a directory",
                       MILL_FMT(local));
    if (fd >= 0)
        close(fd);
    return st;
}

/* Where the top of a transfer goes: a file keeps its name, a directory gives its content. */
static enum mill_status top_target(struct mill_arena *arena, struct mill_view local,
                                   struct mill_view folder, struct mill_view *out,
                                   struct mill_error *err)
{
    struct stat info;
    *out = folder;
    if (stat(local.ptr, &info) != 0)
        return mill_transfer_failed(local, "read", err);
    if (S_ISDIR(info.st_mode))
        return MILL_OK;
    const char *slash = memrchr(local.ptr, '/', local.len);
    struct mill_view name =
        slash != NULL ? mill_view_from(local, (size_t)(slash + 1 - local.ptr)) : local;
    *out = mill_path_join(folder, name, arena);
    return out->ptr != NULL ? MILL_OK : no_memory(err);
}

enum mill_status mill_client_upload_artifacts(struct mill_client *client,
                                              struct mill_view run_id,
                                              struct mill_view local_path,
                                              struct mill_view directory,
                                              const struct mill_transfer_options *options,
                                              struct mill_error *err)
{
    struct mill_transfer t = {.options = options, .progress = {.bytes_total = MILL_ABSENT}};
    struct mill_view folder, target;
    if (client->read_only)
        return mill_fail(err, MILL_E_DENIED, "the client was opened for reading only");
    if (mill_view_empty(local_path))
        return mill_fail(err, MILL_E_INVALID, "the local path is empty");
    struct mill_view local = mill_arena_copy(&t.arena, local_path);
    enum mill_status st = local.ptr == NULL ? no_memory(err) : MILL_OK;
    if (st == MILL_OK)
        st = mill_artifact_path_check(directory, MILL_PATH_ANY, &t.arena, &folder, err);
    if (st == MILL_OK)
        st = top_target(&t.arena, local, folder, &target, err);
    if (st == MILL_OK)
        st = mill_transfer_open(client, run_id, &t.arena, NULL, &t.files, err);
    if (st == MILL_OK)
        st = send_any(&t, local, target, 0, err);
    mill_transfer_close(&t);
    return st;
}
