/* remote.h - requests to one tracking server or storage service over libcurl: connection reuse,
 * time limits, repetition where that is safe, streams from and to files. Any thread, at the
 * same time: each request under way has a connection of its own, which is kept for later. */
#ifndef MILL_REMOTE_REMOTE_H
#define MILL_REMOTE_REMOTE_H

#include <pthread.h>
#include <stdatomic.h>

#include <millstream/types.h>

#include "base/buf.h"
#include "remote/remote_options.h"

struct mill_remote;

/* What a file has to do with a request. */
enum mill_remote_file {
    MILL_REMOTE_NO_FILE,
    MILL_REMOTE_UPLOAD,  /* a part of it is the body */
    MILL_REMOTE_DOWNLOAD /* gets the body of a good answer */
};

struct mill_remote_request {
    const char *method;    /* "GET", "POST", "PUT" ... */
    struct mill_view path; /* put behind the base URI; encoded, begins with '/' */
    struct mill_view url; /* given: the whole address, asked without the options' credentials */
    struct mill_view body;      /* absent: none. JSON unless a header says otherwise */
    const char *const *headers; /* more of them, "Name: value" */
    size_t header_count;
    bool repeatable; /* a repetition does no harm, even if the first one got through */
    size_t
        most_bytes; /* a longer answer is refused; 0: MILL_REMOTE_MAX_ANSWER. Not for files */

    enum mill_remote_file file;
    int fd;              /* an open regular file; its position does not matter */
    int64_t file_offset; /* where the part of the file begins that is sent or written */
    /* Length of that part. A download that brings another number of bytes fails; MILL_ABSENT:
     * whatever comes, and the file is cut to it. */
    int64_t file_bytes;

    /* Told about the bytes of the file so far, also while waiting; false gives up. */
    bool (*progress)(void *context, int64_t bytes);
    /* Told about each header of the last answer, its name in lower case. */
    void (*header)(void *context, struct mill_view name, struct mill_view value);
    void *context; /* of both, each of which may be NULL */
};

/* Who knows the bearer token when it changes with time. */
struct mill_token_source {
    /* Replaces *token by the one that is valid now, making requests with whole addresses of
     * remote if need be. Any thread. */
    enum mill_status (*get)(struct mill_token_source *source, struct mill_remote *remote,
                            struct mill_buf *token, struct mill_error *err);
};

/* Answers larger than this are refused, among them large pages of runs; files have no limit. */
#define MILL_REMOTE_MAX_ANSWER ((size_t)256 << 20)

/* Copies nothing: options and their arena must live as long as the connection.
 * MILL_E_UNSUPPORTED when libcurl is missing. Makes no request. */
enum mill_status mill_remote_open(const struct mill_remote_options *options,
                                  struct mill_remote **remote_out, struct mill_error *err);

/* Requests use the source's tokens from now on. It must live as long as the connection; no
 * request may be under way. */
void mill_remote_use_tokens(struct mill_remote *remote, struct mill_token_source *source);

/* Ends all connections. NULL is allowed. No request may be under way. */
void mill_remote_close(struct mill_remote *remote);

/* Makes the requests under way end soon, and all later ones at once, with MILL_E_CANCELLED. */
void mill_remote_cancel(struct mill_remote *remote);

/* Has cancelling the leader's requests cancel these as well, in place of cancelling them alone.
 * The leader must live as long; no request may have been made. */
void mill_remote_follow(struct mill_remote *remote, const struct mill_remote *leader);

/* How long the last answer asked to be left alone (Retry-After); 0 when it did not, or when the
 * options do not heed it. */
int64_t mill_remote_asked_pause_s(const struct mill_remote *remote);

const struct mill_remote_options *mill_remote_options(const struct mill_remote *remote);

/* What workspace.c keeps of a server. */
struct mill_asked {
    pthread_mutex_t lock; /* of whoever asks */
    atomic_bool known;    /* it has workspaces; false at first */
};

struct mill_asked *mill_remote_workspace(struct mill_remote *remote);

/* Makes the request, repeating it as the options say: whatever it is when the server said
 * that it did nothing (429, 503) or could not be reached any more, only a repeatable one when
 * that is not known. A server that was never reached is not tried again.
 *
 * *http_status_out gets the status of the answer, whatever it is; *body its body, which for a
 * download is empty when the status is 200 or 206. Failures are those of the network. */
enum mill_status mill_remote_perform(struct mill_remote *remote,
                                     const struct mill_remote_request *request,
                                     long *http_status_out, struct mill_buf *body,
                                     struct mill_error *err);

#endif
