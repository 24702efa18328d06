/* columns.h - a column of numbers: of NumPy, array, memoryview or any buffer, or of a list. */
#ifndef PYMILL_COLUMNS_H
#define PYMILL_COLUMNS_H

#include "module.h"

/* The numbers of a column as double or int64_t, in memory for the caller to free with
 * PyMem_Free. A buffer of one dimension is copied as a whole, whatever its type of number;
 * other sequences item by item. NULL with an exception set. */
double *pymill_reals(struct pymill_state *state, PyObject *column, size_t *count_out);
int64_t *pymill_wholes(PyObject *column, size_t *count_out);

#endif
