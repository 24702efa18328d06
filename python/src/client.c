/* client.c - the type Client: opening, closing, modes. */
#include "client.h"

#include <stddef.h>
#include <stdlib.h>
#include <structmember.h>

#include "batch.h"

/* The longest time that a flush can be told to wait, a year. */
#define MAX_TIMEOUT_S (365.0 * 86400)

/* --- opening and closing ----------------------------------------------------------------- */

/* The URI as it was given, or the one that holds where none was. New reference. */
static PyObject *resolve_uri(PyObject *given)
{
    if (given != NULL && given != Py_None && PyObject_IsTrue(given) == 1)
        return PyObject_Str(given);
    PyObject *module = PyImport_ImportModule("millstream._millstream");
    PyObject *uri = module != NULL ? PyObject_CallMethod(module, "tracking_uri", NULL) : NULL;
    Py_XDECREF(module);
    return uri;
}

/* The registry's URI, where it is not that of the tracking store: as it was given, or the
 * environment has it. False with an exception set. */
static bool resolve_registry(struct pymill_client *self, PyObject *given)
{
    const char *text = getenv("MLFLOW_REGISTRY_URI");
    if (given != NULL)
        self->registry_uri = PyObject_Str(given);
    else if (text != NULL && text[0] != '\0')
        self->registry_uri = PyUnicode_DecodeFSDefault(text);
    if (self->registry_uri != NULL &&
        PyUnicode_Compare(self->registry_uri, self->tracking_uri) == 0)
        Py_CLEAR(self->registry_uri);
    return !PyErr_Occurred();
}

/* A store of workspaces is what no tracking URI of ours has. */
static bool check_no_workspaces(struct pymill_client *self, PyObject *given)
{
    if (given != NULL)
        pymill_raise_invalid(self->state, "workspace_store_uri is not supported; got %R",
                             given);
    return given == NULL;
}

/* Which mode the client is in; false with an exception set for one that there is not. */
static bool resolve_mode(struct pymill_client *self, PyObject *given)
{
    static const char *const modes[] = {"online", "offline", "strict"};
    const char *text = getenv("MILLSTREAM_MODE");
    self->mode = given != NULL
                     ? PyObject_Str(given)
                     : PyUnicode_FromString(text != NULL && text[0] != '\0' ? text : modes[0]);
    for (size_t i = 0; self->mode != NULL && i < PYMILL_COUNT(modes); i++)
        if (PyUnicode_CompareWithASCIIString(self->mode, modes[i]) == 0)
            return true;
    if (self->mode != NULL)
        pymill_raise_invalid(self->state, "mode is %R; it is 'online', 'offline' or 'strict'",
                             self->mode);
    return false;
}

/* What is logged to a server goes through loggers, and so does everything in offline mode.
 * Files and databases are logged directly: they cannot be down. */
static bool open_hub(struct pymill_client *self, PyObject *spool)
{
    self->offline = PyUnicode_CompareWithASCIIString(self->mode, "offline") == 0;
    bool strict = PyUnicode_CompareWithASCIIString(self->mode, "strict") == 0;
    self->spools = self->offline || (self->remote && !strict);
    if (self->spools)
        self->hub = pymill_hub_of(self->state, self->tracking_uri,
                                  self->offline ? MILL_MODE_OFFLINE : MILL_MODE_ONLINE, spool);
    return !self->spools || self->hub != NULL;
}

static bool open_client(struct pymill_client *self, const union pymill_value *v)
{
    self->tracking_uri = resolve_uri(v[0].object);
    if (self->tracking_uri == NULL || !resolve_registry(self, v[1].object) ||
        !check_no_workspaces(self, v[2].object) || !resolve_mode(self, v[3].object))
        return false;
    self->remote = pymill_is_remote(self->tracking_uri);
    if (!open_hub(self, v[4].object))
        return false;
    if (self->offline) /* what is behind the URI need not be there */
        return true;
    self->tracking = pymill_open_handle(self->state, self->tracking_uri);
    return self->tracking != NULL;
}

static PyObject *make(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    static const struct pymill_parameter parameters[] = {
        PYMILL_TAKES("tracking_uri", PYMILL_ANY),
        PYMILL_TAKES("registry_uri", PYMILL_ANY),
        PYMILL_TAKES("workspace_store_uri", PYMILL_ANY),
        PYMILL_NAMES("mode", PYMILL_ANY),
        PYMILL_NAMES("spool", PYMILL_ANY),
    };
    struct pymill_arguments arguments;
    struct pymill_state *state = pymill_state_of(type);
    allocfunc alloc = (allocfunc)PyType_GetSlot(type, Py_tp_alloc);
    struct pymill_client *self = state != NULL ? (struct pymill_client *)alloc(type, 0) : NULL;
    if (self == NULL)
        return NULL;
    self->state = state;
    bool ok = pymill_take_arguments(&arguments, state, "MlflowClient", parameters,
                                    PYMILL_COUNT(parameters), args, kwargs);
    if (ok) {
        Py_BEGIN_CRITICAL_SECTION(state->guard);
        ok = open_client(self, arguments.values);
        Py_END_CRITICAL_SECTION();
    }
    if (!ok)
        Py_CLEAR(self);
    pymill_release_arguments(&arguments, PYMILL_COUNT(parameters));
    return (PyObject *)self;
}

/* Called with the guard. */
static void close_handles(struct pymill_client *self)
{
    struct pymill_handle *tracking = self->tracking, *registry = self->registry;
    self->closed = true;
    self->tracking = self->registry = NULL;
    pymill_release_handle(self->state, tracking);
    pymill_release_handle(self->state, registry);
}

PyDoc_STRVAR(
    close_doc,
    "close($self)\n--\n\n"
    "Closes the client: what was logged is delivered or, where that does not get on,\n"
    "stays in the spool. Later calls raise MlflowException. Closing again does nothing.");

static PyObject *close_method(PyObject *self, PyObject *unused)
{
    struct pymill_client *client = (struct pymill_client *)self;
    (void)unused;
    bool ok;
    Py_BEGIN_CRITICAL_SECTION(client->state->guard);
    bool closed = client->closed;
    close_handles(client);
    ok = closed || client->hub == NULL || pymill_hub_close(client->hub);
    Py_END_CRITICAL_SECTION();
    if (!ok)
        return NULL;
    Py_RETURN_NONE;
}

PyDoc_STRVAR(
    flush_doc,
    "flush($self, timeout=60.0)\n--\n\n"
    "Waits until everything that was logged is delivered, at most `timeout` seconds;\n"
    "gives whether it is. In offline mode it is in the spool then. What is not delivered\n"
    "yet is not lost: delivery goes on.\n\n"
    "    client.flush()");

static PyObject *flush(struct pymill_client *self, const union pymill_value *v)
{
    static const struct mill_view all = {NULL, 0};
    double timeout_s = 60;
    bool delivered = true;
    if (v[0].object != NULL && !pymill_real(self->state, v[0].object, &timeout_s))
        return NULL;
    if (!(timeout_s >= 0 && timeout_s <= MAX_TIMEOUT_S))
        timeout_s = timeout_s < 0 ? 0 : MAX_TIMEOUT_S;
    if (self->hub != NULL &&
        !pymill_hub_flush(self->hub, all, (int64_t)(timeout_s * 1000), &delivered))
        return NULL;
    return PyBool_FromLong(delivered);
}
PYMILL_METHOD(flush, PYMILL_TAKES("timeout", PYMILL_ANY))

/* --- the type ---------------------------------------------------------------------------- */

static int traverse(PyObject *self, visitproc visit, void *arg)
{
    struct pymill_client *client = (struct pymill_client *)self;
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(client->tracking_uri);
    Py_VISIT(client->registry_uri);
    Py_VISIT(client->mode);
    return 0;
}

static int clear(PyObject *self)
{
    struct pymill_client *client = (struct pymill_client *)self;
    Py_CLEAR(client->tracking_uri);
    Py_CLEAR(client->registry_uri);
    Py_CLEAR(client->mode);
    return 0;
}

static void deallocate(PyObject *self)
{
    struct pymill_client *client = (struct pymill_client *)self;
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    if (client->weak_references != NULL)
        PyObject_ClearWeakRefs(self);
    Py_BEGIN_CRITICAL_SECTION(client->state->guard);
    close_handles(client);
    Py_END_CRITICAL_SECTION();
    clear(self);
    ((freefunc)PyType_GetSlot(type, Py_tp_free))(self);
    Py_DECREF(type);
}

static PyMethodDef own_methods[] = {
    {"close", close_method, METH_NOARGS, close_doc},
    PYMILL_METHOD_ROW(flush, flush_doc),
    {NULL, NULL, 0, NULL},
};

static PyMethodDef *const subjects[] = {
    own_methods,
    pymill_experiment_methods,
    pymill_life_methods,
    pymill_run_methods,
    pymill_log_methods,
    pymill_input_methods,
    pymill_artifact_methods,
    pymill_model_methods,
    pymill_version_methods,
    pymill_logged_model_methods,
    pymill_prompt_methods,
    pymill_dataset_methods,
};

static PyMemberDef members[] = {
    {.name = "tracking_uri",
     .type = T_OBJECT,
     .offset = offsetof(struct pymill_client, tracking_uri),
     .flags = READONLY,
     .doc = "The tracking URI in use: str."},
    {.name = "_registry_uri",
     .type = T_OBJECT,
     .offset = offsetof(struct pymill_client, registry_uri),
     .flags = READONLY,
     .doc = "URI of the model registry: str, or None where it is the tracking URI."},
    {.name = "mode",
     .type = T_OBJECT,
     .offset = offsetof(struct pymill_client, mode),
     .flags = READONLY,
     .doc = "'online', 'offline' or 'strict'."},
    {.name = "_spools",
     .type = T_BOOL,
     .offset = offsetof(struct pymill_client, spools),
     .flags = READONLY,
     .doc = "Whether what is logged goes through loggers."},
    {.name = "__weaklistoffset__",
     .type = T_PYSSIZET,
     .offset = offsetof(struct pymill_client, weak_references),
     .flags = READONLY},
    {0},
};

/* Adds the methods of a subject to the type; a type has one table of its own only. */
static int add_methods(PyObject *type, PyMethodDef *methods)
{
    for (; methods->ml_name != NULL; methods++) {
        PyObject *method = PyDescr_NewMethod((PyTypeObject *)type, methods);
        int result =
            method != NULL ? PyObject_SetAttrString(type, methods->ml_name, method) : -1;
        Py_XDECREF(method);
        if (result < 0)
            return -1;
    }
    return 0;
}

PyDoc_STRVAR(
    client_doc,
    "Client(tracking_uri=None, registry_uri=None, workspace_store_uri=None, *, mode=None, "
    "spool=None)\n--\n\n"
    "The calls of a tracking client; use millstream.tracking.MlflowClient.");

int pymill_client_init(PyObject *module, struct pymill_state *state)
{
    PyType_Slot slots[] = {
        {Py_tp_doc, (void *)(uintptr_t)client_doc},
        {Py_tp_new, make},
        {Py_tp_dealloc, deallocate},
        {Py_tp_traverse, traverse},
        {Py_tp_clear, clear},
        {Py_tp_members, members},
        {0, NULL},
    };
    PyType_Spec spec = {
        .name = "millstream._millstream.Client",
        .basicsize = sizeof(struct pymill_client),
        .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
        .slots = slots,
    };
    state->handles = PyDict_New();
    state->client_type = PyType_FromModuleAndSpec(module, &spec, NULL);
    if (state->client_type == NULL || state->handles == NULL)
        return -1;
    for (size_t i = 0; i < PYMILL_COUNT(subjects); i++)
        if (add_methods(state->client_type, subjects[i]) < 0)
            return -1;
    return PyObject_SetAttrString(module, "Client", state->client_type);
}
