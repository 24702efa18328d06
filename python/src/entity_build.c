/* entity_build.c - structs of the library become entities, by the rows of their tables. */
#include "entity.h"

PyObject *pymill_str(struct mill_view text)
{
    if (text.ptr == NULL)
        Py_RETURN_NONE;
    return PyUnicode_DecodeUTF8(text.ptr, (Py_ssize_t)text.len, "replace");
}

static PyObject *number(int64_t value)
{
    if (value == MILL_ABSENT)
        Py_RETURN_NONE;
    return PyLong_FromLongLong(value);
}

static PyObject *id_text(int64_t value)
{
    if (value == MILL_ABSENT)
        Py_RETURN_NONE;
    return PyUnicode_FromFormat("%lld", (long long)value);
}

/* --- arrays ------------------------------------------------------------------------------ */

/* Puts an entry into a dict, and gives up its two references; either may be NULL. */
static bool put(PyObject *dict, PyObject *key, PyObject *value)
{
    bool ok = key != NULL && value != NULL && PyDict_SetItem(dict, key, value) == 0;
    Py_XDECREF(key);
    Py_XDECREF(value);
    return ok;
}

static bool put_tag(PyObject *dict, const void *item)
{
    const struct mill_tag *tag = item;
    return put(dict, pymill_str(tag->key), pymill_str(tag->value));
}

static bool put_param(PyObject *dict, const void *item)
{
    const struct mill_param *param = item;
    return put(dict, pymill_str(param->key), pymill_str(param->value));
}

static bool put_point(PyObject *dict, const void *item)
{
    const struct mill_metric *metric = item;
    return put(dict, pymill_str(metric->key), PyFloat_FromDouble(metric->value));
}

static bool put_alias(PyObject *dict, const void *item)
{
    const struct mill_model_alias *alias = item;
    return put(dict, pymill_str(alias->alias), id_text(alias->version));
}

/* How the arrays that are given as a dict are taken in. */
static const struct {
    bool (*put)(PyObject *dict, const void *item);
    size_t size;
} entries[PYMILL_GIVEN + 1] = {
    [PYMILL_TAGS] = {put_tag, sizeof(struct mill_tag)},
    [PYMILL_PARAMS] = {put_param, sizeof(struct mill_param)},
    [PYMILL_POINTS] = {put_point, sizeof(struct mill_metric)},
    [PYMILL_ALIASES] = {put_alias, sizeof(struct mill_model_alias)},
};

static PyObject *build_dict(enum pymill_kind kind, const char *items, size_t count)
{
    PyObject *dict = PyDict_New();
    for (size_t i = 0; dict != NULL && i < count; i++)
        if (!entries[kind].put(dict, items + i * entries[kind].size))
            Py_CLEAR(dict);
    return dict;
}

static PyObject *build_texts(const struct mill_view *items, size_t count)
{
    PyObject *list = PyList_New((Py_ssize_t)count);
    for (size_t i = 0; list != NULL && i < count; i++) {
        PyObject *text = pymill_str(items[i]);
        if (text == NULL || PyList_SetItem(list, (Py_ssize_t)i, text) < 0)
            Py_CLEAR(list);
    }
    return list;
}

static PyObject *build_list(struct pymill_state *state, enum pymill_entity_id part,
                            const char *items, size_t count)
{
    PyObject *list = PyList_New((Py_ssize_t)count);
    for (size_t i = 0; list != NULL && i < count; i++) {
        PyObject *item =
            pymill_entity_from(state, part, items + i * pymill_entity_types[part].struct_size);
        if (item == NULL || PyList_SetItem(list, (Py_ssize_t)i, item) < 0)
            Py_CLEAR(list);
    }
    return list;
}

/* Gives an attribute that is not in the struct its value; false with an exception set. */
static bool set_given(PyObject *object, const char *name, struct mill_view text)
{
    struct pymill_entity *entity = (struct pymill_entity *)object;
    size_t i = 0;
    while (strcmp(entity->type->fields[i].name, name) != 0)
        i++;
    PyObject *value = pymill_str(text);
    if (value == NULL)
        return false;
    PyObject *old = entity->values[i];
    entity->values[i] = value;
    Py_XDECREF(old);
    return true;
}

/* A point with what it was measured on. */
static PyObject *build_measured(struct pymill_state *state,
                                const struct mill_logged_model_metric *measured)
{
    struct mill_metric metric = {.key = measured->key,
                                 .value = measured->value,
                                 .timestamp = measured->timestamp,
                                 .step = measured->step};
    PyObject *point = pymill_entity_from(state, PYMILL_METRIC, &metric);
    if (point != NULL && (!set_given(point, "model_id", measured->model_id) ||
                          !set_given(point, "dataset_name", measured->dataset_name) ||
                          !set_given(point, "dataset_digest", measured->dataset_digest) ||
                          !set_given(point, "run_id", measured->run_id)))
        Py_CLEAR(point);
    return point;
}

static PyObject *build_points(struct pymill_state *state,
                              const struct mill_logged_model_metric *items, size_t count)
{
    PyObject *list = PyList_New((Py_ssize_t)count);
    for (size_t i = 0; list != NULL && i < count; i++) {
        PyObject *point = build_measured(state, &items[i]);
        if (point == NULL || PyList_SetItem(list, (Py_ssize_t)i, point) < 0)
            Py_CLEAR(list);
    }
    return list;
}

/* --- entities ---------------------------------------------------------------------------- */

static PyObject *build(struct pymill_state *state, const struct pymill_field *field,
                       const char *base)
{
    const char *at = base + field->offset;
    const char *items = NULL;
    size_t count = 0;
    if (field->count_offset > 0) {
        memcpy(&items, at, sizeof(items));
        memcpy(&count, base + field->count_offset, sizeof(count));
    }
    switch (field->kind) {
    case PYMILL_TEXT:
        return pymill_str(*(const struct mill_view *)(const void *)at);
    case PYMILL_NUMBER:
        return number(*(const int64_t *)(const void *)at);
    case PYMILL_ID:
        return id_text(*(const int64_t *)(const void *)at);
    case PYMILL_REAL:
        return PyFloat_FromDouble(*(const double *)(const void *)at);
    case PYMILL_FLAG:
        return PyBool_FromLong(*(const bool *)(const void *)at);
    case PYMILL_NAMED:
        return PyUnicode_FromString(field->name_of(*(const int *)(const void *)at));
    case PYMILL_TAGS:
    case PYMILL_PARAMS:
    case PYMILL_POINTS:
    case PYMILL_ALIASES:
        return build_dict(field->kind, items, count);
    case PYMILL_TEXTS:
        return build_texts((const struct mill_view *)(const void *)items, count);
    case PYMILL_PART:
        return pymill_entity_from(state, field->part, at);
    case PYMILL_LIST:
    case PYMILL_MAPPED:
        return build_list(state, field->part, items, count);
    case PYMILL_MEASURED:
        return build_points(state, (const void *)items, count);
    case PYMILL_GIVEN:
        break;
    }
    if (field->otherwise != NULL)
        return PyUnicode_FromString(field->otherwise);
    Py_RETURN_NONE;
}

PyObject *pymill_entity_from(struct pymill_state *state, enum pymill_entity_id id,
                             const void *value)
{
    const struct pymill_entity_type *table = &pymill_entity_types[id];
    struct pymill_entity *entity = pymill_entity_new(state, id);
    for (size_t i = 0; entity != NULL && i < table->field_count; i++) {
        entity->values[i] = build(state, &table->fields[i], value);
        if (entity->values[i] == NULL)
            Py_CLEAR(entity);
    }
    return (PyObject *)entity;
}

PyObject *pymill_entity_list(struct pymill_state *state, enum pymill_entity_id id,
                             const void *const *items, size_t count)
{
    PyObject *list = PyList_New((Py_ssize_t)count);
    for (size_t i = 0; list != NULL && i < count; i++) {
        PyObject *item = pymill_entity_from(state, id, items[i]);
        if (item == NULL || PyList_SetItem(list, (Py_ssize_t)i, item) < 0)
            Py_CLEAR(list);
    }
    return list;
}

PyObject *pymill_entity_page(struct pymill_state *state, enum pymill_entity_id id,
                             const void *const *items, size_t count, struct mill_view token)
{
    PyObject *page = NULL;
    PyObject *type = pymill_import(&state->paged_list, "millstream.entities", "PagedList");
    PyObject *list = type != NULL ? pymill_entity_list(state, id, items, count) : NULL;
    PyObject *next = list != NULL ? pymill_str(token) : NULL;
    if (next != NULL)
        page = PyObject_CallFunctionObjArgs(type, list, next, NULL);
    Py_XDECREF(list);
    Py_XDECREF(next);
    return page;
}

PyObject *pymill_dict_from(struct pymill_state *state, const struct pymill_table *table,
                           const void *value)
{
    PyObject *dict = PyDict_New();
    for (size_t i = 0; dict != NULL && i < table->count; i++) {
        PyObject *item = build(state, &table->fields[i], value);
        if (item == NULL || PyDict_SetItemString(dict, table->fields[i].name, item) < 0)
            Py_CLEAR(dict);
        Py_XDECREF(item);
    }
    return dict;
}

PyObject *pymill_dict_page(struct pymill_state *state, const struct pymill_table *table,
                           const void *const *items, size_t count, struct mill_view token)
{
    PyObject *list = PyList_New((Py_ssize_t)count);
    for (size_t i = 0; list != NULL && i < count; i++) {
        PyObject *item = pymill_dict_from(state, table, items[i]);
        if (item == NULL || PyList_SetItem(list, (Py_ssize_t)i, item) < 0)
            Py_CLEAR(list);
    }
    PyObject *next = list != NULL ? pymill_str(token) : NULL;
    PyObject *page = next != NULL ? PyTuple_Pack(2, list, next) : NULL;
    Py_XDECREF(list);
    Py_XDECREF(next);
    return page;
}
