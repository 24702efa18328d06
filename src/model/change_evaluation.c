/* change_evaluation.c - checks of evaluation datasets, their records, and scorers. */
#include "base/view.h"
#include "model/check.h"
#include "model/limits.h"

static enum mill_status check_dataset_id(struct mill_view dataset_id, struct mill_error *err)
{
    return mill_check_required(mill_place_of("dataset_id"), dataset_id, MILL_MAX_MODEL_ID, err);
}

static enum mill_status check_tags(const struct mill_tag *tags, size_t count,
                                   struct mill_error *err)
{
    enum mill_status st = mill_check_count("tags", count, MILL_MAX_TAGS_AT_CREATION, err);
    for (size_t i = 0; st == MILL_OK && i < count; i++) {
        st = mill_check_required((struct mill_place){"tags", i, "key"}, tags[i].key,
                                 MILL_MAX_EVAL_KEY, err);
        if (st == MILL_OK)
            st = mill_check_text((struct mill_place){"tags", i, "value"}, tags[i].value,
                                 MILL_MAX_EVAL_TAG_VALUE, err);
    }
    return st;
}

enum mill_status mill_check_eval_dataset(struct mill_change *change, struct mill_arena *arena,
                                         struct mill_error *err)
{
    (void)arena;
    enum mill_status st = check_dataset_id(change->as.eval_dataset.dataset_id, err);
    if (st == MILL_OK && change->kind == MILL_CHANGE_CREATE_EVAL_DATASET)
        st = mill_check_required(mill_place_of("name"), change->as.eval_dataset.name,
                                 MILL_MAX_EVAL_NAME, err);
    if (st == MILL_OK)
        st = check_tags(change->as.eval_dataset.tags, change->as.eval_dataset.tag_count, err);
    if (st == MILL_OK)
        st = mill_check_count("experiment_ids", change->as.eval_dataset.experiment_count,
                              MILL_MAX_EVAL_EXPERIMENTS, err);
    return st;
}

static enum mill_status check_json(size_t index, const char *field, struct mill_view json,
                                   struct mill_error *err)
{
    if (json.len <= MILL_MAX_EVAL_JSON)
        return MILL_OK;
    return mill_place_fail((struct mill_place){"records", index, field}, err,
                           "has %zu bytes; at most %d are allowed", json.len,
                           MILL_MAX_EVAL_JSON);
}

static enum mill_status check_pairs(size_t index, const char *field,
                                    const struct mill_tag *pairs, size_t count,
                                    struct mill_error *err)
{
    enum mill_status st = mill_check_count(field, count, MILL_MAX_EVAL_FIELDS, err);
    for (size_t i = 0; st == MILL_OK && i < count; i++) {
        st = mill_check_text((struct mill_place){"records", index, field}, pairs[i].key,
                             MILL_MAX_EVAL_KEY, err);
        if (st == MILL_OK)
            st = check_json(index, field, pairs[i].value, err);
    }
    return st;
}

static enum mill_status check_record(const struct mill_eval_record_row *record, size_t index,
                                     struct mill_error *err)
{
    enum mill_status st = check_json(index, "inputs", record->inputs, err);
    if (st == MILL_OK)
        st = check_json(index, "outputs", record->outputs, err);
    if (st == MILL_OK)
        st = check_json(index, "source", record->source, err);
    if (st == MILL_OK)
        st = check_pairs(index, "expectations", record->expectations, record->expectation_count,
                         err);
    if (st == MILL_OK)
        st = check_pairs(index, "tags", record->tags, record->tag_count, err);
    return st;
}

enum mill_status mill_check_eval_records(struct mill_change *change, struct mill_arena *arena,
                                         struct mill_error *err)
{
    (void)arena;
    enum mill_status st = check_dataset_id(change->as.eval_records.dataset_id, err);
    if (st == MILL_OK)
        st = mill_check_count("records", change->as.eval_records.record_count,
                              MILL_MAX_EVAL_RECORDS, err);
    if (st == MILL_OK)
        st = mill_check_count("dataset_record_ids", change->as.eval_records.record_id_count,
                              MILL_MAX_EVAL_RECORDS, err);
    for (size_t i = 0; st == MILL_OK && i < change->as.eval_records.record_count; i++)
        st = check_record(&change->as.eval_records.records[i], i, err);
    return st;
}

enum mill_status mill_check_scorer(struct mill_change *change, struct mill_arena *arena,
                                   struct mill_error *err)
{
    (void)arena;
    enum mill_status st = mill_check_experiment_id(change->as.scorer.experiment_id, err);
    if (st == MILL_OK)
        st = mill_check_required(mill_place_of("name"), change->as.scorer.name,
                                 MILL_MAX_SCORER_NAME, err);
    if (st == MILL_OK && change->kind == MILL_CHANGE_REGISTER_SCORER)
        st = mill_check_required(mill_place_of("serialized_scorer"),
                                 change->as.scorer.serialized, MILL_MAX_SCORER, err);
    return st;
}
