/* select.h - which of many things a plan wants and in which order, for stores that look at one
 * thing after the other. What was picked costs its sort keys in memory, not the thing. */
#ifndef MILL_STORE_SELECT_H
#define MILL_STORE_SELECT_H

#include "base/arena.h"
#include "base/list.h"
#include "store/value.h"

struct mill_selector {
    const struct mill_plan *plan;
    const struct mill_ordering *ties; /* what decides behind the plan's order */
    size_t tie_count;
    /* The value of a field of the thing that context is at; texts live until the next one. */
    struct mill_value (*value)(void *context, const struct mill_query_field *field);
    /* Whether that thing satisfies a comparison; NULL: mill_value_matches of its value. For
     * fields of which a thing has several values. */
    bool (*matches)(void *context, const struct mill_comparison *compare);
    void *context;

    /* Zeroed at first. */
    struct mill_arena arena;
    struct mill_list picked;
};

/* Looks at the thing that context is at, which is called id on the page, and keeps it if the
 * plan wants it. MILL_E_NOMEM. */
enum mill_status mill_select_look(struct mill_selector *s, int64_t id, struct mill_error *err);

/* Sorts what was kept and gives the ids of a page; they live as long as the selector. */
enum mill_status mill_select_page(struct mill_selector *s, int64_t offset, int64_t limit,
                                  const int64_t **ids_out, size_t *count_out, bool *more_out,
                                  struct mill_error *err);

/* How many were kept so far. */
static inline size_t mill_select_count(const struct mill_selector *s)
{
    return s->picked.count;
}

void mill_select_release(struct mill_selector *s);

#endif
