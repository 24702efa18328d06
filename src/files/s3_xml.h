/* s3_xml.h - what an S3 service answers, and the token service that gives keys for one: their
 * XML documents as structs. Pure; any thread. */
#ifndef MILL_FILES_S3_XML_H
#define MILL_FILES_S3_XML_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"

/* Bytes of a document and of one text in it, elements within each other, and entries of one
 * page of a listing (services send a thousand). */
#define MILL_S3_MAX_XML     ((size_t)1 << 26)
#define MILL_S3_MAX_TEXT    ((size_t)1 << 16)
#define MILL_S3_MAX_DEPTH   16
#define MILL_S3_MAX_ENTRIES ((size_t)10000)

/* Which document came. */
enum mill_s3_document {
    MILL_S3_OTHER,     /* none of those below */
    MILL_S3_LISTING,   /* of ListObjectsV2 */
    MILL_S3_INITIATED, /* of CreateMultipartUpload */
    MILL_S3_COMPLETED, /* of CompleteMultipartUpload */
    MILL_S3_KEYS,      /* of AssumeRoleWithWebIdentity */
    MILL_S3_ERROR      /* of either service */
};

/* An object, or (is_prefix) what several keys have in common before a delimiter. */
struct mill_s3_entry {
    struct mill_view name; /* as it came, see url_encoded */
    bool is_prefix;
    int64_t size;
};

/* Texts that did not come are absent. */
struct mill_s3_answer {
    enum mill_s3_document document;
    /* LISTING */
    struct mill_s3_entry *entries;
    size_t entry_count;
    bool truncated;   /* there is more, behind next_token */
    bool url_encoded; /* names are percent-coded, with '+' for a space */
    struct mill_view next_token;
    /* INITIATED */
    struct mill_view upload_id;
    /* KEYS */
    struct mill_view access_key, secret_key, session_token, expiration;
    /* ERROR */
    struct mill_view code, message, region;
};

/* Reads a document; texts are in arena. MILL_E_INVALID, with the reason, for what is not
 * well-formed, has a document type (nothing there needs one), or goes beyond the limits above;
 * MILL_E_NOMEM. */
enum mill_status mill_s3_read_xml(struct mill_view xml, struct mill_arena *arena,
                                  struct mill_s3_answer *out, struct mill_error *err);

#endif
