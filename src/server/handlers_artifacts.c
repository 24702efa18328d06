/* handlers_artifacts.c - artifacts over HTTP: the proxied store (mlflow-artifacts/...) and
 * the files of a run or logged model by its id. Whatever a client names passes
 * mill_artifact_path_check, and a run's own root must be one that this server serves. */
#include <unistd.h>

#include "artifact/artifact.h"
#include "base/codec.h"
#include "base/view.h"
#include "model/limits.h"
#include "server/digest.h"
#include "server/download.h"
#include "server/handlers.h"
#include "server/upload.h"
#include "wire/messages.h"

#define NO_PRESIGNED "Multipart download is not supported for the current artifact repository"

#define NO_RUNS "This server serves artifacts only (--artifacts-only): it knows no runs"

/* The value of a parameter in the query, decoded; absent when it is not there. */
static struct mill_view query_value(struct mill_request *req, const char *name)
{
    struct mill_view rest = req->query;

    while (rest.ptr != NULL) {
        struct mill_view pair;
        struct mill_view key;
        struct mill_view value;

        rest = mill_view_cut(rest, '&', &pair);
        value = mill_view_cut(pair, '=', &key);
        if (mill_view_eq(mill_percent_decode(key, true, &req->arena), mill_view_of(name)))
            return value.ptr != NULL ? mill_percent_decode(value, true, &req->arena)
                                     : MILL_VIEW("");
    }
    return (struct mill_view){NULL, 0};
}

/* The web pages show a web page so, in a frame. */
static bool is_for_frame(struct mill_request *req)
{
    return mill_view_eq(query_value(req, "view"), MILL_VIEW("frame"));
}

static bool answer_if_not_served(struct mill_request *req)
{
    struct mill_error err;

    if (req->server->artifacts != NULL)
        return false;
    mill_fail(&err, MILL_E_BUSY, MILL_ARTIFACTS_NOT_SERVED);
    mill_respond_error(req, MILL_E_BUSY, &err);
    return true;
}

/* Text "a/b" of two paths, either of which may be empty. */
static enum mill_status join(struct mill_view a, struct mill_view b, struct mill_arena *arena,
                             struct mill_view *out, struct mill_error *err)
{
    struct mill_view joined = mill_arena_printf(arena, "%.*s%s%.*s", MILL_FMT(a),
                                                a.len > 0 && b.len > 0 ? "/" : "", MILL_FMT(b));

    if (joined.ptr == NULL)
        return mill_fail(err, MILL_E_NOMEM, "out of memory for an artifact path");
    *out = joined;
    return MILL_OK;
}

/* Whose artifacts are meant: at most one is given. */
struct owner {
    struct mill_view run_id;
    struct mill_view model_id; /* of a logged model */
};

/* Where the artifacts of a run or model are. */
struct place {
    struct mill_artifact_store *store;
    struct mill_view root; /* below the store's */
    struct mill_view uri;  /* as the run or model has it */
};

static enum mill_status uri_of_run(const struct mill_call *call, struct mill_view run_id,
                                   struct mill_view *out, struct mill_error *err)
{
    struct mill_run_page page = {0};
    enum mill_status st = mill_store_get_run(call->store, run_id, &page, err);

    if (st != MILL_OK)
        return st;
    *out = mill_arena_copy(call->arena, page.runs[0]->info.artifact_uri);
    mill_run_page_release(&page);
    if (out->ptr == NULL)
        return mill_fail(err, MILL_E_NOMEM, "out of memory for an artifact path");
    return MILL_OK;
}

static enum mill_status uri_of_model(const struct mill_call *call, struct mill_view model_id,
                                     struct mill_view *out, struct mill_error *err)
{
    struct mill_logged_model model;
    enum mill_status st =
        mill_store_get_logged_model(call->store, model_id, false, call->arena, &model, err);

    if (st == MILL_OK)
        *out = model.artifact_uri;
    return st;
}

/* Any thread. The call gives the stores; its request and response do not matter. */
static enum mill_status find_owner(const struct mill_call *call, const struct owner *owner,
                                   struct place *out, struct mill_error *err)
{
    enum mill_status st = owner->model_id.ptr != NULL
                              ? uri_of_model(call, owner->model_id, &out->uri, err)
                              : uri_of_run(call, owner->run_id, &out->uri, err);

    if (st != MILL_OK)
        return st;
    return mill_artifact_locate(call->artifacts, call->run_artifacts, out->uri, call->arena,
                                &out->store, &out->root, err);
}

/* A file that is asked for, by path alone or below its owner's root. */
struct file_request {
    struct owner owner;    /* nobody: path is below the proxied root */
    struct mill_view path; /* checked */
    enum mill_status status;
    struct mill_error err;
    struct mill_artifact_file file;
    struct mill_view digest; /* absent: not asked for */
};

/* Checks the path; answers the request and returns NULL when it is refused. */
static struct file_request *begin(struct mill_request *req, struct owner owner,
                                  struct mill_view path, enum mill_artifact_path_use use)
{
    struct file_request *f = mill_arena_zero(&req->arena, 1, sizeof(*f));
    enum mill_status st = MILL_E_NOMEM;
    struct mill_error err = {"out of memory for an artifact request"};

    if (f != NULL)
        st = mill_artifact_path_check(path, use, &req->arena, &f->path, &err);
    if (st != MILL_OK) {
        mill_respond_error(req, st, &err);
        return NULL;
    }
    f->owner = owner;
    req->context = f;
    return f;
}

static void to_pool(struct mill_request *req, mill_request_fn *work, mill_request_fn *done)
{
    struct mill_error err;

    if (!mill_request_work(req, work, done)) {
        mill_fail(&err, MILL_E_BUSY, "too many requests wait for storage; try again later");
        mill_respond_error(req, MILL_E_BUSY, &err);
    }
}

/* Where a file is or shall be; file is a struct file_request. Pool thread. */
static enum mill_status resolve(struct mill_request *req, const void *file,
                                struct mill_artifact_store **store_out,
                                struct mill_view *path_out, struct mill_error *err)
{
    const struct file_request *f = file;
    const struct mill_server *server = req->server;
    const struct mill_call call = {
        .arena = &req->arena,
        .store = server->store,
        .artifacts = server->artifacts,
        .run_artifacts = server->run_artifacts,
    };
    struct place place = {0};
    enum mill_status st;

    if (f->owner.run_id.ptr == NULL && f->owner.model_id.ptr == NULL) {
        *store_out = server->artifacts;
        *path_out = f->path;
        return MILL_OK;
    }
    st = find_owner(&call, &f->owner, &place, err);
    *store_out = place.store;
    return st != MILL_OK ? st : join(place.root, f->path, &req->arena, path_out, err);
}

/* Who asks for a checksum waits until the file was read for it. Pool thread. */
static void add_digest(struct mill_request *req, struct file_request *f)
{
    const char *algorithm = mill_digest_wanted(mill_request_header(req, "Want-Repr-Digest"));

    if (algorithm == NULL)
        return;
    f->status =
        mill_digest_file(algorithm, f->file.fd, f->file.size, &req->arena, &f->digest, &f->err);
    if (f->status != MILL_OK)
        close(f->file.fd);
}

/* Pool thread. */
static void open_file(struct mill_request *req)
{
    struct file_request *f = req->context;
    struct mill_artifact_store *store = NULL;
    struct mill_view path = {NULL, 0};

    f->status = resolve(req, f, &store, &path, &f->err);
    if (f->status == MILL_OK)
        f->status = mill_artifact_open(store, path, &f->file, &f->err);
    if (f->status == MILL_OK)
        add_digest(req, f);
}

static void file_opened(struct mill_request *req)
{
    const struct file_request *f = req->context;

    if (f->status == MILL_OK && f->digest.ptr != NULL)
        mill_response_header(req, "Repr-Digest", f->digest);
    if (f->status != MILL_OK)
        mill_respond_error(req, f->status, &f->err);
    else
        mill_respond_artifact(req, f->path, is_for_frame(req), &f->file);
}

void mill_raw_download_artifact(struct mill_request *req)
{
    struct owner nobody = {0};

    if (answer_if_not_served(req))
        return;
    if (begin(req, nobody, req->path_params[0], MILL_PATH_ENTRY) != NULL)
        to_pool(req, open_file, file_opened);
}

/* The run that a query names, or an answer that it does not. */
static bool run_of_query(struct mill_request *req, struct mill_view *run_id_out)
{
    struct mill_view run_id = query_value(req, "run_id");
    struct mill_error err;

    if (req->server->config->artifacts_only) {
        mill_fail(&err, MILL_E_BUSY, NO_RUNS);
        mill_respond_error(req, MILL_E_BUSY, &err);
        return false;
    }
    if (run_id.len == 0)
        run_id = query_value(req, "run_uuid");
    if (run_id.len == 0) {
        mill_fail(&err, MILL_E_INVALID,
                  "Missing value for required parameter 'run_id': name the run in the query "
                  "(run_id or run_uuid)");
        mill_respond_error(req, MILL_E_INVALID, &err);
        return false;
    }
    *run_id_out = run_id;
    return true;
}

static bool path_of_query(struct mill_request *req, const char *name,
                          struct mill_view *path_out)
{
    struct mill_view path = query_value(req, name);
    struct mill_error err;

    if (path.len == 0) {
        mill_fail(&err, MILL_E_INVALID,
                  "Missing value for required parameter '%s': name the file in the query",
                  name);
        mill_respond_error(req, MILL_E_INVALID, &err);
        return false;
    }
    *path_out = path;
    return true;
}

void mill_raw_get_run_artifact(struct mill_request *req)
{
    struct owner owner = {0};
    struct mill_view path = {NULL, 0};

    if (run_of_query(req, &owner.run_id) && path_of_query(req, "path", &path) &&
        begin(req, owner, path, MILL_PATH_ENTRY) != NULL)
        to_pool(req, open_file, file_opened);
}

void mill_raw_get_model_artifact(struct mill_request *req)
{
    struct owner owner = {.model_id = req->path_params[0]};
    struct mill_view path = {NULL, 0};

    if (path_of_query(req, "artifact_file_path", &path) &&
        begin(req, owner, path, MILL_PATH_ENTRY) != NULL)
        to_pool(req, open_file, file_opened);
}

/* Pool thread. */
static void remove_file(struct mill_request *req)
{
    struct file_request *f = req->context;

    f->status = mill_artifact_remove(req->server->artifacts, f->path, &f->err);
}

static void file_removed(struct mill_request *req)
{
    const struct file_request *f = req->context;

    if (f->status != MILL_OK)
        mill_respond_error(req, f->status, &f->err);
    else
        mill_respond(req, 200, "application/json", MILL_VIEW("{}"));
}

void mill_raw_delete_artifact(struct mill_request *req)
{
    struct owner nobody = {0};

    if (answer_if_not_served(req))
        return;
    if (begin(req, nobody, req->path_params[0], MILL_PATH_ENTRY) != NULL)
        to_pool(req, remove_file, file_removed);
}

/* Pool thread. */
static enum mill_status start_upload(struct mill_request *req, void *place,
                                     struct mill_artifact_upload **out, struct mill_error *err)
{
    struct mill_artifact_store *store = NULL;
    struct mill_view path = {NULL, 0};
    enum mill_status st = resolve(req, place, &store, &path, err);

    return st != MILL_OK ? st : mill_artifact_upload(store, path, out, err);
}

static const struct mill_upload_job proxied_upload = {
    .open = start_upload,
    .answer = {"{}", 2},
};

void mill_raw_upload_artifact(struct mill_request *req)
{
    struct owner nobody = {0};
    struct file_request *f;

    if (answer_if_not_served(req))
        return;
    f = begin(req, nobody, req->path_params[0], MILL_PATH_FILE);
    if (f != NULL)
        mill_receive_artifact(req, &proxied_upload, f);
}

static const struct mill_upload_job run_upload = {
    .open = start_upload,
    .max_bytes = MILL_MAX_RUN_UPLOAD_BYTES,
    .too_large = "store it through /api/2.0/mlflow-artifacts/artifacts instead",
    .refuse_empty = true,
    .answer = {"", 0},
};

void mill_raw_upload_run_artifact(struct mill_request *req)
{
    struct file_request *f;
    struct owner owner = {0};
    struct mill_view path = {NULL, 0};

    if (!run_of_query(req, &owner.run_id) || !path_of_query(req, "path", &path))
        return;
    f = begin(req, owner, path, MILL_PATH_FILE);
    if (f != NULL)
        mill_receive_artifact(req, &run_upload, f);
}

void mill_raw_presigned_artifact(struct mill_request *req)
{
    struct mill_error err;
    struct mill_view path;
    enum mill_status st;

    if (answer_if_not_served(req))
        return;
    st = mill_artifact_path_check(req->path_params[0], MILL_PATH_ENTRY, &req->arena, &path,
                                  &err);
    if (st == MILL_OK)
        st = mill_fail(&err, MILL_E_UNSUPPORTED, NO_PRESIGNED);
    mill_respond_error(req, st, &err);
}

/* The protocol leaves out a size of 0. */
static void leave_out_zero_sizes(struct mill_file_info *files, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (files[i].file_size == 0)
            files[i].file_size = MILL_ABSENT;
    }
}

enum mill_status mill_read_list_proxied_artifacts(struct mill_call *call,
                                                  struct mill_error *err)
{
    const struct mill_list_proxied_request *request = call->request;
    struct mill_list_proxied_response *response = call->response;
    struct mill_file_info *files = NULL;
    struct mill_view path = {NULL, 0};
    enum mill_status st;

    if (call->artifacts == NULL)
        return mill_fail(err, MILL_E_BUSY, MILL_ARTIFACTS_NOT_SERVED);
    st = mill_artifact_path_check(request->path, MILL_PATH_ANY, call->arena, &path, err);
    if (st == MILL_OK)
        st = mill_artifact_list(call->artifacts, path, call->arena, &files,
                                &response->files_count, err);
    if (st == MILL_OK)
        leave_out_zero_sizes(files, response->files_count);
    response->files = files;
    return st;
}

/* What a directory of a run's or model's artifacts holds, by paths from the root there. */
static enum mill_status list_owned(struct mill_call *call, const struct owner *owner,
                                   struct mill_view wanted, struct mill_view *uri_out,
                                   const struct mill_file_info **files_out, size_t *count_out,
                                   struct mill_error *err)
{
    struct place found = {0};
    struct mill_file_info *files = NULL;
    size_t count = 0;
    struct mill_view path = {NULL, 0};
    struct mill_view place = {NULL, 0};
    enum mill_status st =
        mill_artifact_path_check(wanted, MILL_PATH_ANY, call->arena, &path, err);

    if (st == MILL_OK)
        st = find_owner(call, owner, &found, err);
    if (st == MILL_OK)
        st = join(found.root, path, call->arena, &place, err);
    if (st == MILL_OK)
        st = mill_artifact_list(found.store, place, call->arena, &files, &count, err);
    for (size_t i = 0; st == MILL_OK && path.len > 0 && i < count; i++)
        st = join(path, files[i].path, call->arena, &files[i].path, err);
    if (st == MILL_OK)
        leave_out_zero_sizes(files, count);
    *uri_out = found.uri;
    *files_out = files;
    *count_out = count;
    return st;
}

enum mill_status mill_read_list_artifacts(struct mill_call *call, struct mill_error *err)
{
    const struct mill_list_artifacts_request *request = call->request;
    struct mill_list_artifacts_response *response = call->response;
    struct owner owner = {.run_id =
                              request->run_id.len > 0 ? request->run_id : request->run_uuid};

    if (owner.run_id.len == 0)
        return mill_fail(err, MILL_E_INVALID,
                         "Missing value for required parameter 'run_id': name the run");
    return list_owned(call, &owner, request->path, &response->root_uri, &response->files,
                      &response->files_count, err);
}

enum mill_status mill_read_list_model_artifacts(struct mill_call *call, struct mill_error *err)
{
    const struct mill_list_model_artifacts_request *request = call->request;
    struct mill_list_artifacts_response *response = call->response;
    struct owner owner = {.model_id = call->path_params[0]};

    return list_owned(call, &owner, request->artifact_directory_path, &response->root_uri,
                      &response->files, &response->files_count, err);
}
