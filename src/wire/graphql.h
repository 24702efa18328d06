/* graphql.h - GraphQL documents, as far as pages of the protocol need them: one operation with
 * its variables put in. No fragments, no directives that change what is asked for, no types.
 *
 * Bounds: MILL_MAX_GRAPHQL_BYTES, _DEPTH, _FIELDS, _ROOTS, _ALIASES in model/limits.h. */
#ifndef MILL_WIRE_GRAPHQL_H
#define MILL_WIRE_GRAPHQL_H

#include "base/arena.h"

/* A field that is asked for, with what is asked for below it. */
struct mill_gql_field {
    struct mill_view key;       /* in the answer: the alias, or the name */
    struct mill_view name;      /* as written, in camelCase */
    struct mill_view arguments; /* JSON object, padded for mill_json_parse; "{}" without any */
    const struct mill_gql_field *below; /* NULL: a scalar is asked for */
    const struct mill_gql_field *next;
};

/* Reads a document and picks an operation: that of the given name, or the only one when the
 * name is empty. variables is JSON text of an object, with padding behind it; absent and null
 * are no variables. *out is its list of fields, all in arena.
 *
 * Fails with MILL_E_INVALID, and says where, for what is no such document, more than the bounds
 * allow, an unknown operation, or a variable that is neither given nor has a default;
 * MILL_E_NOMEM. Any thread; the thread's JSON document is replaced. */
enum mill_status mill_gql_parse(struct mill_view text, struct mill_view operation_name,
                                struct mill_view variables, struct mill_arena *arena,
                                const struct mill_gql_field **out, struct mill_error *err);

#endif
