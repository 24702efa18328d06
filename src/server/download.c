/* download.c - see download.h. */
#include "server/download.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "artifact/mime.h"
#include "base/codec.h"
#include "base/view.h"

/* Digits only: mill_view_int would take a sign. */
static bool read_digits(struct mill_view text, int64_t *out)
{
    return text.len > 0 && text.ptr[0] >= '0' && text.ptr[0] <= '9' && mill_view_int(text, out);
}

enum mill_range mill_range_parse(struct mill_view header, int64_t size, int64_t *offset_out,
                                 int64_t *length_out)
{
    struct mill_view unit;
    struct mill_view first;
    struct mill_view last;
    int64_t from = 0;
    int64_t to = size - 1;

    header = mill_view_cut(header, '=', &unit);
    if (header.ptr == NULL || !mill_view_eq_nocase(mill_view_trim(unit), MILL_VIEW("bytes")) ||
        memchr(header.ptr, ',', header.len) != NULL)
        return MILL_RANGE_NONE;
    last = mill_view_cut(mill_view_trim(header), '-', &first);
    if (last.ptr == NULL)
        return MILL_RANGE_NONE;
    if (first.len == 0) { /* "-N": the last N bytes */
        int64_t count;

        if (!read_digits(last, &count))
            return MILL_RANGE_NONE;
        if (count == 0)
            return MILL_RANGE_OUTSIDE;
        from = count < size ? size - count : 0;
    } else if (!read_digits(first, &from) || (last.len > 0 && !read_digits(last, &to)) ||
               (last.len > 0 && to < from)) {
        return MILL_RANGE_NONE;
    }
    if (from >= size)
        return MILL_RANGE_OUTSIDE;
    *offset_out = from;
    *length_out = (to < size ? to + 1 : size) - from;
    return MILL_RANGE_ONE;
}

bool mill_etag_listed(struct mill_view header, struct mill_view etag)
{
    while (header.ptr != NULL) {
        struct mill_view item;

        header = mill_view_cut(header, ',', &item);
        item = mill_view_trim(item);
        if (mill_view_starts(item, MILL_VIEW("W/")))
            item = mill_view_from(item, 2);
        if (mill_view_eq(item, MILL_VIEW("*")) || mill_view_eq(item, etag))
            return true;
    }
    return false;
}

static bool plain(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
           (c != '\0' && strchr("!#$&+-.^_`|~", c) != NULL);
}

static bool all_plain(struct mill_view name)
{
    for (size_t i = 0; i < name.len; i++) {
        if (!plain(name.ptr[i]))
            return false;
    }
    return name.len > 0;
}

void mill_add_disposition(struct mill_buf *out, struct mill_view name)
{
    bool ascii = true;

    mill_buf_add_view(out, MILL_VIEW("attachment; filename="));
    if (all_plain(name)) {
        mill_buf_add_view(out, name);
        return;
    }
    mill_buf_add_char(out, '"');
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];

        if ((unsigned char)c < 0x20 || (unsigned char)c > 0x7e) {
            ascii = false;
            /* One '_' for each character, not for each byte of it. */
            if (((unsigned char)c & 0xc0) != 0x80)
                mill_buf_add_char(out, '_');
        } else {
            if (c == '"' || c == '\\')
                mill_buf_add_char(out, '\\');
            mill_buf_add_char(out, c);
        }
    }
    mill_buf_add_char(out, '"');
    if (!ascii) {
        mill_buf_add_view(out, MILL_VIEW("; filename*=UTF-8''"));
        mill_percent_encode(out, name, "!#$&+^`|");
    }
}

void mill_http_date(int64_t time_ms, char out[32])
{
    time_t seconds = (time_t)(time_ms / 1000);
    struct tm tm;

    if (gmtime_r(&seconds, &tm) == NULL ||
        strftime(out, 32, "%a, %d %b %Y %H:%M:%S GMT", &tm) == 0)
        memcpy(out, "Thu, 01 Jan 1970 00:00:00 GMT", 30);
}

bool mill_http_date_parse(struct mill_view text, int64_t *seconds_out)
{
    char copy[32];
    const char *end;
    struct tm tm = {0};

    if (text.len >= sizeof(copy))
        return false;
    memcpy(copy, text.ptr, text.len);
    copy[text.len] = '\0';
    end = strptime(copy, "%a, %d %b %Y %H:%M:%S GMT", &tm);
    if (end == NULL || *end != '\0')
        return false;
    *seconds_out = (int64_t)timegm(&tm);
    return true;
}

/* Whether the client has the file already. */
static bool not_modified(const struct mill_request *req, const struct mill_artifact_file *file)
{
    struct mill_view tags = mill_request_header(req, "If-None-Match");
    struct mill_view since = mill_request_header(req, "If-Modified-Since");
    int64_t seconds;

    if (tags.ptr != NULL)
        return mill_etag_listed(tags, mill_view_of(file->etag));
    return since.ptr != NULL && mill_http_date_parse(mill_view_trim(since), &seconds) &&
           file->mtime_ms / 1000 <= seconds;
}

/* A range of another state of the file than the client has the beginning of is useless. */
static bool range_applies(const struct mill_request *req, const struct mill_artifact_file *file)
{
    struct mill_view condition = mill_view_trim(mill_request_header(req, "If-Range"));
    int64_t seconds;

    if (req->method != MILL_GET)
        return false;
    if (condition.len == 0 || mill_view_eq(condition, mill_view_of(file->etag)))
        return true;
    return mill_http_date_parse(condition, &seconds) && file->mtime_ms / 1000 == seconds;
}

/* Where an artifact is opened by itself it gets no origin, no scripts and no network. */
#define FILE_POLICY "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:"

/* A web page may run what it brings along, but without an origin or a network, so that it
 * reaches neither the pages nor the server nor anybody else. */
#define FRAME_POLICY                                                                           \
    "sandbox allow-scripts; default-src 'none'; "                                              \
    "script-src 'unsafe-inline' 'unsafe-eval' data: blob:; style-src 'unsafe-inline' data:; "  \
    "img-src data: blob:; font-src data:; media-src data: blob:; worker-src blob:; "           \
    "base-uri 'none'; form-action 'none'; frame-ancestors 'self'"

static void add_disposition(struct mill_request *req, struct mill_view path)
{
    struct mill_buf disposition = {0};
    size_t start = path.len;

    while (start > 0 && path.ptr[start - 1] != '/')
        start--;
    mill_add_disposition(&disposition, mill_view_from(path, start));
    if (!disposition.failed)
        mill_response_header(req, "Content-Disposition", mill_buf_view(&disposition));
    mill_buf_release(&disposition);
}

static void add_state(struct mill_request *req, const struct mill_artifact_file *file)
{
    char date[32];

    mill_http_date(file->mtime_ms, date);
    mill_response_header(req, "Last-Modified", mill_view_of(date));
    mill_response_header(req, "ETag", mill_view_of(file->etag));
}

void mill_respond_page_file(struct mill_request *req, const char *content_type,
                            const struct mill_artifact_file *file)
{
    add_state(req, file);
    if (not_modified(req, file)) {
        close(file->fd);
        mill_respond(req, 304, NULL, MILL_VIEW(""));
        return;
    }
    mill_respond_file(req, 200, content_type, file->fd, 0, file->size);
}

/* Says what a browser may do with a file: keep it, or show it in a frame. */
static void add_use(struct mill_request *req, struct mill_view path, const char *type,
                    bool in_frame)
{
    const char *policy = FILE_POLICY;

    if (in_frame && mill_view_starts(mill_view_of(type), MILL_VIEW("text/html")))
        policy = FRAME_POLICY;
    else
        add_disposition(req, path);
    mill_response_header(req, "Content-Security-Policy", mill_view_of(policy));
}

void mill_respond_artifact(struct mill_request *req, struct mill_view path, bool in_frame,
                           const struct mill_artifact_file *file)
{
    const char *type = mill_mime_type(path);
    struct mill_view header = mill_request_header(req, "Range");
    enum mill_range range = MILL_RANGE_NONE;
    int64_t offset = 0;
    int64_t length = file->size;
    char text[80];

    add_use(req, path, type, in_frame);
    add_state(req, file);
    mill_response_header(req, "Accept-Ranges", MILL_VIEW("bytes"));
    if (not_modified(req, file)) {
        close(file->fd);
        mill_respond(req, 304, NULL, MILL_VIEW(""));
        return;
    }
    if (header.ptr != NULL && range_applies(req, file))
        range = mill_range_parse(header, file->size, &offset, &length);
    if (range == MILL_RANGE_OUTSIDE) {
        close(file->fd);
        snprintf(text, sizeof(text), "bytes */%lld", (long long)file->size);
        mill_response_header(req, "Content-Range", mill_view_of(text));
        mill_respond(req, 416, "text/plain; charset=utf-8",
                     MILL_VIEW("the requested range is outside the file"));
        return;
    }
    if (range == MILL_RANGE_ONE) {
        snprintf(text, sizeof(text), "bytes %lld-%lld/%lld", (long long)offset,
                 (long long)(offset + length - 1), (long long)file->size);
        mill_response_header(req, "Content-Range", mill_view_of(text));
    }
    mill_respond_file(req, range == MILL_RANGE_ONE ? 206 : 200, type, file->fd, offset, length);
}
