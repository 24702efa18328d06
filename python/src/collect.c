/* collect.c - Python's lists and dicts become arrays of the library's structs. */
#include "collect.h"

#include "arguments.h"

/* --- what is kept ------------------------------------------------------------------------ */

bool pymill_keep_text(struct pymill_keep *keep, PyObject *object, bool shown,
                      struct mill_view *text_out)
{
    PyObject *bytes = NULL;
    bool ok = shown ? pymill_shown_text(object, &bytes, text_out)
                    : pymill_text(object, &bytes, text_out);
    if (ok && bytes != NULL) {
        if (keep->list == NULL)
            keep->list = PyList_New(0);
        ok = keep->list != NULL && PyList_Append(keep->list, bytes) == 0;
    }
    Py_XDECREF(bytes);
    return ok;
}

void pymill_release_keep(struct pymill_keep *keep)
{
    Py_CLEAR(keep->list);
}

PyObject *pymill_items(PyObject *given)
{
    return given != NULL ? PySequence_List(given) : PyList_New(0);
}

void *pymill_new_items(size_t count, size_t size)
{
    void *items = pymill_zeroed(count > 0 ? count : 1, size);
    if (items == NULL)
        PyErr_NoMemory();
    return items;
}

/* --- tags -------------------------------------------------------------------------------- */

static bool tags_of_dict(struct pymill_tags *tags, PyObject *dict)
{
    Py_ssize_t position = 0;
    PyObject *key, *value;
    /* str() of a value may run anything: what is gone through is a copy. */
    PyObject *copy = PyDict_Copy(dict);
    if (copy == NULL)
        return false;
    bool ok = (tags->items =
                   pymill_new_items((size_t)PyDict_Size(copy), sizeof(*tags->items))) != NULL;
    while (ok && PyDict_Next(copy, &position, &key, &value)) {
        struct mill_tag *tag = &tags->items[tags->count++];
        ok = pymill_keep_text(&tags->keep, key, true, &tag->key) &&
             pymill_keep_text(&tags->keep, value, true, &tag->value);
    }
    Py_DECREF(copy);
    return ok;
}

static bool tag_of_object(struct pymill_tags *tags, PyObject *object)
{
    struct mill_tag *tag = &tags->items[tags->count++];
    PyObject *key = PyObject_GetAttrString(object, "key");
    PyObject *value = key != NULL ? PyObject_GetAttrString(object, "value") : NULL;
    bool ok = value != NULL && pymill_keep_text(&tags->keep, key, false, &tag->key) &&
              pymill_keep_text(&tags->keep, value, true, &tag->value);
    Py_XDECREF(key);
    Py_XDECREF(value);
    return ok;
}

bool pymill_take_tags(struct pymill_tags *tags, PyObject *given)
{
    memset(tags, 0, sizeof(*tags));
    if (given != NULL && PyDict_Check(given))
        return tags_of_dict(tags, given);
    PyObject *list = pymill_items(given);
    if (list == NULL)
        return false;
    size_t count = (size_t)PyList_Size(list);
    bool ok = (tags->items = pymill_new_items(count, sizeof(*tags->items))) != NULL;
    for (size_t i = 0; ok && i < count; i++)
        ok = tag_of_object(tags, PyList_GetItem(list, (Py_ssize_t)i));
    Py_DECREF(list);
    return ok;
}

void pymill_release_tags(struct pymill_tags *tags)
{
    PyMem_Free(tags->items);
    pymill_release_keep(&tags->keep);
}

/* --- texts ------------------------------------------------------------------------------- */

bool pymill_take_texts(struct pymill_texts *texts, PyObject *given)
{
    memset(texts, 0, sizeof(*texts));
    PyObject *list = given != NULL && PyUnicode_Check(given) ? Py_BuildValue("[O]", given)
                                                             : pymill_items(given);
    if (list == NULL)
        return false;
    size_t count = (size_t)PyList_Size(list);
    bool ok = (texts->items = pymill_new_items(count, sizeof(*texts->items))) != NULL;
    for (; ok && texts->count < count; texts->count++)
        ok = pymill_keep_text(&texts->keep, PyList_GetItem(list, (Py_ssize_t)texts->count),
                              true, &texts->items[texts->count]);
    Py_DECREF(list);
    return ok;
}

void pymill_release_texts(struct pymill_texts *texts)
{
    PyMem_Free(texts->items);
    pymill_release_keep(&texts->keep);
}

/* --- numbers ----------------------------------------------------------------------------- */

bool pymill_take_experiments(struct pymill_numbers *numbers, struct pymill_state *state,
                             PyObject *given)
{
    memset(numbers, 0, sizeof(*numbers));
    bool one = given != NULL && (PyUnicode_Check(given) || PyLong_Check(given));
    PyObject *list = one ? Py_BuildValue("[O]", given) : pymill_items(given);
    if (list == NULL)
        return false;
    size_t count = (size_t)PyList_Size(list);
    bool ok = (numbers->items = pymill_new_items(count, sizeof(*numbers->items))) != NULL;
    for (; ok && numbers->count < count; numbers->count++)
        ok = pymill_experiment_number(state, PyList_GetItem(list, (Py_ssize_t)numbers->count),
                                      &numbers->items[numbers->count]);
    Py_DECREF(list);
    return ok;
}

void pymill_release_numbers(struct pymill_numbers *numbers)
{
    PyMem_Free(numbers->items);
}

/* --- enums ------------------------------------------------------------------------------- */

enum mill_view_type pymill_view_type(int64_t number)
{
    if (number == MILL_ABSENT)
        return MILL_VIEW_ACTIVE_ONLY;
    /* One that does not exist stays so when it is cut to the size of the enum. */
    return number > 0 && number <= MILL_VIEW_ALL ? (enum mill_view_type)number
                                                 : (enum mill_view_type)(MILL_VIEW_ALL + 1);
}
