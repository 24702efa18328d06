/* store_eval_datasets.c - evaluation datasets of a database, read for the public calls. */
#include "base/alloc.h"
#include "base/view.h"
#include "client/backend_store.h"
#include "store/evaluation.h"
#include "wire/eval_json.h"

static enum mill_status take_dataset(const struct mill_eval_dataset_row *from,
                                     struct mill_arena *arena, struct mill_eval_dataset *out,
                                     struct mill_error *err)
{
    struct mill_view tags_json;
    *out = (struct mill_eval_dataset){
        .dataset_id = from->dataset_id,
        .name = from->name,
        .digest = from->digest,
        .created_time = from->created_time,
        .last_update_time = from->last_update_time,
        .created_by = from->created_by,
        .last_updated_by = from->last_updated_by,
        .tags = from->tags,
        .tag_count = from->tag_count,
    };
    return mill_eval_dataset_json(from, arena, &tags_json, &out->schema, &out->profile, err);
}

static enum mill_status list_datasets(struct mill_eval_dataset_result *result,
                                      const struct mill_eval_dataset_row *from, size_t count,
                                      struct mill_error *err)
{
    struct mill_eval_dataset *datasets =
        mill_arena_zero(&result->arena, count, sizeof(*datasets));
    enum mill_status st = datasets != NULL ? MILL_OK : mill_no_memory(err);
    for (size_t i = 0; st == MILL_OK && i < count; i++)
        st = take_dataset(&from[i], &result->arena, &datasets[i], err);
    return st == MILL_OK ? mill_list_eval_datasets(result, datasets, count, err) : st;
}

enum mill_status mill_store_backend_get_eval_dataset(struct mill_backend *backend,
                                                     struct mill_view dataset_id,
                                                     struct mill_eval_dataset_result *result,
                                                     struct mill_error *err)
{
    struct mill_eval_dataset_row found;
    enum mill_status st = mill_store_get_eval_dataset(mill_store_backend_store(backend),
                                                      dataset_id, &result->arena, &found, err);
    return st == MILL_OK ? list_datasets(result, &found, 1, err) : st;
}

enum mill_status mill_store_backend_search_eval_datasets(
    struct mill_backend *backend, const struct mill_eval_dataset_query *query,
    struct mill_eval_dataset_result *result, struct mill_error *err)
{
    struct mill_plan plan;
    struct mill_eval_dataset_page page = {0};
    struct mill_eval_dataset_search search = {.experiment_ids = query->experiment_ids,
                                              .experiment_count = query->experiment_count,
                                              .plan = &plan,
                                              .limit = query->max_results};
    enum mill_status st = mill_store_backend_read_token(query->page_token, &search.offset, err);
    if (st == MILL_OK)
        st = mill_query_parse(MILL_QUERY_EVAL_DATASETS, query->filter, query->order_by,
                              query->order_by_count, &result->arena, &plan, err);
    if (st == MILL_OK)
        st = mill_store_search_eval_datasets(mill_store_backend_store(backend), &search,
                                             &result->arena, &page, err);
    if (st == MILL_OK)
        st = mill_store_backend_write_token(page.more, search.offset, page.count,
                                            &result->arena, &result->list.next_page_token, err);
    return st == MILL_OK ? list_datasets(result, page.datasets, page.count, err) : st;
}

enum mill_status mill_store_backend_eval_dataset_experiments(
    struct mill_backend *backend, struct mill_view dataset_id, struct mill_arena *arena,
    const int64_t **out, size_t *count_out, struct mill_error *err)
{
    struct mill_eval_dataset_row found = {.experiment_ids = NULL};
    struct mill_error missing = {""};
    enum mill_status st = mill_store_get_eval_dataset(mill_store_backend_store(backend),
                                                      dataset_id, arena, &found, &missing);
    if (st != MILL_OK && st != MILL_E_NOT_FOUND)
        return mill_fail(err, st, "%s", missing.message);
    *out = found.experiment_ids;
    *count_out = found.experiment_count;
    return MILL_OK;
}

enum mill_status mill_store_backend_eval_records(
    struct mill_backend *backend, struct mill_view dataset_id, int64_t max_results,
    struct mill_view page_token, struct mill_arena *arena, struct mill_view *text_out,
    struct mill_view *next_page_token_out, struct mill_error *err)
{
    struct mill_eval_record_page page = {0};
    int64_t offset = 0;
    enum mill_status st = mill_store_backend_read_token(page_token, &offset, err);
    if (st == MILL_OK)
        st = mill_store_list_eval_records(mill_store_backend_store(backend), dataset_id, offset,
                                          max_results, arena, &page, err);
    if (st == MILL_OK)
        st = mill_eval_records_json(page.records, page.count, dataset_id, arena, text_out, err);
    return st == MILL_OK ? mill_store_backend_write_token(page.more, offset, page.count, arena,
                                                          next_page_token_out, err)
                         : st;
}
