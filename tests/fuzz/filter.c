/* filter.c - filters: whatever is accepted is a tree of bounded size that can be evaluated. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "base/view.h"
#include "model/limits.h"
#include "query/plan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Uses a comparison as a store would. */
static void match(const struct mill_comparison *c, struct mill_view text)
{
    if (c->op == MILL_OP_IS_NULL || c->op == MILL_OP_IS_NOT_NULL)
        return;
    assert(c->field.numeric == (c->text_count == 0));
    if (c->field.numeric) {
        mill_query_match_number(c, 0.5);
        mill_query_match_integer(c, INT64_MAX);
        mill_query_match_integer(c, -1);
        return;
    }
    assert(c->text_count == 1 || c->op == MILL_OP_IN || c->op == MILL_OP_NOT_IN ||
           (c->op == MILL_OP_BETWEEN && c->text_count == 2));
    mill_query_match_text(c, text);
    if (c->op == MILL_OP_EQ)
        assert(mill_query_match_text(c, c->texts[0]));
    for (size_t i = 0; c->op == MILL_OP_IN && i < c->text_count; i++)
        assert(mill_query_match_text(c, c->texts[i]));
}

/* Comparisons below a node, each of which must be in the plan's list in the same order. */
static size_t walk(const struct mill_plan *plan, const struct mill_query_node *node,
                   size_t seen)
{
    if (node->kind == MILL_NODE_COMPARE) {
        assert(seen < plan->comparison_count);
        assert(plan->comparisons[seen] == node->compare);
        return seen + 1;
    }
    seen = walk(plan, node->left, seen);
    return node->kind == MILL_NODE_NOT ? seen : walk(plan, node->right, seen);
}

static void check(enum mill_query_subject subject, struct mill_view text)
{
    struct mill_arena arena = {0};
    struct mill_plan plan;
    struct mill_error err;
    enum mill_status st = mill_query_parse(subject, text, NULL, 0, &arena, &plan, &err);

    if (st == MILL_OK) {
        assert(plan.comparison_count <= MILL_MAX_COMPARISONS);
        assert((plan.filter == NULL) == (plan.comparison_count == 0));
        if (plan.filter != NULL)
            assert(walk(&plan, plan.filter, 0) == plan.comparison_count);
        for (size_t i = 0; i < plan.comparison_count; i++)
            match(plan.comparisons[i], mill_utf8_prefix(text, 50));
    } else {
        assert(st == MILL_E_INVALID);
        assert(mill_view_starts(mill_view_of(err.message), MILL_VIEW("filter")));
    }
    mill_arena_release(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mill_view text = {(const char *)data, size};

    check(MILL_QUERY_RUNS, text);
    check(MILL_QUERY_EXPERIMENTS, text);
    check(MILL_QUERY_MODELS, text);
    check(MILL_QUERY_MODEL_VERSIONS, text);
    check(MILL_QUERY_LOGGED_MODELS, text);
    check(MILL_QUERY_EVAL_DATASETS, text);
    check(MILL_QUERY_TRACES, text);
    return 0;
}
