/* found.h - the runs of an experiment, fetched page after page. */
#ifndef MILL_CLI_FOUND_H
#define MILL_CLI_FOUND_H

#include "cli/cli.h"

/* All that is asked for: the pages stay, the list of runs grows. Zeroed is empty. */
struct mill_found {
    int64_t experiment_id;
    struct mill_run_list **pages;
    size_t page_count;
    const struct mill_run **runs;
    size_t count;
    struct mill_view next_page_token; /* absent: there are no runs behind these */
};

/* Gets at most most (>= 1) runs of the experiment that --experiment-id names; query says which
 * and in what order. */
enum mill_status mill_found_fetch(struct mill_cli *cli, struct mill_run_query *query,
                                  int64_t most, struct mill_found *found,
                                  struct mill_error *err);

/* What the REST call answers, as a line of JSON. */
void mill_found_print_json(struct mill_buf *out, const struct mill_found *found);

void mill_found_release(struct mill_found *found);

#endif
