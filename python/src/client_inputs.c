/* client_inputs.c - methods that say what a run has read and made. */
#include "batch.h"
#include "client.h"
#include "collect.h"

/* --- datasets ---------------------------------------------------------------------------- */

struct inputs {
    struct mill_dataset_input *datasets;
    size_t dataset_count;
    struct pymill_tags *tags; /* of each dataset */
    struct mill_model_input *models;
    size_t model_count;
    struct pymill_keep keep;
};

/* Text of an attribute; absent where it is None. */
static bool take_attribute(struct pymill_keep *keep, PyObject *object, const char *name,
                           struct mill_view *text_out)
{
    PyObject *value = PyObject_GetAttrString(object, name);
    bool ok = value != NULL && pymill_keep_text(keep, value, false, text_out);
    Py_XDECREF(value);
    return ok;
}

static bool take_dataset(struct pymill_keep *keep, PyObject *object, struct mill_dataset *out)
{
    return take_attribute(keep, object, "name", &out->name) &&
           take_attribute(keep, object, "digest", &out->digest) &&
           take_attribute(keep, object, "source_type", &out->source_type) &&
           take_attribute(keep, object, "source", &out->source) &&
           take_attribute(keep, object, "schema", &out->schema) &&
           take_attribute(keep, object, "profile", &out->profile);
}

static bool take_dataset_input(struct inputs *in, PyObject *object, size_t at)
{
    PyObject *dataset = PyObject_GetAttrString(object, "dataset");
    PyObject *tags = dataset != NULL ? PyObject_GetAttrString(object, "tags") : NULL;
    bool ok = tags != NULL && take_dataset(&in->keep, dataset, &in->datasets[at].dataset) &&
              pymill_take_tags(&in->tags[at], tags != Py_None ? tags : NULL);
    in->datasets[at].tags = in->tags[at].items;
    in->datasets[at].tag_count = in->tags[at].count;
    Py_XDECREF(dataset);
    Py_XDECREF(tags);
    return ok;
}

static bool take_datasets(struct inputs *in, PyObject *given)
{
    PyObject *list = pymill_items(given);
    if (list == NULL)
        return false;
    size_t count = (size_t)PyList_Size(list);
    in->datasets = pymill_new_items(count, sizeof(*in->datasets));
    in->tags = in->datasets != NULL ? pymill_new_items(count, sizeof(*in->tags)) : NULL;
    in->dataset_count = in->tags != NULL ? count : 0;
    bool ok = in->tags != NULL;
    for (size_t i = 0; ok && i < count; i++)
        ok = take_dataset_input(in, PyList_GetItem(list, (Py_ssize_t)i), i);
    Py_DECREF(list);
    return ok;
}

/* --- models ------------------------------------------------------------------------------ */

static bool take_models(struct inputs *in, PyObject *given)
{
    PyObject *list = pymill_items(given);
    if (list == NULL)
        return false;
    size_t count = (size_t)PyList_Size(list);
    bool ok = (in->models = pymill_new_items(count, sizeof(*in->models))) != NULL;
    for (; ok && in->model_count < count; in->model_count++)
        ok = take_attribute(&in->keep, PyList_GetItem(list, (Py_ssize_t)in->model_count),
                            "model_id", &in->models[in->model_count].model_id);
    Py_DECREF(list);
    return ok;
}

static void release_inputs(struct inputs *in)
{
    for (size_t i = 0; i < in->dataset_count; i++)
        pymill_release_tags(&in->tags[i]);
    PyMem_Free(in->tags);
    PyMem_Free(in->datasets);
    PyMem_Free(in->models);
    pymill_release_keep(&in->keep);
}

PyDoc_STRVAR(
    log_inputs_doc,
    "log_inputs($self, run_id, datasets=None, models=None)\n--\n\n"
    "Says what an active run has read. What was said before is kept as it is.\n\n"
    "  datasets  list of DatasetInput\n"
    "  models    list of LoggedModelInput\n\n"
    "Raises MlflowException: RESOURCE_DOES_NOT_EXIST, INVALID_PARAMETER_VALUE.\n\n"
    "    client.log_inputs(run_id, [DatasetInput(dataset, [InputTag('mlflow.data.context', "
    "'training')])])");

static PyObject *log_inputs(struct pymill_client *self, const union pymill_value *v)
{
    struct pymill_call call;
    struct inputs in = {0};
    PyObject *result = NULL;
    if (take_datasets(&in, v[1].object) && take_models(&in, v[2].object) &&
        pymill_begin_log(&call, self, v[0].text, NULL))
        result = pymill_done(
            &call,
            call.logger != NULL
                ? mill_logger_log_inputs(call.logger, in.datasets, in.dataset_count, in.models,
                                         in.model_count, &call.error)
                : mill_client_log_inputs(call.client, v[0].text, in.datasets, in.dataset_count,
                                         in.models, in.model_count, &call.error));
    release_inputs(&in);
    return result;
}
PYMILL_METHOD(log_inputs, PYMILL_NEEDS("run_id", PYMILL_VIEW),
              PYMILL_TAKES("datasets", PYMILL_ANY), PYMILL_TAKES("models", PYMILL_ANY))

/* --- outputs ----------------------------------------------------------------------------- */

struct outputs {
    struct mill_model_output *items;
    size_t count;
    struct pymill_keep keep;
};

static bool take_output(struct outputs *out, PyObject *object)
{
    struct mill_model_output *item = &out->items[out->count++];
    PyObject *step = PyObject_GetAttrString(object, "step");
    bool ok = step != NULL && pymill_whole_or(step, 0, &item->step) &&
              take_attribute(&out->keep, object, "model_id", &item->model_id);
    Py_XDECREF(step);
    return ok;
}

static bool take_outputs(struct outputs *out, PyObject *given)
{
    PyObject *list = pymill_items(given);
    if (list == NULL)
        return false;
    size_t count = (size_t)PyList_Size(list);
    bool ok = (out->items = pymill_new_items(count, sizeof(*out->items))) != NULL;
    for (size_t i = 0; ok && i < count; i++)
        ok = take_output(out, PyList_GetItem(list, (Py_ssize_t)i));
    Py_DECREF(list);
    return ok;
}

PyDoc_STRVAR(log_outputs_doc,
             "log_outputs($self, run_id, models)\n--\n\n"
             "Says which logged models an active run has made: list of LoggedModelOutput.\n\n"
             "Raises MlflowException: RESOURCE_DOES_NOT_EXIST, INVALID_PARAMETER_VALUE.\n\n"
             "    client.log_outputs(run_id, [LoggedModelOutput(model_id, step=0)])");

static PyObject *log_outputs(struct pymill_client *self, const union pymill_value *v)
{
    struct pymill_call call;
    struct outputs out = {0};
    PyObject *result = NULL;
    if (take_outputs(&out, v[1].object) && pymill_begin_after(&call, self, v[0].text, NULL))
        result = pymill_done(&call, mill_client_log_outputs(call.client, v[0].text, out.items,
                                                            out.count, &call.error));
    PyMem_Free(out.items);
    pymill_release_keep(&out.keep);
    return result;
}
PYMILL_METHOD(log_outputs, PYMILL_NEEDS("run_id", PYMILL_VIEW),
              PYMILL_NEEDS("models", PYMILL_ANY))

PyMethodDef pymill_input_methods[] = {
    PYMILL_METHOD_ROW(log_inputs, log_inputs_doc),
    PYMILL_METHOD_ROW(log_outputs, log_outputs_doc),
    {NULL, NULL, 0, NULL},
};
