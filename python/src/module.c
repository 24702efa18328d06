/* module.c - the extension millstream._millstream: its types, and the functions that belong to
 * no client. */
#include "module.h"

#include "client.h"
#include "entity.h"
#include "error.h"
#include "hub.h"

/* --- state ------------------------------------------------------------------------------ */

static int traverse(PyObject *module, visitproc visit, void *arg)
{
    struct pymill_state *state = PyModule_GetState(module);
    for (size_t i = 0; i < PYMILL_ENTITY_COUNT; i++)
        Py_VISIT(state->entities[i]);
    Py_VISIT(state->client_type);
    Py_VISIT(state->handles);
    Py_VISIT(state->hubs);
    Py_VISIT(state->exceptions);
    Py_VISIT(state->paged_list);
    Py_VISIT(state->logged_model);
    return 0;
}

static int clear(PyObject *module)
{
    struct pymill_state *state = PyModule_GetState(module);
    for (size_t i = 0; i < PYMILL_ENTITY_COUNT; i++)
        Py_CLEAR(state->entities[i]);
    Py_CLEAR(state->client_type);
    Py_CLEAR(state->handles);
    Py_CLEAR(state->hubs);
    Py_CLEAR(state->exceptions);
    Py_CLEAR(state->paged_list);
    Py_CLEAR(state->logged_model);
    return 0;
}

/* The guard goes last, and is in no cycle: clients that are closed at the very end need it. */
static void release(void *module)
{
    struct pymill_state *state = PyModule_GetState(module);
    clear(module);
    Py_CLEAR(state->guard);
}

void *pymill_zeroed(size_t count, size_t size)
{
    void *items = size == 0 || count <= SIZE_MAX / size ? PyMem_Malloc(count * size) : NULL;
    if (items != NULL)
        memset(items, 0, count * size);
    return items;
}

static PyObject *import_new(const char *module, const char *name)
{
    PyObject *found = PyImport_ImportModule(module);
    if (found == NULL || name == NULL)
        return found;
    PyObject *attribute = PyObject_GetAttrString(found, name);
    Py_DECREF(found);
    return attribute;
}

PyObject *pymill_import(PyObject **cache, const char *module, const char *name)
{
    PyObject *kept = __atomic_load_n(cache, __ATOMIC_ACQUIRE);
    if (kept != NULL)
        return kept;
    PyObject *found = import_new(module, name);
    /* While it was imported another thread may have kept it. */
    if (found == NULL || __atomic_compare_exchange_n(cache, &kept, found, false,
                                                     __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
        return found;
    Py_DECREF(found);
    return kept;
}

/* --- the tracking URI -------------------------------------------------------------------- */

/* What fills a buffer as snprintf does. */
typedef size_t write_text(char *buffer, size_t size);

static PyObject *text_of(write_text *write)
{
    size_t size = 0, len;
    char *text = NULL;
    while ((len = write(text, size)) >= size) { /* another thread may have set a longer one */
        PyMem_Free(text);
        size = len + 1;
        text = PyMem_Malloc(size);
        if (text == NULL)
            return PyErr_NoMemory();
    }
    PyObject *result = PyUnicode_FromStringAndSize(text, (Py_ssize_t)len);
    PyMem_Free(text);
    return result;
}

PyDoc_STRVAR(tracking_uri_doc,
             "tracking_uri()\n--\n\n"
             "The tracking URI as it was set, or the environment or the default has it: str.");

static PyObject *tracking_uri(PyObject *module, PyObject *unused)
{
    (void)module;
    (void)unused;
    return text_of(mill_tracking_uri);
}

PyDoc_STRVAR(spool_directory_doc, "spool_directory()\n--\n\n"
                                  "Where runs are spooled unless a client is told otherwise: "
                                  "str.");

static PyObject *spool_directory(PyObject *module, PyObject *unused)
{
    (void)module;
    (void)unused;
    return text_of(mill_spool_default);
}

PyDoc_STRVAR(
    set_tracking_uri_doc,
    "set_tracking_uri(uri, /)\n--\n\n"
    "Sets the tracking URI of clients that are made without one from now on. An empty\n"
    "text goes back to the environment or the default.");

static PyObject *set_tracking_uri(PyObject *module, PyObject *uri)
{
    struct mill_error error = {""};
    PyObject *bytes = PyUnicode_AsUTF8String(uri);
    if (bytes == NULL)
        return NULL;
    enum mill_status st = mill_set_tracking_uri(
        (struct mill_view){PyBytes_AsString(bytes), (size_t)PyBytes_Size(bytes)}, &error);
    Py_DECREF(bytes);
    if (st != MILL_OK)
        return pymill_raise(PyModule_GetState(module), st, error.message, false);
    Py_RETURN_NONE;
}

/* --- the life of the process -------------------------------------------------------------- */

PyDoc_STRVAR(
    close_loggers_doc,
    "close_loggers()\n--\n\n"
    "Ends the loggers of all runs, when what they have is delivered or its delivery does\n"
    "not get on. Runs stay as they are.");

static PyObject *close_loggers(PyObject *module, PyObject *unused)
{
    struct pymill_state *state = PyModule_GetState(module);
    (void)unused;
    bool ok;
    Py_BEGIN_CRITICAL_SECTION(state->guard);
    ok = pymill_hubs_close(state);
    Py_END_CRITICAL_SECTION();
    if (!ok)
        return NULL;
    Py_RETURN_NONE;
}

PyDoc_STRVAR(forked_doc,
             "forked()\n--\n\n"
             "Says that this process is the child of a fork: the loggers that are open\n"
             "are its parent's, until it uses them.");

static PyObject *forked(PyObject *module, PyObject *unused)
{
    struct pymill_state *state = PyModule_GetState(module);
    (void)unused;
    Py_BEGIN_CRITICAL_SECTION(state->guard);
    state->forks++;
    Py_END_CRITICAL_SECTION();
    Py_RETURN_NONE;
}

static PyMethodDef functions[] = {
    {"close_loggers", close_loggers, METH_NOARGS, close_loggers_doc},
    {"forked", forked, METH_NOARGS, forked_doc},
    {"tracking_uri", tracking_uri, METH_NOARGS, tracking_uri_doc},
    {"set_tracking_uri", set_tracking_uri, METH_O, set_tracking_uri_doc},
    {"spool_directory", spool_directory, METH_NOARGS, spool_directory_doc},
    {NULL, NULL, 0, NULL},
};

/* --- the module -------------------------------------------------------------------------- */

static int execute(PyObject *module)
{
    struct pymill_state *state = PyModule_GetState(module);
    state->guard = PyObject_CallObject((PyObject *)&PyBaseObject_Type, NULL);
    state->hubs = PyDict_New();
    if (state->guard == NULL || state->hubs == NULL ||
        pymill_entities_init(module, state) < 0 || pymill_client_init(module, state) < 0)
        return -1;
    return PyModule_AddStringConstant(module, "__version__", MILL_VERSION);
}

static PyModuleDef_Slot slots[] = {
    {Py_mod_exec, execute},
#ifdef Py_GIL_DISABLED
    {Py_mod_gil, Py_MOD_GIL_NOT_USED},
#endif
    {0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "millstream._millstream",
    .m_doc = "The part of millstream that is written in C. Use millstream.tracking and\n"
             "millstream.entities instead.",
    .m_size = sizeof(struct pymill_state),
    .m_methods = functions,
    .m_slots = slots,
    .m_traverse = traverse,
    .m_clear = clear,
    .m_free = release,
};

struct pymill_state *pymill_state_of(PyTypeObject *type)
{
    while (type != NULL) {
        PyObject *module = PyType_GetModule(type);
        if (module != NULL && PyModule_GetDef(module) == &definition)
            return PyModule_GetState(module);
        PyErr_Clear();
        type = PyType_GetSlot(type, Py_tp_base);
    }
    PyErr_SetString(PyExc_TypeError, "not a type of millstream");
    return NULL;
}

PyMODINIT_FUNC PyInit__millstream(void); /* Python looks for it by its name */

PyMODINIT_FUNC PyInit__millstream(void)
{
    return PyModuleDef_Init(&definition);
}
