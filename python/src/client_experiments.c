/* client_experiments.c - methods about experiments. */
#include "client.h"
#include "collect.h"

/* --- one ---------------------------------------------------------------------------------- */

PyDoc_STRVAR(
    create_experiment_doc,
    "create_experiment($self, name, artifact_location=None, tags=None)\n--\n\n"
    "Creates an experiment and gives its id: str.\n\n"
    "  name               1 to 500 characters; no other experiment has it, deleted ones\n"
    "                     included\n"
    "  artifact_location  URI or directory below which its runs keep their files; None: the\n"
    "                     store's choice\n"
    "  tags               dict of str, or None\n\n"
    "Raises MlflowException: RESOURCE_ALREADY_EXISTS, INVALID_PARAMETER_VALUE.\n\n"
    "    id = client.create_experiment('digits', tags={'team': 'vision'})");

static PyObject *create_experiment(struct pymill_client *self, const union pymill_value *v)
{
    struct pymill_call call;
    struct pymill_tags tags;
    int64_t id = 0;
    PyObject *result = NULL;
    if (pymill_take_tags(&tags, v[2].object) && pymill_begin(&call, self)) {
        enum mill_status st = mill_client_create_experiment(
            call.client, v[0].text, v[1].text, tags.items, tags.count, &id, &call.error);
        if (pymill_returned(&call, st))
            result = PyUnicode_FromFormat("%lld", (long long)id);
        pymill_finish(&call, NULL);
    }
    pymill_release_tags(&tags);
    return result;
}
PYMILL_METHOD(create_experiment, PYMILL_NEEDS("name", PYMILL_VIEW),
              PYMILL_TAKES("artifact_location", PYMILL_PATH), PYMILL_TAKES("tags", PYMILL_ANY))

/* The only item of a list, which is freed. */
static PyObject *first(struct pymill_call *call, enum mill_status status,
                       struct mill_experiment_list **list)
{
    PyObject *result = NULL;
    if (pymill_returned(call, status))
        result = pymill_entity_from(call->self->state, PYMILL_EXPERIMENT, (*list)->items[0]);
    mill_experiment_list_free(*list);
    return pymill_finish(call, result);
}

PyDoc_STRVAR(get_experiment_doc,
             "get_experiment($self, experiment_id)\n--\n\n"
             "One experiment, deleted or not, by its id (int or str): Experiment.\n\n"
             "Raises MlflowException: RESOURCE_DOES_NOT_EXIST.\n\n"
             "    client.get_experiment('0').name");

static PyObject *get_experiment(struct pymill_client *self, const union pymill_value *v)
{
    struct pymill_call call;
    struct mill_experiment_list *list = NULL;
    if (!pymill_begin(&call, self))
        return NULL;
    enum mill_status st =
        mill_client_get_experiment(call.client, v[0].number, &list, &call.error);
    return first(&call, st, &list);
}
PYMILL_METHOD(get_experiment, PYMILL_NEEDS("experiment_id", PYMILL_EXPERIMENT_NUMBER))

PyDoc_STRVAR(
    get_experiment_by_name_doc,
    "get_experiment_by_name($self, name)\n--\n\n"
    "One experiment, deleted or not, by its exact name: Experiment, or None when there is\n"
    "none of that name.\n\n"
    "    experiment = client.get_experiment_by_name('digits')");

static PyObject *get_experiment_by_name(struct pymill_client *self, const union pymill_value *v)
{
    struct pymill_call call;
    struct mill_experiment_list *list = NULL;
    if (!pymill_begin(&call, self))
        return NULL;
    enum mill_status st =
        mill_client_get_experiment_by_name(call.client, v[0].text, &list, &call.error);
    return st == MILL_E_NOT_FOUND ? pymill_done(&call, MILL_OK) : first(&call, st, &list);
}
PYMILL_METHOD(get_experiment_by_name, PYMILL_NEEDS("name", PYMILL_VIEW))

/* --- many --------------------------------------------------------------------------------- */

/* The experiments of a page, or of a whole list, which is freed. */
static PyObject *all(struct pymill_call *call, enum mill_status status,
                     struct mill_experiment_list **list)
{
    PyObject *result = NULL;
    if (pymill_returned(call, status))
        result = pymill_entity_page(call->self->state, PYMILL_EXPERIMENT,
                                    (const void *const *)(*list)->items, (*list)->count,
                                    (*list)->next_page_token);
    mill_experiment_list_free(*list);
    return pymill_finish(call, result);
}

PyDoc_STRVAR(
    search_experiments_doc,
    "search_experiments($self, view_type=1, max_results=1000, filter_string=None, "
    "order_by=None, page_token=None)\n--\n\n"
    "One page of the experiments that match: PagedList of Experiment, whose token gets\n"
    "the next page, None behind the last one.\n\n"
    "  view_type      ViewType.ACTIVE_ONLY, DELETED_ONLY or ALL\n"
    "  max_results    of the page, 1 to 50000\n"
    "  filter_string  as \"name LIKE 'digits%' AND tags.team = 'vision'\"\n"
    "  order_by       list as ['name ASC']; None: the newest first\n"
    "  page_token     token of the page before this one\n\n"
    "Raises MlflowException: INVALID_PARAMETER_VALUE.\n\n"
    "    client.search_experiments(filter_string=\"name LIKE 'digits%'\")");

static PyObject *search_experiments(struct pymill_client *self, const union pymill_value *v)
{
    struct pymill_call call;
    struct pymill_texts order;
    struct mill_experiment_list *list = NULL;
    PyObject *result = NULL;
    if (pymill_take_texts(&order, v[3].object) && pymill_begin(&call, self)) {
        struct mill_experiment_query query = {
            .size = sizeof(query),
            .view_type = pymill_view_type(v[0].number),
            .filter = v[2].text,
            .order_by = order.items,
            .order_by_count = order.count,
            .max_results = v[1].number != MILL_ABSENT ? v[1].number : 0,
            .page_token = v[4].text,
        };
        result =
            all(&call, mill_client_search_experiments(call.client, &query, &list, &call.error),
                &list);
    }
    pymill_release_texts(&order);
    return result;
}
PYMILL_METHOD(search_experiments, PYMILL_TAKES("view_type", PYMILL_WHOLE),
              PYMILL_TAKES("max_results", PYMILL_WHOLE),
              PYMILL_TAKES("filter_string", PYMILL_VIEW), PYMILL_TAKES("order_by", PYMILL_ANY),
              PYMILL_TAKES("page_token", PYMILL_VIEW))

PyDoc_STRVAR(list_experiments_doc,
             "list_experiments($self, view_type=1, max_results=None, page_token=None)\n--\n\n"
             "All experiments of a view type, the newest first: list of Experiment. With\n"
             "max_results one page of them, as search_experiments gives it.\n\n"
             "    names = [experiment.name for experiment in client.list_experiments()]");

static PyObject *list_experiments(struct pymill_client *self, const union pymill_value *v)
{
    struct pymill_call call;
    struct mill_experiment_list *list = NULL;
    struct mill_experiment_query query = {
        .size = sizeof(query),
        .view_type = pymill_view_type(v[0].number),
        .max_results = v[1].number,
        .page_token = v[2].text,
    };
    if (!pymill_begin(&call, self))
        return NULL;
    enum mill_status st =
        v[1].number != MILL_ABSENT
            ? mill_client_search_experiments(call.client, &query, &list, &call.error)
            : mill_client_list_experiments(call.client, query.view_type, &list, &call.error);
    return all(&call, st, &list);
}
PYMILL_METHOD(list_experiments, PYMILL_TAKES("view_type", PYMILL_WHOLE),
              PYMILL_TAKES("max_results", PYMILL_WHOLE),
              PYMILL_TAKES("page_token", PYMILL_VIEW))

/* --- changes ------------------------------------------------------------------------------ */

PyDoc_STRVAR(rename_experiment_doc,
             "rename_experiment($self, experiment_id, new_name)\n--\n\n"
             "Gives an active experiment a name that no other one has.\n\n"
             "Raises MlflowException: RESOURCE_DOES_NOT_EXIST, BAD_REQUEST or\n"
             "RESOURCE_ALREADY_EXISTS when the name is taken, INVALID_PARAMETER_VALUE.\n\n"
             "    client.rename_experiment('1', 'digits, 2nd try')");

static PyObject *rename_experiment(struct pymill_client *self, const union pymill_value *v)
{
    struct pymill_call call;
    if (!pymill_begin(&call, self))
        return NULL;
    return pymill_done(
        &call, mill_client_rename_experiment(call.client, v[0].number, v[1].text, &call.error));
}
PYMILL_METHOD(rename_experiment, PYMILL_NEEDS("experiment_id", PYMILL_EXPERIMENT_NUMBER),
              PYMILL_NEEDS("new_name", PYMILL_VIEW))

PyDoc_STRVAR(delete_experiment_doc, "delete_experiment($self, experiment_id)\n--\n\n"
                                    "Puts an active experiment and its runs into the bin.\n\n"
                                    "Raises MlflowException: RESOURCE_DOES_NOT_EXIST.\n\n"
                                    "    client.delete_experiment('1')");

static PyObject *delete_experiment(struct pymill_client *self, const union pymill_value *v)
{
    struct pymill_call call;
    if (!pymill_begin(&call, self))
        return NULL;
    return pymill_done(&call,
                       mill_client_delete_experiment(call.client, v[0].number, &call.error));
}
PYMILL_METHOD(delete_experiment, PYMILL_NEEDS("experiment_id", PYMILL_EXPERIMENT_NUMBER))

PyDoc_STRVAR(restore_experiment_doc,
             "restore_experiment($self, experiment_id)\n--\n\n"
             "Takes a deleted experiment and its runs out of the bin.\n\n"
             "Raises MlflowException: RESOURCE_DOES_NOT_EXIST, also when it is active.\n\n"
             "    client.restore_experiment('1')");

static PyObject *restore_experiment(struct pymill_client *self, const union pymill_value *v)
{
    struct pymill_call call;
    if (!pymill_begin(&call, self))
        return NULL;
    return pymill_done(&call,
                       mill_client_restore_experiment(call.client, v[0].number, &call.error));
}
PYMILL_METHOD(restore_experiment, PYMILL_NEEDS("experiment_id", PYMILL_EXPERIMENT_NUMBER))

PyDoc_STRVAR(
    set_experiment_tag_doc,
    "set_experiment_tag($self, experiment_id, key, value)\n--\n\n"
    "Sets a tag of an active experiment, replacing its value. What is no str becomes one.\n\n"
    "Raises MlflowException: RESOURCE_DOES_NOT_EXIST, INVALID_PARAMETER_VALUE.\n\n"
    "    client.set_experiment_tag('1', 'team', 'vision')");

static PyObject *set_experiment_tag(struct pymill_client *self, const union pymill_value *v)
{
    struct pymill_call call;
    if (!pymill_begin(&call, self))
        return NULL;
    return pymill_done(&call, mill_client_set_experiment_tag(
                                  call.client, v[0].number, v[1].text, v[2].text, &call.error));
}
PYMILL_METHOD(set_experiment_tag, PYMILL_NEEDS("experiment_id", PYMILL_EXPERIMENT_NUMBER),
              PYMILL_NEEDS("key", PYMILL_VIEW), PYMILL_NEEDS("value", PYMILL_SHOWN))

PyDoc_STRVAR(delete_experiment_tag_doc,
             "delete_experiment_tag($self, experiment_id, key)\n--\n\n"
             "Removes a tag of an experiment.\n\n"
             "Raises MlflowException: RESOURCE_DOES_NOT_EXIST when there is none.\n\n"
             "    client.delete_experiment_tag('1', 'team')");

static PyObject *delete_experiment_tag(struct pymill_client *self, const union pymill_value *v)
{
    struct pymill_call call;
    if (!pymill_begin(&call, self))
        return NULL;
    return pymill_done(&call, mill_client_delete_experiment_tag(call.client, v[0].number,
                                                                v[1].text, &call.error));
}
PYMILL_METHOD(delete_experiment_tag, PYMILL_NEEDS("experiment_id", PYMILL_EXPERIMENT_NUMBER),
              PYMILL_NEEDS("key", PYMILL_VIEW))

PyMethodDef pymill_experiment_methods[] = {
    PYMILL_METHOD_ROW(create_experiment, create_experiment_doc),
    PYMILL_METHOD_ROW(get_experiment, get_experiment_doc),
    PYMILL_METHOD_ROW(get_experiment_by_name, get_experiment_by_name_doc),
    PYMILL_METHOD_ROW(search_experiments, search_experiments_doc),
    PYMILL_METHOD_ROW(list_experiments, list_experiments_doc),
    PYMILL_METHOD_ROW(rename_experiment, rename_experiment_doc),
    PYMILL_METHOD_ROW(delete_experiment, delete_experiment_doc),
    PYMILL_METHOD_ROW(restore_experiment, restore_experiment_doc),
    PYMILL_METHOD_ROW(set_experiment_tag, set_experiment_tag_doc),
    PYMILL_METHOD_ROW(delete_experiment_tag, delete_experiment_tag_doc),
    {NULL, NULL, 0, NULL},
};
