/* buf.c - see buf.h. */
#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/alloc.h"
#include "base/varint.h"

void mill_buf_release(struct mill_buf *buf)
{
    if (buf == NULL)
        return;
    mill_free(buf->ptr);
    *buf = (struct mill_buf){0};
}

bool mill_buf_reserve(struct mill_buf *buf, size_t more)
{
    if (buf->failed)
        return false;
    if (more <= buf->cap - buf->len)
        return true;
    size_t need;
    if (__builtin_add_overflow(buf->len, more, &need) || need > SIZE_MAX / 2) {
        buf->failed = true;
        return false;
    }
    size_t cap = buf->cap != 0 ? buf->cap : 256;
    while (cap < need)
        cap += cap;
    char *ptr = mill_realloc(buf->ptr, cap);
    if (ptr == NULL) {
        buf->failed = true;
        return false;
    }
    buf->ptr = ptr;
    buf->cap = cap;
    return true;
}

void mill_buf_add(struct mill_buf *buf, const void *bytes, size_t len)
{
    if (len == 0 || !mill_buf_reserve(buf, len))
        return;
    memcpy(buf->ptr + buf->len, bytes, len);
    buf->len += len;
}

void mill_buf_add_view(struct mill_buf *buf, struct mill_view text)
{
    mill_buf_add(buf, text.ptr, text.len);
}

void mill_buf_add_char(struct mill_buf *buf, char c)
{
    mill_buf_add(buf, &c, 1);
}

void mill_buf_add_int(struct mill_buf *buf, int64_t value)
{
    char digits[20];
    size_t at = sizeof(digits);
    uint64_t left = value < 0 ? -(uint64_t)value : (uint64_t)value;
    do {
        digits[--at] = (char)('0' + left % 10);
        left /= 10;
    } while (left != 0);
    if (value < 0)
        digits[--at] = '-';
    mill_buf_add(buf, digits + at, sizeof(digits) - at);
}

void mill_buf_printf(struct mill_buf *buf, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    mill_buf_vprintf(buf, format, args);
    va_end(args);
}

void mill_buf_vprintf(struct mill_buf *buf, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, again);
    va_end(again);
    if (len < 0 || !mill_buf_reserve(buf, (size_t)len + 1))
        return;
    vsnprintf(buf->ptr + buf->len, (size_t)len + 1, format, args);
    buf->len += (size_t)len;
}

void mill_buf_add_varint(struct mill_buf *buf, uint64_t value)
{
    if (mill_buf_reserve(buf, MILL_VARINT_MAX))
        buf->len = (size_t)(mill_varint_put(buf->ptr + buf->len, value) - buf->ptr);
}
