/* lines.h - lines of a file or pipe as they come, with a say in how long to wait for the next.
 * One thread. */
#ifndef MILL_CLI_LINES_H
#define MILL_CLI_LINES_H

#include <stdint.h>

#include "base/buf.h"

/* Longest line, in bytes. */
#define MILL_LINE_MAX (1 << 20)

/* Where reading stands. Begin with only fd set; release buf at the end. */
struct mill_lines {
    int fd;
    struct mill_buf buf;
    size_t start;   /* of what was not handed out yet */
    size_t scanned; /* no line ends before this */
    int64_t number; /* of the line handed out last, from 1 */
    bool ended;
};

enum mill_lines_event {
    MILL_LINES_LINE, /* *line_out is the next one, without its end; valid until the next call */
    MILL_LINES_IDLE, /* nothing came in time */
    MILL_LINES_END
};

/* Waits at most timeout_ms (-1: for ever) for the next line. MILL_E_TOO_LARGE names the number
 * of a line above MILL_LINE_MAX; MILL_E_IO, MILL_E_NOMEM. */
enum mill_status mill_lines_next(struct mill_lines *lines, int timeout_ms,
                                 enum mill_lines_event *event_out, struct mill_view *line_out,
                                 struct mill_error *err);

#endif
