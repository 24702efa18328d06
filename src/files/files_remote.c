/* files_remote.c - artifact files behind the proxy of a tracking server. */
#include "base/alloc.h"
#include "base/codec.h"
#include "base/view.h"
#include "files/files.h"
#include "remote/peer.h"
#include "remote/rest.h"
#include "wire/messages.h"

#define ROUTE "/api/2.0/mlflow-artifacts/artifacts"

struct remote_files {
    struct mill_files base;
    struct mill_remote *remote;
    struct mill_peer *own;  /* what remote is a part of, or NULL */
    struct mill_view below; /* the run's place in the server's store */
    struct mill_arena arena;
};

/* A path below the run's place, as the last part of a URL. */
static void add_target(struct mill_buf *out, const struct remote_files *files,
                       struct mill_view path)
{
    mill_buf_add_view(out, MILL_VIEW(ROUTE "/"));
    mill_percent_encode(out, files->below, "/");
    if (files->below.len > 0 && path.len > 0)
        mill_buf_add_char(out, '/');
    mill_percent_encode(out, path, "/");
}

static enum mill_status remote_list(struct mill_files *base, struct mill_view path,
                                    struct mill_arena *arena, const struct mill_file_info **out,
                                    size_t *count_out, struct mill_error *err)
{
    struct remote_files *files = (struct remote_files *)base;
    struct mill_list_proxied_response answer;
    struct mill_buf query = {0};
    struct mill_view full = mill_path_join(files->below, path, arena);
    mill_rest_query(&query, "path", full);
    struct mill_rest_call call = {.method = "GET",
                                  .path = ROUTE,
                                  .query = mill_buf_view(&query),
                                  .response = &mill_list_proxied_response_message,
                                  .answer = &answer,
                                  .arena = arena,
                                  .repeatable = true};
    enum mill_status st = full.ptr == NULL || query.failed
                              ? mill_fail(err, MILL_E_NOMEM, "out of memory")
                              : mill_rest_call(files->remote, &call, err);
    mill_buf_release(&query);
    if (st != MILL_OK)
        return st;
    *out = answer.files;
    *count_out = answer.files_count;
    return MILL_OK;
}

/* Moves one file in the direction that kind says. Repeating either direction does no harm. */
static enum mill_status move(struct remote_files *files, enum mill_remote_file kind,
                             struct mill_view path, const struct mill_local_file *file,
                             struct mill_error *err)
{
    struct mill_buf target = {0}, body = {0};
    long http_status = 0;
    enum mill_status st = MILL_OK;
    add_target(&target, files, path);
    struct mill_remote_request request = {
        .method = kind == MILL_REMOTE_UPLOAD ? "PUT" : "GET",
        .path = mill_buf_view(&target),
        .repeatable = true,
        .file = kind,
        .fd = file->fd,
        .file_bytes = file->bytes,
        .progress = file->progress,
        .context = file->context,
    };
    if (target.failed)
        st = mill_fail(err, MILL_E_NOMEM, "out of memory");
    if (st == MILL_OK)
        st = mill_remote_perform(files->remote, &request, &http_status, &body, err);
    if (st == MILL_OK && http_status != 200)
        st = mill_rest_error(http_status, &body, err);
    mill_buf_release(&target);
    mill_buf_release(&body);
    return st;
}

static enum mill_status remote_put(struct mill_files *base, struct mill_view path,
                                   const struct mill_local_file *file, struct mill_error *err)
{
    return move((struct remote_files *)base, MILL_REMOTE_UPLOAD, path, file, err);
}

static enum mill_status remote_get(struct mill_files *base, struct mill_view path,
                                   const struct mill_local_file *file, struct mill_error *err)
{
    return move((struct remote_files *)base, MILL_REMOTE_DOWNLOAD, path, file, err);
}

static void remote_close(struct mill_files *base)
{
    struct remote_files *files = (struct remote_files *)base;
    mill_peer_free(files->own);
    mill_arena_release(&files->arena);
    mill_free(files);
}

static const struct mill_files_ops remote_ops = {
    .list = remote_list,
    .put = remote_put,
    .get = remote_get,
    .close = remote_close,
};

enum mill_status mill_files_open_remote(struct mill_remote *remote, struct mill_peer *own,
                                        struct mill_view below, struct mill_files **out,
                                        struct mill_error *err)
{
    struct remote_files *files = mill_alloc_zero(1, sizeof(*files));
    if (files == NULL)
        return mill_fail(err, MILL_E_NOMEM, "out of memory");
    files->base.ops = &remote_ops;
    files->remote = remote;
    files->below = mill_arena_copy(&files->arena, below);
    if (files->below.ptr == NULL && below.ptr != NULL) {
        remote_close(&files->base);
        return mill_fail(err, MILL_E_NOMEM, "out of memory");
    }
    files->own = own;
    *out = &files->base;
    return MILL_OK;
}
