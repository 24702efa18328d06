/* numeric.h - texts of params and tags that are numbers: how pages sort and compare them. Any
 * thread. */
#ifndef MILL_SERVER_NUMERIC_H
#define MILL_SERVER_NUMERIC_H

#include <millstream/types.h>

#include "base/view.h"

/* Reads all of a text as a finite decimal number with or without a sign; false for others. */
bool mill_read_number(struct mill_view text, double *out);

/* Order of values for people, for qsort of struct mill_view: numbers by size, then texts, then
 * what is absent. */
int mill_value_order(const void *a, const void *b);

#endif
