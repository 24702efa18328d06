/* error.h - the one way from a status of the library to an exception. */
#ifndef PYMILL_ERROR_H
#define PYMILL_ERROR_H

#include "module.h"

/* Raises what a failed call of the library means: MlflowException, its subclass RestException
 * where the answer came from a server (remote), MemoryError. An exception that is set already,
 * of a signal's handler, stays. Gives NULL. */
PyObject *pymill_raise(struct pymill_state *state, enum mill_status status, const char *message,
                       bool remote);

/* Raises MlflowException with INVALID_PARAMETER_VALUE; the format is PyUnicode_FromFormat's.
 * Gives NULL. */
PyObject *pymill_raise_invalid(struct pymill_state *state, const char *format, ...);

#endif
