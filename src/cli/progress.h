/* progress.h - tells on a terminal how far a transfer has come: a line on standard error that
 * is written over again, once the transfer has taken a moment. */
#ifndef MILL_CLI_PROGRESS_H
#define MILL_CLI_PROGRESS_H

#include "cli/cli.h"

struct mill_transfer_line {
    struct mill_term term; /* of standard error */
    int64_t began_ns;
    int64_t shown_ns; /* when the line was last written; at first, when it all began */
    bool shown;
    size_t files; /* so far, for the report at the end */
    int64_t bytes;
};

/* Prepares options for a transfer that *line, which must outlive it, shows, that --parallel
 * spreads and that SIGINT cancels. */
void mill_transfer_line_start(struct mill_cli *cli, struct mill_transfer_line *line,
                              struct mill_transfer_options *options);

/* Takes the line away; SIGINT ends the program again. */
void mill_transfer_line_end(const struct mill_transfer_line *line);

/* Appends what the line says, elapsed_ns after the beginning, within the width of the terminal:
 * how much in percent and as a bar, how fast, how long it will take; a file under way. What is
 * not known is left out. */
void mill_transfer_text(struct mill_buf *out, const struct mill_term *term,
                        const struct mill_progress *now, int64_t elapsed_ns);

#endif
