/* varint.h - reads what mill_buf_add_varint wrote, from bytes that may be damaged. */
#ifndef MILL_BASE_VARINT_H
#define MILL_BASE_VARINT_H

#include <stdbool.h>
#include <stdint.h>

/* Bytes still to be read. */
struct mill_cursor {
    const unsigned char *at;
    const unsigned char *end;
};

/* Reads one LEB128 number; false at the end of the bytes or when it exceeds 64 bits. */
static inline bool mill_varint_read(struct mill_cursor *c, uint64_t *out)
{
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 64 && c->at < c->end; shift += 7) {
        unsigned char byte = *c->at++;
        if (shift == 63 && byte > 1)
            return false;
        value |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80) {
            *out = value;
            return true;
        }
    }
    return false;
}

/* Small numbers of either sign become small unsigned ones, and back. */
static inline uint64_t mill_zigzag(int64_t value)
{
    return (uint64_t)value << 1 ^ (uint64_t)(value >> 63);
}

static inline int64_t mill_unzigzag(uint64_t value)
{
    return (int64_t)(value >> 1 ^ -(value & 1));
}

#endif
