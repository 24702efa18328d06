/* s3_upload.c - local files into a bucket: whole, or large ones in parts, several at once. An
 * object appears when all of it has come, never in pieces. */
#include <stdio.h>
#include <time.h>

#include "artifact/mime.h"
#include "base/alloc.h"
#include "base/codec.h"
#include "base/parallel.h"
#include "files/files_s3.h"

/* How often the parts are put together again when the service fails at it. */
#define COMPLETE_ATTEMPTS 4

/* An upload of one file. */
struct upload {
    struct mill_s3_files *files;
    const struct mill_local_file *file;
    struct mill_arena arena;
    struct mill_view key;
    struct mill_aws_header
        headers[MILL_S3_MAX_HEADERS]; /* of the request that makes the object */
    size_t header_count;
    struct mill_s3_progress progress;

    /* In parts: */
    struct mill_view id; /* percent-encoded */
    int64_t part_bytes;
    char (*etags)[MILL_S3_ETAG_SIZE]; /* of each part */
    size_t part_count;
};

/* A request about the object. */
static struct mill_s3_request request_of(const struct upload *u, const char *method)
{
    return (struct mill_s3_request){
        .method = method, .bucket = u->files->bucket, .key = u->key};
}

/* What is said of the new object: its type by its name, unless the user says another, and what
 * the user says. */
static void make_headers(struct upload *u)
{
    const struct mill_s3_config *config = mill_s3_config(u->files->s3);
    struct mill_view type = mill_view_of(mill_mime_type(u->key));
    for (size_t i = 0; i < config->extra_count; i++) {
        if (mill_view_eq(config->extra[i].name, MILL_VIEW("content-type")))
            type = config->extra[i].value;
        else
            u->headers[u->header_count++] = config->extra[i];
    }
    u->headers[u->header_count++] = (struct mill_aws_header){MILL_VIEW("content-type"), type};
}

/* --- in one piece ------------------------------------------------------------------------ */

static enum mill_status put_whole(struct upload *u, struct mill_error *err)
{
    struct mill_buf body = {0};
    struct mill_s3_part part = {.progress = &u->progress};
    struct mill_s3_request request = request_of(u, "PUT");
    request.headers = u->headers;
    request.header_count = u->header_count;
    request.file = MILL_REMOTE_UPLOAD;
    request.fd = u->file->fd;
    request.file_bytes = u->file->bytes;
    request.progress = mill_s3_part_progress;
    request.context = &part;
    enum mill_status st = mill_s3_perform(u->files->s3, &request, NULL, &body, err);
    mill_buf_release(&body);
    return st;
}

/* --- in parts ---------------------------------------------------------------------------- */

static enum mill_status initiate(struct upload *u, struct mill_error *err)
{
    struct mill_buf body = {0}, id = {0};
    struct mill_s3_answer answer = {.document = MILL_S3_OTHER};
    struct mill_s3_request request = request_of(u, "POST");
    request.query = MILL_VIEW("uploads=");
    request.body = MILL_VIEW("");
    request.headers = u->headers;
    request.header_count = u->header_count;
    enum mill_status st = mill_s3_perform(u->files->s3, &request, NULL, &body, err);
    if (st == MILL_OK)
        st = mill_s3_read_xml(mill_buf_view(&body), &u->arena, &answer, NULL);
    if (st == MILL_E_INVALID || (st == MILL_OK && answer.upload_id.len == 0))
        st = mill_fail(err, MILL_E_IO, "s3://%.*s gives no id for an upload in parts",
                       MILL_FMT(request.bucket));
    if (st == MILL_OK) {
        mill_percent_encode(&id, answer.upload_id, NULL);
        u->id = mill_arena_copy(&u->arena, mill_buf_view(&id));
        if (id.failed || u->id.ptr == NULL)
            st = mill_no_memory(err);
    }
    mill_buf_release(&body);
    mill_buf_release(&id);
    return st;
}

/* What of an ETag may stand in the XML that names the parts. */
static bool etag_valid(const char *etag)
{
    return etag[0] != '\0' && strpbrk(etag, "<>&") == NULL &&
           mill_aws_key_valid(mill_view_of(etag));
}

static enum mill_status put_part(void *context, size_t index, struct mill_error *err)
{
    struct upload *u = context;
    struct mill_buf body = {0};
    struct mill_s3_head head;
    struct mill_s3_part part = {.progress = &u->progress};
    struct mill_s3_request request = request_of(u, "PUT");
    char query[64 + 1024];
    int len = snprintf(query, sizeof(query), "partNumber=%zu&uploadId=%.*s", index + 1,
                       MILL_FMT(u->id));
    if (len >= (int)sizeof(query))
        return mill_fail(err, MILL_E_IO, "s3://%.*s gave an id for an upload that is too long",
                         MILL_FMT(request.bucket));
    request.query = mill_view_of(query);
    request.file = MILL_REMOTE_UPLOAD;
    request.fd = u->file->fd;
    request.file_offset = (int64_t)index * u->part_bytes;
    request.file_bytes = u->file->bytes - request.file_offset;
    if (request.file_bytes > u->part_bytes)
        request.file_bytes = u->part_bytes;
    request.progress = mill_s3_part_progress;
    request.context = &part;
    enum mill_status st = mill_s3_perform(u->files->s3, &request, &head, &body, err);
    mill_buf_release(&body);
    if (st == MILL_OK && !etag_valid(head.etag))
        st = mill_fail(err, MILL_E_IO, "s3://%.*s sent no usable ETag for a part",
                       MILL_FMT(request.bucket));
    if (st == MILL_OK)
        memcpy(u->etags[index], head.etag, sizeof(head.etag));
    return st;
}

/* A request about the upload as a whole. */
static struct mill_s3_request request_of_upload(const struct upload *u, const char *method,
                                                struct mill_buf *query)
{
    struct mill_s3_request request = request_of(u, method);
    mill_buf_printf(query, "uploadId=%.*s", MILL_FMT(u->id));
    request.query = mill_buf_view(query);
    return request;
}

/* Puts the parts together, once. The service may begin a good answer long before it knows that
 * it fails, so the document says what has become of it. */
static enum mill_status complete_once(struct upload *u, const struct mill_s3_request *request,
                                      struct mill_error *err)
{
    struct mill_buf body = {0};
    struct mill_arena arena = {0};
    struct mill_s3_answer answer = {.document = MILL_S3_OTHER};
    enum mill_status st = mill_s3_perform(u->files->s3, request, NULL, &body, err);
    if (st == MILL_OK) {
        st = mill_s3_read_xml(mill_buf_view(&body), &arena, &answer, NULL);
        if (st == MILL_E_NOMEM)
            st = mill_no_memory(err);
        else if (st != MILL_OK || answer.document != MILL_S3_COMPLETED)
            st = mill_s3_failed(request, &answer, 500, err);
    }
    mill_arena_release(&arena);
    mill_buf_release(&body);
    return st;
}

static enum mill_status complete(struct upload *u, struct mill_error *err)
{
    static const struct mill_aws_header type = {{"content-type", 12}, {"application/xml", 15}};
    struct mill_buf xml = {0}, query = {0};
    enum mill_status st = MILL_OK;
    struct mill_s3_request request = request_of_upload(u, "POST", &query);
    mill_buf_printf(&xml, "<CompleteMultipartUpload "
                          "xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">");
    for (size_t i = 0; i < u->part_count; i++)
        mill_buf_printf(&xml, "<Part><PartNumber>%zu</PartNumber><ETag>%s</ETag></Part>", i + 1,
                        u->etags[i]);
    mill_buf_printf(&xml, "</CompleteMultipartUpload>");
    request.body = mill_buf_view(&xml);
    request.headers = &type;
    request.header_count = 1;
    if (xml.failed || query.failed)
        st = mill_no_memory(err);
    for (int nth = 1; st == MILL_OK; nth++) {
        st = complete_once(u, &request, err);
        if (st == MILL_OK || nth == COMPLETE_ATTEMPTS || (st != MILL_E_IO && st != MILL_E_BUSY))
            break;
        struct timespec pause = {.tv_sec = nth - 1, .tv_nsec = 100000000};
        nanosleep(&pause, NULL);
        st = MILL_OK;
    }
    mill_buf_release(&xml);
    mill_buf_release(&query);
    return st;
}

/* Gives up: the service keeps no parts. The failure that led here is the one to be told. */
static void abandon(struct upload *u)
{
    struct mill_buf query = {0}, body = {0};
    struct mill_s3_request request = request_of_upload(u, "DELETE", &query);
    if (!query.failed)
        mill_s3_perform(u->files->s3, &request, NULL, &body, NULL);
    mill_buf_release(&query);
    mill_buf_release(&body);
}

static enum mill_status put_in_parts(struct upload *u, struct mill_error *err)
{
    const struct mill_s3_config *config = mill_s3_config(u->files->s3);
    u->part_bytes = mill_s3_part_bytes(u->file->bytes, config->upload_part_bytes);
    if (u->part_bytes == 0)
        return mill_fail(err, MILL_E_TOO_LARGE,
                         "%lld bytes are more than an S3 object can have",
                         (long long)u->file->bytes);
    u->part_count = (size_t)((u->file->bytes + u->part_bytes - 1) / u->part_bytes);
    u->etags = mill_arena_zero(&u->arena, u->part_count, sizeof(*u->etags));
    if (u->etags == NULL)
        return mill_no_memory(err);
    enum mill_status st = initiate(u, err);
    if (st != MILL_OK)
        return st;
    st = mill_parallel(u->part_count, u->file->parallel, put_part, u, err);
    if (st == MILL_OK)
        st = complete(u, err);
    if (st != MILL_OK)
        abandon(u);
    return st;
}

enum mill_status mill_s3_put(struct mill_files *base, struct mill_view path,
                             const struct mill_local_file *file, struct mill_error *err)
{
    struct mill_s3_files *files = (struct mill_s3_files *)base;
    struct upload u = {.files = files, .file = file};
    enum mill_status st = MILL_OK;
    u.key = mill_s3_key(files, path, &u.arena);
    mill_s3_progress_init(&u.progress, file);
    make_headers(&u);
    if (u.key.ptr == NULL)
        st = mill_no_memory(err);
    else if (file->bytes >= mill_s3_config(files->s3)->upload_least_bytes)
        st = put_in_parts(&u, err);
    else
        st = put_whole(&u, err);
    mill_s3_progress_release(&u.progress);
    mill_arena_release(&u.arena);
    return st;
}
