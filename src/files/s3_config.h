/* s3_config.h - how an S3 service is spoken to, as environment and files say, and where a
 * bucket of it is found. Nothing here uses the network. Any thread. */
#ifndef MILL_FILES_S3_CONFIG_H
#define MILL_FILES_S3_CONFIG_H

#include "files/aws_config.h"
#include "files/aws_sign.h"

/* Limits that the protocol sets. */
#define MILL_S3_MAX_PARTS      10000
#define MILL_S3_MIN_PART_BYTES ((int64_t)5 << 20)
#define MILL_S3_MAX_PART_BYTES ((int64_t)5 << 30)

/* Headers that MLFLOW_S3_UPLOAD_EXTRA_ARGS can set. */
#define MILL_S3_MAX_EXTRA 12

/* How a bucket is named in a request. */
enum mill_s3_style {
    MILL_S3_AUTO, /* PATH at an endpoint of one's own and for buckets with dots, else VIRTUAL */
    MILL_S3_PATH, /* https://host/bucket/key */
    MILL_S3_VIRTUAL /* https://bucket.host/key */
};

struct mill_s3_config {
    struct mill_aws_config aws;
    struct mill_view endpoint; /* no slash at its end; absent: Amazon's own, by region */
    enum mill_s3_style style;
    bool insecure_tls;
    struct mill_view expected_owner; /* of every bucket: an account; absent: any */
    struct mill_aws_header extra[MILL_S3_MAX_EXTRA]; /* of requests that create an object */
    size_t extra_count;
    int64_t upload_least_bytes; /* files from this size on are sent in parts */
    int64_t upload_part_bytes;
    int64_t download_part_bytes; /* files that are larger are fetched in parts */
};

/* Reads the variables and the files behind them. Texts are in arena. MILL_E_INVALID names the
 * variable that is wrong; else as mill_aws_config_read. */
enum mill_status mill_s3_config_read(struct mill_s3_config *out, struct mill_arena *arena,
                                     struct mill_error *err);

/* The place of a bucket. */
struct mill_s3_address {
    struct mill_view origin; /* scheme, host and port */
    struct mill_view host; /* as the Host header has it: without the port that goes by itself */
    struct mill_view path; /* what comes before "/KEY", encoded; may be empty */
};

/* Makes the address of a bucket that lies in region. MILL_E_INVALID for what is no name of a
 * bucket, MILL_E_NOMEM. */
enum mill_status mill_s3_address_of(const struct mill_s3_config *config,
                                    struct mill_view bucket, struct mill_view region,
                                    struct mill_arena *arena, struct mill_s3_address *out,
                                    struct mill_error *err);

/* The size of the parts in which a file of that size is sent, so that MILL_S3_MAX_PARTS do. 0
 * when no size would. */
int64_t mill_s3_part_bytes(int64_t file_bytes, int64_t least_bytes);

#endif
