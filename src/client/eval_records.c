/* eval_records.c - the calls of <millstream/eval_datasets.h> about records. */
#include "base/alloc.h"
#include "base/json_text.h"
#include "base/view.h"
#include "client/client.h"
#include "model/check.h"
#include "model/evaluation.h"
#include "model/limits.h"
#include "wire/eval_json.h"

/* --- completing what is added ---------------------------------------------------------- */

/* Where it comes from, when its author has not said so. */
static void add_source(struct mill_eval_record_row *record)
{
    if (record->source.ptr != NULL)
        return;
    if (record->expectation_count > 0) {
        record->source = MILL_VIEW("{\"source_type\": \"HUMAN\", \"source_data\": {}}");
        record->source_type = MILL_VIEW("HUMAN");
    } else if (!record->has_expectations) {
        record->source = MILL_VIEW("{\"source_type\": \"CODE\", \"source_data\": {}}");
        record->source_type = MILL_VIEW("CODE");
    }
}

static bool has_user(const struct mill_eval_record_row *record)
{
    for (size_t i = 0; i < record->tag_count; i++)
        if (mill_view_eq(record->tags[i].key, MILL_VIEW(MILL_EVAL_USER_TAG)))
            return true;
    return false;
}

/* Another tag, whose value is JSON. */
static bool add_user(struct mill_eval_record_row *record, struct mill_view user,
                     struct mill_view user_json, struct mill_arena *arena)
{
    struct mill_tag *tags = mill_arena_zero(arena, record->tag_count + 1, sizeof(*tags));
    if (tags == NULL)
        return false;
    if (record->tag_count != 0)
        memcpy(tags, record->tags, record->tag_count * sizeof(*tags));
    tags[record->tag_count++] = (struct mill_tag){MILL_VIEW(MILL_EVAL_USER_TAG), user_json};
    record->tags = tags;
    record->user = user;
    return true;
}

static enum mill_status complete(struct mill_eval_records *records, struct mill_arena *arena,
                                 struct mill_error *err)
{
    struct mill_view user = mill_current_user(arena);
    struct mill_buf json = {0};
    mill_buf_add_json_string(&json, user);
    struct mill_view user_json = mill_arena_copy(arena, mill_buf_view(&json));
    bool fits = !json.failed && user_json.ptr != NULL;
    mill_buf_release(&json);
    for (size_t i = 0; fits && i < records->count; i++) {
        add_source(&records->items[i]);
        if (user.ptr != NULL && !has_user(&records->items[i]))
            fits = add_user(&records->items[i], user, user_json, arena);
    }
    return fits ? MILL_OK : mill_no_memory(err);
}

/* --- calls ----------------------------------------------------------------------------- */

/* Puts a count where its caller wants it. */
static void give_count(int64_t count, int64_t *out)
{
    if (out != NULL)
        *out = count;
}

static enum mill_status merge(struct mill_client *client, struct mill_view dataset_id,
                              struct mill_view text, struct mill_outcome *outcome,
                              struct mill_error *err)
{
    struct mill_eval_records records;
    enum mill_status st = mill_eval_read_records(text, outcome->arena, &records, err);
    if (st == MILL_OK)
        st = complete(&records, outcome->arena, err);
    if (st != MILL_OK)
        return st;
    struct mill_change change = {.kind = MILL_CHANGE_ADD_EVAL_RECORDS,
                                 .as.eval_records = {.dataset_id = dataset_id,
                                                     .records = records.items,
                                                     .record_count = records.count,
                                                     .fields = records.fields,
                                                     .field_count = records.field_count}};
    if (records.count != 0)
        change.as.eval_records.user = records.items[records.count - 1].user;
    return mill_client_apply(client, &change, outcome, err);
}

enum mill_status mill_client_merge_eval_records(struct mill_client *client,
                                                struct mill_view dataset_id,
                                                struct mill_view records, int64_t *inserted_out,
                                                int64_t *updated_out, struct mill_error *err)
{
    struct mill_arena arena = {0};
    struct mill_outcome outcome = {.arena = &arena};
    enum mill_status st = mill_check_call(client, client, "client", err);
    if (st == MILL_OK)
        st = mill_check_needed("dataset_id", dataset_id, MILL_MAX_MODEL_ID, err);
    if (st == MILL_OK)
        st = mill_check_needed("records", records, SIZE_MAX, err);
    if (st == MILL_OK)
        st = merge(client, dataset_id, records, &outcome, err);
    if (st == MILL_OK) {
        give_count(outcome.inserted, inserted_out);
        give_count(outcome.updated, updated_out);
    }
    mill_arena_release(&arena);
    return st;
}

static enum mill_status list_records(struct mill_client *client, struct mill_view dataset_id,
                                     int64_t max_results, struct mill_view page_token,
                                     struct mill_eval_record_result *result,
                                     struct mill_error *err)
{
    const struct mill_eval_record *records = NULL;
    struct mill_view text = {NULL, 0};
    size_t count = 0;
    enum mill_status st = client->backend->ops->eval_records(
        client->backend, dataset_id, max_results, page_token, &result->arena, &text,
        &result->list.next_page_token, err);
    if (st == MILL_OK && text.len != 0)
        st = mill_eval_read_page(text, &result->arena, &records, &count, err);
    return st == MILL_OK ? mill_list_eval_records(result, records, count, err) : st;
}

enum mill_status mill_client_list_eval_records(struct mill_client *client,
                                               struct mill_view dataset_id, int64_t max_results,
                                               struct mill_view page_token,
                                               struct mill_eval_record_list **list_out,
                                               struct mill_error *err)
{
    enum mill_view_type all = MILL_VIEW_ALL;
    struct mill_query_parts parts = {
        .view_type = &all, .max_results = &max_results, .page_token = page_token};
    struct mill_eval_record_result *result = NULL;
    enum mill_status st = mill_check_needed("dataset_id", dataset_id, MILL_MAX_MODEL_ID, err);
    if (st == MILL_OK)
        st = mill_check_query(&parts, err);
    if (st == MILL_OK)
        st = mill_begin_eval_records(client, list_out, &result, err);
    if (st != MILL_OK)
        return st;
    st = list_records(client, dataset_id, max_results, page_token, result, err);
    return mill_give_eval_records(st, result, list_out);
}

enum mill_status mill_client_delete_eval_records(struct mill_client *client,
                                                 struct mill_view dataset_id,
                                                 const struct mill_view *record_ids,
                                                 size_t record_count, int64_t *deleted_out,
                                                 struct mill_error *err)
{
    struct mill_arena arena = {0};
    struct mill_outcome outcome = {.arena = &arena};
    struct mill_change change = {.kind = MILL_CHANGE_DELETE_EVAL_RECORDS,
                                 .as.eval_records = {.dataset_id = dataset_id,
                                                     .record_ids = record_ids,
                                                     .record_id_count = record_count}};
    enum mill_status st = MILL_OK;
    if (record_count > MILL_MAX_EVAL_RECORDS)
        st = mill_fail(err, MILL_E_INVALID, "record_ids has %zu items; at most %d are allowed",
                       record_count, MILL_MAX_EVAL_RECORDS);
    if (st == MILL_OK)
        st = mill_check_given("record_ids", record_ids, record_count, err);
    for (size_t i = 0; st == MILL_OK && i < record_count; i++)
        st = mill_check_needed("record_ids", record_ids[i], MILL_MAX_MODEL_ID, err);
    if (st == MILL_OK)
        st = mill_client_apply(client, &change, &outcome, err);
    if (st == MILL_OK)
        give_count(outcome.deleted, deleted_out);
    mill_arena_release(&arena);
    return st;
}
