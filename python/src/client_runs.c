/* client_runs.c - methods about runs as a whole: making, finding, ending them. */
#include "client.h"
#include "collect.h"

PyDoc_STRVAR(get_run_doc, "get_run($self, run_id)\n--\n\n"
                          "One run, deleted or not, with everything but the history of its\n"
                          "metrics: Run.\n\n"
                          "Raises MlflowException: RESOURCE_DOES_NOT_EXIST.\n\n"
                          "    client.get_run(run_id).data.metrics['loss']");

static PyObject *get_run(struct pymill_client *self, const union pymill_value *v)
{
    struct pymill_call call;
    struct mill_run_list *list = NULL;
    PyObject *result = NULL;
    if (!pymill_begin(&call, self))
        return NULL;
    if (pymill_returned(&call, mill_client_get_run(call.client, v[0].text, &list, &call.error)))
        result = pymill_entity_from(self->state, PYMILL_RUN, list->items[0]);
    mill_run_list_free(list);
    return pymill_finish(&call, result);
}
PYMILL_METHOD(get_run, PYMILL_NEEDS("run_id", PYMILL_VIEW))

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
    PYMILL_METHOD_ROW(get_run, get_run_doc),
    PYMILL_METHOD_ROW(delete_run, delete_run_doc),
    PYMILL_METHOD_ROW(restore_run, restore_run_doc),
    {NULL, NULL, 0, NULL},
};
