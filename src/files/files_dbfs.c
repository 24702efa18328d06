/* files_dbfs.c - artifact files in the file system of a Databricks workspace (dbfs:/PATH), by
 * its calls that move a block at a time. */
#include <errno.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/codec.h"
#include "base/os.h"
#include "files/files.h"
#include "remote/peer.h"
#include "remote/rest.h"
#include "wire/encode.h"

/* Bytes that one call moves at most. */
#define BLOCK_BYTES ((size_t)1 << 20)
/* The same as base64, and room for what that decodes to. */
#define TEXT_BYTES ((BLOCK_BYTES + 2) / 3 * 4)
#define ROOM_BYTES (TEXT_BYTES / 4 * 3)

struct dbfs_files {
    struct mill_files base;
    struct mill_remote *remote;
    struct mill_peer *own;  /* what remote is a part of, or NULL */
    struct mill_view below; /* without slashes at its ends */
    struct mill_arena arena;
};

/* --- messages ---------------------------------------------------------------------------- */

#define FIELD(json_name, field_type, member)                                                   \
    {                                                                                          \
        .name = json_name, .name_len = sizeof(json_name) - 1,                                  \
        .prefix = "\"" json_name "\":", .type = field_type,                                    \
        .offset = offsetof(STRUCT, member), .default_number = MILL_ABSENT                      \
    }
#define MESSAGE(message_name, rows)                                                            \
    {                                                                                          \
        .name = message_name, .size = sizeof(STRUCT), .fields = rows,                          \
        .field_count = MILL_COUNT(rows)                                                        \
    }

/* All requests: what is absent is not sent. */
struct request {
    struct mill_view path, contents, data;
    int64_t handle;
    bool overwrite, has_overwrite;
};

#define STRUCT struct request
static const struct mill_field request_fields[] = {
    FIELD("path", MILL_F_STRING, path),
    FIELD("contents", MILL_F_STRING, contents),
    FIELD("data", MILL_F_STRING, data),
    FIELD("handle", MILL_F_INT64, handle),
    {.name = "overwrite",
     .name_len = sizeof("overwrite") - 1,
     .prefix = "\"overwrite\":",
     .type = MILL_F_BOOL,
     .offset = offsetof(STRUCT, overwrite),
     .has_offset = offsetof(STRUCT, has_overwrite)},
};
static const struct mill_message request_message = MESSAGE("DbfsRequest", request_fields);
#undef STRUCT

/* A file or directory with its absolute path. */
#define STRUCT struct mill_file_info
static const struct mill_field info_fields[] = {
    FIELD("path", MILL_F_STRING, path),
    FIELD("is_dir", MILL_F_BOOL, is_dir),
    FIELD("file_size", MILL_F_INT64, file_size),
};
static const struct mill_message info_message = MESSAGE("DbfsFile", info_fields);
#undef STRUCT

struct listing {
    struct mill_file_info *files;
    size_t file_count;
};

#define STRUCT struct listing
static const struct mill_field listing_fields[] = {
    {.name = "files",
     .name_len = sizeof("files") - 1,
     .type = MILL_F_MESSAGE,
     .flags = MILL_FIELD_REPEATED,
     .offset = offsetof(STRUCT, files),
     .count_offset = offsetof(STRUCT, file_count),
     .message = &info_message},
};
static const struct mill_message listing_message = MESSAGE("DbfsListing", listing_fields);
#undef STRUCT

struct opened {
    int64_t handle;
};

#define STRUCT struct opened
static const struct mill_field opened_fields[] = {FIELD("handle", MILL_F_INT64, handle)};
static const struct mill_message opened_message = MESSAGE("DbfsHandle", opened_fields);
#undef STRUCT

struct block {
    struct mill_view data;
};

#define STRUCT struct block
static const struct mill_field block_fields[] = {FIELD("data", MILL_F_STRING, data)};
static const struct mill_message block_message = MESSAGE("DbfsBlock", block_fields);
#undef STRUCT

/* --- calls ------------------------------------------------------------------------------- */

/* A POST of a request; answer may be NULL. */
static enum mill_status post(struct dbfs_files *files, const char *path,
                             const struct request *request, bool repeatable,
                             const struct mill_message *message, void *answer,
                             struct mill_arena *arena, struct mill_error *err)
{
    struct mill_rest_call call = {.method = "POST",
                                  .path = path,
                                  .request = &request_message,
                                  .value = request,
                                  .response = message,
                                  .answer = answer,
                                  .arena = arena,
                                  .repeatable = repeatable};
    return mill_rest_call(files->remote, &call, err);
}

/* The absolute path of a file; ptr NULL when memory is out. */
static struct mill_view full_path(const struct dbfs_files *files, struct mill_view path,
                                  struct mill_arena *arena)
{
    bool both = files->below.len > 0 && path.len > 0;
    return mill_arena_printf(arena, "/%.*s%s%.*s", MILL_FMT(files->below), both ? "/" : "",
                             MILL_FMT(path));
}

/* --- listing ----------------------------------------------------------------------------- */

/* Makes paths bare. What is not below the folder is left out: the folder itself, which is what
 * the listing of a file shows. */
static size_t keep_bare(struct mill_file_info *infos, size_t count, struct mill_view folder)
{
    size_t kept = 0;
    while (mill_view_ends(folder, MILL_VIEW("/")))
        folder.len--;
    for (size_t i = 0; i < count; i++) {
        struct mill_view path = infos[i].path;
        if (!mill_view_starts(path, folder) || path.len <= folder.len + 1 ||
            path.ptr[folder.len] != '/')
            continue;
        infos[kept] = infos[i];
        infos[kept++].path = mill_view_from(path, folder.len + 1);
    }
    return kept;
}

static enum mill_status dbfs_list(struct mill_files *base, struct mill_view path,
                                  struct mill_arena *arena, const struct mill_file_info **out,
                                  size_t *count_out, struct mill_error *err)
{
    struct dbfs_files *files = (struct dbfs_files *)base;
    struct listing answer = {.files = NULL};
    struct mill_buf query = {0};
    struct mill_view full = full_path(files, path, arena);
    mill_rest_query(&query, "path", full);
    struct mill_rest_call call = {.method = "GET",
                                  .path = "/api/2.0/dbfs/list",
                                  .query = mill_buf_view(&query),
                                  .response = &listing_message,
                                  .answer = &answer,
                                  .arena = arena,
                                  .repeatable = true};
    enum mill_status st = full.ptr == NULL || query.failed
                              ? mill_no_memory(err)
                              : mill_rest_call(files->remote, &call, err);
    mill_buf_release(&query);
    if (st == MILL_E_NOT_FOUND) { /* a run without files has no directory */
        *count_out = 0;
        return MILL_OK;
    }
    if (st != MILL_OK)
        return st;
    *out = answer.files;
    *count_out = keep_bare(answer.files, answer.file_count, full);
    return MILL_OK;
}

/* --- sending ----------------------------------------------------------------------------- */

/* A block of a file that is being moved, as bytes and as text. */
struct moving {
    struct dbfs_files *files;
    const struct mill_local_file *file;
    struct mill_view path;
    char *bytes; /* of ROOM_BYTES */
    struct mill_buf text;
};

/* Reads up to a block, encoded into m->text. */
static enum mill_status read_block(struct moving *m, int64_t offset, size_t *len_out,
                                   struct mill_error *err)
{
    size_t len = 0;
    while (len < BLOCK_BYTES) {
        ssize_t got =
            pread(m->file->fd, m->bytes + len, BLOCK_BYTES - len, (off_t)offset + (off_t)len);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return mill_fail(err, MILL_E_IO, "cannot read a file: %s", strerror(errno));
        if (got == 0)
            break;
        len += (size_t)got;
    }
    m->text.len = 0;
    mill_base64_encode(&m->text, (struct mill_view){m->bytes, len});
    *len_out = len;
    return m->text.failed ? mill_no_memory(err) : MILL_OK;
}

static enum mill_status told(const struct moving *m, int64_t bytes, struct mill_error *err)
{
    return m->file->progress(m->file->context, bytes)
               ? MILL_OK
               : mill_fail(err, MILL_E_CANCELLED, "the transfer was cancelled");
}

/* A file that fits into one block. */
static enum mill_status put_small(struct moving *m, struct mill_error *err)
{
    size_t len;
    struct request request = {
        .path = m->path, .handle = MILL_ABSENT, .overwrite = true, .has_overwrite = true};
    enum mill_status st = read_block(m, 0, &len, err);
    request.contents = mill_buf_view(&m->text);
    if (st == MILL_OK)
        st = post(m->files, "/api/2.0/dbfs/put", &request, true, NULL, NULL, NULL, err);
    return st == MILL_OK ? told(m, (int64_t)len, err) : st;
}

/* Sends the blocks of an open handle. One that may have got through is not sent again: it would
 * be there twice. */
static enum mill_status put_blocks(struct moving *m, int64_t handle, struct mill_error *err)
{
    enum mill_status st = MILL_OK;
    size_t len = 0;
    for (int64_t done = 0; st == MILL_OK; done += (int64_t)len) {
        st = read_block(m, done, &len, err);
        if (st != MILL_OK || len == 0)
            break;
        struct request request = {.handle = handle, .data = mill_buf_view(&m->text)};
        st = post(m->files, "/api/2.0/dbfs/add-block", &request, false, NULL, NULL, NULL, err);
        if (st == MILL_OK)
            st = told(m, done + (int64_t)len, err);
    }
    struct request request = {.handle = handle};
    if (st == MILL_OK)
        st = post(m->files, "/api/2.0/dbfs/close", &request, false, NULL, NULL, NULL, err);
    return st;
}

static enum mill_status put_large(struct moving *m, struct mill_error *err)
{
    struct mill_arena arena = {0};
    struct opened opened = {.handle = MILL_ABSENT};
    struct request create = {
        .path = m->path, .handle = MILL_ABSENT, .overwrite = true, .has_overwrite = true};
    enum mill_status st = post(m->files, "/api/2.0/dbfs/create", &create, true, &opened_message,
                               &opened, &arena, err);
    if (st == MILL_OK && opened.handle == MILL_ABSENT)
        st = mill_fail(err, MILL_E_IO, "the workspace gives no handle to write to");
    if (st == MILL_OK) {
        st = put_blocks(m, opened.handle, err);
        if (st != MILL_OK) { /* half a file must not stay; the failure that led here is told */
            struct request gone = {.path = m->path, .handle = MILL_ABSENT};
            post(m->files, "/api/2.0/dbfs/delete", &gone, true, NULL, NULL, NULL, NULL);
        }
    }
    mill_arena_release(&arena);
    return st;
}

/* --- fetching ---------------------------------------------------------------------------- */

static enum mill_status write_block(const struct moving *m, struct mill_view bytes,
                                    int64_t offset, struct mill_error *err)
{
    while (bytes.len > 0) {
        ssize_t put = pwrite(m->file->fd, bytes.ptr, bytes.len, (off_t)offset);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return mill_fail(err, mill_errno_status(errno),
                             "cannot store what was downloaded: %s", strerror(errno));
        bytes = mill_view_from(bytes, (size_t)put);
        offset += put;
    }
    return MILL_OK;
}

/* Fetches the block at an offset into m->bytes; none at the end of the file. */
static enum mill_status get_block(struct moving *m, int64_t offset, struct mill_arena *arena,
                                  struct mill_view *out, struct mill_error *err)
{
    struct mill_buf query = {0};
    struct block block;
    mill_rest_query(&query, "path", m->path);
    mill_buf_printf(&query, "&offset=%lld&length=%zu", (long long)offset, BLOCK_BYTES);
    struct mill_rest_call call = {.method = "GET",
                                  .path = "/api/2.0/dbfs/read",
                                  .query = mill_buf_view(&query),
                                  .response = &block_message,
                                  .answer = &block,
                                  .arena = arena,
                                  .repeatable = true};
    enum mill_status st =
        query.failed ? mill_no_memory(err) : mill_rest_call(m->files->remote, &call, err);
    mill_buf_release(&query);
    if (st != MILL_OK)
        return st;
    *out = (struct mill_view){m->bytes, 0};
    if (block.data.len > TEXT_BYTES || !mill_base64_decode_to(block.data, m->bytes, &out->len))
        return mill_fail(err, MILL_E_IO, "the workspace sent a block that cannot be read");
    return MILL_OK;
}

static enum mill_status get_blocks(struct moving *m, struct mill_error *err)
{
    struct mill_arena arena = {0};
    enum mill_status st = MILL_OK;
    for (int64_t done = 0; st == MILL_OK;) {
        struct mill_view bytes;
        mill_arena_reset(&arena, 2 * BLOCK_BYTES);
        st = get_block(m, done, &arena, &bytes, err);
        if (st == MILL_OK)
            st = write_block(m, bytes, done, err);
        if (st != MILL_OK || bytes.len == 0)
            break;
        done += (int64_t)bytes.len;
        st = told(m, done, err);
        if (m->file->bytes != MILL_ABSENT && done >= m->file->bytes)
            break;
    }
    mill_arena_release(&arena);
    return st;
}

/* --- the store --------------------------------------------------------------------------- */

/* Does one direction with a block of memory. */
static enum mill_status move(struct mill_files *base, struct mill_view path,
                             const struct mill_local_file *file,
                             enum mill_status (*how)(struct moving *m, struct mill_error *err),
                             struct mill_error *err)
{
    struct mill_arena arena = {0};
    struct moving m = {.files = (struct dbfs_files *)base, .file = file};
    m.path = full_path(m.files, path, &arena);
    m.bytes = mill_alloc(ROOM_BYTES);
    enum mill_status st =
        m.path.ptr == NULL || m.bytes == NULL ? mill_no_memory(err) : how(&m, err);
    mill_free(m.bytes);
    mill_buf_release(&m.text);
    mill_arena_release(&arena);
    return st;
}

static enum mill_status dbfs_put(struct mill_files *base, struct mill_view path,
                                 const struct mill_local_file *file, struct mill_error *err)
{
    bool small = file->bytes <= (int64_t)BLOCK_BYTES;
    return move(base, path, file, small ? put_small : put_large, err);
}

static enum mill_status dbfs_get(struct mill_files *base, struct mill_view path,
                                 const struct mill_local_file *file, struct mill_error *err)
{
    return move(base, path, file, get_blocks, err);
}

static void dbfs_close(struct mill_files *base)
{
    struct dbfs_files *files = (struct dbfs_files *)base;
    mill_peer_free(files->own);
    mill_arena_release(&files->arena);
    mill_free(files);
}

static const struct mill_files_ops dbfs_ops = {
    .list = dbfs_list,
    .put = dbfs_put,
    .get = dbfs_get,
    .close = dbfs_close,
};

enum mill_status mill_files_open_dbfs(struct mill_remote *remote, struct mill_peer *own,
                                      struct mill_view path, struct mill_files **out,
                                      struct mill_error *err)
{
    struct dbfs_files *files = mill_alloc_zero(1, sizeof(*files));
    if (files == NULL)
        return mill_no_memory(err);
    files->base.ops = &dbfs_ops;
    files->remote = remote;
    files->below = mill_arena_copy(&files->arena, path);
    if (files->below.ptr == NULL) {
        dbfs_close(&files->base);
        return mill_no_memory(err);
    }
    files->own = own;
    *out = &files->base;
    return MILL_OK;
}
