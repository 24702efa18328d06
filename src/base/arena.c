/* arena.c - see arena.h. Blocks double in size up to a bound; a large piece gets a block of
 * its own. */
#include "base/arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include "base/alloc.h"

enum { FIRST_BLOCK = 4096, LARGEST_BLOCK = 1 << 20, ALIGNMENT = 16 };

struct mill_arena_block {
    struct mill_arena_block *older;
    size_t size; /* of the whole block */
    _Alignas(ALIGNMENT) char bytes[];
};

void mill_arena_init(struct mill_arena *arena, size_t limit_bytes)
{
    *arena = (struct mill_arena){.limit_bytes = limit_bytes};
}

static void free_blocks(struct mill_arena_block *block)
{
    while (block != NULL) {
        struct mill_arena_block *older = block->older;
        mill_free(block);
        block = older;
    }
}

void mill_arena_release(struct mill_arena *arena)
{
    if (arena == NULL)
        return;
    free_blocks(arena->blocks);
    mill_arena_init(arena, arena->limit_bytes);
}

void mill_arena_reset(struct mill_arena *arena, size_t keep_bytes)
{
    struct mill_arena_block *keep = arena->blocks;
    if (keep == NULL || keep->size > keep_bytes) {
        mill_arena_release(arena);
        return;
    }
    free_blocks(keep->older);
    keep->older = NULL;
    arena->next = keep->bytes;
    arena->left = keep->size - sizeof(*keep);
    arena->total_bytes = keep->size;
}

static bool add_block(struct mill_arena *arena, size_t need)
{
    size_t size = arena->blocks != NULL ? arena->blocks->size * 2 : FIRST_BLOCK;
    if (size > LARGEST_BLOCK)
        size = LARGEST_BLOCK;
    if (need > SIZE_MAX - sizeof(struct mill_arena_block))
        return false;
    if (size < need + sizeof(struct mill_arena_block))
        size = need + sizeof(struct mill_arena_block);
    if (arena->limit_bytes != 0 &&
        (size > arena->limit_bytes || arena->total_bytes > arena->limit_bytes - size))
        return false;
    struct mill_arena_block *block = mill_alloc(size);
    if (block == NULL)
        return false;
    *block = (struct mill_arena_block){.older = arena->blocks, .size = size};
    arena->blocks = block;
    arena->next = block->bytes;
    arena->left = size - sizeof(*block);
    arena->total_bytes += size;
    return true;
}

void *mill_arena_alloc(struct mill_arena *arena, size_t size)
{
    if (size > SIZE_MAX - ALIGNMENT)
        return NULL;
    size_t rounded = (size + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
    if (rounded == 0)
        rounded = ALIGNMENT;
    if (rounded > arena->left && !add_block(arena, rounded))
        return NULL;
    void *piece = arena->next;
    arena->next += rounded;
    arena->left -= rounded;
    return piece;
}

void *mill_arena_zero(struct mill_arena *arena, size_t count, size_t size)
{
    size_t total;
    if (__builtin_mul_overflow(count, size, &total))
        return NULL;
    void *piece = mill_arena_alloc(arena, total);
    if (piece != NULL)
        memset(piece, 0, total);
    return piece;
}

char *mill_arena_cstr(struct mill_arena *arena, struct mill_view text)
{
    if (text.len == SIZE_MAX)
        return NULL;
    char *copy = mill_arena_alloc(arena, text.len + 1);
    if (copy == NULL)
        return NULL;
    if (text.len != 0)
        memcpy(copy, text.ptr, text.len);
    copy[text.len] = '\0';
    return copy;
}

struct mill_view mill_arena_copy(struct mill_arena *arena, struct mill_view text)
{
    if (text.ptr == NULL)
        return text;
    const char *copy = mill_arena_cstr(arena, text);
    return (struct mill_view){copy, copy != NULL ? text.len : 0};
}

struct mill_view mill_arena_printf(struct mill_arena *arena, const char *format, ...)
{
    struct mill_view none = {NULL, 0};
    va_list args;
    va_start(args, format);
    int len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (len < 0)
        return none;
    char *text = mill_arena_alloc(arena, (size_t)len + 1);
    if (text == NULL)
        return none;
    va_start(args, format);
    vsnprintf(text, (size_t)len + 1, format, args);
    va_end(args);
    return (struct mill_view){text, (size_t)len};
}
