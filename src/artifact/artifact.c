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
