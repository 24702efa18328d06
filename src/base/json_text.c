/* json_text.c - see json_text.h; the hot half of most answers. */
#include "base/json_text.h"

static bool plain(unsigned char c)
{
    return c >= 0x20 && c != '"' && c != '\\';
}

/* Whether any of 8 bytes needs an escape; the classic has-zero-byte and has-less tricks. */
static bool word_needs_escape(uint64_t w)
{
    const uint64_t ones = 0x0101010101010101ULL;
    const uint64_t tops = 0x8080808080808080ULL;
    uint64_t quote = w ^ (ones * '"');
    uint64_t slash = w ^ (ones * '\\');
    uint64_t control = (w - ones * 0x20) & ~w;
    return ((((quote - ones) & ~quote) | ((slash - ones) & ~slash) | control) & tops) != 0;
}

/* Copies bytes up to one that needs an escape; returns how many. */
static size_t copy_plain(char *to, const char *text, size_t len)
{
    size_t i = 0;
    for (; i + 8 <= len; i += 8) {
        uint64_t word;
        memcpy(&word, text + i, sizeof(word));
        if (word_needs_escape(word))
            break;
        memcpy(to + i, &word, sizeof(word));
    }
    for (; i < len && plain((unsigned char)text[i]); i++)
        to[i] = text[i];
    return i;
}

static void add_escape(struct mill_buf *out, unsigned char c)
{
    static const char hex[] = "0123456789abcdef";
    static const char shorts[] = "\bb\ff\nn\rr\tt\"\"\\\\";
    for (size_t i = 0; i + 1 < sizeof(shorts); i += 2) {
        if ((unsigned char)shorts[i] == c) {
            mill_buf_add(out, (char[]){'\\', shorts[i + 1]}, 2);
            return;
        }
    }
    mill_buf_add(out, (char[]){'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]}, 6);
}

/* Room for more bytes at the end; mill_buf_reserve is seldom needed. */
static inline bool has_room(struct mill_buf *out, size_t more)
{
    return more <= out->cap - out->len || mill_buf_reserve(out, more);
}

void mill_buf_add_json_string(struct mill_buf *out, struct mill_view text)
{
    size_t done = 0;
    if (!has_room(out, text.len + 2))
        return;
    out->ptr[out->len++] = '"';
    for (;;) {
        if (!has_room(out, text.len - done + 1))
            return;
        size_t run = copy_plain(out->ptr + out->len, text.ptr + done, text.len - done);
        out->len += run;
        done += run;
        if (done == text.len)
            break;
        add_escape(out, (unsigned char)text.ptr[done++]);
    }
    out->ptr[out->len++] = '"';
}
