/* graphql_cut.h - cuts an answer's JSON to the fields that a query asks for, by walking it
 * together with its message table and the query. */
#ifndef MILL_SERVER_GRAPHQL_CUT_H
#define MILL_SERVER_GRAPHQL_CUT_H

#include "base/buf.h"
#include "server/call.h"
#include "wire/graphql.h"
#include "wire/json.h"
#include "wire/message.h"

#define MILL_GQL_NOWHERE SIZE_MAX /* position of a value that is not there */

/* The value of an object's member, or MILL_GQL_NOWHERE. */
size_t mill_gql_member(const struct mill_json *json, size_t at, const char *name);

/* Appends the key of a field, after a comma unless it is the first. */
void mill_gql_add_key(struct mill_buf *out, const struct mill_gql_field *field, bool first);

/* Appends the fields that are asked for of text, a message in JSON that stands in parent (NULL:
 * at the top). What a run has besides its message is read from the store of the call.
 * MILL_E_INVALID names a field that is not there. */
enum mill_status mill_gql_cut(const struct mill_call *call, struct mill_view text,
                              const struct mill_message *message,
                              const struct mill_message *parent,
                              const struct mill_gql_field *fields, struct mill_buf *out,
                              struct mill_error *err);

#endif
