/* batch.c - metrics, params and tags of Python as a batch of the library. */
#include "batch.h"

#include "arguments.h"
#include "entity.h"
#include "error.h"

_Static_assert(sizeof(struct mill_param) == sizeof(struct mill_tag),
               "params are taken as tags");

/* --- numbers ----------------------------------------------------------------------------- */

/* What an array or tensor of one element holds. New reference, with an exception set when it
 * has more. */
static PyObject *only_item(struct pymill_state *state, PyObject *object)
{
    PyObject *item = PyObject_CallMethod(object, "item", NULL);
    if (item == NULL) {
        PyErr_Clear();
        pymill_raise_invalid(state, "the value of a metric is one number; got %R", object);
    }
    return item;
}

bool pymill_real(struct pymill_state *state, PyObject *object, double *value_out)
{
    double value;
    if (PyFloat_Check(object)) {
        *value_out = PyFloat_AsDouble(object);
        return true;
    }
    if (object == Py_None) {
        pymill_raise_invalid(state, "Missing value for required parameter 'value'.");
        return false;
    }
    bool plain = PyLong_Check(object) || !PyObject_HasAttrString(object, "item");
    PyObject *item = plain ? NULL : only_item(state, object);
    PyObject *number =
        plain || item != NULL ? PyNumber_Float(item != NULL ? item : object) : NULL;
    Py_XDECREF(item);
    if (number == NULL) {
        if (PyErr_ExceptionMatches(PyExc_ValueError)) {
            PyErr_Clear();
            pymill_raise_invalid(state, "the value of a metric must be a number; got %R",
                                 object);
        }
        return false;
    }
    value = PyFloat_AsDouble(number);
    Py_DECREF(number);
    *value_out = value;
    return true;
}

bool pymill_whole_or(PyObject *object, int64_t otherwise, int64_t *number_out)
{
    *number_out = otherwise;
    return object == NULL || object == Py_None || pymill_whole(object, number_out);
}

/* --- metrics ----------------------------------------------------------------------------- */

/* What is needed of a metric. New references; NULL with an exception set where one is missing.
 */
struct point {
    PyObject *key, *value, *timestamp, *step;
};

static PyObject *attribute_or_none(PyObject *object, const char *name)
{
    PyObject *value = PyObject_GetAttrString(object, name);
    if (value != NULL || !PyErr_ExceptionMatches(PyExc_AttributeError))
        return value;
    PyErr_Clear();
    Py_RETURN_NONE;
}

static bool has_link(PyObject *metric)
{
    static const char *const names[] = {"model_id", "dataset_name", "dataset_digest"};
    bool linked = false;
    for (size_t i = 0; !linked && i < PYMILL_COUNT(names); i++) {
        PyObject *value = attribute_or_none(metric, names[i]);
        linked = value != NULL && value != Py_None;
        Py_XDECREF(value);
        PyErr_Clear();
    }
    return linked;
}

/* The attributes of an entity of our own are at known places. */
static bool take_own(const struct pymill_entity *metric, struct point *p, bool *linked_out)
{
    p->key = metric->values[0];
    p->value = metric->values[1];
    p->timestamp = metric->values[2];
    p->step = metric->values[3];
    *linked_out = metric->values[4] != Py_None || metric->values[5] != Py_None ||
                  metric->values[6] != Py_None;
    Py_INCREF(p->key);
    Py_INCREF(p->value);
    Py_INCREF(p->timestamp);
    Py_INCREF(p->step);
    return true;
}

static bool take_other(PyObject *metric, struct point *p, bool *linked_out)
{
    p->key = PyObject_GetAttrString(metric, "key");
    p->value = p->key != NULL ? PyObject_GetAttrString(metric, "value") : NULL;
    p->timestamp = p->value != NULL ? PyObject_GetAttrString(metric, "timestamp") : NULL;
    p->step = p->timestamp != NULL ? PyObject_GetAttrString(metric, "step") : NULL;
    *linked_out = p->step != NULL && has_link(metric);
    return p->step != NULL;
}

static void release_point(struct point *p)
{
    Py_XDECREF(p->key);
    Py_XDECREF(p->value);
    Py_XDECREF(p->timestamp);
    Py_XDECREF(p->step);
}

/* Text of an optional attribute. */
static bool take_link_text(struct pymill_keep *keep, PyObject *metric, const char *name,
                           struct mill_view *text_out)
{
    PyObject *value = attribute_or_none(metric, name);
    bool ok = value != NULL && pymill_keep_text(keep, value, false, text_out);
    Py_XDECREF(value);
    return ok;
}

static bool take_link(struct pymill_batch *b, PyObject *object, struct mill_metric *metric)
{
    /* It lives as long as the texts: in an object that is kept with them. */
    PyObject *room = PyBytes_FromStringAndSize(NULL, sizeof(struct mill_metric_link));
    if (room == NULL || b->keep.list == NULL || PyList_Append(b->keep.list, room) < 0) {
        Py_XDECREF(room);
        return false;
    }
    struct mill_metric_link *link = (struct mill_metric_link *)(void *)PyBytes_AsString(room);
    Py_DECREF(room);
    metric->link = link;
    b->linked = true;
    return take_link_text(&b->keep, object, "model_id", &link->model_id) &&
           take_link_text(&b->keep, object, "dataset_name", &link->dataset_name) &&
           take_link_text(&b->keep, object, "dataset_digest", &link->dataset_digest);
}

/* Keys repeat: the text of the same object as before is used again. */
struct last_key {
    PyObject *object; /* kept, so that no other one comes to lie where it was */
    struct mill_view text;
};

static bool take_metric(struct pymill_batch *b, struct pymill_state *state, PyObject *object,
                        struct last_key *last, struct mill_metric *metric)
{
    struct point p = {NULL, NULL, NULL, NULL};
    bool linked = false;
    bool ok = (PyObject *)Py_TYPE(object) == state->entities[PYMILL_METRIC]
                  ? take_own((struct pymill_entity *)object, &p, &linked)
                  : take_other(object, &p, &linked);
    if (ok && p.key != last->object) {
        ok = pymill_keep_text(&b->keep, p.key, false, &last->text);
        Py_XDECREF(last->object);
        Py_INCREF(p.key);
        last->object = p.key;
    }
    metric->key = last->text;
    ok = ok && pymill_real(state, p.value, &metric->value) &&
         pymill_whole_or(p.timestamp, 0, &metric->timestamp) &&
         pymill_whole_or(p.step, 0, &metric->step) && (!linked || take_link(b, object, metric));
    release_point(&p);
    return ok;
}

static bool take_metrics(struct pymill_batch *b, struct pymill_state *state, PyObject *given)
{
    struct last_key last = {NULL, {NULL, 0}};
    PyObject *list = pymill_items(given);
    if (list == NULL)
        return false;
    size_t count = (size_t)PyList_Size(list);
    struct mill_metric *metrics = pymill_new_items(count, sizeof(*metrics));
    bool ok = metrics != NULL;
    b->batch.metrics = metrics;
    for (size_t i = 0; ok && i < count; i++) {
        ok = take_metric(b, state, PyList_GetItem(list, (Py_ssize_t)i), &last, &metrics[i]);
        b->batch.metric_count++;
    }
    Py_XDECREF(last.object);
    Py_DECREF(list);
    return ok;
}

/* --- batches ----------------------------------------------------------------------------- */

bool pymill_take_batch(struct pymill_batch *batch, struct pymill_state *state,
                       PyObject *metrics, PyObject *params, PyObject *tags)
{
    memset(batch, 0, sizeof(*batch));
    batch->batch.size = sizeof(batch->batch);
    if (!take_metrics(batch, state, metrics) || !pymill_take_tags(&batch->params, params) ||
        !pymill_take_tags(&batch->tags, tags))
        return false;
    batch->batch.params = (const struct mill_param *)(const void *)batch->params.items;
    batch->batch.param_count = batch->params.count;
    batch->batch.tags = batch->tags.items;
    batch->batch.tag_count = batch->tags.count;
    return true;
}

void pymill_release_batch(struct pymill_batch *batch)
{
    PyMem_Free((void *)(uintptr_t)batch->batch.metrics);
    pymill_release_keep(&batch->keep);
    pymill_release_tags(&batch->params);
    pymill_release_tags(&batch->tags);
}
