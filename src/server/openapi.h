/* openapi.h - the endpoints as an OpenAPI 3 document, made of the tables of routes and
 * messages. */
#ifndef MILL_SERVER_OPENAPI_H
#define MILL_SERVER_OPENAPI_H

#include "base/buf.h"

/* Appends the document, JSON. Each endpoint is described under its main path; what is said
 * about the aliases is text. Any thread. */
void mill_openapi_write(struct mill_buf *out);

#endif
