/* columns.c - buffers and sequences become arrays of double and int64_t.
 *
 * The limited API has no access to buffers before CPython 3.11. A memoryview has: its bytes are
 * copied by tobytes(), strides and all, which for the thousands of numbers that are logged at
 * once is far below what logging them costs. */
#include "columns.h"

#include <math.h>

#include "arguments.h"
#include "batch.h"
#include "collect.h"

/* --- kinds of numbers in buffers -----------------------------------------------------------
 */

typedef void convert(const void *items, size_t count, void *out);

#define CONVERT(name, type, to)                                                                \
    static void name(const void *items, size_t count, void *out)                               \
    {                                                                                          \
        const type *from = items;                                                              \
        to *numbers = out;                                                                     \
        for (size_t i = 0; i < count; i++)                                                     \
            numbers[i] = (to)from[i];                                                          \
    }

CONVERT(real_of_double, double, double)
CONVERT(real_of_float, float, double)
CONVERT(real_of_i8, int8_t, double)
CONVERT(real_of_u8, uint8_t, double)
CONVERT(real_of_i16, int16_t, double)
CONVERT(real_of_u16, uint16_t, double)
CONVERT(real_of_i32, int32_t, double)
CONVERT(real_of_u32, uint32_t, double)
CONVERT(real_of_i64, int64_t, double)
CONVERT(real_of_u64, uint64_t, double)
CONVERT(whole_of_i8, int8_t, int64_t)
CONVERT(whole_of_u8, uint8_t, int64_t)
CONVERT(whole_of_i16, int16_t, int64_t)
CONVERT(whole_of_u16, uint16_t, int64_t)
CONVERT(whole_of_i32, int32_t, int64_t)
CONVERT(whole_of_u32, uint32_t, int64_t)
CONVERT(whole_of_i64, int64_t, int64_t)

/* Formats of the struct module in native form, by kind and size. */
static const struct format {
    const char *letters;
    size_t size;
    convert *real;
    convert *whole; /* NULL: not every one of them is one */
} formats[] = {
    {"d", sizeof(double), real_of_double, NULL}, {"f", sizeof(float), real_of_float, NULL},
    {"bhilqn", 1, real_of_i8, whole_of_i8},      {"?BHILQN", 1, real_of_u8, whole_of_u8},
    {"bhilqn", 2, real_of_i16, whole_of_i16},    {"BHILQN", 2, real_of_u16, whole_of_u16},
    {"bhilqn", 4, real_of_i32, whole_of_i32},    {"BHILQN", 4, real_of_u32, whole_of_u32},
    {"bhilqn", 8, real_of_i64, whole_of_i64},    {"BHILQN", 8, real_of_u64, NULL},
};

static const struct format *find_format(const char *letter, size_t size)
{
    if (letter[0] == '\0' || letter[1] != '\0')
        return NULL;
    for (size_t i = 0; i < PYMILL_COUNT(formats); i++)
        if (formats[i].size == size && strchr(formats[i].letters, letter[0]) != NULL)
            return &formats[i];
    return NULL;
}

/* --- buffers -------------------------------------------------------------------------------
 */

/* A number that is an attribute of a view; -1 with an exception set. */
static long attribute(PyObject *view, const char *name)
{
    PyObject *value = PyObject_GetAttrString(view, name);
    long number = value != NULL ? PyLong_AsLong(value) : -1;
    Py_XDECREF(value);
    return number;
}

/* The format of the view's items; NULL where they are not numbers that are known. */
static const struct format *format_of(PyObject *view)
{
    const struct format *found = NULL;
    PyObject *format = PyObject_GetAttrString(view, "format");
    PyObject *bytes = format != NULL ? PyUnicode_AsUTF8String(format) : NULL;
    long dimensions = bytes != NULL ? attribute(view, "ndim") : -1;
    long size = dimensions == 1 ? attribute(view, "itemsize") : -1;
    if (size > 0)
        found = find_format(PyBytes_AsString(bytes), (size_t)size);
    Py_XDECREF(format);
    Py_XDECREF(bytes);
    PyErr_Clear();
    return found;
}

/* The bytes of an object's buffer and their format; NULL without an exception where it has none
 * of numbers. */
static PyObject *buffer_of(PyObject *column, const struct format **format_out)
{
    PyObject *view = PyMemoryView_FromObject(column);
    if (view == NULL) {
        PyErr_Clear();
        return NULL;
    }
    *format_out = format_of(view);
    PyObject *bytes = *format_out != NULL ? PyObject_CallMethod(view, "tobytes", NULL) : NULL;
    PyErr_Clear();
    Py_DECREF(view);
    return bytes;
}

static void *convert_buffer(PyObject *bytes, convert *convert_items, size_t size,
                            size_t *count_out)
{
    size_t count = (size_t)PyBytes_Size(bytes) / size;
    void *numbers = pymill_new_items(count, sizeof(int64_t));
    if (numbers != NULL) {
        convert_items(PyBytes_AsString(bytes), count, numbers);
        *count_out = count;
    }
    return numbers;
}

/* --- columns -------------------------------------------------------------------------------
 */

static double *reals_of_list(struct pymill_state *state, PyObject *list, size_t *count_out)
{
    size_t count = (size_t)PyList_Size(list);
    double *numbers = pymill_new_items(count, sizeof(*numbers));
    for (size_t i = 0; numbers != NULL && i < count; i++)
        if (!pymill_real(state, PyList_GetItem(list, (Py_ssize_t)i), &numbers[i])) {
            PyMem_Free(numbers);
            return NULL;
        }
    *count_out = count;
    return numbers;
}

static int64_t *wholes_of_list(PyObject *list, size_t *count_out)
{
    size_t count = (size_t)PyList_Size(list);
    int64_t *numbers = pymill_new_items(count, sizeof(*numbers));
    for (size_t i = 0; numbers != NULL && i < count; i++)
        if (!pymill_whole(PyList_GetItem(list, (Py_ssize_t)i), &numbers[i])) {
            PyMem_Free(numbers);
            return NULL;
        }
    *count_out = count;
    return numbers;
}

double *pymill_reals(struct pymill_state *state, PyObject *column, size_t *count_out)
{
    const struct format *format = NULL;
    PyObject *bytes = buffer_of(column, &format);
    PyObject *list = bytes == NULL ? pymill_items(column) : NULL;
    double *numbers = NULL;
    if (bytes != NULL)
        numbers = convert_buffer(bytes, format->real, format->size, count_out);
    else if (list != NULL)
        numbers = reals_of_list(state, list, count_out);
    Py_XDECREF(bytes);
    Py_XDECREF(list);
    return numbers;
}

int64_t *pymill_wholes(PyObject *column, size_t *count_out)
{
    const struct format *format = NULL;
    PyObject *bytes = buffer_of(column, &format);
    if (bytes != NULL && format->whole == NULL)
        Py_CLEAR(bytes);
    PyObject *list = bytes == NULL ? pymill_items(column) : NULL;
    int64_t *numbers = NULL;
    if (bytes != NULL)
        numbers = convert_buffer(bytes, format->whole, format->size, count_out);
    else if (list != NULL)
        numbers = wholes_of_list(list, count_out);
    Py_XDECREF(bytes);
    Py_XDECREF(list);
    return numbers;
}
