/* chart.h - a line chart in a terminal: braille dots in colour, or plain ASCII. */
#ifndef MILL_CLI_CHART_H
#define MILL_CLI_CHART_H

#include <millstream/types.h>

#include "base/arena.h"
#include "cli/term.h"

#define MILL_CHART_MAX_SERIES 26 /* ASCII charts mark them with letters */

/* One line: points in the order in which they are joined. */
struct mill_series {
    struct mill_view label;
    const struct mill_point *points;
    size_t count;
    bool best; /* marked in the legend */
};

/* Appends a chart of the series over their steps, or over the number of the point when all
 * have one step, with axes and a legend. Values that are not finite leave gaps. A term
 * without width gets 100 columns. MILL_E_INVALID for too many series, MILL_E_NOMEM. */
enum mill_status mill_chart_print(struct mill_view title, const struct mill_series *series,
                                  size_t count, const struct mill_term *term,
                                  struct mill_buf *out, struct mill_error *err);

#endif
