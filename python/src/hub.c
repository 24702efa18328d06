/* hub.c - see hub.h. */
#include "hub.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "arguments.h"
#include "error.h"
#include "news.h"
#include "waiting.h"

/* Open loggers at most; each has two threads and a few open files. */
#define MAX_LOGGERS 64
/* A run ends without waiting any longer when attempts failed and nothing was delivered for so
 * long ... */
#define STALL_MS 10000
/* ... or, a large file may be under way, after so long. */
#define END_MS 600000
/* The end itself, once everything before it is delivered. */
#define LAST_MS 2000
/* How often a wait looks at signals. */
#define SLICE_MS 100

struct pymill_hub {
    struct pymill_state *state;
    enum mill_logger_mode mode;
    PyObject *tracking_uri; /* bytes */
    PyObject *spool;        /* bytes, or NULL for the default */
    PyObject *known;        /* set of bytes: runs that were made here */
    struct pymill_run_logger *loggers;
    size_t count;
    struct pymill_news news; /* of all loggers */
};

void pymill_hub_tell(struct pymill_hub *hub)
{
    pymill_news_tell(&hub->news);
}

/* --- hubs -------------------------------------------------------------------------------- */

static struct mill_view bytes_view(PyObject *bytes)
{
    return bytes != NULL
               ? (struct mill_view){PyBytes_AsString(bytes), (size_t)PyBytes_Size(bytes)}
               : (struct mill_view){NULL, 0};
}

/* Whoever lets the state die has closed the loggers at exit, unless there was no orderly exit:
 * what they have goes into the spool then. */
static void free_hub(PyObject *capsule)
{
    struct pymill_hub *hub = PyCapsule_GetPointer(capsule, NULL);
    while (hub->loggers != NULL) {
        struct pymill_run_logger *rl = hub->loggers;
        hub->loggers = rl->next;
        mill_logger_close(rl->logger, (enum mill_run_status)0, 0, NULL);
        PyMem_Free(rl);
    }
    Py_XDECREF(hub->tracking_uri);
    Py_XDECREF(hub->spool);
    Py_XDECREF(hub->known);
    PyMem_Free(hub);
}

/* Has the hubs closed at exit, and their loggers told of forks. */
static bool watch_process(void)
{
    PyObject *module = PyImport_ImportModule("millstream._process");
    PyObject *result = module != NULL ? PyObject_CallMethod(module, "watch", NULL) : NULL;
    Py_XDECREF(module);
    Py_XDECREF(result);
    return result != NULL;
}

static PyObject *make_hub(struct pymill_state *state, PyObject *tracking_uri,
                          enum mill_logger_mode mode, PyObject *spool)
{
    struct pymill_hub *hub = PyMem_Calloc(1, sizeof(*hub));
    if (hub == NULL)
        return PyErr_NoMemory();
    hub->state = state;
    hub->mode = mode;
    PyObject *capsule = PyCapsule_New(hub, NULL, free_hub);
    if (capsule == NULL) {
        PyMem_Free(hub);
        return NULL;
    }
    hub->tracking_uri = PyUnicode_AsUTF8String(tracking_uri);
    hub->known = PySet_New(NULL);
    bool ok = hub->tracking_uri != NULL && hub->known != NULL &&
              (spool == NULL || PyUnicode_FSConverter(spool, &hub->spool));
    if (!ok || (PyDict_Size(state->hubs) == 0 && !watch_process()))
        Py_CLEAR(capsule);
    return capsule;
}

struct pymill_hub *pymill_hub_of(struct pymill_state *state, PyObject *tracking_uri,
                                 enum mill_logger_mode mode, PyObject *spool)
{
    struct pymill_hub *hub = NULL;
    PyObject *name =
        Py_BuildValue("(OiO)", tracking_uri, (int)mode, spool != NULL ? spool : Py_None);
    PyObject *capsule = name != NULL ? PyDict_GetItemWithError(state->hubs, name) : NULL;
    if (capsule != NULL) {
        hub = PyCapsule_GetPointer(capsule, NULL);
    } else if (name != NULL && !PyErr_Occurred()) {
        capsule = make_hub(state, tracking_uri, mode, spool);
        if (capsule != NULL && PyDict_SetItem(state->hubs, name, capsule) == 0)
            hub = PyCapsule_GetPointer(capsule, NULL);
        Py_XDECREF(capsule);
    }
    Py_XDECREF(name);
    return hub;
}

bool pymill_hub_note_run(struct pymill_hub *hub, struct mill_view run_id)
{
    PyObject *id = PyBytes_FromStringAndSize(run_id.ptr, (Py_ssize_t)run_id.len);
    bool ok = id != NULL && PySet_Add(hub->known, id) == 0;
    Py_XDECREF(id);
    return ok;
}

bool pymill_hub_knows_run(struct pymill_hub *hub, struct mill_view run_id)
{
    PyObject *id = PyBytes_FromStringAndSize(run_id.ptr, (Py_ssize_t)run_id.len);
    bool known = id != NULL && PySet_Contains(hub->known, id) == 1;
    Py_XDECREF(id);
    PyErr_Clear();
    return known;
}

/* --- loggers ----------------------------------------------------------------------------- */

/* The open logger of a run, which becomes the first one; NULL if there is none. */
static struct pymill_run_logger *look_up(struct pymill_hub *hub, struct mill_view run_id)
{
    struct pymill_run_logger **at = &hub->loggers;
    while (*at != NULL && ((*at)->run_id_len != run_id.len ||
                           memcmp((*at)->run_id, run_id.ptr, run_id.len) != 0))
        at = &(*at)->next;
    struct pymill_run_logger *found = *at;
    if (found != NULL && found != hub->loggers) {
        *at = found->next;
        found->next = hub->loggers;
        hub->loggers = found;
    }
    return found;
}

/* Whether this process has used a logger, or only the one that it is a fork of. */
static bool is_ours(const struct pymill_hub *hub, const struct pymill_run_logger *rl)
{
    return rl != NULL && rl->forks == hub->state->forks;
}

struct pymill_run_logger *pymill_hub_find(struct pymill_hub *hub, struct mill_view run_id)
{
    struct pymill_run_logger *found = look_up(hub, run_id);
    if (found != NULL && !is_ours(hub, found)) {
        found->forks = hub->state->forks;
        found->users = 0; /* those were threads of the parent */
    }
    return found;
}

/* Seconds between signs of life that the environment asks for; else there are none, so that a
 * run has the tags that were set and no others. */
static int64_t heartbeat_s(void)
{
    const char *text = getenv("MILLSTREAM_HEARTBEAT");
    long long seconds = text != NULL ? strtoll(text, NULL, 10) : 0;
    return seconds > 0 && seconds <= MILL_MAX_HEARTBEAT_S ? seconds : -1;
}

static struct pymill_run_logger *add_logger(struct pymill_hub *hub, struct mill_logger *logger)
{
    struct mill_view run_id = mill_logger_run_id(logger);
    struct pymill_run_logger *rl = PyMem_Calloc(1, sizeof(*rl) + run_id.len);
    if (rl == NULL) {
        PyErr_NoMemory();
        mill_logger_close(logger, (enum mill_run_status)0, 0, NULL);
        return NULL;
    }
    rl->logger = logger;
    rl->forks = hub->state->forks;
    rl->run_id_len = run_id.len;
    memcpy(rl->run_id, run_id.ptr, run_id.len);
    rl->next = hub->loggers;
    hub->loggers = rl;
    hub->count++;
    return rl;
}

/* Makes room for one more: ends the one that was used longest ago. */
static bool make_room(struct pymill_hub *hub)
{
    struct pymill_run_logger *last = hub->loggers;
    if (hub->count < MAX_LOGGERS)
        return true;
    while (last->next != NULL)
        last = last->next;
    return pymill_hub_end(hub, last, (enum mill_run_status)0, MILL_ABSENT);
}

static struct pymill_run_logger *open_logger(struct pymill_hub *hub,
                                             struct mill_logger_options *options)
{
    struct mill_error error = {""};
    struct mill_logger *logger = NULL;
    options->size = sizeof(*options);
    options->tracking_uri = bytes_view(hub->tracking_uri);
    options->mode = hub->mode;
    options->spool = bytes_view(hub->spool);
    options->heartbeat_interval_s = heartbeat_s();
    options->warning = pymill_news_put;
    options->context = &hub->news;
    if (!make_room(hub))
        return NULL;
    enum mill_status st = mill_logger_open(options, &logger, &error);
    if (st != MILL_OK) {
        pymill_raise(hub->state, st, error.message, false);
        return NULL;
    }
    return add_logger(hub, logger);
}

struct pymill_run_logger *pymill_hub_open(struct pymill_hub *hub, struct mill_view run_id)
{
    /* What is logged into a run that has ended does not set it running again. */
    struct mill_logger_options options = {.run_id = run_id, .keep_status = true};
    struct pymill_run_logger *open = pymill_hub_find(hub, run_id);
    if (open != NULL)
        return open;
    if (run_id.len == 0) {
        pymill_raise_invalid(hub->state, "run_id is missing or empty");
        return NULL;
    }
    return open_logger(hub, &options);
}

struct pymill_run_logger *pymill_hub_start(struct pymill_hub *hub,
                                           const struct mill_new_run *run,
                                           struct mill_view experiment_name)
{
    struct mill_logger_options options = {
        .experiment_name = experiment_name,
        .experiment_id = run->experiment_id,
        .run_name = run->run_name,
        .user_id = run->user_id,
        .start_time = run->start_time,
        .tags = run->tags,
        .tag_count = run->tag_count,
    };
    return open_logger(hub, &options);
}

/* --- waiting for delivery ---------------------------------------------------------------- */

/* How long a wait goes on. */
struct patience {
    int64_t until_ns;
    bool gives_up;     /* once attempts fail and nothing is delivered for STALL_MS */
    int64_t failures;  /* before it began; negative: not known yet */
    bool given_up;     /* what else waits with it is not worth waiting for either */
    int64_t moved_ns;  /* when something was delivered last */
    int64_t delivered; /* so far */
};

static struct patience patience(int64_t timeout_ms, bool gives_up)
{
    int64_t now_ns = pymill_clock_ns();
    return (struct patience){.until_ns = now_ns + timeout_ms * 1000000,
                             .gives_up = gives_up,
                             .failures = -1,
                             .moved_ns = now_ns,
                             .delivered = -1};
}

/* Whether to go on waiting, after a slice in which not everything was delivered. */
static bool is_patient(struct patience *p, struct mill_logger *logger)
{
    struct mill_logger_counters c = {.size = sizeof(c)};
    int64_t now_ns = pymill_clock_ns();
    mill_logger_get_counters(logger, &c, NULL);
    int64_t delivered = c.points_delivered + c.changes_delivered;
    if (delivered != p->delivered) {
        p->delivered = delivered;
        p->moved_ns = now_ns;
    }
    if (p->failures < 0)
        p->failures = c.delivery_failures;
    bool stalled =
        c.delivery_failures > p->failures && now_ns - p->moved_ns > STALL_MS * 1000000LL;
    p->given_up = p->given_up || (p->gives_up && stalled);
    return now_ns < p->until_ns && !p->given_up;
}

/* Waits for delivery without the GIL; MILL_E_CANCELLED with an exception set where a signal's
 * handler has raised. */
static enum mill_status wait_for_delivery(struct pymill_run_logger *rl, struct patience *p,
                                          struct mill_error *error)
{
    for (;;) {
        int64_t left_ms = (p->until_ns - pymill_clock_ns()) / 1000000;
        int64_t slice_ms = left_ms < SLICE_MS ? left_ms : SLICE_MS;
        PyThreadState *thread = PyEval_SaveThread();
        enum mill_status st = mill_logger_flush(rl->logger, slice_ms > 0 ? slice_ms : 1, error);
        PyEval_RestoreThread(thread);
        if (PyErr_CheckSignals() < 0)
            return MILL_E_CANCELLED;
        if (st != MILL_E_TIMEOUT || !is_patient(p, rl->logger))
            return st;
    }
}

/* Flushes one logger; false with an exception set. */
static bool flush(struct pymill_hub *hub, struct pymill_run_logger *rl, struct patience *p,
                  bool *delivered_out)
{
    struct mill_error error = {""};
    rl->users++;
    enum mill_status st = wait_for_delivery(rl, p, &error);
    rl->users--;
    *delivered_out = *delivered_out && st == MILL_OK;
    if (st != MILL_OK && st != MILL_E_TIMEOUT)
        pymill_raise(hub->state, st, error.message, false);
    return st == MILL_OK || st == MILL_E_TIMEOUT;
}

/* The ids of the loggers of this process, as they are now: while one is waited for the list may
 * change. New reference. */
static PyObject *logger_ids(struct pymill_hub *hub)
{
    PyObject *ids = PyList_New(0);
    for (struct pymill_run_logger *rl = hub->loggers; ids != NULL && rl != NULL;
         rl = rl->next) {
        if (!is_ours(hub, rl))
            continue;
        PyObject *id = PyBytes_FromStringAndSize(rl->run_id, (Py_ssize_t)rl->run_id_len);
        if (id == NULL || PyList_Append(ids, id) < 0)
            Py_CLEAR(ids);
        Py_XDECREF(id);
    }
    return ids;
}

bool pymill_hub_flush(struct pymill_hub *hub, struct mill_view run_id, int64_t timeout_ms,
                      bool *delivered_out)
{
    struct patience p = patience(timeout_ms, false);
    struct pymill_run_logger *rl;
    *delivered_out = true;
    if (run_id.ptr != NULL) {
        rl = look_up(hub, run_id);
        return !is_ours(hub, rl) || flush(hub, rl, &p, delivered_out);
    }
    PyObject *ids = logger_ids(hub);
    bool ok = ids != NULL;
    for (Py_ssize_t i = 0; ok && i < PyList_Size(ids); i++) {
        rl = look_up(hub, bytes_view(PyList_GetItem(ids, i)));
        ok = !is_ours(hub, rl) || flush(hub, rl, &p, delivered_out);
    }
    Py_XDECREF(ids);
    return ok;
}

/* --- ending ------------------------------------------------------------------------------ */

/* Takes a logger off the hub, and waits until nobody uses it any more. */
static void take_off(struct pymill_hub *hub, struct pymill_run_logger *rl)
{
    static const struct timespec moment = {.tv_nsec = 1000000};
    struct pymill_run_logger **at = &hub->loggers;
    while (*at != rl)
        at = &(*at)->next;
    *at = rl->next;
    hub->count--;
    while (rl->users > 0) {
        PyThreadState *thread = PyEval_SaveThread();
        nanosleep(&moment, NULL);
        PyEval_RestoreThread(thread);
    }
}

static void warn_of_rest(const char *reason)
{
    char message[700];
    snprintf(message, sizeof(message), "%s; deliver it with `millstream sync`", reason);
    pymill_warn(message);
}

/* Ends a run and its logger; p is how long that may take. */
static bool end(struct pymill_hub *hub, struct pymill_run_logger *rl,
                enum mill_run_status status, int64_t end_time_ms, struct patience *p)
{
    struct mill_error error = {""};
    PyObject *type, *value, *traceback;
    take_off(hub, rl);
    enum mill_status flushed = wait_for_delivery(rl, p, &error);
    PyErr_Fetch(&type, &value, &traceback); /* a signal's: the end is logged all the same */
    PyThreadState *thread = PyEval_SaveThread();
    enum mill_status st = mill_logger_close_at(rl->logger, status, end_time_ms,
                                               flushed == MILL_OK ? LAST_MS : 0, &error);
    PyEval_RestoreThread(thread);
    PyMem_Free(rl);
    pymill_news_tell(&hub->news);
    if (st == MILL_E_TIMEOUT)
        warn_of_rest(error.message);
    PyErr_Restore(type, value, traceback);
    if (type == NULL && st != MILL_OK && st != MILL_E_TIMEOUT)
        pymill_raise(hub->state, st, error.message, false);
    return !PyErr_Occurred();
}

bool pymill_hub_end(struct pymill_hub *hub, struct pymill_run_logger *rl,
                    enum mill_run_status status, int64_t end_time_ms)
{
    struct patience p = patience(END_MS, true);
    return end(hub, rl, status, end_time_ms, &p);
}

/* Ends the loggers that this process has used; together they take as long as one may. */
static bool close_hub(struct pymill_hub *hub, struct patience *p)
{
    PyObject *ids = logger_ids(hub);
    bool ok = ids != NULL;
    for (Py_ssize_t i = 0; ok && i < PyList_Size(ids); i++) {
        struct pymill_run_logger *rl = look_up(hub, bytes_view(PyList_GetItem(ids, i)));
        ok = !is_ours(hub, rl) || end(hub, rl, (enum mill_run_status)0, MILL_ABSENT, p);
    }
    Py_XDECREF(ids);
    return ok;
}

bool pymill_hub_close(struct pymill_hub *hub)
{
    struct patience p = patience(END_MS, true);
    return close_hub(hub, &p);
}

bool pymill_hubs_close(struct pymill_state *state)
{
    struct patience p = patience(END_MS, true);
    PyObject *hubs = PyDict_Values(state->hubs);
    bool ok = hubs != NULL;
    for (Py_ssize_t i = 0; ok && i < PyList_Size(hubs); i++)
        ok = close_hub(PyCapsule_GetPointer(PyList_GetItem(hubs, i), NULL), &p);
    Py_XDECREF(hubs);
    return ok;
}
