/* eval_datasets.c - the calls of <millstream/eval_datasets.h> about datasets; those about
 * records are in eval_records.c. */
#include "base/alloc.h"
#include "base/clock.h"
#include "base/view.h"
#include "client/client.h"
#include "model/check.h"
#include "model/evaluation.h"
#include "model/limits.h"

static enum mill_status check_id(struct mill_view dataset_id, struct mill_error *err)
{
    return mill_check_needed("dataset_id", dataset_id, MILL_MAX_MODEL_ID, err);
}

/* Experiments that a dataset is linked to: perhaps none. */
static enum mill_status check_experiments(const int64_t *ids, size_t count,
                                          struct mill_error *err)
{
    if (count > MILL_MAX_EVAL_EXPERIMENTS)
        return mill_fail(err, MILL_E_INVALID,
                         "experiment_ids has %zu items; at most %d are allowed", count,
                         MILL_MAX_EVAL_EXPERIMENTS);
    return count != 0 ? mill_check_experiments(ids, count, err) : MILL_OK;
}

/* --- making ---------------------------------------------------------------------------- */

/* Tells who made it: who runs this program, unless the caller's tags say so. */
static enum mill_status add_user(struct mill_change *change, struct mill_arena *arena,
                                 struct mill_error *err)
{
    size_t count = change->as.eval_dataset.tag_count;
    struct mill_tag *tags = mill_arena_zero(arena, count + 1, sizeof(*tags));
    if (tags == NULL)
        return mill_no_memory(err);
    if (count != 0)
        memcpy(tags, change->as.eval_dataset.tags, count * sizeof(*tags));
    for (size_t i = 0; i < count; i++)
        if (mill_view_eq(tags[i].key, MILL_VIEW(MILL_EVAL_USER_TAG)))
            change->as.eval_dataset.user = tags[i].value;
    if (change->as.eval_dataset.user.ptr == NULL) {
        struct mill_view user = mill_current_user(arena);
        tags[count] = (struct mill_tag){MILL_VIEW(MILL_EVAL_USER_TAG), user};
        change->as.eval_dataset.user = user;
        change->as.eval_dataset.tag_count += user.ptr != NULL ? 1 : 0;
    }
    change->as.eval_dataset.tags = tags;
    return MILL_OK;
}

/* A database takes the id that is chosen here, a server another. */
static enum mill_status make(struct mill_client *client,
                             const struct mill_new_eval_dataset *dataset,
                             struct mill_eval_dataset_result *result, struct mill_error *err)
{
    struct mill_outcome outcome = {.arena = &result->arena};
    struct mill_change change = {
        .kind = MILL_CHANGE_CREATE_EVAL_DATASET,
        .as.eval_dataset = {.name = dataset->name,
                            .tags = dataset->tags,
                            .tag_count = dataset->tag_count,
                            .experiment_ids = dataset->experiment_ids,
                            .experiment_count = dataset->experiment_count}};
    char id[33];
    mill_random_hex32(id);
    change.as.eval_dataset.dataset_id = mill_arena_printf(&result->arena, "d-%s", id);
    if (change.as.eval_dataset.dataset_id.ptr == NULL)
        return mill_no_memory(err);
    enum mill_status st = add_user(&change, &result->arena, err);
    if (st == MILL_OK)
        st = mill_client_apply(client, &change, &outcome, err);
    if (st == MILL_OK)
        st = client->backend->ops->get_eval_dataset(
            client->backend, outcome.eval_dataset->dataset_id, result, err);
    return st;
}

enum mill_status mill_client_create_eval_dataset(struct mill_client *client,
                                                 const struct mill_new_eval_dataset *dataset,
                                                 struct mill_eval_dataset_list **list_out,
                                                 struct mill_error *err)
{
    struct mill_new_eval_dataset d = {.size = sizeof(d)};
    struct mill_eval_dataset_result *result = NULL;
    enum mill_status st = mill_take_struct(
        &d, sizeof(d), MILL_FIRST(mill_new_eval_dataset, tag_count), dataset, "dataset", err);
    if (st == MILL_OK && dataset == NULL)
        st = mill_fail(err, MILL_E_INVALID, "dataset is NULL");
    if (st == MILL_OK)
        st = mill_check_needed("name", d.name, MILL_MAX_EVAL_NAME, err);
    if (st == MILL_OK)
        st = mill_check_tags(d.tags, d.tag_count, err);
    if (st == MILL_OK)
        st = check_experiments(d.experiment_ids, d.experiment_count, err);
    if (st == MILL_OK)
        st = mill_begin_eval_datasets(client, list_out, &result, err);
    return st == MILL_OK
               ? mill_give_eval_datasets(make(client, &d, result, err), result, list_out)
               : st;
}

/* --- finding --------------------------------------------------------------------------- */

enum mill_status mill_client_get_eval_dataset(struct mill_client *client,
                                              struct mill_view dataset_id,
                                              struct mill_eval_dataset_list **list_out,
                                              struct mill_error *err)
{
    struct mill_eval_dataset_result *result = NULL;
    enum mill_status st = check_id(dataset_id, err);
    if (st == MILL_OK)
        st = mill_begin_eval_datasets(client, list_out, &result, err);
    if (st != MILL_OK)
        return st;
    st = client->backend->ops->get_eval_dataset(client->backend, dataset_id, result, err);
    return mill_give_eval_datasets(st, result, list_out);
}

static enum mill_status take_query(struct mill_eval_dataset_query *q,
                                   const struct mill_eval_dataset_query *query,
                                   struct mill_error *err)
{
    enum mill_view_type all = MILL_VIEW_ALL;
    enum mill_status st = mill_take_struct(
        q, sizeof(*q), MILL_FIRST(mill_eval_dataset_query, page_token), query, "query", err);
    if (st == MILL_OK)
        st = check_experiments(q->experiment_ids, q->experiment_count, err);
    struct mill_query_parts parts = {&all,        &q->max_results,   q->filter,
                                     q->order_by, q->order_by_count, q->page_token};
    return st == MILL_OK ? mill_check_query(&parts, err) : st;
}

enum mill_status mill_client_search_eval_datasets(struct mill_client *client,
                                                  const struct mill_eval_dataset_query *query,
                                                  struct mill_eval_dataset_list **list_out,
                                                  struct mill_error *err)
{
    struct mill_eval_dataset_query q = {.size = sizeof(q)};
    struct mill_eval_dataset_result *result = NULL;
    enum mill_status st = take_query(&q, query, err);
    if (st == MILL_OK)
        st = mill_begin_eval_datasets(client, list_out, &result, err);
    if (st != MILL_OK)
        return st;
    st = client->backend->ops->search_eval_datasets(client->backend, &q, result, err);
    return mill_give_eval_datasets(st, result, list_out);
}

enum mill_status mill_client_eval_dataset_experiments(struct mill_client *client,
                                                      struct mill_view dataset_id, int64_t *ids,
                                                      size_t room, size_t *count_out,
                                                      struct mill_error *err)
{
    struct mill_arena arena = {0};
    const int64_t *found = NULL;
    size_t count = 0;
    enum mill_status st = mill_check_call(client, count_out, "count_out", err);
    if (st == MILL_OK)
        st = check_id(dataset_id, err);
    if (st == MILL_OK && ids == NULL && room > 0)
        st = mill_fail(err, MILL_E_INVALID, "ids is NULL");
    if (st == MILL_OK)
        st = client->backend->ops->eval_dataset_experiments(client->backend, dataset_id, &arena,
                                                            &found, &count, err);
    for (size_t i = 0; st == MILL_OK && i < count && i < room; i++)
        ids[i] = found[i];
    if (st == MILL_OK)
        *count_out = count;
    mill_arena_release(&arena);
    return st;
}

/* --- changing -------------------------------------------------------------------------- */

enum mill_status mill_client_delete_eval_dataset(struct mill_client *client,
                                                 struct mill_view dataset_id,
                                                 struct mill_error *err)
{
    struct mill_change change = {.kind = MILL_CHANGE_DELETE_EVAL_DATASET,
                                 .as.eval_dataset = {.dataset_id = dataset_id}};
    return mill_client_apply(client, &change, NULL, err);
}

static enum mill_status change_tag(struct mill_client *client, enum mill_change_kind kind,
                                   struct mill_view dataset_id, struct mill_tag tag,
                                   struct mill_error *err)
{
    struct mill_change change = {
        .kind = kind,
        .as.eval_dataset = {.dataset_id = dataset_id, .tags = &tag, .tag_count = 1}};
    enum mill_status st = mill_check_needed("key", tag.key, MILL_MAX_EVAL_KEY, err);
    if (st == MILL_OK)
        st = mill_check_optional("value", tag.value, MILL_MAX_EVAL_TAG_VALUE, err);
    return st == MILL_OK ? mill_client_apply(client, &change, NULL, err) : st;
}

enum mill_status mill_client_set_eval_dataset_tag(struct mill_client *client,
                                                  struct mill_view dataset_id,
                                                  struct mill_view key, struct mill_view value,
                                                  struct mill_error *err)
{
    struct mill_tag tag = {key, value.ptr != NULL || value.len != 0 ? value : MILL_VIEW("")};
    return change_tag(client, MILL_CHANGE_TAG_EVAL_DATASET, dataset_id, tag, err);
}

enum mill_status mill_client_delete_eval_dataset_tag(struct mill_client *client,
                                                     struct mill_view dataset_id,
                                                     struct mill_view key,
                                                     struct mill_error *err)
{
    struct mill_tag tag = {key, MILL_VIEW("")};
    return change_tag(client, MILL_CHANGE_UNTAG_EVAL_DATASET, dataset_id, tag, err);
}

static enum mill_status change_links(struct mill_client *client, enum mill_change_kind kind,
                                     struct mill_view dataset_id, const int64_t *experiment_ids,
                                     size_t experiment_count, struct mill_error *err)
{
    struct mill_change change = {.kind = kind,
                                 .as.eval_dataset = {.dataset_id = dataset_id,
                                                     .experiment_ids = experiment_ids,
                                                     .experiment_count = experiment_count}};
    enum mill_status st = check_experiments(experiment_ids, experiment_count, err);
    return st == MILL_OK ? mill_client_apply(client, &change, NULL, err) : st;
}

enum mill_status mill_client_link_eval_dataset(struct mill_client *client,
                                               struct mill_view dataset_id,
                                               const int64_t *experiment_ids,
                                               size_t experiment_count, struct mill_error *err)
{
    return change_links(client, MILL_CHANGE_LINK_EVAL_DATASET, dataset_id, experiment_ids,
                        experiment_count, err);
}

enum mill_status mill_client_unlink_eval_dataset(struct mill_client *client,
                                                 struct mill_view dataset_id,
                                                 const int64_t *experiment_ids,
                                                 size_t experiment_count,
                                                 struct mill_error *err)
{
    return change_links(client, MILL_CHANGE_UNLINK_EVAL_DATASET, dataset_id, experiment_ids,
                        experiment_count, err);
}
