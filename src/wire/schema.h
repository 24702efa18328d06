/* schema.h - messages as schemas of an OpenAPI document. */
#ifndef MILL_WIRE_SCHEMA_H
#define MILL_WIRE_SCHEMA_H

#include "base/buf.h"
#include "wire/message.h"

/* The members of "components.schemas" for the messages and all that they hold, each once; no
 * braces around them. At most 512 different messages. */
void mill_schemas_write(struct mill_buf *out, const struct mill_message *const *messages,
                        size_t count);

/* {"$ref": ...} to a message's schema. */
void mill_schema_ref(struct mill_buf *out, const struct mill_message *message);

/* The list of query parameters that a GET with this message takes. */
void mill_schema_parameters(struct mill_buf *out, const struct mill_message *message);

#endif
