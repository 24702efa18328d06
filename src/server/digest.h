/* digest.h - the digests of RFC 9530: what an upload is said to have, and what a download is
 * asked to say. SHA-256 and SHA-512; other algorithms are as good as none. */
#ifndef MILL_SERVER_DIGEST_H
#define MILL_SERVER_DIGEST_H

#include "server/http.h"

#define MILL_DIGEST_MAX 64 /* bytes of the longest */

/* A sum in the making. Zeroed: there is nothing to compare with. One thread at a time. */
struct mill_digest {
    void *state;
    size_t len;
    unsigned char expected[MILL_DIGEST_MAX];
};

/* Reads a Repr-Digest or Content-Digest header, such as "sha-256=:BASE64:, md5=:...:", and
 * begins the strongest sum that it names. Absent, or with unknown algorithms alone, it leaves
 * *out zeroed. MILL_E_INVALID for a sum that is not base64 of the right length, MILL_E_NOMEM.
 */
enum mill_status mill_digest_expect(struct mill_view header, struct mill_arena *arena,
                                    struct mill_digest *out, struct mill_error *err);

/* Adds bytes; without effect on a zeroed one. */
void mill_digest_add(struct mill_digest *sum, struct mill_view bytes);

/* MILL_E_INVALID when the bytes were others than expected; MILL_OK for a zeroed one. */
enum mill_status mill_digest_compare(struct mill_digest *sum, struct mill_error *err);

/* Frees what it holds; it is zeroed afterwards. */
void mill_digest_release(struct mill_digest *sum);

/* The name of the algorithm that a Want-Repr-Digest header ("sha-256=10, sha-512=3") likes best
 * of those that are known here; NULL for none. A constant. */
const char *mill_digest_wanted(struct mill_view header);

/* The value of a Repr-Digest header for the first size bytes of a file, in arena. Reads all of
 * it: for pool threads. MILL_E_IO, MILL_E_NOMEM. */
enum mill_status mill_digest_file(const char *algorithm, int fd, int64_t size,
                                  struct mill_arena *arena, struct mill_view *out,
                                  struct mill_error *err);

#endif
