/* upload.c - see upload.h.
 *
 * Pieces gather in a buffer; when it is full the client is held back while a pool thread
 * writes it. A body that fits into the buffer needs one trip to the pool. */
#include "server/upload.h"

#include "base/view.h"
#include "server/digest.h"

#define WRITE_BYTES 262144

struct upload {
    const struct mill_upload_job *job;
    void *place;
    struct mill_artifact_upload *file; /* NULL until the first write */
    struct mill_buf buffer;
    struct mill_digest sum; /* as the request says it */
    int64_t received;
    bool ended; /* the body is complete */
    enum mill_status status;
    struct mill_error err;
};

static void release(void *arg)
{
    struct upload *u = arg;

    mill_artifact_upload_abort(u->file);
    u->file = NULL;
    mill_buf_release(&u->buffer);
    mill_digest_release(&u->sum);
}

static enum mill_status write_buffer(struct mill_request *req, struct upload *u)
{
    enum mill_status st = MILL_OK;

    if (u->file == NULL)
        st = u->job->open(req, u->place, &u->file, &u->err);
    if (st == MILL_OK)
        st = mill_artifact_upload_write(u->file, mill_buf_view(&u->buffer), &u->err);
    mill_digest_add(&u->sum, mill_buf_view(&u->buffer));
    u->buffer.len = 0;
    return st;
}

/* Pool thread. */
static void store_some(struct mill_request *req)
{
    struct upload *u = req->context;
    enum mill_status st = write_buffer(req, u);

    if (st == MILL_OK && u->ended)
        st = mill_digest_compare(&u->sum, &u->err);
    if (st == MILL_OK && u->ended) {
        st = mill_artifact_upload_commit(u->file, &u->err);
        u->file = NULL;
    } else if (st != MILL_OK) {
        /* Here rather than with the request: removing a large file takes time. */
        mill_artifact_upload_abort(u->file);
        u->file = NULL;
    }
    u->status = st;
}

static void stored(struct mill_request *req)
{
    const struct upload *u = req->context;

    if (u->status == MILL_OK && u->ended && u->job->stored != NULL)
        u->job->stored(req, u->place);
    if (u->status != MILL_OK)
        mill_respond_error(req, u->status, &u->err);
    else if (u->ended)
        mill_respond(req, 200, u->job->answer.len > 0 ? "application/json" : NULL,
                     u->job->answer);
    else
        mill_request_resume(req);
}

static void give_up(struct mill_request *req, struct upload *u, enum mill_status status,
                    const char *message)
{
    u->status = mill_fail(&u->err, status, "%s", message);
    mill_respond_error(req, u->status, &u->err);
}

static void to_pool(struct mill_request *req, struct upload *u)
{
    if (!mill_request_work(req, store_some, stored))
        give_up(req, u, MILL_E_BUSY, "too many requests wait for storage; send it again later");
}

static void take_piece(struct mill_request *req, struct mill_view piece)
{
    struct upload *u = req->context;

    u->received += (int64_t)piece.len;
    if (u->job->max_bytes > 0 && u->received > u->job->max_bytes) {
        u->status =
            mill_fail(&u->err, MILL_E_TOO_LARGE, "the file has more than %lld bytes; %s",
                      (long long)u->job->max_bytes, u->job->too_large);
        mill_respond_error(req, u->status, &u->err);
        return;
    }
    mill_buf_add_view(&u->buffer, piece);
    if (u->buffer.failed) {
        give_up(req, u, MILL_E_NOMEM, "out of memory for an upload; send it again later");
        return;
    }
    if (u->buffer.len >= WRITE_BYTES) {
        mill_request_pause(req);
        to_pool(req, u);
    }
}

static void take_end(struct mill_request *req, enum mill_status status)
{
    struct upload *u = req->context;

    if (status != MILL_OK) {
        give_up(req, u, status, "the upload is incomplete; nothing was stored");
        return;
    }
    if (u->job->refuse_empty && u->received == 0) {
        give_up(req, u, MILL_E_INVALID, "the request has no body; send the file's content");
        return;
    }
    u->ended = true;
    to_pool(req, u);
}

static const struct mill_upload receiver = {take_piece, take_end};

void mill_receive_artifact(struct mill_request *req, const struct mill_upload_job *job,
                           void *place)
{
    struct upload *u = mill_arena_zero(&req->arena, 1, sizeof(*u));
    struct mill_view digest = mill_request_header(req, "Repr-Digest");
    enum mill_status st;

    if (u == NULL || !mill_request_defer(req, release, u)) {
        mill_respond_error(req, MILL_E_NOMEM, NULL);
        return;
    }
    if (digest.ptr == NULL)
        digest = mill_request_header(req, "Content-Digest");
    st = mill_digest_expect(digest, &req->arena, &u->sum, &u->err);
    if (st != MILL_OK) {
        mill_respond_error(req, st, &u->err);
        return;
    }
    u->job = job;
    u->place = place;
    req->context = u;
    mill_request_receive(req, &receiver);
}
