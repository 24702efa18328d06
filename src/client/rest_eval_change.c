/* rest_eval_change.c - changes of evaluation datasets of a tracking server: each is one
 * request. */
#include "base/alloc.h"
#include "base/view.h"
#include "client/backend_rest.h"
#include "remote/rest.h"
#include "wire/eval_json.h"
#include "wire/messages.h"

/* The request and the answer of any of these changes. */
union request {
    struct mill_create_eval_dataset_request create;
    struct mill_set_eval_dataset_tags_request tags;
    struct mill_eval_experiments_message experiments;
    struct mill_upsert_eval_records_request add;
    struct mill_delete_eval_records_request remove;
};

union answer {
    struct mill_eval_dataset_response dataset;
    struct mill_upsert_eval_records_response added;
    struct mill_delete_eval_records_response removed;
};

typedef enum mill_status request_filler(const struct mill_change *change, union request *r,
                                        struct mill_arena *arena, struct mill_error *err);
typedef enum mill_status answer_taker(const union answer *answer, struct mill_outcome *outcome,
                                      struct mill_error *err);

static enum mill_status fill_create(const struct mill_change *c, union request *r,
                                    struct mill_arena *arena, struct mill_error *err)
{
    r->create = (struct mill_create_eval_dataset_request){
        .name = c->as.eval_dataset.name,
        .experiment_ids = c->as.eval_dataset.experiment_ids,
        .experiment_ids_count = c->as.eval_dataset.experiment_count};
    return mill_eval_tags_json(c->as.eval_dataset.tags, c->as.eval_dataset.tag_count, arena,
                               &r->create.tags, err);
}

static enum mill_status fill_tags(const struct mill_change *c, union request *r,
                                  struct mill_arena *arena, struct mill_error *err)
{
    return mill_eval_tags_json(c->as.eval_dataset.tags, c->as.eval_dataset.tag_count, arena,
                               &r->tags.tags, err);
}

static enum mill_status fill_experiments(const struct mill_change *c, union request *r,
                                         struct mill_arena *arena, struct mill_error *err)
{
    (void)arena;
    (void)err;
    r->experiments = (struct mill_eval_experiments_message){
        .experiment_ids = c->as.eval_dataset.experiment_ids,
        .experiment_ids_count = c->as.eval_dataset.experiment_count};
    return MILL_OK;
}

static enum mill_status fill_add(const struct mill_change *c, union request *r,
                                 struct mill_arena *arena, struct mill_error *err)
{
    return mill_eval_records_json(c->as.eval_records.records, c->as.eval_records.record_count,
                                  (struct mill_view){NULL, 0}, arena, &r->add.records, err);
}

static enum mill_status fill_remove(const struct mill_change *c, union request *r,
                                    struct mill_arena *arena, struct mill_error *err)
{
    (void)arena;
    (void)err;
    r->remove = (struct mill_delete_eval_records_request){
        .dataset_record_ids = c->as.eval_records.record_ids,
        .dataset_record_ids_count = c->as.eval_records.record_id_count};
    return MILL_OK;
}

/* Of a new dataset its id is enough: whoever wants more asks for it. */
static enum mill_status take_created(const union answer *answer, struct mill_outcome *outcome,
                                     struct mill_error *err)
{
    struct mill_eval_dataset_row *dataset =
        mill_arena_zero(outcome->arena, 1, sizeof(*dataset));
    if (dataset == NULL)
        return mill_no_memory(err);
    if (answer->dataset.dataset == NULL || answer->dataset.dataset->dataset_id.len == 0)
        return mill_fail(err, MILL_E_INTERNAL, "the server's answer has no dataset in it");
    dataset->dataset_id = answer->dataset.dataset->dataset_id;
    outcome->eval_dataset = dataset;
    return MILL_OK;
}

static enum mill_status take_added(const union answer *answer, struct mill_outcome *outcome,
                                   struct mill_error *err)
{
    (void)err;
    outcome->inserted = answer->added.inserted_count;
    outcome->updated = answer->added.updated_count;
    return MILL_OK;
}

static enum mill_status take_removed(const union answer *answer, struct mill_outcome *outcome,
                                     struct mill_error *err)
{
    (void)err;
    outcome->deleted = answer->removed.deleted_count;
    return MILL_OK;
}

/* One row for each kind of change. What is repeatable is as good twice as once; its counts need
 * not be. */
static const struct row {
    enum mill_change_kind kind;
    const char *method, *rest; /* rest: behind the dataset's id; NULL: the path has none */
    const struct mill_message *request;
    request_filler *fill;
    const struct mill_message *response;
    answer_taker *take;
    bool repeatable;
} rows[] = {
    {MILL_CHANGE_CREATE_EVAL_DATASET, "POST", NULL, &mill_create_eval_dataset_request_message,
     fill_create, &mill_eval_dataset_response_message, take_created, false},
    {MILL_CHANGE_DELETE_EVAL_DATASET, "DELETE", "", NULL, NULL, NULL, NULL, true},
    {MILL_CHANGE_TAG_EVAL_DATASET, "PATCH", "/tags",
     &mill_set_eval_dataset_tags_request_message, fill_tags, NULL, NULL, true},
    {MILL_CHANGE_UNTAG_EVAL_DATASET, "DELETE", "/tags/", NULL, NULL, NULL, NULL, true},
    {MILL_CHANGE_LINK_EVAL_DATASET, "POST", "/add-experiments",
     &mill_eval_experiments_message_message, fill_experiments, NULL, NULL, true},
    {MILL_CHANGE_UNLINK_EVAL_DATASET, "POST", "/remove-experiments",
     &mill_eval_experiments_message_message, fill_experiments, NULL, NULL, true},
    {MILL_CHANGE_ADD_EVAL_RECORDS, "POST", "/records",
     &mill_upsert_eval_records_request_message, fill_add,
     &mill_upsert_eval_records_response_message, take_added, true},
    {MILL_CHANGE_DELETE_EVAL_RECORDS, "DELETE", "/records",
     &mill_delete_eval_records_request_message, fill_remove,
     &mill_delete_eval_records_response_message, take_removed, true},
};

static const char *path_of(const struct row *row, const struct mill_change *change,
                           struct mill_arena *arena)
{
    struct mill_view key = {NULL, 0};
    if (row->rest == NULL)
        return "/api/3.0/mlflow/datasets/create";
    if (change->kind == MILL_CHANGE_ADD_EVAL_RECORDS ||
        change->kind == MILL_CHANGE_DELETE_EVAL_RECORDS)
        return mill_rest_eval_path(change->as.eval_records.dataset_id, row->rest, key, arena);
    if (change->kind == MILL_CHANGE_UNTAG_EVAL_DATASET)
        key = change->as.eval_dataset.tags[0].key;
    return mill_rest_eval_path(change->as.eval_dataset.dataset_id, row->rest, key, arena);
}

enum mill_status mill_rest_apply_eval(struct mill_remote *remote,
                                      const struct mill_change *change,
                                      struct mill_outcome *outcome, struct mill_error *err)
{
    union request request;
    union answer answer;
    size_t i = 0;
    while (i < MILL_COUNT(rows) && rows[i].kind != change->kind)
        i++;
    if (i == MILL_COUNT(rows))
        return mill_fail(err, MILL_E_INTERNAL, "change of unknown kind %d", (int)change->kind);
    struct mill_rest_call call = {.method = rows[i].method,
                                  .path = path_of(&rows[i], change, outcome->arena),
                                  .request = rows[i].request,
                                  .value = &request,
                                  .response = rows[i].response,
                                  .answer = &answer,
                                  .arena = outcome->arena,
                                  .repeatable = rows[i].repeatable};
    if (call.path == NULL)
        return mill_no_memory(err);
    enum mill_status st =
        rows[i].fill != NULL ? rows[i].fill(change, &request, outcome->arena, err) : MILL_OK;
    if (st == MILL_OK)
        st = mill_rest_call(remote, &call, err);
    return st == MILL_OK && rows[i].take != NULL ? rows[i].take(&answer, outcome, err) : st;
}
