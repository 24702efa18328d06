/* bind.h - gives names and values their meaning: from the parsed tree to the plan (inside
 * query/). */
#ifndef MILL_QUERY_BIND_H
#define MILL_QUERY_BIND_H

#include "query/parse.h"

/* Fills filter and comparisons of plan, whose subject is set. */
enum mill_status mill_bind_filter(const struct mill_source *source,
                                  const struct mill_expr *expr, struct mill_arena *arena,
                                  struct mill_plan *plan, struct mill_error *err);

/* Looks up the field of an order_by item. */
enum mill_status mill_bind_order(const struct mill_source *source,
                                 enum mill_query_subject subject, const struct mill_token *name,
                                 struct mill_query_field *out, struct mill_error *err);

#endif
