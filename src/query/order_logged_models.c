/* order_logged_models.c - orderings of logged models, which come as objects, not as texts. */
#include "base/view.h"
#include "model/limits.h"
#include "query/names.h"
#include "query/plan.h"

static enum mill_status order_field(const struct mill_order_item *item, size_t index,
                                    struct mill_query_field *out, struct mill_error *err)
{
    struct mill_view kind;
    struct mill_view key = mill_view_cut(item->field_name, '.', &kind);
    const struct mill_attribute_name *row =
        mill_attribute_find(MILL_QUERY_LOGGED_MODELS, MILL_Q_ATTRIBUTE, item->field_name);
    if (row != NULL) {
        *out = (struct mill_query_field){.entity = MILL_Q_ATTRIBUTE,
                                         .attribute = row->attribute,
                                         .numeric = row->type != MILL_VALUE_TEXT};
        return MILL_OK;
    }
    if (key.len == 0 || !mill_view_eq(kind, MILL_VIEW("metrics")))
        return mill_fail(err, MILL_E_INVALID,
                         "order_by[%zu].field_name: '%.*s' is nothing to order by; use one of "
                         "%s",
                         index, MILL_FMT(mill_utf8_prefix(item->field_name, 60)),
                         mill_attribute_list(MILL_QUERY_LOGGED_MODELS, MILL_Q_ATTRIBUTE, true));
    *out = (struct mill_query_field){.entity = MILL_Q_METRIC, .key = key, .numeric = true};
    if (item->dataset_name.len > 0)
        out->dataset_name = item->dataset_name;
    if (item->dataset_digest.len > 0)
        out->dataset_digest = item->dataset_digest;
    return MILL_OK;
}

enum mill_status mill_query_order_logged_models(const struct mill_order_item *items,
                                                size_t count, struct mill_arena *arena,
                                                struct mill_plan *plan, struct mill_error *err)
{
    if (count > MILL_MAX_ORDER_BY)
        return mill_fail(err, MILL_E_INVALID, "order_by has %zu items; at most %d are allowed",
                         count, MILL_MAX_ORDER_BY);
    struct mill_ordering *order = mill_arena_zero(arena, count + 1, sizeof(*order));
    if (order == NULL)
        return mill_fail(err, MILL_E_NOMEM, "out of memory while reading order_by");
    for (size_t i = 0; i < count; i++) {
        enum mill_status st = order_field(&items[i], i, &order[i].field, err);
        if (st != MILL_OK)
            return st;
        order[i].descending = !items[i].ascending;
    }
    plan->order = order;
    plan->order_count = count;
    return MILL_OK;
}
