/* download.c - files and trees of a run or a logged model into a local directory. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "artifact/path.h"
#include "base/clock.h"
#include "base/os.h"
#include "base/view.h"
#include "client/transfer.h"

/* --- moving ---------------------------------------------------------------------------- */

/* A name beside local that no other transfer uses; absent when memory is out. */
static struct mill_view aside_name(struct mill_view local, struct mill_arena *arena)
{
    char random[33];
    mill_random_hex32(random);
    return mill_arena_printf(arena, "%.*s.part-%.8s", MILL_FMT(local), random);
}

/* Fetches a file to its place: written aside first, so that it is never seen half done. */
static enum mill_status fetch_file(struct mill_transfer *t,
                                   const struct mill_transfer_item *item,
                                   struct mill_local_file *file, struct mill_error *err)
{
    struct mill_arena arena = {0};
    struct stat info = {0};
    struct mill_view aside = aside_name(item->local, &arena);
    if (aside.ptr == NULL)
        return mill_no_memory(err);
    file->fd = open(aside.ptr, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (file->fd < 0) {
        mill_arena_release(&arena);
        return mill_file_failed(item->local, "write", err);
    }
    enum mill_status st = t->files->ops->get(t->files, item->path, file, err);
    if (st == MILL_OK && fstat(file->fd, &info) != 0)
        st = mill_file_failed(item->local, "write", err);
    if (st == MILL_OK && item->bytes != MILL_ABSENT && info.st_size != item->bytes)
        st = mill_fail(err, MILL_E_IO, "'%.*s' was listed with %lld bytes but has %lld",
                       MILL_FMT(item->path), (long long)item->bytes, (long long)info.st_size);
    if (close(file->fd) != 0 && st == MILL_OK)
        st = mill_file_failed(item->local, "write", err);
    if (st == MILL_OK && rename(aside.ptr, item->local.ptr) != 0)
        st = mill_file_failed(item->local, "write", err);
    if (st != MILL_OK)
        unlink(aside.ptr);
    file->bytes = info.st_size;
    mill_arena_release(&arena);
    return st;
}

/* --- making the list ------------------------------------------------------------------- */

/* path is NUL-terminated. */
static enum mill_status make_directories(struct mill_view path, struct mill_error *err)
{
    errno = mill_make_directories(path.ptr);
    return errno == 0 ? MILL_OK : mill_file_failed(path, "make directory", err);
}

/* A server's names are not trusted: none may lead out of the directory. */
static enum mill_status check_name(struct mill_transfer *t, struct mill_view name,
                                   struct mill_error *err)
{
    struct mill_view ignored;
    if (memchr(name.ptr, '/', name.len) != NULL)
        return mill_fail(err, MILL_E_INVALID, "the server sent '%.*s' as a file name",
                         MILL_FMT(name));
    return mill_artifact_path_check(name, MILL_PATH_ENTRY, &t->arena, &ignored, err);
}

/* Lists the content of a directory, to go into local, which is made. */
static enum mill_status add_directory(struct mill_transfer *t, struct mill_view path,
                                      struct mill_view local, int depth, struct mill_error *err)
{
    const struct mill_file_info *infos = NULL;
    size_t count = 0;
    if (depth > MILL_TRANSFER_DEPTH)
        return mill_fail(err, MILL_E_INVALID, "'%.*s' is more than %d directories deep",
                         MILL_FMT(path), MILL_TRANSFER_DEPTH);
    enum mill_status st = make_directories(local, err);
    if (st == MILL_OK)
        st = t->files->ops->list(t->files, path, &t->arena, &infos, &count, err);
    for (size_t i = 0; i < count && st == MILL_OK; i++) {
        struct mill_view name = infos[i].path;
        st = check_name(t, name, err);
        struct mill_view below = mill_path_join(path, name, &t->arena);
        struct mill_view target = mill_path_join(local, name, &t->arena);
        if (st == MILL_OK && (below.ptr == NULL || target.ptr == NULL))
            st = mill_no_memory(err);
        if (st == MILL_OK)
            st = infos[i].is_dir ? add_directory(t, below, target, depth + 1, err)
                                 : mill_transfer_add(t, target, below, infos[i].file_size, err);
    }
    return st;
}

/* The entry of path in its directory; *found_out NULL when there is none. */
static enum mill_status look_up(struct mill_transfer *t, struct mill_view path,
                                const struct mill_file_info **found_out, struct mill_error *err)
{
    const struct mill_file_info *infos = NULL;
    size_t count = 0;
    const char *slash = memrchr(path.ptr, '/', path.len);
    size_t parent = slash != NULL ? (size_t)(slash - path.ptr) : 0;
    struct mill_view name = mill_view_from(path, slash != NULL ? parent + 1 : 0);
    enum mill_status st = t->files->ops->list(t->files, (struct mill_view){path.ptr, parent},
                                              &t->arena, &infos, &count, err);
    *found_out = NULL;
    for (size_t i = 0; i < count && st == MILL_OK; i++)
        if (mill_view_eq(infos[i].path, name))
            *found_out = &infos[i];
    return st;
}

static enum mill_status add_any(struct mill_transfer *t, struct mill_view path,
                                struct mill_view local, struct mill_error *err)
{
    const struct mill_file_info *found;
    if (path.len == 0)
        return add_directory(t, path, local, 0, err);
    enum mill_status st = look_up(t, path, &found, err);
    if (st == MILL_OK && found == NULL)
        st = mill_fail(err, MILL_E_NOT_FOUND, "the %s has no artifact '%.*s'",
                       mill_owner_noun(t->owner), MILL_FMT(path));
    if (st == MILL_OK)
        st = make_directories(local, err);
    if (st != MILL_OK)
        return st;
    struct mill_view target = mill_path_join(local, found->path, &t->arena);
    if (target.ptr == NULL)
        return mill_no_memory(err);
    return found->is_dir ? add_directory(t, path, target, 0, err)
                         : mill_transfer_add(t, target, path, found->file_size, err);
}

/* --- the call -------------------------------------------------------------------------- */

static enum mill_status download(struct mill_transfer *t, struct mill_client *client,
                                 struct mill_view path, struct mill_view local_dir,
                                 struct mill_error *err)
{
    struct mill_view checked;
    struct mill_view local =
        mill_arena_copy(&t->arena, mill_view_empty(local_dir) ? MILL_VIEW(".") : local_dir);
    enum mill_status st = local.ptr == NULL ? mill_no_memory(err) : MILL_OK;
    if (st == MILL_OK)
        st = mill_artifact_path_check(path, MILL_PATH_ANY, &t->arena, &checked, err);
    if (st == MILL_OK)
        st = mill_open_files(client, t->owner, &t->arena, NULL, &t->files, err);
    if (st == MILL_OK)
        st = add_any(t, checked, local, err);
    if (st == MILL_OK)
        st = mill_transfer_run(t, fetch_file, err);
    return st;
}

enum mill_status mill_download_from(struct mill_client *client,
                                    const struct mill_file_owner *owner, struct mill_view path,
                                    struct mill_view local_dir,
                                    const struct mill_transfer_options *options,
                                    struct mill_error *err)
{
    struct mill_transfer t;
    if (client == NULL)
        return mill_fail(err, MILL_E_INVALID, "client is NULL");
    enum mill_status st = mill_check_owner(owner, err);
    if (st == MILL_OK)
        st = mill_check_local("local_dir", local_dir, err);
    if (st == MILL_OK)
        st = mill_check_path("path", path, err);
    if (st != MILL_OK)
        return st;
    st = mill_transfer_open(&t, owner, options, err);
    if (st == MILL_OK)
        st = download(&t, client, path, local_dir, err);
    mill_transfer_close(&t);
    return st;
}

enum mill_status mill_client_download_artifacts(struct mill_client *client,
                                                struct mill_view run_id, struct mill_view path,
                                                struct mill_view local_dir,
                                                const struct mill_transfer_options *options,
                                                struct mill_error *err)
{
    struct mill_file_owner owner = {MILL_FILES_OF_RUN, run_id};
    return mill_download_from(client, &owner, path, local_dir, options, err);
}
