/* files_http.c - artifact files behind the proxy of a tracking server. */
#include "artifact/path.h"
#include "base/alloc.h"
#include "base/codec.h"
#include "base/view.h"
#include "client/files.h"
#include "client/rest.h"
#include "wire/messages.h"

#define ROUTE "/api/2.0/mlflow-artifacts/artifacts"

struct http_files {
    struct mill_files base;
    struct mill_http *http;
    struct mill_view below; /* the run's place in the server's store */
    struct mill_arena arena;
};

/* A path below the run's place, as the last part of a URL. */
static void add_target(struct mill_buf *out, const struct http_files *files,
                       struct mill_view path)
{
    mill_buf_add_view(out, MILL_VIEW(ROUTE "/"));
    mill_percent_encode(out, files->below, "/");
    if (files->below.len > 0 && path.len > 0)
        mill_buf_add_char(out, '/');
    mill_percent_encode(out, path, "/");
}

static enum mill_status http_list(struct mill_files *base, struct mill_view path,
                                  struct mill_arena *arena, const struct mill_file_info **out,
                                  size_t *count_out, struct mill_error *err)
{
    struct http_files *files = (struct http_files *)base;
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
                              : mill_rest_call(files->http, &call, err);
    mill_buf_release(&query);
    if (st != MILL_OK)
        return st;
    *out = answer.files;
    *count_out = answer.files_count;
    return MILL_OK;
}

/* Moves one file in the direction that kind says. Repeating either direction does no harm. */
static enum mill_status move(struct http_files *files, enum mill_http_file kind,
                             struct mill_view path, const struct mill_local_file *file,
                             struct mill_error *err)
{
    struct mill_buf target = {0}, body = {0};
    long http_status = 0;
    enum mill_status st = MILL_OK;
    add_target(&target, files, path);
    struct mill_http_request request = {
        .method = kind == MILL_HTTP_UPLOAD ? "PUT" : "GET",
        .path = mill_buf_view(&target),
        .repeatable = true,
        .file = kind,
        .fd = file->fd,
        .upload_bytes = file->bytes,
        .progress = file->progress,
        .context = file->context,
    };
    if (target.failed)
        st = mill_fail(err, MILL_E_NOMEM, "out of memory");
    if (st == MILL_OK)
        st = mill_http_perform(files->http, &request, &http_status, &body, err);
    if (st == MILL_OK && http_status != 200)
        st = mill_rest_error(http_status, &body, err);
    mill_buf_release(&target);
    mill_buf_release(&body);
    return st;
}

static enum mill_status http_put(struct mill_files *base, struct mill_view path,
                                 const struct mill_local_file *file, struct mill_error *err)
{
    return move((struct http_files *)base, MILL_HTTP_UPLOAD, path, file, err);
}

static enum mill_status http_get(struct mill_files *base, struct mill_view path,
                                 const struct mill_local_file *file, struct mill_error *err)
{
    return move((struct http_files *)base, MILL_HTTP_DOWNLOAD, path, file, err);
}

static void http_close(struct mill_files *base)
{
    struct http_files *files = (struct http_files *)base;
    mill_arena_release(&files->arena);
    mill_free(files);
}

static const struct mill_files_ops http_ops = {
    .list = http_list,
    .put = http_put,
    .get = http_get,
    .close = http_close,
};

enum mill_status mill_files_open_http(struct mill_http *http, struct mill_view below,
                                      struct mill_files **out, struct mill_error *err)
{
    struct http_files *files = mill_alloc_zero(1, sizeof(*files));
    if (files == NULL)
        return mill_fail(err, MILL_E_NOMEM, "out of memory");
    files->base.ops = &http_ops;
    files->http = http;
    files->below = mill_arena_copy(&files->arena, below);
    if (files->below.ptr == NULL && below.ptr != NULL) {
        http_close(&files->base);
        return mill_fail(err, MILL_E_NOMEM, "out of memory");
    }
    *out = &files->base;
    return MILL_OK;
}
