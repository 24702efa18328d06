/* transfer.c - artifacts of a run: lists, and files and whole trees up and down. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "artifact/path.h"
#include "base/clock.h"
#include "base/view.h"
#include "client/client.h"

/* Directories below each other that a transfer follows; ends loops of symbolic links. */
#define MAX_DEPTH 64

/* One call of upload or download. */
struct transfer {
    struct mill_files *files;
    struct mill_arena arena;
    const struct mill_transfer_options *options;
    struct mill_progress progress;
    int64_t done_bytes; /* of finished files */
};

static enum mill_status no_memory(struct mill_error *err)
{
    return mill_fail(err, MILL_E_NOMEM, "out of memory");
}

/* Opens the files of a run; root_out (may be NULL) gets their location, in arena. */
static enum mill_status open_files(struct mill_client *client, struct mill_view run_id,
                                   struct mill_arena *arena, struct mill_view *root_out,
                                   struct mill_files **out, struct mill_error *err)
{
    struct mill_run_list *run = NULL;
    enum mill_status st = mill_client_get_run(client, run_id, &run, err);
    if (st != MILL_OK)
        return st;
    struct mill_view root = mill_arena_copy(arena, run->items[0]->info.artifact_uri);
    mill_run_list_free(run);
    if (root.ptr == NULL)
        return mill_fail(err, MILL_E_UNSUPPORTED, "run %.*s has no artifact location",
                         MILL_FMT(run_id));
    if (root_out != NULL)
        *root_out = root;
    return client->backend->ops->open_files(client->backend, root, out, err);
}

static bool on_bytes(void *context, int64_t bytes)
{
    struct transfer *t = context;
    if (t->options == NULL || t->options->progress == NULL)
        return true;
    t->progress.bytes = t->done_bytes + bytes;
    return t->options->progress(t->options->context, &t->progress);
}

/* Counts a finished file and tells about it. */
static enum mill_status finished(struct transfer *t, int64_t bytes, struct mill_error *err)
{
    t->done_bytes += bytes;
    t->progress.files++;
    if (!on_bytes(t, 0))
        return mill_fail(err, MILL_E_CANCELLED, "the transfer was cancelled");
    return MILL_OK;
}

enum mill_status mill_client_list_artifacts(struct mill_client *client, struct mill_view run_id,
                                            struct mill_view path,
                                            struct mill_file_list **list_out,
                                            struct mill_error *err)
{
    struct mill_file_result *result = mill_file_result_new();
    struct mill_files *files = NULL;
    const struct mill_file_info *infos = NULL;
    size_t count = 0;
    struct mill_view folder;
    if (result == NULL)
        return no_memory(err);
    struct mill_arena *arena = &result->arena;
    enum mill_status st = mill_artifact_path_check(path, MILL_PATH_ANY, arena, &folder, err);
    if (st == MILL_OK)
        st = open_files(client, run_id, arena, &result->list.root_uri, &files, err);
    if (st == MILL_OK)
        st = files->ops->list(files, folder, arena, &infos, &count, err);
    if (st == MILL_OK) {
        struct mill_file_info *items = mill_arena_zero(arena, count + 1, sizeof(*items));
        const struct mill_file_info **list = mill_arena_zero(arena, count + 1, sizeof(*list));
        if (items == NULL || list == NULL)
            st = no_memory(err);
        for (size_t i = 0; i < count && st == MILL_OK; i++) {
            items[i] = infos[i];
            items[i].path = mill_path_join(folder, infos[i].path, arena);
            if (!items[i].is_dir && items[i].file_size == MILL_ABSENT)
                items[i].file_size = 0; /* servers leave a size of 0 out */
            list[i] = &items[i];
            if (items[i].path.ptr == NULL)
                st = no_memory(err);
        }
        result->list.count = count;
        result->list.items = list;
    }
    if (files != NULL)
        files->ops->close(files);
    if (st != MILL_OK) {
        mill_file_list_free(&result->list);
        return st;
    }
    *list_out = &result->list;
    return MILL_OK;
}

/* --- up -------------------------------------------------------------------------------- */

static enum mill_status local_failed(struct mill_view path, const char *doing,
                                     struct mill_error *err)
{
    int error = errno;
    enum mill_status st = error == ENOENT || error == ENOTDIR       ? MILL_E_NOT_FOUND
                          : error == EACCES || error == EPERM       ? MILL_E_DENIED
                          : error == ENOSPC || error == EDQUOT      ? MILL_E_FULL
                          : error == ELOOP || error == ENAMETOOLONG ? MILL_E_INVALID
                                                                    : MILL_E_IO;
    return mill_fail(err, st, "cannot %s '%.*s': %s", doing, MILL_FMT(path), strerror(error));
}

/* Sends one open file of that size to path. */
static enum mill_status send_file(struct transfer *t, int fd, int64_t bytes,
                                  struct mill_view path, struct mill_error *err)
{
    struct mill_local_file file = {
        .fd = fd, .bytes = bytes, .progress = on_bytes, .context = t};
    t->progress.path = path;
    enum mill_status st = t->files->ops->put(t->files, path, &file, err);
    return st == MILL_OK ? finished(t, bytes, err) : st;
}

/* Sends a file, or what is below a directory, to path. */
static enum mill_status send_any(struct transfer *t, struct mill_view local,
                                 struct mill_view path, int depth, struct mill_error *err);

/* Names of a directory in order, so that a transfer is the same each time. */
static enum mill_status send_directory(struct transfer *t, struct mill_view local,
                                       struct mill_view path, int depth, struct mill_error *err)
{
    struct dirent **entries = NULL;
    enum mill_status st = MILL_OK;
    if (depth > MAX_DEPTH)
        return mill_fail(err, MILL_E_INVALID,
                         "'%.*s' is more than %d directories deep: a loop of links?",
                         MILL_FMT(local), MAX_DEPTH);
    int count = scandir(local.ptr, &entries, NULL, alphasort);
    if (count < 0)
        return local_failed(local, "read directory", err);
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

static enum mill_status send_any(struct transfer *t, struct mill_view local,
                                 struct mill_view path, int depth, struct mill_error *err)
{
    struct stat info;
    enum mill_status st = MILL_OK;
    int fd = open(local.ptr, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0 || fstat(fd, &info) != 0)
        st = local_failed(local, "read", err);
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
        return local_failed(local, "read", err);
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
    struct transfer t = {.options = options, .progress = {.bytes_total = MILL_ABSENT}};
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
        st = open_files(client, run_id, &t.arena, NULL, &t.files, err);
    if (st == MILL_OK)
        st = send_any(&t, local, target, 0, err);
    if (t.files != NULL)
        t.files->ops->close(t.files);
    mill_arena_release(&t.arena);
    return st;
}

/* --- down ------------------------------------------------------------------------------ */

/* Makes a directory and those above it. path is NUL-terminated and is not kept changed. */
static enum mill_status make_directories(struct transfer *t, struct mill_view path,
                                         struct mill_error *err)
{
    char *text = mill_arena_cstr(&t->arena, path);
    if (text == NULL)
        return no_memory(err);
    for (size_t i = 1; i <= path.len; i++) {
        if (i < path.len && text[i] != '/')
            continue;
        text[i] = '\0';
        if (mkdir(text, 0777) != 0 && errno != EEXIST)
            return local_failed(path, "make directory", err);
        if (i < path.len)
            text[i] = '/';
    }
    return MILL_OK;
}

/* Fetches a file to local: written aside first, so that it is never seen half done. */
static enum mill_status fetch_file(struct transfer *t, struct mill_view path,
                                   struct mill_view local, struct mill_error *err)
{
    char random[33];
    mill_random_hex32(random);
    struct mill_view aside =
        mill_arena_printf(&t->arena, "%.*s.part-%.8s", MILL_FMT(local), random);
    if (aside.ptr == NULL)
        return no_memory(err);
    int fd = open(aside.ptr, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd < 0)
        return local_failed(local, "write", err);
    struct mill_local_file file = {.fd = fd, .progress = on_bytes, .context = t};
    t->progress.path = path;
    enum mill_status st = t->files->ops->get(t->files, path, &file, err);
    struct stat info = {0};
    if (st == MILL_OK && (fstat(fd, &info) != 0 || rename(aside.ptr, local.ptr) != 0))
        st = local_failed(local, "write", err);
    if (close(fd) != 0 && st == MILL_OK)
        st = local_failed(local, "write", err);
    if (st != MILL_OK) {
        unlink(aside.ptr);
        return st;
    }
    return finished(t, info.st_size, err);
}

/* Fetches the content of a directory into local, which exists. */
static enum mill_status fetch_directory(struct transfer *t, struct mill_view path,
                                        struct mill_view local, int depth,
                                        struct mill_error *err)
{
    const struct mill_file_info *infos = NULL;
    size_t count = 0;
    if (depth > MAX_DEPTH)
        return mill_fail(err, MILL_E_INVALID, "'%.*s' is more than %d directories deep",
                         MILL_FMT(path), MAX_DEPTH);
    enum mill_status st = make_directories(t, local, err);
    if (st == MILL_OK)
        st = t->files->ops->list(t->files, path, &t->arena, &infos, &count, err);
    for (size_t i = 0; i < count && st == MILL_OK; i++) {
        struct mill_view name, ignored;
        /* A server's names are not trusted: none may lead out of local. */
        st = mill_artifact_path_check(infos[i].path, MILL_PATH_ENTRY, &t->arena, &ignored, err);
        name = infos[i].path;
        if (st == MILL_OK && memchr(name.ptr, '/', name.len) != NULL)
            st = mill_fail(err, MILL_E_INVALID, "the server sent '%.*s' as a file name",
                           MILL_FMT(name));
        struct mill_view below = mill_path_join(path, name, &t->arena);
        struct mill_view target = mill_path_join(local, name, &t->arena);
        if (st == MILL_OK && (below.ptr == NULL || target.ptr == NULL))
            st = no_memory(err);
        if (st == MILL_OK)
            st = infos[i].is_dir ? fetch_directory(t, below, target, depth + 1, err)
                                 : fetch_file(t, below, target, err);
    }
    return st;
}

/* What path is, as its directory says: *found_out false when there is no such entry. */
static enum mill_status look_up(struct transfer *t, struct mill_view path, bool *found_out,
                                bool *is_dir_out, struct mill_view *name_out,
                                struct mill_error *err)
{
    const struct mill_file_info *infos = NULL;
    size_t count = 0;
    const char *slash = memrchr(path.ptr, '/', path.len);
    size_t parent = slash != NULL ? (size_t)(slash - path.ptr) : 0;
    struct mill_view name = mill_view_from(path, slash != NULL ? parent + 1 : 0);
    enum mill_status st = t->files->ops->list(t->files, (struct mill_view){path.ptr, parent},
                                              &t->arena, &infos, &count, err);
    *found_out = false;
    for (size_t i = 0; i < count && st == MILL_OK; i++)
        if (mill_view_eq(infos[i].path, name)) {
            *found_out = true;
            *is_dir_out = infos[i].is_dir;
        }
    *name_out = name;
    return st;
}

static enum mill_status fetch_any(struct transfer *t, struct mill_view path,
                                  struct mill_view local, struct mill_error *err)
{
    bool found, is_dir = false;
    struct mill_view name;
    if (path.len == 0)
        return fetch_directory(t, path, local, 0, err);
    enum mill_status st = look_up(t, path, &found, &is_dir, &name, err);
    if (st != MILL_OK)
        return st;
    if (!found)
        return mill_fail(err, MILL_E_NOT_FOUND, "the run has no artifact '%.*s'",
                         MILL_FMT(path));
    struct mill_view target = mill_path_join(local, name, &t->arena);
    if (target.ptr == NULL)
        return no_memory(err);
    st = make_directories(t, local, err);
    if (st != MILL_OK)
        return st;
    return is_dir ? fetch_directory(t, path, target, 0, err) : fetch_file(t, path, target, err);
}

enum mill_status mill_client_download_artifacts(struct mill_client *client,
                                                struct mill_view run_id, struct mill_view path,
                                                struct mill_view local_dir,
                                                const struct mill_transfer_options *options,
                                                struct mill_error *err)
{
    struct transfer t = {.options = options, .progress = {.bytes_total = MILL_ABSENT}};
    struct mill_view checked;
    struct mill_view local =
        mill_arena_copy(&t.arena, mill_view_empty(local_dir) ? MILL_VIEW(".") : local_dir);
    enum mill_status st = local.ptr == NULL ? no_memory(err) : MILL_OK;
    if (st == MILL_OK)
        st = mill_artifact_path_check(path, MILL_PATH_ANY, &t.arena, &checked, err);
    if (st == MILL_OK)
        st = open_files(client, run_id, &t.arena, NULL, &t.files, err);
    if (st == MILL_OK)
        st = fetch_any(&t, checked, local, err);
    if (t.files != NULL)
        t.files->ops->close(t.files);
    mill_arena_release(&t.arena);
    return st;
}
