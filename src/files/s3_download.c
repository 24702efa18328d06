/* s3_download.c - objects of a bucket into local files: whole, or large ones in parts, several
 * at once; then what came is compared with the checksum that the service states. */
#include <stdio.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/codec.h"
#include "base/parallel.h"
#include "files/files_s3.h"

/* Hex digits of an ETag that is the MD5 of the content. */
#define MD5_DIGITS 32

static const struct mill_aws_header want_checksum = {{"x-amz-checksum-mode", 19},
                                                     {"ENABLED", 7}};

/* A download of one object. */
struct download {
    struct mill_s3_files *files;
    const struct mill_local_file *file;
    struct mill_arena arena;
    struct mill_view key;
    struct mill_s3_head head;
    struct mill_s3_progress progress;
    int64_t part_bytes; /* in parts */
};

static struct mill_s3_request request_of(const struct download *d, const char *method)
{
    return (struct mill_s3_request){
        .method = method, .bucket = d->files->bucket, .key = d->key};
}

/* --- fetching ---------------------------------------------------------------------------- */

static enum mill_status get_whole(struct download *d, struct mill_error *err)
{
    struct mill_buf body = {0};
    struct mill_s3_part part = {.progress = &d->progress};
    struct mill_s3_request request = request_of(d, "GET");
    request.headers = &want_checksum;
    request.header_count = 1;
    request.file = MILL_REMOTE_DOWNLOAD;
    request.fd = d->file->fd;
    request.file_bytes = d->file->bytes;
    request.progress = mill_s3_part_progress;
    request.context = &part;
    enum mill_status st = mill_s3_perform(d->files->s3, &request, &d->head, &body, err);
    mill_buf_release(&body);
    return st;
}

/* Length, ETag and checksum of the object. */
static enum mill_status get_head(struct download *d, struct mill_error *err)
{
    struct mill_buf body = {0};
    struct mill_s3_request request = request_of(d, "HEAD");
    request.headers = &want_checksum;
    request.header_count = 1;
    enum mill_status st = mill_s3_perform(d->files->s3, &request, &d->head, &body, err);
    mill_buf_release(&body);
    if (st == MILL_OK && d->head.bytes != d->file->bytes)
        st = mill_fail(err, MILL_E_CONFLICT,
                       "s3://%.*s/%.*s was listed with %lld bytes but has %lld",
                       MILL_FMT(request.bucket), MILL_FMT(request.key),
                       (long long)d->file->bytes, (long long)d->head.bytes);
    return st;
}

static enum mill_status get_part(void *context, size_t index, struct mill_error *err)
{
    struct download *d = context;
    struct mill_buf body = {0};
    struct mill_s3_part part = {.progress = &d->progress};
    struct mill_s3_request request = request_of(d, "GET");
    char range[64];
    request.file_offset = (int64_t)index * d->part_bytes;
    request.file_bytes = d->file->bytes - request.file_offset;
    if (request.file_bytes > d->part_bytes)
        request.file_bytes = d->part_bytes;
    snprintf(range, sizeof(range), "bytes=%lld-%lld", (long long)request.file_offset,
             (long long)(request.file_offset + request.file_bytes - 1));
    /* With the ETag, parts of two versions cannot be mixed. */
    const struct mill_aws_header headers[] = {
        {MILL_VIEW("range"), mill_view_of(range)},
        {MILL_VIEW("if-match"), mill_view_of(d->head.etag)}};
    request.headers = headers;
    request.header_count = d->head.etag[0] != '\0' ? 2 : 1;
    request.file = MILL_REMOTE_DOWNLOAD;
    request.fd = d->file->fd;
    request.progress = mill_s3_part_progress;
    request.context = &part;
    enum mill_status st = mill_s3_perform(d->files->s3, &request, NULL, &body, err);
    mill_buf_release(&body);
    return st;
}

static enum mill_status get_in_parts(struct download *d, struct mill_error *err)
{
    enum mill_status st = get_head(d, err);
    if (st != MILL_OK)
        return st;
    size_t count = (size_t)((d->file->bytes + d->part_bytes - 1) / d->part_bytes);
    return mill_parallel(count, d->file->parallel, get_part, d, err);
}

/* --- verifying --------------------------------------------------------------------------- */

static bool is_md5(const char *hex)
{
    return strlen(hex) == MD5_DIGITS && strspn(hex, "0123456789abcdef") == MD5_DIGITS;
}

/* The checksum to compare with: the first that the service states of the whole object. The ETag
 * is one when it looks like an MD5 and the object is not encrypted with other keys than the
 * service's; one of an upload in parts has another form. */
static bool stated_checksum(struct download *d, enum mill_checksum_kind *kind_out,
                            char out[MILL_S3_CHECKSUM_SIZE])
{
    for (int kind = 0; kind < MILL_CHECKSUM_COUNT && !d->head.composite; kind++) {
        const char *text = d->head.checksums[kind];
        if (text[0] == '\0' || strchr(text, '-') != NULL)
            continue;
        *kind_out = (enum mill_checksum_kind)kind;
        snprintf(out, MILL_S3_CHECKSUM_SIZE, "%s", text);
        return true;
    }
    struct mill_view etag = mill_view_of(d->head.etag);
    if (etag.len != MD5_DIGITS + 2 || d->head.opaque)
        return false;
    *kind_out = MILL_MD5;
    snprintf(out, MILL_S3_CHECKSUM_SIZE, "%.*s", MD5_DIGITS, etag.ptr + 1);
    return is_md5(out);
}

static bool still_wanted(void *context)
{
    const struct download *d = context;
    return d->file->progress(d->file->context, d->progress.total);
}

/* A checksum as the service writes it. */
static bool as_text(const struct mill_checksum *sum, bool hex, char out[MILL_S3_CHECKSUM_SIZE])
{
    if (hex) {
        mill_aws_hex(sum->bytes, sum->len, out);
        return true;
    }
    struct mill_buf base64 = {0};
    mill_base64_encode(&base64, (struct mill_view){(const char *)sum->bytes, sum->len});
    snprintf(out, MILL_S3_CHECKSUM_SIZE, "%.*s", MILL_FMT(mill_buf_view(&base64)));
    bool done = !base64.failed;
    mill_buf_release(&base64);
    return done;
}

static enum mill_status verify(struct download *d, struct mill_error *err)
{
    struct mill_checksum sum;
    struct stat info;
    enum mill_checksum_kind kind;
    char stated[MILL_S3_CHECKSUM_SIZE], seen[MILL_S3_CHECKSUM_SIZE];
    if (!stated_checksum(d, &kind, stated))
        return MILL_OK;
    if (fstat(d->file->fd, &info) != 0)
        return mill_fail(err, MILL_E_IO, "cannot read what was downloaded");
    enum mill_status st =
        mill_checksum_file(kind, d->file->fd, 0, info.st_size, still_wanted, d, &sum, err);
    if (st != MILL_OK)
        return st;
    if (!as_text(&sum, kind == MILL_MD5, seen))
        return mill_no_memory(err);
    if (strcmp(stated, seen) != 0)
        return mill_fail(err, MILL_E_CORRUPT,
                         "s3://%.*s/%.*s: what came has the %s %s, but the service states %s",
                         MILL_FMT(d->files->bucket), MILL_FMT(d->key), mill_checksum_name(kind),
                         seen, stated);
    return MILL_OK;
}

enum mill_status mill_s3_get(struct mill_files *base, struct mill_view path,
                             const struct mill_local_file *file, struct mill_error *err)
{
    struct mill_s3_files *files = (struct mill_s3_files *)base;
    struct download d = {.files = files,
                         .file = file,
                         .part_bytes = mill_s3_config(files->s3)->download_part_bytes};
    enum mill_status st = MILL_OK;
    d.key = mill_s3_key(files, path, &d.arena);
    mill_s3_progress_init(&d.progress, file);
    if (d.key.ptr == NULL)
        st = mill_no_memory(err);
    else if (file->bytes > d.part_bytes)
        st = get_in_parts(&d, err);
    else
        st = get_whole(&d, err);
    if (st == MILL_OK)
        st = verify(&d, err);
    mill_s3_progress_release(&d.progress);
    mill_arena_release(&d.arena);
    return st;
}
