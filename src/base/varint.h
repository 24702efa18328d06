/* varint.h - LEB128 numbers: writes them, and reads them from bytes that may be damaged. */
#ifndef MILL_BASE_VARINT_H
#define MILL_BASE_VARINT_H

#include <stdbool.h>
#include <stdint.h>

/* Most bytes of a number. */
#define MILL_VARINT_MAX 10

/* Writes a number at a place with room for it; gives the place behind it. */
static inline char *mill_varint_put(char *at, uint64_t value)
{
    for (; value >= 0x80; value >>= 7)
        *at++ = (char)(unsigned char)(value | 0x80);
    *at++ = (char)(unsigned char)value;
    return at;
}

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
