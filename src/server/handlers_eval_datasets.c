/* handlers_eval_datasets.c - evaluation datasets: questions with expected answers. Clients send
 * and get tags, schemas and records as JSON inside of texts. */
#include "base/alloc.h"
#include "base/clock.h"
#include "base/view.h"
#include "model/limits.h"
#include "server/handlers.h"
#include "store/evaluation.h"
#include "wire/decode.h"
#include "wire/eval_json.h"
#include "wire/messages.h"
#include "wire/token.h"

static struct mill_view find_tag(const struct mill_tag *tags, size_t count, const char *key)
{
    for (size_t i = 0; i < count; i++)
        if (mill_view_eq(tags[i].key, mill_view_of(key)))
            return tags[i].value;
    return (struct mill_view){NULL, 0};
}

/* The dataset as it is written; its parts in the call's arena. */
static enum mill_status fill(struct mill_call *call,
                             const struct mill_eval_dataset_row *dataset,
                             struct mill_eval_dataset_entity *out, struct mill_error *err)
{
    mill_message_init(&mill_eval_dataset_entity_message, out);
    out->dataset_id = dataset->dataset_id;
    out->name = dataset->name;
    out->digest = dataset->digest;
    out->created_time = dataset->created_time;
    out->last_update_time = dataset->last_update_time;
    out->created_by = dataset->created_by;
    out->last_updated_by = dataset->last_updated_by;
    return mill_eval_dataset_json(dataset, call->arena, &out->tags, &out->schema, &out->profile,
                                  err);
}

static enum mill_status answer(struct mill_call *call,
                               const struct mill_eval_dataset_row *dataset,
                               struct mill_error *err)
{
    struct mill_eval_dataset_response *response = call->response;
    struct mill_eval_dataset_entity *entity = mill_arena_zero(call->arena, 1, sizeof(*entity));
    if (entity == NULL)
        return mill_no_memory(err);
    response->dataset = entity;
    return fill(call, dataset, entity, err);
}

/* Without memory for it the answer has no dataset; the change is done. */
void mill_reply_eval_dataset(struct mill_call *call, const struct mill_outcome *outcome)
{
    if (answer(call, outcome->eval_dataset, NULL) != MILL_OK)
        ((struct mill_eval_dataset_response *)call->response)->dataset = NULL;
}

/* Only here the links are told: clients ask for them when they need them. */
void mill_reply_create_eval_dataset(struct mill_call *call, const struct mill_outcome *outcome)
{
    const struct mill_eval_dataset_response *response = call->response;
    mill_reply_eval_dataset(call, outcome);
    if (response->dataset == NULL)
        return;
    struct mill_eval_dataset_entity *entity =
        (struct mill_eval_dataset_entity *)(uintptr_t)response->dataset;
    entity->experiment_ids = outcome->eval_dataset->experiment_ids;
    entity->experiment_ids_count = outcome->eval_dataset->experiment_count;
}

enum mill_status mill_change_create_eval_dataset(struct mill_call *call,
                                                 struct mill_change *change,
                                                 struct mill_error *err)
{
    const struct mill_create_eval_dataset_request *request = call->request;
    char id[33];
    mill_random_hex32(id);
    change->kind = MILL_CHANGE_CREATE_EVAL_DATASET;
    change->as.eval_dataset.dataset_id = mill_arena_printf(call->arena, "d-%s", id);
    change->as.eval_dataset.name = request->name;
    change->as.eval_dataset.experiment_ids = request->experiment_ids;
    change->as.eval_dataset.experiment_count = request->experiment_ids_count;
    if (change->as.eval_dataset.dataset_id.ptr == NULL)
        return mill_no_memory(err);
    enum mill_status st =
        mill_eval_read_tags(request->tags, call->arena, &change->as.eval_dataset.tags,
                            &change->as.eval_dataset.tag_count, err);
    change->as.eval_dataset.user = find_tag(
        change->as.eval_dataset.tags, change->as.eval_dataset.tag_count, MILL_EVAL_USER_TAG);
    return st;
}

enum mill_status mill_read_eval_dataset_call(struct mill_call *call, struct mill_error *err)
{
    struct mill_eval_dataset_row dataset;
    enum mill_status st = mill_store_get_eval_dataset(call->store, call->path_params[0],
                                                      call->arena, &dataset, err);
    return st == MILL_OK ? answer(call, &dataset, err) : st;
}

/* A change of the dataset in the path. */
static void begin(struct mill_call *call, struct mill_change *change,
                  enum mill_change_kind kind)
{
    change->kind = kind;
    change->as.eval_dataset.dataset_id = call->path_params[0];
}

enum mill_status mill_change_delete_eval_dataset(struct mill_call *call,
                                                 struct mill_change *change,
                                                 struct mill_error *err)
{
    (void)err;
    begin(call, change, MILL_CHANGE_DELETE_EVAL_DATASET);
    return MILL_OK;
}

enum mill_status mill_change_set_eval_dataset_tags(struct mill_call *call,
                                                   struct mill_change *change,
                                                   struct mill_error *err)
{
    const struct mill_set_eval_dataset_tags_request *request = call->request;
    begin(call, change, MILL_CHANGE_TAG_EVAL_DATASET);
    return mill_eval_read_tags(request->tags, call->arena, &change->as.eval_dataset.tags,
                               &change->as.eval_dataset.tag_count, err);
}

enum mill_status mill_change_delete_eval_dataset_tag(struct mill_call *call,
                                                     struct mill_change *change,
                                                     struct mill_error *err)
{
    struct mill_tag *tag = mill_arena_zero(call->arena, 1, sizeof(*tag));
    if (tag == NULL)
        return mill_no_memory(err);
    tag->key = call->path_params[1];
    begin(call, change, MILL_CHANGE_UNTAG_EVAL_DATASET);
    change->as.eval_dataset.tags = tag;
    change->as.eval_dataset.tag_count = 1;
    return MILL_OK;
}

static enum mill_status change_links(struct mill_call *call, struct mill_change *change,
                                     enum mill_change_kind kind)
{
    const struct mill_eval_experiments_message *request = call->request;
    begin(call, change, kind);
    change->as.eval_dataset.experiment_ids = request->experiment_ids;
    change->as.eval_dataset.experiment_count = request->experiment_ids_count;
    return MILL_OK;
}

enum mill_status mill_change_link_eval_dataset(struct mill_call *call,
                                               struct mill_change *change,
                                               struct mill_error *err)
{
    (void)err;
    return change_links(call, change, MILL_CHANGE_LINK_EVAL_DATASET);
}

enum mill_status mill_change_unlink_eval_dataset(struct mill_call *call,
                                                 struct mill_change *change,
                                                 struct mill_error *err)
{
    (void)err;
    return change_links(call, change, MILL_CHANGE_UNLINK_EVAL_DATASET);
}

enum mill_status mill_read_eval_dataset_experiments(struct mill_call *call,
                                                    struct mill_error *err)
{
    struct mill_eval_experiments_message *response = call->response;
    struct mill_eval_dataset_row dataset = {0};
    enum mill_status st = mill_store_get_eval_dataset(call->store, call->path_params[0],
                                                      call->arena, &dataset, err);
    response->experiment_ids = dataset.experiment_ids;
    response->experiment_ids_count = dataset.experiment_count;
    /* Of a dataset that is gone, clients get none. */
    return st == MILL_E_NOT_FOUND ? MILL_OK : st;
}

/* --- search ------------------------------------------------------------------------------ */

static enum mill_status check_limit(int64_t limit, struct mill_error *err)
{
    if (limit >= 1 && limit <= MILL_MAX_SEARCH_RESULTS)
        return MILL_OK;
    return mill_fail(err, MILL_E_INVALID, "max_results: must be 1 to %d, got %lld",
                     MILL_MAX_SEARCH_RESULTS, (long long)limit);
}

/* The token of the page behind this one, if there is one. */
static enum mill_status next_token(struct mill_call *call, bool more, int64_t offset,
                                   size_t count, struct mill_view *out, struct mill_error *err)
{
    if (!more)
        return MILL_OK;
    *out = mill_token_encode(offset + (int64_t)count, call->arena);
    return out->ptr != NULL ? MILL_OK : mill_no_memory(err);
}

static enum mill_status read_search(struct mill_call *call, struct mill_plan *plan,
                                    struct mill_eval_dataset_search *search,
                                    struct mill_error *err)
{
    const struct mill_search_eval_datasets_request *request = call->request;
    enum mill_status st = check_limit(request->max_results, err);
    if (st == MILL_OK)
        st = mill_token_decode(request->page_token, call->arena, &search->offset, err);
    if (st == MILL_OK)
        st = mill_query_parse(MILL_QUERY_EVAL_DATASETS, request->filter_string,
                              request->order_by, request->order_by_count, call->arena, plan,
                              err);
    search->experiment_ids = request->experiment_ids;
    search->experiment_count = request->experiment_ids_count;
    search->plan = plan;
    search->limit = request->max_results;
    return st;
}

enum mill_status mill_read_search_eval_datasets(struct mill_call *call, struct mill_error *err)
{
    struct mill_search_eval_datasets_response *response = call->response;
    struct mill_eval_dataset_search search = {0};
    struct mill_eval_dataset_page page = {0};
    struct mill_plan plan;
    enum mill_status st = read_search(call, &plan, &search, err);
    if (st == MILL_OK)
        st = mill_store_search_eval_datasets(call->store, &search, call->arena, &page, err);
    if (st != MILL_OK)
        return st;
    struct mill_eval_dataset_entity *entities =
        mill_arena_zero(call->arena, page.count, sizeof(*entities));
    if (entities == NULL)
        return mill_no_memory(err);
    for (size_t i = 0; st == MILL_OK && i < page.count; i++)
        st = fill(call, &page.datasets[i], &entities[i], err);
    response->datasets = entities;
    response->datasets_count = page.count;
    return st == MILL_OK ? next_token(call, page.more, search.offset, page.count,
                                      &response->next_page_token, err)
                         : st;
}

/* --- records ----------------------------------------------------------------------------- */

enum mill_status mill_change_upsert_eval_records(struct mill_call *call,
                                                 struct mill_change *change,
                                                 struct mill_error *err)
{
    const struct mill_upsert_eval_records_request *request = call->request;
    struct mill_eval_records records;
    enum mill_status st = mill_eval_read_records(request->records, call->arena, &records, err);
    if (st != MILL_OK)
        return st;
    change->kind = MILL_CHANGE_ADD_EVAL_RECORDS;
    change->as.eval_records.dataset_id = call->path_params[0];
    change->as.eval_records.records = records.items;
    change->as.eval_records.record_count = records.count;
    change->as.eval_records.fields = records.fields;
    change->as.eval_records.field_count = records.field_count;
    for (size_t i = 0; i < records.count; i++)
        if (records.items[i].user.ptr != NULL)
            change->as.eval_records.user = records.items[i].user;
    return MILL_OK;
}

void mill_reply_upsert_eval_records(struct mill_call *call, const struct mill_outcome *outcome)
{
    struct mill_upsert_eval_records_response *response = call->response;
    response->inserted_count = outcome->inserted;
    response->updated_count = outcome->updated;
}

enum mill_status mill_change_delete_eval_records(struct mill_call *call,
                                                 struct mill_change *change,
                                                 struct mill_error *err)
{
    const struct mill_delete_eval_records_request *request = call->request;
    (void)err;
    change->kind = MILL_CHANGE_DELETE_EVAL_RECORDS;
    change->as.eval_records.dataset_id = call->path_params[0];
    change->as.eval_records.record_ids = request->dataset_record_ids;
    change->as.eval_records.record_id_count = request->dataset_record_ids_count;
    return MILL_OK;
}

void mill_reply_delete_eval_records(struct mill_call *call, const struct mill_outcome *outcome)
{
    struct mill_delete_eval_records_response *response = call->response;
    response->deleted_count = outcome->deleted;
}

enum mill_status mill_read_eval_records(struct mill_call *call, struct mill_error *err)
{
    const struct mill_get_eval_records_request *request = call->request;
    struct mill_get_eval_records_response *response = call->response;
    struct mill_eval_record_page page = {0};
    int64_t limit = request->max_results != 0 ? request->max_results : 1000;
    int64_t offset = 0;
    enum mill_status st = check_limit(limit, err);
    if (st == MILL_OK)
        st = mill_token_decode(request->page_token, call->arena, &offset, err);
    if (st == MILL_OK)
        st = mill_store_list_eval_records(call->store, call->path_params[0], offset, limit,
                                          call->arena, &page, err);
    if (st == MILL_OK)
        st = mill_eval_records_json(page.records, page.count, call->path_params[0], call->arena,
                                    &response->records, err);
    return st == MILL_OK ? next_token(call, page.more, offset, page.count,
                                      &response->next_page_token, err)
                         : st;
}
