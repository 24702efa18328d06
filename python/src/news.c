/* news.c - see news.h. */
#include "news.h"

#include <stdio.h>

enum { EMPTY, WRITING, FULL };

void pymill_news_put(void *context, const char *message)
{
    struct pymill_news *news = context;
    for (size_t i = 0; i < PYMILL_NEWS; i++) {
        int empty = EMPTY;
        if (!atomic_compare_exchange_strong(&news->items[i].state, &empty, WRITING))
            continue;
        snprintf(news->items[i].message, sizeof(news->items[i].message), "%s", message);
        atomic_store(&news->items[i].state, FULL);
        atomic_store(&news->any, true);
        return;
    }
}

void pymill_warn(const char *message)
{
    PyObject *logging = PyImport_ImportModule("logging");
    PyObject *logger =
        logging != NULL ? PyObject_CallMethod(logging, "getLogger", "s", "millstream") : NULL;
    PyObject *text = PyUnicode_DecodeUTF8(message, (Py_ssize_t)strlen(message), "replace");
    PyObject *result = logger != NULL && text != NULL
                           ? PyObject_CallMethod(logger, "warning", "sO", "%s", text)
                           : NULL;
    Py_XDECREF(logging);
    Py_XDECREF(logger);
    Py_XDECREF(text);
    Py_XDECREF(result);
    if (PyErr_Occurred())
        PyErr_WriteUnraisable(NULL);
}

void pymill_news_tell(struct pymill_news *news)
{
    PyObject *type, *value, *traceback;
    if (!atomic_load_explicit(&news->any, memory_order_relaxed))
        return;
    PyErr_Fetch(&type, &value, &traceback);
    atomic_store(&news->any, false);
    for (size_t i = 0; i < PYMILL_NEWS; i++) {
        char message[sizeof(news->items[i].message)];
        if (atomic_load(&news->items[i].state) != FULL)
            continue;
        memcpy(message, news->items[i].message, sizeof(message));
        atomic_store(&news->items[i].state, EMPTY);
        pymill_warn(message);
    }
    PyErr_Restore(type, value, traceback);
}
