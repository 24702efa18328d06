/* client_runs.c - methods about runs as a whole: making, finding, ending them. */
#include "client.h"
#include "collect.h"

/* --- making ------------------------------------------------------------------------------ */

PyDoc_STRVAR(
    create_run_doc,
    "create_run($self, experiment_id, user_id=None, run_name=None, start_time=None, "
    "tags=None, parent_run_id=None)\n--\n\n"
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

/* The only item of a list, which is freed. */
static PyObject *first(struct pymill_call *call, enum mill_status status,
                       struct mill_run_list **list)
{
    PyObject *result = NULL;
    if (pymill_returned(call, status))
        result = pymill_entity_from(call->self->state, PYMILL_RUN, (*list)->items[0]);
    mill_run_list_free(*list);
    return pymill_finish(call, result);
}

static PyObject *create_run(struct pymill_client *self, const union pymill_value *v)
{
    struct pymill_call call;
    struct run_arguments a = sort_run_arguments(v);
    struct pymill_keep keep = {NULL};
    struct pymill_tags tags = {0};
    struct mill_run_list *list = NULL;
    struct mill_new_run run = {.size = sizeof(run), .experiment_id = v[0].number};
    PyObject *result = NULL;
    PyObject *all = tags_with_parent(a.tags, a.parent_run_id);
    if (all != NULL && pymill_take_tags(&tags, all) &&
        pymill_keep_text(&keep, a.user_id, false, &run.user_id) &&
        pymill_keep_text(&keep, a.run_name, false, &run.run_name) &&
        (a.start_time == NULL || pymill_whole(a.start_time, &run.start_time))) {
        run.tags = tags.items;
        run.tag_count = tags.count;
        if (pymill_begin(&call, self))
            result = first(&call, mill_client_create_run(call.client, &run, &list, &call.error),
                           &list);
    }
    Py_XDECREF(all);
    pymill_release_tags(&tags);
    pymill_release_keep(&keep);
    return result;
}
PYMILL_METHOD(create_run, PYMILL_NEEDS("experiment_id", PYMILL_EXPERIMENT_NUMBER),
              PYMILL_TAKES("user_id", PYMILL_ANY), PYMILL_TAKES("run_name", PYMILL_ANY),
              PYMILL_TAKES("start_time", PYMILL_ANY), PYMILL_TAKES("tags", PYMILL_ANY),
              PYMILL_TAKES("parent_run_id", PYMILL_ANY))

/* --- finding ----------------------------------------------------------------------------- */

PyDoc_STRVAR(get_run_doc, "get_run($self, run_id)\n--\n\n"
                          "One run, deleted or not, with everything but the history of its\n"
                          "metrics: Run.\n\n"
                          "Raises MlflowException: RESOURCE_DOES_NOT_EXIST.\n\n"
                          "    client.get_run(run_id).data.metrics['loss']");

static PyObject *get_run(struct pymill_client *self, const union pymill_value *v)
{
    struct pymill_call call;
    struct mill_run_list *list = NULL;
    if (!pymill_begin(&call, self))
        return NULL;
    return first(&call, mill_client_get_run(call.client, v[0].text, &list, &call.error), &list);
}
PYMILL_METHOD(get_run, PYMILL_NEEDS("run_id", PYMILL_VIEW))

PyDoc_STRVAR(
    search_runs_doc,
    "search_runs($self, experiment_ids, filter_string='', run_view_type=1, "
    "max_results=1000, order_by=None, page_token=None)\n--\n\n"
    "One page of the runs that match: PagedList of Run, whose token gets the next page,\n"
    "None behind the last one.\n\n"
    "  experiment_ids  list of int or str, or one of them\n"
    "  filter_string   as \"metrics.loss < 0.1 AND params.optimizer = 'adam'\"\n"
    "  run_view_type   ViewType.ACTIVE_ONLY, DELETED_ONLY or ALL\n"
    "  max_results     of the page, 1 to 50000\n"
    "  order_by        list as ['metrics.loss ASC']; None: the newest first\n"
    "  page_token      token of the page before this one\n\n"
    "Raises MlflowException: INVALID_PARAMETER_VALUE.\n\n"
    "    best = client.search_runs(['1'], order_by=['metrics.loss ASC'], max_results=1)[0]");

static PyObject *search_runs(struct pymill_client *self, const union pymill_value *v)
{
    struct pymill_call call;
    struct pymill_numbers experiments;
    struct pymill_texts order = {0};
    struct mill_run_list *list = NULL;
    PyObject *result = NULL;
    if (pymill_take_experiments(&experiments, self->state, v[0].object) &&
        pymill_take_texts(&order, v[4].object) && pymill_begin(&call, self)) {
        struct mill_run_query query = {
            .size = sizeof(query),
            .experiment_ids = experiments.items,
            .experiment_count = experiments.count,
            .view_type = pymill_view_type(v[2].number),
            .filter = v[1].text,
            .order_by = order.items,
            .order_by_count = order.count,
            .max_results = v[3].number != MILL_ABSENT ? v[3].number : 0,
            .page_token = v[5].text,
        };
        if (pymill_returned(&call,
                            mill_client_search_runs(call.client, &query, &list, &call.error)))
            result =
                pymill_entity_page(self->state, PYMILL_RUN, (const void *const *)list->items,
                                   list->count, list->next_page_token);
        mill_run_list_free(list);
        pymill_finish(&call, result);
    }
    pymill_release_texts(&order);
    pymill_release_numbers(&experiments);
    return result;
}
PYMILL_METHOD(search_runs, PYMILL_NEEDS("experiment_ids", PYMILL_ANY),
              PYMILL_TAKES("filter_string", PYMILL_VIEW),
              PYMILL_TAKES("run_view_type", PYMILL_WHOLE),
              PYMILL_TAKES("max_results", PYMILL_WHOLE), PYMILL_TAKES("order_by", PYMILL_ANY),
              PYMILL_TAKES("page_token", PYMILL_VIEW))

PyDoc_STRVAR(list_run_infos_doc,
             "list_run_infos($self, experiment_id, run_view_type=1, max_results=None, "
             "order_by=None, page_token=None)\n--\n\n"
             "All runs of an experiment, the newest first: list of RunInfo. With max_results,\n"
             "order_by or page_token one page of them, with a token as search_runs has it.\n\n"
             "    ids = [info.run_id for info in client.list_run_infos('1')]");

/* The infos of runs, as entities. */
static PyObject *infos_of(struct pymill_state *state, const struct mill_run_list *list)
{
    const void **infos = PyMem_Calloc(list->count + 1, sizeof(*infos));
    if (infos == NULL)
        return PyErr_NoMemory();
    for (size_t i = 0; i < list->count; i++)
        infos[i] = &list->items[i]->info;
    PyObject *page =
        pymill_entity_page(state, PYMILL_RUN_INFO, infos, list->count, list->next_page_token);
    PyMem_Free((void *)infos);
    return page;
}

static PyObject *list_run_infos(struct pymill_client *self, const union pymill_value *v)
{
    struct pymill_call call;
    struct pymill_texts order;
    struct mill_run_list *list = NULL;
    PyObject *result = NULL;
    bool paged = v[2].number != MILL_ABSENT || v[3].object != NULL || v[4].text.ptr != NULL;
    if (pymill_take_texts(&order, v[3].object) && pymill_begin(&call, self)) {
        struct mill_run_query query = {
            .size = sizeof(query),
            .experiment_ids = &v[0].number,
            .experiment_count = 1,
            .view_type = pymill_view_type(v[1].number),
            .order_by = order.items,
            .order_by_count = order.count,
            .max_results = v[2].number != MILL_ABSENT ? v[2].number : 0,
            .page_token = v[4].text,
            .info_only = true,
        };
        enum mill_status st =
            paged ? mill_client_search_runs(call.client, &query, &list, &call.error)
                  : mill_client_list_run_infos(call.client, v[0].number, query.view_type, &list,
                                               &call.error);
        if (pymill_returned(&call, st))
            result = infos_of(self->state, list);
        mill_run_list_free(list);
        pymill_finish(&call, result);
    }
    pymill_release_texts(&order);
    return result;
}
PYMILL_METHOD(list_run_infos, PYMILL_NEEDS("experiment_id", PYMILL_EXPERIMENT_NUMBER),
              PYMILL_TAKES("run_view_type", PYMILL_WHOLE),
              PYMILL_TAKES("max_results", PYMILL_WHOLE), PYMILL_TAKES("order_by", PYMILL_ANY),
              PYMILL_TAKES("page_token", PYMILL_VIEW))

/* --- history ----------------------------------------------------------------------------- */

PyDoc_STRVAR(
    get_metric_history_doc,
    "get_metric_history($self, run_id, key)\n--\n\n"
    "Every point of a metric of a run: list of Metric, empty for a key that the run does\n"
    "not have.\n\n"
    "Raises MlflowException: RESOURCE_DOES_NOT_EXIST.\n\n"
    "    losses = [point.value for point in client.get_metric_history(run_id, 'loss')]");

static PyObject *point_entity(struct pymill_state *state, struct mill_view key,
                              const struct mill_point *point)
{
    struct mill_metric metric = {
        .key = key, .value = point->value, .timestamp = point->timestamp, .step = point->step};
    return pymill_entity_from(state, PYMILL_METRIC, &metric);
}

static PyObject *points_of(struct pymill_state *state, struct mill_view key,
                           const struct mill_point_list *points)
{
    PyObject *list = PyList_New((Py_ssize_t)points->count);
    for (size_t i = 0; list != NULL && i < points->count; i++) {
        PyObject *metric = point_entity(state, key, &points->items[i]);
        if (metric == NULL || PyList_SetItem(list, (Py_ssize_t)i, metric) < 0)
            Py_CLEAR(list);
    }
    return list;
}

static PyObject *get_metric_history(struct pymill_client *self, const union pymill_value *v)
{
    struct pymill_call call;
    struct mill_point_list *points = NULL;
    PyObject *result = NULL;
    if (!pymill_begin(&call, self))
        return NULL;
    if (pymill_returned(&call, mill_client_metric_history(call.client, v[0].text, v[1].text,
                                                          &points, &call.error)))
        result = points_of(self->state, v[1].text, points);
    mill_point_list_free(points);
    return pymill_finish(&call, result);
}
PYMILL_METHOD(get_metric_history, PYMILL_NEEDS("run_id", PYMILL_VIEW),
              PYMILL_NEEDS("key", PYMILL_VIEW))

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
    if (!take_status(v[1].object, &update.status) || !pymill_begin(&call, self))
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

static PyObject *set_terminated(struct pymill_client *self, const union pymill_value *v)
{
    struct pymill_call call;
    enum mill_run_status status;
    if (!take_status(v[1].object, &status) || !pymill_begin(&call, self))
        return NULL;
    return pymill_done(&call, mill_client_set_terminated(call.client, v[0].text, status,
                                                         v[2].number, &call.error));
}
PYMILL_METHOD(set_terminated, PYMILL_NEEDS("run_id", PYMILL_VIEW),
              PYMILL_TAKES("status", PYMILL_ANY), PYMILL_TAKES("end_time", PYMILL_WHOLE))

PyDoc_STRVAR(delete_run_doc, "delete_run($self, run_id)\n--\n\n"
                             "Puts a run into the bin.\n\n"
                             "Raises MlflowException: RESOURCE_DOES_NOT_EXIST.\n\n"
                             "    client.delete_run(run_id)");

static PyObject *delete_run(struct pymill_client *self, const union pymill_value *v)
{
    struct pymill_call call;
    if (!pymill_begin(&call, self))
        return NULL;
    return pymill_done(&call, mill_client_delete_run(call.client, v[0].text, &call.error));
}
PYMILL_METHOD(delete_run, PYMILL_NEEDS("run_id", PYMILL_VIEW))

PyDoc_STRVAR(restore_run_doc, "restore_run($self, run_id)\n--\n\n"
                              "Takes a run out of the bin.\n\n"
                              "Raises MlflowException: RESOURCE_DOES_NOT_EXIST.\n\n"
                              "    client.restore_run(run_id)");

static PyObject *restore_run(struct pymill_client *self, const union pymill_value *v)
{
    struct pymill_call call;
    if (!pymill_begin(&call, self))
        return NULL;
    return pymill_done(&call, mill_client_restore_run(call.client, v[0].text, &call.error));
}
PYMILL_METHOD(restore_run, PYMILL_NEEDS("run_id", PYMILL_VIEW))

PyMethodDef pymill_run_methods[] = {
    PYMILL_METHOD_ROW(create_run, create_run_doc),
    PYMILL_METHOD_ROW(get_run, get_run_doc),
    PYMILL_METHOD_ROW(search_runs, search_runs_doc),
    PYMILL_METHOD_ROW(list_run_infos, list_run_infos_doc),
    PYMILL_METHOD_ROW(get_metric_history, get_metric_history_doc),
    PYMILL_METHOD_ROW(update_run, update_run_doc),
    PYMILL_METHOD_ROW(set_terminated, set_terminated_doc),
    PYMILL_METHOD_ROW(delete_run, delete_run_doc),
    PYMILL_METHOD_ROW(restore_run, restore_run_doc),
    {NULL, NULL, 0, NULL},
};
