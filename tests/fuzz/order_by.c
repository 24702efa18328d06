/* order_by.c - orderings: one item on each line of the input. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "base/view.h"
#include "model/limits.h"
#include "query/plan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(enum mill_query_subject subject, const struct mill_view *items, size_t count)
{
    struct mill_arena arena = {0};
    struct mill_plan plan;
    struct mill_error err;
    struct mill_view no_filter = {NULL, 0};
    enum mill_status st =
        mill_query_parse(subject, no_filter, items, count, &arena, &plan, &err);

    if (st == MILL_OK) {
        assert(plan.order_count == count && plan.filter == NULL);
        for (size_t i = 0; i < count; i++) {
            const struct mill_query_field *field = &plan.order[i].field;

            assert(field->entity != MILL_Q_DATASET);
            assert((field->entity == MILL_Q_ATTRIBUTE) == (field->attribute != MILL_QA_NONE));
            assert(field->entity == MILL_Q_ATTRIBUTE || field->key.len > 0);
        }
    } else {
        assert(st == MILL_E_INVALID);
        assert(mill_view_starts(mill_view_of(err.message), MILL_VIEW("order_by")));
    }
    mill_arena_release(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mill_view rest = {(const char *)data, size};
    struct mill_view items[MILL_MAX_ORDER_BY + 1];
    size_t count = 0;

    while (rest.ptr != NULL && count < MILL_COUNT(items))
        rest = mill_view_cut(rest, '\n', &items[count++]);
    check(MILL_QUERY_RUNS, items, count);
    check(MILL_QUERY_EXPERIMENTS, items, count);
    check(MILL_QUERY_MODELS, items, count);
    check(MILL_QUERY_MODEL_VERSIONS, items, count);
    return 0;
}
