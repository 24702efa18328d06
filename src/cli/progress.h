/* progress.h - tells on a terminal how far a transfer has come: a line on standard error that
 * is written over again, once the transfer has taken a moment. */
#ifndef MILL_CLI_PROGRESS_H
#define MILL_CLI_PROGRESS_H

#include "cli/cli.h"

struct mill_transfer_line {
    struct mill_cli *cli;
    struct mill_term term; /* of standard error */
    int64_t shown_ns;      /* when the line was last written; at first, when it all began */
    bool shown;
    size_t files; /* so far, for the report at the end */
    int64_t bytes;
};

/* Prepares options for a transfer that *line, which must outlive it, shows, and that SIGINT
 * cancels. */
void mill_transfer_line_start(struct mill_cli *cli, struct mill_transfer_line *line,
                              struct mill_transfer_options *options);

/* Takes the line away; SIGINT ends the program again. */
void mill_transfer_line_end(const struct mill_transfer_line *line);

#endif
