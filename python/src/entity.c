/* entity.c - what all entity types do: construction, comparison, dictionaries, pickling; how
 * they are shown is in entity_show.c. */
#include "entity.h"

#include <stddef.h>
#include <structmember.h>

/* --- construction ------------------------------------------------------------------------ */

static struct pymill_entity *allocate(const struct pymill_entity_type *table,
                                      PyTypeObject *type)
{
    allocfunc alloc = (allocfunc)PyType_GetSlot(type, Py_tp_alloc);
    struct pymill_entity *self = (struct pymill_entity *)alloc(type, 0);
    if (self != NULL)
        self->type = table;
    return self;
}

struct pymill_entity *pymill_entity_new(struct pymill_state *state, enum pymill_entity_id id)
{
    PyObject *type = state->entities[id];
    if (id == PYMILL_LOGGED_MODEL)
        type = pymill_import(&state->logged_model, "millstream.entities", "LoggedModel");
    return type != NULL ? allocate(&pymill_entity_types[id], (PyTypeObject *)type) : NULL;
}

static const char *argument_name(const struct pymill_field *field)
{
    return field->argument != NULL ? field->argument : field->name;
}

/* The place of a keyword argument; -1 when there is none of that name. */
static Py_ssize_t find_argument(const struct pymill_entity_type *table, PyObject *name)
{
    for (size_t i = 0; i < table->field_count; i++)
        if (PyUnicode_CompareWithASCIIString(name, argument_name(&table->fields[i])) == 0)
            return (Py_ssize_t)i;
    return table->alias != NULL && PyUnicode_CompareWithASCIIString(name, table->alias) == 0
               ? 0
               : -1;
}

/* A keyword for what came by its place already is taken where it is the first attribute, which
 * has gone by two names: the second one repeats it. */
static int take_keyword(const struct pymill_entity_type *table, PyObject *name, PyObject *value,
                        PyObject **given)
{
    Py_ssize_t at = find_argument(table, name);
    if (at < 0 || (given[at] != NULL && (at != 0 || table->alias == NULL))) {
        PyErr_Format(PyExc_TypeError, "%s() got %s argument '%U'",
                     strrchr(table->name, '.') + 1,
                     at < 0 ? "an unexpected" : "multiple values for", name);
        return -1;
    }
    if (given[at] == NULL || value != Py_None)
        given[at] = value;
    return 0;
}

/* Sorts the arguments to their fields; those that are missing stay NULL. */
static int take_arguments(const struct pymill_entity_type *table, PyObject *args,
                          PyObject *kwargs, PyObject **given)
{
    Py_ssize_t count = PyTuple_Size(args), position = 0;
    PyObject *name, *value;
    if (count > (Py_ssize_t)table->field_count) {
        PyErr_Format(PyExc_TypeError, "%s() takes at most %zu arguments (%zd given)",
                     strrchr(table->name, '.') + 1, table->field_count, count);
        return -1;
    }
    for (Py_ssize_t i = 0; i < count; i++)
        given[i] = PyTuple_GetItem(args, i);
    while (kwargs != NULL && PyDict_Next(kwargs, &position, &name, &value))
        if (take_keyword(table, name, value, given) < 0)
            return -1;
    for (size_t i = 0; i < table->field_count; i++)
        if (given[i] == NULL && !table->fields[i].optional) {
            PyErr_Format(PyExc_TypeError, "%s() missing required argument '%s'",
                         strrchr(table->name, '.') + 1, argument_name(&table->fields[i]));
            return -1;
        }
    return 0;
}

/* Objects with key and value as a dict. */
static PyObject *dict_of_pairs(PyObject *pairs)
{
    PyObject *dict = PyDict_New();
    PyObject *iterator = dict != NULL ? PyObject_GetIter(pairs) : NULL;
    PyObject *pair;
    bool ok = iterator != NULL;
    while (ok && (pair = PyIter_Next(iterator)) != NULL) {
        PyObject *key = PyObject_GetAttrString(pair, "key");
        PyObject *value = key != NULL ? PyObject_GetAttrString(pair, "value") : NULL;
        ok = value != NULL && PyDict_SetItem(dict, key, value) == 0;
        Py_XDECREF(key);
        Py_XDECREF(value);
        Py_DECREF(pair);
    }
    Py_XDECREF(iterator);
    if (!ok || PyErr_Occurred())
        Py_CLEAR(dict);
    return dict;
}

/* A dict, or what MLflow's constructors take for one: a list of tags, params or points. */
static PyObject *make_dict(PyObject *given)
{
    if (given == NULL || given == Py_None)
        return PyDict_New();
    if (PyDict_Check(given))
        return PyDict_Copy(given);
    return dict_of_pairs(given);
}

static PyObject *kept(PyObject *given)
{
    Py_INCREF(given);
    return given;
}

/* What becomes of an argument, which is NULL when it was not given. */
static PyObject *make_value(const struct pymill_field *field, PyObject *given)
{
    bool none = given == NULL || given == Py_None;
    switch (field->kind) {
    case PYMILL_TAGS:
    case PYMILL_PARAMS:
    case PYMILL_POINTS:
    case PYMILL_ALIASES:
        return make_dict(given);
    case PYMILL_LIST:
    case PYMILL_MAPPED:
    case PYMILL_MEASURED:
    case PYMILL_TEXTS:
        return none ? PyList_New(0) : kept(given);
    case PYMILL_NAMED:
        if (!none && PyLong_Check(given))
            return PyUnicode_FromString(field->name_of((int)PyLong_AsLong(given)));
        break;
    case PYMILL_NUMBER:
        if (given == NULL && field->otherwise != NULL)
            return PyLong_FromString(field->otherwise, NULL, 10);
        break;
    case PYMILL_TEXT:
    case PYMILL_ID:
    case PYMILL_REAL:
    case PYMILL_FLAG:
    case PYMILL_PART:
    case PYMILL_GIVEN:
        break;
    }
    if (none && field->otherwise != NULL)
        return PyUnicode_FromString(field->otherwise);
    return kept(given != NULL ? given : Py_None);
}

PyObject *pymill_entity_construct(const struct pymill_entity_type *table, PyTypeObject *type,
                                  PyObject *args, PyObject *kwargs)
{
    PyObject *given[PYMILL_MAX_FIELDS] = {NULL};
    if (take_arguments(table, args, kwargs, given) < 0)
        return NULL;
    struct pymill_entity *self = allocate(table, type);
    for (size_t i = 0; self != NULL && i < table->field_count; i++) {
        self->values[i] = make_value(&table->fields[i], given[i]);
        if (self->values[i] == NULL)
            Py_CLEAR(self);
    }
    return (PyObject *)self;
}

/* --- comparison -------------------------------------------------------------------------- */

/* Whether the attributes that count are equal; -1 with an exception set. */
static int equal_values(struct pymill_entity *a, struct pymill_entity *b)
{
    size_t count = a->type->equality == PYMILL_BY_KEY ? 1 : a->type->field_count;
    for (size_t i = 0; i < count; i++) {
        int equal = PyObject_RichCompareBool(a->values[i], b->values[i], Py_EQ);
        if (equal != 1)
            return equal;
    }
    return 1;
}

static PyObject *compare(PyObject *a, PyObject *b, int operation)
{
    if ((operation != Py_EQ && operation != Py_NE) || Py_TYPE(a) != Py_TYPE(b))
        Py_RETURN_NOTIMPLEMENTED;
    int equal = equal_values(pymill_entity_of(a), pymill_entity_of(b));
    return equal < 0 ? NULL : PyBool_FromLong((equal == 1) == (operation == Py_EQ));
}

static Py_hash_t hash(PyObject *self)
{
    struct pymill_entity *entity = pymill_entity_of(self);
    size_t count = entity->type->equality == PYMILL_BY_KEY ? 1 : entity->type->field_count;
    PyObject *values = PyTuple_New((Py_ssize_t)count);
    for (size_t i = 0; values != NULL && i < count; i++)
        PyTuple_SetItem(values, (Py_ssize_t)i, kept(entity->values[i]));
    Py_hash_t result = values != NULL ? PyObject_Hash(values) : -1;
    Py_XDECREF(values);
    return result;
}

/* --- dictionaries ------------------------------------------------------------------------ */

static PyObject *plain_list(PyObject *values)
{
    PyObject *list = PySequence_List(values);
    for (Py_ssize_t i = 0; list != NULL && i < PyList_Size(list); i++) {
        PyObject *item = PyObject_CallMethod(PyList_GetItem(list, i), "to_dictionary", NULL);
        if (item == NULL || PyList_SetItem(list, i, item) < 0)
            Py_CLEAR(list);
    }
    return list;
}

/* An attribute as it is in a dictionary: entities as dictionaries of their own. */
static PyObject *plain(const struct pymill_field *field, PyObject *value)
{
    if (field->kind == PYMILL_PART)
        return PyObject_CallMethod(value, "to_dictionary", NULL);
    if (field->kind == PYMILL_LIST || field->kind == PYMILL_MEASURED)
        return plain_list(value);
    if (field->kind == PYMILL_MAPPED)
        return dict_of_pairs(value);
    return kept(value);
}

PyDoc_STRVAR(to_dictionary_doc, "to_dictionary($self)\n--\n\n"
                                "The attributes as a dict; entities in them as dicts of their "
                                "own. Parts that are None are left out.");

static PyObject *to_dictionary(PyObject *self, PyObject *unused)
{
    (void)unused;
    struct pymill_entity *entity = pymill_entity_of(self);
    PyObject *dict = PyDict_New();
    for (size_t i = 0; dict != NULL && i < entity->type->field_count; i++) {
        if (entity->type->fields[i].kind == PYMILL_PART && entity->values[i] == Py_None)
            continue;
        PyObject *value = plain(&entity->type->fields[i], entity->values[i]);
        if (value == NULL ||
            PyDict_SetItemString(dict, entity->type->fields[i].name, value) < 0)
            Py_CLEAR(dict);
        Py_XDECREF(value);
    }
    return dict;
}

PyDoc_STRVAR(from_dictionary_doc,
             "from_dictionary($type, the_dict, /)\n--\n\n"
             "An entity of a dict of the constructor's arguments; others in it are left out.");

static PyObject *from_dictionary(PyObject *type, PyObject *dict)
{
    PyObject *result = NULL;
    PyObject *names = PyObject_GetAttrString(type, "_arguments");
    PyObject *kwargs = names != NULL ? PyDict_New() : NULL;
    PyObject *none = kwargs != NULL ? PyTuple_New(0) : NULL;
    bool ok = none != NULL;
    for (Py_ssize_t i = 0; ok && i < PyTuple_Size(names); i++) {
        PyObject *name = PyTuple_GetItem(names, i);
        int has = PySequence_Contains(dict, name);
        PyObject *value = has == 1 ? PyObject_GetItem(dict, name) : NULL;
        ok = has == 0 || (value != NULL && PyDict_SetItem(kwargs, name, value) == 0);
        Py_XDECREF(value);
    }
    if (ok)
        result = PyObject_Call(type, none, kwargs);
    Py_XDECREF(names);
    Py_XDECREF(kwargs);
    Py_XDECREF(none);
    return result;
}

PyDoc_STRVAR(reduce_doc, "__reduce__($self)\n--\n\nHow to make it again: for copy and pickle.");

static PyObject *reduce(PyObject *self, PyObject *unused)
{
    (void)unused;
    struct pymill_entity *entity = pymill_entity_of(self);
    PyObject *values = PyTuple_New((Py_ssize_t)entity->type->field_count);
    if (values == NULL)
        return NULL;
    for (size_t i = 0; i < entity->type->field_count; i++)
        PyTuple_SetItem(values, (Py_ssize_t)i, kept(entity->values[i]));
    return Py_BuildValue("(ON)", (PyObject *)Py_TYPE(self), values);
}

/* --- memory ------------------------------------------------------------------------------ */

static int traverse(PyObject *self, visitproc visit, void *arg)
{
    struct pymill_entity *entity = pymill_entity_of(self);
    Py_VISIT(Py_TYPE(self));
    for (size_t i = 0; entity->type != NULL && i < entity->type->field_count; i++)
        Py_VISIT(entity->values[i]);
    return 0;
}

static int clear(PyObject *self)
{
    struct pymill_entity *entity = pymill_entity_of(self);
    for (size_t i = 0; entity->type != NULL && i < entity->type->field_count; i++)
        Py_CLEAR(entity->values[i]);
    return 0;
}

static void deallocate(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    clear(self);
    ((freefunc)PyType_GetSlot(type, Py_tp_free))(self);
    Py_DECREF(type);
}

/* --- types ------------------------------------------------------------------------------- */

PyDoc_STRVAR(repr_html_doc, "_repr_html_($self)\n--\n\nHow notebooks show it: str.");

/* The first one is of types that notebooks show. */
static PyMethodDef methods[] = {
    {"_repr_html_", pymill_entity_html, METH_NOARGS, repr_html_doc},
    {"to_dictionary", to_dictionary, METH_NOARGS, to_dictionary_doc},
    {"from_dictionary", from_dictionary, METH_O | METH_CLASS, from_dictionary_doc},
    {"__reduce__", reduce, METH_NOARGS, reduce_doc},
    {NULL, NULL, 0, NULL},
};

static PyMemberDef member(const char *name, size_t at, const char *doc)
{
    return (PyMemberDef){
        .name = name,
        .type = T_OBJECT,
        .offset =
            (Py_ssize_t)(offsetof(struct pymill_entity, values) + at * sizeof(PyObject *)),
        .flags = READONLY,
        .doc = doc,
    };
}

/* Sets the names of the constructor's arguments, which from_dictionary needs. */
static int set_arguments(PyObject *type, const struct pymill_entity_type *table)
{
    PyObject *names = PyTuple_New((Py_ssize_t)table->field_count);
    for (size_t i = 0; names != NULL && i < table->field_count; i++) {
        PyObject *name = PyUnicode_InternFromString(argument_name(&table->fields[i]));
        if (name == NULL || PyTuple_SetItem(names, (Py_ssize_t)i, name) < 0)
            Py_CLEAR(names);
    }
    int result = names != NULL ? PyObject_SetAttrString(type, "_arguments", names) : -1;
    Py_XDECREF(names);
    return result;
}

static PyObject *make_type(PyObject *module, const struct pymill_entity_type *table)
{
    PyMemberDef members[PYMILL_MAX_FIELDS + 2] = {{0}};
    for (size_t i = 0; i < table->field_count; i++)
        members[i] = member(table->fields[i].name, i, table->fields[i].doc);
    if (table->alias != NULL)
        members[table->field_count] = member(table->alias, 0, table->fields[0].doc);
    bool compares = table->equality != PYMILL_SAME;
    bool hashes = table->equality == PYMILL_HASHED || table->equality == PYMILL_BY_KEY;
    PyType_Slot slots[] = {
        {Py_tp_doc, (void *)(uintptr_t)table->doc},
        {Py_tp_new, table->constructor},
        {Py_tp_dealloc, deallocate},
        {Py_tp_traverse, traverse},
        {Py_tp_clear, clear},
        {Py_tp_repr, pymill_entity_repr},
        {Py_tp_iter, pymill_entity_iterate},
        {Py_tp_methods, table->html != NULL ? methods : methods + 1},
        {Py_tp_members, members},
        {compares ? Py_tp_richcompare : 0, compare},
        {hashes ? Py_tp_hash : 0, hash},
        {0, NULL},
    };
    size_t size =
        offsetof(struct pymill_entity, values) + table->field_count * sizeof(PyObject *);
    PyType_Spec spec = {
        .name = table->name,
        .basicsize = (int)size,
        .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
        .slots = slots,
    };
    PyObject *type = PyType_FromModuleAndSpec(module, &spec, NULL);
    if (type != NULL && set_arguments(type, table) < 0)
        Py_CLEAR(type);
    return type;
}

int pymill_entities_init(PyObject *module, struct pymill_state *state)
{
    for (size_t i = 0; i < PYMILL_ENTITY_COUNT; i++) {
        PyObject *type = make_type(module, &pymill_entity_types[i]);
        if (type == NULL)
            return -1;
        state->entities[i] = type;
        if (PyObject_SetAttrString(module, strrchr(pymill_entity_types[i].name, '.') + 1,
                                   type) < 0)
            return -1;
    }
    return 0;
}
