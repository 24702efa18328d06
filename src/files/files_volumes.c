/* files_volumes.c - artifact files in a volume of a Databricks workspace (dbfs:/Volumes/…), by
 * its calls that stream whole files. */
#include "base/alloc.h"
#include "base/codec.h"
#include "base/list.h"
#include "files/files.h"
#include "model/limits.h"
#include "remote/peer.h"
#include "remote/rest.h"

#define FILES       "/api/2.0/fs/files"
#define DIRECTORIES "/api/2.0/fs/directories"
/* Pages of one listing; more entries than are accepted fit into them. */
#define MAX_PAGES 2000

struct volume_files {
    struct mill_files base;
    struct mill_remote *remote;
    struct mill_peer *own;  /* what remote is a part of, or NULL */
    struct mill_view below; /* "Volumes/...", without slashes at its ends */
    struct mill_arena arena;
};

/* Route and path, encoded. */
static void add_target(struct mill_buf *out, const struct volume_files *files,
                       const char *route, struct mill_view path)
{
    mill_buf_printf(out, "%s/", route);
    mill_percent_encode(out, files->below, "/");
    if (path.len > 0)
        mill_buf_add_char(out, '/');
    mill_percent_encode(out, path, "/");
}

/* --- listing ----------------------------------------------------------------------------- */

struct entry {
    struct mill_view name;
    bool is_directory;
    int64_t file_size;
};

struct page {
    struct entry *contents;
    size_t count;
    struct mill_view next_page_token;
};

#define FIELD(json_name, field_type, struct_type, member)                                      \
    {                                                                                          \
        .name = json_name, .name_len = sizeof(json_name) - 1, .type = field_type,              \
        .offset = offsetof(struct_type, member), .default_number = MILL_ABSENT                 \
    }

static const struct mill_field entry_fields[] = {
    FIELD("name", MILL_F_STRING, struct entry, name),
    FIELD("is_directory", MILL_F_BOOL, struct entry, is_directory),
    FIELD("file_size", MILL_F_INT64, struct entry, file_size),
};

static const struct mill_message entry_message = {.name = "VolumeEntry",
                                                  .size = sizeof(struct entry),
                                                  .fields = entry_fields,
                                                  .field_count = MILL_COUNT(entry_fields)};

static const struct mill_field page_fields[] = {
    {.name = "contents",
     .name_len = sizeof("contents") - 1,
     .type = MILL_F_MESSAGE,
     .flags = MILL_FIELD_REPEATED,
     .offset = offsetof(struct page, contents),
     .count_offset = offsetof(struct page, count),
     .message = &entry_message},
    FIELD("next_page_token", MILL_F_STRING, struct page, next_page_token),
};

static const struct mill_message page_message = {.name = "VolumePage",
                                                 .size = sizeof(struct page),
                                                 .fields = page_fields,
                                                 .field_count = MILL_COUNT(page_fields)};

static enum mill_status ask_page(struct volume_files *files, struct mill_view path,
                                 struct mill_view token, struct mill_arena *arena,
                                 struct page *out, struct mill_error *err)
{
    struct mill_buf target = {0}, query = {0};
    add_target(&target, files, DIRECTORIES, path);
    mill_buf_add_char(&target, '\0');
    mill_buf_printf(&query, "page_size=1000");
    mill_rest_query(&query, "page_token", token);
    struct mill_rest_call call = {.method = "GET",
                                  .path = target.ptr,
                                  .query = mill_buf_view(&query),
                                  .response = &page_message,
                                  .answer = out,
                                  .arena = arena,
                                  .repeatable = true};
    enum mill_status st = target.failed || query.failed
                              ? mill_no_memory(err)
                              : mill_rest_call(files->remote, &call, err);
    mill_buf_release(&target);
    mill_buf_release(&query);
    return st;
}

static enum mill_status take_page(const struct page *page, struct mill_list *infos,
                                  struct mill_error *err)
{
    for (size_t i = 0; i < page->count; i++) {
        if (page->contents[i].name.len == 0)
            continue;
        if (infos->count == MILL_MAX_ARTIFACT_LIST)
            return mill_fail(err, MILL_E_TOO_LARGE, "the directory has more than %d entries",
                             MILL_MAX_ARTIFACT_LIST);
        struct mill_file_info *info = mill_list_add(infos);
        if (info == NULL)
            return mill_no_memory(err);
        *info = (struct mill_file_info){.path = page->contents[i].name,
                                        .is_dir = page->contents[i].is_directory,
                                        .file_size = page->contents[i].file_size};
    }
    return MILL_OK;
}

static enum mill_status volume_list(struct mill_files *base, struct mill_view path,
                                    struct mill_arena *arena, const struct mill_file_info **out,
                                    size_t *count_out, struct mill_error *err)
{
    struct volume_files *files = (struct volume_files *)base;
    struct mill_list infos = {.size = sizeof(struct mill_file_info)};
    struct page page = {.contents = NULL};
    enum mill_status st = MILL_OK;
    int pages = 0;
    do {
        st = ask_page(files, path, page.next_page_token, arena, &page, err);
        if (st == MILL_OK)
            st = take_page(&page, &infos, err);
        if (st == MILL_OK && ++pages == MAX_PAGES)
            st = mill_fail(err, MILL_E_IO, "the listing of a volume does not end");
    } while (st == MILL_OK && page.next_page_token.len > 0);
    if (st == MILL_E_NOT_FOUND && pages == 0) /* a run without files has no directory */
        st = MILL_OK;
    if (st == MILL_OK && infos.count > 0) {
        struct mill_file_info *copy = mill_arena_zero(arena, infos.count, sizeof(*copy));
        if (copy == NULL)
            st = mill_no_memory(err);
        else
            *out = memcpy(copy, infos.items, infos.count * sizeof(*copy));
    }
    if (st == MILL_OK)
        *count_out = infos.count;
    mill_free(infos.items);
    return st;
}

/* --- moving ------------------------------------------------------------------------------ */

/* A request about a file or directory. Repeating any of them does no harm. */
static enum mill_status perform(struct volume_files *files, const char *route,
                                struct mill_view path, const char *query,
                                struct mill_remote_request *request, struct mill_error *err)
{
    struct mill_buf target = {0}, body = {0};
    long http_status = 0;
    enum mill_status st = MILL_OK;
    add_target(&target, files, route, path);
    mill_buf_printf(&target, "%s", query);
    request->path = mill_buf_view(&target);
    request->repeatable = true;
    if (target.failed)
        st = mill_no_memory(err);
    if (st == MILL_OK)
        st = mill_remote_perform(files->remote, request, &http_status, &body, err);
    if (st == MILL_OK && http_status != 200 && http_status != 204)
        st = mill_rest_error(http_status, &body, err);
    mill_buf_release(&target);
    mill_buf_release(&body);
    return st;
}

static enum mill_status send_file(struct volume_files *files, struct mill_view path,
                                  const struct mill_local_file *file, struct mill_error *err)
{
    struct mill_remote_request request = {.method = "PUT",
                                          .file = MILL_REMOTE_UPLOAD,
                                          .fd = file->fd,
                                          .file_bytes = file->bytes,
                                          .progress = file->progress,
                                          .context = file->context};
    return perform(files, FILES, path, "?overwrite=true", &request, err);
}

/* The directory of a file is made when it turns out to be missing. */
static enum mill_status volume_put(struct mill_files *base, struct mill_view path,
                                   const struct mill_local_file *file, struct mill_error *err)
{
    struct volume_files *files = (struct volume_files *)base;
    enum mill_status st = send_file(files, path, file, err);
    if (st != MILL_E_NOT_FOUND)
        return st;
    const char *slash = memrchr(path.ptr, '/', path.len);
    struct mill_view parent = {path.ptr, slash != NULL ? (size_t)(slash - path.ptr) : 0};
    struct mill_remote_request make = {.method = "PUT", .body = MILL_VIEW("")};
    st = perform(files, DIRECTORIES, parent, "", &make, err);
    return st == MILL_OK ? send_file(files, path, file, err) : st;
}

static enum mill_status volume_get(struct mill_files *base, struct mill_view path,
                                   const struct mill_local_file *file, struct mill_error *err)
{
    struct mill_remote_request request = {.method = "GET",
                                          .file = MILL_REMOTE_DOWNLOAD,
                                          .fd = file->fd,
                                          .file_bytes = file->bytes,
                                          .progress = file->progress,
                                          .context = file->context};
    return perform((struct volume_files *)base, FILES, path, "", &request, err);
}

/* --- the store --------------------------------------------------------------------------- */

static void volume_close(struct mill_files *base)
{
    struct volume_files *files = (struct volume_files *)base;
    mill_peer_free(files->own);
    mill_arena_release(&files->arena);
    mill_free(files);
}

static const struct mill_files_ops volume_ops = {
    .list = volume_list,
    .put = volume_put,
    .get = volume_get,
    .close = volume_close,
};

enum mill_status mill_files_open_volume(struct mill_remote *remote, struct mill_peer *own,
                                        struct mill_view path, struct mill_files **out,
                                        struct mill_error *err)
{
    struct volume_files *files = mill_alloc_zero(1, sizeof(*files));
    if (files == NULL)
        return mill_no_memory(err);
    files->base.ops = &volume_ops;
    files->remote = remote;
    files->below = mill_arena_copy(&files->arena, path);
    if (files->below.ptr == NULL) {
        volume_close(&files->base);
        return mill_no_memory(err);
    }
    files->own = own;
    *out = &files->base;
    return MILL_OK;
}
