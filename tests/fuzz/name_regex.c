/* name_regex.c - the first line as a regular expression, the others as names: it ends, and a
 * match of the plain text itself is found. */
#include <stddef.h>
#include <stdint.h>

#include "server/name_match.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mill_view regex, name, rest = {(const char *)data, size};
    struct mill_name_match *match = NULL;
    /* Requests are checked to be UTF-8 before their fields are read. */
    if (!mill_utf8_valid(rest))
        return 0;
    rest = mill_view_cut(rest, '\n', &regex);
    if (mill_name_match_new("name_regex", regex, &match, NULL) != MILL_OK)
        return 0;
    while (rest.ptr != NULL) {
        rest = mill_view_cut(rest, '\n', &name);
        if (mill_name_match_is(match, name) && mill_name_match_check(match, NULL) != MILL_OK)
            __builtin_trap();
    }
    mill_name_match_free(match);
    return 0;
}
