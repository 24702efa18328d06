/* hub.c - the hubs, and the loggers in them; delivery and the end are in hub_delivery.c. */
#include "hub_parts.h"

#include <stdio.h>
#include <stdlib.h>

#include "arguments.h"
#include "error.h"

/* Open loggers at most; each has two threads and a few open files. */
#define MAX_LOGGERS 64
/* Bytes of a key or value in a message. */
#define MAX_SHOWN 100

void pymill_hub_tell(struct pymill_hub *hub)
{
    pymill_news_tell(&hub->news);
}

/* --- hubs -------------------------------------------------------------------------------- */

struct mill_view pymill_bytes_view(PyObject *bytes)
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
        Py_XDECREF(rl->params);
        PyMem_Free(rl);
    }
    Py_XDECREF(hub->tracking_uri);
    Py_XDECREF(hub->spool);
    Py_XDECREF(hub->known);
    Py_XDECREF(hub->kept);
    PyMem_Free(hub);
}

/* Has the hubs closed at exit, and their loggers told of forks: once in an interpreter. */
static bool watch_process(struct pymill_state *state)
{
    if (state->watched)
        return true;
    state->watched = true; /* what follows runs Python, and so other threads */
    PyObject *module = PyImport_ImportModule("millstream._process");
    PyObject *result = module != NULL ? PyObject_CallMethod(module, "watch", NULL) : NULL;
    Py_XDECREF(module);
    Py_XDECREF(result);
    state->watched = result != NULL;
    return result != NULL;
}

static PyObject *make_hub(struct pymill_state *state, PyObject *tracking_uri,
                          enum mill_logger_mode mode, PyObject *spool)
{
    struct pymill_hub *hub = pymill_zeroed(1, sizeof(*hub));
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
    hub->kept = PyDict_New();
    bool ok = hub->tracking_uri != NULL && hub->known != NULL && hub->kept != NULL &&
              (spool == NULL || PyUnicode_FSConverter(spool, &hub->spool));
    if (!ok || !watch_process(state))
        Py_CLEAR(capsule);
    return capsule;
}

/* Adds a hub under that name, unless another thread has done so meanwhile; the one that is
 * there then, borrowed. */
static PyObject *add_hub(struct pymill_state *state, PyObject *name, PyObject *made)
{
    PyObject *there = PyDict_GetItemWithError(state->hubs, name);
    if (there != NULL || PyErr_Occurred())
        return there;
    return PyDict_SetItem(state->hubs, name, made) == 0 ? made : NULL;
}

struct pymill_hub *pymill_hub_of(struct pymill_state *state, PyObject *tracking_uri,
                                 enum mill_logger_mode mode, PyObject *spool)
{
    PyObject *made = NULL;
    PyObject *name =
        Py_BuildValue("(OiO)", tracking_uri, (int)mode, spool != NULL ? spool : Py_None);
    PyObject *capsule = name != NULL ? PyDict_GetItemWithError(state->hubs, name) : NULL;
    if (capsule == NULL && !PyErr_Occurred()) {
        made = make_hub(state, tracking_uri, mode, spool);
        capsule = made != NULL ? add_hub(state, name, made) : NULL;
    }
    struct pymill_hub *hub = capsule != NULL ? PyCapsule_GetPointer(capsule, NULL) : NULL;
    Py_XDECREF(made);
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

void pymill_hub_forget_run(struct pymill_hub *hub, struct mill_view run_id)
{
    PyObject *id = PyBytes_FromStringAndSize(run_id.ptr, (Py_ssize_t)run_id.len);
    if (id != NULL)
        PySet_Discard(hub->known, id);
    Py_XDECREF(id);
    PyErr_Clear();
}

bool pymill_hub_keep_run(struct pymill_hub *hub, struct mill_view run_id, PyObject *run)
{
    PyObject *id = PyBytes_FromStringAndSize(run_id.ptr, (Py_ssize_t)run_id.len);
    bool ok = id != NULL && PyDict_SetItem(hub->kept, id, run) == 0;
    Py_XDECREF(id);
    return ok;
}

PyObject *pymill_hub_kept_run(struct pymill_hub *hub, struct mill_view run_id)
{
    PyObject *id = PyBytes_FromStringAndSize(run_id.ptr, (Py_ssize_t)run_id.len);
    PyObject *run = id != NULL ? PyDict_GetItemWithError(hub->kept, id) : NULL;
    Py_XDECREF(id);
    PyErr_Clear();
    return run;
}

/* --- loggers ----------------------------------------------------------------------------- */

struct pymill_run_logger *pymill_hub_look_up(struct pymill_hub *hub, struct mill_view run_id)
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

bool pymill_hub_is_ours(const struct pymill_hub *hub, const struct pymill_run_logger *rl)
{
    return rl != NULL && rl->forks == hub->state->forks;
}

struct pymill_run_logger *pymill_hub_find(struct pymill_hub *hub, struct mill_view run_id)
{
    struct pymill_run_logger *found = pymill_hub_look_up(hub, run_id);
    if (found != NULL && !pymill_hub_is_ours(hub, found)) {
        found->forks = hub->state->forks;
        found->users = 0; /* those were threads of the parent */
    }
    return found;
}

/* --- params ------------------------------------------------------------------------------ */

/* How much of a text a message shows. */
static int shown(struct mill_view text)
{
    return text.len < MAX_SHOWN ? (int)text.len : MAX_SHOWN;
}

static PyObject *bytes_of(struct mill_view text)
{
    return PyBytes_FromStringAndSize(text.ptr, (Py_ssize_t)text.len);
}

bool pymill_hub_check_param(struct pymill_hub *hub, struct pymill_run_logger *rl,
                            const struct mill_param *param, bool remote)
{
    char message[512];
    if (rl->params == NULL || param->key.ptr == NULL)
        return true;
    PyObject *key = bytes_of(param->key);
    PyObject *value = key != NULL ? PyDict_GetItemWithError(rl->params, key) : NULL;
    struct mill_view known = pymill_bytes_view(value);
    Py_XDECREF(key);
    if (value == NULL ||
        (known.len == param->value.len && memcmp(known.ptr, param->value.ptr, known.len) == 0))
        return !PyErr_Occurred();
    snprintf(
        message, sizeof(message),
        "param '%.*s' of run '%.*s' has the value '%.*s' and cannot become '%.*s': params are "
        "written once",
        shown(param->key), param->key.ptr, (int)rl->run_id_len, rl->run_id, shown(known),
        known.ptr, shown(param->value), param->value.ptr);
    pymill_raise(hub->state, MILL_E_INVALID, message, remote);
    return false;
}

bool pymill_hub_note_params(struct pymill_run_logger *rl, const struct mill_param *params,
                            size_t count)
{
    bool ok = count == 0 || rl->params != NULL || (rl->params = PyDict_New()) != NULL;
    for (size_t i = 0; ok && i < count; i++) {
        PyObject *key = bytes_of(params[i].key), *value = bytes_of(params[i].value);
        ok = key != NULL && value != NULL && PyDict_SetItem(rl->params, key, value) == 0;
        Py_XDECREF(key);
        Py_XDECREF(value);
    }
    return ok;
}

/* Seconds between signs of life: the library's default, 0, unless the environment asks for
 * others, or with "0" for none. */
static int64_t heartbeat_s(void)
{
    const char *text = getenv("MILLSTREAM_HEARTBEAT");
    if (text == NULL || text[0] == '\0')
        return 0;
    long long seconds = strtoll(text, NULL, 10);
    return seconds > 0 && seconds <= MILL_MAX_HEARTBEAT_S ? seconds : -1;
}

static struct pymill_run_logger *add_logger(struct pymill_hub *hub, struct mill_logger *logger)
{
    struct mill_view run_id = mill_logger_run_id(logger);
    struct pymill_run_logger *rl = pymill_zeroed(1, sizeof(*rl) + run_id.len);
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
    options->tracking_uri = pymill_bytes_view(hub->tracking_uri);
    options->mode = hub->mode;
    options->spool = pymill_bytes_view(hub->spool);
    options->heartbeat_interval_s = heartbeat_s();
    options->warning = pymill_news_put;
    options->context = &hub->news;
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
    if (!make_room(hub))
        return NULL;
    /* Making room may have waited, and another thread have opened it. */
    open = pymill_hub_find(hub, run_id);
    return open != NULL ? open : open_logger(hub, &options);
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
    return make_room(hub) ? open_logger(hub, &options) : NULL;
}
