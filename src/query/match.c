/* match.c - whether one value satisfies one comparison. */
#include <math.h>

#include <stddef.h>

#include "base/view.h"
#include "query/plan.h"

/* Whether an order of value against operand (<0, 0, >0) is what the operator wants. */
static bool order_matches(enum mill_query_op op, int order)
{
    switch (op) {
    case MILL_OP_EQ:
        return order == 0;
    case MILL_OP_NE:
        return order != 0;
    case MILL_OP_LT:
        return order < 0;
    case MILL_OP_LE:
        return order <= 0;
    case MILL_OP_GT:
        return order > 0;
    case MILL_OP_GE:
        return order >= 0;
    case MILL_OP_LIKE:
    case MILL_OP_ILIKE:
    case MILL_OP_IN:
    case MILL_OP_NOT_IN:
    case MILL_OP_BETWEEN:
    case MILL_OP_IS_NULL:
    case MILL_OP_IS_NOT_NULL:
        break;
    }
    return false;
}

/* Lists are sorted when the plan is made. */
static bool list_has(const struct mill_comparison *c, struct mill_view value)
{
    size_t low = 0, high = c->text_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = mill_view_cmp(value, c->texts[middle]);
        if (order == 0)
            return true;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return false;
}

bool mill_query_match_text(const struct mill_comparison *c, struct mill_view value)
{
    if (c->text_count == 0)
        return false;
    if (c->op == MILL_OP_EQ)
        return mill_view_eq(value, c->texts[0]);
    if (c->op == MILL_OP_LIKE || c->op == MILL_OP_ILIKE)
        return mill_query_like(value, c->texts[0], c->op == MILL_OP_ILIKE);
    if (c->op == MILL_OP_IN || c->op == MILL_OP_NOT_IN)
        return list_has(c, value) == (c->op == MILL_OP_IN);
    if (c->op == MILL_OP_BETWEEN)
        return c->text_count == 2 && mill_view_cmp(value, c->texts[0]) >= 0 &&
               mill_view_cmp(value, c->texts[1]) <= 0;
    return order_matches(c->op, mill_view_cmp(value, c->texts[0]));
}

static int order_numbers(double a, double b)
{
    return a < b ? -1 : a > b;
}

bool mill_query_match_number(const struct mill_comparison *c, double value)
{
    if (isnan(value)) /* a NaN differs from every number and compares with none */
        return c->op == MILL_OP_NE;
    if (c->op == MILL_OP_BETWEEN)
        return value >= c->number && value <= c->number2;
    return order_matches(c->op, order_numbers(value, c->number));
}

/* integer is the operand's floor; number tells whether the operand lies above it, as with 1.5,
 * or outside of all integers. */
static int order_integer(int64_t value, int64_t integer, double number)
{
    if (value != integer)
        return value < integer ? -1 : 1;
    return order_numbers((double)integer, number);
}

bool mill_query_match_integer(const struct mill_comparison *c, int64_t value)
{
    int order = order_integer(value, c->integer, c->number);
    if (c->op == MILL_OP_BETWEEN)
        return order >= 0 && order_integer(value, c->integer2, c->number2) <= 0;
    return order_matches(c->op, order);
}
