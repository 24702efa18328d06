/* graphql.h - the queries of pages: each field at the top is one of our reads, whose answer is
 * cut to what was asked for. For threads that may wait. */
#ifndef MILL_SERVER_GRAPHQL_H
#define MILL_SERVER_GRAPHQL_H

#include "base/buf.h"
#include "server/call.h"
#include "wire/graphql.h"

/* Makes the JSON object of the fields in data, which is empty, and JSON texts about what went
 * wrong, with commas between, in errors, which is too. A field whose read the caller has made
 * fail is null; a query that asks for what there is not has no data: null. Fails only with what
 * is none of the caller's doing, such as MILL_E_NOMEM and MILL_E_IO. */
enum mill_status mill_graphql_run(const struct mill_call *call,
                                  const struct mill_gql_field *fields, struct mill_buf *data,
                                  struct mill_buf *errors, struct mill_error *err);

#endif
