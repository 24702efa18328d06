/* download.c - files and trees of a run into a local directory. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "artifact/path.h"
#include "base/clock.h"
#include "base/view.h"
#include "client/transfer.h"

static enum mill_status no_memory(struct mill_error *err)
{
    return mill_fail(err, MILL_E_NOMEM, "out of memory");
}

/* Makes a directory and those above it. path is NUL-terminated and is not kept changed. */
static enum mill_status make_directories(struct mill_transfer *t, struct mill_view path,
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
            return mill_transfer_failed(path, "make directory", err);
        if (i < path.len)
            text[i] = '/';
    }
    return MILL_OK;
}

/* Fetches a file to local: written aside first, so that it is never seen half done. */
static enum mill_status fetch_file(struct mill_transfer *t, struct mill_view path,
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
        return mill_transfer_failed(local, "write", err);
    struct mill_local_file file = {.fd = fd, .progress = mill_transfer_bytes, .context = t};
    t->progress.path = path;
    enum mill_status st = t->files->ops->get(t->files, path, &file, err);
    struct stat info = {0};
    if (st == MILL_OK && (fstat(fd, &info) != 0 || rename(aside.ptr, local.ptr) != 0))
        st = mill_transfer_failed(local, "write", err);
    if (close(fd) != 0 && st == MILL_OK)
        st = mill_transfer_failed(local, "write", err);
    if (st != MILL_OK) {
        unlink(aside.ptr);
        return st;
    }
    return mill_transfer_finished(t, info.st_size, err);
}

/* Fetches the content of a directory into local, which exists. */
static enum mill_status fetch_directory(struct mill_transfer *t, struct mill_view path,
                                        struct mill_view local, int depth,
                                        struct mill_error *err)
{
    const struct mill_file_info *infos = NULL;
    size_t count = 0;
    if (depth > MILL_TRANSFER_DEPTH)
        return mill_fail(err, MILL_E_INVALID, "'%.*s' is more than %d directories deep",
                         MILL_FMT(path), MILL_TRANSFER_DEPTH);
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
static enum mill_status look_up(struct mill_transfer *t, struct mill_view path, bool *found_out,
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

static enum mill_status fetch_any(struct mill_transfer *t, struct mill_view path,
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
    struct mill_transfer t = {.options = options, .progress = {.bytes_total = MILL_ABSENT}};
    struct mill_view checked;
    struct mill_view local =
        mill_arena_copy(&t.arena, mill_view_empty(local_dir) ? MILL_VIEW(".") : local_dir);
    enum mill_status st = local.ptr == NULL ? no_memory(err) : MILL_OK;
    if (st == MILL_OK)
        st = mill_artifact_path_check(path, MILL_PATH_ANY, &t.arena, &checked, err);
    if (st == MILL_OK)
        st = mill_transfer_open(client, run_id, &t.arena, NULL, &t.files, err);
    if (st == MILL_OK)
        st = fetch_any(&t, checked, local, err);
    mill_transfer_close(&t);
    return st;
}
