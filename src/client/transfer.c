/* transfer.c - lists of artifacts, and what uploads and downloads share. */
#include "client/transfer.h"

#include <errno.h>

#include "artifact/path.h"
#include "base/view.h"

static enum mill_status no_memory(struct mill_error *err)
{
    return mill_fail(err, MILL_E_NOMEM, "out of memory");
}

enum mill_status mill_transfer_open(struct mill_client *client, struct mill_view run_id,
                                    struct mill_arena *arena, struct mill_view *root_out,
                                    struct mill_files **out, struct mill_error *err)
{
    struct mill_run_list *run = NULL;
    enum mill_status st = mill_client_get_run(client, run_id, &run, err);
    if (st != MILL_OK)
        return st;
    bool known = run->items[0]->info.artifact_uri.len > 0;
    struct mill_view root = mill_arena_copy(arena, run->items[0]->info.artifact_uri);
    mill_run_list_free(run);
    if (known && root.ptr == NULL)
        return no_memory(err);
    if (!known)
        return mill_fail(err, MILL_E_UNSUPPORTED, "run %.*s has no artifact location",
                         MILL_FMT(run_id));
    if (root_out != NULL)
        *root_out = root;
    return client->backend->ops->open_files(client->backend, root, out, err);
}

bool mill_transfer_bytes(void *context, int64_t bytes)
{
    struct mill_transfer *t = context;
    if (t->options == NULL || t->options->progress == NULL)
        return true;
    t->progress.bytes = t->done_bytes + bytes;
    return t->options->progress(t->options->context, &t->progress);
}

enum mill_status mill_transfer_finished(struct mill_transfer *t, int64_t bytes,
                                        struct mill_error *err)
{
    t->done_bytes += bytes;
    t->progress.files++;
    if (!mill_transfer_bytes(t, 0))
        return mill_fail(err, MILL_E_CANCELLED, "the transfer was cancelled");
    return MILL_OK;
}

enum mill_status mill_transfer_failed(struct mill_view path, const char *doing,
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

void mill_transfer_close(struct mill_transfer *t)
{
    if (t->files != NULL)
        t->files->ops->close(t->files);
    mill_arena_release(&t->arena);
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
        st = mill_transfer_open(client, run_id, arena, &result->list.root_uri, &files, err);
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
