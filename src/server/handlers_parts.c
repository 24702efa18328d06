/* handlers_parts.c - files that come in parts through the artifact proxy: begun, each part put
 * to an address that the answer gave, then completed or given up. Clients do it for files above
 * some size when they are told to. */
#include <stdio.h>

#include "artifact/artifact.h"
#include "base/alloc.h"
#include "base/view.h"
#include "model/limits.h"
#include "server/base_url.h"
#include "server/handlers.h"
#include "server/upload.h"
#include "wire/messages.h"

#define PART_ROUTE "/api/2.0/mlflow-artifacts/mpu/part/"

/* Where the file goes: the directory of the route, and in it the last name of the client's own
 * path, which may have slashes of either kind. */
static enum mill_status find_target(const struct mill_call *call, struct mill_view local_path,
                                    struct mill_view *out, struct mill_error *err)
{
    size_t start = local_path.len;
    struct mill_view name;
    struct mill_view joined;
    enum mill_status st;

    if (call->artifacts == NULL)
        return mill_fail(err, MILL_E_BUSY, MILL_ARTIFACTS_NOT_SERVED);
    while (start > 0 && local_path.ptr[start - 1] != '/')
        start--;
    name = mill_view_from(local_path, start);
    st = mill_artifact_path_check(name, MILL_PATH_FILE, call->arena, &name, err);
    if (st == MILL_OK)
        st = mill_artifact_path_check(call->path_params[0], MILL_PATH_ENTRY, call->arena,
                                      &joined, err);
    if (st != MILL_OK)
        return st;
    joined = mill_arena_printf(call->arena, "%.*s/%.*s", MILL_FMT(joined), MILL_FMT(name));
    if (joined.ptr == NULL)
        return mill_no_memory(err);
    *out = joined;
    return MILL_OK;
}

/* One address for each part. */
static enum mill_status give_credentials(struct mill_call *call, const char *id, int64_t count,
                                         struct mill_error *err)
{
    struct mill_create_multipart_response *response = call->response;
    struct mill_multipart_credential *all =
        mill_arena_zero(call->arena, (size_t)count, sizeof(*all));
    struct mill_view base = {NULL, 0};
    enum mill_status st = mill_request_base_url(call->http, call->arena, &base, err);

    if (st != MILL_OK)
        return st;
    if (all == NULL)
        return mill_no_memory(err);
    for (int64_t i = 0; i < count; i++) {
        all[i].part_number = i + 1;
        all[i].url = mill_arena_printf(call->arena, "%.*s" PART_ROUTE "%s/%lld", MILL_FMT(base),
                                       id, (long long)i + 1);
        if (all[i].url.ptr == NULL)
            return mill_no_memory(err);
    }
    response->credentials = all;
    response->credentials_count = (size_t)count;
    response->upload_id = mill_arena_copy(call->arena, mill_view_of(id));
    return response->upload_id.ptr != NULL ? MILL_OK : mill_no_memory(err);
}

enum mill_status mill_read_begin_parts(struct mill_call *call, struct mill_error *err)
{
    const struct mill_create_multipart_request *request = call->request;
    const struct mill_parts_limits limits = {call->config->max_part_uploads,
                                             call->config->part_timeout_ms};
    int64_t count = request->num_parts != MILL_ABSENT ? request->num_parts : 0;
    struct mill_view path = {NULL, 0};
    char id[33];
    enum mill_status st = find_target(call, request->path, &path, err);

    if (st == MILL_OK)
        st = mill_artifact_begin_parts(call->artifacts, path, count, &limits, id, err);
    if (st != MILL_OK)
        return st;
    st = give_credentials(call, id, count, err);
    if (st != MILL_OK)
        mill_artifact_abort_parts(call->artifacts, path, mill_view_of(id), NULL);
    return st;
}

enum mill_status mill_read_complete_parts(struct mill_call *call, struct mill_error *err)
{
    const struct mill_complete_multipart_request *request = call->request;
    struct mill_artifact_part *parts =
        mill_arena_zero(call->arena, request->parts_count + 1, sizeof(*parts));
    struct mill_view path = {NULL, 0};
    enum mill_status st = find_target(call, request->path, &path, err);

    if (st != MILL_OK)
        return st;
    if (parts == NULL)
        return mill_no_memory(err);
    for (size_t i = 0; i < request->parts_count; i++) {
        parts[i].number = request->parts[i].part_number;
        parts[i].etag = request->parts[i].etag;
    }
    return mill_artifact_complete_parts(call->artifacts, path, request->upload_id, parts,
                                        request->parts_count, call->config->max_upload_bytes,
                                        err);
}

enum mill_status mill_read_abort_parts(struct mill_call *call, struct mill_error *err)
{
    const struct mill_abort_multipart_request *request = call->request;
    struct mill_view path = {NULL, 0};
    enum mill_status st = find_target(call, request->path, &path, err);

    return st != MILL_OK
               ? st
               : mill_artifact_abort_parts(call->artifacts, path, request->upload_id, err);
}

/* --- a part ------------------------------------------------------------------------------- */

struct part {
    int64_t number;
    char etag[MILL_ETAG_SIZE];
};

/* Pool thread. */
static enum mill_status open_part(struct mill_request *req, void *place,
                                  struct mill_artifact_upload **out, struct mill_error *err)
{
    struct part *part = place;

    return mill_artifact_upload_part(req->server->artifacts, req->path_params[0], part->number,
                                     part->etag, out, err);
}

static void part_stored(struct mill_request *req, const void *place)
{
    const struct part *part = place;

    mill_response_header(req, "ETag", mill_view_of(part->etag));
}

static const struct mill_upload_job part_upload = {
    .open = open_part,
    .stored = part_stored,
    .max_bytes = MILL_MAX_PART_BYTES,
    .too_large = "send it in more parts",
    .answer = {"", 0},
};

void mill_raw_upload_part(struct mill_request *req)
{
    struct part *part = mill_arena_zero(&req->arena, 1, sizeof(*part));
    struct mill_error err = {"out of memory for an upload"};
    enum mill_status st = part != NULL ? MILL_OK : MILL_E_NOMEM;

    if (req->server->artifacts == NULL)
        st = mill_fail(&err, MILL_E_BUSY, MILL_ARTIFACTS_NOT_SERVED);
    else if (st == MILL_OK && !mill_view_int(req->path_params[1], &part->number))
        st = mill_fail(&err, MILL_E_INVALID, "'%.*s' is not the number of a part",
                       MILL_FMT(mill_utf8_prefix(req->path_params[1], 40)));
    if (st == MILL_OK)
        mill_receive_artifact(req, &part_upload, part);
    else
        mill_respond_error(req, st, &err);
}
