/* rowset.c - see rowset.h. The search itself is in search.c. */
#include "store/rowset.h"

#include <math.h>

#include "base/alloc.h"

/* A client chooses the keys it searches for, so the number of columns is bounded; the oldest
 * one goes. */
enum { MAX_COLUMNS = 32 };

static void column_release(struct mill_column *column)
{
    mill_free((void *)(uintptr_t)column->key.ptr);
    mill_free(column->numbers);
    mill_free(column->present);
    mill_free(column->texts);
}

static size_t column_item_bytes(const struct mill_column *column)
{
    return column->entity == MILL_Q_METRIC ? sizeof(double) + sizeof(bool)
                                           : sizeof(struct mill_view);
}

void mill_rowset_release(struct mill_rowset *set)
{
    for (size_t i = 0; i < set->count; i++)
        mill_row_unref(set->slots[i].row);
    for (size_t i = 0; i < set->column_count; i++)
        column_release(&set->columns[i]);
    mill_free(set->slots);
    mill_free(set->columns);
    *set = (struct mill_rowset){.experiment_id = set->experiment_id};
}

/* Makes the arrays of a column as long as the slots' array may become. */
static bool column_resize(struct mill_column *column, size_t cap)
{
    if (column->entity != MILL_Q_METRIC) {
        struct mill_view *texts = mill_realloc(column->texts, cap * sizeof(*texts));
        column->texts = texts != NULL ? texts : column->texts;
        return texts != NULL;
    }
    double *numbers = mill_realloc(column->numbers, cap * sizeof(*numbers));
    if (numbers == NULL)
        return false;
    column->numbers = numbers;
    bool *present = mill_realloc(column->present, cap * sizeof(*present));
    if (present == NULL)
        return false;
    column->present = present;
    return true;
}

static void column_drop(struct mill_rowset *set, size_t index)
{
    set->bytes -= set->cap * column_item_bytes(&set->columns[index]);
    column_release(&set->columns[index]);
    set->column_count--;
    memmove(&set->columns[index], &set->columns[index + 1],
            (set->column_count - index) * sizeof(*set->columns));
}

static void column_set(struct mill_column *column, size_t index, const struct mill_row *row)
{
    const struct mill_view none = {NULL, 0};
    switch (column->entity) {
    case MILL_Q_METRIC:
        column->numbers[index] = (double)NAN;
        column->present[index] =
            row != NULL && mill_row_metric(row, column->key, &column->numbers[index]);
        break;
    case MILL_Q_PARAM:
        column->texts[index] = row != NULL ? mill_row_param(row, column->key) : none;
        break;
    case MILL_Q_TAG:
        column->texts[index] = row != NULL ? mill_row_tag(row, column->key) : none;
        break;
    case MILL_Q_ATTRIBUTE:
    case MILL_Q_DATASET:
        break; /* these have no columns */
    }
}

static bool grow(struct mill_rowset *set)
{
    size_t cap = set->cap != 0 ? set->cap * 2 : 16;
    struct mill_slot *slots = mill_realloc(set->slots, cap * sizeof(*slots));
    if (slots == NULL)
        return false;
    set->slots = slots;
    for (size_t i = set->column_count; i-- > 0;) {
        if (!column_resize(&set->columns[i], cap))
            column_drop(set, i);
        else
            set->bytes += (cap - set->cap) * column_item_bytes(&set->columns[i]);
    }
    set->bytes += (cap - set->cap) * sizeof(*slots);
    set->cap = cap;
    return true;
}

bool mill_rowset_add(struct mill_rowset *set, int64_t id, size_t *index_out)
{
    if (set->count == set->cap && !grow(set))
        return false;
    set->slots[set->count] = (struct mill_slot){.id = id};
    for (size_t i = 0; i < set->column_count; i++)
        column_set(&set->columns[i], set->count, NULL);
    *index_out = set->count++;
    return true;
}

static void drop_row(struct mill_rowset *set, struct mill_slot *slot)
{
    if (slot->row == NULL)
        return;
    set->bytes -= slot->row->bytes;
    mill_row_unref(slot->row);
    slot->row = NULL;
}

void mill_rowset_clear(struct mill_rowset *set, size_t index)
{
    drop_row(set, &set->slots[index]);
    for (size_t i = 0; i < set->column_count; i++)
        column_set(&set->columns[i], index, NULL);
}

void mill_rowset_put(struct mill_rowset *set, size_t index, struct mill_row *row)
{
    struct mill_slot *slot = &set->slots[index];
    drop_row(set, slot);
    slot->row = row;
    slot->start_time = row->start_time;
    slot->lifecycle = (enum mill_lifecycle)row->lifecycle;
    set->bytes += row->bytes;
    for (size_t i = 0; i < set->column_count; i++)
        column_set(&set->columns[i], index, row);
}

const struct mill_column *mill_rowset_column(const struct mill_rowset *set,
                                             const struct mill_query_field *field)
{
    for (size_t i = 0; i < set->column_count; i++)
        if (set->columns[i].entity == field->entity &&
            mill_view_eq(set->columns[i].key, field->key))
            return &set->columns[i];
    return NULL;
}

static bool field_prepared(const struct mill_rowset *set, const struct mill_query_field *field)
{
    return field->entity == MILL_Q_ATTRIBUTE || field->entity == MILL_Q_DATASET ||
           set->cap == 0 || mill_rowset_column(set, field) != NULL;
}

bool mill_rowset_prepared(const struct mill_rowset *set, const struct mill_plan *plan)
{
    for (size_t i = 0; i < plan->comparison_count; i++)
        if (!field_prepared(set, &plan->comparisons[i]->field))
            return false;
    for (size_t i = 0; i < plan->order_count; i++)
        if (!field_prepared(set, &plan->order[i].field))
            return false;
    return true;
}

static void prepare_field(struct mill_rowset *set, const struct mill_query_field *field)
{
    if (field_prepared(set, field))
        return;
    if (set->column_count == MAX_COLUMNS)
        column_drop(set, 0);
    struct mill_column *columns =
        mill_realloc(set->columns, (set->column_count + 1) * sizeof(*columns));
    if (columns == NULL)
        return;
    set->columns = columns;
    struct mill_column column = {.entity = field->entity};
    char *key = mill_alloc(field->key.len);
    if (key == NULL)
        return;
    if (field->key.len != 0)
        memcpy(key, field->key.ptr, field->key.len);
    column.key = (struct mill_view){key, field->key.len};
    if (!column_resize(&column, set->cap)) {
        column_release(&column);
        return;
    }
    for (size_t i = 0; i < set->count; i++)
        column_set(&column, i, set->slots[i].row);
    set->columns[set->column_count++] = column;
    set->bytes += set->cap * column_item_bytes(&column);
}

void mill_rowset_prepare(struct mill_rowset *set, const struct mill_plan *plan)
{
    for (size_t i = 0; i < plan->comparison_count; i++)
        prepare_field(set, &plan->comparisons[i]->field);
    for (size_t i = 0; i < plan->order_count; i++)
        prepare_field(set, &plan->order[i].field);
}
