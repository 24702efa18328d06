/* arguments.c - arguments become values of the library, by a table of the parameters. */
#include "arguments.h"

#include "error.h"

/* --- values ------------------------------------------------------------------------------ */

bool pymill_shown_text(PyObject *object, PyObject **kept_out, struct mill_view *text_out)
{
    PyObject *text = PyObject_Str(object);
    PyObject *bytes = text != NULL ? PyUnicode_AsUTF8String(text) : NULL;
    Py_XDECREF(text);
    if (bytes == NULL)
        return false;
    *kept_out = bytes;
    *text_out = (struct mill_view){PyBytes_AsString(bytes), (size_t)PyBytes_Size(bytes)};
    return true;
}

bool pymill_text(PyObject *object, PyObject **kept_out, struct mill_view *text_out)
{
    *kept_out = NULL;
    *text_out = (struct mill_view){NULL, 0};
    return object == NULL || object == Py_None || pymill_shown_text(object, kept_out, text_out);
}

/* Paths are bytes in the encoding of the file system, in whatever form they were given. */
static bool path_text(PyObject *object, PyObject **kept_out, struct mill_view *text_out)
{
    if (object == Py_None)
        return pymill_text(object, kept_out, text_out);
    PyObject *bytes = NULL;
    if (!PyUnicode_FSConverter(object, &bytes))
        return false;
    *kept_out = bytes;
    *text_out = (struct mill_view){PyBytes_AsString(bytes), (size_t)PyBytes_Size(bytes)};
    return true;
}

bool pymill_whole(PyObject *object, int64_t *number_out)
{
    PyObject *number = PyLong_Check(object) ? NULL : PyNumber_Long(object);
    if (number == NULL && PyErr_Occurred())
        return false;
    int64_t value = PyLong_AsLongLong(number != NULL ? number : object);
    Py_XDECREF(number);
    if (value == -1 && PyErr_Occurred())
        return false;
    *number_out = value;
    return true;
}

/* A number that MLflow writes as str. */
static bool numeral(struct pymill_state *state, const char *what, PyObject *object,
                    int64_t *number_out)
{
    PyObject *number = object != Py_None ? PyNumber_Long(object) : NULL;
    int64_t value = number != NULL ? PyLong_AsLongLong(number) : -1;
    Py_XDECREF(number);
    if (value >= 0) {
        *number_out = value;
        return true;
    }
    PyErr_Clear();
    pymill_raise_invalid(state, "%s must be a number, as int or str; got %R", what, object);
    return false;
}

bool pymill_experiment_number(struct pymill_state *state, PyObject *object, int64_t *number_out)
{
    return numeral(state, "experiment_id", object, number_out);
}

bool pymill_version_number(struct pymill_state *state, PyObject *object, int64_t *number_out)
{
    return numeral(state, "version", object, number_out);
}

/* --- arguments --------------------------------------------------------------------------- */

struct taking {
    const char *method;
    const struct pymill_parameter *parameters;
    size_t count;
    PyObject *given[PYMILL_MAX_PARAMETERS]; /* borrowed; NULL: not given */
};

static bool take_by_place(struct taking *t, PyObject *args)
{
    Py_ssize_t count = PyTuple_Size(args);
    for (Py_ssize_t i = 0; i < count; i++) {
        if (i >= (Py_ssize_t)t->count || t->parameters[i].by_name) {
            PyErr_Format(PyExc_TypeError,
                         "%s() takes %zd positional arguments but %zd were given", t->method, i,
                         count);
            return false;
        }
        t->given[i] = PyTuple_GetItem(args, i);
    }
    return true;
}

/* The place of a parameter; count when there is none of that name. Those behind the arguments
 * that came by their place are looked at first. */
static size_t find_parameter(const struct taking *t, PyObject *name, size_t first)
{
    for (size_t n = 0; n < t->count; n++) {
        size_t i = first + n < t->count ? first + n : first + n - t->count;
        if (PyUnicode_CompareWithASCIIString(name, t->parameters[i].name) == 0)
            return i;
    }
    return t->count;
}

static bool take_by_name(struct taking *t, PyObject *kwargs, size_t first)
{
    Py_ssize_t position = 0;
    PyObject *name, *value;
    while (kwargs != NULL && PyDict_Next(kwargs, &position, &name, &value)) {
        size_t i = find_parameter(t, name, first);
        if (i == t->count || t->given[i] != NULL) {
            PyErr_Format(PyExc_TypeError, "%s() got %s argument '%U'", t->method,
                         i == t->count ? "an unexpected keyword" : "multiple values for", name);
            return false;
        }
        t->given[i] = value;
    }
    return true;
}

static bool check_complete(const struct taking *t)
{
    for (size_t i = 0; i < t->count; i++)
        if (t->given[i] == NULL && !t->parameters[i].optional) {
            PyErr_Format(PyExc_TypeError, "%s() missing 1 required positional argument: '%s'",
                         t->method, t->parameters[i].name);
            return false;
        }
    return true;
}

/* Turns one argument into a value. None is what stands for an optional one. */
static bool convert(struct pymill_state *state, const struct pymill_parameter *parameter,
                    PyObject *object, union pymill_value *value, PyObject **kept)
{
    switch (parameter->kind) {
    case PYMILL_ANY:
        value->object = object != Py_None ? object : NULL;
        return true;
    case PYMILL_VIEW:
        return pymill_text(object, kept, &value->text);
    case PYMILL_SHOWN:
        return pymill_shown_text(object, kept, &value->text);
    case PYMILL_PATH:
        return path_text(object, kept, &value->text);
    case PYMILL_WHOLE:
        value->number = MILL_ABSENT;
        return object == Py_None || pymill_whole(object, &value->number);
    case PYMILL_EXPERIMENT_NUMBER:
    case PYMILL_VERSION_NUMBER:
        value->number = MILL_ABSENT;
        return (object == Py_None && parameter->optional) ||
               numeral(state, parameter->name, object, &value->number);
    case PYMILL_SWITCH: {
        int truth = PyObject_IsTrue(object);
        value->flag = truth == 1;
        return truth >= 0;
    }
    }
    return false;
}

bool pymill_take_arguments(struct pymill_arguments *arguments, struct pymill_state *state,
                           const char *method, const struct pymill_parameter *parameters,
                           size_t count, PyObject *args, PyObject *kwargs)
{
    struct taking t = {.method = method, .parameters = parameters, .count = count};
    memset(arguments->kept, 0, count * sizeof(arguments->kept[0]));
    if (!take_by_place(&t, args) || !take_by_name(&t, kwargs, (size_t)PyTuple_Size(args)) ||
        !check_complete(&t))
        return false;
    for (size_t i = 0; i < count; i++)
        if (!convert(state, &parameters[i], t.given[i] != NULL ? t.given[i] : Py_None,
                     &arguments->values[i], &arguments->kept[i]))
            return false;
    return true;
}

void pymill_release_arguments(struct pymill_arguments *arguments, size_t count)
{
    for (size_t i = 0; i < count; i++)
        Py_XDECREF(arguments->kept[i]);
}
