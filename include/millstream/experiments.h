/* millstream/experiments.h - experiments: the folders that runs are kept in.
 *
 * What holds for all calls of a client (threads, ownership, errors) is said in client.h. */
#ifndef MILLSTREAM_EXPERIMENTS_H
#define MILLSTREAM_EXPERIMENTS_H

#include <millstream/client.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Experiments, and how to get those behind them. Since 0.1. */
struct mill_experiment_list {
    size_t count;
    const struct mill_experiment *const *items;
    struct mill_view next_page_token; /* absent: these were the last ones */
};

/* Frees the list and all it points to. NULL is allowed. Since 0.1. */
MILL_API void mill_experiment_list_free(struct mill_experiment_list *list);

/* What to look for. Since 0.1. */
struct mill_experiment_query {
    size_t size;                      /* sizeof(struct mill_experiment_query) */
    enum mill_view_type view_type;    /* 0: active ones */
    struct mill_view filter;          /* e.g. "name LIKE 'digits%' AND tags.team = 'vision'" */
    const struct mill_view *order_by; /* e.g. "name ASC"; none: newest first */
    size_t order_by_count;
    int64_t max_results;         /* of this page, 1 to 50000; 0: 1000 */
    struct mill_view page_token; /* next_page_token of the page before this one */
};

/* Creates an experiment and puts its id into *id_out.
 *
 *   name               1 to 500 characters, not used by any experiment, deleted ones included
 *   artifact_location  where its runs keep files; absent: the server's choice
 *   tags, tag_count    may be NULL, 0
 *
 * Fails with MILL_E_EXISTS or MILL_E_INVALID. Since 0.1. */
MILL_API enum mill_status mill_client_create_experiment(
    struct mill_client *client, struct mill_view name, struct mill_view artifact_location,
    const struct mill_tag *tags, size_t tag_count, int64_t *id_out, struct mill_error *err);

/* One experiment, deleted ones included, as a list of one; MILL_E_NOT_FOUND. Since 0.1. */
MILL_API enum mill_status mill_client_get_experiment(struct mill_client *client,
                                                     int64_t experiment_id,
                                                     struct mill_experiment_list **list_out,
                                                     struct mill_error *err);

/* The same by its exact name; MILL_E_NOT_FOUND. Since 0.1. */
MILL_API enum mill_status mill_client_get_experiment_by_name(
    struct mill_client *client, struct mill_view name, struct mill_experiment_list **list_out,
    struct mill_error *err);

/* One page of the experiments that match; query NULL: the first 1000 active ones. Fails with
 * MILL_E_INVALID for a filter, ordering or token that cannot be used. Since 0.1. */
MILL_API enum mill_status mill_client_search_experiments(
    struct mill_client *client, const struct mill_experiment_query *query,
    struct mill_experiment_list **list_out, struct mill_error *err);

/* All experiments of a view type (0: active ones), newest first, however many pages that takes.
 * Since 0.1. */
MILL_API enum mill_status mill_client_list_experiments(struct mill_client *client,
                                                       enum mill_view_type view_type,
                                                       struct mill_experiment_list **list_out,
                                                       struct mill_error *err);

/* Gives an active experiment a new name; MILL_E_NOT_FOUND, MILL_E_BAD_REQUEST or
 * MILL_E_EXISTS when the name is taken, MILL_E_INVALID. Since 0.1. */
MILL_API enum mill_status mill_client_rename_experiment(struct mill_client *client,
                                                        int64_t experiment_id,
                                                        struct mill_view new_name,
                                                        struct mill_error *err);

/* Puts an active experiment and its runs into the bin; MILL_E_NOT_FOUND. Since 0.1. */
MILL_API enum mill_status mill_client_delete_experiment(struct mill_client *client,
                                                        int64_t experiment_id,
                                                        struct mill_error *err);

/* Takes a deleted experiment and all its runs out of the bin; MILL_E_NOT_FOUND, also when it
 * is active. Since 0.1. */
MILL_API enum mill_status mill_client_restore_experiment(struct mill_client *client,
                                                         int64_t experiment_id,
                                                         struct mill_error *err);

/* Sets a tag of an active experiment, replacing its value; MILL_E_NOT_FOUND,
 * MILL_E_INVALID. Since 0.1. */
MILL_API enum mill_status mill_client_set_experiment_tag(struct mill_client *client,
                                                         int64_t experiment_id,
                                                         struct mill_view key,
                                                         struct mill_view value,
                                                         struct mill_error *err);

/* Removes a tag of an experiment; MILL_E_NOT_FOUND when there is none. Since 0.1. */
MILL_API enum mill_status mill_client_delete_experiment_tag(struct mill_client *client,
                                                            int64_t experiment_id,
                                                            struct mill_view key,
                                                            struct mill_error *err);

#ifdef __cplusplus
}
#endif

#endif
