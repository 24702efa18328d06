/* put.h - writes JSON for scripts. Commas are put where they belong. */
#ifndef MILL_CLI_PUT_H
#define MILL_CLI_PUT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

/* Begin and end of objects and lists; key is NULL at the top and in lists. */
void mill_put_open(struct mill_buf *out, const char *key, char bracket);
void mill_put_close(struct mill_buf *out, char bracket);

/* End of the object at the top, and of its line. */
void mill_put_end(struct mill_buf *out);

/* Values. An absent text or number is written as null. NaN and infinities are the texts
 * "NaN", "Infinity" and "-Infinity", as in the protocol. */
void mill_put_text(struct mill_buf *out, const char *key, struct mill_view value);
void mill_put_int(struct mill_buf *out, const char *key, int64_t value);
void mill_put_double(struct mill_buf *out, const char *key, double value);
void mill_put_bool(struct mill_buf *out, const char *key, bool value);

/* A value that is JSON already; an absent one is left out. */
void mill_put_json(struct mill_buf *out, const char *key, struct mill_view json);

/* The same with keys that are not constants. */
void mill_put_pair(struct mill_buf *out, struct mill_view key, struct mill_view value);
void mill_put_double_pair(struct mill_buf *out, struct mill_view key, double value);

/* The shortest decimal text that reads back as value: 0.1, 1.0, NaN, -Infinity. */
void mill_number_exact(struct mill_buf *out, double value);

#endif
