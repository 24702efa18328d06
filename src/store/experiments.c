/* experiments.c - see experiments.h. There are few experiments compared with runs, so a scan
 * and a sort of what matched are enough. */
#include "store/experiments.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "store/entity.h"

struct experiment_list *mill_experiment_list_new(uint64_t version)
{
    struct experiment_list *list = mill_alloc_zero(1, sizeof(*list));
    if (list != NULL) {
        list->refs = 1;
        list->version = version;
    }
    return list;
}

struct experiment_list *mill_experiment_list_ref(struct experiment_list *list)
{
    __atomic_fetch_add(&list->refs, 1, __ATOMIC_RELAXED);
    return list;
}

void mill_experiment_list_unref(struct experiment_list *list)
{
    if (list == NULL || __atomic_fetch_sub(&list->refs, 1, __ATOMIC_ACQ_REL) != 1)
        return;
    mill_arena_release(&list->arena);
    mill_free(list->items);
    mill_free(list);
}

bool mill_experiment_copy(struct mill_arena *arena, const struct mill_experiment *from,
                          struct mill_experiment *to)
{
    *to = *from;
    to->name = mill_arena_copy(arena, from->name);
    to->artifact_location = mill_arena_copy(arena, from->artifact_location);
    struct mill_tag *tags = mill_arena_zero(arena, from->tag_count, sizeof(*tags));
    if (to->name.ptr == NULL || to->artifact_location.ptr == NULL || tags == NULL)
        return false;
    for (size_t i = 0; i < from->tag_count; i++) {
        tags[i].key = mill_arena_copy(arena, from->tags[i].key);
        tags[i].value = mill_arena_copy(arena, from->tags[i].value);
        if (tags[i].key.ptr == NULL || tags[i].value.ptr == NULL)
            return false;
    }
    to->tags = tags;
    return true;
}

/* A field's value: text, or an integer where text.ptr is NULL; missing where neither. */
struct value {
    struct mill_view text;
    int64_t integer; /* MILL_ABSENT: none */
};

static struct value field_value(const struct mill_query_field *field,
                                const struct mill_experiment *e)
{
    struct value v = {{NULL, 0}, MILL_ABSENT};
    if (field->entity == MILL_Q_TAG) {
        for (size_t i = 0; i < e->tag_count; i++)
            if (mill_view_eq(e->tags[i].key, field->key))
                v.text = e->tags[i].value;
    } else if (field->attribute == MILL_QA_NAME) {
        v.text = e->name;
    } else if (field->attribute == MILL_QA_EXPERIMENT_ID) {
        v.integer = e->experiment_id;
    } else if (field->attribute == MILL_QA_CREATION_TIME) {
        v.integer = e->creation_time;
    } else if (field->attribute == MILL_QA_LAST_UPDATE_TIME) {
        v.integer = e->last_update_time;
    }
    return v;
}

/* experiment_id may be compared as text too (IN ('0', '1')). */
static bool compares_as_text(const struct mill_comparison *c, struct value v, char digits[24],
                             struct mill_view *text)
{
    *text = v.text;
    if (v.text.ptr != NULL)
        return true;
    if (c->field.numeric)
        return false;
    struct mill_buf out = {.ptr = digits, .cap = 24};
    mill_buf_add_int(&out, v.integer);
    *text = mill_buf_view(&out);
    return true;
}

static bool compare(const struct mill_comparison *c, const struct mill_experiment *e)
{
    struct value v = field_value(&c->field, e);
    bool missing = v.text.ptr == NULL && v.integer == MILL_ABSENT;
    if (c->op == MILL_OP_IS_NULL || c->op == MILL_OP_IS_NOT_NULL)
        return missing == (c->op == MILL_OP_IS_NULL);
    if (missing)
        return false;
    char digits[24];
    struct mill_view text;
    if (compares_as_text(c, v, digits, &text))
        return mill_query_match_text(c, text);
    return mill_query_match_integer(c, v.integer);
}

static bool matches(const struct mill_query_node *node, const struct mill_experiment *e)
{
    switch (node->kind) {
    case MILL_NODE_AND:
        return matches(node->left, e) && matches(node->right, e);
    case MILL_NODE_OR:
        return matches(node->left, e) || matches(node->right, e);
    case MILL_NODE_NOT:
        return !matches(node->left, e);
    case MILL_NODE_COMPARE:
        break;
    }
    return compare(node->compare, e);
}

static int cmp_int(int64_t a, int64_t b)
{
    return a < b ? -1 : a > b;
}

static int by_order(const void *left, const void *right, void *context)
{
    const struct mill_experiment *a = *(const struct mill_experiment *const *)left;
    const struct mill_experiment *b = *(const struct mill_experiment *const *)right;
    const struct mill_plan *plan = context;
    for (size_t k = 0; k < plan->order_count; k++) {
        struct value x = field_value(&plan->order[k].field, a);
        struct value y = field_value(&plan->order[k].field, b);
        int order = x.text.ptr != NULL && y.text.ptr != NULL ? mill_view_cmp(x.text, y.text)
                                                             : cmp_int(x.integer, y.integer);
        if (order != 0)
            return plan->order[k].descending ? -order : order;
    }
    if (plan->order_count != 0)
        return cmp_int(b->experiment_id, a->experiment_id);
    int order = cmp_int(b->creation_time, a->creation_time);
    return order != 0 ? order : cmp_int(a->experiment_id, b->experiment_id);
}

enum mill_status mill_experiment_list_search(const struct experiment_list *list,
                                             const struct mill_experiment_search *search,
                                             struct mill_arena *arena,
                                             struct mill_experiment_page *out,
                                             struct mill_error *err)
{
    struct mill_plan plan = *search->plan;
    struct mill_experiment_page page = {0};
    const struct mill_experiment **found =
        mill_alloc((list->count + 1) * sizeof(struct mill_experiment *));
    if (found == NULL)
        return mill_fail(err, MILL_E_NOMEM, "out of memory to search experiments");
    size_t count = 0;
    for (size_t i = 0; i < list->count; i++)
        if (mill_lifecycle_in_view(list->items[i].lifecycle_stage, search->view_type) &&
            (plan.filter == NULL || matches(plan.filter, &list->items[i])))
            found[count++] = &list->items[i];
    qsort_r(found, count, sizeof(struct mill_experiment *), by_order, &plan);

    size_t from = (uint64_t)search->offset < count ? (size_t)search->offset : count;
    page.count = count - from < (uint64_t)search->limit ? count - from : (size_t)search->limit;
    page.more = from + page.count < count;
    struct mill_experiment *items = mill_arena_zero(arena, page.count, sizeof(*items));
    bool fits = items != NULL;
    for (size_t i = 0; fits && i < page.count; i++)
        fits = mill_experiment_copy(arena, found[from + i], &items[i]);
    mill_free(found);
    if (!fits)
        return mill_fail(err, MILL_E_NOMEM, "out of memory for a page of experiments");
    page.experiments = items;
    *out = page;
    return MILL_OK;
}
