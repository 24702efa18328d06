/* artifact.c - the front of the artifact stores: checks once, for every backend. */
#include "artifact/artifact.h"

#include "artifact/artifact_local.h"
#include "base/view.h"
#include "model/limits.h"

enum mill_status mill_artifact_open_store(struct mill_view destination,
                                          struct mill_artifact_store **out,
                                          struct mill_error *err)
{
    struct mill_arena arena = {0};
    struct mill_artifact_uri uri;
    enum mill_status st;

    /* The operator's own path may have ".." in it, unlike one from a client. */
    if (!mill_artifact_has_scheme(destination))
        return mill_artifact_local_open(destination, out, err);
    st = mill_artifact_uri_parse(destination, &arena, &uri, err);
    if (st == MILL_OK && uri.kind != MILL_URI_LOCAL)
        st = mill_fail(err, MILL_E_UNSUPPORTED,
                       "artifact destination '%.*s' is not a directory path or file: URI, the "
                       "only kinds this build can store artifacts in",
                       MILL_FMT(destination));
    if (st == MILL_OK)
        st = mill_artifact_local_open(uri.path, out, err);
    mill_arena_release(&arena);
    return st;
}

void mill_artifact_close_store(struct mill_artifact_store *store)
{
    if (store != NULL)
        store->ops->close(store);
}

struct mill_view mill_artifact_directory(const struct mill_artifact_store *store)
{
    struct mill_view none = {NULL, 0};

    return store->ops->directory != NULL ? store->ops->directory(store) : none;
}

/* Two paths that were checked singly may be too long together. */
static enum mill_status check_length(struct mill_view path, struct mill_error *err)
{
    if (path.len > MILL_MAX_ARTIFACT_PATH_BYTES)
        return mill_fail(err, MILL_E_INVALID,
                         "the artifact path has %zu bytes with the directory of its run, more "
                         "than %d",
                         path.len, MILL_MAX_ARTIFACT_PATH_BYTES);
    return MILL_OK;
}

enum mill_status mill_artifact_list(struct mill_artifact_store *store, struct mill_view path,
                                    struct mill_arena *arena, struct mill_file_info **files_out,
                                    size_t *count_out, struct mill_error *err)
{
    enum mill_status st = check_length(path, err);

    return st != MILL_OK ? st : store->ops->list(store, path, arena, files_out, count_out, err);
}

static enum mill_status need_path(struct mill_view path, struct mill_error *err)
{
    if (path.len == 0)
        return mill_fail(err, MILL_E_INVALID,
                         "the artifact path is empty; name a file or directory below the root");
    return check_length(path, err);
}

enum mill_status mill_artifact_open(struct mill_artifact_store *store, struct mill_view path,
                                    struct mill_artifact_file *out, struct mill_error *err)
{
    enum mill_status st = need_path(path, err);

    return st != MILL_OK ? st : store->ops->open(store, path, out, err);
}

enum mill_status mill_artifact_upload(struct mill_artifact_store *store, struct mill_view path,
                                      struct mill_artifact_upload **out, struct mill_error *err)
{
    enum mill_status st = need_path(path, err);

    return st != MILL_OK ? st : store->ops->upload(store, path, out, err);
}

enum mill_status mill_artifact_upload_write(struct mill_artifact_upload *upload,
                                            struct mill_view bytes, struct mill_error *err)
{
    return upload->write(upload, bytes, err);
}

enum mill_status mill_artifact_upload_commit(struct mill_artifact_upload *upload,
                                             struct mill_error *err)
{
    return upload->commit(upload, err);
}

void mill_artifact_upload_abort(struct mill_artifact_upload *upload)
{
    if (upload != NULL)
        upload->abort(upload);
}

static enum mill_status need_parts(const struct mill_artifact_store *store,
                                   struct mill_error *err)
{
    /* Clients compare this text to fall back to a plain upload. */
    return store->ops->begin_parts != NULL
               ? MILL_OK
               : mill_fail(err, MILL_E_UNSUPPORTED,
                           "Multipart upload is not supported for the current artifact "
                           "repository");
}

/* An id becomes part of a path. */
static enum mill_status need_id(struct mill_view id, struct mill_error *err)
{
    bool good = id.len == 32;

    for (size_t i = 0; good && i < id.len; i++)
        good = (id.ptr[i] >= '0' && id.ptr[i] <= '9') || (id.ptr[i] >= 'a' && id.ptr[i] <= 'f');
    return good ? MILL_OK
                : mill_fail(err, MILL_E_NOT_FOUND,
                            "there is no upload '%.*s'; it is complete, aborted or expired",
                            MILL_FMT(mill_utf8_prefix(id, 64)));
}

enum mill_status mill_artifact_begin_parts(struct mill_artifact_store *store,
                                           struct mill_view path, int64_t count,
                                           const struct mill_parts_limits *limits,
                                           char id_out[33], struct mill_error *err)
{
    enum mill_status st = need_parts(store, err);

    if (st == MILL_OK)
        st = need_path(path, err);
    if (st == MILL_OK && (count < 1 || count > MILL_MAX_PARTS))
        st = mill_fail(err, MILL_E_INVALID, "num_parts must be 1 to %d, got %lld",
                       MILL_MAX_PARTS, (long long)count);
    return st != MILL_OK ? st
                         : store->ops->begin_parts(store, path, count, limits, id_out, err);
}

enum mill_status mill_artifact_upload_part(struct mill_artifact_store *store,
                                           struct mill_view id, int64_t number,
                                           char etag_out[MILL_ETAG_SIZE],
                                           struct mill_artifact_upload **out,
                                           struct mill_error *err)
{
    enum mill_status st = need_parts(store, err);

    if (st == MILL_OK)
        st = need_id(id, err);
    return st != MILL_OK ? st : store->ops->upload_part(store, id, number, etag_out, out, err);
}

enum mill_status mill_artifact_complete_parts(struct mill_artifact_store *store,
                                              struct mill_view path, struct mill_view id,
                                              const struct mill_artifact_part *parts,
                                              size_t count, int64_t max_bytes,
                                              struct mill_error *err)
{
    enum mill_status st = need_parts(store, err);

    if (st == MILL_OK)
        st = need_path(path, err);
    if (st == MILL_OK)
        st = need_id(id, err);
    return st != MILL_OK
               ? st
               : store->ops->complete_parts(store, path, id, parts, count, max_bytes, err);
}

enum mill_status mill_artifact_abort_parts(struct mill_artifact_store *store,
                                           struct mill_view path, struct mill_view id,
                                           struct mill_error *err)
{
    enum mill_status st = need_parts(store, err);

    if (st == MILL_OK)
        st = need_path(path, err);
    if (st == MILL_OK && need_id(id, NULL) == MILL_OK)
        st = store->ops->abort_parts(store, path, id, err);
    return st;
}

enum mill_status mill_artifact_remove(struct mill_artifact_store *store, struct mill_view path,
                                      struct mill_error *err)
{
    enum mill_status st = need_path(path, err);

    return st != MILL_OK ? st : store->ops->remove(store, path, err);
}

static bool holds(struct mill_artifact_store *store, struct mill_view path,
                  struct mill_view *below_out)
{
    return store != NULL && store->ops->holds != NULL &&
           store->ops->holds(store, path, below_out);
}

enum mill_status mill_artifact_locate(struct mill_artifact_store *proxied,
                                      struct mill_artifact_store *local, struct mill_view uri,
                                      struct mill_arena *arena,
                                      struct mill_artifact_store **store_out,
                                      struct mill_view *path_out, struct mill_error *err)
{
    struct mill_artifact_uri parsed;
    enum mill_status st = mill_artifact_uri_parse(uri, arena, &parsed, err);

    if (st != MILL_OK)
        return st;
    if (parsed.kind == MILL_URI_PROXIED && proxied != NULL) {
        *store_out = proxied;
        *path_out = parsed.path;
        return MILL_OK;
    }
    if (parsed.kind == MILL_URI_LOCAL) {
        if (holds(proxied, parsed.path, path_out)) {
            *store_out = proxied;
            return MILL_OK;
        }
        if (holds(local, parsed.path, path_out)) {
            *store_out = local;
            return MILL_OK;
        }
    }
    return mill_fail(err, MILL_E_UNSUPPORTED,
                     "this server does not open artifacts at '%.*s': it serves only what is "
                     "below its artifacts destination or its local default artifact root",
                     MILL_FMT(mill_utf8_prefix(uri, 200)));
}
