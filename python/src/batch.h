/* batch.h - what a run logs at once, made of Python's lists and values. */
#ifndef PYMILL_BATCH_H
#define PYMILL_BATCH_H

#include "collect.h"
#include "module.h"

/* A metric's value: float, int, anything with item() of one element, or with __float__. Raises
 * MlflowException where it is no number. */
bool pymill_real(struct pymill_state *state, PyObject *object, double *value_out);

/* A point in time or a step, which may be a float; NULL and None give otherwise. */
bool pymill_whole_or(PyObject *object, int64_t otherwise, int64_t *number_out);

struct pymill_batch {
    struct mill_batch batch;
    struct pymill_keep keep;
    struct pymill_tags params; /* a struct mill_param is laid out like a struct mill_tag */
    struct pymill_tags tags;
    bool linked; /* a point says what it was measured on: a logger would not keep that */
};

/* Lists of Metric, Param and RunTag, or of anything with their attributes; NULL gives none.
 * False with an exception set; to be released in any case. */
bool pymill_take_batch(struct pymill_batch *batch, struct pymill_state *state,
                       PyObject *metrics, PyObject *params, PyObject *tags);
void pymill_release_batch(struct pymill_batch *batch);

#endif
