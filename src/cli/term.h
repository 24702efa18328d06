/* term.h - what the terminal can show, and text made fit for it. */
#ifndef MILL_CLI_TERM_H
#define MILL_CLI_TERM_H

#include <stdbool.h>

#include "base/buf.h"

struct mill_term {
    size_t width; /* columns; SIZE_MAX when the output is no terminal */
    bool color;   /* escape sequences may be written */
    bool utf8;    /* else ASCII only */
};

enum mill_style {
    MILL_STYLE_PLAIN,
    MILL_STYLE_BOLD,
    MILL_STYLE_DIM,
    MILL_STYLE_BEST, /* of the best run */
    MILL_STYLE_ERROR,
    MILL_STYLE_SERIES /* + n: the nth of six colours for lines of a chart */
};

/* What the file (1 or 2) is, by isatty, COLUMNS, NO_COLOR, TERM and the locale. */
struct mill_term mill_term_of(int fd);

/* Writes what begins and ends a style; nothing without colour. */
void mill_style_begin(struct mill_buf *out, const struct mill_term *term, unsigned style);
void mill_style_end(struct mill_buf *out, const struct mill_term *term, unsigned style);

/* Columns that the text takes: wide characters count two, combining ones none. */
size_t mill_text_width(struct mill_view text);

/* Appends the text cut to at most width columns, with an ellipsis when it was cut, and
 * returns the columns used. What could move the cursor becomes a space. */
size_t mill_text_fit(struct mill_buf *out, const struct mill_term *term, struct mill_view text,
                     size_t width);

/* Appends a size: "2.9 MiB". */
void mill_text_bytes(struct mill_buf *out, int64_t bytes);

#endif
