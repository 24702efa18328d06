/* view.c - see view.h. */
#include "base/view.h"

struct mill_view mill_view_of(const char *text)
{
    return (struct mill_view){text, text != NULL ? strlen(text) : 0};
}

static char fold(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

bool mill_view_eq_nocase(struct mill_view a, struct mill_view b)
{
    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++)
        if (fold(a.ptr[i]) != fold(b.ptr[i]))
            return false;
    return true;
}

int mill_view_cmp(struct mill_view a, struct mill_view b)
{
    size_t common = a.len < b.len ? a.len : b.len;
    int order = common != 0 ? memcmp(a.ptr, b.ptr, common) : 0;
    if (order != 0 || a.len == b.len)
        return order;
    return a.len < b.len ? -1 : 1;
}

bool mill_view_starts(struct mill_view v, struct mill_view prefix)
{
    return v.len >= prefix.len && mill_view_eq((struct mill_view){v.ptr, prefix.len}, prefix);
}

bool mill_view_ends(struct mill_view v, struct mill_view suffix)
{
    return v.len >= suffix.len && mill_view_eq(mill_view_from(v, v.len - suffix.len), suffix);
}

struct mill_view mill_view_from(struct mill_view v, size_t from)
{
    if (v.ptr == NULL || from >= v.len)
        return (struct mill_view){v.ptr != NULL ? v.ptr + v.len : NULL, 0};
    return (struct mill_view){v.ptr + from, v.len - from};
}

struct mill_view mill_view_cut(struct mill_view v, char c, struct mill_view *head_out)
{
    const char *at = v.len != 0 ? memchr(v.ptr, c, v.len) : NULL;
    if (at == NULL) {
        *head_out = v;
        return (struct mill_view){NULL, 0};
    }
    size_t head = (size_t)(at - v.ptr);
    *head_out = (struct mill_view){v.ptr, head};
    return (struct mill_view){at + 1, v.len - head - 1};
}

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

struct mill_view mill_view_trim(struct mill_view v)
{
    while (v.len != 0 && is_space(v.ptr[0]))
        v = (struct mill_view){v.ptr + 1, v.len - 1};
    while (v.len != 0 && is_space(v.ptr[v.len - 1]))
        v.len--;
    return v;
}

bool mill_view_int(struct mill_view v, int64_t *out)
{
    size_t i = 0;
    bool negative = false;
    if (v.len != 0 && (v.ptr[0] == '-' || v.ptr[0] == '+')) {
        negative = v.ptr[0] == '-';
        i = 1;
    }
    if (i == v.len)
        return false;
    /* Built up as a negative number, whose range is the larger one. */
    int64_t value = 0;
    for (; i < v.len; i++) {
        if (v.ptr[i] < '0' || v.ptr[i] > '9')
            return false;
        if (__builtin_mul_overflow(value, 10, &value) ||
            __builtin_sub_overflow(value, v.ptr[i] - '0', &value))
            return false;
    }
    if (!negative && __builtin_sub_overflow((int64_t)0, value, &value))
        return false;
    *out = value;
    return true;
}

uint64_t mill_view_hash(struct mill_view v)
{
    /* Multiply-and-fold over eight bytes at a time (the idea of wyhash). The seed is an
     * address, which differs between runs, so that nobody can prepare colliding keys. */
    static const char anchor;
    uint64_t h = (uint64_t)(uintptr_t)&anchor ^ (v.len * 0x9e3779b97f4a7c15u);
    for (size_t i = 0; i < v.len; i += 8) {
        uint64_t word = 0;
        memcpy(&word, v.ptr + i, v.len - i < 8 ? v.len - i : 8);
        __extension__ unsigned __int128 product =
            (unsigned __int128)(h ^ word) * 0xa0761d6478bd642fu;
        h = (uint64_t)product ^ (uint64_t)(product >> 64);
    }
    h ^= h >> 32;
    h *= 0xe7037ed1a0b428dbu;
    return h ^ (h >> 29);
}

/* Length of the UTF-8 sequence at s, or 0 when it is not valid. */
static size_t sequence(const unsigned char *s, size_t left)
{
    if (s[0] < 0x80)
        return 1;
    size_t need = s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : 2;
    if (s[0] < 0xc2 || s[0] > 0xf4 || left < need)
        return 0;
    for (size_t i = 1; i < need; i++)
        if ((s[i] & 0xc0) != 0x80)
            return 0;
    if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
        (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f))
        return 0;
    return need;
}

bool mill_utf8_valid(struct mill_view v)
{
    const unsigned char *s = (const unsigned char *)v.ptr;
    for (size_t i = 0; i < v.len;) {
        size_t n = sequence(s + i, v.len - i);
        if (n == 0)
            return false;
        i += n;
    }
    return true;
}

size_t mill_utf8_length(struct mill_view v)
{
    size_t count = 0;
    for (size_t i = 0; i < v.len; i++)
        count += ((unsigned char)v.ptr[i] & 0xc0) != 0x80;
    return count;
}

struct mill_view mill_utf8_prefix(struct mill_view v, size_t max)
{
    if (v.len <= max)
        return v; /* no more code points than bytes */
    size_t count = 0;
    for (size_t i = 0; i < v.len; i++) {
        if (((unsigned char)v.ptr[i] & 0xc0) != 0x80 && count++ == max)
            return (struct mill_view){v.ptr, i};
    }
    return v;
}
