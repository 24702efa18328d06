/* evaluation.c - what evaluations keep: which function applies a change, and what the files of
 * the single things share. */
#include "store/evaluation.h"

#include "store/evaluation_tables.h"

static evaluation_applier *const appliers[] = {
    [MILL_CHANGE_CREATE_EVAL_DATASET] = mill_create_eval_dataset,
    [MILL_CHANGE_DELETE_EVAL_DATASET] = mill_delete_eval_dataset,
    [MILL_CHANGE_TAG_EVAL_DATASET] = mill_tag_eval_dataset,
    [MILL_CHANGE_UNTAG_EVAL_DATASET] = mill_untag_eval_dataset,
    [MILL_CHANGE_LINK_EVAL_DATASET] = mill_link_eval_dataset,
    [MILL_CHANGE_UNLINK_EVAL_DATASET] = mill_unlink_eval_dataset,
    [MILL_CHANGE_ADD_EVAL_RECORDS] = mill_add_eval_records,
    [MILL_CHANGE_DELETE_EVAL_RECORDS] = mill_delete_eval_records,
    [MILL_CHANGE_REGISTER_SCORER] = mill_register_scorer,
    [MILL_CHANGE_DELETE_SCORER] = mill_delete_scorer,
    [MILL_CHANGE_START_TRACE] = mill_start_trace,
    [MILL_CHANGE_TAG_TRACE] = mill_tag_trace,
    [MILL_CHANGE_UNTAG_TRACE] = mill_untag_trace,
    [MILL_CHANGE_DELETE_TRACES] = mill_delete_traces,
    [MILL_CHANGE_LINK_TRACES] = mill_link_traces,
    [MILL_CHANGE_ADD_ASSESSMENT] = mill_add_assessment,
    [MILL_CHANGE_UPDATE_ASSESSMENT] = mill_update_assessment,
    [MILL_CHANGE_DELETE_ASSESSMENT] = mill_delete_assessment,
};

bool mill_is_evaluation(enum mill_change_kind kind)
{
    return (size_t)kind < MILL_COUNT(appliers) && appliers[kind] != NULL;
}

const int64_t *mill_evaluation_experiments(const struct mill_change *change, size_t *count_out,
                                           bool *active_out)
{
    bool scorer = change->kind == MILL_CHANGE_REGISTER_SCORER ||
                  change->kind == MILL_CHANGE_DELETE_SCORER;
    *active_out = scorer || change->kind == MILL_CHANGE_START_TRACE;
    *count_out = *active_out ? 1 : 0;
    if (scorer)
        return &change->as.scorer.experiment_id;
    if (change->kind == MILL_CHANGE_START_TRACE)
        return &change->as.trace.experiment_id;
    if (change->kind == MILL_CHANGE_CREATE_EVAL_DATASET ||
        change->kind == MILL_CHANGE_LINK_EVAL_DATASET)
        *count_out = change->as.eval_dataset.experiment_count;
    return change->as.eval_dataset.experiment_ids;
}

enum mill_status mill_evaluation_apply(struct db *db, const struct mill_change *change,
                                       struct mill_view location, struct mill_outcome *outcome,
                                       struct mill_error *err)
{
    struct evaluating e = {db, change, location, outcome};
    enum mill_status st = mill_db_run(db, err, SQL_SAVEPOINT, "");
    if (st != MILL_OK)
        return st;
    st = appliers[change->kind](&e, err);
    enum mill_status ended = MILL_OK;
    if (st != MILL_OK)
        ended = mill_db_run(db, NULL, SQL_ROLLBACK_TO, "");
    if (ended == MILL_OK)
        ended = mill_db_run(db, NULL, SQL_RELEASE, "");
    /* A refusal that left something behind is none: the caller has to undo more than this. */
    return ended == MILL_OK ? st : ended;
}

/* --- reading --- */

enum mill_status mill_store_read_evaluation(struct mill_store *store,
                                            mill_evaluation_reader *read, void *context,
                                            struct mill_error *err)
{
    if (store->ops->read_evaluation == NULL)
        return mill_fail(err, MILL_E_UNSUPPORTED,
                         "a store of kind %s keeps nothing of evaluations", store->ops->scheme);
    return store->ops->read_evaluation(store, read, context, err);
}
