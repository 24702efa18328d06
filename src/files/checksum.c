/* checksum.c - see checksum.h. */
#include "files/checksum.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include <openssl/evp.h>
#include <zlib.h>

#include "base/alloc.h"
#include "base/view.h"

#define PIECE_BYTES ((size_t)1 << 18)

/* --- cyclic redundancy checks ------------------------------------------------------------ */

/* Reflected polynomials. zlib has the one of CRC-32. */
#define POLYNOMIAL_CRC32C    0x82f63b78U
#define POLYNOMIAL_CRC64NVME 0x9a6c9329ac4bc9b5U

static uint64_t table_crc32c[256], table_crc64nvme[256];
static pthread_once_t tables_once = PTHREAD_ONCE_INIT;

static void fill(uint64_t *table, uint64_t polynomial)
{
    for (unsigned byte = 0; byte < 256; byte++) {
        uint64_t rest = byte;
        for (int bit = 0; bit < 8; bit++)
            rest = rest >> 1 ^ (rest & 1 ? polynomial : 0);
        table[byte] = rest;
    }
}

static void fill_tables(void)
{
    fill(table_crc32c, POLYNOMIAL_CRC32C);
    fill(table_crc64nvme, POLYNOMIAL_CRC64NVME);
}

static uint64_t with_table(const uint64_t *table, uint64_t crc, const unsigned char *bytes,
                           size_t len)
{
    for (size_t i = 0; i < len; i++)
        crc = table[(crc ^ bytes[i]) & 255] ^ crc >> 8;
    return crc;
}

static uint64_t add_crc32(uint64_t crc, const unsigned char *bytes, size_t len)
{
    return crc32_z((uLong)crc, bytes, len);
}

static uint64_t add_crc32c(uint64_t crc, const unsigned char *bytes, size_t len)
{
    return ~with_table(table_crc32c, ~crc & 0xffffffffU, bytes, len) & 0xffffffffU;
}

static uint64_t add_crc64nvme(uint64_t crc, const unsigned char *bytes, size_t len)
{
    return ~with_table(table_crc64nvme, ~crc, bytes, len);
}

/* --- all kinds alike --------------------------------------------------------------------- */

/* A kind is a digest of libcrypto or a check of a few bytes. */
static const struct kind {
    const char *name;
    const EVP_MD *(*digest)(void);
    uint64_t (*add)(uint64_t crc, const unsigned char *bytes, size_t len);
    size_t crc_bytes;
} kinds[MILL_CHECKSUM_COUNT] = {
    [MILL_MD5] = {"MD5", EVP_md5, NULL, 0},
    [MILL_SHA1] = {"SHA-1", EVP_sha1, NULL, 0},
    [MILL_SHA256] = {"SHA-256", EVP_sha256, NULL, 0},
    [MILL_CRC32] = {"CRC-32", NULL, add_crc32, 4},
    [MILL_CRC32C] = {"CRC-32C", NULL, add_crc32c, 4},
    [MILL_CRC64NVME] = {"CRC-64/NVME", NULL, add_crc64nvme, 8},
};

const char *mill_checksum_name(enum mill_checksum_kind kind)
{
    return kinds[kind].name;
}

struct sum {
    const struct kind *kind;
    EVP_MD_CTX *digest;
    uint64_t crc;
};

static bool begin(struct sum *sum, enum mill_checksum_kind kind)
{
    pthread_once(&tables_once, fill_tables);
    *sum = (struct sum){.kind = &kinds[kind]};
    if (sum->kind->digest == NULL)
        return true;
    sum->digest = EVP_MD_CTX_new();
    return sum->digest != NULL &&
           EVP_DigestInit_ex(sum->digest, sum->kind->digest(), NULL) == 1;
}

static bool add(struct sum *sum, const void *bytes, size_t len)
{
    if (sum->digest != NULL)
        return EVP_DigestUpdate(sum->digest, bytes, len) == 1;
    sum->crc = sum->kind->add(sum->crc, bytes, len);
    return true;
}

static bool finish(struct sum *sum, struct mill_checksum *out)
{
    if (sum->digest != NULL) {
        unsigned len = 0;
        bool done = EVP_DigestFinal_ex(sum->digest, out->bytes, &len) == 1;
        out->len = len;
        return done;
    }
    out->len = sum->kind->crc_bytes;
    for (size_t i = 0; i < out->len; i++)
        out->bytes[i] = (unsigned char)(sum->crc >> 8 * (out->len - 1 - i));
    return true;
}

bool mill_checksum_bytes(enum mill_checksum_kind kind, struct mill_view bytes,
                         struct mill_checksum *out)
{
    struct sum sum;
    bool done = begin(&sum, kind) && add(&sum, bytes.ptr, bytes.len) && finish(&sum, out);
    EVP_MD_CTX_free(sum.digest);
    return done;
}

/* Reads the file into the sum, a piece at a time. */
static enum mill_status add_file(struct sum *sum, char *piece, int fd, int64_t offset,
                                 int64_t bytes, bool (*wanted)(void *context), void *context,
                                 struct mill_error *err)
{
    for (int64_t done = 0; done < bytes;) {
        size_t most =
            bytes - done < (int64_t)PIECE_BYTES ? (size_t)(bytes - done) : PIECE_BYTES;
        ssize_t got = pread(fd, piece, most, (off_t)(offset + done));
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return mill_fail(err, MILL_E_IO, "cannot read a file: %s", strerror(errno));
        if (got == 0)
            return mill_fail(err, MILL_E_IO, "the file has become shorter");
        if (!add(sum, piece, (size_t)got))
            return mill_fail(err, MILL_E_NOMEM, "out of memory");
        done += got;
        if (wanted != NULL && !wanted(context))
            return mill_fail(err, MILL_E_CANCELLED, "the transfer was cancelled");
    }
    return MILL_OK;
}

enum mill_status mill_checksum_file(enum mill_checksum_kind kind, int fd, int64_t offset,
                                    int64_t bytes, bool (*wanted)(void *context), void *context,
                                    struct mill_checksum *out, struct mill_error *err)
{
    struct sum sum;
    char *piece = mill_alloc(PIECE_BYTES);
    enum mill_status st = MILL_OK;
    if (!begin(&sum, kind) || piece == NULL)
        st = mill_fail(err, MILL_E_NOMEM, "out of memory");
    if (st == MILL_OK)
        st = add_file(&sum, piece, fd, offset, bytes, wanted, context, err);
    if (st == MILL_OK && !finish(&sum, out))
        st = mill_fail(err, MILL_E_NOMEM, "out of memory");
    EVP_MD_CTX_free(sum.digest);
    mill_free(piece);
    return st;
}
