/* arena.h - memory of one request, parse or result page: many small pieces, one free.
 * One thread at a time. */
#ifndef MILL_BASE_ARENA_H
#define MILL_BASE_ARENA_H

#include <stdbool.h>
#include <stddef.h>

#include "base/view.h"

struct mill_arena_block;

struct mill_arena {
    struct mill_arena_block *blocks; /* newest first */
    char *next;
    size_t left;
    size_t total_bytes; /* taken from the heap so far */
    size_t limit_bytes; /* 0: no limit */
};

/* A zeroed struct is a valid empty arena; init also sets a limit on what it may take. */
void mill_arena_init(struct mill_arena *arena, size_t limit_bytes);

/* Frees everything; the arena is empty and usable again. NULL and zeroed are allowed. */
void mill_arena_release(struct mill_arena *arena);

/* As release, but keeps one block of at most keep_bytes for the next use. */
void mill_arena_reset(struct mill_arena *arena, size_t keep_bytes);

/* size bytes aligned for any type, not zeroed; NULL when memory or the limit is used up.
 * The zero variant checks the product and clears. */
void *mill_arena_alloc(struct mill_arena *arena, size_t size);
void *mill_arena_zero(struct mill_arena *arena, size_t count, size_t size);

/* A copy of the text, NUL-terminated behind it. Absent stays absent. A result with ptr
 * NULL for a given text means out of memory. */
struct mill_view mill_arena_copy(struct mill_arena *arena, struct mill_view text);

/* A NUL-terminated copy, or NULL when out of memory. */
char *mill_arena_cstr(struct mill_arena *arena, struct mill_view text);

/* Formatted text; ptr NULL when out of memory. */
struct mill_view mill_arena_printf(struct mill_arena *arena, const char *format, ...)
    MILL_PRINTF(2, 3);

#endif
