/* ini.h - INI files as tools of cloud services write them: [section], key = value. A reader
 * that goes from item to item; nothing is copied or allocated.
 *
 * (Debian's libinih cuts values after 197 bytes without a word; session tokens are longer.) */
#ifndef MILL_REMOTE_INI_H
#define MILL_REMOTE_INI_H

#include <stdbool.h>

#include <millstream/error.h>

struct mill_ini {
    struct mill_view rest; /* set to the text at first, the other members to zero */
    struct mill_view section;
    int line;    /* number of the line that was read last */
    bool parent; /* the last item had no value: indented lines behind it belong to it */
    /* Set for files that Python's configparser reads: ':' separates as well as '=', and nothing
     * behind a value is a comment. */
    bool python;
};

/* Views into the text. Values have neither white space at their ends nor, unless python is set,
 * a comment behind them (" #" or " ;"); one that is absent in the file is empty. */
struct mill_ini_item {
    struct mill_view section; /* absent before the first section */
    struct mill_view key;
    struct mill_view value;
    bool nested; /* indented below an item without a value, whose part it is */
    int line;
};

/* Reads the next item; *found_out is false at the end. MILL_E_INVALID for a line that is
 * neither an item, a section nor a comment: the message begins with "line N". */
enum mill_status mill_ini_next(struct mill_ini *ini, struct mill_ini_item *out, bool *found_out,
                               struct mill_error *err);

#endif
