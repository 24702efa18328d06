/* run_counts.c - mill_store_count_runs, for stores that cannot count by themselves too. */
#include "base/alloc.h"
#include "model/limits.h"
#include "store/entity.h"
#include "store/store.h"

/* The experiments of all runs, by id. */
static enum mill_status experiment_ids(struct mill_store *store, struct mill_arena *arena,
                                       int64_t **ids_out, size_t *count_out,
                                       struct mill_error *err)
{
    const struct mill_plan plan = {.subject = MILL_QUERY_EXPERIMENTS};
    const struct mill_experiment_search search = {
        .view_type = MILL_VIEW_ALL, .plan = &plan, .limit = MILL_MAX_SEARCH_RESULTS};
    struct mill_experiment_page page = {0};
    enum mill_status st = mill_store_search_experiments(store, &search, arena, &page, err);
    int64_t *ids = mill_arena_zero(arena, page.count, sizeof(*ids));
    if (st == MILL_OK && ids == NULL)
        st = mill_fail(err, MILL_E_NOMEM, "out of memory to count runs");
    if (st != MILL_OK)
        return st;
    for (size_t i = 0; i < page.count; i++)
        ids[i] = page.experiments[i].experiment_id;
    mill_sort_ids(ids, page.count);
    *ids_out = ids;
    *count_out = page.count;
    return MILL_OK;
}

static void count_run(struct mill_run_count *count, const struct mill_run_info *info)
{
    count->runs++;
    count->running += info->status == MILL_RUN_RUNNING;
    if (info->start_time > count->last_activity)
        count->last_activity = info->start_time;
    if (info->end_time > count->last_activity)
        count->last_activity = info->end_time;
}

/* One experiment; nothing is added for one without runs. */
static enum mill_status count_by_looking(struct mill_store *store, int64_t id,
                                         struct mill_run_count *counts, size_t *count,
                                         struct mill_error *err)
{
    const struct mill_plan plan = {.subject = MILL_QUERY_RUNS};
    const struct mill_run_search search = {.experiment_ids = &id,
                                           .experiment_count = 1,
                                           .view_type = MILL_VIEW_ACTIVE_ONLY,
                                           .plan = &plan,
                                           .limit = MILL_MAX_BULK_RUNS,
                                           .info_only = true,
                                           .bulk = true,
                                           .lean = true,
                                           .unordered = true};
    struct mill_run_page page = {0};
    enum mill_status st = mill_store_search_runs(store, &search, &page, err);
    if (st != MILL_OK)
        return st;
    struct mill_run_scratch scratch = {0};
    counts[*count] = (struct mill_run_count){.experiment_id = id};
    for (size_t i = 0; st == MILL_OK && i < page.count; i++) {
        const struct mill_run *run = mill_run_page_read(&page, i, &scratch);
        if (run != NULL)
            count_run(&counts[*count], &run->info);
        else
            st = mill_no_memory(err);
    }
    *count += page.count > 0;
    mill_run_scratch_release(&scratch);
    mill_run_page_release(&page);
    return st;
}

enum mill_status mill_store_count_runs(struct mill_store *store, struct mill_arena *arena,
                                       const struct mill_run_count **out, size_t *count_out,
                                       struct mill_error *err)
{
    int64_t *ids = NULL;
    size_t id_count = 0;
    if (store->ops->count_runs != NULL)
        return store->ops->count_runs(store, arena, out, count_out, err);
    enum mill_status st = experiment_ids(store, arena, &ids, &id_count, err);
    struct mill_run_count *counts = mill_arena_zero(arena, id_count + 1, sizeof(*counts));
    size_t count = 0;
    if (st == MILL_OK && counts == NULL)
        st = mill_fail(err, MILL_E_NOMEM, "out of memory to count runs");
    for (size_t i = 0; st == MILL_OK && i < id_count; i++)
        st = count_by_looking(store, ids[i], counts, &count, err);
    if (st != MILL_OK)
        return st;
    *out = counts;
    *count_out = count;
    return MILL_OK;
}
