/* entity_show.c - entities as people see them: their attributes one by one, repr, the form that
 * notebooks have for them. */
#include "entity.h"

/* --- iteration --------------------------------------------------------------------------- */

/* The places of the fields in the order of their names. */
static void sort_fields(const struct pymill_entity_type *table, size_t order[PYMILL_MAX_FIELDS])
{
    for (size_t i = 0; i < table->field_count; i++) {
        size_t at = i;
        while (at > 0 && strcmp(table->fields[order[at - 1]].name, table->fields[i].name) > 0) {
            order[at] = order[at - 1];
            at--;
        }
        order[at] = i;
    }
}

PyObject *pymill_entity_iterate(PyObject *self)
{
    struct pymill_entity *entity = pymill_entity_of(self);
    size_t order[PYMILL_MAX_FIELDS];
    sort_fields(entity->type, order);
    PyObject *pairs = PyList_New(0);
    for (size_t i = 0; pairs != NULL && i < entity->type->field_count; i++) {
        PyObject *pair = Py_BuildValue("(sO)", entity->type->fields[order[i]].name,
                                       entity->values[order[i]]);
        if (pair == NULL || PyList_Append(pairs, pair) < 0)
            Py_CLEAR(pairs);
        Py_XDECREF(pair);
    }
    PyObject *iterator = pairs != NULL ? PyObject_GetIter(pairs) : NULL;
    Py_XDECREF(pairs);
    return iterator;
}

/* --- repr -------------------------------------------------------------------------------- */

/* Values are written as pprint does, as MLflow has it; entities by themselves. */
static PyObject *repr_value(PyObject *pprint, PyObject *value)
{
    return PyObject_HasAttrString(value, "to_dictionary")
               ? PyObject_Repr(value)
               : PyObject_CallMethod(pprint, "pformat", "O", value);
}

static PyObject *repr_fields(struct pymill_entity *entity, PyObject *pprint)
{
    size_t order[PYMILL_MAX_FIELDS];
    sort_fields(entity->type, order);
    PyObject *text = PyUnicode_FromString("");
    for (size_t i = 0; text != NULL && i < entity->type->field_count; i++) {
        PyObject *value = repr_value(pprint, entity->values[order[i]]);
        PyObject *longer =
            value != NULL ? PyUnicode_FromFormat("%U%s%s=%U", text, i > 0 ? ", " : "",
                                                 entity->type->fields[order[i]].name, value)
                          : NULL;
        Py_XDECREF(value);
        Py_DECREF(text);
        text = longer;
    }
    return text;
}

PyObject *pymill_entity_repr(PyObject *self)
{
    PyObject *result = NULL;
    PyObject *pprint = PyImport_ImportModule("pprint");
    PyObject *fields = pprint != NULL ? repr_fields(pymill_entity_of(self), pprint) : NULL;
    PyObject *name =
        fields != NULL ? PyObject_GetAttrString((PyObject *)Py_TYPE(self), "__name__") : NULL;
    if (name != NULL)
        result = PyUnicode_FromFormat("<%U: %U>", name, fields);
    Py_XDECREF(pprint);
    Py_XDECREF(fields);
    Py_XDECREF(name);
    return result;
}

/* --- notebooks -------------------------------------------------------------------------------
 */

PyObject *pymill_entity_html(PyObject *self, PyObject *unused)
{
    (void)unused;
    PyObject *notebook = PyImport_ImportModule("millstream.notebook");
    PyObject *html =
        notebook != NULL
            ? PyObject_CallMethod(notebook, pymill_entity_of(self)->type->html, "O", self)
            : NULL;
    Py_XDECREF(notebook);
    return html;
}
