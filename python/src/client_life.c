/* client_life.c - methods that begin, change and end runs. */
#include "client.h"
#include "collect.h"

/* None, or NULL where an exception is set. */
static PyObject *none_unless_raised(void)
{
    if (PyErr_Occurred())
        return NULL;
    Py_RETURN_NONE;
}

/* --- making ------------------------------------------------------------------------------ */

PyDoc_STRVAR(
    create_run_doc,
    "create_run($self, experiment_id, user_id=None, run_name=None, start_time=None, "
    "tags=None, parent_run_id=None, *, experiment_name=None)\n--\n\n"
    "Starts a run, which is RUNNING: Run. It does not become the active one.\n\n"
    "  experiment_id  of the experiment that it is in, int or str\n"
    "  user_id        who runs it; None: the user of this process\n"
    "  run_name       None: made up\n"
    "  start_time     in milliseconds since 1970; None: now\n"
    "  tags           dict; values that are no str become one\n"
    "  parent_run_id  the run that it is a part of\n\n"
    "Older and newer orders of the arguments are understood by their types: an int for\n"
    "the user is the start time, a dict for the name the tags, a str for the time the\n"
    "name, a str for the tags the parent.\n\n"
    "Raises MlflowException: RESOURCE_DOES_NOT_EXIST, INVALID_PARAMETER_VALUE.\n\n"
    "    run = client.create_run('0', run_name='first', tags={'team': 'vision'})");

/* The arguments of create_run, each where it belongs. Borrowed. */
struct run_arguments {
    PyObject *user_id, *run_name, *start_time, *tags, *parent_run_id;
};

/* Takes an argument in for what its type says; text is for what its place says. */
static void take_run_argument(PyObject *given, PyObject **text, struct run_arguments *a)
{
    if (given == NULL)
        return;
    if (PyDict_Check(given))
        a->tags = given;
    else if (PyNumber_Check(given))
        a->start_time = given;
    else
        *text = given;
}

static struct run_arguments sort_run_arguments(const union pymill_value *v)
{
    struct run_arguments a = {.parent_run_id = v[5].object};
    take_run_argument(v[1].object, &a.user_id, &a);
    take_run_argument(v[2].object, &a.run_name, &a);
    take_run_argument(v[3].object, &a.run_name, &a);
    if (v[4].object != NULL)
        *(PyUnicode_Check(v[4].object) ? &a.parent_run_id : &a.tags) = v[4].object;
    return a;
}

/* The tags with the one that names the parent. New reference. */
static PyObject *tags_with_parent(PyObject *tags, PyObject *parent_run_id)
{
    PyObject *all = tags != NULL
                        ? PyObject_CallFunctionObjArgs((PyObject *)&PyDict_Type, tags, NULL)
                        : PyDict_New();
    if (all != NULL && parent_run_id != NULL &&
        PyDict_SetItemString(all, "mlflow.parentRunId", parent_run_id) < 0)
        Py_CLEAR(all);
    return all;
}

/* Everything that a run is made of, and what its texts point into. */
struct new_run {
    struct mill_new_run run;
    struct mill_view experiment_name;
    struct pymill_tags tags;
    struct pymill_keep keep;
};

static bool take_run(struct new_run *n, const union pymill_value *v)
{
    struct run_arguments a = sort_run_arguments(v);
    PyObject *all = tags_with_parent(a.tags, a.parent_run_id);
    n->run.size = sizeof(n->run);
    n->run.experiment_id = v[0].number != MILL_ABSENT ? v[0].number : 0;
    n->experiment_name = v[6].text;
    bool ok = all != NULL && pymill_take_tags(&n->tags, all) &&
              pymill_keep_text(&n->keep, a.user_id, false, &n->run.user_id) &&
              pymill_keep_text(&n->keep, a.run_name, false, &n->run.run_name) &&
              (a.start_time == NULL || pymill_whole(a.start_time, &n->run.start_time));
    n->run.tags = n->tags.items;
    n->run.tag_count = n->tags.count;
    Py_XDECREF(all);
    return ok;
}

static void release_run(struct new_run *n)
{
    pymill_release_tags(&n->tags);
    pymill_release_keep(&n->keep);
}

/* The experiment of that name, which is made where it is missing. */
static enum mill_status find_experiment(struct pymill_call *call, struct mill_view name,
                                        struct mill_experiment_list **list_out)
{
    int64_t id;
    enum mill_status st =
        mill_client_get_experiment_by_name(call->client, name, list_out, &call->error);
    if (st != MILL_E_NOT_FOUND)
        return st;
    st = mill_client_create_experiment(call->client, name, mill_text(NULL), NULL, 0, &id,
                                       &call->error);
    /* Another process may have been faster. */
    return st == MILL_OK || st == MILL_E_EXISTS
               ? mill_client_get_experiment_by_name(call->client, name, list_out, &call->error)
               : st;
}

PyDoc_STRVAR(find_or_make_experiment_doc,
             "_find_or_make_experiment($self, name)\n--\n\n"
             "The experiment of that name, made where it is missing: Experiment. None where\n"
             "runs can begin without the server, and it cannot be reached.");

static PyObject *_find_or_make_experiment(struct pymill_client *self,
                                          const union pymill_value *v)
{
    struct pymill_call call;
    struct mill_experiment_list *list = NULL;
    PyObject *result = NULL;
    if (!pymill_begin_for(&call, self, self->hub != NULL ? pymill_patience_ms() : 0))
        return NULL;
    enum mill_status st = find_experiment(&call, v[0].text, &list);
    pymill_take_back(&call);
    if (st == MILL_OK && !PyErr_Occurred()) {
        result = pymill_entity_from(self->state, PYMILL_EXPERIMENT, list->items[0]);
    } else if (self->hub != NULL && pymill_is_unreachable(st) && !PyErr_Occurred()) {
        Py_INCREF(Py_None);
        result = Py_None;
    } else {
        pymill_raise(self->state, st, call.error.message, self->remote);
    }
    mill_experiment_list_free(list);
    return pymill_finish(&call, result);
}
PYMILL_METHOD(_find_or_make_experiment, PYMILL_NEEDS("name", PYMILL_VIEW))

/* A run that begins in the spool, as it will be. */
static PyObject *start_by_logger(struct pymill_client *self, struct new_run *n)
{
    if (n->run.start_time == 0)
        n->run.start_time = pymill_now_ms();
    struct pymill_run_logger *rl = pymill_hub_start(self->hub, &n->run, n->experiment_name);
    if (rl == NULL)
        return NULL;
    struct mill_run run = {
        .info = {.run_id = {rl->run_id, rl->run_id_len},
                 .experiment_id =
                     n->experiment_name.len > 0 ? MILL_ABSENT : n->run.experiment_id,
                 .run_name = n->run.run_name,
                 .user_id = n->run.user_id,
                 .status = MILL_RUN_RUNNING,
                 .start_time = n->run.start_time,
                 .end_time = MILL_ABSENT,
                 .lifecycle_stage = MILL_ACTIVE},
        .tags = n->tags.items,
        .tag_count = n->tags.count,
    };
    PyObject *result = pymill_entity_from(self->state, PYMILL_RUN, &run);
    if (result != NULL && (!pymill_hub_note_run(self->hub, run.info.run_id) ||
                           !pymill_hub_keep_run(self->hub, run.info.run_id, result)))
        Py_CLEAR(result);
    return result;
}

/* A run that the server makes; where it cannot be reached, one that begins in the spool. */
static PyObject *start_directly(struct pymill_client *self, struct new_run *n)
{
    struct pymill_call call;
    struct mill_experiment_list *place = NULL;
    struct mill_run_list *list = NULL;
    PyObject *result = NULL;
    if (!pymill_begin_for(&call, self, self->hub != NULL ? pymill_patience_ms() : 0))
        return NULL;
    enum mill_status st = n->experiment_name.len > 0
                              ? find_experiment(&call, n->experiment_name, &place)
                              : MILL_OK;
    if (place != NULL)
        n->run.experiment_id = place->items[0]->experiment_id;
    mill_experiment_list_free(place);
    if (st == MILL_OK)
        st = mill_client_create_run(call.client, &n->run, &list, &call.error);
    pymill_take_back(&call);
    if (PyErr_Occurred())
        result = NULL;
    else if (st == MILL_OK)
        result = pymill_entity_from(self->state, PYMILL_RUN, list->items[0]);
    else if (self->hub == NULL || !pymill_is_unreachable(st))
        pymill_raise(self->state, st, call.error.message, self->remote);
    else
        result = start_by_logger(self, n);
    if (st == MILL_OK && result != NULL && self->hub != NULL &&
        !pymill_hub_note_run(self->hub, list->items[0]->info.run_id))
        Py_CLEAR(result);
    mill_run_list_free(list);
    return pymill_finish(&call, result);
}

static PyObject *create_run(struct pymill_client *self, const union pymill_value *v)
{
    struct new_run n = {.keep = {NULL}};
    PyObject *result = NULL;
    if (v[0].number == MILL_ABSENT && v[6].text.ptr == NULL) {
        PyErr_SetString(PyExc_TypeError,
                        "create_run() missing an experiment: 'experiment_id' or "
                        "'experiment_name'");
        return NULL;
    }
    if (take_run(&n, v))
        result = self->offline && !self->closed ? start_by_logger(self, &n)
                                                : start_directly(self, &n);
    release_run(&n);
    return result;
}
PYMILL_METHOD(create_run, PYMILL_TAKES("experiment_id", PYMILL_EXPERIMENT_NUMBER),
              PYMILL_TAKES("user_id", PYMILL_ANY), PYMILL_TAKES("run_name", PYMILL_ANY),
              PYMILL_TAKES("start_time", PYMILL_ANY), PYMILL_TAKES("tags", PYMILL_ANY),
              PYMILL_TAKES("parent_run_id", PYMILL_ANY),
              PYMILL_NAMES("experiment_name", PYMILL_VIEW))

/* --- changing and ending ----------------------------------------------------------------- */

/* The state of that name or number; None is 0. What there is not is a plain Exception, as it
 * has always been. */
static bool take_status(PyObject *given, enum mill_run_status *status_out)
{
    PyObject *bytes = NULL;
    struct mill_view name = {NULL, 0};
    *status_out = 0;
    if (given == NULL)
        return true;
    if (PyLong_Check(given)) {
        long number = PyLong_AsLong(given);
        if (number >= MILL_RUN_RUNNING && number <= MILL_RUN_KILLED)
            *status_out = (enum mill_run_status)number;
    } else if (pymill_text(given, &bytes, &name)) {
        *status_out = mill_run_status_from_name(name);
    }
    Py_XDECREF(bytes);
    if (*status_out == 0 && !PyErr_Occurred())
        PyErr_Format(PyExc_Exception,
                     "There is no run status %S. Valid run status strings: "
                     "['RUNNING', 'SCHEDULED', 'FINISHED', 'FAILED', 'KILLED']",
                     given);
    return *status_out != 0;
}

PyDoc_STRVAR(
    update_run_doc,
    "update_run($self, run_id, status=None, name=None)\n--\n\n"
    "Changes the state or the name of an active run.\n\n"
    "  status  a name of RunStatus; None: stays\n"
    "  name    None: stays\n\n"
    "Raises Exception for an unknown status, MlflowException: RESOURCE_DOES_NOT_EXIST,\n"
    "INVALID_PARAMETER_VALUE.\n\n"
    "    client.update_run(run_id, name='the good one')");

static PyObject *update_run(struct pymill_client *self, const union pymill_value *v)
{
    struct pymill_call call;
    struct mill_run_update update = {.size = sizeof(update), .run_name = v[2].text};
    if (!take_status(v[1].object, &update.status) ||
        !pymill_begin_after(&call, self, v[0].text, NULL))
        return NULL;
    return pymill_done(&call,
                       mill_client_update_run(call.client, v[0].text, &update, &call.error));
}
PYMILL_METHOD(update_run, PYMILL_NEEDS("run_id", PYMILL_VIEW),
              PYMILL_TAKES("status", PYMILL_ANY), PYMILL_TAKES("name", PYMILL_VIEW))

PyDoc_STRVAR(
    set_terminated_doc,
    "set_terminated($self, run_id, status=None, end_time=None)\n--\n\n"
    "Ends an active run.\n\n"
    "  status    a name of RunStatus; None: 'FINISHED'\n"
    "  end_time  in milliseconds since 1970; None: now\n\n"
    "Raises Exception for an unknown status, MlflowException: RESOURCE_DOES_NOT_EXIST,\n"
    "INVALID_PARAMETER_VALUE.\n\n"
    "    client.set_terminated(run_id, 'FAILED')");

/* Ends a run through its logger. */
static PyObject *end_by_logger(struct pymill_client *self, struct pymill_run_logger *rl,
                               enum mill_run_status status, int64_t end_time_ms)
{
    if (rl == NULL ||
        !pymill_hub_end(self->hub, rl, status != 0 ? status : MILL_RUN_FINISHED, end_time_ms))
        return NULL;
    Py_RETURN_NONE;
}

/* Ends a run that nothing was logged into here. A server that is down is told later. */
static PyObject *end_directly(struct pymill_client *self, struct mill_view run_id,
                              enum mill_run_status status, int64_t end_time_ms)
{
    struct pymill_call call;
    if (!pymill_begin_for(&call, self, self->hub != NULL ? pymill_patience_ms() : 0))
        return NULL;
    enum mill_status st =
        mill_client_set_terminated(call.client, run_id, status, end_time_ms, &call.error);
    pymill_take_back(&call);
    pymill_finish(&call, NULL);
    if (st == MILL_OK || PyErr_Occurred())
        return none_unless_raised();
    if (self->hub == NULL || !pymill_is_unreachable(st))
        return pymill_raise(self->state, st, call.error.message, self->remote);
    return end_by_logger(self, pymill_hub_open(self->hub, run_id), status, end_time_ms);
}

static PyObject *set_terminated(struct pymill_client *self, const union pymill_value *v)
{
    enum mill_run_status status;
    if (!take_status(v[1].object, &status))
        return NULL;
    struct pymill_run_logger *rl =
        self->hub != NULL && !self->closed ? pymill_hub_find(self->hub, v[0].text) : NULL;
    if (rl == NULL && self->offline)
        rl = pymill_logger_of(self, v[0].text, NULL);
    if (rl != NULL || PyErr_Occurred())
        return end_by_logger(self, rl, status, v[2].number);
    return end_directly(self, v[0].text, status, v[2].number);
}
PYMILL_METHOD(set_terminated, PYMILL_NEEDS("run_id", PYMILL_VIEW),
              PYMILL_TAKES("status", PYMILL_ANY), PYMILL_TAKES("end_time", PYMILL_WHOLE))

PyMethodDef pymill_life_methods[] = {
    PYMILL_METHOD_ROW(_find_or_make_experiment, find_or_make_experiment_doc),
    PYMILL_METHOD_ROW(create_run, create_run_doc),
    PYMILL_METHOD_ROW(update_run, update_run_doc),
    PYMILL_METHOD_ROW(set_terminated, set_terminated_doc),
    {NULL, NULL, 0, NULL},
};
