/* parse.h - from text to a tree of comparisons that are not yet understood (inside query/). */
#ifndef MILL_QUERY_PARSE_H
#define MILL_QUERY_PARSE_H

#include "base/arena.h"
#include "query/plan.h"
#include "query/token.h"

/* A node as written: names and values are tokens, nothing is looked up. */
struct mill_expr {
    enum mill_query_node_kind kind;
    const struct mill_expr *left;  /* AND, OR, NOT */
    const struct mill_expr *right; /* AND, OR */
    struct mill_token name;        /* COMPARE: this and what follows */
    enum mill_query_op op;
    struct mill_token operator_token;
    const struct mill_token *values;
    size_t value_count;
};

/* Where a text came from, for messages. */
struct mill_source {
    const char *list; /* "filter" or "order_by" */
    bool indexed;
    size_t index;
    struct mill_view text;
};

/* Fails with MILL_E_INVALID: "<source>, character <n>: <message>". */
enum mill_status mill_source_fail(const struct mill_source *source, size_t offset,
                                  struct mill_error *err, const char *format, ...)
    MILL_PRINTF(4, 5);

/* Parses a filter. *out is NULL when it has no comparison ("" or only ANDs). */
enum mill_status mill_parse_filter(const struct mill_source *source, struct mill_arena *arena,
                                   const struct mill_expr **out, struct mill_error *err);

/* Parses one order_by item: a name and perhaps a direction. */
enum mill_status mill_parse_order(const struct mill_source *source, struct mill_token *name_out,
                                  bool *descending_out, struct mill_error *err);

#endif
