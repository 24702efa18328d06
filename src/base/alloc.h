/* alloc.h - the only callers of malloc; lets a test make the Nth allocation fail. */
#ifndef MILL_BASE_ALLOC_H
#define MILL_BASE_ALLOC_H

#include <stddef.h>

#include <millstream/error.h>

/* As malloc, calloc, realloc and free. A size of 0 gives a pointer that may be freed.
 * NULL means out of memory, which callers report as MILL_E_NOMEM. Any thread. */
void *mill_alloc(size_t size);
void *mill_alloc_zero(size_t count, size_t size);
void *mill_realloc(void *ptr, size_t size);
void mill_free(void *ptr);

/* Test hook: the nth allocation from now (1 is the next one) and every later one fails.
 * 0 switches it off. Process-wide. */
void mill_alloc_fail_after(long nth);

/* What a call fails with that finds no memory. */
static inline enum mill_status mill_no_memory(struct mill_error *err)
{
    return mill_fail(err, MILL_E_NOMEM, "out of memory");
}

#endif
