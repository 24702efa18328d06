/* query.c - mill_query_parse: from the texts of a request to a plan. */
#include "base/view.h"
#include "model/limits.h"
#include "query/bind.h"
#include "query/parse.h"
#include "query/plan.h"

static bool same_field(const struct mill_query_field *a, const struct mill_query_field *b)
{
    return a->entity == b->entity && a->attribute == b->attribute &&
           mill_view_eq(a->key, b->key);
}

static enum mill_status read_order(const struct mill_source *source, struct mill_plan *plan,
                                   struct mill_ordering *items, struct mill_error *err)
{
    struct mill_token name;
    struct mill_ordering *item = &items[source->index];
    enum mill_status st = mill_parse_order(source, &name, &item->descending, err);
    if (st == MILL_OK)
        st = mill_bind_order(source, plan->subject, &name, &item->field, err);
    if (st != MILL_OK || plan->subject == MILL_QUERY_EXPERIMENTS)
        return st;
    for (size_t i = 0; i < source->index; i++)
        if (same_field(&items[i].field, &item->field))
            return mill_source_fail(source, name.offset, err,
                                    "%.*s is already ordered by in order_by[%zu]; name each "
                                    "field once",
                                    MILL_FMT(mill_token_shown(&name)), i);
    return MILL_OK;
}

/* Refuses texts that are too long or no texts. */
static enum mill_status check_source(const struct mill_source *source, struct mill_error *err)
{
    if (source->text.len > MILL_MAX_FILTER_BYTES)
        return mill_fail(err, MILL_E_INVALID, "%s has %zu bytes; at most %d are allowed",
                         source->list, source->text.len, MILL_MAX_FILTER_BYTES);
    if (!mill_utf8_valid(source->text))
        return mill_fail(err, MILL_E_INVALID, "%s is not valid UTF-8", source->list);
    return MILL_OK;
}

static enum mill_status read_orders(const struct mill_view *order_by, size_t count,
                                    struct mill_arena *arena, struct mill_plan *plan,
                                    struct mill_error *err)
{
    if (count > MILL_MAX_ORDER_BY)
        return mill_fail(err, MILL_E_INVALID, "order_by has %zu items; at most %d are allowed",
                         count, MILL_MAX_ORDER_BY);
    if (count == 0)
        return MILL_OK;
    struct mill_ordering *items = mill_arena_zero(arena, count, sizeof(*items));
    if (items == NULL)
        return mill_fail(err, MILL_E_NOMEM, "out of memory while reading order_by");
    for (size_t i = 0; i < count; i++) {
        struct mill_source source = {
            .list = "order_by", .indexed = true, .index = i, .text = order_by[i]};
        enum mill_status st = check_source(&source, err);
        if (st == MILL_OK)
            st = read_order(&source, plan, items, err);
        if (st != MILL_OK)
            return st;
    }
    plan->order = items;
    plan->order_count = count;
    return MILL_OK;
}

enum mill_status mill_query_parse(enum mill_query_subject subject, struct mill_view filter,
                                  const struct mill_view *order_by, size_t order_by_count,
                                  struct mill_arena *arena, struct mill_plan *out,
                                  struct mill_error *err)
{
    struct mill_plan plan = {.subject = subject};
    struct mill_source source = {.list = "filter", .text = filter};
    const struct mill_expr *expr = NULL;
    enum mill_status st = check_source(&source, err);
    if (st == MILL_OK)
        st = mill_parse_filter(&source, arena, &expr, err);
    if (st == MILL_OK)
        st = mill_bind_filter(&source, expr, arena, &plan, err);
    if (st == MILL_OK)
        st = read_orders(order_by, order_by_count, arena, &plan, err);
    if (st == MILL_OK)
        *out = plan;
    return st;
}

enum mill_status mill_query_fields(enum mill_query_subject subject, const char *list,
                                   const struct mill_view *texts, size_t count,
                                   struct mill_query_field *fields, struct mill_error *err)
{
    for (size_t i = 0; i < count; i++) {
        struct mill_source source = {
            .list = list, .indexed = true, .index = i, .text = texts[i]};
        struct mill_token name;
        bool descending = false;
        enum mill_status st = check_source(&source, err);
        if (st == MILL_OK)
            st = mill_parse_order(&source, &name, &descending, err);
        if (st == MILL_OK && descending)
            st = mill_source_fail(&source, 0, err, "a field without a direction is expected");
        if (st == MILL_OK)
            st = mill_bind_order(&source, subject, &name, &fields[i], err);
        if (st != MILL_OK)
            return st;
    }
    return MILL_OK;
}
