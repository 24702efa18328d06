/* client.h - the type millstream._millstream.Client, and how its methods call the library.
 *
 * A method is a table of parameters and a function that gets their values:
 *
 *   static PyObject *delete_run(struct pymill_client *self, const union pymill_value *v)
 *   {
 *       struct pymill_call call;
 *       if (!pymill_begin(&call, self))
 *           return NULL;
 *       return pymill_done(&call, mill_client_delete_run(call.client, v[0].text, &call.error));
 *   }
 *   PYMILL_METHOD(delete_run, PYMILL_NEEDS("run_id", PYMILL_VIEW))
 *
 * Between pymill_begin and the end of the call the GIL is not held. */
#ifndef PYMILL_CLIENT_H
#define PYMILL_CLIENT_H

#include "arguments.h"
#include "entity.h"
#include "error.h"
#include "module.h"

/* An open client of the library, with the calls that are under way on it. Under the GIL. */
struct pymill_handle;

struct pymill_client {
    PyObject_HEAD struct pymill_state *state;
    PyObject *tracking_uri; /* str, resolved */
    PyObject *registry_uri; /* str, or NULL for the same */
    struct pymill_handle *tracking;
    struct pymill_handle *registry; /* the same handle, unless the URIs differ */
    bool remote;                    /* the tracking URI is of a server */
    bool closed;
};

/* A call of the library under way. */
struct pymill_call {
    struct pymill_client *self;
    struct pymill_handle *handle;
    struct mill_client *client;
    struct mill_logger *logger; /* of a call that logs: takes it in place of the client */
    PyThreadState *thread;
    struct mill_error error;
};

/* Begins a call on the tracking store, or the registry, and lets go of the GIL; false with an
 * exception set when the client is closed or cannot be opened. */
bool pymill_begin(struct pymill_call *call, struct pymill_client *self);
bool pymill_begin_registry(struct pymill_call *call, struct pymill_client *self);

/* Begins a call that logs into a run: call->logger is set where it goes through a logger. */
bool pymill_begin_log(struct pymill_call *call, struct pymill_client *self,
                      struct mill_view run_id);

/* Takes the GIL back, and raises what the status means; true for MILL_OK. The call still holds
 * its client, for lists to be freed. */
bool pymill_returned(struct pymill_call *call, enum mill_status status);

/* Lets go of the client, after pymill_returned. Gives back the result. */
PyObject *pymill_finish(struct pymill_call *call, PyObject *result);

/* Both, for a call that gives nothing: None, or NULL with an exception set. */
PyObject *pymill_done(struct pymill_call *call, enum mill_status status);

typedef PyObject *pymill_method(struct pymill_client *self, const union pymill_value *values);

/* Takes the arguments of a method and calls it. */
PyObject *pymill_call_method(PyObject *self, pymill_method *method, const char *name,
                             const struct pymill_parameter *parameters, size_t count,
                             PyObject *args, PyObject *kwargs);

/* Makes NAME_method, which Python calls, of the function NAME and its parameters. */
#define PYMILL_METHOD(name, ...)                                                               \
    static PyObject *name##_method(PyObject *self, PyObject *args, PyObject *kwargs)           \
    {                                                                                          \
        static const struct pymill_parameter parameters[] = {__VA_ARGS__};                     \
        return pymill_call_method(self, name, #name, parameters, PYMILL_COUNT(parameters),     \
                                  args, kwargs);                                               \
    }

/* Its row in a table of methods. */
#define PYMILL_METHOD_ROW(name, doc)                                                           \
    {                                                                                          \
#name, (PyCFunction)(void (*)(void))name##_method, METH_VARARGS | METH_KEYWORDS, doc   \
    }

/* The methods of each subject; they end with a row of NULL. */
extern PyMethodDef pymill_experiment_methods[];
extern PyMethodDef pymill_run_methods[];
extern PyMethodDef pymill_log_methods[];
extern PyMethodDef pymill_input_methods[];
extern PyMethodDef pymill_artifact_methods[];
extern PyMethodDef pymill_model_methods[];
extern PyMethodDef pymill_version_methods[];

/* Makes the type. */
int pymill_client_init(PyObject *module, struct pymill_state *state);

#endif
