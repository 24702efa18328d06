/* checksum.h - checksums of parts of files, as storage services state them. Any thread. */
#ifndef MILL_FILES_CHECKSUM_H
#define MILL_FILES_CHECKSUM_H

#include <stdbool.h>
#include <stdint.h>

#include <millstream/error.h>

enum mill_checksum_kind {
    MILL_MD5,
    MILL_SHA1,
    MILL_SHA256,
    MILL_CRC32,
    MILL_CRC32C,
    MILL_CRC64NVME,
    MILL_CHECKSUM_COUNT
};

/* Bytes of the longest one. */
#define MILL_CHECKSUM_BYTES 32

struct mill_checksum {
    unsigned char bytes[MILL_CHECKSUM_BYTES]; /* CRCs with their high byte first */
    size_t len;
};

/* The name of a kind: "SHA-256". */
const char *mill_checksum_name(enum mill_checksum_kind kind);

/* Reads that many bytes of the open file from offset on. Between
 * pieces wanted (may be NULL) is asked whether to go on. MILL_E_CANCELLED; MILL_E_IO, also when
 * the file ends earlier, MILL_E_NOMEM. */
enum mill_status mill_checksum_file(enum mill_checksum_kind kind, int fd, int64_t offset,
                                    int64_t bytes, bool (*wanted)(void *context), void *context,
                                    struct mill_checksum *out, struct mill_error *err);

/* The same of bytes in memory; false when memory is out. */
bool mill_checksum_bytes(enum mill_checksum_kind kind, struct mill_view bytes,
                         struct mill_checksum *out);

#endif
