/* gzip.c - zlib for answers; fast rather than tight. */
#include "server/gzip.h"

#include <zlib.h>

#include "base/alloc.h"

/* zlib's fastest: JSON shrinks about tenfold with any. */
#define LEVEL 1

/* Window of 32 KiB, and 16 for gzip's own frame. */
#define WINDOW (15 + 16)

/* "q=0", "q=0.0" ...: named, to be refused. */
static bool refused(struct mill_view parameters)
{
    parameters = mill_view_trim(parameters);
    if (!mill_view_starts(parameters, MILL_VIEW("q=")) &&
        !mill_view_starts(parameters, MILL_VIEW("Q=")))
        return false;
    for (size_t i = 2; i < parameters.len; i++) {
        if (parameters.ptr[i] != '0' && parameters.ptr[i] != '.')
            return false;
    }
    return true;
}

bool mill_gzip_accepted(struct mill_view accept_encoding)
{
    while (accept_encoding.len > 0) {
        struct mill_view item, name, parameters;
        accept_encoding = mill_view_cut(accept_encoding, ',', &item);
        parameters = mill_view_cut(item, ';', &name);
        if (mill_view_eq_nocase(mill_view_trim(name), MILL_VIEW("gzip")))
            return !refused(parameters);
    }
    return false;
}

bool mill_gzip_type(const char *content_type)
{
    struct mill_view type = mill_view_of(content_type);

    return mill_view_starts(type, MILL_VIEW("application/json")) ||
           mill_view_starts(type, MILL_VIEW("text/"));
}

void *mill_deflater_new(void)
{
    z_stream *z = mill_alloc_zero(1, sizeof(*z));

    if (z != NULL &&
        deflateInit2(z, LEVEL, Z_DEFLATED, WINDOW, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
        mill_free(z);
        return NULL;
    }
    return z;
}

bool mill_deflater_add(void *deflater, struct mill_view bytes, bool end, struct mill_buf *out)
{
    z_stream *z = deflater;
    int rc = Z_OK;

    z->next_in = (Bytef *)(uintptr_t)bytes.ptr;
    z->avail_in = (uInt)bytes.len;
    while (z->avail_in > 0 || (end && rc != Z_STREAM_END)) {
        if (!mill_buf_reserve(out, bytes.len / 8 + 1024))
            return false;
        size_t space = out->cap - out->len;
        z->next_out = (Bytef *)out->ptr + out->len;
        z->avail_out = (uInt)space;
        rc = deflate(z, end ? Z_FINISH : Z_NO_FLUSH);
        if (rc != Z_OK && rc != Z_STREAM_END && rc != Z_BUF_ERROR)
            return false;
        out->len += space - z->avail_out;
    }
    return true;
}

void mill_deflater_free(void *deflater)
{
    if (deflater == NULL)
        return;
    deflateEnd(deflater);
    mill_free(deflater);
}

bool mill_gzip(struct mill_view bytes, struct mill_buf *out)
{
    void *deflater = mill_deflater_new();
    bool ok = deflater != NULL && mill_deflater_add(deflater, bytes, true, out);

    mill_deflater_free(deflater);
    return ok;
}

bool mill_gunzip(struct mill_view bytes, struct mill_buf *out)
{
    z_stream z = {.next_in = (Bytef *)(uintptr_t)bytes.ptr, .avail_in = (uInt)bytes.len};
    int rc = Z_OK;

    if (inflateInit2(&z, WINDOW) != Z_OK)
        return false;
    while (rc == Z_OK && mill_buf_reserve(out, bytes.len * 2 + 1024)) {
        size_t space = out->cap - out->len;
        z.next_out = (Bytef *)out->ptr + out->len;
        z.avail_out = (uInt)space;
        rc = inflate(&z, Z_NO_FLUSH);
        out->len += space - z.avail_out;
    }
    inflateEnd(&z);
    return rc == Z_STREAM_END;
}
