/* handle.c - clients of the library: opened, shared between clients of Python, closed when the
 * last call on them has ended. */
#include "handle.h"

#include <limits.h>
#include <unistd.h>

#include "arguments.h"
#include "error.h"

#define USER_AGENT "millstream-python"

bool pymill_is_remote(PyObject *uri)
{
    static const char *const starts[] = {"http://", "https://", "databricks"};
    bool remote = false;
    for (size_t i = 0; !remote && i < PYMILL_COUNT(starts); i++) {
        PyObject *start = PyUnicode_FromString(starts[i]);
        remote = start != NULL && PyUnicode_Tailmatch(uri, start, 0, PY_SSIZE_T_MAX, -1) == 1;
        Py_XDECREF(start);
    }
    return remote;
}

/* --- shared ones -------------------------------------------------------------------------- */

/* A database is open once in a process, for all clients of its interpreter. The URI may be
 * relative, so the working directory belongs to the name. NULL with an exception set. */
static PyObject *shared_name(PyObject *uri)
{
    char directory[PATH_MAX];
    if (getcwd(directory, sizeof(directory)) == NULL)
        return PyErr_SetFromErrno(PyExc_OSError);
    return PyUnicode_FromFormat("%s\n%d\n%U", directory, (int)getpid(), uri);
}

/* The open handle of that name, or NULL. */
static struct pymill_handle *find_shared(struct pymill_state *state, PyObject *name)
{
    PyObject *capsule = PyDict_GetItemWithError(state->handles, name);
    return capsule != NULL ? PyCapsule_GetPointer(capsule, NULL) : NULL;
}

static bool share(struct pymill_state *state, struct pymill_handle *handle)
{
    PyObject *capsule = PyCapsule_New(handle, NULL, NULL);
    bool ok = capsule != NULL && PyDict_SetItem(state->handles, handle->name, capsule) == 0;
    Py_XDECREF(capsule);
    return ok;
}

/* Lets go of a handle; the last one closes the client. One of the process that this is a fork
 * of is left as it is: its threads and connections are the parent's. NULL is allowed. */
void pymill_release_handle(struct pymill_state *state, struct pymill_handle *handle)
{
    if (handle == NULL || --handle->users > 0)
        return;
    /* The state may have been cleared: the interpreter is ending. */
    if (handle->name != NULL && state->handles != NULL &&
        PyDict_DelItem(state->handles, handle->name) < 0)
        PyErr_Clear();
    Py_CLEAR(handle->name);
    if (handle->client != NULL && handle->pid == getpid()) {
        PyThreadState *thread = PyEval_SaveThread();
        mill_client_close(handle->client);
        PyEval_RestoreThread(thread);
    }
    PyMem_Free(handle);
}

static bool open_library_client(struct pymill_state *state, PyObject *uri,
                                struct mill_client **client_out)
{
    struct mill_error error = {""};
    struct mill_client_options options = {.size = sizeof(options),
                                          .create = true,
                                          .user_agent = mill_text(USER_AGENT "/" MILL_VERSION)};
    PyObject *bytes = NULL;
    struct mill_view text;
    if (!pymill_text(uri, &bytes, &text))
        return false;
    enum mill_status st = mill_client_open(text, &options, client_out, &error);
    Py_XDECREF(bytes);
    if (st != MILL_OK)
        pymill_raise(state, st, error.message, false);
    return st == MILL_OK;
}

/* Opens a client of the library; NULL with an exception set. The GIL, or guard, is held:
 * whoever comes at the same moment finds the client open. */
static struct pymill_handle *new_handle(struct pymill_state *state, PyObject *uri,
                                        PyObject *name)
{
    struct pymill_handle *handle = pymill_zeroed(1, sizeof(*handle));
    if (handle == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    handle->users = 1;
    handle->pid = getpid();
    if (!open_library_client(state, uri, &handle->client)) {
        PyMem_Free(handle);
        return NULL;
    }
    if (name != NULL) {
        Py_INCREF(name);
        handle->name = name;
        if (!share(state, handle)) {
            Py_CLEAR(handle->name);
            pymill_release_handle(state, handle);
            return NULL;
        }
    }
    return handle;
}

struct pymill_handle *pymill_open_handle(struct pymill_state *state, PyObject *uri)
{
    if (pymill_is_remote(uri))
        return new_handle(state, uri, NULL);
    PyObject *name = shared_name(uri);
    struct pymill_handle *handle = name != NULL ? find_shared(state, name) : NULL;
    if (handle != NULL)
        handle->users++;
    else if (name != NULL && !PyErr_Occurred())
        handle = new_handle(state, uri, name);
    Py_XDECREF(name);
    return handle;
}

struct pymill_handle *pymill_fresh_handle(struct pymill_state *state,
                                          struct pymill_handle **place, PyObject *uri)
{
    struct pymill_handle *old = *place;
    if (old == NULL || old->pid != getpid()) {
        *place = pymill_open_handle(state, uri);
        pymill_release_handle(state, old);
    }
    return *place;
}
