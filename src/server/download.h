/* download.h - an artifact as an answer: its name, conditions and ranges. Used by
 * handlers_artifacts.c; the pieces are declared for tests. */
#ifndef MILL_SERVER_DOWNLOAD_H
#define MILL_SERVER_DOWNLOAD_H

#include "artifact/artifact.h"
#include "server/http.h"

/* Answers with a file as an attachment: 200, 206 and 416 by Range and If-Range, 304 by
 * If-None-Match and If-Modified-Since. path names it for the client; in_frame lets a browser
 * show a web page instead of keeping it. Whichever, it runs nothing in the origin of the
 * server. file->fd is closed. Loop thread. */
void mill_respond_artifact(struct mill_request *req, struct mill_view path, bool in_frame,
                           const struct mill_artifact_file *file);

/* Answers with a file of a page, to be shown: 200, or 304 by the same conditions. file->fd is
 * closed. Loop thread. */
void mill_respond_page_file(struct mill_request *req, const char *content_type,
                            const struct mill_artifact_file *file);

enum mill_range {
    MILL_RANGE_NONE, /* no range, several, or not understood: the whole file */
    MILL_RANGE_ONE,  /* bytes [offset, offset + length) */
    MILL_RANGE_OUTSIDE
};

/* Reads a Range header for a file of that size. *offset_out and *length_out are set for
 * MILL_RANGE_ONE only. Any thread. */
enum mill_range mill_range_parse(struct mill_view header, int64_t size, int64_t *offset_out,
                                 int64_t *length_out);

/* Whether an If-None-Match header names that entity tag ('*' names any). Any thread. */
bool mill_etag_listed(struct mill_view header, struct mill_view etag);

/* Appends "attachment; filename=..." with a plain name for old readers and an encoded one
 * when it is not plain. Any thread. */
void mill_add_disposition(struct mill_buf *out, struct mill_view name);

/* "Tue, 24 Nov 2026 02:07:29 GMT", and back: false for any other form. Any thread. */
void mill_http_date(int64_t time_ms, char out[32]);
bool mill_http_date_parse(struct mill_view text, int64_t *seconds_out);

#endif
