/* arguments.h - the arguments of a method, by a table of its parameters. */
#ifndef PYMILL_ARGUMENTS_H
#define PYMILL_ARGUMENTS_H

#include "module.h"

/* What an argument is turned into. */
enum pymill_parameter_kind {
    PYMILL_ANY,   /* the object itself; NULL when it was not given or None */
    PYMILL_VIEW,  /* text: str, and str() of anything else; None is absent */
    PYMILL_SHOWN, /* text: str() of anything, None among it */
    PYMILL_PATH,  /* text: str or anything with __fspath__; None is absent */
    PYMILL_WHOLE, /* int64_t: anything with __index__ or __int__; None is MILL_ABSENT */
    PYMILL_EXPERIMENT_NUMBER, /* int64_t: id of an experiment, int or str */
    PYMILL_VERSION_NUMBER,    /* int64_t: number of a version, int or str */
    PYMILL_SWITCH             /* bool: the truth of anything; None is false */
};

struct pymill_parameter {
    const char *name;
    enum pymill_parameter_kind kind;
    bool optional;
    bool by_name; /* cannot be given by its place */
};

/* A row for one that a call cannot do without, one that it can, and one that has to be named.
 */
#define PYMILL_NEEDS(argument, as)                                                             \
    {                                                                                          \
        .name = argument, .kind = as                                                           \
    }
#define PYMILL_TAKES(argument, as)                                                             \
    {                                                                                          \
        .name = argument, .kind = as, .optional = true                                         \
    }
#define PYMILL_NAMES(argument, as)                                                             \
    {                                                                                          \
        .name = argument, .kind = as, .optional = true, .by_name = true                        \
    }

#define PYMILL_MAX_PARAMETERS 16

/* The argument for a parameter. */
union pymill_value {
    PyObject *object; /* borrowed */
    struct mill_view text;
    int64_t number;
    bool flag;
};

/* Arguments of one call. */
struct pymill_arguments {
    union pymill_value values[PYMILL_MAX_PARAMETERS];
    PyObject *kept[PYMILL_MAX_PARAMETERS]; /* what the views point into */
};

/* Sorts the arguments of a call to the parameters and turns them into values; false with an
 * exception set. Must be released in any case. */
bool pymill_take_arguments(struct pymill_arguments *arguments, struct pymill_state *state,
                           const char *method, const struct pymill_parameter *parameters,
                           size_t count, PyObject *args, PyObject *kwargs);
void pymill_release_arguments(struct pymill_arguments *arguments, size_t count);

/* Text of a str, or of str() of anything else; *kept_out is what it points into, for the caller
 * to release. None gives absent text and NULL. */
bool pymill_text(PyObject *object, PyObject **kept_out, struct mill_view *text_out);

/* The same with "None" for None. */
bool pymill_shown_text(PyObject *object, PyObject **kept_out, struct mill_view *text_out);

/* A whole number of anything that has one. */
bool pymill_whole(PyObject *object, int64_t *number_out);

/* The id of an experiment, or the number of a version: int or str. */
bool pymill_experiment_number(struct pymill_state *state, PyObject *object,
                              int64_t *number_out);
bool pymill_version_number(struct pymill_state *state, PyObject *object, int64_t *number_out);

#endif
