/* run_columns.c - see run_columns.h. */
#include "server/run_columns.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/map.h"
#include "base/view.h"
#include "model/check.h"
#include "model/limits.h"
#include "server/numeric.h"
#include "wire/decode.h"
#include "wire/encode.h"

/* Different values that are counted; examples of them, and how long one may be. */
#define MAX_DISTINCT      100
#define MAX_EXAMPLES      20
#define MAX_EXAMPLE_BYTES 200

struct column {
    struct mill_view key; /* in a run of the page */
    size_t runs;
    uint64_t *distinct; /* hashes of values; room grows by doubling */
    size_t distinct_count;
    uint64_t last; /* hash of the last value: most runs are like their neighbours */
    bool more;
    bool text;       /* some value is no finite number */
    double min, max; /* NaN: none yet */
    struct mill_view *examples;
    size_t example_count;
};

/* The keys of one kind, in the order in which they were met. */
struct columns {
    struct mill_arena *arena;
    struct column *items;
    size_t count, cap;
    struct mill_map by_key; /* hash of the key -> place */
    size_t *guesses;        /* column of the nth key of the last run */
    size_t guess_cap;
    bool truncated;
    bool failed;
};

/* --- columns ------------------------------------------------------------------------------ */

/* Room for one more item of an array that doubles in the arena; NULL when out of memory. */
static void *grown(struct mill_arena *arena, void *items, size_t count, size_t *cap,
                   size_t size)
{
    size_t wanted = *cap != 0 ? *cap * 2 : 8;
    if (count < *cap)
        return items;
    void *larger = mill_arena_zero(arena, wanted, size);
    if (larger == NULL)
        return NULL;
    if (count > 0)
        memcpy(larger, items, count * size);
    *cap = wanted;
    return larger;
}

static struct column *make_column(struct columns *c, struct mill_view key, uint64_t hash)
{
    if (c->count == MILL_MAX_COLUMNS) {
        c->truncated = true;
        return NULL;
    }
    struct column *items = grown(c->arena, c->items, c->count, &c->cap, sizeof(*items));
    if (items == NULL || !mill_map_set(&c->by_key, hash, c->count)) {
        c->failed = true;
        return NULL;
    }
    c->items = items;
    c->items[c->count] = (struct column){.key = key, .min = (double)NAN, .max = (double)NAN};
    return &c->items[c->count++];
}

/* The nth key of the next run will be that of the same column. */
static void guess_next_time(struct columns *c, size_t nth, size_t column)
{
    while (nth >= c->guess_cap) {
        size_t *guesses =
            grown(c->arena, c->guesses, c->guess_cap, &c->guess_cap, sizeof(*guesses));
        if (guesses == NULL) {
            c->failed = true;
            return;
        }
        c->guesses = guesses;
    }
    if (c->guesses != NULL)
        c->guesses[nth] = column;
}

/* The column of the nth key of a run; NULL when there is no room. */
static struct column *find_column(struct columns *c, size_t nth, struct mill_view key)
{
    uint64_t hash, found;
    if (nth < c->guess_cap && c->guesses[nth] < c->count &&
        mill_view_eq(c->items[c->guesses[nth]].key, key))
        return &c->items[c->guesses[nth]];
    hash = mill_view_hash(key);
    struct column *column = NULL;
    while (c->items != NULL && mill_map_get(&c->by_key, hash, &found)) {
        column = &c->items[found];
        if (mill_view_eq(column->key, key))
            break;
        column = NULL;
        hash++; /* another key with the same hash */
    }
    if (column == NULL)
        column = make_column(c, key, hash);
    if (column == NULL)
        return NULL;
    guess_next_time(c, nth, (size_t)(column - c->items));
    return column;
}

/* Counts a value; true when it was not met before. */
static bool count_value(struct columns *c, struct column *column, uint64_t hash)
{
    bool same = column->distinct_count > 0 && column->last == hash;
    column->last = hash;
    if (same)
        return false;
    for (size_t i = 0; i < column->distinct_count; i++)
        if (column->distinct[i] == hash)
            return false;
    if (column->distinct_count == MAX_DISTINCT) {
        column->more = true;
        return false;
    }
    /* Room is a power of two from 4 on. */
    if (column->distinct_count == 0 ||
        (column->distinct_count >= 4 &&
         (column->distinct_count & (column->distinct_count - 1)) == 0)) {
        size_t cap = column->distinct_count == 0 ? 4 : column->distinct_count * 2;
        uint64_t *larger = mill_arena_zero(c->arena, cap, sizeof(*larger));
        if (larger == NULL) {
            c->failed = true;
            return false;
        }
        if (column->distinct_count > 0)
            memcpy(larger, column->distinct, column->distinct_count * sizeof(*larger));
        column->distinct = larger;
    }
    column->distinct[column->distinct_count++] = hash;
    return true;
}

static void count_number(struct column *column, double number)
{
    column->min = fmin(column->min, number); /* a NaN loses */
    column->max = fmax(column->max, number);
}

static void add_metric(struct columns *c, size_t nth, const struct mill_metric *metric)
{
    struct column *column = find_column(c, nth, metric->key);
    double value = metric->value == 0 ? 0 : metric->value; /* of two zeros one */
    uint64_t bits = UINT64_MAX;                            /* of all NaNs, too */
    if (column == NULL)
        return;
    column->runs++;
    if (!isnan(value))
        memcpy(&bits, &value, sizeof(bits));
    if (!column->more)
        (void)count_value(c, column, bits);
    if (mill_metric_finite(value))
        count_number(column, value);
}

static void add_example(struct columns *c, struct column *column, struct mill_view value)
{
    if (column->examples == NULL)
        column->examples = mill_arena_zero(c->arena, MAX_EXAMPLES, sizeof(struct mill_view));
    if (column->examples == NULL)
        c->failed = true;
    else if (column->example_count < MAX_EXAMPLES && value.len <= MAX_EXAMPLE_BYTES)
        column->examples[column->example_count++] = value;
}

/* A value that was met before says nothing new, unless they are too many to be known. */
static void add_text(struct columns *c, size_t nth, struct mill_view key,
                     struct mill_view value)
{
    struct column *column = find_column(c, nth, key);
    double number;
    if (column == NULL)
        return;
    column->runs++;
    bool fresh = !column->more && count_value(c, column, mill_view_hash(value));
    if (fresh)
        add_example(c, column, value);
    if ((!fresh && !column->more) || column->text)
        return;
    if (mill_read_number(value, &number))
        count_number(column, number);
    else
        column->text = true;
}

/* --- answers ------------------------------------------------------------------------------ */

static int by_key(const void *a, const void *b)
{
    return mill_view_cmp(((const struct column *)a)->key, ((const struct column *)b)->key);
}

static bool write_number(struct mill_arena *arena, double number, struct mill_view *out)
{
    struct mill_buf text = {0};
    mill_encode_double(&text, number);
    *out = mill_arena_copy(arena, mill_buf_view(&text));
    bool complete = !text.failed && out->ptr != NULL;
    mill_buf_release(&text);
    return complete;
}

static bool tell_column(struct columns *c, struct column *column, size_t runs,
                        struct mill_run_column *out)
{
    mill_message_init(&mill_run_column_message, out);
    out->key = column->key;
    out->runs = (int64_t)column->runs;
    out->distinct = (int64_t)column->distinct_count;
    out->more = column->more;
    out->differs = column->distinct_count > 1 || column->runs < runs;
    out->numeric = !column->text;
    if (column->example_count > 1)
        qsort(column->examples, column->example_count, sizeof(*column->examples),
              mill_value_order);
    out->values = column->examples;
    out->values_count = column->example_count;
    if (column->text || isnan(column->min))
        return true;
    return write_number(c->arena, column->min, &out->min) &&
           write_number(c->arena, column->max, &out->max);
}

static enum mill_status tell_columns(struct columns *c, size_t runs,
                                     const struct mill_run_column **out, size_t *count_out,
                                     struct mill_error *err)
{
    struct mill_run_column *told = mill_arena_zero(c->arena, c->count, sizeof(*told));
    bool complete = told != NULL && !c->failed;
    if (c->count > 1)
        qsort(c->items, c->count, sizeof(*c->items), by_key);
    for (size_t i = 0; complete && i < c->count; i++)
        complete = tell_column(c, &c->items[i], runs, &told[i]);
    mill_map_release(&c->by_key);
    *out = told;
    *count_out = c->count;
    return complete ? MILL_OK : mill_no_memory(err);
}

enum mill_status mill_run_columns(const struct mill_run_page *page, struct mill_arena *arena,
                                  struct mill_runs_columns_response *out,
                                  struct mill_error *err)
{
    struct columns metrics = {.arena = arena}, params = metrics, tags = metrics;
    struct mill_run_scratch scratch = {0};
    for (size_t i = 0; i < page->count && !metrics.failed; i++) {
        const struct mill_run *run = mill_run_page_read(page, i, &scratch);
        metrics.failed = run == NULL;
        for (size_t j = 0; run != NULL && j < run->metric_count; j++)
            add_metric(&metrics, j, &run->metrics[j]);
        for (size_t j = 0; run != NULL && j < run->param_count; j++)
            add_text(&params, j, run->params[j].key, run->params[j].value);
        for (size_t j = 0; run != NULL && j < run->tag_count; j++)
            add_text(&tags, j, run->tags[j].key, run->tags[j].value);
    }
    mill_run_scratch_release(&scratch);
    out->runs = (int64_t)page->count;
    out->truncated = metrics.truncated || params.truncated || tags.truncated;
    enum mill_status told[] = {
        tell_columns(&metrics, page->count, &out->metrics, &out->metrics_count, err),
        tell_columns(&params, page->count, &out->params, &out->params_count, err),
        tell_columns(&tags, page->count, &out->tags, &out->tags_count, err)};
    for (size_t i = 0; i < MILL_COUNT(told); i++)
        if (told[i] != MILL_OK)
            return told[i];
    return MILL_OK;
}
