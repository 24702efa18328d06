/* upload.c - local files and trees into a run or a logged model. */
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "artifact/path.h"
#include "base/os.h"
#include "base/view.h"
#include "client/transfer.h"

/* --- moving ---------------------------------------------------------------------------- */

static enum mill_status send_file(struct mill_transfer *t,
                                  const struct mill_transfer_item *item,
                                  struct mill_local_file *file, struct mill_error *err)
{
    struct stat info;
    enum mill_status st;
    /* O_NONBLOCK: a pipe that has taken the place of the file must not hold us up. */
    file->fd = open(item->local.ptr, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file->fd < 0 || fstat(file->fd, &info) != 0) {
        st = mill_file_failed(item->local, "read", err);
    } else if (!S_ISREG(info.st_mode)) {
        st = mill_fail(err, MILL_E_INVALID, "'%.*s' is not a file any more",
                       MILL_FMT(item->local));
    } else {
        file->bytes = info.st_size;
        st = t->files->ops->put(t->files, item->path, file, err);
    }
    if (file->fd >= 0)
        close(file->fd);
    return st;
}

/* --- making the list ------------------------------------------------------------------- */

/* Adds a file, or what is below a directory, to be stored at path. */
static enum mill_status add_any(struct mill_transfer *t, struct mill_view local,
                                struct mill_view path, int depth, struct mill_error *err);

/* Names of a directory in order, so that a transfer is the same each time. */
static enum mill_status add_directory(struct mill_transfer *t, struct mill_view local,
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
        return mill_file_failed(local, "read directory", err);
    for (int i = 0; i < count; i++) {
        struct mill_view name = mill_view_of(entries[i]->d_name);
        bool skip = mill_view_eq(name, MILL_VIEW(".")) || mill_view_eq(name, MILL_VIEW(".."));
        if (st == MILL_OK && !skip) {
            struct mill_view below = mill_path_join(local, name, &t->arena);
            struct mill_view target = mill_path_join(path, name, &t->arena);
            st = below.ptr == NULL || target.ptr == NULL
                     ? mill_no_memory(err)
                     : add_any(t, below, target, depth + 1, err);
        }
        free(entries[i]); /* scandir's own allocation, as is the list */
    }
    free(entries);
    return st;
}

static enum mill_status add_any(struct mill_transfer *t, struct mill_view local,
                                struct mill_view path, int depth, struct mill_error *err)
{
    struct stat info;
    if (stat(local.ptr, &info) != 0)
        return mill_file_failed(local, "read", err);
    if (S_ISDIR(info.st_mode))
        return add_directory(t, local, path, depth, err);
    if (S_ISREG(info.st_mode))
        return mill_transfer_add(t, local, path, info.st_size, err);
    return mill_fail(err, MILL_E_INVALID, "'%.*s' is neither a file nor a directory",
                     MILL_FMT(local));
}

/* The name of a file or directory: the last part of its path, which "." and ".." do not say. */
static enum mill_status own_name(struct mill_transfer *t, struct mill_view local,
                                 struct mill_view *out, struct mill_error *err)
{
    char real[PATH_MAX];
    while (local.len > 1 && mill_view_ends(local, MILL_VIEW("/")))
        local.len--;
    if (mill_view_ends(local, MILL_VIEW("."))) {
        if (realpath(local.ptr, real) == NULL)
            return mill_file_failed(local, "read", err);
        local = mill_arena_copy(&t->arena, mill_view_of(real));
        if (local.ptr == NULL)
            return mill_no_memory(err);
    }
    const char *slash = memrchr(local.ptr, '/', local.len);
    *out = slash != NULL ? mill_view_from(local, (size_t)(slash + 1 - local.ptr)) : local;
    return MILL_OK;
}

/* --- the calls ------------------------------------------------------------------------- */

/* Stores local in a folder of its new owner, under its own name if that is wanted. */
static enum mill_status upload(struct mill_transfer *t, struct mill_client *client,
                               struct mill_view given, struct mill_view directory,
                               bool under_name, struct mill_error *err)
{
    struct mill_view target, name = {NULL, 0};
    struct mill_view local = mill_arena_copy(&t->arena, given);
    enum mill_status st = local.ptr == NULL ? mill_no_memory(err) : MILL_OK;
    if (st == MILL_OK)
        st = mill_artifact_path_check(directory, MILL_PATH_ANY, &t->arena, &target, err);
    if (st == MILL_OK && under_name)
        st = own_name(t, local, &name, err);
    if (st == MILL_OK && under_name) {
        target = mill_path_join(target, name, &t->arena);
        st = target.ptr == NULL ? mill_no_memory(err) : MILL_OK;
    }
    if (st == MILL_OK)
        st = add_any(t, local, target, 0, err);
    if (st == MILL_OK)
        st = mill_open_files(client, t->owner, &t->arena, NULL, &t->files, err);
    if (st == MILL_OK)
        st = mill_transfer_run(t, send_file, err);
    return st;
}

/* What the two calls have in common. */
static enum mill_status log_any(struct mill_client *client, const struct mill_file_owner *owner,
                                struct mill_view local, const char *local_name,
                                struct mill_view directory, bool under_name,
                                const struct mill_transfer_options *options,
                                struct mill_error *err)
{
    struct mill_transfer t;
    if (client == NULL)
        return mill_fail(err, MILL_E_INVALID, "client is NULL");
    if (client->read_only)
        return mill_fail(err, MILL_E_DENIED, "the client was opened for reading only");
    if (mill_view_empty(local))
        return mill_fail(err, MILL_E_INVALID, "%s is empty", local_name);
    enum mill_status st = mill_check_owner(owner, err);
    if (st == MILL_OK)
        st = mill_check_local(local_name, local, err);
    if (st == MILL_OK)
        st = mill_check_path("directory", directory, err);
    if (st != MILL_OK)
        return st;
    st = mill_transfer_open(&t, owner, options, err);
    if (st == MILL_OK)
        st = upload(&t, client, local, directory, under_name, err);
    mill_transfer_close(&t);
    return st;
}

enum mill_status mill_upload_to(struct mill_client *client, const struct mill_file_owner *owner,
                                struct mill_view local_path, struct mill_view directory,
                                const struct mill_transfer_options *options,
                                struct mill_error *err)
{
    return log_any(client, owner, local_path, "local_path", directory, true, options, err);
}

enum mill_status mill_upload_content_to(struct mill_client *client,
                                        const struct mill_file_owner *owner,
                                        struct mill_view local_dir, struct mill_view directory,
                                        const struct mill_transfer_options *options,
                                        struct mill_error *err)
{
    struct mill_arena arena = {0};
    struct stat info;
    enum mill_status st = mill_check_local("local_dir", local_dir, err);
    if (st != MILL_OK)
        return st;
    struct mill_view path = mill_arena_copy(&arena, local_dir);
    if (!mill_view_empty(local_dir) && path.ptr == NULL)
        st = mill_no_memory(err);
    else if (!mill_view_empty(path) && stat(path.ptr, &info) == 0 && !S_ISDIR(info.st_mode))
        st = mill_fail(err, MILL_E_INVALID,
                       "local_dir '%.*s' is not a directory; mill_client_log_artifact stores "
                       "single files",
                       MILL_FMT(mill_utf8_prefix(path, 300)));
    mill_arena_release(&arena);
    return st == MILL_OK
               ? log_any(client, owner, local_dir, "local_dir", directory, false, options, err)
               : st;
}

enum mill_status mill_client_log_artifact(struct mill_client *client, struct mill_view run_id,
                                          struct mill_view local_path,
                                          struct mill_view directory,
                                          const struct mill_transfer_options *options,
                                          struct mill_error *err)
{
    struct mill_file_owner owner = {MILL_FILES_OF_RUN, run_id};
    return mill_upload_to(client, &owner, local_path, directory, options, err);
}

enum mill_status mill_client_log_artifacts(struct mill_client *client, struct mill_view run_id,
                                           struct mill_view local_dir,
                                           struct mill_view directory,
                                           const struct mill_transfer_options *options,
                                           struct mill_error *err)
{
    struct mill_file_owner owner = {MILL_FILES_OF_RUN, run_id};
    return mill_upload_content_to(client, &owner, local_dir, directory, options, err);
}
