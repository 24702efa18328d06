/* table_keys.c - see table_keys.h. */
#include "server/table_keys.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/view.h"

static const struct mill_view protocol_prefix = {"mlflow.", 7};

struct mill_table_keys mill_table_keys_asked(const struct mill_runs_table_request *request)
{
    return (struct mill_table_keys){.metrics = request->metrics,
                                    .metrics_count = request->metrics_count,
                                    .params = request->params,
                                    .params_count = request->params_count,
                                    .tags = request->tags,
                                    .tags_count = request->tags_count};
}

/* What most runs have comes first; what equally many have, in the order of the keys. */
static int by_use(const void *a, const void *b)
{
    const struct mill_run_column *x = *(const struct mill_run_column *const *)a;
    const struct mill_run_column *y = *(const struct mill_run_column *const *)b;
    if (x->runs != y->runs)
        return x->runs > y->runs ? -1 : 1;
    return mill_view_cmp(x->key, y->key);
}

static bool is_listed(struct mill_view key, const struct mill_view *keys, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (mill_view_eq(keys[i], key))
            return true;
    return false;
}

/* Of a single run everything is new. */
static bool is_wanted(const struct mill_run_column *column, int64_t runs, bool tags)
{
    if (tags && mill_view_starts(column->key, protocol_prefix))
        return false;
    return column->differs || runs == 1;
}

/* One kind: its keys, and what is known of all of that kind. */
struct kind {
    const struct mill_view **keys;
    size_t *count;
    const struct mill_run_column *columns;
    size_t column_count;
    bool tags;
};

static enum mill_status add_kind(const struct kind *kind, int64_t runs, size_t most,
                                 struct mill_arena *arena, struct mill_error *err)
{
    size_t found = 0, asked = *kind->count, count = asked;
    const struct mill_run_column **wanted =
        mill_arena_zero(arena, kind->column_count, sizeof(const struct mill_run_column *));
    struct mill_view *keys = mill_arena_zero(arena, asked + most, sizeof(*keys));
    if (wanted == NULL || keys == NULL)
        return mill_no_memory(err);
    for (size_t i = 0; i < kind->column_count; i++)
        if (is_wanted(&kind->columns[i], runs, kind->tags))
            wanted[found++] = &kind->columns[i];
    if (found > 1)
        qsort(wanted, found, sizeof(const struct mill_run_column *), by_use);
    if (asked > 0)
        memcpy(keys, *kind->keys, asked * sizeof(*keys));
    for (size_t i = 0; i < found && count < asked + most; i++)
        if (!is_listed(wanted[i]->key, keys, asked))
            keys[count++] = wanted[i]->key;
    *kind->keys = keys;
    *kind->count = count;
    return MILL_OK;
}

enum mill_status mill_table_keys_add(struct mill_table_keys *keys,
                                     const struct mill_runs_columns_response *columns,
                                     size_t most, struct mill_arena *arena,
                                     struct mill_error *err)
{
    const struct kind kinds[] = {
        {&keys->metrics, &keys->metrics_count, columns->metrics, columns->metrics_count, false},
        {&keys->params, &keys->params_count, columns->params, columns->params_count, false},
        {&keys->tags, &keys->tags_count, columns->tags, columns->tags_count, true}};
    enum mill_status st = MILL_OK;
    for (size_t i = 0; st == MILL_OK && i < MILL_COUNT(kinds); i++)
        st = add_kind(&kinds[i], columns->runs, most, arena, err);
    return st;
}
