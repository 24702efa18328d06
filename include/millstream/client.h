/* millstream/client.h - opening a tracking URI, and what holds for all calls of a client.
 *
 * A client offers the same calls (experiments.h, runs.h, artifacts.h, models.h,
 * logged_models.h, prompts.h, eval_datasets.h) whatever is behind its tracking URI:
 *
 *   DIR, file:DIR, file:///DIR    an mlruns tree, shared with the official client
 *   http://HOST:PORT, https://…   a tracking server (Millstream or the original)
 *   databricks, databricks://PROFILE
 *                                 a Databricks workspace
 *   sqlite:///FILE                a Millstream database; sqlite:////FILE is an absolute path
 *
 * Threads. Any number of threads may use one client at the same time; a server then gets as
 * many requests at once. A list belongs to one thread at a time. Opening a client costs no
 * request. Do not use a client in a forked child: open another one there.
 *
 * Ownership. Text goes in as struct mill_view, borrowed for the call; an absent view (ptr
 * NULL) means "not given". Reads hand out a list that owns everything it points to and is
 * freed with one call, before the client is closed. On failure no output is touched.
 *
 * Growth. Structs that a caller fills in begin with their size: set it to sizeof the struct
 * and what is not needed to zero. A program built with an older header keeps working: what its
 * struct lacks counts as zero. Lists are allocated by the library and may grow at their end;
 * items are reached through pointers for the same reason.
 *
 * Errors. Every call takes a struct mill_error last, which may be NULL. Besides what is said
 * at a call, any call may fail with MILL_E_NOMEM, with MILL_E_IO when the server or the
 * storage cannot be reached, MILL_E_TIMEOUT, MILL_E_BUSY when it asks to come again later,
 * MILL_E_UNAUTHENTICATED or MILL_E_DENIED, and with MILL_E_INTERNAL when the server reports a
 * defect of its own. An argument that is NULL, malformed, not UTF-8 or out of range is
 * MILL_E_INVALID, and the message names it. Messages of a server are passed on. */
#ifndef MILLSTREAM_CLIENT_H
#define MILLSTREAM_CLIENT_H

#include <stddef.h>
#include <string.h>

#include <millstream/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* --- opening --------------------------------------------------------------------------- */

/* Where a client goes when nobody says: the tree in the working directory. Since 0.1. */
#define MILL_DEFAULT_TRACKING_URI "./mlruns"

/* A connection to a server, or an open database. Opaque. Since 0.1. */
struct mill_client;

/* How a client is opened. Zero means the default everywhere. Since 0.1. */
struct mill_client_options {
    size_t size;    /* sizeof(struct mill_client_options) */
    bool read_only; /* writes are refused; a database is read beside a running server */
    /* Make a database that does not exist; else that is MILL_E_NOT_FOUND. A tree is always
     * made, unless it is opened for reading only. */
    bool create;
    struct mill_view user_agent; /* put before the library's own in requests */
    /* Where a database's `mlflow-artifacts:` locations lie, as the server that serves it was
     * told. Absent: MLFLOW_ARTIFACTS_DESTINATION, else mlartifacts beside the database. */
    struct mill_view artifacts_destination;
    bool no_retries; /* a request is tried once, whatever the environment says */
};

/* Opens the tracking URI and puts the client into *client_out; the caller closes it.
 *
 *   uri      absent or empty: what mill_tracking_uri gives
 *   options  NULL: the defaults
 *
 * For a server or workspace the variables of docs/client-environment.md count, read once here,
 * and the files ~/.mlflow/credentials and ~/.databrickscfg. A request is repeated only if
 * repeating it does no harm. No request is made by this call.
 *
 * Fails with MILL_E_INVALID for a URI or variable it cannot use; MILL_E_UNSUPPORTED when
 * libcurl is not installed (servers), for a database of another program or of a newer
 * version; MILL_E_NOT_FOUND for a missing database; MILL_E_BUSY when the database is to be
 * written while a server or another writer holds it. Since 0.1. */
MILL_API enum mill_status mill_client_open(struct mill_view uri,
                                           const struct mill_client_options *options,
                                           struct mill_client **client_out,
                                           struct mill_error *err);

/* Closes the client and frees it. NULL is allowed. Since 0.1. */
MILL_API void mill_client_close(struct mill_client *client);

/* Makes the requests under way on other threads end soon with MILL_E_CANCELLED, and all later
 * ones at once: for a program that wants to end. A database is not affected. NULL is allowed.
 * Any thread. Since 0.1. */
MILL_API void mill_client_cancel(struct mill_client *client);

/* Has the calls that this thread makes from now on, of whatever client, ask several times a
 * second whether they are still wanted while they wait for a server or move files. When
 * wanted(context) returns false the call ends soon with MILL_E_CANCELLED; others are not
 * affected. It is called on this thread with no lock held, and must not call the library.
 * Loggers do not ask, since they do not wait. NULL: nobody is asked, as at the start. Any
 * thread. Since 0.1. */
MILL_API void mill_ask_while_waiting(bool (*wanted)(void *context), void *context);

/* Sets the tracking URI of clients that are opened without one from now on; those that are open
 * stay where they are. Absent or empty: back to the environment or the default. The text is
 * copied. Any thread. Since 0.1. */
MILL_API enum mill_status mill_set_tracking_uri(struct mill_view uri, struct mill_error *err);

/* The tracking URI of a client that is opened without one: what was set, else the environment's
 * MLFLOW_TRACKING_URI, else MILL_DEFAULT_TRACKING_URI. Writes as much of it as fits into
 * buffer, NUL-terminated, and returns its whole length in bytes, as snprintf does; buffer may
 * be NULL when size is 0. Any thread. Since 0.1. */
MILL_API size_t mill_tracking_uri(char *buffer, size_t size);

/* The tracking URI in use, without user name and password; valid until the client is closed.
 * Since 0.1. */
MILL_API struct mill_view mill_client_uri(const struct mill_client *client);

/* A NUL-terminated text as a view; NULL gives the absent view. Since 0.1. */
static inline struct mill_view mill_text(const char *text)
{
    struct mill_view view;
    view.ptr = text;
    view.len = text != NULL ? strlen(text) : 0;
    return view;
}

#ifdef __cplusplus
}
#endif

#endif
