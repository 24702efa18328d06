/* millstream/eval_datasets.h - evaluation datasets: questions to ask of a model, with the
 * answers that are expected.
 *
 * What holds for all calls of a client (threads, ownership, errors) is said in client.h.
 * Servers have them since version 3.2 of the original (an older one says MILL_E_NO_ENDPOINT),
 * and databases; an mlruns tree has none: there each call is MILL_E_UNSUPPORTED.
 *
 *   dataset_id  1 to 256 characters, chosen by whoever keeps the dataset
 *
 * An unknown dataset is MILL_E_NOT_FOUND, unless a call says otherwise. */
#ifndef MILLSTREAM_EVAL_DATASETS_H
#define MILLSTREAM_EVAL_DATASETS_H

#include <millstream/client.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A dataset without its records. Since 0.1. */
struct mill_eval_dataset {
    struct mill_view dataset_id;
    struct mill_view name;   /* several may have the same */
    struct mill_view digest; /* changes when the dataset does */
    int64_t created_time;
    int64_t last_update_time;
    struct mill_view created_by;      /* absent: not said */
    struct mill_view last_updated_by; /* absent: not said */
    struct mill_view schema;  /* fields of its records, JSON; absent: it never had any */
    struct mill_view profile; /* figures about it, JSON; absent: none */
    const struct mill_tag *tags;
    size_t tag_count;
};

/* A question. What is JSON is a text of its own. Since 0.1. */
struct mill_eval_record {
    struct mill_view record_id;
    struct mill_view inputs;       /* JSON object: what is asked */
    struct mill_view outputs;      /* JSON: what was answered; {} or absent: not said */
    struct mill_view expectations; /* JSON object: what should be; absent: not said */
    struct mill_view tags;         /* JSON object */
    struct mill_view source;       /* JSON object: where it comes from; absent: not said */
    struct mill_view source_id;    /* absent: none */
    struct mill_view source_type;  /* "HUMAN", "CODE", "TRACE" ...; absent: not said */
    struct mill_view created_by;
    struct mill_view last_updated_by;
    int64_t created_time;
    int64_t last_update_time;
};

/* Datasets, and how to get those behind them. Since 0.1. */
struct mill_eval_dataset_list {
    size_t count;
    const struct mill_eval_dataset *const *items;
    struct mill_view next_page_token; /* absent: these were the last ones */
};

/* Records, and how to get those behind them. Since 0.1. */
struct mill_eval_record_list {
    size_t count;
    const struct mill_eval_record *const *items;
    struct mill_view next_page_token; /* absent: these were the last ones */
};

/* Free the list and all it points to. NULL is allowed. Since 0.1. */
MILL_API void mill_eval_dataset_list_free(struct mill_eval_dataset_list *list);
MILL_API void mill_eval_record_list_free(struct mill_eval_record_list *list);

/* What a new dataset is like. Since 0.1. */
struct mill_new_eval_dataset {
    size_t size;                   /* sizeof(struct mill_new_eval_dataset) */
    struct mill_view name;         /* 1 to 255 characters */
    const int64_t *experiment_ids; /* that it is linked to; may be none */
    size_t experiment_count;
    const struct mill_tag *tags; /* of one key the last counts; mlflow.user is added */
    size_t tag_count;
};

/* What to look for. Since 0.1. */
struct mill_eval_dataset_query {
    size_t size; /* sizeof(struct mill_eval_dataset_query) */
    const int64_t
        *experiment_ids; /* linked to one of these; none: whatever they are linked to */
    size_t experiment_count;
    struct mill_view filter;          /* e.g. "name LIKE 'qa%' AND tags.team = 'red'" */
    const struct mill_view *order_by; /* e.g. "name ASC"; none: newest first */
    size_t order_by_count;
    int64_t max_results;         /* of this page, 1 to 50000; 0: 1000 */
    struct mill_view page_token; /* next_page_token of the page before this one */
};

/* --- datasets -------------------------------------------------------------------------- */

/* Makes a dataset without records: a list of one. Fails with MILL_E_NOT_FOUND for an experiment
 * that is not there. Not repeated when its answer was lost. Since 0.1. */
MILL_API enum mill_status mill_client_create_eval_dataset(
    struct mill_client *client, const struct mill_new_eval_dataset *dataset,
    struct mill_eval_dataset_list **list_out, struct mill_error *err);

/* One dataset, as a list of one. Since 0.1. */
MILL_API enum mill_status mill_client_get_eval_dataset(struct mill_client *client,
                                                       struct mill_view dataset_id,
                                                       struct mill_eval_dataset_list **list_out,
                                                       struct mill_error *err);

/* One page of the datasets that match; query NULL: the newest 1000. Since 0.1. */
MILL_API enum mill_status mill_client_search_eval_datasets(
    struct mill_client *client, const struct mill_eval_dataset_query *query,
    struct mill_eval_dataset_list **list_out, struct mill_error *err);

/* Removes a dataset with its records; well if there is none. There is no bin. Since 0.1. */
MILL_API enum mill_status mill_client_delete_eval_dataset(struct mill_client *client,
                                                          struct mill_view dataset_id,
                                                          struct mill_error *err);

/* Sets a tag of a dataset, replacing its value. Since 0.1. */
MILL_API enum mill_status mill_client_set_eval_dataset_tag(struct mill_client *client,
                                                           struct mill_view dataset_id,
                                                           struct mill_view key,
                                                           struct mill_view value,
                                                           struct mill_error *err);

/* Removes a tag of a dataset; well if there is none. Since 0.1. */
MILL_API enum mill_status mill_client_delete_eval_dataset_tag(struct mill_client *client,
                                                              struct mill_view dataset_id,
                                                              struct mill_view key,
                                                              struct mill_error *err);

/* Links a dataset to experiments, at most 1000; well where it is linked already. Fails with
 * MILL_E_NOT_FOUND for an experiment that is not there. Since 0.1. */
MILL_API enum mill_status mill_client_link_eval_dataset(struct mill_client *client,
                                                        struct mill_view dataset_id,
                                                        const int64_t *experiment_ids,
                                                        size_t experiment_count,
                                                        struct mill_error *err);

/* Unlinks a dataset from experiments; well where it is not linked. Since 0.1. */
MILL_API enum mill_status mill_client_unlink_eval_dataset(struct mill_client *client,
                                                          struct mill_view dataset_id,
                                                          const int64_t *experiment_ids,
                                                          size_t experiment_count,
                                                          struct mill_error *err);

/* The experiments that a dataset is linked to. Writes as many ids as fit into ids, and puts how
 * many there are into *count_out; ids may be NULL when room is 0. An unknown dataset has none.
 * Since 0.1. */
MILL_API enum mill_status mill_client_eval_dataset_experiments(struct mill_client *client,
                                                               struct mill_view dataset_id,
                                                               int64_t *ids, size_t room,
                                                               size_t *count_out,
                                                               struct mill_error *err);

/* --- records --------------------------------------------------------------------------- */

/* Adds records, or changes those that have the same inputs.
 *
 *   records  a JSON list of at most 10000 objects with "inputs" and, if wanted, "outputs",
 *            "expectations", "tags" and "source", as struct mill_eval_record has them.
 * Without a source it is "HUMAN" where something is expected and "CODE" where nothing is said
 *            of that; without the tag mlflow.user that is who runs this program
 *
 * Puts into *inserted_out how many are new and into *updated_out how many were there; either
 * may be NULL. Fails with MILL_E_INVALID for what is no such list. Since 0.1. */
MILL_API enum mill_status mill_client_merge_eval_records(
    struct mill_client *client, struct mill_view dataset_id, struct mill_view records,
    int64_t *inserted_out, int64_t *updated_out, struct mill_error *err);

/* One page of the records of a dataset, as they came.
 *
 *   max_results  1 to 50000; 0: 1000
 *   page_token   next_page_token of the page before this one; absent: the first page
 *
 * An unknown dataset has none. Since 0.1. */
MILL_API enum mill_status mill_client_list_eval_records(struct mill_client *client,
                                                        struct mill_view dataset_id,
                                                        int64_t max_results,
                                                        struct mill_view page_token,
                                                        struct mill_eval_record_list **list_out,
                                                        struct mill_error *err);

/* Removes records of a dataset, at most 10000, and puts how many there were into *deleted_out,
 * which may be NULL. Since 0.1. */
MILL_API enum mill_status mill_client_delete_eval_records(
    struct mill_client *client, struct mill_view dataset_id, const struct mill_view *record_ids,
    size_t record_count, int64_t *deleted_out, struct mill_error *err);

#ifdef __cplusplus
}
#endif

#endif
