/* search.c - answers run searches from row sets: bind the plan to columns, keep what matches,
 * select and sort only the page that is asked for. */
#include "base/alloc.h"
#include "store/entity.h"
#include "store/row_page.h"
#include "store/rowset.h"
#include "store/value.h"

/* The text or number of an attribute; an URI may be written into scratch. */
static struct mill_value attribute_value(const struct mill_row *row,
                                         enum mill_query_attribute attribute,
                                         struct mill_buf *scratch)
{
    switch (attribute) {
    case MILL_QA_RUN_ID:
        return mill_text_value(mill_row_run_id(row));
    case MILL_QA_RUN_NAME:
        return mill_text_value(mill_row_name(row));
    case MILL_QA_STATUS:
        return mill_text_value(
            mill_view_of(mill_run_status_name((enum mill_run_status)row->status)));
    case MILL_QA_USER_ID:
        return mill_text_value(row->shape->user_id);
    case MILL_QA_ARTIFACT_URI:
        return mill_text_value(mill_row_artifact_uri(row, scratch));
    case MILL_QA_START_TIME:
        return mill_integer_value(row->start_time);
    case MILL_QA_END_TIME:
        return mill_integer_value(row->end_time);
    case MILL_QA_EXPERIMENT_ID:
        return mill_integer_value(row->shape->experiment_id);
    case MILL_QA_NONE:
    case MILL_QA_NAME:
    case MILL_QA_CREATION_TIME:
    case MILL_QA_LAST_UPDATE_TIME:
    case MILL_QA_DATASET_NAME:
    case MILL_QA_DATASET_DIGEST:
    case MILL_QA_DATASET_CONTEXT:
    case MILL_QA_VERSION:
    case MILL_QA_SOURCE:
    case MILL_QA_MODEL_ID:
    case MILL_QA_MODEL_TYPE:
    case MILL_QA_SOURCE_RUN_ID:
    case MILL_QA_STATUS_MESSAGE:
    case MILL_QA_CREATED_BY:
    case MILL_QA_LAST_UPDATED_BY:
    case MILL_QA_TRACE_ID:
    case MILL_QA_CLIENT_REQUEST_ID:
    case MILL_QA_DURATION:
        break;
    }
    return (struct mill_value){.type = MILL_VALUE_IS_MISSING};
}

/* The value of a field in a slot; column may be NULL, then the row is asked. scratch as above.
 */
static struct mill_value field_value(const struct mill_query_field *field,
                                     const struct mill_column *column,
                                     const struct mill_rowset *set, size_t slot,
                                     struct mill_buf *scratch)
{
    const struct mill_row *row = set->slots[slot].row;
    if (field->entity == MILL_Q_ATTRIBUTE && field->attribute == MILL_QA_START_TIME)
        return mill_integer_value(set->slots[slot].start_time); /* without touching the row */
    switch (field->entity) {
    case MILL_Q_METRIC: {
        if (column != NULL)
            return mill_number_value(column->present[slot], column->numbers[slot]);
        double number = 0;
        bool present = mill_row_metric(row, field->key, &number);
        return mill_number_value(present, number);
    }
    case MILL_Q_PARAM:
        return mill_text_value(column != NULL ? column->texts[slot]
                                              : mill_row_param(row, field->key));
    case MILL_Q_TAG:
        return mill_text_value(column != NULL ? column->texts[slot]
                                              : mill_row_tag(row, field->key));
    case MILL_Q_ATTRIBUTE:
        return attribute_value(row, field->attribute, scratch);
    case MILL_Q_DATASET:
        break; /* a run has many: matched by dataset_matches */
    }
    return (struct mill_value){.type = MILL_VALUE_IS_MISSING};
}

static struct mill_value dataset_value(const struct mill_dataset_input *input,
                                       enum mill_query_attribute attribute)
{
    if (attribute == MILL_QA_DATASET_NAME)
        return mill_text_value(input->dataset.name);
    if (attribute == MILL_QA_DATASET_DIGEST)
        return mill_text_value(input->dataset.digest);
    for (size_t i = 0; i < input->tag_count; i++)
        if (mill_view_eq(input->tags[i].key, MILL_VIEW("mlflow.data.context")))
            return mill_text_value(input->tags[i].value);
    return (struct mill_value){.type = MILL_VALUE_IS_MISSING};
}

/* Whether any dataset of the run satisfies the comparison. */
static bool dataset_matches(const struct mill_comparison *c, const struct mill_row *row)
{
    const struct mill_row_links *links = mill_row_links(row);
    bool any = false;
    for (size_t i = 0; links != NULL && i < links->dataset_input_count; i++) {
        struct mill_value v = dataset_value(&links->dataset_inputs[i], c->field.attribute);
        if (c->op == MILL_OP_IS_NULL || c->op == MILL_OP_IS_NOT_NULL)
            any = any || v.type != MILL_VALUE_IS_MISSING;
        else if (mill_value_matches(c, v))
            return true;
    }
    return c->op == MILL_OP_IS_NULL ? !any : any;
}

/* A plan's node with the column of the set being scanned. */
struct bound {
    enum mill_query_node_kind kind;
    const struct mill_comparison *compare;
    const struct mill_column *column;
    const struct bound *left, *right;
};

static const struct bound *bind(const struct mill_query_node *node,
                                const struct mill_rowset *set, struct mill_arena *arena)
{
    struct bound *bound = mill_arena_zero(arena, 1, sizeof(*bound));
    if (bound == NULL)
        return NULL;
    bound->kind = node->kind;
    if (node->kind == MILL_NODE_COMPARE) {
        bound->compare = node->compare;
        bound->column = mill_rowset_column(set, &node->compare->field);
        return bound;
    }
    bound->left = bind(node->left, set, arena);
    if (bound->left == NULL)
        return NULL;
    if (node->kind != MILL_NODE_NOT) {
        bound->right = bind(node->right, set, arena);
        if (bound->right == NULL)
            return NULL;
    }
    return bound;
}

static bool matches(const struct bound *b, const struct mill_rowset *set, size_t slot,
                    struct mill_buf *scratch)
{
    switch (b->kind) {
    case MILL_NODE_AND:
        return matches(b->left, set, slot, scratch) && matches(b->right, set, slot, scratch);
    case MILL_NODE_OR:
        return matches(b->left, set, slot, scratch) || matches(b->right, set, slot, scratch);
    case MILL_NODE_NOT:
        return !matches(b->left, set, slot, scratch);
    case MILL_NODE_COMPARE:
        break;
    }
    if (b->compare->field.entity == MILL_Q_DATASET)
        return dataset_matches(b->compare, set->slots[slot].row);
    return mill_value_matches(b->compare,
                              field_value(&b->compare->field, b->column, set, slot, scratch));
}

/* A run that matched, with the number that mostly decides its place. */
struct candidate {
    double key;
    uint32_t set, slot;
    int rank; /* see mill_value_rank */
};

struct sorter {
    struct mill_rowset *const *sets;
    const struct mill_ordering *order;
    size_t order_count;
    const struct mill_column **columns; /* [set * order_count + ordering] */
    bool by_start_time;                 /* start_time is among the orderings */
    struct candidate *items;
    size_t count, cap;
    uint64_t random;
    struct mill_buf scratch[2]; /* for the texts of two values that are compared */
};

static struct mill_value sort_value(const struct sorter *s, const struct candidate *c, size_t k,
                                    struct mill_buf *scratch)
{
    return field_value(&s->order[k].field, s->columns[c->set * s->order_count + k],
                       s->sets[c->set], c->slot, scratch);
}

static const struct mill_slot *slot_of(const struct sorter *s, const struct candidate *c)
{
    return &s->sets[c->set]->slots[c->slot];
}

static int cmp(struct sorter *s, const struct candidate *a, const struct candidate *b)
{
    if (a->rank != b->rank)
        return a->rank - b->rank;
    if (a->key < b->key)
        return -1;
    if (a->key > b->key)
        return 1;
    for (size_t k = 0; k < s->order_count; k++) {
        int order = mill_value_cmp(sort_value(s, a, k, &s->scratch[0]),
                                   sort_value(s, b, k, &s->scratch[1]), s->order[k].descending);
        if (order != 0)
            return order;
    }
    const struct mill_slot *x = slot_of(s, a), *y = slot_of(s, b);
    if (!s->by_start_time && x->start_time != y->start_time)
        return x->start_time > y->start_time ? -1 : 1;
    return mill_view_cmp(mill_row_run_id(x->row), mill_row_run_id(y->row));
}

/* The first bytes of a text as a number that grows with it. As many as a double holds exactly:
 * what is alike up to there is compared. */
static double text_key(struct mill_view text)
{
    uint64_t key = 0;
    for (size_t i = 0; i < 6; i++)
        key = key << 8 | (i < text.len ? (unsigned char)text.ptr[i] : 0);
    return (double)key;
}

/* key grows in the wanted order; where it is the same, values have to be compared. */
static void set_key(struct sorter *s, struct candidate *c)
{
    if (s->order_count == 0) {
        c->key = -(double)slot_of(s, c)->start_time;
        return;
    }
    struct mill_value v = sort_value(s, c, 0, &s->scratch[0]);
    c->rank = mill_value_rank(v);
    if (c->rank != 0)
        return;
    double key = v.type == MILL_VALUE_IS_TEXT ? text_key(v.text) : v.number;
    c->key = s->order[0].descending ? -key : key;
}

static void swap(struct candidate *a, struct candidate *b)
{
    struct candidate c = *a;
    *a = *b;
    *b = c;
}

static void insertion_sort(struct sorter *s, struct candidate *items, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        struct candidate c = items[i];
        size_t j = i;
        for (; j > 0 && cmp(s, &c, &items[j - 1]) < 0; j--)
            items[j] = items[j - 1];
        items[j] = c;
    }
}

/* Splits the range at a random pivot, so that no input is a bad one; returns its place. */
static size_t partition(struct sorter *s, size_t begin, size_t end)
{
    s->random = s->random * 6364136223846793005u + 1442695040888963407u;
    swap(&s->items[begin], &s->items[begin + (s->random >> 33) % (end - begin)]);
    struct candidate pivot = s->items[begin];
    size_t i = begin, j = end;
    for (;;) {
        do
            i++;
        while (i < end && cmp(s, &s->items[i], &pivot) < 0);
        do
            j--;
        while (cmp(s, &pivot, &s->items[j]) < 0);
        if (i >= j)
            break;
        swap(&s->items[i], &s->items[j]);
    }
    swap(&s->items[begin], &s->items[j]);
    return j;
}

/* Sorts what belongs to [from, to) of the whole order into its place. A quicksort that leaves
 * out what nobody asked for, so that a late page costs as much as the first. */
static void sort_window(struct sorter *s, size_t begin, size_t end, size_t from, size_t to)
{
    while (begin < end && from < end && to > begin) {
        if (end - begin <= 16) {
            insertion_sort(s, s->items + begin, end - begin);
            return;
        }
        size_t middle = partition(s, begin, end);
        if (middle - begin < end - middle) {
            sort_window(s, begin, middle, from, to);
            begin = middle + 1;
        } else {
            sort_window(s, middle + 1, end, from, to);
            end = middle;
        }
    }
}

static bool keep(struct sorter *s, size_t set, size_t slot)
{
    if (s->count == s->cap) {
        size_t cap = s->cap != 0 ? s->cap * 2 : 1024;
        struct candidate *items = mill_realloc(s->items, cap * sizeof(*items));
        if (items == NULL)
            return false;
        s->items = items;
        s->cap = cap;
    }
    struct candidate *c = &s->items[s->count++];
    *c = (struct candidate){.set = (uint32_t)set, .slot = (uint32_t)slot};
    set_key(s, c);
    return true;
}

static bool wanted(const struct mill_run_search *search, const struct mill_slot *slot,
                   struct mill_buf *scratch)
{
    struct mill_run_info info;
    if (search->wanted == NULL)
        return true;
    mill_row_info(slot->row, scratch, &info);
    return search->wanted(search->wanted_context, &info);
}

static bool scan(struct sorter *s, size_t index, const struct mill_run_search *search,
                 struct mill_arena *arena)
{
    const struct mill_rowset *set = s->sets[index];
    const struct bound *filter = NULL;
    if (search->plan->filter != NULL) {
        filter = bind(search->plan->filter, set, arena);
        if (filter == NULL)
            return false;
    }
    for (size_t k = 0; k < s->order_count; k++)
        s->columns[index * s->order_count + k] = mill_rowset_column(set, &s->order[k].field);
    for (size_t i = 0; i < set->count; i++) {
        if (set->slots[i].row == NULL ||
            !mill_lifecycle_in_view(set->slots[i].lifecycle, search->view_type))
            continue;
        if ((filter == NULL || matches(filter, set, i, s->scratch)) &&
            wanted(search, &set->slots[i], s->scratch) && !keep(s, index, i))
            return false;
    }
    return true;
}

static enum mill_status make_page(const struct sorter *s, size_t from, size_t to,
                                  struct mill_page_form form, struct mill_arena *arena,
                                  struct mill_run_page *out, struct mill_error *err)
{
    size_t count = to - from;
    struct mill_row **rows = mill_arena_zero(arena, count, sizeof(struct mill_row *));
    if (rows == NULL)
        return mill_fail(err, MILL_E_NOMEM, "out of memory for a page of %zu runs", count);
    for (size_t i = 0; i < count; i++)
        rows[i] = mill_row_ref(slot_of(s, &s->items[from + i])->row);
    enum mill_status st = mill_row_page(rows, count, form, out, err);
    if (st == MILL_OK) {
        out->more = to < s->count;
        out->total = s->count;
    }
    return st;
}

enum mill_status mill_rowset_search(struct mill_rowset *const *sets, size_t set_count,
                                    const struct mill_run_search *search,
                                    struct mill_run_page *out, struct mill_error *err)
{
    struct mill_arena arena = {0};
    struct sorter s = {.sets = sets,
                       .order = search->plan->order,
                       .order_count = search->plan->order_count,
                       .random = 0x9e3779b97f4a7c15u};
    enum mill_status st = MILL_OK;

    for (size_t k = 0; k < s.order_count; k++)
        s.by_start_time = s.by_start_time || (s.order[k].field.entity == MILL_Q_ATTRIBUTE &&
                                              s.order[k].field.attribute == MILL_QA_START_TIME);
    s.columns = mill_arena_zero(&arena, set_count * s.order_count + 1, sizeof(*s.columns));
    bool fits = s.columns != NULL;
    for (size_t i = 0; fits && i < set_count; i++)
        fits = scan(&s, i, search, &arena);
    if (!fits) {
        st = mill_fail(err, MILL_E_NOMEM, "out of memory while searching runs");
        goto out;
    }

    size_t from = (uint64_t)search->offset < s.count ? (size_t)search->offset : s.count;
    size_t to =
        s.count - from < (uint64_t)search->limit ? s.count : from + (size_t)search->limit;
    if (from < to && !search->unordered)
        sort_window(&s, 0, s.count, from, to);
    if (s.scratch[0].failed || s.scratch[1].failed)
        st = mill_fail(err, MILL_E_NOMEM, "out of memory while sorting runs");
    else
        st = make_page(&s, from, to, (struct mill_page_form){search->lean, search->info_only},
                       &arena, out, err);

out:
    mill_buf_release(&s.scratch[0]);
    mill_buf_release(&s.scratch[1]);
    mill_free(s.items);
    mill_arena_release(&arena);
    return st;
}
