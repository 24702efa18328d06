/* runs.c - what runs have in common and where they differ. */
#include "cli/runs.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/heartbeat.h"
#include "base/view.h"

const struct mill_metric *mill_cli_metric(const struct mill_run *run, struct mill_view key)
{
    for (size_t i = 0; i < run->metric_count; i++)
        if (mill_view_eq(run->metrics[i].key, key))
            return &run->metrics[i];
    return NULL;
}

struct mill_view mill_cli_param(const struct mill_run *run, struct mill_view key)
{
    for (size_t i = 0; i < run->param_count; i++)
        if (mill_view_eq(run->params[i].key, key))
            return run->params[i].value;
    return (struct mill_view){NULL, 0};
}

int64_t mill_cli_took(const struct mill_run *run)
{
    if (run->info.start_time == MILL_ABSENT || run->info.start_time <= 0)
        return MILL_ABSENT;
    /* A run that was resumed runs, and still has the time of its last end. */
    bool running = run->info.status == MILL_RUN_RUNNING;
    bool ended = !running && run->info.end_time != MILL_ABSENT && run->info.end_time > 0;
    if (!ended && !running)
        return MILL_ABSENT;
    return (ended ? run->info.end_time : mill_now_ms()) - run->info.start_time;
}

int64_t mill_cli_silent(const struct mill_run *run)
{
    const struct mill_view name = MILL_VIEW(MILL_HEARTBEAT_TAG);
    struct mill_heartbeat beat;
    for (size_t i = 0; run->info.status == MILL_RUN_RUNNING && i < run->tag_count; i++)
        if (mill_view_eq(run->tags[i].key, name))
            return mill_heartbeat_read(run->tags[i].value, &beat)
                       ? mill_heartbeat_silent_ms(&beat, mill_now_ms())
                       : MILL_ABSENT;
    return MILL_ABSENT;
}

/* --- the best one ---------------------------------------------------------------------- */

/* Whether name holds word, any case. */
static bool holds(struct mill_view name, const char *word)
{
    size_t len = strlen(word);
    for (size_t i = 0; i + len <= name.len; i++)
        if (mill_view_eq_nocase((struct mill_view){name.ptr + i, len}, mill_view_of(word)))
            return true;
    return false;
}

static bool less_is_better(struct mill_view name)
{
    static const char *const words[] = {"loss",       "error",    "rmse", "mae", "mse",
                                        "perplexity", "log_loss", "_err", "wer"};
    for (size_t i = 0; i < MILL_COUNT(words); i++)
        if (holds(name, words[i]))
            return true;
    return false;
}

enum mill_status mill_best_parse(const char *text, struct mill_best *out,
                                 struct mill_error *err)
{
    struct mill_view all = mill_view_of(text);
    bool max = mill_view_starts(all, MILL_VIEW("max:"));
    bool min = mill_view_starts(all, MILL_VIEW("min:"));
    out->metric = max || min ? mill_view_from(all, 4) : all;
    out->smallest = min || (!max && less_is_better(out->metric));
    if (mill_view_empty(out->metric) || memchr(out->metric.ptr, '`', out->metric.len) != NULL)
        return mill_fail(err, MILL_E_INVALID,
                         "--best is '%s'; it must be max:METRIC, min:METRIC or METRIC", text);
    return MILL_OK;
}

size_t mill_best_find(const struct mill_best *best, const struct mill_run *const *runs,
                      size_t count)
{
    size_t found = SIZE_MAX;
    double record = 0;
    for (size_t i = 0; i < count && best->metric.ptr != NULL; i++) {
        const struct mill_metric *metric = mill_cli_metric(runs[i], best->metric);
        if (metric == NULL || isnan(metric->value))
            continue;
        if (found == SIZE_MAX ||
            (best->smallest ? metric->value < record : metric->value > record)) {
            found = i;
            record = metric->value;
        }
    }
    return found;
}

/* --- keys ------------------------------------------------------------------------------ */

/* The keys under way; a sorted array would not pay for the few there are. */
struct collect {
    struct mill_arena *arena;
    struct mill_keys keys;
    size_t cap;
    bool failed;
};

static void add_key(struct collect *c, struct mill_view name, bool is_metric, bool chosen)
{
    for (size_t i = 0; i < c->keys.count; i++)
        if (c->keys.items[i].is_metric == is_metric &&
            mill_view_eq(c->keys.items[i].name, name))
            return;
    if (c->keys.count == c->cap) {
        size_t cap = c->cap * 2 + 32;
        struct mill_key *items = mill_arena_zero(c->arena, cap, sizeof(*items));
        if (items == NULL) {
            c->failed = true;
            return;
        }
        if (c->keys.count > 0)
            memcpy(items, c->keys.items, c->keys.count * sizeof(*items));
        c->keys.items = items;
        c->cap = cap;
    }
    c->keys.items[c->keys.count++] =
        (struct mill_key){.name = name, .is_metric = is_metric, .chosen = chosen};
}

static void add_chosen(struct collect *c, const char *list, bool is_metric)
{
    struct mill_view rest = mill_view_of(list), name;
    while (rest.ptr != NULL) {
        rest = mill_view_cut(rest, ',', &name);
        name = mill_view_trim(name);
        if (!mill_view_empty(name))
            add_key(c, name, is_metric, true);
    }
}

static bool same_value(const struct mill_key *key, const struct mill_run *a,
                       const struct mill_run *b)
{
    if (key->is_metric) {
        const struct mill_metric *x = mill_cli_metric(a, key->name);
        const struct mill_metric *y = mill_cli_metric(b, key->name);
        if (x == NULL || y == NULL)
            return x == y;
        return x->value == y->value || (isnan(x->value) && isnan(y->value));
    }
    struct mill_view x = mill_cli_param(a, key->name), y = mill_cli_param(b, key->name);
    if (x.ptr == NULL || y.ptr == NULL)
        return x.ptr == y.ptr;
    return mill_view_eq(x, y);
}

/* Where a key stands: what was chosen keeps its order before everything else. */
static int rank(const struct mill_key *key, const struct mill_best *best)
{
    if (key->chosen)
        return 0;
    if (key->is_metric && mill_view_eq(key->name, best->metric))
        return 1;
    return (key->differs ? 2 : 4) + (key->is_metric ? 0 : 1);
}

/* A stable sort of few items: insertion. */
static void sort_keys(struct mill_keys *keys, const struct mill_best *best)
{
    for (size_t i = 1; i < keys->count; i++) {
        struct mill_key key = keys->items[i];
        size_t at = i;
        for (; at > 0 && rank(&keys->items[at - 1], best) > rank(&key, best); at--)
            keys->items[at] = keys->items[at - 1];
        keys->items[at] = key;
    }
}

enum mill_status mill_keys_collect(const struct mill_run *const *runs, size_t count,
                                   const struct mill_best *best, const char *metrics,
                                   const char *params, struct mill_arena *arena,
                                   struct mill_keys *out, struct mill_error *err)
{
    struct collect c = {.arena = arena};
    add_chosen(&c, metrics, true);
    add_chosen(&c, params, false);
    for (size_t r = 0; r < count && metrics == NULL && params == NULL; r++) {
        for (size_t i = 0; i < runs[r]->metric_count; i++)
            add_key(&c, runs[r]->metrics[i].key, true, false);
        for (size_t i = 0; i < runs[r]->param_count; i++)
            add_key(&c, runs[r]->params[i].key, false, false);
    }
    if (c.failed)
        return mill_fail(err, MILL_E_NOMEM, "out of memory");
    for (size_t k = 0; k < c.keys.count; k++)
        for (size_t r = 1; r < count && !c.keys.items[k].differs; r++)
            c.keys.items[k].differs = !same_value(&c.keys.items[k], runs[0], runs[r]);
    sort_keys(&c.keys, best);
    *out = c.keys;
    return MILL_OK;
}
