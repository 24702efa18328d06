/* files_local.c - artifact files in a directory of this machine. */
#include "base/os.h"
#include "files/files.h"

#include <errno.h>
#include <unistd.h>

#include "artifact/artifact.h"
#include "base/alloc.h"

#define CHUNK_BYTES ((size_t)1 << 18)

struct local_files {
    struct mill_files base;
    struct mill_artifact_store *store;
    struct mill_view below; /* the run's place in the store */
    struct mill_arena arena;
};

/* Copies from one file to a sink; put and get differ in what the sink is. */
static enum mill_status pump(int from, const struct mill_local_file *file,
                             struct mill_artifact_upload *upload, struct mill_error *err)
{
    enum mill_status st = MILL_OK;
    int64_t moved = 0;
    char *chunk = mill_alloc(CHUNK_BYTES);
    if (chunk == NULL)
        return mill_fail(err, MILL_E_NOMEM, "out of memory");
    for (;;) {
        ssize_t got = read(from, chunk, CHUNK_BYTES);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0) {
            st = mill_fail(err, MILL_E_IO, "cannot read a file: %s", strerror(errno));
            break;
        }
        if (got == 0)
            break;
        struct mill_view bytes = {chunk, (size_t)got};
        if (upload != NULL) {
            st = mill_artifact_upload_write(upload, bytes, err);
        } else {
            while (st == MILL_OK && bytes.len > 0) {
                ssize_t put = write(file->fd, bytes.ptr, bytes.len);
                if (put >= 0)
                    bytes = mill_view_from(bytes, (size_t)put);
                else if (errno != EINTR)
                    st = mill_fail(err, mill_errno_status(errno), "cannot write a file: %s",
                                   strerror(errno));
            }
        }
        moved += got;
        if (st == MILL_OK && !file->progress(file->context, moved))
            st = mill_fail(err, MILL_E_CANCELLED, "the transfer was cancelled");
        if (st != MILL_OK)
            break;
    }
    mill_free(chunk);
    return st;
}

static enum mill_status local_list(struct mill_files *files, struct mill_view path,
                                   struct mill_arena *arena, const struct mill_file_info **out,
                                   size_t *count_out, struct mill_error *err)
{
    struct local_files *local = (struct local_files *)files;
    struct mill_file_info *infos = NULL;
    struct mill_view full = mill_path_join(local->below, path, arena);
    if (full.ptr == NULL)
        return mill_fail(err, MILL_E_NOMEM, "out of memory");
    enum mill_status st = mill_artifact_list(local->store, full, arena, &infos, count_out, err);
    if (st == MILL_OK)
        *out = infos;
    return st;
}

static enum mill_status local_put(struct mill_files *files, struct mill_view path,
                                  const struct mill_local_file *file, struct mill_error *err)
{
    struct local_files *local = (struct local_files *)files;
    struct mill_arena arena = {0};
    struct mill_artifact_upload *upload = NULL;
    enum mill_status st = MILL_OK;
    struct mill_view full = mill_path_join(local->below, path, &arena);
    if (full.ptr == NULL)
        st = mill_fail(err, MILL_E_NOMEM, "out of memory");
    if (st == MILL_OK)
        st = mill_artifact_upload(local->store, full, &upload, err);
    if (st == MILL_OK) {
        st = pump(file->fd, file, upload, err);
        if (st == MILL_OK)
            st = mill_artifact_upload_commit(upload, err);
        else
            mill_artifact_upload_abort(upload);
    }
    mill_arena_release(&arena);
    return st;
}

static enum mill_status local_get(struct mill_files *files, struct mill_view path,
                                  const struct mill_local_file *file, struct mill_error *err)
{
    struct local_files *local = (struct local_files *)files;
    struct mill_arena arena = {0};
    struct mill_artifact_file source;
    enum mill_status st = MILL_OK;
    struct mill_view full = mill_path_join(local->below, path, &arena);
    if (full.ptr == NULL)
        st = mill_fail(err, MILL_E_NOMEM, "out of memory");
    if (st == MILL_OK)
        st = mill_artifact_open(local->store, full, &source, err);
    if (st == MILL_OK) {
        st = pump(source.fd, file, NULL, err);
        close(source.fd);
    }
    mill_arena_release(&arena);
    return st;
}

static void local_close(struct mill_files *files)
{
    struct local_files *local = (struct local_files *)files;
    mill_artifact_close_store(local->store);
    mill_arena_release(&local->arena);
    mill_free(local);
}

static const struct mill_files_ops local_ops = {
    .list = local_list,
    .put = local_put,
    .get = local_get,
    .close = local_close,
};

enum mill_status mill_files_open_local(struct mill_view destination, struct mill_view below,
                                       struct mill_files **out, struct mill_error *err)
{
    struct local_files *local = mill_alloc_zero(1, sizeof(*local));
    if (local == NULL)
        return mill_fail(err, MILL_E_NOMEM, "out of memory");
    local->base.ops = &local_ops;
    local->below = mill_arena_copy(&local->arena, below);
    enum mill_status st = local->below.ptr == NULL && below.ptr != NULL
                              ? mill_fail(err, MILL_E_NOMEM, "out of memory")
                              : mill_artifact_open_store(destination, &local->store, err);
    if (st != MILL_OK) {
        local_close(&local->base);
        return st;
    }
    *out = &local->base;
    return MILL_OK;
}
