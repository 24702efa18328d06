/* options.h - a row of the table of settings, for config.c and options.c alone. */
#ifndef MILL_SERVER_OPTIONS_H
#define MILL_SERVER_OPTIONS_H

#include "server/config.h"

enum mill_option_type {
    MILL_OPTION_TEXT,    /* struct mill_view */
    MILL_OPTION_COUNT,   /* int64_t */
    MILL_OPTION_BYTES,   /* int64_t; may end in K, M, G */
    MILL_OPTION_SECONDS, /* int64_t in milliseconds; written with or without a fraction */
    MILL_OPTION_SWITCH,  /* bool; no value on the command line */
    MILL_OPTION_CHOICE,  /* int64_t; place in choices */
    MILL_OPTION_IGNORED, /* taken and named in a note */
    MILL_OPTION_REFUSED  /* an error that says why */
};

struct mill_option_row {
    struct mill_server_option shown;
    enum mill_option_type type;
    int64_t min, max; /* COUNT, BYTES, SECONDS (in milliseconds) */
    size_t offset;    /* in struct mill_server_config */
};

const struct mill_option_row *mill_option_rows(size_t *count_out);

#endif
