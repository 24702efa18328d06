/* checksum.c - see digest.h. */
#include "server/digest.h"

#include <errno.h>
#include <unistd.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "base/alloc.h"
#include "base/codec.h"
#include "base/view.h"

#define READ_BYTES 262144

/* The strongest last. */
static const struct algorithm {
    const char *name;
    const EVP_MD *(*digest)(void);
    size_t len;
} algorithms[] = {
    {"sha-256", EVP_sha256, 32},
    {"sha-512", EVP_sha512, 64},
};

static const struct algorithm *find(struct mill_view name)
{
    for (size_t i = 0; i < MILL_COUNT(algorithms); i++)
        if (mill_view_eq_nocase(name, mill_view_of(algorithms[i].name)))
            return &algorithms[i];
    return NULL;
}

/* Cuts the next "name=value" off a list; value goes without parameters. */
static struct mill_view next_member(struct mill_view list, struct mill_view *name_out,
                                    struct mill_view *value_out)
{
    struct mill_view item, value;
    struct mill_view rest = mill_view_cut(list, ',', &item);

    value = mill_view_cut(mill_view_trim(item), '=', name_out);
    (void)mill_view_cut(value, ';', value_out);
    return rest;
}

/* ":BASE64:" of that length. */
static bool read_sum(struct mill_view text, size_t len, struct mill_arena *arena,
                     struct mill_view *out)
{
    if (text.len < 2 || text.ptr[0] != ':' || text.ptr[text.len - 1] != ':')
        return false;
    return mill_base64_decode((struct mill_view){text.ptr + 1, text.len - 2}, arena, out) &&
           out->len == len;
}

static EVP_MD_CTX *begin(const struct algorithm *algorithm)
{
    EVP_MD_CTX *state = EVP_MD_CTX_new();

    if (state != NULL && EVP_DigestInit_ex(state, algorithm->digest(), NULL) == 1)
        return state;
    EVP_MD_CTX_free(state);
    return NULL;
}

enum mill_status mill_digest_expect(struct mill_view header, struct mill_arena *arena,
                                    struct mill_digest *out, struct mill_error *err)
{
    const struct algorithm *best = NULL;
    struct mill_view expected = {NULL, 0};

    while (header.ptr != NULL) {
        struct mill_view name, value;
        const struct algorithm *algorithm;

        header = next_member(header, &name, &value);
        algorithm = find(name);
        if (algorithm == NULL || (best != NULL && algorithm < best))
            continue;
        if (!read_sum(value, algorithm->len, arena, &expected))
            return mill_fail(err, MILL_E_INVALID,
                             "the digest of the content is not %s=:BASE64: of %zu bytes",
                             algorithm->name, algorithm->len);
        best = algorithm;
    }
    if (best == NULL)
        return MILL_OK;
    out->state = begin(best);
    if (out->state == NULL)
        return mill_fail(err, MILL_E_NOMEM, "out of memory for a checksum");
    out->len = best->len;
    memcpy(out->expected, expected.ptr, expected.len);
    return MILL_OK;
}

void mill_digest_add(struct mill_digest *sum, struct mill_view bytes)
{
    if (sum->state != NULL)
        (void)EVP_DigestUpdate(sum->state, bytes.ptr, bytes.len);
}

enum mill_status mill_digest_compare(struct mill_digest *sum, struct mill_error *err)
{
    unsigned char found[EVP_MAX_MD_SIZE];

    if (sum->state == NULL)
        return MILL_OK;
    if (EVP_DigestFinal_ex(sum->state, found, NULL) == 1 &&
        CRYPTO_memcmp(found, sum->expected, sum->len) == 0)
        return MILL_OK;
    return mill_fail(err, MILL_E_INVALID,
                     "the content that arrived has another digest than the request says; "
                     "nothing was stored");
}

void mill_digest_release(struct mill_digest *sum)
{
    EVP_MD_CTX_free(sum->state);
    *sum = (struct mill_digest){0};
}

const char *mill_digest_wanted(struct mill_view header)
{
    const char *best = NULL;
    int64_t most = 0;

    while (header.ptr != NULL) {
        struct mill_view name, value;
        const struct algorithm *algorithm;
        int64_t weight;

        header = next_member(header, &name, &value);
        algorithm = find(name);
        if (algorithm != NULL && mill_view_int(value, &weight) && weight > most) {
            best = algorithm->name;
            most = weight;
        }
    }
    return best;
}

/* Adds the file to the sum; false when it cannot be read to that size. */
static bool add_file(EVP_MD_CTX *state, int fd, int64_t size, char *buffer)
{
    for (int64_t at = 0; at < size;) {
        size_t want = size - at < READ_BYTES ? (size_t)(size - at) : (size_t)READ_BYTES;
        ssize_t n = pread(fd, buffer, want, at);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0 || EVP_DigestUpdate(state, buffer, (size_t)n) != 1)
            return false;
        at += n;
    }
    return true;
}

enum mill_status mill_digest_file(const char *algorithm, int fd, int64_t size,
                                  struct mill_arena *arena, struct mill_view *out,
                                  struct mill_error *err)
{
    const struct algorithm *a = find(mill_view_of(algorithm));
    EVP_MD_CTX *state = begin(a);
    char *buffer = mill_alloc(READ_BYTES);
    unsigned char found[EVP_MAX_MD_SIZE];
    struct mill_buf text = {0};
    enum mill_status st = MILL_OK;

    if (state == NULL || buffer == NULL) {
        st = mill_fail(err, MILL_E_NOMEM, "out of memory for a checksum");
    } else if (!add_file(state, fd, size, buffer) ||
               EVP_DigestFinal_ex(state, found, NULL) != 1) {
        st = mill_fail(err, MILL_E_IO, "the artifact cannot be read to its end");
    } else {
        mill_buf_printf(&text, "%s=:", a->name);
        mill_base64_encode(&text, (struct mill_view){(const char *)found, a->len});
        mill_buf_add_char(&text, ':');
        *out = mill_arena_copy(arena, mill_buf_view(&text));
        if (text.failed || out->ptr == NULL)
            st = mill_fail(err, MILL_E_NOMEM, "out of memory for a checksum");
    }
    mill_buf_release(&text);
    mill_free(buffer);
    EVP_MD_CTX_free(state);
    return st;
}
