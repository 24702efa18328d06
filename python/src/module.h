/* module.h - the state of the extension, one for each interpreter that imports it.
 *
 * The extension keeps to the limited API of CPython 3.9, so that one binary serves all later
 * versions; a free-threaded build has no limited API and is compiled for itself. Nothing in it
 * is static and changes: what it keeps between calls is in the state or in an object.
 *
 * The state, and all that hangs on it, is guarded by the GIL. Where there is none, a critical
 * section on state->guard stands for it: whoever enters the extension to use more than its own
 * arguments holds it (client calls, opening and closing). Python lets go of it wherever the GIL
 * would be let go of, and takes it back there, so both are one rule: what was looked up is good
 * until something waits or runs Python, and no longer. */
#ifndef PYMILL_MODULE_H
#define PYMILL_MODULE_H

#include <pyconfig.h> /* says whether there is a GIL; no other header of Python's may come first */
#ifndef Py_GIL_DISABLED
#define Py_LIMITED_API 0x03090000
#endif
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <stdbool.h>
#include <stdint.h>

#include <millstream/millstream.h>

/* The limited API does not have them, nor do Pythons with nothing but a GIL need them. */
#ifndef Py_BEGIN_CRITICAL_SECTION
#define Py_BEGIN_CRITICAL_SECTION(object)                                                      \
    {                                                                                          \
        (void)(object)
#define Py_END_CRITICAL_SECTION() }
#endif

#define PYMILL_COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* The entities, each a Python type; their rows are in entity_tables.c. */
enum pymill_entity_id {
    PYMILL_EXPERIMENT,
    PYMILL_EXPERIMENT_TAG,
    PYMILL_RUN,
    PYMILL_RUN_INFO,
    PYMILL_RUN_DATA,
    PYMILL_RUN_INPUTS,
    PYMILL_RUN_OUTPUTS,
    PYMILL_RUN_TAG,
    PYMILL_METRIC,
    PYMILL_PARAM,
    PYMILL_FILE_INFO,
    PYMILL_DATASET,
    PYMILL_DATASET_INPUT,
    PYMILL_INPUT_TAG,
    PYMILL_LOGGED_MODEL_INPUT,
    PYMILL_LOGGED_MODEL_OUTPUT,
    PYMILL_REGISTERED_MODEL,
    PYMILL_REGISTERED_MODEL_TAG,
    PYMILL_REGISTERED_MODEL_ALIAS,
    PYMILL_MODEL_VERSION,
    PYMILL_MODEL_VERSION_TAG,
    PYMILL_LOGGED_MODEL,
    PYMILL_LOGGED_MODEL_TAG,
    PYMILL_LOGGED_MODEL_PARAMETER,
    PYMILL_ENTITY_COUNT
};

struct pymill_state {
    PyObject *entities[PYMILL_ENTITY_COUNT]; /* types */
    PyObject *client_type;
    PyObject *guard;   /* an object for critical sections, see above */
    PyObject *handles; /* dict: the databases and trees that are open */
    PyObject *hubs;    /* dict: the loggers of runs, by where they go */
    bool watched;      /* exits and forks of the process are */
    int forks;         /* that this process is away from the one that has imported the module */
    PyObject *exceptions;   /* the module millstream.exceptions, once something failed */
    PyObject *paged_list;   /* the type millstream.entities.PagedList, once there was a page */
    PyObject *logged_model; /* the type millstream.entities.LoggedModel, once there was one */
};

/* The state of the interpreter whose extension made the type, or a base of it; NULL with an
 * exception set when it is of another module. */
struct pymill_state *pymill_state_of(PyTypeObject *type);

/* Zeroed memory for so many items, for PyMem_Free; NULL without an exception when it is out.
 * The limited API has PyMem_Calloc only in later headers. */
void *pymill_zeroed(size_t count, size_t size);

/* An attribute of a module of the package, or with NULL the module, imported when it is first
 * needed and kept in *cache, which is in the state. Borrowed; NULL with an exception set. May
 * be called without the guard. */
PyObject *pymill_import(PyObject **cache, const char *module, const char *name);

#endif
