/* alloc.c - malloc with a switch that makes it fail, for tests of the failure paths. */
#include "base/alloc.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>

/* 0: off. Counts down; at 1 and below (but not 0) allocations fail. */
static atomic_long fail_after;

static bool must_fail(void)
{
    if (atomic_load_explicit(&fail_after, memory_order_relaxed) == 0)
        return false;
    long left = atomic_fetch_sub_explicit(&fail_after, 1, memory_order_relaxed);
    if (left > 1)
        return false;
    atomic_store_explicit(&fail_after, 1, memory_order_relaxed);
    return true;
}

void *mill_alloc(size_t size)
{
    if (must_fail())
        return NULL;
    return malloc(size != 0 ? size : 1);
}

void *mill_alloc_zero(size_t count, size_t size)
{
    if (must_fail())
        return NULL;
    return calloc(count != 0 ? count : 1, size != 0 ? size : 1);
}

void *mill_realloc(void *ptr, size_t size)
{
    if (must_fail())
        return NULL;
    return realloc(ptr, size != 0 ? size : 1);
}

void mill_free(void *ptr)
{
    free(ptr);
}

void mill_alloc_fail_after(long nth)
{
    atomic_store(&fail_after, nth);
}
