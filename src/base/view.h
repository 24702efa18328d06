/* view.h - borrowed text: compare, cut, read numbers. Nothing here allocates. */
#ifndef MILL_BASE_VIEW_H
#define MILL_BASE_VIEW_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <millstream/error.h>

/* A literal as a view: MILL_VIEW("abc"). */
#define MILL_VIEW(literal) ((struct mill_view){(literal), sizeof(literal) - 1})

/* For printf: printf("%.*s", MILL_FMT(view)), cut at 2^30 bytes. */
#define MILL_FMT(view) (int)((view).len & 0x3fffffff), ((view).ptr != NULL ? (view).ptr : "")

#define MILL_COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* A NUL-terminated text as a view; NULL gives the absent view. */
struct mill_view mill_view_of(const char *text);

/* Absent and empty are both empty here. */
static inline bool mill_view_empty(struct mill_view v)
{
    return v.len == 0;
}

static inline bool mill_view_eq(struct mill_view a, struct mill_view b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

/* As mill_view_eq, ASCII letters compared without case. */
bool mill_view_eq_nocase(struct mill_view a, struct mill_view b);

/* Orders by bytes, then by length: <0, 0 or >0. For UTF-8 that is code point order. */
int mill_view_cmp(struct mill_view a, struct mill_view b);

bool mill_view_starts(struct mill_view v, struct mill_view prefix);
bool mill_view_ends(struct mill_view v, struct mill_view suffix);

/* Bytes [from, v.len) of v; from may be past the end. */
struct mill_view mill_view_from(struct mill_view v, size_t from);

/* Cuts v at the first occurrence of c: *head_out gets what is before it, the result what
 * follows; without a c all of v is head and the result is absent. */
struct mill_view mill_view_cut(struct mill_view v, char c, struct mill_view *head_out);

/* Without ASCII white space at both ends. */
struct mill_view mill_view_trim(struct mill_view v);

/* Reads all of v as a decimal integer (optional sign). False when it is not one or does
 * not fit; *out is then left alone. */
bool mill_view_int(struct mill_view v, int64_t *out);

/* FNV-like 64-bit hash, same for equal text within one process run (seeded). */
uint64_t mill_view_hash(struct mill_view v);

/* Whether v is valid UTF-8 (no surrogates, no overlong forms). */
bool mill_utf8_valid(struct mill_view v);

/* Code points in valid UTF-8. */
size_t mill_utf8_length(struct mill_view v);

/* The longest prefix of valid UTF-8 with at most max code points. */
struct mill_view mill_utf8_prefix(struct mill_view v, size_t max);

#endif
