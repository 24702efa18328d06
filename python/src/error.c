/* error.c - failed calls become exceptions; the classes are in millstream/exceptions.py. */
#include "error.h"

#include <stdarg.h>

/* Statuses that do not come from a server, wherever the client goes. */
static bool is_local(enum mill_status status)
{
    static const enum mill_status local[] = {MILL_E_IO, MILL_E_TIMEOUT, MILL_E_CANCELLED,
                                             MILL_E_UNSUPPORTED};
    for (size_t i = 0; i < PYMILL_COUNT(local); i++)
        if (local[i] == status)
            return true;
    return false;
}

/* Sets the exception that a function of millstream.exceptions makes of code and message. */
static void set_exception(struct pymill_state *state, const char *maker, const char *code,
                          PyObject *message)
{
    PyObject *module = pymill_import(&state->exceptions, "millstream.exceptions", NULL);
    if (module == NULL)
        return;
    PyObject *exception = PyObject_CallMethod(module, maker, "sO", code, message);
    if (exception != NULL)
        PyErr_SetObject((PyObject *)Py_TYPE(exception), exception);
    Py_XDECREF(exception);
}

PyObject *pymill_raise(struct pymill_state *state, enum mill_status status, const char *message,
                       bool remote)
{
    if (PyErr_Occurred())
        return NULL;
    if (status == MILL_E_NOMEM)
        return PyErr_NoMemory();
    /* A message that was cut in the middle of a character is still one. */
    PyObject *text = PyUnicode_DecodeUTF8(message, (Py_ssize_t)strlen(message), "replace");
    if (text != NULL)
        set_exception(state,
                      remote && !is_local(status) ? "_answered_exception" : "_local_exception",
                      mill_status_get_info(status)->error_code, text);
    Py_XDECREF(text);
    return NULL;
}

PyObject *pymill_raise_invalid(struct pymill_state *state, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    PyObject *message = PyUnicode_FromFormatV(format, values);
    va_end(values);
    if (message != NULL)
        set_exception(state, "_local_exception", "INVALID_PARAMETER_VALUE", message);
    Py_XDECREF(message);
    return NULL;
}
