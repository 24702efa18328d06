/* window.h - sorts only the page that is asked for of all that a search found. */
#ifndef MILL_STORE_WINDOW_H
#define MILL_STORE_WINDOW_H

#include <stddef.h>

/* Something that was found. key grows in the wanted order and decides alone wherever it
 * differs; cmp sees those with equal keys. */
struct mill_found {
    double key;
    const void *thing;
};

/* <0, 0 or >0; a and b are the things. */
typedef int mill_found_cmp(const void *a, const void *b, const void *context);

/* Puts those that belong to [from, to) of the whole order into their places; from <= to <=
 * count. A late page costs as much as the first, and no input is a bad one. */
void mill_sort_window(struct mill_found *items, size_t count, size_t from, size_t to,
                      mill_found_cmp *cmp, const void *context);

#endif
