/* handlers_datasets.c - which datasets the runs of experiments read. */
#include "base/alloc.h"
#include "base/view.h"
#include "model/limits.h"
#include "server/handlers.h"
#include "wire/messages.h"

/* Experiments in one request, datasets in one answer; runs looked at a time. */
#define MAX_EXPERIMENTS 20
#define MAX_SUMMARIES   1000
#define RUNS_AT_ONCE    1000

/* Says what a dataset was read for. */
#define CONTEXT_TAG "mlflow.data.context"

struct summaries {
    struct mill_arena *arena;
    struct mill_dataset_summary *items;
    uint64_t *hashes; /* of the items, to compare few of them */
    size_t count;
};

static struct mill_view context_of(const struct mill_dataset_input *input)
{
    for (size_t i = 0; i < input->tag_count; i++)
        if (mill_view_eq(input->tags[i].key, MILL_VIEW(CONTEXT_TAG)))
            return input->tags[i].value;
    return (struct mill_view){NULL, 0};
}

static bool same(const struct mill_dataset_summary *a, const struct mill_dataset_summary *b)
{
    return a->experiment_id == b->experiment_id && mill_view_eq(a->name, b->name) &&
           mill_view_eq(a->digest, b->digest) && mill_view_eq(a->context, b->context);
}

/* False when out of memory. */
static bool add_input(struct summaries *s, int64_t experiment_id,
                      const struct mill_dataset_input *input)
{
    struct mill_dataset_summary item = {.experiment_id = experiment_id,
                                        .name = input->dataset.name,
                                        .digest = input->dataset.digest,
                                        .context = context_of(input)};
    uint64_t hash = mill_view_hash(item.digest) ^ mill_view_hash(item.name);
    for (size_t i = 0; i < s->count; i++)
        if (s->hashes[i] == hash && same(&s->items[i], &item))
            return true;
    if (s->count == MAX_SUMMARIES)
        return true;
    bool has_context = item.context.ptr != NULL;
    item.name = mill_arena_copy(s->arena, item.name);
    item.digest = mill_arena_copy(s->arena, item.digest);
    item.context = mill_arena_copy(s->arena, item.context);
    if (item.name.ptr == NULL || item.digest.ptr == NULL ||
        (has_context && item.context.ptr == NULL))
        return false;
    s->hashes[s->count] = hash;
    s->items[s->count++] = item;
    return true;
}

/* One page of runs; *more_out says whether there are others behind it. */
static enum mill_status add_page(struct mill_call *call, struct summaries *s,
                                 const struct mill_run_search *search, bool *more_out,
                                 struct mill_error *err)
{
    struct mill_run_page page = {0};
    bool enough = true;
    enum mill_status st = mill_store_search_runs(call->store, search, &page, err);
    if (st != MILL_OK)
        return st;
    for (size_t i = 0; i < page.count && enough; i++)
        for (size_t d = 0; d < page.runs[i]->dataset_input_count && enough; d++)
            enough = add_input(s, page.runs[i]->info.experiment_id,
                               &page.runs[i]->dataset_inputs[d]);
    *more_out = page.more;
    mill_run_page_release(&page);
    return enough ? MILL_OK : mill_no_memory(err);
}

enum mill_status mill_read_search_datasets(struct mill_call *call, struct mill_error *err)
{
    const struct mill_search_datasets_request *request = call->request;
    struct mill_search_datasets_response *response = call->response;
    struct summaries s = {
        .arena = call->arena,
        .items = mill_arena_zero(call->arena, MAX_SUMMARIES, sizeof(*s.items)),
        .hashes = mill_arena_zero(call->arena, MAX_SUMMARIES, sizeof(*s.hashes))};
    struct mill_plan plan;
    bool more = true;
    if (s.items == NULL || s.hashes == NULL)
        return mill_no_memory(err);
    if (request->experiment_ids_count < 1 || request->experiment_ids_count > MAX_EXPERIMENTS)
        return mill_fail(err, MILL_E_INVALID,
                         "experiment_ids: must be 1 to %d experiments, got %zu",
                         MAX_EXPERIMENTS, request->experiment_ids_count);
    enum mill_status st = mill_query_parse(MILL_QUERY_RUNS, (struct mill_view){NULL, 0}, NULL,
                                           0, call->arena, &plan, err);
    struct mill_run_search search = {.experiment_ids = request->experiment_ids,
                                     .experiment_count = request->experiment_ids_count,
                                     .view_type = MILL_VIEW_ACTIVE_ONLY,
                                     .plan = &plan,
                                     .limit = RUNS_AT_ONCE};
    for (; st == MILL_OK && more; search.offset += RUNS_AT_ONCE)
        st = add_page(call, &s, &search, &more, err);
    response->dataset_summaries = s.items;
    response->dataset_summaries_count = s.count;
    return st;
}
