/* key.c - the grammar of keys and run ids, checked without copying. */
#include "model/key.h"

#include <stddef.h>

#include "base/view.h"
#include "model/limits.h"

struct range {
    uint32_t first, last;
};

static const struct range word_ranges[] = {
/* clang-format off */
#include "model/word_ranges.inc"
    /* clang-format on */
};

bool mill_is_word(uint32_t point)
{
    if (point < 0x80)
        return (point >= 'a' && point <= 'z') || (point >= 'A' && point <= 'Z') ||
               (point >= '0' && point <= '9') || point == '_';
    size_t low = 0, high = MILL_COUNT(word_ranges);
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (point > word_ranges[middle].last)
            low = middle + 1;
        else
            high = middle;
    }
    return low < MILL_COUNT(word_ranges) && point >= word_ranges[low].first;
}

/* The code point at *at, which is moved behind it. The text is valid UTF-8. */
static uint32_t next_point(struct mill_view text, size_t *at)
{
    const unsigned char *p = (const unsigned char *)text.ptr + *at;
    size_t len = p[0] < 0x80 ? 1 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
    uint32_t point = len == 1 ? p[0] : (uint32_t)(p[0] & (0x7f >> len));
    for (size_t i = 1; i < len; i++)
        point = point << 6 | (p[i] & 0x3f);
    *at += len;
    return point;
}

static bool is_plain(unsigned char c)
{
    return mill_is_word(c) || c == '.' || c == '-' || c == ' ' || c == ':' || c == '/';
}

/* Whether all characters are allowed. Only keys beyond ASCII need decoding. */
static bool characters_allowed(struct mill_view key)
{
    for (size_t i = 0; i < key.len;) {
        unsigned char c = (unsigned char)key.ptr[i];
        if (c < 0x80) {
            if (!is_plain(c))
                return false;
            i++;
        } else if (!mill_is_word(next_point(key, &i))) {
            return false;
        }
    }
    return true;
}

/* Whether the key, read as a path, is relative, stays below its root and is its own shortest
 * form. */
static bool path_is_normal(struct mill_view key)
{
    if (mill_view_starts(key, MILL_VIEW("..")))
        return false;
    struct mill_view rest = key;
    while (rest.ptr != NULL) {
        struct mill_view segment;
        rest = mill_view_cut(rest, '/', &segment);
        if (segment.len == 0 || mill_view_eq(segment, MILL_VIEW(".")) ||
            mill_view_eq(segment, MILL_VIEW("..")))
            return false;
    }
    return true;
}

/* Whether the key has only characters that are good wherever they stand, as nearly all have:
 * letters and digits of ASCII, '_', '-', ':' and space. */
static bool is_simple(struct mill_view key)
{
    static const uint64_t low = 1ull << ' ' | 1ull << '-' | 0x7ffull << '0'; /* to ':' */
    static const uint64_t high =
        0x3ffffffull << ('A' - 64) | 1ull << ('_' - 64) | 0x3ffffffull << ('a' - 64);
    for (size_t i = 0; i < key.len; i++) {
        unsigned char c = (unsigned char)key.ptr[i];
        if (c >= 0x80 || ((c < 64 ? low : high) >> (c & 63) & 1) == 0)
            return false;
    }
    return true;
}

const char *mill_key_problem(struct mill_view key)
{
    if (key.len == 0)
        return "is missing or empty; give it at least one character";
    if (key.len <= MILL_MAX_KEY && is_simple(key))
        return NULL;
    if (!mill_utf8_valid(key))
        return "is not valid UTF-8";
    if (key.len > MILL_MAX_KEY && mill_utf8_length(key) > MILL_MAX_KEY)
        return "is longer than 250 characters; shorten it";
    if (!characters_allowed(key))
        return "has a character that keys may not have; use letters, digits, '_', '-', '.', "
               "':', '/' and spaces";
    if (!path_is_normal(key))
        return "is not a plain relative path; leave out '.' and '..' parts, double slashes "
               "and slashes at either end";
    return NULL;
}

bool mill_is_words_and_dashes(struct mill_view text)
{
    for (size_t i = 0; i < text.len;) {
        uint32_t point = next_point(text, &i);
        if (point != '-' && !mill_is_word(point))
            return false;
    }
    return true;
}

bool mill_run_id_valid(struct mill_view run_id)
{
    if (run_id.len == 0 || (unsigned char)run_id.ptr[0] >= 0x80 || run_id.ptr[0] == '_' ||
        !mill_is_word((unsigned char)run_id.ptr[0]) || !mill_utf8_valid(run_id) ||
        mill_utf8_length(run_id) > MILL_MAX_RUN_ID)
        return false;
    return mill_is_words_and_dashes(run_id);
}
