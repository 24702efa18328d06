/* json_text.h - text as a JSON string. Any thread. */
#ifndef MILL_BASE_JSON_TEXT_H
#define MILL_BASE_JSON_TEXT_H

#include "base/buf.h"

/* Appends the text, which is valid UTF-8, in quotes and with what must be escaped escaped. An
 * absent text is "". */
void mill_buf_add_json_string(struct mill_buf *out, struct mill_view text);

#endif
