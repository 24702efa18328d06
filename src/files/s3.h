/* s3.h - signed requests to an S3 service. Any thread, at the same time. */
#ifndef MILL_FILES_S3_H
#define MILL_FILES_S3_H

#include "files/checksum.h"
#include "files/s3_config.h"
#include "files/s3_xml.h"
#include "remote/remote.h"

/* The service that environment and files name, whatever the bucket. */
struct mill_s3;

/* Reads the configuration, makes no request. Fails as mill_s3_config_read and
 * mill_aws_provider_open. */
enum mill_status mill_s3_open(struct mill_view user_agent, struct mill_s3 **out,
                              struct mill_error *err);

/* As mill_remote_follow, for all requests. */
void mill_s3_follow(struct mill_s3 *s3, const struct mill_remote *leader);

/* NULL is allowed. No request may be under way. */
void mill_s3_close(struct mill_s3 *s3);

const struct mill_s3_config *mill_s3_config(const struct mill_s3 *s3);

/* Headers of one request besides those that every one has. */
#define MILL_S3_MAX_HEADERS (MILL_S3_MAX_EXTRA + 4)

struct mill_s3_request {
    const char *method;
    struct mill_view bucket;
    struct mill_view key;   /* not encoded; empty: the bucket itself */
    struct mill_view query; /* encoded, without '?'; may be empty */
    const struct mill_aws_header *headers;
    size_t header_count;   /* at most MILL_S3_MAX_HEADERS */
    struct mill_view body; /* absent: none */

    /* As in struct mill_remote_request. An upload reads its part of the file twice. */
    enum mill_remote_file file;
    int fd;
    int64_t file_offset, file_bytes;
    bool (*progress)(void *context, int64_t bytes);
    void *context;
};

/* Bytes of an ETag with its quotes, and of a checksum as text; with the NUL. */
#define MILL_S3_ETAG_SIZE     136
#define MILL_S3_CHECKSUM_SIZE 96

/* What the head of an answer says. Texts are empty where it says nothing. */
struct mill_s3_head {
    char etag[MILL_S3_ETAG_SIZE];
    int64_t bytes;   /* Content-Length, MILL_ABSENT when it is not given */
    char region[64]; /* where the bucket is */
    bool opaque; /* the ETag says nothing about the content: it is encrypted with other keys */
    bool composite; /* the checksum is one of checksums of parts */
    /* Base64 of the checksum of each kind. */
    char checksums[MILL_CHECKSUM_COUNT][MILL_S3_CHECKSUM_SIZE];
};

/* Makes the request, and makes it again where that helps: as mill_remote_perform does (all
 * these requests are repeatable), and once more when the service says that the bucket is in
 * another region. head may be NULL. *body gets the answer, which for a good download is empty.
 *
 * The service's error becomes a status; the message has its code and text, bucket and key. */
enum mill_status mill_s3_perform(struct mill_s3 *s3, const struct mill_s3_request *request,
                                 struct mill_s3_head *head, struct mill_buf *body,
                                 struct mill_error *err);

/* Status and message of an error document; http_status counts where it has no code that is
 * known. */
enum mill_status mill_s3_failed(const struct mill_s3_request *request,
                                const struct mill_s3_answer *answer, long http_status,
                                struct mill_error *err);

#endif
