/* spool_format.h - what stands in the files of a spool: a header, then records, each with its
 * length and checksum. Pure bytes; nothing here opens a file. Any thread.
 *
 *   file    "MILLSPL" and the digit of the version, then records
 *   record  length of the payload (4 bytes, little end first), CRC-32 of kind and payload (4),
 *           kind (1), payload
 *
 * Points are packed; everything else is JSON by a message table, so that an older or newer
 * version finds its way by names. */
#ifndef MILL_LOGGER_SPOOL_FORMAT_H
#define MILL_LOGGER_SPOOL_FORMAT_H

#include <millstream/types.h>

#include "base/arena.h"
#include "base/buf.h"
#include "wire/message.h"

#define MILL_SPOOL_MAGIC        "MILLSPL1"
#define MILL_SPOOL_HEADER_BYTES 8
#define MILL_SPOOL_RECORD_BYTES 9
/* A longer one is damaged: the longest change that passes the checks is far below. */
#define MILL_SPOOL_MAX_PAYLOAD ((size_t)64 << 20)

enum mill_spool_kind {
    MILL_SPOOL_OPEN = 1, /* struct mill_spool_open: which run; the first record of each file */
    MILL_SPOOL_POINTS,   /* packed points */
    MILL_SPOOL_LOG,      /* struct mill_log_batch_request: params and tags */
    MILL_SPOOL_INPUTS,   /* struct mill_log_inputs_request */
    MILL_SPOOL_ARTIFACT, /* struct mill_spool_artifact */
    MILL_SPOOL_END       /* struct mill_update_run_request: the logger was closed */
};

/* Which run a spool is of, and how it is made where it does not exist. */
struct mill_spool_open {
    struct mill_view tracking_uri;
    struct mill_view run_id;
    bool join;        /* the run is another process's or older: it is not made */
    bool keep_status; /* and is not set running again */
    struct mill_view experiment_name; /* absent: experiment_id counts */
    int64_t experiment_id;
    struct mill_view run_name;
    struct mill_view user_id;
    int64_t start_time;
    int64_t created_ms; /* of the spool */
    const struct mill_tag *tags;
    size_t tag_count;
};

struct mill_spool_artifact {
    struct mill_view path;      /* of the copy, relative to the run's directory in the spool */
    struct mill_view directory; /* in the run's artifacts; absent: the root */
};

extern const struct mill_message mill_spool_open_message;
extern const struct mill_message mill_spool_artifact_message;

/* --- records --------------------------------------------------------------------------- */

struct mill_spool_record {
    enum mill_spool_kind kind;
    struct mill_view payload;
};

enum mill_spool_found {
    MILL_SPOOL_RECORD, /* a whole one */
    MILL_SPOOL_NONE,   /* the bytes end here, or in the middle of a record */
    MILL_SPOOL_DAMAGED /* these are not the bytes that were written */
};

/* Appends a record. The payload is what add puts behind begin. */
size_t mill_spool_record_begin(struct mill_buf *out, enum mill_spool_kind kind);
void mill_spool_record_end(struct mill_buf *out, size_t begin);

/* Appends a record of a struct that the message describes. */
void mill_spool_record_json(struct mill_buf *out, enum mill_spool_kind kind,
                            const struct mill_message *message, const void *value);

/* Takes the record at the beginning of *bytes off them. */
enum mill_spool_found mill_spool_record_next(struct mill_view *bytes,
                                             struct mill_spool_record *out);

/* How long the record at the beginning is by its own word, with its head, if that much is
 * believable; else the length of a head. */
size_t mill_spool_record_length(struct mill_view bytes);

/* Reads the payload of a record that is JSON into *out; texts are in arena. */
enum mill_status mill_spool_record_read(const struct mill_spool_record *record,
                                        const struct mill_message *message,
                                        struct mill_arena *arena, void *out,
                                        struct mill_error *err);

/* --- points ---------------------------------------------------------------------------- */

/* A point whose key is a number into a list of keys. */
struct mill_spool_point {
    int64_t step;
    int64_t timestamp;
    double value;
    uint32_t key;
};

/* Appends packed points: keys first, each once, then for each point the number of its key, the
 * differences of step and time from the point of that key before it, and the value. before is
 * room for two numbers for each key. */
void mill_spool_points_pack(struct mill_buf *out, const struct mill_view *keys,
                            size_t key_count, const struct mill_spool_point *points,
                            size_t count, int64_t (*before)[2]);

/* The points of a payload, in arena; keys point into the payload. MILL_E_CORRUPT. */
enum mill_status mill_spool_points_unpack(struct mill_view payload, struct mill_arena *arena,
                                          struct mill_metric **points_out, size_t *count_out,
                                          struct mill_error *err);

/* How many there are, without unpacking them; 0 for damaged ones. */
int64_t mill_spool_points_count(struct mill_view payload);

#endif
