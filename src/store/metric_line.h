/* metric_line.h - points as the lines of a metric file in an mlruns tree.
 *
 *   TIMESTAMP VALUE                             before 1.0: step 0
 *   TIMESTAMP VALUE STEP
 *   TIMESTAMP VALUE STEP DATASET_NAME DIGEST
 *
 * Values are Python's texts of floats: 0.1, 1e-05, nan, inf, -inf. Any thread. */
#ifndef MILL_STORE_METRIC_LINE_H
#define MILL_STORE_METRIC_LINE_H

#include <millstream/types.h>

#include "base/buf.h"

/* Longer lines are none of ours. */
#define MILL_METRIC_LINE_MAX 8192

/* Reads a line without its end. *fields_out gets the number of its fields. False when it is
 * none of the three forms; a dataset name with spaces is tolerated. */
bool mill_metric_line_read(struct mill_view line, struct mill_point *out, size_t *fields_out);

/* Appends a line with its end. short_form leaves out a step of 0 and the dataset, for files
 * that a client older than 1.0 reads. A dataset whose name or digest is not one word is left
 * out: it would break the file for others. */
void mill_metric_line_write(struct mill_buf *out, const struct mill_metric *metric,
                            bool short_form);

#endif
