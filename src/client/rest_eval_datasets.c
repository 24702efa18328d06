/* rest_eval_datasets.c - evaluation datasets of a tracking server, read for the public calls.
 */
#include "base/alloc.h"
#include "base/codec.h"
#include "base/view.h"
#include "client/backend_rest.h"
#include "wire/eval_json.h"
#include "wire/messages.h"

const char *mill_rest_eval_path(struct mill_view dataset_id, const char *rest,
                                struct mill_view last, struct mill_arena *arena)
{
    struct mill_buf path = {0};
    mill_buf_add_view(&path, MILL_VIEW("/api/3.0/mlflow/datasets/"));
    mill_percent_encode(&path, dataset_id, NULL);
    mill_buf_add_view(&path, mill_view_of(rest));
    mill_percent_encode(&path, last, NULL);
    mill_buf_add_char(&path, '\0');
    struct mill_view copy = path.failed ? (struct mill_view){NULL, 0}
                                        : mill_arena_copy(arena, mill_buf_view(&path));
    mill_buf_release(&path);
    return copy.ptr;
}

/* A GET of something about a dataset. */
static enum mill_status get(struct mill_backend *backend, struct mill_view dataset_id,
                            const char *rest, struct mill_buf *query,
                            const struct mill_message *response, void *answer,
                            struct mill_arena *arena, struct mill_error *err)
{
    const char *path =
        mill_rest_eval_path(dataset_id, rest, (struct mill_view){NULL, 0}, arena);
    if (path != NULL)
        return mill_rest_get(backend, path, query, response, answer, arena, err);
    mill_buf_release(query);
    return mill_no_memory(err);
}

static enum mill_status take_dataset(const struct mill_eval_dataset_entity *from,
                                     struct mill_arena *arena, struct mill_eval_dataset *out,
                                     struct mill_error *err)
{
    *out = (struct mill_eval_dataset){
        .dataset_id = from->dataset_id,
        .name = from->name,
        .digest = from->digest,
        .created_time = from->created_time,
        .last_update_time = from->last_update_time,
        .created_by = from->created_by,
        .last_updated_by = from->last_updated_by,
        .schema = from->schema,
        .profile = from->profile,
    };
    return mill_eval_read_tags(from->tags, arena, &out->tags, &out->tag_count, err);
}

static enum mill_status list_datasets(struct mill_eval_dataset_result *result,
                                      const struct mill_eval_dataset_entity *from, size_t count,
                                      struct mill_error *err)
{
    struct mill_eval_dataset *datasets =
        mill_arena_zero(&result->arena, count, sizeof(*datasets));
    enum mill_status st = datasets != NULL ? MILL_OK : mill_no_memory(err);
    for (size_t i = 0; st == MILL_OK && i < count; i++)
        st = take_dataset(&from[i], &result->arena, &datasets[i], err);
    return st == MILL_OK ? mill_list_eval_datasets(result, datasets, count, err) : st;
}

enum mill_status mill_rest_get_eval_dataset(struct mill_backend *backend,
                                            struct mill_view dataset_id,
                                            struct mill_eval_dataset_result *result,
                                            struct mill_error *err)
{
    struct mill_eval_dataset_response answer;
    struct mill_buf query = {0};
    enum mill_status st =
        get(backend, dataset_id, "", &query, &mill_eval_dataset_response_message, &answer,
            &result->arena, err);
    if (st == MILL_OK && answer.dataset == NULL)
        st = mill_fail(err, MILL_E_INTERNAL, "the server's answer has no dataset in it");
    return st == MILL_OK ? list_datasets(result, answer.dataset, 1, err) : st;
}

enum mill_status mill_rest_search_eval_datasets(struct mill_backend *backend,
                                                const struct mill_eval_dataset_query *query,
                                                struct mill_eval_dataset_result *result,
                                                struct mill_error *err)
{
    struct mill_search_eval_datasets_request request = {
        .experiment_ids = query->experiment_ids,
        .experiment_ids_count = query->experiment_count,
        .filter_string = query->filter,
        .max_results = query->max_results,
        .order_by = query->order_by,
        .order_by_count = query->order_by_count,
        .page_token = query->page_token,
    };
    struct mill_search_eval_datasets_response answer = {0};
    struct mill_rest_call call = {.path = "/api/3.0/mlflow/datasets/search",
                                  .request = &mill_search_eval_datasets_request_message,
                                  .value = &request,
                                  .response = &mill_search_eval_datasets_response_message,
                                  .answer = &answer,
                                  .arena = &result->arena};
    enum mill_status st =
        mill_rest_page(backend, &call, query->page_token, &answer.next_page_token,
                       &result->list.next_page_token, err);
    return st == MILL_OK ? list_datasets(result, answer.datasets, answer.datasets_count, err)
                         : st;
}

enum mill_status mill_rest_eval_dataset_experiments(struct mill_backend *backend,
                                                    struct mill_view dataset_id,
                                                    struct mill_arena *arena,
                                                    const int64_t **out, size_t *count_out,
                                                    struct mill_error *err)
{
    struct mill_eval_experiments_message answer;
    struct mill_buf query = {0};
    enum mill_status st = get(backend, dataset_id, "/experiment-ids", &query,
                              &mill_eval_experiments_message_message, &answer, arena, err);
    if (st != MILL_OK)
        return st;
    *out = answer.experiment_ids;
    *count_out = answer.experiment_ids_count;
    return MILL_OK;
}

enum mill_status mill_rest_eval_records(struct mill_backend *backend,
                                        struct mill_view dataset_id, int64_t max_results,
                                        struct mill_view page_token, struct mill_arena *arena,
                                        struct mill_view *text_out,
                                        struct mill_view *next_page_token_out,
                                        struct mill_error *err)
{
    struct mill_get_eval_records_response answer;
    struct mill_buf query = {0};
    mill_buf_printf(&query, "max_results=%lld", (long long)max_results);
    mill_rest_query(&query, "page_token", page_token);
    enum mill_status st = get(backend, dataset_id, "/records", &query,
                              &mill_get_eval_records_response_message, &answer, arena, err);
    if (st == MILL_OK)
        st = mill_rest_take_token(page_token, answer.next_page_token, next_page_token_out, err);
    if (st == MILL_OK)
        *text_out = answer.records;
    return st;
}
