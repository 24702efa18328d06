/* client_logged_models.c - methods about logged models. */
#include "client.h"
#include "collect.h"

/* --- finding ----------------------------------------------------------------------------- */

/* The only item of a list, which is freed; the call is finished. */
static PyObject *first(struct pymill_call *call, enum mill_status status,
                       struct mill_logged_model_list **list)
{
    PyObject *result = NULL;
    if (pymill_returned(call, status))
        result = pymill_entity_from(call->self->state, PYMILL_LOGGED_MODEL, (*list)->items[0]);
    mill_logged_model_list_free(*list);
    return pymill_finish(call, result);
}

PyDoc_STRVAR(get_logged_model_doc,
             "get_logged_model($self, model_id)\n--\n\n"
             "One logged model with its params, tags and metrics: LoggedModel.\n\n"
             "Raises MlflowException: RESOURCE_DOES_NOT_EXIST.\n\n"
             "    client.get_logged_model(model_id).params");

static PyObject *get_logged_model(struct pymill_client *self, const union pymill_value *v)
{
    struct pymill_call call;
    struct mill_logged_model_list *list = NULL;
    if (!pymill_begin_after(&call, self, (struct mill_view){NULL, 0}, NULL))
        return NULL;
    enum mill_status st =
        mill_client_get_logged_model(call.client, v[0].text, &list, &call.error);
    return first(&call, st, &list);
}
PYMILL_METHOD(get_logged_model, PYMILL_NEEDS("model_id", PYMILL_VIEW))

/* --- searching --------------------------------------------------------------------------- */

/* What a search is made of, besides texts and numbers. */
struct wanted {
    struct pymill_numbers experiments;
    struct mill_dataset_filter *datasets;
    size_t dataset_count;
    struct mill_model_order *order;
    size_t order_count;
    struct pymill_keep keep;
};

/* The text of a dict's entry; absent where there is none, or None. */
static bool take_entry(struct pymill_keep *keep, PyObject *dict, const char *key,
                       struct mill_view *text_out)
{
    PyObject *value = PyDict_GetItemString(dict, key);
    *text_out = (struct mill_view){NULL, 0};
    return value == NULL || value == Py_None || pymill_keep_text(keep, value, true, text_out);
}

static bool take_dataset(struct wanted *w, PyObject *dict)
{
    struct mill_dataset_filter *item = &w->datasets[w->dataset_count++];
    return take_entry(&w->keep, dict, "dataset_name", &item->name) &&
           take_entry(&w->keep, dict, "dataset_digest", &item->digest);
}

static bool take_order(struct wanted *w, PyObject *dict)
{
    struct mill_model_order *item = &w->order[w->order_count++];
    PyObject *ascending = PyDict_GetItemString(dict, "ascending");
    int rises = ascending != NULL ? PyObject_IsTrue(ascending) : 1;
    item->descending = rises == 0;
    return rises >= 0 && take_entry(&w->keep, dict, "field_name", &item->field_name) &&
           take_entry(&w->keep, dict, "dataset_name", &item->dataset_name) &&
           take_entry(&w->keep, dict, "dataset_digest", &item->dataset_digest);
}

/* Takes each dict of a list. */
static bool take_dicts(struct wanted *w, struct pymill_state *state, const char *name,
                       PyObject *list, bool (*take)(struct wanted *w, PyObject *dict))
{
    for (Py_ssize_t i = 0; i < PyList_Size(list); i++) {
        PyObject *item = PyList_GetItem(list, i);
        if (!PyDict_Check(item)) {
            pymill_raise_invalid(state, "%s is a list of dicts; got %R in it", name, item);
            return false;
        }
        if (!take(w, item))
            return false;
    }
    return true;
}

/* False with an exception set; to be released in any case. */
static bool take_wanted(struct wanted *w, struct pymill_state *state, PyObject *experiments,
                        PyObject *given_datasets, PyObject *given_order)
{
    *w = (struct wanted){.dataset_count = 0};
    PyObject *datasets = pymill_items(given_datasets);
    PyObject *order = datasets != NULL ? pymill_items(given_order) : NULL;
    bool ok = order != NULL && pymill_take_experiments(&w->experiments, state, experiments);
    if (ok)
        w->datasets = pymill_new_items((size_t)PyList_Size(datasets), sizeof(*w->datasets));
    if (ok && w->datasets != NULL)
        w->order = pymill_new_items((size_t)PyList_Size(order), sizeof(*w->order));
    ok = ok && w->order != NULL && take_dicts(w, state, "datasets", datasets, take_dataset) &&
         take_dicts(w, state, "order_by", order, take_order);
    Py_XDECREF(datasets);
    Py_XDECREF(order);
    return ok;
}

static void release_wanted(struct wanted *w)
{
    pymill_release_numbers(&w->experiments);
    PyMem_Free(w->datasets);
    PyMem_Free(w->order);
    pymill_release_keep(&w->keep);
}

PyDoc_STRVAR(
    search_logged_models_doc,
    "search_logged_models($self, experiment_ids, filter_string=None, datasets=None, "
    "max_results=None, order_by=None, page_token=None)\n--\n\n"
    "One page of the logged models that match: PagedList of LoggedModel, whose token gets\n"
    "the next page, None behind the last one.\n\n"
    "  experiment_ids  list of int or str\n"
    "  filter_string   as \"metrics.accuracy > 0.9 AND params.depth = '5'\"\n"
    "  datasets        list of dicts with dataset_name and perhaps dataset_digest: metrics\n"
    "                  count that were measured on one of these\n"
    "  max_results     of the page, 1 to 50000; None: 100\n"
    "  order_by        list of dicts with field_name, as 'creation_time' or\n"
    "                  'metrics.accuracy', and perhaps ascending (True), dataset_name and\n"
    "                  dataset_digest; None: newest first\n"
    "  page_token      token of the page before this one\n\n"
    "Raises MlflowException: INVALID_PARAMETER_VALUE.\n\n"
    "    client.search_logged_models(['0'], \"metrics.accuracy > 0.9\")");

static PyObject *search_logged_models(struct pymill_client *self, const union pymill_value *v)
{
    struct pymill_call call;
    struct wanted w;
    struct mill_logged_model_list *list = NULL;
    PyObject *result = NULL;
    if (take_wanted(&w, self->state, v[0].object, v[2].object, v[4].object) &&
        pymill_begin_after(&call, self, (struct mill_view){NULL, 0}, NULL)) {
        struct mill_logged_model_query query = {
            .size = sizeof(query),
            .experiment_ids = w.experiments.items,
            .experiment_count = w.experiments.count,
            .filter = v[1].text,
            .datasets = w.datasets,
            .dataset_count = w.dataset_count,
            .order_by = w.order,
            .order_by_count = w.order_count,
            .max_results = v[3].number != MILL_ABSENT ? v[3].number : 0,
            .page_token = v[5].text,
        };
        if (pymill_returned(&call, mill_client_search_logged_models(call.client, &query, &list,
                                                                    &call.error)))
            result = pymill_entity_page(self->state, PYMILL_LOGGED_MODEL,
                                        (const void *const *)list->items, list->count,
                                        list->next_page_token);
        mill_logged_model_list_free(list);
        pymill_finish(&call, result);
    }
    release_wanted(&w);
    return result;
}
PYMILL_METHOD(search_logged_models, PYMILL_NEEDS("experiment_ids", PYMILL_ANY),
              PYMILL_TAKES("filter_string", PYMILL_VIEW), PYMILL_TAKES("datasets", PYMILL_ANY),
              PYMILL_TAKES("max_results", PYMILL_WHOLE), PYMILL_TAKES("order_by", PYMILL_ANY),
              PYMILL_TAKES("page_token", PYMILL_VIEW))

/* --- changing ---------------------------------------------------------------------------- */

PyDoc_STRVAR(
    create_logged_model_doc,
    "create_logged_model($self, experiment_id, name=None, source_run_id=None, tags=None, "
    "params=None, model_type=None)\n--\n\n"
    "Makes a logged model in state PENDING: LoggedModel.\n\n"
    "  experiment_id  int or str\n"
    "  name           without / : . % \" and '; None: made up\n"
    "  source_run_id  the run that makes it\n"
    "  tags, params   dicts, whose values are stored as their text\n"
    "  model_type     what kind it is, in words of yours\n\n"
    "Raises MlflowException: RESOURCE_DOES_NOT_EXIST, INVALID_PARAMETER_VALUE.\n\n"
    "    client.create_logged_model('0', 'digits', run_id, params={'depth': 5})");

static PyObject *create_logged_model(struct pymill_client *self, const union pymill_value *v)
{
    struct pymill_call call;
    struct pymill_tags tags = {0}, params = {0};
    struct mill_logged_model_list *list = NULL;
    PyObject *result = NULL;
    if (pymill_take_tags(&tags, v[3].object) && pymill_take_tags(&params, v[4].object) &&
        pymill_begin_after(&call, self, v[2].text, NULL)) {
        struct mill_new_logged_model model = {
            .size = sizeof(model),
            .experiment_id = v[0].number,
            .name = v[1].text,
            .model_type = v[5].text,
            .source_run_id = v[2].text,
            .params = (const struct mill_param *)params.items, /* of the same shape */
            .param_count = params.count,
            .tags = tags.items,
            .tag_count = tags.count,
        };
        enum mill_status st =
            mill_client_create_logged_model(call.client, &model, &list, &call.error);
        result = first(&call, st, &list);
    }
    pymill_release_tags(&tags);
    pymill_release_tags(&params);
    return result;
}
PYMILL_METHOD(create_logged_model, PYMILL_NEEDS("experiment_id", PYMILL_EXPERIMENT_NUMBER),
              PYMILL_TAKES("name", PYMILL_VIEW), PYMILL_TAKES("source_run_id", PYMILL_VIEW),
              PYMILL_TAKES("tags", PYMILL_ANY), PYMILL_TAKES("params", PYMILL_ANY),
              PYMILL_TAKES("model_type", PYMILL_VIEW))

PyDoc_STRVAR(finalize_logged_model_doc,
             "finalize_logged_model($self, model_id, status)\n--\n\n"
             "Says what became of a logged model: LoggedModel as it is then.\n\n"
             "  status  LoggedModelStatus, or 'READY' or 'FAILED'\n\n"
             "Raises MlflowException: RESOURCE_DOES_NOT_EXIST, INVALID_PARAMETER_VALUE.\n\n"
             "    client.finalize_logged_model(model_id, 'READY')");

static PyObject *finalize_logged_model(struct pymill_client *self, const union pymill_value *v)
{
    struct pymill_call call;
    struct mill_logged_model_list *list = NULL;
    enum mill_logged_model_status status = mill_logged_model_status_from_name(v[1].text);
    if (status == 0)
        return pymill_raise_invalid(self->state,
                                    "status must be one of PENDING, READY and FAILED");
    if (!pymill_begin(&call, self))
        return NULL;
    enum mill_status st =
        mill_client_finalize_logged_model(call.client, v[0].text, status, &call.error);
    if (st == MILL_OK)
        st = mill_client_get_logged_model(call.client, v[0].text, &list, &call.error);
    return first(&call, st, &list);
}
PYMILL_METHOD(finalize_logged_model, PYMILL_NEEDS("model_id", PYMILL_VIEW),
              PYMILL_NEEDS("status", PYMILL_SHOWN))

PyDoc_STRVAR(delete_logged_model_doc,
             "delete_logged_model($self, model_id)\n--\n\n"
             "Puts a logged model into the bin, from which no call brings it back.\n\n"
             "Raises MlflowException: RESOURCE_DOES_NOT_EXIST.\n\n"
             "    client.delete_logged_model(model_id)");

static PyObject *delete_logged_model(struct pymill_client *self, const union pymill_value *v)
{
    struct pymill_call call;
    if (!pymill_begin(&call, self))
        return NULL;
    return pymill_done(&call,
                       mill_client_delete_logged_model(call.client, v[0].text, &call.error));
}
PYMILL_METHOD(delete_logged_model, PYMILL_NEEDS("model_id", PYMILL_VIEW))

/* A model that is not there is a wrong argument to what changes its tags or params. */
static enum mill_status wrong_model(enum mill_status status)
{
    return status == MILL_E_NOT_FOUND ? MILL_E_INVALID : status;
}

PyDoc_STRVAR(set_logged_model_tags_doc,
             "set_logged_model_tags($self, model_id, tags)\n--\n\n"
             "Sets tags of a logged model, a dict, replacing their values.\n\n"
             "Raises MlflowException: INVALID_PARAMETER_VALUE, also for an unknown model.\n\n"
             "    client.set_logged_model_tags(model_id, {'team': 'vision'})");

static PyObject *set_logged_model_tags(struct pymill_client *self, const union pymill_value *v)
{
    struct pymill_call call;
    struct pymill_tags tags;
    PyObject *result = NULL;
    if (pymill_take_tags(&tags, v[1].object) && pymill_begin(&call, self))
        result = pymill_done(&call,
                             wrong_model(mill_client_set_logged_model_tags(
                                 call.client, v[0].text, tags.items, tags.count, &call.error)));
    pymill_release_tags(&tags);
    return result;
}
PYMILL_METHOD(set_logged_model_tags, PYMILL_NEEDS("model_id", PYMILL_VIEW),
              PYMILL_NEEDS("tags", PYMILL_ANY))

PyDoc_STRVAR(delete_logged_model_tag_doc,
             "delete_logged_model_tag($self, model_id, key)\n--\n\n"
             "Removes a tag of a logged model.\n\n"
             "Raises MlflowException: RESOURCE_DOES_NOT_EXIST, also where there is none.\n\n"
             "    client.delete_logged_model_tag(model_id, 'team')");

static PyObject *delete_logged_model_tag(struct pymill_client *self,
                                         const union pymill_value *v)
{
    struct pymill_call call;
    if (!pymill_begin(&call, self))
        return NULL;
    return pymill_done(&call, mill_client_delete_logged_model_tag(call.client, v[0].text,
                                                                  v[1].text, &call.error));
}
PYMILL_METHOD(delete_logged_model_tag, PYMILL_NEEDS("model_id", PYMILL_VIEW),
              PYMILL_NEEDS("key", PYMILL_VIEW))

PyDoc_STRVAR(
    log_model_params_doc,
    "log_model_params($self, model_id, params)\n--\n\n"
    "Adds params to a logged model, a dict, whose values are stored as their text.\n\n"
    "Raises MlflowException: INVALID_PARAMETER_VALUE, also for an unknown model, BAD_REQUEST\n"
    "for a param that it has already.\n\n"
    "    client.log_model_params(model_id, {'depth': 5})");

static PyObject *log_model_params(struct pymill_client *self, const union pymill_value *v)
{
    struct pymill_call call;
    struct pymill_tags params;
    PyObject *result = NULL;
    if (pymill_take_tags(&params, v[1].object) && pymill_begin(&call, self))
        result = pymill_done(
            &call, wrong_model(mill_client_log_logged_model_params(
                       call.client, v[0].text, (const struct mill_param *)params.items,
                       params.count, &call.error)));
    pymill_release_tags(&params);
    return result;
}
PYMILL_METHOD(log_model_params, PYMILL_NEEDS("model_id", PYMILL_VIEW),
              PYMILL_NEEDS("params", PYMILL_ANY))

/* --- files ------------------------------------------------------------------------------- */

PyDoc_STRVAR(list_logged_model_artifacts_doc,
             "list_logged_model_artifacts($self, model_id, path=None)\n--\n\n"
             "What lies directly in a directory of a logged model, ordered by path: list of "
             "FileInfo.\n\n"
             "  path  of the directory, below the model's artifact root; None: the root\n\n"
             "Raises MlflowException: RESOURCE_DOES_NOT_EXIST, INVALID_PARAMETER_VALUE.\n\n"
             "    [file.path for file in client.list_logged_model_artifacts(model_id)]");

static PyObject *list_logged_model_artifacts(struct pymill_client *self,
                                             const union pymill_value *v)
{
    struct pymill_call call;
    struct mill_file_list *files = NULL;
    if (!pymill_begin(&call, self))
        return NULL;
    enum mill_status st = mill_client_list_logged_model_artifacts(
        call.client, v[0].text, v[1].text, &files, &call.error);
    return pymill_files_done(&call, st, files);
}
PYMILL_METHOD(list_logged_model_artifacts, PYMILL_NEEDS("model_id", PYMILL_VIEW),
              PYMILL_TAKES("path", PYMILL_VIEW))

PyDoc_STRVAR(
    log_model_artifact_doc,
    "log_model_artifact($self, model_id, local_path, artifact_path=None)\n--\n\n"
    "Stores a local file in a logged model, or a local directory under its own name.\n\n"
    "  artifact_path  directory below the model's artifact root; None: the root\n\n"
    "Raises FileNotFoundError, MlflowException: RESOURCE_DOES_NOT_EXIST,\n"
    "INVALID_PARAMETER_VALUE.\n\n"
    "    client.log_model_artifact(model_id, 'weights.bin', 'data')");

static PyObject *log_model_artifact(struct pymill_client *self, const union pymill_value *v)
{
    struct pymill_call call;
    if (!pymill_check_local(v[1].text) || !pymill_begin(&call, self))
        return NULL;
    return pymill_done(&call,
                       mill_client_log_logged_model_artifact(call.client, v[0].text, v[1].text,
                                                             v[2].text, NULL, &call.error));
}
PYMILL_METHOD(log_model_artifact, PYMILL_NEEDS("model_id", PYMILL_VIEW),
              PYMILL_NEEDS("local_path", PYMILL_PATH),
              PYMILL_TAKES("artifact_path", PYMILL_VIEW))

PyDoc_STRVAR(log_model_artifacts_doc,
             "_log_model_artifacts($self, model_id, local_dir, artifact_path=None, "
             "progress=None)\n--\n\n"
             "Stores everything below a local directory in a logged model; progress as for\n"
             "_log_artifacts.");

static PyObject *_log_model_artifacts(struct pymill_client *self, const union pymill_value *v)
{
    struct pymill_call call;
    if (!pymill_check_local(v[1].text) ||
        !pymill_begin_after(&call, self, (struct mill_view){NULL, 0}, v[3].object))
        return NULL;
    struct mill_transfer_options options = pymill_transfer_options(&call.waiting);
    return pymill_done(&call, mill_client_log_logged_model_artifacts(call.client, v[0].text,
                                                                     v[1].text, v[2].text,
                                                                     &options, &call.error));
}
PYMILL_METHOD(_log_model_artifacts, PYMILL_NEEDS("model_id", PYMILL_VIEW),
              PYMILL_NEEDS("local_dir", PYMILL_PATH),
              PYMILL_TAKES("artifact_path", PYMILL_VIEW), PYMILL_TAKES("progress", PYMILL_ANY))

PyMethodDef pymill_logged_model_methods[] = {
    PYMILL_METHOD_ROW(get_logged_model, get_logged_model_doc),
    PYMILL_METHOD_ROW(search_logged_models, search_logged_models_doc),
    PYMILL_METHOD_ROW(create_logged_model, create_logged_model_doc),
    PYMILL_METHOD_ROW(finalize_logged_model, finalize_logged_model_doc),
    PYMILL_METHOD_ROW(delete_logged_model, delete_logged_model_doc),
    PYMILL_METHOD_ROW(set_logged_model_tags, set_logged_model_tags_doc),
    PYMILL_METHOD_ROW(delete_logged_model_tag, delete_logged_model_tag_doc),
    PYMILL_METHOD_ROW(log_model_params, log_model_params_doc),
    PYMILL_METHOD_ROW(list_logged_model_artifacts, list_logged_model_artifacts_doc),
    PYMILL_METHOD_ROW(log_model_artifact, log_model_artifact_doc),
    PYMILL_METHOD_ROW(_log_model_artifacts, log_model_artifacts_doc),
    {NULL, NULL, 0, NULL},
};
