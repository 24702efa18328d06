/* handlers_runs_groups.c - runs/groups: the found runs in groups of equal values, with figures
 * of their metrics. */
#include <stdlib.h>

#include "base/alloc.h"
#include "base/map.h"
#include "base/view.h"
#include "model/check.h"
#include "model/limits.h"
#include "server/changes.h"
#include "server/handlers.h"
#include "server/numeric.h"
#include "server/run_finder.h"
#include "store/row.h"
#include "wire/decode.h"
#include "wire/encode.h"
#include "wire/messages.h"

struct figures {
    size_t runs;
    double min, max, sum;
};

/* Runs with the same values; texts points to one for each field. */
struct group {
    const struct mill_view *texts;
    size_t field_count;
    size_t number; /* in order of meeting: what `members` says */
    int64_t runs;
    int64_t last_start_time;
    struct figures *figures; /* of those that are told */
};

struct grouping {
    struct mill_call *call;
    struct mill_query_field fields[MILL_MAX_GROUP_FIELDS];
    size_t field_count;
    struct group *groups;
    size_t count, cap;
    uint32_t *members; /* of each run of the page, its group */
    struct mill_map by_hash;
    struct mill_run_scratch scratch; /* for the run that is looked at */
};

/* --- finding groups ----------------------------------------------------------------------- */

static uint64_t hash_of(const struct mill_view *texts, size_t count)
{
    uint64_t hash = 0;
    for (size_t i = 0; i < count; i++) {
        uint64_t one = texts[i].ptr != NULL ? mill_view_hash(texts[i]) : 1;
        hash = (hash ^ one) * 0x9e3779b97f4a7c15u;
        hash ^= hash >> 29;
    }
    return hash;
}

static bool same_texts(const struct mill_view *a, const struct mill_view *b, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if ((a[i].ptr == NULL) != (b[i].ptr == NULL) || !mill_view_eq(a[i], b[i]))
            return false;
    return true;
}

static struct group *make_group(struct grouping *g, const struct mill_view *texts,
                                uint64_t hash)
{
    struct mill_arena *arena = g->call->arena;
    size_t size = g->field_count * sizeof(*texts);
    if (g->count == g->cap) {
        size_t cap = g->cap != 0 ? g->cap * 2 : 32;
        struct group *larger = mill_arena_zero(arena, cap, sizeof(*larger));
        if (larger == NULL)
            return NULL;
        if (g->count > 0)
            memcpy(larger, g->groups, g->count * sizeof(*larger));
        g->groups = larger;
        g->cap = cap;
    }
    struct mill_view *copy = mill_arena_alloc(arena, size);
    if (copy == NULL || !mill_map_set(&g->by_hash, hash, g->count))
        return NULL;
    memcpy(copy, texts, size);
    g->groups[g->count] = (struct group){.texts = copy,
                                         .field_count = g->field_count,
                                         .number = g->count,
                                         .last_start_time = MILL_ABSENT};
    return &g->groups[g->count++];
}

static struct group *group_of(struct grouping *g, const struct mill_run *run)
{
    struct mill_view texts[MILL_MAX_GROUP_FIELDS];
    uint64_t found;
    for (size_t i = 0; i < g->field_count; i++)
        texts[i] = mill_run_field_text(run, &g->fields[i], g->call->arena);
    uint64_t hash = hash_of(texts, g->field_count);
    while (mill_map_get(&g->by_hash, hash, &found)) {
        if (same_texts(g->groups[found].texts, texts, g->field_count))
            return &g->groups[found];
        hash++; /* other texts with the same hash */
    }
    return make_group(g, texts, hash);
}

static enum mill_status find_groups(struct grouping *g, struct mill_error *err)
{
    size_t count = g->call->page.count;
    g->members = mill_arena_zero(g->call->arena, count, sizeof(*g->members));
    if (g->members == NULL)
        return mill_no_memory(err);
    for (size_t i = 0; i < count; i++) {
        const struct mill_run *run = mill_run_page_read(&g->call->page, i, &g->scratch);
        struct group *group = run != NULL ? group_of(g, run) : NULL;
        if (group == NULL)
            return mill_no_memory(err);
        g->members[i] = (uint32_t)group->number;
        group->runs++;
        if (run->info.start_time > group->last_start_time)
            group->last_start_time = run->info.start_time;
    }
    return MILL_OK;
}

static int by_texts(const void *a, const void *b)
{
    const struct group *x = a, *y = b;
    for (size_t i = 0; i < x->field_count; i++) {
        int order = mill_value_order(&x->texts[i], &y->texts[i]);
        if (order != 0)
            return order;
    }
    return 0;
}

/* --- figures ------------------------------------------------------------------------------ */

static void add_value(struct figures *f, double value)
{
    if (!mill_metric_finite(value))
        return;
    f->min = f->runs == 0 || value < f->min ? value : f->min;
    f->max = f->runs == 0 || value > f->max ? value : f->max;
    f->sum += value;
    f->runs++;
}

/* Looks at the runs again, for the groups that are told: the first `told` of the sorted ones.
 */
static enum mill_status sum_up(struct grouping *g, size_t told, struct mill_error *err)
{
    const struct mill_runs_groups_request *request = g->call->request;
    size_t keys = request->metrics_count;
    struct figures **places =
        mill_arena_zero(g->call->arena, g->count, sizeof(struct figures *));
    struct figures *all = mill_arena_zero(g->call->arena, told * keys, sizeof(*all));
    if (places == NULL || all == NULL)
        return mill_no_memory(err);
    for (size_t i = 0; i < told; i++)
        places[g->groups[i].number] = g->groups[i].figures = all + i * keys;
    for (size_t i = 0; keys > 0 && i < g->call->page.count; i++) {
        struct figures *figures = places[g->members[i]];
        if (figures == NULL)
            continue;
        const struct mill_run *run = mill_run_page_read(&g->call->page, i, &g->scratch);
        if (run == NULL)
            return mill_no_memory(err);
        for (size_t k = 0; k < keys; k++) {
            const struct mill_metric *metric = mill_run_metric(run, request->metrics[k]);
            if (metric != NULL)
                add_value(&figures[k], metric->value);
        }
    }
    return MILL_OK;
}

static enum mill_status write_figures(const struct figures *figures, size_t count,
                                      struct mill_arena *arena, struct mill_view *out,
                                      struct mill_error *err)
{
    struct mill_buf text = {0};
    for (size_t k = 0; k < count; k++) {
        const struct figures *f = &figures[k];
        mill_buf_add_char(&text, k == 0 ? '[' : ',');
        if (f->runs == 0) {
            mill_buf_add_view(&text, MILL_VIEW("null"));
            continue;
        }
        mill_buf_printf(&text, "{\"runs\":%zu,\"min\":", f->runs);
        mill_encode_double(&text, f->min);
        mill_buf_add_view(&text, MILL_VIEW(",\"mean\":"));
        mill_encode_double(&text, f->sum / (double)f->runs);
        mill_buf_add_view(&text, MILL_VIEW(",\"max\":"));
        mill_encode_double(&text, f->max);
        mill_buf_add_char(&text, '}');
    }
    mill_buf_add_char(&text, ']');
    *out = mill_arena_copy(arena, mill_buf_view(&text));
    bool complete = !text.failed && out->ptr != NULL;
    mill_buf_release(&text);
    return complete ? MILL_OK : mill_no_memory(err);
}

/* --- answers ------------------------------------------------------------------------------ */

static enum mill_status tell_group(const struct grouping *g, const struct group *group,
                                   struct mill_run_group *out, struct mill_error *err)
{
    const struct mill_runs_groups_request *request = g->call->request;
    struct mill_group_item *items =
        mill_arena_zero(g->call->arena, g->field_count, sizeof(*items));
    if (items == NULL)
        return mill_no_memory(err);
    for (size_t i = 0; i < g->field_count; i++)
        items[i] = (struct mill_group_item){request->by[i], group->texts[i]};
    mill_message_init(&mill_run_group_message, out);
    out->group = items;
    out->group_count = g->field_count;
    out->runs = group->runs;
    out->last_start_time = group->last_start_time;
    return request->metrics_count == 0 ? MILL_OK
                                       : write_figures(group->figures, request->metrics_count,
                                                       g->call->arena, &out->metrics, err);
}

static enum mill_status answer(struct grouping *g, struct mill_error *err)
{
    const struct mill_runs_groups_request *request = g->call->request;
    struct mill_runs_groups_response *response = g->call->response;
    enum mill_status st = find_groups(g, err);
    if (st != MILL_OK)
        return st;
    if (g->count > 1)
        qsort(g->groups, g->count, sizeof(*g->groups), by_texts);
    size_t told =
        (uint64_t)request->max_results < g->count ? (size_t)request->max_results : g->count;
    struct mill_run_group *groups = mill_arena_zero(g->call->arena, told, sizeof(*groups));
    if (groups == NULL)
        return mill_no_memory(err);
    st = sum_up(g, told, err);
    for (size_t i = 0; st == MILL_OK && i < told; i++)
        st = tell_group(g, &g->groups[i], &groups[i], err);
    response->runs = (int64_t)g->call->page.count;
    response->total = (int64_t)g->count;
    response->groups = groups;
    response->groups_count = told;
    return st;
}

enum mill_status mill_read_runs_groups(struct mill_call *call, struct mill_error *err)
{
    const struct mill_runs_groups_request *request = call->request;
    struct mill_runs_groups_response *response = call->response;
    struct grouping g = {.call = call, .field_count = request->by_count};
    struct mill_run_finder finder = {.name = NULL};
    response->generation = mill_changes_generation(call->changes);
    if (request->max_results < 1 || request->max_results > MILL_MAX_GROUPS)
        return mill_fail(err, MILL_E_INVALID, "max_results: must be 1 to %d, got %lld",
                         MILL_MAX_GROUPS, (long long)request->max_results);
    if (request->by_count == 0)
        return mill_fail(err, MILL_E_INVALID, "by: missing; send 1 to %d fields",
                         MILL_MAX_GROUP_FIELDS);
    enum mill_status st =
        mill_run_finder_fields("by", request->by, request->by_count, g.fields, err);
    if (st == MILL_OK)
        st = mill_run_finder_init(call, request->choice, NULL, 0, &finder, err);
    if (st == MILL_OK)
        st = mill_run_finder_all(call, &finder, err);
    mill_run_finder_release(&finder);
    if (st == MILL_OK)
        st = answer(&g, err);
    mill_map_release(&g.by_hash);
    mill_run_scratch_release(&g.scratch);
    return st;
}
