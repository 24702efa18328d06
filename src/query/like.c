/* like.c - SQL LIKE without backtracking over more than the last '%'. */
#include <stddef.h>

#include "base/view.h"
#include "query/plan.h"

/* Bytes of the character at p, which is valid UTF-8 or at least inside the text. */
static size_t character_size(const char *p, size_t left)
{
    unsigned char c = (unsigned char)*p;
    size_t size = c < 0xc0 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
    return size < left ? size : left;
}

static char folded(char c, bool fold)
{
    return fold && c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* Where the text behind a '%' may go on: the next place that has the pattern's next character,
 * or from itself when that may be any or is written in two ways. */
static size_t next_place(struct mill_view text, size_t from, struct mill_view pattern, size_t p,
                         bool fold)
{
    if (fold || p == pattern.len || pattern.ptr[p] == '%' || pattern.ptr[p] == '_')
        return from;
    const char *found = memchr(text.ptr + from, pattern.ptr[p], text.len - from);
    return found != NULL ? (size_t)(found - text.ptr) : text.len;
}

/* On a mismatch only the last '%' has to take one character more: what an earlier one could
 * take instead, the last one can take as well. */
bool mill_query_like(struct mill_view text, struct mill_view pattern, bool fold_case)
{
    const size_t none = (size_t)-1;
    size_t t = 0, p = 0, retry_text = 0, retry_pattern = none;
    while (t < text.len) {
        if (p < pattern.len && pattern.ptr[p] == '%') {
            retry_pattern = ++p;
            t = next_place(text, t, pattern, p, fold_case);
            retry_text = t;
        } else if (p < pattern.len && pattern.ptr[p] == '_') {
            t += character_size(text.ptr + t, text.len - t);
            p++;
        } else if (p < pattern.len &&
                   folded(pattern.ptr[p], fold_case) == folded(text.ptr[t], fold_case)) {
            t++;
            p++;
        } else if (retry_pattern != none) {
            retry_text += character_size(text.ptr + retry_text, text.len - retry_text);
            retry_text = next_place(text, retry_text, pattern, retry_pattern, fold_case);
            t = retry_text;
            p = retry_pattern;
        } else {
            return false;
        }
    }
    while (p < pattern.len && pattern.ptr[p] == '%')
        p++;
    return p == pattern.len;
}
