/* hub_delivery.c - waiting until what was logged is delivered, and ending loggers. */
#include "hub_parts.h"

#include <stdio.h>
#include <time.h>

#include "error.h"
#include "waiting.h"

/* A run ends without waiting any longer when attempts fail and nothing is delivered for as long
 * as pymill_patience_ms says or, where a large file may be under way, after so long. */
#define END_MS 600000
/* How much sooner that is where the run before had to be given up already: an outage must not
 * cost a search all that time with each of its trials. */
#define STALLED_SHARE 20
/* How often a wait looks at signals. */
#define SLICE_MS 100

/* --- waiting for delivery ---------------------------------------------------------------- */

/* How long a wait goes on. */
struct patience {
    int64_t until_ns;
    int64_t stall_ms;  /* gives up once attempts fail and nothing is delivered; 0: does not */
    int64_t failures;  /* before it began; negative: not known yet */
    bool ends;         /* waits for the end of the run, which others do not hold up */
    bool given_up;     /* what else waits with it is not worth waiting for either */
    int64_t moved_ns;  /* when something was delivered last */
    int64_t delivered; /* so far */
};

static struct patience patience(int64_t timeout_ms, int64_t stall_ms)
{
    int64_t now_ns = pymill_clock_ns();
    return (struct patience){.until_ns = now_ns + timeout_ms * 1000000,
                             .stall_ms = stall_ms,
                             .failures = -1,
                             .moved_ns = now_ns,
                             .delivered = -1};
}

/* What the end of a run has. */
static struct patience patience_for_end(const struct pymill_hub *hub)
{
    struct patience p = patience(END_MS, pymill_patience_ms());
    if (hub->stalled) {
        p.stall_ms = p.stall_ms / STALLED_SHARE + 1;
        p.failures = 0; /* the first attempt that fails tells enough */
    }
    return p;
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
        c.delivery_failures > p->failures && now_ns - p->moved_ns > p->stall_ms * 1000000;
    p->given_up = p->given_up || (p->stall_ms > 0 && stalled);
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
        if (st != MILL_E_TIMEOUT || (rl->ending && !p->ends) || !is_patient(p, rl->logger))
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
    pymill_news_tell(&hub->news);
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
        if (!pymill_hub_is_ours(hub, rl))
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
    struct patience p = patience(timeout_ms, 0);
    struct pymill_run_logger *rl;
    *delivered_out = true;
    if (run_id.ptr != NULL) {
        rl = pymill_hub_look_up(hub, run_id);
        return !pymill_hub_is_ours(hub, rl) || flush(hub, rl, &p, delivered_out);
    }
    PyObject *ids = logger_ids(hub);
    bool ok = ids != NULL;
    for (Py_ssize_t i = 0; ok && i < PyList_Size(ids); i++) {
        rl = pymill_hub_look_up(hub, pymill_bytes_view(PyList_GetItem(ids, i)));
        ok = !pymill_hub_is_ours(hub, rl) || flush(hub, rl, &p, delivered_out);
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
    rl->ending = p->ends = true;
    take_off(hub, rl);
    enum mill_status flushed = wait_for_delivery(rl, p, &error);
    hub->stalled = p->given_up;
    PyErr_Fetch(&type, &value, &traceback); /* a signal's: the end is logged all the same */
    PyThreadState *thread = PyEval_SaveThread();
    enum mill_status st = mill_logger_close_at(
        rl->logger, status, end_time_ms, flushed == MILL_OK ? pymill_patience_ms() : 0, &error);
    PyEval_RestoreThread(thread);
    Py_XDECREF(rl->params);
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
    struct patience p = patience_for_end(hub);
    return end(hub, rl, status, end_time_ms, &p);
}

/* Ends the loggers that this process has used; together they take as long as one may. */
static bool close_hub(struct pymill_hub *hub, struct patience *p)
{
    PyObject *ids = logger_ids(hub);
    bool ok = ids != NULL;
    for (Py_ssize_t i = 0; ok && i < PyList_Size(ids); i++) {
        struct pymill_run_logger *rl =
            pymill_hub_look_up(hub, pymill_bytes_view(PyList_GetItem(ids, i)));
        ok = !pymill_hub_is_ours(hub, rl) ||
             end(hub, rl, (enum mill_run_status)0, MILL_ABSENT, p);
    }
    Py_XDECREF(ids);
    return ok;
}

bool pymill_hub_close(struct pymill_hub *hub)
{
    struct patience p = patience(END_MS, pymill_patience_ms());
    return close_hub(hub, &p);
}

bool pymill_hubs_close(struct pymill_state *state)
{
    struct patience p = patience(END_MS, pymill_patience_ms());
    PyObject *hubs = PyDict_Values(state->hubs);
    bool ok = hubs != NULL;
    for (Py_ssize_t i = 0; ok && i < PyList_Size(hubs); i++)
        ok = close_hub(PyCapsule_GetPointer(PyList_GetItem(hubs, i), NULL), &p);
    Py_XDECREF(hubs);
    return ok;
}
