/* name_match.h - regular expressions over names, with bounds on what one may cost: PCRE2. */
#ifndef MILL_SERVER_NAME_MATCH_H
#define MILL_SERVER_NAME_MATCH_H

#include <millstream/types.h>

#include "base/view.h"

/* Bytes of an expression. */
#define MILL_MAX_NAME_REGEX 200

struct mill_name_match;

/* Compiles an expression; case does not count. field names it in messages. MILL_E_INVALID, with
 * what is wrong and where; MILL_E_NOMEM. To be freed. */
enum mill_status mill_name_match_new(const char *field, struct mill_view regex,
                                     struct mill_name_match **out, struct mill_error *err);
void mill_name_match_free(struct mill_name_match *match); /* NULL is allowed */

/* Whether it is found in the name. One thread at a time. After a name that cost too much
 * nothing is found any more. */
bool mill_name_match_is(struct mill_name_match *match, struct mill_view name);

/* MILL_E_INVALID when a name cost too much. */
enum mill_status mill_name_match_check(const struct mill_name_match *match,
                                       struct mill_error *err);

#endif
