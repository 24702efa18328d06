/* client.c - the type Client: opening, closing, and what all its methods share. */
#include "client.h"

#include <limits.h>
#include <stddef.h>
#include <structmember.h>
#include <unistd.h>

#define USER_AGENT "millstream-python"

/* Whether a URI is of a server or workspace. */
static bool is_remote(PyObject *uri)
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

/* --- handles ----------------------------------------------------------------------------- */

struct pymill_handle {
    struct mill_client *client;
    int users;      /* calls under way and clients that keep it */
    pid_t pid;      /* of the process that opened it */
    PyObject *name; /* of a database or tree: what others find it by, in state->handles */
};

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
static void release_handle(struct pymill_state *state, struct pymill_handle *handle)
{
    if (handle == NULL || --handle->users > 0)
        return;
    if (handle->name != NULL && PyDict_DelItem(state->handles, handle->name) < 0)
        PyErr_Clear();
    Py_CLEAR(handle->name);
    if (handle->client != NULL && handle->pid == getpid()) {
        PyThreadState *thread = PyEval_SaveThread();
        mill_client_close(handle->client);
        PyEval_RestoreThread(thread);
    }
    PyMem_Free(handle);
}

static bool open_library_client(struct pymill_client *self, PyObject *uri,
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
        pymill_raise(self->state, st, error.message, false);
    return st == MILL_OK;
}

/* Opens a client of the library; NULL with an exception set. The GIL is held: whoever comes at
 * the same moment finds the client open. */
static struct pymill_handle *new_handle(struct pymill_client *self, PyObject *uri,
                                        PyObject *name)
{
    struct pymill_handle *handle = PyMem_Calloc(1, sizeof(*handle));
    if (handle == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    handle->users = 1;
    handle->pid = getpid();
    if (!open_library_client(self, uri, &handle->client)) {
        PyMem_Free(handle);
        return NULL;
    }
    if (name != NULL) {
        Py_INCREF(name);
        handle->name = name;
        if (!share(self->state, handle)) {
            Py_CLEAR(handle->name);
            release_handle(self->state, handle);
            return NULL;
        }
    }
    return handle;
}

/* The handle of a URI, that of another client where it can be shared; NULL with an exception
 * set. */
static struct pymill_handle *open_handle(struct pymill_client *self, PyObject *uri)
{
    if (is_remote(uri))
        return new_handle(self, uri, NULL);
    PyObject *name = shared_name(uri);
    struct pymill_handle *handle = name != NULL ? find_shared(self->state, name) : NULL;
    if (handle != NULL)
        handle->users++;
    else if (name != NULL && !PyErr_Occurred())
        handle = new_handle(self, uri, name);
    Py_XDECREF(name);
    return handle;
}

/* The handle in *place, opened anew in a fork. */
static struct pymill_handle *fresh_handle(struct pymill_client *self,
                                          struct pymill_handle **place, PyObject *uri)
{
    struct pymill_handle *old = *place;
    if (old == NULL || old->pid != getpid()) {
        *place = open_handle(self, uri);
        release_handle(self->state, old);
    }
    return *place;
}

/* --- calls ------------------------------------------------------------------------------- */

static bool begin(struct pymill_call *call, struct pymill_client *self, bool registry)
{
    if (self->closed) {
        pymill_raise_invalid(self->state, "the client is closed");
        return false;
    }
    bool apart = registry && self->registry_uri != NULL;
    struct pymill_handle *handle =
        fresh_handle(self, apart ? &self->registry : &self->tracking,
                     apart ? self->registry_uri : self->tracking_uri);
    if (handle == NULL)
        return false;
    handle->users++;
    *call = (struct pymill_call){.self = self, .handle = handle, .client = handle->client};
    call->thread = PyEval_SaveThread();
    return true;
}

bool pymill_begin(struct pymill_call *call, struct pymill_client *self)
{
    return begin(call, self, false);
}

bool pymill_begin_registry(struct pymill_call *call, struct pymill_client *self)
{
    return begin(call, self, true);
}

bool pymill_begin_log(struct pymill_call *call, struct pymill_client *self,
                      struct mill_view run_id)
{
    (void)run_id;
    return begin(call, self, false);
}

bool pymill_returned(struct pymill_call *call, enum mill_status status)
{
    PyEval_RestoreThread(call->thread);
    if (status != MILL_OK)
        pymill_raise(call->self->state, status, call->error.message, call->self->remote);
    return status == MILL_OK;
}

PyObject *pymill_finish(struct pymill_call *call, PyObject *result)
{
    release_handle(call->self->state, call->handle);
    return result;
}

PyObject *pymill_done(struct pymill_call *call, enum mill_status status)
{
    PyObject *result = NULL;
    if (pymill_returned(call, status)) {
        result = Py_None;
        Py_INCREF(result);
    }
    return pymill_finish(call, result);
}

PyObject *pymill_call_method(PyObject *self, pymill_method *method, const char *name,
                             const struct pymill_parameter *parameters, size_t count,
                             PyObject *args, PyObject *kwargs)
{
    struct pymill_client *client = (struct pymill_client *)self;
    struct pymill_arguments arguments;
    PyObject *result = NULL;
    if (pymill_take_arguments(&arguments, client->state, name, parameters, count, args, kwargs))
        result = method(client, arguments.values);
    pymill_release_arguments(&arguments, count);
    return result;
}

/* --- opening and closing ----------------------------------------------------------------- */

/* The URI as it was given, or the one that holds where none was. New reference. */
static PyObject *resolve_uri(struct pymill_client *self, PyObject *given)
{
    (void)self;
    if (given != NULL && given != Py_None && PyObject_IsTrue(given) == 1)
        return PyObject_Str(given);
    PyObject *module = PyImport_ImportModule("millstream._millstream");
    PyObject *uri = module != NULL ? PyObject_CallMethod(module, "tracking_uri", NULL) : NULL;
    Py_XDECREF(module);
    return uri;
}

static bool open_client(struct pymill_client *self, const union pymill_value *v)
{
    self->tracking_uri = resolve_uri(self, v[0].object);
    if (self->tracking_uri == NULL)
        return false;
    self->remote = is_remote(self->tracking_uri);
    if (v[1].object != NULL && (self->registry_uri = PyObject_Str(v[1].object)) == NULL)
        return false;
    self->tracking = open_handle(self, self->tracking_uri);
    return self->tracking != NULL;
}

static PyObject *make(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    static const struct pymill_parameter parameters[] = {
        PYMILL_TAKES("tracking_uri", PYMILL_ANY),
        PYMILL_TAKES("registry_uri", PYMILL_ANY),
    };
    struct pymill_arguments arguments;
    struct pymill_state *state = pymill_state_of(type);
    allocfunc alloc = (allocfunc)PyType_GetSlot(type, Py_tp_alloc);
    struct pymill_client *self = state != NULL ? (struct pymill_client *)alloc(type, 0) : NULL;
    if (self == NULL)
        return NULL;
    self->state = state;
    if (!pymill_take_arguments(&arguments, state, "MlflowClient", parameters,
                               PYMILL_COUNT(parameters), args, kwargs) ||
        !open_client(self, arguments.values))
        Py_CLEAR(self);
    pymill_release_arguments(&arguments, PYMILL_COUNT(parameters));
    return (PyObject *)self;
}

static void close_handles(struct pymill_client *self)
{
    struct pymill_handle *tracking = self->tracking, *registry = self->registry;
    self->closed = true;
    self->tracking = self->registry = NULL;
    release_handle(self->state, tracking);
    release_handle(self->state, registry);
}

PyDoc_STRVAR(close_doc,
             "close($self)\n--\n\n"
             "Closes the client; calls that are under way end first. Later calls raise\n"
             "MlflowException. Closing again does nothing.");

static PyObject *close_method(PyObject *self, PyObject *unused)
{
    (void)unused;
    close_handles((struct pymill_client *)self);
    Py_RETURN_NONE;
}

/* --- the type ---------------------------------------------------------------------------- */

static int traverse(PyObject *self, visitproc visit, void *arg)
{
    struct pymill_client *client = (struct pymill_client *)self;
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(client->tracking_uri);
    Py_VISIT(client->registry_uri);
    return 0;
}

static int clear(PyObject *self)
{
    struct pymill_client *client = (struct pymill_client *)self;
    Py_CLEAR(client->tracking_uri);
    Py_CLEAR(client->registry_uri);
    return 0;
}

static void deallocate(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    close_handles((struct pymill_client *)self);
    clear(self);
    ((freefunc)PyType_GetSlot(type, Py_tp_free))(self);
    Py_DECREF(type);
}

static PyMethodDef own_methods[] = {
    {"close", close_method, METH_NOARGS, close_doc},
    {NULL, NULL, 0, NULL},
};

static PyMethodDef *const subjects[] = {
    own_methods,          pymill_experiment_methods, pymill_run_methods,
    pymill_log_methods,   pymill_input_methods,      pymill_artifact_methods,
    pymill_model_methods, pymill_version_methods,
};

static PyMemberDef members[] = {
    {.name = "tracking_uri",
     .type = T_OBJECT,
     .offset = offsetof(struct pymill_client, tracking_uri),
     .flags = READONLY,
     .doc = "The tracking URI in use: str."},
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

PyDoc_STRVAR(client_doc,
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
