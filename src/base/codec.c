/* codec.c - see codec.h. */
#include "base/codec.h"

static const char base64_digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void mill_base64_encode(struct mill_buf *out, struct mill_view bytes)
{
    const unsigned char *in = (const unsigned char *)bytes.ptr;
    for (size_t i = 0; i < bytes.len; i += 3) {
        size_t n = bytes.len - i < 3 ? bytes.len - i : 3;
        unsigned word = (unsigned)in[i] << 16;
        if (n > 1)
            word |= (unsigned)in[i + 1] << 8;
        if (n > 2)
            word |= in[i + 2];
        char quad[4] = {base64_digits[word >> 18], base64_digits[(word >> 12) & 63],
                        n > 1 ? base64_digits[(word >> 6) & 63] : '=',
                        n > 2 ? base64_digits[word & 63] : '='};
        mill_buf_add(out, quad, sizeof(quad));
    }
}

/* 0 to 63, or -1. */
static int base64_value(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

bool mill_base64_decode_to(struct mill_view text, char *out, size_t *len_out)
{
    if (text.len % 4 != 0)
        return false;
    size_t padding = 0;
    while (padding < 2 && padding < text.len && text.ptr[text.len - 1 - padding] == '=')
        padding++;
    size_t n = 0;
    for (size_t i = 0; i < text.len; i += 4) {
        unsigned word = 0;
        for (size_t j = i; j < i + 4; j++) {
            int value = j < text.len - padding ? base64_value(text.ptr[j]) : 0;
            if (value < 0)
                return false;
            word = word << 6 | (unsigned)value;
        }
        out[n++] = (char)(word >> 16);
        out[n++] = (char)(word >> 8);
        out[n++] = (char)word;
    }
    *len_out = n - padding;
    return true;
}

bool mill_base64_decode(struct mill_view text, struct mill_arena *arena, struct mill_view *out)
{
    size_t len;
    char *bytes = mill_arena_alloc(arena, text.len / 4 * 3 + 1);
    if (bytes == NULL || !mill_base64_decode_to(text, bytes, &len))
        return false;
    bytes[len] = '\0';
    *out = (struct mill_view){bytes, len};
    return true;
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

struct mill_view mill_percent_decode(struct mill_view text, bool plus_is_space,
                                     struct mill_arena *arena)
{
    char *out = mill_arena_cstr(arena, text);
    if (out == NULL)
        return (struct mill_view){NULL, 0};
    size_t n = 0;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (c == '%' && text.len - i > 2 && hex_value(text.ptr[i + 1]) >= 0 &&
            hex_value(text.ptr[i + 2]) >= 0) {
            c = (char)(hex_value(text.ptr[i + 1]) << 4 | hex_value(text.ptr[i + 2]));
            i += 2;
        } else if (c == '+' && plus_is_space) {
            c = ' ';
        }
        out[n++] = c;
    }
    out[n] = '\0';
    return (struct mill_view){out, n};
}

static bool unreserved(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
           c == '-' || c == '.' || c == '_' || c == '~';
}

void mill_percent_encode(struct mill_buf *out, struct mill_view text, const char *keep)
{
    static const char digits[] = "0123456789ABCDEF";
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (unreserved(c) || (keep != NULL && c != '\0' && strchr(keep, c) != NULL)) {
            mill_buf_add_char(out, c);
            continue;
        }
        char coded[3] = {'%', digits[(unsigned char)c >> 4], digits[(unsigned char)c & 15]};
        mill_buf_add(out, coded, sizeof(coded));
    }
}
