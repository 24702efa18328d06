/* buf.h - growing byte buffer with a sticky failure: append freely, check once.
 * One thread at a time. */
#ifndef MILL_BASE_BUF_H
#define MILL_BASE_BUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/view.h"

struct mill_buf {
    char *ptr;
    size_t len;
    size_t cap;
    bool failed; /* an append ran out of memory; the content is incomplete */
};

/* Frees the memory; the buffer is empty and usable again. NULL and zeroed are allowed. */
void mill_buf_release(struct mill_buf *buf);

/* Makes room for more bytes behind len; false (and failed) when out of memory. */
bool mill_buf_reserve(struct mill_buf *buf, size_t more);

void mill_buf_add(struct mill_buf *buf, const void *bytes, size_t len);
void mill_buf_add_view(struct mill_buf *buf, struct mill_view text);
void mill_buf_add_char(struct mill_buf *buf, char c);
void mill_buf_add_int(struct mill_buf *buf, int64_t value);
void mill_buf_printf(struct mill_buf *buf, const char *format, ...) MILL_PRINTF(2, 3);
void mill_buf_vprintf(struct mill_buf *buf, const char *format, va_list args) MILL_PRINTF(2, 0);

/* LEB128 of an unsigned number; zigzag first for signed ones. */
void mill_buf_add_varint(struct mill_buf *buf, uint64_t value);

/* Empties the buffer for another use, keeping its memory; an earlier failure is forgotten. */
static inline void mill_buf_clear(struct mill_buf *buf)
{
    buf->len = 0;
    buf->failed = false;
}

static inline struct mill_view mill_buf_view(const struct mill_buf *buf)
{
    return (struct mill_view){buf->ptr != NULL ? buf->ptr : "", buf->len};
}

#endif
