/* remote.h - requests to one tracking server over libcurl: connection reuse, time limits,
 * repetition where that is safe, streams from and to files. One thread at a time. */
#ifndef MILL_CLIENT_REMOTE_H
#define MILL_CLIENT_REMOTE_H

#include "base/buf.h"
#include "client/remote_options.h"

struct mill_remote;

/* What a file has to do with a request. */
enum mill_remote_file {
    MILL_REMOTE_NO_FILE,
    MILL_REMOTE_UPLOAD,  /* its content, from the beginning, is the body */
    MILL_REMOTE_DOWNLOAD /* gets the body of a good answer */
};

struct mill_remote_request {
    const char *method;    /* "GET", "POST", "PUT" ... */
    struct mill_view path; /* put behind the base URI; encoded, begins with '/' */
    struct mill_view body; /* JSON; absent: none */
    bool repeatable;       /* a repetition does no harm, even if the first one got through */
    enum mill_remote_file file;
    int fd; /* UPLOAD and DOWNLOAD: an open regular file */
    int64_t upload_bytes;
    /* Told about the bytes of the file so far; false gives up. May be NULL. */
    bool (*progress)(void *context, int64_t bytes);
    void *context;
};

/* Answers larger than this are refused; files have no limit. */
#define MILL_REMOTE_MAX_ANSWER ((size_t)1 << 30)

/* Copies nothing: options and their arena must live as long as the connection.
 * MILL_E_UNSUPPORTED when libcurl is missing. Makes no request. */
enum mill_status mill_remote_open(const struct mill_remote_options *options,
                                  struct mill_remote **remote_out, struct mill_error *err);
void mill_remote_close(struct mill_remote *remote);

/* Makes the request, repeating it as the options say: whatever it is when the server said
 * that it did nothing (429, 503) or could not be reached any more, only a repeatable one when
 * that is not known. A server that was never reached is not tried again.
 *
 * *http_status_out gets the status of the answer, whatever it is; *body its body, which for a
 * download is empty when the status is 200. Failures are those of the network. */
enum mill_status mill_remote_perform(struct mill_remote *remote,
                                     const struct mill_remote_request *request,
                                     long *http_status_out, struct mill_buf *body,
                                     struct mill_error *err);

#endif
