/* evaluation.h - what evaluations keep, traces among it, for whoever reads it from a store, and
 * for the stores.
 *
 * All stores that keep it do so in SQLite tables by the same code: the SQLite store in its
 * file, the memory store in a database in memory of its own. A store without it answers
 * MILL_E_UNSUPPORTED. Results are allocated in the caller's arena. Any thread. */
#ifndef MILL_STORE_EVALUATION_H
#define MILL_STORE_EVALUATION_H

#include "store/store.h"

struct mill_eval_dataset_page {
    const struct mill_eval_dataset_row *datasets;
    size_t count;
    bool more;
};

struct mill_eval_dataset_search {
    const int64_t *experiment_ids; /* none: whatever they are linked to */
    size_t experiment_count;
    const struct mill_plan *plan; /* MILL_QUERY_EVAL_DATASETS */
    int64_t offset;
    int64_t limit;
};

struct mill_eval_record_page {
    const struct mill_eval_record_row *records;
    size_t count;
    bool more;
};

struct mill_scorer_list {
    const struct mill_scorer *scorers;
    size_t count;
};

struct mill_trace_page {
    const struct mill_trace *traces;
    size_t count;
    bool more;
};

struct mill_trace_search {
    const int64_t *experiment_ids;
    size_t experiment_count;
    const struct mill_plan *plan; /* MILL_QUERY_TRACES */
    int64_t offset;
    int64_t limit;
};

/* One dataset without its records; MILL_E_NOT_FOUND. */
enum mill_status mill_store_get_eval_dataset(struct mill_store *store,
                                             struct mill_view dataset_id,
                                             struct mill_arena *arena,
                                             struct mill_eval_dataset_row *out,
                                             struct mill_error *err);

/* Order: the plan's, then newest first when it has none, then by id, largest first. */
enum mill_status mill_store_search_eval_datasets(struct mill_store *store,
                                                 const struct mill_eval_dataset_search *search,
                                                 struct mill_arena *arena,
                                                 struct mill_eval_dataset_page *out,
                                                 struct mill_error *err);

/* The records of a dataset as they came; none for a dataset that is not there. */
enum mill_status mill_store_list_eval_records(struct mill_store *store,
                                              struct mill_view dataset_id, int64_t offset,
                                              int64_t limit, struct mill_arena *arena,
                                              struct mill_eval_record_page *out,
                                              struct mill_error *err);

/* Of an experiment, by name: the newest version of each scorer, or all versions of one, oldest
 * first, when name is given. */
enum mill_status mill_store_list_scorers(struct mill_store *store, int64_t experiment_id,
                                         struct mill_view name, struct mill_arena *arena,
                                         struct mill_scorer_list *out, struct mill_error *err);

/* A version of a scorer, the newest for MILL_ABSENT; MILL_E_NOT_FOUND. */
enum mill_status mill_store_get_scorer(struct mill_store *store, int64_t experiment_id,
                                       struct mill_view name, int64_t version,
                                       struct mill_arena *arena, struct mill_scorer *out,
                                       struct mill_error *err);

/* One trace with its assessments; MILL_E_NOT_FOUND. */
enum mill_status mill_store_get_trace(struct mill_store *store, struct mill_view trace_id,
                                      struct mill_arena *arena, struct mill_trace *out,
                                      struct mill_error *err);

/* Those that are there of these, in this order. */
enum mill_status mill_store_get_traces(struct mill_store *store,
                                       const struct mill_view *trace_ids, size_t count,
                                       struct mill_arena *arena, struct mill_trace_page *out,
                                       struct mill_error *err);

/* Order: the plan's, then newest first, then by id. */
enum mill_status mill_store_search_traces(struct mill_store *store,
                                          const struct mill_trace_search *search,
                                          struct mill_arena *arena, struct mill_trace_page *out,
                                          struct mill_error *err);

/* One assessment; MILL_E_NOT_FOUND. */
enum mill_status mill_store_get_assessment(struct mill_store *store, struct mill_view trace_id,
                                           struct mill_view assessment_id,
                                           struct mill_arena *arena,
                                           struct mill_assessment *out, struct mill_error *err);

/* --- for the stores ---------------------------------------------------------------------- */

struct db;

/* Whether a change is one of those here. */
bool mill_is_evaluation(enum mill_change_kind kind);

/* The experiments that a change needs, which the store has to look for first: MILL_E_NOT_FOUND
 * when one is missing and, with *active_out, MILL_E_INVALID when one is deleted. */
const int64_t *mill_evaluation_experiments(const struct mill_change *change, size_t *count_out,
                                           bool *active_out);

/* Applies a change whole or not at all, in the caller's transaction if there is one. location
 * is the artifact location of the first of its experiments. */
enum mill_status mill_evaluation_apply(struct db *db, const struct mill_change *change,
                                       struct mill_view location, struct mill_outcome *outcome,
                                       struct mill_error *err);

#endif
