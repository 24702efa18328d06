/* backend.h - what a client needs of the thing behind it: a server or a database.
 *
 * The public calls check arguments once and call these, from any thread at the same time; a
 * write of any kind is a mill_change. */
#ifndef MILL_CLIENT_BACKEND_H
#define MILL_CLIENT_BACKEND_H

#include <millstream/millstream.h>

#include "base/buf.h"
#include "files/places.h"
#include "model/change.h"
#include "store/store.h"

/* The lists that callers see, with what they own. A backend fills in list, from memory of
 * arena or page; list.c makes and frees them. */
struct mill_experiment_result {
    struct mill_experiment_list list;
    struct mill_arena arena;
};

struct mill_run_result {
    struct mill_run_list list;
    struct mill_arena arena;
    struct mill_run_page page;
    struct mill_run_result *more; /* further pages that list points into */
};

struct mill_point_result {
    struct mill_point_list list;
    struct mill_buf points; /* of struct mill_point */
};

struct mill_file_result {
    struct mill_file_list list;
    struct mill_arena arena;
};

struct mill_model_result {
    struct mill_model_list list;
    struct mill_arena arena;
};

struct mill_logged_model_result {
    struct mill_logged_model_list list;
    struct mill_arena arena;
};

struct mill_version_result {
    struct mill_version_list list;
    struct mill_arena arena;
    struct mill_held held;
};

/* Prompts are models of the registry, whose texts these lists point into. */
struct mill_prompt_result {
    struct mill_prompt_list list;
    struct mill_arena arena;
    struct mill_model_list *models;
};

struct mill_prompt_version_result {
    struct mill_prompt_version_list list;
    struct mill_arena arena;
    struct mill_version_list *versions;
};

struct mill_eval_dataset_result {
    struct mill_eval_dataset_list list;
    struct mill_arena arena;
};

struct mill_eval_record_result {
    struct mill_eval_record_list list;
    struct mill_arena arena;
};

/* What there are lists of: the kind, and the struct of an item. The functions of each kind are
 * made from these rows, here and in client.h. */
#define MILL_LISTS(row)                                                                        \
    row(experiment, mill_experiment) row(run, mill_run) row(model, mill_registered_model)      \
        row(version, mill_model_version) row(logged_model, mill_logged_model)                  \
            row(prompt, mill_prompt) row(prompt_version, mill_prompt_version)                  \
                row(eval_dataset, mill_eval_dataset) row(eval_record, mill_eval_record)

/* mill_list_experiments(), mill_list_runs() and so on: makes a list of the items at first,
 * which stay where they are. */
#define MILL_DECLARE_LIST(kind, item)                                                          \
    enum mill_status mill_list_##kind##s(struct mill_##kind##_result *result,                  \
                                         const struct item *first, size_t count,               \
                                         struct mill_error *err);
MILL_LISTS(MILL_DECLARE_LIST)

struct mill_backend;

/* Items that one page of a server's search holds, when all of them are wanted. */
#define MILL_LIST_PAGE 1000

struct mill_backend_ops {
    /* Makes the change; what a created thing is like goes to *outcome, whose arena is set. */
    enum mill_status (*apply)(struct mill_backend *backend, struct mill_change *change,
                              struct mill_outcome *outcome, struct mill_error *err);
    enum mill_status (*get_experiment)(struct mill_backend *backend, int64_t experiment_id,
                                       struct mill_experiment_result *result,
                                       struct mill_error *err);
    enum mill_status (*get_experiment_by_name)(struct mill_backend *backend,
                                               struct mill_view name,
                                               struct mill_experiment_result *result,
                                               struct mill_error *err);
    enum mill_status (*search_experiments)(struct mill_backend *backend,
                                           const struct mill_experiment_query *query,
                                           struct mill_experiment_result *result,
                                           struct mill_error *err);
    enum mill_status (*get_run)(struct mill_backend *backend, struct mill_view run_id,
                                struct mill_run_result *result, struct mill_error *err);
    /* max_results 0: as many on a page as suits the backend. */
    enum mill_status (*search_runs)(struct mill_backend *backend,
                                    const struct mill_run_query *query,
                                    struct mill_run_result *result, struct mill_error *err);
    /* Appends points to result->points. */
    enum mill_status (*history)(struct mill_backend *backend, struct mill_view run_id,
                                struct mill_view key, struct mill_point_result *result,
                                struct mill_error *err);
    enum mill_status (*sample)(struct mill_backend *backend, struct mill_view run_id,
                               struct mill_view key, size_t max_points,
                               struct mill_point_result *result, struct mill_error *err);
    /* Optional: calls under way end soon, later ones at once. */
    void (*cancel)(struct mill_backend *backend);
    /* Optional: how long the last answer asked to be left alone, in seconds; 0: not at all. */
    int64_t (*asked_pause_s)(const struct mill_backend *backend);
    /* The model registry. */
    enum mill_status (*get_model)(struct mill_backend *backend, struct mill_view name,
                                  struct mill_model_result *result, struct mill_error *err);
    enum mill_status (*search_models)(struct mill_backend *backend,
                                      const struct mill_model_query *query,
                                      struct mill_model_result *result, struct mill_error *err);
    enum mill_status (*get_version)(struct mill_backend *backend,
                                    const struct mill_version_ref *ref,
                                    struct mill_version_result *result, struct mill_error *err);
    enum mill_status (*search_versions)(struct mill_backend *backend,
                                        const struct mill_model_query *query,
                                        struct mill_version_result *result,
                                        struct mill_error *err);
    enum mill_status (*version_uri)(struct mill_backend *backend, struct mill_view name,
                                    int64_t version, struct mill_arena *arena,
                                    struct mill_view *out, struct mill_error *err);
    /* Logged models. max_results of a query is given. */
    enum mill_status (*get_logged_model)(struct mill_backend *backend,
                                         struct mill_view model_id,
                                         struct mill_logged_model_result *result,
                                         struct mill_error *err);
    enum mill_status (*search_logged_models)(struct mill_backend *backend,
                                             const struct mill_logged_model_query *query,
                                             struct mill_logged_model_result *result,
                                             struct mill_error *err);
    /* Evaluation datasets. */
    enum mill_status (*get_eval_dataset)(struct mill_backend *backend,
                                         struct mill_view dataset_id,
                                         struct mill_eval_dataset_result *result,
                                         struct mill_error *err);
    enum mill_status (*search_eval_datasets)(struct mill_backend *backend,
                                             const struct mill_eval_dataset_query *query,
                                             struct mill_eval_dataset_result *result,
                                             struct mill_error *err);
    enum mill_status (*eval_dataset_experiments)(struct mill_backend *backend,
                                                 struct mill_view dataset_id,
                                                 struct mill_arena *arena, const int64_t **out,
                                                 size_t *count_out, struct mill_error *err);
    /* The text of a page of records, as a server sends it. */
    enum mill_status (*eval_records)(struct mill_backend *backend, struct mill_view dataset_id,
                                     int64_t max_results, struct mill_view page_token,
                                     struct mill_arena *arena, struct mill_view *text_out,
                                     struct mill_view *next_page_token_out,
                                     struct mill_error *err);
    void (*close)(struct mill_backend *backend);
};

/* Common part; a backend embeds it as the first member of its own struct. */
struct mill_backend {
    const struct mill_backend_ops *ops;
    struct mill_places places; /* where files of runs are; released by close */
    struct mill_view uri; /* for people: without credentials; lives as long as the backend */
};

/* A database of the store layer, changed and read in this process. */
enum mill_status mill_backend_open_store(struct mill_view uri,
                                         const struct mill_client_options *options,
                                         struct mill_backend **out, struct mill_error *err);

/* A tracking server. */
enum mill_status mill_backend_open_rest(struct mill_view uri,
                                        const struct mill_client_options *options,
                                        struct mill_backend **out, struct mill_error *err);

/* The tracking server of a Databricks workspace: "databricks" or "databricks://PROFILE". */
enum mill_status mill_backend_open_databricks(struct mill_view uri,
                                              const struct mill_client_options *options,
                                              struct mill_backend **out,
                                              struct mill_error *err);

#endif
