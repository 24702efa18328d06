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
#include "handle.h"
#include "hub.h"
#include "module.h"
#include "waiting.h"

struct pymill_client {
    PyObject_HEAD struct pymill_state *state;
    PyObject *tracking_uri; /* str, resolved */
    PyObject *registry_uri; /* str, or NULL for the same */
    struct pymill_handle *tracking;
    struct pymill_handle *registry; /* the same handle, unless the URIs differ */
    PyObject *mode;                 /* str: "online", "offline" or "strict" */
    struct pymill_hub *hub;         /* what is logged goes through loggers; NULL: it does not */
    PyObject *weak_references;
    bool offline;
    bool remote; /* the tracking URI is of a server */
    bool spools; /* there is a hub */
    bool closed;
};

/* A call of the library under way. */
struct pymill_call {
    struct pymill_client *self;
    struct pymill_handle *handle;
    struct mill_client *client;
    struct pymill_run_logger *run_logger;
    struct mill_logger *logger; /* of a call that logs: takes it in place of the client */
    struct pymill_waiting waiting;
    struct mill_error error;
};

/* Begins a call on the tracking store, or the registry, and lets go of the GIL; false with an
 * exception set when the client is closed or cannot be opened. */
bool pymill_begin(struct pymill_call *call, struct pymill_client *self);
bool pymill_begin_registry(struct pymill_call *call, struct pymill_client *self);

/* Begins a call about a run, or about all where run_id is absent, once what was logged here is
 * delivered, or pymill_patience_ms have passed: people read what they have written. progress
 * may be NULL. */
bool pymill_begin_after(struct pymill_call *call, struct pymill_client *self,
                        struct mill_view run_id, PyObject *progress);

/* Begins a call that logs into a run: call->logger is set where it goes through a logger, which
 * it does not where synchronous (borrowed, may be NULL) is true. */
bool pymill_begin_log(struct pymill_call *call, struct pymill_client *self,
                      struct mill_view run_id, PyObject *synchronous);

/* The logger of a run, opened where it is not: for a call that keeps the GIL. NULL without an
 * exception where the run is logged directly. */
struct pymill_run_logger *pymill_logger_of(struct pymill_client *self, struct mill_view run_id,
                                           PyObject *synchronous);

/* Begins a call of that logger. */
void pymill_begin_logger(struct pymill_call *call, struct pymill_client *self,
                         struct pymill_run_logger *logger);

/* What a call that logs gives: None, or what can be waited for where synchronous is False.
 * Takes the result of pymill_done. */
PyObject *pymill_logged(struct pymill_client *self, PyObject *result, PyObject *synchronous);

/* Begins a call that is given up after a time, when its status is MILL_E_CANCELLED. */
bool pymill_begin_for(struct pymill_call *call, struct pymill_client *self, int64_t timeout_ms);

/* Whether a status says that the server could not be reached, not that it has refused. */
bool pymill_is_unreachable(enum mill_status status);

/* Takes the GIL back. Some exception may be set, which is then what the call raises. */
void pymill_take_back(struct pymill_call *call);

/* The same, and raises what the status means; true for MILL_OK. The call still holds its
 * client, for lists to be freed. */
bool pymill_returned(struct pymill_call *call, enum mill_status status);

/* Lets go of the client, after pymill_returned. Gives back the result. */
PyObject *pymill_finish(struct pymill_call *call, PyObject *result);

/* Both, for a call that gives nothing: None, or NULL with an exception set. */
PyObject *pymill_done(struct pymill_call *call, enum mill_status status);

typedef PyObject *pymill_method(struct pymill_client *self, const union pymill_value *values);

/* Takes the arguments of a method and calls it, with the guard. */
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

/* A search of the registry whose arguments are a filter, a number of results (MILL_ABSENT:
 * usual), an ordering and a token: takes them, has `search` make a page, which it does as the
 * rest of a call up to pymill_finish, and finishes the call. */
typedef PyObject *pymill_registry_search(struct pymill_call *call,
                                         const struct mill_model_query *query);
PyObject *pymill_search_registry(struct pymill_client *self, const union pymill_value *v,
                                 int64_t usual, pymill_registry_search *search);

/* The methods of each subject; they end with a row of NULL. */
extern PyMethodDef pymill_experiment_methods[];
extern PyMethodDef pymill_life_methods[];
extern PyMethodDef pymill_run_methods[];
extern PyMethodDef pymill_log_methods[];
extern PyMethodDef pymill_input_methods[];
extern PyMethodDef pymill_artifact_methods[];
extern PyMethodDef pymill_model_methods[];
extern PyMethodDef pymill_version_methods[];
extern PyMethodDef pymill_logged_model_methods[];
extern PyMethodDef pymill_prompt_methods[];
extern PyMethodDef pymill_dataset_methods[];

/* Whether there is something at a local path; FileNotFoundError and its kin otherwise. */
bool pymill_check_local(struct mill_view path);

/* What a call gives that lists files, which are freed: list of FileInfo. */
PyObject *pymill_files_done(struct pymill_call *call, enum mill_status status,
                            struct mill_file_list *files);

/* Makes the type. */
int pymill_client_init(PyObject *module, struct pymill_state *state);

#endif
