/* handle.h - a client of the library, with the calls that are under way on it. Guarded as
 * the state is. */
#ifndef PYMILL_HANDLE_H
#define PYMILL_HANDLE_H

#include "module.h"

#include <sys/types.h>

struct pymill_handle {
    struct mill_client *client;
    int users;      /* calls under way and clients of Python that keep it */
    pid_t pid;      /* of the process that opened it */
    PyObject *name; /* of a database or tree: what others find it by, in state->handles */
};

/* Whether a URI is of a server or workspace. */
bool pymill_is_remote(PyObject *uri);

/* The handle of a URI, that of another client where it can be shared; NULL with an exception
 * set. To be released. */
struct pymill_handle *pymill_open_handle(struct pymill_state *state, PyObject *uri);

/* The handle in *place, opened where there is none, and anew in a fork. Borrowed; NULL with an
 * exception set. */
struct pymill_handle *pymill_fresh_handle(struct pymill_state *state,
                                          struct pymill_handle **place, PyObject *uri);

/* Lets go of a handle; the last one closes the client. One of the process that this is a fork
 * of is left as it is: its threads and connections are the parent's. NULL is allowed. */
void pymill_release_handle(struct pymill_state *state, struct pymill_handle *handle);

#endif
