/* client_runs.c - methods that find runs and their history, and the bin. */
#include "client.h"
#include "collect.h"

static const struct mill_view every_run = {NULL, 0};

/* --- finding ----------------------------------------------------------------------------- */

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

PyDoc_STRVAR(get_run_doc, "get_run($self, run_id)\n--\n\n"
                          "One run, deleted or not, with everything but the history of its\n"
                          "metrics: Run. One that began in the spool and is not delivered is\n"
                          "given as it began.\n\n"
                          "Raises MlflowException: RESOURCE_DOES_NOT_EXIST.\n\n"
                          "    client.get_run(run_id).data.metrics['loss']");

static PyObject *get_run(struct pymill_client *self, const union pymill_value *v)
{
    struct pymill_call call;
    struct mill_run_list *list = NULL;
    PyObject *kept = self->hub != NULL ? pymill_hub_kept_run(self->hub, v[0].text) : NULL;
    Py_XINCREF(kept);
    if (kept != NULL && self->offline)
        return kept;
    if (!pymill_begin_after(&call, self, v[0].text, NULL)) {
        Py_XDECREF(kept);
        return NULL;
    }
    enum mill_status st = mill_client_get_run(call.client, v[0].text, &list, &call.error);
    if (kept == NULL || (st != MILL_E_NOT_FOUND && !pymill_is_unreachable(st))) {
        Py_XDECREF(kept);
        return first(&call, st, &list);
    }
    pymill_take_back(&call);
    if (PyErr_Occurred())
        Py_CLEAR(kept);
    return pymill_finish(&call, kept);
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
        pymill_take_texts(&order, v[4].object) &&
        pymill_begin_after(&call, self, every_run, NULL)) {
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
    const void **infos = pymill_zeroed(list->count + 1, sizeof(*infos));
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
    if (pymill_take_texts(&order, v[3].object) &&
        pymill_begin_after(&call, self, every_run, NULL)) {
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
    if (!pymill_begin_after(&call, self, v[0].text, NULL))
        return NULL;
    if (pymill_returned(&call, mill_client_metric_history(call.client, v[0].text, v[1].text,
                                                          &points, &call.error)))
        result = points_of(self->state, v[1].text, points);
    mill_point_list_free(points);
    return pymill_finish(&call, result);
}
PYMILL_METHOD(get_metric_history, PYMILL_NEEDS("run_id", PYMILL_VIEW),
              PYMILL_NEEDS("key", PYMILL_VIEW))

/* --- the bin ----------------------------------------------------------------------------- */

/* Ends the logger of a run that is deleted: whoever logs into it again is told. */
static bool forget(struct pymill_hub *hub, struct mill_view run_id)
{
    struct pymill_run_logger *rl = pymill_hub_find(hub, run_id);
    pymill_hub_forget_run(hub, run_id);
    return rl == NULL || pymill_hub_end(hub, rl, (enum mill_run_status)0, MILL_ABSENT);
}

/* Gives up a result where something has failed after it. */
static PyObject *drop(PyObject *result)
{
    Py_DECREF(result);
    return NULL;
}

PyDoc_STRVAR(delete_run_doc, "delete_run($self, run_id)\n--\n\n"
                             "Puts a run into the bin.\n\n"
                             "Raises MlflowException: RESOURCE_DOES_NOT_EXIST.\n\n"
                             "    client.delete_run(run_id)");

static PyObject *delete_run(struct pymill_client *self, const union pymill_value *v)
{
    struct pymill_call call;
    if (!pymill_begin_after(&call, self, v[0].text, NULL))
        return NULL;
    PyObject *result =
        pymill_done(&call, mill_client_delete_run(call.client, v[0].text, &call.error));
    return result != NULL && self->hub != NULL && !forget(self->hub, v[0].text) ? drop(result)
                                                                                : result;
}
PYMILL_METHOD(delete_run, PYMILL_NEEDS("run_id", PYMILL_VIEW))

PyDoc_STRVAR(restore_run_doc, "restore_run($self, run_id)\n--\n\n"
                              "Takes a run out of the bin.\n\n"
                              "Raises MlflowException: RESOURCE_DOES_NOT_EXIST.\n\n"
                              "    client.restore_run(run_id)");

static PyObject *restore_run(struct pymill_client *self, const union pymill_value *v)
{
    struct pymill_call call;
    if (!pymill_begin_after(&call, self, v[0].text, NULL))
        return NULL;
    return pymill_done(&call, mill_client_restore_run(call.client, v[0].text, &call.error));
}
PYMILL_METHOD(restore_run, PYMILL_NEEDS("run_id", PYMILL_VIEW))

PyMethodDef pymill_run_methods[] = {
    PYMILL_METHOD_ROW(get_run, get_run_doc),
    PYMILL_METHOD_ROW(search_runs, search_runs_doc),
    PYMILL_METHOD_ROW(list_run_infos, list_run_infos_doc),
    PYMILL_METHOD_ROW(get_metric_history, get_metric_history_doc),
    PYMILL_METHOD_ROW(delete_run, delete_run_doc),
    PYMILL_METHOD_ROW(restore_run, restore_run_doc),
    {NULL, NULL, 0, NULL},
};
