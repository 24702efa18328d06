/* value.h - one value of a thing that is searched for: compared with a plan's operands, and
 * with others for an order. Inline, since a search asks for millions. */
#ifndef MILL_STORE_VALUE_H
#define MILL_STORE_VALUE_H

#include <math.h>

#include "base/view.h"
#include "query/plan.h"

struct mill_value {
    enum {
        MILL_VALUE_IS_MISSING,
        MILL_VALUE_IS_NUMBER,
        MILL_VALUE_IS_INTEGER,
        MILL_VALUE_IS_TEXT
    } type;
    double number; /* of an integer too */
    int64_t integer;
    struct mill_view text;
};

/* An absent text is missing, an empty one is not. */
static inline struct mill_value mill_text_value(struct mill_view text)
{
    return (struct mill_value){
        .type = text.ptr != NULL ? MILL_VALUE_IS_TEXT : MILL_VALUE_IS_MISSING, .text = text};
}

/* MILL_ABSENT is missing. */
static inline struct mill_value mill_integer_value(int64_t number)
{
    if (number == MILL_ABSENT)
        return (struct mill_value){.type = MILL_VALUE_IS_MISSING};
    return (struct mill_value){
        .type = MILL_VALUE_IS_INTEGER, .integer = number, .number = (double)number};
}

static inline struct mill_value mill_number_value(bool present, double number)
{
    return (struct mill_value){.type = present ? MILL_VALUE_IS_NUMBER : MILL_VALUE_IS_MISSING,
                               .number = number};
}

/* What is missing satisfies IS NULL and nothing else. */
static inline bool mill_value_matches(const struct mill_comparison *c, struct mill_value v)
{
    if (c->op == MILL_OP_IS_NULL || c->op == MILL_OP_IS_NOT_NULL)
        return (v.type == MILL_VALUE_IS_MISSING) == (c->op == MILL_OP_IS_NULL);
    switch (v.type) {
    case MILL_VALUE_IS_NUMBER:
        return mill_query_match_number(c, v.number); /* of a NaN only != is true */
    case MILL_VALUE_IS_INTEGER:
        return mill_query_match_integer(c, v.integer);
    case MILL_VALUE_IS_TEXT:
        return mill_query_match_text(c, v.text);
    case MILL_VALUE_IS_MISSING:
        break;
    }
    return false;
}

/* 0 has a value, 1 is NaN, 2 has none: always in this order. */
static inline int mill_value_rank(struct mill_value v)
{
    if (v.type == MILL_VALUE_IS_MISSING)
        return 2;
    return v.type == MILL_VALUE_IS_NUMBER && isnan(v.number) ? 1 : 0;
}

/* <0, 0 or >0 in the wanted order. */
static inline int mill_value_cmp(struct mill_value a, struct mill_value b, bool descending)
{
    int rank_a = mill_value_rank(a), rank_b = mill_value_rank(b);
    if (rank_a != rank_b)
        return rank_a - rank_b;
    if (rank_a != 0)
        return 0;
    int order;
    if (a.type == MILL_VALUE_IS_TEXT)
        order = mill_view_cmp(a.text, b.text);
    else if (a.type == MILL_VALUE_IS_INTEGER)
        order = a.integer < b.integer ? -1 : a.integer > b.integer;
    else
        order = a.number < b.number ? -1 : a.number > b.number;
    return descending ? -order : order;
}

#endif
