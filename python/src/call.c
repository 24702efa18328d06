/* call.c - how methods call the library: on which client or logger, and without the GIL. */
#include "client.h"

/* --- beginning --------------------------------------------------------------------------- */

static bool check_open(struct pymill_client *self)
{
    if (self->closed)
        pymill_raise_invalid(self->state, "the client is closed");
    return !self->closed;
}

static bool begin(struct pymill_call *call, struct pymill_client *self, bool registry,
                  PyObject *progress, int64_t timeout_ms)
{
    if (!check_open(self))
        return false;
    bool apart = registry && self->registry_uri != NULL;
    struct pymill_handle *handle =
        pymill_fresh_handle(self->state, apart ? &self->registry : &self->tracking,
                            apart ? self->registry_uri : self->tracking_uri);
    if (handle == NULL)
        return false;
    handle->users++;
    *call = (struct pymill_call){.self = self, .handle = handle, .client = handle->client};
    pymill_wait_begin(&call->waiting, progress, timeout_ms);
    return true;
}

bool pymill_begin(struct pymill_call *call, struct pymill_client *self)
{
    return begin(call, self, false, NULL, 0);
}

bool pymill_begin_registry(struct pymill_call *call, struct pymill_client *self)
{
    return begin(call, self, true, NULL, 0);
}

bool pymill_begin_for(struct pymill_call *call, struct pymill_client *self, int64_t timeout_ms)
{
    return begin(call, self, false, NULL, timeout_ms);
}

bool pymill_begin_after(struct pymill_call *call, struct pymill_client *self,
                        struct mill_view run_id, PyObject *progress)
{
    bool delivered;
    if (!check_open(self) ||
        (self->hub != NULL &&
         !pymill_hub_flush(self->hub, run_id, pymill_patience_ms(), &delivered)))
        return false;
    return begin(call, self, false, progress, 0);
}

/* --- logging ----------------------------------------------------------------------------- */

bool pymill_is_unreachable(enum mill_status status)
{
    return status == MILL_E_IO || status == MILL_E_TIMEOUT || status == MILL_E_BUSY ||
           status == MILL_E_CANCELLED;
}

/* Whether something can be logged into a run: false with an exception set where the server says
 * that it cannot. A server that does not answer says nothing. */
static bool check_run(struct pymill_client *self, struct mill_view run_id)
{
    struct pymill_call call;
    struct mill_run_list *list = NULL;
    if (self->offline || pymill_hub_knows_run(self->hub, run_id))
        return true;
    if (!pymill_begin_for(&call, self, pymill_patience_ms()))
        return false;
    enum mill_status st = mill_client_get_run(call.client, run_id, &list, &call.error);
    if (st == MILL_OK && list->items[0]->info.lifecycle_stage == MILL_DELETED)
        st = mill_fail(&call.error, MILL_E_INVALID, "run '%.*s' is deleted; restore it first",
                       (int)run_id.len, run_id.ptr);
    mill_run_list_free(list);
    pymill_take_back(&call);
    if (st != MILL_OK && !pymill_is_unreachable(st))
        pymill_raise(self->state, st, call.error.message, true);
    pymill_finish(&call, NULL);
    return !PyErr_Occurred() && pymill_hub_note_run(self->hub, run_id);
}

struct pymill_run_logger *pymill_logger_of(struct pymill_client *self, struct mill_view run_id,
                                           PyObject *synchronous)
{
    if (self->hub == NULL || synchronous == Py_True || !check_open(self))
        return NULL;
    struct pymill_run_logger *rl = pymill_hub_find(self->hub, run_id);
    if (rl == NULL && check_run(self, run_id))
        rl = pymill_hub_open(self->hub, run_id);
    return rl;
}

void pymill_begin_logger(struct pymill_call *call, struct pymill_client *self,
                         struct pymill_run_logger *rl)
{
    rl->users++;
    *call = (struct pymill_call){.self = self, .run_logger = rl, .logger = rl->logger};
    pymill_wait_begin(&call->waiting, NULL, 0);
}

bool pymill_begin_log(struct pymill_call *call, struct pymill_client *self,
                      struct mill_view run_id, PyObject *synchronous)
{
    struct pymill_run_logger *rl = pymill_logger_of(self, run_id, synchronous);
    if (rl == NULL)
        return !PyErr_Occurred() && pymill_begin_after(call, self, run_id, NULL);
    pymill_begin_logger(call, self, rl);
    return true;
}

PyObject *pymill_logged(struct pymill_client *self, PyObject *result, PyObject *synchronous)
{
    if (result == NULL || synchronous != Py_False)
        return result;
    Py_DECREF(result);
    PyObject *module = PyImport_ImportModule("millstream.tracking._operations");
    result = module != NULL
                 ? PyObject_CallMethod(module, "RunOperations", "O", (PyObject *)self)
                 : NULL;
    Py_XDECREF(module);
    return result;
}

/* --- ending ------------------------------------------------------------------------------ */

void pymill_take_back(struct pymill_call *call)
{
    pymill_wait_end(&call->waiting);
    if (call->run_logger != NULL) {
        call->run_logger->users--;
        pymill_hub_tell(call->self->hub);
    }
}

bool pymill_returned(struct pymill_call *call, enum mill_status status)
{
    pymill_take_back(call);
    if (status != MILL_OK)
        pymill_raise(call->self->state, status, call->error.message, call->self->remote);
    return !PyErr_Occurred();
}

PyObject *pymill_finish(struct pymill_call *call, PyObject *result)
{
    pymill_release_handle(call->self->state, call->handle);
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
    if (pymill_take_arguments(&arguments, client->state, name, parameters, count, args,
                              kwargs)) {
        Py_BEGIN_CRITICAL_SECTION(client->state->guard);
        result = method(client, arguments.values);
        Py_END_CRITICAL_SECTION();
    }
    pymill_release_arguments(&arguments, count);
    return result;
}
