/* evaluation_tables.h - the files that keep what evaluations need, to each other. */
#ifndef MILL_STORE_EVALUATION_TABLES_H
#define MILL_STORE_EVALUATION_TABLES_H

#include "store/db.h"
#include "store/evaluation.h"
#include "store/take.h"

/* One change on its way through its function. */
struct evaluating {
    struct db *db;
    const struct mill_change *change;
    struct mill_view location; /* of the change's experiment */
    struct mill_outcome *outcome;
};

typedef enum mill_status evaluation_applier(struct evaluating *e, struct mill_error *err);

evaluation_applier mill_create_eval_dataset;
evaluation_applier mill_delete_eval_dataset;
evaluation_applier mill_tag_eval_dataset;
evaluation_applier mill_untag_eval_dataset;
evaluation_applier mill_link_eval_dataset;
evaluation_applier mill_unlink_eval_dataset;
evaluation_applier mill_add_eval_records;
evaluation_applier mill_delete_eval_records;
evaluation_applier mill_register_scorer;
evaluation_applier mill_delete_scorer;
evaluation_applier mill_start_trace;
evaluation_applier mill_tag_trace;
evaluation_applier mill_untag_trace;
evaluation_applier mill_delete_traces;
evaluation_applier mill_link_traces;
evaluation_applier mill_add_assessment;
evaluation_applier mill_update_assessment;
evaluation_applier mill_delete_assessment;

/* Kinds of trace_items. */
enum mill_trace_item { MILL_TRACE_TAG, MILL_TRACE_METADATA };

/* The row of a trace; MILL_E_NOT_FOUND. */
enum mill_status mill_find_trace(struct db *db, struct mill_view trace_id, int64_t *id_out,
                                 struct mill_error *err);

/* Reads a trace on a connection; MILL_E_NOT_FOUND. */
enum mill_status mill_read_trace(struct db *db, struct mill_view trace_id,
                                 struct mill_arena *arena, struct mill_trace *out,
                                 struct mill_error *err);

/* Adds an assessment to the trace with that row. */
enum mill_status mill_put_assessment(struct evaluating *e, int64_t trace,
                                     const struct mill_assessment *assessment,
                                     struct mill_error *err);

/* The assessments of a trace, oldest first; trace_id is the one that they tell. */
enum mill_status mill_read_assessments(struct db *db, int64_t trace, struct mill_view trace_id,
                                       struct mill_arena *arena,
                                       const struct mill_assessment **out, size_t *count_out,
                                       struct mill_error *err);

/* Runs read on a connection of the store, on one snapshot. */
enum mill_status mill_store_read_evaluation(struct mill_store *store,
                                            mill_evaluation_reader *read, void *context,
                                            struct mill_error *err);

/* Reads a dataset on a connection; MILL_E_NOT_FOUND. */
enum mill_status mill_read_eval_dataset(struct db *db, struct mill_view dataset_id,
                                        struct mill_arena *arena,
                                        struct mill_eval_dataset_row *out,
                                        struct mill_error *err);

#endif
