/* client_log.c - methods that log into a run: points, params and tags. */
#include <stddef.h>

#include "batch.h"
#include "client.h"
#include "columns.h"

/* --- points ------------------------------------------------------------------------------ */

PyDoc_STRVAR(
    log_metric_doc,
    "log_metric($self, run_id, key, value, timestamp=None, step=None, synchronous=None, "
    "dataset_name=None, dataset_digest=None, model_id=None)\n--\n\n"
    "Logs one point of a metric of an active run.\n\n"
    "  key          1 to 250 characters: letters, digits, _ - . : / and space\n"
    "  value        a number, or an array or tensor of one\n"
    "  timestamp    in milliseconds since 1970; None: now\n"
    "  step         of the training, may be negative; None: 0\n"
    "  synchronous  True: waits for the server and raises what it refuses; None: as the\n"
    "               client's mode has it\n"
    "  dataset_name, dataset_digest, model_id\n"
    "               what it was measured on\n\n"
    "Raises MlflowException: INVALID_PARAMETER_VALUE, RESOURCE_DOES_NOT_EXIST.\n\n"
    "    client.log_metric(run_id, 'loss', 0.25, step=1)");

/* Whether log_metric was told what the point was measured on. */
static bool is_linked(const union pymill_value *v)
{
    return v[6].text.ptr != NULL || v[7].text.ptr != NULL || v[8].text.ptr != NULL;
}

/* A point that says what it was measured on. */
static enum mill_status log_linked(struct pymill_call *call, const union pymill_value *v,
                                   struct mill_metric *metric)
{
    struct mill_metric_link link = {
        .model_id = v[8].text, .dataset_name = v[6].text, .dataset_digest = v[7].text};
    struct mill_batch batch = {.size = sizeof(batch), .metrics = metric, .metric_count = 1};
    metric->link = &link;
    if (metric->timestamp == MILL_ABSENT)
        metric->timestamp = pymill_now_ms();
    if (metric->step == MILL_ABSENT)
        metric->step = 0;
    return mill_client_log_batch(call->client, v[0].text, &batch, &call->error);
}

/* The fast path: the point is put into memory, so the GIL is kept. */
static PyObject *log_by_logger(struct pymill_client *self, struct pymill_run_logger *rl,
                               const struct mill_metric *metric)
{
    struct mill_error error = {""};
    enum mill_status st = mill_logger_log_metric(rl->logger, metric->key, metric->value,
                                                 metric->timestamp, metric->step, &error);
    if (st != MILL_OK)
        return pymill_raise(self->state, st, error.message, self->remote);
    pymill_hub_tell(self->hub);
    Py_RETURN_NONE;
}

/* The point sent, or stored, before this returns. */
static PyObject *log_directly(struct pymill_client *self, const union pymill_value *v,
                              struct mill_metric *metric)
{
    struct pymill_call call;
    if (!pymill_begin_after(&call, self, v[0].text, NULL))
        return NULL;
    return pymill_done(&call, is_linked(v)
                                  ? log_linked(&call, v, metric)
                                  : mill_client_log_metric(call.client, v[0].text, metric->key,
                                                           metric->value, metric->timestamp,
                                                           metric->step, &call.error));
}

static PyObject *log_metric(struct pymill_client *self, const union pymill_value *v)
{
    struct mill_metric metric = {
        .key = v[1].text, .timestamp = v[3].number, .step = v[4].number};
    if (!pymill_real(self->state, v[2].object != NULL ? v[2].object : Py_None, &metric.value))
        return NULL;
    struct pymill_run_logger *rl =
        is_linked(v) ? NULL : pymill_logger_of(self, v[0].text, v[5].object);
    if (rl == NULL && PyErr_Occurred())
        return NULL;
    return pymill_logged(
        self, rl != NULL ? log_by_logger(self, rl, &metric) : log_directly(self, v, &metric),
        v[5].object);
}
PYMILL_METHOD(log_metric, PYMILL_NEEDS("run_id", PYMILL_VIEW), PYMILL_NEEDS("key", PYMILL_VIEW),
              PYMILL_NEEDS("value", PYMILL_ANY), PYMILL_TAKES("timestamp", PYMILL_WHOLE),
              PYMILL_TAKES("step", PYMILL_WHOLE), PYMILL_TAKES("synchronous", PYMILL_ANY),
              PYMILL_TAKES("dataset_name", PYMILL_VIEW),
              PYMILL_TAKES("dataset_digest", PYMILL_VIEW),
              PYMILL_TAKES("model_id", PYMILL_VIEW))

/* --- params and tags --------------------------------------------------------------------- */

/* Logs a batch, or the only param in it: by the call's logger if it has one. */
typedef enum mill_status log_call(struct pymill_call *call, struct mill_view run_id,
                                  const struct mill_batch *batch);

static enum mill_status log_all(struct pymill_call *call, struct mill_view run_id,
                                const struct mill_batch *batch)
{
    return call->logger != NULL
               ? mill_logger_log_batch(call->logger, batch, &call->error)
               : mill_client_log_batch(call->client, run_id, batch, &call->error);
}

static enum mill_status log_only_param(struct pymill_call *call, struct mill_view run_id,
                                       const struct mill_batch *batch)
{
    struct mill_param p = batch->params[0];
    return call->logger != NULL
               ? mill_logger_log_param(call->logger, p.key, p.value, &call->error)
               : mill_client_log_param(call->client, run_id, p.key, p.value, &call->error);
}

/* Logs by the run's logger. Its params are looked at first: another value than one that was
 * logged here is refused as a server would. */
static PyObject *batch_by_logger(struct pymill_client *self, struct pymill_run_logger *rl,
                                 struct mill_view run_id, const struct mill_batch *batch,
                                 log_call *log_it)
{
    struct pymill_call call;
    for (size_t i = 0; i < batch->param_count; i++)
        if (!pymill_hub_check_param(self->hub, rl, &batch->params[i], self->remote))
            return NULL;
    rl->users++; /* to the end: the call itself is done with it sooner */
    pymill_begin_logger(&call, self, rl);
    bool ok = pymill_returned(&call, log_it(&call, run_id, batch)) &&
              pymill_hub_note_params(rl, batch->params, batch->param_count);
    rl->users--;
    if (!ok)
        return NULL;
    Py_RETURN_NONE;
}

/* Logs in the way that the client's mode, or synchronous, has it. */
static PyObject *log_batch_of(struct pymill_client *self, struct mill_view run_id,
                              const struct pymill_batch *b, PyObject *synchronous,
                              log_call *log_it)
{
    struct pymill_call call;
    struct pymill_run_logger *rl =
        b->linked ? NULL : pymill_logger_of(self, run_id, synchronous);
    if (rl != NULL)
        return batch_by_logger(self, rl, run_id, &b->batch, log_it);
    if (PyErr_Occurred() || !pymill_begin_after(&call, self, run_id, NULL))
        return NULL;
    return pymill_done(&call, log_it(&call, run_id, &b->batch));
}

PyDoc_STRVAR(log_param_doc,
             "log_param($self, run_id, key, value, synchronous=None)\n--\n\n"
             "Logs a param of an active run. A param once logged cannot\n"
             "change.\n\n"
             "  key          as that of a metric\n"
             "  value        str() of it is logged, up to 6000 characters\n"
             "  synchronous  as for log_metric\n\n"
             "Raises MlflowException: INVALID_PARAMETER_VALUE, RESOURCE_DOES_NOT_EXIST.\n\n"
             "    client.log_param(run_id, 'optimizer', 'adam')");

static PyObject *log_param(struct pymill_client *self, const union pymill_value *v)
{
    const struct mill_param param = {v[1].text, v[2].text};
    struct pymill_batch b = {
        .batch = {.size = sizeof(b.batch), .params = &param, .param_count = 1}};
    return pymill_logged(self, log_batch_of(self, v[0].text, &b, v[3].object, log_only_param),
                         v[3].object);
}
PYMILL_METHOD(log_param, PYMILL_NEEDS("run_id", PYMILL_VIEW), PYMILL_NEEDS("key", PYMILL_VIEW),
              PYMILL_NEEDS("value", PYMILL_SHOWN), PYMILL_TAKES("synchronous", PYMILL_ANY))

PyDoc_STRVAR(set_tag_doc,
             "set_tag($self, run_id, key, value, synchronous=None)\n--\n\n"
             "Sets a tag of an active run, replacing its value.\n\n"
             "  key          as that of a metric\n"
             "  value        str() of it is set\n"
             "  synchronous  as for log_metric\n\n"
             "Raises MlflowException: INVALID_PARAMETER_VALUE, RESOURCE_DOES_NOT_EXIST.\n\n"
             "    client.set_tag(run_id, 'team', 'vision')");

static PyObject *set_tag(struct pymill_client *self, const union pymill_value *v)
{
    struct pymill_call call;
    if (!pymill_begin_log(&call, self, v[0].text, v[3].object))
        return NULL;
    PyObject *result = pymill_done(
        &call,
        call.logger != NULL
            ? mill_logger_set_tag(call.logger, v[1].text, v[2].text, &call.error)
            : mill_client_set_tag(call.client, v[0].text, v[1].text, v[2].text, &call.error));
    return pymill_logged(self, result, v[3].object);
}
PYMILL_METHOD(set_tag, PYMILL_NEEDS("run_id", PYMILL_VIEW), PYMILL_NEEDS("key", PYMILL_VIEW),
              PYMILL_NEEDS("value", PYMILL_SHOWN), PYMILL_TAKES("synchronous", PYMILL_ANY))

PyDoc_STRVAR(delete_tag_doc,
             "delete_tag($self, run_id, key)\n--\n\n"
             "Removes a tag of an active run.\n\n"
             "Raises MlflowException: RESOURCE_DOES_NOT_EXIST when there is none.\n\n"
             "    client.delete_tag(run_id, 'team')");

static PyObject *delete_tag(struct pymill_client *self, const union pymill_value *v)
{
    struct pymill_call call;
    if (!pymill_begin_after(&call, self, v[0].text, NULL))
        return NULL;
    return pymill_done(&call,
                       mill_client_delete_tag(call.client, v[0].text, v[1].text, &call.error));
}
PYMILL_METHOD(delete_tag, PYMILL_NEEDS("run_id", PYMILL_VIEW), PYMILL_NEEDS("key", PYMILL_VIEW))

/* --- many at once ------------------------------------------------------------------------ */

PyDoc_STRVAR(
    log_batch_doc,
    "log_batch($self, run_id, metrics=(), params=(), tags=(), synchronous=None)\n--\n\n"
    "Logs lists of Metric, Param and RunTag of an active run, of any length.\n\n"
    "  synchronous  as for log_metric\n\n"
    "Raises MlflowException: INVALID_PARAMETER_VALUE, RESOURCE_DOES_NOT_EXIST. What is\n"
    "wrong with an argument is found before anything is logged.\n\n"
    "    client.log_batch(run_id, [Metric('loss', 0.25, now_ms, 1)], [Param('rate', '0.1')])");

static PyObject *log_batch(struct pymill_client *self, const union pymill_value *v)
{
    struct pymill_batch b;
    PyObject *result = NULL;
    if (pymill_take_batch(&b, self->state, v[1].object, v[2].object, v[3].object))
        result = log_batch_of(self, v[0].text, &b, v[4].object, log_all);
    pymill_release_batch(&b);
    return pymill_logged(self, result, v[4].object);
}
PYMILL_METHOD(log_batch, PYMILL_NEEDS("run_id", PYMILL_VIEW),
              PYMILL_TAKES("metrics", PYMILL_ANY), PYMILL_TAKES("params", PYMILL_ANY),
              PYMILL_TAKES("tags", PYMILL_ANY), PYMILL_TAKES("synchronous", PYMILL_ANY))

PyDoc_STRVAR(
    log_metrics_array_doc,
    "log_metrics_array($self, run_id, key, values, steps=None, timestamps=None)\n--\n\n"
    "Logs many points of one metric: the quick way for NumPy arrays and other buffers.\n\n"
    "  values      array, buffer or list of numbers\n"
    "  steps       the same of integers, or the first of consecutive ones; None: 0, 1, 2 ...\n"
    "  timestamps  the same in milliseconds since 1970, or one for all; None: now\n\n"
    "Raises ValueError for columns of different lengths, MlflowException as log_batch.\n\n"
    "    client.log_metrics_array(run_id, 'loss', numpy.linspace(1, 0, 1000))");

/* Fills a number of each point, at `offset` in it: of a column, or of one number that grows by
 * stride from point to point. */
static bool fill_column(struct mill_metric *metrics, size_t count, size_t offset,
                        PyObject *column, int64_t otherwise, int64_t stride)
{
    int64_t one = otherwise, *numbers = NULL;
    size_t length = count;
    if (column != NULL && PyLong_Check(column)) {
        if (!pymill_whole(column, &one))
            return false;
    } else if (column != NULL && (numbers = pymill_wholes(column, &length)) == NULL) {
        return false;
    }
    for (size_t i = 0; length == count && i < count; i++) {
        int64_t number = numbers != NULL ? numbers[i] : one + stride * (int64_t)i;
        memcpy((char *)&metrics[i] + offset, &number, sizeof(number));
    }
    PyMem_Free(numbers);
    if (length != count)
        PyErr_Format(PyExc_ValueError, "there are %zu values, but %zu steps or timestamps",
                     count, length);
    return length == count;
}

static bool fill_metrics(struct mill_metric *metrics, size_t count, const double *values,
                         const union pymill_value *v)
{
    for (size_t i = 0; i < count; i++) {
        metrics[i].key = v[1].text;
        metrics[i].value = values[i];
    }
    return fill_column(metrics, count, offsetof(struct mill_metric, step), v[3].object, 0, 1) &&
           fill_column(metrics, count, offsetof(struct mill_metric, timestamp), v[4].object,
                       pymill_now_ms(), 0);
}

static PyObject *log_metrics_array(struct pymill_client *self, const union pymill_value *v)
{
    struct pymill_call call;
    size_t count = 0;
    PyObject *result = NULL;
    double *values =
        pymill_reals(self->state, v[2].object != NULL ? v[2].object : Py_None, &count);
    struct mill_metric *metrics =
        values != NULL ? pymill_new_items(count, sizeof(*metrics)) : NULL;
    struct mill_batch batch = {
        .size = sizeof(batch), .metrics = metrics, .metric_count = count};
    if (metrics != NULL && fill_metrics(metrics, count, values, v) &&
        pymill_begin_log(&call, self, v[0].text, NULL))
        result = pymill_done(
            &call, call.logger != NULL
                       ? mill_logger_log_batch(call.logger, &batch, &call.error)
                       : mill_client_log_batch(call.client, v[0].text, &batch, &call.error));
    PyMem_Free(values);
    PyMem_Free(metrics);
    return result;
}
PYMILL_METHOD(log_metrics_array, PYMILL_NEEDS("run_id", PYMILL_VIEW),
              PYMILL_NEEDS("key", PYMILL_VIEW), PYMILL_NEEDS("values", PYMILL_ANY),
              PYMILL_TAKES("steps", PYMILL_ANY), PYMILL_TAKES("timestamps", PYMILL_ANY))

PyMethodDef pymill_log_methods[] = {
    PYMILL_METHOD_ROW(log_metric, log_metric_doc),
    PYMILL_METHOD_ROW(log_param, log_param_doc),
    PYMILL_METHOD_ROW(set_tag, set_tag_doc),
    PYMILL_METHOD_ROW(delete_tag, delete_tag_doc),
    PYMILL_METHOD_ROW(log_batch, log_batch_doc),
    PYMILL_METHOD_ROW(log_metrics_array, log_metrics_array_doc),
    {NULL, NULL, 0, NULL},
};
