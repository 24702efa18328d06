/* aws_sign.h - Signature Version 4 of Amazon Web Services: what a request's Authorization
 * header is. Pure; any thread. */
#ifndef MILL_FILES_AWS_SIGN_H
#define MILL_FILES_AWS_SIGN_H

#include "base/buf.h"

/* Headers of one request that are signed. */
#define MILL_AWS_MAX_HEADERS 24

/* Parameters of one request. */
#define MILL_AWS_MAX_PARAMETERS 16

/* SHA-256 of nothing, in hex. */
#define MILL_AWS_EMPTY_SHA256 "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

/* Length of a time as the service writes it, with the NUL: "20130524T000000Z". */
#define MILL_AWS_TIME_SIZE 17

struct mill_aws_header {
    struct mill_view name; /* lower case */
    struct mill_view value;
};

/* A request as it goes over the wire. What is said here must be sent to the letter. */
struct mill_aws_request {
    struct mill_view method;
    struct mill_view path;           /* percent-encoded once, begins with '/' */
    struct mill_view query;          /* "a=1&b=2", names and values percent-encoded; or empty */
    struct mill_view payload_sha256; /* of the body, in lower-case hex */
    /* All that are signed, in any order: "host" and "x-amz-date" have to be among them. */
    const struct mill_aws_header *headers;
    size_t header_count;
};

/* With whose key, for what. */
struct mill_aws_scope {
    struct mill_view access_key;
    struct mill_view secret_key;
    struct mill_view region;       /* "us-east-1" */
    struct mill_view service;      /* "s3" */
    char time[MILL_AWS_TIME_SIZE]; /* of the request, as in its x-amz-date */
};

/* Writes a time (milliseconds since the epoch) in the service's form, in UTC. */
void mill_aws_time(int64_t now_ms, char out[MILL_AWS_TIME_SIZE]);

/* Appends the value of the Authorization header. out->failed tells that memory is out.
 * MILL_E_INVALID for more headers or parameters than the limits above. */
enum mill_status mill_aws_sign(const struct mill_aws_scope *scope,
                               const struct mill_aws_request *request, struct mill_buf *out,
                               struct mill_error *err);

/* Lower-case hex of the SHA-256 of bytes, with a NUL. */
void mill_aws_sha256_hex(struct mill_view bytes, char out[65]);

/* Lower-case hex of bytes, with a NUL: 2 * len + 1 bytes go to out. */
void mill_aws_hex(const unsigned char *bytes, size_t len, char *out);

#endif
