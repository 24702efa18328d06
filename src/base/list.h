/* list.h - growing array of items of one size, while their number is not known.
 * One thread at a time. */
#ifndef MILL_BASE_LIST_H
#define MILL_BASE_LIST_H

#include <stddef.h>

/* Zeroed but for size it is empty. items is from mill_alloc: mill_free ends it. */
struct mill_list {
    char *items;
    size_t count, cap;
    size_t size; /* of one item */
};

/* A place behind the last item, not cleared; NULL when out of memory. */
void *mill_list_add(struct mill_list *list);

#endif
