/* suggest.c - edit distance of short words. */
#include "cli/suggest.h"

#include <stdint.h>

#define MAX_WORD 40

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Letters to insert, delete, replace or swap with their neighbour to make a from b. */
static size_t edit_distance(struct mill_view a, struct mill_view b)
{
    size_t rows[3][MAX_WORD + 1]; /* of the distance table: two before, before, this */
    size_t *older = rows[0], *old = rows[1], *now = rows[2];
    for (size_t j = 0; j <= b.len; j++)
        old[j] = j;
    for (size_t i = 1; i <= a.len; i++) {
        now[0] = i;
        for (size_t j = 1; j <= b.len; j++) {
            size_t replace = old[j - 1] + (a.ptr[i - 1] != b.ptr[j - 1]);
            now[j] = least(replace, least(old[j], now[j - 1]) + 1);
            if (i > 1 && j > 1 && a.ptr[i - 1] == b.ptr[j - 2] && a.ptr[i - 2] == b.ptr[j - 1])
                now[j] = least(now[j], older[j - 2] + 1);
        }
        size_t *spare = older;
        older = old;
        old = now;
        now = spare;
    }
    return old[b.len];
}

void mill_suggest(const char *word, struct mill_view typed, const char **nearest,
                  size_t *distance)
{
    struct mill_view known = mill_view_of(word);
    if (typed.len < 2 || typed.len > MAX_WORD || known.len > MAX_WORD)
        return;
    size_t d = edit_distance(known, typed);
    size_t allowed = typed.len / 3 + 1;
    if (mill_view_starts(known, typed))
        d = 1; /* an abbreviation */
    if (d <= allowed && d < *distance) {
        *distance = d;
        *nearest = word;
    }
}
